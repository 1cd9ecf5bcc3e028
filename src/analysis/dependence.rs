//! What chains rest on: which sources, origins, hops and joints, and which chains fall
//! without each.
//!
//! A chain falls without a source if the lens that leaves the source out hides one of its
//! hops or nodes: all claims that support the element are the source's, or those left are
//! below the lens's least confidence. An element without claims rests on no source and
//! stays. So for a question whose answer is all paths of a pattern, the chains that fall are
//! those that the same question no longer finds through the lens.
//!
//! Every chain rests on each of its hops, and on each of its joints: they are inferences, and
//! a reader who does not share one loses the chains that go through it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{View, joints_of, sources_called};
use crate::model::{About, NodeId, Path, RelationshipId};

/// What chains can rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// One source, with what else its key names: `without` of the key hides the same.
    Source(NodeId),
    /// All sources that share an origin.
    Origin {
        /// Its name, or a pseudonym where only confidential sources have it.
        name: String,
        /// The sources of the chains that share it.
        sources: BTreeSet<NodeId>,
    },
    /// A relationship.
    Hop(RelationshipId),
    /// The inference that the goods of one carrier went on with another.
    Joint {
        /// Where.
        place: NodeId,
        /// The carrier that came.
        from: NodeId,
        /// The carrier that went on.
        to: NodeId,
    },
}

/// What falls without one ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependence {
    /// What is taken away.
    pub ground: Ground,
    /// Which of the chains fall, by their places in the list that was asked about.
    pub fallen: BTreeSet<usize>,
    /// The pairs of ends, first and last node, that are left without a chain.
    pub lost: BTreeSet<(NodeId, NodeId)>,
}

/// What chains rest on, as the view's lens sees them: sources, origins, hops and joints; of
/// each kind those first without which most chains fall.
///
/// # Complexity
/// O(g · e) for g sources and origins and e different elements of the chains, plus the
/// claims on these.
#[must_use]
pub fn dependence(view: View<'_>, chains: &[Path]) -> Vec<Dependence> {
    let elements = Elements::of(chains);
    let mut found = Vec::new();
    for mut kind in [sources(view, &elements), origins(view, &elements), hops(chains), joints(view, chains)] {
        kind.sort_by_key(|(_, fallen)| Reverse(fallen.len()));
        found.extend(kind);
    }
    let told = |(ground, fallen): (Ground, Fallen)| {
        let lost = lost(chains, &fallen);
        Dependence { ground, fallen, lost }
    };
    found.into_iter().map(told).collect()
}

/// The chains that fall without all of these sources, by their places in the list.
#[must_use]
pub fn fallen_without(view: View<'_>, chains: &[Path], left_out: &BTreeSet<NodeId>) -> BTreeSet<usize> {
    Elements::of(chains).fallen_without(view, left_out)
}

/// The places of chains in the list.
type Fallen = BTreeSet<usize>;

/// The hops and nodes of chains, each with the chains that it is part of.
struct Elements(BTreeMap<About, Fallen>);

impl Elements {
    fn of(chains: &[Path]) -> Self {
        let mut elements: BTreeMap<About, Fallen> = BTreeMap::new();
        for (at, path) in chains.iter().enumerate() {
            let nodes = path.nodes.iter().map(|&id| About::Node(id));
            for about in path.relationships.iter().map(|&id| About::Relationship(id)).chain(nodes) {
                elements.entry(about).or_default().insert(at);
            }
        }
        Self(elements)
    }

    /// The sources of all claims that support them.
    fn sources(&self, view: View<'_>) -> BTreeSet<NodeId> {
        self.0.keys().flat_map(|&about| view.sources_of(about)).collect()
    }

    fn fallen_without(&self, view: View<'_>, left_out: &BTreeSet<NodeId>) -> Fallen {
        let hidden = self.0.iter().filter(|(about, _)| view.falls_without(**about, left_out));
        hidden.flat_map(|(_, chains)| chains.iter().copied()).collect()
    }
}

fn sources(view: View<'_>, elements: &Elements) -> Vec<(Ground, Fallen)> {
    let one = |source: NodeId| {
        let left_out = sources_called(view.graph(), &view.graph().key_of(source));
        (Ground::Source(source), elements.fallen_without(view, &left_out))
    };
    elements.sources(view).into_iter().map(one).collect()
}

fn origins(view: View<'_>, elements: &Elements) -> Vec<(Ground, Fallen)> {
    let mut origins: BTreeMap<String, BTreeSet<NodeId>> = BTreeMap::new();
    for source in elements.sources(view) {
        origins.entry(view.origin_of(source).unwrap_or_default()).or_default().insert(source);
    }
    let one = |(name, sources): (String, BTreeSet<NodeId>)| {
        let left_out = sources_called(view.graph(), &name);
        let name = match sources.iter().find(|&&source| view.is_confidential(source)) {
            Some(&hidden) if sources.iter().all(|&source| view.is_confidential(source)) => {
                format!("origin of {}", view.source_label(hidden))
            }
            _ => name,
        };
        (Ground::Origin { name, sources }, elements.fallen_without(view, &left_out))
    };
    origins.into_iter().map(one).collect()
}

/// In the order in which the chains walk them.
fn hops(chains: &[Path]) -> Vec<(Ground, Fallen)> {
    let walked = chains.iter().enumerate();
    let walked = walked.flat_map(|(at, path)| path.relationships.iter().map(move |&id| (id, at)));
    collected(walked).into_iter().map(|(id, fallen)| (Ground::Hop(id), fallen)).collect()
}

fn joints(view: View<'_>, chains: &[Path]) -> Vec<(Ground, Fallen)> {
    let met = chains.iter().enumerate().flat_map(|(at, path)| {
        joints_of(view, path).into_iter().map(move |joint| ((joint.place, joint.from, joint.to), at))
    });
    let one = |((place, from, to), fallen)| (Ground::Joint { place, from, to }, fallen);
    collected(met).into_iter().map(one).collect()
}

/// The chains of each thing, in the order in which the things come first.
fn collected<T: Copy + Ord>(met: impl Iterator<Item = (T, usize)>) -> Vec<(T, Fallen)> {
    let mut places: BTreeMap<T, usize> = BTreeMap::new();
    let mut all: Vec<(T, Fallen)> = Vec::new();
    for (thing, chain) in met {
        let place = *places.entry(thing).or_insert(all.len());
        if place == all.len() {
            all.push((thing, Fallen::new()));
        }
        all[place].1.insert(chain);
    }
    all
}

/// The pairs of ends of chains that fall, where no other chain joins them.
fn lost(chains: &[Path], fallen: &Fallen) -> BTreeSet<(NodeId, NodeId)> {
    let ends = |at: usize| Some((*chains[at].nodes.first()?, *chains[at].nodes.last()?));
    let kept: BTreeSet<_> = (0..chains.len()).filter(|at| !fallen.contains(at)).filter_map(ends).collect();
    fallen.iter().filter_map(|&at| ends(at)).filter(|pair| !kept.contains(pair)).collect()
}

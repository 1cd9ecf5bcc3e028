//! What each source carries: its claims, the elements that rest on it alone, the sources that repeat
//! the same report, and what a lens without it would hide.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::error::Result;
use crate::graph::{Direction, View};
use crate::model::{About, NodeId, Value};

/// A source with what rests on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// The source.
    pub source: NodeId,
    /// How many claims it makes, of whatever stance.
    pub n_claims: usize,
    /// The elements that a claim of it supports.
    pub supports: BTreeSet<About>,
    /// Those of them that nothing else supports, at the least confidence that the lens asks for.
    pub alone: BTreeSet<About>,
    /// What a lens without the source hides: `alone`, and the relationships whose ends fall.
    pub falls: BTreeSet<About>,
    /// Other open sources of the same origin: they repeat the same report and count once.
    pub same_origin: BTreeSet<NodeId>,
    /// What a lens without the source and these hides.
    pub falls_with_origin: BTreeSet<About>,
}

/// What may be told of a source beside its claims. Of a confidential one there is the pseudonym: who
/// published it, when, and whose report it repeats stay hidden, whether or not others show them.
#[derive(Debug, Clone, PartialEq)]
pub struct Description<'a> {
    /// Its key, or its pseudonym.
    pub label: String,
    /// Its title.
    pub title: Option<String>,
    /// Who published it; null where it is not known or hidden.
    pub publisher: Value,
    /// When it was published; null where it is not known or hidden.
    pub date: Value,
    /// Whose report it repeats.
    pub origin: Option<String>,
    /// The sources that repeat the same report.
    pub same_origin: Vec<NodeId>,
    /// What falls with all of them; none where it is hidden.
    pub falls_with_origin: Option<&'a BTreeSet<About>>,
}

impl Weight {
    /// What may be told of the source.
    #[must_use]
    pub fn description(&self, view: View<'_>) -> Description<'_> {
        let source = self.source;
        let is_open = !view.is_confidential(source);
        let property = |name: &str| if is_open { view.node_property(source, name) } else { Value::Null };
        let same_origin =
            self.same_origin.iter().copied().filter(|&other| is_open && !view.is_confidential(other));
        Description {
            label: view.source_label(source),
            title: view.source_title(source),
            publisher: property("publisher"),
            date: property("date"),
            origin: view.origin_of(source).filter(|_| is_open),
            same_origin: same_origin.collect(),
            falls_with_origin: is_open.then_some(&self.falls_with_origin),
        }
    }
}

/// What each source that shows carries, in the order of the sources.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// O(S + C·c + R) for S sources, C claims, c claims about one element, and R relationships at nodes
/// that fall.
pub fn weights(view: View<'_>, check: &dyn Fn() -> Result<()>) -> Result<Vec<Weight>> {
    let names = Names::of(view);
    let mut supports: BTreeMap<NodeId, BTreeSet<About>> = BTreeMap::new();
    let n_claims = view.claims_by_source();
    for (_, claim) in view.claims() {
        let Some(source) = claim.source else { continue };
        if claim.supports_element() && shows(view, claim.about) {
            supports.entry(source).or_default().insert(claim.about);
        }
    }
    let none = BTreeSet::new();
    let mut weights = Vec::new();
    for source in view.graph().sources().filter(|&source| view.node(source).is_some()) {
        check()?;
        let fallen = |left_out: &BTreeSet<NodeId>| {
            let elements = left_out.iter().flat_map(|source| supports.get(source).unwrap_or(&none));
            let fallen: BTreeSet<About> =
                elements.copied().filter(|&about| view.falls_without(about, left_out)).collect();
            fallen
        };
        let key = view.graph().key_of(source);
        // That a confidential source repeats the report of an open one must not show in what falls with it.
        let open = |mut called: BTreeSet<NodeId>| {
            called.retain(|&other| other == source || !view.is_confidential(other));
            called
        };
        let called = open(names.called(&key));
        let alone = fallen(&called);
        let origin = view.origin_of(source).unwrap_or_default();
        let of_origin = open(names.called(&origin));
        let same_origin = of_origin.iter().copied().filter(|&other| {
            other != source && view.node(other).is_some() && view.origin_of(other).as_ref() == Some(&origin)
        });
        weights.push(Weight {
            source,
            n_claims: n_claims.get(&source).copied().unwrap_or_default(),
            supports: supports.get(&source).cloned().unwrap_or_default(),
            falls: with_dangling(view, &alone),
            same_origin: same_origin.collect(),
            falls_with_origin: with_dangling(view, &fallen(&of_origin)),
            alone,
        });
    }
    Ok(weights)
}

/// The sources that each name stands for in a lens: see [`crate::graph::sources_called`], which reads
/// all sources for one name.
struct Names(FxHashMap<String, BTreeSet<NodeId>>);

impl Names {
    fn of(view: View<'_>) -> Self {
        let mut names: FxHashMap<String, BTreeSet<NodeId>> = FxHashMap::default();
        for source in view.graph().sources() {
            let id = view.node_property(source, "id").as_str().map(str::to_owned);
            let key = view.graph().key_of(source);
            for name in [Some(key), id, view.origin_of(source)].into_iter().flatten() {
                names.entry(name).or_default().insert(source);
            }
        }
        Self(names)
    }

    fn called(&self, name: &str) -> BTreeSet<NodeId> {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

fn shows(view: View<'_>, about: About) -> bool {
    match about {
        About::Node(id) => view.node(id).is_some(),
        About::Relationship(id) => view.relationship(id).is_some(),
    }
}

/// The elements, with the relationships that lose an end.
fn with_dangling(view: View<'_>, fallen: &BTreeSet<About>) -> BTreeSet<About> {
    let nodes = fallen.iter().filter_map(|about| match about {
        About::Node(id) => Some(*id),
        About::Relationship(_) => None,
    });
    let dangling = nodes.flat_map(|node| view.hops(node, Direction::Either));
    let dangling = dangling.map(|hop| About::Relationship(hop.relationship));
    fallen.iter().copied().chain(dangling).collect()
}

/// How the origin of a source is called in output. That of a confidential one has no name, even
/// where open sources share it: the name would say whose report the confidential source repeats.
#[must_use]
pub fn origin_label(view: View<'_>, source: NodeId) -> Option<String> {
    match view.is_confidential(source) {
        true => Some(format!("origin of {}", view.source_label(source))),
        false => view.origin_of(source),
    }
}

//! Which relationships become one edge, and which way it runs.
//!
//! Edges run from left to right as goods go. Where the type says which way that
//! is, it is followed: a consignment's SHIPPED_FROM runs from the port to the
//! consignment. Where goods may go either way (a ship's call), a path decides: as
//! it is walked, or the other way round if the rest of it was walked against the
//! goods. Types that carry nothing keep their own arrow.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::Picture;
use crate::graph::{Joint, View, joints_of};
use crate::model::{Flow, NodeId, Path, RelationshipId, TypeKind};

/// How an edge's arrow stands to the way it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Arrow {
    /// At its head.
    Forward,
    /// At its tail.
    Back,
    /// Nowhere: either way is possible.
    None,
}

/// An edge of the picture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// On the left.
    pub tail: NodeId,
    /// On the right.
    pub head: NodeId,
    /// The type.
    pub kind: String,
    /// Where the arrow is.
    pub arrow: Arrow,
    /// Whether it is of the main chain.
    pub focus: bool,
    /// What it stands for, in the order of time.
    pub relationships: Vec<RelationshipId>,
}

/// More parallel relationships of a type than this are drawn as one edge.
const PARALLEL_MAX: usize = 2;

/// The edges of a picture. Relationships that the view hides are left out.
pub(super) fn links(view: View<'_>, picture: &Picture) -> Vec<Link> {
    let walked = walked(view, &picture.paths);
    let mut parallel: BTreeMap<(NodeId, NodeId, &str, Arrow), Vec<RelationshipId>> = BTreeMap::new();
    for &id in &picture.relationships {
        let Some(relationship) = view.relationship(id) else { continue };
        let kind = view.graph().text(relationship.kind);
        let flow = view.graph().schema().flow(kind);
        let (tail, head, arrow) = run((relationship.start, relationship.end), flow, walked.get(&id).copied());
        parallel.entry((tail, head, kind, arrow)).or_default().push(id);
    }
    let in_focus =
        |id: &RelationshipId| picture.focus.as_ref().is_some_and(|focus| focus.relationships.contains(id));
    let mut links = Vec::new();
    for ((tail, head, kind, arrow), mut ids) in parallel {
        ids.sort_by_key(|&id| (start(view, id), id));
        let link =
            |focus, relationships| Link { tail, head, kind: kind.to_owned(), arrow, focus, relationships };
        let (main, rest): (Vec<_>, Vec<_>) = ids.iter().partition(|id| in_focus(id));
        links.extend(main.iter().map(|&id| link(true, vec![id])));
        match ids.len() > PARALLEL_MAX && !rest.is_empty() {
            true => links.push(link(false, rest)),
            false => links.extend(rest.into_iter().map(|id| link(false, vec![id]))),
        }
    }
    links
}

fn start(view: View<'_>, id: RelationshipId) -> i64 {
    let relationship = view.graph().relationship(id);
    relationship.map_or(i64::MAX, |r| r.period.possible(TypeKind::Event).lo)
}

/// Where a relationship from `start` to `end` runs from and to, and where its arrow is.
fn run(
    (start, end): (NodeId, NodeId),
    flow: Flow,
    walked: Option<(NodeId, NodeId)>,
) -> (NodeId, NodeId, Arrow) {
    match (flow, walked) {
        (Flow::Forward, _) => (start, end, Arrow::Forward),
        (Flow::Backward, _) => (end, start, Arrow::Forward),
        (Flow::Both, Some((from, to))) => (from, to, Arrow::Forward),
        (Flow::Both, None) => (start, end, Arrow::None),
        (Flow::None, Some((from, to))) if (from, to) == (end, start) => (from, to, Arrow::Back),
        (Flow::None, _) => (start, end, Arrow::Forward),
    }
}

fn flow(view: View<'_>, id: RelationshipId) -> Flow {
    let relationship = view.graph().relationship(id);
    relationship.map_or(Flow::None, |r| view.graph().schema().flow(view.graph().text(r.kind)))
}

/// For each relationship on a path, its ends in the order of the goods; where
/// paths differ, the first counts.
fn walked(view: View<'_>, paths: &[Path]) -> BTreeMap<RelationshipId, (NodeId, NodeId)> {
    let mut walked = BTreeMap::new();
    for path in paths {
        let against = is_against_goods(view, path);
        for (from, to, id) in hops(path) {
            walked.entry(id).or_insert(if against { (to, from) } else { (from, to) });
        }
    }
    walked
}

fn hops(path: &Path) -> impl Iterator<Item = (NodeId, NodeId, RelationshipId)> + '_ {
    let ends = path.nodes.iter().zip(path.nodes.iter().skip(1));
    ends.zip(&path.relationships).map(|((&from, &to), &id)| (from, to, id))
}

/// Whether more hops of a path go against the goods than with them.
fn is_against_goods(view: View<'_>, path: &Path) -> bool {
    let direction = |(from, _, id): (NodeId, NodeId, RelationshipId)| {
        let is_start = view.graph().relationship(id).is_some_and(|r| r.start == from);
        match flow(view, id) {
            Flow::Forward => {
                if is_start {
                    1
                } else {
                    -1
                }
            }
            Flow::Backward => {
                if is_start {
                    -1
                } else {
                    1
                }
            }
            _ => 0,
        }
    };
    hops(path).map(direction).sum::<i32>() < 0
}

/// The joints of a picture's paths, by place and by the carrier that went on, each
/// with the carriers that came.
pub(super) fn joints(view: View<'_>, picture: &Picture) -> BTreeMap<(NodeId, NodeId), BTreeSet<NodeId>> {
    let mut joints: BTreeMap<_, BTreeSet<NodeId>> = BTreeMap::new();
    for path in picture.paths.iter().filter(|path| is_shown(view, path)) {
        let against = is_against_goods(view, path);
        for Joint { place, from, to, .. } in joints_of(view, path) {
            let (from, to) = if against { (to, from) } else { (from, to) };
            joints.entry((place, to)).or_default().insert(from);
        }
    }
    joints
}

fn is_shown(view: View<'_>, path: &Path) -> bool {
    path.nodes.len() == path.relationships.len() + 1
        && path.nodes.iter().all(|&id| view.node(id).is_some())
        && path.relationships.iter().all(|&id| view.relationship(id).is_some())
}

//! Which relationships leave and reach a node.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::side::{Link, Side, SideShape, Walk};
use super::table::{Loader, Pages};
use super::{Graph, Symbol};
use crate::model::{NodeId, RelationshipId};
use crate::store::Column;

/// Which way to walk from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Along relationships that start here.
    Outgoing,
    /// Along relationships that end here.
    Incoming,
    /// Along both; a loop counts once.
    Either,
}

impl Direction {
    fn goes_out(self) -> bool {
        self != Self::Incoming
    }

    fn comes_in(self) -> bool {
        self != Self::Outgoing
    }
}

/// A step from a node: over which relationship, to which node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// The relationship walked.
    pub relationship: RelationshipId,
    /// The node reached.
    pub node: NodeId,
    /// The relationship's type.
    pub kind: Symbol,
}

/// A node's neighbours, and the relationship to each in the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbours<'a> {
    /// The other ends; a node that several relationships lead to is there again.
    pub nodes: &'a [NodeId],
    /// The relationships.
    pub relationships: &'a [RelationshipId],
}

/// Adjacency in both directions.
#[derive(Debug, Clone)]
pub(super) struct Adjacency {
    out: Side,
    into: Side,
    /// How many relationships of a type lead from a node to itself.
    loops: FxHashMap<(NodeId, Symbol), u32>,
}

impl Adjacency {
    /// Nothing.
    pub(super) fn new() -> Self {
        let (out, into) = (Side::new(Column::Outgoing), Side::new(Column::Incoming));
        Self { out, into, loops: FxHashMap::default() }
    }

    /// What the index holds, read when it is touched.
    pub(super) fn stored(
        n_nodes: usize,
        shapes: [SideShape; 2],
        loops: FxHashMap<(NodeId, Symbol), u32>,
        loader: &Arc<Loader>,
    ) -> Self {
        let side = |column, shape| Side::stored(column, n_nodes, shape, loader.clone());
        Self { out: side(Column::Outgoing, shapes[0]), into: side(Column::Incoming, shapes[1]), loops }
    }

    /// Builds it anew from all relationships, in the order of their ids.
    pub(super) fn rebuild(&mut self, n_nodes: usize, links: &[Link]) {
        self.out.rebuild(n_nodes, links);
        self.into.rebuild(n_nodes, links);
    }

    /// Merges what changed into the pages. `find` gives a relationship that is alive.
    pub(super) fn merge(&mut self, n_nodes: usize, find: impl Fn(RelationshipId) -> Option<Link>) {
        self.out.merge(n_nodes, &find);
        self.into.merge(n_nodes, &find);
    }

    /// Whether anything changed since the pages were built.
    pub(super) fn has_changes(&self) -> bool {
        self.out.has_changes() || self.into.has_changes()
    }

    /// How many relationships of a type lead from a node to itself, in order.
    pub(super) fn loops(&self) -> Vec<(NodeId, Symbol, u32)> {
        let mut loops: Vec<_> =
            self.loops.iter().map(|(&(node, kind), &count)| (node, kind, count)).collect();
        loops.sort_unstable();
        loops
    }

    /// Adds many relationships between commits; nothing may be in the overlay.
    pub(super) fn extend(&mut self, n_nodes: usize, links: &[Link]) {
        self.out.extend(n_nodes, links);
        self.into.extend(n_nodes, links);
    }

    /// How large the pages of both directions are.
    pub(super) fn shapes(&self) -> [SideShape; 2] {
        [self.out.shape(), self.into.shape()]
    }

    /// Both directions' pages, for what is done to all tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = &dyn Pages> {
        self.out.tables().into_iter().chain(self.into.tables())
    }

    /// As [`Adjacency::tables`].
    pub(super) fn tables_mut(&mut self) -> impl Iterator<Item = &mut dyn Pages> {
        self.out.tables_mut().into_iter().chain(self.into.tables_mut())
    }

    /// Adds a relationship that is younger than all others.
    pub(super) fn insert(&mut self, id: RelationshipId, start: NodeId, end: NodeId, kind: Symbol) {
        self.out.insert(start, Hop { relationship: id, node: end, kind });
        self.into.insert(end, Hop { relationship: id, node: start, kind });
        self.count_loop(start, end, kind, true);
    }

    /// Takes back a relationship that was inserted since the last build.
    pub(super) fn take_back(&mut self, id: RelationshipId, start: NodeId, end: NodeId, kind: Symbol) {
        self.out.take_back(start, id);
        self.into.take_back(end, id);
        self.count_loop(start, end, kind, false);
    }

    /// Notes that a relationship was deleted.
    pub(super) fn bury(&mut self, start: NodeId, end: NodeId, kind: Symbol) {
        self.out.bury(start, kind);
        self.into.bury(end, kind);
        self.count_loop(start, end, kind, false);
    }

    /// Notes that a deleted relationship is there again.
    pub(super) fn restore(&mut self, id: RelationshipId, start: NodeId, end: NodeId, kind: Symbol) {
        self.out.restore(start, Hop { relationship: id, node: end, kind });
        self.into.restore(end, Hop { relationship: id, node: start, kind });
        self.count_loop(start, end, kind, true);
    }

    /// Notes that the period of a relationship changed.
    pub(super) fn retime(&mut self, start: NodeId, end: NodeId) {
        self.out.retime(start);
        self.into.retime(end);
    }

    /// One direction.
    pub(super) fn side(&self, outgoing: bool) -> &Side {
        if outgoing { &self.out } else { &self.into }
    }

    /// Whether so much has changed that building it anew pays.
    pub(super) fn wants_rebuild(&self) -> bool {
        self.out.wants_rebuild()
    }

    /// The types of the relationships that start at a node, with their number.
    pub(super) fn degrees_out(&self, node: NodeId) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        self.out.degrees(node)
    }

    /// The types of the relationships that end at a node, with their number.
    pub(super) fn degrees_in(&self, node: NodeId) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        self.into.degrees(node)
    }

    /// Counts a relationship that leads from a node to itself.
    pub(super) fn count_loop(&mut self, start: NodeId, end: NodeId, kind: Symbol, present: bool) {
        if start == end {
            let count = self.loops.entry((start, kind)).or_default();
            *count = if present { *count + 1 } else { *count - 1 };
        }
    }

    fn n_loops(&self, node: NodeId, types: &[Symbol]) -> usize {
        let at_node = |kind| self.loops.get(&(node, kind)).copied().unwrap_or(0) as usize;
        match types {
            _ if self.loops.is_empty() => 0,
            [kind] => at_node(*kind),
            _ => {
                let kinds = self.out.degrees(node).map(|(kind, _)| kind);
                kinds.filter(|kind| types.is_empty() || types.contains(kind)).map(at_node).sum()
            }
        }
    }
}

impl Graph {
    /// The steps from a node: by type and time, then what was added of late.
    pub fn hops(&self, node: NodeId, direction: Direction) -> impl Iterator<Item = Hop> + '_ {
        let Adjacency { out, into, .. } = &self.adjacency;
        let all_alive = !self.has_dead(node, direction);
        let out = direction.goes_out().then(|| out.hops(node));
        let into = direction.comes_in().then(|| into.hops(node));
        let once = direction == Direction::Either;
        let into = into.into_iter().flatten().filter(move |hop| !(once && hop.node == node));
        let hops = out.into_iter().flatten().chain(into);
        hops.filter(move |hop| all_alive || self.relationship(hop.relationship).is_some())
    }

    /// The relationships of a node that are of the given types, with their other
    /// ends; no types are all types.
    ///
    /// Those of other types are not touched, and no relationship is looked up. The
    /// order is by type and time, then what was added of late; for
    /// [`Direction::Either`] those that start here come first.
    #[must_use]
    pub fn expand<'a>(&'a self, node: NodeId, direction: Direction, types: &'a [Symbol]) -> Expand<'a> {
        let Adjacency { out, into, .. } = &self.adjacency;
        let out = direction.goes_out().then(|| out.walk(node, types));
        let into = direction.comes_in().then(|| into.walk(node, types));
        let all_alive = [&out, &into].into_iter().flatten().all(|walk| !walk.has_dead);
        let loop_at = (direction == Direction::Either).then_some(node);
        Expand { graph: self, out, into, loop_at, all_alive }
    }

    /// What [`Graph::expand`] gives, as slices: the fastest way to expand.
    ///
    /// `None` where the answer is not one slice, and `expand` is to be asked: for
    /// [`Direction::Either`], for several types, and for a node at which something
    /// changed since the last large change of the graph.
    #[must_use]
    pub fn neighbours(&self, node: NodeId, direction: Direction, types: &[Symbol]) -> Option<Neighbours<'_>> {
        match direction {
            Direction::Outgoing => self.adjacency.out.neighbours(node, types),
            Direction::Incoming => self.adjacency.into.neighbours(node, types),
            Direction::Either => None,
        }
    }

    /// How many relationships [`Graph::expand`] gives, without walking them.
    ///
    /// # Complexity
    /// O(T) for the types of the node's relationships.
    #[must_use]
    pub fn degree(&self, node: NodeId, direction: Direction, types: &[Symbol]) -> usize {
        let adjacency = &self.adjacency;
        match direction {
            Direction::Outgoing => adjacency.out.degree(node, types),
            Direction::Incoming => adjacency.into.degree(node, types),
            Direction::Either => {
                adjacency.out.degree(node, types) + adjacency.into.degree(node, types)
                    - adjacency.n_loops(node, types)
            }
        }
    }

    /// Whether any relationship hangs on a node.
    #[must_use]
    pub fn has_relationships(&self, node: NodeId) -> bool {
        self.degree(node, Direction::Either, &[]) > 0
    }

    fn has_dead(&self, node: NodeId, direction: Direction) -> bool {
        let Adjacency { out, into, .. } = &self.adjacency;
        (direction.goes_out() && out.has_dead(node)) || (direction.comes_in() && into.has_dead(node))
    }
}

/// The relationships of a node with their other ends; see [`Graph::expand`].
#[derive(Debug, Clone)]
pub struct Expand<'a> {
    graph: &'a Graph,
    out: Option<Walk<'a>>,
    into: Option<Walk<'a>>,
    /// Where both directions are walked: the node, whose loops count once.
    loop_at: Option<NodeId>,
    all_alive: bool,
}

impl Iterator for Expand<'_> {
    type Item = (RelationshipId, NodeId);

    fn next(&mut self) -> Option<Self::Item> {
        let (graph, loop_at, all_alive) = (self.graph, self.loop_at, self.all_alive);
        let is_alive = |id: RelationshipId| all_alive || graph.relationship(id).is_some();
        if let Some(out) = &mut self.out {
            if let Some(found) = out.find(|&(id, _)| is_alive(id)) {
                return Some(found);
            }
            self.out = None;
        }
        self.into.as_mut()?.find(|&(id, other)| Some(other) != loop_at && is_alive(id))
    }

    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        let Self { graph, out, into, loop_at, all_alive } = self;
        let is_alive = |id: RelationshipId| all_alive || graph.relationship(id).is_some();
        let sum = out.into_iter().flatten().filter(|&(id, _)| is_alive(id)).fold(init, &mut f);
        let into = into.into_iter().flatten();
        into.filter(|&(id, other)| Some(other) != loop_at && is_alive(id)).fold(sum, f)
    }
}

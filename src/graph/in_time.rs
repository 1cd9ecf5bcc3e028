//! A node's relationships of one type in the order of time.

use std::borrow::Cow;

use super::{Direction, Graph, Symbol, View};
use crate::model::{Instant, Interval, NodeId, RelationshipId, TypeKind};

/// A node's relationships of one type, sorted by the first instant of their periods.
///
/// Three columns in step. Where nothing changed at the node since the last large
/// change of the graph, they are slices of it.
#[derive(Debug, Clone)]
pub struct InTime<'a> {
    /// The first instant of each period, read as that of an event.
    pub los: Cow<'a, [Instant]>,
    /// The other ends.
    pub nodes: Cow<'a, [NodeId]>,
    /// The relationships.
    pub relationships: Cow<'a, [RelationshipId]>,
}

impl InTime<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.los.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.los.is_empty()
    }

    /// The place of the first one that begins at an instant or later.
    ///
    /// # Complexity
    /// O(log D).
    #[must_use]
    pub fn first_from(&self, instant: Instant) -> usize {
        self.los.partition_point(|&lo| lo < instant)
    }
}

impl Graph {
    /// A node's relationships of one type that start here or, where `outgoing` is
    /// false, end here, in the order of time and then of ids. A loop is in both.
    ///
    /// # Complexity
    /// O(T) for the types at the node; where something changed there, O(D log D).
    #[must_use]
    pub fn in_time(&self, node: NodeId, outgoing: bool, kind: Symbol) -> InTime<'_> {
        if let Some((los, found)) = self.adjacency.side(outgoing).in_time(node, kind) {
            return InTime {
                los: Cow::Borrowed(los),
                nodes: Cow::Borrowed(found.nodes),
                relationships: Cow::Borrowed(found.relationships),
            };
        }
        let direction = if outgoing { Direction::Outgoing } else { Direction::Incoming };
        let types = [kind];
        let mut found: Vec<(Instant, RelationshipId, NodeId)> =
            self.expand(node, direction, &types).map(|(id, other)| (self.begins(id), id, other)).collect();
        found.sort_unstable();
        InTime {
            los: found.iter().map(|&(lo, ..)| lo).collect(),
            nodes: found.iter().map(|&(_, _, node)| node).collect(),
            relationships: found.iter().map(|&(_, id, _)| id).collect(),
        }
    }

    /// The first instant of a relationship's period, read as that of an event.
    pub(super) fn begins(&self, id: RelationshipId) -> Instant {
        self.relationship(id).map_or(Instant::MIN, |found| found.period.possible(TypeKind::Event).lo)
    }
}

impl<'a> View<'a> {
    /// The relationships of a node that show, are of one type, and whose periods may
    /// meet a window, with their other ends; a loop comes twice for
    /// [`Direction::Either`].
    ///
    /// A few may come that do not meet it: of a type whose periods differ in length,
    /// those that begin shortly before the window.
    ///
    /// # Complexity
    /// O(log D) and what is given, where nothing changed at the node.
    pub fn expand_in(
        self,
        node: NodeId,
        direction: Direction,
        kind: Symbol,
        window: Interval,
    ) -> impl Iterator<Item = (RelationshipId, NodeId)> + 'a {
        let graph = self.graph();
        let is_event = graph.schema().kind(graph.text(kind)) == TypeKind::Event;
        let longest = graph.timing(kind).and_then(|timing| timing.length_max).filter(|_| is_event);
        let from = longest.map_or(Instant::MIN, |longest| window.lo.saturating_sub(longest));
        let sides = [
            (direction != Direction::Incoming).then_some(true),
            (direction != Direction::Outgoing).then_some(false),
        ];
        sides.into_iter().flatten().flat_map(move |outgoing| {
            let found = graph.in_time(node, outgoing, kind);
            let places = found.first_from(from)..found.los.partition_point(|&lo| lo <= window.hi);
            let found = places.map(move |at| (found.relationships[at], found.nodes[at]));
            found.filter(move |&(id, _)| self.relationship(id).is_some())
        })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Effect, NodeData, Properties, RelationshipData, Value};

    fn add(graph: &mut Graph, from: i64, to: i64) {
        let properties =
            Properties::from([("from".to_owned(), Value::Int(from)), ("to".to_owned(), Value::Int(to))]);
        let (start, end) = (NodeId(0), NodeId(1));
        let relationship = RelationshipData { key: None, kind: "E".to_owned(), start, end, properties };
        let effect = Effect::CreateRelationship { id: graph.next_relationship(), relationship };
        graph.apply(&effect).expect("the ends are there");
    }

    fn within(graph: &Graph, lo: i64, hi: i64) -> Vec<u32> {
        let kind = graph.symbol("E").expect("there is one");
        let view = View::new(graph, None, true);
        let found = view.expand_in(NodeId(1), Direction::Incoming, kind, Interval::new(lo, hi));
        found.map(|(id, _)| id.0).collect()
    }

    #[test]
    fn a_window_gives_what_may_meet_it_also_after_changes() {
        let mut graph = Graph::new();
        for id in 0..2 {
            let effect = Effect::CreateNode { id: NodeId(id), node: NodeData::default() };
            graph.apply(&effect).expect("the id is new");
        }
        [(7, 8), (1, 2), (4, 4)].into_iter().for_each(|(from, to)| add(&mut graph, from, to));
        assert_eq!(within(&graph, 2, 4), [1, 2]);
        graph.compact();
        assert_eq!(within(&graph, 2, 4), [1, 2]);
        assert_eq!(within(&graph, 5, 9), [2, 0], "one unit earlier, since a period has up to two");
        let (name, before) = ("to".to_owned(), Some(Value::Int(8)));
        let id = RelationshipId(0);
        let effect = Effect::SetRelationshipProperty { id, name, before, after: Some(Value::Int(9)) };
        graph.apply(&effect).expect("a period");
        let (name, before) = ("from".to_owned(), Some(Value::Int(7)));
        let effect = Effect::SetRelationshipProperty { id, name, before, after: Some(Value::Int(3)) };
        graph.apply(&effect).expect("a period");
        add(&mut graph, 2, 2);
        assert_eq!(within(&graph, 8, 9), [3, 0, 2], "by time, and now of up to six units");
    }
}

//! Sweeps over large reach: levels that are walked from the nodes not reached yet give paths as
//! short as plain breadth-first search does.

use std::collections::VecDeque;

use throughline::error::Result;
use throughline::graph::{Direction, Graph, View};
use throughline::model::{Effect, NodeData, NodeId, RelationshipData, RelationshipId};
use throughline::paths::{
    self, Cost, Element, HopStep, Limits, Match, Matcher, Mode, NodeStep, Outline, Pattern, Prefix, Question,
    Repeat, Selector, Slot,
};

use crate::dice::{Dice, cases};

const NODES: u32 = 3000;
const TYPES: [&str; 2] = ["A", "B"];
const HOP: Slot = 1;
const END: Slot = 2;

/// A sweep from the first node.
struct Case {
    /// Start, end and type.
    relationships: Vec<(u32, u32, usize)>,
    direction: Direction,
    types: Option<Vec<usize>>,
    min: u32,
    max: Option<u32>,
    /// Whether every seventh relationship does not pass.
    asks_hops: bool,
    /// Whether every third node is no end.
    asks_ends: bool,
    is_compact: bool,
}

impl Case {
    fn random(dice: &mut Dice) -> Self {
        let directions = [Direction::Outgoing, Direction::Incoming, Direction::Either];
        let degree = 2 + dice.below(9);
        let node = |dice: &mut Dice| {
            // A third of the ends are few nodes, which gives those many relationships.
            let bound = if dice.below(3) == 0 { 40 } else { NODES as usize };
            dice.below(bound) as u32
        };
        let relationships = (0..NODES as usize * degree)
            .map(|_| (node(dice), node(dice), usize::from(dice.below(8) == 0)))
            .collect();
        Self {
            relationships,
            direction: directions[dice.below(3)],
            types: [None, Some(vec![0]), Some(vec![0, 1])][dice.below(3)].clone(),
            min: dice.below(2) as u32,
            max: [None, Some(3), Some(12)][dice.below(3)],
            asks_hops: dice.below(3) == 0,
            asks_ends: dice.below(2) == 0,
            is_compact: dice.below(2) == 0,
        }
    }

    fn walks(&self, id: usize) -> bool {
        let is_typed = self.types.as_ref().is_none_or(|types| types.contains(&self.relationships[id].2));
        is_typed && !(self.asks_hops && id % 7 == 3)
    }

    fn is_end(&self, node: u32) -> bool {
        !self.asks_ends || !node.is_multiple_of(3)
    }

    fn graph(&self) -> Result<Graph> {
        let mut graph = Graph::new();
        for id in 0..NODES {
            graph.apply(&Effect::CreateNode { id: NodeId(id), node: NodeData::default() })?;
        }
        for (id, &(start, end, kind)) in self.relationships.iter().enumerate() {
            let (start, end) = (NodeId(start), NodeId(end));
            let kind = TYPES[kind].to_owned();
            let relationship =
                RelationshipData { key: None, kind, start, end, properties: Default::default() };
            graph.apply(&Effect::CreateRelationship { id: RelationshipId(id as u32), relationship })?;
        }
        if self.is_compact {
            graph.compact();
        }
        Ok(graph)
    }

    /// The number of relationships to each node on a shortest path, by the definition.
    fn distances(&self) -> Vec<Option<u32>> {
        let mut neighbours = vec![Vec::new(); NODES as usize];
        for (id, &(start, end, _)) in self.relationships.iter().enumerate().filter(|(id, _)| self.walks(*id))
        {
            if self.direction != Direction::Incoming {
                neighbours[start as usize].push((end, id));
            }
            if self.direction != Direction::Outgoing {
                neighbours[end as usize].push((start, id));
            }
        }
        let mut distances = vec![None; NODES as usize];
        distances[0] = Some(0);
        let mut queue = VecDeque::from([0_u32]);
        while let Some(node) = queue.pop_front() {
            let next = distances[node as usize].map(|distance| distance + 1);
            for &(other, _) in &neighbours[node as usize] {
                if distances[other as usize].is_none() {
                    distances[other as usize] = next;
                    queue.push_back(other);
                }
            }
        }
        distances
    }

    fn found(&self, graph: &Graph) -> Result<Vec<Match>> {
        let any = Element::Node(NodeStep::ANY);
        let types =
            self.types.as_ref().map(|types| types.iter().filter_map(|&kind| graph.symbol(TYPES[kind])));
        let hop = HopStep { slot: HOP, types: types.map(Iterator::collect), direction: self.direction };
        let body = vec![any.clone(), Element::Hop(hop), any.clone()];
        let repeat = Repeat { body, min: self.min, max: self.max };
        let end = Element::Node(NodeStep { slot: Some(END), wait: None });
        let pattern = Pattern { elements: vec![any, Element::Repeat(repeat), end] };
        let question = Question {
            pattern: &pattern,
            mode: Mode::Trail,
            selector: Selector::Shortest(1),
            bounds: None,
            named: &[],
            taken: &[],
            ends: None,
            is_memoryless: true,
            limits: Limits::default(),
        };
        let view = View::new(graph, None, false);
        let outcome = paths::search(view, &question, [NodeId(0)], &mut Asked(self))?;
        assert_eq!(outcome.stopped, None);
        Ok(outcome.matches)
    }
}

struct Asked<'a>(&'a Case);

impl Matcher for Asked<'_> {
    fn node(&mut self, _: Slot, node: NodeId, _: Prefix<'_>) -> Result<bool> {
        Ok(self.0.is_end(node.0))
    }

    fn relationship(&mut self, _: Slot, relationship: RelationshipId, _: Prefix<'_>) -> Result<bool> {
        Ok(self.0.walks(relationship.index()))
    }

    fn filter(&mut self, _: Slot, _: Prefix<'_>) -> Result<bool> {
        Ok(true)
    }

    fn cost(&mut self, _: RelationshipId) -> Result<Cost> {
        Ok(Cost::default())
    }

    fn check(&mut self) -> Result<()> {
        Ok(())
    }

    fn outline(&mut self, slot: Slot) -> Outline {
        let is_all = if slot == HOP { !self.0.asks_hops } else { !self.0.asks_ends };
        Outline { is_all, ..Outline::default() }
    }
}

/// Checks that every relationship of a path may be walked where it stands.
fn is_path(case: &Case, found: &Match) -> bool {
    let steps = found.path.nodes.windows(2).zip(&found.path.relationships);
    let mut steps = steps.map(|(ends, id)| (ends[0].0, ends[1].0, id.index()));
    steps.all(|(from, to, id)| {
        let (start, end, _) = case.relationships[id];
        let forwards = case.direction != Direction::Incoming && (start, end) == (from, to);
        let backwards = case.direction != Direction::Outgoing && (end, start) == (from, to);
        case.walks(id) && (forwards || backwards)
    })
}

#[test]
fn sweeps_over_large_reach_find_shortest_paths() {
    for seed in 0..cases(24) {
        let case = Case::random(&mut Dice::new(seed as u64 + 1));
        let graph = case.graph().expect("the graph is in order");
        let found = case.found(&graph).expect("the search runs");
        let mut lengths = vec![None; NODES as usize];
        for one in &found {
            let end = one.path.nodes[one.path.nodes.len() - 1];
            assert!(is_path(&case, one), "seed {seed}: {one:?}");
            let earlier = lengths[end.index()].replace(one.path.relationships.len() as u32);
            assert_eq!(earlier, None, "seed {seed}: a node is an end once");
        }
        let mut expected = case.distances();
        for (node, distance) in expected.iter_mut().enumerate() {
            let is_short = distance.is_some_and(|distance| case.max.is_none_or(|max| distance <= max));
            if !is_short || !case.is_end(node as u32) {
                *distance = None;
            }
        }
        // A path back to the start is longer than none, and asks for more than distances.
        if case.min > 0 {
            (expected[0], lengths[0]) = (None, None);
        }
        assert!(lengths == expected, "seed {seed}");
    }
}

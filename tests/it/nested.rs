//! Repetitions within repetitions against their definition: on small random graphs the search
//! finds the paths that plain recursion over the pattern finds, and ranks them alike.
//!
//! Filters stand at the end of parentheses: the first node's number must be at most the
//! last one's, and a list of what an inner repetition matched may not be too long.
//!
//! Seeds are fixed; `THROUGHLINE_CASES` and `THROUGHLINE_SEED` run more and others.

use std::collections::BTreeSet;

use proptest::prelude::*;
use throughline::error::Result;
use throughline::graph::{Direction, Graph, View};
use throughline::model::{
    Effect, NodeData, NodeId, Path, Properties, RelationshipData, RelationshipId, Value,
};
use throughline::paths::{
    self, Bound, Cost, Element, HopStep, Limits, Matcher, Mode, NodeStep, Pattern, Prefix, Question, Repeat,
    Selector, Slot,
};

use crate::path_random::runner;

/// A piece of a pattern. Every piece begins and ends at a node of its own.
#[derive(Debug, Clone)]
enum Piece {
    /// One relationship.
    Hop(Direction),
    /// Pieces one after another.
    Sequence(Vec<Self>),
    /// A piece repeated, and how often at least and at most.
    Repeat(Box<Self>, u32, u32),
    /// A piece in parentheses, with a filter of its own.
    Filtered(Box<Self>, Filter),
}

#[derive(Debug, Clone, Copy)]
enum Filter {
    /// The first node's number is at most the last one's.
    Ascends,
    /// At most so many relationships were matched by the hops inside.
    HopsMost(usize),
}

/// The most relationships that a pattern may walk.
const WALKED_MAX: u32 = 7;

/// A relationship: where it starts and ends, and what it costs.
type Rel = (usize, usize, i64);

#[derive(Debug, Clone)]
struct Case {
    nodes: usize,
    rels: Vec<Rel>,
    piece: Piece,
    mode: Mode,
    selector: Selector,
}

/// A path as the numbers of its nodes and of its relationships.
type Plain = (Vec<usize>, Vec<usize>);

impl Piece {
    /// Every way to go on with `path` through the piece.
    fn go(&self, case: &Case, path: &Plain) -> Vec<Plain> {
        match self {
            Self::Hop(direction) => hops(case, *direction, path),
            Self::Sequence(pieces) => pieces.iter().fold(vec![path.clone()], |paths, piece| {
                paths.iter().flat_map(|path| piece.go(case, path)).collect()
            }),
            Self::Repeat(piece, min, max) => {
                let (mut reached, mut all) = (vec![path.clone()], Vec::new());
                for n in 0..=*max {
                    // Not after the last: nothing would be done with what that reaches.
                    if n > 0 {
                        reached = reached.iter().flat_map(|path| piece.go(case, path)).collect();
                    }
                    if n >= *min {
                        all.extend(reached.clone());
                    }
                }
                all
            }
            Self::Filtered(piece, filter) => {
                let passes = |found: &Plain| match filter {
                    Filter::Ascends => path.0.last() <= found.0.last(),
                    Filter::HopsMost(most) => found.1.len() - path.1.len() <= *most,
                };
                piece.go(case, path).into_iter().filter(passes).collect()
            }
        }
    }

    fn hops_min(&self) -> u32 {
        match self {
            Self::Hop(_) => 1,
            Self::Sequence(pieces) => pieces.iter().map(Self::hops_min).sum(),
            Self::Repeat(piece, min, _) => piece.hops_min() * min,
            Self::Filtered(piece, _) => piece.hops_min(),
        }
    }

    fn hops_max(&self) -> u32 {
        match self {
            Self::Hop(_) => 1,
            Self::Sequence(pieces) => pieces.iter().map(Self::hops_max).sum(),
            Self::Repeat(piece, _, max) => piece.hops_max() * max,
            Self::Filtered(piece, _) => piece.hops_max(),
        }
    }
}

fn hops(case: &Case, direction: Direction, path: &Plain) -> Vec<Plain> {
    let here = *path.0.last().expect("a path has a node");
    let mut found = Vec::new();
    for (id, &(start, end, _)) in case.rels.iter().enumerate() {
        let forwards = direction != Direction::Incoming && start == here;
        let backwards = direction != Direction::Outgoing && end == here;
        let Some(next) = forwards.then_some(end).or(backwards.then_some(start)) else { continue };
        let mut longer = path.clone();
        longer.0.push(next);
        longer.1.push(id);
        if admits(case.mode, &longer) {
            found.push(longer);
        }
    }
    found
}

fn admits(mode: Mode, (nodes, rels): &Plain) -> bool {
    let differ = |items: &[usize]| items.iter().collect::<BTreeSet<_>>().len() == items.len();
    let closed = nodes.len() > 1 && nodes.first() == nodes.last();
    match mode {
        Mode::Walk => true,
        Mode::Trail => differ(rels),
        Mode::Acyclic => differ(nodes),
        Mode::Simple => differ(rels) && differ(if closed { &nodes[1..] } else { nodes }),
    }
}

/// What a selector ranks by.
fn key(case: &Case, path: &Plain) -> (i64, usize) {
    let cost = path.1.iter().map(|&id| case.rels[id].2).sum();
    match case.selector {
        Selector::Cheapest(_) => (cost, path.1.len()),
        Selector::Shortest(_) => (0, path.1.len()),
        _ => (0, 0),
    }
}

/// What the search is given, and what its filters ask.
#[derive(Default)]
struct Compiled {
    slots: usize,
    /// For each filter: its number, the slots of its ends, the slots of the hops inside.
    filters: Vec<(Slot, Filter, [Slot; 2], Vec<Slot>)>,
}

impl Compiled {
    fn slot(&mut self) -> Slot {
        self.slots += 1;
        self.slots
    }

    fn node(&mut self, elements: &mut Vec<Element>) -> Slot {
        let slot = self.slot();
        elements.push(Element::Node(NodeStep { slot: Some(slot), wait: None }));
        slot
    }

    /// Adds a piece; gives the slots of its first and last node and of its hops.
    fn add(&mut self, piece: &Piece, elements: &mut Vec<Element>) -> ([Slot; 2], Vec<Slot>) {
        match piece {
            Piece::Hop(direction) => {
                let first = self.node(elements);
                let hop = self.slot();
                elements.push(Element::Hop(HopStep { slot: hop, types: None, direction: *direction }));
                ([first, self.node(elements)], vec![hop])
            }
            Piece::Sequence(pieces) => {
                let added: Vec<_> = pieces.iter().map(|piece| self.add(piece, elements)).collect();
                let (first, last) = (added[0].0[0], added[added.len() - 1].0[1]);
                ([first, last], added.into_iter().flat_map(|(_, hops)| hops).collect())
            }
            Piece::Repeat(piece, min, max) => {
                let first = self.node(elements);
                let mut body = Vec::new();
                let (_, hops) = self.add(piece, &mut body);
                elements.push(Element::Repeat(Repeat { body, min: *min, max: Some(*max) }));
                ([first, self.node(elements)], hops)
            }
            Piece::Filtered(piece, filter) => {
                let (ends, hops) = self.add(piece, elements);
                let slot = self.slot();
                elements.push(Element::Filter(slot));
                self.filters.push((slot, *filter, ends, hops.clone()));
                (ends, hops)
            }
        }
    }
}

struct Asked<'a> {
    compiled: &'a Compiled,
    case: &'a Case,
}

impl Matcher for Asked<'_> {
    fn node(&mut self, _: Slot, _: NodeId, _: Prefix<'_>) -> Result<bool> {
        Ok(true)
    }

    fn relationship(&mut self, _: Slot, _: RelationshipId, _: Prefix<'_>) -> Result<bool> {
        Ok(true)
    }

    fn filter(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool> {
        let filters = &self.compiled.filters;
        let (_, filter, ends, hops) = filters.iter().find(|(own, ..)| *own == slot).expect("it is there");
        let number = |slot: Slot| match prefix.last(slot) {
            Some(Bound::Node(id)) => id.index(),
            other => panic!("{slot} is {other:?}"),
        };
        Ok(match filter {
            Filter::Ascends => number(ends[0]) <= number(ends[1]),
            Filter::HopsMost(most) => hops.iter().map(|&hop| prefix.all(hop).len()).sum::<usize>() <= *most,
        })
    }

    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost> {
        Ok(Cost::of_int(self.case.rels[relationship.index()].2).expect("costs are not negative"))
    }

    fn check(&mut self) -> Result<()> {
        Ok(())
    }
}

fn build(case: &Case) -> Result<Graph> {
    let mut graph = Graph::new();
    for id in 0..case.nodes {
        graph.apply(&Effect::CreateNode { id: NodeId(id as u32), node: NodeData::default() })?;
    }
    for (id, &(start, end, cost)) in case.rels.iter().enumerate() {
        let properties = Properties::from([("cost".to_owned(), Value::Int(cost))]);
        let relationship = RelationshipData {
            key: None,
            kind: "E".to_owned(),
            start: NodeId(start as u32),
            end: NodeId(end as u32),
            properties,
        };
        graph.apply(&Effect::CreateRelationship { id: RelationshipId(id as u32), relationship })?;
    }
    graph.settle();
    Ok(graph)
}

/// What the search finds; `None` where a limit stopped it.
fn searched(case: &Case) -> Result<Option<Vec<Plain>>> {
    let graph = build(case)?;
    let mut compiled = Compiled::default();
    let mut elements = Vec::new();
    compiled.add(&case.piece, &mut elements);
    let pattern = Pattern { elements };
    let question = Question {
        pattern: &pattern,
        mode: case.mode,
        selector: case.selector,
        bounds: None,
        named: &[],
        taken: &[],
        ends: None,
        is_memoryless: compiled.filters.is_empty(),
        limits: Limits { work_max: 500_000, waiting_max: 200_000, ..Limits::default() },
    };
    let view = View::new(&graph, None, false);
    let starts: Vec<NodeId> = view.nodes().collect();
    let outcome = paths::search(view, &question, starts, &mut Asked { compiled: &compiled, case })?;
    if outcome.stopped.is_some() {
        return Ok(None);
    }
    let plain = |path: &Path| {
        let nodes = path.nodes.iter().map(|id| id.index()).collect();
        (nodes, path.relationships.iter().map(|id| id.index()).collect())
    };
    Ok(Some(outcome.matches.iter().map(|found| plain(&found.path)).collect()))
}

/// Cases with more ways to walk than this are not compared: each way is walked one by one.
const WAYS_MAX: u64 = 1 << 16;

impl Case {
    /// No more ways than this lead through the pattern from one node.
    fn ways_max(&self) -> u64 {
        let degree =
            |node: usize| self.rels.iter().filter(|(start, end, _)| [*start, *end].contains(&node)).count();
        ways(&self.piece, (0..self.nodes).map(degree).max().unwrap_or(0) as u64)
    }
}

/// How many ways lead through a piece, if each node has so many relationships.
fn ways(piece: &Piece, degree: u64) -> u64 {
    match piece {
        Piece::Hop(_) => degree,
        Piece::Sequence(pieces) => {
            pieces.iter().map(|piece| ways(piece, degree)).fold(1, u64::saturating_mul)
        }
        Piece::Repeat(piece, min, max) => {
            let once = ways(piece, degree);
            (*min..=*max).map(|n| once.saturating_pow(n)).fold(0, u64::saturating_add)
        }
        Piece::Filtered(piece, _) => ways(piece, degree),
    }
}

fn any_direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Outgoing), Just(Direction::Incoming), Just(Direction::Either)]
}

fn any_piece() -> impl Strategy<Value = Piece> {
    let filter = prop_oneof![Just(Filter::Ascends), (0_usize..4).prop_map(Filter::HopsMost)];
    any_direction().prop_map(Piece::Hop).prop_recursive(4, 8, 2, move |inner| {
        let repeat = (inner.clone(), 0_u32..3, 0_u32..3).prop_map(|(piece, min, more)| {
            let max = (min + more).max(1);
            // What repeats has to walk, and not too far, or there are too many walks to compare.
            match piece.hops_min() > 0 && piece.hops_max() * max <= WALKED_MAX {
                true => Piece::Repeat(Box::new(piece), min, max),
                false => piece,
            }
        });
        prop_oneof![
            3 => repeat,
            2 => prop::collection::vec(inner.clone(), 1..3).prop_map(Piece::Sequence),
            1 => (inner, filter.clone()).prop_map(|(piece, filter)| Piece::Filtered(Box::new(piece), filter)),
        ]
    })
}

fn any_case() -> impl Strategy<Value = Case> {
    let mode = prop_oneof![
        1 => Just(Mode::Walk), 3 => Just(Mode::Trail), 1 => Just(Mode::Acyclic), 1 => Just(Mode::Simple)
    ];
    let selector = prop_oneof![
        2 => Just(Selector::All),
        1 => (1_u64..4).prop_map(Selector::Any),
        1 => (1_u64..4).prop_map(Selector::Shortest),
        2 => (1_u64..4).prop_map(Selector::Cheapest),
    ];
    let rels = (1_usize..4)
        .prop_flat_map(|nodes| (Just(nodes), prop::collection::vec((0..nodes, 0..nodes, 0_i64..4), 1..5)));
    (rels, any_piece(), mode, selector).prop_map(|((nodes, rels), piece, mode, selector)| Case {
        nodes,
        rels,
        piece,
        mode,
        selector,
    })
}

/// Compares one case with its definition.
fn check(case: &Case) -> Result<(), TestCaseError> {
    if case.ways_max() > WAYS_MAX {
        return Ok(());
    }
    let starts: Vec<Plain> = (0..case.nodes).map(|node| (vec![node], vec![])).collect();
    let all: BTreeSet<Plain> = starts.iter().flat_map(|start| case.piece.go(case, start)).collect();
    let found = searched(case).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let Some(found) = found else { return Ok(()) };
    let once: BTreeSet<&Plain> = found.iter().collect();
    prop_assert_eq!(once.len(), found.len(), "each path once");
    prop_assert!(found.iter().all(|path| all.contains(path)), "{:?} of {:?}", found, all);
    let ends = |path: &Plain| (path.0[0], path.0[path.0.len() - 1]);
    for pair in all.iter().map(ends).collect::<BTreeSet<_>>() {
        let of_pair = |path: &&Plain| ends(path) == pair;
        let given: Vec<_> = found.iter().filter(of_pair).map(|path| key(case, path)).collect();
        let mut expected: Vec<_> = all.iter().filter(of_pair).map(|path| key(case, path)).collect();
        expected.sort_unstable();
        match case.selector {
            Selector::Any(k) | Selector::Shortest(k) | Selector::Cheapest(k) => expected.truncate(k as usize),
            _ => {}
        }
        prop_assert_eq!(given, expected, "{:?}", pair);
    }
    Ok(())
}

#[test]
fn nested_repetitions_equal_plain_recursion() {
    let done = runner(3000).run(&any_case(), |case| check(&case));
    assert!(done.is_ok(), "{done:?}");
}

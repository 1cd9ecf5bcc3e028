//! Paths without time: on small random graphs the searches that visit each state once
//! answer what the search of beginnings answers where nothing may be left out, for
//! patterns of every shape. Whole costs, fractions and costs that are missing are among them.
//!
//! `THROUGHLINE_CASES=100000 cargo test --release untimed` runs longer.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use throughline::error::{Error, Result};
use throughline::graph::{Direction, Graph, View};
use throughline::model::{Effect, NodeData, NodeId, RelationshipData, RelationshipId};
use throughline::paths::{
    self, Bound, Cost, Element, HopStep, Limits, Match, Matcher, Mode, NodeStep, Outcome, Outline, Pattern,
    Prefix, Question, Repeat, Selector, Slot,
};

const TYPES: [&str; 2] = ["A", "B"];
/// What relationships cost, by their numbers.
#[derive(Debug, Clone, Copy)]
enum Costs {
    /// From nothing to three.
    Whole,
    /// Tenths, which no float is exactly.
    Tenths,
    /// Whole, but some have none.
    Missing,
}

impl Costs {
    fn of(self, relationship: RelationshipId) -> Option<f64> {
        let id = relationship.0;
        match self {
            Self::Whole => Some(f64::from(id % 4)),
            Self::Tenths => Some(f64::from(id * 7 % 11) / 10.0),
            Self::Missing => (id % 5 != 3).then(|| f64::from(id % 3)),
        }
    }
}

/// The slots of nodes begin here, those of relationships and filters farther on.
const NODES: Slot = 0;
const HOPS: Slot = 100;
const FILTERS: Slot = 200;

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("THROUGHLINE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A part of a pattern, before it has slots.
#[derive(Debug, Clone)]
enum Piece {
    /// One relationship and the node after it.
    Hop(Hop),
    /// A repeated piece.
    Repeat { body: Vec<Hop>, filter: bool, min: u32, more: Option<u32> },
    /// Repetitions within a repetition, and a relationship.
    Nested { inner: Hop, inner_max: u32, outer: Hop, max: u32 },
}

#[derive(Debug, Clone)]
struct Hop {
    direction: Direction,
    types: Option<usize>,
    /// Whether the relationship pattern asks something.
    asks: bool,
    node: Test,
}

/// What a node pattern asks.
#[derive(Debug, Clone)]
enum Test {
    /// Nothing, and nobody asks for it.
    Any,
    /// Nothing, but it is named.
    Named,
    /// To be one of some.
    OneOf(Vec<u32>),
}

#[derive(Debug, Clone)]
struct Case {
    n_nodes: u32,
    relationships: Vec<(u32, u32, usize)>,
    start: Test,
    end: Test,
    pieces: Vec<Piece>,
    mode: Mode,
    selector: Selector,
    costs: Costs,
    knows_ends: bool,
    /// Which slots the question names.
    names: u64,
}

/// A pattern with what its slots ask.
struct Written {
    costs: Costs,
    elements: Vec<Element>,
    nodes: Vec<Test>,
    asking: HashSet<Slot>,
    n_hops: usize,
    /// For each filter: its first node's slot, its relationship's and its last node's.
    filters: Vec<[Slot; 3]>,
}

impl Written {
    fn new(costs: Costs) -> Self {
        let (elements, nodes, filters) = (Vec::new(), Vec::new(), Vec::new());
        Self { costs, elements, nodes, asking: HashSet::new(), n_hops: 0, filters }
    }

    fn node(&mut self, test: &Test) -> Element {
        let slot = (!matches!(test, Test::Any)).then_some(NODES + self.nodes.len());
        if slot.is_some() {
            self.nodes.push(test.clone());
        }
        Element::Node(NodeStep { slot, wait: None })
    }

    fn hop(&mut self, hop: &Hop, graph: &Graph) -> Element {
        let slot = HOPS + self.n_hops;
        self.n_hops += 1;
        if hop.asks {
            self.asking.insert(slot);
        }
        let types = hop.types.map(|kind| graph.symbol(TYPES[kind]).into_iter().collect());
        Element::Hop(HopStep { slot, types, direction: hop.direction })
    }

    fn piece(&mut self, piece: &Piece, graph: &Graph) {
        match piece {
            Piece::Hop(hop) => {
                let element = self.hop(hop, graph);
                let node = self.node(&hop.node);
                self.elements.extend([element, node]);
            }
            Piece::Repeat { body, filter, min, more } => {
                let first = self.node(&Test::Named);
                let slots = [self.nodes.len() - 1, HOPS + self.n_hops, self.nodes.len()];
                let mut elements = vec![first];
                for hop in body {
                    elements.push(self.hop(hop, graph));
                    let test = if *filter { Test::Named } else { hop.node.clone() };
                    elements.push(self.node(&test));
                }
                if *filter && body.len() == 1 {
                    elements.push(Element::Filter(FILTERS + self.filters.len()));
                    self.filters.push(slots);
                }
                let max = more.map(|more| (min + more).max(1));
                self.elements.push(Element::Repeat(Repeat { body: elements, min: *min, max }));
                let node = self.node(&Test::Any);
                self.elements.push(node);
            }
            Piece::Nested { inner, inner_max, outer, max } => {
                let within =
                    vec![Element::Node(NodeStep::ANY), self.hop(inner, graph), self.node(&inner.node)];
                let body = vec![
                    Element::Node(NodeStep::ANY),
                    Element::Repeat(Repeat { body: within, min: 0, max: Some(*inner_max) }),
                    Element::Node(NodeStep::ANY),
                    self.hop(outer, graph),
                    self.node(&outer.node),
                ];
                self.elements.push(Element::Repeat(Repeat { body, min: 1, max: Some(*max) }));
                self.elements.push(Element::Node(NodeStep::ANY));
            }
        }
    }
}

impl Matcher for Written {
    fn node(&mut self, slot: Slot, node: NodeId, _: Prefix<'_>) -> Result<bool> {
        Ok(match &self.nodes[slot - NODES] {
            Test::OneOf(ids) => ids.contains(&node.0),
            _ => true,
        })
    }

    fn relationship(&mut self, slot: Slot, relationship: RelationshipId, _: Prefix<'_>) -> Result<bool> {
        Ok(!self.asking.contains(&slot) || !relationship.0.is_multiple_of(3))
    }

    fn filter(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool> {
        let number = |bound: Option<Bound>| match bound {
            Some(Bound::Node(id)) => id.0,
            Some(Bound::Relationship(id)) => id.0,
            None => panic!("what the filter speaks of is bound"),
        };
        let [first, walked, last] = self.filters[slot - FILTERS].map(|slot| number(prefix.last(slot)));
        Ok((first * 7 + walked * 3 + last) % 4 != 1)
    }

    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost> {
        let cost = self.costs.of(relationship).and_then(Cost::of_float);
        cost.ok_or_else(|| Error::invalid("no cost"))
    }

    fn check(&mut self) -> Result<()> {
        Ok(())
    }

    fn outline(&mut self, slot: Slot) -> Outline {
        let is_all = match slot {
            NODES..HOPS => matches!(self.nodes[slot - NODES], Test::Named),
            HOPS..FILTERS => !self.asking.contains(&slot),
            _ => false,
        };
        Outline { is_all, ..Outline::default() }
    }
}

fn build(case: &Case) -> Result<Graph> {
    let mut graph = Graph::new();
    for id in 0..case.n_nodes {
        graph.apply(&Effect::CreateNode { id: NodeId(id), node: NodeData::default() })?;
    }
    for (id, &(start, end, kind)) in case.relationships.iter().enumerate() {
        let relationship = RelationshipData {
            key: None,
            kind: TYPES[kind].to_owned(),
            start: NodeId(start % case.n_nodes),
            end: NodeId(end % case.n_nodes),
            properties: Default::default(),
        };
        graph.apply(&Effect::CreateRelationship { id: RelationshipId(id as u32), relationship })?;
    }
    // Every other graph has its relationships in one piece, as large ones have.
    if case.relationships.len().is_multiple_of(2) {
        graph.compact();
    }
    Ok(graph)
}

/// What a search finds; `leaves_out` says whether it may leave out anything.
fn answer(
    graph: &Graph,
    case: &Case,
    selector: Selector,
    names_all: bool,
    leaves_out: bool,
) -> Result<Outcome> {
    let mut written = Written::new(case.costs);
    let start = written.node(&case.start);
    written.elements.push(start);
    for piece in &case.pieces {
        written.piece(piece, graph);
    }
    // A node pattern at the end is what makes ends known.
    let end = written.node(&case.end);
    written.elements.push(end);
    let pattern = Pattern { elements: std::mem::take(&mut written.elements) };
    let named: Vec<Slot> =
        (0..FILTERS).filter(|slot| names_all || case.names >> (slot % 64) & 1 == 1).collect();
    let ends = match &pattern.elements[..] {
        [.., Element::Node(NodeStep { slot: Some(slot), .. })] => match &written.nodes[*slot] {
            Test::OneOf(ids) => {
                Some(ids.iter().filter(|&&id| id < case.n_nodes).map(|&id| NodeId(id)).collect())
            }
            _ => None,
        },
        _ => None::<Vec<NodeId>>,
    };
    let view = View::new(graph, None, false);
    let question = Question {
        pattern: &pattern,
        mode: case.mode,
        selector,
        bounds: None,
        named: &named,
        taken: &[],
        ends: ends.as_deref().filter(|_| case.knows_ends && leaves_out),
        is_memoryless: leaves_out,
        limits: Limits { work_max: if leaves_out { 1_000_000 } else { 20_000 }, ..Limits::default() },
    };
    let starts: Vec<NodeId> = view.nodes().collect();
    paths::search(view, &question, starts, &mut written)
}

type Pair = (NodeId, NodeId);
/// What paths are ranked by: their cost, and their length.
type Key = (Sum, usize);

/// A sum of costs in steps of 2^-64, of which every cost of these cases is a multiple.
type Sum = u128;

fn sum(costs: impl Iterator<Item = Option<f64>>) -> Option<Sum> {
    costs.map(|cost| Some((cost? * 2_f64.powi(64)) as u128)).sum()
}

/// The keys of the paths of each pair; paths without a cost are left out where it counts.
fn by_pair(outcome: &Outcome, case: &Case) -> BTreeMap<Pair, Vec<Key>> {
    let mut pairs: BTreeMap<Pair, Vec<Key>> = BTreeMap::new();
    for found in &outcome.matches {
        let (nodes, relationships) = (&found.path.nodes, &found.path.relationships);
        let key = match case.selector {
            Selector::Any(_) => (0, 0),
            Selector::Cheapest(_) => {
                let costs = relationships.iter().map(|&id| case.costs.of(id));
                let Some(sum) = sum(costs) else { continue };
                (sum, relationships.len())
            }
            _ => (0, relationships.len()),
        };
        pairs.entry((nodes[0], nodes[nodes.len() - 1])).or_default().push(key);
    }
    pairs
}

/// Of the keys of all paths, those that the selector asks for.
fn selected(selector: Selector, mut keys: Vec<Key>) -> Vec<Key> {
    keys.sort_unstable();
    let mut different = keys.clone();
    different.dedup();
    match selector {
        Selector::Any(k) | Selector::Shortest(k) | Selector::Cheapest(k) => keys.truncate(k as usize),
        Selector::ShortestGroups(k) => {
            keys.retain(|key| different[..(k as usize).min(different.len())].contains(key));
        }
        other => panic!("{other:?} goes neither by length nor by cost"),
    }
    keys
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let failed = |error: throughline::Error| TestCaseError::fail(error.to_string());
    let graph = build(case).map_err(failed)?;
    let all = answer(&graph, case, Selector::All, false, false).map_err(failed)?;
    if all.stopped.is_some() {
        return Ok(());
    }
    let found = match answer(&graph, case, case.selector, false, true) {
        Err(error) if matches!(case.costs, Costs::Missing) && error.to_string().contains("no cost") => {
            return Ok(());
        }
        found => found.map_err(failed)?,
    };
    prop_assert_eq!(&found.stopped, &None);
    let every_way = answer(&graph, case, Selector::All, true, false).map_err(failed)?;
    let ways: HashSet<&Match> = every_way.matches.iter().collect();
    let mut given = HashSet::new();
    for one in &found.matches {
        prop_assert!(ways.contains(one), "not an answer: {one:?}");
        let bindings = one.bindings.iter().filter(|(slot, _)| case.names >> (slot % 64) & 1 == 1);
        prop_assert!(given.insert((&one.path, bindings.collect::<Vec<_>>())), "given twice: {one:?}");
    }
    let mut expected = by_pair(&all, case);
    for keys in expected.values_mut() {
        *keys = selected(case.selector, std::mem::take(keys));
    }
    prop_assert_eq!(by_pair(&found, case), expected);
    Ok(())
}

fn any_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        2 => Just(Test::Any),
        1 => Just(Test::Named),
        2 => prop::collection::hash_set(0_u32..6, 1..4).prop_map(|ids| {
            let mut ids: Vec<u32> = ids.into_iter().collect();
            ids.sort_unstable();
            Test::OneOf(ids)
        }),
    ]
}

fn any_hop() -> impl Strategy<Value = Hop> {
    let direction = prop_oneof![
        2 => Just(Direction::Outgoing),
        1 => Just(Direction::Incoming),
        2 => Just(Direction::Either)
    ];
    let types = prop_oneof![3 => Just(None), 1 => (0_usize..2).prop_map(Some)];
    (direction, types, prop::bool::weighted(0.2), any_test()).prop_map(|(direction, types, asks, node)| Hop {
        direction,
        types,
        asks,
        node,
    })
}

fn any_piece(is_walk: bool) -> impl Strategy<Value = Piece> {
    let more = prop_oneof![2 => (0_u32..4).prop_map(Some), 1 => Just(None)];
    let repeat = (prop::collection::vec(any_hop(), 1..3), any::<bool>(), 0_u32..4, more).prop_map(
        move |(body, filter, min, more)| {
            // A walk that may be of any length has no last one.
            let more = if is_walk { more.or(Some(3)) } else { more };
            let more = if body.len() > 1 { more.map(|more| more.min(1)) } else { more };
            Piece::Repeat { min: if body.len() > 1 { min.min(1) } else { min }, body, filter, more }
        },
    );
    let nested = (any_hop(), 1_u32..3, any_hop(), 1_u32..3)
        .prop_map(|(inner, inner_max, outer, max)| Piece::Nested { inner, inner_max, outer, max });
    prop_oneof![3 => any_hop().prop_map(Piece::Hop), 6 => repeat, 1 => nested]
}

/// Any selector that goes by the length of paths.
fn by_length() -> BoxedStrategy<Selector> {
    prop_oneof![
        2 => Just(Selector::Shortest(1)),
        1 => (1_u64..4).prop_map(Selector::Any),
        3 => (2_u64..7).prop_map(Selector::Shortest),
        2 => Just(Selector::ShortestGroups(1)),
        2 => (2_u64..4).prop_map(Selector::ShortestGroups),
    ]
    .boxed()
}

fn by_cost() -> BoxedStrategy<Selector> {
    prop_oneof![2 => Just(Selector::Cheapest(1)), 3 => (2_u64..7).prop_map(Selector::Cheapest)].boxed()
}

fn any_case(n_pieces: usize, selector: BoxedStrategy<Selector>) -> impl Strategy<Value = Case> {
    let mode = prop_oneof![Just(Mode::Walk), Just(Mode::Trail), Just(Mode::Acyclic), Just(Mode::Simple)];
    let costs = prop_oneof![2 => Just(Costs::Whole), 2 => Just(Costs::Tenths), 1 => Just(Costs::Missing)];
    let way = (mode, selector, costs);
    let graph = (2_u32..7).prop_flat_map(|n_nodes| {
        let ends = (0..n_nodes, 0..n_nodes, 0_usize..2);
        (Just(n_nodes), prop::collection::vec(ends, 1..9))
    });
    (graph, way, any_test(), any_test(), prop::bool::weighted(0.7), any::<u64>()).prop_flat_map(
        move |((n_nodes, relationships), (mode, selector, costs), start, end, knows_ends, names)| {
            prop::collection::vec(any_piece(mode == Mode::Walk), 1..=n_pieces).prop_map(move |pieces| Case {
                n_nodes,
                relationships: relationships.clone(),
                start: start.clone(),
                end: end.clone(),
                pieces,
                mode,
                selector,
                costs,
                knows_ends,
                names,
            })
        },
    )
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn one_piece_without_time_equals_the_search_of_beginnings(case in any_case(1, by_length())) {
        check(&case)?;
    }

    #[test]
    fn several_pieces_without_time_equal_the_search_of_beginnings(case in any_case(3, by_length())) {
        check(&case)?;
    }

    #[test]
    fn the_cheapest_over_one_piece_equal_the_search_of_beginnings(case in any_case(1, by_cost())) {
        check(&case)?;
    }

    #[test]
    fn the_cheapest_over_several_pieces_equal_the_search_of_beginnings(case in any_case(3, by_cost())) {
        check(&case)?;
    }
}

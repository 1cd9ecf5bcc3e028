//! The search against the definition: on small random graphs the engine answers
//! what brute force answers, for every mode, selector and chronological prefix.
//!
//! `THROUGHLINE_CASES=100000 cargo test --release chronological` runs longer.

use std::ops::Range;

use proptest::prelude::*;
use throughline::error::Result;
use throughline::graph::{Direction, Graph, View, joints_of};
use throughline::model::{
    Effect, Flow, NodeData, NodeId, Path, Properties, RelationshipData, RelationshipId, TypeKind, Value,
};
use throughline::paths::{
    self, Bounds, Cost, Element, HopStep, Limits, Matcher, Mode, NodeStep, Pattern, Prefix, Question, Repeat,
    Selector, Slot,
};

use crate::naive;

/// Types 0 and 1 are events, type 2 is a state.
const TYPES: [&str; 3] = ["A", "B", "S"];

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("THROUGHLINE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// How instants of the oracle become values of the engine.
#[derive(Clone, Copy)]
enum Writing {
    /// Integers as they are.
    Integers,
    /// Two instants a month from January 2001: a period of the oracle is made of
    /// whole months and years, and is written as partial dates.
    Months,
}

fn written(writing: Writing, reading: (i64, i64)) -> Value {
    match writing {
        Writing::Integers => Value::Int(reading.0),
        Writing::Months => {
            let (year, month) = (2001 + reading.0.div_euclid(24), reading.0.rem_euclid(24) / 2 + 1);
            match reading.1 - reading.0 {
                1 => Value::from(format!("{year:04}-{month:02}")),
                _ => Value::from(format!("{year:04}")),
            }
        }
    }
}

fn build(naive: &naive::Graph, writing: Writing) -> Result<Graph> {
    let mut graph = Graph::new();
    let state = Some((TypeKind::State, Flow::None));
    graph.apply(&Effect::DeclareType { name: "S".to_owned(), before: None, after: state })?;
    // Along one type goods flow, from ship to port to ship, so that some paths have joints.
    let flow = Some((TypeKind::Event, Flow::Both));
    graph.apply(&Effect::DeclareType { name: "A".to_owned(), before: None, after: flow })?;
    for id in 0..naive.nodes {
        let labels = vec![if id % 2 == 0 { "Vessel" } else { "Port" }.to_owned()];
        graph
            .apply(&Effect::CreateNode { id: node(id), node: NodeData { labels, ..NodeData::default() } })?;
    }
    for (id, rel) in naive.rels.iter().enumerate() {
        let mut properties = Properties::new();
        let mut put = |name: &str, value: Option<Value>| {
            properties.extend(value.map(|value| (name.to_owned(), value)));
        };
        put("from", rel.from.map(|reading| written(writing, reading)));
        put("to", rel.to.map(|reading| written(writing, reading)));
        put("confidence", rel.confidence.map(Value::Float));
        put("aggregate", rel.aggregate.then_some(Value::Bool(true)));
        let relationship = RelationshipData {
            key: None,
            kind: TYPES[rel.label as usize].to_owned(),
            start: node(rel.start),
            end: node(rel.end),
            properties,
        };
        graph.apply(&Effect::CreateRelationship { id: RelationshipId(id as u32), relationship })?;
    }
    graph.settle();
    Ok(graph)
}

fn node(id: usize) -> NodeId {
    NodeId(id as u32)
}

/// Matches node patterns by lists of ids, and knows what relationships cost.
struct Lists<'a> {
    nodes: &'a [naive::NodeTest],
    rels: &'a [naive::Rel],
}

impl Matcher for Lists<'_> {
    fn node(&mut self, slot: Slot, node: NodeId, _: Prefix<'_>) -> Result<bool> {
        Ok(self.nodes[slot].any_of.as_ref().is_none_or(|ids| ids.contains(&node.index())))
    }

    fn relationship(&mut self, _: Slot, _: RelationshipId, _: Prefix<'_>) -> Result<bool> {
        Ok(true)
    }

    fn filter(&mut self, _: Slot, _: Prefix<'_>) -> Result<bool> {
        Ok(true)
    }

    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost> {
        let cost = self.rels[relationship.index()].cost;
        // Whole costs are given as integers, so that the two are mixed.
        let cost = if cost.fract() == 0.0 { Cost::of_int(cost as i64) } else { Cost::of_float(cost) };
        Ok(cost.expect("costs are not negative"))
    }

    fn check(&mut self) -> Result<()> {
        Ok(())
    }
}

fn pattern(case: &Case, graph: &Graph) -> Pattern {
    let naive = &case.pattern;
    // No path but a walk is longer than there are relationships, so that a bound beyond is none.
    let n_rels = case.graph.rels.len();
    let bound = |max: usize| Some(max as u32).filter(|_| case.mode == naive::Mode::Walk || max < n_rels);
    let mut elements = Vec::new();
    for (i, test) in naive.nodes.iter().enumerate() {
        elements.push(Element::Node(NodeStep { slot: Some(i), wait: test.wait }));
        let Some(step) = naive.steps.get(i) else { continue };
        let types = step.labels.as_ref().map(|labels| {
            labels.iter().filter_map(|&label| graph.symbol(TYPES[label as usize])).collect::<Vec<_>>()
        });
        let direction = match step.direction {
            naive::Dir::Out => Direction::Outgoing,
            naive::Dir::In => Direction::Incoming,
            naive::Dir::Both => Direction::Either,
        };
        let hop = HopStep { slot: 100 + i, types, direction };
        elements.push(match (step.min, step.max) {
            (1, 1) => Element::Hop(hop),
            (min, max) => Element::Repeat(Repeat {
                body: vec![Element::Node(NodeStep::ANY), Element::Hop(hop), Element::Node(NodeStep::ANY)],
                min: min as u32,
                max: bound(max),
            }),
        });
    }
    Pattern { elements }
}

fn mode(mode: naive::Mode) -> Mode {
    match mode {
        naive::Mode::Walk => Mode::Walk,
        naive::Mode::Trail => Mode::Trail,
        naive::Mode::Acyclic => Mode::Acyclic,
        naive::Mode::Simple => Mode::Simple,
    }
}

fn selector(selector: naive::Selector) -> Selector {
    match selector {
        naive::Selector::All => Selector::All,
        naive::Selector::Any(k) => Selector::Any(k as u64),
        naive::Selector::Shortest(k) => Selector::Shortest(k as u64),
        naive::Selector::ShortestGroups(k) => Selector::ShortestGroups(k as u64),
        naive::Selector::AllShortest => Selector::ShortestGroups(1),
        naive::Selector::Cheapest(k) => Selector::Cheapest(k as u64),
        naive::Selector::Strongest(k) => Selector::Strongest(k as u64),
        naive::Selector::Earliest(k) => Selector::Earliest(k as u64),
        naive::Selector::Latest(k) => Selector::Latest(k as u64),
        naive::Selector::Fastest(k) => Selector::Fastest(k as u64),
    }
}

fn bounds(chrono: &naive::Chrono) -> Bounds {
    Bounds {
        strict: chrono.strict,
        certainly: chrono.certainly,
        wait: chrono.wait,
        within: chrono.within,
        clock: None,
    }
}

fn answer(graph: &Graph, case: &Case) -> Result<Vec<naive::Path>> {
    let chrono =
        case.chrono.clone().or(selector(case.selector).is_chronological().then(naive::Chrono::default));
    let pattern = pattern(case, graph);
    let ends = ends(case);
    let question = Question {
        pattern: &pattern,
        mode: mode(case.mode),
        selector: selector(case.selector),
        bounds: chrono.as_ref().map(bounds),
        named: &[],
        taken: &[],
        ends: ends.as_deref(),
        is_memoryless: true,
        limits: Limits::default(),
    };
    let view = View::new(graph, None, false);
    let starts: Vec<NodeId> = view.nodes().collect();
    let outcome = paths::search(
        view,
        &question,
        starts,
        &mut Lists { nodes: &case.pattern.nodes, rels: &case.graph.rels },
    )?;
    assert_eq!(outcome.stopped, None, "the limits are far beyond these cases");
    Ok(outcome.matches.iter().map(|found| plain(&found.path)).collect())
}

/// The only ends of the paths, where the last node pattern names them.
fn ends(case: &Case) -> Option<Vec<NodeId>> {
    let ids = case.pattern.nodes.last()?.any_of.as_ref()?;
    let mut ends: Vec<NodeId> = ids.iter().filter(|&&id| id < case.graph.nodes).map(|&id| node(id)).collect();
    ends.sort_unstable();
    ends.dedup();
    Some(ends)
}

fn plain(path: &Path) -> naive::Path {
    naive::Path {
        nodes: path.nodes.iter().map(|id| id.index()).collect(),
        rels: path.relationships.iter().map(|id| id.index()).collect(),
    }
}

fn engine_path(path: &naive::Path) -> Path {
    Path {
        nodes: path.nodes.iter().map(|&id| node(id)).collect(),
        relationships: path.rels.iter().map(|&id| RelationshipId(id as u32)).collect(),
    }
}

/// A graph with a question.
#[derive(Debug, Clone)]
struct Case {
    graph: naive::Graph,
    pattern: naive::Pattern,
    mode: naive::Mode,
    chrono: Option<naive::Chrono>,
    selector: naive::Selector,
}

fn any_rel(nodes: usize, months: bool) -> impl Strategy<Value = naive::Rel> {
    let reading = move |start: i64, wide: bool| match (months, wide) {
        (false, _) => (start, start),
        (true, false) => (start * 2, start * 2 + 1),
        (true, true) => (start / 12 * 24, start / 12 * 24 + 23),
    };
    let side = prop_oneof![1 => Just(None), 3 => (0_i64..8, any::<bool>()).prop_map(Some)];
    let weights = (prop::option::of(0_u8..4), 0_u8..9);
    (0..nodes, 0..nodes, 0_u8..3, side.clone(), side, prop::bool::weighted(0.1), weights).prop_map(
        move |(start, end, label, from, to, aggregate, (confidence, cost))| {
            let place = |(at, wide): (i64, bool)| reading(if months { at * 3 } else { at }, wide);
            let (mut from, mut to) = (from.map(place), to.map(place));
            if let (Some(begin), Some(end)) = (from, to)
                && begin.0 > end.1
            {
                (from, to) = (to, from);
            }
            naive::Rel {
                start,
                end,
                label,
                kind: if label == 2 { naive::Kind::State } else { naive::Kind::Event },
                from,
                to,
                aggregate,
                confidence: confidence.map(|level| f64::from(level) / 4.0),
                cost: f64::from(cost.saturating_sub(2)) / 2.0,
            }
        },
    )
}

fn any_graph(months: bool) -> impl Strategy<Value = naive::Graph> {
    graph_of(2..4, 2..8, months)
}

fn graph_of(nodes: Range<usize>, rels: Range<usize>, months: bool) -> impl Strategy<Value = naive::Graph> {
    nodes.prop_flat_map(move |nodes| {
        let rels = prop::collection::vec(any_rel(nodes, months), rels.clone());
        rels.prop_map(move |rels| naive::Graph { nodes, rels })
    })
}

fn any_pattern(waits: bool) -> impl Strategy<Value = naive::Pattern> {
    let wait = prop_oneof![3 => Just(None), 1 => (0_i64..4).prop_map(Some)];
    let ids = prop_oneof![5 => Just(None), 1 => prop::collection::vec(0_usize..4, 1..3).prop_map(Some)];
    let test =
        (ids, wait).prop_map(move |(any_of, wait)| naive::NodeTest { any_of, wait: wait.filter(|_| waits) });
    let direction =
        prop_oneof![1 => Just(naive::Dir::Out), 1 => Just(naive::Dir::In), 4 => Just(naive::Dir::Both)];
    let labels = prop_oneof![6 => Just(None), 1 => prop::collection::vec(0_u8..3, 1..3).prop_map(Some)];
    let times = prop_oneof![3 => Just((1, 1)), 1 => (0_usize..2, 0_usize..2).prop_map(|(min, more)| (min, min + more))];
    let step = (labels, direction, times).prop_map(|(labels, direction, (min, max))| naive::Step {
        labels,
        direction,
        min,
        max: max.max(min),
    });
    let several = (2_usize..5).prop_flat_map(move |n| {
        (prop::collection::vec(test.clone(), n + 1), prop::collection::vec(step.clone(), n))
            .prop_map(|(nodes, steps)| naive::Pattern { nodes, steps })
    });
    prop_oneof![3 => several, 1 => any_repetition()]
}

/// One relationship, repeated often: here the search leaves out what it can.
fn any_repetition() -> impl Strategy<Value = naive::Pattern> {
    let direction = prop_oneof![Just(naive::Dir::Out), Just(naive::Dir::In), Just(naive::Dir::Both)];
    let step = (direction, 0_usize..3, 0_usize..5).prop_map(|(direction, min, more)| naive::Step {
        labels: None,
        direction,
        min,
        max: (min + more).max(1),
    });
    let ids = || prop_oneof![Just(None), prop::collection::vec(0_usize..3, 1..2).prop_map(Some)];
    let test = || ids().prop_map(|any_of| naive::NodeTest { any_of, wait: None });
    (test(), step, test())
        .prop_map(|(from, step, to)| naive::Pattern { nodes: vec![from, to], steps: vec![step] })
}

fn any_mode() -> impl Strategy<Value = naive::Mode> {
    prop_oneof![
        1 => Just(naive::Mode::Walk),
        3 => Just(naive::Mode::Trail),
        1 => Just(naive::Mode::Acyclic),
        1 => Just(naive::Mode::Simple)
    ]
}

fn any_selector() -> impl Strategy<Value = naive::Selector> {
    prop_oneof![
        3 => Just(naive::Selector::All),
        1 => (1_usize..3).prop_map(naive::Selector::Any),
        1 => (1_usize..4).prop_map(naive::Selector::Shortest),
        1 => (1_usize..3).prop_map(naive::Selector::ShortestGroups),
        1 => Just(naive::Selector::AllShortest),
        2 => (1_usize..4).prop_map(naive::Selector::Cheapest),
        2 => (1_usize..4).prop_map(naive::Selector::Strongest),
        2 => (1_usize..4).prop_map(naive::Selector::Earliest),
        1 => (1_usize..4).prop_map(naive::Selector::Latest),
        1 => (1_usize..4).prop_map(naive::Selector::Fastest),
    ]
}

fn any_chrono() -> impl Strategy<Value = Option<naive::Chrono>> {
    let bound = || prop_oneof![2 => Just(None), 1 => (0_i64..6).prop_map(Some)];
    let chrono = (any::<bool>(), prop::bool::weighted(0.3), bound(), bound())
        .prop_map(|(strict, certainly, wait, within)| naive::Chrono { strict, certainly, wait, within });
    prop_oneof![2 => Just(None), 3 => chrono.prop_map(Some)]
}

fn any_case() -> impl Strategy<Value = Case> {
    (any_graph(false), any_pattern(true), any_mode(), any_chrono(), any_selector())
        .prop_map(|(graph, pattern, mode, chrono, selector)| Case { graph, pattern, mode, chrono, selector })
}

/// One repetition without time, where the search leaves out beginnings that others do as well as.
/// It takes four nodes for a dear beginning to reach farther than a cheap one.
fn any_case_that_prunes() -> impl Strategy<Value = Case> {
    let selector = prop_oneof![
        3 => Just(naive::Selector::Cheapest(1)),
        1 => (2_usize..4).prop_map(naive::Selector::Cheapest),
        1 => Just(naive::Selector::Shortest(1)),
        1 => Just(naive::Selector::AllShortest),
    ];
    (graph_of(3..6, 4..9, false), any_repetition(), any_mode(), selector)
        .prop_map(|(graph, pattern, mode, selector)| Case { graph, pattern, mode, chrono: None, selector })
}

/// Few nodes, many relationships and long repetitions under time, where beginnings
/// of paths meet again and again and the search merges them.
fn any_case_that_merges() -> impl Strategy<Value = Case> {
    let bound = || prop_oneof![2 => Just(None), 1 => (0_i64..4).prop_map(Some)];
    let chrono = (prop::bool::weighted(0.3), prop::bool::weighted(0.2), bound(), bound())
        .prop_map(|(strict, certainly, wait, within)| naive::Chrono { strict, certainly, wait, within });
    let direction =
        prop_oneof![2 => Just(naive::Dir::Out), 1 => Just(naive::Dir::In), 2 => Just(naive::Dir::Both)];
    // One type of event alone: there only the least instant counts.
    let labels = prop_oneof![2 => Just(None), 1 => Just(Some(vec![0])), 1 => Just(Some(vec![0, 1]))];
    let step = (labels, direction, 0_usize..3, 1_usize..4).prop_map(|(labels, direction, min, more)| {
        naive::Step { labels, direction, min, max: (min + more).min(4) }
    });
    let ids = prop_oneof![2 => Just(None), 1 => prop::collection::vec(0_usize..4, 1..2).prop_map(Some)];
    let wait = prop_oneof![4 => Just(None), 1 => (0_i64..3).prop_map(Some)];
    let test = (ids, wait).prop_map(|(any_of, wait)| naive::NodeTest { any_of, wait });
    let pattern = prop_oneof![3 => Just(1_usize), 1 => Just(2)].prop_flat_map(move |n| {
        (prop::collection::vec(test.clone(), n + 1), prop::collection::vec(step.clone(), n)).prop_map(
            |(nodes, mut steps)| {
                // The definition walks every way there is: two repetitions have to be short.
                let short = if steps.len() > 1 { 2 } else { 4 };
                steps.iter_mut().for_each(|step| {
                    step.min = step.min.min(short);
                    step.max = step.max.min(short);
                });
                naive::Pattern { nodes, steps }
            },
        )
    });
    let mode = prop_oneof![
        2 => Just(naive::Mode::Walk),
        4 => Just(naive::Mode::Trail),
        1 => Just(naive::Mode::Acyclic),
        1 => Just(naive::Mode::Simple)
    ];
    (graph_of(2..5, 3..9, false), pattern, mode, chrono, any_selector()).prop_map(
        |(graph, pattern, mode, chrono, selector)| Case {
            graph,
            pattern,
            mode,
            chrono: Some(chrono),
            selector,
        },
    )
}

/// Partial dates: months have no two instants that could be told apart strictly,
/// and no length that waits could be measured in, so order alone is compared.
fn any_case_in_months() -> impl Strategy<Value = Case> {
    (any_graph(true), any_pattern(false), any_mode(), any::<bool>()).prop_map(
        |(graph, pattern, mode, certainly)| {
            let chrono = Some(naive::Chrono { strict: false, certainly, wait: None, within: None });
            Case { graph, pattern, mode, chrono, selector: naive::Selector::All }
        },
    )
}

fn check(case: &Case, writing: Writing) -> Result<(), TestCaseError> {
    let graph = build(&case.graph, writing).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let found = answer(&graph, case).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let joints = |path: &naive::Path| joints_of(View::new(&graph, None, true), &engine_path(path)).len();
    naive::check_selected(
        &case.graph,
        &case.pattern,
        case.mode,
        case.chrono.as_ref(),
        case.selector,
        &joints,
        &found,
    )
    .map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(cases(8000))]

    #[test]
    fn chronological_search_equals_brute_force(case in any_case()) {
        check(&case, Writing::Integers)?;
    }

    #[test]
    fn pruned_search_equals_brute_force(case in any_case_that_prunes()) {
        check(&case, Writing::Integers)?;
    }

    #[test]
    fn merging_search_equals_brute_force(case in any_case_that_merges()) {
        check(&case, Writing::Integers)?;
    }

    #[test]
    fn chronological_search_reads_partial_dates_as_brute_force_does(case in any_case_in_months()) {
        check(&case, Writing::Months)?;
    }

    #[test]
    fn order_and_times_of_a_path_equal_brute_force(graph in any_graph(false), steps in prop::collection::vec(0_usize..6, 1..4)) {
        let engine = build(&graph, Writing::Integers).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let view = View::new(&engine, None, false);
        let Some(path) = walk(&graph, &steps) else { return Ok(()) };
        let engine_path = engine_path(&path);
        let none = Bounds::default();
        let order = paths::order(view, &engine_path, &none).map(paths::Order::as_str);
        prop_assert_eq!(order, Ok(naive::order(&graph, &path)));
        let times = paths::times(view, &engine_path, &none).expect("one clock");
        let times = times.map(|times| times.into_iter().map(|t| t.map(|t| (t.feasible.lo, t.feasible.hi))).collect());
        let waits = vec![None; path.nodes.len()];
        let expected: Option<Vec<Option<(i64, i64)>>> = naive::times(&graph, &path, &waits, &naive::Chrono::default());
        prop_assert_eq!(times, expected);
    }
}

/// A path that takes, of the relationships that hang on the last node, the one
/// that each step names.
fn walk(graph: &naive::Graph, steps: &[usize]) -> Option<naive::Path> {
    let mut path = naive::Path { nodes: vec![graph.rels.first()?.start], rels: vec![] };
    for &step in steps {
        let here = *path.nodes.last()?;
        let next: Vec<usize> = (0..graph.rels.len())
            .filter(|&id| graph.rels[id].start == here || graph.rels[id].end == here)
            .collect();
        let id = *next.get(step % next.len().max(1))?;
        let rel = &graph.rels[id];
        path.nodes.push(if rel.start == here { rel.end } else { rel.start });
        path.rels.push(id);
    }
    Some(path)
}

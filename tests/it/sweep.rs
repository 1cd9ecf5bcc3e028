//! Sweeps against the definition: on small random graphs of one dated type, the queue,
//! the pass and the general search all answer what brute force answers, and the ends
//! alone are those of the paths.
//!
//! `THROUGHLINE_CASES=100000 cargo test --release sweep` runs longer.

use proptest::prelude::*;
use throughline::error::Result;
use throughline::graph::{Direction, Graph, View};
use throughline::model::time::DAY_MICROS;
use throughline::model::{
    Date, Effect, Interval, NodeData, NodeId, Path, Properties, RelationshipData, RelationshipId, Value,
};
use throughline::paths::sweep::{self, Switch};
use throughline::paths::{
    self, Bounds, Cost, Element, HopStep, Limits, Matcher, Mode, NodeStep, Outcome, Outline, Pattern, Prefix,
    Question, Repeat, Selector, Slot,
};

use crate::naive;

/// Never goes over to the pass, and always does.
const QUEUE: Switch = Switch { least: usize::MAX, share: 1 };
const PASS: Switch = Switch { least: 0, share: usize::MAX };

/// What becomes of a relationship after the graph has settled.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Later {
    Nothing,
    /// It is created only then.
    Created,
    /// Its `from` was another before.
    Retimed(i64),
    Deleted,
}

#[derive(Debug, Clone)]
struct Case {
    nodes: usize,
    /// Start, end, instant, confidence, and what happens later.
    rels: Vec<(usize, usize, i64, Option<u8>, Later)>,
    /// Whether instants are whole days.
    days: bool,
    direction: naive::Dir,
    needs_a_hop: bool,
    mode: naive::Mode,
    strict: bool,
    wait: Option<i64>,
    selector: Choice,
    window: Option<(i64, i64)>,
    /// Whether the window is all that there is to the filter.
    is_decided: bool,
    starts: Option<Vec<usize>>,
    ends: Option<Vec<usize>>,
    /// Nodes where no hop may start, and where none may end.
    closed: [Option<usize>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Choice {
    Earliest,
    Any,
    Shortest,
    Strongest,
}

impl Case {
    fn value(&self, at: i64) -> Value {
        match self.days {
            true => Value::Date(Date::of_days(19_000 + at).expect("a day")),
            false => Value::Int(at),
        }
    }

    fn instant(&self, at: i64) -> i64 {
        if self.days { (19_000 + at) * DAY_MICROS } else { at }
    }

    fn selector(&self) -> Selector {
        match self.selector {
            Choice::Earliest => Selector::Earliest(1),
            Choice::Any => Selector::Any(1),
            Choice::Shortest => Selector::Shortest(1),
            Choice::Strongest => Selector::Strongest(1),
        }
    }

    /// As the definition has it: what the filters leave out is of another type, and a
    /// day is two instants.
    fn naive(&self) -> naive::Graph {
        let rels = self.rels.iter().map(|&(start, end, at, confidence, later)| {
            let outside = self.window.is_some_and(|(from, to)| at < from || at > to);
            let unit = if self.days { 2 } else { 1 };
            let reading = Some((at * unit, at * unit + unit - 1));
            naive::Rel {
                start,
                end,
                label: u8::from(outside || later == Later::Deleted),
                kind: naive::Kind::Event,
                from: reading,
                to: reading,
                aggregate: false,
                confidence: confidence.map(|level| f64::from(level) / 4.0),
                cost: 1.0,
            }
        });
        naive::Graph { nodes: self.nodes, rels: rels.collect() }
    }

    fn build(&self) -> Result<Graph> {
        let mut graph = Graph::new();
        for id in 0..self.nodes {
            graph.apply(&Effect::CreateNode { id: node(id), node: NodeData::default() })?;
        }
        // What is created later has to have the last ids.
        for (id, rel) in self.rels.iter().enumerate() {
            if rel.4 == Later::Created && !self.rels[id..].iter().all(|rel| rel.4 == Later::Created) {
                continue;
            }
            if rel.4 == Later::Created {
                self.settle(&mut graph);
            }
            let at = if let Later::Retimed(before) = rel.4 { before } else { rel.2 };
            let mut properties = Properties::new();
            properties.insert("from".to_owned(), self.value(at));
            properties
                .extend(rel.3.map(|level| ("confidence".to_owned(), Value::Float(f64::from(level) / 4.0))));
            let (start, end) = (node(rel.0), node(rel.1));
            let relationship = RelationshipData { key: None, kind: "A".to_owned(), start, end, properties };
            graph.apply(&Effect::CreateRelationship { id: RelationshipId(id as u32), relationship })?;
        }
        self.settle(&mut graph);
        for (id, rel) in self.rels.iter().enumerate() {
            let id = RelationshipId(id as u32);
            if let Later::Retimed(before) = rel.4 {
                let (before, after) = (Some(self.value(before)), Some(self.value(rel.2)));
                graph.apply(&Effect::SetRelationshipProperty {
                    id,
                    name: "from".to_owned(),
                    before,
                    after,
                })?;
            }
            if rel.4 == Later::Deleted {
                let before = graph.relationship_data(id).expect("it is there");
                graph.apply(&Effect::DeleteRelationship { id, before })?;
            }
        }
        Ok(graph)
    }

    /// Brings the order of time up to date, once.
    fn settle(&self, graph: &mut Graph) {
        let Some(kind) = graph.symbol("A") else { return };
        if graph.type_in_time(kind, false).count(Interval::ALL) == 0 {
            return;
        }
        if self.rels.iter().all(|rel| rel.4 != Later::Created) {
            graph.compact();
        }
        let _ = graph.type_in_time(kind, self.selector == Choice::Strongest);
    }
}

fn node(id: usize) -> NodeId {
    NodeId(id as u32)
}

struct Filters<'a>(&'a Case, &'a Graph);

/// Slots: 0 the start, 1 before a hop, 2 the hop, 3 after it, 4 the end.
impl Matcher for Filters<'_> {
    fn node(&mut self, slot: Slot, node: NodeId, _: Prefix<'_>) -> Result<bool> {
        let within = |ids: &Option<Vec<usize>>| ids.as_ref().is_none_or(|ids| ids.contains(&node.index()));
        Ok(match slot {
            0 => within(&self.0.starts),
            1 => self.0.closed[0] != Some(node.index()),
            3 => self.0.closed[1] != Some(node.index()),
            _ => within(&self.0.ends),
        })
    }

    fn relationship(&mut self, _: Slot, id: RelationshipId, _: Prefix<'_>) -> Result<bool> {
        let from = View::new(self.1, None, true).relationship_property(id, "from");
        Ok(self.0.window.is_none_or(|(first, last)| {
            (first..=last).any(|at| from.equals(&self.0.value(at)) == Some(true))
        }))
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
        match (slot, self.0.window) {
            (2, None) => Outline { is_all: self.0.is_decided, ..Outline::default() },
            (2, Some((from, to))) => {
                let window = Interval::new(self.0.instant(from), self.0.instant(to));
                Outline { window, is_all: self.0.is_decided }
            }
            (1, _) => Outline { is_all: self.0.closed[0].is_none(), ..Outline::default() },
            (3, _) => Outline { is_all: self.0.closed[1].is_none(), ..Outline::default() },
            _ => Outline::default(),
        }
    }
}

/// Asks one of the ways to answer.
fn answer(case: &Case, graph: &Graph, switch: Option<Switch>) -> Result<Option<Outcome>> {
    ask(case, graph, |view, question, starts, matcher| match switch {
        Some(switch) => sweep::search_with(view, question, starts, matcher, switch),
        None => paths::by_extension(view, question, starts, matcher).map(Some),
    })
}

/// Asks for nothing but the ends: pairs with the start of each, sorted.
fn only_ends(case: &Case, graph: &Graph, switch: Switch) -> Result<Vec<(NodeId, NodeId)>> {
    let mut pairs = Vec::new();
    for start in (0..case.nodes).map(node) {
        let ends = ask(case, graph, |view, question, _, matcher| {
            sweep::ends_with(view, question, vec![start], matcher, switch)
        })?;
        pairs.extend(ends.into_iter().flat_map(|ends| ends.nodes).map(|end| (start, end)));
    }
    pairs.sort_unstable();
    Ok(pairs)
}

fn ask<T>(
    case: &Case,
    graph: &Graph,
    way: impl FnOnce(View<'_>, &Question<'_>, Vec<NodeId>, &mut dyn Matcher) -> T,
) -> T {
    let direction = match case.direction {
        naive::Dir::Out => Direction::Outgoing,
        naive::Dir::In => Direction::Incoming,
        naive::Dir::Both => Direction::Either,
    };
    let node_at = |slot: usize| NodeStep { slot: Some(slot), wait: None };
    let hop = HopStep { slot: 2, types: Some(graph.symbol("A").into_iter().collect()), direction };
    let body = vec![Element::Node(node_at(1)), Element::Hop(hop), Element::Node(node_at(3))];
    let repeat = Repeat { body, min: u32::from(case.needs_a_hop), max: None };
    let elements = vec![Element::Node(node_at(0)), Element::Repeat(repeat), Element::Node(node_at(4))];
    let pattern = Pattern { elements };
    let unit = if case.days { DAY_MICROS } else { 1 };
    let wait = case.wait.map(|wait| wait * unit);
    let ends: Option<Vec<NodeId>> =
        case.ends.as_ref().map(|ends| (0..case.nodes).filter(|id| ends.contains(id)).map(node).collect());
    let mode = match case.mode {
        naive::Mode::Walk => Mode::Walk,
        naive::Mode::Trail => Mode::Trail,
        naive::Mode::Acyclic => Mode::Acyclic,
        naive::Mode::Simple => Mode::Simple,
    };
    let question = Question {
        pattern: &pattern,
        mode,
        selector: case.selector(),
        bounds: Some(Bounds { strict: case.strict, wait, ..Bounds::default() }),
        named: &[],
        taken: &[],
        ends: ends.as_deref(),
        is_memoryless: true,
        limits: Limits::default(),
    };
    let view = View::new(graph, None, false);
    let starts: Vec<NodeId> = view.nodes().collect();
    way(view, &question, starts, &mut Filters(case, graph))
}

fn plain(path: &Path) -> naive::Path {
    naive::Path {
        nodes: path.nodes.iter().map(|id| id.index()).collect(),
        rels: path.relationships.iter().map(|id| id.index()).collect(),
    }
}

fn ends_of(path: &Path) -> (NodeId, NodeId) {
    (path.nodes[0], path.nodes[path.nodes.len() - 1])
}

fn check(case: &Case) -> std::result::Result<(), TestCaseError> {
    let fail = |error: throughline::error::Error| TestCaseError::fail(error.to_string());
    let graph = case.build().map_err(fail)?;
    let defined = case.naive();
    let test = |any_of: Option<Vec<usize>>| naive::NodeTest { any_of, wait: None };
    let step = naive::Step {
        labels: Some(vec![0]),
        direction: case.direction,
        min: usize::from(case.needs_a_hop),
        max: case.rels.len(),
    };
    let nodes = vec![test(case.starts.clone()), test(case.ends.clone())];
    let pattern = naive::Pattern { nodes, steps: vec![step] };
    let unit = if case.days { 2 } else { 1 };
    let chrono = naive::Chrono {
        strict: case.strict,
        certainly: false,
        wait: case.wait.map(|wait| wait * unit),
        within: None,
    };
    let selector = match case.selector {
        Choice::Earliest => naive::Selector::Earliest(1),
        Choice::Any => naive::Selector::Any(1),
        Choice::Shortest => naive::Selector::Shortest(1),
        Choice::Strongest => naive::Selector::Strongest(1),
    };
    let is_exact = case.closed == [None, None] && case.mode != naive::Mode::Walk;
    let check_paths = |outcome: &Outcome, name: &str| {
        let found: Vec<naive::Path> = outcome.matches.iter().map(|found| plain(&found.path)).collect();
        let checked =
            naive::check_selected(&defined, &pattern, case.mode, Some(&chrono), selector, &|_| 0, &found);
        checked.map_err(|error| TestCaseError::fail(format!("{name}: {error}")))
    };
    let mut answers = Vec::new();
    for (name, switch) in [("queue", QUEUE), ("pass", PASS)] {
        let found = answer(case, &graph, Some(switch)).map_err(fail)?;
        let Some(outcome) = found else {
            let is_refused = case.rels.is_empty()
                || (case.strict && case.days)
                || (case.wait.is_some() && !matches!(case.mode, naive::Mode::Walk | naive::Mode::Trail));
            prop_assert!(is_refused, "a sweep should answer this");
            return Ok(());
        };
        prop_assert_eq!(&outcome.stopped, &None);
        if is_exact {
            check_paths(&outcome, name)?;
        }
        let mut pairs: Vec<_> = outcome.matches.iter().map(|found| ends_of(&found.path)).collect();
        pairs.sort_unstable();
        let alone = only_ends(case, &graph, switch).map_err(fail)?;
        prop_assert_eq!(alone, pairs, "{}: the ends alone, and those of the paths", name);
        answers.push(outcome);
    }
    // Closed nodes are not in the definition: there the general search is what counts.
    if case.mode != naive::Mode::Walk {
        let general = answer(case, &graph, None).map_err(fail)?.expect("it answers everything");
        let ends = |outcome: &Outcome| {
            let mut ends: Vec<_> = outcome
                .matches
                .iter()
                .map(|found| {
                    let nodes = &found.path.nodes;
                    let last = found.path.relationships.last().map(|rel| case.rels[rel.index()].2);
                    let key = match case.selector {
                        Choice::Any => (0, 0),
                        Choice::Earliest => (last.unwrap_or(i64::MAX), nodes.len()),
                        Choice::Shortest | Choice::Strongest => (0, nodes.len()),
                    };
                    (nodes[0], nodes[nodes.len() - 1], key)
                })
                .collect();
            ends.sort();
            ends
        };
        prop_assert_eq!(ends(&answers[0]), ends(&general), "queue and general search");
        prop_assert_eq!(ends(&answers[1]), ends(&general), "pass and general search");
    }
    let bindings = |outcome: &Outcome| {
        let mut all: Vec<_> = outcome.matches.iter().map(|found| found.path.nodes.len()).collect();
        all.sort_unstable();
        all
    };
    prop_assert_eq!(bindings(&answers[0]), bindings(&answers[1]));
    Ok(())
}

fn any_case() -> impl Strategy<Value = Case> {
    let later = prop_oneof![
        6 => Just(Later::Nothing),
        1 => (0_i64..6).prop_map(Later::Retimed),
        1 => Just(Later::Deleted),
    ];
    let graph = (2_usize..5, prop::bool::weighted(0.3)).prop_flat_map(move |(nodes, changes)| {
        let later = later.clone().prop_map(move |later| if changes { later } else { Later::Nothing });
        let rel = (0..nodes, 0..nodes, 0_i64..6, prop::option::of(0_u8..4), later);
        (Just(nodes), prop::collection::vec(rel, 1..8), 0_usize..4)
    });
    let graph = graph.prop_map(|(nodes, mut rels, n_new)| {
        if rels.iter().any(|rel| rel.4 != Later::Nothing) {
            let n_old = rels.len().saturating_sub(n_new);
            rels[n_old..].iter_mut().for_each(|rel| rel.4 = Later::Created);
        }
        (nodes, rels)
    });
    let direction = prop_oneof![
        2 => Just(naive::Dir::Out), 1 => Just(naive::Dir::In), 2 => Just(naive::Dir::Both)
    ];
    let mode = prop_oneof![
        1 => Just(naive::Mode::Walk), 4 => Just(naive::Mode::Trail),
        1 => Just(naive::Mode::Acyclic), 1 => Just(naive::Mode::Simple)
    ];
    let selector = prop_oneof![
        3 => Just(Choice::Earliest), 1 => Just(Choice::Any),
        1 => Just(Choice::Shortest), 2 => Just(Choice::Strongest)
    ];
    let window =
        prop::option::weighted(0.3, (0_i64..4, 0_i64..4).prop_map(|(from, more)| (from, from + more)));
    let ids = || prop::option::weighted(0.3, prop::collection::vec(0_usize..4, 1..3));
    let closed = prop::option::weighted(0.1, 0_usize..4);
    let time = (any::<bool>(), prop::bool::weighted(0.3), prop::option::of(0_i64..4), window, any::<bool>());
    let question = (direction, any::<bool>(), mode, selector, ids(), ids(), closed.clone(), closed);
    (graph, time, question).prop_map(|((nodes, rels), time, question)| {
        let (days, strict, wait, window, is_decided) = time;
        let (direction, needs_a_hop, mode, selector, starts, ends, before, after) = question;
        Case {
            nodes,
            rels,
            days,
            direction,
            needs_a_hop,
            mode,
            strict,
            wait,
            selector,
            window,
            is_decided,
            starts,
            ends,
            closed: [before, after],
        }
    })
}

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("THROUGHLINE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(8000))]

    #[test]
    fn sweeps_equal_brute_force_and_the_general_search(case in any_case()) {
        check(&case)?;
    }
}

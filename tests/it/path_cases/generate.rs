//! Random small graphs, and questions about them: few values, so that there are many ties.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::expression::{Expr, Value};
use super::graph::{Graph, Node, Properties, Relationship};
use super::language::{Chrono, Element, Group, HopPattern, Length, NodePattern, Quantifier, Question};
use super::parser;
use crate::naive::{Dir, Mode, Selector};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A graph of up to six nodes. On the calendar, instants are days of a September.
pub(crate) fn graph(is_calendar: bool) -> impl Strategy<Value = Graph> {
    prop::sample::select(vec![2_usize, 2, 3, 3, 4, 5]).prop_flat_map(move |n| {
        let relationships = prop::collection::vec(relationship(n, is_calendar), 2..10);
        (prop::collection::vec(node(), n), relationships).prop_map(|(mut nodes, mut relationships)| {
            for (node, name) in nodes.iter_mut().zip(NAMES) {
                node.id = name.to_owned();
            }
            for (i, relationship) in relationships.iter_mut().enumerate() {
                relationship.id = format!("r{i}");
            }
            Graph { nodes, relationships }
        })
    })
}

fn node() -> impl Strategy<Value = Node> {
    let labels = prop::sample::select(vec![vec![], vec!["A"], vec!["A"], vec!["B"], vec!["A", "B"]]);
    (labels, prop::option::weighted(0.8, 0_i64..3)).prop_map(|(labels, x)| Node {
        id: String::new(),
        labels: labels.into_iter().map(str::to_owned).collect(),
        properties: x.map(|x| ("x".to_owned(), Value::Int(x))).into_iter().collect(),
    })
}

fn relationship(nodes: usize, is_calendar: bool) -> impl Strategy<Value = Relationship> {
    let instant = || prop::option::weighted(0.7, 0_i64..7);
    let period = (instant(), instant()).prop_map(|(from, to)| match (from, to) {
        (Some(from), Some(to)) => (Some(from.min(to)), Some(from.max(to))),
        other => other,
    });
    let confidence = prop::option::weighted(0.8, prop::sample::select(vec![0.2, 0.5, 0.5, 0.9]));
    let weights = (confidence, 0_i64..3, prop::bool::weighted(0.07));
    let kinds = prop::sample::select(vec!["E", "E", "E", "F", "F", "S"]);
    (0..nodes, 0..nodes, kinds, period, weights).prop_map(
        move |(start, end, kind, (from, to), (confidence, w, is_aggregate))| {
            let written = |instant: i64| match (is_calendar, instant) {
                (false, _) => Value::Int(instant),
                (true, 6) if w == 0 => Value::String("2023-09".to_owned()),
                (true, _) => Value::String(format!("2023-09-0{}", instant + 1)),
            };
            let mut properties = Properties::from([("w".to_owned(), Value::Int(w))]);
            properties.extend(from.map(|from| ("from".to_owned(), written(from))));
            properties.extend(to.map(|to| ("to".to_owned(), written(to))));
            properties.extend(confidence.map(|c| ("confidence".to_owned(), Value::Float(c))));
            properties.extend(is_aggregate.then(|| ("aggregate".to_owned(), Value::Bool(true))));
            let kind = kind.to_owned();
            Relationship { id: String::new(), is_state: kind == "S", kind, start, end, properties }
        },
    )
}

/// A question. The first node is called `s`, the last one `t`.
pub(crate) fn question(is_calendar: bool) -> impl Strategy<Value = Question> {
    let search = (selector(), prop::option::weighted(0.5, chrono(is_calendar)), mode());
    let condition = prop::option::weighted(0.12, after());
    (search, elements(is_calendar), condition).prop_map(
        |((selector, chrono, mode), mut elements, condition)| {
            let (selector, cost) = selector;
            if chrono.is_none() && !selector_is_timed(selector) {
                elements.iter_mut().for_each(without_wait);
            }
            if mode == Some(Mode::Walk) && selector == Selector::All {
                elements.iter_mut().for_each(bounded);
            }
            Question { selector, cost, chrono, mode, elements, condition }
        },
    )
}

fn selector_is_timed(selector: Selector) -> bool {
    matches!(selector, Selector::Earliest(_) | Selector::Latest(_) | Selector::Fastest(_))
}

/// Takes WAIT out of a pattern, which has no meaning without an order of time.
pub(crate) fn without_wait(element: &mut Element) {
    match element {
        Element::Node(node) => node.wait = None,
        Element::Hop(_) => {}
        Element::Group(group) => group.elements.iter_mut().for_each(without_wait),
    }
}

fn bounded(element: &mut Element) {
    let bound = |quantifier: &mut Option<Quantifier>| {
        if let Some(quantifier) = quantifier {
            quantifier.max = quantifier.max.or(Some(quantifier.min + 2));
        }
    };
    match element {
        Element::Node(_) => {}
        Element::Hop(hop) => bound(&mut hop.quantifier),
        Element::Group(group) => {
            bound(&mut group.quantifier);
            group.elements.iter_mut().for_each(bounded);
        }
    }
}

fn selector() -> impl Strategy<Value = (Selector, Option<(String, Expr)>)> {
    let k = || prop::sample::select(vec![1_usize, 1, 2, 3]);
    let costs = vec!["r.w", "r.w + 1", "r.w + 0.5", "1", "0"];
    let cost = prop::sample::select(costs).prop_map(|text| Some(("r".to_owned(), expression(text))));
    prop_oneof![
        4 => Just((Selector::All, None)),
        2 => k().prop_map(|k| (Selector::Any(k), None)),
        2 => k().prop_map(|k| (Selector::Shortest(k), None)),
        1 => Just((Selector::AllShortest, None)),
        1 => k().prop_map(|k| (Selector::ShortestGroups(k), None)),
        2 => (k(), cost).prop_map(|(k, cost)| (Selector::Cheapest(k), cost)),
        2 => k().prop_map(|k| (Selector::Strongest(k), None)),
        2 => k().prop_map(|k| (Selector::Earliest(k), None)),
        2 => k().prop_map(|k| (Selector::Latest(k), None)),
        2 => k().prop_map(|k| (Selector::Fastest(k), None)),
    ]
}

fn mode() -> impl Strategy<Value = Option<Mode>> {
    prop_oneof![
        3 => Just(None),
        2 => Just(Some(Mode::Walk)),
        1 => Just(Some(Mode::Trail)),
        2 => Just(Some(Mode::Acyclic)),
        2 => Just(Some(Mode::Simple)),
    ]
}

fn length(is_calendar: bool) -> impl Strategy<Value = Length> {
    (0_i64..6).prop_map(move |n| if is_calendar { Length::Days(n) } else { Length::Units(n) })
}

fn chrono(is_calendar: bool) -> impl Strategy<Value = Chrono> {
    let bound = move || prop::option::weighted(0.3, length(is_calendar));
    (any::<bool>(), prop::bool::weighted(0.2), bound(), bound())
        .prop_map(|(strict, certainly, wait, within)| Chrono { strict, certainly, wait, within })
}

/// A condition that is known to be one.
pub(crate) fn expression(text: &str) -> Expr {
    parser::expression(text).expect("an expression")
}

fn one_of(texts: &[&'static str]) -> impl Strategy<Value = Expr> + use<> {
    prop::sample::select(texts.to_vec()).prop_map(expression)
}

/// WHERE after the pattern.
fn after() -> impl Strategy<Value = Expr> {
    one_of(&[
        "length(p) = 2",
        "length(p) <> 1",
        "s.x <= t.x",
        "t.id IN ['a', 'b']",
        "s <> t",
        "t.x = 1",
        "s = t",
    ])
}

fn node_pattern(is_calendar: bool) -> impl Strategy<Value = NodePattern> {
    let labels = prop::sample::select(vec![vec!["A"], vec!["B"], vec!["A", "B"]]);
    let labels = prop::option::weighted(0.1, labels).prop_map(Option::unwrap_or_default);
    let properties = prop::option::weighted(0.04, 0_i64..3);
    let wait = prop::option::weighted(0.2, length(is_calendar));
    (labels, wait, properties).prop_map(|(labels, wait, x)| NodePattern {
        variable: None,
        labels: labels.into_iter().map(str::to_owned).collect(),
        wait,
        properties: x.map(|x| ("x".to_owned(), Expr::Literal(Value::Int(x)))).into_iter().collect(),
        condition: None,
    })
}

fn hop() -> impl Strategy<Value = HopPattern> {
    let types = prop::sample::select(vec![vec!["E"], vec!["F"], vec!["E", "S"], vec!["E", "F"]]);
    let types = prop::option::weighted(0.2, types).prop_map(Option::unwrap_or_default);
    let direction = prop::sample::select(vec![Dir::Out, Dir::In, Dir::Both, Dir::Both]);
    let condition =
        one_of(&["q.w > 0", "q.w <= 1", "q.confidence >= 0.5", "NOT q.w = 1", "q.confidence IS NULL"]);
    let condition = prop::option::weighted(0.1, condition);
    let properties = prop::option::weighted(0.06, 0_i64..3);
    (types, direction, condition, properties).prop_map(|(types, direction, condition, w)| HopPattern {
        variable: condition.as_ref().map(|_| "q".to_owned()),
        types: types.into_iter().map(str::to_owned).collect(),
        properties: w.map(|w| ("w".to_owned(), Expr::Literal(Value::Int(w)))).into_iter().collect(),
        condition,
        direction,
        quantifier: None,
    })
}

fn quantifier() -> impl Strategy<Value = Quantifier> {
    let bounded =
        (0_usize..3, 0_usize..3).prop_map(|(min, more)| Quantifier { min, max: Some((min + more).max(1)) });
    let unbounded = (0_usize..3).prop_map(|min| Quantifier { min, max: None });
    prop_oneof![3 => bounded, 2 => unbounded]
}

/// A hop, a quantified hop, or a group, with the node after it.
fn piece(is_calendar: bool) -> impl Strategy<Value = Vec<Element>> {
    let plain = hop().prop_map(Element::Hop);
    let repeated = (hop(), quantifier())
        .prop_map(|(hop, quantifier)| Element::Hop(HopPattern { quantifier: Some(quantifier), ..hop }));
    let piece =
        Union::new_weighted(vec![(4, plain.boxed()), (4, repeated.boxed()), (3, group(is_calendar).boxed())]);
    (piece, node_pattern(is_calendar)).prop_map(|(piece, node)| vec![piece, Element::Node(node)])
}

/// Parentheses with a condition of their own, and perhaps others in them.
fn group(is_calendar: bool) -> impl Strategy<Value = Element> {
    let node = move || node_pattern(is_calendar);
    let inner_conditions =
        ["m.x <= n.x", "m <> n", "m.x + n.x > 1", "m.x < n.x OR n.x = 0", "n.id IN ['b', 'c', 'd']", "m = n"];
    let condition = prop::option::weighted(0.5, one_of(&inner_conditions));
    let one = (node(), hop(), node())
        .prop_map(|(from, hop, to)| vec![Element::Node(from), Element::Hop(hop), Element::Node(to)]);
    let two = (node(), hop(), node(), hop(), node()).prop_map(|(from, hop, at, mut then, to)| {
        // a name stands for one relationship
        then.condition = None;
        then.variable = None;
        vec![Element::Node(from), Element::Hop(hop), Element::Node(at), Element::Hop(then), Element::Node(to)]
    });
    let nested = (node(), hop(), 1_usize..3, 0_usize..2, node()).prop_map(|(from, hop, min, more, to)| {
        let body = vec![
            Element::Node(NodePattern::default()),
            Element::Hop(HopPattern { variable: None, condition: None, ..hop }),
            Element::Node(NodePattern::default()),
        ];
        let quantifier = Some(Quantifier { min, max: Some(min + more) });
        let inner = Element::Group(Group { elements: body, condition: None, quantifier });
        vec![Element::Node(from), inner, Element::Node(to)]
    });
    let body = prop_oneof![5 => one, 2 => two, 1 => nested];
    (body, condition, prop::option::weighted(0.85, quantifier())).prop_map(
        |(mut elements, condition, quantifier)| {
            let last = elements.len() - 1;
            for (place, name) in [(0, "m"), (last, "n")] {
                if condition.is_some()
                    && let Element::Node(node) = &mut elements[place]
                {
                    node.variable = Some(name.to_owned());
                }
            }
            Element::Group(Group { elements, condition, quantifier })
        },
    )
}

/// Whole patterns: one to three pieces, of which one may have names inside.
fn elements(is_calendar: bool) -> impl Strategy<Value = Vec<Element>> {
    let pieces = prop_oneof![
        5 => prop::collection::vec(piece(is_calendar), 1..2),
        3 => prop::collection::vec(piece(is_calendar), 2..3),
        1 => prop::collection::vec(piece(is_calendar), 3..4),
    ];
    (node_pattern(is_calendar), pieces).prop_map(|(first, pieces)| {
        let mut elements = vec![Element::Node(first)];
        elements.extend(pieces.into_iter().flatten());
        let mut is_named = false;
        for element in &mut elements {
            if is_named {
                without_names(element);
            }
            is_named |= !super::language::variables(std::slice::from_ref(element)).is_empty();
        }
        let last = elements.len() - 1;
        for (place, name) in [(0, "s"), (last, "t")] {
            if let Element::Node(node) = &mut elements[place] {
                node.variable = Some(name.to_owned());
            }
        }
        elements
    })
}

fn without_names(element: &mut Element) {
    match element {
        Element::Node(_) => {}
        Element::Hop(hop) => (hop.variable, hop.condition) = (None, None),
        Element::Group(group) => {
            group.condition = None;
            for element in &mut group.elements {
                without_names(element);
                if let Element::Node(node) = element {
                    node.variable = None;
                }
            }
        }
    }
}

/// How the ends of the pattern are known before it is searched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) first: Option<Vec<&'static str>>,
    pub(crate) last: Option<Vec<&'static str>>,
    /// By an earlier MATCH; else by a condition in the pattern.
    pub(crate) is_bound_before: bool,
}

pub(crate) fn known() -> impl Strategy<Value = Known> {
    let list = || {
        prop::collection::vec(prop::sample::select(&NAMES[..4]), 1..3).prop_map(|mut names| {
            names.sort_unstable();
            names.dedup();
            names
        })
    };
    let maybe = move || prop::option::weighted(0.3, list());
    (maybe(), maybe(), any::<bool>()).prop_map(|(first, last, is_bound_before)| Known {
        first,
        last,
        is_bound_before,
    })
}

impl Known {
    /// The question with its ends restricted in the pattern itself.
    pub(crate) fn inside(&self, question: &Question) -> Question {
        let mut question = question.clone();
        let last = question.elements.len() - 1;
        for (place, name, ids) in [(0, "s", &self.first), (last, "t", &self.last)] {
            if let (Some(ids), Element::Node(node)) = (ids, &mut question.elements[place]) {
                node.condition = Some(expression(&format!("{name}.id IN {}", listed(ids))));
            }
        }
        question
    }

    /// The statement whose answer is the question's.
    pub(crate) fn statement(&self, question: &Question, is_distinct: bool) -> String {
        let mut before = String::new();
        let asked = if self.is_bound_before { question.clone() } else { self.inside(question) };
        if self.is_bound_before {
            for (name, ids) in [("s", &self.first), ("t", &self.last)] {
                if let Some(ids) = ids {
                    before += &format!("MATCH ({name}) WHERE {name}.id IN {} ", listed(ids));
                }
            }
        }
        format!("{before}MATCH p = {asked} RETURN {}p", if is_distinct { "DISTINCT " } else { "" })
    }
}

fn listed(ids: &[&str]) -> String {
    format!("[{}]", ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", "))
}

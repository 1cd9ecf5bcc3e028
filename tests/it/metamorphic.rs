//! What has to hold between the answers to two questions, whatever the answers are: properties of ALL without
//! limits, asked through the query language.
//!
//! Seeds are fixed; `THROUGHLINE_CASES` and `THROUGHLINE_SEED` run more cases, and others.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::naive::{Dir, Path, Selector};
use crate::path_cases::engine::{Engine, Refusal};
use crate::path_cases::expression::Value;
use crate::path_cases::generate;
use crate::path_cases::graph::{Graph, Node, Relationship};
use crate::path_cases::language::{Chrono, Element, Length, Question};
use crate::path_random::runner;

/// Paths as the corpus writes them.
type Paths = BTreeSet<String>;

/// A graph, a question for all paths in the order of time, and a number to play with.
#[derive(Clone, Debug)]
struct Case {
    graph: Graph,
    question: Question,
    number: u64,
}

impl Case {
    fn ask(&self, question: &Question) -> Paths {
        ask(&self.graph, &format!("MATCH p = {question} RETURN p"))
    }

    /// The paths seen through a lens.
    fn look(&self, lens: &str, question: &Question) -> Paths {
        ask(&self.graph, &format!("USING LENS {lens} MATCH p = {question} RETURN p"))
    }

    fn with(&self, change: impl Fn(&mut Chrono)) -> Question {
        let mut question = self.question.clone();
        change(question.chrono.get_or_insert_default());
        question
    }
}

fn ask(graph: &Graph, statement: &str) -> Paths {
    shown(graph, &answer(&mut Engine::load(graph), statement))
}

fn answer(engine: &mut Engine<'_>, statement: &str) -> Vec<Path> {
    engine.work_max = 1_000_000;
    match engine.ask_statement(statement) {
        Ok(paths) => paths,
        Err(Refusal::Limit) => panic!("stopped at a limit: {statement}"),
        Err(Refusal::Error(error)) => panic!("{error}: {statement}"),
    }
}

fn shown(graph: &Graph, paths: &[Path]) -> Paths {
    paths.iter().map(|path| graph.shown(path)).collect()
}

/// All paths; the names inside of patterns only make more rows of them.
fn all_of(question: Question, is_timed: bool) -> Question {
    let mut question = Question { selector: Selector::All, cost: None, ..question };
    if question.walks_without_bound() {
        question.mode = None;
    }
    if is_timed {
        question.chrono.get_or_insert_default();
    }
    question
}

fn timed_case() -> impl Strategy<Value = Case> {
    let question = generate::question(false).prop_map(|question| all_of(question, true));
    (generate::graph(false), question, any::<u64>()).prop_map(|(graph, question, number)| Case {
        graph,
        question,
        number,
    })
}

/// Without WAIT and CHRONOLOGICAL.
fn untimed_case() -> impl Strategy<Value = Case> {
    timed_case().prop_map(|case| {
        let mut question = Question { chrono: None, ..case.question };
        question.elements.iter_mut().for_each(generate::without_wait);
        Case { question, ..case }
    })
}

/// Asks many cases, and wants some paths among all of them.
fn hold(cases: impl Strategy<Value = Case>, property: impl Fn(&Case) -> (Paths, Paths)) {
    let (n_small, n_large) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let done = runner(250).run(&cases, |case| {
        let (small, large) = property(&case);
        n_small.set(n_small.get() + small.len());
        n_large.set(n_large.get() + large.len());
        let more: Vec<&String> = small.difference(&large).collect();
        let lines = case.graph.lines().join("\n");
        prop_assert!(more.is_empty(), "{}\n\n? {}\n{more:?}", lines, case.question);
        Ok(())
    });
    if let Err(proptest::test_runner::TestError::Fail(why, _)) = &done {
        panic!("{why}");
    }
    assert!(done.is_ok(), "{done:?}");
    assert!(n_small.get() > 30, "{} paths within {}", n_small.get(), n_large.get());
}

/// The same, where both sides are to be equal.
fn equal(cases: impl Strategy<Value = Case> + Clone, property: impl Fn(&Case) -> (Paths, Paths)) {
    hold(cases.clone(), &property);
    hold(cases, |case| {
        let (left, right) = property(case);
        (right, left)
    });
}

#[test]
fn halving_a_wait_adds_no_answer() {
    hold(timed_case(), |case| {
        let wait = |n| case.with(|chrono| chrono.wait = Some(Length::Units(n)));
        let n = 1 + (case.number % 6) as i64;
        (case.ask(&wait(n / 2)), case.ask(&wait(n)))
    });
}

#[test]
fn halving_the_waits_of_nodes_adds_no_answer() {
    fn halve(element: &mut Element) {
        match element {
            Element::Node(node) => {
                if let Some(Length::Units(n)) = node.wait {
                    node.wait = Some(Length::Units(n / 2));
                }
            }
            Element::Hop(_) => {}
            Element::Group(group) => group.elements.iter_mut().for_each(halve),
        }
    }
    hold(timed_case(), |case| {
        let mut halved = case.question.clone();
        halved.elements.iter_mut().for_each(halve);
        (case.ask(&halved), case.ask(&case.question))
    });
}

#[test]
fn a_shorter_within_adds_no_answer() {
    hold(timed_case(), |case| {
        let within = |n| case.with(|chrono| chrono.within = Some(Length::Units(n)));
        let (n, more) = ((case.number % 5) as i64, (case.number / 5 % 3) as i64);
        (case.ask(&within(n)), case.ask(&within(n + more)))
    });
}

#[test]
fn a_bound_adds_no_answer() {
    hold(timed_case(), |case| {
        let free = case.with(|chrono| chrono.within = None);
        (case.ask(&case.question), case.ask(&free))
    });
}

#[test]
fn strict_is_within_not_strict() {
    hold(timed_case(), |case| {
        let strict = |strict| case.with(|chrono| chrono.strict = strict);
        (case.ask(&strict(true)), case.ask(&strict(false)))
    });
}

#[test]
fn certainly_is_within_possibly() {
    hold(timed_case(), |case| {
        let certainly = |certainly| case.with(|chrono| chrono.certainly = certainly);
        (case.ask(&certainly(true)), case.ask(&certainly(false)))
    });
}

#[test]
fn what_is_in_order_is_there_without_order() {
    hold(timed_case(), |case| {
        let mut untimed = Question { chrono: None, ..case.question.clone() };
        untimed.elements.iter_mut().for_each(generate::without_wait);
        (case.ask(&case.question), case.ask(&untimed))
    });
}

#[test]
fn raising_the_least_confidence_adds_no_answer() {
    hold(timed_case(), |case| {
        let least = |level: u64| format!("{{minConfidence: 0.{level}}}");
        let low = case.number % 6;
        let high = low + case.number / 6 % 4;
        (case.look(&least(high), &case.question), case.look(&least(low), &case.question))
    });
}

#[test]
fn a_lens_of_least_confidence_shows_what_a_condition_on_each_hop_shows() {
    equal(timed_case().boxed(), |case| {
        let seen = case.look("{minConfidence: 0.5}", &case.question);
        let weak = |r: &Relationship| {
            r.properties.get("confidence").and_then(Value::number).is_none_or(|confidence| confidence < 0.5)
        };
        let mut strong = case.graph.clone();
        strong.relationships.retain(|relationship| !weak(relationship));
        (seen, ask(&strong, &format!("MATCH p = {} RETURN p", case.question)))
    });
}

#[test]
fn an_as_of_lens_only_hides() {
    // In a graph that is dated by integers, an instant is one, too.
    hold(untimed_case(), |case| {
        let lens = format!("{{asOf: {}}}", case.number % 8);
        (case.look(&lens, &case.question), case.ask(&case.question))
    });
}

/// Claims about some relationships, from four sources that were published one after another.
fn with_claims(case: &Case) -> Vec<String> {
    let mut statements = vec![
        "CREATE (:Source {key: 's0', id: 's0', origin: 'x', date: date('2023-01-01')}), (:Source {key: 's1', id: 's1', origin: 'x', date: date('2023-02-01')}), (:Source {key: 's2', id: 's2', origin: 'y', date: date('2023-03-01')})".to_owned(),
    ];
    for (i, relationship) in case.graph.relationships.iter().enumerate() {
        for source in 0..3 {
            if case.number >> (i * 3 + source) & 1 == 1 {
                statements.push(format!(
                    "MATCH ()-[r {{id: '{}'}}]->() CALL evidence.claim({{about: r, source: 's{source}', grade: 'B{}'}}) YIELD id RETURN id",
                    relationship.id,
                    1 + (i + source) % 5
                ));
            }
        }
    }
    statements
}

/// What a lens shows of a graph with claims, and what another one shows.
fn look_twice(case: &Case, lenses: [&str; 2]) -> (Paths, Paths) {
    let mut engine = Engine::load(&case.graph);
    with_claims(case).iter().for_each(|statement| engine.write(statement));
    // The sources are nodes, too, and no paths are asked from them.
    let mut question = case.question.clone();
    if let Element::Node(first) = &mut question.elements[0] {
        first.condition = Some(generate::expression("s.id < 'r'"));
    }
    let mut look = |lens: &str| {
        let paths = answer(&mut engine, &format!("USING LENS {lens} MATCH p = {question} RETURN p"));
        shown(&case.graph, &paths)
    };
    (look(lenses[0]), look(lenses[1]))
}

#[test]
fn an_earlier_known_by_is_within_a_later_one() {
    hold(timed_case(), |case| {
        let (early, later) = (case.number >> 40 & 3, case.number >> 42 & 3);
        let lens = |month: u64| format!("{{knownBy: date('2023-0{}-15')}}", 1 + month);
        let lenses = [lens(early.min(later)), lens(early.max(later))];
        look_twice(case, [&lenses[0], &lenses[1]])
    });
}

#[test]
fn a_source_left_out_takes_answers_and_adds_none() {
    hold(timed_case(), |case| {
        let source = case.number >> 40 & 1;
        look_twice(
            case,
            [&format!("{{without: ['s{source}', 's2']}}"), &format!("{{without: ['s{source}']}}")],
        )
    });
}

#[test]
fn an_origin_left_out_hides_what_all_its_sources_hide() {
    equal(timed_case().boxed(), |case| look_twice(case, ["{without: ['x']}", "{without: ['s0', 's1']}"]));
}

/// A permutation of the numbers below `n`.
fn shuffled(n: usize, mut number: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        let other = (number % (i as u64 + 1)) as usize;
        number = number.rotate_right(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        places.swap(i, other);
    }
    places
}

#[test]
fn the_order_of_writing_does_not_matter() {
    equal(timed_case().boxed(), |case| {
        let nodes = shuffled(case.graph.nodes.len(), case.number);
        let relationships = shuffled(case.graph.relationships.len(), !case.number);
        let mut engine = Engine::load_in_order(&case.graph, &nodes, &relationships);
        let paths = answer(&mut engine, &format!("MATCH p = {} RETURN p", case.question));
        (shown(&case.graph, &paths), case.ask(&case.question))
    });
}

#[test]
fn other_names_give_the_same_paths() {
    equal(timed_case().boxed(), |case| {
        // types and properties keep their meaning; nodes and relationships get the names of others
        let mut renamed = case.graph.clone();
        for (i, node) in renamed.nodes.iter_mut().enumerate() {
            node.properties.insert("old".to_owned(), Value::String(node.id.clone()));
            node.id = format!("n{}", i * 7 % 31);
        }
        let text = format!("MATCH p = {} RETURN p", case.question).replace(".id ", ".old ");
        let paths = answer(&mut Engine::load(&renamed), &text);
        (shown(&case.graph, &paths), case.ask(&case.question))
    });
}

#[test]
fn a_part_that_is_not_connected_changes_nothing() {
    equal(timed_case().boxed(), |case| {
        let mut larger = case.graph.clone();
        let n = larger.nodes.len();
        // labels and values that the questions ask for, too
        larger.nodes.extend((0..3).map(|i| Node { id: format!("z{i}"), ..case.graph.nodes[i % n].clone() }));
        let more = case.graph.relationships.iter().enumerate().map(|(i, relationship)| Relationship {
            id: format!("q{i}"),
            start: n + relationship.start % 3,
            end: n + relationship.end % 3,
            ..relationship.clone()
        });
        larger.relationships.extend(more.collect::<Vec<_>>());
        let mut paths = ask(&larger, &format!("MATCH p = {} RETURN p", case.question));
        paths.retain(|path| !path.starts_with('z'));
        (paths, case.ask(&case.question))
    });
}

/// The pattern from its end to its beginning.
fn reversed(elements: &[Element]) -> Vec<Element> {
    let turned = |element: &Element| match element.clone() {
        Element::Hop(mut hop) => {
            hop.direction = match hop.direction {
                Dir::Out => Dir::In,
                Dir::In => Dir::Out,
                Dir::Both => Dir::Both,
            };
            Element::Hop(hop)
        }
        Element::Group(mut group) => {
            group.elements = reversed(&group.elements);
            Element::Group(group)
        }
        node @ Element::Node(_) => node,
    };
    elements.iter().rev().map(turned).collect()
}

#[test]
fn without_time_the_reversed_pattern_gives_the_reversed_paths() {
    equal(untimed_case().boxed(), |case| {
        let question = Question { elements: reversed(&case.question.elements), ..case.question.clone() };
        let mut engine = Engine::load(&case.graph);
        let mut paths = answer(&mut engine, &format!("MATCH p = {question} RETURN p"));
        for path in &mut paths {
            path.nodes.reverse();
            path.rels.reverse();
        }
        (shown(&case.graph, &paths), case.ask(&case.question))
    });
}

#[test]
fn time_moved_as_a_whole_changes_nothing() {
    equal(timed_case().boxed(), |case| {
        let mut later = case.graph.clone();
        for relationship in &mut later.relationships {
            for name in ["from", "to"] {
                if let Some(Value::Int(instant)) = relationship.properties.get_mut(name) {
                    *instant += 1000 + (case.number % 100) as i64;
                }
            }
        }
        (ask(&later, &format!("MATCH p = {} RETURN p", case.question)), case.ask(&case.question))
    });
}

#[test]
fn a_mode_that_forbids_more_is_within_one_that_forbids_less() {
    use crate::naive::Mode;
    hold(timed_case(), |case| {
        let order = [Mode::Acyclic, Mode::Simple, Mode::Trail, Mode::Walk];
        let place = (case.number % 3) as usize;
        let in_mode = |mode| Question { mode: Some(mode), ..case.question.clone() };
        let less = in_mode(order[place + 1]);
        let less = if less.walks_without_bound() { in_mode(Mode::Trail) } else { less };
        (case.ask(&in_mode(order[place])), case.ask(&less))
    });
}

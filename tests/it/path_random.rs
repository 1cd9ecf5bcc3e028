//! Random path questions on random graphs, through the query language: the engine's answers are those of
//! brute force, for every selector, mode, quantifier, filter and order of time, with open and known ends.
//!
//! Seeds are fixed. `THROUGHLINE_CASES=100000 cargo test --release --test it path_random` runs longer, and
//! `THROUGHLINE_SEED=7` elsewhere. A case that fails is made smaller, and shown as a file of the corpus.

use std::cell::Cell;
use std::io::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::naive::Selector;
use crate::path_cases::brute::{self, Answer};
use crate::path_cases::engine::{Engine, Refusal};
use crate::path_cases::file;
use crate::path_cases::generate::{self, Known};
use crate::path_cases::graph::Graph;
use crate::path_cases::language::{Question, variables};
use crate::path_cases::parser;

/// The most ways through a pattern that brute force walks for one case.
const WAYS_MAX: usize = 1500;

#[derive(Clone, Debug)]
struct Case {
    graph: Graph,
    question: Question,
    known: Known,
}

fn any_case() -> impl Strategy<Value = Case> {
    prop::bool::weighted(0.1).prop_flat_map(|is_calendar| {
        (generate::graph(is_calendar), generate::question(is_calendar), generate::known())
            .prop_map(|(graph, question, known)| Case { graph, question, known })
    })
}

/// A number from the environment.
pub(crate) fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs as many cases as are asked for, the same in every run.
pub(crate) fn runner(n_cases: u32) -> TestRunner {
    let config = ProptestConfig {
        cases: number("THROUGHLINE_CASES", n_cases),
        max_global_rejects: u32::MAX,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number("THROUGHLINE_SEED", 0).to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

impl Case {
    /// The case as a file of the corpus.
    fn shown(&self, answer: &[String]) -> String {
        let inside = self.known.inside(&self.question);
        format!("{}\n\n? {inside}\n{}", self.graph.lines().join("\n"), answer.join("\n"))
    }
}

/// How often a thing happened.
#[derive(Default)]
struct Counts {
    answered: Cell<u32>,
    empty: Cell<u32>,
    unfit: Cell<u32>,
    endless: Cell<u32>,
    too_many: Cell<u32>,
}

fn count(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

/// `n_strangers` are nodes without relationships, at which no path to a known end can start.
fn check(case: &Case, counts: &Counts, n_strangers: u32) -> Result<(), TestCaseError> {
    let inside = case.known.inside(&case.question);
    let printed = inside.to_string();
    prop_assert_eq!(parser::question(&printed).map(|read| read.to_string()), Ok(printed));
    let Ok(answer) = brute::answer_of(&case.graph, &inside, WAYS_MAX) else {
        count(&counts.unfit);
        return Ok(());
    };
    count(if answer == Answer::Paths(vec![]) { &counts.empty } else { &counts.answered });
    let expected = file::written(&case.graph, &answer);
    // With other values of inner names one path is several rows.
    let is_named = variables(&inside.elements).len() > 2;
    let statement = case.known.statement(&case.question, is_named && inside.selector == Selector::All);
    let mut engine = Engine::load(&case.graph);
    if n_strangers > 0 {
        engine.write(&format!("UNWIND range(1, {n_strangers}) AS i CREATE ()"));
    }
    if !inside.walks_without_bound() {
        engine.work_max = 1_000_000;
    }
    let given = engine.ask_statement(&statement);
    // Walks without a bound are endless, and bounded ones may be millions: a limit is told.
    if given == Err(Refusal::Limit) {
        count(if inside.walks_without_bound() { &counts.endless } else { &counts.too_many });
        return Ok(());
    }
    let is_candidate = |path: &_| brute::is_candidate(&case.graph, &inside, path);
    match file::wrong(&case.graph, &expected, &given, &is_candidate) {
        None => Ok(()),
        Some(faults) => {
            Err(TestCaseError::fail(format!("{statement}\n{faults}\n\n{}", case.shown(&expected))))
        }
    }
}

#[test]
fn random_path_questions_have_the_answers_of_brute_force() {
    let counts = Counts::default();
    let done = runner(1500).run(&any_case(), |case| check(&case, &counts, 0));
    if let Err(proptest::test_runner::TestError::Fail(why, _)) = &done {
        panic!("{why}");
    }
    assert!(done.is_ok(), "{done:?}");
    let Counts { answered, empty, unfit, endless, too_many } = &counts;
    let told = format!(
        "{} answered, {} without an answer, {} unfit, {} unbounded and {} bounded walks stopped at a limit",
        answered.get(),
        empty.get(),
        unfit.get(),
        endless.get(),
        too_many.get()
    );
    assert!(answered.get() * 5 > empty.get() * 4 && unfit.get() * 5 < answered.get(), "{told}");
    assert!(endless.get() * 12 < answered.get() && too_many.get() * 1000 <= answered.get(), "{told}");
    if std::env::var_os("THROUGHLINE_CASES").is_some() {
        let mut out = std::io::stdout();
        writeln!(out, "{told}").expect("the terminal takes a line");
    }
}

#[test]
fn random_path_questions_from_anywhere_to_known_ends_have_the_answers_of_brute_force() {
    let counts = Counts::default();
    let ends = prop::sample::subsequence(&["a", "b", "c", "d"][..], 1..3);
    let cases = (any_case(), ends, any::<bool>()).prop_map(|(case, last, is_bound_before)| Case {
        known: Known { first: None, last: Some(last), is_bound_before },
        ..case
    });
    let done = runner(700).run(&cases, |case| check(&case, &counts, 40));
    if let Err(proptest::test_runner::TestError::Fail(why, _)) = &done {
        panic!("{why}");
    }
    assert!(done.is_ok() && counts.answered.get() > 100, "{done:?}");
}

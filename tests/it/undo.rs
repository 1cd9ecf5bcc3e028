//! Undoing commits: the record goes on, and the case is as it was.

use proptest::prelude::*;
use tempfile::TempDir;
use throughline::graph::{Graph, Lens};
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case, Error};

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1 }
}

fn new_case(dir: &TempDir) -> Case {
    Case::create(&dir.path().join("case"), &author()).expect("a new case")
}

fn run(case: &mut Case, text: &str) {
    let lens = Lens::default();
    let options = Options::new(&lens, author().now_micros);
    if let Err(error) = case.query(text, &Parameters::new(), &author(), &options) {
        panic!("{text}: {error}");
    }
}

fn undo(case: &mut Case, commit: u64) -> Result<u64, Error> {
    case.undo(commit, &author())
}

fn hint_of(error: &Error) -> String {
    error.hint_text().unwrap_or_default().to_owned()
}

#[test]
fn what_was_created_is_gone_and_what_was_deleted_is_there_with_its_id() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(
        &mut case,
        "CREATE (:Vessel {id: 'angara'})-[:CALLED_AT {from: date('2023-09-07')}]->(:Port {id: 'rajin'})",
    );
    let before = case.graph().clone();
    run(&mut case, "MATCH (v:Vessel) SET v:Suspect, v.flag = 'RU'");
    run(&mut case, "MATCH (v:Vessel) DETACH DELETE v");
    assert_eq!(undo(&mut case, 3).expect("nothing came later"), 4);
    assert_eq!(undo(&mut case, 2).expect("commit 3 touched the ship, and is undone"), 5);
    assert!(case.graph().same_elements(&before));
    let log = case.log().expect("a whole record");
    assert_eq!(log[3].message, "undo 3: MATCH (v:Vessel) DETACH DELETE v");
    let dir = case.dir().to_owned();
    drop(case);
    let case = Case::open(&dir, Access::Own).expect("the case opens");
    assert!(case.graph().same_elements(&before));
}

#[test]
fn later_commits_that_built_on_it_refuse_by_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, "CREATE (:Port {id: 'dunai'})");
    run(&mut case, "MATCH (a {id: 'rajin'}), (b {id: 'dunai'}) CREATE (a)-[:NEAR]->(b)");
    run(&mut case, "MATCH (a {id: 'rajin'}) SET a.name = 'Rajin'");
    run(&mut case, "MATCH (a {id: 'dunai'}) SET a.name = 'Dunai'");
    let graph = case.graph().clone();
    let error = undo(&mut case, 1).expect_err("a relationship hangs on the port");
    assert_eq!(error.to_string(), "commit 1 cannot be undone: commits 3, 4 built on it");
    assert_eq!(hint_of(&error), "undo the later ones first, the last one first");
    assert!(case.graph().same_elements(&graph));
    assert_eq!(case.sequence(), 5);

    // A name is no reason to keep the relationship, nor the other port's name.
    assert_eq!(undo(&mut case, 3).expect("nothing hangs on it"), 6);
    assert_eq!(undo(&mut case, 4).expect("nothing else names it"), 7);
    assert_eq!(undo(&mut case, 1).expect("all that built on it is undone"), 8);
    assert_eq!((case.graph().node_count(), case.graph().relationship_count()), (1, 0));
}

#[test]
fn what_is_undone_can_be_done_again_and_not_undone_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    assert_eq!(undo(&mut case, 1).expect("the only commit"), 2);
    assert_eq!(undo(&mut case, 1).expect_err("once").to_string(), "commit 1 is undone already, by commit 2");
    assert_eq!(undo(&mut case, 2).expect("the port is there again"), 3);
    assert_eq!(case.graph().node_count(), 1);
    assert_eq!(undo(&mut case, 1).expect("it is there to be undone"), 4);
    let error = undo(&mut case, 9).expect_err("there are four");
    assert_eq!(hint_of(&error), "the commits are 1 to 4; `throughline log` lists them");
    assert!(undo(&mut case, 0).is_err());
}

#[test]
fn a_key_that_was_given_again_stays_with_who_has_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Source {id: 'rusi'}), (:Port {id: 'rajin'})");
    run(&mut case, "CALL evidence.claim({about: 'rajin', stance: 'supports', source: 'rusi', grade: 'B2'})");
    let error = undo(&mut case, 1).expect_err("a claim names the source");
    assert_eq!(error.to_string(), "commit 1 cannot be undone: commit 2 built on it");
    assert_eq!(undo(&mut case, 2).expect("nothing hangs on a claim"), 3);
    assert_eq!(case.graph().claim_count(), 0);
    assert_eq!(undo(&mut case, 3).expect("the claim is there again"), 4);
    assert_eq!(case.graph().claim_count(), 1);
}

/// A statement that changes something of a small graph, by a number.
fn statement(number: u32) -> String {
    let (kind, a, b) = (number % 8, number / 8 % 4, number / 32 % 4);
    let nodes = format!("MATCH (a {{n: {a}}}), (b {{n: {b}}})");
    match kind {
        0 => format!("CREATE (:P {{n: {a}}})"),
        1 => format!("MERGE (a:P {{n: {a}}}) MERGE (b:P {{n: {b}}}) CREATE (a)-[:TO {{from: {b}}}]->(b)"),
        2 => format!("{nodes} SET a.x = {b}"),
        3 => format!("{nodes} SET a:Q REMOVE b:Q"),
        4 => format!("{nodes} MATCH (a)-[r]->(b) DELETE r"),
        5 => format!("MATCH (a {{n: {a}}}) DETACH DELETE a"),
        6 => format!("{nodes} MATCH (a)-[r]->(b) SET r.from = {b} + 1"),
        _ => format!("MATCH (a {{n: {a}}}) SET a.x = null"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Undoing what can be undone, in any order, leaves what running the other statements'
    /// changes alone would: after undoing all in reverse, each graph is the one of its time.
    #[test]
    fn undoing_backwards_gives_every_graph_that_there_was(numbers in prop::collection::vec(0..128u32, 1..14)) {
        let dir = tempfile::tempdir().expect("a directory");
        let mut case = new_case(&dir);
        let mut graphs: Vec<Graph> = vec![case.graph().clone()];
        for &number in &numbers {
            let before = case.sequence();
            run(&mut case, &statement(number));
            if case.sequence() > before {
                graphs.push(case.graph().clone());
            }
        }
        let last = case.sequence();
        for commit in (1..=last).rev() {
            undo(&mut case, commit).expect("all later ones are undone");
            let at = usize::try_from(commit).expect("few commits") - 1;
            prop_assert!(case.graph().same_elements(&graphs[at]));
        }
        case.check().expect("the record says the same");
    }

    /// Whatever order commits are undone in, each either is refused and changes nothing, or
    /// takes back its own changes; undoing the undoing brings the graph back.
    #[test]
    fn undoing_an_undoing_brings_the_graph_back(numbers in prop::collection::vec(0..128u32, 1..10), at in 0..10usize) {
        let dir = tempfile::tempdir().expect("a directory");
        let mut case = new_case(&dir);
        numbers.iter().for_each(|&number| run(&mut case, &statement(number)));
        let graph = case.graph().clone();
        let commit = 1 + at as u64 % case.sequence().max(1);
        match undo(&mut case, commit) {
            Ok(new) => {
                undo(&mut case, new).expect("nothing came after it");
            }
            Err(_) => prop_assert!(case.sequence() <= numbers.len() as u64),
        }
        prop_assert!(case.graph().same_elements(&graph));
    }
}

//! The statements of `benches/finbench` give, on a graph that can be drawn on paper,
//! what FinBench's descriptions ask for.

use std::path::Path;

use throughline::graph::{Graph, Lens};
use throughline::model::Value;
use throughline::query::{self, Options, Parameters, parser};

/// Money goes a1, a2, a3, a4, a5 at 10, 20, 30 and 40; at 5 some went from a2 to a3.
const GRAPH: &str = "CREATE (a1:Account {id: 'a1'}), (a2:Account {id: 'a2'}), (a3:Account {id: 'a3'}), \
    (a4:Account {id: 'a4'}), (a5:Account {id: 'a5'}), \
    (p1:Person {id: 'p1'}), (p2:Person {id: 'p2'}), (p3:Person {id: 'p3'}), \
    (l1:Loan {id: 'l1', amount: 1000}), (l2:Loan {id: 'l2', amount: 2000}), \
    (m1:Medium {id: 'm1', blocked: true}), (m2:Medium {id: 'm2', blocked: false}), \
    (a1)-[:TRANSFER {from: 10, amount: 100}]->(a2), (a2)-[:TRANSFER {from: 20, amount: 50}]->(a3), \
    (a2)-[:TRANSFER {from: 5, amount: 80}]->(a3), (a3)-[:TRANSFER {from: 30, amount: 40}]->(a4), \
    (a4)-[:TRANSFER {from: 40, amount: 90}]->(a5), (a4)-[:WITHDRAW {from: 50, amount: 90}]->(a1), \
    (p1)-[:OWN]->(a1), (p2)-[:OWN]->(a4), \
    (m1)-[:SIGN_IN {from: 15}]->(a3), (m2)-[:SIGN_IN {from: 15}]->(a2), \
    (l1)-[:DEPOSIT {from: 8, amount: 120}]->(a1), (l2)-[:DEPOSIT {from: 900, amount: 70}]->(a1), \
    (p1)-[:GUARANTEE {from: 10}]->(p2), (p2)-[:GUARANTEE {from: 12}]->(p3), (p3)-[:GUARANTEE {from: 14}]->(p1), \
    (p1)-[:APPLY {from: 1}]->(:Loan {id: 'l3', amount: 7}), (p2)-[:APPLY {from: 1}]->(l1), (p3)-[:APPLY {from: 1}]->(l2)";

fn run(graph: &mut Graph, text: &str, parameters: &Parameters) -> Vec<String> {
    let statement = parser::parse_statement(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let answer = query::run(graph, &statement, parameters, &options);
    let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(answer.notices.is_empty(), "{text}: {:?}", answer.notices);
    let mut rows: Vec<String> = answer.rows.into_iter().map(|row| Value::List(row).to_string()).collect();
    rows.sort();
    rows
}

/// The rows of one statement, within times 1 to 100.
fn rows(name: &str, given: &[(&str, Value)]) -> Vec<String> {
    let mut graph = Graph::new();
    run(&mut graph, GRAPH, &Parameters::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/finbench/queries");
    let text = std::fs::read_to_string(folder.join(name)).expect("the statement reads");
    let window = [("since", Value::Int(1)), ("until", Value::Int(100))];
    let given = given.iter().cloned().chain(window);
    let parameters: Parameters = given.map(|(name, value)| (name.to_owned(), value)).collect();
    run(&mut graph, &text, &parameters)
}

#[test]
fn read_1_finds_blocked_sign_ins_within_three_ascending_transfers() {
    assert_eq!(rows("1.cypher", &[("id", "a1".into())]), ["['a3', 2, 'm1']"]);
    assert!(rows("1.cypher", &[("id", "a3".into())]).is_empty());
}

#[test]
fn read_2_finds_the_loans_upstream_with_and_without_chronological() {
    for name in ["2.cypher", "2.plain.cypher"] {
        // The deposit of the other loan lies outside the window.
        assert_eq!(rows(name, &[("person", "p2".into())]), ["['a1', 1000, 1]"], "{name}");
    }
}

#[test]
fn read_3_gives_the_least_number_of_transfers() {
    assert_eq!(rows("3.cypher", &[("id", "a1".into()), ("id2", "a5".into())]), ["[4]"]);
    assert!(rows("3.cypher", &[("id", "a5".into()), ("id2", "a1".into())]).is_empty());
}

#[test]
fn read_5_counts_ascending_ways_by_end_and_length() {
    // The transfer at 5 is before the one at 10.
    assert_eq!(
        rows("5.cypher", &[("person", "p1".into())]),
        ["['a2', 1, 1]", "['a3', 1, 2]", "['a4', 1, 3]"]
    );
}

#[test]
fn read_8_follows_amounts_that_stay_above_the_share() {
    // 120, 100, 80 go on, 50 and 40 are no more than half of what was before them.
    let given = [("loan", "l1".into()), ("ratio", Value::Float(0.5))];
    assert_eq!(rows("8.cypher", &given), ["['a2', 1, 1]", "['a3', 1, 2]"]);
}

#[test]
fn read_11_follows_guarantees_to_the_end_of_the_chain() {
    // The chain comes back to p1, whose own loan does not count.
    assert_eq!(rows("11.cypher", &[("person", "p1".into())]), ["[3000, 2]"]);
}

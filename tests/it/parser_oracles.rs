//! The parser beside two others: `open-cypher` reads openCypher's grammar, `gql-parser` that of GQL.
//!
//! `tests/parser-corpus/*.cypher` holds a statement per line, some of them wrong. What either accepts ours
//! accepts; what both refuse ours refuses. `tests/parser-corpus/differences.txt` lists the exceptions, each
//! with its reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use throughline::query::parser;

fn corpus(file: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parser-corpus").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn statements() -> Vec<String> {
    let all = ["clauses.cypher", "patterns.cypher", "expressions.cypher"].map(corpus).concat();
    all.lines().filter(|line| !line.is_empty() && !line.starts_with("//")).map(str::to_owned).collect()
}

/// The reasons by statement: a reason is indented under the statements that it is for.
fn differences() -> BTreeMap<String, String> {
    let mut reasons = BTreeMap::new();
    let mut waiting = Vec::new();
    for line in corpus("differences.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("    ") {
            Some(reason) => reasons.extend(waiting.drain(..).map(|statement| (statement, reason.to_owned()))),
            None => waiting.push(line.to_owned()),
        }
    }
    assert!(waiting.is_empty(), "no reason is given for {waiting:?}");
    reasons
}

/// Whether one of the others accepts it.
fn is_accepted_elsewhere(statement: &str) -> bool {
    open_cypher::parse(statement).is_ok() || gql_parser::parse(statement).is_ok()
}

#[test]
fn what_others_accept_we_accept_and_what_both_refuse_we_refuse() {
    let (statements, mut reasons) = (statements(), differences());
    assert!(statements.len() >= 300, "{} statements", statements.len());
    let mut unexplained = Vec::new();
    for statement in &statements {
        let ours = parser::parse_statement(statement);
        let differs = ours.is_ok() != is_accepted_elsewhere(statement);
        if differs && reasons.remove(statement).is_none() {
            let answer = ours.map_or_else(|error| error.to_string(), |_| "accepted".to_owned());
            unexplained.push(format!("{statement}\n    {answer}"));
        }
    }
    assert!(unexplained.is_empty(), "we differ without a reason:\n{}", unexplained.join("\n"));
    assert!(reasons.is_empty(), "reasons that no difference needs: {reasons:#?}");
}

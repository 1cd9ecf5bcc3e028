//! Statements as programs write them: hundreds of clauses and hops run, thousands are refused, and
//! neither is a panic.

use throughline::graph::{Graph, Lens};
use throughline::query::{self, Options, Parameters, parser};

/// The only value of the answer, or the error's class.
fn run(text: &str) -> Result<String, String> {
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let mut graph = Graph::new();
    let run = |graph: &mut Graph, text: &str| {
        let statement = parser::parse_statement(text)?;
        query::run(graph, &statement, &Parameters::new(), &options)
    };
    run(&mut graph, "CREATE (v:Vessel)-[:SAME_AS]->(v)").expect("the graph is built");
    let answer = run(&mut graph, text).map_err(|error: throughline::Error| error.class().to_owned())?;
    Ok(answer.rows[0][0].to_string())
}

#[test]
fn a_pattern_may_have_hundreds_of_hops_and_not_thousands() {
    let pattern = |n_hops: usize| format!("MATCH WALK (a){} RETURN count(*)", "-->()".repeat(n_hops));
    for n_hops in [30, 60, 61, 70, 390] {
        assert_eq!(run(&pattern(n_hops)), Ok("1".to_owned()), "{n_hops} hops");
    }
    assert_eq!(run(&pattern(5000)), Err("SyntaxError".to_owned()));
    let patterns = vec!["(:Vessel)"; 300].join(", ");
    assert_eq!(run(&format!("MATCH {patterns} RETURN count(*)")), Ok("1".to_owned()));
}

#[test]
fn a_statement_may_have_hundreds_of_clauses_and_not_thousands() {
    let clauses = |n: usize| format!("WITH 0 AS x {} RETURN x", "WITH x + 1 AS x ".repeat(n));
    assert_eq!(run(&clauses(700)), Ok("700".to_owned()));
    assert_eq!(run(&clauses(10_000)), Err("SyntaxError".to_owned()));
    let inner = format!("RETURN COUNT {{ {} }}", clauses(10_000));
    assert_eq!(run(&inner), Err("SyntaxError".to_owned()));
}

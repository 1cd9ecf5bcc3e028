//! Queries within queries say what other clauses can say, too: on random graphs,
//! both give the same rows, and the same graph.

use proptest::prelude::*;
use throughline::graph::{Graph, Lens};
use throughline::query::{self, Options, Parameters, parser};

fn run(graph: &mut Graph, text: &str) -> Vec<String> {
    let statement = parser::parse_statement(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let answer = query::run(graph, &statement, &Parameters::new(), &options);
    let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut rows: Vec<String> = answer.rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

/// A graph of at most six nodes and ten relationships.
fn graph() -> impl Strategy<Value = Graph> {
    let nodes = prop::collection::vec((0..3usize, 0..4i64), 1..6);
    let relationships = prop::collection::vec((0..6usize, 0..6usize, 0..2usize), 0..10);
    (nodes, relationships).prop_map(|(nodes, relationships)| {
        let mut graph = Graph::new();
        for (at, (label, n)) in nodes.iter().enumerate() {
            run(&mut graph, &format!("CREATE ({} {{at: {at}, n: {n}}})", [":A", ":B", ":A:B"][*label]));
        }
        for (a, b, kind) in relationships {
            let (a, b, kind) = (a % nodes.len(), b % nodes.len(), ["E", "F"][kind]);
            run(&mut graph, &format!("MATCH (a {{at: {a}}}), (b {{at: {b}}}) CREATE (a)-[:{kind}]->(b)"));
        }
        graph
    })
}

/// Clauses that find nodes `x` from a node `v`.
const FINDERS: &[&str] = &[
    "MATCH (v)-->(x)",
    "MATCH (v)-[:E]-(x:A)",
    "MATCH (v)-[:E]->{0,2}(x)",
    "MATCH (x) WHERE x.n > v.n",
    "MATCH (v)-->(y) MATCH (y)-->(x) WHERE x <> v",
    "MATCH (v)-->(y) WITH DISTINCT v, y MATCH (y)<--(x)",
    "MATCH (v)--(y) WITH v, max(y.n) AS most MATCH (x {n: most})",
    "UNWIND [1, 2] AS i MATCH (v)-->(x {n: i})",
    "MATCH (x:B) WHERE EXISTS { (v)-->(x) } AND NOT EXISTS { MATCH (x)-->(z) RETURN z UNION MATCH (x)<-[:F]-(z) RETURN z }",
];

/// Pairs of statements that mean the same, with `$$` for a finder.
const SAME: &[(&str, &str)] = &[
    (
        "MATCH (v) RETURN v.at, COUNT { $$ RETURN x } AS n",
        "MATCH (v) CALL (v) { $$ RETURN count(x) AS n } RETURN v.at, n",
    ),
    (
        "MATCH (v) CALL (v) { $$ RETURN x } RETURN v.at, x.at",
        "MATCH (v) CALL { WITH v $$ RETURN x } RETURN v.at, x.at",
    ),
    (
        "MATCH (v) CALL (v) { $$ RETURN x } RETURN v.at, x.at",
        "MATCH (v) UNWIND COLLECT { $$ RETURN x } AS x RETURN v.at, x.at",
    ),
    (
        "MATCH (v) WHERE EXISTS { $$ RETURN x } RETURN v.at",
        "MATCH (v) CALL (*) { $$ RETURN x LIMIT 1 } RETURN v.at",
    ),
    (
        "MATCH (v) OPTIONAL CALL (v) { $$ RETURN x.at AS at } RETURN v.at, at",
        "MATCH (v) WITH v, COLLECT { $$ RETURN x.at } AS all \
         UNWIND CASE all WHEN [] THEN [null] ELSE all END AS at RETURN v.at, at",
    ),
    (
        "MATCH (v) CALL (v) { $$ RETURN x UNION $$ RETURN x } RETURN v.at, x.at",
        "MATCH (v) CALL (v) { $$ RETURN DISTINCT x } RETURN v.at, x.at",
    ),
    (
        "MATCH (v) RETURN v.at, COLLECT { $$ RETURN x.at AS at UNION ALL $$ RETURN x.at AS at ORDER BY at } AS all",
        "MATCH (v) RETURN v.at, COLLECT { $$ RETURN x.at } + COLLECT { $$ RETURN x.at ORDER BY x.at } AS all",
    ),
    (
        "MATCH (v) CALL (v) { $$ WITH count(x) AS n RETURN n + v.n AS sum } RETURN v.at, sum",
        "MATCH (v) RETURN v.at, COUNT { $$ RETURN x } + v.n",
    ),
];

/// Pairs of statements that change a graph in the same way.
const SAME_CHANGES: &[(&str, &str)] = &[
    ("UNWIND [1, 2, 3] AS i MERGE (:C {n: i % 2})", "FOREACH (i IN [1, 2, 3] | MERGE (:C {n: i % 2}))"),
    (
        "MATCH (v:A) CALL (v) { MATCH (v)-->(x) SET x.seen = v.at }",
        "MATCH (v:A) FOREACH (x IN COLLECT { MATCH (v)-->(x) RETURN x } | SET x.seen = v.at)",
    ),
    ("MATCH (v:A)-[r]->() DELETE r", "MATCH (v:A) CALL (v) { MATCH (v)-[r]->() DELETE r FINISH }"),
    (
        "MATCH (v) SET v.double = v.n * 2, v:D",
        "MATCH (v) WITH collect(v) AS all FOREACH (v IN all | SET v['dou' + 'ble'] = v.n * 2 SET v:D)",
    ),
    (
        "MATCH (v:B) CREATE (v)-[:LOGGED]->(:Log {at: v.at})",
        "CALL { MATCH (v:B) CALL (v) { CREATE (v)-[:LOGGED]->(:Log {at: v.at}) } RETURN count(*) AS n } FINISH",
    ),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn subqueries_say_what_other_clauses_say(graph in graph(), finder in prop::sample::select(FINDERS)) {
        for (one, other) in SAME {
            let (one, other) = (one.replace("$$", finder), other.replace("$$", finder));
            let (left, right) = (run(&mut graph.clone(), &one), run(&mut graph.clone(), &other));
            prop_assert_eq!(left, right, "{}\n{}", one, other);
        }
    }

    #[test]
    fn bodies_change_what_other_clauses_change(graph in graph()) {
        for (one, other) in SAME_CHANGES {
            let (mut left, mut right) = (graph.clone(), graph.clone());
            run(&mut left, one);
            run(&mut right, other);
            prop_assert!(left.same_elements(&right), "{}\n{}", one, other);
        }
    }
}

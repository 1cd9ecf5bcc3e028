//! Rewrites keep the answer: on random graphs, random queries give the same rows
//! with all rewrites, with each one left out, and with none.

use proptest::prelude::*;
use throughline::graph::{Graph, Lens};
use throughline::paths::Limits;
use throughline::query::{self, Answer, Options, Parameters, parser};

fn answer(graph: &mut Graph, text: &str, without_rewrites: &[&str]) -> throughline::Result<Answer> {
    let statement = parser::parse_statement(text)?;
    let lens = Lens::default();
    let options = Options {
        limits: Limits { work_max: 200_000, ..Limits::default() },
        without_rewrites,
        ..Options::new(&lens, 0)
    };
    query::run(graph, &statement, &Parameters::new(), &options)
}

fn rows(answer: &Answer) -> Vec<String> {
    let mut rows: Vec<String> = answer.rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

/// Statements that build a graph of at most six nodes and twelve relationships.
fn graph() -> impl Strategy<Value = Vec<String>> {
    let node = (0..3usize, prop::option::of(0..3i64), any::<bool>());
    let relationship = (0..6usize, 0..6usize, 0..3usize, prop::option::of(0..4i64), 0..10i64);
    (prop::collection::vec(node, 1..6), prop::collection::vec(relationship, 0..12)).prop_map(
        |(nodes, relationships)| {
            let n_nodes = nodes.len();
            let nodes = nodes.into_iter().enumerate().map(|(i, (label, n, twice))| {
                let labels = [":A", ":B", ":A:B"][label];
                let n = n.map_or(String::new(), |n| format!(", n: {n}"));
                // A second node of the same id: what an index finds is not one node.
                let id = if twice { i / 2 } else { i };
                format!("CREATE ({labels} {{id: 'v{id}', at: {i}{n}}})")
            });
            let relationships = relationships.into_iter().map(move |(a, b, kind, from, n)| {
                let (a, b) = (a % n_nodes, b % n_nodes);
                let kind = ["E", "F", "OWNS"][kind];
                let from = from.map_or(String::new(), |from| format!(", from: {from}"));
                format!("MATCH (a {{at: {a}}}), (b {{at: {b}}}) CREATE (a)-[:{kind} {{n: {n}{from}}}]->(b)")
            });
            nodes.chain(relationships).collect()
        },
    )
}

fn pick(items: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(items)
}

/// A pattern that binds `a`, `b` and the path `p`.
fn pattern() -> impl Strategy<Value = String> {
    let search = pick(&[
        "",
        "",
        "",
        "ALL",
        "ALL SHORTEST",
        "SHORTEST 2",
        "SHORTEST 2 GROUPS",
        "CHRONOLOGICAL",
        "CHRONOLOGICAL STRICT WAIT <= 2",
        "EARLIEST 2",
        "LATEST",
        "FASTEST",
        "STRONGEST 2",
        "ACYCLIC",
        "SHORTEST 3 CHRONOLOGICAL",
    ]);
    let start = pick(&["(a)", "(a:A)", "(a:A&B)", "(a {id: 'v0'})", "(a:B {id: 'v1'})", "(a WHERE a.n > 0)"]);
    let end = pick(&["(b)", "(b:B)", "(b:!A)", "(b {id: 'v2'})", "(b WHERE b.n >= a.n)", "(b {n: 1})"]);
    let middle = pick(&[
        "-[r]->",
        "-[r:E]-",
        "<-[r:E|F]-",
        "-[r:OWNS]->",
        "-[r:E WHERE r.n > 3]-",
        "-[q]->(c)-[r]-",
        "-[q:E]-(c:A)<-[r]-",
    ]);
    let repeated = pick(&[
        "-[:E]->{1,3}",
        "-[s]-{0,2}",
        "-[s WHERE s.n > 2]->{1,2}",
        " (()-[s:E|F]->(y) WHERE y.n IS NOT NULL){1,2} ",
        "-[:E]->(c)-[s:F]->{0,2}",
    ]);
    let way = prop_oneof![3 => middle, 2 => repeated];
    (search, start, way, end).prop_map(|(search, start, way, end)| format!("p = {search} {start}{way}{end}"))
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = pick(&[
        "a.id = 'v1'",
        "b.id = 'v0'",
        "'v2' = b.id",
        "key(a) = '_1'",
        "key(b) = '_0'",
        "a.n = b.n",
        "a.n < 2",
        "b.n IS NULL",
        "a:B",
        "NOT b:A",
        "length(p) > 1",
        "length(p) < 2",
        "a.id <> b.id",
        "a.id IN ['v0', 'v2']",
        "a = b",
        "a.id = b.id",
        "all(x IN nodes(p) WHERE x.n IS NULL OR x.n < 2)",
        "any(x IN relationships(p) WHERE x.n > 5)",
        "a.missing = 1",
        "null",
        "true",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

/// Whether a selector takes some of several paths that rank alike. Which ones, it may
/// decide anew for each plan, so that nothing but their rank can be asked of them.
fn has_ties(pattern: &str) -> bool {
    let takes_some = ["SHORTEST 2", "SHORTEST 3", "EARLIEST", "LATEST", "FASTEST", "STRONGEST"];
    takes_some.iter().any(|words| pattern.contains(words)) && !pattern.contains("GROUPS")
}

fn statement() -> impl Strategy<Value = String> {
    let before = pick(&[
        "",
        "",
        "MATCH (z:A) ",
        "MATCH (a {id: 'v1'}) ",
        "MATCH (b:B) WHERE b.n < 2 ",
        "UNWIND ['v0', 'v1'] AS wanted ",
        "OPTIONAL MATCH (a {id: 'nobody'}) ",
    ]);
    let kind = pick(&["MATCH", "MATCH", "OPTIONAL MATCH"]);
    let second = pick(&["", "", ", (d:B)", ", (a)-[t]-(d)", ", (d {id: b.id})"]);
    let after = pick(&[
        "RETURN a, b, p",
        "RETURN a.at, b.at, count(*)",
        "RETURN DISTINCT b",
        "WITH a, b WHERE a.n IS NOT NULL MATCH (b)--(e) WHERE e.id <> a.id RETURN a, b, e",
        "RETURN a.n AS n ORDER BY n",
    ]);
    // A condition on what stands between the ends, where the pattern names it.
    let on_hop = pick(&["", "", "r.n > 4", "r.n < 5", "r.from > 0", "type(r) = 'E'"]);
    let on_inner = pick(&["", "c:B", "c.n < 2", "c.id <> b.id"]);
    let inner = (on_hop, on_inner);
    (before, kind, pattern(), second, (inner, prop::option::of(condition())), after).prop_map(
        |(before, kind, pattern, second, ((on_hop, on_inner), condition), after)| {
            let has_ties = has_ties(&pattern);
            let mut conditions: Vec<String> = condition.into_iter().collect();
            conditions.extend((pattern.contains("[r") && !on_hop.is_empty()).then(|| on_hop.to_owned()));
            conditions.extend((pattern.contains("(c") && !on_inner.is_empty()).then(|| on_inner.to_owned()));
            conditions.retain(|condition| {
                !has_ties || ["(p)", "r.", "(r)", "c"].iter().all(|word| !condition.contains(word))
            });
            let second = if has_ties && second == ", (a)-[t]-(d)" { "" } else { second };
            let after = if has_ties && after == "RETURN a, b, p" { "RETURN a, b, length(p)" } else { after };
            let condition = match conditions.is_empty() {
                true => String::new(),
                false => format!("WHERE {} ", conditions.join(" AND ")),
            };
            format!("{before}{kind} {pattern}{second} {condition}{after}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn rewrites_keep_the_answer(building in graph(), statements in prop::collection::vec(statement(), 8)) {
        let mut graph = Graph::new();
        for text in &building {
            answer(&mut graph, text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let names: Vec<&str> = query::rewrites().collect();
        for text in &statements {
            let with_all = answer(&mut graph, text, &[]);
            for without in names.chunks(1).chain([&names[..]]) {
                let other = answer(&mut graph, text, without);
                match (&with_all, &other) {
                    (Ok(all), Ok(other)) if all.notices == other.notices => {
                        prop_assert_eq!(rows(all), rows(other), "without {:?}: {}", without, text);
                    }
                    // A search that gave up may give up elsewhere.
                    (Ok(_), Ok(_)) => {}
                    (Err(all), Err(other)) => prop_assert_eq!(all.class(), other.class(), "{}", text),
                    (all, other) => {
                        let failed = [all.as_ref().err(), other.as_ref().err()];
                        prop_assert!(false, "{text} fails one way only: {failed:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_generator_makes_statements_that_are_answered() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut graph = Graph::new();
    let building = "CREATE (a:A {id: 'v0', at: 0, n: 1}), (b:B {id: 'v1', at: 1, n: 1}), (c:A:B {id: 'v2', at: 2}), \
         (d:A:B {id: 'v1', at: 3, n: 2}), (a)-[:E {n: 4, from: 1}]->(b), (b)-[:F {n: 7, from: 2}]->(c), \
         (c)-[:OWNS {n: 1, from: 0}]->(a), (a)-[:E {n: 9}]->(d), (d)-[:E {n: 5, from: 3}]->(c), \
         (b)-[:OWNS {n: 3}]->(d), (c)-[:E {n: 6, from: 3}]->(c)";
    answer(&mut graph, building, &[]).expect("the graph is built");
    let mut runner = TestRunner::deterministic();
    let (mut refused, mut answered) = (Vec::new(), 0);
    for _ in 0..500 {
        let text = statement().new_tree(&mut runner).expect("a statement").current();
        match answer(&mut graph, &text, &[]) {
            Ok(answer) => answered += usize::from(!answer.rows.is_empty()),
            Err(error) => refused.push(format!("{text}: {error}")),
        }
    }
    assert!(refused.len() < 25, "{} of 500: {:#?}", refused.len(), &refused[..5]);
    assert!(answered > 150, "{answered} of 500 have rows");
}

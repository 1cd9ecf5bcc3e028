//! What falls: `path.dependence` against the definition, which is the same question through
//! the lens that leaves the source out.

use std::collections::BTreeSet;
use std::sync::Arc;

use throughline::graph::{Graph, Lens};
use throughline::model::{Path, Value};
use throughline::query::{self, Answer, Options, Parameters, parser};

use crate::dice::Dice;

/// A path that a statement gave.
type Found = Arc<Path>;

pub(crate) fn ask(graph: &mut Graph, text: &str) -> throughline::Result<Answer> {
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    query::run(graph, &parser::parse_statement(text)?, &Parameters::new(), &options)
}

fn rows(graph: &mut Graph, text: &str) -> Vec<Vec<Value>> {
    ask(graph, text).unwrap_or_else(|error| panic!("{error}: {text}")).rows
}

/// A few ports and ships, calls between them, and claims on both by sources of a few origins.
fn case(dice: &mut Dice) -> Graph {
    let mut graph = Graph::new();
    let n_nodes = 3 + dice.below(3);
    for id in 0..n_nodes {
        rows(&mut graph, &format!("CREATE (:Port {{id: 'n{id}'}})"));
    }
    // The origin s0 is the key of a source too, so that its name stands for several.
    for id in 0..4 {
        let origin = ["", ", origin: 'agency'", ", origin: 's0'", ", confidential: true"][dice.below(4)];
        rows(&mut graph, &format!("CREATE (:Source {{id: 's{id}'{origin}}})"));
    }
    for id in 0..4 + dice.below(5) {
        let (a, b, day) = (dice.below(n_nodes), dice.below(n_nodes), dice.below(6));
        let sure = ["", ", confidence: 0.2", ", confidence: 0.6"][dice.below(3)];
        let create = format!("CREATE (a)-[:R {{id: 'r{id}', from: {day}{sure}}}]->(b)");
        rows(&mut graph, &format!("MATCH (a {{id: 'n{a}'}}), (b {{id: 'n{b}'}}) {create}"));
    }
    let claims = dice.below(16);
    for _ in 0..claims {
        let about = match dice.below(4) {
            0 => format!("MATCH (x {{id: 'n{}'}})", dice.below(n_nodes)),
            _ => format!("MATCH ()-[x {{id: 'r{}'}}]->()", dice.below(8)),
        };
        let source = ["", ", source: 's0'", ", source: 's1'", ", source: 's2'", ", source: 's3'"]
            [dice.below(5).max(dice.below(5))];
        let grade = ["", ", grade: 'B2'", ", grade: 'D4'", ", confidence: 0.6"][dice.below(4)];
        let stance = ["supports", "supports", "supports", "disputes"][dice.below(4)];
        let part = if dice.below(6) == 0 { ", property: 'from'" } else { "" };
        rows(
            &mut graph,
            &format!(
                "{about} CALL evidence.claim({{about: x, stance: '{stance}'{source}{grade}{part}}}) RETURN 1"
            ),
        );
    }
    graph
}

/// The paths that a statement gives as `p`.
fn paths(graph: &mut Graph, lens: &[String], pattern: &str) -> BTreeSet<Found> {
    let lens = if lens.is_empty() { String::new() } else { format!("USING LENS {{{}}} ", lens.join(", ")) };
    let rows = rows(graph, &format!("{lens}MATCH p = {pattern} RETURN p"));
    rows.into_iter().map(|mut row| path(row.remove(0))).collect()
}

fn path(value: Value) -> Found {
    match value {
        Value::Path(path) => path,
        other => panic!("expected a path, found {other}"),
    }
}

fn list(value: &Value) -> BTreeSet<Found> {
    match value {
        Value::List(items) => items.iter().cloned().map(path).collect(),
        other => panic!("expected a list, found {other}"),
    }
}

#[test]
fn what_falls_is_what_the_lens_without_the_source_no_longer_finds() {
    let mut dice = Dice::new(0x5eed_0fa1);
    let (mut n_rows, mut n_fallen) = (0, 0);
    for _ in 0..crate::dice::cases(250) {
        let mut graph = case(&mut dice);
        let pattern = [
            "ALL CHRONOLOGICAL ACYCLIC (a)-[:R]-{1,3}(b)",
            "ALL CHRONOLOGICAL WAIT <= 2 TRAIL (a)-[:R]->{1,3}(b)",
            "ALL TRAIL (a {id: 'n0'})-[:R]-{1,3}(b)",
        ][dice.below(3)];
        let base: Vec<String> =
            [vec![], vec!["minConfidence: 0.5".to_owned()], vec!["without: ['s1']".to_owned()]]
                [dice.below(3)]
            .clone();
        let found = paths(&mut graph, &base, pattern);
        let prefix =
            if base.is_empty() { String::new() } else { format!("USING LENS {{{}}} ", base.join(", ")) };
        let text = format!(
            "{prefix}MATCH p = {pattern} WITH collect(p) AS chains \
             CALL path.dependence(chains) YIELD kind, element, name, falls, stays, all, fallen, lost \
             RETURN kind, element, name, falls, stays, all, fallen, lost"
        );
        for row in rows(&mut graph, &text) {
            let [kind, element, name, falls, stays, all, fallen, lost] = &row[..] else {
                panic!("eight columns")
            };
            let fallen = list(fallen);
            assert_eq!(*falls, Value::Int(fallen.len() as i64));
            assert_eq!(*stays, Value::Int((found.len() - fallen.len()) as i64));
            assert_eq!(*all, Value::Bool(fallen.len() == found.len()));
            let ends = |path: &Found| (path.nodes[0], path.nodes[path.nodes.len() - 1]);
            let kept: BTreeSet<_> = found.difference(&fallen).map(ends).collect();
            let gone: BTreeSet<_> = fallen.iter().map(ends).filter(|pair| !kept.contains(pair)).collect();
            let Value::List(lost) = lost else { panic!("a list") };
            assert_eq!(lost.len(), gone.len());
            n_rows += 1;
            let without = match (kind.as_str(), element) {
                (Some("source"), Value::Node(id)) => graph.key_of(*id),
                (Some("origin"), Value::List(sources)) => {
                    let Value::Node(first) = sources[0] else { panic!("a source") };
                    let origin = throughline::graph::View::new(&graph, None, false).origin_of(first);
                    let origin = origin.expect("a source has an origin");
                    let is_open = name.as_str() == Some(origin.as_str());
                    assert!(is_open || name.as_str().is_some_and(|name| name.starts_with("origin of confi")));
                    origin
                }
                (Some("hop"), Value::Relationship(id)) => {
                    let through = found.iter().filter(|path| path.relationships.contains(id)).cloned();
                    assert_eq!(fallen, through.collect());
                    continue;
                }
                other => panic!("{other:?}"),
            };
            let mut lens = base.clone();
            match lens.iter_mut().find(|part| part.starts_with("without")) {
                Some(part) => *part = format!("without: ['s1', '{without}']"),
                None => lens.push(format!("without: ['{without}']")),
            }
            let left = paths(&mut graph, &lens, pattern);
            let difference: BTreeSet<_> = found.difference(&left).cloned().collect();
            assert_eq!(fallen, difference, "without {without}: {text}");
            // With a weak claim gone, a property `confidence` may count again: then a least confidence
            // lets through what it hid before.
            let may_add = base.iter().any(|part| part.starts_with("minConfidence"));
            assert!(may_add || left.is_subset(&found), "without {without}: {text}");
            n_fallen += usize::from(!fallen.is_empty());
        }
    }
    assert!(n_rows > 500 && n_fallen > 50, "{n_rows} {n_fallen}");
}

//! Runs a case through the engine and the naive evaluator, and compares.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use throughline::graph::{Graph, Lens};
use throughline::model::{self, NodeId, RelationshipId};
use throughline::query::{self, Options, Parameters, parser};

use super::evaluate::{Answer, Evaluator, Stop};
use super::generate;
use super::print::{graph_text, query_text};
use super::tree::{PARAMETERS, Property};
use super::values::Value;

/// Beyond so many nodes and hops looked at, a case takes too long for a test.
const STEPS_MAX: usize = 15_000;

/// What became of a case that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    Rows(usize),
    Error,
    /// Too large for the naive evaluator.
    LeftOut,
}

/// A case in words: what to run to see it.
pub(crate) fn case_text(bytes: &[u8]) -> String {
    let (graph, query, _) = generate::case(bytes);
    format!("{}\n{}", graph_text(&graph), query_text(&query))
}

/// Compares the engine, with all rewrites, without each and without any, with the definition.
pub(crate) fn check(bytes: &[u8]) -> Result<Passed, String> {
    let (graph, query, bags) = generate::case(bytes);
    let expected = match Evaluator::new(&graph, STEPS_MAX).query(&query) {
        Err(Stop::TooMuch) => return Ok(Passed::LeftOut),
        Ok(answer) => Ok(answer),
        Err(Stop::Error(class)) => Err(class),
    };
    let mut engine = Engine::new(&graph_text(&graph));
    let text = query_text(&query);
    let rewrites: Vec<&str> = query::rewrites().collect();
    let mut n_rows = 0;
    for without in [&[][..], &rewrites[..]].into_iter().chain(rewrites.chunks(1)) {
        let found = catch_unwind(AssertUnwindSafe(|| engine.run(&text, without)))
            .unwrap_or_else(|_| Err(("Panic".to_owned(), "it panicked".to_owned())));
        let verdict = match (&expected, &found) {
            (Ok(expected), Ok((columns, rows))) => {
                n_rows = rows.len();
                match *columns == expected.columns {
                    true => compare(expected, rows, &bags),
                    false => Err(format!("columns {columns:?}, not {:?}", expected.columns)),
                }
            }
            (Err(expected), Err((class, _))) if expected == class => Ok(()),
            (Err(expected), Err((class, message))) => Err(format!("{class} ({message}), not {expected}")),
            (Err(expected), Ok((_, rows))) => Err(format!("{} rows, not {expected}", rows.len())),
            (Ok(expected), Err((class, message))) => {
                Err(format!("{class}: {message}, not {}", rows_text(&expected.classes.concat())))
            }
        };
        verdict.map_err(|message| format!("without {without:?}: {message}"))?;
    }
    Ok(if expected.is_ok() { Passed::Rows(n_rows) } else { Passed::Error })
}

/// The engine's rows must be a choice of the expected ones: whole classes in their order,
/// any rows of a class that SKIP and LIMIT cut.
fn compare(expected: &Answer, rows: &[Vec<Value>], bags: &[String]) -> Result<(), String> {
    let is_bag: Vec<bool> = expected.columns.iter().map(|column| bags.contains(column)).collect();
    let text = |row: &Vec<Value>| row_text(row, &is_bag);
    let n_all: usize = expected.classes.iter().map(Vec::len).sum();
    let from = expected.skip.min(n_all);
    let to = from + expected.limit.unwrap_or(n_all).min(n_all - from);
    let wrong = || {
        let found: Vec<String> = rows.iter().map(text).collect();
        let classes: Vec<Vec<String>> =
            expected.classes.iter().map(|class| class.iter().map(text).collect()).collect();
        format!("found {found:#?}, expected rows {from}..{to} of {classes:#?}")
    };
    if rows.len() != to - from {
        return Err(wrong());
    }
    let mut start = 0;
    for class in &expected.classes {
        let end = start + class.len();
        let mut left: Vec<String> = class.iter().map(text).collect();
        for place in start.max(from)..end.min(to) {
            let row = text(&rows[place - from]);
            let found = left.iter().position(|other| *other == row).ok_or_else(wrong)?;
            left.swap_remove(found);
        }
        start = end;
    }
    Ok(())
}

fn rows_text(rows: &[Vec<Value>]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| row_text(row, &vec![false; row.len()])).collect();
    format!("{rows:#?}")
}

fn row_text(row: &[Value], is_bag: &[bool]) -> String {
    let cells = row.iter().zip(is_bag).map(|(value, is_bag)| match value {
        Value::List(items) if *is_bag => {
            let mut items: Vec<String> = items.iter().map(Value::text).collect();
            items.sort();
            format!("bag [{}]", items.join(", "))
        }
        _ => value.text(),
    });
    cells.collect::<Vec<_>>().join(" | ")
}

struct Engine {
    graph: Graph,
    parameters: Parameters,
    nodes: HashMap<NodeId, usize>,
    relationships: HashMap<RelationshipId, usize>,
}

type Rows = (Vec<String>, Vec<Vec<Value>>);

impl Engine {
    fn new(building: &str) -> Self {
        let parameters =
            PARAMETERS.iter().map(|(name, value)| ((*name).to_owned(), parameter(value))).collect();
        let mut engine =
            Self { graph: Graph::new(), parameters, nodes: HashMap::new(), relationships: HashMap::new() };
        if !building.is_empty() {
            let statement = parser::parse_statement(building).expect("the graph's statement parses");
            query::run(&mut engine.graph, &statement, &Parameters::new(), &options(&Lens::default(), &[]))
                .expect("the graph is built");
        }
        let Some(no) = engine.graph.symbol("no") else { return engine };
        let place = |value: Option<&model::Value>| match value {
            Some(model::Value::Int(no)) => usize::try_from(*no).expect("places are small"),
            other => panic!("every element has its place, not {other:?}"),
        };
        engine.nodes = engine.graph.nodes().map(|(id, node)| (id, place(node.property(no)))).collect();
        let relationships = engine.graph.relationships();
        engine.relationships = relationships.map(|(id, it)| (id, place(it.property(no)))).collect();
        engine
    }

    /// Columns and rows, or the error's class and message.
    fn run(&mut self, text: &str, without: &[&str]) -> Result<Rows, (String, String)> {
        let failed = |error: throughline::Error| (error.class().to_owned(), error.to_string());
        let statement = parser::parse_statement(text).map_err(failed)?;
        let answer =
            query::run(&mut self.graph, &statement, &self.parameters, &options(&Lens::default(), without))
                .map_err(failed)?;
        let rows = answer.rows.iter().map(|row| row.iter().map(|value| self.value(value)).collect());
        Ok((answer.columns.clone(), rows.collect()))
    }

    fn value(&self, value: &model::Value) -> Value {
        match value {
            model::Value::Null => Value::Null,
            model::Value::Bool(value) => Value::Bool(*value),
            model::Value::Int(number) => Value::Int(*number),
            model::Value::Float(number) => Value::Float(*number),
            model::Value::String(text) => Value::Text(text.to_string()),
            model::Value::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
            model::Value::Map(entries) => {
                Value::Map(entries.iter().map(|(name, value)| (name.clone(), self.value(value))).collect())
            }
            model::Value::Node(id) => Value::Node(self.nodes[id]),
            model::Value::Relationship(id) => Value::Relationship(self.relationships[id]),
            model::Value::Path(path) => Value::Path(
                path.nodes.iter().map(|id| self.nodes[id]).collect(),
                path.relationships.iter().map(|id| self.relationships[id]).collect(),
            ),
            other => panic!("no statement here gives a {}", other.type_name()),
        }
    }
}

fn options<'a>(lens: &'a Lens, without_rewrites: &'a [&'a str]) -> Options<'a> {
    Options { without_rewrites, ..Options::new(lens, 0) }
}

fn parameter(property: &Property) -> model::Value {
    match property {
        Property::Bool(value) => model::Value::Bool(*value),
        Property::Int(value) => model::Value::Int(*value),
        Property::Float(value) => model::Value::Float(*value),
        Property::Text(value) => model::Value::from(*value),
        Property::List(values) => {
            model::Value::List(values.iter().map(|value| model::Value::Int(*value)).collect())
        }
    }
}

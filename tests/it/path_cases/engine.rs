//! The same question put to the engine, through its query language alone.

use throughline::graph::{self, Lens};
use throughline::model::{Properties, Value};
use throughline::paths::Limits;
use throughline::query::{self, Answer, Options, Parameters, parser};

use super::graph::Graph;
use crate::naive;

/// Why the engine gives no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The search stopped at a limit, and said so.
    Limit,
    Error(String),
}

/// The engine with a graph of the corpus in it.
pub(crate) struct Engine<'a> {
    known: &'a Graph,
    graph: graph::Graph,
    /// How many steps a search may take.
    pub(crate) work_max: u64,
}

impl<'a> Engine<'a> {
    /// Creates the graph in the order in which it is written.
    pub(crate) fn load(known: &'a Graph) -> Self {
        let nodes: Vec<usize> = (0..known.nodes.len()).collect();
        let relationships: Vec<usize> = (0..known.relationships.len()).collect();
        Self::load_in_order(known, &nodes, &relationships)
    }

    /// Creates the graph's nodes and relationships in the order of the places given.
    pub(crate) fn load_in_order(known: &'a Graph, nodes: &[usize], relationships: &[usize]) -> Self {
        let mut engine = Self { known, graph: graph::Graph::new(), work_max: 4000 };
        for statement in known.statements(nodes, relationships) {
            let done = engine.run(&statement);
            done.unwrap_or_else(|error| panic!("the graph is not understood: {error}: {statement}"));
        }
        engine.graph.settle();
        engine
    }

    /// The paths that the question has for an answer, in the order of its rows.
    pub(crate) fn ask(&mut self, question: &str) -> Result<Vec<naive::Path>, Refusal> {
        self.ask_statement(&format!("MATCH p = {question} RETURN p"))
    }

    /// The paths in the first column of a statement's answer.
    pub(crate) fn ask_statement(&mut self, statement: &str) -> Result<Vec<naive::Path>, Refusal> {
        let answer = self.run(statement).map_err(|error| Refusal::Error(error.to_string()))?;
        match answer.notices.iter().any(|notice| notice.to_string().contains("stopped at its")) {
            true => Err(Refusal::Limit),
            false => Ok(answer.rows.iter().map(|row| self.plain(&row[0])).collect()),
        }
    }

    /// Runs a statement that has to succeed.
    pub(crate) fn write(&mut self, statement: &str) {
        let done = self.run(statement);
        done.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }

    fn run(&mut self, text: &str) -> throughline::Result<Answer> {
        let statement = parser::parse_statement(text)?;
        // The graphs are small: what takes longer does not end by itself.
        let limits =
            Limits { work_max: self.work_max, results_max: 20_000, waiting_max: 20_000, ..Limits::default() };
        let lens = Lens::default();
        let options = Options { limits, ..Options::new(&lens, 1_700_000_000_000_000) };
        query::run(&mut self.graph, &statement, &Parameters::new(), &options)
    }

    fn plain(&self, value: &Value) -> naive::Path {
        let Value::Path(path) = value else { panic!("not a path: {value}") };
        let name = |properties: &Properties| match properties.get("id").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => panic!("without a name: {properties:?}"),
        };
        let nodes = path.nodes.iter().map(|&id| {
            let node = self.graph.node_data(id).expect("a node of the path");
            self.known.node(&name(&node.properties)).expect("a node of the corpus")
        });
        let rels = path.relationships.iter().map(|&id| {
            let relationship = self.graph.relationship_data(id).expect("a relationship of the path");
            self.known.relationship(&name(&relationship.properties)).expect("a relationship of the corpus")
        });
        naive::Path { nodes: nodes.collect(), rels: rels.collect() }
    }
}

//! A graph of the corpus: nodes and relationships by name, with labels and properties.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar;
use super::expression::Value;
use crate::naive;

pub(crate) type Properties = BTreeMap<String, Value>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) relationships: Vec<Relationship>,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) labels: Vec<String>,
    pub(crate) properties: Properties,
}

/// `start` and `end` are places in [`Graph::nodes`].
#[derive(Clone, Debug)]
pub(crate) struct Relationship {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) is_state: bool,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) properties: Properties,
}

/// What times of a path are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clock {
    Integers,
    Calendar,
}

impl Graph {
    /// The graph as [`naive`] knows it. Types and costs are left to the reader of patterns.
    pub(crate) fn naive(&self) -> naive::Graph {
        let rels = self.relationships.iter().map(Relationship::naive).collect();
        naive::Graph { nodes: self.nodes.len(), rels }
    }

    pub(crate) fn node(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    pub(crate) fn relationship(&self, id: &str) -> Option<usize> {
        self.relationships.iter().position(|relationship| relationship.id == id)
    }

    /// Whether the graph's times are dates.
    pub(crate) fn is_calendar(&self) -> bool {
        self.relationships.iter().any(|relationship| relationship.clocks().contains(&Clock::Calendar))
    }

    /// `a -e1-> b <-e2- c`.
    pub(crate) fn shown(&self, path: &naive::Path) -> String {
        let mut out = self.nodes[path.nodes[0]].id.clone();
        for (i, &rel) in path.rels.iter().enumerate() {
            let relationship = &self.relationships[rel];
            let next = &self.nodes[path.nodes[i + 1]].id;
            out += &match relationship.start == path.nodes[i] {
                true => format!(" -{}-> {next}", relationship.id),
                false => format!(" <-{}- {next}", relationship.id),
            };
        }
        out
    }

    /// The graph as the lines of a corpus file.
    pub(crate) fn lines(&self) -> Vec<String> {
        let states: BTreeSet<&str> =
            self.relationships.iter().filter(|r| r.is_state).map(|r| r.kind.as_str()).collect();
        let mut lines: Vec<String> = states.into_iter().map(|kind| format!("states {kind}")).collect();
        lines.extend(self.nodes.iter().map(|node| {
            let labels: String = node.labels.iter().map(|label| format!(":{label}")).collect();
            format!("({}{labels}{})", node.id, braced(&node.properties))
        }));
        lines.extend(self.relationships.iter().map(|r| {
            let (start, end) = (&self.nodes[r.start].id, &self.nodes[r.end].id);
            format!("({start})-[{}:{}{}]->({end})", r.id, r.kind, braced(&r.properties))
        }));
        lines
    }

    /// The statements that create the graph, one a line, in the order of the places given.
    pub(crate) fn statements(&self, nodes: &[usize], relationships: &[usize]) -> Vec<String> {
        let states: BTreeSet<&str> =
            self.relationships.iter().filter(|r| r.is_state).map(|r| r.kind.as_str()).collect();
        let mut statements: Vec<String> = states
            .into_iter()
            .map(|kind| format!("CALL schema.declare('{kind}', 'state', 'none')"))
            .collect();
        let mut parts: Vec<String> = nodes.iter().map(|&i| self.nodes[i].created()).collect();
        for &i in relationships {
            let relationship = &self.relationships[i];
            let (start, end) = (&self.nodes[relationship.start].id, &self.nodes[relationship.end].id);
            let properties = written(&relationship.id, &relationship.properties);
            parts.push(format!("({start})-[:{} {properties}]->({end})", relationship.kind));
        }
        if !parts.is_empty() {
            statements.push(format!("CREATE {}", parts.join(", ")));
        }
        statements
    }
}

impl Node {
    fn created(&self) -> String {
        let labels: String = self.labels.iter().map(|label| format!(":{label}")).collect();
        format!("({}{labels} {})", self.id, written(&self.id, &self.properties))
    }
}

fn braced(properties: &Properties) -> String {
    let written: Vec<String> = properties.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if written.is_empty() { String::new() } else { format!(" {{{}}}", written.join(", ")) }
}

fn written(id: &str, properties: &Properties) -> String {
    let rest: String = properties.iter().map(|(name, value)| format!(", {name}: {value}")).collect();
    format!("{{id: '{id}'{rest}}}")
}

impl Relationship {
    fn naive(&self) -> naive::Rel {
        let reading = |name: &str| match self.properties.get(name)? {
            Value::Int(instant) => Some((*instant, *instant)),
            Value::String(text) => calendar::reading(text),
            _ => None,
        };
        naive::Rel {
            start: self.start,
            end: self.end,
            label: 0,
            kind: if self.is_state { naive::Kind::State } else { naive::Kind::Event },
            from: reading("from"),
            to: reading("to"),
            aggregate: self.properties.get("aggregate") == Some(&Value::Bool(true)),
            confidence: self.properties.get("confidence").and_then(Value::number),
            cost: 0.0,
        }
    }

    /// The clocks of what is written in `from` and `to`.
    pub(crate) fn clocks(&self) -> Vec<Clock> {
        let clock = |name: &str| match self.properties.get(name)? {
            Value::Int(_) => Some(Clock::Integers),
            _ => Some(Clock::Calendar),
        };
        ["from", "to"].iter().filter_map(|name| clock(name)).collect()
    }
}

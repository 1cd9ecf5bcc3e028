//! Nodes and relationships as the graph holds them.

use std::sync::Arc;

use super::Symbol;
use crate::model::{NodeId, Period, Value};

/// A node in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The key that an import gave.
    pub key: Option<Arc<str>>,
    /// Labels in the order of their names.
    pub(super) labels: Vec<Symbol>,
    /// Properties in the order of their symbols.
    pub(super) properties: Vec<(Symbol, Value)>,
}

impl Node {
    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> &[Symbol] {
        &self.labels
    }

    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: Symbol) -> Option<&Value> {
        find(&self.properties, name)
    }
}

/// A relationship in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// The key that an import gave.
    pub key: Option<Arc<str>>,
    /// Its type.
    pub kind: Symbol,
    /// Where it starts.
    pub start: NodeId,
    /// Where it ends.
    pub end: NodeId,
    /// When, from its properties `from` and `to`.
    pub period: Period,
    pub(super) properties: Vec<(Symbol, Value)>,
}

impl Relationship {
    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: Symbol) -> Option<&Value> {
        find(&self.properties, name)
    }
}

pub(super) fn find(properties: &[(Symbol, Value)], name: Symbol) -> Option<&Value> {
    properties.binary_search_by_key(&name, |(symbol, _)| *symbol).ok().map(|at| &properties[at].1)
}

/// Sets, changes or removes a property; gives what was there.
pub(super) fn replace(
    properties: &mut Vec<(Symbol, Value)>,
    name: Symbol,
    value: Option<Value>,
) -> Option<Value> {
    match (properties.binary_search_by_key(&name, |(symbol, _)| *symbol), value) {
        (Ok(at), Some(value)) => Some(std::mem::replace(&mut properties[at].1, value)),
        (Ok(at), None) => Some(properties.remove(at).1),
        (Err(at), Some(value)) => {
            properties.insert(at, (name, value));
            None
        }
        (Err(_), None) => None,
    }
}

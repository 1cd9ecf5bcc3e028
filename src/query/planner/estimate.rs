//! How many rows to expect, from counts of the graph and rules of thumb.
//!
//! Counts are exact for labels and types; conditions are guessed as planners have
//! since System R (Selinger and others, 1979): a tenth for an equality, a third for
//! a comparison. Conditions count as independent of each other.

use rustc_hash::FxHashMap;

use crate::graph::Graph;
use crate::query::ast::BinaryOp;
use crate::query::expr::{Expr, Labels};

/// The share of rows that an equality is guessed to leave.
const EQUALITY: f64 = 0.1;
/// The share of rows that another comparison is guessed to leave.
const COMPARISON: f64 = 0.3;
/// The share of rows that any other condition is guessed to leave.
const CONDITION: f64 = 0.5;

/// Counts of a graph.
#[derive(Default)]
pub(super) struct Estimates {
    n_nodes: f64,
    n_relationships: f64,
    labels: FxHashMap<String, f64>,
    types: FxHashMap<String, f64>,
}

impl Estimates {
    pub(super) fn new(graph: &Graph) -> Self {
        let counts = |known: Vec<(&str, usize)>| {
            known.into_iter().map(|(name, count)| (name.to_owned(), count as f64)).collect()
        };
        Self {
            n_nodes: graph.node_count() as f64,
            n_relationships: graph.relationship_count() as f64,
            labels: counts(graph.labels_in_use()),
            types: counts(graph.types_in_use()),
        }
    }

    /// All nodes; at least one, so that it can divide.
    pub(super) fn nodes(&self) -> f64 {
        self.n_nodes.max(1.0)
    }

    /// The nodes that bear all of some labels.
    pub(super) fn nodes_with(&self, labels: &[&str]) -> f64 {
        let counts = labels.iter().map(|label| self.labels.get(*label).copied().unwrap_or(0.0));
        counts.fold(self.n_nodes, f64::min)
    }

    /// The relationships of any of some types; of all types for `None`.
    pub(super) fn relationships(&self, types: Option<&[String]>) -> f64 {
        match types {
            None => self.n_relationships,
            Some(types) => types.iter().map(|kind| self.types.get(kind).copied().unwrap_or(0.0)).sum(),
        }
    }

    /// The share of nodes that satisfy a label expression.
    fn share_of_labels(&self, labels: &Labels) -> f64 {
        match labels {
            Labels::Name(name) => self.labels.get(name).copied().unwrap_or(0.0) / self.nodes(),
            Labels::Any => 1.0,
            Labels::Not(inner) => 1.0 - self.share_of_labels(inner),
            Labels::And(a, b) => self.share_of_labels(a) * self.share_of_labels(b),
            Labels::Or(a, b) => (self.share_of_labels(a) + self.share_of_labels(b)).min(1.0),
        }
    }

    /// The share of rows that a condition is expected to leave.
    pub(super) fn share(&self, condition: &Expr) -> f64 {
        match condition {
            Expr::HasLabels(base, labels, _) if matches!(**base, Expr::Var(_)) => {
                self.share_of_labels(labels)
            }
            // A key or an id is one node's.
            Expr::Binary(BinaryOp::Equal, a, b, _) if is_identity(a) || is_identity(b) => {
                (1.0 / self.nodes()).min(EQUALITY)
            }
            Expr::Binary(BinaryOp::Equal, ..) => EQUALITY,
            Expr::Binary(
                BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual,
                ..,
            ) => COMPARISON,
            Expr::Binary(BinaryOp::StartsWith, ..) => COMPARISON,
            Expr::Binary(BinaryOp::And, a, b, _) => self.share(a) * self.share(b),
            Expr::Binary(BinaryOp::Or, a, b, _) => (self.share(a) + self.share(b)).min(1.0),
            Expr::Literal(crate::model::Value::Bool(true)) => 1.0,
            _ => CONDITION,
        }
    }
}

/// Whether an expression is `key(n)` or `n.id`.
fn is_identity(expr: &Expr) -> bool {
    match expr {
        Expr::Call(function, arguments, _) => {
            function.name == "key" && matches!(arguments[..], [Expr::Var(_)])
        }
        Expr::Property(base, name, _) => name == "id" && matches!(**base, Expr::Var(_)),
        _ => false,
    }
}

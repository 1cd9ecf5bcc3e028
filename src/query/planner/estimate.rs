//! How many rows to expect, from counts of the graph and rules of thumb.
//!
//! Counts are exact for labels and types; conditions are guessed as planners have
//! since System R (Selinger and others, 1979): a tenth for an equality, a third for
//! a comparison. Conditions count as independent of each other.

use crate::graph::{Graph, Symbol};
use crate::query::ast::{BinaryOp, Direction};
use crate::query::expr::{Expr, Labels};
use crate::query::plan::{Find, IndexSeek};

/// The share of rows that an equality is guessed to leave.
const EQUALITY: f64 = 0.1;
/// The share of rows that another comparison is guessed to leave.
const COMPARISON: f64 = 0.3;
/// The share of rows that any other condition is guessed to leave.
const CONDITION: f64 = 0.5;

/// Counts of a graph.
#[derive(Clone, Copy)]
pub(super) struct Estimates<'a> {
    graph: &'a Graph,
}

impl<'a> Estimates<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        Self { graph }
    }

    /// The graph that is counted.
    pub(super) fn graph(self) -> &'a Graph {
        self.graph
    }

    /// All nodes; at least one, so that it can divide.
    pub(super) fn nodes(self) -> f64 {
        (self.graph.statistics().nodes() as f64).max(1.0)
    }

    /// The nodes that bear all of some labels, if labels come together as far as they can.
    pub(super) fn nodes_with(self, labels: &[&str]) -> f64 {
        labels
            .iter()
            .map(|label| self.with_label(label))
            .fold(self.graph.statistics().nodes() as f64, f64::min)
    }

    fn with_label(self, label: &str) -> f64 {
        let count = self.graph.symbol(label).map(|label| self.graph.statistics().nodes_with(label));
        count.unwrap_or(0) as f64
    }

    /// The relationships of any of some types (all for `None`), walked in a direction from
    /// nodes with some labels to nodes with others.
    pub(super) fn hops(
        self,
        types: Option<&[String]>,
        direction: Direction,
        from: &[&str],
        to: &[&str],
    ) -> f64 {
        match direction {
            Direction::Outgoing => self.relationships(types, from, to),
            Direction::Incoming => self.relationships(types, to, from),
            Direction::Either => self.relationships(types, from, to) + self.relationships(types, to, from),
        }
    }

    /// The relationships of some types that start and end at nodes with some labels.
    fn relationships(self, types: Option<&[String]>, start: &[&str], end: &[&str]) -> f64 {
        let statistics = self.graph.statistics();
        let symbols = |names: &[&str]| -> Option<Vec<Symbol>> {
            names.iter().map(|name| self.graph.symbol(name)).collect()
        };
        let (Some(start), Some(end)) = (symbols(start), symbols(end)) else { return 0.0 };
        let types: Vec<Symbol> = match types {
            Some(types) => types.iter().filter_map(|kind| self.graph.symbol(kind)).collect(),
            None if start.is_empty() && end.is_empty() => return statistics.relationships() as f64,
            None => statistics.types().map(|(kind, _)| kind).collect(),
        };
        // What is known of the starts and of the ends counts as independent of each other.
        let of_type = |kind: Symbol| {
            let all = statistics.relationships_of(kind) as f64;
            let from = start.iter().map(|&label| statistics.relationships_from(label, kind) as f64);
            let to = end.iter().map(|&label| statistics.relationships_to(kind, label) as f64);
            from.fold(all, f64::min) * to.fold(all, f64::min) / all.max(1.0)
        };
        types.into_iter().map(of_type).sum()
    }

    /// How many nodes an index is expected to find.
    pub(super) fn indexed(self, seek: &IndexSeek) -> f64 {
        let symbols = self.graph.symbol(&seek.label).zip(self.graph.symbol(&seek.property));
        let Some(index) = symbols.and_then(|(label, property)| self.graph.index(label, property)) else {
            return self.nodes();
        };
        let all = index.len() as f64;
        match &seek.find {
            Find::Equal(Expr::Literal(value)) => index.equal_count(value) as f64,
            Find::Equal(_) => all / (index.distinct() as f64).max(1.0),
            Find::Prefix(_) => all * EQUALITY,
            Find::Range { .. } => all * COMPARISON,
        }
    }

    /// The share of nodes that satisfy a label expression.
    fn share_of_labels(self, labels: &Labels) -> f64 {
        match labels {
            Labels::Name(name) => self.with_label(name) / self.nodes(),
            Labels::Any => 1.0,
            Labels::Not(inner) => 1.0 - self.share_of_labels(inner),
            Labels::And(a, b) => self.share_of_labels(a) * self.share_of_labels(b),
            Labels::Or(a, b) => (self.share_of_labels(a) + self.share_of_labels(b)).min(1.0),
        }
    }

    /// The share of rows that a condition is expected to leave.
    pub(super) fn share(self, condition: &Expr) -> f64 {
        match condition {
            Expr::HasLabels(base, labels, _) if matches!(**base, Expr::Var(_)) => {
                self.share_of_labels(labels)
            }
            // A key or an id is one node's.
            Expr::Binary(BinaryOp::Equal, a, b, _) if is_identity(a) || is_identity(b) => {
                (1.0 / self.nodes()).min(EQUALITY)
            }
            // Two properties that are compared are taken for a key and what refers to it.
            Expr::Binary(BinaryOp::Equal, a, b, _) if is_property(a) && is_property(b) => {
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

fn is_property(expr: &Expr) -> bool {
    matches!(expr, Expr::Property(base, ..) if matches!(**base, Expr::Var(_)))
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

//! How the nodes of a variable can be found without looking at all.

use crate::graph::Graph;
use crate::query::ast::BinaryOp;
use crate::query::expr::Expr;
use crate::query::plan::{Find, IndexSeek, Start};

/// The narrowest seek that conditions allow: a key, the property `id`, an index, labels.
///
/// `is_known` tells which variables are bound when the seek is made.
pub(in crate::query) fn start<'e>(
    slot: usize,
    conditions: impl Iterator<Item = &'e Expr> + Clone,
    is_known: &dyn Fn(usize) -> bool,
    graph: &Graph,
) -> Start {
    let comparisons = conditions.clone().filter_map(|condition| comparison_of(condition, slot));
    let known = |comparison: &Comparison<'_>| comparison.value.free_variables().into_iter().all(is_known);
    let comparisons: Vec<Comparison<'_>> = comparisons.filter(known).collect();
    let equal = |what: What<'_>| {
        let is_it =
            |comparison: &&Comparison<'_>| comparison.what == what && comparison.op == BinaryOp::Equal;
        comparisons.iter().find(is_it).map(|comparison| comparison.value.clone())
    };
    if let Some(key) = equal(What::Key) {
        return Start::Key(key);
    }
    let labels: Vec<String> = conditions
        .filter_map(|condition| match condition {
            Expr::HasLabels(base, labels, _) if **base == Expr::Var(slot) => Some(labels.required()),
            _ => None,
        })
        .flatten()
        .map(str::to_owned)
        .collect();
    if let Some(id) = equal(What::Property("id")) {
        return Start::IdProperty(id, labels);
    }
    if let Some(seek) = index_seek(&comparisons, &labels, graph) {
        return Start::Index(Box::new(seek));
    }
    match labels.is_empty() {
        true => Start::AllNodes,
        false => Start::Labels(labels),
    }
}

/// The best use of an index: an equality before a prefix, a prefix before a range.
fn index_seek(comparisons: &[Comparison<'_>], labels: &[String], graph: &Graph) -> Option<IndexSeek> {
    let mut best: Option<(u8, IndexSeek)> = None;
    for comparison in comparisons {
        let What::Property(property) = comparison.what else { continue };
        for label in labels.iter().filter(|label| has_index(graph, label, property)) {
            let value = comparison.value.clone();
            let (rank, find) = match comparison.op {
                BinaryOp::Equal => (0, Find::Equal(value)),
                BinaryOp::StartsWith => (1, Find::Prefix(value)),
                _ => (2, range(comparisons, property)),
            };
            if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                let seek = IndexSeek { label: label.clone(), property: property.to_owned(), find };
                best = Some((rank, seek));
            }
        }
    }
    best.map(|(_, seek)| seek)
}

/// The range that comparisons leave of a property: one bound on each side, as they come.
fn range(comparisons: &[Comparison<'_>], property: &str) -> Find {
    let bound = |ops: [BinaryOp; 2]| {
        let is_it = |comparison: &&Comparison<'_>| {
            comparison.what == What::Property(property) && ops.contains(&comparison.op)
        };
        let found = comparisons.iter().find(is_it);
        found.map(|comparison| (comparison.value.clone(), comparison.op == ops[1]))
    };
    Find::Range {
        from: bound([BinaryOp::Greater, BinaryOp::GreaterOrEqual]),
        to: bound([BinaryOp::Less, BinaryOp::LessOrEqual]),
    }
}

fn has_index(graph: &Graph, label: &str, property: &str) -> bool {
    let symbols = graph.symbol(label).zip(graph.symbol(property));
    symbols.is_some_and(|(label, property)| graph.index(label, property).is_some())
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum What<'e> {
    Key,
    Property(&'e str),
}

/// `key(v)` or `v.property` compared with a value, which stands on the right.
struct Comparison<'e> {
    what: What<'e>,
    op: BinaryOp,
    value: &'e Expr,
}

/// A condition as a comparison with a variable's key or property, either way round.
fn comparison_of(condition: &Expr, slot: usize) -> Option<Comparison<'_>> {
    let Expr::Binary(op, a, b, _) = condition else { return None };
    match what_of(a, slot) {
        Some(what) => Some(Comparison { what, op: comparing(*op)?, value: b }),
        None => Some(Comparison { what: what_of(b, slot)?, op: turned(*op)?, value: a }),
    }
}

fn what_of(side: &Expr, slot: usize) -> Option<What<'_>> {
    match side {
        Expr::Call(function, arguments, _)
            if function.name == "key" && arguments[..] == [Expr::Var(slot)] =>
        {
            Some(What::Key)
        }
        Expr::Property(base, name, _) if **base == Expr::Var(slot) => Some(What::Property(name)),
        _ => None,
    }
}

/// An operator that a seek can use.
fn comparing(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::Equal
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterOrEqual
        | BinaryOp::StartsWith => Some(op),
        _ => None,
    }
}

/// The operator with its sides changed.
fn turned(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::Equal => Some(BinaryOp::Equal),
        BinaryOp::Less => Some(BinaryOp::Greater),
        BinaryOp::LessOrEqual => Some(BinaryOp::GreaterOrEqual),
        BinaryOp::Greater => Some(BinaryOp::Less),
        BinaryOp::GreaterOrEqual => Some(BinaryOp::LessOrEqual),
        _ => None,
    }
}

//! Finding the nodes at which a pattern can start.

use std::ops::Bound;

use super::expr::{Context, Expr, Row, type_error};
use super::plan::{Find, IndexSeek, Start};
use crate::error::{Result, Span};
use crate::model::{NodeId, Value};

/// The nodes that a seek gives, through the lens. It may give more than match,
/// since conditions are checked afterwards, and never fewer.
///
/// # Errors
/// A `TypeError` where a variable that should hold a node holds something else.
pub(super) fn nodes(start: &Start, span: Span, context: &Context<'_>, row: &mut Row) -> Result<Vec<NodeId>> {
    let view = context.view;
    let graph = view.graph();
    let shown =
        |nodes: Vec<NodeId>| nodes.into_iter().filter(|&id| view.node(id).is_some()).collect::<Vec<_>>();
    Ok(match start {
        Start::AllNodes => view.nodes().collect(),
        Start::Labels(labels) => with_labels(context, labels),
        Start::Bound(slot) => match &row[*slot] {
            Value::Node(id) => shown(vec![*id]),
            Value::Null => Vec::new(),
            other => return Err(type_error(span, "a node", other)),
        },
        Start::Key(key) => match key.eval(context, row)? {
            Value::String(key) => shown(graph.node_by_key(&key).into_iter().collect()),
            _ => Vec::new(),
        },
        Start::Index(seek) => match indexed(seek, context, row)? {
            Some(nodes) => shown(nodes),
            None => with_labels(context, std::slice::from_ref(&seek.label)),
        },
        Start::IdProperty(id, labels) => match id.eval(context, row)? {
            Value::String(id) => shown(graph.nodes_by_id_property(&id).collect()),
            // Only texts are indexed.
            _ if labels.is_empty() => view.nodes().collect(),
            _ => with_labels(context, labels),
        },
    })
}

/// What an index finds, in the order of the ids; `None` where it cannot tell.
fn indexed(seek: &IndexSeek, context: &Context<'_>, row: &mut Row) -> Result<Option<Vec<NodeId>>> {
    let graph = context.view.graph();
    let symbols = graph.symbol(&seek.label).zip(graph.symbol(&seek.property));
    let Some(index) = symbols.and_then(|(label, property)| graph.index(label, property)) else {
        return Ok(None);
    };
    let nodes: Option<Vec<NodeId>> = match &seek.find {
        Find::Equal(value) => Some(index.equal(&value.eval(context, row)?).collect()),
        Find::Prefix(start) => match start.eval(context, row)? {
            Value::String(start) => Some(index.prefix(&start).collect()),
            _ => None,
        },
        Find::Range { from, to } => {
            let mut bound = |bound: &Option<(Expr, bool)>| -> Result<Option<(Value, bool)>> {
                bound.as_ref().map(|(value, counts)| Ok((value.eval(context, row)?, *counts))).transpose()
            };
            let (from, to) = (bound(from)?, bound(to)?);
            let found = index.range(as_bound(from.as_ref()), as_bound(to.as_ref()));
            found.map(Iterator::collect)
        }
    };
    Ok(nodes.map(|mut nodes| {
        nodes.sort_unstable();
        nodes
    }))
}

fn as_bound(bound: Option<&(Value, bool)>) -> Bound<&Value> {
    match bound {
        None => Bound::Unbounded,
        Some((value, true)) => Bound::Included(value),
        Some((value, false)) => Bound::Excluded(value),
    }
}

fn with_labels(context: &Context<'_>, labels: &[String]) -> Vec<NodeId> {
    let graph = context.view.graph();
    let symbols: Option<Vec<_>> = labels.iter().map(|label| graph.symbol(label)).collect();
    let rarest =
        symbols.and_then(|symbols| symbols.into_iter().min_by_key(|&label| graph.label_count(label)));
    let nodes = rarest.into_iter().flat_map(|label| graph.nodes_with_label(label));
    nodes.filter(|&id| context.view.node(id).is_some()).collect()
}

//! Functions on values and elements that openCypher knows too.

use super::{unreadable, wrong};
use crate::error::{Detail, Error, Result, Span};
use crate::model::{NodeId, Path, RelationshipId, Value};
use crate::query::expr::Context;
use crate::query::value_ops::deleted;

pub(super) fn coalesce(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(args.iter().find(|value| !value.is_null()).cloned().unwrap_or_default())
}

/// What is asked of an element, node or relationship.
fn of_element(
    value: &Value,
    node: impl Fn(NodeId) -> Value,
    relationship: impl Fn(RelationshipId) -> Value,
) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Node(id) => Ok(node(*id)),
        Value::Relationship(id) => Ok(relationship(*id)),
        other => Err(wrong("a node or a relationship", other)),
    }
}

pub(super) fn id(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_element(&args[0], |id| Value::Int(id.0.into()), |id| Value::Int(id.0.into()))
}

pub(super) fn element_id(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_element(&args[0], |id| Value::from(format!("n{id}")), |id| Value::from(format!("r{id}")))
}

pub(super) fn key(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let graph = context.view.graph();
    let of_relationship =
        |id| graph.relationship(id).and_then(|r| r.key.as_deref()).map_or(Value::Null, Value::from);
    of_element(&args[0], |id| Value::from(context.view.source_label(id)), of_relationship)
}

pub(super) fn keys(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    match properties(context, args)? {
        Value::Map(entries) => Ok(Value::List(entries.into_keys().map(Value::from).collect())),
        other => Ok(other),
    }
}

pub(super) fn properties(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let graph = context.view.graph();
    match &args[0] {
        Value::Map(entries) => Ok(Value::Map(entries.clone())),
        value => of_element(
            value,
            |id| match context.view.is_confidential(id) {
                true => Value::Map([("confidential".to_owned(), Value::Bool(true))].into()),
                false => Value::Map(graph.node_data(id).unwrap_or_default().properties),
            },
            |id| graph.relationship_data(id).map_or(Value::Null, |data| Value::Map(data.properties)),
        ),
    }
}

pub(super) fn labels(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Node(id) => {
            let data = context.view.graph().node_data(*id).ok_or_else(|| deleted("node", Span::default()))?;
            Ok(Value::List(data.labels.into_iter().map(Value::from).collect()))
        }
        other => Err(wrong("a node", other)),
    }
}

/// What is asked of a relationship.
fn of_relationship(value: &Value, f: impl Fn(RelationshipId) -> Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Relationship(id) => Ok(f(*id)),
        other => Err(wrong("a relationship", other)),
    }
}

pub(super) fn type_of(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let graph = context.view.graph();
    of_relationship(&args[0], |id| {
        graph.relationship(id).map_or(Value::Null, |r| Value::from(graph.text(r.kind)))
    })
}

pub(super) fn start_node(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_relationship(&args[0], |id| {
        context.view.graph().relationship(id).map_or(Value::Null, |r| Value::Node(r.start))
    })
}

pub(super) fn end_node(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_relationship(&args[0], |id| {
        context.view.graph().relationship(id).map_or(Value::Null, |r| Value::Node(r.end))
    })
}

/// What is asked of a path.
fn of_path(value: &Value, f: impl Fn(&Path) -> Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Path(path) => Ok(f(path)),
        other => Err(wrong("a path", other)),
    }
}

pub(super) fn length(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_path(&args[0], |path| count(path.relationships.len()))
}

pub(super) fn nodes(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_path(&args[0], |path| Value::List(path.nodes.iter().copied().map(Value::Node).collect()))
}

pub(super) fn relationships(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_path(&args[0], |path| {
        Value::List(path.relationships.iter().copied().map(Value::Relationship).collect())
    })
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(super) fn size(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(count(items.len())),
        Value::String(text) => Ok(count(text.chars().count())),
        other => Err(wrong("a list or a text", other)),
    }
}

/// What is asked of a list.
fn of_list(value: &Value, f: impl Fn(&[Value]) -> Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(f(items)),
        other => Err(wrong("a list", other)),
    }
}

pub(super) fn is_empty(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(Value::Bool(items.is_empty())),
        Value::Map(entries) => Ok(Value::Bool(entries.is_empty())),
        Value::String(text) => Ok(Value::Bool(text.is_empty())),
        other => Err(wrong("a list, a map or a text", other)),
    }
}

pub(super) fn exists(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(!args[0].is_null()))
}

pub(super) fn head(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_list(&args[0], |items| items.first().cloned().unwrap_or_default())
}

pub(super) fn last(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_list(&args[0], |items| items.last().cloned().unwrap_or_default())
}

pub(super) fn tail(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_list(&args[0], |items| Value::List(items.get(1..).unwrap_or_default().to_vec()))
}

pub(super) fn reverse(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::String(text) => Ok(Value::from(text.chars().rev().collect::<String>())),
        value => of_list(value, |items| Value::List(items.iter().rev().cloned().collect())),
    }
}

pub(super) fn range(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    const ITEMS_MAX: usize = 10_000_000;
    let int = |value: &Value| match value {
        Value::Int(number) => Ok(*number),
        other => Err(unreadable("a whole number", other).detail(Detail::InvalidArgumentType)),
    };
    let (from, to, step) = (int(&args[0])?, int(&args[1])?, args.get(2).map_or(Ok(1), int)?);
    if step == 0 {
        return Err(Error::invalid("the step of range() cannot be 0").detail(Detail::NumberOutOfRange));
    }
    let mut items = Vec::new();
    let mut at = Some(from);
    while let Some(number) = at.filter(|&n| if step > 0 { n <= to } else { n >= to }) {
        if items.len() == ITEMS_MAX {
            return Err(Error::invalid(format!("range() gives at most {ITEMS_MAX} numbers"))
                .detail(Detail::LimitExceeded));
        }
        items.push(Value::Int(number));
        at = number.checked_add(step);
    }
    Ok(Value::List(items))
}

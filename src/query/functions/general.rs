//! Functions on values and elements that openCypher knows too.

use super::{unreadable, wrong};
use crate::error::{Detail, Error, Result, Span};
use crate::graph::Relationship;
use crate::model::{NodeId, Path, RelationshipId, Value};
use crate::query::expr::Context;
use crate::query::size::ITEMS_MAX;
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
    let missing = |what| deleted(what, Span::default());
    Ok(match &args[0] {
        Value::Null => Value::Null,
        Value::Map(entries) => Value::Map(entries.clone()),
        Value::Node(id) => {
            let data = graph.node_data(*id).ok_or_else(|| missing("node"))?;
            match context.view.is_confidential(*id) {
                true => Value::Map([("confidential".to_owned(), Value::Bool(true))].into()),
                false => Value::Map(data.properties),
            }
        }
        Value::Relationship(id) => {
            Value::Map(graph.relationship_data(*id).ok_or_else(|| missing("relationship"))?.properties)
        }
        other => return Err(wrong("a node, a relationship or a map", other)),
    })
}

pub(super) fn map_projection(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let [base, all, Value::Map(chosen)] = args else { return Ok(Value::Null) };
    let mut map = match properties(context, std::slice::from_ref(base))? {
        Value::Map(properties) if *all == Value::Bool(true) => properties,
        Value::Map(_) => Default::default(),
        other => return Ok(other),
    };
    map.extend(chosen.clone());
    Ok(Value::Map(map))
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

/// The type of a relationship, also of one that the statement has deleted.
pub(super) fn type_of(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let id = match &args[0] {
        Value::Null => return Ok(Value::Null),
        Value::Relationship(id) => *id,
        other => return Err(wrong("a relationship", other)),
    };
    let graph = context.view.graph();
    let before = context.surroundings.deleted_types.borrow();
    let text = graph.relationship(id).map(|r| graph.text(r.kind));
    let text = text.or_else(|| before.get(&id).map(String::as_str));
    text.map(Value::from).ok_or_else(|| deleted("relationship", Span::default()))
}

pub(super) fn start_node(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    end_of(context, &args[0], |relationship| relationship.start)
}

pub(super) fn end_node(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    end_of(context, &args[0], |relationship| relationship.end)
}

fn end_of(context: &Context<'_>, value: &Value, end: fn(&Relationship) -> NodeId) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Relationship(id) => {
            let relationship = context.view.graph().relationship(*id);
            let relationship = relationship.ok_or_else(|| deleted("relationship", Span::default()))?;
            Ok(Value::Node(end(relationship)))
        }
        other => Err(wrong("a relationship", other)),
    }
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

pub(super) fn null_if(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(if args[0].equals(&args[1]) == Some(true) { Value::Null } else { args[0].clone() })
}

/// Now, as the statement was told it.
pub(super) fn timestamp(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Int(context.surroundings.now_micros.div_euclid(1000)))
}

/// The same ids for the same statement at the same time, since answers are to be reproducible.
pub(super) fn random_uuid(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    let random = &context.surroundings.random;
    // Version 4 and its variant stand in six of the bits (RFC 9562).
    let high = (random.bits() & !0xf000) | 0x4000;
    let low = (random.bits() >> 2) | (0b10 << 62);
    Ok(Value::from(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )))
}

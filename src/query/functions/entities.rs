//! `entities.areSame`, `entities.of` and `entities.parts`: nodes that were judged to be one entity.

use super::wrong;
use crate::analysis::entities::parts_of;
use crate::error::Result;
use crate::model::{NodeId, Value};
use crate::query::expr::Context;

/// The parts of the entity of a node; none for null, and for a node that the lens hides.
fn parts(context: &Context<'_>, value: &Value) -> Result<Option<Vec<NodeId>>> {
    match value {
        Value::Null => Ok(None),
        Value::Node(id) => Ok(context.view.node(*id).map(|_| parts_of(context.view, *id))),
        other => Err(wrong("a node", other)),
    }
}

pub(super) fn all_parts(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let parts = parts(context, &args[0])?;
    Ok(parts.map_or(Value::Null, |parts| Value::List(parts.into_iter().map(Value::Node).collect())))
}

pub(super) fn of(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let parts = parts(context, &args[0])?;
    Ok(parts.and_then(|parts| parts.first().copied()).map_or(Value::Null, Value::Node))
}

pub(super) fn are_same(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let (Some(a), Some(b)) = (parts(context, &args[0])?, parts(context, &args[1])?) else {
        return Ok(Value::Null);
    };
    Ok(Value::Bool(a == b))
}

//! Functions on dates that may be known in part.

use super::unreadable;
use crate::error::Result;
use crate::model::time::reading;
use crate::model::{Clock, Date, Value};
use crate::query::expr::Context;

/// The first or last day of what a value covers; integers as they are.
fn bound_of(value: &Value, first: bool) -> Result<Value> {
    match reading(value) {
        _ if value.is_null() => Ok(Value::Null),
        Some((Clock::Integer, read)) => Ok(Value::Int(read.lo)),
        Some((Clock::Calendar, read)) => {
            Ok(Value::Date(Date::of_instant(if first { read.lo } else { read.hi })))
        }
        None => Err(unreadable("a date or a partial date such as '2023-09'", value)),
    }
}

pub(super) fn earliest(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    bound_of(&args[0], true)
}

pub(super) fn latest(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    bound_of(&args[0], false)
}

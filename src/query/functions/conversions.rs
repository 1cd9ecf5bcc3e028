//! Functions that turn a value into one of another type.

use super::wrong;
use crate::error::Result;
use crate::model::Value;
use crate::query::expr::Context;
use crate::query::value_ops::plain;

pub(super) fn to_string(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        value @ (Value::Node(_)
        | Value::Relationship(_)
        | Value::Path(_)
        | Value::List(_)
        | Value::Map(_)) => Err(wrong("a simple value", value)),
        value => Ok(Value::from(plain(value))),
    }
}

pub(super) fn to_integer(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    let whole =
        |number: f64| if number.abs() < 9.2e18 { Value::Int(number as i64) } else { Default::default() };
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Int(number) => Ok(Value::Int(*number)),
        Value::Float(number) => Ok(whole(*number)),
        Value::Bool(truth) => Ok(Value::Int((*truth).into())),
        Value::String(text) => Ok(match text.trim().parse::<i64>() {
            Ok(number) => Value::Int(number),
            Err(_) => text.trim().parse::<f64>().map_or(Value::Null, whole),
        }),
        other => Err(wrong("a number or a text", other)),
    }
}

pub(super) fn to_float(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::String(text) => Ok(text.trim().parse().map_or(Value::Null, Value::Float)),
        value => value.as_number().map(Value::Float).ok_or_else(|| wrong("a number or a text", value)),
    }
}

pub(super) fn to_boolean(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Bool(truth) => Ok(Value::Bool(*truth)),
        Value::Int(number) => Ok(Value::Bool(*number != 0)),
        Value::String(text) => Ok(match text.trim().to_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Null,
        }),
        other => Err(wrong("true or false, a whole number or a text", other)),
    }
}

/// Conversions that give null where the others fail.
macro_rules! or_null {
    ($($name:ident => $f:expr;)*) => {
        $(pub(super) fn $name(context: &Context<'_>, args: &[Value]) -> Result<Value> {
            Ok($f(context, args).unwrap_or_default())
        })*
    };
}

/// Conversions of each item of a list.
macro_rules! each {
    ($($name:ident => $f:expr;)*) => {
        $(pub(super) fn $name(context: &Context<'_>, args: &[Value]) -> Result<Value> {
            match &args[0] {
                Value::Null => Ok(Value::Null),
                Value::List(items) => {
                    let items = items.iter().map(|item| $f(context, std::slice::from_ref(item)));
                    items.collect::<Result<_>>().map(Value::List)
                }
                other => Err(wrong("a list", other)),
            }
        })*
    };
}

each! {
    to_boolean_list => to_boolean_or_null;
    to_float_list => to_float_or_null;
    to_integer_list => to_integer_or_null;
    to_string_list => to_string_or_null;
}

or_null! {
    to_boolean_or_null => to_boolean;
    to_float_or_null => to_float;
    to_integer_or_null => to_integer;
    to_string_or_null => to_string;
}

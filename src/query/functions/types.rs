//! The types of values: `valueType(x)`, `x IS :: type`, and `IS NORMALIZED` beside them.

use std::collections::BTreeSet;

use super::texts::normalized;
use crate::error::Result;
use crate::model::Value;
use crate::query::ast::{IsTest, TypeName, ValueType};
use crate::query::expr::Context;

pub(super) fn value_type(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::from(type_of(&args[0])))
}

/// The type of a value as openCypher writes it; `NULL` is the only one that admits null.
fn type_of(value: &Value) -> String {
    let name = match value {
        Value::Null => return "NULL".to_owned(),
        Value::Bool(_) => "BOOLEAN",
        Value::Int(_) => "INTEGER",
        Value::Float(_) => "FLOAT",
        Value::String(_) => "STRING",
        Value::Date(_) => "DATE",
        Value::LocalTime(_) => "LOCAL TIME",
        Value::Time(_) => "ZONED TIME",
        Value::LocalDateTime(_) => "LOCAL DATETIME",
        Value::DateTime(_) => "ZONED DATETIME",
        Value::Duration(_) => "DURATION",
        Value::Map(_) => "MAP",
        Value::Node(_) => "NODE",
        Value::Relationship(_) => "RELATIONSHIP",
        Value::Path(_) => "PATH",
        Value::List(items) => return format!("LIST<{}> NOT NULL", item_types(items)),
    };
    format!("{name} NOT NULL")
}

/// The types of a list's items, each once; with a null among them, all admit null.
fn item_types(items: &[Value]) -> String {
    let has_null = items.iter().any(Value::is_null);
    let types: BTreeSet<String> = items.iter().filter(|item| !item.is_null()).map(type_of).collect();
    if types.is_empty() {
        return if has_null { "NULL" } else { "NOTHING" }.to_owned();
    }
    let shown = |written: &String| match has_null {
        true => written.trim_end_matches(" NOT NULL").to_owned(),
        false => written.clone(),
    };
    types.iter().map(shown).collect::<Vec<_>>().join(" | ")
}

/// What `x IS test` gives; `None` where it is unknown.
pub(in crate::query) fn is(value: &Value, test: &IsTest) -> Option<bool> {
    match test {
        IsTest::Typed(wanted) => Some(is_of(value, wanted)),
        IsTest::Normalized(form) => value.as_str().map(|text| normalized(text, *form) == text),
    }
}

fn is_of(value: &Value, wanted: &ValueType) -> bool {
    wanted.alternatives.iter().any(|(name, not_null)| match value {
        Value::Null => !not_null && *name != TypeName::Nothing,
        _ => is_named(value, name),
    })
}

fn is_named(value: &Value, name: &TypeName) -> bool {
    match name {
        TypeName::Any => true,
        TypeName::Nothing | TypeName::Null => false,
        TypeName::Boolean => matches!(value, Value::Bool(_)),
        TypeName::Integer => matches!(value, Value::Int(_)),
        TypeName::Float => matches!(value, Value::Float(_)),
        TypeName::String => matches!(value, Value::String(_)),
        TypeName::Date => matches!(value, Value::Date(_)),
        TypeName::LocalTime => matches!(value, Value::LocalTime(_)),
        TypeName::ZonedTime => matches!(value, Value::Time(_)),
        TypeName::LocalDateTime => matches!(value, Value::LocalDateTime(_)),
        TypeName::ZonedDateTime => matches!(value, Value::DateTime(_)),
        TypeName::Duration => matches!(value, Value::Duration(_)),
        TypeName::Map => matches!(value, Value::Map(_)),
        TypeName::Node => matches!(value, Value::Node(_)),
        TypeName::Relationship => matches!(value, Value::Relationship(_)),
        TypeName::Path => matches!(value, Value::Path(_)),
        TypeName::Property => value.is_storable(),
        TypeName::List(items) => match value {
            Value::List(found) => found.iter().all(|item| is_of(item, items)),
            _ => false,
        },
    }
}

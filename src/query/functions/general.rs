//! Functions on values and elements that openCypher knows too.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::time::reading;
use crate::model::{Clock, Date, DateTime, Duration, NodeId, Path, RelationshipId, Value};
use crate::query::expr::Context;
use crate::query::value_ops::plain;

fn wrong(expected: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {expected}, found {} {found}", found.type_name()))
}

/// Applies `f` to a number; an integer stays one if `whole` keeps it.
fn number(value: &Value, whole: fn(i64) -> Option<i64>, real: fn(f64) -> f64) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(number) => whole(*number)
            .map(Value::Int)
            .ok_or_else(|| Error::invalid("the result does not fit into a 64-bit integer")),
        Value::Float(number) => Ok(Value::Float(real(*number))),
        other => Err(wrong("a number", other)),
    }
}

pub(super) fn abs(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], i64::checked_abs, f64::abs)
}

pub(super) fn ceil(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], Some, f64::ceil)
}

pub(super) fn floor(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], Some, f64::floor)
}

pub(super) fn round(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], Some, |x| (x + 0.5).floor())
}

pub(super) fn coalesce(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(args.iter().find(|value| !value.is_null()).cloned().unwrap_or_default())
}

pub(super) fn date(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Date(date) => Ok(Value::Date(*date)),
        Value::DateTime(time) => Ok(Value::Date(Date::of_instant(time.micros))),
        Value::String(text) => Date::parse(text.trim()).map(Value::Date),
        Value::Map(parts) => date_of_parts(parts),
        other => Err(wrong("a text such as '2023-09-07'", other)),
    }
}

fn date_of_parts(parts: &BTreeMap<String, Value>) -> Result<Value> {
    let part = |name: &str, default: i64| match parts.get(name) {
        None => Ok(default),
        Some(Value::Int(number)) => Ok(*number),
        Some(other) => Err(wrong(&format!("an integer as {name}"), other)),
    };
    if let Some(unknown) = parts.keys().find(|name| !["year", "month", "day"].contains(&name.as_str())) {
        return Err(Error::invalid(format!("a date has no part '{unknown}'"))
            .hint("it has year, month and day".to_owned()));
    }
    let (year, month, day) = (part("year", i64::MAX)?, part("month", 1)?, part("day", 1)?);
    let small = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
    let date = small.and_then(|((year, month), day)| Date::new(year, month, day));
    date.map(Value::Date)
        .ok_or_else(|| Error::invalid(format!("there is no date {}", Value::Map(parts.clone()))))
}

pub(super) fn datetime(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::DateTime(time) => Ok(Value::DateTime(*time)),
        Value::Date(date) => {
            Ok(Value::DateTime(DateTime { micros: date.first_instant(), offset_seconds: 0 }))
        }
        Value::String(text) => DateTime::parse(text.trim()).map(Value::DateTime),
        other => Err(wrong("a text such as '2023-09-07T12:00:00Z'", other)),
    }
}

pub(super) fn duration(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Duration(duration) => Ok(Value::Duration(*duration)),
        Value::String(text) => Duration::parse(text.trim()).map(Value::Duration),
        Value::Map(parts) => duration_of_parts(parts),
        other => Err(wrong("a text such as 'P7D'", other)),
    }
}

fn duration_of_parts(parts: &BTreeMap<String, Value>) -> Result<Value> {
    const MICROS: [(&str, i64); 3] =
        [("hours", 3_600_000_000), ("minutes", 60_000_000), ("seconds", 1_000_000)];
    let mut total = Duration::default();
    for (name, value) in parts {
        let Value::Int(count) = value else { return Err(wrong(&format!("an integer as {name}"), value)) };
        let (field, unit) = match name.as_str() {
            "years" => (&mut total.months, 12),
            "months" => (&mut total.months, 1),
            "weeks" => (&mut total.days, 7),
            "days" => (&mut total.days, 1),
            other => match MICROS.iter().find(|(known, _)| *known == other) {
                Some((_, unit)) => (&mut total.micros, *unit),
                None => {
                    return Err(Error::invalid(format!("a duration has no part '{other}'"))
                        .hint("it has years, months, weeks, days, hours, minutes and seconds".to_owned()));
                }
            },
        };
        let sum = count.checked_mul(unit).and_then(|part| field.checked_add(part));
        *field = sum.ok_or_else(|| Error::invalid("the duration is too long"))?;
    }
    Ok(Value::Duration(total))
}

/// The first or last day of what a value covers; integers as they are.
fn bound_of(value: &Value, first: bool) -> Result<Value> {
    match reading(value) {
        _ if value.is_null() => Ok(Value::Null),
        Some((Clock::Integer, read)) => Ok(Value::Int(read.lo)),
        Some((Clock::Calendar, read)) => {
            Ok(Value::Date(Date::of_instant(if first { read.lo } else { read.hi })))
        }
        None => Err(wrong("a date or a partial date such as '2023-09'", value)),
    }
}

pub(super) fn earliest(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    bound_of(&args[0], true)
}

pub(super) fn latest(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    bound_of(&args[0], false)
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
            let labels = context.view.graph().node_data(*id).unwrap_or_default().labels;
            Ok(Value::List(labels.into_iter().map(Value::from).collect()))
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
        other => Err(wrong("an integer", other)),
    };
    let (from, to, step) = (int(&args[0])?, int(&args[1])?, args.get(2).map_or(Ok(1), int)?);
    if step == 0 {
        return Err(Error::invalid("the step of range() cannot be 0"));
    }
    let mut items = Vec::new();
    let mut at = Some(from);
    while let Some(number) = at.filter(|&n| if step > 0 { n <= to } else { n >= to }) {
        if items.len() == ITEMS_MAX {
            return Err(Error::invalid(format!("range() gives at most {ITEMS_MAX} numbers")));
        }
        items.push(Value::Int(number));
        at = number.checked_add(step);
    }
    Ok(Value::List(items))
}

/// What is asked of a text.
fn of_text(value: &Value, f: impl Fn(&str) -> Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) => Ok(f(text)),
        other => Err(wrong("a text", other)),
    }
}

pub(super) fn split(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if args[1].is_null() {
        return Ok(Value::Null);
    }
    let separator = args[1].as_str().ok_or_else(|| wrong("a text", &args[1]))?;
    of_text(&args[0], |text| Value::List(text.split(separator).map(Value::from).collect()))
}

pub(super) fn to_lower(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::from(text.to_lowercase()))
}

pub(super) fn to_upper(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::from(text.to_uppercase()))
}

pub(super) fn trim(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::from(text.trim()))
}

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

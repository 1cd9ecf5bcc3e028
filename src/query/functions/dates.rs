//! Functions on dates, datetimes and durations.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::time::reading;
use crate::model::{Clock, Date, DateTime, Duration, Value};
use crate::query::expr::Context;

/// What cannot be read as a time is a bad argument, of whatever type it is.
fn wrong(expected: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {expected}, found {} {found}", found.type_name()))
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

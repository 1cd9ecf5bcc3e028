//! Functions on dates, datetimes and durations.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::time::{DAY_MICROS, reading};
use crate::model::{Clock, Date, DateTime, Duration, Value};
use crate::query::calendar;
use crate::query::expr::Context;

/// What cannot be read as a time is a bad argument, of whatever type it is.
fn wrong(expected: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {expected}, found {} {found}", found.type_name()))
}

pub(super) fn date(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let Some(value) = args.first() else {
        return Ok(Value::Date(Date::of_instant(context.surroundings.now_micros)));
    };
    match value {
        Value::Null => Ok(Value::Null),
        Value::Date(date) => Ok(Value::Date(*date)),
        Value::DateTime(time) => Ok(Value::Date(calendar::local_date(*time))),
        Value::String(text) => Date::parse(text.trim()).map(Value::Date),
        Value::Map(parts) => calendar::date_of_parts(parts).map(Value::Date),
        other => Err(wrong("a text such as '2023-09-07'", other)),
    }
}

/// `date.truncate(unit, x [, parts])`.
pub(super) fn date_truncate(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if args[0].is_null() || args[1].is_null() {
        return Ok(Value::Null);
    }
    let unit = args[0].as_str().ok_or_else(|| wrong("a unit such as 'month'", &args[0]))?;
    let first = calendar::truncated(day_of(&args[1])?, unit)?;
    match args.get(2) {
        None | Some(Value::Null) => Ok(Value::Date(first)),
        Some(Value::Map(parts)) => {
            let mut parts = parts.clone();
            parts.insert("date".to_owned(), Value::Date(first));
            calendar::date_of_parts(&parts).map(Value::Date)
        }
        Some(other) => Err(wrong("a map such as {day: 2}", other)),
    }
}

fn day_of(value: &Value) -> Result<Date> {
    match value {
        Value::Date(date) => Ok(*date),
        Value::DateTime(time) => Ok(calendar::local_date(*time)),
        other => Err(wrong("a date", other)),
    }
}

/// Whole months from one day to another, and the days that are left.
fn months_and_days(from: Date, to: Date) -> (i64, i64) {
    let part = |date: Date, name: &str| calendar::date_part(date, name).unwrap_or_default();
    let mut months = (part(to, "year") - part(from, "year")) * 12 + part(to, "month") - part(from, "month");
    let reached = |months: i64| from.plus_months(months).unwrap_or(to);
    if months > 0 && reached(months) > to {
        months -= 1;
    } else if months < 0 && reached(months) < to {
        months += 1;
    }
    (months, (to.first_instant() - reached(months).first_instant()) / DAY_MICROS)
}

/// `duration.between(from, to)` and its kin on two dates, or on two datetimes.
fn between(args: &[Value], of_dates: fn(Date, Date) -> Duration) -> Result<Value> {
    match (&args[0], &args[1]) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Date(from), Value::Date(to)) => Ok(Value::Duration(of_dates(*from, *to))),
        (Value::DateTime(_), _) | (_, Value::DateTime(_)) => {
            Err(Error::invalid("the months or days between datetimes are not built yet")
                .hint("write duration.inSeconds, or take the dates of both".to_owned()))
        }
        (Value::Date(_), other) | (other, _) => Err(wrong("a date", other)),
    }
}

pub(super) fn duration_between(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, |from, to| {
        let (months, days) = months_and_days(from, to);
        Duration { months, days, micros: 0 }
    })
}

pub(super) fn duration_in_months(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, |from, to| Duration { months: months_and_days(from, to).0, ..Duration::default() })
}

pub(super) fn duration_in_days(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, |from, to| {
        let days = (to.first_instant() - from.first_instant()) / DAY_MICROS;
        Duration { days, ..Duration::default() }
    })
}

pub(super) fn duration_in_seconds(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    let instant = |value: &Value| match value {
        Value::Date(date) => Ok(date.first_instant()),
        Value::DateTime(time) => Ok(time.micros),
        other => Err(wrong("a date or a datetime", other)),
    };
    if args.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let micros = instant(&args[1])?.saturating_sub(instant(&args[0])?);
    Ok(Value::Duration(Duration { micros, ..Duration::default() }))
}

pub(super) fn datetime(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let Some(value) = args.first() else {
        let micros = context.surroundings.now_micros;
        return Ok(Value::DateTime(DateTime { micros, offset_seconds: 0 }));
    };
    match value {
        Value::Map(parts) => calendar::datetime_of_parts(parts).map(Value::DateTime),
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
    /// Units with their length in months, days and microseconds, of which two are 0.
    const UNITS: [(&str, i64, i64, i64); 10] = [
        ("years", 12, 0, 0),
        ("quarters", 3, 0, 0),
        ("months", 1, 0, 0),
        ("weeks", 0, 7, 0),
        ("days", 0, 1, 0),
        ("hours", 0, 0, 3_600_000_000),
        ("minutes", 0, 0, 60_000_000),
        ("seconds", 0, 0, 1_000_000),
        ("milliseconds", 0, 0, 1_000),
        ("microseconds", 0, 0, 1),
    ];
    let too_long = || Error::invalid("the duration is too long");
    let mut total = Duration::default();
    for (name, value) in parts {
        let Some((_, months, days, micros)) = UNITS.iter().find(|(known, ..)| known == name) else {
            return Err(Error::invalid(format!("a duration has no part '{name}'"))
                .hint("it has years, months, weeks, days, hours, minutes and seconds".to_owned()));
        };
        let part = match value {
            Value::Int(count) => {
                let times = |unit: &i64| count.checked_mul(*unit);
                let part = times(months).zip(times(days)).zip(times(micros));
                part.map(|((months, days), micros)| Duration { months, days, micros })
            }
            Value::Float(count) if count.is_finite() => {
                calendar::duration_of(*count * *months as f64, *count * *days as f64, *count * *micros as f64)
            }
            other => return Err(wrong(&format!("a number as {name}"), other)),
        };
        total = part.and_then(|part| calendar::sum(total, part)).ok_or_else(too_long)?;
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

//! Functions on dates, datetimes and durations.

use std::collections::BTreeMap;

use super::unreadable;
use crate::error::{Error, Result};
use crate::model::time::{DAY_MICROS, reading};
use crate::model::{Clock, Date, DateTime, Duration, Value};
use crate::query::calendar;
use crate::query::expr::Context;

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
        other => Err(unreadable("a text such as '2023-09-07'", other)),
    }
}

/// `date.truncate(unit, x [, parts])`.
pub(super) fn date_truncate(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if args[0].is_null() || args[1].is_null() {
        return Ok(Value::Null);
    }
    let unit = args[0].as_str().ok_or_else(|| unreadable("a unit such as 'month'", &args[0]))?;
    let first = calendar::truncated(day_of(&args[1])?, unit)?;
    match args.get(2) {
        None | Some(Value::Null) => Ok(Value::Date(first)),
        Some(Value::Map(parts)) => {
            let mut parts = parts.clone();
            parts.insert("date".to_owned(), Value::Date(first));
            calendar::date_of_parts(&parts).map(Value::Date)
        }
        Some(other) => Err(unreadable("a map such as {day: 2}", other)),
    }
}

fn day_of(value: &Value) -> Result<Date> {
    match value {
        Value::Date(date) => Ok(*date),
        Value::DateTime(time) => Ok(calendar::local_date(*time)),
        other => Err(unreadable("a date", other)),
    }
}

/// Two dates or datetimes as microseconds on one clock: that of the first datetime's offset.
fn on_one_clock(from: &Value, to: &Value) -> Result<(i64, i64)> {
    let offset = [from, to].into_iter().find_map(|value| match value {
        Value::DateTime(time) => Some(time.offset_seconds),
        _ => None,
    });
    let offset_seconds = offset.unwrap_or(0);
    let micros = |value: &Value| match value {
        Value::Date(date) => Ok(date.first_instant()),
        Value::DateTime(time) => Ok(calendar::local_micros(DateTime { offset_seconds, ..*time })),
        other => Err(unreadable("a date or a datetime", other)),
    };
    Ok((micros(from)?, micros(to)?))
}

/// `duration.between(from, to)` and its kin, computed on one clock.
fn between(args: &[Value], of_clock: fn(i64, i64) -> Duration) -> Result<Value> {
    if args.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let (from, to) = on_one_clock(&args[0], &args[1])?;
    Ok(Value::Duration(of_clock(from, to)))
}

pub(super) fn duration_between(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, calendar::between)
}

pub(super) fn duration_in_months(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, |from, to| Duration { days: 0, micros: 0, ..calendar::between(from, to) })
}

pub(super) fn duration_in_days(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, |from, to| Duration { days: to.saturating_sub(from) / DAY_MICROS, ..Duration::default() })
}

pub(super) fn duration_in_seconds(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    between(args, |from, to| Duration { micros: to.saturating_sub(from), ..Duration::default() })
}

/// `datetime.truncate(unit, x [, parts])`.
pub(super) fn datetime_truncate(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if args[0].is_null() || args[1].is_null() {
        return Ok(Value::Null);
    }
    let unit = args[0].as_str().ok_or_else(|| unreadable("a unit such as 'hour'", &args[0]))?;
    let time = match &args[1] {
        Value::Date(date) => DateTime { micros: date.first_instant(), offset_seconds: 0 },
        Value::DateTime(time) => *time,
        other => return Err(unreadable("a date or a datetime", other)),
    };
    let first = Value::DateTime(calendar::truncated_time(time, unit)?);
    match args.get(2) {
        None | Some(Value::Null) => Ok(first),
        Some(Value::Map(parts)) => {
            let mut parts = parts.clone();
            parts.insert("datetime".to_owned(), first);
            calendar::datetime_of_parts(&parts).map(Value::DateTime)
        }
        Some(other) => Err(unreadable("a map such as {hour: 2}", other)),
    }
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
        other => Err(unreadable("a text such as '2023-09-07T12:00:00Z'", other)),
    }
}

pub(super) fn duration(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Duration(duration) => Ok(Value::Duration(*duration)),
        Value::String(text) => Duration::parse(text.trim()).map(Value::Duration),
        Value::Map(parts) => duration_of_parts(parts),
        other => Err(unreadable("a text such as 'P7D'", other)),
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
            other => return Err(unreadable(&format!("a number as {name}"), other)),
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
        None => Err(unreadable("a date or a partial date such as '2023-09'", value)),
    }
}

pub(super) fn earliest(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    bound_of(&args[0], true)
}

pub(super) fn latest(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    bound_of(&args[0], false)
}

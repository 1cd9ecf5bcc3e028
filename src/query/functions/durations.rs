//! Functions that make durations and measure from one point in time to another.

use std::collections::BTreeMap;

use super::unreadable;
use crate::error::{Detail, Error, Result};
use crate::model::time::{self, Amount, Parts, Unit};
use crate::model::{Duration, Value};
use crate::names::did_you_mean;
use crate::query::expr::Context;

const UNITS: [(&str, Unit); 11] = [
    ("years", Unit::Months(12)),
    ("quarters", Unit::Months(3)),
    ("months", Unit::Months(1)),
    ("weeks", Unit::Days(7)),
    ("days", Unit::Days(1)),
    ("hours", Unit::Seconds(3600)),
    ("minutes", Unit::Seconds(60)),
    ("seconds", Unit::Seconds(1)),
    ("milliseconds", Unit::SecondParts(1000)),
    ("microseconds", Unit::SecondParts(1_000_000)),
    ("nanoseconds", Unit::SecondParts(1_000_000_000)),
];

pub(super) fn duration(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Duration(duration) => Ok(Value::Duration(*duration)),
        Value::String(text) => Duration::parse(text.trim()).map(Value::Duration),
        Value::Map(parts) => of_parts(parts),
        other => Err(unreadable("a text such as 'P7D'", other)),
    }
}

fn of_parts(parts: &BTreeMap<String, Value>) -> Result<Value> {
    let amounts: Vec<_> = parts.iter().map(|(name, value)| amount(name, value)).collect::<Result<_>>()?;
    Duration::of_amounts(&amounts).map(Value::Duration).ok_or_else(too_long)
}

fn amount(name: &str, value: &Value) -> Result<(Unit, Amount)> {
    let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) else {
        let hint = did_you_mean(name, UNITS.iter().map(|(known, _)| *known));
        return Err(Error::invalid(format!("a duration has no part '{name}'"))
            .hint(hint.unwrap_or_else(|| "it has years, months, days, hours and the like".to_owned())));
    };
    let amount = match value {
        Value::Int(count) => Amount::whole(*count),
        Value::Float(count) if count.is_finite() => Amount::of_float(*count).ok_or_else(too_long)?,
        other => return Err(unreadable(&format!("a number as {name}"), other)),
    };
    Ok((*unit, amount))
}

fn too_long() -> Error {
    Error::invalid("the duration is too long").detail(Detail::NumberOutOfRange)
}

/// A measure from one point in time to another; `None` where it is too long.
type Measure = fn(Parts, Parts) -> Option<Duration>;

/// `duration.between(from, to)` and its kin.
fn measured(args: &[Value], measure: Measure) -> Result<Value> {
    if args.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let parts = |value| Parts::of(value).ok_or_else(|| unreadable("a date or a time", value));
    let measured = measure(parts(&args[0])?, parts(&args[1])?);
    measured.map(Value::Duration).ok_or_else(too_long)
}

pub(super) fn duration_between(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    measured(args, time::between)
}

pub(super) fn duration_in_months(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    measured(args, |from, to| Some(time::months_between(from, to)))
}

pub(super) fn duration_in_days(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    measured(args, |from, to| Some(time::days_between(from, to)))
}

pub(super) fn duration_in_seconds(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    measured(args, time::seconds_between)
}

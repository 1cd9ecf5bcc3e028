//! Functions that make dates and times, tell the present, and cut off.

use super::unreadable;
use crate::error::{Detail, Error, Result};
use crate::model::time::TimeZone;
use crate::model::{DateTime, Value};
use crate::query::calendar::{self, Temporal};
use crate::query::expr::Context;

/// For each type: the function that makes one, the one that tells the present, and the one that cuts off.
macro_rules! functions_of {
    ($($kind:ident: $make:ident, $now:ident, $truncate:ident;)*) => {
        $(pub(super) fn $make(context: &Context<'_>, args: &[Value]) -> Result<Value> {
            make(Temporal::$kind, context, args)
        }

        pub(super) fn $now(context: &Context<'_>, args: &[Value]) -> Result<Value> {
            now(Temporal::$kind, context, args)
        }

        pub(super) fn $truncate(_: &Context<'_>, args: &[Value]) -> Result<Value> {
            truncate(Temporal::$kind, args)
        })*
    };
}

functions_of! {
    Date: date, date_now, date_truncate;
    LocalTime: localtime, localtime_now, localtime_truncate;
    Time: time, time_now, time_truncate;
    LocalDateTime: localdatetime, localdatetime_now, localdatetime_truncate;
    DateTime: datetime, datetime_now, datetime_truncate;
}

fn make(kind: Temporal, context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let now_micros = context.surroundings.now_micros;
    match args.first() {
        None => Ok(calendar::current(kind, now_micros, TimeZone::UTC)),
        Some(Value::Null) => Ok(Value::Null),
        Some(Value::String(text)) => kind.parse(text.trim()),
        Some(Value::Map(fields)) => calendar::of_map(kind, fields, now_micros),
        Some(other) => calendar::converted(kind, other),
    }
}

/// The present as the statement began; a statement, its transaction and what it calls have one clock.
fn now(kind: Temporal, context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let zone = match args.first() {
        None => TimeZone::UTC,
        Some(Value::Null) => return Ok(Value::Null),
        Some(Value::String(name)) => TimeZone::parse(name)?,
        Some(other) => return Err(unreadable("a time zone such as 'Europe/Stockholm'", other)),
    };
    Ok(calendar::current(kind, context.surroundings.now_micros, zone))
}

/// `date.truncate(unit, x [, parts])` and its kin.
fn truncate(kind: Temporal, args: &[Value]) -> Result<Value> {
    if args[0].is_null() || args[1].is_null() {
        return Ok(Value::Null);
    }
    let unit = args[0].as_str().ok_or_else(|| unreadable("a unit such as 'month'", &args[0]))?;
    match args.get(2) {
        None | Some(Value::Null) => calendar::truncated(kind, unit, &args[1], &Default::default()),
        Some(Value::Map(fields)) => calendar::truncated(kind, unit, &args[1], fields),
        Some(other) => Err(unreadable("a map such as {day: 2}", other)),
    }
}

/// `datetime.fromepoch(seconds, nanoseconds)`.
pub(super) fn from_epoch(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match (&args[0], &args[1]) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Int(seconds), Value::Int(nanos)) => of_epoch(*seconds, *nanos),
        (Value::Int(_), other) | (other, _) => Err(unreadable("whole seconds and nanoseconds", other)),
    }
}

/// `datetime.fromepochmillis(milliseconds)`.
pub(super) fn from_epoch_millis(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Int(millis) => of_epoch(millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000),
        other => Err(unreadable("whole milliseconds", other)),
    }
}

fn of_epoch(seconds: i64, nanos: i64) -> Result<Value> {
    DateTime::of_seconds(seconds, nanos, TimeZone::UTC).map(Value::DateTime).ok_or_else(|| {
        Error::invalid("the datetime lies outside the years -999999999 to 999999999")
            .detail(Detail::NumberOutOfRange)
    })
}

//! Dates and times of other ones, and of maps.

use super::Temporal;
use super::fields::{Fields, check_names, date_of, time_of, zone_of};
use crate::error::{Error, Result};
use crate::model::time::{LocalDateTime, LocalTime, Parts, TimeZone};
use crate::model::{Date, DateTime, Time, Value};

/// What clocks in a zone show at an instant.
pub(in crate::query) fn current(kind: Temporal, now_micros: i64, zone: TimeZone) -> Value {
    let now = DateTime::of_micros(now_micros).in_zone(zone);
    match kind {
        Temporal::DateTime => Value::DateTime(now),
        Temporal::Time => Value::Time(Time { local: now.local().time, offset_seconds: now.offset_seconds() }),
        _ => kind.of_local(now.local(), TimeZone::UTC, None),
    }
}

/// A date or time as one of another type: what that does not say is dropped, and what it says beyond
/// is midnight and UTC.
///
/// # Errors
/// `Invalid` where a date is wanted of a time, or a time of a date.
pub(in crate::query) fn converted(kind: Temporal, value: &Value) -> Result<Value> {
    let refuse = || {
        let (name, found) = (kind.name(), value.type_name());
        Error::invalid(format!("there is no {name} in {found} {value}"))
    };
    let parts = Parts::of(value).ok_or_else(refuse)?;
    let lacks_time = parts.time.is_none() && !kind.has_date();
    if lacks_time || (parts.date.is_none() && kind.has_date()) {
        return Err(refuse());
    }
    let date = parts.date.unwrap_or(Date::of_instant(0));
    let local = LocalDateTime { date, time: parts.time.unwrap_or(LocalTime::MIDNIGHT) };
    Ok(kind.of_local(local, parts.zone.unwrap_or(TimeZone::UTC), parts.offset_seconds))
}

/// A date or time of the entries of a map. They may name another one under `date`, `time` or `datetime`,
/// which gives what is left out; with a `timezone` beside one that has a zone, the same instant is meant.
/// A `timezone` alone asks for the present there.
///
/// # Errors
/// `Invalid` for entries that the type does not have, that contradict each other, or are out of range.
pub(in crate::query) fn of_map(kind: Temporal, fields: &Fields, now_micros: i64) -> Result<Value> {
    if let (1, Some(Value::String(zone))) = (fields.len(), fields.get("timezone")) {
        return Ok(current(kind, now_micros, TimeZone::parse(zone)?));
    }
    check_names(kind, fields, bases_of(kind))?;
    let zone = zone_of(kind, fields)?;
    let base = base_of(fields)?;
    let date = match kind.has_date() {
        true => date_of(fields, base.date)?,
        false => base.date.unwrap_or(Date::of_instant(0)),
    };
    let time = match kind.has_time() {
        true => time_of(fields, base.time, false)?,
        false => LocalTime::MIDNIGHT,
    };
    let local = LocalDateTime { date, time };
    let made = kind.of_local(local, base.zone.or(zone).unwrap_or(TimeZone::UTC), base.offset_seconds);
    Ok(match (made, zone) {
        (Value::DateTime(time), Some(zone)) => Value::DateTime(time.in_zone(zone)),
        (Value::Time(time), Some(TimeZone::Offset(offset))) => Value::Time(time.at_offset(offset)),
        (made, _) => made,
    })
}

/// The names under which a map for a type may hold another date or time.
fn bases_of(kind: Temporal) -> &'static [&'static str] {
    match kind {
        Temporal::Date => &["date", "datetime"],
        Temporal::LocalTime | Temporal::Time => &["time", "datetime"],
        Temporal::LocalDateTime | Temporal::DateTime => &["date", "time", "datetime"],
    }
}

/// What the dates and times in a map give.
fn base_of(fields: &Fields) -> Result<Parts> {
    let named = |name: &str, has_parts: fn(&Parts) -> bool| -> Result<Option<Parts>> {
        let Some(value) = fields.get(name) else { return Ok(None) };
        Parts::of(value).filter(has_parts).map(Some).ok_or_else(|| {
            Error::invalid(format!("expected a {name} as {name}, found {} {value}", value.type_name()))
        })
    };
    let both = named("datetime", |parts| parts.date.is_some() && parts.time.is_some())?;
    let date = named("date", |parts| parts.date.is_some())?;
    let time = named("time", |parts| parts.time.is_some())?;
    match (both, date.or(time)) {
        (Some(_), Some(_)) => Err(Error::invalid("a map cannot have datetime together with date or time")),
        (Some(both), None) => Ok(both),
        // A datetime under `time` gives its time and zone, one under `date` its day alone.
        (None, _) => Ok(Parts { date: date.and_then(|parts| parts.date), ..time.unwrap_or_default() }),
    }
}

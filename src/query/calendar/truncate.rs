//! Dates and times, cut off below a unit.

use super::Temporal;
use super::fields::{Fields, check_names, date_of, time_of, zone_of};
use crate::error::{Detail, Error, Result};
use crate::model::time::{LocalDateTime, LocalTime, Parts, SECOND_NANOS, TimeZone};
use crate::model::{Date, Value};
use crate::names::did_you_mean;

/// A unit of the calendar or of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// So many years, from a year that they divide.
    Years(i64),
    /// A year of ISO weeks.
    WeekYear,
    Quarter,
    Month,
    Week,
    Day,
    /// So many nanoseconds of a day.
    Nanos(i64),
}

const UNITS: &[(&str, Unit)] = &[
    ("millennium", Unit::Years(1000)),
    ("century", Unit::Years(100)),
    ("decade", Unit::Years(10)),
    ("year", Unit::Years(1)),
    ("weekYear", Unit::WeekYear),
    ("quarter", Unit::Quarter),
    ("month", Unit::Month),
    ("week", Unit::Week),
    ("day", Unit::Day),
    ("hour", Unit::Nanos(3600 * SECOND_NANOS)),
    ("minute", Unit::Nanos(60 * SECOND_NANOS)),
    ("second", Unit::Nanos(SECOND_NANOS)),
    ("millisecond", Unit::Nanos(1_000_000)),
    ("microsecond", Unit::Nanos(1000)),
];

/// The first point of the unit in which a date or time lies, as one of a type, with the entries of a map
/// put in place of what was cut off. A `timezone` among them keeps what the clock shows.
///
/// # Errors
/// `Invalid` for a unit that is unknown or that the type does not have, for a value that does not say
/// what the type does, and for entries out of range.
pub(in crate::query) fn truncated(
    kind: Temporal,
    unit: &str,
    value: &Value,
    fields: &Fields,
) -> Result<Value> {
    let unit = unit_of(kind, unit)?;
    check_names(kind, fields, &[])?;
    let parts = Parts::of(value).filter(|parts| match kind.has_date() {
        true => parts.date.is_some(),
        false => parts.time.is_some(),
    });
    let parts = parts.ok_or_else(|| {
        let (name, found) = (kind.name(), value.type_name());
        Error::invalid(format!("there is no {name} in {found} {value}"))
    })?;
    let time = parts.time.unwrap_or(LocalTime::MIDNIGHT);
    let time = match unit {
        Unit::Nanos(unit) => LocalTime::of_nanos(time.nanos() - time.nanos() % unit).unwrap_or(time),
        _ => LocalTime::MIDNIGHT,
    };
    let date = match parts.date {
        Some(date) if kind.has_date() => date_of(fields, Some(first_day(unit, date)?))?,
        Some(date) => date,
        None => Date::of_instant(0),
    };
    let time = if kind.has_time() { time_of(fields, Some(time), true)? } else { time };
    let zone = zone_of(kind, fields)?.or(parts.zone).unwrap_or(TimeZone::UTC);
    Ok(kind.of_local(LocalDateTime { date, time }, zone, parts.offset_seconds))
}

fn unit_of(kind: Temporal, name: &str) -> Result<Unit> {
    let is_of_kind = |unit: Unit| match unit {
        Unit::Day => true,
        Unit::Nanos(_) => kind.has_time(),
        _ => kind.has_date(),
    };
    let units = || UNITS.iter().filter(|(_, unit)| is_of_kind(*unit));
    units().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, unit)| *unit).ok_or_else(|| {
        let names: Vec<&str> = units().map(|(known, _)| *known).collect();
        let hint = did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("units are {}", names.join(", ")));
        Error::invalid(format!("a {} cannot be cut to '{name}'", kind.name())).hint(hint)
    })
}

/// The first day of the unit in which a day lies.
fn first_day(unit: Unit, date: Date) -> Result<Date> {
    let (year, month, _) = date.year_month_day();
    let year = i64::from(year);
    let first = match unit {
        Unit::Years(years) => Date::of_ymd(year - year.rem_euclid(years), 1, 1),
        Unit::WeekYear => Date::of_week(date.week().0, 1, 1),
        Unit::Quarter => Date::of_quarter(year, date.quarter(), 1),
        Unit::Month => Date::of_ymd(year, month.into(), 1),
        Unit::Week => date.plus_days(1 - date.weekday()),
        Unit::Day | Unit::Nanos(_) => Some(date),
    };
    first.ok_or_else(|| {
        Error::invalid("the date lies outside the years -999999999 to 999999999")
            .detail(Detail::NumberOutOfRange)
    })
}

//! Parts of dates and durations: quarters, ISO weeks, and dates made of such parts.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::time::{DAY_MICROS, SECOND_MICROS};
use crate::model::{Date, DateTime, Duration, Value};

/// What of a date a map of parts may give.
const PARTS: &[&str] =
    &["date", "year", "month", "day", "week", "dayOfWeek", "quarter", "dayOfQuarter", "ordinalDay"];

/// A part of a date, if it has one of that name.
pub(super) fn date_part(date: Date, name: &str) -> Option<i64> {
    let (year, month, day) = date.year_month_day();
    Some(match name {
        "year" => year.into(),
        "month" => month.into(),
        "day" => day.into(),
        "quarter" => quarter_of(date),
        "week" => week_of(date).1,
        "weekYear" => week_of(date).0,
        "dayOfWeek" | "weekDay" => weekday_of(date),
        "dayOfQuarter" => days_from(first_of_quarter(date), date) + 1,
        "ordinalDay" => days_from(first_of_year(date), date) + 1,
        _ => return None,
    })
}

/// A part of a datetime, in the offset that it was written in.
pub(super) fn datetime_part(time: DateTime, name: &str) -> Option<i64> {
    let of_day = local_micros(time).rem_euclid(DAY_MICROS);
    Some(match name {
        "hour" => of_day / SECOND_MICROS / 3600,
        "minute" => of_day / SECOND_MICROS / 60 % 60,
        "second" => of_day / SECOND_MICROS % 60,
        "millisecond" => of_day / 1000 % 1000,
        "microsecond" => of_day % SECOND_MICROS,
        "epochSeconds" => time.micros.div_euclid(SECOND_MICROS),
        "epochMillis" => time.micros.div_euclid(1000),
        "offsetSeconds" => time.offset_seconds.into(),
        "offsetMinutes" => (time.offset_seconds / 60).into(),
        _ => return date_part(local_date(time), name),
    })
}

/// A part of a duration: of its months, its days, or its seconds, which do not turn into one another.
pub(super) fn duration_part(duration: Duration, name: &str) -> Option<i64> {
    let (months, days, micros) = (duration.months, duration.days, duration.micros);
    let seconds = micros.div_euclid(SECOND_MICROS);
    Some(match name {
        "years" => months / 12,
        "quarters" => months / 3,
        "months" => months,
        "quartersOfYear" => months / 3 % 4,
        "monthsOfQuarter" => months % 3,
        "monthsOfYear" => months % 12,
        "weeks" => days / 7,
        "days" => days,
        "daysOfWeek" => days % 7,
        "hours" => micros / SECOND_MICROS / 3600,
        "minutes" => micros / SECOND_MICROS / 60,
        "minutesOfHour" => micros / SECOND_MICROS / 60 % 60,
        // As before, towards zero, so that a second backwards is -1.
        "seconds" => micros / SECOND_MICROS,
        "secondsOfMinute" => seconds % 60,
        "milliseconds" => micros / 1000,
        "millisecondsOfSecond" => micros.rem_euclid(SECOND_MICROS) / 1000,
        "microseconds" => micros,
        "microsecondsOfSecond" => micros.rem_euclid(SECOND_MICROS),
        _ => return None,
    })
}

/// The date of a map such as `{year: 2023, month: 9}` or `{date: d, week: 3}`; what is left out is taken
/// from `date`, else the first.
///
/// # Errors
/// `Invalid` for parts that a date does not have, that are no integers, or that make no date.
pub(super) fn date_of_parts(parts: &BTreeMap<String, Value>) -> Result<Date> {
    if let Some(unknown) = parts.keys().find(|name| !PARTS.contains(&name.as_str())) {
        return Err(Error::invalid(format!("a date has no part '{unknown}'"))
            .hint("it has year, month and day".to_owned()));
    }
    let base = match parts.get("date") {
        None => None,
        Some(Value::Date(date)) => Some(*date),
        Some(Value::DateTime(time)) => Some(local_date(*time)),
        Some(other) => return Err(Error::invalid(format!("expected a date as date, found {other}"))),
    };
    let part = |name: &str, first: i64| match (parts.get(name), base) {
        (Some(Value::Int(number)), _) => Ok(*number),
        (Some(other), _) => {
            let found = other.type_name();
            Err(Error::invalid(format!("expected an integer as {name}, found {found} {other}")))
        }
        (None, Some(base)) => Ok(date_part(base, name).unwrap_or(first)),
        (None, None) => Ok(first),
    };
    let has = |name: &str| parts.contains_key(name);
    let no_year = i64::MAX;
    let date = if has("week") {
        let year = match (parts.get("year"), base) {
            (None, Some(base)) => week_of(base).0,
            _ => part("year", no_year)?,
        };
        date_of_week(year, part("week", 1)?, part("dayOfWeek", 1)?)
    } else if has("dayOfWeek") && base.is_some() {
        base.and_then(|base| date_of_week(week_of(base).0, week_of(base).1, part("dayOfWeek", 1).ok()?))
    } else if has("ordinalDay") {
        nth_day(date_of(part("year", no_year)?, 1, 1), part("ordinalDay", 1)?, 366)
            .filter(|date| date_part(*date, "year") == part("year", no_year).ok())
    } else if has("quarter") || has("dayOfQuarter") {
        let (year, quarter) = (part("year", no_year)?, part("quarter", 1)?);
        let month = quarter.checked_mul(3).map_or(0, |month| month - 2);
        nth_day(date_of(year, month, 1), part("dayOfQuarter", 1)?, 92)
    } else {
        date_of(part("year", no_year)?, part("month", 1)?, part("day", 1)?)
    };
    date.ok_or_else(|| Error::invalid(format!("there is no date {}", Value::Map(parts.clone()))))
}

/// The datetime of a map such as `{year: 2023, hour: 12, timezone: '+02:00'}`; what is left out is taken
/// from `datetime`, else the first.
///
/// # Errors
/// `Invalid` for parts out of range, for named time zones, and for what is finer than a microsecond.
pub(super) fn datetime_of_parts(parts: &BTreeMap<String, Value>) -> Result<DateTime> {
    let base = match parts.get("datetime") {
        None => None,
        Some(Value::DateTime(time)) => Some(*time),
        Some(other) => {
            return Err(Error::invalid(format!("expected a datetime as datetime, found {other}")));
        }
    };
    let offset = match parts.get("timezone") {
        None => base.map_or(0, |base| base.offset_seconds),
        Some(zone) => zone.as_str().and_then(offset_of).ok_or_else(|| {
            Error::invalid(format!("expected a time zone such as '+02:00', found {zone}"))
                .hint("named time zones are not built yet".to_owned())
        })?,
    };
    let shifted = base.map(|base| DateTime { offset_seconds: offset, ..base });
    let mut of_date = parts.clone();
    of_date.retain(|name, _| PARTS.contains(&name.as_str()));
    if let Some(shifted) = shifted {
        of_date.entry("date".to_owned()).or_insert(Value::Date(local_date(shifted)));
    }
    let date = date_of_parts(&of_date)?;
    let mut micros_of_day = 0;
    for (name, unit, n_max) in [
        ("hour", 3600 * SECOND_MICROS, 23),
        ("minute", 60 * SECOND_MICROS, 59),
        ("second", SECOND_MICROS, 59),
        ("millisecond", 1000, 999),
        ("microsecond", 1, if parts.contains_key("millisecond") { 999 } else { 999_999 }),
    ] {
        let finer = matches!(name, "millisecond" | "microsecond");
        let count = match (parts.get(name), shifted) {
            (Some(Value::Int(count)), _) if (0..=n_max).contains(count) => *count,
            (Some(other), _) => {
                return Err(Error::invalid(format!("expected 0 to {n_max} as {name}, found {other}")));
            }
            // The microseconds of a base are all below the second.
            (None, Some(base)) if name == "microsecond" && !parts.contains_key("millisecond") => {
                datetime_part(base, name).unwrap_or(0)
            }
            (None, Some(base)) if !finer => datetime_part(base, name).unwrap_or(0),
            (None, _) => 0,
        };
        micros_of_day += count * unit;
    }
    if let Some(unknown) = parts.keys().find(|name| !is_datetime_part(name)) {
        return Err(Error::invalid(format!("a datetime has no part '{unknown}'"))
            .hint("nothing is finer than a microsecond".to_owned()));
    }
    let micros = date.first_instant() + micros_of_day - i64::from(offset) * SECOND_MICROS;
    Ok(DateTime { micros, offset_seconds: offset })
}

fn is_datetime_part(name: &str) -> bool {
    const OF_TIME: &[&str] =
        &["datetime", "timezone", "hour", "minute", "second", "millisecond", "microsecond"];
    PARTS.contains(&name) || OF_TIME.contains(&name)
}

/// Seconds east of UTC, of a text such as `Z` or `+02:00`.
fn offset_of(text: &str) -> Option<i32> {
    // The parser of datetimes knows offsets.
    if !text.starts_with(['Z', 'z', '+', '-']) {
        return None;
    }
    DateTime::parse(&format!("2000-01-01T00:00:00{text}")).ok().map(|time| time.offset_seconds)
}

/// A duration of parts that need not be whole: what is left of a month becomes days, by the average
/// length of months, and what is left of a day becomes microseconds. `None` where it is too long.
pub(super) fn duration_of(months: f64, days: f64, micros: f64) -> Option<Duration> {
    const MONTH_DAYS: f64 = 30.436_875;
    let whole = |number: f64| (number.abs() < 9e18).then_some(number.trunc() as i64);
    let days = days + months.fract() * MONTH_DAYS;
    let micros = micros + days.fract() * DAY_MICROS as f64;
    Some(Duration { months: whole(months)?, days: whole(days)?, micros: whole(micros.round())? })
}

/// Both durations, one after the other; `None` where that is too long.
pub(super) fn sum(a: Duration, b: Duration) -> Option<Duration> {
    Some(Duration {
        months: a.months.checked_add(b.months)?,
        days: a.days.checked_add(b.days)?,
        micros: a.micros.checked_add(b.micros)?,
    })
}

/// The first day of the millennium, week or other unit in which a date lies.
///
/// # Errors
/// `Invalid` for an unknown unit.
pub(super) fn truncated(date: Date, unit: &str) -> Result<Date> {
    let year = date_part(date, "year").unwrap_or_default();
    let first_of = |years: i64| date_of(year - year.rem_euclid(years), 1, 1);
    let found = match unit.to_lowercase().as_str() {
        "millennium" => first_of(1000),
        "century" => first_of(100),
        "decade" => first_of(10),
        "year" => first_of(1),
        "weekyear" => date_of_week(week_of(date).0, 1, 1),
        "quarter" => Some(first_of_quarter(date)),
        "month" => date_of(year, date_part(date, "month").unwrap_or(1), 1),
        "week" => date.plus_days(1 - weekday_of(date)),
        "day" => Some(date),
        _ => {
            return Err(Error::invalid(format!("a date cannot be cut to '{unit}'")).hint(
                "units are millennium, century, decade, year, quarter, month, week and day".to_owned(),
            ));
        }
    };
    found.ok_or_else(|| Error::invalid("the date lies outside the years -9999 to 9999"))
}

/// The first instant of the unit in which a datetime lies, in the offset that it was written in.
///
/// # Errors
/// `Invalid` for an unknown unit.
pub(super) fn truncated_time(time: DateTime, unit: &str) -> Result<DateTime> {
    let local = local_micros(time);
    let cut = |length: i64| Ok(local - local.rem_euclid(length));
    let first = match unit.to_lowercase().as_str() {
        "hour" => cut(3600 * SECOND_MICROS),
        "minute" => cut(60 * SECOND_MICROS),
        "second" => cut(SECOND_MICROS),
        "millisecond" => cut(1000),
        "microsecond" => cut(1),
        _ => truncated(local_date(time), unit).map(Date::first_instant),
    }?;
    Ok(DateTime { micros: first - i64::from(time.offset_seconds) * SECOND_MICROS, ..time })
}

/// From one instant of a clock to another: whole months, then whole days, then the rest.
pub(super) fn between(from: i64, to: i64) -> Duration {
    let (first, last) = (Date::of_instant(from), Date::of_instant(to));
    let part = |date: Date, name: &str| date_part(date, name).unwrap_or_default();
    let mut months = (part(last, "year") - part(first, "year")) * 12;
    months += part(last, "month") - part(first, "month");
    let reached = |months: i64| {
        let day = first.plus_months(months).unwrap_or(last);
        day.first_instant() + from.rem_euclid(DAY_MICROS)
    };
    if from <= to && reached(months) > to {
        months -= 1;
    } else if to < from && reached(months) < to {
        months += 1;
    }
    let rest = to - reached(months);
    Duration { months, days: rest / DAY_MICROS, micros: rest % DAY_MICROS }
}

/// The day of a datetime, in the offset that it was written in.
pub(super) fn local_date(time: DateTime) -> Date {
    Date::of_instant(local_micros(time))
}

/// Microseconds since 1970-01-01 on a clock in the offset of a datetime.
pub(super) fn local_micros(time: DateTime) -> i64 {
    time.micros.saturating_add(i64::from(time.offset_seconds) * SECOND_MICROS)
}

fn date_of(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// The `n`th day from `first`, which is the first, at most the `n_max`th.
fn nth_day(first: Option<Date>, n: i64, n_max: i64) -> Option<Date> {
    first.filter(|_| (1..=n_max).contains(&n))?.plus_days(n - 1)
}

fn days_from(first: Date, last: Date) -> i64 {
    (last.first_instant() - first.first_instant()) / DAY_MICROS
}

fn first_of_year(date: Date) -> Date {
    Date::new(date.year_month_day().0, 1, 1).unwrap_or(date)
}

fn quarter_of(date: Date) -> i64 {
    (i64::from(date.year_month_day().1) + 2) / 3
}

fn first_of_quarter(date: Date) -> Date {
    let year = date.year_month_day().0.into();
    date_of(year, quarter_of(date) * 3 - 2, 1).unwrap_or(date)
}

/// Monday is 1.
fn weekday_of(date: Date) -> i64 {
    // 1970-01-01 was a Thursday.
    (date.first_instant().div_euclid(DAY_MICROS) + 3).rem_euclid(7) + 1
}

/// The year and number of the ISO week, which belongs to the year of its Thursday.
fn week_of(date: Date) -> (i64, i64) {
    let thursday = date.plus_days(4 - weekday_of(date)).unwrap_or(date);
    (thursday.year_month_day().0.into(), days_from(first_of_year(thursday), thursday) / 7 + 1)
}

fn date_of_week(year: i64, week: i64, weekday: i64) -> Option<Date> {
    if !(1..=53).contains(&week) || !(1..=7).contains(&weekday) {
        return None;
    }
    // The fourth of January always lies in the first week.
    let fourth = date_of(year, 1, 4)?;
    let date = fourth.plus_days(1 - weekday_of(fourth) + (week - 1) * 7 + weekday - 1)?;
    (week_of(date) == (year, week)).then_some(date)
}

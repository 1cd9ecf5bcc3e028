//! The entries of maps such as `{year: 2023, month: 9}`, and the dates and times they make.

use std::collections::BTreeMap;

use super::Temporal;
use crate::error::{Detail, Error, Result};
use crate::model::time::{LocalTime, SECOND_NANOS, TimeZone};
use crate::model::{Date, Value};
use crate::names::did_you_mean;

/// The entries of a map.
pub(super) type Fields = BTreeMap<String, Value>;

const OF_DATE: &[&str] =
    &["year", "month", "day", "week", "dayOfWeek", "quarter", "dayOfQuarter", "ordinalDay"];
const OF_TIME: &[&str] = &["hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const BELOW_SECOND: &[&str] = &["millisecond", "microsecond", "nanosecond"];

/// Fails for an entry that a type does not have; `bases` are the names of whole dates and times that it
/// may have too.
pub(super) fn check_names(kind: Temporal, fields: &Fields, bases: &[&str]) -> Result<()> {
    let mut known = bases.to_vec();
    if kind.has_date() {
        known.extend(OF_DATE);
    }
    if kind.has_time() {
        known.extend(OF_TIME);
    }
    if kind.has_zone() {
        known.push("timezone");
    }
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let hint = did_you_mean(unknown, known.iter().copied())
                .unwrap_or_else(|| format!("it has {}", known.join(", ")));
            Err(Error::invalid(format!("a {} has no part '{unknown}'", kind.name())).hint(hint))
        }
    }
}

/// The zone that the entries name; a time of no day has an offset only.
pub(super) fn zone_of(kind: Temporal, fields: &Fields) -> Result<Option<TimeZone>> {
    match fields.get("timezone") {
        None => Ok(None),
        Some(Value::String(text)) => match TimeZone::parse(text)? {
            TimeZone::Named(zone) if kind == Temporal::Time => {
                Err(Error::invalid(format!("a time cannot be in the named zone '{}'", zone.name()))
                    .hint("its offset depends on the date; give an offset such as '+02:00'".to_owned()))
            }
            zone => Ok(Some(zone)),
        },
        Some(other) => Err(Error::invalid(format!("expected a text as timezone, found {other}"))
            .detail(Detail::InvalidArgumentType)
            .hint("zones are written such as '+02:00' or 'Europe/Stockholm'".to_owned())),
    }
}

/// The whole number of an entry.
fn number(fields: &Fields, name: &str) -> Result<Option<i64>> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Int(number)) => Ok(Some(*number)),
        Some(other) => {
            let found = other.type_name();
            Err(Error::invalid(format!("expected an integer as {name}, found {found} {other}"))
                .detail(Detail::InvalidArgumentType))
        }
    }
}

/// The one way in which the entries name a day: by month, week, quarter or day of the year.
fn way(fields: &Fields) -> Result<&'static str> {
    const WAYS: [(&str, &str); 7] = [
        ("month", "month"),
        ("day", "month"),
        ("week", "week"),
        ("dayOfWeek", "week"),
        ("quarter", "quarter"),
        ("dayOfQuarter", "quarter"),
        ("ordinalDay", "ordinalDay"),
    ];
    let given: Vec<_> = WAYS.iter().filter(|(name, _)| fields.contains_key(*name)).collect();
    let Some((first, way)) = given.first() else { return Ok("month") };
    match given.iter().find(|(_, other)| other != way) {
        None => Ok(way),
        Some((other, _)) => Err(Error::invalid(format!("a date cannot have both {first} and {other}"))
            .hint("name the day by month, by week, by quarter, or by day of the year".to_owned())),
    }
}

/// The day that the entries name. What is left out is taken from `base`; without one, from the first,
/// but nothing can be left out before something that is given.
pub(super) fn date_of(fields: &Fields, base: Option<Date>) -> Result<Date> {
    let way = way(fields)?;
    let year = match (number(fields, "year")?, base) {
        (Some(year), _) => year,
        (None, Some(base)) if way == "week" => base.week().0,
        (None, Some(base)) => base.year(),
        (None, None) => return Err(Error::invalid("a date needs a year")),
    };
    // A part, whether it was given, and what stands in for it.
    let part = |name: &str, of_base: fn(Date) -> i64| -> Result<(i64, bool)> {
        let given = number(fields, name)?;
        Ok((given.or(base.map(of_base)).unwrap_or(1), given.is_some()))
    };
    let needs = |coarse: (i64, bool), fine: (i64, bool), names: [&str; 2]| match fine.1 && !coarse.1 {
        true if base.is_none() => Err(Error::invalid(format!("a date with {} needs {}", names[0], names[1]))),
        _ => Ok(()),
    };
    let date = match way {
        "week" => {
            let (week, day) = (part("week", |date| date.week().1)?, part("dayOfWeek", Date::weekday)?);
            needs(week, day, ["dayOfWeek", "week"])?;
            Date::of_week(year, week.0, day.0)
        }
        "quarter" => {
            let (quarter, day) =
                (part("quarter", Date::quarter)?, part("dayOfQuarter", Date::day_of_quarter)?);
            needs(quarter, day, ["dayOfQuarter", "quarter"])?;
            // Quarters differ in length; a day that was not asked for gives way.
            let shorter = (0..3).filter(|less| *less == 0 || !day.1);
            shorter.into_iter().find_map(|less| Date::of_quarter(year, quarter.0, day.0 - less))
        }
        "ordinalDay" => Date::of_ordinal(year, part("ordinalDay", Date::ordinal_day)?.0),
        _ => {
            let month = part("month", |date| date.year_month_day().1.into())?;
            let day = part("day", |date| date.year_month_day().2.into())?;
            needs(month, day, ["day", "month"])?;
            let shorter = (0..4).filter(|less| *less == 0 || !day.1);
            shorter.into_iter().find_map(|less| Date::of_ymd(year, month.0, day.0 - less))
        }
    };
    date.ok_or_else(|| Error::invalid(format!("there is no date {}", Value::Map(fields.clone()))))
}

/// The time that the entries name. What is left out is taken from `base`; without one it is 0, but
/// nothing can be left out before something that is given.
///
/// What is given below the second replaces all of that of `base`, or is added to it where `adds` says
/// so: where it was cut to milliseconds, say.
pub(super) fn time_of(fields: &Fields, base: Option<LocalTime>, adds: bool) -> Result<LocalTime> {
    if base.is_none() {
        check_order(fields)?;
    }
    let (hour, minute, second, nanos) = base.unwrap_or(LocalTime::MIDNIGHT).parts();
    let part = |name: &str, of_base: i64, max: i64| match number(fields, name)? {
        Some(number) if !(0..=max).contains(&number) => {
            Err(Error::invalid(format!("expected 0 to {max} as {name}, found {number}"))
                .detail(Detail::NumberOutOfRange))
        }
        given => Ok(given.unwrap_or(of_base)),
    };
    let (has_milli, has_micro) = (fields.contains_key("millisecond"), fields.contains_key("microsecond"));
    let has_any = BELOW_SECOND.iter().any(|name| fields.contains_key(*name));
    let kept = if has_any && !adds { 0 } else { nanos };
    let nanos_max = match (has_milli, has_micro) {
        (_, true) => 999,
        (true, false) => 999_999,
        (false, false) => SECOND_NANOS - 1,
    };
    let nanos = kept
        + part("millisecond", 0, 999)? * 1_000_000
        + part("microsecond", 0, if has_milli { 999 } else { 999_999 })? * 1000
        + part("nanosecond", 0, nanos_max)?;
    let (hour, minute, second) =
        (part("hour", hour, 23)?, part("minute", minute, 59)?, part("second", second, 59)?);
    LocalTime::new(hour, minute, second, nanos)
        .ok_or_else(|| Error::invalid(format!("there is no time {}", Value::Map(fields.clone()))))
}

/// Fails for a part of a time whose next coarser one is left out.
fn check_order(fields: &Fields) -> Result<()> {
    let needs = |fine: &str, coarse: &str| match fields.contains_key(fine) && !fields.contains_key(coarse) {
        true => Err(Error::invalid(format!("a time with {fine} needs {coarse}"))),
        false => Ok(()),
    };
    needs("minute", "hour")?;
    needs("second", "minute")?;
    BELOW_SECOND.iter().try_for_each(|fine| needs(fine, "second"))
}

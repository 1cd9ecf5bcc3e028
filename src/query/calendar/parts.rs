//! The parts of dates, times and durations, by their names in the language.

use crate::model::time::{DateTime, LocalTime, SECOND_NANOS, TimeZone};
use crate::model::{Date, Duration, Value};

const OF_DATE: &[&str] = &[
    "year",
    "quarter",
    "month",
    "week",
    "weekYear",
    "day",
    "ordinalDay",
    "dayOfWeek",
    "weekDay",
    "dayOfQuarter",
];
const OF_TIME: &[&str] = &["hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const OF_ZONE: &[&str] = &["timezone", "offset", "offsetMinutes", "offsetSeconds"];
const OF_INSTANT: &[&str] = &["epochSeconds", "epochMillis"];
const OF_DURATION: &[&str] = &[
    "years",
    "quarters",
    "months",
    "weeks",
    "days",
    "hours",
    "minutes",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "quartersOfYear",
    "monthsOfQuarter",
    "monthsOfYear",
    "daysOfWeek",
    "minutesOfHour",
    "secondsOfMinute",
    "millisecondsOfSecond",
    "microsecondsOfSecond",
    "nanosecondsOfSecond",
];

/// The names of the parts that a value has; none for what is no date, time or duration.
pub(in crate::query) fn names_of_parts(value: &Value) -> Vec<&'static str> {
    let names: &[&[&str]] = match value {
        Value::Date(_) => &[OF_DATE],
        Value::LocalTime(_) => &[OF_TIME],
        Value::Time(_) => &[OF_TIME, OF_ZONE],
        Value::LocalDateTime(_) => &[OF_DATE, OF_TIME],
        Value::DateTime(_) => &[OF_DATE, OF_TIME, OF_ZONE, OF_INSTANT],
        Value::Duration(_) => &[OF_DURATION],
        _ => &[],
    };
    names.concat()
}

/// A part of a value, if it has one of that name; null for a count that is too great for an integer.
pub(in crate::query) fn part(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Date(date) => of_date(*date, name),
        Value::LocalTime(time) => of_time(*time, name),
        Value::Time(time) => {
            let zone = || of_zone(TimeZone::Offset(time.offset_seconds), time.offset_seconds, name);
            of_time(time.local, name).or_else(zone)
        }
        Value::LocalDateTime(local) => of_date(local.date, name).or_else(|| of_time(local.time, name)),
        Value::DateTime(time) => of_datetime(*time, name),
        Value::Duration(duration) => of_duration(*duration, name),
        _ => None,
    }
}

fn of_date(date: Date, name: &str) -> Option<Value> {
    let (_, month, day) = date.year_month_day();
    Some(Value::Int(match name {
        "year" => date.year(),
        "month" => month.into(),
        "day" => day.into(),
        "quarter" => date.quarter(),
        "week" => date.week().1,
        "weekYear" => date.week().0,
        "dayOfWeek" | "weekDay" => date.weekday(),
        "dayOfQuarter" => date.day_of_quarter(),
        "ordinalDay" => date.ordinal_day(),
        _ => return None,
    }))
}

fn of_time(time: LocalTime, name: &str) -> Option<Value> {
    let (hour, minute, second, nanos) = time.parts();
    Some(Value::Int(match name {
        "hour" => hour,
        "minute" => minute,
        "second" => second,
        "millisecond" => nanos / 1_000_000,
        "microsecond" => nanos / 1000,
        "nanosecond" => nanos,
        _ => return None,
    }))
}

fn of_zone(zone: TimeZone, offset_seconds: i32, name: &str) -> Option<Value> {
    Some(match name {
        "timezone" => Value::from(zone.to_string()),
        "offset" => Value::from(TimeZone::Offset(offset_seconds).to_string()),
        "offsetMinutes" => Value::Int((offset_seconds / 60).into()),
        "offsetSeconds" => Value::Int(offset_seconds.into()),
        _ => return None,
    })
}

fn of_datetime(time: DateTime, name: &str) -> Option<Value> {
    let local = time.local();
    match name {
        "epochSeconds" => Some(Value::Int(time.seconds())),
        "epochMillis" => Some(counted(time.seconds(), time.nanos().into(), 1000)),
        _ => of_date(local.date, name)
            .or_else(|| of_time(local.time, name))
            .or_else(|| of_zone(time.zone(), time.offset_seconds(), name)),
    }
}

/// How many units of which a second has so many; null where that is too great for an integer.
fn counted(seconds: i64, nanos: i64, per_second: i64) -> Value {
    let whole = seconds.checked_mul(per_second);
    let count = whole.and_then(|whole| whole.checked_add(nanos / (SECOND_NANOS / per_second)));
    count.map_or(Value::Null, Value::Int)
}

/// Parts of the months, the days or the seconds, which do not turn into one another.
fn of_duration(duration: Duration, name: &str) -> Option<Value> {
    let (months, days) = (duration.months(), duration.days());
    let (seconds, nanos) = (duration.seconds(), i64::from(duration.nanos()));
    let count = match name {
        "years" => months / 12,
        "quarters" => months / 3,
        "months" => months,
        "quartersOfYear" => months / 3 % 4,
        "monthsOfQuarter" => months % 3,
        "monthsOfYear" => months % 12,
        "weeks" => days / 7,
        "days" => days,
        "daysOfWeek" => days % 7,
        "hours" => seconds / 3600,
        "minutes" => seconds / 60,
        "minutesOfHour" => seconds / 60 % 60,
        "seconds" => seconds,
        "secondsOfMinute" => seconds % 60,
        "milliseconds" => return Some(counted(seconds, nanos, 1000)),
        "microseconds" => return Some(counted(seconds, nanos, 1_000_000)),
        "nanoseconds" => return Some(counted(seconds, nanos, SECOND_NANOS)),
        "millisecondsOfSecond" => nanos / 1_000_000,
        "microsecondsOfSecond" => nanos / 1000,
        "nanosecondsOfSecond" => nanos,
        _ => return None,
    };
    Some(Value::Int(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::calendar::Temporal;

    #[test]
    fn every_part_named_is_there_and_no_other() {
        let kinds = [
            Temporal::Date,
            Temporal::LocalTime,
            Temporal::Time,
            Temporal::LocalDateTime,
            Temporal::DateTime,
        ];
        let texts = ["2023-09-07", "12:30:15", "12:30:15Z", "2023-09-07T12:30:15", "2023-09-07T12:30:15Z"];
        for (kind, text) in kinds.into_iter().zip(texts) {
            let value = kind.parse(text).expect("a text of this type");
            for name in names_of_parts(&value) {
                assert!(part(&value, name).is_some(), "{text} {name}");
            }
            assert_eq!(part(&value, "days"), None);
        }
        let duration = Value::Duration(Duration::of_days(1));
        assert!(names_of_parts(&duration).iter().all(|name| part(&duration, name).is_some()));
    }
}

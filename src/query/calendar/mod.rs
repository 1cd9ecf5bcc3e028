//! What statements do with dates, times and durations: make them of parts, take
//! them apart, cut them off, move them.

mod fields;
mod make;
mod parts;
mod truncate;

pub(super) use make::{converted, current, of_map};
pub(super) use parts::{names_of_parts, part};
pub(super) use truncate::truncated;

use crate::error::{Detail, Error, Result};
use crate::model::time::{DateTime, LocalDateTime, LocalTime, TimeZone};
use crate::model::{Date, Duration, Time, Value};

/// The types of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporal {
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
}

impl Temporal {
    /// The name of the function that makes one.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::LocalTime => "localtime",
            Self::Time => "time",
            Self::LocalDateTime => "localdatetime",
            Self::DateTime => "datetime",
        }
    }

    fn has_date(self) -> bool {
        matches!(self, Self::Date | Self::LocalDateTime | Self::DateTime)
    }

    fn has_time(self) -> bool {
        self != Self::Date
    }

    fn has_zone(self) -> bool {
        matches!(self, Self::Time | Self::DateTime)
    }

    /// Reads one of a text.
    ///
    /// # Errors
    /// `Invalid` for a text that is none.
    pub(super) fn parse(self, text: &str) -> Result<Value> {
        match self {
            Self::Date => Date::parse_iso(text).map(Value::Date),
            Self::LocalTime => LocalTime::parse(text).map(Value::LocalTime),
            Self::Time => Time::parse(text).map(Value::Time),
            Self::LocalDateTime => LocalDateTime::parse_iso(text).map(Value::LocalDateTime),
            Self::DateTime => DateTime::parse_iso(text).map(Value::DateTime),
        }
    }

    /// What clocks and calendars in a zone show, as far as the type says it. Where the zone leaves the
    /// offset open, it is `near`.
    fn of_local(self, local: LocalDateTime, zone: TimeZone, near: Option<i32>) -> Value {
        match self {
            Self::Date => Value::Date(local.date),
            Self::LocalTime => Value::LocalTime(local.time),
            Self::Time => {
                let offset_seconds = DateTime::of_local_near(local, zone, near).offset_seconds();
                Value::Time(Time { local: local.time, offset_seconds })
            }
            Self::LocalDateTime => Value::LocalDateTime(local),
            Self::DateTime => Value::DateTime(DateTime::of_local_near(local, zone, near)),
        }
    }
}

/// A point in time, moved by a duration; `None` for another value.
///
/// # Errors
/// `Invalid` beyond the years there are.
pub(super) fn moved(value: &Value, duration: Duration) -> Option<Result<Value>> {
    let moved = match value {
        Value::Date(date) => date.plus(duration).map(Value::Date),
        Value::LocalTime(time) => Some(Value::LocalTime(time.plus(duration))),
        Value::Time(time) => Some(Value::Time(time.plus(duration))),
        Value::LocalDateTime(local) => local.plus(duration).map(Value::LocalDateTime),
        Value::DateTime(time) => time.plus(duration).map(Value::DateTime),
        _ => return None,
    };
    Some(moved.ok_or_else(|| {
        Error::invalid("the date lies outside the years -999999999 to 999999999")
            .detail(Detail::NumberOutOfRange)
    }))
}

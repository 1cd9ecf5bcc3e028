//! What a clock on the wall and a calendar show, with and without an offset.

use std::cmp::Ordering;
use std::fmt;

use super::zone::offset_text;
use super::{DAY_NANOS, DAY_SECONDS, Date, SECOND_NANOS, TimeZone, iso};
use crate::error::Result;

/// The time of a day, in no particular place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    /// Nanoseconds since midnight.
    nanos: i64,
}

impl LocalTime {
    /// The beginning of a day.
    pub const MIDNIGHT: Self = Self { nanos: 0 };

    /// The time of these parts, or `None` where one is out of range.
    #[must_use]
    pub fn new(hour: i64, minute: i64, second: i64, nanos: i64) -> Option<Self> {
        let is_time = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..SECOND_NANOS).contains(&nanos);
        is_time.then(|| Self { nanos: ((hour * 60 + minute) * 60 + second) * SECOND_NANOS + nanos })
    }

    /// So many nanoseconds after midnight, or `None` on another day.
    #[must_use]
    pub fn of_nanos(nanos: i64) -> Option<Self> {
        (0..DAY_NANOS).contains(&nanos).then_some(Self { nanos })
    }

    /// Nanoseconds since midnight.
    #[must_use]
    pub fn nanos(self) -> i64 {
        self.nanos
    }

    /// Hour, minute, second and nanosecond.
    #[must_use]
    pub fn parts(self) -> (i64, i64, i64, i64) {
        let seconds = self.nanos / SECOND_NANOS;
        (seconds / 3600, seconds / 60 % 60, seconds % 60, self.nanos % SECOND_NANOS)
    }

    /// Reads `21:40`, `21:40:32.142`, `214032` or `21`.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming what is out of range.
    pub fn parse(text: &str) -> Result<Self> {
        iso::local_time(text)
    }

    /// The time after so many nanoseconds, and how many midnights lie between.
    pub(super) fn plus_nanos(self, nanos: i128) -> (Self, i128) {
        let total = i128::from(self.nanos) + nanos;
        let day = i128::from(DAY_NANOS);
        (Self { nanos: total.rem_euclid(day) as i64 }, total.div_euclid(day))
    }
}

/// Hours and minutes, and what is finer only where it is not 0.
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second, nanos) = self.parts();
        write!(f, "{hour:02}:{minute:02}")?;
        if second != 0 || nanos != 0 {
            write!(f, ":{second:02}")?;
        }
        if nanos != 0 {
            write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}

/// The time of a day with an offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    /// What the clock shows.
    pub local: LocalTime,
    /// Offset from UTC in seconds, east positive.
    pub offset_seconds: i32,
}

impl Time {
    /// Reads a time such as `21:40:32+02:00`; UTC where no offset is written.
    ///
    /// # Errors
    /// `Invalid` for anything else, and for a named zone, whose offset depends on the date.
    pub fn parse(text: &str) -> Result<Self> {
        iso::time(text)
    }

    /// Nanoseconds since midnight of the same day in UTC; negative where it is the day before there.
    #[must_use]
    pub fn utc_nanos(self) -> i64 {
        self.local.nanos - i64::from(self.offset_seconds) * SECOND_NANOS
    }

    /// The same time as a clock with another offset shows it.
    #[must_use]
    pub fn at_offset(self, offset_seconds: i32) -> Self {
        let east = i64::from(offset_seconds) - i64::from(self.offset_seconds);
        let (local, _) = self.local.plus_nanos(i128::from(east * SECOND_NANOS));
        Self { local, offset_seconds }
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By the instant of the day, then from west to east.
impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.utc_nanos(), self.offset_seconds).cmp(&(other.utc_nanos(), other.offset_seconds))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.local, offset_text(self.offset_seconds))
    }
}

/// A day and a time, in no particular place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    /// The day.
    pub date: Date,
    /// The time of that day.
    pub time: LocalTime,
}

impl LocalDateTime {
    /// Reads `2023-09-07T12:30[:15[.123456789]]`; the date is whole.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming what is out of range.
    pub fn parse(text: &str) -> Result<Self> {
        iso::whole_local_datetime(text)
    }

    /// As [`Self::parse`], with the date and the time in any form of ISO 8601 that openCypher takes, and
    /// midnight where there is no time.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming what is out of range.
    pub fn parse_iso(text: &str) -> Result<Self> {
        iso::local_datetime(text)
    }

    /// So many seconds and nanoseconds after 1970-01-01T00:00 on the same clock, on the first or last
    /// day there is where that is beyond the years.
    pub(super) fn of_seconds(seconds: i64, nanos: u32) -> Self {
        let days = seconds.div_euclid(DAY_SECONDS).clamp(Date::MIN.days(), Date::MAX.days());
        let of_day = seconds.rem_euclid(DAY_SECONDS) * SECOND_NANOS + i64::from(nanos);
        Self { date: Date::of_days(days).unwrap_or(Date::MAX), time: LocalTime { nanos: of_day } }
    }

    /// Seconds since 1970-01-01T00:00 on the same clock, and the nanoseconds after that.
    pub(super) fn seconds(self) -> (i64, u32) {
        let nanos = self.time.nanos();
        (self.date.days() * DAY_SECONDS + nanos / SECOND_NANOS, (nanos % SECOND_NANOS) as u32)
    }

    /// The instant at which clocks in UTC show this.
    #[must_use]
    pub fn in_utc(self) -> super::DateTime {
        super::DateTime::of_local(self, TimeZone::UTC)
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

//! Instants with the clock that they were written by.

use std::cmp::Ordering;
use std::fmt;

use super::zone::offset_text;
use super::{Date, Instant, LocalDateTime, NamedZone, SECOND_MICROS, TimeZone, iso};
use crate::error::Result;

/// An instant of the calendar, with the offset that clocks showed there and the zone's name if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Seconds since 1970-01-01 UTC.
    seconds: i64,
    /// Nanoseconds after that, below a second.
    nanos: u32,
    /// Offset from UTC in seconds, east positive.
    offset_seconds: i32,
    zone: Option<NamedZone>,
}

impl DateTime {
    /// When the clocks of a zone show something.
    ///
    /// What they show twice, when they are put back, means the first time; what they
    /// skip, when they are put forward, means as much after the change.
    #[must_use]
    pub fn of_local(local: LocalDateTime, zone: TimeZone) -> Self {
        Self::of_local_near(local, zone, None)
    }

    /// As [`Self::of_local`], but of what is shown twice, with the offset `preferred` where that is one of the two.
    pub(crate) fn of_local_near(local: LocalDateTime, zone: TimeZone, preferred: Option<i32>) -> Self {
        let (seconds, nanos) = local.seconds();
        let seconds = match zone {
            TimeZone::Offset(offset) => seconds - i64::from(offset),
            TimeZone::Named(zone) => zone.instant_of(seconds, preferred),
        };
        Self::of_instant(seconds, nanos, zone)
    }

    /// An instant, in seconds since 1970-01-01 UTC and nanoseconds after that, on the clocks of a zone.
    fn of_instant(seconds: i64, nanos: u32, zone: TimeZone) -> Self {
        let named = match zone {
            TimeZone::Offset(_) => None,
            TimeZone::Named(zone) => Some(zone),
        };
        Self { seconds, nanos, offset_seconds: zone.offset_at(seconds), zone: named }
    }

    /// An instant, in seconds since 1970-01-01 UTC and nanoseconds after that, on the clocks of a zone;
    /// `None` beyond the years there are.
    #[must_use]
    pub fn of_seconds(seconds: i64, nanos: i64, zone: TimeZone) -> Option<Self> {
        let seconds = seconds.checked_add(nanos.div_euclid(super::SECOND_NANOS))?;
        let nanos = nanos.rem_euclid(super::SECOND_NANOS) as u32;
        // A day less than there is, so that every offset stays within the years too.
        let (first, last) = (Date::MIN.days() + 1, Date::MAX.days() - 1);
        let day = seconds.div_euclid(super::DAY_SECONDS);
        (first..=last).contains(&day).then(|| Self::of_instant(seconds, nanos, zone))
    }

    /// An instant of the calendar clock, in UTC.
    #[must_use]
    pub fn of_micros(micros: Instant) -> Self {
        let nanos = micros.rem_euclid(SECOND_MICROS) * 1000;
        Self { seconds: micros.div_euclid(SECOND_MICROS), nanos: nanos as u32, offset_seconds: 0, zone: None }
    }

    /// As it lies in a record: with the offset that it was made with, whatever the rules say now.
    /// `None` for what no datetime can be.
    pub(crate) fn recorded(
        seconds: i64,
        nanos: u32,
        offset_seconds: i32,
        zone: Option<NamedZone>,
    ) -> Option<Self> {
        let is_datetime = i64::from(nanos) < super::SECOND_NANOS
            && offset_seconds.unsigned_abs() <= TimeZone::OFFSET_MAX_SECONDS.unsigned_abs()
            && (Date::MIN.days() - 1..=Date::MAX.days() + 1)
                .contains(&seconds.div_euclid(super::DAY_SECONDS));
        is_datetime.then_some(Self { seconds, nanos, offset_seconds, zone })
    }

    /// Reads `2023-09-07T12:30[:15[.123456789]]` with an offset, a zone in brackets, or both; UTC where
    /// neither is written. The date is whole.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming what is out of range.
    pub fn parse(text: &str) -> Result<Self> {
        iso::whole_datetime(text)
    }

    /// As [`Self::parse`], with the date and the time in any form of ISO 8601 that openCypher takes, and
    /// midnight where there is no time.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming what is out of range.
    pub fn parse_iso(text: &str) -> Result<Self> {
        iso::datetime(text)
    }

    /// Seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after the second.
    #[must_use]
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// Offset from UTC in seconds, east positive.
    #[must_use]
    pub fn offset_seconds(self) -> i32 {
        self.offset_seconds
    }

    /// The zone's name if it has one, else its offset.
    #[must_use]
    pub fn zone(self) -> TimeZone {
        self.zone.map_or(TimeZone::Offset(self.offset_seconds), TimeZone::Named)
    }

    /// The zone, if it has a name.
    #[must_use]
    pub fn named_zone(self) -> Option<NamedZone> {
        self.zone
    }

    /// What clocks there show.
    #[must_use]
    pub fn local(self) -> LocalDateTime {
        LocalDateTime::of_seconds(self.seconds + i64::from(self.offset_seconds), self.nanos)
    }

    /// The same instant on the clocks of another zone.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self::of_instant(self.seconds, self.nanos, zone)
    }

    /// The last instant of the calendar clock that is not after it; the nearest one where that is too far off.
    #[must_use]
    pub fn micros(self) -> Instant {
        self.seconds.saturating_mul(SECOND_MICROS).saturating_add(i64::from(self.nanos / 1000))
    }

    /// The first instant of the calendar clock that is not before it; the nearest one where that is too far off.
    #[must_use]
    pub fn micros_above(self) -> Instant {
        self.micros().saturating_add((!self.nanos.is_multiple_of(1000)).into())
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By the instant, then from west to east, then by the zone's name.
impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |time: &Self| {
            (time.seconds, time.nanos, time.offset_seconds, time.zone.map_or("", NamedZone::name))
        };
        key(self).cmp(&key(other))
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.local(), offset_text(self.offset_seconds))?;
        match self.zone {
            Some(zone) => write!(f, "[{}]", zone.name()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DateTime {
        DateTime::parse(text).expect("the test writes a datetime")
    }

    #[test]
    fn datetimes_keep_their_offset() {
        let noon = read("2023-09-07T12:00:00+02:00");
        assert_eq!(noon.to_string(), "2023-09-07T12:00+02:00");
        assert_eq!(noon.seconds(), read("2023-09-07T10:00Z").seconds());
        assert_eq!(read("2023-09-07T12:00:00.25Z").to_string(), "2023-09-07T12:00:00.25Z");
        assert_eq!(read("2023-09-07 12:00").to_string(), "2023-09-07T12:00Z");
        for text in ["2023-09-07T25:00", "2023-09-07", "2023-09T12:00", "2023-09-07T12:00+19:00"] {
            assert!(DateTime::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_clocks_skip_and_show_twice_has_one_meaning() {
        assert_eq!(
            read("2023-03-26T02:30[Europe/Berlin]").to_string(),
            "2023-03-26T03:30+02:00[Europe/Berlin]"
        );
        for text in ["2023-10-29T02:30+02:00[Europe/Berlin]", "2023-10-29T02:30+01:00[Europe/Berlin]"] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(read("2023-10-29T02:30[Europe/Berlin]"), read("2023-10-29T02:30+02:00[Europe/Berlin]"));
    }

    #[test]
    fn zones_have_their_history_and_go_on_as_they_are() {
        let berlin = |year: i32| {
            let date = Date::new(year, 7, 1).expect("a day");
            let local = LocalDateTime { date, time: super::super::LocalTime::MIDNIGHT };
            let zone = TimeZone::parse("europe/berlin").expect("a zone");
            TimeZone::Offset(DateTime::of_local(local, zone).offset_seconds()).to_string()
        };
        let expected = ["+00:53:28", "+00:53:28", "+01:00", "+02:00", "+02:00", "+02:00"];
        assert_eq!([-999_999_999, 1818, 1900, 2023, 9999, 999_999_999].map(berlin), expected);
    }

    #[test]
    fn instants_of_the_calendar_clock_lie_on_either_side() {
        let time = read("2023-09-07T00:00:00.000000001Z");
        assert_eq!(DateTime::of_micros(time.micros()), read("2023-09-07T00:00Z"));
        assert_eq!(DateTime::of_micros(time.micros_above()), read("2023-09-07T00:00:00.000001Z"));
        let last = DateTime::parse_iso("+999999999-12-31T00:00Z").expect("the last day");
        assert_eq!(last.micros_above(), Instant::MAX);
    }
}

//! Points in time, moved by a length and measured against one another.

use super::{DAY_SECONDS, Date, DateTime, Duration, LocalDateTime, LocalTime, SECOND_NANOS, Time, TimeZone};
use crate::model::Value;

impl Date {
    /// Months first, then days; of the rest, whole days count. `None` beyond the years there are.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Option<Self> {
        let nanos = duration.total_nanos();
        let days = nanos / (i128::from(DAY_SECONDS) * i128::from(SECOND_NANOS));
        self.plus_calendar(duration)?.plus_days(i64::try_from(days).ok()?)
    }

    fn plus_calendar(self, duration: Duration) -> Option<Self> {
        self.plus_months(duration.months())?.plus_days(duration.days())
    }
}

impl LocalTime {
    /// The time after it, past any number of midnights; months and days do not change it.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        self.plus_nanos(duration.total_nanos()).0
    }
}

impl Time {
    /// The time after it, past any number of midnights; months and days do not change it.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self { local: self.local.plus(duration), ..self }
    }
}

impl LocalDateTime {
    /// Months first, then days, then the rest. `None` beyond the years there are.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Option<Self> {
        let (time, days) = self.time.plus_nanos(duration.total_nanos());
        let date = self.date.plus_calendar(duration)?.plus_days(i64::try_from(days).ok()?)?;
        Some(Self { date, time })
    }
}

impl DateTime {
    /// Months first, then days, on the clocks of its zone, then the rest as time passes. `None` beyond
    /// the years there are.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Option<Self> {
        let moved = self.plus_calendar(duration)?;
        let (seconds, nanos) = (duration.seconds(), i64::from(duration.nanos()));
        Self::of_seconds(moved.seconds().checked_add(seconds)?, i64::from(moved.nanos()) + nanos, self.zone())
    }

    /// Moved by the months and days alone.
    fn plus_calendar(self, duration: Duration) -> Option<Self> {
        if duration.months() == 0 && duration.days() == 0 {
            return Some(self);
        }
        let local = self.local();
        let local = LocalDateTime { date: local.date.plus_calendar(duration)?, ..local };
        Some(Self::of_local_near(local, self.zone(), Some(self.offset_seconds())))
    }
}

/// What a date, a time or both say, as far as they say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// The day.
    pub date: Option<Date>,
    /// The time of the day.
    pub time: Option<LocalTime>,
    /// Where.
    pub zone: Option<TimeZone>,
    /// The offset there, which a named zone alone can leave open.
    pub offset_seconds: Option<i32>,
}

impl Parts {
    /// What a value says; `None` for what is neither a date nor a time.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let none = Self::default();
        Some(match value {
            Value::Date(date) => Self { date: Some(*date), ..none },
            Value::LocalTime(time) => Self { time: Some(*time), ..none },
            Value::Time(time) => Self {
                time: Some(time.local),
                zone: Some(TimeZone::Offset(time.offset_seconds)),
                offset_seconds: Some(time.offset_seconds),
                ..none
            },
            Value::LocalDateTime(local) => Self { date: Some(local.date), time: Some(local.time), ..none },
            Value::DateTime(time) => {
                let local = time.local();
                Self {
                    date: Some(local.date),
                    time: Some(local.time),
                    zone: Some(time.zone()),
                    offset_seconds: Some(time.offset_seconds()),
                }
            }
            _ => return None,
        })
    }

    fn at(self, date: Date, zone: TimeZone) -> DateTime {
        let local =
            LocalDateTime { date: self.date.unwrap_or(date), time: self.time.unwrap_or(LocalTime::MIDNIGHT) };
        DateTime::of_local_near(local, self.zone.unwrap_or(zone), self.offset_seconds)
    }
}

/// Two points in time as instants on one clock. What one does not say is taken from the other: a time
/// without a date lies on the other's day, one without a zone in the other's zone.
fn on_one_clock(from: Parts, to: Parts) -> (DateTime, DateTime) {
    let epoch = Date::of_instant(0);
    let date = |other: Parts| other.date.unwrap_or(epoch);
    let zone = from.zone.or(to.zone).unwrap_or(TimeZone::UTC);
    let (from, to) = (from.at(date(to), zone), to.at(date(from), zone));
    (from, to.in_zone(zone))
}

/// The whole months from one point in time to another; none where one of them has no date.
#[must_use]
pub fn months_between(from: Parts, to: Parts) -> Duration {
    if from.date.is_none() || to.date.is_none() {
        return Duration::default();
    }
    let (from, to) = on_one_clock(from, to);
    Duration::of_months(months(from.local(), to.local()))
}

/// The whole days from one point in time to another; none where one of them has no date.
#[must_use]
pub fn days_between(from: Parts, to: Parts) -> Duration {
    if from.date.is_none() || to.date.is_none() {
        return Duration::default();
    }
    let (from, to) = on_one_clock(from, to);
    Duration::of_days(last_whole_day(from.local(), to.local()).days() - from.local().date.days())
}

/// The time that passes from one point in time to another. `None` where it is too long.
#[must_use]
pub fn seconds_between(from: Parts, to: Parts) -> Option<Duration> {
    let (from, to) = on_one_clock(from, to);
    Duration::of_nanos(passed(from, to))
}

/// From one point in time to another: whole months, then whole days, then the rest. `None` where it is
/// too long.
#[must_use]
pub fn between(from: Parts, to: Parts) -> Option<Duration> {
    if from.date.is_none() || to.date.is_none() {
        return seconds_between(from, to);
    }
    let (from, to) = on_one_clock(from, to);
    let months = Duration::of_months(months(from.local(), to.local()));
    let moved = from.plus_calendar(months)?;
    let days = last_whole_day(moved.local(), to.local()).days() - moved.local().date.days();
    let calendar = months.plus(Duration::of_days(days))?;
    calendar.plus(Duration::of_nanos(passed(from.plus_calendar(calendar)?, to))?)
}

/// Days of 24 hours and the rest from one point in time to another. `None` where it is too long.
#[must_use]
pub fn elapsed(from: Parts, to: Parts) -> Option<Duration> {
    let (from, to) = on_one_clock(from, to);
    let (nanos, day) = (passed(from, to), i128::from(super::DAY_NANOS));
    let days = Duration::of_days(i64::try_from(nanos / day).ok()?);
    days.plus(Duration::of_nanos(nanos % day)?)
}

/// Nanoseconds from one instant to another.
fn passed(from: DateTime, to: DateTime) -> i128 {
    let nanos =
        |time: DateTime| i128::from(time.seconds()) * i128::from(SECOND_NANOS) + i128::from(time.nanos());
    nanos(to) - nanos(from)
}

/// The last day, on the way from one point to another, on which as much of the day has passed as at the first.
fn last_whole_day(from: LocalDateTime, to: LocalDateTime) -> Date {
    let back = match (from.date.cmp(&to.date), from.time.cmp(&to.time)) {
        (std::cmp::Ordering::Less, std::cmp::Ordering::Greater) => -1,
        (std::cmp::Ordering::Greater, std::cmp::Ordering::Less) => 1,
        _ => 0,
    };
    to.date.plus_days(back).unwrap_or(to.date)
}

/// Whole months from one point on a clock to another; the last days of two months count as such days of
/// the month as they are, so that from the 31st to the 28th is less than a month.
fn months(from: LocalDateTime, to: LocalDateTime) -> i64 {
    // A month never has more than 31 days, so a step of 32 leaves room for all.
    let place = |date: Date| {
        let (year, month, day) = date.year_month_day();
        (i64::from(year) * 12 + i64::from(month)) * 32 + i64::from(day)
    };
    (place(last_whole_day(from, to)) - place(from.date)) / 32
}

//! Days of the calendar, whole and in part.

use std::fmt;

use super::iso;
use super::{DAY_MICROS, Instant};
use crate::error::{Error, Result};

/// A day in the proleptic Gregorian calendar. Where an instant is needed, it is a day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i64,
}

impl Date {
    /// The last year there is; the first one is as far the other way.
    pub const YEAR_MAX: i32 = 999_999_999;
    /// The first day there is.
    pub const MIN: Self = Self { days: days_of(-Self::YEAR_MAX, 1, 1) };
    /// The last day there is.
    pub const MAX: Self = Self { days: days_of(Self::YEAR_MAX, 12, 31) };

    /// The day `year`-`month`-`day`, or `None` where there is no such day.
    #[must_use]
    pub fn new(year: i32, month: i8, day: i8) -> Option<Self> {
        let is_day = (-Self::YEAR_MAX..=Self::YEAR_MAX).contains(&year)
            && (1..=12).contains(&month)
            && (1..=length_of_month(year, month)).contains(&day);
        is_day.then(|| Self { days: days_of(year, month, day) })
    }

    /// The day so many days after 1970-01-01, or `None` beyond the years there are.
    #[must_use]
    pub fn of_days(days: i64) -> Option<Self> {
        (Self::MIN.days..=Self::MAX.days).contains(&days).then_some(Self { days })
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i64 {
        self.days
    }

    /// Reads a whole date of the calendar such as `2023-09-07`, and nothing shorter.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming a month or day out of range.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse =
            |why: &str| Error::invalid(format!("expected a date such as 2023-09-07, found '{text}'{why}"));
        match (PartialDate::split(text), PartialDate::parse(text)) {
            (_, Some(PartialDate::Day(date))) => Ok(date),
            (Some((_, Some(month), _)), _) if !(1..=12).contains(&month) => {
                Err(refuse(&format!(" (month {month})")))
            }
            (Some((_, Some(month), Some(day))), _) => Err(refuse(&format!(" (day {day} of month {month})"))),
            _ => Err(refuse("")),
        }
    }

    /// Reads a date in any form of ISO 8601 that openCypher takes: `2023-09-07`, `20230907`, `2023-09`,
    /// `2023-W36-4`, `2023-Q3-69`, `2023-250`, with or without the dashes. What is left out is the first.
    ///
    /// # Errors
    /// `Invalid` for anything else, naming what is out of range.
    pub fn parse_iso(text: &str) -> Result<Self> {
        iso::date(text)
    }

    /// The day on which an instant of the calendar clock falls in UTC.
    #[must_use]
    pub fn of_instant(micros: Instant) -> Self {
        Self { days: micros.div_euclid(DAY_MICROS) }
    }

    /// Whether all its instants can be counted in microseconds.
    pub(super) fn is_countable(self) -> bool {
        // A day less on either side, since the ends stand for what is unbounded.
        (Self::of_instant(Instant::MIN).days + 1..Self::of_instant(Instant::MAX).days).contains(&self.days)
    }

    /// The first instant of the day, or the nearest that can be counted.
    #[must_use]
    pub fn first_instant(self) -> Instant {
        self.days.saturating_mul(DAY_MICROS)
    }

    /// The last instant of the day, or the nearest that can be counted.
    #[must_use]
    pub fn last_instant(self) -> Instant {
        self.first_instant().saturating_add(DAY_MICROS - 1)
    }

    /// Year, month from 1, day from 1.
    #[must_use]
    pub fn year_month_day(self) -> (i32, i8, i8) {
        // Years here begin in March, so that the leap day ends one (Hinnant, "chrono-compatible
        // low-level date algorithms", 2013).
        let days = self.days + DAYS_TO_1970;
        let (era, of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (year, month) = match month {
            0..10 => (era * 400 + year_of_era, month + 3),
            _ => (era * 400 + year_of_era + 1, month - 9),
        };
        (i32::try_from(year).unwrap_or(Self::YEAR_MAX), month as i8, day as i8)
    }

    /// The day after `days` days; `None` beyond the years there are.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Option<Self> {
        Self::of_days(self.days.checked_add(days)?)
    }

    /// The same day of the month after `months` months, or the month's last day.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let (year, month, day) = self.year_month_day();
        let months = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
        let year = i32::try_from(months.div_euclid(12)).ok()?;
        let month = months.rem_euclid(12) as i8 + 1;
        Self::new(year, month, day.min(length_of_month(year, month)))
    }

    /// The day of a month, or the month's last day where it is shorter.
    #[must_use]
    pub fn within_month(year: i32, month: i8, day: i8) -> Option<Self> {
        (1..=12).contains(&month).then(|| Self::new(year, month, day.min(length_of_month(year, month))))?
    }
}

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// Days from 1970-01-01 to a day that is there.
const fn days_of(year: i32, month: i8, day: i8) -> i64 {
    let year = year as i64 - (month <= 2) as i64;
    let month = (month as i64 + 9) % 12;
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day as i64 - 1;
    era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - DAYS_TO_1970
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length_of_month(year: i32, month: i8) -> i8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.year_month_day();
        // Years of other than four digits carry their sign, so that they can be told from the rest.
        match year {
            0..=9999 => write!(f, "{year:04}-{month:02}-{day:02}"),
            _ => write!(f, "{year:+05}-{month:02}-{day:02}"),
        }
    }
}

/// A date of which the day, or the day and the month, may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialDate {
    /// A year.
    Year(i16),
    /// A month of a year, from 1.
    Month(i16, i8),
    /// A day.
    Day(Date),
}

impl PartialDate {
    /// Reads `2023`, `2023-09` or `2023-09-07`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match Self::split(text)? {
            (year, None, None) => Some(Self::Year(year)),
            (year, Some(month), None) => (1..=12).contains(&month).then_some(Self::Month(year, month)),
            (year, Some(month), Some(day)) => Date::new(year.into(), month, day).map(Self::Day),
            _ => None,
        }
    }

    /// The numbers of a text that has the shape of a date, in range or not.
    fn split(text: &str) -> Option<(i16, Option<i8>, Option<i8>)> {
        let mut parts = text.split('-');
        let number = |part: &str, digits: usize| {
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        let year: i16 = parts.next().and_then(|part| number(part, 4))?;
        let mut rest = Vec::with_capacity(2);
        for part in parts {
            rest.push(i8::try_from(number(part, 2)?).ok()?);
        }
        match rest[..] {
            [] => Some((year, None, None)),
            [month] => Some((year, Some(month), None)),
            [month, day] => Some((year, Some(month), Some(day))),
            _ => None,
        }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        let day = match self {
            Self::Year(year) => Date::new(year.into(), 1, 1),
            Self::Month(year, month) => Date::new(year.into(), month, 1),
            Self::Day(date) => Some(date),
        };
        day.expect("a partial date is checked when it is read")
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        let months = match self {
            Self::Year(_) => 12,
            Self::Month(..) => 1,
            Self::Day(date) => return date,
        };
        let next = self.first_day().plus_months(months).and_then(|date| date.plus_days(-1));
        next.unwrap_or(Date::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).expect("the test writes a date")
    }

    #[test]
    fn a_partial_date_covers_all_that_it_leaves_open() {
        for (text, first, last) in [
            ("2023", "2023-01-01", "2023-12-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2023-12", "2023-12-01", "2023-12-31"),
            ("2023-09-07", "2023-09-07", "2023-09-07"),
        ] {
            let partial = PartialDate::parse(text).expect("a partial date");
            assert_eq!((partial.first_day(), partial.last_day()), (day(first), day(last)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_told_from_a_date_out_of_range() {
        for text in [
            "",
            "23",
            "2023-9",
            "2023-13",
            "2023-02-29",
            "2023-00",
            "2023-09-07-01",
            "-2023",
            "２０２３",
            "2023-+1",
        ] {
            assert_eq!(PartialDate::parse(text), None, "{text}");
        }
        let message = Date::parse("2018-13-01").map_err(|e| e.to_string());
        assert_eq!(
            message,
            Err("expected a date such as 2023-09-07, found '2018-13-01' (month 13)".to_owned())
        );
    }

    #[test]
    fn every_day_of_400_years_is_told_from_its_neighbours() {
        let mut date = day("1900-02-27");
        for _ in 0..ERA_DAYS {
            let (year, month, day) = date.year_month_day();
            assert_eq!(Date::new(year, month, day), Some(date));
            let next = date.plus_days(1).expect("a day");
            assert!(next.to_string() > date.to_string(), "{date} {next}");
            date = next;
        }
        assert_eq!(date.to_string(), "2300-02-27");
    }

    #[test]
    fn the_limits_of_the_calendar_do_not_overflow() {
        assert_eq!(Date::of_instant(Instant::MAX).to_string(), "+294247-01-10");
        assert_eq!(Date::of_instant(Instant::MIN).to_string(), "-290308-12-21");
        assert_eq!(Date::MAX.to_string(), "+999999999-12-31");
        assert_eq!(Date::MIN.to_string(), "-999999999-01-01");
        assert_eq!((Date::MAX.plus_days(1), Date::MIN.plus_months(-1)), (None, None));
        assert_eq!((Date::MAX.plus_days(i64::MAX), Date::MIN.plus_months(i64::MIN)), (None, None));
        assert_eq!(Date::MAX.first_instant(), Instant::MAX);
        assert_eq!(PartialDate::parse("9999").map(|p| p.last_day().to_string()), Some("9999-12-31".into()));
    }
}

//! Dates, partial dates, durations and periods.
//!
//! # Instants
//!
//! Time is counted in whole units of a [`Clock`]: microseconds since 1970-01-01
//! UTC for dates, or plain integers where a graph's periods are integers. The two
//! never meet in one path.
//!
//! # Partial dates
//!
//! A source may say `2023`, `2023-09` or `2023-09-07`. Each stands for an
//! interval of instants, its *reading*: from the first instant of what is written
//! to the last. A bare date is a day in UTC. Nothing is rounded and nothing is
//! guessed: order between two partial dates is *possible* if some pair of
//! instants is in order, *certain* if all pairs are.
//!
//! # Periods
//!
//! An element's properties `from` and `to` make its [`Period`]. `from` means the
//! earliest instant of what is written and `to` the latest. An event with only
//! `from` happened within what `from` says. What is missing otherwise is
//! unbounded. An element with neither is undated and constrains nothing.
//!
//! A state *possibly* holds from the earliest reading of `from` to the latest of
//! `to`, and *certainly* holds from the latest reading of `from` to the earliest
//! of `to`.

use std::fmt;

use jiff::civil;
use serde::{Deserialize, Serialize};

use super::{TypeKind, Value};
use crate::error::{Error, Result};

/// An instant in units of a [`Clock`].
pub type Instant = i64;

/// Microseconds in a second.
pub const SECOND_MICROS: i64 = 1_000_000;
/// Microseconds in a day; days have 86,400 seconds in UTC as computers keep it.
pub const DAY_MICROS: i64 = 86_400 * SECOND_MICROS;

/// What instants are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Clock {
    /// Microseconds since 1970-01-01 UTC.
    Calendar,
    /// Plain integers.
    Integer,
}

/// A closed interval of instants; [`Instant::MIN`] and [`Instant::MAX`] stand for
/// an unbounded side. It is empty where `lo > hi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The first instant.
    pub lo: Instant,
    /// The last instant.
    pub hi: Instant,
}

impl Interval {
    /// All instants.
    pub const ALL: Self = Self { lo: Instant::MIN, hi: Instant::MAX };

    /// From `lo` to `hi`, both included.
    #[must_use]
    pub fn new(lo: Instant, hi: Instant) -> Self {
        Self { lo, hi }
    }

    /// Whether no instant lies in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.lo > self.hi
    }

    /// The instants in both.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi) }
    }

    /// Whether all of `other` lies in it; an empty `other` does.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        other.is_empty() || (self.lo <= other.lo && other.hi <= self.hi)
    }

    /// Whether a side is open.
    #[must_use]
    pub fn is_unbounded(self) -> bool {
        self.lo == Instant::MIN || self.hi == Instant::MAX
    }
}

/// A day in the proleptic Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i32,
}

impl Date {
    /// The day `year`-`month`-`day`, or `None` where there is no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self::from_civil)
    }

    /// Reads `2023-09-07`.
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

    /// The day on which an instant of the calendar clock falls in UTC.
    #[must_use]
    pub fn of_instant(micros: Instant) -> Self {
        let days = micros.div_euclid(DAY_MICROS).clamp(i64::from(Self::MIN_DAYS), i64::from(Self::MAX_DAYS));
        Self { days: i32::try_from(days).unwrap_or(Self::MAX_DAYS) }
    }

    const MIN_DAYS: i32 = -4_371_587;
    const MAX_DAYS: i32 = 2_932_896;

    /// The first instant of the day.
    #[must_use]
    pub fn first_instant(self) -> Instant {
        i64::from(self.days) * DAY_MICROS
    }

    /// The last instant of the day.
    #[must_use]
    pub fn last_instant(self) -> Instant {
        self.first_instant() + DAY_MICROS - 1
    }

    /// Year, month from 1, day from 1.
    #[must_use]
    pub fn year_month_day(self) -> (i16, i8, i8) {
        let date = self.civil();
        (date.year(), date.month(), date.day())
    }

    /// The day after `days` days; `None` beyond year 9999.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Option<Self> {
        let days = i64::from(self.days).checked_add(days)?;
        let days = i32::try_from(days).ok()?;
        (Self::MIN_DAYS..=Self::MAX_DAYS).contains(&days).then_some(Self { days })
    }

    /// The same day of the month after `months` months, or the month's last day.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let span = jiff::Span::new().try_months(months).ok()?;
        self.civil().checked_add(span).ok().map(Self::from_civil)
    }

    fn civil(self) -> civil::Date {
        EPOCH.checked_add(jiff::Span::new().days(self.days)).unwrap_or(civil::Date::MAX)
    }

    fn from_civil(date: civil::Date) -> Self {
        let days = EPOCH.until(date).map_or(0, |span| span.get_days());
        Self { days }
    }
}

const EPOCH: civil::Date = civil::date(1970, 1, 1);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.civil().fmt(f)
    }
}

/// An instant of the calendar with the offset it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DateTime {
    /// Microseconds since 1970-01-01 UTC.
    pub micros: i64,
    /// Offset from UTC in seconds, east positive.
    pub offset_seconds: i32,
}

impl DateTime {
    /// Reads `2023-09-07T12:30[:15[.123456]][Z|+02:00]`; UTC where no offset is written.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse =
            || Error::invalid(format!("expected a datetime such as 2023-09-07T12:30:00Z, found '{text}'"));
        let (date, time) = text.split_once(['T', 't', ' ']).ok_or_else(refuse)?;
        let date = Date::parse(date)?;
        let (time, offset_seconds) = split_offset(time).ok_or_else(refuse)?;
        let time: civil::Time = time.parse().map_err(|_| refuse())?;
        let of_day = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        let micros = of_day * SECOND_MICROS + i64::from(time.subsec_nanosecond()) / 1000;
        Ok(Self {
            micros: date.first_instant() + micros - i64::from(offset_seconds) * SECOND_MICROS,
            offset_seconds,
        })
    }
}

/// Splits `12:30:00+02:00` into the time and the offset in seconds.
fn split_offset(text: &str) -> Option<(&str, i32)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    let digits: String = text[at + 1..].chars().filter(|&c| c != ':').collect();
    let padded = if digits.len() == 2 { format!("{digits}00") } else { digits };
    let number: i32 = padded.parse().ok().filter(|_| padded.len() == 4)?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours <= 18 && minutes < 60).then_some((&text[..at], sign * (hours * 3600 + minutes * 60)))
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.micros, self.offset_seconds).cmp(&(other.micros, other.offset_seconds))
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.micros + i64::from(self.offset_seconds) * SECOND_MICROS;
        let of_day = local.rem_euclid(DAY_MICROS);
        let (seconds, micros) = (of_day / SECOND_MICROS, of_day % SECOND_MICROS);
        write!(
            f,
            "{}T{:02}:{:02}:{:02}",
            Date::of_instant(local),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        if micros != 0 {
            write!(f, ".{}", format!("{micros:06}").trim_end_matches('0'))?;
        }
        match self.offset_seconds {
            0 => f.write_str("Z"),
            offset => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.abs() / 3600, offset.abs() / 60 % 60)
            }
        }
    }
}

/// A length of time as Cypher has it: months and days keep their own length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Duration {
    /// Calendar months.
    pub months: i64,
    /// Calendar days.
    pub days: i64,
    /// Microseconds.
    pub micros: i64,
}

impl Duration {
    /// A length of whole microseconds, kept as such.
    #[must_use]
    pub fn of_micros(micros: i64) -> Self {
        Self { micros, ..Self::default() }
    }

    /// A length of instants as days and the rest.
    #[must_use]
    pub fn between_instants(from: Instant, to: Instant) -> Self {
        let micros = to.saturating_sub(from);
        Self { months: 0, days: micros / DAY_MICROS, micros: micros % DAY_MICROS }
    }

    /// Its length in microseconds, days counted as 24 hours.
    ///
    /// # Errors
    /// `Invalid` where it has months, whose length varies, or is too long.
    pub fn fixed_micros(self) -> Result<i64> {
        if self.months != 0 {
            return Err(Error::invalid("a duration in months or years has no fixed length here")
                .hint("write it in days or weeks".to_owned()));
        }
        self.days
            .checked_mul(DAY_MICROS)
            .and_then(|days| days.checked_add(self.micros))
            .ok_or_else(|| Error::invalid("the duration is too long"))
    }

    /// Reads ISO 8601: `P1Y2M3W4DT5H6M7.8S`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = || Error::invalid(format!("expected a duration such as P7D or PT12H, found '{text}'"));
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let rest = rest.strip_prefix(['P', 'p']).filter(|rest| !rest.is_empty()).ok_or_else(refuse)?;
        let (date, time) =
            rest.split_once(['T', 't']).map_or((rest, None), |(date, time)| (date, Some(time)));
        let mut total = Self::default();
        for (number, unit) in components(date).ok_or_else(refuse)? {
            total = total.plus(number, unit, false).ok_or_else(refuse)?;
        }
        for (number, unit) in time.map_or(Some(Vec::new()), components).ok_or_else(refuse)? {
            total = total.plus(number, unit, true).ok_or_else(refuse)?;
        }
        Ok(if negative { total.negated() } else { total })
    }

    /// The same length backwards.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            months: self.months.saturating_neg(),
            days: self.days.saturating_neg(),
            micros: self.micros.saturating_neg(),
        }
    }

    fn plus(mut self, number: f64, unit: char, is_time: bool) -> Option<Self> {
        let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
        match (unit.to_ascii_uppercase(), is_time) {
            ('Y', false) => self.months = self.months.checked_add(whole(number)?.checked_mul(12)?)?,
            ('M', false) => self.months = self.months.checked_add(whole(number)?)?,
            ('W', false) => self.days = self.days.checked_add(whole(number)?.checked_mul(7)?)?,
            ('D', false) => self.days = self.days.checked_add(whole(number)?)?,
            ('H', true) => self.micros = self.micros.checked_add(micros_of(number, 3600)?)?,
            ('M', true) => self.micros = self.micros.checked_add(micros_of(number, 60)?)?,
            ('S', true) => self.micros = self.micros.checked_add(micros_of(number, 1)?)?,
            _ => return None,
        }
        Some(self)
    }
}

fn micros_of(number: f64, unit_seconds: i64) -> Option<i64> {
    let micros = number * (unit_seconds * SECOND_MICROS) as f64;
    (micros.abs() < 9e18).then_some(micros.round() as i64)
}

/// Splits `1Y2M` into numbers with their unit letters.
fn components(text: &str) -> Option<Vec<(f64, char)>> {
    let mut rest = text;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        found.push((rest[..at].parse().ok()?, rest[at..].chars().next()?));
        rest = &rest[at + 1..];
    }
    Some(found)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("PT0S");
        }
        f.write_str("P")?;
        let part = |f: &mut fmt::Formatter<'_>, number: i64, unit: &str| match number {
            0 => Ok(()),
            _ => write!(f, "{number}{unit}"),
        };
        part(f, self.months / 12, "Y")?;
        part(f, self.months % 12, "M")?;
        part(f, self.days, "D")?;
        if self.micros == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        let seconds = self.micros / SECOND_MICROS;
        part(f, seconds / 3600, "H")?;
        part(f, seconds / 60 % 60, "M")?;
        let (seconds, micros) = (seconds % 60, self.micros % SECOND_MICROS);
        match (seconds, micros) {
            (0, 0) => Ok(()),
            (_, 0) => write!(f, "{seconds}S"),
            _ => {
                let sign = if self.micros < 0 { "-" } else { "" };
                let fraction = format!("{:06}", micros.abs());
                write!(f, "{sign}{}.{}S", seconds.abs(), fraction.trim_end_matches('0'))
            }
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
            (year, Some(month), Some(day)) => Date::new(year, month, day).map(Self::Day),
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
            Self::Year(year) => Date::new(year, 1, 1),
            Self::Month(year, month) => Date::new(year, month, 1),
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
        next.unwrap_or(Date { days: Date::MAX_DAYS })
    }
}

/// What a value says about time: a clock, and the first and last instant of what
/// is written. `None` for null and for what is no time at all.
#[must_use]
pub fn reading(value: &Value) -> Option<(Clock, Interval)> {
    let calendar = |lo, hi| Some((Clock::Calendar, Interval::new(lo, hi)));
    match value {
        Value::Int(instant) => Some((Clock::Integer, Interval::new(*instant, *instant))),
        Value::Date(date) => calendar(date.first_instant(), date.last_instant()),
        Value::DateTime(time) => calendar(time.micros, time.micros),
        Value::String(text) => match PartialDate::parse(text.trim()) {
            Some(partial) => calendar(partial.first_day().first_instant(), partial.last_day().last_instant()),
            None => DateTime::parse(text.trim()).ok().and_then(|time| calendar(time.micros, time.micros)),
        },
        _ => None,
    }
}

/// When an element happened or held, from its properties `from` and `to`.
///
/// Each side keeps both readings of what was written, since a state certainly
/// holds for less long than it possibly does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    from: Option<(Instant, Instant)>,
    to: Option<(Instant, Instant)>,
    clock: Option<Clock>,
}

impl Period {
    /// Reads the two properties.
    ///
    /// # Errors
    /// `Invalid` where one is not a time, where they are of two clocks, or where
    /// the period ends before it begins.
    pub fn read(from: Option<&Value>, to: Option<&Value>) -> Result<Self> {
        let side = |name: &str, value: Option<&Value>| match value {
            None | Some(Value::Null) => Ok(None),
            Some(value) => reading(value).map(Some).ok_or_else(|| {
                Error::invalid(format!("expected a date, a datetime or an integer in {name}, found {value}"))
                    .hint("dates are written 2023, 2023-09 or 2023-09-07".to_owned())
            }),
        };
        let (from, to) = (side("from", from)?, side("to", to)?);
        if let (Some((from_clock, start)), Some((to_clock, end))) = (from, to) {
            if from_clock != to_clock {
                return Err(Error::invalid("from and to must both be dates or both be integers"));
            }
            if start.lo > end.hi {
                return Err(Error::invalid("the period ends before it begins")
                    .hint("exchange from and to".to_owned()));
            }
        }
        let bounds = |side: Option<(Clock, Interval)>| side.map(|(_, read)| (read.lo, read.hi));
        Ok(Self { from: bounds(from), to: bounds(to), clock: from.or(to).map(|(clock, _)| clock) })
    }

    /// What its instants are counted in; `None` if undated.
    #[must_use]
    pub fn clock(self) -> Option<Clock> {
        self.clock
    }

    /// Whether it has neither side.
    #[must_use]
    pub fn is_undated(self) -> bool {
        self.clock.is_none()
    }

    /// The instants at which an event may have happened, or a state may have held.
    #[must_use]
    pub fn possible(self, kind: TypeKind) -> Interval {
        let lo = self.from.map_or(Instant::MIN, |(earliest, _)| earliest);
        let hi = match (self.to, self.from, kind) {
            (Some((_, latest)), _, _) => latest,
            (None, Some((_, latest)), TypeKind::Event) => latest,
            _ => Instant::MAX,
        };
        Interval { lo, hi }
    }

    /// The instants at which a state certainly held; it may be empty.
    #[must_use]
    pub fn certain(self) -> Interval {
        Interval {
            lo: self.from.map_or(Instant::MIN, |(_, latest)| latest),
            hi: self.to.map_or(Instant::MAX, |(earliest, _)| earliest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).expect("the test writes a date")
    }

    fn period(from: &str, to: Option<&str>) -> Result<Period> {
        Period::read(Some(&Value::from(from)), to.map(Value::from).as_ref())
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
    fn an_event_with_only_from_happened_within_it_and_a_state_goes_on() {
        let month = period("2023-09", None).expect("a period");
        assert_eq!(
            month.possible(TypeKind::Event),
            Interval::new(day("2023-09-01").first_instant(), day("2023-09-30").last_instant())
        );
        assert_eq!(month.possible(TypeKind::State).hi, Instant::MAX);
        assert_eq!(month.certain(), Interval::new(day("2023-09-30").last_instant(), Instant::MAX));
    }

    #[test]
    fn a_reversed_period_is_refused_but_overlapping_readings_are_not() {
        assert!(period("2023-10", Some("2023-09")).is_err());
        assert!(period("2023-09-07", Some("2023-09")).is_ok());
        assert!(Period::read(Some(&Value::Int(3)), Some(&Value::from("2023"))).is_err());
        assert!(period("soon", None).is_err());
    }

    #[test]
    fn datetimes_keep_their_offset_and_compare_by_instant() {
        let noon = DateTime::parse("2023-09-07T12:00:00+02:00").expect("a datetime");
        assert_eq!(noon.to_string(), "2023-09-07T12:00:00+02:00");
        assert_eq!(noon.micros, day("2023-09-07").first_instant() + 10 * 3600 * SECOND_MICROS);
        assert_eq!(
            DateTime::parse("2023-09-07T12:00:00.25Z").map(|t| t.to_string()),
            Ok("2023-09-07T12:00:00.25Z".into())
        );
        assert!(DateTime::parse("2023-09-07T25:00").is_err());
    }

    #[test]
    fn durations_round_trip_through_iso_8601() {
        for text in ["P7D", "P1Y2M3D", "PT12H", "PT0S", "P1DT1H30M", "PT0.5S", "P-1D"] {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Duration::parse("P2W").and_then(Duration::fixed_micros), Ok(14 * DAY_MICROS));
        assert!(Duration::parse("P1M").and_then(Duration::fixed_micros).is_err());
        for text in ["", "P", "7D", "P7", "PD", "P7H", "P1e400D"] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_limits_of_the_calendar_do_not_overflow() {
        assert_eq!(Date::of_instant(Instant::MAX).to_string(), "9999-12-31");
        assert_eq!(Date::of_instant(Instant::MIN).to_string(), "-009999-01-01");
        assert_eq!(day("9999-12-31").plus_days(1), None);
        assert_eq!(PartialDate::parse("9999").map(|p| p.last_day().to_string()), Some("9999-12-31".into()));
    }
}

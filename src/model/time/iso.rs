//! Dates and times written as ISO 8601, in every form that openCypher takes.

use super::{Date, DateTime, LocalDateTime, LocalTime, NamedZone, Time, TimeZone};
use crate::error::{Error, Result};

/// What one of the ways to name a day within a year says.
#[derive(Debug, Clone, Copy)]
enum OfYear {
    /// Month and day.
    Day(i64, i64),
    /// ISO week and day of the week.
    Week(i64, i64),
    /// Quarter and day of the quarter.
    Quarter(i64, i64),
    /// Day of the year.
    Ordinal(i64),
}

const DATE: &str = "a date such as 2023-09-07";
const LOCAL_TIME: &str = "a time such as 12:30:15";
const TIME: &str = "a time such as 12:30:15+02:00";
const LOCAL_DATETIME: &str = "a datetime such as 2023-09-07T12:30:00";
const DATETIME: &str = "a datetime such as 2023-09-07T12:30:00Z";

/// Why a text cannot be read, in brackets: what of it is out of range. Empty where it has another shape.
struct Why(String);

/// The error for a text that is not what was expected.
fn refused(expected: &str, text: &str, Why(why): &Why) -> Error {
    Error::invalid(format!("expected {expected}, found '{text}'{why}"))
}

const SHAPE: Why = Why(String::new());

/// Reads a date, with or without dashes.
pub(super) fn date(text: &str) -> Result<Date> {
    day(text).map_err(|why| refused(DATE, text, &why))
}

fn day(text: &str) -> std::result::Result<Date, Why> {
    let (year, rest) = year_of(text).ok_or(SHAPE)?;
    let of_year = match rest.strip_prefix('-') {
        Some(rest) => dashed(rest),
        None => undashed(rest),
    };
    let (date, why) = match of_year.ok_or(SHAPE)? {
        OfYear::Day(month, _) if !(1..=12).contains(&month) => (None, format!(" (month {month})")),
        OfYear::Day(month, day) => (Date::of_ymd(year, month, day), format!(" (day {day} of month {month})")),
        OfYear::Week(week, day) => (Date::of_week(year, week, day), format!(" (day {day} of week {week})")),
        OfYear::Quarter(quarter, day) => {
            (Date::of_quarter(year, quarter, day), format!(" (day {day} of quarter {quarter})"))
        }
        OfYear::Ordinal(day) => (Date::of_ordinal(year, day), format!(" (day {day} of the year)")),
    };
    date.ok_or(Why(why))
}

/// The year at the beginning: four digits, or a sign and up to nine of them.
fn year_of(text: &str) -> Option<(i64, &str)> {
    let signed = text.strip_prefix(['+', '-']);
    let (len, digits) = match signed {
        Some(digits) => (digits.bytes().take_while(u8::is_ascii_digit).count(), digits),
        None => (4, text),
    };
    let year = number(digits.get(..len)?)?;
    let rest = &digits[len..];
    // After a year of any length, digits alone could be anything.
    let is_clear = signed.is_none() || (len <= 9 && !rest.starts_with(|c: char| c.is_ascii_digit()));
    is_clear.then_some((if text.starts_with('-') { -year } else { year }, rest))
}

/// What follows the dash after a year.
fn dashed(text: &str) -> Option<OfYear> {
    let (first, second) = text.split_once('-').map_or((text, None), |(first, second)| (first, Some(second)));
    match (first.split_at_checked(1)?, second) {
        (("W", week), None) if week.len() == 2 => Some(OfYear::Week(number(week)?, 1)),
        (("W", week), Some(day)) if week.len() == 2 && day.len() == 1 => {
            Some(OfYear::Week(number(week)?, number(day)?))
        }
        (("Q", quarter), None) if quarter.len() == 1 => Some(OfYear::Quarter(number(quarter)?, 1)),
        (("Q", quarter), Some(day)) if quarter.len() == 1 && day.len() <= 2 => {
            Some(OfYear::Quarter(number(quarter)?, number(day)?))
        }
        (_, None) if first.len() == 3 => Some(OfYear::Ordinal(number(first)?)),
        (_, None) if first.len() == 2 => Some(OfYear::Day(number(first)?, 1)),
        (_, Some(day)) if first.len() == 2 && day.len() == 2 => {
            Some(OfYear::Day(number(first)?, number(day)?))
        }
        _ => None,
    }
}

/// What follows a year without a dash.
fn undashed(text: &str) -> Option<OfYear> {
    if text.is_empty() {
        return Some(OfYear::Day(1, 1));
    }
    let or_first = |day: &str| if day.is_empty() { Some(1) } else { number(day) };
    match text.split_at_checked(1)? {
        ("W", rest) if rest.len() <= 3 => {
            let (week, day) = rest.split_at_checked(2)?;
            Some(OfYear::Week(number(week)?, or_first(day)?))
        }
        ("Q", rest) if rest.len() <= 3 => {
            let (quarter, day) = rest.split_at_checked(1)?;
            Some(OfYear::Quarter(number(quarter)?, or_first(day)?))
        }
        _ if text.len() == 3 => Some(OfYear::Ordinal(number(text)?)),
        _ if text.len() == 2 || text.len() == 4 => {
            let (month, day) = text.split_at_checked(2)?;
            Some(OfYear::Day(number(month)?, or_first(day)?))
        }
        _ => None,
    }
}

/// A number of digits alone.
fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Reads a time without an offset.
pub(super) fn local_time(text: &str) -> Result<LocalTime> {
    match clock(text).map_err(|why| refused(LOCAL_TIME, text, &why))? {
        (time, "") => Ok(time),
        (_, zone) => Err(Error::invalid(format!("a localtime has no time zone, found '{zone}'"))
            .hint("time() reads a time with its offset".to_owned())),
    }
}

/// Reads a time with an offset, or in UTC.
pub(super) fn time(text: &str) -> Result<Time> {
    let (local, rest) = clock(text).map_err(|why| refused(TIME, text, &why))?;
    match zone(rest).ok_or_else(|| refused(TIME, text, &SHAPE))? {
        (offset, None) => Ok(Time { local, offset_seconds: offset.unwrap_or(0) }),
        (_, Some(name)) => Err(Error::invalid(format!("a time cannot be in the named zone '{name}'"))
            .hint("its offset depends on the date; give an offset such as +02:00".to_owned())),
    }
}

/// Reads a date and a time without an offset.
pub(super) fn local_datetime(text: &str) -> Result<LocalDateTime> {
    let (date, time) = split(text);
    let date = day(date).map_err(|why| refused(LOCAL_DATETIME, text, &why))?;
    local(date, time.unwrap_or("00"), text)
}

/// As [`local_datetime`], but the date is a whole one with dashes, and the time is there.
pub(super) fn whole_local_datetime(text: &str) -> Result<LocalDateTime> {
    let (date, time) = split(text);
    let time = time.ok_or_else(|| refused(LOCAL_DATETIME, text, &SHAPE))?;
    local(Date::parse(date)?, time, text)
}

fn local(date: Date, time: &str, text: &str) -> Result<LocalDateTime> {
    match clock(time).map_err(|why| refused(LOCAL_DATETIME, text, &why))? {
        (time, "") => Ok(LocalDateTime { date, time }),
        (_, zone) => Err(Error::invalid(format!("a localdatetime has no time zone, found '{zone}'"))
            .hint("datetime() reads a time with its offset or zone".to_owned())),
    }
}

/// Reads a date and a time with an offset, a zone, both, or in UTC.
pub(super) fn datetime(text: &str) -> Result<DateTime> {
    let (date, time) = split(text);
    let date = day(date).map_err(|why| refused(DATETIME, text, &why))?;
    zoned(date, time.unwrap_or("00"), text)
}

/// As [`datetime`], but the date is a whole one with dashes, and the time is there.
pub(super) fn whole_datetime(text: &str) -> Result<DateTime> {
    let (date, time) = split(text);
    let time = time.ok_or_else(|| refused(DATETIME, text, &SHAPE))?;
    zoned(Date::parse(date)?, time, text)
}

/// The date and the time of a text, which `T` or a space divides.
fn split(text: &str) -> (&str, Option<&str>) {
    text.split_once(['T', 't', ' ']).map_or((text, None), |(date, time)| (date, Some(time)))
}

fn zoned(date: Date, time: &str, text: &str) -> Result<DateTime> {
    let (time, rest) = clock(time).map_err(|why| refused(DATETIME, text, &why))?;
    let local = LocalDateTime { date, time };
    match zone(rest).ok_or_else(|| refused(DATETIME, text, &SHAPE))? {
        (offset, None) => Ok(DateTime::of_local(local, TimeZone::Offset(offset.unwrap_or(0)))),
        (None, Some(name)) => Ok(DateTime::of_local(local, TimeZone::Named(NamedZone::find(name)?))),
        (Some(offset), Some(name)) => {
            let named = TimeZone::Named(NamedZone::find(name)?);
            let read = DateTime::of_local_near(local, named, Some(offset));
            match read.offset_seconds() == offset {
                true => Ok(read),
                false => Err(Error::invalid(format!("'{text}' has another offset than its zone"))
                    .hint(format!("{name} was at {} then", TimeZone::Offset(read.offset_seconds())))),
            }
        }
    }
}

/// Reads the time at the beginning of a text, and gives what follows it.
fn clock(text: &str) -> std::result::Result<(LocalTime, &str), Why> {
    let end = text.find(['Z', 'z', '+', '-', '[']).unwrap_or(text.len());
    let (time, rest) = text.split_at(end);
    let (hour, minute, second, nanos) = clock_parts(time).ok_or(SHAPE)?;
    let time = LocalTime::new(hour, minute, second, nanos).ok_or_else(|| match (hour, minute) {
        (0..24, 0..60) => Why(format!(" (second {second})")),
        (0..24, _) => Why(format!(" (minute {minute})")),
        _ => Why(format!(" (hour {hour})")),
    })?;
    Ok((time, rest))
}

/// Hour, minute, second and nanosecond, with or without colons; what is left out is 0.
pub(super) fn clock_parts(text: &str) -> Option<(i64, i64, i64, i64)> {
    let (whole, nanos) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(nanos_of(fraction)?)),
        None => (text, None),
    };
    let digits = match whole.bytes().filter(|&b| b == b':').count() {
        0 => whole.to_owned(),
        _ if whole.split(':').all(|part| part.len() == 2) => whole.replace(':', ""),
        _ => return None,
    };
    let is_clock = matches!(digits.len(), 2 | 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit());
    // Only seconds have a fraction.
    if !is_clock || (nanos.is_some() && digits.len() != 6) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), number);
    Some((part(0)?, part(2)?, part(4)?, nanos.unwrap_or(0)))
}

/// Nanoseconds of the digits after a decimal point, of which there are up to nine.
fn nanos_of(fraction: &str) -> Option<i64> {
    (1..=9).contains(&fraction.len()).then(|| number(&format!("{fraction:0<9}")))?
}

/// The offset and the name of a zone such as `+02:00[Europe/Stockholm]`; either may be missing.
fn zone(text: &str) -> Option<(Option<i32>, Option<&str>)> {
    let (offset_text, name) = match text.split_once('[') {
        Some((offset, name)) => (offset, Some(name.strip_suffix(']')?)),
        None => (text, None),
    };
    match offset_text {
        "" => Some((None, name)),
        _ => offset(offset_text).map(|offset| (Some(offset), name)),
    }
}

/// Seconds of an offset such as `Z`, `+02`, `+0200`, `+02:00` or `-02:05:07`.
pub(super) fn offset(text: &str) -> Option<i32> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hour, minute, second, nanos) = clock_parts(text.strip_prefix(['+', '-'])?)?;
    let seconds = sign * i32::try_from((hour * 60 + minute) * 60 + second).ok()?;
    let is_offset = minute < 60 && second < 60 && nanos == 0 && seconds.abs() <= TimeZone::OFFSET_MAX_SECONDS;
    is_offset.then_some(seconds)
}

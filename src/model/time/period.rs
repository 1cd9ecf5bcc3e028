//! When an element happened or held.

use super::instant::{Clock, Instant, Interval};
use super::{DAY_SECONDS, Date, DateTime, PartialDate};
use crate::error::{Error, Result};
use crate::model::{TypeKind, Value};

/// What a value says about time: a clock, and the first and last instant of what
/// is written. `None` for null, for what is no time at all or a time of no day, and
/// for what is too far off to be counted in microseconds, some 290,000 years.
#[must_use]
pub fn reading(value: &Value) -> Option<(Clock, Interval)> {
    match value {
        Value::Int(instant) => Some((Clock::Integer, Interval::new(*instant, *instant))),
        Value::Date(date) => days(*date, *date),
        Value::DateTime(time) => instant(*time),
        Value::LocalDateTime(local) => instant(local.in_utc()),
        Value::String(text) => match PartialDate::parse(text.trim()) {
            Some(partial) => days(partial.first_day(), partial.last_day()),
            None => DateTime::parse(text.trim()).ok().and_then(instant),
        },
        _ => None,
    }
}

fn days(first: Date, last: Date) -> Option<(Clock, Interval)> {
    let is_countable = first.is_countable() && last.is_countable();
    is_countable.then(|| (Clock::Calendar, Interval::new(first.first_instant(), last.last_instant())))
}

/// An instant between two microseconds is read as both.
fn instant(time: DateTime) -> Option<(Clock, Interval)> {
    let is_countable = Date::of_days(time.seconds().div_euclid(DAY_SECONDS)).is_some_and(Date::is_countable);
    is_countable.then(|| (Clock::Calendar, Interval::new(time.micros(), time.micros_above())))
}

/// How to write what is no time, or none that can be counted.
fn hint_for(value: &Value) -> &'static str {
    match value {
        Value::LocalTime(_) | Value::Time(_) => "a time of day needs a day; a datetime has both",
        Value::Date(_) | Value::LocalDateTime(_) | Value::DateTime(_) => {
            "periods reach some 290,000 years into the past and the future"
        }
        _ => "dates are written 2023, 2023-09 or 2023-09-07",
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
                    .hint(hint_for(value).to_owned())
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
    use crate::model::time::{LocalDateTime, LocalTime, Time};

    fn day(text: &str) -> Date {
        Date::parse(text).expect("the test writes a date")
    }

    fn period(from: &str, to: Option<&str>) -> Result<Period> {
        Period::read(Some(&Value::from(from)), to.map(Value::from).as_ref())
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
    fn nanoseconds_are_read_outward() {
        let read = |text: &str| {
            DateTime::parse(text).ok().and_then(|time| reading(&Value::DateTime(time))).map(|read| read.1)
        };
        let second = day("2023-09-07").first_instant();
        assert_eq!(read("2023-09-07T00:00:00.000001Z"), Some(Interval::new(second + 1, second + 1)));
        assert_eq!(read("2023-09-07T00:00:00.000001001Z"), Some(Interval::new(second + 1, second + 2)));
        assert_eq!(read("2023-09-06T23:59:59.999999999Z"), Some(Interval::new(second - 1, second)));
    }

    #[test]
    fn a_time_of_no_day_and_a_day_too_far_off_are_no_instants() {
        let time = LocalTime::parse("12:30").expect("a time");
        assert_eq!(reading(&Value::LocalTime(time)), None);
        assert_eq!(reading(&Value::Time(Time { local: time, offset_seconds: 0 })), None);
        assert_eq!(reading(&Value::Date(Date::MAX)), None);
        let local = LocalDateTime { date: day("2023-09-07"), time };
        let utc = DateTime::parse("2023-09-07T12:30Z").expect("a datetime");
        assert_eq!(reading(&Value::LocalDateTime(local)), reading(&Value::DateTime(utc)));
    }
}

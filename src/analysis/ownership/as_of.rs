//! The instant that a question is about, and whether a state held at it.
//!
//! A question about a day is about its end, and about a month or a year likewise. A state that
//! ends on a day no longer holds at the end of it, and one that begins on a day does: a stake that
//! goes from one owner to another on a day has one owner as of that day, the new one.
//! Where only the month or the year of a change is known and the instant lies within, it is not
//! known whether the state held.

use crate::error::{Error, Result};
use crate::model::time::reading;
use crate::model::{Clock, Date, Instant, Period, TypeKind, Value};

/// What is known about something that may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    No,
    /// It may hold.
    Maybe,
    /// It holds.
    Yes,
}

/// An instant, and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct AsOf {
    clock: Clock,
    instant: Instant,
    /// How it was written; none for today.
    pub written: Option<Value>,
}

impl AsOf {
    /// The end of what is written.
    ///
    /// # Errors
    /// `Invalid` where it is neither a date nor an instant.
    pub fn read(value: &Value) -> Result<Self> {
        let (clock, interval) = reading(value).ok_or_else(|| {
            Error::invalid(format!("expected a date for asOf, found {value}"))
                .hint("dates are written 2023, 2023-09 or 2023-09-07".to_owned())
        })?;
        Ok(Self { clock, instant: interval.hi, written: Some(value.clone()) })
    }

    /// The end of the day of an instant in microseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn today(now_micros: Instant) -> Self {
        let instant = Date::of_instant(now_micros).last_instant();
        Self { clock: Clock::Calendar, instant, written: None }
    }

    /// The day on which it is; none where time is counted in integers.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        (self.clock == Clock::Calendar).then(|| Date::of_instant(self.instant))
    }

    /// Whether a state with this period has certainly not begun.
    #[must_use]
    pub fn is_before(&self, period: Period) -> bool {
        period.clock() == Some(self.clock) && period.possible(TypeKind::State).lo > self.instant
    }

    /// Whether it lies within what a value says, so that it cannot be told which comes first.
    #[must_use]
    pub fn is_within(&self, value: &Value) -> bool {
        reading(value).is_some_and(|(clock, read)| {
            clock == self.clock && read.lo <= self.instant && self.instant < read.hi
        })
    }

    /// Whether a state with this period holds. What is dated by another clock, or not at all, does.
    #[must_use]
    pub fn holds(&self, period: Period) -> Truth {
        if period.clock() != Some(self.clock) {
            return Truth::Yes;
        }
        let (possible, certain) = (period.possible(TypeKind::State), period.certain());
        let begun = ordered(certain.lo, possible.lo, self.instant);
        let ended = match possible.hi {
            Instant::MAX => Truth::No,
            _ => ordered(possible.hi, certain.hi, self.instant),
        };
        let goes_on = match ended {
            Truth::No => Truth::Yes,
            Truth::Maybe => Truth::Maybe,
            Truth::Yes => Truth::No,
        };
        begun.min(goes_on)
    }
}

/// Whether something happened by an instant that happened between two others.
fn ordered(at_the_latest: Instant, at_the_earliest: Instant, instant: Instant) -> Truth {
    if at_the_latest <= instant {
        Truth::Yes
    } else if at_the_earliest <= instant {
        Truth::Maybe
    } else {
        Truth::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(from: Option<&str>, to: Option<&str>, at: &str) -> Truth {
        let [from, to] = [from, to].map(|side| side.map(Value::from));
        let period = Period::read(from.as_ref(), to.as_ref()).expect("a period");
        AsOf::read(&Value::from(at)).expect("a date").holds(period)
    }

    #[test]
    fn a_state_holds_from_its_first_day_to_the_day_before_its_last() {
        assert_eq!(holds(Some("2022-06-01"), None, "2022-05-31"), Truth::No);
        assert_eq!(holds(Some("2022-06-01"), None, "2022-06-01"), Truth::Yes);
        assert_eq!(holds(None, Some("2022-06-01"), "2022-05-31"), Truth::Yes);
        assert_eq!(holds(None, Some("2022-06-01"), "2022-06-01"), Truth::No);
        assert_eq!(holds(None, None, "2022-06-01"), Truth::Yes);
    }

    #[test]
    fn within_a_month_of_change_nobody_knows() {
        assert_eq!(holds(Some("2022-06"), None, "2022-06-15"), Truth::Maybe);
        assert_eq!(holds(None, Some("2022-06"), "2022-06-15"), Truth::Maybe);
        assert_eq!(holds(None, Some("2022-06"), "2022-06-30"), Truth::No);
        assert_eq!(holds(Some("2022"), Some("2022"), "2022-06"), Truth::Maybe);
        assert_eq!(holds(Some("2022"), Some("2023"), "2022"), Truth::Yes);
    }

    #[test]
    fn integers_are_a_clock_of_their_own() {
        let period = Period::read(Some(&Value::Int(3)), Some(&Value::Int(5))).expect("a period");
        let at = |value: Value| AsOf::read(&value).expect("an instant").holds(period);
        assert_eq!([2, 3, 4, 5].map(|t| at(Value::Int(t))), [Truth::No, Truth::Yes, Truth::Yes, Truth::No]);
        assert_eq!(at(Value::from("2022")), Truth::Yes);
    }
}

//! What the times of a relationship type have in common.
//!
//! A search that knows, before it begins, that every relationship of a type is an
//! instant or a whole day can do with one number for each. The facts are kept with
//! every change, and only ever lose: what one odd relationship took away comes back
//! when the index is made anew.

use serde::{Deserialize, Serialize};

use crate::model::time::DAY_MICROS;
use crate::model::{Clock, Instant, Interval, Period, TypeKind, Value};

/// How `from` is written, where comparing two such values is comparing instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Written {
    /// A date.
    Date,
    /// A datetime in UTC, in whole microseconds.
    DateTime,
    /// A local datetime, in whole microseconds.
    LocalDateTime,
    /// An integer.
    Int,
}

impl Written {
    /// How a value is written, and the first instant that it stands for.
    #[must_use]
    pub fn of(value: &Value) -> Option<(Self, Instant)> {
        let (_, read) = crate::model::time::reading(value)?;
        let is_point = read.lo == read.hi;
        let written = match value {
            Value::Int(_) => Self::Int,
            Value::Date(_) => Self::Date,
            // Datetimes of one instant are told apart by their offset.
            Value::DateTime(time)
                if is_point && time.named_zone().is_none() && time.offset_seconds() == 0 =>
            {
                Self::DateTime
            }
            Value::LocalDateTime(_) if is_point => Self::LocalDateTime,
            _ => return None,
        };
        Some((written, read.lo))
    }
}

/// What all relationships of a type have in common, read as events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// The clock and the length of every period, in units of the clock: 1 for
    /// instants, a day for whole days in UTC. `None` where some relationship is
    /// undated or open, stands for many, or differs from the others.
    pub granule: Option<(Clock, i64)>,
    /// How `from` is written everywhere, and that it is the beginning of the period.
    pub written: Option<Written>,
    /// Whether some `from` is a text, which no date can be compared with.
    pub has_texts: bool,
    /// The greatest `hi - lo`; `None` where a period is open.
    pub length_max: Option<i64>,
}

impl Timing {
    /// What one relationship says.
    pub(super) fn of(period: Period, from: Option<&Value>, is_aggregate: bool) -> Self {
        let Interval { lo, hi } = period.possible(TypeKind::Event);
        let length = hi.checked_sub(lo).filter(|_| lo != Instant::MIN && hi != Instant::MAX);
        let granule = match (period.clock(), length) {
            (Some(clock), Some(0)) => Some((clock, 1)),
            (Some(Clock::Calendar), Some(length)) if is_day(lo, length) => {
                Some((Clock::Calendar, DAY_MICROS))
            }
            _ => None,
        };
        Self {
            granule: granule.filter(|_| !is_aggregate),
            written: from.and_then(Written::of).map(|(written, _)| written),
            has_texts: matches!(from, Some(Value::String(_))),
            length_max: length,
        }
    }

    /// What is common to both.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            granule: self.granule.filter(|granule| Some(*granule) == other.granule),
            written: self.written.filter(|written| Some(*written) == other.written),
            has_texts: self.has_texts || other.has_texts,
            length_max: self.length_max.zip(other.length_max).map(|(a, b)| a.max(b)),
        }
    }
}

fn is_day(lo: Instant, length: i64) -> bool {
    length == DAY_MICROS - 1 && lo.rem_euclid(DAY_MICROS) == 0
}

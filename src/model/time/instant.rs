//! Instants as path search counts them.

use serde::{Deserialize, Serialize};

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

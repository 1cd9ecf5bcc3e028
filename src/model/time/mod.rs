//! Dates, times, datetimes, time zones, durations, partial dates and periods.
//!
//! # Values of the language
//!
//! openCypher has five types for a point in time and one for a length of it.
//! A [`Date`] and a [`LocalTime`] are what a calendar and a clock on the wall
//! show; together they are a [`LocalDateTime`]. None of them says where. A
//! [`Time`] is a clock with an offset from UTC, a [`DateTime`] an instant with an
//! offset or a named zone. All count nanoseconds, and years from -999,999,999 to
//! 999,999,999 of the proleptic Gregorian calendar. A [`Duration`] keeps months,
//! days and seconds apart, since neither months nor days are always of one length.
//!
//! # Instants
//!
//! Path search counts time in whole units of a [`Clock`]: microseconds since
//! 1970-01-01 UTC for dates, or plain integers where a graph's periods are
//! integers. The two never meet in one path. What is written in nanoseconds is
//! read outward, its first instant rounded down and its last one up, so that
//! nothing that is possible is ruled out.
//!
//! # Partial dates
//!
//! A source may say `2023`, `2023-09` or `2023-09-07`. Each stands for an
//! interval of instants, its *reading*: from the first instant of what is written
//! to the last. A bare date is a day in UTC, and a datetime without an offset
//! counts as UTC too. Nothing is rounded and nothing is guessed: order between two
//! partial dates is *possible* if some pair of instants is in order, *certain* if
//! all pairs are.
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

mod arithmetic;
mod calendar;
mod date;
mod datetime;
mod duration;
mod instant;
mod iso;
mod local;
mod period;
mod zone;

pub use arithmetic::{Parts, between, days_between, elapsed, months_between, seconds_between};
pub use date::{Date, PartialDate};
pub use datetime::DateTime;
pub use duration::{Amount, Duration, Unit};
pub use instant::{Clock, DAY_MICROS, Instant, Interval, SECOND_MICROS};
pub use local::{LocalDateTime, LocalTime, Time};
pub use period::{Period, reading};
pub use zone::{NamedZone, TimeZone};

/// Nanoseconds in a second.
pub const SECOND_NANOS: i64 = 1_000_000_000;
/// Seconds in a day; days have 86,400 of them in UTC as computers keep it.
pub const DAY_SECONDS: i64 = 86_400;
/// Nanoseconds in a day.
pub const DAY_NANOS: i64 = DAY_SECONDS * SECOND_NANOS;

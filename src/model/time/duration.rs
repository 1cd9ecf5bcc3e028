//! Lengths of time.

use std::fmt;

use super::{DAY_MICROS, DAY_NANOS, Instant, SECOND_MICROS, SECOND_NANOS, iso};
use crate::error::{Error, Result};

/// A length of time as openCypher has it: months, days and seconds do not turn into one another.
///
/// It is packed so that a value with a duration in it takes no more room than other values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(Rust, packed(4))]
pub struct Duration {
    months: i64,
    days: i64,
    seconds: i64,
    /// From 0, below a second, also where the seconds are negative.
    nanos: u32,
}

/// Nanoseconds in a month of average length, which is 30.436875 days: the Gregorian
/// calendar's 146,097 days in 400 years.
pub(super) const MONTH_NANOS: i64 = 2_629_746 * SECOND_NANOS;

impl Duration {
    /// A length of these parts; `None` where the nanoseconds carry the seconds too far.
    #[must_use]
    pub fn new(months: i64, days: i64, seconds: i64, nanos: i64) -> Option<Self> {
        let seconds = seconds.checked_add(nanos.div_euclid(SECOND_NANOS))?;
        Some(Self { months, days, seconds, nanos: nanos.rem_euclid(SECOND_NANOS) as u32 })
    }

    /// A length of whole days.
    #[must_use]
    pub fn of_days(days: i64) -> Self {
        Self { days, ..Self::default() }
    }

    /// A length of whole months.
    #[must_use]
    pub fn of_months(months: i64) -> Self {
        Self { months, ..Self::default() }
    }

    /// A length of nanoseconds, kept as such; `None` where it is too long.
    pub(super) fn of_nanos(nanos: i128) -> Option<Self> {
        let second = i128::from(SECOND_NANOS);
        let seconds = i64::try_from(nanos.div_euclid(second)).ok()?;
        Self::new(0, 0, seconds, nanos.rem_euclid(second) as i64)
    }

    /// A length of instants as days and the rest.
    #[must_use]
    pub fn between_instants(from: Instant, to: Instant) -> Self {
        let micros = to.saturating_sub(from);
        let rest = micros % DAY_MICROS;
        let (seconds, nanos) = (rest.div_euclid(SECOND_MICROS), rest.rem_euclid(SECOND_MICROS) * 1000);
        Self { months: 0, days: micros / DAY_MICROS, seconds, nanos: nanos as u32 }
    }

    /// Calendar months.
    #[must_use]
    pub fn months(self) -> i64 {
        self.months
    }

    /// Calendar days.
    #[must_use]
    pub fn days(self) -> i64 {
        self.days
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after the whole seconds, never negative.
    #[must_use]
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// The seconds in nanoseconds.
    pub(super) fn total_nanos(self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND_NANOS) + i128::from(self.nanos)
    }

    /// Its length in nanoseconds if every month were of average length, by which durations are ordered.
    #[must_use]
    pub fn average_nanos(self) -> i128 {
        i128::from(self.months) * i128::from(MONTH_NANOS)
            + i128::from(self.days) * i128::from(DAY_NANOS)
            + self.total_nanos()
    }

    /// Its length in whole microseconds, rounded down, days counted as 24 hours.
    ///
    /// # Errors
    /// `Invalid` where it has months, whose length varies, or is too long.
    pub fn fixed_micros(self) -> Result<i64> {
        if self.months != 0 {
            return Err(Error::invalid("a duration in months or years has no fixed length here")
                .hint("write it in days or weeks".to_owned()));
        }
        let nanos = i128::from(self.days) * i128::from(DAY_NANOS) + self.total_nanos();
        i64::try_from(nanos.div_euclid(1000)).map_err(|_| Error::invalid("the duration is too long"))
    }

    /// Reads ISO 8601: `P1Y2M3W4DT5H6M7.8S`, any part of which may have a sign and a fraction, or
    /// `P0001-02-03T04:05:06.7`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = || Error::invalid(format!("expected a duration such as P7D or PT12H, found '{text}'"));
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let rest = rest.strip_prefix(['P', 'p']).ok_or_else(refuse)?;
        let read = by_units(rest).or_else(|| by_date(rest)).ok_or_else(refuse)?;
        if is_negative { read.negated().ok_or_else(refuse) } else { Ok(read) }
    }

    /// The sum of amounts of units, such as 1.5 of `days`. What is left of a month turns into days, by
    /// the average length of months, and what is left of a day into seconds. `None` where it is too long.
    #[must_use]
    pub fn of_amounts(amounts: &[(Unit, Amount)]) -> Option<Self> {
        let mut totals = [0_i128; 3];
        for (unit, Amount(amount)) in amounts {
            let times = |length: i128| amount.checked_mul(length);
            let (total, more) = match unit {
                Unit::Months(length) => (0, times(i128::from(*length))?),
                Unit::Days(length) => (1, times(i128::from(*length))?),
                Unit::Seconds(length) => (2, times(i128::from(*length))?),
                Unit::SecondParts(parts) => (2, amount / i128::from(*parts)),
            };
            totals[total] = totals[total].checked_add(more)?;
        }
        cascade(totals, 0, Amount::ONE)
    }

    /// The same length backwards; `None` where that is too long.
    #[must_use]
    pub fn negated(self) -> Option<Self> {
        let nanos = -i64::from(self.nanos);
        Self::new(self.months.checked_neg()?, self.days.checked_neg()?, self.seconds.checked_neg()?, nanos)
    }

    /// Both lengths, one after the other; `None` where that is too long.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::new(
            { self.months }.checked_add(other.months)?,
            { self.days }.checked_add(other.days)?,
            { self.seconds }.checked_add(other.seconds)?,
            i64::from(self.nanos) + i64::from(other.nanos),
        )
    }

    /// So many times this length, part by part, what is left of a part turning into smaller ones.
    /// `None` where it is too long.
    #[must_use]
    pub fn times(self, number: Amount) -> Option<Self> {
        self.scaled(number.0, Amount::ONE)
    }

    /// The length of which this is so many times as much, part by part. `None` where it is too long, so
    /// also by 0.
    #[must_use]
    pub fn divided(self, number: Amount) -> Option<Self> {
        self.scaled(Amount::ONE, number.0)
    }

    fn scaled(self, times: i128, per: i128) -> Option<Self> {
        let (times, per) = reduced(times, per)?;
        let part = |part: i64| i128::from(part).checked_mul(times);
        let totals = [part(self.months)?, part(self.days)?, part(self.seconds)?];
        cascade(totals, part(self.nanos.into())?, per)
    }
}

/// A fraction in lowest terms, with a positive denominator; `None` where it would be 0.
fn reduced(times: i128, per: i128) -> Option<(i128, i128)> {
    let (mut a, mut b) = (times.unsigned_abs(), per.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = i128::try_from(a).ok()? * per.signum();
    (per != 0).then(|| (times / divisor, per / divisor))
}

/// A duration of months, days, seconds and nanoseconds, each counted in parts of which `per` are one.
fn cascade([months, days, seconds]: [i128; 3], nanos: i128, per: i128) -> Option<Duration> {
    let (day, second) = (i128::from(DAY_NANOS), i128::from(SECOND_NANOS));
    let of_month = (months % per).checked_mul(i128::from(MONTH_NANOS))?;
    let of_days = (days % per).checked_mul(day)?.checked_add(of_month)?;
    let day = per.checked_mul(day)?;
    let of_seconds = (seconds % per).checked_mul(second)?.checked_add(nanos)?.checked_add(of_days % day)?;
    let second = per.checked_mul(second)?;
    Duration::new(
        i64::try_from(months / per).ok()?,
        i64::try_from(days / per + of_days / day).ok()?,
        i64::try_from(seconds / per + of_seconds / second).ok()?,
        i64::try_from(of_seconds % second / per).ok()?,
    )
}

/// A number with up to 18 decimals, in units of 10^-18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(i128);

impl Amount {
    const DECIMALS: usize = 18;
    const ONE: i128 = 10_i128.pow(Self::DECIMALS as u32);

    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self(i128::from(number) * Self::ONE)
    }

    /// A number as its shortest decimals have it; `None` where it is not finite or too great.
    #[must_use]
    pub fn of_float(number: f64) -> Option<Self> {
        Self::parse(&number.to_string())
    }

    /// Reads digits with an optional sign and fraction, of which 18 decimals count.
    fn parse(text: &str) -> Option<Self> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let fraction = &fraction[..fraction.len().min(Self::DECIMALS)];
        let amount: i128 = format!("{whole}{fraction:0<18}").parse().ok()?;
        Some(Self(if is_negative { -amount } else { amount }))
    }
}

/// What a part of a duration is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// So many months.
    Months(i64),
    /// So many days.
    Days(i64),
    /// So many seconds.
    Seconds(i64),
    /// A second has so many of it.
    SecondParts(i64),
}

/// `1Y2M3W4DT5H6M7.8S`: units from long to short, each at most once.
fn by_units(text: &str) -> Option<Duration> {
    const UNITS: [(bool, char, Unit); 7] = [
        (false, 'Y', Unit::Months(12)),
        (false, 'M', Unit::Months(1)),
        (false, 'W', Unit::Days(7)),
        (false, 'D', Unit::Days(1)),
        (true, 'H', Unit::Seconds(3600)),
        (true, 'M', Unit::Seconds(60)),
        (true, 'S', Unit::Seconds(1)),
    ];
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    if time.map_or(date, |time| time).is_empty() {
        return None;
    }
    let mut amounts = Vec::new();
    let mut next = 0;
    for (is_time, mut rest) in [(false, date), (true, time.unwrap_or_default())] {
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let letter = rest[end..].chars().next()?.to_ascii_uppercase();
            let at = UNITS.iter().position(|unit| (unit.0, unit.1) == (is_time, letter))?;
            amounts.push((UNITS[at].2, Amount::parse(&rest[..end])?));
            (next, rest) = (Some(at).filter(|at| *at >= next)? + 1, &rest[end + 1..]);
        }
    }
    Duration::of_amounts(&amounts)
}

/// `0001-02-03T04:05:06.7`, with or without its dashes and colons: years, months, days, hours and so on.
fn by_date(text: &str) -> Option<Duration> {
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    let digits = match date.bytes().filter(|&b| b == b'-').count() {
        0 => date.to_owned(),
        2 if date.split('-').map(str::len).eq([4, 2, 2]) => date.replace('-', ""),
        _ => return None,
    };
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = digits.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    if digits.len() != 8 {
        return None;
    }
    let (hour, minute, second, nanos) = time.map_or(Some((0, 0, 0, 0)), iso::clock_parts)?;
    let months = number(0, 4)? * 12 + number(4, 6)?;
    Duration::new(months, number(6, 8)?, (hour * 60 + minute) * 60 + second, nanos)
}

/// Years to seconds, each with its sign, and no part that is 0.
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
        let nanos = self.total_nanos();
        if nanos == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        // Towards zero, so that all parts have the sign of the whole; no more than i64 seconds.
        let (seconds, nanos) =
            ((nanos / i128::from(SECOND_NANOS)) as i64, (nanos % i128::from(SECOND_NANOS)) as i64);
        part(f, seconds / 3600, "H")?;
        part(f, seconds / 60 % 60, "M")?;
        match (seconds % 60, nanos) {
            (0, 0) => Ok(()),
            (seconds, 0) => write!(f, "{seconds}S"),
            (seconds, nanos) => {
                let sign = if nanos < 0 { "-" } else { "" };
                let fraction = format!("{:09}", nanos.abs());
                write!(f, "{sign}{}.{}S", seconds.abs(), fraction.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_trip_through_iso_8601() {
        for text in [
            "P7D",
            "P1Y2M3D",
            "PT12H",
            "PT0S",
            "P1DT1H30M",
            "PT0.5S",
            "P-1D",
            "PT-0.000000001S",
            "PT-9M-59.4S",
            "P3Y4M5DT6M0.000000001S",
        ] {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "P", "PT", "P1DT", "7D", "P7", "PD", "P7H", "P1e400D", "P1D1Y", "P1D1D", "P1é"] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn fractions_turn_into_smaller_units() {
        for (text, expected) in [
            ("P0.25M", "P7DT14H37M16.5S"),
            ("P2.5W", "P17DT12H"),
            ("-P1.5D", "P-1DT-12H"),
            ("+PT0,5M", "PT30S"),
            ("P0.5Y", "P6M"),
            ("P0003-04-05T06:07:08.9", "P3Y4M5DT6H7M8.9S"),
            ("P00030405T060708", "P3Y4M5DT6H7M8S"),
        ] {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn only_what_has_no_months_has_a_fixed_length() {
        let fixed = |text: &str| Duration::parse(text).and_then(Duration::fixed_micros);
        assert_eq!(fixed("P2W"), Ok(14 * DAY_MICROS));
        assert_eq!(fixed("PT0.0000019S"), Ok(1));
        assert!(fixed("P1M").is_err() && fixed("P9999999999999D").is_err());
    }

    #[test]
    fn scaling_is_exact() {
        let times = |text: &str, number| {
            let duration = Duration::parse(text).expect("a duration");
            let amount = Amount::of_float(number).expect("a number");
            (duration.times(amount).map(|d| d.to_string()), duration.divided(amount).map(|d| d.to_string()))
        };
        assert_eq!(times("PT1S", 0.1), (Some("PT0.1S".into()), Some("PT10S".into())));
        assert_eq!(times("P1M", 0.5), (Some("P15DT5H14M33S".into()), Some("P2M".into())));
        assert_eq!(times("P1D", 3.0), (Some("P3D".into()), Some("PT8H".into())));
        assert_eq!(times("P1D", 0.0), (Some("PT0S".into()), None));
    }
}

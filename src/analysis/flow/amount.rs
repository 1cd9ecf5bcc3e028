//! Amounts of goods: exact decimals, so that nothing is lost or gained by adding them up.

use std::fmt;

use crate::error::{Error, Result};

/// How many decimals an amount keeps.
const DECIMALS: usize = 9;
/// One whole, in the last decimal kept.
const ONE: i128 = 10_i128.pow(DECIMALS as u32);
/// The greatest amount of one element, so that the products of sums of a million of them still fit.
const WHOLE_MAX: i128 = 1_000_000_000_000_000;

/// So much of something, never less than nothing; a decimal with nine places.
///
/// What is written in decimals is kept as it is written: 50.69 is 50.69, and three times a
/// tenth is three tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A whole number.
    ///
    /// # Errors
    /// `Invalid` where it is negative or above 10¹⁵.
    pub fn of_int(number: i64) -> Result<Self> {
        Self::checked(i128::from(number) * ONE, &number)
    }

    /// A number with decimals, to nine places; what lies behind them is rounded.
    ///
    /// # Errors
    /// `Invalid` where it is negative, not a number, or above 10¹⁵.
    pub fn of_float(number: f64) -> Result<Self> {
        if !(0.0..=WHOLE_MAX as f64).contains(&number) {
            return Err(out_of_range(&number));
        }
        // The shortest decimal that reads as this number is what was written.
        let mut text = number.abs().to_string();
        if text.split_once('.').is_some_and(|(_, decimals)| decimals.len() > DECIMALS) {
            text = format!("{number:.DECIMALS$}");
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let digits = format!("{whole}{decimals:0<DECIMALS$}");
        Self::checked(digits.parse().map_err(|_| out_of_range(&number))?, &number)
    }

    fn checked(amount: i128, number: &dyn fmt::Display) -> Result<Self> {
        match (0..=WHOLE_MAX * ONE).contains(&amount) {
            true => Ok(Self(amount)),
            false => Err(out_of_range(number)),
        }
    }

    /// The number nearest to it.
    #[must_use]
    pub fn as_float(self) -> f64 {
        // Whole and fraction apart: together they may be more digits than a float has.
        (self.0 / ONE) as f64 + (self.0 % ONE) as f64 / ONE as f64
    }

    /// The whole number that it is, if it is one.
    #[must_use]
    pub fn as_int(self) -> Option<i64> {
        (self.0 % ONE == 0).then(|| i64::try_from(self.0 / ONE).ok()).flatten()
    }

    pub(super) fn of_units(units: i128) -> Self {
        Self(units.max(0))
    }

    /// How many of the last decimal.
    pub(super) fn units(self) -> i128 {
        self.0
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

fn out_of_range(number: &dyn fmt::Display) -> Error {
    Error::invalid(format!("expected an amount from 0 to 10^15, found {number}"))
}

/// What is known of how much there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quantity {
    /// At least so much.
    pub least: Amount,
    /// At most so much; `None` where nothing bounds it.
    pub most: Option<Amount>,
}

impl Quantity {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { least: Amount::ZERO, most: None };

    /// Exactly so much.
    #[must_use]
    pub fn exactly(amount: Amount) -> Self {
        Self { least: amount, most: Some(amount) }
    }

    /// Whether it is known exactly.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.most == Some(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_kept_as_written() {
        let amount = |number| Amount::of_float(number).expect("an amount");
        assert_eq!(amount(50.69).units(), 50_690_000_000);
        assert_eq!(amount(0.1).units() * 3, amount(0.3).units());
        assert_eq!(amount(0.1 + 0.2), amount(0.3));
        assert_eq!(amount(74_000.0), Amount::of_int(74_000).expect("an amount"));
        assert_eq!(amount(1e15).as_int(), Some(1_000_000_000_000_000));
        assert_eq!(amount(1e-10), Amount::ZERO);
        for number in [50.69, 0.000_001, 123_456_789.123, 1e15, 0.0] {
            assert_eq!(amount(number).as_float(), number);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for number in [-1.0, f64::NAN, f64::INFINITY, 1e16, 1e300] {
            assert!(Amount::of_float(number).is_err(), "{number}");
        }
        assert!(Amount::of_int(-1).is_err());
        assert!(Amount::of_int(i64::MAX).is_err());
        assert_eq!(Amount::of_float(-0.0), Ok(Amount::ZERO));
    }
}

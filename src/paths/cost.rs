//! What a path costs, for `CHEAPEST`.

use std::cmp::Ordering;

use crate::error::{Error, Result};

/// A sum of costs, exact for whole numbers: they do not lose their last digits
/// beside fractions, as they would in one float.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    whole: u64,
    /// At least 0 and less than 1.
    part: f64,
}

impl Cost {
    /// Nothing.
    pub(super) const ZERO: Self = Self { whole: 0, part: 0.0 };

    /// A whole number; `None` where it is negative.
    #[must_use]
    pub fn of_int(cost: i64) -> Option<Self> {
        u64::try_from(cost).ok().map(|whole| Self { whole, part: 0.0 })
    }

    /// A number; `None` where it is negative, not finite or beyond all sums.
    #[must_use]
    pub fn of_float(cost: f64) -> Option<Self> {
        const BEYOND: f64 = 18_446_744_073_709_551_616.0;
        if !(0.0..BEYOND).contains(&cost) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
        let whole = cost.trunc() as u64;
        Some(Self { whole, part: cost.fract() })
    }

    /// The sum.
    ///
    /// # Errors
    /// `Invalid` where it is too large.
    pub(super) fn plus(self, other: Self) -> Result<Self> {
        let part = self.part + other.part;
        let (carry, part) = if part >= 1.0 { (1, part - 1.0) } else { (0, part) };
        let whole = self.whole.checked_add(other.whole).and_then(|whole| whole.checked_add(carry));
        match whole {
            Some(whole) => Ok(Self { whole, part }),
            None => Err(Error::invalid("the costs of a path add up to too large a number")),
        }
    }

    /// Whether it has no fraction.
    pub(super) fn is_whole(self) -> bool {
        self.part == 0.0
    }

    /// A number that no sum of the same costs is below: sums with fractions depend in
    /// their last digits on the order of adding.
    pub(super) fn a_little_less(self) -> Self {
        const ROUNDING_MAX: f64 = 1e-9;
        if self.part >= ROUNDING_MAX {
            return Self { part: self.part - ROUNDING_MAX, ..self };
        }
        match self.whole.checked_sub(1) {
            Some(whole) => Self { whole, part: self.part + 1.0 - ROUNDING_MAX },
            None => Self::ZERO,
        }
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.whole.cmp(&other.whole).then(self.part.total_cmp(&other.part))
    }
}

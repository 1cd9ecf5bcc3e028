//! What a path costs, for `CHEAPEST`.

use std::cmp::Ordering;

use crate::error::{Error, Result};

/// A sum of costs in steps of 2^-64, so that adding is exact: no sum depends on the order in which a path
/// is walked, and the cheapest way to go on is the cheapest whatever came before.
///
/// A float of at least 2^-12 is kept to its last digit; what a smaller one has below 2^-64 is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cost(u128);

/// How many bits of a cost are a fraction.
const FRACTION_BITS: u32 = 64;

impl Cost {
    /// Nothing.
    pub(super) const ZERO: Self = Self(0);

    /// A whole number; `None` where it is negative.
    #[must_use]
    pub fn of_int(cost: i64) -> Option<Self> {
        u128::try_from(cost).ok().map(|whole| Self(whole << FRACTION_BITS))
    }

    /// A number; `None` where it is negative, not finite or beyond all sums.
    #[must_use]
    pub fn of_float(cost: f64) -> Option<Self> {
        const STEPS: f64 = 18_446_744_073_709_551_616.0;
        if !(0.0..STEPS).contains(&cost) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
        // A power of two changes no digit.
        let steps = (cost * STEPS) as u128;
        Some(Self(steps))
    }

    /// The sum.
    ///
    /// # Errors
    /// `Invalid` where it is too large.
    pub(super) fn plus(self, other: Self) -> Result<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(Error::invalid("the costs of a path add up to too large a number")),
        }
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(cost: f64) -> Cost {
        Cost::of_float(cost).expect("in range")
    }

    #[test]
    fn sums_do_not_depend_on_the_order() {
        let costs = [0.1, 0.7, 1e-3, 3.3, 1e15, 0.2, 1.0 / 3.0].map(cost);
        let sum =
            |costs: &[Cost]| costs.iter().try_fold(Cost::ZERO, |sum, &cost| sum.plus(cost)).expect("small");
        let mut reversed = costs;
        reversed.reverse();
        assert_eq!(sum(&costs), sum(&reversed));
        assert_eq!(sum(&[sum(&costs[..3]), sum(&costs[3..])]), sum(&costs));
    }

    #[test]
    fn whole_numbers_and_floats_are_the_same_numbers() {
        assert_eq!(Cost::of_int(7), Cost::of_float(7.0));
        assert_eq!(cost(0.5).plus(cost(0.5)).ok(), Cost::of_int(1));
        assert!(cost(0.1) < cost(0.1_f64.next_up()) && cost(1e-30) == Cost::ZERO);
        for wrong in [-1.0, f64::NAN, f64::INFINITY, 1.9e19] {
            assert_eq!(Cost::of_float(wrong), None, "{wrong}");
        }
        assert_eq!((Cost::of_int(-1), Cost::of_float(-0.0)), (None, Some(Cost::ZERO)));
        let most = cost(18_446_744_073_709_549_568.0);
        assert!(most.plus(most).is_err());
    }
}

//! Difference constraints between instants, kept closed.
//!
//! A zone over variables x1 … xn holds for each ordered pair the greatest value
//! of `xi - xj`, with x0 standing for the instant 0, so that `xi - x0` is an upper
//! bound of xi itself. Closed by shortest paths (Floyd and Warshall), it is exact:
//! every bound is reached by some choice of whole instants, and a variable can be
//! left out without losing what it implied for the others.
//!
//! Source: R. Dechter, I. Meiri, J. Pearl, "Temporal constraint networks",
//! Artificial Intelligence 49 (1991).

use crate::model::{Instant, Interval};

/// No bound. Far beyond every sum of real bounds.
const NONE: i128 = i128::MAX / 4;

/// A closed system of difference constraints, or an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    /// Variables, with the zero variable.
    n: usize,
    /// `bounds[i * n + j]` is the greatest value of xi - xj.
    bounds: Vec<i128>,
}

impl Zone {
    /// One variable within `interval`; `None` where that is empty.
    pub(super) fn of(interval: Interval) -> Option<Self> {
        let mut zone = Self { n: 2, bounds: vec![0, NONE, NONE, 0] };
        zone.confine(1, interval).then_some(zone)
    }

    /// How many variables there are; they are numbered from 1.
    pub(super) fn len(&self) -> usize {
        self.n - 1
    }

    /// Adds a variable within `interval` that lies `least..=most` after the last
    /// one, whatever the signs. `None` where that cannot be.
    pub(super) fn then(&self, interval: Interval, least: i128, most: Option<i128>) -> Option<Self> {
        let n = self.n + 1;
        let mut bounds = vec![NONE; n * n];
        for i in 0..self.n {
            bounds[i * n..i * n + self.n].copy_from_slice(&self.bounds[i * self.n..(i + 1) * self.n]);
        }
        bounds[n * n - 1] = 0;
        let mut zone = Self { n, bounds };
        let (last, new) = (n - 2, n - 1);
        let fits = zone.bound(last, new, -least)
            && most.is_none_or(|most| zone.bound(new, last, most))
            && zone.confine(new, interval);
        fits.then_some(zone)
    }

    /// Adds `xi - xj <= most` and closes; false where nothing is left.
    pub(super) fn bound(&mut self, i: usize, j: usize, most: i128) -> bool {
        if most >= self.at(i, j) {
            return true;
        }
        if most + self.at(j, i) < 0 {
            return false;
        }
        let n = self.n;
        self.bounds[i * n + j] = most;
        // One new bound: every pair can only gain by going through it.
        for a in 0..n {
            for b in 0..n {
                let through = sum(sum(self.at(a, i), most), self.at(j, b));
                let bound = &mut self.bounds[a * n + b];
                *bound = through.min(*bound);
            }
        }
        true
    }

    /// Keeps variable `i` within `interval`; false where nothing is left.
    pub(super) fn confine(&mut self, i: usize, interval: Interval) -> bool {
        let hi = (interval.hi != Instant::MAX).then_some(i128::from(interval.hi));
        let lo = (interval.lo != Instant::MIN).then_some(-i128::from(interval.lo));
        !interval.is_empty()
            && hi.is_none_or(|hi| self.bound(i, 0, hi))
            && lo.is_none_or(|lo| self.bound(0, i, lo))
    }

    /// The instants that variable `i` can take.
    pub(super) fn interval(&self, i: usize) -> Interval {
        let bound = |value: i128, open: Instant| match value {
            NONE => open,
            value => i64::try_from(value).unwrap_or(open),
        };
        let lo = self.at(0, i);
        Interval {
            lo: if lo == NONE { Instant::MIN } else { bound(-lo, Instant::MIN) },
            hi: bound(self.at(i, 0), Instant::MAX),
        }
    }

    /// The least and the greatest value of `xi - xj`; an open side is `None`.
    pub(super) fn difference(&self, i: usize, j: usize) -> (Option<i128>, Option<i128>) {
        let known = |bound: i128| (bound != NONE).then_some(bound);
        (known(self.at(j, i)).map(|bound| -bound), known(self.at(i, j)))
    }

    fn at(&self, i: usize, j: usize) -> i128 {
        self.bounds[i * self.n + j]
    }
}

fn sum(a: i128, b: i128) -> i128 {
    if a == NONE || b == NONE { NONE } else { a + b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_reach_through_the_middle() {
        let first = Zone::of(Interval::new(0, 10)).expect("not empty");
        let second = first.then(Interval::ALL, 0, Some(2)).expect("possible");
        let third = second.then(Interval::new(11, 20), 0, Some(3)).expect("possible");
        assert_eq!(third.interval(1), Interval::new(6, 10));
        assert_eq!(third.interval(3), Interval::new(11, 15));
        assert_eq!(third.difference(3, 1), (Some(1), Some(5)));
        assert_eq!(second.then(Interval::new(16, 20), 0, Some(3)), None);
    }

    #[test]
    fn open_sides_stay_open() {
        let zone = Zone::of(Interval::ALL)
            .and_then(|zone| zone.then(Interval::new(5, 7), 1, None))
            .expect("possible");
        assert_eq!(zone.interval(1), Interval { lo: Instant::MIN, hi: 6 });
        assert_eq!(zone.difference(2, 1), (Some(1), None));
    }
}

//! How far a path is from a possible order: the two hops that stand in its way most.
//!
//! Every event and every state gives the instant of its event a least and a greatest value
//! (a state that of the event it hangs on). The bare order, each event not before the one
//! before it, is possible if and only if no least value lies after the greatest one of the
//! same or of a later event. So the worst such pair says why it is impossible, and by how much.

use super::chronological::{Crossing, crossing};
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::{Clock, Instant, Interval, Path};

/// Two hops that cannot both have happened, or held, in the order walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Miss {
    /// The clock.
    pub clock: Clock,
    /// The hop that cannot have happened, or held, before `begins`.
    pub early: usize,
    /// The hop that comes later in the order, or has to hold at the same instant.
    pub late: usize,
    /// The least instant of the hop `early`.
    pub begins: Instant,
    /// The greatest instant of the hop `late`, before `begins`.
    pub ends: Instant,
    /// Whether one is a state that has to hold when the other happens, or holds.
    pub is_state: bool,
}

impl Miss {
    /// By how much, in units of the clock.
    #[must_use]
    pub fn by(&self) -> i128 {
        i128::from(self.begins) - i128::from(self.ends)
    }
}

/// The worst pair of hops of a path in the bare chronological order; none where that order is
/// possible.
///
/// # Errors
/// `Invalid` where the path mixes dates and integers.
///
/// # Complexity
/// O(n²) for n relationships.
pub fn worst_miss(view: View<'_>, path: &Path) -> Result<Option<Miss>> {
    let mut hops: Vec<(usize, usize, Interval, Clock)> = Vec::new();
    let mut n_events = 0_usize;
    for (hop, &id) in path.relationships.iter().enumerate() {
        match crossing(view, id) {
            Crossing::Event { clock, period, .. } => {
                hops.push((hop, n_events, period, clock));
                n_events += 1;
            }
            // It hangs on the last event before it, or on the first one.
            Crossing::State { clock, possible, .. } => {
                hops.push((hop, n_events.saturating_sub(1), possible, clock));
            }
            Crossing::UndatedEvent | Crossing::UndatedState => {}
        }
    }
    let Some(&(.., clock)) = hops.first() else { return Ok(None) };
    if hops.iter().any(|(.., other)| *other != clock) {
        return Err(Error::invalid("one path cannot have both dates and integers as times"));
    }
    let pairs = hops.iter().flat_map(|early| hops.iter().map(move |late| (early, late)));
    let misses = pairs.filter(|(early, late)| early.1 <= late.1 && early.2.lo > late.2.hi);
    let told = misses.map(|(early, late)| Miss {
        clock,
        early: early.0,
        late: late.0,
        begins: early.2.lo,
        ends: late.2.hi,
        is_state: early.1 == late.1,
    });
    Ok(told.max_by_key(Miss::by))
}

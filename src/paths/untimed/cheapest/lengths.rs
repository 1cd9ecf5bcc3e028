//! Which states can lie on a walk that is short enough, where the number of relationships
//! is bounded.
//!
//! A cheap beginning may have come far from the end, and its cost does not tell. So two
//! breadth-first searches, from the start and from the end, first find out how far apart
//! the states are, and go together as deep as the bound, unless that becomes dear.

use crate::model::NodeId;
use crate::paths::untimed::automaton::ACCEPT;
use crate::paths::untimed::corridor::Distances;
use crate::paths::untimed::meet::Meeting;
use crate::paths::untimed::product::{Found, Product, Way};
use crate::paths::untimed::side::Side;

use super::Key;

/// No level is searched that looks at more relationships.
const LEVEL_MAX: usize = 1 << 18;

/// What is known of the number of relationships to and from states.
pub(super) struct Lengths {
    distances: Distances,
    /// The states that are not known are farther than this from the start.
    from_start: usize,
    /// And than this to the end.
    to_end: usize,
    hops_max: usize,
}

impl Lengths {
    /// `None` where the number of relationships has no bound.
    pub(super) fn new(product: &mut Product<'_>, start: NodeId, end: NodeId) -> Found<Option<Self>> {
        let Some(hops_max) = product.automaton.hops_max else { return Ok(None) };
        let mut meeting = Meeting::new(product, start, end)?;
        let deepened = deepen(product, &mut meeting, hops_max);
        let mut distances = Distances::default();
        distances.learn(&meeting);
        let depth = |side: &Side| if side.is_exhausted() { usize::MAX } else { side.depth() };
        let (from_start, to_end) = (depth(&meeting.forwards), depth(&meeting.backwards));
        meeting.give_back();
        deepened?;
        Ok(Some(Self { distances, from_start, to_end, hops_max }))
    }

    /// The greatest number of relationships.
    pub(super) fn hops_max(&self) -> u32 {
        u32::try_from(self.hops_max).unwrap_or(u32::MAX)
    }

    /// Whether a walk can be short enough that has come to a state after so many relationships,
    /// or to its end from there.
    pub(super) fn fits(&self, way: Way, key: Key, n_hops: u32) -> bool {
        let (known, beyond) = match way {
            Way::Forwards => (self.distances.before_end(key), self.to_end),
            Way::Backwards => (self.distances.after_start(key), self.from_start),
        };
        let left = known.unwrap_or(if key.0 == ACCEPT { 0 } else { beyond.saturating_add(1) });
        left.saturating_add(n_hops as usize) <= self.hops_max
    }
}

fn deepen(product: &mut Product<'_>, meeting: &mut Meeting, hops_max: usize) -> Found<()> {
    while !meeting.is_exhausted() && meeting.depth() < hops_max {
        if meeting.forwards.cost(product).min(meeting.backwards.cost(product)) > LEVEL_MAX {
            break;
        }
        meeting.deepen(product)?;
    }
    Ok(())
}

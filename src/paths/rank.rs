//! Modes, selectors, and the keys that selectors rank by.
//!
//! A key is least first. The key of a path's beginning is never greater than that
//! of any extension, so a search that takes the least key first finds complete
//! paths in their final order.

use std::cmp::Ordering;

use super::cost::Cost;
use super::state::State;
use crate::model::Path;

/// What may not repeat in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Anything may.
    Walk,
    /// No relationship twice.
    Trail,
    /// No node twice.
    Acyclic,
    /// No node twice, but the two ends may be the same; no relationship twice.
    Simple,
}

impl Mode {
    /// Whether a path repeats nothing that may not.
    pub(super) fn admits(self, path: &Path) -> bool {
        match self {
            Self::Walk => true,
            Self::Trail => is_distinct(&path.relationships),
            Self::Acyclic => is_distinct(&path.nodes),
            Self::Simple => {
                let is_closed = path.nodes.len() > 1 && path.nodes.first() == path.nodes.last();
                let but_last = &path.nodes[..path.nodes.len() - usize::from(is_closed)];
                is_distinct(&path.relationships) && is_distinct(but_last)
            }
        }
    }
}

fn is_distinct<T: Copy + Ord>(ids: &[T]) -> bool {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// Which paths of each pair of end nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selector {
    /// All of them.
    All,
    /// Any k.
    Any(u64),
    /// The k with the fewest relationships.
    Shortest(u64),
    /// All of the k least lengths.
    ShortestGroups(u64),
    /// The k with the least sum of costs.
    Cheapest(u64),
    /// The k whose weakest hop is best.
    Strongest(u64),
    /// The k whose last event can be earliest.
    Earliest(u64),
    /// The k whose first event can be latest.
    Latest(u64),
    /// The k with the least possible time from first event to last.
    Fastest(u64),
}

impl Selector {
    /// How many paths a pair can have, where that is a number of paths.
    pub(super) fn paths_max(self) -> Option<u64> {
        match self {
            Self::All | Self::ShortestGroups(_) => None,
            Self::Any(k)
            | Self::Shortest(k)
            | Self::Cheapest(k)
            | Self::Strongest(k)
            | Self::Earliest(k)
            | Self::Latest(k)
            | Self::Fastest(k) => Some(k),
        }
    }

    /// How many different lengths a pair can have, where that is bounded.
    pub(super) fn lengths_max(self) -> Option<u64> {
        match self {
            Self::ShortestGroups(k) => Some(k),
            _ => None,
        }
    }

    /// Whether it implies chronological order.
    #[must_use]
    pub fn is_chronological(self) -> bool {
        matches!(self, Self::Earliest(_) | Self::Latest(_) | Self::Fastest(_))
    }
}

/// A key that selectors rank by: parts compared one after another, least first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Key([Part; 5]);

/// A part of a key. The variants are never mixed at one place of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// Not used by the selector.
    Same,
    /// The least instant or length of time first.
    Time(i128),
    /// The fewest first.
    Count(usize),
    /// The least first.
    Cost(Cost),
    /// The greatest first.
    Strength(f64),
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = self.0.iter().zip(&other.0).map(|(a, b)| match (a, b) {
            (Part::Time(a), Part::Time(b)) => a.cmp(b),
            (Part::Count(a), Part::Count(b)) => a.cmp(b),
            (Part::Cost(a), Part::Cost(b)) => a.order(b),
            (Part::Strength(a), Part::Strength(b)) => b.total_cmp(a),
            _ => Ordering::Equal,
        });
        parts.fold(Ordering::Equal, Ordering::then)
    }
}

/// What a key is made from.
pub(super) struct Measures<'a> {
    /// How many relationships.
    pub(super) n_hops: usize,
    /// What the relationships cost together.
    pub(super) cost: Cost,
    /// The least confidence of a hop; above 1 where there is none yet.
    pub(super) strength: f64,
    /// How many joints; for a beginning, any number that is not too great.
    pub(super) n_joints: usize,
    /// How many hops stand for many events. It breaks ties: a dated hop says more.
    pub(super) n_aggregate: usize,
    /// Time, if the pattern is chronological.
    pub(super) time: Option<&'a State>,
    /// Whether the path is complete, so that what is missing stays missing.
    pub(super) is_complete: bool,
}

/// Comes after every instant and every length of time.
const NEVER: i128 = i128::MAX;
/// Comes before them.
const ALWAYS: i128 = i128::MIN;

impl Key {
    pub(super) fn new(selector: Selector, measures: &Measures<'_>) -> Self {
        let hops = Part::Count(measures.n_hops);
        let missing = if measures.is_complete { NEVER } else { ALWAYS };
        let time =
            |read: fn(&State) -> Option<i128>| Part::Time(measures.time.and_then(read).unwrap_or(missing));
        let earliest = || time(|state| state.earliest_end().map(i128::from));
        let many = Part::Count(measures.n_aggregate);
        Self(match selector {
            Selector::All | Selector::Any(_) => [Part::Same; 5],
            Selector::Shortest(_) | Selector::ShortestGroups(_) => {
                [hops, many, Part::Same, Part::Same, Part::Same]
            }
            Selector::Cheapest(_) => [Part::Cost(measures.cost), hops, many, Part::Same, Part::Same],
            Selector::Strongest(_) => {
                // A path without relationships has no confidence and comes last.
                let none = measures.is_complete && measures.n_hops == 0;
                let strength = Part::Strength(if none { -1.0 } else { measures.strength });
                let last = if measures.time.is_some() { earliest() } else { Part::Same };
                [strength, Part::Count(measures.n_joints), hops, last, many]
            }
            Selector::Earliest(_) => [earliest(), hops, many, Part::Same, Part::Same],
            Selector::Latest(_) => [
                time(|state| state.latest_start().map(|at| -i128::from(at))),
                hops,
                many,
                Part::Same,
                Part::Same,
            ],
            Selector::Fastest(_) => [time(State::least_span), hops, many, Part::Same, Part::Same],
        })
    }
}

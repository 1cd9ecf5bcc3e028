//! The best ways on which each state was reached.
//!
//! Without a bound on the number of relationships one is best: the one that weighs least.
//! With a bound a dearer one counts too if it has fewer relationships than all that weigh
//! less, since it leaves more for later. These are the Pareto-optimal labels of the
//! shortest path problem with one resource (Hansen, "Bicriterion path problems", 1980).

use rustc_hash::FxHashMap;

use super::Key;
use super::weight::Weight;
use crate::paths::untimed::automaton::ACCEPT;
use crate::paths::untimed::side::place;

/// A way on which a state was reached.
#[derive(Debug, Clone, Copy)]
struct Label {
    weight: Weight,
    is_settled: bool,
    /// The one before of the same state.
    also: u32,
}

/// No other label.
const NONE: u32 = u32::MAX;

/// The labels of all states.
#[derive(Debug)]
pub(super) struct Fronts {
    heads: FxHashMap<Key, u32>,
    labels: Vec<Label>,
    /// Whether the number of relationships is bounded.
    counts_hops: bool,
}

impl Fronts {
    pub(super) fn new(counts_hops: bool) -> Self {
        Self { heads: FxHashMap::default(), labels: Vec::new(), counts_hops }
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    fn of(&self, key: Key) -> impl Iterator<Item = (u32, &Label)> {
        let numbered = |at: u32| self.labels.get(at as usize).map(|label| (at, label));
        let head = self.heads.get(&key).copied().unwrap_or(NONE);
        std::iter::successors(numbered(head), move |(_, label)| numbered(label.also))
    }

    /// Whether whatever follows one label in a state can follow the other as well, for no more.
    fn replaces(&self, one: Weight, other: Weight, key: Key) -> bool {
        // After a complete walk nothing follows.
        one <= other && (!self.counts_hops || key.0 == ACCEPT || one.n_hops <= other.n_hops)
    }

    /// Whether a label of such a weight would be in vain.
    pub(super) fn has_as_good(&self, key: Key, weight: Weight) -> bool {
        self.of(key).any(|(_, label)| self.replaces(label.weight, weight, key))
    }

    /// Adds a label and gives its number; `None` where it is in vain.
    pub(super) fn add(&mut self, key: Key, weight: Weight) -> Option<u32> {
        if self.has_as_good(key, weight) {
            return None;
        }
        let at = place(self.labels.len());
        let also = self.heads.insert(key, at).unwrap_or(NONE);
        self.labels.push(Label { weight, is_settled: false, also });
        Some(at)
    }

    /// Whether a better label was added after this one.
    pub(super) fn is_beaten(&self, key: Key, at: u32) -> bool {
        let weight = self.labels[at as usize].weight;
        let mut later = self.of(key).take_while(|(other, _)| *other > at);
        later.any(|(_, label)| self.replaces(label.weight, weight, key))
    }

    pub(super) fn weight(&self, at: u32) -> Weight {
        self.labels[at as usize].weight
    }

    /// Takes note that a label is one of the best for good.
    pub(super) fn settle(&mut self, at: u32) {
        self.labels[at as usize].is_settled = true;
    }

    /// The least settled weight of no more relationships than `hops_max`.
    pub(super) fn settled(&self, key: Key, hops_max: u32) -> Option<Weight> {
        let settled = self.of(key).filter(|(_, label)| label.is_settled);
        let weights = settled.map(|(_, label)| label.weight);
        weights.filter(|weight| !self.counts_hops || weight.n_hops <= hops_max).min()
    }
}

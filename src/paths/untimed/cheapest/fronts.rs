//! The best ways on which each state was reached.
//!
//! Without a bound on the number of relationships one is best: the one that weighs least.
//! With a bound a dearer one counts too if it has fewer relationships than all that weigh
//! less, since it leaves more for later. These are the Pareto-optimal labels of the
//! shortest path problem with one resource (Hansen, "Bicriterion path problems", 1980).
//!
//! Where k walks are looked for, the k best of a state count, for the k best through it begin
//! with k of these.

use rustc_hash::FxHashMap;

use super::Key;
use super::weight::Weight;
use crate::paths::untimed::automaton::ACCEPT;
use crate::paths::untimed::marks::{self, Marks};
use crate::paths::untimed::product::Product;
use crate::paths::untimed::side::place;

/// A way on which a state was reached.
#[derive(Debug, Clone, Copy)]
struct Label {
    key: Key,
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
    /// How many labels of a state count.
    k: usize,
    /// States to which no better label can come; kept where labels settle in their order.
    closed: Option<Marks>,
}

impl Fronts {
    /// Of each state the k best labels.
    pub(super) fn new(counts_hops: bool, k: usize) -> Self {
        Self { heads: FxHashMap::default(), labels: Vec::new(), counts_hops, k, closed: None }
    }

    /// Of each state the best label, for a search that settles them in the order of their weights.
    pub(super) fn in_order(product: &Product<'_>) -> Self {
        let closed = marks::take(product.automaton.n_states(), product.view.graph().node_bound());
        let mut fronts = Self::new(product.automaton.hops_max.is_some(), 1);
        fronts.closed = Some(closed);
        fronts
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
        let is_closed = self.closed.as_ref().is_some_and(|closed| closed.contains(key.0, key.1));
        let replaces = |(_, label): &(u32, &Label)| self.replaces(label.weight, weight, key);
        is_closed || self.of(key).filter(replaces).take(self.k).count() == self.k
    }

    /// Adds a label and gives its number; `None` where it is in vain.
    pub(super) fn add(&mut self, key: Key, weight: Weight) -> Option<u32> {
        if self.has_as_good(key, weight) {
            return None;
        }
        let at = place(self.labels.len());
        let also = self.heads.insert(key, at).unwrap_or(NONE);
        self.labels.push(Label { key, weight, is_settled: false, also });
        Some(at)
    }

    /// Whether a label is in vain by now.
    pub(super) fn is_beaten(&self, at: u32) -> bool {
        let Label { key, weight, .. } = self.labels[at as usize];
        let beats = |(other, label): &(u32, &Label)| {
            let is_before = (label.weight, *other) < (weight, at);
            is_before && self.replaces(label.weight, weight, key)
        };
        self.of(key).filter(beats).take(self.k).count() == self.k
    }

    pub(super) fn key(&self, at: u32) -> Key {
        self.labels[at as usize].key
    }

    pub(super) fn weight(&self, at: u32) -> Weight {
        self.labels[at as usize].weight
    }

    /// Takes note that a label is one of the best for good.
    pub(super) fn settle(&mut self, at: u32) {
        let label = &mut self.labels[at as usize];
        label.is_settled = true;
        let is_last = !self.counts_hops || label.key.0 == ACCEPT;
        if let Some(closed) = self.closed.as_mut().filter(|_| is_last) {
            closed.insert(label.key.0, label.key.1);
        }
    }

    /// The least settled weight of no more relationships than `hops_max`.
    pub(super) fn settled(&self, key: Key, hops_max: u32) -> Option<Weight> {
        let settled = self.of(key).filter(|(_, label)| label.is_settled);
        let weights = settled.map(|(_, label)| label.weight);
        weights.filter(|weight| !self.counts_hops || weight.n_hops <= hops_max).min()
    }
}

/// What was allocated for the marks is kept for the next search.
impl Drop for Fronts {
    fn drop(&mut self) {
        if let Some(closed) = self.closed.take() {
            marks::give_back(closed, self.labels.iter().map(|label| label.key));
        }
    }
}

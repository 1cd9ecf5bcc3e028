//! What walks are ranked by, and what each relationship adds to it.
//!
//! A relationship adds at least one to the number of relationships, so that every walk
//! weighs more than its beginnings, also where it costs nothing.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use crate::model::RelationshipId;
use crate::paths::chronological::crossing;
use crate::paths::cost::Cost;
use crate::paths::untimed::product::{Found, Halt, Product};

/// The cost, then the number of relationships, then how many of these stand for many events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weight {
    pub(super) cost: Cost,
    pub(super) n_hops: u32,
    pub(super) n_aggregate: u32,
}

impl Weight {
    pub(super) const ZERO: Self = Self { cost: Cost::ZERO, n_hops: 0, n_aggregate: 0 };

    /// The sum; sums that are too large are left to the search that walks from the start alone.
    pub(super) fn plus(self, other: Self) -> Found<Self> {
        let cost = self.cost.plus(other.cost).map_err(|_| Halt::Abandoned)?;
        let (n_hops, n_aggregate) = (self.n_hops + other.n_hops, self.n_aggregate + other.n_aggregate);
        Ok(Self { cost, n_hops, n_aggregate })
    }

    /// The least that it can be after one more relationship.
    pub(super) fn with_a_hop(self) -> Self {
        Self { n_hops: self.n_hops + 1, ..self }
    }
}

impl Eq for Weight {}

impl PartialOrd for Weight {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Weight {
    fn cmp(&self, other: &Self) -> Ordering {
        let counts = |weight: &Self| (weight.n_hops, weight.n_aggregate);
        self.cost.order(&other.cost).then_with(|| counts(self).cmp(&counts(other)))
    }
}

/// What a search ranks by, and how much it may keep.
#[derive(Debug, Clone, Copy)]
pub(in crate::paths::untimed) struct Terms {
    /// Whether costs count; else the number of relationships does.
    pub(in crate::paths::untimed) by_cost: bool,
    /// Whether any relationship stands for many events.
    pub(in crate::paths::untimed) has_aggregates: bool,
    /// How many beginnings of paths may wait.
    pub(in crate::paths::untimed) waiting_max: usize,
    /// How many of the best walks are asked for, where that is known and not too many.
    pub(in crate::paths::untimed) walks_max: Option<usize>,
}

/// So many labels need as much memory as a beginning of a path elsewhere.
const LABELS_PER_BEGINNING: usize = 4;

impl Terms {
    /// Stops a search that keeps too many labels.
    pub(super) fn make_room(self, n_labels: usize) -> Found<()> {
        match n_labels / LABELS_PER_BEGINNING > self.waiting_max {
            true => Err(Halt::Crowded),
            false => Ok(()),
        }
    }
}

/// No more costs than this are remembered.
const KNOWN_MAX: usize = 1 << 20;

/// What relationships weigh. Evaluating a cost takes longer than remembering it, and most are
/// asked for from both sides.
pub(super) struct Costs {
    terms: Terms,
    known: FxHashMap<RelationshipId, Weight>,
}

impl Costs {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, known: FxHashMap::default() }
    }

    pub(super) fn of(&mut self, product: &mut Product<'_>, via: RelationshipId) -> Found<Weight> {
        if let Some(&weight) = self.known.get(&via) {
            return Ok(weight);
        }
        let weight = self.once(product, via)?;
        if self.known.len() < KNOWN_MAX {
            self.known.insert(via, weight);
        }
        Ok(weight)
    }

    /// The same for a relationship that is seldom asked for again.
    pub(super) fn once(&mut self, product: &mut Product<'_>, via: RelationshipId) -> Found<Weight> {
        let cost = if self.terms.by_cost { product.cost(via)? } else { Cost::ZERO };
        let is_aggregate = self.terms.has_aggregates && crossing(product.view, via).is_aggregate();
        Ok(Weight { cost, n_hops: 1, n_aggregate: u32::from(is_aggregate) })
    }
}

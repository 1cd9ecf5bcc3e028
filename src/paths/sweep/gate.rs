//! What a sweep has to ask of relationships and nodes, and what it was told.

use rustc_hash::FxHashMap;

use super::super::pattern::Slot;
use super::super::question::Matcher;
use super::super::step::Prefix;
use super::plan::Plan;
use crate::error::Result;
use crate::graph::Confidences;
use crate::model::{NodeId, RelationshipId};

/// Lets through what fits the pattern.
pub(super) struct Gate<'a, 'p> {
    plan: &'p Plan<'p>,
    matcher: &'a mut dyn Matcher,
    told: FxHashMap<(Slot, NodeId), bool>,
    /// The least confidence, as a level.
    pub(super) weakest: Option<(&'p Confidences, u8)>,
    n_asked: u64,
    /// How many relationships were looked at.
    pub(super) work: u64,
}

impl<'a, 'p> Gate<'a, 'p> {
    pub(super) fn new(plan: &'p Plan<'p>, matcher: &'a mut dyn Matcher) -> Self {
        Self { plan, matcher, told: FxHashMap::default(), weakest: None, n_asked: 0, work: 0 }
    }

    /// Whether everything passes, so that there is nothing to ask.
    pub(super) fn is_open(&self) -> bool {
        !self.plan.asks && self.plan.asks_before.is_none() && self.plan.asks_after.is_none()
    }

    /// Whether a hop passes, its confidence aside.
    pub(super) fn admits(&mut self, id: RelationshipId, from: NodeId, to: NodeId) -> Result<bool> {
        if self.is_open() {
            return Ok(true);
        }
        self.n_asked += 1;
        if self.n_asked.is_multiple_of(1024) {
            self.matcher.check()?;
        }
        Ok(self.node(self.plan.asks_before, from)?
            && (!self.plan.asks
                || (self.plan.view.relationship(id).is_some()
                    && self.matcher.relationship(self.plan.hop, id, Prefix::default())?))
            && self.node(self.plan.asks_after, to)?)
    }

    /// Whether the confidence of a relationship is great enough.
    pub(super) fn is_strong(&self, id: RelationshipId) -> bool {
        self.weakest.is_none_or(|(confidences, least)| confidences.level(self.plan.view, id) <= least)
    }

    /// Whether a node fits a node pattern at one of the ends.
    pub(super) fn fits(&mut self, slot: Option<Slot>, node: NodeId) -> Result<bool> {
        slot.map_or(Ok(true), |slot| self.matcher.node(slot, node, Prefix::default()))
    }

    /// Counts work; an error stops the sweep.
    pub(super) fn count(&mut self, work: u64) -> Result<()> {
        self.work += work;
        self.matcher.check()
    }

    fn node(&mut self, slot: Option<Slot>, node: NodeId) -> Result<bool> {
        let Some(slot) = slot else { return Ok(true) };
        if let Some(&told) = self.told.get(&(slot, node)) {
            return Ok(told);
        }
        let fits = self.matcher.node(slot, node, Prefix::default())?;
        self.told.insert((slot, node), fits);
        Ok(fits)
    }
}

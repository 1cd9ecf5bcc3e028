//! Beginnings of paths: chains of steps that share what they have in common.

use std::rc::Rc;

use super::cost::Cost;
use super::pattern::Slot;
use super::program::Place;
use super::question::{Bound, Match};
use super::state::State;
use crate::graph::Carriage;
use crate::model::{Instant, NodeId, Path, RelationshipId};

/// The end of a beginning of a path, linked to what was before.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) before: Option<Rc<Self>>,
    pub(super) node: NodeId,
    /// The relationship walked to get here; `None` where only the place changed.
    pub(super) via: Option<RelationshipId>,
    /// The last instant at which that can be crossed.
    pub(super) until: Instant,
    pub(super) via_slot: Option<Slot>,
    pub(super) node_slot: Option<Slot>,
    pub(super) place: Place,
    pub(super) n_hops: usize,
    pub(super) n_aggregate: usize,
    pub(super) n_joints: usize,
    /// What goods travel with, where joints count.
    pub(super) carriage: Carriage,
    pub(super) strength: f64,
    pub(super) cost: Cost,
    pub(super) time: Option<State>,
    /// The least wait bound that node patterns write at the current node.
    pub(super) written_wait: Option<i64>,
}

/// A beginning of a path, for filters that look back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prefix<'a> {
    last: Option<&'a Step>,
    /// A relationship walked and not yet part of a step.
    pending: Option<(Slot, RelationshipId)>,
    /// The place where the repetition began to which [`Prefix::all`] is confined.
    since: Option<usize>,
    /// What is bound, where the search keeps no steps.
    given: &'a [(Slot, Bound)],
}

impl<'a> Prefix<'a> {
    /// What a filter sees that speaks of no more than one relationship and its nodes.
    pub(super) fn given(given: &'a [(Slot, Bound)]) -> Self {
        Self { given, ..Self::default() }
    }

    /// What a slot was matched with last; `None` if it was not yet.
    #[must_use]
    pub fn last(self, slot: Slot) -> Option<Bound> {
        if let Some((pending, relationship)) = self.pending
            && pending == slot
        {
            return Some(Bound::Relationship(relationship));
        }
        if let Some((_, bound)) = self.given.iter().rfind(|(given, _)| *given == slot) {
            return Some(*bound);
        }
        self.steps().find_map(|step| step.bound(slot))
    }

    /// The path so far; `None` before its first node.
    #[must_use]
    pub fn path(self) -> Option<Path> {
        self.last.map(|step| step.to_match().path)
    }

    /// All that a slot was matched with, in order; inside a repetition, all in this one.
    #[must_use]
    pub fn all(self, slot: Slot) -> Vec<Bound> {
        let given = self.given.iter().rev().filter(|(given, _)| *given == slot);
        let mut found: Vec<Bound> = given.map(|(_, bound)| *bound).collect();
        for step in self.steps() {
            found.extend(step.bound(slot));
            if self.since == Some(step.place.next) {
                break;
            }
        }
        found.reverse();
        found
    }

    fn steps(self) -> impl Iterator<Item = &'a Step> {
        std::iter::successors(self.last, |step| step.before.as_deref())
    }
}

impl Step {
    pub(super) fn bound(&self, slot: Slot) -> Option<Bound> {
        if self.node_slot == Some(slot) {
            return Some(Bound::Node(self.node));
        }
        self.via.filter(|_| self.via_slot == Some(slot)).map(Bound::Relationship)
    }

    /// What filters see that look back from here.
    pub(super) fn prefix(&self) -> Prefix<'_> {
        Prefix { last: Some(self), ..Prefix::default() }
    }

    /// What a filter of a repetition sees, which began at a place, if it is in one.
    pub(super) fn prefix_since(&self, since: Option<usize>) -> Prefix<'_> {
        Prefix { since, ..self.prefix() }
    }

    /// What a filter sees of a relationship that is about to be walked.
    pub(super) fn prefix_walking(&self, slot: Slot, relationship: RelationshipId) -> Prefix<'_> {
        Prefix { pending: Some((slot, relationship)), ..self.prefix() }
    }

    /// This step and those before it, last first.
    pub(super) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |step| step.before.as_deref())
    }

    /// The step before.
    pub(super) fn before(&self) -> Option<&Self> {
        self.before.as_deref()
    }

    pub(super) fn uses(&self, relationship: RelationshipId) -> bool {
        self.chain().any(|step| step.via == Some(relationship))
    }

    pub(super) fn visits(&self, node: NodeId) -> bool {
        self.chain().any(|step| step.node == node)
    }

    /// Whether the path has come back to its start.
    pub(super) fn is_closed(&self) -> bool {
        self.n_hops > 0 && self.node == self.first_node()
    }

    pub(super) fn first_node(&self) -> NodeId {
        self.chain().last().map_or(self.node, |step| step.node)
    }

    pub(super) fn to_match(&self) -> Match {
        let mut steps: Vec<&Self> = self.prefix().steps().collect();
        steps.reverse();
        let mut path = Path {
            nodes: Vec::with_capacity(self.n_hops + 1),
            relationships: Vec::with_capacity(self.n_hops),
        };
        let mut bindings = Vec::new();
        for (i, step) in steps.into_iter().enumerate() {
            if let Some(via) = step.via {
                path.relationships.push(via);
                bindings.extend(step.via_slot.map(|slot| (slot, Bound::Relationship(via))));
            }
            if i == 0 || step.via.is_some() {
                path.nodes.push(step.node);
            }
            bindings.extend(step.node_slot.map(|slot| (slot, Bound::Node(step.node))));
        }
        Match { path, bindings }
    }
}

/// Long chains are taken apart one by one: the default would recurse.
impl Drop for Step {
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(mut step) = before.and_then(Rc::into_inner) {
            before = step.before.take();
        }
    }
}

//! Ends that a sweep leaves over: the general search answers for them alone.

use rustc_hash::FxHashSet;

use super::super::cost::Cost;
use super::super::pattern::{Element, NodeStep, Pattern, Slot};
use super::super::question::{Matcher, Outcome, Outline, Question};
use super::super::search::by_extension;
use super::super::step::Prefix;
use super::plan::Plan;
use crate::error::Result;
use crate::model::{NodeId, RelationshipId};

/// The slot of the last node while others than these ends do not match.
const LAST: Slot = usize::MAX;

/// Lets the last node match only some ends.
struct Only<'a> {
    matcher: &'a mut dyn Matcher,
    ends: FxHashSet<NodeId>,
    last: Option<Slot>,
}

impl Matcher for Only<'_> {
    fn node(&mut self, slot: Slot, node: NodeId, prefix: Prefix<'_>) -> Result<bool> {
        match slot {
            LAST if !self.ends.contains(&node) => Ok(false),
            LAST => self.last.map_or(Ok(true), |last| self.matcher.node(last, node, prefix)),
            slot => self.matcher.node(slot, node, prefix),
        }
    }

    fn relationship(&mut self, slot: Slot, relationship: RelationshipId, prefix: Prefix<'_>) -> Result<bool> {
        self.matcher.relationship(slot, relationship, prefix)
    }

    fn filter(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool> {
        self.matcher.filter(slot, prefix)
    }

    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost> {
        self.matcher.cost(relationship)
    }

    fn check(&mut self) -> Result<()> {
        self.matcher.check()
    }

    fn outline(&mut self, slot: Slot) -> Outline {
        self.matcher.outline(slot)
    }
}

/// The paths from `start` to some ends.
pub(super) fn search(
    plan: &Plan<'_>,
    question: &Question<'_>,
    start: NodeId,
    ends: &[NodeId],
    matcher: &mut dyn Matcher,
) -> Result<Outcome> {
    let mut pattern: Pattern = question.pattern.clone();
    if let Some(Element::Node(last)) = pattern.elements.last_mut() {
        *last = NodeStep { slot: Some(LAST), ..*last };
    }
    let question = Question { pattern: &pattern, ends: Some(ends), ..question.clone() };
    let mut only = Only { matcher, ends: ends.iter().copied().collect(), last: plan.last.slot };
    let mut outcome = by_extension(plan.view, &question, [start], &mut only)?;
    for found in &mut outcome.matches {
        found.bindings.retain_mut(|(slot, _)| match (*slot, plan.last.slot) {
            (LAST, None) => false,
            (LAST, Some(last)) => {
                *slot = last;
                true
            }
            _ => true,
        });
    }
    Ok(outcome)
}

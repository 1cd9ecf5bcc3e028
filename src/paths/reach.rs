//! From where the ends of a search can be reached at all.
//!
//! Where the ends are known and the search from the start has become large, the
//! pattern is walked backwards from the ends, breadth first, without time: so it
//! is known from which nodes, at which place of the pattern, an end can be reached,
//! and over how many relationships at least. A beginning that stands elsewhere, or
//! has too few repetitions left, cannot become a path.
//!
//! Filters on single nodes and relationships count; those that could look back are
//! taken to pass, which only leaves more to the search.
//!
//! # Complexity
//! O(P (V + E)) for P places in the pattern, and never more than what the
//! search from the start has cost so far.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::pattern::HopStep;
use super::program::{Op, Place, hops_left};
use super::question::{Matcher, Question};
use super::step::Prefix;
use crate::error::Result;
use crate::graph::{Direction, View};
use crate::model::NodeId;

/// The search from the start is that large before the walk back begins.
const WORK_MIN: u64 = 500;

/// With more ends than this, nearly everything leads to one.
const ENDS_MAX: usize = 1000;

/// From where ends can be reached.
#[derive(Debug)]
pub(super) struct Reach {
    /// The least number of relationships to an end, by place and node; while
    /// `is_known` is not set, what the walk back has come to.
    hops: FxHashMap<(usize, NodeId), u32>,
    queue: VecDeque<(usize, NodeId)>,
    n_work: u64,
    /// How many relationships a path of the pattern can have; `None` for any number.
    hops_max: Option<u64>,
    /// What the search had cost when it came to these ends.
    n_before: u64,
    is_known: bool,
}

impl Reach {
    /// `None` where it cannot pay within the search from one start. `n_before` is what the
    /// search has cost so far.
    pub(super) fn new(
        question: &Question<'_>,
        program: &[Op],
        ends: &[NodeId],
        n_before: u64,
    ) -> Option<Self> {
        let is_long = program.len() > 4;
        Self::of_any(question, program, ends).filter(|_| is_long).map(|reach| Self { n_before, ..reach })
    }

    /// The same for a pattern of any length; `None` where it cannot be known, or there are
    /// too many ends.
    pub(super) fn of_any(question: &Question<'_>, program: &[Op], ends: &[NodeId]) -> Option<Self> {
        let pays = question.is_memoryless && ends.len() <= ENDS_MAX;
        let last = program.len() - 1;
        pays.then(|| Self {
            hops: ends.iter().map(|&end| ((last, end), 0)).collect(),
            queue: ends.iter().map(|&end| (last, end)).collect(),
            n_work: 0,
            hops_max: hops_left(program, Place::START),
            n_before: 0,
            is_known: false,
        })
    }

    /// Walks back as far as the work of the search so far, `n_forward`, allows.
    pub(super) fn prepare(
        &mut self,
        view: View<'_>,
        question: &Question<'_>,
        program: &[Op],
        matcher: &mut dyn Matcher,
        n_forward: u64,
    ) -> Result<()> {
        let n_allowed = n_forward.saturating_sub(self.n_before);
        if n_allowed < WORK_MIN {
            return Ok(());
        }
        self.walk(view, question, program, matcher, n_allowed)
    }

    /// Walks back until it has looked at `n_allowed` relationships in all.
    pub(super) fn walk(
        &mut self,
        view: View<'_>,
        question: &Question<'_>,
        program: &[Op],
        matcher: &mut dyn Matcher,
        n_allowed: u64,
    ) -> Result<()> {
        while !self.is_known && self.n_work < n_allowed {
            let Some((place, node)) = self.queue.pop_front() else {
                self.is_known = true;
                break;
            };
            self.step_back(view, question, program, matcher, place, node)?;
        }
        Ok(())
    }

    /// Whether an end can be reached from here, as far as is known.
    pub(super) fn leads_on(&self, program: &[Op], node: NodeId, place: Place) -> bool {
        if !self.is_known {
            return true;
        }
        let Some(&hops) = self.hops.get(&(place.next, node)) else { return false };
        hops_left(program, place).is_none_or(|left| u64::from(hops) <= left)
    }

    /// Everything from where one instruction leads to `place` at `node`.
    fn step_back(
        &mut self,
        view: View<'_>,
        question: &Question<'_>,
        program: &[Op],
        matcher: &mut dyn Matcher,
        place: usize,
        node: NodeId,
    ) -> Result<()> {
        let hops = self.hops[&(place, node)];
        for (before, op) in program.iter().enumerate() {
            let leads_here = match op {
                Op::Node(_) | Op::Filter { .. } | Op::Hop(_) => before + 1 == place,
                Op::Begin(bounds) => bounds.leads_to(place, true),
                Op::Again(bounds) => bounds.leads_to(place, false),
                Op::End => false,
            };
            if !leads_here {
                continue;
            }
            match op {
                Op::Hop(hop) => self.walk_back(view, question, matcher, (before, hop), node, hops)?,
                // A filter that fails here may pass with what the search knows.
                Op::Node(step)
                    if step.slot.is_some_and(|slot| {
                        matches!(matcher.node(slot, node, Prefix::default()), Ok(false))
                    }) => {}
                _ => self.reach(before, node, hops, true),
            }
        }
        Ok(())
    }

    fn walk_back(
        &mut self,
        view: View<'_>,
        question: &Question<'_>,
        matcher: &mut dyn Matcher,
        (before, hop): (usize, &HopStep),
        node: NodeId,
        hops: u32,
    ) -> Result<()> {
        if self.hops_max.is_some_and(|most| u64::from(hops) >= most) {
            return Ok(());
        }
        let direction = match hop.direction {
            Direction::Outgoing => Direction::Incoming,
            Direction::Incoming => Direction::Outgoing,
            Direction::Either => Direction::Either,
        };
        let types = match hop.types.as_deref() {
            Some([]) => return Ok(()),
            types => types.unwrap_or_default(),
        };
        for (relationship, other) in view.expand(node, direction, types) {
            self.n_work += 1;
            if self.n_work.is_multiple_of(1024) {
                matcher.check()?;
            }
            let is_new = self.hops.get(&(before, other)).is_none_or(|&known| known > hops + 1);
            if is_new
                && !question.taken.contains(&relationship)
                && !matches!(matcher.relationship(hop.slot, relationship, Prefix::default()), Ok(false))
            {
                self.reach(before, other, hops + 1, false);
            }
        }
        Ok(())
    }

    /// Notes that an end is `hops` relationships away. What costs no relationship
    /// comes next, so that the nearest always comes first.
    fn reach(&mut self, place: usize, node: NodeId, hops: u32, is_near: bool) {
        let known = self.hops.entry((place, node)).or_insert(u32::MAX);
        if *known <= hops {
            return;
        }
        *known = hops;
        if is_near {
            self.queue.push_front((place, node));
        } else {
            self.queue.push_back((place, node));
        }
    }
}

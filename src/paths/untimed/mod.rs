//! Shortest paths where time plays no part.
//!
//! Where no order in time is asked for and no filter looks back, what can follow a
//! beginning of a path depends on the node and the place in the pattern alone. So
//! the search walks the product of graph and pattern ([`automaton`], [`product`])
//! and visits each state once:
//!
//! - from one node to another from both sides ([`meet`]);
//! - from one node to all ends level by level ([`sweep`]), a level from whichever side is
//!   less work ([`bottom_up`]);
//! - for several paths, and where the mode forbids the shortest walk, through the
//!   states that lie on short enough walks ([`corridor`]);
//! - for the cheapest paths from both sides by their cost, and by deviations from those
//!   found ([`cheapest`]).
//!
//! A shortest walk that the mode allows is a shortest path of that mode. Where it is
//! not allowed, walks are enumerated by their length until enough are.
//!
//! What is not answered here is left to the search of beginnings: [`Untimed::new`] and
//! [`Untimed::answer`] say so.

mod automaton;
mod bottom_up;
mod cheapest;
mod corridor;
mod marks;
mod meet;
mod product;
mod side;
mod sweep;
mod walk;

use std::collections::HashSet;
use std::ops::ControlFlow;

use automaton::Automaton;
use cheapest::Terms;
use corridor::Give;
use meet::Meeting;
use product::{Found, Free, Halt, Product};
use walk::Walk;

use super::question::{Match, Matcher, Outcome, Question};
use super::rank::Selector;
use crate::error::Result;
use crate::graph::View;
use crate::model::NodeId;

/// With more ends than this, one sweep is made instead of a search for each.
const SEARCHED_ONE_BY_ONE_MAX: usize = 4;
/// With more ends than this, the paths to each are not enumerated one end after another.
const ENUMERATED_ONE_BY_ONE_MAX: usize = 64;

/// More of the cheapest paths than this are found one after another.
const WALKS_AT_ONCE_MAX: u64 = 16;

/// Answers a question without time.
pub(super) struct Untimed<'a> {
    view: View<'a>,
    question: &'a Question<'a>,
    automaton: Automaton,
    free: Free,
    /// What paths weigh, where that is not their length alone.
    terms: Option<Terms>,
    /// Where a sweep is made to them: the only ends.
    ends: sweep::Ends,
}

impl<'a> Untimed<'a> {
    /// `None` where the question is not one for this module.
    pub(super) fn new(view: View<'a>, question: &'a Question<'a>, matcher: &mut dyn Matcher) -> Option<Self> {
        let Question { bounds, taken, is_memoryless, ends, .. } = question;
        if bounds.is_some() || !is_memoryless || !taken.is_empty() {
            return None;
        }
        // Of paths of one length those come first that stand for the fewest events. Where
        // that could matter, they are searched as the cheapest are.
        let has_aggregates = view.graph().symbol("aggregate").is_some();
        let are_ends_few = ends.is_some_and(|ends| ends.len() <= ENUMERATED_ONE_BY_ONE_MAX);
        let is_answered = match question.selector {
            Selector::Any(1) | Selector::Shortest(1) | Selector::Cheapest(1) => true,
            Selector::Any(_) | Selector::Shortest(_) | Selector::Cheapest(_) => are_ends_few,
            Selector::ShortestGroups(1) => !has_aggregates,
            Selector::ShortestGroups(_) => are_ends_few && !has_aggregates,
            _ => false,
        };
        let by_cost = matches!(question.selector, Selector::Cheapest(_));
        let is_weighed = by_cost || (has_aggregates && matches!(question.selector, Selector::Shortest(_)));
        let waiting_max = question.limits.waiting_max;
        let n_paths = question.selector.paths_max().filter(|&k| k <= WALKS_AT_ONCE_MAX);
        let n_paths = n_paths.filter(|_| !question.pattern.is_ambiguous());
        let walks_max = n_paths.and_then(|k| usize::try_from(k).ok());
        let terms = is_weighed.then_some(Terms { by_cost, has_aggregates, waiting_max, walks_max });
        let automaton = is_answered.then(|| Automaton::new(question.pattern)).flatten()?;
        let free = Free::new(&automaton, matcher);
        let ends = ends.filter(|ends| ends.len() > SEARCHED_ONE_BY_ONE_MAX);
        let ends = ends.map(|ends| ends.iter().copied().collect());
        Some(Self { view, question, automaton, free, terms, ends })
    }

    /// Adds the paths from `start` to the outcome; false where the search of
    /// beginnings has to be asked instead.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn answer(
        &self,
        start: NodeId,
        matcher: &mut dyn Matcher,
        work: &mut u64,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        let n_before = outcome.matches.len();
        let work_max = self.question.limits.work_max;
        let mut product = Product::new(self.view, &self.automaton, &self.free, matcher, *work, work_max);
        let found = self.search(&mut product, start, outcome);
        *work = product.work;
        match found {
            Ok(()) => Ok(true),
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::OutOfWork) => {
                outcome.stopped = Some(self.question.limits.out_of_work(outcome.matches.len()));
                Ok(true)
            }
            Err(Halt::Crowded) => {
                outcome.stopped = Some(self.question.limits.crowded(outcome.matches.len()));
                Ok(true)
            }
            Err(Halt::Abandoned) => {
                outcome.matches.truncate(n_before);
                Ok(false)
            }
        }
    }

    fn search(&self, product: &mut Product<'_>, start: NodeId, outcome: &mut Outcome) -> Found<()> {
        let Question { selector, ends, mode, .. } = *self.question;
        let one = selector.paths_max() == Some(1);
        if let Some(ends) = ends.filter(|ends| {
            ends.len() <= if one { SEARCHED_ONE_BY_ONE_MAX } else { ENUMERATED_ONE_BY_ONE_MAX }
        }) {
            for &end in ends {
                match one && self.terms.is_none() {
                    true => self.one_between(product, start, end, outcome)?,
                    false => self.several_between(product, start, end, outcome)?,
                }
                if outcome.stopped.is_some() {
                    break;
                }
            }
            return Ok(());
        }
        let mut seen = self.seen();
        let give = |walk: Walk| self.add(&walk, &mut seen, outcome);
        let refused = match (self.terms, one) {
            (Some(terms), _) => cheapest::one_to_each(product, mode, start, &self.ends, terms, give)?,
            (None, true) => sweep::one_to_each(product, mode, start, &self.ends, give)?,
            (None, false) => sweep::all_to_each(product, mode, start, &self.ends, give)?,
        };
        let ControlFlow::Continue(refused) = refused else { return Ok(()) };
        for end in refused {
            self.several_between(product, start, end, outcome)?;
            if outcome.stopped.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// One shortest path between two nodes.
    fn one_between(
        &self,
        product: &mut Product<'_>,
        start: NodeId,
        end: NodeId,
        outcome: &mut Outcome,
    ) -> Found<()> {
        let mut meeting = Meeting::new(product, start, end)?;
        let walk = meeting.shortest(product);
        meeting.give_back();
        match walk? {
            None => Ok(()),
            Some(walk) if walk.is_admissible(self.question.mode) => {
                let _ = self.add(&walk, &mut None, outcome);
                Ok(())
            }
            Some(_) => self.several_between(product, start, end, outcome),
        }
    }

    /// The first paths between two nodes, as many as the selector wants.
    fn several_between(
        &self,
        product: &mut Product<'_>,
        start: NodeId,
        end: NodeId,
        outcome: &mut Outcome,
    ) -> Found<()> {
        let mut giver = Giver::new(self, outcome);
        let (mode, pair) = (self.question.mode, (start, end));
        match self.terms {
            Some(terms) => cheapest::by_cost(product, mode, pair, terms, |walk| giver.give(walk)),
            None => corridor::by_length(product, mode, pair, &mut giver),
        }
    }

    /// Where two ways through the pattern may give one answer: those given.
    fn seen(&self) -> Option<HashSet<Match>> {
        self.question.pattern.is_ambiguous().then(HashSet::new)
    }

    /// Adds a path, unless it was given already; breaks off where there is no room for it.
    fn add(&self, walk: &Walk, seen: &mut Option<HashSet<Match>>, outcome: &mut Outcome) -> ControlFlow<()> {
        let found = walk.to_match(&self.automaton);
        if seen.as_mut().is_some_and(|seen| !seen.insert(self.question.as_asked(&found))) {
            return ControlFlow::Continue(());
        }
        if outcome.matches.len() >= self.question.limits.results_max {
            outcome.stopped = Some(self.question.limits.full());
            return ControlFlow::Break(());
        }
        outcome.matches.push(found);
        ControlFlow::Continue(())
    }
}

/// Adds the paths of one pair until there are enough.
struct Giver<'a> {
    untimed: &'a Untimed<'a>,
    outcome: &'a mut Outcome,
    seen: Option<HashSet<Match>>,
    n_paths: u64,
    n_lengths: u64,
    /// How many paths of the current length were added.
    in_length: usize,
}

impl<'a> Giver<'a> {
    fn new(untimed: &'a Untimed<'a>, outcome: &'a mut Outcome) -> Self {
        Self { untimed, outcome, seen: untimed.seen(), n_paths: 0, n_lengths: 0, in_length: 0 }
    }
}

impl Give for Giver<'_> {
    fn give(&mut self, walk: Walk) -> ControlFlow<()> {
        let n_before = self.outcome.matches.len();
        self.untimed.add(&walk, &mut self.seen, self.outcome)?;
        let n_added = self.outcome.matches.len() - n_before;
        self.n_paths += n_added as u64;
        self.in_length += n_added;
        match self.untimed.question.selector.paths_max() == Some(self.n_paths) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn end_of_length(&mut self) -> ControlFlow<()> {
        self.n_lengths += u64::from(std::mem::take(&mut self.in_length) > 0);
        match self.untimed.question.selector.lengths_max() == Some(self.n_lengths) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

//! Which beginnings of paths need no extension, because others do as well.
//!
//! Two cases are sure. In both, time plays no part and no filter looks back at
//! what was matched before, so that what can follow depends on the node and the
//! place in the pattern alone.
//!
//! - **Walks.** The k best walks through a state begin with k of the best
//!   beginnings that reach it, so k visits a state are enough.
//! - **One shortest path over one repetition** of a single relationship, at least
//!   once or never. A walk that comes back to a node can be cut short there, so a
//!   shortest walk repeats no node and is a trail and acyclic too. Hence the first
//!   visit of a node is enough; for all shortest paths, visits after as many hops
//!   as the first. The exception is a walk back to its start, which over a
//!   relationship that may be walked either way could use it twice; there nothing
//!   is left out.
//! - **One cheapest path over such a repetition**, likewise, since costs are never
//!   negative. Where the number of repetitions is bounded, a dearer visit after
//!   fewer hops than all before it can still reach farther.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::pattern::{Element, Pattern, Repeat};
use super::question::Question;
use super::rank::{Mode, Selector};
use crate::graph::Direction;
use crate::model::NodeId;

/// What may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing.
    Nothing,
    /// Visits of a state beyond this number.
    Beyond(u64),
    /// Visits of a node after the first; where `ties` is set, only those after more hops.
    LaterArrivals { ties: bool },
    /// Visits of a node after as many hops as an earlier and cheaper one.
    LongerArrivals,
}

/// The rule for paths from `start`.
pub(super) fn rule(question: &Question<'_>, start: NodeId) -> Rule {
    if question.bounds.is_some() || !question.is_memoryless {
        return Rule::Nothing;
    }
    let never_back = question.ends.is_some_and(|ends| !ends.contains(&start));
    match (question.mode, question.selector) {
        (Mode::Walk, Selector::Any(k) | Selector::Shortest(k) | Selector::Cheapest(k))
            if !question.pattern.is_ambiguous() =>
        {
            Rule::Beyond(k)
        }
        (_, Selector::Any(1) | Selector::Shortest(1)) if is_one_repetition(question.pattern, never_back) => {
            Rule::LaterArrivals { ties: false }
        }
        (_, Selector::ShortestGroups(1)) if is_one_repetition(question.pattern, never_back) => {
            Rule::LaterArrivals { ties: true }
        }
        (_, Selector::Cheapest(1)) if is_one_repetition(question.pattern, never_back) => Rule::LongerArrivals,
        _ => Rule::Nothing,
    }
}

fn is_one_repetition(pattern: &Pattern, never_back: bool) -> bool {
    let [Element::Node(_), Element::Repeat(Repeat { body, min, .. }), Element::Node(_)] =
        &pattern.elements[..]
    else {
        return false;
    };
    let mut steps = body.iter().filter(|element| matches!(element, Element::Hop(_) | Element::Repeat(_)));
    let (Some(Element::Hop(hop)), None) = (steps.next(), steps.next()) else { return false };
    *min <= 1 && (never_back || hop.direction != Direction::Either)
}

/// Who has been where.
#[derive(Debug)]
pub(super) struct Visits<S> {
    rule: Rule,
    /// How often a state was extended, and after how many hops first, or at least.
    seen: HashMap<S, (u64, usize)>,
}

impl<S: Eq + Hash> Visits<S> {
    pub(super) fn new(rule: Rule) -> Self {
        Self { rule, seen: HashMap::new() }
    }

    /// Whether the state has to be extended once more; counts the visit if so.
    pub(super) fn admit(&mut self, state: S, n_hops: usize) -> bool {
        if self.rule == Rule::Nothing {
            return true;
        }
        match self.seen.entry(state) {
            Entry::Vacant(entry) => {
                entry.insert((1, n_hops));
                true
            }
            Entry::Occupied(mut entry) => {
                let (count, first) = entry.get_mut();
                let admitted = match self.rule {
                    Rule::Nothing => true,
                    Rule::Beyond(most) => *count < most,
                    Rule::LaterArrivals { ties } => ties && n_hops == *first,
                    Rule::LongerArrivals => n_hops < *first,
                };
                *first = (*first).min(n_hops);
                *count += u64::from(admitted);
                admitted
            }
        }
    }
}

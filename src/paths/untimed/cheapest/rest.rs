//! What it costs from a state to the end: search from the end back (Dijkstra, "A note on two
//! problems in connexion with graphs", 1959), which goes only as far as it is asked.
//!
//! A state that it has not settled weighs at least as much as what comes next, so there is
//! an estimate for every state at any time, and a search from the start that goes by them
//! meets it half way (Pohl, "Bi-directional search", 1971; Kaindl and Kainz, "Bidirectional
//! heuristic search reconsidered", 1997).
//!
//! Fractions are added in different orders on the two sides, so estimates with a fraction are
//! taken a little too low. Complete walks rank by their own sum, in the order of the path.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use super::Key;
use super::fronts::Fronts;
use super::lengths::Lengths;
use super::weight::{Costs, Weight};
use crate::model::NodeId;
use crate::paths::untimed::automaton::{ACCEPT, StateId};
use crate::paths::untimed::product::{Found, Product, Step, Visit, Way};

/// What is known of the rest of the way.
pub(super) struct Rest {
    fronts: Fronts,
    queue: BinaryHeap<Reverse<(Weight, u32)>>,
    end: NodeId,
    lengths: Option<Lengths>,
    /// How many relationships were looked at.
    pub(super) n_backwards: usize,
}

/// What is known of a beginning.
pub(super) enum Estimate {
    /// What the best walk with this beginning weighs.
    Exact(Weight),
    /// What it weighs at least.
    AtLeast(Weight),
    /// There is none.
    Nothing,
}

impl Rest {
    pub(super) fn new(product: &Product<'_>, end: NodeId, lengths: Option<Lengths>) -> Self {
        let (fronts, queue) = (Fronts::in_order(product), BinaryHeap::new());
        let mut rest = Self { fronts, queue, end, lengths, n_backwards: 0 };
        rest.wait((ACCEPT, end), Weight::ZERO);
        rest
    }

    pub(super) fn n_labels(&self) -> usize {
        self.fronts.len()
    }

    pub(super) fn is_end(&self, node: NodeId) -> bool {
        node == self.end
    }

    /// Whether the number of relationships allows a beginning, or an end.
    pub(super) fn fits(&self, way: Way, key: Key, n_hops: u32) -> bool {
        self.lengths.as_ref().is_none_or(|lengths| lengths.fits(way, key, n_hops))
    }

    /// What the best walk weighs that has come to a state like this.
    pub(super) fn estimate(&self, key: Key, weight: Weight) -> Found<Estimate> {
        let hops_max = self.lengths.as_ref().map_or(u32::MAX, Lengths::hops_max);
        let settled = self.fronts.settled(key, hops_max.saturating_sub(weight.n_hops));
        let next = self.queue.peek().map(|Reverse((next, _))| *next);
        let Some(rest) = settled.or(next) else { return Ok(Estimate::Nothing) };
        let sum = weight.plus(rest)?;
        Ok(if settled.is_some() { Estimate::Exact(sum) } else { Estimate::AtLeast(sum) })
    }

    /// How many relationships are looked at next.
    pub(super) fn n_next(&self, product: &Product<'_>) -> usize {
        let next = self.queue.peek();
        next.map_or(0, |Reverse((_, at))| product.n_steps(Way::Backwards, self.fronts.key(*at)))
    }

    /// Settles what comes next.
    pub(super) fn settle(&mut self, product: &mut Product<'_>, costs: &mut Costs) -> Found<()> {
        let Some(Reverse((weight, at))) = self.queue.pop() else { return Ok(()) };
        let key = self.fronts.key(at);
        if self.fronts.is_beaten(at) {
            return Ok(());
        }
        self.fronts.settle(at);
        self.n_backwards += product.n_steps(Way::Backwards, key);
        let mut taken = Taken { rest: self, weight: weight.with_a_hop(), steps: Vec::new() };
        let _ = product.expand(Way::Backwards, key, &mut taken)?;
        for (from, step) in taken.steps {
            let weight = weight.plus(costs.of(product, step.via)?)?;
            self.wait(from, weight);
        }
        Ok(())
    }

    fn wait(&mut self, key: Key, weight: Weight) {
        if let Some(at) = self.fronts.add(key, weight) {
            self.queue.push(Reverse((weight, at)));
        }
    }
}

/// Collects the steps to a state that may be of use.
struct Taken<'r> {
    rest: &'r Rest,
    /// What they weigh at least.
    weight: Weight,
    steps: Vec<(Key, Step)>,
}

impl Visit for Taken<'_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        let key = (state, node);
        self.rest.fits(Way::Backwards, key, self.weight.n_hops)
            && !self.rest.fronts.has_as_good(key, self.weight)
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        self.steps.push(((state, node), step));
        ControlFlow::Continue(())
    }
}

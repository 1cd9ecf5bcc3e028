//! The cheapest walk from a start to every end (Dijkstra, "A note on two problems in connexion
//! with graphs", 1959).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use rustc_hash::FxHashSet;

use super::fronts::Fronts;
use super::weight::{Costs, Terms, Weight};
use super::{Key, first_step, to_walk};
use crate::model::NodeId;
use crate::paths::rank::Mode;
use crate::paths::untimed::automaton::{ACCEPT, StateId};
use crate::paths::untimed::product::{Found, Product, Step, Visit, Way};
use crate::paths::untimed::sweep::{Ends, is_asked_for};
use crate::paths::untimed::walk::Walk;

/// Gives the cheapest walk to each end; returns the ends to which the mode forbids it.
pub(in crate::paths::untimed) fn one_to_each(
    product: &mut Product<'_>,
    mode: Mode,
    start: NodeId,
    ends: &Ends,
    terms: Terms,
    mut give: impl FnMut(Walk) -> ControlFlow<()>,
) -> Found<ControlFlow<(), Vec<NodeId>>> {
    let mut sweep = Sweep::new(product, terms);
    for (arc, state) in product.begin(start)? {
        if is_asked_for(ends, state, start) {
            sweep.wait((state, start), Weight::ZERO, first_step(arc, start), FIRST);
        }
    }
    let (mut refused, mut n_left) = (Vec::new(), ends.as_ref().map_or(usize::MAX, FxHashSet::len));
    while let Some(Reverse((_, at))) = sweep.queue.pop() {
        if sweep.fronts.is_beaten(at) {
            continue;
        }
        sweep.fronts.settle(at);
        let key = sweep.fronts.key(at);
        if key.0 != ACCEPT {
            sweep.extend(product, ends, at)?;
        } else {
            let walk = to_walk(start, &sweep.steps(at));
            if !walk.is_admissible(mode) {
                refused.push(key.1);
            } else if give(walk).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            n_left -= 1;
            if n_left == 0 {
                break;
            }
        }
        terms.make_room(sweep.reached.len())?;
    }
    Ok(ControlFlow::Continue(refused))
}

/// How a state was reached.
#[derive(Debug, Clone, Copy)]
struct Reached {
    step: Step,
    /// From which other; [`FIRST`] where the walk begins.
    before: u32,
}

const FIRST: u32 = u32::MAX;

struct Sweep {
    costs: Costs,
    fronts: Fronts,
    /// What was reached, numbered as the labels.
    reached: Vec<Reached>,
    queue: BinaryHeap<Reverse<(Weight, u32)>>,
    hops_max: u32,
}

impl Sweep {
    fn new(product: &Product<'_>, terms: Terms) -> Self {
        let hops_max = product.automaton.hops_max;
        Self {
            costs: Costs::new(terms),
            fronts: Fronts::in_order(product),
            reached: Vec::new(),
            queue: BinaryHeap::new(),
            hops_max: hops_max.and_then(|most| u32::try_from(most).ok()).unwrap_or(u32::MAX),
        }
    }

    fn wait(&mut self, key: Key, weight: Weight, step: Step, before: u32) {
        if let Some(at) = self.fronts.add(key, weight) {
            self.reached.push(Reached { step, before });
            self.queue.push(Reverse((weight, at)));
        }
    }

    fn extend(&mut self, product: &mut Product<'_>, ends: &Ends, at: u32) -> Found<()> {
        let (key, weight) = (self.fronts.key(at), self.fronts.weight(at));
        if weight.n_hops >= self.hops_max {
            return Ok(());
        }
        let mut taken = Taken { fronts: &self.fronts, ends, weight: weight.with_a_hop(), steps: Vec::new() };
        let _ = product.expand(Way::Forwards, key, &mut taken)?;
        for (to, step) in taken.steps {
            let weight = weight.plus(self.costs.once(product, step.via)?)?;
            self.wait(to, weight, step, at);
        }
        Ok(())
    }

    /// The steps to what was reached.
    fn steps(&self, mut at: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        while at != FIRST {
            let reached = self.reached[at as usize];
            steps.push(reached.step);
            at = reached.before;
        }
        steps.reverse();
        steps
    }
}

/// Collects the steps from a state that may be of use.
struct Taken<'a> {
    fronts: &'a Fronts,
    ends: &'a Ends,
    /// What a walk weighs at least after one of them.
    weight: Weight,
    steps: Vec<(Key, Step)>,
}

impl Visit for Taken<'_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        is_asked_for(self.ends, state, node) && !self.fronts.has_as_good((state, node), self.weight)
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        self.steps.push(((state, node), step));
        ControlFlow::Continue(())
    }
}

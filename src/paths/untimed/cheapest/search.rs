//! The best walks that begin with a spur: beginnings are extended, least estimate first (Hart,
//! Nilsson and Raphael, "A formal basis for the heuristic determination of minimum cost
//! paths", 1968), where [`super::rest`] gives the estimates.
//!
//! A beginning whose estimate is not exact is extended as long as both sides together have
//! looked at no more relationships than the one from the end; else that one goes on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use rustc_hash::FxHashSet;

use super::fronts::Fronts;
use super::rest::{Estimate, Rest};
use super::weight::Weight;
use super::{Ground, Key, Spur, first_step, to_walk};
use crate::model::{NodeId, RelationshipId};
use crate::paths::rank::Mode;
use crate::paths::untimed::automaton::{ACCEPT, StateId};
use crate::paths::untimed::product::{Found, Step, Visit, Way};
use crate::paths::untimed::side::place;
use crate::paths::untimed::walk::Walk;

/// Which walks a search looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The best ones, so many at most, of those that repeat nothing of their spur that may not
    /// be repeated.
    Best(usize),
    /// All that the mode allows, one after another.
    Every,
}

/// What a search comes to.
pub(super) enum Next {
    /// A walk, what it weighs and its steps, of which the first begins it.
    Found(Weight, Vec<Step>),
    /// The next walk, if there is one, weighs so much at least, which is more than was asked for.
    Later(Weight),
    /// There is none.
    Nothing,
}

/// A beginning of a walk, after the spur.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    key: Key,
    weight: Weight,
    step: Step,
    /// The one before; [`SPUR`] where the spur is.
    before: u32,
}

const SPUR: u32 = u32::MAX;

/// A search for walks that begin with a spur.
pub(super) struct Search {
    pub(super) rule: Rule,
    spur: Spur,
    taken: TakenBySpur,
    has_begun: bool,
    /// The labels of the beginnings, numbered alike; none for [`Rule::Every`].
    fronts: Fronts,
    beginnings: Vec<Beginning>,
    /// The least estimate first; of equal ones complete walks, then what came last. The
    /// second part says whether the walk is incomplete.
    queue: BinaryHeap<Reverse<(Weight, bool, Reverse<u32>)>>,
}

impl Search {
    pub(super) fn new(spur: Spur, rule: Rule) -> Self {
        Self {
            rule,
            taken: TakenBySpur::default(),
            spur,
            has_begun: false,
            fronts: Fronts::new(false, 1),
            beginnings: Vec::new(),
            queue: BinaryHeap::new(),
        }
    }

    pub(super) fn into_spur(self) -> Spur {
        self.spur
    }

    pub(super) fn n_labels(&self) -> usize {
        self.beginnings.len()
    }

    /// Goes on to the next walk, or until it is known to weigh more than `most`.
    pub(super) fn next(&mut self, ground: &mut Ground<'_, '_>, most: Option<Weight>) -> Found<Next> {
        if !self.has_begun {
            self.begin(ground)?;
        }
        while let Some(&Reverse((estimate, _, Reverse(at)))) = self.queue.peek() {
            if most.is_some_and(|most| estimate > most) {
                return Ok(Next::Later(estimate));
            }
            self.queue.pop();
            ground.product.count(1)?;
            ground.terms.make_room(self.n_labels() + ground.n_waiting + ground.rest.n_labels())?;
            let Beginning { key, weight, .. } = self.beginnings[at as usize];
            if key.0 == ACCEPT {
                return Ok(Next::Found(weight, self.steps(at)));
            }
            if self.rule != Rule::Every && self.fronts.is_beaten(at) {
                continue;
            }
            match self.refine(ground, key, weight, most)? {
                None => {}
                Some(better) if better > estimate => self.queue.push(Reverse((better, true, Reverse(at)))),
                Some(_) => self.extend(ground, at)?,
            }
        }
        Ok(Next::Nothing)
    }

    /// Takes the first steps after the spur.
    fn begin(&mut self, ground: &mut Ground<'_, '_>) -> Found<()> {
        self.has_begun = true;
        self.taken = TakenBySpur::new(ground, &self.spur);
        if let Rule::Best(k) = self.rule {
            self.fronts = Fronts::new(ground.product.automaton.hops_max.is_some(), k);
        }
        let Some(last) = self.spur.steps.last() else {
            for (arc, state) in ground.product.begin(ground.start)? {
                let step = first_step(arc, ground.start);
                let is_of_use = state != ACCEPT || ground.start == ground.end;
                if is_of_use && !self.spur.banned.contains(&step) {
                    self.wait(ground, (state, ground.start), Weight::ZERO, step, SPUR)?;
                }
            }
            return Ok(());
        };
        let key = (ground.product.automaton.arc(last.arc).to, last.node);
        let mut weight = Weight::ZERO;
        for step in &self.spur.steps[1..] {
            weight = weight.plus(ground.costs.of(ground.product, step.via)?)?;
        }
        self.take_steps(ground, key, weight, SPUR)
    }

    fn extend(&mut self, ground: &mut Ground<'_, '_>, at: u32) -> Found<()> {
        let Beginning { key, weight, .. } = self.beginnings[at as usize];
        self.take_steps(ground, key, weight, at)
    }

    /// Takes every step from a state that the mode allows, as far as the rule asks for that.
    fn take_steps(&mut self, ground: &mut Ground<'_, '_>, key: Key, weight: Weight, at: u32) -> Found<()> {
        ground.n_forwards += ground.product.n_steps(Way::Forwards, key);
        let mut taken =
            Taken { search: self, rest: &ground.rest, weight: weight.with_a_hop(), steps: Vec::new() };
        let _ = ground.product.expand(Way::Forwards, key, &mut taken)?;
        let steps = taken.steps;
        let whole = match self.rule {
            Rule::Best(_) => None,
            Rule::Every => Some(to_walk(ground.start, &self.steps(at))),
        };
        for (to, step) in steps {
            let is_allowed = whole.as_ref().is_none_or(|walk: &Walk| walk.may_take(ground.mode, step));
            let is_banned = at == SPUR && self.spur.banned.contains(&step);
            if is_allowed && !is_banned {
                let weight = weight.plus(ground.costs.of(ground.product, step.via)?)?;
                self.wait(ground, to, weight, step, at)?;
            }
        }
        Ok(())
    }

    fn wait(
        &mut self,
        ground: &Ground<'_, '_>,
        key: Key,
        weight: Weight,
        step: Step,
        before: u32,
    ) -> Found<()> {
        let is_complete = key.0 == ACCEPT;
        let estimate = match ground.rest.estimate(key, weight)? {
            _ if is_complete => weight,
            Estimate::Exact(estimate) | Estimate::AtLeast(estimate) => estimate,
            Estimate::Nothing => return Ok(()),
        };
        if self.rule != Rule::Every && self.fronts.add(key, weight).is_none() {
            return Ok(());
        }
        let at = place(self.beginnings.len());
        self.beginnings.push(Beginning { key, weight, step, before });
        self.queue.push(Reverse((estimate, !is_complete, Reverse(at))));
        Ok(())
    }

    /// The estimate of a beginning, good enough to go by it; `None` where it leads nowhere.
    fn refine(
        &self,
        ground: &mut Ground<'_, '_>,
        key: Key,
        weight: Weight,
        most: Option<Weight>,
    ) -> Found<Option<Weight>> {
        let next = self.queue.peek().map(|Reverse((next, ..))| *next);
        let next = next.into_iter().chain(most).min();
        loop {
            let estimate = match ground.rest.estimate(key, weight)? {
                Estimate::Nothing => return Ok(None),
                Estimate::Exact(exact) => return Ok(Some(exact)),
                Estimate::AtLeast(estimate) => estimate,
            };
            let is_beyond = next.is_some_and(|next| estimate > next);
            if is_beyond || (self.rule != Rule::Every && is_turn_of_start(ground, key)) {
                return Ok(Some(estimate));
            }
            ground.rest.settle(ground.product, &mut ground.costs)?;
        }
    }

    /// The steps up to a beginning, with those of the spur.
    fn steps(&self, mut at: u32) -> Vec<Step> {
        let mut after = Vec::new();
        while at != SPUR {
            let beginning = self.beginnings[at as usize];
            after.push(beginning.step);
            at = beginning.before;
        }
        after.reverse();
        [self.spur.steps.as_slice(), &after].concat()
    }
}

/// Whether going on from the start costs no more than what the other side has cost.
fn is_turn_of_start(ground: &Ground<'_, '_>, key: Key) -> bool {
    let n_forwards = ground.n_forwards + ground.product.n_steps(Way::Forwards, key);
    n_forwards <= ground.rest.n_backwards + ground.rest.n_next(ground.product)
}

/// What may not be met again after a spur, whatever comes between.
#[derive(Debug, Default)]
struct TakenBySpur {
    nodes: FxHashSet<NodeId>,
    relationships: FxHashSet<RelationshipId>,
    /// Nodes at which a walk may only be complete.
    last: Vec<NodeId>,
}

impl TakenBySpur {
    fn new(ground: &Ground<'_, '_>, spur: &Spur) -> Self {
        let hops = spur.steps.get(1..).unwrap_or_default().iter();
        let relationships = || hops.clone().map(|step| step.via).collect();
        let nodes = hops.clone().map(|step| step.node);
        match ground.mode {
            Mode::Walk => Self::default(),
            Mode::Trail => Self { relationships: relationships(), ..Self::default() },
            Mode::Acyclic => {
                let nodes = nodes.chain([ground.start]).collect();
                Self { nodes, last: vec![ground.end], ..Self::default() }
            }
            Mode::Simple => Self {
                nodes: nodes.filter(|&node| node != ground.start).collect(),
                relationships: relationships(),
                last: vec![ground.start, ground.end],
            },
        }
    }

    fn allows(&self, state: StateId, node: NodeId) -> bool {
        !self.nodes.contains(&node) && (state == ACCEPT || !self.last.contains(&node))
    }
}

/// Collects the steps from a state that may be of use.
struct Taken<'s> {
    search: &'s Search,
    rest: &'s Rest,
    /// What a beginning weighs at least after one of them.
    weight: Weight,
    steps: Vec<(Key, Step)>,
}

impl Visit for Taken<'_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        let key = (state, node);
        self.search.taken.allows(state, node)
            && (state != ACCEPT || self.rest.is_end(node))
            && self.rest.fits(Way::Forwards, key, self.weight.n_hops)
            && !self.search.fronts.has_as_good(key, self.weight)
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        if !self.search.taken.relationships.contains(&step.via) {
            self.steps.push(((state, node), step));
        }
        ControlFlow::Continue(())
    }
}

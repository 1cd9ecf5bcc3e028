//! The walks of least cost between two nodes, cheapest first; or the shortest, where
//! those come first that stand for the fewest events.
//!
//! Beginnings are extended from the start, least estimate first, where the estimate
//! adds to what a beginning costs the exact cost from there to the end (Hart, Nilsson
//! and Raphael, "A formal basis for the heuristic determination of minimum cost
//! paths", 1968). That cost comes from a search from the end back (Dijkstra, "A note
//! on two problems in connexion with graphs", 1959), which goes only as far as the
//! estimates ask: a state that it has not settled costs at least as much as the last
//! one that it has. What one relationship costs is evaluated once.
//!
//! Fractions are added in different orders on the two sides, so estimates with a
//! fraction are taken a little too low. Complete walks rank by their own sum.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::automaton::{ACCEPT, ArcId, StateId};
use super::corridor::Give;
use super::product::{Found, Halt, Product, Step, Visit, Way};
use super::side::place;
use super::walk::Walk;
use crate::model::{NodeId, RelationshipId};
use crate::paths::chronological::crossing;
use crate::paths::cost::Cost;
use crate::paths::rank::Mode;

/// What walks are ranked by: the cost, then the number of relationships, then how many
/// of these stand for many events.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Weight {
    cost: Cost,
    n_hops: usize,
    n_aggregate: usize,
}

impl Weight {
    fn plus(self, other: Self) -> Found<Self> {
        let cost = self.cost.plus(other.cost).map_err(|_| Halt::Abandoned)?;
        let n_aggregate = self.n_aggregate + other.n_aggregate;
        Ok(Self { cost, n_hops: self.n_hops + other.n_hops, n_aggregate })
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
        self.cost.order(&other.cost).then(counts(self).cmp(&counts(other)))
    }
}

type Key = (StateId, NodeId);

/// What a search ranks by, and how much it may try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Whether costs count; else the number of relationships does.
    pub(super) by_cost: bool,
    /// Whether any relationship stands for many events.
    pub(super) has_aggregates: bool,
    /// How many beginnings may wait.
    pub(super) waiting_max: usize,
    /// How often a state may be extended.
    pub(super) visits_max: u64,
}

/// Gives the walks from a start to an end that the mode allows, cheapest first.
pub(super) fn by_weight(
    product: &mut Product<'_>,
    mode: Mode,
    (start, end): (NodeId, NodeId),
    terms: Terms,
    giver: &mut impl Give,
) -> Found<()> {
    let mut estimates = Estimates::new(end, terms);
    let mut search = Search { start, mode, beginnings: Vec::new(), queue: BinaryHeap::new() };
    let mut visits: FxHashMap<Key, u64> = FxHashMap::default();
    for (arc, state) in product.begin(start)? {
        if state != ACCEPT || start == end {
            search.wait(&estimates, (state, start), Weight::default(), Step::first(arc, start), None)?;
        }
    }
    while let Some(Reverse((estimate, _, Reverse(at)))) = search.queue.pop() {
        let Beginning { key, weight, .. } = search.beginnings[at as usize];
        if key.0 == ACCEPT {
            if giver.give(search.walk(at)).is_break() {
                break;
            }
            continue;
        }
        let next = search.queue.peek().map(|Reverse((next, ..))| *next);
        match estimates.refine(product, key, weight, next)? {
            None => continue,
            Some(better) if better > estimate => {
                search.queue.push(Reverse((better, true, Reverse(at))));
                continue;
            }
            Some(_) => {}
        }
        let n_visits = visits.entry(key).or_default();
        if *n_visits == terms.visits_max {
            continue;
        }
        *n_visits += 1;
        let mut taken = Taken { end, way: Way::Forwards, steps: Vec::new() };
        let _ = product.expand(Way::Forwards, key, &mut taken)?;
        for (to, step) in taken.steps {
            if search.may_take(at, step) {
                let weight = weight.plus(estimates.costs.weight(product, step.via)?)?;
                search.wait(&estimates, to, weight, step, Some(at))?;
            }
        }
        if search.queue.len() > terms.waiting_max {
            return Err(Halt::Crowded);
        }
    }
    Ok(())
}

impl Step {
    /// Stands for the beginning of a walk, which has no relationship.
    fn first(arc: ArcId, node: NodeId) -> Self {
        Self { arc, via: RelationshipId::default(), node }
    }
}

/// What relationships cost, once it is known.
struct Costs {
    terms: Terms,
    known: FxHashMap<RelationshipId, Weight>,
    has_fractions: bool,
}

impl Costs {
    fn weight(&mut self, product: &mut Product<'_>, via: RelationshipId) -> Found<Weight> {
        if let Some(&weight) = self.known.get(&via) {
            return Ok(weight);
        }
        let cost = if self.terms.by_cost { product.cost(via)? } else { Cost::default() };
        let is_aggregate = self.terms.has_aggregates && crossing(product.view, via).is_aggregate();
        let weight = Weight { cost, n_hops: 1, n_aggregate: usize::from(is_aggregate) };
        self.has_fractions |= !cost.is_whole();
        self.known.insert(via, weight);
        Ok(weight)
    }
}

/// Collects steps.
struct Taken {
    end: NodeId,
    way: Way,
    steps: Vec<(Key, Step)>,
}

impl Visit for Taken {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        self.way == Way::Backwards || state != ACCEPT || node == self.end
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        self.steps.push(((state, node), step));
        ControlFlow::Continue(())
    }
}

/// A beginning of a walk.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    key: Key,
    weight: Weight,
    step: Step,
    before: Option<u32>,
}

struct Search {
    start: NodeId,
    mode: Mode,
    beginnings: Vec<Beginning>,
    /// The least estimate first; of equal ones complete walks, then what came last. The
    /// second part says whether the walk is incomplete.
    queue: BinaryHeap<Reverse<(Weight, bool, Reverse<u32>)>>,
}

impl Search {
    fn wait(
        &mut self,
        estimates: &Estimates,
        key: Key,
        weight: Weight,
        step: Step,
        before: Option<u32>,
    ) -> Found<()> {
        let is_complete = key.0 == ACCEPT;
        let estimate = if is_complete { Some(weight) } else { estimates.of(key, weight)? };
        if let Some(estimate) = estimate {
            let at = Reverse(place(self.beginnings.len()));
            self.queue.push(Reverse((estimate, !is_complete, at)));
            self.beginnings.push(Beginning { key, weight, step, before });
        }
        Ok(())
    }

    /// The walk up to a beginning.
    fn walk(&self, at: u32) -> Walk {
        let mut steps = Vec::new();
        let mut beginning = self.beginnings[at as usize];
        while let Some(before) = beginning.before {
            steps.push(beginning.step);
            beginning = self.beginnings[before as usize];
        }
        steps.reverse();
        Walk { start: self.start, begin: beginning.step.arc, steps }
    }

    fn may_take(&self, at: u32, step: Step) -> bool {
        self.mode == Mode::Walk || self.walk(at).may_take(self.mode, step)
    }
}

/// What it costs to the end.
struct Estimates {
    end: NodeId,
    costs: Costs,
    settled: FxHashMap<Key, Weight>,
    queue: BinaryHeap<Reverse<(Weight, Key)>>,
    /// What a state that is not settled costs at least.
    radius: Weight,
}

impl Estimates {
    fn new(end: NodeId, terms: Terms) -> Self {
        let queue = BinaryHeap::from([Reverse((Weight::default(), (ACCEPT, end)))]);
        let costs = Costs { terms, known: FxHashMap::default(), has_fractions: false };
        let settled = FxHashMap::default();
        Self { end, costs, settled, queue, radius: Weight::default() }
    }

    /// What a walk costs at least that begins like this; `None` where none can be completed.
    fn of(&self, key: Key, weight: Weight) -> Found<Option<Weight>> {
        let rest = match self.settled.get(&key) {
            Some(&rest) => rest,
            None if self.queue.is_empty() => return Ok(None),
            None => self.radius,
        };
        let sum = weight.plus(rest)?;
        let cost = if self.costs.has_fractions { sum.cost.a_little_less() } else { sum.cost };
        Ok(Some(Weight { cost, ..sum }))
    }

    /// The estimate of a beginning, exact unless it is greater than `next`.
    fn refine(
        &mut self,
        product: &mut Product<'_>,
        key: Key,
        weight: Weight,
        next: Option<Weight>,
    ) -> Found<Option<Weight>> {
        loop {
            let estimate = self.of(key, weight)?;
            let is_exact = self.settled.contains_key(&key);
            let is_beyond = next.is_some_and(|next| estimate.is_some_and(|estimate| estimate > next));
            if estimate.is_none() || is_exact || is_beyond {
                return Ok(estimate);
            }
            self.settle(product)?;
        }
    }

    /// Settles the state that is next in cost.
    fn settle(&mut self, product: &mut Product<'_>) -> Found<()> {
        let Some(Reverse((weight, key))) = self.queue.pop() else { return Ok(()) };
        if self.settled.contains_key(&key) {
            return Ok(());
        }
        self.settled.insert(key, weight);
        self.radius = weight;
        let mut taken = Taken { end: self.end, way: Way::Backwards, steps: Vec::new() };
        let _ = product.expand(Way::Backwards, key, &mut taken)?;
        for (from, step) in taken.steps {
            if !self.settled.contains_key(&from) {
                let weight = weight.plus(self.costs.weight(product, step.via)?)?;
                self.queue.push(Reverse((weight, from)));
            }
        }
        Ok(())
    }
}

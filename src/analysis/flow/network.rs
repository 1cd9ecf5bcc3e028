//! The network that chains make: goods can go through it where a chain goes, and nowhere else.
//!
//! Every chain is a word: where it starts, the limits it passes, the delivery it ends with.
//! Chains that begin alike share that beginning, and beginnings that can go on in the same ways
//! are one place. So a port where any ship's cargo can have left with any train is one place,
//! a buffer; and one where only some can have, by their dates, is several. The ways through the
//! network are exactly the chains.
//! (That is the least acyclic automaton of the words: J. Daciuk and others, "Incremental
//! construction of minimal acyclic finite-state automata", Computational Linguistics 26 (2000).)
//!
//! A limit holds for all that pass it together, so it is one arc, even where several places lead
//! to it. That is right as long as whoever passes it can go on in the same ways. A limit for
//! which this is not so cannot be an arc, and is left out: the flow is then never too small, and
//! the answer says which limits were left out.

use std::collections::{BTreeMap, BTreeSet};

use super::max_flow::{FlowNetwork, MaxFlow};
use super::supply::Supply;

/// A step of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    /// It starts at an origin.
    Origin(usize),
    /// It passes a limit.
    Limit(usize),
    /// It ends with a delivery.
    Delivery(usize),
}

/// A chain without what sets no limit; chains that are alike in this are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// Where it starts.
    pub(super) origin: usize,
    /// The limits that it passes, in order.
    pub(super) limits: Vec<usize>,
    /// The delivery that it ends with.
    pub(super) delivery: usize,
}

/// The network of all chains.
#[derive(Debug)]
pub(super) struct Network {
    /// The ways through it, in order and each once.
    pub(super) ways: Vec<Way>,
    /// For each chain, its way.
    pub(super) way_of_route: Vec<usize>,
    /// The limits that had to be left out.
    pub(super) left_out: BTreeSet<usize>,
    /// How much each limit lets through, in units.
    capacities: Vec<Option<i128>>,
    /// How many places there are besides those of limits and deliveries.
    n_places: usize,
    /// From where to where each step leads.
    steps: BTreeSet<(usize, Step, usize)>,
}

/// How much goes through what is no limit: more than any sum of amounts.
const ENDLESS: i128 = i128::MAX / 4;

/// How much limits and deliveries take; what has `None` has no bound.
#[derive(Debug, Clone)]
pub(super) struct Capacities {
    pub(super) limits: Vec<Option<i128>>,
    pub(super) deliveries: Vec<Option<i128>>,
}

/// A greatest flow, and what keeps it from being greater.
#[derive(Debug)]
pub(super) struct Cut {
    /// How much flows.
    pub(super) value: i128,
    /// Whether bounds keep it from being greater.
    pub(super) is_bounded: bool,
    /// The limits that are part of a least cut.
    pub(super) limits: Vec<bool>,
    /// The deliveries that are part of it.
    pub(super) deliveries: Vec<bool>,
}

/// The place where all ways begin, and the one where all end.
const SOURCE: usize = 0;
const SINK: usize = 1;

impl Network {
    /// The network of a question's chains.
    ///
    /// # Complexity
    /// O(n log n) for all steps of all chains together, once for each time that limits have to
    /// be left out.
    pub(super) fn new(supply: &Supply) -> Self {
        let capacities = supply.limits.iter().map(|limit| limit.map(super::Amount::units)).collect();
        let mut network = Self {
            ways: Vec::new(),
            way_of_route: Vec::new(),
            left_out: BTreeSet::new(),
            capacities,
            n_places: 0,
            steps: BTreeSet::new(),
        };
        loop {
            network.find_ways(supply);
            network.join_ways();
            let parting = network.parting_limits();
            if parting.is_empty() {
                return network;
            }
            network.left_out.extend(parting);
        }
    }

    /// Leaves out of each chain what sets no limit.
    fn find_ways(&mut self, supply: &Supply) {
        let counts = |&limit: &usize| self.capacities[limit].is_some() && !self.left_out.contains(&limit);
        let way = |route: &super::Route| Way {
            origin: route.origin,
            limits: route.limits.iter().copied().filter(counts).collect(),
            delivery: route.delivery,
        };
        let of_route: Vec<Way> = supply.routes.iter().map(way).collect();
        let ways: BTreeSet<&Way> = of_route.iter().collect();
        let numbers: BTreeMap<&Way, usize> = ways.iter().enumerate().map(|(at, &way)| (way, at)).collect();
        self.way_of_route = of_route.iter().map(|way| numbers[way]).collect();
        self.ways = ways.into_iter().cloned().collect();
    }

    /// Makes one place of all beginnings that can go on in the same ways.
    fn join_ways(&mut self) {
        let mut tree: Vec<BTreeMap<Step, usize>> = vec![BTreeMap::new()];
        for way in &self.ways {
            let mut at = 0;
            for step in way.steps() {
                let fresh = tree.len();
                at = *tree[at].entry(step).or_insert(fresh);
                if at == fresh {
                    tree.push(BTreeMap::new());
                }
            }
        }
        // What goes on lies behind what it goes on from, so from the back all its places are known.
        let mut places: BTreeMap<Vec<(Step, usize)>, usize> = BTreeMap::from([(Vec::new(), SINK)]);
        let mut place_of = vec![SOURCE; tree.len()];
        self.steps.clear();
        for at in (0..tree.len()).rev() {
            let onward: Vec<(Step, usize)> =
                tree[at].iter().map(|(&step, &next)| (step, place_of[next])).collect();
            let fresh = places.len() + 1;
            let place = if at == 0 { SOURCE } else { *places.entry(onward.clone()).or_insert(fresh) };
            place_of[at] = place;
            self.steps.extend(onward.into_iter().map(|(step, next)| (place, step, next)));
        }
        self.n_places = places.len() + 1;
    }

    /// The limits behind which goods can go on in different ways, depending on where they are from.
    fn parting_limits(&self) -> BTreeSet<usize> {
        let mut targets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for &(_, step, to) in &self.steps {
            if let Step::Limit(limit) = step {
                targets.entry(limit).or_default().insert(to);
            }
        }
        targets.into_iter().filter(|(_, places)| places.len() > 1).map(|(limit, _)| limit).collect()
    }

    /// How much each limit of the network lets through; `None` for what is no limit in it.
    pub(super) fn limits(&self) -> Vec<Option<i128>> {
        let of = |(limit, &capacity)| if self.left_out.contains(&limit) { None } else { capacity };
        self.capacities.iter().enumerate().map(of).collect()
    }

    /// The greatest flow with these capacities of limits and deliveries, from the origins that
    /// `starts` names. An unbounded delivery takes more than all bounds together.
    pub(super) fn flow(&self, capacities: &Capacities, starts: &dyn Fn(usize) -> bool) -> Cut {
        let Capacities { limits, deliveries } = capacities;
        let bounds: i128 = limits.iter().chain(deliveries).flatten().sum();
        let limit_at = |limit: usize| self.n_places + 2 * limit;
        let delivery_at = |delivery: usize| self.n_places + 2 * limits.len() + delivery;
        let mut arcs = FlowNetwork::of_places(delivery_at(deliveries.len()));
        for (delivery, &capacity) in deliveries.iter().enumerate() {
            arcs.add(delivery_at(delivery), SINK, capacity.unwrap_or(bounds + 1));
        }
        let mut passed = BTreeSet::new();
        for &(from, step, to) in &self.steps {
            match step {
                Step::Origin(origin) if !starts(origin) => {}
                Step::Origin(_) => arcs.add(from, to, ENDLESS),
                Step::Limit(limit) => {
                    arcs.add(from, limit_at(limit), ENDLESS);
                    if passed.insert(limit) {
                        arcs.add(limit_at(limit), limit_at(limit) + 1, limits[limit].unwrap_or(ENDLESS));
                        arcs.add(limit_at(limit) + 1, to, ENDLESS);
                    }
                }
                Step::Delivery(delivery) => arcs.add(from, delivery_at(delivery), ENDLESS),
            }
        }
        let MaxFlow { value, is_source_side } = arcs.max_flow(SOURCE, SINK);
        let is_cut = |limit| is_source_side[limit_at(limit)] && !is_source_side[limit_at(limit) + 1];
        Cut {
            value,
            is_bounded: value <= bounds,
            limits: (0..limits.len()).map(is_cut).collect(),
            deliveries: (0..deliveries.len()).map(|delivery| is_source_side[delivery_at(delivery)]).collect(),
        }
    }
}

impl Way {
    fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let limits = self.limits.iter().map(|&limit| Step::Limit(limit));
        [Step::Origin(self.origin)].into_iter().chain(limits).chain([Step::Delivery(self.delivery)])
    }
}

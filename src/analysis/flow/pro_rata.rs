//! The pro rata split: what the chains would have brought if none were preferred.
//!
//! Each delivery is split over the departures that its chains start with, in proportion to how
//! much these are known to have carried, or in equal parts where that is not known of all.
//! All shares grow together towards this split. A share is held where more of it would pass a
//! limit, or would leave less explained in all than the chains can explain; the others go on
//! until everything is explained that can be. So the split is a greatest flow, the same in
//! whatever order chains and deliveries come, and where nothing is scarce it is the plain split.
//!
//! This is progressive filling, as for rates in a network (D. Bertsekas, R. Gallager, "Data
//! Networks", 1992, section 6.5.2), among the greatest flows only. How far the shares may grow is
//! found from least cuts: where the rest cannot be completed to a greatest flow, a cut says by how
//! much too far that was (J. R. Dinkelbach, "On nonlinear fractional programming", Management
//! Science 13 (1967)).

use std::collections::{BTreeMap, BTreeSet};

use super::network::{Capacities, Cut, Network, Way};
use super::supply::{Check, Supply};
use crate::error::Result;

/// How much finer than amounts the shares are counted, so that rounding does not add up.
pub(super) const FINER: i128 = 1_000_000;

/// How much comes along each way of a network, in units made [`FINER`], if each delivery gets at
/// least what is known of it.
///
/// Shares are exact to about twelve digits.
///
/// # Complexity
/// At most one step for each way, each of a few maximum flows; one flow in all where nothing is
/// scarce.
///
/// # Errors
/// What `check` says, which is asked before each flow.
pub(super) fn pro_rata(supply: &Supply, network: &Network, check: Check<'_>) -> Result<Vec<i128>> {
    let finer = |amounts: Vec<Option<i128>>| amounts.into_iter().map(|amount| amount.map(|a| a * FINER));
    let deliveries = supply.deliveries.iter().map(|delivery| Some(delivery.quantity.least.units()));
    let room = Capacities {
        limits: finer(network.limits()).collect(),
        deliveries: finer(deliveries.collect()).collect(),
    };
    let left = network.flow(&room, &|_| true).value;
    let weights = weights(supply, network);
    let mut filling = Filling {
        network,
        room,
        left,
        shares: vec![0; weights.len()],
        is_held: weights.iter().map(|&weight| weight <= 0.0).collect(),
        weights,
    };
    while filling.left > 0 && filling.grow(check)? {}
    Ok(filling.shares)
}

/// How fast the share of each way grows: the amount that it would have in the plain split.
fn weights(supply: &Supply, network: &Network) -> Vec<f64> {
    // The ways of each departure to each delivery.
    let mut ways: BTreeMap<usize, BTreeMap<usize, BTreeSet<usize>>> = BTreeMap::new();
    for (route, &way) in supply.routes.iter().zip(&network.way_of_route) {
        ways.entry(route.delivery).or_default().entry(route.departure).or_default().insert(way);
    }
    let mut weights = vec![0.0; network.ways.len()];
    for (delivery, departures) in ways {
        let carried: Option<Vec<f64>> =
            departures.keys().map(|&departure| Some(supply.limits[departure]?.as_float())).collect();
        let carried = carried.filter(|carried| carried.iter().sum::<f64>() > 0.0);
        let carried = carried.unwrap_or_else(|| vec![1.0; departures.len()]);
        let total: f64 = carried.iter().sum();
        let amount = (supply.deliveries[delivery].quantity.least.units() * FINER) as f64;
        for (ways, carried) in departures.into_values().zip(carried) {
            let weight = amount * (carried / total) / ways.len() as f64;
            ways.into_iter().for_each(|way| weights[way] += weight);
        }
    }
    weights
}

/// Shares that grow.
struct Filling<'a> {
    network: &'a Network,
    /// What limits and deliveries still take.
    room: Capacities,
    /// How much can still be explained.
    left: i128,
    shares: Vec<i128>,
    weights: Vec<f64>,
    /// The ways whose shares grow no more.
    is_held: Vec<bool>,
}

impl Filling<'_> {
    /// Lets the shares grow until one has to be held; false where none grows any more.
    fn grow(&mut self, check: Check<'_>) -> Result<bool> {
        let total: f64 = self.growing().map(|way| self.weights[way]).sum();
        if total <= 0.0 {
            return Ok(false);
        }
        let times = self.times();
        let full = times.iter().copied().fold(f64::INFINITY, f64::min);
        let mut time = full.min(self.left as f64 / total);
        let mut tight = None;
        let grown = loop {
            check()?;
            let grown = self.grown(time);
            let cut = self.flow_beside(&grown);
            if cut.value >= self.left - grown.iter().sum::<i128>() {
                break grown;
            }
            // The cut says when what is left became too little; rounding must not say the same again.
            time = self.time_of(&cut).min(time * (1.0 - 1e-12));
            tight = Some(cut);
        };
        self.take(&grown);
        let is_full = |way: usize| times[way] <= time * (1.0 + 1e-9);
        let is_tight = |way: usize| tight.as_ref().is_some_and(|cut| crossings(self.network, way, cut) > 1);
        let held: Vec<usize> = self.growing().filter(|&way| is_full(way) || is_tight(way)).collect();
        held.iter().for_each(|&way| self.is_held[way] = true);
        Ok(!held.is_empty())
    }

    fn growing(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.weights.len()).filter(|&way| !self.is_held[way])
    }

    /// How fast each limit and each delivery fills.
    fn speeds(&self) -> (Vec<f64>, Vec<f64>) {
        let mut limits = vec![0.0; self.room.limits.len()];
        let mut deliveries = vec![0.0; self.room.deliveries.len()];
        for at in self.growing() {
            let way = &self.network.ways[at];
            way.limits.iter().for_each(|&limit| limits[limit] += self.weights[at]);
            deliveries[way.delivery] += self.weights[at];
        }
        (limits, deliveries)
    }

    /// For each way, how long what it passes still takes its growing share.
    fn times(&self) -> Vec<f64> {
        let (limits, deliveries) = self.speeds();
        let time = |room: Option<i128>, speed: f64| match room {
            Some(room) if speed > 0.0 => room as f64 / speed,
            _ => f64::INFINITY,
        };
        let of_way = |way: &Way| {
            let limits = way.limits.iter().map(|&limit| time(self.room.limits[limit], limits[limit]));
            let delivery = time(self.room.deliveries[way.delivery], deliveries[way.delivery]);
            limits.fold(delivery, f64::min)
        };
        self.network.ways.iter().map(of_way).collect()
    }

    /// By how much the shares grow in a time, rounded down, and never beyond what is left.
    fn grown(&self, time: f64) -> Vec<i128> {
        let mut room = self.room.clone();
        let mut left = self.left;
        let mut grown = vec![0; self.weights.len()];
        for at in self.growing() {
            let way = &self.network.ways[at];
            let bounds = way.limits.iter().map(|&limit| room.limits[limit]);
            let bounds = bounds.chain([room.deliveries[way.delivery], Some(left)]).flatten();
            grown[at] = bounds.fold((self.weights[at] * time) as i128, i128::min).max(0);
            subtract(self.network, &mut room, at, grown[at]);
            left -= grown[at];
        }
        grown
    }

    /// What flows beside the shares, once they have grown.
    fn flow_beside(&self, grown: &[i128]) -> Cut {
        let mut room = self.room.clone();
        grown.iter().enumerate().for_each(|(way, &amount)| subtract(self.network, &mut room, way, amount));
        self.network.flow(&room, &|_| true)
    }

    /// When a cut became too narrow: a share that crosses it more than once takes of it more than
    /// it brings.
    fn time_of(&self, cut: &Cut) -> f64 {
        let cut_of = |room: &[Option<i128>], is_cut: &[bool]| -> i128 {
            room.iter().zip(is_cut).filter(|(_, is_cut)| **is_cut).filter_map(|(room, _)| *room).sum()
        };
        let width = cut_of(&self.room.limits, &cut.limits) + cut_of(&self.room.deliveries, &cut.deliveries);
        let speed: f64 = self
            .growing()
            .map(|way| self.weights[way] * crossings(self.network, way, cut).saturating_sub(1) as f64)
            .sum();
        (width - self.left).max(0) as f64 / speed
    }

    fn take(&mut self, grown: &[i128]) {
        for (way, &amount) in grown.iter().enumerate() {
            self.shares[way] += amount;
            self.left -= amount;
            subtract(self.network, &mut self.room, way, amount);
        }
    }
}

fn subtract(network: &Network, room: &mut Capacities, way: usize, amount: i128) {
    let way = &network.ways[way];
    for &limit in &way.limits {
        room.limits[limit] = room.limits[limit].map(|room| room - amount);
    }
    room.deliveries[way.delivery] = room.deliveries[way.delivery].map(|room| room - amount);
}

/// How often a way goes from the source's side of a cut to the sink's.
fn crossings(network: &Network, way: usize, cut: &Cut) -> usize {
    let way = &network.ways[way];
    way.limits.iter().filter(|&&limit| cut.limits[limit]).count() + usize::from(cut.deliveries[way.delivery])
}

//! How much of what was delivered can have come from where.

use std::collections::{BTreeMap, BTreeSet};

use super::network::{Capacities, Network};
use super::pro_rata::{FINER, pro_rata};
use super::supply::{Check, Supply};
use super::{Amount, Quantity};
use crate::error::Result;

/// How much of what a destination got can have come from one origin, or from none of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The origin; `None` for what no chain explains.
    pub origin: Option<usize>,
    /// The destination.
    pub destination: usize,
    /// How many chains lead from the one to the other.
    pub chains: usize,
    /// What the destination got from everywhere, as far as it is known.
    pub delivered: Quantity,
    /// So much, wherever the rest came from.
    pub least: Amount,
    /// The share in the pro rata split of what is known to have been delivered, to about twelve
    /// digits; `None` where nothing is known.
    pub pro_rata: Option<f64>,
    /// No more than this; `None` where nothing bounds it.
    pub most: Option<Amount>,
}

impl Share {
    /// Whether more can have been delivered than is known, so that the numbers are at least.
    #[must_use]
    pub fn is_lower_bound(&self) -> bool {
        !self.delivered.is_exact()
    }
}

/// What chains explain of what was delivered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attribution {
    /// By destination and origin, what no chain explains last.
    pub shares: Vec<Share>,
    /// Limits that were left out, since goods of different origin can go on from there in
    /// different ways: without them `most` may be too great, and is never too small.
    pub left_out: Vec<usize>,
    /// How much of what is known to have been delivered cannot have come along any chain.
    pub beyond: Amount,
}

/// Says how much of each delivery can have come from each origin: at least, pro rata, at most.
///
/// `most` is the maximum flow from the origin to the destination along the chains: all limits
/// serve this pair alone, as they can have done. It counts each chain as possible for itself;
/// where uncertain dates let one chain exclude another, it may be out of reach.
///
/// `least` is zero unless [`Supply::is_closed`], since goods can otherwise have come from
/// anywhere. If it is, all that the chains can explain came along them. The destination then got
/// at least what the maximum flow of all loses without it, and of that the other origins can have
/// brought what flows from them alone; the rest is `least`. Where everything can be explained,
/// that is what was delivered less the maximum flow from all others. Other destinations may be
/// thought to go short where that makes `least` smaller, so it is never too great.
///
/// The row without an origin says the same of what no chain explains.
///
/// # Errors
/// What `check` says, which is asked before each maximum flow and can stop the work.
///
/// # Complexity
/// Two maximum flows for each pair of an origin and a destination between which there is a chain,
/// three for each destination, and those of the pro rata split.
pub fn attribute(supply: &Supply, check: &dyn Fn() -> Result<()>) -> Result<Attribution> {
    let network = Network::new(supply);
    let question = Question { supply, network: &network, chains: chains(supply), check };
    let by_pair = question.pro_rata_by_pair()?;
    let destinations: BTreeSet<usize> = supply.deliveries.iter().map(|d| d.destination).collect();
    let mut shares = Vec::new();
    for destination in destinations {
        shares.extend(question.shares(destination, &by_pair)?);
    }
    let known: i128 = supply.deliveries.iter().map(|d| d.quantity.least.units()).sum();
    let explained = question.flow(&|_| true, &least_of)?;
    Ok(Attribution {
        shares,
        left_out: network.left_out.iter().copied().collect(),
        beyond: Amount::of_units(known - explained.unwrap_or(known)),
    })
}

/// How many chains there are of each origin to each destination.
fn chains(supply: &Supply) -> BTreeMap<usize, BTreeMap<usize, usize>> {
    let mut chains: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    for route in &supply.routes {
        let destination = supply.deliveries[route.delivery].destination;
        *chains.entry(destination).or_default().entry(route.origin).or_default() += 1;
    }
    chains
}

/// How much a delivery takes in a question, if it is bounded.
type Takes<'a> = &'a dyn Fn(&super::Delivery) -> Option<i128>;

const NOTHING: Option<i128> = Some(0);

fn least_of(delivery: &super::Delivery) -> Option<i128> {
    Some(delivery.quantity.least.units())
}

fn most_of(delivery: &super::Delivery) -> Option<i128> {
    delivery.quantity.most.map(Amount::units)
}

struct Question<'a> {
    supply: &'a Supply,
    network: &'a Network,
    /// By destination and origin.
    chains: BTreeMap<usize, BTreeMap<usize, usize>>,
    check: Check<'a>,
}

/// Amounts by origin and destination, in units made [`FINER`].
type ByPair = BTreeMap<(usize, usize), i128>;

impl Question<'_> {
    /// The greatest flow from some origins; `None` where nothing bounds it.
    fn flow(&self, starts: &dyn Fn(usize) -> bool, takes: Takes<'_>) -> Result<Option<i128>> {
        (self.check)()?;
        let deliveries = self.supply.deliveries.iter().map(takes).collect();
        let cut = self.network.flow(&Capacities { limits: self.network.limits(), deliveries }, starts);
        Ok(cut.is_bounded.then_some(cut.value))
    }

    /// The greatest flow from some origins to one destination, as it takes at least or at most.
    fn flow_to(&self, to: usize, starts: &dyn Fn(usize) -> bool, takes: Takes<'_>) -> Result<Option<i128>> {
        self.flow(starts, &|delivery| if delivery.destination == to { takes(delivery) } else { NOTHING })
    }

    /// More than all amounts of the question together.
    fn plenty(&self) -> i128 {
        let limits: i128 = self.network.limits().iter().flatten().sum();
        let both = |d: &super::Delivery| d.quantity.least.units() + most_of(d).unwrap_or_default();
        limits + self.supply.deliveries.iter().map(both).sum::<i128>() + 1
    }

    fn pro_rata_by_pair(&self) -> Result<ByPair> {
        let mut by_pair = ByPair::new();
        for (way, share) in self.network.ways.iter().zip(pro_rata(self.supply, self.network, self.check)?) {
            let destination = self.supply.deliveries[way.delivery].destination;
            *by_pair.entry((way.origin, destination)).or_default() += share;
        }
        Ok(by_pair)
    }

    /// The rows of a destination.
    fn shares(&self, destination: usize, by_pair: &ByPair) -> Result<Vec<Share>> {
        let delivered = self.delivered(destination);
        let is_known = delivered.least > Amount::ZERO || delivered.is_exact();
        let certain = self.certain_inflow(destination)?;
        let none = BTreeMap::new();
        let origins = self.chains.get(&destination).unwrap_or(&none);
        let mut explained = 0;
        let mut shares = Vec::new();
        for (&origin, &chains) in origins {
            let pro_rata = by_pair.get(&(origin, destination)).copied().unwrap_or_default();
            explained += pro_rata;
            let most = self.flow_to(destination, &|other| other == origin, &most_of)?.map(Amount::of_units);
            let least = match certain {
                None => Amount::ZERO,
                Some(certain) => {
                    let others = self.flow_to(destination, &|other| other != origin, &least_of)?;
                    Amount::of_units(certain - others.unwrap_or(certain))
                }
            };
            let pro_rata = is_known.then(|| rounded(pro_rata, least, most));
            let origin = Some(origin);
            shares.push(Share { origin, destination, chains, delivered, least, pro_rata, most });
        }
        shares.push(self.unexplained(destination, delivered, explained, is_known, certain)?);
        Ok(shares)
    }

    /// The row of what no chain explains.
    fn unexplained(
        &self,
        destination: usize,
        delivered: Quantity,
        explained: i128,
        is_known: bool,
        certain: Option<i128>,
    ) -> Result<Share> {
        let explicable = self.flow_to(destination, &|_| true, &least_of)?.unwrap_or_default();
        let least = delivered.least.minus(Amount::of_units(explicable));
        let most = match certain {
            Some(certain) if delivered.is_exact() => Some(delivered.least.minus(Amount::of_units(certain))),
            _ => delivered.most,
        };
        let rest = (delivered.least.units() * FINER - explained).max(0);
        // A rest that is but rounding is none.
        let is_rounding = rest <= delivered.least.units().saturating_mul(FINER) / 100_000_000_000;
        let rest = if is_rounding { 0 } else { rest };
        let pro_rata = is_known.then(|| rounded(rest, least, most));
        Ok(Share { origin: None, destination, chains: 0, delivered, least, pro_rata, most })
    }

    /// What a destination got, from everywhere.
    fn delivered(&self, destination: usize) -> Quantity {
        let quantities = || {
            let there = self.supply.deliveries.iter().filter(|d| d.destination == destination);
            there.map(|delivery| delivery.quantity)
        };
        Quantity {
            least: quantities().map(|quantity| quantity.least).sum(),
            most: quantities().map(|quantity| quantity.most).sum(),
        }
    }

    /// What a destination certainly got along the chains, if all origins are known: what the
    /// greatest flow of all loses without it, however much the other destinations took.
    fn certain_inflow(&self, destination: usize) -> Result<Option<i128>> {
        if !self.supply.is_closed {
            return Ok(None);
        }
        let plenty = self.plenty();
        let flow = |own: Takes<'_>| {
            self.flow(&|_| true, &|delivery| match delivery.destination == destination {
                true => own(delivery),
                false => Some(most_of(delivery).unwrap_or(plenty)),
            })
        };
        let (with, without) = (flow(&least_of)?, flow(&|_| NOTHING)?);
        Ok(with.zip(without).map(|(with, without)| with - without))
    }
}

/// A share of the pro rata split, between its bounds, to twelve digits.
fn rounded(share: i128, least: Amount, most: Option<Amount>) -> f64 {
    let exact = Amount::of_units(share / FINER).as_float() + (share % FINER) as f64 / FINER as f64 * 1e-9;
    let rounded = format!("{exact:.11e}").parse().unwrap_or(exact);
    let bounded = f64::max(rounded, least.as_float());
    most.map_or(bounded, |most| bounded.min(most.as_float()))
}

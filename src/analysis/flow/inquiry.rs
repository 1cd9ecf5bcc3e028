//! From chains in a case to numbers, and back.

use std::collections::{BTreeMap, BTreeSet};

use super::arrivals::{Arrival, Arrivals, Chain};
use super::quantities::{Unit, name_of, quantity_in};
use super::{Delivery, Quantity, Route, Share, Supply, attribute};
use crate::error::Result;
use crate::graph::View;
use crate::model::{About, NodeId, Path, RelationshipId};

/// What is asked of chains.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inquiry<'a> {
    /// The deliveries that have to be explained besides those of the chains; without them, all of
    /// the types with which chains end that are recorded at the same places.
    pub deliveries: Option<&'a [RelationshipId]>,
    /// The units that are asked about, each also the name of a property; without them, all units
    /// of deliveries that have the properties `quantity` and `unit`.
    pub units: Option<&'a [String]>,
    /// Whether all origins that the goods can have are among those of the chains.
    pub is_closed: bool,
}

/// A share of what a destination got, in one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Where the chains start; `None` for what no chain explains.
    pub origin: Option<NodeId>,
    /// Where they end.
    pub destination: NodeId,
    /// The unit; `None` for a destination of which no quantity is known in any.
    pub unit: Option<String>,
    /// The numbers; its own origin and destination are numbers of nodes.
    pub share: Share,
}

/// What an inquiry finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// By unit, destination and origin; what no chain explains last.
    pub findings: Vec<Finding>,
    /// What has to be said besides.
    pub notices: Vec<String>,
}

/// How much of what was delivered can have come from where, as chains and quantities of a case
/// have it. See [`attribute`].
///
/// A chain comes from its first node, leaves with its first event, arrives with its last, and
/// counts for its last node. Bounds on it are the quantities of its events, and of its nodes
/// labelled Consignment. What was delivered is the quantity of the last event, or else that of the
/// consignment at its end, unless this has several deliveries and how much each got is not said.
/// A place that is part of another to which the same consignment was delivered is asked about for
/// itself, and nothing is certain to have reached it.
///
/// # Errors
/// `Invalid` for a chain without a relationship, and with the element's name for a quantity that
/// is no amount, has no unit, or a bound that is not known; what `check` says, which is asked now
/// and then.
///
/// # Complexity
/// That of [`attribute`] for each unit.
pub fn inquire(
    view: View<'_>,
    chains: &[&Path],
    inquiry: &Inquiry<'_>,
    check: &dyn Fn() -> Result<()>,
) -> Result<Findings> {
    let chains: BTreeSet<&Path> = chains.iter().copied().collect();
    let chains: Vec<Chain<'_>> =
        chains.into_iter().map(|path| Chain::of(view, path)).collect::<Result<_>>()?;
    let arrivals = Arrivals::of(view, &chains, inquiry.deliveries);
    let asked = inquiry.units.map(|units| {
        units.iter().map(|name| Unit { name: name.clone(), is_property: true }).collect::<BTreeSet<_>>()
    });
    let units = asked.clone().map_or_else(|| arrivals.units(), Ok)?;
    let question = Question { view, chains, arrivals, is_closed: inquiry.is_closed, check };
    let mut found = Findings::default();
    for unit in &units {
        let rows = question.ask(Some(unit), &mut found.notices)?;
        let is_asked = |row: &Finding| asked.is_some() || row.share.delivered != Quantity::UNKNOWN;
        found.findings.extend(rows.into_iter().filter(is_asked));
    }
    if asked.is_none() {
        let known: BTreeSet<NodeId> = found.findings.iter().map(|finding| finding.destination).collect();
        let rows = question.ask(None, &mut Vec::new())?;
        found.findings.extend(rows.into_iter().filter(|row| !known.contains(&row.destination)));
    }
    Ok(found)
}

struct Question<'a> {
    view: View<'a>,
    chains: Vec<Chain<'a>>,
    arrivals: Arrivals<'a>,
    is_closed: bool,
    check: &'a dyn Fn() -> Result<()>,
}

impl Question<'_> {
    /// The rows of one unit, or those of no unit.
    fn ask(&self, unit: Option<&Unit>, notices: &mut Vec<String>) -> Result<Vec<Finding>> {
        let parts = self.arrivals.parts();
        // What a part of a place got is also counted at the place, so the two are asked about apart.
        let mut rows = self.ask_about(unit, &|destination| !parts.contains(&destination), true, notices)?;
        if !parts.is_empty() {
            rows.extend(self.ask_about(unit, &|destination| parts.contains(&destination), false, notices)?);
        }
        rows.sort_by_key(|row| (row.destination, row.origin.is_none(), row.origin));
        Ok(rows)
    }

    fn ask_about(
        &self,
        unit: Option<&Unit>,
        destinations: &dyn Fn(NodeId) -> bool,
        may_be_closed: bool,
        notices: &mut Vec<String>,
    ) -> Result<Vec<Finding>> {
        let mut numbers = BTreeMap::new();
        let arrivals: Vec<Arrival> =
            self.arrivals.iter().filter(|arrival| destinations(arrival.destination)).collect();
        let mut supply =
            Supply { is_closed: self.is_closed && may_be_closed && unit.is_some(), ..Supply::default() };
        for &arrival in &arrivals {
            let quantity =
                unit.map_or(Ok(Quantity::UNKNOWN), |unit| self.arrivals.quantity(arrival, unit))?;
            supply.deliveries.push(Delivery { destination: arrival.destination.index(), quantity });
        }
        for chain in &self.chains {
            let Ok(delivery) = arrivals.binary_search(&chain.arrival()) else { continue };
            let mut number = |about: About| -> Result<usize> {
                let fresh = numbers.len();
                let number = *numbers.entry(about).or_insert(fresh);
                if number == fresh {
                    let quantity = unit.map(|unit| quantity_in(self.view, about, unit)).transpose()?;
                    supply.limits.push(quantity.flatten().and_then(|quantity| quantity.most));
                }
                Ok(number)
            };
            let departure = number(About::Relationship(chain.departure()))?;
            let limits = chain.bounding(self.view).into_iter().map(number).collect::<Result<_>>()?;
            supply.routes.push(Route { origin: chain.origin().index(), departure, limits, delivery });
        }
        let attribution = attribute(&supply, self.check)?;
        let unit_name = unit.map_or("", |unit| &unit.name);
        if !attribution.left_out.is_empty() {
            let left_out = numbers.iter().filter(|(_, number)| attribution.left_out.contains(number));
            let names: Vec<String> = left_out.map(|(&about, _)| name_of(self.view, about)).collect();
            notices.push(format!(
                "in {unit_name}, the quantity of {} does not bound the answer: which way goods can go on from \
                 there depends on where they are from",
                names.join(", ")
            ));
        }
        if supply.is_closed && attribution.beyond > super::Amount::ZERO {
            notices.push(format!(
                "closed: true says that all origins are among those given, but {} {unit_name} cannot have \
                 come from them",
                attribution.beyond.as_float()
            ));
        }
        let ends: BTreeMap<usize, NodeId> =
            arrivals.iter().map(|a| (a.destination.index(), a.destination)).collect();
        let starts: BTreeMap<usize, NodeId> =
            self.chains.iter().map(|c| (c.origin().index(), c.origin())).collect();
        let finding = |share: Share| Finding {
            origin: share.origin.map(|origin| starts[&origin]),
            destination: ends[&share.destination],
            unit: unit.map(|unit| unit.name.clone()),
            share,
        };
        Ok(attribution.shares.into_iter().map(finding).collect())
    }
}

//! What arrived: the last events of chains, and what else is recorded as delivered there.

use std::collections::{BTreeMap, BTreeSet};

use super::Quantity;
use super::quantities::{Unit, quantity_in, unit_of};
use crate::error::{Error, Result};
use crate::graph::{Direction, Symbol, View};
use crate::model::{About, NodeId, Path, RelationshipId, TypeKind};

/// A chain, by the places in it that matter here.
#[derive(Debug, Clone)]
pub(super) struct Chain<'a> {
    pub(super) path: &'a Path,
    /// Which relationship is the first event.
    first: usize,
    /// Which relationship is the last event.
    last: usize,
}

impl<'a> Chain<'a> {
    /// Reads a path; one without events departs and arrives with its outermost relationships.
    ///
    /// # Errors
    /// `Invalid` for a path without relationships.
    pub(super) fn of(view: View<'_>, path: &'a Path) -> Result<Self> {
        let Some(end) = path.relationships.len().checked_sub(1) else {
            let message = "a chain needs a relationship: a path of one node brings nothing from anywhere";
            return Err(Error::invalid(message));
        };
        let events = || (0..=end).filter(|&hop| is_event(view, path.relationships[hop]));
        let (first, last) = (events().next().unwrap_or(0), events().next_back().unwrap_or(end));
        Ok(Self { path, first, last })
    }

    pub(super) fn origin(&self) -> NodeId {
        self.path.nodes[0]
    }

    pub(super) fn departure(&self) -> RelationshipId {
        self.path.relationships[self.first]
    }

    /// The delivery that it ends with.
    pub(super) fn arrival(&self) -> Arrival {
        let destination = self.path.nodes[self.path.nodes.len() - 1];
        Arrival { delivery: self.path.relationships[self.last], place: self.place(), destination }
    }

    /// Where the last event leads; the chain's end, unless states follow.
    fn place(&self) -> NodeId {
        self.path.nodes[self.last + 1]
    }

    /// Whether what arrived at the last event's place was at the chain's end: these are the same, or
    /// the one is part of the other. What lies near may have got it or not.
    fn ends_where_it_arrives(&self, view: View<'_>) -> bool {
        let graph = view.graph();
        let is_within = |hop: usize| {
            graph.relationship(self.path.relationships[hop]).is_some_and(|r| {
                r.start == self.path.nodes[hop] && matches!(graph.text(r.kind), "PART_OF" | "LOCATED_IN")
            })
        };
        (self.last + 1..self.path.relationships.len()).all(is_within)
    }

    /// All that can bound what goes along it, in order: its events, and its consignments.
    pub(super) fn bounding(&self, view: View<'_>) -> Vec<About> {
        let consignment = |hop: usize| {
            let node = self.path.nodes[hop];
            is_consignment(view, node).then_some(About::Node(node))
        };
        let event = |hop: usize| {
            let id = self.path.relationships[hop];
            (hop == self.first || is_event(view, id)).then_some(About::Relationship(id))
        };
        let hops = (0..=self.last).flat_map(|hop| [consignment(hop), event(hop)]);
        hops.chain([consignment(self.last + 1)]).flatten().collect()
    }
}

fn is_event(view: View<'_>, id: RelationshipId) -> bool {
    let graph = view.graph();
    graph.relationship(id).is_some_and(|r| graph.schema().kind(graph.text(r.kind)) == TypeKind::Event)
}

fn is_consignment(view: View<'_>, node: NodeId) -> bool {
    let graph = view.graph();
    let Some(label) = graph.symbol("Consignment") else { return false };
    graph.node(node).is_some_and(|node| node.labels().contains(&label))
}

/// A delivery, and the destination that it counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    pub(super) delivery: RelationshipId,
    /// The end of the delivery at which the goods arrived.
    place: NodeId,
    /// The end of the chain: the place itself, or what lies near it.
    pub(super) destination: NodeId,
}

/// How a delivery stands to the others of its consignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is the only one, or the others went to parts of its place: all went there.
    Whole,
    /// There are others, and how much each got is not said.
    Unsplit,
    /// It went to a part of a place for which another delivery stands.
    Part,
}

/// All deliveries that a question is about.
pub(super) struct Arrivals<'a> {
    view: View<'a>,
    /// Each with how it stands to others, in order.
    all: BTreeMap<Arrival, (Option<NodeId>, Standing)>,
    /// The destinations of what arrives at a place, and whether it certainly reached them.
    destinations: BTreeMap<NodeId, BTreeMap<NodeId, bool>>,
}

impl<'a> Arrivals<'a> {
    /// The deliveries of chains, with the others given, or else with all that are recorded of the
    /// same types at the same places.
    pub(super) fn of(view: View<'a>, chains: &[Chain<'_>], given: Option<&[RelationshipId]>) -> Self {
        let mut all: BTreeSet<Arrival> = chains.iter().map(Chain::arrival).collect();
        let mut destinations: BTreeMap<NodeId, BTreeMap<NodeId, bool>> = BTreeMap::new();
        for chain in chains {
            let ends = destinations.entry(chain.place()).or_default();
            *ends.entry(chain.arrival().destination).or_default() |= chain.ends_where_it_arrives(view);
        }
        let others: Vec<(RelationshipId, NodeId)> = match given {
            Some(given) => given.iter().filter_map(|&id| Some((id, place_of(view, id)?))).collect(),
            None => all.iter().flat_map(|arrival| alike(view, *arrival)).collect(),
        };
        let is_of_chain: BTreeSet<RelationshipId> = all.iter().map(|arrival| arrival.delivery).collect();
        for (delivery, place) in others.into_iter().filter(|(id, _)| !is_of_chain.contains(id)) {
            let ends = destinations.entry(place).or_insert_with(|| BTreeMap::from([(place, true)]));
            all.extend(ends.keys().map(|&destination| Arrival { delivery, place, destination }));
        }
        let with_standing = |arrival: Arrival| (arrival, standing(view, arrival));
        Self { view, all: all.into_iter().map(with_standing).collect(), destinations }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Arrival> + '_ {
        self.all.keys().copied()
    }

    /// The destinations that are parts of others: what they got is counted there, too.
    pub(super) fn parts(&self) -> BTreeSet<NodeId> {
        let parts = self.all.iter().filter(|(_, (_, standing))| *standing == Standing::Part);
        parts.map(|(arrival, _)| arrival.destination).collect()
    }

    /// The units in which quantities of deliveries are recorded.
    pub(super) fn units(&self) -> Result<BTreeSet<Unit>> {
        let mut units = BTreeSet::new();
        for (arrival, (consignment, _)) in &self.all {
            let about = [Some(About::Relationship(arrival.delivery)), consignment.map(About::Node)];
            for about in about.into_iter().flatten() {
                units.extend(unit_of(self.view, about)?.map(|name| Unit { name, is_property: false }));
            }
        }
        Ok(units)
    }

    /// How much arrived: the quantity of the delivery, or else that of its consignment.
    pub(super) fn quantity(&self, arrival: Arrival, unit: &Unit) -> Result<Quantity> {
        let own = quantity_in(self.view, About::Relationship(arrival.delivery), unit)?;
        let Some(&(consignment, standing)) = self.all.get(&arrival) else { return Ok(Quantity::UNKNOWN) };
        let is_all_known = own.is_some() || standing == Standing::Whole;
        let quantity = match (own, consignment) {
            (Some(own), _) => own,
            (None, Some(consignment)) => {
                quantity_in(self.view, About::Node(consignment), unit)?.unwrap_or_default()
            }
            (None, None) => Quantity::UNKNOWN,
        };
        let ends = self.destinations.get(&arrival.place);
        let is_there = ends.is_none_or(|ends| ends.len() == 1 && ends.values().all(|&is_there| is_there));
        match is_all_known && is_there {
            true => Ok(quantity),
            // It can have gone elsewhere as well.
            false => Ok(Quantity { least: super::Amount::ZERO, ..quantity }),
        }
    }
}

/// The other deliveries of the same type to the same place, and the place.
fn alike(view: View<'_>, arrival: Arrival) -> Vec<(RelationshipId, NodeId)> {
    let Some(relationship) = view.graph().relationship(arrival.delivery) else { return Vec::new() };
    let direction = if relationship.end == arrival.place { Direction::Incoming } else { Direction::Outgoing };
    of_type(view, arrival.place, direction, relationship.kind).map(|(id, _)| (id, arrival.place)).collect()
}

fn of_type(
    view: View<'_>,
    node: NodeId,
    direction: Direction,
    kind: Symbol,
) -> impl Iterator<Item = (RelationshipId, NodeId)> + '_ {
    let hops = view.hops(node, direction).filter(move |hop| hop.kind == kind);
    hops.map(|hop| (hop.relationship, hop.node))
}

/// Where a delivery that ends no chain leads: away from its consignment.
fn place_of(view: View<'_>, delivery: RelationshipId) -> Option<NodeId> {
    let relationship = view.graph().relationship(delivery)?;
    let is_back = is_consignment(view, relationship.end) && !is_consignment(view, relationship.start);
    Some(if is_back { relationship.start } else { relationship.end })
}

/// The consignment that was delivered, and how this delivery stands to its others.
fn standing(view: View<'_>, arrival: Arrival) -> (Option<NodeId>, Standing) {
    let Some(relationship) = view.graph().relationship(arrival.delivery) else {
        return (None, Standing::Whole);
    };
    let ends = [(relationship.start, Direction::Outgoing), (relationship.end, Direction::Incoming)];
    let Some(&(consignment, direction)) = ends.iter().find(|(node, _)| is_consignment(view, *node)) else {
        return (None, Standing::Whole);
    };
    let place = if consignment == relationship.start { relationship.end } else { relationship.start };
    let others = of_type(view, consignment, direction, relationship.kind);
    let others: Vec<NodeId> =
        others.filter(|(id, _)| *id != arrival.delivery).map(|(_, node)| node).collect();
    let standing = if others.iter().any(|&other| is_part_of(view, place, other)) {
        Standing::Part
    } else if others.iter().all(|&other| is_part_of(view, other, place)) {
        Standing::Whole
    } else {
        Standing::Unsplit
    };
    (Some(consignment), standing)
}

/// Whether a place lies in another, by any number of PART_OF.
fn is_part_of(view: View<'_>, part: NodeId, whole: NodeId) -> bool {
    let Some(kind) = view.graph().symbol("PART_OF") else { return false };
    let mut seen = BTreeSet::from([part]);
    let mut open = vec![part];
    while let Some(place) = open.pop() {
        for (_, above) in of_type(view, place, Direction::Outgoing, kind) {
            if above == whole && whole != part {
                return true;
            }
            if seen.insert(above) {
                open.push(above);
            }
        }
    }
    false
}

//! Who owns and controls whom, taken out of the graph once for a question.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::as_of::{AsOf, Truth};
use super::dispute::judged;
use super::listing::Listings;
use super::share::{Bound, Range};
use super::written::{Written, share_of};
use crate::analysis::entities::Merged;
use crate::error::Result;
use crate::graph::{Direction, Node, Symbol, View};
use crate::model::{NodeId, RelationshipId};

/// A share of an entity that an owner has, had or will have.
#[derive(Debug, Clone, PartialEq)]
pub struct Stake {
    /// The relationship `OWNS`.
    pub id: RelationshipId,
    /// The owner's place among the entities.
    pub owner: u32,
    /// The place of what is owned.
    pub entity: u32,
    /// All that the share can be.
    pub share: Range,
    /// Whether it is held.
    pub holds: Truth,
    /// Whether somebody without an interest of their own disputes it.
    pub is_disputed: bool,
    /// Whether it may be another stake told again: the same owner has one in the same entity, by another
    /// record of one of them.
    pub may_repeat: bool,
    /// The joint arrangement that it is part of.
    pub arrangement: Option<Box<str>>,
}

impl Stake {
    /// Whether it is held, as far as that is known.
    #[must_use]
    pub fn truth(&self) -> Truth {
        if self.is_disputed || self.may_repeat { self.holds.min(Truth::Maybe) } else { self.holds }
    }

    /// What it adds in every world.
    #[must_use]
    pub fn least(&self) -> Bound {
        if self.truth() == Truth::Yes { self.share.least } else { Bound::ZERO }
    }

    /// The most that it adds in any world.
    #[must_use]
    pub fn most(&self) -> Bound {
        if self.truth() == Truth::No { Bound::ZERO } else { self.share.most }
    }

    /// How the share was written.
    #[must_use]
    pub fn written(&self, view: View<'_>) -> Written {
        share_of(view, self.id)
    }
}

/// Control without shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// The relationship `CONTROLS`.
    pub id: RelationshipId,
    /// Who controls.
    pub controller: u32,
    /// What is controlled.
    pub entity: u32,
    /// Whether it holds.
    pub holds: Truth,
    /// Whether somebody without an interest of their own disputes it.
    pub is_disputed: bool,
}

impl Control {
    /// Whether it holds, as far as that is known.
    #[must_use]
    pub fn truth(&self) -> Truth {
        if self.is_disputed { self.holds.min(Truth::Maybe) } else { self.holds }
    }
}

/// For each entity the places of what it has.
#[derive(Debug, Default)]
struct Groups {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Groups {
    /// Groups the items 0..n by `group`; within one they keep their order.
    fn new(n_groups: usize, n_items: usize, group: impl Fn(usize) -> u32) -> Self {
        let mut starts = vec![0_u32; n_groups + 1];
        (0..n_items).for_each(|item| starts[group(item) as usize + 1] += 1);
        for at in 0..n_groups {
            starts[at + 1] += starts[at];
        }
        let (mut next, mut items) = (starts.clone(), vec![0; n_items]);
        for item in 0..n_items {
            let place = &mut next[group(item) as usize];
            items[*place as usize] = place_of(item);
            *place += 1;
        }
        Self { starts, items }
    }

    fn of(&self, group: u32) -> &[u32] {
        let at = group as usize;
        &self.items[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

fn place_of(index: usize) -> u32 {
    u32::try_from(index).expect("there are no more relationships than their ids")
}

/// Owners, entities and what lies between them, with numbers of their own.
#[derive(Debug, Default)]
pub struct Network {
    /// The entities, each by its place.
    pub entities: Vec<NodeId>,
    /// All stakes, those that are over too.
    pub stakes: Vec<Stake>,
    /// All control without shares.
    pub controls: Vec<Control>,
    /// Whether each entity is listed itself.
    pub listed: Vec<Truth>,
    /// Whether each entity is a thing, such as a ship, and no person or body.
    pub is_thing: Vec<bool>,
    /// Which nodes are read as one entity; each is then the first of its parts.
    pub merged: Merged,
    places: FxHashMap<NodeId, u32>,
    stakes_in: Groups,
    stakes_of: Groups,
    controls_of: Groups,
    controls_by: Groups,
}

/// Labels of what is property and has none.
const THINGS: &[&str] =
    &["Airplane", "Consignment", "Facility", "Port", "RealEstate", "Train", "Vehicle", "Vessel"];
/// Labels of what can own.
const BODIES: &[&str] = &["Company", "LegalEntity", "Organization", "Person", "PublicBody"];

impl Network {
    /// Takes it out of a view: all of it, or what lies above one entity, which is all that its
    /// verdict depends on. The view should show ended states, since they are judged here.
    ///
    /// # Errors
    /// What `check` gives, which is asked now and then.
    ///
    /// # Complexity
    /// O(V + E) for the entities and relationships taken, and the claims on these.
    pub fn new(
        view: View<'_>,
        entity: Option<NodeId>,
        as_of: &AsOf,
        (listings, merged): (&Listings<'_>, Merged),
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Self> {
        let graph = view.graph();
        let [owns, controls] = ["OWNS", "CONTROLS"].map(|name| graph.symbol(name));
        let mut taken = Self { merged, ..Self::default() };
        match entity {
            Some(entity) => taken.take_above(view, entity, [owns, controls], as_of, check)?,
            None => {
                for (count, id) in view.relationships().enumerate() {
                    if count % 65_536 == 0 {
                        check()?;
                    }
                    taken.take(view, id, [owns, controls], as_of);
                }
            }
        }
        taken.finish(view, listings);
        Ok(taken)
    }

    fn take_above(
        &mut self,
        view: View<'_>,
        entity: NodeId,
        types: [Option<Symbol>; 2],
        as_of: &AsOf,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<()> {
        let wanted: Vec<Symbol> = types.into_iter().flatten().collect();
        self.place(entity);
        let mut at = 0;
        while at < self.entities.len() && !wanted.is_empty() {
            if at % 4096 == 0 {
                check()?;
            }
            let parts = self.merged.parts_of(self.entities[at]).into_iter();
            let found = parts.flat_map(|part| view.expand(part, Direction::Incoming, &wanted));
            let found: Vec<RelationshipId> = found.map(|(id, _)| id).collect();
            found.into_iter().for_each(|id| self.take(view, id, types, as_of));
            at += 1;
        }
        Ok(())
    }

    fn take(&mut self, view: View<'_>, id: RelationshipId, types: [Option<Symbol>; 2], as_of: &AsOf) {
        let Some(relationship) = view.relationship(id) else { return };
        let kind = Some(relationship.kind);
        if !types.contains(&kind) {
            return;
        }
        let (holds, is_disputed) = judged(view, id, as_of);
        let [owner, entity] = [relationship.start, relationship.end].map(|node| self.place(node));
        if kind == types[0] {
            let arrangement = view.relationship_property(id, "arrangement");
            let arrangement = (!arrangement.is_null()).then(|| arrangement.to_string().into());
            let share = share_of(view, id).range;
            let may_repeat = false;
            self.stakes.push(Stake { id, owner, entity, share, holds, is_disputed, may_repeat, arrangement });
        } else {
            self.controls.push(Control { id, controller: owner, entity, holds, is_disputed });
        }
    }

    fn place(&mut self, node: NodeId) -> u32 {
        let node = self.merged.entity_of(node);
        *self.places.entry(node).or_insert_with(|| {
            self.entities.push(node);
            place_of(self.entities.len() - 1)
        })
    }

    fn finish(&mut self, view: View<'_>, listings: &Listings<'_>) {
        let n = self.entities.len();
        let (stakes, controls) = (&self.stakes, &self.controls);
        self.stakes_in = Groups::new(n, stakes.len(), |at| stakes[at].entity);
        self.stakes_of = Groups::new(n, stakes.len(), |at| stakes[at].owner);
        self.controls_of = Groups::new(n, controls.len(), |at| controls[at].entity);
        self.controls_by = Groups::new(n, controls.len(), |at| controls[at].controller);
        let merged = &self.merged;
        let truth = |&entity: &NodeId| {
            let parts = merged.parts_of(entity).into_iter();
            parts.map(|part| listings.truth(part)).max().unwrap_or(Truth::No)
        };
        self.listed = self.entities.iter().map(truth).collect();
        let symbols = |names: &[&str]| -> Vec<Symbol> {
            names.iter().filter_map(|name| view.graph().symbol(name)).collect()
        };
        let (things, bodies) = (symbols(THINGS), symbols(BODIES));
        let is_thing = |&entity: &NodeId| {
            let parts = merged.parts_of(entity).into_iter();
            let labels = parts.filter_map(|part| view.node(part)).flat_map(Node::labels);
            let labels: Vec<&Symbol> = labels.collect();
            labels.iter().any(|l| things.contains(l)) && !labels.iter().any(|l| bodies.contains(l))
        };
        self.is_thing = self.entities.iter().map(is_thing).collect();
        let repeats = self.repeats(view);
        repeats.into_iter().for_each(|at| self.stakes[at as usize].may_repeat = true);
    }

    /// Stakes that may be others told again. Two records of one company may each have the same owner with
    /// its share, which is then one stake and not two; or a second one. Of each pair of merged owner and
    /// entity, the stakes between those two records are kept that come to most.
    fn repeats(&self, view: View<'_>) -> Vec<u32> {
        /// The stakes between each pair of records.
        type Records = BTreeMap<(NodeId, NodeId), Vec<u32>>;
        let mut told: BTreeMap<(u32, u32), Records> = BTreeMap::new();
        for (at, stake) in (0..).zip(&self.stakes) {
            let Some(relationship) = view.relationship(stake.id) else { continue };
            let ends = (relationship.start, relationship.end);
            if self.merged.is_part(ends.0) || self.merged.is_part(ends.1) {
                let records = told.entry((stake.owner, stake.entity)).or_default();
                records.entry(ends).or_default().push(at);
            }
        }
        let least = |stakes: &Vec<u32>| {
            let stakes = stakes.iter().map(|&at| self.stakes[at as usize].least());
            stakes.fold(Bound::ZERO, Bound::plus)
        };
        let mut repeats = Vec::new();
        for records in told.into_values() {
            let most = records.values().map(least).max().unwrap_or_default();
            let kept = records.values().position(|stakes| least(stakes) == most);
            let others = records.into_values().enumerate().filter(|(at, _)| Some(*at) != kept);
            repeats.extend(others.flat_map(|(_, stakes)| stakes));
        }
        repeats
    }

    /// The place of an entity, if it is part of it.
    #[must_use]
    pub fn place_of(&self, entity: NodeId) -> Option<u32> {
        self.places.get(&self.merged.entity_of(entity)).copied()
    }

    /// The places of the stakes in an entity.
    #[must_use]
    pub fn stakes_in(&self, entity: u32) -> &[u32] {
        self.stakes_in.of(entity)
    }

    /// The places of the stakes that an owner has.
    #[must_use]
    pub fn stakes_of(&self, owner: u32) -> &[u32] {
        self.stakes_of.of(owner)
    }

    /// The places of the control over an entity.
    #[must_use]
    pub fn controls_of(&self, entity: u32) -> &[u32] {
        self.controls_of.of(entity)
    }

    /// The places of the control that a controller has.
    #[must_use]
    pub fn controls_by(&self, controller: u32) -> &[u32] {
        self.controls_by.of(controller)
    }

    /// What all stakes in an entity come to at least.
    #[must_use]
    pub fn least_of_all(&self, entity: u32) -> Bound {
        let stakes = self.stakes_in(entity).iter();
        stakes.map(|&at| self.stakes[at as usize].least()).fold(Bound::ZERO, Bound::plus)
    }
}

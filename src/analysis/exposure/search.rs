//! Paths from an entity to the listed parties around it.
//!
//! A breadth-first search over pairs of a node and what the path to it is so far: its category,
//! whether it only goes up or only down, how many weak steps it has, and whether a step is over.
//! Each pair is gone on from once, so that each party comes once for each way in which the entity is
//! exposed to it, with a shortest path.
//!
//! The search does not go on from a listed party, nor through hubs: flag states, registries,
//! addresses and lists, on which so much hangs that a path through them says nothing, and nodes with
//! more relations than a bound.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::rules::{Category, Heading, Rules};
use crate::analysis::entities::Merged;
use crate::analysis::ownership::{AsOf, Ground, Listings, Truth};
use crate::error::Result;
use crate::graph::{Direction, View};
use crate::model::schema::Role;
use crate::model::{NodeId, Path, RelationshipId};

/// Where the listed party stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// It is the entity itself.
    Itself,
    /// It owns or controls the entity.
    Above,
    /// The entity owns or controls it.
    Below,
    /// Neither.
    Beside,
}

impl Position {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Above => "above",
            Self::Below => "below",
            Self::Beside => "beside",
        }
    }
}

/// What bounds a search.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The most steps of a path.
    pub hops_max: usize,
    /// The most steps of a path that are no ownership and no control.
    pub weak_hops_max: usize,
    /// The most relations of a node that a path goes on through.
    pub degree_max: usize,
    /// Whether relations that are over are followed too, and told so.
    pub with_ended: bool,
    /// Which nodes are read as one: going from one part to another is no step.
    pub merged: Merged,
}

impl Default for Asked {
    fn default() -> Self {
        Self { hops_max: 6, weak_hops_max: 2, degree_max: 200, with_ended: false, merged: Merged::default() }
    }
}

/// A listed party, and how the entity is exposed to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// The party.
    pub party: NodeId,
    /// How.
    pub category: Category,
    /// Where the party stands.
    pub position: Position,
    /// Whether a step of the path is over.
    pub is_ended: bool,
    /// From the entity to the party.
    pub path: Path,
    /// On which grounds it is listed.
    pub listings: Vec<Ground>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// By category, then by hops.
    pub exposures: Vec<Exposure>,
    /// Hubs that were reached and not gone through.
    pub hubs: BTreeSet<NodeId>,
    /// Whether a bound on hops left something out.
    pub is_cut: bool,
}

/// What a path is so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Nature {
    category: Category,
    position: Position,
    weak_hops: u8,
    is_ended: bool,
}

/// A place in the search, and how it was come to.
#[derive(Clone, Copy)]
struct Place {
    node: NodeId,
    nature: Nature,
    came_by: Option<(RelationshipId, usize)>,
    hops: usize,
}

/// Finds the listed parties that an entity is exposed to.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// O(N·E) for E relations within reach and N natures of a path, some dozens at most.
pub fn exposure(
    view: View<'_>,
    entity: NodeId,
    (rules, listings, as_of): (&Rules, &Listings<'_>, &AsOf),
    asked: &Asked,
    check: &dyn Fn() -> Result<()>,
) -> Result<Found> {
    let view = view.for_chronological(true);
    let mut search =
        Search { view, entity, rules, listings, as_of, asked, places: Vec::new(), found: Found::default() };
    search.run(check)?;
    let mut found = search.found;
    found
        .exposures
        .sort_by_key(|e| (e.is_ended, e.category, e.path.relationships.len(), e.position, e.party));
    Ok(found)
}

struct Search<'a> {
    view: View<'a>,
    entity: NodeId,
    rules: &'a Rules,
    listings: &'a Listings<'a>,
    as_of: &'a AsOf,
    asked: &'a Asked,
    places: Vec<Place>,
    found: Found,
}

impl Search<'_> {
    fn run(&mut self, check: &dyn Fn() -> Result<()>) -> Result<()> {
        let nature =
            Nature { category: Category::Listed, position: Position::Itself, weak_hops: 0, is_ended: false };
        self.places.push(Place { node: self.entity, nature, came_by: None, hops: 0 });
        let mut seen = FxHashSet::from_iter([(self.entity, nature)]);
        // A party is told once for each category and position, by its first, shortest path.
        let mut told = BTreeSet::new();
        let mut at = 0;
        while at < self.places.len() {
            if at % 1024 == 0 {
                check()?;
            }
            let place = self.places[at];
            let listings = self.listings.grounds(place.node);
            let is_listed = !listings.is_empty();
            if is_listed {
                let Nature { category, position, is_ended, .. } = place.nature;
                if told.insert((place.node, category, position, is_ended)) {
                    let path = self.path(at);
                    let party = place.node;
                    self.found.exposures.push(Exposure {
                        party,
                        category,
                        position,
                        is_ended,
                        path,
                        listings,
                    });
                }
            }
            // What is listed itself is gone on from, and so are the other parts of it.
            if (is_listed && place.nature.position != Position::Itself) || self.is_hub(place) {
                at += 1;
                continue;
            }
            for next in self.next(at, place) {
                if seen.insert((next.node, next.nature)) {
                    self.places.push(next);
                }
            }
            at += 1;
        }
        Ok(())
    }

    /// Whether a path does not go on from a place; the entity that is asked about always does.
    fn is_hub(&mut self, place: Place) -> bool {
        let is_hub = place.nature.position != Position::Itself
            && (self.view.role(place.node) == Role::Hub
                || self.view.degree(place.node, Direction::Either, self.rules.types())
                    > self.asked.degree_max);
        if is_hub {
            self.found.hubs.insert(place.node);
        }
        is_hub
    }

    fn next(&mut self, at: usize, place: Place) -> Vec<Place> {
        // No types would be all types.
        if self.rules.types().is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (id, node) in self.view.expand(place.node, Direction::Either, self.rules.types()) {
            let Some(relationship) = self.view.relationship(id) else { continue };
            if self.asked.merged.ties(id) {
                found.push(Place { node, came_by: Some((id, at)), ..place });
                continue;
            }
            let Some((category, heading)) = self.rules.of(relationship.kind) else { continue };
            let holds = self.as_of.holds(relationship.period);
            // What is over may be told; what has not begun is not there.
            let is_over = holds == Truth::No;
            if is_over && (!self.asked.with_ended || self.as_of.is_before(relationship.period)) {
                continue;
            }
            let position = match (heading, relationship.start == place.node) {
                (Heading::Level, _) => Position::Beside,
                (Heading::Down, true) | (Heading::Up, false) => Position::Below,
                (Heading::Down, false) | (Heading::Up, true) => Position::Above,
            };
            let Some(nature) = self.and(place.nature, category, position, is_over) else {
                self.found.is_cut = true;
                continue;
            };
            if self.is_on_path(at, node) {
                continue;
            }
            if place.hops == self.asked.hops_max {
                self.found.is_cut = true;
                continue;
            }
            found.push(Place { node, nature, came_by: Some((id, at)), hops: place.hops + 1 });
        }
        found
    }

    /// What a path is with one more step; none where it has too many weak ones.
    fn and(&self, so_far: Nature, category: Category, position: Position, is_over: bool) -> Option<Nature> {
        let is_first = so_far.position == Position::Itself;
        let is_turn = !is_first && so_far.position != position;
        // Going up and down again links two entities no closer than a link does.
        let weak_hops = so_far.weak_hops.saturating_add(u8::from(category >= Category::Linked || is_turn));
        let position = if is_turn { Position::Beside } else { position };
        // Up to a common owner and down again is no ownership.
        let weakest = if position == Position::Beside { Category::Linked } else { Category::Owned };
        (usize::from(weak_hops) <= self.asked.weak_hops_max).then_some(Nature {
            category: so_far.category.max(category).max(weakest),
            position,
            weak_hops,
            is_ended: so_far.is_ended || is_over,
        })
    }

    /// Whether the entity of a node was there before.
    fn is_on_path(&self, mut at: usize, node: NodeId) -> bool {
        let entity_of = |node| self.asked.merged.entity_of(node);
        loop {
            let place = self.places[at];
            match place.came_by {
                _ if entity_of(place.node) == entity_of(node) => return true,
                Some((_, before)) => at = before,
                None => return false,
            }
        }
    }

    fn path(&self, mut at: usize) -> Path {
        let (mut nodes, mut relationships) = (vec![self.places[at].node], Vec::new());
        while let Some((id, before)) = self.places[at].came_by {
            relationships.push(id);
            nodes.push(self.places[before].node);
            at = before;
        }
        nodes.reverse();
        relationships.reverse();
        Path { nodes, relationships }
    }
}

//! OpenSanctions' topics, and how they spread from an entity to those around it.
//!
//! The rules are those of OpenSanctions' own analysis as of August 2026, told in
//! <https://github.com/opensanctions/opensanctions/issues/4496> and, for securities, 4538: relations spread
//! `sanction.linked` one step; ownership spreads `sanction.control` and
//! `export.control.linked` down, at any depth and whatever the share. That is no 50 Percent Rule,
//! which asks how much is owned. What is given is what they add: a topic that an entity has
//! already, or a stronger one, is not given again.
//!
//! Unlike there, a relation with an end in the future still holds: an end is compared with the date.
//! Besides, an entity that an authority lists gets `sanction`, a ship that handed its cargo to another
//! ship or took it `mare.sts`, and one that was detained `mare.detained`. `mare.shadow` and the other
//! topics are kept where they are given; no relation implies them.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::ownership::{AsOf, Listings, Truth, topics};
use crate::error::Result;
use crate::graph::{Direction, Symbol, View};
use crate::model::{NodeId, Period, RelationshipId};

/// How a topic spreads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicRule {
    /// Topics from which it spreads.
    pub from: &'static [&'static str],
    /// Relations that it spreads along, each with the way: see [`Way`].
    along: &'static [Relation],
    /// The topic that is given.
    pub to: &'static str,
    /// Another that is given with it.
    pub with: Option<&'static str>,
    /// Topics with which an entity needs it no more.
    pub unless: &'static [&'static str],
    /// Whether it goes on from those that it is given to.
    pub spreads: bool,
    /// Whether only persons get it.
    persons_only: bool,
}

/// Which way a topic goes along a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From its start to its end.
    Forward,
    /// Both ways.
    Either,
}

/// The names of a kind of relation, ours and FollowTheMoney's, without case and `_`; and the way.
type Relation = (&'static [&'static str], Way);

const OWNERSHIP: &[&str] = &["owns", "ownership", "ownerof"];
const FAMILY: &[&str] = &["familyof", "family", "relatedto", "relativeof"];

/// All rules.
#[rustfmt::skip]
pub const TOPIC_RULES: &[TopicRule] = &[
    TopicRule { from: &["role.pep"], along: &[(FAMILY, Way::Either)], to: "role.rca", with: None,
                unless: &["role.pep", "role.rca"], spreads: false, persons_only: true },
    TopicRule { from: &["sanction"], to: "sanction.linked", with: None,
                along: &[(OWNERSHIP, Way::Either), (FAMILY, Way::Either),
                         (&["directs", "directorship", "directorof"], Way::Either),
                         (&["memberof", "membership", "affiliatedwith"], Way::Either),
                         (&["employedby", "employeeof", "employment", "employs", "worksfor"], Way::Either),
                         (&["associate", "associateof", "associatedwith"], Way::Either),
                         (&["succeeded", "succeeds", "succession", "successorof"], Way::Either),
                         (&["issued", "issuedby", "issuer", "issues", "security"], Way::Either)],
                unless: &["sanction", "sanction.linked"], spreads: false, persons_only: false },
    TopicRule { from: &["sanction", "sanction.control"], along: &[(OWNERSHIP, Way::Forward)],
                to: "sanction.control", with: Some("sanction.linked"),
                unless: &["sanction", "sanction.control"], spreads: true, persons_only: false },
    TopicRule { from: &["export.control", "export.control.linked"], along: &[(OWNERSHIP, Way::Forward)],
                to: "export.control.linked", with: None,
                unless: &["export.control", "export.control.linked"], spreads: true, persons_only: false },
];

/// Relations that are a topic of both their ends, where these are ships.
const OF_SHIPS: &[(&str, &str)] =
    &[("TRANSFERRED_TO", "mare.sts"), ("DETAINED_AT", "mare.detained"), ("DETAINED_BY", "mare.detained")];

/// Labels of what is no person.
const NO_PERSONS: &[&str] = &["Company", "Organization", "PublicBody", "Vessel"];

/// A topic that an entity gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Derived {
    /// The entity.
    pub entity: NodeId,
    /// The topic.
    pub topic: &'static str,
}

/// The topics that entities get besides those that they have, in order of the entities.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// O(V + E): each rule goes on from each entity at most once.
pub fn derive_topics(
    view: View<'_>,
    listings: &Listings<'_>,
    as_of: &AsOf,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<Derived>> {
    let view = view.for_chronological(true);
    let mut spreading = Spreading { view, as_of, given: FxHashMap::default(), found: BTreeSet::new() };
    let topics_name = view.graph().symbol("topics");
    for (count, entity) in view.nodes().enumerate() {
        if count % 65_536 == 0 {
            check()?;
        }
        let own = topics_name.map(|name| topics(view.node(entity), name)).unwrap_or_default();
        let is_said = own.iter().any(|topic| topic == "sanction");
        if !own.is_empty() {
            spreading.given.insert(entity, own);
        }
        if !is_said && listings.truth(entity) == Truth::Yes {
            spreading.given.entry(entity).or_default().push("sanction".to_owned());
            spreading.found.insert(Derived { entity, topic: "sanction" });
        }
    }
    for rule in TOPIC_RULES {
        check()?;
        spreading.apply(rule);
    }
    for (kind, topic) in OF_SHIPS {
        spreading.apply_to_ships(kind, topic);
    }
    Ok(spreading.found.into_iter().collect())
}

struct Spreading<'a> {
    view: View<'a>,
    as_of: &'a AsOf,
    /// The topics that entities have, or have by a listing.
    given: FxHashMap<NodeId, Vec<String>>,
    found: BTreeSet<Derived>,
}

impl Spreading<'_> {
    fn apply(&mut self, rule: &TopicRule) {
        let (forward, backward) = self.types(rule);
        let has = |topics: &Vec<String>| topics.iter().any(|topic| rule.from.contains(&topic.as_str()));
        let mut waiting: Vec<NodeId> =
            self.given.iter().filter(|(_, topics)| has(topics)).map(|(&entity, _)| entity).collect();
        let mut seen: FxHashSet<NodeId> = waiting.iter().copied().collect();
        while let Some(entity) = waiting.pop() {
            let mut targets = self.held(entity, Direction::Outgoing, &forward);
            targets.extend(self.held(entity, Direction::Incoming, &backward));
            for target in targets {
                if self.give(rule, target) && rule.spreads && seen.insert(target) {
                    waiting.push(target);
                }
            }
        }
    }

    /// Gives the topics of a rule to an entity, unless it has them; whether it did.
    fn give(&mut self, rule: &TopicRule, entity: NodeId) -> bool {
        let has = |wanted: &[&str]| {
            let own = self.given.get(&entity);
            own.is_some_and(|own| own.iter().any(|topic| wanted.contains(&topic.as_str())))
        };
        if has(rule.unless) || (rule.persons_only && self.is_a(entity, NO_PERSONS)) {
            return false;
        }
        let with = rule.with.filter(|topic| !has(&["sanction"]) && !has(&[*topic]));
        let topics = std::iter::once(rule.to).chain(with);
        self.found.extend(topics.map(|topic| Derived { entity, topic }));
        true
    }

    /// The other ends of relations of an entity that are not over.
    fn held(&self, entity: NodeId, direction: Direction, types: &[Symbol]) -> Vec<NodeId> {
        if types.is_empty() {
            return Vec::new();
        }
        let found = self.view.expand(entity, direction, types);
        found.filter(|&(id, _)| self.is_held(id)).map(|(_, node)| node).collect()
    }

    /// Whether a relation is not over; FollowTheMoney writes `startDate` and `endDate`.
    fn is_held(&self, id: RelationshipId) -> bool {
        let side =
            |name: &str| Some(self.view.relationship_property(id, name)).filter(|side| !side.is_null());
        let theirs = Period::read(side("startDate").as_ref(), side("endDate").as_ref()).unwrap_or_default();
        let ours = self.view.relationship(id).map(|relationship| relationship.period);
        ours.is_some_and(|ours| self.as_of.holds(ours).min(self.as_of.holds(theirs)) > Truth::No)
    }

    /// The types along which a rule goes from the start to the end, and those along which it goes back too.
    fn types(&self, rule: &TopicRule) -> (Vec<Symbol>, Vec<Symbol>) {
        let graph = self.view.graph();
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        for (name, _) in graph.types_in_use() {
            let plain = name.replace('_', "").to_lowercase();
            let ways = rule.along.iter().filter(|(names, _)| names.contains(&plain.as_str()));
            for (way, symbol) in ways.filter_map(|(_, way)| Some((*way, graph.symbol(name)?))) {
                forward.push(symbol);
                backward.extend((way == Way::Either).then_some(symbol));
            }
        }
        (forward, backward)
    }

    /// Gives a topic to the ships at the ends of relations of a type. They are events, or periods that
    /// begun: neither is undone by being over.
    fn apply_to_ships(&mut self, kind: &str, topic: &'static str) {
        let Some(kind) = self.view.graph().symbol(kind) else { return };
        for id in self.view.relationships() {
            let Some(relationship) = self.view.relationship(id).filter(|r| r.kind == kind) else { continue };
            if self.as_of.is_before(relationship.period) {
                continue;
            }
            let ends = [relationship.start, relationship.end];
            let are_ships = ends.map(|end| self.is_a(end, &["Vessel"]));
            // Cargo that goes ashore, or into a lorry, is no transfer between ships.
            if topic == "mare.sts" && are_ships != [true, true] {
                continue;
            }
            for (entity, _) in ends.into_iter().zip(are_ships).filter(|(_, is_ship)| *is_ship) {
                let own = self.given.get(&entity);
                if !own.is_some_and(|own| own.iter().any(|known| known == topic)) {
                    self.found.insert(Derived { entity, topic });
                }
            }
        }
    }

    fn is_a(&self, entity: NodeId, labels: &[&str]) -> bool {
        let own = self.view.node(entity).map_or(&[][..], |node| node.labels());
        own.iter().any(|&label| labels.contains(&self.view.graph().text(label)))
    }
}

//! Why an entity is blocked, not blocked or undecided: a tree of what the verdict rests on.

use std::collections::{BTreeMap, BTreeSet};

use super::as_of::Truth;
use super::inquiry::{Inquiry, Verdict};
use super::listing::Ground;
use super::network::Stake;
use super::share::{Bound, Range};
use super::spread::Reason;
use crate::analysis::called;
use crate::graph::{Direction, Symbol};
use crate::model::{NodeId, RelationshipId};

/// What the verdict on an entity rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The entity.
    pub entity: NodeId,
    /// The nodes that are read as it, where they are several.
    pub parts: Vec<NodeId>,
    /// What the rule says of it.
    pub verdict: Verdict,
    /// In a few words, why.
    pub why: Why,
    /// What blocked owners that count together hold of it.
    pub share: Range,
    /// Listings of its own that count and are in force, or may be.
    pub listings: Vec<Ground>,
    /// Who holds shares of it, or held them, and who controls it.
    pub holdings: Vec<Holding>,
    /// Listed parties that direct, manage or operate it, which is no ownership; told of the root only.
    pub others: Vec<Holding>,
    /// What a reader has to know besides.
    pub notes: Vec<String>,
    /// Whether its holdings are told elsewhere in the tree, or left out for length.
    pub is_cut: bool,
}

/// The ground of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is listed itself.
    Listed,
    /// Blocked owners hold enough.
    Owned,
    /// A blocked owner has an interest in this thing.
    Interest,
    /// It is controlled, and control counts.
    Controlled,
    /// It depends on what is not known.
    Open,
    /// Blocked owners hold something, and not enough.
    NotEnough,
    /// No blocked owner is recorded.
    NoBlockedOwner,
    /// The regime has no rule as of the date.
    NoRule,
}

/// A stake or control in a proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// `OWNS`, `CONTROLS`, or another part in it, such as `DIRECTS`.
    pub relationship: RelationshipId,
    /// Who.
    pub owner: NodeId,
    /// The share; none for control and other parts.
    pub share: Option<Range>,
    /// Whether it is held.
    pub holds: Truth,
    /// Whether somebody disputes it.
    pub is_disputed: bool,
    /// Whether the verdict rests on it.
    pub counts: bool,
    /// Why the owner is blocked or not; none for parts that the rule does not ask about.
    pub proof: Option<Box<Proof>>,
}

/// Other parts that are no ownership; a blocked party in one is told, since dealing with that party is
/// restricted all the same.
const OTHER_PARTS: &[&str] =
    &["AFFILIATED_WITH", "CHARTERS", "DIRECTS", "EMPLOYED_BY", "MANAGES", "OPERATES"];

/// What is left to tell, and what has been.
struct Telling {
    left: usize,
    told: BTreeSet<u32>,
}

impl Inquiry<'_> {
    /// Why an entity has its verdict, with at most `entities_max` entities. Each is told once; where it
    /// comes again, the tree is cut. The owners that a blocked entity rests on were blocked before it, so
    /// that no proof goes in a circle.
    ///
    /// # Complexity
    /// O(stakes and listings of the entities told).
    #[must_use]
    pub fn proof(&self, entity: u32, entities_max: usize) -> Proof {
        let mut telling = Telling { left: entities_max, told: BTreeSet::new() };
        let mut proof = self.tell(entity, &mut telling);
        proof.others = self.other_parts(entity);
        if self.rules().is_none() {
            let (name, when) = (self.question.regime.name, "as of this date");
            proof.notes.push(format!("no rule of {name} is in force {when}: only listings count"));
        }
        proof
    }

    fn tell(&self, entity: u32, telling: &mut Telling) -> Proof {
        let node = self.network.entities[entity as usize];
        let parts = self.network.merged.parts_of(node);
        let verdict = self.verdict(entity);
        let mut proof = Proof {
            entity: node,
            parts: Some(parts.clone()).filter(|parts| parts.len() > 1).unwrap_or_default(),
            verdict,
            why: self.why(entity),
            share: self.share(entity),
            listings: parts.iter().flat_map(|&part| self.listings.grounds(part)).collect(),
            holdings: Vec::new(),
            others: Vec::new(),
            notes: Vec::new(),
            is_cut: false,
        };
        // What is blocked by its own listing rests on nobody else; above it, nothing has to be told.
        let is_ground = proof.why == Why::Listed && !telling.told.is_empty();
        let is_new = telling.told.insert(entity);
        let has_owners =
            !self.network.stakes_in(entity).is_empty() || !self.network.controls_of(entity).is_empty();
        if !is_new || telling.left == 0 {
            proof.is_cut = has_owners && !is_ground;
            return proof;
        }
        telling.left -= 1;
        if !proof.parts.is_empty() {
            let names: Vec<String> = proof.parts.iter().map(|&part| called(self.view, part)).collect();
            proof.notes.push(format!("read as one, since they are judged the same: {}", names.join(", ")));
        }
        if !is_ground {
            proof.holdings = self.stakes_told(entity, telling);
            proof.holdings.extend(self.controls_told(entity, telling));
            proof.notes.extend(self.notes(entity));
        }
        proof
    }

    fn why(&self, entity: u32) -> Why {
        match (&self.outcome.reasons[entity as usize], self.verdict(entity)) {
            (Some(Reason::Listed), _) => Why::Listed,
            (Some(Reason::Controlled(_)), _) => Why::Controlled,
            (Some(Reason::Owned(_)), _) if self.is_any_interest(entity) => Why::Interest,
            (Some(Reason::Owned(_)), _) => Why::Owned,
            (None, Verdict::Undecided) => Why::Open,
            (None, _) if self.rules().is_none() => Why::NoRule,
            (None, _) if self.outcome.most[entity as usize] > Bound::ZERO => Why::NotEnough,
            (None, _) => Why::NoBlockedOwner,
        }
    }

    fn stakes_told(&self, entity: u32, telling: &mut Telling) -> Vec<Holding> {
        let counted: &[u32] = match &self.outcome.reasons[entity as usize] {
            Some(Reason::Owned(stakes)) => stakes,
            _ => &[],
        };
        let is_open = self.verdict(entity) == Verdict::Undecided;
        let mut stakes: Vec<u32> = self.network.stakes_in(entity).to_vec();
        // What the verdict rests on comes first, and larger shares before smaller ones.
        stakes.sort_by_key(|at| {
            let stake = &self.network.stakes[*at as usize];
            let owner = self.verdict(stake.owner);
            std::cmp::Reverse((counted.contains(at), owner, stake.most(), stake.least()))
        });
        let told = stakes.into_iter().map(|at| {
            let stake = &self.network.stakes[at as usize];
            let may_count = is_open && self.verdict(stake.owner) > Verdict::NotBlocked;
            let counts = counted.contains(&at) || (may_count && stake.truth() > Truth::No);
            let is_over = stake.holds == Truth::No;
            Holding {
                relationship: stake.id,
                owner: self.network.entities[stake.owner as usize],
                share: Some(stake.share),
                holds: stake.holds,
                is_disputed: stake.is_disputed,
                counts,
                proof: (!is_over).then(|| Box::new(self.tell(stake.owner, telling))),
            }
        });
        told.collect()
    }

    fn controls_told(&self, entity: u32, telling: &mut Telling) -> Vec<Holding> {
        let controls = self.network.controls_of(entity).iter();
        let told = controls.map(|&at| {
            let control = &self.network.controls[at as usize];
            let is_reason = self.outcome.reasons[entity as usize] == Some(Reason::Controlled(at));
            let may_count = self.counts_control()
                && self.verdict(entity) == Verdict::Undecided
                && self.verdict(control.controller) > Verdict::NotBlocked
                && control.truth() > Truth::No;
            let is_over = control.holds == Truth::No;
            Holding {
                relationship: control.id,
                owner: self.network.entities[control.controller as usize],
                share: None,
                holds: control.holds,
                is_disputed: control.is_disputed,
                counts: is_reason || may_count,
                proof: (!is_over).then(|| Box::new(self.tell(control.controller, telling))),
            }
        });
        told.collect()
    }

    /// Listed parties that direct, manage or operate the entity and do not own it by that.
    fn other_parts(&self, entity: u32) -> Vec<Holding> {
        let graph = self.view.graph();
        let types: Vec<Symbol> = OTHER_PARTS.iter().filter_map(|name| graph.symbol(name)).collect();
        if types.is_empty() {
            return Vec::new();
        }
        let nodes = self.network.merged.parts_of(self.network.entities[entity as usize]).into_iter();
        let parts = nodes.flat_map(|node| self.view.expand(node, Direction::Incoming, &types));
        let blocked = parts.filter(|&(_, owner)| {
            let place = self.network.place_of(owner);
            let is_blocked = place.is_some_and(|place| self.verdict(place) == Verdict::Blocked);
            is_blocked || self.listings.truth(owner) > Truth::No
        });
        let told = blocked.filter_map(|(relationship, owner)| {
            let holds = self.question.as_of.holds(self.view.relationship(relationship)?.period);
            let part = Holding {
                relationship,
                owner,
                share: None,
                holds,
                is_disputed: false,
                counts: false,
                proof: None,
            };
            (holds > Truth::No).then_some(part)
        });
        told.collect()
    }

    fn notes(&self, entity: u32) -> Vec<String> {
        let stakes: Vec<&Stake> =
            self.network.stakes_in(entity).iter().map(|&at| &self.network.stakes[at as usize]).collect();
        let name = |place: u32| called(self.view, self.network.entities[place as usize]);
        let mut notes = Vec::new();
        let all = self.network.least_of_all(entity);
        if all > Bound::WHOLE {
            notes.push(format!("inconsistent: the shares recorded come to {}", Range::exactly(all).least));
        }
        let mut by_owner: BTreeMap<u32, Vec<&Stake>> = BTreeMap::new();
        for stake in stakes.iter().filter(|stake| stake.holds > Truth::No) {
            by_owner.entry(stake.owner).or_default().push(stake);
        }
        for (owner, stakes) in by_owner.into_iter().filter(|(_, stakes)| stakes.len() > 1) {
            let count = stakes.len();
            notes.push(match stakes.iter().any(|stake| stake.may_repeat) {
                true => format!("{} has {count} stakes by different records; they may be one", name(owner)),
                false => format!("{} has {count} stakes on record; they are added up", name(owner)),
            });
        }
        for stake in &stakes {
            let written = stake.written(self.view);
            if let (true, Some(words)) = (written.is_unreadable, written.words) {
                notes.push(format!(
                    "the share of {} is written {words}, which is no share",
                    name(stake.owner)
                ));
            }
        }
        if !self.counts_control() {
            notes.extend(self.control_cautions(entity).map(|controller| {
                let regime = self.question.regime.name;
                format!("caution: {controller} controls it; control alone does not block under {regime}")
            }));
        }
        notes
    }

    fn control_cautions(&self, entity: u32) -> impl Iterator<Item = String> {
        let controls = self.network.controls_of(entity).iter().map(|&at| &self.network.controls[at as usize]);
        let held = controls.filter(|control| control.truth() > Truth::No);
        let blocked = held.filter(|control| self.verdict(control.controller) > Verdict::NotBlocked);
        blocked.map(|control| called(self.view, self.network.entities[control.controller as usize]))
    }
}

//! How blocking spreads from listed parties through a network of owners: the least fixed point.
//!
//! An entity is blocked if it is listed, or if stakes of blocked owners in it are enough. So the
//! blocked set is the least one that holds the listed and is closed under the rule: what is not
//! forced into it stays out, and two companies that own each other are not blocked by that.
//! It is found by going on from each new member to what it owns, adding its stake to the sum of
//! each; nothing is multiplied along a chain. Source of the construction: the least model of a
//! monotone rule system, as in W. F. Dowling and J. H. Gallier, "Linear-time algorithms for
//! testing the satisfiability of propositional Horn formulae" (1984), with sums in place of counts.
//!
//! # Unknown facts
//!
//! Shares may be ranges, and stakes, listings and control may be uncertain. A *world* gives each
//! of them one value: a share within its range; a stake that may be over, anything from nothing to
//! its share; and no entity is owned by more than the whole of it, unless what is recorded already
//! comes to more, which is an inconsistency that is told.
//! An entity is blocked if it is in every world, and not blocked if it is in none.
//!
//! Two runs decide that, without enumerating anything. More share for a blocked owner never makes
//! an entity less blocked, so the world in which every share is the least it can be blocks the
//! fewest entities, and one run in it finds what is blocked in every world. For the most, an
//! entity's blocked owners can hold the sum of their greatest shares, and no more than what the
//! least shares of all others leave. Each entity's shares may be chosen when it joins the set,
//! for the owners that are in it then; later members only add. So one world reaches all that any
//! world reaches, and one run with these sums finds what is blocked in some world.

use super::as_of::Truth;
use super::network::Network;
use super::regime::{Aggregation, Rules};
use super::share::Bound;
use crate::error::Result;

/// Which world a run is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum World {
    /// That which blocks the fewest.
    Least,
    /// That which blocks the most.
    Most,
}

/// Why an entity is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is listed.
    Listed,
    /// These stakes in it, by their places, are enough. Their owners were blocked before it was.
    Owned(Vec<u32>),
    /// By this control over it.
    Controlled(u32),
}

/// What holds for each entity of a network, by its place.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Why it is blocked in every world, if it is.
    pub reasons: Vec<Option<Reason>>,
    /// Whether it is blocked in some world.
    pub is_possible: Vec<bool>,
    /// What blocked owners that count together hold at least.
    pub least: Vec<Bound>,
    /// What they hold at most.
    pub most: Vec<Bound>,
}

/// Finds what is blocked in every world and in some world.
///
/// Without rules, because none are in force, only what is listed is blocked.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// O(V + E) where the stakes of all blocked owners add up. Where each listed party counts alone,
/// O(V + P·R) for P listed parties that each reach R stakes and control; R is all of E at worst.
pub(super) fn spread(
    network: &Network,
    rules: Option<&Rules>,
    check: &dyn Fn() -> Result<()>,
) -> Result<Outcome> {
    let n = network.entities.len();
    let mut outcome = Outcome {
        reasons: vec![None; n],
        is_possible: vec![false; n],
        least: vec![Bound::ZERO; n],
        most: vec![Bound::ZERO; n],
    };
    for world in [World::Least, World::Most] {
        let wanted = if world == World::Least { Truth::Yes } else { Truth::Maybe };
        let listed: Vec<u32> =
            (0..).zip(&network.listed).filter(|(_, t)| **t >= wanted).map(|(at, _)| at).collect();
        for &at in &listed {
            outcome.admit(at, world, || Reason::Listed);
        }
        let Some(rules) = rules else { continue };
        let mut run = Run::new(network, rules, world);
        match rules.aggregation {
            Aggregation::All => run.from(&listed, &mut outcome, check)?,
            Aggregation::EachParty => {
                for party in listed {
                    run.from(&[party], &mut outcome, check)?;
                    run.clear();
                }
            }
        }
    }
    Ok(outcome)
}

impl Outcome {
    /// Notes that an entity is blocked; the first reason stays.
    fn admit(&mut self, entity: u32, world: World, reason: impl FnOnce() -> Reason) {
        match world {
            World::Least => {
                self.reasons[entity as usize].get_or_insert_with(reason);
            }
            World::Most => self.is_possible[entity as usize] = true,
        }
    }

    /// Notes what the owners of a run hold; of several runs the most counts.
    fn note_share(&mut self, entity: u32, world: World, share: Bound) {
        let shares = if world == World::Least { &mut self.least } else { &mut self.most };
        let noted = &mut shares[entity as usize];
        *noted = share.max(*noted);
    }
}

/// One run from some parties, with what it has counted.
struct Run<'n> {
    network: &'n Network,
    rules: &'n Rules,
    world: World,
    /// What all stakes in an entity come to at least.
    least_of_all: Vec<Bound>,
    /// What the stakes that count come to, for each entity.
    sums: Vec<Bound>,
    /// The least shares among them.
    leasts: Vec<Bound>,
    /// Which stakes count.
    counted: Vec<bool>,
    is_blocked: Vec<bool>,
    /// The blocked, in the order in which they were found; also what is still to be gone on from.
    blocked: Vec<u32>,
    /// Entities with stakes that count.
    touched: Vec<u32>,
    touched_stakes: Vec<u32>,
}

impl<'n> Run<'n> {
    fn new(network: &'n Network, rules: &'n Rules, world: World) -> Self {
        let n = network.entities.len();
        let least_of_all = match world {
            World::Least => Vec::new(),
            World::Most => (0..).take(n).map(|entity| network.least_of_all(entity)).collect(),
        };
        Self {
            network,
            rules,
            world,
            least_of_all,
            sums: vec![Bound::ZERO; n],
            leasts: vec![Bound::ZERO; n],
            counted: vec![false; network.stakes.len()],
            is_blocked: vec![false; n],
            blocked: Vec::new(),
            touched: Vec::new(),
            touched_stakes: Vec::new(),
        }
    }

    fn from(&mut self, parties: &[u32], outcome: &mut Outcome, check: &dyn Fn() -> Result<()>) -> Result<()> {
        parties.iter().for_each(|&party| self.block(party));
        let mut at = 0;
        while let Some(&member) = self.blocked.get(at) {
            if at % 65_536 == 0 {
                check()?;
            }
            self.go_on_from(member, outcome);
            at += 1;
        }
        for &entity in &self.touched {
            outcome.note_share(entity, self.world, self.share(entity));
        }
        Ok(())
    }

    fn block(&mut self, entity: u32) {
        if !std::mem::replace(&mut self.is_blocked[entity as usize], true) {
            self.blocked.push(entity);
        }
    }

    fn go_on_from(&mut self, owner: u32, outcome: &mut Outcome) {
        let network = self.network;
        for &at in network.stakes_of(owner) {
            self.count(at);
            let entity = network.stakes[at as usize].entity;
            if !self.is_blocked[entity as usize] && self.is_enough(entity) {
                outcome.admit(entity, self.world, || Reason::Owned(self.counted_in(entity)));
                self.block(entity);
            }
        }
        if !self.rules.counts_control {
            return;
        }
        let wanted = if self.world == World::Least { Truth::Yes } else { Truth::Maybe };
        for &at in network.controls_by(owner) {
            let control = &network.controls[at as usize];
            if control.truth() >= wanted && !self.is_blocked[control.entity as usize] {
                outcome.admit(control.entity, self.world, || Reason::Controlled(at));
                self.block(control.entity);
            }
        }
    }

    /// Counts a stake of a blocked owner and, where joint arrangements count, those that are part of the
    /// same one.
    fn count(&mut self, at: u32) {
        self.count_one(at);
        let network = self.network;
        let stake = &network.stakes[at as usize];
        if let Some(arrangement) = stake.arrangement.as_ref().filter(|_| self.rules.counts_arrangements)
            && self.holds(at)
        {
            for &other in network.stakes_in(stake.entity) {
                if network.stakes[other as usize].arrangement.as_ref() == Some(arrangement) {
                    self.count_one(other);
                }
            }
        }
    }

    /// Whether the owner of a stake has something through it in this world.
    fn holds(&self, at: u32) -> bool {
        let stake = &self.network.stakes[at as usize];
        let share = if self.world == World::Least { stake.least() } else { stake.most() };
        share > Bound::ZERO
    }

    fn count_one(&mut self, at: u32) {
        if std::mem::replace(&mut self.counted[at as usize], true) {
            return;
        }
        let stake = &self.network.stakes[at as usize];
        let entity = stake.entity as usize;
        self.touched_stakes.push(at);
        self.touched.push(stake.entity);
        self.leasts[entity] = self.leasts[entity].plus(stake.least());
        self.sums[entity] = match self.world {
            World::Least => self.leasts[entity],
            World::Most => self.sums[entity].plus(stake.most()),
        };
    }

    /// What the stakes that count come to in this world.
    fn share(&self, entity: u32) -> Bound {
        let entity = entity as usize;
        match self.world {
            World::Least => self.sums[entity],
            World::Most if self.least_of_all[entity] > Bound::WHOLE => self.sums[entity],
            World::Most => {
                let of_others = self.least_of_all[entity].minus(self.leasts[entity]);
                self.sums[entity].min(Bound::WHOLE.minus(of_others))
            }
        }
    }

    fn is_enough(&self, entity: u32) -> bool {
        let share = self.share(entity);
        let is_any_interest = self.rules.counts_any_interest && self.network.is_thing[entity as usize];
        if is_any_interest { share > Bound::ZERO } else { self.rules.is_enough(share) }
    }

    fn counted_in(&self, entity: u32) -> Vec<u32> {
        let stakes = self.network.stakes_in(entity).iter().copied();
        stakes.filter(|&at| self.counted[at as usize] && self.holds(at)).collect()
    }

    /// Forgets what was counted, in the time that counting it took.
    fn clear(&mut self) {
        for entity in self.touched.drain(..) {
            self.sums[entity as usize] = Bound::ZERO;
            self.leasts[entity as usize] = Bound::ZERO;
        }
        self.touched_stakes.drain(..).for_each(|at| self.counted[at as usize] = false);
        self.blocked.drain(..).for_each(|entity| self.is_blocked[entity as usize] = false);
    }
}

//! The facts that would decide.

use super::as_of::Truth;
use super::inquiry::{Inquiry, Verdict};
use super::listing::Ground;
use super::nearest::nearest;
use super::network::Stake;
use super::regime::Aggregation;
use super::share::Bound;
use crate::analysis::called;
use crate::error::Result;
use crate::model::RelationshipId;

/// The most facts that are named; an investigation goes on from the first.
const NAMED_MAX: usize = 20;

/// A fact that is not known and matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// How large a stake is, by its place.
    Share(u32),
    /// Since when, or until when, a stake is held.
    Period(u32),
    /// Whether there is a stake at all, since somebody disputes it.
    Stake(u32),
    /// Whether a stake is another one than that which a different record of its owner or entity has.
    Repeated(u32),
    /// Since when, or until when, an entity is controlled, by the place of the control.
    ControlPeriod(u32),
    /// Whether it is controlled at all, since somebody disputes it.
    Control(u32),
    /// Since when, or until when, an entity is listed.
    ListingPeriod(u32, RelationshipId),
    /// Whether it is listed at all, since somebody disputes it.
    Listing(u32, RelationshipId),
}

/// What a stake adds for an entity whose verdict is open.
struct Part {
    stake: u32,
    least: Bound,
    most: Bound,
}

/// The facts that are missing for each undecided entity.
#[derive(Debug, Default)]
pub struct MissingFacts(Vec<Vec<Missing>>);

impl MissingFacts {
    /// The facts of which each alone could decide an entity, by its place, the nearest first; where none
    /// could alone, all that could together. Facts about owners whose own verdict is open come with their
    /// owners. At most 20 are named; none where the entity is decided.
    #[must_use]
    pub fn of(&self, entity: u32) -> &[Missing] {
        self.0.get(entity as usize).map_or(&[], Vec::as_slice)
    }
}

/// A fact with the relationship that it is about, by which facts that are equally near are ordered.
type Fact = (RelationshipId, Missing);

impl Inquiry<'_> {
    /// The facts that would decide, for all entities that are undecided.
    ///
    /// # Errors
    /// What `check` gives, which is asked now and then.
    ///
    /// # Complexity
    /// O(V + 20 · E · log E) for the stakes and control above undecided entities.
    pub fn missing(&self, check: &dyn Fn() -> Result<()>) -> Result<MissingFacts> {
        let n = u32::try_from(self.network.entities.len()).unwrap_or(u32::MAX);
        let is_open = |entity: &u32| self.verdict(*entity) == Verdict::Undecided;
        if !(0..n).any(|entity| is_open(&entity)) {
            return Ok(MissingFacts::default());
        }
        let mut facts = self.missing_among(true, check)?;
        // Companies that own each other can each seem to decide the other, and where each party counts alone
        // it may be open whose an owner is that is blocked in any case. Then all facts are named.
        let without: Vec<u32> =
            (0..n).filter(is_open).filter(|&entity| facts[entity as usize].is_empty()).collect();
        if !without.is_empty() {
            let mut all = self.missing_among(false, check)?;
            for entity in without {
                facts[entity as usize] = std::mem::take(&mut all[entity as usize]);
            }
        }
        let named = |facts: Vec<Fact>| facts.into_iter().map(|(_, fact)| fact).collect();
        let open = (0..n).zip(facts).map(|(entity, facts)| if is_open(&entity) { facts } else { Vec::new() });
        Ok(MissingFacts(open.map(named).collect()))
    }

    /// Takes the facts of each entity whose verdict is open down along the stakes that could decide alone;
    /// or those of all entities that are or may be blocked, along all stakes.
    fn missing_among(&self, only_alone: bool, check: &dyn Fn() -> Result<()>) -> Result<Vec<Vec<Fact>>> {
        let n = self.network.entities.len();
        let (mut own, mut below) = (vec![Vec::new(); n], vec![Vec::new(); n]);
        for (entity, own) in (0..).zip(&mut own) {
            if entity % 65_536 == 0 {
                check()?;
            }
            let verdict = self.verdict(entity);
            if verdict == Verdict::NotBlocked || (only_alone && verdict == Verdict::Blocked) {
                continue;
            }
            let mut found = Vec::new();
            if verdict == Verdict::Undecided {
                self.missing_listings(entity, &mut found);
            }
            let stakes = if only_alone { self.deciding(entity) } else { self.all_that_may_count(entity) };
            for &at in &stakes {
                self.missing_of_stake(at, &mut found);
                below[self.stake(at).owner as usize].push(entity);
            }
            let controls = self.network.controls_of(entity).iter().filter(|_| self.counts_control());
            for &at in controls {
                self.missing_of_control(at, &mut found);
                below[self.network.controls[at as usize].controller as usize].push(entity);
            }
            own.extend(found.into_iter().map(|fact| (self.relationship_of(fact), fact)));
        }
        nearest(own, &below, NAMED_MAX, check)
    }

    fn relationship_of(&self, fact: Missing) -> RelationshipId {
        match fact {
            Missing::Share(at) | Missing::Period(at) | Missing::Stake(at) | Missing::Repeated(at) => {
                self.stake(at).id
            }
            Missing::ControlPeriod(at) | Missing::Control(at) => self.network.controls[at as usize].id,
            Missing::ListingPeriod(_, id) | Missing::Listing(_, id) => id,
        }
    }

    fn all_that_may_count(&self, entity: u32) -> Vec<u32> {
        let stakes = self.network.stakes_in(entity).iter().copied();
        let may_count = |at: &u32| {
            let stake = self.stake(*at);
            self.verdict(stake.owner) > Verdict::NotBlocked || self.is_in_arrangement(stake)
        };
        stakes.filter(may_count).collect()
    }

    fn stake(&self, at: u32) -> &Stake {
        &self.network.stakes[at as usize]
    }

    /// The uncertain stakes in an entity that could decide alone, else all that are uncertain.
    fn deciding(&self, entity: u32) -> Vec<u32> {
        let parts: Vec<Part> = self.network.stakes_in(entity).iter().map(|&at| self.part(at)).collect();
        let uncertain = || parts.iter().filter(|part| part.least < part.most);
        if self.rules().is_none_or(|rules| rules.aggregation == Aggregation::EachParty) {
            return uncertain().map(|part| part.stake).collect();
        }
        let sum = |side: fn(&Part) -> Bound| parts.iter().map(side).fold(Bound::ZERO, Bound::plus);
        let (least, most) = (sum(|part| part.least), sum(|part| part.most));
        let most = most.min(self.outcome.most[entity as usize]);
        let decides = |part: &&Part| {
            let if_most = least.minus(part.least).plus(part.most);
            let if_least = most.minus(part.most).plus(part.least);
            self.is_enough(entity, if_most) || !self.is_enough(entity, if_least)
        };
        let alone: Vec<u32> = uncertain().filter(decides).map(|part| part.stake).collect();
        if alone.is_empty() { uncertain().map(|part| part.stake).collect() } else { alone }
    }

    fn part(&self, at: u32) -> Part {
        let stake = self.stake(at);
        let (least, most) = match self.verdict(stake.owner) {
            Verdict::Blocked => (stake.least(), stake.most()),
            Verdict::Undecided => (Bound::ZERO, stake.most()),
            Verdict::NotBlocked if self.is_in_arrangement(stake) => (stake.least(), stake.most()),
            Verdict::NotBlocked => (Bound::ZERO, Bound::ZERO),
        };
        Part { stake: at, least, most }
    }

    fn is_in_arrangement(&self, stake: &Stake) -> bool {
        stake.arrangement.is_some() && self.rules().is_some_and(|rules| rules.counts_arrangements)
    }

    fn missing_of_stake(&self, at: u32, found: &mut Vec<Missing>) {
        let stake = self.stake(at);
        // Where any interest is enough, only whether there is one matters.
        let is_settled = self.is_any_interest(stake.entity) && stake.share.least > Bound::ZERO;
        if stake.share.exact().is_none() && !is_settled && stake.holds > Truth::No {
            found.push(Missing::Share(at));
        }
        if stake.holds == Truth::Maybe && !stake.is_disputed {
            found.push(Missing::Period(at));
        }
        if stake.is_disputed && stake.holds > Truth::No {
            found.push(Missing::Stake(at));
        }
        if stake.may_repeat && stake.holds > Truth::No && !self.is_any_interest(stake.entity) {
            found.push(Missing::Repeated(at));
        }
    }

    fn missing_of_control(&self, at: u32, found: &mut Vec<Missing>) {
        let control = &self.network.controls[at as usize];
        if self.verdict(control.controller) == Verdict::NotBlocked {
            return;
        }
        if control.holds == Truth::Maybe && !control.is_disputed {
            found.push(Missing::ControlPeriod(at));
        }
        if control.is_disputed && control.holds > Truth::No {
            found.push(Missing::Control(at));
        }
    }

    fn missing_listings(&self, entity: u32, found: &mut Vec<Missing>) {
        for ground in self.listings.grounds(self.network.entities[entity as usize]) {
            if let Ground::Relationship { id, holds, is_disputed, .. } = ground {
                let is_coarse = holds == Truth::Maybe && !is_disputed;
                found.extend(is_coarse.then_some(Missing::ListingPeriod(entity, id)));
                found.extend(is_disputed.then_some(Missing::Listing(entity, id)));
            }
        }
    }

    /// A missing fact as a reader would ask for it.
    #[must_use]
    pub fn missing_words(&self, missing: Missing) -> String {
        let name = |place: u32| called(self.view, self.network.entities[place as usize]);
        match missing {
            Missing::Share(at) => {
                let stake = self.stake(at);
                let known = match stake.share.to_string().as_str() {
                    "not known" => String::new(),
                    range => format!(", known as {range}"),
                };
                format!("the share of {} in {}{known}", name(stake.owner), name(stake.entity))
            }
            Missing::Period(at) => {
                let stake = self.stake(at);
                let when = self.uncertain_side(stake.id);
                format!("{when} {} held its share in {}", name(stake.owner), name(stake.entity))
            }
            Missing::Stake(at) => {
                let stake = self.stake(at);
                format!("whether {} owned {} then: it is disputed", name(stake.owner), name(stake.entity))
            }
            Missing::Repeated(at) => {
                let stake = self.stake(at);
                let [owner, entity] = [stake.owner, stake.entity].map(name);
                format!("whether the stakes of {owner} in {entity} are several, or one that two records have")
            }
            Missing::ControlPeriod(at) => {
                let control = &self.network.controls[at as usize];
                let when = self.uncertain_side(control.id);
                format!("{when} {} controlled {}", name(control.controller), name(control.entity))
            }
            Missing::Control(at) => {
                let control = &self.network.controls[at as usize];
                let [controller, entity] = [control.controller, control.entity].map(name);
                format!("whether {controller} controlled {entity} then: it is disputed")
            }
            Missing::ListingPeriod(entity, id) => {
                format!("{} {} was listed", self.uncertain_side(id), name(entity))
            }
            Missing::Listing(entity, _) => {
                format!("whether {} was listed then: it is disputed", name(entity))
            }
        }
    }

    /// `since when in 2022`, `until when in 2022-06`: the side that is too coarse to tell.
    fn uncertain_side(&self, id: RelationshipId) -> String {
        let sides = [("from", "since"), ("to", "until")];
        let coarse = sides.iter().filter_map(|(property, word)| {
            let value = self.view.relationship_property(id, property);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.question.as_of.is_within(&value).then(|| format!("{word} when in {text}"))
        });
        coarse.collect::<Vec<_>>().join(" and ")
    }
}

//! A question about a view, answered for every entity at once or for one.

use super::as_of::AsOf;
use super::listing::{Authorities, Listings};
use super::network::Network;
use super::regime::{Regime, Rules};
use super::share::{Bound, Range};
use super::spread::{Outcome, spread};
use crate::analysis::entities::Merged;
use crate::error::Result;
use crate::graph::View;
use crate::model::NodeId;

/// What the rule says of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Whatever the unknown facts are.
    NotBlocked,
    /// It depends on unknown facts.
    Undecided,
    /// Whatever the unknown facts are.
    Blocked,
}

impl Verdict {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotBlocked => "not blocked",
            Self::Undecided => "undecided",
            Self::Blocked => "blocked",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The regime.
    pub regime: &'static Regime,
    /// Its rules; none where it has none as of the instant.
    pub rules: Option<Rules>,
    /// As of when.
    pub as_of: AsOf,
    /// Whose listings count.
    pub authorities: Authorities,
    /// Whether nodes that were judged to be one entity are read as one.
    pub is_merged: bool,
}

impl Question {
    /// The regime's own rules as of an instant, and the listings of its own authorities.
    /// Where time is counted in integers, the newest rules are meant.
    #[must_use]
    pub fn new(regime: &'static Regime, as_of: AsOf) -> Self {
        let rules = match as_of.day() {
            Some(day) => regime.rules_on(day).copied(),
            None => regime.rules.last().copied(),
        };
        Self { regime, rules, as_of, authorities: Authorities::Of(regime.jurisdiction), is_merged: false }
    }
}

/// A question with its answer.
///
/// # Example
/// ```
/// use throughline::analysis::ownership::{AsOf, Inquiry, Question, Regime};
/// use throughline::graph::{Graph, View};
/// use throughline::model::Value;
///
/// let graph = Graph::new();
/// let regime = Regime::find("OFAC").expect("it is known");
/// let question = Question::new(regime, AsOf::read(&Value::from("2024-01-01"))?);
/// let inquiry = Inquiry::new(View::new(&graph, None, true), &question, None, &|| Ok(()))?;
/// assert!(inquiry.owned().is_empty());
/// # Ok::<(), throughline::Error>(())
/// ```
pub struct Inquiry<'a> {
    pub(super) view: View<'a>,
    pub(super) question: &'a Question,
    /// Who owns and controls whom.
    pub network: Network,
    /// Who is listed.
    pub listings: Listings<'a>,
    pub(super) outcome: Outcome,
}

impl<'a> Inquiry<'a> {
    /// Answers for all entities, or for one and those above it.
    ///
    /// Ended states are judged here, so that the view is looked at with them showing.
    ///
    /// # Errors
    /// What `check` gives, which is asked now and then.
    ///
    /// # Complexity
    /// That of [`Network::new`] and of the spreading: O(V + E), times the number of listed parties
    /// where each counts alone.
    pub fn new(
        view: View<'a>,
        question: &'a Question,
        entity: Option<NodeId>,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Self> {
        let view = view.for_chronological(true);
        let (as_of, topics) = (&question.as_of, question.regime.topics);
        let listings = Listings::new(view, as_of, question.authorities.clone(), topics);
        let merged = if question.is_merged { Merged::of_view(view, check)? } else { Merged::default() };
        let network = Network::new(view, entity, as_of, (&listings, merged), check)?;
        let outcome = spread(&network, question.rules.as_ref(), check)?;
        Ok(Self { view, question, network, listings, outcome })
    }

    /// What was asked.
    #[must_use]
    pub fn question(&self) -> &'a Question {
        self.question
    }

    /// What was looked at.
    #[must_use]
    pub fn view(&self) -> View<'a> {
        self.view
    }

    /// The places of the entities that have an owner on record or, where control counts, somebody who
    /// controls them, in the order of their nodes.
    #[must_use]
    pub fn owned(&self) -> Vec<u32> {
        let is_owned = |at: &u32| {
            let is_controlled = !self.network.controls_of(*at).is_empty();
            !self.network.stakes_in(*at).is_empty() || (is_controlled && self.counts_control())
        };
        let mut owned: Vec<u32> = (0..).take(self.network.entities.len()).filter(is_owned).collect();
        owned.sort_by_key(|&at| self.network.entities[at as usize]);
        owned
    }

    /// What the rule says of an entity, by its place.
    #[must_use]
    pub fn verdict(&self, entity: u32) -> Verdict {
        let at = entity as usize;
        match (&self.outcome.reasons[at], self.outcome.is_possible[at]) {
            (Some(_), _) => Verdict::Blocked,
            (None, true) => Verdict::Undecided,
            (None, false) => Verdict::NotBlocked,
        }
    }

    /// What blocked owners that count together hold of an entity.
    #[must_use]
    pub fn share(&self, entity: u32) -> Range {
        let at = entity as usize;
        Range { least: self.outcome.least[at], most: self.outcome.most[at].max(self.outcome.least[at]) }
    }

    pub(super) fn rules(&self) -> Option<&Rules> {
        self.question.rules.as_ref()
    }

    pub(super) fn counts_control(&self) -> bool {
        self.rules().is_some_and(|rules| rules.counts_control)
    }

    /// Whether any interest in an entity is enough.
    pub(super) fn is_any_interest(&self, entity: u32) -> bool {
        self.rules().is_some_and(|rules| rules.counts_any_interest) && self.network.is_thing[entity as usize]
    }

    pub(super) fn is_enough(&self, entity: u32, share: Bound) -> bool {
        match self.is_any_interest(entity) {
            true => share > Bound::ZERO,
            false => self.rules().is_some_and(|rules| rules.is_enough(share)),
        }
    }
}

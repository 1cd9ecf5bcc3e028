//! What a path search is asked, what it asks in turn, and what it gives.

use super::chronological::Bounds;
use super::cost::Cost;
use super::pattern::{Pattern, Slot};
use super::rank::{Mode, Selector};
use super::step::Prefix;
use crate::error::Result;
use crate::model::{Interval, NodeId, Path, RelationshipId};

/// What a path search is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The pattern.
    pub pattern: &'a Pattern,
    /// What may not repeat.
    pub mode: Mode,
    /// Which paths of each pair.
    pub selector: Selector,
    /// The order in time that is asked for; `None` without `CHRONOLOGICAL`.
    pub bounds: Option<Bounds>,
    /// The slots whose matches tell two answers with the same path apart.
    pub named: &'a [Slot],
    /// Relationships that other patterns of the same clause use.
    pub taken: &'a [RelationshipId],
    /// The only nodes at which paths can end, where they are known.
    pub ends: Option<&'a [NodeId]>,
    /// Whether no filter looks back at what other parts of the pattern matched, but for
    /// those of a repeated relationship at that relationship and its nodes.
    pub is_memoryless: bool,
    /// When to give up.
    pub limits: Limits,
}

/// When a search gives up, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many extensions it may try.
    pub work_max: u64,
    /// How many paths it may find.
    pub results_max: usize,
    /// How many beginnings of paths may wait for their turn, which bounds memory.
    pub waiting_max: usize,
    /// How many bytes of rows a statement may keep for sorts, groups, joins and its answer.
    pub memory_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { work_max: 50_000_000, results_max: 1_000_000, waiting_max: 2_000_000, memory_max: 4 << 30 }
    }
}

impl Limits {
    /// What is told where the work limit stopped a search.
    pub(super) fn out_of_work(&self, found: usize) -> String {
        let most = self.work_max;
        format!("the path search stopped at its work limit of {most} steps; paths found: {found}")
    }

    /// What is told where too many beginnings of paths waited.
    pub(super) fn crowded(&self, found: usize) -> String {
        let most = self.waiting_max;
        format!(
            "the path search stopped at its limit of {most} beginnings of paths in memory; paths found: {found}"
        )
    }

    /// What is told where there were more paths than may be found.
    pub(super) fn full(&self) -> String {
        format!("the path search stopped at its limit of {} paths", self.results_max)
    }
}

impl Question<'_> {
    /// A match with what the question names of it: two that are equal in this are
    /// one answer, found in two ways.
    pub(super) fn as_asked(&self, found: &Match) -> Match {
        let named = |(slot, _): &&(Slot, Bound)| self.named.contains(slot);
        Match { path: found.path.clone(), bindings: found.bindings.iter().filter(named).copied().collect() }
    }
}

/// Decides what the search cannot: filters on nodes, relationships and repetitions.
pub trait Matcher {
    /// Whether `node` satisfies the node pattern `slot`.
    ///
    /// # Errors
    /// What evaluating the filter gives.
    fn node(&mut self, slot: Slot, node: NodeId, prefix: Prefix<'_>) -> Result<bool>;

    /// Whether `relationship` satisfies the relationship pattern `slot`; type and
    /// direction are already checked.
    ///
    /// # Errors
    /// What evaluating the filter gives.
    fn relationship(&mut self, slot: Slot, relationship: RelationshipId, prefix: Prefix<'_>) -> Result<bool>;

    /// Whether what `prefix` ends with passes the filter `slot` of its parentheses.
    ///
    /// # Errors
    /// What evaluating the filter gives.
    fn filter(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool>;

    /// What a relationship costs; asked only for [`Selector::Cheapest`].
    ///
    /// # Errors
    /// Where it has no cost, or a negative one.
    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost>;

    /// Called now and then; an error stops the search.
    ///
    /// # Errors
    /// `Interrupted`.
    fn check(&mut self) -> Result<()>;

    /// What can be said of a slot's filter before anything is asked.
    fn outline(&mut self, _slot: Slot) -> Outline {
        Outline::default()
    }
}

/// What a filter comes to, as far as it is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// A relationship whose period begins outside does not pass.
    pub window: Interval,
    /// Whether everything else passes, so that nothing has to be asked.
    pub is_all: bool,
}

impl Outline {
    /// Whether there is no filter: every node passes, or every relationship of the right type.
    pub(super) fn is_free(self) -> bool {
        self.is_all && self.window == Interval::ALL
    }
}

impl Default for Outline {
    /// Nothing is known.
    fn default() -> Self {
        Self { window: Interval::ALL, is_all: false }
    }
}

/// What a slot of the pattern was matched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bound {
    /// A node.
    Node(NodeId),
    /// A relationship.
    Relationship(RelationshipId),
}

/// A path found, with what each slot was matched with, in the order walked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Match {
    /// The path.
    pub path: Path,
    /// Slots inside a repetition appear once for each.
    pub bindings: Vec<(Slot, Bound)>,
}

/// What a search found, and whether a limit stopped it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The paths, those of one pair in the order of their rank.
    pub matches: Vec<Match>,
    /// Which limit stopped the search, and how far it came.
    pub stopped: Option<String>,
}

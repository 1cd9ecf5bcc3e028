//! One side of a breadth-first search: what was reached, level by level.

use std::ops::ControlFlow;

use super::automaton::{ACCEPT, ArcId, StateId};
use super::marks::{self, Marks};
use super::product::{Found, Product, Step, Visit, Way};
use crate::model::{NodeId, RelationshipId};

/// A state at a node, and how it was reached first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) state: StateId,
    pub(super) node: NodeId,
    /// The arc taken: to this state, or from it where the search runs backwards.
    pub(super) arc: ArcId,
    pub(super) via: RelationshipId,
    /// The entry from which it was reached; its own place for the first ones.
    pub(super) link: u32,
}

/// What was reached from one side. It never holds a state at a node twice.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) way: Way,
    pub(super) marks: Marks,
    /// In the order of their distance.
    pub(super) entries: Vec<Entry>,
    /// Where each level begins; the last is the frontier.
    pub(super) levels: Vec<usize>,
    /// The frontier by how much there is to expand, least first, once it is known.
    order: Option<Vec<(usize, u32)>>,
}

impl Side {
    pub(super) fn new(way: Way, product: &Product<'_>) -> Self {
        let marks = marks::take(product.automaton.n_states(), product.view.graph().node_bound());
        Self { way, marks, entries: Vec::new(), levels: vec![0], order: None }
    }

    /// Puts in a state at which the search begins.
    pub(super) fn begin(&mut self, state: StateId, node: NodeId, arc: ArcId) {
        if self.marks.insert(state, node) {
            let link = place(self.entries.len());
            self.entries.push(Entry { state, node, arc, via: RelationshipId::default(), link });
        }
    }

    /// How many relationships away the frontier is.
    pub(super) fn depth(&self) -> usize {
        self.levels.len() - 1
    }

    pub(super) fn frontier(&self) -> std::ops::Range<usize> {
        self.levels[self.depth()]..self.entries.len()
    }

    /// Whether there is nothing left to expand.
    pub(super) fn is_exhausted(&self) -> bool {
        self.frontier().is_empty()
    }

    /// Begins the next level; gives the entries that have to be expanded for it, those
    /// with the fewest relationships first.
    pub(super) fn next_level(&mut self, product: &Product<'_>) -> Vec<(usize, u32)> {
        self.cost(product);
        self.levels.push(self.entries.len());
        self.order.take().unwrap_or_default()
    }

    /// How many relationships the next level looks at.
    pub(super) fn cost(&mut self, product: &Product<'_>) -> usize {
        let frontier = self.frontier();
        let order = self.order.get_or_insert_with(|| {
            let degree = |at: usize| {
                let entry = self.entries[at];
                product.n_steps(self.way, (entry.state, entry.node))
            };
            let mut order: Vec<(usize, u32)> = frontier.map(|at| (degree(at), place(at))).collect();
            order.sort_unstable();
            order
        });
        order.iter().map(|(degree, _)| degree).sum()
    }

    /// Puts in a state that a step leads to; whether it is new.
    #[inline]
    pub(super) fn reach(&mut self, state: StateId, node: NodeId, step: Step, link: u32) -> bool {
        let is_new = self.marks.insert(state, node);
        if is_new {
            self.entries.push(Entry { state, node, arc: step.arc, via: step.via, link });
        }
        is_new
    }

    /// Where a state at a node is. Looks at all, so it is for what is asked once.
    pub(super) fn find(&self, state: StateId, node: NodeId) -> Option<u32> {
        let found = self.entries.iter().position(|entry| entry.state == state && entry.node == node);
        found.map(place)
    }

    /// The steps between an entry and where its side began, in the order of the path.
    pub(super) fn steps(&self, at: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = at;
        loop {
            let entry = self.entries[at as usize];
            if entry.link == at {
                break;
            }
            let node = match self.way {
                Way::Forwards => entry.node,
                Way::Backwards => self.entries[entry.link as usize].node,
            };
            steps.push(Step { arc: entry.arc, via: entry.via, node });
            at = entry.link;
        }
        if self.way == Way::Forwards {
            steps.reverse();
        }
        steps
    }

    /// The arc by which the chain of an entry began.
    pub(super) fn first_arc(&self, mut at: u32) -> ArcId {
        while self.entries[at as usize].link != at {
            at = self.entries[at as usize].link;
        }
        self.entries[at as usize].arc
    }

    /// Expands the whole frontier.
    pub(super) fn expand(&mut self, product: &mut Product<'_>) -> Found<()> {
        for (_, at) in self.next_level(product) {
            let Entry { state, node, .. } = self.entries[at as usize];
            let _ = product.expand(self.way, (state, node), &mut Reaching { side: self, from: at })?;
        }
        Ok(())
    }

    /// Keeps what was allocated for the next search.
    pub(super) fn give_back(self) {
        marks::give_back(self.marks, self.entries.iter().map(|entry| (entry.state, entry.node)));
    }
}

/// Puts what is reached from an entry into its side. Complete paths are left out: what
/// comes before their ends is enough to find them.
struct Reaching<'a> {
    side: &'a mut Side,
    from: u32,
}

impl Visit for Reaching<'_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        state != ACCEPT && !self.side.marks.contains(state, node)
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        self.side.reach(state, node, step, self.from);
        ControlFlow::Continue(())
    }
}

/// Entries are counted in 32 bits: a search stops long before at its limits.
pub(super) fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a search stops at its limits before it has 2^32 states")
}

//! The shortest walk between two nodes, by breadth-first search from both
//! (Pohl, "Bi-directional search", 1971).
//!
//! The two sides are expanded level by level, always the one that has fewer
//! relationships to look at, and of a level those nodes first that have the
//! fewest. Before a level no state is on both sides, so the first state that is
//! reached from both lies on a shortest walk, and the level need not be finished.

use std::ops::ControlFlow;

use super::automaton::{ACCEPT, StateId};
use super::product::{Found, Product, Step, Visit, Way};
use super::side::{Entry, Side};
use super::walk::Walk;
use crate::model::NodeId;

/// The two sides of a search from a start to an end.
#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) start: NodeId,
    pub(super) forwards: Side,
    pub(super) backwards: Side,
    /// The walk without relationships, where there is one.
    pub(super) stays: Option<Walk>,
}

/// Where the sides meet: an entry from the start, an entry from the end, and the
/// step from one to the other.
struct Joint {
    before: u32,
    step: Step,
    after: u32,
}

impl Meeting {
    pub(super) fn new(product: &mut Product<'_>, start: NodeId, end: NodeId) -> Found<Self> {
        let mut forwards = Side::new(Way::Forwards, product);
        let mut backwards = Side::new(Way::Backwards, product);
        backwards.begin(ACCEPT, end, 0);
        let mut stays = None;
        for (arc, state) in product.begin(start)? {
            match state {
                ACCEPT if start == end => stays = Some(Walk { start, begin: arc, steps: Vec::new() }),
                ACCEPT => {}
                _ => forwards.begin(state, start, arc),
            }
        }
        Ok(Self { start, forwards, backwards, stays })
    }

    /// The length that the walks have at least which the levels do not show yet.
    pub(super) fn depth(&self) -> usize {
        self.forwards.depth() + self.backwards.depth()
    }

    /// Whether one side has reached all that it can.
    pub(super) fn is_exhausted(&self) -> bool {
        self.forwards.is_exhausted() || self.backwards.is_exhausted()
    }

    /// Whether a state of the outermost levels is on both sides.
    pub(super) fn has_met(&self) -> bool {
        let (one, other) = match self.forwards.frontier().len() <= self.backwards.frontier().len() {
            true => (&self.forwards, &self.backwards),
            false => (&self.backwards, &self.forwards),
        };
        let mut frontier = one.entries[one.frontier()].iter();
        frontier.any(|entry| other.marks.contains(entry.state, entry.node))
    }

    /// A shortest walk; `None` where there is none within the automaton's bound.
    pub(super) fn shortest(&mut self, product: &mut Product<'_>) -> Found<Option<Walk>> {
        if self.stays.is_some() {
            return Ok(self.stays.clone());
        }
        let hops_max = product.automaton.hops_max.unwrap_or(usize::MAX);
        while !self.is_exhausted() && self.depth() < hops_max {
            if let Some(joint) = self.advance(product)? {
                let begin = self.forwards.first_arc(joint.before);
                let mut steps = self.forwards.steps(joint.before);
                steps.push(joint.step);
                steps.extend(self.backwards.steps(joint.after));
                return Ok(Some(Walk { start: self.start, begin, steps }));
            }
        }
        Ok(None)
    }

    /// Expands the cheaper side by a level, whether or not the sides meet.
    pub(super) fn deepen(&mut self, product: &mut Product<'_>) -> Found<()> {
        match self.is_cheaper_forwards(product) {
            true => self.forwards.expand(product),
            false => self.backwards.expand(product),
        }
    }

    fn is_cheaper_forwards(&mut self, product: &Product<'_>) -> bool {
        self.forwards.cost(product) <= self.backwards.cost(product)
    }

    /// Expands the cheaper side until the sides meet, at most by a level.
    fn advance(&mut self, product: &mut Product<'_>) -> Found<Option<Joint>> {
        let (side, other) = match self.is_cheaper_forwards(product) {
            true => (&mut self.forwards, &self.backwards),
            false => (&mut self.backwards, &self.forwards),
        };
        for (_, at) in side.next_level(product) {
            let Entry { state, node, .. } = side.entries[at as usize];
            let way = side.way;
            let mut visitor = Meets { side, other, from: at, met: None };
            let _ = product.expand(way, (state, node), &mut visitor)?;
            let Some((state, node, step)) = visitor.met else { continue };
            let Some(met) = other.find(state, node) else { continue };
            return Ok(Some(match way {
                Way::Forwards => Joint { before: at, step, after: met },
                Way::Backwards => Joint { before: met, step, after: at },
            }));
        }
        Ok(None)
    }

    /// Keeps what was allocated for the next search.
    pub(super) fn give_back(self) {
        self.forwards.give_back();
        self.backwards.give_back();
    }
}

/// Puts what is reached into its side, until it is on the other side too.
struct Meets<'a> {
    side: &'a mut Side,
    other: &'a Side,
    from: u32,
    met: Option<(StateId, NodeId, Step)>,
}

impl Visit for Meets<'_> {
    #[inline]
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        match state {
            // From the start only the one end is of use.
            ACCEPT => self.other.marks.contains(state, node),
            _ => !self.side.marks.contains(state, node),
        }
    }

    #[inline]
    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        if self.other.marks.contains(state, node) {
            self.met = Some((state, node, step));
            return ControlFlow::Break(());
        }
        self.side.reach(state, node, step, self.from);
        ControlFlow::Continue(())
    }
}

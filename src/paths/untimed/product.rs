//! The product of graph and automaton: its steps, forwards and backwards.
//!
//! All that a pattern asks is checked here, while the search runs: types and
//! directions, node and relationship patterns, filters. What a node pattern says
//! of a node is remembered.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::automaton::{ArcId, Automaton, Check, StateId};
use crate::error::Error;
use crate::graph::{Direction, Symbol, View};
use crate::model::{NodeId, RelationshipId};
use crate::paths::cost::Cost;
use crate::paths::pattern::{HopStep, Slot};
use crate::paths::question::{Bound, Matcher};
use crate::paths::step::Prefix;

/// Why a search of this module stops before its end.
#[derive(Debug)]
pub(super) enum Halt {
    /// It was interrupted.
    Failed(Error),
    /// It has tried as many steps as it may.
    OutOfWork,
    /// It keeps as many beginnings of paths as it may.
    Crowded,
    /// A condition could not be evaluated, perhaps where no path leads: the search
    /// that walks paths from their start alone has to decide.
    Abandoned,
}

/// A result, or why there is none.
pub(super) type Found<T> = std::result::Result<T, Halt>;

/// A step of a path in the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) arc: ArcId,
    pub(super) via: RelationshipId,
    /// The node that it leads to, in the direction of the path.
    pub(super) node: NodeId,
}

/// Which way the product is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the starts on.
    Forwards,
    /// From the ends back.
    Backwards,
}

/// What is done with the steps of an expansion.
pub(super) trait Visit {
    /// Whether a step to a state at a node (from it, walking backwards) is of use; asked
    /// before anything is checked, so that a step that leads nowhere new costs little.
    fn wants(&self, state: StateId, node: NodeId) -> bool;

    /// Takes a step to a state at a node (from it, walking backwards).
    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()>;
}

/// What need not be asked.
#[derive(Debug)]
pub(super) struct Free {
    /// Which states' relationships may be any of their types.
    hops: Vec<bool>,
    /// Which arcs check nothing.
    arcs: Vec<bool>,
}

impl Free {
    pub(super) fn new(automaton: &Automaton, matcher: &mut dyn Matcher) -> Self {
        let mut is_free = |slot: Slot| matcher.outline(slot).is_free();
        let states = 0..StateId::try_from(automaton.n_states()).unwrap_or(StateId::MAX);
        let hops = states.map(|state| automaton.hop(state).is_some_and(|hop| is_free(hop.slot))).collect();
        let mut asks_nothing = |check: &Check| matches!(check, Check::Node(slot) if is_free(*slot));
        let arcs = automaton.arcs.iter().map(|arc| arc.checks.iter().all(&mut asks_nothing)).collect();
        Self { hops, arcs }
    }
}

/// Walks the product.
pub(super) struct Product<'a> {
    pub(super) view: View<'a>,
    pub(super) automaton: &'a Automaton,
    matcher: &'a mut dyn Matcher,
    free: &'a Free,
    verdicts: FxHashMap<(Slot, NodeId), bool>,
    /// How many steps were tried, here and before.
    pub(super) work: u64,
    work_max: u64,
    /// The work at which interrupts were last looked for.
    checked: u64,
}

/// Interrupts are looked for after so much work.
const WORK_BETWEEN_CHECKS: u64 = 1024;

impl<'a> Product<'a> {
    pub(super) fn new(
        view: View<'a>,
        automaton: &'a Automaton,
        free: &'a Free,
        matcher: &'a mut dyn Matcher,
        work: u64,
        work_max: u64,
    ) -> Self {
        let verdicts = FxHashMap::default();
        Self { view, automaton, free, matcher, verdicts, work, work_max, checked: work }
    }

    /// Whether every relationship of a state's types may be walked.
    pub(super) fn is_free_hop(&self, state: StateId) -> bool {
        self.free.hops[state as usize]
    }

    /// Whether an arc may be taken to any node.
    pub(super) fn is_free_arc(&self, arc: ArcId) -> bool {
        self.free.arcs[arc as usize]
    }

    /// Counts work, and stops where there was too much.
    pub(super) fn count(&mut self, n_steps: usize) -> Found<()> {
        self.work += n_steps as u64;
        if self.work > self.work_max {
            return Err(Halt::OutOfWork);
        }
        if self.work - self.checked >= WORK_BETWEEN_CHECKS {
            self.checked = self.work;
            self.matcher.check().map_err(Halt::Failed)?;
        }
        Ok(())
    }

    /// The states in which a path from `start` can begin, with the arcs to them.
    pub(super) fn begin(&mut self, start: NodeId) -> Found<Vec<(ArcId, StateId)>> {
        let mut begun = Vec::new();
        for arc in self.automaton.starts.clone() {
            if self.passes(arc, start, None, start)? {
                begun.push((arc, self.automaton.arc(arc).to));
            }
        }
        Ok(begun)
    }

    /// Takes every step from a state at a node, or to it where the way is
    /// [`Way::Backwards`], until the visitor breaks off.
    pub(super) fn expand(
        &mut self,
        way: Way,
        from: (StateId, NodeId),
        visitor: &mut impl Visit,
    ) -> Found<ControlFlow<()>> {
        match way {
            Way::Forwards => self.forwards(from, visitor),
            Way::Backwards => self.backwards(from, visitor),
        }
    }

    fn forwards(
        &mut self,
        (state, node): (StateId, NodeId),
        visitor: &mut impl Visit,
    ) -> Found<ControlFlow<()>> {
        let automaton = self.automaton;
        let Some(hop) = automaton.hop(state) else { return Ok(ControlFlow::Continue(())) };
        let is_free_hop = self.is_free_hop(state);
        self.neighbours(hop, hop.direction, node, |product, via, other| {
            let mut fits = is_free_hop.then_some(true);
            for arc in automaton.out(state) {
                let to = automaton.arc(arc).to;
                if !visitor.wants(to, other) {
                    continue;
                }
                if fits.is_none() {
                    fits = Some(product.walks(hop, via)?);
                }
                if fits == Some(false) {
                    break;
                }
                if product.passes(arc, node, Some(via), other)?
                    && visitor.take(to, other, Step { arc, via, node: other }).is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn backwards(
        &mut self,
        (state, node): (StateId, NodeId),
        visitor: &mut impl Visit,
    ) -> Found<ControlFlow<()>> {
        let automaton = self.automaton;
        for &arc in automaton.into(state) {
            let from = automaton.arc(arc).from;
            let Some(hop) = automaton.hop(from) else { continue };
            if !self.passes_here(arc, node)? {
                continue;
            }
            let (is_free_hop, has_filter) = (self.is_free_hop(from), self.has_filter(arc));
            let flow = self.neighbours(hop, reversed(hop.direction), node, |product, via, other| {
                let steps = visitor.wants(from, other)
                    && (is_free_hop || product.walks(hop, via)?)
                    && (!has_filter || product.passes(arc, other, Some(via), node)?);
                Ok(match steps {
                    true => visitor.take(from, other, Step { arc, via, node }),
                    false => ControlFlow::Continue(()),
                })
            })?;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// How many relationships [`Product::expand`] looks at.
    pub(super) fn n_steps(&self, way: Way, from: (StateId, NodeId)) -> usize {
        match way {
            Way::Forwards => self.n_forwards(from),
            Way::Backwards => self.n_backwards(from),
        }
    }

    fn n_forwards(&self, (state, node): (StateId, NodeId)) -> usize {
        let hop = self.automaton.hop(state);
        hop.map_or(0, |hop| self.view.graph().degree(node, hop.direction, types_of(hop).unwrap_or(&[])))
    }

    fn n_backwards(&self, (state, node): (StateId, NodeId)) -> usize {
        let arcs = self.automaton.into(state).iter();
        let hops = arcs.filter_map(|&arc| self.automaton.hop(self.automaton.arc(arc).from));
        let degree = |hop: &HopStep| {
            self.view.graph().degree(node, reversed(hop.direction), types_of(hop).unwrap_or(&[]))
        };
        hops.map(degree).sum()
    }

    /// The relationships of a node that fit a hop, walked in a direction.
    fn neighbours(
        &mut self,
        hop: &'a HopStep,
        direction: Direction,
        node: NodeId,
        mut each: impl FnMut(&mut Self, RelationshipId, NodeId) -> Found<ControlFlow<()>>,
    ) -> Found<ControlFlow<()>> {
        let Some(types) = types_of(hop) else { return Ok(ControlFlow::Continue(())) };
        let view = self.view;
        let ways: &[Direction] = match direction {
            Direction::Either => &[Direction::Outgoing, Direction::Incoming],
            Direction::Outgoing => &[Direction::Outgoing],
            Direction::Incoming => &[Direction::Incoming],
        };
        let mut slices = [None, None];
        for (slice, way) in slices.iter_mut().zip(ways) {
            *slice = view.neighbours(node, *way, types);
        }
        if slices.iter().flatten().count() < ways.len() {
            for (via, other) in view.expand(node, direction, types) {
                self.count(1)?;
                if each(self, via, other)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            return Ok(ControlFlow::Continue(()));
        }
        for (way, slice) in slices.iter().flatten().enumerate() {
            self.count(slice.nodes.len())?;
            for (&other, &via) in slice.nodes.iter().zip(slice.relationships) {
                // Walked either way, a loop counts once.
                if way == 1 && other == node {
                    continue;
                }
                if each(self, via, other)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Whether a relationship satisfies the pattern of a hop.
    pub(super) fn walks(&mut self, hop: &HopStep, via: RelationshipId) -> Found<bool> {
        self.matcher.relationship(hop.slot, via, Prefix::default()).map_err(|_| Halt::Abandoned)
    }

    /// What a relationship costs.
    pub(super) fn cost(&mut self, via: RelationshipId) -> Found<Cost> {
        self.matcher.cost(via).map_err(|_| Halt::Abandoned)
    }

    /// Whether the node patterns of an arc hold at the node that it leads to.
    pub(super) fn passes_here(&mut self, arc: ArcId, node: NodeId) -> Found<bool> {
        if self.is_free_arc(arc) {
            return Ok(true);
        }
        let automaton = self.automaton;
        for check in &automaton.arc(arc).checks {
            if let Check::Node(slot) = check
                && !self.is_node(*slot, node)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn has_filter(&self, arc: ArcId) -> bool {
        self.automaton.arc(arc).checks.iter().any(|check| matches!(check, Check::Filter(_)))
    }

    /// Whether all that an arc checks holds.
    fn passes(&mut self, arc: ArcId, from: NodeId, via: Option<RelationshipId>, node: NodeId) -> Found<bool> {
        if self.is_free_arc(arc) {
            return Ok(true);
        }
        let automaton = self.automaton;
        let Automaton { arcs, .. } = automaton;
        let taken = &arcs[arc as usize];
        for (at, check) in taken.checks.iter().enumerate() {
            let holds = match check {
                Check::Node(slot) => self.is_node(*slot, node)?,
                Check::Filter(slot) => {
                    let walked = via.map(|via| (taken.from, from, via));
                    let given = bound(automaton, walked, &taken.checks[..at], node);
                    self.matcher.filter(*slot, Prefix::given(&given)).map_err(|_| Halt::Abandoned)?
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_node(&mut self, slot: Slot, node: NodeId) -> Found<bool> {
        if let Some(&verdict) = self.verdicts.get(&(slot, node)) {
            return Ok(verdict);
        }
        let verdict = self.matcher.node(slot, node, Prefix::default()).map_err(|_| Halt::Abandoned)?;
        self.verdicts.insert((slot, node), verdict);
        Ok(verdict)
    }
}

/// What the slots around a relationship are bound to, for a filter on them.
fn bound(
    automaton: &Automaton,
    walked: Option<(StateId, NodeId, RelationshipId)>,
    checks: &[Check],
    node: NodeId,
) -> Vec<(Slot, Bound)> {
    let mut given = Vec::new();
    if let Some((state, from, via)) = walked {
        given.extend(automaton.before(state).iter().map(|&slot| (slot, Bound::Node(from))));
        given.extend(automaton.hop(state).map(|hop| (hop.slot, Bound::Relationship(via))));
    }
    given.extend(slots(checks).map(|slot| (slot, Bound::Node(node))));
    given
}

/// The node patterns among checks, in order.
pub(super) fn slots(checks: &[Check]) -> impl Iterator<Item = Slot> + '_ {
    checks.iter().filter_map(|check| match check {
        Check::Node(slot) => Some(*slot),
        Check::Filter(_) => None,
    })
}

/// The types of a hop, none for all; `None` where nothing has them.
pub(super) fn types_of(hop: &HopStep) -> Option<&[Symbol]> {
    match hop.types.as_deref() {
        Some([]) => None,
        types => Some(types.unwrap_or_default()),
    }
}

pub(super) fn reversed(direction: Direction) -> Direction {
    match direction {
        Direction::Outgoing => Direction::Incoming,
        Direction::Incoming => Direction::Outgoing,
        Direction::Either => Direction::Either,
    }
}

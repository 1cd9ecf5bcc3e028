//! A level of a sweep from the nodes that were not reached yet (Beamer, Asanović and Patterson,
//! "Direction-optimizing breadth-first search", 2012).
//!
//! Where the frontier is a large part of the graph, most of its relationships lead to what was
//! reached already. Then each node that was not looks for a neighbour in the frontier, and needs
//! no other once it has found one. A level is walked that way from where the relationships of
//! the frontier are more than a part of those not looked at yet ([`ALPHA`]), until the frontier
//! is small again ([`BETA`]).
//!
//! It is for frontiers of one state, which those of a repeated relationship are after the first
//! steps.

use super::automaton::{ACCEPT, Arc, ArcId, Automaton, Check, StateId};
use super::product::{Found, Product, Step, reversed, types_of};
use super::side::{Side, place};
use super::sweep::{Ends, is_asked_for};
use crate::graph::Neighbours;
use crate::model::{NodeId, RelationshipId};
use crate::paths::pattern::HopStep;

/// From the start on until the frontier has this part of the relationships that are left.
const ALPHA: usize = 14;
/// From the other side until the frontier has less than this part of the nodes.
const BETA: usize = 24;
/// A smaller frontier is never asked about.
const FRONTIER_MIN: usize = 256;

/// Walks levels from the other side.
pub(super) struct BottomUp {
    /// The nodes of the frontier.
    frontier: Vec<u64>,
    /// Their entries.
    numbers: Vec<u32>,
    /// About how many relationships were not looked at yet.
    n_left: usize,
    is_on: bool,
}

/// A frontier of one state.
struct Frontier {
    state: StateId,
    n_nodes: usize,
}

impl BottomUp {
    pub(super) fn new(product: &Product<'_>) -> Self {
        let n_left = product.view.graph().relationship_bound();
        Self { frontier: Vec::new(), numbers: Vec::new(), n_left, is_on: false }
    }

    /// Walks a level if that is less work than to walk it from the frontier; whether it did.
    pub(super) fn expand(&mut self, product: &mut Product<'_>, side: &mut Side, ends: &Ends) -> Found<bool> {
        let Some(frontier) = Frontier::of(product, side) else { return Ok(false) };
        if !self.pays(product, side, &frontier) {
            return Ok(false);
        }
        self.learn(product, side);
        side.levels.push(side.entries.len());
        let n_nodes = product.view.graph().node_bound();
        let arcs: Vec<ArcId> = product.automaton.out(frontier.state).collect();
        for first in (0..n_nodes).step_by(64) {
            let mut unreached = arcs
                .iter()
                .fold(0, |nodes, &arc| nodes | !side.marks.word(product.automaton.arc(arc).to, first / 64));
            while unreached != 0 {
                let at = first + unreached.trailing_zeros() as usize;
                unreached &= unreached - 1;
                if at < n_nodes {
                    self.look_around(product, side, ends, (frontier.state, &arcs), NodeId(place(at)))?;
                }
            }
        }
        Ok(true)
    }

    fn pays(&mut self, product: &Product<'_>, side: &Side, frontier: &Frontier) -> bool {
        let degree = |at: usize| {
            let entry = side.entries[at];
            product.n_steps(side.way, (entry.state, entry.node))
        };
        let n_steps: usize = side.frontier().map(degree).sum();
        self.is_on = match self.is_on {
            false => n_steps > self.n_left / ALPHA,
            true => frontier.n_nodes >= product.view.graph().node_bound() / BETA,
        };
        self.n_left = self.n_left.saturating_sub(n_steps);
        self.is_on
    }

    /// Takes note of the nodes of the frontier.
    fn learn(&mut self, product: &Product<'_>, side: &Side) {
        let n_nodes = product.view.graph().node_bound();
        self.frontier.clear();
        self.frontier.resize(n_nodes.div_ceil(64), 0);
        self.numbers.resize(n_nodes, 0);
        for at in side.frontier() {
            let entry = side.entries[at];
            if entry.state != ACCEPT {
                self.frontier[entry.node.index() / 64] |= 1 << (entry.node.index() % 64);
                self.numbers[entry.node.index()] = place(at);
            }
        }
    }

    /// Looks for a step from the frontier to a node that was not reached yet.
    fn look_around(
        &self,
        product: &mut Product<'_>,
        side: &mut Side,
        ends: &Ends,
        (state, arcs): (StateId, &[ArcId]),
        node: NodeId,
    ) -> Found<()> {
        let automaton = product.automaton;
        let is_open = |side: &Side, arc: ArcId| {
            let to = automaton.arc(arc).to;
            !side.marks.contains(to, node) && is_asked_for(ends, to, node)
        };
        let mut may_lead = false;
        for &arc in arcs.iter().filter(|&&arc| is_open(side, arc)) {
            may_lead = may_lead || product.is_free_arc(arc) || product.passes_here(arc, node)?;
        }
        let Some(hop) = automaton.hop(state).filter(|_| may_lead) else { return Ok(()) };
        let Some((via, before)) = self.step_to(product, (state, hop), node)? else { return Ok(()) };
        for &arc in arcs {
            if is_open(side, arc) && product.passes_here(arc, node)? {
                let link = self.numbers[before.index()];
                side.reach(automaton.arc(arc).to, node, Step { arc, via, node }, link);
            }
        }
        Ok(())
    }

    /// The first relationship that leads from the frontier to a node.
    fn step_to(
        &self,
        product: &mut Product<'_>,
        (state, hop): (StateId, &HopStep),
        node: NodeId,
    ) -> Found<Option<(RelationshipId, NodeId)>> {
        let Some(types) = types_of(hop) else { return Ok(None) };
        let (view, direction) = (product.view, reversed(hop.direction));
        let mut looked = Looked { bottom_up: self, state, hop, n_looked_at: 0, step: None };
        match view.neighbours(node, direction, types) {
            Some(Neighbours { nodes, relationships }) => {
                looked.at(product, relationships.iter().copied().zip(nodes.iter().copied()))?;
            }
            None => looked.at(product, view.expand(node, direction, types))?,
        }
        product.count(looked.n_looked_at)?;
        Ok(looked.step)
    }

    fn is_in_frontier(&self, node: NodeId) -> bool {
        self.frontier[node.index() / 64] & (1 << (node.index() % 64)) != 0
    }
}

/// What was looked at around a node.
struct Looked<'a> {
    bottom_up: &'a BottomUp,
    state: StateId,
    hop: &'a HopStep,
    n_looked_at: usize,
    step: Option<(RelationshipId, NodeId)>,
}

impl Looked<'_> {
    /// Looks at relationships until one leads from the frontier.
    fn at(
        &mut self,
        product: &mut Product<'_>,
        relationships: impl Iterator<Item = (RelationshipId, NodeId)>,
    ) -> Found<()> {
        for (via, before) in relationships {
            self.n_looked_at += 1;
            let is_there = self.bottom_up.is_in_frontier(before);
            if is_there && (product.is_free_hop(self.state) || product.walks(self.hop, via)?) {
                self.step = Some((via, before));
                break;
            }
        }
        Ok(())
    }
}

impl Frontier {
    /// `None` where the level has to be walked from the frontier.
    fn of(product: &Product<'_>, side: &Side) -> Option<Self> {
        let entries = &side.entries[side.frontier()];
        if entries.len() < FRONTIER_MIN {
            return None;
        }
        let mut open = entries.iter().filter(|entry| entry.state != ACCEPT);
        let first = *open.next()?;
        let n_nodes = 1 + open.clone().count();
        let is_of_one_state = open.all(|entry| entry.state == first.state);
        let fits = is_of_one_state && !has_filters(product.automaton, first.state);
        fits.then_some(Self { state: first.state, n_nodes })
    }
}

/// Whether a filter on a relationship decides to which states it leads.
fn has_filters(automaton: &Automaton, state: StateId) -> bool {
    let has_filter = |arc: &Arc| arc.checks.iter().any(|check| matches!(check, Check::Filter(_)));
    automaton.out(state).any(|arc| has_filter(automaton.arc(arc)))
}

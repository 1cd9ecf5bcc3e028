//! The shortest walks from a start to every end, by breadth-first search (Moore, "The
//! shortest path through a maze", 1959).

use std::ops::ControlFlow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::automaton::{ACCEPT, ArcId, StateId};
use super::bottom_up::BottomUp;
use super::product::{Found, Product, Step, Visit, Way};
use super::side::{Entry, Side, place};
use super::walk::Walk;
use crate::model::{NodeId, RelationshipId};
use crate::paths::rank::Mode;

/// Which ends are asked for; all where it is `None`.
pub(super) type Ends = Option<FxHashSet<NodeId>>;

/// Gives one shortest walk to each end; returns the ends to which the mode forbids it.
pub(super) fn one_to_each(
    product: &mut Product<'_>,
    mode: Mode,
    start: NodeId,
    ends: &Ends,
    mut give: impl FnMut(Walk) -> ControlFlow<()>,
) -> Found<ControlFlow<(), Vec<NodeId>>> {
    let mut side = begin(product, start)?;
    let (mut refused, mut n_left) = (Vec::new(), ends.as_ref().map_or(usize::MAX, FxHashSet::len));
    let hops_max = product.automaton.hops_max.unwrap_or(usize::MAX);
    let mut bottom_up = BottomUp::new(product);
    let done = loop {
        for at in side.frontier() {
            let Entry { state: ACCEPT, node, .. } = side.entries[at] else { continue };
            if ends.as_ref().is_some_and(|ends| !ends.contains(&node)) {
                continue;
            }
            n_left -= 1;
            let walk = walk_to(&side, start, place(at));
            if !walk.is_admissible(mode) {
                refused.push(node);
            } else if give(walk).is_break() {
                side.give_back();
                return Ok(ControlFlow::Break(()));
            }
        }
        if side.is_exhausted() || side.depth() >= hops_max || n_left == 0 {
            break side;
        }
        if !bottom_up.expand(product, &mut side, ends)? {
            expand(product, &mut side, ends)?;
        }
    };
    done.give_back();
    Ok(ControlFlow::Continue(refused))
}

/// The states at which a search from `start` begins.
fn begin(product: &mut Product<'_>, start: NodeId) -> Found<Side> {
    let mut side = Side::new(Way::Forwards, product);
    for (arc, state) in product.begin(start)? {
        side.begin(state, start, arc);
    }
    Ok(side)
}

fn walk_to(side: &Side, start: NodeId, at: u32) -> Walk {
    Walk { start, begin: side.first_arc(at), steps: side.steps(at) }
}

/// Expands the frontier in the order in which it was reached.
fn expand(product: &mut Product<'_>, side: &mut Side, ends: &Ends) -> Found<()> {
    let frontier = side.frontier();
    side.levels.push(side.entries.len());
    for at in frontier {
        let Entry { state, node, .. } = side.entries[at];
        let mut visitor = Sweeping { side, from: place(at), ends };
        let _ = product.expand(Way::Forwards, (state, node), &mut visitor)?;
    }
    Ok(())
}

struct Sweeping<'a> {
    side: &'a mut Side,
    from: u32,
    ends: &'a Ends,
}

impl Visit for Sweeping<'_> {
    #[inline]
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        !self.side.marks.contains(state, node) && is_asked_for(self.ends, state, node)
    }

    #[inline]
    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        self.side.reach(state, node, step, self.from);
        ControlFlow::Continue(())
    }
}

pub(super) fn is_asked_for(ends: &Ends, state: StateId, node: NodeId) -> bool {
    state != ACCEPT || ends.as_ref().is_none_or(|ends| ends.contains(&node))
}

/// Another way on which an entry was reached after as many relationships.
struct Also {
    arc: ArcId,
    via: RelationshipId,
    link: u32,
    /// The one before of the same entry.
    next: u32,
}

/// No other way.
const NONE: u32 = u32::MAX;

/// Gives all shortest walks to each end; returns the ends to which the mode forbids
/// them all.
///
/// Every way on which a state is reached after the least number of relationships
/// is kept, twelve to sixteen bytes each; walks are made of them one by one.
pub(super) fn all_to_each(
    product: &mut Product<'_>,
    mode: Mode,
    start: NodeId,
    ends: &Ends,
    mut give: impl FnMut(Walk) -> ControlFlow<()>,
) -> Found<ControlFlow<(), Vec<NodeId>>> {
    let side = begin(product, start)?;
    let numbers = side.entries.iter().zip(0..).map(|(entry, at)| ((entry.state, entry.node), at)).collect();
    let last = vec![NONE; side.entries.len()];
    let mut ways = Ways { side, numbers, last, also: Vec::new(), ends, from: 0 };
    let (mut refused, mut n_left) = (Vec::new(), ends.as_ref().map_or(usize::MAX, FxHashSet::len));
    let hops_max = product.automaton.hops_max.unwrap_or(usize::MAX);
    loop {
        for at in ways.side.frontier() {
            let Entry { state: ACCEPT, node, .. } = ways.side.entries[at] else { continue };
            if ends.as_ref().is_some_and(|ends| !ends.contains(&node)) {
                continue;
            }
            n_left -= 1;
            match ways.give_all(product, mode, start, place(at), &mut give)? {
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
                ControlFlow::Continue(true) => {}
                ControlFlow::Continue(false) => refused.push(node),
            }
        }
        if ways.side.is_exhausted() || ways.side.depth() >= hops_max || n_left == 0 {
            ways.side.give_back();
            return Ok(ControlFlow::Continue(refused));
        }
        let frontier = ways.side.frontier();
        ways.side.levels.push(ways.side.entries.len());
        for at in frontier {
            let Entry { state, node, .. } = ways.side.entries[at];
            ways.from = place(at);
            let _ = product.expand(Way::Forwards, (state, node), &mut ways)?;
        }
    }
}

/// The predecessors of each state that was reached.
struct Ways<'a> {
    side: Side,
    /// Where each state is among the entries.
    numbers: FxHashMap<(StateId, NodeId), u32>,
    /// For each entry the last of its other ways.
    last: Vec<u32>,
    also: Vec<Also>,
    ends: &'a Ends,
    /// The entry that is being expanded.
    from: u32,
}

impl Visit for Ways<'_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        let is_new = !self.side.marks.contains(state, node);
        let is_tie = || self.numbers[&(state, node)] as usize >= self.side.frontier().start;
        is_asked_for(self.ends, state, node) && (is_new || is_tie())
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        if self.side.reach(state, node, step, self.from) {
            self.numbers.insert((state, node), place(self.side.entries.len() - 1));
            self.last.push(NONE);
            return ControlFlow::Continue(());
        }
        let last = &mut self.last[self.numbers[&(state, node)] as usize];
        let next = std::mem::replace(last, place(self.also.len()));
        self.also.push(Also { arc: step.arc, via: step.via, link: self.from, next });
        ControlFlow::Continue(())
    }
}

/// Where the search for walks from an end back to the start stands.
struct Turn {
    /// The entry.
    at: u32,
    /// The way that comes next: [`FIRST`], one of the others, or [`NONE`].
    next: u32,
}

/// The way on which an entry was reached first.
const FIRST: u32 = u32::MAX - 1;

impl Ways<'_> {
    /// Gives the walks to an entry that the mode allows; whether there are any.
    fn give_all(
        &self,
        product: &mut Product<'_>,
        mode: Mode,
        start: NodeId,
        end: u32,
        give: &mut impl FnMut(Walk) -> ControlFlow<()>,
    ) -> Found<ControlFlow<(), bool>> {
        let entries = &self.side.entries;
        let mut any = false;
        let mut turns = vec![Turn { at: end, next: FIRST }];
        // From the end back.
        let mut steps: Vec<Step> = Vec::new();
        while let Some(turn) = turns.last_mut() {
            product.count(1)?;
            let at = turn.at;
            let entry = entries[at as usize];
            if entry.link == at {
                let walk = Walk { start, begin: entry.arc, steps: steps.iter().rev().copied().collect() };
                if walk.is_admissible(mode) {
                    any = true;
                    if give(walk).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                turns.pop();
                steps.pop();
                continue;
            }
            let (step, link, next) = match turn.next {
                NONE => {
                    turns.pop();
                    steps.pop();
                    continue;
                }
                FIRST => {
                    let step = Step { arc: entry.arc, via: entry.via, node: entry.node };
                    (step, entry.link, self.last[at as usize])
                }
                other => {
                    let also = &self.also[other as usize];
                    (Step { arc: also.arc, via: also.via, node: entry.node }, also.link, also.next)
                }
            };
            turn.next = next;
            steps.push(step);
            turns.push(Turn { at: link, next: FIRST });
        }
        Ok(ControlFlow::Continue(any))
    }
}

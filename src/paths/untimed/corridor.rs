//! All walks between two nodes, shortest first, each beginning of which can be completed.
//!
//! For a length F, the corridor is the states through which a walk of at most F
//! relationships leads: those whose distance from the start and to the end add up
//! to F or less. Both distances come from breadth-first searches from both sides
//! that together go F levels deep; where the one from the end stops short, it goes
//! on through the corridor alone. Within it, a depth-first search extends a
//! beginning only where the exact distance to the end leaves room, so that no
//! beginning is tried that no walk of length F completes but for what the mode
//! forbids. F grows until enough was found.
//!
//! This is the search with a perfect estimate of Hart, Nilsson and Raphael ("A formal
//! basis for the heuristic determination of minimum cost paths", 1968), deepened as
//! by Korf ("Depth-first iterative-deepening", 1985): it needs no queue of beginnings,
//! and takes the place of the repeated searches of Yen ("Finding the K shortest
//! loopless paths in a network", 1971). The steps within the corridor are kept: for
//! the least F they are the predecessors of all shortest walks and nothing else.
//!
//! # Complexity
//! O(F) steps for each walk found, and for each beginning that the mode refuses,
//! once for each F.

use std::cell::Cell;
use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::automaton::{ACCEPT, StateId};
use super::meet::Meeting;
use super::product::{Found, Product, Step, Visit, Way};
use super::side::{Side, place};
use super::walk::Walk;
use crate::model::NodeId;
use crate::paths::rank::Mode;

/// Takes walks, shortest first; breaking off ends the search.
pub(super) trait Give {
    /// Takes a walk.
    fn give(&mut self, walk: Walk) -> ControlFlow<()>;

    /// All walks of a length were given.
    fn end_of_length(&mut self) -> ControlFlow<()>;
}

/// Gives all walks from a start to an end that the mode allows, shortest first.
pub(super) fn by_length(
    product: &mut Product<'_>,
    mode: Mode,
    (start, end): (NodeId, NodeId),
    giver: &mut impl Give,
) -> Found<()> {
    let mut meeting = Meeting::new(product, start, end)?;
    let done = lengthen(product, &mut meeting, mode, giver);
    meeting.give_back();
    done
}

fn lengthen(
    product: &mut Product<'_>,
    meeting: &mut Meeting,
    mode: Mode,
    giver: &mut impl Give,
) -> Found<()> {
    if let Some(walk) = meeting.stays.take()
        && (giver.give(walk).is_break() || giver.end_of_length().is_break())
    {
        return Ok(());
    }
    // The end itself is on no other side, so that its side begins.
    meeting.backwards.expand(product)?;
    let hops_max = product.automaton.hops_max.unwrap_or(usize::MAX);
    while !meeting.has_met() {
        if meeting.is_exhausted() || meeting.depth() >= hops_max {
            return Ok(());
        }
        meeting.deepen(product)?;
    }
    let (mut before, mut length) = (0, meeting.depth());
    let mut distances = Distances::default();
    while length <= hops_max {
        distances.learn(meeting);
        let mut corridor = Corridor::new(product, meeting, &distances, length)?;
        let flow = corridor.search(product, meeting, mode, before, giver)?;
        if flow.is_break() || giver.end_of_length().is_break() {
            return Ok(());
        }
        before = length;
        length = match (meeting.is_exhausted(), corridor.longer.get()) {
            (false, _) => {
                meeting.deepen(product)?;
                length + 1
            }
            (true, Some(longer)) => longer,
            (true, None) => return Ok(()),
        };
    }
    Ok(())
}

/// A state at a node.
type Key = (StateId, NodeId);

/// How far the states are that were reached, from the start and to the end.
#[derive(Default)]
pub(super) struct Distances {
    from_start: Learned,
    to_end: Learned,
}

#[derive(Default)]
struct Learned {
    distances: FxHashMap<Key, usize>,
    /// How many entries of the side are in it.
    n_entries: usize,
}

impl Distances {
    pub(super) fn learn(&mut self, meeting: &Meeting) {
        self.from_start.learn(&meeting.forwards);
        self.to_end.learn(&meeting.backwards);
    }

    /// How many relationships a state is after the start, if it was reached from there.
    pub(super) fn after_start(&self, key: Key) -> Option<usize> {
        self.from_start.get(key)
    }

    /// How many it is before the end.
    pub(super) fn before_end(&self, key: Key) -> Option<usize> {
        self.to_end.get(key)
    }
}

impl Learned {
    fn learn(&mut self, side: &Side) {
        let mut depth = side.levels.partition_point(|&level| level <= self.n_entries).saturating_sub(1);
        for at in self.n_entries..side.entries.len() {
            while side.levels.get(depth + 1).is_some_and(|&next| next <= at) {
                depth += 1;
            }
            let entry = side.entries[at];
            self.distances.insert((entry.state, entry.node), depth);
        }
        self.n_entries = side.entries.len();
    }

    fn get(&self, key: Key) -> Option<usize> {
        self.distances.get(&key).copied()
    }
}

/// A state in the corridor.
struct Inner {
    key: Key,
    to_end: usize,
    /// Its steps within the corridor, once they are known.
    steps: Option<(usize, usize)>,
}

/// The states through which walks of a greatest length lead.
struct Corridor<'d> {
    distances: &'d Distances,
    length: usize,
    /// Distances to the end that the side from the end does not know yet.
    near: FxHashMap<Key, usize>,
    numbers: FxHashMap<Key, u32>,
    inner: Vec<Inner>,
    steps: Vec<(Step, u32)>,
    /// How far a state is at least from the start that the side from there does not know.
    beyond: usize,
    /// The least length greater than this at which there is more to walk.
    longer: Cell<Option<usize>>,
}

impl<'d> Corridor<'d> {
    fn new(
        product: &mut Product<'_>,
        meeting: &Meeting,
        distances: &'d Distances,
        length: usize,
    ) -> Found<Self> {
        let mut corridor = Self {
            distances,
            length,
            near: FxHashMap::default(),
            numbers: FxHashMap::default(),
            inner: Vec::new(),
            steps: Vec::new(),
            beyond: meeting.forwards.depth() + 1,
            longer: Cell::new(None),
        };
        let frontier = meeting.backwards.frontier();
        let entries = meeting.backwards.entries[frontier].iter();
        let mut frontier: Vec<Key> = entries.map(|entry| (entry.state, entry.node)).collect();
        let mut to_end = meeting.backwards.depth();
        frontier.retain(|&key| corridor.has_room(key, to_end));
        while !frontier.is_empty() && to_end < length {
            to_end += 1;
            let mut reached = Nearer { corridor: &mut corridor, to_end, reached: Vec::new() };
            for key in frontier {
                let _ = product.expand(Way::Backwards, key, &mut reached)?;
            }
            frontier = reached.reached;
        }
        Ok(corridor)
    }

    /// Whether a walk within the length leads through a state that is so far from the end.
    fn has_room(&self, key: Key, to_end: usize) -> bool {
        let from_start = self.distances.from_start.get(key);
        from_start.is_some_and(|from_start| self.fits(from_start + to_end))
    }

    /// Whether a length is within that of the corridor; remembers the least that is not.
    fn fits(&self, length: usize) -> bool {
        if length > self.length {
            self.longer.set(Some(self.longer.get().map_or(length, |longer| longer.min(length))));
        }
        length <= self.length
    }

    fn to_end(&self, key: Key) -> Option<usize> {
        self.distances.to_end.get(key).or_else(|| self.near.get(&key).copied())
    }

    /// The number of a state in the corridor.
    fn number(&mut self, key: Key, to_end: usize) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.inner.push(Inner { key, to_end, steps: None });
            place(self.inner.len() - 1)
        })
    }

    /// The steps from a state that stay within the corridor.
    fn steps(&mut self, product: &mut Product<'_>, at: u32) -> Found<(usize, usize)> {
        let Inner { key, steps, .. } = self.inner[at as usize];
        if let Some(steps) = steps {
            return Ok(steps);
        }
        let from_start = self.distances.from_start.get(key).unwrap_or(self.beyond);
        let mut within = Within { corridor: self, from_start, taken: Vec::new() };
        let _ = product.expand(Way::Forwards, key, &mut within)?;
        let begin = self.steps.len();
        for (key, step) in std::mem::take(&mut within.taken) {
            let Some(to_end) = self.to_end(key) else { continue };
            let number = self.number(key, to_end);
            self.steps.push((step, number));
        }
        let steps = (begin, self.steps.len());
        self.inner[at as usize].steps = Some(steps);
        Ok(steps)
    }

    /// Gives the walks that are longer than `before`.
    fn search(
        &mut self,
        product: &mut Product<'_>,
        meeting: &Meeting,
        mode: Mode,
        before: usize,
        giver: &mut impl Give,
    ) -> Found<ControlFlow<()>> {
        for (begin, state) in product.begin(meeting.start)? {
            let key = (state, meeting.start);
            let Some(to_end) = self.to_end(key).filter(|_| state != ACCEPT) else { continue };
            if !self.fits(to_end) {
                continue;
            }
            let first = self.number(key, to_end);
            let mut walk = Walk { start: meeting.start, begin, steps: Vec::new() };
            let (next, end) = self.steps(product, first)?;
            let mut stack = vec![(next, end)];
            while let Some((next, end)) = stack.last_mut() {
                if *next == *end {
                    stack.pop();
                    walk.steps.pop();
                    continue;
                }
                let (step, number) = self.steps[*next];
                *next += 1;
                product.count(1)?;
                let Inner { key: (state, _), to_end, .. } = self.inner[number as usize];
                let n_hops = walk.steps.len() + 1;
                if !self.fits(n_hops + to_end) || !walk.may_take(mode, step) {
                    continue;
                }
                walk.steps.push(step);
                if state != ACCEPT {
                    stack.push(self.steps(product, number)?);
                    continue;
                }
                if n_hops > before && giver.give(walk.clone()).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                walk.steps.pop();
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Goes on from the end, through the corridor.
struct Nearer<'a, 'd> {
    corridor: &'a mut Corridor<'d>,
    to_end: usize,
    reached: Vec<Key>,
}

impl Visit for Nearer<'_, '_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        let key = (state, node);
        self.corridor.to_end(key).is_none() && self.corridor.has_room(key, self.to_end)
    }

    fn take(&mut self, state: StateId, node: NodeId, _: Step) -> ControlFlow<()> {
        self.corridor.near.insert((state, node), self.to_end);
        self.reached.push((state, node));
        ControlFlow::Continue(())
    }
}

/// Collects the steps that stay within the corridor.
struct Within<'a, 'd> {
    corridor: &'a Corridor<'d>,
    from_start: usize,
    taken: Vec<(Key, Step)>,
}

impl Visit for Within<'_, '_> {
    fn wants(&self, state: StateId, node: NodeId) -> bool {
        let to_end = self.corridor.to_end((state, node));
        to_end.is_some_and(|to_end| self.corridor.fits(self.from_start + 1 + to_end))
    }

    fn take(&mut self, state: StateId, node: NodeId, step: Step) -> ControlFlow<()> {
        self.taken.push(((state, node), step));
        ControlFlow::Continue(())
    }
}

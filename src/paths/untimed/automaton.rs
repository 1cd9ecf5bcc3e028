//! A pattern as a finite automaton: states between relationships, and what leads
//! from one to the next.
//!
//! A state stands before a relationship that is walked next; [`ACCEPT`] stands
//! after the last. An arc takes the relationship of its state and then checks the
//! node reached, and whatever else is written there, up to the next state. The
//! product of graph and automaton is what the searches of this module walk
//! (Mendelzon and Wood, "Finding regular simple paths in graph databases", 1995).
//!
//! Where a pattern repeats one thing, how often follows from the number of
//! relationships walked. Then the greatest number of repetitions is a bound on the
//! length of the path, [`Automaton::hops_max`], and needs no states of its own.

use std::collections::HashMap;
use std::ops::Range;

use crate::paths::pattern::{Element, HopStep, Pattern, Slot};
use crate::paths::program::{self, Op, Place};

/// A state's number.
pub(super) type StateId = u32;
/// An arc's number.
pub(super) type ArcId = u32;

/// The state of a complete path.
pub(super) const ACCEPT: StateId = 0;

/// Patterns with more states or arcs are left to the search that needs none.
const SIZE_MAX: usize = 4096;

/// States and the arcs between them.
#[derive(Debug)]
pub(super) struct Automaton {
    states: Vec<State>,
    pub(super) arcs: Vec<Arc>,
    /// The arcs by which a path can begin; they take no relationship.
    pub(super) starts: Range<ArcId>,
    /// No path has more relationships.
    pub(super) hops_max: Option<usize>,
}

#[derive(Debug, Clone)]
struct State {
    /// The relationship walked next; [`ACCEPT`] has none.
    hop: Option<HopStep>,
    /// The node patterns that stand directly before it.
    before: Vec<Slot>,
    out: Range<ArcId>,
    into: Vec<ArcId>,
}

/// From one state to another.
#[derive(Debug, Clone)]
pub(super) struct Arc {
    /// Where it begins; of no meaning for [`Automaton::starts`].
    pub(super) from: StateId,
    pub(super) to: StateId,
    /// What is checked at the node reached, in order.
    pub(super) checks: Vec<Check>,
}

/// What the node reached has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// A node pattern.
    Node(Slot),
    /// A filter on the relationship walked and its two nodes.
    Filter(Slot),
}

impl Automaton {
    /// The automaton of a pattern; `None` where it would be too large.
    pub(super) fn new(pattern: &Pattern) -> Option<Self> {
        let bound = bound_on_hops(pattern);
        let unbounded = bound.map(|_| without_max(pattern));
        let ops = program::compile(unbounded.as_ref().unwrap_or(pattern));
        let mut builder = Builder { ops: &ops, places: Vec::new(), numbers: HashMap::new() };
        let accept = State { hop: None, before: Vec::new(), out: 0..0, into: Vec::new() };
        let mut automaton = Self { states: vec![accept], arcs: Vec::new(), starts: 0..0, hops_max: bound };
        automaton.starts = automaton.add(ACCEPT, builder.arcs(Place::START)?)?;
        let mut at = 0;
        while at < builder.places.len() {
            let place = builder.places[at];
            at += 1;
            let Op::Hop(hop) = &ops[place.next] else { return None };
            let from = StateId::try_from(at).ok()?;
            let out = automaton.add(from, builder.arcs(place.after())?)?;
            let before = nodes_before(&ops, place.next);
            automaton.states.push(State { hop: Some(hop.clone()), before, out, into: Vec::new() });
        }
        for id in automaton.starts.end..ArcId::try_from(automaton.arcs.len()).ok()? {
            let to = automaton.arcs[id as usize].to;
            automaton.states[to as usize].into.push(id);
        }
        Some(automaton)
    }

    fn add(&mut self, from: StateId, arcs: Vec<(Vec<Check>, StateId)>) -> Option<Range<ArcId>> {
        let begin = ArcId::try_from(self.arcs.len()).ok()?;
        self.arcs.extend(arcs.into_iter().map(|(checks, to)| Arc { from, to, checks }));
        let end = ArcId::try_from(self.arcs.len()).ok()?;
        (self.arcs.len() <= SIZE_MAX).then_some(begin..end)
    }

    /// How many states there are, with [`ACCEPT`].
    pub(super) fn n_states(&self) -> usize {
        self.states.len()
    }

    /// The relationship that is walked from a state; none from [`ACCEPT`].
    pub(super) fn hop(&self, state: StateId) -> Option<&HopStep> {
        self.states[state as usize].hop.as_ref()
    }

    /// The node patterns directly before the relationship of a state.
    pub(super) fn before(&self, state: StateId) -> &[Slot] {
        &self.states[state as usize].before
    }

    /// The arcs from a state.
    pub(super) fn out(&self, state: StateId) -> Range<ArcId> {
        self.states[state as usize].out.clone()
    }

    /// The arcs to a state that take a relationship.
    pub(super) fn into(&self, state: StateId) -> &[ArcId] {
        &self.states[state as usize].into
    }

    pub(super) fn arc(&self, id: ArcId) -> &Arc {
        &self.arcs[id as usize]
    }
}

/// Numbers the places where a relationship is walked next.
struct Builder<'a> {
    ops: &'a [Op],
    places: Vec<Place>,
    numbers: HashMap<Place, StateId>,
}

impl Builder<'_> {
    /// Every way from a place to the next relationship or to the end; `None` where
    /// there are too many.
    fn arcs(&mut self, from: Place) -> Option<Vec<(Vec<Check>, StateId)>> {
        let mut arcs = Vec::new();
        let mut waiting = vec![(from, Vec::new(), 0)];
        while let Some((place, mut checks, n_steps)) = waiting.pop() {
            if arcs.len() > SIZE_MAX || n_steps > SIZE_MAX {
                return None;
            }
            let (past, into) = match &self.ops[place.next] {
                Op::Node(node) => {
                    checks.extend(node.slot.map(Check::Node));
                    (Some(place.after()), None)
                }
                Op::Filter { slot, .. } => {
                    checks.push(Check::Filter(*slot));
                    (Some(place.after()), None)
                }
                Op::Begin(bounds) => bounds.begin(place),
                Op::Again(bounds) => bounds.again(place),
                Op::Hop(_) => {
                    arcs.push((checks, self.number(place)?));
                    continue;
                }
                Op::End => {
                    arcs.push((checks, ACCEPT));
                    continue;
                }
            };
            // What is pushed last comes first: a path ends before it goes on.
            waiting.extend(into.map(|into| (into, checks.clone(), n_steps + 1)));
            waiting.extend(past.map(|past| (past, checks, n_steps + 1)));
        }
        Some(arcs)
    }

    fn number(&mut self, place: Place) -> Option<StateId> {
        if let Some(&number) = self.numbers.get(&place) {
            return Some(number);
        }
        self.places.push(place);
        let number = StateId::try_from(self.places.len()).ok()?;
        self.numbers.insert(place, number);
        (self.places.len() < SIZE_MAX).then_some(number)
    }
}

/// The node patterns that stand directly before an instruction.
fn nodes_before(ops: &[Op], at: usize) -> Vec<Slot> {
    let before = ops[..at].iter().rev().take_while(|op| matches!(op, Op::Node(_) | Op::Filter { .. }));
    let slots = before.filter_map(|op| match op {
        Op::Node(node) => node.slot,
        _ => None,
    });
    slots.collect()
}

/// The greatest length of a path, where the one thing repeated has a greatest
/// number and the length says how often it was repeated.
fn bound_on_hops(pattern: &Pattern) -> Option<usize> {
    let mut bound = 0;
    let mut n_repeats = 0;
    for element in &pattern.elements {
        match element {
            Element::Node(_) | Element::Filter(_) => {}
            Element::Hop(_) => bound += 1,
            Element::Repeat(repeat) => {
                let n_hops = repeat.body.iter().filter(|element| matches!(element, Element::Hop(_))).count();
                let is_flat = !repeat.body.iter().any(|element| matches!(element, Element::Repeat(_)));
                n_repeats += 1;
                bound += n_hops.checked_mul(usize::try_from(repeat.max?).ok()?).filter(|_| is_flat)?;
            }
        }
    }
    (n_repeats == 1).then_some(bound)
}

/// The pattern with any number of repetitions from the least on.
fn without_max(pattern: &Pattern) -> Pattern {
    let mut pattern = pattern.clone();
    for element in &mut pattern.elements {
        if let Element::Repeat(repeat) = element {
            repeat.max = None;
        }
    }
    pattern
}

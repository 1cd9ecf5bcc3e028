//! A pattern as a list of instructions, so that a place in it is a number.
//!
//! A repetition becomes what stands before it ([`Op::Begin`]), its body, and what
//! stands after it ([`Op::Again`]). Each level of nesting has a counter of its own.

use std::rc::Rc;

use super::pattern::{Element, HopStep, NodeStep, Pattern, Slot};

/// Repetitions may stand in repetitions this deep.
pub const NESTING_MAX: usize = 4;

/// How many whole repetitions are done, at each level of nesting.
pub(super) type Counters = [u32; NESTING_MAX];

/// A place in the pattern: which instruction comes next, and how often has been repeated what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) next: usize,
    pub(super) done: Counters,
}

impl Place {
    pub(super) const START: Self = Self { next: 0, done: [0; NESTING_MAX] };

    /// After the next instruction.
    pub(super) fn after(self) -> Self {
        Self { next: self.next + 1, ..self }
    }

    /// At another instruction, with another count at a level.
    fn at(self, next: usize, level: usize, done: u32) -> Self {
        let mut place = Self { next, ..self };
        place.done[level] = done;
        place
    }
}

/// An instruction.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// The node here has to match.
    Node(NodeStep),
    /// A relationship is walked.
    Hop(HopStep),
    /// A filter has to pass. `since` is where a repetition around it is after its
    /// first node.
    Filter { slot: Slot, since: Option<usize> },
    /// A repetition begins.
    Begin(Bounds),
    /// A repetition is done, and another may follow.
    Again(Bounds),
    /// The path is complete.
    End,
}

/// How often something repeats, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    level: usize,
    min: u32,
    max: Option<u32>,
    /// The first instruction of the body.
    body: usize,
    /// The instruction after the repetition.
    exit: usize,
}

impl Bounds {
    /// Where it can go on at the beginning: past the repetition, and into it.
    pub(super) fn begin(&self, place: Place) -> (Option<Place>, Option<Place>) {
        self.ways(place, 0)
    }

    /// Where it can go on after a repetition: past them, and into another.
    pub(super) fn again(&self, place: Place) -> (Option<Place>, Option<Place>) {
        let done = place.done[self.level] + 1;
        // Beyond the least number all are alike where there is no greatest.
        let done = if self.max.is_some() { done } else { done.min(self.min) };
        self.ways(place, done)
    }

    fn ways(&self, place: Place, done: u32) -> (Option<Place>, Option<Place>) {
        let past = (done >= self.min).then(|| place.at(self.exit, self.level, 0));
        let into = self.max.is_none_or(|max| done < max).then(|| place.at(self.body, self.level, done));
        (past, into)
    }
}

/// The instructions of a pattern; the last is [`Op::End`].
///
/// Repetitions nested deeper than [`NESTING_MAX`] are for the caller to refuse.
pub(super) fn compile(pattern: &Pattern) -> Rc<[Op]> {
    let mut ops = Vec::new();
    add(&mut ops, &pattern.elements, 0, None);
    ops.push(Op::End);
    ops.into()
}

fn add(ops: &mut Vec<Op>, elements: &[Element], level: usize, since: Option<usize>) {
    for element in elements {
        match element {
            Element::Node(node) => ops.push(Op::Node(*node)),
            Element::Hop(hop) => ops.push(Op::Hop(hop.clone())),
            Element::Filter(slot) => ops.push(Op::Filter { slot: *slot, since }),
            Element::Repeat(repeat) => {
                let begin = ops.len();
                let body = begin + 1;
                let bounds = Bounds { level, min: repeat.min, max: repeat.max, body, exit: 0 };
                ops.push(Op::Begin(bounds));
                let leading =
                    repeat.body.iter().skip(1).take_while(|next| matches!(next, Element::Filter(_)));
                add(ops, &repeat.body, level + 1, Some(body + 1 + leading.count()));
                let bounds = Bounds { exit: ops.len() + 1, ..bounds };
                ops[begin] = Op::Begin(bounds);
                ops.push(Op::Again(bounds));
            }
        }
    }
}

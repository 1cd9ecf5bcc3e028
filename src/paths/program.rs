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

    /// Whether it can go on at `place`, at the beginning or after a repetition.
    pub(super) fn leads_to(&self, place: usize, at_beginning: bool) -> bool {
        (place == self.exit && (self.min == 0 || !at_beginning))
            || (place == self.body && self.max != Some(0))
    }

    fn ways(&self, place: Place, done: u32) -> (Option<Place>, Option<Place>) {
        let past = (done >= self.min).then(|| place.at(self.exit, self.level, 0));
        let into = self.max.is_none_or(|max| done < max).then(|| place.at(self.body, self.level, done));
        (past, into)
    }
}

/// What is known of a place by its instruction alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Surroundings {
    /// For each level of nesting, how often the repetition around this place has to
    /// be done at least, and at most; `None` where no repetition is around it, and
    /// where there is no greatest number, `None` again.
    pub(super) repeats: [Option<(u32, Option<u32>)>; NESTING_MAX],
    /// Whether a filter further on looks back at what was matched before this
    /// place: so in the middle of parentheses with a filter.
    pub(super) is_watched: bool,
}

/// The surroundings of each instruction.
pub(super) fn surroundings(program: &[Op]) -> Vec<Surroundings> {
    let none = Surroundings { repeats: [None; NESTING_MAX], is_watched: false };
    let mut all = vec![none; program.len()];
    for (begin, op) in program.iter().enumerate() {
        let Op::Begin(bounds) = op else { continue };
        let again = bounds.exit - 1;
        for place in &mut all[bounds.body..=again] {
            place.repeats[bounds.level] = Some((bounds.min, bounds.max));
        }
        let moves = |op: &Op| matches!(op, Op::Hop(_) | Op::Begin(_));
        let Some(moved) = program[begin + 1..again].iter().position(moves) else { continue };
        let moved = begin + 1 + moved;
        if program[moved..again].iter().any(|op| matches!(op, Op::Filter { .. })) {
            all[moved + 1..again].iter_mut().for_each(|place| place.is_watched = true);
        }
    }
    all
}

/// How many relationships can still be walked from a place; `None` for any number.
pub(super) fn hops_left(program: &[Op], place: Place) -> Option<u64> {
    let (mut left, mut next) = (0_u64, place.next);
    while let Some(op) = program.get(next) {
        match op {
            Op::Hop(_) => left += 1,
            Op::Begin(bounds) => {
                let body = most_hops(program, bounds)?;
                left = left.checked_add(body.checked_mul(bounds.max?.into())?)?;
                next = bounds.exit;
                continue;
            }
            Op::Again(bounds) => {
                let repeats = bounds.max?.saturating_sub(place.done[bounds.level] + 1);
                left = left.checked_add(most_hops(program, bounds)?.checked_mul(repeats.into())?)?;
            }
            Op::Node(_) | Op::Filter { .. } | Op::End => {}
        }
        next += 1;
    }
    Some(left)
}

/// How many relationships one repetition can walk.
fn most_hops(program: &[Op], bounds: &Bounds) -> Option<u64> {
    let (mut most, mut next) = (0_u64, bounds.body);
    while next + 1 < bounds.exit {
        match &program[next] {
            Op::Begin(inner) => {
                most = most.checked_add(most_hops(program, inner)?.checked_mul(inner.max?.into())?)?;
                next = inner.exit;
                continue;
            }
            Op::Hop(_) => most += 1,
            _ => {}
        }
        next += 1;
    }
    Some(most)
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

//! Running a physical plan: operators that pull batches of rows from each other.
//!
//! An operator is asked for its next batch and asks its input in turn, so that no
//! more is computed than is asked for, and only sorts, groups and joins keep rows.
//! Operators of a pattern (scan, expand, search, filter, join) give rows in the
//! order of those that they are given; [`optional`] relies on it. They can be given
//! more rows after they came to an end; what sorts or groups cannot.

mod apply;
pub(super) mod batch;
mod evaluate;
mod expand;
mod group;
mod join;
mod keys;
pub(super) mod memory;
mod optional;
pub(super) mod profile;
mod reach;
mod rows;
mod scan;
mod search;
mod seen;
mod sort;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

pub(super) use batch::Batch;
pub(super) use keys::Keys;
use profile::Measured;
pub(super) use seen::Seen;

use super::expr::Context;
use super::physical::{Op, Operator};
use crate::error::Result;

/// An operator while it runs.
trait Operate {
    /// The next rows, never a batch without any; `None` when there are no more.
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>>;

    /// About how many bytes it keeps.
    fn bytes(&self) -> usize {
        0
    }
}

type Input<'p> = Box<dyn Operate + 'p>;

/// The rows that a pipeline is given, as a queue that is filled from outside.
type Queue = Rc<RefCell<VecDeque<Batch>>>;

/// A tree of operators that runs.
pub(super) struct Pipeline<'p> {
    root: Input<'p>,
    argument: Queue,
}

impl<'p> Pipeline<'p> {
    /// Sets up the operators.
    pub(super) fn new(plan: &'p Operator) -> Self {
        let argument = Queue::default();
        Self { root: build(plan, &argument), argument }
    }

    /// Gives it rows to work on.
    pub(super) fn feed(&self, batch: Batch) {
        self.argument.borrow_mut().push_back(batch);
    }

    /// The next rows.
    ///
    /// # Errors
    /// Those of the expressions in it, limits, and `Interrupted`.
    pub(super) fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        self.root.next(context)
    }
}

/// Sets up an operator with its inputs.
fn build<'p>(plan: &'p Operator, argument: &Queue) -> Input<'p> {
    let mut inputs = plan.inputs.iter();
    let first = |inputs: &mut dyn Iterator<Item = &'p Operator>| {
        let input = inputs.next().expect("the planner gives every operator its inputs");
        build(input, argument)
    };
    let operator: Input<'p> = match &plan.op {
        Op::Argument => Box::new(Argument(argument.clone())),
        Op::Unit => Box::new(Unit { is_given: false }),
        Op::Scan { slot, seek } => Box::new(scan::Scan::new(first(&mut inputs), *slot, seek)),
        Op::Bound { slots, span } => Box::new(scan::Visible::new(first(&mut inputs), slots, *span)),
        Op::Expand(expand) => Box::new(expand::Expansion::new(first(&mut inputs), expand)),
        Op::Ends(expand) => Box::new(expand::Ends::new(first(&mut inputs), expand)),
        Op::Search(search) => Box::new(search::Searching::new(first(&mut inputs), search)),
        Op::Reach(reach) => Box::new(reach::Reaching::new(first(&mut inputs), reach)),
        Op::Paths { slot, start, hops } => {
            Box::new(search::Assembly::new(first(&mut inputs), *slot, *start, hops))
        }
        Op::Filter(conditions) => Box::new(rows::Filter::new(first(&mut inputs), conditions)),
        Op::HashJoin { keys } => {
            let probe = first(&mut inputs);
            Box::new(join::HashJoin::new(probe, first(&mut inputs), keys))
        }
        Op::Optional { row_number } => {
            let outer = first(&mut inputs);
            let inner = Pipeline::new(inputs.next().expect("an optional part has a second input"));
            Box::new(optional::Optional::new(outer, inner, *row_number))
        }
        Op::Apply { body, optional } => Box::new(apply::Apply::new(first(&mut inputs), *body, *optional)),
        Op::Call(call) => Box::new(apply::Calling::new(first(&mut inputs), call)),
        Op::Unwind { list, slot, span } => {
            Box::new(rows::Unwind::new(first(&mut inputs), list, *slot, *span))
        }
        Op::Project { items } => Box::new(rows::Project::new(first(&mut inputs), items)),
        Op::Group { grouping, outer } => {
            Box::new(group::Group::new(first(&mut inputs), grouping, outer.as_deref()))
        }
        Op::Distinct { columns } => Box::new(group::Distinct::new(first(&mut inputs), columns)),
        Op::Sort { keys, top } => Box::new(sort::Sort::new(first(&mut inputs), keys, top.as_ref())),
        Op::Skip(count, span) => Box::new(rows::Skip::new(first(&mut inputs), count, *span)),
        Op::Limit(count, span) => Box::new(rows::Limit::new(first(&mut inputs), count, *span)),
    };
    Box::new(Measured::new(operator, plan))
}

/// The rows of an input in turn, for operators that make several rows of one and may
/// stop in the middle of a batch.
struct InTurn<'p> {
    input: Input<'p>,
    current: Option<(Batch, usize)>,
}

impl<'p> InTurn<'p> {
    fn new(input: Input<'p>) -> Self {
        Self { input, current: None }
    }

    /// The batch at hand, and its row from which on there is work; `None` when all is done.
    fn next(&mut self, context: &Context<'_>) -> Result<Option<(Batch, usize)>> {
        match self.current.take() {
            Some(current) => Ok(Some(current)),
            None => Ok(self.input.next(context)?.map(|batch| (batch, 0))),
        }
    }

    /// Keeps the batch for the next time: rows are left, or what was made of them is.
    fn keep(&mut self, batch: Batch, row: usize) {
        self.current = Some((batch, row));
    }
}

/// The leaf: rows from outside.
struct Argument(Queue);

impl Operate for Argument {
    fn next(&mut self, _: &Context<'_>) -> Result<Option<Batch>> {
        Ok(self.0.borrow_mut().pop_front())
    }
}

/// The leaf of what depends on no row: one row without variables, once.
struct Unit {
    is_given: bool,
}

impl Operate for Unit {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let width = context.surroundings.width;
        Ok((!std::mem::replace(&mut self.is_given, true)).then(|| Batch::unbound(width, 1)))
    }
}

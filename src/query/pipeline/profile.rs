//! What operators did, for `PROFILE`.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use super::{Batch, Input, Operate};
use crate::error::Result;
use crate::query::expr::Context;
use crate::query::physical::Operator;

/// What an operator did.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::query) struct Measure {
    /// How many rows it gave.
    pub(in crate::query) rows: u64,
    /// How long it took, its inputs included.
    pub(in crate::query) time: Duration,
    /// The most bytes that it kept.
    pub(in crate::query) bytes: usize,
}

/// The measures of a statement's operators, by number.
#[derive(Debug, Default)]
pub(in crate::query) struct Profile(RefCell<Vec<Measure>>);

impl Profile {
    /// Room for so many operators.
    pub(in crate::query) fn new(n_operators: usize) -> Self {
        Self(RefCell::new(vec![Measure::default(); n_operators]))
    }

    /// Adds to what an operator did.
    pub(in crate::query) fn add(&self, number: usize, rows: usize, time: Duration, bytes: usize) {
        if let Some(measure) = self.0.borrow_mut().get_mut(number) {
            measure.rows += rows as u64;
            measure.time += time;
            measure.bytes = measure.bytes.max(bytes);
        }
    }

    /// What an operator did.
    pub(in crate::query) fn of(&self, number: usize) -> Measure {
        self.0.borrow().get(number).copied().unwrap_or_default()
    }
}

/// How long something takes. Time that passes is no answer to what time it is, which
/// the library leaves to its caller.
pub(in crate::query) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins.
    pub(in crate::query) fn start() -> Self {
        Self(Instant::now())
    }

    /// What has passed since.
    pub(in crate::query) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// An operator that is measured where the statement is, and forgets what nobody
/// asks for after it.
pub(super) struct Measured<'p> {
    inner: Input<'p>,
    plan: &'p Operator,
}

impl<'p> Measured<'p> {
    pub(super) fn new(inner: Input<'p>, plan: &'p Operator) -> Self {
        Self { inner, plan }
    }
}

impl Operate for Measured<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let found = match context.surroundings.profile {
            None => self.inner.next(context)?,
            Some(profile) => {
                let begun = Stopwatch::start();
                let found = self.inner.next(context)?;
                let n_rows = found.as_ref().map_or(0, Batch::len);
                profile.add(self.plan.number, n_rows, begun.elapsed(), self.inner.bytes());
                found
            }
        };
        Ok(found.map(|mut batch| {
            batch.forget(&self.plan.dead);
            batch
        }))
    }
}

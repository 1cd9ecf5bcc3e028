//! `OPTIONAL MATCH`: what a pattern makes of each row, or the row itself.

use super::batch::{Batch, Column};
use super::{Input, Operate, Pipeline};
use crate::error::Result;
use crate::model::Value;
use crate::query::expr::Context;

/// Gives for each row, in order, what the inner operators make of it, or else the row
/// with the pattern's variables null.
pub(super) struct Optional<'p> {
    outer: Input<'p>,
    inner: Pipeline<'p>,
    /// The variable that tells which row an inner row was made of.
    row_number: usize,
    /// The outer rows that the inner operators work on, and from which one on none was given.
    current: Option<(Batch, usize)>,
}

impl<'p> Optional<'p> {
    pub(super) fn new(outer: Input<'p>, inner: Pipeline<'p>, row_number: usize) -> Self {
        Self { outer, inner, row_number, current: None }
    }

    /// Which outer row an inner row was made of.
    fn origin(&self, batch: &Batch, row: usize) -> usize {
        match batch.get(self.row_number, row) {
            Value::Int(number) => usize::try_from(number).unwrap_or_default(),
            _ => 0,
        }
    }
}

impl Operate for Optional<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.current.is_none() {
                let Some(outer) = self.outer.next(context)? else { return Ok(None) };
                let mut numbered = outer.clone();
                let numbers = (0..outer.len()).map(|row| Value::Int(i64::try_from(row).unwrap_or(i64::MAX)));
                numbered.set(self.row_number, Column::Values(numbers.collect()));
                self.inner.feed(numbered);
                self.current = Some((outer, 0));
            }
            let found = self.inner.next(context)?;
            let Some((outer, next)) = self.current.take() else { continue };
            let Some(found) = found else {
                // The rows after the last one of which anything was made.
                if next < outer.len() {
                    return Ok(Some(outer.slice(next, usize::MAX)));
                }
                continue;
            };
            let (out, next) = self.merge(&outer, found, next);
            self.current = Some((outer, next));
            return Ok(Some(out));
        }
    }
}

impl Optional<'_> {
    /// Puts outer rows of which nothing was made between the inner rows.
    fn merge(&self, outer: &Batch, found: Batch, mut next: usize) -> (Batch, usize) {
        let n_found = found.len();
        let (mut picks, mut missing) = (Vec::with_capacity(n_found), Vec::new());
        for row in 0..n_found {
            let origin = self.origin(&found, row);
            for number in next..origin {
                picks.push(super::batch::pick(n_found + missing.len()));
                missing.push(super::batch::pick(number));
            }
            next = next.max(origin + 1);
            picks.push(super::batch::pick(row));
        }
        if missing.is_empty() {
            return (found, next);
        }
        let mut all = found;
        all.append(outer.gather(&missing));
        (all.gather(&picks), next)
    }
}

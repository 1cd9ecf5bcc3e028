//! Queries and procedures that run for each row, and read.

use super::batch::{Batch, Column, ROWS, pick};
use super::evaluate::Evaluator;
use super::memory::Kept;
use super::{InTurn, Input, Operate};
use crate::error::Result;
use crate::model::Value;
use crate::query::calls;
use crate::query::expr::Context;
use crate::query::plan::ProcedureCall;

/// Joins each row with the rows that a query makes of it.
pub(super) struct Apply<'p> {
    rows: InTurn<'p>,
    /// The query's number.
    body: usize,
    /// Whether a row of which nothing is made stays, with nulls.
    optional: bool,
}

impl<'p> Apply<'p> {
    pub(super) fn new(input: Input<'p>, body: usize, optional: bool) -> Self {
        Self { rows: InTurn::new(input), body, optional }
    }
}

impl Operate for Apply<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let body = &context.surroundings.bodies[self.body];
        loop {
            let Some((batch, mut row)) = self.rows.next(context)? else { return Ok(None) };
            let mut out = Joined::new(&body.columns);
            // One row may make many, all of which are there before the first is given.
            let mut kept = Kept::default();
            while row < batch.len() && out.picks.len() < ROWS {
                let before = out.picks.len();
                calls::each_batch(body, &batch.row(row), context, &mut |found| {
                    kept.add(&context.surroundings.memory, found.bytes())?;
                    for at in 0..found.len() {
                        out.push(row, body.columns.iter().map(|&slot| found.get(slot, at)));
                    }
                    Ok(true)
                })?;
                if self.optional && out.picks.len() == before {
                    out.push(row, body.columns.iter().map(|_| Value::Null));
                }
                row += 1;
            }
            let found = out.with(&batch);
            if row < batch.len() {
                self.rows.keep(batch, row);
            }
            if found.is_some() {
                return Ok(found);
            }
        }
    }
}

/// Joins each row with the rows that a procedure gives for it.
pub(super) struct Calling<'p> {
    input: Input<'p>,
    call: &'p ProcedureCall,
    arguments: Vec<Evaluator<'p>>,
    filter: Option<Evaluator<'p>>,
}

impl<'p> Calling<'p> {
    pub(super) fn new(input: Input<'p>, call: &'p ProcedureCall) -> Self {
        let arguments = call.arguments.iter().map(Evaluator::new).collect();
        Self { input, call, arguments, filter: call.filter.as_ref().map(Evaluator::new) }
    }

    /// The rows of one row.
    fn call(&self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<Option<Batch>> {
        let arguments = self.arguments.iter().map(|argument| argument.value(batch, row, context));
        let arguments: Vec<Value> = arguments.collect::<Result<_>>()?;
        let context = &Context { asked: Some(&self.call.yields), ..*context };
        let rows = self.call.procedure.read(context, &arguments).map_err(|error| error.at(self.call.span))?;
        // Where there is nothing to yield, the row stays as it is.
        if self.call.yields.is_empty() && self.call.procedure.is_silent() {
            return Ok(Some(batch.gather(&[pick(row)])));
        }
        let slots: Vec<usize> = self.call.yields.iter().map(|(_, slot)| *slot).collect();
        let mut out = Joined::new(&slots);
        for values in rows {
            out.push(row, self.call.yields.iter().map(|(column, _)| values[*column].clone()));
        }
        let mut found = out.with(batch);
        if let (Some(filter), Some(all)) = (&self.filter, &found) {
            let picks = filter.selection(all, context)?;
            found = (!picks.is_empty()).then(|| all.gather(&picks));
        }
        if found.is_none() && self.call.optional {
            let mut out = Joined::new(&slots);
            out.push(row, slots.iter().map(|_| Value::Null));
            found = out.with(batch);
        }
        Ok(found)
    }
}

impl Operate for Calling<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(context)? {
            let mut out: Option<Batch> = None;
            for row in 0..batch.len() {
                (context.surroundings.check)()?;
                match (&mut out, self.call(&batch, row, context)?) {
                    (_, None) => {}
                    (Some(out), Some(more)) => out.append(more),
                    (None, first) => out = first,
                }
            }
            if out.is_some() {
                return Ok(out);
            }
        }
        Ok(None)
    }
}

/// Rows of a batch, each with values of some variables.
struct Joined<'s> {
    picks: Vec<u32>,
    slots: &'s [usize],
    columns: Vec<Vec<Value>>,
}

impl<'s> Joined<'s> {
    fn new(slots: &'s [usize]) -> Self {
        Self { picks: Vec::new(), slots, columns: vec![Vec::new(); slots.len()] }
    }

    fn push(&mut self, row: usize, values: impl Iterator<Item = Value>) {
        self.picks.push(pick(row));
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
    }

    fn with(self, batch: &Batch) -> Option<Batch> {
        if self.picks.is_empty() {
            return None;
        }
        let mut out = batch.gather(&self.picks);
        for (&slot, column) in self.slots.iter().zip(self.columns) {
            out.set(slot, Column::of_values(column));
        }
        Some(out)
    }
}

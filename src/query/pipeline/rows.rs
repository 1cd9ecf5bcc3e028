//! Operators that look at one row at a time: conditions, columns, lists, cuts.

use super::batch::{Batch, Column, ROWS, pick};
use super::evaluate::Evaluator;
use super::{InTurn, Input, Operate};
use crate::error::{Detail, Error, Result, Span};
use crate::model::Value;
use crate::query::expr::{Context, Expr, described, type_error};

/// Keeps rows for which all conditions are true.
pub(super) struct Filter<'p> {
    input: Input<'p>,
    conditions: Vec<Evaluator<'p>>,
}

impl<'p> Filter<'p> {
    pub(super) fn new(input: Input<'p>, conditions: &'p [Expr]) -> Self {
        Self { input, conditions: conditions.iter().map(Evaluator::new).collect() }
    }
}

impl Operate for Filter<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(mut batch) = self.input.next(context)? {
            (context.surroundings.check)()?;
            for condition in &self.conditions {
                if batch.len() == 0 {
                    break;
                }
                let picks = condition.selection(&batch, context)?;
                if picks.len() < batch.len() {
                    batch = batch.gather(&picks);
                }
            }
            if batch.len() > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// Computes columns.
pub(super) struct Project<'p> {
    input: Input<'p>,
    items: Vec<(Evaluator<'p>, usize)>,
}

impl<'p> Project<'p> {
    pub(super) fn new(input: Input<'p>, items: &'p [(Expr, usize)]) -> Self {
        Self { input, items: items.iter().map(|(item, slot)| (Evaluator::new(item), *slot)).collect() }
    }
}

impl Operate for Project<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(context)? else { return Ok(None) };
        (context.surroundings.check)()?;
        for (item, slot) in &self.items {
            let column = item.column(&batch, context)?;
            batch.set(*slot, column);
        }
        Ok(Some(batch))
    }
}

/// Makes a row of each item of a list.
pub(super) struct Unwind<'p> {
    rows: InTurn<'p>,
    list: Evaluator<'p>,
    slot: usize,
    span: Span,
    /// The items of the row before the current one that were not yet given.
    items: std::vec::IntoIter<Value>,
}

impl<'p> Unwind<'p> {
    pub(super) fn new(input: Input<'p>, list: &'p Expr, slot: usize, span: Span) -> Self {
        Self {
            rows: InTurn::new(input),
            list: Evaluator::new(list),
            slot,
            span,
            items: Vec::new().into_iter(),
        }
    }
}

impl Operate for Unwind<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            (context.surroundings.check)()?;
            let Some((batch, mut row)) = self.rows.next(context)? else { return Ok(None) };
            let (mut picks, mut values) = (Vec::new(), Vec::new());
            while values.len() < ROWS {
                if let Some(item) = self.items.next() {
                    picks.push(pick(row - 1));
                    values.push(item);
                    continue;
                }
                if row == batch.len() {
                    break;
                }
                self.items = match self.list.value(&batch, row, context)? {
                    Value::List(items) => items.into_iter(),
                    Value::Null => Vec::new().into_iter(),
                    other => return Err(type_error(self.span, "a list", &other)),
                };
                row += 1;
            }
            let out = (!values.is_empty()).then(|| {
                let mut out = batch.gather(&picks);
                out.set(self.slot, Column::of_values(values));
                out
            });
            if row < batch.len() || self.items.len() > 0 {
                self.rows.keep(batch, row);
            }
            if out.is_some() {
                return Ok(out);
            }
        }
    }
}

/// Leaves out the first rows.
pub(super) struct Skip<'p> {
    input: Input<'p>,
    count: &'p Expr,
    span: Span,
    left: Option<usize>,
}

impl<'p> Skip<'p> {
    pub(super) fn new(input: Input<'p>, count: &'p Expr, span: Span) -> Self {
        Self { input, count, span, left: None }
    }
}

impl Operate for Skip<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let mut left = match self.left {
            Some(left) => left,
            None => count(self.count, self.span, context)?,
        };
        while let Some(batch) = self.input.next(context)? {
            let skipped = left.min(batch.len());
            left -= skipped;
            self.left = Some(left);
            if skipped < batch.len() {
                return Ok(Some(batch.slice(skipped, usize::MAX)));
            }
        }
        Ok(None)
    }
}

/// Keeps the first rows, and asks for no more.
pub(super) struct Limit<'p> {
    input: Input<'p>,
    count: &'p Expr,
    span: Span,
    left: Option<usize>,
}

impl<'p> Limit<'p> {
    pub(super) fn new(input: Input<'p>, count: &'p Expr, span: Span) -> Self {
        Self { input, count, span, left: None }
    }
}

impl Operate for Limit<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let left = match self.left {
            Some(left) => left,
            None => count(self.count, self.span, context)?,
        };
        let batch = match left {
            0 => None,
            _ => self.input.next(context)?.map(|batch| batch.slice(0, left)),
        };
        self.left = Some(left - batch.as_ref().map_or(0, Batch::len));
        Ok(batch)
    }
}

/// The number after `SKIP` or `LIMIT`.
pub(super) fn count(expr: &Expr, span: Span, context: &Context<'_>) -> Result<usize> {
    match expr.eval(context, &mut vec![Value::Null; context.surroundings.width])? {
        Value::Int(count) if count >= 0 => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
        Value::Int(count) => {
            let message = format!("expected a number from 0, found {count}");
            Err(Error::syntax(span, message).detail(Detail::NegativeIntegerArgument))
        }
        other => {
            let message = format!("expected a whole number, found {}", described(&other));
            Err(Error::syntax(span, message).detail(Detail::InvalidArgumentType))
        }
    }
}

//! Sorting, whole or only as far as asked.

use std::cmp::Ordering;

use super::batch::{Batch, ROWS, pick};
use super::evaluate::Evaluator;
use super::memory::{Kept, bytes_of};
use super::rows::count;
use super::{Input, Operate};
use crate::error::Result;
use crate::model::Value;
use crate::query::expr::{Context, Expr};
use crate::query::physical::Cut;

/// Sorts all rows, or keeps the first few of the order.
pub(super) struct Sort<'p> {
    input: Input<'p>,
    keys: Vec<Evaluator<'p>>,
    /// Whether each key is descending.
    descending: Vec<bool>,
    top: Option<&'p Cut>,
    sorted: Option<Sorted>,
    kept: Kept,
}

/// Rows in order, and how many were given.
struct Sorted {
    rows: Option<Batch>,
    order: Vec<u32>,
    given: usize,
}

/// A row's keys, and its number.
type Keyed = (Vec<Value>, u32);

impl<'p> Sort<'p> {
    pub(super) fn new(input: Input<'p>, keys: &'p [(Expr, bool)], top: Option<&'p Cut>) -> Self {
        Self {
            input,
            keys: keys.iter().map(|(key, _)| Evaluator::new(key)).collect(),
            descending: keys.iter().map(|(_, descending)| *descending).collect(),
            top,
            sorted: None,
            kept: Kept::default(),
        }
    }

    /// How many rows are asked for.
    fn most(&self, context: &Context<'_>) -> Result<usize> {
        let Some(cut) = self.top else { return Ok(usize::MAX) };
        let skipped = match &cut.skip {
            Some((skip, span)) => count(skip, *span, context)?,
            None => 0,
        };
        Ok(skipped.saturating_add(count(&cut.limit.0, cut.limit.1, context)?))
    }

    fn sort(&mut self, context: &Context<'_>) -> Result<Sorted> {
        let most = self.most(context)?;
        let mut rows: Option<Batch> = None;
        let mut keyed: Vec<Keyed> = Vec::new();
        while let Some(batch) = self.input.next(context)? {
            (context.surroundings.check)()?;
            let before = rows.as_ref().map_or(0, Batch::len);
            let mut bytes = batch.bytes();
            for row in 0..batch.len() {
                let key: Vec<Value> =
                    self.keys.iter().map(|key| key.value(&batch, row, context)).collect::<Result<_>>()?;
                bytes += key.iter().map(bytes_of).sum::<usize>() + size_of::<Keyed>();
                keyed.push((key, pick(before + row)));
            }
            self.kept.add(&context.surroundings.memory, bytes)?;
            match &mut rows {
                Some(rows) => rows.append(batch),
                None => rows = Some(batch),
            }
            // What cannot come among the first any more is let go now and then.
            if keyed.len() / 4 > most.max(ROWS) {
                rows = Some(self.trim(rows, &mut keyed, most));
                self.kept = Kept::default();
                let bytes = rows.as_ref().map_or(0, Batch::bytes);
                self.kept.add(&context.surroundings.memory, bytes)?;
            }
        }
        self.order(&mut keyed);
        keyed.truncate(most);
        Ok(Sorted { rows, order: keyed.into_iter().map(|(_, row)| row).collect(), given: 0 })
    }

    /// Keeps the first `most` rows, in order.
    fn trim(&self, rows: Option<Batch>, keyed: &mut Vec<Keyed>, most: usize) -> Batch {
        self.order(keyed);
        keyed.truncate(most);
        let picks: Vec<u32> = keyed.iter().map(|(_, row)| *row).collect();
        for (number, (_, row)) in keyed.iter_mut().enumerate() {
            *row = pick(number);
        }
        rows.map_or_else(|| Batch::unbound(0, 0), |rows| rows.gather(&picks))
    }

    /// Sorts by the keys; equal rows stay in the order in which they came.
    fn order(&self, keyed: &mut [Keyed]) {
        keyed.sort_by(|(a, _), (b, _)| {
            let parts = a.iter().zip(b).zip(&self.descending).map(|((a, b), descending)| {
                let order = a.total_order(b);
                if *descending { order.reverse() } else { order }
            });
            parts.fold(Ordering::Equal, Ordering::then)
        });
    }
}

impl Operate for Sort<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if self.sorted.is_none() {
            self.sorted = Some(self.sort(context)?);
        }
        let Some(Sorted { rows: Some(rows), order, given }) = &mut self.sorted else { return Ok(None) };
        let end = order.len().min(*given + ROWS);
        let picks = &order[*given..end];
        *given = end;
        Ok((!picks.is_empty()).then(|| rows.gather(picks)))
    }

    fn bytes(&self) -> usize {
        self.kept.bytes()
    }
}

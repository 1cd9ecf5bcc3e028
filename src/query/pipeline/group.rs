//! Grouping, and merging equal rows.

use super::batch::{Batch, Column, ROWS, pick};
use super::evaluate::Evaluator;
use super::keys::Keys;
use super::memory::{Kept, bytes_of};
use super::{Input, Operate};
use crate::error::Result;
use crate::model::{NodeId, Value};
use crate::query::expr::{Context, Expr};
use crate::query::functions::Accumulator;
use crate::query::plan::{AggregateCall, Grouping};

/// Makes one row of all rows with equal keys.
pub(super) struct Group<'p> {
    input: Input<'p>,
    plan: &'p Grouping,
    /// The variables of the row around that are asked for afterwards; `None` for all.
    outer: Option<&'p [usize]>,
    keys: Vec<Evaluator<'p>>,
    aggregates: Vec<Aggregation<'p>>,
    /// The groups, once they are complete and being given.
    groups: Option<std::vec::IntoIter<Vec<(usize, Value)>>>,
    kept: Kept,
}

/// An aggregate with what it reads.
struct Aggregation<'p> {
    call: &'p AggregateCall,
    argument: Option<Evaluator<'p>>,
    second: Option<Evaluator<'p>>,
}

impl<'p> Group<'p> {
    pub(super) fn new(input: Input<'p>, plan: &'p Grouping, outer: Option<&'p [usize]>) -> Self {
        let aggregation = |call: &'p AggregateCall| Aggregation {
            call,
            argument: call.argument.as_ref().map(Evaluator::new),
            second: call.second.as_ref().map(Evaluator::new),
        };
        Self {
            input,
            plan,
            outer,
            keys: plan.keys.iter().map(|(key, _)| Evaluator::new(key)).collect(),
            aggregates: plan.aggregates.iter().map(aggregation).collect(),
            groups: None,
            kept: Kept::default(),
        }
    }

    fn accumulators(&self) -> Vec<Accumulator> {
        let calls = self.plan.aggregates.iter();
        calls.map(|call| Accumulator::new(call.aggregate, call.distinct)).collect()
    }

    /// Reads all rows; gives what each group binds.
    fn collect(&mut self, context: &Context<'_>) -> Result<Vec<Vec<(usize, Value)>>> {
        let mut keys = Keys::default();
        let mut groups: Vec<Vec<Accumulator>> = Vec::new();
        while let Some(batch) = self.input.next(context)? {
            (context.surroundings.check)()?;
            self.add(&batch, &mut keys, &mut groups, context)?;
        }
        // Without keys there is one group, even of no rows.
        if self.keys.is_empty() && groups.is_empty() {
            keys.number(&[], 0);
            groups.push(self.accumulators());
        }
        let mut out = Vec::with_capacity(groups.len());
        for (values, accumulators) in keys.into_values().into_iter().zip(groups) {
            let mut bound = Vec::with_capacity(values.len() + accumulators.len());
            for ((key, slot), value) in self.plan.keys.iter().zip(values) {
                // A column made of a grouped variable may name either.
                if let Expr::Var(variable) = key {
                    bound.push((*variable, value.clone()));
                }
                bound.push((*slot, value));
            }
            for (call, accumulator) in self.plan.aggregates.iter().zip(accumulators) {
                bound.push((call.slot, accumulator.finish()));
            }
            out.push(bound);
        }
        Ok(out)
    }

    fn add(
        &mut self,
        batch: &Batch,
        keys: &mut Keys,
        groups: &mut Vec<Vec<Accumulator>>,
        context: &Context<'_>,
    ) -> Result<()> {
        let columns: Vec<Column> =
            self.keys.iter().map(|key| key.column(batch, context)).collect::<Result<_>>()?;
        let mut arguments = Vec::with_capacity(self.aggregates.len());
        for aggregation in &self.aggregates {
            let column = |e: &Option<Evaluator<'_>>| e.as_ref().map(|e| e.column(batch, context)).transpose();
            arguments.push((column(&aggregation.argument)?, column(&aggregation.second)?));
        }
        let memory = &context.surroundings.memory;
        // One group, in which nodes are counted: no row has to be looked at by itself.
        if let ([], [(Some(Column::Nodes(ids)), None)]) = (&columns[..], &arguments[..]) {
            if groups.is_empty() {
                keys.number(&[], 0);
                groups.push(self.accumulators());
            }
            if let Some(n_kept) = groups[0][0].add_nodes(ids) {
                return self.kept.add(memory, n_kept * size_of::<NodeId>());
            }
        }
        for row in 0..batch.len() {
            let (number, is_new) = keys.number(&columns, row);
            if is_new {
                groups.push(self.accumulators());
                let of_accumulators = self.plan.aggregates.len() * size_of::<Accumulator>();
                self.kept.add(memory, keys.bytes_of_last() + of_accumulators)?;
            }
            let parts = self.aggregates.iter().zip(&arguments).zip(&mut groups[number]);
            for ((aggregation, (argument, second)), accumulator) in parts {
                let value = argument.as_ref().map_or(Value::Bool(true), |argument| argument.get(row));
                if accumulator.keeps_values() {
                    self.kept.add(memory, bytes_of(&value))?;
                }
                let second = second.as_ref().map(|second| second.get(row));
                let added = accumulator.add(value, second.as_ref());
                added.map_err(|error| error.at(aggregation.call.span))?;
            }
        }
        Ok(())
    }
}

impl Operate for Group<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let mut groups = match self.groups.take() {
            Some(groups) => groups,
            None => self.collect(context)?.into_iter(),
        };
        let rows: Vec<Vec<(usize, Value)>> = groups.by_ref().take(ROWS).collect();
        self.groups = Some(groups);
        if rows.is_empty() {
            return Ok(None);
        }
        let mut batch = Batch::unbound(context.surroundings.width, rows.len());
        let slots: Vec<usize> = rows[0].iter().map(|(slot, _)| *slot).collect();
        let mut columns: Vec<Vec<Value>> = slots.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (column, (_, value)) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        for (slot, column) in slots.into_iter().zip(columns) {
            batch.set(slot, Column::of_values(column));
        }
        if let Some(outer) = context.outer {
            batch.fill(outer, self.outer);
        }
        Ok(Some(batch))
    }

    fn bytes(&self) -> usize {
        self.kept.bytes()
    }
}

/// Gives the first of all rows that are equal in some variables.
pub(super) struct Distinct<'p> {
    input: Input<'p>,
    columns: Vec<Evaluator<'p>>,
    seen: Keys,
    kept: Kept,
}

impl<'p> Distinct<'p> {
    pub(super) fn new(input: Input<'p>, columns: &'p [Expr]) -> Self {
        let columns = columns.iter().map(Evaluator::new).collect();
        Self { input, columns, seen: Keys::default(), kept: Kept::default() }
    }
}

impl Operate for Distinct<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(context)? {
            (context.surroundings.check)()?;
            let columns: Vec<Column> =
                self.columns.iter().map(|column| column.column(&batch, context)).collect::<Result<_>>()?;
            let mut picks = Vec::new();
            for row in 0..batch.len() {
                if self.seen.number(&columns, row).1 {
                    self.kept.add(&context.surroundings.memory, self.seen.bytes_of_last())?;
                    picks.push(pick(row));
                }
            }
            if !picks.is_empty() {
                return Ok(Some(batch.gather(&picks)));
            }
        }
        Ok(None)
    }

    fn bytes(&self) -> usize {
        self.kept.bytes()
    }
}

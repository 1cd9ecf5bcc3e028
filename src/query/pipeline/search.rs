//! Path patterns that need a search of their own, and paths put together from
//! what other operators bound.

use std::sync::Arc;

use super::batch::{Batch, Column, ROWS, pick};
use super::{InTurn, Input, Operate};
use crate::error::Result;
use crate::model::{NodeId, Path, RelationshipId, Value};
use crate::query::expr::Context;
use crate::query::matching::{self, Found};
use crate::query::physical::Search;

/// Searches the paths of a pattern for each row.
pub(super) struct Searching<'p> {
    rows: InTurn<'p>,
    plan: &'p Search,
    /// The variables that the pattern binds.
    slots: Vec<usize>,
    /// What was found for the row before the current one and not yet given.
    found: std::vec::IntoIter<Found>,
}

impl<'p> Searching<'p> {
    pub(super) fn new(input: Input<'p>, plan: &'p Search) -> Self {
        let slots = matching::variables(&plan.pattern).into_iter().chain(plan.used).collect();
        Self { rows: InTurn::new(input), plan, slots, found: Vec::new().into_iter() }
    }

    fn search(&self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<Vec<Found>> {
        let taken: Vec<RelationshipId> =
            self.plan.unlike.iter().flat_map(|&slot| relationships_of(&batch.get(slot, row))).collect();
        let mut found = matching::run(&self.plan.pattern, &batch.row(row), &taken, context)?;
        for found in &mut found {
            if let Some(slot) = self.plan.used {
                let used = found.used.iter().map(|&id| Value::Relationship(id)).collect();
                found.bound.push((slot, Value::List(used)));
            }
            if self.plan.reversed {
                for (_, value) in &mut found.bound {
                    if let Value::List(items) = value {
                        items.reverse();
                    }
                }
            }
        }
        Ok(found)
    }
}

impl Operate for Searching<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            (context.surroundings.check)()?;
            let Some((batch, mut row)) = self.rows.next(context)? else { return Ok(None) };
            let mut picks = Vec::new();
            let mut columns: Vec<Vec<Value>> = vec![Vec::new(); self.slots.len()];
            while picks.len() < ROWS {
                if let Some(found) = self.found.next() {
                    picks.push(pick(row - 1));
                    for (slot, value) in found.bound {
                        if let Some(at) = self.slots.iter().position(|other| *other == slot) {
                            columns[at].resize(picks.len() - 1, Value::Null);
                            columns[at].push(value);
                        }
                    }
                    continue;
                }
                if row == batch.len() {
                    break;
                }
                self.found = self.search(&batch, row, context)?.into_iter();
                row += 1;
            }
            let out = (!picks.is_empty()).then(|| {
                let mut out = batch.gather(&picks);
                for (&slot, mut column) in self.slots.iter().zip(columns) {
                    column.resize(picks.len(), Value::Null);
                    out.set(slot, Column::of_values(column));
                }
                out
            });
            if row < batch.len() || self.found.len() > 0 {
                self.rows.keep(batch, row);
            }
            if out.is_some() {
                return Ok(out);
            }
        }
    }
}

/// The relationships in a value.
fn relationships_of(value: &Value) -> Vec<RelationshipId> {
    match value {
        Value::Relationship(id) => vec![*id],
        Value::List(items) => items.iter().flat_map(relationships_of).collect(),
        Value::Path(path) => path.relationships.clone(),
        _ => Vec::new(),
    }
}

/// Puts a path together from its first node and its relationships, single or in lists.
pub(super) struct Assembly<'p> {
    input: Input<'p>,
    slot: usize,
    start: usize,
    hops: &'p [usize],
}

impl<'p> Assembly<'p> {
    pub(super) fn new(input: Input<'p>, slot: usize, start: usize, hops: &'p [usize]) -> Self {
        Self { input, slot, start, hops }
    }

    fn path(&self, batch: &Batch, row: usize, context: &Context<'_>) -> Value {
        let Value::Node(start) = batch.get(self.start, row) else { return Value::Null };
        let graph = context.view.graph();
        let mut path = Path { nodes: vec![start], relationships: Vec::new() };
        for &hop in self.hops {
            for id in relationships_of(&batch.get(hop, row)) {
                let last: NodeId = path.nodes[path.nodes.len() - 1];
                let Some(relationship) = graph.relationship(id) else { return Value::Null };
                let other = if relationship.start == last { relationship.end } else { relationship.start };
                path.nodes.push(other);
                path.relationships.push(id);
            }
        }
        Value::Path(Arc::new(path))
    }
}

impl Operate for Assembly<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(context)? else { return Ok(None) };
        let paths = (0..batch.len()).map(|row| self.path(&batch, row, context)).collect();
        batch.set(self.slot, Column::Values(paths));
        Ok(Some(batch))
    }
}

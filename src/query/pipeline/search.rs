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
use crate::query::plan::Shape;

/// Searches the paths of a pattern for each row.
pub(super) struct Searching<'p> {
    rows: InTurn<'p>,
    plan: &'p Search,
    /// The variables that the pattern binds.
    slots: Vec<usize>,
    /// What was found for the row before the current one and not yet given.
    found: std::vec::IntoIter<Found>,
    /// The same, where nothing but the last node was asked for.
    ends: std::vec::IntoIter<NodeId>,
}

impl<'p> Searching<'p> {
    pub(super) fn new(input: Input<'p>, plan: &'p Search) -> Self {
        let slots = matching::variables(&plan.pattern).into_iter().chain(plan.used).collect();
        Self {
            rows: InTurn::new(input),
            plan,
            slots,
            found: Vec::new().into_iter(),
            ends: Vec::new().into_iter(),
        }
    }

    /// Searches for a row where only the last node is asked for; false where that takes
    /// the whole search.
    fn search_ends(&mut self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<bool> {
        if !self.plan.to_ends {
            return Ok(false);
        }
        let ends = matching::run_to_ends(&self.plan.pattern, &batch.row(row), context)?;
        Ok(ends.map(|ends| self.ends = ends.into_iter()).is_some())
    }

    /// A batch of the ends found for a row.
    fn next_ends(&mut self, batch: &Batch, row: usize) -> Batch {
        let nodes: Vec<NodeId> = self.ends.by_ref().take(ROWS).collect();
        let mut out = batch.gather(&vec![pick(row); nodes.len()]);
        let last = match self.plan.pattern.shape.last() {
            Some(Shape::Node(last)) => self.plan.pattern.parts[*last].slot,
            _ => None,
        };
        if let Some(slot) = last {
            out.set(slot, Column::Nodes(nodes));
        }
        out
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
                if self.ends.len() > 0 {
                    if picks.is_empty() {
                        let out = self.next_ends(&batch, row - 1);
                        self.rows.keep(batch, row);
                        return Ok(Some(out));
                    }
                    break;
                }
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
                if !self.search_ends(&batch, row, context)? {
                    self.found = self.search(&batch, row, context)?.into_iter();
                }
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
            if row < batch.len() || self.found.len() > 0 || self.ends.len() > 0 {
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

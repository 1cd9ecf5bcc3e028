//! Walking single relationships.

use super::batch::{Batch, Column, ROWS, pick};
use super::scan::node_at;
use super::{InTurn, Input, Operate};
use crate::error::Result;
use crate::graph::{self, Symbol};
use crate::model::{NodeId, RelationshipId, Value};
use crate::query::ast::Direction;
use crate::query::expr::{Context, type_error};
use crate::query::physical::Expand;

/// Walks every relationship of the right types from the node bound in each row.
pub(super) struct Expansion<'p> {
    rows: InTurn<'p>,
    plan: &'p Expand,
    types: Types,
    /// What was found and not yet given: rows of the current batch with what each binds.
    found: Found,
}

/// Relationships found, as columns.
#[derive(Default)]
struct Found {
    picks: Vec<u32>,
    relationships: Vec<RelationshipId>,
    nodes: Vec<NodeId>,
}

impl Found {
    fn push(&mut self, row: usize, relationship: RelationshipId, node: NodeId) {
        self.picks.push(pick(row));
        self.relationships.push(relationship);
        self.nodes.push(node);
    }

    fn extend(&mut self, row: usize, relationships: &[RelationshipId], nodes: &[NodeId]) {
        self.picks.resize(self.picks.len() + nodes.len(), pick(row));
        self.relationships.extend_from_slice(relationships);
        self.nodes.extend_from_slice(nodes);
    }

    /// Takes the first rows, so that a hub's neighbours come in batches too.
    fn take(&mut self, most: usize) -> Self {
        let n_taken = self.picks.len().min(most);
        let rest = Self {
            picks: self.picks.split_off(n_taken),
            relationships: self.relationships.split_off(n_taken),
            nodes: self.nodes.split_off(n_taken),
        };
        std::mem::replace(self, rest)
    }
}

/// Types by number; looked up once.
struct Types {
    names: Option<Vec<String>>,
    symbols: Option<Option<Vec<Symbol>>>,
}

impl Types {
    fn new(plan: &Expand) -> Self {
        Self { names: plan.types.clone(), symbols: None }
    }

    fn symbols(&mut self, context: &Context<'_>) -> Option<&[Symbol]> {
        let graph = context.view.graph();
        let names = &self.names;
        let symbols = self.symbols.get_or_insert_with(|| {
            names.as_ref().map(|names| names.iter().filter_map(|name| graph.symbol(name)).collect())
        });
        symbols.as_deref()
    }
}

impl<'p> Expansion<'p> {
    pub(super) fn new(input: Input<'p>, plan: &'p Expand) -> Self {
        Self { rows: InTurn::new(input), plan, types: Types::new(plan), found: Found::default() }
    }

    /// Walks from one row's node.
    fn walk(&mut self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<()> {
        let plan = self.plan;
        let Some(from) = node_at(batch, plan.from, row)? else { return Ok(()) };
        let direction = walked(plan.direction);
        let types = match self.types.symbols(context) {
            // Types that nothing has.
            Some([]) => return Ok(()),
            types => types.unwrap_or_default(),
        };
        if plan.into {
            let Some(to) = node_at(batch, plan.to, row)? else { return Ok(()) };
            // From the side on which there is less to look at.
            let back = reversed(direction);
            let from_end = context.view.degree(from, direction, types) > context.view.degree(to, back, types);
            let (start, end, direction) = if from_end { (to, from, back) } else { (from, to, direction) };
            for (relationship, node) in context.view.expand(start, direction, types) {
                if node == end && !uses(batch, &plan.unlike, row, relationship) {
                    self.found.push(row, relationship, to);
                }
            }
        } else if let Some(all) = context.view.neighbours(from, direction, types)
            && plan.unlike.is_empty()
        {
            self.found.extend(row, all.relationships, all.nodes);
        } else {
            for (relationship, node) in context.view.expand(from, direction, types) {
                if !uses(batch, &plan.unlike, row, relationship) {
                    self.found.push(row, relationship, node);
                }
            }
        }
        Ok(())
    }

    /// The rows of `found`, which are picks from `batch`.
    fn give(&self, batch: &Batch, found: Found) -> Batch {
        let mut out = batch.gather(&found.picks);
        if let Some(slot) = self.plan.relationship {
            out.set(slot, Column::Relationships(found.relationships));
        }
        if !self.plan.into {
            out.set(self.plan.to, Column::Nodes(found.nodes));
        }
        out
    }
}

impl Operate for Expansion<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            let Some((batch, mut row)) = self.rows.next(context)? else { return Ok(None) };
            while row < batch.len() && self.found.picks.len() < ROWS {
                if row.is_multiple_of(64) {
                    (context.surroundings.check)()?;
                }
                self.walk(&batch, row, context)?;
                row += 1;
            }
            let found = self.found.take(ROWS);
            let out = (!found.picks.is_empty()).then(|| self.give(&batch, found));
            if row < batch.len() || !self.found.picks.is_empty() {
                self.rows.keep(batch, row);
            }
            if out.is_some() {
                return Ok(out);
            }
        }
    }
}

/// Binds or checks the ends of the relationship that a row binds.
pub(super) struct Ends<'p> {
    input: Input<'p>,
    plan: &'p Expand,
    types: Types,
}

impl<'p> Ends<'p> {
    pub(super) fn new(input: Input<'p>, plan: &'p Expand) -> Self {
        Self { input, plan, types: Types::new(plan) }
    }

    /// The ways in which the row's relationship can be walked, as pairs of nodes.
    fn ways(&mut self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<Vec<(NodeId, NodeId)>> {
        let plan = self.plan;
        let slot = plan.relationship.unwrap_or_default();
        let id = match batch.get(slot, row) {
            Value::Relationship(id) => id,
            Value::Null => return Ok(Vec::new()),
            other => return Err(type_error(plan.span, "a relationship", &other)),
        };
        let Some(relationship) = context.view.relationship(id) else { return Ok(Vec::new()) };
        let of_type = self.types.symbols(context).is_none_or(|types| types.contains(&relationship.kind));
        if !of_type || uses(batch, &plan.unlike, row, id) {
            return Ok(Vec::new());
        }
        let (start, end) = (relationship.start, relationship.end);
        let mut ways = match plan.direction {
            Direction::Outgoing => vec![(start, end)],
            Direction::Incoming => vec![(end, start)],
            Direction::Either if start == end => vec![(start, end)],
            Direction::Either => vec![(start, end), (end, start)],
        };
        if plan.from_bound {
            let from = node_at(batch, plan.from, row)?;
            ways.retain(|way| Some(way.0) == from);
        }
        if plan.into {
            let to = node_at(batch, plan.to, row)?;
            ways.retain(|way| Some(way.1) == to);
        }
        // One variable for both ends: only a loop will do.
        if plan.from == plan.to {
            ways.retain(|way| way.0 == way.1);
        }
        Ok(ways)
    }
}

impl Operate for Ends<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(context)? {
            (context.surroundings.check)()?;
            let (mut picks, mut from, mut to) = (Vec::new(), Vec::new(), Vec::new());
            for row in 0..batch.len() {
                for way in self.ways(&batch, row, context)? {
                    picks.push(pick(row));
                    from.push(way.0);
                    to.push(way.1);
                }
            }
            if picks.is_empty() {
                continue;
            }
            let mut out = batch.gather(&picks);
            out.set(self.plan.from, Column::Nodes(from));
            out.set(self.plan.to, Column::Nodes(to));
            return Ok(Some(out));
        }
        Ok(None)
    }
}

/// Whether a row uses a relationship already, in any of some variables.
pub(super) fn uses(batch: &Batch, slots: &[usize], row: usize, relationship: RelationshipId) -> bool {
    slots.iter().any(|&slot| match batch.column(slot) {
        None => false,
        Some(Column::Relationships(ids)) => ids[row] == relationship,
        Some(Column::Nodes(_)) => false,
        Some(Column::Values(values)) => holds(&values[row], relationship),
    })
}

fn holds(value: &Value, relationship: RelationshipId) -> bool {
    match value {
        Value::Relationship(id) => *id == relationship,
        Value::List(items) => items.iter().any(|item| holds(item, relationship)),
        Value::Path(path) => path.relationships.contains(&relationship),
        _ => false,
    }
}

fn reversed(direction: graph::Direction) -> graph::Direction {
    match direction {
        graph::Direction::Outgoing => graph::Direction::Incoming,
        graph::Direction::Incoming => graph::Direction::Outgoing,
        graph::Direction::Either => graph::Direction::Either,
    }
}

/// The direction as the graph has it.
pub(super) fn walked(direction: Direction) -> graph::Direction {
    match direction {
        Direction::Outgoing => graph::Direction::Outgoing,
        Direction::Incoming => graph::Direction::Incoming,
        Direction::Either => graph::Direction::Either,
    }
}

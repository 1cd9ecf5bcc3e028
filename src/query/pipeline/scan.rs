//! Nodes to start from.

use super::batch::{Batch, Column, ROWS, pick};
use super::{InTurn, Input, Operate};
use crate::error::{Result, Span};
use crate::model::{NodeId, Value};
use crate::query::expr::{Context, Row, type_error};
use crate::query::plan::Start;
use crate::query::seek;

/// Binds a variable to each node that a seek finds, for each row.
pub(super) struct Scan<'p> {
    rows: InTurn<'p>,
    slot: usize,
    seek: &'p Start,
    /// The variables that the seek depends on.
    uses: Vec<usize>,
    /// What was found for the row before the current one, given up to the next node.
    nodes: Vec<NodeId>,
    next_node: usize,
    /// Whether `nodes` are good for every row.
    is_constant: bool,
    scratch: Row,
}

impl<'p> Scan<'p> {
    pub(super) fn new(input: Input<'p>, slot: usize, seek: &'p Start) -> Self {
        let uses = seek.variables();
        Self {
            rows: InTurn::new(input),
            slot,
            seek,
            uses,
            nodes: Vec::new(),
            next_node: 0,
            is_constant: false,
            scratch: Row::new(),
        }
    }

    /// Finds the nodes for a row.
    fn start_row(&mut self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<()> {
        self.next_node = 0;
        if !self.is_constant {
            self.scratch.resize(context.surroundings.width, Value::Null);
            batch.load(row, &self.uses, &mut self.scratch);
            self.nodes = seek::nodes(self.seek, Span::default(), context, &mut self.scratch)?;
            self.is_constant = self.uses.is_empty();
        }
        Ok(())
    }
}

impl Operate for Scan<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            (context.surroundings.check)()?;
            let Some((batch, mut row)) = self.rows.next(context)? else { return Ok(None) };
            let (mut picks, mut found) = (Vec::new(), Vec::new());
            while found.len() < ROWS {
                if self.next_node < self.nodes.len() {
                    let end = self.nodes.len().min(self.next_node + ROWS - found.len());
                    found.extend_from_slice(&self.nodes[self.next_node..end]);
                    picks.resize(found.len(), pick(row - 1));
                    self.next_node = end;
                    continue;
                }
                if row == batch.len() {
                    break;
                }
                self.start_row(&batch, row, context)?;
                row += 1;
            }
            let out = (!found.is_empty()).then(|| {
                let mut out = batch.gather(&picks);
                out.set(self.slot, Column::Nodes(found));
                out
            });
            if row < batch.len() || self.next_node < self.nodes.len() {
                self.rows.keep(batch, row);
            }
            if out.is_some() {
                return Ok(out);
            }
        }
    }
}

/// Keeps rows in which variables are nodes that are there and can be seen.
pub(super) struct Visible<'p> {
    input: Input<'p>,
    slots: &'p [usize],
    span: Span,
}

impl<'p> Visible<'p> {
    pub(super) fn new(input: Input<'p>, slots: &'p [usize], span: Span) -> Self {
        Self { input, slots, span }
    }
}

impl Operate for Visible<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(mut batch) = self.input.next(context)? {
            for &slot in self.slots {
                let mut picks = Vec::with_capacity(batch.len());
                let mut nodes = Vec::with_capacity(batch.len());
                for row in 0..batch.len() {
                    match node_at(&batch, slot, row).map_err(|error| error.at(self.span))? {
                        Some(node) if context.view.node(node).is_some() => {
                            picks.push(pick(row));
                            nodes.push(node);
                        }
                        _ => {}
                    }
                }
                if picks.len() < batch.len() {
                    batch = batch.gather(&picks);
                }
                batch.set(slot, Column::Nodes(nodes));
            }
            if batch.len() > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// The node that a variable holds in a row; `None` for null.
pub(super) fn node_at(batch: &Batch, slot: usize, row: usize) -> Result<Option<NodeId>> {
    match batch.column(slot) {
        None => Ok(None),
        Some(Column::Nodes(ids)) => Ok(Some(ids[row])),
        Some(column) => match column.get(row) {
            Value::Node(id) => Ok(Some(id)),
            Value::Null => Ok(None),
            other => Err(type_error(Span::default(), "a node", &other)),
        },
    }
}

//! Nodes to start from.

use super::batch::{Batch, Column, ROWS, pick};
use super::{Input, Operate};
use crate::error::{Result, Span};
use crate::model::{NodeId, Value};
use crate::query::expr::{Context, Row, type_error};
use crate::query::plan::Start;
use crate::query::seek;

/// Binds a variable to each node that a seek finds, for each row.
pub(super) struct Scan<'p> {
    input: Input<'p>,
    slot: usize,
    seek: &'p Start,
    /// The variables that the seek depends on.
    uses: Vec<usize>,
    /// What is being scanned: the rows, the row, and the nodes from the next one on.
    current: Option<(Batch, usize)>,
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
            input,
            slot,
            seek,
            uses,
            current: None,
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
        let (mut picks, mut found) = (Vec::new(), Vec::new());
        loop {
            (context.surroundings.check)()?;
            let (batch, row) = match self.current.take() {
                Some(current) => current,
                None => match self.input.next(context)? {
                    None => return Ok(None),
                    Some(batch) => {
                        self.start_row(&batch, 0, context)?;
                        (batch, 0)
                    }
                },
            };
            let mut row = row;
            while row < batch.len() && found.len() < ROWS {
                let end = self.nodes.len().min(self.next_node + ROWS - found.len());
                found.extend_from_slice(&self.nodes[self.next_node..end]);
                picks.resize(found.len(), pick(row));
                self.next_node = end;
                if end == self.nodes.len() {
                    row += 1;
                    if row < batch.len() {
                        self.start_row(&batch, row, context)?;
                    }
                }
            }
            if found.is_empty() {
                continue;
            }
            let mut out = batch.gather(&picks);
            out.set(self.slot, Column::Nodes(found));
            if row < batch.len() {
                self.current = Some((batch, row));
            }
            return Ok(Some(out));
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

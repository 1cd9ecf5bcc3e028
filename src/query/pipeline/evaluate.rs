//! Expressions over whole batches.
//!
//! Variables, properties and comparisons go column by column; everything else goes
//! row by row, with only those variables copied that the expression uses.

use std::cell::RefCell;

use super::batch::{Batch, Column};
use crate::error::{Result, Span};
use crate::graph::Symbol;
use crate::model::{NodeId, Value};
use crate::query::ast::BinaryOp;
use crate::query::expr::{Context, Expr, Labels, Row, binary_values, holds};

/// An expression, ready for batches.
pub(super) struct Evaluator<'p> {
    expr: &'p Expr,
    /// The variables that it uses, for going row by row.
    uses: Vec<usize>,
    /// Where it finds them.
    row: RefCell<Row>,
}

impl<'p> Evaluator<'p> {
    pub(super) fn new(expr: &'p Expr) -> Self {
        let mut uses = expr.variables();
        uses.sort_unstable();
        uses.dedup();
        Self { expr, uses, row: RefCell::default() }
    }

    /// Its value in each row.
    pub(super) fn column(&self, batch: &Batch, context: &Context<'_>) -> Result<Column> {
        match by_column(self.expr, batch, context)? {
            Some(column) => Ok(column),
            None => {
                let values = (0..batch.len()).map(|row| self.value(batch, row, context));
                values.collect::<Result<_>>().map(Column::of_values)
            }
        }
    }

    /// Its value in one row.
    pub(super) fn value(&self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<Value> {
        if let Expr::Var(slot) = self.expr {
            return Ok(batch.get(*slot, row));
        }
        let mut scratch = self.row.borrow_mut();
        scratch.resize(context.surroundings.width, Value::Null);
        batch.load(row, &self.uses, &mut scratch);
        self.expr.eval(context, &mut scratch)
    }

    /// The rows in which it is true.
    pub(super) fn selection(&self, batch: &Batch, context: &Context<'_>) -> Result<Vec<u32>> {
        let column = self.column(batch, context)?;
        let mut picks = Vec::new();
        for row in 0..batch.len() {
            let holds = match &column {
                Column::Values(values) => holds(&values[row], self.expr.span())?,
                other => holds(&other.get(row), self.expr.span())?,
            };
            if holds {
                picks.push(super::batch::pick(row));
            }
        }
        Ok(picks)
    }
}

/// The values of an expression where they can be had column by column.
fn by_column(expr: &Expr, batch: &Batch, context: &Context<'_>) -> Result<Option<Column>> {
    let n_rows = batch.len();
    Ok(match expr {
        Expr::Literal(value) => Some(Column::Values(vec![value.clone(); n_rows])),
        Expr::Var(slot) => Some(match batch.column(*slot) {
            Some(column) => column.clone(),
            None => Column::Values(vec![Value::Null; n_rows]),
        }),
        Expr::Property(base, name, _) => match **base {
            Expr::Var(slot) => properties(batch.column(slot), name, context),
            _ => None,
        },
        Expr::HasLabels(base, labels, _) => match **base {
            Expr::Var(slot) => has_labels(batch.column(slot), labels, context),
            _ => None,
        },
        Expr::Binary(op, a, b, span) if op.is_comparison() => comparison(*op, a, b, *span, batch, context)?,
        _ => None,
    })
}

/// A property of every node or relationship in a column of ids.
fn properties(column: Option<&Column>, name: &str, context: &Context<'_>) -> Option<Column> {
    let graph = context.view.graph();
    let symbol = graph.symbol(name);
    let values = match column? {
        Column::Nodes(ids) => {
            let of = |id| symbol.and_then(|symbol| graph.node(id)?.property(symbol)).cloned();
            // What was deleted by the same statement is an error, which the slow way tells.
            if ids.iter().any(|&id| graph.node(id).is_none()) {
                return None;
            }
            ids.iter().map(|&id| of(id).unwrap_or_default()).collect()
        }
        Column::Relationships(ids) => {
            let of = |id| symbol.and_then(|symbol| graph.relationship(id)?.property(symbol)).cloned();
            if ids.iter().any(|&id| graph.relationship(id).is_none()) {
                return None;
            }
            ids.iter().map(|&id| of(id).unwrap_or_default()).collect()
        }
        Column::Values(_) => return None,
    };
    Some(Column::Values(values))
}

/// Whether every node in a column of ids satisfies a label expression, with the labels looked up once.
fn has_labels(column: Option<&Column>, labels: &Labels, context: &Context<'_>) -> Option<Column> {
    let Column::Nodes(ids) = column? else { return None };
    let graph = context.view.graph();
    let known: Vec<(&str, Option<Symbol>)> =
        labels.names().into_iter().map(|name| (name, graph.symbol(name))).collect();
    let symbol = |name: &str| known.iter().find(|(known, _)| *known == name).and_then(|(_, symbol)| *symbol);
    let holds = |&id: &NodeId| {
        let own = graph.node(id)?.labels();
        let has = |name: &str| symbol(name).is_some_and(|label| own.contains(&label));
        Some(Value::Bool(labels.holds(&has, !own.is_empty())))
    };
    // What was deleted by the same statement is an error, which the slow way tells.
    ids.iter().map(holds).collect::<Option<Vec<Value>>>().map(Column::Values)
}

fn comparison(
    op: BinaryOp,
    a: &Expr,
    b: &Expr,
    span: Span,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Option<Column>> {
    let sides = (by_column(a, batch, context)?, by_column(b, batch, context)?);
    let (Some(a), Some(b)) = sides else { return Ok(None) };
    let mut values = Vec::with_capacity(batch.len());
    for row in 0..batch.len() {
        values.push(match (&a, &b) {
            (Column::Values(a), Column::Values(b)) => binary_values(op, &a[row], &b[row], span, context)?,
            (a, b) => binary_values(op, &a.get(row), &b.get(row), span, context)?,
        });
    }
    Ok(Some(Column::Values(values)))
}

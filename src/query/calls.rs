//! Queries within queries, and procedures: what `CALL`, `FOREACH` and `EXISTS { … }` run for each row.
//!
//! A body runs on one row of the query around it. It sees that row's variables under
//! their own numbers, so that what it finds is already joined with them; only the
//! columns that it gives are carried back.

use super::ast::SubqueryKind;
use super::exec::Executor;
use super::expr::{Context, Expr, Row, holds, type_error};
use super::physical::{Body, Branch, Stage, Subquery};
use super::pipeline::batch::pick;
use super::pipeline::{Batch, Keys, Pipeline};
use super::plan::ProcedureCall;
use crate::error::{Result, Span};
use crate::model::Value;

/// Runs a body that reads on one row, and gives its rows to `take` until that has enough.
pub(super) fn each_batch(
    body: &Body,
    row: &Row,
    context: &Context<'_>,
    take: &mut dyn FnMut(Batch) -> Result<bool>,
) -> Result<()> {
    let context = Context { outer: Some(row), ..*context };
    let mut seen = Keys::default();
    for branch in &body.branches {
        let Some(Stage::Read(root)) = branch.stages.first() else {
            if !take(union_of(Batch::of_row(row), branch, body, &mut seen))? {
                return Ok(());
            }
            continue;
        };
        let mut pipeline = Pipeline::new(root);
        pipeline.feed(Batch::of_row(row));
        while let Some(batch) = pipeline.next(&context)? {
            if !take(union_of(batch, branch, body, &mut seen))? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A branch's rows under the body's columns, without those that were there before.
fn union_of(batch: Batch, branch: &Branch, body: &Body, seen: &mut Keys) -> Batch {
    if body.branches.len() == 1 {
        return batch;
    }
    let batch = batch.renamed(&branch.columns, &body.columns);
    if !body.distinct {
        return batch;
    }
    let columns = batch.columns_of(&body.columns);
    let new = (0..batch.len()).filter(|&row| seen.number(&columns, row).1);
    batch.gather(&new.map(pick).collect::<Vec<_>>())
}

/// The value of a subquery of an expression on a row.
pub(super) fn subquery(subquery: &Subquery, row: &Row, context: &Context<'_>) -> Result<Value> {
    (context.surroundings.check)()?;
    let (mut count, mut items) = (0_i64, Vec::new());
    each_batch(&subquery.body, row, context, &mut |batch| {
        count += i64::try_from(batch.len()).unwrap_or(i64::MAX);
        match subquery.kind {
            SubqueryKind::Exists | SubqueryKind::Pattern => return Ok(count == 0),
            SubqueryKind::Count => {}
            SubqueryKind::Collect | SubqueryKind::First => {
                for at in 0..batch.len() {
                    items.push(subquery.value.eval(context, &mut batch.row(at))?);
                }
            }
        }
        Ok(subquery.kind != SubqueryKind::First || items.is_empty())
    })?;
    Ok(match subquery.kind {
        SubqueryKind::Exists | SubqueryKind::Pattern => Value::Bool(count > 0),
        SubqueryKind::Count => Value::Int(count),
        SubqueryKind::Collect => Value::List(items),
        SubqueryKind::First => items.into_iter().next().unwrap_or_default(),
    })
}

/// Runs a body that writes for each row. One that gives no rows keeps each row as it is;
/// otherwise a row comes as often as the body gives one, and with `optional` at least once.
pub(super) fn call_query(
    executor: &mut Executor<'_, '_>,
    body: &Body,
    optional: bool,
    rows: Vec<Row>,
) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for mut row in rows {
        let found = executor.body(body, &row)?;
        if body.columns.is_empty() {
            out.push(row);
            continue;
        }
        let is_empty = found.is_empty();
        out.extend(found.into_iter().map(|found| {
            let mut row = row.clone();
            body.columns.iter().for_each(|&slot| row[slot] = found[slot].clone());
            row
        }));
        if is_empty && optional {
            body.columns.iter().for_each(|&slot| row[slot] = Value::Null);
            out.push(row);
        }
    }
    Ok(out)
}

/// Runs a body for each item of a list of each row, for what it changes.
pub(super) fn foreach(
    executor: &mut Executor<'_, '_>,
    list: &Expr,
    slot: usize,
    body: &Body,
    span: Span,
    mut rows: Vec<Row>,
) -> Result<Vec<Row>> {
    for row in &mut rows {
        let items = match executor.eval(list, row)? {
            Value::List(items) => items,
            Value::Null => continue,
            other => return Err(type_error(span, "a list", &other)),
        };
        let mut inner = row.clone();
        for item in items {
            inner[slot] = item;
            executor.body(body, &inner)?;
        }
    }
    Ok(rows)
}

/// Runs a procedure that writes for each row. One of which no column is asked for keeps the rows.
pub(super) fn call_procedure(
    executor: &mut Executor<'_, '_>,
    call: &ProcedureCall,
    rows: Vec<Row>,
) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for mut row in rows {
        let arguments = call.arguments.iter().map(|argument| executor.eval(argument, &mut row));
        let arguments: Vec<Value> = arguments.collect::<Result<_>>()?;
        let found = call.procedure.call(executor.writer, executor.surroundings, &arguments);
        let found = found.map_err(|error| error.at(call.span))?;
        if call.yields.is_empty() {
            out.push(row);
            continue;
        }
        let before = out.len();
        for values in found {
            let mut row = row.clone();
            for (column, slot) in &call.yields {
                row[*slot] = values[*column].clone();
            }
            let passes = match &call.filter {
                None => true,
                Some(filter) => holds(&executor.eval(filter, &mut row)?, filter.span())?,
            };
            if passes {
                out.push(row);
            }
        }
        if call.optional && out.len() == before {
            call.yields.iter().for_each(|(_, slot)| row[*slot] = Value::Null);
            out.push(row);
        }
    }
    Ok(out)
}

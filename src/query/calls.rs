//! Queries within queries, and procedures: what `CALL`, `FOREACH` and `EXISTS { … }` run for each row.
//!
//! A body runs on one row of the query around it. It sees that row's variables under
//! their own numbers, so that what it finds is already joined with them; only the
//! columns that it gives are carried back.

use std::collections::BTreeSet;

use super::exec::Executor;
use super::expr::{Expr, Row, type_error};
use super::plan::{Body, Branch, ProcedureCall};
use super::procs::{Procedure, Rows};
use super::read::Reader;
use crate::error::{Result, Span};
use crate::model::{GroupKey, Value};

/// What can run a body: one that only reads, or one that writes too.
pub(super) trait Runner {
    /// The rows that a branch makes of one row.
    fn run_branch(&mut self, branch: &Branch, row: &Row) -> Result<Vec<Row>>;

    /// The rows that a procedure gives.
    fn run_procedure(&mut self, procedure: &Procedure, arguments: &[Value]) -> Result<Rows>;

    /// Reads the graph as it is now.
    fn now(&self) -> Reader<'_>;
}

impl Runner for Reader<'_> {
    fn run_branch(&mut self, branch: &Branch, row: &Row) -> Result<Vec<Row>> {
        let inner = Reader { outer: Some(row), ..*self };
        branch.steps.iter().try_fold(vec![row.clone()], |rows, step| {
            inner.check()?;
            inner.step(step, rows)
        })
    }

    fn run_procedure(&mut self, procedure: &Procedure, arguments: &[Value]) -> Result<Rows> {
        procedure.read(&self.context, arguments)
    }

    fn now(&self) -> Reader<'_> {
        *self
    }
}

impl Runner for Executor<'_, '_> {
    fn run_branch(&mut self, branch: &Branch, row: &Row) -> Result<Vec<Row>> {
        let (plan, surroundings) = (self.plan, self.surroundings);
        let mut inner = Executor { plan, writer: &mut *self.writer, surroundings, outer: Some(row) };
        branch.steps.iter().try_fold(vec![row.clone()], |rows, step| {
            (surroundings.check)()?;
            inner.step(step, rows)
        })
    }

    fn run_procedure(&mut self, procedure: &Procedure, arguments: &[Value]) -> Result<Rows> {
        procedure.call(self.writer, self.surroundings, arguments)
    }

    fn now(&self) -> Reader<'_> {
        self.reader()
    }
}

/// The rows of a body on one row of the query around it.
pub(super) fn rows_of(runner: &mut impl Runner, body: &Body, row: &Row) -> Result<Vec<Row>> {
    if let [branch] = &body.branches[..] {
        return runner.run_branch(branch, row);
    }
    let mut all = Vec::new();
    for branch in &body.branches {
        for mut found in runner.run_branch(branch, row)? {
            copy(&branch.columns, &body.columns, &mut found);
            all.push(found);
        }
        runner.now().keep_bounded(all.len())?;
    }
    if body.distinct {
        let mut seen = BTreeSet::new();
        all.retain(|row| seen.insert(GroupKey(values(&body.columns, row))));
    }
    Ok(all)
}

fn copy(from: &[usize], to: &[usize], row: &mut Row) {
    for (value, &slot) in values(from, row).into_iter().zip(to) {
        row[slot] = value;
    }
}

fn values(slots: &[usize], row: &Row) -> Vec<Value> {
    slots.iter().map(|&slot| row[slot].clone()).collect()
}

/// Runs a body for each row. One that gives no rows keeps each row as it is;
/// otherwise a row comes as often as the body gives one, and with `optional` at least once.
pub(super) fn call_query(
    runner: &mut impl Runner,
    body: &Body,
    optional: bool,
    rows: Vec<Row>,
) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for mut row in rows {
        let found = rows_of(runner, body, &row)?;
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
        runner.now().keep_bounded(out.len())?;
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
            rows_of(executor, body, &inner)?;
        }
    }
    Ok(rows)
}

/// Runs a procedure for each row. One that writes, and of which no column is asked for, keeps the rows.
pub(super) fn call_procedure(
    runner: &mut impl Runner,
    call: &ProcedureCall,
    rows: Vec<Row>,
) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for mut row in rows {
        let arguments = call.arguments.iter().map(|argument| runner.now().eval(argument, &mut row));
        let arguments: Vec<Value> = arguments.collect::<Result<_>>()?;
        let found = runner.run_procedure(call.procedure, &arguments).map_err(|error| error.at(call.span))?;
        if call.yields.is_empty() && call.procedure.writes {
            out.push(row);
            continue;
        }
        let before = out.len();
        for values in found {
            let mut row = row.clone();
            for (column, slot) in &call.yields {
                row[*slot] = values[*column].clone();
            }
            if runner.now().passes(call.filter.as_slice(), &mut row)? {
                out.push(row);
            }
        }
        runner.now().keep_bounded(out.len())?;
        if call.optional && out.len() == before {
            call.yields.iter().for_each(|(_, slot)| row[*slot] = Value::Null);
            out.push(row);
        }
    }
    Ok(out)
}

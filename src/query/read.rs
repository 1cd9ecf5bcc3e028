//! Steps that read: rows in, rows out, and the graph as it was.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::SubqueryKind;
use super::expr::{Context, Expr, Row, type_error};
use super::functions::Accumulator;
use super::matching;
use super::plan::{Grouping, Pattern, Project, Step, Subquery};
use crate::error::{Detail, Error, Result, Span};
use crate::model::{GroupKey, RelationshipId, Value};
use crate::names::did_you_mean;

/// The most rows that a step may give.
pub(super) const ROWS_MAX: usize = 4_000_000;

/// Runs steps on a graph that nothing changes meanwhile.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) context: Context<'a>,
}

impl Reader<'_> {
    /// Runs one step.
    pub(super) fn step(&self, step: &Step, rows: Vec<Row>) -> Result<Vec<Row>> {
        match step {
            Step::Match { patterns, filters, optional, new } => {
                self.find(patterns, filters, *optional, new, rows)
            }
            Step::Project(project) => self.project(project, rows),
            Step::Unwind { list, slot, span } => self.unwind(list, *slot, *span, rows),
            _ => Err(Error::invalid("a clause that writes or calls cannot stand here")),
        }
    }

    /// The value of a subquery on a row.
    pub(super) fn subquery(&self, subquery: &Subquery, row: &Row) -> Result<Value> {
        let mut rows = vec![row.clone()];
        for step in &subquery.steps {
            self.check()?;
            rows = self.step(step, rows)?;
        }
        let mut value = |row: &mut Row| self.eval(&subquery.value, row);
        match subquery.kind {
            SubqueryKind::Exists | SubqueryKind::Pattern => Ok(Value::Bool(!rows.is_empty())),
            SubqueryKind::Count => Ok(Value::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX))),
            SubqueryKind::Collect => rows.iter_mut().map(value).collect::<Result<_>>().map(Value::List),
            SubqueryKind::First => rows.first_mut().map_or(Ok(Value::Null), &mut value),
        }
    }

    /// Asks whether to stop, and refuses more rows than memory should hold.
    fn keep_bounded(&self, n_rows: usize) -> Result<()> {
        self.check()?;
        match n_rows > ROWS_MAX {
            true => Err(Error::invalid(format!(
                "a step gave more than {ROWS_MAX} rows, which are kept in memory"
            ))
            .detail(Detail::LimitExceeded)
            .hint("narrow the pattern, or aggregate or LIMIT in a WITH before".to_owned())),
            false => Ok(()),
        }
    }

    fn check(&self) -> Result<()> {
        (self.context.surroundings.check)()
    }

    fn eval(&self, expr: &Expr, row: &mut Row) -> Result<Value> {
        expr.eval(&self.context, row)
    }

    /// Whether all conditions are true.
    pub(super) fn passes(&self, filters: &[Expr], row: &mut Row) -> Result<bool> {
        for filter in filters {
            match self.eval(filter, row)? {
                Value::Bool(true) => {}
                Value::Bool(false) | Value::Null => return Ok(false),
                other => return Err(type_error(filter.place(), "true or false after WHERE", &other)),
            }
        }
        Ok(true)
    }

    fn find(
        &self,
        patterns: &[Pattern],
        filters: &[Expr],
        optional: bool,
        new: &[usize],
        rows: Vec<Row>,
    ) -> Result<Vec<Row>> {
        let mut out = Vec::new();
        for row in rows {
            self.check()?;
            let before = out.len();
            for mut found in self.find_all(patterns, &row)? {
                if self.passes(filters, &mut found)? {
                    out.push(found);
                }
            }
            self.keep_bounded(out.len())?;
            if optional && out.len() == before {
                let mut row = row;
                new.iter().for_each(|&slot| row[slot] = Value::Null);
                out.push(row);
            }
        }
        Ok(out)
    }

    /// All rows that the patterns make of one row, one pattern after the other.
    pub(super) fn find_all(&self, patterns: &[Pattern], row: &Row) -> Result<Vec<Row>> {
        let mut partial: Vec<(Row, Vec<RelationshipId>)> = vec![(row.clone(), Vec::new())];
        for pattern in patterns {
            let mut next = Vec::new();
            for (row, taken) in &partial {
                for (found, mut used) in matching::run(pattern, row, taken, &self.context)? {
                    used.extend(taken);
                    next.push((found, used));
                }
                self.keep_bounded(next.len())?;
            }
            partial = next;
        }
        Ok(partial.into_iter().map(|(row, _)| row).collect())
    }

    fn project(&self, project: &Project, rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut rows = match &project.grouping {
            Some(grouping) => self.group(grouping, rows)?,
            None => rows,
        };
        for row in &mut rows {
            for (item, slot) in &project.items {
                row[*slot] = self.eval(item, row)?;
            }
        }
        if project.distinct {
            let slots = self.columns_of(project);
            let mut seen = BTreeSet::new();
            rows.retain(|row| seen.insert(GroupKey(slots.iter().map(|&slot| row[slot].clone()).collect())));
        }
        if !project.order.is_empty() {
            rows = self.sort(&project.order, rows)?;
        }
        let skip = self.count(project.skip.as_ref())?.unwrap_or(0);
        let limit = self.count(project.limit.as_ref())?.unwrap_or(usize::MAX);
        let mut rows: Vec<Row> = rows.into_iter().skip(skip).take(limit).collect();
        if project.filter.is_some() {
            let mut kept = Vec::new();
            for mut row in rows {
                if self.passes(project.filter.as_slice(), &mut row)? {
                    kept.push(row);
                }
            }
            rows = kept;
        }
        Ok(rows)
    }

    fn columns_of(&self, project: &Project) -> Vec<usize> {
        let keys = project.grouping.iter().flat_map(|grouping| grouping.keys.iter().map(|(_, slot)| *slot));
        keys.chain(project.items.iter().map(|(_, slot)| *slot)).collect()
    }

    fn group(&self, grouping: &Grouping, rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut groups: Vec<(Row, Vec<Accumulator>)> = Vec::new();
        let mut by_key: BTreeMap<GroupKey, usize> = BTreeMap::new();
        let new = || {
            grouping
                .aggregates
                .iter()
                .map(|call| Accumulator::new(call.aggregate, call.distinct))
                .collect::<Vec<_>>()
        };
        for mut row in rows {
            let keys: Vec<Value> =
                grouping.keys.iter().map(|(key, _)| self.eval(key, &mut row)).collect::<Result<_>>()?;
            let at = *by_key.entry(GroupKey(keys.clone())).or_insert_with(|| {
                let mut first = row.clone();
                for ((_, slot), value) in grouping.keys.iter().zip(keys) {
                    first[*slot] = value;
                }
                groups.push((first, new()));
                groups.len() - 1
            });
            for (call, accumulator) in grouping.aggregates.iter().zip(&mut groups[at].1) {
                let value = match &call.argument {
                    Some(argument) => self.eval(argument, &mut row)?,
                    None => Value::Bool(true),
                };
                let second = call.second.as_ref().map(|second| self.eval(second, &mut row)).transpose()?;
                accumulator.add(value, second.as_ref()).map_err(|error| error.at(call.span))?;
            }
        }
        // Without keys there is one group, even of no rows.
        if groups.is_empty() && grouping.keys.is_empty() {
            groups.push((vec![Value::Null; self.context.surroundings.width], new()));
        }
        let finish = |(mut row, accumulators): (Row, Vec<Accumulator>)| {
            for (call, accumulator) in grouping.aggregates.iter().zip(accumulators) {
                row[call.slot] = accumulator.finish();
            }
            row
        };
        Ok(groups.into_iter().map(finish).collect())
    }

    fn sort(&self, keys: &[(Expr, bool)], rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut keyed = Vec::with_capacity(rows.len());
        for mut row in rows {
            let key: Vec<Value> =
                keys.iter().map(|(key, _)| self.eval(key, &mut row)).collect::<Result<_>>()?;
            keyed.push((key, row));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let parts = a.iter().zip(b).zip(keys).map(|((a, b), (_, descending))| {
                let order = a.total_order(b);
                if *descending { order.reverse() } else { order }
            });
            parts.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    fn count(&self, cut: Option<&(Expr, Span)>) -> Result<Option<usize>> {
        let Some((expr, span)) = cut else { return Ok(None) };
        match self.eval(expr, &mut vec![Value::Null; self.context.surroundings.width])? {
            Value::Int(count) if count >= 0 => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX))),
            Value::Int(count) => {
                let message = format!("expected a number from 0, found {count}");
                Err(Error::syntax(*span, message).detail(Detail::NegativeIntegerArgument))
            }
            other => {
                let message = format!("expected a whole number, found {} {other}", other.type_name());
                Err(Error::syntax(*span, message).detail(Detail::InvalidArgumentType))
            }
        }
    }

    fn unwind(&self, list: &Expr, slot: usize, span: Span, rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut out = Vec::new();
        for mut row in rows {
            let items = match self.eval(list, &mut row)? {
                Value::List(items) => items,
                Value::Null => Vec::new(),
                other => return Err(type_error(span, "a list", &other)),
            };
            for item in items {
                let mut row = row.clone();
                row[slot] = item;
                out.push(row);
            }
            self.keep_bounded(out.len())?;
        }
        Ok(out)
    }
}

/// The map after `USING LENS`.
///
/// # Errors
/// An `ArgumentError` for an entry that a lens does not have or that has the wrong type.
pub(super) fn lens_of(value: &Value, span: Span) -> Result<crate::graph::Lens> {
    let Value::Map(entries) = value else {
        return Err(type_error(span, "a map such as {asOf: date('2023-10-15')}", value));
    };
    let mut lens = crate::graph::Lens::default();
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "asOf" => lens.as_of = Some(value.clone()),
            "knownBy" => lens.known_by = Some(value.clone()),
            "minConfidence" => {
                let least =
                    value.as_number().ok_or_else(|| type_error(span, "a number as minConfidence", value))?;
                lens.confidence_min = Some(least);
            }
            "without" => lens.without = texts(value, span)?,
            _ => {
                let near = did_you_mean(name, ["asOf", "knownBy", "minConfidence", "without"]);
                let all = || Some("it has asOf, knownBy, minConfidence and without".to_owned());
                return Err(Error::query("ArgumentError", span, format!("a lens has no part '{name}'"))
                    .hint(near.or_else(all)));
            }
        }
    }
    Ok(lens)
}

fn texts(value: &Value, span: Span) -> Result<Vec<String>> {
    let items = match value {
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let text = |item: &Value| {
        item.as_str().map(str::to_owned).ok_or_else(|| type_error(span, "keys of sources as texts", item))
    };
    items.iter().map(text).collect()
}

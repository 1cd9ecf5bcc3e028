//! Statements by their definition: clause after clause, each a table of rows from the table before.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Clause, Expr, Graph, Link, NodePattern, Pattern, Projection, Query, Single};
use super::values::Value;

/// Variables by name.
pub(crate) type Row = BTreeMap<String, Value>;

pub(crate) type Result<T> = std::result::Result<T, Stop>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stop {
    /// The statement fails with an error of this class.
    Error(&'static str),
    /// Too many steps for a test; the case is left out.
    TooMuch,
}

/// The rows before SKIP and LIMIT. Rows of one class may come in any order, the classes come in theirs.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<String>,
    pub(crate) classes: Vec<Vec<Vec<Value>>>,
    pub(crate) skip: usize,
    pub(crate) limit: Option<usize>,
}

pub(crate) struct Evaluator<'g> {
    pub(crate) graph: &'g Graph,
    steps: Cell<usize>,
    steps_max: usize,
}

impl<'g> Evaluator<'g> {
    pub(crate) fn new(graph: &'g Graph, steps_max: usize) -> Self {
        Self { graph, steps: Cell::new(0), steps_max }
    }

    pub(crate) fn count_step(&self) -> Result<()> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > self.steps_max { Err(Stop::TooMuch) } else { Ok(()) }
    }

    pub(crate) fn query(&self, query: &Query) -> Result<Answer> {
        self.query_from(query, &Row::new())
    }

    /// The rows of a query that stands in another, whose variables are there throughout.
    pub(crate) fn rows_of(&self, query: &Query, outer: &Row) -> Result<Vec<Vec<Value>>> {
        let answer = self.query_from(query, outer)?;
        let rows = answer.classes.into_iter().flatten();
        Ok(rows.skip(answer.skip).take(answer.limit.unwrap_or(usize::MAX)).collect())
    }

    fn query_from(&self, query: &Query, outer: &Row) -> Result<Answer> {
        let mut answers = Vec::new();
        for part in &query.parts {
            answers.push(self.single(part, outer)?);
        }
        if answers.len() == 1 {
            return Ok(answers.remove(0));
        }
        let columns = answers[0].columns.clone();
        let mut rows: Vec<Vec<Value>> =
            answers.into_iter().flat_map(|answer| answer.classes).flatten().collect();
        if !query.is_all {
            rows = distinct(rows, Vec::clone);
        }
        Ok(Answer { columns, classes: vec![rows], skip: 0, limit: None })
    }

    fn single(&self, single: &Single, outer: &Row) -> Result<Answer> {
        let mut rows = vec![outer.clone()];
        for clause in &single.clauses {
            rows = self.clause(clause, rows, outer)?;
        }
        let columns: Vec<String> = single.returns.items.iter().map(|(_, name)| name.clone()).collect();
        let projected = self.project(&single.returns, &rows, outer)?;
        let mut classes: Vec<Vec<Vec<Value>>> = Vec::new();
        let mut last_keys: Option<Vec<Value>> = None;
        for (row, keys) in projected {
            let row = columns.iter().map(|name| row[name].clone()).collect();
            match classes.last_mut() {
                Some(class) if last_keys.as_ref().is_some_and(|last| are_equivalent(last, &keys)) => {
                    class.push(row);
                }
                _ => classes.push(vec![row]),
            }
            last_keys = Some(keys);
        }
        let (skip, limit) = (single.returns.skip.unwrap_or(0), single.returns.limit);
        Ok(Answer { columns, classes, skip, limit })
    }

    fn clause(&self, clause: &Clause, rows: Vec<Row>, outer: &Row) -> Result<Vec<Row>> {
        let mut after = Vec::new();
        match clause {
            Clause::Match { is_optional, patterns, filter } => {
                for row in rows {
                    let found = self.filtered(self.find_all(patterns, &row)?, filter.as_ref())?;
                    if found.is_empty() && *is_optional {
                        let mut row = row;
                        for name in variables_of(patterns) {
                            row.entry(name).or_insert(Value::Null);
                        }
                        after.push(row);
                    } else {
                        after.extend(found);
                    }
                }
            }
            Clause::Unwind { list, variable } => {
                for row in rows {
                    let items = match self.eval(list, &row)? {
                        Value::List(items) => items,
                        Value::Null => Vec::new(),
                        other => vec![other],
                    };
                    for item in items {
                        self.count_step()?;
                        let mut row = row.clone();
                        row.insert(variable.clone(), item);
                        after.push(row);
                    }
                }
            }
            Clause::Call { is_optional, imports, body } => {
                for row in rows {
                    let is_imported =
                        |name: &String| imports.as_ref().is_none_or(|names| names.contains(name));
                    let visible = row.iter().filter(|(name, _)| is_imported(name));
                    let inner = visible.map(|(name, value)| (name.clone(), value.clone())).collect();
                    let mut found = self.rows_of(body, &inner)?;
                    let columns = body.parts[0].returns.items.iter().map(|(_, name)| name.clone());
                    let columns: Vec<String> = columns.collect();
                    if found.is_empty() && *is_optional {
                        found.push(vec![Value::Null; columns.len()]);
                    }
                    for values in found {
                        self.count_step()?;
                        let mut row = row.clone();
                        row.extend(columns.iter().cloned().zip(values));
                        after.push(row);
                    }
                }
            }
            Clause::With { projection, filter } => {
                let projected = self.project(projection, &rows, outer)?.into_iter().map(|(row, _)| row);
                // What is bound outside of the query stays.
                let projected = projected.map(|row| outer.clone().into_iter().chain(row).collect());
                let limit = projection.limit.unwrap_or(usize::MAX);
                let kept = projected.skip(projection.skip.unwrap_or(0)).take(limit).collect();
                after = self.filtered(kept, filter.as_ref())?;
            }
        }
        Ok(after)
    }

    pub(crate) fn filtered(&self, rows: Vec<Row>, filter: Option<&Expr>) -> Result<Vec<Row>> {
        let mut kept = Vec::new();
        for row in rows {
            if self.holds(filter, &row)? {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    /// Whether a condition is true; one that is unknown is not.
    pub(crate) fn holds(&self, filter: Option<&Expr>, row: &Row) -> Result<bool> {
        match filter {
            Some(filter) => Ok(self.eval(filter, row)? == Value::Bool(true)),
            None => Ok(true),
        }
    }

    /// The projected rows in their order, each with the values that it was ordered by.
    fn project(&self, projection: &Projection, rows: &[Row], outer: &Row) -> Result<Vec<(Row, Vec<Value>)>> {
        let is_aggregating = projection.items.iter().any(|(expr, _)| has_aggregate(expr));
        // What ORDER BY may look at besides the projected row: the row before it.
        let mut projected: Vec<(Row, Row)> = match is_aggregating {
            true => {
                let rows = self.aggregate(projection, rows, outer)?;
                rows.into_iter().map(|row| (row, outer.clone())).collect()
            }
            false => {
                let mut projected = Vec::new();
                for row in rows {
                    self.count_step()?;
                    let mut new = if projection.is_star { row.clone() } else { Row::new() };
                    for (expr, name) in &projection.items {
                        new.insert(name.clone(), self.eval(expr, row)?);
                    }
                    projected.push((new, row.clone()));
                }
                projected
            }
        };
        if projection.is_distinct {
            projected = distinct(projected, |(row, _)| row.values().cloned().collect());
        }
        let mut keyed = Vec::new();
        for (row, before) in projected {
            let mut visible = before;
            visible.extend(row.clone());
            let mut keys = Vec::new();
            for (expr, _) in &projection.order {
                keys.push(self.eval(expr, &visible)?);
            }
            keyed.push((row, keys));
        }
        keyed.sort_by(|(_, a), (_, b)| {
            let pairs = a.iter().zip(b).zip(&projection.order);
            let orders = pairs.map(|((a, b), (_, descends))| if *descends { b.order(a) } else { a.order(b) });
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        Ok(keyed)
    }

    /// One row for each group; without grouping keys there is one group, even of no rows.
    fn aggregate(&self, projection: &Projection, rows: &[Row], outer: &Row) -> Result<Vec<Row>> {
        let keys: Vec<&Expr> =
            projection.items.iter().map(|(expr, _)| expr).filter(|expr| !has_aggregate(expr)).collect();
        let mut groups: Vec<(Vec<Value>, Vec<Row>)> = Vec::new();
        for row in rows {
            let mut values = Vec::new();
            for key in &keys {
                values.push(self.eval(key, row)?);
            }
            match groups.iter_mut().find(|(other, _)| are_equivalent(other, &values)) {
                Some((_, group)) => group.push(row.clone()),
                None => groups.push((values, vec![row.clone()])),
            }
        }
        if keys.is_empty() && groups.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        let mut aggregated = Vec::new();
        for (_, group) in groups {
            let first = group.first().unwrap_or(outer);
            let mut row = Row::new();
            for (expr, name) in &projection.items {
                row.insert(name.clone(), self.eval_in(expr, first, Some(&group))?);
            }
            aggregated.push(row);
        }
        Ok(aggregated)
    }
}

/// The first of each set of equivalent items.
pub(crate) fn distinct<T>(items: Vec<T>, values: impl Fn(&T) -> Vec<Value>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.iter().any(|other| are_equivalent(&values(other), &values(&item))) {
            kept.push(item);
        }
    }
    kept
}

fn are_equivalent(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.order(b).is_eq())
}

/// Whether the value is one of a group: an aggregate outside all subqueries, or something made of one.
pub(crate) fn has_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Aggregate { .. } => true,
        Expr::Math(_, a, b) => has_aggregate(a) || has_aggregate(b),
        Expr::Call(_, arguments) => arguments.iter().any(has_aggregate),
        Expr::Compare(first, rest) => {
            has_aggregate(first) || rest.iter().any(|(_, other)| has_aggregate(other))
        }
        Expr::In(a, b) => has_aggregate(a) || has_aggregate(b),
        _ => false,
    }
}

/// Every variable that the patterns name.
pub(crate) fn variables_of(patterns: &[Pattern]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let of_node = |names: &mut BTreeSet<String>, node: &NodePattern| names.extend(node.variable.clone());
    for pattern in patterns {
        names.extend(pattern.variable.clone());
        of_node(&mut names, &pattern.start);
        for (link, node) in &pattern.links {
            of_node(&mut names, node);
            match link {
                Link::Relationship(relationship) => names.extend(relationship.variable.clone()),
                Link::Group(group) => {
                    of_node(&mut names, &group.start);
                    for (relationship, node) in &group.hops {
                        names.extend(relationship.variable.clone());
                        of_node(&mut names, node);
                    }
                }
            }
        }
    }
    names
}

//! Execution: each step of the plan turns rows into rows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::expr::{Context, Expr, Row, type_error};
use super::functions::Aggregate;
use super::matching::{self, Resources};
use super::plan::{AggregateCall, CreatePath, Grouping, Pattern, Plan, Project, Set, Step};
use super::procs::Surroundings;
use super::write::Writer;
use crate::error::{Error, Result, Span};
use crate::graph::{CompiledLens, View};
use crate::model::{GroupKey, NodeId, Path, Properties, RelationshipId, Value};
use crate::paths::Limits;

/// The most rows that a step may give.
pub(super) const ROWS_MAX: usize = 4_000_000;

/// Runs a plan's steps on one empty row.
pub(super) struct Executor<'a, 'g> {
    pub(super) plan: &'a Plan,
    pub(super) writer: &'a mut Writer<'g>,
    pub(super) lens: Option<&'a CompiledLens>,
    pub(super) parameters: &'a BTreeMap<String, Value>,
    pub(super) limits: Limits,
    pub(super) now_micros: i64,
    pub(super) check: &'a dyn Fn() -> Result<()>,
    pub(super) notices: &'a RefCell<BTreeSet<String>>,
}

impl Executor<'_, '_> {
    pub(super) fn run(&mut self) -> Result<Vec<Row>> {
        let mut rows = vec![vec![Value::Null; self.plan.width]];
        let plan = self.plan;
        for step in &plan.steps {
            (self.check)()?;
            rows = self.step(step, rows)?;
        }
        Ok(rows)
    }

    fn step(&mut self, step: &Step, rows: Vec<Row>) -> Result<Vec<Row>> {
        match step {
            Step::Match { patterns, filters, optional, new } => {
                self.find(patterns, filters, *optional, new, rows)
            }
            Step::Project(project) => self.project(project, rows),
            Step::Unwind { list, slot, span } => self.unwind(list, *slot, *span, rows),
            Step::Create(paths) => self.create(paths, rows),
            Step::Set(items) => self.set(items, rows),
            Step::Delete { targets, detach } => self.delete(targets, *detach, rows),
            Step::Call { procedure, arguments, yields, filter, span } => {
                let surroundings = Surroundings {
                    lens: self.lens,
                    parameters: self.parameters,
                    notices: self.notices,
                    now_micros: self.now_micros,
                };
                let mut out = Vec::new();
                for mut row in rows {
                    let arguments = self.eval_all(arguments, &mut row)?;
                    let found = procedure.call(self.writer, &surroundings, &arguments);
                    let found = found.map_err(|error| error.at(*span))?;
                    // Without columns asked for, a procedure keeps the rows as they are.
                    if yields.is_empty() && procedure.writes {
                        out.push(row);
                        continue;
                    }
                    for values in found {
                        let mut row = row.clone();
                        for (column, slot) in yields {
                            row[*slot] = values[*column].clone();
                        }
                        if self.passes(filter.as_slice(), &mut row)? {
                            out.push(row);
                        }
                    }
                }
                Ok(out)
            }
        }
    }

    /// Asks whether to stop, and refuses more rows than memory should hold.
    fn keep_bounded(&self, n_rows: usize) -> Result<()> {
        (self.check)()?;
        match n_rows > ROWS_MAX {
            true => Err(Error::invalid(format!(
                "a step gave more than {ROWS_MAX} rows, which are kept in memory"
            ))
            .hint("narrow the pattern, or aggregate or LIMIT in a WITH before".to_owned())),
            false => Ok(()),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            view: View::new(self.writer.graph, self.lens, false),
            parameters: self.parameters,
            notices: self.notices,
        }
    }

    fn eval(&self, expr: &Expr, row: &mut Row) -> Result<Value> {
        expr.eval(&self.context(), row)
    }

    fn eval_all(&self, exprs: &[Expr], row: &mut Row) -> Result<Vec<Value>> {
        exprs.iter().map(|expr| self.eval(expr, row)).collect()
    }

    fn passes(&self, filters: &[Expr], row: &mut Row) -> Result<bool> {
        for filter in filters {
            match self.eval(filter, row)? {
                Value::Bool(true) => {}
                Value::Bool(false) | Value::Null => return Ok(false),
                other => return Err(type_error(Span::default(), "true or false after WHERE", &other)),
            }
        }
        Ok(true)
    }

    fn find(
        &mut self,
        patterns: &[Pattern],
        filters: &[Expr],
        optional: bool,
        new: &[usize],
        rows: Vec<Row>,
    ) -> Result<Vec<Row>> {
        let mut out = Vec::new();
        for row in rows {
            (self.check)()?;
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
    fn find_all(&self, patterns: &[Pattern], row: &Row) -> Result<Vec<Row>> {
        let mut partial: Vec<(Row, Vec<RelationshipId>)> = vec![(row.clone(), Vec::new())];
        let mut notices = BTreeSet::new();
        let mut resources = Resources {
            context: self.context(),
            limits: self.limits,
            check: self.check,
            notices: &mut notices,
            writes: self.plan.writes.is_some(),
        };
        for pattern in patterns {
            let mut next = Vec::new();
            for (row, taken) in &partial {
                for (found, mut used) in matching::run(pattern, row, taken, &mut resources)? {
                    used.extend(taken);
                    next.push((found, used));
                }
                self.keep_bounded(next.len())?;
            }
            partial = next;
        }
        self.notices.borrow_mut().extend(notices);
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
        let new = || grouping.aggregates.iter().map(Accumulator::new).collect::<Vec<_>>();
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
                accumulator.add(call, value)?;
            }
        }
        // Without keys there is one group, even of no rows.
        if groups.is_empty() && grouping.keys.is_empty() {
            groups.push((vec![Value::Null; self.plan.width], new()));
        }
        let finish = |(mut row, accumulators): (Row, Vec<Accumulator>)| {
            for (call, accumulator) in grouping.aggregates.iter().zip(accumulators) {
                row[call.slot] = accumulator.finish(call.aggregate);
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
        match self.eval(expr, &mut vec![Value::Null; self.plan.width])? {
            Value::Int(count) if count >= 0 => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX))),
            Value::Int(count) => {
                Err(Error::query("SyntaxError", *span, format!("expected a number from 0, found {count}")))
            }
            other => Err(type_error(*span, "a whole number", &other)),
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

    fn create(&mut self, paths: &[CreatePath], mut rows: Vec<Row>) -> Result<Vec<Row>> {
        for row in &mut rows {
            (self.check)()?;
            paths.iter().try_for_each(|path| self.create_path(path, row))?;
        }
        Ok(rows)
    }

    fn create_path(&mut self, path: &CreatePath, row: &mut Row) -> Result<()> {
        let mut nodes = Vec::with_capacity(path.nodes.len());
        for node in &path.nodes {
            if node.new {
                let properties = self.properties(node.properties.as_ref(), node.span, row)?;
                row[node.slot] = Value::Node(self.writer.create_node(&node.labels, properties, node.span)?);
            }
            nodes.push(match &row[node.slot] {
                Value::Node(id) => *id,
                other => return Err(type_error(node.span, "a node", other)),
            });
        }
        let mut relationships = Vec::with_capacity(path.relationships.len());
        for (i, new) in path.relationships.iter().enumerate() {
            let ends: (NodeId, NodeId) =
                if new.backwards { (nodes[i + 1], nodes[i]) } else { (nodes[i], nodes[i + 1]) };
            let properties = self.properties(new.properties.as_ref(), new.span, row)?;
            let id = self.writer.create_relationship(&new.kind, ends.0, ends.1, properties, new.span)?;
            row[new.slot] = Value::Relationship(id);
            relationships.push(id);
        }
        if let Some(slot) = path.path {
            row[slot] = Value::Path(Path { nodes, relationships }.into());
        }
        Ok(())
    }

    fn properties(&self, properties: Option<&Expr>, span: Span, row: &mut Row) -> Result<Properties> {
        match properties.map(|properties| self.eval(properties, row)).transpose()? {
            None | Some(Value::Null) => Ok(Properties::new()),
            Some(Value::Map(entries)) => Ok(entries),
            Some(other) => Err(type_error(span, "a map", &other)),
        }
    }

    fn set(&mut self, items: &[Set], mut rows: Vec<Row>) -> Result<Vec<Row>> {
        for row in &mut rows {
            (self.check)()?;
            for item in items {
                self.set_item(item, row)?;
            }
        }
        Ok(rows)
    }

    fn set_item(&mut self, item: &Set, row: &mut Row) -> Result<()> {
        match item {
            Set::Property { target, key, value, span } => {
                let (target, value) = (self.eval(target, row)?, self.eval(value, row)?);
                self.writer.set_property(&target, key, value, *span)
            }
            Set::Replace { target, value, span } | Set::Merge { target, value, span } => {
                let (target, value) = (self.eval(target, row)?, self.eval(value, row)?);
                if target.is_null() || value.is_null() {
                    return Ok(());
                }
                self.writer.set_properties(&target, &value, matches!(item, Set::Replace { .. }), *span)
            }
            Set::Labels { target, labels, present, span } => {
                let target = self.eval(target, row)?;
                self.writer.set_labels(&target, labels, *present, *span)
            }
        }
    }

    /// Relationships go first, so that a node deleted with all of its
    /// relationships in one clause needs no DETACH.
    fn delete(&mut self, targets: &[(Expr, Span)], detach: bool, mut rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut nodes: Vec<(NodeId, Span)> = Vec::new();
        let mut relationships = Vec::new();
        for row in &mut rows {
            for (target, span) in targets {
                match self.eval(target, row)? {
                    Value::Null => {}
                    Value::Node(id) => nodes.push((id, *span)),
                    Value::Relationship(id) => relationships.push(id),
                    Value::Path(path) => {
                        nodes.extend(path.nodes.iter().map(|&id| (id, *span)));
                        relationships.extend(&path.relationships);
                    }
                    other => return Err(type_error(*span, "a node, a relationship or a path", &other)),
                }
            }
        }
        for id in relationships {
            (self.check)()?;
            self.writer.delete_relationship(id)?;
        }
        for (id, span) in &nodes {
            (self.check)()?;
            self.writer.detach_node(*id, detach, *span)?;
        }
        for (id, span) in nodes {
            (self.check)()?;
            self.writer.delete_node(id, span)?;
        }
        Ok(rows)
    }
}

/// What an aggregate has seen.
struct Accumulator {
    values: Vec<Value>,
    seen: BTreeSet<GroupKey>,
    count: i64,
    best: Option<Value>,
    sum: Value,
}

impl Accumulator {
    fn new(_: &AggregateCall) -> Self {
        Self { values: Vec::new(), seen: BTreeSet::new(), count: 0, best: None, sum: Value::Int(0) }
    }

    fn add(&mut self, call: &AggregateCall, value: Value) -> Result<()> {
        if value.is_null() || (call.distinct && !self.seen.insert(GroupKey(vec![value.clone()]))) {
            return Ok(());
        }
        self.count += 1;
        match call.aggregate {
            Aggregate::Count => {}
            Aggregate::Collect => self.values.push(value),
            Aggregate::Sum | Aggregate::Avg => {
                if value.as_number().is_none() {
                    return Err(type_error(call.span, "a number", &value));
                }
                self.sum = super::value_ops::binary(super::ast::BinaryOp::Add, &self.sum, &value, call.span)?;
            }
            Aggregate::Min => self.keep(value, std::cmp::Ordering::Less),
            Aggregate::Max => self.keep(value, std::cmp::Ordering::Greater),
        }
        Ok(())
    }

    fn keep(&mut self, value: Value, better: std::cmp::Ordering) {
        if self.best.as_ref().is_none_or(|best| value.total_order(best) == better) {
            self.best = Some(value);
        }
    }

    fn finish(self, aggregate: Aggregate) -> Value {
        match aggregate {
            Aggregate::Count => Value::Int(self.count),
            Aggregate::Collect => Value::List(self.values),
            Aggregate::Sum => self.sum,
            Aggregate::Avg => match (self.sum.as_number(), self.count) {
                (Some(sum), count) if count > 0 => Value::Float(sum / count as f64),
                _ => Value::Null,
            },
            Aggregate::Min | Aggregate::Max => self.best.unwrap_or_default(),
        }
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
                return Err(Error::query("ArgumentError", span, format!("a lens has no part '{name}'"))
                    .hint("it has asOf, knownBy, minConfidence and without".to_owned()));
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

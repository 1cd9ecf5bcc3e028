//! Execution: each step of the plan turns rows into rows. What only reads is in
//! [`super::read`].

use std::collections::BTreeSet;

use super::expr::{Expr, Row, Surroundings, type_error};
use super::plan::{CreatePath, Pattern, Plan, Set, Step};
use super::read::Reader;
use super::write::Writer;
use crate::error::{Error, Result, Span};
use crate::model::{GroupKey, NodeId, Path, Properties, Value};

/// Runs a plan's steps on one empty row.
pub(super) struct Executor<'a, 'g> {
    pub(super) plan: &'a Plan,
    pub(super) writer: &'a mut Writer<'g>,
    pub(super) surroundings: &'a Surroundings<'a>,
}

impl Executor<'_, '_> {
    /// The rows of the answer.
    pub(super) fn run(&mut self) -> Result<Vec<Vec<Value>>> {
        let plan = self.plan;
        let mut answer = Vec::new();
        for branch in &plan.branches {
            let mut rows = vec![vec![Value::Null; plan.width]];
            for step in &branch.steps {
                (self.surroundings.check)()?;
                rows = self.step(step, rows)?;
            }
            // A statement that only writes has no columns, and no rows.
            if !branch.columns.is_empty() {
                let shown = |row: Row| branch.columns.iter().map(|&slot| row[slot].clone()).collect();
                answer.extend(rows.into_iter().map(shown));
            }
        }
        if plan.distinct {
            let mut seen = BTreeSet::new();
            answer.retain(|row: &Vec<Value>| seen.insert(GroupKey(row.clone())));
        }
        Ok(answer)
    }

    fn step(&mut self, step: &Step, rows: Vec<Row>) -> Result<Vec<Row>> {
        match step {
            Step::Match { .. } | Step::Project(_) | Step::Unwind { .. } => self.reader().step(step, rows),
            Step::Create(paths) => self.create(paths, rows),
            Step::Merge { pattern, path, on_create, on_match } => {
                self.merge(pattern, path, on_create, on_match, rows)
            }
            Step::Set(items) => self.set(items, rows),
            Step::Delete { targets, detach } => self.delete(targets, *detach, rows),
            Step::Call { procedure, arguments, yields, filter, span } => {
                let mut out = Vec::new();
                for mut row in rows {
                    let arguments: Vec<Value> = arguments
                        .iter()
                        .map(|argument| self.eval(argument, &mut row))
                        .collect::<Result<_>>()?;
                    let found = procedure.call(self.writer, self.surroundings, &arguments);
                    let found = found.map_err(|error| error.at(*span))?;
                    // Where there is nothing to yield, a procedure keeps the rows as they are.
                    if yields.is_empty() && procedure.is_silent() {
                        out.push(row);
                        continue;
                    }
                    for values in found {
                        let mut row = row.clone();
                        for (column, slot) in yields {
                            row[*slot] = values[*column].clone();
                        }
                        if self.reader().passes(filter.as_slice(), &mut row)? {
                            out.push(row);
                        }
                    }
                }
                Ok(out)
            }
        }
    }

    fn reader(&self) -> Reader<'_> {
        Reader { context: self.surroundings.context(self.writer.graph) }
    }

    fn eval(&self, expr: &Expr, row: &mut Row) -> Result<Value> {
        expr.eval(&self.surroundings.context(self.writer.graph), row)
    }

    fn create(&mut self, paths: &[CreatePath], mut rows: Vec<Row>) -> Result<Vec<Row>> {
        for row in &mut rows {
            (self.surroundings.check)()?;
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

    /// Finds the pattern, on the graph as the rows before have left it, or creates it.
    fn merge(
        &mut self,
        pattern: &Pattern,
        path: &CreatePath,
        on_create: &[Set],
        on_match: &[Set],
        rows: Vec<Row>,
    ) -> Result<Vec<Row>> {
        let mut out = Vec::new();
        for mut row in rows {
            (self.surroundings.check)()?;
            self.refuse_null_properties(path, &mut row)?;
            let mut found = self.reader().find_all(std::slice::from_ref(pattern), &row)?;
            let items = if found.is_empty() {
                self.create_path(path, &mut row)?;
                found.push(row);
                on_create
            } else {
                on_match
            };
            for row in &mut found {
                items.iter().try_for_each(|item| self.set_item(item, row))?;
            }
            out.extend(found);
        }
        Ok(out)
    }

    /// A pattern that asks for null finds nothing and would be created again and again.
    fn refuse_null_properties(&self, path: &CreatePath, row: &mut Row) -> Result<()> {
        let nodes = path.nodes.iter().map(|node| (&node.properties, node.span));
        for (properties, span) in nodes.chain(path.relationships.iter().map(|r| (&r.properties, r.span))) {
            let Some(properties) = properties else { continue };
            if let Value::Map(entries) = self.eval(properties, row)?
                && let Some((name, _)) = entries.iter().find(|(_, value)| value.is_null())
            {
                return Err(Error::query("SemanticError", span, format!("cannot merge with {name} null")));
            }
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
            (self.surroundings.check)()?;
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
            (self.surroundings.check)()?;
            self.writer.delete_relationship(id)?;
        }
        for (id, span) in &nodes {
            (self.surroundings.check)()?;
            self.writer.detach_node(*id, detach, *span)?;
        }
        for (id, span) in nodes {
            (self.surroundings.check)()?;
            self.writer.delete_node(id, span)?;
        }
        Ok(rows)
    }
}

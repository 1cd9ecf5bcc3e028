//! Execution: stages one after the other, and the clauses that write. What reads is
//! run by [`super::pipeline`].

use super::calls;
use super::expr::{Context, Expr, Row, Surroundings, type_error};
use super::physical::{Body, Operator, Stage};
use super::pipeline::memory::Kept;
use super::pipeline::profile::Stopwatch;
use super::pipeline::{Batch, Keys, Pipeline};
use super::plan::{CreatePath, Set, Step};
use super::write::Writer;
use crate::error::{Error, Result, Span};
use crate::model::{Effect, NodeId, Path, Properties, Value};

/// Runs stages.
pub(super) struct Executor<'a, 'g> {
    pub(super) writer: &'a mut Writer<'g>,
    pub(super) surroundings: &'a Surroundings<'a>,
}

impl Executor<'_, '_> {
    /// The rows of a statement's answer.
    pub(super) fn run(&mut self, main: &Body) -> Result<Vec<Vec<Value>>> {
        let mut answer = Vec::new();
        let mut kept = Kept::default();
        for branch in &main.branches {
            let mut rows = vec![Batch::unbound(self.surroundings.width, 1)];
            let mut kept_of_stage = Kept::default();
            let (last, before) = match branch.stages.split_last() {
                Some((Stage::Read(last), before)) => (Some(last), before),
                _ => (None, branch.stages.as_slice()),
            };
            for stage in before {
                rows = self.stage(stage, rows, None, &mut kept_of_stage)?;
            }
            // A statement that only writes has no columns, and no rows.
            let mut take = |batch: &Batch| -> Result<()> {
                kept.add(&self.surroundings.memory, batch.bytes())?;
                let row = |at: usize| branch.columns.iter().map(|&slot| batch.get(slot, at)).collect();
                answer.extend((0..batch.len()).map(row));
                Ok(())
            };
            match last {
                // What nobody sees is computed all the same, for its errors.
                Some(last) => {
                    let context = self.surroundings.context(self.writer.graph);
                    let mut pipeline = Pipeline::new(last);
                    rows.into_iter().for_each(|batch| pipeline.feed(batch));
                    while let Some(batch) = pipeline.next(&context)? {
                        if !branch.columns.is_empty() {
                            take(&batch)?;
                        }
                    }
                }
                None if branch.columns.is_empty() => {}
                None => rows.iter().try_for_each(take)?,
            }
        }
        if main.distinct {
            let mut seen = Keys::default();
            answer.retain(|row: &Vec<Value>| seen.add(row));
        }
        Ok(answer)
    }

    /// The rows that a query within another makes of a row of it.
    pub(super) fn body(&mut self, body: &Body, row: &Row) -> Result<Vec<Row>> {
        let mut all = Vec::new();
        for branch in &body.branches {
            let mut kept = Kept::default();
            let mut rows = vec![Batch::of_row(row)];
            for stage in &branch.stages {
                rows = self.stage(stage, rows, Some(row), &mut kept)?;
            }
            for batch in rows {
                let batch = match body.branches.len() {
                    1 => batch,
                    _ => batch.renamed(&branch.columns, &body.columns),
                };
                all.extend(batch.rows());
            }
        }
        if body.distinct && body.branches.len() > 1 {
            let mut seen = Keys::default();
            let columns = |row: &Row| body.columns.iter().map(|&slot| row[slot].clone()).collect::<Row>();
            all.retain(|row| seen.add(&columns(row)));
        }
        Ok(all)
    }

    /// Runs one stage to its end.
    fn stage(
        &mut self,
        stage: &Stage,
        rows: Vec<Batch>,
        outer: Option<&Row>,
        kept: &mut Kept,
    ) -> Result<Vec<Batch>> {
        (self.surroundings.check)()?;
        match stage {
            Stage::Read(root) => {
                let context = Context { outer, ..self.surroundings.context(self.writer.graph) };
                let mut pipeline = Pipeline::new(root);
                rows.into_iter().for_each(|batch| pipeline.feed(batch));
                let mut out = Vec::new();
                while let Some(batch) = pipeline.next(&context)? {
                    kept.add(&self.surroundings.memory, batch.bytes())?;
                    out.push(batch);
                }
                Ok(out)
            }
            Stage::Write(writing) => {
                let begun = Stopwatch::start();
                let rows = rows.iter().flat_map(Batch::rows).collect();
                let rows = self.step(&writing.step, writing.found.as_ref(), rows)?;
                if let Some(profile) = self.surroundings.profile {
                    profile.add(writing.number, rows.len(), begun.elapsed(), 0);
                }
                Ok(vec![Batch::of_rows(self.surroundings.width, rows)])
            }
        }
    }

    fn step(&mut self, step: &Step, found: Option<&Operator>, rows: Vec<Row>) -> Result<Vec<Row>> {
        match step {
            Step::Match { .. } | Step::Project(_) | Step::Unwind { .. } => {
                unreachable!("the planner makes operators of steps that read")
            }
            Step::Create(paths) => self.create(paths, rows),
            Step::Merge { path, on_create, on_match, .. } => {
                self.merge(found, path, on_create, on_match, rows)
            }
            Step::Set(items) => self.set(items, rows),
            Step::Delete { targets, detach } => self.delete(targets, *detach, rows),
            Step::Foreach { list, slot, body, span } => {
                let body = &self.surroundings.bodies[*body];
                calls::foreach(self, list, *slot, body, *span, rows)
            }
            Step::CallQuery { body, optional } => {
                let body = &self.surroundings.bodies[*body];
                calls::call_query(self, body, *optional, rows)
            }
            Step::Call(call) => calls::call_procedure(self, call, rows),
        }
    }

    pub(super) fn eval(&self, expr: &Expr, row: &mut Row) -> Result<Value> {
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
        pattern: Option<&Operator>,
        path: &CreatePath,
        on_create: &[Set],
        on_match: &[Set],
        rows: Vec<Row>,
    ) -> Result<Vec<Row>> {
        let mut out = Vec::new();
        for mut row in rows {
            (self.surroundings.check)()?;
            self.refuse_null_properties(path, &mut row)?;
            let mut found = self.find(pattern, &row)?;
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

    /// The rows that a pattern makes of one row.
    fn find(&self, pattern: Option<&Operator>, row: &Row) -> Result<Vec<Row>> {
        let Some(pattern) = pattern else { return Ok(Vec::new()) };
        let context = self.surroundings.context(self.writer.graph);
        let mut pipeline = Pipeline::new(pattern);
        pipeline.feed(Batch::of_row(row));
        let mut found = Vec::new();
        while let Some(batch) = pipeline.next(&context)? {
            found.extend(batch.rows());
        }
        Ok(found)
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
                let (target, key) = (self.eval(target, row)?, self.eval(key, row)?);
                let key = key.as_str().ok_or_else(|| type_error(*span, "the name of a property", &key))?;
                let value = self.eval(value, row)?;
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
        let first = self.writer.effects.len();
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
        let types = self.writer.effects[first..].iter().filter_map(|effect| match effect {
            Effect::DeleteRelationship { id, before } => Some((*id, before.kind.clone())),
            _ => None,
        });
        self.surroundings.deleted_types.borrow_mut().extend(types);
        Ok(rows)
    }
}

//! Binding: names become variables, functions and procedures, and what cannot
//! work is refused with its place before anything runs.

mod expression;
mod kinds;
mod pattern;
mod procedure;
mod projection;
mod shortest;
mod subquery;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use kinds::Kind;

use super::ast::{self, Clause, Name, RemoveItem, SetItem};
use super::expr::Expr;
use super::functions::Function;
use super::plan::{AggregateCall, Body, Branch, Plan, Set, Step, Subquery};
use crate::error::{Error, Result, Span};

#[derive(Debug, Clone, Copy)]
struct Variable {
    slot: usize,
    kind: Kind,
}

/// A column of a projection: its name, its variable, and what that holds.
type Column = (String, usize, Kind);

/// Resolves a statement's names.
///
/// # Errors
/// A `SyntaxError` or another of openCypher's classes, with its place.
pub(super) fn bind(statement: &ast::Statement) -> Result<Plan> {
    let mut binder = Binder::default();
    let lens = statement.lens.as_ref().map(|lens| binder.expression(lens)).transpose()?;
    let (branches, columns) = binder.branches(&statement.query, None)?;
    if let (Some(span), Some(_)) = (binder.writes, &statement.lens) {
        return Err(Error::syntax(span, "a statement with a lens cannot write")
            .hint("a lens is for reading; leave USING LENS out".to_owned()));
    }
    Ok(Plan {
        lens,
        branches,
        distinct: statement.query.unions.first().is_some_and(|union| !union.all),
        columns: columns.into_iter().map(|(name, ..)| name).collect(),
        subqueries: binder.subqueries,
        bodies: binder.bodies,
        names: binder.names,
        writes: binder.writes,
        notices: binder.notices,
    })
}

#[derive(Default)]
struct Binder {
    scope: BTreeMap<String, Variable>,
    names: Vec<String>,
    writes: Option<Span>,
    /// Aggregates met while binding a projection item; `None` where they may not stand.
    aggregates: Option<Vec<AggregateCall>>,
    /// Subqueries of expressions, by number.
    subqueries: Vec<Subquery>,
    /// What `CALL { … }` and `FOREACH` run, by number.
    bodies: Vec<Body>,
    /// Within a subquery: variables from outside that `WITH` does not take away.
    constants: BTreeMap<String, Variable>,
    /// Within `CALL` without a scope: names that stand outside and mean something else inside.
    unseen: BTreeSet<String>,
    notices: Vec<String>,
    /// Whether it binds a query within another.
    is_inner: bool,
    /// Variables that were looked up, so that a subquery knows what it uses.
    used: RefCell<BTreeSet<usize>>,
    /// Whether the expression about to be bound is a condition, where a pattern may stand.
    is_condition: bool,
}

impl Binder {
    /// Binds clauses from the scope at hand; gives the columns of the answer.
    fn branch(&mut self, clauses: &[Clause]) -> Result<(Branch, Vec<Column>)> {
        let mut steps = Vec::new();
        let mut answer = Vec::new();
        let stands_alone = clauses.len() == 1 && !self.is_inner;
        for clause in clauses {
            if let Some(columns) = self.clause(clause, stands_alone, &mut steps)? {
                answer = columns;
            }
        }
        let columns = answer.iter().map(|(_, slot, _)| *slot).collect();
        Ok((Branch { steps, columns }, answer))
    }

    /// Binds what stands after `WHERE`.
    fn condition(&mut self, expr: &ast::Expr) -> Result<Expr> {
        self.is_condition = true;
        self.expression(expr)
    }

    /// A new column of the row.
    fn slot(&mut self, name: &str) -> usize {
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    fn declare(&mut self, name: &str, kind: Kind) -> usize {
        if self.unseen.remove(name) {
            let call = format!("write CALL ({name}) {{ … }} to mean the one outside");
            self.notices.push(format!("`{name}` inside CALL is another variable than outside; {call}"));
        }
        let slot = self.slot(name);
        self.scope.insert(name.to_owned(), Variable { slot, kind });
        slot
    }

    fn variable(&self, name: &str, span: Span) -> Result<Variable> {
        let found = self.scope.get(name).copied();
        self.used.borrow_mut().extend(found.map(|variable| variable.slot));
        found.ok_or_else(|| {
            let near = nearest(name, self.scope.keys().map(String::as_str));
            Error::syntax(span, format!("variable `{name}` is not defined")).hint(near)
        })
    }

    /// Binds a clause; gives the answer's columns if it is one that answers.
    fn clause(
        &mut self,
        clause: &Clause,
        stands_alone: bool,
        steps: &mut Vec<Step>,
    ) -> Result<Option<Vec<Column>>> {
        match clause {
            Clause::Match(found) => steps.push(self.match_clause(found)?),
            Clause::With(projection) => {
                self.refuse_shadowing(projection)?;
                let (project, columns) = self.projection(projection)?;
                self.see_columns(&columns, true);
                steps.push(Step::Project(project));
            }
            Clause::Return(projection) => {
                if projection.star && self.scope.is_empty() {
                    return Err(Error::syntax(projection.span, "there are no variables for *"));
                }
                let (project, columns) = self.projection(projection)?;
                steps.push(Step::Project(project));
                return Ok(Some(columns));
            }
            Clause::Unwind { list, variable, span } => {
                let kind = self.kind_of(list).item();
                let list = self.expression(list)?;
                self.refuse_rebinding(variable)?;
                let slot = self.declare(&variable.text, kind);
                steps.push(Step::Unwind { list, slot, span: *span });
            }
            Clause::Create { patterns, span } => {
                self.writes.get_or_insert(*span);
                let paths =
                    patterns.iter().map(|pattern| self.create_path(pattern)).collect::<Result<_>>()?;
                steps.push(Step::Create(paths));
            }
            Clause::Merge { pattern, on_create, on_match, span } => {
                self.writes.get_or_insert(*span);
                steps.push(self.merge(pattern, on_create, on_match)?);
            }
            Clause::Set { items, span } => {
                self.writes.get_or_insert(*span);
                steps.push(Step::Set(items.iter().map(|item| self.set_item(item)).collect::<Result<_>>()?));
            }
            Clause::Remove { items, span } => {
                self.writes.get_or_insert(*span);
                steps
                    .push(Step::Set(items.iter().map(|item| self.remove_item(item)).collect::<Result<_>>()?));
            }
            Clause::Delete { targets, detach, span } => {
                self.writes.get_or_insert(*span);
                let targets = targets.iter().map(|target| {
                    self.refuse_kind(target, Kind::is_element, "a node, a relationship or a path")?;
                    Ok((self.expression(target)?, target.span))
                });
                steps.push(Step::Delete { targets: targets.collect::<Result<_>>()?, detach: *detach });
            }
            // `query::run` takes those that stand alone.
            Clause::Schema(command) => {
                return Err(Error::syntax(command.span(), "a statement about indexes stands alone"));
            }
            Clause::Foreach { variable, list, clauses, span } => {
                self.writes.get_or_insert(*span);
                steps.push(self.foreach(variable, list, clauses, *span)?);
            }
            Clause::Finish(_) => {}
            Clause::CallQuery { scope, query, optional, .. } => {
                steps.push(self.call_query(scope.as_ref(), query, *optional)?);
            }
            Clause::Call { .. } => return self.call(clause, stands_alone, steps),
            Clause::Show { procedure, yields, filter, span } => {
                return self.show(procedure, yields.as_deref(), filter.as_ref(), *span, steps).map(Some);
            }
        }
        Ok(None)
    }

    fn refuse_rebinding(&self, name: &Name) -> Result<()> {
        match self.scope.contains_key(&name.text) {
            true => Err(Error::syntax(name.span, format!("variable `{}` is already defined", name.text))),
            false => Ok(()),
        }
    }

    /// What a subquery sees of the outside keeps its meaning to the end.
    fn refuse_shadowing(&self, with: &ast::Projection) -> Result<()> {
        for item in &with.items {
            let Some(alias) = &item.alias else { continue };
            let is_itself = matches!(&item.expr.kind, ast::ExprKind::Variable(name) if *name == alias.text);
            if self.constants.contains_key(&alias.text) && !is_itself {
                let message = format!("variable `{}` is already defined outside", alias.text);
                return Err(Error::syntax(alias.span, message).hint("choose another name".to_owned()));
            }
        }
        Ok(())
    }

    fn match_clause(&mut self, found: &ast::Match) -> Result<Step> {
        let (mut patterns, mut filters) = (Vec::new(), Vec::new());
        for pattern in &found.patterns {
            let (pattern, conditions) = self.pattern(pattern)?;
            patterns.push(pattern);
            filters.extend(conditions);
        }
        let filter = found.filter.as_ref().map(|filter| self.condition(filter)).transpose()?;
        filters.extend(filter.map(Expr::conjuncts).unwrap_or_default());
        self.restrict_candidates(&found.patterns, &mut patterns, &mut filters)?;
        Ok(Step::Match { patterns, filters, optional: found.optional })
    }

    /// Binds the pattern of a `MERGE` twice, to be found and to be created, with the same variables.
    fn merge(
        &mut self,
        pattern: &ast::PathPattern,
        on_create: &[SetItem],
        on_match: &[SetItem],
    ) -> Result<Step> {
        let before = self.scope.clone();
        let mut path = self.create_path(pattern)?;
        let created = std::mem::replace(&mut self.scope, before);
        let (found, _) = self.pattern(pattern)?;
        let renamed: BTreeMap<usize, usize> = created
            .iter()
            .filter_map(|(name, variable)| Some((variable.slot, self.scope.get(name)?.slot)))
            .collect();
        path.rename(&renamed);
        let mut items =
            |items: &[SetItem]| items.iter().map(|item| self.set_item(item)).collect::<Result<_>>();
        let (on_create, on_match) = (items(on_create)?, items(on_match)?);
        Ok(Step::Merge { pattern: found, path, on_create, on_match })
    }

    fn set_item(&mut self, item: &SetItem) -> Result<Set> {
        Ok(match item {
            SetItem::Property { target, key, value } => Set::Property {
                target: self.expression(target)?,
                key: self.expression(key)?,
                value: self.expression(value)?,
                span: target.span.to(value.span),
            },
            SetItem::Replace { variable, value } => Set::Replace {
                target: self.element(variable)?,
                value: self.expression(value)?,
                span: variable.span.to(value.span),
            },
            SetItem::Merge { variable, value } => Set::Merge {
                target: self.element(variable)?,
                value: self.expression(value)?,
                span: variable.span.to(value.span),
            },
            SetItem::Labels { variable, labels } => self.set_labels(variable, labels, true)?,
        })
    }

    fn remove_item(&mut self, item: &RemoveItem) -> Result<Set> {
        Ok(match item {
            RemoveItem::Property { target, key } => Set::Property {
                target: self.expression(target)?,
                key: self.expression(key)?,
                value: Expr::Literal(crate::model::Value::Null),
                span: target.span.to(key.span),
            },
            RemoveItem::Labels { variable, labels } => self.set_labels(variable, labels, false)?,
        })
    }

    fn set_labels(&mut self, variable: &Name, labels: &[Name], present: bool) -> Result<Set> {
        let labels = labels.iter().map(|label| label.text.clone()).collect();
        Ok(Set::Labels { target: self.element(variable)?, labels, present, span: variable.span })
    }

    fn element(&self, name: &Name) -> Result<Expr> {
        self.variable(&name.text, name.span).map(|variable| Expr::Var(variable.slot))
    }
}

/// A hint that names the nearest known name, if one is near.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let wanted = name.to_lowercase();
    let scored = known.map(|other| (strsim::jaro_winkler(&wanted, &other.to_lowercase()), other));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.8).then(|| format!("did you mean `{best}`?"))
}

/// The function with a name, or an error that names the nearest.
fn function(name: &Name) -> Result<&'static Function> {
    Function::find(&name.text).ok_or_else(|| {
        let near = nearest(&name.text, super::functions::FUNCTIONS.iter().map(|function| function.name));
        Error::syntax(name.span, format!("unknown function `{}`", name.text)).hint(near)
    })
}

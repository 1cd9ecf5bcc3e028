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
use super::plan::{AggregateCall, Body, Branch, Plan, Set, Step, Subquery};
use super::registered::RegisteredProcedure;
use crate::error::{Detail, Error, Result, Span};
use crate::names::did_you_mean;

#[derive(Debug, Clone, Copy)]
struct Variable {
    slot: usize,
    kind: Kind,
}

/// A column of a projection: its name, its variable, and what that holds.
type Column = (String, usize, Kind);

/// The most errors told of one statement.
const ERRORS_MAX: usize = 5;

/// Resolves a statement's names.
///
/// # Errors
/// A `SyntaxError` or another of openCypher's classes, with its place; it knows the others of the
/// statement that do not follow from it.
pub(super) fn bind(statement: &ast::Statement, procedures: &[RegisteredProcedure]) -> Result<Plan> {
    let mut binder = Binder { procedures, ..Binder::default() };
    let bound = binder.statement(statement);
    binder.errors.into_error(bound)
}

#[derive(Default)]
struct Binder<'a> {
    /// Procedures besides those of the language.
    procedures: &'a [RegisteredProcedure],
    /// What is wrong so far, where binding could go on.
    errors: Errors,
    /// Variables that were asked for and are not defined, each with a column of its own.
    undefined: BTreeMap<String, usize>,
    /// Variables that ended at a `WITH`.
    ended: BTreeSet<String>,
    /// The parameters met so far, each where it first stands.
    parameters: Vec<(String, Span)>,
    /// The labels and types that conditions ask for.
    labels: BTreeSet<String>,
    /// The properties that elements are asked for.
    properties: BTreeSet<String>,
    /// What is no error and probably not meant.
    notices: Vec<String>,
    /// Where the variable stands that a property is asked of.
    base: Option<Span>,
    scope: BTreeMap<String, Variable>,
    names: Vec<String>,
    writes: Option<Span>,
    /// Aggregates met while binding a projection item; `None` where they may not stand.
    aggregates: Option<Vec<AggregateCall>>,
    /// Whether the arguments of an aggregate are being bound.
    in_aggregate: bool,
    /// Subqueries of expressions, by number.
    subqueries: Vec<Subquery>,
    /// What `CALL { … }` and `FOREACH` run, by number.
    bodies: Vec<Body>,
    /// Within a subquery: variables from outside that `WITH` does not take away.
    constants: BTreeMap<String, Variable>,
    /// Within `CALL` without a scope: names that stand outside and mean something else inside.
    unseen: BTreeSet<String>,
    /// Whether it binds a query within another.
    is_inner: bool,
    /// Variables that were looked up, so that a subquery knows what it uses.
    used: RefCell<BTreeSet<usize>>,
    /// Whether the expression about to be bound is a condition, where a pattern may stand.
    is_condition: bool,
}

/// What is wrong in a statement, each place and each sentence once.
#[derive(Debug, Default)]
struct Errors(Vec<Error>);

impl Errors {
    fn tell(&mut self, error: Error) {
        let is_known = |other: &Error| other.span() == error.span() || other.to_string() == error.to_string();
        if self.0.len() < ERRORS_MAX && !self.0.iter().any(is_known) {
            self.0.push(error);
        }
    }

    /// The result, if nothing was wrong; else the first error with the others.
    fn into_error<T>(mut self, result: Result<T>) -> Result<T> {
        let result = match result {
            Ok(done) => Some(done),
            Err(error) => {
                self.tell(error);
                None
            }
        };
        self.0.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        let mut errors = self.0.into_iter();
        match (errors.next(), result) {
            (None, Some(done)) => Ok(done),
            (first, _) => {
                let first = first.unwrap_or_else(|| Error::invalid("the statement is wrong"));
                Err(first.with_others(errors.collect()))
            }
        }
    }
}

impl Binder<'_> {
    fn statement(&mut self, statement: &ast::Statement) -> Result<Plan> {
        let lens = statement.lens.as_ref().map(|lens| self.expression(lens)).transpose()?;
        let (branches, columns) = self.branches(&statement.query, None)?;
        if let (Some(span), Some(_)) = (self.writes, &statement.lens) {
            self.errors.tell(
                Error::syntax(span, "a statement with a lens cannot write")
                    .detail(Detail::WriteNotAllowed)
                    .hint("a lens is for reading; leave USING LENS out".to_owned()),
            );
        }
        Ok(Plan {
            lens,
            branches,
            distinct: statement.query.unions.first().is_some_and(|union| !union.all),
            columns: columns.into_iter().map(|(name, ..)| name).collect(),
            subqueries: std::mem::take(&mut self.subqueries),
            bodies: std::mem::take(&mut self.bodies),
            names: std::mem::take(&mut self.names),
            writes: self.writes,
            parameters: std::mem::take(&mut self.parameters),
            labels: std::mem::take(&mut self.labels),
            properties: std::mem::take(&mut self.properties),
            notices: std::mem::take(&mut self.notices),
        })
    }

    /// Notes what is wrong where binding can go on all the same.
    fn note(&mut self, checked: Result<()>) {
        if let Err(error) = checked {
            self.errors.tell(error);
        }
    }

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
        let checked = self.refuse_kind(expr, Kind::is_bool, "true or false after WHERE");
        self.note(checked);
        self.is_condition = true;
        self.expression(expr)
    }

    /// A parameter, which has to have a value when the statement runs.
    fn parameter(&mut self, name: &str, span: Span) -> Expr {
        if self.parameters.iter().all(|(known, _)| known != name) {
            self.parameters.push((name.to_owned(), span));
        }
        Expr::Parameter(name.to_owned(), span)
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

    /// The variable of a name. One that is not defined is told, and gets a column so that binding goes on.
    fn variable(&mut self, name: &str, span: Span) -> Variable {
        if let Some(variable) = self.scope.get(name).copied() {
            self.used.borrow_mut().insert(variable.slot);
            return variable;
        }
        let slot = match self.undefined.get(name) {
            Some(&slot) => slot,
            None => {
                self.errors.tell(self.not_defined(name, span));
                let slot = self.slot(name);
                self.undefined.insert(name.to_owned(), slot);
                slot
            }
        };
        Variable { slot, kind: Kind::Value }
    }

    fn not_defined(&self, name: &str, span: Span) -> Error {
        let ended = || format!("`{name}` ends at a WITH that does not name it; add it there");
        let outside = || format!("write CALL ({name}) {{ … }} to mean the one outside");
        let hint = if self.unseen.contains(name) {
            Some(outside())
        } else if self.ended.contains(name) {
            Some(ended())
        } else {
            did_you_mean(name, self.scope.keys().map(String::as_str))
        };
        let quoted = || format!("a text stands in quotes: '{name}'");
        let hint = hint.or_else(|| (name.chars().count() > 1 && self.base != Some(span)).then(quoted));
        Error::syntax(span, format!("variable `{name}` is not defined"))
            .detail(Detail::UndefinedVariable)
            .hint(hint)
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
                self.note(refuse_unnamed(projection));
                self.see_columns(&columns, true);
                steps.push(Step::Project(project));
            }
            Clause::Return(projection) => {
                if projection.star && self.scope.is_empty() {
                    return Err(Error::syntax(projection.span, "there are no variables for *")
                        .detail(Detail::NoVariablesInScope)
                        .hint("MATCH, WITH, UNWIND and CALL … YIELD make variables".to_owned()));
                }
                let (project, columns) = self.projection(projection)?;
                steps.push(Step::Project(project));
                return Ok(Some(columns));
            }
            Clause::Unwind { list, variable, span } => {
                let kind = self.kind_of(list).item();
                let checked = self.refuse_kind(list, Kind::is_list, "a list after UNWIND");
                self.note(checked);
                let list = self.expression(list)?;
                self.refuse_rebinding(variable);
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
                    let checked =
                        self.refuse_kind(target, Kind::is_element, "a node, a relationship or a path");
                    self.note(checked);
                    Ok((self.expression(target)?, target.span))
                });
                steps.push(Step::Delete { targets: targets.collect::<Result<_>>()?, detach: *detach });
            }
            // `query::run` takes those that stand alone.
            Clause::Schema(command) => {
                return Err(Error::syntax(command.span(), "a statement about indexes stands alone")
                    .detail(Detail::InvalidClauseComposition));
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

    fn refuse_rebinding(&mut self, name: &Name) {
        if self.scope.contains_key(&name.text) {
            self.errors.tell(already_bound(name));
        }
    }

    /// What a subquery sees of the outside keeps its meaning to the end.
    fn refuse_shadowing(&self, with: &ast::Projection) -> Result<()> {
        for item in &with.items {
            let Some(alias) = &item.alias else { continue };
            let is_itself = matches!(&item.expr.kind, ast::ExprKind::Variable(name) if *name == alias.text);
            if self.constants.contains_key(&alias.text) && !is_itself {
                let message = format!("variable `{}` is already defined outside", alias.text);
                return Err(Error::syntax(alias.span, message)
                    .detail(Detail::VariableAlreadyBound)
                    .hint("choose another name".to_owned()));
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
                target: self.element(variable),
                value: self.expression(value)?,
                span: variable.span.to(value.span),
            },
            SetItem::Merge { variable, value } => Set::Merge {
                target: self.element(variable),
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
        Ok(Set::Labels { target: self.element(variable), labels, present, span: variable.span })
    }

    fn element(&mut self, name: &Name) -> Expr {
        Expr::Var(self.variable(&name.text, name.span).slot)
    }
}

/// What follows `WITH` sees columns by their names, so each needs one.
fn refuse_unnamed(projection: &ast::Projection) -> Result<()> {
    let is_unnamed = |item: &&ast::ProjectionItem| {
        item.alias.is_none() && !matches!(item.expr.kind, ast::ExprKind::Variable(_))
    };
    match projection.items.iter().find(is_unnamed) {
        Some(item) => {
            Err(Error::syntax(item.expr.span, "expected AS and a name after an expression in WITH")
                .detail(Detail::NoExpressionAlias)
                .hint(format!("write {} AS name", super::lexer::shorten(&item.text))))
        }
        None => Ok(()),
    }
}

/// The error for a part of a `UNION` that gives other columns than the first.
fn different_columns(span: Span, columns: &[Column], others: &[Column]) -> Error {
    let names = |columns: &[Column]| match columns {
        [] => "none".to_owned(),
        columns => columns.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let set = |columns: &[Column]| columns.iter().map(|(name, ..)| name.clone()).collect::<BTreeSet<_>>();
    let hint = match set(columns) == set(others) {
        _ if columns.is_empty() || others.is_empty() => None,
        true => Some("they have to stand in the same order".to_owned()),
        false => Some("give columns the same names with AS".to_owned()),
    };
    let message = format!("expected the columns {} after UNION, found {}", names(columns), names(others));
    Error::syntax(span, message).detail(Detail::DifferentColumnsInUnion).hint(hint)
}

/// The error for a variable that is to be bound again.
fn already_bound(name: &Name) -> Error {
    Error::syntax(name.span, format!("variable `{}` is already defined", name.text))
        .detail(Detail::VariableAlreadyBound)
        .hint("choose another name".to_owned())
}

/// What a call with too few or too many arguments is told.
fn wrong_number(name: &str, (min, max): (usize, usize), found: usize) -> String {
    let counted = |count: usize| match count {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    };
    let expected = match (min, max) {
        (min, max) if min == max => counted(min),
        (min, usize::MAX) => format!("at least {}", counted(min)),
        (min, max) if min + 1 == max => format!("{min} or {}", counted(max)),
        (min, max) => format!("{min} to {}", counted(max)),
    };
    format!("{name} takes {expected}, found {found}")
}

/// The error for a function that there is not.
fn unknown_function(name: &Name) -> Error {
    let near = did_you_mean(&name.text, super::functions::FUNCTIONS.iter().map(|function| function.name));
    let other = || super::functions::said_otherwise(&name.text).map(str::to_owned);
    Error::syntax(name.span, format!("unknown function `{}`", name.text))
        .detail(Detail::UnknownFunction)
        .hint(other().or(near).or_else(|| Some("CALL db.functions() lists them".to_owned())))
}

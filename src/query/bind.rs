//! Binding: names become variables, functions and procedures, and what cannot
//! work is refused with its place before anything runs.

mod expression;
mod pattern;

use std::collections::BTreeMap;

use super::ast::{self, Clause, Name, RemoveItem, SetItem};
use super::expr::Expr;
use super::functions::Function;
use super::plan::{AggregateCall, Grouping, Plan, Project, Set, Step};
use super::procs;
use crate::error::{Error, Result, Span};

/// What a variable is known to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Node,
    Relationship,
    Path,
    /// Anything that an expression can give.
    Value,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Node => "a node",
            Self::Relationship => "a relationship",
            Self::Path => "a path",
            Self::Value => "a value",
        }
    }
}

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
    let mut steps = Vec::new();
    let mut columns = Vec::new();
    for (i, clause) in statement.clauses.iter().enumerate() {
        let is_last = i + 1 == statement.clauses.len();
        if let Some(answer) = binder.clause(clause, is_last && i == 0, &mut steps)? {
            columns = answer;
        }
    }
    if let (Some(span), Some(_)) = (binder.writes, &statement.lens) {
        return Err(Error::syntax(span, "a statement with a lens cannot write")
            .hint("a lens is for reading; leave USING LENS out".to_owned()));
    }
    Ok(Plan { lens, steps, columns, width: binder.names.len(), names: binder.names, writes: binder.writes })
}

#[derive(Default)]
struct Binder {
    scope: BTreeMap<String, Variable>,
    names: Vec<String>,
    writes: Option<Span>,
    /// Aggregates met while binding a projection item; `None` where they may not stand.
    aggregates: Option<Vec<AggregateCall>>,
}

impl Binder {
    /// A new column of the row.
    fn slot(&mut self, name: &str) -> usize {
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    fn declare(&mut self, name: &str, kind: Kind) -> usize {
        let slot = self.slot(name);
        self.scope.insert(name.to_owned(), Variable { slot, kind });
        slot
    }

    fn variable(&self, name: &str, span: Span) -> Result<Variable> {
        self.scope.get(name).copied().ok_or_else(|| {
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
    ) -> Result<Option<Vec<(String, usize)>>> {
        match clause {
            Clause::Match(found) => steps.push(self.match_clause(found)?),
            Clause::With(projection) => {
                let (project, columns) = self.projection(projection)?;
                self.scope.clear();
                for (name, slot, kind) in columns {
                    self.scope.insert(name, Variable { slot, kind });
                }
                let filter = projection.filter.as_ref().map(|filter| self.expression(filter)).transpose()?;
                steps.push(Step::Project(Project { filter, ..project }));
            }
            Clause::Return(projection) => {
                let (project, columns) = self.projection(projection)?;
                steps.push(Step::Project(project));
                return Ok(Some(columns.into_iter().map(|(name, slot, _)| (name, slot)).collect()));
            }
            Clause::Unwind { list, variable, span } => {
                let list = self.expression(list)?;
                self.refuse_rebinding(variable)?;
                let slot = self.declare(&variable.text, Kind::Value);
                steps.push(Step::Unwind { list, slot, span: *span });
            }
            Clause::Create { patterns, span } => {
                self.writes.get_or_insert(*span);
                let paths =
                    patterns.iter().map(|pattern| self.create_path(pattern)).collect::<Result<_>>()?;
                steps.push(Step::Create(paths));
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
                let targets = targets.iter().map(|target| Ok((self.expression(target)?, target.span)));
                steps.push(Step::Delete { targets: targets.collect::<Result<_>>()?, detach: *detach });
            }
            Clause::Call { procedure, arguments, yields, filter, span } => {
                return self.call(
                    procedure,
                    arguments.as_deref(),
                    yields.as_deref(),
                    filter.as_ref(),
                    *span,
                    stands_alone,
                    steps,
                );
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

    fn match_clause(&mut self, found: &ast::Match) -> Result<Step> {
        let first_new = self.names.len();
        let patterns = found.patterns.iter().map(|pattern| self.pattern(pattern)).collect::<Result<_>>()?;
        let new = (first_new..self.names.len()).collect();
        let filter = found.filter.as_ref().map(|filter| self.expression(filter)).transpose()?;
        let filters = filter.map(Expr::conjuncts).unwrap_or_default();
        Ok(Step::Match { patterns, filters, optional: found.optional, new })
    }

    fn set_item(&mut self, item: &SetItem) -> Result<Set> {
        Ok(match item {
            SetItem::Property { target, key, value } => Set::Property {
                target: self.expression(target)?,
                key: key.text.clone(),
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
                key: key.text.clone(),
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

    #[expect(clippy::too_many_arguments, reason = "they are the parts of the clause")]
    fn call(
        &mut self,
        name: &Name,
        arguments: Option<&[ast::Expr]>,
        yields: Option<&[(Name, Option<Name>)]>,
        filter: Option<&ast::Expr>,
        span: Span,
        stands_alone: bool,
        steps: &mut Vec<Step>,
    ) -> Result<Option<Vec<(String, usize)>>> {
        let Some(procedure) = procs::find(&name.text) else {
            let near = nearest(&name.text, procs::PROCEDURES.iter().map(|procedure| procedure.name));
            return Err(Error::query(
                "ProcedureError",
                name.span,
                format!("unknown procedure `{}`", name.text),
            )
            .hint(near));
        };
        if procedure.writes {
            self.writes.get_or_insert(span);
        }
        let arguments = arguments.unwrap_or_default();
        if arguments.len() < procedure.min || arguments.len() > procedure.max {
            return Err(Error::syntax(
                name.span,
                format!("{} takes ({})", procedure.name, procedure.arguments),
            ));
        }
        let arguments = arguments.iter().map(|argument| self.expression(argument)).collect::<Result<_>>()?;
        let mut bound = Vec::new();
        let mut answer = Vec::new();
        let all: Vec<(Name, Option<Name>)> = procedure
            .columns
            .iter()
            .map(|column| (Name { text: (*column).to_owned(), span }, None))
            .collect();
        let wanted = match yields {
            Some(yields) => yields,
            None if stands_alone => &all,
            None => &[],
        };
        for (column, alias) in wanted {
            let Some(at) = procedure.columns.iter().position(|known| *known == column.text) else {
                let near = nearest(&column.text, procedure.columns.iter().copied());
                return Err(Error::syntax(
                    column.span,
                    format!("{} has no column `{}`", procedure.name, column.text),
                )
                .hint(near));
            };
            let name = alias.as_ref().unwrap_or(column);
            self.refuse_rebinding(name)?;
            let slot = self.declare(&name.text, Kind::Value);
            bound.push((at, slot));
            answer.push((name.text.clone(), slot));
        }
        let filter = filter.map(|filter| self.expression(filter)).transpose()?;
        steps.push(Step::Call { procedure, arguments, yields: bound, filter, span });
        Ok(stands_alone.then_some(answer))
    }

    /// Binds a projection; gives the columns with what is known of each.
    fn projection(&mut self, projection: &ast::Projection) -> Result<(Project, Vec<Column>)> {
        let mut items = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        if projection.star {
            if self.scope.is_empty() {
                return Err(Error::syntax(projection.span, "there are no variables for *"));
            }
            for (name, variable) in self.scope.clone() {
                let slot = self.slot(&name);
                items.push((Expr::Var(variable.slot), slot));
                columns.push((name, slot, variable.kind));
            }
        }
        let mut aggregates = Vec::new();
        let mut keys: Vec<(Expr, usize)> = items.clone();
        let mut sources: Vec<(ast::Expr, usize)> = Vec::new();
        for item in &projection.items {
            let name = item.alias.as_ref().map_or(item.text.as_str(), |alias| alias.text.as_str());
            if columns.iter().any(|(other, ..)| other == name) {
                return Err(Error::query(
                    "SyntaxError",
                    item.expr.span,
                    format!("two columns are called `{name}`"),
                ));
            }
            let before = aggregates.len();
            self.aggregates = Some(std::mem::take(&mut aggregates));
            let bound = self.expression(&item.expr);
            aggregates = self.aggregates.take().unwrap_or_default();
            let (bound, kind) = (bound?, self.kind_of(&item.expr));
            let slot = self.slot(name);
            if aggregates.len() == before {
                keys.push((bound.clone(), slot));
            }
            sources.push((item.expr.clone(), slot));
            items.push((bound, slot));
            columns.push((name.to_owned(), slot, kind));
        }
        let is_grouped = !aggregates.is_empty();
        if is_grouped {
            self.check_grouping(projection, &items, &keys, &aggregates)?;
        }
        let order = self.order(projection, &columns, &sources, is_grouped || projection.distinct)?;
        let cut = |expr: &Option<ast::Expr>, binder: &mut Self| {
            expr.as_ref().map(|expr| Ok::<_, Error>((binder.constant(expr)?, expr.span))).transpose()
        };
        let (skip, limit) = (cut(&projection.skip, self)?, cut(&projection.limit, self)?);
        let items = if is_grouped {
            items.into_iter().filter(|(_, slot)| !keys.iter().any(|(_, key)| key == slot)).collect()
        } else {
            items
        };
        let grouping = is_grouped.then_some(Grouping { keys, aggregates });
        Ok((
            Project { items, grouping, distinct: projection.distinct, order, skip, limit, filter: None },
            columns,
        ))
    }

    /// Beside an aggregate, an expression may use only what is grouped by.
    fn check_grouping(
        &self,
        projection: &ast::Projection,
        items: &[(Expr, usize)],
        keys: &[(Expr, usize)],
        aggregates: &[AggregateCall],
    ) -> Result<()> {
        let grouped: Vec<usize> = keys
            .iter()
            .filter_map(|(key, _)| match key {
                Expr::Var(slot) => Some(*slot),
                _ => None,
            })
            .collect();
        let computed: Vec<usize> = aggregates.iter().map(|call| call.slot).collect();
        for (item, _) in items.iter().filter(|(_, slot)| !keys.iter().any(|(_, key)| key == slot)) {
            let own = item.own_variables();
            let stray = item.variables().into_iter().find(|variable| {
                !grouped.contains(variable) && !computed.contains(variable) && !own.contains(variable)
            });
            if let Some(stray) = stray {
                return Err(Error::syntax(
                    projection.span,
                    format!("`{}` stands beside an aggregate but is not grouped by", self.names[stray]),
                )
                .hint("return it as a column of its own, or put it into a WITH before".to_owned()));
            }
        }
        Ok(())
    }

    /// Sort keys see the columns and, unless rows were merged, the variables before.
    fn order(
        &mut self,
        projection: &ast::Projection,
        columns: &[Column],
        sources: &[(ast::Expr, usize)],
        merged: bool,
    ) -> Result<Vec<(Expr, bool)>> {
        let before = self.scope.clone();
        if merged {
            self.scope.clear();
        }
        for (name, slot, kind) in columns {
            self.scope.insert(name.clone(), Variable { slot: *slot, kind: *kind });
        }
        let keys = projection.order.iter().map(|key| {
            // A key that repeats an item's expression means that item.
            let same = sources.iter().find(|(source, _)| same_text(source, &key.expr));
            let expr = match same {
                Some((_, slot)) => Expr::Var(*slot),
                None => self.expression(&key.expr)?,
            };
            Ok((expr, key.descending))
        });
        let keys = keys.collect();
        self.scope = before;
        keys
    }

    /// An expression without variables, for `SKIP` and `LIMIT`.
    fn constant(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let scope = std::mem::take(&mut self.scope);
        let bound = self.expression(expr);
        self.scope = scope;
        bound
    }

    fn kind_of(&self, expr: &ast::Expr) -> Kind {
        match &expr.kind {
            ast::ExprKind::Variable(name) => {
                self.scope.get(name).map_or(Kind::Value, |variable| variable.kind)
            }
            _ => Kind::Value,
        }
    }
}

/// Whether two expressions are the same but for where they stand.
fn same_text(a: &ast::Expr, b: &ast::Expr) -> bool {
    fn plain(expr: &ast::Expr) -> String {
        let text = format!("{expr:?}");
        // Spans are the only part that differs between two places.
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find("Span {") {
            out.push_str(&rest[..at]);
            rest = rest[at..].split_once('}').map_or("", |(_, rest)| rest);
        }
        out + rest
    }
    plain(a) == plain(b)
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

//! Binding of queries, and of queries within queries.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::Kind;
use super::{Binder, Column, Variable, already_bound, different_columns};
use crate::error::{Detail, Error, Result, Span};
use crate::query::ast::{self, Clause, ExprKind, Name, Query, Scope, SubqueryKind};
use crate::query::expr::Expr;
use crate::query::lexer::shorten;
use crate::query::plan::{Body, Branch, Step, Subquery};

/// What a query within another sees of that around it.
struct Seen {
    /// From the beginning of each branch.
    scope: BTreeMap<String, Variable>,
    /// Those among them that stay to the end, whatever `WITH` leaves out.
    constants: BTreeMap<String, Variable>,
    /// What a first `WITH` may ask for, where it says what is seen.
    importable: Option<BTreeMap<String, Variable>>,
}

impl Binder<'_> {
    /// Binds a query whose branches all begin with the same variables; gives the columns of the first,
    /// and what `value` is at the end.
    fn body(
        &mut self,
        query: &Query,
        seen: Seen,
        value: Option<&ast::Expr>,
    ) -> Result<(Body, Vec<Column>, Option<Expr>)> {
        let scope = std::mem::replace(&mut self.scope, seen.scope);
        let constants = std::mem::replace(&mut self.constants, seen.constants);
        let is_inner = std::mem::replace(&mut self.is_inner, true);
        let unseen = std::mem::take(&mut self.unseen);
        let aggregates = self.aggregates.take();
        let writes = self.writes.take();
        let bound = self.branches(query, seen.importable.as_ref());
        let value = value.filter(|_| bound.is_ok()).map(|value| self.expression(value)).transpose();
        self.unseen = unseen;
        (self.scope, self.constants, self.aggregates, self.is_inner) =
            (scope, constants, aggregates, is_inner);
        let inner_writes = std::mem::replace(&mut self.writes, writes);
        self.writes = self.writes.or(inner_writes);
        let (branches, columns) = bound?;
        let distinct = query.unions.first().is_some_and(|union| !union.all);
        let slots = match &branches[..] {
            [only] => only.columns.clone(),
            _ => columns.iter().map(|(name, ..)| self.slot(name)).collect(),
        };
        Ok((Body { branches, distinct, columns: slots, writes: inner_writes }, columns, value?))
    }

    /// Binds what stands between `UNION`s, each from the scope at hand.
    pub(super) fn branches(
        &mut self,
        query: &Query,
        importable: Option<&BTreeMap<String, Variable>>,
    ) -> Result<(Vec<Branch>, Vec<Column>)> {
        let scope = self.scope.clone();
        let (mut branches, mut columns): (Vec<Branch>, Vec<Column>) = (Vec::new(), Vec::new());
        for (i, clauses) in query.branches().enumerate() {
            self.scope = scope.clone();
            self.unseen = importable.into_iter().flatten().map(|(name, _)| name.clone()).collect();
            let imported = importable.map(|outer| self.import(clauses, outer)).transpose()?.unwrap_or(0);
            let (branch, own) = self.branch(&clauses[imported..])?;
            branches.push(branch);
            if i == 0 {
                columns = own;
                continue;
            }
            let names =
                |columns: &[Column]| columns.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>();
            if names(&columns) != names(&own) {
                self.errors.tell(different_columns(query.unions[i - 1].span, &columns, &own));
            }
            for (column, (.., kind)) in columns.iter_mut().zip(own) {
                if column.2 != kind {
                    column.2 = Kind::Value;
                }
            }
        }
        Ok((branches, columns))
    }

    /// Takes over the variables that a first `WITH` names; gives how many clauses that was.
    fn import(&mut self, clauses: &[Clause], outer: &BTreeMap<String, Variable>) -> Result<usize> {
        let Some(Clause::With(with)) = clauses.first() else { return Ok(0) };
        let is_plain = |item: &ast::ProjectionItem| {
            item.alias.is_none() && matches!(item.expr.kind, ExprKind::Variable(_))
        };
        if !with.star && !with.items.iter().any(is_plain) {
            return Ok(0);
        }
        let is_cut = with.distinct || with.skip.is_some() || with.limit.is_some() || !with.order.is_empty();
        if is_cut || with.filter.is_some() || !with.items.iter().all(is_plain) {
            return Err(Error::syntax(with.span, "the first WITH in CALL only names variables from outside")
                .detail(Detail::InvalidClauseComposition)
                .hint("write CALL (x) { … }, or a second WITH".to_owned()));
        }
        let inner = std::mem::replace(&mut self.scope, outer.clone());
        let mut imported = if with.star { outer.clone() } else { BTreeMap::new() };
        for item in &with.items {
            let ExprKind::Variable(name) = &item.expr.kind else { continue };
            imported.insert(name.clone(), self.variable(name, item.expr.span));
        }
        self.used.borrow_mut().extend(imported.values().map(|variable| variable.slot));
        self.scope = inner;
        self.scope.extend(imported);
        Ok(1)
    }

    /// Binds `CALL { … }`, whose columns become variables.
    pub(super) fn call_query(
        &mut self,
        scope: Option<&Scope>,
        query: &Query,
        optional: bool,
    ) -> Result<Step> {
        let seen = match scope {
            None => {
                let importable = Some(self.scope.clone());
                Seen { scope: BTreeMap::new(), constants: BTreeMap::new(), importable }
            }
            Some(scope) => {
                let seen = self.named(scope)?;
                Seen { scope: seen.clone(), constants: seen, importable: None }
            }
        };
        let (body, columns, _) = self.body(query, seen, None)?;
        self.check_returned(query, &columns)?;
        for ((name, _, kind), slot) in columns.into_iter().zip(&body.columns) {
            self.scope.insert(name, Variable { slot: *slot, kind });
        }
        self.bodies.push(body);
        Ok(Step::CallQuery { body: self.bodies.len() - 1, optional })
    }

    /// The variables that `CALL (a, b)` names.
    fn named(&mut self, scope: &Scope) -> Result<BTreeMap<String, Variable>> {
        let named: BTreeMap<String, Variable> = match scope {
            Scope::All => self.scope.clone(),
            Scope::Names(names) => {
                let mut named = BTreeMap::new();
                for name in names {
                    let variable = self.variable(&name.text, name.span);
                    if named.insert(name.text.clone(), variable).is_some() {
                        let message = format!("`{}` stands twice", name.text);
                        return Err(Error::syntax(name.span, message).detail(Detail::VariableAlreadyBound));
                    }
                }
                named
            }
        };
        // What `*` brings along is used where it is asked for; what is named, here.
        Ok(named)
    }

    /// What `CALL { … RETURN … }` gives has names of its own.
    fn check_returned(&self, query: &Query, columns: &[Column]) -> Result<()> {
        let Some(Clause::Return(returned)) = query.clauses.last() else { return Ok(()) };
        if columns.is_empty() {
            return Err(Error::syntax(returned.span, "there are no variables for * but those from outside")
                .detail(Detail::NoVariablesInScope));
        }
        for item in &returned.items {
            if item.alias.is_none() && !matches!(item.expr.kind, ExprKind::Variable(_)) {
                let message = "expected AS and a name after an expression that CALL returns";
                return Err(Error::syntax(item.expr.span, message)
                    .detail(Detail::NoExpressionAlias)
                    .hint(format!("write {} AS name", shorten(&item.text))));
            }
        }
        let clash = columns.iter().find(|(name, ..)| self.scope.contains_key(name));
        let Some((column, ..)) = clash else { return Ok(()) };
        let named = |item: &&ast::ProjectionItem| match (&item.alias, &item.expr.kind) {
            (Some(alias), _) => alias.text == *column,
            (None, ExprKind::Variable(name)) => name == column,
            _ => false,
        };
        let place =
            |item: &ast::ProjectionItem| item.alias.as_ref().map_or(item.expr.span, |alias| alias.span);
        let span = returned.items.iter().find(named).map_or(returned.span, place);
        Err(already_bound(&Name { text: column.clone(), span })
            .hint("what CALL returns needs another name than what is there: write AS".to_owned()))
    }

    /// Binds `FOREACH`, whose variables stay inside.
    pub(super) fn foreach(
        &mut self,
        variable: &Name,
        list: &ast::Expr,
        clauses: &[Clause],
        span: Span,
    ) -> Result<Step> {
        let kind = self.kind_of(list).item();
        let list = self.expression(list)?;
        self.refuse_rebinding(variable);
        let outer = self.scope.clone();
        let slot = self.declare(&variable.text, kind);
        let bound = self.branch(clauses);
        self.scope = outer;
        let (branch, _) = bound?;
        self.bodies.push(Body {
            branches: vec![branch],
            distinct: false,
            columns: Vec::new(),
            writes: Some(span),
        });
        Ok(Step::Foreach { list, slot, body: self.bodies.len() - 1, span })
    }

    /// Binds a query within an expression, which sees everything around it to its end.
    pub(super) fn subquery(
        &mut self,
        kind: SubqueryKind,
        query: &Query,
        value: Option<&ast::Expr>,
        span: Span,
    ) -> Result<Expr> {
        if kind == SubqueryKind::Pattern {
            self.refuse_new_variables(&query.clauses);
        }
        let outer: BTreeSet<usize> = self.scope.values().map(|variable| variable.slot).collect();
        let used = self.used.take();
        let (scope, constants) = (self.scope.clone(), self.scope.clone());
        let seen = Seen { scope, constants, importable: None };
        let bound = self.body(query, seen, value);
        let own_used = self.used.replace(used);
        let uses: Vec<usize> = own_used.into_iter().filter(|slot| outer.contains(slot)).collect();
        self.used.borrow_mut().extend(&uses);
        let (body, _, value) = bound?;
        let value = match (value, &body.columns[..]) {
            (Some(value), _) => value,
            (None, [column]) => Expr::Var(*column),
            (None, columns) if kind == SubqueryKind::Collect => {
                let found = columns.len();
                let message = format!("COLLECT needs one column, found {found}");
                return Err(Error::syntax(span, message).detail(Detail::InvalidClauseComposition));
            }
            (None, _) => Expr::Literal(crate::model::Value::Null),
        };
        if let Some(span) = body.writes {
            return Err(Error::syntax(span, "a subquery in an expression cannot write")
                .detail(Detail::InvalidClauseComposition));
        }
        self.subqueries.push(Subquery { kind, body, value });
        Ok(Expr::Subquery { at: self.subqueries.len() - 1, uses })
    }

    /// A pattern as a condition asks about variables that are there.
    fn refuse_new_variables(&mut self, clauses: &[ast::Clause]) {
        for clause in clauses {
            let ast::Clause::Match(found) = clause else { continue };
            found.patterns.iter().for_each(|pattern| self.refuse_new_in(&pattern.elements));
        }
    }

    fn refuse_new_in(&mut self, elements: &[ast::PatternElement]) {
        for element in elements {
            let name = match element {
                ast::PatternElement::Node(node) => &node.variable,
                ast::PatternElement::Relationship(relationship) => &relationship.variable,
                // The variables of a repetition are seen by its own WHERE only.
                ast::PatternElement::Group(group) if group.quantifier.is_some() => &None,
                ast::PatternElement::Group(group) => {
                    self.refuse_new_in(&group.elements);
                    continue;
                }
            };
            if let Some(name) = name {
                self.variable(&name.text, name.span);
            }
        }
    }
}

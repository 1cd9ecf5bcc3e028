//! Binding of `WITH` and `RETURN`: columns, grouping, and what `ORDER BY` sees.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::{Binder, Column, Kind, Variable};
use crate::error::{Detail, Error, Result, Span};
use crate::query::ast::{self, ExprKind, UnaryOp};
use crate::query::expr::Expr;
use crate::query::plan::{AggregateCall, Grouping, Project};

/// An item while its projection is bound.
struct Item {
    expr: Expr,
    slot: usize,
    /// Whether an aggregate stands in it.
    aggregates: bool,
    span: Span,
}

/// What `ORDER BY` and `WHERE` stand behind.
struct After<'a> {
    sources: &'a [(&'a ast::Expr, usize)],
    columns: &'a [Column],
    keys: &'a [(Expr, usize)],
    aggregates: &'a [AggregateCall],
    /// Whether rows were merged, so that only columns are left, and what they were made of.
    merged: bool,
}

impl Binder<'_> {
    /// Binds a projection; gives the columns with what is known of each.
    pub(super) fn projection(&mut self, projection: &ast::Projection) -> Result<(Project, Vec<Column>)> {
        let (mut items, mut columns) = (Vec::new(), Vec::new());
        if projection.star {
            // What a subquery sees of the outside it sees anyway.
            let is_own = |(name, variable): &(&String, &Variable)| {
                self.constants.get(*name).is_none_or(|constant| constant.slot != variable.slot)
            };
            let own = self.scope.iter().filter(is_own).map(|(name, variable)| (name.clone(), *variable));
            for (name, variable) in own.collect::<Vec<_>>() {
                self.used.borrow_mut().insert(variable.slot);
                let slot = self.slot(&name);
                let span = projection.span;
                items.push(Item { expr: Expr::Var(variable.slot), slot, aggregates: false, span });
                columns.push((name, slot, variable.kind));
            }
        }
        let mut aggregates = Vec::new();
        let mut sources = Vec::new();
        for item in &projection.items {
            let name = item.alias.as_ref().map_or(item.text.as_str(), |alias| alias.text.as_str());
            if columns.iter().any(|(other, ..): &Column| other == name) {
                self.errors.tell(
                    Error::syntax(item.expr.span, format!("two columns are called `{name}`"))
                        .detail(Detail::ColumnNameConflict)
                        .hint("give one of them another name with AS".to_owned()),
                );
            }
            let before = aggregates.len();
            let expr = self.aggregating(&item.expr, &mut aggregates)?;
            let kind = self.kind_of(&item.expr);
            let slot = self.slot(name);
            sources.push((&item.expr, slot));
            let span = item.expr.span;
            items.push(Item { expr, slot, aggregates: aggregates.len() > before, span });
            columns.push((name.to_owned(), slot, kind));
        }
        let is_grouped = !aggregates.is_empty();
        let mut keys: Vec<(Expr, usize)> =
            items.iter().filter(|item| !item.aggregates).map(|item| (item.expr.clone(), item.slot)).collect();
        // An element whose properties stand beside an aggregate in one map is grouped by, as in `n {.id, k: count(*)}`.
        let projected = projection.items.iter().filter_map(|item| match &item.expr.kind {
            ast::ExprKind::MapProjection { base, .. } if is_grouped && !projection.distinct => Some(&**base),
            _ => None,
        });
        for base in projected {
            keys.push((self.expression(base)?, self.slot("group")));
        }
        for item in items.iter_mut().filter(|item| item.aggregates) {
            if let Some(stray) = group(&mut item.expr, &keys, &aggregates, &self.constants) {
                return Err(ambiguous(&self.names[stray], item.span));
            }
        }
        let merged = is_grouped || projection.distinct;
        let after =
            After { sources: &sources, columns: &columns, keys: &keys, aggregates: &aggregates, merged };
        let before = self.scope.clone();
        self.see_columns(&columns, false);
        let order =
            projection.order.iter().map(|key| Ok((self.sort_key(&key.expr, &after)?, key.descending)));
        let order = order.collect::<Result<_>>();
        let filter = projection.filter.as_ref().map(|filter| self.filter_after(filter, &after)).transpose();
        self.scope = before;
        let (order, filter) = (order?, filter?);
        let skip = self.cut("SKIP", projection.skip.as_ref())?;
        let limit = self.cut("LIMIT", projection.limit.as_ref())?;
        let items = items.into_iter().filter(|item| !is_grouped || item.aggregates);
        let items = items.map(|item| (item.expr, item.slot)).collect();
        let grouping = is_grouped.then_some(Grouping { keys, aggregates });
        let distinct = projection.distinct;
        Ok((Project { items, grouping, distinct, order, skip, limit, filter }, columns))
    }

    /// Makes columns visible; with `alone`, nothing else stays so.
    pub(super) fn see_columns(&mut self, columns: &[Column], alone: bool) {
        if alone {
            let kept = |name: &String| {
                self.constants.contains_key(name) || columns.iter().any(|(column, ..)| column == name)
            };
            self.ended.extend(self.scope.keys().filter(|name| !kept(name)).cloned());
            self.scope.clone_from(&self.constants);
        }
        for (name, slot, kind) in columns {
            self.scope.insert(name.clone(), Variable { slot: *slot, kind: *kind });
        }
    }

    /// Binds an expression in which aggregates may stand, and collects them.
    fn aggregating(&mut self, expr: &ast::Expr, aggregates: &mut Vec<AggregateCall>) -> Result<Expr> {
        let outside = self.aggregates.replace(std::mem::take(aggregates));
        let bound = self.expression(expr);
        *aggregates = std::mem::replace(&mut self.aggregates, outside).unwrap_or_default();
        bound
    }

    /// A sort key sees the columns and, unless rows were merged, the variables before.
    fn sort_key(&mut self, key: &ast::Expr, after: &After<'_>) -> Result<Expr> {
        // A key that repeats an item's expression means that item.
        let same = after.sources.iter().find(|(source, _)| is_same_text(*source, key));
        if let Some((_, slot)) = same {
            return Ok(Expr::Var(*slot));
        }
        if after.aggregates.is_empty() {
            let expr = self.expression(key)?;
            return self.of_columns(expr, after, key.span);
        }
        let mut aggregates = Vec::new();
        let mut expr = self.aggregating(key, &mut aggregates)?;
        // An aggregate in a key is one of the items', since rows are grouped for those only.
        for call in aggregates {
            let is_same = |other: &&AggregateCall| {
                (call.aggregate, call.distinct) == (other.aggregate, other.distinct)
                    && is_same_text(&(&call.argument, &call.second), &(&other.argument, &other.second))
            };
            let Some(other) = after.aggregates.iter().find(is_same) else {
                return Err(Error::syntax(call.span, "ORDER BY has an aggregate that no column has")
                    .detail(Detail::UndefinedVariable)
                    .hint("return it as a column, and sort by that".to_owned()));
            };
            expr.replace(&|part| (*part == Expr::Var(call.slot)).then_some(Expr::Var(other.slot)));
        }
        match self.stray(&mut expr, after) {
            Some(stray) => Err(ambiguous(&self.names[stray], key.span)),
            None => Ok(expr),
        }
    }

    fn filter_after(&mut self, filter: &ast::Expr, after: &After<'_>) -> Result<Expr> {
        let expr = self.condition(filter)?;
        self.of_columns(expr, after, filter.span)
    }

    /// Where rows were merged, an expression is of columns, and of what they were made of.
    fn of_columns(&self, mut expr: Expr, after: &After<'_>, span: Span) -> Result<Expr> {
        match self.stray(&mut expr, after) {
            None => Ok(expr),
            Some(stray) => {
                let message = format!("variable `{}` is not defined", self.names[stray]);
                let hint = "DISTINCT and aggregates leave only the columns";
                Err(Error::syntax(span, message).detail(Detail::UndefinedVariable).hint(hint.to_owned()))
            }
        }
    }

    /// Puts columns into an expression; gives a variable that is none and is gone, if rows were merged.
    fn stray(&self, expr: &mut Expr, after: &After<'_>) -> Option<usize> {
        let columns = after.columns.iter().map(|(_, slot, _)| (Expr::Var(*slot), *slot));
        let keys: Vec<(Expr, usize)> = after.keys.iter().cloned().chain(columns).collect();
        after.merged.then(|| group(expr, &keys, after.aggregates, &self.constants)).flatten()
    }

    /// How many rows `SKIP` or `LIMIT` speaks of, which is the same for all of them.
    fn cut(&mut self, word: &str, expr: Option<&ast::Expr>) -> Result<Option<(Expr, Span)>> {
        let Some(expr) = expr else { return Ok(None) };
        let bound = self.expression(expr)?;
        let is_constant = bound.variables().iter().all(|variable| bound.own_variables().contains(variable));
        if !is_constant {
            let message = format!("{word} is the same for all rows and cannot have variables");
            self.errors.tell(
                Error::syntax(expr.span, message)
                    .detail(Detail::NonConstantExpression)
                    .hint("write a number or a parameter".to_owned()),
            );
        }
        let checked = self.check_cut(word, expr);
        self.note(checked);
        Ok(Some((bound, expr.span)))
    }

    /// Fails where it is plain to see that a `SKIP` or `LIMIT` is no whole number from 0.
    fn check_cut(&self, word: &str, expr: &ast::Expr) -> Result<()> {
        let expected = format!("expected a whole number from 0 after {word}");
        let wrong = |found: &str, detail| {
            Err(Error::syntax(expr.span, format!("{expected}, found {found}")).detail(detail))
        };
        match (&expr.kind, self.kind_of(expr)) {
            (ExprKind::Unary(UnaryOp::Minus, inner), _) => match inner.kind {
                ExprKind::Int(number) if number > 0 => {
                    wrong(&format!("-{number}"), Detail::NegativeIntegerArgument)
                }
                ExprKind::Float(_) => wrong("a number with a fraction", Detail::InvalidArgumentType),
                _ => Ok(()),
            },
            (ExprKind::Float(number), _) => wrong(&number.to_string(), Detail::InvalidArgumentType),
            (_, Kind::Value | Kind::Number) => Ok(()),
            (_, kind) => wrong(kind.word(), Detail::InvalidArgumentType),
        }
    }
}

/// The error for a variable beside an aggregate that could be any of the group's.
fn ambiguous(name: &str, span: Span) -> Error {
    Error::syntax(span, format!("`{name}` stands beside an aggregate but is not grouped by"))
        .detail(Detail::AmbiguousAggregationExpression)
        .hint("return it as a column of its own, or put it into a WITH before".to_owned())
}

/// Puts columns in the place of what they are made of, where that is a variable or a property of one;
/// gives a variable that is neither a key nor an aggregate, if one is left.
fn group(
    expr: &mut Expr,
    keys: &[(Expr, usize)],
    aggregates: &[AggregateCall],
    constants: &BTreeMap<String, Variable>,
) -> Option<usize> {
    expr.replace(&|part| {
        let key = keys.iter().find(|(key, _)| is_same_place(key, part));
        key.map(|(_, slot)| Expr::Var(*slot))
    });
    let grouped = keys.iter().flat_map(|(key, slot)| match key {
        Expr::Var(variable) => vec![*variable, *slot],
        _ => vec![*slot],
    });
    let mut known: Vec<usize> = grouped.chain(aggregates.iter().map(|call| call.slot)).collect();
    known.extend(expr.own_variables());
    known.extend(constants.values().map(|constant| constant.slot));
    expr.variables().into_iter().find(|variable| !known.contains(variable))
}

/// Whether both are the same variable, or the same property of it.
fn is_same_place(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Var(a), Expr::Var(b)) => a == b,
        (Expr::Property(a, key, _), Expr::Property(b, other, _)) => key == other && is_same_place(a, b),
        _ => false,
    }
}

/// Whether two expressions are the same but for where they stand.
fn is_same_text<T: Debug>(a: &T, b: &T) -> bool {
    fn plain(expr: &impl Debug) -> String {
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

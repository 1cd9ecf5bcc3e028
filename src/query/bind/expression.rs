//! Binding of expressions.

use super::{Binder, Kind, Variable, unknown_function};
use crate::error::{Detail, Error, Result, Span};
use crate::model::Value;
use crate::query::ast::{self, BinaryOp, ExprKind, LabelExpr, MapEntry, Name, SubqueryKind, UnaryOp};
use crate::query::expr::{Expr, Labels};
use crate::query::functions::{Function, MAP_PROJECTION};
use crate::query::plan::AggregateCall;

/// The most parts of an expression that are copied for one comparison.
const COPIED_MAX: usize = 10_000;

/// The most comparisons in one chain such as `a < b < c`.
const COMPARISONS_MAX: usize = 400;

impl Binder<'_> {
    pub(super) fn expression(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let span = expr.span;
        let is_condition = std::mem::take(&mut self.is_condition);
        Ok(match &expr.kind {
            ExprKind::Null => Expr::Literal(Value::Null),
            ExprKind::Bool(truth) => Expr::Literal(Value::Bool(*truth)),
            ExprKind::Int(number) => Expr::Literal(Value::Int(*number)),
            ExprKind::Float(number) => Expr::Literal(Value::Float(*number)),
            ExprKind::String(text) => Expr::Literal(Value::from(text.as_str())),
            ExprKind::Parameter(name) => self.parameter(name, span),
            ExprKind::Variable(name) => match self.number_named(name) {
                Some(number) => Expr::Literal(Value::Float(number)),
                None => Expr::Var(self.variable(name, span).slot),
            },
            ExprKind::Property(base, key) => {
                let checked = self.check_base(base);
                self.note(checked);
                if matches!(self.kind_of(base), Kind::Node | Kind::Relationship) {
                    self.properties.insert(key.text.clone());
                }
                self.base = Some(base.span);
                Expr::Property(self.boxed(base)?, key.text.clone(), span)
            }
            ExprKind::Index(base, index) => Expr::Index(self.boxed(base)?, self.boxed(index)?, span),
            ExprKind::Slice(base, from, to) => Expr::Slice(
                self.boxed(base)?,
                self.optional(from.as_deref())?,
                self.optional(to.as_deref())?,
                span,
            ),
            ExprKind::List(items) => {
                Expr::List(items.iter().map(|item| self.expression(item)).collect::<Result<_>>()?)
            }
            ExprKind::Map(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| Ok((key.text.clone(), self.expression(value)?)));
                Expr::Map(entries.collect::<Result<_>>()?)
            }
            ExprKind::Unary(UnaryOp::Not, inner) => {
                let checked = self.check_not(inner);
                self.note(checked);
                self.is_condition = is_condition;
                Expr::Not(self.boxed(inner)?, span)
            }
            ExprKind::Unary(UnaryOp::Minus, inner) => Expr::Minus(self.boxed(inner)?, span),
            ExprKind::Unary(UnaryOp::Plus, inner) => self.expression(inner)?,
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or | BinaryOp::Xor), a, b) => {
                let checked = self.check_operands(*op, a, b);
                self.note(checked);
                self.is_condition = is_condition;
                let a = self.boxed(a)?;
                self.is_condition = is_condition;
                Expr::Binary(*op, a, self.boxed(b)?, span)
            }
            ExprKind::Binary(op, a, b) => {
                let checked = self.check_operands(*op, a, b);
                self.note(checked);
                Expr::Binary(*op, self.boxed(a)?, self.boxed(b)?, span)
            }
            ExprKind::Comparison(first, rest) => self.comparison(first, rest, span)?,
            ExprKind::Is(inner, test, negated) => Expr::Is(self.boxed(inner)?, test.clone(), *negated),
            ExprKind::IsNull(inner, negated) => Expr::IsNull(self.boxed(inner)?, *negated),
            ExprKind::HasLabels(inner, labels) => {
                let labels = labels_of(labels);
                self.labels.extend(labels.names().into_iter().map(str::to_owned));
                Expr::HasLabels(self.boxed(inner)?, labels, span)
            }
            ExprKind::Case { subject, branches, otherwise } => {
                self.case(subject.as_deref(), branches, otherwise.as_deref(), span)?
            }
            ExprKind::Call { name, distinct, star, arguments } => {
                self.call_function(name, *distinct, *star, arguments, span)?
            }
            ExprKind::ListComprehension { variable, list, filter, value } => {
                let kind = self.kind_of(list).item();
                let list = self.list(list)?;
                let aggregates = self.aggregates.take();
                let (slot, hidden) = self.shadow(variable, kind);
                let filter = filter.as_ref().map(|filter| self.condition(filter).map(Box::new)).transpose();
                let value = self.optional(value.as_deref());
                self.unshadow(variable, hidden);
                self.aggregates = aggregates;
                Expr::ListComprehension { slot, list, filter: filter?, value: value?, span }
            }
            ExprKind::Quantified { quantifier, variable, list, filter } => {
                let kind = self.kind_of(list).item();
                let list = self.list(list)?;
                let aggregates = self.aggregates.take();
                let (slot, hidden) = self.shadow(variable, kind);
                let filter = self.condition(filter).map(Box::new);
                self.unshadow(variable, hidden);
                self.aggregates = aggregates;
                Expr::Quantified { quantifier: *quantifier, slot, list, filter: filter?, span }
            }
            ExprKind::Reduce { total, start, variable, list, value } => {
                let (start, list) = (self.boxed(start)?, self.list(list)?);
                let aggregates = self.aggregates.take();
                let (total_slot, total_hidden) = self.shadow(total, Kind::Value);
                let (slot, hidden) = self.shadow(variable, Kind::Value);
                let value = self.boxed(value);
                self.aggregates = aggregates;
                self.unshadow(variable, hidden);
                self.unshadow(total, total_hidden);
                Expr::Reduce { total: total_slot, start, slot, list, value: value?, span }
            }
            ExprKind::Subquery { kind: SubqueryKind::Pattern, .. } if !is_condition => {
                return Err(Error::syntax(span, "a pattern stands only where a condition does")
                    .hint("write EXISTS { … }, or COUNT { … } for how many there are".to_owned()));
            }
            ExprKind::Subquery { kind, query, value } => {
                self.subquery(*kind, query, value.as_deref(), span)?
            }
            ExprKind::MapProjection { base, entries } => self.map_projection(base, entries, span)?,
        })
    }

    /// `Infinity` and `NaN` are numbers where no variable has the name.
    fn number_named(&self, name: &str) -> Option<f64> {
        let numbers = [("Infinity", f64::INFINITY), ("Inf", f64::INFINITY), ("NaN", f64::NAN)];
        let is_free = !self.scope.contains_key(name);
        numbers.into_iter().find(|(known, _)| is_free && known.eq_ignore_ascii_case(name)).map(|(_, x)| x)
    }

    /// A map made of an element's properties and of other values; those written last count.
    fn map_projection(&mut self, base: &ast::Expr, entries: &[MapEntry], span: Span) -> Result<Expr> {
        let checked = self.refuse_kind(base, Kind::has_properties, "a node, a relationship or a map");
        self.note(checked);
        let base = self.expression(base)?;
        let all = entries.contains(&MapEntry::All);
        let mut chosen = Vec::new();
        for entry in entries {
            match entry {
                MapEntry::All => {}
                MapEntry::Property(key) => {
                    let value = Expr::Property(Box::new(base.clone()), key.text.clone(), key.span);
                    chosen.push((key.text.clone(), value));
                }
                MapEntry::Value(key, value) if self.is_bare(key, value) => {
                    self.errors.tell(
                        Error::syntax(key.span, format!("variable `{}` is not defined", key.text))
                            .detail(Detail::UndefinedVariable)
                            .hint(format!("write .{} for the property", key.text)),
                    );
                }
                MapEntry::Value(key, value) => chosen.push((key.text.clone(), self.expression(value)?)),
            }
        }
        let arguments = vec![base, Expr::Literal(Value::Bool(all)), Expr::Map(chosen)];
        Ok(Expr::Call(&MAP_PROJECTION, arguments, span))
    }

    /// Whether an entry such as the `a` of `n {a}` names a variable that is not there.
    fn is_bare(&self, key: &Name, value: &ast::Expr) -> bool {
        matches!(value.kind, ExprKind::Variable(_))
            && value.span == key.span
            && !self.scope.contains_key(&key.text)
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Result<Box<Expr>> {
        self.expression(expr).map(Box::new)
    }

    /// What stands after `IN` where its items are gone through.
    fn list(&mut self, expr: &ast::Expr) -> Result<Box<Expr>> {
        let checked = self.refuse_kind(expr, Kind::is_list, "a list after IN");
        self.note(checked);
        self.boxed(expr)
    }

    fn optional(&mut self, expr: Option<&ast::Expr>) -> Result<Option<Box<Expr>>> {
        expr.map(|expr| self.boxed(expr)).transpose()
    }

    /// Declares a variable for the inside of an expression only.
    pub(super) fn shadow(&mut self, name: &Name, kind: Kind) -> (usize, Option<Variable>) {
        let hidden = self.scope.get(&name.text).copied();
        (self.declare(&name.text, kind), hidden)
    }

    pub(super) fn unshadow(&mut self, name: &Name, hidden: Option<Variable>) {
        match hidden {
            Some(variable) => self.scope.insert(name.text.clone(), variable),
            None => self.scope.remove(&name.text),
        };
    }

    /// `a < b <= c` is `a < b AND b <= c`.
    fn comparison(
        &mut self,
        first: &ast::Expr,
        rest: &[(ast::BinaryOp, ast::Expr)],
        span: Span,
    ) -> Result<Expr> {
        if rest.len() > COMPARISONS_MAX {
            return Err(Error::syntax(span, format!("a chain has at most {COMPARISONS_MAX} comparisons"))
                .detail(Detail::LimitExceeded));
        }
        self.notice_null(first, rest);
        let mut left = self.expression(first)?;
        let mut all: Option<Expr> = None;
        for (op, right) in rest {
            let right = self.expression(right)?;
            self.refuse_large_copy(&right, rest.len() - 1, span)?;
            let one = Expr::Binary(*op, Box::new(left), Box::new(right.clone()), span);
            all = Some(match all {
                Some(before) => Expr::Binary(ast::BinaryOp::And, Box::new(before), Box::new(one), span),
                None => one,
            });
            left = right;
        }
        all.ok_or_else(|| Error::syntax(span, "expected a comparison"))
    }

    /// Nothing is equal to null, nor unequal.
    fn notice_null(&mut self, first: &ast::Expr, rest: &[(BinaryOp, ast::Expr)]) {
        let is_null = |expr: &ast::Expr| matches!(expr.kind, ExprKind::Null);
        let mut left = first;
        for (op, right) in rest {
            let instead = match op {
                BinaryOp::Equal => "= null is never true; write IS NULL",
                BinaryOp::NotEqual => "<> null is never true; write IS NOT NULL",
                _ => "a comparison with null is never true",
            };
            if is_null(left) || is_null(right) {
                self.notices.push(instead.to_owned());
            }
            left = right;
        }
    }

    /// An operand that stands in several comparisons is copied into each, which
    /// nesting would multiply.
    fn refuse_large_copy(&self, operand: &Expr, copies: usize, span: Span) -> Result<()> {
        let mut size = 0_usize;
        operand.visit(&mut |_| size += 1);
        match size.saturating_mul(copies) > COPIED_MAX {
            true => Err(Error::syntax(span, "the comparison is too deeply nested")
                .detail(Detail::LimitExceeded)
                .hint("compute the inner part in a WITH before".to_owned())),
            false => Ok(()),
        }
    }

    fn case(
        &mut self,
        subject: Option<&ast::Expr>,
        branches: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        span: Span,
    ) -> Result<Expr> {
        let subject = self.optional(subject)?;
        if let Some(subject) = &subject {
            self.refuse_large_copy(subject, branches.len(), span)?;
        }
        let mut bound = Vec::with_capacity(branches.len());
        for (condition, value) in branches {
            if subject.is_none() {
                let checked = self.refuse_kind(condition, Kind::is_bool, "true or false after WHEN");
                self.note(checked);
            }
            self.is_condition = subject.is_none();
            let condition = self.expression(condition)?;
            let condition = match &subject {
                Some(subject) => {
                    Expr::Binary(ast::BinaryOp::Equal, subject.clone(), Box::new(condition), span)
                }
                None => condition,
            };
            bound.push((condition, self.expression(value)?));
        }
        let otherwise = self.optional(otherwise)?.unwrap_or_else(|| Box::new(Expr::Literal(Value::Null)));
        Ok(Expr::Case(bound, otherwise, span))
    }

    fn call_function(
        &mut self,
        name: &Name,
        distinct: bool,
        star: bool,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr> {
        let Some(function) = Function::find(&name.text) else {
            self.errors.tell(unknown_function(name));
            return self.arguments_only(arguments);
        };
        if star && function.name != "count" {
            self.errors.tell(
                Error::syntax(span, format!("only count can have *, not {}", function.name))
                    .hint(format!("write {}(x)", function.name)),
            );
            return Ok(Expr::Literal(Value::Null));
        }
        if !star && !(function.min..=function.max).contains(&arguments.len()) {
            let (arity, found) = ((function.min, function.max), arguments.len());
            let message = super::wrong_number(&format!("{}()", function.name), arity, found);
            let hint = match function.name {
                "count" => "count(*) counts rows".to_owned(),
                _ => function.signature(),
            };
            self.errors
                .tell(Error::syntax(span, message).detail(Detail::InvalidNumberOfArguments).hint(hint));
            return self.arguments_only(arguments);
        }
        let checked = self.check_arguments(function, arguments);
        self.note(checked);
        if function.is_aggregate() {
            return self.aggregate(function, distinct, arguments, span);
        }
        if distinct {
            let message = format!("DISTINCT is for aggregates, and {} is none", function.name);
            self.errors.tell(
                Error::syntax(span, message)
                    .hint("write RETURN DISTINCT, or WITH DISTINCT before".to_owned()),
            );
        }
        if self.in_aggregate && function.name == "rand" {
            let message = "rand() cannot stand within an aggregate, which would depend on chance";
            return Err(Error::syntax(span, message)
                .detail(Detail::NonConstantExpression)
                .hint("compute it in a WITH before".to_owned()));
        }
        self.note(refuse_computed(function.name, arguments));
        let mut bound = Vec::with_capacity(arguments.len());
        for argument in arguments {
            self.is_condition = function.name == "exists";
            bound.push(self.expression(argument)?);
        }
        let arguments = bound;
        Ok(Expr::Call(function, arguments, span))
    }

    /// Looks for what is wrong in the arguments of a call that is wrong itself.
    fn arguments_only(&mut self, arguments: &[ast::Expr]) -> Result<Expr> {
        for argument in arguments {
            self.expression(argument)?;
        }
        Ok(Expr::Literal(Value::Null))
    }

    fn aggregate(
        &mut self,
        function: &'static Function,
        distinct: bool,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr> {
        let Some(mut collected) = self.aggregates.take() else {
            let name = function.name;
            return Err(match self.in_aggregate {
                true => Error::syntax(span, format!("{name}() cannot stand within another aggregate"))
                    .detail(Detail::NestedAggregation),
                false => Error::syntax(
                    span,
                    format!("{name}() combines rows and can only stand in RETURN or WITH"),
                )
                .detail(Detail::InvalidAggregation),
            }
            .hint("compute it in a WITH before".to_owned()));
        };
        // Within an aggregate no other may stand.
        let outside = std::mem::replace(&mut self.in_aggregate, true);
        let bound: Result<Vec<Expr>> = arguments.iter().map(|argument| self.expression(argument)).collect();
        self.in_aggregate = outside;
        let slot = self.slot(&format!("{}(…)", function.name));
        let aggregate = function.aggregate().expect("the caller asked whether it is one");
        let bound = bound.map(|bound| {
            let mut bound = bound.into_iter();
            let (argument, second) = (bound.next(), bound.next());
            collected.push(AggregateCall { aggregate, argument, second, distinct, slot, span });
            Expr::Var(slot)
        });
        self.aggregates = Some(collected);
        bound
    }
}

/// `exists(x)` asks whether a property or a pattern is there, not what an expression gives.
fn refuse_computed(function: &str, arguments: &[ast::Expr]) -> Result<()> {
    let is_computed = |argument: &&ast::Expr| {
        matches!(argument.kind, ExprKind::Binary(..) | ExprKind::Unary(..) | ExprKind::Comparison(..))
    };
    match arguments.iter().find(is_computed).filter(|_| function == "exists") {
        Some(argument) => Err(Error::syntax(
            argument.span,
            "expected a property or a pattern in exists(), found an expression",
        )
        .detail(Detail::InvalidArgumentExpression)
        .hint("write IS NOT NULL after the expression".to_owned())),
        None => Ok(()),
    }
}

/// A label expression without its places.
pub(super) fn labels_of(labels: &LabelExpr) -> Labels {
    match labels {
        LabelExpr::Name(name) => Labels::Name(name.text.clone()),
        LabelExpr::Any(_) => Labels::Any,
        LabelExpr::Not(inner) => Labels::Not(Box::new(labels_of(inner))),
        LabelExpr::And(a, b) => Labels::And(Box::new(labels_of(a)), Box::new(labels_of(b))),
        LabelExpr::Or(a, b) => Labels::Or(Box::new(labels_of(a)), Box::new(labels_of(b))),
    }
}

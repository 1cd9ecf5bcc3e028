//! Binding of expressions.

use super::{Binder, Kind, Variable, function};
use crate::error::{Error, Result, Span};
use crate::model::Value;
use crate::query::ast::{self, BinaryOp, ExprKind, LabelExpr, MapEntry, Name, SubqueryKind, UnaryOp};
use crate::query::expr::{Expr, Labels};
use crate::query::functions::{Function, MAP_PROJECTION};
use crate::query::plan::AggregateCall;

/// The most parts of an expression that are copied for one comparison.
const COPIED_MAX: usize = 10_000;

/// The most comparisons in one chain such as `a < b < c`.
const COMPARISONS_MAX: usize = 400;

impl Binder {
    pub(super) fn expression(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let span = expr.span;
        let is_condition = std::mem::take(&mut self.is_condition);
        Ok(match &expr.kind {
            ExprKind::Null => Expr::Literal(Value::Null),
            ExprKind::Bool(truth) => Expr::Literal(Value::Bool(*truth)),
            ExprKind::Int(number) => Expr::Literal(Value::Int(*number)),
            ExprKind::Float(number) => Expr::Literal(Value::Float(*number)),
            ExprKind::String(text) => Expr::Literal(Value::from(text.as_str())),
            ExprKind::Parameter(name) => Expr::Parameter(name.clone(), span),
            ExprKind::Variable(name) => match self.number_named(name) {
                Some(number) => Expr::Literal(Value::Float(number)),
                None => Expr::Var(self.variable(name, span)?.slot),
            },
            ExprKind::Property(base, key) => {
                self.check_base(base)?;
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
                self.check_not(inner)?;
                self.is_condition = is_condition;
                Expr::Not(self.boxed(inner)?, span)
            }
            ExprKind::Unary(UnaryOp::Minus, inner) => Expr::Minus(self.boxed(inner)?, span),
            ExprKind::Unary(UnaryOp::Plus, inner) => self.expression(inner)?,
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or | BinaryOp::Xor), a, b) => {
                self.check_operands(*op, a, b)?;
                self.is_condition = is_condition;
                let a = self.boxed(a)?;
                self.is_condition = is_condition;
                Expr::Binary(*op, a, self.boxed(b)?, span)
            }
            ExprKind::Binary(op, a, b) => {
                self.check_operands(*op, a, b)?;
                Expr::Binary(*op, self.boxed(a)?, self.boxed(b)?, span)
            }
            ExprKind::Comparison(first, rest) => self.comparison(first, rest, span)?,
            ExprKind::Is(inner, test, negated) => Expr::Is(self.boxed(inner)?, test.clone(), *negated),
            ExprKind::IsNull(inner, negated) => Expr::IsNull(self.boxed(inner)?, *negated),
            ExprKind::HasLabels(inner, labels) => {
                Expr::HasLabels(self.boxed(inner)?, labels_of(labels), span)
            }
            ExprKind::Case { subject, branches, otherwise } => {
                self.case(subject.as_deref(), branches, otherwise.as_deref(), span)?
            }
            ExprKind::Call { name, distinct, star, arguments } => {
                self.call_function(name, *distinct, *star, arguments, span)?
            }
            ExprKind::ListComprehension { variable, list, filter, value } => {
                let kind = self.kind_of(list).item();
                let list = self.boxed(list)?;
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
                let list = self.boxed(list)?;
                let aggregates = self.aggregates.take();
                let (slot, hidden) = self.shadow(variable, kind);
                let filter = self.condition(filter).map(Box::new);
                self.unshadow(variable, hidden);
                self.aggregates = aggregates;
                Expr::Quantified { quantifier: *quantifier, slot, list, filter: filter?, span }
            }
            ExprKind::Reduce { total, start, variable, list, value } => {
                let (start, list) = (self.boxed(start)?, self.boxed(list)?);
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
        self.refuse_kind(base, Kind::has_properties, "a node, a relationship or a map")?;
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
                MapEntry::Value(key, value) => chosen.push((key.text.clone(), self.expression(value)?)),
            }
        }
        let arguments = vec![base, Expr::Literal(Value::Bool(all)), Expr::Map(chosen)];
        Ok(Expr::Call(&MAP_PROJECTION, arguments, span))
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Result<Box<Expr>> {
        self.expression(expr).map(Box::new)
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
            return Err(Error::syntax(span, format!("a chain has at most {COMPARISONS_MAX} comparisons")));
        }
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

    /// An operand that stands in several comparisons is copied into each, which
    /// nesting would multiply.
    fn refuse_large_copy(&self, operand: &Expr, copies: usize, span: Span) -> Result<()> {
        let mut size = 0_usize;
        operand.visit(&mut |_| size += 1);
        match size.saturating_mul(copies) > COPIED_MAX {
            true => Err(Error::syntax(span, "the comparison is too deeply nested")
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
        let function = function(name)?;
        if star && function.name != "count" {
            return Err(Error::syntax(span, format!("only count can have *, not {}", function.name)));
        }
        if !star && !(function.min..=function.max).contains(&arguments.len()) {
            return Err(wrong_number(function, arguments.len(), span));
        }
        self.check_arguments(function, arguments)?;
        if function.is_aggregate() {
            return self.aggregate(function, distinct, arguments, span);
        }
        if distinct {
            return Err(Error::syntax(
                span,
                format!("DISTINCT is for aggregates, and {} is none", function.name),
            ));
        }
        let mut bound = Vec::with_capacity(arguments.len());
        for argument in arguments {
            self.is_condition = function.name == "exists";
            bound.push(self.expression(argument)?);
        }
        let arguments = bound;
        Ok(Expr::Call(function, arguments, span))
    }

    fn aggregate(
        &mut self,
        function: &'static Function,
        distinct: bool,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr> {
        let Some(mut collected) = self.aggregates.take() else {
            return Err(Error::syntax(
                span,
                format!("{}() combines rows and can only stand in RETURN or WITH", function.name),
            )
            .hint("compute it in a WITH before".to_owned()));
        };
        // Within an aggregate no other may stand.
        let bound: Result<Vec<Expr>> = arguments.iter().map(|argument| self.expression(argument)).collect();
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

/// The error for too few or too many arguments.
fn wrong_number(function: &Function, found: usize, span: Span) -> Error {
    let (min, max) = (function.min, function.max);
    let wanted = match (min, max) {
        (min, usize::MAX) => format!("at least {min} argument{}", if min == 1 { "" } else { "s" }),
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        _ if min == max => format!("{min} arguments"),
        _ if min + 1 == max => format!("{min} or {max} arguments"),
        _ => format!("{min} to {max} arguments"),
    };
    Error::syntax(span, format!("{}() takes {wanted}, found {found}", function.name))
        .hint(function.signature())
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

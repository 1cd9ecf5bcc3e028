//! What is known of an expression's value before anything runs.
//!
//! Little is: a variable of a pattern holds a node, a literal is what it is. Where
//! nothing is known, nothing is refused, and the value is looked at when it is there.

use super::Binder;
use crate::error::{Detail, Error, Result};
use crate::query::ast::{self, BinaryOp, ExprKind, UnaryOp};

/// What a variable or an expression is known to hold; null is of every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Relationship,
    Path,
    Bool,
    Number,
    Text,
    Map,
    /// A list, with what is known of its items.
    List(Items),
    /// Anything that an expression can give.
    Value,
}

/// What is known of a list's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    Bools,
    Numbers,
    Texts,
    Maps,
    Any,
}

/// A function, whether it takes a kind, and words for what it takes.
type Taken = (&'static str, fn(Kind) -> bool, &'static str);

/// What functions take as their only argument, where openCypher refuses others early.
const TAKEN: &[Taken] = &[
    ("endNode", |kind| kind == Kind::Relationship, "a relationship"),
    ("labels", |kind| matches!(kind, Kind::Node | Kind::List(_)), "a node"),
    ("length", |kind| kind == Kind::Path, "a path"),
    ("nodes", |kind| kind == Kind::Path, "a path"),
    (
        "properties",
        |kind| matches!(kind, Kind::Node | Kind::Relationship | Kind::Map),
        "a node, a relationship or a map",
    ),
    ("relationships", |kind| kind == Kind::Path, "a path"),
    ("size", |kind| matches!(kind, Kind::List(_) | Kind::Text), "a list or a text"),
    ("startNode", |kind| kind == Kind::Relationship, "a relationship"),
    ("type", |kind| kind == Kind::Relationship, "a relationship"),
];

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Node => "a node",
            Self::Relationship => "a relationship",
            Self::Path => "a path",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Map => "a map",
            Self::List(_) => "a list",
            Self::Value => "a value",
        }
    }

    /// What is known of an item, if it is a list.
    pub(super) fn item(self) -> Self {
        match self {
            Self::List(Items::Bools) => Self::Bool,
            Self::List(Items::Numbers) => Self::Number,
            Self::List(Items::Texts) => Self::Text,
            Self::List(Items::Maps) => Self::Map,
            _ => Self::Value,
        }
    }

    /// A list of such items.
    fn list(self) -> Self {
        Self::List(match self {
            Self::Bool => Items::Bools,
            Self::Number => Items::Numbers,
            Self::Text => Items::Texts,
            Self::Map => Items::Maps,
            _ => Items::Any,
        })
    }

    pub(super) fn is_element(self) -> bool {
        matches!(self, Self::Node | Self::Relationship | Self::Path)
    }

    pub(super) fn is_bool(self) -> bool {
        self == Self::Bool
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::List(_))
    }

    /// Whether one can count with it; durations are counted with too, and nothing is known of them.
    fn is_number(self) -> bool {
        self == Self::Number
    }
}

impl Binder<'_> {
    /// What is known of an expression's value.
    pub(super) fn kind_of(&self, expr: &ast::Expr) -> Kind {
        match &expr.kind {
            ExprKind::Variable(name) => self.scope.get(name).map_or(Kind::Value, |variable| variable.kind),
            ExprKind::Bool(_)
            | ExprKind::Comparison(..)
            | ExprKind::IsNull(..)
            | ExprKind::HasLabels(..)
            | ExprKind::Quantified { .. }
            | ExprKind::Unary(UnaryOp::Not, _) => Kind::Bool,
            ExprKind::Int(_) | ExprKind::Float(_) => Kind::Number,
            ExprKind::String(_) => Kind::Text,
            ExprKind::Map(_) => Kind::Map,
            ExprKind::List(items) => {
                let mut kinds = items.iter().map(|item| self.kind_of(item));
                let first = kinds.next().unwrap_or(Kind::Value);
                if kinds.all(|kind| kind == first) { first.list() } else { Kind::Value.list() }
            }
            ExprKind::ListComprehension { .. } => Kind::Value.list(),
            ExprKind::Unary(_, inner) => match self.kind_of(inner) {
                Kind::Number => Kind::Number,
                _ => Kind::Value,
            },
            ExprKind::Binary(op, a, b) => match op {
                BinaryOp::Or | BinaryOp::Xor | BinaryOp::And | BinaryOp::In => Kind::Bool,
                BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Contains | BinaryOp::Matches => {
                    Kind::Bool
                }
                _ if self.kind_of(a) == Kind::Number && self.kind_of(b) == Kind::Number => Kind::Number,
                _ => Kind::Value,
            },
            _ => Kind::Value,
        }
    }

    /// Fails where an expression is known to be of another kind than is taken.
    pub(super) fn refuse_kind(
        &self,
        expr: &ast::Expr,
        is_taken: fn(Kind) -> bool,
        expected: &str,
    ) -> Result<()> {
        let kind = self.kind_of(expr);
        if kind == Kind::Value || is_taken(kind) {
            return Ok(());
        }
        let message = format!("expected {expected}, found {}", kind.word());
        Err(Error::syntax(expr.span, message).detail(Detail::InvalidArgumentType))
    }

    /// Fails where the operands of an operator are known not to fit it.
    pub(super) fn check_operands(&self, op: BinaryOp, a: &ast::Expr, b: &ast::Expr) -> Result<()> {
        match op {
            BinaryOp::Or | BinaryOp::Xor | BinaryOp::And => {
                self.refuse_kind(a, Kind::is_bool, "true or false")?;
                self.refuse_kind(b, Kind::is_bool, "true or false")
            }
            BinaryOp::In => self.refuse_kind(b, Kind::is_list, "a list after IN"),
            BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Modulo
            | BinaryOp::Power => {
                self.refuse_kind(a, Kind::is_number, "a number")?;
                self.refuse_kind(b, Kind::is_number, "a number")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_not(&self, inner: &ast::Expr) -> Result<()> {
        self.refuse_kind(inner, Kind::is_bool, "true or false after NOT")
    }

    /// A path has no properties of its own, and neither have plain values.
    pub(super) fn check_base(&self, base: &ast::Expr) -> Result<()> {
        let expected = "a node, a relationship or a map";
        match self.kind_of(base) {
            kind @ (Kind::Bool | Kind::Number | Kind::Text | Kind::List(_)) => {
                let message = format!("expected {expected}, found {}", kind.word());
                Err(Error::query("TypeError", base.span, message).detail(Detail::InvalidArgumentType))
            }
            _ => self.refuse_kind(base, |kind| kind != Kind::Path, expected),
        }
    }

    pub(super) fn check_argument(&self, function: &str, arguments: &[ast::Expr]) -> Result<()> {
        let Some((_, is_taken, expected)) = TAKEN.iter().find(|(name, ..)| *name == function) else {
            return Ok(());
        };
        arguments.iter().try_for_each(|argument| self.refuse_kind(argument, *is_taken, expected))
    }
}

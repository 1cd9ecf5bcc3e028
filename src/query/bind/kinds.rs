//! What is known of an expression's value before anything runs.
//!
//! Little is: a variable of a pattern holds a node, a literal is what it is. Where
//! nothing is known, nothing is refused, and the value is looked at when it is there.

use super::Binder;
use crate::error::{Detail, Error, Result};
use crate::query::ast::{self, BinaryOp, ExprKind, UnaryOp};
use crate::query::functions::{Function, Type};

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
    Nodes,
    Relationships,
    Any,
}

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
            Self::List(Items::Nodes) => Self::Node,
            Self::List(Items::Relationships) => Self::Relationship,
            _ => Self::Value,
        }
    }

    /// A list of such items.
    pub(super) fn list(self) -> Self {
        Self::List(match self {
            Self::Bool => Items::Bools,
            Self::Number => Items::Numbers,
            Self::Text => Items::Texts,
            Self::Map => Items::Maps,
            Self::Node => Items::Nodes,
            Self::Relationship => Items::Relationships,
            _ => Items::Any,
        })
    }

    /// Whether a value of this kind may be of a type.
    fn fits(self, known: &Type) -> bool {
        match (self, known) {
            (Self::Value, _) | (_, Type::Any | Type::Unknown) => true,
            (Self::List(items), Type::List(inner)) => items == Items::Any || self.item().fits(inner),
            (Self::Number, Type::Number | Type::Integer | Type::Float)
            | (Self::Bool, Type::Boolean)
            | (Self::Text, Type::String)
            | (Self::Map, Type::Map)
            | (Self::Node, Type::Node)
            | (Self::Relationship, Type::Relationship)
            | (Self::Path, Type::Path) => true,
            _ => false,
        }
    }

    /// What is known of a value of a type.
    fn of_type(known: &Type) -> Self {
        match known {
            Type::Boolean => Self::Bool,
            Type::Integer | Type::Float | Type::Number => Self::Number,
            Type::String => Self::Text,
            Type::Map => Self::Map,
            Type::Node => Self::Node,
            Type::Relationship => Self::Relationship,
            Type::Path => Self::Path,
            Type::List(items) => Self::of_type(items).list(),
            Type::Any
            | Type::Date
            | Type::LocalTime
            | Type::Time
            | Type::LocalDateTime
            | Type::DateTime
            | Type::Temporal
            | Type::Duration
            | Type::Unknown => Self::Value,
        }
    }

    pub(super) fn is_element(self) -> bool {
        matches!(self, Self::Node | Self::Relationship | Self::Path)
    }

    /// Whether it can have properties.
    pub(super) fn has_properties(self) -> bool {
        matches!(self, Self::Node | Self::Relationship | Self::Map)
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
            | ExprKind::Is(..)
            | ExprKind::HasLabels(..)
            | ExprKind::Quantified { .. }
            | ExprKind::Unary(UnaryOp::Not, _) => Kind::Bool,
            ExprKind::Int(_) | ExprKind::Float(_) => Kind::Number,
            ExprKind::String(_) => Kind::Text,
            ExprKind::Map(_) | ExprKind::MapProjection { .. } => Kind::Map,
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
                BinaryOp::Concatenate => match (self.kind_of(a), self.kind_of(b)) {
                    (Kind::Text, _) | (_, Kind::Text) => Kind::Text,
                    (Kind::List(_), _) | (_, Kind::List(_)) => Kind::Value.list(),
                    _ => Kind::Value,
                },
                _ if self.kind_of(a) == Kind::Number && self.kind_of(b) == Kind::Number => Kind::Number,
                _ => Kind::Value,
            },
            ExprKind::Call { name, .. } => Function::find(&name.text)
                .and_then(Function::result_type)
                .map_or(Kind::Value, |known| Kind::of_type(&known)),
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
            BinaryOp::Concatenate => {
                let is_joined = |kind| matches!(kind, Kind::Text | Kind::List(_));
                let is_or = [a, b].into_iter().all(|side| self.kind_of(side) == Kind::Bool);
                let hint = || is_or.then(|| "write OR between conditions".to_owned());
                self.refuse_kind(a, is_joined, "a text or a list").map_err(|error| error.hint(hint()))?;
                self.refuse_kind(b, is_joined, "a text or a list")
            }
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

    /// Fails where an argument is known to be of a type that the function does not take.
    pub(super) fn check_arguments(&self, function: &Function, arguments: &[ast::Expr]) -> Result<()> {
        let parameters = function.parameters();
        for (i, argument) in arguments.iter().enumerate() {
            let Some(parameter) = parameters.get(i).or(parameters.last()) else { return Ok(()) };
            let kind = self.kind_of(argument);
            let is_taken = parameter.types.is_empty() || parameter.types.iter().any(|known| kind.fits(known));
            if !is_taken {
                let words: Vec<&str> = parameter.types.iter().map(Type::words).collect();
                let message = format!("expected {}, found {}", any_of(&words), kind.word());
                return Err(Error::syntax(argument.span, message)
                    .detail(Detail::InvalidArgumentType)
                    .hint(function.signature()));
            }
        }
        Ok(())
    }
}

/// `a text, a map or a list`.
fn any_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

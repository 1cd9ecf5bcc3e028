//! Bound expressions as text, for `EXPLAIN`.

use std::fmt;

use super::ast::{BinaryOp, ListQuantifier};
use super::expr::Expr;

/// An expression with the names of its variables.
pub(super) struct Shown<'a> {
    pub(super) expr: &'a Expr,
    pub(super) names: &'a [String],
}

impl Shown<'_> {
    fn of<'b>(&'b self, expr: &'b Expr) -> Shown<'b> {
        Shown { expr, names: self.names }
    }

    /// An operand; in brackets where it has an operator itself.
    fn operand(&self, expr: &Expr) -> String {
        match expr {
            Expr::Binary(..) => format!("({})", self.of(expr)),
            _ => self.of(expr).to_string(),
        }
    }

    fn list(&self, f: &mut fmt::Formatter<'_>, items: &[Expr]) -> fmt::Result {
        for (i, item) in items.iter().enumerate() {
            write!(f, "{}{}", if i > 0 { ", " } else { "" }, self.of(item))?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expr {
            Expr::Literal(value) => value.fmt(f),
            Expr::Parameter(name, _) => write!(f, "${name}"),
            Expr::Var(slot) => f.write_str(&self.names[*slot]),
            Expr::Property(base, key, _) => write!(f, "{}.{key}", self.of(base)),
            Expr::Index(base, index, _) => write!(f, "{}[{}]", self.of(base), self.of(index)),
            Expr::Slice(base, ..) => write!(f, "{}[..]", self.of(base)),
            Expr::List(items) => {
                f.write_str("[")?;
                self.list(f, items)?;
                f.write_str("]")
            }
            Expr::Map(entries) => {
                f.write_str("{")?;
                for (i, (name, value)) in entries.iter().enumerate() {
                    write!(f, "{}{name}: {}", if i > 0 { ", " } else { "" }, self.of(value))?;
                }
                f.write_str("}")
            }
            Expr::Not(inner, _) => write!(f, "NOT {}", self.of(inner)),
            Expr::Minus(inner, _) => write!(f, "-{}", self.of(inner)),
            Expr::Binary(op, a, b, _) => write!(f, "{} {} {}", self.operand(a), symbol(*op), self.operand(b)),
            Expr::IsNull(inner, negated) => {
                write!(f, "{} IS {}NULL", self.of(inner), if *negated { "NOT " } else { "" })
            }
            Expr::Is(inner, test, negated) => {
                write!(f, "{} IS {}{test}", self.of(inner), if *negated { "NOT " } else { "" })
            }
            Expr::HasLabels(inner, labels, _) => write!(f, "{}:{labels}", self.of(inner)),
            Expr::Case(..) => f.write_str("CASE …"),
            Expr::Call(function, arguments, _) => {
                write!(f, "{}(", function.name)?;
                self.list(f, arguments)?;
                f.write_str(")")
            }
            Expr::ListComprehension { slot, list, .. } => {
                write!(f, "[{} IN {} …]", self.names[*slot], self.of(list))
            }
            Expr::Reduce { total, start, slot, list, value, .. } => write!(
                f,
                "reduce({} = {}, {} IN {} | {})",
                self.names[*total],
                self.of(start),
                self.names[*slot],
                self.of(list),
                self.of(value)
            ),
            Expr::Subquery { at, .. } => write!(f, "subquery {}", at + 1),
            Expr::Quantified { quantifier, slot, list, filter, .. } => {
                let word = match quantifier {
                    ListQuantifier::All => "all",
                    ListQuantifier::Any => "any",
                    ListQuantifier::None => "none",
                    ListQuantifier::Single => "single",
                };
                write!(f, "{word}({} IN {} WHERE {})", self.names[*slot], self.of(list), self.of(filter))
            }
        }
    }
}

/// An operator as it is written.
fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "OR",
        BinaryOp::Xor => "XOR",
        BinaryOp::And => "AND",
        BinaryOp::Equal => "=",
        BinaryOp::NotEqual => "<>",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::In => "IN",
        BinaryOp::StartsWith => "STARTS WITH",
        BinaryOp::EndsWith => "ENDS WITH",
        BinaryOp::Contains => "CONTAINS",
        BinaryOp::Matches => "=~",
        BinaryOp::Concatenate => "||",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Power => "^",
    }
}

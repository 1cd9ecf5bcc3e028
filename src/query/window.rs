//! Conditions on a relationship's `from` as a window of time.
//!
//! `r.from >= a AND r.from < b`, where neither side depends on the match, bounds the
//! instant at which a relationship begins, and a search that keeps relationships in the
//! order of time need not look at others. Where all relationships of the type write
//! `from` in one way, and the other side is written so too, comparing the values is
//! comparing instants, and the window is all that there is to the condition. Otherwise
//! it only leaves out what the condition would leave out: a comparison of two sorts of
//! values is null, and of two datetimes first one of their instants. Where some `from` is
//! a text there is no window, since a notice tells of texts compared with dates.

use super::ast::BinaryOp;
use super::expr::{Context, Expr, Labels, Row};
use super::functions::Function;
use super::plan::{Part, Pattern, Same, Shape};
use crate::graph::{Timing, Written};
use crate::model::time::reading;
use crate::model::{Instant, Interval, Value};
use crate::paths::Outline;

/// What the conditions of a part come to, as far as it is known beforehand.
pub(super) fn outline(pattern: &Pattern, at: usize, context: &Context<'_>, row: &mut Row) -> Outline {
    let part = &pattern.parts[at];
    let is_hop = pattern.shape.iter().any(|shape| is_hop(shape, at));
    let has_types = is_hop && part.labels.as_ref().and_then(Labels::alternatives).is_some();
    let mut outline = Outline {
        is_all: (part.labels.is_none() || has_types) && part.properties.is_empty() && part.same_as.is_none(),
        ..Outline::default()
    };
    if !is_hop {
        outline.is_all &= part.filters.is_empty();
        return outline;
    }
    let timings = timings(part, context);
    // Who compares a text with a date is told so, if it is met.
    let is_silent = !timings.is_empty() && timings.iter().all(|timing| !timing.has_texts);
    let written = timings.iter().map(|timing| timing.written).reduce(|a, b| a.filter(|_| a == b)).flatten();
    for condition in part.filters.iter().flat_map(conjuncts) {
        match bound(pattern, part, condition, context, row) {
            Some(bound) if is_silent => {
                let is_exact = written == Some(bound.written);
                outline.window = outline.window.intersect(bound.window(is_exact));
                outline.is_all &= is_exact;
            }
            _ => outline.is_all = false,
        }
    }
    outline
}

fn is_hop(shape: &Shape, part: usize) -> bool {
    match shape {
        Shape::Hop(hop) => *hop == part,
        Shape::Repeat { body, .. } => body.iter().any(|shape| is_hop(shape, part)),
        Shape::Node(_) | Shape::Filter(_) => false,
    }
}

/// What is known of the times of the types that a part can have; of no type, nothing.
fn timings(part: &Part, context: &Context<'_>) -> Vec<Timing> {
    let graph = context.view.graph();
    let names = part.labels.as_ref().and_then(Labels::alternatives).unwrap_or_default();
    names.into_iter().filter_map(|name| graph.timing(graph.symbol(name)?)).collect()
}

fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match condition {
        Expr::Binary(BinaryOp::And, a, b, _) => [conjuncts(a), conjuncts(b)].concat(),
        other => vec![other],
    }
}

/// A bound on `from`.
struct Bound {
    op: BinaryOp,
    written: Written,
    /// What is written on the other side.
    read: Interval,
}

impl Bound {
    /// The instants at which what satisfies it begins; all and only those if it is exact.
    fn window(&self, is_exact: bool) -> Interval {
        let Interval { lo, hi } = self.read;
        let after = |instant: Instant| if is_exact { instant.saturating_add(1) } else { instant };
        match self.op {
            BinaryOp::GreaterOrEqual => Interval { lo, ..Interval::ALL },
            BinaryOp::Greater => Interval { lo: after(lo), ..Interval::ALL },
            BinaryOp::LessOrEqual if is_exact => Interval { hi: lo, ..Interval::ALL },
            BinaryOp::Less if is_exact => Interval { hi: lo.saturating_sub(1), ..Interval::ALL },
            BinaryOp::LessOrEqual | BinaryOp::Less => Interval { hi, ..Interval::ALL },
            _ => Interval { lo, hi: if is_exact { lo } else { hi } },
        }
    }
}

/// Reads a condition as a bound on the `from` of a part's relationship.
fn bound(
    pattern: &Pattern,
    part: &Part,
    condition: &Expr,
    context: &Context<'_>,
    row: &mut Row,
) -> Option<Bound> {
    let Expr::Binary(op, a, b, _) = condition else { return None };
    let is_from = |side: &Expr| match side {
        Expr::Property(base, key, _) => {
            key == "from" && matches!(**base, Expr::Var(slot) if Some(slot) == part.slot)
        }
        _ => false,
    };
    let (op, other) = match op {
        BinaryOp::Equal
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterOrEqual => match (is_from(a), is_from(b)) {
            (true, false) => (*op, b),
            (false, true) => (turned(*op), a),
            _ => return None,
        },
        _ => return None,
    };
    if !stays_the_same(pattern, other) {
        return None;
    }
    // What fails is left to the condition itself, which may never be asked.
    let value = other.eval(context, row).ok()?;
    if !matches!(value, Value::Int(_) | Value::Date(_) | Value::DateTime(_) | Value::LocalDateTime(_)) {
        return None;
    }
    let (_, read) = reading(&value)?;
    let written = Written::of(&value)?.0;
    Some(Bound { op, written, read })
}

fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessOrEqual => BinaryOp::GreaterOrEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterOrEqual => BinaryOp::LessOrEqual,
        other => other,
    }
}

/// Whether an expression has one value for all matches of a pattern in one row.
fn stays_the_same(pattern: &Pattern, expression: &Expr) -> bool {
    let new = pattern.parts.iter().filter(|part| !matches!(part.same_as, Some(Same::Row(_))));
    let own: Vec<usize> =
        new.flat_map(|part| part.slot.into_iter().chain(part.list)).chain(pattern.path).collect();
    let mut stays = !expression.free_variables().iter().any(|slot| own.contains(slot));
    expression.visit(&mut |part| match part {
        Expr::Call(function, ..) => stays &= !is_by_chance(function),
        Expr::Subquery { .. } => stays = false,
        _ => {}
    });
    stays
}

/// Whether a function gives something else each time.
pub(super) fn is_by_chance(function: &Function) -> bool {
    matches!(function.name, "rand" | "randomUUID")
}

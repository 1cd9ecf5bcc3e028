//! Operators on values.

use super::ast::BinaryOp;
use super::calendar;
use super::expr::type_error;
use super::size;
use crate::error::{Detail, Error, Result, Span};
use crate::graph::View;
use crate::model::time::{Amount, Parts, elapsed, reading};
use crate::model::{NodeId, Value};
use crate::names::did_you_mean;

/// `base.key` for elements, maps, dates and durations.
pub(super) fn property(view: View<'_>, base: &Value, key: &str, span: Span) -> Result<Value> {
    Ok(match base {
        Value::Null => Value::Null,
        Value::Node(id) if view.graph().node(*id).is_none() => return Err(deleted("node", span)),
        Value::Node(id) => open_property(view, *id, key),
        Value::Relationship(id) if view.graph().relationship(*id).is_none() => {
            return Err(deleted("relationship", span));
        }
        Value::Relationship(id) => view.relationship_property(*id, key),
        Value::Map(entries) => entries.get(key).cloned().unwrap_or_default(),
        Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => match calendar::part(base, key) {
            Some(Value::Null) => return Err(overflow(span)),
            found => found.ok_or_else(|| no_part(base, key, span))?,
        },
        other => {
            let error = type_error(span, "a node, a relationship or a map", other);
            return Err(error.detail(Detail::PropertyAccessByNonMap));
        }
    })
}

/// The error for an element that the statement has deleted.
pub(super) fn deleted(what: &str, span: Span) -> Error {
    Error::query("EntityNotFound", span, format!("the {what} was deleted in this statement"))
}

/// A node's property; a confidential source shows only that it is one.
fn open_property(view: View<'_>, id: NodeId, key: &str) -> Value {
    match key == "confidential" || !view.is_confidential(id) {
        true => view.node_property(id, key),
        false => Value::Null,
    }
}

/// The error for a part that a date, a time or a duration does not have.
fn no_part(value: &Value, key: &str, span: Span) -> Error {
    let names = calendar::names_of_parts(value);
    let hint =
        did_you_mean(key, names.iter().copied()).unwrap_or_else(|| format!("it has {}", names.join(", ")));
    let kind = value.type_name().to_lowercase();
    Error::query("ArgumentError", span, format!("a {kind} has no part '{key}'")).hint(hint)
}

/// `base[index]`: a list by position, from the end if negative; a map or an
/// element by name.
pub(super) fn index(view: View<'_>, base: &Value, index: &Value, span: Span) -> Result<Value> {
    match (base, index) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::List(items), Value::Int(at)) => {
            Ok(position(items.len(), *at).map_or(Value::Null, |at| items[at].clone()))
        }
        (Value::List(_), other) => {
            let error = type_error(span, "a whole number as index of a list", other);
            Err(error.detail(Detail::ListElementAccessByNonInteger))
        }
        (base, Value::String(key)) if has_entries(base) => property(view, base, key, span),
        (base, other) if has_entries(base) => {
            let error = type_error(span, "a text as key", other);
            Err(error.detail(Detail::MapElementAccessByNonString))
        }
        (other, _) => {
            let hint =
                matches!(other, Value::String(_)).then(|| "substring(text, start, n) cuts a text".to_owned());
            Err(type_error(span, "a list or a map before the brackets", other).hint(hint))
        }
    }
}

/// Whether a value can be asked for something by name.
fn has_entries(value: &Value) -> bool {
    !matches!(
        value,
        Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Path(_)
    )
}

fn position(len: usize, at: i64) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let at = if at < 0 { at.checked_add(len)? } else { at };
    usize::try_from(at).ok().filter(|_| at < len)
}

/// `base[from..to]`, both sides as with `index`, and cut to the list.
pub(super) fn slice(base: &Value, from: Option<&Value>, to: Option<&Value>, span: Span) -> Result<Value> {
    let items = match base {
        Value::Null => return Ok(Value::Null),
        Value::List(items) => items,
        other => return Err(type_error(span, "a list", other)),
    };
    let bound = |value: Option<&Value>, default: usize| match value {
        None => Ok(Some(default)),
        Some(Value::Null) => Ok(None),
        Some(Value::Int(at)) => {
            let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = if *at < 0 { at.saturating_add(len).max(0) } else { (*at).min(len) };
            Ok(usize::try_from(at).ok())
        }
        Some(other) => Err(type_error(span, "an integer as bound", other)),
    };
    match (bound(from, 0)?, bound(to, items.len())?) {
        (Some(from), Some(to)) => Ok(Value::List(items.get(from..to).unwrap_or_default().to_vec())),
        _ => Ok(Value::Null),
    }
}

/// `-x`.
pub(super) fn negate(value: &Value, span: Span) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(number) => number.checked_neg().map(Value::Int).ok_or_else(|| overflow(span)),
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Duration(duration) => duration.negated().map(Value::Duration).ok_or_else(|| too_long(span)),
        other => Err(type_error(span, "a number", other)),
    }
}

fn overflow(span: Span) -> Error {
    Error::query("ArithmeticError", span, "the result does not fit into a 64-bit integer")
        .detail(Detail::IntegerOverflow)
}

fn by_zero(span: Span) -> Error {
    Error::query("ArithmeticError", span, "division by zero").detail(Detail::DivisionByZero)
}

/// Every operator with two operands but `AND` and `OR`, which may skip the second.
pub(super) fn binary(op: BinaryOp, a: &Value, b: &Value, span: Span) -> Result<Value> {
    use std::cmp::Ordering::{Greater, Less};
    // NaN is a number, and neither less nor greater than any other.
    let unordered = (a.as_number().is_some() && b.as_number().is_some()).then_some(false);
    let compared = |test: fn(std::cmp::Ordering) -> bool| Ok(a.compare(b).map(test).or(unordered).into());
    match op {
        BinaryOp::Equal => Ok(a.equals(b).into()),
        BinaryOp::NotEqual => Ok(a.equals(b).map(|equal| !equal).into()),
        BinaryOp::Less => compared(|order| order == Less),
        BinaryOp::LessOrEqual => compared(|order| order != Greater),
        BinaryOp::Greater => compared(|order| order == Greater),
        BinaryOp::GreaterOrEqual => compared(|order| order != Less),
        BinaryOp::Xor => match (super::expr::truth(a, span)?, super::expr::truth(b, span)?) {
            (Some(a), Some(b)) => Ok(Value::Bool(a != b)),
            _ => Ok(Value::Null),
        },
        BinaryOp::In => contained(a, b, span),
        BinaryOp::StartsWith => texts(a, b, |a, b| a.starts_with(b)),
        BinaryOp::EndsWith => texts(a, b, |a, b| a.ends_with(b)),
        BinaryOp::Contains => texts(a, b, |a, b| a.contains(b)),
        BinaryOp::Matches => matches(a, b, span),
        BinaryOp::Add => add(a, b, span),
        BinaryOp::Concatenate => concatenate(a, b, span),
        BinaryOp::Subtract => subtract(a, b, span),
        BinaryOp::Multiply | BinaryOp::Divide
            if matches!(a, Value::Duration(_)) && b.as_number().is_some() =>
        {
            scaled(a, b, op == BinaryOp::Multiply, span)
        }
        BinaryOp::Multiply if matches!(b, Value::Duration(_)) && a.as_number().is_some() => {
            scaled(b, a, true, span)
        }
        BinaryOp::Multiply => arithmetic(a, b, span, i64::checked_mul, |a, b| a * b),
        BinaryOp::Divide if matches!((a, b), (Value::Int(_), Value::Int(0))) => Err(by_zero(span)),
        BinaryOp::Modulo if matches!((a, b), (Value::Int(_), Value::Int(0))) => Err(by_zero(span)),
        BinaryOp::Divide => arithmetic(a, b, span, i64::checked_div, |a, b| a / b),
        BinaryOp::Modulo => arithmetic(a, b, span, i64::checked_rem, |a, b| a % b),
        BinaryOp::Power => match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => Ok(Value::Float(a.powf(b))),
            _ => arithmetic(a, b, span, |_, _| None, f64::powf),
        },
        BinaryOp::And | BinaryOp::Or => unreachable!("AND and OR are evaluated where their operands are"),
    }
}

/// Whether a comparison meets a partial date in a text on one side and a date on
/// the other, which cannot be compared as they are.
pub(super) fn compares_partial_date(op: BinaryOp, a: &Value, b: &Value) -> bool {
    let is_date =
        |value: &Value| matches!(value, Value::Date(_) | Value::LocalDateTime(_) | Value::DateTime(_));
    let is_written = |value: &Value| matches!(value, Value::String(_)) && reading(value).is_some();
    op.is_comparison() && ((is_date(a) && is_written(b)) || (is_written(a) && is_date(b)))
}

fn texts(a: &Value, b: &Value, test: fn(&str, &str) -> bool) -> Result<Value> {
    Ok(a.as_str().zip(b.as_str()).map(|(a, b)| test(a, b)).into())
}

/// Whether a regular expression matches the whole of a text.
fn matches(text: &Value, pattern: &Value, span: Span) -> Result<Value> {
    /// Memory for one compiled expression, so that `(a{1000}){1000}` cannot take all there is.
    const SIZE_MAX_BYTES: usize = 1 << 20;
    let Some((text, pattern)) = text.as_str().zip(pattern.as_str()) else { return Ok(Value::Null) };
    let compile = |pattern: &str| regex::RegexBuilder::new(pattern).size_limit(SIZE_MAX_BYTES).build();
    // Alone first: `a)|(b` must not become an expression between the brackets.
    let compiled = compile(pattern).and_then(|_| compile(&format!("^(?:{pattern})$")));
    let compiled = compiled.map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Error::query("ArgumentError", span, format!("'{pattern}' is no regular expression: {reason}"))
    })?;
    Ok(Value::Bool(compiled.is_match(text)))
}

fn contained(item: &Value, list: &Value, span: Span) -> Result<Value> {
    let items = match list {
        Value::Null => return Ok(Value::Null),
        Value::List(items) => items,
        other => return Err(type_error(span, "a list after IN", other)),
    };
    let mut unknown = false;
    for other in items {
        match item.equals(other) {
            Some(true) => return Ok(Value::Bool(true)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(false) })
}

fn arithmetic(
    a: &Value,
    b: &Value,
    span: Span,
    whole: fn(i64, i64) -> Option<i64>,
    real: fn(f64, f64) -> f64,
) -> Result<Value> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Int(a), Value::Int(b)) => whole(*a, *b).map(Value::Int).ok_or_else(|| overflow(span)),
        _ => match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => Ok(Value::Float(real(a, b))),
            (None, _) => Err(type_error(span, "a number", a)),
            _ => Err(type_error(span, "a number", b)),
        },
    }
}

fn add(a: &Value, b: &Value, span: Span) -> Result<Value> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::List(a), Value::List(b)) => joined(a, b, span),
        (Value::List(a), b) => joined(a, std::slice::from_ref(b), span),
        (a, Value::List(b)) => joined(std::slice::from_ref(a), b, span),
        (Value::String(a), b) => joined_text(a, &plain(b), span),
        (a, Value::String(b)) => joined_text(&plain(a), b, span),
        (Value::Duration(a), Value::Duration(b)) => {
            a.plus(*b).map(Value::Duration).ok_or_else(|| too_long(span))
        }
        (at, Value::Duration(duration)) | (Value::Duration(duration), at) => {
            let moved = calendar::moved(at, *duration);
            let moved = moved.ok_or_else(|| type_error(span, "a date, a time or a duration", at))?;
            moved.map_err(|error| error.at(span))
        }
        _ => arithmetic(a, b, span, i64::checked_add, |a, b| a + b),
    }
}

/// `a || b`: unlike `+`, it turns nothing into a text and puts nothing into a list.
fn concatenate(a: &Value, b: &Value, span: Span) -> Result<Value> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::String(_), Value::String(_)) | (Value::List(_), Value::List(_)) => add(a, b, span),
        (Value::String(_), other) => Err(type_error(span, "a text after ||", other)),
        (Value::List(_), other) => Err(type_error(span, "a list after ||", other)),
        (other, _) => {
            let hint = matches!(other, Value::Bool(_)).then(|| "write OR between conditions".to_owned());
            Err(type_error(span, "a text or a list before ||", other).hint(hint))
        }
    }
}

fn joined(a: &[Value], b: &[Value], span: Span) -> Result<Value> {
    let join = || {
        size::check_list(a.len() + b.len())?;
        size::bounded(Value::List([a, b].concat()))
    };
    join().map_err(|error| error.at(span))
}

fn joined_text(a: &str, b: &str, span: Span) -> Result<Value> {
    size::check_text(a.len() + b.len()).map_err(|error| error.at(span))?;
    Ok(Value::from([a, b].concat()))
}

fn subtract(a: &Value, b: &Value, span: Span) -> Result<Value> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::String(_) | Value::List(_), _) => Err(type_error(span, "a number", a)),
        (_, Value::Duration(_)) => add(a, &negate(b, span)?, span),
        _ => match Parts::of(a).zip(Parts::of(b)) {
            Some((to, from)) if to.date.is_some() == from.date.is_some() => {
                elapsed(from, to).map(Value::Duration).ok_or_else(|| too_long(span))
            }
            _ => arithmetic(a, b, span, i64::checked_sub, |a, b| a - b),
        },
    }
}

fn too_long(span: Span) -> Error {
    Error::query("ArithmeticError", span, "the duration is too long")
}

/// A duration times a number, or divided by it.
fn scaled(duration: &Value, number: &Value, multiplies: bool, span: Span) -> Result<Value> {
    let amount = match number {
        Value::Int(number) => Some(Amount::whole(*number)),
        other => other.as_number().and_then(Amount::of_float),
    };
    let scaled = match (duration, amount) {
        (Value::Duration(_), Some(amount)) if !multiplies && amount == Amount::whole(0) => {
            return Err(by_zero(span));
        }
        (Value::Duration(duration), Some(amount)) if multiplies => duration.times(amount),
        (Value::Duration(duration), Some(amount)) => duration.divided(amount),
        _ => None,
    };
    scaled.map(Value::Duration).ok_or_else(|| too_long(span))
}

/// A value as text, without the quotes that a string would have in the language.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    }
}

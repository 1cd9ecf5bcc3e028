//! Functions on numbers.

use super::wrong;
use crate::error::{Detail, Error, Result};
use crate::model::Value;
use crate::query::expr::Context;

/// Applies `f` to a number; an integer stays one if `whole` keeps it.
fn number(value: &Value, whole: fn(i64) -> Option<i64>, real: fn(f64) -> f64) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(number) => whole(*number).map(Value::Int).ok_or_else(|| {
            Error::invalid("the result does not fit into a 64-bit integer").detail(Detail::IntegerOverflow)
        }),
        Value::Float(number) => Ok(Value::Float(real(*number))),
        other => Err(wrong("a number", other)),
    }
}

pub(super) fn abs(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], i64::checked_abs, f64::abs)
}

pub(super) fn ceil(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], Some, f64::ceil)
}

pub(super) fn floor(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    number(&args[0], Some, f64::floor)
}

/// Applies `f` to a number, which gives one with a fraction.
fn real(value: &Value, f: fn(f64) -> f64) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        other => other.as_number().map(|x| Value::Float(f(x))).ok_or_else(|| wrong("a number", other)),
    }
}

/// Functions of one number that are the processor's own.
macro_rules! reals {
    ($($name:ident => $f:expr;)*) => {
        $(pub(super) fn $name(_: &Context<'_>, args: &[Value]) -> Result<Value> {
            real(&args[0], $f)
        })*
    };
}

reals! {
    acos => f64::acos;
    asin => f64::asin;
    atan => f64::atan;
    cos => f64::cos;
    cosh => f64::cosh;
    cot => |x| x.tan().recip();
    coth => |x| x.tanh().recip();
    degrees => f64::to_degrees;
    exp => f64::exp;
    haversin => |x| (1.0 - x.cos()) / 2.0;
    log => f64::ln;
    log10 => f64::log10;
    radians => f64::to_radians;
    sin => f64::sin;
    sinh => f64::sinh;
    sqrt => f64::sqrt;
    tan => f64::tan;
    tanh => f64::tanh;
}

pub(super) fn atan2(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match (args[0].as_number(), args[1].as_number()) {
        (Some(y), Some(x)) => Ok(Value::Float(y.atan2(x))),
        _ if args.iter().any(Value::is_null) => Ok(Value::Null),
        (None, _) => Err(wrong("a number", &args[0])),
        _ => Err(wrong("a number", &args[1])),
    }
}

pub(super) fn sign(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Int(number) => Ok(Value::Int(number.signum())),
        Value::Float(number) if *number == 0.0 || number.is_nan() => Ok(Value::Int(0)),
        Value::Float(number) => Ok(Value::Int(if *number > 0.0 { 1 } else { -1 })),
        other => Err(wrong("a number", other)),
    }
}

pub(super) fn is_nan(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Int(_) => Ok(Value::Bool(false)),
        Value::Float(number) => Ok(Value::Bool(number.is_nan())),
        other => Err(wrong("a number", other)),
    }
}

pub(super) fn e(_: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Float(std::f64::consts::E))
}

pub(super) fn pi(_: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Float(std::f64::consts::PI))
}

/// The same for the same statement at the same time, since answers are to be reproducible.
pub(super) fn rand(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Float(context.surroundings.random.next()))
}

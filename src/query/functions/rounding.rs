//! `round`, with a number of places and a way to decide.
//!
//! A float is rounded as the decimal number that it is written as, so that 1.005 with two places gives
//! 1.01 with `HALF_UP`, although the nearest float lies a little below 1.005.

use super::wrong;
use crate::error::{Error, Result};
use crate::model::Value;
use crate::query::expr::Context;

/// Which way to go where digits are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Away from 0.
    Up,
    /// Towards 0.
    Down,
    /// Towards the greater.
    Ceiling,
    /// Towards the less.
    Floor,
    /// To the nearest, from the middle away from 0.
    HalfUp,
    /// To the nearest, from the middle towards 0.
    HalfDown,
    /// To the nearest, from the middle to the even digit.
    HalfEven,
    /// To the nearest, from the middle to the greater.
    HalfCeiling,
}

const MODES: &[(&str, Mode)] = &[
    ("UP", Mode::Up),
    ("DOWN", Mode::Down),
    ("CEILING", Mode::Ceiling),
    ("FLOOR", Mode::Floor),
    ("HALF_UP", Mode::HalfUp),
    ("HALF_DOWN", Mode::HalfDown),
    ("HALF_EVEN", Mode::HalfEven),
];

/// More places than a float can have.
const PLACES_MAX: usize = 400;

/// `round(x [, places [, mode]])`. Without places the middle goes to the greater number, with
/// places away from 0, as in Neo4j.
pub(super) fn round(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if args.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let places = args.get(1).map_or(Ok(0), places)?;
    let default = if args.len() == 1 { Mode::HalfCeiling } else { Mode::HalfUp };
    let mode = args.get(2).map_or(Ok(default), mode)?;
    match &args[0] {
        Value::Int(number) => Ok(Value::Int(*number)),
        Value::Float(number) => Ok(Value::Float(rounded(*number, places, mode))),
        other => Err(wrong("a number", other)),
    }
}

fn places(value: &Value) -> Result<usize> {
    match value {
        Value::Int(places) => usize::try_from(*places)
            .map(|places| places.min(PLACES_MAX))
            .map_err(|_| Error::invalid(format!("expected a number of places from 0, found {places}"))),
        other => Err(wrong("an integer", other)),
    }
}

fn mode(value: &Value) -> Result<Mode> {
    let name = value.as_str().ok_or_else(|| wrong("a text such as 'HALF_UP'", value))?;
    let found = MODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, mode)| *mode);
    found.ok_or_else(|| {
        let known: Vec<&str> = MODES.iter().map(|(name, _)| *name).collect();
        Error::invalid(format!("'{name}' is no way of rounding")).hint(known.join(", "))
    })
}

fn rounded(number: f64, places: usize, mode: Mode) -> f64 {
    // Written in full, without an exponent, as the shortest decimal number that reads as this float.
    let written = format!("{}", number.abs());
    let Some((whole, fraction)) = written.split_once('.') else { return number };
    if !number.is_finite() || fraction.len() <= places {
        return number;
    }
    let (kept, cut) = fraction.split_at(places);
    let mut digits: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    if goes_up(&digits, cut, number.is_sign_negative(), mode) {
        add_one(&mut digits);
    }
    let point = digits.len() - places;
    let text: String = digits.iter().map(|&digit| char::from(digit)).collect();
    let size: f64 = format!("{}.{}", &text[..point], &text[point..]).parse().unwrap_or(number.abs());
    size.copysign(number)
}

/// Whether the size of a number grows when `cut` is cut off after `digits`; `cut` is not all zeros.
fn goes_up(digits: &[u8], cut: &str, is_negative: bool, mode: Mode) -> bool {
    let half = cut.strip_prefix('5').is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'));
    let beyond_half = !half && cut.as_bytes()[0] >= b'5';
    match mode {
        Mode::Up => true,
        Mode::Down => false,
        Mode::Ceiling => !is_negative,
        Mode::Floor => is_negative,
        Mode::HalfUp => half || beyond_half,
        Mode::HalfDown => beyond_half,
        Mode::HalfEven => beyond_half || (half && digits.last().is_some_and(|digit| digit % 2 == 1)),
        Mode::HalfCeiling => beyond_half || (half && !is_negative),
    }
}

/// Adds one at the last of decimal digits.
fn add_one(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

//! Functions on texts.

use unicode_normalization::UnicodeNormalization;

use super::wrong;
use crate::error::{Detail, Error, Result};
use crate::model::Value;
use crate::query::ast::NormalForm;
use crate::query::expr::Context;
use crate::query::size;

/// What is asked of a text.
fn of_text(value: &Value, f: impl Fn(&str) -> Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) => Ok(f(text)),
        other => Err(wrong("a text", other)),
    }
}

pub(super) fn split(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if args[1].is_null() {
        return Ok(Value::Null);
    }
    let separator = args[1].as_str().ok_or_else(|| wrong("a text", &args[1]))?;
    if let Value::String(text) = &args[0] {
        size::check_list(text.split(separator).count())?;
    }
    of_text(&args[0], |text| Value::List(text.split(separator).map(Value::from).collect()))
}

pub(super) fn to_lower(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::from(text.to_lowercase()))
}

pub(super) fn to_upper(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::from(text.to_uppercase()))
}

pub(super) fn trim(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::from(text.trim()))
}

/// `btrim` and its kin: without white space, or without any of the letters of a second text.
fn trimmed(
    args: &[Value],
    plain: fn(&str) -> &str,
    of: fn(&str, &dyn Fn(char) -> bool) -> Value,
) -> Result<Value> {
    match args.get(1) {
        None => of_text(&args[0], |text| Value::from(plain(text))),
        Some(Value::Null) => Ok(Value::Null),
        Some(Value::String(letters)) => {
            of_text(&args[0], |text| of(text, &|letter| letters.contains(letter)))
        }
        Some(other) => Err(wrong("a text", other)),
    }
}

pub(super) fn trim_start(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    trimmed(args, str::trim_start, |text, is_cut| Value::from(text.trim_start_matches(is_cut)))
}

pub(super) fn trim_end(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    trimmed(args, str::trim_end, |text, is_cut| Value::from(text.trim_end_matches(is_cut)))
}

pub(super) fn trim_both(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    trimmed(args, str::trim, |text, is_cut| Value::from(text.trim_matches(is_cut)))
}

pub(super) fn char_length(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_text(&args[0], |text| Value::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)))
}

/// `normalize(text [, form])`, in the composed canonical form unless another is named.
pub(super) fn normalize(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    let form = match args.get(1) {
        None => NormalForm::Nfc,
        Some(Value::Null) => return Ok(Value::Null),
        Some(Value::String(name)) => NormalForm::find(name).ok_or_else(|| {
            Error::invalid(format!("'{name}' is no normal form")).hint("NFC, NFD, NFKC or NFKD".to_owned())
        })?,
        Some(other) => return Err(wrong("a normal form such as 'NFC'", other)),
    };
    of_text(&args[0], |text| Value::from(normalized(text, form)))
}

pub(super) fn normalized(text: &str, form: NormalForm) -> String {
    match form {
        NormalForm::Nfc => text.nfc().collect(),
        NormalForm::Nfd => text.nfd().collect(),
        NormalForm::Nfkc => text.nfkc().collect(),
        NormalForm::Nfkd => text.nfkd().collect(),
    }
}

/// A count of letters, from 0.
fn count(value: &Value) -> Result<usize> {
    match value {
        Value::Int(number) => usize::try_from(*number).map_err(|_| {
            Error::invalid(format!("expected a number from 0, found {number}"))
                .detail(Detail::NegativeIntegerArgument)
        }),
        other => Err(wrong("an integer", other)),
    }
}

/// Part of a text: from letter `start`, at most `length` letters.
fn part(text: &str, start: usize, length: usize) -> Value {
    Value::from(text.chars().skip(start).take(length).collect::<String>())
}

fn any_null(args: &[Value]) -> bool {
    args.iter().any(Value::is_null)
}

pub(super) fn substring(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if any_null(args) {
        return Ok(Value::Null);
    }
    let (start, length) = (count(&args[1])?, args.get(2).map_or(Ok(usize::MAX), count)?);
    of_text(&args[0], |text| part(text, start, length))
}

pub(super) fn left(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if any_null(args) {
        return Ok(Value::Null);
    }
    let length = count(&args[1])?;
    of_text(&args[0], |text| part(text, 0, length))
}

pub(super) fn right(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if any_null(args) {
        return Ok(Value::Null);
    }
    let length = count(&args[1])?;
    of_text(&args[0], |text| part(text, text.chars().count().saturating_sub(length), usize::MAX))
}

pub(super) fn replace(_: &Context<'_>, args: &[Value]) -> Result<Value> {
    if any_null(args) {
        return Ok(Value::Null);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| wrong("a text", value));
    let (old, new) = (text(&args[1])?, text(&args[2])?);
    if let Value::String(text) = &args[0] {
        size::check_text(text.len() + text.matches(&old).count() * new.len())?;
    }
    of_text(&args[0], |text| Value::from(text.replace(&old, &new)))
}

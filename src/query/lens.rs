//! The map after `USING LENS`.

use super::expr::type_error;
use crate::error::{Error, Result, Span};
use crate::model::Value;
use crate::names::did_you_mean;

/// The lens that a map describes.
///
/// # Errors
/// An `ArgumentError` for an entry that a lens does not have or that has the wrong type.
pub(super) fn of(value: &Value, span: Span) -> Result<crate::graph::Lens> {
    let Value::Map(entries) = value else {
        return Err(type_error(span, "a map such as {asOf: date('2023-10-15')}", value));
    };
    let mut lens = crate::graph::Lens::default();
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "asOf" => lens.as_of = Some(value.clone()),
            "knownBy" => lens.known_by = Some(value.clone()),
            "minConfidence" => {
                let least =
                    value.as_number().ok_or_else(|| type_error(span, "a number as minConfidence", value))?;
                lens.confidence_min = Some(least);
            }
            "without" => lens.without = texts(value, span)?,
            _ => {
                let near = did_you_mean(name, ["asOf", "knownBy", "minConfidence", "without"]);
                let all = || Some("it has asOf, knownBy, minConfidence and without".to_owned());
                return Err(Error::query("ArgumentError", span, format!("a lens has no part '{name}'"))
                    .hint(near.or_else(all)));
            }
        }
    }
    Ok(lens)
}

fn texts(value: &Value, span: Span) -> Result<Vec<String>> {
    let items = match value {
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let text = |item: &Value| {
        item.as_str().map(str::to_owned).ok_or_else(|| type_error(span, "keys of sources as texts", item))
    };
    items.iter().map(text).collect()
}

//! Subqueries of expressions, and what a lens is made of.

use super::ast::SubqueryKind;
use super::expr::{Context, Row, type_error};
use super::physical::Subquery;
use super::pipeline::{Batch, Pipeline};
use crate::error::{Error, Result, Span};
use crate::model::Value;

/// The value of a subquery on a row.
pub(super) fn subquery(subquery: &Subquery, row: &Row, context: &Context<'_>) -> Result<Value> {
    (context.surroundings.check)()?;
    let mut pipeline = Pipeline::new(&subquery.root);
    pipeline.feed(Batch::of_row(row));
    let value = |batch: &Batch, at: usize| subquery.value.eval(context, &mut batch.row(at));
    match subquery.kind {
        SubqueryKind::Exists | SubqueryKind::Pattern => Ok(Value::Bool(pipeline.next(context)?.is_some())),
        SubqueryKind::Count => {
            let mut count = 0_i64;
            while let Some(batch) = pipeline.next(context)? {
                count += i64::try_from(batch.len()).unwrap_or(i64::MAX);
            }
            Ok(Value::Int(count))
        }
        SubqueryKind::Collect => {
            let mut items = Vec::new();
            while let Some(batch) = pipeline.next(context)? {
                for at in 0..batch.len() {
                    items.push(value(&batch, at)?);
                }
            }
            Ok(Value::List(items))
        }
        SubqueryKind::First => match pipeline.next(context)? {
            Some(batch) => value(&batch, 0),
            None => Ok(Value::Null),
        },
    }
}

/// The map after `USING LENS`.
///
/// # Errors
/// An `ArgumentError` for an entry that a lens does not have or that has the wrong type.
pub(super) fn lens_of(value: &Value, span: Span) -> Result<crate::graph::Lens> {
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
                return Err(Error::query("ArgumentError", span, format!("a lens has no part '{name}'"))
                    .hint("it has asOf, knownBy, minConfidence and without".to_owned()));
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

//! The procedure `flow.attribute`: what it is given, and its rows.

use super::expr::Context;
use super::procs::Rows;
use crate::analysis::flow::{Amount, Finding, Inquiry, Quantity, inquire};
use crate::error::{Error, Result};
use crate::model::{Path, RelationshipId, Value};
use crate::names::did_you_mean;

/// What the second argument may say.
const OPTIONS: &[&str] = &["closed", "deliveries", "units"];

/// The columns of the procedure.
pub(super) const COLUMNS: &[&str] =
    &["origin", "destination", "unit", "delivered", "isLowerBound", "least", "proRata", "most", "paths"];

/// The options of a call.
#[derive(Default)]
struct Options {
    deliveries: Option<Vec<RelationshipId>>,
    units: Option<Vec<String>>,
    is_closed: bool,
}

/// How much can have come from where, along chains.
pub(super) fn attribute(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let chains = chains(&arguments[0])?;
    let options = arguments.get(1).map_or_else(|| Ok(Options::default()), options)?;
    let inquiry = Inquiry {
        deliveries: options.deliveries.as_deref(),
        units: options.units.as_deref(),
        is_closed: options.is_closed,
    };
    let found = inquire(context.view, &chains, &inquiry, context.surroundings.check)?;
    context.surroundings.notices.borrow_mut().extend(found.notices);
    Ok(found.findings.into_iter().map(row).collect())
}

fn row(Finding { origin, destination, unit, share }: Finding) -> Vec<Value> {
    let is_known = share.delivered.least > Amount::ZERO || share.delivered.is_exact();
    let is_unknown = share.delivered == Quantity::UNKNOWN;
    vec![
        origin.map_or(Value::Null, Value::Node),
        Value::Node(destination),
        unit.map_or(Value::Null, Value::from),
        if is_known { number(share.delivered.least) } else { Value::Null },
        if is_unknown { Value::Null } else { Value::Bool(share.is_lower_bound()) },
        number(share.least),
        share.pro_rata.map_or(Value::Null, Value::Float),
        share.most.map_or(Value::Null, number),
        Value::Int(i64::try_from(share.chains).unwrap_or(i64::MAX)),
    ]
}

/// A whole number where it is one.
fn number(amount: Amount) -> Value {
    amount.as_int().map_or_else(|| Value::Float(amount.as_float()), Value::Int)
}

fn chains(value: &Value) -> Result<Vec<&Path>> {
    present(value, "a list of paths as chains")?.into_iter().map(chain).collect()
}

fn chain(value: &Value) -> Result<&Path> {
    match value {
        Value::Path(path) => Ok(path),
        other => Err(expected("a list of paths as chains", other)),
    }
}

fn options(value: &Value) -> Result<Options> {
    let entries = match value {
        Value::Null => return Ok(Options::default()),
        Value::Map(entries) => entries,
        other => return Err(expected("a map of options", other)),
    };
    let mut options = Options::default();
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "deliveries" => options.deliveries = Some(deliveries(value)?),
            "units" => options.units = Some(units(value)?),
            "closed" => match value {
                Value::Bool(is_closed) => options.is_closed = *is_closed,
                other => return Err(expected("true or false as closed", other)),
            },
            _ => {
                let near = did_you_mean(name, OPTIONS.iter().copied());
                let all = || Some(format!("it has {}", OPTIONS.join(", ")));
                return Err(
                    Error::invalid(format!("flow.attribute has no option '{name}'")).hint(near.or_else(all))
                );
            }
        }
    }
    Ok(options)
}

fn deliveries(value: &Value) -> Result<Vec<RelationshipId>> {
    let delivery = |item: &Value| match item {
        Value::Relationship(id) => Ok(*id),
        other => Err(expected("a list of relationships as deliveries", other)),
    };
    present(value, "a list of relationships as deliveries")?.into_iter().map(delivery).collect()
}

fn units(value: &Value) -> Result<Vec<String>> {
    let unit = |item: &Value| {
        item.as_str().map(str::to_owned).ok_or_else(|| expected("a list of texts as units", item))
    };
    let units: Vec<String> =
        present(value, "a list of texts as units")?.into_iter().map(unit).collect::<Result<_>>()?;
    match units.is_empty() {
        true => Err(Error::invalid("units names no unit").hint("leave it out to ask about all".to_owned())),
        false => Ok(units),
    }
}

/// The items of a list that are not null.
fn present<'a>(value: &'a Value, wanted: &str) -> Result<Vec<&'a Value>> {
    match value {
        Value::List(items) => Ok(items.iter().filter(|item| !item.is_null()).collect()),
        other => Err(expected(wanted, other)),
    }
}

fn expected(wanted: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {wanted}, found {}", super::expr::described(found)))
}

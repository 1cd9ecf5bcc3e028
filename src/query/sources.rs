//! `evidence.sources`: what each source carries, as rows.

use std::collections::BTreeSet;

use super::expr::Context;
use super::procs::Rows;
use crate::analysis::sources::{Weight, weights};
use crate::error::Result;
use crate::graph::View;
use crate::model::{About, Value};

/// The columns of `evidence.sources`.
pub(super) const COLUMNS: &[&str] = &[
    "source",
    "name",
    "title",
    "publisher",
    "date",
    "origin",
    "claims",
    "alone",
    "falls",
    "sameOrigin",
    "fallsWithOrigin",
];

/// A row for each source that shows. Of a confidential one there is the pseudonym, and what rests on it.
pub(super) fn rows(context: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let view = context.view;
    let found = weights(view, context.surroundings.check)?;
    Ok(found.iter().map(|weight| row(view, weight)).collect())
}

fn row(view: View<'_>, weight: &Weight) -> Vec<Value> {
    let told = weight.description(view);
    let elements = |set: &BTreeSet<About>| Value::List(set.iter().copied().map(element).collect());
    let or_null = |text: Option<String>| text.map_or(Value::Null, Value::from);
    vec![
        Value::Node(weight.source),
        Value::from(told.label),
        or_null(told.title),
        told.publisher,
        told.date,
        or_null(told.origin),
        Value::Int(i64::try_from(weight.n_claims).unwrap_or(i64::MAX)),
        elements(&weight.alone),
        elements(&weight.falls),
        Value::List(told.same_origin.into_iter().map(Value::Node).collect()),
        told.falls_with_origin.map_or(Value::Null, elements),
    ]
}

fn element(about: About) -> Value {
    match about {
        About::Node(id) => Value::Node(id),
        About::Relationship(id) => Value::Relationship(id),
    }
}

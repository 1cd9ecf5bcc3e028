//! `evidence.sources`: what each source carries, as rows.

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
    Ok(found.into_iter().map(|weight| row(view, weight)).collect())
}

fn row(view: View<'_>, weight: Weight) -> Vec<Value> {
    let source = weight.source;
    let is_hidden = view.is_confidential(source);
    let open = |value: Value| if is_hidden { Value::Null } else { value };
    let elements =
        |set: std::collections::BTreeSet<About>| Value::List(set.into_iter().map(element).collect());
    // Whose report a confidential source repeats is part of what has to stay hidden.
    let shown = |other: &crate::model::NodeId| !is_hidden && !view.is_confidential(*other);
    let same_origin = weight.same_origin.into_iter().filter(shown).map(Value::Node).collect();
    vec![
        Value::Node(source),
        Value::from(view.source_label(source)),
        view.source_title(source).map_or(Value::Null, Value::from),
        open(view.node_property(source, "publisher")),
        open(view.node_property(source, "date")),
        open(view.origin_of(source).map_or(Value::Null, Value::from)),
        Value::Int(i64::try_from(weight.n_claims).unwrap_or(i64::MAX)),
        elements(weight.alone),
        elements(weight.falls),
        Value::List(same_origin),
        match is_hidden {
            true => Value::Null,
            false => elements(weight.falls_with_origin),
        },
    ]
}

fn element(about: About) -> Value {
    match about {
        About::Node(id) => Value::Node(id),
        About::Relationship(id) => Value::Relationship(id),
    }
}

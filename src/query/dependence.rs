//! `path.dependence`: what paths rest on, as rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::called::{called, hop_words};
use super::expr::Context;
use super::procs::Rows;
use crate::analysis::{Dependence, Ground, dependence};
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::{Path, Value};

/// A row for each source, origin, hop and joint: `kind`, `element`, `name`, how many paths fall without it
/// and how many stay, whether all fall, those that fall, and the pairs of ends that lose their last path.
///
/// # Errors
/// `Invalid` where the argument is not a list of paths.
pub(super) fn rows(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let paths = paths(&arguments[0])?;
    let view = context.view.for_chronological(true);
    let mut rows = Vec::new();
    for dependence in dependence(view, &paths) {
        (context.surroundings.check)()?;
        rows.push(row(view, &dependence, &paths));
    }
    Ok(rows)
}

/// The paths of a list, each once and without nulls; a single path counts as a list of one.
fn paths(value: &Value) -> Result<Vec<Path>> {
    let items = match value {
        Value::Null => &[],
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let (mut paths, mut seen) = (Vec::new(), BTreeSet::new());
    for item in items {
        match item {
            Value::Null => {}
            Value::Path(path) => paths.extend(seen.insert(path.clone()).then(|| Path::clone(path))),
            other => {
                return Err(Error::invalid(format!("expected a list of paths, found {other}")).hint(
                    "collect them first: MATCH p = … WITH collect(p) AS chains CALL path.dependence(chains)"
                        .to_owned(),
                ));
            }
        }
    }
    Ok(paths)
}

fn row(view: View<'_>, dependence: &Dependence, paths: &[Path]) -> Vec<Value> {
    let (kind, element, name) = ground(view, &dependence.ground);
    let count = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let falls = dependence.fallen.len();
    let fallen = dependence.fallen.iter().map(|&at| Value::Path(Arc::new(paths[at].clone())));
    let lost = dependence.lost.iter().map(|&(a, b)| Value::List(vec![Value::Node(a), Value::Node(b)]));
    vec![
        Value::from(kind),
        element,
        Value::from(name),
        count(falls),
        count(paths.len() - falls),
        Value::Bool(falls == paths.len()),
        Value::List(fallen.collect()),
        Value::List(lost.collect()),
    ]
}

/// The kind of a ground, the element to go on with, and what to call it.
fn ground(view: View<'_>, ground: &Ground) -> (&'static str, Value, String) {
    match ground {
        Ground::Source(source) => ("source", Value::Node(*source), view.source_label(*source)),
        Ground::Origin { name, sources } => {
            let sources = sources.iter().map(|&source| Value::Node(source)).collect();
            ("origin", Value::List(sources), name.clone())
        }
        Ground::Hop(id) => ("hop", Value::Relationship(*id), hop_words(view, *id)),
        Ground::Joint { place, from, to } => {
            let [place_name, from, to] = [*place, *from, *to].map(|node| called(view, node));
            ("joint", Value::Node(*place), format!("same cargo at {place_name}: {from} to {to}"))
        }
    }
}

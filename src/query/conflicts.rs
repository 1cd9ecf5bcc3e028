//! `evidence.conflicts`: what sources dispute, as rows.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::Context;
use super::functions::claim_map;
use super::ownership::Options;
use super::procs::{Rows, node};
use crate::analysis::conflicts::{Conflict, Kind, Side, conflicts};
use crate::analysis::sources::origin_label;
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::{About, Claim, ClaimId, Value};
use crate::names::did_you_mean;

/// The columns of `evidence.conflicts`.
pub(super) const COLUMNS: &[&str] = &["kind", "element", "subject", "sides", "reason", "marks"];

const OPTIONS: &[&str] = &["entity", "kind"];

/// A row for each conflict that the view shows.
///
/// # Errors
/// `Invalid` for an option or a kind that there is not, and for a rule of the case that cannot be read.
pub(super) fn rows(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let view = context.view;
    let options = Options::read("evidence.conflicts", arguments.first(), OPTIONS)?;
    let entity = options.get("entity").map(|value| node(view.graph(), "entity", value)).transpose()?;
    let kinds = options.texts("kind")?;
    let kinds =
        kinds.map(|words| words.iter().map(|word| kind(word)).collect::<Result<Vec<_>>>()).transpose()?;
    let mut found = conflicts(view, entity, context.surroundings.check)?;
    found.retain(|conflict| kinds.as_ref().is_none_or(|kinds| kinds.contains(&conflict.kind)));
    Ok(found.into_iter().map(|conflict| row(view, conflict)).collect())
}

fn kind(word: &str) -> Result<Kind> {
    let known = || Kind::ALL.iter().map(|kind| kind.as_str());
    Kind::ALL.iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim())).copied().ok_or_else(|| {
        let all = || Some(format!("there are {}", known().collect::<Vec<_>>().join(", ")));
        Error::invalid(format!("there is no kind of conflict '{word}'"))
            .hint(did_you_mean(word, known()).or_else(all))
    })
}

fn row(view: View<'_>, conflict: Conflict) -> Vec<Value> {
    vec![
        Value::from(conflict.kind.as_str()),
        element(conflict.about),
        conflict.subject.map_or(Value::Null, Value::from),
        Value::List(conflict.sides.into_iter().map(|told| side(view, told)).collect()),
        Value::from(conflict.why),
        Value::List(conflict.marks.into_iter().map(Value::from).collect()),
    ]
}

fn element(about: About) -> Value {
    match about {
        About::Node(id) => Value::Node(id),
        About::Relationship(id) => Value::Relationship(id),
    }
}

/// `{says, value, isStored, sources, origins, grades, claims, elements}`.
fn side(view: View<'_>, side: Side) -> Value {
    let claims: Vec<(ClaimId, &Claim)> =
        side.claims.iter().filter_map(|&id| Some((id, view.claim(id)?))).collect();
    let texts = |texts: BTreeSet<String>| Value::List(texts.into_iter().map(Value::from).collect());
    let sources = claims.iter().filter_map(|(_, claim)| claim.source);
    let origins = sources.clone().filter_map(|source| origin_label(view, source)).collect();
    let sources = sources.map(|source| view.source_label(source)).collect();
    let grades = claims.iter().filter_map(|(_, claim)| claim.grade).map(|grade| grade.to_string()).collect();
    let entries = [
        ("says", Value::from(side.says)),
        ("value", side.value.unwrap_or_default()),
        ("isStored", Value::Bool(side.is_stored)),
        ("sources", texts(sources)),
        ("origins", texts(origins)),
        ("grades", texts(grades)),
        ("claims", Value::List(claims.iter().map(|(id, claim)| claim_map(view, *id, claim)).collect())),
        ("elements", Value::List(side.elements.into_iter().map(element).collect())),
    ];
    Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>())
}

//! Functions on time and evidence: section 4 of the path language.

use std::collections::{BTreeMap, BTreeSet};

use super::unreadable;
use crate::error::{Detail, Error, Result};
use crate::graph::{Joint, View, joints_of};
use crate::model::schema::Role;
use crate::model::time::DAY_MICROS;
use crate::model::{
    About, Claim, ClaimId, Clock, Date, DateTime, Duration, Flow, Instant, Path, Stance, TypeKind, Value,
};
use crate::paths::{self, Bounds, Times};
use crate::query::expr::Context;

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The elements that a value speaks of: itself, or the hops of a path; `None` for null.
fn abouts(value: &Value) -> Result<Option<Vec<About>>> {
    match value {
        Value::Null => Ok(None),
        Value::Node(id) => Ok(Some(vec![About::Node(*id)])),
        Value::Relationship(id) => Ok(Some(vec![About::Relationship(*id)])),
        Value::Path(path) => Ok(Some(path.relationships.iter().copied().map(About::Relationship).collect())),
        other => Err(unreadable("a node, a relationship or a path", other)),
    }
}

fn of_path(value: &Value, f: impl FnOnce(&Path) -> Result<Value>) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Path(path) => f(path),
        other => Err(unreadable("a path", other)),
    }
}

pub(super) fn confidence(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    let confidence = match &args[0] {
        Value::Null => None,
        Value::Node(id) => view.node_confidence(*id),
        Value::Relationship(id) => view.relationship_confidence(*id),
        Value::Path(path) => view.path_confidence(path),
        other => return Err(unreadable("a node, a relationship or a path", other)),
    };
    Ok(confidence.map_or(Value::Null, Value::Float))
}

pub(super) fn weakest(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    of_path(&args[0], |path| Ok(context.view.weakest_hop(path).map_or(Value::Null, Value::Relationship)))
}

pub(super) fn grade(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    let about = match &args[0] {
        Value::Path(path) => view.weakest_hop(path).map(About::Relationship),
        value => abouts(value)?.and_then(|abouts| abouts.first().copied()),
    };
    let grade = about.and_then(|about| view.best_claim(about)).and_then(|claim| claim.grade);
    Ok(grade.map_or(Value::Null, |grade| Value::from(grade.to_string())))
}

pub(super) fn disputed(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(match abouts(&args[0])? {
        None => Value::Null,
        Some(abouts) => Value::Bool(abouts.into_iter().any(|about| context.view.is_disputed(about))),
    })
}

pub(super) fn claims(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    let Some(abouts) = abouts(&args[0])? else { return Ok(Value::Null) };
    let claims = abouts.into_iter().flat_map(|about| view.claims_about(about));
    Ok(Value::List(claims.map(|(id, claim)| claim_map(view, id, claim)).collect()))
}

pub(super) fn sources(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    let Some(abouts) = abouts(&args[0])? else { return Ok(Value::Null) };
    let sources: BTreeSet<_> = abouts.into_iter().flat_map(|about| view.sources_of(about)).collect();
    Ok(Value::List(sources.into_iter().map(|id| Value::from(view.source_label(id))).collect()))
}

pub(super) fn origins(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    let Some(abouts) = abouts(&args[0])? else { return Ok(Value::Null) };
    let origins: BTreeSet<_> = abouts.into_iter().flat_map(|about| view.origins_of(about)).collect();
    Ok(Value::Int(i64::try_from(origins.len()).unwrap_or(i64::MAX)))
}

/// A claim as a map; what it does not say is left out.
pub(crate) fn claim_map(view: View<'_>, id: ClaimId, claim: &Claim) -> Value {
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let node = |id: crate::model::NodeId| Value::from(view.graph().key_of(id));
    let hidden = view.is_claim_confidential(claim);
    let entries = [
        ("id", Some(Value::Int(id.0.into()))),
        ("key", text(&claim.key).filter(|_| !hidden)),
        ("property", text(&claim.property)),
        ("value", claim.value.clone().filter(|_| !hidden)),
        ("stance", Some(Value::from(claim.stance.as_str()))),
        (
            "type",
            match &claim.stance {
                Stance::NullResult { relationship_type } if !hidden => {
                    Some(Value::from(relationship_type.as_str()))
                }
                _ => None,
            },
        ),
        ("carriers", claim.carriers.filter(|_| !hidden).map(|(a, b)| Value::List(vec![node(a), node(b)]))),
        ("source", claim.source.map(|source| Value::from(view.source_label(source)))),
        ("by", claim.by.filter(|_| !hidden).map(node)),
        ("grade", claim.grade.map(|grade| Value::from(grade.to_string()))),
        ("confidence", claim.confidence().map(Value::Float)),
        ("from", claim.from.clone()),
        ("to", claim.to.clone()),
        ("note", text(&claim.note).filter(|_| !hidden)),
    ];
    let mut map: BTreeMap<String, Value> =
        entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    if !hidden {
        map.extend(claim.extra.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Value::Map(map)
}

/// The first of several instants as the language writes it: a date where a day
/// begins with it; null for an unbounded one.
fn first_instant(clock: Clock, at: Instant) -> Value {
    instant(clock, at, at.rem_euclid(DAY_MICROS) == 0)
}

/// The last of several instants: a date where a day ends with it.
fn last_instant(clock: Clock, at: Instant) -> Value {
    instant(clock, at, at.wrapping_add(1).rem_euclid(DAY_MICROS) == 0)
}

fn instant(clock: Clock, at: Instant, is_whole_day: bool) -> Value {
    match clock {
        _ if at == Instant::MIN || at == Instant::MAX => Value::Null,
        Clock::Integer => Value::Int(at),
        Clock::Calendar if is_whole_day => Value::Date(Date::of_instant(at)),
        Clock::Calendar => Value::DateTime(DateTime::of_micros(at)),
    }
}

/// A length of time: a duration, or an integer; null for an unbounded one.
fn length(clock: Clock, length: Option<i64>) -> Value {
    match (clock, length) {
        (_, None) => Value::Null,
        (Clock::Integer, Some(length)) => Value::Int(length),
        (Clock::Calendar, Some(length)) => Value::Duration(Duration::between_instants(0, length)),
    }
}

/// The bounds of the second argument, `{strict:, wait:, within:}`.
fn bounds(args: &[Value]) -> Result<Bounds> {
    let mut bounds = Bounds::default();
    let entries = match args.get(1) {
        None | Some(Value::Null) => return Ok(bounds),
        Some(Value::Map(entries)) => entries,
        Some(other) => return Err(unreadable("a map such as {wait: duration('P7D')}", other)),
    };
    for (name, value) in entries {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("strict", Value::Bool(strict)) => bounds.strict = *strict,
            ("wait", value) => bounds.wait = Some(length_of(value, &mut bounds.clock)?),
            ("within", value) => bounds.within = Some(length_of(value, &mut bounds.clock)?),
            ("strict", other) => return Err(unreadable("true or false for strict", other)),
            _ => {
                return Err(Error::invalid(format!("there is no bound '{name}'"))
                    .hint("the bounds are strict, wait and within".to_owned()));
            }
        }
    }
    Ok(bounds)
}

/// A bound in units of the clock that its type implies: a duration counts on the
/// calendar, a number on an integer clock.
///
/// # Errors
/// `Invalid` for anything else, for a negative one, and where `clock` is another.
pub(crate) fn length_of(value: &Value, clock: &mut Option<Clock>) -> Result<i64> {
    let (length, of) = match value {
        Value::Duration(duration) => (duration.fixed_micros()?, Clock::Calendar),
        Value::Int(number) => (*number, Clock::Integer),
        Value::String(text) => (Duration::parse(text)?.fixed_micros()?, Clock::Calendar),
        other => return Err(unreadable("a duration such as 7 DAYS, or an integer", other)),
    };
    if length < 0 {
        return Err(Error::invalid(format!("a bound on time cannot be negative, found {value}"))
            .detail(Detail::NumberOutOfRange));
    }
    match clock.replace(of) {
        Some(before) if before != of => {
            Err(Error::invalid("one search cannot have bounds both in calendar units and in plain numbers")
                .detail(Detail::InvalidSearch))
        }
        _ => Ok(length),
    }
}

pub(super) fn times(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let bounds = bounds(args)?;
    of_path(&args[0], |path| {
        let Some(times) = paths::times(context.view, path, &bounds)? else { return Ok(Value::Null) };
        let entry = |time: Option<Times>| match time {
            Some(Times { clock, feasible }) => map([
                ("earliest", first_instant(clock, feasible.lo)),
                ("latest", last_instant(clock, feasible.hi)),
            ]),
            None => Value::Null,
        };
        Ok(Value::List(times.into_iter().map(entry).collect()))
    })
}

pub(super) fn waits(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let bounds = bounds(args)?;
    of_path(&args[0], |path| {
        let Some(waits) = paths::waits(context.view, path, &bounds)? else { return Ok(Value::Null) };
        let entry = |wait: paths::Wait| {
            map([
                ("node", Value::Node(wait.node)),
                ("least", length(wait.clock, wait.least)),
                ("most", length(wait.clock, wait.most)),
            ])
        };
        Ok(Value::List(waits.into_iter().map(entry).collect()))
    })
}

pub(super) fn order(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let bounds = bounds(args)?;
    of_path(&args[0], |path| Ok(Value::from(paths::order(context.view, path, &bounds)?.as_str())))
}

pub(super) fn joints(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    of_path(&args[0], |path| {
        let waits = paths::waits(view, path, &Bounds::default())?.unwrap_or_default();
        let entry = |joint: Joint| {
            let wait = waits.iter().find(|wait| wait.position == joint.position);
            let claims = view.claims_on(joint).map(|(id, claim)| claim_map(view, id, claim));
            map([
                ("place", Value::Node(joint.place)),
                ("from", Value::Node(joint.from)),
                ("to", Value::Node(joint.to)),
                ("least", wait.map_or(Value::Null, |wait| length(wait.clock, wait.least))),
                ("most", wait.map_or(Value::Null, |wait| length(wait.clock, wait.most))),
                ("claims", Value::List(claims.collect())),
            ])
        };
        Ok(Value::List(joints_of(view, path).into_iter().map(entry).collect()))
    })
}

pub(super) fn null_results(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let view = context.view;
    of_path(&args[0], |path| {
        let found = paths::null_results_of(view, path)?.into_iter().filter_map(|found| {
            let claim = view.claim(found.claim)?;
            let verdict = if found.contradicted { "contradicted" } else { "overlaps" };
            Some(map([
                ("relationship", Value::Relationship(path.relationships[found.hop])),
                ("verdict", Value::from(verdict)),
                ("claim", claim_map(view, found.claim, claim)),
            ]))
        });
        Ok(Value::List(found.collect()))
    })
}

pub(super) fn period(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let graph = context.view.graph();
    let id = match &args[0] {
        Value::Null => return Ok(Value::Null),
        Value::Relationship(id) => *id,
        other => return Err(unreadable("a relationship", other)),
    };
    let Some(relationship) = graph.relationship(id) else { return Ok(Value::Null) };
    let kind = graph.schema().kind(graph.text(relationship.kind));
    Ok(match relationship.period.clock() {
        None => map([("from", Value::Null), ("to", Value::Null), ("kind", Value::from("none"))]),
        Some(clock) => {
            let period = relationship.period.possible(kind);
            let kind = Value::from(TypeKind::as_str(kind));
            map([
                ("from", first_instant(clock, period.lo)),
                ("to", last_instant(clock, period.hi)),
                ("kind", kind),
            ])
        }
    })
}

pub(super) fn carries_from(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let graph = context.view.graph();
    let (id, node) = match (&args[0], &args[1]) {
        (Value::Null, _) | (_, Value::Null) => return Ok(Value::Null),
        (Value::Relationship(id), Value::Node(node)) => (*id, *node),
        (Value::Relationship(_), other) => return Err(unreadable("a node", other)),
        (other, _) => return Err(unreadable("a relationship", other)),
    };
    let Some(relationship) = graph.relationship(id) else { return Ok(Value::Null) };
    Ok(Value::Bool(match graph.schema().flow(graph.text(relationship.kind)) {
        Flow::None => false,
        Flow::Forward => relationship.start == node,
        Flow::Backward => relationship.end == node,
        Flow::Both => relationship.start == node || relationship.end == node,
    }))
}

pub(super) fn is_hub(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Node(id) => Ok(Value::Bool(context.view.role(*id) == Role::Hub)),
        other => Err(unreadable("a node", other)),
    }
}

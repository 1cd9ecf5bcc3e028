//! The procedures of entities: who may be the same, who was judged to be, and judging.

use std::collections::BTreeMap;

use super::expr::Context;
use super::ownership::{Options, expected};
use super::procs::{Rows, node, source};
use super::write::Writer;
use crate::analysis::called;
use crate::analysis::conflicts::disagreeing;
use crate::analysis::entities::{
    self, Asked, Candidate, DIFFERENT, Group, Judgements, SAME, is_unknown, merged_properties,
};
use crate::error::{Error, Result, Span};
use crate::graph::{Direction, Graph, NAME_PROPERTIES, View};
use crate::model::{About, Claim, Effect, NodeId, Properties, RelationshipId, Stance, Value};

/// The columns of `entities.candidates`.
pub(super) const CANDIDATES: &[&str] = &["a", "b", "score", "reasons", "against"];
/// The columns of `entities.merged`.
pub(super) const MERGED: &[&str] =
    &["entity", "parts", "names", "properties", "told", "differ", "relationships", "contested"];
/// The columns of `entities.same` and `entities.different`.
pub(super) const JUDGED: &[&str] = &["relationship", "claim"];

/// What a judgement may say besides the two entities.
const JUDGED_OPTIONS: &[&str] = &["author", "by", "confidence", "grade", "reason", "source"];

/// A row for each pair that may be one entity.
pub(super) fn candidates(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let options = Options::read("entities.candidates", arguments.first(), &["entity", "limit", "threshold"])?;
    let view = context.view;
    let standard = Asked::default();
    let asked = Asked {
        entity: options.get("entity").map(|value| node(view.graph(), "entity", value)).transpose()?,
        threshold: match options.get("threshold") {
            None => standard.threshold,
            Some(value) => value
                .as_number()
                .filter(|number| (0.0..=1.0).contains(number))
                .ok_or_else(|| expected("a threshold between 0 and 1", value))?,
        },
        limit: options.count("limit", standard.limit)?,
    };
    let (found, is_cut) = entities::candidates(view, &asked, context.surroundings.check)?;
    if is_cut {
        let notice = format!("there are more than {} candidates (option limit)", asked.limit);
        context.surroundings.notices.borrow_mut().insert(notice);
    }
    Ok(found.into_iter().map(row).collect())
}

fn row(found: Candidate) -> Vec<Value> {
    let texts = |texts: Vec<String>| Value::List(texts.into_iter().map(Value::from).collect());
    vec![
        Value::Node(found.pair.0),
        Value::Node(found.pair.1),
        Value::Float(found.score),
        texts(found.reasons),
        texts(found.against),
    ]
}

/// A row for each group of nodes that are one entity, or for the group of one node; a node that is
/// in none is a group of its own.
pub(super) fn merged(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let view = context.view;
    let wanted = match arguments.first() {
        None => None,
        Some(Value::Null) => return Ok(Vec::new()),
        Some(value) => Some(node(view.graph(), "entity", value)?).filter(|&node| view.node(node).is_some()),
    };
    let mut groups = Judgements::of_view(view, context.surroundings.check)?.groups(view);
    if let Some(node) = wanted {
        groups.retain(|group| group.parts.contains(&node));
        if groups.is_empty() {
            groups.push(Group { parts: vec![node], relationships: Vec::new(), contested: Vec::new() });
        }
    } else if !arguments.is_empty() {
        groups.clear();
    }
    let row = |group: Group| {
        let is_hidden = group.parts.iter().any(|&part| view.is_confidential(part));
        let open: &[NodeId] = if is_hidden { &[] } else { &group.parts };
        let texts = |texts: Vec<String>| Value::List(texts.into_iter().map(Value::from).collect());
        let relationships = |ids: Vec<RelationshipId>| ids.into_iter().map(Value::Relationship).collect();
        Ok(vec![
            group.parts.first().map_or(Value::Null, |&entity| Value::Node(entity)),
            Value::List(group.parts.iter().copied().map(Value::Node).collect()),
            texts(all_names(view, open)),
            Value::Map(merged_properties(view, open)),
            told(view, open),
            texts(disagreeing(view, open)?),
            Value::List(relationships(group.relationships)),
            Value::List(relationships(group.contested)),
        ])
    };
    groups.into_iter().map(row).collect()
}

/// What all parts are called, each name once.
fn all_names(view: View<'_>, parts: &[NodeId]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for value in
        parts.iter().flat_map(|&part| NAME_PROPERTIES.iter().map(move |name| view.node_property(part, name)))
    {
        let found = match &value {
            Value::List(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            single => single.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
        };
        for name in found {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// `{name: [{part, value}, …]}`: which part says what.
fn told(view: View<'_>, parts: &[NodeId]) -> Value {
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for &part in parts {
        for (name, value) in view.graph().node_data(part).unwrap_or_default().properties {
            let entries = [("part".to_owned(), Value::Node(part)), ("value".to_owned(), value)];
            told.entry(name).or_default().push(Value::Map(BTreeMap::from(entries)));
        }
    }
    Value::Map(told.into_iter().map(|(name, said)| (name, Value::List(said))).collect())
}

/// Records that two nodes are one entity.
pub(super) fn same(writer: &mut Writer<'_>, arguments: &[Value], now_micros: i64) -> Result<Rows> {
    judge(writer, "entities.same", SAME, arguments, now_micros)
}

/// Records that two nodes are not.
pub(super) fn different(writer: &mut Writer<'_>, arguments: &[Value], now_micros: i64) -> Result<Rows> {
    judge(writer, "entities.different", DIFFERENT, arguments, now_micros)
}

/// A claim that supports the relationship between the two; the relationship is made if there is none.
fn judge(
    writer: &mut Writer<'_>,
    procedure: &str,
    kind: &str,
    arguments: &[Value],
    now_micros: i64,
) -> Result<Rows> {
    let a = node(writer.graph, "the first entity", &arguments[0])?;
    let b = node(writer.graph, "the second entity", &arguments[1])?;
    refuse(writer.graph, kind, a, b)?;
    let options = Options::read(procedure, arguments.get(2), JUDGED_OPTIONS)?;
    let claim = |about, graph: &Graph| claim(graph, about, &options, procedure, now_micros);
    let known = between(writer.graph, kind, a, b);
    // What cannot be read has to fail before anything is made.
    claim(About::Node(a), writer.graph)?;
    let relationship = match known {
        Some(id) => id,
        None => writer.create_relationship(kind, a, b, Properties::new(), Span::default())?,
    };
    let claim = claim(About::Relationship(relationship), writer.graph)?;
    let id = writer.graph.next_claim();
    writer.stats.claims_recorded += 1;
    writer.apply(Effect::RecordClaim { id, claim: claim.into() })?;
    Ok(vec![vec![Value::Relationship(relationship), Value::Int(id.0.into())]])
}

fn refuse(graph: &Graph, kind: &str, a: NodeId, b: NodeId) -> Result<()> {
    let view = View::new(graph, None, false);
    if a == b {
        return Err(Error::invalid(format!("both are {}", called(view, a))));
    }
    if let Some(source) = [a, b].into_iter().find(|&node| graph.is_source(node)) {
        return Err(Error::invalid(format!("{} is a source, and no entity", called(view, source)))
            .hint("sources that repeat one report share a property origin".to_owned()));
    }
    let unknown = [a, b].into_iter().find(|&node| kind == SAME && is_unknown(view, node));
    match unknown {
        Some(node) => {
            let who = called(view, node);
            Err(Error::invalid(format!("it is not known who {who} is, so that it is never merged"))
                .hint("tie it with POSSIBLY_SAME, which merges nothing".to_owned()))
        }
        None => Ok(()),
    }
}

/// The relationship of a type between two nodes, whichever way it points.
fn between(graph: &Graph, kind: &str, a: NodeId, b: NodeId) -> Option<RelationshipId> {
    let kind = graph.symbol(kind)?;
    let hops = graph.hops(a, Direction::Either).filter(|hop| hop.node == b).map(|hop| hop.relationship);
    hops.filter(|&id| graph.relationship(id).is_some_and(|relationship| relationship.kind == kind)).min()
}

fn claim(
    graph: &Graph,
    about: About,
    options: &Options<'_>,
    procedure: &str,
    now_micros: i64,
) -> Result<Claim> {
    let mut claim = Claim::new(about, Stance::Supports, now_micros);
    let text = |name: &str| match options.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
        Some(other) => Err(expected(&format!("a text as {name}"), other)),
    };
    let reason = text("reason")?.ok_or_else(|| {
        Error::invalid("a judgement needs its reason")
            .hint(format!("write CALL {procedure}(a, b, {{reason: 'the same IMO number'}})"))
    })?;
    claim.note = Some(reason);
    claim.extra.extend(text("author")?.map(|author| ("author".to_owned(), Value::from(author))));
    claim.grade = text("grade")?.map(|grade| grade.parse()).transpose()?;
    claim.source = options.get("source").map(|value| source(graph, value)).transpose()?;
    claim.by = options.get("by").map(|value| node(graph, "by", value)).transpose()?;
    claim.confidence = options.get("confidence").map(super::procs::fraction).transpose()?;
    Ok(claim)
}

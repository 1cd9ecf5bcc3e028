//! Procedures: one table for dispatch, arity, completion and help.

use std::collections::BTreeMap;

use super::callee::Callee;
use super::dependence;
use super::expr::{Context, Surroundings};
use super::functions::{Function, claim_map};
use super::write::Writer;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model::time::Period;
use crate::model::{About, Claim, ClaimId, Effect, Flow, NodeId, Properties, Stance, TypeKind, Value};
use crate::names::did_you_mean;

/// A procedure of the language.
pub struct Procedure {
    /// Its dotted name.
    pub name: &'static str,
    /// Its arguments, for help.
    pub arguments: &'static str,
    /// The least number of arguments.
    pub min: usize,
    /// The greatest number of arguments.
    pub max: usize,
    /// The columns of its rows.
    pub columns: &'static [&'static str],
    /// Whether it changes the graph.
    pub writes: bool,
    /// What it does, in a line.
    pub doc: &'static str,
    run: Run,
}

/// The rows that a procedure gives.
pub(super) type Rows = Vec<Vec<Value>>;
type Read = fn(&Context<'_>, &[Value]) -> Result<Rows>;
/// The last argument is when claims are recorded.
type Write = fn(&mut Writer<'_>, &[Value], i64) -> Result<Rows>;

#[derive(Clone, Copy)]
enum Run {
    Read(Read),
    Write(Write),
}

impl std::fmt::Debug for Procedure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const fn read(
    name: &'static str,
    arguments: &'static str,
    (min, max): (usize, usize),
    columns: &'static [&'static str],
    run: Read,
    doc: &'static str,
) -> Procedure {
    Procedure { name, arguments, min, max, columns, writes: false, doc, run: Run::Read(run) }
}

const fn write(
    name: &'static str,
    arguments: &'static str,
    (min, max): (usize, usize),
    columns: &'static [&'static str],
    run: Write,
    doc: &'static str,
) -> Procedure {
    Procedure { name, arguments, min, max, columns, writes: true, doc, run: Run::Write(run) }
}

/// All procedures, by name.
#[rustfmt::skip]
pub const PROCEDURES: &[Procedure] = &[
    read("db.functions",     "",                 (0, 0), &["name", "signature", "category", "description", "isAggregate"], db_functions, "all functions"),
    read("db.labels",        "",                 (0, 0), &["label", "nodes"], db_labels, "the labels in use"),
    read("db.procedures",    "",                 (0, 0), &["name", "signature", "mode", "description"], db_procedures, "all procedures"),
    read("db.relationshipTypes", "",             (0, 0), &["type", "relationships", "kind", "flow"], db_types, "the relationship types in use"),
    read("entities.candidates", "[{entity: node, threshold: 0.8, limit: 100}]", (0, 1), super::entities::CANDIDATES,
         super::entities::candidates, "pairs of nodes that may be one entity, with what speaks for and against it"),
    write("entities.different", "a, b, {reason: '…', author: '…', source: key, grade: 'B2'}", (3, 3), super::entities::JUDGED,
          super::entities::different, "records that two nodes are different entities, and why"),
    read("entities.merged",  "[entity]",         (0, 1), super::entities::MERGED, super::entities::merged,
         "the nodes that are one entity with what they say together and each by itself, of one node or of all"),
    write("entities.same",   "a, b, {reason: '…', author: '…', source: key, grade: 'B2'}", (3, 3), super::entities::JUDGED,
          super::entities::same, "records that two nodes are one entity, and why; both are kept"),
    write("evidence.claim",  "{about: x, stance: 'supports', source: key, grade: 'B2', …}", (1, 1), &["id"], evidence_claim,
          "records a claim about a node, a relationship or one property of it"),
    read("evidence.claims",  "[source]",         (0, 1), &["about", "claim"], evidence_claims, "all claims, or those of one source"),
    read("evidence.conflicts", "[{entity: node, kind: 'value'}]", (0, 1), super::conflicts::COLUMNS, super::conflicts::rows,
         "what sources dispute: values, denials, null results, counts that cannot be compared; each with all its sides"),
    write("evidence.retract", "id",              (1, 1), &["retracted"], evidence_retract, "takes a claim back, by its number or its key"),
    read("evidence.sources", "",                 (0, 0), super::sources::COLUMNS, super::sources::rows,
         "what each source carries: alone, with those of the same origin, and what a lens without it hides"),
    read("exposure.of",      "entity, [{asOf: date, hops: 6, linkedHops: 2, ended: false, merged: false, rules: [{type, category, direction}]}]", (1, 2),
         super::exposure::OF, super::exposure::of, "the listed parties that an entity is exposed to: owned, controlled, linked or possibly the same"),
    read("exposure.rules",   "",                 (0, 0), super::exposure::RULES, super::exposure::rules,
         "the relationship types along which exposure is followed, and as what"),
    read("exposure.topics",  "[{asOf: date}]",   (0, 1), super::exposure::TOPICS, super::exposure::topics,
         "the topics of OpenSanctions that entities get from those around them"),
    read("flow.attribute",   "chains, {units: ['tons', …], deliveries: relationships, closed: false}", (1, 2), super::flow::COLUMNS,
          super::flow::attribute, "how much of what was delivered can have come from where: at least, pro rata, at most"),
    read("names.screen",     "names, {threshold: 0.8, limit: 10, kind: 'vessel'}", (1, 2), super::name_search::SCREEN_COLUMNS,
         super::name_search::screen, "who may be meant by each name of a list, and on which sanctions lists they stand"),
    read("names.search",     "name, {threshold: 0.8, limit: 10, kind: 'vessel', parts: false}", (1, 2), super::name_search::SEARCH_COLUMNS,
         super::name_search::search, "nodes with a name or identifier like this, best first, and why"),
    read("ownership.blocked", "[{regime: 'OFAC', asOf: date, entity: node, listedBy: [authority], merged: false}]", (0, 1), super::ownership::BLOCKED,
         super::ownership::blocked, "who is blocked because of who owns it, by the 50 Percent Rule of a regime, with proof"),
    read("ownership.chain",  "entity, [{asOf: date, hops: 10, limit: 1000}]", (1, 2), super::ownership::CHAIN,
         super::ownership::chain, "the chains of owners above an entity, with the share of each step"),
    read("ownership.regimes", "",                (0, 0), super::ownership::REGIMES, super::ownership::regimes,
         "the rules of each regime, and when they are in force"),
    read("ownership.ultimate", "entity, [{asOf: date}]", (1, 2), super::ownership::ULTIMATE,
         super::ownership::ultimate, "the owners behind an entity that have no owner on record themselves"),
    read("path.dependence",  "paths",            (1, 1), &["kind", "element", "name", "falls", "stays", "all", "fallen", "lost"],
          dependence::rows, "which sources, origins, hops and joints the paths rest on, and which paths fall without each"),
    write("schema.declare",  "type, kind, flow", (3, 3), &["type"], schema_declare,
          "says whether a relationship type is 'event' or 'state', and which way goods flow: 'forward', 'backward', 'both' or 'none'"),
];

/// The procedure with a name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Procedure> {
    PROCEDURES.iter().find(|procedure| procedure.name.eq_ignore_ascii_case(name))
}

impl Procedure {
    /// Runs one that only reads.
    pub(super) fn read(&self, context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
        match self.run {
            Run::Read(run) => run(context, arguments),
            Run::Write(_) => Err(Error::invalid(format!("{} writes and cannot stand here", self.name))),
        }
    }

    /// Runs it.
    pub(super) fn call(
        &self,
        writer: &mut Writer<'_>,
        surroundings: &Surroundings<'_>,
        arguments: &[Value],
    ) -> Result<Rows> {
        match self.run {
            Run::Read(run) => run(&surroundings.context(writer.graph), arguments),
            Run::Write(run) => run(writer, arguments, surroundings.now_micros),
        }
    }
}

fn db_labels(context: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let labels = context.view.graph().labels_in_use();
    Ok(labels.into_iter().map(|(label, count)| vec![Value::from(label), number(count)]).collect())
}

fn db_types(context: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let graph = context.view.graph();
    let row = |(name, count): (&str, usize)| {
        let (kind, flow) = (graph.schema().kind(name), graph.schema().flow(name));
        vec![Value::from(name), number(count), Value::from(kind.as_str()), Value::from(flow.as_str())]
    };
    Ok(graph.types_in_use().into_iter().map(row).collect())
}

fn db_functions(_: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let row = |f: &Function| {
        let result = if f.result.is_empty() { String::new() } else { format!(" :: {}", f.result) };
        let signature = format!("{}({}){result}", f.name, f.arguments);
        let texts =
            [Value::from(f.name), Value::from(signature), Value::from(f.category()), Value::from(f.doc)];
        texts.into_iter().chain([Value::Bool(f.is_aggregate())]).collect()
    };
    Ok(super::functions::FUNCTIONS.iter().map(row).collect())
}

fn db_procedures(context: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let own = PROCEDURES.iter().map(|p| (Callee::Own(p), p.doc));
    let registered = context.surroundings.procedures.iter().cloned();
    let registered = registered.map(|p| (Callee::Registered(p), "registered by the program"));
    let row = |(callee, doc): (Callee, &str)| {
        let (name, arguments, columns) = (callee.name(), callee.arguments(), callee.columns().join(", "));
        let signature = format!("{name}({arguments}) :: ({columns})");
        let mode = if callee.writes() { "write" } else { "read" };
        vec![Value::from(name), Value::from(signature), Value::from(mode), Value::from(doc)]
    };
    Ok(own.chain(registered).map(row).collect())
}

fn number(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn evidence_claims(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let view = context.view;
    let source = match arguments.first() {
        None | Some(Value::Null) => None,
        Some(source) => Some(node(view.graph(), "source", source)?),
    };
    let wanted = view.claims().filter(|(_, claim)| source.is_none() || claim.source == source);
    let row = |(id, claim): (ClaimId, &Claim)| {
        let about = match claim.about {
            About::Node(id) => Value::Node(id),
            About::Relationship(id) => Value::Relationship(id),
        };
        vec![about, claim_map(view, id, claim)]
    };
    Ok(wanted.map(row).collect())
}

fn evidence_claim(writer: &mut Writer<'_>, arguments: &[Value], now_micros: i64) -> Result<Rows> {
    let Value::Map(entries) = &arguments[0] else {
        return Err(Error::invalid(format!("expected a map, found {}", arguments[0])));
    };
    let claim = claim_of(writer.graph, entries, now_micros)?;
    let id = writer.graph.next_claim();
    writer.stats.claims_recorded += 1;
    writer.apply(Effect::RecordClaim { id, claim: claim.into() })?;
    Ok(vec![vec![Value::Int(id.0.into())]])
}

fn claim_of(graph: &Graph, entries: &BTreeMap<String, Value>, now_micros: i64) -> Result<Claim> {
    let about = match entries.get("about") {
        Some(Value::Relationship(id)) => About::Relationship(*id),
        Some(value) => match value.as_str().and_then(|key| graph.relationship_by_key(key)) {
            Some(id) if graph.node_by_key(value.as_str().unwrap_or_default()).is_none() => {
                About::Relationship(id)
            }
            _ => About::Node(node(graph, "about", value)?),
        },
        None => {
            return Err(
                Error::invalid("a claim has to be about something").hint("write {about: x, …}".to_owned())
            );
        }
    };
    let stance = match text(entries, "stance")?.as_deref() {
        None | Some("supports") => Stance::Supports,
        Some("disputes") => Stance::Disputes,
        Some("null") => null_result(about, entries)?,
        Some(other) => {
            return Err(Error::invalid(format!(
                "expected supports, disputes or null as stance, found '{other}'"
            )));
        }
    };
    let mut claim = Claim::new(about, stance, now_micros);
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "about" | "stance" | "type" => {}
            "key" => claim.key = Some(unused_key(graph, value)?),
            "property" => claim.property = text(entries, "property")?,
            "value" if value.is_storable() => claim.value = Some(value.clone()),
            "source" => claim.source = Some(source(graph, value)?),
            "by" => claim.by = Some(node(graph, "by", value)?),
            "grade" => claim.grade = text(entries, "grade")?.map(|grade| grade.parse()).transpose()?,
            "confidence" => claim.confidence = Some(fraction(value)?),
            "from" => claim.from = Some(value.clone()),
            "to" => claim.to = Some(value.clone()),
            "note" => claim.note = text(entries, "note")?,
            "carriers" => claim.carriers = Some(carriers(graph, value)?),
            _ => {
                return Err(Error::invalid(format!("a claim has no part '{name}'")).hint(
                    did_you_mean(name, CLAIM_PARTS.iter().copied())
                        .or_else(|| Some(format!("it has {}", CLAIM_PARTS.join(", ")))),
                ));
            }
        }
    }
    Period::read(claim.from.as_ref(), claim.to.as_ref())?;
    Ok(claim)
}

/// A claim's key, by which it can be retracted, so that no other may have it.
fn unused_key(graph: &Graph, value: &Value) -> Result<String> {
    let key =
        value.as_str().ok_or_else(|| Error::invalid(format!("expected a text as key, found {value}")))?;
    match graph.claims().any(|(_, claim)| claim.key.as_deref() == Some(key)) {
        true => Err(Error::invalid(format!("there is a claim with key '{key}' already"))),
        false => Ok(key.to_owned()),
    }
}

const CLAIM_PARTS: &[&str] = &[
    "about",
    "by",
    "carriers",
    "confidence",
    "from",
    "grade",
    "key",
    "note",
    "property",
    "source",
    "stance",
    "to",
    "type",
    "value",
];

fn null_result(about: About, entries: &BTreeMap<String, Value>) -> Result<Stance> {
    match (about, text(entries, "type")?) {
        (About::Relationship(_), _) => {
            Err(Error::invalid("a null result is about a place, not about a relationship"))
        }
        (_, None) => Err(Error::invalid("a null result needs the type of relationship that was looked for")
            .hint("write {about: place, stance: 'null', type: 'CALLED_AT', from: …, to: …}".to_owned())),
        (_, Some(relationship_type)) => Ok(Stance::NullResult { relationship_type }),
    }
}

fn text(entries: &Properties, name: &str) -> Result<Option<String>> {
    match entries.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_string())),
        Some(other) => Err(Error::invalid(format!("expected a text as {name}, found {other}"))),
    }
}

/// A node given as such or by its key.
pub(super) fn node(graph: &Graph, what: &str, value: &Value) -> Result<NodeId> {
    match value {
        Value::Node(id) if graph.node(*id).is_some() => Ok(*id),
        Value::String(key) => graph
            .node_by_key(key)
            .or_else(|| graph.nodes_by_id_property(key).next())
            .ok_or_else(|| Error::not_found(format!("there is no node with key '{key}' for {what}"))),
        other => Err(Error::invalid(format!("expected a node or its key as {what}, found {other}"))),
    }
}

/// A node that is a source.
pub(super) fn source(graph: &Graph, value: &Value) -> Result<NodeId> {
    let id = node(graph, "source", value)?;
    match graph.is_source(id) {
        true => Ok(id),
        false => {
            Err(Error::invalid(format!("{value} is no source"))
                .hint("a source has the label Source".to_owned()))
        }
    }
}

/// A confidence in 0..=1.
pub(super) fn fraction(value: &Value) -> Result<f64> {
    let number = value.as_number().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| Error::invalid(format!("expected a confidence between 0 and 1, found {value}")))
}

fn carriers(graph: &Graph, value: &Value) -> Result<(NodeId, NodeId)> {
    match value {
        Value::List(items) if items.len() == 2 => {
            Ok((node(graph, "carriers", &items[0])?, node(graph, "carriers", &items[1])?))
        }
        other => {
            Err(Error::invalid(format!("expected a list of two nodes or keys as carriers, found {other}")))
        }
    }
}

fn evidence_retract(writer: &mut Writer<'_>, arguments: &[Value], _: i64) -> Result<Rows> {
    let id = match &arguments[0] {
        Value::Int(number) => {
            u32::try_from(*number).ok().map(ClaimId).filter(|id| writer.graph.claim(*id).is_some())
        }
        Value::String(key) => {
            writer.graph.claims().find(|(_, claim)| claim.key.as_deref() == Some(key)).map(|(id, _)| id)
        }
        other => return Err(Error::invalid(format!("expected a claim's number or key, found {other}"))),
    };
    let Some(id) = id else { return Err(Error::not_found(format!("there is no claim {}", arguments[0]))) };
    writer.retract(id)?;
    writer.stats.claims_retracted += 1;
    Ok(vec![vec![Value::Int(id.0.into())]])
}

fn schema_declare(writer: &mut Writer<'_>, arguments: &[Value], _: i64) -> Result<Rows> {
    let word = |at: usize| {
        arguments[at]
            .as_str()
            .ok_or_else(|| Error::invalid(format!("expected a text, found {}", arguments[at])))
    };
    let name = word(0)?.to_owned();
    let kind = match word(1)? {
        "event" => TypeKind::Event,
        "state" => TypeKind::State,
        other => return Err(Error::invalid(format!("expected 'event' or 'state', found '{other}'"))),
    };
    let flow = match word(2)? {
        "none" => Flow::None,
        "forward" => Flow::Forward,
        "backward" => Flow::Backward,
        "both" => Flow::Both,
        other => {
            return Err(Error::invalid(format!(
                "expected 'forward', 'backward', 'both' or 'none', found '{other}'"
            )));
        }
    };
    let before = writer.graph.schema().declared(&name);
    writer.apply(Effect::DeclareType { name: name.clone(), before, after: Some((kind, flow)) })?;
    Ok(vec![vec![Value::from(name)]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(PROCEDURES.is_sorted_by_key(|procedure| procedure.name.to_lowercase()));
    }
}

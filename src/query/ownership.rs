//! The procedures of ownership: what they are given, and their rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::expr::{Context, described};
use super::procs::{Rows, node};
use crate::analysis::entities::Merged;
use crate::analysis::ownership::{
    self, AsOf, Authorities, Bound, Ground, Holding, Inquiry, Missing, MissingFacts, OwnerChain, Proof,
    Question, Range, Regime, Rules, Truth, Why,
};
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::{About, NodeId, RelationshipId, Value};
use crate::names::did_you_mean;

/// The columns of `ownership.blocked`.
pub(super) const BLOCKED: &[&str] = &["entity", "verdict", "share", "missing", "proof"];
/// The columns of `ownership.chain`.
pub(super) const CHAIN: &[&str] = &["owner", "hops", "shares", "path", "isUltimate", "isCertain"];
/// The columns of `ownership.ultimate`.
pub(super) const ULTIMATE: &[&str] = &["owner", "hops", "shares", "path", "inCircle"];
/// The columns of `ownership.regimes`.
pub(super) const REGIMES: &[&str] =
    &["regime", "from", "until", "threshold", "strict", "aggregate", "arrangements", "control", "source"];

/// What the options of `ownership.blocked` may say.
const BLOCKED_OPTIONS: &[&str] = &[
    "aggregate",
    "arrangements",
    "asOf",
    "control",
    "entity",
    "listedBy",
    "merged",
    "regime",
    "strict",
    "threshold",
];
/// What those of `ownership.chain` and `ownership.ultimate` may.
const CHAIN_OPTIONS: &[&str] = &["asOf", "hops", "limit"];

/// Entities that the proof of one row tells; `owners` and the option `entity` tell more.
const PROOF_OF_A_ROW: usize = 40;
/// Entities that the proofs of all rows together tell; the rows after that have none, which is told.
const PROOFS_OF_ALL: usize = 200_000;
/// Entities that the proof of a single entity tells.
const PROOF_OF_ONE: usize = 500;

/// A map of options, each of them known.
pub(super) struct Options<'a> {
    entries: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Options<'a> {
    /// Nulls are as if they were not there.
    ///
    /// # Errors
    /// `Invalid` where it is no map, or has an option that the procedure does not have.
    pub(super) fn read(procedure: &str, value: Option<&'a Value>, known: &[&str]) -> Result<Self> {
        let entries = match value {
            None | Some(Value::Null) => return Ok(Self { entries: BTreeMap::new() }),
            Some(Value::Map(entries)) => entries,
            Some(other) => return Err(expected("a map of options", other)),
        };
        if let Some(name) = entries.keys().find(|name| !known.contains(&name.as_str())) {
            let near = did_you_mean(name, known.iter().copied());
            let all = || Some(format!("it has {}", known.join(", ")));
            return Err(Error::invalid(format!("{procedure} has no option '{name}'")).hint(near.or_else(all)));
        }
        let entries = entries.iter().filter(|(_, value)| !value.is_null());
        Ok(Self { entries: entries.map(|(name, value)| (name.as_str(), value)).collect() })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.entries.get(name).copied()
    }

    pub(super) fn truth(&self, name: &str) -> Result<Option<bool>> {
        self.get(name)
            .map(|value| match value {
                Value::Bool(truth) => Ok(*truth),
                other => Err(expected(&format!("true or false as {name}"), other)),
            })
            .transpose()
    }

    pub(super) fn count(&self, name: &str, missing: usize) -> Result<usize> {
        match self.get(name) {
            None => Ok(missing),
            Some(Value::Int(count)) if *count > 0 => Ok(usize::try_from(*count).unwrap_or(usize::MAX)),
            Some(other) => Err(expected(&format!("a number above 0 as {name}"), other)),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let text = |value: &Value| {
            value.as_str().map(str::to_owned).ok_or_else(|| expected(&format!("texts as {name}"), value))
        };
        self.get(name)
            .map(|value| match value {
                Value::List(items) => items.iter().map(text).collect(),
                single => Ok(vec![text(single)?]),
            })
            .transpose()
    }

    /// As of when: the option, else the lens, else today.
    pub(super) fn as_of(&self, context: &Context<'_>) -> Result<AsOf> {
        match self.get("asOf").or(context.surroundings.as_of) {
            Some(value) => AsOf::read(value),
            None => Ok(AsOf::today(context.surroundings.now_micros)),
        }
    }

    /// Whose listings count, if it is said.
    pub(super) fn listed_by(&self) -> Result<Option<Authorities>> {
        Ok(self.texts("listedBy")?.map(|names| match names.as_slice() {
            [any] if any.eq_ignore_ascii_case("any") => Authorities::Anyone,
            _ => Authorities::Named(names),
        }))
    }
}

pub(super) fn expected(wanted: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {wanted}, found {}", described(found)))
}

/// A row for each entity with an owner on record, or for the one asked about.
pub(super) fn blocked(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let options = Options::read("ownership.blocked", arguments.first(), BLOCKED_OPTIONS)?;
    let entity =
        options.get("entity").map(|value| node(context.view.graph(), "entity", value)).transpose()?;
    let question = question(&options, context)?;
    if question.rules.is_none() {
        let name = question.regime.name;
        context.surroundings.notices.borrow_mut().insert(format!(
            "no rule of {name} is in force as of this date, so that only listings count; CALL ownership.regimes()"
        ));
    }
    let inquiry = Inquiry::new(context.view, &question, entity, context.surroundings.check)?;
    tell_merged(context, &inquiry.network.merged);
    let is_asked =
        |column: usize| context.asked.is_none_or(|asked| asked.iter().any(|(at, _)| *at == column));
    let (entities, proof_max) = match entity {
        Some(entity) => (inquiry.network.place_of(entity).into_iter().collect(), PROOF_OF_ONE),
        None => (inquiry.owned(), PROOF_OF_A_ROW),
    };
    let check = context.surroundings.check;
    let facts = if is_asked(3) { inquiry.missing(check)? } else { MissingFacts::default() };
    let mut missing = MissingWords { inquiry: &inquiry, facts, words: FxHashMap::default() };
    let mut rows = Vec::with_capacity(entities.len());
    let (mut n_told, mut n_without) = (0, 0);
    for (count, entity) in entities.into_iter().enumerate() {
        if count % 256 == 0 {
            check()?;
        }
        let asked_proof =
            is_asked(4).then(|| (n_told < PROOFS_OF_ALL).then(|| inquiry.proof(entity, proof_max)));
        n_without += usize::from(asked_proof == Some(None));
        let told = asked_proof.flatten();
        n_told += told.as_ref().map_or(0, entities_told);
        rows.push(vec![
            Value::Node(inquiry.network.entities[entity as usize]),
            Value::from(inquiry.verdict(entity).as_str()),
            if is_asked(2) { share(inquiry.share(entity)) } else { Value::Null },
            if is_asked(3) { missing.of(entity) } else { Value::Null },
            told.map_or(Value::Null, |told| proof(context.view, &told)),
        ]);
    }
    if n_without > 0 {
        context.surroundings.notices.borrow_mut().insert(format!(
            "{n_without} rows have no proof, since all of them together would be too long: ask about one with the option entity"
        ));
    }
    Ok(rows)
}

/// That nodes are read as one, where they are.
pub(super) fn tell_merged(context: &Context<'_>, merged: &Merged) {
    let groups = merged.groups();
    if !groups.is_empty() {
        let n_nodes: usize = groups.iter().map(|group| group.parts.len()).sum();
        context.surroundings.notices.borrow_mut().insert(format!(
            "{n_nodes} nodes are read as {} by judgements that they are the same; CALL entities.merged()",
            groups.len()
        ));
    }
}

/// How many entities a proof tells.
fn entities_told(proof: &Proof) -> usize {
    let inner = proof.holdings.iter().filter_map(|held| held.proof.as_deref());
    1 + inner.map(entities_told).sum::<usize>()
}

/// The question that options ask.
fn question(options: &Options<'_>, context: &Context<'_>) -> Result<Question> {
    let regime = match options.get("regime") {
        None => regime("OFAC")?,
        Some(Value::String(name)) => regime(name)?,
        Some(other) => return Err(expected("the name of a regime as regime", other)),
    };
    let mut question = Question::new(regime, options.as_of(context)?);
    question.authorities = options.listed_by()?.unwrap_or(question.authorities);
    question.rules = overridden(&question, options)?;
    question.is_merged = options.truth("merged")?.unwrap_or_default();
    Ok(question)
}

fn regime(name: &str) -> Result<&'static Regime> {
    Regime::find(name).ok_or_else(|| {
        let names = ownership::REGIMES.iter().map(|regime| regime.name);
        let all = names.clone().collect::<Vec<_>>().join(", ");
        Error::invalid(format!("there is no regime '{name}'"))
            .hint(did_you_mean(name, names).unwrap_or_else(|| format!("there are {all}")))
    })
}

/// The rules, with what the options change in them.
fn overridden(question: &Question, options: &Options<'_>) -> Result<Option<Rules>> {
    let threshold = match options.get("threshold") {
        None => None,
        Some(value) => Some(value.as_number().and_then(Bound::of_float).ok_or_else(|| {
            expected("a fraction as threshold", value).hint("50 per cent is 0.5".to_owned())
        })?),
    };
    let [strict, aggregate, control, arrangements] =
        ["strict", "aggregate", "control", "arrangements"].map(|name| options.truth(name));
    let (strict, aggregate, control, arrangements) = (strict?, aggregate?, control?, arrangements?);
    let is_changed = threshold.is_some() || strict.or(aggregate).or(control).or(arrangements).is_some();
    let rules = question.rules.or_else(|| question.regime.rules.last().copied().filter(|_| is_changed));
    Ok(rules.map(|rules| Rules {
        threshold: threshold.unwrap_or(rules.threshold),
        is_strict: strict.unwrap_or(rules.is_strict),
        aggregation: match aggregate {
            Some(true) => ownership::Aggregation::All,
            Some(false) => ownership::Aggregation::EachParty,
            None => rules.aggregation,
        },
        counts_control: control.unwrap_or(rules.counts_control),
        counts_arrangements: arrangements.unwrap_or(rules.counts_arrangements),
        ..rules
    }))
}

/// The facts that would decide, in words; one fact may be missing for many entities.
struct MissingWords<'a> {
    inquiry: &'a Inquiry<'a>,
    facts: MissingFacts,
    words: FxHashMap<Missing, Value>,
}

impl MissingWords<'_> {
    fn of(&mut self, entity: u32) -> Value {
        let in_words = |&fact: &Missing| {
            let words = self.words.entry(fact);
            words.or_insert_with(|| Value::from(self.inquiry.missing_words(fact))).clone()
        };
        Value::List(self.facts.of(entity).iter().map(in_words).collect())
    }
}

/// A number where it is one, null where nothing is known, else what it lies between.
fn share(range: Range) -> Value {
    match range.exact() {
        Some(share) => Value::Float(share.as_float()),
        None if range == Range::some() => Value::Null,
        None => map([
            ("shareMin", Value::Float(range.least.as_float())),
            ("shareMax", Value::Float(range.most.as_float())),
            ("text", Value::from(range.to_string())),
        ]),
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let said = entries.into_iter().filter(|(_, value)| match value {
        Value::Null | Value::Bool(false) => false,
        Value::List(items) => !items.is_empty(),
        _ => true,
    });
    Value::Map(said.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A proof as a map; what is empty or false is left out of it.
fn proof(view: View<'_>, proof: &Proof) -> Value {
    map([
        ("entity", Value::Node(proof.entity)),
        ("parts", Value::List(proof.parts.iter().map(|&part| Value::Node(part)).collect())),
        ("verdict", Value::from(proof.verdict.as_str())),
        ("because", Value::from(because(proof.why))),
        ("share", if proof.holdings.is_empty() { Value::Null } else { share(proof.share) }),
        ("listings", Value::List(proof.listings.iter().map(|ground| listing(view, ground)).collect())),
        ("owners", Value::List(proof.holdings.iter().map(|held| holding(view, held)).collect())),
        ("others", Value::List(proof.others.iter().map(|held| holding(view, held)).collect())),
        ("notes", Value::List(proof.notes.iter().map(|note| Value::from(note.as_str())).collect())),
        ("isCut", Value::Bool(proof.is_cut)),
    ])
}

fn because(why: Why) -> &'static str {
    match why {
        Why::Listed => "it is listed",
        Why::Owned => "blocked owners hold enough",
        Why::Interest => "a blocked owner has an interest in it",
        Why::Controlled => "a blocked party controls it",
        Why::Open => "it depends on what is not known",
        Why::NotEnough => "blocked owners do not hold enough",
        Why::NoBlockedOwner => "no blocked owner is on record",
        Why::NoRule => "no rule is in force",
    }
}

fn listing(view: View<'_>, ground: &Ground) -> Value {
    match ground {
        Ground::Topic(topic) => map([("topic", Value::from(topic.as_str()))]),
        Ground::Relationship { id, authority, holds, is_disputed } => map([
            ("listing", Value::Relationship(*id)),
            ("by", Value::Node(*authority)),
            ("isUncertain", Value::Bool(*holds == Truth::Maybe)),
            ("isDisputed", Value::Bool(*is_disputed)),
            ("sources", sources(view, *id)),
        ]),
    }
}

fn holding(view: View<'_>, held: &Holding) -> Value {
    map([
        ("owner", Value::Node(held.owner)),
        ("relationship", Value::Relationship(held.relationship)),
        ("share", held.share.map_or(Value::Null, share)),
        ("counts", Value::Bool(held.counts)),
        ("isOver", Value::Bool(held.holds == Truth::No)),
        ("isUncertain", Value::Bool(held.holds == Truth::Maybe)),
        ("isDisputed", Value::Bool(held.is_disputed)),
        ("sources", sources(view, held.relationship)),
        ("proof", held.proof.as_deref().map_or(Value::Null, |inner| proof(view, inner))),
    ])
}

fn sources(view: View<'_>, id: RelationshipId) -> Value {
    let sources = view.sources_of(About::Relationship(id)).into_iter();
    Value::List(sources.map(|source| Value::from(view.source_label(source))).collect())
}

fn chain_columns(chain: OwnerChain) -> [Value; 4] {
    let owner = chain.path.nodes.first().map_or(Value::Null, |&owner| Value::Node(owner));
    let hops = i64::try_from(chain.path.relationships.len()).unwrap_or(i64::MAX);
    let shares = chain.shares.into_iter().map(share).collect();
    [owner, Value::Int(hops), Value::List(shares), Value::Path(Arc::new(chain.path))]
}

fn entity(context: &Context<'_>, value: &Value) -> Result<Option<NodeId>> {
    match value {
        Value::Null => Ok(None),
        value => node(context.view.graph(), "entity", value).map(Some),
    }
}

/// A row for each chain of owners, the shorter ones first.
pub(super) fn chain(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let Some(entity) = entity(context, &arguments[0])? else { return Ok(Vec::new()) };
    let options = Options::read("ownership.chain", arguments.get(1), CHAIN_OPTIONS)?;
    let bounds = (options.count("hops", 10)?, options.count("limit", 1000)?);
    let as_of = options.as_of(context)?;
    let found = ownership::chains(context.view, entity, &as_of, bounds, context.surroundings.check)?;
    if found.is_cut {
        context.surroundings.notices.borrow_mut().insert(format!(
            "there are more chains of owners: at most {} of at most {} hops are given (options limit and hops)",
            bounds.1, bounds.0
        ));
    }
    let row = |chain: OwnerChain| {
        let (is_ultimate, is_certain) = (chain.is_ultimate, chain.is_certain);
        chain_columns(chain).into_iter().chain([Value::Bool(is_ultimate), Value::Bool(is_certain)]).collect()
    };
    Ok(found.chains.into_iter().map(row).collect())
}

/// A row for each owner at the end of chains.
pub(super) fn ultimate(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let Some(entity) = entity(context, &arguments[0])? else { return Ok(Vec::new()) };
    let options = Options::read("ownership.ultimate", arguments.get(1), &["asOf"])?;
    let as_of = options.as_of(context)?;
    let found = ownership::ultimate(context.view, entity, &as_of, context.surroundings.check)?;
    let row = |found: ownership::UltimateOwner| {
        chain_columns(found.chain).into_iter().chain([Value::Bool(found.is_in_circle)]).collect()
    };
    Ok(found.into_iter().map(row).collect())
}

/// A row for each set of rules.
pub(super) fn regimes(_: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let row = |regime: &Regime, rules: &Rules| {
        vec![
            Value::from(regime.name),
            text(rules.from),
            text(rules.until),
            Value::Float(rules.threshold.as_float()),
            Value::Bool(rules.is_strict),
            Value::Bool(rules.aggregation == ownership::Aggregation::All),
            Value::Bool(rules.counts_arrangements),
            Value::Bool(rules.counts_control),
            Value::from(rules.source),
        ]
    };
    let rows =
        ownership::REGIMES.iter().flat_map(|regime| regime.rules.iter().map(move |rules| row(regime, rules)));
    Ok(rows.collect())
}

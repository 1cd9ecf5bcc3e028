//! Files of claims.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Input;
use super::cell::{Scalar, Type, read_like, split_list};
use super::draft::{Draft, KeysSeen, Outcome, check_new};
use super::header::Special;
use super::row_claim::{is_same, stance};
use super::table::{Bad, Row, Table};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model::{About, Claim, ClaimId, NodeId, Period, Stance, Value};

/// Reads the files of claims into the draft, which knows all elements.
pub(super) fn read<'t>(draft: &mut Draft<'_>, tables: impl Iterator<Item = &'t Table<'t>>, bad: &mut Bad) {
    let mut tables = tables.peekable();
    if tables.peek().is_none() {
        return;
    }
    let mut known = Known::new(draft.graph, draft.inputs);
    for table in tables {
        table.for_each(bad, |row| read_row(draft, row, &mut known));
    }
}

/// The claims of the case and of the rows before.
struct Known<'g> {
    by_key: FxHashMap<&'g str, ClaimId>,
    seen: KeysSeen<'g>,
    /// Claims without a key that a row has matched.
    matched: FxHashSet<ClaimId>,
}

impl<'g> Known<'g> {
    fn new(graph: &'g Graph, inputs: &'g [Input]) -> Self {
        let by_key = graph.claims().filter_map(|(id, claim)| Some((claim.key.as_deref()?, id))).collect();
        Self { by_key, seen: KeysSeen::new(inputs), matched: FxHashSet::default() }
    }

    /// The claim that a row corrects: with its key, or without a key and the same.
    fn find(&mut self, graph: &'g Graph, claim: &Claim) -> Option<(ClaimId, &'g Claim)> {
        let id = match &claim.key {
            Some(key) => *self.by_key.get(key.as_str())?,
            None => {
                let same = graph.claims_about(claim.about).filter(|(_, before)| is_same(before, claim));
                same.map(|(id, _)| id).find(|id| !self.matched.contains(id))?
            }
        };
        self.matched.insert(id);
        graph.claim(id).map(|claim| (id, claim))
    }
}

fn read_row<'g>(draft: &mut Draft<'g>, row: &Row<'_>, known: &mut Known<'g>) -> Result<()> {
    let key = row.key(Special::Id)?;
    if let Some(key) = &key {
        check_new(row, key, known.by_key.contains_key(key.as_ref()), draft.options)?;
    }
    let mut claim = read_claim(draft, row)?;
    if let Some(key) = &key {
        known.seen.take(row, key)?;
    }
    claim.key = key.map(Cow::into_owned);
    let graph = draft.graph;
    match draft.options.update.then(|| known.find(graph, &claim)).flatten() {
        None => draft.record(claim),
        Some((_, before)) if is_same_row(row, before, &claim) => draft.count(Outcome::Unchanged),
        Some((id, before)) => {
            draft.replace(id, before, claim);
            draft.count(Outcome::Updated);
        }
    }
    Ok(())
}

/// The time of recording counts only where the row gives it.
fn is_same_row(row: &Row<'_>, before: &Claim, claim: &Claim) -> bool {
    match row.cell(Special::Recorded) {
        Some(_) => before == claim,
        None => is_same(before, claim),
    }
}

fn read_claim(draft: &Draft<'_>, row: &Row<'_>) -> Result<Claim> {
    let Some(key) = row.key(Special::About)? else {
        return Err(row.refuse(Special::About, "expected the key of a node or relationship, found nothing"));
    };
    let about = draft.element_of(row, Special::About, &key)?;
    let stance = read_stance(row, about)?;
    let confidence = row.confidence()?;
    let grade = row.grade()?.or(draft.options.grade.filter(|_| confidence.is_none()));
    let source = row.cell(Special::Source).map(|key| draft.source(key)).transpose();
    let (from, to) = read_period(row)?;
    let claim = Claim {
        carriers: read_carriers(draft, row, about)?,
        property: row.cell(Special::Property).map(str::to_owned),
        value: read_value(draft, row, about)?,
        source: source.map_err(|error| row.blame(Special::Source, &error))?.or(draft.source),
        by: row.cell(Special::By).map(|key| draft.node_of(row, Special::By, key)).transpose()?,
        grade,
        confidence,
        from,
        to,
        note: row.text(Special::Note).map(str::to_owned),
        extra: row.properties()?,
        ..draft.claim(about, stance)
    };
    Ok(Claim { recorded_micros: read_recorded(row)?.unwrap_or(claim.recorded_micros), ..claim })
}

fn read_stance(row: &Row<'_>, about: About) -> Result<Stance> {
    let relationship_type = row.cell(Special::Type);
    match (stance(row)?, relationship_type, about) {
        (Some(stance), None, _) => Ok(stance),
        (Some(stance), Some(found), _) => Err(row
            .refuse(
                Special::Type,
                format!("expected nothing for a claim that {}, found '{found}'", stance.as_str()),
            )
            .hint("the column is for what a null result looked for".to_owned())),
        (None, _, About::Relationship(_)) => {
            Err(row
                .refuse(Special::About, "expected the key of a node for a null result, found a relationship"))
        }
        (None, None, _) => {
            let message = "expected the relationship type that was looked for, found nothing";
            Err(row.table.header.index(Special::Type).map_or_else(
                || row.refuse_whole(format!("{message}: there is no column {}", Special::Type.as_str())),
                |_| row.refuse(Special::Type, message),
            ))
        }
        (None, Some(relationship_type), About::Node(_)) => {
            Ok(Stance::NullResult { relationship_type: relationship_type.to_owned() })
        }
    }
}

fn read_carriers(draft: &Draft<'_>, row: &Row<'_>, about: About) -> Result<Option<(NodeId, NodeId)>> {
    let Some(text) = row.cell(Special::Carriers) else { return Ok(None) };
    let keys: Vec<&str> = split_list(text).collect();
    let [one, other] = keys[..] else {
        return Err(
            row.refuse(Special::Carriers, format!("expected two keys with ';' between them, found '{text}'"))
        );
    };
    let carrier = |key| draft.node_of(row, Special::Carriers, key);
    match about {
        About::Node(_) => Ok(Some((carrier(one)?, carrier(other)?))),
        About::Relationship(_) => Err(row.refuse(
            Special::About,
            "expected the key of a place for a claim about two carriers, found a relationship",
        )),
    }
}

/// The value claimed, in the type of the stored one where it can be.
fn read_value(draft: &Draft<'_>, row: &Row<'_>, about: About) -> Result<Option<Value>> {
    let Some(text) = row.text(Special::Value) else { return Ok(None) };
    let Some(property) = row.cell(Special::Property) else {
        return Err(
            row.refuse(Special::Value, format!("expected nothing without a :PROPERTY, found '{text}'"))
        );
    };
    match row.typed(Special::Value)? {
        Some(value) => Ok(Some(value)),
        None => Ok(Some(read_like(draft.property(about, property), text))),
    }
}

fn read_period(row: &Row<'_>) -> Result<(Option<Value>, Option<Value>)> {
    let side = |special| read_time(row, special);
    let (from, to) = (side(Special::From)?, side(Special::To)?);
    let blame = |special: Special, error: &Error| row.blame(special, error);
    Period::read(from.as_ref(), None).map_err(|error| blame(Special::From, &error))?;
    Period::read(from.as_ref(), to.as_ref()).map_err(|error| blame(Special::To, &error))?;
    Ok((from, to))
}

fn read_time(row: &Row<'_>, special: Special) -> Result<Option<Value>> {
    if let Some(value) = row.typed(special)? {
        return Ok(Some(value));
    }
    let Some(text) = row.cell(special) else { return Ok(None) };
    Type::one(Scalar::Time).read(text).map_err(|error| row.blame(special, &error))
}

fn read_recorded(row: &Row<'_>) -> Result<Option<i64>> {
    match read_time(row, Special::Recorded)? {
        None => Ok(None),
        Some(Value::Date(date)) => Ok(Some(date.first_instant())),
        Some(Value::DateTime(time)) => Ok(Some(time.micros())),
        Some(other) => {
            Err(row.refuse(Special::Recorded, format!("expected a date or a datetime, found {other}")))
        }
    }
}

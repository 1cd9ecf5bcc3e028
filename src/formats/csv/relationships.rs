//! Files of relationships.

use rustc_hash::FxHashMap;

use super::draft::{Draft, KeysSeen, Outcome, check_new};
use super::header::Special;
use super::row_claim::RowClaim;
use super::table::{Bad, Row, Table};
use crate::error::Result;
use crate::graph::Graph;
use crate::model::{About, NodeId, Period, Properties, RelationshipData, RelationshipId, Value};

/// Reads the files of relationships into the draft, which knows all nodes.
pub(super) fn read<'t>(draft: &mut Draft<'_>, tables: impl Iterator<Item = &'t Table<'t>>, bad: &mut Bad) {
    let mut seen = KeysSeen::new(draft.inputs);
    let mut keyless = Keyless::default();
    for table in tables {
        table.for_each(bad, |row| read_row(draft, row, &mut seen, &mut keyless));
    }
}

fn read_row(
    draft: &mut Draft<'_>,
    row: &Row<'_>,
    seen: &mut KeysSeen<'_>,
    keyless: &mut Keyless,
) -> Result<()> {
    let key = row.key(Special::Id)?;
    let existing = key.as_deref().and_then(|key| draft.graph.relationship_by_key(key));
    if let Some(key) = &key {
        check_new(row, key, existing.is_some(), draft.options)?;
    }
    let node = |special, key: &str| draft.node_of(row, special, key);
    let (start, end) = (read_end(row, Special::Start, node)?, read_end(row, Special::End, node)?);
    let kind = read_type(draft, row, existing)?;
    let mut properties = row.properties()?;
    let claim = RowClaim::read(row, draft.options, &mut properties)?;
    if let Some(key) = claim.as_ref().and_then(|claim| claim.source.as_deref()) {
        draft.source(key).map_err(|error| row.blame(Special::Source, &error))?;
    }
    let new = RelationshipData { key: key.as_deref().map(str::to_owned), kind, start, end, properties };
    let merged = match existing {
        Some(id) => {
            check_same_ends(draft, row, id, &new)?;
            let mut merged =
                draft.graph.relationship_data(id).map(|data| data.properties).unwrap_or_default();
            merged.extend(new.properties.clone());
            Some(merged)
        }
        None => None,
    };
    check(draft.graph, row, merged.as_ref().unwrap_or(&new.properties))?;
    if let Some(key) = &key {
        seen.take(row, key)?;
    }
    let same = if draft.options.update && key.is_none() { keyless.take(draft.graph, &new) } else { None };
    let (id, outcome) = match existing.or(same) {
        None => (draft.create_relationship(new), Outcome::New),
        Some(id) => match change(draft, id, &new.properties) {
            true => (id, Outcome::Updated),
            false => (id, Outcome::Unchanged),
        },
    };
    let about = About::Relationship(id);
    let claimed = claim.map(|claim| claim.record(draft, about, outcome == Outcome::New)).transpose()?;
    draft.count(if outcome == Outcome::Unchanged { claimed.unwrap_or(outcome) } else { outcome });
    Ok(())
}

/// Reads an end; `node` finds the node of a key.
pub(super) fn read_end(
    row: &Row<'_>,
    special: Special,
    node: impl Fn(Special, &str) -> Result<NodeId>,
) -> Result<NodeId> {
    match row.key(special)? {
        Some(key) => node(special, &key),
        None => Err(row.refuse(special, "expected the key of a node, found nothing")),
    }
}

fn read_type(draft: &Draft<'_>, row: &Row<'_>, existing: Option<RelationshipId>) -> Result<String> {
    let stored =
        existing.and_then(|id| draft.graph.relationship(id)).map(|stored| draft.graph.text(stored.kind));
    read_kind(row, stored.or(draft.options.kind.as_deref()))
}

/// The type of a row, or else the given one.
pub(super) fn read_kind(row: &Row<'_>, or: Option<&str>) -> Result<String> {
    row.cell(Special::Type).or(or).map(str::to_owned).ok_or_else(|| {
        row.refuse(Special::Type, "expected a relationship type, found nothing")
            .hint("--type gives all rows a type".to_owned())
    })
}

fn check_same_ends(
    draft: &Draft<'_>,
    row: &Row<'_>,
    id: RelationshipId,
    new: &RelationshipData,
) -> Result<()> {
    let Some(existing) = draft.graph.relationship(id) else { return Ok(()) };
    let key = |id| draft.graph.key_of(id);
    let kind = draft.graph.text(existing.kind);
    let differs = |special, stored: &str| {
        Err(row.refuse(special, format!("the relationship in the case has '{stored}'")).hint(
            "an update cannot change type or ends: delete the relationship and import it again".to_owned(),
        ))
    };
    if existing.start != new.start {
        differs(Special::Start, &key(existing.start))
    } else if existing.end != new.end {
        differs(Special::End, &key(existing.end))
    } else if kind != new.kind {
        differs(Special::Type, kind)
    } else {
        Ok(())
    }
}

/// Checks the relationship as it will be against what the domain knows.
pub(super) fn check(graph: &Graph, row: &Row<'_>, properties: &Properties) -> Result<()> {
    let check = |properties: &Properties| graph.schema().check_relationship(properties);
    check(properties).map_err(|error| {
        // To blame is the property that is wrong by itself, if one is.
        let is_wrong = |name: &&String| {
            check(&Properties::from([((*name).clone(), properties[*name].clone())])).is_err()
        };
        row.blame_property(properties.keys().find(is_wrong).map(String::as_str), &error)
    })
}

/// Gives properties of a relationship of the graph other values; says whether
/// anything differs.
///
/// Each step must leave a period that does not end before it begins, so the order
/// of `from` and `to` matters where both change.
fn change(draft: &mut Draft<'_>, id: RelationshipId, properties: &Properties) -> bool {
    let about = About::Relationship(id);
    let differs = |name: &str, value| draft.property(about, name) != Some(value);
    let changes: Vec<_> = properties.iter().filter(|(name, value)| differs(name, value)).collect();
    let mut steps: Vec<(&str, Option<&Value>)> =
        changes.iter().map(|(name, value)| (name.as_str(), Some(*value))).collect();
    if let (Some(from), Some(to)) = (position(&steps, "from"), position(&steps, "to")) {
        let reads = |from: Option<&Value>, to: Option<&Value>| Period::read(from, to).is_ok();
        if reads(steps[from].1, draft.property(about, "to")) {
            // From first, as the names are ordered.
        } else if reads(draft.property(about, "from"), steps[to].1) {
            steps.swap(from, to);
        } else {
            // From dates to integers or back: there is no order.
            steps.insert(from, ("to", None));
        }
    }
    for &(name, after) in &steps {
        draft.set_relationship_property(id, name, after.cloned());
    }
    !steps.is_empty()
}

fn position(steps: &[(&str, Option<&Value>)], name: &str) -> Option<usize> {
    steps.iter().position(|(step, _)| *step == name)
}

/// The case's relationships without a key, each to be matched by one row at most.
#[derive(Default)]
struct Keyless {
    by_ends: Option<FxHashMap<(NodeId, NodeId), Vec<RelationshipId>>>,
}

impl Keyless {
    /// Takes a relationship that has all that the row says; of several, the one
    /// with the least besides.
    fn take(&mut self, graph: &Graph, new: &RelationshipData) -> Option<RelationshipId> {
        let by_ends = self.by_ends.get_or_insert_with(|| index(graph));
        let between = by_ends.get_mut(&(new.start, new.end))?;
        let surplus = |id: RelationshipId| {
            let data = graph.relationship_data(id)?;
            let has_all = new.properties.iter().all(|(name, value)| data.properties.get(name) == Some(value));
            (data.kind == new.kind && has_all).then(|| data.properties.len() - new.properties.len())
        };
        let fitting = between.iter().enumerate().filter_map(|(i, &id)| Some((surplus(id)?, i)));
        let (_, at) = fitting.min()?;
        Some(between.remove(at))
    }
}

fn index(graph: &Graph) -> FxHashMap<(NodeId, NodeId), Vec<RelationshipId>> {
    let mut by_ends: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for (id, relationship) in graph.relationships().filter(|(_, relationship)| relationship.key.is_none()) {
        by_ends.entry((relationship.start, relationship.end)).or_default().push(id);
    }
    by_ends
}

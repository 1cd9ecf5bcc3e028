//! Relationships of a type of which a node has one at a time, such as the state whose flag a ship flies.

use std::collections::{BTreeMap, BTreeSet};

use super::values::Rules;
use super::{Conflict, Kind, Side};
use crate::analysis::called;
use crate::analysis::entities::Merged;
use crate::error::Result;
use crate::graph::View;
use crate::model::properties::Values;
use crate::model::{About, Instant, NodeId, Period, RelationshipId};

/// A relationship that a node has, with the entity at its other end.
type Held = (RelationshipId, NodeId, Period);

/// A conflict for each node and type that go to several ends where one can be, at times that overlap.
///
/// # Complexity
/// O(R log R) for R relationships where there is any of these types, plus h² for h of one type at a node.
pub(super) fn of_view(
    view: View<'_>,
    rules: &Rules,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<Conflict>> {
    let types: BTreeMap<_, _> =
        rules.types().filter_map(|(kind, values)| Some((view.graph().symbol(kind)?, values))).collect();
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let merged = Merged::of_view(view, check)?;
    let mut by_start: BTreeMap<_, Vec<Held>> = BTreeMap::new();
    for (count, id) in view.relationships().enumerate() {
        if count % 65_536 == 0 {
            check()?;
        }
        let Some(relationship) = view.relationship(id) else { continue };
        if types.contains_key(&relationship.kind) {
            let held = (id, merged.entity_of(relationship.end), relationship.period);
            by_start.entry((relationship.start, relationship.kind)).or_default().push(held);
        }
    }
    let conflicts = by_start.into_iter().filter_map(|((start, kind), held)| {
        let clashing = clashing(&held, types[&kind]);
        let conflict = || conflict(view, start, view.graph().text(kind), types[&kind], &clashing);
        (!clashing.is_empty()).then(conflict)
    });
    Ok(conflicts.collect())
}

fn clashing(held: &[Held], values: Values) -> Vec<Held> {
    let mut found = BTreeSet::new();
    for (i, a) in held.iter().enumerate() {
        for (j, b) in held.iter().enumerate().skip(i + 1) {
            if a.1 != b.1 && (values == Values::One || overlap(a.2, b.2)) {
                found.extend([i, j]);
            }
        }
    }
    found.into_iter().map(|at| held[at]).collect()
}

/// Whether both held at some instant, whatever the dates mean: the one cannot have ended before the other
/// began. One that ends on a day, and another that begins on it, follow each other.
fn overlap(a: Period, b: Period) -> bool {
    let is_one_clock = a.clock().is_none() || b.clock().is_none() || a.clock() == b.clock();
    let can_follow = |first: Period, second: Period| {
        let (end, begin) = (first.certain().hi, second.certain().lo);
        end != Instant::MAX && begin != Instant::MIN && end <= begin
    };
    is_one_clock && !can_follow(a, b) && !can_follow(b, a)
}

fn conflict(view: View<'_>, start: NodeId, kind: &str, values: Values, held: &[Held]) -> Conflict {
    let mut by_end: BTreeMap<NodeId, Vec<RelationshipId>> = BTreeMap::new();
    for (id, end, _) in held {
        by_end.entry(*end).or_default().push(*id);
    }
    let supporting = |id: RelationshipId| {
        let claims = view.claims_about(About::Relationship(id));
        claims.filter(|(_, claim)| claim.supports_element()).map(|(id, _)| id)
    };
    let side = |(end, ids): (NodeId, Vec<RelationshipId>)| Side {
        says: called(view, end),
        value: None,
        is_stored: true,
        claims: ids.iter().flat_map(|&id| supporting(id)).collect(),
        elements: ids.into_iter().map(About::Relationship).collect(),
    };
    let mut sides: Vec<Side> = by_end.into_iter().map(side).collect();
    sides.sort_by_key(|side| side.elements.first().copied());
    Conflict {
        kind: Kind::Value,
        about: About::Node(start),
        subject: Some(kind.to_owned()),
        sides,
        why: match values {
            Values::One => "it has one such relationship".to_owned(),
            _ => "it has one such relationship at a time, and their periods overlap".to_owned(),
        },
        marks: BTreeSet::new(),
    }
}

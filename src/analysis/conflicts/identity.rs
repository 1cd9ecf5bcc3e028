//! Entities that are called the same and different, by themselves or through others, and those read as
//! one of which the records differ where they cannot.

use std::collections::BTreeSet;

use super::values::{Recorded, Rules, of_parts};
use super::{Conflict, Kind, Side};
use crate::analysis::called;
use crate::analysis::entities::{Judged, Judgements};
use crate::error::Result;
use crate::graph::View;
use crate::model::{About, ClaimId, RelationshipId};

/// A conflict for each pair that is judged different, and the same by a way over others; and for each
/// property of which the parts of an entity have different values where one can be.
pub(super) fn of_view(
    view: View<'_>,
    rules: &Rules,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<Conflict>> {
    let judgements = Judgements::of_view(view, check)?;
    let mut found = Vec::new();
    for judged in &judgements.different {
        let (a, b) = judged.pair;
        found.extend(judgements.way(a, b).map(|way| conflict(view, judged, &way)));
    }
    for group in judgements.groups(view) {
        let Some(&entity) = group.parts.first() else { continue };
        for (property, sides) in of_parts(view, &group.parts, rules) {
            found.push(Conflict {
                kind: Kind::Identity,
                about: About::Node(entity),
                subject: Some(property),
                sides: sides.into_iter().map(of_record).collect(),
                why: "they are judged to be one entity, which has one value".to_owned(),
                marks: BTreeSet::new(),
            });
        }
    }
    Ok(found)
}

/// The nodes whose records give a value.
fn of_record((position, nodes): Recorded) -> Side {
    Side {
        says: position.value.as_str().map_or_else(|| position.value.to_string(), str::to_owned),
        value: Some(position.value),
        is_stored: true,
        claims: Vec::new(),
        elements: nodes.into_iter().map(About::Node).collect(),
    }
}

fn conflict(view: View<'_>, judged: &Judged, way: &[RelationshipId]) -> Conflict {
    let pair = |id: RelationshipId| {
        view.graph()
            .relationship(id)
            .map(|r| format!("{} is {}", called(view, r.start), called(view, r.end)))
            .unwrap_or_default()
    };
    let supporting = |id: RelationshipId| -> Vec<ClaimId> {
        let claims = view.claims_about(About::Relationship(id));
        claims.filter(|(_, claim)| claim.supports_element()).map(|(id, _)| id).collect()
    };
    let side = |says: &str, relationships: &[RelationshipId]| Side {
        says: says.to_owned(),
        value: None,
        is_stored: true,
        claims: relationships.iter().flat_map(|&id| supporting(id)).collect(),
        elements: relationships.iter().map(|&id| About::Relationship(id)).collect(),
    };
    let steps: Vec<String> = way.iter().map(|&id| pair(id)).collect();
    let [a, b] = [judged.pair.0, judged.pair.1].map(|node| called(view, node));
    Conflict {
        kind: Kind::Identity,
        about: About::Relationship(judged.relationship),
        subject: None,
        sides: vec![side("the same", way), side("different", &[judged.relationship])],
        why: format!("{}, but {a} is not {b}", steps.join(", ")),
        marks: BTreeSet::new(),
    }
}

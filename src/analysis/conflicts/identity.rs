//! Entities that are called the same and different, by themselves or through others.

use std::collections::BTreeSet;

use super::{Conflict, Kind, Side};
use crate::analysis::called;
use crate::analysis::entities::{Judged, Judgements};
use crate::error::Result;
use crate::graph::View;
use crate::model::{About, ClaimId, RelationshipId};

/// A conflict for each pair that is judged different, and the same by a way over others.
pub(super) fn of_view(view: View<'_>, check: &dyn Fn() -> Result<()>) -> Result<Vec<Conflict>> {
    let judgements = Judgements::of_view(view, check)?;
    let mut found = Vec::new();
    for judged in &judgements.different {
        let (a, b) = judged.pair;
        found.extend(judgements.way(a, b).map(|way| conflict(view, judged, &way)));
    }
    Ok(found)
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

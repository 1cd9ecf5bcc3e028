//! Claims that a researcher tied together: those with one word in their column `conflict`.

use std::collections::{BTreeMap, BTreeSet};

use super::{ByElement, Conflict, Kind, Side};
use crate::analysis::{called, hop_words};
use crate::graph::View;
use crate::model::{About, Claim, ClaimId, Stance, Value};

/// The column of a claims file.
const COLUMN: &str = "conflict";

/// The words of a claim, with `;` between them; a claim on a confidential source shows none.
pub(super) fn marks(view: View<'_>, claim: &Claim) -> Vec<String> {
    let written = claim.extra.get(COLUMN).filter(|_| !view.is_claim_confidential(claim));
    let items = match written {
        Some(Value::List(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    let words = items.iter().filter_map(Value::as_str).flat_map(|text| text.split(';'));
    words.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What a side of a marked conflict is: an element, a property of it, a stance and a value.
type Said = (About, Option<String>, &'static str, String);

/// A conflict for each word.
pub(super) fn of_claims(view: View<'_>, claims: &ByElement<'_>) -> Vec<Conflict> {
    let mut by_mark: BTreeMap<String, BTreeMap<Said, Vec<ClaimId>>> = BTreeMap::new();
    for &(id, claim) in claims.values().flatten() {
        for mark in marks(view, claim) {
            by_mark.entry(mark).or_default().entry(said(claim)).or_default().push(id);
        }
    }
    let conflict = |(mark, sides): (String, BTreeMap<Said, Vec<ClaimId>>)| {
        let mut sides: Vec<(Said, Vec<ClaimId>)> = sides.into_iter().collect();
        sides.sort_by_key(|(_, claims)| claims.first().copied());
        let about = sides.first().map(|((about, ..), _)| *about)?;
        let side = |(said, claims): (Said, Vec<ClaimId>)| Side {
            says: in_words(view, &said),
            value: None,
            is_stored: false,
            claims,
            elements: vec![said.0],
        };
        Some(Conflict {
            kind: Kind::Marked,
            about,
            subject: Some(mark),
            sides: sides.into_iter().map(side).collect(),
            why: "tied together by whoever recorded the claims".to_owned(),
            marks: BTreeSet::new(),
        })
    };
    by_mark.into_iter().filter_map(conflict).collect()
}

fn said(claim: &Claim) -> Said {
    let value = match &claim.value {
        None => String::new(),
        Some(Value::String(text)) => text.to_string(),
        Some(value) => value.to_string(),
    };
    let stance = match &claim.stance {
        Stance::Supports => "says so",
        Stance::Disputes => "disputed",
        Stance::NullResult { .. } => "looked for, not found",
    };
    (claim.about, claim.property.clone(), stance, value)
}

/// `ANGARA: flag = KP`.
fn in_words(view: View<'_>, (about, property, stance, value): &Said) -> String {
    let element = match about {
        About::Node(id) => called(view, *id),
        About::Relationship(id) => hop_words(view, *id),
    };
    match (property, *stance) {
        (Some(property), "says so") => format!("{element}: {property} = {value}"),
        (Some(property), stance) => format!("{element}: {property} {stance}"),
        (None, stance) => format!("{element}: {stance}"),
    }
}

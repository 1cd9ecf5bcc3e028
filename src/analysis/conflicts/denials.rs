//! Disputes of what others say, and null results against what is recorded.

use std::collections::{BTreeMap, BTreeSet};

use super::{Conflict, Kind, Side, relationships_at};
use crate::graph::View;
use crate::model::{About, Claim, ClaimId, NodeId, Period, RelationshipId, Stance, TypeKind, Value};

/// What of an element is disputed: the whole, a property, or a joint of two carriers at a place.
type Part = (Option<String>, Option<(NodeId, NodeId)>);

/// Claims with their ids.
type Claims<'a> = Vec<(ClaimId, &'a Claim)>;

/// A conflict for each part of an element that is disputed.
pub(super) fn of_element(view: View<'_>, about: About, claims: &[(ClaimId, &Claim)]) -> Vec<Conflict> {
    let mut parts: BTreeMap<Part, (Claims<'_>, Claims<'_>)> = BTreeMap::new();
    for &(id, claim) in claims {
        let part = parts.entry((claim.property.clone(), claim.carriers)).or_default();
        match claim.stance {
            Stance::Supports => part.0.push((id, claim)),
            Stance::Disputes => part.1.push((id, claim)),
            Stance::NullResult { .. } => {}
        }
    }
    let disputed = parts.into_iter().filter(|(_, (_, against))| !against.is_empty());
    disputed.map(|(part, (by, against))| denial(view, about, part, &by, &against)).collect()
}

fn denial(
    view: View<'_>,
    about: About,
    (property, carriers): Part,
    by: &[(ClaimId, &Claim)],
    against: &[(ClaimId, &Claim)],
) -> Conflict {
    let ids = |claims: &[(ClaimId, &Claim)]| claims.iter().map(|(id, _)| *id).collect();
    // Who denies one value of a property says nothing of others. What a confidential source says must
    // not show in whether it stands here.
    let denied = value_of(view, against);
    let is_denied = |claim: &Claim| {
        denied.is_none()
            || claim.value.is_none()
            || claim.value == denied
            || view.is_claim_confidential(claim)
    };
    let by: Vec<(ClaimId, &Claim)> = by.iter().filter(|(_, claim)| is_denied(claim)).copied().collect();
    let is_stored = match (&property, carriers, about) {
        (None, None, _) => true,
        (Some(name), _, About::Node(id)) => !view.node_property(id, name).is_null(),
        (Some(name), _, About::Relationship(id)) => !view.relationship_property(id, name).is_null(),
        (None, Some(_), _) => false,
    };
    // Of which carriers a joint is only confidential claims say is not told.
    let is_open = |claims: &[(ClaimId, &Claim)]| claims.iter().any(|(_, c)| !view.is_claim_confidential(c));
    let says = match carriers {
        None => "it is so".to_owned(),
        Some(_) if !is_open(&by) && !is_open(against) => {
            "the cargo of one carrier went on with another".to_owned()
        }
        Some((a, b)) => {
            let [a, b] = [a, b].map(|carrier| crate::analysis::called(view, carrier));
            format!("the cargo of {a} went on with {b}")
        }
    };
    let side = |says: String, value: Option<Value>, is_stored, claims| Side {
        says,
        value,
        is_stored,
        claims,
        elements: Vec::new(),
    };
    let denial = match denied {
        Some(Value::String(text)) => format!("it is not: {text}"),
        Some(value) => format!("it is not: {value}"),
        None => "it is not so".to_owned(),
    };
    Conflict {
        kind: Kind::Denial,
        about,
        subject: property,
        sides: vec![
            side(says, value_of(view, &by), is_stored, ids(&by)),
            side(denial, None, false, ids(against)),
        ],
        why: because(view, about, &by, against),
        marks: BTreeSet::new(),
    }
}

/// The value that claims give, where they all give the same and it may be shown.
fn value_of(view: View<'_>, claims: &[(ClaimId, &Claim)]) -> Option<Value> {
    let open = claims.iter().filter(|(_, claim)| !view.is_claim_confidential(claim));
    let mut values = open.map(|(_, claim)| claim.value.clone());
    let first = values.next()??;
    values.all(|value| value.as_ref() == Some(&first)).then_some(first)
}

fn because(view: View<'_>, about: About, by: &[(ClaimId, &Claim)], against: &[(ClaimId, &Claim)]) -> String {
    let ends = match about {
        About::Relationship(id) => {
            view.graph().relationship(id).map_or_else(Vec::new, |r| vec![r.start, r.end])
        }
        About::Node(id) => vec![id],
    };
    let is_own = |(_, claim): &&(ClaimId, &Claim)| {
        claim.by.is_some_and(|by| ends.contains(&by)) && !view.is_claim_confidential(claim)
    };
    let n_own = against.iter().filter(is_own).count();
    let mut parts = Vec::new();
    if by.is_empty() {
        parts.push("nobody is on record as saying so");
    }
    if n_own == against.len() {
        parts.push("denied only by whom it is about, who has an interest in denying it");
    } else if n_own > 0 {
        parts.push("denied also by whom it is about, who has an interest in denying it");
    } else {
        parts.push("denied");
    }
    parts.join("; ")
}

/// The null results at a place against the relationships that may fall into their period.
pub(super) fn null_results(view: View<'_>, about: About, claims: &[(ClaimId, &Claim)]) -> Vec<Conflict> {
    let About::Node(place) = about else { return Vec::new() };
    let mut found = Vec::new();
    for &(id, claim) in claims {
        let Stance::NullResult { relationship_type } = &claim.stance else { continue };
        // What was looked for and when is what it says, and what stands against it would tell.
        if view.is_claim_confidential(claim) {
            continue;
        }
        let looked = Period::read(claim.from.as_ref(), claim.to.as_ref()).unwrap_or_default();
        let met: Vec<(RelationshipId, bool)> = relationships_at(view, place, relationship_type)
            .into_iter()
            .filter_map(|relationship| Some((relationship, meets(view, relationship, looked)?)))
            .collect();
        if !met.is_empty() {
            found.push(against(view, place, (id, relationship_type), &met));
        }
    }
    found
}

/// Whether a relationship can only have been in the period; none where it cannot have been there.
fn meets(view: View<'_>, id: RelationshipId, looked: Period) -> Option<bool> {
    let relationship = view.relationship(id)?;
    let kind = view.graph().schema().kind(view.graph().text(relationship.kind));
    if let (Some(a), Some(b)) = (relationship.period.clock(), looked.clock())
        && a != b
    {
        return None;
    }
    let (when, looked_in) = (relationship.period.possible(kind), looked.possible(TypeKind::Event));
    (!when.intersect(looked_in).is_empty()).then(|| !looked.is_undated() && looked_in.contains(when))
}

fn against(
    view: View<'_>,
    place: NodeId,
    (null, relationship_type): (ClaimId, &str),
    met: &[(RelationshipId, bool)],
) -> Conflict {
    let asserting = |&(id, _): &(RelationshipId, bool)| {
        let claims = view.claims_about(About::Relationship(id));
        claims.filter(|(_, claim)| claim.supports_element()).map(|(id, _)| id).collect::<Vec<_>>()
    };
    let n_within = met.iter().filter(|(_, is_within)| *is_within).count();
    let why = match (n_within, met.len()) {
        (0, 1) => "it may lie in the period and need not: both can hold".to_owned(),
        (0, n) => format!("{n} may lie in the period, none has to: both can hold"),
        (within, n) => format!("{within} of {n} can only lie in the period"),
    };
    Conflict {
        kind: Kind::NullResult,
        about: About::Node(place),
        subject: Some(relationship_type.to_owned()),
        sides: vec![
            Side {
                says: "recorded".to_owned(),
                value: None,
                is_stored: true,
                claims: met.iter().flat_map(asserting).collect(),
                elements: met.iter().map(|(id, _)| About::Relationship(*id)).collect(),
            },
            Side {
                says: "looked for, not found".to_owned(),
                value: None,
                is_stored: false,
                claims: vec![null],
                elements: Vec::new(),
            },
        ],
        why,
        marks: BTreeSet::new(),
    }
}

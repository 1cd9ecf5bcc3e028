//! What disputes do to a fact: as long as somebody disputes it, it is not known.
//!
//! Two kinds of dispute do not count. A denial by one of the fact's own ends, who have an interest in
//! denying it; and a claim that gives another period for it, as of an instant that lies in both. What
//! does not hold by its own period is not there, whatever others say: a lens would not show it either.

use super::as_of::{AsOf, Truth};
use crate::graph::View;
use crate::model::{About, Period, RelationshipId};

/// Whether a relationship holds by its own period, and whether a dispute leaves open that it does.
#[must_use]
pub(super) fn judged(view: View<'_>, id: RelationshipId, as_of: &AsOf) -> (Truth, bool) {
    let Some(relationship) = view.relationship(id) else { return (Truth::No, false) };
    let holds = as_of.holds(relationship.period);
    let ends = [relationship.start, relationship.end];
    let mut disputes = view
        .claims_about(About::Relationship(id))
        .map(|(_, claim)| claim)
        .filter(|claim| claim.disputes_element() && !claim.by.is_some_and(|by| ends.contains(&by)));
    let leaves_open = disputes.any(|claim| {
        let period = Period::read(claim.from.as_ref(), claim.to.as_ref()).unwrap_or_default();
        period.is_undated() || as_of.holds(period) != holds
    });
    (holds, leaves_open && holds > Truth::No)
}

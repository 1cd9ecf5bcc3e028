//! What disputes do to a fact: as long as somebody disputes it, it is not known.
//!
//! Two kinds of dispute do not count. A denial by one of the fact's own ends, who have an interest in
//! denying it; and a claim that gives another period for it, as of an instant at which both periods say
//! the same. As of one at which they differ, it is not known whether the fact held.

use super::as_of::{AsOf, Truth};
use crate::graph::View;
use crate::model::{About, Period, RelationshipId};

/// Whether a relationship holds by its own period, and whether a dispute leaves that open.
#[must_use]
pub(super) fn judged(view: View<'_>, id: RelationshipId, as_of: &AsOf) -> (Truth, bool) {
    let Some(relationship) = view.relationship(id) else { return (Truth::No, false) };
    let holds = as_of.holds(relationship.period);
    let ends = [relationship.start, relationship.end];
    let disputes = view
        .claims_about(About::Relationship(id))
        .map(|(_, claim)| claim)
        .filter(|claim| claim.disputes_element() && !claim.by.is_some_and(|by| ends.contains(&by)));
    let mut is_disputed = false;
    let mut judged = holds;
    for claim in disputes {
        let period = Period::read(claim.from.as_ref(), claim.to.as_ref()).unwrap_or_default();
        if period.is_undated() {
            is_disputed |= holds > Truth::No;
        } else if as_of.holds(period) != holds {
            is_disputed = true;
            judged = Truth::Maybe;
        }
    }
    (judged, is_disputed)
}

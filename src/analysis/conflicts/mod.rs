//! Facts that sources dispute, each with what every side says and on what.
//!
//! | kind | what it is |
//! |---|---|
//! | value | claims, or a claim and the record, give a property values of which at most one can be true |
//! | denial | claims dispute an element, a property or a joint |
//! | null result | somebody looked for relationships and found none, in a period that some are recorded in |
//! | not comparable | counts that differ, and whose windows or units differ too, so that all can hold |
//! | identity | two entities are called the same and different, by themselves or through others; or are
//! |          | read as one and have different values where one can be |
//! | marked | claims that a researcher tied together with one word in the column `conflict` |
//!
//! Which properties have one value is said in [`crate::model::properties`].
//! Nothing here decides who is right: a conflict names the sides, and a denial by an interested
//! party is no contradiction in the data.
//!
//! | module | knows |
//! |---|---|
//! | `position` | what a claim says of a property, read so that it can be compared |
//! | `values` | values and counts |
//! | `denials` | disputes, and null results against what is recorded |
//! | `identity` | same and different |
//! | `relationships` | relationships of which there is one at a time |
//! | `marked` | what researchers tied together |

mod denials;
mod identity;
mod marked;
mod position;
mod relationships;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::graph::{Direction, View};
use crate::model::{About, Claim, ClaimId, NodeId, Value};

/// What kind of conflict it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Values of which at most one can be true.
    Value,
    /// Somebody says that it is not so.
    Denial,
    /// Somebody looked, and found none.
    NullResult,
    /// Counts of different windows or units.
    NotComparable,
    /// The same and different.
    Identity,
    /// Tied together by a researcher.
    Marked,
}

impl Kind {
    /// All kinds, in the order in which they are told.
    pub const ALL: &'static [Self] =
        &[Self::Value, Self::Denial, Self::NullResult, Self::NotComparable, Self::Identity, Self::Marked];

    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Denial => "denial",
            Self::NullResult => "null result",
            Self::NotComparable => "not comparable",
            Self::Identity => "identity",
            Self::Marked => "marked",
        }
    }
}

/// One of the sides of a conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it says, in words.
    pub says: String,
    /// The value that it gives; none where it gives none, or one that has to stay hidden.
    pub value: Option<Value>,
    /// Whether the record itself stands on this side: the stored value, or the element as it is there.
    pub is_stored: bool,
    /// Its claims, in the order of recording.
    pub claims: Vec<ClaimId>,
    /// The elements that it speaks of, where they are others than the conflict's own.
    pub elements: Vec<About>,
}

/// A fact that is disputed.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Its kind.
    pub kind: Kind,
    /// The element that it is about.
    pub about: About,
    /// The property, or for a null result the relationship type that was looked for; for a marked
    /// conflict its mark.
    pub subject: Option<String>,
    /// At least one.
    pub sides: Vec<Side>,
    /// Why it is a conflict, or why it is none.
    pub why: String,
    /// The words by which researchers tied its claims to others.
    pub marks: BTreeSet<String>,
}

impl Conflict {
    /// All claims of all sides.
    pub fn claims(&self) -> impl Iterator<Item = ClaimId> + '_ {
        self.sides.iter().flat_map(|side| side.claims.iter().copied())
    }

    /// Whether it is about a node, or about a relationship of it.
    fn touches(&self, view: View<'_>, node: NodeId) -> bool {
        let elements = self.sides.iter().flat_map(|side| side.elements.iter());
        std::iter::once(&self.about).chain(elements).any(|about| match about {
            About::Node(id) => *id == node,
            About::Relationship(id) => view
                .graph()
                .relationship(*id)
                .is_some_and(|relationship| relationship.start == node || relationship.end == node),
        })
    }
}

/// The claims about each element that shows.
type ByElement<'a> = BTreeMap<About, Vec<(ClaimId, &'a Claim)>>;

/// Finds what sources dispute, as a view shows it: all of it, or what touches one node.
///
/// By kind, and within a kind by element and property.
///
/// # Errors
/// `Invalid` for a rule of the case that cannot be read, and what `check` gives, which is asked now
/// and then.
///
/// # Complexity
/// O(C log C + p² + R) for C claims, p claims of one property of one element, and R relationships at
/// places of null results.
pub fn conflicts(
    view: View<'_>,
    entity: Option<NodeId>,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<Conflict>> {
    let claims = by_element(view);
    let rules = values::Rules::of_case(view)?;
    let mut found = Vec::new();
    for (&about, claims) in &claims {
        check()?;
        found.extend(values::of_element(view, about, claims, &rules));
        found.extend(denials::of_element(view, about, claims));
        found.extend(denials::null_results(view, about, claims));
    }
    found.extend(relationships::of_view(view, &rules, check)?);
    found.extend(identity::of_view(view, &rules, check)?);
    found.extend(marked::of_claims(view, &claims));
    for conflict in &mut found {
        conflict.marks = conflict
            .claims()
            .filter_map(|id| view.claim(id))
            .flat_map(|claim| marked::marks(view, claim))
            .collect();
    }
    found.retain(|conflict| entity.is_none_or(|entity| conflict.touches(view, entity)));
    found.sort_by(|a, b| (a.kind, a.about, &a.subject).cmp(&(b.kind, b.about, &b.subject)));
    Ok(found)
}

/// The properties of which nodes that are read as one have different values where one can be.
///
/// # Errors
/// `Invalid` for a rule of the case that cannot be read.
pub fn disagreeing(view: View<'_>, parts: &[NodeId]) -> Result<Vec<String>> {
    let rules = values::Rules::of_case(view)?;
    Ok(values::of_parts(view, parts, &rules).into_iter().map(|(name, _)| name).collect())
}

fn by_element(view: View<'_>) -> ByElement<'_> {
    let mut claims = ByElement::new();
    for (id, claim) in view.claims() {
        if shows(view, claim.about) {
            claims.entry(claim.about).or_default().push((id, claim));
        }
    }
    claims
}

fn shows(view: View<'_>, about: About) -> bool {
    match about {
        About::Node(id) => view.node(id).is_some(),
        About::Relationship(id) => view.relationship(id).is_some(),
    }
}

/// The relationships of a type at a place, in the order of their ids.
fn relationships_at(view: View<'_>, place: NodeId, kind: &str) -> BTreeSet<crate::model::RelationshipId> {
    // No types would be all types.
    let Some(kind) = view.graph().symbol(kind) else { return BTreeSet::new() };
    let hops = view.hops(place, Direction::Either).map(|hop| hop.relationship);
    hops.filter(|&id| view.relationship(id).is_some_and(|relationship| relationship.kind == kind)).collect()
}

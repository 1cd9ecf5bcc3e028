//! What a reader calls nodes and relationships, in texts that a statement gives.

pub(super) use crate::analysis::called;
use crate::graph::View;
use crate::model::RelationshipId;

/// A relationship by its type and what its ends are called.
pub(super) fn hop_words(view: View<'_>, id: RelationshipId) -> String {
    let Some(hop) = view.graph().relationship(id) else { return String::new() };
    let [start, end] = [hop.start, hop.end].map(|node| called(view, node));
    format!("{} from {start} to {end}", view.graph().text(hop.kind))
}

//! What a reader calls nodes and relationships, in texts that an analysis gives.

use crate::graph::View;
use crate::model::{NodeId, RelationshipId};

/// Its name, else its title, else its `id`, else its key; a confidential one has only its pseudonym.
#[must_use]
pub fn called(view: View<'_>, node: NodeId) -> String {
    if view.is_confidential(node) {
        return view.source_label(node);
    }
    let texts = ["name", "title", "id"].map(|property| view.node_property(node, property));
    let text = texts.iter().find_map(|value| value.as_str());
    text.map_or_else(|| view.graph().key_of(node), str::to_owned)
}

/// A relationship by its type and what its ends are called.
#[must_use]
pub fn hop_words(view: View<'_>, id: RelationshipId) -> String {
    let Some(hop) = view.graph().relationship(id) else { return String::new() };
    let [start, end] = [hop.start, hop.end].map(|node| called(view, node));
    format!("{} from {start} to {end}", view.graph().text(hop.kind))
}

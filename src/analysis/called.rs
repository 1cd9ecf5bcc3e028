//! What a reader calls a node, in texts that an analysis gives.

use crate::graph::View;
use crate::model::NodeId;

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

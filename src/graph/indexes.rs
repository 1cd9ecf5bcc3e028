//! All property indexes of a graph, kept current with every change of a node.

use std::sync::OnceLock;

use super::{Graph, Node, PropertyIndex, Symbol};
use crate::model::{IndexDefinition, IndexOn, NodeId, Value};

/// The property indexes of a graph, in the order of their names.
///
/// A case has few, so that they are looked through one by one. Each is built from the
/// nodes when it is first asked, and kept current from then on.
#[derive(Debug, Clone, Default)]
pub(super) struct Indexes(Vec<Kept>);

#[derive(Debug, Clone)]
struct Kept {
    name: String,
    label: Symbol,
    property: Symbol,
    built: OnceLock<PropertyIndex>,
}

impl Kept {
    fn get(&self, graph: &Graph) -> &PropertyIndex {
        self.built.get_or_init(|| {
            let nodes = graph.nodes_with_label(self.label);
            let nodes = nodes.filter_map(|id| Some((id, graph.node(id)?.property(self.property)?)));
            PropertyIndex::build(self.name.clone(), self.label, self.property, nodes)
        })
    }
}

impl Indexes {
    fn insert(&mut self, kept: Kept) {
        let at = self.0.partition_point(|other| other.name < kept.name);
        self.0.insert(at, kept);
    }

    /// The same indexes, without what is in them.
    pub(super) fn unbuilt(&self) -> Self {
        let kept = self.0.iter().map(|kept| Kept {
            name: kept.name.clone(),
            label: kept.label,
            property: kept.property,
            built: OnceLock::new(),
        });
        Self(kept.collect())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|index| index.name != name);
    }

    /// Forgets what is in them; they are built again when they are asked.
    pub(super) fn forget(&mut self) {
        self.0.iter_mut().for_each(|kept| kept.built = OnceLock::new());
    }

    /// The indexes that were built, with the label and the property of each.
    fn built(&mut self) -> impl Iterator<Item = (Symbol, Symbol, &mut PropertyIndex)> {
        self.0.iter_mut().filter_map(|kept| Some((kept.label, kept.property, kept.built.get_mut()?)))
    }

    /// Takes a node with its labels and properties in, or out.
    pub(super) fn note_node(&mut self, id: NodeId, node: &Node, present: bool) {
        for (_, property, index) in self.built().filter(|(label, ..)| node.labels().contains(label)) {
            note(index, id, node.property(property), present);
        }
    }

    /// Takes a node in or out, to which a label was given or from which it was taken.
    pub(super) fn note_label(&mut self, id: NodeId, node: &Node, label: Symbol, present: bool) {
        for (_, property, index) in self.built().filter(|(of, ..)| *of == label) {
            note(index, id, node.property(property), present);
        }
    }

    /// Notes that a property of a node has another value now.
    pub(super) fn note_property(
        &mut self,
        id: NodeId,
        labels: &[Symbol],
        property: Symbol,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let of_property = self.built().filter(|(_, of, _)| *of == property);
        for (_, _, index) in of_property.filter(|(label, ..)| labels.contains(label)) {
            note(index, id, before, false);
            note(index, id, after, true);
        }
    }
}

fn note(index: &mut PropertyIndex, id: NodeId, value: Option<&Value>, present: bool) {
    match value {
        Some(value) if present => index.insert(id, value),
        Some(value) => index.remove(id, value),
        None => {}
    }
}

impl Graph {
    /// The index of a property of the nodes with a label, where the case has one.
    #[must_use]
    pub fn index(&self, label: Symbol, property: Symbol) -> Option<&PropertyIndex> {
        let kept = self.indexes.0.iter().find(|kept| kept.label == label && kept.property == property);
        kept.map(|kept| kept.get(self))
    }

    /// The property index with a name.
    #[must_use]
    pub fn index_named(&self, name: &str) -> Option<&PropertyIndex> {
        self.indexes.0.iter().find(|kept| kept.name == name).map(|kept| kept.get(self))
    }

    /// The property indexes, in the order of their names.
    pub fn indexes(&self) -> impl Iterator<Item = &PropertyIndex> + '_ {
        self.indexes.0.iter().map(|kept| kept.get(self))
    }

    /// What each property index is of, in the order of their names.
    #[must_use]
    pub fn index_definitions(&self) -> Vec<IndexDefinition> {
        self.indexes.0.iter().map(|kept| self.definition(&kept.name, kept.label, kept.property)).collect()
    }

    /// What a property index of this graph is of.
    #[must_use]
    pub fn definition_of(&self, index: &PropertyIndex) -> IndexDefinition {
        self.definition(index.name(), index.label(), index.property())
    }

    fn definition(&self, name: &str, label: Symbol, property: Symbol) -> IndexDefinition {
        let (label, property) = (self.text(label), self.text(property));
        let on = IndexOn::Nodes { label: label.to_owned(), property: property.to_owned() };
        IndexDefinition { name: name.to_owned(), on }
    }

    /// Whether an index with the name, or of the same, is there already.
    pub(super) fn has_index_like(&self, definition: &IndexDefinition) -> bool {
        let IndexOn::Nodes { label, property } = &definition.on;
        let same = self.symbol(label).zip(self.symbol(property));
        self.indexes
            .0
            .iter()
            .any(|kept| kept.name == definition.name || same == Some((kept.label, kept.property)))
    }

    /// Adds an index, which is built when it is first asked.
    pub(super) fn create_index(&mut self, definition: &IndexDefinition) {
        let IndexOn::Nodes { label, property } = &definition.on;
        let (label, property) = (self.names.intern(label), self.names.intern(property));
        self.indexes.insert(Kept { name: definition.name.clone(), label, property, built: OnceLock::new() });
    }
}

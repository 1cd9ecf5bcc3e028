//! All property indexes of a graph, kept current with every change of a node.

use super::{Graph, Node, PropertyIndex, Symbol};
use crate::model::{IndexDefinition, IndexOn, NodeId, Value};

/// The property indexes of a graph, in the order of their names.
///
/// A case has few, so that they are looked through one by one.
#[derive(Debug, Clone, Default)]
pub(super) struct Indexes(Vec<PropertyIndex>);

impl Indexes {
    pub(super) fn insert(&mut self, index: PropertyIndex) {
        let at = self.0.partition_point(|other| other.name() < index.name());
        self.0.insert(at, index);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|index| index.name() != name);
    }

    /// Takes a node with its labels and properties in, or out.
    pub(super) fn note_node(&mut self, id: NodeId, node: &Node, present: bool) {
        for index in self.0.iter_mut().filter(|index| node.labels().contains(&index.label())) {
            note(index, id, node.property(index.property()), present);
        }
    }

    /// Takes a node in or out, to which a label was given or from which it was taken.
    pub(super) fn note_label(&mut self, id: NodeId, node: &Node, label: Symbol, present: bool) {
        for index in self.0.iter_mut().filter(|index| index.label() == label) {
            note(index, id, node.property(index.property()), present);
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
        let of_property = self.0.iter_mut().filter(|index| index.property() == property);
        for index in of_property.filter(|index| labels.contains(&index.label())) {
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
        self.indexes.0.iter().find(|index| index.label() == label && index.property() == property)
    }

    /// The property index with a name.
    #[must_use]
    pub fn index_named(&self, name: &str) -> Option<&PropertyIndex> {
        self.indexes.0.iter().find(|index| index.name() == name)
    }

    /// The property indexes, in the order of their names.
    pub fn indexes(&self) -> impl Iterator<Item = &PropertyIndex> + '_ {
        self.indexes.0.iter()
    }

    /// What each property index is of, in the order of their names.
    #[must_use]
    pub fn index_definitions(&self) -> Vec<IndexDefinition> {
        self.indexes().map(|index| self.definition_of(index)).collect()
    }

    /// What a property index of this graph is of.
    #[must_use]
    pub fn definition_of(&self, index: &PropertyIndex) -> IndexDefinition {
        let (label, property) = (self.text(index.label()), self.text(index.property()));
        let on = IndexOn::Nodes { label: label.to_owned(), property: property.to_owned() };
        IndexDefinition { name: index.name().to_owned(), on }
    }

    /// Whether an index with the name, or of the same, is there already.
    pub(super) fn has_index_like(&self, definition: &IndexDefinition) -> bool {
        let IndexOn::Nodes { label, property } = &definition.on;
        let same = self.symbol(label).zip(self.symbol(property));
        self.index_named(&definition.name).is_some()
            || same.is_some_and(|(label, property)| self.index(label, property).is_some())
    }

    /// Builds an index from the nodes that are there.
    pub(super) fn create_index(&mut self, definition: &IndexDefinition) {
        let IndexOn::Nodes { label, property } = &definition.on;
        let (label, property) = (self.names.intern(label), self.names.intern(property));
        let nodes =
            self.nodes_with_label(label).filter_map(|id| Some((id, self.node(id)?.property(property)?)));
        let index = PropertyIndex::build(definition.name.clone(), label, property, nodes);
        self.indexes.insert(index);
    }
}

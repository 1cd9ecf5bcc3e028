//! All property indexes of a graph, kept current with every change of a node.

use std::sync::{Arc, OnceLock};

use super::discarded::Discarded;
use super::sorted_entries::{directory_block, place_of};
use super::table::{Loader, Pages};
use super::{Graph, Node, PropertyIndex, Symbol};
use crate::error::Result;
use crate::model::{IndexDefinition, IndexOn, NodeId, Value};

/// The property indexes of a graph, in the order of their names.
///
/// A case has few, so that they are looked through one by one. Each is built from the
/// nodes when it is first asked, kept current from then on, and stored with the next
/// checkpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Indexes {
    kept: Vec<Kept>,
    /// The slot of the next one.
    next_slot: u32,
    discarded: Discarded,
}

#[derive(Debug, Clone)]
struct Kept {
    name: String,
    label: Symbol,
    property: Symbol,
    slot: u32,
    /// What reads it from the store, where it is stored.
    stored: Option<Arc<Loader>>,
    built: OnceLock<PropertyIndex>,
    /// Whether it is on its way to the store.
    has_departed: bool,
}

impl Kept {
    fn what(&self) -> (String, Symbol, Symbol) {
        (self.name.clone(), self.label, self.property)
    }

    fn get(&self, graph: &Graph) -> &PropertyIndex {
        self.built.get_or_init(|| match &self.stored {
            Some(loader) => PropertyIndex::stored(self.what(), self.slot, loader),
            None => {
                let nodes = graph.nodes_with_label(self.label);
                let nodes = nodes.filter_map(|id| Some((id, graph.node(id)?.property(self.property)?)));
                PropertyIndex::build(self.what(), self.slot, nodes)
            }
        })
    }

    /// The index where there is anything to be kept current.
    fn known_mut(&mut self) -> Option<&mut PropertyIndex> {
        if let (None, Some(loader)) = (self.built.get(), &self.stored) {
            self.built = PropertyIndex::stored(self.what(), self.slot, loader).into();
        }
        self.built.get_mut()
    }

    /// The blocks that it may have in the store.
    fn blocks(&mut self) -> Vec<u32> {
        // One that is on its way may arrive.
        match self.stored.is_some() || self.has_departed {
            true => self.known_mut().map_or_else(Vec::new, |index| index.entries.blocks().collect()),
            false => Vec::new(),
        }
    }
}

impl Indexes {
    /// Adds an index; `slot` is that of one which is stored.
    fn insert(
        &mut self,
        (name, label, property): (String, Symbol, Symbol),
        stored: Option<(u32, Arc<Loader>)>,
    ) {
        let slot = stored.as_ref().map_or(self.next_slot, |(slot, _)| *slot);
        self.next_slot = self.next_slot.max(slot + 1);
        let at = self.kept.partition_point(|other| other.name < name);
        let stored = stored.map(|(_, loader)| loader);
        let kept = Kept { name, label, property, slot, stored, built: OnceLock::new(), has_departed: false };
        self.kept.insert(at, kept);
    }

    pub(super) fn remove(&mut self, name: &str) {
        let Some(at) = self.kept.iter().position(|index| index.name == name) else { return };
        self.discarded.extend(self.kept.remove(at).blocks());
    }

    /// Forgets what is in them; they are built again when they are asked.
    pub(super) fn forget(&mut self) {
        for kept in &mut self.kept {
            self.discarded.extend(kept.blocks());
            kept.slot = self.next_slot;
            self.next_slot += 1;
            (kept.built, kept.stored, kept.has_departed) = (OnceLock::new(), None, false);
        }
    }

    /// The tables of those that were built or read.
    pub(super) fn tables(&self) -> impl Iterator<Item = &dyn Pages> + '_ {
        self.kept.iter().filter_map(|kept| Some(kept.built.get()?.entries.table()))
    }

    /// As [`Indexes::tables`].
    pub(super) fn tables_mut(&mut self) -> impl Iterator<Item = &mut dyn Pages> + '_ {
        self.kept.iter_mut().filter_map(|kept| Some(kept.built.get_mut()?.entries.table_mut()))
    }

    /// The blocks that differ from what the store holds, besides those of the tables.
    pub(super) fn changed_blocks(&self) -> Vec<u32> {
        let is_changed = |kept: &&Kept| {
            kept.built.get().is_some_and(|index| {
                kept.stored.is_none() && !kept.has_departed || !index.entries.table().dirty().is_empty()
            })
        };
        let directories = self.kept.iter().filter(is_changed).map(|kept| directory_block(kept.slot));
        self.discarded.blocks().iter().copied().chain(directories).collect()
    }

    /// The bytes of a block.
    ///
    /// # Errors
    /// As [`SortedEntries::encode`](super::sorted_entries::SortedEntries::encode).
    pub(super) fn encode(&self, block: u32) -> Result<Option<Vec<u8>>> {
        let (slot, page) = place_of(block);
        let index = self.kept.iter().filter_map(|kept| kept.built.get());
        let index = index.into_iter().find(|index| index.entries.slot() == slot);
        index.map_or(Ok(None), |index| index.entries.encode(page))
    }

    /// Whether there is one of at least so many entries that no checkpoint has stored yet.
    pub(super) fn are_worth_storing(&self, len_min: usize) -> bool {
        let mut built = self.kept.iter().filter(|kept| kept.stored.is_none());
        built.any(|kept| kept.built.get().is_some_and(|index| index.len() >= len_min))
    }

    /// The slots of those that a checkpoint stores, by their names, and the next slot.
    pub(super) fn slots(&self) -> (Vec<(String, u32)>, u32) {
        let kept = self.kept.iter().filter(|kept| kept.stored.is_some() || kept.built.get().is_some());
        (kept.map(|kept| (kept.name.clone(), kept.slot)).collect(), self.next_slot)
    }

    /// Notes that a checkpoint is on its way.
    pub(super) fn depart(&mut self) {
        self.discarded.depart();
        for kept in &mut self.kept {
            kept.has_departed = kept.built.get().is_some();
        }
    }

    /// Notes that it has arrived, where a loader is given that reads it, or never will.
    pub(super) fn arrive(&mut self, loader: Option<&Arc<Loader>>) {
        self.discarded.arrive(loader.is_some());
        for kept in &mut self.kept {
            let has_departed = std::mem::take(&mut kept.has_departed);
            if has_departed && loader.is_some() {
                kept.stored = loader.cloned();
            }
        }
    }

    /// Reads what is stored from another loader from now on.
    pub(super) fn set_loader(&mut self, loader: &Arc<Loader>) {
        for stored in self.kept.iter_mut().filter_map(|kept| kept.stored.as_mut()) {
            stored.clone_from(loader);
        }
    }

    /// Takes no slot below this one for new indexes.
    pub(super) fn skip_slots(&mut self, next_slot: u32) {
        self.next_slot = self.next_slot.max(next_slot);
    }

    /// The indexes that were built, with the label and the property of each.
    fn known(&mut self) -> impl Iterator<Item = (Symbol, Symbol, &mut PropertyIndex)> {
        self.kept.iter_mut().filter_map(|kept| Some((kept.label, kept.property, kept.known_mut()?)))
    }

    /// Takes a node with its labels and properties in, or out.
    pub(super) fn note_node(&mut self, id: NodeId, node: &Node, present: bool) {
        for (_, property, index) in self.known().filter(|(label, ..)| node.labels().contains(label)) {
            note(index, id, node.property(property), present);
        }
    }

    /// Takes a node in or out, to which a label was given or from which it was taken.
    pub(super) fn note_label(&mut self, id: NodeId, node: &Node, label: Symbol, present: bool) {
        for (_, property, index) in self.known().filter(|(of, ..)| *of == label) {
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
        let of_property = self.known().filter(|(_, of, _)| *of == property);
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
        let kept = self.indexes.kept.iter().find(|kept| kept.label == label && kept.property == property);
        kept.map(|kept| kept.get(self))
    }

    /// The property index with a name.
    #[must_use]
    pub fn index_named(&self, name: &str) -> Option<&PropertyIndex> {
        self.indexes.kept.iter().find(|kept| kept.name == name).map(|kept| kept.get(self))
    }

    /// The property indexes, in the order of their names.
    pub fn indexes(&self) -> impl Iterator<Item = &PropertyIndex> + '_ {
        self.indexes.kept.iter().map(|kept| kept.get(self))
    }

    /// What each property index is of, in the order of their names.
    #[must_use]
    pub fn index_definitions(&self) -> Vec<IndexDefinition> {
        self.indexes.kept.iter().map(|kept| self.definition(&kept.name, kept.label, kept.property)).collect()
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
            .kept
            .iter()
            .any(|kept| kept.name == definition.name || same == Some((kept.label, kept.property)))
    }

    /// Adds an index, which is built when it is first asked.
    pub(super) fn create_index(&mut self, definition: &IndexDefinition) {
        let IndexOn::Nodes { label, property } = &definition.on;
        let (label, property) = (self.names.intern(label), self.names.intern(property));
        self.indexes.insert((definition.name.clone(), label, property), None);
    }

    /// Adds an index that lies in a slot of the store.
    pub(super) fn open_index(&mut self, definition: &IndexDefinition, slot: u32, loader: &Arc<Loader>) {
        let IndexOn::Nodes { label, property } = &definition.on;
        let (label, property) = (self.names.intern(label), self.names.intern(property));
        self.indexes.insert((definition.name.clone(), label, property), Some((slot, loader.clone())));
    }
}

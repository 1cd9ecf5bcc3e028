//! The nodes of each label, as a bitmap for each.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::Symbol;
use super::names::Names;
use super::table::{Loader, Page, Pages, Table};
use crate::columns::damaged;
use crate::error::Result;
use crate::model::NodeId;
use crate::store::Column;

/// Nodes by their labels.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    /// By the label's symbol.
    sets: Table<LabelSet>,
}

/// The nodes of one label.
#[derive(Debug, Clone, Default)]
struct LabelSet(RoaringBitmap);

impl Labels {
    /// None.
    pub(super) fn new() -> Self {
        Self { sets: Table::new(Column::Labels) }
    }

    /// Those of as many symbols, read when they are touched.
    pub(super) fn stored(len: usize, loader: Arc<Loader>) -> Self {
        Self { sets: Table::stored(Column::Labels, len, loader) }
    }

    /// The nodes with a label, in the order of their ids.
    pub(super) fn get(&self, label: Symbol) -> impl Iterator<Item = NodeId> + '_ {
        self.sets.get(label.index()).into_iter().flat_map(|set| set.0.iter().map(NodeId))
    }

    /// Gives a label to a node, or takes it.
    pub(super) fn change(&mut self, label: Symbol, id: NodeId, present: bool) {
        self.sets.grow(label.index() + 1);
        let Some(LabelSet(set)) = self.sets.get_mut(label.index()) else { return };
        match present {
            true => set.insert(id.0),
            false => set.remove(id.0),
        };
    }

    /// Gives a label to nodes, in the order of their ids.
    pub(super) fn extend(&mut self, label: Symbol, ids: Vec<u32>) {
        self.sets.grow(label.index() + 1);
        if let Some(LabelSet(set)) = self.sets.get_mut(label.index()) {
            set.extend(ids);
        }
    }

    /// The sets, for what is done to all tables.
    pub(super) fn table(&self) -> &dyn Pages {
        &self.sets
    }

    /// As [`Labels::table`].
    pub(super) fn table_mut(&mut self) -> &mut dyn Pages {
        &mut self.sets
    }

    /// The bytes of a label's nodes.
    pub(super) fn encode(&self, number: u32) -> Option<Vec<u8>> {
        let set = &self.sets.get(number as usize)?.0;
        (!set.is_empty()).then(|| bytes_of(set))
    }
}

/// The bytes of a set of nodes.
fn bytes_of(set: &RoaringBitmap) -> Vec<u8> {
    let mut set = set.clone();
    set.optimize();
    let mut bytes = Vec::with_capacity(set.serialized_size());
    // Writing to memory does not fail.
    let _ = set.serialize_into(&mut bytes);
    bytes
}

impl Page for LabelSet {
    const GROWTH: usize = 1;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        RoaringBitmap::deserialize_from(bytes).map(Self).map_err(|_| damaged("it is no set of nodes"))
    }
}

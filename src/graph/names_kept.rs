//! The index of names that a graph keeps: built when it is first asked for, stored with the next
//! checkpoint, and read page by page from then on.
//!
//! What changes afterwards is noted by its node, and an index of those nodes alone is asked beside
//! the large one. When much has changed, it is thrown away, and the next question builds anew.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::discarded::Discarded;
use super::name_index::{CONFIDENTIAL, IDENTIFIER_PROPERTIES, NAME_PROPERTIES};
use super::name_tables::{NameTables, Shape};
use super::table::{Loader, Pages};
use crate::error::Result;
use crate::model::NodeId;
use crate::names::{NameIndex, filing_fingerprint};

/// As many nodes may have changed, and one of so many in the index.
const CHANGED_MAX: u64 = 1024;
const CHANGED_PART: u64 = 8;

/// The index whose pages lie in tables.
pub(super) type Stored = Arc<NameIndex<NameTables>>;

/// The index of a graph's names, if there is one.
#[derive(Debug, Default)]
pub(super) struct NamesKept {
    index: OnceLock<Stored>,
    /// The names of what changed since; none until it is asked for.
    overlay: Mutex<Option<Arc<NameIndex>>>,
    /// Whether blocks of it are in the store, or on their way there.
    is_stored: bool,
    has_departed: bool,
    /// The slot of the next index.
    next_slot: u32,
    discarded: Discarded,
}

impl Clone for NamesKept {
    fn clone(&self) -> Self {
        Self {
            index: self.index.clone(),
            overlay: Mutex::default(),
            is_stored: self.is_stored,
            has_departed: self.has_departed,
            next_slot: self.next_slot,
            discarded: self.discarded.clone(),
        }
    }
}

impl NamesKept {
    /// The index that a checkpoint stored. One that was filed by other rules is thrown away.
    pub(super) fn open(shape: Option<Shape>, loader: &Arc<Loader>) -> Self {
        let Some(shape) = shape else { return Self::default() };
        let index = Arc::new(NameIndex::over(NameTables::stored(shape, loader)));
        let mut kept = Self {
            index: OnceLock::from(index),
            is_stored: true,
            next_slot: shape.slot.wrapping_add(1),
            ..Self::default()
        };
        if shape.fingerprint != filing_fingerprint() {
            kept.forget();
        }
        kept
    }

    /// The index; it is built where there is none.
    pub(super) fn get_or_build(&self, build: impl FnOnce() -> NameIndex) -> &Stored {
        self.index.get_or_init(|| {
            let tables = NameTables::new(self.next_slot, build().into_pages());
            Arc::new(NameIndex::over(tables))
        })
    }

    /// The index, where there is one.
    pub(super) fn get(&self) -> Option<&Stored> {
        self.index.get()
    }

    /// An index of the names of the nodes that changed since; none where none did.
    pub(super) fn overlay(&self, build: impl FnOnce(Vec<NodeId>) -> NameIndex) -> Option<Arc<NameIndex>> {
        let changed = self.get()?.pages().changed()?;
        if changed.is_empty() {
            return None;
        }
        let mut overlay = self.overlay.lock().unwrap_or_else(PoisonError::into_inner);
        let built = overlay.get_or_insert_with(|| Arc::new(build(changed.iter().map(NodeId).collect())));
        Some(built.clone())
    }

    /// Notes that a node came, went, or may be called something else.
    pub(super) fn note(&mut self, id: NodeId) {
        let Some(index) = self.index.get_mut() else { return };
        *self.overlay.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        let index = Arc::make_mut(index);
        let n_changed = index.pages_mut().note_changed(id.0);
        if n_changed > CHANGED_MAX && n_changed - CHANGED_MAX > index.len() as u64 / CHANGED_PART {
            self.forget();
        }
    }

    /// Notes that a property of a node changed.
    pub(super) fn note_property(&mut self, id: NodeId, property: &str) {
        if property == CONFIDENTIAL
            || NAME_PROPERTIES.contains(&property)
            || IDENTIFIER_PROPERTIES.contains(&property)
        {
            self.note(id);
        }
    }

    /// Throws the index away; the next question builds anew.
    pub(super) fn forget(&mut self) {
        let Some(index) = self.index.take() else { return };
        *self.overlay.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        // One that is on its way may arrive.
        if self.is_stored || self.has_departed {
            self.discarded.extend(index.pages().blocks());
        }
        self.next_slot = self.next_slot.wrapping_add(1);
        (self.is_stored, self.has_departed) = (false, false);
    }

    /// Whether there is an index of at least so many names that no checkpoint has stored yet.
    pub(super) fn is_worth_storing(&self, len_min: usize) -> bool {
        !self.is_stored && self.get().is_some_and(|index| index.len() >= len_min)
    }

    /// Where it will be, once a checkpoint has stored it.
    pub(super) fn shape(&self) -> Option<Shape> {
        self.get().map(|index| index.pages().shape(filing_fingerprint()))
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &dyn Pages> + '_ {
        self.get().into_iter().flat_map(|index| index.pages().tables())
    }

    pub(super) fn tables_mut(&mut self) -> impl Iterator<Item = &mut dyn Pages> + '_ {
        let index = self.index.get_mut().into_iter();
        index.flat_map(|index| Arc::make_mut(index).pages_mut().tables_mut())
    }

    /// The blocks that are to be deleted.
    pub(super) fn discarded(&self) -> &[u32] {
        self.discarded.blocks()
    }

    /// The bytes of a block.
    pub(super) fn encode(&self, block: u32) -> Result<Option<Vec<u8>>> {
        self.get().map_or(Ok(None), |index| index.pages().encode(block))
    }

    /// Notes that a checkpoint is on its way.
    pub(super) fn depart(&mut self) {
        self.discarded.depart();
        self.has_departed = self.get().is_some();
    }

    /// Notes that it has arrived, or never will.
    pub(super) fn arrive(&mut self, is_written: bool) {
        self.discarded.arrive(is_written);
        self.is_stored |= std::mem::take(&mut self.has_departed) && is_written;
    }
}

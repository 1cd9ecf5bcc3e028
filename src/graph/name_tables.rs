//! The pages of the index of names as blocks, and the nodes that changed since it was built.
//!
//! Each index has a slot of blocks: the directory, the changed nodes, and an area for each sort of
//! page. A new index takes another slot, so that the blocks of the old one can go while it comes.

use std::sync::Arc;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::table::{Loader, Page, Pages, Table};
use crate::columns::damaged;
use crate::error::{Error, Result};
use crate::names::{Directory, InMemory, NamePage, NamePages, OrderPage, TermPage, Terms};
use crate::store::Column;

/// How many blocks an area has.
const AREA_BLOCKS: u32 = 1 << 21;

/// How many areas a slot has.
const AREAS: u32 = 8;

/// How many slots there are; then they are taken again.
const SLOTS: u32 = u32::MAX / (AREA_BLOCKS * AREAS) + 1;

const DIRECTORY: u32 = 0;
const CHANGED: u32 = 1;
const NAMES: u32 = 2;
const FILED: u32 = 3;
const NEIGHBOURS: u32 = 4;
const ORDER: u32 = 5;

/// Where a stored index is, and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) slot: u32,
    /// Under which rules names were filed.
    pub(super) fingerprint: u64,
    /// How many pages there are of names, of terms, of neighbours and of the order.
    n_pages: [u32; 4],
}

/// The pages of one index of names.
#[derive(Debug, Clone)]
pub(super) struct NameTables {
    slot: u32,
    directory: Table<Directory>,
    changed: Table<Changed>,
    names: Table<NamePage>,
    filed: Table<TermPage>,
    neighbours: Table<TermPage>,
    order: Table<OrderPage>,
    /// Stands where a directory cannot be read.
    nothing: Directory,
}

/// The nodes whose names are not those in the index any more.
#[derive(Debug, Clone, Default)]
pub(super) struct Changed(RoaringBitmap);

/// The first block of an area.
fn area(slot: u32, area: u32) -> u32 {
    (slot % SLOTS) * AREAS * AREA_BLOCKS + area * AREA_BLOCKS
}

impl NameTables {
    /// The pages of a new index; all of them are to be stored.
    pub(super) fn new(slot: u32, pages: InMemory) -> Self {
        let mut tables = Self::empty(slot);
        tables.directory.replace(0, pages.directory);
        tables.changed.replace(0, Changed::default());
        fill(&mut tables.names, pages.names);
        fill(&mut tables.filed, pages.filed);
        fill(&mut tables.neighbours, pages.neighbours);
        fill(&mut tables.order, pages.order);
        tables
    }

    /// The pages of a stored index, which are read when they are touched.
    pub(super) fn stored(shape: Shape, loader: &Arc<Loader>) -> Self {
        let mut tables = Self::empty(shape.slot);
        tables.directory.grow_stored(1);
        tables.changed.grow_stored(1);
        let [names, filed, neighbours, order] =
            shape.n_pages.map(|n_pages| n_pages.min(AREA_BLOCKS) as usize);
        tables.names.grow_stored(names);
        tables.filed.grow_stored(filed);
        tables.neighbours.grow_stored(neighbours);
        tables.order.grow_stored(order);
        tables.tables_mut().for_each(|table| table.set_loader(loader.clone()));
        tables
    }

    fn empty(slot: u32) -> Self {
        fn of<P: Page>(slot: u32, number: u32) -> Table<P> {
            Table::new(Column::Names).at_block(area(slot, number))
        }
        Self {
            slot,
            directory: of(slot, DIRECTORY),
            changed: of(slot, CHANGED),
            names: of(slot, NAMES),
            filed: of(slot, FILED),
            neighbours: of(slot, NEIGHBOURS),
            order: of(slot, ORDER),
            nothing: Directory::default(),
        }
    }

    /// What the index has to be told to read it again.
    pub(super) fn shape(&self, fingerprint: u64) -> Shape {
        let n_pages = [self.names.len(), self.filed.len(), self.neighbours.len(), self.order.len()];
        let n_pages = n_pages.map(|n_pages| u32::try_from(n_pages).unwrap_or(u32::MAX));
        Shape { slot: self.slot, fingerprint, n_pages }
    }

    pub(super) fn tables(&self) -> [&dyn Pages; 6] {
        [&self.directory, &self.changed, &self.names, &self.filed, &self.neighbours, &self.order]
    }

    pub(super) fn tables_mut(&mut self) -> impl Iterator<Item = &mut dyn Pages> {
        let tables: [&mut dyn Pages; 6] = [
            &mut self.directory,
            &mut self.changed,
            &mut self.names,
            &mut self.filed,
            &mut self.neighbours,
            &mut self.order,
        ];
        tables.into_iter()
    }

    /// All blocks that the index may have in the store.
    pub(super) fn blocks(&self) -> impl Iterator<Item = u32> + use<> {
        let lens = [1, 1, self.names.len(), self.filed.len(), self.neighbours.len(), self.order.len()];
        let slot = self.slot;
        (DIRECTORY..).zip(lens).flat_map(move |(number, len)| (area(slot, number)..).take(len))
    }

    /// The bytes of a block; none where it is not one of this index.
    pub(super) fn encode(&self, block: u32) -> Result<Option<Vec<u8>>> {
        let Some(within) = block.checked_sub(area(self.slot, 0)) else { return Ok(None) };
        let at = (within % AREA_BLOCKS) as usize;
        Ok(match within / AREA_BLOCKS {
            DIRECTORY => self.directory.get(at).map(Directory::encode),
            CHANGED => self.changed.get(at).map(Changed::encode).transpose()?,
            NAMES => self.names.get(at).map(NamePage::encode),
            FILED => self.filed.get(at).map(TermPage::encode),
            NEIGHBOURS => self.neighbours.get(at).map(TermPage::encode),
            ORDER => self.order.get(at).map(OrderPage::encode),
            _ => None,
        })
    }

    /// The nodes whose names are not those in the index any more.
    pub(super) fn changed(&self) -> Option<&RoaringBitmap> {
        self.changed.get(0).map(|changed| &changed.0)
    }

    /// Notes that a node is called otherwise now; gives how many there are.
    pub(super) fn note_changed(&mut self, id: u32) -> u64 {
        if let Some(changed) = self.changed()
            && changed.contains(id)
        {
            return changed.len();
        }
        self.changed.get_mut(0).map_or(0, |changed| {
            changed.0.insert(id);
            changed.0.len()
        })
    }
}

fn fill<P: Page>(table: &mut Table<P>, pages: Vec<P>) {
    pages.into_iter().enumerate().for_each(|(number, page)| table.replace(number, page));
}

impl NamePages for NameTables {
    fn directory(&self) -> &Directory {
        self.directory.get(0).unwrap_or(&self.nothing)
    }

    fn names(&self, number: usize) -> Option<&NamePage> {
        self.names.get(number)
    }

    fn terms(&self, of: Terms, number: usize) -> Option<&TermPage> {
        match of {
            Terms::Filed => self.filed.get(number),
            Terms::Neighbours => self.neighbours.get(number),
        }
    }

    fn order(&self, number: usize) -> Option<&OrderPage> {
        self.order.get(number)
    }
}

impl Changed {
    fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let written = self.0.serialize_into(&mut bytes);
        written.map_err(|error| Error::invalid(format!("changed names cannot be encoded: {error}")))?;
        Ok(bytes)
    }
}

impl Page for Changed {
    const GROWTH: usize = 1;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        let changed = RoaringBitmap::deserialize_from(bytes);
        changed.map(Self).map_err(|error| damaged(&format!("changed names cannot be read: {error}")))
    }
}

impl Page for Directory {
    const GROWTH: usize = 2;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        Self::decode(bytes)
    }
}

impl Page for NamePage {
    const GROWTH: usize = 2;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        Self::decode(bytes)
    }
}

impl Page for TermPage {
    const GROWTH: usize = 3;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        Self::decode(bytes)
    }
}

impl Page for OrderPage {
    const GROWTH: usize = 2;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        Self::decode(bytes)
    }
}

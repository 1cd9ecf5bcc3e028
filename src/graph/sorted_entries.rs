//! Values and the nodes that have them, sorted, in pages.
//!
//! A directory says where each page begins and how many entries it has, so that a value is
//! found by reading one page. A page that grows too large is cut in two; one that loses
//! everything goes. The directory is the first block of the index's slot, its pages follow.

use std::cmp::Ordering;
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::index_key::Key;
use super::names::Names;
use super::table::{Loader, Page, Pages, Table};
use crate::columns::{Column as Values, Reader, damaged, put_ints, put_varint, take_ints};
use crate::error::{Error, Result};
use crate::model::{NodeId, Value};
use crate::store::Column;

/// How many blocks a slot has.
const SLOT_BLOCKS: u32 = 1 << 20;

/// How many entries a new page has; one with twice as many is cut in two.
const PAGE_ENTRIES: usize = if cfg!(test) { 3 } else { 1024 };

/// A value and a node that has it.
pub(super) type Entry = (Key, NodeId);

/// Entries in order.
#[derive(Debug, Clone)]
pub(super) struct SortedEntries {
    slot: u32,
    table: Table<EntryPage>,
    /// Where pages begin, in order.
    fences: Vec<Fence>,
    len: usize,
    distinct: usize,
}

/// A page, as the directory has it.
#[derive(Debug, Clone)]
struct Fence {
    /// No entry of the page comes before it.
    first: Entry,
    /// The page's number.
    number: u32,
    len: usize,
}

/// The entries of one page.
#[derive(Debug, Clone, Default)]
pub(super) struct EntryPage(Vec<Entry>);

/// The directory as it lies in its block.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Directory {
    /// Whether it was ever written.
    is_there: bool,
    n_pages: usize,
    len: usize,
    distinct: usize,
    /// The first value and node of each page, its number, and how many entries it has.
    fences: Vec<(Value, NodeId, u32, usize)>,
}

/// The slot that a block of this column is in, and the number of its page; no page for the
/// directory.
pub(super) fn place_of(block: u32) -> (u32, Option<u32>) {
    (block / SLOT_BLOCKS, (block % SLOT_BLOCKS).checked_sub(1))
}

/// The block of a slot's directory.
pub(super) fn directory_block(slot: u32) -> u32 {
    slot.saturating_mul(SLOT_BLOCKS)
}

impl SortedEntries {
    /// Those given, in any order.
    pub(super) fn build(slot: u32, mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        let mut all = Self::empty(slot, Table::new(Column::PropertyIndexes));
        all.len = entries.len();
        all.distinct = entries.chunk_by(|a, b| a.0 == b.0).count();
        let mut entries = entries.into_iter().peekable();
        while let Some(first) = entries.peek().cloned() {
            let page: Vec<Entry> = entries.by_ref().take(PAGE_ENTRIES).collect();
            let number = all.table.len();
            all.fences.push(Fence { first, number: number as u32, len: page.len() });
            all.table.replace(number, EntryPage(page));
        }
        all
    }

    /// Those that lie in a slot; pages are read when they are touched.
    pub(super) fn stored(slot: u32, loader: &Arc<Loader>) -> Self {
        let directory: Directory = loader.load(Column::PropertyIndexes, directory_block(slot));
        if !directory.is_there {
            loader.note_damage(damaged("the directory of a property index is missing"));
        }
        let fence = |(value, id, number, len): (Value, NodeId, u32, usize)| {
            Some(Fence { first: (Key::of(&value)?, id), number, len })
        };
        let table = Table::stored(Column::PropertyIndexes, directory.n_pages, loader.clone());
        let (len, distinct) = (directory.len, directory.distinct);
        let fences = directory.fences.into_iter().filter_map(fence).collect();
        Self { len, distinct, fences, ..Self::empty(slot, table) }
    }

    fn empty(slot: u32, table: Table<EntryPage>) -> Self {
        let table = table.at_block(directory_block(slot) + 1);
        Self { slot, table, fences: Vec::new(), len: 0, distinct: 0 }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many different values there are.
    pub(super) fn distinct(&self) -> usize {
        self.distinct
    }

    /// The slot that they lie in.
    pub(super) fn slot(&self) -> u32 {
        self.slot
    }

    /// All blocks that they may lie in: the directory and the pages.
    pub(super) fn blocks(&self) -> impl Iterator<Item = u32> + use<> {
        let first = directory_block(self.slot);
        first..first + 1 + self.table.len() as u32
    }

    /// Entries from a value on, in order.
    pub(super) fn from(&self, from: Bound<Key>) -> impl Iterator<Item = &Entry> + use<'_> {
        let before = move |entry: &Entry| match &from {
            Bound::Included(key) => entry.0 < *key,
            Bound::Excluded(key) => entry.0 <= *key,
            Bound::Unbounded => false,
        };
        // The page before the first that begins behind the bound may hold entries behind it too.
        let first = self.fences.partition_point(|fence| before(&fence.first)).saturating_sub(1);
        let entries = self.fences[first.min(self.fences.len())..].iter().flat_map(|fence| self.page(fence));
        entries.skip_while(move |entry| before(entry))
    }

    /// How many entries have a value. Pages that have nothing else are not read.
    pub(super) fn count(&self, key: &Key) -> usize {
        let first = self.fences.partition_point(|fence| fence.first.0 < *key).saturating_sub(1);
        let end = self.fences.partition_point(|fence| fence.first.0 <= *key);
        let within = self.fences.get(first..end).unwrap_or_default();
        let in_page = |fence: &Fence| {
            let page = self.page(fence);
            page.partition_point(|entry| entry.0 <= *key) - page.partition_point(|entry| entry.0 < *key)
        };
        match within {
            [] => 0,
            [one] => in_page(one),
            [first, inner @ .., last] => {
                in_page(first) + inner.iter().map(|fence| fence.len).sum::<usize>() + in_page(last)
            }
        }
    }

    /// Adds an entry that is not there.
    ///
    /// # Complexity
    /// O(log N + P) for N entries and those of a page.
    pub(super) fn insert(&mut self, entry: Entry) {
        self.distinct += usize::from(self.count(&entry.0) == 0);
        self.len += 1;
        if self.fences.is_empty() {
            let number = self.table.len();
            self.table.replace(number, EntryPage::default());
            self.fences.push(Fence { first: entry.clone(), number: number as u32, len: 0 });
        }
        let at = self.fence_of(&entry);
        let fence = &mut self.fences[at];
        if entry < fence.first {
            fence.first = entry.clone();
        }
        let Some(EntryPage(page)) = self.table.get_mut(fence.number as usize) else { return };
        page.insert(page.partition_point(|other| *other < entry), entry);
        fence.len = page.len();
        if page.len() > 2 * PAGE_ENTRIES {
            let upper = page.split_off(PAGE_ENTRIES);
            fence.len = page.len();
            let number = self.table.len();
            let fence = Fence { first: upper[0].clone(), number: number as u32, len: upper.len() };
            self.table.replace(number, EntryPage(upper));
            self.fences.insert(at + 1, fence);
        }
    }

    /// Takes an entry out, if it is there.
    pub(super) fn remove(&mut self, entry: &Entry) {
        if self.fences.is_empty() {
            return;
        }
        let at = self.fence_of(entry);
        let fence = &mut self.fences[at];
        let Some(EntryPage(page)) = self.table.get_mut(fence.number as usize) else { return };
        let Ok(place) = page.binary_search(entry) else { return };
        page.remove(place);
        fence.len = page.len();
        self.len -= 1;
        if fence.len == 0 {
            self.fences.remove(at);
        }
        self.distinct -= usize::from(self.count(&entry.0) == 0);
    }

    /// The place of the fence behind which an entry lies, or would.
    fn fence_of(&self, entry: &Entry) -> usize {
        let behind = |fence: &Fence| fence.first.cmp(entry) != Ordering::Greater;
        self.fences.partition_point(behind).saturating_sub(1)
    }

    fn page(&self, fence: &Fence) -> &[Entry] {
        self.table.get(fence.number as usize).map_or(&[], |page| &page.0)
    }

    /// The pages, for what is done to all tables.
    pub(super) fn table(&self) -> &dyn Pages {
        &self.table
    }

    /// As [`SortedEntries::table`].
    pub(super) fn table_mut(&mut self) -> &mut dyn Pages {
        &mut self.table
    }

    /// The bytes of a page, or of the directory where no page is named; `None` where nothing
    /// is left of a page.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be encoded.
    pub(super) fn encode(&self, page: Option<u32>) -> Result<Option<Vec<u8>>> {
        let Some(number) = page else { return self.directory().map(Some) };
        let page = self.table.get(number as usize).filter(|page| !page.0.is_empty());
        page.map(EntryPage::encode).transpose()
    }

    fn directory(&self) -> Result<Vec<u8>> {
        let fence = |fence: &Fence| {
            let (key, id) = &fence.first;
            Some((key.value()?.clone(), *id, fence.number, fence.len))
        };
        let fences = self.fences.iter().filter_map(fence).collect();
        let directory = Directory {
            is_there: true,
            n_pages: self.table.len(),
            len: self.len,
            distinct: self.distinct,
            fences,
        };
        postcard::to_stdvec(&directory)
            .map_err(|error| Error::invalid(format!("a property index cannot be encoded: {error}")))
    }
}

impl EntryPage {
    fn encode(&self) -> Result<Vec<u8>> {
        let mut values = Values::default();
        self.0.iter().filter_map(|(key, _)| key.value()).for_each(|value| values.push(value));
        let mut out = Vec::new();
        put_varint(&mut out, self.0.len() as u64);
        put_ints(&self.0.iter().map(|(_, id)| i64::from(id.0)).collect::<Vec<_>>(), &mut out);
        values.encode(None, &mut out)?;
        Ok(out)
    }
}

impl Page for EntryPage {
    const GROWTH: usize = 12;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(1 << 16)?;
        let ids = take_ints(&mut reader, len)?;
        let values = Values::decode(&mut reader, len, None)?;
        let entry = |(at, id): (usize, i64)| {
            let key = values.get(at).as_ref().and_then(Key::of);
            let key = key.ok_or_else(|| damaged("a property index has an entry without a value"))?;
            let id = u32::try_from(id).map_err(|_| damaged("the id of a node is out of range"))?;
            Ok((key, NodeId(id)))
        };
        ids.into_iter().enumerate().map(entry).collect::<Result<_>>().map(Self)
    }
}

impl Page for Directory {
    const GROWTH: usize = 4;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        postcard::from_bytes(bytes)
            .map_err(|error| damaged(&format!("the directory of a property index: {error}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn value(n: u8) -> Value {
        match n % 4 {
            0 => Value::Int(i64::from(n / 8)),
            1 => Value::Float(f64::from(n / 8)),
            2 => Value::from(format!("t{}", n / 8).as_str()),
            _ => Value::List(vec![Value::Int(i64::from(n / 16))]),
        }
    }

    fn entry(n: u8, id: u32) -> Entry {
        (Key::of(&value(n)).unwrap(), NodeId(id))
    }

    /// What lies in the blocks, read again.
    fn reread(entries: &SortedEntries) -> SortedEntries {
        let directory = entries.encode(None).unwrap().unwrap();
        let directory = Directory::decode(0, &directory, &Names::default()).unwrap();
        assert_eq!((directory.len, directory.distinct), (entries.len, entries.distinct));
        let mut table = Table::new(Column::PropertyIndexes);
        table.grow(directory.n_pages);
        for number in 0..directory.n_pages {
            let bytes = entries.encode(Some(number as u32)).unwrap();
            let page = bytes.map(|bytes| EntryPage::decode(0, &bytes, &Names::default()).unwrap());
            table.replace(number, page.unwrap_or_default());
        }
        let fence = |(value, id, number, len): (Value, NodeId, u32, usize)| Fence {
            first: (Key::of(&value).unwrap(), id),
            number,
            len,
        };
        let fences = directory.fences.into_iter().map(fence).collect();
        SortedEntries {
            len: directory.len,
            distinct: directory.distinct,
            fences,
            ..SortedEntries::empty(0, table)
        }
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_set(
            first in proptest::collection::btree_set((any::<u8>(), 0_u32..6), 0..40),
            changes in proptest::collection::vec((any::<u8>(), 0_u32..6), 0..120),
        ) {
            let mut model: BTreeSet<Entry> = first.iter().map(|&(n, id)| entry(n, id)).collect();
            let mut entries = SortedEntries::build(0, model.iter().cloned().collect());
            for (at, (n, id)) in changes.into_iter().enumerate() {
                let entry = entry(n, id);
                match model.contains(&entry) {
                    true => {
                        model.remove(&entry);
                        entries.remove(&entry);
                    }
                    false => {
                        model.insert(entry.clone());
                        entries.insert(entry);
                    }
                }
                if at % 31 == 30 {
                    entries = reread(&entries);
                }
            }
            prop_assert!(entries.fences.is_sorted_by(|a, b| a.first < b.first));
            prop_assert!(entries.fences.iter().all(|fence| fence.len == entries.page(fence).len()));
            prop_assert_eq!(entries.len(), model.len());
            let keys: BTreeSet<&Key> = model.iter().map(|(key, _)| key).collect();
            prop_assert_eq!(entries.distinct(), keys.len());
            let all: Vec<&Entry> = entries.from(Bound::Unbounded).collect();
            prop_assert_eq!(all, model.iter().collect::<Vec<_>>());
            for n in 0..=255 {
                let key = Key::of(&value(n)).unwrap();
                prop_assert_eq!(entries.count(&key), model.iter().filter(|(other, _)| *other == key).count());
                let from = |is_within: &dyn Fn(&Key) -> bool| -> Vec<&Entry> {
                    model.iter().filter(|(other, _)| is_within(other)).collect()
                };
                let found: Vec<&Entry> = entries.from(Bound::Included(key.clone())).collect();
                prop_assert_eq!(found, from(&|other| *other >= key));
                let found: Vec<&Entry> = entries.from(Bound::Excluded(key.clone())).collect();
                prop_assert_eq!(found, from(&|other| *other > key));
            }
        }
    }
}

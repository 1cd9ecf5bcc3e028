//! Pages of the graph, which are read from the index when they are first touched.
//!
//! A table has a page for each block of one column of the index. What nobody asks for is
//! never read, so that opening a case does not depend on its size. A page once read stays
//! until [`Table::unload`] gives back what is not needed, between statements.
//!
//! Reading a page cannot fail for the one who asks, or every step of every search could.
//! A block that does not verify stands as an empty page, and the error is kept in the
//! [`Loader`]: whoever runs a statement has to look there before anybody sees the answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::bulk_pages::PageBytes;
use super::names::Names;
use crate::error::Result;
use crate::store::Column;

/// Where blocks are read from.
pub trait BlockSource: std::fmt::Debug + Send + Sync {
    /// A block's bytes, verified.
    ///
    /// # Errors
    /// `Corrupt` where the block does not verify, `Store` where it cannot be read.
    fn read_block(&self, column: Column, number: u32) -> Result<Option<Vec<u8>>>;

    /// The bytes of a page that lies in the record, counted from the first of its payload.
    ///
    /// # Errors
    /// `Corrupt` where the record has no such page there; `Io`.
    fn read_recorded(&self, place: Place, page: u32) -> Result<Vec<u8>> {
        Err(crate::Error::corrupt(format!("page {page} at {place:?} of a record that is not there")))
    }
}

/// Where a payload of the record is: its segment, and the byte at which its frame starts.
pub type Place = (u32, u64);

/// Pages of elements that lie in the record, in one payload, and are in no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Whether they are relationships, and not nodes.
    pub of_relationships: bool,
    /// The number of the first page.
    pub first: u32,
    /// How many pages there are.
    pub count: u32,
    /// Where they are.
    pub place: Place,
}

impl Recorded {
    fn column(&self) -> Column {
        if self.of_relationships { Column::Relationships } else { Column::Nodes }
    }
}

/// The runs of pages that lie in the record, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct AllRecorded(Vec<Recorded>);

impl AllRecorded {
    pub(super) fn new(mut runs: Vec<Recorded>) -> Self {
        runs.sort_unstable_by_key(|run| (run.column(), run.first));
        Self(runs)
    }

    pub(super) fn extend(&mut self, runs: Vec<Recorded>) {
        *self = Self::new(self.0.iter().copied().chain(runs).collect());
    }

    pub(super) fn runs(&self) -> &[Recorded] {
        &self.0
    }

    /// Where a page is, and its place there.
    pub(super) fn find(&self, column: Column, number: u32) -> Option<(Place, u32)> {
        let after = self.0.partition_point(|run| (run.column(), run.first) <= (column, number));
        let run = self.0.get(after.checked_sub(1)?)?;
        let page =
            number.checked_sub(run.first).filter(|page| run.column() == column && *page < run.count)?;
        Some((run.place, page))
    }
}

/// Blocks that were added and are not in the index yet.
pub(super) type Held = FxHashMap<(Column, u32), PageBytes>;

/// Reads the pages of one graph.
#[derive(Debug)]
pub(super) struct Loader {
    /// The index; `None` where there is none.
    source: Option<Arc<dyn BlockSource>>,
    held: Held,
    recorded: AllRecorded,
    /// The names that pages written so far use.
    names: Names,
    damage: OnceLock<crate::Error>,
    bytes: AtomicUsize,
}

impl Loader {
    pub(super) fn new(
        source: Option<Arc<dyn BlockSource>>,
        held: Held,
        recorded: AllRecorded,
        names: Names,
    ) -> Self {
        Self { source, held, recorded, names, damage: OnceLock::new(), bytes: AtomicUsize::new(0) }
    }

    /// The same, with more blocks and the names that they use.
    pub(super) fn holding(&self, more: Held, names: Names) -> Self {
        let mut held = self.held.clone();
        held.extend(more);
        let (damage, bytes) = (self.damage.clone(), AtomicUsize::new(self.bytes()));
        let (source, recorded) = (self.source.clone(), self.recorded.clone());
        Self { source, held, recorded, names, damage, bytes }
    }

    /// The same, with the index as it is now, and the blocks that are not in it.
    pub(super) fn arrived(
        &self,
        source: Arc<dyn BlockSource>,
        held: Held,
        recorded: AllRecorded,
        names: Names,
    ) -> Self {
        let (damage, bytes) = (self.damage.clone(), AtomicUsize::new(self.bytes()));
        Self { source: Some(source), held, recorded, names, damage, bytes }
    }

    /// The blocks that are not in the index yet.
    pub(super) fn held(&self) -> &Held {
        &self.held
    }

    /// The first block that could not be read.
    pub(super) fn damage(&self) -> Option<&crate::Error> {
        self.damage.get()
    }

    /// Notes that what was read cannot be right.
    pub(super) fn note_damage(&self, error: crate::Error) {
        let _ = self.damage.set(error);
    }

    /// About how many bytes of memory the pages take that were read.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn forget_bytes(&self) {
        self.bytes.store(0, Ordering::Relaxed);
    }

    /// What a block says; where there is no such block, or it does not verify, nothing. It counts as
    /// kept in memory.
    pub(super) fn load<P: Page>(&self, column: Column, number: u32) -> P {
        let (page, n_bytes) = self.decoded(column, number);
        self.bytes.fetch_add(n_bytes * P::GROWTH, Ordering::Relaxed);
        page
    }

    /// The same, of a page that is given back at once.
    pub(super) fn glance<P: Page>(&self, column: Column, number: u32) -> Arc<P> {
        Arc::new(self.decoded(column, number).0)
    }

    /// A page, and the length of its block.
    fn decoded<P: Page>(&self, column: Column, number: u32) -> (P, usize) {
        let decode = |bytes: &[u8]| Ok((P::decode(number, bytes, &self.names)?, bytes.len()));
        let page = match (self.held.get(&(column, number)), &self.source) {
            (Some(bytes), _) => decode(bytes),
            (None, Some(source)) => self.read(&**source, column, number).and_then(|bytes| match bytes {
                Some(bytes) => decode(&bytes),
                None => Ok((P::default(), 0)),
            }),
            (None, None) => Ok((P::default(), 0)),
        };
        page.unwrap_or_else(|error| {
            let _ = self.damage.set(error);
            (P::default(), 0)
        })
    }
}

impl Loader {
    /// A block, or else a page of the record.
    fn read(&self, source: &dyn BlockSource, column: Column, number: u32) -> Result<Option<Vec<u8>>> {
        match (source.read_block(column, number)?, self.recorded.find(column, number)) {
            (None, Some((place, page))) => source.read_recorded(place, page).map(Some),
            (block, _) => Ok(block),
        }
    }
}

/// What lies in one block, ready to use.
pub(super) trait Page: Default + Clone {
    /// About how many times as large it is in memory.
    const GROWTH: usize;

    /// Reads it from the bytes of a block.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    fn decode(number: u32, bytes: &[u8], names: &Names) -> Result<Self>;
}

/// The pages of one column, in order.
///
/// A page is shared with copies of the table until one of them changes it, so that a
/// checkpoint can write a copy while the table changes.
#[derive(Debug, Clone)]
pub(super) struct Table<P> {
    column: Column,
    /// The block of the first page.
    first_block: u32,
    loader: Option<Arc<Loader>>,
    pages: Vec<OnceLock<Arc<P>>>,
    /// The pages that differ from what the index holds,
    dirty: RoaringBitmap,
    /// and those that are on their way there.
    departed: RoaringBitmap,
}

impl<P: Page> Table<P> {
    /// No pages.
    pub(super) fn new(column: Column) -> Self {
        Self {
            column,
            first_block: 0,
            loader: None,
            pages: Vec::new(),
            dirty: RoaringBitmap::new(),
            departed: RoaringBitmap::new(),
        }
    }

    /// As many pages, to be read when they are touched.
    pub(super) fn stored(column: Column, len: usize, loader: Arc<Loader>) -> Self {
        let pages = (0..len).map(|_| OnceLock::new()).collect();
        Self { loader: Some(loader), pages, ..Self::new(column) }
    }

    /// The same, where the blocks of the first pages are another's.
    pub(super) fn at_block(self, first_block: u32) -> Self {
        Self { first_block, ..self }
    }

    /// The column of the index that holds them.
    pub(super) fn column(&self) -> Column {
        self.column
    }

    /// How many pages there are.
    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    /// A page.
    #[inline]
    pub(super) fn get(&self, number: usize) -> Option<&P> {
        let page = self.pages.get(number)?;
        Some(match page.get() {
            Some(page) => page,
            None => self.load(number, page),
        })
    }

    #[cold]
    fn load<'a>(&'a self, number: usize, page: &'a OnceLock<Arc<P>>) -> &'a P {
        page.get_or_init(|| match &self.loader {
            Some(loader) => Arc::new(loader.load(self.column, self.first_block + place(number))),
            None => Arc::default(),
        })
    }

    /// A page to look at once: where it was not read yet, it is not kept.
    pub(super) fn glance(&self, number: usize) -> Option<Arc<P>> {
        let page = self.pages.get(number)?;
        Some(match (page.get(), &self.loader) {
            (Some(page), _) => page.clone(),
            (None, Some(loader)) => loader.glance(self.column, self.first_block + place(number)),
            (None, None) => Arc::default(),
        })
    }

    /// A page to change; `None` beyond the last.
    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut P> {
        self.get(number)?;
        self.dirty.insert(place(number));
        self.pages.get_mut(number)?.get_mut().map(Arc::make_mut)
    }

    /// Makes the table as long, with empty pages.
    pub(super) fn grow(&mut self, len: usize) {
        if len > self.pages.len() {
            self.pages.resize_with(len, || OnceLock::from(Arc::default()));
        }
    }

    /// Makes the table as long, with pages that are read when they are touched.
    pub(super) fn grow_stored(&mut self, len: usize) {
        if len > self.pages.len() {
            self.pages.resize_with(len, OnceLock::new);
        }
    }

    /// Drops the pages from a number on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.dirty.insert_range(place(len)..place(self.pages.len()));
        self.pages.truncate(len);
    }

    /// Puts a page in the place of another.
    pub(super) fn replace(&mut self, number: usize, page: P) {
        self.grow(number + 1);
        self.dirty.insert(place(number));
        self.pages[number] = OnceLock::from(Arc::new(page));
    }

    /// Whether a page differs from what the index holds.
    pub(super) fn is_dirty(&self, number: u32) -> bool {
        self.dirty.contains(number)
    }
}

/// What all tables can do, whatever their pages hold.
pub(super) trait Pages {
    /// The pages that differ from what the index holds.
    fn dirty(&self) -> &RoaringBitmap;

    /// The column of the index.
    fn column(&self) -> Column;

    /// The block of the first page.
    fn first_block(&self) -> u32;

    /// Notes that what is dirty is on its way to the index.
    fn depart(&mut self);

    /// Notes that what departed has arrived, or never will.
    fn arrive(&mut self, is_written: bool);

    /// Gives back the pages that can be read again.
    fn unload(&mut self);

    /// Reads from another loader from now on.
    fn set_loader(&mut self, loader: Arc<Loader>);
}

impl<P: Page> Pages for Table<P> {
    fn dirty(&self) -> &RoaringBitmap {
        &self.dirty
    }

    fn column(&self) -> Column {
        self.column
    }

    fn first_block(&self) -> u32 {
        self.first_block
    }

    fn depart(&mut self) {
        self.departed |= std::mem::take(&mut self.dirty);
    }

    fn arrive(&mut self, is_written: bool) {
        let departed = std::mem::take(&mut self.departed);
        if !is_written {
            self.dirty |= departed;
        }
    }

    fn unload(&mut self) {
        if self.loader.is_none() {
            return;
        }
        for (number, page) in (0_u32..).zip(&mut self.pages) {
            let is_kept = self.dirty.contains(number) || self.departed.contains(number);
            if page.get().is_some() && !is_kept {
                *page = OnceLock::new();
            }
        }
    }

    fn set_loader(&mut self, loader: Arc<Loader>) {
        self.loader = Some(loader);
    }
}

/// The number of a page; there are fewer than there are ids.
fn place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many elements lie in one page.
pub(super) const PAGE_IDS: usize = 1024;

/// Elements by their ids.
#[derive(Debug, Clone)]
pub(super) struct Elements<T> {
    len: usize,
    pub(super) table: Table<Vec<Option<T>>>,
}

impl<T> Elements<T>
where
    Vec<Option<T>>: Page,
{
    /// None.
    pub(super) fn new(column: Column) -> Self {
        Self { len: 0, table: Table::new(column) }
    }

    /// As many ids, whose elements are read when they are touched.
    pub(super) fn stored(column: Column, len: usize, loader: Arc<Loader>) -> Self {
        Self { len, table: Table::stored(column, len.div_ceil(PAGE_IDS), loader) }
    }

    /// One more than the greatest id ever given.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// An element that is there.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        if at >= self.len {
            return None;
        }
        self.table.get(at / PAGE_IDS)?.get(at % PAGE_IDS)?.as_ref()
    }

    /// All that are there, with their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> + '_ {
        let pages = (0..self.table.len()).filter_map(|number| Some((number, self.table.get(number)?)));
        pages.flat_map(|(number, page)| {
            let ids = number * PAGE_IDS..;
            ids.zip(page).filter_map(|(id, element)| Some((id, element.as_ref()?)))
        })
    }

    /// Tells of all that are there, with their ids. Pages that were not read yet are not kept.
    pub(super) fn scan(&self, mut tell: impl FnMut(usize, &T)) {
        for number in 0..self.table.len() {
            let Some(page) = self.table.glance(number) else { continue };
            let elements = (number * PAGE_IDS..).zip(page.iter());
            elements.for_each(|(id, element)| element.iter().for_each(|element| tell(id, element)));
        }
    }

    /// The place of an element to change.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Option<T>> {
        if at >= self.len {
            return None;
        }
        self.table.get_mut(at / PAGE_IDS)?.get_mut(at % PAGE_IDS)
    }

    /// Puts an element in its place, beyond the last one if need be.
    pub(super) fn put(&mut self, at: usize, element: T) {
        self.grow(at + 1);
        let Some(page) = self.table.get_mut(at / PAGE_IDS) else { return };
        if page.len() <= at % PAGE_IDS {
            page.resize_with(at % PAGE_IDS + 1, || None);
        }
        page[at % PAGE_IDS] = Some(element);
    }

    /// Gives ids up to `len` to nothing.
    pub(super) fn grow(&mut self, len: usize) {
        if len > self.len {
            self.len = len;
            self.table.grow(len.div_ceil(PAGE_IDS));
        }
    }

    /// Gives ids up to `len` to elements that are read when they are touched.
    pub(super) fn grow_stored(&mut self, len: usize) {
        if len > self.len {
            self.len = len;
            self.table.grow_stored(len.div_ceil(PAGE_IDS));
        }
    }

    /// Takes back the ids from `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.len = len;
        self.table.truncate(len.div_ceil(PAGE_IDS));
        if let Some(page) = self.table.get_mut(len / PAGE_IDS) {
            page.truncate(len % PAGE_IDS);
        }
    }
}

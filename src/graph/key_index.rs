//! From texts to the elements that bear them: keys, and the property `id`.
//!
//! In the index lie only hashes, in buckets by their first bits: a few bytes a key,
//! whatever its length. Which of the elements that a hash leads to is meant, the one who
//! asks finds out by looking at them. Texts that changed since are in an overlay with all
//! their elements.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::names::Names;
use super::table::{Loader, Page, Pages, Table};
use crate::columns::{Reader, damaged, put_ints, put_varint, take_ints};
use crate::error::Result;
use crate::store::Column;

/// How many entries a bucket has about.
const BUCKET: usize = 4096;
/// The most bits that choose a bucket.
const BITS_MAX: u32 = 20;

/// Elements by texts.
#[derive(Debug, Clone)]
pub(super) struct KeyIndex {
    /// How many of a hash's first bits choose the bucket.
    bits: u32,
    buckets: Table<Bucket>,
    /// How many entries the buckets have.
    n_entries: usize,
    /// All elements of a text, for texts that changed.
    overlay: FxHashMap<Arc<str>, Few>,
}

/// Hashes in order, with an element for each.
#[derive(Debug, Clone, Default)]
struct Bucket(Vec<(u32, u32)>);

/// A few ids in order. Where keys are unique, a list for each would be a waste.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Few {
    #[default]
    None,
    One(u32),
    Many(Vec<u32>),
}

impl Few {
    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let (one, many) = match self {
            Self::None => (None, &[][..]),
            Self::One(id) => (Some(*id), &[][..]),
            Self::Many(ids) => (None, ids.as_slice()),
        };
        one.into_iter().chain(many.iter().copied())
    }

    fn change(&mut self, id: u32, present: bool) {
        let mut ids: Vec<u32> = self.iter().filter(|other| *other != id).collect();
        if present {
            ids.insert(ids.partition_point(|other| *other < id), id);
        }
        *self = match ids[..] {
            [] => Self::None,
            [id] => Self::One(id),
            _ => Self::Many(ids),
        };
    }
}

impl KeyIndex {
    /// Nothing, in a column of the index.
    pub(super) fn new(column: Column) -> Self {
        Self::of(0, Table::new(column), 0)
    }

    /// Buckets that are read when they are touched.
    pub(super) fn stored(column: Column, bits: u32, n_entries: usize, loader: Arc<Loader>) -> Self {
        Self::of(bits, Table::stored(column, 1 << bits, loader), n_entries)
    }

    fn of(bits: u32, buckets: Table<Bucket>, n_entries: usize) -> Self {
        Self { bits, buckets, n_entries, overlay: FxHashMap::default() }
    }

    /// How many of a hash's first bits choose the bucket, and how many entries there are.
    pub(super) fn shape(&self) -> (u32, usize) {
        (self.bits, self.n_entries)
    }

    /// The elements that bear a text, in the order of their ids. `bears` says whether an
    /// element does.
    pub(super) fn find<'a>(
        &'a self,
        text: &str,
        bears: impl Fn(u32) -> bool + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        let known = self.overlay.get(text);
        let stored = if known.is_none() { self.stored_with(hash(text)) } else { &[] };
        let stored = stored.iter().map(|&(_, id)| id).filter(move |&id| bears(id));
        known.into_iter().flat_map(Few::iter).chain(stored)
    }

    /// Notes that an element bears a text from now on, or no longer. `bears` says whether
    /// an element did so when the buckets were written.
    pub(super) fn change(&mut self, text: &Arc<str>, id: u32, present: bool, bears: impl Fn(u32) -> bool) {
        if let Some(known) = self.overlay.get_mut(text) {
            known.change(id, present);
            return;
        }
        let mut known = Few::default();
        for &(_, stored) in self.stored_with(hash(text)) {
            if bears(stored) {
                known.change(stored, true);
            }
        }
        known.change(id, present);
        self.overlay.insert(text.clone(), known);
    }

    fn stored_with(&self, hash: u32) -> &[(u32, u32)] {
        let Some(Bucket(entries)) = self.buckets.get(bucket(hash, self.bits)) else { return &[] };
        let start = entries.partition_point(|entry| entry.0 < hash);
        let len = entries[start..].iter().take_while(|entry| entry.0 == hash).count();
        &entries[start..start + len]
    }

    /// Merges the overlay into the buckets. `bears` says whether an element bears a text now.
    ///
    /// # Complexity
    /// O(B) for the entries of the buckets that change; all of them where there have come
    /// so many that there have to be more buckets.
    pub(super) fn merge(&mut self, bears: impl Fn(&str, u32) -> bool) {
        let overlay = std::mem::take(&mut self.overlay);
        if overlay.is_empty() {
            return;
        }
        self.split(self.n_entries + overlay.len());
        self.buckets.grow(1 << self.bits);
        let mut by_bucket: FxHashMap<usize, Vec<(u32, Arc<str>, Few)>> = FxHashMap::default();
        for (text, ids) in overlay {
            let hash = hash(&text);
            by_bucket.entry(bucket(hash, self.bits)).or_default().push((hash, text, ids));
        }
        for (number, changes) in by_bucket {
            let Some(Bucket(entries)) = self.buckets.get_mut(number) else { continue };
            let before = entries.len();
            let touched: FxHashMap<u32, ()> = changes.iter().map(|change| (change.0, ())).collect();
            // Of the same hash stays what bears another text, which nothing has changed.
            let is_other = |hash: u32, id: u32| {
                let same = changes.iter().filter(|change| change.0 == hash);
                same.clone().all(|(_, text, ids)| !bears(text, id) && ids.iter().all(|other| other != id))
            };
            let mut merged: Vec<(u32, u32)> = Vec::with_capacity(entries.len() + changes.len());
            merged.extend(
                entries.iter().filter(|(hash, id)| !touched.contains_key(hash) || is_other(*hash, *id)),
            );
            merged.extend(changes.iter().flat_map(|(hash, _, ids)| ids.iter().map(|id| (*hash, id))));
            merged.sort_unstable();
            merged.dedup();
            *entries = merged;
            self.n_entries = self.n_entries + entries.len() - before;
        }
    }

    /// Makes the buckets small enough for so many entries.
    fn split(&mut self, n_entries: usize) {
        let wanted = (n_entries.div_ceil(BUCKET)).next_power_of_two().trailing_zeros().min(BITS_MAX);
        if wanted <= self.bits {
            return;
        }
        let mut buckets = vec![Vec::new(); 1 << wanted];
        for number in 0..self.buckets.len() {
            let Some(Bucket(entries)) = self.buckets.get(number) else { continue };
            entries.iter().for_each(|&entry| buckets[bucket(entry.0, wanted)].push(entry));
        }
        self.bits = wanted;
        for (number, entries) in buckets.into_iter().enumerate() {
            self.buckets.replace(number, Bucket(entries));
        }
    }

    /// Adds elements by the hashes of their texts, which have to be new.
    pub(super) fn extend(&mut self, entries: Vec<(u32, u32)>) {
        if entries.is_empty() {
            return;
        }
        self.split(self.n_entries + entries.len());
        self.buckets.grow(1 << self.bits);
        self.n_entries += entries.len();
        let mut touched = BTreeSet::new();
        for entry in entries {
            let number = bucket(entry.0, self.bits);
            if let Some(Bucket(entries)) = self.buckets.get_mut(number) {
                entries.push(entry);
                touched.insert(number);
            }
        }
        for number in touched {
            if let Some(Bucket(entries)) = self.buckets.get_mut(number) {
                entries.sort_unstable();
            }
        }
    }

    /// The buckets, for what is done to all tables.
    pub(super) fn table(&self) -> &dyn Pages {
        &self.buckets
    }

    /// As [`KeyIndex::table`].
    pub(super) fn table_mut(&mut self) -> &mut dyn Pages {
        &mut self.buckets
    }

    /// The bytes of a bucket.
    pub(super) fn encode(&self, number: u32) -> Option<Vec<u8>> {
        let bucket = self.buckets.get(number as usize)?;
        (!bucket.0.is_empty()).then(|| bucket.encode())
    }
}

impl Bucket {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.0.len() as u64);
        put_ints(&self.0.iter().map(|entry| i64::from(entry.0)).collect::<Vec<_>>(), &mut out);
        put_ints(&self.0.iter().map(|entry| i64::from(entry.1)).collect::<Vec<_>>(), &mut out);
        out
    }
}

impl Page for Bucket {
    const GROWTH: usize = 2;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(1 << 28)?;
        let mut column = || -> Result<Vec<u32>> {
            let numbers = take_ints(&mut reader, len)?.into_iter().map(u32::try_from);
            numbers.collect::<Result<_, _>>().map_err(|_| damaged("a hash or an id is out of range"))
        };
        let (hashes, ids) = (column()?, column()?);
        if !hashes.is_sorted() {
            return Err(damaged("hashes are out of order"));
        }
        Ok(Self(hashes.into_iter().zip(ids).collect()))
    }
}

/// The bucket of a hash.
fn bucket(hash: u32, bits: u32) -> usize {
    (u64::from(hash) << bits >> 32) as usize
}

/// The hash of a text: FNV-1a of 64 bits, mixed down to 32; part of the index's format.
pub(super) fn hash(text: &str) -> u32 {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What bears what, for the tests' `bears`.
    type Borne = std::collections::BTreeMap<u32, Arc<str>>;

    fn ids(index: &KeyIndex, text: &str, borne: &Borne) -> Vec<u32> {
        index.find(text, |id| borne.get(&id).is_some_and(|other| **other == *text)).collect()
    }

    proptest! {
        #[test]
        fn it_finds_what_bears_a_text(
            changes in prop::collection::vec((0_u32..12, "[a-c]", any::<bool>()), 0..60), by in 1_usize..9,
        ) {
            let mut index = KeyIndex::new(Column::NodeKeys);
            let mut borne = Borne::new();
            for (n, (id, text, is_merged)) in changes.into_iter().enumerate() {
                let text: Arc<str> = text.as_str().into();
                let bears = |borne: &Borne, text: &str, id| borne.get(&id).is_some_and(|other| **other == *text);
                if let Some(before) = borne.get(&id).cloned() {
                    index.change(&before, id, false, |id| bears(&borne, &before, id));
                    borne.remove(&id);
                }
                index.change(&text, id, true, |id| bears(&borne, &text, id));
                borne.insert(id, text);
                if is_merged && n % by == 0 {
                    index.merge(|text, id| bears(&borne, text, id));
                }
                for text in ["a", "b", "c", "d"] {
                    let expected: Vec<u32> =
                        borne.iter().filter(|(_, other)| ***other == *text).map(|(id, _)| *id).collect();
                    prop_assert_eq!(ids(&index, text, &borne), expected);
                }
            }
        }
    }

    #[test]
    fn many_texts_lie_in_many_buckets() {
        let texts: Vec<String> = (0..10_000).map(|n: u32| format!("ship-{n}")).collect();
        let borne: Borne =
            texts.iter().enumerate().map(|(id, text)| (id as u32, text.as_str().into())).collect();
        let mut index = KeyIndex::new(Column::NodeKeys);
        for (&id, text) in &borne {
            index.change(text, id, true, |_| false);
        }
        index.merge(|text, id| borne.get(&id).is_some_and(|other| **other == *text));
        assert_eq!(index.shape(), (2, 10_000));
        assert!(texts.iter().enumerate().all(|(id, text)| ids(&index, text, &borne) == [id as u32]));
        let mut at_once = KeyIndex::new(Column::NodeKeys);
        at_once.extend(texts.iter().map(|text| hash(text)).zip(0..).collect());
        assert_eq!(at_once.shape(), (2, 10_000));
        assert!((0..4).all(|number| at_once.encode(number) == index.encode(number)));
    }
}

//! The keys of millions of new elements, and the rows that they come from.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::table::Place;
use crate::columns::Texts;

/// Different keys in the order in which they came, each with its row.
#[derive(Debug, Default)]
pub(super) struct NewKeys {
    keys: Texts,
    /// Numbers of keys, by their hashes.
    by_hash: HashTable<u32>,
    /// The line of each key; it stands in the file of the run that it is in.
    lines: Vec<u32>,
    /// The number from which on keys come from a file.
    runs: Vec<(u32, usize)>,
}

impl NewKeys {
    /// Adds a key; gives the row of the one that is there already.
    pub(super) fn add(&mut self, key: &str, place: Place) -> Option<Place> {
        if let Some(number) = self.find(key) {
            return Some(self.place(number));
        }
        let number = self.keys.len() as u32;
        self.keys.push(key);
        self.lines.push(u32::try_from(place.line).unwrap_or(u32::MAX));
        if self.runs.last().is_none_or(|(_, n_input)| *n_input != place.n_input) {
            self.runs.push((number, place.n_input));
        }
        let keys = &self.keys;
        self.by_hash.insert_unique(hash(key), number, |other| hash(keys.get(*other as usize)));
        None
    }

    /// The number of a key.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        self.by_hash.find(hash(key), |number| self.keys.get(*number as usize) == key).copied()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// All keys in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.keys.iter()
    }

    fn place(&self, number: u32) -> Place {
        let run = self.runs.partition_point(|(first, _)| *first <= number);
        let n_input = run.checked_sub(1).map_or(0, |run| self.runs[run].1);
        Place { n_input, line: u64::from(self.lines[number as usize]) }
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

//! A property index: from the values of a property to the nodes that have them.
//!
//! It answers what the language's `=`, `<`, `<=`, `>`, `>=` and `STARTS WITH` ask
//! of a property, with the same answers as looking at every node: numbers compare
//! with numbers by value, texts with texts, dates with dates, datetimes with
//! datetimes by their instant, and nothing across. Null and NaN are not in it,
//! since they satisfy none of these.

use std::ops::Bound;
use std::sync::Arc;

use super::Symbol;
use super::index_key::{Key, Place, Sort};
use super::sorted_entries::SortedEntries;
use super::table::Loader;
use crate::model::{NodeId, Value};

/// An index of one property of the nodes with one label.
#[derive(Debug, Clone)]
pub struct PropertyIndex {
    name: String,
    label: Symbol,
    property: Symbol,
    pub(super) entries: SortedEntries,
}

impl PropertyIndex {
    /// An index of the given nodes and their values, for a slot of the store's.
    ///
    /// # Complexity
    /// O(N log N) for N nodes.
    pub(super) fn build<'a>(
        (name, label, property): (String, Symbol, Symbol),
        slot: u32,
        nodes: impl Iterator<Item = (NodeId, &'a Value)>,
    ) -> Self {
        let entries = nodes.filter_map(|(id, value)| Some((Key::of(value)?, id))).collect();
        Self { name, label, property, entries: SortedEntries::build(slot, entries) }
    }

    /// The index that lies in a slot of the store's.
    pub(super) fn stored(
        (name, label, property): (String, Symbol, Symbol),
        slot: u32,
        loader: &Arc<Loader>,
    ) -> Self {
        Self { name, label, property, entries: SortedEntries::stored(slot, loader) }
    }

    /// Whether a value is in an index at all: null and NaN are not.
    #[must_use]
    pub fn takes(value: &Value) -> bool {
        Key::of(value).is_some()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The label of the nodes in it.
    #[must_use]
    pub fn label(&self) -> Symbol {
        self.label
    }

    /// The property that it finds them by.
    #[must_use]
    pub fn property(&self) -> Symbol {
        self.property
    }

    /// How many nodes are in it: those whose property is neither null nor NaN.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no node is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }

    /// How many different values are in it; 1 and 1.0 are one.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.entries.distinct()
    }

    /// The nodes whose property equals a value, in the order of their ids; none
    /// for null and NaN.
    pub fn equal(&self, value: &Value) -> impl Iterator<Item = NodeId> + '_ {
        Key::of(value)
            .into_iter()
            .flat_map(|key| self.between(Bound::Included(key.clone()), Bound::Included(key)))
    }

    /// How many nodes [`PropertyIndex::equal`] gives, without walking them.
    #[must_use]
    pub fn equal_count(&self, value: &Value) -> usize {
        Key::of(value).map_or(0, |key| self.entries.count(&key))
    }

    /// The nodes whose property lies between two bounds, in the order of the values
    /// and then of the ids. Bounds that nothing compares with, such as null, NaN or
    /// two of different types, find nothing.
    ///
    /// `None` where the index cannot tell, and every node has to be looked at:
    /// without a bound, and for bounds that are lists, which compare item by item.
    #[must_use]
    pub fn range<'a>(
        &'a self,
        from: Bound<&Value>,
        to: Bound<&Value>,
    ) -> Option<impl Iterator<Item = NodeId> + use<'a>> {
        let given = [from, to].into_iter().filter_map(|bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => Some(value),
            Bound::Unbounded => None,
        });
        let given: Vec<&Value> = given.collect();
        if given.is_empty() || given.iter().any(|value| matches!(value, Value::List(_))) {
            return None;
        }
        let sorts: Option<Vec<Sort>> = given.iter().map(|value| Sort::of(value)).collect();
        let sort = sorts.filter(|sorts| sorts.iter().all(|sort| *sort == sorts[0])).map(|sorts| sorts[0]);
        let bounds = sort.filter(|sort| sort.has_order()).map(|sort| {
            let key = |value: &Value| Key { sort, place: Place::At(value.clone()) };
            let or_all = |bound: Bound<Key>, place| match bound {
                Bound::Unbounded => Bound::Included(Key { sort, place }),
                bound => bound,
            };
            (or_all(from.map(key), Place::Least), or_all(to.map(key), Place::Greatest))
        });
        Some(bounds.into_iter().flat_map(|(from, to)| self.between(from, to)))
    }

    /// The nodes whose property is a text that begins with `start`, in the order of
    /// the texts and then of the ids.
    pub fn prefix<'a>(&'a self, start: &str) -> impl Iterator<Item = NodeId> + use<'a> {
        let from = Key { sort: Sort::String, place: Place::At(Value::from(start)) };
        let start = start.to_owned();
        let found = self.entries.from(Bound::Included(from));
        let found = found.take_while(move |(key, _)| key.text().is_some_and(|text| text.starts_with(&start)));
        found.map(|(_, id)| *id)
    }

    fn between(&self, from: Bound<Key>, to: Bound<Key>) -> impl Iterator<Item = NodeId> + use<'_> {
        let is_within = move |key: &Key| match &to {
            Bound::Included(to) => key <= to,
            Bound::Excluded(to) => key < to,
            Bound::Unbounded => true,
        };
        self.entries.from(from).take_while(move |(key, _)| is_within(key)).map(|(_, id)| *id)
    }

    pub(super) fn insert(&mut self, id: NodeId, value: &Value) {
        if let Some(key) = Key::of(value) {
            self.entries.insert((key, id));
        }
    }

    pub(super) fn remove(&mut self, id: NodeId, value: &Value) {
        if let Some(key) = Key::of(value) {
            self.entries.remove(&(key, id));
        }
    }
}

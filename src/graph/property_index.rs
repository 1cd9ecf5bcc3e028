//! A property index: from the values of a property to the nodes that have them.
//!
//! It answers what the language's `=`, `<`, `<=`, `>`, `>=` and `STARTS WITH` ask
//! of a property, with the same answers as looking at every node: numbers compare
//! with numbers by value, texts with texts, dates with dates, datetimes with
//! datetimes by their instant, and nothing across. Null and NaN are not in it,
//! since they satisfy none of these.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::Symbol;
use crate::model::{NodeId, Value};

/// An index of one property of the nodes with one label.
#[derive(Debug, Clone)]
pub struct PropertyIndex {
    name: String,
    label: Symbol,
    property: Symbol,
    entries: BTreeMap<Key, Ids>,
    len: usize,
}

impl PropertyIndex {
    /// An index of the given nodes and their values.
    ///
    /// # Complexity
    /// O(N log N) for N nodes.
    pub(super) fn build<'a>(
        name: String,
        label: Symbol,
        property: Symbol,
        nodes: impl Iterator<Item = (NodeId, &'a Value)>,
    ) -> Self {
        let mut keyed: Vec<(Key, NodeId)> =
            nodes.filter_map(|(id, value)| Some((Key::of(value)?, id))).collect();
        keyed.sort_unstable();
        let len = keyed.len();
        let groups = keyed.chunk_by(|a, b| a.0 == b.0);
        let entries = groups.map(|group| (group[0].0.clone(), Ids::of(group.iter().map(|entry| entry.1))));
        Self { name, label, property, entries: entries.collect(), len }
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
        self.len
    }

    /// Whether no node is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many different values are in it; 1 and 1.0 are one.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.entries.len()
    }

    /// The nodes whose property equals a value, in the order of their ids; none
    /// for null and NaN.
    pub fn equal(&self, value: &Value) -> impl Iterator<Item = NodeId> + '_ {
        Key::of(value).and_then(|key| self.entries.get(&key)).into_iter().flat_map(Ids::iter)
    }

    /// How many nodes [`PropertyIndex::equal`] gives, without walking them.
    #[must_use]
    pub fn equal_count(&self, value: &Value) -> usize {
        Key::of(value).and_then(|key| self.entries.get(&key)).map_or(0, Ids::len)
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
        let found = self.entries.range(from..);
        let found = found.take_while(move |(key, _)| key.text().is_some_and(|text| text.starts_with(&start)));
        found.flat_map(|(_, ids)| ids.iter())
    }

    fn between(&self, from: Bound<Key>, to: Bound<Key>) -> impl Iterator<Item = NodeId> + '_ {
        let is_empty = match (&from, &to) {
            (Bound::Included(from), Bound::Included(to)) => from > to,
            (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => {
                from >= to
            }
            _ => false,
        };
        let found = (!is_empty).then(|| self.entries.range((from, to)));
        found.into_iter().flatten().flat_map(|(_, ids)| ids.iter())
    }

    pub(super) fn insert(&mut self, id: NodeId, value: &Value) {
        let Some(key) = Key::of(value) else { return };
        match self.entries.get_mut(&key) {
            Some(ids) => ids.insert(id),
            None => drop(self.entries.insert(key, Ids::One(id))),
        }
        self.len += 1;
    }

    pub(super) fn remove(&mut self, id: NodeId, value: &Value) {
        let Some(key) = Key::of(value) else { return };
        let Some(ids) = self.entries.get_mut(&key) else { return };
        if !ids.remove(id) {
            self.entries.remove(&key);
        }
        self.len -= 1;
    }
}

/// The nodes of one value, in the order of their ids. Where values are unique,
/// which is the usual case of an index, a set for each would be a waste.
#[derive(Debug, Clone)]
enum Ids {
    One(NodeId),
    Many(BTreeSet<NodeId>),
}

impl Ids {
    fn of(ids: impl ExactSizeIterator<Item = NodeId> + Clone) -> Self {
        match (ids.len(), ids.clone().next()) {
            (1, Some(id)) => Self::One(id),
            _ => Self::Many(ids.collect()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(ids) => ids.len(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        let (one, many) = match self {
            Self::One(id) => (Some(*id), None),
            Self::Many(ids) => (None, Some(ids)),
        };
        one.into_iter().chain(many.into_iter().flatten().copied())
    }

    fn insert(&mut self, id: NodeId) {
        match self {
            Self::One(other) => *self = Self::Many([*other, id].into()),
            Self::Many(ids) => drop(ids.insert(id)),
        }
    }

    /// Removes an id; gives whether any are left.
    fn remove(&mut self, id: NodeId) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(ids) => {
                ids.remove(&id);
                !ids.is_empty()
            }
        }
    }
}

/// Values that can be compared with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Boolean,
    Number,
    String,
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
    Duration,
    List,
}

impl Sort {
    /// The sort of a value that may equal some value; `None` for null, NaN, what
    /// holds one of them, and what no property can hold.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(_) => Some(Self::Boolean),
            Value::Int(_) => Some(Self::Number),
            Value::Float(number) => (!number.is_nan()).then_some(Self::Number),
            Value::String(_) => Some(Self::String),
            Value::Date(_) => Some(Self::Date),
            Value::LocalTime(_) => Some(Self::LocalTime),
            Value::Time(_) => Some(Self::Time),
            Value::LocalDateTime(_) => Some(Self::LocalDateTime),
            Value::DateTime(_) => Some(Self::DateTime),
            Value::Duration(_) => Some(Self::Duration),
            Value::List(items) => items.iter().all(|item| Self::of(item).is_some()).then_some(Self::List),
            Value::Null | Value::Map(_) | Value::Node(_) | Value::Relationship(_) | Value::Path(_) => None,
        }
    }

    /// Whether `<` holds between any two different values of the sort, or the other way.
    fn has_order(self) -> bool {
        !matches!(self, Self::Duration | Self::List)
    }
}

/// A value in the index's order, or a place before or after all values of a sort.
/// Values that the language calls equal are one key.
#[derive(Debug, Clone)]
struct Key {
    sort: Sort,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Least,
    At(Value),
    Greatest,
}

impl Key {
    fn of(value: &Value) -> Option<Self> {
        Sort::of(value).map(|sort| Self { sort, place: Place::At(value.clone()) })
    }

    fn text(&self) -> Option<&str> {
        match &self.place {
            Place::At(value) => value.as_str(),
            _ => None,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort.cmp(&other.sort).then_with(|| match (&self.place, &other.place) {
            (Place::At(a), Place::At(b)) => order(a, b),
            (Place::Least, Place::Least) | (Place::Greatest, Place::Greatest) => Ordering::Equal,
            (Place::Least, _) | (_, Place::Greatest) => Ordering::Less,
            (Place::Greatest, _) | (_, Place::Least) => Ordering::Greater,
        })
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

/// The language's order where it has one. Lists go item by item, since the same
/// instant with two offsets makes equal lists too.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            let items = a.iter().zip(b).map(|(a, b)| Sort::of(a).cmp(&Sort::of(b)).then_with(|| order(a, b)));
            items.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => a.compare(b).unwrap_or_else(|| a.total_order(b)),
    }
}

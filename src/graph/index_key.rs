//! Values in the order in which a property index keeps them.

use std::cmp::Ordering;

use crate::model::Value;

/// Values that can be compared with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
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
    pub(super) fn of(value: &Value) -> Option<Self> {
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
    pub(super) fn has_order(self) -> bool {
        !matches!(self, Self::Duration | Self::List)
    }
}

/// A value in the index's order, or a place before or after all values of a sort.
/// Values that the language calls equal are one key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) sort: Sort,
    pub(super) place: Place,
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    Least,
    At(Value),
    Greatest,
}

impl Key {
    pub(super) fn of(value: &Value) -> Option<Self> {
        Sort::of(value).map(|sort| Self { sort, place: Place::At(value.clone()) })
    }

    /// The value; none for a place before or after all.
    pub(super) fn value(&self) -> Option<&Value> {
        match &self.place {
            Place::At(value) => Some(value),
            Place::Least | Place::Greatest => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
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

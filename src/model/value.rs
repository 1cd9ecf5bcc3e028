//! Values of the language and of properties.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::time::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time};
use super::{NodeId, RelationshipId};

/// A path: nodes and the relationships between them, in the order walked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// One more than the relationships.
    pub nodes: Vec<NodeId>,
    /// The relationships.
    pub relationships: Vec<RelationshipId>,
}

/// A value. Nodes, relationships and paths are references into a graph and are
/// never stored in a property.
///
/// How it lies in a record is another matter: see `wire.rs`.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit floating-point number.
    Float(f64),
    /// A text.
    String(Arc<str>),
    /// A day.
    Date(Date),
    /// The time of a day.
    LocalTime(LocalTime),
    /// The time of a day with an offset.
    Time(Time),
    /// A day and a time.
    LocalDateTime(LocalDateTime),
    /// An instant with an offset or a named zone.
    DateTime(DateTime),
    /// A length of time.
    Duration(Duration),
    /// Several values in order.
    List(Vec<Self>),
    /// Values by name.
    Map(BTreeMap<String, Self>),
    /// A node of the graph that the query runs on.
    Node(NodeId),
    /// A relationship of that graph.
    Relationship(RelationshipId),
    /// A path in that graph.
    Path(Arc<Path>),
}

impl Value {
    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The type's name as the language spells it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Bool(_) => "Boolean",
            Self::Int(_) => "Integer",
            Self::Float(_) => "Float",
            Self::String(_) => "String",
            Self::Date(_) => "Date",
            Self::LocalTime(_) => "LocalTime",
            Self::Time(_) => "Time",
            Self::LocalDateTime(_) => "LocalDateTime",
            Self::DateTime(_) => "DateTime",
            Self::Duration(_) => "Duration",
            Self::List(_) => "List",
            Self::Map(_) => "Map",
            Self::Node(_) => "Node",
            Self::Relationship(_) => "Relationship",
            Self::Path(_) => "Path",
        }
    }

    /// Whether a property may hold it: no maps, no elements, and lists only of
    /// simple values of one type.
    #[must_use]
    pub fn is_storable(&self) -> bool {
        match self {
            Self::Map(_) | Self::Node(_) | Self::Relationship(_) | Self::Path(_) => false,
            Self::List(items) => {
                items.iter().all(|item| item.is_storable() && !matches!(item, Self::List(_) | Self::Null))
            }
            _ => true,
        }
    }

    /// Equality in the language's three-valued logic; `None` is unknown.
    ///
    /// Numbers compare by value. Values of different types are not equal.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                Some(compare_numbers(self, other) == Some(Ordering::Equal))
            }
            (Self::List(a), Self::List(b)) if a.len() != b.len() => Some(false),
            (Self::List(a), Self::List(b)) => all_equal(a.iter().zip(b)),
            (Self::Map(a), Self::Map(b)) if !a.keys().eq(b.keys()) => Some(false),
            (Self::Map(a), Self::Map(b)) => all_equal(a.values().zip(b.values())),
            _ => Some(self == other),
        }
    }

    /// Order in the language's three-valued logic; `None` where the two cannot be
    /// compared: null, NaN, or different types.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => compare_numbers(self, other),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::String(a), Self::String(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::LocalTime(a), Self::LocalTime(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::LocalDateTime(a), Self::LocalDateTime(b)) => Some(a.cmp(b)),
            (Self::DateTime(a), Self::DateTime(b)) => Some(a.cmp(b)),
            (Self::List(a), Self::List(b)) => {
                for (a, b) in a.iter().zip(b) {
                    match a.compare(b)? {
                        Ordering::Equal => {}
                        decided => return Some(decided),
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => None,
        }
    }

    /// The total order of `ORDER BY`: by type first, then by value, null last.
    /// Values that it calls equal are the same for `DISTINCT` and grouping.
    #[must_use]
    pub fn total_order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => order_numbers(self, other),
            (Self::List(a), Self::List(b)) => order_lists(a.iter(), b.iter()),
            (Self::Map(a), Self::Map(b)) => {
                a.keys().cmp(b.keys()).then_with(|| order_lists(a.values(), b.values()))
            }
            (Self::Node(a), Self::Node(b)) => a.cmp(b),
            (Self::Relationship(a), Self::Relationship(b)) => a.cmp(b),
            (Self::Path(a), Self::Path(b)) => a.cmp(b),
            (Self::Duration(a), Self::Duration(b)) => order_durations(a, b),
            _ => self
                .type_rank()
                .cmp(&other.type_rank())
                .then_with(|| self.compare(other).unwrap_or(Ordering::Equal)),
        }
    }

    /// openCypher's order of types in `ORDER BY`.
    fn type_rank(&self) -> u8 {
        match self {
            Self::Map(_) => 0,
            Self::Node(_) => 1,
            Self::Relationship(_) => 2,
            Self::List(_) => 3,
            Self::Path(_) => 4,
            Self::DateTime(_) => 5,
            Self::LocalDateTime(_) => 6,
            Self::Date(_) => 7,
            Self::Time(_) => 8,
            Self::LocalTime(_) => 9,
            Self::Duration(_) => 10,
            Self::String(_) => 11,
            Self::Bool(_) => 12,
            Self::Int(_) | Self::Float(_) => 13,
            Self::Null => 14,
        }
    }
}

fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut known = true;
    for (a, b) in pairs {
        match a.equals(b) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

fn compare_numbers(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => compare_mixed(*a, *b),
        (Value::Float(a), Value::Int(b)) => compare_mixed(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

/// Compares exactly: `i64 as f64` rounds beyond 2^53.
fn compare_mixed(a: i64, b: f64) -> Option<Ordering> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        None
    } else if b >= TWO_63 {
        Some(Ordering::Less)
    } else if b < -TWO_63 {
        Some(Ordering::Greater)
    } else {
        let whole = b.floor();
        Some(a.cmp(&(whole as i64)).then(if b > whole { Ordering::Less } else { Ordering::Equal }))
    }
}

fn order_numbers(a: &Value, b: &Value) -> Ordering {
    let is_nan = |value: &Value| matches!(value, Value::Float(number) if number.is_nan());
    compare_numbers(a, b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
}

fn order_lists<'a>(a: impl Iterator<Item = &'a Value>, b: impl Iterator<Item = &'a Value>) -> Ordering {
    let mut b = b;
    for item in a {
        match b.next().map(|other| item.total_order(other)) {
            None => return Ordering::Greater,
            Some(Ordering::Equal) => {}
            Some(decided) => return decided,
        }
    }
    if b.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

/// By average length, then by parts, as openCypher does.
fn order_durations(a: &Duration, b: &Duration) -> Ordering {
    let parts = |d: &Duration| (d.average_nanos(), d.months(), d.days(), d.seconds());
    parts(a).cmp(&parts(b))
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Option<bool>> for Value {
    fn from(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Bool)
    }
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}

/// As written in the language: strings in single quotes, nodes by their id.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) if number.is_nan() => f.write_str("NaN"),
            Self::Float(number) if number.is_infinite() => {
                f.write_str(if *number > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Self::Float(number) => write!(f, "{number:?}"),
            Self::String(text) => write!(f, "'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Date(date) => date.fmt(f),
            Self::LocalTime(time) => time.fmt(f),
            Self::Time(time) => time.fmt(f),
            Self::LocalDateTime(local) => local.fmt(f),
            Self::DateTime(time) => time.fmt(f),
            Self::Duration(duration) => duration.fmt(f),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (i, (name, value)) in entries.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
            Self::Node(id) => write!(f, "(#{id})"),
            Self::Relationship(id) => write!(f, "[#{id}]"),
            Self::Path(path) => {
                for (i, node) in path.nodes.iter().enumerate() {
                    if let Some(relationship) = i.checked_sub(1).and_then(|i| path.relationships.get(i)) {
                        write!(f, "-[#{relationship}]-")?;
                    }
                    write!(f, "(#{node})")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_three_valued() {
        let list = |items: &[Value]| Value::List(items.to_vec());
        assert_eq!(Value::Int(1).equals(&Value::Float(1.0)), Some(true));
        assert_eq!(Value::Int(1).equals(&Value::Null), None);
        assert_eq!(Value::Int(1).equals(&Value::from("1")), Some(false));
        assert_eq!(
            list(&[Value::Int(1), Value::Null]).equals(&list(&[Value::Int(2), Value::Null])),
            Some(false)
        );
        assert_eq!(list(&[Value::Int(1), Value::Null]).equals(&list(&[Value::Int(1), Value::Null])), None);
        assert_eq!(Value::Float(f64::NAN).equals(&Value::Float(f64::NAN)), Some(false));
    }

    #[test]
    fn big_integers_compare_exactly_with_floats() {
        let big = 9_007_199_254_740_993_i64;
        assert_eq!(Value::Int(big).compare(&Value::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(Value::Int(i64::MAX).compare(&Value::Float(f64::INFINITY)), Some(Ordering::Less));
        assert_eq!(Value::Int(0).compare(&Value::Float(0.5)), Some(Ordering::Less));
        assert_eq!(Value::Int(-1).compare(&Value::Float(-0.5)), Some(Ordering::Less));
    }

    #[test]
    fn null_sorts_last_and_groups_with_itself() {
        let mut values =
            [Value::Null, Value::from("b"), Value::Int(2), Value::from("a"), Value::Float(f64::NAN)];
        values.sort_by(Value::total_order);
        assert_eq!(values[..3], [Value::from("a"), Value::from("b"), Value::Int(2)]);
        assert!(matches!(values[3], Value::Float(_)) && values[4].is_null());
        assert_eq!(Value::Null.total_order(&Value::Null), Ordering::Equal);
    }
}

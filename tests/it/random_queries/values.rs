//! Values of the naive evaluator: equality, comparison and order as openCypher 9 defines them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Nodes and relationships are places in the graph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
    Node(usize),
    Relationship(usize),
    Path(Vec<usize>, Vec<usize>),
}

impl Value {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// `=`; `None` is unknown.
    pub(crate) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::List(a), Self::List(b)) => match a.len() == b.len() {
                true => all_equal(a.iter().zip(b).map(|(a, b)| a.equals(b))),
                false => Some(false),
            },
            (Self::Map(a), Self::Map(b)) => match a.keys().eq(b.keys()) {
                true => all_equal(a.values().zip(b.values()).map(|(a, b)| a.equals(b))),
                false => Some(false),
            },
            (Self::Int(a), Self::Int(b)) => Some(a == b),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => Some(a == b),
                _ => Some(self == other),
            },
        }
    }

    /// `<`, with `None` for what is unknown: null, or values of different types.
    pub(crate) fn is_less(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a < b),
            (Self::Int(a), Self::Int(b)) => Some(a < b),
            (Self::Text(a), Self::Text(b)) => Some(a < b),
            (Self::List(a), Self::List(b)) => {
                for (a, b) in a.iter().zip(b) {
                    if !a.equals(b)? {
                        return a.is_less(b);
                    }
                }
                Some(a.len() < b.len())
            }
            _ => Some(self.number()? < other.number()?),
        }
    }

    /// The order of ORDER BY, min and max, and the equivalence of DISTINCT and grouping:
    /// maps, nodes, relationships, lists, paths, texts, booleans, numbers, NaN, null.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Node(a), Self::Node(b)) | (Self::Relationship(a), Self::Relationship(b)) => a.cmp(b),
            (Self::Path(a, x), Self::Path(b, y)) => (a, x).cmp(&(b, y)),
            (Self::List(a), Self::List(b)) => order_all(a.iter().zip(b)).then(a.len().cmp(&b.len())),
            (Self::Map(a), Self::Map(b)) => {
                a.keys().cmp(b.keys()).then_with(|| order_all(a.values().zip(b.values())))
            }
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Map(_) => 0,
            Self::Node(_) => 1,
            Self::Relationship(_) => 2,
            Self::List(_) => 3,
            Self::Path(..) => 4,
            Self::Text(_) => 5,
            Self::Bool(_) => 6,
            Self::Int(_) | Self::Float(_) => 7,
            Self::Null => 8,
        }
    }

    /// A text that is the same for the same values. Floats are rounded to nine digits.
    pub(crate) fn text(&self) -> String {
        let all = |values: &[Self]| values.iter().map(Self::text).collect::<Vec<_>>().join(", ");
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(number) => number.to_string(),
            // Zero has two signs, which are equal.
            Self::Float(number) if *number == 0.0 => "0.0".to_owned(),
            Self::Float(number) if !number.is_finite() => number.to_string(),
            Self::Float(number) => format!("{number:.8e}"),
            Self::Text(text) => format!("{text:?}"),
            Self::List(items) => format!("[{}]", all(items)),
            Self::Map(entries) => {
                let entries = entries.iter().map(|(name, value)| format!("{name}: {}", value.text()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Self::Node(no) => format!("(n{no})"),
            Self::Relationship(no) => format!("[r{no}]"),
            Self::Path(nodes, relationships) => format!("path {nodes:?} {relationships:?}"),
        }
    }
}

/// Whether all are true: false if one is false, else unknown if one is.
fn all_equal(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let verdicts: Vec<_> = verdicts.collect();
    if verdicts.contains(&Some(false)) {
        return Some(false);
    }
    (!verdicts.contains(&None)).then_some(true)
}

fn order_all<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Ordering {
    pairs.map(|(a, b)| a.order(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

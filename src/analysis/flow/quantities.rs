//! What a case says about quantities.
//!
//! An element has a quantity in one of two ways: the properties `quantity` and `unit`, or a
//! property that is named after its unit, such as `tons`. `bound` says how it is meant: "more
//! than" and "at least" are lower bounds, "less than", "at most" and "up to" upper ones.

use super::{Amount, Quantity};
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::{About, NodeId, Value};

/// How a number is meant.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Exactly,
    AtLeast,
    AtMost,
}

/// The words of the property `bound`.
const BOUNDS: &[(&str, Bound)] = &[
    ("exactly", Bound::Exactly),
    ("at least", Bound::AtLeast),
    ("more than", Bound::AtLeast),
    ("over", Bound::AtLeast),
    ("at most", Bound::AtMost),
    ("less than", Bound::AtMost),
    ("up to", Bound::AtMost),
];

impl Bound {
    fn of(self, amount: Amount) -> Quantity {
        match self {
            Self::Exactly => Quantity::exactly(amount),
            Self::AtLeast => Quantity { least: amount, most: None },
            Self::AtMost => Quantity { least: Amount::ZERO, most: Some(amount) },
        }
    }
}

/// A unit that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    /// Its name, as the case writes it.
    pub(super) name: String,
    /// Whether a property of this name is a quantity.
    pub(super) is_property: bool,
}

/// How much an element says that it is, in one unit.
///
/// # Errors
/// `Invalid` with the element's name for what is no amount, and for a bound of another word.
pub(super) fn quantity_in(view: View<'_>, about: About, unit: &Unit) -> Result<Option<Quantity>> {
    if unit.is_property {
        let value = property(view, about, &unit.name);
        if !value.is_null() {
            return read(view, about, &unit.name, &value).map(Some);
        }
    }
    let value = property(view, about, "quantity");
    match property(view, about, "unit").as_str() == Some(&unit.name) && !value.is_null() {
        true => read(view, about, "quantity", &value).map(Some),
        false => Ok(None),
    }
}

/// The unit of an element's quantity, if it has one.
///
/// # Errors
/// `Invalid` for a quantity without a unit.
pub(super) fn unit_of(view: View<'_>, about: About) -> Result<Option<String>> {
    if property(view, about, "quantity").is_null() {
        return Ok(None);
    }
    match property(view, about, "unit") {
        Value::String(unit) => Ok(Some(unit.to_string())),
        Value::Null => Err(Error::invalid(format!("the quantity of {} has no unit", name_of(view, about)))
            .hint("set its property unit, or say units: ['quantity'] if all are in the same".to_owned())),
        other => {
            let name = name_of(view, about);
            Err(Error::invalid(format!("expected a text as unit of {name}, found {other}")))
        }
    }
}

fn read(view: View<'_>, about: About, name: &str, value: &Value) -> Result<Quantity> {
    let amount = match value {
        Value::Int(number) => Amount::of_int(*number),
        Value::Float(number) => Amount::of_float(*number),
        other => Err(Error::invalid(format!("expected a number, found {} {other}", other.type_name()))),
    };
    let wrong = |error: Error| Error::invalid(format!("{name} of {}: {error}", name_of(view, about)));
    let amount = amount.map_err(wrong)?;
    let bound = property(view, about, "bound");
    let bound = match &bound {
        Value::Null => "exactly".to_owned(),
        Value::String(word) => word.trim().to_lowercase(),
        other => other.to_string(),
    };
    match BOUNDS.iter().find(|(word, _)| *word == bound) {
        Some((_, bound)) => Ok(bound.of(amount)),
        None => {
            let words: Vec<&str> = BOUNDS.iter().map(|(word, _)| *word).collect();
            let message = format!("the bound '{bound}' of {} is not known", name_of(view, about));
            Err(Error::invalid(message).hint(format!("a bound is one of: {}", words.join(", "))))
        }
    }
}

fn property(view: View<'_>, about: About, name: &str) -> Value {
    match about {
        About::Node(id) => view.node_property(id, name),
        About::Relationship(id) => view.relationship_property(id, name),
    }
}

/// An element for messages: a node by its key, its id or its name, a relationship by its key or
/// its ends.
pub(super) fn name_of(view: View<'_>, about: About) -> String {
    match about {
        About::Node(id) => node_name(view, id),
        About::Relationship(id) => {
            let Some(relationship) = view.graph().relationship(id) else {
                return "a relationship".to_owned();
            };
            let (from, to) = (node_name(view, relationship.start), node_name(view, relationship.end));
            let kind = view.graph().text(relationship.kind);
            relationship.key.as_deref().map_or_else(|| format!("{kind} from {from} to {to}"), str::to_owned)
        }
    }
}

fn node_name(view: View<'_>, id: NodeId) -> String {
    let key = view.graph().node(id).and_then(|node| node.key.as_deref().map(str::to_owned));
    let property = |name| view.node_property(id, name).as_str().map(str::to_owned);
    key.or_else(|| property("id")).or_else(|| property("name")).unwrap_or_else(|| view.graph().key_of(id))
}

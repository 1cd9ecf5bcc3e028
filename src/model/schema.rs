//! What the domain knows: FollowTheMoney's names where it has them, our
//! extension where it has none, and for each relationship type how it stands in
//! time and which way goods flow.
//!
//! Labels and types are open: anything may be created. What is unknown here is a
//! type of events that carries no goods, until the case declares it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{NodeData, Properties, Value, time};
use crate::error::{Error, Result};

/// How a relationship type stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeKind {
    /// Happened at some instant of its period.
    Event,
    /// Held throughout its period.
    State,
}

impl TypeKind {
    /// The word for it in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::State => "state",
        }
    }
}

/// Which way goods may go along a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flow {
    /// None go.
    None,
    /// From its start to its end.
    Forward,
    /// From its end to its start.
    Backward,
    /// Either way.
    Both,
}

impl Flow {
    /// The word for it in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Both => "both",
        }
    }
}

/// A relationship type that the domain knows.
#[derive(Debug, Clone, Copy)]
pub struct RelationshipType {
    /// Its name.
    pub name: &'static str,
    /// Event or state.
    pub kind: TypeKind,
    /// Which way goods flow.
    pub flow: Flow,
    /// What it means, in a line.
    pub doc: &'static str,
}

/// What part a label plays in a chain of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Goods can lie there.
    Place,
    /// It carries goods, or is the goods on their way.
    Carrier,
    /// So many things hang on it that a path through it says nothing.
    Hub,
    /// A source of claims.
    Source,
    /// None of these.
    Other,
}

/// A label that the domain knows.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// Its part in a chain of goods.
    pub role: Role,
    /// What it means, in a line.
    pub doc: &'static str,
}

use Flow::{Backward, Both, Forward};
use TypeKind::{Event, State};

const fn kind(name: &'static str, kind: TypeKind, flow: Flow, doc: &'static str) -> RelationshipType {
    RelationshipType { name, kind, flow, doc }
}

/// The relationship types that the domain knows, by name.
#[rustfmt::skip]
pub const TYPES: &[RelationshipType] = &[
    kind("ABOUT",           State, Flow::None, "a document or event concerns an entity"),
    kind("AFFILIATED_WITH", State, Flow::None, "a person or body belongs to another"),
    kind("ANCHORED_OFF",    Event, Flow::None, "a ship lay at anchor off a place"),
    kind("CALLED_AT",       Event, Both,       "a ship called at a port"),
    kind("CARRIED",         Event, Both,       "a ship carried a consignment"),
    kind("CONTROLS",        State, Flow::None, "an entity directs another without owning it"),
    kind("DELIVERED_TO",    Event, Forward,    "a consignment reached a place"),
    kind("DIRECTS",         State, Flow::None, "a person is a director of a company"),
    kind("FAMILY_OF",       State, Flow::None, "two persons are related"),
    kind("FLAGGED",         State, Flow::None, "a ship flies a country's flag"),
    kind("LINKED_TO",       State, Flow::None, "a list or report links two entities"),
    kind("LOADED_AT",       Event, Backward,   "a consignment was loaded at a place"),
    kind("LOCATED_IN",      State, Flow::None, "a place lies in another"),
    kind("MANAGES",         State, Flow::None, "a company manages a ship or another company"),
    kind("NEAR",            State, Both,       "two places lie close together"),
    kind("NOT_SAME_AS",     State, Flow::None, "two entities of like names are different"),
    kind("OPERATES",        State, Flow::None, "a company operates a ship or a place"),
    kind("OWNS",            State, Flow::None, "an owner holds a share of an asset"),
    kind("PAID",            Event, Flow::None, "a payment"),
    kind("PART_OF",         State, Flow::None, "a body belongs to a larger one"),
    kind("POSSIBLY_SAME",   State, Flow::None, "two entities may be the same; not merged"),
    kind("PROPOSED_FOR_LISTING_BY", Event, Flow::None, "a draft list named an entity"),
    kind("PUBLISHED",       Event, Flow::None, "a body published a document"),
    kind("REGISTERED_AT",   State, Flow::None, "an entity has an address"),
    kind("RELAYS",          State, Flow::None, "a source repeats another's report"),
    kind("SAME_AS",         State, Flow::None, "two nodes are one entity; both are kept"),
    kind("SANCTIONED_BY",   State, Flow::None, "an authority lists an entity"),
    kind("SEEN_AT",         Event, Flow::None, "a ship was seen at a place"),
    kind("SHIPPED_FROM",    Event, Backward,   "a consignment left a place"),
    kind("SIGNED",          Event, Flow::None, "a party signed a document"),
    kind("STATED",          Event, Flow::None, "a person or body said something"),
    kind("SUCCEEDED",       State, Flow::None, "a company took another's place"),
    kind("TRANSFERRED_TO",  Event, Both,       "a carrier handed its cargo to another"),
];

const fn label(name: &'static str, role: Role, doc: &'static str) -> Label {
    Label { name, role, doc }
}

/// The labels that the domain knows, by name.
#[rustfmt::skip]
pub const LABELS: &[Label] = &[
    label("Address",      Role::Hub,     "a postal address"),
    label("Airplane",     Role::Carrier, "an aircraft"),
    label("Asset",        Role::Other,   "something that can be owned"),
    label("BankAccount",  Role::Other,   "an account"),
    label("Company",      Role::Other,   "a company"),
    label("Consignment",  Role::Carrier, "goods that travel together"),
    label("Country",      Role::Hub,     "a country or flag state"),
    label("Document",     Role::Other,   "a document"),
    label("Event",        Role::Other,   "something that happened"),
    label("Facility",     Role::Place,   "a depot, plant, arsenal, store or airfield"),
    label("LegalEntity",  Role::Other,   "a person or body in law"),
    label("Organization", Role::Other,   "an organisation"),
    label("Person",       Role::Other,   "a human being"),
    label("Place",        Role::Place,   "a town or area"),
    label("Port",         Role::Place,   "a sea or river port"),
    label("PublicBody",   Role::Other,   "a part of a state"),
    label("Registry",     Role::Hub,     "a register of ships or companies"),
    label("Sanction",     Role::Hub,     "a sanctions list or programme"),
    label("Source",       Role::Source,  "a document or data set that claims rest on"),
    label("Train",        Role::Carrier, "a train"),
    label("Vehicle",      Role::Carrier, "a lorry or wagon"),
    label("Vessel",       Role::Carrier, "a ship"),
];

/// Words that researchers use for kinds of place, each with the values of the
/// property `kind` that it covers.
pub const KIND_WORDS: &[(&str, &[&str])] = &[
    ("storage", &["storage", "depot", "arsenal", "magazine", "base", "airfield"]),
    ("depot", &["depot", "arsenal"]),
    ("factory", &["plant", "factory"]),
];

/// The part that a label plays, by the domain's table.
#[must_use]
pub fn role(label: &str) -> Role {
    LABELS.iter().find(|known| known.name == label).map_or(Role::Other, |known| known.role)
}

/// What a case knows about relationship types: the domain's table, and what the
/// case has declared itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Schema {
    declared: BTreeMap<String, (TypeKind, Flow)>,
}

impl Schema {
    /// Event or state; an unknown type is one of events.
    #[must_use]
    pub fn kind(&self, name: &str) -> TypeKind {
        self.get(name).map_or(Event, |(kind, _)| kind)
    }

    /// Which way goods flow; along an unknown type none do.
    #[must_use]
    pub fn flow(&self, name: &str) -> Flow {
        self.get(name).map_or(Flow::None, |(_, flow)| flow)
    }

    /// What the case itself has declared about a type.
    #[must_use]
    pub fn declared(&self, name: &str) -> Option<(TypeKind, Flow)> {
        self.declared.get(name).copied()
    }

    /// What the case itself has declared, by name.
    pub fn declarations(&self) -> impl Iterator<Item = (String, (TypeKind, Flow))> + '_ {
        self.declared.iter().map(|(name, declaration)| (name.clone(), *declaration))
    }

    /// Declares a type, or with `None` takes the declaration back.
    pub fn declare(&mut self, name: &str, declaration: Option<(TypeKind, Flow)>) {
        match declaration {
            Some(declaration) => self.declared.insert(name.to_owned(), declaration),
            None => self.declared.remove(name),
        };
    }

    /// The names of all types along which goods flow, in order.
    #[must_use]
    pub fn carrying_types(&self) -> Vec<String> {
        let known = TYPES.iter().map(|known| known.name);
        let mut names: Vec<String> =
            known.chain(self.declared.keys().map(String::as_str)).map(str::to_owned).collect();
        names.retain(|name| self.flow(name) != Flow::None);
        names.sort();
        names.dedup();
        names
    }

    fn get(&self, name: &str) -> Option<(TypeKind, Flow)> {
        self.declared(name)
            .or_else(|| TYPES.iter().find(|known| known.name == name).map(|known| (known.kind, known.flow)))
    }

    /// Checks what the domain knows about a node's properties.
    ///
    /// # Errors
    /// `Invalid` for an IMO number that fails its check digit, and for the date of a
    /// source that is none, since from it depends what was known when.
    pub fn check_node(&self, node: &NodeData) -> Result<()> {
        if node.labels.iter().any(|label| label == "Source") {
            check_date(node.properties.get("date"))?;
        }
        match node.properties.get("imo") {
            Some(imo) if node.labels.iter().any(|label| label == "Vessel") => check_imo(imo),
            _ => Ok(()),
        }
    }

    /// Checks what the domain knows about a relationship's properties.
    ///
    /// # Errors
    /// `Invalid` for a share outside 0..=1, a confidence outside 0..=1, a date
    /// that cannot be read, or a period that ends before it begins.
    pub fn check_relationship(&self, properties: &Properties) -> Result<()> {
        check_fraction("share", properties.get("share"))?;
        check_fraction("confidence", properties.get("confidence"))?;
        time::Period::read(properties.get("from"), properties.get("to")).map(|_| ())
    }
}

fn check_date(value: Option<&Value>) -> Result<()> {
    match value {
        None | Some(Value::Null) => Ok(()),
        Some(value) if time::reading(value).is_some_and(|(clock, _)| clock == time::Clock::Calendar) => {
            Ok(())
        }
        Some(value) => Err(Error::invalid(format!("expected a date of the source, found {value}"))
            .hint("dates are written 2023, 2023-09 or 2023-09-07".to_owned())),
    }
}

fn check_fraction(name: &str, value: Option<&Value>) -> Result<()> {
    let number = match value {
        Some(Value::Float(number)) => *number,
        Some(Value::Int(number)) => *number as f64,
        _ => return Ok(()),
    };
    match (0.0..=1.0).contains(&number) {
        true => Ok(()),
        false => Err(Error::invalid(format!("expected a {name} between 0 and 1, found {number}"))
            .hint((name == "share").then(|| "shares are fractions: 50 per cent is 0.5".to_owned()))),
    }
}

/// Checks an IMO ship number: seven digits, of which the last is the last digit
/// of the sum of the first six weighted 7 to 2.
///
/// Source: IMO resolution A.1117(30), IMO Ship Identification Number Scheme.
///
/// # Errors
/// `Invalid` where it is not seven digits or the check digit is wrong.
pub fn check_imo(imo: &Value) -> Result<()> {
    let text = match imo {
        Value::Int(number) => number.to_string(),
        Value::String(text) => text.trim().trim_start_matches("IMO").trim().to_owned(),
        other => return Err(Error::invalid(format!("expected an IMO number, found {}", other.type_name()))),
    };
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 7 || text.chars().count() != 7 {
        return Err(Error::invalid(format!("expected an IMO number of seven digits, found '{text}'")));
    }
    let sum: u32 = digits.iter().zip((2..=7).rev()).map(|(digit, weight)| digit * weight).sum();
    match sum % 10 == digits[6] {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "IMO number {text} fails its check: the last digit should be {}",
            sum % 10
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_so_that_people_find_things() {
        assert!(TYPES.is_sorted_by_key(|known| known.name));
        assert!(LABELS.is_sorted_by_key(|known| known.name));
    }

    #[test]
    fn imo_numbers_carry_a_check_digit() {
        for good in ["9161003", "9179842", "IMO 8517839", "9358010"] {
            assert_eq!(check_imo(&Value::from(good)), Ok(()), "{good}");
        }
        for bad in ["9161004", "916100", "91610033", "abcdefg", ""] {
            assert!(check_imo(&Value::from(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_case_may_declare_its_own_types() {
        let mut schema = Schema::default();
        assert_eq!((schema.kind("HELD"), schema.flow("HELD")), (Event, Flow::None));
        schema.declare("HELD", Some((State, Forward)));
        assert_eq!((schema.kind("HELD"), schema.flow("HELD")), (State, Forward));
        assert!(schema.carrying_types().contains(&"HELD".to_owned()));
        schema.declare("HELD", None);
        assert_eq!(schema, Schema::default());
    }

    #[test]
    fn shares_are_fractions() {
        let schema = Schema::default();
        let with = |share| Properties::from([("share".to_owned(), Value::Float(share))]);
        assert_eq!(schema.check_relationship(&with(0.5)), Ok(()));
        assert!(schema.check_relationship(&with(50.0)).is_err());
        assert!(schema.check_relationship(&with(f64::NAN)).is_err());
    }
}

//! Which properties have one value, and which may have many: what makes two claims about a
//! property a conflict.
//!
//! Properties are open, like labels and types. Of one that is not in the table, numbers and dates
//! are taken to be one ([`Values::of`]), since a thing has one length and was founded once, and texts
//! to be many, since a thing can be described in many ways. A case adds its own rules as nodes:
//! `(:PropertyRule {property: 'hullColour', values: 'one at a time'})`.

use super::Value;

/// How many values a property has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// One, whenever it is claimed.
    One,
    /// One at each instant: two values conflict only where their periods overlap.
    OneAtATime,
    /// A number of things or an amount, within a window of time and in a unit: two of them can be
    /// compared only where the units are the same and the windows are, or one lies within the other.
    Count,
    /// Any number: two values are no conflict.
    Many,
}

impl Values {
    /// The words for it, in rules and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::OneAtATime => "one at a time",
            Self::Count => "count",
            Self::Many => "many",
        }
    }

    /// What the words of a rule mean.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        let all = [Self::One, Self::OneAtATime, Self::Count, Self::Many];
        all.into_iter().find(|values| values.as_str().eq_ignore_ascii_case(words.trim()))
    }

    /// How many values a property has, by the table or else by two values of it.
    #[must_use]
    pub fn of(property: &str) -> Option<Self> {
        known(property).map(|known| known.values)
    }
}

/// Relationship types of which a node has at most one at a time among those that start at it. A case adds
/// its own as `(:PropertyRule {type: 'MOORED_AT', values: 'one at a time'})`.
pub const ONE_AT_A_TIME: &[&str] = &["FLAGGED"];

/// A property that the domain knows.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// How many values it has.
    pub values: Values,
    /// Numbers that differ by less are the same.
    pub tolerance: f64,
    /// What it means, in a line.
    pub doc: &'static str,
}

const fn property(name: &'static str, values: Values, doc: &'static str) -> Property {
    Property { name, values, tolerance: 0.0, doc }
}

/// A position in degrees. A port or town has no one point: tables give its quay, its centre or its
/// roads, and a tenth of a degree is some eleven kilometres.
const fn degrees(name: &'static str, doc: &'static str) -> Property {
    Property { name, values: One, tolerance: 0.1, doc }
}

use Values::{Count, Many, One, OneAtATime};

/// The properties that the domain knows, by name.
#[rustfmt::skip]
pub const PROPERTIES: &[Property] = &[
    property("address",           OneAtATime, "where a body is registered"),
    property("alias",             Many,       "another name"),
    property("aliases",           Many,       "other names"),
    property("alsoKnownAs",       Many,       "another name"),
    property("amount",            Count,      "how much"),
    property("birthDate",         One,        "when a person was born"),
    property("birthPlace",        One,        "where a person was born"),
    property("built",             One,        "the year in which a ship was built"),
    property("callSign",          OneAtATime, "a ship's call sign"),
    property("cargo",             One,        "what a consignment consists of"),
    property("containers",        Count,      "how many containers"),
    property("count",             Count,      "how many"),
    property("deathDate",         One,        "when a person died"),
    property("description",       Many,       "what somebody says of it"),
    property("destination",       One,        "where a consignment goes"),
    property("flag",              OneAtATime, "the state whose flag a ship flies"),
    property("fleetSize",         Count,      "how many ships"),
    property("founded",           One,        "when a body was founded"),
    property("gender",            One,        "of a person"),
    property("ground",            One,        "why an authority lists an entity"),
    property("imo",               One,        "a ship's IMO number"),
    property("imoNumber",         One,        "a ship's IMO number"),
    property("incorporationDate", One,        "when a company was registered"),
    property("inn",               One,        "a Russian taxpayer number"),
    property("innCode",           One,        "a Russian taxpayer number"),
    property("jurisdiction",      OneAtATime, "the country whose law a company is under"),
    degrees ("lat",                           "degrees north"),
    property("legalForm",         OneAtATime, "a company's legal form"),
    property("lei",               One,        "a Legal Entity Identifier"),
    property("leiCode",           One,        "a Legal Entity Identifier"),
    degrees ("lon",                           "degrees east"),
    property("mmsi",              OneAtATime, "the number of a ship's radio station"),
    property("name",              OneAtATime, "what it is called; other names are aliases"),
    property("note",              Many,       "a remark"),
    property("ogrn",              One,        "a Russian registration number"),
    property("ogrnCode",          One,        "a Russian registration number"),
    property("origin",            One,        "where a consignment comes from"),
    property("portOfRegistry",    OneAtATime, "the port in whose register a ship stands"),
    property("quantity",          Count,      "how much, in the property unit"),
    property("share",             OneAtATime, "a share of ownership, 0 to 1"),
    property("shells",            Count,      "how many shells"),
    property("shipments",         Count,      "how many shipments"),
    property("status",            OneAtATime, "whether a body is active"),
    property("targets",           One,        "whom a measure is against"),
    property("trips",             Count,      "how many trips"),
    property("unit",              One,        "the unit of a quantity"),
    property("unlocode",          One,        "a place's UN/LOCODE"),
    property("vesselType",        OneAtATime, "the type of a ship"),
    property("visits",            Count,      "how many visits"),
    property("voyages",           Count,      "how many voyages"),
    property("weight",            Count,      "how heavy"),
    property("weightEquivalent",  Count,      "a weight told as a number of things"),
];

/// The row of a property.
#[must_use]
pub fn known(property: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|known| known.name == property)
}

/// The label of nodes that are rules of a case.
pub const RULE_LABEL: &str = "PropertyRule";

/// Whether a value alone says that a property has one: numbers and dates do, texts do not.
#[must_use]
pub fn is_single_by_nature(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Float(_) => true,
        Value::String(text) => {
            text.trim().parse::<f64>().is_ok() || text.split(" to ").all(is_time) && !text.trim().is_empty()
        }
        other => super::time::reading(other).is_some(),
    }
}

fn is_time(text: &str) -> bool {
    super::time::reading(&Value::from(text)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(PROPERTIES.is_sorted_by_key(|known| known.name.to_lowercase()));
    }

    #[test]
    fn numbers_and_dates_are_one_and_texts_are_many() {
        for single in ["138", "2023-12", "2023-09-07 to 2023-09-12"] {
            assert!(is_single_by_nature(&Value::from(single)), "{single}");
        }
        for many in ["Astrakhan", "", "from Rajin to Dunai"] {
            assert!(!is_single_by_nature(&Value::from(many)), "{many}");
        }
    }

    #[test]
    fn rules_are_read_by_their_words() {
        assert_eq!(Values::parse("One at a time"), Some(Values::OneAtATime));
        assert_eq!(Values::parse("some"), None);
    }
}

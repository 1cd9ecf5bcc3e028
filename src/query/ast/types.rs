//! Types of values, as written after `IS ::`, and other questions after `IS`.

use std::fmt;

/// What `x IS …` asks of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IsTest {
    /// `IS :: type` and `IS TYPED type`.
    Typed(ValueType),
    /// `IS NORMALIZED`, with the form.
    Normalized(NormalForm),
}

/// The normal forms of Unicode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormalForm {
    /// Canonical, composed.
    Nfc,
    /// Canonical, decomposed.
    Nfd,
    /// Compatible, composed.
    Nfkc,
    /// Compatible, decomposed.
    Nfkd,
}

impl NormalForm {
    /// The form with a name, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let forms = [("NFC", Self::Nfc), ("NFD", Self::Nfd), ("NFKC", Self::Nfkc), ("NFKD", Self::Nfkd)];
        forms.into_iter().find(|(form, _)| form.eq_ignore_ascii_case(name)).map(|(_, form)| form)
    }
}

/// Types of which a value may have any: `INTEGER NOT NULL | STRING`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueType {
    /// Each with whether `NOT NULL` stands after it.
    pub alternatives: Vec<(TypeName, bool)>,
}

/// A type. Null is of every type but [`TypeName::Nothing`], unless `NOT NULL` stands after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeName {
    /// Any value.
    Any,
    /// No value, not even null.
    Nothing,
    /// Null alone.
    Null,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Float,
    /// A text.
    String,
    /// A day.
    Date,
    /// A time of day in no particular place.
    LocalTime,
    /// A time of day with an offset.
    ZonedTime,
    /// A date and a time in no particular place.
    LocalDateTime,
    /// An instant with an offset or a zone.
    ZonedDateTime,
    /// A length of time.
    Duration,
    /// A map.
    Map,
    /// A node.
    Node,
    /// A relationship.
    Relationship,
    /// A path.
    Path,
    /// What a property can hold.
    Property,
    /// A list, with the type of its items.
    List(Box<ValueType>),
}

impl fmt::Display for IsTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed(wanted) => write!(f, ":: {wanted}"),
            Self::Normalized(form) => write!(f, "{} NORMALIZED", format!("{form:?}").to_uppercase()),
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, not_null)) in self.alternatives.iter().enumerate() {
            let bar = if i > 0 { " | " } else { "" };
            write!(f, "{bar}{name}{}", if *not_null { " NOT NULL" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "ANY",
            Self::Nothing => "NOTHING",
            Self::Null => "NULL",
            Self::Boolean => "BOOLEAN",
            Self::Integer => "INTEGER",
            Self::Float => "FLOAT",
            Self::String => "STRING",
            Self::Date => "DATE",
            Self::LocalTime => "LOCAL TIME",
            Self::ZonedTime => "ZONED TIME",
            Self::LocalDateTime => "LOCAL DATETIME",
            Self::ZonedDateTime => "ZONED DATETIME",
            Self::Duration => "DURATION",
            Self::Map => "MAP",
            Self::Node => "NODE",
            Self::Relationship => "RELATIONSHIP",
            Self::Path => "PATH",
            Self::Property => "PROPERTY VALUE",
            Self::List(items) => return write!(f, "LIST<{items}>"),
        })
    }
}

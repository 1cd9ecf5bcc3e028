//! Signatures: what a function takes and gives, as the table writes it.
//!
//! `substring` has the arguments `text :: STRING, start :: INTEGER [, n :: INTEGER]`
//! and the result `STRING`. Types are those of openCypher; `NUMBER` is an integer or
//! a float, and `|` stands between types of which any will do.

use super::Function;

/// A type in a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::query) enum Type {
    Any,
    Boolean,
    Integer,
    Float,
    Number,
    String,
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
    /// Any of the five before.
    Temporal,
    Duration,
    Map,
    Node,
    Relationship,
    Path,
    /// A list, with the type of its items.
    List(Box<Self>),
    /// None of the above: a mistake in the table.
    Unknown,
}

/// An argument in a signature.
#[derive(Debug)]
pub(in crate::query) struct Parameter {
    /// The types of which any will do; none where the table does not say.
    pub(in crate::query) types: Vec<Type>,
}

impl Type {
    /// All types that stand in a text, between bars.
    pub(super) fn all(text: &str) -> Vec<Self> {
        text.split('|').map(|one| Self::read(one.trim())).collect()
    }

    fn read(text: &str) -> Self {
        if let Some(items) = text.strip_prefix("LIST<").and_then(|rest| rest.strip_suffix('>')) {
            return Self::List(Box::new(Self::read(items)));
        }
        match text {
            "ANY" => Self::Any,
            "BOOLEAN" => Self::Boolean,
            "INTEGER" => Self::Integer,
            "FLOAT" => Self::Float,
            "NUMBER" => Self::Number,
            "STRING" => Self::String,
            "DATE" => Self::Date,
            "LOCALTIME" => Self::LocalTime,
            "TIME" => Self::Time,
            "LOCALDATETIME" => Self::LocalDateTime,
            "DATETIME" => Self::DateTime,
            "TEMPORAL" => Self::Temporal,
            "DURATION" => Self::Duration,
            "MAP" => Self::Map,
            "NODE" => Self::Node,
            "RELATIONSHIP" => Self::Relationship,
            "PATH" => Self::Path,
            "LIST" => Self::List(Box::new(Self::Any)),
            _ => Self::Unknown,
        }
    }

    /// What it is called in messages.
    pub(in crate::query) fn words(&self) -> &'static str {
        match self {
            Self::Any | Self::Unknown => "a value",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Float | Self::Number => "a number",
            Self::String => "a text",
            Self::Date => "a date",
            Self::LocalTime => "a local time",
            Self::Time => "a time",
            Self::LocalDateTime => "a local datetime",
            Self::DateTime => "a datetime",
            Self::Temporal => "a date or a time",
            Self::Duration => "a duration",
            Self::Map => "a map",
            Self::Node => "a node",
            Self::Relationship => "a relationship",
            Self::Path => "a path",
            Self::List(_) => "a list",
        }
    }
}

impl Function {
    /// The whole signature, for help: `abs(x :: NUMBER) :: NUMBER`.
    #[must_use]
    pub fn signature(&self) -> String {
        let distinct = if self.is_aggregate() { "[DISTINCT] " } else { "" };
        let result = if self.result.is_empty() { String::new() } else { format!(" :: {}", self.result) };
        format!("{}({distinct}{}){result}", self.name, self.arguments)
    }

    /// Its arguments, one by one; one that repeats stands once.
    pub(in crate::query) fn parameters(&self) -> Vec<Parameter> {
        let plain = self.arguments.replace(['[', ']'], "");
        let written = plain.split(',').map(str::trim).filter(|text| !text.is_empty() && *text != "…");
        let types_of = |text: &str| text.split_once("::").map_or(Vec::new(), |(_, types)| Type::all(types));
        written.map(|text| Parameter { types: types_of(text) }).collect()
    }

    /// The type of what it gives, where it is one.
    pub(in crate::query) fn result_type(&self) -> Option<Type> {
        match &Type::all(self.result)[..] {
            [one] => Some(one.clone()),
            _ => None,
        }
    }
}

/// The least and the greatest number of arguments: those in brackets may be left out, and after a
/// `…` there may be any number.
pub(super) const fn arity(arguments: &str) -> (usize, usize) {
    let bytes = arguments.as_bytes();
    let (mut at, mut min, mut max, mut in_brackets) = (0, 0, 0, false);
    while at < bytes.len() {
        in_brackets = in_brackets || bytes[at] == b'[';
        if bytes[at] == b':' && bytes[at + 1] == b':' {
            max += 1;
            min += !in_brackets as usize;
            at += 1;
        }
        // Only `…` is written in more than one byte.
        if !bytes[at].is_ascii() {
            return (min, usize::MAX);
        }
        at += 1;
    }
    (min, max)
}

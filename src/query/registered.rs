//! Procedures that the program around the library adds to the language.
//!
//! A registry of ships, a list that is kept elsewhere, a search of the program's own: as a procedure, each can
//! be asked in the middle of a statement. Such a procedure only reads, and knows nothing of the graph.
//! It says beforehand which arguments it takes and which columns it gives, so that statements are
//! checked against it before they run.

use std::fmt;
use std::sync::Arc;

use super::procs::{self, Rows};
use crate::error::{Detail, Error, Result};
use crate::model::Value;

/// What an argument or a column holds; null is of every type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Anything.
    Any,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction; whole numbers are made into such.
    Float,
    /// A number of either kind.
    Number,
    /// A text.
    String,
    /// A list of anything.
    List,
    /// A map.
    Map,
    /// A node.
    Node,
    /// A relationship.
    Relationship,
    /// A path.
    Path,
}

impl ValueType {
    /// The type with openCypher's name for it, such as `INTEGER`; a `?` behind it, which says that
    /// the value may be null, changes nothing.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.trim().trim_end_matches('?').to_ascii_uppercase().as_str() {
            "ANY" => Self::Any,
            "BOOLEAN" => Self::Boolean,
            "INTEGER" => Self::Integer,
            "FLOAT" => Self::Float,
            "NUMBER" => Self::Number,
            "STRING" => Self::String,
            "LIST" => Self::List,
            "MAP" => Self::Map,
            "NODE" => Self::Node,
            "RELATIONSHIP" => Self::Relationship,
            "PATH" => Self::Path,
            _ => return None,
        })
    }

    /// In words, for messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Float | Self::Number => "a number",
            Self::String => "a text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Node => "a node",
            Self::Relationship => "a relationship",
            Self::Path => "a path",
        }
    }

    /// The value as one of this type, if it is one.
    fn fit(self, value: Value) -> Option<Value> {
        let fits = match (self, &value) {
            (Self::Float, Value::Int(number)) => return Some(Value::Float(*number as f64)),
            (_, Value::Null)
            | (Self::Any, _)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Integer | Self::Number, Value::Int(_))
            | (Self::Float | Self::Number, Value::Float(_))
            | (Self::String, Value::String(_))
            | (Self::List, Value::List(_))
            | (Self::Map, Value::Map(_))
            | (Self::Node, Value::Node(_))
            | (Self::Relationship, Value::Relationship(_))
            | (Self::Path, Value::Path(_)) => true,
            _ => false,
        };
        fits.then_some(value)
    }
}

/// An argument or a column: a name and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value_type: ValueType,
}

type Run = dyn Fn(&[Value]) -> Result<Rows> + Send + Sync;

/// A procedure that a program registers; it only reads.
///
/// ```
/// use throughline::model::Value;
/// use throughline::query::{RegisteredProcedure, ValueType};
///
/// let flag = RegisteredProcedure::new("registry.flag", |arguments| {
///     let is_known = arguments[0].as_str() == Some("9158161");
///     Ok(if is_known { vec![vec![Value::from("RU")]] } else { Vec::new() })
/// })
/// .argument("imo", ValueType::String)
/// .column("flag", ValueType::String);
/// // As one of `Options::procedures`: CALL registry.flag('9158161') YIELD flag
/// assert_eq!(flag.name(), "registry.flag");
/// ```
#[derive(Clone)]
pub struct RegisteredProcedure {
    name: String,
    arguments: Vec<Field>,
    columns: Vec<Field>,
    run: Arc<Run>,
}

impl RegisteredProcedure {
    /// A procedure with a dotted name and without arguments and columns, which are added to it.
    ///
    /// What it does is given the arguments, one of each type, and gives rows of as many values as there
    /// are columns.
    pub fn new(
        name: impl Into<String>,
        run: impl Fn(&[Value]) -> Result<Vec<Vec<Value>>> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), arguments: Vec::new(), columns: Vec::new(), run: Arc::new(run) }
    }

    /// Adds an argument after those that there are.
    #[must_use]
    pub fn argument(mut self, name: impl Into<String>, value_type: ValueType) -> Self {
        self.arguments.push(Field { name: name.into(), value_type });
        self
    }

    /// Adds a column after those that there are.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, value_type: ValueType) -> Self {
        self.columns.push(Field { name: name.into(), value_type });
        self
    }

    /// Its dotted name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its arguments, all of which a call has to give.
    #[must_use]
    pub fn arguments(&self) -> &[Field] {
        &self.arguments
    }

    /// The columns of its rows.
    #[must_use]
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Runs it; arguments and rows are held to what it said.
    pub(super) fn call(&self, arguments: &[Value]) -> Result<Rows> {
        let given = self.arguments.iter().zip(arguments).map(|(field, value)| {
            field.value_type.fit(value.clone()).ok_or_else(|| {
                let (name, expected) = (&field.name, field.value_type.words());
                let found = value.type_name();
                let message =
                    format!("expected {expected} as {name} of {}, found {found} {value}", self.name);
                Error::invalid(message).detail(Detail::InvalidArgumentType)
            })
        });
        let rows = (self.run)(&given.collect::<Result<Vec<_>>>()?)?;
        rows.into_iter().map(|row| self.row(row)).collect()
    }

    fn row(&self, row: Vec<Value>) -> Result<Vec<Value>> {
        if row.len() != self.columns.len() {
            let (wanted, found) = (self.columns.len(), row.len());
            return Err(Error::invalid(format!(
                "procedure {} has {wanted} columns and gave a row of {found}",
                self.name
            )));
        }
        let fit = |(value, column): (Value, &Field)| {
            let found = value.type_name();
            column.value_type.fit(value).ok_or_else(|| {
                let (name, expected) = (&column.name, column.value_type.words());
                Error::invalid(format!("procedure {} gave {found} as {name}, not {expected}", self.name))
            })
        };
        row.into_iter().zip(&self.columns).map(fit).collect()
    }
}

impl fmt::Debug for RegisteredProcedure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Fails where a registered procedure would hide one of the language's own, or another.
pub(super) fn refuse_doubles(procedures: &[RegisteredProcedure]) -> Result<()> {
    for (at, procedure) in procedures.iter().enumerate() {
        let is_same = |other: &RegisteredProcedure| other.name.eq_ignore_ascii_case(&procedure.name);
        if procs::find(&procedure.name).is_some() || procedures[..at].iter().any(is_same) {
            return Err(Error::invalid(format!("there are two procedures called {}", procedure.name)));
        }
    }
    Ok(())
}

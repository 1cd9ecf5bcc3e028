//! The one error type of the crate, ordered by who can fix what went wrong.
//!
//! Variants hold plain data only, so that this module stays at the bottom:
//! every other module may use it and it uses none of them.
//! The library never prints; the program draws the caret from [`Span`].

mod detail;

use std::fmt;
use std::path::{Path, PathBuf};

pub use detail::Detail;

/// Shorthand for a result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A range of bytes in a query's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte; equal to `start` for a place between two bytes.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Line and column of the start, both from 1; the column counts characters.
    #[must_use]
    pub fn line_column(self, text: &str) -> (usize, usize) {
        let start = (0..=self.start.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        let before = &text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// What went wrong, in the order of who can mend it: the writer of a query, the
/// keeper of a file, the caller, and last the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text of a query is wrong at `span`.
    Query {
        /// openCypher's error class: `SyntaxError`, `TypeError`, `ArgumentError` and so on.
        class: &'static str,
        /// The place in the query's text.
        span: Span,
        /// What is wrong, without a full stop.
        message: String,
    },
    /// A record of an input file is wrong.
    Input {
        /// The file as the user named it.
        file: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// The column's header, where one column is to blame.
        column: Option<String>,
        /// What was expected and what was found.
        message: String,
    },
    /// An argument is outside its range, or a value cannot be what it should.
    Invalid(String),
    /// Something that was named does not exist.
    NotFound(String),
    /// The case is open for reading only, or another process owns it.
    ReadOnly(String),
    /// The query was stopped by the user or a deadline.
    Interrupted(String),
    /// The data is of another version of the format.
    Format {
        /// The version found.
        found: u32,
        /// The newest version that this program reads.
        supported: u32,
    },
    /// Stored data does not verify.
    Corrupt(String),
    /// The operating system refused.
    Io {
        /// What was being read or written.
        path: PathBuf,
        /// The system's own words.
        message: String,
    },
    /// The index store refused; the ledger is unharmed.
    Store(String),
}

/// An error with its kind and, where there is one, a hint that helps to mend it.
///
/// It is one pointer wide, so results stay small.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    detail: Option<Detail>,
    hint: Option<String>,
    others: Vec<Error>,
}

impl Error {
    /// Wraps a kind without a hint.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, detail: None, hint: None, others: Vec::new() }))
    }

    /// A syntax error at a place in the query.
    pub fn syntax(span: Span, message: impl Into<String>) -> Self {
        Self::query("SyntaxError", span, message)
    }

    /// An error of openCypher's class `class` at a place in the query.
    pub fn query(class: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Query { class, span, message: message.into() })
    }

    /// A bad record in an input file; `line` counts from 1.
    pub fn input(
        file: impl Into<PathBuf>,
        line: u64,
        column: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Input {
            file: file.into(),
            line,
            column: column.map(str::to_owned),
            message: message.into(),
        })
    }

    /// An argument outside its range.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid(message.into()))
    }

    /// Something named that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound(message.into()))
    }

    /// A write where only reading is possible.
    pub fn read_only(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::ReadOnly(message.into()))
    }

    /// Work that was stopped before its end.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Interrupted(message.into()))
    }

    /// Stored data that does not verify.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt(message.into()))
    }

    /// A refusal of the operating system about `path`.
    pub fn io(path: impl AsRef<Path>, error: &std::io::Error) -> Self {
        Self::new(ErrorKind::Io { path: path.as_ref().to_owned(), message: error.to_string() })
    }

    /// A refusal of the index store.
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Store(message.into()))
    }

    /// Adds a hint; an absent one leaves the error as it was.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        if let Some(hint) = hint.into() {
            self.0.hint = Some(hint);
        }
        self
    }

    /// Says which error of its class it is.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// Adds what else is wrong in the same text.
    #[must_use]
    pub fn with_others(mut self, others: Vec<Self>) -> Self {
        self.0.others.extend(others);
        self
    }

    /// Gives an error that has no place in the query yet the place `span`.
    ///
    /// `Invalid` becomes an `ArgumentError`; other kinds stay as they are, and so
    /// does an error of a query that knows its place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        match &mut self.0.kind {
            ErrorKind::Query { span: unknown, .. } if *unknown == Span::default() => *unknown = span,
            ErrorKind::Invalid(message) => {
                let message = std::mem::take(message);
                self.0.kind = ErrorKind::Query { class: "ArgumentError", span, message };
            }
            _ => {}
        }
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Which error of its class it is; errors that are not about a query have none.
    #[must_use]
    pub fn which(&self) -> Option<Detail> {
        match self.kind() {
            ErrorKind::Query { class, .. } => Some(self.0.detail.unwrap_or_else(|| Detail::of_class(class))),
            _ => None,
        }
    }

    /// What else is wrong in the same text, in its order.
    #[must_use]
    pub fn others(&self) -> &[Self] {
        &self.0.others
    }

    /// How it could be mended.
    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The name of the kind, as printed in JSON errors.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Query { class, .. } => class,
            ErrorKind::Input { .. } => "InputError",
            ErrorKind::Invalid(_) => "ArgumentError",
            ErrorKind::NotFound(_) => "NotFound",
            ErrorKind::ReadOnly(_) => "ReadOnly",
            ErrorKind::Interrupted(_) => "Interrupted",
            ErrorKind::Format { .. } => "FormatError",
            ErrorKind::Corrupt(_) => "Corrupt",
            ErrorKind::Io { .. } => "IoError",
            ErrorKind::Store(_) => "StoreError",
        }
    }

    /// The place in the query's text, for errors that have one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self.kind() {
            ErrorKind::Query { span, .. } => Some(*span),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Query { message, .. }
            | ErrorKind::Invalid(message)
            | ErrorKind::NotFound(message)
            | ErrorKind::ReadOnly(message)
            | ErrorKind::Interrupted(message) => f.write_str(message),
            ErrorKind::Input { file, line, column, message } => {
                write!(f, "{}:{line}: ", file.display())?;
                match column {
                    Some(column) => write!(f, "column {column}: {message}"),
                    None => f.write_str(message),
                }
            }
            ErrorKind::Format { found, supported } => {
                write!(f, "the case has format {found}, and this program reads formats up to {supported}")
            }
            ErrorKind::Corrupt(message) => write!(f, "damaged data: {message}"),
            ErrorKind::Io { path, message } => write!(f, "{}: {message}", path.display()),
            ErrorKind::Store(message) => write!(f, "index store: {message}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("detail", &self.which())
            .field("hint", &self.0.hint)
            .finish()
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters_not_bytes() {
        let text = "MATCH (р)\nRETURN x";
        let at = text.find('x').expect("the text has an x");
        assert_eq!(Span::new(at, at + 1).line_column(text), (2, 8));
        assert_eq!(Span::new(9, 9).line_column(text), (1, 9));
        assert_eq!(Span::new(99, 99).line_column(text), (2, 9));
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}

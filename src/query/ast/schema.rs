//! Statements that manage property indexes.

use super::Name;
use crate::error::Span;

/// A statement about the case's property indexes.
#[derive(Debug, Clone, PartialEq)]
pub enum SchemaCommand {
    /// `CREATE INDEX [name] [IF NOT EXISTS] FOR (n:Label) ON (n.property)`.
    CreateIndex(CreateIndex),
    /// `DROP INDEX name [IF EXISTS]`.
    DropIndex(DropIndex),
    /// `SHOW INDEXES`, and its place.
    ShowIndexes(Span),
}

/// What to create an index of.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    /// Its name, where one is given.
    pub name: Option<Name>,
    /// Whether an index that is there already is no error.
    pub if_not_exists: bool,
    /// The label.
    pub label: Name,
    /// The property.
    pub property: Name,
    /// The whole statement.
    pub span: Span,
}

/// Which index to drop.
#[derive(Debug, Clone, PartialEq)]
pub struct DropIndex {
    /// Its name.
    pub name: Name,
    /// Whether an index that is not there is no error.
    pub if_exists: bool,
    /// The whole statement.
    pub span: Span,
}

impl SchemaCommand {
    /// The whole statement.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::CreateIndex(create) => create.span,
            Self::DropIndex(drop) => drop.span,
            Self::ShowIndexes(span) => *span,
        }
    }
}

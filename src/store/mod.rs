//! The index.

/// A column of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Nodes.
    Nodes,
    /// Relationships.
    Relationships,
    /// Claims.
    Claims,
    /// Names.
    Names,
    /// Meta.
    Meta,
}

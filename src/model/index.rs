//! What a property index is of.

use serde::{Deserialize, Serialize};

/// A property index by its name, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IndexDefinition {
    /// Its name, unique among the case's indexes.
    pub name: String,
    /// What it finds.
    pub on: IndexOn,
}

/// What a property index finds. New variants are added at the end, since their
/// order is part of the ledger's format.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum IndexOn {
    /// The nodes with a label, by a property.
    Nodes {
        /// The label.
        label: String,
        /// The property.
        property: String,
    },
}

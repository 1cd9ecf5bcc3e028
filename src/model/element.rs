//! Nodes and relationships as data: what the ledger records and import produces.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Value;

/// Properties by name, in the order of their names.
pub type Properties = BTreeMap<String, Value>;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The id as an index into a dense table.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Identity of a node within a case. Dense from 0, never given twice.
    NodeId
}
id! {
    /// Identity of a relationship within a case. Dense from 0, never given twice.
    RelationshipId
}
id! {
    /// Identity of a claim within a case. Dense from 0, never given twice.
    ClaimId
}

/// A node: labels, properties and, where an import gave one, a key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeData {
    /// The import's `:ID`, unique in the case. Without one the key is derived from the id.
    pub key: Option<String>,
    /// Labels, sorted and each once.
    pub labels: Vec<String>,
    /// Properties; none is null.
    pub properties: Properties,
}

/// A relationship: a type, two ends, properties and perhaps a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelationshipData {
    /// The import's `:ID`, unique among the case's relationships.
    pub key: Option<String>,
    /// The type.
    pub kind: String,
    /// Where it starts.
    pub start: NodeId,
    /// Where it ends.
    pub end: NodeId,
    /// Properties; none is null.
    pub properties: Properties,
}

//! What a commit did, resolved: explicit ids and before-images, never statements.
//!
//! Replaying effects needs no clock and no query engine, and gives the same
//! graph every time. Each effect can be taken back, since it says what was there.
//! The order of the variants is part of the ledger's format (`docs/storage.md`):
//! new ones are added at the end.

use serde::{Deserialize, Serialize};

use super::{
    Claim, ClaimId, Flow, IndexDefinition, NodeData, NodeId, RelationshipData, RelationshipId, TypeKind,
    Value,
};

/// One change of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// A new node.
    CreateNode {
        /// Its id, never used before.
        id: NodeId,
        /// What it is.
        node: NodeData,
    },
    /// A node is gone; its relationships and claims went before it.
    DeleteNode {
        /// Its id, never used again.
        id: NodeId,
        /// What it was.
        before: NodeData,
    },
    /// A property of a node was set or, with `after` absent, removed.
    SetNodeProperty {
        /// The node.
        id: NodeId,
        /// The property's name.
        name: String,
        /// Its value until now.
        before: Option<Value>,
        /// Its value from now on.
        after: Option<Value>,
    },
    /// A label was given to a node or taken from it.
    SetLabel {
        /// The node.
        id: NodeId,
        /// The label.
        label: String,
        /// Whether the node has it from now on; it was the other way before.
        present: bool,
    },
    /// A new relationship.
    CreateRelationship {
        /// Its id, never used before.
        id: RelationshipId,
        /// What it is.
        relationship: RelationshipData,
    },
    /// A relationship is gone; its claims went before it.
    DeleteRelationship {
        /// Its id, never used again.
        id: RelationshipId,
        /// What it was.
        before: RelationshipData,
    },
    /// A property of a relationship was set or, with `after` absent, removed.
    SetRelationshipProperty {
        /// The relationship.
        id: RelationshipId,
        /// The property's name.
        name: String,
        /// Its value until now.
        before: Option<Value>,
        /// Its value from now on.
        after: Option<Value>,
    },
    /// A claim was recorded.
    RecordClaim {
        /// Its id, never used before.
        id: ClaimId,
        /// What it says; boxed, since it is three times as large as other effects.
        claim: Box<Claim>,
    },
    /// A claim was taken back.
    RetractClaim {
        /// Its id, never used again.
        id: ClaimId,
        /// What it said.
        before: Box<Claim>,
    },
    /// The case says what a relationship type means in time and for goods.
    DeclareType {
        /// The type's name.
        name: String,
        /// What was declared until now.
        before: Option<(TypeKind, Flow)>,
        /// What counts from now on.
        after: Option<(TypeKind, Flow)>,
    },
    /// A property index was created.
    CreateIndex {
        /// What it is of.
        index: IndexDefinition,
    },
    /// A property index is gone.
    DropIndex {
        /// What it was of.
        before: IndexDefinition,
    },
    /// A node that was deleted is there again.
    RestoreNode {
        /// Its id, the one that it had.
        id: NodeId,
        /// What it is.
        node: NodeData,
    },
    /// A relationship that was deleted is there again.
    RestoreRelationship {
        /// Its id, the one that it had.
        id: RelationshipId,
        /// What it is.
        relationship: RelationshipData,
    },
    /// A claim that was taken back is there again.
    RestoreClaim {
        /// Its id, the one that it had.
        id: ClaimId,
        /// What it says.
        claim: Box<Claim>,
    },
}

impl Effect {
    /// The effect that undoes this one, where nothing else has changed since.
    #[must_use]
    pub fn undone(&self) -> Self {
        match self.clone() {
            Self::CreateNode { id, node } | Self::RestoreNode { id, node } => {
                Self::DeleteNode { id, before: node }
            }
            Self::DeleteNode { id, before } => Self::RestoreNode { id, node: before },
            Self::SetNodeProperty { id, name, before, after } => {
                Self::SetNodeProperty { id, name, before: after, after: before }
            }
            Self::SetLabel { id, label, present } => Self::SetLabel { id, label, present: !present },
            Self::CreateRelationship { id, relationship }
            | Self::RestoreRelationship { id, relationship } => {
                Self::DeleteRelationship { id, before: relationship }
            }
            Self::DeleteRelationship { id, before } => Self::RestoreRelationship { id, relationship: before },
            Self::SetRelationshipProperty { id, name, before, after } => {
                Self::SetRelationshipProperty { id, name, before: after, after: before }
            }
            Self::RecordClaim { id, claim } | Self::RestoreClaim { id, claim } => {
                Self::RetractClaim { id, before: claim }
            }
            Self::RetractClaim { id, before } => Self::RestoreClaim { id, claim: before },
            Self::DeclareType { name, before, after } => {
                Self::DeclareType { name, before: after, after: before }
            }
            Self::CreateIndex { index } => Self::DropIndex { before: index },
            Self::DropIndex { before } => Self::CreateIndex { index: before },
        }
    }
}

//! All that is in force as pages, and what else it takes to begin again with it.

use super::Graph;
use super::blocks::empty_page;
use super::table::PAGE_IDS;
use crate::error::Result;
use crate::model::{ClaimId, Effect, NodeId, RelationshipId};
use crate::store::Column;

impl Graph {
    /// How many pages the nodes have, and the relationships.
    #[must_use]
    pub fn page_counts(&self) -> [u32; 2] {
        [self.node_bound(), self.relationship_bound()].map(|bound| bound.div_ceil(PAGE_IDS) as u32)
    }

    /// The bytes of a page of nodes or of relationships, up to the last element that is there.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be stored. What could not be read of the index comes out
    /// in [`Graph::damage`].
    pub fn page(&self, of_relationships: bool, number: u32) -> Result<Vec<u8>> {
        let column = if of_relationships { Column::Relationships } else { Column::Nodes };
        match self.block(column, number)? {
            Some(bytes) => Ok(bytes),
            None => empty_page(column),
        }
    }

    /// What the case declared, and its property indexes, as effects that fit a graph without them.
    #[must_use]
    pub fn declarations(&self) -> Vec<Effect> {
        let types = self.schema().declarations();
        let types = types.map(|(name, after)| Effect::DeclareType { name, before: None, after: Some(after) });
        let indexes = self.index_definitions().into_iter().map(|index| Effect::CreateIndex { index });
        types.chain(indexes).collect()
    }

    /// Interns names in the order in which another graph has them.
    pub fn begin_with_names(&mut self, names: &[String]) {
        for name in names {
            self.names.intern(name);
        }
    }

    /// Gives no id below these to anything new.
    pub fn skip_ids(&mut self, node: NodeId, relationship: RelationshipId, claim: ClaimId) {
        self.nodes.grow(node.index());
        self.relationships.grow(relationship.index());
        self.claims.grow(claim.index());
    }
}

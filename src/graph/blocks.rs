//! The graph as blocks of the index: what a checkpoint writes and opening reads.
//!
//! A block holds the elements of a fixed range of [`BLOCK_IDS`] ids, so that a
//! change touches one block and its number says where it belongs. The block
//! `Meta` 0 holds the schema and the next ids, which deleted elements at the end
//! of a table would otherwise give again; `Meta` 1 says which property indexes
//! there are, and opening builds them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Graph;
use crate::error::{Error, Result};
use crate::model::{ClaimId, Effect, IndexDefinition, NodeId, RelationshipId, Schema};
use crate::store::Column;

/// How many ids a block covers.
pub(super) const BLOCK_IDS: u32 = 256;

/// The block of `Meta` with the schema and the next ids.
const META: u32 = 0;
/// The block of `Meta` with what the property indexes are of.
const INDEXES: u32 = 1;

/// Where blocks are read from.
pub trait BlockSource {
    /// The numbers of a column's blocks, in order.
    fn block_numbers(&self, column: Column) -> Vec<u32>;

    /// A block's bytes, verified.
    ///
    /// # Errors
    /// `Corrupt` where the block does not verify, `Store` where it cannot be read.
    fn read_block(&self, column: Column, number: u32) -> Result<Option<Vec<u8>>>;
}

#[derive(Default, Serialize, Deserialize)]
struct Meta {
    next_node: u32,
    next_relationship: u32,
    next_claim: u32,
    schema: Schema,
}

/// The block that an effect changes.
pub(super) fn dirty_block(effect: &Effect) -> (Column, u32) {
    match effect {
        Effect::CreateNode { id: NodeId(id), .. }
        | Effect::DeleteNode { id: NodeId(id), .. }
        | Effect::RestoreNode { id: NodeId(id), .. }
        | Effect::SetNodeProperty { id: NodeId(id), .. }
        | Effect::SetLabel { id: NodeId(id), .. } => (Column::Nodes, id / BLOCK_IDS),
        Effect::CreateRelationship { id: RelationshipId(id), .. }
        | Effect::DeleteRelationship { id: RelationshipId(id), .. }
        | Effect::RestoreRelationship { id: RelationshipId(id), .. }
        | Effect::SetRelationshipProperty { id: RelationshipId(id), .. } => {
            (Column::Relationships, id / BLOCK_IDS)
        }
        Effect::RecordClaim { id: ClaimId(id), .. }
        | Effect::RetractClaim { id: ClaimId(id), .. }
        | Effect::RestoreClaim { id: ClaimId(id), .. } => (Column::Claims, id / BLOCK_IDS),
        Effect::DeclareType { .. } => (Column::Meta, META),
        Effect::CreateIndex { .. } | Effect::DropIndex { .. } => (Column::Meta, INDEXES),
    }
}

impl Graph {
    /// Reads a whole graph from its blocks.
    ///
    /// # Errors
    /// `Corrupt` where a block does not verify or does not decode.
    pub fn load(source: &dyn BlockSource) -> Result<Self> {
        let mut graph = Self::new();
        let meta: Meta = match source.read_block(Column::Meta, META)? {
            Some(bytes) => decode(Column::Meta, META, &bytes)?,
            None => Meta::default(),
        };
        graph.schema = meta.schema;
        each(source, Column::Nodes, |id, node| {
            graph.insert_node(NodeId(id), &node);
            Ok(())
        })?;
        each(source, Column::Relationships, |id, relationship| {
            graph.put_relationship(RelationshipId(id), &relationship).map(drop)
        })?;
        each(source, Column::Claims, |id, claim| {
            graph.insert_claim(ClaimId(id), &claim);
            Ok(())
        })?;
        graph.nodes.resize(graph.nodes.len().max(meta.next_node as usize), None);
        graph.relationships.resize(graph.relationships.len().max(meta.next_relationship as usize), None);
        graph.claims.resize(graph.claims.len().max(meta.next_claim as usize), None);
        if let Some((id, _)) =
            graph.relationships().find(|(_, r)| graph.node(r.start).is_none() || graph.node(r.end).is_none())
        {
            return Err(Error::corrupt(format!("an end of relationship {id} is missing from the index")));
        }
        graph.compact();
        graph.count_relationships();
        if let Some(bytes) = source.read_block(Column::Meta, INDEXES)? {
            let definitions: Vec<IndexDefinition> = decode(Column::Meta, INDEXES, &bytes)?;
            definitions.iter().for_each(|definition| graph.create_index(definition));
        }
        Ok(graph)
    }

    /// The blocks that changed since the last call of [`Graph::mark_clean`], with
    /// their new bytes; `None` where nothing is left of a block.
    pub fn changed_blocks(&self) -> impl Iterator<Item = Result<(Column, u32, Option<Vec<u8>>)>> + '_ {
        let meta = (Column::Meta, META);
        let changed = self.dirty.iter().copied().filter(move |&block| block != meta);
        changed.chain([meta]).map(|(column, number)| Ok((column, number, self.block(column, number)?)))
    }

    /// How many blocks changed since the last call of [`Graph::mark_clean`].
    #[must_use]
    pub fn changed_block_count(&self) -> usize {
        self.dirty.len()
    }

    /// Forgets which blocks changed, after a checkpoint wrote them.
    pub fn mark_clean(&mut self) {
        self.dirty.clear();
    }

    /// Whether two graphs hold the same elements and claims under the same ids, the
    /// same declarations and the same indexes. What is compared is what would be
    /// stored, so that NaN is the same as NaN.
    ///
    /// # Complexity
    /// O(V + E + C) for nodes, relationships and claims, all of which are encoded.
    #[must_use]
    pub fn same_elements(&self, other: &Self) -> bool {
        let same = |column: Column, bound: fn(&Self) -> usize| {
            let n_blocks = bound(self).max(bound(other)).div_ceil(BLOCK_IDS as usize);
            let mut numbers = (0_u32..).take(n_blocks);
            numbers.all(|number| match (self.block(column, number), other.block(column, number)) {
                (Ok(block), Ok(other)) => block == other,
                _ => false,
            })
        };
        same(Column::Nodes, Self::node_bound)
            && same(Column::Relationships, Self::relationship_bound)
            && same(Column::Claims, Self::claim_bound)
            && self.schema == other.schema
            && self.index_definitions() == other.index_definitions()
    }

    fn block(&self, column: Column, number: u32) -> Result<Option<Vec<u8>>> {
        let first = number * BLOCK_IDS;
        let ids = first..first.saturating_add(BLOCK_IDS);
        match column {
            Column::Nodes => encode(ids.map(|id| self.node_data(NodeId(id)))),
            Column::Relationships => encode(ids.map(|id| self.relationship_data(RelationshipId(id)))),
            Column::Claims => encode(ids.map(|id| self.claim(ClaimId(id)).cloned())),
            Column::Meta if number == INDEXES => match self.index_definitions() {
                definitions if definitions.is_empty() => Ok(None),
                definitions => to_bytes(&definitions).map(Some),
            },
            _ => to_bytes(&Meta {
                next_node: self.next_node().0,
                next_relationship: self.next_relationship().0,
                next_claim: self.next_claim().0,
                schema: self.schema.clone(),
            })
            .map(Some),
        }
    }
}

fn encode<T: Serialize>(elements: impl Iterator<Item = Option<T>>) -> Result<Option<Vec<u8>>> {
    let elements: Vec<Option<T>> = elements.collect();
    if elements.iter().all(Option::is_none) {
        return Ok(None);
    }
    to_bytes(&elements).map(Some)
}

fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|error| Error::invalid(format!("a block cannot be encoded: {error}")))
}

fn decode<T: DeserializeOwned>(column: Column, number: u32, bytes: &[u8]) -> Result<T> {
    postcard::from_bytes(bytes)
        .map_err(|error| Error::corrupt(format!("block {number} of {column:?} does not decode: {error}")))
}

fn each<T: DeserializeOwned>(
    source: &dyn BlockSource,
    column: Column,
    mut insert: impl FnMut(u32, T) -> Result<()>,
) -> Result<()> {
    for number in source.block_numbers(column) {
        let Some(bytes) = source.read_block(column, number)? else { continue };
        let elements: Vec<Option<T>> = decode(column, number, &bytes)?;
        for (id, element) in (number.saturating_mul(BLOCK_IDS)..).zip(elements) {
            if let Some(element) = element {
                insert(id, element)?;
            }
        }
    }
    Ok(())
}

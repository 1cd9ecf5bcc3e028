//! The graph as it is now: every node, relationship and claim, with indexes.
//!
//! It changes only by effects (`change.rs`). Applying one and reverting it gives back the
//! same graph, which is how a failed statement leaves no trace, and how replay of
//! the ledger rebuilds a case.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::adjacency::Adjacency;
use super::indexes::Indexes;
use super::name_index::NamesKept;
use super::names::{Names, Symbol};
use super::time_index::TimeIndexes;
use super::{Node, Relationship, Statistics, Timing};
use crate::model::{
    About, Claim, ClaimId, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Schema, Value,
};
use crate::store::Column;

/// All elements of a case, alive now.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(super) names: Names,
    pub(super) schema: Schema,
    pub(super) nodes: Vec<Option<Node>>,
    pub(super) relationships: Vec<Option<Relationship>>,
    pub(super) claims: Vec<Option<Claim>>,
    pub(super) n_claims: usize,
    pub(super) statistics: Statistics,
    pub(super) adjacency: Adjacency,
    pub(super) timings: FxHashMap<Symbol, Timing>,
    pub(super) time_indexes: TimeIndexes,
    pub(super) names_kept: NamesKept,
    pub(super) by_key: FxHashMap<Arc<str>, NodeId>,
    pub(super) relationship_by_key: FxHashMap<Arc<str>, RelationshipId>,
    pub(super) by_id_property: FxHashMap<Arc<str>, BTreeSet<NodeId>>,
    pub(super) by_label: FxHashMap<Symbol, BTreeSet<NodeId>>,
    pub(super) indexes: Indexes,
    pub(super) claims_about: FxHashMap<About, Vec<ClaimId>>,
    pub(super) dirty: BTreeSet<(Column, u32)>,
}

impl Graph {
    /// A graph without elements.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the case knows about relationship types.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many elements of each sort there are.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// What the times of a type's relationships have in common; `None` where there
    /// never was one.
    #[must_use]
    pub fn timing(&self, kind: Symbol) -> Option<Timing> {
        self.timings.get(&kind).copied()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.statistics.nodes()
    }

    /// How many relationships there are.
    #[must_use]
    pub fn relationship_count(&self) -> usize {
        self.statistics.relationships()
    }

    /// How many claims there are.
    #[must_use]
    pub fn claim_count(&self) -> usize {
        self.n_claims
    }

    /// The id that the next node gets.
    #[must_use]
    pub fn next_node(&self) -> NodeId {
        NodeId(id_of(self.nodes.len()))
    }

    /// The id that the next relationship gets.
    #[must_use]
    pub fn next_relationship(&self) -> RelationshipId {
        RelationshipId(id_of(self.relationships.len()))
    }

    /// The id that the next claim gets.
    #[must_use]
    pub fn next_claim(&self) -> ClaimId {
        ClaimId(id_of(self.claims.len()))
    }

    /// One more than the greatest node id ever given.
    #[must_use]
    pub fn node_bound(&self) -> usize {
        self.nodes.len()
    }

    /// One more than the greatest relationship id ever given.
    #[must_use]
    pub fn relationship_bound(&self) -> usize {
        self.relationships.len()
    }

    /// One more than the greatest claim id ever given.
    #[must_use]
    pub fn claim_bound(&self) -> usize {
        self.claims.len()
    }

    /// A node that is there.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index()).and_then(Option::as_ref)
    }

    /// A relationship that is there.
    #[must_use]
    pub fn relationship(&self, id: RelationshipId) -> Option<&Relationship> {
        self.relationships.get(id.index()).and_then(Option::as_ref)
    }

    /// A claim that is there.
    #[must_use]
    pub fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(id.index()).and_then(Option::as_ref)
    }

    /// All nodes in the order of their ids.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> + '_ {
        self.nodes.iter().enumerate().filter_map(|(i, node)| Some((NodeId(id_of(i)), node.as_ref()?)))
    }

    /// All relationships in the order of their ids.
    pub fn relationships(&self) -> impl Iterator<Item = (RelationshipId, &Relationship)> + '_ {
        let alive = self.relationships.iter().enumerate();
        alive.filter_map(|(i, relationship)| Some((RelationshipId(id_of(i)), relationship.as_ref()?)))
    }

    /// All claims in the order of their ids.
    pub fn claims(&self) -> impl Iterator<Item = (ClaimId, &Claim)> + '_ {
        self.claims.iter().enumerate().filter_map(|(i, claim)| Some((ClaimId(id_of(i)), claim.as_ref()?)))
    }

    /// The claims about an element, in the order of recording.
    pub fn claims_about(&self, about: About) -> impl Iterator<Item = (ClaimId, &Claim)> + '_ {
        let ids = self.claims_about.get(&about).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|&id| Some((id, self.claim(id)?)))
    }

    /// The text of a symbol of this graph.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        self.names.text(symbol)
    }

    /// The symbol of a name, if anything has ever borne it.
    #[must_use]
    pub fn symbol(&self, name: &str) -> Option<Symbol> {
        self.names.get(name)
    }

    /// All labels, types and property names that anything has ever borne, in the order they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }

    /// A node's key: the import's, else `_` and the id.
    #[must_use]
    pub fn key_of(&self, id: NodeId) -> String {
        match self.node(id).and_then(|node| node.key.as_deref()) {
            Some(key) => key.to_owned(),
            None => format!("_{id}"),
        }
    }

    /// The node with a key, given or derived.
    #[must_use]
    pub fn node_by_key(&self, key: &str) -> Option<NodeId> {
        self.by_key.get(key).copied().or_else(|| {
            let id = NodeId(key.strip_prefix('_')?.parse().ok()?);
            self.node(id).filter(|node| node.key.is_none()).map(|_| id)
        })
    }

    /// The relationship with a key that an import gave.
    #[must_use]
    pub fn relationship_by_key(&self, key: &str) -> Option<RelationshipId> {
        self.relationship_by_key.get(key).copied()
    }

    /// The nodes whose property `id` is this text, in the order of their ids.
    pub fn nodes_by_id_property(&self, id: &str) -> impl Iterator<Item = NodeId> + '_ {
        self.by_id_property.get(id).into_iter().flatten().copied()
    }

    /// The nodes with a label, in the order of their ids.
    pub fn nodes_with_label(&self, label: Symbol) -> impl Iterator<Item = NodeId> + '_ {
        self.by_label.get(&label).into_iter().flatten().copied()
    }

    /// Whether a node is there and bears the label Source.
    #[must_use]
    pub fn is_source(&self, id: NodeId) -> bool {
        let label = self.symbol("Source");
        self.node(id).is_some_and(|node| label.is_some_and(|label| node.labels().contains(&label)))
    }

    /// The nodes labelled Source, in the order of their ids.
    pub fn sources(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.symbol("Source").into_iter().flat_map(|label| self.nodes_with_label(label))
    }

    /// How many nodes bear a label.
    #[must_use]
    pub fn label_count(&self, label: Symbol) -> usize {
        self.statistics.nodes_with(label)
    }

    /// The labels in use with their counts, by name.
    #[must_use]
    pub fn labels_in_use(&self) -> Vec<(&str, usize)> {
        self.by_name(self.statistics.labels())
    }

    /// The relationship types in use with their counts, by name.
    #[must_use]
    pub fn types_in_use(&self) -> Vec<(&str, usize)> {
        self.by_name(self.statistics.types())
    }

    fn by_name(&self, counts: impl Iterator<Item = (Symbol, usize)>) -> Vec<(&str, usize)> {
        let mut counts: Vec<_> = counts.map(|(symbol, count)| (self.text(symbol), count)).collect();
        counts.sort_unstable();
        counts
    }

    /// A node as plain data.
    #[must_use]
    pub fn node_data(&self, id: NodeId) -> Option<NodeData> {
        self.node(id).map(|node| NodeData {
            key: node.key.as_deref().map(str::to_owned),
            labels: node.labels.iter().map(|&label| self.text(label).to_owned()).collect(),
            properties: self.properties_data(&node.properties),
        })
    }

    /// A relationship as plain data.
    #[must_use]
    pub fn relationship_data(&self, id: RelationshipId) -> Option<RelationshipData> {
        self.relationship(id).map(|relationship| RelationshipData {
            key: relationship.key.as_deref().map(str::to_owned),
            kind: self.text(relationship.kind).to_owned(),
            start: relationship.start,
            end: relationship.end,
            properties: self.properties_data(&relationship.properties),
        })
    }

    fn properties_data(&self, properties: &[(Symbol, Value)]) -> Properties {
        properties.iter().map(|(name, value)| (self.text(*name).to_owned(), value.clone())).collect()
    }
}

fn id_of(index: usize) -> u32 {
    u32::try_from(index).expect("a case has fewer than 2^32 elements of a kind")
}

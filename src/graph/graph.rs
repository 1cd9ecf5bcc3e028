//! The graph as it is now: every node, relationship and claim, with indexes.
//!
//! It changes only by effects (`change.rs`). Applying one and reverting it gives back the
//! same graph, which is how a failed statement leaves no trace, and how replay of
//! the ledger rebuilds a case.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::adjacency::Adjacency;
use super::claims_about::ClaimsAbout;
use super::indexes::Indexes;
use super::key_index::KeyIndex;
use super::labels::Labels;
use super::names::{Names, Symbol};
use super::names_kept::NamesKept;
use super::table::{AllRecorded, Elements, Loader};
use super::time_index::TimeIndexes;
use super::{Node, Relationship, Statistics, Timing};
use crate::model::{
    About, Claim, ClaimId, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Schema, Value,
};
use crate::store::Column;

/// All elements of a case, alive now.
#[derive(Debug, Clone)]
pub struct Graph {
    pub(super) names: Names,
    pub(super) schema: Schema,
    pub(super) nodes: Elements<Node>,
    pub(super) relationships: Elements<Relationship>,
    pub(super) claims: Elements<Claim>,
    pub(super) n_claims: usize,
    pub(super) statistics: Statistics,
    pub(super) adjacency: Adjacency,
    pub(super) timings: FxHashMap<Symbol, Timing>,
    pub(super) time_indexes: TimeIndexes,
    pub(super) names_kept: NamesKept,
    pub(super) by_key: KeyIndex,
    pub(super) relationship_by_key: KeyIndex,
    /// By the property `id`, of nodes whose key is another text.
    pub(super) by_id_property: KeyIndex,
    pub(super) by_label: Labels,
    pub(super) indexes: Indexes,
    pub(super) claims_about: ClaimsAbout,
    /// Pages of elements that lie in the record, and in no block.
    pub(super) recorded: AllRecorded,
    /// What reads pages from the index; `None` where all is in memory.
    pub(super) loader: Option<Arc<Loader>>,
}

impl Default for Graph {
    fn default() -> Self {
        Self {
            names: Names::default(),
            schema: Schema::default(),
            nodes: Elements::new(Column::Nodes),
            relationships: Elements::new(Column::Relationships),
            claims: Elements::new(Column::Claims),
            n_claims: 0,
            statistics: Statistics::default(),
            adjacency: Adjacency::new(),
            timings: FxHashMap::default(),
            time_indexes: TimeIndexes::default(),
            names_kept: NamesKept::default(),
            by_key: KeyIndex::new(Column::NodeKeys),
            relationship_by_key: KeyIndex::new(Column::RelationshipKeys),
            by_id_property: KeyIndex::new(Column::NodeIds),
            by_label: Labels::new(),
            indexes: Indexes::default(),
            claims_about: ClaimsAbout::new(),
            recorded: AllRecorded::default(),
            loader: None,
        }
    }
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
        self.nodes.get(id.index())
    }

    /// A relationship that is there.
    #[must_use]
    pub fn relationship(&self, id: RelationshipId) -> Option<&Relationship> {
        self.relationships.get(id.index())
    }

    /// A claim that is there.
    #[must_use]
    pub fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(id.index())
    }

    /// All nodes in the order of their ids.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> + '_ {
        self.nodes.iter().map(|(id, node)| (NodeId(id_of(id)), node))
    }

    /// All relationships in the order of their ids.
    pub fn relationships(&self) -> impl Iterator<Item = (RelationshipId, &Relationship)> + '_ {
        self.relationships.iter().map(|(id, relationship)| (RelationshipId(id_of(id)), relationship))
    }

    /// All claims in the order of their ids.
    pub fn claims(&self) -> impl Iterator<Item = (ClaimId, &Claim)> + '_ {
        self.claims.iter().map(|(id, claim)| (ClaimId(id_of(id)), claim))
    }

    /// The claims about an element, in the order of recording.
    pub fn claims_about(&self, about: About) -> impl Iterator<Item = (ClaimId, &Claim)> + '_ {
        let ids = if self.n_claims == 0 { &[] } else { self.claims_about.get(about) };
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
        self.by_given_key(key).or_else(|| {
            let id = NodeId(key.strip_prefix('_')?.parse().ok()?);
            self.node(id).filter(|node| node.key.is_none()).map(|_| id)
        })
    }

    /// The node with a key that an import gave.
    pub(super) fn by_given_key(&self, key: &str) -> Option<NodeId> {
        let found = self.by_key.find(key, |id| self.has_key(NodeId(id), key)).next();
        found.map(NodeId)
    }

    /// Whether a node is there and has a key.
    pub(super) fn has_key(&self, id: NodeId, key: &str) -> bool {
        self.node(id).is_some_and(|node| node.key.as_deref() == Some(key))
    }

    /// The relationship with a key that an import gave.
    #[must_use]
    pub fn relationship_by_key(&self, key: &str) -> Option<RelationshipId> {
        let has_key = |id| {
            let found = self.relationship(RelationshipId(id));
            found.is_some_and(|relationship| relationship.key.as_deref() == Some(key))
        };
        self.relationship_by_key.find(key, has_key).next().map(RelationshipId)
    }

    /// The nodes whose property `id` is this text, in the order of their ids.
    pub fn nodes_by_id_property(&self, id: &str) -> impl Iterator<Item = NodeId> + use<> {
        let others = self.by_id_property.find(id, |node| self.has_other_id(NodeId(node), id)).map(NodeId);
        let has_id = |node: &NodeId| self.id_property(*node) == Some(id);
        let mut found: Vec<NodeId> = others.chain(self.by_given_key(id).filter(has_id)).collect();
        found.sort_unstable();
        found.into_iter()
    }

    /// A node's property `id`, if it is a text.
    fn id_property(&self, id: NodeId) -> Option<&str> {
        self.node(id)?.property(self.symbol("id")?)?.as_str()
    }

    /// Whether a node is there whose property `id` is a text, and its key another one.
    pub(super) fn has_other_id(&self, id: NodeId, text: &str) -> bool {
        self.id_property(id) == Some(text) && !self.has_key(id, text)
    }

    /// The nodes with a label, in the order of their ids.
    pub fn nodes_with_label(&self, label: Symbol) -> impl Iterator<Item = NodeId> + '_ {
        self.by_label.get(label)
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

//! The graph as it is now: every node, relationship and claim, with indexes.
//!
//! It changes only by [`Effect`]s. Applying one and reverting it gives back the
//! same graph, which is how a failed statement leaves no trace, and how replay of
//! the ledger rebuilds a case.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::adjacency::{Adjacency, Direction, Hop};
use super::blocks::{BLOCK_IDS, dirty_block};
use super::names::{Names, Symbol};
use crate::error::{Error, Result};
use crate::model::{
    About, Claim, ClaimId, Effect, Flow, NodeData, NodeId, Period, Properties, RelationshipData,
    RelationshipId, Schema, TypeKind, Value,
};
use crate::store::Column;

/// A node in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The key that an import gave.
    pub key: Option<Arc<str>>,
    /// Labels in the order of their names.
    labels: Vec<Symbol>,
    /// Properties in the order of their symbols.
    properties: Vec<(Symbol, Value)>,
}

impl Node {
    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> &[Symbol] {
        &self.labels
    }

    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: Symbol) -> Option<&Value> {
        find(&self.properties, name)
    }
}

/// A relationship in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// The key that an import gave.
    pub key: Option<Arc<str>>,
    /// Its type.
    pub kind: Symbol,
    /// Where it starts.
    pub start: NodeId,
    /// Where it ends.
    pub end: NodeId,
    /// When, from its properties `from` and `to`.
    pub period: Period,
    properties: Vec<(Symbol, Value)>,
}

impl Relationship {
    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: Symbol) -> Option<&Value> {
        find(&self.properties, name)
    }
}

fn find(properties: &[(Symbol, Value)], name: Symbol) -> Option<&Value> {
    properties.binary_search_by_key(&name, |(symbol, _)| *symbol).ok().map(|at| &properties[at].1)
}

/// All elements of a case, alive now.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(super) names: Names,
    pub(super) schema: Schema,
    pub(super) nodes: Vec<Option<Node>>,
    pub(super) relationships: Vec<Option<Relationship>>,
    pub(super) claims: Vec<Option<Claim>>,
    n_nodes: usize,
    n_relationships: usize,
    n_claims: usize,
    out: Adjacency,
    into: Adjacency,
    by_key: FxHashMap<Arc<str>, NodeId>,
    relationship_by_key: FxHashMap<Arc<str>, RelationshipId>,
    by_id_property: FxHashMap<Arc<str>, BTreeSet<NodeId>>,
    by_label: FxHashMap<Symbol, BTreeSet<NodeId>>,
    by_type: FxHashMap<Symbol, usize>,
    claims_about: FxHashMap<About, Vec<ClaimId>>,
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

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.n_nodes
    }

    /// How many relationships there are.
    #[must_use]
    pub fn relationship_count(&self) -> usize {
        self.n_relationships
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
        self.by_label.get(&label).map_or(0, BTreeSet::len)
    }

    /// The labels in use with their counts, by name.
    #[must_use]
    pub fn labels_in_use(&self) -> Vec<(&str, usize)> {
        let mut labels: Vec<_> = self
            .by_label
            .iter()
            .map(|(&label, nodes)| (self.text(label), nodes.len()))
            .filter(|l| l.1 > 0)
            .collect();
        labels.sort_unstable();
        labels
    }

    /// The relationship types in use with their counts, by name.
    #[must_use]
    pub fn types_in_use(&self) -> Vec<(&str, usize)> {
        let mut types: Vec<_> =
            self.by_type.iter().map(|(&kind, &count)| (self.text(kind), count)).filter(|t| t.1 > 0).collect();
        types.sort_unstable();
        types
    }

    /// The steps from a node: by type and time, then what the overlay added.
    pub fn hops(&self, node: NodeId, direction: Direction) -> impl Iterator<Item = Hop> + '_ {
        let out = (direction != Direction::Incoming).then(|| self.out.hops(node));
        let into = (direction != Direction::Outgoing).then(|| self.into.hops(node));
        let once = direction == Direction::Either;
        let into = into.into_iter().flatten().filter(move |hop| !(once && hop.node == node));
        out.into_iter().flatten().chain(into).filter(|hop| self.relationship(hop.relationship).is_some())
    }

    /// Whether any relationship hangs on a node.
    #[must_use]
    pub fn has_relationships(&self, node: NodeId) -> bool {
        self.hops(node, Direction::Either).next().is_some()
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

    /// Whether two graphs hold the same elements and claims under the same ids.
    ///
    /// # Complexity
    /// O(V + E + C) comparisons of whole elements.
    #[must_use]
    pub fn same_elements(&self, other: &Self) -> bool {
        let ids = self.node_bound().max(other.node_bound());
        let relationships = self.relationship_bound().max(other.relationship_bound());
        (0..ids).map(|i| NodeId(id_of(i))).all(|id| self.node_data(id) == other.node_data(id))
            && (0..relationships)
                .map(|i| RelationshipId(id_of(i)))
                .all(|id| self.relationship_data(id) == other.relationship_data(id))
            && self.claims().eq(other.claims())
            && self.schema == other.schema
    }

    /// Applies an effect.
    ///
    /// # Errors
    /// `Corrupt` where the effect does not fit the graph, which then is unchanged.
    pub fn apply(&mut self, effect: &Effect) -> Result<()> {
        self.check(effect)?;
        match effect {
            Effect::CreateNode { id, node } => self.insert_node(*id, node),
            Effect::DeleteNode { id, .. } => self.remove_node(*id),
            Effect::SetNodeProperty { id, name, after, .. } => {
                self.set_node_property(*id, name, after.as_ref());
            }
            Effect::SetLabel { id, label, present } => self.set_label(*id, label, *present),
            Effect::CreateRelationship { id, relationship } => self.insert_relationship(*id, relationship)?,
            Effect::DeleteRelationship { id, .. } => self.remove_relationship(*id),
            Effect::SetRelationshipProperty { id, name, after, .. } => {
                self.set_relationship_property(*id, name, after.as_ref())?;
            }
            Effect::RecordClaim { id, claim } => self.insert_claim(*id, claim),
            Effect::RetractClaim { id, .. } => self.remove_claim(*id),
            Effect::DeclareType { name, after, .. } => self.declare(name, *after),
        }
        self.dirty.insert(dirty_block(effect));
        Ok(())
    }

    /// Takes back the effect that was applied last.
    pub fn revert(&mut self, effect: &Effect) {
        const FITS: &str = "what was there before the effect was valid";
        match effect {
            Effect::CreateNode { id, .. } => {
                self.remove_node(*id);
                self.nodes.truncate(id.index());
            }
            Effect::DeleteNode { id, before } => self.insert_node(*id, before),
            Effect::SetNodeProperty { id, name, before, .. } => {
                self.set_node_property(*id, name, before.as_ref());
            }
            Effect::SetLabel { id, label, present } => self.set_label(*id, label, !present),
            Effect::CreateRelationship { id, relationship } => {
                self.remove_relationship(*id);
                self.relationships.truncate(id.index());
                // The id will be given again, perhaps to other ends.
                self.out.take_back(relationship.start, *id);
                self.into.take_back(relationship.end, *id);
            }
            Effect::DeleteRelationship { id, before } => self.restore_relationship(*id, before).expect(FITS),
            Effect::SetRelationshipProperty { id, name, before, .. } => {
                self.set_relationship_property(*id, name, before.as_ref()).expect(FITS);
            }
            Effect::RecordClaim { id, .. } => {
                self.remove_claim(*id);
                self.claims.truncate(id.index());
            }
            Effect::RetractClaim { id, before } => self.insert_claim(*id, before),
            Effect::DeclareType { name, before, .. } => self.declare(name, *before),
        }
        self.dirty.insert(dirty_block(effect));
    }

    /// Merges the adjacency's overlay into a new base where that pays. Only
    /// between commits: what may still be reverted has to be in the overlay.
    pub fn settle(&mut self) {
        if self.out.wants_rebuild() {
            self.rebuild_adjacency();
        }
    }

    /// Builds adjacency anew from the relationships.
    pub(super) fn rebuild_adjacency(&mut self) {
        let entries = |from: fn(&Relationship) -> (NodeId, NodeId)| {
            let hops = self.relationships().map(|(id, relationship)| {
                let (node, other) = from(relationship);
                let at = relationship.period.possible(TypeKind::Event).lo;
                (node, at, Hop { relationship: id, node: other, kind: relationship.kind })
            });
            Adjacency::build(self.nodes.len(), hops.collect())
        };
        let (out, into) = (entries(|r| (r.start, r.end)), entries(|r| (r.end, r.start)));
        (self.out, self.into) = (out, into);
    }

    /// Checks that an effect fits: elements that it names are there, ids and keys
    /// that it gives are new.
    fn check(&self, effect: &Effect) -> Result<()> {
        let misfit =
            |what: String| Err(Error::corrupt(format!("a recorded change does not fit the graph: {what}")));
        match effect {
            Effect::CreateNode { id, node } => match &node.key {
                _ if *id < self.next_node() || id.index() > self.nodes.len() + MAX_GAP => {
                    misfit(format!("node {id} cannot be created"))
                }
                Some(key) if self.by_key.contains_key(key.as_str()) => misfit(format!("key {key} is taken")),
                _ => Ok(()),
            },
            Effect::DeleteNode { id, .. } if self.has_relationships(*id) => {
                misfit(format!("node {id} still has relationships"))
            }
            Effect::DeleteNode { id, .. }
            | Effect::SetNodeProperty { id, .. }
            | Effect::SetLabel { id, .. } => match self.node(*id) {
                Some(_) => Ok(()),
                None => misfit(format!("there is no node {id}")),
            },
            Effect::CreateRelationship { id, relationship } => {
                if *id < self.next_relationship() || id.index() > self.relationships.len() + MAX_GAP {
                    misfit(format!("relationship {id} cannot be created"))
                } else if self.node(relationship.start).is_none() || self.node(relationship.end).is_none() {
                    misfit(format!("an end of relationship {id} is missing"))
                } else {
                    Ok(())
                }
            }
            Effect::DeleteRelationship { id, .. } | Effect::SetRelationshipProperty { id, .. } => {
                match self.relationship(*id) {
                    Some(_) => Ok(()),
                    None => misfit(format!("there is no relationship {id}")),
                }
            }
            Effect::RecordClaim { id, .. }
                if *id < self.next_claim() || id.index() > self.claims.len() + MAX_GAP =>
            {
                misfit(format!("claim {id} cannot be recorded"))
            }
            Effect::RetractClaim { id, .. } if self.claim(*id).is_none() => {
                misfit(format!("there is no claim {id}"))
            }
            Effect::RecordClaim { .. } | Effect::RetractClaim { .. } | Effect::DeclareType { .. } => Ok(()),
        }
    }

    pub(super) fn insert_node(&mut self, id: NodeId, data: &NodeData) {
        let key: Option<Arc<str>> = data.key.as_deref().map(Into::into);
        if let Some(key) = &key {
            self.by_key.insert(key.clone(), id);
        }
        let mut labels: Vec<Symbol> = Vec::with_capacity(data.labels.len());
        for label in &data.labels {
            let label = self.names.intern(label);
            self.by_label.entry(label).or_default().insert(id);
            labels.push(label);
        }
        let properties = self.intern_properties(&data.properties);
        self.index_id_property(id, data.properties.get("id"), true);
        put(&mut self.nodes, id.index(), Node { key, labels, properties });
        self.n_nodes += 1;
    }

    fn remove_node(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(id.index()).and_then(Option::take) else { return };
        if let Some(key) = &node.key {
            self.by_key.remove(key);
        }
        for label in &node.labels {
            self.by_label.entry(*label).or_default().remove(&id);
        }
        let value = self.names.get("id").and_then(|name| find(&node.properties, name)).cloned();
        self.index_id_property(id, value.as_ref(), false);
        self.n_nodes -= 1;
    }

    fn set_node_property(&mut self, id: NodeId, name: &str, value: Option<&Value>) {
        let symbol = self.names.intern(name);
        let Some(node) = self.nodes.get_mut(id.index()).and_then(Option::as_mut) else { return };
        let before = replace(&mut node.properties, symbol, value.cloned());
        if name == "id" {
            self.index_id_property(id, before.as_ref(), false);
            self.index_id_property(id, value, true);
        }
    }

    fn index_id_property(&mut self, id: NodeId, value: Option<&Value>, present: bool) {
        let Some(Value::String(text)) = value else { return };
        if present {
            self.by_id_property.entry(text.clone()).or_default().insert(id);
        } else if let Some(nodes) = self.by_id_property.get_mut(text) {
            nodes.remove(&id);
            if nodes.is_empty() {
                self.by_id_property.remove(text);
            }
        }
    }

    fn set_label(&mut self, id: NodeId, label: &str, present: bool) {
        let symbol = self.names.intern(label);
        let names = &self.names;
        let Some(node) = self.nodes.get_mut(id.index()).and_then(Option::as_mut) else { return };
        node.labels.retain(|&other| other != symbol);
        let with_label = self.by_label.entry(symbol).or_default();
        if present {
            node.labels.push(symbol);
            node.labels.sort_by_key(|&label| names.text(label));
            with_label.insert(id);
        } else {
            with_label.remove(&id);
        }
    }

    fn insert_relationship(&mut self, id: RelationshipId, data: &RelationshipData) -> Result<()> {
        self.restore_relationship(id, data)?;
        let kind = self.names.intern(&data.kind);
        self.out.insert(data.start, Hop { relationship: id, node: data.end, kind });
        self.into.insert(data.end, Hop { relationship: id, node: data.start, kind });
        Ok(())
    }

    /// Puts a relationship back under an id that adjacency still knows.
    pub(super) fn restore_relationship(&mut self, id: RelationshipId, data: &RelationshipData) -> Result<()> {
        let period = Period::read(data.properties.get("from"), data.properties.get("to"))?;
        let key: Option<Arc<str>> = data.key.as_deref().map(Into::into);
        if let Some(key) = &key {
            self.relationship_by_key.insert(key.clone(), id);
        }
        let kind = self.names.intern(&data.kind);
        let properties = self.intern_properties(&data.properties);
        let relationship = Relationship { key, kind, start: data.start, end: data.end, period, properties };
        put(&mut self.relationships, id.index(), relationship);
        *self.by_type.entry(kind).or_default() += 1;
        self.n_relationships += 1;
        Ok(())
    }

    fn remove_relationship(&mut self, id: RelationshipId) {
        let Some(relationship) = self.relationships.get_mut(id.index()).and_then(Option::take) else {
            return;
        };
        if let Some(key) = &relationship.key {
            self.relationship_by_key.remove(key);
        }
        if let Some(count) = self.by_type.get_mut(&relationship.kind) {
            *count -= 1;
        }
        self.n_relationships -= 1;
    }

    fn set_relationship_property(
        &mut self,
        id: RelationshipId,
        name: &str,
        value: Option<&Value>,
    ) -> Result<()> {
        let symbol = self.names.intern(name);
        let side = |name: &str| self.names.get(name);
        let (from, to) = (side("from"), side("to"));
        let Some(relationship) = self.relationships.get_mut(id.index()).and_then(Option::as_mut) else {
            return Ok(());
        };
        let before = replace(&mut relationship.properties, symbol, value.cloned());
        if name == "from" || name == "to" {
            let read = |symbol: Option<Symbol>| symbol.and_then(|name| find(&relationship.properties, name));
            match Period::read(read(from), read(to)) {
                Ok(period) => relationship.period = period,
                Err(error) => {
                    replace(&mut relationship.properties, symbol, before);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    pub(super) fn insert_claim(&mut self, id: ClaimId, claim: &Claim) {
        let about = self.claims_about.entry(claim.about).or_default();
        let at = about.partition_point(|&other| other < id);
        about.insert(at, id);
        put(&mut self.claims, id.index(), claim.clone());
        self.n_claims += 1;
    }

    fn remove_claim(&mut self, id: ClaimId) {
        let Some(claim) = self.claims.get_mut(id.index()).and_then(Option::take) else { return };
        if let Some(about) = self.claims_about.get_mut(&claim.about) {
            about.retain(|&other| other != id);
        }
        self.n_claims -= 1;
    }

    fn declare(&mut self, name: &str, declaration: Option<(TypeKind, Flow)>) {
        self.schema.declare(name, declaration);
    }

    fn intern_properties(&mut self, properties: &Properties) -> Vec<(Symbol, Value)> {
        let mut interned: Vec<_> =
            properties.iter().map(|(name, value)| (self.names.intern(name), value.clone())).collect();
        interned.sort_unstable_by_key(|(symbol, _)| *symbol);
        interned
    }
}

/// How far ids may run ahead of a table: deleted tails are not recorded, and a
/// damaged id must not allocate the memory of the machine.
const MAX_GAP: usize = 1 << 24;

const _: () = assert!(MAX_GAP > BLOCK_IDS as usize);

fn id_of(index: usize) -> u32 {
    u32::try_from(index).expect("a case has fewer than 2^32 elements of a kind")
}

fn put<T>(table: &mut Vec<Option<T>>, index: usize, element: T) {
    if table.len() <= index {
        table.resize_with(index + 1, || None);
    }
    table[index] = Some(element);
}

/// Sets, changes or removes a property; gives what was there.
fn replace(properties: &mut Vec<(Symbol, Value)>, name: Symbol, value: Option<Value>) -> Option<Value> {
    match (properties.binary_search_by_key(&name, |(symbol, _)| *symbol), value) {
        (Ok(at), Some(value)) => Some(std::mem::replace(&mut properties[at].1, value)),
        (Ok(at), None) => Some(properties.remove(at).1),
        (Err(at), Some(value)) => {
            properties.insert(at, (name, value));
            None
        }
        (Err(_), None) => None,
    }
}

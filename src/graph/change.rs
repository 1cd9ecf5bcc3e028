//! How the graph changes: effects are checked, applied and taken back.

use std::sync::Arc;

use super::adjacency::Adjacency;
use super::element::{find, replace};
use super::key_index::KeyIndex;
use super::side::Link;
use super::statistics::labels;
use super::{Graph, Node, Relationship, Symbol, Timing};
use crate::error::{Error, Result};
use crate::model::{
    Claim, ClaimId, Effect, Flow, NodeData, NodeId, Period, Properties, RelationshipData, RelationshipId,
    TypeKind, Value,
};
use crate::store::Column;

impl Graph {
    /// Applies an effect.
    ///
    /// # Errors
    /// `Corrupt` where the effect does not fit the graph, which then is unchanged.
    pub fn apply(&mut self, effect: &Effect) -> Result<()> {
        self.check(effect)?;
        match effect {
            Effect::CreateNode { id, node } | Effect::RestoreNode { id, node } => self.insert_node(*id, node),
            Effect::DeleteNode { id, .. } => self.remove_node(*id),
            Effect::SetNodeProperty { id, name, after, .. } => {
                self.set_node_property(*id, name, after.as_ref());
            }
            Effect::SetLabel { id, label, present } => self.set_label(*id, label, *present),
            Effect::CreateRelationship { id, relationship } => self.insert_relationship(*id, relationship)?,
            Effect::RestoreRelationship { id, relationship } => {
                self.restore_relationship(*id, relationship)?;
            }
            Effect::DeleteRelationship { id, .. } => self.delete_relationship(*id),
            Effect::SetRelationshipProperty { id, name, after, .. } => {
                self.set_relationship_property(*id, name, after.as_ref())?;
            }
            Effect::RecordClaim { id, claim } | Effect::RestoreClaim { id, claim } => {
                self.insert_claim(*id, claim);
            }
            Effect::RetractClaim { id, .. } => self.remove_claim(*id),
            Effect::DeclareType { name, after, .. } => self.declare(name, *after),
            Effect::CreateIndex { index } => self.create_index(index),
            Effect::DropIndex { before } => self.indexes.remove(&before.name),
        }
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
            Effect::RestoreNode { id, .. } => self.remove_node(*id),
            Effect::DeleteNode { id, before } => self.insert_node(*id, before),
            Effect::SetNodeProperty { id, name, before, .. } => {
                self.set_node_property(*id, name, before.as_ref());
            }
            Effect::SetLabel { id, label, present } => self.set_label(*id, label, !present),
            Effect::CreateRelationship { id, relationship } => {
                self.take_relationship(*id);
                self.relationships.truncate(id.index());
                // The id will be given again, perhaps to other ends.
                let kind = self.names.intern(&relationship.kind);
                self.adjacency.take_back(*id, relationship.start, relationship.end, kind);
            }
            Effect::RestoreRelationship { id, .. } => self.delete_relationship(*id),
            Effect::DeleteRelationship { id, before } => self.restore_relationship(*id, before).expect(FITS),
            Effect::SetRelationshipProperty { id, name, before, .. } => {
                self.set_relationship_property(*id, name, before.as_ref()).expect(FITS);
            }
            Effect::RecordClaim { id, .. } => {
                self.remove_claim(*id);
                self.claims.truncate(id.index());
            }
            Effect::RestoreClaim { id, .. } => self.remove_claim(*id),
            Effect::RetractClaim { id, before } => self.insert_claim(*id, before),
            Effect::DeclareType { name, before, .. } => self.declare(name, *before),
            Effect::CreateIndex { index } => self.indexes.remove(&index.name),
            Effect::DropIndex { before } => self.create_index(before),
        }
    }

    /// Merges the adjacency's overlay into a new base where that pays. Only
    /// between commits: what may still be reverted has to be in the overlay.
    pub fn settle(&mut self) {
        if self.adjacency.wants_rebuild() {
            self.compact();
        }
    }

    /// Merges the adjacency's overlay into a new base; as [`Graph::settle`], only
    /// between commits.
    ///
    /// # Complexity
    /// O(V + E log D) for nodes, relationships and the greatest degree; where the graph
    /// is read from an index, only for the pages that changed.
    pub fn compact(&mut self) {
        match self.loader {
            Some(_) => self.merge_adjacency(),
            None => self.rebuild_adjacency(),
        }
    }

    /// Merges the adjacency's overlay into its pages.
    pub(super) fn merge_adjacency(&mut self) {
        if !self.adjacency.has_changes() {
            return;
        }
        if self.loader.is_none() {
            return self.rebuild_adjacency();
        }
        let mut adjacency = std::mem::replace(&mut self.adjacency, Adjacency::new());
        adjacency.merge(self.nodes.len(), |id| self.link(id));
        self.adjacency = adjacency;
    }

    fn rebuild_adjacency(&mut self) {
        let links: Vec<Link> = self.relationships().filter_map(|(id, _)| self.link(id)).collect();
        self.adjacency.rebuild(self.nodes.len(), &links);
    }

    fn link(&self, id: RelationshipId) -> Option<Link> {
        let found = self.relationship(id)?;
        let at = found.period.possible(TypeKind::Event).lo;
        Some(Link { id, start: found.start, end: found.end, kind: found.kind, at })
    }

    /// Checks that an effect fits: elements that it names are there, ids and keys
    /// that it gives are new.
    fn check(&self, effect: &Effect) -> Result<()> {
        match effect {
            Effect::CreateNode { id, node } => match &node.key {
                _ if *id < self.next_node() || id.index() > self.nodes.len() + MAX_GAP => {
                    misfit(format!("node {id} cannot be created"))
                }
                Some(key) if self.by_given_key(key).is_some() => misfit(format!("key {key} is taken")),
                _ => Ok(()),
            },
            Effect::RestoreNode { id, node } => match &node.key {
                _ if self.node(*id).is_some() || id.index() > self.nodes.len() + MAX_GAP => {
                    misfit(format!("node {id} cannot be restored"))
                }
                Some(key) if self.by_given_key(key).is_some() => misfit(format!("key {key} is taken")),
                _ => Ok(()),
            },
            Effect::RestoreRelationship { id, relationship } => {
                if self.relationship(*id).is_some() || id.index() > self.relationships.len() + MAX_GAP {
                    misfit(format!("relationship {id} cannot be restored"))
                } else {
                    self.check_ends(*id, relationship)
                }
            }
            Effect::RestoreClaim { id, .. }
                if self.claim(*id).is_some() || id.index() > self.claims.len() + MAX_GAP =>
            {
                misfit(format!("claim {id} cannot be restored"))
            }
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
                } else {
                    self.check_ends(*id, relationship)
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
            Effect::CreateIndex { index } if self.has_index_like(index) => {
                misfit(format!("index {} cannot be created", index.name))
            }
            Effect::DropIndex { before } if !self.index_definitions().contains(before) => {
                misfit(format!("there is no index {}", before.name))
            }
            Effect::RecordClaim { .. }
            | Effect::RestoreClaim { .. }
            | Effect::RetractClaim { .. }
            | Effect::DeclareType { .. }
            | Effect::CreateIndex { .. }
            | Effect::DropIndex { .. } => Ok(()),
        }
    }

    fn check_ends(&self, id: RelationshipId, relationship: &RelationshipData) -> Result<()> {
        match [relationship.start, relationship.end].iter().all(|&end| self.node(end).is_some()) {
            true => Ok(()),
            false => misfit(format!("an end of relationship {id} is missing")),
        }
    }

    pub(super) fn insert_node(&mut self, id: NodeId, data: &NodeData) {
        let key: Option<Arc<str>> = data.key.as_deref().map(Into::into);
        if let Some(key) = &key {
            self.note_key(key, id, true);
        }
        let mut labels: Vec<Symbol> = Vec::with_capacity(data.labels.len());
        for label in &data.labels {
            let label = self.names.intern(label);
            self.by_label.change(label, id, true);
            labels.push(label);
        }
        let properties = self.intern_properties(&data.properties);
        self.note_id_property(id, key.as_ref(), data.properties.get("id"), true);
        let node = Node { key, labels, properties };
        self.statistics.count_node(&node, true);
        self.indexes.note_node(id, &node, true);
        self.names_kept.note(id);
        self.nodes.put(id.index(), node);
    }

    fn remove_node(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(id.index()).and_then(Option::take) else { return };
        if let Some(key) = &node.key {
            self.note_key(key, id, false);
        }
        for label in &node.labels {
            self.by_label.change(*label, id, false);
        }
        let value = self.names.get("id").and_then(|name| find(&node.properties, name)).cloned();
        self.note_id_property(id, node.key.as_ref(), value.as_ref(), false);
        self.statistics.count_node(&node, false);
        self.indexes.note_node(id, &node, false);
        self.names_kept.note(id);
    }

    fn set_node_property(&mut self, id: NodeId, name: &str, value: Option<&Value>) {
        let symbol = self.names.intern(name);
        let Some(node) = self.nodes.get_mut(id.index()).and_then(Option::as_mut) else { return };
        let before = replace(&mut node.properties, symbol, value.cloned());
        self.indexes.note_property(id, &node.labels, symbol, before.as_ref(), value);
        self.names_kept.note_property(id, name);
        if name == "id" {
            let key = node.key.clone();
            self.note_id_property(id, key.as_ref(), before.as_ref(), false);
            self.note_id_property(id, key.as_ref(), value, true);
        }
    }

    fn note_key(&mut self, key: &Arc<str>, id: NodeId, present: bool) {
        let mut by_key = std::mem::replace(&mut self.by_key, KeyIndex::new(Column::NodeKeys));
        by_key.change(key, id.0, present, |other| self.has_key(NodeId(other), key));
        self.by_key = by_key;
    }

    fn note_relationship_key(&mut self, key: &Arc<str>, id: RelationshipId, present: bool) {
        let mut by_key =
            std::mem::replace(&mut self.relationship_by_key, KeyIndex::new(Column::RelationshipKeys));
        by_key.change(key, id.0, present, |other| {
            self.relationship(RelationshipId(other)).is_some_and(|found| found.key.as_ref() == Some(key))
        });
        self.relationship_by_key = by_key;
    }

    /// Nodes whose key is their property `id` are found by their key.
    fn note_id_property(&mut self, id: NodeId, key: Option<&Arc<str>>, value: Option<&Value>, present: bool) {
        let Some(Value::String(text)) = value else { return };
        if key == Some(text) {
            return;
        }
        let mut by_id = std::mem::replace(&mut self.by_id_property, KeyIndex::new(Column::NodeIds));
        by_id.change(text, id.0, present, |other| self.has_other_id(NodeId(other), text));
        self.by_id_property = by_id;
    }

    fn set_label(&mut self, id: NodeId, label: &str, present: bool) {
        let symbol = self.names.intern(label);
        let names = &self.names;
        let Some(node) = self.nodes.get_mut(id.index()).and_then(Option::as_mut) else { return };
        if node.labels.contains(&symbol) == present {
            return;
        }
        let (out, into) = (self.adjacency.degrees_out(id), self.adjacency.degrees_in(id));
        self.statistics.count_label(symbol, out, into, present);
        self.indexes.note_label(id, node, symbol, present);
        self.names_kept.note(id);
        node.labels.retain(|&other| other != symbol);
        if present {
            node.labels.push(symbol);
            node.labels.sort_by_key(|&label| names.text(label));
        }
        self.by_label.change(symbol, id, present);
    }

    fn insert_relationship(&mut self, id: RelationshipId, data: &RelationshipData) -> Result<()> {
        let kind = self.put_relationship(id, data)?;
        self.count_relationship(data.start, data.end, kind, true);
        self.adjacency.insert(id, data.start, data.end, kind);
        Ok(())
    }

    /// Puts a deleted relationship back.
    fn restore_relationship(&mut self, id: RelationshipId, data: &RelationshipData) -> Result<()> {
        let kind = self.put_relationship(id, data)?;
        self.count_relationship(data.start, data.end, kind, true);
        self.adjacency.restore(id, data.start, data.end, kind);
        Ok(())
    }

    fn delete_relationship(&mut self, id: RelationshipId) {
        if let Some(gone) = self.take_relationship(id) {
            self.adjacency.bury(gone.start, gone.end, gone.kind);
        }
    }

    /// Puts a relationship into its table; statistics and adjacency do not know it yet.
    pub(super) fn put_relationship(&mut self, id: RelationshipId, data: &RelationshipData) -> Result<Symbol> {
        let period = Period::read(data.properties.get("from"), data.properties.get("to"))?;
        let key: Option<Arc<str>> = data.key.as_deref().map(Into::into);
        if let Some(key) = &key {
            self.note_relationship_key(key, id, true);
        }
        let kind = self.names.intern(&data.kind);
        let properties = self.intern_properties(&data.properties);
        let relationship = Relationship { key, kind, start: data.start, end: data.end, period, properties };
        self.relationships.put(id.index(), relationship);
        self.note_times(id);
        Ok(kind)
    }

    /// Notes what a relationship that is new, or whose times changed, takes from what
    /// its type has in common.
    fn note_times(&mut self, id: RelationshipId) {
        let Some(relationship) = self.relationships.get(id.index()) else { return };
        let property = |name: &str| self.names.get(name).and_then(|name| relationship.property(name));
        let is_aggregate = property("aggregate") == Some(&Value::Bool(true));
        let timing = Timing::of(relationship.period, property("from"), is_aggregate);
        let kind = relationship.kind;
        self.timings.entry(kind).and_modify(|known| *known = known.and(timing)).or_insert(timing);
        self.time_indexes.note(kind, id);
    }

    /// Takes a relationship out of its table and the statistics; adjacency still knows it.
    fn take_relationship(&mut self, id: RelationshipId) -> Option<Relationship> {
        let relationship = self.relationships.get_mut(id.index()).and_then(Option::take)?;
        if let Some(key) = &relationship.key {
            self.note_relationship_key(key, id, false);
        }
        self.count_relationship(relationship.start, relationship.end, relationship.kind, false);
        self.time_indexes.note(relationship.kind, id);
        Some(relationship)
    }

    fn count_relationship(&mut self, start: NodeId, end: NodeId, kind: Symbol, present: bool) {
        let at = |id: NodeId| labels(self.nodes.get(id.index()));
        self.statistics.count_out(kind, at(start), 1, present);
        self.statistics.count_in(kind, at(end), 1, present);
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
                Ok(period) => {
                    relationship.period = period;
                    self.adjacency.retime(relationship.start, relationship.end);
                }
                Err(error) => {
                    replace(&mut relationship.properties, symbol, before);
                    return Err(error);
                }
            }
        }
        match name {
            "from" | "to" | "aggregate" => self.note_times(id),
            "confidence" => self.time_indexes.forget_confidences(),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn insert_claim(&mut self, id: ClaimId, claim: &Claim) {
        self.claims_about.change(claim.about, id, true);
        self.claims.put(id.index(), claim.clone());
        self.n_claims += 1;
        self.time_indexes.forget_confidences();
    }

    fn remove_claim(&mut self, id: ClaimId) {
        let Some(claim) = self.claims.get_mut(id.index()).and_then(Option::take) else { return };
        self.claims_about.change(claim.about, id, false);
        self.n_claims -= 1;
        self.time_indexes.forget_confidences();
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

fn misfit(what: String) -> Result<()> {
    Err(Error::corrupt(format!("a recorded change does not fit the graph: {what}")))
}

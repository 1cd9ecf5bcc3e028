//! Writing clauses: each change is an effect, applied at once so that later
//! clauses see it, and kept so that it can be recorded or taken back.

use std::collections::BTreeMap;

use super::Stats;
use super::expr::type_error;
use super::value_ops::deleted;
use crate::error::{Detail, Error, Result, Span};
use crate::graph::{Direction, Graph, View};
use crate::model::{
    About, ClaimId, Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Value,
};

/// A graph that is being changed.
pub(super) struct Writer<'a> {
    pub(super) graph: &'a mut Graph,
    pub(super) effects: Vec<Effect>,
    pub(super) stats: Stats,
}

impl Writer<'_> {
    /// Takes back everything, last first.
    pub(super) fn roll_back(&mut self) {
        for effect in self.effects.drain(..).rev() {
            self.graph.revert(&effect);
        }
        self.stats = Stats::default();
    }

    pub(super) fn apply(&mut self, effect: Effect) -> Result<()> {
        self.graph.apply(&effect)?;
        self.effects.push(effect);
        Ok(())
    }

    pub(super) fn create_node(
        &mut self,
        labels: &[String],
        properties: Properties,
        span: Span,
    ) -> Result<NodeId> {
        let mut labels = labels.to_vec();
        labels.sort();
        labels.dedup();
        let node = NodeData { key: None, labels, properties: storable(properties, span)? };
        self.graph.schema().check_node(&node).map_err(|error| error.at(span))?;
        let id = self.graph.next_node();
        self.stats.nodes_created += 1;
        self.stats.labels_added += node.labels.len();
        self.stats.properties_set += node.properties.len();
        self.apply(Effect::CreateNode { id, node })?;
        Ok(id)
    }

    pub(super) fn create_relationship(
        &mut self,
        kind: &str,
        start: NodeId,
        end: NodeId,
        properties: Properties,
        span: Span,
    ) -> Result<RelationshipId> {
        let properties = storable(properties, span)?;
        for end in [start, end] {
            self.graph.node(end).ok_or_else(|| deleted("node", span))?;
        }
        self.graph.schema().check_relationship(&properties).map_err(|error| error.at(span))?;
        let id = self.graph.next_relationship();
        self.stats.relationships_created += 1;
        self.stats.properties_set += properties.len();
        let relationship = RelationshipData { key: None, kind: kind.to_owned(), start, end, properties };
        self.apply(Effect::CreateRelationship { id, relationship })?;
        Ok(id)
    }

    /// Sets one property of an element; null removes it, and null as element is skipped.
    pub(super) fn set_property(
        &mut self,
        target: &Value,
        name: &str,
        value: Value,
        span: Span,
    ) -> Result<()> {
        let after = (!value.is_null()).then_some(value);
        if let Some(value) = after.as_ref().filter(|value| !value.is_storable()) {
            return Err(not_storable(name, value, span));
        }
        match target {
            Value::Null => return Ok(()),
            Value::Node(id) => {
                let mut node = self.node(*id, span)?;
                let before = put(&mut node.properties, name, after.clone());
                if before == after {
                    return Ok(());
                }
                self.graph.schema().check_node(&node).map_err(|error| error.at(span))?;
                self.apply(Effect::SetNodeProperty { id: *id, name: name.to_owned(), before, after })?;
            }
            Value::Relationship(id) => {
                let mut relationship = self.relationship(*id, span)?;
                let before = put(&mut relationship.properties, name, after.clone());
                if before == after {
                    return Ok(());
                }
                let schema = self.graph.schema();
                schema.check_relationship(&relationship.properties).map_err(|error| error.at(span))?;
                self.apply(Effect::SetRelationshipProperty {
                    id: *id,
                    name: name.to_owned(),
                    before,
                    after,
                })?;
            }
            other => return Err(type_error(span, "a node or a relationship", other)),
        }
        self.stats.properties_set += 1;
        Ok(())
    }

    /// Sets properties from a map; with `replace`, those that it lacks are removed.
    pub(super) fn set_properties(
        &mut self,
        target: &Value,
        value: &Value,
        replace: bool,
        span: Span,
    ) -> Result<()> {
        let properties = match value {
            Value::Map(entries) => entries.clone(),
            Value::Node(id) => self.node(*id, span)?.properties,
            Value::Relationship(id) => self.relationship(*id, span)?.properties,
            other => return Err(type_error(span, "a map", other)),
        };
        if replace {
            let before = match target {
                Value::Node(id) => self.node(*id, span)?.properties,
                Value::Relationship(id) => self.relationship(*id, span)?.properties,
                _ => Properties::new(),
            };
            for name in before.into_keys().filter(|name| !properties.contains_key(name)) {
                self.set_property(target, &name, Value::Null, span)?;
            }
        }
        for (name, value) in properties {
            self.set_property(target, &name, value, span)?;
        }
        Ok(())
    }

    /// Gives a node labels or takes them away.
    pub(super) fn set_labels(
        &mut self,
        target: &Value,
        labels: &[String],
        present: bool,
        span: Span,
    ) -> Result<()> {
        let id = match target {
            Value::Null => return Ok(()),
            Value::Node(id) => *id,
            other => return Err(type_error(span, "a node", other)),
        };
        for label in labels {
            let mut node = self.node(id, span)?;
            if node.labels.contains(label) == present {
                continue;
            }
            if present {
                node.labels.push(label.clone());
                self.graph.schema().check_node(&node).map_err(|error| error.at(span))?;
            }
            self.apply(Effect::SetLabel { id, label: label.clone(), present })?;
            let counter = if present { &mut self.stats.labels_added } else { &mut self.stats.labels_removed };
            *counter += 1;
        }
        Ok(())
    }

    pub(super) fn delete_relationship(&mut self, id: RelationshipId) -> Result<()> {
        let Some(before) = self.graph.relationship_data(id) else { return Ok(()) };
        self.retract_about(About::Relationship(id))?;
        self.stats.relationships_deleted += 1;
        self.apply(Effect::DeleteRelationship { id, before })
    }

    /// Takes the relationships and claims that hang on a node; what is about a node
    /// goes before any node does, so that a claim and its source can go together.
    pub(super) fn detach_node(&mut self, id: NodeId, detach: bool, span: Span) -> Result<()> {
        if self.graph.node(id).is_none() {
            return Ok(());
        }
        let hanging: Vec<RelationshipId> =
            self.graph.hops(id, Direction::Either).map(|hop| hop.relationship).collect();
        if !hanging.is_empty() && !detach {
            let key = View::new(self.graph, None, false).source_label(id);
            return Err(Error::query(
                "ConstraintVerificationFailed",
                span,
                format!("node {key} still has relationships"),
            )
            .hint("delete them first, or write DETACH DELETE".to_owned()));
        }
        for relationship in hanging {
            self.delete_relationship(relationship)?;
        }
        self.retract_about(About::Node(id))
    }

    /// Deletes a node that [`Writer::detach_node`] has dealt with.
    pub(super) fn delete_node(&mut self, id: NodeId, span: Span) -> Result<()> {
        let Some(before) = self.graph.node_data(id) else { return Ok(()) };
        self.refuse_if_cited(id, span)?;
        self.stats.nodes_deleted += 1;
        self.apply(Effect::DeleteNode { id, before })
    }

    pub(super) fn retract(&mut self, id: ClaimId) -> Result<bool> {
        let Some(before) = self.graph.claim(id).cloned() else { return Ok(false) };
        self.apply(Effect::RetractClaim { id, before: before.into() })?;
        Ok(true)
    }

    fn retract_about(&mut self, about: About) -> Result<()> {
        let claims: Vec<ClaimId> = self.graph.claims_about(about).map(|(id, _)| id).collect();
        claims.into_iter().try_for_each(|id| self.retract(id).map(|_| ()))
    }

    /// A claim must not lose its source, the one who said it, or a carrier.
    fn refuse_if_cited(&self, id: NodeId, span: Span) -> Result<()> {
        let cites = |claim: &crate::model::Claim| {
            claim.source == Some(id)
                || claim.by == Some(id)
                || claim.carriers.is_some_and(|(a, b)| a == id || b == id)
        };
        let count = self.graph.claims().filter(|(_, claim)| cites(claim)).count();
        if count == 0 {
            return Ok(());
        }
        let key = View::new(self.graph, None, false).source_label(id);
        Err(Error::query(
            "ConstraintVerificationFailed",
            span,
            match count {
                1 => format!("a claim cites node {key}"),
                _ => format!("{count} claims cite node {key}"),
            },
        )
        .hint("retract them first with CALL evidence.retract(id)".to_owned()))
    }

    fn node(&self, id: NodeId, span: Span) -> Result<NodeData> {
        self.graph.node_data(id).ok_or_else(|| deleted("node", span))
    }

    fn relationship(&self, id: RelationshipId, span: Span) -> Result<RelationshipData> {
        self.graph.relationship_data(id).ok_or_else(|| deleted("relationship", span))
    }
}

/// Sets or removes an entry; gives what was there.
fn put(properties: &mut BTreeMap<String, Value>, name: &str, value: Option<Value>) -> Option<Value> {
    match value {
        Some(value) => properties.insert(name.to_owned(), value),
        None => properties.remove(name),
    }
}

/// Properties without nulls, all of which a graph can hold.
fn storable(properties: Properties, span: Span) -> Result<Properties> {
    match properties.iter().find(|(_, value)| !value.is_storable()) {
        Some((name, value)) => Err(not_storable(name, value, span)),
        None => Ok(properties.into_iter().filter(|(_, value)| !value.is_null()).collect()),
    }
}

fn not_storable(name: &str, value: &Value, span: Span) -> Error {
    Error::query("TypeError", span, format!("property {name} cannot hold {} {value}", value.type_name()))
        .detail(Detail::InvalidPropertyType)
        .hint("properties hold simple values, and lists of simple values without null".to_owned())
}

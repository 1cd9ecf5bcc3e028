//! The case as it will be: the graph, and on top of it what the rows read so far
//! create and change.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::header::Special;
use super::keys::Hints;
use super::table::{Place, Row};
use super::{BAD_MAX, Import, Input, Options};
use crate::error::{Error, Result};
use crate::graph::{Graph, Node, View};
use crate::model::{
    About, Claim, ClaimId, Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Stance,
    Value,
};

/// What became of a row about something that the case has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is new.
    New,
    /// Something changed.
    Updated,
    /// Nothing did.
    Unchanged,
}

/// The changes so far, over the graph that they are made for.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) graph: &'a Graph,
    pub(super) inputs: &'a [Input],
    pub(super) options: &'a Options,
    /// The source of rows that name none.
    pub(super) source: Option<NodeId>,
    /// What stands for nodes by their key: those of this import only.
    node_keys: FxHashMap<String, NodeId>,
    relationship_keys: FxHashMap<String, RelationshipId>,
    nodes: Vec<NodeData>,
    relationships: Vec<RelationshipData>,
    changes: Vec<Effect>,
    claims: Vec<Effect>,
    n_claims: u32,
    /// Values that `changes` gives to elements of the graph.
    changed: FxHashMap<(About, String), Option<Value>>,
    /// Labels that `changes` gives to nodes of the graph.
    relabelled: FxHashMap<NodeId, Vec<String>>,
    /// Where the rows of nodes are that were left out, to say so to what needs them.
    fallen: FxHashMap<String, Place>,
    hints: Hints,
    counts: Import,
}

impl<'a> Draft<'a> {
    /// No changes yet.
    pub(super) fn new(graph: &'a Graph, inputs: &'a [Input], options: &'a Options) -> Self {
        Self {
            graph,
            inputs,
            options,
            source: None,
            node_keys: FxHashMap::default(),
            relationship_keys: FxHashMap::default(),
            nodes: Vec::new(),
            relationships: Vec::new(),
            changes: Vec::new(),
            claims: Vec::new(),
            n_claims: 0,
            changed: FxHashMap::default(),
            relabelled: FxHashMap::default(),
            fallen: FxHashMap::default(),
            hints: Hints::new(),
            counts: Import::default(),
        }
    }

    /// The changes in an order in which each finds what it needs.
    pub(super) fn finish(self) -> Import {
        let mut import = self.counts;
        (import.nodes, import.relationships) = (self.nodes.len(), self.relationships.len());
        let n_effects = self.nodes.len() + self.relationships.len() + self.changes.len() + self.claims.len();
        import.effects.reserve_exact(n_effects);
        let ids = self.graph.next_node().0..;
        let nodes = ids.zip(self.nodes).map(|(id, node)| Effect::CreateNode { id: NodeId(id), node });
        import.effects.extend(nodes);
        import.effects.extend(self.changes);
        let ids = self.graph.next_relationship().0..;
        import.effects.extend(
            ids.zip(self.relationships).map(|(id, relationship)| Effect::CreateRelationship {
                id: RelationshipId(id),
                relationship,
            }),
        );
        import.effects.extend(self.claims);
        import
    }

    /// The node with a key, in the case or in this import.
    pub(super) fn node(&self, key: &str) -> Option<NodeId> {
        self.node_keys.get(key).copied().or_else(|| self.graph.node_by_key(key))
    }

    /// The relationship with a key, in the case or in this import.
    pub(super) fn relationship(&self, key: &str) -> Option<RelationshipId> {
        self.relationship_keys.get(key).copied().or_else(|| self.graph.relationship_by_key(key))
    }

    /// The node that a cell of keys names.
    pub(super) fn node_of(&self, row: &Row<'_>, special: Special, key: &str) -> Result<NodeId> {
        self.node(key).ok_or_else(|| {
            let known = self.node_keys.keys().map(String::as_str).chain(keys_of_nodes(self.graph));
            row.refuse(special, format!("there is no node '{key}'")).hint(self.hint(key, known))
        })
    }

    /// The node or relationship that a cell of keys names.
    pub(super) fn element_of(&self, row: &Row<'_>, special: Special, key: &str) -> Result<About> {
        let node = self.node(key).map(About::Node);
        node.or_else(|| self.relationship(key).map(About::Relationship)).ok_or_else(|| {
            let new = self.node_keys.keys().chain(self.relationship_keys.keys()).map(String::as_str);
            let known = new.chain(keys_of_nodes(self.graph)).chain(keys_of_relationships(self.graph));
            row.refuse(special, format!("there is no node or relationship '{key}'"))
                .hint(self.hint(key, known))
        })
    }

    /// The source with a key.
    ///
    /// # Errors
    /// `NotFound` where there is no such node, or it is not labelled Source.
    pub(super) fn source(&self, key: &str) -> Result<NodeId> {
        match self.node(key) {
            Some(id) if self.is_source(id) => Ok(id),
            Some(_) => Err(Error::not_found(format!("the node '{key}' is not a source"))
                .hint("sources are nodes with the label Source".to_owned())),
            None => Err(self.no_source(key)),
        }
    }

    /// The error for a key that no source has.
    pub(super) fn no_source(&self, key: &str) -> Error {
        // A hint must not give away what is confidential.
        let is_open = |id: &NodeId| !View::new(self.graph, None, false).is_confidential(*id);
        let of_case = self.graph.sources().filter(is_open);
        let of_case = of_case.filter_map(|id| self.graph.node(id)?.key.as_deref());
        let new = self.node_keys.iter().filter(|(_, id)| self.is_source(**id)).map(|(key, _)| key.as_str());
        Error::not_found(format!("there is no source '{key}'")).hint(self.hint(key, new.chain(of_case)))
    }

    /// Remembers that the row of the node `key` is bad.
    pub(super) fn fall(&mut self, key: &str, place: Place) {
        if self.fallen.len() < BAD_MAX {
            self.fallen.entry(key.to_owned()).or_insert(place);
        }
    }

    /// What may be behind a key that is not there.
    fn hint<'k>(&self, key: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
        match self.fallen.get(key) {
            Some(&Place { n_input, line }) => {
                Some(format!("its row, {}:{line}, is bad", self.inputs[n_input].name.display()))
            }
            None => self.hints.nearest(key, known),
        }
    }

    /// Whether a node is labelled Source.
    pub(super) fn is_source(&self, id: NodeId) -> bool {
        let new = self.new_node(id).map(|node| &node.labels).or_else(|| self.relabelled.get(&id));
        match new {
            Some(labels) => labels.iter().any(|label| label == "Source"),
            None => self.graph.is_source(id),
        }
    }

    /// The value of an element's property, as it will be.
    pub(super) fn property(&self, about: About, name: &str) -> Option<&Value> {
        let new = match about {
            About::Node(id) => self.new_node(id).map(|node| &node.properties),
            About::Relationship(id) => self.new_relationship(id).map(|new| &new.properties),
        };
        if let Some(properties) = new {
            return properties.get(name);
        }
        if !self.changed.is_empty()
            && let Some(changed) = self.changed.get(&(about, name.to_owned()))
        {
            return changed.as_ref();
        }
        let symbol = self.graph.symbol(name)?;
        match about {
            About::Node(id) => self.graph.node(id)?.property(symbol),
            About::Relationship(id) => self.graph.relationship(id)?.property(symbol),
        }
    }

    fn new_node(&self, id: NodeId) -> Option<&NodeData> {
        self.nodes.get(id.index().checked_sub(self.graph.node_bound())?)
    }

    fn new_relationship(&self, id: RelationshipId) -> Option<&RelationshipData> {
        self.relationships.get(id.index().checked_sub(self.graph.relationship_bound())?)
    }

    /// Adds a node with a key that is not taken.
    pub(super) fn create_node(&mut self, node: NodeData) -> NodeId {
        let id = NodeId(self.graph.next_node().0 + count(self.nodes.len()));
        self.node_keys.extend(node.key.clone().map(|key| (key, id)));
        self.nodes.push(node);
        id
    }

    /// Adds a relationship between nodes that are there, with a key that is not taken.
    pub(super) fn create_relationship(&mut self, relationship: RelationshipData) -> RelationshipId {
        let id = RelationshipId(self.graph.next_relationship().0 + count(self.relationships.len()));
        self.relationship_keys.extend(relationship.key.clone().map(|key| (key, id)));
        self.relationships.push(relationship);
        id
    }

    /// Gives properties of a node of the graph other values, and with `labels`
    /// other labels; says whether anything differs.
    pub(super) fn change_node(
        &mut self,
        id: NodeId,
        labels: Option<Vec<String>>,
        properties: Properties,
    ) -> bool {
        let n_before = self.changes.len();
        if let Some(labels) = labels {
            self.change_labels(id, labels);
        }
        for (name, value) in properties {
            let before = self.property(About::Node(id), &name).cloned();
            if before.as_ref() != Some(&value) {
                self.changed.insert((About::Node(id), name.clone()), Some(value.clone()));
                self.changes.push(Effect::SetNodeProperty { id, name, before, after: Some(value) });
            }
        }
        self.changes.len() > n_before
    }

    fn change_labels(&mut self, id: NodeId, labels: Vec<String>) {
        let before = labels_of(self.graph, id);
        let has = |labels: &[String], label: &String| labels.contains(label);
        let gone = before.iter().filter(|label| !has(&labels, label)).map(|label| (label, false));
        let new = labels.iter().filter(|label| !has(&before, label)).map(|label| (label, true));
        let effects =
            gone.chain(new).map(|(label, present)| Effect::SetLabel { id, label: label.clone(), present });
        self.changes.extend(effects);
        if labels != before {
            self.relabelled.insert(id, labels);
        }
    }

    /// Sets one property of a relationship of the graph, or removes it.
    pub(super) fn set_relationship_property(&mut self, id: RelationshipId, name: &str, after: Option<Value>) {
        let (about, name) = (About::Relationship(id), name.to_owned());
        let before = self.property(about, &name).cloned();
        self.changed.insert((about, name.clone()), after.clone());
        self.changes.push(Effect::SetRelationshipProperty { id, name, before, after });
    }

    /// Records a claim beside those that are there.
    pub(super) fn record(&mut self, claim: Claim) {
        self.counts.claims += 1;
        self.push_claim(claim);
    }

    /// Records a claim in the place of one of the graph.
    pub(super) fn replace(&mut self, id: ClaimId, before: &Claim, claim: Claim) {
        self.claims.push(Effect::RetractClaim { id, before: before.clone().into() });
        self.push_claim(claim);
    }

    fn push_claim(&mut self, claim: Claim) {
        let id = ClaimId(self.graph.next_claim().0 + self.n_claims);
        self.n_claims += 1;
        self.claims.push(Effect::RecordClaim { id, claim: claim.into() });
    }

    /// Counts a row by what became of it.
    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::New => {}
            Outcome::Updated => self.counts.updated += 1,
            Outcome::Unchanged => self.counts.unchanged += 1,
        }
    }

    /// A claim about an element with nothing in it but a stance and the time.
    pub(super) fn claim(&self, about: About, stance: Stance) -> Claim {
        Claim::new(about, stance, self.options.recorded_micros)
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).expect("an import has fewer than 2^32 rows")
}

/// The labels of a node of the graph, in order.
pub(super) fn labels_of(graph: &Graph, id: NodeId) -> Vec<String> {
    let symbols = graph.node(id).map(Node::labels).unwrap_or_default();
    let mut labels: Vec<_> = symbols.iter().map(|&label| graph.text(label).to_owned()).collect();
    labels.sort();
    labels
}

pub(super) fn keys_of_nodes(graph: &Graph) -> impl Iterator<Item = &str> {
    graph.nodes().filter_map(|(_, node)| node.key.as_deref())
}

fn keys_of_relationships(graph: &Graph) -> impl Iterator<Item = &str> {
    graph.relationships().filter_map(|(_, relationship)| relationship.key.as_deref())
}

/// The keys of the rows read so far, each with its place.
#[derive(Debug)]
pub(super) struct KeysSeen<'a> {
    inputs: &'a [Input],
    places: FxHashMap<String, Place>,
}

impl<'a> KeysSeen<'a> {
    /// None yet, in these files.
    pub(super) fn new(inputs: &'a [Input]) -> Self {
        Self { inputs, places: FxHashMap::default() }
    }

    /// Takes the key of a row, which no other row may have.
    ///
    /// # Errors
    /// `Input` where another row has it, or where it could be a key derived from an id.
    pub(super) fn take(&mut self, row: &Row<'_>, key: &str) -> Result<()> {
        check_given(row, key)?;
        match self.places.entry(key.to_owned()) {
            Entry::Vacant(vacant) => {
                vacant.insert(row.place());
                Ok(())
            }
            Entry::Occupied(first) => {
                let Place { n_input, line } = *first.get();
                let file = self.inputs[n_input].name.display();
                Err(row.refuse(Special::Id, format!("the key '{key}' is taken by {file}:{line}")))
            }
        }
    }
}

fn is_derived(key: &str) -> bool {
    let digits = key.strip_prefix('_');
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Refuses a key that could be one derived from an id.
pub(super) fn check_given(row: &Row<'_>, key: &str) -> Result<()> {
    match is_derived(key) {
        false => Ok(()),
        true => Err(row
            .refuse(Special::Id, format!("the key '{key}' is reserved"))
            .hint("an underscore and digits stand for a node without a key".to_owned())),
    }
}

/// Refuses a key that the case has, unless the import is an update.
pub(super) fn check_new(row: &Row<'_>, key: &str, exists: bool, options: &Options) -> Result<()> {
    match exists && !options.update {
        false => Ok(()),
        true => Err(row
            .refuse(Special::Id, format!("the key '{key}' is in the case already"))
            .hint("with --update such rows change what differs".to_owned())),
    }
}

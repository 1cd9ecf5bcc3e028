//! Nodes that are one entity, read as one: a way of reading, which changes no node.
//!
//! The entity of a group is its first part, the node that was recorded first. What merges is said in
//! [`Judgements::groups`]; who is not known is never merged.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::judged::{DIFFERENT, Group, Judgements, SAME, is_unknown};
use crate::error::Result;
use crate::graph::{Direction, Symbol, View};
use crate::model::{About, NodeId, RelationshipId};

/// Which nodes are read as one. By default none are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    groups: Vec<Group>,
    group_of: FxHashMap<NodeId, usize>,
    relationships: FxHashSet<RelationshipId>,
}

impl Merged {
    /// All groups that a view shows.
    ///
    /// # Errors
    /// What `check` gives, which is asked now and then.
    ///
    /// # Complexity
    /// O(R) for R relationships where there is any judgement, else constant.
    pub fn of_view(view: View<'_>, check: &dyn Fn() -> Result<()>) -> Result<Self> {
        let groups = Judgements::of_view(view, check)?.groups(view);
        let parts =
            groups.iter().enumerate().flat_map(|(at, group)| group.parts.iter().map(move |&p| (p, at)));
        Ok(Self {
            group_of: parts.collect(),
            relationships: groups.iter().flat_map(|group| group.relationships.iter().copied()).collect(),
            groups,
        })
    }

    /// The groups, in the order of their first nodes.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The entity that a node is part of; itself, where it is in no group.
    #[must_use]
    pub fn entity_of(&self, node: NodeId) -> NodeId {
        let group = self.group_of.get(&node);
        group.and_then(|&at| self.groups[at].parts.first().copied()).unwrap_or(node)
    }

    /// All parts of the entity that a node is part of.
    #[must_use]
    pub fn parts_of(&self, node: NodeId) -> Vec<NodeId> {
        self.group_of.get(&node).map_or_else(|| vec![node], |&at| self.groups[at].parts.clone())
    }

    /// Whether a node is one of several parts.
    #[must_use]
    pub fn is_part(&self, node: NodeId) -> bool {
        self.group_of.contains_key(&node)
    }

    /// Whether a relationship is a judgement that merges its ends.
    #[must_use]
    pub fn ties(&self, id: RelationshipId) -> bool {
        self.relationships.contains(&id)
    }
}

/// The parts of the entity that one node is part of, in the order of their ids, as
/// [`Judgements::groups`] gives them.
///
/// # Complexity
/// O(relationships at the parts).
#[must_use]
pub fn parts_of(view: View<'_>, node: NodeId) -> Vec<NodeId> {
    let symbol = |kind: &str| -> Vec<Symbol> { view.graph().symbol(kind).into_iter().collect() };
    let (same, different) = (symbol(SAME), symbol(DIFFERENT));
    // No types would be all types.
    if same.is_empty() || is_unknown(view, node) {
        return vec![node];
    }
    let (mut parts, mut waiting) = (BTreeSet::from([node]), vec![node]);
    while let Some(part) = waiting.pop() {
        let others: BTreeSet<NodeId> = match different.is_empty() {
            true => BTreeSet::new(),
            false => view.expand(part, Direction::Either, &different).map(|(_, other)| other).collect(),
        };
        for (id, other) in view.expand(part, Direction::Either, &same) {
            let is_merged = !view.is_disputed(About::Relationship(id))
                && !others.contains(&other)
                && !is_unknown(view, other);
            if is_merged && parts.insert(other) {
                waiting.push(other);
            }
        }
    }
    parts.into_iter().collect()
}

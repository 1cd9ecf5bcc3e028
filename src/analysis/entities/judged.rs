//! What was judged: pairs that are the same or different, and groups of nodes that are one entity.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::error::Result;
use crate::graph::View;
use crate::model::{About, NodeId, RelationshipId, Value};
use crate::names::normal;

/// The type of relationships between nodes that are one entity.
pub const SAME: &str = "SAME_AS";

/// The type of relationships between nodes that are not.
pub const DIFFERENT: &str = "NOT_SAME_AS";

/// Names, in their normal form, of somebody whose name is not known.
const NO_NAMES: &[&str] = &[
    "anonim",
    "anonymous",
    "imia neizvestno",
    "n a",
    "name not known",
    "name unknown",
    "name withheld",
    "neizvestno",
    "neizvestnyi",
    "nn",
    "no name",
    "not known",
    "tba",
    "tbc",
    "unidentified",
    "unidentified man",
    "unidentified person",
    "unidentified woman",
    "unknown",
    "unknown individual",
    "unknown man",
    "unknown owner",
    "unknown person",
    "unknown woman",
    "unnamed",
    "unnamed person",
    "withheld",
];

/// Whether nobody knows who a node is, so that it can be the same as none: it is confidential, is
/// said to be anonymous or unknown, or is a person without a name.
#[must_use]
pub fn is_unknown(view: View<'_>, node: NodeId) -> bool {
    let is_set = |name: &str| view.node_property(node, name) == Value::Bool(true);
    if view.is_confidential(node) || is_set("anonymous") || is_set("unknown") {
        return true;
    }
    match view.node_property(node, "name").as_str().map(normal) {
        Some(name) => name.is_empty() || NO_NAMES.contains(&name.as_str()),
        None => {
            let person = view.graph().symbol("Person");
            let labels = view.graph().node(node).map_or(&[][..], |node| node.labels());
            person.is_some_and(|person| labels.contains(&person))
        }
    }
}

/// A judgement on a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The two nodes.
    pub pair: (NodeId, NodeId),
    /// The relationship that says so.
    pub relationship: RelationshipId,
    /// Whether a claim disputes it.
    pub is_disputed: bool,
}

/// All judgements that a view shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgements {
    /// Pairs that are the same.
    pub same: Vec<Judged>,
    /// Pairs that are different.
    pub different: Vec<Judged>,
}

/// Nodes that are one entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The nodes, at least two, in the order of their ids.
    pub parts: Vec<NodeId>,
    /// The relationships that tie them.
    pub relationships: Vec<RelationshipId>,
    /// Relationships that say of two parts that they are different.
    pub contested: Vec<RelationshipId>,
}

impl Judgements {
    /// Collects them.
    ///
    /// # Errors
    /// What `check` gives, which is asked now and then.
    ///
    /// # Complexity
    /// O(R) for R relationships where there is any judgement, else constant.
    pub fn of_view(view: View<'_>, check: &dyn Fn() -> Result<()>) -> Result<Self> {
        let graph = view.graph();
        let [same, different] = [SAME, DIFFERENT].map(|kind| graph.symbol(kind));
        let mut found = Self::default();
        if !graph.types_in_use().iter().any(|(kind, n)| [SAME, DIFFERENT].contains(kind) && *n > 0) {
            return Ok(found);
        }
        for (at, id) in view.relationships().enumerate() {
            if at % 65_536 == 0 {
                check()?;
            }
            let Some(relationship) = view.relationship(id) else { continue };
            let (start, end) = (relationship.start, relationship.end);
            if start == end {
                continue;
            }
            let judged = Judged {
                pair: (start.min(end), start.max(end)),
                relationship: id,
                is_disputed: view.is_disputed(About::Relationship(id)),
            };
            if Some(relationship.kind) == same {
                found.same.push(judged);
            } else if Some(relationship.kind) == different {
                found.different.push(judged);
            }
        }
        Ok(found)
    }

    /// The pairs along which nodes are merged: those judged the same and not disputed, between nodes
    /// of which it is known who they are, and not judged different as well.
    fn merging(&self, view: View<'_>) -> Vec<&Judged> {
        let different: BTreeSet<_> = self.different.iter().map(|judged| judged.pair).collect();
        let merges = |judged: &&Judged| {
            let (a, b) = judged.pair;
            !judged.is_disputed
                && !different.contains(&judged.pair)
                && !is_unknown(view, a)
                && !is_unknown(view, b)
        };
        self.same.iter().filter(merges).collect()
    }

    /// The groups of nodes that are one entity, in the order of their first nodes.
    #[must_use]
    pub fn groups(&self, view: View<'_>) -> Vec<Group> {
        let mut neighbours: BTreeMap<NodeId, Vec<&Judged>> = BTreeMap::new();
        for judged in self.merging(view) {
            neighbours.entry(judged.pair.0).or_default().push(judged);
            neighbours.entry(judged.pair.1).or_default().push(judged);
        }
        let mut seen = BTreeSet::new();
        let mut groups = Vec::new();
        for &first in neighbours.keys() {
            if seen.contains(&first) {
                continue;
            }
            let (mut parts, mut relationships) = (BTreeSet::from([first]), BTreeSet::new());
            let mut waiting = vec![first];
            while let Some(node) = waiting.pop() {
                for judged in neighbours.get(&node).into_iter().flatten() {
                    relationships.insert(judged.relationship);
                    let other = if judged.pair.0 == node { judged.pair.1 } else { judged.pair.0 };
                    if parts.insert(other) {
                        waiting.push(other);
                    }
                }
            }
            let is_inside =
                |judged: &&Judged| parts.contains(&judged.pair.0) && parts.contains(&judged.pair.1);
            let contested = self.different.iter().filter(is_inside).map(|judged| judged.relationship);
            groups.push(Group {
                contested: contested.collect(),
                relationships: relationships.into_iter().collect(),
                parts: parts.iter().copied().collect(),
            });
            seen.extend(parts);
        }
        groups
    }

    /// A shortest way from one node to another over pairs that are the same and not disputed.
    #[must_use]
    pub fn way(&self, from: NodeId, to: NodeId) -> Option<Vec<RelationshipId>> {
        let mut neighbours: BTreeMap<NodeId, Vec<(NodeId, RelationshipId)>> = BTreeMap::new();
        for judged in self.same.iter().filter(|judged| !judged.is_disputed) {
            let (a, b) = judged.pair;
            neighbours.entry(a).or_default().push((b, judged.relationship));
            neighbours.entry(b).or_default().push((a, judged.relationship));
        }
        let mut came_by: BTreeMap<NodeId, Option<(NodeId, RelationshipId)>> = BTreeMap::from([(from, None)]);
        let mut waiting = VecDeque::from([from]);
        while let Some(node) = waiting.pop_front() {
            for &(next, id) in neighbours.get(&node).into_iter().flatten() {
                came_by.entry(next).or_insert_with(|| {
                    waiting.push_back(next);
                    Some((node, id))
                });
            }
        }
        let (mut way, mut at) = (Vec::new(), to);
        while let Some((before, id)) = *came_by.get(&at)? {
            way.push(id);
            at = before;
        }
        way.reverse();
        Some(way)
    }
}

/// The properties of all parts together: one value where they agree or only one has it, else a list
/// of the different values, in the order of the parts.
#[must_use]
pub fn merged_properties(view: View<'_>, parts: &[NodeId]) -> BTreeMap<String, Value> {
    let mut merged: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for &part in parts {
        for (name, value) in view.graph().node_data(part).unwrap_or_default().properties {
            let values = merged.entry(name).or_default();
            let items = match value {
                Value::List(items) => items,
                single => vec![single],
            };
            for item in items {
                if !values.contains(&item) {
                    values.push(item);
                }
            }
        }
    }
    let one = |(name, mut values): (String, Vec<Value>)| {
        let value = if values.len() == 1 { values.remove(0) } else { Value::List(values) };
        (name, value)
    };
    merged.into_iter().map(one).collect()
}

//! The index of all names in a graph: built when it is first asked for, and kept.
//!
//! What changes afterwards is noted by its node, and an index of those nodes alone is
//! asked beside the large one; when much has changed, the next question builds anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use super::{Graph, Node, Symbol, View};
use crate::model::{NodeId, Value};
use crate::names::{Entry, Found, Kind, Name, NameIndex, identifier_entry, normal};

/// Properties that hold names, FollowTheMoney's and ours.
pub const NAME_PROPERTIES: &[&str] =
    &["name", "alias", "aliases", "previousName", "weakAlias", "abbreviation", "title", "shortName"];

/// Properties that hold identifiers.
pub const IDENTIFIER_PROPERTIES: &[&str] = &[
    "imo",
    "imoNumber",
    "imoCompany",
    "mmsi",
    "callSign",
    "inn",
    "innCode",
    "ogrn",
    "ogrnCode",
    "lei",
    "leiCode",
    "unlocode",
    "locode",
    "registrationNumber",
    "taxNumber",
    "idNumber",
    "passportNumber",
];

/// Names of fewer Latin letters are too much like others to be told from a beginning.
const ALIKE_LETTERS_MIN: usize = 3;

/// How alike a name is at least to be what a text was meant to become.
const ALIKE_MIN: f64 = 0.8;

/// What else decides how a node's names are filed.
const CONFIDENTIAL: &str = "confidential";

/// The index, with the nodes that changed since.
#[derive(Debug, Default)]
pub(super) struct NamesKept(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    index: Arc<NameIndex>,
    changed: FxHashSet<NodeId>,
    /// The names of what changed; none until it is asked for.
    overlay: Option<Arc<NameIndex>>,
}

impl Clone for NamesKept {
    /// The copy builds its own.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl NamesKept {
    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a node came, went, or may be called something else.
    pub(super) fn note(&mut self, id: NodeId) {
        let slot = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = slot else { return };
        kept.changed.insert(id);
        kept.overlay = None;
        if kept.changed.len() > 1024 + kept.index.len() / 8 {
            *slot = None;
        }
    }

    /// Notes that a property of a node changed.
    pub(super) fn note_property(&mut self, id: NodeId, property: &str) {
        if property == CONFIDENTIAL
            || NAME_PROPERTIES.contains(&property)
            || IDENTIFIER_PROPERTIES.contains(&property)
        {
            self.note(id);
        }
    }
}

/// The names of a graph at one moment.
#[derive(Debug, Clone)]
pub struct GraphNames {
    index: Arc<NameIndex>,
    overlay: Option<Arc<NameIndex>>,
    changed: Arc<FxHashSet<NodeId>>,
}

impl GraphNames {
    /// The names most like a question that show in a view, best first, each node once.
    /// Nothing confidential is found.
    #[must_use]
    pub fn search(&self, view: View<'_>, question: &Name, limit: usize, least: f64) -> Vec<Found> {
        let shows = |owner: u32| view.node(NodeId(owner)).is_some();
        let mut found = self
            .index
            .search(question, limit, least, |owner| !self.changed.contains(&NodeId(owner)) && shows(owner));
        if let Some(overlay) = &self.overlay {
            found.extend(overlay.search(question, limit, least, shows));
            found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.owner.cmp(&b.owner)));
            found.truncate(limit);
        }
        found
    }

    /// The names of which a question is a part, as [`NameIndex::containing`], that show in a view.
    /// Nothing confidential is found.
    #[must_use]
    pub fn containing(&self, view: View<'_>, question: &Name, limit: usize, least: f64) -> Vec<Found> {
        let shows = |owner: u32| view.node(NodeId(owner)).is_some();
        let is_current = |owner: u32| !self.changed.contains(&NodeId(owner)) && shows(owner);
        let mut found = self.index.containing(question, limit, least, is_current);
        if let Some(overlay) = &self.overlay {
            found.extend(overlay.containing(question, limit, least, shows));
            found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.owner.cmp(&b.owner)));
            found.truncate(limit);
        }
        found
    }

    /// The names that a text may become: those that begin with it, in their order; where none does, those
    /// that are most like it, whatever its script and spelling, best first.
    #[must_use]
    pub fn completions(&self, text: &str, limit: usize) -> Vec<String> {
        let is_current = |owner: u32| !self.changed.contains(&NodeId(owner));
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut found = owned(self.index.beginning_with(text, limit, is_current));
        if let Some(overlay) = &self.overlay {
            found.extend(owned(overlay.beginning_with(text, limit, |_| true)));
            found.sort();
            found.dedup();
            found.truncate(limit);
        }
        if found.is_empty() && normal(text).len() >= ALIKE_LETTERS_MIN {
            found = self.alike(text, limit);
        }
        found
    }

    fn alike(&self, text: &str, limit: usize) -> Vec<String> {
        let question = Name::new(text, None);
        let is_current = |owner: u32| !self.changed.contains(&NodeId(owner));
        let mut found = self.index.search(&question, limit, ALIKE_MIN, is_current);
        if let Some(overlay) = &self.overlay {
            found.extend(overlay.search(&question, limit, ALIKE_MIN, |_| true));
        }
        found.retain(|found| !found.is_identifier);
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
        let mut names: Vec<String> = Vec::new();
        for name in found.into_iter().map(|found| found.name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.truncate(limit);
        names
    }

    /// How many names and identifiers there are, and how much memory they take in bytes.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.index.len(), self.index.size_bytes())
    }
}

impl Graph {
    /// All names and identifiers of the graph's nodes, but for those of confidential nodes.
    ///
    /// # Complexity
    /// O(n log n) in the names for the first one to ask, then constant until much has changed.
    #[must_use]
    pub fn names_index(&self) -> GraphNames {
        let mut slot = self.names_kept.lock();
        let kept = slot.get_or_insert_with(|| Kept {
            index: Arc::new(NameIndex::build(self.nodes().flat_map(|(id, _)| self.entries(id)))),
            changed: FxHashSet::default(),
            overlay: None,
        });
        if kept.overlay.is_none() && !kept.changed.is_empty() {
            let mut changed: Vec<NodeId> = kept.changed.iter().copied().collect();
            changed.sort_unstable();
            let entries = changed.into_iter().flat_map(|id| self.entries(id));
            kept.overlay = Some(Arc::new(NameIndex::build(entries)));
        }
        GraphNames {
            index: kept.index.clone(),
            overlay: kept.overlay.clone(),
            changed: Arc::new(kept.changed.clone()),
        }
    }

    /// The same, where it has been asked for before; never builds anything.
    #[must_use]
    pub fn names_index_if_built(&self) -> Option<GraphNames> {
        let is_built = self.names_kept.lock().is_some();
        is_built.then(|| self.names_index())
    }

    /// A node's names and identifiers as they are filed.
    fn entries(&self, id: NodeId) -> Vec<Entry> {
        let Some(node) = self.node(id).filter(|_| !View::new(self, None, false).is_confidential(id)) else {
            return Vec::new();
        };
        let kind = self.kind_of_name(id);
        let texts = |properties: &[&'static str]| {
            let found = properties.iter().flat_map(|property| {
                texts(node, self.symbol(property)).into_iter().map(move |text| (*property, text))
            });
            found.collect::<Vec<_>>()
        };
        let names = texts(NAME_PROPERTIES).into_iter().map(|(_, text)| Entry {
            owner: id.0,
            text,
            kind,
            is_identifier: false,
        });
        let identifiers = texts(IDENTIFIER_PROPERTIES);
        names
            .chain(
                identifiers.into_iter().map(|(property, text)| identifier_entry(id.0, property, &text, kind)),
            )
            .collect()
    }

    /// What a node's labels say that its names are names of.
    #[must_use]
    pub fn kind_of_name(&self, id: NodeId) -> Option<Kind> {
        let labels = self.node(id)?.labels();
        labels.iter().find_map(|&label| Kind::parse(self.text(label)))
    }
}

/// The texts of a property: one, or the items of a list.
fn texts(node: &Node, property: Option<Symbol>) -> Vec<String> {
    let written = |value: &Value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    };
    match property.and_then(|property| node.property(property)) {
        Some(Value::List(items)) => items.iter().filter_map(written).collect(),
        Some(value) => written(value).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Effect, NodeData};

    fn node(graph: &mut Graph, name: &str) -> NodeId {
        let id = graph.next_node();
        let properties = [("name".to_owned(), Value::from(name))].into();
        let node = NodeData { key: None, labels: vec!["Port".to_owned()], properties };
        graph.apply(&Effect::CreateNode { id, node }).expect("a new node");
        id
    }

    fn found(graph: &Graph, text: &str) -> Vec<NodeId> {
        let found =
            graph.names_index().search(View::new(graph, None, false), &Name::new(text, None), 10, 0.8);
        found.into_iter().map(|found| NodeId(found.owner)).collect()
    }

    fn set(graph: &mut Graph, id: NodeId, name: &str, value: Value) {
        let before = graph.node_data(id).and_then(|data| data.properties.get(name).cloned());
        let effect = Effect::SetNodeProperty { id, name: name.to_owned(), before, after: Some(value) };
        graph.apply(&effect).expect("the node is there");
    }

    #[test]
    fn what_changes_is_found_at_once() {
        let mut graph = Graph::new();
        let first = node(&mut graph, "Rajin");
        assert_eq!(found(&graph, "라진"), [first]);
        let second = node(&mut graph, "Vostochny");
        assert_eq!(found(&graph, "Восточный"), [second]);
        set(&mut graph, first, "name", Value::from("Chongjin"));
        assert_eq!((found(&graph, "Rajin"), found(&graph, "청진")), (vec![], vec![first]));
        let completions = |graph: &Graph, text: &str| graph.names_index().completions(text, 10);
        assert_eq!(completions(&graph, "Cho"), ["Chongjin"]);
        assert_eq!(completions(&graph, "청진"), ["Chongjin"]);
        assert!(completions(&graph, "Raj").is_empty(), "it is called so no longer");
        set(&mut graph, first, CONFIDENTIAL, Value::Bool(true));
        assert_eq!(found(&graph, "청진"), []);
        assert!(completions(&graph, "Cho").is_empty() && completions(&graph, "청진").is_empty());
        let before = graph.node_data(second).expect("it is there");
        graph.apply(&Effect::DeleteNode { id: second, before }).expect("it hangs on nothing");
        assert_eq!(found(&graph, "Vostochny"), []);
    }
}

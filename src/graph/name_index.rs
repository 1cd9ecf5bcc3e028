//! The names of a graph: searched whatever their spelling, and offered for what was begun.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::evidence::says_confidential;
use super::names_kept::Stored;
use super::{Graph, Node, Symbol, View};
use crate::error::Result;
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
pub(super) const CONFIDENTIAL: &str = "confidential";

/// The names of a graph at one moment.
#[derive(Debug, Clone)]
pub struct GraphNames {
    index: Stored,
    overlay: Option<Arc<NameIndex>>,
}

impl GraphNames {
    /// The names most like a question that show in a view, best first, each node once.
    /// Nothing confidential is found.
    #[must_use]
    pub fn search(&self, view: View<'_>, question: &Name, limit: usize, least: f64) -> Vec<Found> {
        let shows = shown_in(view);
        let found = self.index.search(question, limit, least, |owner| self.is_current(owner) && shows(owner));
        let changed = self.overlay.iter();
        let changed = changed.flat_map(|overlay| overlay.search(question, limit, least, &shows));
        best(found.into_iter().chain(changed), limit)
    }

    /// The names of which a question is a part, as [`NameIndex::containing`], that show in a view.
    /// Nothing confidential is found.
    #[must_use]
    pub fn containing(&self, view: View<'_>, question: &Name, limit: usize, least: f64) -> Vec<Found> {
        let shows = shown_in(view);
        let found =
            self.index.containing(question, limit, least, |owner| self.is_current(owner) && shows(owner));
        let changed = self.overlay.iter();
        let changed = changed.flat_map(|overlay| overlay.containing(question, limit, least, &shows));
        best(found.into_iter().chain(changed), limit)
    }

    /// Whether a node is called what it was when the index was made.
    fn is_current(&self, owner: u32) -> bool {
        self.index.pages().changed().is_none_or(|changed| !changed.contains(owner))
    }

    /// The names that a text may become: those that begin with it, in their order; where none does, those
    /// that are most like it, whatever its script and spelling, best first.
    #[must_use]
    pub fn completions(&self, text: &str, limit: usize) -> Vec<String> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut found = owned(self.index.beginning_with(text, limit, |owner| self.is_current(owner)));
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
        let mut found = self.index.search(&question, limit, ALIKE_MIN, |owner| self.is_current(owner));
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
}

/// Whether a node that is filed, and was not changed since, shows in a view. Without a lens all do, and
/// the node need not be looked at.
fn shown_in(view: View<'_>) -> impl Fn(u32) -> bool {
    let hides_nothing = view.lens().is_none();
    move |owner| hides_nothing || view.node(NodeId(owner)).is_some()
}

/// The best of what was found here and there.
fn best(found: impl Iterator<Item = Found>, limit: usize) -> Vec<Found> {
    let mut found: Vec<Found> = found.collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.owner.cmp(&b.owner)));
    found.truncate(limit);
    found
}

impl Graph {
    /// All names and identifiers of the graph's nodes, but for those of confidential nodes.
    ///
    /// # Complexity
    /// O(n log n) in the names for the first one to ask where no checkpoint has stored the index, then
    /// constant until much has changed.
    #[must_use]
    pub fn names_index(&self) -> GraphNames {
        let index = self.names_kept.get_or_build(|| {
            let mut entries = Vec::new();
            self.nodes.scan(|id, node| entries.extend(self.entries(NodeId(id as u32), node)));
            NameIndex::build(entries)
        });
        let entries = |id| self.node(id).map(|node| self.entries(id, node)).unwrap_or_default();
        let overlay =
            self.names_kept.overlay(|changed| NameIndex::build(changed.into_iter().flat_map(entries)));
        GraphNames { index: index.clone(), overlay }
    }

    /// The same, where that takes filing the names of at most so many nodes.
    #[must_use]
    pub fn names_index_at_once(&self, nodes_max: usize) -> Option<GraphNames> {
        let n_to_file = match self.names_kept.get() {
            Some(index) => index.pages().changed().map_or(0, |changed| changed.len() as usize),
            None => self.node_count(),
        };
        (n_to_file <= nodes_max).then(|| self.names_index())
    }

    /// Compares what is stored of the index of names with the nodes.
    ///
    /// # Errors
    /// Those of `disagree` where they do not agree.
    pub(super) fn check_names(&self, disagree: impl Fn(&str) -> Result<()>) -> Result<()> {
        let Some(index) = self.names_kept.get() else { return Ok(()) };
        let nothing = RoaringBitmap::new();
        let changed = index.pages().changed().unwrap_or(&nothing);
        let mut filed: Vec<Entry> = index.entries().filter(|entry| !changed.contains(entry.owner)).collect();
        let mut expected = Vec::new();
        let nodes = self.nodes().filter(|(id, _)| !changed.contains(id.0));
        nodes.for_each(|(id, node)| expected.extend(self.entries(id, node)));
        filed.sort_unstable();
        expected.sort_unstable();
        if filed != expected || !index.is_filed_right() {
            return disagree("the index of names");
        }
        Ok(())
    }

    /// A node's names and identifiers as they are filed.
    fn entries(&self, id: NodeId, node: &Node) -> Vec<Entry> {
        let confidential = self.symbol(CONFIDENTIAL).and_then(|property| node.property(property));
        if confidential.is_some_and(says_confidential) {
            return Vec::new();
        }
        let kind = self.kind_of(node);
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
        self.kind_of(self.node(id)?)
    }

    fn kind_of(&self, node: &Node) -> Option<Kind> {
        node.labels().iter().find_map(|&label| Kind::parse(self.text(label)))
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

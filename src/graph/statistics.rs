//! How many elements of each sort there are: what a planner weighs plans with.
//!
//! The counts are exact and kept with every change, so that nobody has to ask
//! for them to be brought up to date.

use std::hash::Hash;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Graph, Node, Symbol};

/// Exact counts of a graph's elements.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Statistics {
    nodes: usize,
    relationships: usize,
    // Only what is not zero is in the maps.
    with_label: FxHashMap<Symbol, usize>,
    of_type: FxHashMap<Symbol, usize>,
    /// By the label of the start, and the type.
    from: FxHashMap<(Symbol, Symbol), usize>,
    /// By the type, and the label of the end.
    to: FxHashMap<(Symbol, Symbol), usize>,
}

impl Statistics {
    /// Counts a graph's elements anew.
    ///
    /// # Complexity
    /// O(V + E) for nodes and relationships, times their labels.
    #[must_use]
    pub fn count(graph: &Graph) -> Self {
        let mut statistics = Self::default();
        for (_, node) in graph.nodes() {
            statistics.count_node(node, true);
        }
        for (_, relationship) in graph.relationships() {
            let (start, end) = (graph.node(relationship.start), graph.node(relationship.end));
            statistics.count_out(relationship.kind, labels(start), 1, true);
            statistics.count_in(relationship.kind, labels(end), 1, true);
        }
        statistics
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// How many nodes bear a label.
    #[must_use]
    pub fn nodes_with(&self, label: Symbol) -> usize {
        self.with_label.get(&label).copied().unwrap_or(0)
    }

    /// How many relationships there are.
    #[must_use]
    pub fn relationships(&self) -> usize {
        self.relationships
    }

    /// How many relationships are of a type.
    #[must_use]
    pub fn relationships_of(&self, kind: Symbol) -> usize {
        self.of_type.get(&kind).copied().unwrap_or(0)
    }

    /// How many relationships of a type start at a node with a label.
    #[must_use]
    pub fn relationships_from(&self, label: Symbol, kind: Symbol) -> usize {
        self.from.get(&(label, kind)).copied().unwrap_or(0)
    }

    /// How many relationships of a type end at a node with a label.
    #[must_use]
    pub fn relationships_to(&self, kind: Symbol, label: Symbol) -> usize {
        self.to.get(&(kind, label)).copied().unwrap_or(0)
    }

    /// The labels in use with how many nodes bear each, in no order.
    pub fn labels(&self) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        self.with_label.iter().map(|(&label, &count)| (label, count))
    }

    /// The types in use with how many relationships are of each, in no order.
    pub fn types(&self) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        self.of_type.iter().map(|(&kind, &count)| (kind, count))
    }

    /// Counts a node without relationships in, or out.
    pub(super) fn count_node(&mut self, node: &Node, present: bool) {
        change(&mut self.nodes, 1, present);
        for &label in node.labels() {
            change_at(&mut self.with_label, label, 1, present);
        }
    }

    /// Counts nodes with the same labels in.
    pub(super) fn count_nodes(&mut self, labels: &[Symbol], count: usize) {
        self.nodes += count;
        labels.iter().for_each(|label| change_at(&mut self.with_label, *label, count, true));
    }

    /// Counts relationships of a type in, or out, that start at one node.
    pub(super) fn count_out(&mut self, kind: Symbol, start_labels: &[Symbol], count: usize, present: bool) {
        change(&mut self.relationships, count, present);
        change_at(&mut self.of_type, kind, count, present);
        for &label in start_labels {
            change_at(&mut self.from, (label, kind), count, present);
        }
    }

    /// Counts relationships of a type in, or out, that end at one node; that they
    /// are there, [`Statistics::count_out`] counts.
    pub(super) fn count_in(&mut self, kind: Symbol, end_labels: &[Symbol], count: usize, present: bool) {
        for &label in end_labels {
            change_at(&mut self.to, (kind, label), count, present);
        }
    }

    /// Counts a label of a node in, or out, given the node's relationships by type.
    pub(super) fn count_label(
        &mut self,
        label: Symbol,
        out: impl Iterator<Item = (Symbol, usize)>,
        into: impl Iterator<Item = (Symbol, usize)>,
        present: bool,
    ) {
        change_at(&mut self.with_label, label, 1, present);
        for (kind, degree) in out {
            change_at(&mut self.from, (label, kind), degree, present);
        }
        for (kind, degree) in into {
            change_at(&mut self.to, (kind, label), degree, present);
        }
    }
}

/// The labels of a node that may be missing.
pub(super) fn labels(node: Option<&Node>) -> &[Symbol] {
    node.map_or(&[], Node::labels)
}

fn change(count: &mut usize, by: usize, present: bool) {
    *count = if present { *count + by } else { *count - by };
}

fn change_at<K: Hash + Eq>(counts: &mut FxHashMap<K, usize>, key: K, by: usize, present: bool) {
    if by == 0 {
        // Only what is not zero is in the maps.
    } else if present {
        *counts.entry(key).or_default() += by;
    } else if let Some(count) = counts.get_mut(&key) {
        *count -= by;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

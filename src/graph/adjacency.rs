//! Which relationships leave and reach a node.
//!
//! A compact base (one offset a node, one entry a relationship, grouped by type
//! and sorted by time within a type) and a small overlay for what came since.
//! Deleted relationships stay in the base until it is rebuilt; the graph skips
//! them, since it knows which ids are alive.

use rustc_hash::FxHashMap;

use super::Symbol;
use crate::model::{Instant, NodeId, RelationshipId};

/// Which way to walk from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Along relationships that start here.
    Outgoing,
    /// Along relationships that end here.
    Incoming,
    /// Along both; a loop counts once.
    Either,
}

/// A step from a node: over which relationship, to which node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// The relationship walked.
    pub relationship: RelationshipId,
    /// The node reached.
    pub node: NodeId,
    /// The relationship's type.
    pub kind: Symbol,
}

/// One direction's adjacency.
#[derive(Debug, Clone, Default)]
pub(super) struct Adjacency {
    /// Where each node's entries begin in `base`; one more than the nodes it covers.
    offsets: Vec<u32>,
    base: Vec<Hop>,
    overlay: FxHashMap<NodeId, Vec<Hop>>,
    overlay_len: usize,
}

impl Adjacency {
    /// Builds the base from entries in any order: node, time, and the hop.
    ///
    /// Complexity: O(E log E) for E entries.
    pub(super) fn build(n_nodes: usize, mut entries: Vec<(NodeId, Instant, Hop)>) -> Self {
        entries.sort_unstable_by_key(|&(node, at, hop)| (node, hop.kind, at, hop.relationship));
        let mut offsets = vec![0_u32; n_nodes + 1];
        for (node, ..) in &entries {
            offsets[node.index() + 1] += 1;
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let base = entries.into_iter().map(|(_, _, hop)| hop).collect();
        Self { offsets, base, overlay: FxHashMap::default(), overlay_len: 0 }
    }

    /// Adds one entry to the overlay.
    pub(super) fn insert(&mut self, node: NodeId, hop: Hop) {
        self.overlay.entry(node).or_default().push(hop);
        self.overlay_len += 1;
    }

    /// Takes back an entry that was inserted and not yet merged into the base.
    pub(super) fn take_back(&mut self, node: NodeId, relationship: RelationshipId) {
        if let Some(hops) = self.overlay.get_mut(&node) {
            let before = hops.len();
            hops.retain(|hop| hop.relationship != relationship);
            self.overlay_len -= before - hops.len();
        }
    }

    /// All entries of a node, dead ones included.
    pub(super) fn hops(&self, node: NodeId) -> impl Iterator<Item = Hop> + '_ {
        self.base_of(node).iter().chain(self.overlay.get(&node).map_or(&[][..], Vec::as_slice)).copied()
    }

    /// Whether the overlay has grown so large that a new base pays.
    pub(super) fn wants_rebuild(&self) -> bool {
        self.overlay_len > 1024 + self.base.len() / 4
    }

    fn base_of(&self, node: NodeId) -> &[Hop] {
        match (self.offsets.get(node.index()), self.offsets.get(node.index() + 1)) {
            (Some(&start), Some(&end)) => &self.base[start as usize..end as usize],
            _ => &[],
        }
    }
}

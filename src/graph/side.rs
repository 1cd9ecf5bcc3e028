//! One direction of adjacency: for each node, its relationships by type.
//!
//! A compact base and a small overlay. In the base a node has a run of groups, one
//! for each type, and a group has a run of entries: the other end and the
//! relationship, in two parallel columns, sorted by time and then by id. So
//! walking one type touches nothing of another, and looks up no relationship.
//!
//! What came since the base was built is in the overlay, in the order of ids.
//! A deleted relationship stays where it is and is counted as dead; whoever walks
//! a node with dead entries asks the graph which of them are alive. One whose period
//! changed stays in its old place too, and the node is marked: whoever asks for its
//! entries in the order of time sorts them anew.

use std::iter::Zip;
use std::ops::Range;
use std::slice;

use rustc_hash::FxHashMap;

use super::{Hop, Neighbours, Relationship, Symbol};
use crate::model::{Instant, NodeId, RelationshipId, TypeKind};

/// Which end of a relationship an entry belongs to, and which end it names.
pub(super) type Ends = fn(&Relationship) -> (NodeId, NodeId);

/// One direction's adjacency.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// Where each node's groups begin; one more than the nodes it covers.
    nodes: Vec<u32>,
    /// The type of each group, in order within a node.
    kinds: Vec<Symbol>,
    /// Where each group's entries begin; one more than there are groups.
    groups: Vec<u32>,
    others: Vec<NodeId>,
    relationships: Vec<RelationshipId>,
    /// The first instant of each entry's period, by which a group is sorted; empty
    /// where nothing is dated.
    los: Vec<Instant>,
    overlay: FxHashMap<NodeId, Changes>,
    n_changes: usize,
}

/// What changed at a node since the base was built.
#[derive(Debug, Clone, Default)]
struct Changes {
    added: Vec<Hop>,
    /// How many entries of each type were added, and how many of all are dead.
    counts: Vec<Count>,
    /// How often the period of an entry was changed.
    n_retimed: u32,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    kind: Symbol,
    n_added: u32,
    n_dead: u32,
}

impl Changes {
    fn count(&mut self, kind: Symbol) -> &mut Count {
        let at = self.counts.iter().position(|count| count.kind == kind).unwrap_or_else(|| {
            self.counts.push(Count { kind, n_added: 0, n_dead: 0 });
            self.counts.len() - 1
        });
        &mut self.counts[at]
    }

    fn has_dead(&self) -> bool {
        self.counts.iter().any(|count| count.n_dead > 0)
    }
}

/// An entry while the base is being built.
#[derive(Clone, Copy)]
struct Entry {
    kind: Symbol,
    at: Instant,
    relationship: RelationshipId,
    other: NodeId,
}

impl Side {
    /// Builds the base from all relationships.
    ///
    /// # Complexity
    /// O(V + E log D) for nodes, relationships and the greatest degree.
    pub(super) fn build(n_nodes: usize, relationships: &[Option<Relationship>], ends: Ends) -> Self {
        let (starts, entries) = entries_by_node(n_nodes, relationships, ends);
        let is_dated = relationships.iter().flatten().any(|relationship| !relationship.period.is_undated());
        let mut side = Self {
            nodes: Vec::with_capacity(n_nodes + 1),
            others: Vec::with_capacity(entries.len()),
            relationships: Vec::with_capacity(entries.len()),
            ..Self::default()
        };
        if is_dated {
            side.los = Vec::with_capacity(entries.len());
        }
        side.nodes.push(0);
        for run in starts.windows(2) {
            let mut last = None;
            for entry in &entries[run[0] as usize..run[1] as usize] {
                if last.replace(entry.kind) != Some(entry.kind) {
                    side.kinds.push(entry.kind);
                    side.groups.push(place(side.others.len()));
                }
                side.others.push(entry.other);
                side.relationships.push(entry.relationship);
                if is_dated {
                    side.los.push(entry.at);
                }
            }
            side.nodes.push(place(side.kinds.len()));
        }
        side.groups.push(place(side.others.len()));
        side
    }

    /// Adds an entry; it comes after all others of the node.
    pub(super) fn insert(&mut self, node: NodeId, hop: Hop) {
        let changes = self.overlay.entry(node).or_default();
        changes.added.push(hop);
        changes.count(hop.kind).n_added += 1;
        self.n_changes += 1;
    }

    /// Takes back an entry that was inserted and not yet merged into the base.
    pub(super) fn take_back(&mut self, node: NodeId, relationship: RelationshipId) {
        let Some(changes) = self.overlay.get_mut(&node) else { return };
        // What came last is taken back first.
        if let Some(at) = changes.added.iter().rposition(|hop| hop.relationship == relationship) {
            let hop = changes.added.remove(at);
            changes.count(hop.kind).n_added -= 1;
            self.n_changes -= 1;
        }
        self.forget_if_unchanged(node);
    }

    /// Counts an entry of a node as dead.
    pub(super) fn bury(&mut self, node: NodeId, kind: Symbol) {
        self.overlay.entry(node).or_default().count(kind).n_dead += 1;
        self.n_changes += 1;
    }

    /// Counts the entry of a deleted relationship as alive again; where it went with the
    /// last build, it is added anew.
    pub(super) fn restore(&mut self, node: NodeId, hop: Hop) {
        if !self.hops(node).any(|entry| entry.relationship == hop.relationship) {
            self.insert(node, hop);
            return;
        }
        self.overlay.entry(node).or_default().count(hop.kind).n_dead -= 1;
        self.n_changes -= 1;
        self.forget_if_unchanged(node);
    }

    /// Notes that the period of one of a node's entries changed.
    pub(super) fn retime(&mut self, node: NodeId) {
        self.overlay.entry(node).or_default().n_retimed += 1;
        self.n_changes += 1;
    }

    fn forget_if_unchanged(&mut self, node: NodeId) {
        let unchanged =
            |changes: &Changes| changes.added.is_empty() && !changes.has_dead() && changes.n_retimed == 0;
        if self.changes(node).is_some_and(unchanged) {
            self.overlay.remove(&node);
        }
    }

    /// Whether the overlay has grown so large that a new base pays.
    pub(super) fn wants_rebuild(&self) -> bool {
        self.n_changes > 1024 + self.others.len() / 4
    }

    /// How many live entries of the given types a node has; no types are all types.
    pub(super) fn degree(&self, node: NodeId, types: &[Symbol]) -> usize {
        let groups = self.groups_of(node).filter(|&group| fits(types, self.kinds[group]));
        let counts = self.changes(node).map_or(&[][..], |changes| &changes.counts);
        let counts = counts.iter().filter(|count| fits(types, count.kind));
        let (added, dead) =
            counts.fold((0, 0), |(added, dead), count| (added + count.n_added, dead + count.n_dead));
        groups.map(|group| self.entries_of(group).len()).sum::<usize>() + added as usize - dead as usize
    }

    /// The types of a node's live entries, each once, with how many there are.
    pub(super) fn degrees(&self, node: NodeId) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        let counts = self.changes(node).map_or(&[][..], |changes| &changes.counts);
        let in_base = move |kind| self.groups_of(node).any(|group| self.kinds[group] == kind);
        let base = self.groups_of(node).map(move |group| {
            let count = counts.iter().find(|count| count.kind == self.kinds[group]);
            let (added, dead) = count.map_or((0, 0), |count| (count.n_added, count.n_dead));
            (self.kinds[group], self.entries_of(group).len() + added as usize - dead as usize)
        });
        let new = counts.iter().filter(move |count| !in_base(count.kind));
        let new = new.map(|count| (count.kind, (count.n_added - count.n_dead) as usize));
        base.chain(new).filter(|&(_, degree)| degree > 0)
    }

    /// Whether some entries of a node are dead.
    pub(super) fn has_dead(&self, node: NodeId) -> bool {
        self.changes(node).is_some_and(Changes::has_dead)
    }

    /// The entries of a node with their types, dead ones included.
    pub(super) fn hops(&self, node: NodeId) -> impl Iterator<Item = Hop> + '_ {
        let base = self.groups_of(node).flat_map(move |group| {
            let kind = self.kinds[group];
            self.run(self.entries_of(group)).map(move |(&node, &relationship)| Hop {
                relationship,
                node,
                kind,
            })
        });
        base.chain(self.added(node).iter().copied())
    }

    /// The entries of a node of the given types, dead ones included; no types are
    /// all types.
    pub(super) fn walk<'a>(&'a self, node: NodeId, types: &'a [Symbol]) -> Walk<'a> {
        let groups = self.groups_of(node);
        let (groups, run) = match types {
            [] => (0..0, self.run(self.entries_of_all(&groups))),
            _ => (groups, self.run(0..0)),
        };
        let changes = self.changes(node);
        let added = changes.map_or(&[][..], |changes| &changes.added).iter();
        Walk { side: self, types, groups, run, added, has_dead: changes.is_some_and(Changes::has_dead) }
    }

    /// The entries of a node of one type, or of all where `types` is empty, if they
    /// lie in one piece and all are alive.
    pub(super) fn neighbours(&self, node: NodeId, types: &[Symbol]) -> Option<Neighbours<'_>> {
        if self.changes(node).is_some() {
            return None;
        }
        let mut groups = self.groups_of(node);
        let entries = match types {
            [] => self.entries_of_all(&groups),
            [kind] => {
                groups.find(|&group| self.kinds[group] == *kind).map_or(0..0, |group| self.entries_of(group))
            }
            _ => return None,
        };
        Some(Neighbours { nodes: &self.others[entries.clone()], relationships: &self.relationships[entries] })
    }

    /// The entries of a node of one type in the order of time, as slices; `None` where
    /// something changed at the node or nothing is dated.
    pub(super) fn in_time(&self, node: NodeId, kind: Symbol) -> Option<(&[Instant], Neighbours<'_>)> {
        if self.los.is_empty() || self.changes(node).is_some() {
            return None;
        }
        let group = self.groups_of(node).find(|&group| self.kinds[group] == kind);
        let entries = group.map_or(0..0, |group| self.entries_of(group));
        let neighbours = Neighbours {
            nodes: &self.others[entries.clone()],
            relationships: &self.relationships[entries.clone()],
        };
        Some((&self.los[entries], neighbours))
    }

    fn changes(&self, node: NodeId) -> Option<&Changes> {
        if self.overlay.is_empty() { None } else { self.overlay.get(&node) }
    }

    fn added(&self, node: NodeId) -> &[Hop] {
        self.changes(node).map_or(&[], |changes| &changes.added)
    }

    fn groups_of(&self, node: NodeId) -> Range<usize> {
        match (self.nodes.get(node.index()), self.nodes.get(node.index() + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    fn entries_of(&self, group: usize) -> Range<usize> {
        self.groups[group] as usize..self.groups[group + 1] as usize
    }

    fn entries_of_all(&self, groups: &Range<usize>) -> Range<usize> {
        match groups.is_empty() {
            true => 0..0,
            false => self.groups[groups.start] as usize..self.groups[groups.end] as usize,
        }
    }

    fn run(&self, entries: Range<usize>) -> Run<'_> {
        self.others[entries.clone()].iter().zip(&self.relationships[entries])
    }
}

type Run<'a> = Zip<slice::Iter<'a, NodeId>, slice::Iter<'a, RelationshipId>>;

/// The entries of one node, of some types.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    side: &'a Side,
    types: &'a [Symbol],
    groups: Range<usize>,
    run: Run<'a>,
    added: slice::Iter<'a, Hop>,
    /// Whether some of the node's entries are dead.
    pub(super) has_dead: bool,
}

impl Walk<'_> {
    fn next_run(&mut self) -> bool {
        let (side, types) = (self.side, self.types);
        let group = self.groups.find(|&group| fits(types, side.kinds[group]));
        group.map(|group| self.run = side.run(side.entries_of(group))).is_some()
    }
}

impl Iterator for Walk<'_> {
    type Item = (RelationshipId, NodeId);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((&other, &relationship)) = self.run.next() {
                return Some((relationship, other));
            }
            if !self.next_run() {
                let types = self.types;
                let hop = self.added.find(|hop| fits(types, hop.kind))?;
                return Some((hop.relationship, hop.node));
            }
        }
    }

    /// Run by run, so that the inner loop is one over two slices.
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut f: F) -> B {
        let mut sum = init;
        loop {
            sum = self.run.clone().fold(sum, |sum, (&other, &relationship)| f(sum, (relationship, other)));
            if !self.next_run() {
                break;
            }
        }
        let types = self.types;
        let added = self.added.filter(|hop| fits(types, hop.kind));
        added.fold(sum, |sum, hop| f(sum, (hop.relationship, hop.node)))
    }
}

/// Whether a type is one of those asked for; none are all.
fn fits(types: &[Symbol], kind: Symbol) -> bool {
    types.is_empty() || types.contains(&kind)
}

/// Every node's entries in one row, sorted within a node, and where each begins.
fn entries_by_node(
    n_nodes: usize,
    relationships: &[Option<Relationship>],
    ends: Ends,
) -> (Vec<u32>, Vec<Entry>) {
    let mut starts = vec![0_u32; n_nodes + 1];
    for relationship in relationships.iter().flatten() {
        starts[ends(relationship).0.index() + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let n_entries = starts.last().copied().unwrap_or(0) as usize;
    let none = Entry {
        kind: Symbol::default(),
        at: 0,
        relationship: RelationshipId::default(),
        other: NodeId::default(),
    };
    let mut entries = vec![none; n_entries];
    let mut next = starts.clone();
    for (id, relationship) in relationships.iter().enumerate() {
        let Some(relationship) = relationship else { continue };
        let (node, other) = ends(relationship);
        let at = relationship.period.possible(TypeKind::Event).lo;
        let slot = &mut next[node.index()];
        entries[*slot as usize] =
            Entry { kind: relationship.kind, at, relationship: RelationshipId(place(id)), other };
        *slot += 1;
    }
    for run in starts.windows(2) {
        entries[run[0] as usize..run[1] as usize]
            .sort_unstable_by_key(|entry| (entry.kind, entry.at, entry.relationship));
    }
    (starts, entries)
}

fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a case has fewer than 2^32 relationships")
}

//! One direction of adjacency: for each node, its relationships by type.
//!
//! A compact base and a small overlay. In the base, which lies in pages ([`SidePage`]),
//! a node has a run of groups, one for each type, and a group has a run of entries: the
//! other end and the relationship, in two parallel columns, sorted by time and then by
//! id. So walking one type touches nothing of another, and looks up no relationship.
//! Where a page would get large, the nodes with most entries get a page each, so that who
//! asks for one of their neighbours does not read them.
//!
//! What came since the base was built is in the overlay, in the order of ids.
//! A deleted relationship stays where it is and is counted as dead; whoever walks
//! a node with dead entries asks the graph which of them are alive. One whose period
//! changed stays in its old place too, and the node is marked: whoever asks for its
//! entries in the order of time sorts them anew.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::side_page::{Entry, PAGE_NODES, Run, SidePage, place};
use super::table::{Loader, Pages, Table};
use super::{Hop, Neighbours, Symbol};
use crate::model::{Instant, NodeId, RelationshipId};
use crate::store::Column;

/// A relationship as adjacency sees it: its id, its ends, its type, and the first instant
/// of its period, which is the least there is where it is not dated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) id: RelationshipId,
    pub(super) start: NodeId,
    pub(super) end: NodeId,
    pub(super) kind: Symbol,
    pub(super) at: Instant,
}

/// How large the base of one direction is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct SideShape {
    n_entries: usize,
    /// How many pages there are of nodes with many entries.
    n_hubs: u32,
}

/// One direction's adjacency.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pages: Table<SidePage>,
    /// The pages of nodes with many entries, in the order in which they came.
    hubs: Table<SidePage>,
    /// How many entries the base has.
    n_entries: usize,
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

/// A page with more entries gives those of its largest nodes away.
const PAGE_ENTRIES_MAX: usize = if cfg!(test) { 6 } else { 1 << 17 };

/// A node with fewer entries has no page of its own.
const HUB_ENTRIES_MIN: usize = if cfg!(test) { 3 } else { 1 << 11 };

/// The block of the first page of a node with many entries.
const HUB_BLOCKS: u32 = 1 << 31;

/// What a node's entries are to become.
enum Fresh<'a> {
    /// They stay in a page of their own, of this number.
    Kept(u32),
    /// These, sorted.
    Entries(Cow<'a, [Entry]>),
}

impl Fresh<'_> {
    fn entries(&self) -> &[Entry] {
        match self {
            Self::Kept(_) => &[],
            Self::Entries(entries) => entries,
        }
    }
}

/// A page with its entries, and the pages of its nodes that have many.
struct Built {
    page: SidePage,
    kept: Vec<(u32, u32)>,
    hubs: Vec<(u32, SidePage)>,
}

impl Built {
    fn of(nodes: &[Fresh<'_>], is_dated: bool) -> Self {
        let is_dated =
            is_dated || nodes.iter().flat_map(Fresh::entries).any(|entry| entry.at != Instant::MIN);
        let n_entries: usize = nodes.iter().map(|node| node.entries().len()).sum();
        let is_hub = |entries: &[Entry]| n_entries > PAGE_ENTRIES_MAX && entries.len() >= HUB_ENTRIES_MIN;
        let mut built = Self { page: SidePage::EMPTY, kept: Vec::new(), hubs: Vec::new() };
        for (at, node) in (0..).zip(nodes) {
            match node {
                Fresh::Kept(number) => built.kept.push((at, *number)),
                Fresh::Entries(entries) if is_hub(entries) => {
                    built.hubs.push((at, SidePage::build(std::iter::once(&entries[..]), is_dated)));
                }
                Fresh::Entries(_) => {}
            }
        }
        let rest = nodes.iter().map(|node| match node.entries() {
            entries if is_hub(entries) => &[],
            entries => entries,
        });
        built.page = SidePage::build(rest, is_dated);
        built
    }
}

impl Side {
    /// Nothing, in a column of the index.
    pub(super) fn new(column: Column) -> Self {
        Self::of(Table::new(column), Table::new(column), 0)
    }

    /// As many nodes, pages of nodes with many entries, and entries, read when they are touched.
    pub(super) fn stored(column: Column, n_nodes: usize, shape: SideShape, loader: Arc<Loader>) -> Self {
        let pages = Table::stored(column, n_nodes.div_ceil(PAGE_NODES), loader.clone());
        let hubs = Table::stored(column, shape.n_hubs as usize, loader);
        Self::of(pages, hubs, shape.n_entries)
    }

    fn of(pages: Table<SidePage>, hubs: Table<SidePage>, n_entries: usize) -> Self {
        let hubs = hubs.at_block(HUB_BLOCKS);
        Self { pages, hubs, n_entries, overlay: FxHashMap::default(), n_changes: 0 }
    }

    /// How large the base is.
    pub(super) fn shape(&self) -> SideShape {
        SideShape { n_entries: self.n_entries, n_hubs: place(self.hubs.len()) }
    }

    /// Builds the base anew from all relationships, in the order of their ids.
    ///
    /// # Complexity
    /// O(V + E log D) for nodes, relationships and the greatest degree.
    pub(super) fn rebuild(&mut self, n_nodes: usize, links: &[Link]) {
        self.pages.truncate(0);
        self.hubs.truncate(0);
        self.n_entries = 0;
        self.overlay.clear();
        self.n_changes = 0;
        self.extend(n_nodes, links);
    }

    /// Adds relationships to the base, which has to be all there is.
    ///
    /// # Complexity
    /// O(V + E log D) for the new relationships and the pages that they touch.
    pub(super) fn extend(&mut self, n_nodes: usize, links: &[Link]) {
        let ends = Ends { is_outgoing: self.pages.column() == Column::Outgoing };
        let is_dated = links.iter().any(|link| link.at != Instant::MIN);
        let is_sorted = links.is_sorted_by_key(|link| ends.of(link).0);
        for nodes in parts(n_nodes, links, ends) {
            // What is sorted needs no looking through.
            let links = match is_sorted {
                true => {
                    let before = |node: usize| links.partition_point(|link| ends.of(link).0.index() < node);
                    &links[before(nodes.start)..before(nodes.end)]
                }
                false => links,
            };
            self.extend_part(&nodes, &entries_by_node(&nodes, links, ends), is_dated);
        }
        self.n_entries += links.len();
    }

    /// Adds the entries of some pages of nodes.
    fn extend_part(
        &mut self,
        nodes: &Range<usize>,
        (starts, entries): &(Vec<u32>, Vec<Entry>),
        is_dated: bool,
    ) {
        let place = |node: usize| starts[node - nodes.start] as usize;
        let new = |node: usize| &entries[place(node)..place(node + 1)];
        let numbers = nodes.start / PAGE_NODES..nodes.end.div_ceil(PAGE_NODES);
        let pages = numbers.into_par_iter().filter_map(|number| {
            let of_page = number * PAGE_NODES..nodes.end.min((number + 1) * PAGE_NODES);
            let n_new = place(of_page.end) - place(of_page.start);
            let before = self.pages.get(number);
            if n_new == 0 && before.is_some() {
                return None;
            }
            let is_empty = before.is_none_or(|page| page.len() == 0 && page.hubs().next().is_none());
            let entries = of_page.map(|node| match (self.hub(node), new(node)) {
                (_, new) if is_empty => Fresh::Entries(new.into()),
                (Some(number), []) => Fresh::Kept(number),
                (_, new) => Fresh::Entries(self.joined(node, new).into()),
            });
            Some((number, Built::of(&entries.collect::<Vec<_>>(), is_dated)))
        });
        for (number, built) in pages.collect::<Vec<_>>() {
            self.put(number, built);
        }
    }

    /// The number of the page that a node has for itself.
    fn hub(&self, node: usize) -> Option<u32> {
        self.pages.get(node / PAGE_NODES)?.hub(node % PAGE_NODES)
    }

    /// Puts a page in the place of another, and the pages of its nodes that have many entries.
    fn put(&mut self, number: usize, built: Built) {
        let before: Vec<(u32, u32)> = self.pages.get(number).into_iter().flat_map(SidePage::hubs).collect();
        let Built { page, kept: mut hubs, hubs: new } = built;
        for (at, page) in new {
            let known = before.iter().find(|(node, _)| *node == at);
            let number = known.map_or(place(self.hubs.len()), |(_, number)| *number);
            self.hubs.replace(number as usize, page);
            hubs.push((at, number));
        }
        for (_, gone) in before.iter().filter(|(at, _)| hubs.iter().all(|(node, _)| node != at)) {
            self.hubs.replace(*gone as usize, SidePage::default());
        }
        self.pages.replace(number, page.with_hubs(&hubs));
    }

    /// A node's entries with new ones, sorted.
    fn joined(&self, node: usize, new: &[Entry]) -> Vec<Entry> {
        // Nothing changed at the node, so that no relationship is looked up.
        let mut entries = self.merged(NodeId(place(node)), &|_| None);
        if !new.is_empty() {
            entries.extend_from_slice(new);
            entries.sort_unstable_by_key(|entry| (entry.kind, entry.at, entry.relationship));
        }
        entries
    }

    /// Merges the overlay into the base, page by page. `find` gives a relationship that is
    /// alive.
    ///
    /// # Complexity
    /// O(P log D) for the entries of the pages that have changes.
    pub(super) fn merge(&mut self, n_nodes: usize, find: impl Fn(RelationshipId) -> Option<Link>) {
        let changed: BTreeSet<usize> = self.overlay.keys().map(|node| node.index() / PAGE_NODES).collect();
        for &number in &changed {
            let first = number * PAGE_NODES;
            let nodes = first..n_nodes.min(first + PAGE_NODES);
            let (mut fresh, mut before, mut now) = (Vec::new(), 0, 0);
            for node in nodes {
                let id = NodeId(place(node));
                fresh.push(match self.hub(node) {
                    Some(number) if self.changes(id).is_none() => Fresh::Kept(number),
                    _ => {
                        let (page, at) = self.page(id);
                        before += page.entries_of_all(&page.groups_of(at)).len();
                        let entries = self.merged(id, &find);
                        now += entries.len();
                        Fresh::Entries(entries.into())
                    }
                });
            }
            let is_dated = self.pages.get(number).is_some_and(SidePage::is_dated);
            let built = Built::of(&fresh, is_dated);
            self.n_entries = self.n_entries + now - before;
            self.put(number, built);
        }
        self.overlay.clear();
        self.n_changes = 0;
    }

    /// A node's entries as they are now, sorted.
    fn merged(&self, node: NodeId, find: &impl Fn(RelationshipId) -> Option<Link>) -> Vec<Entry> {
        let changes = self.changes(node);
        let is_retimed = changes.is_some_and(|changes| changes.n_retimed > 0);
        let has_dead = changes.is_some_and(Changes::has_dead);
        let (page, at) = self.page(node);
        let mut entries = Vec::new();
        for group in page.groups_of(at) {
            let (kind, range) = (page.kinds[group], page.entries_of(group));
            let los = page.los(range.clone()).iter().copied().chain(std::iter::repeat(Instant::MIN));
            for ((&other, &relationship), lo) in page.run(range).zip(los) {
                match is_retimed || has_dead {
                    false => entries.push(Entry { kind, at: lo, relationship, other }),
                    true => entries.extend(find(relationship).map(|link| Entry {
                        kind,
                        at: link.at,
                        relationship,
                        other,
                    })),
                }
            }
        }
        let added = changes.map_or(&[][..], |changes| &changes.added);
        entries.extend(added.iter().filter_map(|hop| {
            let at = find(hop.relationship)?.at;
            Some(Entry { kind: hop.kind, at, relationship: hop.relationship, other: hop.node })
        }));
        entries.sort_unstable_by_key(|entry| (entry.kind, entry.at, entry.relationship));
        entries
    }

    /// Whether anything is in the overlay.
    pub(super) fn has_changes(&self) -> bool {
        !self.overlay.is_empty()
    }

    /// The pages, for what is done to all tables.
    pub(super) fn tables(&self) -> [&dyn Pages; 2] {
        [&self.pages, &self.hubs]
    }

    /// As [`Side::tables`].
    pub(super) fn tables_mut(&mut self) -> [&mut dyn Pages; 2] {
        [&mut self.pages, &mut self.hubs]
    }

    /// The bytes of a block; `None` where there is none.
    pub(super) fn encode(&self, block: u32, names: &Names) -> Option<Vec<u8>> {
        let page = match block.checked_sub(HUB_BLOCKS) {
            Some(number) => self.hubs.get(number as usize),
            None => self.pages.get(block as usize),
        };
        page.map(|page| page.encode(names))
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
        self.n_changes > 1024 + self.n_entries / 4
    }

    /// How many live entries of the given types a node has; no types are all types.
    pub(super) fn degree(&self, node: NodeId, types: &[Symbol]) -> usize {
        let (page, at) = self.page(node);
        let groups = page.groups_of(at).filter(|&group| fits(types, page.kinds[group]));
        let counts = self.changes(node).map_or(&[][..], |changes| &changes.counts);
        let counts = counts.iter().filter(|count| fits(types, count.kind));
        let (added, dead) =
            counts.fold((0, 0), |(added, dead), count| (added + count.n_added, dead + count.n_dead));
        groups.map(|group| page.entries_of(group).len()).sum::<usize>() + added as usize - dead as usize
    }

    /// The types of a node's live entries, each once, with how many there are.
    pub(super) fn degrees(&self, node: NodeId) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        let counts = self.changes(node).map_or(&[][..], |changes| &changes.counts);
        let (page, at) = self.page(node);
        let in_base = move |kind| page.groups_of(at).any(|group| page.kinds[group] == kind);
        let base = page.groups_of(at).map(move |group| {
            let count = counts.iter().find(|count| count.kind == page.kinds[group]);
            let (added, dead) = count.map_or((0, 0), |count| (count.n_added, count.n_dead));
            (page.kinds[group], page.entries_of(group).len() + added as usize - dead as usize)
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
        let (page, at) = self.page(node);
        let base = page.groups_of(at).flat_map(move |group| {
            let kind = page.kinds[group];
            page.run(page.entries_of(group)).map(move |(&node, &relationship)| Hop {
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
        let (page, at) = self.page(node);
        let groups = page.groups_of(at);
        let (groups, run) = match types {
            [] => (0..0, page.run(page.entries_of_all(&groups))),
            _ => (groups, page.run(0..0)),
        };
        let changes = self.changes(node);
        let added = changes.map_or(&[][..], |changes| &changes.added).iter();
        Walk { page, types, groups, run, added, has_dead: changes.is_some_and(Changes::has_dead) }
    }

    /// The entries of a node of one type, or of all where `types` is empty, if they
    /// lie in one piece and all are alive.
    pub(super) fn neighbours(&self, node: NodeId, types: &[Symbol]) -> Option<Neighbours<'_>> {
        if self.changes(node).is_some() {
            return None;
        }
        let (page, at) = self.page(node);
        let entries = match types {
            [] => page.entries_of_all(&page.groups_of(at)),
            [kind] => page.entries_of_kind(at, *kind),
            _ => return None,
        };
        Some(page.neighbours(entries))
    }

    /// The entries of a node of one type in the order of time, as slices; `None` where
    /// something changed at the node or nothing is dated.
    pub(super) fn in_time(&self, node: NodeId, kind: Symbol) -> Option<(&[Instant], Neighbours<'_>)> {
        let (page, at) = self.page(node);
        let entries = page.entries_of_kind(at, kind);
        if (!page.is_dated() && !entries.is_empty()) || self.changes(node).is_some() {
            return None;
        }
        Some((page.los(entries.clone()), page.neighbours(entries)))
    }

    /// The page of a node, and the node's place in it.
    #[inline]
    fn page(&self, node: NodeId) -> (&SidePage, usize) {
        let (number, at) = (node.index() / PAGE_NODES, node.index() % PAGE_NODES);
        let page = self.pages.get(number).unwrap_or(&NO_PAGE);
        match page.hub(at) {
            None => (page, at),
            Some(number) => (self.hubs.get(number as usize).unwrap_or(&NO_PAGE), 0),
        }
    }

    fn changes(&self, node: NodeId) -> Option<&Changes> {
        if self.overlay.is_empty() { None } else { self.overlay.get(&node) }
    }

    fn added(&self, node: NodeId) -> &[Hop] {
        self.changes(node).map_or(&[], |changes| &changes.added)
    }
}

/// The page of nodes that no relationship hangs on yet.
static NO_PAGE: SidePage = SidePage::EMPTY;

/// The entries of one node, of some types.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    page: &'a SidePage,
    types: &'a [Symbol],
    groups: Range<usize>,
    run: Run<'a>,
    added: slice::Iter<'a, Hop>,
    /// Whether some of the node's entries are dead.
    pub(super) has_dead: bool,
}

impl Walk<'_> {
    fn next_run(&mut self) -> bool {
        let (page, types) = (self.page, self.types);
        let group = self.groups.find(|&group| fits(types, page.kinds[group]));
        group.map(|group| self.run = page.run(page.entries_of(group))).is_some()
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

/// How many entries are sorted at a time: as links and entries together, all of a large import
/// would take as much memory as everything else.
const ENTRIES_AT_ONCE: usize = 1 << 23;

/// Which end of a relationship an entry is of.
#[derive(Debug, Clone, Copy)]
struct Ends {
    is_outgoing: bool,
}

impl Ends {
    /// The node whose entry it is, and the other one.
    fn of(self, link: &Link) -> (NodeId, NodeId) {
        if self.is_outgoing { (link.start, link.end) } else { (link.end, link.start) }
    }
}

/// Runs of whole pages of nodes, each of which gets about [`ENTRIES_AT_ONCE`] entries.
fn parts(n_nodes: usize, links: &[Link], ends: Ends) -> Vec<Range<usize>> {
    let mut by_page = vec![0_usize; n_nodes.div_ceil(PAGE_NODES)];
    links.iter().for_each(|link| by_page[ends.of(link).0.index() / PAGE_NODES] += 1);
    let (mut parts, mut start, mut n_entries) = (Vec::new(), 0, 0);
    for (number, of_page) in by_page.into_iter().enumerate() {
        n_entries += of_page;
        let end = n_nodes.min((number + 1) * PAGE_NODES);
        if n_entries >= ENTRIES_AT_ONCE || end == n_nodes {
            parts.push(start..end);
            (start, n_entries) = (end, 0);
        }
    }
    parts
}

/// The entries of some nodes in one row, sorted within a node, and where each begins.
fn entries_by_node(nodes: &Range<usize>, links: &[Link], ends: Ends) -> (Vec<u32>, Vec<Entry>) {
    let mut starts = vec![0_u32; nodes.len() + 1];
    let of_nodes = || links.iter().filter(|link| nodes.contains(&ends.of(link).0.index()));
    for link in of_nodes() {
        starts[ends.of(link).0.index() - nodes.start + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let none = Entry {
        kind: Symbol::default(),
        at: Instant::MIN,
        relationship: RelationshipId::default(),
        other: NodeId::default(),
    };
    let mut entries = vec![none; starts.last().map_or(0, |n_entries| *n_entries as usize)];
    let mut next = starts.clone();
    for link in of_nodes() {
        let (node, other) = ends.of(link);
        let slot = &mut next[node.index() - nodes.start];
        entries[*slot as usize] = Entry { kind: link.kind, at: link.at, relationship: link.id, other };
        *slot += 1;
    }
    for run in starts.windows(2) {
        entries[run[0] as usize..run[1] as usize]
            .sort_unstable_by_key(|entry| (entry.kind, entry.at, entry.relationship));
    }
    (starts, entries)
}

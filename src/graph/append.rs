//! Adding many new elements at once, page by page.
//!
//! One effect for each of ten million relationships would take minutes and the memory of
//! the machine. Here the bytes of a page go to the index as they are; what is read of
//! them is what the tables around need: names, keys, counts, and both ends of each
//! relationship with its first instant, from which adjacency is built in one pass.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::key_index::hash;
use super::side::Link;
use super::table::{Held, PAGE_IDS};
use super::{Graph, PageBytes, Symbol, Timing};
use crate::columns::{ABSENT, Column as Values, NodeColumns, RelationshipColumns};
use crate::error::{Error, Result};
use crate::model::{NodeId, Period, RelationshipId, TypeKind, Value};
use crate::store::Column;

/// How many pages are decoded at the same time.
const PAGES_AT_ONCE: usize = 256;

/// New elements on their way into a graph. Nothing is in the graph, and the graph is of no
/// use, before [`Append::finish`].
#[derive(Debug)]
pub struct Append<'g> {
    graph: &'g mut Graph,
    held: Held,
    /// The number of the labels of each new node, from the first on.
    first_node: usize,
    sets: Vec<u32>,
    label_sets: Vec<Vec<Symbol>>,
    labels: FxHashMap<Symbol, Vec<u32>>,
    /// By the hashes of nodes' keys, of relationships' keys and of nodes' ids.
    keys: [Vec<(u32, u32)>; 3],
    links: Vec<Link>,
}

impl Graph {
    /// The first ids of elements that are added by pages: beginnings of pages.
    #[must_use]
    pub fn append_ids(&self) -> (NodeId, RelationshipId) {
        let next = |bound: usize| u32::try_from(bound.next_multiple_of(PAGE_IDS)).unwrap_or(u32::MAX);
        (NodeId(next(self.node_bound())), RelationshipId(next(self.relationship_bound())))
    }

    /// Begins to add elements, between commits. After an error the graph has to be thrown away.
    pub fn append(&mut self) -> Append<'_> {
        // What changed before has to be in the pages: from now on they cannot be looked at.
        self.merge_keys();
        self.merge_adjacency();
        let first_node = self.append_ids().0.index();
        Append {
            graph: self,
            held: Held::default(),
            first_node,
            sets: Vec::new(),
            label_sets: Vec::new(),
            labels: FxHashMap::default(),
            keys: [Vec::new(), Vec::new(), Vec::new()],
            links: Vec::new(),
        }
    }
}

impl Append<'_> {
    /// Adds pages of nodes, the first of which begins with the id `first`.
    ///
    /// # Errors
    /// `Corrupt` where a page does not decode, or its ids are not those of
    /// [`Graph::append_ids`].
    pub fn nodes(&mut self, first: u32, pages: impl IntoIterator<Item = PageBytes>) -> Result<()> {
        if !(first as usize).is_multiple_of(PAGE_IDS) || (first as usize) < self.graph.node_bound() {
            return misfit("nodes");
        }
        let pages: Vec<PageBytes> = pages.into_iter().collect();
        let mut numbers = first / PAGE_IDS as u32..;
        for pages in pages.chunks(PAGES_AT_ONCE) {
            let decoded = pages.par_iter().map(|bytes| NodeColumns::decode(bytes));
            let decoded: Vec<NodeColumns> = decoded.collect::<Result<_>>()?;
            for ((columns, bytes), number) in decoded.iter().zip(pages).zip(numbers.by_ref()) {
                if !columns.is_empty() {
                    self.node_page(number, columns);
                    self.held.insert((Column::Nodes, number), bytes.clone());
                }
            }
        }
        Ok(())
    }

    fn node_page(&mut self, number: u32, columns: &NodeColumns) {
        let graph = &mut *self.graph;
        let first = number as usize * PAGE_IDS;
        graph.nodes.grow_stored(first + columns.len());
        let symbols = columns.label_sets.iter().map(|labels| {
            let labels = labels.iter().map(|label| graph.names.intern(label)).collect();
            number_of(&mut self.label_sets, labels)
        });
        let sets: Vec<u32> = symbols.collect();
        columns.properties.keys().for_each(|name| drop_symbol(graph.names.intern(name)));
        self.sets.resize(first - self.first_node, ABSENT);
        let mut counts = vec![0; sets.len()];
        for (id, &set) in (first as u32..).zip(&columns.sets) {
            let Some(&new) = sets.get(set as usize) else {
                self.sets.push(ABSENT);
                continue;
            };
            counts[set as usize] += 1;
            self.sets.push(new);
            for &label in &self.label_sets[new as usize] {
                self.labels.entry(label).or_default().push(id);
            }
        }
        for (count, &set) in counts.iter().zip(&sets) {
            graph.statistics.count_nodes(&self.label_sets[set as usize], *count);
        }
        let ids = columns.properties.get("id");
        for (at, id) in (0..columns.len()).zip(first as u32..) {
            let key = columns.keys.text(at);
            self.keys[0].extend(key.map(|key| (hash(key), id)));
            let other = ids.and_then(|ids| ids.text(at)).filter(|other| Some(*other) != key);
            self.keys[2].extend(other.map(|other| (hash(other), id)));
        }
    }

    /// Adds pages of relationships, the first of which begins with the id `first`. Their
    /// ends are nodes that are there, or that were added before.
    ///
    /// # Errors
    /// `Corrupt` where a page does not decode, its ids are not those of
    /// [`Graph::append_ids`], or an end is no node.
    pub fn relationships(&mut self, first: u32, pages: impl IntoIterator<Item = PageBytes>) -> Result<()> {
        let is_aligned = (first as usize).is_multiple_of(PAGE_IDS);
        if !is_aligned || (first as usize) < self.graph.relationship_bound() {
            return misfit("relationships");
        }
        let pages: Vec<PageBytes> = pages.into_iter().collect();
        self.links.reserve(pages.len() * PAGE_IDS);
        let mut numbers = first / PAGE_IDS as u32..;
        for pages in pages.chunks(PAGES_AT_ONCE) {
            let decoded = pages.par_iter().map(|bytes| RelationshipColumns::decode(bytes));
            let decoded: Vec<RelationshipColumns> = decoded.collect::<Result<_>>()?;
            for ((columns, bytes), number) in decoded.iter().zip(pages).zip(numbers.by_ref()) {
                if !columns.is_empty() {
                    self.relationship_page(number, columns)?;
                    self.held.insert((Column::Relationships, number), bytes.clone());
                }
            }
        }
        Ok(())
    }

    fn relationship_page(&mut self, number: u32, columns: &RelationshipColumns) -> Result<()> {
        let graph = &mut *self.graph;
        let first = number as usize * PAGE_IDS;
        graph.relationships.grow_stored(first + columns.len());
        let kinds: Vec<Symbol> = columns.types.iter().map(|kind| graph.names.intern(kind)).collect();
        columns.properties.keys().for_each(|name| drop_symbol(graph.names.intern(name)));
        let property = |name: &str| columns.properties.get(name);
        let (from, to, aggregate) = (property("from"), property("to"), property("aggregate"));
        let undated = Period::read(None, None)?;
        let value = |values: Option<&Values>, at| values.and_then(|values| values.get(at));
        for (at, id) in (0..columns.len()).zip(first as u32..) {
            let Some(&kind) = kinds.get(columns.kinds[at] as usize) else { continue };
            let (start, end) = (NodeId(columns.starts[at]), NodeId(columns.ends[at]));
            if start.max(end).index() >= graph.nodes.len() {
                return Err(Error::corrupt(format!("an end of relationship {id} is missing")));
            }
            let written = value(from, at);
            let period = match (from, to) {
                (None, None) => undated,
                _ => Period::read(written.as_ref(), value(to, at).as_ref())?,
            };
            let is_aggregate = value(aggregate, at) == Some(Value::Bool(true));
            let timing = Timing::of(period, written.as_ref(), is_aggregate);
            graph.timings.entry(kind).and_modify(|known| *known = known.and(timing)).or_insert(timing);
            let at_instant = period.possible(TypeKind::Event).lo;
            self.links.push(Link { id: RelationshipId(id), start, end, kind, at: at_instant });
            self.keys[1].extend(columns.keys.text(at).map(|key| (hash(key), id)));
        }
        Ok(())
    }

    /// Puts what was added into the graph.
    ///
    /// # Complexity
    /// O(V + E log D) for what was added and the pages of adjacency that it touches.
    pub fn finish(mut self) {
        self.count_links();
        let graph = self.graph;
        graph.hold(self.held);
        for (label, ids) in self.labels {
            graph.by_label.extend(label, ids);
        }
        let [node_keys, relationship_keys, ids] = self.keys;
        graph.by_key.extend(node_keys);
        graph.relationship_by_key.extend(relationship_keys);
        graph.by_id_property.extend(ids);
        graph.time_indexes = super::time_index::TimeIndexes::default();
        graph.names_kept.forget();
        graph.indexes.forget();
        if !self.links.is_empty() {
            graph.adjacency.extend(graph.nodes.len(), &self.links);
        }
    }

    fn count_links(&mut self) {
        let mut out: FxHashMap<(Symbol, u32), usize> = FxHashMap::default();
        let mut into: FxHashMap<(Symbol, u32), usize> = FxHashMap::default();
        let mut statistics = std::mem::take(&mut self.graph.statistics);
        for link in &self.links {
            for (counts, node, is_out) in [(&mut out, link.start, true), (&mut into, link.end, false)] {
                match node.index().checked_sub(self.first_node).and_then(|at| self.sets.get(at)) {
                    Some(&set) => *counts.entry((link.kind, set)).or_default() += 1,
                    None => {
                        let labels = super::statistics::labels(self.graph.nodes.get(node.index()));
                        match is_out {
                            true => statistics.count_out(link.kind, labels, 1, true),
                            false => statistics.count_in(link.kind, labels, 1, true),
                        }
                    }
                }
            }
        }
        let labels = |set: u32| self.label_sets.get(set as usize).map_or(&[][..], Vec::as_slice);
        for ((kind, set), count) in out {
            statistics.count_out(kind, labels(set), count, true);
        }
        for ((kind, set), count) in into {
            statistics.count_in(kind, labels(set), count, true);
        }
        self.graph.statistics = statistics;
        for link in self.links.iter().filter(|link| link.start == link.end) {
            self.graph.adjacency.count_loop(link.start, link.end, link.kind, true);
        }
    }
}

fn number_of(sets: &mut Vec<Vec<Symbol>>, labels: Vec<Symbol>) -> u32 {
    let at = sets.iter().position(|other| *other == labels).unwrap_or_else(|| {
        sets.push(labels);
        sets.len() - 1
    });
    at as u32
}

/// A name is interned for its own sake.
fn drop_symbol(_: Symbol) {}

fn misfit(what: &str) -> Result<()> {
    Err(Error::corrupt(format!("recorded pages do not fit the graph: the ids of {what} are taken")))
}

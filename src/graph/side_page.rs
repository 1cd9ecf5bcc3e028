//! One direction of adjacency for a run of nodes, as it lies in a block.
//!
//! | column | meaning |
//! |---|---|
//! | how many nodes | varint |
//! | how many groups each has | integers |
//! | how many types, their names | varint, texts |
//! | the type of each group | integers |
//! | how many entries each has | integers |
//! | whether entries are dated | 1 byte |
//! | the other ends, the relationships, and if dated the first instants | integers in groups |
//! | how many nodes have a page of their own, the place of each, and the number of its page | varint, integers |

use std::iter::Zip;
use std::ops::Range;
use std::slice;

use super::names::Names;
use super::table::Page;
use super::{Neighbours, Symbol};
use crate::columns::{Reader, damaged, groups, put_ints, put_text, put_varint, take_ints};
use crate::error::Result;
use crate::model::{Instant, NodeId, RelationshipId};

/// How many nodes a page covers.
pub(super) const PAGE_NODES: usize = 1024;

/// The entries of a run of nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct SidePage {
    /// Where each node's groups begin; one more than the nodes it covers.
    nodes: Vec<u32>,
    /// The type of each group, in order within a node.
    pub(super) kinds: Vec<Symbol>,
    /// Where each group's entries begin; one more than there are groups.
    groups: Vec<u32>,
    others: Vec<NodeId>,
    relationships: Vec<RelationshipId>,
    /// The first instant of each entry's period, by which a group is sorted; empty
    /// where nothing is dated.
    los: Vec<Instant>,
    /// For each node the number of the page of its own that its entries are in, or [`NO_HUB`];
    /// nothing after the last node that has one. A search asks this of every node.
    hubs: Vec<u32>,
}

/// Stands where a node's entries are in the page.
const NO_HUB: u32 = u32::MAX;

/// An entry while a page is being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) kind: Symbol,
    pub(super) at: Instant,
    pub(super) relationship: RelationshipId,
    pub(super) other: NodeId,
}

pub(super) type Run<'a> = Zip<slice::Iter<'a, NodeId>, slice::Iter<'a, RelationshipId>>;

impl SidePage {
    /// A page of no nodes.
    pub(super) const EMPTY: Self = Self {
        nodes: Vec::new(),
        kinds: Vec::new(),
        groups: Vec::new(),
        others: Vec::new(),
        relationships: Vec::new(),
        los: Vec::new(),
        hubs: Vec::new(),
    };

    /// A page of the entries of each node, in order; `entries` are sorted within a node.
    pub(super) fn build<'a>(nodes: impl Iterator<Item = &'a [Entry]> + Clone, is_dated: bool) -> Self {
        // Pages stay: no room is left over in them.
        let n_entries = nodes.clone().map(<[Entry]>::len).sum();
        let mut page = Self {
            nodes: vec![0],
            others: Vec::with_capacity(n_entries),
            relationships: Vec::with_capacity(n_entries),
            los: Vec::with_capacity(if is_dated { n_entries } else { 0 }),
            ..Self::default()
        };
        for entries in nodes {
            let mut last = None;
            for entry in entries {
                if last.replace(entry.kind) != Some(entry.kind) {
                    page.kinds.push(entry.kind);
                    page.groups.push(place(page.others.len()));
                }
                page.others.push(entry.other);
                page.relationships.push(entry.relationship);
                if is_dated {
                    page.los.push(entry.at);
                }
            }
            page.nodes.push(place(page.kinds.len()));
        }
        page.groups.push(place(page.others.len()));
        page
    }

    /// Whether its entries have first instants.
    pub(super) fn is_dated(&self) -> bool {
        !self.los.is_empty()
    }

    /// The number of the page that the entries of the node at a place are in, where it has one of its own.
    #[inline]
    pub(super) fn hub(&self, node: usize) -> Option<u32> {
        self.hubs.get(node).copied().filter(|number| *number != NO_HUB)
    }

    /// The nodes that have pages of their own, by their places, with the numbers of these.
    pub(super) fn hubs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..).zip(&self.hubs).filter(|(_, number)| **number != NO_HUB).map(|(node, number)| (node, *number))
    }

    /// The same page, where some nodes have pages of their own.
    pub(super) fn with_hubs(self, hubs: &[(u32, u32)]) -> Self {
        let mut numbers = vec![NO_HUB; hubs.iter().map(|(node, _)| *node as usize + 1).max().unwrap_or(0)];
        hubs.iter().for_each(|&(node, number)| numbers[node as usize] = number);
        Self { hubs: numbers, ..self }
    }

    /// How many entries there are, but for those in pages of their own.
    pub(super) fn len(&self) -> usize {
        self.others.len()
    }

    /// The groups of the node at a place.
    #[inline]
    pub(super) fn groups_of(&self, node: usize) -> Range<usize> {
        match (self.nodes.get(node), self.nodes.get(node + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The group of a type of the node at a place.
    #[inline]
    pub(super) fn entries_of_kind(&self, node: usize, kind: Symbol) -> Range<usize> {
        let group = self.groups_of(node).find(|&group| self.kinds[group] == kind);
        group.map_or(0..0, |group| self.entries_of(group))
    }

    #[inline]
    pub(super) fn entries_of(&self, group: usize) -> Range<usize> {
        self.groups[group] as usize..self.groups[group + 1] as usize
    }

    /// The entries of several groups in a row.
    #[inline]
    pub(super) fn entries_of_all(&self, groups: &Range<usize>) -> Range<usize> {
        match groups.is_empty() {
            true => 0..0,
            false => self.groups[groups.start] as usize..self.groups[groups.end] as usize,
        }
    }

    #[inline]
    pub(super) fn run(&self, entries: Range<usize>) -> Run<'_> {
        self.others[entries.clone()].iter().zip(&self.relationships[entries])
    }

    #[inline]
    pub(super) fn neighbours(&self, entries: Range<usize>) -> Neighbours<'_> {
        Neighbours { nodes: &self.others[entries.clone()], relationships: &self.relationships[entries] }
    }

    /// The first instants of entries; none where nothing is dated.
    #[inline]
    pub(super) fn los(&self, entries: Range<usize>) -> &[Instant] {
        if self.los.is_empty() { &[] } else { &self.los[entries] }
    }

    /// The bytes of a block.
    pub(super) fn encode(&self, names: &Names) -> Vec<u8> {
        let mut out = Vec::new();
        let n_nodes = self.nodes.len().saturating_sub(1);
        put_varint(&mut out, n_nodes as u64);
        put_ints(&lens(&self.nodes), &mut out);
        let mut kinds: Vec<Symbol> = self.kinds.clone();
        kinds.sort_unstable();
        kinds.dedup();
        put_varint(&mut out, kinds.len() as u64);
        kinds.iter().for_each(|kind| put_text(&mut out, names.text(*kind)));
        let number = |kind: &Symbol| kinds.partition_point(|other| other < kind) as i64;
        put_ints(&self.kinds.iter().map(number).collect::<Vec<_>>(), &mut out);
        put_ints(&lens(&self.groups), &mut out);
        out.push(u8::from(self.is_dated()));
        let starts: Vec<usize> = self.groups.iter().map(|start| *start as usize).collect();
        let others: Vec<i64> = self.others.iter().map(|node| i64::from(node.0)).collect();
        groups::put(&others, &starts, &mut out);
        let relationships: Vec<i64> = self.relationships.iter().map(|id| i64::from(id.0)).collect();
        groups::put(&relationships, &starts, &mut out);
        if self.is_dated() {
            groups::put(&self.los, &starts, &mut out);
        }
        let (nodes, numbers): (Vec<i64>, Vec<i64>) =
            self.hubs().map(|(node, number)| (i64::from(node), i64::from(number))).unzip();
        put_varint(&mut out, nodes.len() as u64);
        put_ints(&nodes, &mut out);
        put_ints(&numbers, &mut out);
        out
    }
}

impl Page for SidePage {
    const GROWTH: usize = 3;

    fn decode(_: u32, bytes: &[u8], names: &Names) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let n_nodes = reader.varint_up_to(PAGE_NODES)?;
        let nodes = ends(&take_ints(&mut reader, n_nodes)?)?;
        let n_groups = nodes.last().map_or(0, |end| *end as usize);
        let n_kinds = reader.varint_up_to(reader.rest().len())?;
        let kind = |name: &str| names.get(name).ok_or_else(|| damaged("a type is unknown"));
        let kinds: Vec<Symbol> = (0..n_kinds).map(|_| kind(reader.text()?)).collect::<Result<_>>()?;
        let number = |number: i64| usize::try_from(number).ok().and_then(|number| kinds.get(number).copied());
        let numbers = take_ints(&mut reader, n_groups)?;
        let of_groups: Option<Vec<Symbol>> = numbers.into_iter().map(number).collect();
        let groups = ends(&take_ints(&mut reader, n_groups)?)?;
        let len = groups.last().map_or(0, |end| *end as usize);
        let is_dated = reader.byte()? == 1;
        let starts: Vec<usize> = groups.iter().map(|start| *start as usize).collect();
        let ids = |reader: &mut Reader<'_>| -> Result<Vec<u32>> {
            let ids = groups::take(reader, &starts, len)?.into_iter().map(u32::try_from);
            ids.collect::<Result<_, _>>().map_err(|_| damaged("an id is out of range"))
        };
        let others = ids(&mut reader)?.into_iter().map(NodeId).collect();
        let relationships = ids(&mut reader)?.into_iter().map(RelationshipId).collect();
        let los = if is_dated { groups::take(&mut reader, &starts, len)? } else { Vec::new() };
        let kinds = of_groups.ok_or_else(|| damaged("a group has no type"))?;
        let n_hubs = reader.varint_up_to(PAGE_NODES)?;
        let mut of_hubs = |bound: usize| -> Result<Vec<u32>> {
            let fits = |number: &u32| (*number as usize) < bound;
            let numbers = take_ints(&mut reader, n_hubs)?.into_iter().map(u32::try_from);
            let numbers = numbers.map(|number| number.ok().filter(fits)).collect::<Option<_>>();
            numbers.ok_or_else(|| damaged("a page of a node is out of range"))
        };
        let hubs: Vec<(u32, u32)> = of_hubs(PAGE_NODES)?.into_iter().zip(of_hubs(NO_HUB as usize)?).collect();
        let page = Self { nodes, kinds, groups, others, relationships, los, hubs: Vec::new() };
        Ok(page.with_hubs(&hubs))
    }
}

/// No page has more entries, so that a few damaged bytes cannot fill the memory.
const ENTRIES_MAX: u32 = 1 << 28;

/// How long each run is whose beginnings are given, and the end of the last.
fn lens(starts: &[u32]) -> Vec<i64> {
    starts.windows(2).map(|pair| i64::from(pair[1] - pair[0])).collect()
}

/// Where each run begins, and the end of the last.
fn ends(lens: &[i64]) -> Result<Vec<u32>> {
    let mut end = 0_u32;
    let mut ends = vec![0];
    for &len in lens {
        let next =
            u32::try_from(len).ok().and_then(|len| end.checked_add(len)).filter(|end| *end <= ENTRIES_MAX);
        end = next.ok_or_else(|| damaged("a run is too long"))?;
        ends.push(end);
    }
    Ok(ends)
}

pub(super) fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a case has fewer than 2^32 relationships")
}

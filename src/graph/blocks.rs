//! The graph as blocks of the index: what a checkpoint writes, and what is read when it
//! is touched.
//!
//! A page of elements holds [`PAGE_IDS`] ids, so that a change touches one page and its
//! number says where it belongs. What is needed before anything can be asked is in block 0
//! of `Meta`: names, counts, how large each table is. Opening reads that and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::adjacency::Adjacency;
use super::claims_about::ClaimsAbout;
use super::element::{Node, Relationship};
use super::key_index::KeyIndex;
use super::labels::Labels;
use super::name_tables::Shape;
use super::names::Names;
use super::names_kept::NamesKept;
use super::side::SideShape;
use super::table::{AllRecorded, BlockSource, Elements, Held, Loader, PAGE_IDS, Page, Pages, Recorded};
use super::{Graph, Statistics, Symbol, Timing};
use crate::columns::{Column as Values, NodeColumns, RelationshipColumns, damaged};
use crate::error::{Error, Result};
use crate::model::{Claim, ClaimId, IndexDefinition, NodeId, Period, RelationshipId, Schema, Value};
use crate::store::Column;

/// The block of `Meta`.
const META: u32 = 0;

/// An index of fewer entries is built again in no time.
const BUILT_LEN_MIN: usize = 20_000;

/// What is true of the graph as a whole.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Meta {
    pub(super) names: Vec<String>,
    pub(super) schema: Schema,
    pub(super) next_node: u32,
    pub(super) next_relationship: u32,
    pub(super) next_claim: u32,
    pub(super) n_claims: usize,
    pub(super) statistics: Statistics,
    pub(super) timings: Vec<(Symbol, Timing)>,
    /// Of nodes' keys, relationships' keys and nodes' ids: bits and entries.
    pub(super) keys: [(u32, usize); 3],
    /// How large adjacency is each way.
    pub(super) adjacency: [SideShape; 2],
    /// How many relationships of a type lead from a node to itself.
    pub(super) loops: Vec<(NodeId, Symbol, u32)>,
    pub(super) n_about_pages: usize,
    pub(super) indexes: Vec<IndexDefinition>,
    /// Which of them lie in which slot of the blocks of property indexes, and the slot of the
    /// next one.
    pub(super) index_slots: (Vec<(String, u32)>, u32),
    /// The index of names, where it is stored.
    pub(super) name_index: Option<Shape>,
    /// Pages that no block holds, since they lie in the record.
    pub(super) recorded: Vec<Recorded>,
}

impl Meta {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        to_bytes(self)
    }
}

impl Graph {
    /// Opens a graph whose pages are read when they are touched.
    ///
    /// # Errors
    /// `Corrupt` where block 0 of `Meta` does not verify or does not decode. What is wrong
    /// with other blocks comes out later: see [`Graph::damage`].
    pub fn open(source: Arc<dyn BlockSource>) -> Result<Self> {
        let Some(bytes) = source.read_block(Column::Meta, META)? else { return Ok(Self::new()) };
        let meta: Meta = postcard::from_bytes(&bytes).map_err(|error| {
            Error::corrupt(format!("what the index says of the case does not decode: {error}"))
        })?;
        let mut names = Names::default();
        for name in &meta.names {
            names.intern(name);
        }
        let recorded = AllRecorded::new(meta.recorded);
        let loader = Arc::new(Loader::new(Some(source), Held::default(), recorded.clone(), names.clone()));
        let keys = |column, at: usize| {
            let (bits, n_entries) = meta.keys[at];
            KeyIndex::stored(column, bits.min(24), n_entries, loader.clone())
        };
        let loops = meta.loops.iter().map(|&(node, kind, count)| ((node, kind), count));
        let (n_nodes, n_relationships) = (meta.next_node as usize, meta.next_relationship as usize);
        let mut graph = Self {
            nodes: Elements::stored(Column::Nodes, n_nodes, loader.clone()),
            relationships: Elements::stored(Column::Relationships, n_relationships, loader.clone()),
            claims: Elements::stored(Column::Claims, meta.next_claim as usize, loader.clone()),
            adjacency: Adjacency::stored(n_nodes, meta.adjacency, loops.collect(), &loader),
            by_key: keys(Column::NodeKeys, 0),
            relationship_by_key: keys(Column::RelationshipKeys, 1),
            by_id_property: keys(Column::NodeIds, 2),
            by_label: Labels::stored(names.len(), loader.clone()),
            claims_about: ClaimsAbout::stored(meta.n_about_pages, loader.clone()),
            n_claims: meta.n_claims,
            statistics: meta.statistics,
            timings: meta.timings.into_iter().collect(),
            schema: meta.schema,
            names,
            recorded,
            names_kept: NamesKept::open(meta.name_index, &loader),
            loader: Some(loader.clone()),
            ..Self::new()
        };
        let (slots, next_slot) = meta.index_slots;
        graph.indexes.skip_slots(next_slot);
        for definition in &meta.indexes {
            match slots.iter().find(|(name, _)| *name == definition.name) {
                Some(&(_, slot)) => graph.open_index(definition, slot, &loader),
                None => graph.create_index(definition),
            }
        }
        Ok(graph)
    }

    /// The first block of the index that could not be read. What was asked since opening
    /// may lack what it holds, so that no answer counts.
    #[must_use]
    pub fn damage(&self) -> Option<Error> {
        self.loader.as_ref().and_then(|loader| loader.damage()).cloned()
    }

    /// About how many bytes of memory the pages take that were read from the index.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        self.loader.as_ref().map_or(0, |loader| loader.bytes())
    }

    /// Gives back all pages that can be read again from the index.
    pub fn unload(&mut self) {
        let Some(loader) = &self.loader else { return };
        loader.forget_bytes();
        self.tables_mut().for_each(Pages::unload);
    }

    fn tables(&self) -> impl Iterator<Item = &dyn Pages> {
        let tables: [&dyn Pages; 8] = [
            &self.nodes.table,
            &self.relationships.table,
            &self.claims.table,
            self.by_key.table(),
            self.relationship_by_key.table(),
            self.by_id_property.table(),
            self.by_label.table(),
            self.claims_about.table(),
        ];
        tables
            .into_iter()
            .chain(self.adjacency.tables())
            .chain(self.indexes.tables())
            .chain(self.names_kept.tables())
    }

    fn tables_mut(&mut self) -> impl Iterator<Item = &mut dyn Pages> {
        let tables: [&mut dyn Pages; 8] = [
            &mut self.nodes.table,
            &mut self.relationships.table,
            &mut self.claims.table,
            self.by_key.table_mut(),
            self.relationship_by_key.table_mut(),
            self.by_id_property.table_mut(),
            self.by_label.table_mut(),
            self.claims_about.table_mut(),
        ];
        tables
            .into_iter()
            .chain(self.adjacency.tables_mut())
            .chain(self.indexes.tables_mut())
            .chain(self.names_kept.tables_mut())
    }

    /// Merges what changed into the pages, so that [`Graph::changed_blocks`] can give them.
    /// Only between commits, as [`Graph::settle`].
    ///
    /// # Complexity
    /// O(P) for the entries of the pages that changed.
    pub fn prepare_checkpoint(&mut self) {
        self.merge_adjacency();
        self.claims_about.merge();
        self.merge_keys();
    }

    /// Merges the keys that changed into their buckets.
    pub(super) fn merge_keys(&mut self) {
        let mut by_key = std::mem::replace(&mut self.by_key, KeyIndex::new(Column::NodeKeys));
        by_key.merge(|text, id| self.has_key(NodeId(id), text));
        self.by_key = by_key;
        let mut by_key =
            std::mem::replace(&mut self.relationship_by_key, KeyIndex::new(Column::RelationshipKeys));
        by_key.merge(|text, id| {
            self.relationship(RelationshipId(id)).is_some_and(|found| found.key.as_deref() == Some(text))
        });
        self.relationship_by_key = by_key;
        let mut by_id = std::mem::replace(&mut self.by_id_property, KeyIndex::new(Column::NodeIds));
        by_id.merge(|text, id| self.has_other_id(NodeId(id), text));
        self.by_id_property = by_id;
    }

    /// Notes where pages lie in the record that were added since the last checkpoint: they
    /// need no blocks.
    pub fn note_recorded(&mut self, runs: Vec<Recorded>) {
        self.recorded.extend(runs);
    }

    /// Takes blocks of pages that the tables have already, to be written with the next
    /// checkpoint.
    pub(super) fn hold(&mut self, held: Held) {
        let names = self.names.clone();
        self.read_with(match &self.loader {
            Some(loader) => loader.holding(held, names),
            None => Loader::new(None, held, AllRecorded::default(), names),
        });
    }

    fn read_with(&mut self, loader: Loader) {
        let loader = Arc::new(loader);
        self.tables_mut().for_each(|table| table.set_loader(loader.clone()));
        self.indexes.set_loader(&loader);
        self.loader = Some(loader);
    }

    /// The blocks that differ from what the index holds, with their new bytes; `None` where nothing is left of a block.
    pub fn changed_blocks(&self) -> impl Iterator<Item = Result<(Column, u32, Option<Vec<u8>>)>> + '_ {
        let blocks = self.changed().into_iter();
        blocks.map(|(column, number)| {
            let held = self.held().and_then(|held| held.get(&(column, number)));
            let is_dirty = match column {
                Column::Nodes => self.nodes.table.is_dirty(number),
                Column::Relationships => self.relationships.table.is_dirty(number),
                _ => false,
            };
            let bytes = match held.filter(|_| !is_dirty) {
                Some(bytes) => Some(bytes.to_vec()),
                None => self.block(column, number)?,
            };
            // Without a block, the page in the record would count again.
            let is_recorded = || self.recorded.find(column, number).is_some();
            let bytes = if bytes.is_none() && is_recorded() { Some(empty_page(column)?) } else { bytes };
            Ok((column, number, bytes))
        })
    }

    fn changed(&self) -> BTreeSet<(Column, u32)> {
        let of = |table: &'_ dyn Pages| -> Vec<(Column, u32)> {
            table.dirty().iter().map(|number| (table.column(), table.first_block() + number)).collect()
        };
        let mut changed: BTreeSet<_> = self.tables().flat_map(of).collect();
        let held = self.held().into_iter().flat_map(|held| held.keys().copied());
        changed.extend(held.filter(|(column, number)| self.recorded.find(*column, *number).is_none()));
        changed
            .extend(self.indexes.changed_blocks().into_iter().map(|block| (Column::PropertyIndexes, block)));
        changed.extend(self.names_kept.discarded().iter().map(|block| (Column::Names, *block)));
        changed.insert((Column::Meta, META));
        changed
    }

    fn held(&self) -> Option<&Held> {
        self.loader.as_ref().map(|loader| loader.held())
    }

    /// How many blocks differ from what the index holds.
    #[must_use]
    pub fn changed_block_count(&self) -> usize {
        let dirty: u64 = self.tables().map(|table| table.dirty().len()).sum();
        dirty as usize + self.held().map_or(0, FxHashMap::len)
    }

    /// Whether a large index was built that no checkpoint has stored: the next one who opens the case
    /// would build it again.
    #[must_use]
    pub fn has_built_an_index(&self) -> bool {
        self.indexes.are_worth_storing(BUILT_LEN_MIN) || self.names_kept.is_worth_storing(BUILT_LEN_MIN)
    }

    /// What a checkpoint is to write, as a copy that shares its pages with the graph; changes
    /// from now on belong to the next one. [`Graph::prepare_checkpoint`] comes before,
    /// [`Graph::arrive`] after it.
    ///
    /// # Complexity
    /// O(P) for all pages, of which only references are copied.
    pub fn depart(&mut self) -> Self {
        let copy = Self {
            names: self.names.clone(),
            schema: self.schema.clone(),
            nodes: self.nodes.clone(),
            relationships: self.relationships.clone(),
            claims: self.claims.clone(),
            n_claims: self.n_claims,
            statistics: self.statistics.clone(),
            adjacency: self.adjacency.clone(),
            timings: self.timings.clone(),
            by_key: self.by_key.clone(),
            relationship_by_key: self.relationship_by_key.clone(),
            by_id_property: self.by_id_property.clone(),
            by_label: self.by_label.clone(),
            indexes: self.indexes.clone(),
            names_kept: self.names_kept.clone(),
            claims_about: self.claims_about.clone(),
            recorded: self.recorded.clone(),
            loader: self.loader.clone(),
            ..Self::new()
        };
        self.tables_mut().for_each(Pages::depart);
        self.indexes.depart();
        self.names_kept.depart();
        copy
    }

    /// Notes that the blocks which `departed` had to write are in `source`, so that what is
    /// given back from now on can be read from there; or, without it, that they never will be.
    pub fn arrive(&mut self, departed: &Self, source: Option<Arc<dyn BlockSource>>) {
        self.tables_mut().for_each(|table| table.arrive(source.is_some()));
        self.names_kept.arrive(source.is_some());
        let Some(source) = source else {
            self.indexes.arrive(None);
            return;
        };
        let none = Held::default();
        let written = departed.held().unwrap_or(&none);
        let held = self.held().unwrap_or(&none).iter();
        let held = held.filter(|(place, _)| !written.contains_key(place));
        let held: Held = held.map(|(place, bytes)| (*place, bytes.clone())).collect();
        let (recorded, names) = (self.recorded.clone(), self.names.clone());
        self.read_with(match &self.loader {
            Some(loader) => loader.arrived(source, held, recorded, names),
            None => Loader::new(Some(source), held, recorded, names),
        });
        self.indexes.arrive(self.loader.as_ref());
    }

    /// Whether two graphs hold the same elements and claims under the same ids, the
    /// same declarations and the same indexes. What is compared is what would be
    /// stored, so that NaN is the same as NaN.
    ///
    /// # Complexity
    /// O(V + E + C) for nodes, relationships and claims, all of which are encoded.
    #[must_use]
    pub fn same_elements(&self, other: &Self) -> bool {
        let same = |column: Column, bound: fn(&Self) -> usize| {
            let n_blocks = bound(self).max(bound(other)).div_ceil(PAGE_IDS);
            let mut numbers = (0_u32..).take(n_blocks);
            numbers.all(|number| match (self.block(column, number), other.block(column, number)) {
                (Ok(block), Ok(other)) => block == other,
                _ => false,
            })
        };
        same(Column::Nodes, Self::node_bound)
            && same(Column::Relationships, Self::relationship_bound)
            && same(Column::Claims, Self::claim_bound)
            && self.schema == other.schema
            && self.index_definitions() == other.index_definitions()
    }

    pub(super) fn block(&self, column: Column, number: u32) -> Result<Option<Vec<u8>>> {
        let first = number.saturating_mul(PAGE_IDS as u32);
        // Up to the last element that is there.
        let ids = |bound: usize, is_there: &dyn Fn(u32) -> bool| {
            let end = first.saturating_add(PAGE_IDS as u32).min(bound as u32);
            let last = (first..end).rev().find(|id| is_there(*id));
            first..last.map_or(first, |last| last + 1)
        };
        Ok(match column {
            Column::Nodes => {
                let mut columns = NodeColumns::default();
                let ids = ids(self.node_bound(), &|id| self.node(NodeId(id)).is_some());
                ids.for_each(|id| columns.push(self.node_data(NodeId(id)).as_ref()));
                if columns.label_sets.is_empty() { None } else { Some(columns.encode()?) }
            }
            Column::Relationships => {
                let mut columns = RelationshipColumns::default();
                let is_there = |id: u32| self.relationship(RelationshipId(id)).is_some();
                let ids = ids(self.relationship_bound(), &is_there);
                ids.for_each(|id| columns.push(self.relationship_data(RelationshipId(id)).as_ref()));
                if columns.types.is_empty() { None } else { Some(columns.encode()?) }
            }
            Column::Claims => {
                let ids = ids(self.claim_bound(), &|id| self.claim(ClaimId(id)).is_some());
                let claims: Vec<Option<&Claim>> = ids.map(|id| self.claim(ClaimId(id))).collect();
                if claims.is_empty() { None } else { Some(to_bytes(&claims)?) }
            }
            Column::Outgoing => self.adjacency.side(true).encode(number, &self.names),
            Column::Incoming => self.adjacency.side(false).encode(number, &self.names),
            Column::NodeKeys => self.by_key.encode(number),
            Column::RelationshipKeys => self.relationship_by_key.encode(number),
            Column::NodeIds => self.by_id_property.encode(number),
            Column::Labels => self.by_label.encode(number),
            Column::ClaimsAbout => self.claims_about.encode(number),
            Column::PropertyIndexes => self.indexes.encode(number)?,
            Column::Names => self.names_kept.encode(number)?,
            Column::Meta => Some(self.meta().to_bytes()?),
        })
    }

    fn meta(&self) -> Meta {
        let mut timings: Vec<_> = self.timings.iter().map(|(&kind, &timing)| (kind, timing)).collect();
        timings.sort_unstable_by_key(|(kind, _)| *kind);
        Meta {
            names: self.names.iter().map(str::to_owned).collect(),
            schema: self.schema.clone(),
            next_node: self.next_node().0,
            next_relationship: self.next_relationship().0,
            next_claim: self.next_claim().0,
            n_claims: self.n_claims,
            statistics: self.statistics.clone(),
            timings,
            keys: [self.by_key.shape(), self.relationship_by_key.shape(), self.by_id_property.shape()],
            adjacency: self.adjacency.shapes(),
            loops: self.adjacency.loops(),
            n_about_pages: self.claims_about.len(),
            indexes: self.index_definitions(),
            index_slots: self.indexes.slots(),
            name_index: self.names_kept.shape(),
            recorded: self.recorded.runs().to_vec(),
        }
    }
}

pub(super) fn empty_page(column: Column) -> Result<Vec<u8>> {
    match column {
        Column::Nodes => NodeColumns::default().encode(),
        _ => RelationshipColumns::default().encode(),
    }
}

fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|error| Error::invalid(format!("a block cannot be encoded: {error}")))
}

/// Properties of a page's elements, each element's in the order of their symbols.
fn properties<'a>(
    columns: impl Iterator<Item = (&'a String, &'a Values)>,
    len: usize,
    names: &Names,
) -> Result<Vec<Vec<(Symbol, Value)>>> {
    let symbol = |name: &str| names.get(name).ok_or_else(|| damaged("the name of a property is unknown"));
    let mut columns: Vec<(Symbol, &Values)> =
        columns.map(|(name, values)| Ok((symbol(name)?, values))).collect::<Result<_>>()?;
    columns.sort_unstable_by_key(|(symbol, _)| *symbol);
    let mut properties: Vec<Vec<(Symbol, Value)>> =
        (0..len).map(|_| Vec::with_capacity(columns.len())).collect();
    for (symbol, values) in columns {
        for (value, properties) in values.iter().zip(&mut properties) {
            properties.extend(value.map(|value| (symbol, value)));
        }
    }
    Ok(properties)
}

impl Page for Vec<Option<Node>> {
    const GROWTH: usize = 12;

    fn decode(_: u32, bytes: &[u8], names: &Names) -> Result<Self> {
        let columns = NodeColumns::decode(bytes)?;
        let symbol = |label: &String| names.get(label).ok_or_else(|| damaged("a label is unknown"));
        let sets: Vec<Vec<Symbol>> = (columns.label_sets.iter())
            .map(|labels| labels.iter().map(symbol).collect::<Result<_>>())
            .collect::<Result<_>>()?;
        let properties = properties(columns.properties.iter(), columns.len(), names)?;
        let nodes = properties.into_iter().enumerate().map(|(at, properties)| {
            let labels = sets.get(columns.sets[at] as usize)?.clone();
            Some(Node { key: columns.keys.text(at).map(Into::into), labels, properties })
        });
        Ok(nodes.collect())
    }
}

impl Page for Vec<Option<Relationship>> {
    const GROWTH: usize = 20;

    fn decode(_: u32, bytes: &[u8], names: &Names) -> Result<Self> {
        let columns = RelationshipColumns::decode(bytes)?;
        let symbol = |kind: &String| names.get(kind).ok_or_else(|| damaged("a type is unknown"));
        let kinds: Vec<Symbol> = columns.types.iter().map(symbol).collect::<Result<_>>()?;
        let properties = properties(columns.properties.iter(), columns.len(), names)?;
        let (from, to) = (columns.properties.get("from"), columns.properties.get("to"));
        let is_dated = from.is_some() || to.is_some();
        let mut page = Self::with_capacity(columns.len());
        for (at, properties) in properties.into_iter().enumerate() {
            let Some(&kind) = kinds.get(columns.kinds[at] as usize) else {
                page.push(None);
                continue;
            };
            let side = |values: Option<&Values>| values.and_then(|values| values.get(at));
            let period = match is_dated {
                true => Period::read(side(from).as_ref(), side(to).as_ref())?,
                false => Period::read(None, None)?,
            };
            page.push(Some(Relationship {
                key: columns.keys.text(at).map(Into::into),
                kind,
                start: NodeId(columns.starts[at]),
                end: NodeId(columns.ends[at]),
                period,
                properties,
            }));
        }
        Ok(page)
    }
}

impl Page for Vec<Option<Claim>> {
    const GROWTH: usize = 6;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        postcard::from_bytes(bytes).map_err(|error| damaged(&format!("claims cannot be read: {error}")))
    }
}

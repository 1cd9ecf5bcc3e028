//! Large files of plain rows, read in parallel into columns.
//!
//! A row of an ordinary import may lean on any other: a node's row may name a source that
//! another row makes, an update changes what is there. Where no row of a node does, files
//! are cut into pieces at the ends of lines, each piece becomes columns, and the pieces
//! are put together in their order. Files of claims are left for later: they are read row
//! by row once the rest is in the graph. What a row means, and what is wrong with it, is
//! decided by the same code as everywhere else.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashTable;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::draft::{check_given, check_new, keys_of_nodes};
use super::header::{Holds, Special};
use super::keys::Hints;
use super::nodes::read_plain;
use super::relationships::{check, read_end, read_kind};
use super::row_claim::RowClaim;
use super::table::{Bad, Piece, Place, Row, Table};
use super::{BAD_MAX, Import, Input, Options};
use crate::columns::{NodeColumns, RelationshipColumns};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model::{About, Claim, NodeData, NodeId, RelationshipData, RelationshipId};

/// Files that are smaller together are read row by row.
const BYTES_MIN: usize = 4 << 20;

/// How many bytes are read at a time.
const PIECE_BYTES: usize = 2 << 20;

/// What a large import adds; its rows are in the order of the files.
#[derive(Debug, Clone, Default)]
pub struct Bulk {
    /// The nodes, whose ids are counted on from `first_node`.
    pub nodes: NodeColumns,
    /// The id of the first node.
    pub first_node: u32,
    /// The relationships.
    pub relationships: RelationshipColumns,
    /// The claims of rows of relationships, each about the relationship whose place among
    /// the others stands for its id.
    pub claims: Vec<Claim>,
    /// Counts and bad rows; no effects.
    pub import: Import,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is done, for people.
    pub what: &'static str,
    /// How much is done.
    pub done: usize,
    /// How much there is to do.
    pub total: usize,
}

/// Who watches an import. `false` ends it.
pub type Watch<'a> = &'a (dyn Fn(Progress) -> bool + Sync);

/// Reads files into columns; `None` where they are small, or rows lean on other rows.
///
/// # Errors
/// `Interrupted` where `watch` says so. Errors of the files are in [`Bulk::import`].
///
/// # Complexity
/// O(B) for B bytes of input, on all cores.
pub fn read_bulk(
    graph: &Graph,
    inputs: &[Input],
    options: &Options,
    watch: Watch<'_>,
) -> Result<Option<Bulk>> {
    let n_bytes: usize = inputs.iter().map(|input| input.bytes.len()).sum();
    let is_plain = !options.update && options.source.is_none() && options.grade.is_none();
    if n_bytes < options.bulk_bytes_min.unwrap_or(BYTES_MIN) || !is_plain {
        return Ok(None);
    }
    let tables = inputs.iter().enumerate().map(|(n_input, input)| Table::open(n_input, input, options));
    let Ok(tables) = tables.collect::<Result<Vec<Table<'_>>>>() else { return Ok(None) };
    if !tables.iter().all(stands_alone) {
        return Ok(None);
    }
    let reader = Reader { graph, options, watch, total: n_bytes, done: AtomicUsize::new(0) };
    let of = |holds| tables.iter().filter(move |table| table.header.holds == holds);
    let mut bad = Bad::new(options);
    let first_node = graph.append_ids().0.0;
    let (nodes, keys) = reader.nodes(inputs, of(Holds::Nodes), &mut bad)?;
    let ends = Ends { graph, inputs, nodes: &nodes, first_node, keys };
    let (relationships, claims) = reader.relationships(&ends, of(Holds::Relationships), &mut bad)?;
    let mut import = Import {
        nodes: nodes.len(),
        relationships: relationships.len(),
        claims: claims.len(),
        ..Import::default()
    };
    (import.bad, import.bad_more) = bad.finish();
    Ok(Some(Bulk { nodes, first_node, relationships, claims, import }))
}

/// Whether no row of a table leans on another row of nodes.
fn stands_alone(table: &Table<'_>) -> bool {
    let makes_claims = [Special::Source, Special::Grade, Special::Stance]
        .iter()
        .any(|column| table.header.index(*column).is_some());
    table.header.holds != Holds::Nodes || !makes_claims
}

/// Whether the files hold claims, which [`read_bulk`] leaves for later.
///
/// # Errors
/// As [`Table::open`].
pub(super) fn holds_claims(n_input: usize, input: &Input, options: &Options) -> Result<bool> {
    Table::open(n_input, input, options).map(|table| table.header.holds == Holds::Claims)
}

struct Reader<'a> {
    graph: &'a Graph,
    options: &'a Options,
    watch: Watch<'a>,
    /// Bytes of all files, and how many are read.
    total: usize,
    done: AtomicUsize,
}

/// The nodes of an import by their keys.
#[derive(Default)]
struct Keys {
    /// Places of nodes, by the hashes of their keys.
    places: HashTable<u32>,
    /// Where the rows of nodes are that were left out.
    fallen: FxHashMap<String, Place>,
}

/// What a piece of a file of relationships gives.
#[derive(Default)]
struct RelationshipPiece {
    columns: RelationshipColumns,
    /// Of rows with a key: their place and line.
    keyed: Vec<(u32, u64)>,
    /// Of rows with a claim: about the relationship at their place.
    claims: Vec<(u32, Claim)>,
}

/// What a piece of a file of nodes gives.
#[derive(Default)]
struct NodePiece {
    columns: NodeColumns,
    /// The line of each.
    lines: Vec<u64>,
    fallen: Vec<(String, Place)>,
}

impl Reader<'_> {
    /// Reads pieces at the same time; gives what they give in their order.
    fn each<'t, T: Send>(
        &self,
        tables: impl Iterator<Item = &'t Table<'t>>,
        read: impl Fn(&'t Table<'t>, &Piece<'t>) -> T + Sync,
    ) -> Result<Vec<(&'t Table<'t>, T)>> {
        let pieces = tables.flat_map(|table| {
            let pieces = table.pieces(PIECE_BYTES).into_iter();
            pieces.map(move |piece| (table, piece))
        });
        let pieces: Vec<_> = pieces.collect();
        let read = pieces.par_iter().map(|(table, piece)| {
            let result = read(table, piece);
            let done = self.done.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
            match (self.watch)(Progress { what: "read", done, total: self.total }) {
                true => Ok((*table, result)),
                false => Err(Error::interrupted("the import was interrupted; nothing was imported")),
            }
        });
        read.collect()
    }

    /// Reads the files of nodes.
    fn nodes<'t>(
        &self,
        inputs: &[Input],
        tables: impl Iterator<Item = &'t Table<'t>>,
        bad: &mut Bad,
    ) -> Result<(NodeColumns, Keys)> {
        let pieces = self.each(tables, |table, piece| {
            let (mut read, mut bad) = (NodePiece::default(), Bad::new(self.options));
            table.for_each_in(piece, &mut bad, |row| self.node(row, &mut read));
            (read, bad)
        })?;
        let mut nodes = NodeColumns::default();
        let mut places: Vec<Place> = Vec::new();
        let mut keys = Keys::default();
        for (table, (piece, more)) in pieces {
            let n_input = table.n_input();
            nodes.append(&piece.columns);
            places.extend(piece.lines.into_iter().map(|line| Place { n_input, line }));
            bad.append(more);
            keys.fallen.extend(piece.fallen);
        }
        let mut kept = Vec::with_capacity(nodes.len());
        let hash_of = |at: u32| hash(nodes.keys.text(at as usize).unwrap_or_default());
        for (at, place) in (0_u32..).zip(&places) {
            let key = nodes.keys.text(at as usize).unwrap_or_default();
            let same = |other: &u32| nodes.keys.text(*other as usize) == Some(key);
            match keys.places.find(hash(key), same) {
                Some(&first) => {
                    let first = places[first as usize];
                    bad.push(place.n_input, taken(inputs, *place, first, key));
                }
                None => {
                    keys.places.insert_unique(hash(key), at, |other| hash_of(*other));
                    kept.push(at);
                }
            }
        }
        if kept.len() < nodes.len() {
            // A row that was left out moves those after it.
            nodes = nodes.gather(&kept);
            let hash_of = |at: u32| hash(nodes.keys.text(at as usize).unwrap_or_default());
            keys.places = HashTable::new();
            for at in 0..nodes.len() as u32 {
                keys.places.insert_unique(hash_of(at), at, |other| hash_of(*other));
            }
        }
        Ok((nodes, keys))
    }

    fn node(&self, row: &Row<'_>, read: &mut NodePiece) -> Result<()> {
        let plain = read_plain(self.graph, self.options, row);
        let plain = plain.and_then(|plain| check_given(row, &plain.key).map(|()| plain));
        let plain = plain.inspect_err(|_| {
            if let Ok(Some(key)) = row.key(Special::Id)
                && read.fallen.len() < BAD_MAX
            {
                read.fallen.push((key.into_owned(), row.place()));
            }
        })?;
        let labels = plain.labels.unwrap_or_default();
        read.columns.push(Some(&NodeData { key: Some(plain.key), labels, properties: plain.properties }));
        read.lines.push(row.place().line);
        Ok(())
    }

    /// Reads the files of relationships.
    fn relationships<'t>(
        &self,
        ends: &Ends<'_>,
        tables: impl Iterator<Item = &'t Table<'t>>,
        bad: &mut Bad,
    ) -> Result<(RelationshipColumns, Vec<Claim>)> {
        let pieces = self.each(tables, |table, piece| {
            let (mut read, mut bad) = (RelationshipPiece::default(), Bad::new(self.options));
            let hints = Hints::new();
            table.for_each_in(piece, &mut bad, |row| self.relationship(ends, row, &hints, &mut read));
            (read, bad)
        })?;
        let mut all = RelationshipColumns::default();
        let mut keyed: Vec<(u32, Place)> = Vec::new();
        let mut claims: Vec<(u32, Claim)> = Vec::new();
        for (table, (piece, more)) in pieces {
            let (before, n_input) = (all.len() as u32, table.n_input());
            all.append(&piece.columns);
            bad.append(more);
            keyed.extend(piece.keyed.into_iter().map(|(at, line)| (before + at, Place { n_input, line })));
            claims.extend(piece.claims.into_iter().map(|(at, claim)| (before + at, claim)));
        }
        let doubles = doubles(ends.inputs, &all, &keyed, bad);
        if !doubles.is_empty() {
            let kept: Vec<u32> = (0..all.len() as u32).filter(|at| !doubles.contains(at)).collect();
            claims.retain(|(at, _)| !doubles.contains(at));
            for (at, _) in &mut claims {
                *at = kept.partition_point(|place| place < at) as u32;
            }
            all = all.gather(&kept);
        }
        let about = |(at, claim)| Claim { about: About::Relationship(RelationshipId(at)), ..claim };
        Ok((all, claims.into_iter().map(about).collect()))
    }

    fn relationship(
        &self,
        ends: &Ends<'_>,
        row: &Row<'_>,
        hints: &Hints,
        read: &mut RelationshipPiece,
    ) -> Result<()> {
        let key = row.key(Special::Id)?;
        if let Some(key) = &key {
            check_new(row, key, self.graph.relationship_by_key(key).is_some(), self.options)?;
            check_given(row, key)?;
        }
        let node = |special, key: &str| ends.node(row, special, key, hints);
        let (start, end) = (read_end(row, Special::Start, node)?, read_end(row, Special::End, node)?);
        let kind = read_kind(row, self.options.kind.as_deref())?;
        let mut properties = row.properties()?;
        let claim = RowClaim::read(row, self.options, &mut properties)?;
        let source = match claim.as_ref().and_then(|claim| claim.source.as_deref()) {
            Some(key) => Some(ends.source(row, key)?),
            None => None,
        };
        check(self.graph, row, &properties)?;
        let at = read.columns.len() as u32;
        read.keyed.extend(key.as_ref().map(|_| (at, row.place().line)));
        read.claims.extend(claim.map(|claim| {
            let about = About::Relationship(RelationshipId(at));
            (at, claim.claim(about, source, self.options.recorded_micros))
        }));
        let key = key.map(Cow::into_owned);
        read.columns.push(Some(&RelationshipData { key, kind, start, end, properties }));
        Ok(())
    }
}

/// The places of relationships whose key another one before them has.
fn doubles(
    inputs: &[Input],
    all: &RelationshipColumns,
    keyed: &[(u32, Place)],
    bad: &mut Bad,
) -> FxHashSet<u32> {
    let mut first: FxHashMap<&str, Place> = FxHashMap::default();
    let mut doubles = FxHashSet::default();
    for &(at, place) in keyed {
        let Some(key) = all.keys.text(at as usize) else { continue };
        match first.entry(key) {
            Entry::Vacant(vacant) => drop(vacant.insert(place)),
            Entry::Occupied(other) => {
                bad.push(place.n_input, taken(inputs, place, *other.get(), key));
                doubles.insert(at);
            }
        }
    }
    doubles
}

/// What the ends of relationships may be.
struct Ends<'a> {
    graph: &'a Graph,
    inputs: &'a [Input],
    nodes: &'a NodeColumns,
    first_node: u32,
    keys: Keys,
}

impl Ends<'_> {
    /// The source with a key.
    fn source(&self, row: &Row<'_>, key: &str) -> Result<NodeId> {
        let is_meant = |at: &u32| self.nodes.keys.text(*at as usize) == Some(key);
        let is_source = |at: u32| {
            let labels = self.nodes.label_sets.get(self.nodes.sets[at as usize] as usize);
            labels.is_some_and(|labels| labels.iter().any(|label| label == "Source"))
        };
        let new = self.keys.places.find(hash(key), is_meant);
        let found = match new {
            Some(&at) => Some((NodeId(self.first_node + at), is_source(at))),
            None => self.graph.node_by_key(key).map(|id| (id, self.graph.is_source(id))),
        };
        match found {
            Some((id, true)) => Ok(id),
            Some(_) => Err(row
                .refuse(Special::Source, format!("the node '{key}' is not a source"))
                .hint("sources are nodes with the label Source".to_owned())),
            None => Err(row.refuse(Special::Source, format!("there is no source '{key}'"))),
        }
    }

    fn node(&self, row: &Row<'_>, special: Special, key: &str, hints: &Hints) -> Result<NodeId> {
        let is_meant = |at: &u32| self.nodes.keys.text(*at as usize) == Some(key);
        let new = self.keys.places.find(hash(key), is_meant).map(|at| NodeId(self.first_node + at));
        new.or_else(|| self.graph.node_by_key(key)).ok_or_else(|| {
            let hint = match self.keys.fallen.get(key) {
                Some(&Place { n_input, line }) => {
                    Some(format!("its row, {}:{line}, is bad", self.inputs[n_input].name.display()))
                }
                None => {
                    let new = (0..self.nodes.len()).filter_map(|at| self.nodes.keys.text(at));
                    hints.nearest(key, new.chain(keys_of_nodes(self.graph)))
                }
            };
            row.refuse(special, format!("there is no node '{key}'")).hint(hint)
        })
    }
}

fn taken(inputs: &[Input], place: Place, first: Place, key: &str) -> Error {
    let [file, other] = [place, first].map(|place| inputs[place.n_input].name.as_path());
    let message = format!("the key '{key}' is taken by {}:{}", other.display(), first.line);
    Error::input(file, place.line, Some(Special::Id.as_str()), message)
}

fn hash(key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

//! Large files of plain rows, read in parallel into pages.
//!
//! A row of an ordinary import may lean on any other: a node's row may name a source that
//! another row makes, an update changes what is there. Where no row of a node does, files
//! are cut into pieces of whole lines, and a wave of pieces at a time becomes columns on all
//! cores. What a wave gives is put into pages, or parted and kept as bytes, before the next
//! one is read, so that a file may be larger than the memory. Files of claims are left for
//! later: they are read row by row once the rest is in the graph. What a row means, and what
//! is wrong with it, is decided by the same code as everywhere else.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::content::{Cutter, Piece};
use super::draft::{check_given, check_new, keys_of_nodes};
use super::header::{Holds, Special};
use super::keys::Hints;
use super::new_keys::NewKeys;
use super::nodes::read_plain;
use super::relationships::{check, read_end, read_kind};
use super::row_claim::RowClaim;
use super::table::{Bad, Place, Row, Table};
use super::{BAD_MAX, Import, Input, Options};
use crate::columns::{ABSENT, NodeColumns, RelationshipColumns};
use crate::error::{Error, Result};
use crate::graph::{Graph, NodePager, PageBytes, RelationshipSorter, Sorted};
use crate::model::{About, Claim, NodeData, NodeId, RelationshipData, RelationshipId};

/// Files that are smaller together are read row by row.
const BYTES_MIN: u64 = 4 << 20;

/// How many bytes are read at a time.
const PIECE_BYTES: usize = 2 << 20;

/// How many pieces a wave has for each core.
const PIECES_PER_CORE: usize = 8;

/// About how many pieces of files become one part of the relationships that are sorted.
const PIECES_PER_PART: u64 = 64;

/// No more parts than these, since each piece of a file is spread over all of them.
const PARTS_MAX: u64 = 64;

/// What a large import adds.
#[derive(Debug, Default)]
pub struct Bulk {
    /// The pages of nodes, in the order of the files.
    pub nodes: Vec<PageBytes>,
    /// The id of the first node.
    pub first_node: NodeId,
    /// The pages of relationships, sorted by where they start, by type and by time.
    pub relationships: Vec<PageBytes>,
    /// The id of the first relationship.
    pub first_relationship: RelationshipId,
    /// The claims of rows of relationships, in the order of what they are about.
    pub claims: Vec<KeptClaim>,
    /// Counts and bad rows; no effects.
    pub import: Import,
}

/// A claim about a relationship as bytes, of which it takes a tenth of the memory.
#[derive(Debug, Clone)]
pub struct KeptClaim {
    about: RelationshipId,
    bytes: Box<[u8]>,
}

impl KeptClaim {
    fn new(claim: &Claim) -> Result<Self> {
        let bytes = postcard::to_stdvec(claim)
            .map_err(|error| Error::invalid(format!("a claim cannot be kept: {error}")))?;
        Ok(Self { about: RelationshipId::default(), bytes: bytes.into() })
    }

    /// The claim.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are none, which would be a fault of the program.
    pub fn claim(&self) -> Result<Claim> {
        let claim: Claim = postcard::from_bytes(&self.bytes)
            .map_err(|error| Error::corrupt(format!("a claim was kept badly: {error}")))?;
        Ok(Claim { about: About::Relationship(self.about), ..claim })
    }
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

/// Tells how far an import is.
///
/// # Errors
/// `Interrupted` where whoever watches ends it.
pub fn tell(watch: Watch<'_>, what: &'static str, done: usize, total: usize) -> Result<()> {
    match watch(Progress { what, done, total }) {
        true => Ok(()),
        false => Err(Error::interrupted("the import was interrupted; nothing was imported")),
    }
}

/// Reads files into pages; `None` where they are small, or rows lean on other rows.
///
/// # Errors
/// `Interrupted` where `watch` says so; `Io` where a file cannot be read. Errors of what is in the
/// files are in [`Bulk::import`].
///
/// # Complexity
/// O(B) for B bytes of input, and O(E log D) to sort E relationships, on all cores. Memory for
/// the pages, the keys of nodes, and the relationships as bytes.
pub fn read_bulk(
    graph: &Graph,
    inputs: &[Input],
    options: &Options,
    watch: Watch<'_>,
) -> Result<Option<Bulk>> {
    let n_bytes: u64 = inputs.iter().map(|input| input.content.len()).sum();
    let is_plain = !options.update && options.source.is_none() && options.grade.is_none();
    if n_bytes < options.bulk_bytes_min.map_or(BYTES_MIN, |min| min as u64) || !is_plain {
        return Ok(None);
    }
    let heads: Vec<Cow<'_, [u8]>> = inputs.iter().map(|input| input.content.head()).collect::<Result<_>>()?;
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for (n_input, (input, head)) in inputs.iter().zip(&heads).enumerate() {
        match Table::open(n_input, &input.name, head, options) {
            Ok(table) => files.push(File { table, input, head }),
            Err(error) => unreadable.push((n_input, error)),
        }
    }
    if !files.iter().all(|file| stands_alone(&file.table)) {
        return Ok(None);
    }
    loop {
        // What is not text somewhere is refused whole, so it is read again without that file.
        match read_files(graph, inputs, options, watch, &files, &unreadable) {
            Ok(bulk) => return Ok(Some(bulk)),
            Err(Stop::Unreadable(n_input, error)) => {
                files.retain(|file| file.table.n_input() != n_input);
                unreadable.push((n_input, error));
            }
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

fn read_files(
    graph: &Graph,
    inputs: &[Input],
    options: &Options,
    watch: Watch<'_>,
    files: &[File<'_>],
    unreadable: &[(usize, Error)],
) -> Read<Bulk> {
    let of =
        |holds| -> Vec<&File<'_>> { files.iter().filter(|file| file.table.header.holds == holds).collect() };
    let (of_nodes, of_relationships) = (of(Holds::Nodes), of(Holds::Relationships));
    let n_bytes = |files: &[&File<'_>]| files.iter().map(|file| file.input.content.len()).sum::<u64>();
    let total = n_bytes(&of_nodes) + n_bytes(&of_relationships);
    let reader = Reader { graph, options, watch, total, done: AtomicU64::new(0) };
    let mut bad = Bad::new(options);
    unreadable.iter().for_each(|(n_input, error)| bad.push(*n_input, error.clone()));
    let (_, first_relationship) = graph.append_ids();
    let (nodes, ends) = reader.nodes(inputs, &of_nodes, &mut bad)?;
    let n_parts = n_bytes(&of_relationships) / (PIECES_PER_PART * reader.piece_bytes() as u64);
    let first_node = ends.first_node;
    let sorter =
        RelationshipSorter::new(first_node.0 + ends.keys.len() as u32, n_parts.min(PARTS_MAX) as usize);
    let (sorted, claims) = reader.relationships(&ends, sorter, &of_relationships, &mut bad)?;
    let mut import = Import {
        nodes: ends.keys.len(),
        relationships: sorted.len,
        claims: claims.len(),
        ..Import::default()
    };
    let place = |at: u32| RelationshipId(first_relationship.0 + sorted.places[at as usize]);
    let about = |(at, claim)| KeptClaim { about: place(at), ..claim };
    let mut claims: Vec<KeptClaim> = claims.into_iter().map(about).collect();
    // Claims about what lies together are recorded together.
    claims.sort_by_key(|claim| claim.about);
    (import.bad, import.bad_more) = bad.finish();
    let relationships = sorted.pages;
    Ok(Bulk { nodes, first_node, relationships, first_relationship, claims, import })
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
    let head = input.content.head()?;
    Table::open(n_input, &input.name, &head, options).map(|table| table.header.holds == Holds::Claims)
}

/// A file whose header was read.
struct File<'a> {
    table: Table<'a>,
    input: &'a Input,
    head: &'a [u8],
}

struct Reader<'a> {
    graph: &'a Graph,
    options: &'a Options,
    watch: Watch<'a>,
    /// Bytes of all files, and how many are read.
    total: u64,
    done: AtomicU64,
}

/// What the rows of a piece of a file of relationships give.
#[derive(Default)]
struct RelationshipRows {
    columns: RelationshipColumns,
    /// Of rows with a key: their place, line and key.
    keyed: Vec<(u32, u64, String)>,
    /// Of rows with a claim: about the relationship at their place.
    claims: Vec<(u32, KeptClaim)>,
}

/// What the rows of a piece of a file of nodes give.
#[derive(Default)]
struct NodeRows {
    columns: NodeColumns,
    /// The line of each.
    lines: Vec<u64>,
    /// Where the rows are that were left out.
    fallen: Vec<(String, Place)>,
}

/// Why files are not read to their end.
enum Stop {
    /// A file is not text.
    Unreadable(usize, Error),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

type Read<T> = std::result::Result<T, Stop>;

/// The relationships of an import, sorted, and the claims of their rows.
type WithClaims = (Sorted, Vec<(u32, KeptClaim)>);

impl Reader<'_> {
    fn piece_bytes(&self) -> usize {
        self.options.piece_bytes.unwrap_or(PIECE_BYTES).max(1)
    }

    /// Reads the pieces of files, a wave of them at the same time; `take` gets what they give
    /// in their order.
    fn each<'t, T: Send>(
        &self,
        files: &[&'t File<'t>],
        read: impl Fn(&'t Table<'t>, &Piece, u8) -> Result<T> + Sync,
        mut take: impl FnMut(usize, T) -> Result<()>,
    ) -> Read<()> {
        let per_wave = PIECES_PER_CORE * rayon::current_num_threads();
        for file in files {
            let (start, delimiter) = file.table.rows_start(file.head);
            self.done.fetch_add(start.byte, Ordering::Relaxed);
            let mut cutter = Cutter::new(&file.input.content, start, delimiter, self.piece_bytes())?;
            loop {
                let mut wave = Vec::with_capacity(per_wave);
                while wave.len() < per_wave
                    && let Some(piece) = cutter.next()?
                {
                    wave.push(piece);
                }
                if wave.is_empty() {
                    break;
                }
                let given = wave.par_iter().map(|piece| {
                    let given = read(&file.table, piece, delimiter);
                    let len = piece.bytes.len() as u64;
                    let done = self.done.fetch_add(len, Ordering::Relaxed) + len;
                    tell(self.watch, "read", done as usize, self.total as usize).map(|()| given)
                });
                for given in given.collect::<Result<Vec<Result<T>>>>()? {
                    let n_input = file.table.n_input();
                    take(n_input, given.map_err(|error| Stop::Unreadable(n_input, error))?)?;
                }
            }
        }
        Ok(())
    }

    /// Reads the files of nodes.
    fn nodes<'a>(
        &'a self,
        inputs: &'a [Input],
        files: &[&File<'_>],
        bad: &mut Bad,
    ) -> Read<(Vec<PageBytes>, Ends<'a>)> {
        let mut pager = NodePager::default();
        let mut ends = Ends::new(self.graph, inputs);
        let read = |table: &Table<'_>, piece: &Piece, delimiter| {
            let (mut read, mut bad) = (NodeRows::default(), Bad::new(self.options));
            table.for_each_in(piece, delimiter, &mut bad, |row| self.node(row, &mut read))?;
            Ok((read, bad))
        };
        self.each(files, read, |n_input, (piece, piece_bad)| {
            bad.append(piece_bad);
            let kept = ends.add(n_input, &piece.columns, &piece.lines, piece.fallen, bad);
            match kept.len() == piece.columns.len() {
                true => pager.push(&piece.columns),
                false => pager.push(&piece.columns.gather(&kept)),
            }
        })?;
        Ok((pager.finish()?, ends))
    }

    fn node(&self, row: &Row<'_>, read: &mut NodeRows) -> Result<()> {
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
    fn relationships(
        &self,
        ends: &Ends<'_>,
        mut sorter: RelationshipSorter,
        files: &[&File<'_>],
        bad: &mut Bad,
    ) -> Read<WithClaims> {
        let mut keys = NewKeys::default();
        let mut claims: Vec<(u32, KeptClaim)> = Vec::new();
        let mut doubles = FxHashSet::default();
        let parter = sorter.parter();
        let read = |table: &Table<'_>, piece: &Piece, delimiter| {
            let (mut rows, mut bad) = (RelationshipRows::default(), Bad::new(self.options));
            let hints = Hints::new();
            table.for_each_in(piece, delimiter, &mut bad, |row| {
                self.relationship(ends, row, &hints, &mut rows)
            })?;
            let parted = parter.part(&std::mem::take(&mut rows.columns));
            Ok((parted, rows, bad))
        };
        self.each(files, read, |n_input, (parted, piece, piece_bad)| {
            let first = sorter.add(parted?);
            bad.append(piece_bad);
            for (at, line, key) in piece.keyed {
                let place = Place { n_input, line };
                if let Some(other) = keys.add(&key, place) {
                    bad.push(n_input, taken(ends.inputs, place, other, &key));
                    doubles.insert(first + at);
                }
            }
            claims.extend(piece.claims.into_iter().map(|(at, claim)| (first + at, claim)));
            Ok(())
        })?;
        drop(keys);
        claims.retain(|(at, _)| !doubles.contains(at));
        let told = |done, total| tell(self.watch, "sorted", done, total);
        let sorted = sorter.finish(&doubles, !claims.is_empty(), &told)?;
        Ok((sorted, claims))
    }

    fn relationship(
        &self,
        ends: &Ends<'_>,
        row: &Row<'_>,
        hints: &Hints,
        read: &mut RelationshipRows,
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
        read.keyed.extend(key.as_ref().map(|key| (at, row.place().line, key.as_ref().to_owned())));
        if let Some(claim) = claim {
            let about = About::Relationship(RelationshipId(at));
            let claim = claim.claim(about, source, self.options.recorded_micros);
            read.claims.push((at, KeptClaim::new(&claim)?));
        }
        let key = key.map(Cow::into_owned);
        read.columns.push(Some(&RelationshipData { key, kind, start, end, properties }));
        Ok(())
    }
}

/// What the ends of relationships may be.
struct Ends<'a> {
    graph: &'a Graph,
    inputs: &'a [Input],
    /// The id of the first new node.
    first_node: NodeId,
    /// The keys of new nodes, in the order of their ids.
    keys: NewKeys,
    /// The number of each one's labels.
    sets: Vec<u32>,
    label_sets: Vec<Vec<String>>,
    /// Where the rows of nodes are that were left out.
    fallen: FxHashMap<String, Place>,
}

impl<'a> Ends<'a> {
    fn new(graph: &'a Graph, inputs: &'a [Input]) -> Self {
        let (first_node, _) = graph.append_ids();
        let (keys, sets) = (NewKeys::default(), Vec::new());
        Self { graph, inputs, first_node, keys, sets, label_sets: Vec::new(), fallen: FxHashMap::default() }
    }

    /// Adds new nodes; gives the places of those whose key nobody has.
    fn add(
        &mut self,
        n_input: usize,
        nodes: &NodeColumns,
        lines: &[u64],
        fallen: Vec<(String, Place)>,
        bad: &mut Bad,
    ) -> Vec<u32> {
        self.fallen.extend(fallen);
        let number_of = |labels: &Vec<String>| {
            let known = self.label_sets.iter().position(|other| other == labels);
            known.unwrap_or_else(|| {
                self.label_sets.push(labels.clone());
                self.label_sets.len() - 1
            })
        };
        let numbers: Vec<usize> = nodes.label_sets.iter().map(number_of).collect();
        let mut kept = Vec::with_capacity(nodes.len());
        for (at, &line) in (0_u32..).zip(lines) {
            let key = nodes.keys.text(at as usize).unwrap_or_default();
            let place = Place { n_input, line };
            match self.keys.add(key, place) {
                Some(other) => bad.push(n_input, taken(self.inputs, place, other, key)),
                None => {
                    let number = numbers.get(nodes.sets[at as usize] as usize);
                    self.sets.push(number.map_or(ABSENT, |number| *number as u32));
                    kept.push(at);
                }
            }
        }
        kept
    }

    /// The source with a key.
    fn source(&self, row: &Row<'_>, key: &str) -> Result<NodeId> {
        let is_source = |at: u32| {
            let labels = self.label_sets.get(self.sets[at as usize] as usize);
            labels.is_some_and(|labels| labels.iter().any(|label| label == "Source"))
        };
        let found = match self.keys.find(key) {
            Some(at) => Some((NodeId(self.first_node.0 + at), is_source(at))),
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
        let new = self.keys.find(key).map(|at| NodeId(self.first_node.0 + at));
        new.or_else(|| self.graph.node_by_key(key)).ok_or_else(|| {
            let hint = match self.fallen.get(key) {
                Some(&Place { n_input, line }) => {
                    Some(format!("its row, {}:{line}, is bad", self.inputs[n_input].name.display()))
                }
                None => hints.nearest(key, self.keys.iter().chain(keys_of_nodes(self.graph))),
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

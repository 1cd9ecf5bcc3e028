//! New elements cut into pages, in the order in which they lie best.
//!
//! There may be more of them than fit into memory as columns, so nodes become pages as
//! they come, and relationships are parted by where they start: each part waits as bytes,
//! and is sorted by itself.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::table::PAGE_IDS;
use crate::columns::{Column, NodeColumns, PAGE_MAX, Reader, RelationshipColumns, put_ints, take_ints};
use crate::error::Result;
use crate::model::{Instant, Period, TypeKind};

/// The bytes of a page.
pub type PageBytes = Arc<[u8]>;

/// How many nodes wait before pages are made of them, on all cores.
const NODES_WAITING: usize = 64 * PAGE_IDS;

/// Nodes on their way into pages, in the order in which they come.
#[derive(Debug, Default)]
pub struct NodePager {
    waiting: NodeColumns,
    pages: Vec<PageBytes>,
}

impl NodePager {
    /// Adds nodes.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be stored.
    pub fn push(&mut self, nodes: &NodeColumns) -> Result<()> {
        self.waiting.append(nodes);
        if self.waiting.len() >= NODES_WAITING {
            let full = self.waiting.len() / PAGE_IDS * PAGE_IDS;
            self.cut(full)?;
        }
        Ok(())
    }

    /// The pages of all nodes, in their order.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be stored.
    pub fn finish(mut self) -> Result<Vec<PageBytes>> {
        self.cut(self.waiting.len())?;
        Ok(self.pages)
    }

    fn cut(&mut self, len: usize) -> Result<()> {
        let places: Vec<u32> = (0..self.waiting.len() as u32).collect();
        let (full, rest) = places.split_at(len);
        let pages = full.par_chunks(PAGE_IDS).map(|places| self.waiting.gather(places).encode());
        let pages: Vec<Vec<u8>> = pages.collect::<Result<_>>()?;
        self.pages.extend(pages.into_iter().map(PageBytes::from));
        self.waiting = self.waiting.gather(rest);
        Ok(())
    }
}

/// Relationships on their way into pages that are sorted by where they start, by type, by
/// time and by where they end: what leaves a node lies together, and takes few bytes.
#[derive(Debug)]
pub struct RelationshipSorter {
    /// The relationships of each part, in the order in which they came.
    parts: Vec<Vec<Chunk>>,
    parter: Parter,
    len: u32,
}

/// Parts relationships by where they start.
#[derive(Debug, Clone, Copy)]
pub struct Parter {
    n_parts: usize,
    /// How many nodes' relationships a part has.
    span: u32,
}

/// Some relationships of one part, as bytes.
#[derive(Debug)]
struct Chunk {
    /// The number of the row that its numbers count from.
    first: u32,
    len: usize,
    /// The numbers of its rows, and their columns.
    rows: Vec<u8>,
    columns: Vec<u8>,
}

/// Relationships that were parted and not added yet.
#[derive(Debug)]
pub struct Parted {
    chunks: Vec<(usize, Chunk)>,
    len: u32,
}

/// Pages of sorted relationships.
#[derive(Debug, Default)]
pub struct Sorted {
    /// The pages.
    pub pages: Vec<PageBytes>,
    /// How many relationships they have.
    pub len: usize,
    /// For each relationship that was added its place in the pages; empty where nobody
    /// wants to know. What was left out has any place.
    pub places: Vec<u32>,
}

impl RelationshipSorter {
    /// None yet, between `n_nodes` nodes, in so many parts.
    #[must_use]
    pub fn new(n_nodes: u32, n_parts: usize) -> Self {
        let n_parts = n_parts.max(1);
        let span = (n_nodes as usize).div_ceil(n_parts).max(1) as u32;
        let parts = (0..n_parts).map(|_| Vec::new()).collect();
        Self { parts, parter: Parter { n_parts, span }, len: 0 }
    }

    /// What parts relationships for this sorter.
    #[must_use]
    pub fn parter(&self) -> Parter {
        self.parter
    }

    /// Adds relationships; gives the number of the first of them.
    pub fn add(&mut self, parted: Parted) -> u32 {
        let first = self.len;
        for (part, chunk) in parted.chunks {
            self.parts[part].push(Chunk { first, ..chunk });
        }
        self.len += parted.len;
        first
    }

    /// How many relationships were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pages of all relationships but those whose numbers are in `left_out`. `tell` is
    /// told how many of how many parts are sorted.
    ///
    /// # Errors
    /// `Invalid` where a period cannot be read or a value cannot be stored; what `tell` says.
    ///
    /// # Complexity
    /// O(E log D) for E relationships and the greatest degree; memory for the bytes of all
    /// of them and the columns of the largest part.
    pub fn finish(
        self,
        left_out: &FxHashSet<u32>,
        wants_places: bool,
        tell: &dyn Fn(usize, usize) -> Result<()>,
    ) -> Result<Sorted> {
        let mut sorted = Sorted {
            places: if wants_places { vec![0; self.len as usize] } else { Vec::new() },
            ..Sorted::default()
        };
        // What did not fill a page is sorted again with the next part, and comes first.
        let mut rest = Rows::default();
        let n_parts = self.parts.len();
        for (n, part) in self.parts.into_iter().enumerate() {
            let mut rows = rest;
            rows.read(part, left_out)?;
            let order = order(&rows.columns)?;
            let full = if n + 1 == n_parts { order.len() } else { order.len() / PAGE_IDS * PAGE_IDS };
            let (full, after) = order.split_at(full);
            let pages = full.par_chunks(PAGE_IDS).map(|places| rows.columns.gather(places).encode());
            let pages: Vec<Vec<u8>> = pages.collect::<Result<_>>()?;
            sorted.pages.extend(pages.into_iter().map(PageBytes::from));
            if wants_places {
                for (place, &at) in (sorted.len as u32..).zip(full) {
                    sorted.places[rows.numbers[at as usize] as usize] = place;
                }
            }
            sorted.len += full.len();
            rest = rows.gather(after);
            tell(n + 1, n_parts)?;
        }
        Ok(sorted)
    }
}

impl Parter {
    /// Parts relationships; their numbers count from 0.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be stored.
    pub fn part(self, relationships: &RelationshipColumns) -> Result<Parted> {
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.n_parts];
        for (row, start) in (0_u32..).zip(&relationships.starts) {
            rows[((start / self.span) as usize).min(self.n_parts - 1)].push(row);
        }
        let mut chunks = Vec::new();
        for (part, rows) in rows.iter().enumerate() {
            for rows in rows.chunks(PAGE_MAX) {
                let mut numbers = Vec::new();
                put_ints(&rows.iter().map(|row| i64::from(*row)).collect::<Vec<_>>(), &mut numbers);
                let columns = relationships.gather(rows).encode()?;
                chunks.push((part, Chunk { first: 0, len: rows.len(), rows: numbers, columns }));
            }
        }
        Ok(Parted { chunks, len: relationships.len() as u32 })
    }
}

/// Relationships with their numbers.
#[derive(Debug, Default)]
struct Rows {
    columns: RelationshipColumns,
    numbers: Vec<u32>,
}

impl Rows {
    fn read(&mut self, chunks: Vec<Chunk>, left_out: &FxHashSet<u32>) -> Result<()> {
        let read = chunks.into_par_iter().map(|chunk| {
            let columns = RelationshipColumns::decode(&chunk.columns)?;
            let numbers = take_ints(&mut Reader::new(&chunk.rows), chunk.len)?;
            let rows = Self {
                columns,
                numbers: numbers.into_iter().map(|number| chunk.first + number as u32).collect(),
            };
            let is_kept = |at: &u32| !left_out.contains(&rows.numbers[*at as usize]);
            if left_out.is_empty() || (0..chunk.len as u32).all(|at| is_kept(&at)) {
                return Ok(rows);
            }
            let kept: Vec<u32> = (0..chunk.len as u32).filter(is_kept).collect();
            Ok(rows.gather(&kept))
        });
        for rows in read.collect::<Result<Vec<Self>>>()? {
            self.columns.append(&rows.columns);
            self.numbers.extend(rows.numbers);
        }
        Ok(())
    }

    fn gather(&self, places: &[u32]) -> Self {
        let numbers = places.iter().map(|place| self.numbers[*place as usize]).collect();
        Self { columns: self.columns.gather(places), numbers }
    }
}

fn order(relationships: &RelationshipColumns) -> Result<Vec<u32>> {
    let los = los(relationships)?;
    let least = relationships.starts.iter().copied().min().unwrap_or(0);
    let n_nodes = relationships.starts.iter().max().map_or(0, |start| (*start - least) as usize + 1);
    let run_of = |start: u32| (start - least) as usize;
    let mut next = vec![0_u32; n_nodes + 1];
    relationships.starts.iter().for_each(|start| next[run_of(*start) + 1] += 1);
    for node in 1..next.len() {
        next[node] += next[node - 1];
    }
    let bounds = next.clone();
    let mut order = vec![0_u32; relationships.len()];
    for (at, start) in (0_u32..).zip(&relationships.starts) {
        let place = &mut next[run_of(*start)];
        order[*place as usize] = at;
        *place += 1;
    }
    let key = |at: &u32| {
        let at = *at as usize;
        let lo = los.as_ref().map_or(Instant::MIN, |los| los[at]);
        (relationships.kinds[at], lo, relationships.ends[at], at)
    };
    for run in bounds.windows(2) {
        order[run[0] as usize..run[1] as usize].sort_unstable_by_key(key);
    }
    Ok(order)
}

/// The first instant of each relationship; `None` where nothing is dated.
fn los(relationships: &RelationshipColumns) -> Result<Option<Vec<Instant>>> {
    let side = |name: &str| relationships.properties.get(name);
    let (from, to) = (side("from"), side("to"));
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let value = |column: Option<&Column>, at| column.and_then(|column| column.get(at));
    let los = (0..relationships.len()).into_par_iter().map(|at| {
        let period = Period::read(value(from, at).as_ref(), value(to, at).as_ref())?;
        Ok(period.possible(TypeKind::Event).lo)
    });
    los.collect::<Result<Vec<Instant>>>().map(Some)
}

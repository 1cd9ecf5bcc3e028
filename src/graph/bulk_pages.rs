//! New elements cut into pages, in the order in which they lie best.

use rayon::prelude::*;

use super::table::PAGE_IDS;
use crate::columns::{Column, NodeColumns, RelationshipColumns};
use crate::error::Result;
use crate::model::{Instant, Period, TypeKind};

/// The pages of nodes, in their order.
///
/// # Errors
/// `Invalid` where a value cannot be stored.
pub fn pages_of_nodes(nodes: &NodeColumns) -> Result<Vec<Vec<u8>>> {
    let places: Vec<u32> = (0..nodes.len() as u32).collect();
    places.par_chunks(PAGE_IDS).map(|places| nodes.gather(places).encode()).collect()
}

/// The pages of relationships, sorted by where they start, by type, by time and by where
/// they end: what leaves a node lies together, and takes few bytes. Gives for each place in
/// the pages the place that the relationship had before.
///
/// # Errors
/// `Invalid` where a period cannot be read or a value cannot be stored.
///
/// # Complexity
/// O(E log D) for E relationships and the greatest degree.
pub fn pages_of_relationships(relationships: &RelationshipColumns) -> Result<(Vec<Vec<u8>>, Vec<u32>)> {
    let order = order(relationships)?;
    let pages = order.par_chunks(PAGE_IDS).map(|places| relationships.gather(places).encode());
    Ok((pages.collect::<Result<_>>()?, order))
}

fn order(relationships: &RelationshipColumns) -> Result<Vec<u32>> {
    let los = los(relationships)?;
    let n_nodes = relationships.starts.iter().max().map_or(0, |start| *start as usize + 1);
    let mut next = vec![0_u32; n_nodes + 1];
    relationships.starts.iter().for_each(|start| next[*start as usize + 1] += 1);
    for node in 1..next.len() {
        next[node] += next[node - 1];
    }
    let bounds = next.clone();
    let mut order = vec![0_u32; relationships.len()];
    for (at, start) in (0_u32..).zip(&relationships.starts) {
        let place = &mut next[*start as usize];
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

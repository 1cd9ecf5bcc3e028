//! Null results along a path: somebody looked for such hops, and found none.

use super::chronological::{Bounds, times};
use crate::error::Result;
use crate::graph::View;
use crate::model::{ClaimId, Interval, Path, Period, TypeKind};

/// A null result that bears on a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NullResult {
    /// Which of the path's relationships.
    pub hop: usize,
    /// The claim.
    pub claim: ClaimId,
    /// Whether the hop can only have happened where and when nothing was found;
    /// otherwise it can have happened at another time too.
    pub contradicted: bool,
}

/// The null results about a path's hops: same type, same place, and a period that
/// meets the instants that the whole path leaves to the hop.
///
/// # Errors
/// `Invalid` where the path mixes dates and integers.
pub fn null_results_of(view: View<'_>, path: &Path) -> Result<Vec<NullResult>> {
    let Some(times) = times(view, path, &Bounds::default())? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (hop, (&id, time)) in path.relationships.iter().zip(times).enumerate() {
        let Some(relationship) = view.graph().relationship(id) else { continue };
        // Without a date the hop can have happened at any time.
        let feasible = time.map_or(Interval::ALL, |time| time.feasible);
        let (here, there) = (path.nodes[hop], path.nodes[hop + 1]);
        for place in [Some(here), Some(there).filter(|&there| there != here)].into_iter().flatten() {
            for (claim, null) in view.null_results(place, relationship.kind) {
                let Ok(period) = Period::read(null.from.as_ref(), null.to.as_ref()) else { continue };
                if let (Some(clock), Some(time)) = (period.clock(), time)
                    && clock != time.clock
                {
                    continue;
                }
                let looked = period.possible(TypeKind::Event);
                if !looked.intersect(feasible).is_empty() {
                    let contradicted = !period.is_undated() && looked.contains(feasible);
                    found.push(NullResult { hop, claim, contradicted });
                }
            }
        }
    }
    Ok(found)
}

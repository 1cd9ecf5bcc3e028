//! Which nodes can be reached at all, where nobody asks for the way and waits have no
//! bound: one pass over all relationships of the type.
//!
//! A node that was reached once can be left at every later instant. One bit for each
//! node is then all there is to know of it, whatever the question calls best: the ends
//! are the same. The bits of a million nodes fit in the cache of a processor, so the pass
//! takes about as long as the columns take to be read.

use std::ops::Range;

use super::answer::Targets;
use super::gate::Gate;
use super::plan::Plan;
use super::scan::from_first;
use crate::error::Result;
use crate::graph::{Direction, Slice, TypeInTime};
use crate::model::{Instant, NodeId, RelationshipId};

/// Relationships between two looks at whether to stop.
const STRETCH: usize = 1 << 14;

/// A set of nodes.
#[derive(Debug)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(n_nodes: usize) -> Self {
        Self(vec![0; n_nodes.div_ceil(64)])
    }

    #[inline]
    fn has(&self, node: NodeId) -> bool {
        self.0[node.index() / 64] >> (node.index() % 64) & 1 == 1
    }

    fn insert(&mut self, node: NodeId) {
        self.0[node.index() / 64] |= 1 << (node.index() % 64);
    }
}

/// Columns of relationships as they are walked: from one node to another.
#[derive(Clone, Copy)]
struct Walked<'s> {
    froms: &'s [NodeId],
    tos: &'s [NodeId],
}

struct Reach<'a, 'g, 'p, 's> {
    plan: &'p Plan<'p>,
    gate: &'g mut Gate<'a, 'p>,
    los: &'s [Instant],
    ids: &'s [RelationshipId],
    /// The directions that are walked: one of them, or both.
    walked: Vec<Walked<'s>>,
    start: NodeId,
    /// From where one can go on.
    reached: Bits,
    /// The nodes reached, in the order in which they are.
    order: Vec<NodeId>,
    /// Whether the start is one of them.
    has_returned: bool,
    /// Nodes from which there is more to walk, or which can be left, only when all
    /// relationships of the instant `now` have been looked at.
    fresh: Vec<NodeId>,
    now: Instant,
    work: u64,
}

/// The nodes that can be reached from `start`, in the order of time.
///
/// # Complexity
/// O(V / 64 + E) for the relationships in the window, and for those of one instant their
/// number times the hops that can be made in it.
pub(super) fn run<'p>(
    plan: &'p Plan<'p>,
    gate: &mut Gate<'_, 'p>,
    start: NodeId,
    targets: &Targets,
    in_time: &TypeInTime,
    work_max: u64,
) -> Result<Vec<NodeId>> {
    let slice = in_time.slice(from_first(plan, start));
    let mut reach = Reach {
        plan,
        gate,
        los: &slice.los,
        ids: &slice.ids,
        walked: walked(plan.direction, &slice),
        start,
        reached: Bits::new(plan.view.graph().node_bound()),
        order: Vec::new(),
        has_returned: false,
        fresh: Vec::new(),
        now: Instant::MIN,
        work: 0,
    };
    reach.reached.insert(start);
    let (mut left, mut n_counted) = (targets.count(), 0);
    let n_places = slice.los.len();
    for first in (0..n_places).step_by(STRETCH) {
        let end = n_places.min(first + STRETCH);
        reach.stretch(first..end)?;
        if end == n_places {
            reach.close(end)?;
        }
        let work = std::mem::take(&mut reach.work);
        reach.gate.count(work)?;
        if reach.gate.work > work_max {
            break;
        }
        if let Some(left) = &mut left {
            *left -= targets.among(&reach.order[n_counted..]);
            n_counted = reach.order.len();
            if *left == 0 {
                break;
            }
        }
    }
    Ok(reach.order)
}

fn walked<'s>(direction: Direction, slice: &'s Slice<'_>) -> Vec<Walked<'s>> {
    let along = Walked { froms: &slice.starts, tos: &slice.ends };
    let against = Walked { froms: &slice.ends, tos: &slice.starts };
    match direction {
        Direction::Outgoing => vec![along],
        Direction::Incoming => vec![against],
        Direction::Either => vec![along, against],
    }
}

impl Reach<'_, '_, '_, '_> {
    /// Looks at relationships one after another.
    fn stretch(&mut self, places: Range<usize>) -> Result<()> {
        for place in places {
            if !self.fresh.is_empty() && self.los[place] > self.now {
                self.close(place)?;
            }
            for side in 0..self.walked.len() {
                if let Some(node) = self.cross(side, place)?
                    && !(side == 0 && self.is_first(place))
                {
                    self.fresh.push(node);
                    self.now = self.los[place];
                }
            }
        }
        Ok(())
    }

    /// Whether nothing of the same instant lies before a place.
    fn is_first(&self, place: usize) -> bool {
        place == 0 || self.los[place - 1] < self.los[place]
    }

    /// Crosses a relationship; the node, if it can be left in the same instant and
    /// could not before.
    #[inline]
    fn cross(&mut self, side: usize, place: usize) -> Result<Option<NodeId>> {
        let Walked { froms, tos } = self.walked[side];
        let (from, to) = (froms[place], tos[place]);
        if !self.reached.has(from) {
            return Ok(None);
        }
        self.work += 1;
        if self.reached.has(to) && (to != self.start || self.has_returned) {
            return Ok(None);
        }
        self.arrive(from, to, place)
    }

    fn arrive(&mut self, from: NodeId, to: NodeId, place: usize) -> Result<Option<NodeId>> {
        if !self.gate.admits(self.ids[place], from, to)? {
            return Ok(None);
        }
        if to == self.start {
            self.has_returned = true;
            self.order.push(to);
            return Ok(None);
        }
        if self.plan.strict {
            self.fresh.push(to);
            self.now = self.los[place];
            return Ok(None);
        }
        self.reached.insert(to);
        self.order.push(to);
        Ok(Some(to))
    }

    /// The instant whose relationships end before a place is over.
    fn close(&mut self, end: usize) -> Result<()> {
        let mut fresh = std::mem::take(&mut self.fresh);
        if self.plan.strict {
            for node in fresh.drain(..) {
                if !self.reached.has(node) {
                    self.reached.insert(node);
                    self.order.push(node);
                }
            }
        } else if !fresh.is_empty() {
            let now = self.now;
            let n_places = self.los[..end].iter().rev().take_while(|&&lo| lo == now).count();
            match self.plan.direction {
                Direction::Outgoing => self.follow(&mut fresh, end - n_places..end)?,
                Direction::Incoming | Direction::Either => while self.pass(end - n_places..end)? {},
            }
            fresh.clear();
        }
        // Its memory serves the next instant.
        self.fresh = fresh;
        Ok(())
    }

    /// Goes on from some nodes within an instant, and from those that this leads to: the
    /// relationships of an instant are sorted by their starts.
    fn follow(&mut self, fresh: &mut Vec<NodeId>, places: Range<usize>) -> Result<()> {
        let froms = &self.walked[0].froms[places.clone()];
        let mut next = 0;
        while let Some(&node) = fresh.get(next) {
            next += 1;
            let mut at = froms.partition_point(|&from| from < node);
            while froms.get(at) == Some(&node) {
                fresh.extend(self.cross(0, places.start + at)?);
                at += 1;
            }
        }
        Ok(())
    }

    /// Crosses the relationships of an instant once more; whether that led to new nodes.
    fn pass(&mut self, places: Range<usize>) -> Result<bool> {
        let mut changed = false;
        for place in places {
            for side in 0..self.walked.len() {
                changed |= self.cross(side, place)?.is_some();
            }
        }
        Ok(changed)
    }
}

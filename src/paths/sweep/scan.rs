//! The order of time from columns: one pass over all relationships of the type.

use std::ops::Range;

use super::answer::Targets;
use super::arrivals::{Arrivals, Many, NONE};
use super::gate::Gate;
use super::plan::{Goal, Plan};
use crate::error::Result;
use crate::graph::{Direction, Slice, TypeInTime};
use crate::model::{Instant, Interval, NodeId, RelationshipId};

/// Relationships between two looks at whether to stop.
const STRETCH: usize = 1 << 14;
/// From so many relationships of one instant on, those of a node are looked up.
const CROWD: usize = 16;

/// The columns of a slice as they are.
#[derive(Clone, Copy)]
struct Columns<'s> {
    los: &'s [Instant],
    starts: &'s [NodeId],
    ends: &'s [NodeId],
    ids: &'s [RelationshipId],
    levels: &'s [u8],
}

impl<'s> Columns<'s> {
    fn of(slice: &'s Slice<'s>) -> Self {
        let Slice { los, starts, ends, ids, levels } = slice;
        Self { los, starts, ends, ids, levels }
    }
}

struct Scan<'a, 'g, 'p, 's> {
    plan: &'p Plan<'p>,
    gate: &'g mut Gate<'a, 'p>,
    arrivals: Arrivals<Many>,
    columns: Columns<'s>,
    /// The weakest level that is walked.
    level: u8,
    is_open: bool,
    /// Crossings that wait until the instant is over, where order is strict.
    pending: Vec<(NodeId, Instant, RelationshipId, u32)>,
    work: u64,
    start: NodeId,
    /// Without a bound on waits: the fewest hops to each node so far. It is small, so that
    /// most relationships are done with without a look at what is known of their ends.
    fewest: Option<Vec<u32>>,
}

/// Sweeps from `start` over the relationships of `in_time`.
///
/// # Complexity
/// O(V + E) for the relationships in the window, and for those of one instant their
/// number times the hops that can be made in it.
pub(super) fn run<'p>(
    plan: &'p Plan<'p>,
    gate: &mut Gate<'_, 'p>,
    start: NodeId,
    targets: &Targets,
    in_time: &TypeInTime,
    work_max: u64,
) -> Result<Arrivals<Many>> {
    let fewest = matches!(plan.goal, Goal::Fewest | Goal::Strongest);
    let slice = in_time.slice(from_first(plan, start));
    let n_nodes = plan.view.graph().node_bound();
    let mut scan = Scan {
        plan,
        is_open: gate.is_open(),
        level: gate.weakest.map_or(u8::MAX, |(_, level)| level),
        gate,
        arrivals: Arrivals::new(Many::new(n_nodes), start, plan.wait, fewest),
        columns: Columns::of(&slice),
        pending: Vec::new(),
        work: 0,
        start,
        fewest: plan.wait.is_none().then(|| {
            let mut fewest = vec![u32::MAX; n_nodes];
            fewest[start.index()] = 0;
            fewest
        }),
    };
    let mut left = targets.count().filter(|_| !fewest);
    let (mut at, mut n_counted) = (0, 0);
    while at < slice.los.len() {
        let stretch = (at + STRETCH).min(slice.los.len());
        while at < stretch {
            at = scan.instant(at)?;
        }
        let work = std::mem::take(&mut scan.work);
        scan.gate.count(work)?;
        if scan.gate.work > work_max {
            break;
        }
        if let Some(left) = &mut left {
            *left -= targets.among(&scan.arrivals.reached[n_counted..]);
            n_counted = scan.arrivals.reached.len();
            if *left == 0 {
                break;
            }
        }
    }
    Ok(scan.arrivals)
}

/// The window from the first relationship of the start on.
pub(super) fn from_first(plan: &Plan<'_>, start: NodeId) -> Interval {
    let sides = [
        (plan.direction != Direction::Incoming).then_some(true),
        (plan.direction != Direction::Outgoing).then_some(false),
    ];
    let first = sides.into_iter().flatten().filter_map(|outgoing| {
        let found = plan.view.graph().in_time(start, outgoing, plan.kind);
        found.los.get(found.first_from(plan.window.lo)).copied()
    });
    Interval { lo: first.min().unwrap_or(Instant::MAX), ..plan.window }
}

impl Scan<'_, '_, '_, '_> {
    /// Crosses the relationships of the instant that begins at a place; gives the place after them.
    #[inline]
    fn instant(&mut self, first: usize) -> Result<usize> {
        let los = self.columns.los;
        let at = los[first];
        let mut end = first + 1;
        while end < los.len() && los[end] == at {
            end += 1;
        }
        if end - first == 1 && self.plan.direction != Direction::Either {
            self.cross(first, at)?;
        } else if !self.plan.strict && self.plan.direction == Direction::Outgoing && end - first > CROWD {
            self.crowd(first..end, at)?;
        } else {
            while self.pass(first..end, at)? && !self.plan.strict {}
        }
        if self.plan.strict {
            for (node, at, id, before) in std::mem::take(&mut self.pending) {
                if self.arrivals.is_worth(node, at, self.arrivals.get(before).n_hops + 1) {
                    self.arrive(node, at, id, before);
                }
            }
        }
        Ok(end)
    }

    /// Crosses relationships of one instant in their order; whether a node can be left in a new way.
    fn pass(&mut self, places: Range<usize>, at: Instant) -> Result<bool> {
        let mut changed = false;
        for place in places {
            changed |= self.cross(place, at)?;
        }
        Ok(changed)
    }

    /// As passes until nothing changes: after the first only from the nodes that changed.
    fn crowd(&mut self, places: Range<usize>, at: Instant) -> Result<()> {
        let starts = &self.columns.starts[places.clone()];
        let mut changed = Vec::new();
        for place in places.clone() {
            if self.cross(place, at)? {
                changed.push(self.columns.ends[place]);
            }
        }
        let mut next = 0;
        while let Some(&node) = changed.get(next) {
            next += 1;
            let mut place = starts.partition_point(|&start| start < node);
            while starts.get(place) == Some(&node) {
                if self.cross(places.start + place, at)? {
                    changed.push(self.columns.ends[places.start + place]);
                }
                place += 1;
            }
        }
        Ok(())
    }

    #[inline]
    fn cross(&mut self, place: usize, at: Instant) -> Result<bool> {
        if self.level < u8::MAX && self.columns.levels[place] > self.level {
            return Ok(false);
        }
        let (start, end) = (self.columns.starts[place], self.columns.ends[place]);
        match self.plan.direction {
            Direction::Outgoing => self.walk(start, end, place, at),
            Direction::Incoming => self.walk(end, start, place, at),
            Direction::Either => Ok(self.walk(start, end, place, at)? | self.walk(end, start, place, at)?),
        }
    }

    #[inline]
    fn walk(&mut self, from: NodeId, to: NodeId, place: usize, at: Instant) -> Result<bool> {
        if let Some(fewest) = &self.fewest {
            let n_hops = fewest[from.index()];
            if n_hops == u32::MAX {
                return Ok(false);
            }
            if fewest[to.index()] <= n_hops + 1 && to != self.start {
                self.work += 1;
                return Ok(false);
            }
        }
        let (arrival, n_hops) = self.arrivals.usable(from, at);
        if arrival == NONE {
            return Ok(false);
        }
        self.work += 1;
        let n_hops = n_hops + 1;
        if !self.arrivals.is_worth(to, at, n_hops) {
            return Ok(false);
        }
        let id = self.columns.ids[place];
        if !self.is_open && !self.gate.admits(id, from, to)? {
            return Ok(false);
        }
        if self.plan.strict {
            self.pending.push((to, at, id, arrival));
            return Ok(false);
        }
        Ok(self.arrive(to, at, id, arrival))
    }

    fn arrive(&mut self, node: NodeId, at: Instant, id: RelationshipId, before: u32) -> bool {
        let leaves = self.arrivals.arrive(node, at, id, before);
        if let Some(fewest) = self.fewest.as_mut().filter(|_| leaves) {
            fewest[node.index()] = self.arrivals.get(before).n_hops + 1;
        }
        leaves
    }
}

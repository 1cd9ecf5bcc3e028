//! The order of time from a queue: of each node reached, its next relationship.
//!
//! Nothing is set up for nodes that are not reached. At one instant those with the
//! fewest hops go first, so that no later arrival of the same instant can do better.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::answer::Targets;
use super::arrivals::{Arrivals, Few, NONE};
use super::gate::Gate;
use super::plan::{Goal, Plan, Switch};
use crate::error::Result;
use crate::graph::{Direction, InTime};
use crate::model::{Instant, NodeId, RelationshipId};

/// A node's relationships of one direction, and how far they have been looked at.
struct Cursor<'a> {
    found: InTime<'a>,
    next: usize,
    end: usize,
    /// Where it stands in the queue: the instant, and the hops so far.
    queued: Option<(Instant, u32)>,
}

/// A crossing that waits until the instant is over.
type Pending = (NodeId, Instant, RelationshipId, u32);

struct Labels<'a, 'g, 'p> {
    plan: &'p Plan<'p>,
    gate: &'g mut Gate<'a, 'p>,
    arrivals: Arrivals<Few>,
    cursors: FxHashMap<(NodeId, bool), Cursor<'p>>,
    queue: BinaryHeap<Reverse<(Instant, u32, NodeId, bool)>>,
    pending: Vec<Pending>,
}

/// Sweeps from `start`; `None` where so much is reached that a pass over all
/// relationships is cheaper.
///
/// # Complexity
/// O(R log R) for the relationships R of the nodes reached.
pub(super) fn run<'p>(
    plan: &'p Plan<'p>,
    gate: &mut Gate<'_, 'p>,
    start: NodeId,
    targets: &Targets,
    switch: Switch,
    work_max: u64,
) -> Result<Option<Arrivals<Few>>> {
    let fewest = matches!(plan.goal, Goal::Fewest | Goal::Strongest);
    let mut labels = Labels {
        plan,
        gate,
        arrivals: Arrivals::new(Few::default(), start, plan.wait, fewest),
        cursors: FxHashMap::default(),
        queue: BinaryHeap::new(),
        pending: Vec::new(),
    };
    let mut left = targets.count().filter(|_| !fewest);
    let (mut n_counted, mut now) = (0, Instant::MIN);
    let (mut n_crossed, mut n_most) = (0_usize, switch.least);
    labels.wake(start, plan.window.lo);
    loop {
        let Some(Reverse((at, n_hops, node, outgoing))) = labels.queue.pop() else {
            if labels.pending.is_empty() {
                break;
            }
            labels.flush();
            continue;
        };
        if at > now {
            if !labels.pending.is_empty() {
                // What has waited for the instant to end may lead to earlier ones than this.
                labels.flush();
                labels.queue.push(Reverse((at, n_hops, node, outgoing)));
                continue;
            }
            now = at;
            if let Some(left) = &mut left {
                *left -= targets.among(&labels.arrivals.reached[n_counted..]);
                n_counted = labels.arrivals.reached.len();
                if *left == 0 {
                    break;
                }
            }
        }
        let crossed = labels.cross((at, n_hops), node, outgoing)?;
        n_crossed += crossed;
        labels.gate.count(crossed as u64)?;
        if labels.gate.work > work_max {
            break;
        }
        if n_crossed >= n_most {
            n_most = switch.least.max(plan.type_in_time().count(plan.window) / switch.share);
            if n_crossed >= n_most {
                return Ok(None);
            }
        }
    }
    Ok(Some(labels.arrivals))
}

impl<'p> Labels<'_, '_, 'p> {
    /// Puts a node's next relationships into the queue, from an instant on.
    fn wake(&mut self, node: NodeId, from: Instant) {
        for outgoing in [true, false] {
            let walked = match outgoing {
                true => self.plan.direction != Direction::Incoming,
                false => self.plan.direction != Direction::Outgoing,
            };
            if walked {
                self.queue_next(node, outgoing, from);
            }
        }
    }

    fn queue_next(&mut self, node: NodeId, outgoing: bool, from: Instant) {
        let (plan, arrivals) = (self.plan, &self.arrivals);
        let cursor = self.cursors.entry((node, outgoing)).or_insert_with(|| {
            let found = plan.view.graph().in_time(node, outgoing, plan.kind);
            let end = found.los.partition_point(|&lo| lo <= plan.window.hi);
            let next = found.first_from(from.max(plan.window.lo));
            Cursor { found, next, end, queued: None }
        });
        if cursor.next < cursor.end && cursor.found.los[cursor.next] < from {
            cursor.next = cursor.found.first_from(from);
        }
        if cursor.next >= cursor.end {
            cursor.queued = None;
            return;
        }
        let at = cursor.found.los[cursor.next];
        let arrival = arrivals.will_be_usable(node, at);
        if arrival == NONE {
            cursor.queued = None;
            return;
        }
        let place = (at, arrivals.get(arrival).n_hops);
        if cursor.queued.is_none_or(|queued| place != queued) {
            cursor.queued = Some(place);
            self.queue.push(Reverse((place.0, place.1, node, outgoing)));
        }
    }

    /// Crosses a node's relationships of one instant; gives how many there were.
    fn cross(&mut self, queued: (Instant, u32), node: NodeId, outgoing: bool) -> Result<usize> {
        let Some(cursor) = self.cursors.get_mut(&(node, outgoing)) else { return Ok(0) };
        if cursor.queued != Some(queued) {
            return Ok(0);
        }
        cursor.queued = None;
        let (at, _) = queued;
        let (arrival, n_hops) = self.arrivals.usable(node, at);
        if arrival == NONE {
            return Ok(1);
        }
        let n_hops = n_hops + 1;
        let first = cursor.next;
        while cursor.next < cursor.end && cursor.found.los[cursor.next] == at {
            cursor.next += 1;
        }
        let crossed = cursor.next - first;
        for place in first..first + crossed {
            let found = &self.cursors[&(node, outgoing)].found;
            let (id, other) = (found.relationships[place], found.nodes[place]);
            if !self.arrivals.is_worth(other, at, n_hops)
                || !self.gate.is_strong(id)
                || !self.gate.admits(id, node, other)?
            {
                continue;
            }
            if self.plan.strict {
                self.pending.push((other, at, id, arrival));
            } else if self.arrivals.arrive(other, at, id, arrival) {
                self.wake(other, at);
            }
        }
        self.queue_next(node, outgoing, at);
        Ok(crossed)
    }

    /// The instant is over: what was crossed in it arrives.
    fn flush(&mut self) {
        for (node, at, id, before) in std::mem::take(&mut self.pending) {
            let n_hops = self.arrivals.get(before).n_hops + 1;
            if self.arrivals.is_worth(node, at, n_hops)
                && self.arrivals.arrive(node, at, id, before)
                && let Some(next) = at.checked_add(1)
            {
                self.wake(node, next);
            }
        }
    }
}

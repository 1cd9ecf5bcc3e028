//! Maximum flow, by Dinic's method.
//!
//! Source: E. A. Dinic, "Algorithm for solution of a problem of maximum flow in a network with
//! power estimation", Soviet Mathematics Doklady 11 (1970): as long as the sink can be reached,
//! number the places by their distance from the source over arcs with room left, and fill the
//! network of arcs that lead one step farther until no way through it is left.
//! Capacities are whole numbers, so the result is exact.

use std::collections::VecDeque;

/// A network under construction: places, and arcs between them with a capacity.
#[derive(Debug, Clone, Default)]
pub(super) struct FlowNetwork {
    /// The arcs out of each place, by number; an arc and its reverse are neighbours.
    outgoing: Vec<Vec<usize>>,
    /// Where each arc leads.
    heads: Vec<usize>,
    /// How much more each arc takes.
    room: Vec<i128>,
}

/// A flow that cannot be greater, and why.
#[derive(Debug, Clone)]
pub(super) struct MaxFlow {
    /// How much flows.
    pub(super) value: i128,
    /// Whether each place is on the source's side of a least cut.
    pub(super) is_source_side: Vec<bool>,
}

impl FlowNetwork {
    /// A network of places without arcs.
    pub(super) fn of_places(count: usize) -> Self {
        Self { outgoing: vec![Vec::new(); count], ..Self::default() }
    }

    /// Adds an arc that takes at most `capacity`.
    pub(super) fn add(&mut self, from: usize, to: usize, capacity: i128) {
        for (place, head, room) in [(from, to, capacity), (to, from, 0)] {
            self.outgoing[place].push(self.heads.len());
            self.heads.push(head);
            self.room.push(room);
        }
    }

    /// The greatest flow from one place to another.
    ///
    /// # Complexity
    /// O(V² · E) for V places and E arcs, and far less on networks of few layers; the
    /// distances grow in each of its rounds.
    pub(super) fn max_flow(mut self, source: usize, sink: usize) -> MaxFlow {
        let mut value = 0;
        loop {
            let distances = self.distances(source);
            if distances[sink] == usize::MAX {
                let is_source_side = distances.iter().map(|&distance| distance != usize::MAX).collect();
                return MaxFlow { value, is_source_side };
            }
            value += self.fill(source, sink, &distances);
        }
    }

    /// How many arcs with room lie between the source and each place.
    fn distances(&self, source: usize) -> Vec<usize> {
        let mut distances = vec![usize::MAX; self.outgoing.len()];
        distances[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(place) = queue.pop_front() {
            for &arc in &self.outgoing[place] {
                let head = self.heads[arc];
                if self.room[arc] > 0 && distances[head] == usize::MAX {
                    distances[head] = distances[place] + 1;
                    queue.push_back(head);
                }
            }
        }
        distances
    }

    /// Fills the arcs that lead one step farther until no way is left; gives how much went.
    fn fill(&mut self, source: usize, sink: usize, distances: &[usize]) -> i128 {
        let mut next = vec![0; self.outgoing.len()];
        let mut way: Vec<usize> = Vec::new();
        let mut filled = 0;
        loop {
            let place = way.last().map_or(source, |&arc| self.heads[arc]);
            if place == sink {
                filled += self.push(&way);
                // Go on from before the first arc that is full now.
                let full = way.iter().position(|&arc| self.room[arc] == 0).unwrap_or(0);
                way.truncate(full);
                continue;
            }
            let farther = |&arc: &usize| {
                self.room[arc] > 0 && distances[self.heads[arc]] == distances[place].saturating_add(1)
            };
            match self.outgoing[place][next[place]..].iter().position(farther) {
                Some(skipped) => {
                    next[place] += skipped;
                    way.push(self.outgoing[place][next[place]]);
                }
                None => {
                    next[place] = self.outgoing[place].len();
                    let Some(arc) = way.pop() else { return filled };
                    // The arc leads nowhere: its start takes the next one.
                    next[self.heads[arc ^ 1]] += 1;
                }
            }
        }
    }

    /// Sends along a way as much as its narrowest arc takes.
    fn push(&mut self, way: &[usize]) -> i128 {
        let amount = way.iter().map(|&arc| self.room[arc]).min().unwrap_or(0);
        for &arc in way {
            self.room[arc] -= amount;
            self.room[arc ^ 1] += amount;
        }
        amount
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_takes_back_what_was_sent_the_wrong_way() {
        // The first way found is 0-1-2-3; the best two are 0-1-3 and 0-2-3.
        let mut network = FlowNetwork::of_places(4);
        for (from, to) in [(0, 1), (1, 2), (0, 2), (1, 3), (2, 3)] {
            network.add(from, to, 1);
        }
        let flow = network.max_flow(0, 3);
        assert_eq!((flow.value, flow.is_source_side), (2, vec![true, false, false, false]));
    }

    #[test]
    fn what_cannot_be_reached_gets_nothing() {
        let mut network = FlowNetwork::of_places(3);
        network.add(0, 1, 5);
        let flow = network.max_flow(0, 2);
        assert_eq!((flow.value, flow.is_source_side), (0, vec![true, true, false]));
    }
}

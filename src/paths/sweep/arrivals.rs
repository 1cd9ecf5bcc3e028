//! Arrivals at nodes, and which of them can still matter.

use rustc_hash::FxHashMap;

use crate::model::{Instant, NodeId, RelationshipId};

/// No arrival.
pub(super) const NONE: u32 = 0;
/// The start itself, where a path has not begun to move.
pub(super) const START: u32 = 1;

/// An arrival at a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) at: Instant,
    pub(super) node: NodeId,
    /// The relationship crossed last.
    pub(super) via: RelationshipId,
    /// The arrival where it was crossed.
    pub(super) before: u32,
    pub(super) n_hops: u32,
    /// Its neighbours in the queue of the node.
    older: u32,
    newer: u32,
}

/// What is known of a node.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Until when the front of the queue can be gone on from.
    until: Instant,
    /// The queue of arrivals that matter: fewest hops and oldest in front.
    front: u32,
    back: u32,
    /// The best arrival as an end.
    pub(super) answer: u32,
    /// The hops of the front and of the back, to save a look at them.
    front_hops: u32,
    back_hops: u32,
}

/// Where what is known of nodes is kept.
pub(super) trait Places {
    /// What is known of a node.
    fn of(&self, node: NodeId) -> Place;
    /// The same, to be changed.
    fn at(&mut self, node: NodeId) -> &mut Place;
}

/// For a sweep that reaches few nodes.
#[derive(Debug, Default)]
pub(super) struct Few(FxHashMap<NodeId, Place>);

impl Places for Few {
    fn of(&self, node: NodeId) -> Place {
        self.0.get(&node).copied().unwrap_or_default()
    }

    fn at(&mut self, node: NodeId) -> &mut Place {
        self.0.entry(node).or_default()
    }
}

/// For a sweep that reaches many.
#[derive(Debug)]
pub(super) struct Many(Vec<Place>);

impl Many {
    pub(super) fn new(n_nodes: usize) -> Self {
        Self(vec![Place::default(); n_nodes])
    }
}

impl Places for Many {
    #[inline]
    fn of(&self, node: NodeId) -> Place {
        self.0[node.index()]
    }

    #[inline]
    fn at(&mut self, node: NodeId) -> &mut Place {
        &mut self.0[node.index()]
    }
}

/// All arrivals of a sweep.
pub(super) struct Arrivals<P> {
    all: Vec<Arrival>,
    places: P,
    start: NodeId,
    wait: Option<i64>,
    /// Whether an answer with fewer hops is better even if it comes later.
    fewest: bool,
    /// The nodes that have an answer, in the order in which they got it.
    pub(super) reached: Vec<NodeId>,
}

impl<P: Places> Arrivals<P> {
    pub(super) fn new(mut places: P, start: NodeId, wait: Option<i64>, fewest: bool) -> Self {
        let at_start = Arrival {
            at: Instant::MIN,
            node: start,
            via: RelationshipId::default(),
            before: NONE,
            n_hops: 0,
            older: NONE,
            newer: NONE,
        };
        let place = Place { until: Instant::MAX, front: START, back: START, ..Place::default() };
        *places.at(start) = place;
        // The first stands for none.
        Self { all: vec![at_start, at_start], places, start, wait, fewest, reached: Vec::new() }
    }

    #[inline]
    pub(super) fn get(&self, arrival: u32) -> &Arrival {
        &self.all[arrival as usize]
    }

    /// The best arrival at a node, as an end.
    #[inline]
    pub(super) fn answer(&self, node: NodeId) -> u32 {
        self.places.of(node).answer
    }

    /// The arrival with the fewest hops from which a node can be left at an instant, with
    /// its hops; forgets those that no later instant can use.
    #[inline]
    pub(super) fn usable(&mut self, node: NodeId, at: Instant) -> (u32, u32) {
        let place = self.places.of(node);
        if place.front == NONE || at <= place.until {
            return (place.front, place.front_hops);
        }
        self.forget_until(node, at)
    }

    fn forget_until(&mut self, node: NodeId, at: Instant) -> (u32, u32) {
        let place = self.places.at(node);
        while place.front != NONE && at > place.until {
            place.front = self.all[place.front as usize].newer;
            let front = &self.all[place.front as usize];
            place.until = front.at.saturating_add(self.wait.unwrap_or(0));
            place.front_hops = front.n_hops;
        }
        if place.front == NONE {
            place.back = NONE;
        } else {
            self.all[place.front as usize].older = NONE;
        }
        (place.front, place.front_hops)
    }

    /// As [`Self::usable`], at an instant to come: forgets nothing.
    pub(super) fn will_be_usable(&self, node: NodeId, at: Instant) -> u32 {
        let place = self.places.of(node);
        let (mut front, mut until) = (place.front, place.until);
        while front != NONE && at > until {
            front = self.get(front).newer;
            until = self.get(front).at.saturating_add(self.wait.unwrap_or(0));
        }
        front
    }

    /// Whether arriving so would change anything.
    #[inline]
    pub(super) fn is_worth(&self, node: NodeId, at: Instant, n_hops: u32) -> bool {
        let place = self.places.of(node);
        if node == self.start {
            return self.betters(place.answer, at, n_hops);
        }
        match self.wait {
            _ if place.back == NONE => true,
            None => n_hops < place.back_hops,
            Some(_) => n_hops < place.back_hops || at > self.get(place.back).at,
        }
    }

    #[inline]
    fn betters(&self, answer: u32, at: Instant, n_hops: u32) -> bool {
        let known = self.get(answer);
        answer == NONE || (n_hops < known.n_hops && (self.fewest || known.at == at))
    }

    /// Arrives; whether the node can be left in a new way. The caller has asked
    /// whether it is worth it.
    pub(super) fn arrive(&mut self, node: NodeId, at: Instant, via: RelationshipId, before: u32) -> bool {
        let n_hops = self.get(before).n_hops + 1;
        let new = u32::try_from(self.all.len()).expect("the limit on work is far below 2^32");
        let mut arrival = Arrival { at, node, via, before, n_hops, older: NONE, newer: NONE };
        let place = self.places.of(node);
        let betters = self.betters(place.answer, at, n_hops);
        if place.answer == NONE {
            self.reached.push(node);
        }
        let leaves = node != self.start;
        let until = self.wait.map_or(Instant::MAX, |wait| at.saturating_add(wait));
        if leaves {
            let (mut back, mut back_hops) = (place.back, place.back_hops);
            while back != NONE && back_hops >= n_hops {
                back = self.get(back).older;
                back_hops = self.get(back).n_hops;
            }
            // Without a bound, whoever is left has more hops and is of no use any more.
            arrival.older = back;
            if back != NONE {
                self.all[back as usize].newer = new;
            }
        }
        self.all.push(arrival);
        let place = self.places.at(node);
        if betters {
            place.answer = new;
        }
        if leaves {
            (place.back, place.back_hops) = (new, n_hops);
            if arrival.older == NONE {
                (place.front, place.front_hops, place.until) = (new, n_hops, until);
            }
        }
        leaves
    }

    /// The nodes and relationships of the walk to an arrival.
    pub(super) fn walk(&self, arrival: u32) -> (Vec<NodeId>, Vec<RelationshipId>) {
        let n_hops = self.get(arrival).n_hops as usize;
        let (mut nodes, mut relationships) = (Vec::with_capacity(n_hops + 1), Vec::with_capacity(n_hops));
        let mut at = arrival;
        while at != START {
            let step = self.get(at);
            nodes.push(step.node);
            relationships.push(step.via);
            at = step.before;
        }
        nodes.push(self.start);
        nodes.reverse();
        relationships.reverse();
        (nodes, relationships)
    }
}

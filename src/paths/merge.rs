//! Merging beginnings of paths that come to the same point, exactly.
//!
//! Where no filter looks back, what can follow a beginning depends on a few
//! things alone, its *spot*: the node, the place in the pattern, the bounds on
//! waiting that are pending there, the clock, and for STRONGEST what the goods
//! travel with. In one spot beginnings still differ in time, in rank and in what
//! the mode forbids them. A beginning B need not be extended if each of its
//! continuations can follow an earlier beginning A as well and gives a path that
//! ranks no worse; for the k best, if there are k such A.
//!
//! - **Time.** Every continuation that is feasible after B has to be feasible
//!   after A. All that later events, waits and states do is narrow the instants
//!   of the last event (and of the first, where WITHIN, LATEST or FASTEST ask for
//!   it), and whoever has more to narrow keeps more: inclusion of closed zones is
//!   enough ([`Extent::covers`]). Where nothing bounds the last event from above
//!   once it has happened, only its least instant matters; with the first event,
//!   how late that can be for each instant of the last one. Under CERTAINLY it is
//!   the other way round: an event that is known better fits more certainly, so
//!   A's period has to lie within B's, and the first event's as well.
//! - **Several together.** With k = 1 and the instants of the last event as all of
//!   time, each continuation of B is feasible for some instant of B's last event,
//!   and follows that A whose instants hold it. So the union of the A's counts:
//!   disjoint pieces, joined where they touch.
//! - **Rank.** A's key is not worse, since the search takes the least key first.
//!   But keys are compared part by part, and a part that only grows to the worse
//!   of two (an instant, a strength, a length of time) can become equal later, so
//!   that the parts behind it decide. A may not be worse in those either: hops for
//!   EARLIEST, LATEST and FASTEST, joints and hops for STRONGEST. Sums (hops,
//!   costs) compare before as they do after. The instants in keys are the best
//!   over all feasible ones, and better for A where it has more of them.
//! - **Repetitions.** Once the least number of repetitions is reached, fewer so
//!   far leave more for later.
//! - **Mode.** After A the mode forbids what A has used. For TRAIL that can only
//!   be a relationship that may still be crossed, which an event is not once its
//!   period lies before the last event; all of those have to be among B's. For
//!   ACYCLIC all of A's nodes have to be among B's; for SIMPLE also the first
//!   relationship, over which the path may not come back to its start.
//! - **ALL SHORTEST and groups** keep ties: A has to have fewer hops than B, and
//!   for k groups there have to be k such numbers of hops.
//!
//! The search can also be asked to ignore the mode ([`Used::Nothing`]). It then
//! finds the best walk of each pair, and where that satisfies the mode it is the
//! best path of the mode, which ranks by the same keys. Only pairs whose best walk
//! does not are searched again.
//!
//! Paths that are told apart by what a pattern's parts matched, and not by their
//! relationships, exist only where more than one thing is repeated; there k > 1
//! merges nothing, since k beginnings might be one path found in k ways.
//!
//! # Complexity
//! With k = 1 and one wait bound a spot has at most as many pieces as there are
//! relationships to its node, for each number of hops. With a mode that looks
//! back at undated or overlapping hops the number of beginnings can still grow
//! exponentially with the length of the paths, as it must: with bounds on waiting,
//! ACYCLIC is NP-hard (Casteigts, Himmel, Molter, Zschoche, "Finding temporal
//! paths under waiting time constraints", Algorithmica 83, 2021).

use rustc_hash::FxHashMap;

use super::pattern::{Element, Pattern};
use super::program::{Counters, Op, Surroundings, surroundings};
use super::question::Question;
use super::rank::{Mode, Selector};
use super::state::{Extent, Sight};
use super::step::Step;
use crate::graph::{Carriage, View};
use crate::model::{Clock, Instant, Interval, NodeId, RelationshipId, TypeKind};

/// What of a beginning's past the mode forbids it for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    /// Nothing: for WALK, or while the mode is left for later.
    Nothing,
    /// Its relationships.
    Relationships,
    /// Its nodes.
    Nodes,
    /// Its nodes, and its first relationship.
    NodesAndFirst,
}

impl Used {
    /// What a mode forbids.
    pub(super) fn by(mode: Mode) -> Self {
        match mode {
            Mode::Walk => Self::Nothing,
            Mode::Trail => Self::Relationships,
            Mode::Acyclic => Self::Nodes,
            Mode::Simple => Self::NodesAndFirst,
        }
    }
}

/// The part of a key in which an earlier beginning could still turn out worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// None: any path will do, or the key is made of sums.
    Settled,
    /// The number of hops.
    Hops,
    /// The joints, then the hops.
    Joints,
    /// The number of hops, which has to be less.
    FewerHops,
}

/// Where beginnings can be compared: what else decides how they can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Spot {
    node: NodeId,
    next: usize,
    /// Repetitions so far, where they are too few; [`ENOUGH`] otherwise.
    counters: Counters,
    clock: Option<Clock>,
    has_event: bool,
    waits: [Option<i64>; 2],
    carriage: Carriage,
    /// For SIMPLE: whether the path has come back to its start.
    is_closed: bool,
}

const ENOUGH: u32 = u32::MAX;

/// What may be compared between beginnings in one spot: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rank {
    counters: Counters,
    parts: [usize; 3],
}

/// Beginnings of one rank.
#[derive(Debug)]
struct Class {
    rank: Rank,
    /// The instants of those that forbid nothing, together: disjoint and in order.
    pieces: Vec<Interval>,
    others: Vec<Label>,
}

/// An extended beginning.
#[derive(Debug)]
struct Label {
    extent: Extent,
    nodes: Box<[NodeId]>,
    relationships: Box<[RelationshipId]>,
}

/// The beginnings that were extended, by their spots.
#[derive(Debug)]
pub(super) struct Merged {
    k: u64,
    order: Order,
    used: Used,
    sight: Sight,
    strict: bool,
    surroundings: Vec<Surroundings>,
    spots: FxHashMap<Spot, Vec<Class>>,
    /// How many comparisons were made.
    pub(super) n_compared: u64,
    /// How many beginnings are remembered; some of them together.
    pub(super) n_kept: usize,
}

/// Whether beginnings of paths of a question may be merged.
pub(super) fn is_possible(question: &Question<'_>) -> bool {
    let is_ranked = question.bounds.is_some() || matches!(question.selector, Selector::Strongest(_));
    let is_bounded = match question.selector {
        Selector::All => false,
        Selector::ShortestGroups(_) => true,
        selector => selector.paths_max() == Some(1) || !question.pattern.is_ambiguous(),
    };
    is_ranked && is_bounded && question.is_memoryless
}

/// Whether a question asks about the first event of its paths.
pub(super) fn tracks_first(question: &Question<'_>) -> bool {
    let by_start = matches!(question.selector, Selector::Latest(_) | Selector::Fastest(_));
    by_start || question.bounds.is_some_and(|bounds| bounds.within.is_some())
}

impl Merged {
    pub(super) fn new(view: View<'_>, question: &Question<'_>, program: &[Op], used: Used) -> Self {
        let (k, order) = match question.selector {
            Selector::All | Selector::Any(_) | Selector::Shortest(_) | Selector::Cheapest(_) => {
                (question.selector.paths_max(), Order::Settled)
            }
            Selector::ShortestGroups(k) => (Some(k), Order::FewerHops),
            Selector::Strongest(k) => (Some(k), Order::Joints),
            Selector::Earliest(k) | Selector::Latest(k) | Selector::Fastest(k) => (Some(k), Order::Hops),
        };
        let sight = Sight {
            certainly: question.bounds.is_some_and(|bounds| bounds.certainly),
            looks_back: question.bounds.is_some_and(|bounds| bounds.wait.is_some())
                || waits(&question.pattern.elements)
                || may_hang_states(view, question.pattern),
            ranks_by_end: matches!(question.selector, Selector::Earliest(_) | Selector::Strongest(_)),
        };
        Self {
            k: k.unwrap_or(u64::MAX),
            order,
            used,
            sight,
            strict: question.bounds.is_some_and(|bounds| bounds.strict),
            surroundings: surroundings(program),
            spots: FxHashMap::default(),
            n_compared: 0,
            n_kept: 0,
        }
    }

    /// Whether a beginning has to be extended; counts it among the extended if so.
    pub(super) fn admit(&mut self, step: &Step) -> bool {
        let Some((spot, rank, extent)) = self.describe(step) else { return true };
        if self.is_settled(spot, rank, &extent, step) {
            return false;
        }
        let label = self.label(step, extent);
        self.n_kept += 1;
        let classes = self.spots.entry(spot).or_default();
        let at = classes.iter().position(|class| class.rank == rank).unwrap_or_else(|| {
            classes.push(Class { rank, pieces: Vec::new(), others: Vec::new() });
            classes.len() - 1
        });
        match extent.instants {
            Some(instants) if self.k == 1 && self.order != Order::FewerHops && label.is_clean() => {
                add_piece(&mut classes[at].pieces, instants);
            }
            _ => classes[at].others.push(label),
        }
        true
    }

    /// Whether a beginning that waits need not be extended, as far as is known yet.
    pub(super) fn is_needless(&mut self, step: &Step) -> bool {
        let described = self.describe(step);
        described.is_some_and(|(spot, rank, extent)| self.is_settled(spot, rank, &extent, step))
    }

    /// `None` where a filter will look back.
    fn describe(&self, step: &Step) -> Option<(Spot, Rank, Extent)> {
        let surroundings = &self.surroundings[step.place.next];
        if surroundings.is_watched {
            return None;
        }
        let (mut short, mut beyond) = (step.place.done, step.place.done);
        for (level, repeat) in surroundings.repeats.iter().enumerate() {
            let Some((min, max)) = *repeat else { continue };
            if beyond[level] + 1 >= min {
                short[level] = ENOUGH;
                beyond[level] = if max.is_some() { beyond[level] } else { 0 };
            } else {
                beyond[level] = 0;
            }
        }
        let time = step.time.as_ref();
        let has_event = time.is_some_and(super::state::State::has_event);
        let spot = Spot {
            node: step.node,
            next: step.place.next,
            counters: short,
            clock: time.and_then(super::state::State::clock),
            has_event,
            waits: match time {
                Some(time) if has_event => [time.wait(), step.written_wait],
                _ => [None; 2],
            },
            carriage: step.carriage,
            is_closed: self.used == Used::NodesAndFirst && step.is_closed(),
        };
        let parts = match self.order {
            Order::Settled => [0; 3],
            Order::Hops | Order::FewerHops => [step.n_hops, step.n_aggregate, 0],
            Order::Joints => [step.n_joints, step.n_hops, step.n_aggregate],
        };
        let extent = time.map_or(Extent::TIMELESS, |time| time.extent(self.sight));
        Some((spot, Rank { counters: beyond, parts }, extent))
    }

    /// Whether enough beginnings do as well.
    fn is_settled(&mut self, spot: Spot, rank: Rank, extent: &Extent, step: &Step) -> bool {
        let Some(classes) = self.spots.get(&spot) else { return false };
        let order = self.order;
        let comparable = || classes.iter().filter(move |class| class.rank.is_no_worse(&rank, order));
        let n_compared = &mut self.n_compared;
        *n_compared += classes.len() as u64;
        let mut follows = |label: &Label| {
            *n_compared += 1;
            label.extent.covers(extent) && label.allows(step)
        };
        if order == Order::FewerHops {
            let mut lengths: Vec<usize> = Vec::new();
            for class in comparable() {
                if !lengths.contains(&class.rank.parts[0]) && class.others.iter().any(&mut follows) {
                    lengths.push(class.rank.parts[0]);
                }
            }
            return lengths.len() as u64 >= self.k;
        }
        if self.k > 1 {
            let labels = comparable().flat_map(|class| &class.others);
            return labels.filter(|label| follows(label)).take(count(self.k)).count() as u64 >= self.k;
        }
        let Some(instants) = extent.instants else {
            return comparable().flat_map(|class| &class.others).any(&mut follows);
        };
        let mut left = instants;
        loop {
            // How far what is left is covered by something that holds its first instant.
            let by_pieces = comparable().filter_map(|class| piece_at(&class.pieces, left.lo));
            let mut upto = by_pieces.map(|piece| piece.hi).max();
            if upto.is_none_or(|hi| hi < left.hi) {
                let labels = comparable().flat_map(|class| &class.others);
                for label in labels {
                    *n_compared += 1;
                    let Some(piece) = label.extent.instants else { continue };
                    let helps =
                        piece.lo <= left.lo && left.lo <= piece.hi && upto.is_none_or(|hi| hi < piece.hi);
                    if helps && label.allows(step) {
                        upto = Some(piece.hi);
                    }
                }
            }
            match upto {
                Some(hi) if hi >= left.hi => return true,
                Some(hi) => left.lo = hi + 1,
                None => return false,
            }
        }
    }

    /// What an extended beginning leaves behind.
    fn label(&self, step: &Step, extent: Extent) -> Label {
        let nodes = match self.used {
            Used::Nothing | Used::Relationships => Box::default(),
            Used::Nodes | Used::NodesAndFirst => step.chain().map(|step| step.node).collect(),
        };
        let next = match step.time.and_then(|time| time.earliest_end()) {
            Some(end) => end.saturating_add(i64::from(self.strict)),
            None => Instant::MIN,
        };
        let used = step.chain().filter(|step| step.via.is_some());
        let relationships = match self.used {
            Used::Nothing | Used::Nodes => Box::default(),
            // What lies before the next event cannot be crossed again.
            Used::Relationships => {
                used.filter(|step| step.until >= next).filter_map(|step| step.via).collect()
            }
            Used::NodesAndFirst => used.last().and_then(|step| step.via).into_iter().collect(),
        };
        Label { extent, nodes, relationships }
    }
}

fn count(k: u64) -> usize {
    usize::try_from(k).unwrap_or(usize::MAX)
}

impl Rank {
    fn is_no_worse(&self, other: &Self, order: Order) -> bool {
        let mut counters = self.counters.iter().zip(&other.counters);
        counters.all(|(this, other)| this <= other)
            && match order {
                Order::FewerHops => self.parts[0] < other.parts[0],
                _ => self.parts <= other.parts,
            }
    }
}

impl Label {
    /// Whether the mode forbids nothing after it.
    fn is_clean(&self) -> bool {
        self.nodes.is_empty() && self.relationships.is_empty()
    }

    /// Whether the mode allows after it whatever it allows after `step`.
    fn allows(&self, step: &Step) -> bool {
        self.relationships.iter().all(|&relationship| step.uses(relationship))
            && self.nodes.iter().all(|&node| step.visits(node))
    }
}

/// Adds an interval to disjoint ones that do not touch, in order.
fn add_piece(pieces: &mut Vec<Interval>, mut new: Interval) {
    let begin = pieces.partition_point(|piece| piece.hi < new.lo.saturating_sub(1));
    let touching = pieces[begin..].iter().take_while(|piece| piece.lo <= new.hi.saturating_add(1)).count();
    for piece in &pieces[begin..begin + touching] {
        new = Interval { lo: new.lo.min(piece.lo), hi: new.hi.max(piece.hi) };
    }
    pieces.splice(begin..begin + touching, [new]);
}

/// The piece that holds an instant.
fn piece_at(pieces: &[Interval], at: Instant) -> Option<Interval> {
    let first = pieces.partition_point(|piece| piece.hi < at);
    pieces.get(first).copied().filter(|piece| piece.lo <= at)
}

/// Whether a node pattern bounds the wait.
fn waits(elements: &[Element]) -> bool {
    elements.iter().any(|element| match element {
        Element::Node(node) => node.wait.is_some(),
        Element::Repeat(repeat) => waits(&repeat.body),
        Element::Hop(_) | Element::Filter(_) => false,
    })
}

/// Whether a path of the pattern may cross a state, by the types that it names.
fn may_hang_states(view: View<'_>, pattern: &Pattern) -> bool {
    fn may(view: View<'_>, elements: &[Element]) -> bool {
        elements.iter().any(|element| match element {
            Element::Hop(hop) => hop.types.as_ref().is_none_or(|types| {
                let graph = view.graph();
                types.iter().any(|&kind| graph.schema().kind(graph.text(kind)) == TypeKind::State)
            }),
            Element::Repeat(repeat) => may(view, &repeat.body),
            Element::Node(_) | Element::Filter(_) => false,
        })
    }
    may(view, &pattern.elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_touch_are_one() {
        let mut pieces = Vec::new();
        for (lo, hi) in [(10, 12), (1, 2), (5, 5), (3, 3), (14, Instant::MAX)] {
            add_piece(&mut pieces, Interval::new(lo, hi));
        }
        let expected = [(1, 3), (5, 5), (10, 12), (14, Instant::MAX)].map(|(lo, hi)| Interval::new(lo, hi));
        assert_eq!(pieces, expected);
        add_piece(&mut pieces, Interval::new(4, 20));
        assert_eq!(pieces, [Interval::new(1, Instant::MAX)]);
        assert_eq!(piece_at(&pieces, 0), None);
    }
}

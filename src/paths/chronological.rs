//! The order of events along a path, as `docs/language.md` defines it.
//!
//! Each relationship that a path crosses is an event, a state or undated. The
//! events e1 … em have instants t1 … tm within their periods, each not before the
//! one before it (strictly after, where asked), at most the pending wait bound
//! after it, and all within a span. A state holds at the instant of the last event
//! before it or, where there is none, of the first event after it.
//!
//! These rules link only neighbours, but for the span, which links the first
//! event with the last. So a search that extends paths hop by hop decides exactly
//! with what the module `state` remembers of a beginning. Here are the questions
//! about whole paths.
//!
//! No node is ever "visited": with a wait bound the earliest arrival can be too
//! early for the next hop while a later one fits.

use rustc_hash::FxHashMap;

use super::state::{State, fits_clock, same_clock};
use super::zone::Zone;
use crate::error::Result;
use crate::graph::{Direction, Neighbours, Symbol, View};
use crate::model::{Clock, Instant, Interval, NodeId, Path, RelationshipId, TypeKind, Value};

/// What order is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Each event at least one unit later than the one before.
    pub strict: bool,
    /// The order has to hold whatever the true instants are.
    pub certainly: bool,
    /// The bound on waiting at every inner node, in units of the clock.
    pub wait: Option<i64>,
    /// The bound from the first event to the last, in units of the clock.
    pub within: Option<i64>,
    /// The clock that the bounds are measured in, where they say one.
    pub clock: Option<Clock>,
}

/// A relationship as time sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// It happened at some instant of the interval.
    Event {
        /// The clock of its period.
        clock: Clock,
        /// When it may have happened.
        period: Interval,
        /// Whether it stands for many events, so that no order through it is certain.
        aggregate: bool,
    },
    /// It held throughout.
    State {
        /// The clock of its period.
        clock: Clock,
        /// When it may have held.
        possible: Interval,
        /// When it certainly held; may be empty.
        certain: Interval,
    },
    /// An event without a date: it constrains nothing, and no order through it is certain.
    UndatedEvent,
    /// A state without a date: it constrains nothing.
    UndatedState,
}

impl Crossing {
    /// Whether it is an event that stands for many.
    pub(super) fn is_aggregate(self) -> bool {
        matches!(self, Self::Event { aggregate: true, .. })
    }

    /// The last instant at which it can be crossed.
    pub(super) fn until(self) -> Instant {
        match self {
            Self::Event { period, .. } => period.hi,
            _ => Instant::MAX,
        }
    }

    /// The clock of its period.
    pub(super) fn clock(self) -> Option<Clock> {
        match self {
            Self::Event { clock, .. } | Self::State { clock, .. } => Some(clock),
            _ => None,
        }
    }
}

/// How time sees a relationship.
#[must_use]
pub fn crossing(view: View<'_>, id: RelationshipId) -> Crossing {
    Crossings::new(view).of(view, id)
}

/// Tells how time sees relationships; what is the same for all of a type is looked
/// up once.
#[derive(Debug)]
pub(super) struct Crossings {
    kinds: FxHashMap<Symbol, TypeKind>,
    aggregate: Option<Symbol>,
}

impl Crossings {
    pub(super) fn new(view: View<'_>) -> Self {
        Self { kinds: FxHashMap::default(), aggregate: view.graph().symbol("aggregate") }
    }

    /// How time sees a relationship.
    pub(super) fn of(&mut self, view: View<'_>, id: RelationshipId) -> Crossing {
        let graph = view.graph();
        let Some(relationship) = graph.relationship(id) else { return Crossing::UndatedState };
        let kind = self.kind(view, relationship.kind);
        let period = relationship.period;
        match (kind, period.clock()) {
            (TypeKind::Event, None) => Crossing::UndatedEvent,
            (TypeKind::State, None) => Crossing::UndatedState,
            (TypeKind::Event, Some(clock)) => {
                let aggregate = self.aggregate.and_then(|name| relationship.property(name));
                Crossing::Event {
                    clock,
                    period: period.possible(kind),
                    aggregate: aggregate == Some(&Value::Bool(true)),
                }
            }
            (TypeKind::State, Some(clock)) => {
                Crossing::State { clock, possible: period.possible(kind), certain: period.certain() }
            }
        }
    }

    /// Whether a type is one of events or of states.
    pub(super) fn kind(&mut self, view: View<'_>, kind: Symbol) -> TypeKind {
        let graph = view.graph();
        *self.kinds.entry(kind).or_insert_with(|| graph.schema().kind(graph.text(kind)))
    }
}

/// Fewer relationships than this are looked at one by one.
const HUB_MIN: usize = 32;

/// The relationships to walk from a node, without those of a hub that begin after
/// `latest`: a node's relationships of one type are sorted by their least instant.
pub(super) fn hops_by<'a>(
    view: View<'a>,
    node: NodeId,
    direction: Direction,
    types: &'a [Symbol],
    latest: Instant,
) -> impl Iterator<Item = (RelationshipId, NodeId)> + 'a {
    let sorted = view.neighbours(node, direction, types);
    let hub = sorted.filter(|found| latest != Instant::MAX && found.nodes.len() >= HUB_MIN);
    let none = Neighbours { nodes: &[], relationships: &[] };
    let Neighbours { nodes, relationships } = hub.unwrap_or(none);
    let begins = |id: RelationshipId| {
        let relationship = view.graph().relationship(id);
        relationship.map_or(Instant::MIN, |r| r.period.possible(TypeKind::Event).lo)
    };
    let n = relationships.partition_point(|&id| begins(id) <= latest);
    let in_time = relationships[..n].iter().copied().zip(nodes[..n].iter().copied());
    let all = hub.is_none().then(|| view.expand(node, direction, types));
    in_time.chain(all.into_iter().flatten())
}

/// A whole path's events with what hangs on them.
struct Chain {
    clock: Option<Clock>,
    crossings: Vec<Crossing>,
    /// For each relationship, the number of the event whose instant counts for it.
    event_of: Vec<Option<usize>>,
    /// Each event's period, narrowed by the states that hang on it.
    domains: Vec<Interval>,
    /// For each event after the first, the position of the node where it starts.
    starts: Vec<usize>,
}

impl Chain {
    fn new(view: View<'_>, path: &Path, bounds: &Bounds) -> Result<Self> {
        let crossings: Vec<Crossing> = path.relationships.iter().map(|&id| crossing(view, id)).collect();
        let mut clock = None;
        for crossing in &crossings {
            clock = same_clock(clock, crossing.clock())?;
        }
        fits_clock(bounds, clock)?;
        let mut chain =
            Self { clock, event_of: vec![None; crossings.len()], domains: vec![], starts: vec![], crossings };
        for (position, crossing) in chain.crossings.iter().enumerate() {
            if let Crossing::Event { period, .. } = crossing {
                chain.event_of[position] = Some(chain.domains.len());
                chain.domains.push(*period);
                chain.starts.push(position);
            }
        }
        chain.hang_states();
        Ok(chain)
    }

    fn hang_states(&mut self) {
        let mut last = None;
        for position in 0..self.crossings.len() {
            match self.crossings[position] {
                Crossing::Event { .. } => last = self.event_of[position],
                Crossing::State { possible, .. } if !self.domains.is_empty() => {
                    let event = last.unwrap_or(0);
                    self.event_of[position] = Some(event);
                    self.domains[event] = self.domains[event].intersect(possible);
                }
                _ => {}
            }
        }
    }

    /// The zone over all events in order; `None` where there is no feasible choice.
    fn solve(&self, bounds: &Bounds) -> Option<Zone> {
        let (first, rest) = self.domains.split_first()?;
        let mut zone = Zone::of(*first)?;
        for domain in rest {
            zone = zone.then(*domain, i128::from(bounds.strict), bounds.wait.map(i128::from))?;
        }
        let last = zone.len();
        let in_span = bounds.within.is_none_or(|within| zone.bound(last, 1, i128::from(within)));
        in_span.then_some(zone)
    }

    fn is_possible(&self, bounds: &Bounds) -> bool {
        if self.domains.is_empty() {
            let states = self.crossings.iter().filter_map(|crossing| match crossing {
                Crossing::State { possible, .. } => Some(*possible),
                _ => None,
            });
            return !states.fold(Interval::ALL, Interval::intersect).is_empty();
        }
        self.solve(bounds).is_some()
    }

    /// Whether the events can have happened in the reverse order, each with its states.
    fn is_possible_reversed(&self, bounds: &Bounds) -> bool {
        let reversed = Self {
            clock: self.clock,
            crossings: vec![],
            event_of: vec![],
            domains: self.domains.iter().rev().copied().collect(),
            starts: vec![],
        };
        reversed.solve(bounds).is_some()
    }

    fn is_certain(&self, bounds: &Bounds) -> Result<bool> {
        let bounds = Bounds { certainly: true, ..*bounds };
        let mut state = State::new(bounds.within.is_some());
        for &crossing in &self.crossings {
            state.wait_at(bounds.wait);
            match state.cross(crossing, &bounds)? {
                Some(next) => state = next,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// What the dates say about a path's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It holds whatever the true instants are.
    Certain,
    /// It may hold, and the reverse may not.
    Possible,
    /// It may hold, and so may the reverse: the dates say nothing.
    Untested,
    /// It cannot hold.
    Impossible,
    /// There is nothing dated.
    Undated,
}

impl Order {
    /// The word for it in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Possible => "possible",
            Self::Untested => "untested",
            Self::Impossible => "impossible",
            Self::Undated => "undated",
        }
    }
}

/// What the dates say about a path's order under `bounds`.
///
/// # Errors
/// `Invalid` where the path mixes dates and integers.
pub fn order(view: View<'_>, path: &Path, bounds: &Bounds) -> Result<Order> {
    let chain = Chain::new(view, path, bounds)?;
    Ok(if chain.clock.is_none() {
        Order::Undated
    } else if !chain.is_possible(bounds) {
        Order::Impossible
    } else if chain.is_certain(bounds)? {
        Order::Certain
    } else if chain.domains.len() >= 2 && chain.is_possible_reversed(bounds) {
        Order::Untested
    } else {
        Order::Possible
    })
}

/// Feasible instants of one relationship, in units of the path's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The clock.
    pub clock: Clock,
    /// The least and the greatest feasible instant.
    pub feasible: Interval,
}

/// For each relationship of a path the feasible instants over the whole path; a
/// state has those of the event that it hangs on. `None` for an impossible path.
///
/// # Errors
/// `Invalid` where the path mixes dates and integers.
pub fn times(view: View<'_>, path: &Path, bounds: &Bounds) -> Result<Option<Vec<Option<Times>>>> {
    let chain = Chain::new(view, path, bounds)?;
    if !chain.is_possible(bounds) {
        return Ok(None);
    }
    let zone = chain.solve(bounds);
    let of_event =
        |event: usize| Some(Times { clock: chain.clock?, feasible: zone.as_ref()?.interval(event + 1) });
    Ok(Some(chain.event_of.iter().map(|event| event.and_then(of_event)).collect()))
}

/// The wait between two consecutive events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// The clock.
    pub clock: Clock,
    /// Where the later event's node stands among the path's nodes.
    pub position: usize,
    /// The node where the later event starts.
    pub node: NodeId,
    /// The least feasible wait, in units of the clock; `None` for unbounded.
    pub least: Option<i64>,
    /// The greatest feasible wait; `None` for unbounded.
    pub most: Option<i64>,
}

/// For each two consecutive events of a path the range of feasible waits.
/// `None` for an impossible path.
///
/// # Errors
/// `Invalid` where the path mixes dates and integers.
pub fn waits(view: View<'_>, path: &Path, bounds: &Bounds) -> Result<Option<Vec<Wait>>> {
    let chain = Chain::new(view, path, bounds)?;
    if !chain.is_possible(bounds) {
        return Ok(None);
    }
    let (Some(zone), Some(clock)) = (chain.solve(bounds), chain.clock) else { return Ok(Some(Vec::new())) };
    let bound = |value: Option<i128>| value.and_then(|value| i64::try_from(value).ok());
    let waits = (1..chain.domains.len()).map(|event| {
        let (least, most) = zone.difference(event + 1, event);
        let position = chain.starts[event];
        Wait { clock, position, node: path.nodes[position], least: bound(least), most: bound(most) }
    });
    Ok(Some(waits.collect()))
}

//! The order of events along a path, as `docs/language.md` defines it.
//!
//! Each relationship that a path crosses is an event, a state or undated. The
//! events e1 … em have instants t1 … tm within their periods, each not before the
//! one before it (strictly after, where asked), at most the pending wait bound
//! after it, and all within a span. A state holds at the instant of the last event
//! before it or, where there is none, of the first event after it.
//!
//! These rules link only neighbours, but for the span, which links the first
//! event with the last. So the search state carries the closed zone over those
//! two alone (see the module `zone`): an extension adds the new event, applies the
//! rules, and drops the event in the middle. Nothing is lost by that, and a search
//! that extends paths hop by hop decides exactly.
//!
//! No node is ever "visited": with a wait bound the earliest arrival can be too
//! early for the next hop while a later one fits.

use super::zone::Zone;
use crate::error::{Error, Result};
use crate::graph::View;
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

    fn clock(self) -> Option<Clock> {
        match self {
            Self::Event { clock, .. } | Self::State { clock, .. } => Some(clock),
            _ => None,
        }
    }
}

/// How time sees a relationship.
#[must_use]
pub fn crossing(view: View<'_>, id: RelationshipId) -> Crossing {
    let graph = view.graph();
    let Some(relationship) = graph.relationship(id) else { return Crossing::UndatedState };
    let kind = graph.schema().kind(graph.text(relationship.kind));
    let period = relationship.period;
    match (kind, period.clock()) {
        (TypeKind::Event, None) => Crossing::UndatedEvent,
        (TypeKind::State, None) => Crossing::UndatedState,
        (TypeKind::Event, Some(clock)) => Crossing::Event {
            clock,
            period: period.possible(kind),
            aggregate: view.relationship_property(id, "aggregate") == Value::Bool(true),
        },
        (TypeKind::State, Some(clock)) => {
            Crossing::State { clock, possible: period.possible(kind), certain: period.certain() }
        }
    }
}

/// What a search has to remember of a path's beginning to extend it exactly.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    clock: Option<Clock>,
    /// Feasible instants of the first and the last event: variables 1 and 2 or,
    /// with one event, variable 1 alone.
    zone: Option<Zone>,
    /// Where all states before the first event hold.
    before: Option<Interval>,
    /// Where all of them certainly hold.
    certainly_before: Option<Interval>,
    /// The period of the first event and that of the last, as written.
    first: Option<Interval>,
    last: Option<Interval>,
    /// The least bound of the nodes since the last event.
    wait: Option<i64>,
}

impl State {
    /// Stays at a node that carries a bound on waiting.
    pub(super) fn wait_at(&mut self, bound: Option<i64>) {
        self.wait = least(self.wait, bound);
    }

    /// Crosses a relationship; `None` where the order becomes impossible or, if
    /// certainty is asked for, uncertain.
    ///
    /// # Errors
    /// `Invalid` where the path mixes dates and integers.
    pub(super) fn cross(&self, crossing: Crossing, bounds: &Bounds) -> Result<Option<Self>> {
        let mut next = self.clone();
        next.clock = same_clock(self.clock, crossing.clock())?;
        fits_clock(bounds, next.clock)?;
        let fits = match crossing {
            Crossing::Event { period, aggregate, .. } => next.happen(period, aggregate, bounds),
            Crossing::State { possible, certain, .. } => next.hold(possible, certain, bounds),
            Crossing::UndatedEvent => !bounds.certainly,
            Crossing::UndatedState => true,
        };
        Ok(fits.then_some(next))
    }

    fn happen(&mut self, period: Interval, aggregate: bool, bounds: &Bounds) -> bool {
        if bounds.certainly && !self.happens_certainly(period, aggregate, bounds) {
            return false;
        }
        let Some(zone) = self.extend(period, bounds) else { return false };
        self.zone = Some(zone);
        self.first = self.first.or(Some(period));
        self.last = Some(period);
        self.wait = None;
        true
    }

    /// The zone over the first event and this one.
    fn extend(&self, period: Interval, bounds: &Bounds) -> Option<Zone> {
        let Some(zone) = &self.zone else {
            return Zone::of(period.intersect(self.before.unwrap_or(Interval::ALL)));
        };
        let mut zone = zone.then(period, i128::from(bounds.strict), self.wait.map(i128::from))?;
        let last = zone.len();
        if bounds.within.is_some_and(|within| !zone.bound(last, 1, i128::from(within))) {
            return None;
        }
        Some(if last == 3 { zone.without(2) } else { zone })
    }

    fn happens_certainly(&self, period: Interval, aggregate: bool, bounds: &Bounds) -> bool {
        let states_hold =
            self.last.is_some() || self.certainly_before.is_none_or(|certain| certain.contains(period));
        let after_last =
            self.last.is_none_or(|last| follows_certainly(last, period, self.wait, bounds.strict));
        let in_span = self.first.is_none_or(|first| spans_at_most(first, period, bounds.within));
        !aggregate && !period.is_unbounded() && states_hold && after_last && in_span
    }

    fn hold(&mut self, possible: Interval, certain: Interval, bounds: &Bounds) -> bool {
        match (&mut self.zone, self.last) {
            (Some(zone), Some(last)) => {
                let event = zone.len();
                zone.confine(event, possible) && (!bounds.certainly || certain.contains(last))
            }
            _ => {
                let before = self.before.unwrap_or(Interval::ALL).intersect(possible);
                self.before = Some(before);
                self.certainly_before =
                    Some(self.certainly_before.unwrap_or(Interval::ALL).intersect(certain));
                !before.is_empty()
            }
        }
    }

    /// The least possible instant of the last event, if there is an event.
    pub(super) fn earliest_end(&self) -> Option<Instant> {
        self.zone.as_ref().map(|zone| zone.interval(zone.len()).lo)
    }

    /// The greatest possible instant of the first event, if there is an event.
    pub(super) fn latest_start(&self) -> Option<Instant> {
        self.zone.as_ref().map(|zone| zone.interval(1).hi)
    }

    /// The least possible time from the first event to the last.
    pub(super) fn least_span(&self) -> Option<i128> {
        self.zone.as_ref().map(|zone| match zone.len() {
            1 => 0,
            last => zone.difference(last, 1).0.unwrap_or(i128::MIN),
        })
    }
}

fn least(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn same_clock(a: Option<Clock>, b: Option<Clock>) -> Result<Option<Clock>> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => {
            Err(Error::invalid("one path cannot have both dates and integers as times")
                .hint("give all relationships of the pattern the same kind of from and to".to_owned()))
        }
        (a, b) => Ok(a.or(b)),
    }
}

fn fits_clock(bounds: &Bounds, clock: Option<Clock>) -> Result<()> {
    match (bounds.clock, clock) {
        (Some(Clock::Calendar), Some(Clock::Integer)) => {
            Err(Error::invalid("days and other calendar units cannot bound times that are integers")
                .hint("write the bound as a plain number".to_owned()))
        }
        (Some(Clock::Integer), Some(Clock::Calendar)) => {
            Err(Error::invalid("a plain number cannot bound dates")
                .hint("write a unit, such as 7 DAYS".to_owned()))
        }
        _ => Ok(()),
    }
}

fn follows_certainly(last: Interval, next: Interval, wait: Option<i64>, strict: bool) -> bool {
    let in_order = if strict { last.hi < next.lo } else { last.hi <= next.lo };
    in_order && spans_at_most(last, next, wait)
}

fn spans_at_most(first: Interval, last: Interval, most: Option<i64>) -> bool {
    most.is_none_or(|most| i128::from(last.hi) - i128::from(first.lo) <= i128::from(most))
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
        let mut state = State::default();
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

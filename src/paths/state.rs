//! What a search remembers of time to extend a path's beginning exactly.
//!
//! The rules of [`super::chronological`] link neighbouring events only, but for
//! the span, which links the first event with the last. So it is enough to know
//! which instants the last event can have and, where the question asks about the
//! first one too, the closed system of difference constraints over those two: an
//! extension adds the new event, applies the rules, and forgets the event in the
//! middle. Nothing is lost by that (see the module `zone`).
//!
//! Under CERTAINLY the feasible instants of the first and the last event are their
//! whole periods, since every rule holds for all of their instants.

use super::chronological::{Bounds, Crossing};
use crate::error::{Error, Result};
use crate::model::{Clock, Instant, Interval};

/// Time at the end of a path's beginning. Small, and copied with every step.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    clock: Option<Clock>,
    /// Whether the question asks about the first event too.
    tracks_first: bool,
    /// The least bound of the nodes since the last event; none before the first.
    wait: Option<i64>,
    events: Events,
}

#[derive(Debug, Clone, Copy)]
enum Events {
    /// None yet: where all states so far hold, and where they certainly hold.
    None { possible: Interval, certain: Interval },
    /// The feasible instants of the last one; `span` where the first is tracked.
    Some { last: Interval, span: Option<Span> },
}

/// The first event, and how far the last is from it. Closed together with the
/// instants of the last.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: Interval,
    /// From the first event to the last, at least; never negative.
    least: u64,
    /// At most; [`u64::MAX`] is no bound, since no two instants are farther apart.
    most: u64,
}

impl State {
    /// Before any relationship.
    pub(super) fn new(tracks_first: bool) -> Self {
        let events = Events::None { possible: Interval::ALL, certain: Interval::ALL };
        Self { clock: None, tracks_first, wait: None, events }
    }

    /// Stays at a node that carries a bound on waiting.
    pub(super) fn wait_at(&mut self, bound: Option<i64>) {
        if self.has_event() {
            self.wait = match (self.wait, bound) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }

    /// Crosses a relationship; `None` where the order becomes impossible or, if
    /// certainty is asked for, uncertain.
    ///
    /// # Errors
    /// `Invalid` where the path mixes dates and integers.
    pub(super) fn cross(&self, crossing: Crossing, bounds: &Bounds) -> Result<Option<Self>> {
        let mut next = *self;
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
        if period.is_empty() || (bounds.certainly && (aggregate || !self.happens_certainly(period, bounds))) {
            return false;
        }
        let Some((last, span)) = self.after(period, bounds) else { return false };
        self.events = Events::Some { last, span };
        self.wait = None;
        !last.is_empty()
    }

    /// The instants of an event that comes next, and the span up to it.
    fn after(&self, period: Interval, bounds: &Bounds) -> Option<(Interval, Option<Span>)> {
        // No wait is as long as it has to be and as short as it may be.
        if self.wait.is_some_and(|wait| wait < i64::from(bounds.strict)) {
            return None;
        }
        match self.events {
            Events::None { possible, .. } => {
                let first = period.intersect(possible);
                Some((first, self.tracks_first.then_some(Span { first, least: 0, most: 0 })))
            }
            Events::Some { last, span: None } => {
                let lo = later(last.lo, i64::from(bounds.strict));
                let hi = self.wait.map_or(Instant::MAX, |wait| later(last.hi, wait));
                Some((period.intersect(Interval { lo, hi }), None))
            }
            Events::Some { last, span: Some(span) } => {
                let (last, span) = span.then(last, period, self.wait, bounds)?;
                Some((last, Some(span)))
            }
        }
    }

    fn happens_certainly(&self, period: Interval, bounds: &Bounds) -> bool {
        let in_order = match self.events {
            Events::None { certain, .. } => certain.contains(period),
            Events::Some { last, span } => {
                let follows = if bounds.strict { last.hi < period.lo } else { last.hi <= period.lo };
                let first = span.map_or(period, |span| span.first);
                follows
                    && spans_at_most(last, period, self.wait)
                    && (span.is_none() || spans_at_most(first, period, bounds.within))
            }
        };
        in_order && !period.is_unbounded()
    }

    fn hold(&mut self, held: Interval, held_certainly: Interval, bounds: &Bounds) -> bool {
        match &mut self.events {
            Events::None { possible, certain } => {
                *possible = possible.intersect(held);
                *certain = certain.intersect(held_certainly);
                !possible.is_empty()
            }
            Events::Some { last, span } => {
                if bounds.certainly && !held_certainly.contains(*last) {
                    return false;
                }
                *last = last.intersect(held);
                if let (false, Some(span)) = (last.is_empty(), span) {
                    *span = span.confined(*last);
                }
                !last.is_empty()
            }
        }
    }

    /// Whether there is an event yet.
    pub(super) fn has_event(&self) -> bool {
        matches!(self.events, Events::Some { .. })
    }

    /// The clock of what was crossed, where anything dated was.
    pub(super) fn clock(&self) -> Option<Clock> {
        self.clock
    }

    /// The bound on waiting that has come together since the last event.
    pub(super) fn wait(&self) -> Option<i64> {
        self.wait
    }

    /// No event can come next that begins later than this.
    pub(super) fn next_by(&self) -> Instant {
        match (self.events, self.wait) {
            (Events::Some { last, .. }, Some(wait)) => later(last.hi, wait),
            _ => Instant::MAX,
        }
    }

    /// The least possible instant of the last event, if there is an event.
    pub(super) fn earliest_end(&self) -> Option<Instant> {
        match self.events {
            Events::None { .. } => None,
            Events::Some { last, .. } => Some(last.lo),
        }
    }

    /// The greatest possible instant of the first event, if there is an event that
    /// the question asks about.
    pub(super) fn latest_start(&self) -> Option<Instant> {
        self.span().map(|span| span.first.hi)
    }

    /// The least possible time from the first event to the last, if the question
    /// asks about it.
    pub(super) fn least_span(&self) -> Option<i128> {
        self.span().map(|span| span.least.into())
    }

    fn span(&self) -> Option<Span> {
        match self.events {
            Events::None { .. } => None,
            Events::Some { span, .. } => span,
        }
    }

    /// What of it decides how the path can go on.
    pub(super) fn extent(&self, sight: Sight) -> Extent {
        match self.events {
            Events::None { possible, certain } if sight.certainly => {
                Extent::of([!possible.lo, possible.hi, !certain.lo, certain.hi, 0, 0])
            }
            Events::None { possible, .. } => Extent::interval(possible),
            Events::Some { last, span } if sight.certainly => {
                let (lo, hi) = if sight.looks_back { (last.lo, !last.hi) } else { (0, !last.hi) };
                let earliest = if sight.ranks_by_end { !last.lo } else { 0 };
                let [first_lo, first_hi, least] =
                    span.map_or([0; 3], |span| [span.first.lo, span.first.hi, !ordered(span.least)]);
                Extent::of([lo, hi, earliest, first_lo, first_hi, least])
            }
            Events::Some { last, span: None } => {
                let hi = if sight.looks_back { last.hi } else { Instant::MAX };
                Extent::interval(Interval { lo: last.lo, hi })
            }
            Events::Some { last, span: Some(Span { first, least, most }) } => {
                let (least, most) = (!ordered(least), ordered(most));
                Extent::of(if sight.looks_back {
                    [!first.lo, first.hi, !last.lo, last.hi, least, most]
                } else {
                    [first.hi, !last.lo, least, 0, 0, 0]
                })
            }
        }
    }
}

/// The number in the order of signed ones.
fn ordered(length: u64) -> i64 {
    (length ^ (1 << 63)).cast_signed()
}

/// What of a question decides which times are better than others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    /// Whether the order has to be certain.
    pub(super) certainly: bool,
    /// Whether anything bounds the last event from above once it has happened: a
    /// wait, or a state that hangs on it. Otherwise only its least instant matters.
    pub(super) looks_back: bool,
    /// Whether paths are ranked by the least instant of their last event.
    pub(super) ranks_by_end: bool,
}

/// What of time decides how a path can go on, so that two can be compared.
///
/// The greater each number, the more continuations are possible, and the better
/// they rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// The instants, where nothing else counts: then several extents together can
    /// cover one.
    pub(super) instants: Option<Interval>,
    bounds: [i64; 6],
}

impl Extent {
    /// Without time: all are alike.
    pub(super) const TIMELESS: Self = Self { instants: None, bounds: [0; 6] };

    fn of(bounds: [i64; 6]) -> Self {
        Self { instants: None, bounds }
    }

    fn interval(instants: Interval) -> Self {
        Self { instants: Some(instants), bounds: [!instants.lo, instants.hi, 0, 0, 0, 0] }
    }

    /// Whether whatever can follow the other can follow this one as well.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.bounds.iter().zip(&other.bounds).all(|(this, other)| this >= other)
    }
}

/// Farther than any two instants are apart.
const FAR: i128 = 1 << 100;

/// An interval to calculate with: open sides are very far away.
#[derive(Clone, Copy)]
struct Wide {
    lo: i128,
    hi: i128,
}

impl Wide {
    fn of(interval: Interval) -> Self {
        Self {
            lo: if interval.lo == Instant::MIN { -FAR } else { interval.lo.into() },
            hi: if interval.hi == Instant::MAX { FAR } else { interval.hi.into() },
        }
    }

    fn intersect(self, lo: i128, hi: i128) -> Self {
        Self { lo: self.lo.max(lo), hi: self.hi.min(hi) }
    }

    fn is_empty(self) -> bool {
        self.lo > self.hi
    }

    fn interval(self) -> Interval {
        let instant =
            |at: i128| i64::try_from(at).unwrap_or(if at < 0 { Instant::MIN } else { Instant::MAX });
        Interval { lo: instant(self.lo), hi: instant(self.hi) }
    }
}

impl Span {
    /// The same after the instants of the last event have been narrowed to `last`.
    fn confined(self, last: Interval) -> Self {
        self.widened(Wide::of(last)).1
    }

    /// The first event beside the last as narrowed, and the closed span.
    fn widened(self, last: Wide) -> (Wide, Self) {
        let most = if self.most == u64::MAX { FAR } else { self.most.into() };
        let first = Wide::of(self.first).intersect(last.lo - most, last.hi - i128::from(self.least));
        let least = length(i128::from(self.least).max(last.lo - first.hi));
        let most = length(most.min(last.hi - first.lo));
        (first, Self { first: first.interval(), least, most })
    }

    /// Goes on to an event within `period`: its instants, and the span up to it.
    fn then(
        self,
        last: Interval,
        period: Interval,
        wait: Option<i64>,
        bounds: &Bounds,
    ) -> Option<(Interval, Self)> {
        let strict = i128::from(bounds.strict);
        let wait = wait.map_or(FAR, i128::from);
        let within = bounds.within.map_or(FAR, i128::from);
        let period = Wide::of(period);
        // What the new event leaves of the last one, and of the first.
        let last = Wide::of(last).intersect(period.lo - wait, period.hi - strict);
        if last.is_empty() {
            return None;
        }
        let (first, span) = self.widened(last);
        let new = period.intersect(last.lo + strict, last.hi + wait);
        let least = (i128::from(span.least) + strict).max(new.lo - first.hi);
        if least > within {
            return None;
        }
        let most = if span.most == u64::MAX { FAR } else { span.most.into() };
        let most = (most + wait).min(within);
        let new = new.intersect(new.lo, first.hi + within);
        let first = first.intersect(new.lo - within, first.hi);
        let most = most.min(new.hi - first.lo);
        Some((new.interval(), Self { first: first.interval(), least: length(least), most: length(most) }))
    }
}

fn length(length: i128) -> u64 {
    u64::try_from(length.max(0)).unwrap_or(u64::MAX)
}

/// An instant moved towards the future; an open side stays open.
fn later(at: Instant, by: i64) -> Instant {
    if at == Instant::MIN || at == Instant::MAX { at } else { at.saturating_add(by) }
}

pub(super) fn same_clock(a: Option<Clock>, b: Option<Clock>) -> Result<Option<Clock>> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => {
            Err(Error::invalid("one path cannot have both dates and integers as times")
                .hint("give all relationships of the pattern the same kind of from and to".to_owned()))
        }
        (a, b) => Ok(a.or(b)),
    }
}

pub(super) fn fits_clock(bounds: &Bounds, clock: Option<Clock>) -> Result<()> {
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

fn spans_at_most(first: Interval, last: Interval, most: Option<i64>) -> bool {
    most.is_none_or(|most| i128::from(last.hi) - i128::from(first.lo) <= i128::from(most))
}

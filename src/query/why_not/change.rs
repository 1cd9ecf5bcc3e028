//! What can be relaxed in a question, and the question with something relaxed.

use crate::error::Span;
use crate::graph::Lens;
use crate::model::time::DAY_MICROS;
use crate::model::{Clock, Duration, Value};
use crate::query::expr::Expr;
use crate::query::plan::{Count, Length, Part, Pattern, Probe, Selector, Shape};

/// One thing that stands in the way of an answer, perhaps.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Relaxation {
    /// `WAIT` of the prefix.
    PrefixWait,
    /// `WAIT` of a node pattern, by its part.
    NodeWait(usize),
    /// `WITHIN`.
    Within,
    /// `CERTAINLY`.
    Certainly,
    /// `STRICT`.
    Strict,
    /// `asOf` of the lens.
    AsOf,
    /// `knownBy` of the lens.
    KnownBy,
    /// `minConfidence` of the lens.
    MinConfidence,
    /// One name in `without` of the lens.
    Without(String),
    /// A condition in a part of the pattern that is not one of its ends, by its number.
    Condition(usize, usize),
    /// A property that such a part has to have, by its number.
    Property(usize, usize),
    /// A condition after `WHERE` that speaks of the path as a whole, by its number.
    Where(usize),
}

impl Relaxation {
    /// The word for it in the column `reason`.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::PrefixWait | Self::NodeWait(_) => "wait",
            Self::Within => "within",
            Self::Certainly => "certainly",
            Self::Strict => "strict",
            Self::AsOf | Self::KnownBy | Self::MinConfidence | Self::Without(_) => "lens",
            Self::Condition(..) | Self::Property(..) | Self::Where(_) => "condition",
        }
    }

    pub(super) fn is_of_lens(&self) -> bool {
        self.reason() == "lens"
    }

    pub(super) fn is_condition(&self) -> bool {
        self.reason() == "condition"
    }

    /// Takes it out of a lens.
    pub(super) fn clear(&self, lens: &mut Lens) {
        match self {
            Self::AsOf => lens.as_of = None,
            Self::KnownBy => lens.known_by = None,
            Self::MinConfidence => lens.confidence_min = None,
            Self::Without(name) => lens.without.retain(|other| other != name),
            _ => {}
        }
    }
}

/// A bound on time as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    /// In units of the clock; none where it differs from row to row.
    pub(super) most: Option<i64>,
    /// Of which the bound is a whole number: a day, an hour, …; 1 on an integer clock.
    pub(super) unit: i64,
    pub(super) clock: Clock,
}

/// Units that people count in, the longest first, with their names.
const UNITS: [(i64, &str); 4] = [
    (DAY_MICROS, "DAY"),
    (DAY_MICROS / 24, "HOUR"),
    (DAY_MICROS / 24 / 60, "MINUTE"),
    (DAY_MICROS / 24 / 60 / 60, "SECOND"),
];

/// Stands for no bound where a part has to have one; far beyond every time, and no danger to sums.
const BEYOND: i64 = i64::MAX / 4;

impl Bound {
    pub(super) fn new(most: Option<i64>, clock: Clock) -> Self {
        let unit = match (clock, most) {
            (Clock::Integer, _) => 1,
            (Clock::Calendar, None) => DAY_MICROS,
            (Clock::Calendar, Some(most)) => {
                UNITS.iter().map(|(unit, _)| *unit).find(|unit| most % unit == 0).unwrap_or(1)
            }
        };
        Self { most, unit, clock }
    }

    /// A length in units of this bound, as the language writes it.
    pub(super) fn words(&self, length: i64) -> String {
        if self.clock == Clock::Integer {
            return length.to_string();
        }
        match UNITS.iter().find(|(unit, _)| length % unit == 0 && *unit <= self.unit) {
            Some((unit, name)) => {
                let count = length / unit;
                format!("{count} {name}{}", if count == 1 { "" } else { "S" })
            }
            None => format!("(duration('{}'))", Duration::between_instants(0, length)),
        }
    }

    /// A length as a value.
    pub(super) fn value(&self, length: i64) -> Value {
        match self.clock {
            Clock::Integer => Value::Int(length),
            Clock::Calendar => Value::Duration(Duration::between_instants(0, length)),
        }
    }

    /// A length as a pattern holds it.
    fn length(&self, most: i64) -> Length {
        match self.clock {
            Clock::Integer => Length::Value(Expr::Literal(Value::Int(most)), Span::default()),
            Clock::Calendar => Length::Micros(most),
        }
    }
}

/// A question with something changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// What is relaxed; a bound on time may have another in its place.
    pub(super) relaxed: Vec<(Relaxation, Option<(Bound, i64)>)>,
    /// Whether a shortest path is wanted, to be shown, and not just any.
    pub(super) shortest: bool,
    /// Whether the order of time plays no part: then so many paths are enough.
    pub(super) untimed: Option<usize>,
    /// How many elements of the pattern are kept.
    pub(super) elements: Option<usize>,
}

impl Change {
    pub(super) fn of(relaxed: impl IntoIterator<Item = Relaxation>) -> Self {
        let relaxed = relaxed.into_iter().map(|relaxation| (relaxation, None)).collect();
        Self { relaxed, ..Self::default() }
    }

    pub(super) fn relaxations(&self) -> Vec<Relaxation> {
        self.relaxed.iter().map(|(relaxation, _)| relaxation.clone()).collect()
    }

    /// The same with another bound in the place of the one that was asked for.
    pub(super) fn with(&self, which: &Relaxation, bound: Bound, most: i64) -> Self {
        let mut change = self.clone();
        for (relaxation, new) in &mut change.relaxed {
            if relaxation == which {
                *new = Some((bound, most));
            }
        }
        change
    }

    pub(super) fn lens(&self, lens: &Lens) -> Lens {
        let mut lens = lens.clone();
        self.relaxed.iter().for_each(|(relaxation, _)| relaxation.clear(&mut lens));
        lens
    }

    /// The conditions after `WHERE` that are left.
    pub(super) fn filters(&self, filters: &[Expr]) -> Vec<Expr> {
        if self.elements.is_some() {
            return Vec::new();
        }
        let is_kept = |at: usize| !self.relaxed.iter().any(|(other, _)| *other == Relaxation::Where(at));
        filters.iter().enumerate().filter(|(at, _)| is_kept(*at)).map(|(_, filter)| filter.clone()).collect()
    }

    /// Changes the pattern; `is_alone` says that nothing besides it chooses among its paths, so that any
    /// one of them will do.
    pub(super) fn apply(&self, pattern: &mut Pattern, clock: Clock, is_alone: bool) {
        // From behind, so that the numbers of conditions stay what they are.
        let mut relaxed: Vec<_> = self.relaxed.iter().collect();
        relaxed.sort_by_key(|(relaxation, _)| match relaxation {
            Relaxation::Condition(_, at) | Relaxation::Property(_, at) => std::cmp::Reverse(*at),
            _ => std::cmp::Reverse(0),
        });
        for (relaxation, new) in relaxed {
            relax(pattern, relaxation, *new, clock);
        }
        if let Some(n) = self.elements {
            cut(pattern, n);
        }
        let k = Count::Literal(1);
        let one = Some(if self.shortest { Selector::Shortest(k) } else { Selector::Any(k) });
        match self.untimed {
            Some(results_max) => {
                let selector = match results_max {
                    1 => one,
                    k => Some(Selector::Shortest(Count::Literal(k as u64))),
                };
                choose(pattern, selector, Probe { results_max, ignores_time: true });
            }
            None if is_alone => choose(pattern, one, Probe { results_max: 1, ignores_time: false }),
            None => {}
        }
    }
}

/// Which paths are looked for; what they cost plays no part.
fn choose(pattern: &mut Pattern, selector: Option<Selector>, probe: Probe) {
    pattern.selector = selector;
    pattern.cost = None;
    pattern.probe = Some(probe);
}

fn relax(pattern: &mut Pattern, relaxation: &Relaxation, new: Option<(Bound, i64)>, clock: Clock) {
    let length = new.map(|(bound, most)| bound.length(most));
    if let Some(chrono) = &mut pattern.chrono {
        match relaxation {
            Relaxation::PrefixWait => chrono.wait.clone_from(&length),
            Relaxation::Within => chrono.within.clone_from(&length),
            Relaxation::Certainly => chrono.certainly = false,
            Relaxation::Strict => chrono.strict = false,
            _ => {}
        }
    }
    match relaxation {
        // Without a bound of its own the node would get that of the prefix.
        Relaxation::NodeWait(part) => {
            pattern.parts[*part].wait = length.or(Some(Bound::new(None, clock).length(BEYOND)));
        }
        Relaxation::Condition(part, at) => {
            pattern.parts[*part].filters.remove(*at);
        }
        Relaxation::Property(part, at) => {
            pattern.parts[*part].properties.remove(*at);
        }
        _ => {}
    }
}

/// Keeps the first elements of a pattern, and any node where they do not end with one.
fn cut(pattern: &mut Pattern, n: usize) {
    pattern.shape.truncate(n);
    let ends_with_node = pattern.shape.iter().rev().find(|shape| !matches!(shape, Shape::Filter(_)));
    if !matches!(ends_with_node, Some(Shape::Node(_))) {
        pattern.parts.push(Part::default());
        pattern.shape.push(Shape::Node(pattern.parts.len() - 1));
    }
}

/// All that can be relaxed, in the order in which it is tried.
pub(super) fn relaxations(pattern: &Pattern, filters: &[Expr], lens: &Lens) -> Vec<Relaxation> {
    let mut all = Vec::new();
    if let Some(chrono) = &pattern.chrono {
        all.extend(chrono.wait.is_some().then_some(Relaxation::PrefixWait));
        let waits = (0..pattern.parts.len()).filter(|&part| pattern.parts[part].wait.is_some());
        all.extend(waits.map(Relaxation::NodeWait));
        all.extend(chrono.within.is_some().then_some(Relaxation::Within));
        all.extend(chrono.certainly.then_some(Relaxation::Certainly));
        all.extend(chrono.strict.then_some(Relaxation::Strict));
    }
    all.extend(lens.as_of.is_some().then_some(Relaxation::AsOf));
    all.extend(lens.known_by.is_some().then_some(Relaxation::KnownBy));
    all.extend(lens.confidence_min.is_some().then_some(Relaxation::MinConfidence));
    all.extend(lens.without.iter().cloned().map(Relaxation::Without));
    let ends = [pattern.shape.first(), pattern.shape.last()];
    let is_end = |part: usize| ends.contains(&Some(&Shape::Node(part)));
    for (part, conditions) in pattern.parts.iter().enumerate().filter(|(part, _)| !is_end(*part)) {
        all.extend((0..conditions.properties.len()).map(|at| Relaxation::Property(part, at)));
        all.extend((0..conditions.filters.len()).map(|at| Relaxation::Condition(part, at)));
    }
    all.extend((0..filters.len()).map(Relaxation::Where));
    all
}

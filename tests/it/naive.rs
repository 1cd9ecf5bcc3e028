//! The definition of the path search, spelled out: slow, plain, and meant to be read beside the contract.
//!
//! Nothing here is clever. A pattern's paths are found by walking every way there is; the instants of a path's
//! events are found by trying every whole instant of a range; the best paths are found by sorting all of them.
//! The engine is tested against this file, so it shares no code with the engine and uses only `std`.
//!
//! Keep the inputs small: instants, waits and WITHIN of a few dozen units, patterns of a few hops.
//! The cost of one path grows with the cube of the range of instants, that of a pattern with the number of walks.
//!
//! # The range of instants
//!
//! An unbounded side stands for a range somewhat beyond every bound written on the path. That loses nothing.
//! Take any instants that keep the rules and pull together whatever lies outside the written bounds, leaving at
//! least one unit between different instants: order and STRICT survive, differences only shrink, and no written
//! bound is crossed. So whether a path is possible shows within `m` units (`m` events) of the bounds.
//! The earliest and latest instants can be farther out, by no more than all the waits and WITHIN together;
//! what is found farther out than that has no limit and is given as [`ALWAYS_BEFORE`] or [`ALWAYS_AFTER`].
//!
//! # Readings, where the contract leaves a choice
//!
//! 1. A relationship with neither `from` nor `to` is undated whatever its kind. An undated state constrains
//!    nothing, and other than an undated event it does not stand in the way of CERTAINLY.
//! 2. A path whose only event is undated is not certain, although it has no events in the sense of rule 1 to 4:
//!    "an undated event makes no path certain" goes before "a path without events is certain if it is possible".
//! 3. `aggregate` counts on events only, dated or not.
//! 4. Bounds belong to places in the path, not to nodes: a WALK that comes through the same node twice may carry
//!    two bounds there. All nodes after the earlier and before the later of two consecutive events lie between
//!    them, and the least of their bounds counts.
//! 5. Where several node patterns meet at one place (a step of length zero), the least of the WAITs that they
//!    write counts. The prefix's WAIT is replaced there as soon as one of them writes a WAIT, even a longer one.
//! 6. Two ways through a pattern that give the same nodes and relationships are one path. It is an answer if one
//!    of the ways satisfies CHRONOLOGICAL; its key is the best over the ways that do.
//! 7. SIMPLE forbids a relationship twice, as everything but WALK does (it matters for `a - b - a` over one
//!    relationship, where only the ends are the same node). See [`SIMPLE_MAY_REPEAT_A_RELATIONSHIP`].
//! 8. A relationship that starts and ends at one node is walked once for a hop, whatever the direction asked for.
//! 9. A path without relationships is an answer under CHRONOLOGICAL, and also under CERTAINLY.
//! 10. `order`: 'undated' is looked for first, then 'impossible', 'certain', 'untested', 'possible'. So events all
//!     on one and the same known day are 'certain', though the reverse would be possible too.
//! 11. `order`: for the reverse, the events keep the states that hang on them, and the same bounds (if any are
//!     given) stay between the same events; only the sequence of the instants is turned round.
//! 12. `times`: an undated relationship has none, nor has a state in a path without events. CERTAINLY does not
//!     matter to `times`, nor to the instants in keys.
//! 13. EARLIEST, LATEST and FASTEST without CHRONOLOGICAL mean bare CHRONOLOGICAL, which also excludes the
//!     paths that are not possible.
//! 14. An event unbounded before comes first for EARLIEST, and one unbounded after comes first for LATEST.
//! 15. STRONGEST: a path without relationships comes after every other one of its pair, also after those whose
//!     weakest hop has confidence 0. Two paths with confidence 0 and none tie.
//! 16. A reversed period, which the engine refuses to write, holds no instant: no path through it is possible.

#![allow(dead_code, reason = "the definition is complete, whichever parts the tests use")]

use std::collections::{BTreeMap, BTreeSet};

/// Stands for "no limit towards the past" wherever an instant is given.
pub(crate) const ALWAYS_BEFORE: i64 = i64::MIN;
/// Stands for "no limit towards the future" wherever an instant is given.
pub(crate) const ALWAYS_AFTER: i64 = i64::MAX;
/// Reading 7.
pub(crate) const SIMPLE_MAY_REPEAT_A_RELATIONSHIP: bool = false;

// ------------------------------------------------------------------------------------------------------------
// What is searched, and what for
// ------------------------------------------------------------------------------------------------------------

/// Nodes are the numbers below `nodes`, relationships the places in `rels`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: usize,
    pub(crate) rels: Vec<Rel>,
}

/// `from` and `to` each hold the earliest and the latest reading of what is written.
#[derive(Clone, Debug)]
pub(crate) struct Rel {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) label: u8,
    pub(crate) kind: Kind,
    pub(crate) from: Option<(i64, i64)>,
    pub(crate) to: Option<(i64, i64)>,
    pub(crate) aggregate: bool,
    pub(crate) confidence: Option<f64>,
    pub(crate) cost: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Event,
    State,
}

/// Node tests and the steps between them: one node more than steps.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) nodes: Vec<NodeTest>,
    pub(crate) steps: Vec<Step>,
}

/// `any_of`: the nodes admitted, all where it is left out. `wait`: WAIT in the node pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeTest {
    pub(crate) any_of: Option<Vec<usize>>,
    pub(crate) wait: Option<i64>,
}

/// A relationship with quantifier `{min,max}`; `{1,1}` for a plain one.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) labels: Option<Vec<u8>>,
    pub(crate) direction: Dir,
    pub(crate) min: usize,
    pub(crate) max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dir {
    Out,
    In,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Walk,
    Trail,
    Acyclic,
    Simple,
}

/// CHRONOLOGICAL and what stands after it; the default is the bare word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chrono {
    pub(crate) strict: bool,
    pub(crate) certainly: bool,
    pub(crate) wait: Option<i64>,
    pub(crate) within: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    All,
    Any(usize),
    Shortest(usize),
    ShortestGroups(usize),
    AllShortest,
    Cheapest(usize),
    Strongest(usize),
    Earliest(usize),
    Latest(usize),
    Fastest(usize),
}

/// One node more than relationships; `rels[i]` joins `nodes[i]` and `nodes[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) nodes: Vec<usize>,
    pub(crate) rels: Vec<usize>,
}

/// The WAIT that node patterns write, for each place in the path; `None` where none does.
pub(crate) type Waits = Vec<Option<i64>>;

// ------------------------------------------------------------------------------------------------------------
// Periods: events, states, undated relationships
// ------------------------------------------------------------------------------------------------------------

impl Rel {
    /// The period, with [`ALWAYS_BEFORE`] and [`ALWAYS_AFTER`] for unbounded sides; `None` if undated.
    fn period(&self) -> Option<(i64, i64)> {
        match (self.from, self.to, self.kind) {
            (None, None, _) => None,
            (Some(from), Some(to), _) => Some((from.0, to.1)),
            (Some(from), None, Kind::Event) => Some((from.0, from.1)),
            (Some(from), None, Kind::State) => Some((from.0, ALWAYS_AFTER)),
            (None, Some(to), _) => Some((ALWAYS_BEFORE, to.1)),
        }
    }

    /// When a state holds whatever the true dates are; a missing side is ongoing.
    fn certain_period(&self) -> (i64, i64) {
        (self.from.map_or(ALWAYS_BEFORE, |from| from.1), self.to.map_or(ALWAYS_AFTER, |to| to.0))
    }

    fn is_event(&self) -> bool {
        self.kind == Kind::Event && self.period().is_some()
    }

    fn is_state(&self) -> bool {
        self.kind == Kind::State && self.period().is_some()
    }
}

fn contains(period: (i64, i64), instant: i64) -> bool {
    period.0 <= instant && instant <= period.1
}

/// The period of the relationship at a place of the path, which must be dated.
fn period_at(graph: &Graph, path: &Path, place: usize) -> (i64, i64) {
    graph.rels[path.rels[place]].period().expect("only events and states are asked for their period")
}

/// The places of the events in the path, in order.
fn events(graph: &Graph, path: &Path) -> Vec<usize> {
    (0..path.rels.len()).filter(|&place| graph.rels[path.rels[place]].is_event()).collect()
}

/// The places of the states in the path, in order.
fn states(graph: &Graph, path: &Path) -> Vec<usize> {
    (0..path.rels.len()).filter(|&place| graph.rels[path.rels[place]].is_state()).collect()
}

/// The place of the event that a state hangs on: the last one before it, else the first one after it.
fn hangs_on(graph: &Graph, path: &Path, state: usize) -> Option<usize> {
    let events = events(graph, path);
    let before = events.iter().copied().rfind(|&event| event < state);
    before.or_else(|| events.iter().copied().find(|&event| event > state))
}

/// The least bound carried by any node between two consecutive events, given by their places.
fn bound_between(waits: &[Option<i64>], chrono: &Chrono, earlier: usize, later: usize) -> Option<i64> {
    (earlier + 1..=later).filter_map(|node| waits[node].or(chrono.wait)).min()
}

/// The least and the greatest bound written on the path's events and states (0 and 0 if there is none).
fn written_bounds(graph: &Graph, path: &Path) -> (i64, i64) {
    let mut written = Vec::new();
    for place in [events(graph, path), states(graph, path)].concat() {
        let (lo, hi) = period_at(graph, path, place);
        written.extend([lo, hi].into_iter().filter(|&side| side != ALWAYS_BEFORE && side != ALWAYS_AFTER));
    }
    (written.iter().copied().min().unwrap_or(0), written.iter().copied().max().unwrap_or(0))
}

fn check_shape(path: &Path, waits: &[Option<i64>]) {
    assert_eq!(path.nodes.len(), path.rels.len() + 1, "a path has one node more than relationships");
    assert_eq!(path.nodes.len(), waits.len(), "one entry a node of the path");
}

// ------------------------------------------------------------------------------------------------------------
// The rules, word for word
// ------------------------------------------------------------------------------------------------------------

/// Do these instants, one for each event of the path, keep rules 1 to 4 of the possible order?
/// (For a path without events this says only that there is nothing to violate; see [`states_meet`].)
pub(crate) fn rules_hold(
    graph: &Graph,
    path: &Path,
    waits_at_nodes: &[Option<i64>],
    chrono: &Chrono,
    instants: &[i64],
) -> bool {
    let events = events(graph, path);
    assert_eq!(events.len(), instants.len(), "one instant an event");
    let m = events.len();

    // every event happened at an instant of its period
    for i in 0..m {
        if !contains(period_at(graph, path, events[i]), instants[i]) {
            return false;
        }
    }
    // 1. one after another
    for i in 1..m {
        let in_order =
            if chrono.strict { instants[i - 1] < instants[i] } else { instants[i - 1] <= instants[i] };
        if !in_order {
            return false;
        }
    }
    // 2. every state holds when it is crossed
    for state in states(graph, path) {
        for i in 0..m {
            let hangs_here = hangs_on(graph, path, state) == Some(events[i]);
            if hangs_here && !contains(period_at(graph, path, state), instants[i]) {
                return false;
            }
        }
    }
    // 3. no wait longer than its bound
    for i in 1..m {
        if let Some(most) = bound_between(waits_at_nodes, chrono, events[i - 1], events[i])
            && instants[i] - instants[i - 1] > most
        {
            return false;
        }
    }
    // 4. the whole within a time
    if let Some(within) = chrono.within
        && m > 0
        && instants[m - 1] - instants[0] > within
    {
        return false;
    }
    true
}

/// Does some instant lie in the periods of all states of the path?
fn states_meet(graph: &Graph, path: &Path) -> bool {
    let (least, greatest) = written_bounds(graph, path);
    (least..=greatest).any(|instant| {
        states(graph, path).iter().all(|&state| contains(period_at(graph, path, state), instant))
    })
}

/// The definition of "possibly in order" with no thought for cost: all combinations of instants are tried.
/// For checking the rest of this file on tiny cases; returns all that keep the rules.
pub(crate) fn all_choices(
    graph: &Graph,
    path: &Path,
    waits_at_nodes: &[Option<i64>],
    chrono: &Chrono,
    beyond: i64,
) -> Vec<Vec<i64>> {
    let (least, greatest) = written_bounds(graph, path);
    let mut choices: Vec<Vec<i64>> = vec![Vec::new()];
    for _ in events(graph, path) {
        choices = choices
            .iter()
            .flat_map(|choice| {
                (least - beyond..=greatest + beyond).map(move |instant| {
                    let mut longer = choice.clone();
                    longer.push(instant);
                    longer
                })
            })
            .collect();
    }
    choices.retain(|choice| rules_hold(graph, path, waits_at_nodes, chrono, choice));
    choices
}

/// CERTAINLY, as the contract defines it, by the ends of the periods.
fn certain(graph: &Graph, path: &Path, waits_at_nodes: &[Option<i64>], chrono: &Chrono) -> bool {
    // every certain path is a possible one
    if !possible(graph, path, waits_at_nodes, chrono) {
        return false;
    }
    for &rel in &path.rels {
        let rel = &graph.rels[rel];
        if rel.kind == Kind::Event {
            // undated, unbounded on a side, or many events in one
            let Some((lo, hi)) = rel.period() else { return false };
            if lo == ALWAYS_BEFORE || hi == ALWAYS_AFTER || rel.aggregate {
                return false;
            }
        }
    }
    let events = events(graph, path);
    for pair in events.windows(2) {
        let (lo, hi) = period_at(graph, path, pair[0]);
        let (next_lo, next_hi) = period_at(graph, path, pair[1]);
        let in_order = if chrono.strict { hi < next_lo } else { hi <= next_lo };
        if !in_order {
            return false;
        }
        if let Some(most) = bound_between(waits_at_nodes, chrono, pair[0], pair[1])
            && next_hi - lo > most
        {
            return false;
        }
    }
    for state in states(graph, path) {
        if let Some(event) = hangs_on(graph, path, state) {
            let (lo, hi) = period_at(graph, path, event);
            let holds = graph.rels[path.rels[state]].certain_period();
            if !(contains(holds, lo) && contains(holds, hi)) {
                return false;
            }
        }
    }
    if let (Some(within), [first, .., last]) = (chrono.within, events.as_slice())
        && period_at(graph, path, *last).1 - period_at(graph, path, *first).0 > within
    {
        return false;
    }
    true
}

// ------------------------------------------------------------------------------------------------------------
// Trying every instant
// ------------------------------------------------------------------------------------------------------------

/// For each event the instants that it may have by itself (its period, and the states that hang on it), and the
/// rules between events. [`all_choices`] tries combinations; this goes through the events one by one and keeps,
/// for each, the set of all instants at which it can be reached.
struct Instants {
    own: Vec<Vec<i64>>,
    bounds: Vec<Option<i64>>,
    strict: bool,
    within: Option<i64>,
}

impl Instants {
    /// Instants are tried up to `beyond` units outside the written bounds.
    fn new(graph: &Graph, path: &Path, waits_at_nodes: &[Option<i64>], chrono: &Chrono, beyond: i64) -> Self {
        let (least, greatest) = written_bounds(graph, path);
        let events = events(graph, path);
        let own = events
            .iter()
            .map(|&event| {
                let mut periods = vec![period_at(graph, path, event)];
                for state in states(graph, path) {
                    if hangs_on(graph, path, state) == Some(event) {
                        periods.push(period_at(graph, path, state));
                    }
                }
                (least - beyond..=greatest + beyond)
                    .filter(|&instant| periods.iter().all(|&period| contains(period, instant)))
                    .collect()
            })
            .collect();
        let bounds =
            events.windows(2).map(|pair| bound_between(waits_at_nodes, chrono, pair[0], pair[1])).collect();
        Self { own, bounds, strict: chrono.strict, within: chrono.within }
    }

    /// May event `i` happen at `instant` and the next one at `next`? (Rules 1 and 3.)
    fn follows(&self, i: usize, instant: i64, next: i64) -> bool {
        let in_order = if self.strict { instant < next } else { instant <= next };
        in_order && self.bounds[i].is_none_or(|most| next - instant <= most)
    }

    /// The instants at which each event can be reached if the first one happens at one of `firsts`
    /// and the last one not after `deadline`.
    fn reached(&self, firsts: Vec<i64>, deadline: Option<i64>) -> Vec<Vec<i64>> {
        let mut reached = vec![firsts];
        for i in 1..self.own.len() {
            let next = self.own[i]
                .iter()
                .copied()
                .filter(|&next| reached[i - 1].iter().any(|&instant| self.follows(i - 1, instant, next)))
                .collect();
            reached.push(next);
        }
        if let (Some(deadline), Some(last)) = (deadline, reached.last_mut()) {
            last.retain(|&instant| instant <= deadline);
        }
        reached
    }

    /// Do some instants keep all rules? There must be an event.
    fn exist(&self) -> bool {
        let ends = |reached: Vec<Vec<i64>>| reached.last().is_some_and(|last| !last.is_empty());
        match self.within {
            None => ends(self.reached(self.own[0].clone(), None)),
            Some(within) => {
                self.own[0].iter().any(|&first| ends(self.reached(vec![first], Some(first + within))))
            }
        }
    }

    /// The earliest and latest instants of each event over all choices that keep the rules, and the least time
    /// from the first to the last. `None` if there is no choice.
    fn extremes(&self) -> Option<(Vec<(i64, i64)>, i64)> {
        let mut ranges: Vec<Option<(i64, i64)>> = vec![None; self.own.len()];
        let mut least_span: Option<i64> = None;
        for &first in &self.own[0] {
            let mut on_a_way = self.reached(vec![first], self.within.map(|within| first + within));
            // and back again: keep the instants from which the last event can be reached
            for i in (1..on_a_way.len()).rev() {
                let (before, after) = on_a_way.split_at_mut(i);
                before[i - 1]
                    .retain(|&instant| after[0].iter().any(|&next| self.follows(i - 1, instant, next)));
            }
            for (range, instants) in ranges.iter_mut().zip(&on_a_way) {
                for &instant in instants {
                    let (earliest, latest) = range.unwrap_or((instant, instant));
                    *range = Some((earliest.min(instant), latest.max(instant)));
                }
            }
            for &last in on_a_way.last().into_iter().flatten() {
                least_span = Some(least_span.map_or(last - first, |least| least.min(last - first)));
            }
        }
        Some((ranges.into_iter().collect::<Option<Vec<_>>>()?, least_span?))
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).expect("paths are short")
}

/// Possibly in order; what is certain does not matter here.
fn possible(graph: &Graph, path: &Path, waits_at_nodes: &[Option<i64>], chrono: &Chrono) -> bool {
    let m = events(graph, path).len();
    if m == 0 {
        return states_meet(graph, path);
    }
    Instants::new(graph, path, waits_at_nodes, chrono, count(m)).exist()
}

/// Is the path chronological: possibly in order, or certainly if `chrono` says so?
pub(crate) fn feasible(graph: &Graph, path: &Path, waits_at_nodes: &[Option<i64>], chrono: &Chrono) -> bool {
    check_shape(path, waits_at_nodes);
    if chrono.certainly {
        certain(graph, path, waits_at_nodes, chrono)
    } else {
        possible(graph, path, waits_at_nodes, chrono)
    }
}

/// What is feasible for the events of a possible path that has some.
struct Timing {
    /// the earliest and latest instant of each event
    events: Vec<(i64, i64)>,
    /// the least time from the first event to the last
    span: i64,
}

fn timing(graph: &Graph, path: &Path, waits_at_nodes: &[Option<i64>], chrono: &Chrono) -> Option<Timing> {
    timing_beyond(graph, path, waits_at_nodes, chrono, 0)
}

/// `further` makes the range of instants longer than needed, which must not change anything.
fn timing_beyond(
    graph: &Graph,
    path: &Path,
    waits_at_nodes: &[Option<i64>],
    chrono: &Chrono,
    further: i64,
) -> Option<Timing> {
    let events = events(graph, path);
    if events.is_empty() {
        return None;
    }
    // How far outside the written bounds an instant can be that still has a limit; and room beyond that for
    // all events one after another.
    let waits: i64 = events
        .windows(2)
        .filter_map(|pair| bound_between(waits_at_nodes, chrono, pair[0], pair[1]))
        .chain(chrono.within)
        .sum();
    let limit = waits + count(events.len());
    let beyond = limit + count(events.len()) + 1 + further;
    let (ranges, span) = Instants::new(graph, path, waits_at_nodes, chrono, beyond).extremes()?;
    let (least, greatest) = written_bounds(graph, path);
    let events = ranges
        .into_iter()
        .map(|(earliest, latest)| {
            let earliest = if earliest < least - limit { ALWAYS_BEFORE } else { earliest };
            let latest = if latest > greatest + limit { ALWAYS_AFTER } else { latest };
            (earliest, latest)
        })
        .collect();
    Some(Timing { events, span })
}

// ------------------------------------------------------------------------------------------------------------
// Functions on paths
// ------------------------------------------------------------------------------------------------------------

/// For each relationship its earliest and latest feasible instant, a state having those of its event.
/// `None` as a whole for an impossible path, and for a relationship that has none.
/// A side without limit is [`ALWAYS_BEFORE`] or [`ALWAYS_AFTER`].
pub(crate) fn times(
    graph: &Graph,
    path: &Path,
    waits_at_nodes: &[Option<i64>],
    chrono: &Chrono,
) -> Option<Vec<Option<(i64, i64)>>> {
    check_shape(path, waits_at_nodes);
    if !possible(graph, path, waits_at_nodes, chrono) {
        return None;
    }
    let events = events(graph, path);
    let ranges = timing(graph, path, waits_at_nodes, chrono).map_or(Vec::new(), |timing| timing.events);
    let time_of = |event: usize| {
        let i = events.iter().position(|&place| place == event);
        i.map(|i| ranges[i])
    };
    let times = (0..path.rels.len())
        .map(|place| {
            let rel = &graph.rels[path.rels[place]];
            if rel.is_event() {
                time_of(place)
            } else if rel.is_state() {
                hangs_on(graph, path, place).and_then(time_of)
            } else {
                None
            }
        })
        .collect();
    Some(times)
}

/// `order(p)` of the contract: bare order.
pub(crate) fn order(graph: &Graph, path: &Path) -> &'static str {
    order_with(graph, path, &vec![None; path.nodes.len()], &Chrono::default())
}

/// `order(p, {strict:, wait:, within:})` of the contract.
pub(crate) fn order_with(
    graph: &Graph,
    path: &Path,
    waits_at_nodes: &[Option<i64>],
    chrono: &Chrono,
) -> &'static str {
    check_shape(path, waits_at_nodes);
    let m = events(graph, path).len();
    if m == 0 && states(graph, path).is_empty() {
        return "undated";
    }
    if !possible(graph, path, waits_at_nodes, chrono) {
        return "impossible";
    }
    if certain(graph, path, waits_at_nodes, chrono) {
        return "certain";
    }
    if m >= 2 {
        let mut reversed = Instants::new(graph, path, waits_at_nodes, chrono, count(m));
        reversed.own.reverse();
        reversed.bounds.reverse();
        if reversed.exist() {
            return "untested";
        }
    }
    "possible"
}

// ------------------------------------------------------------------------------------------------------------
// All paths of a pattern
// ------------------------------------------------------------------------------------------------------------

/// Does the mode admit the path? What it refuses it refuses however the path goes on.
pub(crate) fn admits(mode: Mode, path: &Path) -> bool {
    fn all_different(items: &[usize]) -> bool {
        items.iter().collect::<BTreeSet<_>>().len() == items.len()
    }
    let rels_differ = all_different(&path.rels);
    match mode {
        Mode::Walk => true,
        Mode::Trail => rels_differ,
        Mode::Acyclic => all_different(&path.nodes),
        Mode::Simple => {
            let last = path.nodes.len() - 1;
            let may_end_where_it_began = last > 0 && path.nodes[last] == path.nodes[0];
            let nodes = if may_end_where_it_began { &path.nodes[..last] } else { &path.nodes[..] };
            all_different(nodes) && (rels_differ || SIMPLE_MAY_REPEAT_A_RELATIONSHIP)
        }
    }
}

/// The relationships that a step may take from a node, each with the node it leads to.
fn hops(graph: &Graph, node: usize, step: &Step) -> Vec<(usize, usize)> {
    let mut hops = Vec::new();
    for (id, rel) in graph.rels.iter().enumerate() {
        if step.labels.as_ref().is_some_and(|labels| !labels.contains(&rel.label)) {
            continue;
        }
        let forwards = step.direction != Dir::In && rel.start == node;
        let backwards = step.direction != Dir::Out && rel.end == node;
        if forwards {
            hops.push((id, rel.end));
        } else if backwards {
            hops.push((id, rel.start));
        }
    }
    hops
}

/// Walks a pattern in every way there is.
struct Walker<'a> {
    graph: &'a Graph,
    pattern: &'a Pattern,
    mode: Mode,
    /// each path found, with the WAITs of each way through the pattern that gives it
    found: BTreeMap<Path, BTreeSet<Waits>>,
}

impl Walker<'_> {
    /// The path so far has taken `taken` hops of step `step`; `marks` says where the node patterns before it
    /// stand in the path.
    fn go(&mut self, path: &mut Path, marks: &mut Vec<usize>, step: usize, taken: usize) {
        let Some(quantified) = self.pattern.steps.get(step).cloned() else {
            let waits = self.waits(path, marks);
            self.found.entry(path.clone()).or_default().insert(waits);
            return;
        };
        let node = path.nodes[path.nodes.len() - 1];
        if taken >= quantified.min && self.pattern.nodes[step + 1].admits(node) {
            marks.push(path.nodes.len() - 1);
            self.go(path, marks, step + 1, 0);
            marks.pop();
        }
        if taken < quantified.max {
            for (rel, next) in hops(self.graph, node, &quantified) {
                path.rels.push(rel);
                path.nodes.push(next);
                if admits(self.mode, path) {
                    self.go(path, marks, step, taken + 1);
                }
                path.rels.pop();
                path.nodes.pop();
            }
        }
    }

    /// The WAIT written for each place of the path; where node patterns meet, the least.
    fn waits(&self, path: &Path, marks: &[usize]) -> Waits {
        (0..path.nodes.len())
            .map(|place| {
                let here = self.pattern.nodes.iter().zip(marks).filter(|&(_, &mark)| mark == place);
                here.filter_map(|(test, _)| test.wait).min()
            })
            .collect()
    }
}

impl NodeTest {
    fn admits(&self, node: usize) -> bool {
        self.any_of.as_ref().is_none_or(|nodes| nodes.contains(&node))
    }
}

/// The paths of a pattern, each with the WAITs of those ways through the pattern that satisfy `chrono`.
pub(crate) fn paths_and_waits(
    graph: &Graph,
    pattern: &Pattern,
    mode: Mode,
    chrono: Option<&Chrono>,
) -> BTreeMap<Path, Vec<Waits>> {
    assert_eq!(pattern.nodes.len(), pattern.steps.len() + 1, "a pattern has one node more than steps");
    let mut walker = Walker { graph, pattern, mode, found: BTreeMap::new() };
    for node in (0..graph.nodes).filter(|&node| pattern.nodes[0].admits(node)) {
        walker.go(&mut Path { nodes: vec![node], rels: Vec::new() }, &mut vec![0], 0, 0);
    }
    let mut paths = BTreeMap::new();
    for (path, ways) in walker.found {
        let ways: Vec<Waits> = ways
            .into_iter()
            .filter(|waits| chrono.is_none_or(|chrono| feasible(graph, &path, waits, chrono)))
            .collect();
        if !ways.is_empty() {
            paths.insert(path, ways);
        }
    }
    paths
}

/// All paths of a pattern, each once, in no meaningful order.
pub(crate) fn all_paths(graph: &Graph, pattern: &Pattern, mode: Mode, chrono: Option<&Chrono>) -> Vec<Path> {
    paths_and_waits(graph, pattern, mode, chrono).into_keys().collect()
}

// ------------------------------------------------------------------------------------------------------------
// Ranking
// ------------------------------------------------------------------------------------------------------------

/// A ranking key: compared part by part, the least first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key(pub(crate) Vec<f64>);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.partial_cmp(&other.0).expect("keys are numbers")
    }
}

#[expect(clippy::cast_precision_loss, reason = "instants in tests are small")]
fn number(instant: i64) -> f64 {
    match instant {
        ALWAYS_BEFORE => f64::NEG_INFINITY,
        ALWAYS_AFTER => f64::INFINITY,
        _ => instant as f64,
    }
}

/// The ranking key of one path for a selector, given the WAITs of one way through the pattern.
/// ALL and ANY rank nothing: their key is empty. `joints` counts the joints of a path.
pub(crate) fn keys(
    graph: &Graph,
    path: &Path,
    waits_at_nodes: &[Option<i64>],
    selector: Selector,
    chrono: Option<&Chrono>,
    joints: &dyn Fn(&Path) -> usize,
) -> Key {
    check_shape(path, waits_at_nodes);
    let length = number(count(path.rels.len()));
    // the instants of a path with events come first (0), the paths without come after them (1)
    let by_instants =
        |chrono: &Chrono, instant: &dyn Fn(&Timing) -> f64| match timing(graph, path, waits_at_nodes, chrono)
        {
            Some(timing) => vec![0.0, instant(&timing), length],
            None => vec![1.0, 0.0, length],
        };
    let earliest = |timing: &Timing| number(timing.events[timing.events.len() - 1].0);
    let latest = |timing: &Timing| -number(timing.events[0].1);
    let fastest = |timing: &Timing| number(timing.span);
    let bare = Chrono::default();
    let implied = chrono.unwrap_or(&bare);
    Key(match selector {
        Selector::All | Selector::Any(_) => Vec::new(),
        Selector::Shortest(_) | Selector::ShortestGroups(_) | Selector::AllShortest => vec![length],
        Selector::Cheapest(_) => {
            let cost = path.rels.iter().map(|&rel| graph.rels[rel].cost).sum();
            vec![cost, length]
        }
        Selector::Strongest(_) => {
            let hops = path.rels.iter().map(|&rel| graph.rels[rel].confidence.unwrap_or(0.0));
            let mut key = match hops.reduce(f64::min) {
                Some(weakest) => vec![0.0, -weakest],
                None => vec![1.0, 0.0],
            };
            key.extend([number(count(joints(path))), length]);
            if let Some(chrono) = chrono {
                key.extend(by_instants(chrono, &earliest));
            }
            key
        }
        Selector::Earliest(_) => by_instants(implied, &earliest),
        Selector::Latest(_) => by_instants(implied, &latest),
        Selector::Fastest(_) => by_instants(implied, &fastest),
    })
}

/// How many of a pair's paths a selector gives; their keys are in rank order.
pub(crate) fn how_many(selector: Selector, ranked: &[Key]) -> usize {
    let groups = |k: usize| {
        let lengths: BTreeSet<&Key> = ranked.iter().collect();
        let chosen: BTreeSet<&Key> = lengths.into_iter().take(k).collect();
        ranked.iter().filter(|key| chosen.contains(key)).count()
    };
    match selector {
        Selector::All => ranked.len(),
        Selector::AllShortest => groups(1),
        Selector::ShortestGroups(k) => groups(k),
        Selector::Any(k)
        | Selector::Shortest(k)
        | Selector::Cheapest(k)
        | Selector::Strongest(k)
        | Selector::Earliest(k)
        | Selector::Latest(k)
        | Selector::Fastest(k) => k.min(ranked.len()),
    }
}

/// All paths of a pattern with their keys, by their two ends, in rank order.
pub(crate) fn ranked(
    graph: &Graph,
    pattern: &Pattern,
    mode: Mode,
    chrono: Option<&Chrono>,
    selector: Selector,
    joints: &dyn Fn(&Path) -> usize,
) -> BTreeMap<(usize, usize), Vec<(Key, Path)>> {
    let bare = Chrono::default();
    let chrono = match selector {
        Selector::Earliest(_) | Selector::Latest(_) | Selector::Fastest(_) => Some(chrono.unwrap_or(&bare)),
        _ => chrono,
    };
    let mut pairs: BTreeMap<(usize, usize), Vec<(Key, Path)>> = BTreeMap::new();
    for (path, ways) in paths_and_waits(graph, pattern, mode, chrono) {
        let best = ways.iter().map(|waits| keys(graph, &path, waits, selector, chrono, joints)).min();
        let best = best.expect("a path is there only if a way through the pattern gives it");
        pairs.entry(ends(&path)).or_default().push((best, path));
    }
    for paths in pairs.values_mut() {
        paths.sort();
    }
    pairs
}

fn ends(path: &Path) -> (usize, usize) {
    (path.nodes[0], path.nodes[path.nodes.len() - 1])
}

/// Is `answer` a right answer? Ties may be settled in any way: for each pair of end nodes, the keys of the
/// answer must be those of the best paths, in rank order; each path must be one of the pattern's, and stand
/// there once. Rows of different pairs may be mixed.
pub(crate) fn check_selected(
    graph: &Graph,
    pattern: &Pattern,
    mode: Mode,
    chrono: Option<&Chrono>,
    selector: Selector,
    joints: &dyn Fn(&Path) -> usize,
    answer: &[Path],
) -> Result<(), String> {
    let pairs = ranked(graph, pattern, mode, chrono, selector, joints);
    let key_of: BTreeMap<&Path, &Key> = pairs.values().flatten().map(|(key, path)| (path, key)).collect();
    let mut seen = BTreeSet::new();
    let mut given: BTreeMap<(usize, usize), Vec<Key>> = BTreeMap::new();
    for path in answer {
        let Some(&key) = key_of.get(path) else {
            return Err(format!("not a path of this search: {path:?}"));
        };
        if !seen.insert(path) {
            return Err(format!("given twice: {path:?}"));
        }
        given.entry(ends(path)).or_default().push(key.clone());
    }
    for (pair, paths) in &pairs {
        let keys: Vec<Key> = paths.iter().map(|(key, _)| key.clone()).collect();
        let best = &keys[..how_many(selector, &keys)];
        let given = given.remove(pair).unwrap_or_default();
        if given.len() != best.len() {
            let missing = paths.iter().map(|(_, path)| path).find(|&path| !seen.contains(path));
            return Err(format!(
                "{pair:?}: {} paths instead of {} (of {}); not given, for one: {missing:?}",
                given.len(),
                best.len(),
                paths.len()
            ));
        }
        let mut sorted = given.clone();
        sorted.sort();
        if sorted != best {
            let better = paths.iter().find(|(key, path)| !seen.contains(path) && !sorted.contains(key));
            return Err(format!(
                "{pair:?}: keys {sorted:?} instead of {best:?}; not given, for one: {better:?}"
            ));
        }
        if given != best {
            return Err(format!("{pair:?}: not in rank order: {given:?}"));
        }
    }
    Ok(())
}

// ------------------------------------------------------------------------------------------------------------
// The definition against cases done by hand, and against itself
// ------------------------------------------------------------------------------------------------------------

mod tests {
    use super::*;

    const CALL: u8 = 0;
    const OWNS: u8 = 1;

    /// An event at some instant of [lo, hi].
    fn event(start: usize, end: usize, lo: i64, hi: i64) -> Rel {
        Rel {
            start,
            end,
            label: CALL,
            kind: Kind::Event,
            from: Some((lo, lo)),
            to: Some((hi, hi)),
            aggregate: false,
            confidence: None,
            cost: 1.0,
        }
    }

    fn state(start: usize, end: usize, from: Option<(i64, i64)>, to: Option<(i64, i64)>) -> Rel {
        Rel { kind: Kind::State, label: OWNS, from, to, ..event(start, end, 0, 0) }
    }

    fn undated(start: usize, end: usize, kind: Kind) -> Rel {
        Rel { kind, from: None, to: None, ..event(start, end, 0, 0) }
    }

    fn trusted(confidence: f64, rel: Rel) -> Rel {
        Rel { confidence: Some(confidence), ..rel }
    }

    /// A line 0 - 1 - 2 - …, and the path along it.
    fn line(rels: Vec<Rel>) -> (Graph, Path) {
        let n = rels.len();
        let rels = rels.into_iter().enumerate().map(|(i, rel)| Rel { start: i, end: i + 1, ..rel }).collect();
        (Graph { nodes: n + 1, rels }, Path { nodes: (0..=n).collect(), rels: (0..n).collect() })
    }

    fn at(lo: i64, hi: i64) -> Rel {
        event(0, 0, lo, hi)
    }

    fn bare() -> Chrono {
        Chrono::default()
    }

    fn strict() -> Chrono {
        Chrono { strict: true, ..bare() }
    }

    fn certainly() -> Chrono {
        Chrono { certainly: true, ..bare() }
    }

    fn wait(most: i64) -> Chrono {
        Chrono { wait: Some(most), ..bare() }
    }

    fn within(most: i64) -> Chrono {
        Chrono { within: Some(most), ..bare() }
    }

    /// Is a line of these relationships feasible, without WAIT in node patterns?
    fn holds(rels: &[Rel], chrono: &Chrono) -> bool {
        let (graph, path) = line(rels.to_vec());
        feasible(&graph, &path, &vec![None; path.nodes.len()], chrono)
    }

    fn times_of(rels: &[Rel], chrono: &Chrono) -> Option<Vec<Option<(i64, i64)>>> {
        let (graph, path) = line(rels.to_vec());
        times(&graph, &path, &vec![None; path.nodes.len()], chrono)
    }

    fn order_of(rels: &[Rel]) -> &'static str {
        let (graph, path) = line(rels.to_vec());
        order(&graph, &path)
    }

    fn any_node() -> NodeTest {
        NodeTest::default()
    }

    fn only(node: usize) -> NodeTest {
        NodeTest { any_of: Some(vec![node]), wait: None }
    }

    fn waiting(most: i64) -> NodeTest {
        NodeTest { any_of: None, wait: Some(most) }
    }

    fn step(direction: Dir, min: usize, max: usize) -> Step {
        Step { labels: None, direction, min, max }
    }

    fn path(nodes: &[usize], rels: &[usize]) -> Path {
        Path { nodes: nodes.to_vec(), rels: rels.to_vec() }
    }

    fn no_joints(_: &Path) -> usize {
        0
    }

    #[test]
    fn naive_later_arrival_fits_where_the_earliest_does_not() {
        // the contract's example: s = 0, a = 1, z = 2
        let graph = Graph { nodes: 3, rels: vec![event(0, 1, 1, 1), event(0, 1, 5, 5), event(1, 2, 6, 6)] };
        let pattern = Pattern { nodes: vec![only(0), only(2)], steps: vec![step(Dir::Out, 1, 3)] };
        let found = all_paths(&graph, &pattern, Mode::Trail, Some(&wait(2)));
        assert_eq!(found, vec![path(&[0, 1, 2], &[1, 2])]);
        assert_eq!(all_paths(&graph, &pattern, Mode::Trail, Some(&bare())).len(), 2);

        // the same bound on the node pattern in the middle
        let pattern = Pattern {
            nodes: vec![only(0), waiting(2), only(2)],
            steps: vec![step(Dir::Out, 1, 1), step(Dir::Out, 1, 1)],
        };
        let found = all_paths(&graph, &pattern, Mode::Trail, Some(&bare()));
        assert_eq!(found, vec![path(&[0, 1, 2], &[1, 2])]);
    }

    #[test]
    fn naive_events_follow_each_other() {
        assert!(holds(&[at(1, 1), at(2, 2)], &bare()));
        assert!(!holds(&[at(2, 2), at(1, 1)], &bare()));
        assert!(holds(&[at(1, 9), at(2, 3), at(1, 2)], &bare())); // 1, 2, 2
        assert!(!holds(&[at(3, 9), at(2, 3), at(1, 2)], &bare()));
        // each pair is possible here, the three together are not: 5 at least, then 5 at most, then 4
        assert!(!holds(&[at(5, 6), at(1, 9), at(1, 4)], &bare()));
    }

    #[test]
    fn naive_strict_means_a_unit_later() {
        assert!(holds(&[at(1, 1), at(1, 1)], &bare()));
        assert!(!holds(&[at(1, 1), at(1, 1)], &strict()));
        assert!(holds(&[at(1, 2), at(1, 2)], &strict()));
        assert!(!holds(&[at(1, 2), at(1, 2), at(1, 2)], &strict()));
        assert_eq!(
            times_of(&[at(1, 3), at(1, 3), at(1, 3)], &strict()).expect("possible"),
            [Some((1, 1)), Some((2, 2)), Some((3, 3))]
        );
    }

    #[test]
    fn naive_only_from_means_one_date_for_an_event_and_ongoing_for_a_state() {
        // an event of some day between 3 and 5
        let some_day = Rel { to: None, from: Some((3, 5)), ..at(0, 0) };
        assert!(holds(&[some_day.clone(), at(3, 3)], &bare()));
        assert!(!holds(&[at(6, 6), some_day.clone()], &bare()));
        assert_eq!(times_of(&[some_day], &bare()), Some(vec![Some((3, 5))]));
        let until = Rel { from: None, to: Some((3, 5)), ..at(0, 0) };
        assert_eq!(times_of(&[until], &bare()), Some(vec![Some((ALWAYS_BEFORE, 5))]));
        let since = state(0, 0, Some((3, 5)), None);
        assert!(holds(&[at(100, 100), since.clone()], &bare()));
        assert!(!holds(&[at(2, 2), since], &bare()));
    }

    #[test]
    fn naive_a_state_holds_at_the_event_before_it_else_at_the_first_after_it() {
        let three_to_five = state(0, 0, Some((3, 3)), Some((5, 5)));
        assert!(holds(&[at(1, 9), three_to_five.clone(), at(9, 9)], &bare()));
        assert!(!holds(&[at(1, 2), three_to_five.clone(), at(4, 4)], &bare()));
        assert!(holds(&[three_to_five.clone(), at(4, 4)], &bare()));
        assert!(!holds(&[three_to_five.clone(), at(6, 6)], &bare()));
        // it narrows its event, and by that the next: 3 to 5, then not before 3
        assert_eq!(
            times_of(&[at(1, 9), three_to_five.clone(), at(1, 9)], &bare()).expect("possible"),
            [Some((3, 5)), Some((3, 5)), Some((3, 9))]
        );
        // two states on one event must hold at one instant
        let six_on = state(0, 0, Some((6, 6)), None);
        assert!(!holds(&[at(1, 9), three_to_five.clone(), six_on.clone()], &bare()));
        assert!(holds(&[three_to_five.clone(), at(1, 9), at(1, 9), six_on.clone()], &bare()));
        // without events they must meet
        assert!(!holds(&[three_to_five.clone(), six_on], &bare()));
        let four_on = state(0, 0, Some((4, 4)), None);
        assert!(holds(&[three_to_five, four_on.clone()], &certainly()));
        assert_eq!(times_of(&[four_on], &bare()), Some(vec![None]));
    }

    #[test]
    fn naive_undated_relationships_constrain_nothing() {
        let event = undated(0, 0, Kind::Event);
        let state = undated(0, 0, Kind::State);
        assert!(holds(&[at(1, 1), event.clone(), state.clone(), at(2, 2)], &bare()));
        assert!(!holds(&[at(2, 2), event.clone(), at(1, 1)], &bare()));
        assert!(!holds(&[at(1, 1), event.clone(), at(2, 2)], &certainly()));
        assert!(holds(&[at(1, 1), state.clone(), at(2, 2)], &certainly()));
        assert!(!holds(std::slice::from_ref(&event), &certainly()));
        assert!(holds(&[], &certainly()));
        assert_eq!(
            times_of(&[at(1, 2), event, at(1, 3), state], &bare()).expect("possible"),
            [Some((1, 2)), None, Some((1, 3)), None]
        );
    }

    #[test]
    fn naive_waits() {
        assert!(holds(&[at(1, 3), at(5, 7)], &wait(2)));
        assert!(!holds(&[at(1, 3), at(5, 7)], &wait(1)));
        assert_eq!(
            times_of(&[at(1, 3), at(5, 7)], &wait(3)).expect("possible"),
            [Some((2, 3)), Some((5, 6))]
        );
        // the wait reaches back along the path
        assert!(!holds(&[at(1, 2), at(1, 9), at(7, 9)], &wait(2)));
        assert!(holds(&[at(1, 3), at(1, 9), at(7, 9)], &wait(2)));
        // unbounded before, but held by the next event: not earlier than 1
        let until = Rel { from: None, ..at(0, 9) };
        assert_eq!(times_of(&[until.clone(), at(3, 3)], &wait(2)).expect("possible")[0], Some((1, 3)));
        assert_eq!(times_of(&[until, at(3, 3)], &bare()).expect("possible")[0], Some((ALWAYS_BEFORE, 3)));
    }

    #[test]
    fn naive_the_least_wait_between_two_events_counts() {
        let (graph, path) = line(vec![at(1, 1), state(0, 0, None, Some((9, 9))), at(4, 4)]);
        let ask = |waits: &[Option<i64>], chrono: &Chrono| feasible(&graph, &path, waits, chrono);
        assert!(ask(&[None, Some(3), Some(5), None], &bare()));
        assert!(!ask(&[None, Some(5), Some(2), None], &bare()));
        assert!(!ask(&[None, Some(2), None, None], &bare()));
        // at the ends a wait is between no events
        assert!(ask(&[Some(0), None, None, Some(0)], &bare()));
        // a node pattern replaces the prefix at its node only
        assert!(!ask(&[None, Some(5), None, None], &wait(2)));
        assert!(ask(&[None, Some(5), Some(3), None], &wait(2)));
    }

    #[test]
    fn naive_within() {
        let chain = [at(1, 3), at(1, 9), at(6, 8)];
        assert!(holds(&chain, &within(3)));
        assert!(!holds(&chain, &within(2)));
        assert_eq!(
            times_of(&chain, &within(4)).expect("possible"),
            [Some((2, 3)), Some((2, 7)), Some((6, 7))]
        );
        assert!(holds(&[at(1, 100)], &Chrono { within: Some(0), ..certainly() }));
    }

    #[test]
    fn naive_certainly() {
        assert!(holds(&[at(1, 3), at(3, 5)], &certainly()));
        assert!(!holds(&[at(1, 3), at(3, 5)], &Chrono { strict: true, ..certainly() }));
        assert!(!holds(&[at(1, 4), at(3, 5)], &certainly()));
        assert!(holds(&[at(1, 3), at(3, 5)], &Chrono { wait: Some(4), ..certainly() }));
        assert!(!holds(&[at(1, 3), at(3, 5)], &Chrono { wait: Some(3), ..certainly() }));
        assert!(holds(&[at(1, 3), at(3, 5)], &Chrono { within: Some(4), ..certainly() }));
        assert!(!holds(&[at(1, 3), at(3, 5)], &Chrono { within: Some(3), ..certainly() }));
        let aggregate = Rel { aggregate: true, ..at(1, 1) };
        assert!(holds(std::slice::from_ref(&aggregate), &bare()) && !holds(&[aggregate], &certainly()));
        let until = Rel { from: None, ..at(0, 3) };
        assert!(!holds(&[until, at(4, 4)], &certainly()));
        // from some day of 1 to 3 until some day of 8 to 9: certain from 3 to 8
        let from_to = state(0, 0, Some((1, 3)), Some((8, 9)));
        assert!(holds(&[at(3, 8), from_to.clone()], &certainly()));
        assert!(
            !holds(&[at(2, 8), from_to.clone()], &certainly())
                && holds(&[at(1, 9), from_to.clone()], &bare())
        );
        assert!(!holds(&[from_to, at(3, 9)], &certainly()));
        assert!(holds(&[at(3, 8), state(0, 0, Some((1, 3)), None)], &certainly()));
    }

    #[test]
    fn naive_orders() {
        assert_eq!(order_of(&[]), "undated");
        assert_eq!(order_of(&[undated(0, 0, Kind::Event), undated(0, 0, Kind::State)]), "undated");
        assert_eq!(order_of(&[at(1, 1)]), "certain");
        assert_eq!(order_of(&[at(1, 1), at(1, 1)]), "certain");
        assert_eq!(order_of(&[at(1, 2), undated(0, 0, Kind::Event)]), "possible");
        assert_eq!(order_of(&[at(1, 3), at(2, 5)]), "untested");
        assert_eq!(order_of(&[at(2, 5), at(1, 3)]), "untested");
        assert_eq!(order_of(&[Rel { aggregate: true, ..at(1, 2) }, at(3, 5)]), "possible");
        assert_eq!(order_of(&[at(3, 5), at(1, 2)]), "impossible");
        assert_eq!(order_of(&[at(1, 9), at(1, 9), at(9, 9), at(1, 9)]), "untested");
        assert_eq!(order_of(&[at(1, 3), at(2, 9), at(4, 9)]), "possible");
        let holds_early = state(0, 0, None, Some((1, 1)));
        let holds_late = state(0, 0, Some((9, 9)), None);
        assert_eq!(order_of(&[holds_early.clone(), holds_late.clone()]), "impossible");
        assert_eq!(order_of(std::slice::from_ref(&holds_late)), "certain");
        // the states say which event was first
        assert_eq!(order_of(&[at(1, 9), holds_early, at(1, 9), holds_late]), "possible");
    }

    #[test]
    fn naive_walk_trail_acyclic_simple() {
        // a triangle 0 -> 1 -> 2 -> 0, and a loop at 1
        let mut rels: Vec<Rel> =
            [(0, 1), (1, 2), (2, 0), (1, 1)].iter().map(|&(s, e)| undated(s, e, Kind::State)).collect();
        let graph = Graph { nodes: 3, rels: rels.clone() };
        let round = Pattern { nodes: vec![only(0), only(0)], steps: vec![step(Dir::Out, 0, 6)] };
        let count = |mode| all_paths(&graph, &round, mode, None).len();
        // the loop 0, 1, 2 or 3 times, once more round, and the path of length 0
        assert_eq!(count(Mode::Walk), 1 + 4 + 1);
        assert_eq!(count(Mode::Trail), 1 + 2);
        assert_eq!(count(Mode::Simple), 1 + 1);
        assert_eq!(count(Mode::Acyclic), 1);
        // in no given direction: a loop counts once, and SIMPLE does not go to and fro on one relationship
        let one = Pattern { nodes: vec![only(1), only(1)], steps: vec![step(Dir::Both, 1, 2)] };
        assert_eq!(all_paths(&graph, &one, Mode::Simple, None), [path(&[1, 1], &[3])]);
        assert_eq!(all_paths(&graph, &one, Mode::Walk, None).len(), 1 + 1 + 2);
        // two relationships between the same nodes
        rels.push(undated(2, 1, Kind::State));
        let graph = Graph { nodes: 3, rels };
        assert_eq!(all_paths(&graph, &one, Mode::Simple, None).len(), 1 + 2);
        // labels and directions
        let none = Pattern {
            nodes: vec![any_node(), any_node()],
            steps: vec![Step { labels: Some(vec![OWNS]), ..step(Dir::Both, 1, 2) }],
        };
        assert_eq!(all_paths(&graph, &none, Mode::Walk, None), []);
        let back = Pattern { nodes: vec![only(2), only(0)], steps: vec![step(Dir::In, 1, 3)] };
        assert_eq!(all_paths(&graph, &back, Mode::Acyclic, None), [path(&[2, 1, 0], &[1, 0])]);
    }

    #[test]
    fn naive_walking_an_event_twice_gives_it_two_instants() {
        let graph = Graph { nodes: 2, rels: vec![event(0, 1, 1, 2)] };
        let pattern = Pattern { nodes: vec![only(0), only(0)], steps: vec![step(Dir::Both, 2, 4)] };
        let count = |chrono: &Chrono| all_paths(&graph, &pattern, Mode::Walk, Some(chrono)).len();
        assert_eq!(count(&bare()), 2);
        assert_eq!(count(&strict()), 1);
        assert_eq!(count(&certainly()), 0);
    }

    #[test]
    fn naive_where_node_patterns_meet_the_lesser_wait_counts() {
        let graph = Graph { nodes: 3, rels: vec![event(0, 1, 1, 1), event(1, 2, 6, 6)] };
        let pattern = |first, second| Pattern {
            nodes: vec![
                only(0),
                NodeTest { wait: first, ..any_node() },
                NodeTest { wait: second, ..any_node() },
                only(2),
            ],
            steps: vec![step(Dir::Out, 1, 1), step(Dir::Out, 0, 0), step(Dir::Out, 1, 1)],
        };
        let found = |first, second, chrono: &Chrono| {
            all_paths(&graph, &pattern(first, second), Mode::Trail, Some(chrono)).len() == 1
        };
        assert!(found(Some(5), Some(9), &bare()) && found(None, Some(5), &bare()));
        assert!(!found(Some(5), Some(4), &bare()) && !found(Some(4), Some(5), &bare()));
        assert!(found(Some(5), None, &wait(1)) && !found(None, None, &wait(1)));

        // one way to split the quantifiers puts the WAIT on the inner node, the other on an end
        let pattern = Pattern {
            nodes: vec![only(0), waiting(2), only(2)],
            steps: vec![step(Dir::Out, 0, 2), step(Dir::Out, 0, 1)],
        };
        assert_eq!(all_paths(&graph, &pattern, Mode::Trail, Some(&bare())).len(), 1);
    }

    #[test]
    fn naive_keys() {
        let none = [None; 3];
        let (graph, two) = line(vec![
            trusted(0.9, at(1, 4)),
            trusted(0.5, Rel { to: None, from: Some((2, 6)), ..at(0, 0) }),
        ]);
        let key = |selector, chrono: Option<&Chrono>| keys(&graph, &two, &none, selector, chrono, &|_| 7).0;
        assert!(key(Selector::All, None).is_empty());
        assert_eq!(key(Selector::Shortest(1), None), [2.0]);
        assert_eq!(key(Selector::Strongest(1), None), [0.0, -0.5, 7.0, 2.0]);
        assert_eq!(key(Selector::Strongest(1), Some(&bare())), [0.0, -0.5, 7.0, 2.0, 0.0, 2.0, 2.0]);
        assert_eq!(key(Selector::Earliest(1), None), [0.0, 2.0, 2.0]);
        assert_eq!(key(Selector::Latest(1), None), [0.0, -4.0, 2.0]);
        assert_eq!(key(Selector::Fastest(1), None), [0.0, 0.0, 2.0]);
        assert_eq!(key(Selector::Fastest(1), Some(&strict())), [0.0, 1.0, 2.0]);

        // CERTAINLY lets fewer paths through; the instants remain those of the possible order
        let (graph, two) = line(vec![at(1, 3), at(4, 9)]);
        let key = |selector| keys(&graph, &two, &none, selector, Some(&certainly()), &no_joints).0;
        assert_eq!(key(Selector::Earliest(1)), [0.0, 4.0, 2.0]);
        assert_eq!(key(Selector::Latest(1)), [0.0, -3.0, 2.0]);
        assert_eq!(key(Selector::Fastest(1)), [0.0, 1.0, 2.0]);

        // no limit comes first, no events come last
        let until = Rel { from: None, ..at(0, 3) };
        let since = state(0, 0, Some((1, 1)), None);
        let (graph, two) = line(vec![until, since.clone()]);
        let key = |selector| keys(&graph, &two, &none, selector, None, &no_joints).0;
        assert_eq!(key(Selector::Earliest(1)), [0.0, 1.0, 2.0]); // the state holds from 1
        assert_eq!(key(Selector::Latest(1)), [0.0, -3.0, 2.0]);
        let (graph, two) = line(vec![since.clone(), since]);
        assert_eq!(keys(&graph, &two, &none, Selector::Latest(1), None, &no_joints).0, [1.0, 0.0, 2.0]);
        assert_eq!(
            keys(&graph, &two, &none, Selector::Strongest(1), None, &no_joints).0,
            [0.0, 0.0, 0.0, 2.0]
        );
        let (graph, zero) = line(vec![]);
        assert_eq!(
            keys(&graph, &zero, &[None], Selector::Strongest(1), None, &no_joints).0,
            [1.0, 0.0, 0.0, 0.0]
        );
        let (graph, one) = line(vec![Rel { from: None, ..at(0, 3) }]);
        assert_eq!(
            keys(&graph, &one, &none[1..], Selector::Earliest(1), None, &no_joints).0,
            [0.0, f64::NEG_INFINITY, 1.0]
        );
    }

    #[test]
    fn naive_a_wrong_answer_is_told() {
        // from 0 to 2: direct on 9, by 1 on 3 and 4, and by 1 on 3 and 5; from 0 to 1 on 3
        let rels = vec![event(0, 2, 9, 9), event(0, 1, 3, 3), event(1, 2, 4, 4), event(1, 2, 5, 5)];
        let graph = Graph { nodes: 3, rels };
        let pattern = Pattern { nodes: vec![only(0), any_node()], steps: vec![step(Dir::Out, 1, 2)] };
        let (direct, on_four, on_five, to_one) =
            (path(&[0, 2], &[0]), path(&[0, 1, 2], &[1, 2]), path(&[0, 1, 2], &[1, 3]), path(&[0, 1], &[1]));
        let check = |selector, answer: &[&Path]| {
            let answer: Vec<Path> = answer.iter().map(|&path| path.clone()).collect();
            check_selected(&graph, &pattern, Mode::Trail, Some(&bare()), selector, &no_joints, &answer)
        };
        let right = |selector, answer: &[&Path]| assert_eq!(check(selector, answer), Ok(()));
        let wrong = |selector, answer: &[&Path], why: &str| {
            let told = check(selector, answer).expect_err("a wrong answer passes");
            assert!(told.contains(why), "{told}");
        };

        right(Selector::All, &[&on_five, &direct, &to_one, &on_four]);
        wrong(Selector::All, &[&on_five, &direct, &to_one], "2 paths instead of 3");
        wrong(Selector::All, &[&on_five, &direct, &to_one, &on_four, &direct], "twice");
        right(Selector::Any(1), &[&on_five, &to_one]);
        wrong(Selector::Any(1), &[&on_five], "0 paths instead of 1");
        right(Selector::Any(2), &[&on_five, &to_one, &direct]);
        right(Selector::Shortest(2), &[&direct, &to_one, &on_five]);
        right(Selector::Shortest(2), &[&direct, &to_one, &on_four]);
        wrong(Selector::Shortest(2), &[&on_four, &to_one, &direct], "rank order");
        wrong(Selector::Shortest(1), &[&on_four, &to_one], "keys");
        right(Selector::AllShortest, &[&direct, &to_one]);
        right(Selector::ShortestGroups(2), &[&direct, &to_one, &on_five, &on_four]);
        wrong(Selector::ShortestGroups(2), &[&direct, &to_one, &on_five], "2 paths instead of 3");
        right(Selector::Earliest(2), &[&on_four, &on_five, &to_one]);
        wrong(Selector::Earliest(2), &[&on_four, &direct, &to_one], "keys");
        right(Selector::Latest(1), &[&direct, &to_one]);
        right(Selector::Fastest(3), &[&direct, &on_four, &on_five, &to_one]);
        let backwards = path(&[1, 0], &[1]);
        wrong(Selector::All, &[&backwards], "not a path");
    }

    /// A small generator of pseudo-random numbers (xorshift), so that the cases are the same in every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }

        fn small(&mut self, n: u64) -> i64 {
            i64::try_from(self.below(n)).expect("small")
        }

        fn index(&mut self, n: usize) -> usize {
            usize::try_from(self.below(n as u64)).expect("small")
        }

        fn one_in(&mut self, n: u64) -> bool {
            self.below(n) == 0
        }

        fn maybe(&mut self, n: u64) -> Option<i64> {
            if self.one_in(2) { Some(self.small(n)) } else { None }
        }

        fn rel(&mut self, nodes: usize) -> Rel {
            let from = self.small(5);
            let from = (from, from + self.small(2));
            let to = from.1 + self.small(3);
            let to = (to, to + self.small(2));
            Rel {
                start: self.index(nodes),
                end: self.index(nodes),
                label: u8::from(self.one_in(3)),
                kind: if self.one_in(3) { Kind::State } else { Kind::Event },
                from: if self.one_in(5) { None } else { Some(from) },
                to: if self.one_in(4) { None } else { Some(to) },
                aggregate: self.one_in(20),
                confidence: if self.one_in(4) { None } else { Some([0.1, 0.5, 0.9][self.index(3)]) },
                cost: 1.0,
            }
        }

        fn chrono(&mut self) -> Chrono {
            let within = if self.one_in(3) { Some(self.small(5)) } else { None };
            Chrono { strict: self.one_in(2), certainly: false, wait: self.maybe(4), within }
        }
    }

    #[test]
    fn naive_agrees_with_all_combinations_of_instants() {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let (mut possible_ones, mut certain_ones) = (0, 0);
        for _ in 0..1500 {
            let length = dice.index(5);
            let (graph, path) = line((0..length).map(|_| dice.rel(1)).collect());
            let waits: Waits =
                (0..=length).map(|_| if dice.one_in(4) { dice.maybe(4) } else { None }).collect();
            let chrono = dice.chrono();
            let events = events(&graph, &path);
            if events.is_empty() || events.len() > 3 {
                continue;
            }
            let choices = all_choices(&graph, &path, &waits, &chrono, 12);
            assert_eq!(feasible(&graph, &path, &waits, &chrono), !choices.is_empty(), "{graph:?}");

            // what is certain holds for every combination of instants in the periods, and the other way round
            let sure = Chrono { certainly: true, ..chrono.clone() };
            let told = feasible(&graph, &path, &waits, &sure);
            let dated = graph.rels.iter().all(|rel| match (rel.kind, rel.period()) {
                (Kind::Event, Some((lo, hi))) => lo != ALWAYS_BEFORE && hi != ALWAYS_AFTER && !rel.aggregate,
                (Kind::Event, None) => false,
                (Kind::State, _) => true,
            });
            if dated {
                // the same path with its states cut to when they certainly hold
                let mut cut = graph.clone();
                for rel in cut.rels.iter_mut().filter(|rel| rel.kind == Kind::State) {
                    (rel.from, rel.to) =
                        (rel.from.map(|from| (from.1, from.1)), rel.to.map(|to| (to.0, to.0)));
                }
                let sizes = events.iter().map(|&event| period_at(&graph, &path, event));
                let combinations: i64 = sizes.map(|(lo, hi)| hi - lo + 1).product();
                let keep = all_choices(&cut, &path, &waits, &chrono, 6).len();
                assert_eq!(told, count(keep) == combinations, "{graph:?} {waits:?} {chrono:?}");
                certain_ones += i64::from(told);
            } else {
                assert!(!told);
            }

            let times = times(&graph, &path, &waits, &chrono);
            assert_eq!(times.is_some(), !choices.is_empty());
            let Some(times) = times else { continue };
            possible_ones += 1;
            for (i, &event) in events.iter().enumerate() {
                let (earliest, latest) = times[event].expect("an event has times");
                let least = choices.iter().map(|choice| choice[i]).min();
                let greatest = choices.iter().map(|choice| choice[i]).max();
                // where there is no limit, the combinations come near the end of their range
                let (first, last) = written_bounds(&graph, &path);
                match earliest {
                    ALWAYS_BEFORE => assert!(least <= Some(first - 12 + 2), "{graph:?} {times:?}"),
                    _ => assert_eq!(least, Some(earliest), "{graph:?} {waits:?} {chrono:?} {times:?}"),
                }
                match latest {
                    ALWAYS_AFTER => assert!(greatest >= Some(last + 12 - 2), "{graph:?} {times:?}"),
                    _ => assert_eq!(greatest, Some(latest), "{graph:?} {waits:?} {chrono:?} {times:?}"),
                }
            }
            let narrow = timing(&graph, &path, &waits, &chrono).expect("possible");
            let wide = timing_beyond(&graph, &path, &waits, &chrono, 9).expect("possible");
            assert_eq!((&narrow.events, narrow.span), (&wide.events, wide.span));
            let spans = choices.iter().map(|choice| choice[choice.len() - 1] - choice[0]);
            assert_eq!(spans.min(), Some(narrow.span));
        }
        assert!(possible_ones > 200 && certain_ones > 30, "{possible_ones} {certain_ones}");
    }

    #[test]
    fn naive_right_answers_pass_and_spoilt_ones_do_not() {
        let mut dice = Dice(0xdead_beef_cafe_f00d);
        let joints = |path: &Path| path.nodes.iter().sum::<usize>() % 3;
        let mut spoilt = 0;
        for _ in 0..60 {
            let graph = Graph { nodes: 4, rels: (0..7).map(|_| dice.rel(4)).collect() };
            let tests = [any_node(), waiting(dice.small(4)), any_node()];
            let steps = [step(Dir::Both, 0, 2), step(Dir::Out, 1, 1 + dice.index(2))];
            let pattern = Pattern { nodes: tests.to_vec(), steps: steps.to_vec() };
            let mode = [Mode::Walk, Mode::Trail, Mode::Acyclic, Mode::Simple][dice.index(4)];
            let chrono = Chrono { certainly: dice.one_in(3), ..dice.chrono() };
            let k = 1 + dice.index(3);
            let selector = [
                Selector::All,
                Selector::Any(k),
                Selector::Shortest(k),
                Selector::ShortestGroups(k),
                Selector::AllShortest,
                Selector::Strongest(k),
                Selector::Earliest(k),
                Selector::Latest(k),
                Selector::Fastest(k),
            ][dice.index(9)];
            let chrono = if dice.one_in(4) { None } else { Some(&chrono) };
            let check =
                |answer: &[Path]| check_selected(&graph, &pattern, mode, chrono, selector, &joints, answer);

            let pairs = ranked(&graph, &pattern, mode, chrono, selector, &joints);
            let mut answer = Vec::new();
            for paths in pairs.values() {
                let keys: Vec<Key> = paths.iter().map(|(key, _)| key.clone()).collect();
                answer.extend(paths.iter().take(how_many(selector, &keys)).map(|(_, path)| path.clone()));
            }
            assert_eq!(check(&answer), Ok(()));
            if answer.is_empty() {
                continue;
            }
            let mut short = answer.clone();
            short.remove(dice.index(answer.len()));
            assert!(check(&short).is_err());
            let mut double = answer.clone();
            double.push(answer[dice.index(answer.len())].clone());
            assert!(check(&double).is_err());
            // the worst path of a pair in place of its best
            for paths in pairs.values() {
                let (best, worst) = (&paths[0], &paths[paths.len() - 1]);
                if worst.0 > best.0 && !answer.contains(&worst.1) {
                    let mut worse = answer.clone();
                    for path in worse.iter_mut().filter(|path| **path == best.1) {
                        *path = worst.1.clone();
                    }
                    assert!(check(&worse).is_err());
                    spoilt += 1;
                }
            }
        }
        assert!(spoilt > 20, "{spoilt}");
    }
}

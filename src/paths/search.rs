//! The search: from each start node, beginnings of paths are extended hop by hop,
//! least key first, and every rule prunes as soon as it can.
//!
//! A beginning is a chain of steps that share their common prefix. It remembers
//! the node, the place in the pattern, what time needs to decide exactly
//! ([`super::state`]), the strength of its weakest hop, its joints and what it
//! costs. Nothing is pruned for having reached a node before, but where
//! [`super::prune`] or, with time, [`super::merge`] show that it cannot matter, so
//! every path that satisfies mode, order and filters is found, within the limits,
//! and limits are told.
//!
//! Where one path of each pair is asked for, the mode is left for later at first:
//! the best walk of a pair is its best path if it satisfies the mode. Only the
//! pairs whose best walk does not are searched again, with the mode in force.
//!
//! # Complexity
//! Where beginnings merge: polynomial in the graph (see [`super::merge`]).
//! Otherwise exponential in the number of hops in the worst case, as the number of
//! paths is; each extension costs O(path length) for the mode and a constant for
//! time.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

use super::chronological::{Bounds, Crossing, Crossings, hops_by};
use super::cost::Cost;
use super::merge::{self, Merged, Used};
use super::pattern::{HopStep, NodeStep, Slot};
use super::program::{self, Op, Place};
use super::prune::{self, Rule, Visits};
use super::question::{Match, Matcher, Outcome, Question};
use super::rank::{Key, Measures, Mode, Selector};
use super::reach::Reach;
use super::starts::Starts;
use super::state::State;
use super::step::{Prefix, Step};
use super::sweep;
use super::untimed::Untimed;
use super::waiting::{Candidate, Pair};
use crate::error::Result;
use crate::graph::{Carriage, View};
use crate::model::{Instant, NodeId, RelationshipId, TypeKind};

/// What of a place decides what can follow.
fn state(place: Place, rule: Rule) -> Place {
    match rule {
        // Fewer repetitions so far leave more for later.
        Rule::LaterArrivals { .. } | Rule::LongerArrivals => Place { done: Place::START.done, ..place },
        Rule::Nothing | Rule::Beyond(_) => place,
    }
}

/// Finds the paths that a question asks for, from each of `starts` in turn.
///
/// # Errors
/// What the matcher gives, and `Invalid` where a path mixes dates and integers.
pub fn search(
    view: View<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
) -> Result<Outcome> {
    let Starts { nodes, reach } = Starts::new(view, question, starts.into_iter().collect(), matcher)?;
    match sweep::plan(view, question, matcher) {
        Some(plan) => sweep::search(&plan, question, nodes, matcher),
        None => extend(view, question, nodes, reach, matcher),
    }
}

/// [`search`] by extending beginnings of paths, whatever the question.
///
/// # Errors
/// As [`search`].
pub fn by_extension(
    view: View<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
) -> Result<Outcome> {
    extend(view, question, starts, None, matcher)
}

/// [`by_extension`] with what is known already of the way to the ends.
fn extend(
    view: View<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    reach: Option<Reach>,
    matcher: &mut dyn Matcher,
) -> Result<Outcome> {
    let view = view.for_chronological(question.bounds.is_some());
    let program = program::compile(question.pattern);
    let reach = reach.or_else(|| question.ends.and_then(|ends| Reach::new(question, &program, ends, 0)));
    let mut search = Search {
        view,
        question,
        program,
        matcher,
        queue: BinaryHeap::new(),
        numbers: 0,
        work: 0,
        n_since: 0,
        ranks_any: false,
        is_bounded: question.bounds.is_none() || question.pattern.is_bounded(),
        mode: question.mode,
        merged: None,
        pairs: HashMap::new(),
        keys: Vec::new(),
        unfit: Vec::new(),
        left: None,
        crossings: Crossings::new(view),
        reach,
        outcome: Outcome::default(),
    };
    let untimed = Untimed::new(view, question, &mut *search.matcher);
    for start in starts {
        if !search.leads_on(start, Place::START)? {
            continue;
        }
        let Search { matcher, work, outcome, .. } = &mut search;
        let is_answered = match &untimed {
            Some(untimed) => untimed.answer(start, &mut **matcher, work, outcome)?,
            None => false,
        };
        if !is_answered {
            search.from(start)?;
        }
        if search.outcome.stopped.is_some() {
            break;
        }
    }
    Ok(search.outcome)
}

/// A search that leaves the mode for later is given up after so much work, and some
/// more for each relationship of the graph, where the pattern bounds no path.
const WANDER_MIN: u64 = 50_000;
/// At the latest.
const WANDER_MAX: u64 = 5_000_000;

struct Search<'a> {
    view: View<'a>,
    question: &'a Question<'a>,
    program: Rc<[Op]>,
    matcher: &'a mut dyn Matcher,
    queue: BinaryHeap<Candidate>,
    numbers: u64,
    work: u64,
    /// The work since the search began with this start, or began anew.
    n_since: u64,
    /// Whether ANY takes the shortest, which lets others be left out.
    ranks_any: bool,
    /// Whether the pattern says how long its paths can be, or time does not count.
    is_bounded: bool,
    /// What may not repeat, unless the question's mode is left for later.
    mode: Mode,
    /// The beginnings that were extended, where they merge.
    merged: Option<Merged>,
    pairs: HashMap<NodeId, Pair>,
    /// The keys of the paths found from this start.
    keys: Vec<Key>,
    /// The ends of walks that do not satisfy the mode, while it is left for later.
    unfit: Vec<NodeId>,
    /// The ends that are left, where the others are answered.
    left: Option<HashSet<NodeId>>,
    crossings: Crossings,
    /// From where the ends can be reached, where they are known and that pays.
    reach: Option<Reach>,
    outcome: Outcome,
}

impl Search<'_> {
    /// Finds the paths from `start`.
    fn from(&mut self, start: NodeId) -> Result<()> {
        let (question, n_before) = (self.question, self.outcome.matches.len());
        self.keys.clear();
        if !merge::is_possible(question) {
            return self.explore(start, question.ends).map(|_| ());
        }
        if question.mode == Mode::Walk || question.selector.paths_max() != Some(1) {
            self.merge(Used::by(question.mode));
            return self.explore(start, question.ends).map(|_| ());
        }
        let left = self.without_mode(start)?;
        if left.as_ref().is_some_and(Vec::is_empty) || self.outcome.stopped.is_some() {
            return Ok(());
        }
        self.merge(Used::by(question.mode));
        match left {
            Some(left) => self.explore_the_rest(start, &left)?,
            None => self.explore(start, question.ends).map(|_| ())?,
        }
        self.put_in_order(n_before);
        Ok(())
    }

    /// Finds the paths to those ends that are left.
    fn explore_the_rest(&mut self, start: NodeId, left: &[NodeId]) -> Result<()> {
        let nearer = Reach::new(self.question, &self.program, left, self.work);
        let reach = std::mem::replace(&mut self.reach, nearer);
        self.left = Some(left.iter().copied().collect());
        let explored = self.explore(start, Some(left));
        self.left = None;
        self.reach = reach;
        explored.map(|_| ())
    }

    /// Puts the paths from this start, which two searches found, in the order of their keys.
    fn put_in_order(&mut self, n_before: usize) {
        let found = self.outcome.matches.drain(n_before..);
        let mut found: Vec<(Key, Match)> = self.keys.drain(..).zip(found).collect();
        found.sort_by_key(|(key, _)| *key);
        self.outcome.matches.extend(found.into_iter().map(|(_, found)| found));
    }

    fn merge(&mut self, used: Used) {
        self.merged = Some(Merged::new(self.view, self.question, &self.program, used));
    }

    /// Finds the best walks, and keeps those that satisfy the mode. Gives the ends
    /// of the others; `None` where that took too long to go on.
    fn without_mode(&mut self, start: NodeId) -> Result<Option<Vec<NodeId>>> {
        let (question, n_before) = (self.question, self.outcome.matches.len());
        self.merge(Used::Nothing);
        self.mode = Mode::Walk;
        self.unfit.clear();
        let is_done = self.explore(start, question.ends);
        self.mode = question.mode;
        if !is_done? && self.outcome.stopped.is_none() {
            self.outcome.matches.truncate(n_before);
            self.keys.clear();
            return Ok(None);
        }
        Ok(Some(std::mem::take(&mut self.unfit)))
    }

    /// Finds the paths from `start` to `ends`, by the mode and the merging that are set.
    /// Whether it came to the end of them.
    fn explore(&mut self, start: NodeId, ends: Option<&[NodeId]>) -> Result<bool> {
        self.queue.clear();
        self.pairs.clear();
        let first = self.first_step(start);
        let mut n_filled = 0;
        let n_reachable = ends.map(|ends| ends.len() - usize::from(self.never_ends_at(ends, start)));
        if n_reachable == Some(0) {
            return Ok(true);
        }
        let mut seen: HashSet<Match> = HashSet::new();
        let ambiguous = self.question.pattern.is_ambiguous();
        let rule = prune::rule(self.question, start);
        self.ranks_any = rule != Rule::Nothing || self.merged.is_some();
        let mut visits = Visits::new(rule);
        self.n_since = 0;
        self.advance(&Rc::new(first), Place::START)?;
        while let Some(candidate) = self.queue.pop() {
            let Some(found) = candidate.found else {
                let step = &candidate.step;
                if visits.admit((step.node, state(step.place, rule)), step.n_hops)
                    && self.leads_on(step.node, step.place)?
                    && self.merged.as_mut().is_none_or(|merged| merged.admit(step))
                {
                    self.advance(step, step.place)?;
                }
                if self.has_wandered() || self.is_out_of_work() || self.is_crowded() {
                    return Ok(false);
                }
                continue;
            };
            let n_hops = found.path.relationships.len();
            let pair = self.pairs.entry(candidate.step.node).or_default();
            if !pair.wants(self.question.selector, n_hops) {
                continue;
            }
            if ambiguous && !seen.insert(self.question.as_asked(&found)) {
                continue;
            }
            let is_fit = self.mode == self.question.mode || self.question.mode.admits(&found.path);
            if is_fit && self.is_full() {
                return Ok(false);
            }
            let pair = self.pairs.entry(candidate.step.node).or_default();
            pair.count(n_hops);
            n_filled += usize::from(self.question.selector.paths_max() == Some(pair.paths));
            match is_fit {
                true => {
                    self.keys.push(candidate.key);
                    self.outcome.matches.push(found);
                }
                false => self.unfit.push(candidate.step.node),
            }
            if n_reachable.is_some_and(|n| n_filled >= n) {
                return Ok(true);
            }
        }
        Ok(true)
    }

    fn first_step(&self, start: NodeId) -> Step {
        Step {
            before: None,
            node: start,
            via: None,
            until: Instant::MAX,
            via_slot: None,
            node_slot: None,
            place: Place::START,
            n_hops: 0,
            n_aggregate: 0,
            n_joints: 0,
            carriage: match self.counts_joints() {
                true => Carriage::at(self.view, start),
                false => Carriage::default(),
            },
            strength: 2.0,
            cost: Cost::default(),
            time: self.question.bounds.map(|_| State::new(merge::tracks_first(self.question))),
            written_wait: None,
        }
    }

    fn counts_joints(&self) -> bool {
        matches!(self.question.selector, Selector::Strongest(_))
    }

    /// Whether a search that leaves the mode for later has come so far that one with
    /// the mode may be done sooner: walks can go round for ever, other paths cannot.
    fn has_wandered(&self) -> bool {
        if self.mode == self.question.mode {
            return false;
        }
        let limits = self.question.limits;
        let n_relationships = self.view.graph().relationship_bound() as u64;
        let most = (WANDER_MIN + 4 * n_relationships).min(WANDER_MAX).min(limits.work_max / 2);
        let n_compared = self.merged.as_ref().map_or(0, |merged| merged.n_compared);
        let is_long = self.n_since + n_compared > most && !self.question.pattern.is_bounded();
        is_long || self.n_waiting() > limits.waiting_max
    }

    /// How many beginnings are kept, counted as those that wait.
    fn n_waiting(&self) -> usize {
        // What was extended is small beside what waits.
        self.queue.len() + self.merged.as_ref().map_or(0, |merged| merged.n_kept) / 8
    }

    /// Whether an end can still be reached, as far as that is known.
    fn leads_on(&mut self, node: NodeId, place: Place) -> Result<bool> {
        let Some(reach) = &mut self.reach else { return Ok(true) };
        reach.prepare(self.view, self.question, &self.program, self.matcher, self.work)?;
        Ok(reach.leads_on(&self.program, node, place))
    }

    /// Whether the start is among the ends and no path can lead back to it.
    fn never_ends_at(&self, ends: &[NodeId], start: NodeId) -> bool {
        let needs_a_hop = self.question.pattern.needs_a_hop();
        self.mode == Mode::Acyclic && needs_a_hop && ends.contains(&start)
    }

    fn is_out_of_work(&mut self) -> bool {
        let limits = self.question.limits;
        // Comparing is lighter work than walking.
        let n_compared = self.merged.as_ref().map_or(0, |merged| merged.n_compared);
        if self.work + n_compared / 8 <= limits.work_max {
            return false;
        }
        self.outcome.stopped = Some(limits.out_of_work(self.outcome.matches.len()));
        true
    }

    fn is_crowded(&mut self) -> bool {
        let limits = self.question.limits;
        if self.n_waiting() <= limits.waiting_max {
            return false;
        }
        self.outcome.stopped = Some(limits.crowded(self.outcome.matches.len()));
        true
    }

    /// Whether one more path would be too many.
    fn is_full(&mut self) -> bool {
        let limits = self.question.limits;
        if self.outcome.matches.len() < limits.results_max {
            return false;
        }
        self.outcome.stopped = Some(limits.full());
        true
    }

    /// Takes every step that the pattern allows from the end of a beginning.
    fn advance(&mut self, step: &Rc<Step>, place: Place) -> Result<()> {
        let program = self.program.clone();
        match &program[place.next] {
            Op::Node(node) => self.stay(step, place.after(), *node),
            Op::Hop(hop) => self.walk(step, hop, place.after()),
            Op::Filter { slot, since } => match self.passes(*slot, *since, step)? {
                true => self.advance(step, place.after()),
                false => Ok(()),
            },
            Op::Begin(bounds) => self.advance_both(step, bounds.begin(place)),
            Op::Again(bounds) => self.advance_both(step, bounds.again(place)),
            Op::End => {
                self.complete(step.clone());
                Ok(())
            }
        }
    }

    fn advance_both(&mut self, step: &Rc<Step>, ways: (Option<Place>, Option<Place>)) -> Result<()> {
        let (past, into) = ways;
        past.into_iter().chain(into).try_for_each(|place| self.advance(step, place))
    }

    fn passes(&mut self, slot: Slot, since: Option<usize>, step: &Step) -> Result<bool> {
        self.matcher.filter(slot, step.prefix_since(since))
    }

    /// Stays at the node, which one more node pattern has to match.
    fn stay(&mut self, step: &Rc<Step>, place: Place, pattern: NodeStep) -> Result<()> {
        let next = Step {
            before: Some(step.clone()),
            node: step.node,
            via: None,
            until: Instant::MAX,
            via_slot: None,
            node_slot: None,
            place,
            n_hops: step.n_hops,
            n_aggregate: step.n_aggregate,
            n_joints: step.n_joints,
            carriage: step.carriage,
            strength: step.strength,
            cost: step.cost,
            time: step.time,
            written_wait: step.written_wait,
        };
        self.enter(next, pattern)
    }

    /// Walks every relationship that fits `hop`, to the node pattern that stands at `place`.
    fn walk(&mut self, step: &Rc<Step>, hop: &HopStep, place: Place) -> Result<()> {
        let after_hop = place;
        let (target, place) = match &self.program[place.next] {
            Op::Node(node) => (*node, place.after()),
            _ => (NodeStep::ANY, place),
        };
        let prefix_wait = self.question.bounds.and_then(|bounds| bounds.wait);
        let mut time = step.time;
        if let Some(time) = &mut time {
            time.wait_at(step.written_wait.or(prefix_wait));
        }
        let view = self.view;
        let types = match hop.types.as_deref() {
            // Types that nothing has.
            Some([]) => return Ok(()),
            types => types.unwrap_or_default(),
        };
        let latest = match (time, types) {
            (Some(time), [kind]) if self.crossings.kind(view, *kind) == TypeKind::Event => time.next_by(),
            _ => Instant::MAX,
        };
        for (relationship, node) in hops_by(view, step.node, hop.direction, types, latest) {
            self.count_work()?;
            let is_astray =
                self.reach.as_ref().is_some_and(|reach| !reach.leads_on(&self.program, node, after_hop));
            if is_astray || !self.may_repeat(step, relationship, node) {
                continue;
            }
            let prefix = step.prefix_walking(hop.slot, relationship);
            if !self.matcher.relationship(hop.slot, relationship, prefix)? {
                continue;
            }
            // A search that neither asks for time nor ranks has no use for the dates.
            let crossing = match self.question.bounds.is_none() && !self.ranks() {
                true => Crossing::UndatedState,
                false => self.crossings.of(view, relationship),
            };
            let time = match (&time, &self.question.bounds) {
                (Some(time), Some(bounds)) => match self.cross(time, crossing, bounds, relationship) {
                    Ok(Some(time)) => Some(time),
                    Ok(None) => continue,
                    // Two clocks are an error of a path, and this hop may lead to none.
                    Err(error) => match self.may_match(target, node, prefix)? {
                        true => return Err(error),
                        false => continue,
                    },
                },
                _ => None,
            };
            let (carriage, joint) = match self.counts_joints() {
                true => step.carriage.walk(view, step.node, relationship, node),
                false => (step.carriage, None),
            };
            let next = Step {
                before: Some(step.clone()),
                node,
                via: Some(relationship),
                until: crossing.until(),
                via_slot: Some(hop.slot),
                node_slot: None,
                place,
                n_hops: step.n_hops + 1,
                n_aggregate: step.n_aggregate + usize::from(crossing.is_aggregate()),
                n_joints: step.n_joints + usize::from(joint.is_some()),
                carriage,
                strength: self.strength(step, relationship),
                cost: step.cost,
                time,
                written_wait: None,
            };
            self.enter(next, target)?;
        }
        Ok(())
    }

    /// Whether complete paths are told apart by a key.
    fn ranks(&self) -> bool {
        self.ranks_any || !matches!(self.question.selector, Selector::All | Selector::Any(_))
    }

    fn may_match(&mut self, pattern: NodeStep, node: NodeId, prefix: Prefix<'_>) -> Result<bool> {
        pattern.slot.map_or(Ok(true), |slot| self.matcher.node(slot, node, prefix))
    }

    /// Crosses a relationship in time; an error names it.
    fn cross(
        &self,
        time: &State,
        crossing: Crossing,
        bounds: &Bounds,
        relationship: RelationshipId,
    ) -> Result<Option<State>> {
        time.cross(crossing, bounds).map_err(|error| {
            let graph = self.view.graph();
            let named = graph.relationship(relationship).map(|r| {
                let (start, end) = (self.view.source_label(r.start), self.view.source_label(r.end));
                let hint = error.hint_text().map_or(String::new(), |hint| format!("{hint}; "));
                format!("{hint}met at {} from {start} to {end}", graph.text(r.kind))
            });
            error.hint(named)
        })
    }

    fn count_work(&mut self) -> Result<()> {
        self.work += 1;
        self.n_since += 1;
        if self.work.is_multiple_of(1024) { self.matcher.check() } else { Ok(()) }
    }

    fn strength(&self, step: &Step, relationship: RelationshipId) -> f64 {
        match self.question.selector {
            Selector::Strongest(_) => {
                step.strength.min(self.view.relationship_confidence(relationship).unwrap_or(0.0))
            }
            _ => step.strength,
        }
    }

    fn may_repeat(&self, step: &Step, relationship: RelationshipId, node: NodeId) -> bool {
        if self.question.taken.contains(&relationship) {
            return false;
        }
        match self.mode {
            Mode::Walk => true,
            Mode::Trail => !step.uses(relationship),
            Mode::Acyclic => !step.visits(node),
            // A path that has come back to its start cannot go on.
            Mode::Simple => {
                let start = step.first_node();
                !step.is_closed() && !step.uses(relationship) && (node == start || !step.visits(node))
            }
        }
    }

    /// Checks the node pattern and puts the beginning into the queue, and the
    /// complete path beside it where the pattern ends here.
    fn enter(&mut self, mut step: Step, pattern: NodeStep) -> Result<()> {
        if let Some(slot) = pattern.slot {
            if !self.matcher.node(slot, step.node, step.prefix())? {
                return Ok(());
            }
            step.node_slot = Some(slot);
        }
        step.written_wait = match (step.written_wait, pattern.wait) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let (Selector::Cheapest(_), Some(walked)) = (self.question.selector, step.via) {
            step.cost = step.cost.plus(self.matcher.cost(walked)?)?;
        }
        // A filter after the last node of its parentheses prunes at once.
        while let Op::Filter { slot, since } = self.program[step.place.next] {
            step.place = step.place.after();
            if !self.passes(slot, since, &step)? {
                return Ok(());
            }
        }
        let step = Rc::new(step);
        if matches!(self.program[step.place.next], Op::End) {
            self.complete(step);
            return Ok(());
        }
        if let Some(merged) = &mut self.merged {
            // Staying does not change the key, so that its turn is now.
            if step.via.is_none() {
                return self.advance(&step, step.place);
            }
            if merged.is_needless(&step) {
                return Ok(());
            }
        }
        let key = self.key(&step, false);
        self.push(key, None, step);
        Ok(())
    }

    fn complete(&mut self, step: Rc<Step>) {
        if self.left.as_ref().is_some_and(|left| !left.contains(&step.node)) {
            return;
        }
        let key = self.key(&step, true);
        // Where a path is found in one way only, those behind the k best can go.
        let most = self.question.selector.paths_max().filter(|_| self.merged.is_some());
        if let Some(most) = most.filter(|&most| most == 1 || !self.question.pattern.is_ambiguous())
            && !self.pairs.entry(step.node).or_default().may_take(key, most)
        {
            return;
        }
        let found = step.to_match();
        self.push(key, Some(found), step);
    }

    fn key(&self, step: &Step, is_complete: bool) -> Key {
        let measures = Measures {
            n_hops: step.n_hops,
            n_aggregate: step.n_aggregate,
            cost: step.cost,
            strength: step.strength,
            n_joints: step.n_joints,
            time: step.time.as_ref(),
            is_complete,
        };
        let selector = match self.question.selector {
            // In the order of time a node is seldom reached anew; repetitions that are
            // counted are better taken in their own order.
            Selector::Any(k) if self.ranks_any && !self.is_bounded => Selector::Earliest(k),
            Selector::Any(k) if self.ranks_any => Selector::Shortest(k),
            selector => selector,
        };
        Key::new(selector, &measures)
    }

    fn push(&mut self, key: Key, found: Option<Match>, step: Rc<Step>) {
        self.numbers += 1;
        let in_order = self.merged.is_some();
        self.queue.push(Candidate { key, found, step, number: self.numbers, in_order });
    }
}

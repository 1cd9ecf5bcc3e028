//! The search: from each start node, beginnings of paths are extended hop by hop,
//! least key first, and every rule prunes as soon as it can.
//!
//! A beginning is a chain of steps that share their common prefix. It remembers
//! the node, the place in the pattern, what time needs to decide exactly
//! ([`super::chronological`]), the strength of its weakest hop and what it costs.
//! Nothing is pruned for having reached a node before, but where [`super::prune`]
//! shows that it cannot matter, so every path that satisfies mode, order and
//! filters is found, within the limits, and limits are told.
//!
//! # Complexity
//! Exponential in the number of hops in the worst case, as the number of paths
//! is; each extension costs O(path length) for the mode and a constant for time.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

use super::chronological::{Bounds, Crossing, State, crossing};
use super::cost::Cost;
use super::pattern::{HopStep, NodeStep, Pattern, Slot};
use super::program::{self, Op, Place};
use super::prune::{self, Rule, Visits};
use super::rank::{Key, Measures, Mode, Selector};
use super::sweep;
use crate::error::Result;
use crate::graph::{View, joints_of};
use crate::model::{Interval, NodeId, Path, RelationshipId};

/// What a path search is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The pattern.
    pub pattern: &'a Pattern,
    /// What may not repeat.
    pub mode: Mode,
    /// Which paths of each pair.
    pub selector: Selector,
    /// The order in time that is asked for; `None` without `CHRONOLOGICAL`.
    pub bounds: Option<Bounds>,
    /// The slots whose matches tell two answers with the same path apart.
    pub named: &'a [Slot],
    /// Relationships that other patterns of the same clause use.
    pub taken: &'a [RelationshipId],
    /// The only nodes at which paths can end, where they are known.
    pub ends: Option<&'a [NodeId]>,
    /// Whether no filter looks back at what other parts of the pattern matched.
    pub is_memoryless: bool,
    /// When to give up.
    pub limits: Limits,
}

/// When a search gives up, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many extensions it may try.
    pub work_max: u64,
    /// How many paths it may find.
    pub results_max: usize,
    /// How many beginnings of paths may wait for their turn, which bounds memory.
    pub waiting_max: usize,
    /// How many bytes of rows a statement may keep for sorts, groups, joins and its answer.
    pub memory_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { work_max: 50_000_000, results_max: 1_000_000, waiting_max: 2_000_000, memory_max: 4 << 30 }
    }
}

/// Decides what the search cannot: filters on nodes, relationships and repetitions.
pub trait Matcher {
    /// Whether `node` satisfies the node pattern `slot`.
    ///
    /// # Errors
    /// What evaluating the filter gives.
    fn node(&mut self, slot: Slot, node: NodeId, prefix: Prefix<'_>) -> Result<bool>;

    /// Whether `relationship` satisfies the relationship pattern `slot`; type and
    /// direction are already checked.
    ///
    /// # Errors
    /// What evaluating the filter gives.
    fn relationship(&mut self, slot: Slot, relationship: RelationshipId, prefix: Prefix<'_>) -> Result<bool>;

    /// Whether what `prefix` ends with passes the filter `slot` of its parentheses.
    ///
    /// # Errors
    /// What evaluating the filter gives.
    fn filter(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool>;

    /// What a relationship costs; asked only for [`Selector::Cheapest`].
    ///
    /// # Errors
    /// Where it has no cost, or a negative one.
    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost>;

    /// Called now and then; an error stops the search.
    ///
    /// # Errors
    /// `Interrupted`.
    fn check(&mut self) -> Result<()>;

    /// What can be said of a slot's filter before anything is asked.
    fn outline(&mut self, _slot: Slot) -> Outline {
        Outline::default()
    }
}

/// What a filter comes to, as far as it is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// A relationship whose period begins outside does not pass.
    pub window: Interval,
    /// Whether everything else passes, so that nothing has to be asked.
    pub is_all: bool,
}

impl Default for Outline {
    /// Nothing is known.
    fn default() -> Self {
        Self { window: Interval::ALL, is_all: false }
    }
}

/// What a slot of the pattern was matched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bound {
    /// A node.
    Node(NodeId),
    /// A relationship.
    Relationship(RelationshipId),
}

/// A path found, with what each slot was matched with, in the order walked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Match {
    /// The path.
    pub path: Path,
    /// Slots inside a repetition appear once for each.
    pub bindings: Vec<(Slot, Bound)>,
}

/// What a search found, and whether a limit stopped it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The paths, those of one pair in the order of their rank.
    pub matches: Vec<Match>,
    /// Which limit stopped the search, and how far it came.
    pub stopped: Option<String>,
}

/// What of a place decides what can follow.
fn state(place: Place, rule: Rule) -> Place {
    match rule {
        // Fewer repetitions so far leave more for later.
        Rule::LaterArrivals { .. } | Rule::LongerArrivals => Place { done: Place::START.done, ..place },
        Rule::Nothing | Rule::Beyond(_) => place,
    }
}

/// The end of a beginning of a path, linked to what was before.
#[derive(Debug)]
struct Step {
    before: Option<Rc<Self>>,
    node: NodeId,
    /// The relationship walked to get here; `None` where only the place changed.
    via: Option<RelationshipId>,
    via_slot: Option<Slot>,
    node_slot: Option<Slot>,
    place: Place,
    n_hops: usize,
    n_aggregate: usize,
    strength: f64,
    cost: Cost,
    time: Option<State>,
    /// The least wait bound that node patterns write at the current node.
    written_wait: Option<i64>,
}

/// A beginning of a path, for filters that look back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prefix<'a> {
    last: Option<&'a Step>,
    /// A relationship walked and not yet part of a step.
    pending: Option<(Slot, RelationshipId)>,
    /// The place where the repetition began to which [`Prefix::all`] is confined.
    since: Option<usize>,
}

impl<'a> Prefix<'a> {
    /// What a slot was matched with last; `None` if it was not yet.
    #[must_use]
    pub fn last(self, slot: Slot) -> Option<Bound> {
        if let Some((pending, relationship)) = self.pending
            && pending == slot
        {
            return Some(Bound::Relationship(relationship));
        }
        self.steps().find_map(|step| step.bound(slot))
    }

    /// The path so far; `None` before its first node.
    #[must_use]
    pub fn path(self) -> Option<Path> {
        self.last.map(|step| step.to_match().path)
    }

    /// All that a slot was matched with, in order; inside a repetition, all in this one.
    #[must_use]
    pub fn all(self, slot: Slot) -> Vec<Bound> {
        let mut found = Vec::new();
        for step in self.steps() {
            found.extend(step.bound(slot));
            if self.since == Some(step.place.next) {
                break;
            }
        }
        found.reverse();
        found
    }

    fn steps(self) -> impl Iterator<Item = &'a Step> {
        std::iter::successors(self.last, |step| step.before.as_deref())
    }
}

impl Step {
    fn bound(&self, slot: Slot) -> Option<Bound> {
        if self.node_slot == Some(slot) {
            return Some(Bound::Node(self.node));
        }
        self.via.filter(|_| self.via_slot == Some(slot)).map(Bound::Relationship)
    }

    fn prefix(&self) -> Prefix<'_> {
        Prefix { last: Some(self), ..Prefix::default() }
    }

    fn uses(&self, relationship: RelationshipId) -> bool {
        self.prefix().steps().any(|step| step.via == Some(relationship))
    }

    fn visits(&self, node: NodeId) -> bool {
        self.prefix().steps().any(|step| step.node == node)
    }

    fn first_node(&self) -> NodeId {
        self.prefix().steps().last().map_or(self.node, |step| step.node)
    }

    fn to_match(&self) -> Match {
        let mut steps: Vec<&Self> = self.prefix().steps().collect();
        steps.reverse();
        let mut path = Path {
            nodes: Vec::with_capacity(self.n_hops + 1),
            relationships: Vec::with_capacity(self.n_hops),
        };
        let mut bindings = Vec::new();
        for (i, step) in steps.into_iter().enumerate() {
            if let Some(via) = step.via {
                path.relationships.push(via);
                bindings.extend(step.via_slot.map(|slot| (slot, Bound::Relationship(via))));
            }
            if i == 0 || step.via.is_some() {
                path.nodes.push(step.node);
            }
            bindings.extend(step.node_slot.map(|slot| (slot, Bound::Node(step.node))));
        }
        Match { path, bindings }
    }
}

/// A beginning, or a complete path, waiting for its turn.
struct Candidate {
    key: Key,
    /// Complete paths come before beginnings of the same key.
    found: Option<Match>,
    step: Rc<Step>,
    number: u64,
}

impl Candidate {
    /// Of equal keys: complete ones by their path, then beginnings, newest first,
    /// which keeps the queue short.
    fn rank(&self) -> (Key, bool, Option<&Path>, Reverse<u64>) {
        let path = self.found.as_ref().map(|found| &found.path);
        (self.key, path.is_none(), path, Reverse(self.number))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    /// Reversed, since the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
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
    match sweep::plan(view, question, matcher) {
        Some(plan) => sweep::search(&plan, question, starts, matcher),
        None => by_extension(view, question, starts, matcher),
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
    let mut search = Search {
        view: view.for_chronological(question.bounds.is_some()),
        question,
        program: program::compile(question.pattern),
        matcher,
        queue: BinaryHeap::new(),
        numbers: 0,
        work: 0,
        ranks_any: false,
        outcome: Outcome::default(),
    };
    for start in starts {
        search.from(start)?;
        if search.outcome.stopped.is_some() {
            break;
        }
    }
    Ok(search.outcome)
}

struct Search<'a> {
    view: View<'a>,
    question: &'a Question<'a>,
    program: Rc<[Op]>,
    matcher: &'a mut dyn Matcher,
    queue: BinaryHeap<Candidate>,
    numbers: u64,
    work: u64,
    /// Whether ANY takes the shortest, which lets others be left out.
    ranks_any: bool,
    outcome: Outcome,
}

/// What has been found between one start and one end.
#[derive(Default)]
struct Pair {
    paths: u64,
    lengths: Vec<usize>,
}

impl Pair {
    /// Whether a path of this length is still asked for.
    fn wants(&self, selector: Selector, n_hops: usize) -> bool {
        let more_paths = selector.paths_max().is_none_or(|most| self.paths < most);
        let more_lengths = selector
            .lengths_max()
            .is_none_or(|most| self.lengths.contains(&n_hops) || (self.lengths.len() as u64) < most);
        more_paths && more_lengths
    }

    fn count(&mut self, n_hops: usize) {
        self.paths += 1;
        if !self.lengths.contains(&n_hops) {
            self.lengths.push(n_hops);
        }
    }
}

impl Search<'_> {
    fn from(&mut self, start: NodeId) -> Result<()> {
        self.queue.clear();
        let first = Step {
            before: None,
            node: start,
            via: None,
            via_slot: None,
            node_slot: None,
            place: Place::START,
            n_hops: 0,
            n_aggregate: 0,
            strength: 2.0,
            cost: Cost::default(),
            time: self.question.bounds.map(|_| State::default()),
            written_wait: None,
        };
        let mut pairs: HashMap<NodeId, Pair> = HashMap::new();
        let mut n_filled = 0;
        let n_reachable =
            self.question.ends.map(|ends| ends.len() - usize::from(self.never_ends_at(ends, start)));
        if n_reachable == Some(0) {
            return Ok(());
        }
        let mut seen: HashSet<Match> = HashSet::new();
        let ambiguous = self.question.pattern.is_ambiguous();
        let rule = prune::rule(self.question, start);
        self.ranks_any = rule != Rule::Nothing;
        let mut visits = Visits::new(rule);
        self.advance(&Rc::new(first), Place::START)?;
        while let Some(candidate) = self.queue.pop() {
            let Some(found) = candidate.found else {
                let step = &candidate.step;
                if visits.admit((step.node, state(step.place, rule)), step.n_hops) {
                    self.advance(step, step.place)?;
                }
                if self.is_out_of_work() || self.is_crowded() {
                    return Ok(());
                }
                continue;
            };
            let n_hops = found.path.relationships.len();
            let pair = pairs.entry(candidate.step.node).or_default();
            if !pair.wants(self.question.selector, n_hops)
                || (ambiguous && !seen.insert(self.as_asked(&found)))
            {
                continue;
            }
            if self.is_full() {
                return Ok(());
            }
            pair.count(n_hops);
            let is_filled = self.question.selector.paths_max() == Some(pair.paths);
            self.outcome.matches.push(found);
            n_filled += usize::from(is_filled);
            if n_reachable.is_some_and(|n| n_filled >= n) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the start is among the ends and no path can lead back to it.
    fn never_ends_at(&self, ends: &[NodeId], start: NodeId) -> bool {
        let needs_a_hop = self.question.pattern.needs_a_hop();
        self.question.mode == Mode::Acyclic && needs_a_hop && ends.contains(&start)
    }

    /// A match with what the question names of it: two that are equal in this are
    /// one answer, found in two ways.
    fn as_asked(&self, found: &Match) -> Match {
        let named = |(slot, _): &&(Slot, Bound)| self.question.named.contains(slot);
        Match { path: found.path.clone(), bindings: found.bindings.iter().filter(named).copied().collect() }
    }

    fn is_out_of_work(&mut self) -> bool {
        let most = self.question.limits.work_max;
        if self.work <= most {
            return false;
        }
        let found = self.outcome.matches.len();
        self.outcome.stopped =
            Some(format!("the path search stopped at its work limit of {most} steps; paths found: {found}"));
        true
    }

    fn is_crowded(&mut self) -> bool {
        let most = self.question.limits.waiting_max;
        if self.queue.len() <= most {
            return false;
        }
        let found = self.outcome.matches.len();
        self.outcome.stopped = Some(format!(
            "the path search stopped at its limit of {most} beginnings of paths in memory; paths found: {found}"
        ));
        true
    }

    /// Whether one more path would be too many.
    fn is_full(&mut self) -> bool {
        let most = self.question.limits.results_max;
        if self.outcome.matches.len() < most {
            return false;
        }
        self.outcome.stopped = Some(format!("the path search stopped at its limit of {most} paths"));
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
        self.matcher.filter(slot, Prefix { since, ..step.prefix() })
    }

    /// Stays at the node, which one more node pattern has to match.
    fn stay(&mut self, step: &Rc<Step>, place: Place, pattern: NodeStep) -> Result<()> {
        let next = Step {
            before: Some(step.clone()),
            node: step.node,
            via: None,
            via_slot: None,
            node_slot: None,
            place,
            n_hops: step.n_hops,
            n_aggregate: step.n_aggregate,
            strength: step.strength,
            cost: step.cost,
            time: step.time.clone(),
            written_wait: step.written_wait,
        };
        self.enter(next, pattern)
    }

    /// Walks every relationship that fits `hop`, to the node pattern that stands at `place`.
    fn walk(&mut self, step: &Rc<Step>, hop: &HopStep, place: Place) -> Result<()> {
        let (target, place) = match &self.program[place.next] {
            Op::Node(node) => (*node, place.after()),
            _ => (NodeStep::ANY, place),
        };
        let prefix_wait = self.question.bounds.and_then(|bounds| bounds.wait);
        let mut time = step.time.clone();
        if let Some(time) = &mut time {
            time.wait_at(step.written_wait.or(prefix_wait));
        }
        let view = self.view;
        let types = match hop.types.as_deref() {
            // Types that nothing has.
            Some([]) => return Ok(()),
            types => types.unwrap_or_default(),
        };
        for (relationship, node) in view.expand(step.node, hop.direction, types) {
            self.count_work()?;
            if !self.may_repeat(step, relationship, node) {
                continue;
            }
            let prefix = Prefix { last: Some(step), pending: Some((hop.slot, relationship)), since: None };
            if !self.matcher.relationship(hop.slot, relationship, prefix)? {
                continue;
            }
            // A search that neither asks for time nor ranks has no use for the dates.
            let crossing = match self.question.bounds.is_none() && !self.ranks() {
                true => Crossing::UndatedState,
                false => crossing(view, relationship),
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
            let next = Step {
                before: Some(step.clone()),
                node,
                via: Some(relationship),
                via_slot: Some(hop.slot),
                node_slot: None,
                place,
                n_hops: step.n_hops + 1,
                n_aggregate: step.n_aggregate + usize::from(crossing.is_aggregate()),
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
        match self.question.mode {
            Mode::Walk => true,
            Mode::Trail => !step.uses(relationship),
            Mode::Acyclic => !step.visits(node),
            // A path that has come back to its start cannot go on.
            Mode::Simple => {
                let start = step.first_node();
                let closed = step.n_hops > 0 && step.node == start;
                !closed && !step.uses(relationship) && (node == start || !step.visits(node))
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
        } else {
            let key = self.key(&step, 0, false);
            self.push(key, None, step);
        }
        Ok(())
    }

    fn complete(&mut self, step: Rc<Step>) {
        let found = step.to_match();
        let n_joints = match self.question.selector {
            Selector::Strongest(_) => joints_of(self.view, &found.path).len(),
            _ => 0,
        };
        let key = self.key(&step, n_joints, true);
        self.push(key, Some(found), step);
    }

    fn key(&self, step: &Step, n_joints: usize, is_complete: bool) -> Key {
        let measures = Measures {
            n_hops: step.n_hops,
            n_aggregate: step.n_aggregate,
            cost: step.cost,
            strength: step.strength,
            n_joints,
            time: step.time.as_ref(),
            is_complete,
        };
        let selector = match self.question.selector {
            Selector::Any(k) if self.ranks_any => Selector::Shortest(k),
            selector => selector,
        };
        Key::new(selector, &measures)
    }

    fn push(&mut self, key: Key, found: Option<Match>, step: Rc<Step>) {
        self.numbers += 1;
        self.queue.push(Candidate { key, found, step, number: self.numbers });
    }
}

/// Long chains are taken apart one by one: the default would recurse.
impl Drop for Step {
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(mut step) = before.and_then(Rc::into_inner) {
            before = step.before.take();
        }
    }
}

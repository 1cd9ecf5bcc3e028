//! From arrivals to answers.

use rustc_hash::FxHashSet;

use super::super::question::{Bound, Match, Matcher, Outcome, Question};
use super::super::rank::Mode;
use super::super::starts::Starts;
use super::arrivals::{Arrivals, NONE, Places};
use super::gate::Gate;
use super::plan::{Goal, Plan, Switch, plan_with};
use super::{labels, reach, rest, scan};
use crate::error::Result;
use crate::graph::View;
use crate::model::{NodeId, Path, RelationshipId};

/// The nodes at which paths can end, where they are known.
pub(super) struct Targets(Option<FxHashSet<NodeId>>);

impl Targets {
    fn new(ends: Option<&[NodeId]>) -> Self {
        Self(ends.map(|ends| ends.iter().copied().collect()))
    }

    /// How many there are.
    pub(super) fn count(&self) -> Option<usize> {
        self.0.as_ref().map(FxHashSet::len)
    }

    fn has(&self, node: NodeId) -> bool {
        self.0.as_ref().is_none_or(|nodes| nodes.contains(&node))
    }

    /// How many of some nodes are among them.
    pub(super) fn among(&self, nodes: &[NodeId]) -> usize {
        nodes.iter().filter(|&&node| self.has(node)).count()
    }
}

/// The ends that paths lead to, each as often as there are starts with a path to it.
#[derive(Debug, Clone, Default)]
pub struct Ends {
    /// The end nodes, start by start.
    pub nodes: Vec<NodeId>,
    /// Which limit stopped the search.
    pub stopped: Option<String>,
}

/// What a sweep from one node found.
#[derive(Default)]
struct Found {
    ends: Vec<NodeId>,
    /// A path to each end, if paths are wanted.
    paths: Vec<Path>,
    /// Ends whose best walk is no path.
    rest: Vec<NodeId>,
}

/// Answers a question by sweeps, with paths.
pub(in crate::paths) fn search(
    plan: &Plan<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    each(plan, question, starts, matcher, true, |found, more| {
        let paths = found.paths.into_iter().map(|path| to_match(plan, path));
        outcome.matches.extend(paths);
        outcome.matches.extend(more.matches);
        outcome.stopped = more.stopped;
        outcome.matches.len()
    })?;
    let most = question.limits.results_max;
    if outcome.matches.len() > most {
        outcome.matches.truncate(most);
        outcome.stopped = Some(format!("the path search stopped at its limit of {most} paths"));
    }
    Ok(outcome)
}

/// As [`super::super::search`] answers by sweeps, with another rule for when to go over
/// to a pass, for tests and measurements; `None` where the question is not one for sweeps.
///
/// # Errors
/// As of a search.
pub fn search_with(
    view: View<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
    switch: Switch,
) -> Result<Option<Outcome>> {
    let plan = plan_with(view, question, matcher, switch);
    plan.map(|plan| search(&plan, question, starts, matcher)).transpose()
}

/// Only the ends of the paths that a question asks for; `None` where the question is
/// not one for sweeps, and [`super::super::search`] has to be asked.
///
/// # Errors
/// As of a search.
pub fn ends(
    view: View<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
) -> Result<Option<Ends>> {
    ends_with(view, question, starts, matcher, Switch::default())
}

/// As [`ends`], with another rule for when to go over to a pass, for tests.
///
/// # Errors
/// As of a search.
pub fn ends_with(
    view: View<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
    switch: Switch,
) -> Result<Option<Ends>> {
    let Some(plan) = plan_with(view, question, matcher, switch) else { return Ok(None) };
    let starts = Starts::new(view, question, starts.into_iter().collect(), matcher)?.nodes;
    let mut ends = Ends::default();
    each(&plan, question, starts, matcher, false, |found, more| {
        ends.nodes.extend(found.ends);
        ends.nodes.extend(more.matches.iter().filter_map(|found| found.path.nodes.last()));
        ends.stopped = more.stopped;
        ends.nodes.len()
    })?;
    let most = question.limits.results_max;
    if ends.nodes.len() > most {
        ends.nodes.truncate(most);
        ends.stopped = Some(format!("the path search stopped at its limit of {most} paths"));
    }
    Ok(Some(ends))
}

/// Sweeps from each start, and searches what a sweep leaves over; `take` gives how much
/// there is by then.
fn each(
    plan: &Plan<'_>,
    question: &Question<'_>,
    starts: impl IntoIterator<Item = NodeId>,
    matcher: &mut dyn Matcher,
    with_paths: bool,
    mut take: impl FnMut(Found, Outcome) -> usize,
) -> Result<()> {
    let targets = Targets::new(plan.ends);
    let most = question.limits.work_max;
    let (mut work, mut n_found) = (0, 0);
    for start in starts {
        let mut gate = Gate::new(plan, matcher);
        gate.work = work;
        let found = sweep(plan, &mut gate, start, &targets, with_paths, most)?;
        work = gate.work;
        let Some(found) = found else {
            let stopped = Some(format!(
                "the path search stopped at its work limit of {most} steps; paths found: {n_found}"
            ));
            take(Found::default(), Outcome { stopped, ..Outcome::default() });
            break;
        };
        let mut more = Outcome::default();
        if !found.rest.is_empty() {
            more = rest::search(plan, question, start, &found.rest, matcher)?;
        }
        let is_stopped = more.stopped.is_some();
        n_found = take(found, more);
        if is_stopped || n_found > question.limits.results_max {
            break;
        }
    }
    Ok(())
}

/// What is reached from one node; `None` where it takes too much work.
fn sweep<'p>(
    plan: &'p Plan<'p>,
    gate: &mut Gate<'_, 'p>,
    start: NodeId,
    targets: &Targets,
    with_paths: bool,
    work_max: u64,
) -> Result<Option<Found>> {
    let mut found = Found::default();
    if !gate.fits(plan.first.slot, start)? {
        return Ok(Some(found));
    }
    let mut answers =
        Answers { plan, start, targets, with_paths, found: &mut found, done: FxHashSet::default() };
    if matches!(plan.goal, Goal::Any | Goal::Fewest) {
        answers.stay(gate)?;
    }
    let is_done = match plan.ends_are_reached() && !with_paths {
        true => answers.by_reach(gate, work_max)?,
        false => answers.by_arrivals(gate, work_max)?,
    };
    if !is_done {
        return Ok(None);
    }
    answers.stay(gate)?;
    Ok(Some(found))
}

/// Collects the answers of one start.
struct Answers<'a, 'p> {
    plan: &'p Plan<'p>,
    start: NodeId,
    targets: &'a Targets,
    with_paths: bool,
    found: &'a mut Found,
    /// Ends that are answered, where they are asked about again.
    done: FxHashSet<NodeId>,
}

impl<'p> Answers<'_, 'p> {
    /// What is reached, level by level where confidences count; whether that was not too
    /// much work.
    fn by_arrivals(&mut self, gate: &mut Gate<'_, 'p>, work_max: u64) -> Result<bool> {
        let (plan, start, targets) = (self.plan, self.start, self.targets);
        let confidences = plan.in_time.as_ref().and_then(|in_time| in_time.confidences());
        let n_levels = confidences.map_or(1, |confidences| confidences.values.len());
        let mut is_large = false;
        for level in 0..n_levels {
            gate.weakest =
                confidences.map(|confidences| (confidences, u8::try_from(level).unwrap_or(u8::MAX)));
            let few = match is_large {
                true => None,
                false => labels::run(plan, gate, start, targets, plan.switch, work_max)?,
            };
            match few {
                Some(arrivals) => self.take(&arrivals, gate)?,
                None => {
                    is_large = true;
                    let arrivals = scan::run(plan, gate, start, targets, &plan.type_in_time(), work_max)?;
                    self.take(&arrivals, gate)?;
                }
            }
            if gate.work > work_max {
                return Ok(false);
            }
            if targets.count().is_some_and(|count| self.done.len() >= count) {
                break;
            }
        }
        Ok(true)
    }

    /// The same where it does not matter how a node is reached.
    fn by_reach(&mut self, gate: &mut Gate<'_, 'p>, work_max: u64) -> Result<bool> {
        let (plan, start, targets) = (self.plan, self.start, self.targets);
        match labels::run(plan, gate, start, targets, plan.switch.to_reach(), work_max)? {
            Some(arrivals) => self.take(&arrivals, gate)?,
            None => {
                for node in reach::run(plan, gate, start, targets, &plan.type_in_time(), work_max)? {
                    if self.can_end(node, gate)? {
                        self.found.ends.push(node);
                    }
                }
            }
        }
        Ok(gate.work <= work_max)
    }

    /// Whether a node that was reached is an end that has no answer yet; takes note of that
    /// where it can be asked again.
    fn can_end(&mut self, node: NodeId, gate: &mut Gate<'_, '_>) -> Result<bool> {
        if !self.targets.has(node)
            || self.done.contains(&node)
            || (node == self.start && self.plan.mode == Mode::Acyclic)
            || !gate.fits(self.plan.asks_last, node)?
        {
            return Ok(false);
        }
        if self.plan.goal == Goal::Strongest || node == self.start {
            self.done.insert(node);
        }
        Ok(true)
    }

    fn take<P: Places>(&mut self, arrivals: &Arrivals<P>, gate: &mut Gate<'_, '_>) -> Result<()> {
        let plan = self.plan;
        for &node in &arrivals.reached {
            let arrival = arrivals.answer(node);
            if arrival == NONE || !self.can_end(node, gate)? {
                continue;
            }
            if !plan.may_turn() && !self.with_paths {
                self.found.ends.push(node);
                continue;
            }
            let (nodes, relationships) = arrivals.walk(arrival);
            if plan.may_turn() && turns(&relationships) {
                self.found.rest.push(node);
                continue;
            }
            self.found.ends.push(node);
            if self.with_paths {
                self.found.paths.push(Path { nodes, relationships });
            }
        }
        Ok(())
    }

    /// The path without relationships, unless the start has its answer.
    fn stay(&mut self, gate: &mut Gate<'_, '_>) -> Result<()> {
        let start = self.start;
        if !self.plan.needs_a_hop
            && self.targets.has(start)
            && gate.fits(self.plan.asks_last, start)?
            && self.done.insert(start)
        {
            self.found.ends.push(start);
            if self.with_paths {
                self.found.paths.push(Path { nodes: vec![start], relationships: Vec::new() });
            }
        }
        Ok(())
    }
}

/// Whether a relationship is there twice.
fn turns(relationships: &[RelationshipId]) -> bool {
    let mut sorted = relationships.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// The path with what each slot was matched with, as a search gives it.
fn to_match(plan: &Plan<'_>, path: Path) -> Match {
    let node = |slot: Option<usize>, at: usize| slot.map(|slot| (slot, Bound::Node(path.nodes[at])));
    let mut bindings = Vec::with_capacity(2 + 3 * path.relationships.len());
    bindings.extend(node(plan.first.slot, 0));
    for (at, &relationship) in path.relationships.iter().enumerate() {
        bindings.extend(node(plan.before.slot, at));
        bindings.push((plan.hop, Bound::Relationship(relationship)));
        bindings.extend(node(plan.after.slot, at + 1));
    }
    bindings.extend(node(plan.last.slot, path.relationships.len()));
    Match { path, bindings }
}

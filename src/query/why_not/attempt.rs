//! Asking a question again with something changed.

use std::cell::RefCell;
use std::sync::Arc;

use super::change::{Bound, Change, Relaxation};
use crate::error::{Error, Result};
use crate::graph::{CompiledLens, Graph, Lens, View};
use crate::model::{Clock, NodeId, Path, Value};
use crate::paths::Limits;
use crate::query::exec::Executor;
use crate::query::expr::{Context, Random, Surroundings};
use crate::query::functions::length_of;
use crate::query::optimize::Switches;
use crate::query::pipeline::memory::Memory;
use crate::query::plan::{Branch, Length, Pattern, Plan, Shape, Step};
use crate::query::planner;
use crate::query::watch::Watch;
use crate::query::write::Writer;
use crate::query::{Options, Parameters, Stats};

/// The most extensions that one search of an explanation tries: there may be many searches.
const WORK_MAX: u64 = 5_000_000;

/// With what a statement was asked.
#[derive(Clone, Copy)]
pub(in crate::query) struct Asker<'a> {
    /// Its parameters.
    pub(in crate::query) parameters: &'a Parameters,
    /// Its options.
    pub(in crate::query) options: &'a Options<'a>,
}

/// The pattern that is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) branch: usize,
    pub(super) step: usize,
    pub(super) pattern: usize,
}

/// What became of a question.
#[derive(Debug, Clone)]
pub(super) enum Attempt {
    /// It has an answer: these, at least one.
    Found(Vec<Found>),
    /// It has none. `was_asked` says whether the clauses before gave any row to look from.
    Nothing { was_asked: bool },
    /// A limit stopped the search before it found anything.
    Stopped(String),
}

/// A path that a question finds.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: Arc<Path>,
    /// The nodes that node patterns with a bound of their own match, with the part.
    pub(super) waits: Vec<(usize, NodeId)>,
}

impl Attempt {
    /// The first path, where one was found.
    pub(super) fn first(self) -> Option<Found> {
        match self {
            Self::Found(found) => found.into_iter().next(),
            _ => None,
        }
    }
}

/// A question with no answer, and the means to ask it otherwise.
pub(super) struct Inquiry<'a> {
    pub(super) graph: &'a mut Graph,
    pub(super) plan: &'a Plan,
    pub(super) lens: &'a Lens,
    pub(super) asker: &'a Asker<'a>,
    pub(super) target: Target,
    /// Which limits stopped searches, so that something may have been missed.
    pub(super) stopped: Vec<String>,
}

/// The parts of a pattern that carry a bound on waiting.
fn waiting_parts(pattern: &Pattern) -> Vec<usize> {
    (0..pattern.parts.len()).filter(|&part| pattern.parts[part].wait.is_some()).collect()
}

/// What a row holds: the path, and the nodes of these parts.
fn found(row: &[Value], parts: &[usize]) -> Option<Found> {
    let (Value::Path(path), nodes) = row.split_first()? else { return None };
    let mut waits = Vec::new();
    for (&part, value) in parts.iter().zip(nodes) {
        let items = match value {
            Value::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        waits.extend(items.iter().filter_map(|item| match item {
            Value::Node(id) => Some((part, *id)),
            _ => None,
        }));
    }
    Some(Found { path: path.clone(), waits })
}

impl Inquiry<'_> {
    /// The pattern, and the conditions after `WHERE` that are left to it.
    pub(super) fn asked(&self) -> Result<(&Pattern, &[crate::query::expr::Expr])> {
        match &self.plan.branches[self.target.branch].steps[self.target.step] {
            Step::Match { patterns, filters, .. } => Ok((&patterns[self.target.pattern], filters)),
            _ => Err(Error::invalid("the step asked about is no MATCH")),
        }
    }

    /// Asks the question with a change.
    pub(super) fn attempt(&mut self, change: &Change) -> Result<Attempt> {
        let lens = self.compile(change)?;
        let (plan, waits) = self.changed(change)?;
        let options = self.asker.options;
        let switches = Switches { without: options.without_rewrites };
        let physical = planner::plan(&plan, self.graph, &switches);
        let check = || match (options.is_interrupted)() {
            true => Err(Error::interrupted("the explanation was stopped; nothing was changed")),
            false => Ok(()),
        };
        check()?;
        let (notices, deleted_types, watch) = (RefCell::default(), RefCell::default(), Watch::default());
        let surroundings = Surroundings {
            lens: lens.as_ref(),
            as_of: None,
            parameters: self.asker.parameters,
            procedures: options.procedures,
            subqueries: &physical.subqueries,
            bodies: &physical.bodies,
            width: physical.width,
            memory: Memory::new(options.limits.memory_max),
            profile: None,
            deleted_types: &deleted_types,
            watch: &watch,
            notices: &notices,
            random: Random::new(options.now_micros),
            limits: Limits { work_max: options.limits.work_max.min(WORK_MAX), ..options.limits },
            now_micros: options.now_micros,
            writes: false,
            check: &check,
        };
        let mut writer = Writer { graph: self.graph, effects: Vec::new(), stats: Stats::default() };
        let rows = Executor { writer: &mut writer, surroundings: &surroundings }.run(&physical.main)?;
        let found: Vec<Found> = rows.iter().filter_map(|row| found(row, &waits)).collect();
        if !found.is_empty() {
            return Ok(Attempt::Found(found));
        }
        let was_asked = watch.of(self.asked()?.0.span).is_some();
        Ok(match watch.stopped() {
            Some(stopped) => {
                self.stopped.push(stopped.clone());
                Attempt::Stopped(stopped)
            }
            None => Attempt::Nothing { was_asked },
        })
    }

    /// The lens of a change, ready for use.
    pub(super) fn compile(&self, change: &Change) -> Result<Option<CompiledLens>> {
        let lens = change.lens(self.lens);
        if lens.is_clear() {
            return Ok(None);
        }
        let compiled = lens.compile(self.graph)?;
        // Whatever the order, the pattern remains a chronological one.
        Ok(Some(if change.untimed.is_some() { compiled.with_ended_states() } else { compiled }))
    }

    /// The statement up to the pattern, with the pattern changed; it answers with the path and with the
    /// nodes of these parts, which have bounds of their own.
    fn changed(&self, change: &Change) -> Result<(Plan, Vec<usize>)> {
        let clock = self.clock()?;
        let mut plan = self.plan.clone();
        let Target { branch, step, pattern } = self.target;
        let mut steps = std::mem::take(&mut plan.branches[branch].steps);
        steps.truncate(step + 1);
        let mut names = std::mem::take(&mut plan.names);
        let mut new_slot = || {
            names.push(String::new());
            names.len() - 1
        };
        let Some(Step::Match { patterns, filters, optional }) = steps.last_mut() else {
            return Err(Error::invalid("the step asked about is no MATCH"));
        };
        *optional = false;
        *filters = change.filters(filters);
        if change.elements.is_some() {
            patterns.truncate(pattern + 1);
        }
        let is_alone = patterns.len() == 1 && filters.is_empty();
        let target = &mut patterns[pattern];
        let mut columns = vec![*target.path.get_or_insert_with(&mut new_slot)];
        let waits = waiting_parts(target);
        for &part in &waits {
            let is_repeated = !target.shape.contains(&Shape::Node(part));
            let part = &mut target.parts[part];
            let slot = *part.slot.get_or_insert_with(&mut new_slot);
            columns.push(if is_repeated { *part.list.get_or_insert_with(&mut new_slot) } else { slot });
        }
        change.apply(target, clock, is_alone);
        // Parts that are cut off bind nothing.
        let is_kept = |part: &usize| target.shape.iter().any(|shape| shape.parts().contains(part));
        let kept: Vec<bool> = waits.iter().map(is_kept).collect();
        let mut kept = std::iter::once(true).chain(kept);
        columns.retain(|_| kept.next().unwrap_or(true));
        let waits = waits.into_iter().filter(is_kept).collect();
        plan.columns = vec![String::new(); columns.len()];
        plan.branches = vec![Branch { steps, columns }];
        plan.distinct = false;
        plan.names = names;
        Ok((plan, waits))
    }

    /// The bound that is asked for with a relaxation, where it is one of time.
    pub(super) fn bound(&self, relaxation: &Relaxation) -> Result<Option<Bound>> {
        let (pattern, _) = self.asked()?;
        let chrono = pattern.chrono.as_ref();
        let length = match relaxation {
            Relaxation::PrefixWait => chrono.and_then(|chrono| chrono.wait.as_ref()),
            Relaxation::Within => chrono.and_then(|chrono| chrono.within.as_ref()),
            Relaxation::NodeWait(part) => pattern.parts[*part].wait.as_ref(),
            _ => None,
        };
        length.map(|length| self.bound_of(length)).transpose()
    }

    fn bound_of(&self, length: &Length) -> Result<Bound> {
        match length {
            Length::Micros(micros) => Ok(Bound::new(Some(*micros), Clock::Calendar)),
            Length::Value(value, _) if !value.free_variables().is_empty() => {
                Ok(Bound::new(None, Clock::Calendar))
            }
            Length::Value(value, span) => {
                let mut clock = None;
                let value = self
                    .evaluate(|context| value.eval(context, &mut vec![Value::Null; self.plan.names.len()]))?;
                let most = length_of(&value, &mut clock).map_err(|error| error.at(*span))?;
                Ok(Bound::new(Some(most), clock.unwrap_or(Clock::Calendar)))
            }
        }
    }

    /// The clock of the pattern's bounds; that of the calendar where it has none.
    fn clock(&self) -> Result<Clock> {
        let (pattern, _) = self.asked()?;
        let chrono = pattern.chrono.iter().flat_map(|chrono| chrono.wait.iter().chain(&chrono.within));
        let lengths = chrono.chain(pattern.parts.iter().filter_map(|part| part.wait.as_ref()));
        let clocks: Result<Vec<Clock>> = lengths.map(|length| Ok(self.bound_of(length)?.clock)).collect();
        Ok(clocks?.into_iter().find(|clock| *clock == Clock::Integer).unwrap_or(Clock::Calendar))
    }

    /// Evaluates what depends on no row.
    fn evaluate<T>(&self, f: impl FnOnce(&Context<'_>) -> Result<T>) -> Result<T> {
        let (notices, deleted_types, watch) = (RefCell::default(), RefCell::default(), Watch::default());
        let options = self.asker.options;
        let surroundings = Surroundings {
            lens: None,
            as_of: None,
            parameters: self.asker.parameters,
            procedures: options.procedures,
            subqueries: &[],
            bodies: &[],
            width: self.plan.names.len(),
            memory: Memory::new(options.limits.memory_max),
            profile: None,
            deleted_types: &deleted_types,
            watch: &watch,
            notices: &notices,
            random: Random::new(options.now_micros),
            limits: options.limits,
            now_micros: options.now_micros,
            writes: false,
            check: &|| Ok(()),
        };
        f(&Context {
            view: View::new(self.graph, None, false),
            surroundings: &surroundings,
            outer: None,
            asked: None,
        })
    }
}

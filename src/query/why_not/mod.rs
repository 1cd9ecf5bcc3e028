//! `EXPLAIN WHY NOT`: why a chronological pattern finds nothing, and what would have to change.
//!
//! The question is asked again with one thing relaxed: a longer wait at one place, a longer
//! span, no `CERTAINLY`, no `STRICT`, a lens without one of its parts, a pattern without one of
//! its inner conditions. So what a row says holds by construction: the question with that
//! change has the path of the row for an answer. Bounds on time only let more through the
//! longer they are, so the least one that does is found by doubling the excess and then
//! halving the rest, in whole units of the bound that was asked for; one unit less was tried
//! and gives nothing.
//!
//! Where nothing alone helps, the smallest sets of changes are tried, and if all together do
//! not help, the order itself is impossible: then the pattern is searched without time, and of
//! the paths found the one is shown whose dates contradict the order least. Where there is
//! none either, the row says how far the pattern can be followed.
//!
//! Every search has a bound on its work; where one was stopped, a notice says so, and what a row
//! says then is "at most" and "as far as was looked".

mod attempt;
mod change;
mod words;

pub(super) use attempt::Asker;
use attempt::{Attempt, Found, Inquiry, Target};
use change::{Bound, Change, Relaxation, relaxations};
use words::Row;

use std::sync::Arc;

use super::Answer;
use super::plan::{Plan, Shape, Step};
use crate::error::{Detail, Error, Result};
use crate::graph::{Graph, Lens};
use crate::model::Path;
use crate::paths::worst_miss;

/// So many sets of changes are tried at most.
const SETS_MAX: usize = 60;

/// So many sets of changes of the least size are told at most.
const SETS_TOLD_MAX: usize = 3;

/// So many paths without time are looked through for the nearest miss.
const MISSES_MAX: usize = 1000;

/// Explains why a statement's chronological pattern finds nothing, as rows of `reason`, `change`,
/// `needs`, `path` and `remark`.
///
/// # Errors
/// `SyntaxError` for a statement that writes or has no chronological pattern; what running it gives.
pub(super) fn answer(graph: &mut Graph, plan: &Plan, lens: &Lens, asker: &Asker<'_>) -> Result<Answer> {
    if let Some(span) = plan.writes {
        return Err(Error::syntax(span, "EXPLAIN WHY NOT is for questions, and this changes the case")
            .detail(Detail::InvalidClauseComposition));
    }
    let targets = targets(plan);
    let Some(&first) = targets.first() else {
        let message = "EXPLAIN WHY NOT is for patterns in order of time, and there is none here";
        return Err(
            Error::invalid(message).hint("write CHRONOLOGICAL in a MATCH of the statement".to_owned())
        );
    };
    let mut inquiry = Inquiry { graph, plan, lens, asker, target: first, stopped: Vec::new() };
    let mut rows = Vec::new();
    for target in targets {
        inquiry.target = target;
        rows = match inquiry.attempt(&Change::default())? {
            Attempt::Found(found) => {
                vec![inquiry.row(
                    "answered",
                    "the pattern has an answer".to_owned(),
                    found.into_iter().next().map(|found| found.path),
                )?]
            }
            attempt => inquiry.explain(&attempt)?,
        };
        if rows.first().is_none_or(|row| row.reason != "answered") {
            break;
        }
    }
    inquiry.stopped.sort();
    inquiry.stopped.dedup();
    let stopped = std::mem::take(&mut inquiry.stopped);
    let notices = stopped.into_iter().map(|stopped| format!("an explanation may be missing: {stopped}"));
    // The paths are drawn with what the rows would have the lens show.
    let mut lens = lens.clone();
    rows.iter().flat_map(|row| &row.relaxed).for_each(|relaxation| relaxation.clear(&mut lens));
    Ok(Answer {
        columns: words::COLUMNS.map(str::to_owned).into(),
        rows: rows.into_iter().map(Row::into_values).collect(),
        notices: notices.collect(),
        lens,
        ..Answer::default()
    })
}

/// The chronological patterns of a statement, in the order in which they are searched.
fn targets(plan: &Plan) -> Vec<Target> {
    let mut targets = Vec::new();
    for (branch, steps) in plan.branches.iter().map(|branch| &branch.steps).enumerate() {
        for (step, found) in steps.iter().enumerate() {
            let Step::Match { patterns, .. } = found else { continue };
            let chronological = (0..patterns.len()).filter(|&at| patterns[at].chrono.is_some());
            targets.extend(chronological.map(|pattern| Target { branch, step, pattern }));
        }
    }
    targets
}

impl Inquiry<'_> {
    /// The rows for a question without an answer.
    fn explain(&mut self, asked: &Attempt) -> Result<Vec<Row>> {
        let (pattern, filters) = self.asked()?;
        let all = relaxations(pattern, filters, self.lens);
        let mut rows = Vec::new();
        for relaxation in &all {
            rows.extend(self.relaxed(std::slice::from_ref(relaxation))?);
        }
        if rows.is_empty() {
            let (conditions, others): (Vec<_>, Vec<_>) = all.into_iter().partition(Relaxation::is_condition);
            rows = self.together(&others)?;
            if rows.is_empty() {
                rows = self.untimed(asked, &others, &conditions)?;
            }
        }
        if let Attempt::Stopped(stopped) = asked {
            rows.insert(
                0,
                self.row("limit", format!("it is not known that there is no answer: {stopped}"), None)?,
            );
        }
        Ok(rows)
    }

    /// The row for some changes together, if they give an answer: the least ones of their kind.
    fn relaxed(&mut self, which: &[Relaxation]) -> Result<Option<Row>> {
        let mut change = Change::of(which.iter().cloned());
        let Some(mut found) = self.attempt(&change)?.first() else { return Ok(None) };
        for relaxation in which {
            if let Some(bound) = self.bound(relaxation)?
                && let Some(asked) = bound.most
            {
                (change, found) = self.least(change, relaxation, (bound, asked), found)?;
            }
        }
        // Any path will do to find the bounds; a short one is best to read.
        if let Some(shortest) = self.attempt(&Change { shortest: true, ..change.clone() })?.first() {
            found = shortest;
        }
        self.change_row(&change, found).map(Some)
    }

    /// The least bound in the place of the one that was asked for, all else as in `change`, which has an
    /// answer without it.
    fn least(
        &mut self,
        change: Change,
        which: &Relaxation,
        (bound, asked): (Bound, i64),
        mut found: Found,
    ) -> Result<(Change, Found)> {
        let with = |excess: i64| {
            let most = asked.saturating_add(bound.unit.saturating_mul(excess)).min(i64::MAX / 4);
            change.with(which, bound, most)
        };
        // In a set, what else is changed may have made this change needless.
        if change.relaxed.len() > 1
            && let Some(found) = self.attempt(&with(0))?.first()
        {
            return Ok((with(0), found));
        }
        let (mut none, mut some) = (0, 1);
        loop {
            let attempt = self.attempt(&with(some))?;
            let is_stopped = matches!(attempt, Attempt::Stopped(_));
            match attempt.first() {
                Some(other) => {
                    found = other;
                    break;
                }
                // Then it is only known that there is an answer without the bound.
                None if is_stopped || some > i64::MAX / 8 / bound.unit => return Ok((change, found)),
                None => (none, some) = (some, some * 2),
            }
        }
        while some - none > 1 {
            let middle = none + (some - none) / 2;
            match self.attempt(&with(middle))?.first() {
                Some(other) => (some, found) = (middle, other),
                None => none = middle,
            }
        }
        Ok((with(some), found))
    }

    /// The smallest sets of changes that together give an answer.
    fn together(&mut self, others: &[Relaxation]) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        if others.len() < 2 || self.attempt(&Change::of(others.iter().cloned()))?.first().is_none() {
            return Ok(rows);
        }
        let mut n_tried = 0;
        for size in 2..others.len() {
            for set in sets(others.len(), size) {
                n_tried += 1;
                if n_tried > SETS_MAX {
                    return Ok(self.dwindled(others)?.into_iter().collect());
                }
                let set: Vec<Relaxation> = set.into_iter().map(|at| others[at].clone()).collect();
                rows.extend(self.relaxed(&set)?);
                if rows.len() == SETS_TOLD_MAX {
                    return Ok(rows);
                }
            }
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(self.relaxed(others)?.into_iter().collect())
    }

    /// A set of changes of which none can be left out, where there are too many sets to try them all.
    fn dwindled(&mut self, others: &[Relaxation]) -> Result<Option<Row>> {
        let mut left = others.to_vec();
        for relaxation in others {
            let without: Vec<Relaxation> =
                left.iter().filter(|other| *other != relaxation).cloned().collect();
            if self.attempt(&Change::of(without.iter().cloned()))?.first().is_some() {
                left = without;
            }
        }
        self.relaxed(&left)
    }

    /// Why there is nothing whatever the bounds: the order, the lens, a condition, or the pattern itself.
    fn untimed(
        &mut self,
        asked: &Attempt,
        others: &[Relaxation],
        conditions: &[Relaxation],
    ) -> Result<Vec<Row>> {
        let of_lens: Vec<Relaxation> = others.iter().filter(|other| other.is_of_lens()).cloned().collect();
        let mut changes = vec![Vec::new()];
        changes.extend((!of_lens.is_empty()).then_some(of_lens));
        changes.extend(conditions.iter().map(|condition| vec![condition.clone()]));
        for relaxed in changes {
            let change = Change { untimed: Some(MISSES_MAX), ..Change::of(relaxed) };
            match self.attempt(&change)? {
                Attempt::Found(found) => {
                    let paths: Vec<Arc<Path>> = found.into_iter().map(|found| found.path).collect();
                    return Ok(vec![self.nearest_miss(&change, &paths)?]);
                }
                // What was not looked through cannot be called empty.
                Attempt::Stopped(stopped) => {
                    let words = format!("it is not known whether there is a path without time: {stopped}");
                    return Ok(vec![self.row("limit", words, None)?]);
                }
                Attempt::Nothing { .. } => {}
            }
        }
        if matches!(asked, Attempt::Nothing { was_asked: false }) {
            let words = "the clauses before this pattern give no row to look from".to_owned();
            return Ok(vec![self.row("before", words, None)?]);
        }
        Ok(vec![self.prefix()?])
    }

    /// Of paths that are there without time, the one whose dates contradict the order least.
    fn nearest_miss(&self, change: &Change, paths: &[Arc<Path>]) -> Result<Row> {
        let lens = self.compile(change)?;
        let view = crate::graph::View::new(self.graph, lens.as_ref(), true);
        let mut nearest: Option<(i128, usize, _, &Arc<Path>)> = None;
        for path in paths {
            let miss = worst_miss(view, path)?;
            let by = miss.as_ref().map_or(i128::MAX, crate::paths::Miss::by);
            let key = (by, path.relationships.len());
            if nearest.as_ref().is_none_or(|(by, n_hops, ..)| key < (*by, *n_hops)) {
                nearest = Some((by, path.relationships.len(), miss, path));
            }
        }
        let Some((_, _, miss, path)) = nearest else {
            return self.row("order", "no path is in possible order".to_owned(), None);
        };
        self.miss_row(change, miss.as_ref(), path, paths.len())
    }

    /// How far the pattern can be followed, time aside.
    fn prefix(&mut self) -> Result<Row> {
        let n = self.asked()?.0.shape.len();
        for elements in (1..n).rev() {
            let change = Change { untimed: Some(1), elements: Some(elements), ..Change::default() };
            match self.attempt(&change)? {
                Attempt::Found(found) => {
                    let words = self.follow_words(elements)?;
                    let path = found.into_iter().next().map(|found| found.path);
                    return self.row("nothing", words, path);
                }
                Attempt::Stopped(stopped) => {
                    let words = format!("it is not known how far the pattern can be followed: {stopped}");
                    return self.row("limit", words, None);
                }
                Attempt::Nothing { .. } => {}
            }
        }
        let (pattern, _) = self.asked()?;
        let words = match pattern.shape.first() {
            Some(Shape::Node(part)) => format!("no node fits {}", self.node_words(*part)?),
            _ => "nothing fits the beginning of the pattern".to_owned(),
        };
        self.row("nothing", words, None)
    }
}

/// All sets of `size` numbers below `n`, in order.
fn sets(n: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let longer = |set: Vec<usize>| {
            let next = set.last().map_or(0, |last| last + 1);
            (next..n).map(move |at| [&set[..], &[at]].concat())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

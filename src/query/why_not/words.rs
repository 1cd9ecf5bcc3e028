//! The rows of an explanation, in words.

use std::sync::Arc;

use super::attempt::{Found, Inquiry};
use super::change::{Bound, Change, Relaxation};
use crate::analysis::chain;
use crate::error::Result;
use crate::graph::View;
use crate::model::time::DAY_MICROS;
use crate::model::{Clock, Date, DateTime, Duration, Instant, NodeId, Path, Value};
use crate::paths::{Bounds, Miss, waits};
use crate::query::called::{called, hop_words};
use crate::query::explain::{expr_words, part_words};
use crate::query::plan::{Chrono, Shape};

/// The columns.
pub(super) const COLUMNS: [&str; 5] = ["reason", "change", "needs", "path", "remark"];

/// A row of the explanation.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// What kind of thing is in the way.
    pub(super) reason: String,
    /// What would have to change, or what contradicts the order.
    change: String,
    /// The bound on time that would do, or by how much the order fails.
    needs: Value,
    /// The path that would be an answer, or comes nearest to one.
    path: Option<Arc<Path>>,
    /// What speaks against the path.
    remark: Option<String>,
    /// What was relaxed for the path.
    pub(super) relaxed: Vec<Relaxation>,
}

impl Row {
    pub(super) fn into_values(self) -> Vec<Value> {
        vec![
            Value::from(self.reason),
            Value::from(self.change),
            self.needs,
            self.path.map_or(Value::Null, Value::Path),
            self.remark.map_or(Value::Null, Value::from),
        ]
    }
}

impl Inquiry<'_> {
    /// A row that needs no change of the question.
    pub(super) fn row(&self, reason: &str, change: String, path: Option<Arc<Path>>) -> Result<Row> {
        let remark = path.as_ref().map(|path| self.remark(path, &Change::default())).transpose()?.flatten();
        let (needs, relaxed) = (Value::Null, Vec::new());
        Ok(Row { reason: reason.to_owned(), change, needs, path, remark, relaxed })
    }

    /// The row for changes that together give the path for an answer.
    pub(super) fn change_row(&self, change: &Change, found: Found) -> Result<Row> {
        let mut reasons: Vec<&str> = change.relaxed.iter().map(|(which, _)| which.reason()).collect();
        reasons.dedup();
        let words: Result<Vec<String>> =
            change.relaxed.iter().map(|(which, new)| self.words(which, *new, change, &found)).collect();
        let needs = match &change.relaxed[..] {
            [(_, Some((bound, most)))] => bound.value(*most),
            _ => Value::Null,
        };
        let remark = self.remark(&found.path, change)?;
        let relaxed = change.relaxations();
        let (reason, change) = (reasons.join(" and "), words?.join(", and "));
        Ok(Row { reason, change, needs, path: Some(found.path), remark, relaxed })
    }

    /// One change in words.
    fn words(
        &self,
        which: &Relaxation,
        new: Option<(Bound, i64)>,
        change: &Change,
        found: &Found,
    ) -> Result<String> {
        let (pattern, filters) = self.asked()?;
        let names = &self.plan.names;
        let lens = self.lens;
        let hidden = || self.hidden_words(change, &found.path);
        let date = |value: &Option<Value>| value.as_ref().map_or(String::new(), Value::to_string);
        Ok(match which {
            Relaxation::PrefixWait => {
                format!("{}{}", self.bound_words("WAIT <=", which, new)?, self.waiting(which, new, found)?)
            }
            Relaxation::NodeWait(part) => {
                let bound = self.bound_words("WAIT <=", which, new)?;
                match self.waiting(which, new, found)? {
                    place if place.is_empty() => format!("{bound} in {}", self.node_words(*part)?),
                    place => format!("{bound}{place}"),
                }
            }
            Relaxation::Within => self.bound_words("WITHIN", which, new)?,
            Relaxation::Certainly => "without CERTAINLY: the order is possible and not certain".to_owned(),
            Relaxation::Strict => "without STRICT: events can only have happened at one instant".to_owned(),
            Relaxation::AsOf => {
                format!("a lens without asOf {}, which hides {}", date(&lens.as_of), hidden()?)
            }
            Relaxation::KnownBy => {
                format!("a lens without knownBy {}, which hides {}", date(&lens.known_by), hidden()?)
            }
            Relaxation::MinConfidence => {
                let least = lens.confidence_min.unwrap_or_default();
                format!("a lens without minConfidence {least}, which hides {}", hidden()?)
            }
            Relaxation::Without(name) => {
                format!("the source {name}, without which the lens hides {}", hidden()?)
            }
            Relaxation::Condition(part, at) => {
                let condition = &pattern.parts[*part].filters[*at];
                format!("without WHERE {}", expr_words(names, condition))
            }
            Relaxation::Property(part, at) => {
                let (name, value) = &pattern.parts[*part].properties[*at];
                format!("without {{{name}: {}}}", expr_words(names, value))
            }
            Relaxation::Where(at) => {
                format!("without WHERE {} after the pattern", expr_words(names, &filters[*at]))
            }
        })
    }

    /// "WAIT <= 9 DAYS instead of 7 DAYS".
    fn bound_words(&self, word: &str, which: &Relaxation, new: Option<(Bound, i64)>) -> Result<String> {
        let asked = self.bound(which)?.and_then(|bound| Some(bound.words(bound.most?)));
        Ok(match (new, asked) {
            (Some((bound, most)), Some(asked)) => format!("{word} {} instead of {asked}", bound.words(most)),
            (_, Some(asked)) => format!("no {word} {asked}"),
            (_, None) => format!("no {word}"),
        })
    }

    /// Where on a path one has to wait longer than was asked for.
    fn waiting(&self, which: &Relaxation, new: Option<(Bound, i64)>, found: &Found) -> Result<String> {
        let (Some(Bound { most: Some(asked), .. }), Some((_, most))) = (self.bound(which)?, new) else {
            return Ok(String::new());
        };
        let (pattern, _) = self.asked()?;
        let strict = pattern.chrono.as_ref().is_some_and(|Chrono { strict, .. }| *strict);
        let view = View::new(self.graph, None, true);
        // The bound of the prefix counts where no node pattern has its own.
        let is_meant = |node: NodeId| match which {
            Relaxation::NodeWait(part) => found.waits.contains(&(*part, node)),
            _ => !found.waits.iter().any(|(_, other)| *other == node),
        };
        // Where the other waits are bounded too, this one may have to be longer than by itself.
        let bounds = [Some(most), None].map(|wait| Bounds { strict, wait, ..Bounds::default() });
        for bounds in bounds {
            let waits = waits(view, &found.path, &bounds)?.unwrap_or_default();
            let long = waits.iter().filter(|wait| is_meant(wait.node));
            let long = long.filter(|wait| wait.least.is_some_and(|least| least > asked));
            let places: Vec<String> = long.map(|wait| called(view, wait.node)).collect();
            if !places.is_empty() {
                return Ok(format!(" at {}", places.join(" and ")));
            }
        }
        Ok(String::new())
    }

    /// What of a path the lens hides as it was asked for.
    fn hidden_words(&self, change: &Change, path: &Path) -> Result<String> {
        let kept = Change { relaxed: Vec::new(), ..change.clone() };
        let lens = self.compile(&kept)?;
        let (through, view) = (View::new(self.graph, lens.as_ref(), true), View::new(self.graph, None, true));
        let hops = path.relationships.iter().filter(|&&id| through.relationship(id).is_none());
        let mut hidden: Vec<String> = hops.map(|&id| hop_words(view, id)).collect();
        if hidden.is_empty() {
            let nodes = path.nodes.iter().filter(|&&id| through.node(id).is_none());
            hidden.extend(nodes.map(|&id| called(view, id)));
        }
        hidden.dedup();
        Ok(if hidden.is_empty() { "what leads there".to_owned() } else { hidden.join(" and ") })
    }

    /// The row for a path that is there without time.
    pub(super) fn miss_row(
        &self,
        change: &Change,
        miss: Option<&Miss>,
        path: &Arc<Path>,
        n_paths: usize,
    ) -> Result<Row> {
        let view = View::new(self.graph, None, true);
        let order = match miss {
            None => "there are paths, but none within the bounds of time".to_owned(),
            Some(miss) => miss_words(view, miss, path),
        };
        let found = Found { path: path.clone(), waits: Vec::new() };
        let changes: Result<Vec<String>> =
            change.relaxed.iter().map(|(which, new)| self.words(which, *new, change, &found)).collect();
        let changes = changes?;
        let words =
            if changes.is_empty() { order } else { format!("{}; and {order}", changes.join(", and ")) };
        let reason = change
            .relaxed
            .first()
            .map_or("order".to_owned(), |(which, _)| format!("{} and order", which.reason()));
        let needs = miss.map_or(Value::Null, by);
        let looked =
            (n_paths >= super::MISSES_MAX).then(|| format!("the nearest of {n_paths} paths looked at"));
        let unsure = (!self.stopped.is_empty())
            .then(|| "a limit stopped the search for paths in order: there may be some".to_owned());
        let remark =
            [looked, unsure, self.remark(path, change)?].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let remark = (!remark.is_empty()).then_some(remark);
        let (path, relaxed) = (Some(path.clone()), change.relaxations());
        Ok(Row { reason, change: words, needs, path, remark, relaxed })
    }

    /// What speaks against a path, as the lens of the change sees it: disputes, and null results.
    fn remark(&self, path: &Path, change: &Change) -> Result<Option<String>> {
        let lens = self.compile(change)?;
        let view = View::new(self.graph, lens.as_ref(), true);
        let mut remarks = Vec::new();
        for hop in chain(view, path)?.hops {
            let words = hop_words(view, hop.relationship);
            if !hop.disputes.is_empty() {
                remarks.push(format!("{words} is disputed"));
            }
            if hop.nulls.iter().any(|null| null.contradicted) {
                remarks.push(format!("{words} is contradicted by a null result"));
            }
        }
        Ok((!remarks.is_empty()).then(|| remarks.join("; ")))
    }

    /// How far the pattern was followed: its first elements, and what of it comes next.
    pub(super) fn follow_words(&self, elements: usize) -> Result<String> {
        let (pattern, _) = self.asked()?;
        let words = |at: usize| part_words(&self.plan.names, pattern, &pattern.shape[at]);
        Ok(match (&pattern.shape[elements - 1], &pattern.shape[elements]) {
            (before, Shape::Node(_)) if !matches!(before, Shape::Node(_) | Shape::Filter(_)) => {
                format!("{} leads on, but to no node that fits {}", words(elements - 1), words(elements))
            }
            (_, Shape::Node(_)) => format!("no path so far fits {}", words(elements)),
            (_, Shape::Filter(_)) => format!("no path so far passes{}", words(elements)),
            (Shape::Node(_), _) => format!("no {} leads on from {}", words(elements), words(elements - 1)),
            (..) => format!("no {} leads on", words(elements)),
        })
    }

    /// A node pattern much as it was written.
    pub(super) fn node_words(&self, part: usize) -> Result<String> {
        Ok(part_words(&self.plan.names, self.asked()?.0, &Shape::Node(part)))
    }
}

/// "DELIVERED_TO from train to depot (until 2023-09-01) cannot come after SHIPPED_FROM … (from 2023-09-04)".
fn miss_words(view: View<'_>, miss: &Miss, path: &Path) -> String {
    let [early, late] = [miss.early, miss.late].map(|hop| hop_words(view, path.relationships[hop]));
    let (begins, ends) = (instant(miss.clock, miss.begins), instant(miss.clock, miss.ends));
    let by = by_words(miss);
    match miss.is_state {
        true => {
            format!("{late}, until {ends}, and {early}, from {begins}, do not meet: they are {by} apart")
        }
        false => format!(
            "{late} was over by {ends}, and cannot come after {early}, from {begins}: it is {by} too early"
        ),
    }
}

/// By how much, as a reader counts who sees the two dates: in days, where they are two.
fn by(miss: &Miss) -> Value {
    let days = miss.begins.div_euclid(DAY_MICROS) - miss.ends.div_euclid(DAY_MICROS);
    match miss.clock {
        Clock::Calendar if days > 0 => Value::Duration(Duration::of_days(days)),
        clock => amount(clock, miss.by()),
    }
}

/// "3 days".
fn by_words(miss: &Miss) -> String {
    match by(miss) {
        Value::Duration(by) if by.days() == 1 => "1 day".to_owned(),
        Value::Duration(by) if by.days() > 1 => format!("{} days", by.days()),
        by => by.to_string(),
    }
}

fn amount(clock: Clock, by: i128) -> Value {
    let by = i64::try_from(by).unwrap_or(i64::MAX);
    match clock {
        Clock::Integer => Value::Int(by),
        Clock::Calendar => Value::Duration(Duration::between_instants(0, by)),
    }
}

/// An instant: a day where it is the first or the last of one.
fn instant(clock: Clock, at: Instant) -> String {
    let is_whole = at.rem_euclid(DAY_MICROS) == 0 || at.wrapping_add(1).rem_euclid(DAY_MICROS) == 0;
    match clock {
        Clock::Integer => at.to_string(),
        Clock::Calendar if is_whole => Value::Date(Date::of_instant(at)).to_string(),
        Clock::Calendar => Value::DateTime(DateTime::of_micros(at)).to_string(),
    }
}

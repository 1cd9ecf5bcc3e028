//! Running a pattern: the plan's parts become a [`paths::Pattern`], and this
//! module answers what the search asks about each node and relationship.

use std::sync::Arc;

use super::ast::{Direction, PathMode};
use super::expr::{Context, Expr, Row, node_has};
use super::functions::length_of;
use super::plan::{self, Count, Length, Part, Pattern, Same, Selector, Shape};
use super::{ends, seek, window};
use crate::error::{Detail, Error, Result};
use crate::graph;
use crate::model::{Clock, NodeId, RelationshipId, Value};
use crate::paths::{
    self, Bound, Bounds, Cost, Element, HopStep, Limits, Match, Matcher, Mode, NodeStep, Outline, Prefix,
    Question, Repeat, Slot,
};

/// What one match of a pattern binds, and the relationships it uses.
pub(super) struct Found {
    /// Variables and their values.
    pub(super) bound: Vec<(usize, Value)>,
    /// In the order walked.
    pub(super) used: Vec<RelationshipId>,
}

/// All matches of a pattern for one row.
///
/// `taken` are relationships that other patterns of the clause use. They cannot
/// be used again, unless the pattern says WALK.
pub(super) fn run(
    pattern: &Pattern,
    row: &Row,
    taken: &[RelationshipId],
    outer: &Context<'_>,
) -> Result<Vec<Found>> {
    let outcome = ask(pattern, row, taken, outer, paths::search)?;
    tell(outcome.stopped, !outcome.matches.is_empty(), pattern, outer)?;
    let is_walk = pattern.mode == Some(PathMode::Walk);
    let selects = !matches!(pattern.selector, None | Some(Selector::All));
    let rows = outcome.matches.into_iter().filter_map(|found| {
        let clashes = !is_walk && selects && found.path.relationships.iter().any(|id| taken.contains(id));
        let used = found.path.relationships.clone();
        (!clashes).then(|| Found { bound: bound_by(pattern, found), used })
    });
    Ok(rows.collect())
}

/// The last nodes of all matches of a pattern for one row, where no path has to be put
/// together to find them; `None` where it has.
pub(super) fn run_to_ends(pattern: &Pattern, row: &Row, outer: &Context<'_>) -> Result<Option<Vec<NodeId>>> {
    let Some(ends) = ask(pattern, row, &[], outer, paths::sweep::ends)? else { return Ok(None) };
    tell(ends.stopped, !ends.nodes.is_empty(), pattern, outer)?;
    Ok(Some(ends.nodes))
}

/// Makes a question of a pattern and a row, and asks it.
fn ask<T>(
    pattern: &Pattern,
    row: &Row,
    taken: &[RelationshipId],
    outer: &Context<'_>,
    search: impl FnOnce(graph::View<'_>, &Question<'_>, Vec<NodeId>, &mut dyn Matcher) -> Result<T>,
) -> Result<T> {
    let chronological = pattern.chrono.is_some();
    let view = outer.view.for_chronological(chronological);
    let context = Context { view, ..*outer };
    let mut scratch = row.clone();
    let (compiled, bounds) =
        compile(pattern, &context, &mut scratch).map_err(|error| error.at(pattern.span))?;
    let selector = selector(pattern, &context)?;
    let is_walk = pattern.mode == Some(PathMode::Walk);
    let selects = !matches!(selector, paths::Selector::All);
    let ends = ends::known(pattern, &context, &mut scratch)?;
    let question = Question {
        pattern: &compiled,
        mode: mode(pattern.mode),
        selector,
        bounds: bounds.filter(|_| pattern.probe.is_none_or(|probe| !probe.ignores_time)),
        named: &named(pattern),
        // Below a selector what other patterns use is checked afterwards, so that
        // the choice does not depend on the order of the patterns.
        taken: if is_walk || selects { &[] } else { taken },
        ends: ends.as_deref(),
        is_memoryless: is_memoryless(pattern),
        limits: limits(pattern, outer.surroundings.limits),
    };
    let starts = seek::nodes(&pattern.start, pattern.span, &context, &mut scratch)?;
    let mut matcher = PartMatcher { pattern, context, row: scratch };
    search(view, &question, starts, &mut matcher).map_err(|error| error.at(pattern.span))
}

/// Takes note of what a search came to, and tells that a limit stopped it; what changes the
/// graph fails instead.
fn tell(stopped: Option<String>, has_found: bool, pattern: &Pattern, outer: &Context<'_>) -> Result<()> {
    if outer.outer.is_none() {
        outer.surroundings.watch.note(pattern, has_found, stopped.as_deref());
    }
    let Some(stopped) = stopped.filter(|_| pattern.probe.is_none()) else { return Ok(()) };
    if outer.surroundings.writes {
        return Err(Error::query("LimitExceeded", pattern.span, format!("{stopped}; nothing was changed"))
            .detail(Detail::LimitExceeded)
            .hint("narrow the pattern: a change must not rest on half an answer".to_owned()));
    }
    outer.surroundings.notices.borrow_mut().insert(stopped);
    Ok(())
}

fn limits(pattern: &Pattern, limits: Limits) -> Limits {
    let repeats = pattern.shape.iter().any(|shape| matches!(shape, Shape::Repeat { .. }));
    match pattern.probe {
        Some(probe) => Limits { results_max: probe.results_max, ..limits },
        None if repeats => limits,
        // Without repetition the limit on memory is bound enough.
        None => Limits { results_max: usize::MAX, ..limits },
    }
}

fn mode(mode: Option<PathMode>) -> Mode {
    match mode {
        Some(PathMode::Walk) => Mode::Walk,
        None | Some(PathMode::Trail) => Mode::Trail,
        Some(PathMode::Acyclic) => Mode::Acyclic,
        Some(PathMode::Simple) => Mode::Simple,
    }
}

fn selector(pattern: &Pattern, context: &Context<'_>) -> Result<paths::Selector> {
    let count = |count: &Count| match count {
        Count::Literal(k) => Ok(*k),
        Count::Parameter(name, span) => match context.surroundings.parameters.get(name) {
            Some(Value::Int(k)) if *k > 0 => Ok(k.unsigned_abs()),
            Some(other) => {
                let message = format!("expected a positive integer as ${name}, found {other}");
                let is_number = matches!(other, Value::Int(_));
                let detail = if is_number { Detail::NumberOutOfRange } else { Detail::InvalidArgumentType };
                Err(Error::query("ArgumentError", *span, message).detail(detail))
            }
            None => Err(super::expr::missing(name, *span)),
        },
    };
    Ok(match &pattern.selector {
        None | Some(Selector::All) => paths::Selector::All,
        Some(Selector::Any(k)) => paths::Selector::Any(count(k)?),
        Some(Selector::Shortest(k)) => paths::Selector::Shortest(count(k)?),
        Some(Selector::ShortestGroups(k)) => paths::Selector::ShortestGroups(count(k)?),
        Some(Selector::Cheapest(k)) => paths::Selector::Cheapest(count(k)?),
        Some(Selector::Strongest(k)) => paths::Selector::Strongest(count(k)?),
        Some(Selector::Earliest(k)) => paths::Selector::Earliest(count(k)?),
        Some(Selector::Latest(k)) => paths::Selector::Latest(count(k)?),
        Some(Selector::Fastest(k)) => paths::Selector::Fastest(count(k)?),
    })
}

/// The slots of parts that the statement names.
fn named(pattern: &Pattern) -> Vec<Slot> {
    let parts = pattern.parts.iter().enumerate();
    parts.filter(|(_, part)| part.slot.is_some()).map(|(slot, _)| slot).collect()
}

/// Whether every condition speaks only of its own part; that of a repetition of one
/// relationship may speak of the repetition's parts.
pub(super) fn is_memoryless(pattern: &Pattern) -> bool {
    !(0..pattern.parts.len()).any(|part| looks_back(pattern, part))
}

/// Whether a part's conditions speak of other parts, or give something else each time.
pub(super) fn looks_back(pattern: &Pattern, at: usize) -> bool {
    let repeats = pattern.shape.iter().filter_map(|shape| match shape {
        Shape::Repeat { body, .. } if body.last() == Some(&Shape::Filter(at)) && is_one_hop(body) => {
            Some(shape.parts())
        }
        _ => None,
    });
    let own: Vec<usize> = repeats.flatten().chain([at]).filter_map(|part| pattern.parts[part].slot).collect();
    let part = &pattern.parts[at];
    let conditions = part.properties.iter().map(|(_, value)| value).chain(&part.filters);
    if conditions.clone().any(is_by_chance) {
        return true;
    }
    let used: Vec<usize> = conditions.flat_map(Expr::variables).collect();
    let new = pattern.parts.iter().filter(|other| !matches!(other.same_as, Some(Same::Row(_))));
    let new = new.flat_map(|other| other.slot.into_iter().chain(other.list)).chain(pattern.path);
    let mut others = new.filter(|slot| !own.contains(slot));
    matches!(part.same_as, Some(Same::Part(_))) || others.any(|slot| used.contains(&slot))
}

fn is_by_chance(condition: &Expr) -> bool {
    let mut is_by_chance = false;
    condition.visit(&mut |part| {
        is_by_chance |= matches!(part, Expr::Call(function, ..) if window::is_by_chance(function));
    });
    is_by_chance
}

fn is_one_hop(body: &[Shape]) -> bool {
    let mut steps = body.iter().filter(|shape| matches!(shape, Shape::Hop(_) | Shape::Repeat { .. }));
    matches!((steps.next(), steps.next()), (Some(Shape::Hop(_)), None))
}

fn compile(
    pattern: &Pattern,
    context: &Context<'_>,
    row: &mut Row,
) -> Result<(paths::Pattern, Option<Bounds>)> {
    let mut clock = None;
    let elements = elements(&pattern.shape, pattern, context, row, &mut clock)?;
    let bounds = match &pattern.chrono {
        None => None,
        Some(chrono) => {
            let mut bound = |length: &Option<Length>| {
                length.as_ref().map(|length| evaluate(length, context, row, &mut clock)).transpose()
            };
            let (wait, within) = (bound(&chrono.wait)?, bound(&chrono.within)?);
            Some(Bounds { strict: chrono.strict, certainly: chrono.certainly, wait, within, clock })
        }
    };
    Ok((paths::Pattern { elements }, bounds))
}

fn elements(
    shape: &[Shape],
    pattern: &Pattern,
    context: &Context<'_>,
    row: &mut Row,
    clock: &mut Option<Clock>,
) -> Result<Vec<Element>> {
    let element = |shape: &Shape| {
        Ok(match shape {
            Shape::Node(part) => Element::Node(node_step(pattern, *part, context, row, clock)?),
            Shape::Hop(part) => Element::Hop(hop_step(pattern, *part, context)),
            Shape::Filter(part) => Element::Filter(*part),
            Shape::Repeat { body, min, max } => {
                let body = elements(body, pattern, context, row, clock)?;
                Element::Repeat(Repeat { body, min: *min, max: *max })
            }
        })
    };
    shape.iter().map(element).collect()
}

fn node_step(
    pattern: &Pattern,
    slot: usize,
    context: &Context<'_>,
    row: &mut Row,
    clock: &mut Option<Clock>,
) -> Result<NodeStep> {
    let part = &pattern.parts[slot];
    let wait = part.wait.as_ref().map(|wait| evaluate(wait, context, row, clock)).transpose()?;
    let asks = part.slot.is_some()
        || part.labels.is_some()
        || !part.properties.is_empty()
        || !part.filters.is_empty();
    Ok(NodeStep { slot: asks.then_some(slot), wait })
}

fn hop_step(pattern: &Pattern, slot: usize, context: &Context<'_>) -> HopStep {
    let part = &pattern.parts[slot];
    let graph = context.view.graph();
    let names = part.labels.as_ref().and_then(super::expr::Labels::alternatives);
    let types = names.map(|names| names.into_iter().filter_map(|name| graph.symbol(name)).collect());
    let direction = match part.direction {
        Direction::Outgoing => graph::Direction::Outgoing,
        Direction::Incoming => graph::Direction::Incoming,
        Direction::Either => graph::Direction::Either,
    };
    HopStep { slot, types, direction }
}

fn evaluate(length: &Length, context: &Context<'_>, row: &mut Row, clock: &mut Option<Clock>) -> Result<i64> {
    match length {
        Length::Micros(micros) => match clock.replace(Clock::Calendar) {
            Some(Clock::Integer) => Err(Error::invalid(
                "one search cannot have bounds both in calendar units and in plain numbers",
            )
            .detail(Detail::InvalidSearch)),
            _ => Ok(*micros),
        },
        Length::Value(value, span) => {
            length_of(&value.eval(context, row)?, clock).map_err(|error| error.at(*span))
        }
    }
}

/// Every variable that a pattern binds.
pub(super) fn variables(pattern: &Pattern) -> Vec<usize> {
    let new = pattern.parts.iter().filter(|part| part.same_as.is_none());
    let mut variables: Vec<usize> = new.filter_map(|part| part.list.or(part.slot)).collect();
    variables.extend(pattern.path);
    variables
}

/// What a match binds.
fn bound_by(pattern: &Pattern, found: Match) -> Vec<(usize, Value)> {
    let mut bound: Vec<(usize, Value)> = Vec::new();
    let mut lists: Vec<(usize, Vec<Value>)> =
        pattern.parts.iter().filter_map(|part| part.list).map(|list| (list, Vec::new())).collect();
    for (slot, element) in &found.bindings {
        let part = &pattern.parts[*slot];
        match (part.list, part.slot) {
            (Some(list), _) => {
                if let Some((_, items)) = lists.iter_mut().find(|(slot, _)| *slot == list) {
                    items.push(value_of(*element));
                }
            }
            (None, Some(single)) => bound.push((single, value_of(*element))),
            (None, None) => {}
        }
    }
    bound.extend(lists.into_iter().map(|(slot, items)| (slot, Value::List(items))));
    bound.extend(pattern.path.map(|path| (path, Value::Path(Arc::new(found.path)))));
    bound
}

fn value_of(bound: Bound) -> Value {
    match bound {
        Bound::Node(id) => Value::Node(id),
        Bound::Relationship(id) => Value::Relationship(id),
    }
}

/// Answers the search's questions from the plan's parts.
pub(super) struct PartMatcher<'a> {
    pattern: &'a Pattern,
    context: Context<'a>,
    /// Where conditions are evaluated.
    row: Row,
}

impl Matcher for PartMatcher<'_> {
    fn node(&mut self, slot: Slot, node: NodeId, prefix: Prefix<'_>) -> Result<bool> {
        let part = &self.pattern.parts[slot];
        if self.context.view.node(node).is_none() {
            return Ok(false);
        }
        let labelled = part.labels.as_ref().is_none_or(|labels| node_has(self.context.view, node, labels));
        let value = Value::Node(node);
        Ok(labelled
            && self.is_same(part, &value, prefix)
            && self.has_properties(part, &value, prefix)?
            && self.passes(part, &value, prefix)?)
    }

    fn relationship(&mut self, slot: Slot, relationship: RelationshipId, prefix: Prefix<'_>) -> Result<bool> {
        let part = &self.pattern.parts[slot];
        let value = Value::Relationship(relationship);
        let typed = part.labels.as_ref().is_none_or(|types| {
            let graph = self.context.view.graph();
            let kind = graph.relationship(relationship).map(|r| graph.text(r.kind));
            types.holds(&|name| kind == Some(name), true)
        });
        Ok(typed
            && self.is_same(part, &value, prefix)
            && self.has_properties(part, &value, prefix)?
            && self.passes(part, &value, prefix)?)
    }

    fn filter(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool> {
        self.passes(&self.pattern.parts[slot], &Value::Null, prefix)
    }

    fn cost(&mut self, relationship: RelationshipId) -> Result<Cost> {
        match &self.pattern.cost {
            Some(cost) => cost_of(cost, relationship, &self.context, &mut self.row),
            None => Ok(Cost::default()),
        }
    }

    fn check(&mut self) -> Result<()> {
        (self.context.surroundings.check)()
    }

    fn outline(&mut self, slot: Slot) -> Outline {
        window::outline(self.pattern, slot, &self.context, &mut self.row)
    }
}

impl<'a> PartMatcher<'a> {
    /// Answers for a pattern, with what a row binds.
    pub(super) fn new(pattern: &'a Pattern, context: Context<'a>, row: Row) -> Self {
        Self { pattern, context, row }
    }

    /// A part of the pattern.
    pub(super) fn part(&self, part: usize) -> &'a Part {
        &self.pattern.parts[part]
    }

    fn is_same(&self, part: &Part, value: &Value, prefix: Prefix<'_>) -> bool {
        match part.same_as {
            None => true,
            Some(Same::Row(slot)) => self.row[slot] == *value,
            Some(Same::Part(earlier)) => prefix.last(earlier).map(value_of).as_ref() == Some(value),
        }
    }

    fn has_properties(&mut self, part: &Part, value: &Value, prefix: Prefix<'_>) -> Result<bool> {
        for (name, wanted) in &part.properties {
            self.fill(wanted, prefix);
            let wanted = wanted.eval(&self.context, &mut self.row)?;
            let found = match value {
                Value::Node(id) => self.context.view.node_property(*id, name),
                Value::Relationship(id) => self.context.view.relationship_property(*id, name),
                _ => Value::Null,
            };
            if found.equals(&wanted) != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn passes(&mut self, part: &Part, value: &Value, prefix: Prefix<'_>) -> Result<bool> {
        for filter in &part.filters {
            self.fill(filter, prefix);
            if let Some(slot) = part.slot.filter(|_| part.same_as.is_none()) {
                self.row[slot] = value.clone();
            }
            match filter.eval(&self.context, &mut self.row)? {
                Value::Bool(true) => {}
                Value::Bool(false) | Value::Null => return Ok(false),
                other => {
                    return Err(super::expr::type_error(filter.span(), "true or false after WHERE", &other));
                }
            }
        }
        Ok(true)
    }

    /// Puts what the search has bound so far where a condition looks for it.
    fn fill(&mut self, condition: &Expr, prefix: Prefix<'_>) {
        for variable in condition.variables() {
            let parts = &self.pattern.parts;
            let part = parts.iter().position(|part| part.slot == Some(variable) && part.same_as.is_none());
            if let Some(part) = part {
                self.row[variable] = prefix.last(part).map_or(Value::Null, value_of);
            }
            if self.pattern.path == Some(variable) {
                self.row[variable] = prefix.path().map_or(Value::Null, |path| Value::Path(Arc::new(path)));
            }
            // Around a repetition its variables are lists.
            if let Some(part) = parts.iter().position(|part| part.list == Some(variable)) {
                self.row[variable] = Value::List(prefix.all(part).into_iter().map(value_of).collect());
            }
        }
    }
}

/// What a relationship costs; an error says why it cannot be added up.
fn cost_of(
    cost: &plan::Cost,
    relationship: RelationshipId,
    context: &Context<'_>,
    row: &mut Row,
) -> Result<Cost> {
    row[cost.slot] = Value::Relationship(relationship);
    let value = cost.value.eval(context, row)?;
    let read = match value {
        Value::Int(number) => Cost::of_int(number),
        Value::Float(number) => Cost::of_float(number),
        _ => None,
    };
    read.ok_or_else(|| {
        let graph = context.view.graph();
        let met = graph.relationship(relationship).map(|found| {
            let (start, end) = (context.view.source_label(found.start), context.view.source_label(found.end));
            format!("met at {} from {start} to {end}", graph.text(found.kind))
        });
        let found = match &value {
            Value::Null => "null".to_owned(),
            number if number.as_number().is_some() => number.to_string(),
            other => format!("{} {other}", other.type_name()),
        };
        let is_number = value.as_number().is_some();
        let detail = if is_number { Detail::NumberOutOfRange } else { Detail::InvalidArgumentType };
        let message = format!("expected a cost from 0, found {found}");
        Error::query("ArgumentError", cost.span, message).detail(detail).hint(met)
    })
}

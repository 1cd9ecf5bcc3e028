//! Running a pattern: the plan's parts become a [`paths::Pattern`], and this
//! module answers what the search asks about each node and relationship.

use std::sync::Arc;

use super::ast::{Direction, PathMode};
use super::expr::{Context, Expr, Row, node_has};
use super::functions::length_of;
use super::optimize;
use super::plan::{Count, Length, Part, Pattern, Same, Selector, Shape, Start};
use super::read::ROWS_MAX;
use crate::error::{Detail, Error, Result};
use crate::graph;
use crate::model::{Clock, NodeId, RelationshipId, Value};
use crate::paths::{
    self, Body, Bound, Bounds, Element, HopStep, Limits, Match, Matcher, Mode, NodeStep, Prefix, Question,
    Repeat, Slot,
};

/// All rows that a pattern makes of one row, each with the relationships it uses.
///
/// `taken` are relationships that other patterns of the clause use. They cannot
/// be used again, unless the pattern says WALK.
pub(super) fn run(
    pattern: &Pattern,
    row: &Row,
    taken: &[RelationshipId],
    outer: &Context<'_>,
) -> Result<Vec<(Row, Vec<RelationshipId>)>> {
    let chronological = pattern.chrono.is_some();
    let view = outer.view.for_chronological(chronological);
    let context = Context { view, ..*outer };
    let mut scratch = row.clone();
    let (compiled, bounds) =
        compile(pattern, &context, &mut scratch).map_err(|error| error.at(pattern.span))?;
    let selector = selector(pattern, &context)?;
    let is_walk = pattern.mode == Some(PathMode::Walk);
    let selects = !matches!(selector, paths::Selector::All);
    let ends = ends(pattern, &context, &mut scratch)?;
    let question = Question {
        pattern: &compiled,
        mode: mode(pattern.mode),
        selector,
        bounds,
        named: &named(pattern),
        // Below a selector what other patterns use is checked afterwards, so that
        // the choice does not depend on the order of the patterns.
        taken: if is_walk || selects { &[] } else { taken },
        ends: ends.as_deref(),
        is_memoryless: is_memoryless(pattern),
        limits: match pattern.shape.iter().any(|shape| matches!(shape, Shape::Repeat { .. })) {
            true => outer.surroundings.limits,
            // Without repetition the limit on rows is bound enough.
            false => Limits { results_max: ROWS_MAX, ..outer.surroundings.limits },
        },
    };
    let starts = starts(pattern, &context, &mut scratch)?;
    let mut matcher = PartMatcher { pattern, context, row: scratch };
    let outcome =
        paths::search(view, &question, starts, &mut matcher).map_err(|error| error.at(pattern.span))?;
    if let Some(stopped) = outcome.stopped {
        if outer.surroundings.writes {
            return Err(Error::query(
                "LimitExceeded",
                pattern.span,
                format!("{stopped}; nothing was changed"),
            )
            .detail(Detail::LimitExceeded)
            .hint("narrow the pattern: a change must not rest on half an answer".to_owned()));
        }
        outer.surroundings.notices.borrow_mut().insert(stopped);
    }
    let rows = outcome.matches.into_iter().filter_map(|found| {
        let clashes = !is_walk && selects && found.path.relationships.iter().any(|id| taken.contains(id));
        let used = if is_walk { Vec::new() } else { found.path.relationships.clone() };
        (!clashes).then(|| (row_of(pattern, row, found), used))
    });
    Ok(rows.collect())
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
            Some(other) => Err(Error::query(
                "ArgumentError",
                *span,
                format!("expected a positive integer as ${name}, found {other}"),
            )),
            None => Err(super::expr::missing(name, *span)),
        },
    };
    Ok(match &pattern.selector {
        None | Some(Selector::All) => paths::Selector::All,
        Some(Selector::Any(k)) => paths::Selector::Any(count(k)?),
        Some(Selector::Shortest(k)) => paths::Selector::Shortest(count(k)?),
        Some(Selector::ShortestGroups(k)) => paths::Selector::ShortestGroups(count(k)?),
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

/// Whether every condition speaks only of its own part; that of a repetition may
/// speak of the repetition's parts.
fn is_memoryless(pattern: &Pattern) -> bool {
    !(0..pattern.parts.len()).any(|part| looks_back(pattern, part))
}

/// Whether a part's conditions speak of other parts.
fn looks_back(pattern: &Pattern, at: usize) -> bool {
    let repeats = pattern.shape.iter().filter_map(|shape| match shape {
        Shape::Repeat { nodes, hops, filter, .. } if *filter == Some(at) => Some(nodes.iter().chain(hops)),
        _ => None,
    });
    let own: Vec<usize> =
        repeats.flatten().copied().chain([at]).filter_map(|part| pattern.parts[part].slot).collect();
    let part = &pattern.parts[at];
    let conditions = part.properties.iter().map(|(_, value)| value).chain(&part.filters);
    let used: Vec<usize> = conditions.flat_map(Expr::variables).collect();
    let new = pattern.parts.iter().filter(|other| !matches!(other.same_as, Some(Same::Row(_))));
    let mut others = new.filter_map(|other| other.slot).filter(|slot| !own.contains(slot));
    matches!(part.same_as, Some(Same::Part(_))) || others.any(|slot| used.contains(&slot))
}

/// More candidates for the end than this are not looked at one by one.
const ENDS_MAX: usize = 100_000;

/// The only nodes at which paths can end, where a selector can stop once it has
/// enough for each, and where the last node pattern alone says which they are.
fn ends(pattern: &Pattern, context: &Context<'_>, row: &mut Row) -> Result<Option<Vec<NodeId>>> {
    let Some(Shape::Node(last)) = pattern.shape.last() else { return Ok(None) };
    let part = &pattern.parts[*last];
    let chooses = !matches!(pattern.selector, None | Some(Selector::All | Selector::ShortestGroups(_)));
    let start = optimize::start_at(pattern, *last);
    if !chooses || matches!(part.same_as, Some(Same::Part(_))) || looks_back(pattern, *last) {
        return Ok(None);
    }
    if start == Start::AllNodes && part.filters.is_empty() && part.properties.is_empty() {
        return Ok(None);
    }
    let mut candidates = candidates(&start, pattern, context, row)?;
    if candidates.len() > ENDS_MAX {
        return Ok(None);
    }
    let mut matcher = PartMatcher { pattern, context: *context, row: row.clone() };
    let mut kept = Vec::new();
    for node in candidates.drain(..) {
        if matcher.node(*last, node, Prefix::default())? {
            kept.push(node);
        }
    }
    Ok(Some(kept))
}

fn compile(
    pattern: &Pattern,
    context: &Context<'_>,
    row: &mut Row,
) -> Result<(paths::Pattern, Option<Bounds>)> {
    let mut clock = None;
    let mut elements = Vec::with_capacity(pattern.shape.len());
    for shape in &pattern.shape {
        elements.push(match shape {
            Shape::Node(part) => Element::Node(node_step(pattern, *part, context, row, &mut clock)?),
            Shape::Hop(part) => Element::Hop(hop_step(pattern, *part, context)),
            Shape::Repeat { nodes, hops, filter, min, max } => {
                let nodes = nodes.iter().map(|part| node_step(pattern, *part, context, row, &mut clock));
                let body = Body {
                    nodes: nodes.collect::<Result<_>>()?,
                    hops: hops.iter().map(|part| hop_step(pattern, *part, context)).collect(),
                    filter: *filter,
                };
                Element::Repeat(Repeat { body, min: *min, max: *max })
            }
        });
    }
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
            )),
            _ => Ok(*micros),
        },
        Length::Value(value, span) => {
            length_of(&value.eval(context, row)?, clock).map_err(|error| error.at(*span))
        }
    }
}

/// The nodes at which to start. More than match is allowed, fewer is not.
fn starts(pattern: &Pattern, context: &Context<'_>, row: &mut Row) -> Result<Vec<NodeId>> {
    candidates(&pattern.start, pattern, context, row)
}

/// The nodes that a seek gives.
fn candidates(start: &Start, pattern: &Pattern, context: &Context<'_>, row: &mut Row) -> Result<Vec<NodeId>> {
    let view = context.view;
    let graph = view.graph();
    let shown =
        |nodes: Vec<NodeId>| nodes.into_iter().filter(|&id| view.node(id).is_some()).collect::<Vec<_>>();
    Ok(match start {
        Start::AllNodes => view.nodes().collect(),
        Start::Labels(labels) => with_labels(context, labels),
        Start::Bound(slot) => match &row[*slot] {
            Value::Node(id) => shown(vec![*id]),
            Value::Null => Vec::new(),
            other => {
                return Err(Error::query(
                    "TypeError",
                    pattern.span,
                    format!("expected a node, found {} {other}", other.type_name()),
                ));
            }
        },
        Start::Key(key) => match key.eval(context, row)? {
            Value::String(key) => shown(graph.node_by_key(&key).into_iter().collect()),
            _ => Vec::new(),
        },
        Start::IdProperty(id, labels) => match id.eval(context, row)? {
            Value::String(id) => shown(graph.nodes_by_id_property(&id).collect()),
            // Only texts are indexed.
            _ if labels.is_empty() => view.nodes().collect(),
            _ => with_labels(context, labels),
        },
    })
}

fn with_labels(context: &Context<'_>, labels: &[String]) -> Vec<NodeId> {
    let graph = context.view.graph();
    let symbols: Option<Vec<_>> = labels.iter().map(|label| graph.symbol(label)).collect();
    let rarest =
        symbols.and_then(|symbols| symbols.into_iter().min_by_key(|&label| graph.label_count(label)));
    let nodes = rarest.into_iter().flat_map(|label| graph.nodes_with_label(label));
    nodes.filter(|&id| context.view.node(id).is_some()).collect()
}

/// The row with what a match binds.
fn row_of(pattern: &Pattern, row: &Row, found: Match) -> Row {
    let mut row = row.clone();
    for list in pattern.parts.iter().filter_map(|part| part.list) {
        row[list] = Value::List(Vec::new());
    }
    for (slot, bound) in &found.bindings {
        let part = &pattern.parts[*slot];
        match (part.list, part.slot) {
            (Some(list), _) => {
                if let Value::List(items) = &mut row[list] {
                    items.push(value_of(*bound));
                }
            }
            (None, Some(single)) => row[single] = value_of(*bound),
            (None, None) => {}
        }
    }
    if let Some(path) = pattern.path {
        row[path] = Value::Path(Arc::new(found.path));
    }
    row
}

fn value_of(bound: Bound) -> Value {
    match bound {
        Bound::Node(id) => Value::Node(id),
        Bound::Relationship(id) => Value::Relationship(id),
    }
}

/// Answers the search's questions from the plan's parts.
struct PartMatcher<'a> {
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

    fn repetition(&mut self, slot: Slot, prefix: Prefix<'_>) -> Result<bool> {
        self.passes(&self.pattern.parts[slot], &Value::Null, prefix)
    }

    fn check(&mut self) -> Result<()> {
        (self.context.surroundings.check)()
    }
}

impl PartMatcher<'_> {
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
                    let error = super::expr::type_error(filter.place(), "true or false after WHERE", &other);
                    return Err(error.at(self.pattern.span));
                }
            }
        }
        Ok(true)
    }

    /// Puts what the search has bound so far where a condition looks for it.
    fn fill(&mut self, condition: &Expr, prefix: Prefix<'_>) {
        for variable in condition.variables() {
            let part = self
                .pattern
                .parts
                .iter()
                .position(|part| part.slot == Some(variable) && part.same_as.is_none());
            if let Some(part) = part {
                self.row[variable] = prefix.last(part).map_or(Value::Null, value_of);
            }
        }
    }
}

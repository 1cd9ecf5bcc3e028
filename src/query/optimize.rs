//! Rewrites of a plan, by name, in the order in which they are applied.
//!
//! Each keeps the answer; a test runs queries with each one left out.

use super::expr::Expr;
use super::plan::{Pattern, Plan, Same, Selector, Shape, Start, Step};
use super::planner::{query_graph, seek};
use crate::graph::Graph;

/// A rewrite.
pub(super) struct Rewrite {
    /// Its name, by which it can be left out.
    pub(super) name: &'static str,
    /// What it does to the steps; `None` where it is a choice of the planner.
    run: Option<fn(&mut Plan, &Graph)>,
}

/// Filters go to where they can be decided.
const PUSH_FILTERS: &str = "push filters into patterns";
/// Nodes are found by key, by id or by label.
pub(super) const SEEK: &str = "seek the start";
/// Patterns are taken apart into single walks.
pub(super) const HOP_BY_HOP: &str = "walk hop by hop";
/// The order of walks is chosen by what it costs.
pub(super) const BY_COST: &str = "choose the order by cost";
/// Parts that do not depend on each other are joined.
pub(super) const HASH_JOINS: &str = "join by hash";
/// A sweep over nodes takes the place of a search of paths.
pub(super) const REACH: &str = "reach each node once";
/// A sort before a limit keeps only what the limit lets through.
pub(super) const TOP: &str = "keep only the top";
/// Variables that nobody asks for are forgotten.
pub(super) const COLUMNS: &str = "forget what is not asked for";

/// All rewrites: first those of the steps, then what the planner may do.
pub(super) const REWRITES: &[Rewrite] = &[
    Rewrite { name: PUSH_FILTERS, run: Some(push_filters) },
    Rewrite { name: SEEK, run: Some(seek_start) },
    Rewrite { name: HOP_BY_HOP, run: None },
    Rewrite { name: BY_COST, run: None },
    Rewrite { name: HASH_JOINS, run: None },
    Rewrite { name: REACH, run: None },
    Rewrite { name: TOP, run: None },
    Rewrite { name: COLUMNS, run: None },
];

/// Which rewrites are on.
pub(super) struct Switches<'a> {
    /// The names of those that are off.
    pub(super) without: &'a [&'a str],
}

impl Switches<'_> {
    /// Whether a rewrite is on.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.without.contains(&name)
    }
}

/// Applies the rewrites of the steps that are on.
pub(super) fn optimize(plan: &mut Plan, graph: &Graph, switches: &Switches<'_>) {
    for rewrite in REWRITES.iter().filter(|rewrite| switches.has(rewrite.name)) {
        if let Some(run) = rewrite.run {
            run(plan, graph);
        }
    }
}

/// Moves each condition after `WHERE` to the last part of the pattern that it
/// speaks of, so that the search prunes by it. Below a selector only conditions on
/// the end nodes may go, since a selector chooses before `WHERE` filters.
fn push_filters(plan: &mut Plan, _: &Graph) {
    for step in plan.steps_mut() {
        let Step::Match { patterns, filters, .. } = step else { continue };
        patterns.iter_mut().for_each(push_into_repetitions);
        let mut later: Vec<Vec<usize>> = patterns.iter().map(bound_by).collect();
        for i in 0..patterns.len() {
            let own = std::mem::take(&mut later[i]);
            let of_later: Vec<usize> = later[i + 1..].concat();
            filters.retain(|filter| match place_of(filter, &patterns[i], &own, &of_later) {
                Some(part) => {
                    patterns[i].parts[part].filters.push(filter.clone());
                    false
                }
                None => true,
            });
        }
    }
}

/// Moves each condition of a repetition that speaks of one node or relationship of it
/// to that one.
fn push_into_repetitions(pattern: &mut Pattern) {
    let of_pattern = bound_by(pattern);
    for shape in &pattern.shape {
        let Shape::Repeat { body, .. } = shape else { continue };
        let Some(Shape::Filter(filter)) = body.last() else { continue };
        let mut conditions = std::mem::take(&mut pattern.parts[*filter].filters);
        conditions.retain(|condition| {
            let mut used = condition.free_variables();
            used.retain(|slot| of_pattern.contains(slot));
            let elements = body.iter().filter_map(|shape| match shape {
                Shape::Node(part) | Shape::Hop(part) => Some(*part),
                Shape::Filter(_) | Shape::Repeat { .. } => None,
            });
            let place = elements.into_iter().find(|&part| {
                let part = &pattern.parts[part];
                part.same_as.is_none() && part.slot.is_some_and(|slot| used.iter().eq([&slot]))
            });
            let Some(part) = place else { return true };
            pattern.parts[part].filters.push(condition.clone());
            false
        });
        pattern.parts[*filter].filters = conditions;
    }
}

/// Every variable that a pattern binds; not those that the row brings along.
fn bound_by(pattern: &Pattern) -> Vec<usize> {
    let new = pattern.parts.iter().filter(|part| !matches!(part.same_as, Some(Same::Row(_))));
    let parts = new.flat_map(|part| part.slot.into_iter().chain(part.list));
    parts.chain(pattern.path).collect()
}

/// The part of `pattern` at which `filter` can be decided, if there is one.
fn place_of(filter: &Expr, pattern: &Pattern, own: &[usize], of_later: &[usize]) -> Option<usize> {
    let variables = filter.variables();
    if variables.iter().any(|variable| of_later.contains(variable)) {
        return None;
    }
    let used: Vec<usize> = variables.into_iter().filter(|variable| own.contains(variable)).collect();
    let allowed = parts_for_filters(pattern);
    let places: Option<Vec<usize>> = used
        .iter()
        .map(|variable| allowed.iter().copied().find(|&part| pattern.parts[part].slot == Some(*variable)))
        .collect();
    let places = places?;
    // A selector chooses among the paths between two ends. A condition on both ends keeps or
    // drops all of these, so that it can wait; inside, each path would have to remember its start.
    let chooses = !matches!(pattern.selector, None | Some(Selector::All));
    let compares_ends = chooses && places.iter().any(|part| *part != places[0]);
    if compares_ends {
        return None;
    }
    places.into_iter().max_by_key(|part| allowed.iter().position(|other| other == part))
}

/// The parts outside repetitions, in the order walked; below a selector only the ends.
fn parts_for_filters(pattern: &Pattern) -> Vec<usize> {
    let parts: Vec<usize> = pattern
        .shape
        .iter()
        .filter_map(|shape| match shape {
            Shape::Node(part) | Shape::Hop(part) => Some(*part),
            Shape::Filter(_) | Shape::Repeat { .. } => None,
        })
        .collect();
    match pattern.selector {
        None | Some(Selector::All) => parts,
        _ => parts.first().into_iter().chain(parts.last()).copied().collect(),
    }
}

/// Starts where few nodes have to be looked at: at a variable that is bound, at a
/// key, at a property `id`, at what an index finds, at the rarest label.
fn seek_start(plan: &mut Plan, graph: &Graph) {
    for step in plan.steps_mut() {
        let patterns = match step {
            Step::Match { patterns, .. } => patterns.as_mut_slice(),
            Step::Merge { pattern, .. } => std::slice::from_mut(pattern),
            _ => &mut [],
        };
        for pattern in patterns {
            pattern.start = start_of(pattern, graph);
        }
    }
}

fn start_of(pattern: &Pattern, graph: &Graph) -> Start {
    match pattern.shape.first() {
        Some(Shape::Node(first)) => start_at(pattern, *first, graph),
        _ => Start::AllNodes,
    }
}

/// How to find the nodes that a part can match.
pub(super) fn start_at(pattern: &Pattern, part: usize, graph: &Graph) -> Start {
    let part = &pattern.parts[part];
    if let Some(Same::Row(slot)) = part.same_as {
        return Start::Bound(slot);
    }
    let own = bound_by(pattern);
    // A part without a name has conditions of its own all the same.
    let slot = part.slot.unwrap_or(usize::MAX);
    let conditions = query_graph::conditions_of(part, slot);
    seek::start(slot, conditions.iter(), &|variable| !own.contains(&variable), graph)
}

//! Rewrites of a plan, by name, in the order in which they are applied.
//!
//! Each keeps the answer; a test runs queries with each one left out.

use super::ast::BinaryOp;
use super::expr::Expr;
use super::plan::{Pattern, Plan, Same, Selector, Shape, Start, Step};

/// A rewrite.
pub(super) struct Rewrite {
    /// Its name, by which it can be left out.
    pub(super) name: &'static str,
    run: fn(&mut Plan),
}

/// All rewrites.
pub(super) const REWRITES: &[Rewrite] = &[
    Rewrite { name: "push filters into patterns", run: push_filters },
    Rewrite { name: "seek the start", run: seek_start },
];

/// Applies all rewrites but those named in `without`.
pub(super) fn optimize(plan: &mut Plan, without: &[&str]) {
    for rewrite in REWRITES.iter().filter(|rewrite| !without.contains(&rewrite.name)) {
        (rewrite.run)(plan);
    }
}

/// Moves each condition after `WHERE` to the last part of the pattern that it
/// speaks of, so that the search prunes by it. Below a selector only conditions on
/// the end nodes may go, since a selector chooses before `WHERE` filters.
fn push_filters(plan: &mut Plan) {
    for step in plan.steps_mut() {
        let Step::Match { patterns, filters, .. } = step else { continue };
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
    places?.into_iter().max_by_key(|part| allowed.iter().position(|other| other == part))
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
/// key, at a property `id`, at the rarest label.
fn seek_start(plan: &mut Plan) {
    for step in plan.steps_mut() {
        let patterns = match step {
            Step::Match { patterns, .. } => patterns.as_mut_slice(),
            Step::Merge { pattern, .. } => std::slice::from_mut(pattern),
            _ => &mut [],
        };
        for pattern in patterns {
            pattern.start = start_of(pattern);
        }
    }
}

fn start_of(pattern: &Pattern) -> Start {
    match pattern.shape.first() {
        Some(Shape::Node(first)) => start_at(pattern, *first),
        _ => Start::AllNodes,
    }
}

/// How to find the nodes that a part can match.
pub(super) fn start_at(pattern: &Pattern, part: usize) -> Start {
    let part = &pattern.parts[part];
    if let Some(Same::Row(slot)) = part.same_as {
        return Start::Bound(slot);
    }
    let own = bound_by(pattern);
    let is_known = |expr: &Expr| !expr.variables().iter().any(|variable| own.contains(variable));
    let labels: Vec<String> =
        part.labels.iter().flat_map(|labels| labels.required()).map(str::to_owned).collect();
    let equalities = part.filters.iter().filter_map(|filter| equality_with(filter, part.slot?));
    if let Some((_, key)) = equalities.clone().find(|(what, value)| *what == What::Key && is_known(value)) {
        return Start::Key(key.clone());
    }
    let by_property =
        part.properties.iter().find(|(name, value)| name == "id" && is_known(value)).map(|(_, value)| value);
    let by_filter =
        equalities.clone().find(|(what, value)| *what == What::Id && is_known(value)).map(|(_, value)| value);
    match by_property.or(by_filter) {
        Some(id) => Start::IdProperty(id.clone(), labels),
        None if labels.is_empty() => Start::AllNodes,
        None => Start::Labels(labels),
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum What {
    Key,
    Id,
}

/// `key(v) = e` or `v.id = e`, either way round.
fn equality_with(filter: &Expr, slot: usize) -> Option<(What, &Expr)> {
    let Expr::Binary(BinaryOp::Equal, a, b, _) = filter else { return None };
    let what = |side: &Expr| match side {
        Expr::Call(function, arguments, _)
            if function.name == "key" && arguments[..] == [Expr::Var(slot)] =>
        {
            Some(What::Key)
        }
        Expr::Property(base, name, _) if name == "id" && **base == Expr::Var(slot) => Some(What::Id),
        _ => None,
    };
    what(a).map(|found| (found, &**b)).or_else(|| what(b).map(|found| (found, &**a)))
}

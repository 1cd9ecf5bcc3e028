//! Conditions on what `shortestPath()` finds.
//!
//! In Cypher 9 a predicate in `WHERE` restricts what is chosen from, whereas a
//! selector chooses first and `WHERE` filters what was chosen. So conditions that
//! speak of the path or of its relationships move into the pattern here. One that
//! asks the same of every relationship or node becomes a condition of the hop or
//! node, by which the search prunes; any other is asked of each whole path, and
//! the search goes on until one passes.

use super::Binder;
use crate::error::{Detail, Error, Result};
use crate::query::ast::{self, ListQuantifier};
use crate::query::expr::Expr;
use crate::query::plan::{Part, Pattern, Same, Shape};

impl Binder<'_> {
    /// Moves each condition to the last `shortestPath()` of whose inside it speaks.
    pub(super) fn restrict_candidates(
        &mut self,
        written: &[ast::PathPattern],
        patterns: &mut [Pattern],
        filters: &mut Vec<Expr>,
    ) -> Result<()> {
        for at in (0..patterns.len()).rev().filter(|&at| written[at].search.legacy) {
            let (before, later) = patterns.split_at_mut(at + 1);
            let pattern = &mut before[at];
            let inside = inside(pattern);
            let speaks_of_it = |filter: &mut Expr| filter.variables().iter().any(|v| inside.contains(v));
            for filter in filters.extract_if(.., speaks_of_it) {
                let of_later: Vec<usize> = later.iter().flat_map(bound_by).collect();
                if filter.variables().iter().any(|variable| of_later.contains(variable)) {
                    let message = "this condition speaks of a shortestPath() and of a later pattern";
                    return Err(Error::syntax(written[at].search.span, message)
                        .detail(Detail::InvalidSearch)
                        .hint("write the shortestPath() last, or in a MATCH after".to_owned()));
                }
                self.restrict(pattern, filter);
            }
        }
        Ok(())
    }

    fn restrict(&mut self, pattern: &mut Pattern, filter: Expr) {
        match of_each(&filter, pattern) {
            Some(parts) => {
                for part in parts {
                    let slot = *pattern.parts[part].slot.get_or_insert_with(|| self.slot("element"));
                    pattern.parts[part].filters.push(asked_of(&filter, slot));
                }
            }
            None => pattern.add_filter(filter),
        }
    }
}

impl Pattern {
    /// A condition on the whole path, decided at its end.
    fn add_filter(&mut self, filter: Expr) {
        if let Some(Shape::Filter(part)) = self.shape.last() {
            self.parts[*part].filters.push(filter);
            return;
        }
        self.parts.push(Part { filters: vec![filter], ..Part::default() });
        self.shape.push(Shape::Filter(self.parts.len() - 1));
    }
}

/// The path, its relationship and the list of them: what is known only of a candidate.
fn inside(pattern: &Pattern) -> Vec<usize> {
    let steps = pattern.shape.iter().filter(|shape| !matches!(shape, Shape::Node(_)));
    let parts = steps.flat_map(Shape::parts).map(|part| &pattern.parts[part]);
    parts.flat_map(|part| part.slot.into_iter().chain(part.list)).chain(pattern.path).collect()
}

/// Every variable that a pattern binds; not those that the row brings along.
fn bound_by(pattern: &Pattern) -> Vec<usize> {
    let new = pattern.parts.iter().filter(|part| !matches!(part.same_as, Some(Same::Row(_))));
    new.flat_map(|part| part.slot.into_iter().chain(part.list)).chain(pattern.path).collect()
}

/// The parts of which a condition can be asked one by one: `all(r IN relationships(p) WHERE …)` of
/// the hop, `none(n IN nodes(p) WHERE …)` of the nodes. It must not speak of anything else that
/// the pattern binds.
fn of_each(filter: &Expr, pattern: &Pattern) -> Option<Vec<usize>> {
    let Expr::Quantified { quantifier: ListQuantifier::All | ListQuantifier::None, list, .. } = filter else {
        return None;
    };
    let (function, variable) = match &**list {
        Expr::Var(list) => ("relationships", *list),
        Expr::Call(function, arguments, _) => match arguments[..] {
            [Expr::Var(path)] => (function.name, path),
            _ => return None,
        },
        _ => return None,
    };
    let own = bound_by(pattern);
    if filter.variables().iter().any(|other| *other != variable && own.contains(other)) {
        return None;
    }
    let (first, steps, last) = match &pattern.shape[..] {
        [Shape::Node(first), steps, Shape::Node(last), ..] => (*first, steps, *last),
        _ => return None,
    };
    let hop_and_node = match steps {
        Shape::Hop(hop) => (*hop, None),
        Shape::Repeat { body, .. } => match body[..] {
            [Shape::Node(node), Shape::Hop(hop), Shape::Node(_)] => (hop, Some(node)),
            _ => return None,
        },
        Shape::Node(_) | Shape::Filter(_) => return None,
    };
    let (hop, node) = hop_and_node;
    let is_path = pattern.path == Some(variable);
    match function {
        "relationships" if is_path || pattern.parts[hop].list == Some(variable) => Some(vec![hop]),
        "nodes" if is_path => Some([first, last].into_iter().chain(node).collect()),
        _ => None,
    }
}

/// The condition, asked of one element.
fn asked_of(filter: &Expr, slot: usize) -> Expr {
    let mut filter = filter.clone();
    if let Expr::Quantified { list, .. } = &mut filter {
        **list = Expr::List(vec![Expr::Var(slot)]);
    }
    filter
}

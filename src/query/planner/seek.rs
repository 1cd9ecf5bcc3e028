//! How the nodes of a variable can be found without looking at all.

use crate::query::ast::BinaryOp;
use crate::query::expr::Expr;
use crate::query::plan::Start;

/// The narrowest seek that conditions allow: a key, the property `id`, labels.
///
/// `is_known` tells which variables are bound when the seek is made.
pub(in crate::query) fn start<'e>(
    slot: usize,
    conditions: impl Iterator<Item = &'e Expr> + Clone,
    is_known: &dyn Fn(usize) -> bool,
) -> Start {
    let known = |expr: &Expr| expr.free_variables().into_iter().all(is_known);
    let equalities = conditions.clone().filter_map(|condition| equality_with(condition, slot));
    let mut known_equalities = equalities.filter(|(_, value)| known(value));
    if let Some((_, key)) = known_equalities.clone().find(|(what, _)| *what == What::Key) {
        return Start::Key(key.clone());
    }
    let labels: Vec<String> = conditions
        .filter_map(|condition| match condition {
            Expr::HasLabels(base, labels, _) if **base == Expr::Var(slot) => Some(labels.required()),
            _ => None,
        })
        .flatten()
        .map(str::to_owned)
        .collect();
    match known_equalities.find(|(what, _)| *what == What::Id) {
        Some((_, id)) => Start::IdProperty(id.clone(), labels),
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
fn equality_with(condition: &Expr, slot: usize) -> Option<(What, &Expr)> {
    let Expr::Binary(BinaryOp::Equal, a, b, _) = condition else { return None };
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

//! At which nodes the paths of a pattern can end, where that is known before the search.
//!
//! A selector that wants so many paths of each pair stops once it has them for each of
//! these ends; and whatever is asked for, nothing need be walked that leads to none.

use super::expr::{Context, Row};
use super::matching::{PartMatcher, looks_back};
use super::optimize;
use super::plan::{Pattern, Same, Selector, Shape, Start};
use super::seek;
use crate::error::Result;
use crate::graph::Graph;
use crate::model::NodeId;
use crate::paths::{Matcher, Prefix};

/// More candidates for the end than this are not looked at one by one.
const LOOKED_AT_MAX: usize = 100_000;

/// Nor more than this where no selector can stop at them.
const LOOKED_AT_FOR_ALL_MAX: usize = 1000;

/// The only nodes at which paths can end, where the last node pattern alone says which
/// they are.
///
/// # Errors
/// What its conditions give, where the pattern has a selector; without one, a condition
/// that fails at a node to which no path leads is nobody's concern.
pub(super) fn known(pattern: &Pattern, context: &Context<'_>, row: &mut Row) -> Result<Option<Vec<NodeId>>> {
    let chooses = !matches!(pattern.selector, None | Some(Selector::All));
    if chooses {
        return find(pattern, context, row, LOOKED_AT_MAX);
    }
    Ok(find(pattern, context, row, LOOKED_AT_FOR_ALL_MAX).unwrap_or_default())
}

fn find(
    pattern: &Pattern,
    context: &Context<'_>,
    row: &mut Row,
    looked_at_max: usize,
) -> Result<Option<Vec<NodeId>>> {
    let Some(Shape::Node(last)) = pattern.shape.last() else { return Ok(None) };
    let part = &pattern.parts[*last];
    let start = optimize::start_at(pattern, *last, context.view.graph());
    if matches!(part.same_as, Some(Same::Part(_))) || looks_back(pattern, *last) {
        return Ok(None);
    }
    if start == Start::AllNodes && part.filters.is_empty() && part.properties.is_empty() {
        return Ok(None);
    }
    if least(&start, context.view.graph()) > looked_at_max {
        return Ok(None);
    }
    let candidates = seek::nodes(&start, pattern.span, context, row)?;
    if candidates.len() > looked_at_max {
        return Ok(None);
    }
    let mut matcher = PartMatcher::new(pattern, *context, row.clone());
    let mut kept = Vec::new();
    for node in candidates {
        if matcher.node(*last, node, Prefix::default())? {
            kept.push(node);
        }
    }
    Ok(Some(kept))
}

/// About how many candidates there are, without a list of them.
fn least(start: &Start, graph: &Graph) -> usize {
    match start {
        Start::AllNodes => graph.node_count(),
        Start::Labels(labels) => {
            let counts = labels.iter().map(|label| graph.symbol(label).map_or(0, |id| graph.label_count(id)));
            counts.min().unwrap_or(0)
        }
        Start::Bound(_) | Start::Key(_) | Start::Index(_) | Start::IdProperty(..) => 0,
    }
}

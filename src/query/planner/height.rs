//! How high the tree of operators of a statement may be.

use crate::error::{Error, Result, Span};
use crate::query::plan::{Plan, Step};

/// The most operators that may stand one above another: each asks the one below it for rows, on the stack.
const HEIGHT_MAX: usize = 800;

/// Refuses a statement whose tree of operators would be too high.
///
/// # Errors
/// `SyntaxError`, where so many clauses and elements of patterns read, one after another.
pub(in crate::query) fn refuse_high(plan: &Plan, span: Span) -> Result<()> {
    let inner = plan.subqueries.iter().map(|subquery| &subquery.body).chain(&plan.bodies);
    let mut branches = plan.branches.iter().chain(inner.flat_map(|body| &body.branches));
    if branches.any(|branch| height(&branch.steps) > HEIGHT_MAX) {
        let message = "the statement is too long: more than 800 clauses and elements of patterns read, \
                       one after another";
        return Err(Error::syntax(span, message).hint("cut it in two".to_owned()));
    }
    Ok(())
}

/// About how many operators stand one above another in the highest tree of some steps.
fn height(steps: &[Step]) -> usize {
    let (mut height, mut highest) = (0, 0);
    for step in steps {
        let more = match step {
            Step::Match { patterns, .. } => patterns.iter().map(|pattern| pattern.shape.len() + 1).sum(),
            Step::Project(project) => {
                let parts = [
                    project.grouping.is_some(),
                    project.distinct,
                    !project.order.is_empty(),
                    project.skip.is_some(),
                    project.limit.is_some(),
                    project.filter.is_some(),
                ];
                1 + parts.into_iter().filter(|&is_there| is_there).count()
            }
            Step::Unwind { .. } | Step::CallQuery { .. } | Step::Call(_) => 1,
            // What writes stands between trees.
            Step::Create(_)
            | Step::Merge { .. }
            | Step::Set(_)
            | Step::Delete { .. }
            | Step::Foreach { .. } => {
                height = 0;
                0
            }
        };
        height += more;
        highest = height.max(highest);
    }
    highest
}

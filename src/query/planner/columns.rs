//! What is asked for, from the end of a tree to its beginning.
//!
//! Each operator is told which variables are asked for after it, and whether it
//! matters how often a row comes. What nobody asks for is not computed or kept, and
//! where neither the path nor its number matters, a search of paths becomes a sweep
//! over nodes.

use std::collections::BTreeSet;

use super::Planner;
use super::query_graph::conditions_of;
use crate::query::ast::{Direction, PathMode};
use crate::query::expr::Expr;
use crate::query::functions::Aggregate;
use crate::query::physical::{Op, Operator, Reach};
use crate::query::plan::{Count, Grouping, Same, Selector, Shape};
use crate::query::{matching, optimize};

/// What is asked for after an operator.
#[derive(Debug, Clone)]
struct Asked {
    /// The variables; `None` for all.
    slots: Option<BTreeSet<usize>>,
    /// Whether equal rows are as good as one.
    as_set: bool,
}

impl Asked {
    fn has(&self, slot: usize) -> bool {
        self.slots.as_ref().is_none_or(|slots| slots.contains(&slot))
    }

    /// With what some expressions use.
    fn with<'e>(mut self, expressions: impl IntoIterator<Item = &'e Expr>) -> Self {
        if let Some(slots) = &mut self.slots {
            slots.extend(expressions.into_iter().flat_map(Expr::variables));
        }
        self
    }

    fn with_slots(mut self, more: impl IntoIterator<Item = usize>) -> Self {
        if let Some(slots) = &mut self.slots {
            slots.extend(more);
        }
        self
    }

    fn without(mut self, fewer: impl IntoIterator<Item = usize>) -> Self {
        if let Some(slots) = &mut self.slots {
            fewer.into_iter().for_each(|slot| {
                slots.remove(&slot);
            });
        }
        self
    }

    fn where_a_set_will_do(self, as_set: bool) -> Self {
        Self { as_set, ..self }
    }
}

impl Planner<'_> {
    /// Trims a tree whose rows are asked for some variables; `as_set` where it does
    /// not matter how often a row comes.
    ///
    /// Gives the variables that it needs of the rows that it is given; `None` for all.
    pub(super) fn trim(
        &mut self,
        root: &mut Operator,
        slots: &[usize],
        as_set: bool,
    ) -> Option<BTreeSet<usize>> {
        let slots = self.switches.has(optimize::COLUMNS).then(|| slots.iter().copied().collect());
        self.ask(root, Asked { slots, as_set }).slots
    }

    /// Trims a tree whose rows are given to a clause that writes.
    pub(super) fn trim_for_writing(&mut self, root: &mut Operator) -> Option<BTreeSet<usize>> {
        self.ask(root, Asked { slots: None, as_set: false }).slots
    }

    /// Gives what is asked of the tree's leaf.
    fn ask(&mut self, operator: &mut Operator, asked: Asked) -> Asked {
        // A path that nobody asks for is not put together.
        while let Op::Paths { slot, .. } = operator.op
            && !asked.has(slot)
        {
            let Some(input) = operator.inputs.pop() else { break };
            *operator = input;
        }
        self.leave_out(operator, &asked);
        if self.switches.has(optimize::REACH) {
            self.sweep_instead(operator, &asked);
        }
        let needed = self.needs(&mut operator.op, asked.clone());
        if let (Some(after), Some(before)) = (&asked.slots, &needed.slots) {
            let known = before.iter().chain(&binds(&operator.op)).copied().collect::<BTreeSet<_>>();
            operator.dead = match operator.op {
                Op::Argument => (0..self.names.len()).filter(|slot| !after.contains(slot)).collect(),
                _ => known.into_iter().filter(|slot| !after.contains(slot)).collect(),
            };
        }
        match (&operator.op, &mut operator.inputs[..]) {
            (Op::Optional { row_number }, [outer, inner]) => {
                let inner_asked = needed.clone().with_slots([*row_number]);
                let of_argument = self.ask(inner, inner_asked).without([*row_number]);
                let outer_asked = match (needed.slots, of_argument.slots) {
                    (Some(a), Some(b)) => Some(a.union(&b).copied().collect()),
                    _ => None,
                };
                self.ask(outer, Asked { slots: outer_asked, as_set: asked.as_set })
            }
            (Op::HashJoin { .. }, [left, right]) => {
                self.ask(right, needed.clone());
                self.ask(left, needed)
            }
            (_, [input]) => self.ask(input, needed),
            _ => needed,
        }
    }

    /// Leaves out variables that an operator could bind and nobody asks for.
    fn leave_out(&self, operator: &mut Operator, asked: &Asked) {
        match &mut operator.op {
            Op::Expand(expand) => expand.relationship = expand.relationship.filter(|&slot| asked.has(slot)),
            Op::Search(search) => {
                search.used = search.used.filter(|&slot| asked.has(slot));
                search.pattern.path = search.pattern.path.filter(|&slot| asked.has(slot));
                let last = match search.pattern.shape.last() {
                    Some(Shape::Node(last)) => search.pattern.parts[*last].slot,
                    _ => None,
                };
                let mut variables = matching::variables(&search.pattern).into_iter().chain(search.used);
                search.to_ends =
                    search.unlike.is_empty() && variables.all(|slot| Some(slot) == last || !asked.has(slot));
            }
            _ => {}
        }
    }

    /// Turns a search of paths into a sweep over nodes, where that gives the same.
    fn sweep_instead(&mut self, operator: &mut Operator, asked: &Asked) {
        let Op::Search(search) = &operator.op else { return };
        let pattern = &search.pattern;
        let [Shape::Node(first), Shape::Repeat { body, min, .. }, Shape::Node(last)] = &pattern.shape[..]
        else {
            return;
        };
        let ([Shape::Node(before), Shape::Hop(hop), Shape::Node(after)]
        | [Shape::Node(before), Shape::Hop(hop), Shape::Node(after), Shape::Filter(_)]) = &body[..]
        else {
            return;
        };
        let filter = match body.last() {
            Some(Shape::Filter(filter)) => Some(*filter),
            _ => None,
        };
        let lists = pattern.parts.iter().filter_map(|part| part.list);
        let is_asked_for_nodes_only =
            !lists.chain(pattern.path).chain(search.used).any(|slot| asked.has(slot));
        let one_each = match &pattern.selector {
            None | Some(Selector::All) => false,
            Some(Selector::Any(Count::Literal(1)) | Selector::Shortest(Count::Literal(1))) => true,
            Some(_) => return,
        };
        let is_walk = pattern.mode == Some(PathMode::Walk);
        let is_trail = matches!(pattern.mode, None | Some(PathMode::Trail));
        let (start, end) = (&pattern.parts[*first], &pattern.parts[*last]);
        let Some(Same::Row(from)) = start.same_as else { return };
        let Some(to) = end.slot else { return };
        let into = match end.same_as {
            None => false,
            Some(Same::Row(_)) => true,
            Some(Same::Part(_)) => return,
        };
        let turns_alike = pattern.parts[*hop].direction != Direction::Either
            || is_walk
            || (pattern.parts[*before].is_free() && pattern.parts[*after].is_free());
        let fits = is_asked_for_nodes_only
            && (asked.as_set || one_each)
            && pattern.chrono.is_none()
            && (is_walk || (is_trail && *min <= 1))
            && search.unlike.is_empty()
            && filter.is_none_or(|filter| pattern.parts[filter].filters.is_empty())
            && turns_alike
            && matching::is_memoryless(pattern)
            && start.is_free();
        if fits {
            let conditions = conditions_of(end, to);
            let reach = Op::Reach(Reach { pattern: pattern.clone(), from, to, into });
            operator.op = reach;
            if !conditions.is_empty() {
                let input = std::mem::replace(operator, placeholder());
                *operator = self.filter(conditions, input);
            }
        }
    }
}

fn placeholder() -> Operator {
    Operator { op: Op::Unit, inputs: Vec::new(), rows: 0.0, dead: Vec::new(), number: usize::MAX }
}

impl Planner<'_> {
    /// What an operator needs of its input to give what is asked of it.
    fn needs(&self, op: &mut Op, asked: Asked) -> Asked {
        match op {
            Op::Apply { body, .. } => {
                let body = &self.bodies[*body];
                let asked = asked.without(body.columns.iter().copied());
                match &body.needs {
                    Some(needs) => asked.with_slots(needs.iter().copied()),
                    None => Asked { slots: None, ..asked },
                }
            }
            Op::Group { grouping, outer } => {
                let made = binds_of_group(grouping);
                *outer = asked
                    .slots
                    .as_ref()
                    .map(|slots| slots.iter().copied().filter(|slot| !made.contains(slot)).collect());
                // The row around has to keep them until then.
                let kept: Vec<usize> = outer.iter().flatten().copied().collect();
                needs(op, asked).with_slots(kept)
            }
            _ => needs(op, asked),
        }
    }
}

/// What an operator needs of its input, by itself.
fn needs(op: &Op, asked: Asked) -> Asked {
    match op {
        Op::Apply { .. } => asked,
        Op::Call(call) => {
            let asked = asked.without(call.yields.iter().map(|(_, slot)| *slot));
            asked.with(call.arguments.iter().chain(&call.filter))
        }
        Op::Argument | Op::Unit => asked,
        Op::Scan { slot, seek } => asked.without([*slot]).with_slots(seek.variables()),
        Op::Bound { slots, .. } => asked.with_slots(slots.iter().copied()),
        Op::Expand(expand) => {
            let asked = asked.without(expand.relationship).with_slots([expand.from]);
            let asked = asked.with_slots(expand.unlike.iter().copied());
            if expand.into {
                asked.with_slots([expand.to])
            } else {
                asked.without([expand.to].into_iter().filter(|to| *to != expand.from))
            }
        }
        Op::Ends(ends) => {
            let asked = asked.with_slots(ends.relationship).with_slots(ends.unlike.iter().copied());
            let from = ends.from_bound.then_some(ends.from);
            asked.with_slots(from).with_slots(ends.into.then_some(ends.to))
        }
        Op::Search(search) => {
            asked.with_slots(search.pattern.uses()).with_slots(search.unlike.iter().copied())
        }
        Op::Reach(reach) => {
            let asked = asked.with_slots(reach.pattern.uses()).with_slots([reach.from]);
            if reach.into { asked.with_slots([reach.to]) } else { asked }
        }
        Op::Paths { start, hops, .. } => asked.with_slots([*start]).with_slots(hops.iter().copied()),
        Op::Filter(conditions) => asked.with(conditions),
        Op::HashJoin { keys } => asked.with(keys.iter().flat_map(|(a, b)| [a, b])),
        Op::Optional { .. } => asked,
        Op::Unwind { list, slot, .. } => asked.without([*slot]).with([list]),
        Op::Project { items } => {
            // Only what is asked for is needed, but errors in what is not must show.
            asked.without(items.iter().map(|(_, slot)| *slot)).with(items.iter().map(|(item, _)| item))
        }
        Op::Group { grouping, .. } => {
            let keys = grouping.keys.iter().map(|(key, _)| key);
            let calls = grouping.aggregates.iter().flat_map(|call| call.argument.iter().chain(&call.second));
            let nothing =
                Asked { slots: asked.slots.map(|_| BTreeSet::new()), as_set: ignores_repeats(grouping) };
            nothing.with(keys.chain(calls))
        }
        Op::Distinct { columns } => asked.with(columns).where_a_set_will_do(true),
        Op::Sort { keys, top } => {
            let as_set = asked.as_set && top.is_none();
            asked.with(keys.iter().map(|(key, _)| key)).where_a_set_will_do(as_set)
        }
        Op::Skip(..) | Op::Limit(..) => asked.where_a_set_will_do(false),
    }
}

/// The variables that an operator binds.
fn binds(op: &Op) -> Vec<usize> {
    match op {
        Op::Scan { slot, .. } | Op::Unwind { slot, .. } | Op::Paths { slot, .. } => vec![*slot],
        Op::Expand(expand) | Op::Ends(expand) => {
            expand.relationship.into_iter().chain([expand.from, expand.to]).collect()
        }
        Op::Search(search) => matching::variables(&search.pattern).into_iter().chain(search.used).collect(),
        Op::Reach(reach) => vec![reach.to],
        Op::Project { items } => items.iter().map(|(_, slot)| *slot).collect(),
        Op::Group { grouping, .. } => binds_of_group(grouping),
        Op::Call(call) => call.yields.iter().map(|(_, slot)| *slot).collect(),
        Op::Optional { row_number } => vec![*row_number],
        _ => Vec::new(),
    }
}

fn binds_of_group(grouping: &Grouping) -> Vec<usize> {
    let of_keys = grouping.keys.iter().flat_map(|(key, slot)| match key {
        Expr::Var(variable) => vec![*slot, *variable],
        _ => vec![*slot],
    });
    of_keys.chain(grouping.aggregates.iter().map(|call| call.slot)).collect()
}

/// Whether a grouping gives the same however often a row comes.
fn ignores_repeats(grouping: &Grouping) -> bool {
    grouping
        .aggregates
        .iter()
        .all(|call| call.distinct || matches!(call.aggregate, Aggregate::Min | Aggregate::Max))
}

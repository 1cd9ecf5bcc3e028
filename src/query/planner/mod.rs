//! From steps to operators.
//!
//! Steps that read become trees of operators; steps that write stand between them.
//! A `MATCH` is taken apart into a [`query_graph`], [`order`] finds in which order to
//! put it together, and [`patterns`] makes the operators. [`columns`] then leaves out
//! what nobody asks for.

mod columns;
mod estimate;
mod height;
mod order;
mod patterns;
pub(super) mod query_graph;
pub(super) mod seek;

use std::collections::BTreeSet;

use estimate::Estimates;
pub(super) use height::refuse_high;
use order::Choices;

use super::ast::SubqueryKind;
use super::expr::Expr;
use super::optimize::Switches;
use super::physical::{Body, Branch, Cut, Op, Operator, Physical, Stage, Subquery, Writing};
use super::plan::{self, Pattern, Plan, Project, Step};
use crate::error::Span;
use crate::graph::Graph;
use crate::model::Value;

/// Plans a statement for a graph.
pub(super) fn plan(plan: &Plan, graph: &Graph, switches: &Switches<'_>) -> Physical {
    let mut planner = Planner::new(plan, graph, switches);
    // Inner queries come first, so that those around them know what they need.
    for body in &plan.bodies {
        let planned = planner.body(&body.branches, body.distinct, &body.columns);
        planner.bodies.push(planned);
    }
    let columns = plan.branches.first().map_or(&[][..], |branch| &branch.columns);
    let main = planner.body(&plan.branches, plan.distinct, columns);
    let subqueries = plan.subqueries.iter().map(|subquery| planner.subquery(subquery)).collect();
    Physical {
        main,
        subqueries,
        bodies: planner.bodies,
        width: planner.names.len(),
        names: planner.names,
        n_operators: planner.n_operators,
    }
}

struct Planner<'a> {
    estimates: Estimates<'a>,
    switches: &'a Switches<'a>,
    names: Vec<String>,
    /// Of the inner queries, whether they write.
    writes: Vec<bool>,
    /// The inner queries planned so far.
    bodies: Vec<Body>,
    n_operators: usize,
}

impl<'a> Planner<'a> {
    fn new(plan: &Plan, graph: &'a Graph, switches: &'a Switches<'a>) -> Self {
        Self {
            estimates: Estimates::new(graph),
            switches,
            names: plan.names.clone(),
            writes: plan.bodies.iter().map(|body| body.writes.is_some()).collect(),
            bodies: Vec::new(),
            n_operators: 0,
        }
    }

    fn choices(&self) -> Choices {
        Choices {
            by_cost: self.switches.has(super::optimize::BY_COST),
            seeks: self.switches.has(super::optimize::SEEK),
            joins: self.switches.has(super::optimize::HASH_JOINS),
        }
    }

    fn operator(&mut self, op: Op, inputs: Vec<Operator>, rows: f64) -> Operator {
        self.n_operators += 1;
        Operator { op, inputs, rows, dead: Vec::new(), number: self.n_operators - 1 }
    }

    /// An operator on top of one other.
    fn above(&mut self, op: Op, input: Operator, rows: f64) -> Operator {
        self.operator(op, vec![input], rows)
    }

    fn argument(&mut self, rows: f64) -> Operator {
        self.operator(Op::Argument, Vec::new(), rows)
    }

    /// A variable of the planner's own.
    fn new_slot(&mut self) -> usize {
        self.names.push(String::new());
        self.names.len() - 1
    }

    /// A query whose branches are asked for their columns.
    fn body(&mut self, branches: &[plan::Branch], distinct: bool, columns: &[usize]) -> Body {
        let as_set = distinct && branches.len() > 1;
        let asking = |branch: &plan::Branch| Asking { slots: branch.columns.clone(), as_set };
        self.body_asked(branches, distinct, columns, &asking)
    }

    fn subquery(&mut self, subquery: &plan::Subquery) -> Subquery {
        let body = &subquery.body;
        let is_union = body.branches.len() > 1;
        let as_set = matches!(subquery.kind, SubqueryKind::Exists | SubqueryKind::Pattern)
            || (is_union && body.distinct);
        let asking = |branch: &plan::Branch| {
            let slots = match subquery.kind {
                _ if is_union => branch.columns.clone(),
                SubqueryKind::Collect | SubqueryKind::First => subquery.value.variables(),
                SubqueryKind::Exists | SubqueryKind::Pattern | SubqueryKind::Count => Vec::new(),
            };
            Asking { slots, as_set }
        };
        let body = self.body_asked(&body.branches, body.distinct, &body.columns, &asking);
        Subquery { kind: subquery.kind, body, value: subquery.value.clone() }
    }

    /// A query, with what each of its branches is asked for.
    fn body_asked(
        &mut self,
        branches: &[plan::Branch],
        distinct: bool,
        columns: &[usize],
        asking: &dyn Fn(&plan::Branch) -> Asking,
    ) -> Body {
        let mut needs = Some(BTreeSet::new());
        let planned = branches.iter().map(|branch| {
            let stages = self.stages(&branch.steps, &asking(branch), &mut needs);
            Branch { stages, columns: branch.columns.clone() }
        });
        let branches = planned.collect();
        Body { branches, distinct, columns: columns.to_vec(), needs }
    }

    /// The stages of a branch. Adds to `needs` what it needs of the row that it is given.
    fn stages(&mut self, steps: &[Step], asked: &Asking, needs: &mut Option<BTreeSet<usize>>) -> Vec<Stage> {
        let mut stages = Vec::new();
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let n_reading = rest.iter().take_while(|step| self.reads(step)).count();
            if n_reading == 0 {
                stages.push(self.writing(first));
                *needs = None;
                rest = &rest[1..];
                continue;
            }
            let (reading, later) = rest.split_at(n_reading);
            if let Some(mut root) = self.tree(reading) {
                // What a later clause writes may need any variable, and every row.
                let needed = match later.is_empty() {
                    true => self.trim(&mut root, &asked.slots, asked.as_set),
                    false => self.trim_for_writing(&mut root),
                };
                match (needs.as_mut(), needed) {
                    (Some(needs), Some(needed)) => needs.extend(needed),
                    _ => *needs = None,
                }
                stages.push(Stage::Read(Box::new(root)));
            }
            rest = later;
        }
        stages
    }

    fn writing(&mut self, step: &Step) -> Stage {
        let found = match step {
            Step::Merge { pattern, .. } => {
                let argument = self.argument(1.0);
                let mut found = self.patterns(std::slice::from_ref(pattern), &[], argument);
                self.trim_for_writing(&mut found);
                Some(found)
            }
            _ => None,
        };
        self.n_operators += 1;
        Stage::Write(Box::new(Writing { step: step.clone(), found, number: self.n_operators - 1 }))
    }

    /// Steps that read, as a tree; `None` where there are none.
    fn tree(&mut self, steps: &[Step]) -> Option<Operator> {
        let mut root: Option<Operator> = None;
        for step in steps {
            let input = match root.take() {
                Some(root) => root,
                None => self.argument(1.0),
            };
            root = Some(self.step(step, input));
        }
        root
    }

    fn step(&mut self, step: &Step, input: Operator) -> Operator {
        match step {
            Step::Match { patterns, filters, optional: false } => self.patterns(patterns, filters, input),
            Step::Match { patterns, filters, optional: true } => self.optional(patterns, filters, input),
            Step::Project(project) => self.project(project, input),
            Step::Unwind { list, slot, span } => {
                let rows = input.rows * 10.0;
                self.above(Op::Unwind { list: list.clone(), slot: *slot, span: *span }, input, rows)
            }
            Step::CallQuery { body, optional } => {
                let rows = input.rows * 10.0;
                self.above(Op::Apply { body: *body, optional: *optional }, input, rows)
            }
            Step::Call(call) => {
                let rows = input.rows * 10.0;
                self.above(Op::Call(call.clone()), input, rows)
            }
            Step::Create(_)
            | Step::Merge { .. }
            | Step::Set(_)
            | Step::Delete { .. }
            | Step::Foreach { .. } => unreachable!("only steps that read are given"),
        }
    }

    fn optional(&mut self, patterns: &[Pattern], filters: &[Expr], outer: Operator) -> Operator {
        let row_number = self.new_slot();
        let argument = self.argument(outer.rows);
        let inner = self.patterns(patterns, filters, argument);
        let rows = inner.rows.max(outer.rows);
        self.operator(Op::Optional { row_number }, vec![outer, inner], rows)
    }

    fn filter(&mut self, conditions: Vec<Expr>, input: Operator) -> Operator {
        if conditions.is_empty() {
            return input;
        }
        let rows =
            conditions.iter().fold(input.rows, |rows, condition| rows * self.estimates.share(condition));
        self.above(Op::Filter(conditions), input, rows)
    }

    fn project(&mut self, project: &Project, input: Operator) -> Operator {
        let mut root = input;
        if let Some(grouping) = &project.grouping {
            let rows = if grouping.keys.is_empty() { 1.0 } else { root.rows.powf(0.75) };
            root = self.above(Op::Group { grouping: grouping.clone(), outer: None }, root, rows);
        }
        // A limit on rows that are not merged or sorted afterwards spares their columns.
        let is_plain = !project.distinct && project.order.is_empty();
        if is_plain {
            root = self.cut(project.skip.as_ref(), project.limit.as_ref(), root);
        }
        if !project.items.is_empty() {
            let rows = root.rows;
            root = self.above(Op::Project { items: project.items.clone() }, root, rows);
        }
        if project.distinct {
            let keys =
                project.grouping.iter().flat_map(|grouping| grouping.keys.iter().map(|(_, slot)| *slot));
            let columns = keys.chain(project.items.iter().map(|(_, slot)| *slot)).map(Expr::Var).collect();
            let rows = root.rows.powf(0.9);
            root = self.above(Op::Distinct { columns }, root, rows);
        }
        if !project.order.is_empty() {
            let limit = project.limit.clone().filter(|_| self.switches.has(super::optimize::TOP));
            let top = limit.map(|limit| Cut { skip: project.skip.clone(), limit });
            // A sort that keeps only the top needs no limit after it.
            let limit = if top.is_some() { None } else { project.limit.as_ref() };
            let rows = top.as_ref().map_or(root.rows, |top| root.rows.min(limited(&top.limit.0)));
            root = self.above(Op::Sort { keys: project.order.clone(), top }, root, rows);
            root = self.cut(project.skip.as_ref(), limit, root);
        } else if !is_plain {
            root = self.cut(project.skip.as_ref(), project.limit.as_ref(), root);
        }
        self.filter(project.filter.iter().cloned().flat_map(Expr::conjuncts).collect(), root)
    }

    /// `SKIP` and `LIMIT`.
    fn cut(
        &mut self,
        skip: Option<&(Expr, Span)>,
        limit: Option<&(Expr, Span)>,
        mut root: Operator,
    ) -> Operator {
        if let Some((skip, span)) = skip {
            let rows = root.rows;
            root = self.above(Op::Skip(skip.clone(), *span), root, rows);
        }
        if let Some((limit, span)) = limit {
            let rows = root.rows.min(limited(limit));
            root = self.above(Op::Limit(limit.clone(), *span), root, rows);
        }
        root
    }

    /// Whether a step only reads, and can stand in a tree of operators.
    fn reads(&self, step: &Step) -> bool {
        match step {
            Step::Match { .. } | Step::Project(_) | Step::Unwind { .. } => true,
            Step::CallQuery { body, .. } => !self.writes[*body],
            Step::Call(call) => !call.procedure.writes(),
            Step::Create(_)
            | Step::Merge { .. }
            | Step::Set(_)
            | Step::Delete { .. }
            | Step::Foreach { .. } => false,
        }
    }
}

/// How many rows a limit leaves, as far as that is known beforehand.
fn limited(limit: &Expr) -> f64 {
    match limit {
        Expr::Literal(Value::Int(most)) => *most as f64,
        _ => f64::INFINITY,
    }
}

/// What is asked of the rows of a branch.
struct Asking {
    slots: Vec<usize>,
    /// Whether it does not matter how often a row comes.
    as_set: bool,
}

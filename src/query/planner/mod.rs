//! From steps to operators.
//!
//! Steps that read become trees of operators; steps that write stand between them.
//! A `MATCH` is taken apart into a [`query_graph`], [`order`] finds in which order to
//! put it together, and [`patterns`] makes the operators. [`columns`] then leaves out
//! what nobody asks for.

mod columns;
mod estimate;
mod order;
mod patterns;
pub(super) mod query_graph;
pub(super) mod seek;

use estimate::Estimates;
use order::Choices;

use super::ast::SubqueryKind;
use super::expr::Expr;
use super::optimize::Switches;
use super::physical::{Branch, Cut, Op, Operator, Physical, Stage, Subquery, Writing};
use super::plan::{Pattern, Plan, Project, Step};
use crate::graph::Graph;
use crate::model::Value;

/// Plans a statement for a graph.
pub(super) fn plan(plan: &Plan, graph: &Graph, switches: &Switches<'_>) -> Physical {
    let mut planner = Planner::new(plan, graph, switches);
    let branches: Vec<Branch> = plan
        .branches
        .iter()
        .map(|branch| Branch {
            stages: planner.stages(&branch.steps, &branch.columns),
            columns: branch.columns.clone(),
        })
        .collect();
    let subqueries = plan.subqueries.iter().map(|subquery| {
        let root = planner.tree(&subquery.steps);
        let mut root = root.unwrap_or_else(|| planner.argument(1.0));
        let counts = matches!(subquery.kind, SubqueryKind::Exists | SubqueryKind::Pattern);
        let asked = match subquery.kind {
            SubqueryKind::Collect | SubqueryKind::First => subquery.value.variables(),
            SubqueryKind::Exists | SubqueryKind::Pattern | SubqueryKind::Count => Vec::new(),
        };
        planner.trim(&mut root, &asked, counts);
        Subquery { kind: subquery.kind, root, value: subquery.value.clone() }
    });
    let subqueries = subqueries.collect();
    Physical {
        branches,
        subqueries,
        width: planner.names.len(),
        names: planner.names,
        n_operators: planner.n_operators,
    }
}

struct Planner<'a> {
    estimates: Estimates,
    switches: &'a Switches<'a>,
    names: Vec<String>,
    n_operators: usize,
}

impl<'a> Planner<'a> {
    fn new(plan: &Plan, graph: &Graph, switches: &'a Switches<'a>) -> Self {
        Self { estimates: Estimates::new(graph), switches, names: plan.names.clone(), n_operators: 0 }
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

    /// The stages of a branch whose answer has some columns.
    fn stages(&mut self, steps: &[Step], columns: &[usize]) -> Vec<Stage> {
        let mut stages = Vec::new();
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let n_reading = rest.iter().take_while(|step| reads(step)).count();
            if n_reading == 0 {
                stages.push(self.writing(first));
                rest = &rest[1..];
                continue;
            }
            let (reading, later) = rest.split_at(n_reading);
            if let Some(mut root) = self.tree(reading) {
                // What a later clause writes may need any variable, and every row.
                match later.is_empty() {
                    true => self.trim(&mut root, columns, false),
                    false => self.trim_for_writing(&mut root),
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
            Step::Create(_) | Step::Merge { .. } | Step::Set(_) | Step::Delete { .. } | Step::Call { .. } => {
                unreachable!("only steps that read are given")
            }
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
            root = self.above(Op::Group(grouping.clone()), root, rows);
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
            let rows = root.rows;
            let limit = project.limit.clone().filter(|_| self.switches.has(super::optimize::TOP));
            let top = limit.map(|limit| Cut { skip: project.skip.clone(), limit });
            root = self.above(Op::Sort { keys: project.order.clone(), top }, root, rows);
        }
        if let Some((skip, span)) = &project.skip {
            let rows = root.rows;
            root = self.above(Op::Skip(skip.clone(), *span), root, rows);
        }
        if let Some((limit, span)) = &project.limit {
            let rows = match limit {
                Expr::Literal(Value::Int(most)) => root.rows.min(*most as f64),
                _ => root.rows,
            };
            root = self.above(Op::Limit(limit.clone(), *span), root, rows);
        }
        self.filter(project.filter.iter().cloned().flat_map(Expr::conjuncts).collect(), root)
    }
}

/// Whether a step only reads, and can stand in a tree of operators.
fn reads(step: &Step) -> bool {
    matches!(step, Step::Match { .. } | Step::Project(_) | Step::Unwind { .. })
}

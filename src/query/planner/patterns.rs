//! Operators for the patterns of a `MATCH`.

use std::collections::BTreeSet;

use super::Planner;
use super::order::{Ordering, Tree};
use super::query_graph::{self, Edge, EdgeKind, QueryGraph, Segment, comes_apart};
use crate::error::Span;
use crate::query::ast::{BinaryOp, ListQuantifier, PathMode};
use crate::query::expr::{Expr, Labels};
use crate::query::optimize;
use crate::query::physical::{Expand, Op, Operator, Search};
use crate::query::plan::{Pattern, Same, Start};

/// What has been bound and checked while operators are put on top of each other.
#[derive(Default)]
struct Built {
    bound: BTreeSet<usize>,
    /// The nodes found and the edges walked, by number.
    nodes: BTreeSet<usize>,
    edges: Vec<usize>,
    /// By condition, whether it has been checked.
    checked: Vec<bool>,
    /// Whether the rows that are given can be asked for anything.
    has_outer: bool,
}

/// What patterns before those at hand have bound in the same `MATCH`.
#[derive(Default)]
struct Before {
    slots: BTreeSet<usize>,
    /// What others cannot use again.
    used: Vec<Used>,
}

/// A variable that holds a relationship, or a list of them.
#[derive(Clone, Copy)]
struct Used {
    slot: usize,
    is_list: bool,
}

impl Used {
    fn of(edge: &Edge) -> Self {
        Self { slot: edge.slot, is_list: matches!(edge.kind, EdgeKind::Segment(_)) }
    }
}

impl Planner<'_> {
    /// The operators that find some patterns, and then keep what satisfies `filters`.
    pub(super) fn patterns(&mut self, patterns: &[Pattern], filters: &[Expr], input: Operator) -> Operator {
        let declared = |slot: usize| {
            let mut parts = patterns.iter().flat_map(|pattern| &pattern.parts);
            parts.any(|part| part.same_as.is_none() && part.slot == Some(slot))
        };
        let takes_apart = self.switches.has(optimize::HOP_BY_HOP);
        let mut before = Before::default();
        let mut root = input;
        let mut rest = patterns;
        while let Some(first) = rest.first() {
            let n_apart = match takes_apart {
                true => rest.iter().take_while(|pattern| comes_apart(pattern)).count(),
                false => 0,
            };
            let (taken, later) = rest.split_at(n_apart.max(1));
            root = match n_apart {
                0 => self.whole(first, &mut before, root),
                _ => self.graph(taken, &declared, &mut before, root),
            };
            rest = later;
        }
        self.filter(filters.to_vec(), root)
    }

    /// A pattern that is searched as it stands.
    fn whole(&mut self, pattern: &Pattern, before: &mut Before, input: Operator) -> Operator {
        let is_walk = pattern.mode == Some(PathMode::Walk);
        let used = (!is_walk).then(|| self.new_slot());
        let rows = input.rows * 10.0;
        let unlike = if is_walk { Vec::new() } else { before.used.iter().map(|used| used.slot).collect() };
        let search = Search { pattern: pattern.clone(), unlike, reversed: false, used, to_ends: false };
        before.slots.extend(pattern.parts.iter().filter_map(|part| part.list.or(part.slot)));
        before.used.extend(used.map(|slot| Used { slot, is_list: true }));
        self.above(Op::Search(search), input, rows)
    }

    /// Patterns that are taken apart and put together in the best order.
    fn graph(
        &mut self,
        patterns: &[Pattern],
        declared: &dyn Fn(usize) -> bool,
        before: &mut Before,
        input: Operator,
    ) -> Operator {
        let mut graph = QueryGraph::default();
        let known = before.slots.clone();
        for pattern in patterns {
            let is_bound = |slot: usize| {
                let is_named = !self.names.get(slot).is_none_or(String::is_empty);
                known.contains(&slot) || (is_named && !declared(slot))
            };
            let names = std::cell::RefCell::new(Vec::new());
            let first_new = self.names.len();
            let mut new_slot = || {
                names.borrow_mut().push(String::new());
                first_new + names.borrow().len() - 1
            };
            graph.add(pattern, &is_bound, &mut new_slot);
            self.names.extend(names.into_inner());
        }
        let choices = self.choices();
        let n_given = input.rows.max(1.0);
        let ordering = Ordering::new(&graph, self.estimates, choices, n_given);
        let tree = ordering.best();
        let mut built =
            Built { checked: vec![false; ordering.conditions.len()], has_outer: true, ..Built::default() };
        let given: Vec<usize> =
            graph.nodes.iter().filter(|node| node.is_bound).map(|node| node.slot).collect();
        built.bound.extend(&given);
        built.nodes = (0..graph.nodes.len()).filter(|&node| graph.nodes[node].is_bound).collect();
        let unchecked: Vec<usize> = given.into_iter().filter(|slot| !known.contains(slot)).collect();
        let span = patterns.first().map_or(Span::default(), |pattern| pattern.span);
        let mut root = input;
        if !unchecked.is_empty() {
            let rows = root.rows;
            root = self.above(Op::Bound { slots: unchecked, span }, root, rows);
        }
        let mut emission =
            Emission { planner: self, graph: &graph, ordering: &ordering, used_before: &before.used };
        root = emission.tree(&tree, root, &mut built);
        for (slot, start, hops) in &graph.paths {
            let rows = root.rows;
            root = emission.planner.above(
                Op::Paths { slot: *slot, start: *start, hops: hops.clone() },
                root,
                rows,
            );
        }
        let late = ordering.conditions.iter().zip(&built.checked).filter(|(_, checked)| !**checked);
        let late: Vec<Expr> = late.map(|(condition, _)| condition.expr.clone()).collect();
        before.slots.extend(ordering.slots());
        before.used.extend(graph.edges.iter().filter(|edge| edge.is_unique).map(Used::of));
        self.filter(late, root)
    }
}

/// Makes the operators of an order.
struct Emission<'p, 'a, 'g> {
    planner: &'p mut Planner<'a>,
    graph: &'g QueryGraph,
    ordering: &'g Ordering<'g>,
    used_before: &'g [Used],
}

impl Emission<'_, '_, '_> {
    fn tree(&mut self, tree: &Tree, input: Operator, built: &mut Built) -> Operator {
        match tree {
            Tree::Argument => self.check(input, built),
            Tree::Leaf { below, node, start } => {
                let input = match below {
                    Some(below) => self.tree(below, input, built),
                    None => input,
                };
                let slot = self.graph.nodes[*node].slot;
                built.bound.insert(slot);
                built.nodes.insert(*node);
                self.settle(slot, start, built);
                let rows = input.rows * self.ordering.found_by(start);
                let root = self.planner.above(Op::Scan { slot, seek: start.clone() }, input, rows);
                self.check(root, built)
            }
            Tree::Edge { below, edge, from_left } => {
                let input = self.tree(below, input, built);
                let root = self.edge(*edge, *from_left, input, built);
                self.check(root, built)
            }
            Tree::Join { left, right, keys } => {
                let left = self.tree(left, input, built);
                let mut other = Built { checked: vec![false; built.checked.len()], ..Built::default() };
                let unit = self.planner.operator(Op::Unit, Vec::new(), 1.0);
                let right = self.tree(right, unit, &mut other);
                let rows = match keys.is_empty() {
                    true => left.rows * right.rows,
                    false => left.rows.max(right.rows),
                };
                let mut root =
                    self.planner.operator(Op::HashJoin { keys: keys.clone() }, vec![left, right], rows);
                let distinct = self.distinct_edges(built, &other.edges);
                root = self.planner.filter(distinct, root);
                built.bound.extend(other.bound);
                built.nodes.extend(other.nodes);
                built.edges.extend(other.edges);
                for (checked, also) in built.checked.iter_mut().zip(other.checked) {
                    *checked |= also;
                }
                self.check(root, built)
            }
        }
    }

    /// Checks every condition that can be checked by now.
    fn check(&mut self, input: Operator, built: &mut Built) -> Operator {
        let mut ready = Vec::new();
        for (condition, checked) in self.ordering.conditions.iter().zip(&mut built.checked) {
            let has_all = condition.is_ready(&built.bound) && (built.has_outer || !condition.needs_outer);
            if has_all && !*checked {
                *checked = true;
                ready.push(condition.expr.clone());
            }
        }
        let given = if built.has_outer { self.ordering.given() } else { 1.0 };
        let mut root = self.planner.filter(ready, input);
        // How many rows a set gives does not depend on the order in which it was put together.
        if let (Op::Filter(_), Some(rows)) = (&root.op, self.ordering.expected(&built.nodes, &built.edges)) {
            root.rows = rows * given;
        }
        root
    }

    /// Notes that a scan by one label has checked the label.
    fn settle(&self, slot: usize, start: &Start, built: &mut Built) {
        let Start::Labels(labels) = start else { return };
        let [label] = &labels[..] else { return };
        for (condition, checked) in self.ordering.conditions.iter().zip(&mut built.checked) {
            *checked |= matches!(&condition.expr, Expr::HasLabels(base, Labels::Name(name), _)
                if **base == Expr::Var(slot) && name == label);
        }
    }

    fn edge(&mut self, at: usize, from_left: bool, input: Operator, built: &mut Built) -> Operator {
        let edge = &self.graph.edges[at];
        let ends = match from_left {
            true => (edge.from, edge.to),
            false => (edge.to, edge.from),
        };
        let (from, to) = (self.graph.nodes[ends.0].slot, self.graph.nodes[ends.1].slot);
        let into = built.bound.contains(&to);
        let from_bound = built.bound.contains(&from);
        let unlike = self.unlike(at, built);
        let op = match &edge.kind {
            EdgeKind::Hop { direction, is_bound } => {
                let direction = if from_left { *direction } else { query_graph::turned(*direction) };
                let expand = Expand {
                    from,
                    relationship: Some(edge.slot),
                    to,
                    into,
                    from_bound,
                    types: edge.types.clone(),
                    direction,
                    unlike,
                    span: edge.span,
                };
                if *is_bound { Op::Ends(expand) } else { Op::Expand(expand) }
            }
            EdgeKind::Segment(segment) => {
                let pattern = self.segment(segment, from_left, (from, to), into, built);
                let (reversed, used) = (!from_left, Some(edge.slot));
                Op::Search(Search { pattern, unlike, reversed, used, to_ends: false })
            }
        };
        built.bound.extend([from, to, edge.slot]);
        built.nodes.extend([edge.from, edge.to]);
        if let EdgeKind::Segment(segment) = &edge.kind {
            built.bound.extend(segment.pattern.parts.iter().filter_map(|part| part.list));
        }
        built.edges.push(at);
        let fan_out = self.ordering.fan_out(at, from_left);
        let rows = match into {
            true => input.rows * (fan_out / self.ordering.labelled(ends.1)).min(fan_out),
            false => input.rows * fan_out,
        };
        self.planner.above(op, input, rows)
    }

    /// A repetition from the side at which it is walked, with what is asked of its end.
    fn segment(
        &self,
        segment: &Segment,
        from_left: bool,
        (from, to): (usize, usize),
        into: bool,
        built: &mut Built,
    ) -> Pattern {
        let mut pattern = match from_left {
            true => segment.pattern.clone(),
            false => query_graph::reversed(&segment.pattern),
        };
        pattern.start = Start::Bound(from);
        (pattern.parts[0].slot, pattern.parts[0].same_as) = (Some(from), Some(Same::Row(from)));
        pattern.parts[1].slot = Some(to);
        if to == from {
            pattern.parts[1].same_as = Some(Same::Part(0));
        } else if into {
            pattern.parts[1].same_as = Some(Same::Row(to));
        } else {
            // Conditions on the end are checked while searching, so that limits count answers only.
            let mut bound = built.bound.clone();
            bound.insert(to);
            for (condition, checked) in self.ordering.conditions.iter().zip(&mut built.checked) {
                let has_all = condition.is_ready(&bound) && (built.has_outer || !condition.needs_outer);
                if has_all && !*checked && condition.needs.contains(&to) {
                    *checked = true;
                    pattern.parts[1].filters.push(condition.expr.clone());
                }
            }
        }
        pattern
    }

    /// What an edge's relationships have to differ from.
    fn unlike(&self, at: usize, built: &Built) -> Vec<usize> {
        let edge = &self.graph.edges[at];
        if !edge.is_unique {
            return Vec::new();
        }
        let others = built.edges.iter().map(|&other| &self.graph.edges[other]);
        let overlapping =
            others.filter(|other| other.is_unique && other.overlaps(edge) && other.slot != edge.slot);
        let before = self.used_before.iter().filter(|_| built.has_outer).map(|used| used.slot);
        overlapping.map(|other| other.slot).chain(before).collect()
    }

    /// That the relationships of two parts differ, as conditions. The right part could not
    /// look at what patterns before have used.
    fn distinct_edges(&mut self, left: &Built, right: &[usize]) -> Vec<Expr> {
        let mut conditions = Vec::new();
        for b in right.iter().map(|&b| &self.graph.edges[b]).filter(|b| b.is_unique) {
            let others = left.edges.iter().map(|&a| &self.graph.edges[a]);
            let others = others.filter(|a| a.is_unique && a.overlaps(b)).map(Used::of);
            let before = self.used_before.iter().copied().filter(|_| left.has_outer);
            let others: Vec<Used> = others.chain(before).collect();
            conditions.extend(others.into_iter().map(|a| self.differ(a, Used::of(b))));
        }
        conditions
    }

    fn differ(&mut self, a: Used, b: Used) -> Expr {
        let var = |used: Used| Box::new(Expr::Var(used.slot));
        let span = Span::default();
        match (a.is_list, b.is_list) {
            (false, false) => Expr::Binary(BinaryOp::NotEqual, var(a), var(b), span),
            (false, true) => Expr::Not(Box::new(Expr::Binary(BinaryOp::In, var(a), var(b), span)), span),
            (true, false) => Expr::Not(Box::new(Expr::Binary(BinaryOp::In, var(b), var(a), span)), span),
            (true, true) => {
                let slot = self.planner.new_slot();
                let filter = Expr::Binary(BinaryOp::In, Box::new(Expr::Var(slot)), var(b), span);
                Expr::Quantified {
                    quantifier: ListQuantifier::None,
                    slot,
                    list: var(a),
                    filter: Box::new(filter),
                    span,
                }
            }
        }
    }
}

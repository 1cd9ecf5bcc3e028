//! In which order a query graph is put together.
//!
//! Dynamic programming over sets of edges, as in System R (Selinger and others,
//! 1979) with bushy trees (Moerkotte and Neumann, 2006, for the enumeration), where a
//! component has few edges; greedily otherwise. The number of rows of a set does not
//! depend on the order, so plans for the same set differ in cost alone.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::estimate::Estimates;
use super::query_graph::{Edge, EdgeKind, QueryGraph, hops_of, turned};
use super::seek;
use crate::query::ast::BinaryOp;
use crate::query::expr::Expr;
use crate::query::plan::{Shape, Start};

/// The most edges of a component for which all orders are compared.
const EDGES_MAX: usize = 10;
/// The most edges for which bushy trees are among them.
const BUSHY_MAX: usize = 7;
/// The most edges or nodes that sets can hold.
pub(super) const ELEMENTS_MAX: usize = 60;

/// A way to put a part of the query graph together.
#[derive(Debug)]
pub(super) enum Tree {
    /// The rows that are given.
    Argument,
    /// A node found by a seek, for each row of what is below.
    Leaf { below: Option<Rc<Self>>, node: usize, start: Start },
    /// An edge walked from a side; `from_left` tells which.
    Edge { below: Rc<Self>, edge: usize, from_left: bool },
    /// Two parts, joined where these expressions are equal.
    Join { left: Rc<Self>, right: Rc<Self>, keys: Vec<(Expr, Expr)> },
}

/// A tree with what it covers and what it is expected to cost.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) tree: Rc<Tree>,
    /// The nodes and edges covered, as bits.
    pub(super) nodes: u64,
    pub(super) edges: u64,
    /// Rows that pass through it, added up.
    pub(super) cost: f64,
    pub(super) rows: f64,
    /// Whether it depends on no row.
    pub(super) is_free: bool,
}

/// A condition with what it needs.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) expr: Expr,
    /// The variables of the graph that it needs.
    pub(super) needs: BTreeSet<usize>,
    /// The nodes and edges that bind them, as bits, for costs.
    nodes: u64,
    edges: u64,
    /// Whether it needs what the rows bind.
    pub(super) needs_outer: bool,
    /// Whether it needs a path, which is put together last.
    pub(super) is_late: bool,
    share: f64,
}

/// What the planner may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices {
    pub(super) by_cost: bool,
    pub(super) seeks: bool,
    pub(super) joins: bool,
}

/// Finds the order for one query graph.
pub(super) struct Ordering<'a> {
    graph: &'a QueryGraph,
    pub(super) conditions: Vec<Condition>,
    estimates: Estimates<'a>,
    choices: Choices,
    /// How many rows are given.
    n_given: f64,
}

impl<'a> Ordering<'a> {
    pub(super) fn new(
        graph: &'a QueryGraph,
        estimates: Estimates<'a>,
        choices: Choices,
        n_given: f64,
    ) -> Self {
        let conditions = graph.conditions.iter().map(|expr| condition(graph, estimates, expr)).collect();
        Self { graph, conditions, estimates, choices, n_given }
    }

    /// The whole graph put together, on top of the rows given.
    pub(super) fn best(&self) -> Rc<Tree> {
        if !self.choices.by_cost || self.graph.nodes.len().max(self.graph.edges.len()) > ELEMENTS_MAX {
            return self.as_written();
        }
        let mut components = self.components();
        let given = self.argument();
        let (first, rest): (Vec<_>, Vec<_>) = components
            .drain(..)
            .partition(|component| component.nodes & given.nodes != 0 || component.is_given);
        let mut current = given;
        for component in first {
            current = self.extend_all(current, component.edges);
        }
        let mut others: Vec<Component> = rest;
        while !others.is_empty() {
            let options = others.iter().map(|component| self.add_component(&current, component));
            let best = options.enumerate().min_by(|(_, a), (_, b)| a.cost.total_cmp(&b.cost));
            let Some((at, candidate)) = best else { break };
            others.remove(at);
            current = candidate;
        }
        // What had to wait for a variable of another part.
        current = self.extend_all(current, u64::MAX);
        let all = |n: usize| (1_u64 << n) - 1;
        let is_whole =
            current.nodes == all(self.graph.nodes.len()) && current.edges == all(self.graph.edges.len());
        if is_whole { current.tree } else { self.as_written() }
    }

    /// From left to right, as the patterns stand.
    fn as_written(&self) -> Rc<Tree> {
        let mut tree = Rc::new(Tree::Argument);
        let is_bound = |&node: &usize| self.graph.nodes[node].is_bound;
        let mut seen: BTreeSet<usize> = (0..self.graph.nodes.len()).filter(is_bound).collect();
        let leaf = |below: Rc<Tree>, node: usize, seen: &BTreeSet<usize>| {
            let own = self.slots();
            let bound: BTreeSet<usize> = seen.iter().map(|&node| self.graph.nodes[node].slot).collect();
            let is_known = |slot: usize| bound.contains(&slot) || !own.contains(&slot);
            let start = if self.choices.seeks { self.seek(node, &is_known) } else { Start::AllNodes };
            Rc::new(Tree::Leaf { below: Some(below), node, start })
        };
        for (at, edge) in self.graph.edges.iter().enumerate() {
            let (is_given, turns) = match &edge.kind {
                EdgeKind::Hop { is_bound, .. } => (*is_bound, true),
                EdgeKind::Segment(segment) => (false, segment.turns),
            };
            // What its conditions speak of stands further left, perhaps alone.
            if let EdgeKind::Segment(segment) = &edge.kind {
                for node in 0..self.graph.nodes.len() {
                    if segment.needs.contains(&self.graph.nodes[node].slot) && !seen.contains(&node) {
                        tree = leaf(tree, node, &seen);
                        seen.insert(node);
                    }
                }
            }
            let can_begin = seen.contains(&edge.from) || (seen.contains(&edge.to) && turns);
            if !is_given && !can_begin {
                tree = leaf(tree, edge.from, &seen);
                seen.insert(edge.from);
            }
            let from_left = seen.contains(&edge.from) || is_given;
            seen.extend([edge.from, edge.to]);
            tree = Rc::new(Tree::Edge { below: tree, edge: at, from_left });
        }
        for node in 0..self.graph.nodes.len() {
            if !seen.contains(&node) {
                tree = leaf(tree, node, &seen);
                seen.insert(node);
            }
        }
        tree
    }

    fn argument(&self) -> Candidate {
        let bound = self.graph.nodes.iter().enumerate().filter(|(_, node)| node.is_bound);
        let nodes = bound.map(|(at, _)| 1 << at).sum();
        let rows = self.n_given;
        Candidate { tree: Rc::new(Tree::Argument), nodes, edges: 0, cost: 0.0, rows, is_free: false }
    }

    /// How a node can be found, where `is_known` tells which variables are bound.
    fn seek(&self, node: usize, is_known: &dyn Fn(usize) -> bool) -> Start {
        let slot = self.graph.nodes[node].slot;
        let conditions = self.conditions.iter().map(|condition| &condition.expr);
        seek::start(slot, conditions, is_known, self.estimates.graph())
    }

    /// How many nodes a seek looks at.
    pub(super) fn found_by(&self, start: &Start) -> f64 {
        match start {
            Start::AllNodes => self.estimates.nodes(),
            Start::Labels(labels) => {
                self.estimates.nodes_with(&labels.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Start::Index(seek) => self.estimates.indexed(seek),
            Start::Bound(_) | Start::Key(_) | Start::IdProperty(..) => 1.0,
        }
    }

    /// Finds a node for each row of `below`.
    fn leaf(&self, below: Option<&Candidate>, node: usize) -> Candidate {
        let (nodes, edges, rows_below, cost) =
            below.map_or((0, 0, 1.0, 0.0), |below| (below.nodes, below.edges, below.rows, below.cost));
        let own = self.slots();
        let covered = self.covered_slots(nodes, edges);
        let is_known = |slot: usize| covered.contains(&slot) || (below.is_some() && !own.contains(&slot));
        let start = match self.choices.seeks {
            true => self.seek(node, &is_known),
            false => Start::AllNodes,
        };
        let looked_at = self.found_by(&start);
        let nodes = nodes | 1 << node;
        let rows = self.rows(nodes, edges) * if below.is_some() { self.n_given } else { 1.0 };
        Candidate {
            tree: Rc::new(Tree::Leaf { below: below.map(|below| below.tree.clone()), node, start }),
            nodes,
            edges,
            cost: cost + rows_below * looked_at + rows,
            rows,
            is_free: below.is_none_or(|below| below.is_free),
        }
    }

    /// Adds an edge to a candidate, if it hangs on it.
    fn extend(&self, below: &Candidate, at: usize) -> Option<Candidate> {
        let edge = &self.graph.edges[at];
        let has = |node: usize| below.nodes & 1 << node != 0;
        let is_bound = matches!(edge.kind, EdgeKind::Hop { is_bound: true, .. });
        if below.edges & 1 << at != 0 || !(has(edge.from) || has(edge.to) || is_bound) {
            return None;
        }
        if self.graph.bound_by(at).is_some_and(|first| below.edges & 1 << first == 0) {
            return None;
        }
        let from_left = has(edge.from);
        let mut is_free = below.is_free && !self.graph.is_given(at);
        if let EdgeKind::Segment(segment) = &edge.kind {
            let own = self.slots();
            let covered = self.covered_slots(below.nodes, below.edges);
            if segment.needs.iter().any(|slot| own.contains(slot) && !covered.contains(slot)) {
                return None;
            }
            is_free &= segment.needs.iter().all(|slot| own.contains(slot));
            if !from_left && !segment.turns {
                return None;
            }
        }
        let nodes = below.nodes | 1 << edge.from | 1 << edge.to;
        let edges = below.edges | 1 << at;
        let is_into = has(edge.from) && has(edge.to);
        let walked = below.rows * self.fan_out(at, from_left);
        let rows = self.rows(nodes, edges) * if below.is_free { 1.0 } else { self.n_given };
        // Walking into a node that is known still looks at what leaves the other.
        let cost =
            below.cost + below.rows + if is_into { walked.min(below.rows * 1e6) } else { walked } + rows;
        let tree = Rc::new(Tree::Edge { below: below.tree.clone(), edge: at, from_left });
        Some(Candidate { tree, nodes, edges, cost, rows, is_free })
    }

    /// Adds edges one by one, each time the one that leaves the fewest rows.
    fn extend_all(&self, mut current: Candidate, edges: u64) -> Candidate {
        loop {
            let left = (0..self.graph.edges.len()).filter(|at| edges & !current.edges & 1 << at != 0);
            let options = left.filter_map(|at| self.extend(&current, at));
            match options.min_by(|a, b| {
                (a.rows, a.cost).partial_cmp(&(b.rows, b.cost)).unwrap_or(std::cmp::Ordering::Equal)
            }) {
                Some(next) => current = next,
                None => return current,
            }
        }
    }

    /// Puts a component together by itself, on top of `below` or of nothing.
    fn component(&self, below: Option<&Candidate>, component: &Component) -> Option<Candidate> {
        let nodes = (0..self.graph.nodes.len()).filter(|node| component.nodes & 1 << node != 0);
        let leaves: Vec<Candidate> = nodes.map(|node| self.leaf(below, node)).collect();
        let edges: Vec<usize> =
            (0..self.graph.edges.len()).filter(|at| component.edges & 1 << at != 0).collect();
        let cheapest = |options: Vec<Candidate>| options.into_iter().min_by(|a, b| a.cost.total_cmp(&b.cost));
        let whole = |candidate: &Candidate| component.edges & !candidate.edges == 0;
        if edges.len() > EDGES_MAX {
            let options = leaves.into_iter().map(|leaf| self.extend_all(leaf, component.edges));
            return cheapest(options.filter(whole).collect());
        }
        let base = below.map_or(0, |below| below.edges);
        let mut best: Vec<Option<Candidate>> = vec![None; 1 << edges.len()];
        for set in 0..best.len() {
            let mut options = Vec::new();
            if set == 0 {
                continue;
            }
            for (bit, &at) in edges.iter().enumerate().filter(|(bit, _)| set & 1 << bit != 0) {
                let before = set & !(1 << bit);
                match before {
                    0 => options.extend(leaves.iter().filter_map(|leaf| self.extend(leaf, at))),
                    _ => options.extend(best[before].as_ref().and_then(|below| self.extend(below, at))),
                }
            }
            if self.choices.joins && below.is_none() && edges.len() <= BUSHY_MAX {
                options.extend(self.joins(set, &best));
            }
            debug_assert!(options.iter().all(|option| option.edges & base == base));
            best[set] = cheapest(options);
        }
        match edges.is_empty() {
            true => cheapest(leaves),
            false => best.pop().flatten().filter(whole),
        }
    }

    /// Joins of two parts of a set of edges at the nodes that they share.
    fn joins(&self, set: usize, best: &[Option<Candidate>]) -> Vec<Candidate> {
        let mut options = Vec::new();
        let mut part = (set - 1) & set;
        while part > 0 {
            if let (Some(left), Some(right)) = (&best[part], &best[set & !part])
                && left.nodes & right.nodes != 0
                && right.is_free
            {
                let shared =
                    (0..self.graph.nodes.len()).filter(|node| left.nodes & right.nodes & 1 << node != 0);
                let keys = shared.map(|node| {
                    let slot = self.graph.nodes[node].slot;
                    (Expr::Var(slot), Expr::Var(slot))
                });
                options.push(self.join(left, right, keys.collect()));
            }
            part = (part - 1) & set;
        }
        options
    }

    fn join(&self, left: &Candidate, right: &Candidate, keys: Vec<(Expr, Expr)>) -> Candidate {
        let (nodes, edges) = (left.nodes | right.nodes, left.edges | right.edges);
        let rows = self.rows(nodes, edges) * if left.is_free { 1.0 } else { self.n_given };
        // A row that is kept costs about twice one that passes.
        let cost = left.cost + right.cost + left.rows + 2.0 * right.rows + rows;
        let tree = Tree::Join { left: left.tree.clone(), right: right.tree.clone(), keys };
        Candidate { tree: Rc::new(tree), nodes, edges, cost, rows, is_free: left.is_free }
    }

    /// Puts a component beside what is there: found anew for each row, or joined.
    fn add_component(&self, current: &Candidate, component: &Component) -> Candidate {
        let nested = self.component(Some(current), component);
        let alone = self.component(None, component).filter(|alone| alone.is_free && self.choices.joins);
        let joined = alone.map(|alone| {
            let keys = self.equalities(current, &alone);
            let mut joined = self.join(current, &alone, keys.clone());
            if keys.is_empty() {
                joined.cost += current.rows * alone.rows;
            }
            joined
        });
        match (nested, joined) {
            (Some(nested), Some(joined)) if joined.cost < nested.cost => joined,
            (Some(nested), _) => nested,
            (None, Some(joined)) => joined,
            // Every component can be found anew, unless it has more edges than fit; then greedily.
            (None, None) => {
                let node = component.nodes.trailing_zeros() as usize;
                self.extend_all(self.leaf(Some(current), node), component.edges)
            }
        }
    }

    /// Equalities between one side and another.
    fn equalities(&self, left: &Candidate, right: &Candidate) -> Vec<(Expr, Expr)> {
        let (left_slots, right_slots) =
            (self.covered_slots(left.nodes, left.edges), self.covered_slots(right.nodes, right.edges));
        let own = self.slots();
        let of_left = |expr: &Expr| {
            let used = expr.free_variables();
            !used.is_empty() && used.iter().all(|slot| left_slots.contains(slot) || !own.contains(slot))
        };
        let of_right = |expr: &Expr| {
            let used = expr.free_variables();
            !used.is_empty() && used.iter().all(|slot| right_slots.contains(slot))
        };
        let mut keys = Vec::new();
        for condition in self.conditions.iter().filter(|condition| !condition.is_late) {
            if let Expr::Binary(BinaryOp::Equal, a, b, _) = &condition.expr {
                if of_left(a) && of_right(b) {
                    keys.push(((**a).clone(), (**b).clone()));
                } else if of_left(b) && of_right(a) {
                    keys.push(((**b).clone(), (**a).clone()));
                }
            }
        }
        keys
    }

    /// How many rows are given.
    pub(super) fn given(&self) -> f64 {
        self.n_given
    }

    /// How many rows some nodes and edges are expected to give for each row given; `None`
    /// where there are more of them than are weighed.
    pub(super) fn expected(&self, nodes: &BTreeSet<usize>, edges: &[usize]) -> Option<f64> {
        let fits = self.graph.nodes.len().max(self.graph.edges.len()) <= ELEMENTS_MAX;
        let bits = |numbers: &mut dyn Iterator<Item = usize>| numbers.fold(0, |bits, at| bits | 1 << at);
        let of = || self.rows(bits(&mut nodes.iter().copied()), bits(&mut edges.iter().copied()));
        fits.then(of)
    }

    /// How many rows a set of nodes and edges is expected to give for each row given.
    fn rows(&self, nodes: u64, edges: u64) -> f64 {
        let mut rows = 1.0;
        for (at, node) in self.graph.nodes.iter().enumerate() {
            if nodes & 1 << at != 0 && !node.is_bound {
                rows *= self.estimates.nodes();
            }
        }
        for (at, edge) in self.graph.edges.iter().enumerate() {
            if edges & 1 << at != 0 {
                let ends = self.labelled(edge.from) * self.labelled(edge.to);
                let paths = self.paths(at);
                rows *= (paths / ends.max(1.0)).min(1e9);
            }
        }
        for condition in &self.conditions {
            if !condition.is_late && condition.nodes & !nodes == 0 && condition.edges & !edges == 0 {
                rows *= condition.share;
            }
        }
        rows.max(1e-9)
    }

    /// The labels that are asked of a node.
    fn labels(&self, node: usize) -> Vec<&str> {
        let slot = self.graph.nodes[node].slot;
        let mut labels = Vec::new();
        for condition in &self.conditions {
            if let Expr::HasLabels(base, asked, _) = &condition.expr
                && **base == Expr::Var(slot)
            {
                labels.extend(asked.required());
            }
        }
        labels
    }

    /// How many nodes bear the labels that are asked of a node.
    pub(super) fn labelled(&self, node: usize) -> f64 {
        self.estimates.nodes_with(&self.labels(node)).max(1.0)
    }

    /// How many paths lead along an edge between nodes with the labels asked of its ends.
    fn paths(&self, at: usize) -> f64 {
        let edge = &self.graph.edges[at];
        match &edge.kind {
            EdgeKind::Hop { direction, is_bound: false } => {
                let (from, to) = (self.labels(edge.from), self.labels(edge.to));
                self.estimates.hops(edge.types.as_deref(), *direction, &from, &to)
            }
            _ => self.labelled(edge.from) * self.fan_out(at, true),
        }
    }

    /// How many ways lead along an edge from a node on one side, before conditions.
    pub(super) fn fan_out(&self, at: usize, from_left: bool) -> f64 {
        let edge = &self.graph.edges[at];
        let types = edge.types.as_deref();
        match &edge.kind {
            EdgeKind::Hop { is_bound: true, .. } => 1.0,
            EdgeKind::Hop { direction, .. } => {
                let (side, direction) = match from_left {
                    true => (edge.from, *direction),
                    false => (edge.to, turned(*direction)),
                };
                self.estimates.hops(types, direction, &self.labels(side), &[]) / self.labelled(side)
            }
            EdgeKind::Segment(segment) => {
                let Some(repeat @ Shape::Repeat { min, max, .. }) = segment.pattern.shape.get(1) else {
                    return 1.0;
                };
                let of_hop = |hop: usize| {
                    let direction = segment.pattern.parts[hop].direction;
                    self.estimates.hops(types, direction, &[], &[]) / self.estimates.nodes()
                };
                let once: f64 = hops_of(repeat).into_iter().map(of_hop).product();
                let most = max.unwrap_or(u32::MAX).min(min.saturating_add(8)).min(12).max(*min);
                let ways = (*min..=most).map(|n| once.powi(i32::try_from(n).unwrap_or(i32::MAX)));
                ways.sum::<f64>().min(1e12)
            }
        }
    }

    /// Every variable of the graph, which may have more elements than sets can hold.
    pub(super) fn slots(&self) -> BTreeSet<usize> {
        let of_nodes = self.graph.nodes.iter().map(|node| node.slot);
        of_nodes.chain(self.graph.edges.iter().flat_map(Edge::slots)).collect()
    }

    /// The variables that some nodes and edges bind.
    fn covered_slots(&self, nodes: u64, edges: u64) -> BTreeSet<usize> {
        let of_nodes = self.graph.nodes.iter().enumerate().filter(|(at, _)| nodes & 1 << at != 0);
        let of_edges = self.graph.edges.iter().enumerate().filter(|(at, _)| edges & 1 << at != 0);
        of_nodes.map(|(_, node)| node.slot).chain(of_edges.flat_map(|(_, edge)| edge.slots())).collect()
    }

    /// The graph's connected parts.
    fn components(&self) -> Vec<Component> {
        let mut components: Vec<Component> = Vec::new();
        for node in 0..self.graph.nodes.len() {
            components.push(Component {
                nodes: 1 << node,
                edges: 0,
                is_given: self.graph.nodes[node].is_bound,
            });
        }
        for (at, edge) in self.graph.edges.iter().enumerate() {
            let ends = 1 << edge.from | 1 << edge.to;
            let first = self.graph.bound_by(at).map_or(0, |first| 1 << first);
            let (touched, rest): (Vec<_>, Vec<_>) = components
                .into_iter()
                .partition(|component| component.nodes & ends != 0 || component.edges & first != 0);
            let mut whole = Component { nodes: 0, edges: 1 << at, is_given: self.graph.is_given(at) };
            for part in touched {
                whole.nodes |= part.nodes;
                whole.edges |= part.edges;
                whole.is_given |= part.is_given;
            }
            components = rest;
            components.push(whole);
        }
        components
    }
}

/// A connected part of a query graph.
#[derive(Debug)]
struct Component {
    nodes: u64,
    edges: u64,
    /// Whether the rows bind any of it.
    is_given: bool,
}

impl Condition {
    /// Whether variables that are bound are all that it needs of the graph.
    pub(super) fn is_ready(&self, bound: &BTreeSet<usize>) -> bool {
        !self.is_late && self.needs.is_subset(bound)
    }
}

/// What a condition needs.
fn condition(graph: &QueryGraph, estimates: Estimates<'_>, expr: &Expr) -> Condition {
    let mut found = Condition {
        expr: expr.clone(),
        needs: BTreeSet::new(),
        nodes: 0,
        edges: 0,
        needs_outer: false,
        is_late: false,
        share: estimates.share(expr),
    };
    for slot in expr.free_variables() {
        let node = graph.nodes.iter().position(|node| node.slot == slot);
        let edge = graph.edges.iter().position(|edge| match &edge.kind {
            EdgeKind::Segment(segment) => {
                edge.slot == slot || segment.pattern.parts.iter().any(|part| part.list == Some(slot))
            }
            EdgeKind::Hop { .. } => edge.slot == slot,
        });
        match (node, edge) {
            (Some(node), _) => found.nodes |= 1_u64.checked_shl(bit(node)).unwrap_or(0),
            (None, Some(edge)) => found.edges |= 1_u64.checked_shl(bit(edge)).unwrap_or(0),
            (None, None) => {
                found.is_late |= graph.paths.iter().any(|(path, ..)| *path == slot);
                found.needs_outer = true;
                continue;
            }
        }
        found.needs.insert(slot);
    }
    found
}

fn bit(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

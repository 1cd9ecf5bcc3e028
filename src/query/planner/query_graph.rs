//! What a `MATCH` asks for, without an order: nodes, edges between them, conditions.
//!
//! Patterns that only fix which relationships and repetitions join which nodes are
//! taken apart here, so that the planner can put them together in any order. A
//! pattern with a selector, an order in time, or a mode that looks at the whole path
//! stays whole, and so does one with two repetitions, which may find a path twice.

use std::collections::BTreeSet;

use crate::error::Span;
use crate::model::Value;
use crate::query::ast::{BinaryOp, Direction, PathMode};
use crate::query::expr::Expr;
use crate::query::matching;
use crate::query::physical::type_names;
use crate::query::plan::{Part, Pattern, Same, Selector, Shape, Start};

/// Nodes and edges with the conditions on them.
#[derive(Debug, Default)]
pub(super) struct QueryGraph {
    /// The variables of the nodes.
    pub(super) nodes: Vec<Node>,
    /// Relationships and repetitions.
    pub(super) edges: Vec<Edge>,
    /// What has to be true.
    pub(super) conditions: Vec<Expr>,
    /// Paths to be put together: the variable, the first node's, and those of the hops.
    pub(super) paths: Vec<(usize, usize, Vec<usize>)>,
}

/// A node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) slot: usize,
    /// Whether the rows bind it already.
    pub(super) is_bound: bool,
}

/// What joins two nodes.
#[derive(Debug)]
pub(super) struct Edge {
    /// The number of the node on the left.
    pub(super) from: usize,
    /// The number of the node on the right.
    pub(super) to: usize,
    /// What it is.
    pub(super) kind: EdgeKind,
    /// The types it may have; `None` for all.
    pub(super) types: Option<Vec<String>>,
    /// Whether no other such edge of the clause may have the same relationship.
    pub(super) is_unique: bool,
    /// The variable of its relationship, or of the list of them.
    pub(super) slot: usize,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum EdgeKind {
    /// One relationship; `is_bound` where the rows or an edge before it bind it.
    Hop { direction: Direction, is_bound: bool },
    /// A repetition: a pattern of two nodes with it between.
    Segment(Box<Segment>),
}

/// A repetition.
#[derive(Debug)]
pub(super) struct Segment {
    /// From left to right, with any nodes as its ends.
    pub(super) pattern: Pattern,
    /// The variables that its conditions need.
    pub(super) needs: BTreeSet<usize>,
    /// Whether it can be walked from the right as well.
    pub(super) turns: bool,
}

/// Whether a pattern can be taken apart.
pub(super) fn comes_apart(pattern: &Pattern) -> bool {
    let n_repeats = pattern.shape.iter().filter(|shape| matches!(shape, Shape::Repeat { .. })).count();
    let hops = pattern.shape.iter().filter_map(|shape| match shape {
        Shape::Hop(part) => pattern.parts[*part].same_as,
        _ => None,
    });
    matches!(pattern.selector, None | Some(Selector::All))
        && matches!(pattern.mode, None | Some(PathMode::Trail | PathMode::Walk))
        && pattern.chrono.is_none()
        && n_repeats <= 1
        && nodes_meet_alone(&pattern.shape)
        // A relationship that stands twice in one pattern.
        && !hops.into_iter().any(|same| matches!(same, Same::Part(_)))
}

/// Whether nodes and steps alternate; parentheses may make two node patterns meet.
fn nodes_meet_alone(shape: &[Shape]) -> bool {
    let walked = shape.iter().filter(|shape| !matches!(shape, Shape::Filter(_)));
    walked.enumerate().all(|(at, shape)| matches!(shape, Shape::Node(_)) == at.is_multiple_of(2))
}

impl QueryGraph {
    /// Adds a pattern. `is_bound` tells which variables the rows bind already;
    /// `new_slot` makes variables for what has none.
    pub(super) fn add(
        &mut self,
        pattern: &Pattern,
        is_bound: &dyn Fn(usize) -> bool,
        new_slot: &mut dyn FnMut() -> usize,
    ) {
        let is_unique = pattern.mode != Some(PathMode::Walk);
        let mut left: Option<usize> = None;
        let mut first = None;
        let mut hops = Vec::new();
        let filters = pattern.shape.iter().filter_map(|shape| match shape {
            Shape::Filter(part) => Some(&pattern.parts[*part].filters),
            _ => None,
        });
        self.conditions.extend(filters.flatten().cloned());
        let mut elements = pattern.shape.iter().filter(|shape| !matches!(shape, Shape::Filter(_)));
        while let Some(element) = elements.next() {
            match element {
                Shape::Node(part) => {
                    let node = self.node(&pattern.parts[*part], is_bound, new_slot);
                    first.get_or_insert(self.nodes[node].slot);
                    left = Some(node);
                }
                step => {
                    // Nodes and steps alternate.
                    let (Some(from), Some(Shape::Node(next))) = (left, elements.next()) else { continue };
                    let to = self.node(&pattern.parts[*next], is_bound, new_slot);
                    let edge = match step {
                        Shape::Hop(part) => self.hop(pattern, *part, is_bound, new_slot),
                        repeat => segment(pattern, repeat, new_slot),
                    };
                    let (kind, types, slot) = edge;
                    hops.push(slot);
                    let span = pattern.span;
                    self.edges.push(Edge { from, to, kind, types, is_unique, slot, span });
                    left = Some(to);
                }
            }
        }
        if let (Some(path), Some(first)) = (pattern.path, first) {
            self.paths.push((path, first, hops));
        }
    }

    /// The edge that binds the relationship of another, which has the same variable.
    pub(super) fn bound_by(&self, edge: usize) -> Option<usize> {
        self.edges[..edge].iter().position(|earlier| earlier.slot == self.edges[edge].slot)
    }

    /// Whether the rows bind an edge's relationship.
    pub(super) fn is_given(&self, edge: usize) -> bool {
        let is_bound = matches!(self.edges[edge].kind, EdgeKind::Hop { is_bound: true, .. });
        is_bound && self.bound_by(edge).is_none()
    }

    /// The number of a node, with what a part asks of it.
    fn node(
        &mut self,
        part: &Part,
        is_bound: &dyn Fn(usize) -> bool,
        new_slot: &mut dyn FnMut() -> usize,
    ) -> usize {
        let slot = part.slot.unwrap_or_else(new_slot);
        self.conditions.extend(conditions_of(part, slot));
        if let Some(known) = self.nodes.iter().position(|node| node.slot == slot) {
            return known;
        }
        self.nodes.push(Node { slot, is_bound: is_bound(slot) });
        self.nodes.len() - 1
    }

    fn hop(
        &mut self,
        pattern: &Pattern,
        at: usize,
        is_bound: &dyn Fn(usize) -> bool,
        new_slot: &mut dyn FnMut() -> usize,
    ) -> (EdgeKind, Option<Vec<String>>, usize) {
        let part = &pattern.parts[at];
        let slot = part.slot.unwrap_or_else(new_slot);
        let types = type_names(part.labels.as_ref());
        let mut part_without_types = part.clone();
        if types.is_some() {
            part_without_types.labels = None;
        }
        self.conditions.extend(conditions_of(&part_without_types, slot));
        // Two patterns of one clause cannot share a relationship, unless they are walks.
        let stands_twice = self.edges.iter().any(|edge| edge.slot == slot && edge.is_unique);
        if stands_twice && pattern.mode != Some(PathMode::Walk) {
            self.conditions.push(Expr::Literal(Value::Bool(false)));
        }
        let known = is_bound(slot) || self.edges.iter().any(|edge| edge.slot == slot);
        (EdgeKind::Hop { direction: part.direction, is_bound: known }, types, slot)
    }
}

/// What a part asks of its element, as conditions on a variable.
pub(in crate::query) fn conditions_of(part: &Part, slot: usize) -> Vec<Expr> {
    let element = || Box::new(Expr::Var(slot));
    let span = Span::default();
    let labels = part.labels.iter().map(|labels| Expr::HasLabels(element(), labels.clone(), span));
    let properties = part.properties.iter().map(|(name, value)| {
        let property = Box::new(Expr::Property(element(), name.clone(), span));
        Expr::Binary(BinaryOp::Equal, property, Box::new(value.clone()), span)
    });
    labels.chain(properties).chain(part.filters.iter().cloned()).collect()
}

/// A repetition as a pattern of its own.
fn segment(
    pattern: &Pattern,
    repeat: &Shape,
    new_slot: &mut dyn FnMut() -> usize,
) -> (EdgeKind, Option<Vec<String>>, usize) {
    let mut parts = vec![Part::default(), Part::default()];
    let first = parts.len();
    let old = repeat.parts();
    for &part in &old {
        let mut part = pattern.parts[part].clone();
        if let Some(Same::Part(earlier)) = part.same_as {
            let at = old.iter().position(|other| *other == earlier).unwrap_or_default();
            part.same_as = Some(Same::Part(first + at));
        }
        parts.push(part);
    }
    let renumbered = |part: usize| first + old.iter().position(|other| *other == part).unwrap_or_default();
    let repeat = renumber(repeat, &renumbered);
    let types: Option<Vec<Vec<String>>> =
        hops_of(&repeat).into_iter().map(|hop| type_names(parts[hop].labels.as_ref())).collect();
    let turns_by_shape = is_simple(&repeat);
    let pattern = Pattern {
        path: None,
        shape: vec![Shape::Node(0), repeat, Shape::Node(1)],
        parts,
        selector: None,
        cost: None,
        chrono: None,
        probe: None,
        mode: pattern.mode,
        start: Start::AllNodes,
        span: pattern.span,
    };
    let bound: Vec<usize> =
        pattern.parts.iter().flat_map(|part| part.slot.into_iter().chain(part.list)).collect();
    let needs = pattern.uses().into_iter().filter(|slot| !bound.contains(slot)).collect();
    let turns = turns_by_shape && matching::is_memoryless(&pattern);
    let segment = Segment { pattern, needs, turns };
    (EdgeKind::Segment(Box::new(segment)), types.map(|types| types.concat()), new_slot())
}

/// An element of a shape with other numbers for its parts.
fn renumber(shape: &Shape, number: &dyn Fn(usize) -> usize) -> Shape {
    match shape {
        Shape::Node(part) => Shape::Node(number(*part)),
        Shape::Hop(part) => Shape::Hop(number(*part)),
        Shape::Filter(part) => Shape::Filter(number(*part)),
        Shape::Repeat { body, min, max } => {
            let body = body.iter().map(|shape| renumber(shape, number)).collect();
            Shape::Repeat { body, min: *min, max: *max }
        }
    }
}

/// The relationships of an element.
pub(super) fn hops_of(shape: &Shape) -> Vec<usize> {
    match shape {
        Shape::Hop(part) => vec![*part],
        Shape::Node(_) | Shape::Filter(_) => Vec::new(),
        Shape::Repeat { body, .. } => body.iter().flat_map(hops_of).collect(),
    }
}

/// Whether a repetition has nodes and relationships in turn, and at most a filter at its end.
fn is_simple(repeat: &Shape) -> bool {
    let Shape::Repeat { body, .. } = repeat else { return false };
    let inner = match body.split_last() {
        Some((Shape::Filter(_), inner)) => inner,
        _ => body.as_slice(),
    };
    nodes_meet_alone(inner) && inner.iter().all(|shape| matches!(shape, Shape::Node(_) | Shape::Hop(_)))
}

/// A repetition's pattern read from right to left.
pub(super) fn reversed(pattern: &Pattern) -> Pattern {
    let mut turned = pattern.clone();
    for shape in &mut turned.shape {
        let Shape::Repeat { body, .. } = shape else { continue };
        let last = body.pop_if(|last| matches!(last, Shape::Filter(_)));
        body.reverse();
        body.extend(last);
        for hop in body.iter().flat_map(hops_of) {
            turned.parts[hop].direction = self::turned(turned.parts[hop].direction);
        }
    }
    turned
}

/// The direction seen from the other end.
pub(super) fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Outgoing => Direction::Incoming,
        Direction::Incoming => Direction::Outgoing,
        Direction::Either => Direction::Either,
    }
}

impl Edge {
    /// The variables that it binds.
    pub(super) fn slots(&self) -> Vec<usize> {
        let lists = match &self.kind {
            EdgeKind::Hop { .. } => &[][..],
            EdgeKind::Segment(segment) => &segment.pattern.parts,
        };
        lists.iter().filter_map(|part| part.list).chain([self.slot]).collect()
    }

    /// Whether a relationship can be one of both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (&self.types, &other.types) {
            (Some(own), Some(other)) => own.iter().any(|kind| other.contains(kind)),
            _ => true,
        }
    }
}

//! A path pattern as the search walks it.
//!
//! Nodes and steps in turn. What a node or relationship has to satisfy is asked
//! of a [`super::Matcher`] by the slot's number, so that this layer knows nothing
//! of expressions.

use crate::graph::{Direction, Symbol};

/// The number of a node or relationship pattern, unique in its pattern.
pub type Slot = usize;

/// A path pattern: begins and ends with a node, and nodes and steps alternate.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Nodes at even positions, steps at odd ones.
    pub elements: Vec<Element>,
}

/// An element of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A node.
    Node(NodeStep),
    /// One relationship.
    Hop(HopStep),
    /// A quantified relationship or a quantified group.
    Repeat(Repeat),
}

/// A node pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeStep {
    /// Its number; `None` where any node will do and nobody asks for it.
    pub slot: Option<Slot>,
    /// Its bound on waiting, in units of the clock.
    pub wait: Option<i64>,
}

impl NodeStep {
    /// Any node.
    pub const ANY: Self = Self { slot: None, wait: None };
}

/// A relationship pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct HopStep {
    /// Its number.
    pub slot: Slot,
    /// The types it may have; `None` for all.
    pub types: Option<Vec<Symbol>>,
    /// Which way it is walked.
    pub direction: Direction,
}

/// Something repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// What is repeated.
    pub body: Body,
    /// How often at least.
    pub min: u32,
    /// How often at most; `None` for unbounded.
    pub max: Option<u32>,
}

/// One repetition: `nodes` has one more than `hops`.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// The nodes; the last of one repetition is the first of the next.
    pub nodes: Vec<NodeStep>,
    /// The relationships between them.
    pub hops: Vec<HopStep>,
    /// The number of the filter that each repetition has to pass.
    pub filter: Option<Slot>,
}

impl Pattern {
    /// Whether two ways through the pattern may give the same path: only where
    /// more than one thing is repeated.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.elements.iter().filter(|element| matches!(element, Element::Repeat(_))).count() > 1
    }

    /// The node pattern at an even position.
    pub(super) fn node(&self, position: usize) -> NodeStep {
        match &self.elements[position] {
            Element::Node(node) => *node,
            Element::Hop(_) | Element::Repeat(_) => unreachable!("nodes stand at even positions"),
        }
    }
}

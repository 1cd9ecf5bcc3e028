//! A path pattern as the search walks it.
//!
//! Nodes and steps in turn. What a node or relationship has to satisfy is asked
//! of a [`super::Matcher`] by the slot's number, so that this layer knows nothing
//! of expressions.

use crate::graph::{Direction, Symbol};

/// The number of a node or relationship pattern, unique in its pattern.
pub type Slot = usize;

/// A path pattern: begins and ends with a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Nodes and steps. Nodes that stand beside each other both have to match the same node.
    pub elements: Vec<Element>,
}

/// An element of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A node.
    Node(NodeStep),
    /// One relationship; a node stands before it and after it.
    Hop(HopStep),
    /// A filter, by its number, on what was matched before it.
    Filter(Slot),
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
    /// What is repeated: begins and ends with a node, where one repetition meets
    /// the next, and walks at least one relationship.
    pub body: Vec<Element>,
    /// How often at least.
    pub min: u32,
    /// How often at most; `None` for unbounded.
    pub max: Option<u32>,
}

impl Pattern {
    /// Whether two ways through the pattern may give the same path: only where
    /// more than one thing is repeated.
    pub(super) fn is_ambiguous(&self) -> bool {
        n_repeats(&self.elements) > 1
    }

    /// Whether the pattern says how long its paths can be.
    pub(super) fn is_bounded(&self) -> bool {
        fn bounded(elements: &[Element]) -> bool {
            elements.iter().all(|element| match element {
                Element::Repeat(repeat) => repeat.max.is_some() && bounded(&repeat.body),
                Element::Node(_) | Element::Hop(_) | Element::Filter(_) => true,
            })
        }
        bounded(&self.elements)
    }

    /// Whether every path of the pattern has a relationship.
    pub(super) fn needs_a_hop(&self) -> bool {
        self.elements.iter().any(|element| match element {
            Element::Node(_) | Element::Filter(_) => false,
            Element::Hop(_) => true,
            Element::Repeat(repeat) => repeat.min > 0,
        })
    }
}

fn n_repeats(elements: &[Element]) -> usize {
    let within = |element: &Element| match element {
        Element::Repeat(repeat) => 1 + n_repeats(&repeat.body),
        Element::Node(_) | Element::Hop(_) | Element::Filter(_) => 0,
    };
    elements.iter().map(within).sum()
}

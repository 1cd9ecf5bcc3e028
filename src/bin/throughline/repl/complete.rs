//! What can be typed next.

use std::collections::BTreeSet;

use throughline::graph::Graph;

/// The words of a case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    labels: Vec<String>,
    types: Vec<String>,
    properties: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Vocabulary {
    /// The words that a graph uses.
    pub(crate) fn of(_graph: &Graph) -> Self {
        Self::default()
    }
}

//! What the benchmarks share: a seeded generator and an R-MAT graph.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use throughline::graph::Graph;
use throughline::model::{Effect, NodeData, NodeId, RelationshipData, Value};

/// The generator SplitMix64, so that every run has the same graph.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// The ends of a relationship: each bit halves the matrix, with the chances
    /// 57, 19, 19 and 5 of 100 for its quarters.
    pub(crate) fn ends(&mut self, scale: u32) -> (NodeId, NodeId) {
        let (mut start, mut end) = (0, 0);
        for _ in 0..scale {
            let (down, right) = match self.below(100) {
                0..57 => (0, 0),
                57..76 => (0, 1),
                76..95 => (1, 0),
                _ => (1, 1),
            };
            (start, end) = (start << 1 | down, end << 1 | right);
        }
        (NodeId(start), NodeId(end))
    }
}

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// An R-MAT graph of 2^`scale` nodes with `degree` relationships a node, of random `types`.
pub(crate) fn rmat(scale: u32, degree: u32, types: &[&str], node: impl Fn(u32) -> NodeData) -> Graph {
    let (mut graph, mut random) = (Graph::new(), Random(1));
    for id in 0..1_u32 << scale {
        let effect = Effect::CreateNode { id: graph.next_node(), node: node(id) };
        graph.apply(&effect).expect("the id is new");
    }
    for _ in 0..(1_u32 << scale) * degree {
        let (start, end) = random.ends(scale);
        let kind = types[random.below(types.len())].to_owned();
        let relationship = RelationshipData { key: None, kind, start, end, properties: Default::default() };
        let effect = Effect::CreateRelationship { id: graph.next_relationship(), relationship };
        graph.apply(&effect).expect("the ends are there");
    }
    graph
}

/// A node with the label `N` and its number as `id`, a text, by which statements find it.
pub(crate) fn numbered(id: u32) -> NodeData {
    let properties = [("id".to_owned(), Value::from(id.to_string()))].into_iter().collect();
    NodeData { key: None, labels: vec!["N".to_owned()], properties }
}

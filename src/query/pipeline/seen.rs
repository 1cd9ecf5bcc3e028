//! What an aggregate with `DISTINCT` has counted.

use rustc_hash::FxHashSet;

use super::keys::Keys;
use crate::model::{NodeId, Value};

/// A set of nodes: a table while it is small, and a bitmap once that is smaller.
enum Nodes {
    Few(FxHashSet<NodeId>),
    Many(Vec<u64>),
}

/// More nodes than this are kept as a bitmap.
const FEW_MAX: usize = 1024;

impl Nodes {
    fn insert(&mut self, id: NodeId) -> bool {
        match self {
            Self::Few(few) => {
                let is_new = few.insert(id);
                if few.len() > FEW_MAX {
                    let mut many = Vec::new();
                    for id in few.drain() {
                        set(&mut many, id);
                    }
                    *self = Self::Many(many);
                }
                is_new
            }
            Self::Many(words) => set(words, id),
        }
    }
}

/// Sets a node's bit; whether it was not set before.
fn set(words: &mut Vec<u64>, id: NodeId) -> bool {
    let (at, bit) = (id.index() / 64, 1_u64 << (id.index() % 64));
    if at >= words.len() {
        words.resize((at + 1).max(2 * words.len()), 0);
    }
    let is_new = words[at] & bit == 0;
    words[at] |= bit;
    is_new
}

/// Values that were met, where equal ones count once.
pub(in crate::query) struct Seen {
    nodes: Nodes,
    others: Keys,
}

impl Default for Seen {
    fn default() -> Self {
        Self { nodes: Nodes::Few(FxHashSet::default()), others: Keys::default() }
    }
}

impl Seen {
    /// Adds a value; gives whether it is new.
    pub(in crate::query) fn add(&mut self, value: &Value) -> bool {
        match value {
            Value::Node(id) => self.nodes.insert(*id),
            other => self.others.add(std::slice::from_ref(other)),
        }
    }

    /// Adds nodes; gives how many of them are new.
    pub(in crate::query) fn add_nodes(&mut self, ids: &[NodeId]) -> usize {
        ids.iter().filter(|&&id| self.nodes.insert(id)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_counted_once_before_and_after_they_become_many() {
        let mut seen = Seen::default();
        let ids: Vec<NodeId> = (0..5000).map(|i| NodeId(i * 37 % 4001)).collect();
        assert_eq!(seen.add_nodes(&ids), 4001);
        assert_eq!(seen.add_nodes(&ids), 0);
        assert!(seen.add(&Value::Node(NodeId(1_000_000))) && !seen.add(&Value::Node(NodeId(7))));
        assert!(seen.add(&Value::Int(7)) && !seen.add(&Value::Float(7.0)));
    }
}

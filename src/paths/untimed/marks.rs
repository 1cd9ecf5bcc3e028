//! Sets of states at nodes, kept for the next search.
//!
//! A bit for each node and state, so that a set of a million nodes is 128 KB and
//! stays in the processor's cache. Clearing costs as much as was put in, and no
//! search pays for the size of the graph but the first.

use std::cell::RefCell;

use super::automaton::StateId;
use crate::model::NodeId;

/// A set of states at nodes.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// For each state a bit for each node; empty until something is put in.
    states: Vec<Vec<u64>>,
    n_words: usize,
}

impl Marks {
    /// Makes room for states and nodes.
    fn resize(&mut self, n_states: usize, n_nodes: usize) {
        let n_words = n_nodes.div_ceil(64);
        if n_words != self.n_words {
            self.states.clear();
            self.n_words = n_words;
        }
        if self.states.len() < n_states {
            self.states.resize_with(n_states, Vec::new);
        }
    }

    #[inline]
    pub(super) fn contains(&self, state: StateId, node: NodeId) -> bool {
        let word = self.states[state as usize].get(node.index() / 64);
        word.is_some_and(|word| word & (1 << (node.index() % 64)) != 0)
    }

    /// 64 nodes in a state, a bit for each.
    pub(super) fn word(&self, state: StateId, at: usize) -> u64 {
        self.states[state as usize].get(at).copied().unwrap_or(0)
    }

    /// Puts a state in; whether it was not there.
    #[inline]
    pub(super) fn insert(&mut self, state: StateId, node: NodeId) -> bool {
        let words = &mut self.states[state as usize];
        if words.is_empty() {
            *words = vec![0; self.n_words];
        }
        let (word, bit) = (&mut words[node.index() / 64], 1 << (node.index() % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn remove(&mut self, state: StateId, node: NodeId) {
        if let Some(word) = self.states[state as usize].get_mut(node.index() / 64) {
            *word = 0;
        }
    }

    fn n_bytes(&self) -> usize {
        self.states.iter().map(|words| words.len() * 8).sum()
    }
}

/// Sets larger than this are not kept.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// So many sets are kept at most.
const KEPT_MAX: usize = 8;

thread_local! {
    /// Empty sets from earlier searches of this thread.
    static KEPT: RefCell<Vec<Marks>> = const { RefCell::new(Vec::new()) };
}

/// An empty set.
pub(super) fn take(n_states: usize, n_nodes: usize) -> Marks {
    let mut marks = KEPT.with(|kept| kept.borrow_mut().pop()).unwrap_or_default();
    marks.resize(n_states, n_nodes);
    marks
}

/// Gives a set back; `members` are all that was put in.
pub(super) fn give_back(mut marks: Marks, members: impl Iterator<Item = (StateId, NodeId)>) {
    if marks.n_bytes() > KEPT_BYTES_MAX {
        return;
    }
    members.for_each(|(state, node)| marks.remove(state, node));
    KEPT.with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() < KEPT_MAX {
            kept.push(marks);
        }
    });
}

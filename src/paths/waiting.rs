//! What a search keeps while it runs: beginnings and complete paths that wait for
//! their turn, and what each pair of ends has got.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::rank::{Key, Selector};
use super::search::{Match, Step};
use crate::model::Path;

/// A beginning, or a complete path, waiting for its turn.
pub(super) struct Candidate {
    pub(super) key: Key,
    /// Complete paths come before beginnings of the same key.
    pub(super) found: Option<Match>,
    pub(super) step: Rc<Step>,
    pub(super) number: u64,
}

impl Candidate {
    /// Of equal keys: complete ones by their path, then beginnings, newest first,
    /// which keeps the queue short.
    fn rank(&self) -> (Key, bool, Option<&Path>, Reverse<u64>) {
        let path = self.found.as_ref().map(|found| &found.path);
        (self.key, path.is_none(), path, Reverse(self.number))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    /// Reversed, since the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
    }
}

/// What has been found between one start and one end.
#[derive(Default)]
pub(super) struct Pair {
    pub(super) paths: u64,
    lengths: Vec<usize>,
    /// The least keys of paths that wait or were found, as many as are asked for.
    best: BinaryHeap<Key>,
}

impl Pair {
    /// Whether a path of this length is still asked for.
    pub(super) fn wants(&self, selector: Selector, n_hops: usize) -> bool {
        let more_paths = selector.paths_max().is_none_or(|most| self.paths < most);
        let more_lengths = selector
            .lengths_max()
            .is_none_or(|most| self.lengths.contains(&n_hops) || (self.lengths.len() as u64) < most);
        more_paths && more_lengths
    }

    /// Whether a path with this key can be one of the `most` best; remembers it.
    pub(super) fn may_take(&mut self, key: Key, most: u64) -> bool {
        if (self.best.len() as u64) < most {
            self.best.push(key);
            return true;
        }
        let Some(mut worst) = self.best.peek_mut() else { return false };
        let may = key <= *worst;
        if may {
            *worst = key;
        }
        may
    }

    pub(super) fn count(&mut self, n_hops: usize) {
        self.paths += 1;
        if !self.lengths.contains(&n_hops) {
            self.lengths.push(n_hops);
        }
    }
}

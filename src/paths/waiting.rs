//! What a search keeps while it runs: beginnings and complete paths that wait for
//! their turn, and what each pair of ends has got.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::question::Match;
use super::rank::{Key, Selector};
use super::step::Step;

/// A beginning, or a complete path, waiting for its turn.
pub(super) struct Candidate {
    pub(super) key: Key,
    /// Complete paths come before beginnings of the same key.
    pub(super) found: Option<Match>,
    pub(super) step: Rc<Step>,
    pub(super) number: u64,
    /// Whether beginnings of equal keys go in the order of their paths, else newest first.
    pub(super) in_order: bool,
}

impl Candidate {
    /// Of equal keys: complete ones come first, in the order of their paths. Beginnings
    /// that merge are in that order too, so that ties fall alike. In either order a
    /// beginning is followed by its own extensions, which keeps the queue short.
    fn order(&self, other: &Self) -> Ordering {
        let is_open = |candidate: &Self| candidate.found.is_none();
        self.key
            .cmp(&other.key)
            .then_with(|| is_open(self).cmp(&is_open(other)))
            .then_with(|| match (&self.found, &other.found) {
                (Some(a), Some(b)) => a.path.cmp(&b.path),
                _ if self.in_order => order_of_paths(&self.step, &other.step),
                _ => Ordering::Equal,
            })
            .then_with(|| other.number.cmp(&self.number))
    }
}

/// Compares two beginnings as [`Path`](crate::model::Path)s: by their nodes, then by
/// their relationships.
///
/// # Complexity
/// O(hops since the two parted), where they have as many; else O(hops).
fn order_of_paths(a: &Rc<Step>, b: &Rc<Step>) -> Ordering {
    let (mut at_a, mut at_b) = (Some(a.as_ref()), Some(b.as_ref()));
    let (mut nodes, mut relationships) = (a.n_hops.cmp(&b.n_hops), a.n_hops.cmp(&b.n_hops));
    while let (Some(a), Some(b)) = (at_a, at_b) {
        if std::ptr::eq(a, b) {
            break;
        }
        // Where a step only changes its place in the pattern, the path does not change.
        match (a.via, b.via) {
            _ if a.n_hops > b.n_hops => at_a = a.before(),
            _ if b.n_hops > a.n_hops => at_b = b.before(),
            (None, Some(_)) => at_a = a.before(),
            (Some(_), None) => at_b = b.before(),
            (via_a, via_b) => {
                // What is nearer to the start counts more, and comes later here.
                nodes = a.node.cmp(&b.node).then(nodes);
                relationships = via_a.cmp(&via_b).then(relationships);
                (at_a, at_b) = (a.before(), b.before());
            }
        }
    }
    nodes.then(relationships)
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
        other.order(self)
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

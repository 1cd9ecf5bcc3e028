//! The facts nearest above each node of a graph, for all nodes at once.
//!
//! Going up from each node by itself takes as long as what lies above it, for every node again: a chain of
//! n owners with one unknown share at its top would take n² steps. So the facts go down instead, one step
//! of all of them at a time, and each node keeps the first that come and hands on only these. What a node
//! did not keep is nearer to none below it than what it kept, so that nothing is lost by that.

use crate::error::Result;

/// For each node at most `most` facts of its own and of the nodes above it: the nearest first, and those
/// that are equally near in their order.
///
/// `below` has for each node those to which its facts go down.
///
/// # Errors
/// What `check` gives, which is asked after every step.
///
/// # Complexity
/// O(most · E · log E) for E steps down.
pub(super) fn nearest<T: Copy + Ord>(
    own: Vec<Vec<T>>,
    below: &[Vec<u32>],
    most: usize,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<Vec<T>>> {
    let mut known = own;
    for facts in &mut known {
        facts.sort_unstable();
        facts.dedup();
        facts.truncate(most);
    }
    // Nodes with the place of the first fact that they have not handed on.
    let mut fresh: Vec<(u32, usize)> = (0..).zip(&known).map(|(node, _)| (node, 0)).collect();
    while !fresh.is_empty() {
        check()?;
        let mut coming: Vec<(u32, T)> = Vec::new();
        for &(node, from) in &fresh {
            let facts = &known[node as usize][from..];
            let has_room = |node: &&u32| known[**node as usize].len() < most;
            for &next in below[node as usize].iter().filter(has_room) {
                coming.extend(facts.iter().map(|&fact| (next, fact)));
            }
        }
        coming.sort_unstable();
        coming.dedup();
        fresh.clear();
        for (node, fact) in coming {
            let facts = &mut known[node as usize];
            if facts.len() == most || facts.contains(&fact) {
                continue;
            }
            if fresh.last().is_none_or(|(last, _)| *last != node) {
                fresh.push((node, facts.len()));
            }
            facts.push(fact);
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(own: Vec<Vec<u32>>, below: &[Vec<u32>], most: usize) -> Vec<Vec<u32>> {
        nearest(own, below, most, &|| Ok(())).expect("nothing stops it")
    }

    #[test]
    fn the_nearest_come_first_and_no_more_than_asked() {
        // 3 and 2 stand above 1, and 1 above 0; 2 and 0 stand above each other.
        let below = [vec![2], vec![0], vec![1, 0], vec![1]];
        let own = vec![vec![], vec![9], vec![4, 5], vec![1]];
        assert_eq!(of(own.clone(), &below, 9)[0], [4, 5, 9, 1]);
        assert_eq!(of(own, &below, 3), [vec![4, 5, 9], vec![9, 1, 4], vec![4, 5, 9], vec![1]]);
    }

    #[test]
    fn a_long_chain_takes_no_longer_than_its_length() {
        let n = 200_000_u32;
        let below: Vec<Vec<u32>> = (1..=n).map(|next| if next < n { vec![next] } else { vec![] }).collect();
        let mut own = vec![Vec::new(); n as usize];
        own[0].push(7);
        assert!(of(own, &below, 20).iter().all(|facts| *facts == [7]));
    }

    #[test]
    fn walking_up_from_each_node_gives_the_same() {
        let mut state = 1_u64;
        let mut below_n = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for _ in 0..2000 {
            let n = 1 + below_n(7) as usize;
            let own: Vec<Vec<u32>> =
                (0..n).map(|_| (0..below_n(4)).map(|_| below_n(12) as u32).collect()).collect();
            let below: Vec<Vec<u32>> =
                (0..n).map(|_| (0..below_n(4)).map(|_| below_n(n as u64) as u32).collect()).collect();
            let most = 1 + below_n(5) as usize;
            let walked: Vec<Vec<u32>> = (0..n).map(|node| walk_up(&own, &below, node, most)).collect();
            assert_eq!(of(own.clone(), &below, most), walked, "{own:?} {below:?}");
        }
    }

    fn walk_up(own: &[Vec<u32>], below: &[Vec<u32>], node: usize, most: usize) -> Vec<u32> {
        let (mut level, mut seen, mut found) = (vec![node], vec![node], Vec::<u32>::new());
        while !level.is_empty() {
            let mut facts: Vec<u32> = level.iter().flat_map(|&at| own[at].clone()).collect();
            facts.sort_unstable();
            for fact in facts {
                if !found.contains(&fact) {
                    found.push(fact);
                }
            }
            let is_above = |at: &usize| below[*at].iter().any(|&next| level.contains(&(next as usize)));
            level = (0..own.len()).filter(is_above).filter(|at| !seen.contains(at)).collect();
            seen.extend(&level);
        }
        found.truncate(most);
        found
    }
}

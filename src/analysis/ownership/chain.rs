//! Owners of owners: chains up from an entity, and the owners at their ends.
//!
//! A chain is told as it is, with the share of each step. No product of shares is given: under the
//! 50 Percent Rule it means nothing, and where shares are missing it cannot be had.

use rustc_hash::FxHashMap;

use super::as_of::{AsOf, Truth};
use super::share::Range;
use super::written::share_of;
use crate::error::Result;
use crate::graph::{Direction, Symbol, View};
use crate::model::{NodeId, Path, RelationshipId};

/// A chain from an owner down to the entity.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerChain {
    /// From the owner to the entity.
    pub path: Path,
    /// The share of each step.
    pub shares: Vec<Range>,
    /// Whether the owner has no owner on record.
    pub is_ultimate: bool,
    /// Whether each step is certain: held as of the date, and not disputed.
    pub is_certain: bool,
}

/// The chains of an entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chains {
    /// The shorter ones first.
    pub chains: Vec<OwnerChain>,
    /// Whether there are more, which a bound left out.
    pub is_cut: bool,
}

/// An owner that has none on record, or one of several that own each other and have no other.
#[derive(Debug, Clone, PartialEq)]
pub struct UltimateOwner {
    /// The owner.
    pub owner: NodeId,
    /// A shortest chain to the entity.
    pub chain: OwnerChain,
    /// Whether it is owned in a circle, so that nobody on record stands behind it.
    pub is_in_circle: bool,
}

/// Steps up from a node that are held, or may be.
struct Upward<'a> {
    view: View<'a>,
    as_of: &'a AsOf,
    owns: Vec<Symbol>,
}

impl<'a> Upward<'a> {
    fn new(view: View<'a>, as_of: &'a AsOf) -> Self {
        let owns = view.graph().symbol("OWNS").into_iter().collect();
        Self { view: view.for_chronological(true), as_of, owns }
    }

    fn owners(&self, entity: NodeId) -> Vec<(RelationshipId, NodeId)> {
        if self.owns.is_empty() {
            return Vec::new();
        }
        let owners = self.view.expand(entity, Direction::Incoming, &self.owns);
        owners.filter(|(id, _)| self.holds(*id) > Truth::No).collect()
    }

    fn holds(&self, id: RelationshipId) -> Truth {
        self.view.relationship(id).map_or(Truth::No, |relationship| self.as_of.holds(relationship.period))
    }

    /// A chain of which the steps up are known, the first one at the entity.
    fn chain(&self, entity: NodeId, steps: &[(RelationshipId, NodeId)]) -> OwnerChain {
        let nodes = steps.iter().rev().map(|&(_, node)| node).chain([entity]).collect();
        let relationships: Vec<RelationshipId> = steps.iter().rev().map(|&(id, _)| id).collect();
        let is_disputed = |id: &RelationshipId| self.view.is_disputed(crate::model::About::Relationship(*id));
        OwnerChain {
            shares: relationships.iter().map(|&id| share_of(self.view, id).range).collect(),
            is_certain: relationships.iter().all(|id| self.holds(*id) == Truth::Yes && !is_disputed(id)),
            is_ultimate: steps.last().is_some_and(|&(_, owner)| self.owners(owner).is_empty()),
            path: Path { nodes, relationships },
        }
    }
}

/// All chains of owners of an entity that visit no owner twice, as of an instant.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// O(chains found); there can be exponentially many, so that hops and their number are bounded.
pub fn chains(
    view: View<'_>,
    entity: NodeId,
    as_of: &AsOf,
    (hops_max, chains_max): (usize, usize),
    check: &dyn Fn() -> Result<()>,
) -> Result<Chains> {
    let upward = Upward::new(view, as_of);
    let mut found = Chains::default();
    let mut level: Vec<Vec<(RelationshipId, NodeId)>> = vec![Vec::new()];
    for hops in 1..=hops_max.saturating_add(1) {
        let mut next = Vec::new();
        for steps in &level {
            check()?;
            let last = steps.last().map_or(entity, |&(_, owner)| owner);
            for (id, owner) in upward.owners(last) {
                let is_repeated = owner == entity || steps.iter().any(|&(_, known)| known == owner);
                if is_repeated {
                    continue;
                }
                if hops > hops_max || found.chains.len() == chains_max {
                    found.is_cut = true;
                    return Ok(found);
                }
                let steps: Vec<_> = steps.iter().copied().chain([(id, owner)]).collect();
                found.chains.push(upward.chain(entity, &steps));
                next.push(steps);
            }
        }
        level = next;
    }
    Ok(found)
}

/// The owners behind an entity that have none on record themselves, each with a shortest chain.
/// Where owners own each other and nobody else owns them, each of them is given.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// O(V + E) for what lies above the entity.
pub fn ultimate(
    view: View<'_>,
    entity: NodeId,
    as_of: &AsOf,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<UltimateOwner>> {
    let upward = Upward::new(view, as_of);
    let (mut order, mut above) = (vec![entity], Vec::new());
    let mut places: FxHashMap<NodeId, usize> = FxHashMap::from_iter([(entity, 0)]);
    let mut came_by: Vec<Option<(RelationshipId, usize)>> = vec![None];
    let mut at = 0;
    while at < order.len() {
        if at % 4096 == 0 {
            check()?;
        }
        let owners = upward.owners(order[at]);
        let mut owner_places = Vec::with_capacity(owners.len());
        for (id, owner) in owners {
            let place = *places.entry(owner).or_insert_with(|| {
                order.push(owner);
                came_by.push(Some((id, at)));
                order.len() - 1
            });
            owner_places.push(place);
        }
        above.push(owner_places);
        at += 1;
    }
    let groups = circles(&above);
    let mut is_top = vec![true; order.len()];
    for (at, owners) in above.iter().enumerate() {
        if owners.iter().any(|&owner| groups[owner] != groups[at]) {
            is_top[groups[at]] = false;
        }
    }
    let mut found = Vec::new();
    for place in (1..order.len()).filter(|&place| is_top[groups[place]]) {
        let mut steps = Vec::new();
        let mut at = place;
        while let Some((id, below)) = came_by[at] {
            steps.push((id, order[at]));
            at = below;
        }
        steps.reverse();
        let is_in_circle = !above[place].is_empty();
        found.push(UltimateOwner { owner: order[place], chain: upward.chain(entity, &steps), is_in_circle });
    }
    Ok(found)
}

/// For each place a number that it shares with those that it reaches and that reach it: strongly connected
/// components after E. Nuutila and E. Soisalon-Soininen, "On finding the strongly connected components in a
/// directed graph" (1994), as Tarjan's without recursion; the number is a place of the component.
fn circles(above: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let n = above.len();
    let (mut index, mut low, mut group) = (vec![NONE; n], vec![0; n], vec![NONE; n]);
    let (mut open, mut counter) = (Vec::new(), 0);
    for start in 0..n {
        let mut work = if index[start] == NONE { vec![(start, 0)] } else { Vec::new() };
        while let Some(&mut (at, ref mut next)) = work.last_mut() {
            if *next == 0 && index[at] == NONE {
                (index[at], low[at]) = (counter, counter);
                counter += 1;
                open.push(at);
            }
            if let Some(&owner) = above[at].get(*next) {
                *next += 1;
                if index[owner] == NONE {
                    work.push((owner, 0));
                } else if group[owner] == NONE {
                    low[at] = low[at].min(index[owner]);
                }
                continue;
            }
            work.pop();
            if let Some(&(below, _)) = work.last() {
                low[below] = low[below].min(low[at]);
            }
            if low[at] == index[at] {
                while let Some(member) = open.pop() {
                    group[member] = at;
                    if member == at {
                        break;
                    }
                }
            }
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct(groups: &[usize]) -> usize {
        groups.iter().collect::<std::collections::BTreeSet<_>>().len()
    }

    #[test]
    fn circles_are_found_without_recursion() {
        assert_eq!(distinct(&circles(&[vec![1], vec![2], vec![0], vec![0]])), 2);
        assert_eq!(distinct(&circles(&[vec![1, 2], vec![], vec![2]])), 3);
        let long: Vec<Vec<usize>> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert_eq!(distinct(&circles(&long)), 1);
    }
}

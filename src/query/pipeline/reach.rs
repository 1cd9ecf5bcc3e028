//! Which nodes a repeated relationship reaches, each once.
//!
//! Where nobody asks by which path a node was reached, nor how often, a sweep over
//! the nodes answers what a search of paths would, in time linear in the part of the
//! graph that it covers (a breadth-first search; Moore, 1959).
//!
//! **Trails of at least one or no hop.** A shortest walk from one node to another
//! repeats no node, so it is a trail: a node is reached within `max` hops if its
//! distance is at most `max`. Back to the start leads a shortest cycle. Where
//! relationships are walked one way, the first walk that comes back is one. Where
//! they are walked either way, a walk could turn round; the sweep remembers by which
//! relationship of the start each node was first reached, and a shortest cycle
//! closes where two nodes meet that were reached by different ones.
//!
//! **Walks** of at least two hops are counted level by level, up to the least number.

use rustc_hash::FxHashMap;

use super::batch::{Batch, Column, ROWS, pick};
use super::expand::walked;
use super::scan::node_at;
use super::{InTurn, Input, Operate};
use crate::error::Result;
use crate::graph::{Direction, Symbol};
use crate::model::{NodeId, RelationshipId};
use crate::paths::{Matcher, Prefix};
use crate::query::ast::PathMode;
use crate::query::expr::Context;
use crate::query::matching::PartMatcher;
use crate::query::physical::{Reach, type_names};
use crate::query::plan::{Part, Pattern, Shape};

/// Binds a variable to each node reached, for each row.
pub(super) struct Reaching<'p> {
    rows: InTurn<'p>,
    plan: &'p Reach,
    /// What is swept over, with its types looked up once.
    hops: Option<Hops>,
    picks: Vec<u32>,
    nodes: Vec<NodeId>,
    seen: Bitmap,
}

/// A set of nodes.
#[derive(Default)]
struct Bitmap {
    words: Vec<u64>,
    /// What is in it, in the order in which it came.
    members: Vec<NodeId>,
}

impl Bitmap {
    /// Empties it and makes room for so many nodes.
    fn reset(&mut self, n_nodes: usize) {
        for node in self.members.drain(..) {
            self.words[node.index() / 64] = 0;
        }
        self.words.resize(n_nodes.div_ceil(64), 0);
    }

    fn contains(&self, node: NodeId) -> bool {
        self.words[node.index() / 64] & (1 << (node.index() % 64)) != 0
    }

    fn insert(&mut self, node: NodeId) -> bool {
        let (word, bit) = (&mut self.words[node.index() / 64], 1 << (node.index() % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        if is_new {
            self.members.push(node);
        }
        is_new
    }
}

/// The repetition that is swept over.
struct Hops {
    hop: usize,
    /// The node patterns before and after each relationship.
    before: usize,
    after: usize,
    types: Option<Vec<Symbol>>,
    direction: Direction,
    min: u32,
    max: u32,
    is_walk: bool,
}

impl Hops {
    /// The types as expansion has them: none for all.
    fn types(&self) -> &[Symbol] {
        self.types.as_deref().unwrap_or_default()
    }
}

impl<'p> Reaching<'p> {
    pub(super) fn new(input: Input<'p>, plan: &'p Reach) -> Self {
        Self {
            rows: InTurn::new(input),
            plan,
            hops: None,
            picks: Vec::new(),
            nodes: Vec::new(),
            seen: Bitmap::default(),
        }
    }

    fn hops(pattern: &Pattern, context: &Context<'_>) -> Option<Hops> {
        let Some(Shape::Repeat { body, min, max }) = pattern.shape.get(1) else { return None };
        let [Shape::Node(before), Shape::Hop(hop), Shape::Node(after), ..] = body[..] else { return None };
        let part = &pattern.parts[hop];
        let graph = context.view.graph();
        let types = type_names(part.labels.as_ref())
            .map(|names| names.iter().filter_map(|name| graph.symbol(name)).collect());
        Some(Hops {
            hop,
            before,
            after,
            types,
            direction: walked(part.direction),
            min: *min,
            max: max.unwrap_or(u32::MAX),
            is_walk: pattern.mode == Some(PathMode::Walk),
        })
    }

    /// Finds what one row's node reaches.
    fn sweep(&mut self, batch: &Batch, row: usize, context: &Context<'_>) -> Result<()> {
        if self.hops.is_none() {
            self.hops = Self::hops(&self.plan.pattern, context);
        }
        let Some(hops) = &self.hops else { return Ok(()) };
        let Some(start) = node_at(batch, self.plan.from, row)? else { return Ok(()) };
        let target = match self.plan.into {
            false => None,
            true => match node_at(batch, self.plan.to, row)? {
                None => return Ok(()),
                target => target,
            },
        };
        self.seen.reset(context.view.graph().node_bound());
        // Types that nothing has.
        if hops.types.as_ref().is_some_and(Vec::is_empty) {
            if hops.min == 0 && target.is_none_or(|target| target == start) {
                self.picks.push(pick(row));
                self.nodes.push(start);
            }
            return Ok(());
        }
        let matcher = PartMatcher::new(&self.plan.pattern, *context, batch.row(row));
        let mut sweep = Sweep { hops, matcher, context, target, work: 0 };
        match hops.is_walk && hops.min > 1 {
            true => sweep.levels(start, &mut self.seen)?,
            false => sweep.breadth_first(start, &mut self.seen)?,
        }
        for &node in &self.seen.members {
            if target.is_none_or(|target| target == node) {
                self.picks.push(pick(row));
                self.nodes.push(node);
            }
        }
        Ok(())
    }
}

impl Operate for Reaching<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            let Some((batch, mut row)) = self.rows.next(context)? else { return Ok(None) };
            while row < batch.len() && self.picks.len() < ROWS {
                self.sweep(&batch, row, context)?;
                row += 1;
            }
            let n_given = self.picks.len().min(ROWS);
            let later = (self.picks.split_off(n_given), self.nodes.split_off(n_given));
            let picks = std::mem::replace(&mut self.picks, later.0);
            let nodes = std::mem::replace(&mut self.nodes, later.1);
            let out = (!picks.is_empty()).then(|| {
                let mut out = batch.gather(&picks);
                out.set(self.plan.to, Column::Nodes(nodes));
                out
            });
            if row < batch.len() || !self.picks.is_empty() {
                self.rows.keep(batch, row);
            }
            if out.is_some() {
                return Ok(out);
            }
        }
    }
}

/// One sweep.
struct Sweep<'a> {
    hops: &'a Hops,
    matcher: PartMatcher<'a>,
    context: &'a Context<'a>,
    /// The only node that is asked for, where it is known.
    target: Option<NodeId>,
    work: u32,
}

impl Sweep<'_> {
    /// Puts every node within reach into `seen`.
    fn breadth_first(&mut self, start: NodeId, seen: &mut Bitmap) -> Result<()> {
        let (hops, target) = (self.hops, self.target);
        let turns = hops.direction == Direction::Either && !hops.is_walk;
        // By which relationship of the start, and after how many hops, a node was reached.
        let mut reached: FxHashMap<NodeId, (RelationshipId, u32)> = FxHashMap::default();
        if hops.min == 0 {
            seen.insert(start);
        }
        let mut frontier = vec![start];
        let mut next = Vec::new();
        let mut level = 0;
        while level < hops.max && !frontier.is_empty() {
            level += 1;
            for &node in &frontier {
                self.count_work()?;
                if !self.passes(hops.before, node)? {
                    continue;
                }
                if let Some(all) = self.free_neighbours(node, turns) {
                    for &other in all {
                        if seen.insert(other) && other != start {
                            next.push(other);
                        }
                    }
                    continue;
                }
                for (relationship, other) in self.context.view.expand(node, hops.direction, hops.types()) {
                    if !self.walks(relationship, other)? {
                        continue;
                    }
                    if turns {
                        let branch = reached.get(&node).map_or(relationship, |(branch, _)| *branch);
                        let closes = match reached.get(&other) {
                            _ if other == start => level == 1 || relationship != branch,
                            Some((other, hops_there)) => *other != branch && level + hops_there <= hops.max,
                            None => false,
                        };
                        if closes {
                            seen.insert(start);
                        }
                        if other == start || reached.contains_key(&other) {
                            continue;
                        }
                        reached.insert(other, (branch, level));
                    }
                    if seen.insert(other) && other != start {
                        next.push(other);
                    }
                }
            }
            if target.is_some_and(|target| seen.contains(target)) {
                return Ok(());
            }
            frontier.clear();
            std::mem::swap(&mut frontier, &mut next);
        }
        Ok(())
    }

    /// Puts every node that a walk of at least `min` hops reaches into `seen`.
    ///
    /// Which nodes can be reached by walks of exactly so many hops is asked up to `min`;
    /// from there on only nodes that are new lead to more.
    fn levels(&mut self, start: NodeId, seen: &mut Bitmap) -> Result<()> {
        let n_nodes = self.context.view.graph().node_bound();
        let (mut at, mut next) = (vec![start], Bitmap::default());
        for level in 1..=self.hops.max {
            next.reset(n_nodes);
            for &node in &at {
                if !self.passes(self.hops.before, node)? {
                    continue;
                }
                for (relationship, other) in
                    self.context.view.expand(node, self.hops.direction, self.hops.types())
                {
                    if self.walks(relationship, other)? {
                        next.insert(other);
                    }
                }
            }
            at.clear();
            let may_end = level >= self.hops.min;
            at.extend(next.members.iter().filter(|&&node| !may_end || seen.insert(node)));
            if at.is_empty() || self.target.is_some_and(|target| seen.contains(target)) {
                break;
            }
        }
        Ok(())
    }

    /// All that leaves a node at once, where nothing has to be asked of it.
    fn free_neighbours(&mut self, node: NodeId, turns: bool) -> Option<&'_ [NodeId]> {
        let is_free = !turns && self.is_free_hop() && self.part(self.hops.after).is_free();
        let neighbours = || {
            self.context.view.neighbours(node, self.hops.direction, self.hops.types()).map(|all| all.nodes)
        };
        is_free.then(neighbours).flatten()
    }

    fn count_work(&mut self) -> Result<()> {
        self.work = self.work.wrapping_add(1);
        if self.work.is_multiple_of(4096) { (self.context.surroundings.check)() } else { Ok(()) }
    }

    /// Whether nothing is asked of a relationship but its type.
    fn is_free_hop(&self) -> bool {
        let part = self.part(self.hops.hop);
        let only_types = part.labels.is_none() || self.hops.types.is_some();
        only_types && part.properties.is_empty() && part.filters.is_empty()
    }

    /// Whether a relationship of the right type can be walked to a node.
    fn walks(&mut self, relationship: RelationshipId, node: NodeId) -> Result<bool> {
        self.count_work()?;
        let can_walk = self.is_free_hop()
            || self.matcher.relationship(self.hops.hop, relationship, Prefix::default())?;
        Ok(can_walk && self.passes(self.hops.after, node)?)
    }

    fn passes(&mut self, part: usize, node: NodeId) -> Result<bool> {
        Ok(self.part(part).is_free() || self.matcher.node(part, node, Prefix::default())?)
    }

    fn part(&self, part: usize) -> &Part {
        self.matcher.part(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_nodes_forgets_when_it_is_reset() {
        let mut set = Bitmap::default();
        set.reset(130);
        assert!(set.insert(NodeId(129)) && !set.insert(NodeId(129)) && set.insert(NodeId(0)));
        set.reset(130);
        assert!(set.insert(NodeId(129)));
    }
}

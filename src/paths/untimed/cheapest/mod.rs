//! The cheapest paths between two nodes, cheapest first; or the shortest, where those come
//! first that stand for the fewest events.
//!
//! The best walks are found by best-first search from both ends ([`search`], [`rest`]). If the
//! mode allows the k best, they are the k best paths. Else, and for many, the paths after the
//! first are found by deviations (Yen, "Finding the K shortest loopless paths in a
//! network", 1971): every further path shares a beginning with one that was found, its
//! *spur*, and then takes a step that none of the found ones takes there. The paths fall
//! into one set for each spur, and no path is in two of them (Lawler, "A procedure for
//! computing the K best solutions to discrete optimization problems", 1972). A set is asked
//! for its best only when its bound is the least of all, and what it found so far is kept
//! until it is asked again. All sets share what is known of the rest of the way.
//!
//! Within a set, of what the mode forbids only that counts at first which follows from
//! the spur: after it each state need be extended once, from its best beginning. Where the
//! best walk of this kind repeats something itself, which over one repetition from nothing
//! or from one on it cannot, all beginnings of the set are tried, by the same estimates.
//!
//! # Complexity
//! O(k L) searches for k paths of L relationships, each of O(E log E) at most and mostly of
//! a few steps beside a way known already. Where a mode forbids best walks, exponential in
//! the length of the path at worst, as it must be (Mendelzon and Wood, "Finding regular
//! simple paths in graph databases", 1995).

mod fronts;
mod lengths;
mod rest;
mod search;
mod sweep;
mod weight;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

pub(super) use sweep::one_to_each;
pub(super) use weight::Terms;

use super::automaton::{ArcId, StateId};
use super::product::{Found, Product, Step};
use super::walk::Walk;
use crate::model::{NodeId, RelationshipId};
use crate::paths::rank::Mode;
use lengths::Lengths;
use rest::Rest;
use search::{Next, Rule, Search};
use weight::{Costs, Weight};

/// A state at a node.
type Key = (StateId, NodeId);

/// Gives the paths from a start to an end that the mode allows, cheapest first, until
/// `give` breaks off.
pub(super) fn by_cost(
    product: &mut Product<'_>,
    mode: Mode,
    (start, end): (NodeId, NodeId),
    terms: Terms,
    mut give: impl FnMut(Walk) -> ControlFlow<()>,
) -> Found<()> {
    let lengths = Lengths::new(product, start, end)?;
    let (costs, rest) = (Costs::new(terms), Rest::new(product, end, lengths));
    let mut ground = Ground { product, mode, start, end, terms, costs, rest, n_forwards: 0, n_waiting: 0 };
    if let Some(walks) = best_walks(&mut ground)? {
        let _ = walks.into_iter().try_for_each(give);
        return Ok(());
    }
    let mut waiting = Waiting::default();
    waiting.put(Weight::ZERO, search_of(Spur::default(), Rule::Best(1)));
    while let Some((weight, candidate)) = waiting.pop() {
        match candidate {
            Candidate::Found(path) => {
                if give(to_walk(start, &path.steps)).is_break() {
                    break;
                }
                for spur in path.spurs() {
                    waiting.put(weight, search_of(spur, Rule::Best(1)));
                }
            }
            Candidate::Search(search) => waiting.ask(*search, &mut ground)?,
        }
    }
    Ok(())
}

/// The best walks, as many as paths are asked for; `None` where those are many, where two
/// walks can be one path, and where the mode forbids one.
fn best_walks(ground: &mut Ground<'_, '_>) -> Found<Option<Vec<Walk>>> {
    let Some(k) = ground.terms.walks_max else { return Ok(None) };
    let mut search = Search::new(Spur::default(), Rule::Best(k));
    let mut walks = Vec::new();
    while walks.len() < k {
        let Next::Found(_, steps) = search.next(ground, None)? else { break };
        let walk = to_walk(ground.start, &steps);
        if !walk.is_admissible(ground.mode) {
            return Ok(None);
        }
        walks.push(walk);
    }
    Ok(Some(walks))
}

/// What all searches between two nodes share.
struct Ground<'p, 'a> {
    product: &'p mut Product<'a>,
    mode: Mode,
    start: NodeId,
    end: NodeId,
    terms: Terms,
    costs: Costs,
    rest: Rest,
    /// How many relationships were looked at from the start on.
    n_forwards: usize,
    /// How many labels the searches have that wait.
    n_waiting: usize,
}

/// How a path begins, and which steps may not come next. The first step is the one that
/// begins a walk and has no relationship.
#[derive(Debug, Clone, Default)]
struct Spur {
    steps: Vec<Step>,
    banned: Vec<Step>,
}

/// A path that was found, and where it leaves those found before.
#[derive(Debug)]
struct Path {
    steps: Vec<Step>,
    /// `None` where the search that found it goes on to the others by itself.
    spur: Option<Spur>,
}

impl Path {
    /// All paths of the set in which this one was found, but this one.
    fn spurs(&self) -> impl Iterator<Item = Spur> + '_ {
        let spur_at = |at: usize, spur: &Spur| {
            let before: &[Step] = if at == spur.steps.len() { &spur.banned } else { &[] };
            Spur { steps: self.steps[..at].to_vec(), banned: [before, &[self.steps[at]]].concat() }
        };
        let spurs = self
            .spur
            .iter()
            .flat_map(move |spur| (spur.steps.len()..self.steps.len()).map(move |at| (at, spur)));
        spurs.map(move |(at, spur)| spur_at(at, spur))
    }
}

/// What waits for its turn.
enum Candidate {
    Found(Path),
    Search(Box<Search>),
}

fn search_of(spur: Spur, rule: Rule) -> Candidate {
    Candidate::Search(Box::new(Search::new(spur, rule)))
}

/// Candidates by what they weigh at least; of equal ones paths first, then in their order.
#[derive(Default)]
struct Waiting {
    candidates: BTreeMap<(Weight, bool, u64), Candidate>,
    n_put: u64,
    /// How many labels the searches have that wait.
    n_labels: usize,
}

impl Waiting {
    fn put(&mut self, weight: Weight, candidate: Candidate) {
        let is_search = match &candidate {
            Candidate::Found(_) => false,
            Candidate::Search(search) => {
                self.n_labels += search.n_labels();
                true
            }
        };
        self.n_put += 1;
        self.candidates.insert((weight, is_search, self.n_put), candidate);
    }

    fn pop(&mut self) -> Option<(Weight, Candidate)> {
        let ((weight, ..), candidate) = self.candidates.pop_first()?;
        if let Candidate::Search(search) = &candidate {
            self.n_labels -= search.n_labels();
        }
        Some((weight, candidate))
    }

    /// Lets a search go on until it has found a path or others are better.
    fn ask(&mut self, mut search: Search, ground: &mut Ground<'_, '_>) -> Found<()> {
        let next_best = self.candidates.first_key_value().map(|((weight, ..), _)| *weight);
        ground.n_waiting = self.n_labels;
        match search.next(ground, next_best)? {
            Next::Nothing => {}
            Next::Later(weight) => self.put(weight, Candidate::Search(Box::new(search))),
            Next::Found(weight, steps) => match search.rule {
                Rule::Every => {
                    self.put(weight, Candidate::Found(Path { steps, spur: None }));
                    self.put(weight, Candidate::Search(Box::new(search)));
                }
                Rule::Best(_) if to_walk(ground.start, &steps).is_admissible(ground.mode) => {
                    self.put(weight, Candidate::Found(Path { steps, spur: Some(search.into_spur()) }));
                }
                Rule::Best(_) => {
                    self.put(weight, search_of(search.into_spur(), Rule::Every));
                }
            },
        }
        Ok(())
    }
}

/// The step that stands for the beginning of a walk.
fn first_step(arc: ArcId, start: NodeId) -> Step {
    Step { arc, via: RelationshipId::default(), node: start }
}

/// Steps of which the first begins the walk.
fn to_walk(start: NodeId, steps: &[Step]) -> Walk {
    Walk { start, begin: steps[0].arc, steps: steps[1..].to_vec() }
}

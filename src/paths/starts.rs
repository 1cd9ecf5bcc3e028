//! At which of many nodes a path can start at all, where its ends are known.
//!
//! A search goes from left to right, since an order in time can be decided exactly only
//! from its beginning. Where a pattern starts at any account and ends at a given one,
//! each account would begin a search of its own, and nearly all of them in vain. So the
//! pattern is first walked back from the ends without time ([`super::reach`]), and only
//! those nodes are searched from at which that walk arrived.
//!
//! Nothing is lost: every path that is asked for, time or not, is one of the ways on which
//! the walk back goes, for it obeys less — types, directions, the conditions of single
//! nodes and relationships, and how many relationships there may be in all. So a node at
//! which it does not arrive starts no path. The other starts keep their order, and the
//! answers with them.
//!
//! # Complexity
//! O(P (V + E)) for P places in the pattern, and no more relationships than some for each
//! start, which the search would look at anyway. A walk back that is not done by then goes
//! on beside the search, as that gets on.

use super::program;
use super::question::{Matcher, Question};
use super::reach::Reach;
use crate::error::Result;
use crate::graph::View;
use crate::model::NodeId;

/// With fewer starts than this, the search from the first may well be the whole of it.
const STARTS_MIN: usize = 16;

/// How many relationships the walk back may look at for each start: about as many as
/// are looked at to find out that nothing begins there.
const WORK_PER_START: u64 = 4;

/// The nodes to search from.
pub(super) struct Starts {
    pub(super) nodes: Vec<NodeId>,
    /// From where the ends can be reached, as far as that is known.
    pub(super) reach: Option<Reach>,
}

impl Starts {
    /// Leaves out of `nodes` those at which no path can start.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn new(
        view: View<'_>,
        question: &Question<'_>,
        nodes: Vec<NodeId>,
        matcher: &mut dyn Matcher,
    ) -> Result<Self> {
        let program = program::compile(question.pattern);
        let ends = question.ends.filter(|ends| nodes.len() >= STARTS_MIN && ends.len() < nodes.len());
        let Some(mut reach) = ends.and_then(|ends| Reach::of_any(question, &program, ends)) else {
            return Ok(Self { nodes, reach: None });
        };
        let view = view.for_chronological(question.bounds.is_some());
        reach.walk(view, question, &program, matcher, WORK_PER_START * nodes.len() as u64)?;
        let leads_on = |node: &NodeId| reach.leads_on(&program, *node, program::Place::START);
        let nodes = nodes.into_iter().filter(leads_on).collect();
        Ok(Self { nodes, reach: Some(reach) })
    }
}

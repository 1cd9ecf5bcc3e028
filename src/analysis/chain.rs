//! A path as a chain of evidence: everything that has to be said beside it.
//!
//! A path alone is a line on a picture. A chain says for each hop when it can have
//! happened, who reports it and how well, and who disputes it; for each joint, that
//! it is an inference; and for the whole, whether the dates test the order at all.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::graph::{Joint, View, joints_of};
use crate::model::{About, Claim, ClaimId, NodeId, Path, RelationshipId};
use crate::paths::{self, Bounds, Order, Times, Wait};

/// A path with its evidence.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The path.
    pub path: Path,
    /// Its hops, in order.
    pub hops: Vec<Hop>,
    /// What the dates say about the order.
    pub order: Order,
    /// The waits between consecutive events; empty for an impossible path.
    pub waits: Vec<Wait>,
    /// Where the carriage changes without a record that says so.
    pub joints: Vec<JointEvidence>,
    /// Confidence of the weakest hop; `None` if a hop has none.
    pub confidence: Option<f64>,
    /// Which hop is the weakest.
    pub weakest: Option<usize>,
    /// The independent origins of all hops together.
    pub origins: BTreeSet<String>,
}

/// One hop of a chain.
#[derive(Debug, Clone)]
pub struct Hop {
    /// Where it is walked from.
    pub from: NodeId,
    /// The relationship.
    pub relationship: RelationshipId,
    /// Where it is walked to.
    pub to: NodeId,
    /// When it can have happened, given the whole path; `None` if undated.
    pub times: Option<Times>,
    /// Its confidence.
    pub confidence: Option<f64>,
    /// The sources that support it.
    pub sources: BTreeSet<NodeId>,
    /// The claims that dispute it.
    pub disputes: Vec<ClaimId>,
    /// Null results that bear on it.
    pub nulls: Vec<NullOnHop>,
}

/// A null result that bears on a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NullOnHop {
    /// The claim.
    pub claim: ClaimId,
    /// Whether the hop can only have happened where and when nothing was found.
    pub contradicted: bool,
}

/// A joint with what speaks for it.
#[derive(Debug, Clone)]
pub struct JointEvidence {
    /// The joint.
    pub joint: Joint,
    /// The wait there, where the dates bound it.
    pub wait: Option<Wait>,
    /// The claims that speak of it, best first.
    pub claims: Vec<ClaimId>,
}

/// Collects the evidence on a path, as the lens sees it.
///
/// # Errors
/// `Invalid` where the path mixes dates and integers.
///
/// # Complexity
/// O(n³) for n relationships, plus the claims on them.
pub fn chain(view: View<'_>, path: &Path) -> Result<Chain> {
    let view = view.for_chronological(true);
    let none = Bounds::default();
    let waits = paths::waits(view, path, &none)?.unwrap_or_default();
    let joints = joints_of(view, path).into_iter().map(|joint| JointEvidence {
        joint,
        wait: waits.iter().find(|wait| wait.position == joint.position).copied(),
        claims: best_first(view.claims_on(joint).collect()),
    });
    let hops = hops(view, path)?;
    let weakest =
        view.weakest_hop(path).and_then(|id| path.relationships.iter().position(|&other| other == id));
    Ok(Chain {
        order: paths::order(view, path, &none)?,
        joints: joints.collect(),
        confidence: view.path_confidence(path),
        weakest,
        origins: path.relationships.iter().flat_map(|&id| view.origins_of(About::Relationship(id))).collect(),
        path: path.clone(),
        waits,
        hops,
    })
}

/// Claims by confidence, best first; those without come last.
fn best_first(mut claims: Vec<(ClaimId, &Claim)>) -> Vec<ClaimId> {
    let confidence = |claim: &Claim| claim.confidence().unwrap_or(-1.0);
    claims.sort_by(|(_, a), (_, b)| confidence(b).total_cmp(&confidence(a)));
    claims.into_iter().map(|(id, _)| id).collect()
}

fn hops(view: View<'_>, path: &Path) -> Result<Vec<Hop>> {
    let times =
        paths::times(view, path, &Bounds::default())?.unwrap_or_else(|| vec![None; path.relationships.len()]);
    let nulls = paths::null_results_of(view, path)?;
    let hop = |(i, (&relationship, times)): (usize, (&RelationshipId, Option<Times>))| {
        let about = About::Relationship(relationship);
        let disputes = view.claims_about(about).filter(|(_, claim)| claim.disputes_element());
        let nulls = nulls.iter().filter(|null| null.hop == i);
        Hop {
            from: path.nodes[i],
            relationship,
            to: path.nodes[i + 1],
            times,
            confidence: view.relationship_confidence(relationship),
            sources: view.sources_of(about),
            disputes: disputes.map(|(id, _)| id).collect(),
            nulls: nulls
                .map(|null| NullOnHop { claim: null.claim, contradicted: null.contradicted })
                .collect(),
        }
    };
    Ok(path.relationships.iter().zip(times).enumerate().map(hop).collect())
}

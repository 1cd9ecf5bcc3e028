//! Joints: where a path changes its carrier without a record that says so.
//!
//! A ship calls at a port, and a consignment is shipped from the same port. That
//! the ship's cargo *is* the consignment is an inference from place and time. The
//! search finds such paths, and this module says where in them the inference
//! lies, so that no output hides it.

use super::{Direction, View};
use crate::model::schema::{Role, role};
use crate::model::{About, Claim, ClaimId, Flow, NodeId, Path};

/// A place on a path where the carriage changes from one carrier to another that
/// no recorded relationship connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joint {
    /// Where the place stands among the path's nodes.
    pub position: usize,
    /// The place.
    pub place: NodeId,
    /// The carrier that came.
    pub from: NodeId,
    /// The carrier that went on.
    pub to: NodeId,
}

/// The joints of a path, in its order.
///
/// The two carriers have to be linked through the place by relationships along
/// which goods flow: a company that owns a ship and runs a port is no joint.
#[must_use]
pub fn joints_of(view: View<'_>, path: &Path) -> Vec<Joint> {
    let mut joints = Vec::new();
    let mut carrier: Option<NodeId> = None;
    let mut place: Option<usize> = None;
    for (position, &node) in path.nodes.iter().enumerate() {
        if position > 0 && !carries_goods(view, path, position - 1) && !stays_in_place(view, path, position) {
            (carrier, place) = (None, None);
        }
        match node_role(view, node) {
            Role::Carrier => {
                if let (Some(from), Some(at)) = (carrier, place)
                    && from != node
                    && !are_connected(view, from, node)
                {
                    joints.push(Joint { position: at, place: path.nodes[at], from, to: node });
                }
                (carrier, place) = (Some(node), None);
            }
            Role::Place => place = Some(position),
            _ => {}
        }
    }
    joints
}

/// Whether the step to a position goes from one place to another, as where one is
/// part of the other: the goods that lie here lie there.
fn stays_in_place(view: View<'_>, path: &Path, position: usize) -> bool {
    [path.nodes[position - 1], path.nodes[position]].iter().all(|&node| node_role(view, node) == Role::Place)
}

fn carries_goods(view: View<'_>, path: &Path, hop: usize) -> bool {
    let relationship = view.graph().relationship(path.relationships[hop]);
    relationship.is_some_and(|r| view.graph().schema().flow(view.graph().text(r.kind)) != Flow::None)
}

/// The part that a node plays: that of its first label with a part.
fn node_role(view: View<'_>, node: NodeId) -> Role {
    let labels = view.graph().node(node).map_or(&[][..], |node| node.labels());
    let roles = labels.iter().map(|&label| role(view.graph().text(label)));
    roles.into_iter().find(|role| *role != Role::Other).unwrap_or(Role::Other)
}

fn are_connected(view: View<'_>, a: NodeId, b: NodeId) -> bool {
    view.hops(a, Direction::Either).any(|hop| hop.node == b)
}

impl<'a> View<'a> {
    /// The part that a node plays in a chain of goods.
    #[must_use]
    pub fn role(self, node: NodeId) -> Role {
        node_role(self, node)
    }

    /// The claims that speak of a joint: at its place, naming both carriers.
    pub fn claims_on(self, joint: Joint) -> impl Iterator<Item = (ClaimId, &'a Claim)> + 'a {
        let pair = (joint.from, joint.to);
        let either = move |(a, b)| (a, b) == pair || (b, a) == pair;
        self.claims_about(About::Node(joint.place))
            .filter(move |(_, claim)| claim.carriers.is_some_and(either))
    }
}

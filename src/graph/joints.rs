//! Joints: where a path changes its carrier without a record that says so.
//!
//! A ship calls at a port, and a consignment is shipped from the same port. That
//! the ship's cargo *is* the consignment is an inference from place and time. The
//! search finds such paths, and this module says where in them the inference
//! lies, so that no output hides it.
//!
//! Where the goods are moved from one place to another that it is part of, they
//! lie in both: such a hop does not end the carriage.

use super::{Direction, View};
use crate::model::schema::{Role, role};
use crate::model::{About, Claim, ClaimId, Flow, NodeId, Path, RelationshipId};

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
    let Some(&first) = path.nodes.first() else { return joints };
    let mut carriage = Carriage::at(view, first);
    let mut last_place = 0;
    for (hop, (&relationship, &node)) in path.relationships.iter().zip(&path.nodes[1..]).enumerate() {
        if view.role(path.nodes[hop]) == Role::Place {
            last_place = hop;
        }
        let (next, from) = carriage.walk(view, path.nodes[hop], relationship, node);
        if let Some(from) = from {
            joints.push(Joint { position: last_place, place: path.nodes[last_place], from, to: node });
        }
        carriage = next;
    }
    joints
}

/// What goods travel with at the end of a path, as far as it decides where the
/// path's next joint is: so joints can be counted hop by hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Carriage {
    carrier: Option<NodeId>,
    /// Whether they have come to a place since.
    in_place: bool,
}

impl Carriage {
    /// At the first node of a path.
    #[must_use]
    pub fn at(view: View<'_>, node: NodeId) -> Self {
        Self::default().arrive(view, node)
    }

    /// After one more hop, and the carrier that came where the hop makes a joint.
    #[must_use]
    pub fn walk(
        self,
        view: View<'_>,
        from: NodeId,
        relationship: RelationshipId,
        to: NodeId,
    ) -> (Self, Option<NodeId>) {
        let stays = || [from, to].iter().all(|&node| node_role(view, node) == Role::Place);
        let goes_on = carries_goods(view, relationship) || stays();
        let before = if goes_on { self } else { Self::default() };
        let joint = before.carrier.filter(|&carrier| {
            before.in_place
                && carrier != to
                && node_role(view, to) == Role::Carrier
                && !are_connected(view, carrier, to)
        });
        (before.arrive(view, to), joint)
    }

    fn arrive(self, view: View<'_>, node: NodeId) -> Self {
        match node_role(view, node) {
            Role::Carrier => Self { carrier: Some(node), in_place: false },
            // Without a carrier no place matters.
            Role::Place => Self { in_place: self.carrier.is_some(), ..self },
            _ => self,
        }
    }
}

fn carries_goods(view: View<'_>, relationship: RelationshipId) -> bool {
    let relationship = view.graph().relationship(relationship);
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

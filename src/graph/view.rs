//! A graph seen through a lens, as petgraph's algorithms and our own searches
//! walk it.

use petgraph::visit;

use super::{CompiledLens, Direction, Graph, Hop, Neighbours, Node, Relationship, Symbol};
use crate::model::{NodeId, RelationshipId, Value};

/// A graph with what a lens leaves of it. Copying it is cheap.
#[derive(Clone, Copy)]
pub struct View<'a> {
    graph: &'a Graph,
    lens: Option<&'a CompiledLens>,
    /// Inside a chronological pattern, where ended states still show.
    chronological: bool,
}

impl<'a> View<'a> {
    /// The graph through `lens`; through none, all of it.
    #[must_use]
    pub fn new(graph: &'a Graph, lens: Option<&'a CompiledLens>, chronological: bool) -> Self {
        Self { graph, lens, chronological }
    }

    /// The same view for a chronological pattern or for an ordinary one.
    #[must_use]
    pub fn for_chronological(self, chronological: bool) -> Self {
        Self { chronological, ..self }
    }

    /// The whole graph behind the lens.
    #[must_use]
    pub fn graph(self) -> &'a Graph {
        self.graph
    }

    /// The lens, where there is one.
    #[must_use]
    pub fn lens(self) -> Option<&'a CompiledLens> {
        self.lens
    }

    /// A node that is there and not hidden.
    #[must_use]
    pub fn node(self, id: NodeId) -> Option<&'a Node> {
        self.graph.node(id).filter(|_| self.shows_node(id))
    }

    /// A relationship that is there and not hidden.
    #[must_use]
    pub fn relationship(self, id: RelationshipId) -> Option<&'a Relationship> {
        self.graph.relationship(id).filter(|_| self.shows_relationship(id))
    }

    /// All nodes that show.
    pub fn nodes(self) -> impl Iterator<Item = NodeId> + 'a {
        self.graph.nodes().map(|(id, _)| id).filter(move |&id| self.shows_node(id))
    }

    /// All relationships that show.
    pub fn relationships(self) -> impl Iterator<Item = RelationshipId> + 'a {
        self.graph.relationships().map(|(id, _)| id).filter(move |&id| self.shows_relationship(id))
    }

    /// The steps from a node that show.
    pub fn hops(self, node: NodeId, direction: Direction) -> impl Iterator<Item = Hop> + 'a {
        self.graph.hops(node, direction).filter(move |hop| self.shows_relationship(hop.relationship))
    }

    /// The relationships of a node that show and are of the given types, with their
    /// other ends; no types are all types. See [`Graph::expand`].
    pub fn expand(
        self,
        node: NodeId,
        direction: Direction,
        types: &'a [Symbol],
    ) -> impl Iterator<Item = (RelationshipId, NodeId)> + 'a {
        let found = self.graph.expand(node, direction, types);
        found.filter(move |&(id, _)| self.shows_relationship(id))
    }

    /// What [`View::expand`] gives, as slices; `None` where there is a lens, and
    /// where [`Graph::neighbours`] gives none.
    #[must_use]
    pub fn neighbours(self, node: NodeId, direction: Direction, types: &[Symbol]) -> Option<Neighbours<'a>> {
        self.lens.is_none().then(|| self.graph.neighbours(node, direction, types)).flatten()
    }

    /// How many relationships [`View::expand`] gives. Walks them only if there is a lens.
    #[must_use]
    pub fn degree(self, node: NodeId, direction: Direction, types: &'a [Symbol]) -> usize {
        match self.lens {
            None => self.graph.degree(node, direction, types),
            Some(_) => self.expand(node, direction, types).count(),
        }
    }

    /// The value of a node's property; null where it has none.
    #[must_use]
    pub fn node_property(self, id: NodeId, name: &str) -> Value {
        let value = self.graph.symbol(name).and_then(|name| self.graph.node(id)?.property(name));
        value.cloned().unwrap_or_default()
    }

    /// The value of a relationship's property; null where it has none.
    #[must_use]
    pub fn relationship_property(self, id: RelationshipId, name: &str) -> Value {
        let value = self.graph.symbol(name).and_then(|name| self.graph.relationship(id)?.property(name));
        value.cloned().unwrap_or_default()
    }

    fn shows_node(self, id: NodeId) -> bool {
        self.lens.is_none_or(|lens| !lens.hides_node(id.index()))
    }

    fn shows_relationship(self, id: RelationshipId) -> bool {
        self.lens.is_none_or(|lens| !lens.hides_relationship(id.index(), self.chronological))
    }
}

/// A relationship as petgraph's algorithms see it, in the direction walked.
#[derive(Clone, Copy)]
pub struct EdgeRef<'a> {
    id: RelationshipId,
    source: NodeId,
    target: NodeId,
    relationship: &'a Relationship,
}

impl<'a> visit::EdgeRef for EdgeRef<'a> {
    type NodeId = NodeId;
    type EdgeId = RelationshipId;
    type Weight = Relationship;

    fn source(&self) -> NodeId {
        self.source
    }

    fn target(&self) -> NodeId {
        self.target
    }

    fn weight(&self) -> &'a Relationship {
        self.relationship
    }

    fn id(&self) -> RelationshipId {
        self.id
    }
}

impl visit::GraphBase for View<'_> {
    type NodeId = NodeId;
    type EdgeId = RelationshipId;
}

impl visit::GraphRef for View<'_> {}

impl visit::Data for View<'_> {
    type NodeWeight = Node;
    type EdgeWeight = Relationship;
}

impl visit::GraphProp for View<'_> {
    type EdgeType = petgraph::Directed;
}

impl visit::NodeIndexable for View<'_> {
    fn node_bound(&self) -> usize {
        self.graph.node_bound()
    }

    fn to_index(&self, id: NodeId) -> usize {
        id.index()
    }

    fn from_index(&self, index: usize) -> NodeId {
        NodeId(u32::try_from(index).expect("petgraph only gives back indexes that it got"))
    }
}

impl visit::NodeCount for View<'_> {
    fn node_count(&self) -> usize {
        self.nodes().count()
    }
}

impl visit::EdgeCount for View<'_> {
    fn edge_count(&self) -> usize {
        self.relationships().count()
    }
}

/// Which nodes an algorithm has seen.
#[derive(Debug, Clone, Default)]
pub struct Visited(Vec<bool>);

impl visit::Visitable for View<'_> {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited(vec![false; self.graph.node_bound()])
    }

    fn reset_map(&self, map: &mut Visited) {
        *map = self.visit_map();
    }
}

impl visit::VisitMap<NodeId> for Visited {
    fn visit(&mut self, node: NodeId) -> bool {
        !std::mem::replace(&mut self.0[node.index()], true)
    }

    fn is_visited(&self, node: &NodeId) -> bool {
        self.0[node.index()]
    }

    fn unvisit(&mut self, node: NodeId) -> bool {
        std::mem::replace(&mut self.0[node.index()], false)
    }
}

/// Boxed, since the chain of filters has no name that a trait could mention.
type Steps<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

impl<'a> View<'a> {
    fn edges_from(self, node: NodeId, direction: Direction) -> Steps<'a, EdgeRef<'a>> {
        Box::new(self.hops(node, direction).filter_map(move |hop| {
            let relationship = self.relationship(hop.relationship)?;
            Some(EdgeRef { id: hop.relationship, source: node, target: hop.node, relationship })
        }))
    }
}

fn direction_of(direction: petgraph::Direction) -> Direction {
    match direction {
        petgraph::Direction::Outgoing => Direction::Outgoing,
        petgraph::Direction::Incoming => Direction::Incoming,
    }
}

impl<'a> visit::IntoNeighbors for View<'a> {
    type Neighbors = Steps<'a, NodeId>;

    fn neighbors(self, node: NodeId) -> Self::Neighbors {
        Box::new(self.hops(node, Direction::Outgoing).map(|hop| hop.node))
    }
}

impl<'a> visit::IntoNeighborsDirected for View<'a> {
    type NeighborsDirected = Steps<'a, NodeId>;

    fn neighbors_directed(self, node: NodeId, direction: petgraph::Direction) -> Self::NeighborsDirected {
        Box::new(self.hops(node, direction_of(direction)).map(|hop| hop.node))
    }
}

impl<'a> visit::IntoEdgeReferences for View<'a> {
    type EdgeRef = EdgeRef<'a>;
    type EdgeReferences = Steps<'a, EdgeRef<'a>>;

    fn edge_references(self) -> Self::EdgeReferences {
        Box::new(self.relationships().filter_map(move |id| {
            let relationship = self.relationship(id)?;
            Some(EdgeRef { id, source: relationship.start, target: relationship.end, relationship })
        }))
    }
}

impl<'a> visit::IntoEdges for View<'a> {
    type Edges = Steps<'a, EdgeRef<'a>>;

    fn edges(self, node: NodeId) -> Self::Edges {
        self.edges_from(node, Direction::Outgoing)
    }
}

impl<'a> visit::IntoEdgesDirected for View<'a> {
    type EdgesDirected = Steps<'a, EdgeRef<'a>>;

    /// As petgraph asks, an incoming edge's source is its start, not `node`.
    fn edges_directed(self, node: NodeId, direction: petgraph::Direction) -> Self::EdgesDirected {
        let edges = self.edges_from(node, direction_of(direction));
        Box::new(edges.map(|edge| EdgeRef {
            source: edge.relationship.start,
            target: edge.relationship.end,
            ..edge
        }))
    }
}

/// All nodes that show, for petgraph.
impl<'a> visit::IntoNodeIdentifiers for View<'a> {
    type NodeIdentifiers = Steps<'a, NodeId>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        Box::new(self.nodes())
    }
}

#[cfg(test)]
mod tests {
    use petgraph::algo;

    use super::*;
    use crate::model::{Effect, NodeData, RelationshipData};

    /// 0 -> 1 -> 2 -> 0, and 3 alone.
    fn triangle() -> Graph {
        let mut graph = Graph::new();
        for id in 0..4 {
            let effect = Effect::CreateNode { id: NodeId(id), node: NodeData::default() };
            graph.apply(&effect).expect("the id is new");
        }
        for (id, (start, end)) in [(0, 1), (1, 2), (2, 0)].into_iter().enumerate() {
            let relationship = RelationshipData {
                key: None,
                kind: "TO".to_owned(),
                start: NodeId(start),
                end: NodeId(end),
                properties: Default::default(),
            };
            let id = RelationshipId(u32::try_from(id).expect("small"));
            graph.apply(&Effect::CreateRelationship { id, relationship }).expect("the ends are there");
        }
        graph
    }

    #[test]
    fn petgraphs_algorithms_run_on_a_view_unchanged() {
        let graph = triangle();
        let view = View::new(&graph, None, false);
        let reach = algo::dijkstra(view, NodeId(0), None, |_| 1);
        assert_eq!((reach.len(), reach[&NodeId(2)]), (3, 2));
        assert_eq!(algo::kosaraju_scc(view).len(), 2);
        assert!(algo::is_cyclic_directed(view));
    }

    #[test]
    fn a_hidden_node_hides_its_relationships_from_petgraph_too() {
        use crate::model::{About, Claim, Stance};
        let mut graph = triangle();
        let claim = Claim::new(About::Node(NodeId(1)), Stance::Supports, 10 * crate::model::time::DAY_MICROS);
        graph
            .apply(&Effect::RecordClaim { id: graph.next_claim(), claim: claim.into() })
            .expect("a new claim");
        let day = crate::model::Date::parse("1970-01-02").expect("a date");
        let lens = super::super::Lens { known_by: Some(Value::Date(day)), ..Default::default() };
        let lens = lens.compile(&graph).expect("a good lens");
        let view = View::new(&graph, Some(&lens), false);
        assert_eq!(algo::dijkstra(view, NodeId(0), None, |_| 1).len(), 1);
        assert_eq!((visit::NodeCount::node_count(&view), visit::EdgeCount::edge_count(&view)), (3, 1));
    }
}

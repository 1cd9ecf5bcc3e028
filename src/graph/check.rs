//! Whether the tables around the elements say what the elements say.

use super::{Direction, Graph, PropertyIndex};
use crate::error::{Error, Result};
use crate::model::{NodeId, RelationshipId};

impl Graph {
    /// Compares adjacency, keys, labels, claims by element and counts with the elements.
    ///
    /// # Errors
    /// `Corrupt`, naming what does not agree, and any block that does not verify.
    ///
    /// # Complexity
    /// O(V + E + C), and all of it is read.
    pub fn check_tables(&self) -> Result<()> {
        self.check_nodes()?;
        self.check_relationships()?;
        self.check_indexes()?;
        self.check_names(disagree)?;
        let claims =
            self.claims().filter(|(id, claim)| self.claims_about(claim.about).any(|(of, _)| of == *id));
        if claims.count() != self.claim_count() {
            return disagree("the claims about some element");
        }
        match self.damage() {
            Some(damage) => Err(damage),
            None => Ok(()),
        }
    }

    fn check_nodes(&self) -> Result<()> {
        let mut n_nodes = 0;
        for (id, node) in self.nodes() {
            n_nodes += 1;
            let is_found = |key: &str| self.node_by_key(key) == Some(id);
            if !node.key.as_deref().is_none_or(is_found) {
                return disagree(&format!("the key of node {id}"));
            }
            let text = self.symbol("id").and_then(|name| node.property(name)?.as_str());
            if !text.is_none_or(|text| self.nodes_by_id_property(text).any(|found| found == id)) {
                return disagree(&format!("the id of node {id}"));
            }
        }
        for (label, count) in self.statistics().labels() {
            let bears = |id: &NodeId| self.node(*id).is_some_and(|node| node.labels().contains(&label));
            let n_found = self.nodes_with_label(label).filter(bears).count();
            if n_found != count || self.nodes_with_label(label).count() != count {
                return disagree(&format!("the nodes with the label {}", self.text(label)));
            }
        }
        match n_nodes == self.node_count() {
            true => Ok(()),
            false => disagree("the number of nodes"),
        }
    }

    fn check_indexes(&self) -> Result<()> {
        for index in self.indexes() {
            let nodes = self.nodes_with_label(index.label());
            let values = nodes.filter_map(|id| Some((id, self.node(id)?.property(index.property())?)));
            let (mut n_values, mut is_whole) = (0, true);
            for (id, value) in values.filter(|(_, value)| PropertyIndex::takes(value)) {
                n_values += 1;
                is_whole &= index.equal(value).any(|found| found == id);
            }
            if !is_whole || n_values != index.len() {
                return disagree(&format!("the index {}", index.name()));
            }
        }
        Ok(())
    }

    fn check_relationships(&self) -> Result<()> {
        let mut degrees = vec![[0_usize; 2]; self.node_bound()];
        let mut n_relationships = 0;
        for (id, found) in self.relationships() {
            n_relationships += 1;
            for (end, side) in [(found.start, 0), (found.end, 1)] {
                match degrees.get_mut(end.index()) {
                    Some(degrees) => degrees[side] += 1,
                    None => return disagree(&format!("the ends of relationship {id}")),
                }
            }
            let is_found = |key: &str| self.relationship_by_key(key) == Some(id);
            if !found.key.as_deref().is_none_or(is_found) {
                return disagree(&format!("the key of relationship {id}"));
            }
        }
        for (id, _) in self.nodes() {
            let sides = [(Direction::Outgoing, 0), (Direction::Incoming, 1)];
            for (direction, side) in sides {
                let is_there = |relationship: RelationshipId, other: NodeId| {
                    self.relationship(relationship).is_some_and(|found| {
                        let ends =
                            if side == 0 { (found.start, found.end) } else { (found.end, found.start) };
                        ends == (id, other)
                    })
                };
                let mut found = self.hops(id, direction);
                let n_found = self.degree(id, direction, &[]);
                if n_found != degrees[id.index()][side]
                    || !found.all(|hop| is_there(hop.relationship, hop.node))
                {
                    return disagree(&format!("the relationships of node {id}"));
                }
            }
        }
        match n_relationships == self.relationship_count() {
            true => Ok(()),
            false => disagree("the number of relationships"),
        }
    }
}

fn disagree(what: &str) -> Result<()> {
    Err(Error::corrupt(format!("the index does not agree with itself about {what}"))
        .hint("`throughline rebuild` makes the index anew".to_owned()))
}

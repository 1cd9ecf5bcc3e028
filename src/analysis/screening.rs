//! Screening: who in the case may be meant by a name, and on which lists they stand.

use crate::graph::{Direction, View};
use crate::model::{NodeId, Value};
use crate::names::{Explanation, Name, explain};

/// Candidates that score less are not shown unless asked for.
pub const SCORE_MIN: f64 = 0.8;

/// How a listing is written in the graph.
const LISTED_BY: &str = "SANCTIONED_BY";
const LISTED: &str = "sanction";

/// Who may be meant by a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The node.
    pub node: NodeId,
    /// The name of it that fits, or its identifier.
    pub name: String,
    /// How well it fits, in 0..=1.
    pub score: f64,
    /// Why, in words.
    pub reason: String,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Who lists; none where only the topic is known.
    pub by: Option<NodeId>,
    /// The programme, where that is said.
    pub programme: Option<String>,
    /// From when and until when.
    pub from: Value,
    /// See `from`.
    pub to: Value,
}

/// The nodes that a name may mean, best first, as far as the view shows them.
///
/// # Complexity
/// Some microseconds up to about a millisecond, whatever the number of names; the first call on a graph
/// builds the index of its names.
#[must_use]
pub fn candidates(view: View<'_>, name: &Name, limit: usize, score_min: f64) -> Vec<Candidate> {
    let found = view.graph().names_index().search(view, name, limit, score_min);
    let candidate = |found: crate::names::Found| {
        let reason = match found.is_identifier {
            true => format!("the same identifier {}", found.name),
            false => reason(&explain(name, &Name::new(&found.name, found.kind)), name, &found.name),
        };
        Candidate { node: NodeId(found.owner), name: found.name, score: found.score, reason }
    };
    found.into_iter().map(candidate).collect()
}

/// Adds the nodes of whose names a text is a part, best first, behind the others; the score is
/// that of the part. For whoever searches, and not for screening.
///
/// # Complexity
/// Some milliseconds, whatever the number of names.
pub fn add_containing(
    view: View<'_>,
    name: &Name,
    limit: usize,
    score_min: f64,
    candidates: &mut Vec<Candidate>,
) {
    let found = view.graph().names_index().containing(view, name, limit, score_min);
    let candidate = |found: crate::names::Found| Candidate {
        node: NodeId(found.owner),
        name: found.name,
        score: found.score,
        reason: "part of the name".to_owned(),
    };
    let known: Vec<NodeId> = candidates.iter().map(|candidate| candidate.node).collect();
    let new = found.into_iter().map(candidate).filter(|candidate| !known.contains(&candidate.node));
    candidates.extend(new);
    candidates.truncate(limit);
}

fn reason(explanation: &Explanation, asked: &Name, found: &str) -> String {
    if asked.text() == found { "the same name".to_owned() } else { explanation.reason() }
}

/// The lists on which a node stands, as the view shows them.
#[must_use]
pub fn listings(view: View<'_>, node: NodeId) -> Vec<Listing> {
    let kind = view.graph().symbol(LISTED_BY);
    let types: Vec<_> = kind.into_iter().collect();
    let mut found = Vec::new();
    if !types.is_empty() {
        // An empty list of types would be all types.
        found.extend(view.hops(node, Direction::Outgoing).filter_map(|hop| {
            let relationship =
                view.relationship(hop.relationship).filter(|found| types.contains(&found.kind))?;
            let property = |name: &str| view.relationship_property(hop.relationship, name);
            Some(Listing {
                by: Some(relationship.end),
                programme: property("programme").as_str().map(str::to_owned),
                from: property("from"),
                to: property("to"),
            })
        }));
    }
    if found.is_empty() && has_topic(&view.node_property(node, "topics")) {
        found.push(Listing { by: None, programme: None, from: Value::Null, to: Value::Null });
    }
    found
}

fn has_topic(topics: &Value) -> bool {
    match topics {
        Value::List(items) => items.iter().any(|item| item.as_str() == Some(LISTED)),
        Value::String(text) => text.split(';').any(|topic| topic.trim() == LISTED),
        _ => false,
    }
}

impl Listing {
    /// The listing in words: `OFAC (RUSSIA-EO14024) since 2022-05-08`.
    #[must_use]
    pub fn in_words(&self, view: View<'_>) -> String {
        let by = self.by.map(|by| match view.node_property(by, "name").as_str() {
            Some(name) if !view.is_confidential(by) => name.to_owned(),
            _ => view.source_label(by),
        });
        let mut words = by.unwrap_or_else(|| "topic sanction".to_owned());
        if let Some(programme) = &self.programme {
            words = format!("{words} ({programme})");
        }
        let told = |word: &str, value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => format!(" {word} {text}"),
            other => format!(" {word} {other}"),
        };
        format!("{words}{}{}", told("since", &self.from), told("until", &self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topic_is_found_in_lists_and_texts() {
        assert!(has_topic(&Value::from("poi; sanction")));
        assert!(!has_topic(&Value::from("sanction.linked")));
        assert!(has_topic(&Value::List(vec![Value::from("sanction")])));
        assert!(!has_topic(&Value::Null));
    }
}

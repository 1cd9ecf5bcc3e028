//! Evidence as a view shows it: confidence, disputes, sources and origins.

use std::collections::{BTreeMap, BTreeSet};

use super::lens::{CompiledLens, origin};
use super::{Symbol, View};
use crate::model::{About, Claim, ClaimId, NodeId, Path, RelationshipId, Stance, Value};

impl<'a> View<'a> {
    /// A claim that is there and not hidden.
    #[must_use]
    pub fn claim(self, id: ClaimId) -> Option<&'a Claim> {
        self.graph().claim(id).filter(|_| self.shows_claim(id))
    }

    /// All claims that show.
    pub fn claims(self) -> impl Iterator<Item = (ClaimId, &'a Claim)> + 'a {
        self.graph().claims().filter(move |&(id, _)| self.shows_claim(id))
    }

    /// The claims about an element that show, in the order of recording.
    pub fn claims_about(self, about: About) -> impl Iterator<Item = (ClaimId, &'a Claim)> + 'a {
        self.graph().claims_about(about).filter(move |&(id, _)| self.shows_claim(id))
    }

    /// Confidence of a relationship in 0..=1: that of its best supporting claim,
    /// else its property `confidence`, else none.
    #[must_use]
    pub fn relationship_confidence(self, id: RelationshipId) -> Option<f64> {
        self.best_support(About::Relationship(id))
            .or_else(|| self.relationship_property(id, "confidence").as_number())
    }

    /// Confidence of a node in 0..=1, found in the same way.
    #[must_use]
    pub fn node_confidence(self, id: NodeId) -> Option<f64> {
        self.best_support(About::Node(id)).or_else(|| self.node_property(id, "confidence").as_number())
    }

    fn best_support(self, about: About) -> Option<f64> {
        let supporting = self.claims_about(about).filter(|(_, claim)| claim.supports_element());
        supporting.filter_map(|(_, claim)| claim.confidence()).max_by(f64::total_cmp)
    }

    /// The best supporting claim of an element; the first recorded of equals.
    #[must_use]
    pub fn best_claim(self, about: About) -> Option<&'a Claim> {
        let supporting =
            self.claims_about(about).map(|(_, claim)| claim).filter(|claim| claim.supports_element());
        supporting.reduce(|best, claim| {
            let better = claim.confidence().unwrap_or(-1.0) > best.confidence().unwrap_or(-1.0);
            if better { claim } else { best }
        })
    }

    /// Whether any claim disputes the element.
    #[must_use]
    pub fn is_disputed(self, about: About) -> bool {
        self.claims_about(about).any(|(_, claim)| claim.disputes_element())
    }

    /// The sources of an element's supporting claims, each once, by id.
    #[must_use]
    pub fn sources_of(self, about: About) -> BTreeSet<NodeId> {
        let supporting = self.claims_about(about).filter(|(_, claim)| claim.supports_element());
        supporting.filter_map(|(_, claim)| claim.source).collect()
    }

    /// Where a source's report comes from: its property `origin`, else its key.
    #[must_use]
    pub fn origin_of(self, source: NodeId) -> Option<String> {
        origin(self.graph(), source)
    }

    /// The independent origins of an element's supporting claims.
    #[must_use]
    pub fn origins_of(self, about: About) -> BTreeSet<String> {
        self.sources_of(about).into_iter().filter_map(|source| self.origin_of(source)).collect()
    }

    /// Confidence of a path: that of its weakest hop; none if a hop has none or
    /// the path has no relationships.
    #[must_use]
    pub fn path_confidence(self, path: &Path) -> Option<f64> {
        let hops = path.relationships.iter().map(|&id| self.relationship_confidence(id));
        let all: Option<Vec<f64>> = hops.collect();
        all?.into_iter().min_by(f64::total_cmp)
    }

    /// The weakest hop of a path, the first of equals; a hop without confidence
    /// is weaker than any.
    #[must_use]
    pub fn weakest_hop(self, path: &Path) -> Option<RelationshipId> {
        let strength = |id: &RelationshipId| self.relationship_confidence(*id).unwrap_or(-1.0);
        path.relationships.iter().copied().min_by(|a, b| strength(a).total_cmp(&strength(b)))
    }

    /// Whether an element that shows would be hidden if the claims of these sources were
    /// hidden too: none of its supporting claims is left or, where the lens asks for a least
    /// confidence, those left are too weak. One without claims stays.
    #[must_use]
    pub fn falls_without(self, about: About, left_out: &BTreeSet<NodeId>) -> bool {
        let supporting = || self.claims_about(about).filter(|(_, claim)| claim.supports_element());
        let stays = |claim: &Claim| claim.source.is_none_or(|source| !left_out.contains(&source));
        let left: Vec<&Claim> = supporting().map(|(_, claim)| claim).filter(|claim| stays(claim)).collect();
        if left.is_empty() {
            return supporting().next().is_some();
        }
        let (About::Relationship(id), Some(least)) =
            (about, self.lens().and_then(CompiledLens::confidence_min))
        else {
            return false;
        };
        let best = left.iter().filter_map(|claim| claim.confidence()).max_by(f64::total_cmp);
        let best = best.or_else(|| self.relationship_property(id, "confidence").as_number());
        best.is_none_or(|best| best < least)
    }

    /// The null results at a place for a relationship type.
    pub fn null_results(
        self,
        place: NodeId,
        kind: Symbol,
    ) -> impl Iterator<Item = (ClaimId, &'a Claim)> + 'a {
        let kind = self.graph().text(kind);
        self.claims_about(About::Node(place)).filter(move |(_, claim)| {
            matches!(&claim.stance, Stance::NullResult { relationship_type } if relationship_type == kind)
        })
    }

    /// How a source is called in output: by its key, or where it is confidential
    /// by a pseudonym that says nothing about it.
    #[must_use]
    pub fn source_label(self, source: NodeId) -> String {
        match self.is_confidential(source) {
            true => self.pseudonym(source),
            false => self.graph().key_of(source),
        }
    }

    /// Whether what a claim says, besides its stance and grade, has to stay hidden:
    /// it rests on a confidential source, or is about one.
    #[must_use]
    pub fn is_claim_confidential(self, claim: &Claim) -> bool {
        let about = match claim.about {
            About::Node(id) => Some(id),
            About::Relationship(_) => None,
        };
        claim.source.into_iter().chain(about).any(|id| self.is_confidential(id))
    }

    /// How a source's title is shown; a confidential one has none.
    #[must_use]
    pub fn source_title(self, source: NodeId) -> Option<String> {
        if self.is_confidential(source) {
            return None;
        }
        let text = |name| self.node_property(source, name).as_str().map(str::to_owned);
        text("title").or_else(|| text("name"))
    }

    /// Whether a source may only appear under a pseudonym.
    #[must_use]
    pub fn is_confidential(self, source: NodeId) -> bool {
        says_confidential(&self.node_property(source, "confidential"))
    }

    /// Stable, since ids are never given twice.
    fn pseudonym(self, source: NodeId) -> String {
        let what = if self.graph().is_source(source) { "source" } else { "entity" };
        format!("confidential {what} {}", u64::from(source.0) + 1)
    }

    fn shows_claim(self, id: ClaimId) -> bool {
        self.lens().is_none_or(|lens| !lens.hides_claim(id.index()))
    }

    /// How many claims each source makes, of whatever stance.
    #[must_use]
    pub fn claims_by_source(self) -> BTreeMap<NodeId, usize> {
        let mut counts = BTreeMap::new();
        for source in self.claims().filter_map(|(_, claim)| claim.source) {
            *counts.entry(source).or_default() += 1;
        }
        counts
    }
}

/// Whether the value of the property `confidential` protects a node.
pub(super) fn says_confidential(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => false,
        // A sheet may hold the word. Whatever is not a clear no protects the source.
        Value::String(text) => !matches!(text.trim().to_lowercase().as_str(), "" | "false" | "no" | "0"),
        _ => true,
    }
}

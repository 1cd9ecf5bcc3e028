//! Lenses: the graph as of a date, as known by a date, above a confidence, or
//! without some sources.
//!
//! A lens is compiled once a query to bitmaps of what it hides; the graph itself
//! is never copied. The rules, in the order in which they are applied:
//!
//! 1. *Known by* hides claims whose date is later, and *without* hides claims of
//!    the sources named, by their key, their property `id` or their origin. A claim counts from its
//!    source's date (a partial date from its end), else from when it was recorded.
//! 2. An element whose supporting claims are all hidden is hidden. One that
//!    never had any stays.
//! 3. *As of* hides relationships that begin after the date, and states that
//!    ended before it; inside a chronological pattern the latter stay, since they
//!    may hold at the instant of an earlier event.
//! 4. *Least confidence* hides relationships whose confidence is lower or unknown.
//! 5. A relationship without one of its ends is hidden.

use std::collections::BTreeSet;

use super::{Graph, View};
use crate::error::{Error, Result};
use crate::model::time::reading;
use crate::model::{About, Claim, Clock, Interval, NodeId, TypeKind, Value};
use crate::names::nearest;

/// What to look through; the default lens hides nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lens {
    /// The graph as it was on this date.
    pub as_of: Option<Value>,
    /// What could be known by the end of this date.
    pub known_by: Option<Value>,
    /// The least confidence of a relationship, in 0..=1.
    pub confidence_min: Option<f64>,
    /// Keys, properties `id` or origins of sources that are left out.
    pub without: Vec<String>,
}

impl Lens {
    /// Whether it hides nothing.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        *self == Self::default()
    }

    /// Checks the arguments and finds what the lens hides in `graph`.
    ///
    /// # Errors
    /// `Invalid` for a date that cannot be read or a confidence outside 0..=1;
    /// `NotFound` for a source that is neither a key nor an origin.
    ///
    /// # Complexity
    /// O(V + E + C) for nodes, relationships and claims.
    pub fn compile(&self, graph: &Graph) -> Result<CompiledLens> {
        let as_of = date("as of", self.as_of.as_ref())?;
        let known_by = date("known by", self.known_by.as_ref())?;
        if let (Some((Clock::Integer, _)), Some(value)) = (known_by, &self.known_by) {
            return Err(not_a_date("known by", value));
        }
        if let (Some((clock, _)), Some(value)) = (as_of, &self.as_of) {
            let mut clocks =
                graph.relationships().filter_map(|(_, relationship)| relationship.period.clock()).peekable();
            if clocks.peek().is_some() && !clocks.any(|other| other == clock) {
                return Err(not_a_date("as of", value));
            }
        }
        if let Some(least) = self.confidence_min.filter(|least| !(0.0..=1.0).contains(least)) {
            return Err(Error::invalid(format!(
                "expected a least confidence between 0 and 1, found {least}"
            )));
        }
        let mut lens = CompiledLens::new(graph);
        lens.hide_claims(graph, known_by.map(|(_, day)| day), &self.left_out(graph)?);
        lens.hide_unsupported(graph);
        if let Some((clock, day)) = as_of {
            lens.hide_out_of_time(graph, clock, day);
        }
        lens.confidence_min = self.confidence_min;
        if let Some(least) = self.confidence_min {
            lens.hide_weak(graph, least);
        }
        lens.hide_dangling(graph);
        lens.ended.insert_all(&lens.relationships);
        Ok(lens)
    }

    /// The source nodes that `without` names.
    fn left_out(&self, graph: &Graph) -> Result<BTreeSet<NodeId>> {
        let mut left_out = BTreeSet::new();
        for name in &self.without {
            let called = sources_called(graph, name);
            if called.is_empty() {
                let is_open = |id: &NodeId| !View::new(graph, None, false).is_confidential(*id);
                let open = graph.sources().filter(is_open);
                let names = |id| [Some(written_name(graph, id)), origin(graph, id)];
                let known: Vec<String> = open.flat_map(names).flatten().collect();
                let near = nearest(name, known.iter().map(String::as_str));
                return Err(Error::not_found(format!("there is no source '{name}'"))
                    .hint(near.map(|near| format!("did you mean '{near}'? `sources` lists them"))));
            }
            left_out.extend(called);
        }
        Ok(left_out)
    }
}

/// The sources that a name stands for in `without`: by key, by property `id` or by origin.
#[must_use]
pub fn sources_called(graph: &Graph, name: &str) -> BTreeSet<NodeId> {
    let by_name = graph.node_by_key(name).into_iter().chain(graph.nodes_by_id_property(name));
    let by_name = by_name.filter(|&id| graph.is_source(id));
    by_name.chain(graph.sources().filter(|&id| origin(graph, id).as_deref() == Some(name))).collect()
}

fn date(what: &str, value: Option<&Value>) -> Result<Option<(Clock, Interval)>> {
    value.map(|value| reading(value).ok_or_else(|| not_a_date(what, value))).transpose()
}

fn not_a_date(what: &str, value: &Value) -> Error {
    Error::invalid(format!("expected a date for {what}, found {value}"))
        .hint("dates are written 2023, 2023-09 or 2023-09-07".to_owned())
}

/// What people call a source: its property `id`, else its key.
fn written_name(graph: &Graph, source: NodeId) -> String {
    let id = graph.symbol("id").and_then(|name| graph.node(source)?.property(name)).and_then(Value::as_str);
    id.map_or_else(|| graph.key_of(source), str::to_owned)
}

/// Where a source's report comes from: its property `origin`, else its key.
pub(super) fn origin(graph: &Graph, source: NodeId) -> Option<String> {
    let node = graph.node(source)?;
    let origin = graph.symbol("origin").and_then(|name| node.property(name)).and_then(Value::as_str);
    Some(origin.map_or_else(|| graph.key_of(source), str::to_owned))
}

/// How many elements a lens hides, and what it could not judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hidden {
    /// Nodes.
    pub nodes: usize,
    /// Relationships, ended states included.
    pub relationships: usize,
    /// Claims.
    pub claims: usize,
    /// Sources without a date, whose claims count from when they were recorded.
    pub undated_sources: usize,
}

/// A lens made ready for one graph.
#[derive(Debug, Clone, Default)]
pub struct CompiledLens {
    nodes: Ids,
    relationships: Ids,
    /// Ended states, and in the end all of `relationships` too, so that an ordinary
    /// pattern asks once.
    ended: Ids,
    claims: Ids,
    undated_sources: usize,
    confidence_min: Option<f64>,
}

impl CompiledLens {
    fn new(graph: &Graph) -> Self {
        Self {
            nodes: Ids::below(graph.node_bound()),
            relationships: Ids::below(graph.relationship_bound()),
            ended: Ids::below(graph.relationship_bound()),
            claims: Ids::below(graph.claim_bound()),
            undated_sources: 0,
            confidence_min: None,
        }
    }

    /// The same lens, through which ended states show in every pattern.
    #[must_use]
    pub fn with_ended_states(mut self) -> Self {
        self.ended.clone_from(&self.relationships);
        self
    }

    /// The least confidence of a relationship that shows.
    pub(super) fn confidence_min(&self) -> Option<f64> {
        self.confidence_min
    }

    /// What it hides.
    #[must_use]
    pub fn hidden(&self) -> Hidden {
        Hidden {
            nodes: self.nodes.count(),
            relationships: self.ended.count(),
            claims: self.claims.count(),
            undated_sources: self.undated_sources,
        }
    }

    pub(super) fn hides_node(&self, index: usize) -> bool {
        self.nodes.contains(index)
    }

    /// `chronological` says whether ended states still show.
    pub(super) fn hides_relationship(&self, index: usize, chronological: bool) -> bool {
        let hidden = if chronological { &self.relationships } else { &self.ended };
        hidden.contains(index)
    }

    pub(super) fn hides_claim(&self, index: usize) -> bool {
        self.claims.contains(index)
    }

    fn hide_claims(&mut self, graph: &Graph, known_by: Option<Interval>, left_out: &BTreeSet<NodeId>) {
        let mut undated = BTreeSet::new();
        for (id, claim) in graph.claims() {
            let late = known_by.is_some_and(|day| {
                let (date, is_dated) = claim_date(graph, claim);
                undated.extend(claim.source.filter(|_| !is_dated));
                date > day.hi
            });
            if late || claim.source.is_some_and(|source| left_out.contains(&source)) {
                self.claims.insert(id.index());
            }
        }
        self.undated_sources = undated.len();
    }

    fn hide_unsupported(&mut self, graph: &Graph) {
        for (id, _) in graph.nodes() {
            if self.lost_support(graph, About::Node(id)) {
                self.nodes.insert(id.index());
            }
        }
        for (id, _) in graph.relationships() {
            if self.lost_support(graph, About::Relationship(id)) {
                self.relationships.insert(id.index());
            }
        }
    }

    fn lost_support(&self, graph: &Graph, about: About) -> bool {
        let mut supporting =
            graph.claims_about(about).filter(|(_, claim)| claim.supports_element()).peekable();
        supporting.peek().is_some() && supporting.all(|(id, _)| self.claims.contains(id.index()))
    }

    fn hide_out_of_time(&mut self, graph: &Graph, clock: Clock, day: Interval) {
        for (id, relationship) in graph.relationships() {
            if relationship.period.clock() != Some(clock) {
                continue;
            }
            let kind = graph.schema().kind(graph.text(relationship.kind));
            let period = relationship.period.possible(kind);
            if period.lo > day.hi {
                self.relationships.insert(id.index());
            }
            if kind == TypeKind::State && period.hi < day.lo {
                self.ended.insert(id.index());
            }
        }
    }

    fn hide_weak(&mut self, graph: &Graph, least: f64) {
        let weak: Vec<_> = {
            let view = View::new(graph, Some(self), false);
            graph
                .relationships()
                .map(|(id, _)| id)
                .filter(|&id| view.relationship_confidence(id).is_none_or(|confidence| confidence < least))
                .collect()
        };
        for id in weak {
            self.relationships.insert(id.index());
        }
    }

    fn hide_dangling(&mut self, graph: &Graph) {
        for (id, relationship) in graph.relationships() {
            let [start, end] = [relationship.start, relationship.end].map(NodeId::index);
            if self.nodes.contains(start) || self.nodes.contains(end) {
                self.relationships.insert(id.index());
            }
        }
    }
}

/// A set of ids, one bit for each: every hop asks, so that the set should stay in
/// the processor's caches.
#[derive(Debug, Clone, Default)]
struct Ids(Vec<u64>);

impl Ids {
    /// An empty set of ids below a bound.
    fn below(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    fn contains(&self, id: usize) -> bool {
        self.0.get(id / 64).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    fn insert(&mut self, id: usize) {
        self.0[id / 64] |= 1 << (id % 64);
    }

    fn insert_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// From when a claim counts, and whether its source says so.
fn claim_date(graph: &Graph, claim: &Claim) -> (i64, bool) {
    let date = claim.source.and_then(|source| {
        let value = graph.node(source)?.property(graph.symbol("date")?)?;
        reading(value).filter(|(clock, _)| *clock == Clock::Calendar)
    });
    date.map_or((claim.recorded_micros, false), |(_, day)| (day.hi, true))
}

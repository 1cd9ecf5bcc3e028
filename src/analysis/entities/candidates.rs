//! Who may be the same: pairs of nodes with a score and the reasons for and against.
//!
//! The score begins with the two most alike names of a pair and is changed by what else is on record.
//! It orders what to look into, and is no probability:
//!
//! | on record | score |
//! |---|---|
//! | names | nine tenths of how alike they are: a name alone identifies nobody |
//! | an identifier in common | at least 0.98 |
//! | different ones of a scheme in which each has one for good (IMO, INN, OGRN, LEI, UN/LOCODE) | halved |
//! | the same date of birth, founding or building | a quarter nearer to 1 |
//! | different ones | times 0.7 |
//! | a country in common | a tenth nearer to 1 |
//! | different countries | times 0.9 |
//! | a relationship between the two, such as a depot that lies in a town | halved |
//!
//! Pairs that were judged already are left out, and so is whoever is not known.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::judged::{Judgements, is_unknown};
use crate::error::Result;
use crate::graph::{Direction, IDENTIFIER_PROPERTIES, NAME_PROPERTIES, View};
use crate::model::time::reading;
use crate::model::{NodeId, Value};
use crate::names::{Identifier, Kind, Name, Scheme, explain, normal, similarity};

/// Candidates that score less are not shown unless asked for.
pub const SCORE_MIN: f64 = 0.8;

/// What names alone can reach.
const NAMES_WEIGHT: f64 = 0.9;

/// The type of relationships that leave open whether two nodes are one.
const POSSIBLY: &str = "POSSIBLY_SAME";

/// Labels under which anything may stand that has another label elsewhere.
const GENERAL_LABELS: &[&str] = &["Asset", "LegalEntity", "Thing"];

/// Names that may score so much less than asked for are looked at, since other facts can add to it.
const SLACK: f64 = 0.1;

/// As many names like one of a node's are looked at.
const ALIKE_MAX: usize = 16;

/// As many names of a node are compared with those of another.
const NAMES_MAX: usize = 12;

/// More nodes with one identifier are no candidates for being one: the identifier is a mistake.
const SHARERS_MAX: usize = 16;

/// Dates that an entity has one of.
const DATES: &[&str] = &["birthDate", "built", "founded", "incorporationDate"];

/// Properties that name countries by their codes.
const COUNTRIES: &[&str] = &["country", "jurisdiction", "nationality"];

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Only pairs with this node.
    pub entity: Option<NodeId>,
    /// The least score, in 0..=1.
    pub threshold: f64,
    /// The most pairs.
    pub limit: usize,
}

impl Default for Asked {
    fn default() -> Self {
        Self { entity: None, threshold: SCORE_MIN, limit: 100 }
    }
}

/// Two nodes that may be one entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The nodes, in the order of their ids.
    pub pair: (NodeId, NodeId),
    /// How much speaks for it, in 0..=1.
    pub score: f64,
    /// What speaks for it.
    pub reasons: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
}

/// The pairs, best first, and whether the limit left some out.
///
/// # Errors
/// What `check` gives, which is asked now and then.
///
/// # Complexity
/// A search in the index of names, some microseconds to a millisecond, for each name of the nodes
/// that are looked at: all of them, unless an entity is asked for.
pub fn candidates(
    view: View<'_>,
    asked: &Asked,
    check: &dyn Fn() -> Result<()>,
) -> Result<(Vec<Candidate>, bool)> {
    let judgements = Judgements::of_view(view, check)?;
    let judged: BTreeSet<_> =
        judgements.same.iter().chain(&judgements.different).map(|judged| judged.pair).collect();
    let mut found = Vec::new();
    for pair in pairs(view, asked, check)? {
        check()?;
        if judged.contains(&pair) {
            continue;
        }
        found.extend(compared(view, pair).filter(|found| found.score >= asked.threshold));
    }
    let by_score =
        |a: &Candidate, b: &Candidate| -> Ordering { b.score.total_cmp(&a.score).then(a.pair.cmp(&b.pair)) };
    found.sort_by(by_score);
    let is_cut = found.len() > asked.limit;
    found.truncate(asked.limit);
    Ok((found, is_cut))
}

/// The pairs that share an identifier or have names alike.
fn pairs(
    view: View<'_>,
    asked: &Asked,
    check: &dyn Fn() -> Result<()>,
) -> Result<BTreeSet<(NodeId, NodeId)>> {
    let is_wanted =
        |a: NodeId, b: NodeId| a != b && asked.entity.is_none_or(|entity| a == entity || b == entity);
    let mut pairs = BTreeSet::new();
    let mut sharers: BTreeMap<(String, String), Vec<NodeId>> = BTreeMap::new();
    let index = view.graph().names_index();
    for node in view.nodes().filter(|&node| can_be_another(view, node)) {
        check()?;
        for (scheme, values) in identifiers(view, node) {
            for value in values {
                sharers.entry((scheme.clone(), value)).or_default().push(node);
            }
        }
        if asked.entity.is_some_and(|entity| entity != node) {
            continue;
        }
        let kind = view.graph().kind_of_name(node);
        for name in names(view, node, kind) {
            for found in index.search(view, &name, ALIKE_MAX, (asked.threshold - SLACK).max(0.0)) {
                let other = NodeId(found.owner);
                if !found.is_identifier && is_wanted(node, other) && can_be_another(view, other) {
                    pairs.insert((node.min(other), node.max(other)));
                }
            }
        }
    }
    for nodes in sharers.into_values().filter(|nodes| nodes.len() <= SHARERS_MAX) {
        for (i, &a) in nodes.iter().enumerate() {
            for &b in nodes[i + 1..].iter().filter(|&&b| is_wanted(a, b)) {
                pairs.insert((a.min(b), a.max(b)));
            }
        }
    }
    Ok(pairs)
}

/// Whether a node can be the same as another: it is no source, and it is known who it is.
fn can_be_another(view: View<'_>, node: NodeId) -> bool {
    !view.graph().is_source(node) && !is_unknown(view, node)
}

/// What speaks for and against two nodes being one; none where they are of different kinds.
fn compared(view: View<'_>, (a, b): (NodeId, NodeId)) -> Option<Candidate> {
    let [kind_a, kind_b] = [a, b].map(|node| view.graph().kind_of_name(node));
    if !may_be_of_one_kind(view, a, b) {
        return None;
    }
    let mut candidate = Candidate { pair: (a, b), score: 0.0, reasons: Vec::new(), against: Vec::new() };
    let (names_a, names_b) = (names(view, a, kind_a), names(view, b, kind_b));
    let mut best: Option<(f64, &Name, &Name)> = None;
    for name_a in &names_a {
        for name_b in &names_b {
            let score = similarity(name_a, name_b);
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, name_a, name_b));
            }
        }
    }
    if let Some((score, name_a, name_b)) = best {
        candidate.score = score * NAMES_WEIGHT;
        let explanation = explain(name_a, name_b);
        candidate.reasons.push(match name_a.text() == name_b.text() {
            true => format!("both are called {}", name_a.text()),
            false => format!("{} and {}: {}", name_a.text(), name_b.text(), explanation.reason()),
        });
    }
    candidate.weigh_identifiers(&identifiers(view, a), &identifiers(view, b));
    candidate.weigh_dates(view);
    candidate.weigh_countries(view);
    candidate.weigh_relationships(view);
    candidate.score = (candidate.score * 1000.0).round() / 1000.0;
    Some(candidate)
}

impl Candidate {
    fn nearer(&mut self, share: f64) {
        self.score += (1.0 - self.score) * share;
    }

    fn weigh_identifiers(&mut self, a: &Identifiers, b: &Identifiers) {
        let mut is_same = false;
        let mut n_different = 0;
        for (scheme, of_a) in a {
            let Some(of_b) = b.get(scheme) else { continue };
            if let Some(value) = of_a.intersection(of_b).next() {
                is_same = true;
                self.reasons.push(format!("the same {scheme}: {value}"));
            } else if LASTING.iter().any(|lasting| lasting.as_str() == scheme) {
                n_different += 1;
                let [of_a, of_b] =
                    [of_a, of_b].map(|values| values.iter().cloned().collect::<Vec<_>>().join(", "));
                self.against.push(format!("different {scheme}: {of_a} and {of_b}"));
            }
        }
        if is_same {
            self.score = self.score.max(0.98);
        }
        for _ in 0..n_different {
            self.score *= 0.5;
        }
    }

    fn weigh_dates(&mut self, view: View<'_>) {
        for name in DATES {
            let [a, b] = [self.pair.0, self.pair.1].map(|node| view.node_property(node, name));
            let [Some(when_a), Some(when_b)] = [&a, &b].map(dated) else { continue };
            if when_a.intersect(when_b).is_empty() {
                self.score *= 0.7;
                self.against.push(format!("{name}: {} and {}", plain(&a), plain(&b)));
            } else {
                self.nearer(0.25);
                self.reasons.push(format!("{name}: {} and {}", plain(&a), plain(&b)));
            }
        }
    }

    fn weigh_relationships(&mut self, view: View<'_>) {
        let (a, b) = self.pair;
        let hops = view.hops(a, Direction::Either).filter(|hop| hop.node == b);
        let kinds = hops.filter_map(|hop| view.relationship(hop.relationship)).map(|found| found.kind);
        let kinds: BTreeSet<&str> = kinds.map(|kind| view.graph().text(kind)).collect();
        if kinds.contains(POSSIBLY) {
            self.reasons.push("recorded as possibly the same".to_owned());
        }
        let others: Vec<&str> = kinds.into_iter().filter(|kind| *kind != POSSIBLY).collect();
        if !others.is_empty() {
            self.score *= 0.5;
            self.against.push(format!("related: {}", others.join(", ")));
        }
    }

    fn weigh_countries(&mut self, view: View<'_>) {
        let countries = |node: NodeId| -> BTreeSet<String> {
            let written = COUNTRIES.iter().flat_map(|name| texts(&view.node_property(node, name)));
            written.map(|text| text.to_uppercase()).collect()
        };
        let (a, b) = (countries(self.pair.0), countries(self.pair.1));
        if a.is_empty() || b.is_empty() {
            return;
        }
        let listed = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
        match a.intersection(&b).next() {
            Some(country) => {
                self.nearer(0.1);
                self.reasons.push(format!("both of {country}"));
            }
            None => {
                self.score *= 0.9;
                self.against.push(format!("of {} and of {}", listed(&a), listed(&b)));
            }
        }
    }
}

/// Schemes in which an entity has one identifier for good.
const LASTING: &[Scheme] = &[Scheme::Imo, Scheme::Inn, Scheme::Ogrn, Scheme::Lei, Scheme::Locode];

/// Identifiers by their scheme.
type Identifiers = BTreeMap<String, BTreeSet<String>>;

fn identifiers(view: View<'_>, node: NodeId) -> Identifiers {
    let mut found = Identifiers::new();
    for property in IDENTIFIER_PROPERTIES {
        let scheme = Scheme::of_property(property);
        let label = scheme.map_or(*property, Scheme::as_str);
        for text in texts(&view.node_property(node, property)) {
            let read = scheme.and_then(|scheme| Identifier::of(scheme, &text));
            let value = read.map_or_else(|| normal(&text), |found| found.value);
            found.entry(label.to_owned()).or_default().insert(value);
        }
    }
    found
}

fn names(view: View<'_>, node: NodeId, kind: Option<Kind>) -> Vec<Name> {
    let written = NAME_PROPERTIES.iter().flat_map(|name| texts(&view.node_property(node, name)));
    written.take(NAMES_MAX).map(|text| Name::new(&text, kind)).collect()
}

/// The texts of a property: one, or the items of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) if !text.trim().is_empty() => vec![text.trim().to_owned()],
        Value::Int(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// A date, or the number of a year, as the instants that it means.
fn dated(value: &Value) -> Option<crate::model::Interval> {
    let year = match value {
        Value::Int(year) => Some(Value::from(year.to_string())),
        _ => None,
    };
    reading(year.as_ref().unwrap_or(value)).map(|(_, interval)| interval)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// A ship is no company: nodes can be one where they share a label or their labels name one kind, and
/// where one has no label or only a general one.
fn may_be_of_one_kind(view: View<'_>, a: NodeId, b: NodeId) -> bool {
    let labels = |node: NodeId| -> BTreeSet<&str> {
        let labels = view.graph().node(node).map_or(&[][..], |node| node.labels());
        labels.iter().map(|&label| view.graph().text(label)).collect()
    };
    let (of_a, of_b) = (labels(a), labels(b));
    let is_general = |labels: &BTreeSet<&str>| labels.iter().all(|label| GENERAL_LABELS.contains(label));
    let kinds = |labels: &BTreeSet<&str>| -> BTreeSet<Kind> {
        labels.iter().filter_map(|label| Kind::parse(label)).collect()
    };
    is_general(&of_a)
        || is_general(&of_b)
        || !of_a.is_disjoint(&of_b)
        || !kinds(&of_a).is_disjoint(&kinds(&of_b))
}

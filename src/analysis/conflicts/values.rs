//! Values of which at most one can be true, and counts that cannot be compared.

use std::collections::{BTreeMap, BTreeSet};

use super::position::{By, Position};
use super::{Conflict, Kind, Side};
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::properties::{ONE_AT_A_TIME, RULE_LABEL, Values, is_single_by_nature, known};
use crate::model::{About, Claim, ClaimId, Interval, NodeId, Stance};

/// How many values properties have, by the rules of the case; and of which relationship types a node has
/// one, by the domain or the case.
#[derive(Debug, Default)]
pub(super) struct Rules {
    properties: BTreeMap<String, Values>,
    types: BTreeMap<String, Values>,
}

impl Rules {
    /// Reads them.
    ///
    /// # Errors
    /// `Invalid` for one without a property or type, or with other words for its values.
    pub(super) fn of_case(view: View<'_>) -> Result<Self> {
        let types = ONE_AT_A_TIME.iter().map(|kind| ((*kind).to_owned(), Values::OneAtATime));
        let mut rules = Self { properties: BTreeMap::new(), types: types.collect() };
        let label = view.graph().symbol(RULE_LABEL);
        let nodes = label.into_iter().flat_map(|label| view.graph().nodes_with_label(label));
        for node in nodes.filter(|&node| view.node(node).is_some()) {
            let text = |name: &str| view.node_property(node, name).as_str().map(str::to_owned);
            let told = text("property").map(|name| (name, true)).or_else(|| Some((text("type")?, false)));
            let (name, is_property) = told.ok_or_else(|| {
                Error::invalid(format!("a {RULE_LABEL} needs the property that it is about, or the type"))
                    .hint(format!(
                        "write (:{RULE_LABEL} {{property: 'hullColour', values: 'one at a time'}})"
                    ))
            })?;
            let words = text("values").unwrap_or_default();
            let values = Values::parse(&words).ok_or_else(|| {
                Error::invalid(format!(
                    "expected one, one at a time, count or many as values of {name}, found '{words}'"
                ))
            })?;
            if values == Values::Count && !is_property {
                return Err(Error::invalid(format!("relationships of type {name} are no count"))
                    .hint("their values are one, one at a time or many".to_owned()));
            }
            let rules = if is_property { &mut rules.properties } else { &mut rules.types };
            rules.insert(name, values);
        }
        Ok(rules)
    }

    /// The relationship types of which a node has one, or one at a time.
    pub(super) fn types(&self) -> impl Iterator<Item = (&str, Values)> {
        let types = self.types.iter().map(|(kind, values)| (kind.as_str(), *values));
        types.filter(|(_, values)| *values != Values::Many)
    }

    /// How many values a property has: by the case, by the domain, or by what is said of it.
    fn of(&self, property: &str, positions: &[Position]) -> Values {
        let told = self.properties.get(property).copied().or_else(|| Values::of(property));
        let open = || positions.iter().filter(|position| !position.is_withheld);
        let is_single = || open().all(|position| is_single_by_nature(&position.value));
        told.unwrap_or_else(|| if is_single() { Values::One } else { Values::Many })
    }
}

/// What conflicts among the values of each property of an element.
pub(super) fn of_element(
    view: View<'_>,
    about: About,
    claims: &[(ClaimId, &Claim)],
    rules: &Rules,
) -> Vec<Conflict> {
    let mut by_property: BTreeMap<&str, Vec<Position>> = BTreeMap::new();
    for &(id, claim) in claims.iter().filter(|(_, claim)| claim.stance == Stance::Supports) {
        let (Some(property), None) = (claim.property.as_deref(), claim.carriers) else { continue };
        by_property.entry(property).or_default().extend(Position::of_claim(view, id, claim));
    }
    let mut found = Vec::new();
    for (property, mut positions) in by_property {
        if positions.is_empty() {
            continue;
        }
        positions.extend(Position::of_record(view, about, property));
        let conflict = |kind, at: BTreeSet<usize>, why: String| Conflict {
            kind,
            about,
            subject: Some(property.to_owned()),
            sides: sides(&positions, &at),
            why,
            marks: BTreeSet::new(),
        };
        let values = rules.of(property, &positions);
        let (clashing, why) = clashing(property, values, &positions);
        found.extend((!clashing.is_empty()).then(|| conflict(Kind::Value, clashing, why)));
        if values == Values::Count {
            let (apart, why) = apart(&positions);
            found.extend((!apart.is_empty()).then(|| conflict(Kind::NotComparable, apart, why)));
        }
    }
    found
}

/// A value, and the nodes that have it.
pub(super) type Recorded = (Position, Vec<NodeId>);

/// The properties of which nodes that are read as one have different values where one can be, each with
/// the nodes that have each value.
pub(super) fn of_parts(view: View<'_>, parts: &[NodeId], rules: &Rules) -> Vec<(String, Vec<Recorded>)> {
    let names = parts.iter().flat_map(|&part| view.graph().node_data(part).unwrap_or_default().properties);
    // What a sheet calls a row is no property of the entity.
    let names: BTreeSet<String> = names.map(|(name, _)| name).filter(|name| name != "id").collect();
    let mut found = Vec::new();
    for name in names {
        let told = parts.iter().map(|&part| (part, Position::of_record(view, About::Node(part), &name)));
        let (nodes, positions): (Vec<NodeId>, Vec<Position>) =
            told.filter_map(|(part, position)| Some((part, position?))).unzip();
        if rules.of(&name, &positions) != Values::One {
            continue;
        }
        let (clashing, _) = clashing(&name, Values::One, &positions);
        let mut sides: BTreeMap<String, Recorded> = BTreeMap::new();
        for at in clashing {
            let side =
                sides.entry(positions[at].side()).or_insert_with(|| (positions[at].clone(), Vec::new()));
            side.1.push(nodes[at]);
        }
        if !sides.is_empty() {
            let mut sides: Vec<_> = sides.into_values().collect();
            sides.sort_by_key(|(_, nodes)| nodes.first().copied());
            found.push((name, sides));
        }
    }
    found
}

/// Whether something is true of two positions.
type Test<'a> = &'a dyn Fn(&Position, &Position) -> bool;

/// The positions that cannot stand beside another one, and why.
fn clashing(property: &str, values: Values, positions: &[Position]) -> (BTreeSet<usize>, String) {
    let tolerance = known(property).map_or(0.0, |known| known.tolerance);
    let (clash, why): (Test<'_>, &str) = match values {
        Values::Many => return (BTreeSet::new(), String::new()),
        Values::One => (&|a, b| !a.fits(b, tolerance), "it has one value"),
        Values::OneAtATime => (
            &|a, b| !a.fits(b, tolerance) && a.overlaps(b),
            "it has one value at a time, and their periods overlap",
        ),
        Values::Count => (
            &|a, b| Comparison::of(a, b).is_some_and(|found| found.is_contradiction),
            "they count the same over one window, or over one within the other, and a longer window cannot hold fewer",
        ),
    };
    (pairs(positions, clash), why.to_owned())
}

/// The positions that differ from another with which they cannot be compared, and why not.
fn apart(positions: &[Position]) -> (BTreeSet<usize>, String) {
    let mut reasons = BTreeSet::new();
    let open: Vec<&Position> = positions.iter().filter(|position| !position.is_withheld).collect();
    for (i, a) in open.iter().enumerate() {
        for b in &open[i + 1..] {
            reasons.extend(difference(a, b));
        }
    }
    let found = pairs(positions, &|a, b| difference(a, b).is_some());
    let reasons: Vec<&str> = reasons.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect();
    (found, reasons.join("; "))
}

/// The positions of such pairs. What is withheld makes no pair, so that nobody reads from a conflict, or
/// from there being none, what it says; but where there is one, it stands in it, whatever it says.
fn pairs(positions: &[Position], is_one: Test<'_>) -> BTreeSet<usize> {
    let open = || positions.iter().enumerate().filter(|(_, position)| !position.is_withheld);
    let mut found = BTreeSet::new();
    for (i, a) in open() {
        for (j, b) in open().filter(|(j, _)| *j > i) {
            if is_one(a, b) {
                found.extend([i, j]);
            }
        }
    }
    if !found.is_empty() {
        found.extend(positions.iter().enumerate().filter(|(_, p)| p.is_withheld).map(|(at, _)| at));
    }
    found
}

/// Two counts that can be compared.
struct Comparison {
    /// Whether they cannot both be true.
    is_contradiction: bool,
}

impl Comparison {
    /// Compares two counts in one unit whose windows are the same, or one of which lies within the
    /// other. Within a longer window there are at least as many.
    fn of(a: &Position, b: &Position) -> Option<Self> {
        let (Some(in_a), Some(in_b)) = (a.range(), b.range()) else { return None };
        if a.unit != b.unit {
            return None;
        }
        let ((clock_a, window_a), (clock_b, window_b)) = (a.window(), b.window());
        if clock_a != clock_b {
            return None;
        }
        let is_written_as = a.is_written_as(b);
        let is_contradiction = if window_a == window_b {
            in_a.0 > in_b.1 || in_b.0 > in_a.1
        } else if window_a.is_unbounded() || window_b.is_unbounded() {
            // Where an end is not told, one does not know which is the longer.
            return None;
        } else if window_b.contains(window_a) {
            in_a.0 > in_b.1
        } else if window_a.contains(window_b) {
            in_b.0 > in_a.1
        } else {
            return None;
        };
        Some(Self { is_contradiction: is_contradiction && !is_written_as })
    }
}

/// Why two counts that differ cannot be compared; none where they can, or do not differ.
fn difference(a: &Position, b: &Position) -> Option<Vec<&'static str>> {
    if a.is_written_as(b) || Comparison::of(a, b).is_some() {
        return None;
    }
    let mut reasons = Vec::new();
    if a.range().is_none() || b.range().is_none() {
        reasons.push("not all are numbers");
    }
    if a.unit != b.unit {
        let is_told = a.unit.is_some() && b.unit.is_some();
        reasons.push(if is_told { "they count different things" } else { "not all say what they count" });
    }
    let ((clock_a, window_a), (clock_b, window_b)) = (a.window(), b.window());
    let is_open = |window: Interval| window.is_unbounded();
    if clock_a != clock_b || window_a != window_b {
        let is_told = !is_open(window_a) && !is_open(window_b);
        reasons.push(if is_told { "their windows differ" } else { "not all say from when to when" });
    }
    Some(reasons)
}

/// The sides of some positions, the record's first and the others by their first claim.
fn sides(positions: &[Position], at: &BTreeSet<usize>) -> Vec<Side> {
    let mut by_value: BTreeMap<String, Vec<&Position>> = BTreeMap::new();
    for &at in at {
        by_value.entry(positions[at].side()).or_default().push(&positions[at]);
    }
    let mut sides: Vec<Vec<&Position>> = by_value.into_values().collect();
    sides.sort_by_key(|side| side.iter().map(|position| position.by).min());
    sides.into_iter().map(|side| of_positions(&side)).collect()
}

fn of_positions(side: &[&Position]) -> Side {
    let claim = |position: &&Position| match position.by {
        By::Claim(id) => Some(id),
        By::Record => None,
    };
    let claims: Vec<ClaimId> = side.iter().filter_map(claim).collect();
    let value = side.first().filter(|position| !position.is_withheld).map(|position| position.value.clone());
    let says = match &value {
        Some(crate::model::Value::String(text)) => text.to_string(),
        Some(value) => value.to_string(),
        None => "(withheld)".to_owned(),
    };
    Side { says, value, is_stored: claims.len() < side.len(), claims, elements: Vec::new() }
}

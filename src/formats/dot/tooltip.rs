//! The evidence of an element in lines: who says so, how well, and who says
//! otherwise. Of a confidential source nothing but its pseudonym and the grade.

use super::links::Link;
use crate::formats::words;
use crate::graph::{Joint, View};
use crate::model::{About, Claim, NodeId, RelationshipId, Stance, TypeKind, Value};

/// More lines than this are counted and not shown.
const LINES_MAX: usize = 24;
/// More columns than this are cut.
const COLUMNS_MAX: usize = 400;

/// A node: its whole name, other names, and its evidence.
pub(super) fn of_node(view: View<'_>, node: NodeId) -> Vec<String> {
    let mut lines = vec![words::name(view, node)];
    if !view.is_confidential(node) {
        let list = |value: Value| match value {
            Value::List(items) => items.iter().filter_map(words::text).collect(),
            other => Vec::from_iter(words::text(&other)),
        };
        let aliases = list(view.node_property(node, "aliases"));
        if !aliases.is_empty() {
            lines.push(format!("also: {}", aliases.join(", ")));
        }
        lines.extend(words::text(&view.node_property(node, "remark")));
    }
    lines.extend(evidence(view, About::Node(node)));
    shortened(lines)
}

/// An edge: what it stands for, one by one, each with its evidence.
pub(super) fn of_link(view: View<'_>, link: &Link) -> Vec<String> {
    let mut lines = Vec::new();
    for &id in &link.relationships {
        lines.push(sentence(view, id));
        lines.extend(words::text(&view.relationship_property(id, "reading")));
        lines.extend(evidence(view, About::Relationship(id)).into_iter().map(|line| format!("– {line}")));
    }
    shortened(lines)
}

/// A joint: each pair of carriers, and the claims that speak of it.
pub(super) fn of_joint(view: View<'_>, place: NodeId, to: NodeId, from: &[NodeId]) -> Vec<String> {
    let name = |node| words::name(view, node);
    let mut lines =
        vec!["No record says that the cargo is the same: inferred from place and time.".to_owned()];
    for &carrier in from {
        lines.push(format!("{} → {}, at {}", name(carrier), name(to), name(place)));
        let claims = joint_claims(view, place, carrier, to);
        lines.extend(claims.iter().map(|claim| format!("– {}", said(view, claim))));
    }
    shortened(lines)
}

/// The claims that speak of a joint, in the order of recording.
pub(super) fn joint_claims(view: View<'_>, place: NodeId, from: NodeId, to: NodeId) -> Vec<&Claim> {
    view.claims_on(Joint { position: 0, place, from, to }).map(|(_, claim)| claim).collect()
}

/// "ANGARA called at Rajin, 7–30 Sep 2023, ≥ 9 trips".
fn sentence(view: View<'_>, id: RelationshipId) -> String {
    let Some(relationship) = view.graph().relationship(id) else { return String::new() };
    let property = |name: &str| view.relationship_property(id, name);
    let kind = words::type_words(view.graph().text(relationship.kind));
    let ends = [relationship.start, relationship.end].map(|node| words::name(view, node));
    let mut parts = vec![format!("{} {kind} {}", ends[0], ends[1])];
    parts.extend(words::when(view, id));
    parts.extend(words::quantity(property));
    parts.extend((property("aggregate") == Value::Bool(true)).then(|| "stands for many".to_owned()));
    parts.extend(["role", "programme"].iter().filter_map(|name| words::text(&property(name))));
    parts.join(", ")
}

/// The claims about an element as a whole, and what was looked for in vain.
fn evidence(view: View<'_>, about: About) -> Vec<String> {
    let claims: Vec<&Claim> =
        view.claims_about(about).map(|(_, claim)| claim).filter(|claim| claim.is_about_whole()).collect();
    let (n_sources, n_origins) = (view.sources_of(about).len(), view.origins_of(about).len());
    let mut lines: Vec<String> = claims.iter().map(|claim| said(view, claim)).collect();
    if n_sources > 1 {
        lines.push(format!("{n_sources} sources, {n_origins} independent"));
    }
    if claims.is_empty() {
        lines.push("no source given".to_owned());
    }
    lines
}

/// One claim: stance, grade, source, who stated it, and its note.
fn said(view: View<'_>, claim: &Claim) -> String {
    let is_confidential = view.is_claim_confidential(claim);
    let by =
        claim.by.filter(|&by| !is_confidential && view.node(by).is_some()).map(|by| words::name(view, by));
    let mut text = match (&claim.stance, &by) {
        (Stance::Supports, _) => String::new(),
        (Stance::Disputes, Some(by)) => format!("DISPUTED by {by}: "),
        (Stance::Disputes, None) => "DISPUTED: ".to_owned(),
        (Stance::NullResult { relationship_type }, _) => {
            let (from, to) = (claim.from.clone().unwrap_or_default(), claim.to.clone().unwrap_or_default());
            let when = words::period(&from, &to, TypeKind::State).unwrap_or_default();
            format!("LOOKED FOR {} {when}, NOT FOUND: ", words::type_words(relationship_type))
        }
    };
    if let Some(grade) = claim.grade {
        text.push_str(&format!("{grade} "));
    }
    text.push_str(&claim.source.map_or_else(|| "no source".to_owned(), |source| citation(view, source)));
    if let (Stance::Supports, Some(by)) = (&claim.stance, &by) {
        text.push_str(&format!(", stated by {by}"));
    }
    if let (Some(note), false) = (&claim.note, is_confidential) {
        text.push_str(&format!(". {note}"));
    }
    text
}

/// A source as a reader looks it up; a confidential one by its pseudonym.
fn citation(view: View<'_>, source: NodeId) -> String {
    if view.is_confidential(source) {
        return view.source_label(source);
    }
    let title = view.source_title(source).unwrap_or_else(|| view.source_label(source));
    let publisher = words::text(&view.node_property(source, "publisher"));
    let date = words::date(&view.node_property(source, "date"));
    let parts = [Some(format!("“{title}”")), publisher, date];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let hidden = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    for line in &mut lines {
        if let Some((end, _)) = line.char_indices().nth(COLUMNS_MAX) {
            line.truncate(end);
            line.push('…');
        }
    }
    if hidden > 0 {
        lines.push(format!("and {hidden} more lines"));
    }
    lines
}

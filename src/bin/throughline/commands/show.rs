//! `show`: an entity with everything that hangs on it.

use throughline::Error;
use throughline::analysis::screening::{SCORE_MIN, candidates};
use throughline::formats::words;
use throughline::graph::{Direction, Hop, View};
use throughline::model::{About, Claim, ClaimId, NodeId, Stance, Value};
use throughline::names::{Name, normal};

use crate::args::{Args, ShowArgs};
use crate::failure::Failure;
use crate::render::{counted, text};
use crate::session::Session;
use crate::terminal::{Palette, Terminal};

/// Prints one entity with everything that hangs on it.
pub(super) fn show(args: &Args, show: &ShowArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let session = Session::open(args, terminal)?;
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    let sheet =
        Sheet { view, node: find(view, &show.entity)?, width: terminal.columns(), palette: terminal.palette };
    for line in sheet.lines() {
        writeln!(terminal.out(), "{}", line.trim_end())?;
    }
    session.close(terminal);
    Ok(())
}

/// Name, title and other names of a node.
fn names(view: View<'_>, node: NodeId) -> Vec<String> {
    let mut names = Vec::new();
    for property in ["name", "title", "aliases"] {
        match view.node_property(node, property) {
            Value::List(items) => names.extend(items.iter().filter_map(words::text)),
            value => names.extend(words::text(&value)),
        }
    }
    names
}

/// The node with a key, an id, or else a name.
///
/// Of several with the same name the one that has it as its name counts, before those that have it as another.
pub(super) fn find(view: View<'_>, entity: &str) -> Result<NodeId, Error> {
    let graph = view.graph();
    let by_key = graph.node_by_key(entity).or_else(|| graph.nodes_by_id_property(entity).next());
    if let Some(node) = by_key.filter(|&node| view.node(node).is_some()) {
        return Ok(node);
    }
    let wanted = normal(entity);
    let is_named = |&id: &NodeId| names(view, id).iter().any(|name| normal(name) == wanted);
    let named: Vec<NodeId> = view.nodes().filter(|&id| !view.is_confidential(id)).filter(is_named).collect();
    let proper = |&&id: &&NodeId| normal(&words::name(view, id)) == wanted;
    let proper: Vec<NodeId> = named.iter().filter(proper).copied().collect();
    let named = if proper.len() == 1 { proper } else { named };
    match named.as_slice() {
        [node] => Ok(*node),
        [] => Err(Error::not_found(format!("there is nothing with the key or name '{entity}'"))
            .hint(nearest(view, entity))),
        several => {
            let keys: Vec<String> = several.iter().map(|&id| graph.key_of(id)).collect();
            Err(Error::invalid(format!("{} are called '{entity}'", several.len()))
                .hint(format!("name one by its key: {}", keys.join(", "))))
        }
    }
}

/// What may have been meant: the names like one that is not in the case.
fn nearest(view: View<'_>, entity: &str) -> String {
    let found = candidates(view, &Name::new(entity, None), 3, SCORE_MIN);
    let names = found.iter().map(|found| format!("{} ({})", found.name, view.graph().key_of(found.node)));
    match names.collect::<Vec<_>>().as_slice() {
        [] => format!("`throughline search {entity}` with a lower --threshold looks for names less alike"),
        names => format!("did you mean {}?", names.join(" or ")),
    }
}

/// All that is said about a node.
struct Sheet<'a> {
    view: View<'a>,
    node: NodeId,
    width: usize,
    palette: Palette,
}

impl Sheet<'_> {
    fn lines(&self) -> Vec<String> {
        let labels = words::labels(self.view, self.node).join(", ");
        let about = format!("  {labels} · key {}", self.view.source_label(self.node));
        let name = self.palette.strong(&words::name(self.view, self.node));
        let mut lines = vec![format!("{name}{}", self.palette.dim(&about))];
        if !self.view.is_confidential(self.node) {
            lines.extend(self.properties());
        }
        lines.extend(self.relationships());
        lines.extend(self.claims());
        lines
    }

    fn properties(&self) -> Vec<String> {
        let properties = self.view.graph().node_data(self.node).unwrap_or_default().properties;
        let widest = properties.keys().map(|name| words::columns(name)).max().unwrap_or(0);
        let line = |(name, value): (&String, &Value)| {
            let room = self.width.saturating_sub(widest + 4);
            let wrapped = words::wrap(&text::cell(self.view, value), room, usize::MAX - 1);
            let pad = widest.saturating_sub(words::columns(name));
            let below = format!("\n{}", " ".repeat(widest + 4));
            format!("  {}{}  {}", self.palette.dim(name), " ".repeat(pad), wrapped.join(&below))
        };
        properties.iter().map(line).collect()
    }

    fn relationships(&self) -> Vec<String> {
        let hops: Vec<Hop> = self.view.hops(self.node, Direction::Either).collect();
        if hops.is_empty() {
            return Vec::new();
        }
        let title = self.palette.strong(&counted(hops.len(), "relationship"));
        std::iter::once(String::new()).chain([title]).chain(hops.iter().map(|hop| self.hop(hop))).collect()
    }

    /// `→ called at Rajin  7–30 Sep 2023  B3  2 origins`.
    fn hop(&self, hop: &Hop) -> String {
        let Some(relationship) = self.view.relationship(hop.relationship) else { return String::new() };
        let about = About::Relationship(hop.relationship);
        let arrow = if relationship.start == self.node { "→" } else { "←" };
        let kind = words::type_words(self.view.graph().text(relationship.kind));
        let grade = self.view.best_claim(about).and_then(|claim| claim.grade);
        let n_origins = self.view.origins_of(about).len();
        let mut facts: Vec<String> = Vec::new();
        facts.extend(words::when(self.view, hop.relationship));
        facts.extend(grade.map(|grade| grade.to_string()));
        facts.extend((n_origins > 0).then(|| counted(n_origins, "origin")));
        facts.extend(self.view.is_disputed(about).then(|| "disputed".to_owned()));
        let other = words::name(self.view, hop.node);
        let facts = self.palette.dim(&facts.join(" · "));
        format!("  {} {kind} {other}  {facts}", self.palette.accent(arrow))
    }

    fn claims(&self) -> Vec<String> {
        let claims: Vec<(ClaimId, &Claim)> = self.view.claims_about(About::Node(self.node)).collect();
        if claims.is_empty() {
            return Vec::new();
        }
        let title = self.palette.strong(&counted(claims.len(), "claim"));
        let claims = claims.into_iter().flat_map(|(id, claim)| self.claim(id, claim));
        std::iter::once(String::new()).chain([title]).chain(claims).collect()
    }

    fn claim(&self, id: ClaimId, claim: &Claim) -> Vec<String> {
        let is_confidential = self.view.is_claim_confidential(claim);
        let key = claim.key.clone().filter(|_| !is_confidential);
        let mut parts = vec![key.unwrap_or_else(|| format!("claim {id}"))];
        parts.push(match &claim.stance {
            Stance::Supports => "supports".to_owned(),
            Stance::Disputes => "disputes".to_owned(),
            Stance::NullResult { relationship_type } => {
                format!("looked for {} and found none", words::type_words(relationship_type))
            }
        });
        if let Some(property) = &claim.property {
            let value = claim
                .value
                .as_ref()
                .filter(|_| !is_confidential)
                .map_or(String::new(), |value| format!(" = {}", text::cell(self.view, value)));
            parts.push(format!("{property}{value}"));
        }
        parts.extend(claim.grade.map(|grade| grade.to_string()));
        parts.extend(claim.source.map(|source| self.view.source_label(source)));
        if !is_confidential {
            parts.extend(claim.by.map(|by| format!("by {}", words::name(self.view, by))));
            parts.extend(claim.note.clone());
        }
        let wrapped = words::wrap(&parts.join(" · "), self.width.saturating_sub(6), 4);
        let indents = std::iter::once("  ").chain(std::iter::repeat("      "));
        wrapped.iter().zip(indents).map(|(line, indent)| format!("{indent}{line}")).collect()
    }
}

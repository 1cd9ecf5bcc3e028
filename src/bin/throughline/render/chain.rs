//! A chain of evidence, one hop a line.
//!
//! ```text
//! Rajin → Tikhoretsk depot    order possible · weakest hop D3 (0.5) · 4 origins · 1 joint
//! Rajin (port)
//! ▲ called at     7–30 Sep 2023  B3  2 origins: white-house-2023-10-13, rusi-2023-10
//! ANGARA (ship)  wait 0 to 23 days
//! ▼ called at     Sep 2023       D3  …
//! Dunai (port)
//! ⚠ same cargo: inferred from place and time (ANGARA → containers); supported by O-072 (D3)
//! ```
//!
//! An arrow points as its relationship does. Nothing that speaks against a hop is
//! left out; long notes are shortened.

use std::collections::BTreeSet;

use throughline::analysis::{Chain, Hop, JointEvidence, NullOnHop};
use throughline::formats::words;
use throughline::graph::View;
use throughline::model::time::DAY_MICROS;
use throughline::model::{About, Claim, ClaimId, Clock, Date, Instant, NodeId, Stance, TypeKind, Value};
use throughline::paths::{Order, Wait};

use super::{counted, text};
use crate::terminal::Palette;

/// Columns that types and dates get at most, so that they stand below one another.
const TYPE_COLUMNS_MAX: usize = 18;
const DATE_COLUMNS_MAX: usize = 26;
/// Fewer columns than this are no place for a list of sources.
const DETAIL_COLUMNS_MIN: usize = 24;
/// Lines of a note, of a list of sources.
const LINES_MAX: usize = 6;
/// Sources that a hop names; the others are counted.
const SOURCES_MAX: usize = 6;
/// Claims that a party's dispute names; the others are counted.
const CITATIONS_MAX: usize = 2;

/// Draws a chain in lines of at most `width` columns.
pub(crate) fn chain(view: View<'_>, chain: &Chain, width: usize, palette: Palette) -> String {
    let drawing = Drawing { view, chain, width: width.max(30), palette };
    let mut lines = drawing.heading();
    lines.extend(drawing.steps(0));
    lines.join("\n")
}

/// Draws a chain from one of its nodes on, for a reader who has just seen how it begins.
pub(crate) fn chain_from(
    view: View<'_>,
    chain: &Chain,
    from: usize,
    width: usize,
    palette: Palette,
) -> String {
    let drawing = Drawing { view, chain, width: width.max(30), palette };
    let mut lines = drawing.heading();
    let name = chain.path.nodes.get(from).map_or(String::new(), |&node| words::name(view, node));
    lines.push(palette.dim(&format!("… as above as far as {name}")));
    lines.extend(drawing.steps(from).into_iter().skip(1));
    lines.join("\n")
}

/// What the dates say about a chain's order, in words.
pub(crate) fn order_words(order: Order) -> &'static str {
    match order {
        Order::Certain => "order certain",
        Order::Possible => "order possible",
        Order::Untested => "order untested: the dates allow the reverse order too",
        Order::Impossible => "order impossible by the dates",
        Order::Undated => "undated",
    }
}

struct Drawing<'a> {
    view: View<'a>,
    chain: &'a Chain,
    width: usize,
    palette: Palette,
}

impl Drawing<'_> {
    /// The ends, and what is to be said of the chain as a whole.
    fn heading(&self) -> Vec<String> {
        let name = |node: Option<&NodeId>| node.map_or(String::new(), |&node| words::name(self.view, node));
        let nodes = &self.chain.path.nodes;
        let title = match nodes.len() {
            1 => name(nodes.first()),
            _ => format!("{} → {}", name(nodes.first()), name(nodes.last())),
        };
        let facts = self.facts();
        let whole = facts.join(" · ");
        if words::columns(&title) + 4 + words::columns(&whole) <= self.width {
            return vec![format!("{}    {}", self.palette.strong(&title), self.palette.dim(&whole))];
        }
        let title = words::wrap(&title, self.width, LINES_MAX);
        let mut lines: Vec<String> = title.iter().map(|line| self.palette.strong(line)).collect();
        lines.extend(packed(&facts, self.width).iter().map(|line| self.palette.dim(line)));
        lines
    }

    fn facts(&self) -> Vec<String> {
        let chain = self.chain;
        let mut facts = vec![order_words(chain.order).to_owned()];
        match (chain.weakest.map(|hop| &chain.hops[hop]), chain.confidence) {
            (Some(hop), Some(confidence)) => match self.grade(hop) {
                Some(grade) => facts.push(format!("weakest hop {grade} ({confidence})")),
                None => facts.push(format!("weakest hop {confidence}")),
            },
            (Some(_), None) => facts.push("a hop without a grade".to_owned()),
            (None, _) => {}
        }
        facts.push(counted(chain.origins.len(), "origin"));
        if !chain.joints.is_empty() {
            facts.push(counted(chain.joints.len(), "joint"));
        }
        let n_disputed = chain.hops.iter().filter(|hop| !hop.disputes.is_empty()).count();
        if n_disputed > 0 {
            facts.push(format!("{} disputed", counted(n_disputed, "hop")));
        }
        facts
    }

    /// Nodes and hops in turn, from a node on.
    fn steps(&self, from: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (position, &node) in self.chain.path.nodes.iter().enumerate().skip(from) {
            lines.extend(self.node(position, node));
            if let Some(hop) = self.chain.hops.get(position) {
                lines.extend(self.hop(position, hop));
            }
        }
        lines
    }

    /// A node with what it is, the wait there, and the joint that lies there.
    fn node(&self, position: usize, node: NodeId) -> Vec<String> {
        let name = words::name(self.view, node);
        let kind = what_it_is(self.view, node).map_or(String::new(), |kind| format!(" ({kind})"));
        let wait = self.chain.waits.iter().find(|wait| wait.position == position).map(wait_words);
        let wait = wait.map_or(String::new(), |wait| format!("  {wait}"));
        let mut lines = match words::columns(&format!("{name}{kind}{wait}")) <= self.width {
            true => {
                let rest = format!("{}{}", self.palette.dim(&kind), self.palette.accent(&wait));
                vec![format!("{}{rest}", self.palette.strong(&name))]
            }
            false => {
                let mut lines = words::wrap(&format!("{name}{kind}"), self.width, LINES_MAX);
                lines.extend((!wait.is_empty()).then(|| self.palette.accent(&wait)));
                lines
            }
        };
        let joints = self.chain.joints.iter().filter(|joint| joint.joint.position == position);
        for joint in joints {
            lines.extend(self.gutter("⚠ ", &self.joint(joint), |line| self.palette.warning(line)));
        }
        lines
    }

    fn joint(&self, evidence: &JointEvidence) -> String {
        let [from, to] =
            [evidence.joint.from, evidence.joint.to].map(|carrier| words::name(self.view, carrier));
        let mut text = format!("same cargo: inferred from place and time ({from} → {to})");
        for &id in &evidence.claims {
            let Some(claim) = self.view.claim(id) else { continue };
            let word = match claim.stance {
                Stance::Supports => "supported",
                _ => "disputed",
            };
            text.push_str(&format!("; {word} by {}{}", self.citation(id, claim), self.note(claim)));
        }
        if evidence.claims.is_empty() {
            text.push_str("; no source says so");
        }
        text
    }

    /// A hop: its type, when, how good, who says so, and what speaks against it.
    fn hop(&self, position: usize, hop: &Hop) -> Vec<String> {
        let (kind, when) = (self.kind(hop), self.when(hop));
        let widest = |texts: &mut dyn Iterator<Item = String>, max: usize| {
            texts.map(|text| words::columns(&text)).filter(|&columns| columns <= max).max().unwrap_or(0)
        };
        let kinds = widest(&mut self.chain.hops.iter().map(|hop| self.kind(hop)), TYPE_COLUMNS_MAX);
        let whens = widest(&mut self.chain.hops.iter().map(|hop| self.when(hop)), DATE_COLUMNS_MAX);
        let grade = self.grade(hop).unwrap_or_else(|| "–".to_owned());
        let arrow = if text::is_forward(self.view, &self.chain.path, position) { "▼" } else { "▲" };
        let head = format!("{}  {}  {grade:<2}", padded(&kind, kinds), padded(&when, whens));
        let detail = self.support(position, hop);
        let room = self.width.saturating_sub(words::columns(&head) + 4);
        let mut lines = Vec::new();
        let first = match room >= DETAIL_COLUMNS_MIN {
            true => words::wrap(&detail, room, LINES_MAX),
            false => Vec::new(),
        };
        let arrow = self.palette.accent(arrow);
        match first.split_first() {
            Some((beside, below)) => {
                lines.push(format!("{arrow} {head}  {}", self.palette.dim(beside)));
                let indent = " ".repeat(words::columns(&head) + 3);
                lines.extend(below.iter().map(|line| format!("│{indent}{}", self.palette.dim(line))));
            }
            None => {
                // Wrapping would take the alignment away where it is not needed.
                let wrapped = match words::columns(&head) + 2 <= self.width {
                    true => vec![head.trim_end().to_owned()],
                    false => words::wrap(&head, self.width - 2, LINES_MAX),
                };
                let arrows = std::iter::once(format!("{arrow} ")).chain(std::iter::repeat("│ ".to_owned()));
                lines.extend(wrapped.iter().zip(arrows).map(|(line, arrow)| format!("{arrow}{line}")));
                lines.extend(self.gutter("│   ", &detail, |line| self.palette.dim(line)));
            }
        }
        for dispute in self.disputes(hop) {
            lines.extend(self.gutter("│ ✗ ", &dispute, |line| self.palette.error(line)));
        }
        for &null in &hop.nulls {
            lines.extend(self.gutter("│ ⚠ ", &self.null(null), |line| self.palette.warning(line)));
        }
        lines
    }

    fn kind(&self, hop: &Hop) -> String {
        let graph = self.view.graph();
        let kind = graph.relationship(hop.relationship).map_or("", |found| graph.text(found.kind));
        words::type_words(kind)
    }

    fn when(&self, hop: &Hop) -> String {
        words::when(self.view, hop.relationship).unwrap_or_else(|| "undated".to_owned())
    }

    /// The Admiralty code of a hop's best claim, else its confidence as a number.
    fn grade(&self, hop: &Hop) -> Option<String> {
        let best = self.view.best_claim(About::Relationship(hop.relationship));
        let grade = best.and_then(|claim| claim.grade).map(|grade| grade.to_string());
        grade.or_else(|| hop.confidence.map(|confidence| confidence.to_string()))
    }

    /// What the hop stands for, and who says so.
    fn support(&self, position: usize, hop: &Hop) -> String {
        let property = |name: &str| self.view.relationship_property(hop.relationship, name);
        let is_even = self.chain.hops.iter().all(|other| other.confidence == hop.confidence);
        let mut parts = Vec::new();
        parts.extend((self.chain.weakest == Some(position) && !is_even).then(|| "weakest hop".to_owned()));
        parts.extend(words::quantity(property));
        parts.extend((property("aggregate") == Value::Bool(true)).then(|| "stands for many".to_owned()));
        parts.extend(self.narrowed(hop).map(|when| format!("in this chain {when}")));
        parts.push(self.cited(hop));
        parts.join(" · ")
    }

    /// The sources of a hop, with how many of them are independent.
    fn cited(&self, hop: &Hop) -> String {
        let labels = hop.sources.iter().map(|&source| self.view.source_label(source));
        let mut labels: Vec<String> = labels.take(SOURCES_MAX).collect();
        let n_origins = self.view.origins_of(About::Relationship(hop.relationship)).len();
        let n_sources = hop.sources.len();
        if n_sources > SOURCES_MAX {
            labels.push(format!("{} more", n_sources - SOURCES_MAX));
        }
        let labels = labels.join(", ");
        match n_sources {
            0 => "no source given".to_owned(),
            n if n == n_origins => {
                format!("{}{}: {labels}", counted(n_origins, "origin"), self.speakers(hop))
            }
            n => {
                let (sources, origins) = (counted(n, "source"), counted(n_origins, "origin"));
                format!("{sources} of {origins}{}: {labels}", self.speakers(hop))
            }
        }
    }

    /// Whose statements the supporting sources report, in parentheses.
    fn speakers(&self, hop: &Hop) -> String {
        let claims = self.view.claims_about(About::Relationship(hop.relationship));
        let open = claims.filter(|(_, claim)| claim.supports_element() && !self.is_confidential(claim));
        let speakers: BTreeSet<NodeId> = open.filter_map(|(_, claim)| claim.by).collect();
        let names: Vec<String> = speakers.into_iter().map(|by| words::name(self.view, by)).collect();
        if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
    }

    /// When an event can have happened given the whole chain, if that says more than
    /// its own period.
    fn narrowed(&self, hop: &Hop) -> Option<String> {
        let times = hop.times.filter(|times| times.clock == Clock::Calendar)?;
        let relationship = self.view.graph().relationship(hop.relationship)?;
        let kind = self.view.graph().schema().kind(self.view.graph().text(relationship.kind));
        let written = relationship.period.possible(kind);
        let day = |instant: Instant| Date::of_instant(instant);
        let is_narrower =
            day(written.lo) != day(times.feasible.lo) || day(written.hi) != day(times.feasible.hi);
        if kind == TypeKind::State || times.feasible.is_unbounded() || !is_narrower {
            return None;
        }
        let [from, to] = [times.feasible.lo, times.feasible.hi].map(|instant| Value::Date(day(instant)));
        words::period(&from, &to, TypeKind::Event)
    }

    /// Who disputes a hop and in which words, each party once.
    fn disputes(&self, hop: &Hop) -> Vec<String> {
        let mut parties: Vec<(String, Vec<String>, Vec<String>)> = Vec::new();
        for &id in &hop.disputes {
            let Some(claim) = self.view.claim(id) else { continue };
            let is_confidential = self.is_confidential(claim);
            let who = match (claim.by.filter(|_| !is_confidential), claim.source) {
                (Some(by), _) => words::name(self.view, by),
                (None, Some(source)) => self.view.source_label(source),
                (None, None) => "somebody".to_owned(),
            };
            let at = parties.iter().position(|(known, ..)| *known == who).unwrap_or_else(|| {
                parties.push((who, Vec::new(), Vec::new()));
                parties.len() - 1
            });
            let (_, notes, citations) = &mut parties[at];
            let note = claim.note.as_deref().filter(|_| !is_confidential).map(words::clean);
            notes.extend(note.filter(|note| !notes.contains(note)));
            citations.push(self.citation(id, claim));
        }
        let told = |(who, notes, citations): (String, Vec<String>, Vec<String>)| {
            let notes = if notes.is_empty() { String::new() } else { format!(" – {}", notes.join(" ")) };
            let n_more = citations.len().saturating_sub(CITATIONS_MAX);
            let more =
                if n_more > 0 { format!(" and {}", counted(n_more, "more claim")) } else { String::new() };
            let cited: Vec<String> = citations.into_iter().take(CITATIONS_MAX).collect();
            format!("disputed by {who}: {}{more}{notes}", cited.join(", "))
        };
        parties.into_iter().map(told).collect()
    }

    fn null(&self, null: NullOnHop) -> String {
        let Some(claim) = self.view.claim(null.claim) else { return String::new() };
        let word = if null.contradicted { "contradicted by" } else { "overlaps" };
        let value = |value: &Option<Value>| value.clone().unwrap_or_default();
        let when = words::period(&value(&claim.from), &value(&claim.to), TypeKind::State);
        let when = when.map_or(String::new(), |when| format!(", {when}"));
        format!("{word} a null result: {}{when}{}", self.citation(null.claim, claim), self.note(claim))
    }

    /// A claim's key, grade and source.
    fn citation(&self, id: ClaimId, claim: &Claim) -> String {
        let open = claim.key.as_deref().filter(|_| !self.is_confidential(claim));
        let key = open.map_or_else(|| format!("claim {id}"), words::clean);
        let grade = claim.grade.map(|grade| grade.to_string());
        let source = claim.source.map(|source| self.view.source_label(source));
        let parts: Vec<String> = grade.into_iter().chain(source).collect();
        if parts.is_empty() { key } else { format!("{key} ({})", parts.join(", ")) }
    }

    /// What a claim says in its first sentence; nothing of what a confidential source says.
    fn note(&self, claim: &Claim) -> String {
        let note = claim.note.as_ref().filter(|_| !self.is_confidential(claim));
        note.map_or(String::new(), |note| format!(": {}", first_sentence(&words::clean(note))))
    }

    fn is_confidential(&self, claim: &Claim) -> bool {
        self.view.is_claim_confidential(claim)
    }

    /// A text behind a mark, and below that behind the line of the chain.
    fn gutter(&self, mark: &str, text: &str, paint: impl Fn(&str) -> String) -> Vec<String> {
        let columns = words::columns(mark);
        let below = match mark.starts_with('│') {
            true => format!("│{}", " ".repeat(columns - 1)),
            false => " ".repeat(columns),
        };
        let wrapped = words::wrap(text, self.width.saturating_sub(columns + 1), LINES_MAX);
        let line = |(i, line): (usize, &String)| {
            let mark = if i == 0 { mark } else { &below };
            match mark.strip_prefix('│') {
                Some(mark) => format!("│{}", paint(&format!("{mark}{line}"))),
                None => paint(&format!("{mark}{line}")),
            }
        };
        wrapped.iter().enumerate().map(line).collect()
    }
}

/// A text up to the end of its first sentence.
pub(crate) fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// What a node is in a word: its kind, else its label.
fn what_it_is(view: View<'_>, node: NodeId) -> Option<String> {
    if view.is_confidential(node) {
        return None;
    }
    let kind = words::text(&view.node_property(node, "kind"));
    let label = words::labels(view, node).first().map(|label| match *label {
        "Vessel" => "ship".to_owned(),
        label => words::clean(label).to_lowercase(),
    });
    kind.or(label).filter(|word| !words::name(view, node).to_lowercase().ends_with(word.as_str()))
}

/// How long goods may have lain between two events.
fn wait_words(wait: &Wait) -> String {
    let (unit, name) = match wait.clock {
        Clock::Calendar => (DAY_MICROS, " days"),
        Clock::Integer => (1, ""),
    };
    match (wait.least.map(|least| least / unit), wait.most.map(|most| most / unit)) {
        (Some(0), Some(0)) if wait.clock == Clock::Calendar => {
            "wait of less than a day by the dates".to_owned()
        }
        (Some(least), Some(most)) if least == most => format!("wait {most}{name} by the dates"),
        (least, Some(most)) => {
            let least = least.unwrap_or(0);
            format!("wait {least} to {most}{name} by the dates")
        }
        (Some(least), None) if least > 0 => format!("wait of at least {least}{name} by the dates"),
        _ => "wait of unknown length".to_owned(),
    }
}

/// A text with spaces after it.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(words::columns(text))))
}

/// As many facts on a line as fit.
fn packed(facts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for fact in facts {
        match lines.last_mut() {
            Some(line) if words::columns(line) + 3 + words::columns(fact) <= width => {
                line.push_str(" · ");
                line.push_str(fact);
            }
            _ => lines.extend(words::wrap(fact, width, LINES_MAX)),
        }
    }
    lines
}

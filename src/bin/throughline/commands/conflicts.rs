//! `conflicts`: what sources dispute, with both sides.

use throughline::analysis::conflicts::{Conflict, Kind, Side, conflicts};
use throughline::analysis::hop_words;
use throughline::analysis::sources::origin_label;
use throughline::formats::words;
use throughline::graph::View;
use throughline::model::{About, Claim, ClaimId, NodeId, Stance, TypeKind, Value};

use super::show;
use crate::args::{Args, ConflictsArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::render::{Format, counted};
use crate::session::Session;
use crate::terminal::{Palette, Terminal};

/// Lines of a claim's note.
const NOTE_LINES_MAX: usize = 6;

/// Opens the case and asks in it.
pub(super) fn run(args: &Args, conflicts: &ConflictsArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = conflicts.output.format;
    let done = in_session(&mut session, conflicts, terminal);
    session.close(terminal);
    done
}

/// Asks in a case that is open, through the session's lens.
pub(crate) fn in_session(
    session: &mut Session,
    arguments: &ConflictsArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let kinds = kinds(&arguments.kind)?;
    let entity = {
        let lens = session.compile(&session.lens)?;
        let view = session.view(lens.as_ref());
        arguments.entity.as_ref().map(|entity| show::find(view, entity)).transpose()?
    };
    match session.format {
        Format::Table => tell(session, entity, &kinds, terminal),
        _ => rows(session, entity, &kinds, terminal),
    }
}

/// The kinds that are asked for: all of them, unless some are named.
fn kinds(names: &[String]) -> Result<Vec<Kind>, Failure> {
    let kind = |name: &String| {
        let found = Kind::ALL.iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name.trim()));
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            Failure::Usage(format!("there is no kind of conflict '{name}'; there are {}", known.join(", ")))
        })
    };
    let named: Vec<Kind> = names.iter().map(kind).collect::<Result<_, _>>()?;
    Ok(if named.is_empty() { Kind::ALL.to_vec() } else { named })
}

fn rows(
    session: &mut Session,
    entity: Option<NodeId>,
    kinds: &[Kind],
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    const STATEMENT: &str = "CALL evidence.conflicts({entity: $entity, kind: $kinds})";
    let kinds = kinds.iter().map(|kind| Value::from(kind.as_str())).collect();
    let entity = entity.map_or(Value::Null, Value::Node);
    let answer = session.ask_with(STATEMENT, vec![("entity", entity), ("kinds", Value::List(kinds))])?;
    session.print(&answer, None, terminal)
}

/// A heading for each kind, and under it the conflicts with their sides.
fn tell(
    session: &Session,
    entity: Option<NodeId>,
    kinds: &[Kind],
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    let found = interrupt::question(|check| conflicts(view, entity, check))?;
    let sheet = Sheet { view, width: terminal.columns(), palette: terminal.palette };
    let mut is_first = true;
    for &kind in kinds {
        let of_kind: Vec<&Conflict> = found.iter().filter(|conflict| conflict.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            writeln!(terminal.out())?;
        }
        let heading = sheet.palette.strong(&format!("{}: {}", heading(kind), of_kind.len()));
        writeln!(terminal.out(), "{heading}")?;
        for line in of_kind.iter().flat_map(|conflict| sheet.conflict(conflict)) {
            writeln!(terminal.out(), "{}", line.trim_end())?;
        }
    }
    if is_first {
        writeln!(terminal.out(), "nothing on record is disputed here")?;
    }
    terminal.note("note: what sources say against each other; who is right is not for the program to say");
    Ok(())
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Value => "Values of which at most one can be true",
        Kind::Denial => "Denied",
        Kind::NullResult => "Looked for and not found, but recorded",
        Kind::NotComparable => "Counts that cannot be compared",
        Kind::Identity => "Called the same and different",
        Kind::Marked => "Tied together by whoever recorded the claims",
    }
}

/// How conflicts are written.
struct Sheet<'a> {
    view: View<'a>,
    width: usize,
    palette: Palette,
}

impl Sheet<'_> {
    fn conflict(&self, conflict: &Conflict) -> Vec<String> {
        if conflict.kind == Kind::Marked {
            return self.marked(conflict);
        }
        let mut lines = vec![String::new()];
        let subject = conflict.subject.as_ref().map(|subject| match conflict.kind {
            Kind::NullResult => words::type_words(subject),
            _ => words::clean(subject),
        });
        let title: Vec<String> =
            [Some(self.element(conflict.about)), subject].into_iter().flatten().collect();
        let marks: Vec<&str> = conflict.marks.iter().map(String::as_str).collect();
        let mut why = vec![conflict.why.clone()];
        why.extend((!marks.is_empty()).then(|| format!("marked {}", marks.join(", "))));
        let why = why.join(" · ");
        lines.push(format!("  {}", self.palette.accent(&title.join(" · "))));
        lines.extend(self.wrapped(&why, 4, 4).iter().map(|line| self.palette.dim(line)));
        lines.extend(conflict.sides.iter().flat_map(|side| self.side(side)));
        lines
    }

    /// Only the keys: what the claims say stands above, or in `show`.
    fn marked(&self, conflict: &Conflict) -> Vec<String> {
        let key = |id: ClaimId| self.view.claim(id).map_or_else(String::new, |claim| self.key(id, claim));
        let keys: Vec<String> = conflict.claims().map(key).collect();
        let mark = conflict.subject.as_deref().unwrap_or_default();
        let text = format!("{mark}: {}", keys.join(", "));
        words::wrap(&text, self.width.saturating_sub(6), usize::MAX - 1)
            .iter()
            .enumerate()
            .map(|(i, line)| format!("{}{line}", if i == 0 { "  " } else { "      " }))
            .collect()
    }

    fn side(&self, side: &Side) -> Vec<String> {
        let claims: Vec<(ClaimId, &Claim)> =
            side.claims.iter().filter_map(|&id| Some((id, self.view.claim(id)?))).collect();
        let mut head = vec![words::clean(&side.says)];
        head.extend((side.is_stored && side.elements.is_empty()).then(|| "as recorded".to_owned()));
        let origins: std::collections::BTreeSet<String> = claims
            .iter()
            .filter_map(|(_, claim)| claim.source)
            .filter_map(|source| origin_label(self.view, source))
            .collect();
        head.extend((!origins.is_empty()).then(|| counted(origins.len(), "origin")));
        let mut lines = vec![format!("    {}", self.palette.strong(&head.join(" · ")))];
        lines.extend(side.elements.iter().map(|about| format!("      {}", self.element(*about))));
        lines.extend(claims.into_iter().flat_map(|(id, claim)| self.claim(id, claim)));
        lines
    }

    /// `O-035 · D3 · reuters-saltwire-2024-04-25 (origin reuters-rusi-2024-04) · a note`.
    fn claim(&self, id: ClaimId, claim: &Claim) -> Vec<String> {
        let is_hidden = self.view.is_claim_confidential(claim);
        let mut parts = vec![self.key(id, claim)];
        parts.extend(claim.grade.map(|grade| grade.to_string()));
        parts.extend(claim.source.map(|source| self.source(source)));
        let [from, to] = [&claim.from, &claim.to].map(|date| date.clone().unwrap_or_default());
        let kind = match claim.stance {
            Stance::NullResult { .. } => TypeKind::Event,
            _ => TypeKind::State,
        };
        parts.extend(words::period(&from, &to, kind));
        if !is_hidden {
            parts.extend(claim.by.map(|by| format!("by {}", words::name(self.view, by))));
            parts.extend(claim.note.as_deref().map(words::clean));
        }
        let mut lines = words::wrap(&parts.join(" · "), self.width.saturating_sub(8), NOTE_LINES_MAX);
        for (i, line) in lines.iter_mut().enumerate() {
            *line = format!("{}{line}", if i == 0 { "      " } else { "        " });
        }
        lines
    }

    fn source(&self, source: NodeId) -> String {
        let label = self.view.source_label(source);
        match origin_label(self.view, source) {
            Some(origin) if origin != label && !self.view.is_confidential(source) => {
                format!("{label} (origin {origin})")
            }
            _ => label,
        }
    }

    fn key(&self, id: ClaimId, claim: &Claim) -> String {
        let key = claim.key.clone().filter(|_| !self.view.is_claim_confidential(claim));
        key.unwrap_or_else(|| format!("claim {id}"))
    }

    fn element(&self, about: About) -> String {
        match about {
            About::Node(id) => words::name(self.view, id),
            About::Relationship(id) => {
                let Some(relationship) = self.view.graph().relationship(id) else {
                    return hop_words(self.view, id);
                };
                let [start, end] =
                    [relationship.start, relationship.end].map(|node| words::name(self.view, node));
                let kind = words::type_words(self.view.graph().text(relationship.kind));
                let when = words::when(self.view, id).map_or_else(String::new, |when| format!(" · {when}"));
                format!("{start} {kind} {end}{when}")
            }
        }
    }

    fn wrapped(&self, text: &str, indent: usize, lines_max: usize) -> Vec<String> {
        let lines = words::wrap(text, self.width.saturating_sub(indent), lines_max);
        lines.into_iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
    }
}

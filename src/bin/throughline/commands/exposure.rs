//! `exposure`: the listed parties around an entity, and how it is linked to each.

use throughline::formats::words;
use throughline::graph::View;
use throughline::model::{About, Path, Value};
use throughline::query::Answer;

use super::show;
use crate::args::{Args, ExposureArgs};
use crate::failure::Failure;
use crate::render::{self, Format, counted};
use crate::session::Session;
use crate::terminal::Terminal;

/// Opens the case and asks in it.
pub(super) fn run(args: &Args, exposure: &ExposureArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = exposure.output.format;
    let done = in_session(&mut session, exposure, terminal).map(|_| ());
    session.close(terminal);
    done
}

/// Asks in a case that is open, through the session's lens.
pub(crate) fn in_session(
    session: &mut Session,
    arguments: &ExposureArgs,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let entity = {
        let lens = session.compile(&session.lens)?;
        show::find(session.view(lens.as_ref()), &arguments.entity)?
    };
    let statement = format!(
        "CALL exposure.of($entity, {{hops: {}, linkedHops: {}, ended: {}, merged: {}}})",
        arguments.hops, arguments.linked_hops, arguments.ended, arguments.merged
    );
    let answer = session.ask_with(&statement, vec![("entity", Value::Node(entity))])?;
    let lens = session.compile(&answer.lens)?;
    // Relations that are over were asked for, so that they show in names and pictures too.
    let view = session.view(lens.as_ref()).for_chronological(true);
    if session.format != Format::Table {
        render::answer(terminal, view, &answer, session.format)?;
        render::remarks(terminal, &answer, session.format, None);
        return Ok(answer);
    }
    let labels = words::labels(view, entity).join(", ");
    let about = format!("  {labels} · key {}", view.source_label(entity));
    let name = words::name(view, entity);
    let palette = terminal.palette;
    writeln!(terminal.out(), "{}{}", palette.strong(&name), palette.dim(&about))?;
    if answer.rows.is_empty() {
        writeln!(terminal.out(), "no listed party is linked to it on record, within these hops")?;
    }
    for line in lines(view, &answer, terminal) {
        writeln!(terminal.out(), "{line}")?;
    }
    for notice in &answer.notices {
        terminal.note(&format!("note: {notice}"));
    }
    terminal
        .note("note: a link is what sources report, and says nothing of guilt; how much is owned: `owners`");
    Ok(answer)
}

/// A heading for each category, and under it a path for each party.
fn lines(view: View<'_>, answer: &Answer, terminal: &Terminal) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = String::new();
    for row in &answer.rows {
        let [party, category, position, _, ended, path, listings] = row.as_slice() else { continue };
        let is_ended = *ended == Value::Bool(true);
        let heading =
            heading(category.as_str().unwrap_or_default(), position.as_str().unwrap_or_default(), is_ended);
        if heading != last {
            lines.push(format!("\n{}", terminal.palette.strong(&heading)));
            last = heading;
        }
        if let Value::Node(party) = party {
            lines.push(format!("  {}", words::name(view, *party)));
        }
        if let Value::Path(path) = path {
            lines.extend(steps(view, path).into_iter().map(|step| format!("    {step}")));
        }
        if let Value::List(items) = listings {
            lines.extend(
                items.iter().map(|item| format!("    {}", terminal.palette.dim(&listing(view, item)))),
            );
        }
    }
    lines
}

fn heading(category: &str, position: &str, is_ended: bool) -> String {
    let heading = match (category, position) {
        ("listed", _) => "Listed itself",
        ("owned", "above") => "Owned, in whole or in part, by a listed party",
        ("owned", _) => "Owns a listed party, in whole or in part",
        ("controlled", "above") => "Controlled by a listed party",
        ("controlled", _) => "Controls a listed party",
        ("linked", _) => "Linked to a listed party",
        _ => {
            "Possibly the same as a listed party, or linked to one through an entity that is possibly the same"
        }
    };
    if is_ended { format!("{heading} (a relation of the path is over)") } else { heading.to_owned() }
}

/// `VAF – possibly same – VAZ · D4 · 1 origin`: a line for each step, as it is recorded.
fn steps(view: View<'_>, path: &Path) -> Vec<String> {
    let step = |&id: &throughline::model::RelationshipId| {
        let hop = view.graph().relationship(id)?;
        let [start, end] = [hop.start, hop.end].map(|node| words::name(view, node));
        let mut parts = vec![format!("{start} {} {end}", words::type_words(view.graph().text(hop.kind)))];
        parts.extend(words::when(view, id));
        let about = About::Relationship(id);
        parts.extend(view.best_claim(about).and_then(|claim| claim.grade).map(|grade| grade.to_string()));
        let n_origins = view.origins_of(about).len();
        parts.extend((n_origins > 0).then(|| counted(n_origins, "origin")));
        parts.extend(view.is_disputed(about).then(|| "disputed".to_owned()));
        Some(parts.join(" · "))
    };
    path.relationships.iter().filter_map(step).collect()
}

fn listing(view: View<'_>, item: &Value) -> String {
    let Value::Relationship(id) = item else { return format!("listed: topic {item}") };
    let authority = view.graph().relationship(*id).map(|listing| words::name(view, listing.end));
    let mut parts = vec![format!("listed by {}", authority.unwrap_or_default())];
    parts.extend(words::when(view, *id));
    parts.extend(words::text(&view.relationship_property(*id, "programme")));
    parts.join(" · ")
}

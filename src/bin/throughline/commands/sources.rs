//! `sources`: what each source carries, and what would fall without it.

use throughline::analysis::sources::{Weight, weights};
use throughline::graph::View;
use throughline::model::Value;

use super::overview::{number, table};
use crate::args::Args;
use crate::failure::Failure;
use crate::interrupt;
use crate::render::{self, Format};
use crate::session::Session;
use crate::terminal::Terminal;

const COLUMNS: &[&str] = &[
    "source",
    "title",
    "publisher",
    "date",
    "origin",
    "claims",
    "alone",
    "falls",
    "sameOrigin",
    "fallsWithOrigin",
];

/// Opens the case and lists its sources.
pub(super) fn run(args: &Args, format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = format;
    let done = in_session(&session, terminal);
    session.close(terminal);
    done
}

/// Lists the sources of a case that is open, through the session's lens.
pub(crate) fn in_session(session: &Session, terminal: &mut Terminal) -> Result<(), Failure> {
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    let mut found = interrupt::question(|check| weights(view, check))?;
    // Those on which most rests come first.
    found.sort_by_key(|weight| std::cmp::Reverse((weight.falls.len(), weight.n_claims)));
    let answer = table(COLUMNS, found.iter().map(|weight| row(view, weight)).collect());
    render::answer(terminal, view, &answer, session.format)?;
    if session.format == Format::Table {
        terminal.note(
            "note: alone is what nothing else supports; falls is what `--without-source` hides, with relationships that lose an end",
        );
    }
    Ok(())
}

fn row(view: View<'_>, weight: &Weight) -> Vec<Value> {
    let told = weight.description(view);
    let or_null = |text: Option<String>| text.map_or(Value::Null, Value::from);
    let others = told.same_origin.iter().map(|&other| Value::from(view.source_label(other)));
    vec![
        Value::from(told.label),
        or_null(told.title),
        told.publisher,
        told.date,
        or_null(told.origin),
        number(weight.n_claims),
        number(weight.alone.len()),
        number(weight.falls.len()),
        Value::List(others.collect()),
        told.falls_with_origin.map_or(Value::Null, |falls| number(falls.len())),
    ]
}

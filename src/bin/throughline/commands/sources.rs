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
    let check = || match interrupt::is_asked() {
        true => Err(throughline::Error::interrupted("the question was stopped")),
        false => Ok(()),
    };
    let mut found = weights(view, &check)?;
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

/// Of a confidential source the pseudonym and what rests on it; whose report it repeats stays hidden.
fn row(view: View<'_>, weight: &Weight) -> Vec<Value> {
    let source = weight.source;
    let is_hidden = view.is_confidential(source);
    let open = |value: Value| if is_hidden { Value::Null } else { value };
    let others = weight.same_origin.iter().filter(|&&other| !is_hidden && !view.is_confidential(other));
    vec![
        Value::from(view.source_label(source)),
        view.source_title(source).map_or(Value::Null, Value::from),
        open(view.node_property(source, "publisher")),
        open(view.node_property(source, "date")),
        open(view.origin_of(source).map_or(Value::Null, Value::from)),
        number(weight.n_claims),
        number(weight.alone.len()),
        number(weight.falls.len()),
        Value::List(others.map(|&other| Value::from(view.source_label(other))).collect()),
        open(number(weight.falls_with_origin.len())),
    ]
}

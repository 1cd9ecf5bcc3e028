//! `stats`: what the case holds, as tables.

use throughline::model::Value;
use throughline::query::Answer;

use crate::args::Args;
use crate::failure::Failure;
use crate::render::{self, Format};
use crate::session::Session;
use crate::terminal::Terminal;

/// Opens the case and prints one of the tables below.
pub(super) fn run(
    args: &Args,
    format: Format,
    terminal: &mut Terminal,
    table: fn(&Session) -> Result<Answer, Failure>,
) -> Result<(), Failure> {
    let session = Session::open(args, terminal)?;
    if !session.lens.is_clear() {
        terminal.note("note: this counts the whole case; the lens is not applied");
    }
    let answer = table(&session)?;
    render::answer(terminal, session.view(None), &answer, format)?;
    session.close(terminal);
    Ok(())
}

pub(super) fn table(columns: &[&str], rows: Vec<Vec<Value>>) -> Answer {
    Answer { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows, ..Answer::default() }
}

pub(super) fn number(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many there are of everything.
pub(crate) fn stats(session: &Session) -> Result<Answer, Failure> {
    let graph = session.case.graph();
    let row = |what: &str, name: &str, count: usize| {
        vec![Value::from(what), if name.is_empty() { Value::Null } else { Value::from(name) }, number(count)]
    };
    let mut rows = vec![
        row("nodes", "", graph.node_count()),
        row("relationships", "", graph.relationship_count()),
        row("claims", "", graph.claim_count()),
        row("commits", "", usize::try_from(session.case.sequence()).unwrap_or(usize::MAX)),
    ];
    rows.extend(graph.labels_in_use().into_iter().map(|(name, count)| row("label", name, count)));
    rows.extend(graph.types_in_use().into_iter().map(|(name, count)| row("type", name, count)));
    Ok(table(&["what", "name", "count"], rows))
}

/// What lies where on the disk.
pub(crate) fn storage(session: &Session) -> Result<Answer, Failure> {
    let row = |(what, count, bytes): (String, usize, u64)| {
        vec![Value::from(what), number(count), Value::Int(i64::try_from(bytes).unwrap_or(i64::MAX))]
    };
    let rows = session.case.storage().into_iter().map(row).collect();
    Ok(table(&["what", "count", "bytes"], rows))
}

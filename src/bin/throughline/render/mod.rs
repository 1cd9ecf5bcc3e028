//! Results as text, in the format that the user asked for.

pub(crate) mod chain;
pub(crate) mod error;
mod json;
pub(crate) mod table;
pub(crate) mod text;

use std::time::Duration;

use clap::ValueEnum;
use throughline::Error;
use throughline::formats::dot::{Picture, to_dot};
use throughline::graph::View;
use throughline::query::Answer;

use crate::failure::Failure;
use crate::terminal::Terminal;

pub(crate) use json::{error_document, plain_json, value_of_json};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people: a table, and paths as chains with their evidence
    #[default]
    Table,
    /// One document with columns, rows, stats and notices
    Json,
    /// One object a row
    Ndjson,
    /// For spreadsheets
    Csv,
    /// A table for documents
    Markdown,
    /// A picture for Graphviz
    Dot,
}

impl Format {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Writes what a statement gave to the results.
pub(crate) fn answer(
    terminal: &mut Terminal,
    view: View<'_>,
    answer: &Answer,
    format: Format,
) -> Result<(), Failure> {
    match format {
        Format::Table => table::write(terminal, view, answer)?,
        Format::Json => {
            serde_json::to_writer(&mut *terminal.out(), &json::Document { view, answer })?;
            writeln!(terminal.out())?;
        }
        Format::Ndjson => {
            for row in &answer.rows {
                serde_json::to_writer(
                    &mut *terminal.out(),
                    &json::Row { view, columns: &answer.columns, row },
                )?;
                writeln!(terminal.out())?;
            }
        }
        Format::Csv => text::write_csv(terminal, view, answer)?,
        Format::Markdown => text::write_markdown(terminal, view, answer)?,
        Format::Dot => write!(terminal.out(), "{}", dot(view, answer)?)?,
    }
    Ok(())
}

/// The elements of a result as a picture.
///
/// # Errors
/// `Invalid` where a result has nothing that can be drawn.
pub(crate) fn dot(view: View<'_>, answer: &Answer) -> Result<String, Error> {
    let picture = Picture::of_values(view, answer.rows.iter().flatten());
    if picture.nodes.is_empty() && picture.relationships.is_empty() {
        return Err(Error::invalid("the result holds no nodes, relationships or paths to draw")
            .hint("return elements, as in RETURN p or RETURN n, r, m".to_owned()));
    }
    Ok(to_dot(view, &picture))
}

/// Tells how much a statement gave and changed, and what else there is to know.
///
/// JSON has its notices inside.
pub(crate) fn remarks(terminal: &mut Terminal, answer: &Answer, format: Format, taken: Option<Duration>) {
    if format == Format::Json {
        return;
    }
    for notice in &answer.notices {
        terminal.note(&format!("note: {notice}"));
    }
    let mut parts = Vec::new();
    if !answer.columns.is_empty() {
        parts.push(counted(answer.rows.len(), "row"));
    }
    parts.extend(answer.stats.named().into_iter().map(|(name, count)| changed(name, count)));
    if parts.is_empty() {
        parts.push("nothing changed".to_owned());
    }
    parts.extend(taken.map(elapsed));
    if format == Format::Table || terminal.is_err_terminal {
        terminal.note(&parts.join(" · "));
    }
}

/// "1 row", "2 rows".
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `nodesCreated` with 2 is "2 nodes created".
pub(crate) fn changed(name: &str, count: usize) -> String {
    let split = name.find(char::is_uppercase).unwrap_or(name.len());
    let (things, done) = name.split_at(split);
    let things = match (things, count) {
        ("properties", 1) => "property",
        ("indexes", 1) => "index",
        (things, 1) => things.strip_suffix('s').unwrap_or(things),
        (things, _) => things,
    };
    format!("{count} {things} {}", done.to_lowercase())
}

/// A time that a person waited.
fn elapsed(taken: Duration) -> String {
    match taken.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.1} s"),
        seconds if seconds >= 0.01 => format!("{:.0} ms", seconds * 1e3),
        seconds => format!("{:.1} ms", seconds * 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_words() {
        assert_eq!(changed("nodesCreated", 1), "1 node created");
        assert_eq!(changed("propertiesSet", 1), "1 property set");
        assert_eq!(changed("relationshipsDeleted", 3), "3 relationships deleted");
        assert_eq!((counted(1, "row"), counted(0, "row")), ("1 row".to_owned(), "0 rows".to_owned()));
    }
}

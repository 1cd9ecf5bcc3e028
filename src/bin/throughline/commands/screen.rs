//! `search` and `screen`: who in the case may be meant by a name.

use std::path::Path;

use throughline::Error;
use throughline::analysis::screening::{Candidate, add_containing, candidates, listings};
use throughline::formats::words;
use throughline::graph::View;
use throughline::model::Value;
use throughline::names::{Kind, Name};
use throughline::query::Answer;

use crate::args::{Args, ScreenArgs, SearchArgs};
use crate::failure::Failure;
use crate::render;
use crate::session::Session;
use crate::terminal::Terminal;

/// Headings under which names stand in tables, FollowTheMoney's among them.
const NAME_HEADINGS: &[&str] = &["name", "names", "caption", "entity", "company", "vessel", "ship", "person"];

/// Headings that are names in other tables, so that a first line of them is no name.
const OTHER_HEADINGS: &[&str] = &["id", "key", "schema", "type", "kind", "label", "imo", "country", "alias"];

/// Lists the entities with a name like the text, best first.
pub(super) fn search(args: &Args, search: &SearchArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = search.output.format;
    let done = search_in_session(&session, search, terminal);
    session.close(terminal);
    done.map(|_| ())
}

/// Searches in a case that is open, through the session's lens.
pub(crate) fn search_in_session(
    session: &Session,
    arguments: &SearchArgs,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    let name = Name::new(&arguments.text, None);
    let row = |found: Candidate| {
        let [key, name] = [view.graph().key_of(found.node), words::name(view, found.node)].map(Value::from);
        let score = Value::Float(found.score);
        vec![key, labels(view, &found), name, Value::from(found.name), score, Value::from(found.reason)]
    };
    let (limit, threshold) = (arguments.matching.limit, arguments.matching.threshold);
    let mut found = candidates(view, &name, limit, threshold);
    add_containing(view, &name, limit, threshold, &mut found);
    let columns = ["key", "labels", "name", "found", "score", "reason"];
    let rows = found.into_iter().map(row).collect();
    let answer = Answer { lens: session.lens.clone(), ..answer(&columns, rows) };
    render::answer(terminal, view, &answer, session.format)?;
    render::remarks(terminal, &answer, session.format, None);
    Ok(answer)
}

/// Lists who may be meant by each name, with the lists on which they stand.
pub(super) fn screen(args: &Args, screen: &ScreenArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let kind = kind(screen)?;
    let asked = asked(&screen.names, screen.column.as_deref())?;
    if asked.is_empty() {
        return Err(Failure::Usage("expected names or a file of names, found none".to_owned()));
    }
    let session = Session::open(args, terminal)?;
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    let mut rows = Vec::new();
    let mut n_found = 0;
    for text in &asked {
        let found =
            candidates(view, &Name::new(text, kind), screen.matching.limit, screen.matching.threshold);
        let found: Vec<Candidate> = found
            .into_iter()
            .filter(|found| !screen.listed || !listings(view, found.node).is_empty())
            .collect();
        n_found += usize::from(!found.is_empty());
        rows.extend(found.into_iter().map(|found| screened(view, text, found)));
    }
    let columns = ["asked", "key", "labels", "found", "score", "reason", "listings"];
    let answer = answer(&columns, rows);
    render::answer(terminal, view, &answer, screen.output.format)?;
    render::remarks(terminal, &answer, screen.output.format, None);
    terminal.note(&format!("{} of {} have candidates", n_found, render::counted(asked.len(), "name")));
    session.close(terminal);
    Ok(())
}

fn screened(view: View<'_>, asked: &str, found: Candidate) -> Vec<Value> {
    let listed =
        listings(view, found.node).iter().map(|listing| Value::from(listing.in_words(view))).collect();
    vec![
        Value::from(asked),
        Value::from(view.graph().key_of(found.node)),
        labels(view, &found),
        Value::from(found.name),
        Value::Float(found.score),
        Value::from(found.reason),
        Value::List(listed),
    ]
}

fn labels(view: View<'_>, found: &Candidate) -> Value {
    Value::List(words::labels(view, found.node).into_iter().map(Value::from).collect())
}

fn answer(columns: &[&str], rows: Vec<Vec<Value>>) -> Answer {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Answer { columns, rows, ..Answer::default() }
}

fn kind(screen: &ScreenArgs) -> Result<Option<Kind>, Failure> {
    let Some(word) = &screen.kind else { return Ok(None) };
    let kind = Kind::parse(word);
    kind.map(Some)
        .ok_or_else(|| Failure::Usage(format!("expected {} as kind, found '{word}'", Kind::WORDS.join(", "))))
}

/// The names to screen: each argument that is a file stands for the names in it.
fn asked(arguments: &[String], column: Option<&str>) -> Result<Vec<String>, Error> {
    let mut asked = Vec::new();
    for argument in arguments {
        match argument == "-" || Path::new(argument).is_file() {
            true => asked.extend(names_of(&super::query::read(Path::new(argument))?, argument, column)?),
            false => asked.push(argument.trim().to_owned()),
        }
    }
    asked.retain(|name| !name.is_empty());
    Ok(asked)
}

/// The names in a file: those of a table's column, or else one a line.
fn names_of(text: &str, file: &str, column: Option<&str>) -> Result<Vec<String>, Error> {
    let first = text.lines().next().unwrap_or_default();
    let headings: Vec<String> = first
        .split([',', ';', '\t'])
        .map(|heading| heading.split(':').next().unwrap_or_default().trim().trim_matches('"').to_lowercase())
        .collect();
    let known = |heading: &String| {
        NAME_HEADINGS.contains(&heading.as_str()) || OTHER_HEADINGS.contains(&heading.as_str())
    };
    let is_table = column.is_some() || headings.iter().any(known);
    if !is_table {
        return Ok(text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect());
    }
    let wanted = column.map(str::to_lowercase);
    let at = match &wanted {
        Some(wanted) => headings.iter().position(|heading| heading == wanted),
        None => NAME_HEADINGS.iter().find_map(|name| headings.iter().position(|heading| heading == name)),
    };
    let at = at.ok_or_else(|| {
        Error::invalid(format!("{file} has no column {}", wanted.as_deref().unwrap_or("name")))
            .hint(format!("it has {}; name one with --column", headings.join(", ")))
    })?;
    let delimiter = [b',', b';', b'\t'].into_iter().find(|&byte| first.bytes().any(|found| found == byte));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut names = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::invalid(format!("{file}: {error}")))?;
        names.extend(record.get(at).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_one_a_line_or_in_a_column() {
        assert_eq!(
            names_of("Maria\n\n Lady R \n", "x", None),
            Ok(vec!["Maria".to_owned(), "Lady R".to_owned()])
        );
        assert_eq!(names_of("id,name\n1,\"Smith, John\"\n", "x", None), Ok(vec!["Smith, John".to_owned()]));
        assert_eq!(names_of("id;ship\n1;Angara\n", "x", None), Ok(vec!["Angara".to_owned()]));
        assert_eq!(names_of("a\tb\n1\tAngara\n", "x", Some("B")), Ok(vec!["Angara".to_owned()]));
        assert!(names_of("id,country\n1,RU\n", "x", None).is_err());
        assert_eq!(names_of("Smith, John\n", "x", None), Ok(vec!["Smith, John".to_owned()]));
    }
}

//! The commands of a session: one table for dispatch, completion and help.

use std::path::Path;

use clap::{Args as ClapArgs, Parser};
use throughline::Error;
use throughline::formats::words;
use throughline::graph::Lens;
use throughline::model::Value;
use throughline::names::nearest;
use throughline::query::Answer;

use super::help;
use super::shell::{Outcome, Shell};
use crate::args::{
    ConflictsArgs, DifferentArgs, ExposureArgs, ImportArgs, LogArgs, OwnersArgs, SameArgs, SearchArgs,
    TraceArgs, date, fraction,
};
use crate::commands as program;
use crate::failure::Failure;
use crate::limits;
use crate::render::{self, Format, counted, plain_json};
use crate::terminal::Terminal;

/// A command.
pub(super) struct Command {
    /// Its name without the colon.
    pub(super) name: &'static str,
    /// Its arguments, for help.
    pub(super) arguments: &'static str,
    /// What it does, in a line.
    pub(super) doc: &'static str,
    run: Run,
}

type Run = fn(&mut Shell, &str, &mut Terminal) -> Result<Outcome, Failure>;

const fn command(name: &'static str, arguments: &'static str, run: Run, doc: &'static str) -> Command {
    Command { name, arguments, doc, run }
}

/// All commands, by name.
#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    command("conflicts", "[ENTITY]",         conflicts,   "what sources dispute, with both sides; options as on the command line"),
    command("different", "A B --reason TEXT", different, "record that two entities are different, and why"),
    command("draw",    "FILE",               draw,        "draw the last result: .dot, .svg, .png or .pdf"),
    command("exposure", "ENTITY",            exposure,    "the listed parties around an entity; options as on the command line"),
    command("format",  "[NAME]",             set_format,  "table, json, ndjson, csv, markdown or dot"),
    command("help",    "[TOPIC]",            show_help,   "this list, or examples about a topic"),
    command("import",  "FILE…",              import,      "import CSV files; options as on the command line"),
    command("lens",    "[PART VALUE]… | clear", set_lens, "look through asof DATE, knownby DATE, minconfidence X, without KEY"),
    command("limits",  "[PART VALUE]… | default", set_limits, "when a statement gives up: steps N, paths N, waiting N, memory SIZE"),
    command("log",     "[COMMIT]",           log,         "list the commits, or show what one changed"),
    command("owners",  "ENTITY",             owners,      "who owns an entity, and whether it is blocked; options as on the command line"),
    command("param",   "NAME VALUE",         set_param,   "set a parameter to the value of an expression"),
    command("params",  "",                   show_params, "list the parameters"),
    command("quit",    "",                   quit,        "leave"),
    command("refresh", "",                   refresh,     "read what other processes have committed"),
    command("same",    "[A B --reason TEXT]", same,       "who may be the same; with two entities, record that they are"),
    command("schema",  "",                   schema,      "labels and relationship types with their counts"),
    command("search",  "NAME",               search,      "who may be meant by a name, however it is spelled; options as on the command line"),
    command("source",  "FILE",               source,      "run the statements of a file"),
    command("sources", "",                   sources,     "what each source carries, and what would fall without it"),
    command("stats",   "",                   stats,       "count what the case holds"),
    command("trace",   "FROM TO",            trace,       "find chains; options as on the command line"),
    command("undo",    "COMMIT",             undo,        "take back what a commit did, as a new commit"),
];

/// Runs a command, written without its colon.
pub(super) fn run(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = text.trim().trim_end_matches(';').trim_end();
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = if matches!(name, "exit" | "q") { "quit" } else { name };
    let command = COMMANDS.iter().find(|command| command.name == name);
    let command =
        command.or_else(|| only_one(COMMANDS.iter().filter(|command| command.name.starts_with(name))));
    match command.filter(|_| !name.is_empty()) {
        Some(command) => (command.run)(shell, rest.trim(), terminal),
        None => Err(Error::invalid(format!("there is no command ':{name}'")).hint(hint_for(name)).into()),
    }
}

fn only_one<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

fn hint_for(name: &str) -> String {
    match nearest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(name) => format!("did you mean ':{name}'?"),
        None => "':help' lists the commands".to_owned(),
    }
}

fn quit(_: &mut Shell, _: &str, _: &mut Terminal) -> Result<Outcome, Failure> {
    Ok(Outcome::Quit)
}

fn show_help(_: &mut Shell, topic: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = help::about(topic, terminal.palette)?;
    writeln!(terminal.out(), "{text}")?;
    Ok(Outcome::Ready)
}

fn set_format(shell: &mut Shell, name: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    if !name.is_empty() {
        shell.session.format = <Format as clap::ValueEnum>::from_str(name, true).map_err(|_| {
            Error::invalid(format!("there is no format '{name}'"))
                .hint("there are table, json, ndjson, csv, markdown and dot".to_owned())
        })?;
    }
    terminal.note(&format!("format: {}", shell.session.format.name()));
    Ok(Outcome::Ready)
}

fn set_lens(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let lens = lens_of(shell.session.lens.clone(), text)?;
    let compiled = shell.session.compile(&lens)?;
    shell.session.lens = lens;
    match compiled {
        None => terminal.note("the lens is clear: the whole case is seen"),
        Some(compiled) => {
            let hidden = compiled.hidden();
            let counts = [
                counted(hidden.nodes, "node"),
                counted(hidden.relationships, "relationship"),
                counted(hidden.claims, "claim"),
            ];
            let lens = lens_words(&shell.session.lens);
            terminal.note(&format!("the lens ({lens}) hides {}", counts.join(", ")));
        }
    }
    Ok(Outcome::Ready)
}

/// A lens with the parts changed that a text names.
fn lens_of(mut lens: Lens, text: &str) -> Result<Lens, Error> {
    let words = split_words(text)?;
    let mut words = words.iter().map(String::as_str);
    while let Some(part) = words.next() {
        let part = part.to_lowercase().replace(['-', '_'], "");
        if part == "clear" {
            lens = Lens::default();
            continue;
        }
        let mut value =
            || words.next().ok_or_else(|| Error::invalid(format!("expected a value after '{part}'")));
        match part.as_str() {
            "asof" => lens.as_of = Some(date(value()?).map_err(Error::invalid)?),
            "knownby" => lens.known_by = Some(date(value()?).map_err(Error::invalid)?),
            "minconfidence" => lens.confidence_min = Some(fraction(value()?).map_err(Error::invalid)?),
            "without" => lens.without.extend(value()?.split(',').map(str::to_owned)),
            _ => {
                return Err(Error::invalid(format!("a lens has no part '{part}'")).hint(
                    "it has asof, knownby, minconfidence and without; or write ':lens clear'".to_owned(),
                ));
            }
        }
    }
    Ok(lens)
}

/// A lens in words, as the prompt has it; nothing where it is clear.
pub(super) fn lens_words(lens: &Lens) -> String {
    let date = |value: &Value| words::text(value).unwrap_or_default();
    let parts = [
        lens.as_of.as_ref().map(|value| format!("as of {}", date(value))),
        lens.known_by.as_ref().map(|value| format!("known by {}", date(value))),
        lens.confidence_min.map(|least| format!("confidence from {least}")),
        (!lens.without.is_empty()).then(|| format!("without {}", lens.without.join(", "))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn set_limits(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    shell.session.limits = limits::changed(shell.session.limits, &split_words(text)?)?;
    terminal.note(&limits::words(&shell.session.limits));
    Ok(Outcome::Ready)
}

fn undo(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let commit = text.parse().map_err(|_| {
        Error::invalid(format!("expected the number of a commit, found '{text}'"))
            .hint("':log' lists the commits".to_owned())
    })?;
    program::take_back(&mut shell.session, commit, terminal)?;
    Ok(Outcome::Ready)
}

fn draw(shell: &mut Shell, file: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let words = split_words(file)?;
    let [file] = words.as_slice() else {
        return Err(Error::invalid("expected a file to draw into")
            .hint("as in ':draw chain.svg'".to_owned())
            .into());
    };
    let Some(answer) = &shell.last else {
        return Err(Error::invalid("there is no result to draw yet").into());
    };
    let lens = shell.session.compile(&answer.lens)?;
    let dot = render::dot(shell.session.view(lens.as_ref()), answer)?;
    program::draw(&dot, Path::new(file))?;
    terminal.note(&format!("wrote {file}"));
    Ok(Outcome::Ready)
}

fn set_param(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = text.trim_start_matches('$');
    let end = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
    let (name, value) = text.split_at(end);
    let value = value.trim_start().trim_start_matches('=').trim();
    if name.is_empty() || value.is_empty() {
        return Err(Error::invalid("expected a name and a value")
            .hint("as in ':param since date('2023-09-07')'".to_owned())
            .into());
    }
    let answer = shell.session.ask(&format!("RETURN {value} AS value"))?;
    let value = answer.rows.into_iter().flatten().next().unwrap_or_default();
    let shown = plain_json(shell.session.view(None), &value);
    shell.session.parameters.insert(name.to_owned(), value);
    terminal.note(&format!("${name} = {shown}"));
    Ok(Outcome::Ready)
}

fn show_params(shell: &mut Shell, _: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let rows = shell.session.parameters.iter().map(|(name, value)| vec![name.as_str().into(), value.clone()]);
    let columns = vec!["parameter".to_owned(), "value".to_owned()];
    let answer = Answer { columns, rows: rows.collect(), ..Answer::default() };
    print(shell, &answer, terminal)
}

fn schema(shell: &mut Shell, _: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    for call in ["CALL db.labels()", "CALL db.relationshipTypes()"] {
        let answer = shell.session.ask(call)?;
        print(shell, &answer, terminal)?;
    }
    Ok(Outcome::Ready)
}

fn stats(shell: &mut Shell, _: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let answer = program::stats(&shell.session)?;
    print(shell, &answer, terminal)
}

fn log(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: LogArgs = arguments("log", text)?;
    let answer = program::log(&shell.session, &arguments, shell.session.format, terminal)?;
    print(shell, &answer, terminal)
}

fn print(shell: &Shell, answer: &Answer, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    render::answer(terminal, shell.session.view(None), answer, shell.session.format)?;
    Ok(Outcome::Ready)
}

fn refresh(shell: &mut Shell, _: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let new = usize::try_from(shell.session.case.refresh()?).unwrap_or(usize::MAX);
    terminal.note(&format!("{} since", counted(new, "commit")));
    Ok(Outcome::Ready)
}

/// How deep files may name one another.
const DEPTH_MAX: usize = 8;

fn source(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let words = split_words(text)?;
    let [file] = words.as_slice() else {
        return Err(Error::invalid("expected a file with statements").into());
    };
    if shell.depth >= DEPTH_MAX {
        return Err(Error::invalid(format!("files name one another more than {DEPTH_MAX} deep")).into());
    }
    let content = program::read_text(Path::new(file))?;
    shell.depth += 1;
    let mut outcome = Outcome::Ready;
    for line in content.split_inclusive('\n') {
        outcome = shell.feed(line, terminal)?;
        if outcome == Outcome::Quit {
            break;
        }
    }
    shell.finish(terminal)?;
    shell.depth -= 1;
    Ok(if outcome == Outcome::Quit { Outcome::Quit } else { Outcome::Ready })
}

/// The arguments of a command that the command line has too.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Line<T: ClapArgs> {
    #[command(flatten)]
    arguments: T,
}

/// Reads arguments as the command line does.
fn arguments<T: ClapArgs>(name: &str, text: &str) -> Result<T, Failure> {
    Line::<T>::try_parse_from(split_words(text)?).map(|line| line.arguments).map_err(|error| {
        // The first line says what is wrong; usage lines would name another program.
        let message = error.to_string();
        let lines: Vec<&str> = message.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        let message = lines.join(" ");
        Error::invalid(message.trim_start_matches("error: ").to_owned())
            .hint(format!("':help {name}' or `throughline {name} --help`"))
            .into()
    })
}

fn import(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: ImportArgs = arguments("import", text)?;
    program::import_into(&mut shell.session, &arguments, terminal)?;
    Ok(Outcome::Ready)
}

fn trace(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: TraceArgs = arguments("trace", text)?;
    shell.last = Some(program::trace::in_session(&mut shell.session, &arguments, terminal)?);
    Ok(Outcome::Ready)
}

fn owners(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: OwnersArgs = arguments("owners", text)?;
    program::owners::in_session(&mut shell.session, &arguments, terminal)?;
    Ok(Outcome::Ready)
}

fn exposure(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: ExposureArgs = arguments("exposure", text)?;
    shell.last = Some(program::exposure::in_session(&mut shell.session, &arguments, terminal)?);
    Ok(Outcome::Ready)
}

fn conflicts(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: ConflictsArgs = arguments("conflicts", text)?;
    program::conflicts::in_session(&mut shell.session, &arguments, terminal)?;
    Ok(Outcome::Ready)
}

fn same(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: SameArgs = arguments("same", text)?;
    program::same::same_in_session(&mut shell.session, &arguments, terminal)?;
    Ok(Outcome::Ready)
}

fn different(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: DifferentArgs = arguments("different", text)?;
    program::same::different_in_session(&mut shell.session, &arguments, terminal)?;
    Ok(Outcome::Ready)
}

fn search(shell: &mut Shell, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let arguments: SearchArgs = arguments("search", text)?;
    shell.last = Some(program::screen::search_in_session(&shell.session, &arguments, terminal)?);
    Ok(Outcome::Ready)
}

fn sources(shell: &mut Shell, _: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    program::sources::in_session(&shell.session, terminal)?;
    Ok(Outcome::Ready)
}

/// Words with spaces between them; quotes keep spaces.
fn split_words(text: &str) -> Result<Vec<String>, Error> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    match quote {
        Some(open) => Err(Error::invalid(format!("the quote {open} is never closed"))),
        None => {
            words.extend(word);
            Ok(words)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
    }

    #[test]
    fn quotes_keep_spaces() {
        let words = split_words("Rajin 'Tikhoretsk depot' \"\" a'b'").map_err(|error| error.to_string());
        assert_eq!(words, Ok(["Rajin", "Tikhoretsk depot", "", "ab"].map(str::to_owned).to_vec()));
        assert!(split_words("'open").is_err());
    }

    #[test]
    fn a_lens_is_read_part_by_part() {
        let lens = lens_of(Lens::default(), "knownby 2023-10-15 without a,b").expect("a good lens");
        assert_eq!(lens_words(&lens), "known by 2023-10-15, without a, b");
        let lens = lens_of(lens, "min-confidence 0.5").expect("a good lens");
        assert_eq!(lens_words(&lens), "known by 2023-10-15, confidence from 0.5, without a, b");
        assert!(lens_of(lens.clone(), "clear").expect("a good lens").is_clear());
        assert!(lens_of(lens.clone(), "asof").is_err() && lens_of(lens, "sinc 2023").is_err());
    }
}

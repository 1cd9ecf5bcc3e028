//! `same` and `different`: who may be one entity, and judging it.

use throughline::formats::words;
use throughline::model::{NodeId, Value};

use super::show;
use crate::args::{Args, DifferentArgs, SameArgs};
use crate::failure::Failure;
use crate::render::{self, Format};
use crate::session::{Session, author};
use crate::terminal::Terminal;

/// Lists candidates, or records that two entities are one.
pub(super) fn same(args: &Args, same: &SameArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let is_question = same.entities.len() < 2;
    let mut session =
        if is_question { Session::open(args, terminal)? } else { Session::own(args, terminal)? };
    session.format = same.output.format;
    let done = same_in_session(&mut session, same, terminal);
    session.close(terminal);
    done
}

/// Records that two entities are different.
pub(super) fn different(
    args: &Args,
    different: &DifferentArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let mut session = Session::own(args, terminal)?;
    let done = different_in_session(&mut session, different, terminal);
    session.close(terminal);
    done
}

/// The same in a case that is open.
pub(crate) fn same_in_session(
    session: &mut Session,
    arguments: &SameArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    match arguments.entities.as_slice() {
        [a, b] => judge(session, "same", (a, b), arguments.reason.as_deref(), terminal),
        entities => candidates(session, entities.first(), arguments, terminal),
    }
}

/// The same in a case that is open.
pub(crate) fn different_in_session(
    session: &mut Session,
    arguments: &DifferentArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    judge(session, "different", (&arguments.a, &arguments.b), Some(&arguments.reason), terminal)
}

fn find(session: &Session, entity: &str) -> Result<NodeId, Failure> {
    let lens = session.compile(&session.lens)?;
    Ok(show::find(session.view(lens.as_ref()), entity)?)
}

/// Records a judgement, and says how it is taken back.
fn judge(
    session: &mut Session,
    verdict: &str,
    (a, b): (&str, &str),
    reason: Option<&str>,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).ok_or_else(|| {
        Failure::Usage("a judgement needs its reason: --reason 'the same IMO number'".to_owned())
    })?;
    let (a, b) = (find(session, a)?, find(session, b)?);
    let parameters = vec![
        ("a", Value::Node(a)),
        ("b", Value::Node(b)),
        ("reason", Value::from(reason)),
        ("author", Value::from(author().name)),
    ];
    let text = format!("CALL entities.{verdict}($a, $b, {{reason: $reason, author: $author}})");
    session.ask_with(&text, parameters)?;
    let view = session.view(None);
    let [a, b] = [a, b].map(|node| format!("{} ({})", words::name(view, node), view.source_label(node)));
    let says = if verdict == "same" { "is the same as" } else { "is not" };
    writeln!(terminal.out(), "{a} {says} {b}: {}", words::clean(reason))?;
    match session.is_in_transaction() {
        true => terminal.note("part of the open transaction"),
        false => terminal.note(&format!("`undo {}` takes it back", session.case.sequence())),
    }
    Ok(())
}

/// Lists who may be the same, with what speaks for and against it.
fn candidates(
    session: &mut Session,
    entity: Option<&String>,
    arguments: &SameArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let entity = entity.map(|entity| find(session, entity)).transpose()?;
    let text = "CALL entities.candidates({entity: $entity, threshold: $threshold, limit: $limit})";
    let limit = i64::try_from(arguments.limit).unwrap_or(i64::MAX);
    let parameters = vec![
        ("entity", entity.map_or(Value::Null, Value::Node)),
        ("threshold", Value::Float(arguments.threshold)),
        ("limit", Value::Int(limit)),
    ];
    let answer = session.ask_with(text, parameters)?;
    let lens = session.compile(&answer.lens)?;
    let view = session.view(lens.as_ref());
    if session.format != Format::Table {
        render::answer(terminal, view, &answer, session.format)?;
        render::remarks(terminal, &answer, session.format, None);
        return Ok(());
    }
    let palette = terminal.palette;
    for row in &answer.rows {
        let [Value::Node(a), Value::Node(b), Value::Float(score), reasons, against] = row.as_slice() else {
            continue;
        };
        let [a, b] = [*a, *b].map(|node| {
            format!("{} {}", words::name(view, node), palette.dim(&format!("({})", view.source_label(node))))
        });
        writeln!(terminal.out(), "{score:.3}  {a} – {b}")?;
        for (sign, texts) in [("+", reasons), ("−", against)] {
            let Value::List(texts) = texts else { continue };
            for text in texts.iter().filter_map(Value::as_str) {
                writeln!(terminal.out(), "       {sign} {}", words::clean(text))?;
            }
        }
    }
    if answer.rows.is_empty() {
        writeln!(
            terminal.out(),
            "nobody on record is likely to be the same; a lower --threshold shows more"
        )?;
    }
    for notice in &answer.notices {
        terminal.note(&format!("note: {notice}"));
    }
    terminal.note(
        "note: a candidate is a question; `same A B --reason …` and `different A B --reason …` answer it",
    );
    Ok(())
}

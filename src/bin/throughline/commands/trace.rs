//! `trace`: chains from one entity to another.

use throughline::graph::View;
use throughline::query::{Answer, parser};
use throughline::trace::{By, Options, Trace};

use super::ground::{self, WhatIf};
use crate::args::{Args, Rank, TraceArgs};
use crate::failure::Failure;
use crate::render::{self, Format, counted};
use crate::session::Session;
use crate::terminal::Terminal;

/// Opens the case and traces in it.
pub(crate) fn run(args: &Args, trace: &TraceArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = trace.output.format;
    let done = in_session(&mut session, trace, terminal).map(|_| ());
    session.close(terminal);
    done
}

/// Traces in a case that is open, through the session's lens: shows the statement
/// that the question stands for, then the chains, best first, and what they rest on.
pub(crate) fn in_session(
    session: &mut Session,
    arguments: &TraceArgs,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    // A source that there is not is told before anything is searched.
    let what_if = WhatIf::new(session, &arguments.what_if_without)?;
    let trace = statement(session, arguments)?;
    for notice in &trace.notices {
        terminal.note(&format!("note: {notice}"));
    }
    let is_table = session.format == Format::Table;
    if is_table {
        show_statement(&trace, terminal)?;
    } else {
        terminal.note(&trace.statement);
    }
    let statement = parser::parse_statement(&trace.statement)?;
    let answer = session.run(&statement, &trace.statement)?;
    let compared = what_if.map(|what_if| what_if.compare(session, &trace, &answer)).transpose()?;
    let lens = session.compile(&answer.lens)?;
    let view = session.view(lens.as_ref());
    match &compared {
        Some(compared) if !is_table => {
            render::answer(terminal, view, &compared.as_answer(&answer), session.format)?;
        }
        _ => render::answer(terminal, view, &answer, session.format)?,
    }
    if is_table {
        tell_found(view, &answer, arguments, terminal)?;
        if let Some(compared) = &compared {
            compared.tell(session, terminal)?;
        }
    }
    for notice in &answer.notices {
        terminal.note(&format!("note: {notice}"));
    }
    Ok(answer)
}

/// How many chains there are, and what all of them rest on.
fn tell_found(
    view: View<'_>,
    answer: &Answer,
    arguments: &TraceArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    if answer.rows.is_empty() {
        writeln!(terminal.out(), "no chain in possible order")?;
        return Ok(());
    }
    writeln!(terminal.out())?;
    let found = counted(answer.rows.len(), "chain");
    writeln!(terminal.out(), "{found}, best first; at most {} for each pair of ends", arguments.best)?;
    for line in ground::lines(view, &ground::paths_of(answer)) {
        writeln!(terminal.out(), "{line}")?;
    }
    Ok(())
}

fn statement(session: &Session, arguments: &TraceArgs) -> Result<Trace, Failure> {
    let options = Options {
        via: arguments.via.clone(),
        wait: arguments.wait.clone(),
        best: arguments.best,
        by: match arguments.by {
            Rank::Strongest => By::Strongest,
            Rank::Shortest => By::Shortest,
            Rank::Earliest => By::Earliest,
            Rank::Latest => By::Latest,
            Rank::Fastest => By::Fastest,
        },
        hops_max: arguments.hops,
    };
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    Ok(throughline::trace::trace(view, &arguments.from, &arguments.to, &options)?)
}

/// The statement, behind a mark, so that it can be told from the answer.
fn show_statement(trace: &Trace, terminal: &mut Terminal) -> Result<(), Failure> {
    let palette = terminal.palette;
    for line in trace.statement.lines() {
        writeln!(terminal.out(), "{}", palette.dim(&format!("  {line}")))?;
    }
    Ok(())
}

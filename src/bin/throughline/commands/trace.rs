//! `trace`: chains from one entity to another.

use throughline::query::{Answer, parser};
use throughline::trace::{By, Options, Trace};

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
/// that the question stands for, then the chains, best first.
pub(crate) fn in_session(
    session: &mut Session,
    arguments: &TraceArgs,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
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
    let lens = session.compile(&answer.lens)?;
    render::answer(terminal, session.view(lens.as_ref()), &answer, session.format)?;
    if is_table && answer.rows.is_empty() {
        writeln!(terminal.out(), "no chain in possible order")?;
    } else if is_table {
        writeln!(terminal.out())?;
        let found = counted(answer.rows.len(), "chain");
        writeln!(terminal.out(), "{found}, best first; at most {} for each pair of ends", arguments.best)?;
    }
    for notice in &answer.notices {
        terminal.note(&format!("note: {notice}"));
    }
    Ok(answer)
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

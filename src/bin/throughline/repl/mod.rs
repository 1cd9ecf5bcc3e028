//! The session: statements and commands, from a terminal or from a pipe.
//!
//! | module | knows |
//! |---|---|
//! | `shell` | what a line does; it needs no terminal |
//! | `commands` | the commands that begin with `:` |
//! | `help` | `:help` and its topics |
//! | `editor` | the line editor; rustyline stays in there |
//! | `complete`, `highlight` | what can be typed next, and its colours |

mod commands;
mod complete;
mod editor;
mod help;
mod highlight;
mod shell;

use std::io::{BufRead, IsTerminal};

use throughline::Error;

use crate::args::Args;
use crate::failure::Failure;
use crate::interrupt;
use crate::render::{Format, counted};
use crate::session::Session;
use crate::terminal::Terminal;
use editor::{Editor, Typed};
use shell::{Outcome, Shell};

/// Opens the case for a session.
pub(crate) fn run(args: &Args, format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = format;
    match std::io::stdin().is_terminal() {
        true => interact(session, terminal),
        false => read_pipe(session, terminal),
    }
}

/// Runs a session on a terminal until the user leaves.
pub(crate) fn interact(session: Session, terminal: &mut Terminal) -> Result<(), Failure> {
    interrupt::keep_session();
    let mut shell = Shell::new(session, true);
    let mut editor = Editor::open(terminal.palette)
        .map_err(|error| Error::invalid(format!("cannot use the terminal: {error}")))?;
    welcome(&shell.session, terminal);
    loop {
        terminal.flush()?;
        match editor.read(&shell.prompt(), shell.vocabulary()) {
            Typed::Text(text) => {
                terminal.measure();
                if shell.feed(&text, terminal)? == Outcome::Quit {
                    break;
                }
            }
            Typed::Cleared => shell.clear(),
            Typed::End => break,
        }
    }
    shell.session.close(terminal);
    Ok(())
}

fn welcome(session: &Session, terminal: &mut Terminal) {
    let graph = session.case.graph();
    let counts = [
        counted(graph.node_count(), "node"),
        counted(graph.relationship_count(), "relationship"),
        counted(graph.claim_count(), "claim"),
    ];
    let name = terminal.err_palette.strong("Throughline");
    let case = session.case.dir().display();
    terminal.tell(&format!("{name} · {case}: {}", counts.join(", ")));
    if let Some(why) = session.case.read_only() {
        terminal.warn(&format!("the case can only be read: {why}"));
    }
    terminal.note("Statements end with ';'. :help for help, :quit or Ctrl-D to leave.");
}

/// Runs what stdin holds, line by line, and fails if any statement did.
fn read_pipe(session: Session, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut shell = Shell::new(session, false);
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let n_bytes = input.read_until(b'\n', &mut line).map_err(|error| Error::io("stdin", &error))?;
        let text = std::str::from_utf8(&line).map_err(|_| Error::invalid("stdin is not UTF-8 text"))?;
        if n_bytes == 0 || shell.feed(text, terminal)? == Outcome::Quit {
            break;
        }
    }
    shell.finish(terminal)?;
    let has_failed = shell.has_failed() || shell.session.is_in_transaction();
    shell.session.close(terminal);
    if has_failed { Err(Failure::Told) } else { Ok(()) }
}

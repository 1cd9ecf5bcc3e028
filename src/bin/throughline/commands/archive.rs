//! `archive` and `unarchive`: the record into a file, and back.

use throughline::Case;

use crate::args::{ArchiveArgs, Args};
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::ProgressLine;
use crate::session::{Session, author};
use crate::terminal::Terminal;

/// Moves the record up to now into a file.
pub(super) fn archive(args: &Args, archive: &ArchiveArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::own(args, terminal)?;
    let line = ProgressLine::new(terminal.is_err_terminal);
    let (file, author) = (&archive.file, author());
    let done = interrupt::stoppable(|| session.case.archive(file, &author, &|progress| line.show(progress)));
    line.clear();
    if let Ok(archived) = &done {
        let sequence = session.case.sequence();
        let last = archived.last;
        writeln!(terminal.out(), "commits 1 to {last} are in {}; commit {sequence} says so", file.display())?;
        terminal
            .note("keep the file: nothing else has those commits, and what is redacted later stays in it");
    }
    session.close(terminal);
    done.map(drop).map_err(Failure::from)
}

/// Puts back the record that was archived last.
pub(super) fn unarchive(args: &Args, archive: &ArchiveArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    if args.read_only {
        return Err(Failure::Usage("--read-only is for commands that only read the case".to_owned()));
    }
    let archived = Case::unarchive(&args.case, &archive.file)?;
    writeln!(terminal.out(), "commits 1 to {} are in the record again", archived.last)?;
    // Made anew now, and not when somebody waits for an answer.
    Session::own(args, terminal)?.close(terminal);
    Ok(())
}

//! `check`, `rebuild`, `recover`, `backup`, `restore` and `undo`: the record and its index.

use throughline::Case;

use crate::args::{Args, BackupArgs, RecoverArgs, UndoArgs};
use crate::failure::Failure;
use crate::render::counted;
use crate::session::{Session, author};
use crate::terminal::Terminal;

/// Verifies the record and compares the index with it.
pub(crate) fn check(args: &Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let session = Session::open(args, terminal)?;
    let commits = usize::try_from(session.case.check()?).unwrap_or(usize::MAX);
    let verified = counted(commits, "commit");
    writeln!(terminal.out(), "{verified} verified; the graph is what the record says")?;
    session.close(terminal);
    Ok(())
}

/// Copies what is whole of a damaged record into a new case.
pub(crate) fn recover(args: &Args, recover: &RecoverArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let (commits, damage) = Case::recover(&args.case, &recover.directory)?;
    if let Some(damage) = damage {
        terminal.note(&format!("note: {damage}"));
    }
    let commits = counted(usize::try_from(commits).unwrap_or(usize::MAX), "commit");
    writeln!(terminal.out(), "{commits} copied to {}", recover.directory.display())?;
    Ok(())
}

/// Makes the index anew.
pub(crate) fn rebuild(args: &Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::own(args, terminal)?;
    session.case.rebuild()?;
    let graph = session.case.graph();
    let counts = [
        counted(graph.node_count(), "node"),
        counted(graph.relationship_count(), "relationship"),
        counted(graph.claim_count(), "claim"),
    ];
    writeln!(terminal.out(), "the index was made anew: {}", counts.join(", "))?;
    session.close(terminal);
    Ok(())
}

/// Writes the case to one file.
pub(crate) fn backup(args: &Args, backup: &BackupArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let last = Case::backup(&args.case, &backup.file)?;
    terminal.note(&format!("wrote {} up to commit {last}, verified", backup.file.display()));
    Ok(())
}

/// Makes a case of one file.
pub(crate) fn restore(args: &Args, backup: &BackupArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let last = Case::restore(&backup.file, &args.case)?;
    terminal.note(&format!("{} is a case again, up to commit {last}", args.case.display()));
    Ok(())
}

/// Takes back what a commit did.
pub(crate) fn undo(args: &Args, undo: &UndoArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::own(args, terminal)?;
    take_back(&mut session, undo.commit, terminal)?;
    session.close(terminal);
    Ok(())
}

/// Takes back what a commit of an open case did, and says so.
pub(crate) fn take_back(session: &mut Session, commit: u64, terminal: &mut Terminal) -> Result<(), Failure> {
    let new = session.case.undo(commit, &author())?;
    terminal.note(&format!("commit {commit} is undone by commit {new}"));
    Ok(())
}

//! `check`, `compact`, `rebuild`, `recover`, `backup`, `restore` and `undo`: the record and its index.

use std::path::Path;

use throughline::case::Archived;
use throughline::{Case, Error};

use crate::args::{Args, BackupArgs, CheckArgs, RecoverArgs, UndoArgs};
use crate::failure::Failure;
use crate::render::counted;
use crate::session::{Session, author};
use crate::terminal::Terminal;

/// Verifies the record and compares the index with it.
pub(crate) fn check(args: &Args, check: &CheckArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let session = Session::open(args, terminal)?;
    let archive = check.archive.as_deref().map(|file| check_archive(&session, file)).transpose()?;
    let checked = session.case.verify()?;
    let count = |count: u64, what: &str| counted(usize::try_from(count).unwrap_or(usize::MAX), what);
    let verified = count(checked.commits, "commit");
    writeln!(terminal.out(), "{verified} verified; the graph is what the record says")?;
    let files = count(checked.segments, "file");
    terminal.note(&format!("every byte of the record: {} in {files}", megabytes(checked.bytes)));
    if checked.archived > 0 {
        let base = megabytes(checked.base_bytes);
        terminal.note(&format!(
            "commits 1 to {} are archived; what stands for them verifies: {base}",
            checked.archived
        ));
    }
    if let (Some(archive), Some(file)) = (archive, &check.archive) {
        terminal.note(&format!(
            "{} holds commits 1 to {}, and they say what the case kept",
            file.display(),
            archive.last
        ));
    }
    if checked.redacted > 0 {
        let redacted = counted(checked.redacted, "commit");
        terminal
            .note(&format!("{redacted} redacted: the place in the chain is verified, the content is gone"));
    }
    terminal.note(&match checked.index {
        Some(commit) => format!("every block of the index: it holds the case up to commit {commit}"),
        None => "the index holds nothing, or is another process's, and was not looked at".to_owned(),
    });
    session.close(terminal);
    Ok(())
}

/// Verifies the file of an archive, with room for it where temporary files go.
fn check_archive(session: &Session, file: &Path) -> Result<Archived, Error> {
    let scratch = std::env::temp_dir().join(format!("throughline-check-{}", std::process::id()));
    session.case.check_archive(file, &scratch)
}

/// Gives back the space of what the index superseded.
pub(crate) fn compact(args: &Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::own(args, terminal)?;
    let (before, after) = session.case.compact()?;
    writeln!(terminal.out(), "the index has {}, before it had {}", megabytes(after), megabytes(before))?;
    session.close(terminal);
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
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

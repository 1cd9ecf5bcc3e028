//! `check` and `rebuild`: the record and its index.

use crate::args::Args;
use crate::failure::Failure;
use crate::render::counted;
use crate::session::Session;
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

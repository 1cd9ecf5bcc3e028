//! `redact`: what commits said is taken out for good, after showing what goes with it.

use std::io::{IsTerminal, stdin};

use throughline::case::Redaction;

use crate::args::{Args, RedactArgs};
use crate::failure::Failure;
use crate::render::counted;
use crate::session::{Session, author};
use crate::terminal::Terminal;

/// Shows what would go, asks, and does it.
pub(super) fn run(args: &Args, redact: &RedactArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::own(args, terminal)?;
    let done = redact_in(&mut session, redact, terminal);
    session.close(terminal);
    done
}

fn redact_in(session: &mut Session, redact: &RedactArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let plan = session.case.plan_redaction(&redact.commits)?;
    // Without them it is refused, and there is nothing to ask.
    let is_refused = !redact.with_copies && !plan.copies.is_empty();
    if !is_refused {
        show(&plan, terminal);
        if !redact.yes && !is_confirmed(terminal)? {
            terminal.note("nothing was redacted");
            return Err(Failure::Told);
        }
    }
    let done = session.case.redact(&redact.commits, redact.with_copies, &redact.reason, &author())?;
    writeln!(terminal.out(), "redacted {}; commit {} says so", list(&done.commits), session.case.sequence())?;
    terminal.note("backups made before still hold what was redacted");
    Ok(())
}

fn show(plan: &Redaction, terminal: &mut Terminal) {
    let changes = counted(plan.changes, "change");
    terminal.tell(&format!("what {} said goes for good: {changes}", list(&plan.commits)));
    if !plan.copies.is_empty() {
        terminal.tell(&format!("  {} among them, since it is repeated there", list(&plan.copies)));
    }
    let elements = |[nodes, relationships, claims]: [usize; 3]| {
        let all = [(nodes, "node"), (relationships, "relationship"), (claims, "claim")];
        let there = all.into_iter().filter(|(count, _)| *count > 0);
        there.map(|(count, what)| counted(count, what)).collect::<Vec<_>>().join(", ")
    };
    if plan.gone != [0; 3] {
        terminal.tell(&format!("  gone from the case: {}", elements(plan.gone)));
    }
    if plan.back != [0; 3] {
        terminal.warn(&format!("there again, since what deleted them goes: {}", elements(plan.back)));
    }
    for (commit, changes) in &plan.left_out {
        let changes = counted(*changes, "change");
        terminal.warn(&format!("commit {commit} built on it: {changes} of it will be left out"));
    }
    if !plan.mentions.is_empty() {
        let commits = list(&plan.mentions);
        terminal.warn(&format!(
            "the same texts are also in {commits}: look at them, and name them too if they are to go"
        ));
    }
    for commit in &plan.messages_stay {
        terminal.warn(&format!(
            "the message of commit {commit} stays: an earlier version recorded it within the chain"
        ));
    }
}

/// Asks on a terminal; where nobody can be asked, it has to be said beforehand.
fn is_confirmed(terminal: &mut Terminal) -> Result<bool, Failure> {
    if !stdin().is_terminal() {
        return Err(Failure::Usage("expected --yes, since nobody can be asked here".to_owned()));
    }
    terminal.tell("This cannot be undone. Type yes to go on.");
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

fn list(commits: &[u64]) -> String {
    let numbers: Vec<String> = commits.iter().map(u64::to_string).collect();
    format!("{} {}", if commits.len() == 1 { "commit" } else { "commits" }, numbers.join(", "))
}

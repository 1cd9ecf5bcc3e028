//! The session on a terminal.

#![cfg(unix)]

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use tempfile::TempDir;

/// How long the slowest answer may take.
const PATIENCE_MS: u64 = 10_000;

/// A session on a small case; the directory goes when it is dropped.
struct Session {
    pty: PtySession,
    _dir: TempDir,
}

impl Session {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let ships = dir.path().join("ships.csv");
        std::fs::write(&ships, ":ID,:LABEL,name\nangara,Vessel,ANGARA\nrajin,Port,Rajin\n").expect("a file");
        let program = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
            command.arg("--case").arg(dir.path().join("test.case"));
            command.env("XDG_DATA_HOME", dir.path()).env("NO_COLOR", "1").env("TERM", "xterm");
            command
        };
        let imported = program().arg("import").arg(&ships).output().expect("the program to run");
        assert!(imported.status.success());
        let pty = spawn_command(program(), Some(PATIENCE_MS)).expect("the program to start");
        let mut session = Self { pty, _dir: dir };
        session.expect("2 nodes");
        session.expect("throughline> ");
        session
    }

    fn expect(&mut self, text: &str) {
        self.pty.exp_string(text).unwrap_or_else(|error| panic!("expected {text}: {error}"));
    }

    fn press(&mut self, keys: &str) {
        self.pty.send(keys).expect("the keys to be taken");
        self.pty.flush().expect("the keys to be taken");
    }
}

#[test]
fn statements_may_span_lines_and_commands_need_no_semicolon() {
    let mut session = Session::open();
    session.press("MATCH (n:Port)\rRETURN n.name\r;\r");
    session.expect("Rajin");
    session.expect("1 row");
    session.expect("throughline> ");
    session.press(":lens asof 2023-10\r");
    session.expect("throughline (as of 2023-10)> ");
    session.press(":quit\r");
    session.pty.exp_eof().expect("the program to end");
}

#[test]
fn tab_completes_labels() {
    let mut session = Session::open();
    session.press("MATCH (v:Ves\t) RETURN v.name;\r");
    session.expect("MATCH (v:Vessel");
    session.expect("ANGARA");
    session.expect("throughline> ");
    session.press("\u{4}");
    session.pty.exp_eof().expect("the program to end");
}

#[test]
fn ctrl_c_clears_the_line_and_keeps_the_session() {
    let mut session = Session::open();
    session.press("MATCH (n");
    session.expect("MATCH (n");
    session.press("\u{3}");
    session.expect("throughline> ");
    session.press("RETURN 6 * 7 AS x;\r");
    session.expect("42");
    session.expect("throughline> ");
    session.press(":quit\r");
    session.pty.exp_eof().expect("the program to end");
}

#[test]
fn ctrl_c_stops_a_statement_and_keeps_the_session() {
    let mut session = Session::open();
    session.press(
        "UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 3000) AS c RETURN count(*);\r",
    );
    std::thread::sleep(std::time::Duration::from_millis(300));
    session.press("\u{3}");
    session.expect("the query was stopped");
    session.expect("throughline> ");
    session.press("RETURN 6 * 7 AS x;\r");
    session.expect("42");
    session.press(":quit\r");
    session.pty.exp_eof().expect("the program to end");
}

#[test]
fn the_prompt_shows_an_open_transaction_and_leaving_says_what_becomes_of_it() {
    let mut session = Session::open();
    session.press("BEGIN;\r");
    session.expect("throughline (transaction open)> ");
    session.press("CREATE (:Port {id: 'x'});\r");
    session.expect("1 node created");
    session.press("MATCH (n RETURN n;\r");
    session.expect("expected ')'");
    session.expect("throughline (transaction open)> ");
    session.press("\u{4}");
    session.expect("it was rolled back, and nothing of it is recorded");
    session.pty.exp_eof().expect("the program to end");
}

#[test]
fn redacting_asks_first() {
    let mut session = Session::open();
    let case = session._dir.path().join("test.case");
    session.press(":quit\r");
    session.pty.exp_eof().expect("the program to end");
    for (answer, told) in [("no\r", "nothing was redacted"), ("yes\r", "redacted commit 1; commit 2 says so")]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.arg("--case").arg(&case).args(["redact", "1"]).env("NO_COLOR", "1").env("TERM", "xterm");
        let mut pty = spawn_command(command, Some(PATIENCE_MS)).expect("the program to start");
        pty.exp_string("gone from the case: 2 nodes").expect("what goes");
        pty.exp_string("Type yes to go on.").expect("a question");
        pty.send(answer).expect("the keys to be taken");
        pty.flush().expect("the keys to be taken");
        pty.exp_string(told).expect("what was done");
        pty.exp_eof().expect("the program to end");
    }
}

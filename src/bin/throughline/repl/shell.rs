//! What a line of a session does.
//!
//! Lines are collected until a `;` ends a statement; a line that begins with `:`
//! where no statement is begun is a command. Errors are told, and the session goes
//! on; only results that cannot be written end it.

use std::rc::Rc;
use std::time::Instant;

use throughline::case::TransactionState;
use throughline::query::Answer;
use throughline::query::lexer::{TokenKind, tokenize};
use throughline::query::parser::{self, Completeness, completeness};

use super::commands;
use super::complete::{Vocabulary, Words};
use crate::failure::Failure;
use crate::render::{self, Format, error_document};
use crate::session::Session;
use crate::terminal::Terminal;

/// What comes after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A new statement or command.
    Ready,
    /// More of the statement that is begun.
    Continued,
    /// Nothing; the user wants to leave.
    Quit,
}

/// A session with what has been typed and what was answered.
pub(crate) struct Shell {
    pub(crate) session: Session,
    /// Whether somebody sits at a terminal.
    is_interactive: bool,
    /// The beginning of a statement.
    buffer: String,
    /// The last result, for `:draw`.
    pub(super) last: Option<Answer>,
    has_failed: bool,
    /// How many files are being read within one another.
    pub(super) depth: usize,
    /// The words of the case, and the commit that they are of.
    words: Option<(u64, Rc<Words>)>,
}

impl Shell {
    /// A session in which nothing has been typed yet.
    pub(crate) fn new(session: Session, is_interactive: bool) -> Self {
        Self {
            session,
            is_interactive,
            buffer: String::new(),
            last: None,
            has_failed: false,
            depth: 0,
            words: None,
        }
    }

    /// Takes one or more lines.
    ///
    /// # Errors
    /// `Output` where results cannot be written; everything else is told.
    pub(crate) fn feed(&mut self, text: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        if self.buffer.trim().is_empty() {
            self.buffer.clear();
            if let Some(command) = command_in(text, self.is_interactive) {
                let outcome = self
                    .guarded(command, terminal, |shell, terminal| commands::run(shell, command, terminal))?;
                return Ok(outcome.unwrap_or(Outcome::Ready));
            }
        }
        self.buffer.push_str(text);
        if !text.ends_with('\n') {
            self.buffer.push('\n');
        }
        if let Some(end) = text.contains(';').then(|| last_semicolon(&self.buffer)).flatten() {
            let rest = self.buffer.split_off(end);
            let statements = std::mem::replace(&mut self.buffer, rest);
            self.run(&statements, terminal)?;
        }
        // More lines would not mend it, so that there is nothing to wait for.
        if self.is_interactive && completeness(&self.buffer) == Completeness::Wrong {
            self.finish(terminal)?;
        }
        Ok(if self.buffer.trim().is_empty() { Outcome::Ready } else { Outcome::Continued })
    }

    /// Runs what is left, although no `;` ends it.
    ///
    /// # Errors
    /// As [`Shell::feed`].
    pub(crate) fn finish(&mut self, terminal: &mut Terminal) -> Result<(), Failure> {
        let rest = std::mem::take(&mut self.buffer);
        self.run(&rest, terminal)
    }

    /// Forgets the statement that is begun.
    pub(crate) fn clear(&mut self) {
        self.buffer.clear();
    }

    /// Whether any statement or command failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// What stands before the cursor.
    pub(crate) fn prompt(&self) -> String {
        let lens = Some(commands::lens_words(&self.session.lens)).filter(|lens| !lens.is_empty());
        let transaction = match self.session.case.transaction() {
            TransactionState::None => None,
            TransactionState::Open => Some("transaction open".to_owned()),
            TransactionState::Failed => Some("transaction failed".to_owned()),
        };
        match [lens, transaction].into_iter().flatten().collect::<Vec<_>>().join(", ") {
            state if state.is_empty() => "throughline> ".to_owned(),
            state => format!("throughline ({state})> "),
        }
    }

    /// The words and the names of the case as it is now.
    pub(crate) fn vocabulary(&mut self) -> Vocabulary {
        let (now, graph) = (self.session.case.sequence(), self.session.case.graph());
        let (of, words) = self.words.get_or_insert_with(|| (now, Rc::new(Words::of(graph))));
        if *of != now {
            (*of, *words) = (now, Rc::new(Words::of(graph)));
        }
        Vocabulary::of(graph, words.clone())
    }

    /// Runs each statement of a text.
    fn run(&mut self, text: &str, terminal: &mut Terminal) -> Result<(), Failure> {
        for statement in pieces(text) {
            self.guarded(statement, terminal, |shell, terminal| shell.run_one(statement, terminal))?;
        }
        Ok(())
    }

    fn run_one(&mut self, text: &str, terminal: &mut Terminal) -> Result<(), Failure> {
        let Some(statement) = Session::parse(text)?.into_iter().next() else { return Ok(()) };
        let begun = Instant::now();
        let answer = self.session.run(&statement, text)?;
        let taken = begun.elapsed();
        self.session.print(&answer, self.is_interactive.then_some(taken), terminal)?;
        self.last = Some(answer);
        Ok(())
    }

    /// Does something; if it fails, the user is told and the session goes on.
    fn guarded<T>(
        &mut self,
        text: &str,
        terminal: &mut Terminal,
        run: impl FnOnce(&mut Self, &mut Terminal) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let done = match run(self, terminal) {
            Ok(done) => Some(done),
            Err(Failure::Output(error)) => return Err(Failure::Output(error)),
            Err(failure) => {
                self.has_failed = true;
                // A person who sees the error decides what becomes of the transaction; a script cannot.
                if !self.is_interactive || self.depth > 0 {
                    self.session.case.fail_transaction();
                }
                self.tell(&failure, text, terminal)?;
                None
            }
        };
        self.session.tell_notices(terminal);
        terminal.flush()?;
        Ok(done)
    }

    /// Tells of a failure; programs that read JSON get one line of it.
    fn tell(&self, failure: &Failure, text: &str, terminal: &mut Terminal) -> Result<(), Failure> {
        match failure {
            Failure::Errors { errors, .. } if !self.is_interactive && self.session.format == Format::Json => {
                writeln!(terminal.out(), "{}", error_document(errors, text))?;
            }
            _ => render::error::tell(terminal, failure),
        }
        Ok(())
    }
}

/// Whether a text that a person types is a command.
pub(super) fn is_command(text: &str) -> bool {
    command_in(text, true).is_some()
}

/// A command, if a text is one. People also type `quit` and `help`.
fn command_in(text: &str, is_interactive: bool) -> Option<&str> {
    let text = text.trim();
    match text.strip_prefix(':') {
        Some(command) => Some(command),
        None => {
            let word = text.trim_end_matches(';').trim_end();
            (is_interactive && matches!(word, "quit" | "exit" | "help")).then_some(word)
        }
    }
}

/// The place after the last `;` that ends a statement.
fn last_semicolon(text: &str) -> Option<usize> {
    let tokens = tokenize(text).tokens;
    let last = tokens.iter().rev().find(|token| token.kind == TokenKind::Symbol(";"))?;
    Some(last.span.end)
}

/// The statements of a text, each without its `;`; also those that cannot be read.
fn pieces(text: &str) -> Vec<&str> {
    let tokens = tokenize(text).tokens;
    let mut ends: Vec<(usize, usize)> = tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Symbol(";"))
        .map(|token| (token.span.start, token.span.end))
        .collect();
    ends.push((text.len(), text.len()));
    let mut start = 0;
    let mut pieces = Vec::new();
    for (end, next) in ends {
        let piece = text[start..end].trim();
        if !matches!(parser::parse(piece).as_deref(), Ok([])) {
            pieces.push(piece);
        }
        start = next;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write;

    use throughline::{Author, Case};

    use super::*;

    #[test]
    fn statements_end_at_semicolons_outside_strings_and_comments() {
        assert_eq!(last_semicolon("RETURN ';' // ;\n"), None);
        assert_eq!(last_semicolon("RETURN 1; RETURN 2"), Some(9));
        assert_eq!(pieces(" ; RETURN ';'; /* ; */ ;\nRETURN 2;"), ["RETURN ';'", "RETURN 2"]);
    }

    #[test]
    fn what_cannot_be_read_is_not_left_out() {
        assert_eq!(pieces("§; RETURN 1;"), ["§", "RETURN 1"]);
    }

    /// What was written, while the writer is elsewhere.
    #[derive(Clone, Default)]
    struct Written(Rc<RefCell<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn take(&self) -> String {
            String::from_utf8(self.0.take()).expect("UTF-8")
        }
    }

    #[test]
    fn lines_are_collected_until_a_semicolon_and_errors_end_nothing() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let case = Case::create(&dir.path().join("case"), &Author::default()).expect("a new case");
        let (out, err) = (Written::default(), Written::default());
        let mut terminal = Terminal::of_writers(Box::new(out.clone()), Box::new(err.clone()));
        let mut shell = Shell::new(Session::plain(case), true);
        let mut feed = |line: &str| shell.feed(line, &mut terminal).expect("the writer works");

        assert_eq!(feed("RETURN [1,"), Outcome::Continued);
        assert_eq!(feed(":help is no command in the middle"), Outcome::Continued);
        assert_eq!(feed(";"), Outcome::Ready);
        assert!(err.take().contains("error: "));
        assert_eq!(feed("SELECT * FROM vessels"), Outcome::Ready);
        assert!(err.take().contains("write MATCH"));
        assert_eq!(feed(":format csv"), Outcome::Ready);
        assert_eq!(feed("RETURN 1 AS a; RETURN"), Outcome::Continued);
        assert_eq!(feed("2 AS b;"), Outcome::Ready);
        assert_eq!(out.take(), "a\n1\nb\n2\n");
        assert_eq!(feed(":lens knownby 2023-10"), Outcome::Ready);
        assert_eq!(feed(":quit"), Outcome::Quit);
        assert_eq!(shell.prompt(), "throughline (known by 2023-10)> ");
    }

    #[test]
    fn a_person_decides_what_becomes_of_a_transaction_and_a_file_does_not() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let case = Case::create(&dir.path().join("case"), &Author::default()).expect("a new case");
        let mut terminal = Terminal::of_writers(Box::new(Written::default()), Box::new(Written::default()));
        let mut shell = Shell::new(Session::plain(case), true);
        let script = dir.path().join("script.cypher");
        std::fs::write(&script, "CREATE (:Port);\nRETURN 1 / 0;\nCREATE (:Port);\n").expect("a file");
        let mut feed = |shell: &mut Shell, text: &str| {
            shell.feed(text, &mut terminal).expect("the writer works");
            shell.prompt()
        };

        assert_eq!(feed(&mut shell, "BEGIN;"), "throughline (transaction open)> ");
        assert_eq!(feed(&mut shell, "CREATE (:Port); RETURN 1 / 0;"), "throughline (transaction open)> ");
        assert_eq!(feed(&mut shell, "COMMIT;"), "throughline> ");
        assert_eq!(shell.session.case.graph().node_count(), 1);
        feed(&mut shell, ":lens knownby 2023-10");
        assert_eq!(feed(&mut shell, "BEGIN;"), "throughline (known by 2023-10, transaction open)> ");
        feed(&mut shell, ":lens clear");
        let source = format!(":source '{}'", script.display());
        assert_eq!(feed(&mut shell, &source), "throughline (transaction failed)> ");
        assert_eq!(feed(&mut shell, "COMMIT;"), "throughline> ");
        assert_eq!(shell.session.case.graph().node_count(), 1);
    }

    #[test]
    fn quit_needs_no_colon_where_a_person_types() {
        assert_eq!(command_in(" :quit ", false), Some("quit"));
        assert_eq!(command_in("quit;", true), Some("quit"));
        assert_eq!(command_in("quit;", false), None);
    }
}

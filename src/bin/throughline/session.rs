//! An open case with everything that lasts from one statement to the next.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use throughline::case::TransactionState;
use throughline::error::ErrorKind;
use throughline::graph::{CompiledLens, Lens, View};
use throughline::model::Value;
use throughline::paths::Limits;
use throughline::query::{Answer, Options, Parameters, ast, parser};
use throughline::{Access, Author, Case, Error};

use crate::args::Args;
use crate::failure::Failure;
use crate::interrupt;
use crate::render::{self, Format};
use crate::terminal::Terminal;

/// A case, and how the user looks at it.
pub(crate) struct Session {
    pub(crate) case: Case,
    /// What is looked through.
    pub(crate) lens: Lens,
    /// When a statement gives up.
    pub(crate) limits: Limits,
    /// Values for `$name` in statements.
    pub(crate) parameters: Parameters,
    /// How results are written.
    pub(crate) format: Format,
    /// How many of the case's notices were told.
    n_told: usize,
}

impl Session {
    /// Opens the case that the arguments name, and tells what was noticed.
    pub(crate) fn open(args: &Args, terminal: &mut Terminal) -> Result<Self, Failure> {
        let access = if args.read_only { Access::Read } else { Access::OwnOrRead };
        Self::with_access(args, access, terminal)
    }

    /// Opens a case to change it.
    pub(crate) fn own(args: &Args, terminal: &mut Terminal) -> Result<Self, Failure> {
        let access = if args.read_only { Access::Read } else { Access::Own };
        Self::with_access(args, access, terminal)
    }

    fn with_access(args: &Args, access: Access, terminal: &mut Terminal) -> Result<Self, Failure> {
        let case = match args.at {
            Some(commit) => Case::open_at(&args.case, commit)?,
            None => Case::open(&args.case, access)?,
        };
        let mut session = Self::of_case(case, args);
        // A lens that cannot be used is wrong usage from the beginning, not in the first query.
        session.compile(&session.lens)?;
        session.tell_notices(terminal);
        Ok(session)
    }

    /// Tells what was noticed since the last call, such as an index that was made anew.
    pub(crate) fn tell_notices(&mut self, terminal: &mut Terminal) {
        for notice in self.case.notices().iter().skip(self.n_told) {
            terminal.note(&format!("note: {notice}"));
        }
        self.n_told = self.case.notices().len();
    }

    /// A session on a case that is open, as the arguments ask for it.
    pub(crate) fn of_case(mut case: Case, args: &Args) -> Self {
        if let Some(bytes) = args.limits.cache() {
            case.set_cache(bytes);
        }
        Self { lens: args.lens.lens(), limits: args.limits.limits(), ..Self::plain(case) }
    }

    /// A session on a case that is open, without a lens.
    pub(crate) fn plain(case: Case) -> Self {
        Self {
            case,
            lens: Lens::default(),
            limits: Limits::default(),
            parameters: Parameters::new(),
            format: Format::default(),
            n_told: 0,
        }
    }

    /// Everything that is wrong in a text, or its statements.
    pub(crate) fn parse(text: &str) -> Result<Vec<ast::Statement>, Failure> {
        parser::parse(text).map_err(|errors| Failure::of_parsing(&errors, text))
    }

    /// Runs one statement of `text`.
    pub(crate) fn run(&mut self, statement: &ast::Statement, text: &str) -> Result<Answer, Failure> {
        let author = author();
        let options = Options {
            limits: self.limits,
            is_interrupted: &interrupt::is_asked,
            ..Options::new(&self.lens, author.now_micros)
        };
        let (case, parameters) = (&mut self.case, &self.parameters);
        let message = text.get(statement.span.start..statement.span.end).unwrap_or(text);
        interrupt::stoppable(|| case.run(statement, message, parameters, &author, &options))
            .map_err(|error| Failure::in_text(explained(error), text))
    }

    /// Runs a text that holds one statement.
    pub(crate) fn ask(&mut self, text: &str) -> Result<Answer, Failure> {
        match Self::parse(text)?.as_slice() {
            [statement] => self.run(statement, text),
            statements => Err(Failure::Usage(format!("expected one statement, found {}", statements.len()))),
        }
    }

    /// [`Session::ask`] with parameters that the session has for this text only.
    pub(crate) fn ask_with(&mut self, text: &str, parameters: Vec<(&str, Value)>) -> Result<Answer, Failure> {
        let kept = self.parameters.clone();
        self.parameters.extend(parameters.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let answer = self.ask(text);
        self.parameters = kept;
        answer
    }

    /// Prints an answer and what is to be said of it, through the lens that it was found through.
    pub(crate) fn print(
        &self,
        answer: &Answer,
        taken: Option<Duration>,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let lens = self.compile(&answer.lens)?;
        render::answer(terminal, self.view(lens.as_ref()), answer, self.format)?;
        render::remarks(terminal, answer, self.format, taken);
        Ok(())
    }

    /// A lens made ready; none where it hides nothing.
    pub(crate) fn compile(&self, lens: &Lens) -> Result<Option<CompiledLens>, Failure> {
        Ok(if lens.is_clear() { None } else { Some(lens.compile(self.case.graph())?) })
    }

    /// The case through a lens.
    pub(crate) fn view<'a>(&'a self, lens: Option<&'a CompiledLens>) -> View<'a> {
        View::new(self.case.graph(), lens, false)
    }

    /// Whether a transaction waits for its end.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.case.transaction() != TransactionState::None
    }

    /// Closes the case.
    pub(crate) fn close(mut self, terminal: &mut Terminal) {
        if self.is_in_transaction() {
            terminal
                .warn("the transaction was still open: it was rolled back, and nothing of it is recorded");
        }
        let damage = self.case.graph().damage();
        let mended = self.case.mend();
        self.tell_notices(terminal);
        if let Err(error) = mended.and_then(|_| self.case.close()) {
            terminal.warn(&format!("{error}; the record is unharmed"));
        }
        if let Some(damage) = damage {
            // What was printed may lack what could not be read.
            terminal.warn(&format!(
                "the index was damaged ({damage}): do not trust what was printed; it was made anew from the record, run this again"
            ));
            std::process::exit(1);
        }
    }
}

/// Who runs the program, now.
pub(crate) fn author() -> Author {
    let name = ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Author {
        name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned()),
        now_micros: i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX),
    }
}

/// The error; of a statement that was stopped, with what stopped it.
fn explained(error: Error) -> Error {
    match (error.kind(), interrupt::reason()) {
        (ErrorKind::Interrupted(_), Some(reason)) => Error::interrupted(reason),
        _ => error,
    }
}

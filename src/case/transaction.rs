//! Transactions: several statements, one commit.
//!
//! Between `BEGIN` and `COMMIT` a statement changes the graph and records nothing, so
//! that those after it see what it did. `COMMIT` records all changes as one commit of
//! the ledger; until it is synced none of them is in the case, whatever ends the
//! process. `ROLLBACK`, and dropping a transaction or the case, takes them back.
//!
//! A statement that fails takes back what it did itself, and the transaction goes on:
//! whoever typed it sees the error and decides. Where nobody does, as in a script,
//! [`Case::fail_transaction`] takes everything back and refuses what follows, up to the
//! transaction's end.

use super::{Author, Case};
use crate::error::{Detail, Error, Result, Span};
use crate::ledger::MESSAGE_BYTES_MAX;
use crate::model::{Effect, Value};
use crate::query::{Answer, Options, Parameters, ast, parser};

/// What became of a case's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionState {
    /// There is none: each statement that writes is a commit.
    None,
    /// It goes on.
    Open,
    /// It was taken back, and what follows is refused until it ends.
    Failed,
}

/// What a transaction has done so far.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Changes that are in the graph and not in the record.
    effects: Vec<Effect>,
    /// The statements that made them, as far as a commit's message holds them.
    message: String,
    has_failed: bool,
}

/// Several statements that become one commit, or none.
///
/// Dropping it takes back everything.
///
/// ```
/// # use throughline::graph::Lens;
/// # use throughline::query::{Options, Parameters};
/// # use throughline::{Author, Case};
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let (author, parameters, lens) = (Author::default(), Parameters::new(), Lens::default());
/// # let options = Options::new(&lens, 0);
/// let mut case = Case::create(&dir.path().join("case"), &author)?;
/// let mut transaction = case.begin()?;
/// transaction.query("CREATE (:Vessel {id: 'angara'})", &parameters, &author, &options)?;
/// transaction.query("MATCH (v:Vessel) SET v.flag = 'RU'", &parameters, &author, &options)?;
/// assert_eq!(transaction.commit("what the registry says", &author)?, Some(1));
///
/// let mut transaction = case.begin()?;
/// transaction.query("MATCH (v:Vessel) DELETE v", &parameters, &author, &options)?;
/// drop(transaction);
/// assert_eq!((case.graph().node_count(), case.sequence()), (1, 1));
/// # Ok::<(), throughline::Error>(())
/// ```
#[derive(Debug)]
pub struct Transaction<'a> {
    case: &'a mut Case,
}

impl Transaction<'_> {
    /// Parses and runs one statement on what those before it left.
    ///
    /// # Errors
    /// As [`Case::query`]; the statement's own changes are taken back, and the transaction goes on.
    pub fn query(
        &mut self,
        text: &str,
        parameters: &Parameters,
        author: &Author,
        options: &Options<'_>,
    ) -> Result<Answer> {
        let statement = parser::parse_statement(text)?;
        self.run(&statement, text, parameters, author, options)
    }

    /// Runs a statement that is parsed already.
    ///
    /// # Errors
    /// As [`Transaction::query`].
    pub fn run(
        &mut self,
        statement: &ast::Statement,
        text: &str,
        parameters: &Parameters,
        author: &Author,
        options: &Options<'_>,
    ) -> Result<Answer> {
        if let ast::Mode::Transaction(_) = statement.mode {
            return Err(
                error("a transaction that a program holds is ended by the program").at(statement.span)
            );
        }
        self.case.run(statement, text, parameters, author, options)
    }

    /// The case as the transaction sees it.
    #[must_use]
    pub fn case(&self) -> &Case {
        self.case
    }

    /// Records what was changed as one commit, and gives its number; `None` where nothing was.
    ///
    /// # Errors
    /// `Io` where it could not be recorded, `ReadOnly`. After an error nothing has changed.
    pub fn commit(self, message: &str, author: &Author) -> Result<Option<u64>> {
        self.case.commit(Some(message), author)
    }

    /// Takes back what was changed.
    pub fn roll_back(self) {
        drop(self);
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.case.roll_back();
    }
}

impl Case {
    /// Begins a transaction.
    ///
    /// # Errors
    /// A `TransactionError` where one is open already.
    pub fn begin(&mut self) -> Result<Transaction<'_>> {
        self.open_transaction()?;
        Ok(Transaction { case: self })
    }

    /// Whether a transaction is open that a statement `BEGIN` has begun.
    #[must_use]
    pub fn transaction(&self) -> TransactionState {
        match &self.transaction {
            None => TransactionState::None,
            Some(open) if open.has_failed => TransactionState::Failed,
            Some(_) => TransactionState::Open,
        }
    }

    /// Takes back what an open transaction did, and refuses statements until it is ended.
    pub fn fail_transaction(&mut self) {
        if self.transaction.is_some() {
            self.roll_back();
            self.transaction = Some(Open { has_failed: true, ..Open::default() });
        }
    }

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK`.
    pub(super) fn control(&mut self, control: ast::Control, author: &Author) -> Result<Answer> {
        match control {
            ast::Control::Begin => {
                self.open_transaction()?;
                Ok(told("open", None))
            }
            ast::Control::Commit => match self.commit(None, author)? {
                Some(sequence) => Ok(told("recorded", Some(sequence))),
                None => Ok(told("ended without changes", None)),
            },
            ast::Control::Rollback if self.transaction.is_none() => Err(none_open("roll back")),
            ast::Control::Rollback => {
                self.roll_back();
                Ok(told("rolled back", None))
            }
        }
    }

    fn open_transaction(&mut self) -> Result<()> {
        if self.transaction.is_some() {
            return Err(error("a transaction is open already").hint("COMMIT or ROLLBACK it first".to_owned()));
        }
        self.transaction = Some(Open::default());
        Ok(())
    }

    fn commit(&mut self, message: Option<&str>, author: &Author) -> Result<Option<u64>> {
        let Some(open) = self.transaction.take() else { return Err(none_open("commit")) };
        if open.has_failed {
            return Err(error("the transaction failed before, and nothing of it is recorded"));
        }
        self.record(&open.effects, author, message.unwrap_or(&open.message))?;
        Ok((!open.effects.is_empty()).then(|| self.sequence()))
    }

    /// Ends a transaction, if one is open, and takes back what it did.
    pub(super) fn roll_back(&mut self) {
        if let Some(open) = self.transaction.take() {
            open.effects.iter().rev().for_each(|effect| self.graph.revert(effect));
        }
    }

    /// Keeps a statement's changes, which are in the graph: for the transaction, else in the record.
    pub(super) fn keep(&mut self, effects: &[Effect], author: &Author, text: &str) -> Result<()> {
        if self.transaction.is_none() || effects.is_empty() {
            return self.record(effects, author, text);
        }
        if let Err(error) = self.refuse_if_read_only() {
            effects.iter().rev().for_each(|effect| self.graph.revert(effect));
            return Err(error);
        }
        if let Some(open) = &mut self.transaction {
            open.effects.extend_from_slice(effects);
            if open.message.len() < MESSAGE_BYTES_MAX {
                open.message += if open.message.is_empty() { "" } else { "; " };
                open.message += text;
            }
        }
        Ok(())
    }

    /// Fails where a transaction has failed and is not ended, or the graph was lost.
    pub(super) fn refuse_if_failed(&self) -> Result<()> {
        if let Some(error) = &self.lost {
            return Err(error.clone());
        }
        match self.transaction() {
            TransactionState::Failed => {
                Err(error("the transaction failed, and nothing runs until ROLLBACK ends it"))
            }
            TransactionState::None | TransactionState::Open => Ok(()),
        }
    }

    /// Fails within a transaction: `what` is no part of one.
    pub(super) fn refuse_in_transaction(&self, what: &str) -> Result<()> {
        match self.transaction {
            Some(_) => Err(error(format!("{what} cannot be part of a transaction"))
                .hint("COMMIT or ROLLBACK it first".to_owned())),
            None => Ok(()),
        }
    }
}

pub(super) fn error(message: impl Into<String>) -> Error {
    Error::query("TransactionError", Span::default(), message).detail(Detail::InvalidClauseComposition)
}

fn none_open(what: &str) -> Error {
    error(format!("there is no transaction to {what}")).hint("BEGIN opens one".to_owned())
}

/// What a statement about a transaction gives.
fn told(what: &str, commit: Option<u64>) -> Answer {
    let number = commit.map(|commit| Value::Int(i64::try_from(commit).unwrap_or(i64::MAX)));
    let columns = [Some("transaction"), number.is_some().then_some("commit")];
    Answer {
        columns: columns.into_iter().flatten().map(str::to_owned).collect(),
        rows: vec![[Some(Value::from(what)), number].into_iter().flatten().collect()],
        ..Answer::default()
    }
}

//! A case: the library's front door.
//!
//! A case is a directory with the record (`ledger/`), the index (`index/`) and a
//! lock. Opening gives the graph as of the last commit. A change is applied to the
//! graph, recorded and synced, and only then acknowledged; if recording fails, the
//! graph is as it was.
//!
//! Whoever holds the lock owns the index and may write. Another process reads the
//! record up to the last whole commit and never touches the index.

mod check;
mod history;
mod mentions;
mod redact;
mod transaction;
mod undo;

use std::path::{Path, PathBuf};

pub use check::Checked;
pub use history::{CommitDetails, LogEntry};
pub use redact::Redaction;
pub use transaction::{Transaction, TransactionState};

use crate::error::{Error, ErrorKind, Result};
use crate::formats::csv;
use crate::graph::{BlockSource, Graph};
use crate::ledger::{self, CaseLock, Commit, CommitInfo, Ledger, Position, effects};
use crate::model::Effect;
use crate::query::{self, Answer, Options, Parameters, ast, parser};
use crate::store::{BlockChange, Column, Store};

/// How to open a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Own the case if no other process does, else read.
    OwnOrRead,
    /// Own the case or fail.
    Own,
    /// Read the record and touch nothing.
    Read,
}

/// Who changes a case, and when. The library does not look at the clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    /// Who; part of the record.
    pub name: String,
    /// What counts as now, in microseconds since 1970-01-01 UTC.
    pub now_micros: i64,
}

/// An open case.
#[derive(Debug)]
pub struct Case {
    dir: PathBuf,
    graph: Graph,
    position: Option<Position>,
    owner: Option<Owner>,
    /// Why the case can only be read, if it can only be read.
    read_only: Option<String>,
    notices: Vec<String>,
    /// What `BEGIN` has begun.
    transaction: Option<transaction::Open>,
    /// How many commits were redacted when the graph was made.
    n_redacted: usize,
    /// Whether it is seen as of an earlier commit, and stays so.
    is_past: bool,
}

/// What only the owner has.
#[derive(Debug)]
struct Owner {
    ledger: Ledger,
    /// `None` once the index failed; the record goes on without it.
    store: Option<Store>,
    /// Commits that the index does not have yet.
    behind: usize,
    _lock: CaseLock,
}

/// What an import did.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Counts and bad rows.
    pub import: csv::Import,
    /// Whether the good rows are in the case.
    pub is_committed: bool,
}

/// After how many commits the index is brought up to date at closing.
const COMMITS_BEHIND_MAX: usize = 64;

/// A record up to this size is verified whole whenever its case is opened for
/// writing, so that nothing is written after damage. A larger one is verified by
/// [`Case::check`].
const VERIFIED_BYTES_MAX: u64 = 32 << 20;

impl Case {
    /// Creates a case in a directory that is empty or not there.
    ///
    /// # Errors
    /// `Invalid` where something is there already, `Io` where it cannot be written.
    pub fn create(dir: &Path, author: &Author) -> Result<Self> {
        refuse_unless_fresh(dir)?;
        std::fs::create_dir_all(dir).map_err(|error| Error::io(dir, &error))?;
        let lock = CaseLock::acquire(dir, "throughline")?;
        let ledger = Ledger::create(&dir.join("ledger"), case_id(dir, author))?;
        let store = Store::open(&dir.join("index"))?;
        let owner = Owner { ledger, store: Some(store), behind: 0, _lock: lock };
        Ok(Self {
            dir: dir.to_owned(),
            graph: Graph::new(),
            position: None,
            owner: Some(owner),
            read_only: None,
            notices: Vec::new(),
            transaction: None,
            n_redacted: 0,
            is_past: false,
        })
    }

    /// Whether a directory holds a case.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        let segments = std::fs::read_dir(dir.join("ledger")).into_iter().flatten().flatten();
        segments.into_iter().any(|entry| entry.path().extension().is_some_and(|ending| ending == "seg"))
    }

    /// Opens a case. What was noticed on the way is in [`Case::notices`].
    ///
    /// # Errors
    /// `NotFound` where there is no case, `ReadOnly` where another process owns it
    /// and `access` is [`Access::Own`], `Corrupt` where the record is damaged.
    ///
    /// # Complexity
    /// O(V + E + C): the graph is read whole.
    pub fn open(dir: &Path, access: Access) -> Result<Self> {
        if !Self::exists(dir) {
            return Err(Error::not_found(format!("there is no case in {}", dir.display())).hint(
                "`throughline demo` builds one, and `throughline import FILE…` creates one".to_owned(),
            ));
        }
        if access == Access::Read {
            return Self::read(dir, "it was opened for reading only".to_owned());
        }
        let owned = CaseLock::acquire(dir, "throughline").and_then(|lock| Self::own(dir, lock));
        match owned {
            // Another process owns the case, or the disk lets nobody write.
            Err(error)
                if access == Access::OwnOrRead
                    && matches!(error.kind(), ErrorKind::ReadOnly(_) | ErrorKind::Io { .. }) =>
            {
                let mut case = Self::read(dir, error.to_string())?;
                let last = case.position.map_or(0, |position| position.sequence);
                case.notices.push(format!("{error}; reading the record up to commit {last}"));
                Ok(case)
            }
            owned => owned,
        }
    }

    /// Copies every whole commit before the damage in a record into a new case.
    /// Gives how many, and what is damaged.
    ///
    /// # Errors
    /// `NotFound` where there is no case, `Invalid` where the new directory is in use.
    pub fn recover(dir: &Path, new_dir: &Path) -> Result<(u64, Option<Error>)> {
        if !Self::exists(dir) {
            return Err(Error::not_found(format!("there is no case in {}", dir.display())));
        }
        refuse_unless_fresh(new_dir)?;
        std::fs::create_dir_all(new_dir).map_err(|error| Error::io(new_dir, &error))?;
        let recovered = ledger::recover_into(&dir.join("ledger"), &new_dir.join("ledger"))?;
        Ok((recovered.position.map_or(0, |position| position.sequence), recovered.damage))
    }

    /// Writes the whole record to one new file, whoever may be writing meanwhile. Gives the
    /// number of the last commit in it.
    ///
    /// # Errors
    /// `NotFound` where there is no case, `Invalid` where the file is there already, `Corrupt`
    /// where the record is damaged, `Io`.
    pub fn backup(dir: &Path, file: &Path) -> Result<u64> {
        if !Self::exists(dir) {
            return Err(Error::not_found(format!("there is no case in {}", dir.display())));
        }
        let position = ledger::backup(&dir.join("ledger"), file)?;
        Ok(position.map_or(0, |position| position.sequence))
    }

    /// Makes a case of a backup; its index is made at the first opening. Gives the number of
    /// the last commit.
    ///
    /// # Errors
    /// `Invalid` where the directory is in use, `Corrupt` where the file is no whole backup,
    /// `Io`. After an error there is no case.
    pub fn restore(file: &Path, dir: &Path) -> Result<u64> {
        refuse_unless_fresh(dir)?;
        let position = ledger::restore(file, &dir.join("ledger"))?;
        Ok(position.map_or(0, |position| position.sequence))
    }

    fn own(dir: &Path, lock: CaseLock) -> Result<Self> {
        let mut notices = Vec::new();
        let index = dir.join("index");
        let store = open_store(&index, &mut notices)?;
        let applied = store.as_ref().and_then(Store::applied);
        let (mut ledger, found) = Ledger::open(&dir.join("ledger"), ledger::Access::Write, applied)?;
        notices.extend(found.iter().map(ToString::to_string));
        let (store, applied) = match ledger.half_redacted() {
            [] => (store, applied),
            _ => (redact::finish(dir, &mut ledger, store, &mut notices)?, None),
        };
        if ledger_bytes(dir) <= VERIFIED_BYTES_MAX {
            ledger.verify()?;
        }
        // A record that cannot be read is no fault of the index.
        let is_ours = match applied {
            Some(applied) => ledger.hash_at(applied.sequence)? == Some(applied.hash),
            None => true,
        };
        let (store, mut graph, applied) = match store {
            None => (None, Graph::new(), None),
            Some(store) => match load(&store, is_ours) {
                Ok((graph, applied)) => (Some(store), graph, applied),
                Err(error) => {
                    let _ = store.close();
                    (replace_store(&index, &error, &mut notices)?, Graph::new(), None)
                }
            },
        };
        let behind = replay(&ledger, applied, &mut graph)?;
        let (position, n_redacted) = (ledger.position(), ledger.redacted().len());
        let owner = Owner { ledger, store, behind, _lock: lock };
        Ok(Self {
            dir: dir.to_owned(),
            graph,
            position,
            owner: Some(owner),
            read_only: None,
            notices,
            transaction: None,
            n_redacted,
            is_past: false,
        })
    }

    fn read(dir: &Path, why: String) -> Result<Self> {
        let (ledger, found) = Ledger::open(&dir.join("ledger"), ledger::Access::Read, None)?;
        let mut graph = Graph::new();
        replay(&ledger, None, &mut graph)?;
        Ok(Self {
            dir: dir.to_owned(),
            graph,
            position: ledger.position(),
            owner: None,
            read_only: Some(why),
            notices: found.iter().map(ToString::to_string).collect(),
            transaction: None,
            n_redacted: ledger.redacted().len(),
            is_past: false,
        })
    }

    /// The case's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The graph as of the last commit that this process knows.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What was noticed while opening.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Why the case can only be read, if it can only be read.
    #[must_use]
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// The number of the last commit that this process knows; 0 before the first.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.position.map_or(0, |position| position.sequence)
    }

    /// Reads what other processes committed since; gives how many commits.
    ///
    /// # Errors
    /// `Corrupt` where the record is damaged.
    pub fn refresh(&mut self) -> Result<u64> {
        self.refuse_in_transaction("reading what others committed")?;
        if self.owner.is_some() || self.is_past {
            return Ok(0);
        }
        let before = self.sequence();
        let (ledger, _) = Ledger::open(&self.dir.join("ledger"), ledger::Access::Read, None)?;
        // What was redacted since is to go from memory too.
        let is_ours = match self.position {
            Some(position) if ledger.redacted().len() == self.n_redacted => {
                ledger.hash_at(position.sequence)? == Some(position.hash)
            }
            _ => false,
        };
        if is_ours && ledger.position() == self.position {
            return Ok(0);
        }
        // What was read before may have been given up by its writer: then all is read anew.
        let (mut graph, from) =
            if is_ours { (self.graph.clone(), self.position) } else { (Graph::new(), None) };
        replay(&ledger, from, &mut graph)?;
        graph.settle();
        (self.graph, self.position, self.n_redacted) = (graph, ledger.position(), ledger.redacted().len());
        Ok(self.sequence().saturating_sub(before))
    }

    /// Parses and runs one statement, and records what it changed; within a transaction, the
    /// record waits for its end.
    ///
    /// # Errors
    /// Of openCypher's classes, with a place in the text; `ReadOnly`, and `Io`
    /// where the change could not be recorded. After an error nothing has changed.
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

    /// Runs a statement that is parsed already; `text` becomes the commit's message.
    ///
    /// # Errors
    /// As [`Case::query`].
    pub fn run(
        &mut self,
        statement: &ast::Statement,
        text: &str,
        parameters: &Parameters,
        author: &Author,
        options: &Options<'_>,
    ) -> Result<Answer> {
        if let ast::Mode::Transaction(control) = statement.mode {
            return self.control(control, author).map_err(|error| error.at(statement.span));
        }
        self.refuse_if_failed().map_err(|error| error.at(statement.span))?;
        let answer = query::run(&mut self.graph, statement, parameters, options)?;
        self.keep(&answer.effects, author, text.trim())?;
        Ok(answer)
    }

    /// Imports CSV files as one commit.
    ///
    /// With `strict`, one bad row refuses them all; otherwise the good rows are kept.
    ///
    /// # Errors
    /// `ReadOnly`; `Io` where the import could not be recorded. Bad rows are no
    /// error, they are in [`Imported::import`].
    pub fn import(
        &mut self,
        inputs: &[csv::Input],
        options: &csv::Options,
        strict: bool,
        author: &Author,
    ) -> Result<Imported> {
        self.refuse_if_read_only()?;
        self.refuse_in_transaction("an import")?;
        let import = csv::read(&self.graph, inputs, options)?;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        self.apply_all(&import.effects)?;
        let names: Vec<String> = inputs.iter().map(|input| input.name.display().to_string()).collect();
        self.record(&import.effects, author, &format!("import {}", names.join(", ")))?;
        Ok(Imported { import, is_committed: true })
    }

    /// Makes the index anew from the record.
    ///
    /// # Errors
    /// `ReadOnly`; `Corrupt` where the record is damaged.
    pub fn rebuild(&mut self) -> Result<()> {
        self.refuse_if_read_only()?;
        self.refuse_in_transaction("making the index anew")?;
        let index = self.dir.join("index");
        let Some(owner) = &mut self.owner else { return Ok(()) };
        if let Some(store) = owner.store.take() {
            let _ = store.close();
        }
        Store::set_aside(&index)?;
        owner.store = Some(Store::open(&index)?);
        let mut graph = Graph::new();
        owner.behind = replay(&owner.ledger, None, &mut graph)?;
        self.graph = graph;
        self.checkpoint()
    }

    /// Brings the index up to date with the record.
    ///
    /// # Errors
    /// `Store`; the record is unharmed.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.refuse_in_transaction("a checkpoint")?;
        let (Some(owner), Some(position)) = (&mut self.owner, self.position) else { return Ok(()) };
        let Some(store) = &owner.store else { return Ok(()) };
        let changes = self.graph.changed_blocks().map(|change| {
            let (column, block, bytes) = change?;
            Ok(BlockChange { column, block, bytes })
        });
        store.checkpoint(position, changes)?;
        self.graph.mark_clean();
        owner.behind = 0;
        Ok(())
    }

    /// Closes the case, bringing the index up to date where that pays; an open transaction is taken back.
    ///
    /// Dropping a case instead loses nothing: the next opening replays the record.
    ///
    /// # Errors
    /// `Store`; the record is unharmed.
    pub fn close(mut self) -> Result<()> {
        self.roll_back();
        if self.owner.as_ref().is_some_and(|owner| owner.behind > COMMITS_BEHIND_MAX) {
            self.checkpoint()?;
        }
        match self.owner.and_then(|owner| owner.store) {
            Some(store) if store.is_bloated()? => store.compact()?.close(),
            Some(store) => store.close(),
            None => Ok(()),
        }
    }

    /// Copies what is in force of the index into new files, brought up to date first: what it
    /// superseded goes. The record is not touched. Gives the bytes of the index before and after.
    ///
    /// # Errors
    /// `ReadOnly`; `Store`, after which the case is to be opened again.
    pub fn compact(&mut self) -> Result<(u64, u64)> {
        self.refuse_if_read_only()?;
        self.checkpoint()?;
        let index = self.dir.join("index");
        let before = directory_bytes(&index);
        if let Some(owner) = &mut self.owner
            && let Some(store) = owner.store.take()
        {
            owner.store = Some(store.compact()?);
        }
        Ok((before, directory_bytes(&index)))
    }

    fn refuse_if_read_only(&self) -> Result<()> {
        match &self.read_only {
            Some(why) => Err(Error::read_only(format!("the case cannot be changed: {why}"))),
            None => Ok(()),
        }
    }

    /// Records effects that are applied already, or takes them back.
    fn record(&mut self, effects: &[Effect], author: &Author, message: &str) -> Result<()> {
        if effects.is_empty() {
            return Ok(());
        }
        let recorded = self.append(effects, author, message);
        match recorded {
            Ok(position) => {
                self.position = Some(position);
                self.graph.settle();
                Ok(())
            }
            Err(error) => {
                effects.iter().rev().for_each(|effect| self.graph.revert(effect));
                Err(error)
            }
        }
    }

    fn append(&mut self, effects: &[Effect], author: &Author, message: &str) -> Result<Position> {
        self.refuse_if_read_only()?;
        let owner = self.owner.as_mut().ok_or_else(|| Error::read_only("the case was opened for reading"))?;
        let author_name = shorten(&author.name, ledger::AUTHOR_BYTES_MAX);
        let info =
            CommitInfo { time_micros: author.now_micros, author: author_name, ..CommitInfo::default() };
        let message = shorten(message, ledger::MESSAGE_BYTES_MAX);
        let position = owner.ledger.append(&info, effects::encode_commit(&message, effects)?)?;
        owner.behind += weight(effects.len());
        Ok(position)
    }
}

/// How large the files of a case's record are together.
fn ledger_bytes(dir: &Path) -> u64 {
    directory_bytes(&dir.join("ledger"))
}

fn directory_bytes(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// A new case may begin in a directory that is not there, that is empty, or in
/// which an earlier beginning was cut off before its first segment was there.
fn refuse_unless_fresh(dir: &Path) -> Result<()> {
    let refuse = |why: &str| {
        Err(Error::invalid(format!("{} {why}", dir.display()))
            .hint("name another directory with --case".to_owned()))
    };
    if Case::exists(dir) {
        return refuse("holds a case already");
    }
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let name = entry.map_err(|error| Error::io(dir, &error))?.file_name();
        if name != "lock" && name != "ledger" {
            return refuse("is not empty and holds no case");
        }
    }
    Ok(())
}

/// A text of at most `bytes` bytes.
fn shorten(text: &str, bytes: usize) -> String {
    let end = (0..=bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].to_owned()
}

/// An id that tells this case from every other.
fn case_id(dir: &Path, author: &Author) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(dir.as_os_str().as_encoded_bytes());
    hasher.update(&author.now_micros.to_le_bytes());
    hasher.update(&std::process::id().to_le_bytes());
    hasher.update(author.name.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    id
}

/// The index, or a new one where it cannot be used. `None` where the disk lets no
/// index be written: the case goes on with the record alone.
fn open_store(index: &Path, notices: &mut Vec<String>) -> Result<Option<Store>> {
    match Store::open(index) {
        Err(error) if matches!(error.kind(), ErrorKind::Store(_) | ErrorKind::Corrupt(_)) => {
            replace_store(index, &error, notices)
        }
        opened => or_without(opened, notices),
    }
}

/// Sets an index aside that cannot be used, and begins a new one.
fn replace_store(index: &Path, error: &Error, notices: &mut Vec<String>) -> Result<Option<Store>> {
    let aside = Store::set_aside(index)?;
    notices.push(format!(
        "the index could not be used ({error}); it was moved to {} and rebuilt from the record",
        aside.display()
    ));
    or_without(Store::open(index), notices)
}

fn or_without(opened: Result<Store>, notices: &mut Vec<String>) -> Result<Option<Store>> {
    match opened {
        Err(error) if matches!(error.kind(), ErrorKind::Io { .. }) => {
            notices.push(format!(
                "the index cannot be opened ({error}); the record is read and written without it"
            ));
            Ok(None)
        }
        opened => opened.map(Some),
    }
}

struct Blocks<'a>(&'a Store);

impl BlockSource for Blocks<'_> {
    fn block_numbers(&self, column: Column) -> Vec<u32> {
        self.0.blocks(column)
    }

    fn read_block(&self, column: Column, number: u32) -> Result<Option<Vec<u8>>> {
        self.0.read(column, number)
    }
}

/// The graph of an index, if it belongs to this record, and how far it reaches.
fn load(store: &Store, is_ours: bool) -> Result<(Graph, Option<Position>)> {
    let Some(applied) = store.applied() else { return Ok((Graph::new(), None)) };
    if !is_ours {
        return Err(Error::store("it belongs to another history"));
    }
    Ok((Graph::load(&Blocks(store))?, Some(applied)))
}

/// How much a commit brings the index behind: a large one is worth a checkpoint,
/// since replaying it would be slow.
fn weight(n_effects: usize) -> usize {
    1 + n_effects / 1000 * COMMITS_BEHIND_MAX
}

/// Applies every commit after `applied`; gives their weight.
fn replay(ledger: &Ledger, applied: Option<Position>, graph: &mut Graph) -> Result<usize> {
    let first = applied.map_or(1, |position| position.sequence + 1);
    let mut behind = 0;
    for commit in ledger.commits(first) {
        behind += weight(replay_commit(ledger, &commit?, graph)?);
    }
    Ok(behind)
}

/// Applies one commit; gives how many effects it has.
fn replay_commit(ledger: &Ledger, commit: &Commit, graph: &mut Graph) -> Result<usize> {
    let follows_redacted = ledger.redacted().first().is_some_and(|&first| first < commit.position.sequence);
    let mut count = 0;
    for payload in commit.payloads.iter().flatten() {
        let effects = effects::decode(payload)?;
        count += effects.len();
        match follows_redacted {
            true => drop(redact::apply_what_fits(&effects, graph)),
            false => effects.iter().try_for_each(|effect| graph.apply(effect))?,
        }
    }
    graph.settle();
    Ok(count)
}

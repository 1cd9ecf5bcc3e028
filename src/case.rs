//! A case: the library's front door.
//!
//! A case is a directory with the record (`ledger/`), the index (`index/`) and a
//! lock. Opening gives the graph as of the last commit. A change is applied to the
//! graph, recorded and synced, and only then acknowledged; if recording fails, the
//! graph is as it was.
//!
//! Whoever holds the lock owns the index and may write. Another process reads the
//! record up to the last whole commit and never touches the index.

mod archive;
mod base;
mod check;
mod checkpoint;
mod history;
mod import;
mod index;
mod mentions;
mod redact;
mod transaction;
mod undo;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use archive::Archived;
pub use check::Checked;
pub use history::{CommitDetails, LogEntry};
pub use redact::Redaction;
pub use transaction::{Transaction, TransactionState};

use crate::error::{Error, ErrorKind, Result};
use crate::formats::csv;
use crate::graph::{Graph, PageBytes, Recorded};
use crate::ledger::pages::{self, PAGE_ELEMENTS, Sort, pages_of};
use crate::ledger::{self, CaseLock, Commit, CommitInfo, Ledger, Payload, PayloadPlace, Position, effects};
use crate::model::Effect;
use crate::query::{self, Answer, Options, Parameters, ast, parser};
use crate::store::Store;

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
    cache: index::Cache,
    /// How many commits were redacted when the graph was made.
    n_redacted: usize,
    /// Whether it is seen as of an earlier commit, and stays so.
    is_past: bool,
    /// Why there is no graph, where it could not be read again.
    lost: Option<Error>,
}

/// What only the owner has.
#[derive(Debug)]
struct Owner {
    ledger: Ledger,
    /// `None` once the index failed; the record goes on without it.
    store: Option<Arc<Store>>,
    /// Commits that the index does not have yet.
    behind: usize,
    /// The checkpoint that is under way.
    flight: Option<checkpoint::Flight>,
    /// Whether the last one failed, so that none is begun without being asked for.
    is_grounded: bool,
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
        let store = Arc::new(Store::open(&dir.join("index"))?);
        let owner =
            Owner { ledger, store: Some(store), behind: 0, flight: None, is_grounded: false, _lock: lock };
        Ok(Self {
            dir: dir.to_owned(),
            graph: Graph::new(),
            position: None,
            owner: Some(owner),
            read_only: None,
            notices: Vec::new(),
            transaction: None,
            cache: index::Cache::default(),
            n_redacted: 0,
            is_past: false,
            lost: None,
        })
    }

    /// Whether a directory holds a case.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        let mut files = std::fs::read_dir(dir.join("ledger")).into_iter().flatten().flatten();
        files.any(|entry| entry.path().extension().is_some_and(|ending| ending == "seg" || ending == "base"))
    }

    /// Opens a case. What was noticed on the way is in [`Case::notices`].
    ///
    /// # Errors
    /// `NotFound` where there is no case, `ReadOnly` where another process owns it
    /// and `access` is [`Access::Own`], `Corrupt` where the record is damaged.
    ///
    /// # Complexity
    /// O(what the index does not hold yet) for the owner; pages of the index are read when
    /// they are touched. Else O(V + E + C): the record is replayed.
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
        let ledger = dir.join("ledger");
        let position = ledger::while_it_moves(&ledger, || ledger::backup(&ledger, file))?;
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
        let (owner, graph) = Owner::open(dir, lock, &mut notices)?;
        let n_redacted = owner.ledger.redacted().len();
        Ok(Self {
            dir: dir.to_owned(),
            graph,
            position: owner.ledger.position(),
            owner: Some(owner),
            read_only: None,
            notices,
            transaction: None,
            cache: index::Cache::default(),
            n_redacted,
            is_past: false,
            lost: None,
        })
    }

    fn read(dir: &Path, why: String) -> Result<Self> {
        let ((ledger, found), graph) = ledger::while_it_moves(&dir.join("ledger"), || {
            let (ledger, found) = Ledger::open(&dir.join("ledger"), ledger::Access::Read, None)?;
            let mut graph = Graph::new();
            replay(&ledger, None, &mut graph)?;
            Ok(((ledger, found), graph))
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            graph,
            position: ledger.position(),
            owner: None,
            read_only: Some(why),
            notices: found.iter().map(ToString::to_string).collect(),
            transaction: None,
            cache: index::Cache::default(),
            n_redacted: ledger.redacted().len(),
            is_past: false,
            lost: None,
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
        let ledger = self.dir.join("ledger");
        ledger::while_it_moves(&ledger, || self.refresh_once())
    }

    fn refresh_once(&mut self) -> Result<u64> {
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
        self.trim();
        let answer = query::run(&mut self.graph, statement, parameters, options);
        if self.mend().map_err(|error| error.at(statement.span))? {
            return self.run(statement, text, parameters, author, options);
        }
        let answer = answer?;
        self.keep(&answer.effects, author, text.trim())?;
        Ok(answer)
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
                self.keep_index();
                Ok(())
            }
            Err(error) => {
                effects.iter().rev().for_each(|effect| self.graph.revert(effect));
                Err(error)
            }
        }
    }

    fn append(&mut self, effects: &[Effect], author: &Author, message: &str) -> Result<Position> {
        let message = shorten(message, ledger::MESSAGE_BYTES_MAX);
        self.append_payloads(effects::encode_commit(&message, effects)?, weight(effects.len()), author)
    }

    /// Records a commit of a weight.
    fn append_payloads(
        &mut self,
        payloads: impl IntoIterator<Item = Payload>,
        weight: usize,
        author: &Author,
    ) -> Result<Position> {
        self.refuse_if_read_only()?;
        if let Some(damage) = self.graph.damage() {
            return Err(damage);
        }
        let owner = self.owner.as_mut().ok_or_else(|| Error::read_only("the case was opened for reading"))?;
        let author_name = shorten(&author.name, ledger::AUTHOR_BYTES_MAX);
        let info =
            CommitInfo { time_micros: author.now_micros, author: author_name, ..CommitInfo::default() };
        let position = owner.ledger.append(&info, payloads)?;
        owner.behind += weight;
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

/// How much a commit brings the index behind: a large one is worth a checkpoint,
/// since replaying it would be slow.
fn weight(n_effects: usize) -> usize {
    1 + n_effects / 1000 * index::COMMITS_BEHIND_MAX
}

/// Applies every commit after `applied`, or else all that the record holds; gives their weight.
fn replay(ledger: &Ledger, applied: Option<Position>, graph: &mut Graph) -> Result<usize> {
    let mut behind = 0;
    if applied.is_none() {
        behind += weight(base::replay(ledger, graph)?);
    }
    let first = applied.map_or(1, |position| position.sequence + 1);
    for commit in ledger.commits(first) {
        behind += weight(replay_commit(ledger, &commit?, graph)?);
    }
    Ok(behind)
}

/// Applies one commit; gives how many effects it has.
fn replay_commit(ledger: &Ledger, commit: &Commit, graph: &mut Graph) -> Result<usize> {
    let follows_redacted = ledger.redacted().first().is_some_and(|&first| first < commit.position.sequence);
    let mut count = 0;
    let payloads: Vec<(usize, &Payload)> = commit
        .payloads
        .iter()
        .enumerate()
        .filter_map(|(at, payload)| Some((at, payload.as_ref()?)))
        .collect();
    for run in payloads.chunk_by(|a, b| pages::is_pages(a.1) && pages::is_pages(b.1)) {
        if pages::is_pages(run[0].1) && !follows_redacted {
            count += append_pages(run, graph)?;
            let places = ledger.payload_places(commit.position.sequence)?;
            graph.note_recorded(recorded_pages(&places, run)?);
            continue;
        }
        for (_, payload) in run {
            let effects = effects::decode(payload)?;
            count += effects.len();
            match follows_redacted {
                true => drop(redact::apply_what_fits(&effects, graph)),
                false => effects.iter().try_for_each(|effect| graph.apply(effect))?,
            }
        }
    }
    graph.settle();
    Ok(count)
}

/// Adds the elements of pages; gives about how many they are.
fn append_pages(payloads: &[(usize, &Payload)], graph: &mut Graph) -> Result<usize> {
    let mut count = 0;
    let mut append = graph.append();
    for (_, payload) in payloads {
        let Some(run) = pages_of(payload)? else { continue };
        count += run.pages.len() * PAGE_ELEMENTS;
        let pages = run.pages.iter().map(|page| PageBytes::from(*page));
        match run.sort {
            Sort::Nodes => append.nodes(run.first, pages)?,
            Sort::Relationships => append.relationships(run.first, pages)?,
        }
    }
    append.finish();
    Ok(count)
}

/// Where the pages of payloads lie in the record; each payload comes with the number of its place.
fn recorded_pages(places: &[PayloadPlace], payloads: &[(usize, &Payload)]) -> Result<Vec<Recorded>> {
    let mut recorded = Vec::new();
    for (at, payload) in payloads {
        let (Some(run), Some(place)) = (pages_of(payload)?, places.get(*at)) else { continue };
        recorded.push(Recorded {
            of_relationships: run.sort == Sort::Relationships,
            first: run.first / PAGE_ELEMENTS as u32,
            count: run.pages.len() as u32,
            place: (place.segment, place.frame_at),
        });
    }
    Ok(recorded)
}

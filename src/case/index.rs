//! A case's index: opening it, bringing it up to date, and making it anew where it cannot
//! be trusted.
//!
//! Pages are read when a statement touches them, and then it is too late to refuse the
//! case. So what a damaged page would have said is found out after the statement: its
//! answer is thrown away, the index is made anew from the record, and it runs again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Case, Owner, archive, redact, replay};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{BlockSource, Graph, Place};
use crate::ledger::pages::pages_of;
use crate::ledger::{self, Ledger, Payload, PayloadPlace, Position};
use crate::store::{Column, Store};

/// After how many commits the index is brought up to date at closing.
pub(super) const COMMITS_BEHIND_MAX: usize = 64;

/// About how much memory pages of the index may take before a statement begins.
const CACHE_BYTES: usize = 1 << 30;

/// How much memory pages of the index may take.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) bytes_max: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { bytes_max: CACHE_BYTES }
    }
}

impl Case {
    /// Sets about how many bytes of memory the pages of the index may take that stay from
    /// one statement to the next. A statement that touches more takes more while it runs.
    pub fn set_cache(&mut self, bytes_max: usize) {
        self.cache.bytes_max = bytes_max;
    }

    /// Gives back pages where there are too many. Not within a transaction, whose changes
    /// are in pages only.
    pub(super) fn trim(&mut self) {
        if self.transaction.is_some() {
            return;
        }
        self.land_if_done();
        if self.graph.cached_bytes() > self.cache.bytes_max {
            self.graph.unload();
        }
    }

    /// What lies where on the disk: the files of the record and of the index, and what is
    /// in the index, each with the number of its files or blocks and its bytes.
    #[must_use]
    pub fn storage(&self) -> Vec<(String, usize, u64)> {
        let files = |name: &str| {
            let (count, bytes) = files_in(&self.dir.join(name));
            (format!("{name}: files"), count, bytes)
        };
        let store = self.owner.as_ref().and_then(|owner| owner.store.as_ref());
        let blocks = store.map(|store| store.sizes()).unwrap_or_default().into_iter();
        let blocks = blocks.map(|(column, count, bytes)| (format!("index: {}", column.name()), count, bytes));
        [files("ledger"), files("index")].into_iter().chain(blocks).collect()
    }

    /// Makes the index anew if a page of it could not be read; gives whether it did so.
    /// Nothing that was answered since the last call counts then.
    ///
    /// # Errors
    /// A `TransactionError` within a transaction, which is rolled back; `Corrupt` where
    /// the record is damaged too.
    pub fn mend(&mut self) -> Result<bool> {
        let Some(damage) = self.graph.damage() else { return Ok(false) };
        let was_in_transaction = self.transaction.take().is_some();
        self.renew(&damage)?;
        match was_in_transaction {
            true => Err(super::transaction::error(format!(
                "the index could not be used ({damage}) and was rebuilt from the record; the transaction was rolled back"
            ))
            .hint("begin it again".to_owned())),
            false => Ok(true),
        }
    }

    /// Runs what looks at the graph and then records, again if a page of the index could not
    /// be read: nothing that rests on such a page is recorded.
    pub(super) fn trusted<T>(&mut self, run: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.sequence();
        let done = run(self);
        match self.mend()? && self.sequence() == before {
            true => run(self),
            false => done,
        }
    }

    /// Sets the index aside and makes it anew from the record.
    pub(super) fn renew(&mut self, damage: &Error) -> Result<()> {
        self.land();
        let index = self.dir.join("index");
        let mut notices = Vec::new();
        let mut replaced = Ok(None);
        if let Some(owner) = &mut self.owner {
            // The graph reads from the store, which has to be closed.
            self.graph = Graph::new();
            close(owner.store.take());
            replaced = replace_store(&index, damage, &mut notices);
        }
        self.replay_all()?;
        self.notices.append(&mut notices);
        if let Some(owner) = &mut self.owner {
            owner.store = replaced?;
        }
        self.checkpoint()
    }

    /// Takes the graph from the record alone.
    fn replay_all(&mut self) -> Result<()> {
        let Some(owner) = &mut self.owner else { return Ok(()) };
        let mut graph = Graph::new();
        let replayed = replay(&owner.ledger, None, &mut graph).map(|behind| owner.behind = behind);
        self.lost_unless(replayed)?;
        self.graph = graph;
        Ok(())
    }

    /// Notes that there is no graph any more, after an error: what is asked from then on is
    /// refused, and an empty graph is never shown, or built upon, in its place.
    pub(super) fn lost_unless<T>(&mut self, done: Result<T>) -> Result<T> {
        if let Err(error) = &done {
            self.lost = Some(error.clone());
            self.read_only = Some(format!("{error}; open the case again"));
        }
        done
    }

    /// Takes the graph from the index and the record again, as of the last commit.
    pub(super) fn reread(&mut self) -> Result<()> {
        self.land();
        let Some(owner) = &mut self.owner else { return Ok(()) };
        self.graph = Graph::new();
        let applied = owner.store.as_ref().and_then(|store| store.applied());
        let graph = match &owner.store {
            Some(store) if applied.is_some() => Graph::open(Blocks::new(store, &self.dir)),
            _ => Ok(Graph::new()),
        };
        let reread = graph.and_then(|mut graph| {
            owner.behind = replay(&owner.ledger, applied, &mut graph)?;
            Ok(graph)
        });
        self.graph = self.lost_unless(reread)?;
        Ok(())
    }

    /// Makes the index anew from the record.
    ///
    /// # Errors
    /// `ReadOnly`; `Corrupt` where the record is damaged.
    pub fn rebuild(&mut self) -> Result<()> {
        self.refuse_if_read_only()?;
        self.refuse_in_transaction("making the index anew")?;
        self.land();
        let index = self.dir.join("index");
        if let Some(owner) = &mut self.owner {
            self.graph = Graph::new();
            close(owner.store.take());
        }
        // Without an index, for want of room say, the case goes on with the record alone.
        let opened = Store::set_aside(&index).and_then(|_| Store::open(&index));
        self.replay_all()?;
        if let Some(owner) = &mut self.owner {
            owner.store = Some(Arc::new(opened?));
        }
        self.checkpoint()
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
        let (_, before) = files_in(&index);
        self.graph = Graph::new();
        let mut compacted = Ok(());
        if let Some(owner) = &mut self.owner
            && let Some(store) = owner.store.take().and_then(Arc::into_inner)
        {
            compacted = store.compact().map(|store| owner.store = Some(Arc::new(store)));
        }
        self.reread()?;
        compacted.map(|()| (before, files_in(&index).1))
    }

    /// Closes the case, bringing the index up to date where that pays, or where a large one was built that
    /// the next process would build again; an open transaction is taken back.
    ///
    /// Dropping a case instead loses nothing: the next opening replays the record.
    ///
    /// # Errors
    /// `Store`; the record is unharmed.
    pub fn close(mut self) -> Result<()> {
        self.roll_back();
        self.land();
        let is_behind = |owner: &Owner| owner.behind > COMMITS_BEHIND_MAX || self.graph.has_built_an_index();
        if self.owner.as_ref().is_some_and(is_behind) {
            self.checkpoint()?;
        }
        self.graph = Graph::new();
        match self.owner.and_then(|owner| owner.store).and_then(Arc::into_inner) {
            Some(store) if store.is_bloated()? => store.compact()?.close(),
            Some(store) => store.close(),
            None => Ok(()),
        }
    }
}

impl Owner {
    /// The graph that the index and the record after it give.
    pub(super) fn open(
        dir: &Path,
        lock: crate::ledger::CaseLock,
        notices: &mut Vec<String>,
    ) -> Result<(Self, Graph)> {
        let index = dir.join("index");
        let store = open_store(&index, notices)?;
        let applied = store.as_ref().and_then(|store| store.applied());
        let (mut ledger, found) = Ledger::open(&dir.join("ledger"), crate::ledger::Access::Write, applied)?;
        notices.extend(found.iter().map(ToString::to_string));
        let is_left = |applied: Position| applied.sequence <= ledger.archived_up_to();
        let (store, applied) = match ledger.half_redacted() {
            [] if applied.is_some_and(is_left) => {
                // Its pages may lie in what was archived.
                close(store);
                archive::remove_index(dir)?;
                notices.push("the index reached what is archived, and was made anew".to_owned());
                (open_store(&index, notices)?, None)
            }
            [] => (store, applied),
            _ => (redact::finish(dir, &mut ledger, store, notices)?, None),
        };
        if super::ledger_bytes(dir) <= super::VERIFIED_BYTES_MAX {
            ledger.verify()?;
        }
        // A record that cannot be read is no fault of the index.
        let is_ours = match applied {
            Some(applied) => ledger.hash_at(applied.sequence)? == Some(applied.hash),
            None => true,
        };
        let (store, mut graph, applied) = match store {
            None => (None, Graph::new(), None),
            Some(store) => match load(&store, dir, is_ours) {
                Ok((graph, applied)) => (Some(store), graph, applied),
                Err(error) => {
                    close(Some(store));
                    (replace_store(&index, &error, notices)?, Graph::new(), None)
                }
            },
        };
        let behind = replay(&ledger, applied, &mut graph);
        // Replaying looks at pages too.
        let (store, behind) = match (graph.damage(), store) {
            (Some(damage), store) => {
                graph = Graph::new();
                close(store);
                let store = replace_store(&index, &damage, notices)?;
                (store, replay(&ledger, None, &mut graph)?)
            }
            (None, store) => (store, behind?),
        };
        Ok((Self { ledger, store, behind, flight: None, is_grounded: false, _lock: lock }, graph))
    }
}

/// Closes an index that nobody reads from any more.
pub(super) fn close(store: Option<Arc<Store>>) {
    if let Some(store) = store.and_then(Arc::into_inner) {
        let _ = store.close();
    }
}

/// The index, or a new one where it cannot be used. `None` where the disk lets no
/// index be written: the case goes on with the record alone.
pub(super) fn open_store(index: &Path, notices: &mut Vec<String>) -> Result<Option<Arc<Store>>> {
    match Store::open(index) {
        Err(error) if matches!(error.kind(), ErrorKind::Store(_) | ErrorKind::Corrupt(_)) => {
            replace_store(index, &error, notices)
        }
        opened => or_without(opened, notices),
    }
}

/// Sets an index aside that cannot be used, and begins a new one.
fn replace_store(index: &Path, error: &Error, notices: &mut Vec<String>) -> Result<Option<Arc<Store>>> {
    let aside = Store::set_aside(index)?;
    notices.push(format!(
        "the index could not be used ({error}); it was moved to {} and rebuilt from the record",
        aside.display()
    ));
    or_without(Store::open(index), notices)
}

fn or_without(opened: Result<Store>, notices: &mut Vec<String>) -> Result<Option<Arc<Store>>> {
    match opened {
        Err(error) if matches!(error.kind(), ErrorKind::Io { .. }) => {
            notices.push(format!(
                "the index cannot be opened ({error}); the record is read and written without it"
            ));
            Ok(None)
        }
        opened => opened.map(|store| Some(Arc::new(store))),
    }
}

/// The blocks of an index and the pages of the record, for the graph to read from.
#[derive(Debug)]
pub(super) struct Blocks {
    store: Arc<Store>,
    ledger: PathBuf,
    /// The payload read last: pages that lie together are often read together.
    last: Mutex<Option<(Place, Arc<Payload>)>>,
}

impl Blocks {
    pub(super) fn new(store: &Arc<Store>, dir: &Path) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), ledger: dir.join("ledger"), last: Mutex::new(None) })
    }
}

impl BlockSource for Blocks {
    fn read_block(&self, column: Column, number: u32) -> Result<Option<Vec<u8>>> {
        self.store.read(column, number)
    }

    fn read_recorded(&self, place: Place, page: u32) -> Result<Vec<u8>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let payload = match &*last {
            Some((of, payload)) if *of == place => payload.clone(),
            _ => {
                let (segment, frame_at) = place;
                Arc::new(ledger::payload_at(&self.ledger, PayloadPlace { segment, frame_at })?)
            }
        };
        *last = Some((place, payload.clone()));
        drop(last);
        let pages = pages_of(&payload)?;
        let page = pages.as_ref().and_then(|pages| pages.pages.get(page as usize));
        page.map(|page| page.to_vec()).ok_or_else(|| Error::corrupt("a page is not where the index says"))
    }
}

/// The graph of an index, if it belongs to this record, and how far it reaches.
fn load(store: &Arc<Store>, dir: &Path, is_ours: bool) -> Result<(Graph, Option<Position>)> {
    let Some(applied) = store.applied() else { return Ok((Graph::new(), None)) };
    if !is_ours {
        return Err(Error::store("it belongs to another history"));
    }
    Ok((Graph::open(Blocks::new(store, dir))?, Some(applied)))
}

/// How many files are in a directory and those in it, and how large they are together.
fn files_in(dir: &Path) -> (usize, u64) {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.fold((0, 0), |(count, bytes), entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            let inside = files_in(&entry.path());
            (count + inside.0, bytes + inside.1)
        }
        Ok(metadata) => (count + 1, bytes + metadata.len()),
        Err(_) => (count, bytes),
    })
}

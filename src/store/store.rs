//! The store: reading blocks, and replacing many of them at once.
//!
//! # A checkpoint
//!
//! ```text
//! 1  parts of changed blocks, then of the directory, under generation g + 1
//! 2  flush
//! 3  the head: generation g + 1, its directory, how far it has applied   ← in force from here
//! 4  flush
//! 5  superseded parts are removed; the head says so; flush
//! ```
//!
//! A crash before 3 leaves generation g in force and parts of g + 1 that nobody
//! refers to; opening deletes them. A crash after 3 leaves parts of older
//! generations, and a head that is not swept; opening sweeps.
//!
//! # What sled is trusted with
//!
//! Little. Its flush does not reach the disk on Linux, and it may refuse to open
//! after a badly timed crash. So each block has a checksum of ours, all errors and
//! panics of sled come out as [`Error::store`], and the answer to each is the same:
//! set the index aside and build it from the ledger. After a write has failed, on a full disk
//! say, sled may wait for ever for what it could not write, even when it is closed: it is
//! then not asked for anything but reading, and left alone. sled is at its best with
//! values up to 100 kB in batches of about ten, which is what it gets.

use super::encoding::{
    BLOCK_BYTES_MAX, BlockId, Column, Directory, Entry, FORMAT, Head, HeadError, Key, PART_BYTES_MAX,
    decode_block, encode_block,
};
use crate::error::ErrorKind;
use crate::ledger::Position;
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::Duration;

/// How many parts go into one batch.
const BATCH_PARTS_MAX: usize = 10;
/// How many keys are removed in one batch.
const BATCH_KEYS_MAX: usize = 1000;
/// What sled may keep in memory; blocks are read once and kept decoded elsewhere.
const CACHE_BYTES: u64 = 32 << 20;
/// Files below this size are not worth compacting.
const BLOAT_BYTES_MIN: u64 = 64 << 20;
/// Endings of the directories that compacting works with.
const FRESH: &str = "fresh";
const OLD: &str = "old";
/// How often, and how long each time, opening waits for sled's lock.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// A block to be replaced or deleted by a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockChange {
    /// What it belongs to.
    pub column: Column,
    /// Its number in the column.
    pub block: u32,
    /// Its new bytes, at most [`BLOCK_BYTES_MAX`]; `None` deletes it.
    pub bytes: Option<Vec<u8>>,
}

/// The index of a case.
///
/// # Example
/// ```
/// use throughline::ledger::Position;
/// use throughline::store::{BlockChange, Column, Store};
///
/// # fn main() -> throughline::Result<()> {
/// # let dir = tempfile::tempdir().expect("a temporary directory");
/// let store = Store::open(&dir.path().join("index"))?;
/// assert_eq!(store.applied(), None);
///
/// let applied = Position { sequence: 1, hash: [7; 32] };
/// let change = BlockChange { column: Column::Nodes, block: 0, bytes: Some(b"ships".to_vec()) };
/// store.checkpoint(applied, [Ok(change)])?;
/// assert_eq!(store.applied(), Some(applied));
/// assert_eq!(store.read(Column::Nodes, 0)?, Some(b"ships".to_vec()));
/// store.close()
/// # }
/// ```
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    db: sled::Db,
    /// What is in force; `None` before the first checkpoint. Held while reading a
    /// block, so that its parts are not removed meanwhile.
    state: RwLock<Option<State>>,
    /// Held by the one checkpoint that is under way.
    writing: Mutex<()>,
    /// Whether sled has failed to write.
    has_failed: AtomicBool,
}

#[derive(Debug, Clone)]
struct State {
    head: Head,
    directory: Directory,
}

impl Store {
    /// Opens the index in `dir`, or makes an empty one, and clears up after a crash.
    ///
    /// # Errors
    /// `Format` if it is of a later version; `Store` for anything else: it is locked
    /// by another process, or it cannot be trusted and should be
    /// [set aside](Self::set_aside). Where sled panics, the panic is turned into an
    /// error after the panic hook has run.
    pub fn open(dir: &Path) -> Result<Self> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .mode(sled::Mode::HighThroughput)
            .flush_every_ms(None);
        let db = open_patiently(dir, &config)?;
        let mut store = Self {
            dir: dir.to_owned(),
            db,
            state: RwLock::new(None),
            writing: Mutex::new(()),
            has_failed: AtomicBool::new(false),
        };
        let state = store.load()?;
        store.given_up_unless(store.clear_up(state.as_ref()))?;
        store.state = RwLock::new(state);
        Ok(store)
    }

    /// Renames a closed index so that a new one can be made in its place.
    ///
    /// Returns its new name, which is beside the old one and was not taken.
    ///
    /// # Errors
    /// `Io` if the system refuses.
    pub fn set_aside(dir: &Path) -> Result<PathBuf> {
        let named = |n: u64| beside(dir, &format!("aside-{n}"));
        let aside = (1..).map(named).find(|path| !path.exists()).expect("the numbers do not run out");
        fs::rename(dir, &aside).map_err(|error| Error::io(dir, &error))?;
        Ok(aside)
    }

    /// How far into the record the blocks reach; `None` before the first checkpoint.
    ///
    /// The caller compares the hash with the ledger's: it tells an index of another
    /// history.
    #[must_use]
    pub fn applied(&self) -> Option<Position> {
        self.state().as_ref().map(|state| state.head.applied)
    }

    /// The version of the format.
    #[must_use]
    pub fn format(&self) -> u32 {
        FORMAT
    }

    /// The numbers of a column's blocks, in order.
    #[must_use]
    pub fn blocks(&self, column: Column) -> Vec<u32> {
        let state = self.state();
        let entries = state.as_ref().map(|state| state.directory.0.range((column, 0)..=(column, u32::MAX)));
        entries.into_iter().flatten().map(|(&(_, block), _)| block).collect()
    }

    /// A block's bytes; `None` if there is no such block.
    ///
    /// # Errors
    /// `Store` if it cannot be read or does not verify; the index should then be
    /// built again.
    pub fn read(&self, column: Column, block: u32) -> Result<Option<Vec<u8>>> {
        let state = self.state();
        let entry = state.as_ref().and_then(|state| state.directory.0.get(&(column, block)));
        entry.map(|&entry| self.read_block(BlockId::Of(column, block), entry)).transpose()
    }

    /// Replaces and deletes blocks, all at once, and records how far the index now reaches.
    ///
    /// Each block may occur once. If an item of `changes` is an error, that error is
    /// returned and nothing has changed; so also after a crash at any moment but the
    /// last. Views that read blocks later see the new ones.
    ///
    /// # Errors
    /// The first error of `changes`; `Invalid` for a block that is too large or
    /// occurs twice; `Store` if sled refuses.
    pub fn checkpoint(
        &self,
        applied: Position,
        changes: impl IntoIterator<Item = Result<BlockChange>>,
    ) -> Result<()> {
        let _only_one = self.lock_writing();
        if self.has_failed.load(Ordering::Relaxed) {
            return Err(Error::store("it could not be written before, and is not written to any more")
                .hint("open the case again once there is room".to_owned()));
        }
        self.given_up_unless(self.replace(applied, changes))
    }

    fn replace(
        &self,
        applied: Position,
        changes: impl IntoIterator<Item = Result<BlockChange>>,
    ) -> Result<()> {
        let old = self.state().clone();
        let generation = old.as_ref().map_or(0, |old| old.head.generation) + 1;
        self.remove_from(generation)?;

        let mut directory = old.as_ref().map(|old| old.directory.clone()).unwrap_or_default();
        let mut parts = PartWriter::new(&self.db, generation);
        let mut changed = BTreeSet::new();
        for change in changes {
            let BlockChange { column, block, bytes } = change?;
            if !changed.insert((column, block)) {
                return Err(Error::invalid(format!("block {block} of {column:?} changes twice")));
            }
            match bytes {
                Some(bytes) => {
                    let entry = parts.write(BlockId::Of(column, block), &bytes)?;
                    directory.0.insert((column, block), entry);
                }
                None => drop(directory.0.remove(&(column, block))),
            }
        }
        let entry = parts.write(BlockId::Directory, &directory.encode())?;
        parts.finish()?;
        self.flush()?;
        let head = Head { generation, is_swept: false, applied, directory: entry };
        self.flip(State { head, directory }, old)
    }

    /// How many blocks each column has, and how many bytes these are.
    #[must_use]
    pub fn sizes(&self) -> Vec<(Column, usize, u64)> {
        let state = self.state();
        let directory = state.as_ref().map(|state| &state.directory.0);
        let size = |column: Column| {
            let entries = directory.into_iter().flat_map(|all| all.range((column, 0)..=(column, u32::MAX)));
            let (count, bytes) = entries
                .fold((0, 0), |(count, bytes), (_, entry)| (count + 1, bytes + u64::from(entry.bytes)));
            (column, count, bytes)
        };
        Column::ALL.into_iter().map(size).filter(|(_, count, _)| *count > 0).collect()
    }

    /// Whether sled's files are much larger than what is in force.
    ///
    /// sled 0.34 gives back only part of what checkpoints supersede: 180 of them that
    /// replaced a tenth of 50 MB each left 370 MB.
    ///
    /// # Errors
    /// `Store` if sled refuses.
    pub fn is_bloated(&self) -> Result<bool> {
        let entries = self
            .state()
            .as_ref()
            .map(|state| state.directory.0.values().map(|entry| u64::from(entry.bytes)).sum());
        let live_bytes: u64 = entries.unwrap_or(0);
        let disk_bytes = guard("read", || self.db.size_on_disk())?;
        Ok(disk_bytes > 3 * live_bytes + BLOAT_BYTES_MIN)
    }

    /// Copies what is in force into new files and puts them in place of the old ones.
    ///
    /// A crash on the way leaves the old index, or none, and never half of one.
    ///
    /// # Errors
    /// `Store` if a block does not verify or sled refuses, `Io` if the system does.
    pub fn compact(self) -> Result<Self> {
        let dir = self.dir.clone();
        let (fresh, old) = (beside(&dir, FRESH), beside(&dir, OLD));
        remove_dir(&fresh)?;
        remove_dir(&old)?;
        if let Some(state) = &*self.state() {
            let copy = Self::open(&fresh)?;
            let blocks = state.directory.0.iter().map(|(&(column, block), &entry)| {
                let bytes = self.read_block(BlockId::Of(column, block), entry)?;
                Ok(BlockChange { column, block, bytes: Some(bytes) })
            });
            copy.checkpoint(state.head.applied, blocks)?;
            copy.close()?;
        }
        self.close()?;
        fs::rename(&dir, &old).map_err(|error| Error::io(&dir, &error))?;
        if fresh.exists() {
            fs::rename(&fresh, &dir).map_err(|error| Error::io(&fresh, &error))?;
        }
        remove_dir(&old)?;
        Self::open(&dir)
    }

    /// Writes everything out and closes the index.
    ///
    /// # Errors
    /// `Store` if sled refuses; the ledger has it all anyway.
    pub fn close(self) -> Result<()> {
        if self.has_failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.given_up_unless(self.flush())?;
        let db = self.db;
        guard("close", || {
            drop(db);
            Ok(())
        })
    }

    /// Leaves sled alone if it could not write: one reference to it stays for good, so that it
    /// is never closed.
    fn given_up_unless(&self, done: Result<()>) -> Result<()> {
        if let Err(error) = &done
            && matches!(error.kind(), ErrorKind::Io { .. } | ErrorKind::Store(_))
        {
            self.has_failed.store(true, Ordering::Relaxed);
            std::mem::forget(self.db.clone());
        }
        done
    }

    /// Puts a new generation in force and removes what it superseded.
    fn flip(&self, new: State, old: Option<State>) -> Result<()> {
        self.put_head(&new.head)?;
        let swept = Head { is_swept: true, ..new.head };
        let superseded = old.map(|old| superseded(&old, &new)).unwrap_or_default();
        // Whoever reads has what was in force before until here; nobody is left with a removed part.
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(new);
        self.remove(superseded.into_iter())?;
        self.put_head(&swept)
    }

    fn put_head(&self, head: &Head) -> Result<()> {
        guard("write", || self.db.insert(Key::Head.encode(), head.encode()))?;
        self.flush()
    }

    fn flush(&self) -> Result<()> {
        guard("flush", || self.db.flush()).map(drop)
    }

    fn load(&self) -> Result<Option<State>> {
        let Some(bytes) = guard("read", || self.db.get(Key::Head.encode()))? else { return Ok(None) };
        let head = match Head::decode(&bytes) {
            Ok(head) => head,
            Err(HeadError::Damaged) => return Err(Error::store("the head does not verify")),
            Err(HeadError::Format(found)) if found < FORMAT => {
                return Err(Error::store(format!("it is of format {found}, which was before {FORMAT}")));
            }
            Err(HeadError::Format(found)) => {
                return Err(Error::new(crate::error::ErrorKind::Format { found, supported: FORMAT }));
            }
        };
        let bytes = self.read_block(BlockId::Directory, head.directory)?;
        let directory =
            Directory::decode(&bytes).ok_or_else(|| Error::store("the directory does not verify"))?;
        Ok(Some(State { head, directory }))
    }

    /// Deletes parts that no directory refers to.
    fn clear_up(&self, state: Option<&State>) -> Result<()> {
        match state {
            Some(state) if !state.head.is_swept => {
                self.sweep(state)?;
                self.put_head(&Head { is_swept: true, ..state.head })
            }
            Some(state) => self.remove_from(state.head.generation + 1),
            None => self.remove_from(0),
        }
    }

    /// Looks at every key there is; only needed after a crash between two writes of the head.
    fn sweep(&self, state: &State) -> Result<()> {
        let directory = &state.directory.0;
        let is_referred_to = |key: &Key| match *key {
            Key::Head => true,
            Key::Part { generation, id, part } => {
                let entry = match id {
                    BlockId::Directory => Some(&state.head.directory),
                    BlockId::Of(column, block) => directory.get(&(column, block)),
                };
                entry.is_some_and(|entry| entry.generation == generation && part < entry.parts)
            }
        };
        let keys = self.keys(self.db.iter())?;
        self.remove(keys.into_iter().filter(|key| !is_referred_to(key)))
    }

    /// Removes all parts of `generation` and later ones.
    fn remove_from(&self, generation: u64) -> Result<()> {
        let keys = self.keys(self.db.range(Key::first_of(generation).encode()..))?;
        self.remove(keys.into_iter())
    }

    fn keys(&self, entries: sled::Iter) -> Result<Vec<Key>> {
        guard("read", || {
            entries.keys().filter_map(|key| key.map(|key| Key::decode(&key)).transpose()).collect()
        })
    }

    fn remove(&self, mut keys: impl Iterator<Item = Key>) -> Result<()> {
        loop {
            let mut batch = sled::Batch::default();
            let count = keys.by_ref().take(BATCH_KEYS_MAX).map(|key| batch.remove(key.encode())).count();
            if count == 0 {
                return Ok(());
            }
            guard("write", || self.db.apply_batch(batch))?;
        }
    }

    /// Puts a block together from its parts and verifies it.
    fn read_block(&self, id: BlockId, entry: Entry) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(entry.bytes as usize);
        for key in entry.keys(id) {
            let part = guard("read", || self.db.get(key.encode()))?;
            bytes.extend_from_slice(&part.ok_or_else(|| unusable(id, "a part is missing"))?);
        }
        if bytes.len() != entry.bytes as usize || crc32fast::hash(&bytes) != entry.crc {
            return Err(unusable(id, "it does not match its checksum"));
        }
        decode_block(&bytes).map_err(|reason| unusable(id, reason))
    }

    fn state(&self) -> RwLockReadGuard<'_, Option<State>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keys that `old` refers to and `new` does not.
fn superseded(old: &State, new: &State) -> Vec<Key> {
    let blocks = old.directory.0.iter().filter(|(place, entry)| new.directory.0.get(place) != Some(entry));
    blocks
        .flat_map(|(&(column, block), entry)| entry.keys(BlockId::Of(column, block)))
        .chain(old.head.directory.keys(BlockId::Directory))
        .collect()
}

/// Writes blocks of a new generation in small batches.
struct PartWriter<'a> {
    db: &'a sled::Db,
    generation: u64,
    batch: sled::Batch,
    batch_parts: usize,
}

impl<'a> PartWriter<'a> {
    fn new(db: &'a sled::Db, generation: u64) -> Self {
        Self { db, generation, batch: sled::Batch::default(), batch_parts: 0 }
    }

    fn write(&mut self, id: BlockId, raw: &[u8]) -> Result<Entry> {
        let encoded = encode_block(raw).ok_or_else(|| {
            Error::invalid(format!(
                "expected a block of at most {BLOCK_BYTES_MAX} bytes, found {}",
                raw.len()
            ))
        })?;
        let entry = Entry::of(self.generation, &encoded);
        for (key, part) in entry.keys(id).zip(encoded.chunks(PART_BYTES_MAX)) {
            self.batch.insert(key.encode(), part);
            self.batch_parts += 1;
            if self.batch_parts == BATCH_PARTS_MAX {
                self.finish()?;
            }
        }
        Ok(entry)
    }

    /// Hands over what is left in the batch.
    fn finish(&mut self) -> Result<()> {
        self.batch_parts = 0;
        let batch = std::mem::take(&mut self.batch);
        guard("write", || self.db.apply_batch(batch))
    }
}

/// Runs a piece of sled; its errors and panics become errors of ours.
fn guard<T>(doing: &str, f: impl FnOnce() -> sled::Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(value)) => Ok(value),
        // A full or forbidden disk says nothing about what is on it.
        Ok(Err(sled::Error::Io(error))) if is_of_the_disk(&error) => {
            Err(Error::io(Path::new("index"), &error))
        }
        Ok(Err(error)) => Err(Error::store(format!("{doing}: {error}"))),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Error::store(format!("{doing}: sled panicked: {words}")))
        }
    }
}

/// Whether the disk refuses, and not the data on it.
fn is_of_the_disk(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), FileTooLarge | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
}

/// The directory beside `dir` with `.ending` after its name.
fn beside(dir: &Path, ending: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}

/// Removes a directory that may not be there.
fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(dir, &error)),
        _ => Ok(()),
    }
}

/// Opens sled, and waits a little for its lock.
///
/// A thread of sled's may still hold the files for some milliseconds after this
/// very process has closed them.
fn open_patiently(dir: &Path, config: &sled::Config) -> Result<sled::Db> {
    for _ in 0..LOCK_TRIES {
        match guard("open", || config.open()) {
            Err(error) if is_locked(&error) => thread::sleep(LOCK_PAUSE),
            done => return done,
        }
    }
    Err(Error::store(format!("{} is open in another process", dir.display()))
        .hint("close the other program, or open the case for reading only".to_owned()))
}

/// sled tells a taken lock only in words.
fn is_locked(error: &Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn unusable(id: BlockId, reason: &str) -> Error {
    Error::store(match id {
        BlockId::Directory => format!("the directory: {reason}"),
        BlockId::Of(column, block) => format!("block {block} of {column:?}: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use tempfile::TempDir;

    fn at(sequence: u64) -> Position {
        Position { sequence, hash: [1; 32] }
    }

    fn put(block: u32, byte: u8, count: usize) -> Result<BlockChange> {
        // Does not compress, so that it has the parts its size says.
        let bytes = (0..count.div_ceil(32) as u32).flat_map(|n| {
            let mut seed = n.to_le_bytes().to_vec();
            seed.push(byte);
            *blake3::hash(&seed).as_bytes()
        });
        Ok(BlockChange { column: Column::Nodes, block, bytes: Some(bytes.collect()) })
    }

    /// An index with block 1 of three parts and block 2 of one.
    fn store() -> (TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("index")).unwrap();
        store.checkpoint(at(1), [put(1, 1, 250_000), put(2, 2, 1000)]).unwrap();
        (dir, store)
    }

    fn reopen(dir: &TempDir, store: Store) -> Result<Store> {
        store.close().unwrap();
        Store::open(&dir.path().join("index"))
    }

    fn keys(store: &Store) -> Vec<Key> {
        store.keys(store.db.iter()).unwrap()
    }

    #[test]
    fn a_checkpoint_leaves_only_what_is_referred_to() {
        let (_dir, store) = store();
        assert_eq!(keys(&store).len(), 1 + 3 + 1 + 1);
        store.checkpoint(at(2), [put(1, 3, 120_000)]).unwrap();
        assert_eq!(keys(&store).len(), 1 + 2 + 1 + 1);
        assert_eq!(Head::decode(&store.db.get(Key::Head.encode()).unwrap().unwrap()).unwrap().generation, 2);
    }

    #[test]
    fn orphans_of_a_generation_that_never_flipped_are_deleted_on_opening() {
        let (dir, store) = store();
        let before = keys(&store);
        let changes =
            (10..30).map(|n| if n < 29 { put(n, 4, 150_000) } else { Err(Error::interrupted("crash")) });
        assert!(store.checkpoint(at(2), changes).is_err());
        assert!(keys(&store).len() > before.len() + 10);
        let store = reopen(&dir, store).unwrap();
        assert_eq!(keys(&store), before);
        assert_eq!(store.applied(), Some(at(1)));
    }

    #[test]
    fn orphans_of_the_very_first_checkpoint_are_deleted_too() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("index")).unwrap();
        let changes =
            (0..12).map(|n| if n < 11 { put(n, 4, 1000) } else { Err(Error::interrupted("crash")) });
        assert!(store.checkpoint(at(1), changes).is_err());
        assert!(!keys(&store).is_empty());
        let store = reopen(&dir, store).unwrap();
        assert_eq!((keys(&store), store.applied()), (vec![], None));
    }

    #[test]
    fn a_crash_after_the_flip_leaves_the_new_generation_and_opening_sweeps() {
        let (dir, store) = store();
        let old: Vec<_> = store.db.iter().map(Result::unwrap).collect();
        store.checkpoint(at(2), [put(1, 3, 120_000)]).unwrap();
        let after = keys(&store);
        // As if nothing had been removed yet.
        let head = store.state().as_ref().unwrap().head;
        for (key, value) in old {
            store.db.insert(key, value).unwrap();
        }
        store.put_head(&head).unwrap();
        assert!(keys(&store).len() > after.len());
        let store = reopen(&dir, store).unwrap();
        assert_eq!((keys(&store), store.applied()), (after, Some(at(2))));
        assert!(Head::decode(&store.db.get(Key::Head.encode()).unwrap().unwrap()).unwrap().is_swept);
    }

    #[test]
    fn a_flipped_byte_in_any_value_is_found() {
        let (dir, mut store) = store();
        for key in keys(&store) {
            let value = store.db.get(key.encode()).unwrap().unwrap();
            for at in (0..value.len()).step_by(value.len().div_ceil(20)) {
                let mut flipped = value.to_vec();
                flipped[at] ^= 0x04;
                store.db.insert(key.encode(), flipped).unwrap();
                match reopen(&dir, store) {
                    Ok(damaged) => {
                        let reads = [1, 2].map(|block| damaged.read(Column::Nodes, block));
                        let errors: Vec<_> = reads.into_iter().filter_map(Result::err).collect();
                        assert!(
                            matches!(&errors[..], [error] if error.class() == "StoreError"),
                            "{key:?} at {at}"
                        );
                        store = damaged;
                    }
                    Err(error) => {
                        assert_eq!(error.class(), "StoreError");
                        store = Store {
                            dir: dir.path().join("index"),
                            db: raw(&dir),
                            state: RwLock::new(None),
                            writing: Mutex::new(()),
                            has_failed: AtomicBool::new(false),
                        };
                    }
                }
                store.db.insert(key.encode(), value.clone()).unwrap();
            }
        }
        assert_eq!(reopen(&dir, store).unwrap().applied(), Some(at(1)));
    }

    #[test]
    fn a_missing_part_is_found() {
        let (dir, store) = store();
        let key = Key::Part { generation: 1, id: BlockId::Of(Column::Nodes, 1), part: 1 };
        store.db.remove(key.encode()).unwrap();
        let store = reopen(&dir, store).unwrap();
        let error = store.read(Column::Nodes, 1).unwrap_err();
        assert!(error.to_string().contains("block 1 of Nodes: a part is missing"), "{error}");
    }

    #[test]
    fn a_later_format_is_refused_politely() {
        let (dir, store) = store();
        let mut head = store.db.get(Key::Head.encode()).unwrap().unwrap().to_vec();
        head[0] = FORMAT as u8 + 1;
        let crc = crc32fast::hash(&head[..71]).to_le_bytes();
        head[71..].copy_from_slice(&crc);
        store.db.insert(Key::Head.encode(), head).unwrap();
        assert_eq!(reopen(&dir, store).unwrap_err().class(), "FormatError");
    }

    #[test]
    fn an_earlier_format_is_one_that_cannot_be_used() {
        let (dir, store) = store();
        let mut head = store.db.get(Key::Head.encode()).unwrap().unwrap().to_vec();
        head[0] = 1;
        let crc = crc32fast::hash(&head[..71]).to_le_bytes();
        head[71..].copy_from_slice(&crc);
        store.db.insert(Key::Head.encode(), head).unwrap();
        let error = reopen(&dir, store).unwrap_err();
        assert_eq!((error.class(), error.to_string().contains("format 1")), ("StoreError", true), "{error}");
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let error = guard::<()>("read", || panic!("page {} is gone", 7)).unwrap_err();
        assert_eq!(error.to_string(), "index store: read: sled panicked: page 7 is gone");
    }

    fn raw(dir: &TempDir) -> sled::Db {
        let config = sled::Config::new().path(dir.path().join("index")).flush_every_ms(None);
        open_patiently(dir.path(), &config).unwrap()
    }
}

//! Archiving: the record up to now goes into one file, and the case goes on from a base, which
//! holds what is in force. Nothing that the case says changes, and all of it can still be proven:
//! the chain names the base and the file with their hashes.
//!
//! Until the commit that says so is on the disk, the case is as it was; from then on whoever
//! opens it for writing next finishes what was begun. The index is deleted before the segments
//! are, since pages of it may lie in them.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::base;
use super::check::agree;
use super::index::{close, open_store};
use super::{Author, Case, shorten};
use crate::error::{Error, Result};
use crate::formats::csv::{Progress, Watch};
use crate::graph::Graph;
use crate::ledger::pages::{PAGE_ELEMENTS, Sort, encode_pages};
use crate::ledger::{
    self, AUTHOR_BYTES_MAX, Base, BaseHead, CaseLock, CommitInfo, Ledger, MESSAGE_BYTES_MAX, Note,
    PAYLOAD_BYTES_MAX, Payload, effects,
};
use crate::model::{ClaimId, Effect};

/// How many pages are encoded at a time, on all cores.
const PAGES_AT_ONCE: u32 = 64;
/// How many claims are.
const CLAIMS_AT_ONCE: u32 = 1 << 14;
/// No page may have more bytes, or it would not go into one payload.
const PAGE_BYTES_MAX: usize = PAYLOAD_BYTES_MAX - (1 << 20);
/// What is done, in how many steps.
const STEPS: usize = 4;

/// What of a case is archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The number of the last commit that is.
    pub last: u64,
    /// The name of the file, without its directory.
    pub file: String,
}

impl From<&Note> for Archived {
    fn from(note: &Note) -> Self {
        Self { last: note.sequence, file: note.file.clone() }
    }
}

impl Case {
    /// Moves the whole record up to now into a new file. The case goes on with what is in force
    /// and says the same as before; what was done up to now is in the file. `watch` is told how
    /// far it is, and may end it.
    ///
    /// # Errors
    /// `ReadOnly`; `Invalid` where the file is there, or nothing is to be archived;
    /// `Interrupted` where `watch` says so; `Corrupt` where record, graph or index do not verify;
    /// `Io`. After an error the case is as it was, or says that opening it again finishes it.
    ///
    /// # Complexity
    /// O(the record), which is verified, and O(V + E log D + C); memory for the graph once more.
    pub fn archive(&mut self, file: &Path, author: &Author, watch: Watch<'_>) -> Result<Archived> {
        self.refuse_if_read_only()?;
        self.refuse_in_transaction("archiving the record")?;
        self.refuse_if_failed()?;
        self.land();
        let name = self.archivable(file)?;
        tell(watch, "verifying the record", 0, STEPS)?;
        self.verify()?;
        tell(watch, "writing the file", 1, STEPS)?;
        let owner = self.owner.as_ref().ok_or_else(|| Error::read_only("the case was opened for reading"))?;
        let written = owner.ledger.write_backup(file)?;
        let message = format!("archived commits 1 to {} in {name}", self.sequence());
        let info = CommitInfo {
            time_micros: author.now_micros,
            author: shorten(&author.name, AUTHOR_BYTES_MAX),
            ..CommitInfo::default()
        };
        let begun = (ledger::check_backup(file))
            .and_then(|read| match read == written {
                true => self.write_base(&info, watch),
                false => Err(Error::corrupt(format!("{} does not read as it was written", file.display()))),
            })
            .and_then(|(base, graph)| {
                self.attest(base, (&name, written.hash), &info, &message).map(|()| graph)
            });
        match begun {
            Ok(graph) => self.go_on_from_base(graph)?,
            Err(error) => {
                if self.lost.is_none() {
                    // It was new, and nothing names it.
                    let _ = fs::remove_file(file);
                }
                return Err(error);
            }
        }
        Ok(Archived { last: self.sequence() - 1, file: name })
    }

    /// What of the case is archived, if something is.
    ///
    /// # Errors
    /// `Corrupt` where the record is damaged; `Io`.
    pub fn archived(&self) -> Result<Option<Archived>> {
        let ledger = self.dir.join("ledger");
        let note = ledger::while_it_moves(&ledger, || ledger::archived(&ledger))?;
        Ok(note.as_ref().map(Archived::from))
    }

    /// Verifies that a file is what was archived, by the hash in the record, and that the base says
    /// what the commits in it say: they are restored into `scratch`, a directory that is not
    /// there and does not stay, and replayed.
    ///
    /// # Errors
    /// `Invalid` where nothing was archived, or this is another file; `Corrupt` where the file
    /// does not verify, or the base says something else; `Io`.
    ///
    /// # Complexity
    /// O(the file), room on the disk for it, and memory for the graph twice.
    pub fn check_archive(&self, file: &Path, scratch: &Path) -> Result<Archived> {
        let ledger = self.dir.join("ledger");
        let note = ledger::while_it_moves(&ledger, || ledger::check_archive(&ledger, file))?;
        make_private(scratch).map_err(|error| Error::io(scratch, &error))?;
        let compared = ledger::restore(file, scratch)
            .and_then(|_| ledger::while_it_moves(&ledger, || compare(&ledger, scratch)));
        let removed = fs::remove_dir_all(scratch).map_err(|error| Error::io(scratch, &error));
        compared.and(removed).map(|()| (&note).into())
    }

    /// Puts the record back that was archived last. The commits since then stay, and the base
    /// goes, whether it is whole or not.
    ///
    /// # Errors
    /// `NotFound` where there is no case, `ReadOnly` where another process owns it; `Invalid`
    /// where nothing was archived, or this is another file; `Corrupt` where the file does not
    /// verify; `Io`. After an error the case is as it was.
    pub fn unarchive(dir: &Path, file: &Path) -> Result<Archived> {
        if !Self::exists(dir) {
            return Err(Error::not_found(format!("there is no case in {}", dir.display())));
        }
        let _lock = CaseLock::acquire(dir, "throughline")?;
        // Pages of the index lie in the base.
        let note = ledger::unarchive(&dir.join("ledger"), file, || remove_index(dir))?;
        Ok((&note).into())
    }

    /// The name of the file, where there is something to archive.
    fn archivable(&self, file: &Path) -> Result<String> {
        let owner = self.owner.as_ref().ok_or_else(|| Error::read_only("the case was opened for reading"))?;
        let last = self.sequence();
        if !owner.ledger.half_redacted().is_empty() {
            return Err(Error::invalid("a redaction did not finish; opening the case again finishes it"));
        }
        if last == 0 {
            return Err(Error::invalid("there is nothing to archive: the case has no commit yet"));
        }
        if let Some(note) = owner.ledger.archived().filter(|note| note.sequence + 1 == last) {
            return Err(Error::invalid(format!(
                "there is nothing to archive: commits 1 to {} are in {}, and none came since",
                note.sequence, note.file
            )));
        }
        if is_inside(file, &self.dir) {
            return Err(Error::invalid(format!("{} is within the case", file.display()))
                .hint("name a file elsewhere: it is to be kept by itself".to_owned()));
        }
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match name.is_empty() || name.len() > MESSAGE_BYTES_MAX / 2 {
            true => Err(Error::invalid(format!("expected the name of a new file, found {}", file.display()))),
            false => Ok(name),
        }
    }

    /// Writes the base, and reads it into a graph, which has to be the same as this one.
    fn write_base(&mut self, info: &CommitInfo, watch: Watch<'_>) -> Result<(Base, Graph)> {
        tell(watch, "writing the base", 2, STEPS)?;
        let head = self.head()?;
        let Some(owner) = &mut self.owner else { return Err(Error::read_only("nobody owns the case")) };
        let source = Source::new(&mut self.graph, self.cache.bytes_max, watch);
        let base = owner.ledger.write_base(&head, info, source)?;
        let same = tell(watch, "comparing", 3, STEPS).and_then(|()| {
            let mut graph = Graph::new();
            base::take(&base, &mut graph)?;
            agree(&graph, &self.graph)?;
            tell(watch, "comparing", 4, STEPS).map(|()| graph)
        });
        match (same, self.graph.damage()) {
            (Ok(graph), None) => Ok((base, graph)),
            (same, damage) => {
                owner.ledger.discard_base(&base)?;
                Err(damage.or(same.err()).unwrap_or_else(|| Error::corrupt("the base is not the case")))
            }
        }
    }

    fn head(&self) -> Result<BaseHead> {
        let (graph, owner) = (&self.graph, self.owner.as_ref());
        let (Some(position), Some(owner)) = (self.position, owner) else {
            return Err(Error::invalid("there is nothing to archive"));
        };
        Ok(BaseHead {
            sequence: position.sequence,
            hash: position.hash,
            next_ids: [graph.next_node().0, graph.next_relationship().0, graph.next_claim().0],
            names: graph.names().map(str::to_owned).collect(),
            redacted: owner.ledger.redacted().to_vec(),
        })
    }

    /// Records the commit from which on the base counts.
    fn attest(&mut self, base: Base, file: (&str, [u8; 32]), info: &CommitInfo, message: &str) -> Result<()> {
        let Some(owner) = &mut self.owner else { return Err(Error::read_only("nobody owns the case")) };
        match owner.ledger.begin_after(base.clone(), file, info, message) {
            Ok(position) => self.position = Some(position),
            // What did not come about leaves nothing behind. Where that is not certain, the
            // record takes nothing more, and the file stays.
            Err(error) => {
                let discarded = match owner.ledger.takes_commits() {
                    true => owner.ledger.discard_base(&base),
                    false => Err(error.clone()),
                };
                if discarded.is_err() {
                    self.stop(&error);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes what the base stands for, and makes the index anew.
    fn go_on_from_base(&mut self, graph: Graph) -> Result<()> {
        let mut notices = Vec::new();
        let Some(owner) = &mut self.owner else { return Ok(()) };
        // The graph reads from the store, which has to be closed.
        self.graph = Graph::new();
        close(owner.store.take());
        let removed = remove_index(&self.dir).and_then(|()| owner.ledger.remove_archived());
        let store = removed.and_then(|()| open_store(&self.dir.join("index"), &mut notices));
        owner.store = match store {
            Ok(store) => store,
            Err(error) => {
                self.stop(&error);
                return Err(error);
            }
        };
        // As far behind as after a large import.
        owner.behind = super::weight(PAGE_ELEMENTS);
        self.graph = graph;
        if let Err(error) = self.checkpoint() {
            notices.push(format!("the index could not be written ({error}); the record is unharmed"));
        }
        self.notices.append(&mut notices);
        Ok(())
    }

    /// Takes no more statements, after an error that leaves it open how far archiving came.
    fn stop(&mut self, error: &Error) {
        self.lost = Some(error.clone());
        self.read_only = Some("archiving did not finish; opening the case again finishes it".to_owned());
    }
}

/// Whether a file that is to be written would lie below a directory.
fn is_inside(file: &Path, dir: &Path) -> bool {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    match (fs::canonicalize(parent.unwrap_or(Path::new("."))), fs::canonicalize(dir)) {
        (Ok(parent), Ok(dir)) => parent.starts_with(dir),
        _ => false,
    }
}

/// Makes a directory that was not there, and that others do not look into.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Fails unless the base of a record says the same as a record that was restored.
fn compare(dir: &Path, restored: &Path) -> Result<()> {
    let open = |dir: &Path| Ledger::open(dir, ledger::Access::Read, None).map(|(ledger, _)| ledger);
    let (ledger, restored) = (open(dir)?, open(restored)?);
    let (mut graph, mut replayed) = (Graph::new(), Graph::new());
    base::replay(&ledger, &mut graph)?;
    super::replay(&restored, None, &mut replayed)?;
    let next_ids = |graph: &Graph| (graph.next_node(), graph.next_relationship(), graph.next_claim());
    let is_same = graph.same_elements(&replayed)
        && next_ids(&graph) == next_ids(&replayed)
        && ledger.base().is_some_and(|base| base.head().redacted == restored.redacted());
    match is_same {
        true => Ok(()),
        false => Err(Error::corrupt("the base does not say what the archived commits say")
            .hint("`throughline unarchive FILE` puts them in its place".to_owned())),
    }
}

/// Removes the index, and what a compaction of it may have left; not what was set aside.
pub(super) fn remove_index(dir: &Path) -> Result<()> {
    let paths: Vec<PathBuf> =
        ["index.fresh", "index.old", "index"].iter().map(|name| dir.join(name)).collect();
    for path in paths.iter().filter(|path| path.exists()) {
        fs::remove_dir_all(path).map_err(|error| Error::io(path, &error))?;
    }
    ledger::sync_dir(dir)
}

fn tell(watch: Watch<'_>, what: &'static str, done: usize, total: usize) -> Result<()> {
    match watch(Progress { what, done, total }) {
        true => Ok(()),
        false => Err(Error::interrupted("archiving was interrupted; the case is as it was")),
    }
}

/// What comes next of a graph.
#[derive(Debug, Clone, Copy)]
enum Next {
    Pages(Sort, u32),
    Declarations,
    Claims(u32),
    End,
}

/// All that is in force of a graph, as the payloads of a base, made as they are asked for.
struct Source<'a> {
    graph: &'a mut Graph,
    /// How much memory the pages of the index may take meanwhile.
    bytes_max: usize,
    watch: Watch<'a>,
    next: Next,
    made: VecDeque<Payload>,
}

impl<'a> Source<'a> {
    fn new(graph: &'a mut Graph, bytes_max: usize, watch: Watch<'a>) -> Self {
        Self { graph, bytes_max, watch, next: Next::Pages(Sort::Nodes, 0), made: VecDeque::new() }
    }

    /// Makes some more payloads.
    fn make(&mut self) -> Result<()> {
        tell(self.watch, "writing the base", 2, STEPS)?;
        let payloads = match self.next {
            Next::Pages(sort, first) => self.pages(sort, first)?,
            Next::Declarations => {
                self.next = Next::Claims(0);
                effects::encode(&self.graph.declarations())?
            }
            Next::Claims(first) => self.claims(first)?,
            Next::End => Vec::new(),
        };
        self.made.extend(payloads);
        if self.graph.cached_bytes() > self.bytes_max {
            self.graph.unload();
        }
        Ok(())
    }

    fn pages(&mut self, sort: Sort, first: u32) -> Result<Vec<Payload>> {
        let is_relationships = sort == Sort::Relationships;
        let n_pages = self.graph.page_counts()[usize::from(is_relationships)];
        let end = first.saturating_add(PAGES_AT_ONCE).min(n_pages);
        self.next = match (end < n_pages, sort) {
            (true, _) => Next::Pages(sort, end),
            (false, Sort::Nodes) => Next::Pages(Sort::Relationships, 0),
            (false, Sort::Relationships) => Next::Declarations,
        };
        let graph = &*self.graph;
        let pages = (first..end).into_par_iter().map(|number| graph.page(is_relationships, number));
        let pages: Vec<Vec<u8>> = pages.collect::<Result<_>>()?;
        if pages.iter().any(|page| page.len() > PAGE_BYTES_MAX) {
            let bytes = PAGE_BYTES_MAX >> 20;
            return Err(Error::invalid(format!(
                "cannot archive: {PAGE_ELEMENTS} elements take more than {bytes} MiB together"
            )));
        }
        Ok(encode_pages(sort, first * PAGE_ELEMENTS as u32, &pages).collect())
    }

    fn claims(&mut self, first: u32) -> Result<Vec<Payload>> {
        let last = self.graph.next_claim().0;
        let end = first.saturating_add(CLAIMS_AT_ONCE).min(last);
        self.next = if end < last { Next::Claims(end) } else { Next::End };
        let restored = |id: u32| {
            let claim = Box::new(self.graph.claim(ClaimId(id))?.clone());
            Some(Effect::RestoreClaim { id: ClaimId(id), claim })
        };
        effects::encode(&(first..end).filter_map(restored).collect::<Vec<_>>())
    }
}

impl Iterator for Source<'_> {
    type Item = Result<Payload>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(payload) = self.made.pop_front() {
                return Some(Ok(payload));
            }
            if matches!(self.next, Next::End) {
                return None;
            }
            if let Err(error) = self.make() {
                return Some(Err(error));
            }
        }
    }
}

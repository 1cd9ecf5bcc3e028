//! The ledger of a case: opening, reading and verifying the record.
//!
//! # Torn or damaged
//!
//! A power cut in the middle of a write leaves a tail that does not verify. So
//! does a failing disk, and the two must not be confused: the first was never
//! acknowledged and may go, the second is a loss that someone has to hear of.
//! A tail is *torn* if
//!
//! - it is in the last segment,
//! - a write that was cut short can leave such bytes behind: the file ends early, or a
//!   sector is blank ([`torn`]),
//! - no whole frame follows it that was written after a later sync, and
//! - the index has not applied a commit beyond it.
//!
//! A torn tail is moved aside with a notice, never deleted. Anything else that
//! does not verify is damage: the ledger refuses to open, names the file and the
//! byte, and [`recover_into`](super::recover_into) saves what is before it.
//!
//! One kind of damage looks exactly like a torn tail: the very last commit was cut off, or
//! lost a whole sector, before the index applied it.
//!
//! # How much opening reads
//!
//! Opening walks the headers of all frames, and so the whole chain, and skips
//! the payloads, except those of the last commit if the index has not applied
//! it. A payload is compared with its hash whenever it is read.

use super::append::Tail;
use super::archive::{self, Note};
use super::base::Base;
use super::files::Files;
use super::frame::{self, Hash, Position};
use super::redact::Redacted;
use super::segment::{
    self, Commit, Depth, FORMAT, Fault, Next, SEGMENT_HEADER_BYTES, Segment, SegmentHeader,
};
use super::torn;
use crate::{Error, Result};
use std::collections::VecDeque;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// A segment starts a new file once it has this size.
pub(super) const SEGMENT_BYTES_DEFAULT: u64 = 64 << 20;

/// What the ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Appending too; only for the holder of the [`CaseLock`](super::CaseLock).
    Write,
    /// Reading while another process may be writing; changes nothing on disk.
    Read,
}

/// Something the user should hear of, though nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An unfinished commit was moved out of the record into a file of its own.
    TornTail {
        /// The segment it was in.
        segment: PathBuf,
        /// Where it started.
        offset: u64,
        /// Its length.
        bytes: u64,
        /// Where it is now.
        moved_to: PathBuf,
    },
    /// An unfinished commit was passed over; its writer may be at it right now.
    UnfinishedTail {
        /// The segment it is in.
        segment: PathBuf,
        /// Where it starts.
        offset: u64,
        /// Its length so far.
        bytes: u64,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail { segment, offset, bytes, moved_to } => write!(
                f,
                "the last write did not finish: {bytes} bytes at byte {offset} of {} are now in {}",
                segment.display(),
                moved_to.display()
            ),
            Self::UnfinishedTail { segment, offset, bytes } => {
                write!(
                    f,
                    "passed over an unfinished commit: {bytes} bytes at byte {offset} of {}",
                    segment.display()
                )
            }
        }
    }
}

/// What [`Ledger::verify`] read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Segment files.
    pub segments: u64,
    /// Whole commits.
    pub commits: u64,
    /// Payloads that were redacted.
    pub redacted: u64,
    /// Bytes of segment files.
    pub bytes: u64,
    /// Bytes of the base, where the record begins with one.
    pub base_bytes: u64,
}

/// A segment as far as it was found to verify.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) header: SegmentHeader,
    /// End of its last whole commit.
    pub(super) end: u64,
}

/// The append-only record of a case.
///
/// # Example
/// ```
/// use throughline::ledger::{CommitInfo, Ledger, Payload};
///
/// # fn main() -> throughline::Result<()> {
/// # let dir = tempfile::tempdir().expect("a temporary directory");
/// let mut ledger = Ledger::create(&dir.path().join("ledger"), *b"0123456789abcdef")?;
/// let info = CommitInfo { message: "a ship calls at Rajin".into(), ..CommitInfo::default() };
/// let position = ledger.append(&info, [Payload { encoding: 1, bytes: b"effects".to_vec() }])?;
/// assert_eq!(ledger.position(), Some(position));
///
/// let commit = ledger.commits(1).next().expect("one commit")?;
/// assert_eq!(commit.info, info);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Ledger {
    pub(super) dir: PathBuf,
    /// All segments in order; never empty.
    pub(super) extents: Vec<Extent>,
    pub(super) last: Option<Position>,
    /// The position in this history with the number that the index has applied.
    applied: Option<Position>,
    pub(super) segment_bytes_max: u64,
    /// `None` if open for reading only.
    pub(super) tail: Option<Tail>,
    /// The commits that were redacted, by their state bytes.
    pub(super) redacted: Redacted,
    /// What the record begins with, where it does not begin with its first commit.
    pub(super) based: Option<(Base, Note)>,
}

impl Ledger {
    /// Starts the ledger of a new case in `dir`, which is created if it is missing.
    ///
    /// `case_id` should be random: it starts the hash chain, so that no index and no
    /// segment of another case is ever taken for one of this.
    ///
    /// # Errors
    /// `Invalid` if there is a ledger already, `Io` if the system refuses.
    pub fn create(dir: &Path, case_id: [u8; 16]) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|error| Error::io(dir, &error))?;
        if Files::of(dir).is_ok() {
            return Err(Error::invalid(format!("{} holds a ledger already", dir.display())));
        }
        let chain = frame::chain_start(&case_id);
        let header = SegmentHeader { format: FORMAT, number: 1, first_sequence: 1, case_id, chain };
        let tail = Tail::create(dir, &header)?;
        segment::sync_parents(dir);
        Ok(Self {
            dir: dir.to_owned(),
            extents: vec![Extent { header, end: SEGMENT_HEADER_BYTES }],
            last: None,
            applied: None,
            segment_bytes_max: SEGMENT_BYTES_DEFAULT,
            tail: Some(tail),
            redacted: Redacted::default(),
            based: None,
        })
    }

    /// Opens the ledger in `dir` and walks its chain.
    ///
    /// `applied` is how far the index has come: a record that ends before it has
    /// lost commits, however well the rest verifies. Compare its hash with
    /// [`hash_at`](Self::hash_at) to find an index of another history.
    ///
    /// # Errors
    /// `NotFound` if there is no ledger, `Corrupt` with file and byte if it is
    /// damaged, `Format` if it is of a later version, `Io` if the system refuses.
    ///
    /// # Complexity
    /// One small read a frame, and the payloads of the last commit.
    pub fn open(dir: &Path, access: Access, applied: Option<Position>) -> Result<(Self, Vec<Notice>)> {
        let files = Files::without_gaps(dir)?;
        let (ledger, notices) = Self::open_files(dir, &files, access, applied)?;
        if access == Access::Write {
            files.remove_leftovers(dir)?;
        }
        Ok((ledger, notices))
    }

    /// [`Ledger::open`], of these files of the directory.
    pub(super) fn open_files(
        dir: &Path,
        files: &Files,
        access: Access,
        applied: Option<Position>,
    ) -> Result<(Self, Vec<Notice>)> {
        let (&last, earlier) = files.segments.split_last().expect("a ledger has at least one segment");
        let mut walk = Walk::new(dir, Depth::Headers, applied);
        walk.begin(files.base)?;
        for &number in earlier {
            if let Some(fault) = walk.next_segment(number)? {
                return Err(fault.damage());
            }
        }
        let mut notices = Vec::new();
        if let Some(fault) = walk.last_segment(last)? {
            let unfinished = walk.torn_or_damage(last, &fault)?;
            notices.push(match access {
                Access::Write => unfinished.move_aside(dir)?,
                Access::Read => unfinished.pass_over(),
            });
        }
        walk.check_reaches_applied()?;
        let tail = match access {
            Access::Write => Some(Tail::open(dir, walk.extents.last().expect("a segment was walked over"))?),
            Access::Read => None,
        };
        Ok((walk.into_ledger(tail), notices))
    }

    /// Sets the size from which on a commit starts a new segment.
    #[must_use]
    pub fn with_segment_bytes_max(mut self, bytes: u64) -> Self {
        self.segment_bytes_max = bytes;
        self
    }

    /// The random number that tells this case from all others.
    #[must_use]
    pub fn case_id(&self) -> [u8; 16] {
        self.extents[0].header.case_id
    }

    /// Its segments, up to the end of the last whole commit of each.
    pub(super) fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// The last commit; `None` if there is none yet.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.last
    }

    /// The commits from number `sequence` on, in order, up to the last one of now.
    ///
    /// Holds the payloads of one commit at a time; ends after the first error.
    #[must_use]
    pub fn commits(&self, sequence: u64) -> Commits {
        let skip = self.extents.partition_point(|extent| extent.header.first_sequence <= sequence);
        Commits {
            dir: self.dir.clone(),
            extents: self.extents.iter().skip(skip.saturating_sub(1)).copied().collect(),
            segment: None,
            from: sequence,
        }
    }

    /// The chain's value after commit `sequence`; `None` if there is no such commit.
    ///
    /// # Errors
    /// `Corrupt` if the way there does not verify, `Io` if the system refuses.
    ///
    /// # Complexity
    /// Constant for the last commit and the one applied on opening, else one small
    /// read for each frame before it in its segment.
    pub fn hash_at(&self, sequence: u64) -> Result<Option<[u8; 32]>> {
        let base = self.base().map(Base::position);
        let known = [self.last, self.applied, base].into_iter().flatten();
        if let Some(position) = known.into_iter().find(|position| position.sequence == sequence) {
            return Ok(Some(position.hash));
        }
        if sequence <= self.archived_up_to() || self.last.is_none_or(|last| last.sequence < sequence) {
            return Ok(None);
        }
        let mut commits = self.commits(sequence);
        let commit = commits.next_from(Depth::Headers).transpose()?;
        Ok(commit.map(|commit| commit.position.hash))
    }

    /// Reads everything and compares it with every checksum and hash there is.
    ///
    /// # Errors
    /// `Corrupt` with file and byte of the first damage, `Io` if the system refuses.
    pub fn verify(&self) -> Result<Tally> {
        let mut tally = Tally::default();
        if let Some(base) = self.base() {
            base.verify()?;
            tally.base_bytes = base.bytes();
        }
        for extent in &self.extents {
            let mut segment = open_known(&self.dir, extent)?;
            loop {
                match segment.next_commit(Depth::Check)? {
                    Next::Commit(_) => tally.commits += 1,
                    Next::End => break,
                    Next::Fault(fault) => return Err(fault.damage()),
                }
            }
            tally.segments += 1;
            tally.redacted += segment.redacted();
            tally.bytes += extent.end;
        }
        Ok(tally)
    }
}

/// The commits of a ledger, in order.
#[derive(Debug)]
pub struct Commits {
    dir: PathBuf,
    extents: VecDeque<Extent>,
    segment: Option<Segment>,
    from: u64,
}

impl Iterator for Commits {
    type Item = Result<Commit>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_from(Depth::Take)
    }
}

impl Commits {
    /// The next commit that is wanted; those before it are only walked over.
    fn next_from(&mut self, depth: Depth) -> Option<Result<Commit>> {
        let next = self.advance(depth).transpose();
        if matches!(next, Some(Err(_))) {
            (self.extents, self.segment) = (VecDeque::new(), None);
        }
        next
    }

    fn advance(&mut self, depth: Depth) -> Result<Option<Commit>> {
        loop {
            let Some(segment) = &mut self.segment else {
                let Some(extent) = self.extents.pop_front() else { return Ok(None) };
                self.segment = Some(open_known(&self.dir, &extent)?);
                continue;
            };
            let is_wanted = segment.next_sequence() >= self.from;
            match segment.next_commit(if is_wanted { depth } else { Depth::Headers })? {
                Next::Commit(commit) if is_wanted => return Ok(Some(commit)),
                Next::Commit(_) => {}
                Next::End => self.segment = None,
                Next::Fault(fault) => return Err(fault.damage()),
            }
        }
    }
}

/// Opens a segment that verified before, up to where it did.
pub(super) fn open_known(dir: &Path, extent: &Extent) -> Result<Segment> {
    let path = dir.join(segment::file_name(extent.header.number));
    let segment = Segment::open(path, Some(extent.end))?.map_err(|fault| fault.damage())?;
    if *segment.header() != extent.header {
        return Err(segment::damage(segment.path(), 0, "the segment was exchanged while the case was open"));
    }
    Ok(segment)
}

/// A walk over all segments in order.
pub(super) struct Walk<'a> {
    dir: &'a Path,
    applied: Option<Position>,
    /// The position in this history with the applied one's number.
    applied_here: Option<Position>,
    depth: Depth,
    pub(super) extents: Vec<Extent>,
    /// The segment walked last.
    segment: Option<Segment>,
    next_sequence: u64,
    chain: Hash,
    redacted: Redacted,
    /// What the record begins with, where it does not begin with its first commit.
    based: Option<(Base, Note)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(dir: &'a Path, depth: Depth, applied: Option<Position>) -> Self {
        Self {
            dir,
            applied,
            applied_here: None,
            depth,
            extents: Vec::new(),
            segment: None,
            next_sequence: 1,
            chain: Hash::default(),
            redacted: Redacted::default(),
            based: None,
        }
    }

    /// Begins with a base, if there is one.
    pub(super) fn begin(&mut self, base: Option<u32>) -> Result<()> {
        let Some(number) = base else { return Ok(()) };
        let (base, note) = archive::open_based(self.dir, number, self.depth)?;
        self.pass(base.position());
        self.redacted = Redacted::archived(&base.head().redacted);
        self.based = Some((base, note));
        Ok(())
    }

    /// The last whole commit so far.
    pub(super) fn last(&self) -> Option<Position> {
        let sequence = self.next_sequence - 1;
        (sequence > 0).then_some(Position { sequence, hash: self.chain })
    }

    /// Walks over the next segment; the fault, if any, is where the walk ended.
    pub(super) fn next_segment(&mut self, number: u32) -> Result<Option<Fault>> {
        let mut segment = match Segment::open(self.dir.join(segment::file_name(number)), None)? {
            Ok(segment) => segment,
            Err(fault) => return Ok(Some(fault)),
        };
        let header = *segment.header();
        if let Err(reason) = self.check_header(number, &header) {
            let path = segment.path().to_owned();
            return Ok(Some(Fault { path, offset: 0, reason, may_be_torn: false }));
        }
        self.chain = header.chain;
        let fault = loop {
            match segment.next_commit(self.depth)? {
                Next::Commit(commit) => {
                    self.redacted.note(commit.position.sequence, segment.places());
                    self.pass(commit.position);
                }
                Next::End => break None,
                Next::Fault(fault) => break Some(fault),
            }
        };
        self.extents.push(Extent { header, end: segment.good_end() });
        self.segment = Some(segment);
        Ok(fault)
    }

    /// Walks over the last segment, and takes back the last commit if its payloads
    /// do not verify and the index has not applied it.
    fn last_segment(&mut self, number: u32) -> Result<Option<Fault>> {
        let fault = self.next_segment(number)?;
        if fault.is_some() || self.last() == self.applied {
            return Ok(fault);
        }
        let Some(segment) = &mut self.segment else { return Ok(None) };
        if !segment.rewind()? {
            return Ok(None);
        }
        let (next_sequence, chain) = (segment.next_sequence(), *segment.chain());
        let Next::Fault(fault) = segment.next_commit(Depth::Check)? else { return Ok(None) };
        (self.next_sequence, self.chain) = (next_sequence, chain);
        if let Some(extent) = self.extents.last_mut() {
            extent.end = segment.good_end();
        }
        Ok(Some(fault))
    }

    fn check_header(&self, number: u32, header: &SegmentHeader) -> Result<(), &'static str> {
        let (case_id, chain) = match (self.extents.first(), &self.based) {
            (Some(first), _) => (first.header.case_id, self.chain),
            (None, Some((base, _))) => (base.case_id(), self.chain),
            (None, None) => (header.case_id, frame::chain_start(&header.case_id)),
        };
        if header.case_id != case_id {
            return Err("the segment is of another case");
        }
        if header.number != number {
            return Err("the segment has the name of another one");
        }
        if header.first_sequence != self.next_sequence || header.chain != chain {
            return Err("the segment does not continue the one before");
        }
        Ok(())
    }

    fn pass(&mut self, position: Position) {
        (self.next_sequence, self.chain) = (position.sequence + 1, position.hash);
        if self.applied.is_some_and(|applied| applied.sequence == position.sequence) {
            self.applied_here = Some(position);
        }
    }

    /// Decides about a fault in the last segment; see the module's header for the rule.
    fn torn_or_damage(&self, number: u32, fault: &Fault) -> Result<Unfinished> {
        let has_header = self.extents.last().is_some_and(|extent| extent.header.number == number);
        let is_applied = self.applied.is_some_and(|applied| applied.sequence >= self.next_sequence);
        if !fault.may_be_torn || is_applied || self.extents.is_empty() {
            return Err(fault.damage());
        }
        let end = match &self.segment {
            Some(segment) if has_header => segment.end(),
            _ => fs::metadata(&fault.path).map_err(|error| Error::io(&fault.path, &error))?.len(),
        };
        // The header of a segment is written and synced before the file has its name.
        if has_header && !torn::can_be_torn(&fault.path, fault.offset, end, fault.offset == self.last_end())?
        {
            return Err(fault.damage());
        }
        if segment::whole_frame_follows(&fault.path, fault.offset + 1, end, self.next_sequence)? {
            return Err(fault.damage());
        }
        let offset = if has_header { self.last_end() } else { 0 };
        Ok(Unfinished { path: fault.path.clone(), sequence: self.next_sequence, offset, bytes: end - offset })
    }

    fn check_reaches_applied(&self) -> Result<()> {
        match self.applied {
            Some(applied) if applied.sequence >= self.next_sequence => Err(Error::corrupt(format!(
                "the record in {} ends with commit {}, but the index has applied commit {}",
                self.dir.display(),
                self.next_sequence - 1,
                applied.sequence
            ))
            .hint("if the index is that of another case, move it away; else restore a backup".to_owned())),
            _ => Ok(()),
        }
    }

    fn last_end(&self) -> u64 {
        self.extents.last().map_or(0, |extent| extent.end)
    }

    fn into_ledger(self, tail: Option<Tail>) -> Ledger {
        Ledger {
            dir: self.dir.to_owned(),
            last: self.last(),
            applied: self.applied_here,
            extents: self.extents,
            segment_bytes_max: SEGMENT_BYTES_DEFAULT,
            tail,
            redacted: self.redacted,
            based: self.based,
        }
    }
}

/// A torn tail.
struct Unfinished {
    path: PathBuf,
    /// The number its commit would have had.
    sequence: u64,
    /// Where it starts; 0 if not even the segment's header is whole.
    offset: u64,
    bytes: u64,
}

impl Unfinished {
    fn pass_over(self) -> Notice {
        Notice::UnfinishedTail { segment: self.path, offset: self.offset, bytes: self.bytes }
    }

    /// Keeps the tail in a file of its own, and only then cuts it off.
    fn move_aside(self, dir: &Path) -> Result<Notice> {
        let moved_to = free_name(dir, &format!("torn-{}-{}", self.sequence, self.offset));
        let failed = |error: io::Error| Error::io(&self.path, &error);
        if self.offset == 0 {
            fs::rename(&self.path, &moved_to).map_err(failed)?;
        } else {
            self.copy_to(&moved_to).map_err(|error| Error::io(&moved_to, &error))?;
            segment::sync_dir(dir)?;
            let file = OpenOptions::new().write(true).open(&self.path).map_err(failed)?;
            file.set_len(self.offset).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        segment::sync_dir(dir)?;
        Ok(Notice::TornTail { segment: self.path, offset: self.offset, bytes: self.bytes, moved_to })
    }

    fn copy_to(&self, path: &Path) -> io::Result<()> {
        let mut from = File::open(&self.path)?;
        from.seek(SeekFrom::Start(self.offset))?;
        let mut to = OpenOptions::new().write(true).create_new(true).open(path)?;
        io::copy(&mut from.take(self.bytes), &mut to)?;
        to.sync_all()
    }
}

/// A name that no file in `dir` has: `stem.bin`, else `stem-2.bin` and so on.
fn free_name(dir: &Path, stem: &str) -> PathBuf {
    let names = (2u64..).map(|n| format!("{stem}-{n}.bin"));
    std::iter::once(format!("{stem}.bin"))
        .chain(names)
        .map(|name| dir.join(name))
        .find(|path| !path.exists())
        .expect("the numbers do not run out")
}

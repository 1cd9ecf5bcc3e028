//! Appending: the one place that writes to the record.
//!
//! A commit is acknowledged after one `fdatasync`. A run of several frames has a
//! second one before its commit frame: the disk may take the pages of a long
//! write in any order, and so a commit frame on the disk proves that the chunks
//! before it are there too, and a hole among them is damage and not a torn tail.
//!
//! A write that fails is taken back by cutting the file, which is synced. A sync that fails is
//! not retried, since the system may have dropped the very pages it could not
//! write and a second sync would report success: the ledger then takes no more
//! commits until it is opened again.

use super::frame::{self, CommitInfo, Encoded, Frame, Hash, Kind, Payload, Position};
use super::ledger::{Extent, Ledger};
use super::segment::{self, SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::{Error, Result};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What appending needs of a file; tests put a failing one in its place.
pub(super) trait Medium: Send + Sync {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
    /// Drops everything from `length` on and goes there.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Medium for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length)).map(drop)
    }
}

/// The segment that commits are appended to.
pub(super) struct Tail {
    path: PathBuf,
    pub(super) medium: Box<dyn Medium>,
    trust: Trust,
}

/// Whether the file holds what we believe it holds.
#[derive(Debug)]
enum Trust {
    /// It ends with the last commit.
    Clean,
    /// A commit was begun; its bytes may be after the last commit.
    Begun,
    /// Nobody knows, for this reason.
    Lost(Error),
}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tail").field("path", &self.path).field("trust", &self.trust).finish_non_exhaustive()
    }
}

impl Tail {
    /// Writes a new segment under another name first, so that its header is never half there.
    pub(super) fn create(dir: &Path, header: &SegmentHeader) -> Result<Self> {
        Self::create_with(dir, header, &[])
    }

    /// As [`Tail::create`], with frames after the header, which are there with it or not at all.
    pub(super) fn create_with(dir: &Path, header: &SegmentHeader, frames: &[u8]) -> Result<Self> {
        let path = dir.join(segment::file_name(header.number));
        let unnamed = path.with_extension("new");
        let failed = |error: io::Error| Error::io(&unnamed, &error);
        let mut file = File::create(&unnamed).map_err(failed)?;
        let renamed = file
            .write_all(&header.encode())
            .and_then(|()| file.write_all(frames))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&unnamed, &path));
        if let Err(error) = renamed {
            let _ = fs::remove_file(&unnamed);
            return Err(failed(error));
        }
        segment::sync_dir(dir)?;
        Ok(Self { path, medium: Box::new(file), trust: Trust::Clean })
    }

    /// Opens a segment that ends with its last whole commit.
    pub(super) fn open(dir: &Path, extent: &Extent) -> Result<Self> {
        let path = dir.join(segment::file_name(extent.header.number));
        let mut file =
            OpenOptions::new().write(true).open(&path).map_err(|error| Error::io(&path, &error))?;
        file.seek(SeekFrom::Start(extent.end)).map_err(|error| Error::io(&path, &error))?;
        // A process that was killed may have written a commit and not synced it. It was found
        // whole and counts from now on, for the index too, so it has to survive a power cut.
        file.sync_data().map_err(|error| Error::io(&path, &error))?;
        Ok(Self { path, medium: Box::new(file), trust: Trust::Clean })
    }

    /// Refuses if an earlier failure left the file in doubt, and takes back a
    /// commit whose writing a panic broke off.
    fn make_ready(&mut self, end: u64) -> Result<()> {
        if matches!(self.trust, Trust::Begun) {
            self.take_back(end);
        }
        match &self.trust {
            Trust::Lost(cause) => Err(refusal(cause)),
            _ => Ok(()),
        }
    }

    /// The cut is synced: what a later commit writes over it is never mixed with it.
    fn take_back(&mut self, end: u64) {
        self.trust = match self.medium.cut(end).and_then(|()| self.medium.sync()) {
            Ok(()) => Trust::Clean,
            Err(error) => Trust::Lost(Error::io(&self.path, &error)),
        };
    }

    /// Takes no more commits, for this reason.
    pub(super) fn distrust(&mut self, error: Error) {
        self.trust = Trust::Lost(error);
    }

    /// A sync failed: what is on the disk can no longer be known from here.
    fn give_up(&mut self, end: u64, error: Error) {
        // Other processes should not read a commit that was reported as failed.
        let _ = self.medium.cut(end);
        self.trust = Trust::Lost(error);
    }
}

fn refusal(cause: &Error) -> Error {
    Error::read_only(format!("the record takes no more commits after an earlier failure: {cause}"))
        .hint("check the disk, then open the case again; all earlier commits can be read".to_owned())
}

impl Ledger {
    /// Appends one commit; once this returns `Ok`, it survives a power cut.
    ///
    /// One payload makes a single frame, several make a run; each is compressed if
    /// that makes it smaller, and at most two are held at a time. If it fails, no
    /// part of the commit can be read from the ledger, and all earlier commits can.
    ///
    /// # Errors
    /// `Invalid` for an author, message or payload that is too long, or encoding 0;
    /// `ReadOnly` if the ledger was opened for reading or an earlier sync failed;
    /// `Io` if the system refuses. After a failed sync it is not known whether the
    /// commit will be there when the ledger is opened again.
    pub fn append(
        &mut self,
        info: &CommitInfo,
        payloads: impl IntoIterator<Item = Payload>,
    ) -> Result<Position> {
        info.check()?;
        let end = self.ready_end()?;
        let (sequence, chain) = self.next_place();
        let Some(tail) = &mut self.tail else { return Err(opened_for_reading()) };
        tail.trust = Trust::Begun;
        let draft = Draft { medium: &mut *tail.medium, info, sequence, index: 0, chain, bytes: 0 };
        match draft.write(payloads.into_iter()) {
            Ok((position, bytes)) => {
                tail.trust = Trust::Clean;
                self.last = Some(position);
                self.last_extent_mut().end = end + bytes;
                Ok(position)
            }
            Err(Failure::Refused(error)) => {
                tail.take_back(end);
                Err(error)
            }
            Err(Failure::Write(error)) => {
                tail.take_back(end);
                Err(Error::io(&tail.path, &error))
            }
            Err(Failure::Sync(error)) => {
                let error = Error::io(&tail.path, &error);
                tail.give_up(end, error.clone());
                Err(error)
            }
        }
    }

    /// The end of the segment to append to, which is a new one if the last is full.
    fn ready_end(&mut self) -> Result<u64> {
        let Extent { header, end } = *self.last_extent_mut();
        let Some(tail) = &mut self.tail else { return Err(opened_for_reading()) };
        tail.make_ready(end)?;
        if end < self.segment_bytes_max || end == SEGMENT_HEADER_BYTES {
            return Ok(end);
        }
        let (first_sequence, chain) = self.next_place();
        let header = SegmentHeader { number: header.number + 1, first_sequence, chain, ..header };
        match Tail::create(&self.dir, &header) {
            Ok(tail) => self.tail = Some(tail),
            Err(error) => return Err(self.new_segment_failed(header.number, error)),
        }
        self.extents.push(Extent { header, end: SEGMENT_HEADER_BYTES });
        Ok(SEGMENT_HEADER_BYTES)
    }

    /// If the new segment has its name already, going on in the old one would be damage.
    pub(super) fn new_segment_failed(&mut self, number: u32, error: Error) -> Error {
        if let Some(tail) = &mut self.tail
            && self.dir.join(segment::file_name(number)).exists()
        {
            tail.trust = Trust::Lost(error.clone());
        }
        error
    }

    /// Whether a commit may be tried: it was opened for writing, and no failure left it in doubt.
    #[must_use]
    pub fn takes_commits(&self) -> bool {
        self.tail.as_ref().is_some_and(|tail| !matches!(tail.trust, Trust::Lost(_)))
    }

    /// Number of the next commit, and the chain before it.
    fn next_place(&self) -> (u64, Hash) {
        match self.last {
            Some(last) => (last.sequence + 1, last.hash),
            None => (1, frame::chain_start(&self.case_id())),
        }
    }

    fn last_extent_mut(&mut self) -> &mut Extent {
        self.extents.last_mut().expect("a ledger has at least one segment")
    }
}

fn opened_for_reading() -> Error {
    Error::read_only("the record was opened for reading only")
}

/// Writes and syncs one commit that follows a place in a chain; gives its position.
pub(super) fn write_commit(
    file: (&mut dyn Medium, &Path),
    info: &CommitInfo,
    (sequence, chain): (u64, Hash),
    payloads: impl Iterator<Item = Payload>,
) -> Result<Position> {
    let (medium, path) = file;
    let draft = Draft { medium, info, sequence, index: 0, chain, bytes: 0 };
    match draft.write(payloads) {
        Ok((position, _)) => Ok(position),
        Err(Failure::Refused(error)) => Err(error),
        Err(Failure::Write(error) | Failure::Sync(error)) => Err(Error::io(path, &error)),
    }
}

/// A commit being written.
struct Draft<'a> {
    medium: &'a mut dyn Medium,
    info: &'a CommitInfo,
    sequence: u64,
    /// Index of the next frame.
    index: u32,
    chain: Hash,
    /// Written so far.
    bytes: u64,
}

/// Why a commit was not written.
enum Failure {
    /// The caller asked for what cannot be.
    Refused(Error),
    Write(io::Error),
    Sync(io::Error),
}

impl Draft<'_> {
    /// Writes and syncs the commit; returns its position and length.
    fn write(mut self, mut payloads: impl Iterator<Item = Payload>) -> Result<(Position, u64), Failure> {
        let first = payloads.next();
        match payloads.next() {
            None => self.frame(Kind::Single, first.as_ref())?,
            Some(second) => self.run(first.into_iter().chain([second]).chain(payloads))?,
        }
        self.medium.sync().map_err(Failure::Sync)?;
        Ok((Position { sequence: self.sequence, hash: self.chain }, self.bytes))
    }

    fn run(&mut self, payloads: impl Iterator<Item = Payload>) -> Result<(), Failure> {
        self.frame(Kind::Begin, None)?;
        for payload in payloads {
            self.frame(Kind::Chunk, Some(&payload))?;
        }
        self.medium.sync().map_err(Failure::Sync)?;
        self.frame(Kind::Commit, None)
    }

    fn frame(&mut self, kind: Kind, payload: Option<&Payload>) -> Result<(), Failure> {
        let frame = Frame { kind, sequence: self.sequence, index: self.index, info: self.info, payload };
        let Encoded { bytes, chain } = frame.encode(&self.chain).map_err(Failure::Refused)?;
        self.medium.write(&bytes).map_err(Failure::Write)?;
        self.chain = chain;
        self.index += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::super::{Access, Notice};
    use super::*;
    use tempfile::TempDir;

    /// A disk that fails on cue.
    struct Faulty {
        file: File,
        /// Bytes that still fit.
        room: usize,
        /// Syncs that still succeed.
        syncs: usize,
        can_cut: bool,
    }

    impl Faulty {
        fn replace(ledger: &mut Ledger, room: usize, syncs: usize, can_cut: bool) {
            let tail = ledger.tail.as_mut().unwrap();
            let mut file = OpenOptions::new().write(true).open(&tail.path).unwrap();
            file.seek(SeekFrom::End(0)).unwrap();
            tail.medium = Box::new(Self { file, room, syncs, can_cut });
        }
    }

    impl Medium for Faulty {
        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            let fitting = bytes.len().min(self.room);
            self.room -= fitting;
            self.file.write_all(&bytes[..fitting])?;
            if fitting < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }

        fn sync(&mut self) -> io::Result<()> {
            self.syncs = self.syncs.checked_sub(1).ok_or(io::ErrorKind::Other)?;
            self.file.sync_data()
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if self.can_cut { Medium::cut(&mut self.file, length) } else { Err(io::ErrorKind::Other.into()) }
        }
    }

    fn payload(text: &str) -> Payload {
        Payload { encoding: 1, bytes: text.as_bytes().to_vec() }
    }

    /// A ledger with one commit.
    fn ledger() -> (TempDir, Ledger) {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::create(dir.path(), [1; 16]).unwrap();
        ledger.append(&CommitInfo::default(), [payload("first")]).unwrap();
        (dir, ledger)
    }

    fn texts(ledger: &Ledger) -> Vec<String> {
        let payloads = ledger.commits(1).flat_map(|commit| commit.unwrap().payloads);
        payloads.map(|payload| String::from_utf8(payload.unwrap().bytes).unwrap()).collect()
    }

    #[test]
    fn a_full_disk_takes_back_the_commit_and_no_other() {
        let run = ["a", "b", "c"].map(payload);
        let run_bytes = {
            let (_dir, mut ledger) = ledger();
            let before = ledger.last_extent_mut().end;
            ledger.append(&CommitInfo::default(), run.clone()).unwrap();
            (ledger.last_extent_mut().end - before) as usize
        };
        for room in 0..run_bytes {
            let (dir, mut ledger) = ledger();
            Faulty::replace(&mut ledger, room, 9, true);
            let error = ledger.append(&CommitInfo::default(), run.clone()).unwrap_err();
            assert_eq!(error.class(), "IoError", "room {room}");
            assert_eq!(texts(&ledger), ["first"], "room {room}");

            // There is room again, and the record goes on.
            Faulty::replace(&mut ledger, usize::MAX, 9, true);
            ledger.append(&CommitInfo::default(), [payload("second")]).unwrap();
            drop(ledger);
            let (ledger, notices) = Ledger::open(dir.path(), Access::Write, None).unwrap();
            assert_eq!((texts(&ledger), notices), (vec!["first".into(), "second".into()], vec![]));
        }
    }

    #[test]
    fn a_failed_sync_is_not_tried_again() {
        for syncs in 0..2 {
            let (dir, mut ledger) = ledger();
            Faulty::replace(&mut ledger, usize::MAX, syncs, true);
            let run = ["a", "b"].map(payload);
            assert_eq!(ledger.append(&CommitInfo::default(), run).unwrap_err().class(), "IoError");
            Faulty::replace(&mut ledger, usize::MAX, 9, true);
            let error = ledger.append(&CommitInfo::default(), [payload("again")]).unwrap_err();
            assert_eq!(error.class(), "ReadOnly");
            assert!(error.to_string().contains("after an earlier failure"), "{error}");
            assert_eq!(texts(&ledger), ["first"]);
            drop(ledger);
            let (mut ledger, _) = Ledger::open(dir.path(), Access::Write, None).unwrap();
            ledger.append(&CommitInfo::default(), [payload("opened again")]).unwrap();
            assert_eq!(texts(&ledger), ["first", "opened again"]);
        }
    }

    #[test]
    fn a_tail_that_cannot_be_cut_stops_the_writer_and_is_torn_for_the_next() {
        let (dir, mut ledger) = ledger();
        Faulty::replace(&mut ledger, 50, 9, false);
        assert!(ledger.append(&CommitInfo::default(), [payload("second")]).is_err());
        let error = ledger.append(&CommitInfo::default(), [payload("third")]).unwrap_err();
        assert_eq!(error.class(), "ReadOnly");
        assert_eq!(texts(&ledger), ["first"]);
        drop(ledger);
        let (ledger, notices) = Ledger::open(dir.path(), Access::Write, ledger_position(dir.path())).unwrap();
        assert!(matches!(notices[..], [Notice::TornTail { bytes: 50, .. }]), "{notices:?}");
        assert_eq!(texts(&ledger), ["first"]);
    }

    fn ledger_position(dir: &Path) -> Option<Position> {
        Ledger::open(dir, Access::Read, None).unwrap().0.position()
    }

    #[test]
    fn a_panic_between_payloads_leaves_no_trace() {
        let (_dir, mut ledger) = ledger();
        let payloads = (0..5).map(|n| if n < 3 { payload("lost") } else { panic!("on purpose") });
        let append = std::panic::AssertUnwindSafe(|| ledger.append(&CommitInfo::default(), payloads));
        assert!(std::panic::catch_unwind(append).is_err());
        ledger.append(&CommitInfo::default(), [payload("second")]).unwrap();
        assert_eq!(texts(&ledger), ["first", "second"]);
        assert_eq!(ledger.verify().unwrap().commits, 2);
    }

    #[test]
    fn a_refused_payload_takes_back_its_commit() {
        let (_dir, mut ledger) = ledger();
        let refused = Payload { encoding: 0, bytes: vec![1] };
        let error = ledger.append(&CommitInfo::default(), [payload("a"), payload("b"), refused]).unwrap_err();
        assert_eq!(error.class(), "ArgumentError");
        ledger.append(&CommitInfo::default(), [payload("second")]).unwrap();
        assert_eq!(texts(&ledger), ["first", "second"]);
    }
}

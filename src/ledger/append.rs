//! Appending: the one place that writes to the record.
//!
//! A commit is acknowledged after one `fdatasync`. A run of several frames has a
//! second one before its commit frame: the disk may take the pages of a long
//! write in any order, and so a commit frame on the disk proves that the chunks
//! before it are there too, and a hole among them is damage and not a torn tail.
//!
//! A write that fails is taken back by cutting the file. A sync that fails is
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
        let path = dir.join(segment::file_name(header.number));
        let unnamed = path.with_extension("new");
        let failed = |error: io::Error| Error::io(&unnamed, &error);
        let mut file = File::create(&unnamed).map_err(failed)?;
        let renamed = file
            .write_all(&header.encode())
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

    fn take_back(&mut self, end: u64) {
        self.trust = match self.medium.cut(end) {
            Ok(()) => Trust::Clean,
            Err(error) => Trust::Lost(Error::io(&self.path, &error)),
        };
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
    fn new_segment_failed(&mut self, number: u32, error: Error) -> Error {
        if let Some(tail) = &mut self.tail
            && self.dir.join(segment::file_name(number)).exists()
        {
            tail.trust = Trust::Lost(error.clone());
        }
        error
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

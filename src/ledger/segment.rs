//! A segment: one file of the ledger, and the walk over its commits.
//!
//! Every reader of a ledger, whatever for, goes through [`Segment::next_commit`],
//! so there is one place that decides what verifies. A commit never crosses the
//! end of a segment, and a new segment starts only after the last commit of the
//! one before is on the disk.

use super::frame::{self, CommitInfo, Finding, Hash, Header, Kind, Payload, Position, take};
use crate::{Error, Result};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Begins every segment; the line ends show a file that went through a text mode.
const MAGIC: [u8; 8] = *b"\xF1TLSEG\r\n";
/// The format of segments and frames.
pub(super) const FORMAT: u32 = 1;
/// The format of a base, and of every segment from then on: a program that knows no base says
/// which version it is, and not that segments are missing.
pub(super) const FORMAT_AFTER_BASE: u32 = 2;
/// Length of a segment's header.
pub(super) const SEGMENT_HEADER_BYTES: u64 = 76;
/// How much of a file is looked at in one go when searching for whole frames.
const SEARCH_BYTES: usize = 1 << 20;

/// The first bytes of a segment: where in the history it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// [`FORMAT`], or [`FORMAT_AFTER_BASE`].
    pub(super) format: u32,
    /// From 1, as in the file's name.
    pub(super) number: u32,
    /// The number of its first commit.
    pub(super) first_sequence: u64,
    pub(super) case_id: [u8; 16],
    /// The chain's value before its first frame.
    pub(super) chain: Hash,
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SEGMENT_HEADER_BYTES as usize);
        bytes.extend(MAGIC);
        bytes.extend(self.format.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes.extend(self.first_sequence.to_le_bytes());
        bytes.extend(self.case_id);
        bytes.extend(self.chain);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The header, or the reason why `bytes` is none, or `Format` if it is of a later version.
    fn decode(bytes: &[u8]) -> Result<Result<Self, &'static str>> {
        let crc_at = SEGMENT_HEADER_BYTES as usize - 4;
        if bytes.len() <= crc_at || bytes[..8] != MAGIC {
            return Ok(Err("this is no segment header"));
        }
        if crc32fast::hash(&bytes[..crc_at]).to_le_bytes() != bytes[crc_at..] {
            return Ok(Err("the segment header does not match its checksum"));
        }
        let found = u32::from_le_bytes(take(bytes, 8));
        if !(FORMAT..=FORMAT_AFTER_BASE).contains(&found) {
            let supported = FORMAT_AFTER_BASE;
            return Err(Error::new(crate::error::ErrorKind::Format { found, supported }));
        }
        Ok(Ok(Self {
            format: found,
            number: u32::from_le_bytes(take(bytes, 12)),
            first_sequence: u64::from_le_bytes(take(bytes, 16)),
            case_id: take(bytes, 24),
            chain: take(bytes, 40),
        }))
    }
}

/// A place that does not verify.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) path: PathBuf,
    pub(super) offset: u64,
    pub(super) reason: &'static str,
    /// Whether a write that was cut short can leave this behind.
    pub(super) may_be_torn: bool,
}

impl Fault {
    /// The fault as damage, which is reported and never mended in place.
    pub(super) fn damage(&self) -> Error {
        damage(&self.path, self.offset, self.reason)
    }
}

/// Damage at an offset of a segment file.
pub(super) fn damage(path: &Path, offset: u64, reason: &str) -> Error {
    Error::corrupt(format!("{} at byte {offset}: {reason}", path.display())).hint(
        "`throughline recover DIRECTORY` copies every whole commit before this place into a new case"
            .to_owned(),
    )
}

/// One commit, as read from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its number, and the chain up to its end.
    pub position: Position,
    /// Who, when, why.
    pub info: CommitInfo,
    /// What was written, in order; `None` where it was redacted.
    pub payloads: Vec<Option<Payload>>,
}

/// How closely to look at payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Headers and their chain only.
    Headers,
    /// Payloads are read and compared with their hashes.
    Check,
    /// Payloads are checked, decompressed and returned.
    Take,
}

/// What comes next in a segment.
pub(super) enum Next {
    /// A whole commit; without payloads unless they were asked for.
    Commit(Commit),
    /// The end, right after a whole commit or the header.
    End,
    /// A place that does not verify; the walk cannot go on.
    Fault(Fault),
}

/// A segment file open for reading, at the start of a commit.
#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    file: BufReader<File>,
    header: SegmentHeader,
    /// Bytes from here on are not looked at; a writer may be adding them right now.
    end: u64,
    /// How far the file has been read.
    offset: u64,
    /// Where the frame being read starts.
    frame_start: u64,
    /// End of the last whole commit.
    good_end: u64,
    /// The chain after, and the number following, the last whole commit.
    chain: Hash,
    next_sequence: u64,
    /// Where the last whole commit starts.
    before_last: Option<Mark>,
    redacted: u64,
    /// The payloads of the commit read last.
    places: Vec<Place>,
}

/// Where a payload stands in its segment, right after its state byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Where its frame starts.
    pub(super) frame_at: u64,
    pub(super) state: frame::State,
    pub(super) state_at: u64,
    pub(super) bytes: u32,
}

/// A place between two commits.
#[derive(Debug)]
struct Mark {
    offset: u64,
    next_sequence: u64,
    chain: Hash,
}

/// A run of frames whose commit frame has not come yet.
struct Run {
    commit: Commit,
    next_index: u32,
}

impl Segment {
    /// Opens a segment and reads its header, looking at no byte from `end` on.
    ///
    /// Without `end` it is the length the file has now.
    pub(super) fn open(path: PathBuf, end: Option<u64>) -> Result<Result<Self, Fault>> {
        let file = File::open(&path).map_err(|error| Error::io(&path, &error))?;
        let end = match end {
            Some(end) => end,
            None => file.metadata().map_err(|error| Error::io(&path, &error))?.len(),
        };
        let mut file = BufReader::with_capacity(64 << 10, file);
        let mut bytes = Vec::new();
        let header_bytes = SEGMENT_HEADER_BYTES.min(end);
        (&mut file).take(header_bytes).read_to_end(&mut bytes).map_err(|error| Error::io(&path, &error))?;
        let header = match SegmentHeader::decode(&bytes)? {
            Ok(header) => header,
            Err(reason) => return Ok(Err(Fault { path, offset: 0, reason, may_be_torn: true })),
        };
        Ok(Ok(Self {
            path,
            file,
            header,
            end,
            offset: SEGMENT_HEADER_BYTES,
            frame_start: SEGMENT_HEADER_BYTES,
            good_end: SEGMENT_HEADER_BYTES,
            chain: header.chain,
            next_sequence: header.first_sequence,
            before_last: None,
            redacted: 0,
            places: Vec::new(),
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn header(&self) -> &SegmentHeader {
        &self.header
    }

    /// End of the last whole commit that was read.
    pub(super) fn good_end(&self) -> u64 {
        self.good_end
    }

    /// The chain's value after the last whole commit that was read.
    pub(super) fn chain(&self) -> &Hash {
        &self.chain
    }

    /// The number of the commit that would come next.
    pub(super) fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// How many redacted payloads were met; headers alone do not tell.
    pub(super) fn redacted(&self) -> u64 {
        self.redacted
    }

    /// Where the payloads of the commit read last are.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// How far the file is looked at.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Goes back to the start of the commit read last; `false` if there was none.
    pub(super) fn rewind(&mut self) -> Result<bool> {
        let Some(mark) = self.before_last.take() else { return Ok(false) };
        self.file.seek(SeekFrom::Start(mark.offset)).map_err(|error| Error::io(&self.path, &error))?;
        (self.offset, self.frame_start, self.good_end) = (mark.offset, mark.offset, mark.offset);
        (self.next_sequence, self.chain) = (mark.next_sequence, mark.chain);
        Ok(true)
    }

    /// Reads the next whole commit, looking at its payloads as closely as `depth` says.
    pub(super) fn next_commit(&mut self, depth: Depth) -> Result<Next> {
        match self.read_commit(depth) {
            Ok(Some(commit)) => {
                let (offset, next_sequence, chain) = (self.good_end, self.next_sequence, self.chain);
                self.before_last = Some(Mark { offset, next_sequence, chain });
                self.good_end = self.offset;
                self.next_sequence += 1;
                self.chain = commit.position.hash;
                Ok(Next::Commit(commit))
            }
            Ok(None) => Ok(Next::End),
            Err(Stop::Fault(fault)) => Ok(Next::Fault(fault)),
            Err(Stop::Io(error)) => Err(Error::io(&self.path, &error)),
        }
    }

    /// The payload of the frame that starts at a place; `None` where it was redacted.
    pub(super) fn payload_at(&mut self, at: u64) -> Result<Option<Payload>> {
        let damaged = |path: &Path, reason: &str| damage(path, at, reason);
        if !(SEGMENT_HEADER_BYTES..self.end).contains(&at) {
            return Err(damaged(&self.path, "no frame starts here"));
        }
        self.file.seek(SeekFrom::Start(at)).map_err(|error| Error::io(&self.path, &error))?;
        (self.offset, self.frame_start) = (at, at);
        let read = self.read_header().and_then(|(header, _)| self.read_payload(&header, Depth::Take));
        match read {
            Ok(Some(payload)) => Ok(payload),
            Ok(None) => Err(damaged(&self.path, "the frame has no payload")),
            Err(Stop::Fault(fault)) => Err(fault.damage()),
            Err(Stop::Io(error)) => Err(Error::io(&self.path, &error)),
        }
    }

    fn read_commit(&mut self, depth: Depth) -> Result<Option<Commit>, Stop> {
        let mut chain = self.chain;
        let mut run: Option<Run> = None;
        self.places.clear();
        while self.offset < self.end {
            self.frame_start = self.offset;
            let (header, chained) = self.read_header()?;
            if frame::chain_after(&chain, &chained) != header.chain {
                return Err(self.wrong("the frame does not continue the chain"));
            }
            chain = header.chain;
            self.check_order(&header, run.as_ref())?;
            let payload = self.read_payload(&header, depth)?;
            let kind = header.kind;
            let run_now = run.get_or_insert_with(|| Run {
                commit: Commit {
                    position: Position { sequence: header.sequence, hash: chain },
                    info: header.info,
                    payloads: Vec::new(),
                },
                next_index: 0,
            });
            run_now.commit.payloads.extend(payload);
            run_now.commit.position.hash = chain;
            run_now.next_index += 1;
            if matches!(kind, Kind::Single | Kind::Commit) {
                return Ok(run.map(|run| run.commit));
            }
        }
        match run {
            Some(_) => {
                self.frame_start = self.good_end;
                Err(self.torn("the commit that starts here has no end"))
            }
            None => Ok(None),
        }
    }

    fn check_order(&self, header: &Header, run: Option<&Run>) -> Result<(), Stop> {
        let expected = match run {
            Some(run) => matches!(header.kind, Kind::Chunk | Kind::Commit) && header.index == run.next_index,
            None => matches!(header.kind, Kind::Single | Kind::Begin) && header.index == 0,
        };
        if !expected || header.sequence != self.next_sequence {
            return Err(self.wrong("the frame is out of order"));
        }
        Ok(())
    }

    /// The header at the current place, with its chained bytes.
    fn read_header(&mut self) -> Result<(Header, Vec<u8>), Stop> {
        let mut bytes = Vec::new();
        self.read_more(&mut bytes, frame::FIXED_BYTES)?;
        let Some(length) = frame::header_bytes(&bytes) else {
            return Err(self.torn("no frame starts here"));
        };
        self.read_more(&mut bytes, length - frame::FIXED_BYTES)?;
        if !frame::is_whole(&bytes) {
            return Err(self.torn("the frame's header does not match its checksum"));
        }
        let header = Header::decode(&bytes).map_err(|reason| self.wrong(reason))?;
        bytes.truncate(length - frame::CLOSING_BYTES + 1);
        Ok((header, bytes))
    }

    /// The state byte and the payload; `None` if there is none or it was not asked for.
    fn read_payload(&mut self, header: &Header, depth: Depth) -> Result<Option<Option<Payload>>, Stop> {
        let mut state = Vec::new();
        self.read_more(&mut state, 1)?;
        let length = header.stored_bytes as usize;
        if let (Some(state), 1..) = (frame::State::decode(state[0]), length) {
            let (frame_at, state_at, bytes) = (self.frame_start, self.offset - 1, header.stored_bytes);
            self.places.push(Place { frame_at, state, state_at, bytes });
        }
        if length > 0 && depth == Depth::Headers {
            frame::State::decode(state[0]).ok_or_else(|| self.wrong("its state byte is unknown"))?;
            self.skip(length)?;
            return Ok(None);
        }
        let mut stored = Vec::new();
        self.read_more(&mut stored, length)?;
        let payload = match frame::check_payload(header, state[0], &stored) {
            Finding::There if depth == Depth::Take && header.encoding != 0 => {
                Some(frame::decode_payload(header, stored).map_err(|reason| self.wrong(reason))?)
            }
            Finding::There => return Ok(None),
            Finding::Redacted => {
                self.redacted += 1;
                None
            }
            Finding::Differs => {
                return Err(self.torn("the frame's payload does not match its checksum"));
            }
            Finding::Impossible(reason) => return Err(self.wrong(reason)),
        };
        Ok((depth == Depth::Take).then_some(payload))
    }

    /// Appends the next `count` bytes of the file, if it has that many.
    fn read_more(&mut self, bytes: &mut Vec<u8>, count: usize) -> Result<(), Stop> {
        self.check_left(count)?;
        let before = bytes.len();
        bytes.reserve_exact(count);
        (&mut self.file).take(count as u64).read_to_end(bytes)?;
        if bytes.len() - before < count {
            return Err(self.torn("the file got shorter while it was read"));
        }
        self.offset += count as u64;
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), Stop> {
        self.check_left(count)?;
        self.file.seek_relative(count as i64)?;
        self.offset += count as u64;
        Ok(())
    }

    fn check_left(&self, count: usize) -> Result<(), Stop> {
        if self.end - self.offset < count as u64 {
            return Err(self.torn("the frame is cut off"));
        }
        Ok(())
    }

    fn torn(&self, reason: &'static str) -> Stop {
        Stop::Fault(Fault { path: self.path.clone(), offset: self.frame_start, reason, may_be_torn: true })
    }

    fn wrong(&self, reason: &'static str) -> Stop {
        Stop::Fault(Fault { path: self.path.clone(), offset: self.frame_start, reason, may_be_torn: false })
    }
}

/// Why the walk ended early.
enum Stop {
    Fault(Fault),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Whether a whole frame header lies after `from` that shows the commit `unfinished` to be finished.
///
/// Chunks of that very commit prove nothing: the disk may have taken the pages of
/// an unfinished commit in any order. Every other frame was written after a sync.
pub(super) fn whole_frame_follows(path: &Path, from: u64, end: u64, unfinished: u64) -> Result<bool> {
    let failed = |error: io::Error| Error::io(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let mut window = Vec::new();
    let mut start = from;
    while start < end {
        window.clear();
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        let length = (end - start).min((SEARCH_BYTES + frame::HEADER_BYTES_MAX) as u64);
        (&mut file).take(length).read_to_end(&mut window).map_err(failed)?;
        let is_proof = |(kind, sequence)| !(kind == Kind::Chunk as u8 && sequence == unfinished);
        let mut places = window.windows(frame::MAGIC.len()).enumerate().take(SEARCH_BYTES);
        if places.any(|(at, bytes)| bytes == frame::MAGIC && frame::peek(&window[at..]).is_some_and(is_proof))
        {
            return Ok(true);
        }
        start += SEARCH_BYTES as u64;
    }
    Ok(false)
}

/// The name of a segment file.
pub(super) fn file_name(number: u32) -> String {
    format!("{number:08}.seg")
}

/// The numbers of the segment files in a directory, in order.
pub(super) fn list(dir: &Path) -> Result<Vec<u32>> {
    numbered(dir, ".seg", file_name)
}

/// The numbers of the files in a directory that have a numbered name with an ending, in order.
pub(super) fn numbered(dir: &Path, ending: &str, name_of: fn(u32) -> String) -> Result<Vec<u32>> {
    let failed = |error: io::Error| Error::io(dir, &error);
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(ending)?.parse().ok());
        numbers.extend(number.filter(|&number| name.to_str() == Some(&name_of(number))));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| Error::io(dir, &error))?;
    }
    Ok(())
}

/// Makes durable that a new directory is there, which is an entry of its parent, and so on up:
/// a synced file in a directory that a power cut takes away is lost.
///
/// A parent that may not be read was not made with it, and ends this.
pub(super) fn sync_parents(dir: &Path) {
    let Ok(dir) = fs::canonicalize(dir) else { return };
    for parent in dir.ancestors().skip(1) {
        if sync_dir(parent).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOC: &str = include_str!("../../docs/storage.md");

    fn header() -> SegmentHeader {
        SegmentHeader {
            format: FORMAT,
            number: 7,
            first_sequence: 0x0102_0304_0506_0708,
            case_id: [5; 16],
            chain: [6; 32],
        }
    }

    #[test]
    fn the_documented_layout_is_that_of_the_code() {
        let encoded = header().encode();
        super::super::assert_documented(
            DOC,
            "Segment header",
            &encoded,
            &[
                ("magic", b"\xF1TLSEG\r\n"),
                ("format", &1u32.to_le_bytes()),
                ("number", &7u32.to_le_bytes()),
                ("first sequence", &0x0102_0304_0506_0708u64.to_le_bytes()),
                ("case id", &[5; 16]),
                ("chain", &[6; 32]),
                ("crc", &crc32fast::hash(&encoded[..72]).to_le_bytes()),
            ],
        );
        assert_eq!(encoded.len() as u64, SEGMENT_HEADER_BYTES);
        assert_eq!(SegmentHeader::decode(&encoded), Ok(Ok(header())));
    }

    #[test]
    fn a_later_format_is_told_from_damage() {
        for format in [FORMAT, FORMAT_AFTER_BASE] {
            let header = SegmentHeader { format, ..header() };
            assert_eq!(SegmentHeader::decode(&header.encode()), Ok(Ok(header)));
        }
        let mut encoded = header().encode();
        encoded[8] = 3;
        assert!(matches!(SegmentHeader::decode(&encoded), Ok(Err(_))));
        let crc = crc32fast::hash(&encoded[..72]).to_le_bytes();
        encoded[72..].copy_from_slice(&crc);
        let error = SegmentHeader::decode(&encoded).expect_err("a later format");
        assert_eq!(error.class(), "FormatError");
    }
}

//! Replays the fuzzer's corpus: each file is opened as the first segment of a ledger.
//!
//! The seeds are made here, from the layout in `docs/storage.md` and not with the
//! library's own code, with right checksums and a right chain, so that they get
//! past those. `UPDATE_GOLDENFILES=1` writes them anew. A crash that the fuzzer
//! finds is added to the directory under a name that tells its story.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use throughline::Result;
use throughline::ledger::{Access, Commit, Ledger, recover_into};

const FORMAT: std::ops::Range<usize> = 8..12;

/// A segment that is put together field by field.
struct Segment {
    bytes: Vec<u8>,
    chain: [u8; 32],
}

/// The fields of a frame that the seeds vary.
#[derive(Clone)]
struct Frame<'a> {
    kind: u8,
    encoding: u8,
    compression: u8,
    reserved: u8,
    sequence: u64,
    index: u32,
    stored_bytes: u32,
    raw_bytes: u32,
    author: &'a [u8],
    message_bytes: Option<u16>,
    state: u8,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    fn single(payload: &'a [u8]) -> Self {
        let length = payload.len() as u32;
        Frame {
            kind: 1,
            encoding: 1,
            compression: 0,
            reserved: 0,
            sequence: 1,
            index: 0,
            stored_bytes: length,
            raw_bytes: length,
            author: b"ana",
            message_bytes: None,
            state: 0,
            payload,
        }
    }
}

impl Segment {
    fn new() -> Self {
        let chain = *blake3::hash(&[5; 16]).as_bytes();
        let mut bytes = b"\xF1TLSEG\r\n".to_vec();
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
        bytes.extend([5; 16]);
        bytes.extend(chain);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        Self { bytes, chain }
    }

    fn with(mut self, frame: Frame<'_>) -> Self {
        let mut header = b"\xF1TLF".to_vec();
        header.extend([frame.kind, frame.encoding, frame.compression, frame.reserved]);
        header.extend(frame.sequence.to_le_bytes());
        header.extend(frame.index.to_le_bytes());
        header.extend(frame.stored_bytes.to_le_bytes());
        header.extend(frame.raw_bytes.to_le_bytes());
        header.extend(0i64.to_le_bytes());
        header.extend((frame.author.len() as u16).to_le_bytes());
        header.extend(frame.message_bytes.unwrap_or(0).to_le_bytes());
        header.extend(crc32fast::hash(frame.payload).to_le_bytes());
        header.extend(blake3::hash(frame.payload).as_bytes());
        header.extend(frame.author);
        let mut hasher = blake3::Hasher::new();
        self.chain = *hasher.update(&self.chain).update(&header).finalize().as_bytes();
        header.extend(self.chain);
        header.extend(crc32fast::hash(&header).to_le_bytes());
        self.bytes.extend(header);
        self.bytes.push(frame.state);
        self.bytes.extend(frame.payload);
        self
    }
}

/// What a seed is expected to come to, opened for writing and read through.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// As many commits.
    Whole(usize),
    /// As many commits, and a torn tail.
    Torn(usize),
    Refused(&'static str),
}
use Outcome::{Refused, Torn, Whole};

fn seeds() -> Vec<(&'static str, Vec<u8>, Outcome)> {
    let good = || Segment::new().with(Frame::single(b"effects"));
    let odd = |frame: Frame<'_>| Segment::new().with(frame).bytes;
    let single = Frame::single(b"effects");
    let begin = Frame { kind: 2, encoding: 0, ..Frame::single(b"") };
    let chunk = |index| Frame { kind: 3, index, author: b"", ..Frame::single(b"chunk") };
    let commit = |index| Frame { kind: 4, encoding: 0, index, author: b"", ..Frame::single(b"") };
    let run = || Segment::new().with(begin.clone()).with(chunk(1));

    let mut later_format = Segment::new().bytes;
    later_format[FORMAT].copy_from_slice(&9u32.to_le_bytes());
    let crc = crc32fast::hash(&later_format[..72]).to_le_bytes();
    later_format[72..].copy_from_slice(&crc);
    let mut zeros = good().bytes;
    zeros.resize(zeros.len() + 300, 0);
    let bomb = Frame { compression: 1, raw_bytes: 64 << 20, ..single.clone() };

    vec![
        ("empty", Vec::new(), Refused("Corrupt")),
        ("truncated_segment_header", Segment::new().bytes[..40].to_vec(), Refused("Corrupt")),
        ("no_frames", Segment::new().bytes, Whole(0)),
        ("later_format", later_format, Refused("FormatError")),
        ("one_commit", good().bytes, Whole(1)),
        ("truncated_frame_header", good().bytes[..120].to_vec(), Torn(0)),
        ("magic_only_at_the_end", [good().bytes, b"\xF1TLF".to_vec()].concat(), Torn(1)),
        ("zeros_after_a_commit", zeros, Torn(1)),
        ("run", run().with(commit(2)).bytes, Whole(1)),
        ("run_without_end", run().bytes, Torn(0)),
        ("run_in_a_run", run().with(begin.clone()).bytes, Refused("Corrupt")),
        ("chunk_left_out", run().with(chunk(3)).with(commit(4)).bytes, Refused("Corrupt")),
        ("chunk_without_begin", odd(chunk(0)), Refused("Corrupt")),
        ("sequence_gap", good().with(Frame { sequence: 3, ..single.clone() }).bytes, Refused("Corrupt")),
        ("sequence_huge", odd(Frame { sequence: u64::MAX, ..single.clone() }), Refused("Corrupt")),
        (
            "stored_length_huge",
            odd(Frame { stored_bytes: u32::MAX, raw_bytes: u32::MAX, ..single.clone() }),
            Refused("Corrupt"),
        ),
        (
            "stored_length_beyond_the_end",
            odd(Frame { stored_bytes: 1 << 20, raw_bytes: 1 << 20, ..single.clone() }),
            Torn(0),
        ),
        (
            "decompressed_length_huge",
            odd(Frame { compression: 1, raw_bytes: u32::MAX, ..single.clone() }),
            Refused("Corrupt"),
        ),
        ("decompression_bomb", odd(bomb), Refused("Corrupt")),
        (
            "message_length_huge",
            odd(Frame { message_bytes: Some(u16::MAX), ..single.clone() }),
            Refused("Corrupt"),
        ),
        ("kind_unknown", odd(Frame { kind: 77, ..single.clone() }), Refused("Corrupt")),
        ("compression_unknown", odd(Frame { compression: 7, ..single.clone() }), Refused("Corrupt")),
        ("reserved_byte_set", odd(Frame { reserved: 1, ..single.clone() }), Refused("Corrupt")),
        ("author_not_utf8", odd(Frame { author: &[0xC3, 0x28], ..single.clone() }), Refused("Corrupt")),
        ("state_unknown", odd(Frame { state: 3, ..single.clone() }), Refused("Corrupt")),
        ("redacted_but_there", odd(Frame { state: 0xFF, ..single.clone() }), Refused("Corrupt")),
        ("commit_of_nothing", odd(Frame { encoding: 0, ..Frame::single(b"") }), Whole(1)),
        ("payload_without_encoding", odd(Frame { encoding: 0, ..single }), Refused("Corrupt")),
    ]
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/ledger")
}

fn read_through(dir: &Path, access: Access) -> Result<Outcome> {
    let (ledger, notices) = Ledger::open(dir, access, None)?;
    let commits = ledger.commits(1).collect::<Result<Vec<Commit>>>()?.len();
    assert_eq!(ledger.verify()?.commits, commits as u64);
    Ok(if notices.is_empty() { Whole(commits) } else { Torn(commits) })
}

/// Opens the bytes as a segment in every way there is.
fn replay(bytes: &[u8]) -> Outcome {
    let dir = tempfile::tempdir().unwrap();
    let ledger_dir = dir.path().join("ledger");
    fs::create_dir(&ledger_dir).unwrap();
    fs::write(ledger_dir.join("00000001.seg"), bytes).unwrap();
    let saved = recover_into(&ledger_dir, &dir.path().join("saved"));
    let [reading, writing] = [Access::Read, Access::Write]
        .map(|access| read_through(&ledger_dir, access).unwrap_or_else(|error| Refused(error.class())));
    assert_eq!(reading, writing);
    if let Whole(commits) | Torn(commits) = writing {
        let saved = saved.unwrap().position.map_or(0, |position| position.sequence);
        assert_eq!(saved, commits as u64);
    }
    writing
}

#[test]
fn the_seeds_of_the_corpus_are_as_made_here_and_come_to_what_they_should() {
    for (name, bytes, outcome) in seeds() {
        let path = corpus().join(name);
        if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).is_ok_and(|file| file == bytes), "{} is out of date", path.display());
        assert_eq!(replay(&bytes), outcome, "{name}");
    }
}

#[test]
fn every_file_of_the_corpus_gives_an_answer_or_an_error() {
    let files: Vec<PathBuf> = fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= seeds().len());
    for file in files {
        replay(&fs::read(file).unwrap());
    }
}

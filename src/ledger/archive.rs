//! The archive step: the record up to now goes into one file, and the case goes on from a base.
//!
//! # The note
//!
//! The first commit after a base has one payload of encoding 5: its message, and then a [`Note`],
//! which names the position that was archived, the file with its hash, and where the side chain
//! of the base ends. Since that commit belongs to the case's chain, the chain attests the base
//! and the file, and nobody can put others in their place.
//!
//! # The order of writes
//!
//! 1. the file, synced and read again;
//! 2. the base, under another name, synced, renamed, and read again;
//! 3. the segment after it with the note in it, under another name, synced, renamed: from here
//!    on the base counts;
//! 4. what the base stands for is removed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::append::Tail;
use super::base::{self, Base};
use super::files::Files;
use super::frame::{CommitInfo, Frame, Kind, MESSAGE_BYTES_MAX, Payload, Position};
use super::ledger::{Extent, Ledger};
use super::segment::{self, Commit, Depth, FORMAT_AFTER_BASE, Next, Segment, SegmentHeader};
use crate::error::{Error, Result};

/// The code of a note behind a message.
const MESSAGE_AND_NOTE: u8 = 5;

/// What the commit after a base says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The number of the last commit that was archived.
    pub sequence: u64,
    /// The chain's value after it.
    pub hash: [u8; 32],
    /// The name of the file, without its directory.
    pub file: String,
    /// BLAKE3 of the file up to its last 32 bytes, which say the same.
    pub file_hash: [u8; 32],
    /// Where the side chain of the base ends.
    pub base_hash: [u8; 32],
}

impl Note {
    /// The last commit that was archived.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { sequence: self.sequence, hash: self.hash }
    }

    /// The note of a commit, if it is one.
    ///
    /// # Errors
    /// `Corrupt` where its bytes are no note.
    pub fn of(commit: &Commit) -> Result<Option<Self>> {
        match &commit.payloads[..] {
            [Some(payload)] if payload.encoding == MESSAGE_AND_NOTE => Ok(Some(decode(payload)?.1)),
            _ => Ok(None),
        }
    }

    fn encode(&self, message: &str) -> Result<Payload> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Error::invalid(format!("a message has at most {MESSAGE_BYTES_MAX} bytes")));
        }
        let bytes =
            postcard::to_stdvec(&(message, self)).map_err(|error| Error::invalid(error.to_string()))?;
        Ok(Payload { encoding: MESSAGE_AND_NOTE, bytes })
    }
}

/// The message of a payload with a note; `None` where it is another payload.
pub(super) fn message_of(payload: &Payload) -> Result<Option<String>> {
    match payload.encoding {
        MESSAGE_AND_NOTE => Ok(Some(decode(payload)?.0)),
        _ => Ok(None),
    }
}

fn decode(payload: &Payload) -> Result<(String, Note)> {
    match postcard::take_from_bytes(&payload.bytes) {
        Ok((read, [])) => Ok(read),
        _ => Err(Error::corrupt("a payload holds no note of an archive")),
    }
}

/// The header of a segment, and the note that it begins with, if it does.
pub(super) fn note_in(dir: &Path, number: u32) -> Result<Option<(SegmentHeader, Note)>> {
    let path = dir.join(segment::file_name(number));
    let Ok(mut segment) = Segment::open(path, None)? else { return Ok(None) };
    if segment.header().format != FORMAT_AFTER_BASE {
        return Ok(None);
    }
    match segment.next_commit(Depth::Take)? {
        Next::Commit(commit) => Ok(Note::of(&commit)?.map(|note| (*segment.header(), note))),
        Next::End | Next::Fault(_) => Ok(None),
    }
}

/// What was archived of the record in `dir`, if something was.
///
/// # Errors
/// `NotFound` where there is no ledger, `Io`.
pub fn archived(dir: &Path) -> Result<Option<Note>> {
    match Files::of(dir)?.base {
        Some(base) => Ok(note_in(dir, base + 1)?.map(|(_, note)| note)),
        None => Ok(None),
    }
}

impl Ledger {
    /// Attests a base by a note, which is the first commit after it. Once this returns `Ok`, the
    /// record begins with the base, and that survives a power cut.
    ///
    /// # Errors
    /// `ReadOnly`; `Invalid` for a text that is too long; `Io`. After an error the record is as
    /// it was, or takes no more commits until it is opened again.
    pub fn begin_after(
        &mut self,
        base: Base,
        (file, file_hash): (&str, [u8; 32]),
        info: &CommitInfo,
        message: &str,
    ) -> Result<Position> {
        info.check()?;
        let Some(last) = self.position().filter(|last| self.tail.is_some() && *last == base.position())
        else {
            return Err(Error::read_only("the base is not for where the record ends"));
        };
        let note = Note {
            sequence: last.sequence,
            hash: last.hash,
            file: file.to_owned(),
            file_hash,
            base_hash: base.hash(),
        };
        let payload = note.encode(message)?;
        let sequence = last.sequence + 1;
        let header = SegmentHeader {
            format: FORMAT_AFTER_BASE,
            number: base.number() + 1,
            first_sequence: sequence,
            case_id: self.case_id(),
            chain: last.hash,
        };
        let frame = Frame { kind: Kind::Single, sequence, index: 0, info, payload: Some(&payload) };
        let frame = frame.encode(&last.hash)?;
        match Tail::create_with(&self.dir, &header, &frame.bytes) {
            Ok(tail) => self.tail = Some(tail),
            Err(error) => return Err(self.new_segment_failed(header.number, error)),
        }
        let end = segment::SEGMENT_HEADER_BYTES + frame.bytes.len() as u64;
        self.extents = vec![Extent { header, end }];
        let position = Position { sequence, hash: frame.chain };
        self.last = Some(position);
        self.based = Some((base, note));
        Ok(position)
    }

    /// Removes the files that the base stands for.
    ///
    /// # Errors
    /// `Io`; whoever opens the record for writing next goes on.
    pub fn remove_archived(&self) -> Result<()> {
        Files::of(&self.dir)?.remove_leftovers(&self.dir)
    }

    /// The base that the record begins with, if it does not begin with its first commit.
    #[must_use]
    pub fn base(&self) -> Option<&Base> {
        self.based.as_ref().map(|(base, _)| base)
    }

    /// What was archived, if something was.
    #[must_use]
    pub fn archived(&self) -> Option<&Note> {
        self.based.as_ref().map(|(_, note)| note)
    }

    /// The number of the last commit that is not in the record any more; 0 for none.
    #[must_use]
    pub fn archived_up_to(&self) -> u64 {
        self.base().map_or(0, |base| base.position().sequence)
    }

    pub(super) fn last_number(&self) -> u32 {
        self.extents.last().map_or(0, |extent| extent.header.number)
    }
}

/// Opens the base that a record begins with, and compares it with the note that attests it.
pub(super) fn open_based(dir: &Path, number: u32, depth: Depth) -> Result<(Base, Note)> {
    let path = dir.join(base::file_name(number));
    let Some((header, note)) = note_in(dir, number + 1)? else {
        let next = dir.join(segment::file_name(number + 1));
        return Err(segment::damage(&next, 0, "the commit that attests the base before it does not verify"));
    };
    if !path.exists() {
        return Err(base::damage(&path, 0, "the base is missing"));
    }
    let base = Base::open(dir, number, depth)?;
    base.check(header.case_id, &note)?;
    Ok((base, note))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> Note {
        let file = "a.archive".to_owned();
        Note { sequence: 300, hash: [7; 32], file, file_hash: [8; 32], base_hash: [9; 32] }
    }

    #[test]
    fn known_bytes_of_a_note_keep_their_meaning() -> Result<()> {
        let payload = note().encode("why")?;
        let expected = [b"\x03why\xAC\x02", &[7; 32][..], b"\x09a.archive", &[8; 32], &[9; 32]].concat();
        assert_eq!((payload.encoding, &payload.bytes), (5, &expected));
        assert_eq!(message_of(&payload)?, Some("why".to_owned()));
        for length in 0..payload.bytes.len() {
            let cut = Payload { bytes: payload.bytes[..length].to_vec(), ..payload.clone() };
            assert!(decode(&cut).is_err(), "cut to {length}");
        }
        assert!(note().encode(&"x".repeat(MESSAGE_BYTES_MAX + 1)).is_err());
        Ok(())
    }

    #[test]
    fn the_documented_fields_are_those_of_the_code() {
        let doc = include_str!("../../docs/storage.md");
        let section = doc.split("### The note").nth(1).unwrap_or_default();
        let rows = section.lines().filter(|line| line.starts_with("| ")).skip(2);
        let rows = rows.map_while(|line| line.split('|').nth(1).map(str::trim));
        let rows: Vec<&str> = rows.take_while(|name| !name.is_empty()).take(5).collect();
        assert_eq!(rows, ["sequence", "hash", "file", "file hash", "base hash"]);
    }
}

//! The base of a record: what was in force after a commit, in place of all commits up to it.
//!
//! A base is a segment with one commit, the *based* one, whose payloads are a head and then all
//! that is in force. It is no part of the case's chain: its frames have a chain of their own,
//! which begins with the position it stands for. The commit after it, which belongs to the case's
//! chain, says where that side chain ends, and so attests every byte of the base.
//!
//! Payload encoding 4, the head, is a [`BaseHead`] in postcard.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::append::write_commit;
use super::archive::{self, Note};
use super::frame::{CommitInfo, Hash, Payload, Position, State};
use super::ledger::Ledger;
use super::place::PayloadPlace;
use super::segment::{self, Depth, FORMAT_AFTER_BASE, Next, Place, Segment, SegmentHeader};
use crate::error::{Error, Result};

/// How the name of a base ends; the number in front is that of the segment it stands for.
pub(super) const FILE_ENDING: &str = ".base";
/// The code of a head.
const HEAD: u8 = 4;
/// Begins the side chain of every base.
const CHAIN_WORD: &[u8] = b"throughline base";

/// What a base says before its elements.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BaseHead {
    /// The number of the commit that it stands for.
    pub sequence: u64,
    /// The chain's value after that commit.
    pub hash: [u8; 32],
    /// The ids that the next node, relationship and claim get: those that are not in use any
    /// more are not given again.
    pub next_ids: [u32; 3],
    /// All labels, types and names of properties, in the order in which they came.
    pub names: Vec<String>,
    /// Which of the archived commits were redacted: later ones may build on what is not there.
    pub redacted: Vec<u64>,
}

/// A base that was found whole.
#[derive(Debug, Clone)]
pub struct Base {
    path: PathBuf,
    number: u32,
    /// Length of the file.
    bytes: u64,
    head: BaseHead,
    /// Where its side chain ends.
    hash: Hash,
    /// What it was opened with, and where its payloads are.
    case_id: [u8; 16],
    places: Vec<Place>,
}

/// The name of a base's file.
pub(super) fn file_name(number: u32) -> String {
    format!("{number:08}{FILE_ENDING}")
}

/// Damage at an offset of a base.
pub(super) fn damage(path: &Path, offset: u64, reason: &str) -> Error {
    Error::corrupt(format!("{} at byte {offset}: {reason}", path.display())).hint(
        "`throughline unarchive FILE` puts back the record that it stands for, from the file that was archived"
            .to_owned(),
    )
}

/// The value that a base's side chain begins with.
fn chain_start(case_id: &[u8; 16], position: Position) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(CHAIN_WORD).update(case_id);
    hasher.update(&position.sequence.to_le_bytes()).update(&position.hash);
    *hasher.finalize().as_bytes()
}

/// Whether a segment begins with a commit that attests a base.
pub(super) fn is_attested_by(dir: &Path, segment: u32) -> Result<bool> {
    Ok(archive::note_in(dir, segment)?.is_some())
}

impl Base {
    /// Opens the base with a number, and walks its frames.
    ///
    /// # Errors
    /// `Corrupt` where it does not verify, `Io`.
    pub(super) fn open(dir: &Path, number: u32, depth: Depth) -> Result<Self> {
        let path = dir.join(file_name(number));
        let mut segment = Segment::open(path.clone(), None)?
            .map_err(|fault| damage(&fault.path, fault.offset, fault.reason))?;
        let header = *segment.header();
        let commit = match segment.next_commit(depth)? {
            Next::Commit(commit) => commit,
            Next::End => return Err(damage(&path, 0, "the base is empty")),
            Next::Fault(fault) => return Err(damage(&path, fault.offset, fault.reason)),
        };
        let places = segment.places().to_vec();
        if let Some(place) = places.iter().find(|place| place.state != State::Present) {
            return Err(damage(&path, place.state_at, "nothing of a base is ever redacted"));
        }
        let bytes = segment.good_end();
        if !matches!(segment.next_commit(Depth::Headers)?, Next::End) {
            return Err(damage(&path, bytes, "something follows the base"));
        }
        let wrong = |reason| damage(&path, 0, reason);
        let first = places.first().ok_or_else(|| wrong("the base has no head"))?;
        let head = Self::head_of(&mut segment, first, &path)?;
        let position = Position { sequence: head.sequence, hash: head.hash };
        if header.number != number {
            return Err(wrong("the base has the name of another one"));
        }
        let is_bound = header.chain == chain_start(&header.case_id, position);
        if !is_bound || header.first_sequence != head.sequence || header.format != FORMAT_AFTER_BASE {
            return Err(wrong("the base is not for the position that it names"));
        }
        let (hash, case_id) = (commit.position.hash, header.case_id);
        Ok(Self { path, number, bytes, head, hash, case_id, places })
    }

    fn head_of(segment: &mut Segment, place: &Place, path: &Path) -> Result<BaseHead> {
        let wrong = |reason: &str| damage(path, place.frame_at, reason);
        let payload = segment.payload_at(place.frame_at).map_err(|error| named(path, error))?;
        let payload = payload.filter(|payload| payload.encoding == HEAD);
        let payload = payload.ok_or_else(|| wrong("the base has no head"))?;
        match postcard::take_from_bytes(&payload.bytes) {
            Ok((head, [])) => Ok(head),
            _ => Err(wrong("the head of the base does not decode")),
        }
    }

    /// Fails unless it is the one that the record attests.
    pub(super) fn check(&self, case_id: [u8; 16], note: &Note) -> Result<()> {
        let is_same = self.hash == note.base_hash && self.case_id == case_id;
        match is_same && self.position() == note.position() {
            true => Ok(()),
            false => Err(damage(&self.path, 0, "the base is not the one that the record names")),
        }
    }

    /// Reads everything and compares it with every checksum and hash there is.
    ///
    /// # Errors
    /// `Corrupt` with file and byte, `Io`.
    pub fn verify(&self) -> Result<()> {
        let dir = self.path.parent().unwrap_or(Path::new(""));
        match Self::open(dir, self.number, Depth::Check)?.hash == self.hash {
            true => Ok(()),
            false => Err(damage(&self.path, 0, "the base was exchanged while the case was open")),
        }
    }

    /// Its number, which is that of the last segment that it stands for.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The commit that it stands for.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { sequence: self.head.sequence, hash: self.head.hash }
    }

    /// What it says before its elements.
    #[must_use]
    pub fn head(&self) -> &BaseHead {
        &self.head
    }

    /// Length of its file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where its side chain ends, which stands for all of its bytes.
    pub(super) fn hash(&self) -> Hash {
        self.hash
    }

    pub(super) fn case_id(&self) -> [u8; 16] {
        self.case_id
    }

    /// Its payloads after the head with their places, one at a time, each verified.
    ///
    /// # Errors
    /// `Io` where the file cannot be opened; the items as [`payload_at`](super::payload_at).
    pub fn payloads(&self) -> Result<impl Iterator<Item = Result<(PayloadPlace, Payload)>> + '_> {
        let mut segment = Segment::open(self.path.clone(), None)?
            .map_err(|fault| damage(&fault.path, fault.offset, fault.reason))?;
        Ok(self.places.iter().skip(1).map(move |place| {
            let read = segment.payload_at(place.frame_at).map_err(|error| named(&self.path, error))?;
            let wrong = || damage(&self.path, place.frame_at, "nothing of a base is ever redacted");
            let at = PayloadPlace { segment: self.number, frame_at: place.frame_at };
            Ok((at, read.ok_or_else(wrong)?))
        }))
    }
}

/// Damage that reading a frame found, with the way out of a damaged base.
fn named(path: &Path, error: Error) -> Error {
    match error.class() {
        "Corrupt" => error.hint(damage(path, 0, "").hint_text().map(str::to_owned)),
        _ => error,
    }
}

impl Ledger {
    /// Writes the base that stands for the record up to now, and reads it again. It counts once
    /// [`Ledger::begin_after`] has attested it.
    ///
    /// # Errors
    /// Of the payloads; `Io`; `Corrupt` where what was written reads otherwise. After an error
    /// there is no base.
    pub fn write_base(
        &mut self,
        head: &BaseHead,
        info: &CommitInfo,
        payloads: impl Iterator<Item = Result<Payload>>,
    ) -> Result<Base> {
        let number = self.last_number() + 1;
        let position = Position { sequence: head.sequence, hash: head.hash };
        let header = SegmentHeader {
            format: FORMAT_AFTER_BASE,
            number,
            first_sequence: position.sequence,
            case_id: self.case_id(),
            chain: chain_start(&self.case_id(), position),
        };
        let path = self.dir.join(file_name(number));
        let unnamed = path.with_extension("new");
        let written = write(&unnamed, &header, head, info, payloads)
            .and_then(|()| fs::rename(&unnamed, &path).map_err(|error| Error::io(&path, &error)))
            .and_then(|()| segment::sync_dir(&self.dir))
            .and_then(|()| Base::open(&self.dir, number, Depth::Check));
        if written.is_err() {
            // A name that nothing counts; the next segment overwrites it.
            let _ = fs::remove_file(&unnamed);
            if path.exists() {
                self.give_up_base(&path)?;
            }
        }
        written
    }

    /// Removes a base that was not attested.
    ///
    /// # Errors
    /// `Io`, after which the record takes no more commits until it is opened again.
    fn give_up_base(&mut self, path: &Path) -> Result<()> {
        let removed = fs::remove_file(path).map_err(|error| Error::io(path, &error));
        let removed = removed.and_then(|()| segment::sync_dir(&self.dir));
        if let (Err(error), Some(tail)) = (&removed, &mut self.tail) {
            // A later segment would make it count.
            tail.distrust(error.clone());
        }
        removed
    }

    /// Takes back a base that was written and not attested.
    ///
    /// # Errors
    /// `Io`, after which the record takes no more commits until it is opened again.
    pub fn discard_base(&mut self, base: &Base) -> Result<()> {
        self.give_up_base(&base.path)
    }
}

fn write(
    path: &Path,
    header: &SegmentHeader,
    head: &BaseHead,
    info: &CommitInfo,
    payloads: impl Iterator<Item = Result<Payload>>,
) -> Result<()> {
    let failed = |error: std::io::Error| Error::io(path, &error);
    let head = postcard::to_stdvec(head).map_err(|error| Error::invalid(error.to_string()))?;
    let head = Payload { encoding: HEAD, bytes: head };
    let mut file = File::create(path).map_err(failed)?;
    std::io::Write::write_all(&mut file, &header.encode()).map_err(failed)?;
    let mut refused = None;
    let payloads = payloads.map_while(|payload| payload.map_err(|error| refused = Some(error)).ok());
    let payloads = std::iter::once(head).chain(payloads);
    let at = (header.first_sequence, header.chain);
    let written = write_commit((&mut file, path), info, at, payloads);
    match refused {
        Some(error) => Err(error),
        None => written.and_then(|_| file.sync_all().map_err(failed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_bytes_of_a_head_keep_their_meaning() {
        let head = BaseHead {
            sequence: 300,
            hash: [7; 32],
            next_ids: [1, 2, 3],
            names: vec!["Port".to_owned(), "name".to_owned()],
            redacted: vec![5],
        };
        let expected = [b"\xAC\x02", &[7; 32][..], b"\x01\x02\x03\x02\x04Port\x04name\x01\x05"].concat();
        assert_eq!(postcard::to_stdvec(&head), Ok(expected));
    }

    #[test]
    fn a_base_of_another_case_or_position_has_another_chain() {
        let position = Position { sequence: 1, hash: [1; 32] };
        let chain = chain_start(&[1; 16], position);
        assert_ne!(chain, chain_start(&[2; 16], position));
        assert_ne!(chain, chain_start(&[1; 16], Position { sequence: 2, ..position }));
        assert_ne!(chain, chain_start(&[1; 16], Position { hash: [2; 32], ..position }));
        let mut begun = blake3::Hasher::new();
        begun.update(b"throughline base").update(&[1; 16]).update(&[1, 0, 0, 0, 0, 0, 0, 0]).update(&[1; 32]);
        assert_eq!(chain, *begun.finalize().as_bytes());
    }
}

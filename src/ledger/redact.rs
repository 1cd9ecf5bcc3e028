//! Redaction: what a commit said is taken out of the record, and the chain still verifies.
//!
//! The chain covers headers and the hashes of payloads, so that a payload can be blanked. That
//! it was, is told by the state byte before it, and never by that byte alone; `docs/storage.md`
//! has the rules. The order of writes is what makes a crash harmless:
//!
//! 1. all payloads of the commit are marked as being redacted, and synced;
//! 2. they are overwritten with zeros, and synced;
//! 3. they are marked as redacted, and synced.
//!
//! Marks come first, so that a redaction that was begun is found on opening, and is finished.
//! Bytes are overwritten in place. What the disk, or a file system that never overwrites, keeps
//! of the old ones is out of reach from here.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::frame::State;
use super::ledger::{Ledger, open_known};
use super::segment::{self, Depth, Next, Place};
use crate::error::{Error, Result};

/// How many zeros are written in one go.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// The commits of a ledger of which something was redacted, by their state bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Redacted {
    all: Vec<u64>,
    unfinished: Vec<u64>,
}

impl Redacted {
    /// Those of the commits that a base stands for.
    pub(super) fn archived(commits: &[u64]) -> Self {
        Self { all: commits.to_vec(), unfinished: Vec::new() }
    }

    pub(super) fn note(&mut self, sequence: u64, places: &[Place]) {
        if places.iter().any(|place| place.state != State::Present) {
            self.all.push(sequence);
        }
        if places.iter().any(|place| place.state == State::Redacting) {
            self.unfinished.push(sequence);
        }
    }
}

impl Ledger {
    /// The numbers of the commits that were redacted, or are being redacted.
    #[must_use]
    pub fn redacted(&self) -> &[u64] {
        &self.redacted.all
    }

    /// The numbers of the commits whose redaction was begun and not finished.
    #[must_use]
    pub fn half_redacted(&self) -> &[u64] {
        &self.redacted.unfinished
    }

    /// Marks the payloads of a commit as being redacted. They can still be read.
    ///
    /// # Errors
    /// `NotFound` where there is no such commit, `ReadOnly`, `Corrupt`, `Io`.
    pub fn begin_redaction(&mut self, sequence: u64) -> Result<()> {
        self.on_places(sequence, |file, place| put(file, place.state_at, &[State::Redacting as u8]))?;
        let redacted = &mut self.redacted;
        for list in [&mut redacted.all, &mut redacted.unfinished] {
            if let Err(at) = list.binary_search(&sequence) {
                list.insert(at, sequence);
            }
        }
        Ok(())
    }

    /// Blanks the payloads of a commit that were marked before.
    ///
    /// # Errors
    /// As [`Ledger::begin_redaction`].
    pub fn finish_redaction(&mut self, sequence: u64) -> Result<()> {
        self.on_places(sequence, |file, place| {
            file.seek(SeekFrom::Start(place.state_at + 1))?;
            let mut left = place.bytes as usize;
            while left > 0 {
                let now = left.min(ZEROS.len());
                file.write_all(&ZEROS[..now])?;
                left -= now;
            }
            Ok(())
        })?;
        self.on_places(sequence, |file, place| put(file, place.state_at, &[State::Redacted as u8]))?;
        self.redacted.unfinished.retain(|&other| other != sequence);
        Ok(())
    }

    /// Does something to each payload of a commit, and syncs it.
    fn on_places(
        &self,
        sequence: u64,
        mut change: impl FnMut(&mut File, &Place) -> io::Result<()>,
    ) -> Result<()> {
        if self.tail.is_none() {
            return Err(Error::read_only("the record was opened for reading only"));
        }
        let (_, path, places) = self.places(sequence)?;
        let failed = |error: io::Error| Error::io(&path, &error);
        let mut file = OpenOptions::new().write(true).open(&path).map_err(failed)?;
        places.iter().try_for_each(|place| change(&mut file, place)).map_err(failed)?;
        file.sync_data().map_err(failed)
    }

    /// The segment that a commit is in, by its number and file, and where in it its payloads are.
    pub(super) fn places(&self, sequence: u64) -> Result<(u32, PathBuf, Vec<Place>)> {
        let after = self.extents.partition_point(|extent| extent.header.first_sequence <= sequence);
        let none = || Error::not_found(format!("there is no commit {sequence}"));
        let extent = after.checked_sub(1).and_then(|at| self.extents.get(at)).ok_or_else(none)?;
        let mut segment = open_known(&self.dir, extent)?;
        loop {
            match segment.next_commit(Depth::Headers)? {
                Next::Commit(commit) if commit.position.sequence == sequence => {
                    let path = self.dir.join(segment::file_name(extent.header.number));
                    return Ok((extent.header.number, path, segment.places().to_vec()));
                }
                Next::Commit(_) => {}
                Next::End => return Err(none()),
                Next::Fault(fault) => return Err(fault.damage()),
            }
        }
    }
}

fn put(file: &mut File, at: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Access, CommitInfo, Payload};

    fn payload(text: &str) -> Payload {
        Payload { encoding: 1, bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn what_was_said_is_gone_from_the_files_and_the_chain_still_verifies() -> Result<()> {
        let dir = tempfile::tempdir().map_err(|error| Error::io("", &error))?;
        let mut ledger = Ledger::create(dir.path(), [7; 16])?.with_segment_bytes_max(200);
        let secret = "the name of the informant";
        ledger.append(&CommitInfo::default(), [payload("public")])?;
        ledger.append(&CommitInfo::default(), [payload(secret), payload("more"), payload(secret)])?;
        ledger.append(&CommitInfo::default(), [payload("public too")])?;
        let position = ledger.position();

        ledger.begin_redaction(2)?;
        let (begun, _) = Ledger::open(dir.path(), Access::Read, None)?;
        assert_eq!((begun.half_redacted(), begun.verify()?.redacted), (&[2][..], 0));
        ledger.finish_redaction(2)?;
        assert_eq!((ledger.redacted(), ledger.half_redacted()), (&[2][..], &[][..]));

        let (ledger, notices) = Ledger::open(dir.path(), Access::Write, position)?;
        assert_eq!((ledger.position(), notices), (position, vec![]));
        assert_eq!((ledger.redacted(), ledger.half_redacted()), (&[2][..], &[][..]));
        assert_eq!(ledger.verify()?.redacted, 3);
        let payloads: Vec<_> =
            ledger.commits(1).map(|commit| commit.map(|commit| commit.payloads)).collect::<Result<_>>()?;
        assert_eq!(payloads[0], [Some(payload("public"))]);
        assert_eq!(payloads[1], [None, None, None]);
        assert_eq!(payloads[2], [Some(payload("public too"))]);
        for entry in std::fs::read_dir(dir.path()).into_iter().flatten().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            assert!(!bytes.windows(9).any(|found| found == b"informant"), "{:?}", entry.path());
        }
        Ok(())
    }

    #[test]
    fn a_reader_redacts_nothing_and_neither_is_there_what_is_not() -> Result<()> {
        let dir = tempfile::tempdir().map_err(|error| Error::io("", &error))?;
        let mut ledger = Ledger::create(dir.path(), [7; 16])?;
        ledger.append(&CommitInfo::default(), [payload("public")])?;
        let refused = |result: Result<()>| result.map_err(|error| error.class());
        assert_eq!(refused(ledger.begin_redaction(2)), Err("NotFound"));
        assert_eq!(refused(ledger.begin_redaction(0)), Err("NotFound"));
        let (mut reader, _) = Ledger::open(dir.path(), Access::Read, None)?;
        assert_eq!(refused(reader.begin_redaction(1)), Err("ReadOnly"));
        Ok(())
    }
}

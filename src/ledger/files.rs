//! Which files of a ledger's directory are the record, and which are left over.
//!
//! The record begins with segment 1, or with a *base*, which stands for all that was archived
//! (`base`). A base counts once the segment after it is there, which begins with the commit that
//! attests it. So the names of the files alone tell how far an archive step, or the way back, has
//! come: a base without that segment was never in force, and what has a lower number than a base
//! in force is not needed any more. Nothing is removed before the record was found whole.

use std::fs;
use std::path::{Path, PathBuf};

use super::{base, segment};
use crate::error::{Error, Result};

/// How often reading is tried again while files come and go.
const TRIES_MAX: usize = 8;

/// The files of a ledger by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    /// The base, if the record begins with one.
    pub(super) base: Option<u32>,
    /// The segments after it.
    pub(super) segments: Vec<u32>,
    /// Files that are no part of the record: what an archive step, or the way back, left behind.
    pub(super) leftovers: Vec<PathBuf>,
}

impl Files {
    /// Looks at a directory, which has to hold a record, and maybe not all of it.
    ///
    /// # Errors
    /// `NotFound` where there is no ledger, `Io`.
    pub(super) fn of(dir: &Path) -> Result<Self> {
        if !dir.is_dir() {
            return Err(Error::not_found(format!("no ledger at {}", dir.display())));
        }
        let (segments, bases) = listed(dir)?;
        if segments.is_empty() && bases.is_empty() {
            return Err(Error::not_found(format!("no ledger at {}: it has no segment file", dir.display())));
        }
        let counts = |base: &&u32| segments.binary_search(&(**base + 1)).is_ok();
        // Where nothing is before a base, it is all there is, and the segment after it is missing.
        let is_first = |base: &&u32| segments.first().is_none_or(|first| first > *base);
        let base = bases.iter().rev().find(counts).or_else(|| bases.iter().rev().find(is_first)).copied();
        let is_left = |number: &u32| base.is_some_and(|base| *number <= base);
        let segments_left = segments.iter().filter(|number| is_left(number));
        let bases_left = bases.iter().filter(|number| Some(**number) != base);
        let leftovers = (segments_left.map(|number| dir.join(segment::file_name(*number))))
            .chain(bases_left.map(|number| dir.join(base::file_name(*number))))
            .collect();
        let segments = segments.iter().copied().filter(|number| !is_left(number)).collect();
        Ok(Self { base, segments, leftovers })
    }

    /// As [`Files::of`], of a record that is all there.
    ///
    /// # Errors
    /// `Corrupt` where a segment or the base is missing; else as [`Files::of`].
    pub(super) fn without_gaps(dir: &Path) -> Result<Self> {
        let files = Self::of(dir)?;
        match files.gap(dir)? {
            Some(gap) => Err(gap),
            None => Ok(files),
        }
    }

    /// What says that a file of the record is missing, if one is.
    pub(super) fn gap(&self, dir: &Path) -> Result<Option<Error>> {
        let Some((expected, &found)) =
            (self.first()..).zip(&self.segments).find(|(expected, number)| expected != *number)
        else {
            return Ok(match self.segments.is_empty() {
                true => Some(missing(dir, self.first())),
                false => None,
            });
        };
        // Where the record goes on after a base, that is what is missing.
        if expected == 1 && base::is_attested_by(dir, found)? {
            return Ok(Some(base::damage(&dir.join(base::file_name(found - 1)), 0, "the base is missing")));
        }
        Ok(Some(missing(dir, expected)))
    }

    /// The number that the first segment should have.
    pub(super) fn first(&self) -> u32 {
        self.base.map_or(1, |base| base + 1)
    }

    /// Removes what is no part of the record, and files that never got their name; for the owner.
    pub(super) fn remove_leftovers(&self, dir: &Path) -> Result<()> {
        let entries = fs::read_dir(dir).map_err(|error| Error::io(dir, &error))?;
        let unnamed = entries.flatten().map(|entry| entry.path());
        let unnamed = unnamed.filter(|path| path.extension().is_some_and(|ending| ending == "new"));
        let all: Vec<PathBuf> = self.leftovers.iter().cloned().chain(unnamed).collect();
        for path in &all {
            fs::remove_file(path).map_err(|error| Error::io(path, &error))?;
        }
        if all.is_empty() { Ok(()) } else { segment::sync_dir(dir) }
    }
}

fn missing(dir: &Path, number: u32) -> Error {
    segment::damage(&dir.join(segment::file_name(number)), 0, "the segment is missing")
}

/// The numbers of segments and of bases. A directory that changes while it is listed may show
/// what was never there at one moment, so it has to say the same twice.
fn listed(dir: &Path) -> Result<(Vec<u32>, Vec<u32>)> {
    let list = || -> Result<_> {
        Ok((segment::list(dir)?, segment::numbered(dir, base::FILE_ENDING, base::file_name)?))
    };
    let mut before = list()?;
    for _ in 0..TRIES_MAX {
        let now = list()?;
        if now == before {
            break;
        }
        before = now;
    }
    Ok(before)
}

/// Reads the record in `dir`, and again if that failed while its owner put other files in their
/// place: whoever reads has no lock.
///
/// # Errors
/// As `read`.
pub fn while_it_moves<T>(dir: &Path, mut read: impl FnMut() -> Result<T>) -> Result<T> {
    let mut tries = 0;
    loop {
        let before = Files::of(dir).ok();
        let done = read();
        tries += 1;
        if done.is_ok() || tries == TRIES_MAX || Files::of(dir).ok() == before {
            return done;
        }
    }
}

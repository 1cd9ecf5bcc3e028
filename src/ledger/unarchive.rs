//! The way back: the record that a base stands for is put in its place again.
//!
//! What is read of the case is the commit that attests base and file, so that a base that is
//! damaged or lost is mended by it too. The order of writes:
//!
//! 1. the file is read to its end, and compared with its own hash and with what was attested;
//! 2. its segments are written under other names, synced and renamed, with an empty one for the
//!    number that the base has; while the base is there they do not count;
//! 3. the whole record, as it will be, is verified;
//! 4. the base is removed: from here on the segments count.

use std::fs;
use std::path::{Path, PathBuf};

use super::append::Tail;
use super::archive::{Note, note_in};
use super::backup::{self, Written, check_backup, read_parts};
use super::base;
use super::files::Files;
use super::ledger::{Access, Ledger};
use super::segment::{self, SegmentHeader};
use crate::error::{Error, Result};

/// Compares a file with what was archived of the record in `dir`: with its hash, and with where
/// it ends. Gives what the record says of it.
///
/// # Errors
/// `Invalid` where nothing was archived, or this is another file; `Corrupt` where it does not
/// verify; `Io`.
pub fn check_archive(dir: &Path, file: &Path) -> Result<Note> {
    let (_, note) = attested(dir)?;
    compare(file, &note)?;
    Ok(note)
}

/// The header of the segment after the base, and the note that it begins with.
fn attested(dir: &Path) -> Result<(SegmentHeader, Note)> {
    let files = Files::of(dir)?;
    // Where the base is lost, the segment after it has none before it.
    let is_after_gap = |number: &&u32| **number > 1 && files.segments.binary_search(&(**number - 1)).is_err();
    let first = files.segments.iter().find(is_after_gap).copied();
    let attested = first.map(|first| note_in(dir, first)).transpose()?.flatten();
    attested.ok_or_else(|| Error::invalid("nothing of this case is archived"))
}

fn compare(file: &Path, note: &Note) -> Result<()> {
    let Written { position, hash } = check_backup(file)?;
    match hash == note.file_hash && position == Some(note.position()) {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "{} is not what was archived: that ends with commit {} and was named {}",
            file.display(),
            note.sequence,
            note.file
        ))),
    }
}

/// Puts back the record that was archived into `file`. `before_it_counts` runs once all is
/// written and verified. Gives what was archived.
///
/// Only for the holder of the [`CaseLock`](super::CaseLock).
///
/// # Errors
/// As [`check_archive`]; `Corrupt` where the record as a whole does not verify; `Io`. After an
/// error the base still counts.
pub fn unarchive(dir: &Path, file: &Path, before_it_counts: impl FnOnce() -> Result<()>) -> Result<Note> {
    let (header, note) = attested(dir)?;
    compare(file, &note)?;
    Files::of(dir)?.remove_leftovers(dir)?;
    let mut written = Vec::new();
    let put_back = write(dir, file, &header, &note, &mut written).and_then(|()| before_it_counts());
    if let Err(error) = put_back {
        for path in written {
            // The next owner removes what cannot be removed here.
            let _ = fs::remove_file(path);
        }
        return Err(error);
    }
    let base = dir.join(base::file_name(header.number - 1));
    match fs::remove_file(&base) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(&base, &error)),
        _ => segment::sync_dir(dir).map(|()| note),
    }
}

/// Writes the files and verifies the record with them in it.
fn write(
    dir: &Path,
    file: &Path,
    after: &SegmentHeader,
    note: &Note,
    written: &mut Vec<PathBuf>,
) -> Result<()> {
    let mut files = Files { base: None, segments: Vec::new(), leftovers: Vec::new() };
    let mut names = Vec::new();
    let read = read_parts(file, &mut |part, from| {
        let path = dir.join(part.file_name());
        let unnamed = path.with_extension("new");
        // What an earlier attempt left.
        let _ = fs::remove_file(&unnamed);
        written.push(unnamed.clone());
        let copied = backup::copy(from, &unnamed)?;
        match part.is_base {
            true => files.base = Some(part.number),
            false => files.segments.push(part.number),
        }
        names.push((unnamed, path));
        Ok(copied)
    })?;
    if read.hash != note.file_hash {
        return Err(Error::corrupt(format!("{} changed while it was read", file.display())));
    }
    for (unnamed, path) in names {
        fs::rename(&unnamed, &path).map_err(|error| Error::io(&path, &error))?;
        written.push(path);
    }
    // The numbers go on without a gap.
    let number = after.number - 1;
    written.push(dir.join(segment::file_name(number)));
    let stand_in = SegmentHeader { number, first_sequence: note.sequence + 1, chain: note.hash, ..*after };
    drop(Tail::create(dir, &stand_in)?);
    segment::sync_dir(dir)?;
    let now = segment::list(dir)?;
    files.segments.push(number);
    files.segments.extend(now.into_iter().filter(|other| *other > number));
    let (ledger, _) = Ledger::open_files(dir, &files, Access::Read, None)?;
    ledger.verify().map(drop)
}

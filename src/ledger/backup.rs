//! A ledger as one file, and back.
//!
//! The file holds the segments up to the last whole commit at the time, which is all of a
//! case: everything else follows from the record. A writer may go on meanwhile. At the end
//! stand the position that was reached and a hash of the file, so that a copy that was cut
//! off or went bad is never taken for whole. `docs/storage.md` has the layout.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use super::frame::Position;
use super::ledger::{Access, Extent, Ledger};
use super::segment;
use crate::error::{Error, ErrorKind, Result};

/// The first bytes of a backup.
const MAGIC: [u8; 8] = *b"\xF1TLBAK\r\n";
const FORMAT: u32 = 1;
/// What stands before a segment, and before the end.
const SEGMENT: u8 = 1;
const END: u8 = 0;
const HASH_BYTES: usize = 32;

/// Writes the whole commits of the ledger in `dir` to a new file; gives the last one.
///
/// Every payload is verified on the way. The file appears under its name once it is whole
/// and on the disk.
///
/// # Errors
/// `Corrupt` where the ledger is damaged; `Invalid` where the file is there already; `Io`.
pub fn backup(dir: &Path, file: &Path) -> Result<Option<Position>> {
    if file.exists() {
        return Err(Error::invalid(format!("{} is there already", file.display()))
            .hint("name another file: a backup overwrites nothing".to_owned()));
    }
    let (ledger, _) = Ledger::open(dir, Access::Read, None)?;
    ledger.verify()?;
    let position = ledger.position();
    let unfinished = file.with_extension("part");
    let written = write(dir, ledger.extents(), position, &unfinished)
        .and_then(|()| fs::rename(&unfinished, file))
        .map_err(|error| Error::io(file, &error));
    if let Err(error) = written {
        // What is left of a backup that failed is of no use; the error says why.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        segment::sync_dir(parent)?;
    }
    Ok(position)
}

fn write(dir: &Path, extents: &[Extent], position: Option<Position>, file: &Path) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(file)?;
    let mut out = Hashing { inner: BufWriter::new(file), hasher: blake3::Hasher::new() };
    out.write_all(&MAGIC)?;
    out.write_all(&FORMAT.to_le_bytes())?;
    for extent in extents {
        let number = extent.header.number;
        out.write_all(&[SEGMENT])?;
        out.write_all(&number.to_le_bytes())?;
        out.write_all(&extent.end.to_le_bytes())?;
        let mut from = File::open(dir.join(segment::file_name(number)))?.take(extent.end);
        if io::copy(&mut from, &mut out)? != extent.end {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a segment became shorter"));
        }
    }
    out.write_all(&[END])?;
    out.write_all(&position.map_or(0, |position| position.sequence).to_le_bytes())?;
    out.write_all(&position.map_or([0; HASH_BYTES], |position| position.hash))?;
    let hash = out.hasher.finalize();
    out.inner.write_all(hash.as_bytes())?;
    out.inner.into_inner()?.sync_all()
}

/// Writes the ledger of a backup into `dir`, which must be missing or empty; gives its last commit.
///
/// # Errors
/// `Corrupt` where the file is no whole backup, and then nothing of it stays in `dir`; `Format`
/// where a later version wrote it; `Invalid` where `dir` has something in it; `Io`.
pub fn restore(file: &Path, dir: &Path) -> Result<Option<Position>> {
    let source = File::open(file).map_err(|error| Error::io(file, &error))?;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::invalid(format!("expected an empty directory, found files in {}", dir.display())));
    }
    fs::create_dir_all(dir).map_err(|error| Error::io(dir, &error))?;
    let restored = read(source, file, dir).and_then(|recorded| {
        segment::sync_dir(dir)?;
        segment::sync_parents(dir);
        let (ledger, _) = Ledger::open(dir, Access::Read, None)?;
        ledger.verify()?;
        match ledger.position() == recorded {
            true => Ok(recorded),
            false => Err(Error::corrupt(format!("{} does not end where it says", file.display()))),
        }
    });
    if restored.is_err() {
        for number in segment::list(dir).unwrap_or_default() {
            // The directory was empty before, and half a record must not be taken for one.
            let _ = fs::remove_file(dir.join(segment::file_name(number)));
        }
    }
    restored
}

fn read(source: File, name: &Path, dir: &Path) -> Result<Option<Position>> {
    let mut from = Hashing { inner: BufReader::new(source), hasher: blake3::Hasher::new() };
    let broken = |what: &str| Error::corrupt(format!("{} is no whole backup: {what}", name.display()));
    let cut = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => broken("it is cut off"),
        _ => Error::io(name, &error),
    };
    if from.array::<8>().map_err(cut)? != MAGIC {
        return Err(broken("it does not begin as one"));
    }
    let format = u32::from_le_bytes(from.array().map_err(cut)?);
    if format != FORMAT {
        return Err(Error::new(ErrorKind::Format { found: format, supported: FORMAT }));
    }
    loop {
        match from.array::<1>().map_err(cut)? {
            [SEGMENT] => {
                let number = u32::from_le_bytes(from.array().map_err(cut)?);
                let bytes = u64::from_le_bytes(from.array().map_err(cut)?);
                let path = dir.join(segment::file_name(number));
                let copied = copy(&mut from, bytes, &path).map_err(|error| Error::io(&path, &error))?;
                if copied != bytes {
                    return Err(broken("it is cut off"));
                }
            }
            [END] => break,
            _ => return Err(broken("something in it is neither a segment nor the end")),
        }
    }
    let sequence = u64::from_le_bytes(from.array().map_err(cut)?);
    let hash = from.array::<HASH_BYTES>().map_err(cut)?;
    let expected = from.hasher.finalize();
    if from.array::<HASH_BYTES>().map_err(cut)? != *expected.as_bytes() {
        return Err(broken("its bytes are not those that were written"));
    }
    if from.inner.read(&mut [0]).map_err(cut)? != 0 {
        return Err(broken("something follows its end"));
    }
    Ok((sequence > 0).then_some(Position { sequence, hash }))
}

fn copy(from: &mut impl Read, bytes: u64, path: &Path) -> io::Result<u64> {
    let mut to = OpenOptions::new().write(true).create_new(true).open(path)?;
    let copied = io::copy(&mut from.take(bytes), &mut to)?;
    to.sync_all()?;
    Ok(copied)
}

/// Reads or writes, and keeps the hash of all that went through.
struct Hashing<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<T: Read> Hashing<T> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

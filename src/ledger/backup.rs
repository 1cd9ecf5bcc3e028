//! A ledger as one file, and back.
//!
//! The file holds the segments up to the last whole commit at the time, which is all of a
//! case: everything else follows from the record. A writer may go on meanwhile. At the end
//! stand the position that was reached and a hash of the file, so that a copy that was cut
//! off or went bad is never taken for whole. `docs/storage.md` has the layout.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::frame::{Hash, Position};
use super::ledger::{Access, Ledger};
use super::{base, segment};
use crate::error::{Error, ErrorKind, Result};

/// The first bytes of a backup.
const MAGIC: [u8; 8] = *b"\xF1TLBAK\r\n";
/// The format of a backup of segments alone,
const FORMAT: u32 = 1;
/// and of one that begins with a base.
const FORMAT_WITH_BASE: u32 = 2;
/// What stands before a segment, before a base, and before the end.
const SEGMENT: u8 = 1;
const BASE: u8 = 2;
const END: u8 = 0;
const HASH_BYTES: usize = 32;

/// What a backup says of itself at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The last commit in it; `None` if there is none.
    pub position: Option<Position>,
    /// BLAKE3 of everything before the hash.
    pub hash: [u8; 32],
}

/// One file of the ledger within a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) is_base: bool,
    pub(super) number: u32,
    pub(super) bytes: u64,
}

impl Part {
    /// The name of its file in a ledger.
    pub(super) fn file_name(&self) -> String {
        if self.is_base { base::file_name(self.number) } else { segment::file_name(self.number) }
    }
}

/// Writes the whole commits of the ledger in `dir` to a new file; gives the last one.
///
/// Every payload is verified on the way. The file appears under its name once it is whole
/// and on the disk.
///
/// # Errors
/// `Corrupt` where the ledger is damaged; `Invalid` where the file is there already; `Io`.
pub fn backup(dir: &Path, file: &Path) -> Result<Option<Position>> {
    let (ledger, _) = Ledger::open(dir, Access::Read, None)?;
    ledger.write_backup(file).map(|written| written.position)
}

impl Ledger {
    /// Writes the record up to now to a new file, as [`backup`].
    ///
    /// # Errors
    /// As [`backup`].
    pub fn write_backup(&self, file: &Path) -> Result<Written> {
        if file.exists() {
            return Err(Error::invalid(format!("{} is there already", file.display()))
                .hint("name another file: a backup overwrites nothing".to_owned()));
        }
        self.verify()?;
        let unfinished = file.with_extension("part");
        let written = self.write_parts(&unfinished).and_then(|written| {
            fs::rename(&unfinished, file)?;
            Ok(written)
        });
        let written = match written {
            Ok(written) => written,
            Err(error) => {
                // What is left of a backup that failed is of no use; the error says why.
                let _ = fs::remove_file(&unfinished);
                return Err(Error::io(file, &error));
            }
        };
        // A name alone is one in the directory of the process.
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        segment::sync_dir(parent.unwrap_or(Path::new(".")))?;
        Ok(written)
    }

    fn write_parts(&self, file: &Path) -> io::Result<Written> {
        let base = self.base().map(|base| Part { is_base: true, number: base.number(), bytes: base.bytes() });
        let segments = self.extents().iter().map(|extent| Part {
            is_base: false,
            number: extent.header.number,
            bytes: extent.end,
        });
        let file = OpenOptions::new().write(true).create_new(true).open(file)?;
        let mut out = Hashing { inner: BufWriter::new(file), hasher: blake3::Hasher::new() };
        out.write_all(&MAGIC)?;
        let format = if base.is_some() { FORMAT_WITH_BASE } else { FORMAT };
        out.write_all(&format.to_le_bytes())?;
        for part in base.into_iter().chain(segments) {
            out.write_all(&[if part.is_base { BASE } else { SEGMENT }])?;
            out.write_all(&part.number.to_le_bytes())?;
            out.write_all(&part.bytes.to_le_bytes())?;
            let mut from = File::open(self.dir.join(part.file_name()))?.take(part.bytes);
            if io::copy(&mut from, &mut out)? != part.bytes {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a segment became shorter"));
            }
        }
        let position = self.position();
        out.write_all(&[END])?;
        out.write_all(&position.map_or(0, |position| position.sequence).to_le_bytes())?;
        out.write_all(&position.map_or([0; HASH_BYTES], |position| position.hash))?;
        let hash: Hash = *out.hasher.finalize().as_bytes();
        out.inner.write_all(&hash)?;
        out.inner.into_inner()?.sync_all()?;
        Ok(Written { position, hash })
    }
}

/// Writes the ledger of a backup into `dir`, which must be missing or empty; gives its last commit.
///
/// # Errors
/// `Corrupt` where the file is no whole backup, and then nothing of it stays in `dir`; `Format`
/// where a later version wrote it; `Invalid` where `dir` has something in it; `Io`.
pub fn restore(file: &Path, dir: &Path) -> Result<Option<Position>> {
    // What is no file should leave no directory behind.
    File::open(file).map_err(|error| Error::io(file, &error))?;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::invalid(format!("expected an empty directory, found files in {}", dir.display())));
    }
    fs::create_dir_all(dir).map_err(|error| Error::io(dir, &error))?;
    let mut copied = Vec::new();
    let restored = read_parts(file, &mut |part, from| {
        let path = dir.join(part.file_name());
        copied.push(path.clone());
        copy(from, &path)
    })
    .and_then(|written| {
        segment::sync_dir(dir)?;
        segment::sync_parents(dir);
        let (ledger, _) = Ledger::open(dir, Access::Read, None)?;
        ledger.verify()?;
        match ledger.position() == written.position {
            true => Ok(written.position),
            false => Err(Error::corrupt(format!("{} does not end where it says", file.display()))),
        }
    });
    if restored.is_err() {
        for path in copied {
            // The directory was empty before, and half a record must not be taken for one.
            let _ = fs::remove_file(path);
        }
    }
    restored
}

/// Reads a backup to its end and compares it with its hash.
///
/// # Errors
/// As [`restore`].
pub fn check_backup(file: &Path) -> Result<Written> {
    let read_over = |_: Part, from: &mut dyn Read| {
        io::copy(from, &mut io::sink()).map_err(|error| Error::io(file, &error))
    };
    read_parts(file, &mut { read_over })
}

/// Reads the parts of a backup in order. `take` reads one, which ends where its bytes do, and
/// gives how many it read; nothing is certain before the end was reached.
pub(super) fn read_parts(
    name: &Path,
    take: &mut dyn FnMut(Part, &mut dyn Read) -> Result<u64>,
) -> Result<Written> {
    let source = File::open(name).map_err(|error| Error::io(name, &error))?;
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
    if !(FORMAT..=FORMAT_WITH_BASE).contains(&format) {
        return Err(Error::new(ErrorKind::Format { found: format, supported: FORMAT_WITH_BASE }));
    }
    loop {
        let is_base = match from.array::<1>().map_err(cut)? {
            [SEGMENT] => false,
            [BASE] if format == FORMAT_WITH_BASE => true,
            [END] => break,
            _ => return Err(broken("something in it is neither a segment nor the end")),
        };
        let number = u32::from_le_bytes(from.array().map_err(cut)?);
        let bytes = u64::from_le_bytes(from.array().map_err(cut)?);
        let read = take(Part { is_base, number, bytes }, &mut (&mut from).take(bytes))?;
        if read != bytes {
            return Err(broken("it is cut off"));
        }
    }
    let sequence = u64::from_le_bytes(from.array().map_err(cut)?);
    let chain = from.array::<HASH_BYTES>().map_err(cut)?;
    let expected = from.hasher.finalize();
    let hash = from.array::<HASH_BYTES>().map_err(cut)?;
    if hash != *expected.as_bytes() {
        return Err(broken("its bytes are not those that were written"));
    }
    if from.inner.read(&mut [0]).map_err(cut)? != 0 {
        return Err(broken("something follows its end"));
    }
    let position = (sequence > 0).then_some(Position { sequence, hash: chain });
    Ok(Written { position, hash })
}

/// Writes a new file.
pub(super) fn copy(from: &mut dyn Read, path: &PathBuf) -> Result<u64> {
    let written = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut to| {
        let copied = io::copy(from, &mut to)?;
        to.sync_all()?;
        Ok(copied)
    });
    written.map_err(|error| Error::io(path, &error))
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

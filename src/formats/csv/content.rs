//! What a file holds, and how it is cut into pieces of whole rows.
//!
//! A large file stays on the disk and passes through memory piece by piece. A piece ends
//! at the end of a line that is not within quotes, so that each can be read by itself.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::table::line_breaks;
use crate::error::{Error, Result};

/// What a file holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What lies on the disk, of so many bytes.
    OnDisk(PathBuf, u64),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::OnDisk(path, len) => write!(f, "{} ({len} bytes)", path.display()),
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Content {
    /// What a file holds. A regular file is read when it is asked for, anything else, such
    /// as a pipe, at once, since it can be read only once.
    ///
    /// # Errors
    /// `Io` where it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let refuse = |error: &io::Error| Error::io(path, error);
        let about = File::open(path).and_then(|file| file.metadata()).map_err(|error| refuse(&error))?;
        match about.is_file() {
            true => Ok(Self::OnDisk(path.to_owned(), about.len())),
            false => std::fs::read(path).map(Self::Bytes).map_err(|error| refuse(&error)),
        }
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::OnDisk(_, len) => *len,
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it.
    ///
    /// # Errors
    /// `Io` where it cannot be read.
    pub(super) fn read(&self) -> Result<Cow<'_, [u8]>> {
        match self {
            Self::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::OnDisk(path, _) => {
                std::fs::read(path).map(Cow::Owned).map_err(|error| Error::io(path, &error))
            }
        }
    }

    /// The first lines, up to the end of the last one within [`HEAD_BYTES`]; all of it where
    /// no line ends there.
    ///
    /// # Errors
    /// `Io` where it cannot be read.
    pub(super) fn head(&self) -> Result<Cow<'_, [u8]>> {
        let (path, source) = self.source()?;
        let mut head = Vec::new();
        source.take(HEAD_BYTES).read_to_end(&mut head).map_err(|error| Error::io(path, &error))?;
        match head.iter().rposition(|byte| *byte == b'\n') {
            _ if self.len() <= HEAD_BYTES => Ok(Cow::Owned(head)),
            Some(end) => {
                head.truncate(end + 1);
                Ok(Cow::Owned(head))
            }
            None => self.read(),
        }
    }

    fn source(&self) -> Result<(&Path, Box<dyn Source + '_>)> {
        match self {
            Self::Bytes(bytes) => Ok((Path::new(""), Box::new(Cursor::new(bytes.as_slice())))),
            Self::OnDisk(path, _) => {
                let file = File::open(path).map_err(|error| Error::io(path, &error))?;
                Ok((path, Box::new(file)))
            }
        }
    }
}

/// In how many bytes the header of a large file is looked for.
const HEAD_BYTES: u64 = 1 << 20;

/// How much is read beyond the bytes that a piece should have, to find the end of a line.
const LINE_BYTES: usize = 1 << 16;

/// Where the pieces of a file begin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Start {
    /// How many bytes are before it.
    pub(super) byte: u64,
    /// How many ends of lines are before it.
    pub(super) lines: u64,
}

/// Some rows of a file in a row.
#[derive(Debug)]
pub(super) struct Piece {
    /// Their bytes.
    pub(super) bytes: Vec<u8>,
    /// The line that it begins on, from 1.
    pub(super) line: u64,
}

/// Something that is read from somewhere on.
trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// Cuts a file into pieces.
pub(super) struct Cutter<'a> {
    path: &'a Path,
    source: Box<dyn Source + 'a>,
    delimiter: u8,
    /// About how many bytes a piece has.
    bytes_wanted: usize,
    /// What was read and not given yet.
    rest: Vec<u8>,
    line: u64,
    is_read: bool,
}

impl<'a> Cutter<'a> {
    /// The pieces of a file from somewhere on, of about so many bytes each.
    ///
    /// # Errors
    /// `Io` where it cannot be read.
    pub(super) fn new(
        content: &'a Content,
        start: Start,
        delimiter: u8,
        bytes_wanted: usize,
    ) -> Result<Self> {
        let (path, mut source) = content.source()?;
        source.seek(SeekFrom::Start(start.byte)).map_err(|error| Error::io(path, &error))?;
        let line = 1 + start.lines;
        Ok(Self { path, source, delimiter, bytes_wanted, rest: Vec::new(), line, is_read: false })
    }

    /// The next piece.
    ///
    /// # Errors
    /// `Io` where the file cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<Piece>> {
        let mut scan = Scan::new(self.delimiter);
        let mut bytes_read = self.bytes_wanted + LINE_BYTES;
        let end = loop {
            self.fill(bytes_read)?;
            match scan.end(&self.rest, self.bytes_wanted) {
                Some(end) => break end,
                None if self.is_read => break self.rest.len(),
                None => bytes_read = self.rest.len() * 2,
            }
        };
        let after = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, after);
        let line = self.line;
        self.line += line_breaks(&bytes);
        Ok((!bytes.is_empty()).then_some(Piece { bytes, line }))
    }

    /// Reads on until there are so many bytes, or no more.
    fn fill(&mut self, bytes_wanted: usize) -> Result<()> {
        if self.is_read || self.rest.len() >= bytes_wanted {
            return Ok(());
        }
        let missing = (bytes_wanted - self.rest.len()) as u64;
        let read = self.source.by_ref().take(missing).read_to_end(&mut self.rest);
        let read = read.map_err(|error| Error::io(self.path, &error))?;
        self.is_read = (read as u64) < missing;
        Ok(())
    }
}

/// Looks for the end of a piece, over text that grows.
#[derive(Debug)]
struct Scan {
    delimiter: u8,
    /// How many bytes were looked at.
    seen: usize,
    is_quoted: bool,
    /// Whether a cell begins at the next byte.
    is_cell_start: bool,
}

impl Scan {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, seen: 0, is_quoted: false, is_cell_start: true }
    }

    /// The end of the first line that ends after `wanted` bytes or more, and not within quotes.
    fn end(&mut self, text: &[u8], wanted: usize) -> Option<usize> {
        if self.seen == 0 && !text.contains(&b'"') {
            let at = text.get(wanted..)?.iter().position(|byte| *byte == b'\n')?;
            return Some(wanted + at + 1);
        }
        for (at, &byte) in text.iter().enumerate().skip(self.seen) {
            if byte == b'"' && (self.is_quoted || self.is_cell_start) {
                // A doubled quote closes and opens again, which comes to the same.
                self.is_quoted = !self.is_quoted;
                self.is_cell_start = !self.is_quoted;
                continue;
            }
            if byte == b'\n' && !self.is_quoted && at >= wanted {
                return Some(at + 1);
            }
            let ends_cell = byte == self.delimiter || byte == b'\n' || byte == b'\r';
            self.is_cell_start = !self.is_quoted && ends_cell;
        }
        self.seen = text.len();
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    fn pieces(content: &Content, bytes_wanted: usize) -> Vec<(String, u64)> {
        let mut cutter = Cutter::new(content, Start::default(), b',', bytes_wanted).unwrap();
        std::iter::from_fn(|| cutter.next().unwrap())
            .map(|piece| (String::from_utf8(piece.bytes).unwrap(), piece.line))
            .collect()
    }

    fn rows(text: &str) -> Vec<csv::StringRecord> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().map(Result::unwrap).collect()
    }

    proptest! {
        #[test]
        fn pieces_are_the_file_and_their_rows_are_its_rows(text in "[a\",\n\r]{0,60}", wanted in 0_usize..20) {
            let cut = pieces(&text.clone().into_bytes().into(), wanted);
            prop_assert_eq!(cut.iter().map(|(piece, _)| piece.as_str()).collect::<String>(), text.clone());
            let by_piece: Vec<_> = cut.iter().flat_map(|(piece, _)| rows(piece)).collect();
            let cells = |rows: &[csv::StringRecord]| -> Vec<Vec<String>> {
                rows.iter().map(|row| row.iter().map(str::to_owned).collect()).collect()
            };
            prop_assert_eq!(cells(&by_piece), cells(&rows(&text)));
            let mut lines = 1;
            for (piece, line) in &cut {
                prop_assert_eq!(*line, lines);
                lines += line_breaks(piece.as_bytes());
            }
        }
    }

    #[test]
    fn a_file_on_the_disk_is_cut_as_its_bytes_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ships.csv");
        let text: String = (0..20_000).map(|n| format!("{n},\"SHIP\n{n}\"\n")).collect();
        std::fs::write(&path, &text).unwrap();
        let on_disk = Content::open(&path).unwrap();
        assert_eq!((on_disk.len(), on_disk.read().unwrap().len()), (text.len() as u64, text.len()));
        let in_memory = Content::from(text.into_bytes());
        let cut = pieces(&on_disk, 1000);
        assert!(cut.len() > 100 && cut.iter().all(|(piece, _)| piece.ends_with("\"\n")));
        assert_eq!(cut, pieces(&in_memory, 1000));
    }

    #[test]
    fn a_quote_that_is_never_closed_makes_the_rest_one_piece() {
        let text = format!("a,b\n\"c{}", ",d\n".repeat(100_000));
        assert_eq!(pieces(&text.clone().into_bytes().into(), 2).len(), 2);
    }
}

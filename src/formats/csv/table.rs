//! A file as rows: its encoding, its delimiter, the lines that rows start on, and
//! the cells of a row by the meaning of their column.

use std::borrow::Cow;
use std::path::Path;

use csv::StringRecord;

use super::cell::{read_float, read_int};
use super::content::{Piece, Start};
use super::header::{Header, KeyForm, Role, Special};
use super::{BAD_MAX, Options};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Grade, Properties, Value};

/// Errors of rows, in the order of files and lines at the end.
#[derive(Debug)]
pub(super) struct Bad {
    errors: Vec<(usize, Error)>,
    more: usize,
    max: usize,
}

impl Bad {
    /// None, and no more than the options allow are kept.
    pub(super) fn new(options: &Options) -> Self {
        Self { errors: Vec::new(), more: 0, max: options.bad_max.unwrap_or(BAD_MAX) }
    }

    /// Keeps an error of the file number `n_input`.
    pub(super) fn push(&mut self, n_input: usize, error: Error) {
        if self.errors.len() < self.max {
            self.errors.push((n_input, error));
        } else {
            self.more += 1;
        }
    }

    /// Takes the errors of another part.
    pub(super) fn append(&mut self, other: Self) {
        self.more += other.more;
        other.errors.into_iter().for_each(|(n_input, error)| self.push(n_input, error));
    }

    /// The errors in order, and how many there were besides.
    pub(super) fn finish(mut self) -> (Vec<Error>, usize) {
        let line = |error: &Error| match error.kind() {
            ErrorKind::Input { line, .. } => *line,
            _ => 0,
        };
        self.errors.sort_by_key(|(n_input, error)| (*n_input, line(error)));
        (self.errors.into_iter().map(|(_, error)| error).collect(), self.more)
    }
}

/// Where a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the file.
    pub(super) n_input: usize,
    /// The line that the row starts on, from 1.
    pub(super) line: u64,
}

/// A file with its header.
#[derive(Debug)]
pub(super) struct Table<'a> {
    n_input: usize,
    file: &'a Path,
    text: &'a str,
    pub(super) header: Header,
}

impl<'a> Table<'a> {
    /// Reads the header of a file, of which `bytes` are all or the first lines.
    ///
    /// # Errors
    /// `Input` where nothing of the file can be read.
    pub(super) fn open(n_input: usize, file: &'a Path, bytes: &'a [u8], options: &Options) -> Result<Self> {
        let text = decode(file, bytes)?;
        let mut record = StringRecord::new();
        let Some(line) = Rows::new(text).next(&mut record) else {
            return Err(Error::input(file, 1, None, "expected a header line, found nothing"));
        };
        let header = Header::parse(record.iter(), options).map_err(|(column, error)| {
            Error::input(file, line, column.as_deref(), error.to_string())
                .hint(error.hint_text().map(str::to_owned))
        })?;
        Ok(Self { n_input, file, text, header })
    }

    /// Calls `visit` for each row that has anything in it and as many cells as the
    /// header; keeps the errors.
    pub(super) fn for_each(&self, bad: &mut Bad, visit: impl FnMut(&Row<'_>) -> Result<()>) {
        self.for_each_of(self.rows(), bad, visit);
    }

    /// Where the rows after the header begin in the file, of which `bytes` were given, and
    /// its delimiter.
    pub(super) fn rows_start(&self, bytes: &[u8]) -> (Start, u8) {
        let rows = self.rows();
        let start = usize::try_from(rows.reader.position().byte()).unwrap_or(self.text.len());
        let start = start.min(self.text.len());
        let lines = line_breaks(&self.text.as_bytes()[..start]);
        let mark = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        (Start { byte: (mark + start) as u64, lines }, rows.delimiter)
    }

    /// [`Table::for_each`] for one piece.
    ///
    /// # Errors
    /// `Input` where the piece is not in UTF-8.
    pub(super) fn for_each_in(
        &self,
        piece: &Piece,
        delimiter: u8,
        bad: &mut Bad,
        visit: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let text = utf8(self.file, &piece.bytes, piece.line)?;
        self.for_each_of(Rows::of(text, delimiter, piece.line), bad, visit);
        Ok(())
    }

    /// The rows after the header.
    fn rows(&self) -> Rows<'a> {
        let mut rows = Rows::new(self.text);
        rows.next(&mut StringRecord::new());
        rows
    }

    fn for_each_of(&self, mut rows: Rows<'_>, bad: &mut Bad, mut visit: impl FnMut(&Row<'_>) -> Result<()>) {
        let mut cells = StringRecord::new();
        while let Some(line) = rows.next(&mut cells) {
            let row = Row { table: self, cells: &cells, line };
            let visited = if rows.is_unclosed(&cells) {
                Err(row.refuse_whole("a quote is opened and never closed"))
            } else if cells.iter().all(|cell| cell.trim().is_empty()) {
                Ok(())
            } else {
                row.check_width().and_then(|()| visit(&row))
            };
            if let Err(error) = visited {
                bad.push(self.n_input, error);
            }
        }
    }

    /// The number of the file.
    pub(super) fn n_input(&self) -> usize {
        self.n_input
    }

    /// An error about the row at `line`.
    pub(super) fn error(&self, line: u64, special: Option<Special>, message: impl Into<String>) -> Error {
        let column = special.and_then(|special| self.header.index(special));
        let header = column.and_then(|i| self.header.columns.get(i)).map(|column| column.header.as_str());
        Error::input(self.file, line, header, message)
    }
}

/// A row of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'r> {
    pub(super) table: &'r Table<'r>,
    cells: &'r StringRecord,
    line: u64,
}

impl<'r> Row<'r> {
    /// Where it is.
    pub(super) fn place(&self) -> Place {
        Place { n_input: self.table.n_input, line: self.line }
    }

    /// A special cell as it stands, unless it is blank.
    pub(super) fn text(&self, special: Special) -> Option<&'r str> {
        let index = self.table.header.index(special)?;
        self.cells.get(index).filter(|cell| !cell.trim().is_empty())
    }

    /// A special cell without the space around it, unless it is blank.
    pub(super) fn cell(&self, special: Special) -> Option<&'r str> {
        self.text(special).map(str::trim)
    }

    /// The cells of all columns of labels.
    pub(super) fn label_cells(&self) -> impl Iterator<Item = &'r str> {
        let cells = self.cells;
        self.table.header.labels().filter_map(|i| cells.get(i))
    }

    /// A key, in the group and of the type that the header says.
    pub(super) fn key(&self, special: Special) -> Result<Option<Cow<'r, str>>> {
        let Some(text) = self.cell(special) else { return Ok(None) };
        let form = self.key_form(special);
        let plain = match form.is_some_and(|form| form.is_int) {
            true => Cow::Owned(self.key_number(special, text)?.to_string()),
            false => Cow::Borrowed(text),
        };
        Ok(Some(match form.and_then(|form| form.group.as_deref()) {
            Some(group) => Cow::Owned(format!("{group}/{plain}")),
            None => plain,
        }))
    }

    /// The key as a property: without its group, and a number if the header says so.
    pub(super) fn key_value(&self, special: Special) -> Result<Option<Value>> {
        let Some(text) = self.cell(special) else { return Ok(None) };
        match self.key_form(special).is_some_and(|form| form.is_int) {
            true => self.key_number(special, text).map(|number| Some(Value::Int(number))),
            false => Ok(Some(Value::from(text))),
        }
    }

    fn key_form(&self, special: Special) -> Option<&'r KeyForm> {
        let table = self.table;
        table.header.index(special).map(|i| &table.header.columns[i].key_form)
    }

    fn key_number(&self, special: Special, text: &str) -> Result<i64> {
        read_int(text).map_err(|error| self.blame(special, &error))
    }

    /// A grade.
    pub(super) fn grade(&self) -> Result<Option<Grade>> {
        let grade = self.cell(Special::Grade).map(str::parse).transpose();
        grade.map_err(|error| self.blame(Special::Grade, &error))
    }

    /// A confidence in 0..=1.
    pub(super) fn confidence(&self) -> Result<Option<f64>> {
        let Some(text) = self.cell(Special::Confidence) else { return Ok(None) };
        let number = read_float(text).map_err(|error| self.blame(Special::Confidence, &error))?;
        match (0.0..=1.0).contains(&number) {
            true => Ok(Some(number)),
            false => Err(self.refuse(
                Special::Confidence,
                format!("expected a confidence between 0 and 1, found {number}"),
            )),
        }
    }

    /// The special cell, read as the type that its header names.
    pub(super) fn typed(&self, special: Special) -> Result<Option<Value>> {
        let Some(index) = self.table.header.index(special) else { return Ok(None) };
        let Role::Special(_, Some(declared)) = self.table.header.columns[index].role else { return Ok(None) };
        let text = self.cells.get(index).unwrap_or_default();
        declared.read(text).map_err(|error| self.blame(special, &error))
    }

    /// The properties that the row gives.
    pub(super) fn properties(&self) -> Result<Properties> {
        let mut properties = Properties::new();
        for (column, text) in self.table.header.columns.iter().zip(self.cells) {
            if let Role::Property(declared) = column.role {
                let value = declared.read(text).map_err(|error| self.moved(Some(&column.header), &error))?;
                properties.extend(value.map(|value| (column.name.clone(), value)));
            }
        }
        Ok(properties)
    }

    /// An error about a special cell.
    pub(super) fn refuse(&self, special: Special, message: impl Into<String>) -> Error {
        self.table.error(self.line, Some(special), message)
    }

    /// An error about the row as a whole.
    pub(super) fn refuse_whole(&self, message: impl Into<String>) -> Error {
        self.table.error(self.line, None, message)
    }

    /// An error from elsewhere, which is the fault of a special cell.
    pub(super) fn blame(&self, special: Special, error: &Error) -> Error {
        self.refuse(special, error.to_string()).hint(error.hint_text().map(str::to_owned))
    }

    /// An error from elsewhere, which is the fault of the property `name` if that
    /// is a column.
    pub(super) fn blame_property(&self, name: Option<&str>, error: &Error) -> Error {
        let columns = &self.table.header.columns;
        let column = columns.iter().find(|column| Some(column.name.as_str()) == name);
        self.moved(column.map(|column| column.header.as_str()), error)
    }

    fn moved(&self, header: Option<&str>, error: &Error) -> Error {
        Error::input(self.table.file, self.line, header, error.to_string())
            .hint(error.hint_text().map(str::to_owned))
    }

    fn check_width(&self) -> Result<()> {
        let (found, expected) = (self.cells.len(), self.table.header.columns.len());
        match found == expected {
            true => Ok(()),
            false => Err(self
                .refuse_whole(format!("expected {expected} fields, as in the header, found {found}"))
                .hint(
                    (found > expected).then(|| "a field with the delimiter in it needs quotes".to_owned()),
                )),
        }
    }
}

/// The rows of a text with the lines that they start on.
///
/// The reader's own line numbers leave out blank lines before a row and the end
/// of a line in Windows files, so lines are counted here.
struct Rows<'a> {
    text: &'a str,
    delimiter: u8,
    reader: csv::Reader<&'a [u8]>,
    /// The line at `counted`.
    line: u64,
    /// How many bytes the lines have been counted of.
    counted: usize,
}

impl<'a> Rows<'a> {
    fn new(text: &'a str) -> Self {
        Self::of(text, delimiter(text), 1)
    }

    /// The rows of a part of a text that begins on a line.
    fn of(text: &'a str, delimiter: u8, line: u64) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        Self { text, delimiter, reader, line, counted: 0 }
    }

    /// Reads the next row; gives the line that it starts on.
    fn next(&mut self, record: &mut StringRecord) -> Option<u64> {
        let is_read = self.reader.read_record(record).expect("a flexible reader refuses nothing in UTF-8");
        is_read.then(|| {
            let start = self.start(record);
            self.line += line_breaks(&self.text.as_bytes()[self.counted..start]);
            self.counted = start;
            self.line
        })
    }

    /// Where a row starts, after the ends of lines before it.
    fn start(&self, record: &StringRecord) -> usize {
        let at = record.position().map_or(0, csv::Position::byte);
        let bytes = self.text.as_bytes();
        let at = usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
        at + bytes[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
    }

    /// Whether this row, the last one read, runs to the end of the file because a
    /// quote is not closed.
    fn is_unclosed(&self, record: &StringRecord) -> bool {
        let is_last = self.reader.position().byte() >= self.text.len() as u64;
        is_last && ends_in_quotes(&self.text.as_bytes()[self.start(record)..], self.delimiter)
    }
}

fn ends_in_quotes(row: &[u8], delimiter: u8) -> bool {
    let (mut is_quoted, mut is_field_start) = (false, true);
    for &byte in row {
        // A doubled quote closes and opens again, which comes to the same.
        if byte == b'"' && (is_quoted || is_field_start) {
            is_quoted = !is_quoted;
            is_field_start = !is_quoted;
        } else {
            is_field_start = !is_quoted && byte == delimiter;
        }
    }
    is_quoted
}

/// Lines end with `\n`, `\r\n` or `\r`.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    let mut breaks = 0;
    let mut after_return = false;
    for &byte in bytes {
        breaks += u64::from(byte == b'\r' || (byte == b'\n' && !after_return));
        after_return = byte == b'\r';
    }
    breaks
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a file in UTF-8, without a byte order mark.
fn decode<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str> {
    let is_marked = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if is_marked || bytes.iter().take(64).any(|&byte| byte == 0) {
        return Err(not_utf8(file, 1, "UTF-16"));
    }
    utf8(file, bytes.strip_prefix(MARK).unwrap_or(bytes), 1)
}

/// The text of a part of a file that begins on a line.
fn utf8<'a>(file: &Path, bytes: &'a [u8], line: u64) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (good, rest) = bytes.split_at(error.valid_up_to());
        let byte = rest.first().copied().unwrap_or_default();
        let found = format!("the byte {byte:02X}, perhaps Latin-1 or Windows-1252");
        not_utf8(file, line + line_breaks(good), &found)
    })
}

fn not_utf8(file: &Path, line: u64, found: &str) -> Error {
    Error::input(file, line, None, format!("expected text in UTF-8, found {found}"))
        .hint("save the file as UTF-8 and import it again".to_owned())
}

/// The delimiter: of comma, semicolon and tab, the one that the header line has
/// most of outside quotes; the comma in doubt.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(0, b','), (0, b';'), (0, b'\t')];
    let mut is_quoted = false;
    for byte in text.bytes().skip_while(|byte| matches!(byte, b'\r' | b'\n')) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts.iter_mut().filter(|(_, known)| *known == byte).for_each(|(count, _)| *count += 1),
        }
    }
    counts.into_iter().rev().max_by_key(|(count, _)| *count).map_or(b',', |(_, delimiter)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut rows = Rows::new(text);
        let mut record = StringRecord::new();
        let mut all = Vec::new();
        while let Some(line) = rows.next(&mut record) {
            all.push((line, record.iter().map(str::to_owned).collect()));
        }
        all
    }

    fn numbers(text: &str) -> Vec<u64> {
        lines(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn rows_know_the_line_they_start_on() {
        assert_eq!(numbers("a,b\n1,2\n3,4\n"), [1, 2, 3]);
        assert_eq!(numbers("a,b\r\n1,2\r\n3,4"), [1, 2, 3]);
        assert_eq!(numbers("a,b\r1,2\r3,4"), [1, 2, 3]);
        assert_eq!(numbers("\n\na,b\n\n\n1,2\n"), [3, 6]);
        assert_eq!(numbers("a,b\n\"x\ny\nz\",2\n3,4\n"), [1, 2, 5]);
        assert_eq!(numbers("a,b\r\n\"x\r\ny\",2\r\n\r\n3,4\r\n"), [1, 2, 5]);
    }

    #[test]
    fn the_header_line_decides_the_delimiter() {
        assert_eq!(delimiter(":ID,name\na;b;c"), b',');
        assert_eq!(delimiter(":ID;name;\"a,b,c\"\n"), b';');
        assert_eq!(delimiter("\n:ID\tname\n"), b'\t');
        assert_eq!(delimiter(":ID"), b',');
    }

    #[test]
    fn a_quote_that_is_never_closed_is_seen() {
        assert!(ends_in_quotes(b"a,\"b\nc,d\n", b','));
        assert!(ends_in_quotes(b"\"a\"\"", b','));
        for closed in [&b"a,\"b\"\n"[..], b"5\" pipe,b", b"\"a\"\"b\"", b"\"\"", b""] {
            assert!(!ends_in_quotes(closed, b','), "{}", closed.escape_ascii());
        }
    }

    #[test]
    fn other_encodings_are_named_with_the_line() {
        let wrong =
            |bytes: &[u8]| decode(Path::new("f.csv"), bytes).map(str::to_owned).map_err(|e| e.to_string());
        assert_eq!(wrong(b"\xEF\xBB\xBFa"), Ok("a".to_owned()));
        assert_eq!(wrong(b"\xFF\xFEa\0"), Err("f.csv:1: expected text in UTF-8, found UTF-16".to_owned()));
        assert_eq!(wrong(b"a\0b\0"), Err("f.csv:1: expected text in UTF-8, found UTF-16".to_owned()));
        let latin = "f.csv:2: expected text in UTF-8, found the byte E9, perhaps Latin-1 or Windows-1252";
        assert_eq!(wrong(b"a\nCaf\xE9\n"), Err(latin.to_owned()));
    }
}

//! The pages of an index of names, and where they are.

use std::fmt::Debug;

use super::Kind;
use crate::columns::{Reader, damaged, put_ints, put_varint, take_ints};
use crate::error::Result;

/// How many names a page has.
pub(super) const PAGE_NAMES: usize = 1024;

/// About how many numbers a page of terms has; what is filed under one term is never parted.
const PAGE_FILED: usize = 4096;

/// Where the pages of an index of names are: in memory, or where they are read when they are touched.
pub trait NamePages: Debug {
    /// How many names there are, and where terms are.
    fn directory(&self) -> &Directory;

    /// A page of names, in the order of their numbers; none beyond the last.
    fn names(&self, number: usize) -> Option<&NamePage>;

    /// A page of terms and what is filed under them.
    fn terms(&self, of: Terms, number: usize) -> Option<&TermPage>;

    /// A page of the names' numbers, in the order of the names' normal forms.
    fn order(&self, number: usize) -> Option<&OrderPage>;
}

/// What is filed under terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// Names.
    Filed,
    /// Terms of keys, under the keys with a letter left out.
    Neighbours,
}

/// What is known of an index before any page is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// How many names and identifiers there are.
    pub(super) len: usize,
    /// How many of them are names.
    pub(super) n_ordered: usize,
    /// The first term of each page of names and of neighbours.
    pub(super) fences: [Vec<u32>; 2],
}

/// Names and identifiers, and whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamePage {
    text: String,
    /// Where each name ends in `text`.
    ends: Vec<u32>,
    owners: Vec<u32>,
    sorts: Vec<Sort>,
    /// The letters of each name in pairs.
    letters: Vec<u64>,
}

/// What a row of a page is the name of, and whether it is an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sort {
    kind: Option<Kind>,
    is_identifier: bool,
}

/// A name or identifier as it is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row<'p> {
    pub(super) text: &'p str,
    pub(super) owner: u32,
    pub(super) kind: Option<Kind>,
    pub(super) is_identifier: bool,
}

/// Terms of 32 bits and what is filed under them: term and number in one word, sorted, so that a
/// term's numbers lie side by side in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermPage(pub(super) Vec<u64>);

/// Numbers of names, in the order of their normal forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderPage(pub(super) Vec<u32>);

/// All pages in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InMemory {
    /// See [`NamePages::directory`].
    pub directory: Directory,
    /// The pages of names.
    pub names: Vec<NamePage>,
    /// The pages of names by terms.
    pub filed: Vec<TermPage>,
    /// The pages of keys' neighbours.
    pub neighbours: Vec<TermPage>,
    /// The pages of names in order.
    pub order: Vec<OrderPage>,
}

impl NamePages for InMemory {
    fn directory(&self) -> &Directory {
        &self.directory
    }

    fn names(&self, number: usize) -> Option<&NamePage> {
        self.names.get(number)
    }

    fn terms(&self, of: Terms, number: usize) -> Option<&TermPage> {
        match of {
            Terms::Filed => self.filed.get(number),
            Terms::Neighbours => self.neighbours.get(number),
        }
    }

    fn order(&self, number: usize) -> Option<&OrderPage> {
        self.order.get(number)
    }
}

impl InMemory {
    /// How much memory they take, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let names: usize = self.names.iter().map(NamePage::size_bytes).sum();
        let terms: usize =
            self.filed.iter().chain(&self.neighbours).map(|page| page.0.capacity() * size_of::<u64>()).sum();
        let order: usize = self.order.iter().map(|page| page.0.capacity() * size_of::<u32>()).sum();
        let fences: usize = self.directory.fences.iter().map(|fences| fences.capacity() * 4).sum();
        names + terms + order + fences
    }
}

/// A term with a number, as it is sorted.
pub(super) fn filed(term: u32, number: u32) -> u64 {
    u64::from(term) << 32 | u64::from(number)
}

/// The number that was filed.
pub(super) fn number(filed: u64) -> u32 {
    filed as u32
}

fn term(filed: u64) -> u32 {
    (filed >> 32) as u32
}

/// Cuts what is filed into pages; gives the first term of each, too.
///
/// # Complexity
/// O(n) for what is sorted already.
pub(super) fn cut(sorted: &[u64]) -> (Vec<u32>, Vec<TermPage>) {
    let (mut fences, mut pages) = (Vec::new(), Vec::new());
    let mut rest = sorted;
    while let Some(&first) = rest.first() {
        let last = rest[PAGE_FILED.min(rest.len()) - 1];
        let page;
        (page, rest) = rest.split_at(rest.partition_point(|&one| term(one) <= term(last)));
        fences.push(term(first));
        pages.push(TermPage(page.to_vec()));
    }
    (fences, pages)
}

/// What is filed under a term.
///
/// # Complexity
/// O(log n), and a page is touched.
pub(super) fn under(pages: &impl NamePages, of: Terms, wanted: u32) -> &[u64] {
    let fences = &pages.directory().fences[of as usize];
    let after = fences.partition_point(|&first| first <= wanted);
    let page = after.checked_sub(1).and_then(|number| pages.terms(of, number));
    let near = page.map_or(&[][..], |page| &page.0);
    let near = &near[near.partition_point(|&one| term(one) < wanted)..];
    &near[..near.partition_point(|&one| term(one) == wanted)]
}

impl Directory {
    /// As bytes, to be stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.len as u64);
        put_varint(&mut out, self.n_ordered as u64);
        for fences in &self.fences {
            put_varint(&mut out, fences.len() as u64);
            put_numbers(&mut out, fences.iter().copied());
        }
        out
    }

    /// Reads what [`Directory::encode`] wrote.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no directory.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let mut directory = Self {
            len: reader.varint_up_to(u32::MAX as usize)?,
            n_ordered: reader.varint_up_to(u32::MAX as usize)?,
            fences: [Vec::new(), Vec::new()],
        };
        for fences in &mut directory.fences {
            let len = reader.varint_up_to(u32::MAX as usize)?;
            *fences = take_numbers(&mut reader, len)?;
        }
        Ok(directory)
    }
}

impl Sort {
    fn code(self) -> u8 {
        let kind = match self.kind {
            None => 0,
            Some(Kind::Person) => 1,
            Some(Kind::Organisation) => 2,
            Some(Kind::Vessel) => 3,
            Some(Kind::Place) => 4,
        };
        kind | u8::from(self.is_identifier) << 7
    }

    fn of_code(code: u8) -> Result<Self> {
        let kind = match code & 0x7F {
            0 => None,
            1 => Some(Kind::Person),
            2 => Some(Kind::Organisation),
            3 => Some(Kind::Vessel),
            4 => Some(Kind::Place),
            _ => return Err(damaged("a name is of an unknown kind")),
        };
        Ok(Self { kind, is_identifier: code & 0x80 != 0 })
    }
}

impl NamePage {
    pub(super) fn push(&mut self, row: Row<'_>, letters: u64) {
        self.text.push_str(row.text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.owners.push(row.owner);
        self.sorts.push(Sort { kind: row.kind, is_identifier: row.is_identifier });
        self.letters.push(letters);
    }

    pub(super) fn get(&self, at: usize) -> Option<Row<'_>> {
        let from = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        let sort = self.sorts.get(at)?;
        Some(Row {
            text: self.text.get(from as usize..*self.ends.get(at)? as usize)?,
            owner: *self.owners.get(at)?,
            kind: sort.kind,
            is_identifier: sort.is_identifier,
        })
    }

    pub(super) fn owner(&self, at: usize) -> Option<u32> {
        self.owners.get(at).copied()
    }

    pub(super) fn letters(&self, at: usize) -> Option<u64> {
        self.letters.get(at).copied()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.owners.len()).filter_map(|at| self.get(at))
    }

    fn size_bytes(&self) -> usize {
        let n_rows = self.ends.capacity() + self.owners.capacity();
        let sorts = self.sorts.capacity() * size_of::<Sort>();
        self.text.capacity() + n_rows * size_of::<u32>() + sorts + self.letters.capacity() * size_of::<u64>()
    }

    /// As bytes, to be stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.owners.len() as u64);
        put_numbers(&mut out, self.ends.iter().copied());
        put_numbers(&mut out, self.owners.iter().copied());
        out.extend(self.sorts.iter().map(|sort| sort.code()));
        self.letters.iter().for_each(|letters| out.extend(letters.to_le_bytes()));
        out.extend_from_slice(self.text.as_bytes());
        out
    }

    /// Reads what [`NamePage::encode`] wrote.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(PAGE_NAMES)?;
        let ends = take_numbers(&mut reader, len)?;
        let owners = take_numbers(&mut reader, len)?;
        let sorts = reader.take(len)?.iter().map(|&code| Sort::of_code(code)).collect::<Result<_>>()?;
        let letters = reader.take(len * size_of::<u64>())?.as_chunks::<8>().0;
        let letters = letters.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        let text = std::str::from_utf8(reader.rest()).map_err(|_| damaged("a name is no text"))?;
        Ok(Self { text: text.to_owned(), ends, owners, sorts, letters })
    }
}

impl TermPage {
    /// As bytes, to be stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.0.len() as u64);
        put_numbers(&mut out, self.0.iter().map(|&one| term(one)));
        put_numbers(&mut out, self.0.iter().map(|&one| number(one)));
        out
    }

    /// Reads what [`TermPage::encode`] wrote.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(u32::MAX as usize)?;
        let terms = take_numbers(&mut reader, len)?;
        let numbers = take_numbers(&mut reader, len)?;
        Ok(Self(terms.into_iter().zip(numbers).map(|(term, number)| filed(term, number)).collect()))
    }
}

impl OrderPage {
    /// As bytes, to be stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.0.len() as u64);
        put_numbers(&mut out, self.0.iter().copied());
        out
    }

    /// Reads what [`OrderPage::encode`] wrote.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(PAGE_NAMES)?;
        take_numbers(&mut reader, len).map(Self)
    }
}

fn put_numbers(out: &mut Vec<u8>, numbers: impl Iterator<Item = u32>) {
    put_ints(&numbers.map(i64::from).collect::<Vec<_>>(), out);
}

fn take_numbers(reader: &mut Reader<'_>, len: usize) -> Result<Vec<u32>> {
    let number = |number: i64| u32::try_from(number).map_err(|_| damaged("a number is too large"));
    take_ints(reader, len)?.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_leads_to_its_numbers_and_no_others() {
        let terms = [0, 1, 7, u32::MAX / 2, u32::MAX - 1, u32::MAX];
        let mut all: Vec<u64> =
            (0..60_000).map(|i| filed(terms[i as usize % 5], i)).chain([filed(9, 3)]).collect();
        all.sort_unstable();
        let (fences, filed_pages) = cut(&all);
        assert!(filed_pages.len() > 3);
        let directory = Directory { fences: [fences, Vec::new()], ..Directory::default() };
        let pages = InMemory { directory, filed: filed_pages, ..InMemory::default() };
        for wanted in terms.into_iter().chain([2, 9, 1 << 31]) {
            let expected: Vec<u64> = all.iter().copied().filter(|&one| term(one) == wanted).collect();
            assert_eq!(under(&pages, Terms::Filed, wanted), expected, "{wanted}");
        }
        assert!(under(&pages, Terms::Neighbours, 5).is_empty());
        assert!(under(&InMemory::default(), Terms::Filed, 5).is_empty());
    }

    #[test]
    fn pages_are_read_as_they_were_written_and_no_other_bytes_panic() {
        let mut names = NamePage::default();
        for (owner, text) in ["Rajin", "", "라진항"].into_iter().enumerate() {
            let row =
                Row { text, owner: owner as u32 * 7, kind: Some(Kind::Place), is_identifier: owner == 1 };
            names.push(row, u64::MAX >> owner);
        }
        let terms = TermPage(vec![filed(3, 9), filed(3, 11), filed(u32::MAX, 0)]);
        let order = OrderPage(vec![2, 0]);
        let directory = Directory { len: 3, n_ordered: 2, fences: [vec![3, 80], vec![]] };
        assert_eq!(NamePage::decode(&names.encode()).expect("as written"), names);
        assert_eq!(TermPage::decode(&terms.encode()).expect("as written"), terms);
        assert_eq!(OrderPage::decode(&order.encode()).expect("as written"), order);
        assert_eq!(Directory::decode(&directory.encode()).expect("as written"), directory);
        let all = [names.encode(), terms.encode(), order.encode(), directory.encode()];
        for (whole, at) in all.iter().flat_map(|whole| (0..whole.len()).map(move |at| (whole, at))) {
            for byte in [0, 1, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                for bytes in [&bytes[..], &bytes[..at]] {
                    if let Ok(page) = NamePage::decode(bytes) {
                        assert!(page.rows().count() <= page.owners.len());
                    }
                    let _ = (TermPage::decode(bytes), OrderPage::decode(bytes), Directory::decode(bytes));
                }
            }
        }
    }
}

//! A column of texts: one piece of memory, and where each text ends.
//!
//! Written in the way that takes least room: as integers where every text is one as
//! integers are written, by the numbers of the few different texts, or as they are.

use rustc_hash::FxHashMap;

use super::bytes::{Reader, damaged, put_text, put_varint};
use super::ints;
use crate::error::Result;

/// Texts in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    text: String,
    ends: Vec<usize>,
}

const AS_INTS: u8 = 0;
const BY_NUMBER: u8 = 1;
const AS_THEY_ARE: u8 = 2;

/// No column has more text than this, so that a few damaged bytes cannot fill the memory.
const TEXT_BYTES_MAX: usize = 256 << 20;

impl Texts {
    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at a place, from 0.
    ///
    /// # Panics
    /// Where there are no more than `at` texts.
    #[must_use]
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// All texts in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Adds all texts of another column.
    pub fn append(&mut self, other: &Self) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| start + end));
    }

    /// Appends the column's bytes.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let numbers: Option<Vec<i64>> = self.iter().map(as_written_number).collect();
        if let Some(numbers) = numbers {
            out.push(AS_INTS);
            ints::encode(&numbers, out);
            return;
        }
        if let Some((different, numbers)) = self.by_number() {
            out.push(BY_NUMBER);
            put_varint(out, different.len() as u64);
            different.iter().for_each(|text| put_text(out, text));
            ints::encode(&numbers, out);
            return;
        }
        out.push(AS_THEY_ARE);
        let lens: Vec<i64> = self.iter().map(|text| text.len() as i64).collect();
        ints::encode(&lens, out);
        out.extend_from_slice(self.text.as_bytes());
    }

    /// The different texts, and the number of each text; `None` where too many differ.
    fn by_number(&self) -> Option<(Vec<&str>, Vec<i64>)> {
        let mut numbers = FxHashMap::default();
        let mut different = Vec::new();
        let mut column = Vec::with_capacity(self.len());
        for text in self.iter() {
            let number = *numbers.entry(text).or_insert_with(|| {
                different.push(text);
                different.len() - 1
            });
            if different.len() > 1 + self.len() / 4 {
                return None;
            }
            column.push(number as i64);
        }
        Some((different, column))
    }

    /// Reads a column of `len` texts.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such column.
    pub(super) fn decode(reader: &mut Reader<'_>, len: usize) -> Result<Self> {
        let mut texts = Self::default();
        match reader.byte()? {
            AS_INTS => {
                let numbers = ints::decode(reader, len)?;
                numbers.iter().for_each(|number| texts.push(&number.to_string()));
            }
            BY_NUMBER => {
                let n_different = reader.varint_up_to(reader.rest().len())?;
                let different: Vec<&str> = (0..n_different).map(|_| reader.text()).collect::<Result<_>>()?;
                for number in ints::decode(reader, len)? {
                    let text = usize::try_from(number).ok().and_then(|number| different.get(number));
                    texts.push(text.ok_or_else(|| damaged("a text has no number"))?);
                    if texts.text.len() > TEXT_BYTES_MAX {
                        return Err(damaged("its texts are too long"));
                    }
                }
            }
            AS_THEY_ARE => {
                let lens = ints::decode(reader, len)?;
                for len in lens {
                    let len = usize::try_from(len).map_err(|_| damaged("a text has no length"))?;
                    let text = std::str::from_utf8(reader.take(len)?);
                    texts.push(text.map_err(|_| damaged("a text is not in UTF-8"))?);
                }
            }
            _ => return Err(damaged("texts are written in an unknown way")),
        }
        Ok(texts)
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut column = Self::default();
        texts.into_iter().for_each(|text| column.push(text));
        column
    }
}

/// The number that a text is, where writing the number gives the same text.
fn as_written_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = match digits.as_bytes() {
        [] => false,
        [b'0'] => digits.len() == text.len(),
        [first, ..] => *first != b'0',
    };
    (is_plain && digits.len() <= 19 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(texts: &Texts) -> usize {
        let mut bytes = Vec::new();
        texts.encode(&mut bytes);
        let mut reader = Reader::new(&bytes);
        assert_eq!(Texts::decode(&mut reader, texts.len()).expect("just encoded"), *texts);
        assert!(reader.rest().is_empty());
        bytes.len()
    }

    #[test]
    fn each_way_gives_the_texts_back() {
        let numbers: Vec<String> = (0..1000).map(|n: i32| n.to_string()).collect();
        assert!(round_trip(&numbers.iter().map(String::as_str).collect()) < 300);
        let few: Texts = (0..1000).map(|n| ["Vessel", "Port", "Дунай"][n % 3]).collect();
        assert!(round_trip(&few) < 400);
        for texts in [&["007", "7", "-0", "+1"][..], &["", "a", "99999999999999999999"], &[""; 3], &[]] {
            round_trip(&texts.iter().copied().collect());
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(texts in prop::collection::vec("[0-9a-я-]{0,4}", 0..60)) {
            round_trip(&texts.iter().map(String::as_str).collect());
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), len in 0_usize..100) {
            let _ = Texts::decode(&mut Reader::new(&bytes), len);
        }
    }
}

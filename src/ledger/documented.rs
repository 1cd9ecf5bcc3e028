//! Holds the tables of `docs/storage.md` against encoded bytes.

use std::collections::BTreeMap;

/// Asserts that the table under `heading` lists exactly `fields`, in order and
/// without gaps, and that `encoded` has their bytes where the table says.
///
/// A length may be a letter, which then stands for the length of that field; an
/// offset is a sum of numbers and such letters.
pub(crate) fn assert_documented(doc: &str, heading: &str, encoded: &[u8], fields: &[(&str, &[u8])]) {
    let mut letters = BTreeMap::new();
    let mut end = 0;
    let rows = table(doc, heading);
    let names: Vec<&str> = rows.iter().map(|[_, _, name]| *name).collect();
    assert_eq!(names, fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "fields of {heading}");
    for ([offset, bytes, name], (_, expected)) in rows.into_iter().zip(fields) {
        let offset: usize = offset.split('+').map(|term| value(term.trim(), &letters)).sum();
        letters.entry(bytes).or_insert(expected.len());
        assert_eq!(offset, end, "offset of {name} in {heading}");
        assert_eq!(value(bytes, &letters), expected.len(), "length of {name} in {heading}");
        end = offset + expected.len();
        assert_eq!(&encoded[offset..end], *expected, "bytes of {name} in {heading}");
    }
    assert_eq!(end, encoded.len(), "length of {heading}");
}

fn value<'a>(term: &'a str, letters: &BTreeMap<&'a str, usize>) -> usize {
    term.parse()
        .ok()
        .or_else(|| letters.get(term).copied())
        .expect("a number or the length of an earlier field")
}

/// Offset, length and name from the rows of the first table under a heading.
fn table<'a>(doc: &'a str, heading: &str) -> Vec<[&'a str; 3]> {
    let lines = doc.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading).skip(1);
    let rows =
        lines.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        [cells[1], cells[2], cells[3]]
    })
    .collect()
}

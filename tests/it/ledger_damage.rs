//! The record of a small case, cut at every byte and with every byte flipped, seen from the
//! case: what is whole is there, and damage is named and never taken for an unfinished
//! write, nor answered from. A second case has an import in bulk, of which bytes are sampled.
//!
//! `THROUGHLINE_CASES` flips more bytes of the second, `THROUGHLINE_SEED` others.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::graph::{Graph, Lens};
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case, Error};

use super::dice::{Dice, cases};

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1_700_000_000_000_000 }
}

/// A case without an index, and its graph after each commit.
struct Sample {
    dir: TempDir,
    bytes: Vec<u8>,
    graphs: Vec<Graph>,
    /// Where each commit ends, from none on.
    ends: Vec<usize>,
}

impl Sample {
    fn new(change: impl Fn(&mut Case, usize) -> bool) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
        let record = dir.path().join("case/ledger/00000001.seg");
        let length = || fs::metadata(&record).expect("it is there").len() as usize;
        let (mut graphs, mut ends) = (vec![Graph::new()], vec![length()]);
        for number in 0.. {
            if !change(&mut case, number) {
                break;
            }
            assert_eq!(case.sequence() as usize, number + 1, "one commit each");
            graphs.push(case.graph().clone());
            ends.push(length());
        }
        drop(case);
        let bytes = fs::read(&record).expect("it reads");
        Self { dir, bytes, graphs, ends }
    }

    fn record(&self) -> PathBuf {
        self.dir.path().join("case/ledger/00000001.seg")
    }

    fn open(&self, bytes: &[u8], access: Access) -> Result<Case, Error> {
        fs::write(self.record(), bytes).expect("it can be written");
        Case::open(&self.dir.path().join("case"), access)
    }

    /// Removes the index, and the tails that were moved aside.
    fn forget(&self) {
        let case = self.dir.path().join("case");
        let _ = fs::remove_dir_all(case.join("index"));
        for entry in fs::read_dir(case.join("ledger")).expect("it is there").flatten() {
            if entry.file_name().to_string_lossy().starts_with("torn-") {
                fs::remove_file(entry.path()).expect("it can be removed");
            }
        }
    }

    /// How many commits are whole before a byte.
    fn whole_before(&self, at: usize) -> usize {
        self.ends.iter().filter(|end| **end <= at).count().saturating_sub(1)
    }

    /// A record that is cut shows what is whole of it; the owner says what was cut off.
    fn check_cut(&self, length: usize, access: Access) {
        let what = format!("cut to {length} bytes, {access:?}");
        let opened = self.open(&self.bytes[..length], access);
        if length < self.ends[0] {
            let error = opened.expect_err("no segment begins like this");
            assert_eq!(error.class(), "Corrupt", "{what}");
            return;
        }
        let case = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
        let n = self.whole_before(length);
        assert_eq!(case.sequence() as usize, n, "{what}");
        assert!(case.graph().same_elements(&self.graphs[n]), "{what}");
        assert_eq!(case.notices().is_empty(), self.ends.contains(&length), "{what}");
    }

    /// A record with a byte that went bad is refused, or reads as it did; gives whether it was.
    fn check_flip(&self, at: usize, mask: u8) -> bool {
        let what = format!("byte {at} flipped with {mask:#04x}");
        let mut bytes = self.bytes.clone();
        bytes[at] ^= mask;
        let damage = match self.open(&bytes, Access::Read) {
            Err(error) => error,
            Ok(case) => {
                // Whatever is not looked at by opening is by `check`.
                assert_eq!(case.sequence() as usize, self.graphs.len() - 1, "{what}: taken for torn");
                let last = self.graphs.last().expect("there are some");
                assert!(case.graph().same_elements(last), "{what}: silently wrong");
                match case.check() {
                    Err(error) => error,
                    Ok(_) => return false,
                }
            }
        };
        assert!(matches!(damage.class(), "Corrupt" | "FormatError"), "{what}: {damage}");
        assert!(damage.to_string().contains(".seg") || damage.class() == "FormatError", "{what}: {damage}");
        true
    }
}

fn run(case: &mut Case, text: &str) {
    let lens = Lens::default();
    let options = Options::new(&lens, author().now_micros);
    case.query(text, &Parameters::new(), &author(), &options)
        .unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Single frames, short and compressed ones, and a run.
fn small() -> Sample {
    Sample::new(|case, number| {
        let text = match number {
            0 => "CREATE (:Vessel {id: 'angara'})-[:CALLED_AT {from: '2023-09'}]->(:Port {id: 'rajin'})",
            1 => "MATCH (v:Vessel) CALL evidence.claim({about: v, grade: 'B2'})",
            2 => "MATCH (v:Vessel) SET v.note = 'calls and calls and calls and calls and calls and calls'",
            3 => "MATCH (v:Vessel) DETACH DELETE v",
            _ => return false,
        };
        run(case, text);
        true
    })
}

/// Pages of an import in bulk, between two statements.
fn bulk() -> Sample {
    Sample::new(|case, number| {
        match number {
            0 => run(case, "CREATE (:X {id: 'before'})"),
            1 => {
                let rows: String = (0..600).map(|n| format!("k{n},X,{}\n", n * 7919 % 1009)).collect();
                let nodes = format!(":ID,:LABEL,n:int\n{rows}").into_bytes();
                let rows: String = (0..900).map(|n| format!("k{},R,k{}\n", n % 600, n * 31 % 600)).collect();
                let relationships = format!(":START_ID,:TYPE,:END_ID\n{rows}").into_bytes();
                let files = [
                    Input { name: "nodes.csv".into(), content: (nodes).into() },
                    Input { name: "relationships.csv".into(), content: (relationships).into() },
                ];
                let options = ImportOptions { bulk_bytes_min: Some(0), ..ImportOptions::default() };
                let imported = case.import(&files, &options, true, &author(), &|_| true).expect("an import");
                assert!(imported.is_committed);
            }
            _ => return false,
        }
        true
    })
}

#[test]
fn the_record_of_a_case_cut_at_any_byte_shows_whole_commits() {
    let sample = small();
    for length in 0..=sample.bytes.len() {
        sample.check_cut(length, Access::Read);
    }
    // Owning it makes an index each time, which takes longer.
    for length in (0..=sample.bytes.len()).step_by(23) {
        sample.check_cut(length, Access::Own);
        sample.forget();
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_record_of_a_case_is_named() {
    let sample = small();
    for at in 0..sample.bytes.len() {
        for mask in [0x01, 0x10, 0x80, 0xFF] {
            assert!(sample.check_flip(at, mask), "byte {at} flipped with {mask:#04x} was not found");
        }
    }
}

/// A wrong length makes a frame look as if it were cut off.
#[test]
fn no_flipped_length_passes_for_an_unfinished_write() {
    for sample in [small(), bulk()] {
        for &start in &sample.ends[..sample.ends.len() - 1] {
            let lengths = (20..28).chain(36..40);
            for (at, bit) in lengths.flat_map(|at| (0..8).map(move |bit| (start + at, bit))) {
                let mut bytes = sample.bytes.clone();
                bytes[at] ^= 1 << bit;
                let opened = sample.open(&bytes, Access::Own);
                let error = opened.expect_err(&format!("bit {bit} of byte {at}"));
                assert_eq!(error.class(), "Corrupt", "bit {bit} of byte {at}: {error}");
                assert_eq!(fs::read(sample.record()).expect("it reads"), bytes, "nothing was moved");
            }
        }
    }
}

#[test]
fn the_record_of_an_import_in_bulk_cut_or_flipped_is_whole_or_named() {
    let sample = bulk();
    let seed = std::env::var("THROUGHLINE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut dice = Dice::new(seed);
    for _ in 0..cases(150) {
        let at = dice.below(sample.bytes.len());
        sample.check_cut(at, Access::Read);
        let mask = 1 << dice.below(8);
        assert!(sample.check_flip(at, mask), "byte {at} flipped with {mask:#04x} was not found");
    }
}

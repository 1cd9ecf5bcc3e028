//! Damage in the files of the index: found, and the index made anew from the record, or
//! harmless. No answer changes, and nothing that was damaged gets into the record or into
//! the next generation of the index.
//!
//! `THROUGHLINE_CASES` flips more bytes, `THROUGHLINE_SEED` others.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::graph::Lens;
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case, Result};

use super::dice::{Dice, cases};

/// Nodes of the case: several pages of them, and of what leaves them.
const NODES: usize = 9000;

/// Questions that touch pages of every kind.
const QUESTIONS: [&str; 7] = [
    "MATCH (n:X) RETURN count(n), sum(n.n)",
    "MATCH (n {id: 'k77'}) RETURN n.n, n.name",
    "MATCH (n {id: 'own 7'})<-[r:OF]-(m) RETURN m.n",
    "MATCH (n {id: 'k4242'})-[r:R]->(m) RETURN m.n, r.from ORDER BY m.n",
    "MATCH (n {id: 'k8000'})<-[r:R]-(m) RETURN m.n ORDER BY m.n",
    "MATCH ()-[r:R]->() RETURN count(r), sum(r.from)",
    "MATCH (n:Told) RETURN n.n, confidence(n)",
];

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1_700_000_000_000_000 }
}

fn rows(case: &mut Case, text: &str) -> Vec<String> {
    let lens = Lens::default();
    let options = Options::new(&lens, author().now_micros);
    let answer = case.query(text, &Parameters::new(), &author(), &options);
    let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
    answer.rows.iter().map(|row| format!("{row:?}")).collect()
}

fn answers(case: &mut Case) -> Vec<Vec<String>> {
    QUESTIONS.iter().map(|question| rows(case, question)).collect()
}

fn file(name: &str, text: String) -> Input {
    Input { name: name.into(), content: (text.into_bytes()).into() }
}

/// A closed case whose index has pages of every kind, and a copy of that index.
struct Sample {
    dir: TempDir,
    answers: Vec<Vec<String>>,
}

impl Sample {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
        let nodes: String = (0..NODES).map(|n| format!("k{n},X,{n},ship {}\n", n * 7919)).collect();
        let ends = |n: usize| (n, n * 31 % NODES, n % 97);
        let relationships: String =
            (0..2 * NODES).map(|n| ends(n % NODES)).map(|(a, b, at)| format!("k{a},R,k{b},{at}\n")).collect();
        let files = [
            file("nodes.csv", format!(":ID,:LABEL,n:int,name\n{nodes}")),
            file("relationships.csv", format!(":START_ID,:TYPE,:END_ID,from\n{relationships}")),
        ];
        let options = ImportOptions { bulk_bytes_min: Some(0), ..ImportOptions::default() };
        let imported = case.import(&files, &options, true, &author(), &|_| true).expect("an import");
        assert!(imported.is_committed);
        for n in 0..20 {
            rows(&mut case, &format!("MATCH (a {{id: 'k{n}'}}) CREATE (a)-[:OF]->(:Y {{id: 'own {n}'}})"));
        }
        rows(
            &mut case,
            "MATCH (n {id: 'k5'}) SET n:Told WITH n CALL evidence.claim({about: n, grade: 'B2'})",
        );
        case.checkpoint().expect("the index is written");
        case.close().expect("it closes");
        let sample = Self { dir, answers: Vec::new() };
        copy(&sample.index(), &sample.dir.path().join("whole"));
        let mut case = sample.own();
        let answers = answers(&mut case);
        assert!(answers.iter().all(|rows| !rows.is_empty()), "{answers:?}");
        drop(case);
        Self { answers, ..sample }
    }

    fn index(&self) -> PathBuf {
        self.dir.path().join("case/index")
    }

    fn record(&self) -> PathBuf {
        self.dir.path().join("case/ledger/00000001.seg")
    }

    fn own(&self) -> Case {
        Case::open(&self.dir.path().join("case"), Access::Own).expect("the case opens")
    }

    /// Puts the index in place as it was, and removes what was set aside.
    fn mend(&self) {
        for entry in fs::read_dir(self.dir.path().join("case")).expect("the case is there").flatten() {
            if entry.file_name().to_string_lossy().starts_with("index") {
                fs::remove_dir_all(entry.path()).expect("it can be removed");
            }
        }
        copy(&self.dir.path().join("whole"), &self.index());
    }

    /// Flips one byte of the index's files; says which.
    fn flip(&self, dice: &mut Dice) -> String {
        let mut files: Vec<PathBuf> = fs::read_dir(self.index())
            .expect("the index is there")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.retain(|path| fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() > 0));
        files.sort();
        // Most of it is in one file; the small ones get their share.
        let path = &files[dice.below(files.len())];
        let mut bytes = fs::read(path).expect("the file can be read");
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) + 1;
        let at = dice.below(used);
        bytes[at] ^= 1 << dice.below(8);
        fs::write(path, bytes).expect("the file can be written");
        format!("byte {at} of {} flipped", path.display())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("the directory is there").flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("the file copies")),
        }
    }
}

fn seed() -> u64 {
    std::env::var("THROUGHLINE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// How many of so many damages were found; the others have to be harmless.
fn count_found(what: &str, n: usize, mut is_found: impl FnMut(&mut Dice) -> bool) {
    let mut dice = Dice::new(seed());
    let found = (0..n).filter(|_| is_found(&mut dice)).count();
    // Shown when the test fails, and with --nocapture.
    #[expect(clippy::print_stdout, reason = "the count of a long run")]
    {
        println!("{what}: {found} of {n} found, the others harmless");
    }
}

#[test]
fn a_flipped_byte_of_the_index_changes_no_answer() {
    let sample = Sample::new();
    count_found("answers", cases(15), |dice| {
        sample.mend();
        let what = sample.flip(dice);
        let mut case = sample.own();
        assert_eq!(answers(&mut case), sample.answers, "{what}");
        let is_found = !case.notices().is_empty();
        // The check either passes, or names what no question touched.
        if let Err(error) = case.check() {
            assert!(matches!(error.class(), "StoreError" | "Corrupt"), "{what}: {error}");
            case.rebuild().expect("it can be made anew");
            case.check().expect("it verifies now");
        }
        is_found
    });
}

/// Statements that touch few pages, and then a checkpoint that merges into many.
#[test]
fn a_checkpoint_writes_nothing_that_rests_on_a_damaged_page() {
    let sample = Sample::new();
    let record = fs::read(sample.record()).expect("the record reads");
    count_found("checkpoints", cases(15), |dice| {
        sample.mend();
        fs::write(sample.record(), &record).expect("the record is put back");
        let what = sample.flip(dice);
        let mut case = sample.own();
        for n in 0..5 {
            let [a, b] = [dice.below(NODES), dice.below(NODES)];
            rows(
                &mut case,
                &format!("MATCH (a {{id: 'k{a}'}}) MATCH (b {{id: 'k{b}'}}) CREATE (a)-[:S {{n: {n}}}]->(b)"),
            );
            rows(&mut case, &format!("CREATE (:Z {{id: 'z{n}'}})"));
        }
        case.checkpoint().expect("the index is written");
        let is_found = !case.notices().is_empty();
        case.close().expect("it closes");
        let mut case = sample.own();
        assert_eq!(answers(&mut case), sample.answers, "{what}");
        assert_eq!(rows(&mut case, "MATCH ()-[r:S]->() RETURN r.n").len(), 5, "{what}");
        assert_eq!(rows(&mut case, "MATCH (z:Z) RETURN z.id").len(), 5, "{what}");
        is_found
    });
}

/// An import asks the index which keys are taken.
#[test]
fn an_import_records_nothing_that_rests_on_a_damaged_page() {
    let sample = Sample::new();
    let record = fs::read(sample.record()).expect("the record reads");
    for is_bulk in [false, true] {
        count_found("imports", cases(10), |dice| {
            sample.mend();
            fs::write(sample.record(), &record).expect("the record is put back");
            let what = sample.flip(dice);
            let mut case = sample.own();
            // All are taken but one.
            let taken = (0..NODES).step_by(50);
            let nodes: String = taken.clone().map(|n| format!("k{n},X,1\n")).collect();
            let files = [file("again.csv", format!(":ID,:LABEL,n:int\n{nodes}new,Z,1\n"))];
            let options = ImportOptions { bulk_bytes_min: is_bulk.then_some(0), ..ImportOptions::default() };
            let imported: Result<_> = case.import(&files, &options, false, &author(), &|_| true);
            let imported = imported.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!((imported.import.bad.len(), imported.import.nodes), (taken.count(), 1), "{what}");
            let is_found = !case.notices().is_empty();
            drop(case);
            let mut reader = Case::open(&sample.dir.path().join("case"), Access::Read).expect("it replays");
            assert_eq!(answers(&mut reader), sample.answers, "{what}");
            is_found
        });
    }
}

#[test]
fn a_stale_or_empty_snapshot_of_sled_changes_no_answer() {
    let sample = Sample::new();
    let whole = fs::read_dir(sample.index()).expect("the index is there").flatten();
    let snapshots: Vec<String> = whole
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("snap."))
        .collect();
    let earlier = fs::read(sample.index().join(snapshots.first().expect("sled leaves a snapshot")));
    let earlier = earlier.expect("it reads");
    // More commits, so that the snapshot of before is a stale one.
    let mut case = sample.own();
    rows(&mut case, "CREATE (:Later {id: 'later'})");
    case.checkpoint().expect("the index is written");
    case.close().expect("it closes");
    fs::remove_dir_all(sample.dir.path().join("whole")).expect("it is there");
    copy(&sample.index(), &sample.dir.path().join("whole"));
    let now = fs::read_dir(sample.index()).expect("the index is there").flatten();
    let now = now.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let now: Vec<String> = now.filter(|name| name.starts_with("snap.")).collect();
    let places =
        [&snapshots[..], &now[..], &["snap.0000000000000001".to_owned(), "snap.ffffffffffffffff".to_owned()]];
    for name in places.concat() {
        for content in [&[][..], &earlier[..], &earlier[..earlier.len() / 2], &[0; 64][..]] {
            sample.mend();
            fs::write(sample.index().join(&name), content).expect("it can be written");
            let mut case = sample.own();
            assert_eq!(answers(&mut case), sample.answers, "{name} of {} bytes", content.len());
            assert_eq!(rows(&mut case, "MATCH (n:Later) RETURN n.id").len(), 1, "{name}");
            case.check().unwrap_or_else(|error| panic!("{name} of {} bytes: {error}", content.len()));
        }
        // And without it.
        sample.mend();
        let _ = fs::remove_file(sample.index().join(&name));
        assert_eq!(answers(&mut sample.own()), sample.answers, "without {name}");
    }
}

#[test]
fn an_index_that_is_gone_cut_or_of_another_case_changes_no_answer() {
    let sample = Sample::new();
    let [short, long] = [5, 30].map(other_case);
    let index = sample.index();
    let db = index.join("db");
    let whole = fs::read(&db).expect("sled has a file of that name");
    let harms: [&dyn Fn(); 6] = [
        &|| fs::remove_dir_all(&index).expect("it is there"),
        &|| fs::remove_file(&db).expect("it is there"),
        &|| fs::write(&db, &whole[..whole.len() / 3]).expect("it can be cut"),
        &|| fs::write(&db, []).expect("it can be emptied"),
        &|| fs::remove_file(index.join("conf")).expect("it is there"),
        &|| {
            fs::remove_dir_all(&index).expect("it is there");
            copy(&short.path().join("case/index"), &index);
        },
    ];
    for (number, harm) in harms.iter().enumerate() {
        sample.mend();
        harm();
        let mut case = sample.own();
        assert_eq!(answers(&mut case), sample.answers, "harm {number}");
        case.check().unwrap_or_else(|error| panic!("harm {number}: {error}"));
        case.close().expect("it closes");
        assert_eq!(answers(&mut sample.own()), sample.answers, "harm {number}, opened again");
    }
    // One that has come further looks as if the record had lost its end: somebody has to decide.
    fs::remove_dir_all(&index).expect("it is there");
    copy(&long.path().join("case/index"), &index);
    let error = Case::open(&sample.dir.path().join("case"), Access::Own).expect_err("it is ahead");
    assert!(
        error.class() == "Corrupt" && error.hint_text().is_some_and(|hint| hint.contains("another case"))
    );
}

/// Another case, of so many commits.
fn other_case(n: usize) -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
    for n in 0..n {
        rows(&mut case, &format!("CREATE (:X {{id: 'stranger {n}', n: {n}}})-[:R]->(:X)"));
    }
    case.checkpoint().expect("the index is written");
    case.close().expect("it closes");
    dir
}

/// A failed attempt must not leave an empty graph behind: what is built on one does not fit
/// the record.
#[test]
fn an_index_that_vanishes_under_an_open_case_takes_nothing_with_it() {
    let attempts: [fn(&mut Case) -> Result<()>; 2] = [Case::rebuild, |case| case.compact().map(drop)];
    for attempt in attempts {
        let sample = Sample::new();
        let mut case = sample.own();
        fs::remove_dir_all(sample.index()).expect("it is there");
        // Whether it can do without is its own business.
        let _ = attempt(&mut case);
        assert_eq!(answers(&mut case), sample.answers);
        rows(&mut case, "MATCH (a {id: 'k1'}) CREATE (a)-[:S]->(:Z {id: 'z'})");
        case.check().expect("it verifies");
        drop(case);
        let mut case = sample.own();
        assert_eq!(answers(&mut case), sample.answers);
        assert_eq!(rows(&mut case, "MATCH (z:Z) RETURN z.id").len(), 1);
        case.check().expect("it verifies");
    }
}

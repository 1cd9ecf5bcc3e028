//! The archive step: the case says the same before and after, and all of it can be proven.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use throughline::case::Archived;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::graph::Lens;
use throughline::ledger::{self, BaseHead, CommitInfo, Ledger};
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case, Error};

pub(crate) fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1_700_000_000_000_000 }
}

pub(crate) fn rows(case: &mut Case, text: &str) -> Vec<String> {
    let lens = Lens::default();
    let options = Options::new(&lens, author().now_micros);
    let answer = case.query(text, &Parameters::new(), &author(), &options);
    let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    answer.rows.iter().map(row).collect()
}

/// A directory with a case, and a place for archives.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    pub(crate) fn case(&self) -> PathBuf {
        self.dir.path().join("case")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn own(&self) -> Case {
        Case::open(&self.case(), Access::Own).expect("the case opens")
    }

    pub(crate) fn read(&self) -> Result<Case, Error> {
        Case::open(&self.case(), Access::Read)
    }

    /// The files of the record with their bytes, by name.
    pub(crate) fn record(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.case().join("ledger")).expect("a ledger");
        let file = |path: PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read(path).expect("a file can be read"))
        };
        let mut files: Vec<_> = entries.map(|entry| file(entry.expect("an entry").path())).collect();
        files.sort();
        files
    }

    fn names(&self) -> Vec<String> {
        self.record().into_iter().map(|(name, _)| name).collect()
    }
}

pub(crate) fn archive(case: &mut Case, file: &Path) -> Archived {
    case.archive(file, &author(), &|_| true).expect("it can be archived")
}

/// Some of everything: pages and single commits, keys, claims and such that were taken back,
/// types, an index, a redacted commit, and ids at the end that nothing has any more.
fn rich(dir: &Path) -> Case {
    let mut case = Case::create(dir, &author()).expect("a new case");
    rows(&mut case, "CREATE (:Early {id: 'early', note: 'what was there first'})");
    let mut nodes = ":ID,:LABEL,name,n:int\nregistry,Source,A made-up registry,\n".to_owned();
    let mut calls = ":ID,:START_ID,:TYPE,:END_ID,from,source,grade\n".to_owned();
    for n in 0..2500 {
        nodes += &format!("s{n},{},SYNTHETIC {n},{n}\n", ["Vessel", "Port", "Vessel;Tanker"][n % 3]);
        let key = if n % 50 == 0 { format!("c{n}") } else { String::new() };
        let source = ["", "registry"][n % 2];
        let to = n * 7 % 2500;
        calls +=
            &format!("{key},s{n},CALLED_AT,s{to},2023-09-{:02},{source},{}\n", 1 + n % 30, ["", "B2"][n % 2]);
    }
    let file = |name: &str, text: String| Input { name: name.into(), content: text.into_bytes().into() };
    let inputs = [file("nodes.csv", nodes), file("calls.csv", calls)];
    let options = ImportOptions { bulk_bytes_min: Some(0), recorded_micros: 7, ..ImportOptions::default() };
    let imported = case.import(&inputs, &options, true, &author(), &|_| true).expect("an import");
    assert!(imported.is_committed, "{:?}", imported.import.bad);
    rows(&mut case, "CREATE INDEX by_n FOR (x:Vessel) ON (x.n)");
    rows(&mut case, "CALL schema.declare('SHADOWS', 'state', 'forward')");
    rows(&mut case, "MATCH (x:Vessel {n: 30}) SET x.seen = true, x:Seen");
    rows(&mut case, "MATCH (a {id: 's3'}) MATCH (b {id: 's4'}) CREATE (a)-[:SHADOWS {from: '2023'}]->(b)");
    rows(&mut case, "MATCH (:Vessel)-[r:CALLED_AT]->(x {id: 's21'}) DELETE r");
    rows(&mut case, "MATCH (v {id: 's5'}) CALL evidence.claim({about: v, grade: 'C3', note: 'doubtful'})");
    case.undo(case.sequence(), &author()).expect("nothing was built on it");
    rows(&mut case, "CREATE (:Secret {id: 'secret'})-[:KNOWS]->(:Secret {id: 'other secret'})");
    let secret = case.sequence();
    rows(&mut case, "MATCH (a {id: 'secret'}) MATCH (b {id: 's9'}) CREATE (a)-[:KNOWS]->(b)");
    case.redact(&[secret], false, "protect", &author()).expect("nothing repeats it");
    rows(&mut case, "CREATE (:Gone {id: 'gone'})-[:LEFT]->(:Gone {id: 'gone too'})");
    rows(&mut case, "MATCH (g:Gone) DETACH DELETE g");
    case
}

/// What a case says, and what it would say of new things.
#[derive(Debug, PartialEq)]
struct Said(Vec<Vec<String>>, [u32; 3]);

fn said(case: &mut Case) -> Said {
    let answers = [
        "MATCH (n) RETURN id(n), labels(n), properties(n) ORDER BY id(n)",
        "MATCH (a)-[r]->(b) RETURN id(r), type(r), id(a), id(b), properties(r), period(r) ORDER BY id(r)",
        "MATCH (a)-[r]->(b) RETURN id(r)",
        "MATCH ()-[r]->() UNWIND claims(r) AS c RETURN id(r), c ORDER BY id(r)",
        "MATCH (x:Vessel {n: 30}) RETURN x.id",
        "SHOW INDEXES",
        "MATCH ()-[r:SHADOWS]->() RETURN period(r)",
        "MATCH p = (a {id: 's1'})-[:CALLED_AT]->(b)-[:CALLED_AT]->(c) RETURN p",
    ];
    let answers = answers.map(|text| rows(case, text)).to_vec();
    let graph = case.graph();
    Said(answers, [graph.next_node().0, graph.next_relationship().0, graph.next_claim().0])
}

#[test]
fn a_case_says_the_same_after_it_was_archived_and_goes_on() {
    let place = Place::new();
    let mut case = rich(&place.case());
    let (before, graph, last) = (said(&mut case), case.graph().clone(), case.sequence());
    let record = place.record();
    let archived = archive(&mut case, &place.file("one.archive"));
    assert_eq!(archived, Archived { last, file: "one.archive".to_owned() });
    assert_eq!((case.sequence(), case.archived().expect("it reads")), (last + 1, Some(archived)));
    assert_eq!(place.names(), ["00000002.base", "00000003.seg"]);
    assert_eq!(said(&mut case), before);
    assert!(case.graph().same_elements(&graph));
    let checked = case.verify().expect("it verifies");
    assert_eq!((checked.commits, checked.archived, checked.redacted), (1, last, 0));
    case.check_archive(&place.file("one.archive"), &place.file("scratch")).expect("it is what was archived");
    // By the index, by the record alone, and with the index made anew.
    case.close().expect("it closes");
    assert_eq!(said(&mut place.own()), before);
    assert_eq!(said(&mut place.read().expect("the record is read")), before);
    let mut case = place.own();
    case.rebuild().expect("the index is made anew");
    assert_eq!(said(&mut case), before);
    case.compact().expect("the index is compacted");
    rows(&mut case, "MATCH (x:Vessel {n: 30}) SET x.n = 31");
    rows(&mut case, "CREATE (:New {id: 'new'})-[:LEFT]->(:New {id: 'newer'})");
    let later = said(&mut case);
    let Said(_, [node, relationship, _]) = before;
    assert_eq!((later.1[0], later.1[1]), (node + 2, relationship + 1));
    case.checkpoint().expect("the index is written");
    drop(case);
    assert_eq!(said(&mut place.own()), later);
    place.own().verify().expect("it verifies");

    Case::unarchive(&place.case(), &place.file("one.archive")).expect("the record comes back");
    assert_eq!(place.names(), ["00000001.seg", "00000002.seg", "00000003.seg"]);
    assert_eq!(place.record()[0], record[0], "byte for byte");
    let mut case = place.own();
    assert_eq!(said(&mut case), later);
    assert_eq!(case.check().expect("it verifies"), last + 3);
    assert_eq!(case.log().expect("the log").len() as u64, last + 3);
    assert_eq!(case.archived().expect("it reads"), None);
    assert!(case.log().expect("the log")[last as usize].is_archive);
    assert!(Case::open_at(&place.case(), last).expect("as it was").graph().same_elements(&graph));
}

#[test]
fn archived_commits_are_named_with_their_file() {
    let place = Place::new();
    let mut case = rich(&place.case());
    let graph = place.read().expect("a reader").graph().clone();
    let last = archive(&mut case, &place.file("one.archive")).last;
    rows(&mut case, "CREATE (:New {id: 'new'})");
    let refused = |error: Error| {
        assert!(error.to_string().contains("archived in one.archive"), "{error}");
        assert!(error.hint_text().is_some_and(|hint| hint.contains("throughline unarchive")), "{error}");
    };
    refused(case.undo(last, &author()).expect_err("it is archived"));
    refused(case.redact(&[1], false, "", &author()).expect_err("it is archived"));
    refused(case.commit_details(last).expect_err("it is archived"));
    refused(Case::open_at(&place.case(), last - 1).expect_err("it is archived"));
    refused(Case::open_at(&place.case(), 0).expect_err("it is archived"));
    assert!(Case::open_at(&place.case(), last).expect("the base").graph().same_elements(&graph));
    assert_eq!(case.log().expect("the log").first().expect("the note").sequence, last + 1);
    for note in [case.undo(last + 1, &author()).expect_err("the note"), {
        case.redact(&[last + 1], false, "", &author()).map(drop).expect_err("the note")
    }] {
        assert!(note.to_string().contains("says what was archived"), "{note}");
    }
    case.undo(last + 2, &author()).expect("a later one can be undone");
    case.redact(&[last + 2], true, "", &author()).expect("and redacted");
    rows(&mut case, "CREATE (:New {id: 'newest'})");
    case.check().expect("it verifies");
}

#[test]
fn what_hangs_on_a_commit_that_was_redacted_before_is_still_left_out() {
    let place = Place::new();
    let mut case = Case::create(&place.case(), &author()).expect("a new case");
    rows(&mut case, "CREATE (:Secret {id: 'secret'})");
    rows(&mut case, "CREATE (:Port {id: 'port'})");
    case.redact(&[1], false, "", &author()).expect("nothing repeats it");
    archive(&mut case, &place.file("a"));
    // A reader that looked before the archive step is not behind what was redacted.
    rows(&mut case, "MATCH (p:Port) CREATE (p)-[:R]->(:Port {id: 'more'})");
    rows(&mut case, "MATCH (p:Port {id: 'more'}) CREATE (p)-[:R]->(:Port {id: 'most'})");
    case.redact(&[5], true, "", &author()).expect("with what repeats it");
    let left = rows(&mut case, "MATCH (p:Port) RETURN p.id ORDER BY p.id");
    assert_eq!(left, ["'most'", "'port'"]);
    case.check().expect("it verifies");
    drop(case);
    assert_eq!(rows(&mut place.own(), "MATCH (p:Port) RETURN p.id ORDER BY p.id"), left);
}

#[test]
fn archiving_twice_goes_back_one_step_at_a_time() {
    let place = Place::new();
    let mut case = rich(&place.case());
    let first_record = place.record();
    archive(&mut case, &place.file("one"));
    rows(&mut case, "CREATE (:Between {id: 'between'})");
    let record = place.record();
    let last = archive(&mut case, &place.file("two")).last;
    let before = said(&mut case);
    assert_eq!(place.names(), ["00000004.base", "00000005.seg"]);
    case.check().expect("it verifies");
    drop(case);
    assert!(Case::unarchive(&place.case(), &place.file("one")).is_err(), "it is not the last");
    // What was archived is a case of its own.
    Case::restore(&place.file("two"), &place.file("restored")).expect("a whole backup");
    let mut restored = Case::open(&place.file("restored"), Access::Own).expect("a case");
    assert_eq!((said(&mut restored), restored.sequence()), (said(&mut place.own()), last));

    Case::unarchive(&place.case(), &place.file("two")).expect("it comes back");
    assert_eq!(place.names(), ["00000002.base", "00000003.seg", "00000004.seg", "00000005.seg"]);
    assert_eq!(place.record()[..2], record[..]);
    assert_eq!(said(&mut place.own()), before);
    place.own().check().expect("it verifies");
    Case::unarchive(&place.case(), &place.file("one")).expect("it comes back");
    assert_eq!(place.record()[0], first_record[0]);
    let mut case = place.own();
    assert_eq!((said(&mut case), case.check().expect("it verifies")), (before, last + 1));
    assert!(Case::unarchive(&place.case(), &place.file("one")).is_err(), "nothing is archived");
    // And all of it can be archived again.
    drop(case);
    archive(&mut place.own(), &place.file("three"));
    place.own().check().expect("it verifies");
}

#[test]
fn what_cannot_be_archived_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let mut case = Case::create(&place.case(), &author()).expect("a new case");
    let file = place.file("a");
    let refused = |case: &mut Case, file: &Path| {
        let error = case.archive(file, &author(), &|_| true).expect_err("it is refused");
        assert!(!file.ends_with("a") || !file.exists(), "{error}");
        error.to_string()
    };
    assert!(refused(&mut case, &file).contains("no commit yet"));
    rows(&mut case, "CREATE (:A {n: 1})");
    rows(&mut case, "BEGIN");
    assert!(refused(&mut case, &file).contains("cannot be part of a transaction"));
    rows(&mut case, "ROLLBACK");
    fs::write(place.file("taken"), "notes").expect("a file");
    assert!(refused(&mut case, &place.file("taken")).contains("is there already"));
    assert!(refused(&mut case, &place.file("no/such/directory")).contains("No such file"));
    for within in ["case/x", "case/ledger/00000002.base", "case/index/x", "other/../case/ledger/x"] {
        fs::create_dir_all(place.file("other")).expect("a directory");
        assert!(refused(&mut case, &place.file(within)).contains("is within the case"), "{within}");
    }
    assert!(
        refused(&mut Case::open(&place.case(), Access::Read).expect("a reader"), &file).contains("reading")
    );
    let record = place.record();
    for stop_at in 0..8 {
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let watch = |_| asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < stop_at;
        let error = case.archive(&file, &author(), &watch).expect_err("it is stopped");
        assert_eq!(error.class(), "Interrupted", "{stop_at}");
        assert_eq!((place.record(), file.exists()), (record.clone(), false), "{stop_at}");
        assert_eq!(rows(&mut case, "MATCH (a:A) RETURN a.n"), ["1"]);
    }
    archive(&mut case, &file);
    assert!(refused(&mut case, &place.file("b")).contains("none came since"));
    assert!(!place.file("b").exists());
}

#[test]
fn a_reader_goes_on_beside_the_archive_step_and_back() {
    let place = Place::new();
    let mut case = rich(&place.case());
    let mut reader = place.read().expect("a reader");
    let past = Case::open_at(&place.case(), 3).expect("as it was");
    rows(&mut case, "CREATE (:New {id: 'new'})");
    archive(&mut case, &place.file("a"));
    // What a process has in memory stays, and is not compared with what came later.
    for stale in [&reader, &past] {
        let error = stale.check().expect_err("it is archived");
        assert!(error.to_string().contains("is archived in a"), "{error}");
        assert_eq!(stale.log().expect("nothing is left of it"), []);
        assert!(stale.archived().expect("it reads").is_some());
    }
    assert_eq!(reader.refresh().expect("it reads on"), 2);
    assert_eq!(said(&mut reader), said(&mut case));
    rows(&mut case, "CREATE (:New {id: 'newer'})");
    assert_eq!(reader.refresh().expect("it reads on"), 1);
    drop(case);
    Case::unarchive(&place.case(), &place.file("a")).expect("it comes back");
    let mut case = place.own();
    rows(&mut case, "CREATE (:New {id: 'newest'})");
    assert_eq!(reader.refresh().expect("it reads on"), 1);
    assert_eq!(said(&mut reader), said(&mut case));
}

#[test]
fn every_step_that_a_crash_can_end_is_taken_back_or_finished() {
    let place = Place::new();
    let mut case = rich(&place.case());
    let (before, last) = (said(&mut case), case.sequence());
    case.checkpoint().expect("an index that reaches the archive");
    drop(case);
    let (old, index) = (place.record(), place.file("old index"));
    copy(&place.case().join("index"), &index);
    archive(&mut place.own(), &place.file("a"));
    let new = place.record();
    let put = |files: &[&(String, Vec<u8>)]| {
        fs::remove_dir_all(place.case().join("ledger")).expect("it goes");
        fs::create_dir(place.case().join("ledger")).expect("it is made anew");
        for (name, bytes) in files {
            fs::write(place.case().join("ledger").join(name), bytes).expect("it can be written");
        }
        fs::remove_dir_all(place.case().join("index")).expect("it goes");
        copy(&index, &place.case().join("index"));
    };
    // The base is there and not attested; attested, and nothing removed; all but the index done.
    for (files, is_archived) in [
        (vec![&old[0], &new[0]], false),
        (vec![&old[0], &new[0], &new[1]], true),
        (vec![&new[0], &new[1]], true),
    ] {
        put(&files);
        let mut reader = place.read().expect("a reader changes nothing");
        assert_eq!((said(&mut reader), reader.sequence()), (clone(&before), last + u64::from(is_archived)));
        let mut case = place.own();
        assert_eq!((said(&mut case), case.sequence()), (clone(&before), last + u64::from(is_archived)));
        assert_eq!(place.record(), if is_archived { new.clone() } else { old.clone() });
        case.check().expect("it verifies");
        rows(&mut case, "CREATE (:Z {n: 1})");
        drop(case);
        place.own().check().expect("it verifies");
    }
    // On the way back: some segments are there, and the base still counts.
    put(&[&new[0], &new[1]]);
    fs::write(place.case().join("ledger/00000001.seg"), &old[0].1[..500]).expect("a half segment");
    fs::write(place.case().join("ledger/00000002.new"), "half").expect("a half segment");
    let mut case = place.own();
    assert_eq!((said(&mut case), place.record()), (before, new));
}

fn clone(said: &Said) -> Said {
    Said(said.0.clone(), said.1)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("an entry");
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy")),
        }
    }
}

#[test]
fn an_archived_case_is_recovered_and_backed_up_with_its_base() {
    let place = Place::new();
    let mut case = rich(&place.case());
    archive(&mut case, &place.file("a"));
    rows(&mut case, "CREATE (:New {id: 'new'})");
    let before = said(&mut case);
    Case::backup(&place.case(), &place.file("backup")).expect("a whole record");
    Case::restore(&place.file("backup"), &place.file("restored")).expect("a whole backup");
    let mut restored = Case::open(&place.file("restored"), Access::Own).expect("a case");
    assert_eq!(said(&mut restored), before);
    restored.check().expect("it verifies");
    // The file belongs to the copy too.
    drop(restored);
    Case::unarchive(&place.file("restored"), &place.file("a")).expect("it comes back");
    assert_eq!(said(&mut Case::open(&place.file("restored"), Access::Own).expect("a case")), before);
    // A backup with a base is refused where a byte of it is wrong.
    let whole = fs::read(place.file("backup")).expect("it reads");
    assert_eq!((whole[8], whole[12]), (2, 2), "format 2, and the base comes first");
    for at in (0..64).chain((64..whole.len()).step_by(whole.len() / 50)) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x01;
        fs::write(place.file("flipped"), bytes).expect("it can be written");
        Case::restore(&place.file("flipped"), &place.file("not")).expect_err("it is refused");
        assert!(!Case::exists(&place.file("not")), "byte {at}");
    }
    // Damage after the base: what is before it is saved. In the base: nothing is.
    drop(case);
    let record = place.record();
    let (name, bytes) = &record[1];
    let mut flipped = bytes.clone();
    let at = flipped.len() - 3;
    flipped[at] ^= 0x01;
    fs::write(place.case().join("ledger").join(name), &flipped).expect("it can be written");
    let (last, damage) = Case::recover(&place.case(), &place.file("saved")).expect("what is before it");
    assert_eq!((last, damage.is_some()), (case_last(&record), true));
    let saved = Case::open(&place.file("saved"), Access::Own).expect("a case");
    assert!(saved.archived().expect("it reads").is_some());
    saved.check().expect("it verifies");
    fs::write(place.case().join("ledger").join(name), bytes).expect("it can be written");
    let (name, bytes) = &record[0];
    fs::write(place.case().join("ledger").join(name), &bytes[..bytes.len() - 1]).expect("it can be written");
    let error = Case::recover(&place.case(), &place.file("nothing")).expect_err("the base is not whole");
    assert!(error.to_string().contains(".base") && !place.file("nothing/ledger").exists(), "{error}");
    assert!(error.hint_text().is_some_and(|hint| hint.contains("unarchive")), "{error}");
}

/// The number of the commit that attests the base, by the header of its segment.
fn case_last(record: &[(String, Vec<u8>)]) -> u64 {
    u64::from_le_bytes(record[1].1[16..24].try_into().expect("eight bytes"))
}

#[test]
fn readers_that_come_while_the_record_is_archived_see_some_commit() {
    let place = Place::new();
    let mut case = rich(&place.case());
    rows(&mut case, "CREATE (:Count {n: 0})");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let read = || {
        let (mut last, mut n_read) = (0, 0);
        while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
            let mut case = place.read().unwrap_or_else(|error| panic!("{error}"));
            assert!(case.sequence() >= last, "an earlier state after a later one");
            last = case.sequence();
            assert_eq!(rows(&mut case, "MATCH (c:Count) RETURN count(c)"), ["1"]);
            assert_eq!(rows(&mut case, "MATCH (v:Vessel) RETURN count(v)"), ["1667"]);
            case.log().expect("the record is whole");
            n_read += 1;
        }
        n_read
    };
    std::thread::scope(|scope| {
        let reader = scope.spawn(read);
        for round in 0..8 {
            let file = place.file(&format!("{round}"));
            rows(&mut case, "MATCH (c:Count) SET c.n = c.n + 1");
            archive(&mut case, &file);
            if round % 2 == 0 {
                drop(std::mem::replace(&mut case, place.read().expect("a reader")));
                Case::unarchive(&place.case(), &file).expect("it comes back");
                case = place.own();
            }
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(reader.join().expect("no reader fails") > 0);
    });
}

#[test]
fn a_base_that_says_something_else_is_found_by_the_file() {
    let place = Place::new();
    let mut case = Case::create(&place.case(), &author()).expect("a new case");
    rows(&mut case, "CREATE (:Port {id: 'rajin'})");
    drop(case);
    let (ledger, file) = (place.case().join("ledger"), place.file("a"));
    let (mut ledger, _) = Ledger::open(&ledger, ledger::Access::Write, None).expect("the record opens");
    let written = ledger.write_backup(&file).expect("a whole record");
    let position = written.position.expect("a commit");
    // A base of nothing, attested as any.
    let (sequence, hash) = (position.sequence, position.hash);
    let head = BaseHead { sequence, hash, next_ids: [1, 0, 0], ..BaseHead::default() };
    let info = CommitInfo::default();
    let base = ledger.write_base(&head, &info, std::iter::empty()).expect("a base");
    ledger.begin_after(base, ("a", written.hash), &info, "why").expect("it is attested");
    drop(ledger);
    let case = place.own();
    assert_eq!((case.graph().node_count(), case.check()), (0, Ok(1)), "the case itself cannot tell");
    let error = case.check_archive(&file, &place.file("scratch")).expect_err("the file can");
    assert!(error.to_string().contains("does not say what the archived commits say"), "{error}");
    assert!(!place.file("scratch").exists());
    // A directory that is there is not used, and stays.
    fs::create_dir(place.file("scratch")).expect("a directory");
    assert_eq!(
        case.check_archive(&file, &place.file("scratch")).expect_err("it is there").class(),
        "IoError"
    );
    assert!(place.file("scratch").exists());
    drop(case);
    Case::unarchive(&place.case(), &file).expect("it comes back");
    assert_eq!(place.own().graph().node_count(), 1);
}

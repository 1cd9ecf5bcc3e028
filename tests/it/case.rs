//! A case as a whole: what is committed stays, what fails leaves no trace, the
//! index can always be made anew, and one process at a time owns it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;
use throughline::error::ErrorKind;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::graph::Lens;
use throughline::model::Value;
use throughline::query::{Answer, Options, Parameters};
use throughline::{Access, Author, Case, Error, Result};

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1_700_000_000_000_000 }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory for the case")
}

fn create(dir: &TempDir) -> Case {
    Case::create(&dir.path().join("case"), &author()).expect("a new case")
}

fn open(dir: &TempDir, access: Access) -> Result<Case> {
    Case::open(&dir.path().join("case"), access)
}

fn own(dir: &TempDir) -> Case {
    open(dir, Access::Own).expect("the case opens")
}

fn query(case: &mut Case, text: &str) -> Result<Answer> {
    let lens = Lens::default();
    let options = Options::new(&lens, author().now_micros);
    case.query(text, &Parameters::new(), &author(), &options)
}

fn run(case: &mut Case, text: &str) -> Vec<Vec<Value>> {
    query(case, text).unwrap_or_else(|error| panic!("{text}: {error}")).rows
}

/// The first column of a query's rows, as text.
fn texts(case: &mut Case, text: &str) -> Vec<String> {
    run(case, text).into_iter().map(|row| row[0].to_string()).collect()
}

fn names(case: &mut Case) -> Vec<String> {
    texts(case, "MATCH (n) RETURN n.name ORDER BY n.name")
}

fn index_of(dir: &TempDir) -> PathBuf {
    dir.path().join("case/index")
}

/// Every file below a directory.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("the directory is there");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn segments(dir: &TempDir) -> Vec<PathBuf> {
    let mut segments = files_below(&dir.path().join("case/ledger"));
    segments.sort();
    segments
}

/// A case with three commits, closed with its index up to date.
fn closed_case(dir: &TempDir) {
    let mut case = create(dir);
    run(&mut case, "CREATE (:Source {name: 'a'})-[:RELAYS {from: '2023'}]->(:Vessel {name: 'b'})");
    run(&mut case, "MATCH (b {name: 'b'}) CALL evidence.claim({about: b, source: '_0', grade: 'B2'})");
    run(&mut case, "CREATE (:Port {name: 'c'})");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");
}

fn assert_whole(case: &mut Case) {
    assert_eq!(names(case), ["'a'", "'b'", "'c'"]);
    assert_eq!(texts(case, "MATCH (b {name: 'b'}) RETURN confidence(b)"), ["0.7"]);
    assert_eq!(texts(case, "MATCH ()-[r:RELAYS]->() RETURN r.from"), ["'2023'"]);
    assert_eq!(case.check().expect("the record verifies"), case.sequence());
}

#[test]
fn a_commit_survives_closing_and_dropping() {
    let dir = directory();
    let mut case = create(&dir);
    assert_eq!(case.sequence(), 0);
    run(&mut case, "CREATE (:X {name: 'a'})");
    assert_eq!(case.sequence(), 1);
    case.close().expect("the case closes");

    let mut case = own(&dir);
    assert_eq!(names(&mut case), ["'a'"]);
    run(&mut case, "CREATE (:X {name: 'b'})");
    // Dropping closes nothing in order, and loses nothing.
    drop(case);

    let mut case = own(&dir);
    assert_eq!((names(&mut case), case.sequence()), (vec!["'a'".to_owned(), "'b'".to_owned()], 2));
    assert!(case.notices().is_empty(), "{:?}", case.notices());
}

#[test]
fn property_indexes_are_part_of_the_case() {
    let dir = directory();
    let shown = |case: &mut Case| texts(case, "SHOW INDEXES");
    let mut case = create(&dir);
    run(&mut case, "CREATE (:X {name: 'a'}), (:X {name: 0.0 / 0.0})");
    run(&mut case, "CREATE INDEX names FOR (x:X) ON (x.name)");
    run(&mut case, "CREATE INDEX FOR (x:X) ON (x.age)");
    drop(case);

    // From the record.
    let mut case = own(&dir);
    assert_eq!(shown(&mut case), ["'index_X_age'", "'names'"]);
    run(&mut case, "DROP INDEX index_X_age");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");

    // From the index.
    let mut case = own(&dir);
    assert_eq!(shown(&mut case), ["'names'"]);
    run(&mut case, "CREATE (:X {name: 'b'})");
    let entries = run(&mut case, "SHOW INDEXES")[0][4].clone();
    assert_eq!((entries, case.check().expect("the case verifies")), (Value::Int(2), 5));
    run(&mut case, "DROP INDEX names");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");
    assert_eq!(shown(&mut own(&dir)), [""; 0]);
    assert_eq!(shown(&mut open(&dir, Access::Read).expect("the case opens")), [""; 0]);
}

#[test]
fn reading_commits_nothing() {
    let dir = directory();
    let mut case = create(&dir);
    run(&mut case, "MATCH (n) RETURN n");
    run(&mut case, "MATCH (n) SET n.a = 1");
    run(&mut case, "EXPLAIN CREATE (:X)");
    assert_eq!(case.sequence(), 0);
    assert_eq!(case.log().expect("the record reads"), []);
}

#[test]
fn an_existing_case_is_not_created_again() {
    let dir = directory();
    closed_case(&dir);
    let error = Case::create(&dir.path().join("case"), &author()).expect_err("there is a case");
    assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error:?}");
    assert_whole(&mut own(&dir));
}

#[test]
fn a_missing_case_is_not_found_and_not_made() {
    let dir = directory();
    for access in [Access::Own, Access::OwnOrRead, Access::Read] {
        let error = open(&dir, access).expect_err("there is no case");
        assert!(matches!(error.kind(), ErrorKind::NotFound(_)), "{error:?}");
    }
    assert!(!dir.path().join("case").exists());
}

#[test]
fn two_cases_do_not_know_each_other() {
    let (dir, other) = (directory(), directory());
    let (mut case, mut second) = (create(&dir), create(&other));
    run(&mut case, "CREATE (:X {name: 'here'})");
    run(&mut second, "CREATE (:X {name: 'there'})");
    assert_eq!(names(&mut case), ["'here'"]);
    assert_eq!(names(&mut second), ["'there'"]);
}

#[test]
fn the_log_tells_who_did_what_and_when() {
    let dir = directory();
    closed_case(&dir);
    let mut case = own(&dir);
    let long = format!("CREATE (:X {{name: '{}'}})", "Ж".repeat(5000));
    run(&mut case, &long);
    let log = case.log().expect("the record reads");
    assert_eq!(log.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(
        log.iter().all(|entry| entry.author == "tester" && entry.time_micros == author().now_micros),
        "{log:?}"
    );
    assert_eq!(log.iter().map(|entry| entry.changes).collect::<Vec<_>>(), [3, 1, 1, 1]);
    assert_eq!(log[2].message, "CREATE (:Port {name: 'c'})");
    // A long statement is cut between two letters, and the commit is whole.
    assert!(long.starts_with(&log[3].message) && log[3].message.len() > 100, "{}", log[3].message);
}

/// Whatever happens to the index, the record makes it anew, and the user is told.
fn survives(harm: impl FnOnce(&TempDir), says: Option<&str>) {
    let dir = directory();
    closed_case(&dir);
    harm(&dir);
    let mut case = own(&dir);
    assert_whole(&mut case);
    let notices = case.notices().join("\n");
    match says {
        Some(says) => assert!(notices.contains(says), "expected '{says}' in: {notices}"),
        None => assert_eq!(notices, ""),
    }
    // It goes on as if nothing had been.
    run(&mut case, "CREATE (:X {name: 'd'})");
    case.close().expect("the case closes");
    let mut case = own(&dir);
    assert_eq!(names(&mut case).len(), 4);
    assert_eq!(case.notices(), [] as [String; 0]);
}

#[test]
fn a_deleted_index_is_rebuilt() {
    survives(|dir| fs::remove_dir_all(index_of(dir)).expect("the index is there"), None);
}

#[test]
fn an_index_of_garbage_is_moved_aside_and_rebuilt() {
    let garbage = |dir: &TempDir| {
        for file in files_below(&index_of(dir)) {
            fs::write(file, b"this is no index").expect("the file can be written");
        }
    };
    survives(garbage, Some("rebuilt from the record"));
}

#[test]
fn a_half_written_index_is_rebuilt() {
    let halve = |dir: &TempDir| {
        for path in files_below(&index_of(dir)) {
            let bytes = fs::read(&path).expect("the file is there");
            fs::write(&path, &bytes[..bytes.len() / 2]).expect("the file can be written");
        }
    };
    let dir = directory();
    closed_case(&dir);
    halve(&dir);
    // Half an index may read as an older one; the record brings it up to date either way.
    assert_whole(&mut own(&dir));
}

#[test]
fn a_flipped_byte_in_the_index_does_not_change_an_answer() {
    let dir = directory();
    closed_case(&dir);
    let whole: Vec<(PathBuf, Vec<u8>)> = files_below(&index_of(&dir))
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).expect("the file is there");
            (path, bytes)
        })
        .collect();
    let places =
        whole.iter().flat_map(|(path, bytes)| (0..bytes.len()).step_by(997).map(move |at| (path, at)));
    for (path, at) in places.take(60) {
        fs::remove_dir_all(index_of(&dir)).expect("the index is there");
        for (path, bytes) in &whole {
            fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("a directory");
            fs::write(path, bytes).expect("the file can be written");
        }
        let mut bytes = fs::read(path).expect("the file is there");
        bytes[at] ^= 0x55;
        fs::write(path, bytes).expect("the file can be written");
        assert_whole(&mut own(&dir));
    }
}

#[test]
fn an_index_of_another_history_is_not_accepted() {
    let other = directory();
    let mut case = create(&other);
    for i in 0..3 {
        run(&mut case, &format!("CREATE (:Stranger {{name: 'stranger {i}'}})"));
    }
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");
    let swap = |dir: &TempDir| {
        fs::remove_dir_all(index_of(dir)).expect("the index is there");
        fs::rename(index_of(&other), index_of(dir)).expect("the index moves");
    };
    survives(swap, Some("rebuilt from the record"));
}

#[test]
fn an_index_that_is_behind_is_brought_up_to_date() {
    let older = directory();
    let before = |dir: &TempDir| older.path().join(dir.path().file_name().expect("a name"));
    let dir = directory();
    closed_case(&dir);
    copy(&index_of(&dir), &before(&dir));
    let mut case = own(&dir);
    run(&mut case, "CREATE (:X {name: 'd'})");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");
    fs::remove_dir_all(index_of(&dir)).expect("the index is there");
    copy(&before(&dir), &index_of(&dir));
    let mut case = own(&dir);
    assert_eq!(names(&mut case), ["'a'", "'b'", "'c'", "'d'"]);
    assert_eq!(case.check().expect("the record verifies"), 4);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("the directory is there") {
        let path = entry.expect("an entry can be read").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).expect("the file copies")),
        }
    }
}

#[test]
fn rebuilding_gives_the_same_graph() {
    let dir = directory();
    closed_case(&dir);
    let mut case = own(&dir);
    let before = case.graph().clone();
    case.rebuild().expect("the index is made anew");
    assert!(case.graph().same_elements(&before));
    assert_whole(&mut case);
}

#[test]
fn a_torn_tail_was_never_acknowledged_and_is_kept_aside() {
    let dir = directory();
    let mut case = create(&dir);
    run(&mut case, "CREATE (:X {name: 'a'})");
    run(&mut case, "CREATE (:X {name: 'b'})");
    drop(case);
    let last = segments(&dir).pop().expect("the record has a segment");
    let bytes = fs::read(&last).expect("the segment reads");
    fs::write(&last, &bytes[..bytes.len() - 3]).expect("the segment can be cut");
    let mut case = own(&dir);
    assert_eq!(names(&mut case), ["'a'"]);
    assert_eq!(case.notices().len(), 1, "{:?}", case.notices());
    run(&mut case, "CREATE (:X {name: 'c'})");
    drop(case);
    assert_eq!(names(&mut own(&dir)), ["'a'", "'c'"]);
}

#[test]
fn damage_in_the_record_is_refused() {
    let dir = directory();
    let mut case = create(&dir);
    for name in ["a", "b", "c"] {
        run(&mut case, &format!("CREATE (:X {{name: '{name}'}})"));
    }
    drop(case);
    let last = segments(&dir).pop().expect("the record has a segment");
    let mut bytes = fs::read(&last).expect("the segment reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xFF;
    fs::write(&last, bytes).expect("the segment can be written");
    for access in [Access::Own, Access::OwnOrRead, Access::Read] {
        let error = open(&dir, access).expect_err("the record is damaged");
        assert!(matches!(error.kind(), ErrorKind::Corrupt(_)), "{error:?}");
    }
}

#[test]
fn who_only_reads_cannot_write_and_leaves_no_trace() {
    let dir = directory();
    closed_case(&dir);
    let mut reader = open(&dir, Access::Read).expect("the case opens");
    let before = reader.graph().clone();
    let error = query(&mut reader, "CREATE (:X {name: 'z'})").expect_err("it is read only");
    assert!(matches!(error.kind(), ErrorKind::ReadOnly(_)), "{error:?}");
    assert!(reader.graph().same_elements(&before));
    assert!(reader.read_only().is_some());
    let error =
        reader.import(&[ships("v,Vessel,V\n")], &ImportOptions::default(), false, &author(), &|_| true);
    assert!(matches!(error.expect_err("it is read only").kind(), ErrorKind::ReadOnly(_)));
    assert!(matches!(reader.rebuild().expect_err("it is read only").kind(), ErrorKind::ReadOnly(_)));
    assert_whole(&mut reader);
}

#[test]
fn a_reader_sees_commits_of_the_owner_after_refresh() {
    let dir = directory();
    let mut owner = create(&dir);
    run(&mut owner, "CREATE (:X {name: 'a'})");
    let mut reader = open(&dir, Access::Read).expect("the case opens beside its owner");
    run(&mut owner, "CREATE (:X {name: 'b'})");
    run(&mut owner, "MATCH (x {name: 'a'}) DELETE x");
    assert_eq!(names(&mut reader), ["'a'"]);
    assert_eq!(reader.refresh().expect("the record reads"), 2);
    assert_eq!(names(&mut reader), ["'b'"]);
    assert_eq!(reader.refresh().expect("the record reads"), 0);
    assert_eq!(reader.check().expect("the record verifies"), 3);
    // The owner's index is untouched by readers.
    drop((owner, reader));
    assert_eq!(names(&mut own(&dir)), ["'b'"]);
}

#[test]
fn a_second_owner_is_told_which_process_has_the_case() {
    let dir = directory();
    let owner = create(&dir);
    let pid = std::process::id().to_string();
    let error = open(&dir, Access::Own).expect_err("the case is owned");
    assert!(matches!(error.kind(), ErrorKind::ReadOnly(_)), "{error:?}");
    assert!(error.to_string().contains(&pid), "{error}");

    let reader = open(&dir, Access::OwnOrRead).expect("it opens for reading");
    assert!(reader.read_only().is_some_and(|why| why.contains(&pid)), "{:?}", reader.read_only());
    assert!(reader.notices().iter().any(|notice| notice.contains(&pid)), "{:?}", reader.notices());
    drop((owner, reader));
    assert_eq!(open(&dir, Access::OwnOrRead).expect("nobody owns it any more").read_only(), None);
}

fn ships(rows: &str) -> Input {
    Input { name: "ships.csv".into(), content: format!(":ID,:LABEL,name\n{rows}").into_bytes().into() }
}

#[test]
fn a_strict_import_is_all_or_nothing() {
    let dir = directory();
    let mut case = create(&dir);
    let rows = [ships("a,Vessel,A\na,Vessel,again\nb,Vessel,B\n")];
    let refused =
        case.import(&rows, &ImportOptions::default(), true, &author(), &|_| true).expect("an import");
    assert!(!refused.is_committed);
    assert_eq!((refused.import.bad.len(), case.sequence(), case.graph().node_count()), (1, 0, 0));

    let kept = case.import(&rows, &ImportOptions::default(), false, &author(), &|_| true).expect("an import");
    assert!(kept.is_committed);
    assert_eq!((kept.import.bad.len(), case.sequence(), case.graph().node_count()), (1, 1, 2));
    drop(case);
    assert_eq!(names(&mut own(&dir)), ["'A'", "'B'"]);
}

#[test]
fn an_import_is_one_commit_and_names_its_files() {
    let dir = directory();
    let mut case = create(&dir);
    let calls =
        Input { name: "calls.csv".into(), content: (b":START_ID,:TYPE,:END_ID\na,NEAR,b\n".to_vec()).into() };
    let files = [calls, ships("a,Vessel,A\nb,Vessel,B\n")];
    case.import(&files, &ImportOptions::default(), true, &author(), &|_| true).expect("an import");
    let log = case.log().expect("the record reads");
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].changes, log[0].message.as_str()), (3, "import calls.csv, ships.csv"));
}

#[test]
fn ids_are_never_given_again() {
    let dir = directory();
    let mut case = create(&dir);
    run(&mut case, "CREATE (:X {name: 'a'})-[:R]->(:X {name: 'b'})");
    run(&mut case, "MATCH (b {name: 'b'}) CALL evidence.claim({about: b})");
    run(&mut case, "MATCH (b {name: 'b'}) DETACH DELETE b");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");

    let mut case = own(&dir);
    run(&mut case, "MATCH (a {name: 'a'}) CREATE (a)-[:R]->(:X {name: 'c'})");
    assert_eq!(texts(&mut case, "MATCH (c {name: 'c'}) RETURN id(c)"), ["2"]);
    assert_eq!(texts(&mut case, "MATCH ()-[r]->() RETURN id(r)"), ["1"]);
    assert_eq!(
        texts(&mut case, "MATCH (c {name: 'c'}) CALL evidence.claim({about: c}) YIELD id RETURN id"),
        ["1"]
    );

    // The same when the index has to be made from the record, and for a reader.
    run(&mut case, "MATCH (c {name: 'c'}) DETACH DELETE c");
    drop(case);
    fs::remove_dir_all(index_of(&dir)).expect("the index is there");
    let mut case = own(&dir);
    run(&mut case, "CREATE (:X {name: 'd'})");
    assert_eq!(texts(&mut case, "MATCH (d {name: 'd'}) RETURN id(d)"), ["3"]);
}

#[test]
fn a_statement_that_fails_half_way_leaves_nothing_in_the_record() {
    let dir = directory();
    let mut case = create(&dir);
    run(&mut case, "CREATE (:X {name: 'a', n: 1}), (:X {name: 'b', n: 0})");
    let before = case.graph().clone();
    for text in [
        "MATCH (x:X) CREATE (:Y {name: x.name, n: 1 / x.n})",
        "MATCH (x:X) SET x.n = 2 / x.n, x:Changed",
        "MATCH (x:X) DETACH DELETE x WITH 1 AS i RETURN i / 0",
        "MATCH (x:X) CALL evidence.claim({about: x}) WITH x CALL evidence.claim({about: 'nobody'})",
        "CALL schema.declare('R', 'state', 'both') YIELD type RETURN 1 / 0",
    ] {
        query(&mut case, text).expect_err(text);
        assert!(case.graph().same_elements(&before), "{text}");
        assert_eq!(case.sequence(), 1, "{text}");
    }
    assert_eq!(case.check().expect("the record verifies"), 1);
}

/// Statements that write, some of which fail.
fn statement() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c", "d"]);
    let number = 0..3i64;
    (0..9usize, name.clone(), name, number).prop_map(|(kind, a, b, n)| match kind {
        0 => format!("CREATE (:X {{name: '{a}', n: {n}}})"),
        1 => format!("MATCH (a {{name: '{a}'}}), (b {{name: '{b}'}}) CREATE (a)-[:R {{from: {n}}}]->(b)"),
        2 => format!("MATCH (a {{name: '{a}'}}) DETACH DELETE a"),
        3 => format!("MATCH (a {{name: '{a}'}}) DELETE a"),
        4 => format!("MATCH (a {{name: '{a}'}}) SET a.n = 6 / {n}, a:L{n}"),
        5 => "MATCH (a)-[r]->(b) SET r.to = r.from - b.n, a.n = null".to_owned(),
        6 => format!("MATCH (a {{name: '{a}'}}) CALL evidence.claim({{about: a, grade: 'B{}'}})", n + 1),
        7 => format!("CALL evidence.retract({n})"),
        _ => format!("MATCH (a) SET a += {{extra: '{b}'}} WITH a RETURN 1 / a.n"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A failed statement changes nothing; what the others did is there after a
    /// crash, after closing, and for a reader of the record alone.
    #[test]
    fn the_record_holds_exactly_what_succeeded(statements in prop::collection::vec(statement(), 1..25)) {
        let dir = directory();
        let mut case = create(&dir);
        let mut commits = 0;
        for (i, text) in statements.iter().enumerate() {
            let before = case.graph().clone();
            match query(&mut case, text) {
                Ok(answer) => commits += u64::from(!answer.effects.is_empty()),
                Err(_) => prop_assert!(case.graph().same_elements(&before), "{text}"),
            }
            prop_assert_eq!(case.sequence(), commits);
            if i % 7 == 6 {
                case.checkpoint().expect("the index is written");
            }
        }
        let graph = case.graph().clone();
        drop(case);
        prop_assert!(open(&dir, Access::Read).expect("it opens").graph().same_elements(&graph));
        let case = own(&dir);
        prop_assert!(case.graph().same_elements(&graph));
        prop_assert_eq!(case.check().expect("the record verifies"), commits);
        case.close().expect("the case closes");
    }
}

#[test]
fn a_stray_file_in_the_record_harms_nothing() {
    let dir = directory();
    closed_case(&dir);
    let mut file = fs::File::create(dir.path().join("case/ledger/notes.txt")).expect("a file");
    file.write_all(b"bought coffee").expect("the file can be written");
    let opened: Result<Case, Error> = open(&dir, Access::Own);
    assert_whole(&mut opened.expect("the case opens"));
}

//! Cases that earlier versions wrote open and read as they did.
//!
//! `tests/cases/<version>` holds a case as that version left it, and the statements
//! and files that it was made of.

use std::fs;
use std::path::Path;

use throughline::formats::csv;
use throughline::graph::Lens;
use throughline::model::Value;
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case};

use super::archive::author;

/// A copy of an old case, which may be written to.
fn copy_of(version: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory for the case");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(version).join("case");
    copy(&from, &dir.path().join("case"));
    dir
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory can be made");
    for entry in fs::read_dir(from).expect("the case is there") {
        let entry = entry.expect("an entry can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

fn rows(case: &mut Case, text: &str) -> Vec<String> {
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let author = Author { name: "tester".to_owned(), now_micros: 0 };
    let answer = case.query(text, &Parameters::new(), &author, &options).expect("a statement that runs");
    answer.rows.into_iter().map(|row| Value::List(row).to_string()).collect()
}

/// What the case held when datetimes and durations were counted in microseconds.
const IN_MICROSECONDS: &[&str] = &[
    "[{built: 1992-05-17, first: 0001-01-01, id: 'angara', last: 9999-12-31, name: 'Angara'}]",
    "[{at: 2023-09-07T12:30:15.123456+02:00, id: 'call', old: 1890-01-01T00:00:00.000001-05:30, \
     times: [2023-09-07T12:30Z, 2023-09-08T12:30+09:00], utc: 2023-09-07T12:30Z}]",
    "[{at: 2023-09-07T12:30:15.25+02:00, first: 2023-09-07, id: 'imported', local: 2023-09-07T12:30Z, \
     name: 'Imported', partial: '2023-09', pause: P7DT12H}]",
    "[{berths: 3, depth: 9.5, id: 'rajin', least: -9223372036854775807, note: 'Rason', \
     numbers: [1, 2, 3], open: true, seen: [2023-09-07, 2023-10-01], tags: ['ice-free', 'rail']}]",
    "[{id: 'wait', list: [PT12H, P1M], long: P1Y2M3DT4H5M6.789012S, \
     mixed: P1M-14DT15H59M59.999999S, week: P14D}]",
];

fn check(case: &mut Case) {
    assert_eq!(rows(case, "MATCH (n) RETURN properties(n) ORDER BY n.id"), IN_MICROSECONDS);
    assert_eq!(
        rows(case, "MATCH ()-[r]->() RETURN period(r)"),
        [
            "[{from: 2023-09-07T03:30:00.5Z, kind: 'event', to: 2023-09-08}]",
            "[{from: 2023-09-01, kind: 'event', to: 2023-09-30}]",
        ]
    );
    assert_eq!(
        rows(case, "MATCH (p:Port) UNWIND claims(p) AS c RETURN c.value"),
        ["[2023-09-07T12:30:15.123456+02:00]"]
    );
}

#[test]
fn a_case_in_microseconds_reads_as_it_did_by_index_and_by_record() {
    let dir = copy_of("0.1-microseconds");
    let path = dir.path().join("case");
    check(&mut Case::open(&path, Access::Own).expect("the index opens"));
    check(&mut Case::open(&path, Access::Read).expect("the record opens"));
    fs::remove_dir_all(path.join("index")).expect("the index can be removed");
    check(&mut Case::open(&path, Access::Own).expect("the index is made anew"));
}

#[test]
fn a_case_in_microseconds_takes_what_later_versions_know() {
    let dir = copy_of("0.1-microseconds");
    let path = dir.path().join("case");
    let new = "CREATE (n:Later {clock: localtime('12:30'), time: time('12:30+09:00'), \
               local: localdatetime('2023-09-07T12:30'), zoned: datetime('2023-09-07T12:30[Asia/Pyongyang]'), \
               fine: duration('PT0.000000001S'), far: date('+999999999-12-31')})";
    let read = "MATCH (n:Later) RETURN n.clock, n.time, n.local, n.zoned, n.fine, n.far";
    let expected =
        ["[12:30, 12:30+09:00, 2023-09-07T12:30, 2023-09-07T12:30+09:00[Asia/Pyongyang], PT0.000000001S, \
         +999999999-12-31]"];
    {
        let mut case = Case::open(&path, Access::Own).expect("the index opens");
        rows(&mut case, new);
        assert_eq!(rows(&mut case, read), expected);
    }
    for access in [Access::Own, Access::Read] {
        let mut case = Case::open(&path, access).expect("the case opens again");
        assert_eq!(rows(&mut case, read), expected);
    }
    fs::remove_dir_all(path.join("index")).expect("the index can be removed");
    assert_eq!(rows(&mut Case::open(&path, Access::Own).expect("made anew"), read), expected);
}

/// What a case holds that was written since large imports are recorded as pages, messages stand
/// in payloads and property indexes are stored: an import in bulk with keys and claims, changes
/// of it, a commit that was undone and one that was redacted.
const WITH_PAGES: &str = "0.2-pages";

/// A new case of so many ships and ports, each with a call, imported in bulk.
fn with_ships(dir: &Path, count: usize) -> Case {
    let author = author();
    let mut case = Case::create(dir, &author).expect("a new case");
    let mut nodes = ":ID,:LABEL,name,built:int\nregistry,Source,A made-up registry,\n".to_owned();
    let mut calls = ":ID,:START_ID,:TYPE,:END_ID,from,source,grade\n".to_owned();
    for n in 0..count {
        nodes += &format!("s{n},{},SYNTHETIC {n},{}\n", ["Vessel", "Port"][n % 2], 1950 + n % 70);
        let key = if n % 100 == 0 { format!("c{n}") } else { String::new() };
        let (to, source, grade) = (n * 7 % count, ["", "registry"][n % 2], ["", "B2"][n % 2]);
        calls += &format!("{key},s{n},CALLED_AT,s{to},2023-09-{:02},{source},{grade}\n", 1 + n % 30);
    }
    let inputs = [("nodes.csv", nodes), ("calls.csv", calls)];
    let inputs =
        inputs.map(|(name, text)| csv::Input { name: name.into(), content: text.into_bytes().into() });
    let options = csv::Options { bulk_bytes_min: Some(0), recorded_micros: 7, ..csv::Options::default() };
    let imported = case.import(&inputs, &options, true, &author, &|_| true).expect("it is recorded");
    assert!(imported.is_committed, "{:?}", imported.import.bad);
    case
}

/// Makes the case, where `UPDATE_CASES` is set. Only ever for a format that is new.
fn make_with_pages(dir: &Path) {
    let author = author();
    let mut case = with_ships(dir, 1500);
    rows(&mut case, "CREATE INDEX built FOR (n:Vessel) ON (n.built)");
    rows(&mut case, "MATCH (n:Vessel {built: 1970}) SET n.seen = true, n:Seen");
    rows(&mut case, "MATCH (n {id: 's3'})-[r]->() DELETE r");
    rows(&mut case, "CREATE (:Secret {id: 'secret'})");
    rows(&mut case, "CREATE (:Mistake {id: 'mistake'})");
    let last = case.sequence();
    case.undo(last, &author).expect("nothing was built on it");
    case.redact(&[last - 1], true, "a name that should not be here", &author).expect("it is there");
    rows(&mut case, "MATCH (n:Vessel {built: 1970}) RETURN count(n)");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");
    fs::remove_file(dir.join("lock")).expect("the lock goes");
}

fn check_with_pages(case: &mut Case) {
    for (text, expected) in [
        ("MATCH (n) RETURN count(n), count(n.built), sum(n.built)", "[1501, 1500, 2976150]"),
        ("MATCH ()-[r:CALLED_AT]->() RETURN count(r), max(r.from)", "[1499, 2023-09-30]"),
        ("MATCH (n:Vessel {built: 1970}) RETURN count(n), count(n.seen)", "[22, 22]"),
        ("MATCH (n:Seen) RETURN min(n.name)", "['SYNTHETIC 1000']"),
        ("MATCH ()-[r]->() UNWIND claims(r) AS c RETURN count(c), min(c.grade)", "[749, 'B2']"),
        ("MATCH (n) WHERE n:Secret OR n:Mistake RETURN count(n)", "[0]"),
    ] {
        assert_eq!(rows(case, text), [expected], "{text}");
    }
    case.check().expect("record, graph and index agree");
}

#[test]
fn a_case_with_pages_reads_as_it_did_by_index_and_by_record() {
    if std::env::var_os("UPDATE_CASES").is_some() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(WITH_PAGES).join("case");
        make_with_pages(&dir);
    }
    let dir = copy_of(WITH_PAGES);
    let path = dir.path().join("case");
    check_with_pages(&mut Case::open(&path, Access::Own).expect("the index opens, or is made anew"));
    check_with_pages(&mut Case::open(&path, Access::Read).expect("the record opens"));
    fs::remove_dir_all(path.join("index")).expect("the index can be removed");
    let mut case = Case::open(&path, Access::Own).expect("the index is made anew");
    check_with_pages(&mut case);
    rows(&mut case, "MATCH (n:Vessel {built: 1970}) SET n.built = 1971");
    assert_eq!(rows(&mut case, "MATCH (n:Vessel {built: 1971}) RETURN count(n)"), ["[22]"]);
}

/// An archived case: what was done up to the archive step is in a file, and a base stands for it.
/// Before it: an import in bulk, claims, a type, an index, a redaction, and ids at the end that
/// nothing has any more. After it: what builds on them.
const ARCHIVED: &str = "0.3-archived";
const ARCHIVE: &str = "2023.archive";

fn make_archived(dir: &Path) {
    let author = author();
    let mut case = with_ships(&dir.join("case"), 1100);
    rows(&mut case, "CREATE INDEX built FOR (n:Vessel) ON (n.built)");
    rows(&mut case, "CALL schema.declare('SHADOWS', 'state', 'forward')");
    rows(&mut case, "MATCH (a {id: 's2'}) MATCH (b {id: 's4'}) CREATE (a)-[:SHADOWS {from: '2023'}]->(b)");
    rows(&mut case, "CREATE (:Secret {id: 'secret'})");
    case.redact(&[case.sequence()], false, "a name that should not be here", &author).expect("it is there");
    rows(&mut case, "CREATE (:Gone {id: 'gone'})-[:LEFT]->(:Gone {id: 'gone too'})");
    rows(&mut case, "MATCH (n:Gone) DETACH DELETE n");
    case.archive(&dir.join(ARCHIVE), &author, &|_| true).expect("it is archived");
    rows(&mut case, "MATCH (n:Vessel {built: 1970}) SET n.seen = true");
    rows(&mut case, "MATCH (n {id: 's4'}) CREATE (n)-[:SHADOWS {from: '2024'}]->(:Later {id: 'later'})");
    // The index of names is stored, and a name has changed since.
    rows(&mut case, NAMED);
    rows(&mut case, "MATCH (n {id: 's7'}) SET n.name = 'LIGHTHOUSE'");
    case.checkpoint().expect("the index is written");
    case.close().expect("the case closes");
    fs::remove_file(dir.join("case/lock")).expect("the lock goes");
}

const NAMED: &str = "CALL names.search('SYNTHETIC 7', {threshold: 0.99}) YIELD node RETURN node.id";

fn check_archived(case: &mut Case, commits: u64) {
    for (text, expected) in [
        ("MATCH (n) RETURN count(n), count(n.built), max(id(n))", "[1102, 1100, 1105]"),
        ("MATCH ()-[r:CALLED_AT]->() RETURN count(r), max(r.from)", "[1100, 2023-09-30]"),
        ("MATCH (n:Vessel {built: 1970}) RETURN count(n), count(n.seen)", "[16, 16]"),
        ("MATCH ()-[r]->() UNWIND claims(r) AS c RETURN count(c), min(c.grade)", "[550, 'B2']"),
        ("MATCH ()-[r:SHADOWS]->() RETURN count(r), max(id(r))", "[2, 1103]"),
        ("MATCH (n) WHERE n:Secret OR n:Gone RETURN count(n)", "[0]"),
    ] {
        assert_eq!(rows(case, text), [expected], "{text}");
    }
    assert_eq!(rows(case, NAMED), Vec::<String>::new(), "it is called otherwise");
    assert_eq!(rows(case, &NAMED.replace("SYNTHETIC 7", "LIGHTHOUSE")), ["['s7']"]);
    assert_eq!(case.check().expect("record, graph and index agree"), commits);
}

#[test]
fn an_archived_case_reads_as_it_did_and_what_was_archived_comes_back() {
    if std::env::var_os("UPDATE_CASES").is_some() {
        make_archived(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(ARCHIVED));
    }
    let dir = copy_of(ARCHIVED);
    let path = dir.path().join("case");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(ARCHIVED).join(ARCHIVE);
    check_archived(&mut Case::open(&path, Access::Own).expect("the index opens, or is made anew"), 4);
    check_archived(&mut Case::open(&path, Access::Read).expect("the record opens"), 4);
    fs::remove_dir_all(path.join("index")).expect("the index can be removed");
    let case = &mut Case::open(&path, Access::Own).expect("the index is made anew");
    check_archived(case, 4);
    assert_eq!(case.check_archive(&file, &dir.path().join("scratch")).expect("the file is the one").last, 8);
    Case::unarchive(&path, &file).expect_err("the case is in use");
    *case = Case::open(&path, Access::Read).expect("the record opens");
    Case::unarchive(&path, &file).expect("the record comes back");
    check_archived(&mut Case::open(&path, Access::Own).expect("the index is made anew"), 12);
}

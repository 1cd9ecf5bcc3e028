//! Redacting commits: what they said is gone from every file of the case, and all else is there.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use throughline::error::ErrorKind;
use throughline::graph::Lens;
use throughline::ledger::{self, Ledger};
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case, Error};

const SECRET: &str = "Ivan the informant";

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1 }
}

fn new_case(dir: &TempDir) -> Case {
    Case::create(&dir.path().join("case"), &author()).expect("a new case")
}

fn run(case: &mut Case, text: &str) {
    let lens = Lens::default();
    if let Err(error) = case.query(text, &Parameters::new(), &author(), &Options::new(&lens, 1)) {
        panic!("{text}: {error}");
    }
}

fn redact(
    case: &mut Case,
    commits: &[u64],
    with_copies: bool,
) -> Result<throughline::case::Redaction, Error> {
    case.redact(commits, with_copies, "protect the source", &author())
}

/// Whether a text is anywhere in the files of a directory.
fn is_anywhere(dir: &Path, text: &str) -> bool {
    fs::read_dir(dir).expect("a directory").flatten().any(|entry| match entry.path() {
        path if path.is_dir() => is_anywhere(&path, text),
        path => {
            let bytes = fs::read(&path).expect("a file");
            bytes.windows(text.len()).any(|found| found == text.as_bytes())
        }
    })
}

/// Closes a case, opens it again both ways and from its record alone, and compares.
fn reopened(case: Case) -> Case {
    let (dir, graph) = (case.dir().to_owned(), case.graph().clone());
    case.checkpoint_and_close();
    let read = Case::open(&dir, Access::Read).expect("the record can be read");
    assert!(read.graph().same_elements(&graph));
    let mut owned = Case::open(&dir, Access::Own).expect("the case opens");
    assert!(owned.graph().same_elements(&graph));
    owned.check().expect("all of it verifies");
    owned.rebuild().expect("the index can be made anew");
    assert!(owned.graph().same_elements(&graph));
    owned
}

trait CheckpointAndClose {
    fn checkpoint_and_close(self);
}

impl CheckpointAndClose for Case {
    fn checkpoint_and_close(mut self) {
        self.checkpoint().expect("a checkpoint");
        self.close().expect("the case closes");
    }
}

#[test]
fn what_was_said_is_gone_from_the_graph_the_record_and_the_index() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Source {{id: 's', title: '{SECRET}'}})"));
    run(&mut case, "CREATE (:Port {id: 'dunai'})");
    case.checkpoint().expect("the index has it");
    assert!(is_anywhere(dir.path(), SECRET));

    let done = redact(&mut case, &[2], false).expect("nothing repeats it");
    assert_eq!((done.commits, done.copies, done.gone, done.back), (vec![2], vec![], [1, 0, 0], [0, 0, 0]));
    assert_eq!(case.graph().node_count(), 2);
    assert!(!is_anywhere(dir.path(), SECRET), "also not in the statement that the record quotes");
    let case = reopened(case);
    assert!(!is_anywhere(dir.path(), SECRET));
    let log = case.log().expect("a whole record");
    assert_eq!(log.len(), 4);
    assert_eq!((log[1].message.as_str(), log[1].is_redacted), ("", true));
    assert_eq!((log[3].message.as_str(), log[3].is_redacted), ("redact 2: protect the source", false));
}

#[test]
fn commits_that_repeat_it_are_named_and_go_with_it_if_asked() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin', depth: 7})");
    run(&mut case, &format!("MATCH (p:Port) SET p.remark = '{SECRET}'"));
    run(&mut case, "MATCH (p:Port) SET p.depth = 8");
    run(&mut case, "MATCH (p:Port) SET p.remark = 'none'");
    run(&mut case, "MATCH (p:Port) SET p.remark = 'still none'");
    case.undo(5, &author()).expect("nothing came later");
    let error = redact(&mut case, &[2], false).expect_err("commit 4 says what was there before it");
    assert_eq!(
        error.to_string(),
        "commit 2 cannot be redacted alone: commit 4 repeats what was said, as what was there before a change"
    );
    assert_eq!(case.sequence(), 6);
    assert!(is_anywhere(dir.path(), SECRET));

    let done = redact(&mut case, &[2], true).expect("both go");
    assert_eq!((done.commits, done.copies), (vec![2, 4], vec![4]));
    assert!(!is_anywhere(dir.path(), SECRET));
    let case = reopened(case);
    let port = case.graph().nodes().next().map(|(id, _)| id).expect("the port");
    let port = case.graph().node_data(port).expect("the port");
    assert_eq!(port.properties.get("depth").map(ToString::to_string).as_deref(), Some("8"));
}

#[test]
fn what_was_deleted_later_is_in_the_deletion_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Person {{name: '{SECRET}'}})"));
    run(&mut case, "MATCH (p:Person) DELETE p");
    case.undo(3, &author()).expect("nothing came later");
    let plan = case.plan_redaction(&[2]).expect("a plan");
    assert_eq!((plan.commits, plan.copies), (vec![2, 3, 4], vec![3, 4]));
    redact(&mut case, &[4, 2, 3, 2], false).expect("all of them are named");
    assert!(!is_anywhere(dir.path(), SECRET));
    assert_eq!(reopened(case).graph().node_count(), 1);
}

#[test]
fn what_built_on_it_is_left_out_and_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Source {{id: 's', title: '{SECRET}'}}), (:Vessel {{id: 'x'}})"));
    run(
        &mut case,
        "MATCH (x:Vessel), (p:Port) CREATE (x)-[:CALLED_AT]->(p), (p)-[:NEAR]->(:Port {id: 'dunai'})",
    );
    run(&mut case, "CALL evidence.claim({about: 'rajin', stance: 'supports', source: 's', grade: 'C3'})");
    run(&mut case, "MATCH (x:Vessel) SET x.flag = 'RU'");
    let plan = case.plan_redaction(&[2]).expect("a plan");
    assert_eq!(plan.left_out, [(3, 1), (4, 1), (5, 1)]);
    assert_eq!((plan.gone, plan.back), ([2, 1, 1], [0, 0, 0]));

    redact(&mut case, &[2], false).expect("nothing repeats it");
    let counts = |case: &Case| {
        let graph = case.graph();
        [graph.node_count(), graph.relationship_count(), graph.claim_count()]
    };
    assert_eq!(counts(&case), [2, 1, 0]);
    // Later work goes on, undoing too, and no id is given again.
    run(&mut case, "CREATE (:Vessel {id: 'y'})");
    let new = case.graph().nodes().map(|(id, _)| id.0).max();
    assert_eq!(new, Some(5), "0 to 3 were given before, and 4 to nobody");
    let last = case.sequence();
    case.undo(last, &author()).expect("nothing came later");
    let error = case.undo(2, &author()).expect_err("it is not known any more");
    assert_eq!(error.to_string(), "commit 2 was redacted: nothing of it is left");
    case.undo(1, &author()).expect_err("commit 3 hangs on the port");
    assert_eq!(counts(&reopened(case)), [2, 1, 0]);
}

#[test]
fn redacting_a_deletion_brings_back_what_it_deleted() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})-[:NEAR]->(:Port {id: 'dunai'})");
    run(&mut case, "MATCH (p:Port) DETACH DELETE p");
    let done = redact(&mut case, &[2], false).expect("nothing repeats it");
    assert_eq!((done.gone, done.back), ([0, 0, 0], [2, 1, 0]));
    let case = reopened(case);
    assert_eq!((case.graph().node_count(), case.graph().relationship_count()), (2, 1));
}

#[test]
fn what_cannot_be_redacted_is_refused_and_nothing_has_changed() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    for commits in [&[][..], &[0], &[2], &[1, 9]] {
        assert!(redact(&mut case, commits, false).is_err(), "{commits:?}");
    }
    redact(&mut case, &[1], false).expect("it is there");
    let error = redact(&mut case, &[1], false).expect_err("once is enough");
    assert_eq!(error.to_string(), "commit 1 is redacted already");
    let mut reader = Case::open(case.dir(), Access::Read).expect("a reader");
    let error = redact(&mut reader, &[2], false).expect_err("readers change nothing");
    assert!(matches!(error.kind(), ErrorKind::ReadOnly(_)), "{error}");
    assert_eq!(case.sequence(), 2);
}

#[test]
fn a_redaction_that_was_cut_off_is_finished_on_opening() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Person {{name: '{SECRET}'}})"));
    let dir = case.dir().to_owned();
    case.checkpoint_and_close();
    let (mut record, _) = Ledger::open(&dir.join("ledger"), ledger::Access::Write, None).expect("a record");
    record.begin_redaction(2).expect("it is marked");
    drop(record);
    assert!(is_anywhere(&dir, SECRET));
    let case = Case::open(&dir, Access::Own).expect("the case opens");
    assert_eq!(case.notices(), ["commit 2 is redacted, and the index was made anew"]);
    assert!(!is_anywhere(&dir, SECRET));
    assert_eq!(reopened(case).graph().node_count(), 1);
}

#[test]
fn a_redaction_that_was_cut_off_among_the_zeros_is_finished_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Person {{name: '{SECRET}'}})"));
    run(&mut case, "CREATE (:Port {id: 'dunai'})");
    let dir = case.dir().to_owned();
    case.checkpoint_and_close();
    let (mut record, _) = Ledger::open(&dir.join("ledger"), ledger::Access::Write, None).expect("a record");
    record.begin_redaction(2).expect("it is marked");
    drop(record);
    let segment = dir.join("ledger/00000001.seg");
    let mut bytes = fs::read(&segment).expect("a segment");
    let at = bytes.windows(SECRET.len()).position(|found| found == SECRET.as_bytes()).expect("the name");
    bytes[at..at + 4].fill(0);
    fs::write(&segment, bytes).expect("a segment");

    let reader = Case::open(&dir, Access::Read).expect("a reader");
    assert_eq!(reader.graph().node_count(), 2);
    let case = Case::open(&dir, Access::Own).expect("the case opens");
    assert!(!is_anywhere(&dir, "informant"));
    assert_eq!(reopened(case).graph().node_count(), 2);
}

#[test]
fn commits_that_hold_the_same_text_are_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, &format!("CREATE (:Person {{name: '{SECRET}', country: 'RU'}})"));
    run(&mut case, "CREATE (:Port {country: 'RU'})");
    run(&mut case, &format!("MATCH (p:Port) SET p.remark = 'no word of {SECRET}'"));
    run(&mut case, &format!("CREATE (:Person {{names: ['x', '{SECRET}']}})"));
    let plan = case.plan_redaction(&[1]).expect("a plan");
    assert_eq!((plan.commits, plan.mentions), (vec![1], vec![3, 4]));
    redact(&mut case, &[1, 3, 4], false).expect("nothing repeats it");
    assert!(!is_anywhere(dir.path(), SECRET));
}

#[test]
fn a_reader_forgets_it_at_the_next_refresh() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Person {{name: '{SECRET}'}})"));
    let mut reader = Case::open(case.dir(), Access::Read).expect("a reader");
    assert_eq!(reader.graph().node_count(), 2);
    redact(&mut case, &[2], false).expect("nothing repeats it");
    assert_eq!(reader.refresh().expect("the record can be read"), 1);
    assert!(reader.graph().same_elements(case.graph()));
}

#[test]
fn a_backup_and_its_restoration_keep_the_redaction() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&dir);
    run(&mut case, "CREATE (:Port {id: 'rajin'})");
    run(&mut case, &format!("CREATE (:Person {{name: '{SECRET}'}})"));
    redact(&mut case, &[2], false).expect("nothing repeats it");
    let (file, to) = (dir.path().join("backup"), dir.path().join("restored"));
    Case::backup(case.dir(), &file).expect("a backup");
    Case::restore(&file, &to).expect("a case again");
    let restored = Case::open(&to, Access::Own).expect("the case opens");
    assert!(restored.graph().same_elements(case.graph()));
    assert!(!is_anywhere(dir.path(), SECRET));
}

/// Killed at any moment, a redaction has happened, or has not, and is never half there.
#[test]
fn a_redaction_that_is_killed_is_whole_or_not_there() {
    let template = tempfile::tempdir().expect("a directory");
    let mut case = new_case(&template);
    for n in 0..12 {
        let secret = if n == 3 { SECRET } else { "somebody else" };
        run(
            &mut case,
            &format!("UNWIND range(1, 300) AS i CREATE (:Person {{name: '{secret}', number: i}})"),
        );
    }
    let dir = case.dir().to_owned();
    case.checkpoint_and_close();
    let mut dice = crate::dice::Dice::new(17);
    for _ in 0..crate::dice::cases(16) {
        let place = tempfile::tempdir().expect("a directory");
        let copy = place.path().join("case");
        copy_all(&dir, &copy);
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_throughline"));
        program.arg("--case").arg(&copy).args(["redact", "4", "--yes"]).env_remove("THROUGHLINE_CASE");
        program.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = program.spawn().expect("the program to start");
        std::thread::sleep(std::time::Duration::from_millis(dice.below(160) as u64));
        let _ = child.kill();
        child.wait().expect("the program to end");

        let case = Case::open(&copy, Access::Own).expect("the case opens");
        case.check().expect("all of it verifies");
        let is_redacted = case.log().expect("a whole record")[3].is_redacted;
        assert_eq!(case.graph().node_count(), if is_redacted { 3300 } else { 3600 });
        assert_eq!(is_anywhere(&copy, SECRET), !is_redacted);
        reopened(case);
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy_all(&path, &target),
            false => drop(fs::copy(&path, &target).expect("a file")),
        }
    }
}

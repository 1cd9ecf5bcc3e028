//! The history of a case: what each commit did, and the case as it was after any of them.

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use throughline::error::ErrorKind;
use throughline::graph::Lens;
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case};

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1 }
}

fn run(case: &mut Case, text: &str) {
    let lens = Lens::default();
    if let Err(error) = case.query(text, &Parameters::new(), &author(), &Options::new(&lens, 1)) {
        panic!("{text}: {error}");
    }
}

/// Each of the statements is a commit.
const STATEMENTS: [&str; 5] = [
    "CREATE (:Vessel {id: 'angara', name: 'ANGARA'})-[:CALLED_AT {from: '2023-09'}]->(:Port {name: 'Rajin'})",
    "MATCH (v:Vessel) SET v.name = 'ANGARA II', v.flag = 'RU', v:Suspect",
    "CALL evidence.claim({about: 'angara', stance: 'disputes', note: 'not this one'})",
    "MATCH (v:Vessel)-[c]->() DELETE c REMOVE v.flag, v:Suspect",
    "CREATE (:Source {id: 's', title: 'Ivan', confidential: true})",
];

fn case_with_history(dir: &TempDir) -> Case {
    let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
    STATEMENTS.iter().for_each(|text| run(&mut case, text));
    case
}

#[test]
fn the_log_counts_what_each_commit_changed() {
    let dir = tempfile::tempdir().expect("a directory");
    let case = case_with_history(&dir);
    let log = case.log().expect("a whole record");
    let counts: Vec<Vec<(&str, usize)>> = log.iter().map(|entry| entry.counts.named()).collect();
    assert_eq!(
        counts,
        [
            vec![("nodesCreated", 2), ("relationshipsCreated", 1), ("propertiesSet", 4), ("labelsAdded", 2)],
            vec![("propertiesSet", 2), ("labelsAdded", 1)],
            vec![("claimsRecorded", 1)],
            vec![("relationshipsDeleted", 1), ("propertiesSet", 1), ("labelsRemoved", 1)],
            vec![("nodesCreated", 1), ("propertiesSet", 3), ("labelsAdded", 1)],
        ]
    );
    assert_eq!(case.log_from(4).expect("a whole record"), log[3..]);
    let messages: Vec<&str> = log.iter().map(|entry| entry.message.as_str()).collect();
    assert_eq!(messages, STATEMENTS);

    let details = case.commit_details(3).expect("a commit");
    assert_eq!((&details.entry, details.effects.len()), (&log[2], 1));
    for missing in [0, 6] {
        let error = case.commit_details(missing).expect_err("there is none");
        assert!(matches!(error.kind(), ErrorKind::NotFound(_)), "{error}");
    }
}

#[test]
fn the_case_is_seen_as_it_was_after_each_commit() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
    let mut graphs = vec![case.graph().clone()];
    for text in STATEMENTS {
        run(&mut case, text);
        graphs.push(case.graph().clone());
    }
    for (commit, graph) in (0..).zip(&graphs) {
        let mut past = Case::open_at(case.dir(), commit).expect("a commit");
        assert!(past.graph().same_elements(graph), "after commit {commit}");
        assert_eq!((past.sequence(), past.check().expect("it verifies")), (commit, commit));
        assert_eq!(past.log().expect("a whole record").len() as u64, commit);
        assert_eq!(past.refresh().expect("nothing to read"), 0);
        assert!(past.graph().same_elements(graph));
        let lens = Lens::default();
        let change = past.query("CREATE (:X)", &Parameters::new(), &author(), &Options::new(&lens, 1));
        assert!(matches!(change.expect_err("the past stays").kind(), ErrorKind::ReadOnly(_)));
    }
    assert!(Case::open_at(case.dir(), 6).is_err());
    assert!(Case::open_at(&dir.path().join("nothing"), 1).is_err());
}

#[test]
fn a_check_names_what_it_verified_and_compacting_loses_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut case = case_with_history(&dir);
    case.checkpoint().expect("the index is written");
    run(&mut case, "CREATE (:Port)");
    let checked = case.verify().expect("all of it verifies");
    assert_eq!((checked.commits, checked.segments, checked.redacted, checked.index), (6, 1, 0, Some(5)));
    let (before, after) = case.compact().expect("the index can be copied");
    assert!(before > 0 && after > 0, "{before} {after}");
    assert_eq!(case.verify().expect("all of it verifies").index, Some(6));
    let dir = case.dir().to_owned();
    let graph = case.graph().clone();
    case.close().expect("the case closes");
    let case = Case::open(&dir, Access::Own).expect("the case opens");
    assert!(case.graph().same_elements(&graph));
}

/// The program on a case with history.
struct Program(TempDir);

impl Program {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        case_with_history(&dir).close().expect("the case closes");
        Self(dir)
    }

    fn run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.arg("--case").arg(self.0.path().join("case")).args(arguments);
        command.env_remove("THROUGHLINE_CASE").env("NO_COLOR", "1").env("USER", "tester").assert()
    }

    fn out(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.run(arguments).success().get_output().stdout.clone()).expect("UTF-8")
    }

    fn err(&self, arguments: &[&str], code: i32) -> String {
        String::from_utf8(self.run(arguments).code(code).get_output().stderr.clone()).expect("UTF-8")
    }
}

#[test]
fn the_program_lists_commits_and_tells_one_in_words() {
    let program = Program::new();
    let rows: Vec<Json> = program
        .out(&["log", "--limit", "2", "--format", "ndjson"])
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["commit"], json!(4));
    assert_eq!(
        rows[0]["changes"],
        json!({ "labelsRemoved": 1, "propertiesSet": 1, "relationshipsDeleted": 1 })
    );
    let table = program.out(&["log"]);
    assert!(table.contains("2 properties set, 1 label added"), "{table}");

    let told = program.out(&["log", "2", "--format", "csv"]);
    assert_eq!(
        told,
        "change,element,what\n\
         set,ANGARA II,\"name: ANGARA II, before ANGARA\"\n\
         set,ANGARA II,flag: RU\n\
         labelled,ANGARA II,Suspect\n"
    );
    let told = program.out(&["log", "4", "--format", "csv", "--limit", "1"]);
    assert_eq!(told, "change,element,what\ndeleted,ANGARA II CALLED_AT Rajin,from: 2023-09\n");
    let told = program.out(&["log", "3", "--format", "csv"]);
    assert_eq!(told, "change,element,what\nrecorded claim,ANGARA II,\"disputes, not this one\"\n");
    let told = program.out(&["log", "5", "--format", "csv"]);
    assert_eq!(told, "change,element,what\ncreated,confidential source 3,(confidential)\n");
    assert!(program.err(&["log", "9"], 1).contains("there is no commit 9"));
}

#[test]
fn every_command_that_reads_sees_the_case_as_it_was() {
    let program = Program::new();
    let names = ["query", "MATCH (v:Vessel) RETURN v.name", "--format", "csv"];
    assert_eq!(program.out(&names), "v.name\nANGARA II\n");
    assert_eq!(program.out(&[&["--at", "1"][..], &names].concat()), "v.name\nANGARA\n");
    assert!(program.out(&["--at", "1", "show", "ANGARA"]).contains("called at"));
    assert!(program.out(&["stats", "--at", "0", "--format", "csv"]).contains("nodes,,0\n"));
    assert!(program.out(&["check", "--at", "2"]).starts_with("2 commits verified"));
    assert!(program.err(&["--at", "1", "query", "CREATE (:X)"], 1).contains("as it was after commit 1"));
    assert!(program.err(&["--at", "9", "stats"], 1).contains("there is no commit 9"));
    assert!(program.err(&["--at", "1", "undo", "1"], 2).contains("--at is for commands that only read"));
}

#[test]
fn the_program_redacts_only_what_is_confirmed_and_says_what_goes_with_it() {
    let program = Program::new();
    assert!(program.err(&["redact", "5"], 2).contains("expected --yes"));
    let refused = program.err(&["redact", "1", "--yes"], 1);
    assert!(refused.contains("commits 2, 4 repeat what was said"), "{refused}");
    assert!(refused.contains("--with-copies"), "{refused}");
    assert!(program.out(&["log", "5", "--format", "csv"]).contains("created"));

    let done = program.run(&["redact", "5", "--yes", "--reason", "his safety"]).success();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    assert_eq!(text(&done.get_output().stdout), "redacted commit 5; commit 6 says so\n");
    let err = text(&done.get_output().stderr);
    assert!(
        err.contains("what commit 5 said goes for good: 1 change\n  gone from the case: 1 node\n"),
        "{err}"
    );
    let log = program.out(&["log", "--format", "ndjson"]);
    assert!(log.contains("\"redacted\":true") && log.contains("redact 5: his safety"), "{log}");
    assert!(!log.contains("Ivan"), "{log}");
    assert!(program.out(&["log"]).contains("| a redaction "), "{}", program.out(&["log"]));
    assert!(
        program.err(&["undo", "6"], 1).contains("commit 6 says what was redacted: that is gone for good")
    );
    assert!(program.err(&["redact", "6", "--yes"], 1).contains("commit 6 says what was redacted, and stays"));
    assert!(program.err(&["log", "5"], 0).contains("it was redacted"));
    assert!(program.err(&["check"], 0).contains("1 commit redacted"));
    assert!(program.out(&["compact"]).starts_with("the index has "));
    assert!(program.out(&["check"]).starts_with("6 commits verified"));

    let err = program.err(&["redact", "1", "--with-copies", "--yes"], 0);
    assert!(err.contains("commits 2, 4 among them"), "{err}");
    assert!(err.contains("commit 3 built on it: 1 change of it will be left out"), "{err}");
    assert!(program.out(&["stats", "--format", "csv"]).starts_with("what,name,count\nnodes,,0\n"));
}

//! Transactions: several statements are one commit, or none; in the library, in
//! scripts and in sessions.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use throughline::case::{Transaction, TransactionState};
use throughline::error::ErrorKind;
use throughline::formats::csv;
use throughline::graph::Lens;
use throughline::model::Value;
use throughline::query::{Answer, Options, Parameters};
use throughline::{Access, Author, Case, Result};

fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1_700_000_000_000_000 }
}

fn options(lens: &Lens) -> Options<'_> {
    Options::new(lens, author().now_micros)
}

/// A case with one node.
fn case(dir: &TempDir) -> Case {
    let mut case = Case::create(&dir.path().join("test.case"), &author()).expect("a new case");
    run(&mut case, "CREATE (:Vessel {id: 'angara'})").expect("a node");
    case
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn run(case: &mut Case, text: &str) -> Result<Answer> {
    case.query(text, &Parameters::new(), &author(), &options(&Lens::default()))
}

fn within(transaction: &mut Transaction<'_>, text: &str) -> Result<Answer> {
    transaction.query(text, &Parameters::new(), &author(), &options(&Lens::default()))
}

fn reopened(dir: &TempDir) -> Case {
    let case = Case::open(&dir.path().join("test.case"), Access::Own).expect("the case opens");
    case.check().expect("the record and the graph agree");
    case
}

#[test]
fn a_transaction_is_one_commit_and_sees_what_it_wrote() {
    let dir = directory();
    let mut case = case(&dir);
    let mut transaction = case.begin().expect("a transaction");
    within(&mut transaction, "CREATE (:Port {id: 'rajin'})").expect("a port");
    within(&mut transaction, "MATCH (v:Vessel), (p:Port) CREATE (v)-[:CALLED_AT {from: 1}]->(p)")
        .expect("a call");
    let seen =
        within(&mut transaction, "MATCH (:Vessel)-[c]->(p) RETURN p.id, c.from").expect("it sees them");
    assert_eq!(seen.rows, [[Value::from("rajin"), Value::Int(1)]]);
    assert_eq!(transaction.case().sequence(), 1, "nothing is recorded before the end");
    assert_eq!(transaction.commit("what was found", &author()).expect("it is recorded"), Some(2));
    let log = case.log().expect("a history");
    assert_eq!((log.len(), log[1].message.as_str(), log[1].changes), (2, "what was found", 2));
    case.close().expect("it closes");
    assert_eq!(reopened(&dir).graph().relationship_count(), 1);
}

#[test]
fn rolling_back_and_dropping_leave_the_case_as_it_was() {
    let dir = directory();
    let mut case = case(&dir);
    let before = case.graph().clone();
    for statement in [
        "MATCH (v) SET v.id = 'maria', v:Tanker",
        "MATCH (v) DETACH DELETE v CREATE (:Port {id: 'x'})-[:NEAR]->(:Port)",
        "MATCH (v) CALL evidence.claim({about: v, stance: 'null', type: 'CALLED_AT'})",
        "CALL schema.declare('HELD', 'state', 'none')",
    ] {
        let mut transaction = case.begin().expect("a transaction");
        within(&mut transaction, statement).expect(statement);
        transaction.roll_back();
        assert!(case.graph().same_elements(&before), "{statement}");
    }
    let mut transaction = case.begin().expect("a transaction");
    for _ in 0..3 {
        within(&mut transaction, "CREATE (:Port)-[:NEAR]->(:Port)").expect("two ports");
        within(&mut transaction, "MATCH (a:Port)-[r]->(b) SET r.x = 1, a.x = 2 DELETE r").expect("changes");
    }
    drop(transaction);
    assert!(case.graph().same_elements(&before));
    assert_eq!(case.sequence(), 1);
    assert_eq!(case.check().expect("the record and the graph agree"), 1);
    run(&mut case, "CREATE (:Port)").expect("what follows is a commit again");
    assert_eq!(case.sequence(), 2);
}

#[test]
fn a_statement_that_fails_takes_back_only_itself() {
    let dir = directory();
    let mut case = case(&dir);
    let mut transaction = case.begin().expect("a transaction");
    within(&mut transaction, "CREATE (:Port {n: 1})").expect("a port");
    within(&mut transaction, "UNWIND [1, 0] AS i CREATE (:Port {n: 1 / i})").expect_err("a division by zero");
    within(&mut transaction, "MATCH (n").expect_err("no statement");
    within(&mut transaction, "COMMIT").expect_err("the program ends it");
    within(&mut transaction, "CREATE (:Port {n: 2})").expect("a port");
    transaction.commit("two ports", &author()).expect("it is recorded");
    let ports = run(&mut case, "MATCH (p:Port) RETURN p.n ORDER BY p.n").expect("an answer").rows;
    assert_eq!(ports, [[Value::Int(1)], [Value::Int(2)]]);
    drop(case);
    assert_eq!(reopened(&dir).graph().node_count(), 3);
}

#[test]
fn statements_begin_and_end_transactions_too() {
    let dir = directory();
    let mut case = case(&dir);
    run(&mut case, "begin transaction").expect("BEGIN");
    assert_eq!(case.transaction(), TransactionState::Open);
    assert!(run(&mut case, "START TRANSACTION").expect_err("a second").to_string().contains("open already"));
    run(&mut case, "CREATE (:Port {n: 1})").expect("a port");
    run(&mut case, "MATCH (p:Port) SET p.n = 2").expect("a change");
    let answer = run(&mut case, "COMMIT").expect("COMMIT");
    assert_eq!(answer.rows, [[Value::from("recorded"), Value::Int(2)]]);
    let log = case.log().expect("a history");
    assert_eq!(log[1].message, "CREATE (:Port {n: 1}); MATCH (p:Port) SET p.n = 2");
    assert_eq!(run(&mut case, "COMMIT").expect_err("none is open").class(), "TransactionError");
    run(&mut case, "ROLLBACK").expect_err("none is open");

    run(&mut case, "BEGIN").expect("BEGIN");
    run(&mut case, "MATCH (n) DELETE n").expect("a change");
    run(&mut case, "ROLLBACK TRANSACTION").expect("ROLLBACK");
    run(&mut case, "BEGIN").expect("BEGIN");
    run(&mut case, "RETURN 1").expect("an answer");
    run(&mut case, "COMMIT").expect("COMMIT");
    assert_eq!((case.graph().node_count(), case.sequence()), (2, 2), "what changes nothing is no commit");
}

#[test]
fn a_failed_transaction_refuses_everything_up_to_its_end() {
    let dir = directory();
    let mut case = case(&dir);
    run(&mut case, "BEGIN").expect("BEGIN");
    run(&mut case, "CREATE (:Port)").expect("a port");
    case.fail_transaction();
    assert_eq!((case.transaction(), case.graph().node_count()), (TransactionState::Failed, 1));
    assert_eq!(run(&mut case, "RETURN 1").expect_err("refused").class(), "TransactionError");
    run(&mut case, "COMMIT").expect_err("nothing can be recorded");
    assert_eq!((case.transaction(), case.sequence()), (TransactionState::None, 1));
    run(&mut case, "CREATE (:Port)").expect("the case goes on");
}

#[test]
fn what_is_a_commit_of_its_own_is_refused_within_a_transaction() {
    let dir = directory();
    let mut case = case(&dir);
    run(&mut case, "BEGIN").expect("BEGIN");
    run(&mut case, "CREATE (:Port)").expect("a port");
    let inputs = [csv::Input { name: "x.csv".into(), content: (b":ID,:LABEL\n".to_vec()).into() }];
    let import = case.import(&inputs, &csv::Options::default(), false, &author(), &|_| true);
    for error in [
        import.map(|_| ()).expect_err("an import"),
        case.check().map(|_| ()).expect_err("a check"),
        case.rebuild().expect_err("a new index"),
        case.checkpoint().expect_err("a checkpoint"),
        case.refresh().map(|_| ()).expect_err("a refresh"),
    ] {
        assert!(error.to_string().ends_with("cannot be part of a transaction"), "{error}");
    }
    // Closing takes it back.
    case.close().expect("it closes");
    assert_eq!(reopened(&dir).graph().node_count(), 1);
}

#[test]
fn a_case_that_can_only_be_read_refuses_the_statement_and_not_only_the_commit() {
    let dir = directory();
    drop(case(&dir));
    let mut case = Case::open(&dir.path().join("test.case"), Access::Read).expect("it opens");
    run(&mut case, "BEGIN").expect("BEGIN");
    let error = run(&mut case, "MATCH (n) DELETE n").expect_err("it cannot be changed");
    assert!(matches!(error.kind(), ErrorKind::ReadOnly(_)), "{error}");
    assert_eq!(case.graph().node_count(), 1);
    run(&mut case, "COMMIT").expect("there is nothing to record");
}

fn program(dir: &Path, arguments: &[&str], input: &str) -> (Vec<Json>, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.arg("--case").arg(dir.join("test.case")).args(arguments).args(["--format", "json"]);
    command.env_remove("THROUGHLINE_CASE").env("NO_COLOR", "1");
    let output = command.write_stdin(input).output().expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let documents = text.lines().map(|line| serde_json::from_str(line).expect("a document a line"));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    (documents.collect(), said, output.status.code().unwrap_or(-1))
}

#[test]
fn a_piped_session_answers_each_statement_of_a_transaction() {
    let dir = directory();
    drop(case(&dir));
    let input = "BEGIN; CREATE (:Port {n: 1});\nMATCH (p:Port) RETURN p.n;\nCOMMIT;\nBEGIN; MATCH (n) DELETE n; ROLLBACK;";
    let (documents, said, code) = program(dir.path(), &["repl"], input);
    assert_eq!((documents.len(), said.as_str(), code), (7, "", 0));
    assert_eq!(documents[0]["rows"], json!([["open"]]));
    assert_eq!(documents[2]["rows"], json!([[1]]));
    assert_eq!(
        (&documents[3]["columns"], &documents[3]["rows"]),
        (&json!(["transaction", "commit"]), &json!([["recorded", 2]]))
    );
    assert_eq!(documents[6]["rows"], json!([["rolled back"]]));
    assert_eq!(reopened(&dir).graph().node_count(), 2);
}

#[test]
fn an_error_in_a_script_fails_its_transaction() {
    let dir = directory();
    drop(case(&dir));
    for wrong in ["MATCH (n", "RETURN 1 / 0", ":import nothing.csv"] {
        let input = format!(
            "BEGIN;\nCREATE (:Port);\n{wrong}{}\nCREATE (:Port);\nCOMMIT;\nRETURN 1;",
            if wrong.starts_with(':') { "" } else { ";" }
        );
        let (documents, _, code) = program(dir.path(), &["repl"], &input);
        assert_eq!((documents.len(), code), (6, 1), "{documents:?}");
        assert!(documents[2]["error"].is_object(), "{documents:?}");
        for refused in [&documents[3], &documents[4]] {
            assert_eq!(refused["error"]["kind"], json!("TransactionError"), "{documents:?}");
        }
        assert_eq!(documents[5]["rows"], json!([[1]]), "the session goes on");
        let case = reopened(&dir);
        assert_eq!((case.graph().node_count(), case.sequence()), (1, 1));
    }
}

#[test]
fn what_ends_within_a_transaction_rolls_it_back_and_says_so() {
    let dir = directory();
    drop(case(&dir));
    let (documents, said, code) = program(dir.path(), &["repl"], "BEGIN; CREATE (:Port);");
    assert_eq!((documents.len(), code), (2, 1));
    assert!(said.contains("was rolled back, and nothing of it is recorded"), "{said}");
    let text = "BEGIN; CREATE (:Port); CREATE (:Port)";
    let (_, said, code) = program(dir.path(), &["query", text], "");
    assert_eq!(code, 1);
    assert!(said.contains("leaves a transaction open") && said.contains("rolled back"), "{said}");
    let (_, said, code) = program(dir.path(), &["query", "BEGIN; CREATE (:Port); RETURN 1 / 0; COMMIT"], "");
    assert_eq!(code, 1);
    assert!(said.contains("division by zero") && said.contains("rolled back"), "{said}");
    assert_eq!(reopened(&dir).graph().node_count(), 1);
    let (documents, _, code) =
        program(dir.path(), &["query", "BEGIN; CREATE (:Port); CREATE (:Port); COMMIT"], "");
    assert_eq!((documents.len(), code), (4, 0));
    let case = reopened(&dir);
    assert_eq!((case.graph().node_count(), case.sequence()), (3, 2));
}

//! The program from outside: arguments, formats, exit codes, pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory with a case in it, and the program on that case.
struct Place(TempDir);

impl Place {
    fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// A case with what the statements make.
    fn with(statements: &str) -> Self {
        let place = Self::empty();
        place.write("empty.csv", ":ID,:LABEL\n");
        place.run(&["import", &place.file("empty.csv")]).success();
        place.run(&["query", statements]).success();
        place
    }

    /// The Rajin case.
    fn rajin() -> Self {
        let place = Self::empty();
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/rajin");
        let files = ["nodes", "sources", "relationships", "claims"];
        let files = files.map(|name| data.join(format!("{name}.csv")).display().to_string());
        place
            .run(&[&["import", "--strict"], files.each_ref().map(String::as_str).as_slice()].concat())
            .success();
        place
    }

    fn file(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).expect("a file to be written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.arg("--case").arg(self.file("test.case")).args(arguments);
        command.env_remove("THROUGHLINE_CASE").env("NO_COLOR", "1").env("USER", "tester");
        command
    }

    fn run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        self.command(arguments).assert()
    }

    /// The program with a pipe that stays open.
    fn spawn(&self, arguments: &[&str]) -> Child {
        let mut process = Process::new(env!("CARGO_BIN_EXE_throughline"));
        process.arg("--case").arg(self.file("test.case")).args(arguments);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        process.spawn().expect("the program to start")
    }

    /// What a query gives in JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let done = self.run(&[&["query", "--format", "json"], arguments].concat()).success();
        serde_json::from_slice(&done.get_output().stdout).expect("one document")
    }
}

fn out(done: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(done.get_output().stdout.clone()).expect("UTF-8")
}

fn err(done: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(done.get_output().stderr.clone()).expect("UTF-8")
}

const ANGARA: &str = "\
CREATE (a:Vessel {name: 'ANGARA', built: 1998, seen: date('2023-09-07')}),
       (r:Port {name: 'Rajin'}), (a)-[:CALLED_AT {from: '2023-09', share: 0.5}]->(r)";

#[test]
fn nodes_relationships_and_paths_are_objects() {
    let place = Place::with(ANGARA);
    let answer = place.json(&["MATCH p = (a:Vessel)-[c]->(b) RETURN a, c, p"]);
    let node = json!({ "kind": "node", "id": 0, "key": "_0", "labels": ["Vessel"],
        "properties": { "built": 1998, "name": "ANGARA", "seen": "2023-09-07" } });
    let port = json!({ "kind": "node", "id": 1, "key": "_1", "labels": ["Port"],
        "properties": { "name": "Rajin" } });
    let call = json!({ "kind": "relationship", "id": 0, "type": "CALLED_AT", "start": 0, "end": 1,
        "properties": { "from": "2023-09", "share": 0.5 } });
    let path = json!({ "kind": "path", "nodes": [node, port], "relationships": [call] });
    let expected =
        json!({ "columns": ["a", "c", "p"], "rows": [[node, call, path]], "stats": {}, "notices": [] });
    assert_eq!(answer, expected);
}

#[test]
fn values_that_json_lacks_are_strings() {
    let place = Place::with(ANGARA);
    let answer = place
        .json(&["RETURN date('2023-09-07'), duration('P7D'), 0.0 / 0.0, 1.0, null, [1, 'a'], {x: true}"]);
    assert_eq!(answer["rows"], json!([["2023-09-07", "P7D", "NaN", 1.0, null, [1, "a"], { "x": true }]]));
}

#[test]
fn stats_count_what_changed_and_leave_zeros_out() {
    let place = Place::with(ANGARA);
    let answer = place.json(&["CREATE (:Port {name: 'Dunai'})-[:NEAR]->(:Port)"]);
    let expected =
        json!({ "nodesCreated": 2, "relationshipsCreated": 1, "propertiesSet": 1, "labelsAdded": 2 });
    assert_eq!((&answer["columns"], &answer["rows"]), (&json!([]), &json!([])));
    assert_eq!(answer["stats"], expected);
}

#[test]
fn notices_are_in_the_document_and_not_on_stderr() {
    let place = Place::with(ANGARA);
    let done = place.run(&["query", "--format", "json", "MATCH (n:Vesel) RETURN n"]).success();
    assert!(out(&done).contains("nothing in the case is called `Vesel`"), "{}", out(&done));
    assert_eq!(err(&done), "");
}

#[test]
fn rows_as_objects_csv_and_markdown() {
    let place = Place::with(ANGARA);
    let query = "MATCH p = (a:Vessel)-[c]->(b) RETURN a, c, p, a.none AS none, 'x|y, z' AS text";
    let lines = |format: &str| out(&place.run(&["query", query, "--format", format]).success());
    assert_eq!(
        lines("csv"),
        "a,c,p,none,text\n(ANGARA:Vessel),[:CALLED_AT Sep 2023],ANGARA → Rajin,,\"x|y, z\"\n"
    );
    assert_eq!(
        lines("markdown").lines().last(),
        Some("| (ANGARA:Vessel) | \\[:CALLED\\_AT Sep 2023\\] | ANGARA → Rajin |  | x\\|y, z |")
    );
    let row: Value = serde_json::from_str(lines("ndjson").trim_end()).expect("one object");
    assert_eq!((&row["a"]["kind"], &row["text"]), (&json!("node"), &json!("x|y, z")));
    assert!(lines("dot").starts_with("digraph"), "{}", lines("dot"));
}

#[test]
fn tables_in_a_pipe_have_no_boxes() {
    let place = Place::with(ANGARA);
    let done = place.run(&["query", "MATCH (a:Vessel) RETURN a.name AS name, a.built AS built"]).success();
    assert_eq!(out(&done), " name   | built\n--------+-------\n ANGARA |  1998\n");
    assert_eq!(err(&done), "1 row\n");
}

#[test]
fn a_confidential_source_shows_its_pseudonym_alone() {
    let place = Place::with(
        "CREATE (:Source {name: 'Mole', title: 'Our man', id: 'mole', confidential: true}), (:Port {name: 'Rajin'})",
    );
    for format in ["table", "json", "ndjson", "csv", "markdown", "dot"] {
        let done = place.run(&["query", "MATCH (s) RETURN s", "--format", format]).success();
        assert!(out(&done).contains("confidential source 1"), "{format}: {}", out(&done));
        assert!(!out(&done).to_lowercase().contains("mole"), "{format}: {}", out(&done));
        assert!(!out(&done).contains("Our man"), "{format}: {}", out(&done));
    }
    let sources = out(&place.run(&["sources", "--format", "csv"]).success());
    assert_eq!(sources.lines().last(), Some("confidential source 1,,,,,0,0,0,[],"));
}

#[test]
fn exit_codes_tell_done_error_and_wrong_usage() {
    let place = Place::with(ANGARA);
    place.run(&["query", "RETURN 1"]).code(0);
    place.run(&["query", "RETURN"]).code(1);
    place.run(&["query"]).code(2);
    place.run(&["query", "RETURN 1", "--param", "novalue"]).code(2);
    place.run(&["--min-confidence", "7", "query", "RETURN 1"]).code(2);
    place.run(&["frobnicate"]).code(2);
    place.run(&["--help"]).code(0);
    let done = Place::empty().run(&["query", "RETURN 1"]).code(1);
    assert!(err(&done).contains("there is no case in"), "{}", err(&done));
}

#[test]
fn errors_point_at_the_place() {
    let place = Place::with(ANGARA);
    let done = place.run(&["query", "MATCH (n) RETURN colect(n)"]).code(1);
    assert_eq!(out(&done), "");
    assert_eq!(
        err(&done),
        "error: unknown function `colect` (UnknownFunction)\n  |  MATCH (n) RETURN colect(n)\n  |                   ^^^^^^\n  = did you mean `collect`?\n"
    );
    let done = place.run(&["query", "RETURN 1;\nMATCH (n RETURN n;\nRETRUN 2"]).code(1);
    let errors = err(&done);
    assert!(errors.contains("  2 |  MATCH (n RETURN n;\n    |           ^"), "{errors}");
    assert!(errors.contains("  3 |  RETRUN 2\n"), "all errors are shown:\n{errors}");
    let done = place.run(&["query", "MATCH (n) RETURN colect(m), lenth(n)"]).code(1);
    assert_eq!(
        err(&done),
        "error: unknown function `colect` (UnknownFunction)\n  \
         |  MATCH (n) RETURN colect(m), lenth(n)\n  \
         |                   ^^^^^^\n  \
         = did you mean `collect`?\n\
         error: variable `m` is not defined (UndefinedVariable)\n  \
         |  MATCH (n) RETURN colect(m), lenth(n)\n  \
         |                          ^\n\
         error: unknown function `lenth` (UnknownFunction)\n  \
         |  MATCH (n) RETURN colect(m), lenth(n)\n  \
         |                              ^^^^^\n  \
         = did you mean `length`?\n"
    );
}

#[test]
fn parameters_come_from_flags_and_files() {
    let place = Place::with(ANGARA);
    place.write("values.json", r#"{ "a": [1, 2], "b": "file" }"#);
    let answer = place.json(&[
        "RETURN $a, $b, $c",
        "--params",
        &place.file("values.json"),
        "--param",
        "b=2023-09",
        "--param",
        "c=1.5",
    ]);
    assert_eq!(answer["rows"], json!([[[1, 2], "2023-09", 1.5]]));
}

#[test]
fn a_file_holds_several_statements_and_the_first_failure_ends_it() {
    let place = Place::with(ANGARA);
    place
        .write("q.cypher", "RETURN 1 AS a;\nRETURN toInteger(date('2023-09-07')) + {} AS b;\nRETURN 3 AS c;");
    let done = place.run(&["query", "--file", &place.file("q.cypher"), "--format", "json"]).code(1);
    assert_eq!(out(&done).lines().count(), 1, "{}", out(&done));
}

#[test]
fn a_piped_session_gives_one_document_a_statement_and_goes_on_after_errors() {
    let place = Place::with(ANGARA);
    let statements = "RETURN 1;\nMATCH (n\nRETURN n; RETURN ';' AS x;\n§;\nRETURN 2";
    let done = place.command(&["repl", "--format", "json"]).write_stdin(statements).assert().code(1);
    let documents: Vec<Value> =
        out(&done).lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect();
    assert_eq!(documents.len(), 5, "{}", out(&done));
    assert_eq!(documents[0]["rows"], json!([[1]]));
    let error = &documents[1]["error"];
    assert_eq!(
        (&error["kind"], &error["line"], &error["column"]),
        (&json!("SyntaxError"), &json!(2), &json!(1))
    );
    assert!(error["message"].is_string());
    assert_eq!(documents[2]["rows"], json!([[";"]]));
    assert_eq!(documents[3]["error"]["kind"], json!("SyntaxError"));
    assert_eq!(documents[4]["rows"], json!([[2]]));
    assert_eq!(err(&done), "");
}

#[test]
fn a_piped_session_has_commands_and_no_prompt() {
    let place = Place::with(ANGARA);
    let input = ":param x 40 + 2\n:format csv\nRETURN $x AS x;\n:lens asof 2023-08\nMATCH ()-[r]->() RETURN count(r) AS n;\n:quit\nRETURN 9;";
    let done = place.command(&[]).write_stdin(input).assert().success();
    assert_eq!(out(&done), "x\n42\nn\n0\n");
    let done = place.command(&[]).write_stdin(":fromat csv\n").assert().code(1);
    assert!(err(&done).contains("did you mean ':format'?"), "{}", err(&done));
}

#[test]
fn a_statement_stops_at_the_limit_on_its_time_and_changes_nothing() {
    let case = Place::with("RETURN 1");
    let endless = "UNWIND range(1, 9000000) AS x UNWIND range(1, 9000000) AS y CREATE (:X {sum: x + y})";
    let stopped = case.run(&["--timeout", "0.2", "query", endless]).failure();
    let told = "the statement ran longer than 0.2 s and was stopped; nothing was changed";
    assert!(err(&stopped).contains(told), "{}", err(&stopped));
    let count = case.json(&["MATCH (n) RETURN count(*)"]);
    assert_eq!(count["rows"], serde_json::json!([[0]]));
    case.run(&["--timeout", "0", "query", "RETURN 1"]).failure().code(2);
}

#[test]
fn limits_of_a_search_are_set_by_flags_and_in_a_session() {
    let place = Place::with("CREATE (a:P {id: 'a'}) WITH a UNWIND range(1, 5) AS n CREATE (a)-[:TO]->(:P)");
    let paths = "MATCH p = (:P {id: 'a'})-[:TO]->{1,2}() RETURN count(p) AS n";
    let done = place.run(&["--max-paths", "3", "query", paths, "--format", "csv"]).success();
    assert_eq!(out(&done), "n\n3\n");
    assert!(err(&done).contains("stopped at its limit of 3 paths"), "{}", err(&done));

    let input = format!(":format csv\n:limits paths 2\n{paths};\n:limits default\n{paths};\n");
    let done = place.command(&[]).write_stdin(input).assert().success();
    assert_eq!(out(&done), "n\n2\nn\n5\n");
    assert!(err(&done).contains("limits: steps 50000000, paths 2,"), "{}", err(&done));

    let done = place.run(&["--max-memory", "8", "query", "RETURN 1"]).failure().code(2);
    assert!(err(&done).contains("such as 500MB or 8GB"), "{}", err(&done));
    let done = place.command(&[]).write_stdin(":limits hops 3\n").assert().code(1);
    assert!(err(&done).contains("there is no limit 'hops'"), "{}", err(&done));
}

#[test]
fn a_case_goes_into_one_file_and_comes_back() {
    let place = Place::with("CREATE (:Port {id: 'rajin'})");
    let file = &place.file("case.backup");
    let done = place.run(&["backup", file]).success();
    assert!(err(&done).contains("up to commit 1, verified"), "{}", err(&done));
    place.run(&["backup", file]).failure().code(1);
    place.run(&["restore", file]).failure().code(1);
    let mut other = Command::new(env!("CARGO_BIN_EXE_throughline"));
    other.args(["--case", &place.file("other"), "restore", file]).assert().success();
    let mut other = Command::new(env!("CARGO_BIN_EXE_throughline"));
    let ask = ["query", "MATCH (p:Port) RETURN p.id AS id", "--format", "csv"];
    let done = other.args(["--case", &place.file("other")]).args(ask).assert().success();
    assert_eq!(out(&done), "id\nrajin\n");
}

#[test]
fn the_record_goes_into_a_file_and_comes_back() {
    let place = Place::with("CREATE (:Port {id: 'rajin'})");
    place.run(&["query", "MATCH (p:Port) SET p.name = 'Rajin'"]).success();
    let file = &place.file("2024.archive");
    let done = place.run(&["archive", file]).success();
    assert_eq!(out(&done), format!("commits 1 to 2 are in {file}; commit 3 says so\n"));
    assert!(err(&done).contains("keep the file"), "{}", err(&done));
    let done = place.run(&["archive", &place.file("again")]).failure().code(1);
    assert!(err(&done).contains("nothing to archive: commits 1 to 2 are in 2024.archive"), "{}", err(&done));
    place.run(&["query", "CREATE (:Port {id: 'dunai'})"]).success();

    let done = place.run(&["log", "--format", "csv"]).success();
    assert_eq!(err(&done), "commits 1 to 2 are archived (2024.archive)\n");
    let lines: Vec<String> = out(&done).lines().map(str::to_owned).collect();
    assert!(lines.len() == 3 && lines[1].starts_with("3,") && lines[1].contains(",an archive,"), "{lines:?}");
    assert!(lines[1].contains("archived commits 1 to 2 in 2024.archive"), "{lines:?}");
    // The note line is about what would be above the list.
    assert_eq!(err(&place.run(&["log", "--limit", "1"]).success()), "");
    let done = place.command(&[]).write_stdin(":log\n").assert().success();
    assert!(err(&done).contains("commits 1 to 2 are archived (2024.archive)"), "{}", err(&done));
    for arguments in [&["log", "1"][..], &["undo", "2"], &["redact", "1", "--yes"], &["--at", "1", "stats"]] {
        let done = place.run(arguments).failure().code(1);
        assert!(err(&done).contains("is archived in 2024.archive"), "{arguments:?}: {}", err(&done));
        assert!(err(&done).contains("`throughline unarchive 2024.archive`"), "{arguments:?}: {}", err(&done));
    }
    assert!(out(&place.run(&["--at", "2", "query", "MATCH (p) RETURN p.id"]).success()).contains("rajin"));

    let done = place.run(&["check", "--archive", file]).success();
    assert!(out(&done).starts_with("2 commits verified"), "{}", out(&done));
    assert!(
        err(&done).contains("commits 1 to 2 are archived; what stands for them verifies"),
        "{}",
        err(&done)
    );
    assert!(err(&done).contains("holds commits 1 to 2, and they say what the case kept"), "{}", err(&done));
    let other = &place.file("other.backup");
    place.run(&["backup", other]).success();
    for arguments in [&["check", "--archive", other][..], &["unarchive", other]] {
        let done = place.run(arguments).failure().code(1);
        assert!(err(&done).contains("is not what was archived"), "{}", err(&done));
    }
    let done = place.run(&["unarchive", file]).success();
    assert_eq!(out(&done), "commits 1 to 2 are in the record again\n");
    assert_eq!(out(&place.run(&["log", "--format", "csv"]).success()).lines().count(), 5);
    place.run(&["check"]).success();
    let done = place.run(&["unarchive", file]).failure().code(1);
    assert!(err(&done).contains("nothing of this case is archived"), "{}", err(&done));
    place.run(&["--read-only", "archive", file]).failure().code(1);
    place.run(&["--read-only", "unarchive", file]).failure().code(2);
}

#[test]
fn a_commit_is_undone_by_a_new_one() {
    let place = Place::with("CREATE (:Port {id: 'rajin'})");
    place.run(&["query", "MATCH (p:Port) SET p.name = 'Rajin'"]).success();
    let done = place.run(&["undo", "2"]).success();
    assert!(err(&done).contains("commit 2 is undone by commit 3"), "{}", err(&done));
    assert_eq!(place.json(&["MATCH (p:Port) RETURN p.name"])["rows"], serde_json::json!([[null]]));
    let done = place.command(&[]).write_stdin(":undo 3\n:undo 1\n").assert().code(1);
    assert!(err(&done).contains("commit 3 is undone by commit 4"), "{}", err(&done));
    // Commit 3 took back commit 2, and commit 4 is what is left of both.
    assert!(err(&done).contains("commit 1 cannot be undone: commit 4 built on it"), "{}", err(&done));
    place.run(&["undo", "x"]).failure().code(2);
}

#[test]
fn a_source_file_runs_statements_and_commands() {
    let place = Place::with(ANGARA);
    place.write("inner.cypher", "RETURN 2 AS b;\n");
    place.write(
        "outer.cypher",
        &format!(":format csv\n:source '{}'\nRETURN 1\nAS a;\n", place.file("inner.cypher")),
    );
    let input = format!(":source '{}'\n", place.file("outer.cypher"));
    let done = place.command(&[]).write_stdin(input).assert().success();
    assert_eq!(out(&done), "b\n2\na\n1\n");
}

#[test]
fn each_answer_is_flushed_while_the_pipe_is_open() {
    let place = Place::with(ANGARA);
    let mut child = place.spawn(&["repl", "--format", "json"]);
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    for number in 1..=3 {
        writeln!(input, "RETURN {number};").expect("a line to be written");
        let mut line = String::new();
        output.read_line(&mut line).expect("a line to be read");
        let document: Value = serde_json::from_str(&line).expect("a document");
        assert_eq!(document["rows"], json!([[number]]));
    }
    drop(input);
    assert!(child.wait().expect("the program to end").success());
}

#[test]
fn a_case_that_another_process_holds_can_be_read_and_not_written() {
    let place = Place::with(ANGARA);
    let mut holder = place.spawn(&["repl", "--format", "json"]);
    let mut input = holder.stdin.take().expect("a pipe");
    let mut output = BufReader::new(holder.stdout.take().expect("a pipe"));
    writeln!(input, "CREATE (:Port {{name: 'Dunai'}});").expect("a line to be written");
    output.read_line(&mut String::new()).expect("the holder's answer");

    let done = place.run(&["query", "MATCH (n:Port) RETURN count(n) AS n", "--format", "csv"]).success();
    assert_eq!(out(&done), "n\n2\n");
    let holder_id = format!("process {}", holder.id());
    let done = place.run(&["query", "CREATE (:Port)"]).code(1);
    assert!(err(&done).contains(&holder_id), "{}", err(&done));
    let done = place.run(&["import", &place.file("empty.csv")]).code(1);
    assert!(err(&done).contains(&holder_id), "{}", err(&done));

    drop(input);
    assert!(holder.wait().expect("the holder to end").success());
    place.run(&["query", "CREATE (:Port)"]).success();
}

#[test]
fn read_only_refuses_to_write() {
    let place = Place::with(ANGARA);
    let done = place.run(&["--read-only", "query", "CREATE (:Port)"]).code(1);
    assert!(err(&done).contains("cannot be changed"), "{}", err(&done));
    place.run(&["--read-only", "query", "MATCH (n) RETURN n"]).success();
}

#[test]
fn a_lenient_import_leaves_bad_rows_out_and_a_strict_one_refuses() {
    let place = Place::empty();
    place.write("ships.csv", ":ID,:LABEL,built:int\nangara,Vessel,1998\nmaria,Vessel,old\n");
    let ships = place.file("ships.csv");
    let done = place.run(&["import", "--strict", &ships]).code(1);
    assert!(
        err(&done).contains("ships.csv:3: column built:int: expected an integer, found 'old'"),
        "{}",
        err(&done)
    );
    assert!(err(&done).contains("nothing was imported: 1 bad row"), "{}", err(&done));
    assert_eq!(place.json(&["MATCH (n) RETURN count(n)"])["rows"], json!([[0]]));

    let done = place.run(&["import", &ships]).code(0);
    assert_eq!(out(&done), "imported 1 node, 0 relationships, 0 claims\n");
    assert!(err(&done).contains("1 row was left out"), "{}", err(&done));
    let done = place.run(&["import", &ships]).code(1);
    assert!(err(&done).contains("nothing was imported: 2 bad rows"), "{}", err(&done));
    let done = place.run(&["import", "--update", &ships]).code(0);
    assert!(out(&done).contains("1 row unchanged"), "{}", out(&done));
}

#[test]
fn a_file_that_is_not_there_leaves_no_case_behind() {
    let place = Place::empty();
    let done = place.run(&["import", &place.file("nothing.csv")]).code(1);
    assert!(err(&done).contains("nothing.csv"), "{}", err(&done));
    assert!(!Path::new(&place.file("test.case")).exists());
}

#[test]
fn only_the_first_bad_rows_are_listed() {
    let place = Place::empty();
    let rows: String = (0..30).map(|i| format!("n{i},Vessel,x\n")).collect();
    place.write("ships.csv", &format!(":ID,:LABEL,built:int\ngood,Vessel,1\n{rows}"));
    let done = place.run(&["import", &place.file("ships.csv")]).code(0);
    assert_eq!(err(&done).matches("bad row:").count(), 20);
    assert!(
        err(&done).contains("… and 10 bad rows more") && err(&done).contains("30 rows were left out"),
        "{}",
        err(&done)
    );
}

#[test]
fn lens_flags_hide_what_was_not_known_or_rests_on_a_source() {
    let place = Place::rajin();
    let count = |flags: &[&str]| {
        let query = ["query", "--format", "csv", "MATCH ()-[r:DELIVERED_TO]->() RETURN count(r) AS n"];
        let done = place.run(&[flags, query.as_slice()].concat()).success();
        out(&done).lines().last().and_then(|n| n.parse::<usize>().ok()).expect("a count")
    };
    let all = count(&[]);
    assert!(count(&["--known-by", "2023-10-15"]) < all);
    assert!(count(&["--known-by", "2023-10"]) < all);
    assert!(count(&["--without-source", "c4ads-trade-data"]) < all);
    assert!(count(&["--min-confidence", "0.6"]) < all);
    assert!(count(&["--as-of", "2023-08-15"]) < all);
    let done = place.run(&["--known-by", "yesterday", "stats"]).code(2);
    assert!(err(&done).contains("expected a date"), "{}", err(&done));
    let done = place.run(&["--without-source", "nobody", "stats"]).code(1);
    assert!(err(&done).contains("nobody"), "{}", err(&done));
}

#[test]
fn paths_are_drawn_as_chains_with_their_evidence() {
    let place = Place::rajin();
    let query = "MATCH p = STRONGEST CHRONOLOGICAL (:Port {name: 'Rajin'})<-[:CALLED_AT]-(:Vessel)-[:CALLED_AT]->
                 (:Port {name: 'Vostochny'})<-[:SHIPPED_FROM]-(:Consignment)-[:DELIVERED_TO]->(:Facility) RETURN p LIMIT 1";
    let done = place.run(&["query", query]).success();
    let text = out(&done);
    assert!(text.starts_with("\n1  Rajin → "), "{text}");
    for part in [
        "order untested: the dates allow the reverse order too",
        "weakest hop D3 (0.5)",
        "▲ called at     Aug 2023 – Jan 2024",
        "overlaps a null result: S-077 (D3, wp-c4ads-seed), 1–31 Dec 2023",
        "⚠ same cargo: inferred from place and time (",
        "supported by S-020.13 (D4, wp-c4ads-seed)",
        "▼ delivered to",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(text.lines().all(|line| throughline::formats::words::columns(line) <= 100), "{text}");
}

#[test]
fn disputes_say_who_and_what() {
    let place = Place::rajin();
    let query = "MATCH p = (:Consignment)-[r:SHIPPED_FROM]->(:Port {name: 'Rajin'}) WHERE disputed(r) RETURN p LIMIT 1";
    let text = out(&place.run(&["query", query]).success());
    assert!(text.contains("1 hop disputed"), "{text}");
    assert!(text.contains("✗ disputed by Russia: S-086.4 (D1, wp-c4ads-seed)"), "{text}");
    assert!(text.contains("– Says such reports come with"), "{text}");
}

#[test]
fn show_and_search_find_entities_by_any_name() {
    let place = Place::rajin();
    let text = out(&place.run(&["show", "angara"]).success());
    assert!(text.starts_with("ANGARA  Vessel · key angara\n"), "{text}");
    assert!(text.contains("→ called at Rajin"), "{text}");
    assert_eq!(text, out(&place.run(&["show", "Angara"]).success()), "names match in any case");
    assert!(out(&place.run(&["show", "라진"]).success()).starts_with("Rajin  Port"));
    let done = place.run(&["show", "nobody at all"]).code(1);
    assert!(err(&done).contains("there is nothing with the key or name"), "{}", err(&done));
    let found = out(&place.run(&["search", "najin", "--format", "csv"]).success());
    assert!(
        found.starts_with("key,labels,name,found,score,reason\nrajin,[Port],Rajin,Najin,1.0,najin\n"),
        "{found}"
    );
    for (asked, key) in [
        ("IMO 9161003", "lady-r"),
        ("порт Восточный", "vostochny"),
        ("Najinn", "rajin"),
        ("7718857267", "oboronlogistika"),
    ] {
        let found = out(&place.run(&["search", asked, "--format", "csv"]).success());
        assert!(
            found.lines().nth(1).is_some_and(|line| line.starts_with(&format!("{key},"))),
            "{asked}: {found}"
        );
    }
}

#[test]
fn a_list_of_names_is_screened() {
    let place = Place::rajin();
    let found = out(&place
        .run(&["screen", "MV Lady-R", "ООО Оборонлогистика", "Nobody at All", "--format", "csv"])
        .success());
    let first: Vec<&str> = found.lines().map(|line| line.split(",[").next().unwrap_or_default()).collect();
    assert!(
        first.contains(&"MV Lady-R,lady-r") && first.contains(&"ООО Оборонлогистика,oboronlogistika"),
        "{found}"
    );
    assert!(found.contains("UKRAINE-EO13685") && !found.contains("Nobody"), "{found}");
    place.write("list.csv", "id,name\n1,Angara\n2,\"Nobody, Else\"\n");
    let done =
        place.run(&["screen", &place.file("list.csv"), "--kind", "vessel", "--format", "ndjson", "--listed"]);
    let found = out(&done.success());
    assert!(found.lines().count() == 1 && found.contains("\"angara\""), "{found}");
    assert!(err(&place.run(&["screen", "x", "--kind", "shop"]).code(2)).contains("expected person"));
}

#[test]
fn the_record_is_listed_checked_and_rebuilt() {
    let place = Place::with(ANGARA);
    let log = out(&place.run(&["log", "--format", "ndjson"]).success());
    let commits: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(commits.len(), 1, "an import of nothing is no commit: {log}");
    assert_eq!((&commits[0]["author"], &commits[0]["commit"]), (&json!("tester"), &json!(1)));
    assert!(commits[0]["message"].as_str().is_some_and(|message| message.starts_with("CREATE")));
    assert!(out(&place.run(&["check"]).success()).starts_with("1 commit verified"));
    assert_eq!(
        out(&place.run(&["rebuild"]).success()),
        "the index was made anew: 2 nodes, 1 relationship, 0 claims\n"
    );
    let stats = out(&place.run(&["stats", "--format", "csv"]).success());
    assert!(stats.contains("nodes,,2\n") && stats.contains("type,CALLED_AT,1\n"), "{stats}");
}

#[test]
fn exports_go_by_the_files_ending() {
    let place = Place::with(ANGARA);
    place.run(&["export", &place.file("case.dot")]).success();
    let dot = std::fs::read_to_string(place.file("case.dot")).expect("the picture");
    assert!(dot.starts_with("digraph") && dot.contains("ANGARA"), "{dot}");
    place
        .run(&["export", &place.file("ports"), "--as", "dot", "--query", "MATCH (p:Port) RETURN p"])
        .success();
    let dot = std::fs::read_to_string(place.file("ports")).expect("the picture");
    assert!(dot.contains("Rajin") && !dot.contains("ANGARA"), "{dot}");
    let done = place.run(&["export", &place.file("case.gexf")]).code(1);
    assert!(err(&done).contains("export as gexf is not built yet"), "{}", err(&done));
    let done = place.run(&["export", &place.file("x.dot"), "--query", "RETURN 1"]).code(1);
    assert!(err(&done).contains("nothing") || err(&done).contains("holds no nodes"), "{}", err(&done));
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let place = Place::with(ANGARA);
    let mut child = Process::new(env!("CARGO_BIN_EXE_throughline"))
        .args([
            "--case",
            &place.file("test.case"),
            "query",
            "UNWIND range(1, 200000) AS n RETURN n",
            "--format",
            "csv",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program to start");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    output.read_line(&mut String::new()).expect("one line");
    drop(output);
    let done = child.wait_with_output().expect("the program to end");
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{told}");
    assert!(!told.contains("panic") && !told.contains("error"), "{told}");
}

#[test]
fn shells_get_completions() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&place.run(&["completions", shell]).success()).contains("throughline"), "{shell}");
    }
}

#[test]
fn errors_in_json_have_their_detail_and_the_others() {
    let place = Place::with(ANGARA);
    let statement = "MATCH (n) RETURN colect(n),\n  mm.name;";
    let done = place.command(&["repl", "--format", "json"]).write_stdin(statement).assert().code(1);
    let document: Value = serde_json::from_str(&out(&done)).expect("one document");
    let other = json!({
        "kind": "SyntaxError", "detail": "UndefinedVariable", "message": "variable `mm` is not defined",
        "line": 2, "column": 3,
    });
    let first = json!({
        "kind": "SyntaxError", "detail": "UnknownFunction", "message": "unknown function `colect`",
        "line": 1, "column": 18, "hint": "did you mean `collect`?", "others": [other],
    });
    assert_eq!(document, json!({ "error": first }));
}

#[test]
fn a_trace_says_what_falls_without_a_source() {
    let place = Place::rajin();
    let done = place.run(&["trace", "Rajin", "Mozdok depot", "--best", "2"]).success();
    let all = "all 2 chains rest on the source kbs-indonesian-2024-03";
    assert!(out(&done).contains(all), "{}", out(&done));
    assert!(out(&done).contains("delivered to Mozdok depot”"), "{}", out(&done));

    let what_if = ["trace", "Rajin", "depot", "--best", "2", "--what-if-without", "white-house-2023-10-13"];
    let done = place.run(&what_if).success();
    for told in ["without white-house-2023-10-13: 1 of 4 chains falls: 4", "found instead: 1 chain"] {
        assert!(out(&done).contains(told), "{told}: {}", out(&done));
    }
    let done = place.run(&[&what_if[..], &["--format", "json"]].concat()).success();
    let answer: Value = serde_json::from_str(&out(&done)).expect("one document");
    assert_eq!(answer["columns"], json!(["p", "status"]));
    let rows = answer["rows"].as_array().expect("rows").clone();
    let statuses: Vec<&str> = rows.iter().filter_map(|row| row[1].as_str()).collect();
    assert_eq!(statuses, ["stands", "stands", "stands", "falls", "instead"]);
}

#[test]
fn a_source_that_there_is_not_falls_with_a_hint() {
    let place = Place::rajin();
    let done = place.run(&["trace", "Rajin", "depot", "--what-if-without", "white-house-2023-10-14"]).code(1);
    let told = err(&done);
    assert!(told.contains("there is no source 'white-house-2023-10-14'"), "{told}");
    assert!(told.contains("did you mean 'white-house-2023-10-13'?"), "{told}");
}

//! `same`, `different`, `conflicts` and `sources` from outside: what is recorded, told and taken back.

use serde_json::Value;

use crate::the_rajin_case::{place, printed, program};

#[test]
fn a_judgement_is_recorded_with_author_and_reason_and_taken_back() {
    let place = place();
    let told = printed(&place, &["same", "VAZ", "vaf", "--reason", "the same name, translated"]);
    assert!(told.contains("(vaz) is the same as JOINT STOCK COMPANY"), "{told}");
    let ask = "MATCH (a)-[r:SAME_AS]->(b) UNWIND claims(r) AS c RETURN key(a), key(b), c.author, c.note";
    let rows = printed(&place, &["query", ask, "--format", "csv"]);
    assert_eq!(rows.lines().nth(1), Some("vaz,vaf,M. Lee,\"the same name, translated\""));
    assert!(printed(&place, &["same"]).contains("nobody on record"), "what was judged is no question");

    printed(&place, &["different", "vaf", "vaz", "--reason", "another tax number"]);
    let told = printed(&place, &["conflicts", "vaz", "--kind", "identity"]);
    assert!(told.contains("Called the same and different: 1"), "{told}");
    assert!(told.contains("the same name, translated") && told.contains("another tax number"), "{told}");

    let log = printed(&place, &["log", "--format", "json"]);
    let log: Value = serde_json::from_str(&log).expect("JSON");
    let last = log["rows"].as_array().expect("rows").len().to_string();
    printed(&place, &["undo", &last]);
    assert!(printed(&place, &["conflicts", "--kind", "identity"]).contains("nothing on record is disputed"));
    printed(&place, &["check"]);
}

#[test]
fn conflicts_and_sources_are_data_and_commands_of_a_session_too() {
    let place = place();
    let json = printed(&place, &["conflicts", "angara", "--kind", "value", "--format", "json"]);
    let document: Value = serde_json::from_str(&json).expect("JSON");
    let row = &document["rows"][0];
    assert_eq!((&row[0], &row[2], &row[5][0]), (&"value".into(), &"flag".into(), &"FLAG".into()));
    let says: Vec<&Value> = row[3].as_array().expect("sides").iter().map(|side| &side["says"]).collect();
    assert_eq!(says, ["RU", "KP"]);

    let first = printed(&place, &["sources", "--format", "csv"]);
    let first = first.lines().nth(1).expect("a source").to_owned();
    assert!(first.starts_with("wp-c4ads-seed,"), "most rests on it: {first}");

    let lines = [
        ":conflicts angara --kind value",
        ":same vaz",
        ":sources",
        ":different vaz vaf --reason 'not shown'",
        ":same",
    ];
    let session = program(&place, &["repl"]).write_stdin(lines.join("\n") + "\n").assert().success();
    let told = String::from_utf8(session.get_output().stdout.clone()).expect("text");
    for part in ["ANGARA · flag", "recorded as possibly the same", "wp-c4ads-seed", "is not JOINT STOCK"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn what_cannot_be_is_told() {
    let place = place();
    program(&place, &["same", "vaz", "vaf"]).assert().code(2);
    program(&place, &["different", "vaz", "vaf"]).assert().code(2);
    program(&place, &["same", "vaz", "NOBODY", "--reason", "x"]).assert().code(1);
    program(&place, &["conflicts", "NOBODY"]).assert().code(1);
    program(&place, &["conflicts", "--kind", "quarrel"]).assert().code(2);
    program(&place, &["--known-by", "2024", "same", "vaz", "vaf", "--reason", "x"]).assert().code(1);
}

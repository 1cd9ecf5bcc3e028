//! `owners` and `exposure` from outside: formats for machines, and mistakes.

use serde_json::Value;

use crate::the_rajin_case::{place, printed, program};

#[test]
fn verdicts_and_proofs_are_data_and_pictures_too() {
    let place = place();
    let ask = ["owners", "MARIA", "--as-of", "2023-11-01"];
    let json = printed(&place, &[&ask[..], &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&json).expect("JSON");
    let rows = document["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 4, "a row for each regime");
    assert_eq!((&rows[0][1], &rows[0][2]), (&Value::from("OFAC"), &Value::from("undecided")));
    assert_eq!(rows[0][4].as_array().map(Vec::len), Some(2), "two facts would decide");
    assert_eq!(rows[0][5]["owners"].as_array().map(Vec::len), Some(3));

    let dot = printed(&place, &[&ask[..], &["--regime", "ofac", "--format", "dot"]].concat());
    assert!(dot.contains("MARIA: undecided under OFAC") && dot.contains("M LEASING LLC"), "{dot}");
    assert!(dot.contains("what the verdict rests on"), "{dot}");

    let json = printed(&place, &["exposure", "VAZ", "--as-of", "2024-06-01", "--format", "json"]);
    let document: Value = serde_json::from_str(&json).expect("JSON");
    let categories: Vec<&Value> =
        document["rows"].as_array().expect("rows").iter().map(|row| &row[1]).collect();
    assert_eq!(categories, ["listed", "possibly the same"]);
}

#[test]
fn what_there_is_not_is_told() {
    let place = place();
    let failed = program(&place, &["owners", "MARIA", "--regime", "Narnia"]).assert().code(2);
    let told = String::from_utf8(failed.get_output().stderr.clone()).expect("text");
    assert!(told.contains("there is no regime 'Narnia'") && told.contains("UK-OFSI"), "{told}");
    program(&place, &["owners", "NOBODY"]).assert().code(1);
    program(&place, &["exposure", "NOBODY"]).assert().code(1);
}

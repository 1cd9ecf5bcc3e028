//! Procedures that a program registers.

use throughline::error::{Detail, Error};
use throughline::graph::{Graph, Lens};
use throughline::model::Value;
use throughline::query::{self, Answer, Options, Parameters, RegisteredProcedure, ValueType, parser};

/// A registry that knows the flag of one ship.
fn registry() -> RegisteredProcedure {
    let run = |arguments: &[Value]| {
        let is_known = arguments[0].as_str() == Some("9158161");
        Ok(if is_known { vec![vec![Value::from("RU"), Value::Int(2019)]] } else { Vec::new() })
    };
    RegisteredProcedure::new("registry.flag", run)
        .argument("imo", ValueType::String)
        .column("flag", ValueType::String)
        .column("since", ValueType::Float)
}

fn ask_of(procedures: &[RegisteredProcedure], text: &str, imo: Option<&str>) -> Result<Answer, Error> {
    let lens = Lens::default();
    let options = Options { procedures, ..Options::new(&lens, 0) };
    let mut parameters = Parameters::new();
    parameters.extend(imo.map(|imo| ("imo".to_owned(), Value::from(imo))));
    query::run(&mut Graph::new(), &parser::parse_statement(text)?, &parameters, &options)
}

fn ask(text: &str) -> Result<Answer, Error> {
    ask_of(&[registry()], text, None)
}

fn rows(text: &str) -> Vec<Vec<Value>> {
    ask(text).unwrap_or_else(|error| panic!("{text}: {error}")).rows
}

fn detail(text: &str) -> Detail {
    let error = ask(text).expect_err(text);
    error.which().unwrap_or_else(|| panic!("{text}: {error}"))
}

#[test]
fn a_registered_procedure_is_called_like_any_other() {
    assert_eq!(rows("CALL registry.flag('9158161')"), [[Value::from("RU"), Value::Float(2019.0)]]);
    assert_eq!(
        rows("UNWIND ['1', '9158161'] AS imo CALL Registry.Flag(imo) YIELD flag AS f RETURN f"),
        [[Value::from("RU")]]
    );
    let listed = rows("SHOW PROCEDURES YIELD name, signature WHERE name = 'registry.flag' RETURN signature");
    assert_eq!(listed, [[Value::from("registry.flag(imo) :: (flag, since)")]]);
    assert_eq!(
        rows("UNWIND ['1', '9158161'] AS imo OPTIONAL CALL registry.flag(imo) YIELD flag RETURN flag"),
        [[Value::Null], [Value::from("RU")]]
    );
    assert_eq!(
        rows("RETURN COLLECT { CALL registry.flag('9158161') YIELD flag RETURN flag } AS flags"),
        [[Value::from(vec![Value::from("RU")])]]
    );
    let plan = rows("EXPLAIN CALL registry.flag($unknown)");
    assert!(plan.iter().any(|line| line[1] == Value::from("registry.flag($unknown)")), "{plan:?}");
}

#[test]
fn alone_and_without_parentheses_it_takes_parameters_by_name() {
    let answer = ask_of(&[registry()], "CALL registry.flag", Some("9158161")).expect("a good call");
    assert_eq!(answer.columns, ["flag", "since"]);
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(detail("CALL registry.flag"), Detail::MissingParameter);
    assert_eq!(detail("CALL registry.flag YIELD flag RETURN flag"), Detail::InvalidArgumentPassingMode);
}

#[test]
fn calls_are_checked_before_anything_runs() {
    assert_eq!(detail("CALL registry.flag()"), Detail::InvalidNumberOfArguments);
    assert_eq!(
        detail("UNWIND [] AS x CALL registry.flag(1) YIELD flag RETURN flag"),
        Detail::InvalidArgumentType
    );
    assert_eq!(detail("CALL registry.flag('1') YIELD flga RETURN flga"), Detail::UndefinedVariable);
    assert_eq!(
        detail("WITH 1 AS flag CALL registry.flag('1') YIELD flag RETURN flag"),
        Detail::VariableAlreadyBound
    );
    assert_eq!(
        detail("UNWIND [1] AS imo CALL registry.flag(imo) YIELD flag RETURN flag"),
        Detail::InvalidArgumentType
    );
    assert_eq!(detail("CALL registry.flga('1')"), Detail::ProcedureNotFound);
    let error = ask("CALL registry.flga('1')").expect_err("no such procedure");
    assert_eq!(error.hint_text(), Some("did you mean `registry.flag`?"));
}

#[test]
fn a_procedure_is_held_to_what_it_says() {
    let broken = |row: Vec<Value>| {
        RegisteredProcedure::new("broken", move |_| Ok(vec![row.clone()])).column("x", ValueType::Integer)
    };
    let told =
        |row: Vec<Value>| ask_of(&[broken(row)], "CALL broken()", None).expect_err("broken").to_string();
    assert_eq!(told(vec![]), "procedure broken has 1 columns and gave a row of 0");
    assert_eq!(told(vec![Value::from("x")]), "procedure broken gave String as x, not a whole number");
    let double = RegisteredProcedure::new("DB.Labels", |_| Ok(Vec::new()));
    let error = ask_of(&[double], "RETURN 1", None).expect_err("the language has one of that name");
    assert_eq!(error.to_string(), "there are two procedures called DB.Labels");
}

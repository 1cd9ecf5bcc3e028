//! Procedures that scenarios ask for: a signature, and a table that answers.

use throughline::model::Value;
use throughline::query::{RegisteredProcedure, ValueType};

/// A procedure such as `test.my.proc(in :: INTEGER?) :: (out :: STRING?)`; it gives the rows of the
/// table whose first values are the arguments.
pub(super) fn of_table(signature: &str, rows: Vec<Vec<Value>>) -> Option<RegisteredProcedure> {
    let (name, rest) = signature.split_once('(')?;
    let (arguments, columns) = rest.split_once(") :: (")?;
    let arguments = fields(arguments)?;
    let columns = fields(columns.trim().strip_suffix(')')?)?;
    let n_arguments = arguments.len();
    let answer = move |given: &[Value]| {
        let is_asked_for =
            |row: &&Vec<Value>| row.iter().zip(given).all(|(known, given)| is_same(known, given));
        let found = rows.iter().filter(is_asked_for);
        Ok(found.map(|row| row.iter().skip(n_arguments).cloned().collect()).collect())
    };
    let mut procedure = RegisteredProcedure::new(name.trim(), answer);
    for (name, value_type) in arguments {
        procedure = procedure.argument(name, value_type);
    }
    for (name, value_type) in columns {
        procedure = procedure.column(name, value_type);
    }
    Some(procedure)
}

/// `name :: TYPE, name :: TYPE`.
fn fields(text: &str) -> Option<Vec<(String, ValueType)>> {
    let field = |field: &str| {
        let (name, value_type) = field.split_once("::")?;
        Some((name.trim().to_owned(), ValueType::named(value_type)?))
    };
    text.split(',').filter(|text| !text.trim().is_empty()).map(field).collect()
}

/// Whether both are the same; null is the same as null here.
fn is_same(known: &Value, given: &Value) -> bool {
    known.equals(given).unwrap_or(known.is_null() && given.is_null())
}

//! The procedures `names.search` and `names.screen`: what they are given, and their rows.

use super::expr::{Context, described};
use super::functions::kind_of_name;
use super::procs::Rows;
use crate::analysis::screening::{self, Candidate, candidates, listings};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::names::{Name, did_you_mean};

/// The columns of `names.search`.
pub(super) const SEARCH_COLUMNS: &[&str] = &["node", "name", "score", "reason"];

/// The columns of `names.screen`.
pub(super) const SCREEN_COLUMNS: &[&str] = &["asked", "node", "name", "score", "reason", "listings"];

/// The procedure that finds parts of names, too.
const SEARCH: &str = "names.search";

/// What the second argument may say.
const OPTIONS: &[&str] = &["kind", "limit", "parts", "threshold"];

/// As many candidates are given unless more are asked for.
const LIMIT: usize = 10;

/// More candidates for one name help nobody.
const LIMIT_MAX: usize = 10_000;

/// The options of a call.
struct Options {
    limit: usize,
    threshold: f64,
    /// Whether names are found too that the text is only a part of.
    parts: bool,
    kind: Option<crate::names::Kind>,
}

impl Options {
    fn read(value: Option<&Value>, procedure: &str) -> Result<Self> {
        let mut options = Self { limit: LIMIT, threshold: screening::SCORE_MIN, parts: false, kind: None };
        let entries = match value {
            None | Some(Value::Null) => return Ok(options),
            Some(Value::Map(entries)) => entries,
            Some(other) => return Err(expected("a map of options", other)),
        };
        for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "limit" => options.limit = limit(value)?,
                "threshold" => options.threshold = threshold(value)?,
                "parts" if procedure == SEARCH => options.parts = parts(value)?,
                "kind" => options.kind = kind_of_name(Some(value))?,
                _ => {
                    let names: Vec<&str> = OPTIONS
                        .iter()
                        .copied()
                        .filter(|name| *name != "parts" || procedure == SEARCH)
                        .collect();
                    let near = did_you_mean(name, names.iter().copied());
                    let all = || Some(format!("it has {}", names.join(", ")));
                    return Err(
                        Error::invalid(format!("{procedure} has no option '{name}'")).hint(near.or_else(all))
                    );
                }
            }
        }
        Ok(options)
    }
}

fn limit(value: &Value) -> Result<usize> {
    let limit = match value {
        Value::Int(number) => usize::try_from(*number).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)),
        _ => None,
    };
    limit.ok_or_else(|| expected(&format!("a limit from 1 to {LIMIT_MAX}"), value))
}

fn parts(value: &Value) -> Result<bool> {
    match value {
        Value::Bool(parts) => Ok(*parts),
        _ => Err(expected("true or false", value)),
    }
}

fn threshold(value: &Value) -> Result<f64> {
    let number = value.as_number().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| expected("a threshold between 0 and 1", value))
}

/// Nodes with a name like a text.
pub(super) fn search(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let options = Options::read(arguments.get(1), SEARCH)?;
    let text = match &arguments[0] {
        Value::Null => return Ok(Vec::new()),
        Value::String(text) => text,
        other => return Err(expected("a name to search for", other)),
    };
    let name = Name::new(text, options.kind);
    let mut found = candidates(context.view, &name, options.limit, options.threshold);
    if options.parts {
        screening::add_containing(context.view, &name, options.limit, options.threshold, &mut found);
    }
    Ok(found.into_iter().map(|candidate| row(candidate).into()).collect())
}

/// Nodes with a name like one of a list, with the lists on which they stand.
pub(super) fn screen(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let options = Options::read(arguments.get(1), "names.screen")?;
    let mut rows = Vec::new();
    for asked in texts(&arguments[0])? {
        (context.surroundings.check)()?;
        let name = Name::new(asked, options.kind);
        for candidate in candidates(context.view, &name, options.limit, options.threshold) {
            let listed = listings(context.view, candidate.node);
            let listed = listed.iter().map(|listing| Value::from(listing.in_words(context.view)));
            let listed = Value::List(listed.collect());
            rows.push([vec![Value::from(asked)], row(candidate).into(), vec![listed]].concat());
        }
    }
    Ok(rows)
}

fn row(candidate: Candidate) -> [Value; 4] {
    [
        Value::Node(candidate.node),
        Value::from(candidate.name),
        Value::Float(candidate.score),
        Value::from(candidate.reason),
    ]
}

/// The texts of a list, without nulls; one text is a list of one.
fn texts(value: &Value) -> Result<Vec<&str>> {
    let items = match value {
        Value::Null => &[],
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let present = items.iter().filter(|item| !item.is_null());
    present.map(|item| item.as_str().ok_or_else(|| expected("a list of names", item))).collect()
}

fn expected(wanted: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {wanted}, found {}", described(found)))
}

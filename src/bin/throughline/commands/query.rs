//! `query`: statements from the command line or a file.

use std::io::Read;
use std::path::Path;

use throughline::Error;
use throughline::query::Parameters;

use crate::args::{Args, QueryArgs};
use crate::failure::Failure;
use crate::render::value_of_json;
use crate::session::Session;
use crate::terminal::Terminal;

/// Runs the statements in order until one fails.
pub(crate) fn run(args: &Args, query: &QueryArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let parameters = parameters(query)?;
    let text = match (&query.text, &query.file) {
        (Some(text), _) => text.clone(),
        (None, Some(file)) => read(file)?,
        (None, None) => String::new(),
    };
    let statements = Session::parse(&text)?;
    if statements.is_empty() {
        return Err(Failure::Usage("expected a statement, found nothing".to_owned()));
    }
    let mut session = Session::open(args, terminal)?;
    session.parameters = parameters;
    session.format = query.output.format;
    let mut run = |session: &mut Session| {
        for statement in &statements {
            let answer = session.run(statement, &text)?;
            session.print(&answer, None, terminal)?;
        }
        match session.is_in_transaction() {
            true => Err(Error::invalid("the last statement leaves a transaction open")
                .hint("end it with COMMIT or ROLLBACK".to_owned())
                .into()),
            false => Ok(()),
        }
    };
    let done = run(&mut session);
    session.close(terminal);
    done
}

/// A file's text, or stdin's for `-`.
pub(crate) fn read(file: &Path) -> Result<String, Error> {
    let bytes = match file.as_os_str() == "-" {
        true => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        }
        false => std::fs::read(file),
    };
    let text = String::from_utf8(bytes.map_err(|error| Error::io(file, &error))?)
        .map_err(|_| Error::invalid(format!("{} is not UTF-8 text", file.display())))?;
    Ok(text.strip_prefix('\u{FEFF}').map_or(text.clone(), str::to_owned))
}

/// Those of the file, then those of the command line.
fn parameters(query: &QueryArgs) -> Result<Parameters, Failure> {
    let mut parameters = Parameters::new();
    if let Some(file) = &query.parameters_file {
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&read(file)?).map_err(|error| {
                Error::invalid(format!("{}: expected a JSON object: {error}", file.display()))
            })?;
        for (name, value) in &json {
            parameters.insert(name.clone(), value_of_json(value)?);
        }
    }
    for given in &query.parameters {
        let Some((name, value)) = given.split_once('=') else {
            return Err(Failure::Usage(format!("expected NAME=VALUE after --param, found '{given}'")));
        };
        let name = name.trim().trim_start_matches('$').to_owned();
        let value = match serde_json::from_str(value) {
            Ok(json) => value_of_json(&json)?,
            Err(_) => value.into(),
        };
        parameters.insert(name, value);
    }
    Ok(parameters)
}

//! Why a command did not do what it was asked to.

use std::io;
use std::process::ExitCode;

use throughline::Error;
use throughline::query::parser::ParseErrors;

/// What ends a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library's errors.
    Errors {
        /// At least one, in the order of the text.
        errors: Vec<Error>,
        /// The text that their places are in.
        text: String,
    },
    /// Arguments that fit the grammar of the command line and still make no sense.
    Usage(String),
    /// Results could not be written.
    Output(io::Error),
    /// The user has been told already.
    Told,
}

impl Failure {
    /// An error with a place in `text`.
    pub(crate) fn in_text(error: Error, text: &str) -> Self {
        let others = error.others().to_vec();
        let errors = [error].into_iter().chain(others).collect();
        Self::Errors { errors, text: text.to_owned() }
    }

    /// Everything that is wrong in `text`.
    pub(crate) fn of_parsing(errors: &ParseErrors, text: &str) -> Self {
        Self::Errors { errors: errors.errors().to_vec(), text: text.to_owned() }
    }

    /// Whether nobody reads the results any more.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// 0 done, 1 error, 2 wrong usage.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            failure if failure.is_closed_pipe() => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Errors { errors: vec![error], text: String::new() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Serialising into a writer fails only where the writer does.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Output(error),
            other => Self::Output(io::Error::other(format!("{other:?}"))),
        }
    }
}

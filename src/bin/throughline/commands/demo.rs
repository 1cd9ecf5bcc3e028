//! `demo`: the Rajin case.

use throughline::Error;

use crate::args::Args;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Builds the case, answers its main question, and opens a session.
pub(crate) fn run(_args: &Args, _terminal: &mut Terminal) -> Result<(), Failure> {
    Err(Error::invalid("demo is not built yet").into())
}

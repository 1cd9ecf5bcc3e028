//! `trace`: chains from one entity to another.

use throughline::Error;

use crate::args::{Args, TraceArgs};
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::Terminal;

/// Opens the case and traces in it.
pub(crate) fn run(args: &Args, trace: &TraceArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = trace.output.format;
    let done = in_session(&mut session, trace, terminal);
    session.close(terminal);
    done
}

/// Traces in a case that is open, through the session's lens.
pub(crate) fn in_session(
    _session: &mut Session,
    _trace: &TraceArgs,
    _terminal: &mut Terminal,
) -> Result<(), Failure> {
    Err(Error::invalid("trace is not built yet").into())
}

//! The program `throughline`: the library on the command line.
//!
//! Results go to stdout, everything else to stderr. The exit code is 0 when all
//! was done, 1 after an error and 2 for wrong usage; a closed pipe is no error.

mod args;
mod commands;
mod failure;
mod interrupt;
mod limits;
mod progress;
mod render;
mod repl;
mod session;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use failure::Failure;
use terminal::Terminal;

fn main() -> ExitCode {
    let args = Args::parse();
    let mut terminal = Terminal::of_process();
    let done = commands::run(args, &mut terminal).and_then(|()| Ok(terminal.flush()?));
    let Err(failure) = done else { return ExitCode::SUCCESS };
    // What was written before the failure comes before its message.
    match terminal.flush().map_err(Failure::from) {
        Err(failure) if failure.is_closed_pipe() => return ExitCode::SUCCESS,
        _ => render::error::tell(&mut terminal, &failure),
    }
    failure.exit_code()
}

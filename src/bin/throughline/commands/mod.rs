//! The commands: one function each.

mod archive;
pub(crate) mod conflicts;
mod demo;
mod export;
pub(crate) mod exposure;
mod generate;
mod ground;
mod history;
mod import;
mod log;
mod overview;
pub(crate) mod owners;
mod query;
mod redact;
pub(crate) mod same;
pub(crate) mod screen;
mod show;
pub(crate) mod sources;
pub(crate) mod trace;

pub(crate) use export::draw;
pub(crate) use history::take_back;
pub(crate) use import::import_into;
pub(crate) use log::in_session as log;
pub(crate) use overview::stats;
pub(crate) use query::read as read_text;

use clap::CommandFactory;

use crate::args::{Args, Command, ReplArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::repl;
use crate::terminal::Terminal;

/// Does what the command line asks for.
pub(crate) fn run(mut args: Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let command = args.command.take().unwrap_or(Command::Repl(ReplArgs::default()));
    interrupt::listen()?;
    args.limits.timeout.into_iter().for_each(interrupt::limit);
    if args.at.is_some() && !command.reads_a_case() {
        return Err(Failure::Usage("--at is for commands that only read the case".to_owned()));
    }
    match command {
        Command::Demo => demo::run(&args, terminal),
        Command::Repl(repl) => repl::run(&args, repl.output.format, terminal),
        Command::Query(query) => query::run(&args, &query, terminal),
        Command::Trace(trace) => trace::run(&args, &trace, terminal),
        Command::Import(import) => import::run(&args, &import, terminal),
        Command::Export(export) => export::run(&args, &export, terminal),
        Command::Show(show) => show::show(&args, &show, terminal),
        Command::Owners(owners) => owners::run(&args, &owners, terminal),
        Command::Exposure(exposure) => exposure::run(&args, &exposure, terminal),
        Command::Conflicts(conflicts) => conflicts::run(&args, &conflicts, terminal),
        Command::Same(same) => same::same(&args, &same, terminal),
        Command::Different(different) => same::different(&args, &different, terminal),
        Command::Search(search) => screen::search(&args, &search, terminal),
        Command::Screen(screen) => screen::screen(&args, &screen, terminal),
        Command::Sources(output) => sources::run(&args, output.format, terminal),
        Command::Stats(stats) => {
            let table = if stats.storage { overview::storage } else { overview::stats };
            overview::run(&args, stats.output.format, terminal, table)
        }
        Command::Log(log) => log::run(&args, &log, terminal),
        Command::Check(check) => history::check(&args, &check, terminal),
        Command::Recover(recover) => history::recover(&args, &recover, terminal),
        Command::Rebuild => history::rebuild(&args, terminal),
        Command::Backup(backup) => history::backup(&args, &backup, terminal),
        Command::Restore(backup) => history::restore(&args, &backup, terminal),
        Command::Archive(archive) => archive::archive(&args, &archive, terminal),
        Command::Unarchive(archive) => archive::unarchive(&args, &archive, terminal),
        Command::Undo(undo) => history::undo(&args, &undo, terminal),
        Command::Redact(redact) => redact::run(&args, &redact, terminal),
        Command::Compact => history::compact(&args, terminal),
        Command::Generate(generate) => generate::run(&generate, terminal),
        Command::Completions(completions) => {
            let mut script = Vec::new();
            clap_complete::generate(completions.shell, &mut Args::command(), "throughline", &mut script);
            Ok(terminal.out().write_all(&script)?)
        }
    }
}

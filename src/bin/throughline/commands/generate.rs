//! `generate`: a synthetic trade as CSV files.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use throughline::synthetic::{Summary, Trade};

use crate::args::GenerateArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::terminal::Terminal;

/// How often progress is shown.
const SHOWN_EVERY: Duration = Duration::from_millis(200);

/// Writes the files, and says how to import them.
pub(crate) fn run(generate: &GenerateArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let trade = Trade { ships: generate.ships, years: generate.years, seed: generate.seed };
    let began = Instant::now();
    let mut shown = began;
    let mut progress = |so_far: &Summary| {
        if interrupt::is_asked() {
            return ControlFlow::Break(());
        }
        if shown.elapsed() >= SHOWN_EVERY {
            shown = Instant::now();
            terminal.progress(&so_far_shown(so_far, trade.ships, began.elapsed()));
        }
        ControlFlow::Continue(())
    };
    let written = interrupt::stoppable(|| trade.write(&generate.out, &mut progress));
    terminal.progress("");
    let summary = written?;
    let seconds = began.elapsed().as_secs_f64();
    let rows = summary.nodes + summary.relationships;
    terminal.note(&format!(
        "wrote {} nodes, {} relationships and {} claims to {}: {} in {seconds:.1} s, {} rows/s",
        summary.nodes,
        summary.relationships,
        summary.claims,
        generate.out.display(),
        megabytes(summary.bytes),
        (rows as f64 / seconds.max(0.001)) as u64,
    ));
    terminal.note("everything in it is made up, but for the towns of the ports");
    let files: Vec<String> = summary.files.iter().map(|file| quoted(&file.display().to_string())).collect();
    let case = quoted(&format!("{}.case", generate.out.display()));
    writeln!(terminal.out(), "throughline --case {case} import {}", files.join(" "))?;
    Ok(())
}

fn so_far_shown(so_far: &Summary, ships: u32, elapsed: Duration) -> String {
    let done = f64::from(so_far.ships) / f64::from(ships);
    let left = elapsed.as_secs_f64() * (1.0 - done) / done.max(1e-9);
    format!(
        "{:3.0} %, {} relationships, {}, {left:.0} s left",
        done * 100.0,
        so_far.relationships,
        megabytes(so_far.bytes)
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A file's name as a shell takes it for one word.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match name.chars().all(is_plain) && !name.is_empty() {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    }
}

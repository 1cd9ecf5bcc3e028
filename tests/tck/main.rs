//! openCypher's Technology Compatibility Kit, read from where it lies; none of it
//! is part of this project.
//!
//! ```text
//! cargo test --release --test tck                 all scenarios
//! cargo test --release --test tck -- Merge1       those whose name has this in it
//! TCK_VERBOSE=1 cargo test --release --test tck   says what went wrong in each that fails
//! ```
//!
//! The kit is looked for where `TCK_DIR` points, else in `../shared/tck` beside the
//! crate; where it is missing, the run says so and passes. Results are compared to the letter: rows and their
//! order, side effects, and of errors the class, the detail and whether they come
//! before the statement runs.
//!
//! `known_failures.txt` names the scenarios that do not pass yet, each with a word
//! for why. The run fails where another fails, and where one of these passes;
//! `UPDATE_GOLDENFILES=1` writes the list anew. `skipped.txt` names those that are
//! not run at all, each with the reason.
#![expect(clippy::print_stdout, reason = "the result of the run is told")]

mod gherkin;
mod notation;
mod procedures;
mod run;
mod tally;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gherkin::Scenario;
use run::{Run, Verdict};
use tally::Tally;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let wanted = arguments.into_iter().find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let Some(root) = kit() else {
        println!("TCK skipped: the kit is not there; TCK_DIR can say where it lies");
        return ExitCode::SUCCESS;
    };
    let mut tally = Tally::of_lists(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tck"), &wanted);
    for scenario in scenarios(&root).into_iter().filter(|scenario| scenario.name.contains(&wanted)) {
        let verdict = match tally.skips(&scenario.name) {
            true => Verdict::Skipped,
            false => Run::of(&scenario, &root),
        };
        tally.count(&scenario, verdict);
    }
    println!("{tally}");
    match tally.compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(told) => {
            println!("{told}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the kit, if it is there.
fn kit() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tck");
    let root = std::env::var_os("TCK_DIR").map_or_else(default, PathBuf::from);
    Some(root).filter(|root| root.join("features").is_dir())
}

fn scenarios(root: &Path) -> Vec<Scenario> {
    let features = root.join("features");
    let mut files = Vec::new();
    let mut folders = vec![features.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "feature")) {
        let text = std::fs::read_to_string(file).expect("a feature file can be read");
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let category = file.parent().and_then(|parent| parent.strip_prefix(&features).ok());
        let category = category.unwrap_or(Path::new("")).to_string_lossy();
        found.extend(gherkin::scenarios(&text, &stem, &category));
    }
    found
}

//! The case that the project starts from: read into a graph, or as the program makes it.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;
use throughline::formats::csv;
use throughline::graph::Graph;

/// The case as a graph, imported at a time in microseconds since 1970-01-01 UTC.
pub(crate) fn graph(recorded_micros: i64) -> Graph {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/rajin");
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("the data set has this file");
        csv::Input { name: name.into(), content: bytes.into() }
    };
    let inputs = ["sources.csv", "nodes.csv", "relationships.csv", "claims.csv"].map(read);
    let mut graph = Graph::new();
    let options = csv::Options { recorded_micros, ..csv::Options::default() };
    let import = csv::read(&graph, &inputs, &options).expect("the options are good");
    assert_eq!(import.bad, [], "the data set has no bad row");
    for effect in &import.effects {
        graph.apply(effect).expect("the effects fit");
    }
    graph
}

/// A folder with the case, as `throughline demo` makes it.
pub(crate) fn place() -> TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    program(&place, &["demo"]).assert().success();
    place
}

/// The program on the case of a folder, run by M. Lee.
pub(crate) fn program(place: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(place.path()).args(["--case", "rajin.case"]).args(arguments);
    command.env("NO_COLOR", "1").env("USER", "M. Lee").write_stdin("");
    command
}

/// What the program prints where all is well.
pub(crate) fn printed(place: &TempDir, arguments: &[&str]) -> String {
    let done = program(place, arguments).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).expect("output is text")
}

//! The examples in the documentation run on the Rajin case, so that pages cannot rot.

use std::path::{Path, PathBuf};

use throughline::formats::csv;
use throughline::graph::{Graph, Lens};
use throughline::paths::Limits;
use throughline::query::{self, Answer, Options, Parameters, parser};

fn rajin() -> Graph {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/rajin");
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("the data set has this file");
        csv::Input { name: PathBuf::from(name), bytes }
    };
    let inputs = ["sources.csv", "nodes.csv", "relationships.csv", "claims.csv"].map(read);
    let mut graph = Graph::new();
    let import = csv::read(&graph, &inputs, &csv::Options::default()).expect("the options are good");
    assert_eq!(import.bad, [], "the data set has no bad row");
    for effect in &import.effects {
        graph.apply(effect).expect("the effects fit");
    }
    graph
}

/// The fenced blocks of a language in a page.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("the page is there");
    let fence = format!("```{language}\n");
    let parts = text.split(fence.as_str()).skip(1);
    parts.filter_map(|part| part.split("```").next()).map(str::to_owned).collect()
}

/// Runs a statement, which has to succeed.
fn run(graph: &mut Graph, text: &str) -> Answer {
    let lens = Lens::default();
    let options = Options {
        lens: &lens,
        limits: Limits::default(),
        now_micros: 0,
        is_interrupted: &|| false,
        without_rewrites: &[],
        procedures: &[],
    };
    let statement = parser::parse_statement(text);
    let answer = statement.and_then(|statement| query::run(graph, &statement, &Parameters::new(), &options));
    answer.unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

#[test]
fn every_statement_of_the_language_page_runs() {
    let graph = rajin();
    let statements = blocks("docs/language.md", "cypher");
    assert!(statements.len() >= 4, "the page has examples");
    for text in statements {
        let answer = run(&mut graph.clone(), &text);
        assert!(!answer.rows.is_empty(), "the example finds something\n{text}");
    }
}

#[test]
fn every_example_in_the_table_of_clauses_runs() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md"))
        .expect("there");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| clause"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut count = 0;
    for row in rows {
        let example = row.split('`').nth(1).expect("each row has an example");
        // A fragment of a statement is completed so that it can run.
        let text = match example.split(' ').next() {
            Some("RETURN") => format!("MATCH (s:Vessel) {example}"),
            _ => example.to_owned(),
        };
        run(&mut rajin(), &text);
        count += 1;
    }
    assert!(count >= 10);
}

/// The first screen of the README is a real session: its lines come in this order
/// in what the program prints, with gaps where the README says so.
#[test]
fn the_readmes_session_is_what_the_demo_prints() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut program = assert_cmd::Command::cargo_bin("throughline").expect("the program is built");
    let done = program.current_dir(place.path()).arg("demo").write_stdin("").assert().success();
    let printed = String::from_utf8(done.get_output().stdout.clone()).expect("output is text");
    let mut rest = printed.as_str();
    let session = blocks("README.md", "console").remove(0);
    for line in session.lines().filter(|line| !line.starts_with('$') && *line != "…") {
        // Without Graphviz the last line says so; all others are the same everywhere.
        if line.starts_with("Wrote") {
            assert!(rest.contains("Wrote rajin.dot"), "{printed}");
            continue;
        }
        let at = rest
            .find(line)
            .unwrap_or_else(|| panic!("the demo does not print this in its place:\n{line}\n{printed}"));
        rest = &rest[at + line.len()..];
    }
    assert!(place.path().join("rajin.dot").is_file());
}

//! Replays the corpus of the fuzz target `query`: every text gives rows or an
//! error whose place lies in the text, and a failed statement leaves no trace.

use std::path::Path;

use throughline::graph::{Graph, Lens};
use throughline::paths::Limits;
use throughline::query::{Options, Parameters, parser, run};

#[test]
fn no_text_in_the_corpus_panics_or_leaves_a_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/query");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be read").path();
        replay(&std::fs::read_to_string(&path).expect("the corpus is text"), &path);
        count += 1;
    }
    assert!(count >= 13, "the corpus is not empty");
}

fn replay(text: &str, path: &Path) {
    let Ok(statement) = parser::parse_statement(text) else { return };
    let lens = Lens::default();
    let limits =
        Limits { work_max: 10_000, results_max: 1_000, waiting_max: 100_000, memory_max: 100_000_000 };
    let options = Options { limits, ..Options::new(&lens, 0) };
    let mut graph = Graph::new();
    let setup = "CREATE (:Port {id: 'a'})<-[:CALLED_AT {from: '2023'}]-(:Vessel {id: 'b'})-[:CALLED_AT]->(:Port {id: 'c'})";
    let setup = parser::parse_statement(setup).expect("the set-up parses");
    run(&mut graph, &setup, &Parameters::new(), &options).expect("the set-up runs");
    let before = graph.clone();
    if let Err(error) = run(&mut graph, &statement, &Parameters::new(), &options) {
        assert!(graph.same_elements(&before), "{}", path.display());
        if let Some(span) = error.span() {
            assert!(span.start <= span.end && span.end <= text.len(), "{}: {error}", path.display());
        }
    }
}

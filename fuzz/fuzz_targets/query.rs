//! Any text may be run as a statement: it gives rows or an error with a place in
//! the text, never a panic, and after an error the graph is as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use throughline::graph::{Graph, Lens};
use throughline::paths::Limits;
use throughline::query::{Options, Parameters, parser, run};

fuzz_target!(|text: &str| {
    let Ok(statement) = parser::parse_statement(text) else { return };
    let lens = Lens::default();
    let limits = Limits { work_max: 10_000, results_max: 1_000, waiting_max: 100_000, memory_max: 100_000_000 };
    let options = Options { limits, ..Options::new(&lens, 0) };
    let mut graph = Graph::new();
    let setup = "CREATE (:Port {id: 'a'})<-[:CALLED_AT {from: '2023'}]-(:Vessel {id: 'b'})-[:CALLED_AT]->(:Port {id: 'c'})";
    let setup = parser::parse_statement(setup).expect("the set-up parses");
    run(&mut graph, &setup, &Parameters::new(), &options).expect("the set-up runs");
    let before = graph.clone();
    if run(&mut graph, &statement, &Parameters::new(), &options).is_err() {
        assert!(graph.same_elements(&before), "a failed statement leaves no trace");
    }
});

//! Any bytes may be imported as CSV: nothing panics, and what is accepted fits the graph.
#![no_main]

use libfuzzer_sys::fuzz_target;
use throughline::formats::csv::{self, Input, Options};
use throughline::graph::Graph;

fuzz_target!(|bytes: &[u8]| {
    let mut graph = Graph::new();
    for update in [false, true] {
        let input = Input { name: "fuzz.csv".into(), content: (bytes.to_vec()).into() };
        let options = Options {
            label: Some("Thing".into()),
            kind: Some("LINKED_TO".into()),
            update,
            ..Options::default()
        };
        let import = csv::read(&graph, &[input], &options).expect("no default source is given");
        for effect in &import.effects {
            graph.apply(effect).expect("an accepted row fits the graph");
        }
    }
});

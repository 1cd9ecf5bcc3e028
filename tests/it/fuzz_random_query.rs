//! Replays the corpus of the fuzz target `random_query`: statements on graphs, both made of bytes,
//! give what the definition of the language gives.

use std::path::Path;

use crate::random_queries::{case_text, check};

#[test]
fn every_case_in_the_corpus_is_answered_by_the_definition() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/random_query");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be read").path();
        let bytes = std::fs::read(&path).expect("the file can be read");
        if let Err(message) = check(&bytes) {
            panic!("{}\n{}\n{message}", path.display(), case_text(&bytes));
        }
        count += 1;
    }
    assert!(count >= 50, "the corpus is not empty");
}

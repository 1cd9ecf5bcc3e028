//! Bytes make a graph and a statement: the engine, with and without its rewrites,
//! gives what the definition of the language gives.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, unused_imports, reason = "the tests need more of it")]
#[path = "../../tests/it/random_queries/mod.rs"]
mod random_queries;

fuzz_target!(|bytes: &[u8]| {
    if let Err(message) = random_queries::check(bytes) {
        panic!("{}\n{message}", random_queries::case_text(bytes));
    }
});

//! Random statements on random graphs: the engine against the definition of the language.
//!
//! A case is a few hundred bytes. [`generate`] reads a graph and a statement from them, as a tree of its own;
//! [`print`] writes the statement as text, which the engine parses and runs; [`evaluate`] (with [`matching`] and
//! [`expressions`]) runs the tree by the definitions of openCypher 9 and GQL, trying everything and planning
//! nothing; [`compare`] compares the rows, as far as the language fixes them. The engine has to give them with
//! all rewrites, without each of them, and without any.
//!
//! The seeds are fixed, so that a test run is the same everywhere. `THROUGHLINE_CASES=100000` runs more of them,
//! `THROUGHLINE_SEED=7` begins elsewhere. A case that fails is made smaller before it is shown.

mod choices;
mod compare;
mod evaluate;
mod expressions;
mod generate;
mod generate_expressions;
mod generate_patterns;
mod generate_shapes;
mod matching;
mod print;
mod shrink;
mod tree;
mod values;

pub(crate) use compare::{Passed, case_text, check};
pub(crate) use shrink::shrink;

/// Long enough for most cases; a longer one takes the simplest choices after it.
const BYTES: usize = 320;

#[cfg(test)]
fn number_from(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn the_engine_gives_what_the_definition_gives() {
    let cases = number_from("THROUGHLINE_CASES", 5000);
    let first = number_from("THROUGHLINE_SEED", 0);
    let (mut n_rows, mut n_errors, mut n_left_out) = (0, 0, 0);
    for seed in first..first + cases {
        let bytes = choices::bytes_of(seed, BYTES);
        match check(&bytes) {
            Ok(Passed::Rows(0)) => {}
            Ok(Passed::Rows(_)) => n_rows += 1,
            Ok(Passed::Error) => n_errors += 1,
            Ok(Passed::LeftOut) => n_left_out += 1,
            Err(_) => {
                let bytes = shrink(&bytes, |bytes| check(bytes).is_err());
                let message = check(&bytes).expect_err("what was made smaller still fails");
                panic!("seed {seed}\n{}\n{message}", case_text(&bytes));
            }
        }
    }
    assert!(n_rows * 3 > cases, "{n_rows} of {cases} statements give rows");
    assert!(n_errors * 200 > cases && n_errors * 10 < cases, "{n_errors} of {cases} statements fail");
    assert!(n_left_out * 20 < cases, "{n_left_out} of {cases} statements are too large");
}

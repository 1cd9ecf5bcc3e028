//! The integration tests, one binary.

mod case;
mod chronological;
mod dot;
mod fuzz_ledger;
mod import;
mod ledger;
mod naive;
mod parser;
mod scripts;
mod store;

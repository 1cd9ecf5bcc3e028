//! The integration tests, one binary.

mod chronological;
mod cli;
mod cli_terminal;
mod docs;
mod dot;
mod fuzz_ledger;
mod fuzz_query;
mod import;
mod ledger;
mod naive;
mod parser;
mod scripts;
mod store;

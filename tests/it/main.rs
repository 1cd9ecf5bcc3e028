//! The integration tests, one binary.

mod case;
mod chronological;
mod cli;
mod cli_terminal;
mod crash;
mod docs;
mod dot;
mod fuzz_ledger;
mod fuzz_query;
mod import;
mod layers;
mod ledger;
mod mistakes;
mod naive;
mod parser;
mod procedures;
mod rajin;
mod rewrites;
mod scripts;
mod store;

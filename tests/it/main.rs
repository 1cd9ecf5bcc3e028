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
mod graph;
mod import;
mod layers;
mod ledger;
mod naive;
mod nested;
mod old_cases;
mod parser;
mod path_grammar;
mod rajin;
mod rewrites;
mod scripts;
mod store;
mod subqueries;
mod tck;
mod temporal;
mod transaction;

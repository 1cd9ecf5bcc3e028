//! The integration tests, one binary.

mod fuzz_ledger;
mod ledger;
mod store;

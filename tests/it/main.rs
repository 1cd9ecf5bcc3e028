//! The integration tests, one binary.

mod parser;

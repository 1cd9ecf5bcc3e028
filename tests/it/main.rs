//! The integration tests, one binary.
mod dot;

//! The integration tests, one binary.

mod chronological;
mod naive;

//! Formats: one file or folder each, both directions in it.

pub mod csv;
pub mod dot;
pub mod words;

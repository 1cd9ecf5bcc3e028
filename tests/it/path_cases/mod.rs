//! Path questions as data: a reader for a small, plain part of the path language, a brute-force answer
//! to it by the definitions, the files of `tests/paths`, and the same question put to the engine.
//!
//! Nothing here shares code with the engine, except for `engine.rs`, which only puts statements to it.

pub(crate) mod brute;
pub(crate) mod calendar;
pub(crate) mod engine;
pub(crate) mod expression;
pub(crate) mod file;
pub(crate) mod generate;
pub(crate) mod graph;
pub(crate) mod language;
pub(crate) mod parser;
pub(crate) mod print;

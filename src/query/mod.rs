//! The query language, from text to rows: lexer, parser, bind, plan, exec.

pub mod ast;
pub mod lexer;
pub mod parser;

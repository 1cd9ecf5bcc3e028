//! Throughline: a graph engine for following shipments, owners and sanctions
//! through evidence.

// Tests that are shared with the integration tests call the library by its name.
#[cfg(test)]
extern crate self as throughline;

pub mod analysis;
pub mod case;
pub mod columns;
pub mod error;
pub mod formats;
pub mod graph;
pub mod ledger;
pub mod model;
pub mod names;
pub mod paths;
pub mod query;
pub mod store;
pub mod synthetic;
pub mod trace;

pub use case::{Access, Author, Case};
pub use error::{Error, Result};

//! Throughline: a graph engine for following shipments, owners and sanctions
//! through evidence.

pub mod error;
pub mod formats;
pub mod graph;
pub mod ledger;
pub mod model;
pub mod paths;
pub mod query;
pub mod store;

pub use error::{Error, Result};

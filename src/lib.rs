//! Throughline: a graph engine for following shipments, owners and sanctions
//! through evidence.

pub mod error;
pub mod ledger;
pub mod store;

pub use error::{Error, Result};

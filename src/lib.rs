//! Throughline: a graph engine for following shipments, owners and sanctions
//! through evidence.

pub mod error;

pub mod formats;
pub mod graph;
pub mod model;
pub mod query;
pub mod store;

pub use error::{Error, Result};

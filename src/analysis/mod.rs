//! What the graph means for an investigation, each answer with its evidence.

mod chain;
pub mod flow;

pub use chain::{Chain, Hop, JointEvidence, NullOnHop, chain};

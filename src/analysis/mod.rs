//! What the graph means for an investigation, each answer with its evidence.

mod chain;
mod dependence;
pub mod flow;
pub mod screening;

pub use chain::{Chain, Hop, JointEvidence, NullOnHop, chain};
pub use dependence::{Dependence, Ground, dependence, fallen_without};

//! What the graph means for an investigation, each answer with its evidence.

mod called;
mod chain;
mod dependence;

pub mod exposure;
pub mod flow;
pub mod ownership;
pub mod screening;

pub use called::called;
pub use chain::{Chain, Hop, JointEvidence, NullOnHop, chain};
pub use dependence::{Dependence, Ground, dependence, fallen_without};

//! What the graph means for an investigation, each answer with its evidence.

mod called;
mod chain;
mod dependence;

pub mod conflicts;
pub mod entities;
pub mod exposure;
pub mod flow;
pub mod ownership;
pub mod screening;
pub mod sources;

pub use called::{called, hop_words};
pub use chain::{Chain, Hop, JointEvidence, NullOnHop, chain};
pub use dependence::{Dependence, Ground, dependence, fallen_without};

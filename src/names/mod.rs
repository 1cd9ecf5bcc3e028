//! Names whatever their spelling: normal forms and matching.

mod matching;
mod normalize;

pub use matching::{Hit, Reason, rank};
pub use normalize::normal;

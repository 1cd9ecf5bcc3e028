//! Names whatever their spelling: normal forms and matching.

mod matching;
mod nearest;
mod normalize;

pub use matching::{Hit, Reason, rank};
pub(crate) use nearest::may_be_near;
pub use nearest::{did_you_mean, nearest};
pub use normalize::normal;

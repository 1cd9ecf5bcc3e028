//! Path search: patterns, modes, selectors, and the order of events in time.

pub mod chronological;
mod cost;
mod nulls;
mod pattern;
mod program;
mod prune;
mod rank;
mod search;
pub mod sweep;
mod zone;

pub use chronological::{Bounds, Crossing, Order, Times, Wait, crossing, order, times, waits};
pub use cost::Cost;
pub use nulls::{NullResult, null_results_of};
pub use pattern::{Element, HopStep, NodeStep, Pattern, Repeat, Slot};
pub use program::NESTING_MAX;
pub use rank::{Mode, Selector};
pub use search::{Bound, Limits, Match, Matcher, Outcome, Outline, Prefix, Question, by_extension, search};

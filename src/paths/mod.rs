//! Path search: patterns, modes, selectors, and the order of events in time.

pub mod chronological;
mod nulls;
mod pattern;
mod prune;
mod rank;
mod search;
mod zone;

pub use chronological::{Bounds, Crossing, Order, Times, Wait, crossing, order, times, waits};
pub use nulls::{NullResult, null_results_of};
pub use pattern::{Body, Element, HopStep, NodeStep, Pattern, Repeat, Slot};
pub use rank::{Mode, Selector};
pub use search::{Bound, Limits, Match, Matcher, Outcome, Prefix, Question, search};

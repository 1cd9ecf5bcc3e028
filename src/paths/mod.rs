//! Path search: patterns, modes, selectors, and the order of events in time.

pub mod chronological;
mod cost;
mod merge;
mod miss;
mod nulls;
mod pattern;
mod program;
mod prune;
mod question;
mod rank;
mod reach;
mod search;
mod starts;
mod state;
mod step;
pub mod sweep;
mod untimed;
mod waiting;
mod zone;

pub use chronological::{Bounds, Crossing, Order, Times, Wait, crossing, order, times, waits};
pub use cost::Cost;
pub use miss::{Miss, worst_miss};
pub use nulls::{NullResult, null_results_of};
pub use pattern::{Element, HopStep, NodeStep, Pattern, Repeat, Slot};
pub use program::NESTING_MAX;
pub use question::{Bound, Limits, Match, Matcher, Outcome, Outline, Question};
pub use rank::{Mode, Selector};
pub use search::{by_extension, search};
pub use step::Prefix;

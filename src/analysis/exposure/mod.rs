//! Exposure: what is linked to a listed party, and how.
//!
//! Owned, controlled, linked and possibly the same are four different things, and a path is what
//! its weakest step is: see [`Category`]. None of them is the 50 Percent Rule, which asks how much
//! is owned; that is [`super::ownership`].
//!
//! | module | knows |
//! |---|---|
//! | `rules` | which relationship types are followed, and as what |
//! | `search` | paths from an entity to listed parties |
//! | `topics` | OpenSanctions' topics, and how they spread |

mod rules;
mod search;
mod topics;

pub use rules::{Category, Heading, Rule, Rules, STANDARD};
pub use search::{Asked, Exposure, Found, Position, exposure};
pub use topics::{Derived, TOPIC_RULES, TopicRule, derive_topics};

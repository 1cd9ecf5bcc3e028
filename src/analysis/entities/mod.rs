//! Which nodes are one entity: what researchers judged, and what they may look into.
//!
//! "The same" is a relationship `SAME_AS` and "different" a relationship `NOT_SAME_AS` between two
//! nodes, each with a claim that says who judged so and why. They are data like all other: a lens
//! hides them, a claim disputes them, and undoing the commit takes them back. The two nodes stay as
//! they are; what is merged is only a way of reading them ([`Judgements::groups`]).
//!
//! | module | knows |
//! |---|---|
//! | `candidates` | pairs that nobody has judged, with what speaks for and against them |
//! | `judged` | same and different, and groups of nodes that are one |
//! | `merged` | such nodes, read as one |

mod candidates;
mod judged;
mod merged;

pub use candidates::{Asked, Candidate, SCORE_MIN, candidates};
pub use judged::{DIFFERENT, Group, Judged, Judgements, SAME, is_unknown, merged_properties};
pub use merged::{Merged, parts_of};

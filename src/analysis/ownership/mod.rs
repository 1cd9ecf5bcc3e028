//! The 50 Percent Rule: who is blocked because of who owns them.
//!
//! | module | knows |
//! |---|---|
//! | `share` | shares, exactly |
//! | `written` | how a share is written: a number, a range, words |
//! | `as_of` | whether a state holds at an instant |
//! | `dispute` | what disputes do to a fact |
//! | `regime` | the rules of each regime, as data |
//! | `listing` | who is listed |
//! | `network` | who owns and controls whom |
//! | `spread` | the rule itself: the least fixed point, in the worlds that matter |
//! | `missing` | the facts that would decide |
//! | `nearest` | which of them are nearest to each entity |
//! | `proof` | why, as a tree |
//! | `chain` | owners of owners |
//! | `inquiry` | a question and its answer |

mod as_of;
mod chain;
mod dispute;
mod inquiry;
mod listing;
mod missing;
mod nearest;
mod network;
mod proof;
mod regime;
mod share;
mod spread;
mod written;

pub use as_of::{AsOf, Truth};
pub use chain::{Chains, OwnerChain, UltimateOwner, chains, ultimate};
pub use inquiry::{Inquiry, Question, Verdict};
pub use listing::{Authorities, Ground, Listings, jurisdiction_of, topics};
pub use missing::{Missing, MissingFacts};
pub use network::{Control, Network, Stake};
pub use proof::{Holding, Proof, Why};
pub use regime::{Aggregation, REGIMES, Regime, Rules};
pub use share::{Bound, Range};
pub use spread::{Outcome, Reason};
pub use written::{Written, share_of};

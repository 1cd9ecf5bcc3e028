//! How much can have come from where.
//!
//! Chains say which way goods can have gone, by place and time, and seldom how much went along
//! each. What is known are bounds: how much a consignment held, how much a ship landed. So there
//! is no one number for what an origin supplied to a destination, but a range, and within it the
//! share that it would have if no chain were preferred.
//!
//! The chains make a network through which goods can only go where a chain goes (`network.rs`).
//! The range is found from maximum flows through it (`attribution.rs`, `max_flow.rs`), the split
//! by letting all shares grow together (`pro_rata.rs`). All this is in plain numbers of one unit
//! (`supply.rs`, `amount.rs`). What of a case these are is said in `quantities.rs` and `arrivals.rs`,
//! and `inquiry.rs` leads from the one to the other.

mod amount;
mod arrivals;
mod attribution;
mod inquiry;
mod max_flow;
mod network;
mod pro_rata;
mod quantities;
mod supply;

pub use amount::{Amount, Quantity};
pub use attribution::{Attribution, Share, attribute};
pub use inquiry::{Finding, Findings, Inquiry, inquire};
pub use supply::{Delivery, Route, Supply};

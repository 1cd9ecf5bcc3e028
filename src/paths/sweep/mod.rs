//! Sweeps: one repeated relationship in the order of time, answered for all ends at
//! once.
//!
//! The commonest chronological question repeats one relationship type without a
//! bound and asks for one path to each end. Where all relationships of the type are
//! events of one granule (instants, or whole days in UTC) and waits are multiples of
//! it, one number stands for each period: a path is possible if and only if these
//! numbers are, since all events can be put at the same offset within their granule.
//!
//! What can follow an arrival then depends on its node, its instant and the number of
//! hops so far, and little of that matters:
//!
//! - **Waits without a bound.** Of the arrivals at a node up to an instant, the one
//!   with the fewest hops does all that any of them can.
//! - **Waits up to w.** An arrival can be too early for a later event, so a node keeps
//!   those of the last w instants that no later one with as few hops replaces: the
//!   minima of a sliding window, a queue whose hops grow from front to back.
//!
//! Relationships are looked at in the order of time, each at most once for each
//! direction, and an arrival whose instant has passed is final. At one instant events may
//! follow each other, unless the order is strict: there arrivals are taken with the
//! fewest hops first, or the instant is repeated until nothing changes.
//! The order of time comes from a queue of the reached nodes' own relationships
//! (`labels`: little reach, nothing to set up) or from the columns of the whole type
//! (`scan`: one pass); a search begins with the first and goes over to the second.
//! Where only the ends are asked for and waits have no bound, that pass needs to know no
//! more of a node than whether it was reached (`reach`).
//!
//! **Paths, not walks.** The best walk crosses no relationship twice in one direction:
//! both crossings have the same instant, so what lies between can be left out. Without
//! a bound on waits it repeats no node either, except that its ends may be the same.
//! Walked either way, it may turn round on one relationship, to come back later: such
//! walks are found out, and their ends are left to the general search.
//!
//! Sources: H. Wu and others, "Path problems in temporal graphs", PVLDB 7 (2014), for
//! the pass over sorted relationships; M. Bentert and others, "Efficient computation of
//! optimal temporal walks under waiting-time constraints", Applied Network Science 5
//! (2020), for bounded waits.

mod answer;
mod arrivals;
mod gate;
mod labels;
mod plan;
mod reach;
mod rest;
mod scan;

pub(super) use answer::search;
pub use answer::{Ends, ends, ends_with, search_with};
pub use plan::Switch;
pub(super) use plan::plan;

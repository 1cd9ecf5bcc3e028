//! The record of a case: an append-only, checksummed, hash-chained log.
//!
//! Everything that was ever acknowledged is here, and everything else can be
//! rebuilt from it. A commit is a run of frames in one segment file; it counts
//! once its last frame is on the disk. The ledger does not know what the
//! payloads mean, but for the two that say what was archived. `docs/storage.md`
//! gives the layout byte by byte.

mod append;
mod archive;
mod backup;
mod base;
#[cfg(test)]
mod documented;
pub mod effects;
mod files;
mod frame;
#[expect(clippy::module_inception, reason = "a file is named after its main type")]
mod ledger;
mod lock;
pub mod pages;
mod place;
#[cfg(test)]
mod power_cut;
mod recover;
mod redact;
mod segment;
mod torn;
mod unarchive;

pub use archive::{Note, archived};
pub use backup::{Written, backup, check_backup, restore};
pub use base::{Base, BaseHead};
#[cfg(test)]
pub(crate) use documented::assert_documented;
pub use files::while_it_moves;
pub use frame::{AUTHOR_BYTES_MAX, CommitInfo, MESSAGE_BYTES_MAX, PAYLOAD_BYTES_MAX, Payload, Position};
pub use ledger::{Access, Commits, Ledger, Notice, Tally};
pub use lock::CaseLock;
pub use place::{PayloadPlace, payload_at};
pub use recover::{Recovered, recover_into};
pub use segment::Commit;
pub(crate) use segment::sync_dir;
pub use unarchive::{check_archive, unarchive};

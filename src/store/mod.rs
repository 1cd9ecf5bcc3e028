//! The index of a case: column blocks in sled, rebuilt from the ledger at will.
//!
//! The store keeps opaque blocks under typed keys and says how far into the
//! record they reach. It never holds anything that is not in the ledger too, so
//! whenever it cannot be trusted it is set aside and built again. sled's types
//! stay in here. `docs/storage.md` gives the layout.

mod encoding;
#[expect(clippy::module_inception, reason = "a file is named after its main type")]
mod store;

pub use encoding::{BLOCK_BYTES_MAX, Column};
pub use store::{BlockChange, Store};

//! Many elements as columns of few bytes: how the record holds a large import, and the
//! index its blocks.
//!
//! `docs/storage.md` says what the bytes mean.

mod bytes;
mod elements;
mod ints;
mod texts;
mod values;

pub use elements::{ABSENT, NodeColumns, PAGE_MAX, RelationshipColumns};
pub use texts::Texts;
pub use values::Column;

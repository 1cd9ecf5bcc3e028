//! Many elements as columns of few bytes: how the record holds a large import, and the
//! index its blocks.
//!
//! `docs/storage.md` says what the bytes mean.

mod bytes;
mod elements;
pub(crate) mod groups;
mod ints;
mod texts;
mod values;

pub(crate) use bytes::{Reader, damaged, put_text, put_varint};
pub use elements::{ABSENT, NodeColumns, PAGE_MAX, RelationshipColumns};
pub(crate) use ints::{decode as take_ints, encode as put_ints};
pub use texts::Texts;
pub use values::Column;

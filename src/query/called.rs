//! What a reader calls nodes and relationships, in texts that a statement gives.

pub(super) use crate::analysis::{called, hop_words};

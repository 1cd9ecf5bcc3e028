//! Formats: one file each, both directions in it.

//! Colours for what is typed.

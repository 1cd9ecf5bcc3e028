//! How large a value may become within a statement.
//!
//! A few dozen doublings fill any memory, and `reduce()` doubles in one line, so what makes
//! texts and lists longer asks here first.

use crate::error::{Error, Result};
use crate::model::Value;

/// The longest text that an expression makes, in bytes.
const TEXT_BYTES_MAX: usize = 16_000_000;
/// The most values in a list or map that an expression makes, with all that is in them.
pub(super) const ITEMS_MAX: usize = 10_000_000;

/// Refuses a text of so many bytes, before it is made.
pub(super) fn check_text(n_bytes: usize) -> Result<()> {
    match n_bytes > TEXT_BYTES_MAX {
        true => Err(Error::invalid(format!("a text may have at most {TEXT_BYTES_MAX} bytes"))),
        false => Ok(()),
    }
}

/// Refuses a list of so many items, before it is made.
pub(super) fn check_list(n_items: usize) -> Result<()> {
    match n_items > ITEMS_MAX {
        true => Err(Error::invalid(format!("a list may hold at most {ITEMS_MAX} values"))),
        false => Ok(()),
    }
}

/// The list or map, unless it holds too much with all that is in it.
///
/// # Complexity
/// Linear in what it holds, as was making it.
pub(super) fn bounded(value: Value) -> Result<Value> {
    check_list(weight(&value))?;
    Ok(value)
}

/// A list that refuses to hold too much while it is made.
#[derive(Default)]
pub(super) struct List {
    items: Vec<Value>,
    weight: usize,
}

impl List {
    pub(super) fn push(&mut self, item: Value) -> Result<()> {
        self.weight += 1 + weight(&item);
        check_list(self.weight)?;
        self.items.push(item);
        Ok(())
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list.items)
    }
}

/// How many values are in it, at any depth.
fn weight(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len() + items.iter().map(weight).sum::<usize>(),
        Value::Map(entries) => entries.len() + entries.values().map(weight).sum::<usize>(),
        _ => 0,
    }
}

//! What a statement may keep in memory.
//!
//! Sorts, groups, `DISTINCT`, joins and answers keep rows. Each says how many bytes,
//! as an estimate, and the statement is refused where the sum is too great.

use std::cell::Cell;
use std::rc::Rc;

use crate::error::{Detail, Error, Result};
use crate::model::Value;

/// The memory of a statement.
#[derive(Debug)]
pub(in crate::query) struct Memory {
    used: Cell<usize>,
    most: usize,
}

impl Memory {
    /// Allows `most` bytes.
    pub(in crate::query) fn new(most: usize) -> Rc<Self> {
        Rc::new(Self { used: Cell::new(0), most })
    }
}

/// What one step keeps; given back when it is dropped.
#[derive(Debug, Default)]
pub(in crate::query) struct Kept {
    memory: Option<Rc<Memory>>,
    bytes: usize,
}

impl Kept {
    /// Keeps some more.
    ///
    /// # Errors
    /// `Invalid`, where the statement would keep more than it may.
    pub(in crate::query) fn add(&mut self, memory: &Rc<Memory>, bytes: usize) -> Result<()> {
        let memory = self.memory.get_or_insert_with(|| memory.clone());
        let used = memory.used.get().saturating_add(bytes);
        if used > memory.most {
            let most = memory.most >> 20;
            return Err(Error::invalid(format!(
                "the statement would keep more than {most} MB of rows in memory"
            ))
            .detail(Detail::LimitExceeded)
            .hint(
                "narrow the pattern, return fewer columns, or aggregate or LIMIT in a WITH before".to_owned(),
            ));
        }
        memory.used.set(used);
        self.bytes += bytes;
        Ok(())
    }

    /// How many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(memory) = &self.memory {
            memory.used.set(memory.used.get().saturating_sub(self.bytes));
        }
    }
}

/// About how many bytes a value takes. Texts and paths may be shared, and are counted each time.
pub(super) fn bytes_of(value: &Value) -> usize {
    let own = size_of::<Value>();
    match value {
        Value::String(text) => own + text.len(),
        Value::List(items) => own + items.iter().map(bytes_of).sum::<usize>(),
        Value::Map(entries) => {
            own + entries.iter().map(|(name, value)| 48 + name.len() + bytes_of(value)).sum::<usize>()
        }
        Value::Path(path) => own + 4 * (path.nodes.len() + path.relationships.len()) + 64,
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_kept_again() {
        let memory = Memory::new(100);
        let mut one = Kept::default();
        one.add(&memory, 60).expect("60 of 100");
        assert!(Kept::default().add(&memory, 60).is_err());
        drop(one);
        Kept::default().add(&memory, 60).expect("all was given back");
    }
}

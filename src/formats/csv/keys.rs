//! Nearest names for hints.

use std::cell::Cell;

use crate::names::{may_be_near, nearest};

/// Nearest keys for messages about keys that do not exist.
///
/// A big file with a wrong column has millions of such keys, and looking through
/// a million others for each would take hours. So there is a budget for a whole
/// import; once it is spent, messages come without hints.
#[derive(Debug)]
pub(super) struct Hints {
    hints_left: Cell<usize>,
    comparisons_left: Cell<usize>,
}

impl Hints {
    /// A full budget: well under a second.
    pub(super) fn new() -> Self {
        Self { hints_left: Cell::new(20), comparisons_left: Cell::new(200_000) }
    }

    /// A hint with the key that is most like `wanted`, if one is much like it.
    pub(super) fn nearest<'k>(&self, wanted: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
        self.hints_left.set(self.hints_left.get().checked_sub(1)?);
        let mut affordable = known.map_while(|key| {
            let left = self.comparisons_left.get().checked_sub(usize::from(may_be_near(wanted, key)))?;
            self.comparisons_left.set(left);
            Some(key)
        });
        nearest_name(wanted, &mut affordable)
    }
}

/// A hint with the name that is most like `wanted`, if one is much like it.
pub(super) fn nearest_name<'k>(wanted: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    nearest(wanted, known).map(|name| format!("did you mean '{name}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_have_a_budget() {
        let hints = Hints::new();
        let given = (0..100).filter_map(|_| hints.nearest("rajn", ["rajin"].into_iter())).count();
        assert_eq!(given, 20);
        let hints = Hints::new();
        let many: Vec<String> = (0..300_000).map(|n| format!("{n:06}")).collect();
        assert!(hints.nearest("00000x", many.iter().map(String::as_str)).is_some());
        assert_eq!(hints.nearest("00000x", many.iter().map(String::as_str)), None);
    }
}

//! Nearest names for hints.

use std::cell::Cell;

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
            let is_near = key.len().abs_diff(wanted.len()) <= distance_max(wanted);
            let left = self.comparisons_left.get().checked_sub(usize::from(is_near))?;
            self.comparisons_left.set(left);
            Some(key)
        });
        nearest_name(wanted, &mut affordable)
    }
}

/// A hint with the name that is most like `wanted`, if one is much like it; of
/// several, the first in order.
pub(super) fn nearest_name<'k>(wanted: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    let distance_max = distance_max(wanted);
    let near = known.filter(|name| name.len().abs_diff(wanted.len()) <= distance_max);
    let measured = near.map(|name| (strsim::osa_distance(wanted, name), name));
    let (_, name) = measured.filter(|(distance, _)| *distance <= distance_max).min()?;
    Some(format!("did you mean '{name}'?"))
}

/// How many letters may differ: a third of them, at least one.
fn distance_max(wanted: &str) -> usize {
    (wanted.len() / 3).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = || ["rajin", "vostochny", "dunai"].into_iter();
        assert_eq!(nearest_name("rajn", known()), Some("did you mean 'rajin'?".to_owned()));
        assert_eq!(nearest_name("busan", known()), None);
        assert_eq!(nearest_name("", known()), None);
    }

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

//! Matching of a name against others, with a reason for each hit.

use super::normal;

/// Why a name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Written alike but for case, marks, script and punctuation.
    Same,
    /// All words of the question are words of the name.
    Words,
    /// The name begins with the question.
    Beginning,
    /// The question stands somewhere in the name.
    Part,
    /// The letters are nearly the same.
    Similar,
}

impl Reason {
    /// The reason in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same name",
            Self::Words => "contains the words",
            Self::Beginning => "begins with it",
            Self::Part => "contains it",
            Self::Similar => "similar spelling",
        }
    }
}

/// A name that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<T> {
    /// Whose name it is.
    pub of: T,
    /// The name as written.
    pub name: String,
    /// How well it fits, in 0..=1.
    pub score: f64,
    /// Why it fits.
    pub reason: Reason,
}

/// Names that are less alike than this are not the same name misspelt.
const SIMILAR_MIN: f64 = 0.87;

/// The names that fit a question, best first, each owner once.
///
/// # Complexity
/// O(n) comparisons for n names.
pub fn rank<T: Copy + Ord>(question: &str, names: impl IntoIterator<Item = (T, String)>) -> Vec<Hit<T>> {
    let wanted = normal(question);
    let mut hits: Vec<Hit<T>> = names
        .into_iter()
        .filter_map(|(of, name)| {
            let (score, reason) = compare(&wanted, &normal(&name))?;
            Some(Hit { of, name, score, reason })
        })
        .collect();
    hits.sort_by(|a, b| a.of.cmp(&b.of).then(b.score.total_cmp(&a.score)));
    hits.dedup_by(|a, b| a.of == b.of);
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.of.cmp(&b.of)));
    hits
}

fn compare(wanted: &str, name: &str) -> Option<(f64, Reason)> {
    if wanted.is_empty() || name.is_empty() {
        return None;
    }
    if wanted == name {
        return Some((1.0, Reason::Same));
    }
    let words: Vec<&str> = name.split(' ').collect();
    if wanted.split(' ').all(|word| words.contains(&word)) {
        let share = wanted.len() as f64 / name.len() as f64;
        return Some((0.9 + 0.09 * share, Reason::Words));
    }
    if name.starts_with(wanted) && wanted.len() >= 3 {
        return Some((0.88, Reason::Beginning));
    }
    if name.contains(wanted) && wanted.len() >= 3 {
        return Some((0.8, Reason::Part));
    }
    let score = strsim::jaro_winkler(wanted, name);
    (score >= SIMILAR_MIN).then_some((score * 0.9, Reason::Similar))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(question: &str) -> Vec<(u8, Reason)> {
        let names =
            [(1, "Rajin"), (1, "라진"), (2, "MARIA"), (3, "MARIA E"), (4, "LADY MARIIA"), (5, "Dunai")];
        let names = names.map(|(of, name)| (of, name.to_owned()));
        rank(question, names).into_iter().map(|hit| (hit.of, hit.reason)).collect()
    }

    #[test]
    fn the_same_name_comes_before_one_that_contains_it() {
        assert_eq!(found("maria"), [(2, Reason::Same), (3, Reason::Words)]);
    }

    #[test]
    fn each_owner_is_found_once_by_its_best_name() {
        assert_eq!(found("라진"), [(1, Reason::Same)]);
    }

    #[test]
    fn misspellings_are_found_and_nonsense_is_not() {
        assert_eq!(found("Dunay"), [(5, Reason::Similar)]);
        assert_eq!(found("Hamburg"), []);
        assert_eq!(found(""), []);
    }
}

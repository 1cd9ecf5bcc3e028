//! The known name that a wrong one was probably meant to be; one measure for all messages.
//!
//! Names are compared without regard to case, `_`, `-`, `.` and spaces, by the letters that have to be
//! added, left out, changed or swapped (Damerau and Levenshtein's distance, each place touched once).
//! A third of the letters may differ, one of two; and a name that is only begun, as `CALLED` for `CALLED_AT`, is near too.

/// How far a beginning is from the whole name, in letters.
const BEGUN: usize = 2;

/// The most letters that may differ, however long the names are.
const DISTANCE_MAX: usize = 3;

/// The fewest letters that count as the beginning of a name.
const BEGUN_LETTERS_MIN: usize = 4;

/// The known name nearest to `wanted`, if one is near; of several, the first.
///
/// ```
/// use throughline::names::nearest;
///
/// assert_eq!(nearest("colect", ["count", "collect"]), Some("collect"));
/// assert_eq!(nearest("to_upper", ["toLower", "toUpper"]), Some("toUpper"));
/// assert_eq!(nearest("CALLED", ["CALLED_AT", "CARRIED"]), Some("CALLED_AT"));
/// assert_eq!(nearest("x", ["y"]), None);
/// ```
///
/// # Complexity
/// O(n · l²) for n known names of l letters; those whose length is too different are not measured.
pub fn nearest<'k>(wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = plain(wanted);
    let distances = known.into_iter().filter(|name| *name != wanted).filter_map(|name| {
        let distance = distance(&plain, &self::plain(name))?;
        Some((distance, name))
    });
    // `min_by_key` keeps the first of several.
    distances.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Whether two names have to be measured letter by letter; cheap, for long lists.
pub(crate) fn may_be_near(wanted: &str, name: &str) -> bool {
    name.len().abs_diff(wanted.len()) <= wanted.len() / 3
}

/// The hint that goes with the nearest name: ``did you mean `collect`?``.
pub fn did_you_mean<'k>(wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    nearest(wanted, known).map(|name| format!("did you mean `{name}`?"))
}

/// The letters and digits of a name, in small letters.
fn plain(name: &str) -> Vec<char> {
    let kept = name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' '));
    kept.flat_map(char::to_lowercase).collect()
}

/// How far one name is from another, if it is near.
fn distance(wanted: &[char], name: &[char]) -> Option<usize> {
    let distance_max = if wanted.len() == 2 { 1 } else { (wanted.len() / 3).min(DISTANCE_MAX) };
    if wanted.is_empty() {
        return None;
    }
    let is_begun = wanted.len() >= BEGUN_LETTERS_MIN && name.starts_with(wanted);
    let begun = is_begun.then_some(BEGUN.min(name.len() - wanted.len().min(name.len())));
    if name.len().abs_diff(wanted.len()) > distance_max {
        return begun;
    }
    let measured = strsim::generic_damerau_levenshtein(wanted, name);
    let near = (measured <= distance_max).then_some(measured);
    near.into_iter().chain(begun).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_the_letters_may_differ() {
        let known = ["rajin", "vostochny", "dunai"];
        assert_eq!(nearest("rajn", known), Some("rajin"));
        assert_eq!(nearest("vostchnyy", known), Some("vostochny"));
        assert_eq!(nearest("busan", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("MTACH", ["MERGE", "MATCH"]), Some("MATCH"));
    }

    #[test]
    fn single_letters_are_only_near_in_another_case() {
        assert_eq!(nearest("p", ["n", "P"]), Some("P"));
        assert_eq!(nearest("um", ["x", "un"]), Some("un"));
        assert_eq!(nearest("abs", ["ab", "bas"]), Some("ab"));
    }

    #[test]
    fn the_name_itself_is_no_help() {
        assert_eq!(nearest("count", ["count"]), None);
        assert_eq!(nearest("Count", ["count"]), Some("count"));
    }

    #[test]
    fn a_name_that_is_begun_is_near_unless_another_is_nearer() {
        assert_eq!(nearest("confid", ["confidence", "conf"]), Some("confidence"));
        assert_eq!(nearest("order", ["orderly", "ordr"]), Some("ordr"));
        assert_eq!(nearest("cal", ["called"]), None);
    }
}

//! One form for the many ways in which a name is written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A name in small Latin letters and digits, its words separated by one space.
///
/// Compatibility forms are unified, marks dropped, other scripts transliterated,
/// and everything that is neither letter nor digit separates words. Two names with
/// the same normal form are written alike; they need not mean the same thing.
///
/// ```
/// use throughline::names::normal;
/// assert_eq!(normal("  MAIA-1 "), "maia 1");
/// assert_eq!(normal("라진"), "lajin");
/// assert_eq!(normal("Дунай"), "dunai");
/// ```
#[must_use]
pub fn normal(name: &str) -> String {
    let plain: String = name.nfkc().nfd().filter(|c| !is_combining_mark(*c)).nfc().collect();
    let latin = any_ascii::any_ascii(&plain).to_lowercase();
    let words = latin.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_marks_scripts_and_punctuation_do_not_matter() {
        assert_eq!(normal("Café «Ø» S.A."), "cafe o s a");
        assert_eq!(normal("ООО “Оборонлогистика”"), "ooo oboronlogistika");
        assert_eq!(normal("ＶＡＺ"), "vaz");
    }

    #[test]
    fn a_name_without_letters_has_an_empty_form() {
        assert_eq!(normal("—!?"), "");
    }
}

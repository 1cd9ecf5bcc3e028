//! The tables of words, looked up by how a word is written in Latin letters or by its key.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::legal_forms::{FORMS, LegalForm};
use super::sounds::{distance, key};
use super::vocabulary::{MEANINGS, PARTICLES, SHIP_PREFIXES, SHORT_NAMES, SON_OF, TITLES, Theme};
use super::words::{Word, words};

/// The most words of an entry.
pub(super) const PHRASE_MAX: usize = 6;

/// All that a word, or several in a row, can be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) legal: Option<LegalForm>,
    pub(super) is_ship_prefix: bool,
    pub(super) is_title: bool,
    pub(super) is_particle: bool,
    pub(super) is_son_of: bool,
    /// The row of [`MEANINGS`].
    pub(super) meaning: Option<(u8, Theme)>,
    /// The row of [`SHORT_NAMES`].
    pub(super) given_name: Option<u8>,
}

/// The tables.
pub(super) struct Lexicon {
    entries: FxHashMap<String, Entry>,
    /// The first words of entries of several words.
    beginnings: FxHashMap<String, usize>,
    /// Long words of legal forms, which are found misspelt, too.
    legal_words: Vec<String>,
}

/// The one lexicon, made when it is first asked.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// Below this many letters a word is looked up as it is written: keys of short words are too alike.
const KEYED_LETTERS_MIN: usize = 5;

/// Legal words below this many letters are not looked for misspelt.
const MISSPELT_LETTERS_MIN: usize = 6;

/// How a word is looked up.
fn form(latin: &str) -> String {
    if latin.len() < KEYED_LETTERS_MIN { latin.to_owned() } else { key(latin).as_str().to_owned() }
}

impl Lexicon {
    fn new() -> Self {
        let mut lexicon =
            Self { entries: FxHashMap::default(), beginnings: FxHashMap::default(), legal_words: Vec::new() };
        for (legal, forms) in FORMS {
            for text in *forms {
                lexicon.add(text, |entry| entry.legal = entry.legal.or(Some(*legal)));
                let long = words(text).into_iter().map(|word| form(&word.latin));
                lexicon.legal_words.extend(long.filter(|word| word.len() >= MISSPELT_LETTERS_MIN));
            }
        }
        SHIP_PREFIXES.iter().for_each(|text| lexicon.add(text, |entry| entry.is_ship_prefix = true));
        TITLES.iter().for_each(|text| lexicon.add(text, |entry| entry.is_title = true));
        PARTICLES.iter().for_each(|text| lexicon.add(text, |entry| entry.is_particle = true));
        SON_OF.iter().for_each(|text| lexicon.add(text, |entry| entry.is_son_of = true));
        for (row, (theme, texts)) in (0..).zip(MEANINGS) {
            texts.iter().for_each(|text| {
                lexicon.add(text, |entry| entry.meaning = entry.meaning.or(Some((row, *theme))));
            });
        }
        for (row, texts) in (0..).zip(SHORT_NAMES) {
            texts.iter().for_each(|text| {
                lexicon.add(text, |entry| entry.given_name = entry.given_name.or(Some(row)));
            });
        }
        lexicon.legal_words.sort_unstable();
        lexicon.legal_words.dedup();
        lexicon
    }

    fn add(&mut self, text: &str, set: impl Fn(&mut Entry)) {
        let forms: Vec<String> = words(text).iter().map(|word| form(&word.latin)).collect();
        if let [first, _, ..] = forms.as_slice() {
            let longest = self.beginnings.entry(first.clone()).or_default();
            *longest = (*longest).max(forms.len());
        }
        set(self.entries.entry(forms.join(" ")).or_default());
    }

    /// The longest entry with which words begin, and how many of them it takes.
    pub(super) fn longest(&self, forms: &[String]) -> Option<(usize, Entry)> {
        let first = forms.first()?;
        let longest = self.beginnings.get(first).copied().unwrap_or(1).min(PHRASE_MAX).min(forms.len());
        let several = (2..=longest)
            .rev()
            .find_map(|length| Some((length, *self.entries.get(&forms[..length].join(" "))?)));
        several.or_else(|| Some((1, *self.entries.get(first)?)))
    }

    /// How the words of a name are looked up: misspelt words of legal forms as they should be.
    pub(super) fn forms(&self, words: &[Word]) -> Vec<String> {
        words.iter().map(|word| self.corrected(form(&word.latin))).collect()
    }

    fn corrected(&self, form: String) -> String {
        let is_known = self.entries.contains_key(&form) || self.legal_words.binary_search(&form).is_ok();
        if form.len() < MISSPELT_LETTERS_MIN || is_known {
            return form;
        }
        let first = form.as_bytes()[0];
        let near = self.legal_words.iter().filter(|word| word.as_bytes()[0] == first);
        let found = near.into_iter().find(|word| distance(word.as_bytes(), form.as_bytes(), 100).is_some());
        found.cloned().unwrap_or(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(usize, Entry)> {
        LEXICON.longest(&LEXICON.forms(&words(text)))
    }

    #[test]
    fn legal_forms_are_found_across_languages_and_misspelt() {
        for text in [
            "ООО",
            "OOO",
            "o.o.o.",
            "Limited Liability Company",
            "Общество с ограниченной ответственностью",
            "GmbH",
            "G.m.b.H.",
        ] {
            assert_eq!(found(text).and_then(|(_, entry)| entry.legal), Some(LegalForm::Limited), "{text}");
        }
        for text in ["АО", "JSC", "Joynt Stock Company", "Акционерное общество", "Aktiengeselschaft"]
        {
            assert_eq!(found(text).and_then(|(_, entry)| entry.legal), Some(LegalForm::JointStock), "{text}");
        }
    }

    #[test]
    fn words_of_one_meaning_have_one_row() {
        let row = |text| found(text).and_then(|(_, entry)| entry.meaning).map(|(row, _)| row);
        assert_eq!(row("завод"), row("factory"));
        assert_eq!(row("Порт"), row("harbour"));
        assert_ne!(row("port"), row("cosmodrome"));
    }
}

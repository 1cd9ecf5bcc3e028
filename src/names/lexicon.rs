//! The tables of words, looked up by how a word is written in Latin letters or by its key.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::legal_forms::{FORMS, LegalForm};
use super::sounds::{Key, distance, distance_at_least, key};
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

/// What is known of a word.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// What it is alone.
    entry: Option<Entry>,
    /// The words of the longest entry that begins with it; none where none does.
    longest: usize,
}

/// The tables.
pub(super) struct Lexicon {
    /// Single words and first words of entries of several.
    words: FxHashMap<Key, Known>,
    /// Entries of several words, with spaces between them.
    phrases: FxHashMap<String, Entry>,
    /// Long words of legal forms, which are found misspelt, too, in their order, and their letters.
    legal_words: Vec<(Key, u32)>,
}

/// The one lexicon, made when it is first asked.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// Below this many letters a word is looked up as it is written: keys of short words are too alike.
const KEYED_LETTERS_MIN: usize = 5;

/// Legal words below this many letters are not looked for misspelt.
const MISSPELT_LETTERS_MIN: usize = 6;

/// So far a misspelt word of a legal form may be from the right one.
const MISSPELT: u16 = 100;

/// How a word is looked up.
fn form(latin: &str) -> Key {
    if latin.len() < KEYED_LETTERS_MIN { Key::of(latin.as_bytes()) } else { key(latin) }
}

fn phrase(forms: &[Key]) -> String {
    forms.iter().map(Key::as_str).collect::<Vec<_>>().join(" ")
}

impl Lexicon {
    fn new() -> Self {
        let mut lexicon =
            Self { words: FxHashMap::default(), phrases: FxHashMap::default(), legal_words: Vec::new() };
        for (legal, forms) in FORMS {
            for text in *forms {
                lexicon.add(text, |entry| entry.legal = entry.legal.or(Some(*legal)));
                let long = words(text).into_iter().map(|word| form(&word.latin));
                let long = long.filter(|word| word.len() >= MISSPELT_LETTERS_MIN);
                lexicon.legal_words.extend(long.map(|word| (word, word.mask())));
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
        let forms: Vec<Key> = words(text).iter().map(|word| form(&word.latin)).collect();
        match forms.as_slice() {
            [] => {}
            [only] => set(self.words.entry(*only).or_default().entry.get_or_insert_default()),
            [first, ..] => {
                let known = self.words.entry(*first).or_default();
                known.longest = known.longest.max(forms.len());
                set(self.phrases.entry(phrase(&forms)).or_default());
            }
        }
    }

    /// The longest entry with which words begin, and how many of them it takes.
    pub(super) fn longest(&self, forms: &[Key]) -> Option<(usize, Entry)> {
        let known = self.words.get(forms.first()?)?;
        let longest = known.longest.min(PHRASE_MAX).min(forms.len());
        let several = (2..=longest)
            .rev()
            .find_map(|length| Some((length, *self.phrases.get(&phrase(&forms[..length]))?)));
        several.or_else(|| Some((1, known.entry?)))
    }

    /// How the words of a name are looked up: misspelt words of legal forms as they should be.
    pub(super) fn forms(&self, words: &[Word]) -> Vec<Key> {
        words.iter().map(|word| self.corrected(form(&word.latin))).collect()
    }

    fn corrected(&self, form: Key) -> Key {
        if form.len() < MISSPELT_LETTERS_MIN
            || self.words.get(&form).is_some_and(|known| known.entry.is_some())
            || self.legal_words.binary_search_by_key(&form, |(word, _)| *word).is_ok()
        {
            return form;
        }
        let (first, mask) = (form.letters()[0], form.mask());
        let from = self.legal_words.partition_point(|(word, _)| word.letters()[0] < first);
        let mut near = self.legal_words[from..].iter().take_while(|(word, _)| word.letters()[0] == first);
        let is_near = |(word, letters): &&(Key, u32)| {
            distance_at_least(*letters, mask) <= MISSPELT
                && distance(word.letters(), form.letters(), MISSPELT).is_some()
        };
        near.find(is_near).map_or(form, |(word, _)| *word)
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

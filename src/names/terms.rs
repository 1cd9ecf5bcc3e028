//! The terms under which names are filed and looked up.
//!
//! A name is filed under the keys of its words, their consonants, Korean sounds, its words written as one,
//! and the abbreviation that it may go by. A term is 32 bits of a hash.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::Name;
use super::name::{Role, Token};
use super::sounds::Key;

/// Keys shorter than this have too many neighbours.
const NEIGHBOUR_LETTERS_MIN: usize = 4;

/// Words of so many letters are filed under the first of them, too: they may end in several ways.
const LONG: usize = 10;
const BEGINNING: usize = 7;

/// What sort of term it is; the same letters of two sorts are two terms.
#[derive(Clone, Copy)]
pub(super) enum Sort {
    Key = 1,
    Consonants,
    Korean,
    KoreanJoined,
    Joined,
    Abbreviation,
    Meaning,
    Number,
    Place,
    Beginning,
    Neighbour,
    Identifier,
}

pub(super) fn term(sort: Sort, letters: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write_u8(sort as u8);
    hasher.write(letters);
    let hash = hasher.finish();
    // The upper half is the better mixed one.
    (hash >> 32) as u32 ^ hash as u32
}

/// All terms under which a name is filed.
pub(super) fn terms_of(name: &Name, terms: &mut Vec<u32>) {
    for token in &name.tokens {
        terms.extend(main_term(token));
        if token.role == Role::Plain {
            terms.extend(other_terms(token));
        }
    }
    terms.extend(joined_term(&name.tokens));
    terms.extend(korean_joined(name));
    terms.extend(abbreviations(name).iter().map(|letters| term(Sort::Abbreviation, letters)));
    terms.extend(name.place.map(|row| term(Sort::Place, &[row])));
    terms.sort_unstable();
    terms.dedup();
}

/// The term of a word as it is; none for words that say nothing.
pub(super) fn main_term(token: &Token) -> Option<u32> {
    match token.role {
        Role::Plain => Some(term(Sort::Key, token.key.letters())),
        Role::Meaning(row, _) => Some(term(Sort::Meaning, &[row])),
        Role::Number(number) => Some(term(Sort::Number, &number.to_le_bytes())),
        Role::Initial | Role::Legal(_) | Role::Title | Role::ShipPrefix | Role::Particle => None,
    }
}

/// What else a word is filed under.
pub(super) fn other_terms(token: &Token) -> impl Iterator<Item = u32> {
    let consonants = token.key.consonants();
    let consonants = (consonants.len() >= 3).then(|| term(Sort::Consonants, consonants.letters()));
    let korean =
        token.korean.filter(|reading| (reading.is_telling || token.is_korean) && reading.key.len() > 1);
    let korean = korean.map(|reading| term(Sort::Korean, reading.key.letters()));
    let key = token.key;
    let beginning = (key.len() >= LONG).then(|| term(Sort::Beginning, &key.letters()[..BEGINNING]));
    consonants.into_iter().chain(korean).chain(beginning)
}

pub(super) fn has_neighbours(token: &Token) -> bool {
    token.role == Role::Plain && token.key.len() >= NEIGHBOUR_LETTERS_MIN
}

/// The terms of a key itself and with each letter left out.
pub(super) fn without_a_letter(key: &Key) -> impl Iterator<Item = u32> + use<> {
    let key = *key;
    let whole = std::iter::once(term(Sort::Neighbour, key.letters()));
    whole.chain((0..key.len()).map(move |left_out| {
        let kept = (0..key.len()).filter(|&at| at != left_out).map(|at| key.letters()[at]);
        term(Sort::Neighbour, Key::of_iter(kept).letters())
    }))
}

/// A name of several words, written as one.
pub(super) fn joined_term(tokens: &[Token]) -> Option<u32> {
    let mut whole = Key::default();
    let words =
        tokens.iter().filter(|token| matches!(token.role, Role::Plain | Role::Meaning(..) | Role::Particle));
    let mut count = 0;
    for token in words {
        whole.extend(&token.key);
        count += 1;
    }
    (count > 1).then(|| term(Sort::Joined, whole.letters()))
}

/// Korean sounds of a whole name.
pub(super) fn korean_joined(name: &Name) -> Option<u32> {
    let words = || name.tokens.iter().filter(|token| token.role == Role::Plain);
    if !words().all(|token| token.is_korean) || words().count() == 0 {
        return None;
    }
    let mut whole = Key::default();
    words().try_for_each(|token| token.korean.map(|reading| whole.extend(&reading.key)))?;
    Some(term(Sort::KoreanJoined, whole.letters()))
}

/// Two words in a row, which another may write as one.
pub(super) fn pairs(tokens: &[Token]) -> impl Iterator<Item = Key> + '_ {
    tokens.windows(2).filter(|pair| pair.iter().all(|token| token.role == Role::Plain)).map(|pair| {
        let mut key = pair[0].key;
        key.extend(&pair[1].key);
        key
    })
}

/// The first letters of a name of three words or more, without and with the words of its legal form.
pub(super) fn abbreviations(name: &Name) -> Vec<Vec<u8>> {
    let letters = |with_form: bool| -> Option<Vec<u8>> {
        let is_part = |token: &&Token| match token.role {
            Role::Plain | Role::Meaning(..) => true,
            Role::Legal(_) => with_form && token.written.len() > 4,
            _ => false,
        };
        let initials = name.tokens.iter().filter(is_part).flat_map(|token| token.initials);
        let letters: Vec<u8> = initials.filter(|&letter| letter != 0).collect();
        let text = std::str::from_utf8(&letters).ok()?;
        (3..=6).contains(&letters.len()).then(|| super::sounds::key(text).letters().to_vec())
    };
    let mut found: Vec<Vec<u8>> = [letters(false), letters(true)].into_iter().flatten().collect();
    found.dedup();
    found
}

/// The letters of a name's words in pairs, as a set of 64 hashed bits: names alike share most of them.
pub(super) fn letter_pairs(name: &Name) -> u64 {
    let says = |token: &&Token| !matches!(token.role, Role::Legal(_) | Role::Title | Role::ShipPrefix);
    let mut pairs = 0;
    for token in name.tokens.iter().filter(says) {
        let mut before = 0;
        for &letter in token.key.letters() {
            let pair = (u64::from(before) << 8 | u64::from(letter)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            pairs |= 1 << (pair >> 58);
            before = letter;
        }
    }
    pairs
}

/// The share of bits that two sets have in common (Dice 1945), in 0..=1.
pub(super) fn shared(a: u64, b: u64) -> f32 {
    let count = |set: u64| set.count_ones() as f32;
    2.0 * count(a & b) / (count(a) + count(b)).max(1.0)
}

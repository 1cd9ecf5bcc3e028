//! Refusing names early that cannot be alike enough: a bound on the score from the words' keys alone.
//!
//! A word that can be paired with nothing in the other name, in none of the ways of `compare.rs`, counts against
//! both names as soon as the other has such a word, too. Where what both have of them weighs as much as a
//! contradiction, the score is at most [`CONTRADICTED_MAX`], and at most what is left of the weight beside them.
//! Words that may be paired count as paired, so that the bound never refuses what the full comparison lets
//! pass; a test compares the two.

use super::compare::{
    CONTRADICTED_MAX, CONTRADICTION, JOINED_LETTERS_MIN, JOINED_LONGER_MAX, JOINED_WORDS_MAX,
    SPELLING_COST_MAX, STEM_LETTERS_MIN, as_korean, conflict, kind_of, may_hold, weight,
};
use super::name::{Role, Token};
use super::sounds::{LETTERS_MAX, OMISSION_MIN, distance_at_least, distance_at_least_by_classes};
use super::words::Script;
use super::{Kind, Name, similarity};

/// How alike two names are, as [`similarity`] has it, if they are at least so much alike.
///
/// # Complexity
/// As [`similarity`], but most names that are not alike are refused without looking at their letters.
///
/// ```
/// use throughline::names::{Name, similarity_at_least};
///
/// let name = |text| Name::new(text, None);
/// assert_eq!(similarity_at_least(&name("Ivan Petrov"), &name("Olga Sidorova"), 0.8), None);
/// assert!(similarity_at_least(&name("Ivan Petrov"), &name("Иван Петров"), 0.8).is_some());
/// ```
#[must_use]
pub fn similarity_at_least(a: &Name, b: &Name, least: f64) -> Option<f64> {
    let has_identifiers = a.identifier.is_some() && b.identifier.is_some();
    if !has_identifiers && f64::from(at_most(a, b)) + ROUNDING < least {
        return None;
    }
    Some(similarity(a, b)).filter(|score| *score >= least)
}

/// Scores are told in thousandths, and sums are made in different orders.
const ROUNDING: f64 = 0.001;

/// What names score at most; 1 where nothing can be said without comparing them.
fn at_most(a: &Name, b: &Name) -> f32 {
    let may_abbreviate = |name: &Name| {
        name.own_abbreviation.is_some() || name.tokens.iter().any(|token| token.is_abbreviation)
    };
    let is_one_place = a.place.is_some() && a.place == b.place;
    if is_one_place || may_abbreviate(a) || may_abbreviate(b) || a.text == b.text {
        return 1.0;
    }
    let kind = kind_of(a, b);
    let (mut paired_a, mut paired_b) = (0_u32, 0_u32);
    for (i, first) in a.tokens.iter().enumerate() {
        for (j, second) in b.tokens.iter().enumerate() {
            if may_pair(first, second, kind) {
                paired_a |= 1 << i;
                paired_b |= 1 << j;
            }
        }
    }
    may_join(a, b, &mut paired_a, &mut paired_b);
    may_join(b, a, &mut paired_b, &mut paired_a);
    let (first, second) = (Said::of(a, paired_a, kind), Said::of(b, paired_b, kind));
    let against = first.against.min(second.against);
    let weight = (first.weight + second.weight) / 2.0;
    let left = if weight > 0.0 { weight / (weight + against) } else { 0.0 };
    match against {
        0.0 => 1.0,
        CONTRADICTION.. => left.min(CONTRADICTED_MAX),
        _ => left,
    }
}

/// What the words of a name say at most for another name, and at least against it.
struct Said {
    weight: f32,
    against: f32,
}

impl Said {
    fn of(name: &Name, paired: u32, kind: Option<Kind>) -> Self {
        let mut said = Self { weight: 0.0, against: 0.0 };
        for (i, token) in name.tokens.iter().enumerate() {
            // A word said twice may stand for nothing else.
            let is_repeated = || name.tokens.iter().filter(|other| other.key == token.key).count() > 1;
            if paired & 1 << i != 0 || is_repeated() {
                said.weight += weight(token);
            } else {
                said.against += conflict(token, kind);
            }
        }
        said
    }
}

/// Whether two words may be a pair; all that makes one in `compare.rs` is let pass.
fn may_pair(a: &Token, b: &Token, kind: Option<Kind>) -> bool {
    let is_word = |token: &Token| matches!(token.role, Role::Plain | Role::Meaning(..));
    match (a.role, b.role) {
        (Role::Number(a), Role::Number(b)) => a == b,
        (Role::Number(_), _) | (_, Role::Number(_)) => false,
        (Role::Meaning(row, _), Role::Meaning(other, _)) => row == other,
        _ if a.key == b.key => true,
        (Role::Plain | Role::Meaning(..), Role::Plain | Role::Meaning(..)) => may_be_one_word(a, b, kind),
        (Role::Initial, _) if is_word(b) => a.initials[0] == b.initials[0],
        (_, Role::Initial) if is_word(a) => a.initials[0] == b.initials[0],
        (Role::Plain | Role::Meaning(..) | Role::Initial, _)
        | (_, Role::Plain | Role::Meaning(..) | Role::Initial) => false,
        // What says nothing against a name need not be looked at.
        _ => true,
    }
}

fn may_be_one_word(a: &Token, b: &Token, kind: Option<Kind>) -> bool {
    let is_unlike_latin = |script: Script| matches!(script, Script::Hangul | Script::Abjad);
    if is_unlike_latin(a.script) || is_unlike_latin(b.script) || as_korean(a, b).is_some() {
        return true;
    }
    let sounds = a.korean.zip(b.korean);
    if sounds.is_some_and(|(first, second)| first.key == second.key) {
        return true;
    }
    if a.given_name.is_some() && a.given_name == b.given_name {
        return true;
    }
    let (first, second) = (a.key.letters(), b.key.letters());
    let is_stem_one = first.len().min(second.len()) >= STEM_LETTERS_MIN
        && first[..STEM_LETTERS_MIN] == second[..STEM_LETTERS_MIN];
    if kind != Some(Kind::Person) && is_stem_one {
        return true;
    }
    let apart = first.len().abs_diff(second.len()) * usize::from(OMISSION_MIN);
    let most = usize::from(SPELLING_COST_MAX) * first.len().max(second.len());
    let by_letters =
        distance_at_least(a.mask, b.mask).max(distance_at_least_by_classes(a.classes, b.classes));
    apart <= most && usize::from(by_letters) <= most
}

/// Notes the words of one name that may be written as one in the other, and those that may be that one.
fn may_join(words: &Name, parts: &Name, joined: &mut u32, held: &mut u32) {
    let may_be_long = |word: &Token| {
        word.key.len() >= JOINED_LETTERS_MIN && matches!(word.role, Role::Plain | Role::Meaning(..))
    };
    for (i, word) in words.tokens.iter().enumerate().filter(|(_, word)| may_be_long(word)) {
        for (from, two) in parts.tokens.windows(2).enumerate() {
            let is_hangul = [word, &two[0], &two[1]].iter().any(|token| token.script == Script::Hangul);
            let n_letters = (two[0].key.len() + two[1].key.len()).min(LETTERS_MAX);
            let is_short = n_letters <= word.key.len() + JOINED_LONGER_MAX || is_hangul;
            if is_short && may_hold(word, &two[0]) && may_hold(word, &two[1]) {
                *joined |= 1 << i;
                // More words may follow that are looked at only together.
                *held |= ((1 << JOINED_WORDS_MAX) - 1) << from;
            }
        }
    }
}

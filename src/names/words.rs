//! A name taken apart: its words as written, and each in Latin letters.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{cyrillic, korean};

/// More words than this are not compared.
pub(super) const WORDS_MAX: usize = 24;

/// In which letters a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Hangul,
    /// Arabic and Hebrew, which leave vowels out.
    Abjad,
    Other,
}

impl Script {
    fn of(word: &str) -> Self {
        match word.chars().find(|letter| letter.is_alphabetic()) {
            Some(letter) if cyrillic::is_cyrillic(letter) => Self::Cyrillic,
            Some(letter) if korean::is_hangul(letter) => Self::Hangul,
            Some('\u{590}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{FB50}'..='\u{FEFF}') => Self::Abjad,
            Some(letter) if u32::from(letter) < 0x250 => Self::Latin,
            Some(_) => Self::Other,
            None => Self::Latin,
        }
    }

    /// The script in words.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Cyrillic => "Cyrillic",
            Self::Hangul => "Hangul",
            Self::Abjad => "Arabic or Hebrew",
            Self::Other => "another script",
        }
    }
}

/// A word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As written, without apostrophes, in small letters.
    pub(super) written: String,
    /// In small ASCII letters and digits.
    pub(super) latin: String,
    pub(super) script: Script,
    /// All its letters are capitals, or it is letters with full stops, as an abbreviation is.
    pub(super) is_capital: bool,
    /// It was written letter by letter: `A.B.C.`
    pub(super) is_spelled: bool,
    /// A hyphen joins it to the word before.
    pub(super) is_joined: bool,
    /// It stands in parentheses.
    pub(super) is_aside: bool,
    /// A comma stands before it.
    pub(super) is_after_comma: bool,
}

/// The words of a name, in their order.
pub(super) fn words(name: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    for piece in pieces(name) {
        if found.len() == WORDS_MAX {
            break;
        }
        let script = Script::of(&piece.text);
        for (text, is_first) in without_ending(&piece.text, script) {
            let latin = latin(&text, script);
            // Another script may have spaces and hyphens of its own in Latin letters.
            for (i, latin) in
                latin.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).enumerate()
            {
                found.push(Word {
                    written: text.clone(),
                    latin: latin.to_owned(),
                    script,
                    is_capital: piece.is_capital,
                    is_spelled: piece.is_spelled,
                    is_joined: piece.is_joined || !is_first || i > 0,
                    is_aside: piece.is_aside,
                    is_after_comma: piece.is_after_comma && is_first && i == 0,
                });
            }
        }
    }
    found.truncate(WORDS_MAX);
    read_endings(&mut found);
    found
}

/// Reads what a hyphen joins to a Korean word in Latin letters as what it says: Rajin-hang is a port.
fn read_endings(words: &mut Vec<Word>) {
    // 51-й: a Russian ordinal.
    let mut at = 1;
    while at < words.len() {
        let is_number = words[at - 1].latin.bytes().all(|byte| byte.is_ascii_digit());
        let is_ending = words[at].is_joined
            && words[at].script == Script::Cyrillic
            && words[at].written.chars().count() <= 2;
        if is_number && is_ending {
            words.remove(at);
        } else {
            at += 1;
        }
    }
    for at in 1..words.len() {
        let is_korean = korean::read(&words[at - 1].latin).is_some_and(|reading| reading.is_telling);
        let ending = korean::LATIN_ENDINGS.iter().find(|(ending, _)| words[at].latin == *ending);
        if let Some((_, english)) = ending.filter(|_| words[at].is_joined && is_korean) {
            words[at].latin = (*english).to_owned();
        }
    }
}

/// What stands between separators.
#[derive(Default)]
struct Piece {
    text: String,
    is_capital: bool,
    is_spelled: bool,
    is_joined: bool,
    is_aside: bool,
    is_after_comma: bool,
}

fn pieces(name: &str) -> Vec<Piece> {
    // ASCII is its own compatibility form.
    if name.is_ascii() { pieces_of(name.chars()) } else { pieces_of(name.nfkc()) }
}

fn pieces_of(letters: impl Iterator<Item = char>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut now = Piece::default();
    let (mut depth, mut joins, mut comma, mut n_capitals, mut n_small) = (0_usize, false, false, 0, 0);
    let mut letters = letters.peekable();
    while let Some(letter) = letters.next() {
        if matches!(
            letter,
            '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' | 'ʹ' | '\u{AD}' | '\u{200B}'..='\u{200F}'
        ) {
            continue;
        }
        let is_part = letter.is_alphanumeric() || (!letter.is_ascii() && is_combining_mark(letter));
        // A letter and a full stop, again and again, is one word; `8.5` is one, too.
        let is_inner_stop = letter == '.'
            && now.text.chars().last().is_some_and(|last| last.is_ascii_digit())
            && letters.peek().is_some_and(char::is_ascii_digit);
        if is_part || is_inner_stop {
            if now.text.is_empty() {
                now.text.reserve(16);
                (now.is_joined, now.is_after_comma, now.is_aside) = (joins, comma, depth > 0);
                (joins, comma) = (false, false);
            }
            n_capitals += usize::from(letter.is_uppercase());
            n_small += usize::from(letter.is_lowercase());
            match letter.is_ascii() {
                true => now.text.push(letter.to_ascii_lowercase()),
                false => now.text.extend(letter.to_lowercase()),
            }
            continue;
        }
        if !now.text.is_empty() {
            now.is_capital = n_capitals > 0 && n_small == 0;
            push(&mut pieces, std::mem::take(&mut now), letter == '.');
            (n_capitals, n_small) = (0, 0);
        }
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' => comma = true,
            '-' | '‐' | '‑' | '–' => joins = true,
            '&' | '+' => pieces.push(Piece { text: "and".to_owned(), ..Piece::default() }),
            _ => {}
        }
    }
    if !now.text.is_empty() {
        now.is_capital = n_capitals > 0 && n_small == 0;
        push(&mut pieces, now, false);
    }
    pieces
}

/// Adds a piece; one letter after letters with full stops becomes a part of them.
fn push(pieces: &mut Vec<Piece>, piece: Piece, has_stop: bool) {
    let is_letter = piece.text.chars().count() == 1 && !piece.text.starts_with(|c: char| c.is_ascii_digit());
    match pieces.last_mut() {
        Some(last) if is_letter && last.is_spelled && !piece.is_joined && !piece.is_after_comma => {
            last.text.push_str(&piece.text);
            last.is_capital &= piece.is_capital;
        }
        _ => pieces.push(Piece { is_spelled: is_letter && has_stop, ..piece }),
    }
}

/// A Hangul word without the ending that says what it is, and the ending in English.
fn without_ending(word: &str, script: Script) -> Vec<(String, bool)> {
    if script == Script::Hangul {
        let ending = korean::HANGUL_ENDINGS
            .iter()
            .find(|(ending, _)| word.strip_suffix(ending).is_some_and(|stem| stem.chars().count() >= 2));
        if let Some((ending, english)) = ending {
            let stem = word.trim_end_matches(ending).to_owned();
            return std::iter::once((stem, true))
                .chain(english.split(' ').map(|word| (word.to_owned(), false)))
                .collect();
        }
    }
    vec![(word.to_owned(), true)]
}

/// A word in small ASCII letters.
fn latin(word: &str, script: Script) -> String {
    match script {
        Script::Cyrillic => {
            let mut text = String::new();
            // Letters with their marks, й above all, are letters of their own.
            for letter in word.nfc() {
                match cyrillic::latin(letter) {
                    Some(latin) => text.push_str(latin),
                    None => text.push_str(&any_ascii::any_ascii(&letter.to_string())),
                }
            }
            text.to_lowercase()
        }
        Script::Hangul if word.chars().any(korean::is_hangul) => korean::latin(word),
        Script::Latin | Script::Hangul if word.is_ascii() => word.to_owned(),
        _ => {
            let plain: String = word.nfd().filter(|letter| !is_combining_mark(*letter)).nfc().collect();
            any_ascii::any_ascii(&plain).to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin_of(name: &str) -> Vec<String> {
        words(name).into_iter().map(|word| word.latin).collect()
    }

    #[test]
    fn letters_with_full_stops_are_one_word() {
        assert_eq!(latin_of("Bowne G.m.b.H."), ["bowne", "gmbh"]);
        assert_eq!(latin_of("J.-C. Juncker"), ["j", "c", "juncker"]);
        assert_eq!(latin_of("Sp. z o.o."), ["sp", "z", "oo"]);
        assert_eq!(latin_of("H&M"), ["h", "and", "m"]);
    }

    #[test]
    fn apostrophes_are_no_separators_and_hyphens_are() {
        assert_eq!(latin_of("Ch'ŏngjin"), ["chongjin"]);
        assert_eq!(latin_of("MAIA-1"), ["maia", "1"]);
        assert!(words("Kim Jong-un")[2].is_joined);
    }

    #[test]
    fn hangul_endings_say_what_a_place_is() {
        assert_eq!(latin_of("라진항"), ["rajin", "port"]);
        assert_eq!(latin_of("라진"), ["rajin"]);
        assert_eq!(latin_of("Восточный порт"), ["vostochnii", "port"]);
    }
}

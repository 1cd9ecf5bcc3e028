//! Korean words by their sounds, whether in Hangul or in Latin letters.
//!
//! Revised Romanization writes ㄱ ㄷ ㅂ ㅈ as g d b j where McCune–Reischauer has k t p ch,
//! ㅓ as eo for ŏ, ㅡ as eu for ŭ; print loses the breves and apostrophes of the second, and
//! North Korea's own spelling mixes both. A key of sounds takes what all of them can mean
//! as one: a stop is a stop whatever its voice, ㅓ and ㅗ are `o`, ㅡ and ㅜ are `u`, ㅐ and ㅔ `e`.
//!
//! At the beginning of a word ㄹ is written and said in the North (Rajin, Ri) where the
//! South has ㄴ (Najin), or nothing before i and y (Yi): the law of initials. There `r`, `l` and `n`
//! are one, and none before i and y.
//!
//! Sources: the two romanisations as published by the National Institute of Korean
//! Language (2000) and by McCune and Reischauer (1939).

use super::sounds::{Key, LETTERS_MAX, Spellings};

/// First of the composed syllables.
const FIRST_SYLLABLE: u32 = 0xAC00;
const LAST_SYLLABLE: u32 = 0xD7A3;

/// Onsets in Unicode's order, as Revised Romanization writes them, and their sounds.
const ONSETS: [(&str, &str); 19] = [
    ("g", "k"),
    ("kk", "k"),
    ("n", "n"),
    ("d", "t"),
    ("tt", "t"),
    ("r", "l"),
    ("m", "m"),
    ("b", "p"),
    ("pp", "p"),
    ("s", "s"),
    ("ss", "s"),
    ("", ""),
    ("j", "c"),
    ("jj", "c"),
    ("ch", "c"),
    ("k", "k"),
    ("t", "t"),
    ("p", "p"),
    ("h", "h"),
];

const VOWELS: [(&str, &str); 21] = [
    ("a", "a"),
    ("ae", "e"),
    ("ya", "Ya"),
    ("yae", "Ye"),
    ("eo", "o"),
    ("e", "e"),
    ("yeo", "Yo"),
    ("ye", "Ye"),
    ("o", "o"),
    ("wa", "Wa"),
    ("wae", "We"),
    ("oe", "We"),
    ("yo", "Yo"),
    ("u", "u"),
    ("wo", "Wo"),
    ("we", "We"),
    ("wi", "Wi"),
    ("yu", "Yu"),
    ("eu", "u"),
    ("ui", "ui"),
    ("i", "i"),
];

/// Codas in Unicode's order: as written, as a sound, and as the sound that begins the
/// next syllable where that has no onset.
const CODAS: [(&str, &str, &str); 28] = [
    ("", "", ""),
    ("k", "k", "k"),
    ("k", "k", "k"),
    ("k", "k", "ks"),
    ("n", "n", "n"),
    ("n", "n", "nc"),
    ("n", "n", "n"),
    ("t", "t", "t"),
    ("l", "l", "l"),
    ("k", "k", "lk"),
    ("m", "m", "lm"),
    ("l", "l", "lp"),
    ("l", "l", "ls"),
    ("l", "l", "lt"),
    ("p", "p", "lp"),
    ("l", "l", "l"),
    ("m", "m", "m"),
    ("p", "p", "p"),
    ("p", "p", "ps"),
    ("t", "t", "s"),
    ("t", "t", "s"),
    ("ng", "N", "N"),
    ("t", "t", "c"),
    ("t", "t", "c"),
    ("k", "k", "k"),
    ("t", "t", "t"),
    ("p", "p", "p"),
    ("t", "t", ""),
];

/// Whether a letter is a Hangul syllable.
pub(super) fn is_hangul(letter: char) -> bool {
    (FIRST_SYLLABLE..=LAST_SYLLABLE).contains(&u32::from(letter))
}

/// How alike two keys of sounds are. All that romanisations confuse is one letter in them already, so
/// that every other letter counts; but ㅓ is loosely written u as well as o.
pub(super) fn likeness(a: &Key, b: &Key) -> f32 {
    let longer = a.len().max(b.len()).max(1);
    let (a, b) = (a.letters(), b.letters());
    if a == b {
        return 1.0;
    }
    let loose = |sound: u8| if sound == b'u' { b'o' } else { sound };
    if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| loose(*a) == loose(*b)) {
        return LOOSE;
    }
    // One row of Levenshtein's table is enough for words of a few letters.
    let mut row: [u8; LETTERS_MAX + 1] = std::array::from_fn(|at| u8::try_from(at).unwrap_or(u8::MAX));
    for (i, &sound) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = u8::try_from(i + 1).unwrap_or(u8::MAX);
        for (j, &other) in b.iter().enumerate() {
            let changed = diagonal + u8::from(loose(sound) != loose(other));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    1.0 - f32::from(row[b.len()]) / longer as f32
}

/// What spellings count as that differ in o and u alone.
const LOOSE: f32 = 0.9;

/// Whether two Hangul words differ in nothing but what the law of initials changes: ㄹ, ㄴ or
/// nothing at the beginning.
pub(super) fn differ_by_initial(a: &str, b: &str) -> bool {
    let first = |word: &str| word.chars().next().and_then(parts);
    let rest = |word: &str| word.chars().skip(1).collect::<String>();
    let Some(((onset, vowel, coda), (other, other_vowel, other_coda))) = first(a).zip(first(b)) else {
        return false;
    };
    let is_weak = |onset: usize| matches!(ONSETS[onset].0, "r" | "n" | "");
    is_weak(onset) && is_weak(other) && (vowel, coda) == (other_vowel, other_coda) && rest(a) == rest(b)
}

/// The places of a syllable's onset, vowel and coda in the tables.
fn parts(syllable: char) -> Option<(usize, usize, usize)> {
    let at = u32::from(syllable).checked_sub(FIRST_SYLLABLE).filter(|_| is_hangul(syllable))?;
    let at = usize::try_from(at).ok()?;
    Some((at / 588, at % 588 / 28, at % 28))
}

/// A Hangul word in Latin letters, syllable by syllable, near Revised Romanization.
pub(super) fn latin(word: &str) -> String {
    let syllables = word.chars().filter_map(parts);
    syllables.map(|(onset, vowel, coda)| [ONSETS[onset].0, VOWELS[vowel].0, CODAS[coda].0].concat()).collect()
}

/// The key of a Hangul word.
pub(super) fn key_of_hangul(word: &str) -> Key {
    let syllables: Vec<_> = word.chars().filter_map(parts).collect();
    let mut sounds = String::new();
    for (i, &(onset, vowel, coda)) in syllables.iter().enumerate() {
        sounds.push_str(ONSETS[onset].1);
        sounds.push_str(VOWELS[vowel].1);
        let next = syllables.get(i + 1).map(|next| ONSETS[next.0].1);
        sounds.push_str(coda_before(coda, next));
        // What ㄹ becomes after another consonant.
        if next == Some("l") && matches!(CODAS[coda].1, "N" | "m" | "k" | "p") {
            sounds.push('\u{1}');
        }
    }
    let sounds = sounds.replace("\u{1}l", "n");
    begun(&sounds)
}

/// A coda as it sounds before the next syllable's onset.
fn coda_before(coda: usize, next: Option<&str>) -> &'static str {
    let (_, sound, carried) = CODAS[coda];
    match (sound, next) {
        (_, Some("")) => carried,
        ("k", Some("n" | "m" | "l")) => "N",
        ("t", Some("n" | "m")) => "n",
        ("p", Some("n" | "m" | "l")) => "m",
        ("n", Some("l")) => "l",
        _ => sound,
    }
}

/// The key from sounds, after the law of initials, with double letters once.
fn begun(sounds: &str) -> Key {
    let rest = sounds.strip_prefix(['n', 'l']);
    let (first, sounds) = match rest {
        Some(rest) if rest.starts_with(['i', 'Y']) => (None, rest),
        Some(rest) => (Some(b'n'), rest),
        None => (None, sounds),
    };
    let sounds = if first.is_none() { sounds.trim_start_matches("Yi") } else { sounds };
    let mut key = Key::default();
    for letter in first.into_iter().chain(sounds.bytes()) {
        if key.letters().last() != Some(&letter) {
            key.push(letter);
        }
    }
    key
}

/// Vowels as they are written in Latin letters.
static WRITTEN_VOWELS: Spellings = Spellings::new(&[
    ("ae", "e"),
    ("ai", "e"),
    ("a", "a"),
    ("eui", "ui"),
    ("ee", "i"),
    ("eo", "o"),
    ("eu", "u"),
    ("e", "e"),
    ("i", "i"),
    ("oe", "We"),
    ("oi", "We"),
    ("oo", "u"),
    ("o", "o"),
    ("ui", "ui"),
    ("u", "u"),
    ("wae", "We"),
    ("weo", "Wo"),
    ("woo", "u"),
    ("wa", "Wa"),
    ("we", "We"),
    ("wi", "Wi"),
    ("wo", "Wo"),
    ("wu", "u"),
    ("yae", "Ye"),
    ("yeo", "Yo"),
    ("you", "Yo"),
    ("ya", "Ya"),
    ("ye", "Ye"),
    ("yi", "i"),
    ("yo", "Yo"),
    ("yu", "Yu"),
]);

static WRITTEN_ONSETS: Spellings = Spellings::new(&[
    ("b", "p"),
    ("ch", "c"),
    ("d", "t"),
    ("g", "k"),
    ("h", "h"),
    ("jj", "c"),
    ("j", "c"),
    ("kk", "k"),
    ("k", "k"),
    ("l", "l"),
    ("m", "m"),
    ("n", "n"),
    ("pp", "p"),
    ("p", "p"),
    ("rh", "l"),
    ("r", "l"),
    ("sh", "s"),
    ("ss", "s"),
    ("s", "s"),
    ("tch", "c"),
    ("tt", "t"),
    ("t", "t"),
]);

static WRITTEN_CODAS: Spellings = Spellings::new(&[
    ("b", "p"),
    ("ck", "k"),
    ("g", "k"),
    ("h", ""),
    ("k", "k"),
    ("l", "l"),
    ("m", "m"),
    ("ng", "N"),
    ("n", "n"),
    ("p", "p"),
    ("rk", "k"),
    ("t", "t"),
]);

/// A Latin word read as Korean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Its sounds.
    pub(super) key: Key,
    /// Whether anything in it is more Korean than any word of plain syllables: it has
    /// two syllables at least, and one that ends in a consonant or has a vowel of two letters.
    pub(super) is_telling: bool,
    /// Whether it has what hardly any other language writes: a syllable that ends in ng, or
    /// one of the vowels eo, eu and ae.
    pub(super) is_marked: bool,
}

/// Reads a word of small ASCII letters as Korean; `None` where it is no row of one to
/// five Korean syllables.
pub(super) fn read(word: &str) -> Option<Reading> {
    // Letters that no romanisation writes; most words of other languages have one.
    if word.bytes().any(|letter| matches!(letter, b'f' | b'q' | b'v' | b'x' | b'z' | b'0'..=b'9')) {
        return None;
    }
    let mut rest = word;
    let mut sounds = String::with_capacity(word.len() + 4);
    let (mut n_syllables, mut is_closed, mut is_marked) = (0, false, false);
    while !rest.is_empty() {
        let (onset, sound) = WRITTEN_ONSETS.longest(rest.as_bytes()).unwrap_or_default();
        rest = &rest[onset.len()..];
        sounds.push_str(sound);
        let (vowel, sound) = WRITTEN_VOWELS.longest(rest.as_bytes())?;
        rest = &rest[vowel.len()..];
        sounds.push_str(sound);
        is_marked |= matches!(vowel, "yeo" | "eo" | "eu" | "ae" | "eui");
        let coda = WRITTEN_CODAS.longest(rest.as_bytes()).filter(|(coda, _)| {
            // A consonant before a vowel begins the next syllable; ng never begins one.
            !rest[coda.len()..].starts_with(is_begun_by_vowel) || *coda == "ng"
        });
        if let Some((coda, sound)) = coda.filter(|_| !begins_onset(rest)) {
            rest = &rest[coda.len()..];
            sounds.push_str(sound);
            is_closed |= !sound.is_empty();
            is_marked |= sound == "N";
        }
        n_syllables += 1;
    }
    let is_telling = n_syllables > 1 && (is_closed || is_marked);
    (1..=5).contains(&n_syllables).then(|| Reading { key: begun(&sounds), is_telling, is_marked })
}

/// Whether a doubled or aspirated onset begins here, so that its first letter is no coda.
fn begins_onset(rest: &str) -> bool {
    let length = match rest.as_bytes() {
        [b't', b'c', b'h', ..] => 3,
        [b'k', b'k', ..] | [b't', b't', ..] | [b'p', b'p', ..] | [b's', b's', ..] | [b'j', b'j', ..] => 2,
        [b'c' | b's', b'h', ..] => 2,
        _ => return false,
    };
    rest[length..].starts_with(is_begun_by_vowel)
}

/// Whether a letter begins a vowel as they are written.
fn is_begun_by_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'w')
}

/// Family names, as they are commonly written. About two hundred are in use; these are those of
/// most people, in their order.
const FAMILY_NAMES: &[&str] = &[
    "ahn", "an", "bae", "baek", "bang", "cha", "chae", "chang", "cho", "choe", "choi", "chon", "chong",
    "chu", "chun", "chung", "gim", "go", "gu", "ha", "han", "heo", "ho", "hong", "huh", "hwang", "hyon",
    "hyun", "im", "jang", "jeon", "jeong", "ji", "jin", "jo", "jon", "jong", "joo", "ju", "jun", "jung",
    "kang", "kil", "kim", "ko", "koo", "ku", "kwak", "kwon", "lee", "li", "lim", "min", "moon", "mun", "nam",
    "no", "noh", "o", "oh", "pae", "paek", "pak", "pang", "park", "pyon", "rhee", "ri", "rim", "ro", "roh",
    "ryang", "ryu", "seo", "shim", "shin", "sim", "sin", "so", "sok", "sol", "son", "song", "suh", "sung",
    "tae", "u", "um", "won", "woo", "yang", "yi", "yim", "yom", "yoo", "yoon", "yu", "yun",
];

/// Whether a word of small ASCII letters is a Korean family name.
pub(super) fn is_family_name(word: &str) -> bool {
    FAMILY_NAMES.binary_search(&word).is_ok()
}

/// What ends Hangul names and says what they are, longest first, with the English word.
pub(super) const HANGUL_ENDINGS: &[(&str, &str)] = &[
    ("주식회사", "jsc"),
    ("유한회사", "llc"),
    ("무역회사", "trading company"),
    ("회사", "company"),
    ("은행", "bank"),
    ("공항", "airport"),
    ("항구", "port"),
    ("총국", "bureau"),
    ("공장", "factory"),
    ("조선소", "shipyard"),
    ("기지", "base"),
    ("항", "port"),
    ("역", "station"),
    ("시", "city"),
    ("군", "county"),
    ("도", "province"),
    ("강", "river"),
    ("섬", "island"),
    ("호", "ship"),
];

/// The same in Latin letters, after a hyphen: Rajin-hang.
pub(super) const LATIN_ENDINGS: &[(&str, &str)] = &[
    ("hang", "port"),
    ("si", "city"),
    ("shi", "city"),
    ("gun", "county"),
    ("kun", "county"),
    ("do", "province"),
    ("gang", "river"),
    ("kang", "river"),
    ("ho", "ship"),
    ("yok", "station"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds(word: &str) -> String {
        read(word).unwrap_or_else(|| panic!("{word} is not Korean")).key.as_str().to_owned()
    }

    #[test]
    fn hangul_and_both_romanisations_have_one_key() {
        for (hangul, written) in [
            ("라진", &["rajin", "najin", "lajin", "rachin"][..]),
            ("나진", &["najin", "rajin"]),
            ("청진", &["chongjin", "cheongjin"]),
            ("선봉", &["sonbong", "seonbong"]),
            ("평양", &["pyongyang", "pyeongyang"]),
            ("흥남", &["hungnam", "heungnam"]),
            ("부산", &["busan", "pusan"]),
            ("리", &["ri", "yi", "lee", "rhee"]),
            ("량강", &["ryanggang", "yanggang"]),
            ("김책", &["kimchaek", "gimchaek"]),
            ("신의주", &["sinuiju", "sineuiju"]),
        ] {
            for word in written {
                assert_eq!(sounds(word), key_of_hangul(hangul).as_str(), "{hangul} and {word}");
            }
        }
    }

    #[test]
    fn family_names_are_in_their_order() {
        assert!(FAMILY_NAMES.is_sorted());
    }

    #[test]
    fn words_of_other_languages_are_not_read() {
        for word in ["vostochny", "dunai2", "victory", "grigory", "smith", "transmorflot"] {
            assert_eq!(read(word), None, "{word}");
        }
        assert!(!read("maria").expect("it has such syllables").is_telling);
        assert!(read("rajin").expect("it is Korean").is_telling);
    }
}

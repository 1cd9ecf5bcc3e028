//! The key of a word: Latin letters folded so that the usual spellings of one sound
//! are one letter, and the distance between two keys.
//!
//! Small letters stand for themselves, capitals for sounds that take several letters:
//! `C` for ch, `S` for sh and shch, `Z` for zh. The folds follow what the romanisations
//! of Russian differ in: й, ы and ий are y, i, j, yy, iy, ij or ii; ю and я begin with y, i or j;
//! х is kh or h, ш sh, sch or š, ж zh or ž, ц ts or c, в v or w. Double letters count once.

/// The longest key. What a word has beyond is not compared.
pub(super) const LETTERS_MAX: usize = 30;

/// A key, without a heap: comparing names reads many of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(super) struct Key {
    letters: [u8; LETTERS_MAX],
    length: u8,
}

impl Key {
    pub(super) fn of(letters: &[u8]) -> Self {
        let mut key = Self::default();
        letters.iter().for_each(|&letter| key.push(letter));
        key
    }

    pub(super) fn letters(&self) -> &[u8] {
        &self.letters[..usize::from(self.length)]
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn push(&mut self, letter: u8) {
        if self.len() < LETTERS_MAX {
            self.letters[self.len()] = letter;
            self.length += 1;
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        other.letters().iter().for_each(|&letter| self.push(letter));
    }

    /// One bit for each letter that occurs.
    pub(super) fn mask(&self) -> u32 {
        self.letters().iter().fold(0, |mask, &letter| mask | 1 << (letter & 31))
    }

    /// The key without vowels: what is left where vowels are written at will, as in
    /// Arabic and Hebrew names.
    pub(super) fn consonants(&self) -> Self {
        let kept: Vec<u8> = self.letters().iter().copied().filter(|&letter| !is_vowel(letter)).collect();
        Self::of(&kept)
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.letters()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Spellings of a sound, longest first.
const SPELLINGS: &[(&str, &str)] = &[
    ("shch", "S"),
    ("tsch", "C"),
    ("dzh", "Z"),
    ("sch", "S"),
    ("shh", "S"),
    ("tch", "C"),
    ("ch", "C"),
    ("ck", "k"),
    ("dh", "d"),
    ("dj", "Z"),
    ("gh", "g"),
    ("kh", "h"),
    ("oe", "o"),
    ("oo", "u"),
    ("ou", "u"),
    ("ph", "f"),
    ("qu", "kv"),
    ("sh", "S"),
    ("th", "t"),
    ("ts", "c"),
    ("tz", "c"),
    ("ue", "u"),
    ("zh", "Z"),
    ("ae", "e"),
    ("j", "i"),
    ("q", "k"),
    ("w", "v"),
    ("x", "ks"),
    ("y", "i"),
];

/// The key of a word in small ASCII letters and digits.
pub(super) fn key(word: &str) -> Key {
    let mut key = Key::default();
    let mut rest = word;
    while let Some(letter) = rest.bytes().next() {
        let last = key.letters().last().copied();
        // Yevgeny and Evgeny, Sergeyev and Sergeev: ye is a written e at the beginning and after a vowel.
        if rest.starts_with("ye") && last.is_none_or(is_vowel) {
            rest = &rest[1..];
            continue;
        }
        let spelling = SPELLINGS.iter().find(|(spelling, _)| rest.starts_with(spelling));
        let (sound, length) = spelling.map_or((&rest[..1], 1), |(spelling, sound)| (*sound, spelling.len()));
        for sound in sound.bytes() {
            // Digits are no sounds: 11 is not 1.
            if key.letters().last() != Some(&sound) || letter.is_ascii_digit() {
                key.push(sound);
            }
        }
        rest = &rest[length..];
    }
    key
}

pub(super) fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// What it costs to change one letter into another, in hundredths of a letter.
///
/// Letters that spellings and ears confuse cost less: voiced and voiceless, the sibilants,
/// and vowels among themselves.
fn change(a: u8, b: u8) -> u16 {
    let pair = if a < b { (a, b) } else { (b, a) };
    match pair {
        _ if a == b => 0,
        (b'C', b'c' | b'k' | b'h' | b'i' | b'S') | (b'S', b's') | (b'Z', b'z' | b'i' | b'g') => 35,
        (b'c', b'k' | b's' | b'z') | (b'S', b'Z') | (b'g', b'k' | b'h') | (b'f', b'v') | (b's', b'z') => 40,
        (b'b', b'p') | (b'd', b't') | (b'b', b'v') | (b'h', b'k') | (b'C', b'Z') => 50,
        (b'a', b'e') | (b'o', b'u') | (b'e', b'i') | (b'a', b'o') => 40,
        _ if is_vowel(a) && is_vowel(b) => 60,
        (b'm', b'n') | (b'l', b'r') => 70,
        _ => 100,
    }
}

/// What it costs to leave a letter out.
fn omission(letter: u8) -> u16 {
    match letter {
        b'a' | b'e' | b'i' | b'o' | b'u' => 60,
        b'h' => 50,
        _ => 100,
    }
}

/// What two letters that changed places cost.
const SWAP: u16 = 90;

/// The least cost of anything, by which a pair is given up without being measured.
const COST_MIN: u16 = 35;

/// How far one key is from another, in hundredths of a letter; `None` where it is
/// more than `most`. Damerau and Levenshtein's distance with the costs above, each
/// place touched once.
///
/// # Complexity
/// O(a · b) letters; most pairs that are too far apart are given up before.
pub(super) fn distance(a: &[u8], b: &[u8], most: u16) -> Option<u16> {
    let longer = a.len().abs_diff(b.len());
    if u16::try_from(longer).unwrap_or(u16::MAX).saturating_mul(50) > most {
        return None;
    }
    let (mut before, mut above) = ([0_u16; LETTERS_MAX + 1], [0_u16; LETTERS_MAX + 1]);
    for (j, &letter) in b.iter().enumerate() {
        above[j + 1] = above[j] + omission(letter);
    }
    for (i, &letter) in a.iter().enumerate() {
        let mut row = [0_u16; LETTERS_MAX + 1];
        row[0] = above[0] + omission(letter);
        let mut least = row[0];
        for (j, &other) in b.iter().enumerate() {
            let mut cost = (above[j] + change(letter, other))
                .min(above[j + 1] + omission(letter))
                .min(row[j] + omission(other));
            if i > 0 && j > 0 && letter == b[j - 1] && a[i - 1] == other && letter != other {
                cost = cost.min(before[j - 1] + SWAP);
            }
            row[j + 1] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        (before, above) = (above, row);
    }
    Some(above[b.len()]).filter(|cost| *cost <= most)
}

/// The least that the distance can be, from which letters occur at all.
pub(super) fn distance_at_least(a: u32, b: u32) -> u16 {
    let missing = (a & !b).count_ones().max((b & !a).count_ones());
    u16::try_from(missing).unwrap_or(u16::MAX).saturating_mul(COST_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_key(words: &[&str]) {
        for word in words {
            assert_eq!(key(word), key(words[0]), "{word} and {}", words[0]);
        }
    }

    #[test]
    fn spellings_of_one_word_have_one_key() {
        one_key(&["vostochny", "vostochnyy", "vostochniy", "vostochnij", "vostochnii", "wostotschny"]);
        one_key(&["yuliya", "iuliia", "julija", "yulia"]);
        one_key(&["sergeyev", "sergeev"]);
        one_key(&["maya", "maia", "maja", "majja"]);
        one_key(&["khabarovsk", "habarovsk", "khabarowsk"]);
        one_key(&["shchukin", "shhukin", "schukin"]);
    }

    #[test]
    fn distances_know_what_is_confused() {
        let of = |a: &str, b: &str| distance(key(a).letters(), key(b).letters(), 1000);
        assert_eq!(of("rajin", "rajin"), Some(0));
        assert!(of("pusan", "busan") < of("rusan", "busan"));
        assert_eq!(of("angela", "anglea"), Some(SWAP));
        assert_eq!(distance(b"dunai", b"danube", 100), None);
    }
}

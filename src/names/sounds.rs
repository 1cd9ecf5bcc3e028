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
        Self::of_iter(letters.iter().copied())
    }

    pub(super) fn of_iter(letters: impl Iterator<Item = u8>) -> Self {
        let mut key = Self::default();
        letters.for_each(|letter| key.push(letter));
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

    pub(super) fn push(&mut self, letter: u8) {
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

    /// How often letters of each class occur, a byte for each class.
    pub(super) fn classes(&self) -> u64 {
        self.letters().iter().fold(0, |counts, &letter| counts + (1 << (8 * class(letter))))
    }

    /// The key without vowels: what is left where vowels are written at will, as in
    /// Arabic and Hebrew names.
    pub(super) fn consonants(&self) -> Self {
        Self::of_iter(self.letters().iter().copied().filter(|&letter| !is_vowel(letter)))
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

/// Spellings of a sound, by their first letters, longest first.
const SPELLINGS: &[(&str, &str)] = &[
    ("ae", "e"),
    ("ch", "C"),
    ("ck", "k"),
    ("dzh", "Z"),
    ("dh", "d"),
    ("dj", "Z"),
    ("gh", "g"),
    ("j", "i"),
    ("kh", "h"),
    ("oe", "o"),
    ("oo", "u"),
    ("ou", "u"),
    ("ph", "f"),
    ("qu", "kv"),
    ("q", "k"),
    ("shch", "S"),
    ("sch", "S"),
    ("shh", "S"),
    ("sh", "S"),
    ("tsch", "C"),
    ("tch", "C"),
    ("th", "t"),
    ("ts", "c"),
    ("tz", "c"),
    ("ue", "u"),
    ("w", "v"),
    ("x", "ks"),
    ("y", "i"),
    ("zh", "Z"),
];

static SPELLING: Spellings = Spellings::new(SPELLINGS);

/// A table of spellings and their sounds, looked up by what a text begins with.
pub(super) struct Spellings {
    /// In the order of their first letters, of those with one letter the longest first.
    table: &'static [(&'static str, &'static str)],
    /// Where those of each letter begin; those of the next letter end them.
    begins: [u8; 27],
}

impl Spellings {
    pub(super) const fn new(table: &'static [(&'static str, &'static str)]) -> Self {
        let mut begins = [0; 27];
        let (mut letter, mut at) = (0, 0);
        while letter < 27 {
            while at < table.len() && ((table[at].0.as_bytes()[0] - b'a') as usize) < letter {
                at += 1;
            }
            begins[letter] = at as u8;
            letter += 1;
        }
        Self { table, begins }
    }

    /// The longest spelling with which a text begins, and its sound.
    pub(super) fn longest(&self, text: &[u8]) -> Option<(&'static str, &'static str)> {
        let &first = text.first().filter(|first| first.is_ascii_lowercase())?;
        let at = usize::from(first - b'a');
        let of_letter = &self.table[usize::from(self.begins[at])..usize::from(self.begins[at + 1])];
        let begins = |spelling: &str| {
            spelling.len() <= text.len() && spelling.bytes().zip(text).skip(1).all(|(a, b)| a == *b)
        };
        of_letter.iter().find(|(spelling, _)| begins(spelling)).copied()
    }
}

/// The key of a word in small ASCII letters and digits.
pub(super) fn key(word: &str) -> Key {
    let mut key = Key::default();
    let mut rest = word.as_bytes();
    while let Some(&letter) = rest.first() {
        let last = key.letters().last().copied();
        // Yevgeny and Evgeny, Sergeyev and Sergeev: ye is a written e at the beginning and after a vowel.
        if rest.starts_with(b"ye") && last.is_none_or(is_vowel) {
            rest = &rest[1..];
            continue;
        }
        let (sound, length) = SPELLING
            .longest(rest)
            .map_or((&rest[..1], 1), |(spelling, sound)| (sound.as_bytes(), spelling.len()));
        for &sound in sound {
            // Digits are no sounds: 11 is not 1.
            if key.letters().last() != Some(&sound) || letter.is_ascii_digit() {
                key.push(sound);
            }
        }
        rest = &rest[length..];
    }
    key
}

pub(super) const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// What it costs to change one letter into another, in hundredths of a letter.
///
/// Letters that spellings and ears confuse cost less: voiced and voiceless, the sibilants,
/// and vowels among themselves.
const fn change(a: u8, b: u8) -> u8 {
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
const fn omission(letter: u8) -> u8 {
    match letter {
        b'a' | b'e' | b'i' | b'o' | b'u' => 60,
        b'h' => OMISSION_MIN,
        _ => 100,
    }
}

/// What two letters that changed places cost.
const SWAP: u16 = 90;

/// No letter is left out for less.
pub(super) const OMISSION_MIN: u8 = 50;

/// [`change`] for all letters, looked up in place of worked out: it is asked for each two letters.
static CHANGES: [[u8; 128]; 128] = {
    let mut table = [[0; 128]; 128];
    let mut a = 0;
    while a < 128 {
        let mut b = 0;
        while b < 128 {
            table[a][b] = change(a as u8, b as u8);
            b += 1;
        }
        a += 1;
    }
    table
};

static OMISSIONS: [u8; 128] = {
    let mut table = [0; 128];
    let mut letter = 0;
    while letter < 128 {
        table[letter] = omission(letter as u8);
        letter += 1;
    }
    table
};

/// More than any distance that is asked for.
const FAR: u16 = u16::MAX / 2;

/// How far one key is from another, in hundredths of a letter; `None` where it is
/// more than `most`. Damerau and Levenshtein's distance with the costs above, each
/// place touched once.
///
/// Only the diagonals are filled in that `most` can reach, as each step off the middle leaves a letter
/// out (Ukkonen 1985).
///
/// # Complexity
/// O(a · most / 50) letters; most pairs that are too far apart are given up before.
pub(super) fn distance(a: &[u8], b: &[u8], most: u16) -> Option<u16> {
    let band = usize::from(most / u16::from(OMISSION_MIN));
    if a.len().abs_diff(b.len()) > band {
        return None;
    }
    let omitted = |letter: u8| u16::from(OMISSIONS[usize::from(letter & 127)]);
    let mut rows = [[FAR; LETTERS_MAX + 2]; 3];
    let [mut before, mut above, mut row] = rows.each_mut();
    above[0] = 0;
    for (j, &letter) in b.iter().enumerate().take(band) {
        above[j + 1] = above[j] + omitted(letter);
    }
    for (i, &letter) in a.iter().enumerate() {
        let changes = &CHANGES[usize::from(letter & 127)];
        let omission = omitted(letter);
        let (from, to) = (i.saturating_sub(band), (i + band + 1).min(b.len()));
        row[from] = if from == 0 { above[0] + omission } else { FAR };
        let mut least = row[from];
        for j in from..to {
            let other = b[j];
            let mut cost = (above[j] + u16::from(changes[usize::from(other & 127)]))
                .min(above[j + 1] + omission)
                .min(row[j] + omitted(other));
            if i > 0 && j > 0 && letter == b[j - 1] && a[i - 1] == other && letter != other {
                cost = cost.min(before[j - 1] + SWAP);
            }
            row[j + 1] = cost;
            least = least.min(cost);
        }
        // The next row reads one place beyond.
        row[to + 1] = FAR;
        if least > most {
            return None;
        }
        (before, above, row) = (above, row, before);
    }
    Some(above[b.len()]).filter(|cost| *cost <= most)
}

/// The least cost of changing a letter or leaving it out: of every letter, and what it is more for
/// some of them, as sets of letters' bits.
const COST_MIN: u16 = 35;
const COSTLY: [(u32, u16); 2] = [(costing(50), 15), (costing(70), 20)];

/// The bits of letters that cannot be got rid of for less than a cost, whatever they are changed into.
const fn costing(least: u8) -> u32 {
    let (mut bits, mut letter) = (0, 0);
    while letter < 128 {
        let mut other = 0;
        let mut cost = omission(letter);
        while other < 128 {
            if other != letter && change(letter, other) < cost {
                cost = change(letter, other);
            }
            other += 1;
        }
        // A bit that stands for several letters stands for the cheapest.
        if cost < least && is_letter_of_keys(letter) {
            bits |= 1 << (letter & 31);
        }
        letter += 1;
    }
    !bits
}

const fn is_letter_of_keys(letter: u8) -> bool {
    letter.is_ascii_alphanumeric()
}

/// The least that the distance can be, from which letters occur at all.
pub(super) fn distance_at_least(a: u32, b: u32) -> u16 {
    missing(a & !b).max(missing(b & !a))
}

/// The class of a letter: what it is changed into for less than a whole letter is of the same class, but for
/// `C` and `Z`, which may become `i`.
fn class(letter: u8) -> u32 {
    match letter {
        b'b' | b'p' | b'v' | b'f' => 0,
        b'd' | b't' => 1,
        b'm' | b'n' => 2,
        b'l' | b'r' => 3,
        b'g' | b'k' | b'h' | b'c' | b'C' | b's' | b'S' | b'z' | b'Z' => 4,
        _ if is_vowel(letter) => 5,
        _ => 6,
    }
}

/// The classes of which a letter too many costs a whole one, and the two of which it may cost less.
const WHOLE: u64 = 0x00FF_0000_FFFF_FFFF;
const CHEAP: u64 = 0x0000_FFFF_0000_0000;

/// The least that the distance can be, from how often letters of each class occur: each letter too many has
/// to be left out or changed into one of another class.
pub(super) fn distance_at_least_by_classes(a: u64, b: u64) -> u16 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let beyond = |a: u64, b: u64| {
        // Byte by byte, with a bit that is left where nothing has to be borrowed.
        let difference = (a | HIGH) - b;
        let is_more = (difference & HIGH) >> 7;
        let more = difference & (is_more * 0x7F);
        let sum = |bytes: u64| (bytes.wrapping_mul(0x0101_0101_0101_0101) >> 56) as u16;
        sum(more & WHOLE) * 100 + sum(more & CHEAP) * COST_MIN
    };
    beyond(a, b).max(beyond(b, a))
}

/// What it costs at least to get rid of letters.
fn missing(letters: u32) -> u16 {
    let count = |letters: u32| letters.count_ones() as u16;
    COSTLY
        .iter()
        .fold(count(letters) * COST_MIN, |cost, (costly, more)| cost + count(letters & costly) * more)
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
    fn no_distance_is_less_than_its_bounds() {
        let mut words: Vec<Key> =
            ["hamburg", "rajin", "vostochny", "dzhankoi", "chechi", "zhiguli", "maia1", "x9y"]
                .iter()
                .map(|word| key(word))
                .collect();
        let letters = b"abcdefghiklmnoprstuvzCSZjqwxy0159";
        words.extend(letters.iter().map(|&letter| Key::of(&[letter, b'a', letter, b'h'])));
        words.extend(letters.iter().map(|&letter| Key::of(&[b'i', letter])));
        for a in &words {
            for b in &words {
                let cost = distance(a.letters(), b.letters(), 10_000).expect("nothing is so far");
                assert!(distance_at_least(a.mask(), b.mask()) <= cost, "{a:?} {b:?}");
                assert!(distance_at_least_by_classes(a.classes(), b.classes()) <= cost, "{a:?} {b:?}");
            }
        }
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

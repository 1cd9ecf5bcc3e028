//! Numbers in names: digits, Roman numerals, and words of several languages.

/// What a word says as a number of its own.
///
/// Roman numerals of one letter are not taken here: `V` may be Vladimir.
pub(super) fn number(word: &str) -> Option<u32> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let short = word.trim_start_matches('0');
        return if short.is_empty() { Some(0) } else { short.parse().ok() };
    }
    ordinal(word).or_else(|| in_words(word)).or_else(|| (word.len() > 1).then(|| roman(word)).flatten())
}

/// `1st`, `2nd`, `33rd`, `51th`, and `51-i` of Russian as one word.
fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    let is_ordinal = matches!(ending, "st" | "nd" | "rd" | "th" | "i" | "y" | "ya" | "oe" | "ie" | "go");
    if is_ordinal && !digits.is_empty() { digits.parse().ok() } else { None }
}

/// A Roman numeral below 90, in the usual order of its letters.
pub(super) fn roman(word: &str) -> Option<u32> {
    const LETTERS: [(&str, u32); 9] =
        [("l", 50), ("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("iii", 3), ("ii", 2), ("i", 1)];
    if !(1..=7).contains(&word.len()) || !word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x' | b'l')) {
        return None;
    }
    let (mut rest, mut sum) = (word, 0);
    while !rest.is_empty() {
        // Forty and nine before ten and fifty, which begin like them.
        let found = LETTERS.iter().filter(|(letters, _)| rest.starts_with(letters));
        let (letters, value) = found.max_by_key(|(letters, _)| letters.len())?;
        rest = &rest[letters.len()..];
        sum += value;
    }
    // Only the usual spelling of the number is a numeral: IIX is none.
    (to_roman(sum) == word).then_some(sum)
}

fn to_roman(mut number: u32) -> String {
    const LETTERS: [(&str, u32); 8] =
        [("l", 50), ("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1), ("", u32::MAX)];
    let mut text = String::new();
    for (letters, value) in LETTERS {
        while number >= value {
            text.push_str(letters);
            number -= value;
        }
    }
    text
}

/// Numbers in words, in Latin letters.
fn in_words(word: &str) -> Option<u32> {
    Some(match word {
        "zero" => 0,
        "one" | "first" | "odin" | "pervii" | "pervyi" | "pervy" | "pervaya" | "pervoe" | "premier"
        | "erste" => 1,
        "two" | "second" | "dva" | "vtoroi" | "vtoroy" | "vtoraya" | "vtoroe" => 2,
        "three" | "third" | "tri" | "tretii" | "tretiy" | "tretya" => 3,
        "four" | "fourth" | "chetire" | "chetyre" => 4,
        "five" | "fifth" | "pyat" => 5,
        "six" | "sixth" | "shest" => 6,
        "seven" | "seventh" | "sem" => 7,
        "eight" | "eighth" => 8,
        "nine" | "ninth" => 9,
        "ten" | "tenth" => 10,
        "eleven" | "eleventh" => 11,
        "twelve" | "twelfth" => 12,
        "twenty" => 20,
        "thirty" => 30,
        "forty" | "fourty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        "hundred" => 100,
        _ => return None,
    })
}

/// Whether a number written as two words, `forty four`, is one.
pub(super) fn together(tens: u32, ones: u32) -> Option<u32> {
    ((20..100).contains(&tens) && tens.is_multiple_of(10) && (1..10).contains(&ones)).then_some(tens + ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for (word, value) in
            [("44", 44), ("007", 7), ("1st", 1), ("ii", 2), ("xiv", 14), ("first", 1), ("xl", 40)]
        {
            assert_eq!(number(word), Some(value), "{word}");
        }
        for word in ["iix", "v", "mix", "vi1", "civil", "0x"] {
            assert_eq!(number(word), None, "{word}");
        }
        assert_eq!((together(40, 4), together(4, 4), together(44, 1)), (Some(44), None, None));
    }
}

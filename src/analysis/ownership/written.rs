//! What a relationship says about its share: a number, a range, words, or nothing.

use super::share::{Bound, Range};
use crate::graph::View;
use crate::model::{RelationshipId, Value};

/// A share as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// All that it can be.
    pub range: Range,
    /// The words, where it was given in words.
    pub words: Option<String>,
    /// Whether something was written that is no share; it then counts as not known.
    pub is_unreadable: bool,
}

impl Written {
    fn of(range: Range) -> Self {
        Self { range, words: None, is_unreadable: false }
    }

    fn unreadable(value: &Value) -> Self {
        Self { range: Range::some(), words: Some(value.to_string()), is_unreadable: true }
    }
}

/// The share of an `OWNS` relationship: `share`, else `shareMin` and `shareMax`, else FollowTheMoney's
/// `percentage`, else not known.
#[must_use]
pub fn share_of(view: View<'_>, id: RelationshipId) -> Written {
    let property = |name| view.relationship_property(id, name);
    match (property("share"), property("shareMin"), property("shareMax")) {
        (Value::Null, Value::Null, Value::Null) => match property("percentage") {
            Value::Null => Written::of(Range::some()),
            percentage => of_percentage(&percentage),
        },
        (Value::Null, least, most) => between(&least, &most),
        (share, _, _) => of_value(&share),
    }
}

fn of_value(value: &Value) -> Written {
    match value {
        Value::String(text) => match range_of(text, false) {
            Some(range) => Written { words: Some(text.to_string()), ..Written::of(range) },
            None => Written::unreadable(value),
        },
        number => match bound(number) {
            Some(share) => Written::of(Range::exactly(share)),
            None => Written::unreadable(number),
        },
    }
}

/// A percentage is one whether or not it has its sign.
fn of_percentage(value: &Value) -> Written {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match range_of(&text, true) {
        Some(range) => Written { words: Some(text), ..Written::of(range) },
        None => Written::unreadable(value),
    }
}

fn between(least: &Value, most: &Value) -> Written {
    let side = |value: &Value, missing: Bound| match value {
        Value::Null => Some(missing),
        value => bound(value),
    };
    let some = Range::some();
    match (side(least, some.least), side(most, some.most)) {
        (Some(least), Some(most)) if least <= most => Written::of(Range { least, most }),
        _ => Written::unreadable(&Value::List(vec![least.clone(), most.clone()])),
    }
}

fn bound(value: &Value) -> Option<Bound> {
    match value {
        Value::String(text) => range_of(text, false)?.exact(),
        value => Bound::of_float(value.as_number()?),
    }
}

/// A word, and the range that it is by itself.
type Word = (&'static str, fn() -> Range);

/// Words that are a range by themselves, once [`NOUNS`] and hyphens are left out.
#[rustfmt::skip]
const WORDS: &[Word] = &[
    ("all",       || Range::exactly(Bound::WHOLE)),
    ("entire",    || Range::exactly(Bound::WHOLE)),
    ("full",      || Range::exactly(Bound::WHOLE)),
    ("fully",     || Range::exactly(Bound::WHOLE)),
    ("majority",  majority),
    ("minority",  minority),
    ("most",      majority),
    ("sole",      || Range::exactly(Bound::WHOLE)),
    ("unknown",   Range::some),
    ("whole",     || Range::exactly(Bound::WHOLE)),
    ("wholly",    || Range::exactly(Bound::WHOLE)),
];

/// What says only that it is a share; it does not say how large.
const NOUNS: &[&str] =
    &["holding", "interest", "owned", "owner", "ownership", "share", "shareholder", "shareholding", "stake"];

/// Fractions in words, as per cent; the longer ones come before those that they contain.
#[rustfmt::skip]
const FRACTIONS: &[(&str, &str)] = &[
    ("three quarters", "75%"),
    ("two thirds",     "66.6666666666666666666666666666%"),
    ("one quarter",    "25%"),
    ("one third",      "33.3333333333333333333333333333%"),
    ("one half",       "50%"),
    ("a quarter",      "25%"),
    ("a third",        "33.3333333333333333333333333333%"),
    ("a half",         "50%"),
    ("half",           "50%"),
];

fn majority() -> Range {
    Range { least: Bound::HALF.above(), most: Bound::WHOLE }
}

fn minority() -> Range {
    Range { least: Bound::ZERO.above(), most: Bound::HALF.below() }
}

/// How one number bounds a share.
#[derive(Clone, Copy)]
enum Side {
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
}

/// Marks around a single number; the longer ones come before those that they contain.
#[rustfmt::skip]
const MARKS: &[(&str, Side)] = &[
    ("not more than",   Side::AtMost),
    ("no more than",    Side::AtMost),
    ("not less than",   Side::AtLeast),
    ("no less than",    Side::AtLeast),
    ("more than",       Side::MoreThan),
    ("less than",       Side::LessThan),
    ("at least",        Side::AtLeast),
    ("at most",         Side::AtMost),
    ("or more",         Side::AtLeast),
    ("or less",         Side::AtMost),
    ("up to",           Side::AtMost),
    ("over",            Side::MoreThan),
    ("above",           Side::MoreThan),
    ("under",           Side::LessThan),
    ("below",           Side::LessThan),
    (">=",              Side::AtLeast),
    ("≥",               Side::AtLeast),
    ("<=",              Side::AtMost),
    ("≤",               Side::AtMost),
    (">",               Side::MoreThan),
    ("<",               Side::LessThan),
    ("+",               Side::AtLeast),
];

/// A share in words: a number, two of them, one with a mark such as `at least`, or a word.
///
/// Numbers are per cent where the sign says so or one is above 1, else fractions.
/// The United Kingdom's register writes bands as `ownership-of-shares-25-to-50-percent`,
/// which is more than 25 up to 50, but for 75 to 100, which is 75 or more.
fn range_of(text: &str, is_percentage: bool) -> Option<Range> {
    let text = text.trim().to_lowercase().replace(['–', '—', '‒'], "-");
    let plain = without_nouns(&text);
    if let Some((_, range)) = WORDS.iter().find(|(word, _)| *word == plain) {
        return Some(range());
    }
    let is_band = text.starts_with("ownership-of-shares-");
    let text = text.strip_prefix("ownership-of-shares-").unwrap_or(&plain);
    let text = text.replace("-percent", "%").replace("per cent", "%").replace("percent", "%");
    let (numbers, rest) = numbers(&text);
    let is_percent = is_percentage
        || rest.contains('%')
        || numbers.iter().any(|number| Bound::of_decimal(number, false).is_some_and(|n| n > Bound::WHOLE));
    let numbers: Option<Vec<Bound>> =
        numbers.iter().map(|number| Bound::of_decimal(number, is_percent)).collect();
    let words = rest.replace('%', " ").replace("of shares", " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let range = match numbers?.as_slice() {
        [one] => single(*one, &words)?,
        [least, most] => double(*least, *most, &words, is_band)?,
        _ => return None,
    };
    range.is_sound().then_some(range)
}

/// The text without words that only say that it is a share, and with fractions as numbers.
fn without_nouns(text: &str) -> String {
    // A hyphen between letters joins words, and one between numbers is a range.
    let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit() || c == '%');
    let text = if is_number(text) { text.to_owned() } else { text.replace('-', " ") };
    let words = text.split_whitespace().filter(|word| !NOUNS.contains(word)).collect::<Vec<_>>().join(" ");
    FRACTIONS.iter().fold(words, |words, (fraction, percent)| words.replace(fraction, percent))
}

/// The numbers of a text, and the text with a `#` for each.
fn numbers(text: &str) -> (Vec<String>, String) {
    let (mut numbers, mut rest) = (Vec::new(), String::new());
    let mut is_inside = false;
    for c in text.chars() {
        let is_part = c.is_ascii_digit() || (is_inside && matches!(c, '.' | ','));
        match (is_part, is_inside) {
            (true, false) => {
                numbers.push(c.to_string());
                rest.push('#');
            }
            (true, true) => {
                if let Some(last) = numbers.last_mut() {
                    last.push(if c == ',' { '.' } else { c });
                }
            }
            (false, _) => rest.push(c),
        }
        is_inside = is_part;
    }
    // Two dots in a row join two numbers, as in 25..50.
    if let [one] = numbers.as_slice()
        && let Some((least, most)) = one.split_once("..")
    {
        return (vec![least.to_owned(), most.to_owned()], rest.replace('#', "#-#"));
    }
    (numbers, rest)
}

fn single(number: Bound, words: &str) -> Option<Range> {
    let Some((mark, side)) = MARKS.iter().find(|(mark, _)| words.contains(mark)) else {
        return (words == "#").then(|| Range::exactly(number));
    };
    let is_all = words.replace('#', "").replace(mark, "").trim().is_empty();
    is_all.then(|| one_sided(number, *side))
}

fn one_sided(number: Bound, side: Side) -> Range {
    let some = Range::some();
    match side {
        Side::AtLeast => Range { least: number, most: some.most },
        Side::MoreThan => Range { least: number.above(), most: some.most },
        Side::AtMost => Range { least: some.least, most: number },
        Side::LessThan => Range { least: some.least, most: number.below() },
    }
}

fn double(least: Bound, most: Bound, words: &str, is_band: bool) -> Option<Range> {
    if is_band {
        let least = if most == Bound::WHOLE { least } else { least.above() };
        return Some(Range { least, most });
    }
    match words.replace(" ", "").as_str() {
        "#-#" | "#to#" | "-#-to-#-" | "between#and#" | "from#to#" | "#-to-#" => Some(Range { least, most }),
        "morethan#butnotmorethan#" | "over#upto#" | "morethan#upto#" => {
            Some(Range { least: least.above(), most })
        }
        "#ormorebutlessthan#" | "atleast#butlessthan#" => Some(Range { least, most: most.below() }),
        "morethan#butlessthan#" => Some(Range { least: least.above(), most: most.below() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_bands_are_read() {
        for (text, range) in [
            ("50%", "50 %"),
            ("49.99", "49.99 %"),
            ("49,99 %", "49.99 %"),
            ("0.25", "25 %"),
            ("25-50", "25 % to 50 %"),
            ("25 to 50", "25 % to 50 %"),
            ("25..50", "25 % to 50 %"),
            ("between 25% and 50%", "25 % to 50 %"),
            ("25% – 50%", "25 % to 50 %"),
            ("0.25-0.5", "25 % to 50 %"),
            ("> 50%", "more than 50 %"),
            (">=50", "at least 50 %"),
            ("75% or more", "at least 75 %"),
            ("75+", "at least 75 %"),
            ("up to 25 per cent", "at most 25 %"),
            ("less than 10%", "less than 10 %"),
            ("not more than 10%", "at most 10 %"),
            ("majority", "more than 50 %"),
            ("Minority stake", "less than 50 %"),
            ("half", "50 %"),
            ("at least half", "at least 50 %"),
            ("more than half", "more than 50 %"),
            ("Less than half of shares", "less than 50 %"),
            ("two-thirds", "66.6666666666666666666666666666 %"),
            ("less than a quarter", "less than 25 %"),
            ("majority shareholding", "more than 50 %"),
            ("wholly-owned", "100 %"),
            ("51% stake", "51 %"),
            ("wholly owned", "100 %"),
            ("ownership-of-shares-25-to-50-percent", "more than 25 %, at most 50 %"),
            ("ownership-of-shares-75-to-100-percent", "at least 75 %"),
            ("more than 25% but not more than 50%", "more than 25 %, at most 50 %"),
        ] {
            let found = range_of(text, false).map(|range| range.to_string());
            assert_eq!(found.as_deref(), Some(range), "{text}");
        }
    }

    #[test]
    fn what_says_nothing_exact_is_not_guessed() {
        for text in [
            "about 50%",
            "controlling",
            "a few",
            "150%",
            "50-25",
            "1-2-3",
            "",
            "25% of votes",
            "controlling stake",
            "stake",
        ] {
            assert_eq!(range_of(text, false), None, "{text}");
        }
        assert_eq!(range_of("1", false), Some(Range::exactly(Bound::WHOLE)), "a fraction");
        assert_eq!(range_of("1", true), Some(Range::exactly(Bound::percent(1))), "a percentage");
    }
}

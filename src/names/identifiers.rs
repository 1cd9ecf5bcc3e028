//! Numbers that identify ships, companies and places, with their check digits.
//!
//! A check digit that is right proves no identity; one that is wrong says that a number was mistyped.

/// A scheme of identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// IMO ship number: seven digits, the last a check digit.
    Imo,
    /// Maritime Mobile Service Identity: nine digits, the first a kind of station.
    Mmsi,
    /// Russian taxpayer number: ten digits for companies, twelve for persons.
    Inn,
    /// Russian registration number: thirteen digits, fifteen for sole traders.
    Ogrn,
    /// Legal Entity Identifier, ISO 17442: twenty letters and digits.
    Lei,
    /// UN/LOCODE: two letters of a country, three of a place.
    Locode,
}

/// An identifier in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier {
    /// Its scheme.
    pub scheme: Scheme,
    /// Its letters and digits, without spaces, in capitals.
    pub value: String,
    /// Whether its check digit is right; true where the scheme has none.
    pub is_valid: bool,
}

/// Words that say which scheme a number is of.
const PREFIXES: &[(&str, Scheme)] = &[
    ("imo", Scheme::Imo),
    ("mmsi", Scheme::Mmsi),
    ("inn", Scheme::Inn),
    ("инн", Scheme::Inn),
    ("ogrn", Scheme::Ogrn),
    ("огрн", Scheme::Ogrn),
    ("ogrnip", Scheme::Ogrn),
    ("lei", Scheme::Lei),
    ("locode", Scheme::Locode),
    ("un/locode", Scheme::Locode),
    ("unlocode", Scheme::Locode),
];

impl Scheme {
    /// Its usual name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imo => "IMO number",
            Self::Mmsi => "MMSI",
            Self::Inn => "INN",
            Self::Ogrn => "OGRN",
            Self::Lei => "LEI",
            Self::Locode => "UN/LOCODE",
        }
    }

    /// The scheme whose values a property holds, by the property's name.
    #[must_use]
    pub fn of_property(property: &str) -> Option<Self> {
        Some(match property {
            "imo" | "imoNumber" => Self::Imo,
            "mmsi" => Self::Mmsi,
            "inn" | "innCode" => Self::Inn,
            "ogrn" | "ogrnCode" => Self::Ogrn,
            "lei" | "leiCode" => Self::Lei,
            "unlocode" | "locode" => Self::Locode,
            _ => return None,
        })
    }

    /// Whether a value has the form of the scheme.
    fn fits(self, value: &str) -> bool {
        let is_digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Imo => is_digits && value.len() == 7,
            Self::Mmsi => is_digits && value.len() == 9,
            Self::Inn => is_digits && matches!(value.len(), 10 | 12),
            Self::Ogrn => is_digits && matches!(value.len(), 13 | 15),
            Self::Lei => value.len() == 20 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            Self::Locode => {
                let (country, place) = value.split_at(value.len().min(2));
                country.len() == 2
                    && place.len() == 3
                    && country.bytes().all(|byte| byte.is_ascii_uppercase())
                    && place.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'9'))
            }
        }
    }

    /// Whether the check digits of a value that fits are right.
    fn is_valid(self, value: &str) -> bool {
        let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(36)).collect();
        match self {
            Self::Imo => weighted(&digits[..6], &[7, 6, 5, 4, 3, 2]) % 10 == digits[6],
            // The first digit of a ship's is that of its country's continent.
            Self::Mmsi => (2..=7).contains(&digits[0]),
            Self::Inn => inn(&digits),
            Self::Ogrn => ogrn(&digits),
            Self::Lei => lei(&digits),
            Self::Locode => true,
        }
    }
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Sums of weighted digits modulo 11 and 10, as the Russian tax service prescribes (order MMV-7-6/435@).
fn inn(digits: &[u32]) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let check = |from: usize, count: usize| weighted(&digits[..count], &WEIGHTS[from..]) % 11 % 10;
    match digits.len() {
        10 => check(2, 9) == digits[9],
        _ => check(1, 10) == digits[10] && check(0, 11) == digits[11],
    }
}

/// The number without its last digit, modulo 11 or 13, gives the last digit.
fn ogrn(digits: &[u32]) -> bool {
    let (last, rest) = (digits[digits.len() - 1], &digits[..digits.len() - 1]);
    let modulus = if digits.len() == 13 { 11 } else { 13 };
    rest.iter().fold(0, |sum, digit| (sum * 10 + digit) % modulus) % 10 == last
}

/// ISO 7064 MOD 97-10, letters counting as 10 to 35.
fn lei(digits: &[u32]) -> bool {
    let add = |sum: u32, digit: &u32| (sum * if *digit > 9 { 100 } else { 10 } + digit) % 97;
    digits.iter().fold(0, add) == 1
}

impl Identifier {
    /// The identifier that a text is: with the word of its scheme, as in `IMO 9161003`, or bare
    /// where the number of digits and a right check digit tell the scheme.
    ///
    /// ```
    /// use throughline::names::{Identifier, Scheme};
    ///
    /// let found = Identifier::read("IMO 9161003").expect("it is one");
    /// assert_eq!((found.scheme, found.is_valid), (Scheme::Imo, true));
    /// assert!(!Identifier::read("IMO 9161004").expect("it is one").is_valid);
    /// assert_eq!(Identifier::read("MARIA"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let after = |prefix: &str| {
            let mut letters = text.chars();
            let is_prefix = prefix.chars().all(|wanted| {
                letters.next().is_some_and(|letter| letter.to_lowercase().eq(std::iter::once(wanted)))
            });
            is_prefix.then_some(letters.as_str())
        };
        let prefixed = PREFIXES.iter().filter_map(|(prefix, scheme)| Some((after(prefix)?, scheme)));
        if let Some((rest, scheme)) = prefixed.min_by_key(|(rest, _)| rest.len()) {
            let is_apart = rest.starts_with(|c: char| !c.is_alphabetic());
            return is_apart.then(|| Self::of(*scheme, rest)).flatten();
        }
        let is_plain = || text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
        let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
        if text.len() < 7 || !has_digits || !is_plain() {
            return None;
        }
        let bare = [Scheme::Imo, Scheme::Inn, Scheme::Ogrn, Scheme::Lei].into_iter();
        let mut bare = bare.filter_map(|scheme| Self::of(scheme, text));
        bare.find(|found| found.is_valid)
    }

    /// The identifier of a scheme that a text holds, whatever is between its letters.
    #[must_use]
    pub fn of(scheme: Scheme, text: &str) -> Option<Self> {
        let value: String =
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let value = match scheme {
            Scheme::Imo => value.strip_prefix("IMO").map_or(value.clone(), str::to_owned),
            _ => value,
        };
        scheme.fits(&value).then(|| Self { scheme, is_valid: scheme.is_valid(&value), value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_checked() {
        for (text, scheme, is_valid) in [
            ("IMO 9161003", Scheme::Imo, true),
            ("IMO9161004", Scheme::Imo, false),
            ("INN 7718857267", Scheme::Inn, true),
            ("ИНН 7718857268", Scheme::Inn, false),
            ("OGRN 1117746641572", Scheme::Ogrn, true),
            ("ОГРН 1117746641573", Scheme::Ogrn, false),
            ("LEI 5493001KJTIIGC8Y1R12", Scheme::Lei, true),
            ("LEI 5493001KJTIIGC8Y1R13", Scheme::Lei, false),
            ("MMSI 273214000", Scheme::Mmsi, true),
            ("UN/LOCODE RU VYP", Scheme::Locode, true),
        ] {
            let found = Identifier::read(text).unwrap_or_else(|| panic!("{text} is no identifier"));
            assert_eq!((found.scheme, found.is_valid), (scheme, is_valid), "{text}");
        }
    }

    #[test]
    fn bare_numbers_are_read_where_their_check_digit_is_right() {
        assert_eq!(Identifier::read("9161003").map(|found| found.scheme), Some(Scheme::Imo));
        assert_eq!(Identifier::read("7718857267").map(|found| found.scheme), Some(Scheme::Inn));
        assert_eq!(Identifier::read("9161004"), None);
        assert_eq!(Identifier::read("MARIA"), None);
        assert_eq!(Identifier::read("Leila"), None);
        assert_eq!(Identifier::read("Inna 12"), None);
    }
}

//! Cyrillic in Latin letters.
//!
//! One romanisation is made, near that of BGN/PCGN; what the others (GOST 7.79, ISO 9,
//! passports, German and French newspapers) write differently is folded afterwards with
//! all Latin text, in [`super::sounds`], so that every spelling comes to one key.

/// The Latin letters for a small Cyrillic letter; `None` for anything else.
pub(super) fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' | 'ғ' => "g",
        'д' => "d",
        // In all but textbooks ё is printed as е.
        'е' | 'ё' | 'э' | 'є' => "e",
        'ж' | 'џ' => "zh",
        'з' => "z",
        'и' | 'й' | 'і' | 'ї' | 'ј' | 'ы' => "i",
        'к' | 'қ' => "k",
        'л' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' | 'ң' => "n",
        'њ' => "nj",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' | 'ұ' | 'ү' => "u",
        'ф' => "f",
        'х' | 'һ' => "kh",
        'ц' => "ts",
        'ч' | 'ћ' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        'ђ' => "dj",
        'ѕ' => "dz",
        _ => return None,
    })
}

/// Whether a letter is Cyrillic.
pub(super) fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52F}')
}

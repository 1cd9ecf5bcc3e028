//! A name made ready for comparing: its words with their keys and what they are.

use std::borrow::Cow;

use super::korean::{self, Reading};
use super::legal_forms::LegalForm;
use super::lexicon::{Entry, LEXICON};
use super::sounds::{Key, key};
use super::vocabulary::Theme;
use super::words::{Script, WORDS_MAX, Word, words};
use super::{Identifier, Kind};
use super::{numerals, places};

/// What a word is in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A word of its own: what names are told apart by.
    Plain,
    /// One letter.
    Initial,
    /// A number.
    Number(u32),
    /// A legal form.
    Legal(LegalForm),
    /// A title.
    Title,
    /// What stands before a ship's name.
    ShipPrefix,
    /// A small word that names take or lose.
    Particle,
    /// A word with a row in the table of meanings.
    Meaning(u8, Theme),
}

/// A word of a name, or several that mean one thing.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As written, in small letters.
    pub(super) written: Box<str>,
    pub(super) key: Key,
    pub(super) mask: u32,
    pub(super) classes: u64,
    pub(super) korean: Option<Reading>,
    pub(super) role: Role,
    pub(super) script: Script,
    /// First letters, where it may be a part of an abbreviation.
    pub(super) initials: [u8; 4],
    /// It may be an abbreviation itself.
    pub(super) is_abbreviation: bool,
    pub(super) is_aside: bool,
    pub(super) is_son_of: bool,
    pub(super) given_name: Option<u8>,
    /// A Korean family name, where the name is Korean.
    pub(super) is_korean: bool,
}

/// A name made ready for comparing with others.
///
/// ```
/// use throughline::names::{Name, similarity};
///
/// let (a, b) = (Name::new("Порт Восточный", None), Name::new("Vostochny Port", None));
/// assert!(similarity(&a, &b) > 0.9);
/// ```
#[derive(Debug, Clone)]
pub struct Name {
    pub(super) text: Box<str>,
    pub(super) tokens: Vec<Token>,
    pub(super) kind: Option<Kind>,
    pub(super) is_hinted: bool,
    /// An abbreviation in the name, with the first and the last word that it stands for.
    pub(super) own_abbreviation: Option<(usize, usize, usize)>,
    /// Words of several meanings, to tell names that are nothing else.
    pub(super) n_plain: usize,
    /// The row of the gazetteer, for a name that is nothing but a place's.
    pub(super) place: Option<u8>,
    /// Where the text is an identifier.
    pub(super) identifier: Option<Identifier>,
}

impl Name {
    /// Takes a name apart. What is not told by `kind` is guessed from the words.
    ///
    /// # Complexity
    /// Linear in the letters.
    #[must_use]
    pub fn new(text: &str, kind: Option<Kind>) -> Self {
        let words = words(text);
        let forms = LEXICON.forms(&words);
        let mut spans = spans(&words, &forms);
        let guessed = kind.or_else(|| guess(&words, &spans));
        settle(&words, &mut spans, guessed);
        let mut tokens = tokens(&words, &spans, guessed);
        mark_korean(&mut tokens);
        let n_plain =
            tokens.iter().filter(|token| matches!(token.role, Role::Plain | Role::Number(_))).count();
        let mut name = Self {
            text: text.into(),
            tokens,
            kind: guessed,
            is_hinted: kind.is_some(),
            own_abbreviation: None,
            n_plain,
            place: None,
            identifier: Identifier::read(text),
        };
        name.place = name.find_place();
        name.own_abbreviation = name.find_own_abbreviation();
        name
    }

    /// The name as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is the name of, told or guessed; `None` where nothing tells.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// All words of their own, one after another, as a place of the gazetteer.
    fn find_place(&self) -> Option<u8> {
        let is_other = |token: &Token| {
            !matches!(
                token.role,
                Role::Plain | Role::Meaning(_, Theme::Place | Theme::Quality) | Role::Particle
            )
        };
        if self.tokens.iter().any(is_other) {
            return None;
        }
        let mut whole = Key::default();
        let is_own = |token: &&Token| matches!(token.role, Role::Plain | Role::Meaning(_, Theme::Quality));
        let plain = self.tokens.iter().filter(is_own);
        plain.for_each(|token| whole.extend(&token.key));
        places::row_of(&whole)
    }

    fn find_own_abbreviation(&self) -> Option<(usize, usize, usize)> {
        (0..self.tokens.len()).filter(|&at| self.tokens[at].is_abbreviation).find_map(|at| {
            let (from, to) = spelled_by(&self.tokens[at], &self.tokens)?;
            (!(from..=to).contains(&at)).then_some((at, from, to))
        })
    }
}

/// Words that belong together, with what they can be.
struct Span {
    from: usize,
    length: usize,
    entry: Entry,
    role: Role,
}

fn spans(words: &[Word], forms: &[Key]) -> Vec<Span> {
    let mut spans = Vec::with_capacity(words.len());
    let mut from = 0;
    while from < words.len() {
        let (length, entry) = LEXICON.longest(&forms[from..]).unwrap_or((1, Entry::default()));
        spans.push(Span { from, length, entry, role: Role::Plain });
        from += length;
    }
    spans
}

/// What kind of thing words speak of, if any does.
fn guess(words: &[Word], spans: &[Span]) -> Option<Kind> {
    let (first, last) = (spans.first()?, spans.last()?);
    // S. V. Lavrov is no sailing vessel.
    if first.entry.is_ship_prefix && spans.len() > 1 && !words[first.from].is_spelled {
        return Some(Kind::Vessel);
    }
    let at_edge = |span: &&Span| std::ptr::eq(*span, first) || std::ptr::eq(*span, last);
    let is_clear = |span: &Span| span.length > 1 || words[span.from].latin.len() > 2;
    let legal = spans.iter().filter(|span| span.entry.legal.is_some() && (is_clear(span) || at_edge(span)));
    let is_only_word = spans.len() == 1;
    if legal.count() > 0 && !is_only_word {
        // Two letters that are also a small word or a title say nothing.
        return Some(Kind::Organisation);
    }
    if first.entry.is_title
        || words.iter().any(|word| word.is_after_comma) && spans.len() <= 5 && !is_place_list(spans)
    {
        return Some(Kind::Person).filter(|_| !spans.iter().any(|span| span.entry.meaning.is_some()));
    }
    let theme =
        |wanted| spans.iter().any(|span| span.entry.meaning.is_some_and(|(_, theme)| theme == wanted));
    match (theme(Theme::Body), theme(Theme::Place)) {
        (true, _) if !is_only_word => Some(Kind::Organisation),
        (false, true) if !is_only_word => Some(Kind::Place),
        _ => None,
    }
}

fn is_place_list(spans: &[Span]) -> bool {
    spans.iter().any(|span| matches!(span.entry.meaning, Some((_, Theme::Place))))
}

/// Decides what each span is.
fn settle(words: &[Word], spans: &mut [Span], kind: Option<Kind>) {
    let last = spans.len().saturating_sub(1);
    for i in 0..spans.len() {
        let word = &words[spans[i].from];
        let is_edge = i == 0 || i == last || spans[i - 1].entry.legal.is_some();
        let role = role(&spans[i], word, kind, (i, last), is_edge);
        spans[i].role = role;
    }
    // A name that is nothing but such words is told apart by them.
    let tells = |span: &Span| matches!(span.role, Role::Plain | Role::Number(_) | Role::Meaning(..));
    if !spans.iter().any(tells) {
        for span in spans.iter_mut().filter(|span| !matches!(span.role, Role::Initial)) {
            span.role = Role::Plain;
        }
    }
}

fn role(span: &Span, word: &Word, kind: Option<Kind>, (at, last): (usize, usize), is_edge: bool) -> Role {
    let entry = &span.entry;
    let latin = word.latin.as_str();
    let is_short = span.length == 1 && latin.len() <= 2;
    let is_person = kind == Some(Kind::Person);
    if let Some(legal) = entry.legal {
        let may_be = !is_short || (is_edge && last > 0 && !(entry.is_particle && at < last));
        if may_be && (!is_person || at == last && last > 1) {
            return Role::Legal(legal);
        }
    }
    let may_be_ship = kind == Some(Kind::Vessel) || (kind.is_none() && !word.is_spelled);
    if entry.is_ship_prefix && at == 0 && last > 0 && may_be_ship {
        return Role::ShipPrefix;
    }
    if entry.is_title && last > 0 && matches!(kind, None | Some(Kind::Person)) {
        return Role::Title;
    }
    if span.length == 1 {
        if let Some(number) = numerals::number(latin).filter(|_| !is_person || latin.len() > 1) {
            return Role::Number(number);
        }
        // One letter that counts: MAIA V, Partners X.
        let numeral = numerals::roman(latin).filter(|_| latin.len() == 1 && !is_person && !word.is_spelled);
        if let Some(number) = numeral.filter(|_| at > 0 && (kind.is_some() || at == last)) {
            return Role::Number(number);
        }
    }
    // Ben is a given name where a name begins with it.
    let is_given = at == 0 && entry.given_name.is_some();
    if entry.is_particle && !is_given && last > 0 && !(latin.len() == 1 && at == last) {
        return Role::Particle;
    }
    if latin.len() == 1 {
        return Role::Initial;
    }
    match entry.meaning {
        Some((row, theme)) if !is_person => Role::Meaning(row, theme),
        _ => Role::Plain,
    }
}

fn tokens(words: &[Word], spans: &[Span], kind: Option<Kind>) -> Vec<Token> {
    let n_small = words.iter().filter(|word| !word.is_capital && word.latin.len() > 1).count();
    let mut tokens: Vec<Token> = Vec::with_capacity(spans.len() + 1);
    for span in spans {
        let span_words = &words[span.from..span.from + span.length];
        let word = &span_words[0];
        if let (Role::Number(ones), Some(tens)) = (span.role, tokens.last_mut())
            && let Role::Number(before) = tens.role
            && let Some(both) = numerals::together(before, ones)
        {
            tens.role = Role::Number(both);
            continue;
        }
        let (latin, number) = match span.role {
            Role::Plain if span.length == 1 => with_number(&word.latin, kind),
            _ => (Cow::Borrowed(word.latin.as_str()), None),
        };
        let may_abbreviate = span.role == Role::Plain
            && (2..=6).contains(&latin.len())
            && (word.is_spelled || (word.is_capital && (n_small > 0 || words.len() == 1)));
        let mut initials = [0; 4];
        for (slot, word) in initials.iter_mut().zip(span_words) {
            *slot = word.latin.bytes().next().unwrap_or_default();
        }
        let written: Box<str> = match (&number, span_words) {
            (Some(_), _) => latin.as_ref().into(),
            (None, [word]) => word.written.as_str().into(),
            (None, several) => {
                several.iter().map(|word| word.written.as_str()).collect::<Vec<_>>().join(" ").into()
            }
        };
        let key = if span.length == 1 { key(&latin) } else { key(&concatenated(span_words)) };
        let korean = match word.script {
            Script::Hangul => {
                Some(Reading { key: korean::key_of_hangul(&word.written), is_telling: true, is_marked: true })
            }
            Script::Latin if span.length == 1 => korean::read(&latin),
            _ => None,
        };
        tokens.push(Token {
            written,
            key,
            mask: key.mask(),
            classes: key.classes(),
            korean: korean.filter(|reading| !reading.key.is_empty()),
            role: span.role,
            script: word.script,
            initials,
            is_abbreviation: may_abbreviate,
            is_aside: word.is_aside,
            is_son_of: span.entry.is_son_of,
            given_name: span.entry.given_name.filter(|_| span.role == Role::Plain),
            is_korean: false,
        });
        if let Some(number) = number {
            let key = super::sounds::key(&number.to_string());
            tokens.push(Token {
                written: number.to_string().into(),
                key,
                mask: key.mask(),
                classes: key.classes(),
                korean: None,
                role: Role::Number(number),
                script: Script::Latin,
                initials: [0; 4],
                is_abbreviation: false,
                is_aside: false,
                is_son_of: false,
                given_name: None,
                is_korean: false,
            });
        }
    }
    tokens.truncate(WORDS_MAX);
    tokens
}

fn concatenated(words: &[Word]) -> String {
    words.iter().map(|word| word.latin.as_str()).collect()
}

/// A word of letters and digits: a number at its end is a number of its own, as in
/// `maia1`; digits among letters stand for the letters that they look like, as in `Sech1n`.
fn with_number(latin: &str, kind: Option<Kind>) -> (Cow<'_, str>, Option<u32>) {
    let letters = latin.trim_end_matches(|c: char| c.is_ascii_digit());
    let n_digits = letters.bytes().filter(u8::is_ascii_digit).count();
    if letters.is_empty() || latin.len() == letters.len() && n_digits == 0 {
        return (Cow::Borrowed(latin), None);
    }
    let number = latin[letters.len()..].parse().ok().filter(|_| kind != Some(Kind::Person));
    let word = if number.is_some() { letters } else { latin };
    let n_letters = word.len() - word.bytes().filter(u8::is_ascii_digit).count();
    if n_letters < word.len() - n_letters || n_letters < 2 {
        return (Cow::Borrowed(word), number);
    }
    let alike = |c: char| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '9' => 'g',
        other => other,
    };
    (Cow::Owned(word.chars().map(alike).collect()), number)
}

/// Marks a name as Korean: Hangul, or a Korean family name and nothing that is no Korean.
fn mark_korean(tokens: &mut [Token]) {
    let is_hangul = tokens.iter().any(|token| token.script == Script::Hangul);
    let plain = || tokens.iter().filter(|token| matches!(token.role, Role::Plain | Role::Initial));
    let is_read = plain().all(|token| token.korean.is_some()) && (2..=4).contains(&plain().count());
    let is_named = || plain().any(|token| korean::is_family_name(&token.written));
    let is_korean = is_hangul || (is_read && is_named());
    for token in tokens {
        token.is_korean = is_korean;
    }
}

/// The row of words of which a word is the abbreviation: it has the first letter of each.
/// Small words may be left out.
pub(super) fn spelled_by(abbreviation: &Token, tokens: &[Token]) -> Option<(usize, usize)> {
    let wanted = match abbreviation.script {
        Script::Latin => Key::of_iter(abbreviation.written.bytes().filter(u8::is_ascii_alphabetic)),
        _ => abbreviation.key,
    };
    let wanted = wanted.letters();
    if wanted.len() < 2 || tokens.len() < 2 {
        return None;
    }
    (0..tokens.len()).find_map(|from| {
        let (mut at, mut last, mut n_words) = (0, from, 0);
        for (i, token) in tokens.iter().enumerate().skip(from) {
            // A legal form is no part of it, unless it stands for a word of three at least: VSC.
            if matches!(token.role, Role::Legal(_)) && n_words < 2 {
                return None;
            }
            let initials = token.initials.split(|&letter| letter == 0).next().unwrap_or_default();
            if wanted[at..].starts_with(initials) {
                (at, last, n_words) = (at + initials.len(), i, n_words + initials.len());
            } else if token.role != Role::Particle || i == from {
                return None;
            }
            if at == wanted.len() {
                return (n_words > 1).then_some((from, last));
            }
        }
        None
    })
}

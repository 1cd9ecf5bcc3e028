//! How alike two names are, in 0..=1.
//!
//! Words are paired, best pairs first; then single words with several that were written as one, and
//! abbreviations with what they stand for. What each pair says is weighed against what is left over:
//!
//! ```text
//! score = Σ weight · likeness of pairs / (Σ weight of pairs + conflict + extra)
//! ```
//!
//! *Conflict* is what both names have that the other lacks, and counts in full: two given names, two
//! numbers, a port and a cosmodrome. *Extra* is what only one has, and counts as much as the kind of name
//! makes it count: little for a person's patronymic, nearly all for a letter after a ship's name.

use super::name::{Name, Role, Token, spelled_by};
use super::sounds::{Key, distance, distance_at_least, distance_at_least_by_classes};
use super::vocabulary::Theme;
use super::words::Script;
use super::{Kind, korean};

/// Why two words were paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Written alike.
    Same,
    /// The same key: another script or romanisation.
    Sound,
    /// The same Korean sounds.
    Korean,
    /// Nearly the same letters.
    Spelling,
    /// The same consonants, where vowels are not written.
    Consonants,
    /// The same word with another ending.
    Ending,
    /// Words of one meaning.
    Meaning,
    /// A given name and its short form.
    GivenName,
    /// A letter and a word that begins with it.
    Initial,
    /// The same number.
    Number,
    /// Legal forms of one kind.
    Legal,
    /// One word and several.
    Joined,
    /// An abbreviation and what it stands for.
    Abbreviation,
}

/// Words of one name that stand for words of the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) a: (u8, u8),
    pub(super) b: (u8, u8),
    pub(super) likeness: f32,
    pub(super) how: How,
}

/// What was found out about two names.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) score: f32,
    pub(super) kind: Option<Kind>,
    pairs: Vec<Pair>,
    /// Bits of the words that are accounted for.
    pub(super) used_a: u32,
    pub(super) used_b: u32,
    /// Names of one place, by the row of the table.
    pub(super) place: Option<u8>,
    /// A father and a son who changed places.
    pub(super) is_reversed: bool,
    /// Legal forms that do not fit.
    pub(super) is_other_form: bool,
}

/// Pairs that are less alike are none.
const LIKENESS_MIN: f32 = 0.72;

/// Pairs that are so much alike are made before single words are tried with several.
const CERTAIN: f32 = 0.93;

/// How much more a letter counts in a name of one word, which is all that tells it from others.
const SINGLE: f32 = 1.5;

/// What weighs so much against both names is a contradiction.
pub(super) const CONTRADICTION: f32 = 0.65;

/// The most that names can score that contradict each other in a word.
pub(super) const CONTRADICTED_MAX: f32 = 0.75;

/// What the letters of two words of one spelling cost at most, in hundredths of a letter for each letter of
/// the longer.
pub(super) const SPELLING_COST_MAX: u16 = 28;

/// Shorter words are not several written as one.
pub(super) const JOINED_LETTERS_MIN: usize = 4;
/// So many letters several words may have more than the one that they are written as.
pub(super) const JOINED_LONGER_MAX: usize = 3;
/// As many words may be written as one.
pub(super) const JOINED_WORDS_MAX: usize = 4;

/// Shorter stems do not make one word of two with other endings.
pub(super) const STEM_LETTERS_MIN: usize = 4;

/// What Korean sounds alone make of two spellings.
const KOREAN: f32 = 0.95;
const GIVEN_NAME: f32 = 0.93;
const INITIAL: f32 = 0.85;
const ABBREVIATION: f32 = 0.9;
const MEANING: f32 = 0.97;
const OTHER_NAME: f32 = 0.9;

/// What legal forms that do not fit take away, and father and son who changed places.
const OTHER_FORM: f32 = 0.06;
const OTHER_PURPOSE: f32 = 0.25;
const REVERSED: f32 = 0.3;

/// How alike two names are: 1 for the same name, 0 for names with nothing in common.
/// The order of the two does not matter.
///
/// # Complexity
/// O(a · b) words; the letters of most pairs of words are not looked at.
#[must_use]
pub fn similarity(a: &Name, b: &Name) -> f64 {
    if let Some(score) = by_identifier(a, b) {
        return score;
    }
    rounded(compare(a, b).score)
}

/// Scores are told in thousandths; what is beyond is noise.
pub(super) fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

/// What identifiers in the names say, if both have one of a scheme.
pub(super) fn by_identifier(a: &Name, b: &Name) -> Option<f64> {
    let (a, b) = (a.identifier.as_ref()?, b.identifier.as_ref()?);
    (a.scheme == b.scheme).then(|| if a.value == b.value { 1.0 } else { 0.0 })
}

/// Compares two names, whichever is first.
pub(super) fn compare(a: &Name, b: &Name) -> Comparison {
    if a.tokens.len() < b.tokens.len() || (a.tokens.len() == b.tokens.len() && a.text <= b.text) {
        return Comparing::of(a, b);
    }
    let mut found = Comparing::of(b, a);
    std::mem::swap(&mut found.used_a, &mut found.used_b);
    for pair in &mut found.pairs {
        std::mem::swap(&mut pair.a, &mut pair.b);
    }
    found
}

impl Comparison {
    pub(super) fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter()
    }

    fn add(&mut self, a: (usize, usize), b: (usize, usize), likeness: f32, how: How) {
        let small = |(from, length): (usize, usize)| {
            (u8::try_from(from).unwrap_or_default(), u8::try_from(length).unwrap_or_default())
        };
        self.pairs.push(Pair { a: small(a), b: small(b), likeness, how });
        self.used_a |= bits(a);
        self.used_b |= bits(b);
    }
}

fn bits((from, length): (usize, usize)) -> u32 {
    ((1_u32 << length) - 1) << from
}

fn has(used: u32, at: usize) -> bool {
    used & 1 << at != 0
}

/// The kind for a comparison, from what both are told or guessed to be.
pub(super) fn kind_of(a: &Name, b: &Name) -> Option<Kind> {
    let rank = |kind: &Kind| match kind {
        Kind::Organisation => 3,
        Kind::Place => 2,
        Kind::Vessel => 1,
        Kind::Person => 0,
    };
    let hinted =
        [a, b].into_iter().filter(|name| name.is_hinted).filter_map(|name| name.kind).max_by_key(rank);
    hinted.or_else(|| [a.kind, b.kind].into_iter().flatten().max_by_key(rank))
}

/// Likenesses of words, with their places. Most names have none, and then nothing is allocated.
type Alike = Vec<(f32, How, u8, u8)>;

/// A comparison under way.
struct Comparing<'n> {
    a: &'n Name,
    b: &'n Name,
    found: Comparison,
}

impl<'n> Comparing<'n> {
    fn of(a: &'n Name, b: &'n Name) -> Comparison {
        let kind = kind_of(a, b);
        let found = Comparison {
            score: 0.0,
            kind,
            pairs: Vec::new(),
            used_a: 0,
            used_b: 0,
            place: None,
            is_reversed: false,
            is_other_form: false,
        };
        if a.text == b.text {
            return Comparison { score: 1.0, ..found };
        }
        let mut comparing = Comparing { a, b, found };
        let mut alike = Alike::new();
        comparing.liken(&mut alike);
        comparing.pair_words(&alike, CERTAIN);
        comparing.pair_joined();
        comparing.pair_words(&alike, 0.0);
        comparing.pair_abbreviations();
        if comparing.found.pairs.is_empty() {
            comparing.judge_places();
            return comparing.found;
        }
        comparing.cover();
        comparing.weigh();
        comparing.found
    }

    /// Notes which single words are alike, the most alike first.
    fn liken(&self, alike: &mut Alike) {
        let is_named = matches!(self.found.kind, Some(Kind::Person | Kind::Organisation));
        let is_single = !is_named && self.a.n_plain == 1 && self.b.n_plain == 1;
        for (i, first) in (0_u8..).zip(&self.a.tokens) {
            for (j, second) in (0_u8..).zip(&self.b.tokens) {
                let Some((likeness, how)) = likeness(first, second, self.found.kind) else { continue };
                let is_risky = is_single && how == How::Spelling;
                let likeness = if is_risky { 1.0 - (1.0 - likeness) * SINGLE } else { likeness };
                if likeness >= LIKENESS_MIN {
                    alike.push((likeness, how, i, j));
                }
            }
        }
        // Of equally good pairs the one whose words stand in like places.
        alike.sort_unstable_by(|x, y| {
            let apart = |pair: &(f32, How, u8, u8)| (pair.2.abs_diff(pair.3), pair.2, pair.3);
            y.0.total_cmp(&x.0).then_with(|| apart(x).cmp(&apart(y)))
        });
    }

    /// Pairs single words that are at least so much alike.
    fn pair_words(&mut self, alike: &Alike, least: f32) {
        for &(likeness, how, i, j) in alike.iter().take_while(|pair| pair.0 >= least) {
            let (i, j) = (usize::from(i), usize::from(j));
            if !has(self.found.used_a, i) && !has(self.found.used_b, j) {
                self.found.add((i, 1), (j, 1), likeness, how);
            }
        }
    }

    /// Pairs one word with several that were written as one.
    fn pair_joined(&mut self) {
        for i in 0..self.a.tokens.len() {
            if !has(self.found.used_a, i)
                && let Some((run, likeness)) = joined(&self.a.tokens[i], &self.b.tokens, self.found.used_b)
            {
                self.found.add((i, 1), run, likeness, How::Joined);
            }
        }
        for j in 0..self.b.tokens.len() {
            if !has(self.found.used_b, j)
                && let Some((run, likeness)) = joined(&self.b.tokens[j], &self.a.tokens, self.found.used_a)
            {
                self.found.add(run, (j, 1), likeness, How::Joined);
            }
        }
    }

    fn pair_abbreviations(&mut self) {
        let is_free = |tokens: &[Token], used: u32, (from, to): (usize, usize)| {
            (from..=to).all(|at| !has(used, at) || matches!(tokens[at].role, Role::Particle | Role::Legal(_)))
        };
        for i in (0..self.a.tokens.len()).filter(|&i| self.a.tokens[i].is_abbreviation) {
            if has(self.found.used_a, i) {
                continue;
            }
            if let Some(run) = spelled_by(&self.a.tokens[i], &self.b.tokens)
                && is_free(&self.b.tokens, self.found.used_b, run)
                && (run.1 - run.0 >= 2 || !self.found.pairs.is_empty())
            {
                self.found.add((i, 1), (run.0, run.1 - run.0 + 1), ABBREVIATION, How::Abbreviation);
            }
        }
        for j in (0..self.b.tokens.len()).filter(|&j| self.b.tokens[j].is_abbreviation) {
            if has(self.found.used_b, j) {
                continue;
            }
            if let Some(run) = spelled_by(&self.b.tokens[j], &self.a.tokens)
                && is_free(&self.a.tokens, self.found.used_a, run)
                && (run.1 - run.0 >= 2 || !self.found.pairs.is_empty())
            {
                self.found.add((run.0, run.1 - run.0 + 1), (j, 1), ABBREVIATION, How::Abbreviation);
            }
        }
    }

    /// Words that say again what is paired: a word twice, a name and its own abbreviation.
    fn cover(&mut self) {
        let (used_a, used_b) = (self.found.used_a, self.found.used_b);
        let is_whole = |name: &Name, used: u32| {
            name.tokens.iter().enumerate().all(|(i, token)| has(used, i) || token.role != Role::Plain)
        };
        // A word said twice stands for nothing else, unless something stands against it.
        self.found.used_a |= covered(self.a, used_a, is_whole(self.b, used_b));
        self.found.used_b |= covered(self.b, used_b, is_whole(self.a, used_a));
    }

    fn weigh(&mut self) {
        let kind = self.found.kind;
        let (mut weights, mut sum, mut n_told) = (0.0, 0.0, 0);
        for pair in self.found.pairs() {
            let tokens_a = tokens_of(&self.a.tokens, pair.a);
            let tokens_b = tokens_of(&self.b.tokens, pair.b);
            let heaviest = |tokens: &[Token]| tokens.iter().map(weight).fold(0.0, f32::max);
            let weight = (heaviest(tokens_a) + heaviest(tokens_b)) / 2.0;
            weights += weight;
            sum += weight * pair.likeness;
            let tells =
                |tokens: &[Token]| tokens.iter().any(|t| matches!(t.role, Role::Plain | Role::Number(_)));
            n_told += usize::from(tells(tokens_a) || tells(tokens_b) || matches!(pair.how, How::Joined));
        }
        let a = Rest::of(&self.a.tokens, self.found.used_a, kind, n_told);
        let b = Rest::of(&self.b.tokens, self.found.used_b, kind, n_told);
        let conflict = a.conflict.min(b.conflict);
        let extra = a.extra_beyond(conflict) + b.extra_beyond(conflict);
        self.found.score = if weights > 0.0 { sum / (weights + conflict + extra) } else { 0.0 };
        // A contradiction is one however much else is the same.
        if conflict >= CONTRADICTION {
            self.found.score = self.found.score.min(CONTRADICTED_MAX);
        }
        if n_told == 0 && (self.a.n_plain > 0 || self.b.n_plain > 0) {
            // Only what many names share is the same.
            self.found.score = self.found.score.min(0.5);
        }
        self.judge_forms();
        self.judge_fathers();
        self.judge_places();
        self.found.score = self.found.score.clamp(0.0, 0.999);
        if self.found.used_a.count_ones() as usize == self.a.tokens.len()
            && self.found.used_b.count_ones() as usize == self.b.tokens.len()
            && self.found.pairs().all(|pair| pair.how == How::Same && pair.a == pair.b)
        {
            self.found.score = 1.0;
        }
    }

    /// Legal forms that do not fit: a company is not the foundation of the same name.
    fn judge_forms(&mut self) {
        use super::LegalForm::{NotForProfit, State};
        let forms = |name: &Name| {
            let found = name.tokens.iter().filter_map(|token| match token.role {
                Role::Legal(form) => Some(form),
                _ => None,
            });
            found.collect::<Vec<_>>()
        };
        let (a, b) = (forms(self.a), forms(self.b));
        if a.is_empty() || b.is_empty() || a.iter().any(|a| b.iter().any(|b| a.fits(*b))) {
            return;
        }
        let of_purpose =
            |forms: &[super::LegalForm]| forms.iter().any(|form| matches!(form, NotForProfit | State));
        self.found.is_other_form = true;
        self.found.score -= if of_purpose(&a) != of_purpose(&b) { OTHER_PURPOSE } else { OTHER_FORM };
    }

    /// Salman bin Muhammad is not Muhammad bin Salman.
    fn judge_fathers(&mut self) {
        let father = |name: &Name| {
            let at = name.tokens.iter().position(|token| token.is_son_of)?;
            (at > 0 && at + 1 < name.tokens.len()).then_some(at + 1)
        };
        let (Some(i), Some(j)) = (father(self.a), father(self.b)) else { return };
        let partner = |at: usize| {
            self.found.pairs().find(|pair| usize::from(pair.a.0) == at).map(|pair| usize::from(pair.b.0))
        };
        let is_reversed = partner(i).is_some_and(|at| at + 2 == j) && partner(i.saturating_sub(2)) == Some(j);
        if is_reversed {
            self.found.is_reversed = true;
            self.found.score -= REVERSED;
        }
    }

    /// Two names of one place.
    fn judge_places(&mut self) {
        let (Some(a), Some(b)) = (self.a.place, self.b.place) else { return };
        let kinds = |name: &Name| {
            let kinds = name.tokens.iter().filter_map(|token| match token.role {
                Role::Meaning(row, Theme::Place) => Some(row),
                _ => None,
            });
            kinds.collect::<Vec<_>>()
        };
        let (kinds_a, kinds_b) = (kinds(self.a), kinds(self.b));
        // The port and the station of one town are two.
        if !kinds_a.is_empty() && !kinds_b.is_empty() && !kinds_a.iter().any(|kind| kinds_b.contains(kind)) {
            return;
        }
        if a == b && self.found.score < OTHER_NAME && matches!(self.found.kind, None | Some(Kind::Place)) {
            self.found.place = Some(a);
            self.found.score = OTHER_NAME;
        }
    }
}

pub(super) fn tokens_of(tokens: &[Token], (from, length): (u8, u8)) -> &[Token] {
    &tokens[usize::from(from)..usize::from(from) + usize::from(length)]
}

fn covered(name: &Name, used: u32, may_repeat: bool) -> u32 {
    let mut covered = 0;
    for (i, token) in name.tokens.iter().enumerate().filter(|(i, _)| may_repeat && !has(used, *i)) {
        let is_repeated =
            name.tokens.iter().enumerate().any(|(j, other)| j != i && has(used, j) && other.key == token.key);
        if is_repeated && matches!(token.role, Role::Plain | Role::Legal(_) | Role::Particle) {
            covered |= 1 << i;
        }
    }
    if let Some((at, from, to)) = name.own_abbreviation {
        let is_spelled = (from..=to).any(|i| has(used, i) && matches!(name.tokens[i].role, Role::Plain));
        if has(used, at) && !is_spelled {
            covered |= bits((from, to - from + 1));
        } else if is_spelled {
            covered |= 1 << at;
        }
    }
    covered
}

/// What is left of a name.
struct Rest {
    /// How much it weighs against what is left of the other.
    conflict: f32,
    /// How much it weighs where nothing of the other stands against it.
    extra: f32,
}

impl Rest {
    fn of(tokens: &[Token], used: u32, kind: Option<Kind>, n_told: usize) -> Self {
        let mut rest = Self { conflict: 0.0, extra: 0.0 };
        for (_, token) in tokens.iter().enumerate().filter(|(i, _)| !has(used, *i)) {
            rest.conflict += conflict(token, kind);
            rest.extra += extra(token, kind, n_told);
        }
        rest
    }

    /// What is beyond a conflict, as far as nothing stands against it.
    fn extra_beyond(&self, conflict: f32) -> f32 {
        if self.conflict <= 0.0 {
            return self.extra;
        }
        self.extra * ((self.conflict - conflict) / self.conflict).max(0.0)
    }
}

/// How much a paired word says.
pub(super) fn weight(token: &Token) -> f32 {
    match token.role {
        Role::Plain if token.key.len() <= 2 => 0.7,
        Role::Plain => 1.0,
        Role::Number(_) => 0.8,
        Role::Initial => 0.4,
        Role::Meaning(_, Theme::Place) => 0.5,
        Role::Meaning(..) => 0.6,
        Role::Legal(_) => 0.06,
        Role::Title | Role::Particle => 0.08,
        Role::ShipPrefix => 0.02,
    }
}

/// How much a word weighs against another that it is not.
pub(super) fn conflict(token: &Token, kind: Option<Kind>) -> f32 {
    match token.role {
        Role::Plain => 1.0,
        Role::Number(_) => 1.2,
        Role::Initial if kind == Some(Kind::Vessel) => 1.0,
        Role::Initial => 0.7,
        Role::Meaning(_, Theme::Place) => 0.9,
        Role::Meaning(_, Theme::Body) => 0.9,
        Role::Meaning(_, Theme::Quality) => 0.8,
        Role::Particle => 0.02,
        Role::Legal(_) | Role::Title | Role::ShipPrefix => 0.0,
    }
}

/// How much a word weighs that only one of the names has.
fn extra(token: &Token, kind: Option<Kind>, n_told: usize) -> f32 {
    let of_kind = match (kind, token.role) {
        (_, Role::Legal(_) | Role::Title) => 0.03,
        (_, Role::ShipPrefix) => 0.0,
        (_, Role::Particle) => 0.04,
        // One name of a person is a name of many.
        (Some(Kind::Person), Role::Plain | Role::Meaning(..)) if n_told < 2 => 0.45,
        (Some(Kind::Person), Role::Initial) if n_told >= 2 => 0.1,
        (Some(Kind::Person), _) => 0.15,
        (Some(Kind::Vessel), _) => 0.9,
        (Some(Kind::Organisation), Role::Plain) => 0.55,
        (Some(Kind::Organisation), Role::Number(_)) => 0.9,
        (Some(Kind::Organisation), _) => 0.5,
        (Some(Kind::Place), Role::Meaning(_, Theme::Place)) => 0.06,
        (Some(Kind::Place), Role::Number(_)) => 0.9,
        (Some(Kind::Place), _) => 0.45,
        (None, Role::Meaning(_, Theme::Place)) => 0.15,
        (None, Role::Number(_)) => 0.9,
        (None, Role::Initial) if n_told >= 2 => 0.15,
        (None, Role::Plain | Role::Meaning(..)) if n_told >= 2 => 0.22,
        (None, _) => 0.5,
    };
    if token.is_aside { of_kind * 0.5 } else { of_kind }
}

/// How alike two words are, if they are at all.
fn likeness(a: &Token, b: &Token, kind: Option<Kind>) -> Option<(f32, How)> {
    match (a.role, b.role) {
        (Role::Number(a), Role::Number(b)) => return (a == b).then_some((1.0, How::Number)),
        (Role::Number(_), _) | (_, Role::Number(_)) => return None,
        (Role::Legal(a), Role::Legal(b)) => return a.fits(b).then_some((1.0, How::Legal)),
        (Role::Meaning(row, _), Role::Meaning(other, _)) => {
            let how = if a.written == b.written { (1.0, How::Same) } else { (MEANING, How::Meaning) };
            return (row == other).then_some(how);
        }
        (Role::Particle, Role::Particle) if a.is_son_of && b.is_son_of => return Some((1.0, How::Sound)),
        _ => {}
    }
    let is_one_in_korean = || as_korean(a, b).is_none_or(|likeness| likeness >= 0.999);
    if a.key == b.key && !a.key.is_empty() && is_one_in_korean() {
        return Some(if a.written == b.written { (1.0, How::Same) } else { (0.99, How::Sound) });
    }
    let is_word = |token: &Token| matches!(token.role, Role::Plain | Role::Meaning(..));
    match (a.role, b.role) {
        (Role::Initial, _) if is_word(b) => initial(a, b, kind),
        (_, Role::Initial) if is_word(a) => initial(b, a, kind),
        _ if is_word(a) && is_word(b) => words(a, b, kind),
        _ => None,
    }
}

/// A letter and a word that begins with it; ships and companies have no initials.
fn initial(letter: &Token, word: &Token, kind: Option<Kind>) -> Option<(f32, How)> {
    let may_be = matches!(kind, None | Some(Kind::Person)) && letter.initials[0] == word.initials[0];
    may_be.then_some((INITIAL, How::Initial))
}

fn words(a: &Token, b: &Token, kind: Option<Kind>) -> Option<(f32, How)> {
    if a.script == Script::Hangul && b.script == Script::Hangul {
        return in_hangul(a, b);
    }
    if let (Some(first), Some(second)) = (&a.korean, &b.korean)
        && first.key == second.key
        && ((first.is_telling && second.is_telling) || (a.is_korean && b.is_korean))
        && (first.key.len() > 1 || a.is_korean)
    {
        return Some((KOREAN, How::Korean));
    }
    if let Some(likeness) = as_korean(a, b) {
        return (likeness >= LIKENESS_MIN).then_some((likeness, How::Spelling));
    }
    let is_name = matches!(kind, None | Some(Kind::Person));
    if is_name && a.given_name.is_some() && a.given_name == b.given_name {
        return Some((GIVEN_NAME, How::GivenName));
    }
    if (a.script == Script::Abjad || b.script == Script::Abjad)
        && let Some(found) = by_consonants(a, b)
    {
        return Some(found);
    }
    let found = by_letters(a, b);
    if found.is_none() && kind != Some(Kind::Person) {
        return by_ending(&a.key, &b.key);
    }
    found
}

/// How alike words are that are certainly Korean: their letters are not those of other languages, in
/// which y and j are one.
pub(super) fn as_korean(a: &Token, b: &Token) -> Option<f32> {
    let (first, second) = a.korean.zip(b.korean)?;
    let is_certain = (a.is_korean && b.is_korean) || (first.is_marked && second.is_marked);
    is_certain.then(|| korean::likeness(&first.key, &second.key))
}

/// Hangul says exactly how a word sounds; only the law of initials gives a word two spellings.
fn in_hangul(a: &Token, b: &Token) -> Option<(f32, How)> {
    let n_syllables = a.written.chars().count().max(b.written.chars().count());
    if korean::differ_by_initial(&a.written, &b.written) {
        return Some((KOREAN, How::Korean));
    }
    let n_same = a.written.chars().zip(b.written.chars()).filter(|(a, b)| a == b).count();
    let likeness = n_same as f32 / n_syllables.max(1) as f32;
    (likeness >= LIKENESS_MIN).then_some((likeness, How::Spelling))
}

/// The same consonants: Arabic writes no short vowels.
fn by_consonants(a: &Token, b: &Token) -> Option<(f32, How)> {
    let (a, b) = (a.key.consonants(), b.key.consonants());
    let likeness = near(&a, &b, 0.75)?;
    (a.len().min(b.len()) >= 2).then_some((likeness * 0.9, How::Consonants))
}

fn by_letters(a: &Token, b: &Token) -> Option<(f32, How)> {
    let longer = a.key.len().max(b.key.len());
    // Each letter that one has and the other lacks costs something.
    let most = u16::try_from(longer).unwrap_or(u16::MAX) * SPELLING_COST_MAX;
    if distance_at_least(a.mask, b.mask) > most || distance_at_least_by_classes(a.classes, b.classes) > most {
        return None;
    }
    let likeness = near(&a.key, &b.key, LIKENESS_MIN)?;
    Some((likeness, How::Spelling))
}

/// How alike two keys are, if they are at least so much.
fn near(a: &Key, b: &Key, least: f32) -> Option<f32> {
    let longer = a.len().max(b.len());
    if longer == 0 {
        return None;
    }
    let most = ((1.0 - least) * 100.0 * longer as f32) as u16;
    let cost = distance(a.letters(), b.letters(), most)?;
    Some(1.0 - f32::from(cost) / (100.0 * longer as f32))
}

/// Endings of Russian adjectives, longest first, as keys have them.
const ENDINGS: &[&str] = &["skaia", "skoe", "skie", "ski", "naia", "noe", "nie", "ni", "ovo", "ov"];

/// Adjectives of one stem, and an adjective and its noun: Vostochny and Vostochnaya, Murom and Muromsky.
fn by_ending(a: &Key, b: &Key) -> Option<(f32, How)> {
    if a.letters().first() != b.letters().first() {
        return None;
    }
    let (stem_a, stem_b) = (stem(a), stem(b));
    let likeness = if stem_a == stem_b { 0.9 } else { return None };
    (stem_a.len() >= STEM_LETTERS_MIN).then_some((likeness, How::Ending))
}

fn stem(key: &Key) -> &[u8] {
    let letters = key.letters();
    let ending = ENDINGS.iter().find(|ending| letters.ends_with(ending.as_bytes()));
    ending.map_or(letters, |ending| &letters[..letters.len() - ending.len()])
}

/// Words in a row that were written as one, with how alike they are.
fn joined(word: &Token, tokens: &[Token], used: u32) -> Option<((usize, usize), f32)> {
    if word.key.len() < JOINED_LETTERS_MIN
        || tokens.len() < 2
        || tokens.len() == used.count_ones() as usize
        || !matches!(word.role, Role::Plain | Role::Meaning(..))
    {
        return None;
    }
    let mut best: Option<((usize, usize), f32)> = None;
    for from in 0..tokens.len() - 1 {
        if has(used, from) || !may_hold(word, &tokens[from]) || !may_hold(word, &tokens[from + 1]) {
            continue;
        }
        let (mut letters, mut sounds) = (tokens[from].key, tokens[from].korean.map(|reading| reading.key));
        for (length, token) in (2..=JOINED_WORDS_MAX).zip(&tokens[from + 1..]) {
            // The legal form of SiemensAG may have been paired already.
            if has(used, from + length - 1) && !matches!(token.role, Role::Legal(_)) {
                break;
            }
            letters.extend(&token.key);
            if letters.len() > word.key.len() + JOINED_LONGER_MAX
                && token.script != Script::Hangul
                && word.script != Script::Hangul
            {
                break;
            }
            sounds = sounds.zip(token.korean).map(|(mut sounds, reading)| {
                sounds.extend(&reading.key);
                sounds
            });
            let by_sounds = word
                .korean
                .zip(sounds)
                .filter(|_| word.script == Script::Hangul || token.script == Script::Hangul);
            let by_sounds = by_sounds.and_then(|(word, sounds)| near(&word.key, &sounds, 0.87));
            let likeness = near(&word.key, &letters, 0.85).into_iter().chain(by_sounds).reduce(f32::max);
            if let Some(likeness) =
                likeness.filter(|&likeness| best.is_none_or(|(_, known)| likeness > known))
            {
                best = Some(((from, length), likeness));
            }
        }
    }
    best.map(|(run, likeness)| (run, likeness * 0.98))
}

/// Whether a word written as one can hold another, by their letters.
pub(super) fn may_hold(word: &Token, part: &Token) -> bool {
    (part.mask & !word.mask).count_ones() <= 1
        || word.script == Script::Hangul
        || part.script == Script::Hangul
}

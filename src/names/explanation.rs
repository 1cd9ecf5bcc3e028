//! Why two names are alike, or not, in words.

use super::compare::{Comparison, How, Pair, by_identifier, compare, rounded, tokens_of};
use super::name::{Name, Role, Token};
use super::words::Script;
use super::{Kind, places};

/// A score with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// How alike the names are, in 0..=1.
    pub score: f64,
    /// What they are names of, told or guessed.
    pub kind: Option<Kind>,
    /// What matched: `дунай = dunai (Cyrillic)`.
    pub matched: Vec<String>,
    /// What was folded away before comparing: `ooo: limited company`.
    pub folded: Vec<String>,
    /// What counts against it: `only in one: 'e'`.
    pub against: Vec<String>,
}

impl Explanation {
    /// The reasons in one line.
    #[must_use]
    pub fn reason(&self) -> String {
        let parts = [&self.matched, &self.folded, &self.against];
        let lines: Vec<String> =
            parts.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join(", ")).collect();
        if lines.is_empty() { "nothing in common".to_owned() } else { lines.join("; ") }
    }
}

/// Compares two names as [`super::similarity`] does, and says why.
#[must_use]
pub fn explain(a: &Name, b: &Name) -> Explanation {
    if let Some(score) = by_identifier(a, b) {
        return of_identifiers(a, b, score);
    }
    let found = compare(a, b);
    let mut explanation = Explanation {
        score: rounded(found.score),
        kind: found.kind,
        matched: Vec::new(),
        folded: Vec::new(),
        against: Vec::new(),
    };
    if a.text == b.text {
        explanation.matched.push("the same name".to_owned());
        return explanation;
    }
    let mut pairs: Vec<&Pair> = found.pairs().collect();
    pairs.sort_by_key(|pair| pair.a.0);
    for pair in pairs {
        add_pair(&mut explanation, pair, a, b);
    }
    if is_reordered(&found) {
        explanation.folded.push("the order of the words".to_owned());
    }
    if let Some(row) = found.place {
        explanation.matched.push(format!("two names of one place: {}", places::reason(row)));
    }
    let (only_a, only_b) = (rest(&a.tokens, found.used_a), rest(&b.tokens, found.used_b));
    match (only_a.is_empty(), only_b.is_empty()) {
        (false, false) => {
            explanation.against.push(format!("{} against {}", listed(&only_a), listed(&only_b)));
        }
        (true, true) => {}
        _ => explanation.against.push(format!("only in one: {}", listed(&[only_a, only_b].concat()))),
    }
    folded_rest(&mut explanation, a, found.used_a);
    folded_rest(&mut explanation, b, found.used_b);
    if found.is_other_form {
        explanation.against.push("legal forms that do not fit".to_owned());
    }
    if found.is_reversed {
        explanation.against.push("father and son changed places".to_owned());
    }
    explanation
}

fn of_identifiers(a: &Name, b: &Name, score: f64) -> Explanation {
    let both = a.identifier.as_ref().zip(b.identifier.as_ref());
    let (mut matched, mut against) = (Vec::new(), Vec::new());
    if let Some((first, second)) = both {
        let scheme = first.scheme.as_str();
        match first.value == second.value {
            true => matched.push(format!("the same {scheme} {}", first.value)),
            false => against.push(format!("{scheme} {} against {}", first.value, second.value)),
        }
        let wrong = [first, second].into_iter().filter(|found| !found.is_valid);
        against.extend(wrong.map(|found| format!("{scheme} {} fails its check", found.value)));
        against.dedup();
    }
    Explanation { score, kind: a.kind.or(b.kind), matched, folded: Vec::new(), against }
}

fn add_pair(explanation: &mut Explanation, pair: &Pair, a: &Name, b: &Name) {
    let (first, second) = (tokens_of(&a.tokens, pair.a), tokens_of(&b.tokens, pair.b));
    let (left, right) = (written(first), written(second));
    let why = match pair.how {
        How::Same => return explanation.matched.push(left),
        How::Sound => script(first, second).unwrap_or_else(|| "other spelling of the same sounds".to_owned()),
        How::Korean => "the same Korean sounds".to_owned(),
        How::Spelling => format!("{:.0} % alike", pair.likeness * 100.0),
        How::Consonants => "the same consonants".to_owned(),
        How::Ending => "another ending".to_owned(),
        How::Meaning => "same meaning".to_owned(),
        How::GivenName => "short form".to_owned(),
        How::Initial => "initial".to_owned(),
        How::Number if left == right => return explanation.matched.push(left),
        How::Number => "same number".to_owned(),
        How::Legal => return explanation.folded.push(legal(first, second)),
        How::Joined => "written as one word".to_owned(),
        How::Abbreviation => "abbreviation".to_owned(),
    };
    explanation.matched.push(format!("{left} = {right} ({why})"));
}

fn legal(a: &[Token], b: &[Token]) -> String {
    let form = |tokens: &[Token]| match tokens.first().map(|token| token.role) {
        Some(Role::Legal(form)) => form.as_str(),
        _ => "legal form",
    };
    let (left, right) = (written(a), written(b));
    match left == right {
        true => format!("{left}: {}", form(a)),
        false => format!("{left} and {right}: {}", form(a)),
    }
}

/// The scripts of two words, where they differ.
fn script(a: &[Token], b: &[Token]) -> Option<String> {
    let (a, b) = (a.first()?.script, b.first()?.script);
    let other = if a == Script::Latin { b } else { a };
    (a != b).then(|| other.as_str().to_owned())
}

fn written(tokens: &[Token]) -> String {
    tokens.iter().map(|token| &*token.written).collect::<Vec<_>>().join(" ")
}

fn listed(words: &[String]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

fn rest(tokens: &[Token], used: u32) -> Vec<String> {
    let left = tokens.iter().enumerate().filter(|(i, _)| used & 1 << i == 0).map(|(_, token)| token);
    left.filter(|token| is_told(token)).map(|token| token.written.to_string()).collect()
}

fn is_told(token: &Token) -> bool {
    !matches!(token.role, Role::Legal(_) | Role::Title | Role::ShipPrefix | Role::Particle)
}

/// What was left out of account.
fn folded_rest(explanation: &mut Explanation, name: &Name, used: u32) {
    for (_, token) in
        name.tokens.iter().enumerate().filter(|(i, token)| used & 1 << i == 0 && !is_told(token))
    {
        explanation.folded.push(match token.role {
            Role::Legal(form) => format!("{}: {}", token.written, form.as_str()),
            Role::Title => format!("{}: title", token.written),
            Role::ShipPrefix => format!("{}: ship prefix", token.written),
            _ => format!("{}: small word", token.written),
        });
    }
}

fn is_reordered(found: &Comparison) -> bool {
    let mut pairs: Vec<(u8, u8)> =
        found.pairs().filter(|pair| pair.how != How::Legal).map(|pair| (pair.a.0, pair.b.0)).collect();
    pairs.sort_unstable();
    !pairs.is_sorted_by_key(|pair| pair.1)
}

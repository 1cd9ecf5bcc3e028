//! An index of names: those worth comparing with a question, among millions.
//!
//! Each name is filed under terms (`terms.rs`), and the whole file is one sorted column of term and name
//! (`column.rs`). A second column leads from each key with one letter left out to the key: two keys that are
//! one letter apart meet there (the deletion neighbourhood of Mor and Fraenkel, 1982).
//!
//! The names that share words with a question (`candidates.rs`) are ranked by how rare those words are, and
//! by how many pairs of letters they share; the best of both are compared in full.

use std::hash::Hasher;
use std::sync::OnceLock;

use rustc_hash::{FxHashSet, FxHasher};

use super::candidates::Lookup;
use super::column::{Column, filed};
use super::name::Role;
use super::terms::{Sort, has_neighbours, letter_pairs, shared, term, terms_of, without_a_letter};
use super::{Identifier, Kind, Name, normal, similarity_at_least};

/// As many names are compared with a question in full by each ranking.
const COMPARED_MAX: usize = 64;

/// A name that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Whose name it is, by the number that was given with it.
    pub owner: u32,
    /// The name as written, or the identifier.
    pub name: String,
    /// How alike it is, in 0..=1.
    pub score: f64,
    /// What it is the name of, as far as that was told.
    pub kind: Option<Kind>,
    /// The name is an identifier.
    pub is_identifier: bool,
}

/// Names and identifiers, and whose they are.
#[derive(Debug, Default)]
pub struct NameIndex {
    text: String,
    /// Where each name ends in `text`.
    ends: Vec<u32>,
    owners: Vec<u32>,
    kinds: Vec<Option<Kind>>,
    /// The letters of each name in pairs.
    letters: Vec<u64>,
    /// Terms and the names under them.
    filed: Column,
    /// Keys with a letter left out, and the terms of the keys.
    neighbours: Column,
    /// Identifiers' hashes with their names, sorted.
    identifiers: Vec<(u64, u32)>,
    /// The names in the order of their normal forms, made when first asked.
    in_order: OnceLock<Vec<u32>>,
}

/// What is filed while an index is made.
#[derive(Default)]
struct Filing {
    filed: Vec<u64>,
    neighbours: Vec<u64>,
    /// The terms of keys whose neighbours are filed.
    keys: FxHashSet<u32>,
    /// The terms of one name.
    terms: Vec<u32>,
}

/// What an index is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is.
    pub owner: u32,
    /// The name or identifier as written.
    pub text: String,
    /// What it is the name of, where that is known.
    pub kind: Option<Kind>,
    /// It identifies, and is no name: an IMO number, a registration number.
    pub is_identifier: bool,
}

impl NameIndex {
    /// Files names.
    ///
    /// # Complexity
    /// O(n log n) for n names; some hundred bytes for each.
    #[must_use]
    pub fn build(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        // Short names before long ones: where only some of a term's names are read, the nearest are.
        entries.sort_by_cached_key(|entry| (entry.text.split_whitespace().count(), entry.owner));
        let mut index = Self::default();
        let mut filing = Filing::default();
        for entry in &entries {
            index.add(entry, &mut filing);
        }
        index.filed = Column::of(filing.filed);
        index.neighbours = Column::of(filing.neighbours);
        index.identifiers.sort_unstable();
        index.text.shrink_to_fit();
        index
    }

    fn add(&mut self, entry: &Entry, filing: &mut Filing) {
        let Ok(number) = u32::try_from(self.owners.len()) else { return };
        let Ok(end) = u32::try_from(self.text.len() + entry.text.len()) else { return };
        self.text.push_str(&entry.text);
        self.ends.push(end);
        self.owners.push(entry.owner);
        self.kinds.push(entry.kind);
        if entry.is_identifier {
            self.letters.push(0);
            self.identifiers.push((identifier_hash(&entry.text), number));
            return;
        }
        let name = Name::new(&entry.text, entry.kind);
        self.letters.push(letter_pairs(&name));
        filing.terms.clear();
        terms_of(&name, &mut filing.terms);
        filing.filed.extend(filing.terms.iter().map(|&term| filed(term, number)));
        for token in name.tokens.iter().filter(|token| has_neighbours(token)) {
            let term = term(Sort::Key, token.key.letters());
            if filing.keys.insert(term) {
                filing.neighbours.extend(without_a_letter(&token.key).map(|near| filed(near, term)));
            }
        }
    }

    /// How many names and identifiers are filed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.owners.len()
    }

    /// Whether nothing is filed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// How much memory it takes, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.text.capacity()
            + self.ends.capacity() * 4
            + self.owners.capacity() * 4
            + self.kinds.capacity() * size_of::<Option<Kind>>()
            + self.letters.capacity() * 8
            + self.filed.size_bytes()
            + self.neighbours.size_bytes()
            + self.identifiers.capacity() * size_of::<(u64, u32)>()
            + self.in_order.get().map_or(0, |order| order.capacity() * 4)
    }

    /// The names most like a question, best first, each owner once; those that score less than
    /// `least` are left out, and so are owners that `shows` does not let through.
    ///
    /// # Complexity
    /// O(log n) for each term of the question, and a bounded number of comparisons.
    #[must_use]
    pub fn search(
        &self,
        question: &Name,
        limit: usize,
        least: f64,
        shows: impl Fn(u32) -> bool,
    ) -> Vec<Found> {
        let mut found = self.identified(question, &shows);
        let n_compared = COMPARED_MAX.max(limit.saturating_mul(2));
        for number in self.candidates(question, n_compared, &shows) {
            let at = number as usize;
            let text = self.name(at);
            if let Some(score) = similarity_at_least(question, &Name::new(text, self.kinds[at]), least) {
                found.push(Found {
                    owner: self.owners[at],
                    name: text.to_owned(),
                    score,
                    kind: self.kinds[at],
                    is_identifier: false,
                });
            }
        }
        best_of_each(found, limit)
    }

    /// The names that have more words than a question, and of which some words in a row are as
    /// like it as `least`; best first, each owner once. The score is that of these words.
    ///
    /// A question that says nothing by itself, such as a legal form, is part of no name.
    ///
    /// # Complexity
    /// As [`NameIndex::search`], and a comparison for each word of what is compared.
    #[must_use]
    pub fn containing(
        &self,
        question: &Name,
        limit: usize,
        least: f64,
        shows: impl Fn(u32) -> bool,
    ) -> Vec<Found> {
        let n_words = words(question.text()).count();
        let tells = |role: Role| matches!(role, Role::Plain | Role::Meaning(..));
        if n_words == 0 || !question.tokens.iter().any(|token| tells(token.role)) {
            return Vec::new();
        }
        let n_compared = COMPARED_MAX.max(limit.saturating_mul(2));
        let part_of = |number: u32| {
            let (text, kind) = (self.name(number as usize), self.kinds[number as usize]);
            let all: Vec<&str> = words(text).collect();
            let parts = all.windows(n_words).filter(|_| all.len() > n_words);
            let scores = parts
                .filter_map(|part| similarity_at_least(question, &Name::new(&part.join(" "), kind), least));
            let score = scores.max_by(f64::total_cmp)?;
            let owner = self.owners[number as usize];
            Some(Found { owner, name: text.to_owned(), score, kind, is_identifier: false })
        };
        let found = self.candidates(question, n_compared, &shows).into_iter().filter_map(part_of).collect();
        best_of_each(found, limit)
    }

    /// The names that begin with a text, whatever its case, marks and script, in their order; those of owners
    /// that `shows` does not let through are left out.
    #[must_use]
    pub fn beginning_with(&self, text: &str, limit: usize, shows: impl Fn(u32) -> bool) -> Vec<&str> {
        let wanted = normal(text);
        let order = self.in_order.get_or_init(|| {
            let is_name = self.identifiers.iter().map(|(_, number)| *number).collect::<FxHashSet<_>>();
            let names = (0..self.owners.len()).filter_map(|at| u32::try_from(at).ok());
            let mut order: Vec<u32> = names.filter(|number| !is_name.contains(number)).collect();
            order.sort_by_cached_key(|&number| normal(self.name(number as usize)));
            order
        });
        let from = order.partition_point(|&number| normal(self.name(number as usize)) < wanted);
        let names = order[from..].iter().map(|&number| (number, self.name(number as usize)));
        let mut found: Vec<&str> = Vec::new();
        for (number, name) in names.take_while(|(_, name)| normal(name).starts_with(&wanted)) {
            if found.len() == limit {
                break;
            }
            if shows(self.owners[number as usize]) && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }

    fn name(&self, at: usize) -> &str {
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[from..self.ends[at] as usize]
    }

    /// The owners of the identifier that a question is.
    fn identified(&self, question: &Name, shows: &impl Fn(u32) -> bool) -> Vec<Found> {
        let read = question.identifier.as_ref().map(|identifier| identifier.value.as_str());
        let asked = [Some(question.text()), read].into_iter().flatten().map(identifier_hash);
        let mut found = Vec::new();
        for hash in asked.collect::<FxHashSet<_>>() {
            let from = self.identifiers.partition_point(|(other, _)| *other < hash);
            for (_, number) in self.identifiers[from..].iter().take_while(|(other, _)| *other == hash) {
                let at = *number as usize;
                if shows(self.owners[at]) {
                    found.push(Found {
                        owner: self.owners[at],
                        name: self.name(at).to_owned(),
                        score: 1.0,
                        kind: self.kinds[at],
                        is_identifier: true,
                    });
                }
            }
        }
        found
    }

    /// The numbers of the names that share most with a question: those whose words are the rarest, and those
    /// that share most letters, too, where many have the same words.
    fn candidates(&self, question: &Name, limit: usize, shows: &impl Fn(u32) -> bool) -> Vec<u32> {
        let lookup = Lookup { filed: &self.filed, neighbours: &self.neighbours, n_names: self.len() };
        let mut by_words = lookup.candidates(question);
        by_words.retain(|(number, _)| shows(self.owners[*number as usize]));
        if by_words.len() <= limit {
            return by_words.into_iter().map(|(number, _)| number).collect();
        }
        let letters = letter_pairs(question);
        let by_letters = by_words.iter().map(|&(number, weight)| {
            (number, weight * shared(letters, self.letters[number as usize]).powi(2))
        });
        let rankings = [by_letters.collect(), by_words];
        let best: FxHashSet<u32> = rankings.into_iter().flat_map(|ranking| best(ranking, limit)).collect();
        best.into_iter().collect()
    }
}

/// The words of a text as they are written.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |letter: char| letter.is_whitespace() || "()[]\"«»“”,;/".contains(letter);
    text.split(is_between).filter(|word| !word.is_empty())
}

/// The best of what was found for each owner, best first.
fn best_of_each(mut found: Vec<Found>, limit: usize) -> Vec<Found> {
    found.sort_by(|a, b| {
        a.owner.cmp(&b.owner).then(b.score.total_cmp(&a.score)).then_with(|| a.name.cmp(&b.name))
    });
    found.dedup_by_key(|found| found.owner);
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.owner.cmp(&b.owner)));
    found.truncate(limit);
    found
}

/// The names that weigh most.
fn best(mut weights: Vec<(u32, f32)>, limit: usize) -> impl Iterator<Item = u32> {
    if weights.len() > limit {
        weights.select_nth_unstable_by(limit, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        weights.truncate(limit);
    }
    weights.into_iter().map(|(number, _)| number)
}

fn identifier_hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        hasher.write_u8(byte.to_ascii_uppercase());
    }
    hasher.finish()
}

/// An identifier as it is filed.
#[must_use]
pub fn identifier_entry(owner: u32, property: &str, text: &str, kind: Option<Kind>) -> Entry {
    let scheme = super::Scheme::of_property(property);
    let value = scheme
        .and_then(|scheme| Identifier::of(scheme, text))
        .map_or_else(|| text.to_owned(), |found| found.value);
    Entry { owner, text: value, kind, is_identifier: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> NameIndex {
        let names = [
            (1, "Rajin", Some(Kind::Place)),
            (2, "Vostochny", Some(Kind::Place)),
            (3, "Vostochny Cosmodrome", Some(Kind::Place)),
            (4, "MARIA", Some(Kind::Vessel)),
            (5, "MARIA E", Some(Kind::Vessel)),
            (6, "OBORONLOGISTIKA OOO", Some(Kind::Organisation)),
            (7, "Vladimir Putin", Some(Kind::Person)),
            (8, "JSC Voskresenskiy Agregatniy Zavod", Some(Kind::Organisation)),
            (9, "Kim Jong Un", Some(Kind::Person)),
        ];
        let names = names.map(|(owner, text, kind)| Entry {
            owner,
            text: text.to_owned(),
            kind,
            is_identifier: false,
        });
        NameIndex::build(names.into_iter().chain([identifier_entry(4, "imo", "8517839", None)]))
    }

    #[test]
    fn a_part_of_a_name_finds_it() {
        let index = index();
        let owners = |question: &str| -> Vec<u32> {
            let found = index.containing(&Name::new(question, None), 5, 0.8, |_| true);
            found.into_iter().map(|found| found.owner).collect()
        };
        assert_eq!(owners("Voskresensky"), [8]);
        assert_eq!(owners("агрегатный завод"), [8]);
        assert_eq!(owners("Cosmodrome"), [3]);
        assert_eq!(owners("OOO"), [] as [u32; 0], "a legal form is part of no name");
        assert_eq!(owners("Rajin"), [] as [u32; 0], "the whole name is no part");
    }

    #[test]
    fn names_are_found_whatever_their_spelling() {
        let index = index();
        for (question, owner) in [
            ("라진항", 1),
            ("Najin", 1),
            ("порт Восточный", 2),
            ("Wostotschnyj", 2),
            ("m/v Maria", 4),
            ("ООО Оборонлогистика", 6),
            ("VladimirPutin", 7),
            ("Wladimir Putni", 7),
            ("VAZ", 8),
            ("김정은", 9),
            ("IMO 8517839", 4),
        ] {
            let found = index.search(&Name::new(question, None), 10, 0.8, |_| true);
            assert_eq!(found.first().map(|found| found.owner), Some(owner), "{question}: {found:?}");
        }
        assert!(index.search(&Name::new("Hamburg", None), 10, 0.8, |_| true).is_empty());
        assert!(index.search(&Name::new("Rajin", None), 10, 0.8, |owner| owner != 1).is_empty());
    }

    #[test]
    fn beginnings_are_found_in_order() {
        assert_eq!(index().beginning_with("mar", 10, |_| true), ["MARIA", "MARIA E"]);
        assert_eq!(
            index().beginning_with("вост", 10, |owner| owner != 9),
            ["Vostochny", "Vostochny Cosmodrome"]
        );
    }
}

//! An index of names: those worth comparing with a question, among millions.
//!
//! Each name is filed under terms: the keys of its words, their consonants, Korean sounds, its words written as one, and
//! the abbreviation that it may go by. A term is 32 bits of a hash, and the whole file is one sorted column of
//! term and name, so that a term's names lie side by side. A second column leads from each
//! key with one letter left out to the key: two keys that are one letter apart meet there
//! (the deletion neighbourhood of Mor and Fraenkel, 1982).
//!
//! A question reads the rarest of its words first and the others only to rank what was found,
//! so that it takes about the same time however common its words are. What is found
//! is compared in full, [`super::similarity`], at most some dozens of names.

use std::hash::Hasher;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::compare::rounded;
use super::name::{Role, Token};
use super::sounds::Key;
use super::{Identifier, Kind, Name, normal, similarity};

/// As many names are compared with a question in full.
pub(super) const COMPARED_MAX: usize = 64;

/// A word under which more names are filed is read only where no rarer word leads to any.
const COMMON: usize = 4096;

/// Keys shorter than this have too many neighbours.
const NEIGHBOUR_LETTERS_MIN: usize = 4;

/// Words of so many letters are filed under the first of them, too: they may end in several ways.
const LONG: usize = 10;
const BEGINNING: usize = 7;

/// As many keys near one of a question are read.
const NEIGHBOURS_MAX: usize = 48;

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
    /// Term and name in one number, sorted.
    filed: Vec<u64>,
    /// A key with a letter left out, and the term of the key, sorted.
    neighbours: Vec<u64>,
    /// Identifiers' hashes with their names, sorted.
    identifiers: Vec<(u64, u32)>,
    /// The names in the order of their normal forms, made when first asked.
    in_order: OnceLock<Vec<u32>>,
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
        let mut keys = FxHashSet::default();
        let mut terms = Vec::new();
        for entry in &entries {
            index.add(entry, &mut keys, &mut terms);
        }
        index.filed.sort_unstable();
        index.filed.dedup();
        index.filed.shrink_to_fit();
        index.neighbours.sort_unstable();
        index.neighbours.dedup();
        index.neighbours.shrink_to_fit();
        index.identifiers.sort_unstable();
        index.text.shrink_to_fit();
        index
    }

    fn add(&mut self, entry: &Entry, keys: &mut FxHashSet<u32>, terms: &mut Vec<u32>) {
        let Ok(number) = u32::try_from(self.owners.len()) else { return };
        let Ok(end) = u32::try_from(self.text.len() + entry.text.len()) else { return };
        self.text.push_str(&entry.text);
        self.ends.push(end);
        self.owners.push(entry.owner);
        self.kinds.push(entry.kind);
        if entry.is_identifier {
            self.identifiers.push((identifier_hash(&entry.text), number));
            return;
        }
        let name = Name::new(&entry.text, entry.kind);
        terms.clear();
        terms_of(&name, terms);
        self.filed.extend(terms.iter().map(|&term| filed(term, number)));
        for token in name.tokens.iter().filter(|token| has_neighbours(token)) {
            let term = term(Sort::Key, token.key.letters());
            if keys.insert(term) {
                self.neighbours.extend(without_a_letter(&token.key).map(|near| filed(near, term)));
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
            + (self.filed.capacity() + self.neighbours.capacity()) * 8
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
            let score = rounded(similarity(question, &Name::new(text, self.kinds[at])) as f32);
            if score >= least {
                found.push(Found {
                    owner: self.owners[at],
                    name: text.to_owned(),
                    score,
                    kind: self.kinds[at],
                    is_identifier: false,
                });
            }
        }
        found.sort_by(|a, b| {
            a.owner.cmp(&b.owner).then(b.score.total_cmp(&a.score)).then_with(|| a.name.cmp(&b.name))
        });
        found.dedup_by_key(|found| found.owner);
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.owner.cmp(&b.owner)));
        found.truncate(limit);
        found
    }

    /// The names that begin with a text, whatever its case, marks and script, in their order.
    #[must_use]
    pub fn beginning_with(&self, text: &str, limit: usize) -> Vec<&str> {
        let wanted = normal(text);
        let order = self.in_order.get_or_init(|| {
            let is_name = self.identifiers.iter().map(|(_, number)| *number).collect::<FxHashSet<_>>();
            let names = (0..self.owners.len()).filter_map(|at| u32::try_from(at).ok());
            let mut order: Vec<u32> = names.filter(|number| !is_name.contains(number)).collect();
            order.sort_by_cached_key(|&number| normal(self.name(number as usize)));
            order
        });
        let from = order.partition_point(|&number| normal(self.name(number as usize)) < wanted);
        let names = order[from..].iter().map(|&number| self.name(number as usize));
        let mut found: Vec<&str> = Vec::new();
        for name in names.take_while(|name| normal(name).starts_with(&wanted)) {
            if found.len() == limit {
                break;
            }
            if !found.contains(&name) {
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

    /// The numbers of the names that share most with a question.
    fn candidates(&self, question: &Name, limit: usize, shows: &impl Fn(u32) -> bool) -> Vec<u32> {
        let mut slots = self.slots(question);
        slots.sort_by_key(|slot| slot.count);
        let mut weights: FxHashMap<u32, f32> = FxHashMap::default();
        for (at, slot) in slots.iter().enumerate() {
            let weight = slot.weight(self.len());
            if slot.count <= COMMON {
                slot.names().for_each(|number| *weights.entry(number).or_default() += weight);
            } else if weights.is_empty() {
                self.read_common(slot, slots.get(at + 1), weight, &mut weights);
            } else {
                for (number, known) in &mut weights {
                    *known += if slot.has(*number) { weight } else { 0.0 };
                }
            }
        }
        let mut found: Vec<(u32, f32)> =
            weights.into_iter().filter(|(number, _)| shows(self.owners[*number as usize])).collect();
        let by_weight = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if found.len() > limit {
            found.select_nth_unstable_by(limit, by_weight);
            found.truncate(limit);
        }
        found.sort_unstable_by(by_weight);
        found.into_iter().map(|(number, _)| number).collect()
    }

    /// The names under two common words, or the shortest under one.
    fn read_common(
        &self,
        slot: &Slot<'_>,
        other: Option<&Slot<'_>>,
        weight: f32,
        weights: &mut FxHashMap<u32, f32>,
    ) {
        if let Some(other) = other {
            let both = slot.names().filter(|number| other.has(*number)).take(COMMON);
            both.for_each(|number| *weights.entry(number).or_default() += weight);
        }
        if weights.is_empty() {
            slot.names().take(COMMON).for_each(|number| *weights.entry(number).or_default() += weight);
        }
    }

    /// What to read for each word of a question.
    fn slots(&self, question: &Name) -> Vec<Slot<'_>> {
        let mut slots: Vec<Slot<'_>> = Vec::new();
        for token in &question.tokens {
            let Some(exact) = main_term(token) else { continue };
            let mut slot = Slot::of(self.under(exact));
            if token.role == Role::Plain {
                slot.lists.extend(other_terms(token).map(|term| self.under(term)));
                slot.lists.extend(self.near(token).map(|term| self.under(term)));
                if token.is_abbreviation {
                    slot.lists.push(self.under(term(Sort::Abbreviation, token.key.letters())));
                }
            }
            slots.push(slot.counted());
        }
        let mut whole = Vec::new();
        if let Some(term) = joined_term(&question.tokens) {
            whole.push(self.under(term));
        }
        whole.extend(pairs(&question.tokens).map(|key| self.under(term(Sort::Key, key.letters()))));
        whole.extend(abbreviations(question).iter().map(|letters| self.under(term(Sort::Key, letters))));
        whole.extend(question.place.map(|row| self.under(term(Sort::Place, &[row]))));
        let mut single = question.tokens.iter().filter(|token| token.role == Role::Plain);
        if let (Some(only), None) = (single.next(), single.next()) {
            whole.push(self.under(term(Sort::Joined, only.key.letters())));
            whole.extend(
                only.korean.map(|reading| self.under(term(Sort::KoreanJoined, reading.key.letters()))),
            );
        }
        whole.extend(korean_joined(question).map(|term| self.under(term)));
        slots.extend(whole.into_iter().filter(|list| !list.is_empty()).map(|list| Slot::of(list).counted()));
        slots.retain(|slot| slot.count > 0);
        slots
    }

    /// What is filed under a term.
    fn under(&self, term: u32) -> &[u64] {
        range(&self.filed, term)
    }

    /// The terms of keys that are about a letter away.
    fn near(&self, token: &Token) -> impl Iterator<Item = u32> + use<> {
        let mut terms = Vec::new();
        if has_neighbours(token) {
            let own = term(Sort::Key, token.key.letters());
            for near in without_a_letter(&token.key) {
                terms.extend(range(&self.neighbours, near).iter().map(|filed| *filed as u32));
            }
            terms.sort_unstable();
            terms.dedup();
            terms.retain(|&term| term != own);
            terms.truncate(NEIGHBOURS_MAX);
        }
        terms.into_iter()
    }
}

/// The names filed under one word of a question, and under what is near it.
struct Slot<'i> {
    lists: Vec<&'i [u64]>,
    count: usize,
}

impl<'i> Slot<'i> {
    fn of(list: &'i [u64]) -> Self {
        Self { lists: vec![list], count: 0 }
    }

    fn counted(mut self) -> Self {
        self.lists.retain(|list| !list.is_empty());
        self.count = self.lists.iter().map(|list| list.len()).sum();
        self
    }

    fn names(&self) -> impl Iterator<Item = u32> + '_ {
        self.lists.iter().flat_map(|list| list.iter().map(|filed| *filed as u32))
    }

    fn has(&self, number: u32) -> bool {
        self.lists.iter().any(|list| list.binary_search_by_key(&number, |filed| *filed as u32).is_ok())
    }

    /// Rare words say more.
    fn weight(&self, n_names: usize) -> f32 {
        ((n_names as f32 + 1.0) / (self.count as f32 + 1.0)).ln().max(0.1)
    }
}

/// What sort of term it is; the same letters of two sorts are two terms.
#[derive(Clone, Copy)]
enum Sort {
    Key = 1,
    Consonants,
    Korean,
    KoreanJoined,
    Joined,
    Abbreviation,
    Meaning,
    Number,
    Place,
    Beginning,
    Neighbour,
}

fn term(sort: Sort, letters: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write_u8(sort as u8);
    hasher.write(letters);
    let hash = hasher.finish();
    // The upper half is the better mixed one.
    (hash >> 32) as u32 ^ hash as u32
}

fn filed(term: u32, name: u32) -> u64 {
    u64::from(term) << 32 | u64::from(name)
}

fn range(column: &[u64], term: u32) -> &[u64] {
    let from = column.partition_point(|filed| ((*filed >> 32) as u32) < term);
    let length = column[from..].partition_point(|filed| (*filed >> 32) as u32 == term);
    &column[from..from + length]
}

/// All terms under which a name is filed.
fn terms_of(name: &Name, terms: &mut Vec<u32>) {
    for token in &name.tokens {
        terms.extend(main_term(token));
        if token.role == Role::Plain {
            terms.extend(other_terms(token));
        }
    }
    terms.extend(joined_term(&name.tokens));
    terms.extend(korean_joined(name));
    terms.extend(abbreviations(name).iter().map(|letters| term(Sort::Abbreviation, letters)));
    terms.extend(name.place.map(|row| term(Sort::Place, &[row])));
    terms.sort_unstable();
    terms.dedup();
}

/// The term of a word as it is; none for words that say nothing.
fn main_term(token: &Token) -> Option<u32> {
    match token.role {
        Role::Plain => Some(term(Sort::Key, token.key.letters())),
        Role::Meaning(row, _) => Some(term(Sort::Meaning, &[row])),
        Role::Number(number) => Some(term(Sort::Number, &number.to_le_bytes())),
        Role::Initial | Role::Legal(_) | Role::Title | Role::ShipPrefix | Role::Particle => None,
    }
}

/// What else a word is filed under.
fn other_terms(token: &Token) -> impl Iterator<Item = u32> {
    let consonants = token.key.consonants();
    let consonants = (consonants.len() >= 3).then(|| term(Sort::Consonants, consonants.letters()));
    let korean =
        token.korean.filter(|reading| (reading.is_telling || token.is_korean) && reading.key.len() > 1);
    let korean = korean.map(|reading| term(Sort::Korean, reading.key.letters()));
    let key = token.key;
    let beginning = (key.len() >= LONG).then(|| term(Sort::Beginning, &key.letters()[..BEGINNING]));
    consonants.into_iter().chain(korean).chain(beginning)
}

fn has_neighbours(token: &Token) -> bool {
    token.role == Role::Plain && token.key.len() >= NEIGHBOUR_LETTERS_MIN
}

/// The terms of a key itself and with each letter left out.
fn without_a_letter(key: &Key) -> impl Iterator<Item = u32> + use<> {
    let key = *key;
    let whole = std::iter::once(term(Sort::Neighbour, key.letters()));
    whole.chain((0..key.len()).map(move |at| {
        let kept: Vec<u8> = [&key.letters()[..at], &key.letters()[at + 1..]].concat();
        term(Sort::Neighbour, &kept)
    }))
}

/// A name of several words, written as one.
fn joined_term(tokens: &[Token]) -> Option<u32> {
    let mut whole = Key::default();
    let words =
        tokens.iter().filter(|token| matches!(token.role, Role::Plain | Role::Meaning(..) | Role::Particle));
    let mut count = 0;
    for token in words {
        whole.extend(&token.key);
        count += 1;
    }
    (count > 1).then(|| term(Sort::Joined, whole.letters()))
}

/// Korean sounds of a whole name.
fn korean_joined(name: &Name) -> Option<u32> {
    let words = || name.tokens.iter().filter(|token| token.role == Role::Plain);
    if !words().all(|token| token.is_korean) || words().count() == 0 {
        return None;
    }
    let mut whole = Key::default();
    words().try_for_each(|token| token.korean.map(|reading| whole.extend(&reading.key)))?;
    Some(term(Sort::KoreanJoined, whole.letters()))
}

/// Two words in a row, which another may write as one.
fn pairs(tokens: &[Token]) -> impl Iterator<Item = Key> + '_ {
    tokens.windows(2).filter(|pair| pair.iter().all(|token| token.role == Role::Plain)).map(|pair| {
        let mut key = pair[0].key;
        key.extend(&pair[1].key);
        key
    })
}

/// The first letters of a name of three words or more, without and with the words of its legal form.
fn abbreviations(name: &Name) -> Vec<Vec<u8>> {
    let letters = |with_form: bool| -> Option<Vec<u8>> {
        let is_part = |token: &&Token| match token.role {
            Role::Plain | Role::Meaning(..) => true,
            Role::Legal(_) => with_form && token.written.len() > 4,
            _ => false,
        };
        let initials = name.tokens.iter().filter(is_part).flat_map(|token| token.initials);
        let letters: Vec<u8> = initials.filter(|&letter| letter != 0).collect();
        let text = std::str::from_utf8(&letters).ok()?;
        (3..=6).contains(&letters.len()).then(|| super::sounds::key(text).letters().to_vec())
    };
    let mut found: Vec<Vec<u8>> = [letters(false), letters(true)].into_iter().flatten().collect();
    found.dedup();
    found
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
        assert_eq!(index().beginning_with("mar", 10), ["MARIA", "MARIA E"]);
        assert_eq!(index().beginning_with("вост", 10), ["Vostochny", "Vostochny Cosmodrome"]);
    }
}

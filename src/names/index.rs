//! An index of names: those worth comparing with a question, among millions.
//!
//! Each name is filed under terms (`terms.rs`), and the whole file is one sorted column of term and name,
//! cut into pages (`pages.rs`). A second column leads from each key with one letter left out to the key: two
//! keys that are one letter apart meet there (the deletion neighbourhood of Mor and Fraenkel, 1982).
//! Where the pages are is not this module's business: in memory, or in a store that reads those that a
//! question touches.
//!
//! The names that share words with a question (`candidates.rs`) are ranked by how rare those words are, and
//! by how many pairs of letters they share; the best of both are compared in full.

use std::hash::Hasher;
use std::sync::OnceLock;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::candidates::Lookup;
use super::name::Role;
use super::pages::{
    InMemory, NamePage, NamePages, OrderPage, PAGE_NAMES, Row, TermPage, Terms, cut, filed, number, under,
};
use super::sounds::Key;
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
#[derive(Debug, Clone, Default)]
pub struct NameIndex<P = InMemory> {
    pages: P,
}

/// A page of names, and what they are to be found by.
#[derive(Default)]
struct Filing {
    page: NamePage,
    filed: Vec<u64>,
    /// Keys whose neighbours are filed, by their terms.
    keys: FxHashMap<u32, Key>,
}

/// What an index is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
        entries.truncate(u32::MAX as usize);
        // Short names before long ones: where only some of a term's names are read, the nearest are.
        entries.par_sort_by_cached_key(|entry| (entry.text.split_whitespace().count(), entry.owner));
        let pages: Vec<(usize, &[Entry])> = entries.chunks(PAGE_NAMES).enumerate().collect();
        let filings: Vec<Filing> = pages
            .into_par_iter()
            .map(|(number, entries)| Filing::of((number * PAGE_NAMES) as u32, entries))
            .collect();
        let order = in_order(&entries);
        let mut pages = InMemory::default();
        (pages.directory.len, pages.directory.n_ordered) = (entries.len(), order.len());
        pages.order = order.chunks(PAGE_NAMES).map(|numbers| OrderPage(numbers.to_vec())).collect();
        drop((entries, order));
        let (mut all, mut keys) = (Vec::new(), FxHashMap::default());
        for filing in filings {
            pages.names.push(filing.page);
            all.extend(filing.filed);
            keys.extend(filing.keys);
        }
        let fences = &mut pages.directory.fences;
        (fences[Terms::Filed as usize], pages.filed) = cut(&sorted(all));
        let neighbours = keys
            .par_iter()
            .flat_map_iter(|(&term, key)| without_a_letter(key).map(move |near| filed(near, term)));
        (fences[Terms::Neighbours as usize], pages.neighbours) = cut(&sorted(neighbours.collect()));
        Self { pages }
    }

    /// How much memory it takes, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.pages.size_bytes()
    }

    /// Its pages, to be kept elsewhere.
    #[must_use]
    pub fn into_pages(self) -> InMemory {
        self.pages
    }
}

impl Filing {
    fn of(first: u32, entries: &[Entry]) -> Self {
        let mut filing = Self::default();
        let mut terms = Vec::new();
        for (number, entry) in (first..).zip(entries) {
            let Entry { owner, ref text, kind, is_identifier } = *entry;
            let row = Row { text, owner, kind, is_identifier };
            if is_identifier {
                filing.page.push(row, 0);
                filing.filed.push(filed(identifier_term(text), number));
                continue;
            }
            let name = Name::new(text, kind);
            filing.page.push(row, letter_pairs(&name));
            terms.clear();
            terms_of(&name, &mut terms);
            filing.filed.extend(terms.iter().map(|&term| filed(term, number)));
            for token in name.tokens.iter().filter(|token| has_neighbours(token)) {
                filing.keys.insert(term(Sort::Key, token.key.letters()), token.key);
            }
        }
        filing
    }
}

/// The numbers of names, but not of identifiers, in the order of their normal forms.
fn in_order(entries: &[Entry]) -> Vec<u32> {
    let numbers = (0..).zip(entries).filter(|(_, entry)| !entry.is_identifier);
    let mut order: Vec<u32> = numbers.map(|(number, _)| number).collect();
    order.par_sort_by_cached_key(|&number| normal(&entries[number as usize].text));
    order
}

fn sorted(mut filed: Vec<u64>) -> Vec<u64> {
    filed.par_sort_unstable();
    filed.dedup();
    filed
}

impl<P: NamePages> NameIndex<P> {
    /// The index whose pages are there.
    pub fn over(pages: P) -> Self {
        Self { pages }
    }

    /// Where its pages are.
    pub fn pages(&self) -> &P {
        &self.pages
    }

    /// As [`NameIndex::pages`], to change where they are.
    pub fn pages_mut(&mut self) -> &mut P {
        &mut self.pages
    }

    /// How many names and identifiers are filed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pages.directory().len
    }

    /// Whether nothing is filed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that it was made of, in the order in which it is filed.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        let pages = (0..self.len().div_ceil(PAGE_NAMES)).filter_map(|number| self.pages.names(number));
        pages.flat_map(NamePage::rows).map(|row| Entry {
            owner: row.owner,
            text: row.text.to_owned(),
            kind: row.kind,
            is_identifier: row.is_identifier,
        })
    }

    /// Whether its pages are those that its entries give.
    ///
    /// # Complexity
    /// As [`NameIndex::build`].
    #[must_use]
    pub fn is_filed_right(&self) -> bool {
        let expected = NameIndex::build(self.entries()).pages;
        let pages = &self.pages;
        let has_terms = |of, expected: &[TermPage]| {
            (0..).zip(expected).all(|(number, page)| pages.terms(of, number) == Some(page))
        };
        *pages.directory() == expected.directory
            && (0..).zip(&expected.names).all(|(number, page)| pages.names(number) == Some(page))
            && has_terms(Terms::Filed, &expected.filed)
            && has_terms(Terms::Neighbours, &expected.neighbours)
            && (0..).zip(&expected.order).all(|(number, page)| pages.order(number) == Some(page))
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
        for row in self.candidates(question, n_compared, &shows) {
            if let Some(score) = similarity_at_least(question, &Name::new(row.text, row.kind), least) {
                found.push(row.found(score));
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
        let part_of = |row: Row<'_>| {
            let all: Vec<&str> = words(row.text).collect();
            let parts = all.windows(n_words).filter(|_| all.len() > n_words);
            let scores = parts.filter_map(|part| {
                similarity_at_least(question, &Name::new(&part.join(" "), row.kind), least)
            });
            Some(row.found(scores.max_by(f64::total_cmp)?))
        };
        let found = self.candidates(question, n_compared, &shows).into_iter().filter_map(part_of).collect();
        best_of_each(found, limit)
    }

    /// The names that begin with a text, whatever its case, marks and script, in their order; those of owners
    /// that `shows` does not let through are left out.
    #[must_use]
    pub fn beginning_with(&self, text: &str, limit: usize, shows: impl Fn(u32) -> bool) -> Vec<&str> {
        let wanted = normal(text);
        let n_names = self.pages.directory().n_ordered;
        let (mut from, mut to) = (0, n_names);
        while from < to {
            let middle = from.midpoint(to);
            let is_before = self.ordered(middle).is_some_and(|row| normal(row.text) < wanted);
            (from, to) = if is_before { (middle + 1, to) } else { (from, middle) };
        }
        let names = (from..n_names).filter_map(|at| self.ordered(at));
        let mut found: Vec<&str> = Vec::new();
        for row in names.take_while(|row| normal(row.text).starts_with(&wanted)) {
            if found.len() == limit {
                break;
            }
            if shows(row.owner) && !found.contains(&row.text) {
                found.push(row.text);
            }
        }
        found
    }

    fn row(&self, number: u32) -> Option<Row<'_>> {
        let number = number as usize;
        self.pages.names(number / PAGE_NAMES)?.get(number % PAGE_NAMES)
    }

    fn owner(&self, number: u32) -> Option<u32> {
        let number = number as usize;
        self.pages.names(number / PAGE_NAMES)?.owner(number % PAGE_NAMES)
    }

    fn letters(&self, number: u32) -> u64 {
        let number = number as usize;
        let page = self.pages.names(number / PAGE_NAMES);
        page.and_then(|page| page.letters(number % PAGE_NAMES)).unwrap_or_default()
    }

    /// The name at a place in the order of normal forms.
    fn ordered(&self, at: usize) -> Option<Row<'_>> {
        self.row(*self.pages.order(at / PAGE_NAMES)?.0.get(at % PAGE_NAMES)?)
    }

    /// The owners of the identifier that a question is.
    fn identified(&self, question: &Name, shows: &impl Fn(u32) -> bool) -> Vec<Found> {
        let read = question.identifier.as_ref().map(|identifier| identifier.value.as_str());
        let asked: FxHashSet<&str> = [Some(question.text()), read].into_iter().flatten().collect();
        let mut found = Vec::new();
        for asked in asked {
            let filed = under(&self.pages, Terms::Filed, identifier_term(asked)).iter();
            let rows = filed.filter_map(|&filed| self.row(number(filed)));
            let same = rows.filter(|row| row.is_identifier && letters(row.text).eq(letters(asked)));
            found.extend(same.filter(|row| shows(row.owner)).map(|row| row.found(1.0)));
        }
        found
    }

    /// The names that share most with a question: those whose words are the rarest, and those that share
    /// most letters, too, where many have the same words.
    fn candidates(&self, question: &Name, limit: usize, shows: &impl Fn(u32) -> bool) -> Vec<Row<'_>> {
        let mut by_words = Lookup { pages: &self.pages }.candidates(question);
        by_words.retain(|(number, _)| self.owner(*number).is_some_and(shows));
        let rows = |numbers: FxHashSet<u32>| {
            let rows = numbers.into_iter().filter_map(|number| self.row(number));
            rows.filter(|row| !row.is_identifier).collect()
        };
        if by_words.len() <= limit {
            return rows(by_words.into_iter().map(|(number, _)| number).collect());
        }
        let of_question = letter_pairs(question);
        let by_letters = by_words
            .iter()
            .map(|&(number, weight)| (number, weight * shared(of_question, self.letters(number)).powi(2)));
        let rankings = [by_letters.collect(), by_words];
        rows(rankings.into_iter().flat_map(|ranking| best(ranking, limit)).collect())
    }
}

impl Row<'_> {
    fn found(&self, score: f64) -> Found {
        Found {
            owner: self.owner,
            name: self.text.to_owned(),
            score,
            kind: self.kind,
            is_identifier: self.is_identifier,
        }
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

/// The letters and digits by which identifiers are told apart.
fn letters(identifier: &str) -> impl Iterator<Item = u8> + '_ {
    identifier.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase())
}

fn identifier_term(text: &str) -> u32 {
    term(Sort::Identifier, &letters(text).collect::<Vec<_>>())
}

/// A number that differs where names are filed otherwise: an index that was stored under another one
/// is of no use.
#[must_use]
pub fn filing_fingerprint() -> u64 {
    static FINGERPRINT: OnceLock<u64> = OnceLock::new();
    *FINGERPRINT.get_or_init(fingerprint)
}

fn fingerprint() -> u64 {
    let names = SAMPLES.iter().map(|text| Entry {
        owner: 0,
        text: (*text).to_owned(),
        kind: None,
        is_identifier: false,
    });
    let pages = NameIndex::build(names.chain([identifier_entry(0, "imo", "8517839", None)])).into_pages();
    let mut hasher = FxHasher::default();
    let filed = pages.filed.iter().chain(&pages.neighbours).flat_map(|page| &page.0);
    filed.for_each(|filed| hasher.write_u64(*filed));
    pages.names.iter().for_each(|page| hasher.write(&page.encode()));
    pages.order.iter().for_each(|page| hasher.write(&page.encode()));
    hasher.finish()
}

/// Names of all sorts, in which a change of the rules shows.
const SAMPLES: &[&str] = &[
    "Rajin Port",
    "порт Восточный",
    "라진항",
    "JSC Voskresenskiy Agregatniy Zavod",
    "ООО «Оборонлогистика»",
    "M/V MARIA V",
    "Kim Jong Un",
    "김정은",
    "Владимир Владимирович Иванов",
    "Dr. Müller & Söhne GmbH",
    "Main Missile and Artillery Directorate",
    "51st Arsenal",
    "Wostotschnyj Kosmodrom",
    "Al-Qāhira Trading Co. Ltd.",
];

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

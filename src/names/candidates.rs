//! Which of the names that are filed are worth comparing with a question.
//!
//! Each word of the question has a slot: the lists of names that are filed under it and under what is near it. Slots of
//! few names are read whole, the rarest word first; of those of many names only what also stands
//! in another slot, so that a question takes about the same time however common its words are.
//! Lists are sorted by name, and two of them are read side by side, or by galloping through the longer
//! where it is much longer (Bentley and Yao, 1976).

use rustc_hash::FxHashMap;

use super::Name;
use super::name::{Role, Token};
use super::pages::{NamePages, Terms, number, under};
use super::terms::{
    Sort, abbreviations, has_neighbours, joined_term, korean_joined, main_term, other_terms, pairs, term,
    without_a_letter,
};

/// A word under which more names are filed is read only where another word meets it.
const COMMON: usize = 4096;

/// As many keys near one of a question are read.
const NEIGHBOURS_MAX: usize = 256;

/// As many lists of a common word are met with those of another.
const LISTS_MAX: usize = 2;

/// A list that is so many times as long as another is galloped through.
const MUCH_LONGER: usize = 16;

/// What a question is looked up in.
pub(super) struct Lookup<'i, P> {
    pub(super) pages: &'i P,
}

/// Names by their numbers, with how much they share with a question.
type Weights = FxHashMap<u32, f32>;

impl<'i, P: NamePages> Lookup<'i, P> {
    fn filed(&self, term: u32) -> &'i [u64] {
        under(self.pages, Terms::Filed, term)
    }

    /// The names that share a word with a question, by what the words that they share say, in no order.
    pub(super) fn candidates(&self, question: &Name) -> Vec<(u32, f32)> {
        let mut slots = self.slots(question);
        let n_names = self.pages.directory().len;
        slots.sort_by_key(|slot| slot.count);
        let n_rare = slots.partition_point(|slot| slot.count <= COMMON);
        let (rare, common) = slots.split_at(n_rare);
        let mut weights = Weights::default();
        weights.reserve(rare.iter().map(|slot| slot.count).sum());
        for slot in rare {
            let weight = slot.weight(n_names);
            slot.names().for_each(|number| *weights.entry(number).or_default() += weight);
        }
        if let [first, second, ..] = common {
            for number in first.meet(second) {
                weights.entry(number).or_default();
            }
        }
        if weights.is_empty()
            && let Some(slot) = common.first()
        {
            weights.extend(slot.names().take(COMMON).map(|number| (number, 0.0)));
        }
        let mut found: Vec<(u32, f32)> = weights.into_iter().collect();
        if !common.is_empty() {
            found.sort_unstable_by_key(|(name, _)| *name);
            let names: Vec<u64> = found.iter().map(|(name, _)| u64::from(*name)).collect();
            for slot in common {
                let weight = slot.weight(n_names);
                let of_slot = found.iter_mut().zip(slot.has(&names));
                of_slot.filter(|(_, is_here)| *is_here).for_each(|((_, sum), _)| *sum += weight);
            }
        }
        found
    }

    /// What to read for each word of a question.
    fn slots(&self, question: &Name) -> Vec<Slot<'i>> {
        let mut slots: Vec<Slot<'i>> = Vec::new();
        for token in &question.tokens {
            let Some(exact) = main_term(token) else { continue };
            let mut slot = Slot::of(self.filed(exact));
            if token.role == Role::Plain {
                slot.lists.extend(other_terms(token).map(|term| self.filed(term)));
                slot.lists.extend(self.near(token).into_iter().map(|term| self.filed(term)));
                if token.is_abbreviation {
                    slot.lists.push(self.filed(term(Sort::Abbreviation, token.key.letters())));
                }
            }
            slots.push(slot.counted());
        }
        let under = |term: u32| self.filed(term);
        let mut whole = Vec::new();
        whole.extend(joined_term(&question.tokens).map(under));
        whole.extend(pairs(&question.tokens).map(|key| under(term(Sort::Key, key.letters()))));
        whole.extend(abbreviations(question).iter().map(|letters| under(term(Sort::Key, letters))));
        whole.extend(question.place.map(|row| under(term(Sort::Place, &[row]))));
        let mut single = question.tokens.iter().filter(|token| token.role == Role::Plain);
        if let (Some(only), None) = (single.next(), single.next()) {
            whole.push(under(term(Sort::Joined, only.key.letters())));
            whole.extend(only.korean.map(|reading| under(term(Sort::KoreanJoined, reading.key.letters()))));
        }
        whole.extend(korean_joined(question).map(under));
        slots.extend(whole.into_iter().filter(|list| !list.is_empty()).map(|list| Slot::of(list).counted()));
        slots.retain(|slot| slot.count > 0);
        slots
    }

    /// The terms of keys that are about a letter away.
    fn near(&self, token: &Token) -> Vec<u32> {
        let mut terms = Vec::new();
        if has_neighbours(token) {
            let own = term(Sort::Key, token.key.letters());
            for near in without_a_letter(&token.key) {
                terms.extend(under(self.pages, Terms::Neighbours, near).iter().map(|&filed| number(filed)));
            }
            terms.sort_unstable();
            terms.dedup();
            terms.retain(|&term| term != own);
            terms.truncate(NEIGHBOURS_MAX);
        }
        terms
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
        self.lists.iter().flat_map(|list| list.iter().map(|&filed| number(filed)))
    }

    /// Rare words say more.
    fn weight(&self, n_names: usize) -> f32 {
        ((n_names as f32 + 1.0) / (self.count as f32 + 1.0)).ln().max(0.1)
    }

    /// Some names that stand here and there.
    fn meet(&self, other: &Self) -> Vec<u32> {
        let theirs = other.longest();
        let mut both = Vec::new();
        for ours in self.longest() {
            for theirs in &theirs {
                for_both(ours, theirs, |at| {
                    both.push(number(ours[at]));
                    both.len() < COMMON
                });
            }
        }
        both
    }

    /// The names under the word itself, and the longest of the other lists.
    fn longest(&self) -> Vec<&'i [u64]> {
        let mut lists = self.lists.clone();
        if let [_, others @ ..] = lists.as_mut_slice() {
            others.sort_by_key(|list| std::cmp::Reverse(list.len()));
        }
        lists.truncate(LISTS_MAX);
        lists
    }

    /// Which of some names in their order stand here.
    fn has(&self, names: &[u64]) -> Vec<bool> {
        let mut is_here = vec![false; names.len()];
        for list in &self.lists {
            for_both(names, list, |at| {
                is_here[at] = true;
                true
            });
        }
        is_here
    }
}

/// Tells of each name that stands in two lists its place in the first, in order, until `tell` has enough.
///
/// # Complexity
/// O(a + b), or O(a log b) where b is much longer, and the other way round.
fn for_both(ours: &[u64], theirs: &[u64], mut tell: impl FnMut(usize) -> bool) {
    if theirs.len() / MUCH_LONGER > ours.len() {
        let mut gallop = Gallop { list: theirs, at: 0 };
        for (at, &name) in ours.iter().enumerate() {
            if gallop.has(number(name)) && !tell(at) {
                return;
            }
        }
    } else if ours.len() / MUCH_LONGER > theirs.len() {
        let mut gallop = Gallop { list: ours, at: 0 };
        for &name in theirs {
            if gallop.has(number(name)) && !tell(gallop.at) {
                return;
            }
        }
    } else {
        let (mut i, mut j) = (0, 0);
        while let (Some(&a), Some(&b)) = (ours.get(i), theirs.get(j)) {
            let (a, b) = (number(a), number(b));
            if a == b && !tell(i) {
                return;
            }
            // Without a branch, which would be guessed wrong half the time.
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
    }
}

/// A list that is asked for names in their order.
struct Gallop<'l> {
    list: &'l [u64],
    /// The first place that is not before the last name asked for.
    at: usize,
}

impl Gallop<'_> {
    /// Whether a name is in the list.
    ///
    /// # Complexity
    /// O(log d) for a name that stands d places after the last one.
    fn has(&mut self, name: u32) -> bool {
        let rest = &self.list[self.at..];
        let is_before = |filed: &u64| number(*filed) < name;
        let mut step = 1;
        while step < rest.len() && is_before(&rest[step]) {
            step *= 2;
        }
        self.at += rest[..rest.len().min(step + 1)].partition_point(is_before);
        self.list.get(self.at).is_some_and(|&filed| number(filed) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::pages::filed;

    #[test]
    fn two_lists_meet_whatever_their_lengths() {
        let every = |step: usize, count: u32| -> Vec<u64> {
            (0..count).step_by(step).map(|name| filed(7, name)).collect()
        };
        for (ours, theirs) in [(2, 3), (1, 50), (50, 1), (7, 7), (1, 999), (999, 1)] {
            let (first, second) = (every(ours, 1000), every(theirs, 1000));
            let mut found = Vec::new();
            for_both(&first, &second, |at| {
                found.push(number(first[at]));
                true
            });
            let both =
                |name: &u32| (*name as usize).is_multiple_of(ours) && (*name as usize).is_multiple_of(theirs);
            let expected: Vec<u32> = (0..1000).filter(both).collect();
            assert_eq!(found, expected, "every {ours} and {theirs}");
        }
        for_both(&[], &every(1, 3), |_| panic!("nothing is in both"));
    }

    #[test]
    fn a_slot_has_what_any_of_its_lists_has() {
        let (short, long) = ([filed(1, 4)], [filed(2, 1), filed(2, 4), filed(2, 6), filed(2, 9)]);
        let slot = Slot { lists: vec![&short, &long], count: 5 };
        assert_eq!(slot.has(&[0, 4, 9]), [false, true, true]);
    }
}

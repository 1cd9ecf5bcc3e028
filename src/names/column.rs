//! A sorted column of terms and what is filed under them, with a directory.

/// What is filed under terms of 32 bits: term and number in one word, sorted, so that a term's
/// numbers lie side by side in their order.
#[derive(Debug, Default)]
pub(super) struct Column {
    filed: Vec<u64>,
    /// Where the terms of each directory entry begin, by the terms' highest bits; at the end, where all end.
    begins: Vec<usize>,
    /// How many of a term's bits the directory leaves out.
    shift: u32,
}

/// About so many numbers are under one entry of the directory.
const UNDER_ENTRY: usize = 32;

/// A term with a number, as it is sorted.
pub(super) fn filed(term: u32, number: u32) -> u64 {
    u64::from(term) << 32 | u64::from(number)
}

/// The number that was filed.
pub(super) fn number(filed: u64) -> u32 {
    filed as u32
}

fn term(filed: u64) -> u32 {
    (filed >> 32) as u32
}

impl Column {
    /// Sorts what is filed.
    ///
    /// # Complexity
    /// O(n log n)
    pub(super) fn of(mut filed: Vec<u64>) -> Self {
        filed.sort_unstable();
        filed.dedup();
        filed.shrink_to_fit();
        let bits = (filed.len() / UNDER_ENTRY).max(1).ilog2().clamp(1, 20);
        let shift = 32 - bits;
        let mut begins = Vec::with_capacity((1 << bits) + 1);
        for (at, &one) in filed.iter().enumerate() {
            let entry = (term(one) >> shift) as usize;
            while begins.len() <= entry {
                begins.push(at);
            }
        }
        begins.resize((1 << bits) + 1, filed.len());
        Self { filed, begins, shift }
    }

    /// What is filed under a term.
    pub(super) fn under(&self, wanted: u32) -> &[u64] {
        let entry = (wanted >> self.shift) as usize;
        let (Some(&from), Some(&to)) = (self.begins.get(entry), self.begins.get(entry + 1)) else {
            return &[];
        };
        let near = &self.filed[from..to];
        let near = &near[near.partition_point(|&one| term(one) < wanted)..];
        &near[..near.partition_point(|&one| term(one) == wanted)]
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.filed.capacity() * size_of::<u64>() + self.begins.capacity() * size_of::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_leads_to_its_numbers_and_no_others() {
        let terms = [0, 1, 7, u32::MAX / 2, u32::MAX - 1, u32::MAX];
        let all: Vec<u64> = (0..600).map(|i| filed(terms[i as usize % 5], i)).chain([filed(9, 3)]).collect();
        let column = Column::of(all.clone());
        for wanted in terms.into_iter().chain([2, 9, 1 << 31]) {
            let mut expected: Vec<u64> = all.iter().copied().filter(|&one| term(one) == wanted).collect();
            expected.sort_unstable();
            assert_eq!(column.under(wanted), expected, "{wanted}");
        }
        assert!(Column::default().under(5).is_empty());
        assert!(Column::of(Vec::new()).under(5).is_empty());
    }
}

//! Random numbers that are the same on every machine and in every release.
//!
//! The generator is SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, "Fast Splittable
//! Pseudorandom Number Generators", OOPSLA 2014). Every fleet and every ship has a stream of
//! its own, so that what happens to one does not shift what happens to the others.

/// The odd constant by which SplitMix64 steps.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of the thing `number` of a kind.
    pub(super) fn stream(seed: u64, kind: u64, number: u64) -> Self {
        Self(mix(mix(mix(seed.wrapping_add(STEP)) ^ kind).wrapping_add(number)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `n`, which is not 0.
    ///
    /// The upper half of a product (D. Lemire, "Fast Random Integer Generation in an
    /// Interval", 2019); the bias that is left is below one in 2⁴⁰ for the `n` used here.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u32
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most - least + 1)
    }

    /// Whether something happens that does once in `n` times.
    pub(super) fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of several.
    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u32) as usize]
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_stay_the_same() {
        let mut random = Random(0);
        // The first numbers of SplitMix64 from 0, as its authors' code gives them.
        assert_eq!([random.next(), random.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        assert_ne!(Random::stream(1, 0, 0).next(), Random::stream(1, 1, 0).next());
        assert_ne!(Random::stream(1, 0, 0).next(), Random::stream(1, 0, 1).next());
    }

    #[test]
    fn every_number_of_a_range_comes_and_no_other() {
        let mut random = Random::stream(7, 0, 0);
        let mut seen = [false; 6];
        (0..200).for_each(|_| seen[random.between(1, 4) as usize] = true);
        assert_eq!(seen, [false, true, true, true, true, false]);
    }
}

//! Small random choices that are the same in every run.

/// A generator of pseudo-random numbers (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    /// One that always throws the same for a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n as u64).expect("small")
    }
}

/// How many cases to try: `THROUGHLINE_CASES`, else so many.
pub(crate) fn cases(default: usize) -> usize {
    std::env::var("THROUGHLINE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

//! Makes a failing case smaller: fewer bytes, smaller bytes. Shorter bytes are simpler cases.

/// Tries at most so many smaller cases.
const TRIES_MAX: usize = 4000;

/// The smallest bytes found for which `fails` still holds.
pub(crate) fn shrink(bytes: &[u8], fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut best = bytes.to_vec();
    let mut n_tries = 0;
    let mut is_better = |candidate: &[u8]| {
        n_tries += 1;
        n_tries <= TRIES_MAX && fails(candidate)
    };
    loop {
        let before = best.clone();
        for size in [128, 32, 8, 4, 3, 2, 1] {
            remove_chunks(&mut best, size, &mut is_better);
        }
        lower_bytes(&mut best, &mut is_better);
        if best == before {
            return best;
        }
    }
}

fn remove_chunks(best: &mut Vec<u8>, size: usize, is_better: &mut impl FnMut(&[u8]) -> bool) {
    let mut end = best.len();
    while end > 0 {
        let start = end.saturating_sub(size);
        let mut candidate = best.clone();
        candidate.drain(start..end.min(candidate.len()));
        if candidate.len() < best.len() && is_better(&candidate) {
            *best = candidate;
        }
        end = start.min(best.len());
    }
}

fn lower_bytes(best: &mut Vec<u8>, is_better: &mut impl FnMut(&[u8]) -> bool) {
    for place in 0..best.len() {
        for lower in [0, 1, best[place] / 2, best[place].wrapping_sub(1)] {
            let mut candidate = best.clone();
            candidate[place] = lower;
            if lower < best[place] && is_better(&candidate) {
                *best = candidate;
                break;
            }
        }
    }
}

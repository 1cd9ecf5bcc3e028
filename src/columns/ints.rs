//! A column of integers in as many bits as they need.
//!
//! Numbers are kept as distances: from the least of them and divided by what divides
//! all (frame of reference), or each from the one before (delta), whichever takes less
//! room; steps are counted from the least of them. Distances are packed in runs of 128 with the width of the run's greatest, so
//! that one outlier widens its own run only.
//!
//! | bytes | meaning |
//! |---|---|
//! | 1 | 0 from the least, 1 from the one before |
//! | varint, with sign | the least, or the first |
//! | varint | the divisor of all distances, or with sign the least step |
//! | for each run: 1, then 8 for each word | the width in bits, then the distances from the lowest bit up |
//!
//! Source: D. Lemire and L. Boytsov, "Decoding billions of integers per second through
//! vectorization", Software: Practice and Experience 45 (2015), for the methods compared.

use super::bytes::{Reader, damaged, put_signed, put_varint};
use crate::error::Result;

/// How many distances share a width.
const RUN: usize = 128;

const FROM_LEAST: u8 = 0;
const FROM_BEFORE: u8 = 1;

/// Appends a column of integers.
///
/// # Complexity
/// O(N).
pub(crate) fn encode(values: &[i64], out: &mut Vec<u8>) {
    let least = values.iter().copied().min().unwrap_or(0);
    let divisor =
        values.iter().fold(0, |divisor, &value| gcd(divisor, value.wrapping_sub(least).cast_unsigned()));
    let divisor = divisor.max(1);
    let from_least = || values.iter().map(|value| value.wrapping_sub(least).cast_unsigned() / divisor);
    let first = values.first().copied().unwrap_or(0);
    let steps = || values.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let step = steps().min().unwrap_or(0);
    let from_before =
        || values.iter().take(1).map(|_| 0).chain(steps().map(|by| by.wrapping_sub(step).cast_unsigned()));
    if packed_len(from_before()) < packed_len(from_least()) {
        out.push(FROM_BEFORE);
        put_signed(out, first);
        put_signed(out, step);
        pack(from_before(), out);
    } else {
        out.push(FROM_LEAST);
        put_signed(out, least);
        put_varint(out, divisor);
        pack(from_least(), out);
    }
}

/// Reads a column of `len` integers.
///
/// # Errors
/// `Corrupt` where the bytes are no such column.
///
/// # Complexity
/// O(N).
pub(crate) fn decode(reader: &mut Reader<'_>, len: usize) -> Result<Vec<i64>> {
    let method = reader.byte()?;
    let base = reader.signed()?;
    let mut values = Vec::new();
    match method {
        FROM_LEAST => {
            let divisor = reader.varint()?;
            unpack(reader, len, &mut values, |distance| {
                base.wrapping_add(distance.wrapping_mul(divisor).cast_signed())
            })?;
        }
        FROM_BEFORE => {
            let step = reader.signed()?;
            let mut before = base.wrapping_sub(step);
            unpack(reader, len, &mut values, |distance| {
                before = before.wrapping_add(step).wrapping_add(distance.cast_signed());
                before
            })?;
        }
        _ => return Err(damaged("integers are packed in an unknown way")),
    }
    Ok(values)
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn width(greatest: u64) -> usize {
    (u64::BITS - greatest.leading_zeros()) as usize
}

/// How many words a run of a width takes.
fn words(len: usize, width: usize) -> usize {
    (len * width).div_ceil(64)
}

/// Calls `visit` with each run of distances and its width.
fn runs(distances: impl Iterator<Item = u64>, mut visit: impl FnMut(&[u64], usize)) {
    let mut run = Vec::with_capacity(RUN);
    let mut distances = distances.peekable();
    while distances.peek().is_some() {
        run.clear();
        run.extend(distances.by_ref().take(RUN));
        let greatest = run.iter().fold(0, |all, distance| all | distance);
        visit(&run, width(greatest));
    }
}

fn packed_len(distances: impl Iterator<Item = u64>) -> usize {
    let mut len = 0;
    runs(distances, |run, width| len += 1 + 8 * words(run.len(), width));
    len
}

fn pack(distances: impl Iterator<Item = u64>, out: &mut Vec<u8>) {
    runs(distances, |run, width| {
        out.push(width as u8);
        let (mut word, mut n_bits) = (0_u128, 0);
        for &distance in run {
            word |= u128::from(distance) << n_bits;
            n_bits += width;
            if n_bits >= 64 {
                out.extend_from_slice(&(word as u64).to_le_bytes());
                word >>= 64;
                n_bits -= 64;
            }
        }
        if n_bits > 0 {
            out.extend_from_slice(&(word as u64).to_le_bytes());
        }
    });
}

fn unpack(
    reader: &mut Reader<'_>,
    len: usize,
    values: &mut Vec<i64>,
    mut value: impl FnMut(u64) -> i64,
) -> Result<()> {
    let mut left = len;
    while left > 0 {
        let count = left.min(RUN);
        let width = usize::from(reader.byte()?);
        if width > 64 {
            return Err(damaged("integers of more than 64 bits"));
        }
        let mut packed = reader.take(8 * words(count, width))?.chunks_exact(8);
        let mask = if width == 64 { u128::from(u64::MAX) } else { (1 << width) - 1 };
        let (mut word, mut n_bits) = (0_u128, 0);
        values.reserve(count);
        for _ in 0..count {
            if n_bits < width
                && let Some(next) = packed.next().and_then(|bytes| bytes.try_into().ok())
            {
                word |= u128::from(u64::from_le_bytes(next)) << n_bits;
                n_bits += 64;
            }
            values.push(value((word & mask) as u64));
            word >>= width;
            n_bits = n_bits.saturating_sub(width);
        }
        left -= count;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(values: &[i64]) -> usize {
        let mut bytes = Vec::new();
        encode(values, &mut bytes);
        let mut reader = Reader::new(&bytes);
        assert_eq!(decode(&mut reader, values.len()).expect("just encoded"), values);
        assert!(reader.rest().is_empty());
        bytes.len()
    }

    #[test]
    fn little_takes_little_room() {
        assert_eq!(round_trip(&[]), 3);
        assert_eq!(round_trip(&[i64::MIN, i64::MAX, 0, -1]), 1 + 10 + 1 + 1 + 32);
        let ascending: Vec<i64> = (1_000_000..1_004_096).collect();
        assert!(round_trip(&ascending) < 4096 / 4, "one from the next by one");
        let days: Vec<i64> = (0..4096).map(|n| (n * 7919 % 365) * 86_400_000_000).collect();
        assert!(round_trip(&days) < 4096 * 9 / 8 + 64, "the day's length divides all");
        assert!(round_trip(&[7; 4096]) < 48, "no bits for what is always the same");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(values in prop::collection::vec(any::<i64>(), 0..400), by in 0_u32..64) {
            let values: Vec<i64> = values.iter().map(|value| value >> by).collect();
            round_trip(&values);
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), len in 0_usize..300) {
            let _ = decode(&mut Reader::new(&bytes), len);
        }
    }
}

//! A column of integers that lie in groups and ascend within each.
//!
//! A node's neighbours, sorted, are such a group. Within a group each number is kept as
//! its distance from the one before, so that what lies close together takes few bits
//! however far the groups are apart. Where some group does not ascend, the numbers are
//! kept as any integers.

use super::bytes::{Reader, damaged};
use super::ints;
use crate::error::Result;

const AS_THEY_ARE: u8 = 0;
const BY_GAPS: u8 = 1;

/// Appends a column; `starts` are the places at which groups begin, in order.
pub(crate) fn put(values: &[i64], starts: &[usize], out: &mut Vec<u8>) {
    let mut is_start = vec![false; values.len()];
    starts.iter().filter(|start| **start < values.len()).for_each(|start| is_start[*start] = true);
    let ascends = |at: usize| at == 0 || is_start[at] || values[at - 1] <= values[at];
    if !(0..values.len()).all(ascends) {
        out.push(AS_THEY_ARE);
        ints::encode(values, out);
        return;
    }
    out.push(BY_GAPS);
    let (mut firsts, mut gaps) = (Vec::new(), Vec::new());
    for (at, value) in values.iter().enumerate() {
        match at > 0 && !is_start[at] {
            true => gaps.push(value.wrapping_sub(values[at - 1])),
            false => firsts.push(*value),
        }
    }
    ints::encode(&firsts, out);
    ints::encode(&gaps, out);
}

/// Reads a column of `len` integers with groups that begin at `starts`.
///
/// # Errors
/// `Corrupt` where the bytes are no such column.
pub(crate) fn take(reader: &mut Reader<'_>, starts: &[usize], len: usize) -> Result<Vec<i64>> {
    match reader.byte()? {
        AS_THEY_ARE => ints::decode(reader, len),
        BY_GAPS => {
            let mut is_start = vec![false; len];
            is_start.iter_mut().take(1).for_each(|first| *first = true);
            starts.iter().filter(|start| **start < len).for_each(|start| is_start[*start] = true);
            let n_firsts = is_start.iter().filter(|is| **is).count();
            let mut firsts = ints::decode(reader, n_firsts)?.into_iter();
            let mut gaps = ints::decode(reader, len - n_firsts)?.into_iter();
            let mut value = 0_i64;
            let values = is_start.iter().map(|is_start| {
                value = match is_start {
                    true => firsts.next().unwrap_or_default(),
                    false => value.wrapping_add(gaps.next().unwrap_or_default()),
                };
                value
            });
            Ok(values.collect())
        }
        _ => Err(damaged("groups are written in an unknown way")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(values in prop::collection::vec(any::<i64>(), 0..300), sorted in any::<bool>(), by in 1_usize..40) {
            let starts: Vec<usize> = (0..values.len()).step_by(by).collect();
            let mut values = values;
            if sorted {
                values.chunks_mut(by).for_each(<[i64]>::sort_unstable);
            }
            let mut bytes = Vec::new();
            put(&values, &starts, &mut bytes);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(take(&mut reader, &starts, values.len()).expect("just written"), values);
            prop_assert!(reader.rest().is_empty());
        }
    }
}

//! What a write that was cut short can leave behind, and what it cannot.
//!
//! A power cut leaves a file that ends early, or sectors that were never written and read as
//! zeros. It never changes a byte. So where a frame does not verify, but is all there and no
//! sector of it is blank, its bytes went bad after they were written: that is damage, also in
//! the very last commit.
//!
//! This holds for the frame that finishes a commit. A frame that only begins or continues one
//! was never acknowledged by itself: whether a whole frame follows it decides.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::frame::{self, CLOSING_BYTES, FIXED_BYTES, HEADER_BYTES_MAX, Header, Kind};
use crate::{Error, Result};

/// What a disk writes whole or not at all.
const SECTOR_BYTES: u64 = 512;
/// No frame is shorter.
const FRAME_BYTES_MIN: usize = FIXED_BYTES + CLOSING_BYTES;

/// Whether a write that was cut short can have left what begins at `start`, where a frame
/// does not verify, and ends with the file at `end`. `is_first` says whether that frame is the
/// first of its commit.
///
/// # Errors
/// `Io` if the system refuses.
pub(super) fn can_be_torn(path: &Path, start: u64, end: u64, is_first: bool) -> Result<bool> {
    let failed = |error| Error::io(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let left = end.saturating_sub(start);
    let mut bytes = Vec::new();
    (&mut file).take(left.min(HEADER_BYTES_MAX as u64)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() < FRAME_BYTES_MIN || has_blank_sector(&bytes[..FIXED_BYTES], start) {
        return Ok(true);
    }
    if bytes[4] == if is_first { Kind::Begin } else { Kind::Chunk } as u8 {
        return Ok(true);
    }
    let Some(length) = frame::header_bytes(&bytes) else { return Ok(false) };
    if length >= bytes.len() {
        // The header is cut off, or a length in it went bad.
        return Ok(!is_whole_with_another_length(&bytes, left));
    }
    if !frame::is_whole(&bytes[..length]) {
        return Ok(has_blank_sector(&bytes[..length], start));
    }
    let Ok(header) = Header::decode(&bytes[..length]) else { return Ok(false) };
    let (payload_at, stored) = (length as u64 + 1, u64::from(header.stored_bytes));
    if left < payload_at + stored {
        return Ok(true);
    }
    let mut payload = Vec::new();
    file.seek(SeekFrom::Start(start + payload_at)).map_err(failed)?;
    file.take(stored).read_to_end(&mut payload).map_err(failed)?;
    let is_right = crc32fast::hash(&payload) == header.payload_crc;
    Ok(is_right || (payload.len() as u64) < stored || has_blank_sector(&payload, start + payload_at))
}

/// Whether bytes that lie at `offset` of a file have all that they share with some sector blank.
fn has_blank_sector(bytes: &[u8], offset: u64) -> bool {
    let first = ((SECTOR_BYTES - offset % SECTOR_BYTES) as usize).min(bytes.len());
    let (first, rest) = bytes.split_at(first);
    let mut sectors = std::iter::once(first).chain(rest.chunks(SECTOR_BYTES as usize));
    sectors.any(|sector| !sector.is_empty() && sector.iter().all(|byte| *byte == 0))
}

/// Whether `left` bytes are one whole frame but for the length of its author or message.
fn is_whole_with_another_length(bytes: &[u8], left: u64) -> bool {
    let number = |at| u64::from(u16::from_le_bytes(frame::take(bytes, at)));
    let stored = u64::from(u32::from_le_bytes(frame::take(bytes, 20)));
    let Some(texts) = left.checked_sub(FRAME_BYTES_MIN as u64 + stored) else { return false };
    let lengths = [(36, texts.checked_sub(number(38))), (38, texts.checked_sub(number(36)))];
    lengths.into_iter().any(|(at, length)| {
        let Some(Ok(length)) = length.map(u16::try_from) else { return false };
        let mut mended = bytes.to_vec();
        mended[at..at + 2].copy_from_slice(&length.to_le_bytes());
        let end = frame::header_bytes(&mended).filter(|end| *end < mended.len());
        end.is_some_and(|end| frame::is_whole(&mended[..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_is_blank_as_far_as_it_is_shared() {
        assert!(has_blank_sector(&[1, 2, 0, 0], 510));
        assert!(has_blank_sector(&[0, 2, 3], 511));
        assert!(!has_blank_sector(&[0, 2, 3], 510));
        assert!(!has_blank_sector(&[1, 0, 0, 2], 0));
        assert!(has_blank_sector(&[[1; 512], [0; 512], [1; 512]].concat(), 1024));
        assert!(!has_blank_sector(&[[1; 512], [0; 512], [1; 512]].concat(), 1000));
    }
}

//! Where payloads are in the record, and reading one of them alone.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Payload;
use super::base;
use super::ledger::Ledger;
use super::segment::{self, Segment};
use crate::error::{Error, Result};

/// Where a payload is: the number of its segment or base, and the byte at which its frame starts.
///
/// The record is only ever appended to, so that a place stays true; a payload that was
/// redacted since is found out when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadPlace {
    /// The number of the segment, or of the base; no two of a record have the same.
    pub segment: u32,
    /// Where the frame starts.
    pub frame_at: u64,
}

impl Ledger {
    /// Where each payload of a commit is, in order.
    ///
    /// # Errors
    /// `NotFound` where there is no such commit, `Corrupt`, `Io`.
    ///
    /// # Complexity
    /// O(the frames of its segment before it), whose headers are read.
    pub fn payload_places(&self, sequence: u64) -> Result<Vec<PayloadPlace>> {
        let (segment, _, places) = self.places(sequence)?;
        Ok(places.iter().map(|place| PayloadPlace { segment, frame_at: place.frame_at }).collect())
    }
}

/// One payload of the record in `dir`, verified by itself.
///
/// # Errors
/// `Corrupt` where the place holds no payload, or one that does not match its hash or was
/// redacted; `Io`.
pub fn payload_at(dir: &Path, place: PayloadPlace) -> Result<Payload> {
    let base = dir.join(base::file_name(place.segment));
    let path = if base.exists() { base } else { dir.join(segment::file_name(place.segment)) };
    let mut segment = Segment::open(path.clone(), None)?.map_err(|fault| fault.damage())?;
    let payload = segment.payload_at(place.frame_at)?;
    payload.ok_or_else(|| {
        Error::corrupt(format!("{}: the payload at byte {} was redacted", path.display(), place.frame_at))
    })
}

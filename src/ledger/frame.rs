//! The frame: one piece of a commit, with everything needed to distrust it.
//!
//! ```text
//! ┌─────────────────────────────────────────┬───────┬───────┬───────┬─────────┐
//! │ fixed fields, author, message           │ chain │ crc32 │ state │ payload │
//! └─────────────────────────────────────────┴───────┴───────┴───────┴─────────┘
//!  └──────────── chained ──────────────────┘
//!  └──────────── under the header's crc ───────────┘
//! ```
//!
//! A small commit is one `single` frame. A large one is a run: `begin`, any
//! number of `chunk`s, `commit`; the begin frame carries author and message.
//!
//! The chain makes the order and the content of the whole history one value:
//! `chain = BLAKE3(chain of the frame before ‖ chained bytes)`. The chained bytes
//! hold the *hash* of the payload, not the payload, so that a payload can be
//! blanked (a confidential source, say) and the history still verifies. The
//! state byte tells such a frame; it lies outside of the chain, and the rules of
//! [`check_payload`] keep a flipped state byte from hiding a payload.

use crate::{Error, Result};

/// Longest author, in bytes of UTF-8.
pub const AUTHOR_BYTES_MAX: usize = 1024;
/// Longest message, in bytes of UTF-8.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// Largest payload, in bytes before compression.
pub const PAYLOAD_BYTES_MAX: usize = 64 << 20;

/// Begins every frame; its first byte never occurs before an ASCII letter in UTF-8.
pub(super) const MAGIC: [u8; 4] = *b"\xF1TLF";
/// Length of the fields before author and message.
pub(super) const FIXED_BYTES: usize = 76;
/// Length of what follows author and message: chain, crc, state.
pub(super) const CLOSING_BYTES: usize = HASH_BYTES + 4 + 1;
/// No frame's header is longer, so that a wrong length cannot ask for more.
pub(super) const HEADER_BYTES_MAX: usize = FIXED_BYTES + AUTHOR_BYTES_MAX + MESSAGE_BYTES_MAX + CLOSING_BYTES;

const HASH_BYTES: usize = 32;
/// Payloads below this size are not worth compressing.
const COMPRESS_BYTES_MIN: usize = 64;

/// A BLAKE3 hash.
pub(super) type Hash = [u8; HASH_BYTES];

/// A place in the history: a commit's number and the chain up to its end.
///
/// Two ledgers that agree on a position agree on everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The commit's number, from 1, without gaps.
    pub sequence: u64,
    /// The chain's value after the commit's last frame.
    pub hash: [u8; 32],
}

/// Who made a commit, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitInfo {
    /// Microseconds since 1970-01-01T00:00:00Z, as the caller's clock says.
    pub time_micros: i64,
    /// Who; at most [`AUTHOR_BYTES_MAX`] bytes.
    pub author: String,
    /// What and why; at most [`MESSAGE_BYTES_MAX`] bytes.
    pub message: String,
}

/// Bytes of a commit, opaque to the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// How the bytes are to be read, from 1; the writer's business.
    pub encoding: u8,
    /// At most [`PAYLOAD_BYTES_MAX`] of them.
    pub bytes: Vec<u8>,
}

/// What a frame is to its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole commit of at most one payload.
    Single = 1,
    /// Starts a run; no payload.
    Begin = 2,
    /// One payload of a run.
    Chunk = 3,
    /// Ends a run; no payload.
    Commit = 4,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// The payload as it is.
    None = 0,
    /// An LZ4 block without a length in front.
    Lz4 = 1,
}

/// What became of the payload; no two values differ in fewer than four bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is there.
    Present = 0x00,
    /// It is being blanked; it may be whole, blank, or in between.
    Redacting = 0x5A,
    /// It is all zeros.
    Redacted = 0xFF,
}

/// A frame's header: everything but the state byte and the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// 0 if there is no payload.
    pub(super) encoding: u8,
    pub(super) compression: Compression,
    pub(super) sequence: u64,
    /// Place in the commit, from 0.
    pub(super) index: u32,
    /// Length of the payload in the file.
    pub(super) stored_bytes: u32,
    /// Length of the payload after decompression.
    pub(super) raw_bytes: u32,
    pub(super) payload_crc: u32,
    pub(super) payload_hash: Hash,
    pub(super) info: CommitInfo,
    /// The chain's value after this frame.
    pub(super) chain: Hash,
}

impl CommitInfo {
    /// `Invalid` if author or message is too long.
    pub(super) fn check(&self) -> Result<()> {
        if self.author.len() > AUTHOR_BYTES_MAX {
            return Err(too_long("author", self.author.len(), AUTHOR_BYTES_MAX));
        }
        if self.message.len() > MESSAGE_BYTES_MAX {
            return Err(too_long("message", self.message.len(), MESSAGE_BYTES_MAX));
        }
        Ok(())
    }
}

impl Payload {
    fn checked_bytes(&self) -> Result<&[u8]> {
        if self.bytes.len() > PAYLOAD_BYTES_MAX {
            return Err(too_long("a payload", self.bytes.len(), PAYLOAD_BYTES_MAX));
        }
        if self.encoding == 0 {
            return Err(Error::invalid("expected a payload encoding from 1 to 255, found 0"));
        }
        Ok(&self.bytes)
    }
}

fn too_long(what: &str, bytes: usize, bytes_max: usize) -> Error {
    Error::invalid(format!("expected {what} of at most {bytes_max} bytes, found {bytes}"))
}

/// The next frame's bytes, and the chain after it.
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    pub(super) chain: Hash,
}

/// A frame to be written.
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    pub(super) sequence: u64,
    pub(super) index: u32,
    /// Of the commit; chunks and commit frames repeat the time only.
    pub(super) info: &'a CommitInfo,
    pub(super) payload: Option<&'a Payload>,
}

impl Frame<'_> {
    /// Encodes the frame as the next after the chain's value `chain`.
    ///
    /// # Errors
    /// `Invalid` if the payload is too large or has encoding 0.
    pub(super) fn encode(&self, chain: &Hash) -> Result<Encoded> {
        let (encoding, raw) = match self.payload {
            Some(payload) => (payload.encoding, payload.checked_bytes()?),
            None => (0, [].as_slice()),
        };
        let compressed = compress(raw);
        let (compression, stored) = match &compressed {
            Some(compressed) => (Compression::Lz4, compressed.as_slice()),
            None => (Compression::None, raw),
        };
        let (author, message) = match self.kind {
            Kind::Single | Kind::Begin => (self.info.author.as_str(), self.info.message.as_str()),
            Kind::Chunk | Kind::Commit => ("", ""),
        };
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("payloads are bounded");
        let text_length = |text: &str| u16::try_from(text.len()).expect("author and message are bounded");

        let mut bytes = Vec::with_capacity(FIXED_BYTES + 256 + stored.len());
        bytes.extend(MAGIC);
        bytes.extend([self.kind as u8, encoding, compression as u8, 0]);
        bytes.extend(self.sequence.to_le_bytes());
        bytes.extend(self.index.to_le_bytes());
        bytes.extend(length(stored).to_le_bytes());
        bytes.extend(length(raw).to_le_bytes());
        bytes.extend(self.info.time_micros.to_le_bytes());
        bytes.extend(text_length(author).to_le_bytes());
        bytes.extend(text_length(message).to_le_bytes());
        bytes.extend(crc32fast::hash(stored).to_le_bytes());
        bytes.extend(blake3::hash(stored).as_bytes());
        debug_assert_eq!(bytes.len(), FIXED_BYTES);
        bytes.extend(author.as_bytes());
        bytes.extend(message.as_bytes());
        let chain = chain_after(chain, &bytes);
        bytes.extend(chain);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes.push(State::Present as u8);
        bytes.extend(stored);
        Ok(Encoded { bytes, chain })
    }
}

/// The chain's value after a frame with these chained bytes.
pub(super) fn chain_after(chain: &Hash, chained: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(chain).update(chained);
    *hasher.finalize().as_bytes()
}

/// The chain's value before the first frame of a case.
pub(super) fn chain_start(case_id: &[u8; 16]) -> Hash {
    *blake3::hash(case_id).as_bytes()
}

fn compress(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() < COMPRESS_BYTES_MIN {
        return None;
    }
    Some(lz4_flex::block::compress(raw)).filter(|compressed| compressed.len() < raw.len())
}

/// The length of the header up to its state byte, as the fixed fields have it.
///
/// `None` if no frame can start like this.
pub(super) fn header_bytes(fixed: &[u8]) -> Option<usize> {
    if fixed.len() < FIXED_BYTES || fixed[..4] != MAGIC {
        return None;
    }
    let author = usize::from(u16::from_le_bytes(take(fixed, 36)));
    let message = usize::from(u16::from_le_bytes(take(fixed, 38)));
    (author <= AUTHOR_BYTES_MAX && message <= MESSAGE_BYTES_MAX)
        .then_some(FIXED_BYTES + author + message + HASH_BYTES + 4)
}

/// Whether the header `bytes`, of the length [`header_bytes`] gave, passes its checksum.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let (covered, crc) = bytes.split_at(bytes.len() - 4);
    crc32fast::hash(covered).to_le_bytes() == crc
}

/// Kind and sequence of the frame that starts at `bytes`, if a whole header does.
pub(super) fn peek(bytes: &[u8]) -> Option<(u8, u64)> {
    let header = bytes.get(..header_bytes(bytes)?)?;
    is_whole(header).then(|| (header[4], u64::from_le_bytes(take(header, 8))))
}

impl Header {
    /// Reads a whole header; the error says what this program does not understand.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let author_end = FIXED_BYTES + usize::from(u16::from_le_bytes(take(bytes, 36)));
        let chain_start = bytes.len() - HASH_BYTES - 4;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| "its text is not UTF-8");
        let header = Self {
            kind: Kind::decode(bytes[4]).ok_or("its kind is unknown")?,
            encoding: bytes[5],
            compression: Compression::decode(bytes[6]).ok_or("its compression is unknown")?,
            sequence: u64::from_le_bytes(take(bytes, 8)),
            index: u32::from_le_bytes(take(bytes, 16)),
            stored_bytes: u32::from_le_bytes(take(bytes, 20)),
            raw_bytes: u32::from_le_bytes(take(bytes, 24)),
            payload_crc: u32::from_le_bytes(take(bytes, 40)),
            payload_hash: take(bytes, 44),
            info: CommitInfo {
                time_micros: i64::from_le_bytes(take(bytes, 28)),
                author: text(&bytes[FIXED_BYTES..author_end])?,
                message: text(&bytes[author_end..chain_start])?,
            },
            chain: take(bytes, chain_start),
        };
        if bytes[7] != 0 {
            return Err("its reserved byte is not zero");
        }
        header.check_lengths()?;
        Ok(header)
    }

    fn check_lengths(&self) -> Result<(), &'static str> {
        let may_carry = matches!(self.kind, Kind::Single | Kind::Chunk) && self.encoding != 0;
        if !may_carry && (self.encoding != 0 || self.raw_bytes != 0) {
            return Err("it has a payload where none belongs");
        }
        if self.kind == Kind::Chunk && self.encoding == 0 {
            return Err("it is a chunk without a payload");
        }
        let fits = match self.compression {
            Compression::None => self.stored_bytes == self.raw_bytes,
            Compression::Lz4 => self.stored_bytes < self.raw_bytes,
        };
        if !fits || self.raw_bytes as usize > PAYLOAD_BYTES_MAX {
            return Err("its payload's lengths cannot be");
        }
        Ok(())
    }

    fn matches(&self, stored: &[u8]) -> bool {
        crc32fast::hash(stored) == self.payload_crc && *blake3::hash(stored).as_bytes() == self.payload_hash
    }
}

/// What header and state byte say of the bytes where the payload should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is there, every bit of it.
    There,
    /// It was redacted, or is being redacted.
    Redacted,
    /// The bytes are not those that the header promises; they may never have been written.
    Differs,
    /// No writer of ours leaves this behind, finished or not.
    Impossible(&'static str),
}

/// Judges the stored payload by its hash and the state byte.
///
/// A payload that still matches its hash is never taken for redacted, whatever
/// the state byte says.
pub(super) fn check_payload(header: &Header, state: u8, stored: &[u8]) -> Finding {
    let is_there = header.matches(stored);
    match State::decode(state) {
        Some(State::Present | State::Redacting) if is_there => Finding::There,
        Some(State::Present) => Finding::Differs,
        Some(State::Redacting) => Finding::Redacted,
        Some(State::Redacted) if !is_there && stored.iter().all(|&byte| byte == 0) => Finding::Redacted,
        Some(State::Redacted) => {
            Finding::Impossible("it is marked as redacted, but its payload is not blank")
        }
        None => Finding::Impossible("its state byte is unknown"),
    }
}

/// The payload itself, from stored bytes that [`check_payload`] found to be there.
pub(super) fn decode_payload(header: &Header, stored: Vec<u8>) -> Result<Payload, &'static str> {
    let bytes = match header.compression {
        Compression::None => stored,
        Compression::Lz4 => {
            let mut raw = vec![0; header.raw_bytes as usize];
            match lz4_flex::block::decompress_into(&stored, &mut raw) {
                Ok(length) if length == raw.len() => raw,
                _ => return Err("its payload does not decompress"),
            }
        }
    };
    Ok(Payload { encoding: header.encoding, bytes })
}

impl Kind {
    fn decode(byte: u8) -> Option<Self> {
        [Self::Single, Self::Begin, Self::Chunk, Self::Commit].into_iter().find(|&kind| kind as u8 == byte)
    }
}

impl Compression {
    fn decode(byte: u8) -> Option<Self> {
        [Self::None, Self::Lz4].into_iter().find(|&compression| compression as u8 == byte)
    }
}

impl State {
    pub(super) fn decode(byte: u8) -> Option<Self> {
        [Self::Present, Self::Redacting, Self::Redacted].into_iter().find(|&state| state as u8 == byte)
    }
}

/// The `N` bytes at `offset`, which the caller knows to be there.
pub(super) fn take<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("a range of N has N bytes")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const DOC: &str = include_str!("../../docs/storage.md");

    fn info() -> CommitInfo {
        CommitInfo {
            time_micros: -0x0102_0304_0506_0708,
            author: "Ким".into(),
            message: "ports of call".into(),
        }
    }

    fn single(bytes: &[u8]) -> Encoded {
        let payload = Payload { encoding: 9, bytes: bytes.to_vec() };
        let sequence = 0x1112_1314_1516_1718;
        let frame = Frame { kind: Kind::Single, sequence, index: 0, info: &info(), payload: Some(&payload) };
        frame.encode(&[3; 32]).unwrap()
    }

    fn header(encoded: &Encoded) -> (Header, usize) {
        let length = header_bytes(&encoded.bytes).unwrap();
        assert!(is_whole(&encoded.bytes[..length]));
        (Header::decode(&encoded.bytes[..length]).unwrap(), length)
    }

    #[test]
    fn the_documented_layout_is_that_of_the_code() {
        let encoded = single(b"effects");
        let text = FIXED_BYTES + info().author.len() + info().message.len();
        let crc = crc32fast::hash(&encoded.bytes[..text + 32]).to_le_bytes();
        super::super::assert_documented(
            DOC,
            "Frame",
            &encoded.bytes,
            &[
                ("magic", b"\xF1TLF"),
                ("kind", &[1]),
                ("encoding", &[9]),
                ("compression", &[0]),
                ("reserved", &[0]),
                ("sequence", &0x1112_1314_1516_1718u64.to_le_bytes()),
                ("index", &0u32.to_le_bytes()),
                ("stored bytes", &7u32.to_le_bytes()),
                ("raw bytes", &7u32.to_le_bytes()),
                ("time", &info().time_micros.to_le_bytes()),
                ("author bytes", &6u16.to_le_bytes()),
                ("message bytes", &13u16.to_le_bytes()),
                ("payload crc", &crc32fast::hash(b"effects").to_le_bytes()),
                ("payload hash", blake3::hash(b"effects").as_bytes()),
                ("author", "Ким".as_bytes()),
                ("message", b"ports of call"),
                ("chain", &chain_after(&[3; 32], &encoded.bytes[..text])),
                ("crc", &crc),
                ("state", &[0]),
                ("payload", b"effects"),
            ],
        );
    }

    #[test]
    fn a_header_survives_the_round_trip() {
        let (header, length) = header(&single(b"effects"));
        assert_eq!((header.kind, header.encoding, header.index), (Kind::Single, 9, 0));
        assert_eq!(header.info, info());
        assert_eq!(length, FIXED_BYTES + 6 + 13 + CLOSING_BYTES - 1);
    }

    #[test]
    fn a_payload_is_compressed_only_if_that_makes_it_smaller() {
        let (zeros, _) = header(&single(&[0; 1000]));
        assert_eq!((zeros.compression, zeros.raw_bytes), (Compression::Lz4, 1000));
        let noise: Vec<u8> = (0..8u8).flat_map(|n| *blake3::hash(&[n]).as_bytes()).collect();
        let (noisy, _) = header(&single(&noise));
        assert_eq!((noisy.compression, noisy.stored_bytes), (Compression::None, 256));
    }

    #[test]
    fn a_redacted_payload_is_known_by_state_and_zeros_together() {
        let (header, _) = header(&single(b"effects"));
        let blank = [0; 7];
        assert_eq!(check_payload(&header, 0x00, b"effects"), Finding::There);
        assert_eq!(check_payload(&header, 0x00, &blank), Finding::Differs);
        assert_eq!(check_payload(&header, 0x5A, b"effects"), Finding::There);
        assert_eq!(check_payload(&header, 0x5A, b"eff\0\0\0\0"), Finding::Redacted);
        assert_eq!(check_payload(&header, 0xFF, &blank), Finding::Redacted);
        assert!(matches!(check_payload(&header, 0xFF, b"effects"), Finding::Impossible(_)));
        assert!(matches!(check_payload(&header, 0xFF, b"eff\0\0\0\0"), Finding::Impossible(_)));
        assert!(matches!(check_payload(&header, 0x01, b"effects"), Finding::Impossible(_)));
    }

    #[test]
    fn a_payload_of_zeros_is_not_redacted() {
        let (header, _) = header(&single(&[0; 7]));
        assert!(matches!(check_payload(&header, 0xFF, &[0; 7]), Finding::Impossible(_)));
    }

    #[test]
    fn every_flipped_bit_of_a_header_is_found() {
        let encoded = single(b"effects");
        let (_, length) = header(&encoded);
        for bit in 0..length * 8 {
            let mut bytes = encoded.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(peek(&bytes), None, "bit {bit}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let refused = |payload: Payload| {
            let frame =
                Frame { kind: Kind::Single, sequence: 1, index: 0, info: &info(), payload: Some(&payload) };
            frame.encode(&[0; 32]).err().map(|error| error.class())
        };
        assert_eq!(refused(Payload { encoding: 0, bytes: vec![1] }), Some("ArgumentError"));
        assert_eq!(
            refused(Payload { encoding: 1, bytes: vec![0; PAYLOAD_BYTES_MAX + 1] }),
            Some("ArgumentError")
        );
        assert_eq!(refused(Payload { encoding: 1, bytes: Vec::new() }), None);
        assert!(CommitInfo { author: "x".repeat(1025), ..info() }.check().is_err());
        assert!(CommitInfo { message: "x".repeat(16_385), ..info() }.check().is_err());
    }
}

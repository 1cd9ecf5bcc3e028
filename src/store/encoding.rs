//! How keys, blocks, the head and the directory become bytes.
//!
//! A key sorts as bytes just as it sorts as a value, so the parts of one
//! generation lie together and those of later ones after them. Keys are
//! big-endian for that; values are little-endian, like the ledger.

use crate::ledger::Position;
use std::collections::BTreeMap;

/// The newest format of the index, and the only one that is read.
pub(super) const FORMAT: u32 = 4;
/// Largest block, in bytes before compression.
pub const BLOCK_BYTES_MAX: usize = 1 << 30;
/// Largest value; sled's files grow to twice the data with values of 250 kB.
pub(super) const PART_BYTES_MAX: usize = 100_000;

/// The code that the directory's own block has in place of a column.
const DIRECTORY: u8 = 0;
/// Length of the head; see [`Head`].
const HEAD_BYTES: usize = 75;
/// Length of a row of the directory.
const ROW_BYTES: usize = 5 + ENTRY_BYTES;
const ENTRY_BYTES: usize = 18;
/// Length of what stands before a block's bytes.
const PREFIX_BYTES: usize = 6;
/// The first byte of a block.
const BLOCK_FORMAT: u8 = 1;
/// Blocks below this size are not worth compressing.
const COMPRESS_BYTES_MIN: usize = 64;

/// What a block belongs to; the codes are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Nodes: labels, keys, properties.
    Nodes = 1,
    /// Relationships: types, ends, keys, properties.
    Relationships = 2,
    /// Claims.
    Claims = 3,
    /// Names for search.
    Names = 4,
    /// Whatever is about the case as a whole.
    Meta = 5,
    /// What leaves each node, by type and time.
    Outgoing = 6,
    /// What reaches each node, by type and time.
    Incoming = 7,
    /// Nodes by the hashes of their keys.
    NodeKeys = 8,
    /// Relationships by the hashes of their keys.
    RelationshipKeys = 9,
    /// Nodes by the hashes of their property `id`, where it is not their key.
    NodeIds = 10,
    /// The nodes of each label.
    Labels = 11,
    /// Claims by what they are about.
    ClaimsAbout = 12,
    /// Property indexes: a directory and pages for each.
    PropertyIndexes = 13,
}

impl Column {
    /// All columns, in the order of their codes.
    pub const ALL: [Self; 13] = [
        Self::Nodes,
        Self::Relationships,
        Self::Claims,
        Self::Names,
        Self::Meta,
        Self::Outgoing,
        Self::Incoming,
        Self::NodeKeys,
        Self::RelationshipKeys,
        Self::NodeIds,
        Self::Labels,
        Self::ClaimsAbout,
        Self::PropertyIndexes,
    ];

    /// What it holds, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Relationships => "relationships",
            Self::Claims => "claims",
            Self::Names => "names for search",
            Self::Meta => "names, counts and settings",
            Self::Outgoing => "adjacency, outgoing",
            Self::Incoming => "adjacency, incoming",
            Self::NodeKeys => "keys of nodes",
            Self::RelationshipKeys => "keys of relationships",
            Self::NodeIds => "ids of nodes",
            Self::Labels => "labels",
            Self::ClaimsAbout => "claims by element",
            Self::PropertyIndexes => "property indexes",
        }
    }

    fn decode(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&column| column as u8 == code)
    }
}

/// Names one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BlockId {
    /// The block that is the directory.
    Directory,
    /// A block of the caller's.
    Of(Column, u32),
}

impl BlockId {
    fn code(self) -> (u8, u32) {
        match self {
            Self::Directory => (DIRECTORY, 0),
            Self::Of(column, block) => (column as u8, block),
        }
    }

    fn decode(code: u8, block: u32) -> Option<Self> {
        match (code, block) {
            (DIRECTORY, 0) => Some(Self::Directory),
            (DIRECTORY, _) => None,
            _ => Some(Self::Of(Column::decode(code)?, block)),
        }
    }
}

/// Every key there is in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The value is the [`Head`]. Sorts before all others.
    Head,
    /// The value is one part of a block.
    Part {
        /// The checkpoint that wrote it.
        generation: u64,
        id: BlockId,
        /// Place in the block, from 0.
        part: u16,
    },
}

impl Key {
    pub(super) fn encode(self) -> Vec<u8> {
        match self {
            Self::Head => vec![0],
            Self::Part { generation, id, part } => {
                let (code, block) = id.code();
                let mut bytes = Vec::with_capacity(15);
                bytes.extend(generation.to_be_bytes());
                bytes.push(code);
                bytes.extend(block.to_be_bytes());
                bytes.extend(part.to_be_bytes());
                bytes
            }
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes == [0] {
            return Some(Self::Head);
        }
        let bytes: &[u8; 15] = bytes.try_into().ok()?;
        Some(Self::Part {
            generation: u64::from_be_bytes(take(bytes, 0)),
            id: BlockId::decode(bytes[8], u32::from_be_bytes(take(bytes, 9)))?,
            part: u16::from_be_bytes(take(bytes, 13)),
        })
    }

    /// The least key of a generation.
    pub(super) fn first_of(generation: u64) -> Self {
        Self::Part { generation, id: BlockId::Directory, part: 0 }
    }
}

/// Where a block is, and how to know it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The checkpoint that wrote it.
    pub(super) generation: u64,
    pub(super) parts: u16,
    /// Length of all parts together.
    pub(super) bytes: u32,
    /// CRC-32 of all parts together.
    pub(super) crc: u32,
}

impl Entry {
    /// The entry of a block whose encoded form is `encoded`.
    pub(super) fn of(generation: u64, encoded: &[u8]) -> Self {
        Self {
            generation,
            parts: u16::try_from(encoded.len().div_ceil(PART_BYTES_MAX)).expect("blocks are bounded"),
            bytes: u32::try_from(encoded.len()).expect("blocks are bounded"),
            crc: crc32fast::hash(encoded),
        }
    }

    /// The keys of its parts.
    pub(super) fn keys(self, id: BlockId) -> impl Iterator<Item = Key> {
        (0..self.parts).map(move |part| Key::Part { generation: self.generation, id, part })
    }

    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.parts.to_le_bytes());
        bytes.extend(self.bytes.to_le_bytes());
        bytes.extend(self.crc.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let entry = Self {
            generation: u64::from_le_bytes(take(bytes, 0)),
            parts: u16::from_le_bytes(take(bytes, 8)),
            bytes: u32::from_le_bytes(take(bytes, 10)),
            crc: u32::from_le_bytes(take(bytes, 14)),
        };
        let fits = entry.bytes as usize <= BLOCK_BYTES_MAX + PREFIX_BYTES
            && usize::from(entry.parts) == (entry.bytes as usize).div_ceil(PART_BYTES_MAX);
        fits.then_some(entry)
    }
}

/// The one value that says what is in force; replacing it is what a checkpoint comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Counts the checkpoints.
    pub(super) generation: u64,
    /// Whether the parts that this generation superseded are gone.
    pub(super) is_swept: bool,
    /// How far into the record the blocks reach.
    pub(super) applied: Position,
    /// Where the directory is.
    pub(super) directory: Entry,
}

/// Why a head cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeadError {
    /// It was written by a later version.
    Format(u32),
    /// It does not verify.
    Damaged,
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(self.generation.to_le_bytes());
        bytes.push(u8::from(self.is_swept));
        bytes.extend(self.applied.sequence.to_le_bytes());
        bytes.extend(self.applied.hash);
        self.directory.encode(&mut bytes);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The checksum ends the head in every format, and the format begins it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, HeadError> {
        let (covered, crc) = bytes.split_last_chunk::<4>().ok_or(HeadError::Damaged)?;
        if crc32fast::hash(covered).to_le_bytes() != *crc || covered.len() < 4 {
            return Err(HeadError::Damaged);
        }
        let format = u32::from_le_bytes(take(bytes, 0));
        if format != FORMAT {
            return Err(HeadError::Format(format));
        }
        if bytes.len() != HEAD_BYTES {
            return Err(HeadError::Damaged);
        }
        Ok(Self {
            generation: u64::from_le_bytes(take(bytes, 4)),
            is_swept: bytes[12] == 1,
            applied: Position { sequence: u64::from_le_bytes(take(bytes, 13)), hash: take(bytes, 21) },
            directory: Entry::decode(&bytes[53..53 + ENTRY_BYTES]).ok_or(HeadError::Damaged)?,
        })
    }
}

/// Where every block is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Directory(pub(super) BTreeMap<(Column, u32), Entry>);

impl Directory {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * ROW_BYTES);
        for (&(column, block), entry) in &self.0 {
            bytes.push(column as u8);
            bytes.extend(block.to_le_bytes());
            entry.encode(&mut bytes);
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (rows, rest) = bytes.as_chunks::<ROW_BYTES>();
        let row = |row: &[u8; ROW_BYTES]| {
            let key = (Column::decode(row[0])?, u32::from_le_bytes(take(row, 1)));
            Some((key, Entry::decode(&row[5..])?))
        };
        if !rest.is_empty() {
            return None;
        }
        rows.iter().map(row).collect::<Option<_>>().map(Self)
    }
}

/// A block as it is stored: format, compression, length, bytes. `None` if it is too large.
pub(super) fn encode_block(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() > BLOCK_BYTES_MAX {
        return None;
    }
    let length = u32::try_from(raw.len()).expect("blocks are bounded");
    let compressed = (raw.len() >= COMPRESS_BYTES_MIN)
        .then(|| lz4_flex::block::compress(raw))
        .filter(|compressed| compressed.len() < raw.len());
    let stored = compressed.as_deref().unwrap_or(raw);
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + stored.len());
    bytes.extend([BLOCK_FORMAT, u8::from(compressed.is_some())]);
    bytes.extend(length.to_le_bytes());
    bytes.extend(stored);
    Some(bytes)
}

/// The bytes of a stored block whose checksum was found right; else what is wrong with it.
pub(super) fn decode_block(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let (prefix, stored) = bytes.split_first_chunk::<PREFIX_BYTES>().ok_or("it is cut off")?;
    let length = u32::from_le_bytes(take(prefix, 2)) as usize;
    if prefix[0] != BLOCK_FORMAT {
        return Err("it is of another format");
    }
    match prefix[1] {
        0 if stored.len() == length => Ok(stored.to_vec()),
        1 if length <= BLOCK_BYTES_MAX => {
            let mut raw = vec![0; length];
            match lz4_flex::block::decompress_into(stored, &mut raw) {
                Ok(written) if written == length => Ok(raw),
                _ => Err("it does not decompress"),
            }
        }
        _ => Err("its length cannot be"),
    }
}

/// The `N` bytes at `offset`, which the caller knows to be there.
fn take<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("a range of N has N bytes")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use proptest::prelude::*;

    /// What the tables of `docs/storage.md` say of the index.
    const DOC: &str = include_str!("../../docs/storage.md");

    fn keys() -> impl Strategy<Value = Key> {
        let id = prop_oneof![
            Just(BlockId::Directory),
            (0..5usize, any::<u32>()).prop_map(|(column, block)| BlockId::Of(Column::ALL[column], block)),
        ];
        prop_oneof![
            Just(Key::Head),
            (any::<u64>(), id, any::<u16>()).prop_map(|(generation, id, part)| Key::Part {
                generation,
                id,
                part
            }),
        ]
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_bytes(a in keys(), b in keys()) {
            prop_assert_eq!(a.cmp(&b), a.encode().cmp(&b.encode()));
            prop_assert_eq!(Key::decode(&a.encode()), Some(a));
        }

        #[test]
        fn blocks_survive_the_round_trip(raw in proptest::collection::vec(0u8..4, 0..5000)) {
            prop_assert_eq!(decode_block(&encode_block(&raw).unwrap()), Ok(raw));
        }

        #[test]
        fn foreign_bytes_are_no_block_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode_block(&bytes);
            let _ = Head::decode(&bytes);
            let _ = Directory::decode(&bytes);
            let _ = Key::decode(&bytes);
        }
    }

    fn sample() -> Head {
        Head {
            generation: 0x0102_0304_0506_0708,
            is_swept: true,
            applied: Position { sequence: 0x1112_1314_1516_1718, hash: [0xAB; 32] },
            directory: Entry {
                generation: 0x2122_2324_2526_2728,
                parts: 2,
                bytes: 150_000,
                crc: 0x3132_3334,
            },
        }
    }

    #[test]
    fn the_documented_layout_is_that_of_the_code() {
        let head = sample();
        let encoded = head.encode();
        let crc = crc32fast::hash(&encoded[..71]).to_le_bytes();
        crate::ledger::assert_documented(
            DOC,
            "Head",
            &encoded,
            &[
                ("format", &4u32.to_le_bytes()),
                ("generation", &head.generation.to_le_bytes()),
                ("swept", &[1]),
                ("applied sequence", &head.applied.sequence.to_le_bytes()),
                ("applied hash", &head.applied.hash),
                ("directory generation", &head.directory.generation.to_le_bytes()),
                ("directory parts", &2u16.to_le_bytes()),
                ("directory bytes", &150_000u32.to_le_bytes()),
                ("directory crc", &head.directory.crc.to_le_bytes()),
                ("head crc", &crc),
            ],
        );
        let key = Key::Part { generation: 7, id: BlockId::Of(Column::Claims, 9), part: 11 };
        crate::ledger::assert_documented(
            DOC,
            "Part key",
            &key.encode(),
            &[
                ("generation", &7u64.to_be_bytes()),
                ("column", &[3]),
                ("block", &9u32.to_be_bytes()),
                ("part", &11u16.to_be_bytes()),
            ],
        );
        let row = Directory([((Column::Meta, 9), head.directory)].into()).encode();
        crate::ledger::assert_documented(
            DOC,
            "Directory row",
            &row,
            &[
                ("column", &[5]),
                ("block", &9u32.to_le_bytes()),
                ("generation", &head.directory.generation.to_le_bytes()),
                ("parts", &2u16.to_le_bytes()),
                ("bytes", &150_000u32.to_le_bytes()),
                ("crc", &head.directory.crc.to_le_bytes()),
            ],
        );
        crate::ledger::assert_documented(
            DOC,
            "Block",
            &encode_block(b"ship").unwrap(),
            &[("format", &[1]), ("compression", &[0]), ("length", &4u32.to_le_bytes()), ("bytes", b"ship")],
        );
    }

    #[test]
    fn a_flipped_bit_of_the_head_is_found() {
        let encoded = sample().encode();
        assert_eq!(Head::decode(&encoded), Ok(sample()));
        for bit in 0..encoded.len() * 8 {
            let mut flipped = encoded.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Head::decode(&flipped), Err(HeadError::Damaged), "bit {bit}");
        }
    }

    #[test]
    fn the_directory_survives_the_round_trip() {
        let entry = sample().directory;
        let directory = Directory([((Column::Nodes, 0), entry), ((Column::Meta, u32::MAX), entry)].into());
        let encoded = directory.encode();
        assert_eq!(Directory::decode(&encoded), Some(directory));
        assert_eq!(Directory::decode(&encoded[1..]), None);
    }
}

//! Payload encoding 2: a run of pages of new elements, as columns.
//!
//! | bytes | meaning |
//! |---|---|
//! | 1 | 0 nodes, 1 relationships |
//! | varint | the id of the first element |
//! | varint | how many pages follow |
//! | for each page: varint, bytes | its length, and the columns of at most 1024 elements |
//!
//! The ids of all pages go on without gaps. It says the same as one effect for each
//! element, in a tenth of the room.

use super::Payload;
use crate::columns::{NodeColumns, Reader, RelationshipColumns, damaged, put_varint};
use crate::error::Result;
use crate::model::{Effect, NodeId, RelationshipId};

/// The code of this encoding.
pub(super) const PAGES: u8 = 2;

/// How many elements a page has at most.
pub const PAGE_ELEMENTS: usize = 1024;

/// How many bytes of pages go into one payload about. Who wants one page has to read and
/// verify the whole payload.
const PAYLOAD_BYTES_WANTED: usize = 1 << 16;

/// What the elements of pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Nodes.
    Nodes,
    /// Relationships.
    Relationships,
}

/// A payload's pages of new elements.
#[derive(Debug, Clone)]
pub struct Pages<'a> {
    /// What they are.
    pub sort: Sort,
    /// The id of the first.
    pub first: u32,
    /// The bytes of each page.
    pub pages: Vec<&'a [u8]>,
}

/// How pages are spread over payloads: how many pages each payload has.
#[must_use]
pub fn runs<P: AsRef<[u8]>>(pages: &[P]) -> Vec<usize> {
    let mut runs = Vec::new();
    let (mut count, mut n_bytes) = (0, 0);
    for page in pages {
        let page = page.as_ref();
        if count > 0 && n_bytes + page.len() > PAYLOAD_BYTES_WANTED {
            runs.push(count);
            (count, n_bytes) = (0, 0);
        }
        (count, n_bytes) = (count + 1, n_bytes + page.len());
    }
    runs.extend((count > 0).then_some(count));
    runs
}

/// Payloads of pages, each page but the last of [`PAGE_ELEMENTS`] elements, in order.
pub fn encode_pages<P: AsRef<[u8]>>(
    sort: Sort,
    first: u32,
    pages: &[P],
) -> impl Iterator<Item = Payload> + '_ {
    let mut at = 0;
    runs(pages).into_iter().map(move |count| {
        let first = u64::from(first) + (at * PAGE_ELEMENTS) as u64;
        let mut bytes = vec![u8::from(sort == Sort::Relationships)];
        put_varint(&mut bytes, first);
        put_varint(&mut bytes, count as u64);
        for page in &pages[at..at + count] {
            put_varint(&mut bytes, page.as_ref().len() as u64);
            bytes.extend_from_slice(page.as_ref());
        }
        at += count;
        Payload { encoding: PAGES, bytes }
    })
}

/// Whether a payload has this encoding.
#[must_use]
pub fn is_pages(payload: &Payload) -> bool {
    payload.encoding == PAGES
}

/// The pages of a payload; `None` where it has another encoding.
///
/// # Errors
/// `Corrupt` where the bytes are no pages.
pub fn pages_of(payload: &Payload) -> Result<Option<Pages<'_>>> {
    if payload.encoding != PAGES {
        return Ok(None);
    }
    let mut reader = Reader::new(&payload.bytes);
    let sort = match reader.byte()? {
        0 => Sort::Nodes,
        1 => Sort::Relationships,
        _ => return Err(damaged("its pages are of an unknown sort")),
    };
    let first = reader.varint_up_to(u32::MAX as usize)? as u32;
    let count = reader.varint_up_to(reader.rest().len())?;
    let mut pages = Vec::with_capacity(count);
    for _ in 0..count {
        let len = reader.varint_up_to(reader.rest().len())?;
        pages.push(reader.take(len)?);
    }
    let fits =
        usize::try_from(u32::MAX - first).is_ok_and(|room| count.saturating_mul(PAGE_ELEMENTS) <= room);
    match reader.rest() {
        [] if fits => Ok(Some(Pages { sort, first, pages })),
        _ => Err(damaged("its pages do not fit")),
    }
}

impl Pages<'_> {
    /// The same as effects.
    ///
    /// # Errors
    /// `Corrupt` where a page does not decode, or one that is not the last is not full.
    pub fn effects(&self) -> Result<Vec<Effect>> {
        let mut effects = Vec::new();
        for (number, page) in self.pages.iter().enumerate() {
            let ids = self.first + (number * PAGE_ELEMENTS) as u32..;
            let len = match self.sort {
                Sort::Nodes => {
                    let columns = NodeColumns::decode(page)?;
                    effects.extend(ids.zip(0..columns.len()).filter_map(|(id, at)| {
                        Some(Effect::CreateNode { id: NodeId(id), node: columns.get(at)? })
                    }));
                    columns.len()
                }
                Sort::Relationships => {
                    let columns = RelationshipColumns::decode(page)?;
                    effects.extend(ids.zip(0..columns.len()).filter_map(|(id, at)| {
                        let (id, relationship) = (RelationshipId(id), columns.get(at)?);
                        Some(Effect::CreateRelationship { id, relationship })
                    }));
                    columns.len()
                }
            };
            let is_last = number + 1 == self.pages.len();
            if len > PAGE_ELEMENTS || (len < PAGE_ELEMENTS && !is_last) {
                return Err(damaged("a page has too many elements, or too few"));
            }
        }
        Ok(effects)
    }
}

#[cfg(test)]
mod tests {
    use super::super::effects;
    use super::*;
    use crate::model::NodeData;

    #[test]
    fn pages_say_the_same_as_effects() {
        let node =
            |n: usize| NodeData { key: Some(format!("{}", n * 7919 % 1_000_003)), ..NodeData::default() };
        let rows: Vec<Option<NodeData>> = (0..10_000).map(|n| Some(node(n))).collect();
        let pages =
            rows.chunks(PAGE_ELEMENTS).map(|rows| NodeColumns::of(rows).encode().expect("plain values"));
        let pages: Vec<Vec<u8>> = pages.collect();
        let payloads: Vec<Payload> = encode_pages(Sort::Nodes, 8192, &pages).collect();
        assert_eq!(payloads.len(), runs(&pages).len());
        let decoded: Vec<Effect> =
            payloads.iter().flat_map(|payload| effects::decode(payload).expect("just encoded")).collect();
        let expected = (8192..).zip(rows).map(|(id, node)| {
            let node = node.unwrap_or_default();
            Effect::CreateNode { id: NodeId(id), node }
        });
        assert_eq!(decoded, expected.collect::<Vec<_>>());
    }

    #[test]
    fn what_is_cut_is_damage() {
        let page = NodeColumns::of(&[Some(NodeData::default())]).encode().expect("plain values");
        let whole: Vec<Payload> = encode_pages(Sort::Nodes, 0, &[page]).collect();
        for len in 0..whole[0].bytes.len() {
            let cut = Payload { encoding: PAGES, bytes: whole[0].bytes[..len].to_vec() };
            assert!(effects::decode(&cut).is_err(), "cut to {len}");
        }
    }
}

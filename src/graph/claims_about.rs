//! Which claims are about which element.
//!
//! In the index the elements of one page share a block: their ids with those of the
//! claims, sorted. What changed since is in an overlay with all claims of the element.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::names::Names;
use super::table::{Loader, PAGE_IDS, Page, Pages, Table};
use crate::columns::{Reader, damaged, put_ints, put_varint, take_ints};
use crate::error::Result;
use crate::model::{About, ClaimId, NodeId, RelationshipId};
use crate::store::Column;

/// Claims by what they are about.
#[derive(Debug, Clone)]
pub(super) struct ClaimsAbout {
    pages: Table<AboutPage>,
    /// All claims of an element, for elements that got or lost one.
    overlay: FxHashMap<About, Vec<ClaimId>>,
}

/// The claims about the elements of one page, sorted by these. Two columns in step.
#[derive(Debug, Clone, Default)]
struct AboutPage {
    elements: Vec<u32>,
    claims: Vec<ClaimId>,
}

impl AboutPage {
    fn of(&self, element: u32) -> &[ClaimId] {
        let start = self.elements.partition_point(|other| *other < element);
        let len = self.elements[start..].iter().take_while(|other| **other == element).count();
        &self.claims[start..start + len]
    }
}

impl ClaimsAbout {
    /// None.
    pub(super) fn new() -> Self {
        Self::of(Table::new(Column::ClaimsAbout))
    }

    /// As many pages, read when they are touched.
    pub(super) fn stored(len: usize, loader: Arc<Loader>) -> Self {
        Self::of(Table::stored(Column::ClaimsAbout, len, loader))
    }

    fn of(pages: Table<AboutPage>) -> Self {
        Self { pages, overlay: FxHashMap::default() }
    }

    /// How many pages there are.
    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    /// The claims about an element, in the order of their ids.
    pub(super) fn get(&self, about: About) -> &[ClaimId] {
        if !self.overlay.is_empty()
            && let Some(claims) = self.overlay.get(&about)
        {
            return claims;
        }
        self.stored_about(about)
    }

    fn stored_about(&self, about: About) -> &[ClaimId] {
        let (page, element) = place(about);
        self.pages.get(page).map_or(&[], |page| page.of(element))
    }

    /// Notes that a claim about an element is there from now on, or gone.
    pub(super) fn change(&mut self, about: About, claim: ClaimId, present: bool) {
        let stored =
            if self.overlay.contains_key(&about) { Vec::new() } else { self.stored_about(about).to_vec() };
        let claims = self.overlay.entry(about).or_insert(stored);
        claims.retain(|other| *other != claim);
        if present {
            claims.insert(claims.partition_point(|other| *other < claim), claim);
        }
    }

    /// Merges the overlay into the pages.
    pub(super) fn merge(&mut self) {
        let mut by_page: FxHashMap<usize, Vec<(u32, Vec<ClaimId>)>> = FxHashMap::default();
        for (about, claims) in std::mem::take(&mut self.overlay) {
            let (page, element) = place(about);
            by_page.entry(page).or_default().push((element, claims));
        }
        for (number, changes) in by_page {
            self.pages.grow(number + 1);
            let Some(page) = self.pages.get(number) else { continue };
            let changed: BTreeSet<u32> = changes.iter().map(|change| change.0).collect();
            let kept = page.elements.iter().copied().zip(page.claims.iter().copied());
            let kept = kept.filter(|(element, _)| !changed.contains(element));
            let new =
                changes.iter().flat_map(|(element, claims)| claims.iter().map(|claim| (*element, *claim)));
            let mut all: Vec<(u32, ClaimId)> = kept.chain(new).collect();
            all.sort_unstable();
            let (elements, claims) = all.into_iter().unzip();
            self.pages.replace(number, AboutPage { elements, claims });
        }
    }

    /// The pages, for what is done to all tables.
    pub(super) fn table(&self) -> &dyn Pages {
        &self.pages
    }

    /// As [`ClaimsAbout::table`].
    pub(super) fn table_mut(&mut self) -> &mut dyn Pages {
        &mut self.pages
    }

    /// The bytes of a page.
    pub(super) fn encode(&self, number: u32) -> Option<Vec<u8>> {
        let page = self.pages.get(number as usize).filter(|page| !page.elements.is_empty())?;
        let mut out = Vec::new();
        put_varint(&mut out, page.elements.len() as u64);
        put_ints(&page.elements.iter().map(|element| i64::from(*element)).collect::<Vec<_>>(), &mut out);
        put_ints(&page.claims.iter().map(|claim| i64::from(claim.0)).collect::<Vec<_>>(), &mut out);
        Some(out)
    }
}

/// The page of an element, and its id: pages of nodes have even numbers.
fn place(about: About) -> (usize, u32) {
    match about {
        About::Node(NodeId(id)) => (id as usize / PAGE_IDS * 2, id),
        About::Relationship(RelationshipId(id)) => (id as usize / PAGE_IDS * 2 + 1, id),
    }
}

impl Page for AboutPage {
    const GROWTH: usize = 3;

    fn decode(_: u32, bytes: &[u8], _: &Names) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(1 << 28)?;
        let mut column = || -> Result<Vec<u32>> {
            let numbers = take_ints(&mut reader, len)?.into_iter().map(u32::try_from);
            numbers.collect::<Result<_, _>>().map_err(|_| damaged("an id is out of range"))
        };
        let (elements, claims) = (column()?, column()?);
        if !elements.is_sorted() {
            return Err(damaged("claims are out of order"));
        }
        Ok(Self { elements, claims: claims.into_iter().map(ClaimId).collect() })
    }
}

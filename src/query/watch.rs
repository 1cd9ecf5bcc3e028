//! What the path searches of a statement come to, pattern by pattern.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::plan::{Pattern, Same, Shape};
use crate::error::Span;

/// What a user is told whose chronological pattern found nothing.
const HINT: &str =
    "no path is in possible order; EXPLAIN WHY NOT before the statement says what is in the way";

/// Takes note of searches; those within subqueries are not among them.
#[derive(Debug, Default)]
pub(super) struct Watch {
    searches: RefCell<BTreeMap<(usize, usize), Searched>>,
    stopped: RefCell<Option<String>>,
}

/// What the searches of one pattern came to, for all rows together.
#[derive(Debug, Clone, Copy)]
struct Searched {
    has_found: bool,
    /// Whether it asks for order, from where few paths can start.
    deserves_hint: bool,
}

impl Watch {
    /// Takes note of a search.
    pub(super) fn note(&self, pattern: &Pattern, has_found: bool, stopped: Option<&str>) {
        let mut searches = self.searches.borrow_mut();
        let deserves_hint = pattern.chrono.is_some() && knows_its_start(pattern);
        let searched = searches.entry(place(pattern.span));
        let searched = searched.or_insert(Searched { has_found: false, deserves_hint });
        searched.has_found |= has_found;
        if let Some(stopped) = stopped {
            self.stopped.borrow_mut().get_or_insert_with(|| stopped.to_owned());
        }
    }

    /// Whether the pattern at a place was searched at all, and with success.
    pub(super) fn of(&self, span: Span) -> Option<bool> {
        self.searches.borrow().get(&place(span)).map(|searched| searched.has_found)
    }

    /// Which limit stopped a search, if one did.
    pub(super) fn stopped(&self) -> Option<String> {
        self.stopped.borrow().clone()
    }

    /// What to tell where a chronological search found nothing for any row.
    pub(super) fn notice(&self) -> Option<String> {
        let searches = self.searches.borrow();
        let is_empty = searches.values().any(|searched| searched.deserves_hint && !searched.has_found);
        (is_empty && self.stopped.borrow().is_none()).then(|| HINT.to_owned())
    }
}

fn place(span: Span) -> (usize, usize) {
    (span.start, span.end)
}

/// Whether the first node is bound already, or has a condition besides its labels.
fn knows_its_start(pattern: &Pattern) -> bool {
    let Some(Shape::Node(first)) = pattern.shape.first() else { return false };
    let part = &pattern.parts[*first];
    matches!(part.same_as, Some(Same::Row(_))) || !part.properties.is_empty() || !part.filters.is_empty()
}

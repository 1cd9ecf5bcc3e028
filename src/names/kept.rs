//! Names made ready that are asked for again: a query compares one name with many.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Kind, Name};

/// As many names are kept for each kind; then all are let go.
const KEPT_MAX: usize = 4096;

/// Longer texts are not kept; they are hardly names.
const TEXT_BYTES_MAX: usize = 256;

type Kept = FxHashMap<Option<Kind>, FxHashMap<String, Rc<Name>>>;

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

impl Name {
    /// The same as [`Name::new`], kept by the thread for the next time.
    ///
    /// # Complexity
    /// O(1) where the name was asked for lately.
    #[must_use]
    pub fn kept(text: &str, kind: Option<Kind>) -> Rc<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return Rc::new(Self::new(text, kind));
        }
        KEPT.with_borrow_mut(|kept| {
            let of_kind = kept.entry(kind).or_default();
            if let Some(name) = of_kind.get(text) {
                return name.clone();
            }
            if of_kind.len() == KEPT_MAX {
                of_kind.clear();
            }
            let name = Rc::new(Self::new(text, kind));
            of_kind.insert(text.to_owned(), name.clone());
            name
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_by_its_kind() {
        let name = |kind| Name::kept("MARIA V", kind);
        assert!(Rc::ptr_eq(&name(None), &name(None)));
        assert_eq!(name(Some(Kind::Vessel)).kind(), Some(Kind::Vessel));
        for i in 0..=KEPT_MAX {
            let text = format!("MAIA {i}");
            assert_eq!(Name::kept(&text, None).text(), text);
        }
        assert_eq!(name(None).text(), "MARIA V");
    }
}

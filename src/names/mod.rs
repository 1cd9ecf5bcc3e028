//! Names whatever their spelling: normal forms, comparing with an explanation, identifiers,
//! and an index of names.
//!
//! A name is taken apart into words ([`Name`]), each with a key of its sounds that does not depend on
//! script or romanisation (`sounds.rs`, `cyrillic.rs`, `korean.rs`), and with what it is: a legal
//! form, a title, a number, a word that is translated. Two names are compared word by word
//! (`compare.rs`); [`NameIndex`] finds those worth comparing.

mod bound;
mod candidates;
mod compare;
mod cyrillic;
mod explanation;
mod identifiers;
mod index;
mod kept;
mod kind;
mod korean;
mod legal_forms;
mod lexicon;
mod matching;
mod name;
mod nearest;
mod normalize;
mod numerals;
mod pages;
mod places;
mod sounds;
mod terms;
mod vocabulary;
mod words;

pub use bound::similarity_at_least;
pub use compare::similarity;
pub use explanation::{Explanation, explain};
pub use identifiers::{Identifier, Scheme};
pub use index::{Entry, Found, NameIndex, filing_fingerprint, identifier_entry};
pub use kind::Kind;
pub use legal_forms::LegalForm;
pub use matching::{Hit, Reason, rank};
pub use name::Name;
pub(crate) use nearest::may_be_near;
pub use nearest::{did_you_mean, nearest};
pub use normalize::normal;
pub use pages::{Directory, InMemory, NamePage, NamePages, OrderPage, TermPage, Terms};

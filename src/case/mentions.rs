//! Texts of redacted commits that other commits hold as well.
//!
//! Somebody may have typed a name again: into another element, or into the statement of a later
//! commit. Nothing tells that it is the same thing, so this only finds what to look at. A text
//! in a value counts where it is the whole of it; in a message or a note, where it occurs.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::model::{Claim, Effect, Properties, Value};

/// Shorter texts, such as codes of countries, are all over a case.
const CHARS_MIN: usize = 6;
/// So many texts are looked for; a large import has more, and most of them say nothing.
const TEXTS_MAX: usize = 1000;

/// Texts to look for.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    texts: FxHashSet<String>,
}

impl Mentions {
    /// Looks for the texts of an effect too.
    pub(super) fn add(&mut self, effect: &Effect) {
        for text in texts(effect) {
            if text.chars().count() >= CHARS_MIN && self.texts.len() < TEXTS_MAX {
                self.texts.insert(text.to_owned());
            }
        }
    }

    /// Whether a commit holds one of them.
    pub(super) fn are_in(&self, message: &str, effects: &[Effect]) -> bool {
        !self.texts.is_empty()
            && (self.occur_in(message)
                || effects.iter().any(|effect| {
                    texts(effect).iter().any(|&text| self.texts.contains(text))
                        || claim_of(effect)
                            .and_then(|claim| claim.note.as_deref())
                            .is_some_and(|note| self.occur_in(note))
                }))
    }

    fn occur_in(&self, text: &str) -> bool {
        self.texts.iter().any(|known| text.contains(known.as_str()))
    }
}

fn claim_of(effect: &Effect) -> Option<&Claim> {
    match effect {
        Effect::RecordClaim { claim, .. }
        | Effect::RestoreClaim { claim, .. }
        | Effect::RetractClaim { before: claim, .. } => Some(claim),
        _ => None,
    }
}

/// The texts that an effect gives, each once: values, notes and keys.
fn texts(effect: &Effect) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    match effect {
        Effect::CreateNode { node, .. } | Effect::RestoreNode { node, .. } => {
            found.extend(node.key.as_deref());
            of_properties(&node.properties, &mut found);
        }
        Effect::CreateRelationship { relationship, .. }
        | Effect::RestoreRelationship { relationship, .. } => {
            found.extend(relationship.key.as_deref());
            of_properties(&relationship.properties, &mut found);
        }
        Effect::SetNodeProperty { after: Some(value), .. }
        | Effect::SetRelationshipProperty { after: Some(value), .. } => of_value(value, &mut found),
        Effect::RecordClaim { claim, .. } | Effect::RestoreClaim { claim, .. } => {
            found.extend(claim.key.as_deref());
            found.extend(claim.note.as_deref());
            claim.value.iter().for_each(|value| of_value(value, &mut found));
            of_properties(&claim.extra, &mut found);
        }
        _ => {}
    }
    found
}

fn of_properties<'a>(properties: &'a Properties, found: &mut BTreeSet<&'a str>) {
    properties.values().for_each(|value| of_value(value, found));
}

fn of_value<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => drop(found.insert(text)),
        Value::List(values) => values.iter().for_each(|value| of_value(value, found)),
        _ => {}
    }
}

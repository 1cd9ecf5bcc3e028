//! Undoing a commit: a new commit that takes back what an old one did.
//!
//! The record is never rewritten. What the commit created is deleted, what it deleted is
//! restored under its old id, and what it set is set back. That has a meaning only where
//! nothing later built on the commit, so later commits that changed the same elements, or
//! hang on what it created, refuse it by name; undo those first. A commit that was undone
//! since, and its undoing, do not count.

use rustc_hash::FxHashSet;

use super::history::{no_commit, refuse_archived};
use super::redact::is_note;
use super::{Author, Case};
use crate::error::{Error, Result};
use crate::ledger::{self, Commit, Commits, Ledger, Note, effects};
use crate::model::{About, Claim, Effect};

/// A part of a case that an effect can change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    /// A node, a relationship or a claim's subject.
    Element(About),
    /// A claim.
    Claim(crate::model::ClaimId),
    /// What a relationship type means.
    Type(String),
    /// A property index.
    Index(String),
}

/// How many later commits an error names.
const NAMED_MAX: usize = 5;

impl Case {
    /// Takes back what the commit `sequence` did, as a new commit. Gives its number.
    ///
    /// # Errors
    /// `NotFound` where there is no such commit, or it is archived; `Invalid` where it was redacted, changed
    /// nothing, or later commits built on it; `ReadOnly`, and `Io` where the new commit
    /// could not be recorded. After an error nothing has changed.
    ///
    /// # Complexity
    /// O(the record from that commit on).
    pub fn undo(&mut self, sequence: u64, author: &Author) -> Result<u64> {
        self.refuse_if_read_only()?;
        self.refuse_in_transaction("undoing a commit")?;
        let (ledger, _) = Ledger::open(&self.dir.join("ledger"), ledger::Access::Read, None)?;
        refuse_archived(&ledger, sequence)?;
        let mut commits = ledger.commits(sequence.max(1));
        let undone = match commits.next().transpose()? {
            Some(commit) if commit.position.sequence == sequence => commit,
            _ => return Err(no_commit(sequence, self.sequence())),
        };
        let Some(message) = effects::message(&undone)? else {
            return Err(Error::invalid(format!("commit {sequence} was redacted: nothing of it is left")));
        };
        if Note::of(&undone)?.is_some() {
            return Err(Error::invalid(format!(
                "commit {sequence} says what was archived, and changed nothing"
            ))
            .hint("`throughline unarchive FILE` puts it back".to_owned()));
        }
        let done = effects_of(&undone)?;
        if is_note(&done) {
            return Err(Error::invalid(format!(
                "commit {sequence} says what was redacted: that is gone for good"
            )));
        }
        let inverse = inverse_of(&done);
        let later = self.later(commits, &Basis::of(&done))?;
        if let [later] = &later[..]
            && later.done == fingerprint(&inverse)?
        {
            let by = later.sequence;
            return Err(Error::invalid(format!("commit {sequence} is undone already, by commit {by}")));
        }
        if !later.is_empty() {
            return Err(built_on(sequence, &later));
        }
        self.trusted(|case| {
            case.apply_all(&inverse)
                .map_err(|error| Error::invalid(format!("commit {sequence} cannot be undone: {error}")))?;
            case.record(&inverse, author, &format!("undo {sequence}: {message}"))
        })?;
        Ok(self.sequence())
    }

    /// The commits that built on what an earlier one did. One that was undone since left no
    /// trace, and neither did its undoing.
    fn later(&self, commits: Commits, basis: &Basis) -> Result<Vec<Later>> {
        let mut later: Vec<Later> = Vec::new();
        for commit in commits {
            let commit = commit?;
            let sequence = commit.position.sequence;
            if sequence > self.sequence() {
                break;
            }
            let effects = effects_of(&commit)?;
            let done = fingerprint(&effects)?;
            match later.iter().rposition(|earlier| earlier.undone == done) {
                Some(at) => drop(later.remove(at)),
                None => later.push(Later {
                    sequence,
                    done,
                    undone: fingerprint(&inverse_of(&effects))?,
                    is_built_on: basis.is_built_on_by(&effects),
                }),
            }
        }
        later.retain(|later| later.is_built_on);
        Ok(later)
    }

    /// Applies effects; all of them or none.
    pub(super) fn apply_all(&mut self, effects: &[Effect]) -> Result<()> {
        for (done, effect) in effects.iter().enumerate() {
            if let Err(error) = self.graph.apply(effect) {
                effects[..done].iter().rev().for_each(|effect| self.graph.revert(effect));
                return Err(error);
            }
        }
        Ok(())
    }
}

/// A commit after the one to be undone.
struct Later {
    sequence: u64,
    /// What it did, and what would take it back.
    done: blake3::Hash,
    undone: blake3::Hash,
    /// Whether it built on the one to be undone.
    is_built_on: bool,
}

/// Tells effects from others, in the space of a hash.
fn fingerprint(effects: &[Effect]) -> Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    for payload in effects::encode(effects)? {
        hasher.update(&payload.bytes);
    }
    Ok(hasher.finalize())
}

/// What takes effects back, the last one first.
fn inverse_of(effects: &[Effect]) -> Vec<Effect> {
    effects.iter().rev().map(Effect::undone).collect()
}

/// What a commit did; nothing of what was redacted.
pub(super) fn effects_of(commit: &Commit) -> Result<Vec<Effect>> {
    let mut all = Vec::new();
    for payload in commit.payloads.iter().flatten() {
        all.extend(effects::decode(payload)?);
    }
    Ok(all)
}

fn built_on(sequence: u64, later: &[Later]) -> Error {
    let named: Vec<String> = later.iter().take(NAMED_MAX).map(|later| later.sequence.to_string()).collect();
    let more = match later.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let commits = if later.len() == 1 { "commit" } else { "commits" };
    let message =
        format!("commit {sequence} cannot be undone: {commits} {}{more} built on it", named.join(", "));
    Error::invalid(message).hint("undo the later ones first, the last one first".to_owned())
}

/// What of a commit later ones must have left alone.
struct Basis {
    /// What it changed.
    changed: FxHashSet<Part>,
    /// What of that it created or restored.
    created: FxHashSet<Part>,
    /// What has to be there when its deletions are taken back.
    needed: FxHashSet<Part>,
}

impl Basis {
    fn of(effects: &[Effect]) -> Self {
        let mut basis = Self {
            changed: FxHashSet::default(),
            created: FxHashSet::default(),
            needed: FxHashSet::default(),
        };
        for effect in effects {
            let undone = effect.undone();
            if is_deletion(&undone) {
                basis.created.insert(changed_by(effect));
            }
            basis.changed.insert(changed_by(effect));
            basis.needed.extend(needed_by(&undone));
        }
        basis
    }

    /// Whether a later commit changed the same, hangs on it, or deleted what is needed.
    fn is_built_on_by(&self, later: &[Effect]) -> bool {
        later.iter().any(|effect| {
            let part = changed_by(effect);
            self.changed.contains(&part)
                || (is_deletion(effect) && self.needed.contains(&part))
                || needed_by(effect).iter().any(|part| self.created.contains(part))
        })
    }
}

fn is_deletion(effect: &Effect) -> bool {
    matches!(effect, Effect::DeleteNode { .. } | Effect::DeleteRelationship { .. })
}

fn changed_by(effect: &Effect) -> Part {
    match effect {
        Effect::CreateNode { id, .. }
        | Effect::RestoreNode { id, .. }
        | Effect::DeleteNode { id, .. }
        | Effect::SetNodeProperty { id, .. }
        | Effect::SetLabel { id, .. } => Part::Element(About::Node(*id)),
        Effect::CreateRelationship { id, .. }
        | Effect::RestoreRelationship { id, .. }
        | Effect::DeleteRelationship { id, .. }
        | Effect::SetRelationshipProperty { id, .. } => Part::Element(About::Relationship(*id)),
        Effect::RecordClaim { id, .. }
        | Effect::RestoreClaim { id, .. }
        | Effect::RetractClaim { id, .. } => Part::Claim(*id),
        Effect::DeclareType { name, .. } => Part::Type(name.clone()),
        Effect::CreateIndex { index } | Effect::DropIndex { before: index } => {
            Part::Index(index.name.clone())
        }
    }
}

/// What an effect hangs its element on: the ends of a relationship, and every element that
/// a claim names.
fn needed_by(effect: &Effect) -> Vec<Part> {
    let node = |id| Part::Element(About::Node(id));
    let of_claim = |claim: &Claim| {
        let carriers = claim.carriers.into_iter().flat_map(|(from, to)| [from, to]);
        let nodes = claim.source.into_iter().chain(claim.by).chain(carriers).map(node);
        [Part::Element(claim.about)].into_iter().chain(nodes).collect()
    };
    match effect {
        Effect::CreateRelationship { relationship, .. }
        | Effect::RestoreRelationship { relationship, .. } => {
            vec![node(relationship.start), node(relationship.end)]
        }
        Effect::RecordClaim { claim, .. } | Effect::RestoreClaim { claim, .. } => of_claim(claim),
        _ => Vec::new(),
    }
}

//! What was done to a case: its commits, what each of them changed, and the case as it was
//! after any of them.

use std::path::Path;

use super::redact::is_note;
use super::undo::effects_of;
use super::{Case, replay_commit};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ledger::{self, Base, Commit, Ledger, Note, effects};
use crate::model::Effect;
use crate::query::Stats;

/// One commit of a case's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number, from 1.
    pub sequence: u64,
    /// Its hash in the chain.
    pub hash: [u8; 32],
    /// When, in microseconds since 1970-01-01 UTC.
    pub time_micros: i64,
    /// Who.
    pub author: String,
    /// What for; empty where it was redacted.
    pub message: String,
    /// Whether what it did was taken out of the record.
    pub is_redacted: bool,
    /// Whether it says what was redacted, and changes nothing else.
    pub is_redaction: bool,
    /// Whether it says what was archived, and changes nothing.
    pub is_archive: bool,
    /// How many changes.
    pub changes: usize,
    /// Changes by what they changed; a restored element counts as created.
    pub counts: Stats,
}

/// A commit with what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitDetails {
    /// Who, when and why.
    pub entry: LogEntry,
    /// Its changes, in order; none where it was redacted.
    pub effects: Vec<Effect>,
}

impl Case {
    /// The history, first commit first, up to the last commit that this process knows. What was
    /// archived is not in it: see [`Case::archived`].
    ///
    /// # Errors
    /// `Corrupt` where the record is damaged.
    pub fn log(&self) -> Result<Vec<LogEntry>> {
        self.log_from(1)
    }

    /// The history from a commit on.
    ///
    /// # Errors
    /// `Corrupt` where the record is damaged.
    ///
    /// # Complexity
    /// O(the record from that commit on); the changes of one commit are held at a time.
    pub fn log_from(&self, first: u64) -> Result<Vec<LogEntry>> {
        let ledger = self.dir.join("ledger");
        ledger::while_it_moves(&ledger, || self.log_once(first))
    }

    fn log_once(&self, first: u64) -> Result<Vec<LogEntry>> {
        let (ledger, _) = Ledger::open(&self.dir.join("ledger"), ledger::Access::Read, None)?;
        let mut entries = Vec::new();
        for commit in ledger.commits(first.max(1)) {
            let commit = commit?;
            if commit.position.sequence > self.sequence() {
                break;
            }
            entries.push(details(commit)?.entry);
        }
        Ok(entries)
    }

    /// One commit with what it did.
    ///
    /// # Errors
    /// `NotFound` where there is no such commit, or it is archived; `Corrupt` where the record is
    /// damaged.
    pub fn commit_details(&self, sequence: u64) -> Result<CommitDetails> {
        let ledger = self.dir.join("ledger");
        ledger::while_it_moves(&ledger, || self.details_once(sequence))
    }

    fn details_once(&self, sequence: u64) -> Result<CommitDetails> {
        let (ledger, _) = Ledger::open(&self.dir.join("ledger"), ledger::Access::Read, None)?;
        refuse_archived(&ledger, sequence)?;
        let is_known = (1..=self.sequence()).contains(&sequence);
        match ledger.commits(sequence).next().filter(|_| is_known) {
            Some(commit) => details(commit?),
            None => Err(no_commit(sequence, self.sequence())),
        }
    }

    /// Opens a case as it was after a commit, for reading only; before the first one for 0.
    ///
    /// What was redacted since is not in it either.
    ///
    /// # Errors
    /// `NotFound` where there is no case or no such commit, or it is archived; `Corrupt` where the record is damaged.
    ///
    /// # Complexity
    /// O(the record up to that commit), which is replayed.
    pub fn open_at(dir: &Path, sequence: u64) -> Result<Self> {
        if !Self::exists(dir) {
            return Err(Error::not_found(format!("there is no case in {}", dir.display())));
        }
        ledger::while_it_moves(&dir.join("ledger"), || Self::open_at_once(dir, sequence))
    }

    fn open_at_once(dir: &Path, sequence: u64) -> Result<Self> {
        let (ledger, found) = Ledger::open(&dir.join("ledger"), ledger::Access::Read, None)?;
        let last = ledger.position().map_or(0, |position| position.sequence);
        if sequence > last {
            return Err(no_commit(sequence, last));
        }
        let base = ledger.base().map(Base::position);
        if base.is_none_or(|base| base.sequence != sequence) {
            refuse_archived(&ledger, sequence)?;
        }
        let (mut graph, mut position) = (Graph::new(), base);
        super::base::replay(&ledger, &mut graph)?;
        for commit in ledger.commits(1) {
            let commit = commit?;
            if commit.position.sequence > sequence {
                break;
            }
            replay_commit(&ledger, &commit, &mut graph)?;
            position = Some(commit.position);
        }
        let mut notices: Vec<String> = found.iter().map(ToString::to_string).collect();
        notices.push(format!("the case as it was after commit {sequence} of {last}"));
        Ok(Self {
            dir: dir.to_owned(),
            graph,
            position,
            owner: None,
            read_only: Some(format!("it is seen as it was after commit {sequence}")),
            notices,
            transaction: None,
            cache: super::index::Cache::default(),
            n_redacted: ledger.redacted().len(),
            is_past: true,
            lost: None,
        })
    }
}

pub(super) fn no_commit(sequence: u64, last: u64) -> Error {
    let hint = match last {
        0 => "the case has no commit yet".to_owned(),
        _ => format!("the commits are 1 to {last}; `throughline log` lists them"),
    };
    Error::not_found(format!("there is no commit {sequence}")).hint(hint)
}

/// Fails for a commit that is archived: nothing of it is in the record.
pub(super) fn refuse_archived(ledger: &Ledger, sequence: u64) -> Result<()> {
    match ledger.archived() {
        Some(note) if sequence <= note.sequence => Err(Error::not_found(match sequence {
            0 => format!("the case before its first commit is archived in {}", note.file),
            _ => format!("commit {sequence} is archived in {}", note.file),
        })
        .hint(format!(
            "`throughline unarchive {}` puts the commits up to {} back",
            note.file, note.sequence
        ))),
        _ => Ok(()),
    }
}

fn details(commit: Commit) -> Result<CommitDetails> {
    let mut effects = effects_of(&commit)?;
    let is_archive = Note::of(&commit)?.is_some();
    let is_redaction = is_note(&effects);
    if is_redaction {
        // Placeholders for ids that nothing gets again: no change that anybody made.
        effects.clear();
    }
    let entry = LogEntry {
        sequence: commit.position.sequence,
        hash: commit.position.hash,
        time_micros: commit.info.time_micros,
        message: effects::message(&commit)?.unwrap_or_default(),
        is_redacted: commit.payloads.iter().any(Option::is_none),
        is_redaction,
        is_archive,
        changes: effects.len(),
        counts: counts(&effects),
        author: commit.info.author,
    };
    Ok(CommitDetails { entry, effects })
}

fn counts(effects: &[Effect]) -> Stats {
    let mut counts = Stats::default();
    for effect in effects {
        match effect {
            Effect::CreateNode { node, .. } | Effect::RestoreNode { node, .. } => {
                counts.nodes_created += 1;
                counts.labels_added += node.labels.len();
                counts.properties_set += node.properties.len();
            }
            Effect::DeleteNode { .. } => counts.nodes_deleted += 1,
            Effect::CreateRelationship { relationship, .. }
            | Effect::RestoreRelationship { relationship, .. } => {
                counts.relationships_created += 1;
                counts.properties_set += relationship.properties.len();
            }
            Effect::DeleteRelationship { .. } => counts.relationships_deleted += 1,
            Effect::SetNodeProperty { .. } | Effect::SetRelationshipProperty { .. } => {
                counts.properties_set += 1;
            }
            Effect::SetLabel { present: true, .. } => counts.labels_added += 1,
            Effect::SetLabel { present: false, .. } => counts.labels_removed += 1,
            Effect::RecordClaim { .. } | Effect::RestoreClaim { .. } => counts.claims_recorded += 1,
            Effect::RetractClaim { .. } => counts.claims_retracted += 1,
            Effect::CreateIndex { .. } => counts.indexes_added += 1,
            Effect::DropIndex { .. } => counts.indexes_removed += 1,
            // There is no count for it; the details have it.
            Effect::DeclareType { .. } => {}
        }
    }
    counts
}

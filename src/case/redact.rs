//! Redacting commits: what they said is gone from the record, the graph and the index, and the
//! chain of the record still verifies.
//!
//! # What goes
//!
//! A commit's payload: its changes, with what was there before each of them, and its message,
//! which quotes the statement. When it was made, by whom, how large it was and the hash of its
//! bytes stay. The redaction is itself a commit, so that the record says who redacted what,
//! when and why.
//!
//! # What repeats it
//!
//! A later commit that changed, deleted or restored what a redacted one said holds it again, as
//! what was there before. Leaving that would redact nothing, so such commits are named and the
//! redaction is refused, unless they are redacted with it.
//!
//! # What built on it
//!
//! Other later commits stay as they are. Of their changes those are left out, on every replay,
//! that do not fit a graph without the redacted ones: a relationship whose end is missing, a
//! claim whose source is, a change of an element that is not there. The plan counts them
//! beforehand. Taking out a deletion brings back what it deleted; the plan counts that too.
//!
//! # Crashes
//!
//! The payloads are marked before anything is destroyed. Whoever opens the case for writing
//! next finishes what was marked.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::history::{no_commit, refuse_archived};
use super::index::{close, open_store};
use super::mentions::Mentions;
use super::undo::effects_of;
use super::{Author, Case, replay};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ledger::{self, Ledger, Note, effects};
use crate::model::{
    About, Claim, ClaimId, Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Stance,
    Value,
};
use crate::store::Store;

/// What a redaction takes with it, or took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    /// The commits that go, in order.
    pub commits: Vec<u64>,
    /// Which of them were not asked for, and repeat what the others said.
    pub copies: Vec<u64>,
    /// Later commits that built on them, and how many of their changes are left out from then on.
    pub left_out: Vec<(u64, usize)>,
    /// How many changes they made.
    pub changes: usize,
    /// How many nodes, relationships and claims are not there any more afterwards.
    pub gone: [usize; 3],
    /// How many are there again, since what had deleted them is gone.
    pub back: [usize; 3],
    /// Other commits that hold a text of theirs, in a value or in their message, and stay: they
    /// are worth a look.
    pub mentions: Vec<u64>,
    /// Commits whose message stays, since it was recorded where the chain covers it. Only
    /// commits of earlier versions are.
    pub messages_stay: Vec<u64>,
}

/// How many commits an error names.
const NAMED_MAX: usize = 5;
/// The type of the relationship that keeps an id from being given again, for a moment.
const PLACEHOLDER: &str = "REDACTED";
/// A node, a relationship and a claim are created and deleted.
const PLACEHOLDERS: usize = 6;

impl Case {
    /// What redacting these commits would take with it. Nothing is changed.
    ///
    /// # Errors
    /// `NotFound` for a number that no commit has, or whose commit is archived; `Invalid` for a commit that was redacted
    /// already and where no commit is named, `Corrupt` where the record is damaged.
    ///
    /// # Complexity
    /// O(the whole record), which is replayed once or twice.
    pub fn plan_redaction(&self, commits: &[u64]) -> Result<Redaction> {
        self.refuse_in_transaction("a redaction")?;
        let ledger = self.dir.join("ledger");
        ledger::while_it_moves(&ledger, || self.plan_once(commits))
    }

    fn plan_once(&self, commits: &[u64]) -> Result<Redaction> {
        let (ledger, _) = Ledger::open(&self.dir.join("ledger"), ledger::Access::Read, None)?;
        let asked = self.checked(commits, &ledger)?;
        let mut plan = self.find_copies(&ledger, &asked)?;
        plan.mentions = self.find_mentions(&ledger, &plan.commits)?;
        let (left, without) = replay_without(&ledger, &plan.commits, self.sequence())?;
        let before = match ledger.redacted() {
            [] => FxHashMap::default(),
            _ => replay_without(&ledger, &[], self.sequence())?.0,
        };
        plan.left_out = left
            .into_iter()
            .map(|(sequence, n)| (sequence, n.saturating_sub(before.get(&sequence).copied().unwrap_or(0))))
            .filter(|(_, n)| *n > 0)
            .collect();
        plan.left_out.sort_unstable();
        plan.gone = missing(&self.graph, &without);
        plan.back = missing(&without, &self.graph);
        Ok(plan)
    }

    /// Redacts commits. With `with_copies`, later ones that repeat what they said go too. The
    /// reason becomes part of the record.
    ///
    /// # Errors
    /// As [`Case::plan_redaction`]; `Invalid`, naming them, where others repeat what was said and
    /// are not to go; `ReadOnly`; `Io`, after which the case is to be opened again.
    pub fn redact(
        &mut self,
        commits: &[u64],
        with_copies: bool,
        reason: &str,
        author: &Author,
    ) -> Result<Redaction> {
        self.refuse_if_read_only()?;
        let plan = self.plan_redaction(commits)?;
        if !with_copies && !plan.copies.is_empty() {
            return Err(refused(&plan));
        }
        self.record_redaction(&plan, reason, author)?;
        if let Err(error) = self.take_out(&plan.commits) {
            self.lost = Some(error.clone());
            self.read_only =
                Some("a redaction did not finish; opening the case again finishes it".to_owned());
            return Err(error);
        }
        Ok(plan)
    }

    fn checked(&self, commits: &[u64], ledger: &Ledger) -> Result<Vec<u64>> {
        let mut asked = commits.to_vec();
        asked.sort_unstable();
        asked.dedup();
        if asked.is_empty() {
            return Err(Error::invalid("expected the number of a commit to redact"));
        }
        for &commit in &asked {
            if commit == 0 || commit > self.sequence() {
                return Err(no_commit(commit, self.sequence()));
            }
            refuse_archived(ledger, commit)?;
            if ledger.redacted().contains(&commit) {
                return Err(Error::invalid(format!("commit {commit} is redacted already")));
            }
        }
        Ok(asked)
    }

    /// The commits that were asked for, and later ones that repeat what they said.
    fn find_copies(&self, ledger: &Ledger, asked: &[u64]) -> Result<Redaction> {
        let mut plan = Redaction::default();
        let mut said = Said::default();
        for commit in ledger.commits(asked[0]) {
            let commit = commit?;
            let sequence = commit.position.sequence;
            if sequence > self.sequence() {
                break;
            }
            let effects = effects_of(&commit)?;
            let is_asked = asked.contains(&sequence);
            if !is_asked && !effects.iter().any(|effect| said.is_repeated_by(effect)) {
                continue;
            }
            if is_note(&effects) {
                return Err(Error::invalid(format!("commit {sequence} says what was redacted, and stays")));
            }
            if Note::of(&commit)?.is_some() {
                return Err(Error::invalid(format!("commit {sequence} says what was archived, and stays")));
            }
            plan.commits.push(sequence);
            plan.changes += effects.len();
            plan.messages_stay.extend((!commit.info.message.is_empty()).then_some(sequence));
            match is_asked {
                true => effects.iter().for_each(|effect| said.add(effect)),
                false => plan.copies.push(sequence),
            }
        }
        Ok(plan)
    }

    fn find_mentions(&self, ledger: &Ledger, redacted: &[u64]) -> Result<Vec<u64>> {
        let mut mentions = Mentions::default();
        for &sequence in redacted {
            let commit = ledger.commits(sequence).next().transpose()?;
            commit.iter().try_for_each(|commit| {
                effects_of(commit)?.iter().for_each(|effect| mentions.add(effect));
                Ok::<(), Error>(())
            })?;
        }
        let mut found = Vec::new();
        for commit in ledger.commits(1) {
            let commit = commit?;
            let sequence = commit.position.sequence;
            if sequence > self.sequence() {
                break;
            }
            let message = effects::message(&commit)?.unwrap_or_default();
            if redacted.binary_search(&sequence).is_err() && mentions.are_in(&message, &effects_of(&commit)?)
            {
                found.push(sequence);
            }
        }
        Ok(found)
    }

    /// Records that commits are redacted, and takes ids that nothing gets again: those of what
    /// goes may be known outside.
    fn record_redaction(&mut self, plan: &Redaction, reason: &str, author: &Author) -> Result<()> {
        let effects = placeholders(&self.graph);
        let numbers: Vec<String> = plan.commits.iter().map(u64::to_string).collect();
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        self.apply_all(&effects)?;
        self.record(&effects, author, &format!("redact {}{reason}", numbers.join(", ")))
    }

    fn take_out(&mut self, commits: &[u64]) -> Result<()> {
        self.land();
        let Some(owner) = &mut self.owner else { return Ok(()) };
        commits.iter().try_for_each(|&commit| owner.ledger.begin_redaction(commit))?;
        // The graph reads from the store, which has to be closed.
        self.graph = Graph::new();
        let store = owner.store.take();
        owner.store = finish(&self.dir, &mut owner.ledger, store, &mut self.notices)?;
        let mut graph = Graph::new();
        owner.behind = replay(&owner.ledger, None, &mut graph)?;
        (self.graph, self.n_redacted) = (graph, owner.ledger.redacted().len());
        self.checkpoint()
    }
}

/// Finishes what was marked: the index goes, with all that was ever set aside of it, then the
/// payloads. Gives a new index.
pub(super) fn finish(
    dir: &Path,
    ledger: &mut Ledger,
    store: Option<Arc<Store>>,
    notices: &mut Vec<String>,
) -> Result<Option<Arc<Store>>> {
    // It is deleted in a moment; what it could not write is of no use.
    close(store);
    remove_index(dir)?;
    for commit in ledger.half_redacted().to_vec() {
        ledger.finish_redaction(commit)?;
        notices.push(format!("commit {commit} is redacted, and the index was made anew"));
    }
    open_store(&dir.join("index"), notices)
}

/// Removes the index and its old copies, `index.aside-…` and the like.
fn remove_index(dir: &Path) -> Result<()> {
    for entry in std::fs::read_dir(dir).map_err(|error| Error::io(dir, &error))? {
        let path = entry.map_err(|error| Error::io(dir, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == "index" || name.starts_with("index.") {
            std::fs::remove_dir_all(&path).map_err(|error| Error::io(&path, &error))?;
        }
    }
    ledger::sync_dir(dir)
}

fn refused(plan: &Redaction) -> Error {
    let list = |commits: &[u64]| {
        let named: Vec<String> = commits.iter().take(NAMED_MAX).map(u64::to_string).collect();
        let more = commits.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{} {}{more}", if commits.len() == 1 { "commit" } else { "commits" }, named.join(", "))
    };
    let asked: Vec<u64> =
        plan.commits.iter().copied().filter(|commit| !plan.copies.contains(commit)).collect();
    let (asked, copies) = (list(&asked), list(&plan.copies));
    let verb = if plan.copies.len() == 1 { "repeats" } else { "repeat" };
    Error::invalid(format!(
        "{asked} cannot be redacted alone: {copies} {verb} what was said, as what was there before a change"
    ))
    .hint("with --with-copies they are redacted too, with all else that they say".to_owned())
}

/// Replays the record without some commits; gives how many changes of which others do not fit,
/// and the graph.
fn replay_without(ledger: &Ledger, without: &[u64], last: u64) -> Result<(FxHashMap<u64, usize>, Graph)> {
    let (mut left_out, mut graph) = (FxHashMap::default(), Graph::new());
    super::base::replay(ledger, &mut graph)?;
    for commit in ledger.commits(1) {
        let commit = commit?;
        let sequence = commit.position.sequence;
        if sequence > last {
            break;
        }
        if without.binary_search(&sequence).is_err() {
            match apply_what_fits(&effects_of(&commit)?, &mut graph) {
                0 => {}
                n => drop(left_out.insert(sequence, n)),
            }
            graph.settle();
        }
    }
    Ok((left_out, graph))
}

/// Applies those effects that fit the graph; gives how many do not.
pub(super) fn apply_what_fits(effects: &[Effect], graph: &mut Graph) -> usize {
    effects.iter().filter(|effect| !fits(effect, graph) || graph.apply(effect).is_err()).count()
}

/// What the graph itself takes for granted: that what a claim names is there, and that a key is free.
fn fits(effect: &Effect, graph: &Graph) -> bool {
    let has = |node: NodeId| graph.node(node).is_some();
    let of_claim = |claim: &Claim| {
        let about = match claim.about {
            About::Node(node) => has(node),
            About::Relationship(id) => graph.relationship(id).is_some(),
        };
        let (one, other) = claim.carriers.unzip();
        about && [claim.source, claim.by, one, other].into_iter().flatten().all(has)
    };
    match effect {
        Effect::RecordClaim { claim, .. } | Effect::RestoreClaim { claim, .. } => of_claim(claim),
        Effect::CreateRelationship { relationship, .. }
        | Effect::RestoreRelationship { relationship, .. } => {
            relationship.key.as_deref().is_none_or(|key| graph.relationship_by_key(key).is_none())
        }
        _ => true,
    }
}

/// How many nodes, relationships and claims of one graph the other does not have.
fn missing(of: &Graph, other: &Graph) -> [usize; 3] {
    [
        of.nodes().filter(|(id, _)| other.node(*id).is_none()).count(),
        of.relationships().filter(|(id, _)| other.relationship(*id).is_none()).count(),
        of.claims().filter(|(id, _)| other.claim(*id).is_none()).count(),
    ]
}

/// Whether a commit is the note of a redaction.
pub(super) fn is_note(effects: &[Effect]) -> bool {
    matches!(
        effects,
        [Effect::CreateNode { .. }, Effect::CreateRelationship { relationship, .. }, ..]
            if relationship.kind == PLACEHOLDER && effects.len() == PLACEHOLDERS
    )
}

/// A node, a relationship and a claim that come and go at once, each with the next id: from
/// then on no earlier id is free, whatever is taken out of the record.
fn placeholders(graph: &Graph) -> Vec<Effect> {
    let (node, relationship, claim) = (graph.next_node(), graph.next_relationship(), graph.next_claim());
    let done = [
        Effect::CreateNode { id: node, node: NodeData::default() },
        Effect::CreateRelationship {
            id: relationship,
            relationship: RelationshipData {
                key: None,
                kind: PLACEHOLDER.to_owned(),
                start: node,
                end: node,
                properties: Properties::default(),
            },
        },
        Effect::RecordClaim {
            id: claim,
            claim: Box::new(Claim::new(About::Node(node), Stance::Supports, 0)),
        },
    ];
    done.iter().cloned().chain(done.iter().rev().map(Effect::undone)).collect()
}

/// What redacted commits said.
#[derive(Debug, Default)]
struct Said {
    /// Elements that they created.
    nodes: FxHashSet<NodeId>,
    relationships: FxHashSet<RelationshipId>,
    claims: FxHashSet<ClaimId>,
    /// Values that they set: of an element, by the property's name.
    values: FxHashMap<(About, String), Vec<Value>>,
}

impl Said {
    fn add(&mut self, effect: &Effect) {
        match effect {
            Effect::CreateNode { id, node } | Effect::RestoreNode { id, node } => {
                self.nodes.insert(*id);
                self.add_all(About::Node(*id), &node.properties);
            }
            Effect::CreateRelationship { id, relationship }
            | Effect::RestoreRelationship { id, relationship } => {
                self.relationships.insert(*id);
                self.add_all(About::Relationship(*id), &relationship.properties);
            }
            Effect::RecordClaim { id, .. } | Effect::RestoreClaim { id, .. } => {
                self.claims.insert(*id);
            }
            Effect::SetNodeProperty { id, name, after: Some(value), .. } => {
                self.add_value(About::Node(*id), name, value);
            }
            Effect::SetRelationshipProperty { id, name, after: Some(value), .. } => {
                self.add_value(About::Relationship(*id), name, value);
            }
            _ => {}
        }
    }

    fn add_all(&mut self, about: About, properties: &Properties) {
        properties.iter().for_each(|(name, value)| self.add_value(about, name, value));
    }

    fn add_value(&mut self, about: About, name: &str, value: &Value) {
        self.values.entry((about, name.to_owned())).or_default().push(value.clone());
    }

    fn has(&self, about: About, name: &str, value: &Value) -> bool {
        self.values.get(&(about, name.to_owned())).is_some_and(|values| values.contains(value))
    }

    fn has_any(&self, about: About, properties: &Properties) -> bool {
        properties.iter().any(|(name, value)| self.has(about, name, value))
    }

    /// Whether a later effect holds some of it again.
    fn is_repeated_by(&self, effect: &Effect) -> bool {
        match effect {
            Effect::DeleteNode { id, before: node } | Effect::RestoreNode { id, node } => {
                self.nodes.contains(id) || self.has_any(About::Node(*id), &node.properties)
            }
            Effect::DeleteRelationship { id, before: relationship }
            | Effect::RestoreRelationship { id, relationship } => {
                self.relationships.contains(id)
                    || self.has_any(About::Relationship(*id), &relationship.properties)
            }
            Effect::RetractClaim { id, .. } | Effect::RestoreClaim { id, .. } => self.claims.contains(id),
            Effect::SetNodeProperty { id, name, before, after } => {
                self.has_either(About::Node(*id), name, before.as_ref(), after.as_ref())
            }
            Effect::SetRelationshipProperty { id, name, before, after } => {
                self.has_either(About::Relationship(*id), name, before.as_ref(), after.as_ref())
            }
            _ => false,
        }
    }

    fn has_either(&self, about: About, name: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
        before.into_iter().chain(after).any(|value| self.has(about, name, value))
    }
}

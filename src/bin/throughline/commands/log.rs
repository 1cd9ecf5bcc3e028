//! `log`: the commits of a case, and what one of them changed, in words.

use std::collections::BTreeMap;

use throughline::case::{CommitDetails, LogEntry};
use throughline::formats::words;
use throughline::graph::View;
use throughline::model::{
    About, Claim, DateTime, Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Stance,
    Value,
};
use throughline::query::Answer;

use super::overview::{number, table};
use crate::args::{Args, LogArgs};
use crate::failure::Failure;
use crate::render::{self, Format, changed, counted};
use crate::session::Session;
use crate::terminal::Terminal;

/// How many changes of a commit are shown if nobody says how many.
const CHANGES_SHOWN: usize = 200;
/// What stands for what has to stay hidden.
const HIDDEN: &str = "(confidential)";

/// Opens the case and lists its commits, or shows one.
pub(super) fn run(args: &Args, log: &LogArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let session = Session::open(args, terminal)?;
    let answer = in_session(&session, log, log.output.format, terminal)?;
    render::answer(terminal, session.view(None), &answer, log.output.format)?;
    session.close(terminal);
    Ok(())
}

/// The commits of an open case, or the changes of one, as a table.
pub(crate) fn in_session(
    session: &Session,
    log: &LogArgs,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    match log.commit {
        Some(commit) => changes(session, commit, log.limit, terminal),
        None => commits(session, log.limit, format, terminal),
    }
}

fn commits(
    session: &Session,
    limit: Option<usize>,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let last = session.case.sequence();
    let limit = limit.map_or(last, |limit| u64::try_from(limit).unwrap_or(u64::MAX));
    let entries = match limit {
        0 => Vec::new(),
        limit => session.case.log_from(last.saturating_sub(limit) + 1)?,
    };
    let n_listed = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    if let Some(archived) = session.case.archived()?
        && (n_listed == last.saturating_sub(archived.last))
    {
        let file = words::clean(&archived.file);
        terminal.note(&format!("commits 1 to {} are archived ({file})", archived.last));
    }
    let rows = entries.into_iter().map(|entry| commit_row(entry, format)).collect();
    Ok(table(&["commit", "time", "author", "changes", "hash", "message"], rows))
}

fn commit_row(entry: LogEntry, format: Format) -> Vec<Value> {
    let hash: String = entry.hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let micros = entry.time_micros;
    let changes = changes_value(&entry, format);
    let message = if entry.is_redacted { Value::Null } else { Value::from(entry.message) };
    vec![
        Value::Int(i64::try_from(entry.sequence).unwrap_or(i64::MAX)),
        // Whole seconds are enough for people, and the record keeps the rest.
        Value::DateTime(DateTime::of_micros(micros - micros.rem_euclid(1_000_000))),
        Value::from(entry.author),
        changes,
        Value::from(hash),
        message,
    ]
}

/// Counts by name for programs, words for people.
fn changes_value(entry: &LogEntry, format: Format) -> Value {
    let named = entry.counts.named();
    match format {
        Format::Json | Format::Ndjson => {
            let redacted = entry.is_redacted.then(|| ("redacted".to_owned(), Value::Bool(true)));
            let counts = named.into_iter().map(|(name, count)| (name.to_owned(), number(count)));
            Value::Map(counts.chain(redacted).collect())
        }
        _ if entry.is_redacted => Value::from("redacted"),
        _ if entry.is_redaction => Value::from("a redaction"),
        _ if entry.is_archive => Value::from("an archive"),
        _ if named.is_empty() => Value::from(counted(entry.changes, "change")),
        _ => {
            let words: Vec<String> = named.into_iter().map(|(name, count)| changed(name, count)).collect();
            Value::from(words.join(", "))
        }
    }
}

fn changes(
    session: &Session,
    commit: u64,
    limit: Option<usize>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let details = session.case.commit_details(commit)?;
    let entry = &details.entry;
    let time = DateTime::of_micros(entry.time_micros - entry.time_micros.rem_euclid(1_000_000));
    let author = words::clean(&entry.author);
    terminal.note(&match entry.is_redacted {
        true => format!("commit {commit} by {author}, {time}: it was redacted, and what it did is not known"),
        false => format!("commit {commit} by {author}, {time}: {}", words::clean(&entry.message)),
    });
    let limit = limit.unwrap_or(CHANGES_SHOWN);
    let teller = Teller::new(session.view(None), &details);
    let rows = details.effects.iter().take(limit).map(|effect| teller.row(effect)).collect();
    if details.effects.len() > limit {
        let more = counted(details.effects.len() - limit, "more change");
        terminal.note(&format!("… and {more}; --limit says how many are shown"));
    }
    Ok(table(&["change", "element", "what"], rows))
}

/// Tells what effects did. Of confidential entities nothing but their pseudonym is told.
struct Teller<'a> {
    view: View<'a>,
    /// Nodes as the commit itself has them, for those that are gone.
    nodes: BTreeMap<NodeId, &'a NodeData>,
    relationships: BTreeMap<RelationshipId, &'a RelationshipData>,
}

impl<'a> Teller<'a> {
    fn new(view: View<'a>, details: &'a CommitDetails) -> Self {
        let mut teller = Self { view, nodes: BTreeMap::new(), relationships: BTreeMap::new() };
        for effect in &details.effects {
            match effect {
                Effect::CreateNode { id, node }
                | Effect::RestoreNode { id, node }
                | Effect::DeleteNode { id, before: node } => drop(teller.nodes.insert(*id, node)),
                Effect::CreateRelationship { id, relationship }
                | Effect::RestoreRelationship { id, relationship }
                | Effect::DeleteRelationship { id, before: relationship } => {
                    teller.relationships.insert(*id, relationship);
                }
                _ => {}
            }
        }
        teller
    }

    fn row(&self, effect: &Effect) -> Vec<Value> {
        let (change, element, what) = match effect {
            Effect::CreateNode { id, node } => ("created", self.node(*id), self.node_words(*id, node)),
            Effect::RestoreNode { id, node } => ("restored", self.node(*id), self.node_words(*id, node)),
            Effect::DeleteNode { id, before } => ("deleted", self.node(*id), self.node_words(*id, before)),
            Effect::SetNodeProperty { id, name, before, after } => {
                let what = match self.is_hidden(*id) {
                    true => HIDDEN.to_owned(),
                    false => set_words(name, before.as_ref(), after.as_ref()),
                };
                ("set", self.node(*id), what)
            }
            Effect::SetLabel { id, label, present: true } => ("labelled", self.node(*id), label.clone()),
            Effect::SetLabel { id, label, present: false } => {
                ("took label from", self.node(*id), label.clone())
            }
            Effect::CreateRelationship { id, relationship } => {
                ("created", self.relationship(*id), properties_words(&relationship.properties))
            }
            Effect::RestoreRelationship { id, relationship } => {
                ("restored", self.relationship(*id), properties_words(&relationship.properties))
            }
            Effect::DeleteRelationship { id, before } => {
                ("deleted", self.relationship(*id), properties_words(&before.properties))
            }
            Effect::SetRelationshipProperty { id, name, before, after } => {
                ("set", self.relationship(*id), set_words(name, before.as_ref(), after.as_ref()))
            }
            Effect::RecordClaim { claim, .. } => ("recorded claim", self.about(claim), self.claim(claim)),
            Effect::RestoreClaim { claim, .. } => ("restored claim", self.about(claim), self.claim(claim)),
            Effect::RetractClaim { before, .. } => {
                ("retracted claim", self.about(before), self.claim(before))
            }
            Effect::DeclareType { name, after, .. } => {
                let what = after.map_or("no longer".to_owned(), |(kind, flow)| {
                    format!("{}, flow {}", kind.as_str(), flow.as_str())
                });
                ("declared type", name.clone(), what)
            }
            Effect::CreateIndex { index } => ("created index", index.name.clone(), String::new()),
            Effect::DropIndex { before } => ("dropped index", before.name.clone(), String::new()),
        };
        vec![Value::from(change), Value::from(words::clean(&element)), Value::from(words::clean(&what))]
    }

    /// Whether a node, as it is or as the commit has it, may only be told by a pseudonym.
    fn is_hidden(&self, id: NodeId) -> bool {
        let is_named = |node: &&&NodeData| node.properties.contains_key("confidential");
        match self.view.node(id) {
            Some(_) => self.view.is_confidential(id),
            // Of one that is gone it is not known what it was last: whatever may be, stays hidden.
            None => self.nodes.get(&id).filter(is_named).is_some(),
        }
    }

    fn node(&self, id: NodeId) -> String {
        let known = self.nodes.get(&id);
        let text = |name: &str| known.and_then(|node| words::text(node.properties.get(name)?));
        match self.view.node(id) {
            Some(_) => words::name(self.view, id),
            None if self.is_hidden(id) => HIDDEN.to_owned(),
            None => text("name")
                .or_else(|| text("title"))
                .or_else(|| known.and_then(|node| node.key.clone()))
                .unwrap_or_else(|| format!("node {id}")),
        }
    }

    fn relationship(&self, id: RelationshipId) -> String {
        let known = self.relationships.get(&id).map(|known| (known.start, known.end, known.kind.clone()));
        let found = self.view.relationship(id);
        let kind = |kind| self.view.graph().text(kind).to_owned();
        let found = found.map(|found| (found.start, found.end, kind(found.kind)));
        match known.or(found) {
            Some((start, end, kind)) => format!("{} {kind} {}", self.node(start), self.node(end)),
            None => format!("relationship {id}"),
        }
    }

    fn node_words(&self, id: NodeId, node: &NodeData) -> String {
        if self.is_hidden(id) {
            return HIDDEN.to_owned();
        }
        let labels = node.labels.iter().map(|label| format!(":{label}")).collect::<String>();
        format!("{labels} {}", properties_words(&node.properties)).trim().to_owned()
    }

    fn about(&self, claim: &Claim) -> String {
        let element = match claim.about {
            About::Node(id) => self.node(id),
            About::Relationship(id) => self.relationship(id),
        };
        match &claim.property {
            Some(property) => format!("{property} of {element}"),
            None => element,
        }
    }

    fn claim(&self, claim: &Claim) -> String {
        let stance = match &claim.stance {
            Stance::NullResult { relationship_type } => format!("looked for {relationship_type} in vain"),
            stance => stance.as_str().to_owned(),
        };
        let source = claim.source.map(|id| format!("by {}", self.node(id)));
        let grade = claim.grade.map(|grade| grade.to_string());
        let is_hidden = self.view.is_claim_confidential(claim)
            || [claim.source, claim.by].into_iter().flatten().any(|id| self.is_hidden(id));
        let value = claim.value.as_ref().filter(|_| !is_hidden).and_then(words::text);
        let note = claim.note.clone().filter(|_| !is_hidden);
        let value = value.map(|value| format!("says {value}"));
        [Some(stance), value, source, grade, note].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn set_words(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let shown = |value: &Value| words::text(value).unwrap_or_else(|| "''".to_owned());
    match (before, after) {
        (None, Some(after)) => format!("{name}: {}", shown(after)),
        (Some(before), Some(after)) => format!("{name}: {}, before {}", shown(after), shown(before)),
        (Some(before), None) => format!("{name}: removed, before {}", shown(before)),
        (None, None) => format!("{name}: removed"),
    }
}

fn properties_words(properties: &Properties) -> String {
    let word = |(name, value): (&String, &Value)| Some(format!("{name}: {}", words::text(value)?));
    properties.iter().filter_map(word).collect::<Vec<_>>().join(", ")
}

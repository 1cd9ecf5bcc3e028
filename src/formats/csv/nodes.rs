//! Files of nodes.
//!
//! A row may name a source that another row makes, and that row may turn out bad
//! because of its own source. So all rows are read first, then those with a source
//! that is not there are taken out with the rows that rest on them, and only what
//! is left becomes nodes.

use rustc_hash::FxHashMap;

use super::Options;
use super::cell::split_list;
use super::draft::{Draft, KeysSeen, Outcome, check_new, labels_of};
use super::header::Special;
use super::row_claim::RowClaim;
use super::table::{Bad, Place, Row, Table};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model::{About, NodeData, NodeId, Properties};

/// A row that is good but for its source.
struct Candidate<'t> {
    table: &'t Table<'t>,
    place: Place,
    key: String,
    /// The node of the case that has the key.
    existing: Option<NodeId>,
    /// `None` leaves the labels of an existing node as they are.
    labels: Option<Vec<String>>,
    properties: Properties,
    claim: Option<RowClaim>,
}

impl Candidate<'_> {
    fn source(&self) -> Option<&str> {
        self.claim.as_ref()?.source.as_deref()
    }

    fn is_source(&self, graph: &Graph) -> bool {
        match (&self.labels, self.existing) {
            (Some(labels), _) => labels.iter().any(|label| label == "Source"),
            (None, Some(id)) => graph.is_source(id),
            (None, None) => false,
        }
    }
}

/// Reads the files of nodes into the draft.
///
/// # Errors
/// `NotFound` where the default source is not there.
pub(super) fn read<'t>(
    draft: &mut Draft<'_>,
    tables: impl Iterator<Item = &'t Table<'t>>,
    bad: &mut Bad,
) -> Result<()> {
    let mut seen = KeysSeen::new(draft.inputs);
    let mut candidates = Vec::new();
    for table in tables {
        table.for_each(bad, |row| {
            let candidate = read_row(draft, table, row, &mut seen);
            if let (Err(_), Ok(Some(key))) = (&candidate, row.key(Special::Id)) {
                draft.fall(&key, row.place());
            }
            candidate.map(|candidate| candidates.push(candidate))
        });
    }
    let unsourced = find_unsourced(draft.graph, &candidates);
    let mut claims = Vec::new();
    let mut refused = Vec::new();
    for (candidate, is_unsourced) in candidates.into_iter().zip(unsourced) {
        if is_unsourced {
            refused.push(candidate);
        } else if let Some(pending) = keep(draft, candidate) {
            claims.push(pending);
        }
    }
    refused.iter().for_each(|candidate| draft.fall(&candidate.key, candidate.place));
    for candidate in refused {
        let key = candidate.source().unwrap_or_default();
        let error = draft.source(key).err().unwrap_or_else(|| draft.no_source(key));
        bad.push(candidate.place.n_input, blame_source(&candidate, &error));
    }
    draft.source = draft.options.source.as_deref().map(|key| draft.source(key)).transpose()?;
    for (id, claim, outcome) in claims {
        let claimed = claim.record(draft, About::Node(id), outcome == Outcome::New)?;
        draft.count(if outcome == Outcome::Unchanged { claimed } else { outcome });
    }
    Ok(())
}

fn blame_source(candidate: &Candidate<'_>, error: &Error) -> Error {
    let blamed = candidate.table.error(candidate.place.line, Some(Special::Source), error.to_string());
    blamed.hint(error.hint_text().map(str::to_owned))
}

fn read_row<'t>(
    draft: &Draft<'_>,
    table: &'t Table<'t>,
    row: &Row<'_>,
    seen: &mut KeysSeen<'_>,
) -> Result<Candidate<'t>> {
    let Plain { key, existing, labels, properties, claim } = read_plain(draft.graph, draft.options, row)?;
    seen.take(row, &key)?;
    Ok(Candidate { table, place: row.place(), key, existing, labels, properties, claim })
}

/// What a row says by itself.
pub(super) struct Plain {
    pub(super) key: String,
    /// The node of the case that has the key.
    pub(super) existing: Option<NodeId>,
    /// `None` leaves the labels of an existing node as they are.
    pub(super) labels: Option<Vec<String>>,
    pub(super) properties: Properties,
    pub(super) claim: Option<RowClaim>,
}

/// Reads a row, whatever other rows there are.
pub(super) fn read_plain(graph: &Graph, options: &Options, row: &Row<'_>) -> Result<Plain> {
    let (Some(key), Some(id)) = (row.key(Special::Id)?, row.key_value(Special::Id)?) else {
        return Err(row.refuse(Special::Id, "expected a key, found nothing"));
    };
    let existing = graph.node_by_key(&key);
    check_new(row, &key, existing.is_some(), options)?;
    let mut properties = row.properties()?;
    let header = &row.table.header;
    let name = header.index(Special::Id).map(|i| header.columns[i].name.as_str());
    for name in name.into_iter().filter(|name| !name.is_empty()).chain(["id"]) {
        properties.insert(name.to_owned(), id.clone());
    }
    let claim = RowClaim::read(row, options, &mut properties)?;
    let labels = read_labels(options, row, existing.is_some())?;
    let properties = check(graph, row, existing, labels.as_deref(), properties)?;
    Ok(Plain { key: key.into_owned(), existing, labels, properties, claim })
}

/// The labels of a row, in order; `None` to leave those of an existing node.
fn read_labels(options: &Options, row: &Row<'_>, exists: bool) -> Result<Option<Vec<String>>> {
    let mut labels: Vec<String> = row.label_cells().flat_map(split_list).map(str::to_owned).collect();
    labels.sort();
    labels.dedup();
    match &options.label {
        _ if !labels.is_empty() => Ok(Some(labels)),
        _ if exists => Ok(None),
        Some(label) => Ok(Some(vec![label.clone()])),
        None if row.table.header.labels().next().is_some() => Ok(Some(labels)),
        None => Err(row
            .refuse_whole("expected a label for a new node, found no column :LABEL")
            .hint("--label gives all rows a label".to_owned())),
    }
}

/// Checks the properties of a row against what the domain knows of its labels.
fn check(
    graph: &Graph,
    row: &Row<'_>,
    existing: Option<NodeId>,
    labels: Option<&[String]>,
    properties: Properties,
) -> Result<Properties> {
    let labels = match (labels, existing) {
        (Some(labels), _) => labels.to_vec(),
        (None, Some(id)) => labels_of(graph, id),
        (None, None) => Vec::new(),
    };
    let mut node = NodeData { key: None, labels, properties };
    graph.schema().check_node(&node).map_err(|error| {
        // To blame is the property that is wrong by itself.
        let properties = std::mem::take(&mut node.properties);
        let mut is_wrong = |name: &&String| {
            node.properties = Properties::from([((*name).clone(), properties[*name].clone())]);
            graph.schema().check_node(&node).is_err()
        };
        row.blame_property(properties.keys().find(|name| is_wrong(name)).map(String::as_str), &error)
    })?;
    Ok(node.properties)
}

/// Finds the candidates whose source is neither in the case nor a good candidate.
fn find_unsourced(graph: &Graph, candidates: &[Candidate<'_>]) -> Vec<bool> {
    let mut unsourced = vec![false; candidates.len()];
    if candidates.iter().all(|candidate| candidate.source().is_none()) {
        return unsourced;
    }
    let by_key: FxHashMap<&str, usize> =
        candidates.iter().enumerate().map(|(i, candidate)| (candidate.key.as_str(), i)).collect();
    let in_case = |key: &str| graph.node_by_key(key).is_some_and(|id| graph.is_source(id));
    let mut rests_on: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    let mut fallen = Vec::new();
    for (i, candidate) in candidates.iter().enumerate() {
        let Some(key) = candidate.source() else { continue };
        match by_key.get(key) {
            Some(&source) if candidates[source].is_source(graph) => {
                rests_on.entry(source).or_default().push(i);
            }
            None if in_case(key) => {}
            _ => fallen.push(i),
        }
    }
    while let Some(i) = fallen.pop() {
        if std::mem::replace(&mut unsourced[i], true) {
            continue;
        }
        let stays = in_case(&candidates[i].key);
        fallen.extend(rests_on.remove(&i).into_iter().flatten().filter(|_| !stays));
    }
    unsourced
}

/// Puts a candidate into the draft; gives its claim, which waits for all sources.
fn keep(draft: &mut Draft<'_>, candidate: Candidate<'_>) -> Option<(NodeId, RowClaim, Outcome)> {
    let Candidate { key, existing, labels, properties, claim, .. } = candidate;
    let (id, outcome) = match existing {
        None => {
            let node = NodeData { key: Some(key), labels: labels.unwrap_or_default(), properties };
            (draft.create_node(node), Outcome::New)
        }
        Some(id) => {
            let is_changed = draft.change_node(id, labels, properties);
            (id, if is_changed { Outcome::Updated } else { Outcome::Unchanged })
        }
    };
    if claim.is_none() {
        draft.count(outcome);
    }
    claim.map(|claim| (id, claim, outcome))
}

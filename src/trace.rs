//! The question that a researcher asks without knowing the language: which chains
//! lead from here to there?
//!
//! The two ends are words: names and aliases in any script, keys, labels, or kinds
//! of place such as "depot". The answer is a statement of the language, which is
//! shown, so that it can be learnt from and changed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::analysis::screening::{Candidate, SCORE_MIN, candidates};
use crate::error::{Error, Result};
use crate::graph::View;
use crate::model::schema::{KIND_WORDS, LABELS};
use crate::model::{Duration, NodeId, Value};
use crate::names::{self, Name, Reason, normal};

/// What a trace may be told besides its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Relationship types to follow; none for those along which goods flow.
    pub via: Vec<String>,
    /// The longest wait at any place, such as `7 days`, `2 weeks` or `P7D`.
    pub wait: Option<String>,
    /// How many chains for each pair of ends.
    pub best: u64,
    /// Which chains are best.
    pub by: By,
    /// How many hops at most.
    pub hops_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { via: Vec::new(), wait: None, best: 3, by: By::Strongest, hops_max: 8 }
    }
}

/// Which chains are best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// Those whose weakest hop is best supported.
    #[default]
    Strongest,
    /// Those with the fewest hops.
    Shortest,
    /// Those that can have ended earliest.
    Earliest,
    /// Those that can have begun latest.
    Latest,
    /// Those that can have taken the least time.
    Fastest,
}

impl By {
    fn keyword(self) -> &'static str {
        match self {
            Self::Strongest => "STRONGEST",
            Self::Shortest => "SHORTEST",
            Self::Earliest => "EARLIEST",
            Self::Latest => "LATEST",
            Self::Fastest => "FASTEST",
        }
    }
}

/// A question in the language.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The statement; it returns one path a row, as `p`.
    pub statement: String,
    /// How the words for the ends were understood.
    pub notices: Vec<String>,
}

/// What a word for an end means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// These nodes.
    Nodes(Vec<String>),
    /// Every node with the label.
    Label(String),
    /// Every node of one of these kinds.
    Kinds(Vec<String>),
}

/// Makes the statement that asks for the chains from one end to another.
///
/// # Errors
/// `NotFound` where a word is no name, label or kind of the case; `Invalid` for a
/// relationship type that the case does not have, or a bound that is none.
pub fn trace(view: View<'_>, from: &str, to: &str, options: &Options) -> Result<Trace> {
    let mut notices = Vec::new();
    let (start, end) = (end_of(view, from, &mut notices)?, end_of(view, to, &mut notices)?);
    let types = types(view, &options.via)?;
    let follow = if options.via.is_empty() { "carriesFrom(r, x) AND " } else { "" };
    let wait = match &options.wait {
        Some(wait) => format!(" WAIT <= {}", duration(wait)?),
        None => String::new(),
    };
    let hops_max = options.hops_max.max(1);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "MATCH ({}", pattern("a", &start));
    let selector = format!("{} {}", options.by.keyword(), options.best.max(1));
    let _ = writeln!(text, "MATCH p = {selector} CHRONOLOGICAL{wait} ACYCLIC (a)");
    let _ = writeln!(text, "  ((x)-[r:{types}]-(y)");
    let _ = writeln!(text, "    WHERE {follow}(x = a OR NOT isHub(x))){{1,{hops_max}}}");
    let _ = writeln!(text, "  ({}", pattern("b", &end));
    let _ = write!(text, "RETURN p");
    Ok(Trace { statement: text, notices })
}

/// A node pattern from its variable to the closing parenthesis.
fn pattern(variable: &str, end: &End) -> String {
    match end {
        End::Nodes(keys) if keys.len() == 1 => {
            format!("{variable} WHERE key({variable}) = {})", quoted(&keys[0]))
        }
        End::Nodes(keys) => format!("{variable} WHERE key({variable}) IN [{}])", list(keys)),
        End::Label(label) => format!("{variable}:{})", name(label)),
        End::Kinds(kinds) if kinds.len() == 1 => {
            format!("{variable} WHERE {variable}.kind = {})", quoted(&kinds[0]))
        }
        End::Kinds(kinds) => format!("{variable} WHERE {variable}.kind IN [{}])", list(kinds)),
    }
}

fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

/// A text as a literal of the language.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A duration as the language writes it: `7 days`, `7d` and `P7D` are understood.
fn duration(text: &str) -> Result<String> {
    const UNITS: [(&str, &str); 10] = [
        ("d", "DAYS"),
        ("day", "DAYS"),
        ("w", "WEEKS"),
        ("week", "WEEKS"),
        ("h", "HOURS"),
        ("hour", "HOURS"),
        ("m", "MINUTES"),
        ("min", "MINUTES"),
        ("minute", "MINUTES"),
        ("second", "SECONDS"),
    ];
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = (&text[..digits], text[digits..].trim().to_lowercase());
    let is_plural = |word: &str| word.len() > 1 && unit.strip_suffix('s') == Some(word);
    let known = UNITS.iter().find(|(word, _)| unit == *word || is_plural(word));
    if let (Ok(count), Some((_, unit))) = (count.parse::<u64>(), known) {
        return Ok(format!("{count} {unit}"));
    }
    let parsed = Duration::parse(text).and_then(|duration| duration.fixed_micros().map(|_| duration));
    let parsed = parsed.map_err(|_| {
        Error::invalid(format!("expected a duration, found '{text}'"))
            .hint("write it as 7 days, 2 weeks, 12 hours or P7D".to_owned())
    })?;
    Ok(format!("(duration('{parsed}'))"))
}

/// A name as the language writes it, in back-quotes where it has to be.
fn name(text: &str) -> String {
    let is_plain = !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { text.to_owned() } else { format!("`{}`", text.replace('`', "``")) }
}

fn types(view: View<'_>, via: &[String]) -> Result<String> {
    let graph = view.graph();
    let in_use: Vec<&str> = graph.types_in_use().into_iter().map(|(name, _)| name).collect();
    let types = if via.is_empty() {
        let carrying = graph.schema().carrying_types();
        let used: Vec<String> =
            carrying.iter().filter(|kind| in_use.contains(&kind.as_str())).cloned().collect();
        if used.is_empty() { carrying } else { used }
    } else {
        if let Some(kind) = via.iter().find(|kind| !in_use.contains(&kind.as_str())) {
            let near = names::nearest(kind, in_use.iter().copied());
            let near = near.map(|near| format!("did you mean {near}?"));
            let all = || (!in_use.is_empty()).then(|| format!("it has {}", in_use.join(", ")));
            return Err(Error::invalid(format!("no relationship of the case has the type {kind}"))
                .hint(near.or_else(all)));
        }
        via.to_vec()
    };
    Ok(types.iter().map(|kind| name(kind)).collect::<Vec<_>>().join("|"))
}

/// What a word means: a key or name first, then a kind of place, then a label.
fn end_of(view: View<'_>, word: &str, notices: &mut Vec<String>) -> Result<End> {
    let graph = view.graph();
    if let Some(id) = graph.node_by_key(word).filter(|&id| view.node(id).is_some()) {
        return Ok(End::Nodes(vec![graph.key_of(id)]));
    }
    let hits = names::rank(word, all_names(view));
    let same: Vec<String> =
        hits.iter().filter(|hit| hit.reason == Reason::Same).map(|hit| graph.key_of(hit.of)).collect();
    if same.len() > 1 {
        notices.push(format!("'{word}' is the name of {}: all of them were taken", same.join(", ")));
    }
    if !same.is_empty() {
        return Ok(End::Nodes(same));
    }
    if let Some(kinds) = kinds(view, word) {
        return Ok(End::Kinds(kinds));
    }
    if let Some(label) = label(view, word) {
        return Ok(End::Label(label));
    }
    if let [only] = &hits[..] {
        notices.push(format!("'{word}' was read as {} ({})", only.name, only.reason.as_str()));
        return Ok(End::Nodes(vec![graph.key_of(only.of)]));
    }
    let alike = if hits.is_empty() { alike(view, word) } else { Vec::new() };
    if let [only] = &alike[..] {
        notices.push(format!("'{word}' was read as {} ({})", only.name, only.reason));
        return Ok(End::Nodes(vec![graph.key_of(only.node)]));
    }
    let near =
        hits.iter().map(|hit| (&hit.name, hit.of)).chain(alike.iter().map(|hit| (&hit.name, hit.node)));
    let near: Vec<String> = near.take(5).map(|(name, of)| format!("{name} ({})", graph.key_of(of))).collect();
    let hint = match near.is_empty() {
        true => "give a name, an alias, a key, a label such as Port, or a kind such as depot".to_owned(),
        false => format!("did you mean {}?", near.join(", ")),
    };
    Err(Error::not_found(format!("nothing in the case is called '{word}'")).hint(hint))
}

/// The nodes whose names are like a word in other spellings and scripts, but for sources.
fn alike(view: View<'_>, word: &str) -> Vec<Candidate> {
    let mut found = candidates(view, &Name::new(word, None), 5, SCORE_MIN);
    found.retain(|found| !view.graph().is_source(found.node));
    found
}

/// The names and aliases of every node that shows, without sources and without
/// what is confidential.
pub fn all_names(view: View<'_>) -> Vec<(NodeId, String)> {
    let mut names = Vec::new();
    for id in view.nodes().filter(|&id| !view.graph().is_source(id) && !view.is_confidential(id)) {
        for property in ["name", "aliases", "alias"] {
            match view.node_property(id, property) {
                Value::String(name) => names.push((id, name.to_string())),
                Value::List(items) => {
                    names.extend(items.iter().filter_map(Value::as_str).map(|name| (id, name.to_owned())));
                }
                _ => {}
            }
        }
    }
    names
}

/// A word for kinds of place: one of the domain's, or a kind that the case uses.
fn kinds(view: View<'_>, word: &str) -> Option<Vec<String>> {
    let wanted = singular(word);
    let used: BTreeSet<String> =
        view.nodes().filter_map(|id| view.node_property(id, "kind").as_str().map(str::to_owned)).collect();
    if let Some((_, covered)) = KIND_WORDS.iter().find(|(known, _)| *known == wanted) {
        let found: Vec<String> =
            used.iter().filter(|kind| covered.contains(&kind.as_str())).cloned().collect();
        return (!found.is_empty()).then_some(found);
    }
    used.into_iter().find(|kind| normal(kind) == wanted).map(|kind| vec![kind])
}

/// A label that the case uses or the domain knows.
fn label(view: View<'_>, word: &str) -> Option<String> {
    let wanted = singular(word);
    let used = view.graph().labels_in_use();
    let known = used.iter().map(|(label, _)| *label).chain(LABELS.iter().map(|label| label.name));
    known.into_iter().find(|label| normal(label) == wanted).map(str::to_owned)
}

fn singular(word: &str) -> String {
    let word = normal(word);
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').map_or(word.clone(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::model::{Effect, NodeData};

    fn case() -> Graph {
        let mut graph = Graph::new();
        let nodes = [
            ("rajin", "Port", "Rajin", None),
            ("tikhoretsk", "Facility", "Tikhoretsk `depot'", Some("depot")),
            ("maria", "Vessel", "MARIA", None),
            ("maria-e", "Vessel", "Maria", None),
        ];
        for (key, label, name, kind) in nodes {
            let mut properties = crate::model::Properties::from([("name".to_owned(), Value::from(name))]);
            properties.extend(kind.map(|kind| ("kind".to_owned(), Value::from(kind))));
            if key == "rajin" {
                properties.insert(
                    "aliases".to_owned(),
                    Value::List(vec![Value::from("Najin"), Value::from("라진")]),
                );
            }
            let node = NodeData { key: Some(key.to_owned()), labels: vec![label.to_owned()], properties };
            graph.apply(&Effect::CreateNode { id: graph.next_node(), node }).expect("a new node");
        }
        graph
    }

    fn statement(from: &str, to: &str) -> Result<String> {
        let graph = case();
        trace(View::new(&graph, None, false), from, to, &Options::default()).map(|trace| trace.statement)
    }

    #[test]
    fn ends_are_names_kinds_and_labels() {
        for (to, pattern) in [
            ("storage", "(b WHERE b.kind = 'depot')"),
            ("Depots", "(b WHERE b.kind = 'depot')"),
            ("facilities", "(b:Facility)"),
            ("라진", "(b WHERE key(b) = 'rajin')"),
            ("Rajinn", "(b WHERE key(b) = 'rajin')"),
            ("najin", "(b WHERE key(b) = 'rajin')"),
            ("Раджин", "(b WHERE key(b) = 'rajin')"),
            ("나진항", "(b WHERE key(b) = 'rajin')"),
            // A key comes before names.
            ("maria", "(b WHERE key(b) = 'maria')"),
            ("MARIA", "(b WHERE key(b) IN ['maria', 'maria-e'])"),
        ] {
            let statement = statement("rajin", to).expect("the word means something");
            assert!(statement.contains(pattern), "{to}: {statement}");
        }
        assert!(statement("rajin", "Hamburg").is_err());
    }

    #[test]
    fn nothing_confidential_is_found_or_suggested_by_name() {
        let mut graph = case();
        let properties = [("name", Value::from("Informant")), ("confidential", Value::Bool(true))];
        let properties = properties.map(|(name, value)| (name.to_owned(), value)).into();
        let node = NodeData { key: None, labels: vec!["Person".to_owned()], properties };
        graph.apply(&Effect::CreateNode { id: graph.next_node(), node }).expect("a new node");
        for word in ["Informant", "Informamt"] {
            let error = trace(View::new(&graph, None, false), "rajin", word, &Options::default());
            let error = error.expect_err("the name is not known");
            assert!(
                !format!("{error:?}").contains("Informant (") && error.hint_text().is_some(),
                "{error:?}"
            );
        }
    }

    #[test]
    fn every_statement_parses() {
        let graph = case();
        let options = Options { wait: Some("7 days".to_owned()), ..Options::default() };
        for wait in ["7 days", "2w", "P7D", "12 hours", "PT5M"] {
            let options = Options { wait: Some(wait.to_owned()), ..options.clone() };
            let trace = trace(View::new(&graph, None, false), "rajin", "Tikhoretsk `depot'", &options)
                .expect("known");
            crate::query::parser::parse_statement(&trace.statement).expect("it is of the language");
        }
    }

    #[test]
    fn a_bound_that_is_none_never_reaches_the_statement() {
        let graph = case();
        for wait in ["1 month", "500 ms", "P1M", "7 DAYS) RETURN 1 //", "", "soon", "-1 days"] {
            let options = Options { wait: Some(wait.to_owned()), ..Options::default() };
            assert!(trace(View::new(&graph, None, false), "rajin", "depot", &options).is_err(), "{wait}");
        }
    }
}

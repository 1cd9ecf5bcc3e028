//! Statements that manage property indexes. They stand alone, need no plan, and
//! are recorded like any other change.

use super::ast::{CreateIndex, DropIndex, Mode, SchemaCommand, Statement};
use super::write::Writer;
use super::{Answer, Stats};
use crate::error::{Detail, Error, Result, Span};
use crate::graph::{Graph, PropertyIndex};
use crate::model::{Effect, IndexDefinition, IndexOn, Value};
use crate::names::did_you_mean;

/// The columns of `SHOW INDEXES`, named as in Neo4j.
const COLUMNS: [&str; 5] = ["name", "entityType", "labelsOrTypes", "properties", "entries"];

/// Runs a statement that is one command.
///
/// # Errors
/// `SemanticError` for an index that is there already, `EntityNotFound` for one
/// that is not, `SyntaxError` for a lens.
///
/// # Complexity
/// O(N log N) to create an index of N nodes.
pub(super) fn run(graph: &mut Graph, statement: &Statement, command: &SchemaCommand) -> Result<Answer> {
    if let Some(lens) = &statement.lens {
        return Err(Error::syntax(lens.span, "a statement about indexes has no lens")
            .detail(Detail::InvalidClauseComposition)
            .hint("an index is of the whole case; leave USING LENS out".to_owned()));
    }
    if statement.mode == Mode::Profile {
        return Err(Error::syntax(statement.span, "a statement about indexes has no operators to measure")
            .detail(Detail::InvalidClauseComposition)
            .hint("leave PROFILE out".to_owned()));
    }
    if statement.mode == Mode::WhyNot {
        return Err(Error::syntax(statement.span, "a statement about indexes finds no paths")
            .detail(Detail::InvalidClauseComposition)
            .hint("leave WHY NOT out".to_owned()));
    }
    if statement.mode == Mode::Explain {
        let rows = vec![vec![Value::from(describe(command))]];
        return Ok(Answer { columns: vec!["plan".to_owned()], rows, ..Answer::default() });
    }
    let mut writer = Writer { graph, effects: Vec::new(), stats: Stats::default() };
    let notice = match command {
        SchemaCommand::CreateIndex(wanted) => create(&mut writer, wanted)?,
        SchemaCommand::DropIndex(unwanted) => drop_index(&mut writer, unwanted)?,
        SchemaCommand::ShowIndexes(_) => return Ok(show(writer.graph)),
    };
    let (stats, effects) = (writer.stats, writer.effects);
    Ok(Answer { stats, effects, notices: notice.into_iter().collect(), ..Answer::default() })
}

fn describe(command: &SchemaCommand) -> String {
    match command {
        SchemaCommand::CreateIndex(create) => {
            format!("create an index of (:{} {{{}}})", create.label.text, create.property.text)
        }
        SchemaCommand::DropIndex(drop) => format!("drop index {}", drop.name.text),
        SchemaCommand::ShowIndexes(_) => "show the indexes".to_owned(),
    }
}

/// Creates an index; gives what the user should know besides.
fn create(writer: &mut Writer<'_>, wanted: &CreateIndex) -> Result<Option<String>> {
    if let Some((what, span)) = in_the_way(writer.graph, wanted) {
        return match wanted.if_not_exists {
            true => Ok(Some(format!("{what}; nothing was changed"))),
            false => Err(Error::query("SemanticError", span, what)
                .detail(Detail::InvalidArgumentValue)
                .hint("write IF NOT EXISTS where one may be there; SHOW INDEXES lists them".to_owned())),
        };
    }
    let (label, property) = (wanted.label.text.clone(), wanted.property.text.clone());
    let name = match &wanted.name {
        Some(name) => name.text.clone(),
        None => free_name(writer.graph, &label, &property),
    };
    let notice =
        (writer.graph.statistics().nodes() > 0).then(|| nothing_to_find(writer.graph, &label)).flatten();
    let index = IndexDefinition { name, on: IndexOn::Nodes { label, property } };
    writer.stats.indexes_added += 1;
    writer.apply(Effect::CreateIndex { index })?;
    Ok(notice)
}

/// The index that already has the name, or is of the same, in words, and the
/// place in the text that says so.
fn in_the_way(graph: &Graph, wanted: &CreateIndex) -> Option<(String, Span)> {
    let said = |index: &PropertyIndex| {
        let (label, property) = (graph.text(index.label()), graph.text(index.property()));
        format!("index `{}` is there already, for (:{label}) on {property}", index.name())
    };
    let named = wanted.name.as_ref().and_then(|name| Some((graph.index_named(&name.text)?, name.span)));
    let same = || {
        let (label, property) = (graph.symbol(&wanted.label.text)?, graph.symbol(&wanted.property.text)?);
        Some((graph.index(label, property)?, wanted.label.span.to(wanted.property.span)))
    };
    named.or_else(same).map(|(index, span)| (said(index), span))
}

/// `index_Label_property`, with a number where that is taken.
fn free_name(graph: &Graph, label: &str, property: &str) -> String {
    let first = format!("index_{label}_{property}");
    let more = (2..).map(|number| format!("{first}_{number}"));
    let mut names = std::iter::once(first.clone()).chain(more);
    names.find(|name| graph.index_named(name).is_none()).unwrap_or(first)
}

/// A remark where no node has the label, which may be misspelt.
fn nothing_to_find(graph: &Graph, label: &str) -> Option<String> {
    let labels = graph.labels_in_use();
    let mut known = labels.iter().map(|(known, _)| *known);
    if known.any(|known| known == label) {
        return None;
    }
    let near = did_you_mean(label, labels.iter().map(|(known, _)| *known));
    Some(format!(
        "no node has the label `{label}` yet{}",
        near.map_or(String::new(), |near| format!("; {near}"))
    ))
}

/// Drops an index; gives what the user should know besides.
fn drop_index(writer: &mut Writer<'_>, unwanted: &DropIndex) -> Result<Option<String>> {
    let name = &unwanted.name;
    let Some(index) = writer.graph.index_named(&name.text) else {
        let what = format!("there is no index `{}`", name.text);
        if unwanted.if_exists {
            return Ok(Some(format!("{what}; nothing was changed")));
        }
        let near = did_you_mean(&name.text, writer.graph.indexes().map(PropertyIndex::name));
        let near = near.unwrap_or_else(|| "SHOW INDEXES lists them".to_owned());
        return Err(Error::query("EntityNotFound", name.span, what)
            .detail(Detail::InvalidArgumentValue)
            .hint(near));
    };
    let before = writer.graph.definition_of(index);
    writer.stats.indexes_removed += 1;
    writer.apply(Effect::DropIndex { before })?;
    Ok(None)
}

fn show(graph: &Graph) -> Answer {
    let row = |index: &PropertyIndex| {
        let list = |symbol| Value::List(vec![Value::from(graph.text(symbol))]);
        let entries = i64::try_from(index.len()).expect("a case has fewer than 2^32 nodes");
        vec![
            Value::from(index.name()),
            Value::from("NODE"),
            list(index.label()),
            list(index.property()),
            Value::Int(entries),
        ]
    };
    let rows = graph.indexes().map(row).collect();
    Answer { columns: COLUMNS.map(str::to_owned).into(), rows, ..Answer::default() }
}

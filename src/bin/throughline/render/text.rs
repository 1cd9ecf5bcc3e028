//! Values as a reader writes them, CSV and Markdown.

use throughline::formats::words;
use throughline::graph::View;
use throughline::model::{NodeId, Path, RelationshipId, Value};
use throughline::query::Answer;

use crate::failure::Failure;
use crate::terminal::Terminal;

/// A value in a cell: texts without quotes, elements by name.
pub(crate) fn cell(view: View<'_>, value: &Value) -> String {
    match value {
        Value::String(text) => words::clean(text),
        Value::Node(id) => node(view, *id),
        Value::Relationship(id) => relationship(view, *id),
        Value::Path(path) => self::path(view, path),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inner(view, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(name, value)| format!("{name}: {}", inner(view, value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A value in a list or map: texts have quotes where they could be misread.
fn inner(view: View<'_>, value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() || text.contains([',', '[', ']', '{', '}', '\'', '"']) => {
            words::clean(&value.to_string())
        }
        _ => cell(view, value),
    }
}

/// `(Rajin:Port)`.
fn node(view: View<'_>, id: NodeId) -> String {
    let labels = words::labels(view, id);
    let labels: String = labels.iter().map(|label| format!(":{}", words::clean(label))).collect();
    format!("({}{labels})", words::name(view, id))
}

/// `[:CALLED_AT 7–30 Sep 2023]`.
fn relationship(view: View<'_>, id: RelationshipId) -> String {
    let graph = view.graph();
    let kind = graph.relationship(id).map_or("", |relationship| graph.text(relationship.kind));
    let when = words::when(view, id).map_or(String::new(), |when| format!(" {when}"));
    format!("[:{}{when}]", words::clean(kind))
}

/// `Rajin ← ANGARA → Dunai`; an arrow points as its relationship does.
pub(crate) fn path(view: View<'_>, path: &Path) -> String {
    let mut text = String::new();
    for (i, &node) in path.nodes.iter().enumerate() {
        if let Some(before) = i.checked_sub(1) {
            text.push_str(if is_forward(view, path, before) { " → " } else { " ← " });
        }
        text.push_str(&words::name(view, node));
    }
    text
}

/// Whether a hop is walked as its relationship points.
pub(crate) fn is_forward(view: View<'_>, path: &Path, hop: usize) -> bool {
    let relationship = view.graph().relationship(path.relationships[hop]);
    relationship.is_none_or(|relationship| relationship.start == path.nodes[hop])
}

/// Null is an empty cell.
pub(super) fn write_csv(terminal: &mut Terminal, view: View<'_>, answer: &Answer) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(terminal.out());
    if !answer.columns.is_empty() {
        writer.write_record(&answer.columns)?;
    }
    for row in &answer.rows {
        writer.write_record(row.iter().map(|value| whole(view, value)))?;
    }
    writer.flush()?;
    Ok(())
}

/// A cell that loses nothing: texts keep their line breaks.
fn whole(view: View<'_>, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.to_string(),
        other => cell(view, other),
    }
}

/// Null is an empty cell, and a line break a `<br>`.
pub(super) fn write_markdown(
    terminal: &mut Terminal,
    view: View<'_>,
    answer: &Answer,
) -> Result<(), Failure> {
    if answer.columns.is_empty() {
        return Ok(());
    }
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(terminal.out(), "{}", line(answer.columns.iter().map(|name| escape(name)).collect()))?;
    let rules = (0..answer.columns.len()).map(|column| match is_numeric(answer, column) {
        true => "--:".to_owned(),
        false => "---".to_owned(),
    });
    writeln!(terminal.out(), "{}", line(rules.collect()))?;
    for row in &answer.rows {
        let cells = row.iter().map(|value| escape(&whole(view, value)));
        writeln!(terminal.out(), "{}", line(cells.collect()))?;
    }
    Ok(())
}

/// Text that Markdown shows as it is.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => escaped.push_str("<br>"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            _ => escaped.push(c),
        }
    }
    words_only(&escaped)
}

/// Without control characters, which no table shows.
fn words_only(text: &str) -> String {
    words::clean(text)
}

/// Whether a column holds numbers and nothing else but nulls.
pub(super) fn is_numeric(answer: &Answer, column: usize) -> bool {
    let mut values = answer.rows.iter().map(|row| &row[column]).filter(|value| !value.is_null()).peekable();
    values.peek().is_some() && values.all(|value| value.as_number().is_some())
}

#[cfg(test)]
mod tests {
    use throughline::graph::Graph;

    use super::*;

    #[test]
    fn texts_in_lists_have_quotes_where_they_could_be_misread() {
        let graph = Graph::new();
        let view = View::new(&graph, None, false);
        let list = Value::List(["plain", "a, b", ""].map(Value::from).to_vec());
        assert_eq!(cell(view, &list), "[plain, 'a, b', '']");
        assert_eq!(cell(view, &Value::from("a, b")), "a, b");
    }

    #[test]
    fn markdown_cells_stay_cells() {
        assert_eq!(escape("a|b\nc"), "a\\|b<br>c");
        assert_eq!(escape("<script>"), "&lt;script&gt;");
    }
}

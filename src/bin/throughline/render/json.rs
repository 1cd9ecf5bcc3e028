//! JSON: documents, rows and values, and parameters back from it.
//!
//! Nodes, relationships and paths are objects with a `kind`. Dates, datetimes and
//! durations are ISO 8601 strings; so are the numbers that JSON lacks: "NaN",
//! "Infinity" and "-Infinity". A confidential source has its pseudonym as key and
//! no properties.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;
use throughline::Error;
use throughline::error::ErrorKind;
use throughline::graph::View;
use throughline::model::{NodeId, Path, RelationshipId, Value};
use throughline::query::Answer;

/// `{"columns": …, "rows": …, "stats": …, "notices": …}`.
pub(super) struct Document<'a> {
    pub(super) view: View<'a>,
    pub(super) answer: &'a Answer,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { view, answer } = *self;
        let mut map = to.serialize_map(Some(4))?;
        map.serialize_entry("columns", &answer.columns)?;
        map.serialize_entry("rows", &Seq(|| answer.rows.iter().map(|row| Cells(view, row))))?;
        map.serialize_entry("stats", &Map(|| answer.stats.named().into_iter()))?;
        map.serialize_entry("notices", &answer.notices)?;
        map.end()
    }
}

/// An object with the columns' names.
pub(super) struct Row<'a> {
    pub(super) view: View<'a>,
    pub(super) columns: &'a [String],
    pub(super) row: &'a [Value],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.columns.iter().zip(self.row.iter().map(|value| Cell(self.view, value))))
    }
}

/// What an iterator gives, as an array.
struct Seq<F>(F);

impl<T: Serialize, I: Iterator<Item = T>, F: Fn() -> I> Serialize for Seq<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}

/// What an iterator gives, as an object.
struct Map<F>(F);

impl<K: Serialize, V: Serialize, I: Iterator<Item = (K, V)>, F: Fn() -> I> Serialize for Map<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map((self.0)())
    }
}

struct Cells<'a>(View<'a>, &'a [Value]);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.1.iter().map(|value| Cell(self.0, value)))
    }
}

struct Cell<'a>(View<'a>, &'a Value);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(view, value) = *self;
        match value {
            Value::Null => to.serialize_unit(),
            Value::Bool(truth) => to.serialize_bool(*truth),
            Value::Int(number) => to.serialize_i64(*number),
            Value::Float(number) if number.is_finite() => to.serialize_f64(*number),
            Value::String(text) => to.serialize_str(text),
            Value::Float(_)
            | Value::Date(_)
            | Value::LocalTime(_)
            | Value::Time(_)
            | Value::LocalDateTime(_)
            | Value::DateTime(_)
            | Value::Duration(_) => to.collect_str(value),
            Value::List(items) => Cells(view, items).serialize(to),
            Value::Map(entries) => {
                to.collect_map(entries.iter().map(|(name, value)| (name, Self(view, value))))
            }
            Value::Node(id) => node(view, *id, to),
            Value::Relationship(id) => relationship(view, *id, to),
            Value::Path(path) => self::path(view, path, to),
        }
    }
}

fn node<S: Serializer>(view: View<'_>, id: NodeId, to: S) -> Result<S::Ok, S::Error> {
    let data = view.graph().node_data(id).unwrap_or_default();
    let is_confidential = view.is_confidential(id);
    let mut map = to.serialize_map(None)?;
    map.serialize_entry("kind", "node")?;
    map.serialize_entry("id", &id.0)?;
    map.serialize_entry("key", &view.source_label(id))?;
    map.serialize_entry("labels", &data.labels)?;
    let shown = data.properties.iter().filter(|_| !is_confidential);
    map.serialize_entry("properties", &Map(|| shown.clone().map(|(name, value)| (name, Cell(view, value)))))?;
    map.end()
}

fn relationship<S: Serializer>(view: View<'_>, id: RelationshipId, to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(None)?;
    map.serialize_entry("kind", "relationship")?;
    map.serialize_entry("id", &id.0)?;
    if let Some(data) = view.graph().relationship_data(id) {
        if let Some(key) = &data.key {
            map.serialize_entry("key", key)?;
        }
        map.serialize_entry("type", &data.kind)?;
        map.serialize_entry("start", &data.start.0)?;
        map.serialize_entry("end", &data.end.0)?;
        let properties = || data.properties.iter().map(|(name, value)| (name, Cell(view, value)));
        map.serialize_entry("properties", &Map(properties))?;
    }
    map.end()
}

fn path<S: Serializer>(view: View<'_>, path: &Path, to: S) -> Result<S::Ok, S::Error> {
    let nodes: Vec<Value> = path.nodes.iter().copied().map(Value::Node).collect();
    let relationships: Vec<Value> = path.relationships.iter().copied().map(Value::Relationship).collect();
    let mut map = to.serialize_map(Some(3))?;
    map.serialize_entry("kind", "path")?;
    map.serialize_entry("nodes", &Cells(view, &nodes))?;
    map.serialize_entry("relationships", &Cells(view, &relationships))?;
    map.end()
}

/// `{"error": {"kind": …, "detail": …, "message": …, "line": …, "column": …, "hint": …, "others": […]}}`.
///
/// Line and column count from 1 in the statement, and are left out where the error
/// has no place in it; so are hint and others where there are none.
pub(crate) fn error_document(errors: &[Error], text: &str) -> serde_json::Value {
    let mut all = errors.iter().map(|error| error_object(error, text));
    let mut first = all.next().unwrap_or_default();
    let others: Vec<serde_json::Value> = all.collect();
    if !others.is_empty() {
        first["others"] = json!(others);
    }
    json!({ "error": first })
}

fn error_object(error: &Error, text: &str) -> serde_json::Value {
    let message = match error.kind() {
        ErrorKind::Query { message, .. } => message.clone(),
        _ => error.to_string(),
    };
    let mut object = json!({ "kind": error.class(), "message": message });
    if let Some(detail) = error.which() {
        object["detail"] = json!(detail.as_str());
    }
    if let Some(span) = error.span() {
        let (line, column) = span.line_column(text);
        object["line"] = json!(line);
        object["column"] = json!(column);
    }
    if let Some(hint) = error.hint_text() {
        object["hint"] = json!(hint);
    }
    object
}

/// A value that refers to no graph, as JSON.
pub(crate) fn plain_json(view: View<'_>, value: &Value) -> String {
    serde_json::to_string(&Cell(view, value)).unwrap_or_default()
}

/// A parameter's value from JSON.
///
/// # Errors
/// `Invalid` for an integer that does not fit into 64 bits with a sign.
pub(crate) fn value_of_json(json: &serde_json::Value) -> Result<Value, Error> {
    use serde_json::Value as Json;
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(float)) if number.is_f64() => Value::Float(float),
            _ => return Err(Error::invalid(format!("the integer {number} is too large"))),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(value_of_json).collect::<Result<_, _>>()?),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| Ok((name.clone(), value_of_json(value)?)));
            Value::Map(entries.collect::<Result<_, Error>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use throughline::graph::Graph;

    use super::*;

    fn json_of(value: &Value) -> String {
        let graph = Graph::new();
        plain_json(View::new(&graph, None, false), value)
    }

    #[test]
    fn what_json_lacks_is_a_string() {
        assert_eq!(json_of(&Value::Float(f64::NAN)), r#""NaN""#);
        assert_eq!(json_of(&Value::Float(f64::NEG_INFINITY)), r#""-Infinity""#);
        assert_eq!(json_of(&Value::Float(1.0)), "1.0");
        let day = throughline::model::Date::parse("2023-09-07").expect("a date");
        assert_eq!(json_of(&Value::List(vec![Value::Date(day), Value::Null])), r#"["2023-09-07",null]"#);
        let zoned = throughline::model::DateTime::parse("2023-09-07T12:30:15.5[Asia/Pyongyang]");
        let zoned = Value::DateTime(zoned.expect("a datetime"));
        assert_eq!(json_of(&zoned), r#""2023-09-07T12:30:15.5+09:00[Asia/Pyongyang]""#);
        let clock = throughline::model::LocalTime::parse("12:30").expect("a time");
        assert_eq!(json_of(&Value::LocalTime(clock)), r#""12:30""#);
    }

    #[test]
    fn parameters_come_from_json() {
        let json = serde_json::json!({ "a": [1, 1.5, "x", null, true] });
        let value = value_of_json(&json).expect("a good value");
        assert_eq!(value.to_string(), "{a: [1, 1.5, 'x', null, true]}");
        assert!(value_of_json(&serde_json::json!(u64::MAX)).is_err());
    }
}

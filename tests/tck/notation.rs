//! The notation of expected results, and values of ours written in it.
//!
//! Both sides become one canonical text: keys and labels sorted, numbers spelled
//! one way, and, where asked for, the items of lists sorted.

use throughline::graph::Graph;
use throughline::model::{NodeId, Path, Properties, RelationshipId, Value};

/// An expected value, in canonical text; as it stands where it cannot be read.
pub(super) fn canonical(text: &str, sort_lists: bool) -> String {
    let mut reader = Reader { chars: text.chars().collect(), next: 0, sort_lists };
    let value = reader.value();
    reader.space();
    match value {
        Some(value) if reader.next == reader.chars.len() => value,
        _ => format!("unreadable: {text}"),
    }
}

struct Reader {
    chars: Vec<char>,
    next: usize,
    sort_lists: bool,
}

impl Reader {
    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.next).copied()
    }

    fn take(&mut self, text: &str) -> bool {
        self.space();
        let wanted: Vec<char> = text.chars().collect();
        let found = self.chars[self.next..].starts_with(&wanted);
        self.next += if found { wanted.len() } else { 0 };
        found
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        self.space();
        let start = self.next;
        while self.peek().is_some_and(&belongs) {
            self.next += 1;
        }
        self.chars[start..self.next].iter().collect()
    }

    fn name(&mut self) -> String {
        if self.take("`") {
            let name = self.word(|c| c != '`');
            self.take("`");
            return name;
        }
        self.word(|c| c.is_alphanumeric() || c == '_')
    }

    fn value(&mut self) -> Option<String> {
        self.space();
        match self.peek()? {
            '\'' => self.string(),
            '[' if self.chars.get(self.next + 1) == Some(&':') => self.relationship(),
            '[' => self.list(),
            '{' => self.map(),
            '(' => self.node(),
            '<' => self.path(),
            _ => self.plain(),
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take("'");
        let mut out = String::new();
        loop {
            let c = self.peek()?;
            self.next += 1;
            match (c, self.peek()) {
                ('\'', _) => return Some(format!("{out:?}")),
                ('\\', Some(escaped)) => {
                    self.next += 1;
                    out.push(escaped);
                }
                _ => out.push(c),
            }
        }
    }

    fn list(&mut self) -> Option<String> {
        self.take("[");
        let mut items = Vec::new();
        if !self.take("]") {
            loop {
                items.push(self.value()?);
                if self.take("]") {
                    break;
                }
                self.take(",").then_some(())?;
            }
        }
        Some(list_text(items, self.sort_lists))
    }

    fn map(&mut self) -> Option<String> {
        self.take("{");
        let mut entries = Vec::new();
        if !self.take("}") {
            loop {
                let name = self.name();
                self.take(":").then_some(())?;
                entries.push((name, self.value()?));
                if self.take("}") {
                    break;
                }
                self.take(",").then_some(())?;
            }
        }
        Some(map_text(entries))
    }

    fn labels(&mut self) -> Vec<String> {
        let mut labels = Vec::new();
        while self.take(":") {
            labels.push(self.name());
        }
        labels
    }

    fn properties(&mut self) -> Option<String> {
        self.space();
        if self.peek() == Some('{') { self.map() } else { Some(map_text(Vec::new())) }
    }

    fn node(&mut self) -> Option<String> {
        self.take("(").then_some(())?;
        let (labels, properties) = (self.labels(), self.properties()?);
        self.take(")").then(|| node_text(labels, &properties))
    }

    fn relationship(&mut self) -> Option<String> {
        self.take("[").then_some(())?;
        let (types, properties) = (self.labels(), self.properties()?);
        self.take("]").then_some(())?;
        Some(relationship_text(types.first()?, &properties))
    }

    fn path(&mut self) -> Option<String> {
        self.take("<");
        let mut out = format!("<{}", self.node()?);
        while !self.take(">") {
            let incoming = self.take("<-");
            if !incoming {
                self.take("-").then_some(())?;
            }
            let relationship = self.relationship()?;
            self.take(if incoming { "-" } else { "->" }).then_some(())?;
            out += &hop_text(&relationship, !incoming, &self.node()?);
        }
        Some(out + ">")
    }

    fn plain(&mut self) -> Option<String> {
        let word = self.word(|c| !c.is_whitespace() && !",]})|".contains(c));
        match word.as_str() {
            "null" | "true" | "false" | "NaN" => Some(word),
            "Inf" | "Infinity" => Some(float_text(f64::INFINITY)),
            "-Inf" | "-Infinity" => Some(float_text(f64::NEG_INFINITY)),
            _ => match word.parse::<i64>() {
                Ok(number) => Some(number.to_string()),
                Err(_) => word.parse().ok().map(float_text),
            },
        }
    }
}

fn list_text(mut items: Vec<String>, sort: bool) -> String {
    if sort {
        items.sort();
    }
    format!("[{}]", items.join(", "))
}

fn map_text(mut entries: Vec<(String, String)>) -> String {
    entries.sort();
    let entries: Vec<String> = entries.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{{}}}", entries.join(", "))
}

fn node_text(mut labels: Vec<String>, properties: &str) -> String {
    labels.sort();
    let labels: String = labels.into_iter().map(|label| format!(":{label}")).collect();
    format!("({labels} {properties})")
}

fn relationship_text(kind: &str, properties: &str) -> String {
    format!("[:{kind} {properties}]")
}

fn hop_text(relationship: &str, forward: bool, node: &str) -> String {
    let (left, right) = if forward { ("-", "->") } else { ("<-", "-") };
    format!("{left}{relationship}{right}{node}")
}

fn float_text(number: f64) -> String {
    // Zero has no sign in the notation.
    format!("{:?}", if number == 0.0 { 0.0 } else { number })
}

/// A value of ours in canonical text.
pub(super) fn written(graph: &Graph, value: &Value, sort_lists: bool) -> String {
    let inner = |value: &Value| written(graph, value, sort_lists);
    match value {
        Value::Float(number) => float_text(*number),
        Value::String(text) => format!("{text:?}"),
        Value::List(items) => list_text(items.iter().map(inner).collect(), sort_lists),
        Value::Map(entries) => {
            map_text(entries.iter().map(|(name, value)| (name.clone(), inner(value))).collect())
        }
        Value::Node(id) => written_node(graph, *id, sort_lists),
        Value::Relationship(id) => written_relationship(graph, *id, sort_lists),
        Value::Path(path) => written_path(graph, path, sort_lists),
        // Dates, times and durations stand as texts in expected results.
        Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => format!("{:?}", value.to_string()),
        other => other.to_string(),
    }
}

fn written_properties(graph: &Graph, properties: Properties, sort_lists: bool) -> String {
    let entries = properties.into_iter().map(|(name, value)| (name, written(graph, &value, sort_lists)));
    map_text(entries.collect())
}

fn written_node(graph: &Graph, id: NodeId, sort_lists: bool) -> String {
    let Some(node) = graph.node_data(id) else { return "(deleted)".to_owned() };
    node_text(node.labels, &written_properties(graph, node.properties, sort_lists))
}

fn written_relationship(graph: &Graph, id: RelationshipId, sort_lists: bool) -> String {
    let Some(data) = graph.relationship_data(id) else { return "[deleted]".to_owned() };
    relationship_text(&data.kind, &written_properties(graph, data.properties, sort_lists))
}

fn written_path(graph: &Graph, path: &Path, sort_lists: bool) -> String {
    let mut out = format!("<{}", written_node(graph, path.nodes[0], sort_lists));
    for (i, &id) in path.relationships.iter().enumerate() {
        let forward = graph.relationship(id).is_some_and(|r| r.start == path.nodes[i]);
        let relationship = written_relationship(graph, id, sort_lists);
        out += &hop_text(&relationship, forward, &written_node(graph, path.nodes[i + 1], sort_lists));
    }
    out + ">"
}

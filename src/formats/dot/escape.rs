//! The only place where something becomes an identifier or a string of DOT.
//!
//! DOT has no safe default: dot-structures prints what it is given, and a name
//! such as `x"]; evil -> pwn [label="` would add nodes. So identifiers are made
//! of our own numbers only, tags and keywords are `&'static str`, and whatever
//! comes from data passes [`Markup::text`] or [`tooltip`].
//!
//! Three traps of Graphviz, each with a test:
//! it decodes HTML entities in every string, so `&` is written `&amp;`;
//! it expands `\N`, `\G` and others in HTML-like labels too, after decoding, so a
//! backslash there is two entities; and it expands tooltips twice, so a backslash
//! there is four.
//! A label ends with a tag of ours, since graphviz-rust's parser takes the first
//! `>>` for its end.

use dot_generator::{edge, graph, id, node, node_id, subgraph};
use dot_structures::*;
use graphviz_rust::printer::{DotPrinter, PrinterContext};

use crate::formats::words::clean;
use crate::model;

/// An HTML-like label under construction.
pub(super) struct Markup(String);

impl Markup {
    /// An empty label.
    pub(super) fn new() -> Self {
        Self(String::from("<"))
    }

    /// Adds markup of ours; being static, it cannot come from data.
    pub(super) fn tag(mut self, tag: &'static str) -> Self {
        self.0.push_str(tag);
        self
    }

    /// Adds text, which is shown as it is; empty text is a space, for Graphviz
    /// refuses an empty tag.
    pub(super) fn text(mut self, text: &str) -> Self {
        let text = clean(text);
        if text.is_empty() {
            self.0.push(' ');
        }
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\\' => self.0.push_str("&#92;&#92;"),
                _ => self.0.push(c),
            }
        }
        self
    }

    /// The label. It ends with a tag, if need be with one around a space.
    pub(super) fn id(mut self) -> Id {
        if !self.0.ends_with('>') {
            self = self.tag("<FONT> </FONT>");
        }
        self.0.push('>');
        Id::Html(self.0)
    }
}

/// A tooltip of several lines.
pub(super) fn tooltip(lines: &[String]) -> Id {
    let mut quoted = String::from("\"");
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            quoted.push_str("\\n");
        }
        for c in clean(line).chars() {
            match c {
                '&' => quoted.push_str("&amp;"),
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\\\\\"),
                _ => quoted.push(c),
            }
        }
    }
    quoted.push('"');
    Id::Escaped(quoted)
}

/// An attribute with a value of ours.
pub(super) fn attr(name: &'static str, value: &'static str) -> Attribute {
    Attribute(Id::Plain(name.to_owned()), Id::Escaped(format!("\"{value}\"")))
}

/// An attribute with a number.
pub(super) fn number(name: &'static str, value: f64) -> Attribute {
    Attribute(Id::Plain(name.to_owned()), Id::Plain(format!("{value:.2}")))
}

/// An attribute with a label or tooltip made here.
pub(super) fn with(name: &'static str, value: Id) -> Attribute {
    Attribute(Id::Plain(name.to_owned()), value)
}

/// The identifier of a node of the graph.
pub(super) fn node_name(id: model::NodeId) -> Id {
    own("n", id.index())
}

/// An identifier of ours: a prefix and a number.
pub(super) fn own(prefix: &'static str, number: usize) -> Id {
    Id::Plain(format!("{prefix}{number}"))
}

/// A node.
pub(super) fn node(name: Id, attributes: Vec<Attribute>) -> Stmt {
    Stmt::Node(node!(name, attributes))
}

/// An edge.
pub(super) fn edge(tail: Id, head: Id, attributes: Vec<Attribute>) -> Stmt {
    Stmt::Edge(edge!(node_id!(tail) => node_id!(head), attributes))
}

/// A cluster, or with another name any group of nodes.
pub(super) fn group(name: &'static str, number: usize, stmts: Vec<Stmt>) -> Stmt {
    Stmt::Subgraph(subgraph!(own(name, number), stmts))
}

/// The whole text.
pub(super) fn digraph(stmts: Vec<Stmt>) -> String {
    graph!(di id!("throughline"), stmts).print(&mut PrinterContext::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> String {
        match Markup::new().tag("<FONT>").text(text).tag("</FONT>").id() {
            Id::Html(label) => label,
            other => panic!("a label is HTML-like, found {other:?}"),
        }
    }

    #[test]
    fn nothing_in_a_text_can_end_its_label() {
        assert_eq!(
            label("a>>]<b>&amp;\"\\N"),
            "<<FONT>a&gt;&gt;]&lt;b&gt;&amp;amp;&quot;&#92;&#92;N</FONT>>"
        );
        assert_eq!(label("\0\u{7}"), "<<FONT> </FONT>>");
        assert_eq!(label("a\r\nb\tc"), "<<FONT>a  b c</FONT>>");
    }

    #[test]
    fn nothing_in_a_tooltip_can_end_its_string() {
        let id = tooltip(&["x\"]; evil".to_owned(), "C:\\new & \n".to_owned()]);
        assert_eq!(id, Id::Escaped("\"x\\\"]; evil\\nC:\\\\\\\\new &amp;  \"".to_owned()));
    }

    #[test]
    fn what_would_mislead_or_break_a_reader_is_left_out() {
        assert_eq!(clean("a\u{202E}gnp.exe\u{202C}\u{FFFF}\u{85}b\u{1B}[0m"), "agnp.exe b[0m");
    }
}

//! The lines under a node's name.

use std::collections::BTreeMap;

use super::style;
use crate::formats::words::{columns, date, labels, quantity, text, wrap};
use crate::graph::View;
use crate::model::NodeId;

/// What stands under a node's name: what it is, its number, its country.
pub(super) fn details(view: View<'_>, node: NodeId, countries: &BTreeMap<String, String>) -> Vec<String> {
    if view.is_confidential(node) {
        return Vec::new();
    }
    let property = |name| text(&view.node_property(node, name));
    let labels = labels(view, node);
    let style = style::of_labels(&labels);
    let mut parts = match (property("kind"), labels.first()) {
        (Some(kind), _) if style.word == "port" => vec![format!("port, {kind}")],
        (Some(kind), _) if !matches!(style.word, "source" | "company") => vec![kind],
        (_, Some(label)) if style.label.is_empty() => vec![label.to_lowercase()],
        _ if style.label.is_empty() => Vec::new(),
        _ => vec![style.word.to_owned()],
    };
    match style.label {
        "Source" => {
            parts.extend(property("publisher"));
            parts.extend(date(&view.node_property(node, "date")));
        }
        "Country" => {}
        _ => {
            let country = property("country");
            parts.extend(country.map(|code| countries.get(&code).cloned().unwrap_or(code)));
        }
    }
    if style.word == "ship" {
        parts.extend(property("imo").map(|imo| format!("IMO {}", imo.trim_start_matches("IMO").trim())));
    }
    parts.extend(quantity(|name| view.node_property(node, name)));
    parts.extend(property("cargo"));
    join(&parts)
}

/// Columns of the lines under a name, which is written larger.
const DETAIL_COLUMNS: usize = 24;

/// Puts as many parts on a line as fit, with dots between them.
fn join(parts: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if columns(line) + 3 + columns(part) <= DETAIL_COLUMNS => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.extend(wrap(part, DETAIL_COLUMNS, 3)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_share_a_line_where_they_fit() {
        let parts = ["ship", "Russia", "IMO 9179842"].map(str::to_owned);
        assert_eq!(join(&parts), ["ship · Russia", "IMO 9179842"]);
    }
}

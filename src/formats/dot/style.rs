//! How things look.
//!
//! Each label has a shape and a colour; no two shapes that meet in one picture
//! differ by colour alone. Colours are muted, and were chosen to stay apart for
//! colour-blind readers: blue marks the main chain, red a dispute, violet an
//! inference.

use dot_structures::Attribute;

use super::escape::{attr, number};

/// Fonts in the order of preference; the last ones have Cyrillic and Hangul.
pub(super) const FONTS: &str = "Helvetica,Arial,DejaVu Sans,Noto Sans CJK KR,sans-serif";

/// The colour of the main chain.
pub(super) const FOCUS: &str = "#0B5CAD";
/// The colour of disputed elements.
pub(super) const DISPUTED: &str = "#B3312C";
/// The colour of inferences.
pub(super) const JOINT: &str = "#7A4B9A";

/// How text looks: the markup before and after it.
pub(super) struct Look {
    /// Before the text.
    pub open: &'static str,
    /// After it.
    pub close: &'static str,
}

const fn look(open: &'static str, close: &'static str) -> Look {
    Look { open, close }
}

/// The picture's title.
pub(super) const TITLE: Look = look(r##"<FONT POINT-SIZE="20" COLOR="#1A1A1A"><B>"##, "</B></FONT>");
/// A line under the title.
pub(super) const NOTE: Look = look(r##"<FONT POINT-SIZE="11" COLOR="#5A5A5A">"##, "</FONT>");
/// A node's name.
pub(super) const NAME: Look = look(r##"<FONT POINT-SIZE="13" COLOR="#1A1A1A"><B>"##, "</B></FONT>");
/// What stands under a name.
pub(super) const DETAIL: Look = look(r##"<FONT POINT-SIZE="10" COLOR="#5A5A5A">"##, "</FONT>");
/// A relationship's type.
pub(super) const TYPE: Look = look(r##"<FONT POINT-SIZE="10" COLOR="#333333">"##, "</FONT>");
/// A relationship's grade.
pub(super) const GRADE: Look = look(r##"<FONT POINT-SIZE="10" COLOR="#333333"><B>"##, "</B></FONT>");
/// A dispute.
pub(super) const ALARM: Look = look(r##"<FONT POINT-SIZE="10" COLOR="#B3312C"><B>"##, "</B></FONT>");
/// An inference.
pub(super) const INFERRED: Look = look(r##"<FONT POINT-SIZE="10" COLOR="#7A4B9A"><I>"##, "</I></FONT>");
/// The legend's text.
pub(super) const KEY: Look = look(r##"<FONT POINT-SIZE="9" COLOR="#333333">"##, "</FONT>");

/// How nodes with a label look.
pub(super) struct NodeStyle {
    /// The label that asks for it.
    pub label: &'static str,
    /// What a reader calls such a node.
    pub word: &'static str,
    shape: &'static str,
    fill: &'static str,
    stroke: &'static str,
}

const fn style(
    label: &'static str,
    word: &'static str,
    shape: &'static str,
    fill: &'static str,
    stroke: &'static str,
) -> NodeStyle {
    NodeStyle { label, word, shape, fill, stroke }
}

/// In the order of preference, for a node with several labels.
#[rustfmt::skip]
const STYLES: &[NodeStyle] = &[
    style("Source",       "source",       "note",          "#FFFFFF", "#8A8A8A"),
    style("Vessel",       "ship",         "invhouse",      "#E3E9EF", "#4A5D70"),
    style("Airplane",     "aircraft",     "cds",           "#E3E9EF", "#4A5D70"),
    style("Train",        "train",        "cds",           "#E3E9EF", "#4A5D70"),
    style("Vehicle",      "vehicle",      "cds",           "#E3E9EF", "#4A5D70"),
    style("Consignment",  "consignment",  "box3d",         "#FBF1DA", "#94762F"),
    style("Port",         "port",         "octagon",       "#DDEDE9", "#2C7A6E"),
    style("Facility",     "facility",     "house",         "#F4E2DA", "#93553D"),
    style("Place",        "place",        "hexagon",       "#F3F1EA", "#857B66"),
    style("Person",       "person",       "ellipse",       "#FFF8DC", "#8C7A1F"),
    style("PublicBody",   "public body",  "component",     "#E8EDDF", "#5F7340"),
    style("Organization", "organisation", "tab",           "#E8EDDF", "#5F7340"),
    style("Company",      "company",      "box",           "#E4EEE2", "#4C7A55"),
    style("LegalEntity",  "legal entity", "box",           "#E4EEE2", "#4C7A55"),
    style("Sanction",     "sanction",     "doubleoctagon", "#F7E3E3", "#8F4A4A"),
    style("Country",      "country",      "parallelogram", "#EEEEEE", "#6E6E6E"),
    style("Address",      "address",      "underline",     "#FFFFFF", "#8A8A8A"),
    style("BankAccount",  "account",      "folder",        "#F3F1EA", "#857B66"),
    style("Document",     "document",     "note",          "#FFFFFF", "#8A8A8A"),
    style("Event",        "event",        "cds",           "#F3F1EA", "#857B66"),
];

const OTHER: NodeStyle = style("", "other", "rounded", "#F5F5F5", "#7A7A7A");

/// The style for a node with these labels.
pub(super) fn of_labels(labels: &[&str]) -> &'static NodeStyle {
    STYLES.iter().find(|style| labels.contains(&style.label)).unwrap_or(&OTHER)
}

impl NodeStyle {
    /// Where it stands in the legend.
    pub(super) fn rank(&self) -> usize {
        STYLES.iter().position(|style| style.label == self.label).unwrap_or(STYLES.len())
    }

    /// Columns of a name in it; a gable wants a narrow text.
    pub(super) fn columns(&self) -> usize {
        if self.shape == "house" { 18 } else { 22 }
    }

    /// Shape, colours and outline.
    pub(super) fn attributes(&self, disputed: bool, focus: bool) -> Vec<Attribute> {
        let stroke = match (focus, disputed) {
            (true, _) => FOCUS,
            (_, true) => DISPUTED,
            _ => self.stroke,
        };
        let line = match (self.shape == "rounded", disputed) {
            (false, false) => "filled",
            (false, true) => "filled,dashed",
            (true, false) => "filled,rounded",
            (true, true) => "filled,rounded,dashed",
        };
        let mut attributes = match self.shape {
            // Its upper edge is drawn inside of it.
            "box3d" => vec![attr("shape", "box3d"), attr("margin", "0.16,0.12")],
            // These have room to spare around a text.
            "house" | "invhouse" | "octagon" | "hexagon" => {
                vec![attr("shape", self.shape), attr("margin", "0.02,0.02")]
            }
            "rounded" => vec![attr("shape", "box")],
            shape => vec![attr("shape", shape)],
        };
        attributes.extend([
            attr("style", line),
            attr("fillcolor", self.fill),
            attr("color", stroke),
            number("penwidth", if focus { 2.4 } else { 1.1 }),
        ]);
        attributes
    }
}

/// Width and grey of a line by confidence: the better, the thicker and darker.
pub(super) fn by_confidence(confidence: Option<f64>) -> (f64, &'static str) {
    match confidence {
        Some(c) if c >= 0.9 => (2.2, "#2B2B2B"),
        Some(c) if c >= 0.7 => (1.8, "#454545"),
        Some(c) if c >= 0.5 => (1.4, "#626262"),
        Some(c) if c >= 0.3 => (1.1, "#808080"),
        Some(_) => (0.8, "#9C9C9C"),
        None => (0.9, "#9C9C9C"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::schema::LABELS;

    #[test]
    fn a_node_of_several_labels_looks_like_the_most_telling_one() {
        assert_eq!(of_labels(&["Company", "Facility"]).word, "facility");
        assert_eq!(of_labels(&["Spaceship"]).word, "other");
    }

    #[test]
    fn kinds_that_meet_in_a_chain_differ_in_shape() {
        let chain =
            ["Vessel", "Port", "Facility", "Consignment", "Company", "Person", "Country", "Place", "Source"];
        let mut shapes: Vec<_> = chain.map(|label| of_labels(&[label]).shape).to_vec();
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), chain.len());
    }

    #[test]
    fn styles_are_of_labels_that_the_domain_knows() {
        assert!(STYLES.iter().all(|style| LABELS.iter().any(|known| known.name == style.label)));
    }
}

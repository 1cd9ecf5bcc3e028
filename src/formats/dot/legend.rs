//! The legend: only what the picture uses.

use dot_structures::{Id, Stmt};

use super::escape::{Markup, attr, edge, group, node, number, own, with};
use super::style::{KEY, NodeStyle};
use crate::formats::words;

/// What a picture uses, and a reader therefore has to be told.
#[derive(Default)]
pub(super) struct Used {
    /// Styles of nodes, in the order of their first use.
    pub styles: Vec<&'static NodeStyle>,
    /// What the main chain means.
    pub focus: Option<String>,
    /// Edges along which goods would go.
    pub goods: bool,
    /// Edges that keep their own arrow.
    pub others: bool,
    /// Disputed elements.
    pub disputed: bool,
    /// Joints.
    pub joints: bool,
    /// Grades.
    pub graded: bool,
    /// Several records drawn as one edge.
    pub bundles: bool,
}

/// Columns of shapes, one to a rank. They span the text, so that it does not push
/// the picture's own ranks apart.
const SHAPE_COLUMNS: usize = 2;

/// The legend as a cluster of its own: the text is its label, below the shapes.
pub(super) fn legend(used: &Used) -> Stmt {
    let mut stmts: Vec<Stmt> = [
        with("label", lines(used)),
        attr("labelloc", "b"),
        attr("labeljust", "l"),
        attr("style", "rounded,filled"),
        attr("color", "#D5D5D5"),
        attr("fillcolor", "#FCFCFC"),
        number("margin", 10.0),
    ]
    .map(Stmt::Attribute)
    .to_vec();
    let rows = used.styles.len().div_ceil(SHAPE_COLUMNS).max(1);
    for (column, styles) in used.styles.chunks(rows).enumerate() {
        let first = column * rows;
        let mut same = vec![Stmt::Attribute(attr("rank", "same"))];
        same.extend(styles.iter().enumerate().map(|(i, style)| shape(first + i, style)));
        stmts.push(group("column", column, same));
        if column > 0 {
            let invisible = vec![attr("style", "invis")];
            stmts.push(edge(own("k", first - rows), own("k", first), invisible));
        }
    }
    group("cluster_legend", 0, stmts)
}

fn shape(at: usize, style: &NodeStyle) -> Stmt {
    let mut attributes = style.attributes(false, false);
    attributes.push(with("label", Markup::new().tag(KEY.open).text(style.word).tag(KEY.close).id()));
    attributes.extend([attr("tooltip", "legend"), number("height", 0.22), number("width", 0.3)]);
    node(own("k", at), attributes)
}

/// Columns of a line of the legend.
const COLUMNS: usize = 64;

/// A sample of a line: the lower border of a cell in the middle of the row.
macro_rules! sample {
    ($border:literal) => {
        concat!(
            r##"<TD><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD WIDTH="40" SIDES="B" "##,
            $border,
            r##"></TD></TR><TR><TD HEIGHT="5"></TD></TR></TABLE></TD>"##
        )
    };
}
const REPORTED: &str = sample!(r##"BORDER="2" COLOR="#454545""##);
const MAIN: &str = sample!(r##"BORDER="3" COLOR="#0B5CAD""##);
const DISPUTED: &str = sample!(r##"BORDER="2" STYLE="dashed" COLOR="#B3312C""##);
const INFERRED: &str = sample!(r##"BORDER="2" STYLE="dotted" COLOR="#7A4B9A""##);
const NO_LINE: &str = "<TD></TD>";

/// The legend's lines: samples, then sentences.
fn lines(used: &Used) -> Id {
    let samples = [
        (
            true,
            REPORTED,
            "reported by the sources in its tooltip, not proved; thicker and darker: better graded"
                .to_owned(),
        ),
        (used.focus.is_some(), MAIN, used.focus.clone().unwrap_or_default()),
        (used.disputed, DISPUTED, "disputed: somebody says otherwise, see its tooltip".to_owned()),
        (used.joints, INFERRED, "same cargo: inferred from place and time; no record says so".to_owned()),
    ];
    let sentences = [
        (used.goods && !used.others, "Arrows show which way goods would go."),
        (
            used.goods && used.others,
            "Arrows show which way goods would go, or on a link that carries none which way to read it.",
        ),
        (
            used.graded,
            "B2 is the grade of the best claim: the source from A (reliable) to E (unreliable), F unknown; \
                       the information from 1 (confirmed) to 5 (improbable), 6 unknown.",
        ),
        (
            used.bundles,
            "Several records between the same two may be drawn as one line; its tooltip lists them.",
        ),
    ];
    let samples =
        samples.into_iter().filter(|(is_used, ..)| *is_used).map(|(_, sample, text)| (sample, text));
    let sentences =
        sentences.into_iter().filter(|(is_used, _)| *is_used).map(|(_, text)| (NO_LINE, text.to_owned()));
    let table = Markup::new().tag(r#"<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">"#);
    samples.chain(sentences).fold(table, row).tag("</TABLE>").id()
}

fn row(mut markup: Markup, (sample, text): (&'static str, String)) -> Markup {
    for (i, line) in words::wrap(&text, COLUMNS, 6).iter().enumerate() {
        markup = markup.tag("<TR>").tag(if i == 0 { sample } else { NO_LINE });
        markup = markup.tag(r#"<TD ALIGN="LEFT">"#).tag(KEY.open).text(line).tag(KEY.close).tag("</TD></TR>");
    }
    markup
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::dot::style;

    #[test]
    fn samples_have_the_colours_of_what_they_stand_for() {
        for (sample, colour) in [(MAIN, style::FOCUS), (DISPUTED, style::DISPUTED), (INFERRED, style::JOINT)]
        {
            assert!(sample.contains(colour), "{sample}");
        }
    }
}

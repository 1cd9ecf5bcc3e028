//! The legend: only what the picture uses.

use dot_structures::{Id, Stmt};

use super::escape::{Markup, attr, edge, group, node, number, own, with};
use super::style::{KEY, NodeStyle};

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

/// Shapes above each other in one column.
const SHAPES_PER_COLUMN: usize = 4;

/// The legend as a cluster of its own.
pub(super) fn legend(used: &Used) -> Stmt {
    let mut stmts: Vec<Stmt> = vec![
        Stmt::Attribute(attr("label", "")),
        Stmt::Attribute(attr("style", "rounded,filled")),
        Stmt::Attribute(attr("color", "#D5D5D5")),
        Stmt::Attribute(attr("fillcolor", "#FCFCFC")),
        Stmt::Attribute(number("margin", 10.0)),
    ];
    let mut columns = Vec::new();
    for (column, styles) in used.styles.chunks(SHAPES_PER_COLUMN).enumerate() {
        let first = column * SHAPES_PER_COLUMN;
        let mut same = vec![Stmt::Attribute(attr("rank", "same"))];
        same.extend(styles.iter().enumerate().map(|(i, style)| shape(first + i, style)));
        stmts.push(group("column", column, same));
        columns.push(own("k", first));
    }
    let text = own("key", 0);
    let attributes = vec![attr("shape", "plain"), attr("tooltip", "legend"), with("label", lines(used))];
    stmts.push(node(text.clone(), attributes));
    columns.push(text);
    let invisible = |pair: &[Id]| edge(pair[0].clone(), pair[1].clone(), vec![attr("style", "invis")]);
    stmts.extend(columns.windows(2).map(invisible));
    group("cluster_legend", 0, stmts)
}

fn shape(at: usize, style: &NodeStyle) -> Stmt {
    let mut attributes = style.attributes(false, false);
    attributes.push(with("label", Markup::new().tag(KEY.open).text(style.word).tag(KEY.close).id()));
    attributes.extend([
        attr("tooltip", "legend"),
        attr("margin", "0.06,0.03"),
        number("height", 0.22),
        number("width", 0.3),
    ]);
    node(own("k", at), attributes)
}

/// A sample of a line, drawn as the lower border of a cell.
const REPORTED: &str = r##"<TD WIDTH="44" BORDER="2" SIDES="B" COLOR="#454545"></TD>"##;
const MAIN: &str = r##"<TD WIDTH="44" BORDER="3" SIDES="B" COLOR="#0B5CAD"></TD>"##;
const DISPUTED: &str = r##"<TD WIDTH="44" BORDER="2" SIDES="B" STYLE="dashed" COLOR="#B3312C"></TD>"##;
const INFERRED: &str = r##"<TD WIDTH="44" BORDER="2" SIDES="B" STYLE="dotted" COLOR="#7A4B9A"></TD>"##;
const NO_LINE: &str = "<TD></TD>";

/// The legend's lines: a sample and what it means.
fn lines(used: &Used) -> Id {
    let mut rows: Vec<(&'static str, String)> = Vec::new();
    rows.push((REPORTED, "reported by the sources in its tooltip, not proved; thicker and darker: better graded".into()));
    if let Some(meaning) = &used.focus {
        rows.push((MAIN, meaning.clone()));
    }
    if used.disputed {
        rows.push((DISPUTED, "disputed: somebody says otherwise, see its tooltip".into()));
    }
    if used.joints {
        rows.push((INFERRED, "same cargo: inferred from place and time, no record says so".into()));
    }
    match (used.goods, used.others) {
        (true, true) => rows.push((NO_LINE, "Arrows show which way goods would go; on links that carry none, which way to read them.".into())),
        (true, false) => rows.push((NO_LINE, "Arrows show which way goods would go.".into())),
        _ => {}
    }
    if used.graded {
        rows.push((NO_LINE, "B2: grade of the best claim. Source A (reliable) to F (cannot be judged),".into()));
        rows.push((NO_LINE, "information 1 (confirmed), 2 probable, 3 possible, 4 doubtful, 5 improbable, 6 (cannot be judged).".into()));
    }
    if used.bundles {
        rows.push((NO_LINE, "Several records between the same two may be drawn as one line; its tooltip lists them.".into()));
    }
    let table = Markup::new().tag(r#"<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">"#);
    let row = |markup: Markup, (sample, text): &(&'static str, String)| {
        markup
            .tag(r#"<TR><TD><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>"#)
            .tag(sample)
            .tag(r#"</TR><TR><TD HEIGHT="6"></TD></TR></TABLE></TD><TD ALIGN="LEFT" CELLPADDING="2">"#)
            .tag(KEY.open)
            .text(text)
            .tag(KEY.close)
            .tag("</TD></TR>")
    };
    rows.iter().fold(table, row).tag("</TABLE>").id()
}

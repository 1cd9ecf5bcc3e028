//! A picture as statements of DOT.

use std::collections::{BTreeMap, BTreeSet};

use dot_structures::{Attribute, GraphAttributes, Id, Stmt};

use super::escape::{self, Markup, attr, number, with};
use super::legend::{Used, legend};
use super::links::{Arrow, Link, joints, links};
use super::picture::Picture;
use super::style::{self, ALARM, DETAIL, GRADE, INFERRED, Look, NAME, NOTE, TITLE, TYPE};
use super::{details, tooltip};
use crate::formats::words;
use crate::graph::{CompiledLens, View};
use crate::model::{About, Flow, Grade, NodeId, RelationshipId, Value};

/// Columns of an edge's label.
const LABEL_COLUMNS: usize = 30;
/// Lines of a name; the tooltip has all of it.
const NAME_LINES_MAX: usize = 4;

/// Writes a picture in Graphviz's language.
///
/// What the view hides is not drawn. The same picture of the same view always
/// gives the same text.
///
/// # Complexity
/// O((V + E) log E) for V nodes and E relationships, and the claims about them.
#[must_use]
pub fn to_dot(view: View<'_>, picture: &Picture) -> String {
    let links = links(view, picture);
    let joints = joints(view, picture);
    let ends = links.iter().flat_map(|link| [link.tail, link.head]);
    let nodes: BTreeSet<NodeId> =
        picture.nodes.iter().copied().filter(|&id| view.node(id).is_some()).chain(ends).collect();
    let in_focus: BTreeSet<NodeId> =
        links.iter().filter(|link| link.focus).flat_map(|link| [link.tail, link.head]).collect();

    let mut used = Used::default();
    let mut stmts = Vec::new();
    let countries = words::countries(view);
    for &id in &nodes {
        let disputed = view.is_disputed(About::Node(id));
        let style = style::of_labels(&words::labels(view, id));
        used.disputed |= disputed;
        if !used.styles.iter().any(|known| known.word == style.word) {
            used.styles.push(style);
        }
        let mut attributes = style.attributes(disputed, in_focus.contains(&id));
        attributes.push(with("label", node_label(view, id, disputed, &countries)));
        attributes.push(with("tooltip", escape::tooltip(&tooltip::of_node(view, id))));
        stmts.push(escape::node(escape::node_name(id), attributes));
    }
    used.styles.sort_by_key(|style| style.rank());
    for link in &links {
        stmts.push(link_edge(view, link, &mut used));
    }
    for ((place, to), from) in &joints {
        let from: Vec<NodeId> = from.iter().copied().collect();
        stmts.push(joint_edge(view, *place, *to, &from));
    }
    used.joints = !joints.is_empty();
    used.focus = picture.focus.as_ref().filter(|_| !in_focus.is_empty()).map(|focus| focus.meaning.clone());
    // What comes first is drawn lowest, and the legend belongs below.
    let before = settings(view, picture).into_iter();
    let legend = (!picture.bare && !nodes.is_empty()).then(|| legend(&used));
    escape::digraph(before.chain(legend).chain(stmts).collect())
}

/// Direction, fonts, spacing, title.
fn settings(view: View<'_>, picture: &Picture) -> Vec<Stmt> {
    let graph = vec![
        attr("rankdir", "LR"),
        attr("charset", "UTF-8"),
        attr("bgcolor", "white"),
        attr("fontname", style::FONTS),
        attr("labelloc", "t"),
        attr("labeljust", "l"),
        with("label", heading(view, picture)),
        number("nodesep", 0.28),
        number("ranksep", 0.2),
        number("pad", 0.3),
        attr("tooltip", " "),
    ];
    let node = vec![attr("fontname", style::FONTS), attr("margin", "0.10,0.06"), number("height", 0.4)];
    let edge = vec![attr("fontname", style::FONTS), number("arrowsize", 0.7)];
    [GraphAttributes::Graph(graph), GraphAttributes::Node(node), GraphAttributes::Edge(edge)]
        .map(Stmt::GAttribute)
        .to_vec()
}

/// The title, the notes, and what a lens hides.
fn heading(view: View<'_>, picture: &Picture) -> Id {
    let title = picture.title.iter().flat_map(|title| words::wrap(title, 80, 3)).map(|line| (&TITLE, line));
    let hidden = view.lens().map(CompiledLens::hidden).unwrap_or_default();
    let hidden = (hidden.nodes + hidden.relationships + hidden.claims > 0).then(|| {
        format!(
            "Seen through a lens that hides {} nodes, {} relationships and {} claims of the case.",
            hidden.nodes, hidden.relationships, hidden.claims
        )
    });
    let notes = picture
        .notes
        .iter()
        .chain(&hidden)
        .flat_map(|note| words::wrap(note, 160, 4))
        .map(|line| (&NOTE, line));
    let row = |markup: Markup, (look, line): (&Look, String)| {
        markup.tag(r#"<TR><TD ALIGN="LEFT">"#).tag(look.open).text(&line).tag(look.close).tag("</TD></TR>")
    };
    let mut lines = title.chain(notes).peekable();
    match lines.peek() {
        None => Markup::new().id(),
        Some(_) => {
            let table =
                Markup::new().tag(r#"<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">"#);
            lines.fold(table, row).tag("<TR><TD></TD></TR></TABLE>").id()
        }
    }
}

fn node_label(view: View<'_>, id: NodeId, disputed: bool, countries: &BTreeMap<String, String>) -> Id {
    let mut label = Label::new();
    let columns = style::of_labels(&words::labels(view, id)).columns();
    for line in words::wrap(&words::name(view, id), columns, NAME_LINES_MAX) {
        label = label.line(&[(&NAME, &line)]);
    }
    for line in details::details(view, id, countries) {
        label = label.line(&[(&DETAIL, &line)]);
    }
    if disputed {
        label = label.line(&[(&ALARM, "disputed")]);
    }
    label.id()
}

fn link_edge(view: View<'_>, link: &Link, used: &mut Used) -> Stmt {
    let disputed = link.relationships.iter().filter(|&&id| view.is_disputed(About::Relationship(id))).count();
    let all_disputed = disputed == link.relationships.len();
    let carries = view.graph().schema().flow(&link.kind) != Flow::None;
    used.disputed |= disputed > 0;
    used.bundles |= link.relationships.len() > 1;
    used.goods |= carries && link.arrow != Arrow::None;
    used.others |= !carries;
    let grades = grades(view, link);
    used.graded |= grades.is_some();

    let mut label = Label::new();
    for line in headline(view, link) {
        label = label.line(&[(&TYPE, &line)]);
    }
    label = match (when(view, link), grades) {
        (Some(when), Some(grades)) => label.line(&[(&TYPE, &format!("{when}  ")), (&GRADE, &grades)]),
        (Some(when), None) => label.line(&[(&TYPE, &when)]),
        (None, Some(grades)) => label.line(&[(&GRADE, &grades)]),
        (None, None) => label,
    };
    label = match (disputed, all_disputed) {
        (0, _) => label,
        (_, true) => label.line(&[(&ALARM, "disputed")]),
        _ => label.line(&[(&ALARM, &format!("{disputed} of {} disputed", link.relationships.len()))]),
    };
    let tip = escape::tooltip(&tooltip::of_link(view, link));
    let (width, grey) = style::by_confidence(confidence(view, link));
    // What carries no goods stands back and does not bend what does.
    let (width, weight) = if carries { (width, 2.0) } else { (width * 0.6, 0.0) };
    let mut attributes =
        vec![with("label", label.id()), with("labeltooltip", tip.clone()), with("tooltip", tip)];
    attributes.extend(match (link.focus, all_disputed) {
        (true, _) => [attr("color", style::FOCUS), number("penwidth", 3.2), number("weight", 8.0)],
        (_, true) => [attr("color", style::DISPUTED), number("penwidth", width), number("weight", weight)],
        _ => [attr("color", grey), number("penwidth", width), number("weight", weight)],
    });
    if all_disputed {
        attributes.push(attr("style", "dashed"));
    }
    match link.arrow {
        Arrow::Forward => {}
        Arrow::Back => attributes.push(attr("dir", "back")),
        Arrow::None => attributes.push(attr("dir", "none")),
    }
    edge_between(link.tail, link.head, attributes)
}

/// From the place where the carriage changes to the carrier that goes on, since
/// the recorded edge runs there too and the two are read together.
fn joint_edge(view: View<'_>, place: NodeId, to: NodeId, from: &[NodeId]) -> Stmt {
    let best = |carrier: &NodeId| {
        let claims = tooltip::joint_claims(view, place, *carrier, to);
        let supporting = claims.into_iter().filter(|claim| claim.stance == crate::model::Stance::Supports);
        best_grade(supporting.filter_map(|claim| claim.grade))
    };
    let carriers: Vec<String> = from
        .iter()
        .map(|carrier| match best(carrier) {
            Some(grade) => format!("{} ({grade})", words::name(view, *carrier)),
            None => words::name(view, *carrier),
        })
        .collect();
    let mut label =
        Label::new().line(&[(&INFERRED, "same cargo: inferred")]).line(&[(&INFERRED, "from place and time")]);
    for line in words::wrap(&format!("from {}", carriers.join(", ")), LABEL_COLUMNS, 4) {
        label = label.line(&[(&INFERRED, &line)]);
    }
    let tip = escape::tooltip(&tooltip::of_joint(view, place, to, from));
    edge_between(
        place,
        to,
        vec![
            with("label", label.id()),
            with("labeltooltip", tip.clone()),
            with("tooltip", tip),
            attr("color", style::JOINT),
            attr("style", "dotted"),
            attr("arrowhead", "open"),
            number("penwidth", 1.8),
        ],
    )
}

fn edge_between(tail: NodeId, head: NodeId, attributes: Vec<Attribute>) -> Stmt {
    escape::edge(escape::node_name(tail), escape::node_name(head), attributes)
}

/// "called at · many calls", or for a bundle "5 calls".
fn headline(view: View<'_>, link: &Link) -> Vec<String> {
    let is_many = |id: &&RelationshipId| view.relationship_property(**id, "aggregate") == Value::Bool(true);
    let n_many = link.relationships.iter().filter(is_many).count();
    let kind = words::type_words(&link.kind);
    let text = match link.relationships[..] {
        [id] => {
            let many = || (n_many > 0).then(|| format!("many {}", words::plural(&link.kind)));
            let amount = words::quantity(|name| view.relationship_property(id, name)).or_else(many);
            let share = view
                .relationship_property(id, "share")
                .as_number()
                .map(|share| format!("{} %", share * 100.0));
            let parts = [Some(kind), amount, share];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
        _ if n_many > 0 => {
            format!("{kind} · {} records of {}", link.relationships.len(), words::plural(&link.kind))
        }
        _ => format!("{kind} · {} {}", link.relationships.len(), words::plural(&link.kind)),
    };
    words::wrap(&text, LABEL_COLUMNS, 3)
}

/// The dates of a relationship, or from the first to the last of a bundle.
fn when(view: View<'_>, link: &Link) -> Option<String> {
    let [id] = link.relationships[..] else { return bundle_period(view, &link.relationships) };
    words::when(view, id)
}

fn bundle_period(view: View<'_>, ids: &[RelationshipId]) -> Option<String> {
    use crate::model::TypeKind::Event;
    let possible = |id: &RelationshipId| view.graph().relationship(*id).map(|r| r.period.possible(Event));
    let dated = |id: &&RelationshipId| possible(id).is_some_and(|interval| !interval.is_unbounded());
    let first = ids.iter().filter(dated).min_by_key(|id| possible(id).map(|i| i.lo))?;
    let last = ids.iter().filter(dated).max_by_key(|id| possible(id).map(|i| i.hi))?;
    let either = |id, names: [&str; 2]| {
        let values = names.map(|name| view.relationship_property(id, name));
        values.into_iter().find(|value| !value.is_null()).unwrap_or_default()
    };
    words::period(&either(*first, ["from", "to"]), &either(*last, ["to", "from"]), Event)
}

/// The grade of a relationship's best claim, or from the best to the worst of a
/// bundle; where a confidence was given as a number, that.
fn grades(view: View<'_>, link: &Link) -> Option<String> {
    let best = |id: &RelationshipId| view.best_claim(About::Relationship(*id)).and_then(|claim| claim.grade);
    let mut grades: Vec<Grade> = link.relationships.iter().filter_map(best).collect();
    grades.sort_by_key(|grade| (grade.information(), grade.source()));
    match (grades.first(), grades.last()) {
        (Some(first), Some(last)) if first != last => Some(format!("{first}–{last}")),
        (Some(grade), _) => Some(grade.to_string()),
        _ => confidence(view, link).map(|confidence| format!("{:.0} %", confidence * 100.0)),
    }
}

fn best_grade(grades: impl Iterator<Item = Grade>) -> Option<Grade> {
    grades.min_by_key(|grade| (grade.information(), grade.source()))
}

/// That of the best relationship in a bundle.
fn confidence(view: View<'_>, link: &Link) -> Option<f64> {
    let confidences = link.relationships.iter().filter_map(|&id| view.relationship_confidence(id));
    confidences.max_by(f64::total_cmp)
}

/// A label of several lines.
struct Label {
    markup: Markup,
    is_empty: bool,
}

impl Label {
    fn new() -> Self {
        Self { markup: Markup::new(), is_empty: true }
    }

    fn line(self, parts: &[(&Look, &str)]) -> Self {
        let start = if self.is_empty { self.markup } else { self.markup.tag("<BR/>") };
        let add =
            |markup: Markup, (look, text): &(&Look, &str)| markup.tag(look.open).text(text).tag(look.close);
        Self { markup: parts.iter().fold(start, add), is_empty: false }
    }

    fn id(self) -> Id {
        self.markup.id()
    }
}

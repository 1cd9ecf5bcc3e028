//! DOT: whatever the names are, exactly the intended nodes, edges and labels.
//!
//! Read back by a reader of our own, by graphviz-rust's parser, and where it is
//! installed by Graphviz itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use throughline::formats::dot::{Focus, Format, Picture, run_graphviz, to_dot};
use throughline::graph::{Graph, Lens, View};
use throughline::model::{
    About, Claim, Effect, NodeData, NodeId, Path, Properties, RelationshipData, RelationshipId, Stance, Value,
};

/// A graph that a test writes down.
#[derive(Default)]
struct Case(Graph);

impl Case {
    fn node(&mut self, label: &str, key: &str, properties: &[(&str, Value)]) -> NodeId {
        let id = self.0.next_node();
        let labels = Vec::from_iter((!label.is_empty()).then(|| label.to_owned()));
        let node = NodeData { key: Some(key.to_owned()), labels, properties: owned(properties) };
        self.0.apply(&Effect::CreateNode { id, node }).expect("a new key");
        id
    }

    fn named(&mut self, label: &str, name: &str) -> NodeId {
        let key = format!("key-{}", self.0.node_count());
        self.node(label, &key, &[("name", name.into())])
    }

    fn link(
        &mut self,
        start: NodeId,
        kind: &str,
        end: NodeId,
        properties: &[(&str, Value)],
    ) -> RelationshipId {
        let id = self.0.next_relationship();
        let properties = owned(properties);
        let relationship = RelationshipData { key: None, kind: kind.to_owned(), start, end, properties };
        self.0.apply(&Effect::CreateRelationship { id, relationship }).expect("its ends are there");
        id
    }

    fn claim(&mut self, about: About, stance: Stance, grade: &str, fill: impl FnOnce(&mut Claim)) {
        let mut claim = Claim::new(about, stance, 0);
        claim.grade = grade.parse().ok();
        fill(&mut claim);
        self.0
            .apply(&Effect::RecordClaim { id: self.0.next_claim(), claim: claim.into() })
            .expect("its element is there");
    }

    fn view(&self) -> View<'_> {
        View::new(&self.0, None, true)
    }
}

fn owned(properties: &[(&str, Value)]) -> Properties {
    properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// A ship calls at two ports; a consignment goes on from the second.
struct Chain {
    case: Case,
    path: Path,
}

fn chain() -> Chain {
    let mut case = Case::default();
    let nodes = vec![
        case.named("Port", "Rajin"),
        case.named("Vessel", "ANGARA"),
        case.named("Port", "Dunai"),
        case.named("Consignment", "containers"),
        case.named("Facility", "Tikhoretsk depot"),
    ];
    let relationships = vec![
        case.link(
            nodes[1],
            "CALLED_AT",
            nodes[0],
            &[("from", "2023-09-07".into()), ("to", "2023-09-30".into())],
        ),
        case.link(nodes[1], "CALLED_AT", nodes[2], &[("from", "2023-09".into())]),
        case.link(nodes[3], "SHIPPED_FROM", nodes[2], &[("aggregate", true.into())]),
        case.link(
            nodes[3],
            "DELIVERED_TO",
            nodes[4],
            &[("quantity", 5.0.into()), ("unit", "shipments".into()), ("bound", "more than".into())],
        ),
    ];
    Chain { case, path: Path { nodes, relationships } }
}

// ---- a reader of our own -------------------------------------------------------

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Html(String),
    Mark(&'static str),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_ascii_whitespace() => {}
            '{' => tokens.push(Token::Mark("{")),
            '}' => tokens.push(Token::Mark("}")),
            '[' => tokens.push(Token::Mark("[")),
            ']' => tokens.push(Token::Mark("]")),
            '=' => tokens.push(Token::Mark("=")),
            '-' if rest.next_if_eq(&'>').is_some() => tokens.push(Token::Mark("->")),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match rest.next().expect("a string ends") {
                        '"' => break,
                        '\\' => quoted.extend(['\\', rest.next().expect("a backslash escapes something")]),
                        c => quoted.push(c),
                    }
                }
                tokens.push(Token::Quoted(quoted));
            }
            '<' => {
                let (mut html, mut depth) = (String::new(), 1);
                loop {
                    let c = rest.next().expect("a label ends");
                    depth += i32::from(c == '<') - i32::from(c == '>');
                    if depth == 0 {
                        break;
                    }
                    html.push(c);
                }
                tokens.push(Token::Html(html));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || "_.".contains(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    tokens
}

type Attributes = BTreeMap<String, Token>;

/// What a text draws; clusters are entered, their own attributes are not kept.
#[derive(Debug, Default)]
struct Drawing {
    nodes: BTreeMap<String, Attributes>,
    edges: Vec<(String, String, Attributes)>,
    heading: String,
}

fn read(text: &str) -> Drawing {
    let tokens = tokens(text);
    assert_eq!(
        tokens[..3],
        [Token::Word("digraph".into()), Token::Word("throughline".into()), Token::Mark("{")]
    );
    let mut drawing = Drawing::default();
    let mut at = 3;
    let mut depth = 1;
    while at < tokens.len() {
        match (&tokens[at], tokens.get(at + 1), tokens.get(at + 2)) {
            (Token::Mark("}"), ..) => (depth, at) = (depth - 1, at + 1),
            (Token::Word(word), Some(Token::Word(_)), Some(Token::Mark("{"))) if word == "subgraph" => {
                (depth, at) = (depth + 1, at + 3);
            }
            (Token::Word(_), Some(Token::Mark("=")), Some(_)) => at += 3,
            (Token::Word(tail), Some(Token::Mark("->")), Some(Token::Word(head))) => {
                at += 3;
                drawing.edges.push((tail.clone(), head.clone(), attributes(&tokens, &mut at)));
            }
            (Token::Word(name), ..) => {
                at += 1;
                let attributes = attributes(&tokens, &mut at);
                match name.as_str() {
                    "graph" => drawing.heading = lines(&attributes["label"]).join("\n"),
                    "node" | "edge" => {}
                    _ => assert!(
                        drawing.nodes.insert(name.clone(), attributes).is_none(),
                        "a node is drawn twice"
                    ),
                }
            }
            other => panic!("no statement begins with {other:?}"),
        }
    }
    assert_eq!(depth, 0);
    drawing
}

fn attributes(tokens: &[Token], at: &mut usize) -> Attributes {
    let mut attributes = Attributes::new();
    if tokens.get(*at) != Some(&Token::Mark("[")) {
        return attributes;
    }
    *at += 1;
    while tokens[*at] != Token::Mark("]") {
        let Token::Word(name) = &tokens[*at] else {
            panic!("expected an attribute, found {:?}", tokens[*at])
        };
        assert_eq!(tokens[*at + 1], Token::Mark("="));
        assert!(attributes.insert(name.clone(), tokens[*at + 2].clone()).is_none(), "{name} stands twice");
        *at += 3;
    }
    *at += 1;
    attributes
}

/// The lines that a label shows.
fn lines(label: &Token) -> Vec<String> {
    let Token::Html(html) = label else { panic!("labels are HTML-like, found {label:?}") };
    let mut text = String::new();
    let mut rest = html.replace("<BR/>", "\n").replace("</TR><TR>", "\n");
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').expect("a tag ends") + start;
        text.push_str(&rest[..start]);
        rest = rest[end + 1..].to_owned();
    }
    text.push_str(&rest);
    for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#92;&#92;", "\\"), ("&amp;", "&")]
    {
        text = text.replace(entity, c);
    }
    text.split('\n').map(str::to_owned).collect()
}

impl Drawing {
    fn label(&self, node: NodeId) -> Vec<String> {
        lines(&self.nodes[&format!("n{node}")]["label"])
    }

    /// Nodes of the graph, without those of the legend.
    fn names(&self) -> BTreeSet<&str> {
        self.nodes.keys().map(String::as_str).filter(|name| name.starts_with('n')).collect()
    }

    /// Edges of the graph as tail, head and the lines of the label.
    fn links(&self) -> Vec<(&str, &str, String)> {
        let links = self.edges.iter().filter(|(tail, ..)| tail.starts_with('n'));
        links.map(|(tail, head, a)| (tail.as_str(), head.as_str(), lines(&a["label"]).join(" / "))).collect()
    }

    fn edge(&self, tail: &str, head: &str) -> &Attributes {
        &self
            .edges
            .iter()
            .find(|(t, h, _)| (t.as_str(), h.as_str()) == (tail, head))
            .expect("the edge is there")
            .2
    }
}

// ---- hostile names -------------------------------------------------------------

/// Names, and the lines that they have to show.
fn hostile() -> Vec<(String, Vec<String>)> {
    let short = [
        ("Владивосток", "Владивосток"),
        ("라진항 나선", "라진항 나선"),
        (r"C:\new\table", r"C:\new\table"),
        (r"\N \G \E \T \H \L \l", r"\N \G \E \T \H \L \l"),
        (r"trailing\", r"trailing\"),
        (r"\\\N", r"\\\N"),
        ("two\r\nlines\tand", "two lines and"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("</FONT>>]; x", "</FONT>>]; x"),
        ("&amp; &lt; &#65; &", "&amp; &lt; &#65; &"),
        ("<!-- ]]> -->", "<!-- ]]> -->"),
        ("nul\0bell\u{7}esc\u{1b}", "nulbellesc"),
        ("\u{FFFE}a\u{FFFF}\u{202E}b", "ab"),
        ("graph", "graph"),
        ("node", "node"),
        ("edge", "edge"),
        ("strict", "strict"),
        ("subgraph", "subgraph"),
        ("digraph", "digraph"),
        ("n1", "n1"),
        ("{record|sep}", "{record|sep}"),
        ("a -> b; // c /* d", "a -> b; // c /* d"),
        ("# comment", "# comment"),
        ("\"quoted\"", "\"quoted\""),
        ("it's 100 %", "it's 100 %"),
        ("⚓ 👩‍👩‍👧 é", "⚓ 👩‍👩‍👧 é"),
    ];
    let mut all: Vec<(String, Vec<String>)> =
        short.map(|(name, line)| (name.to_owned(), vec![line.to_owned()])).to_vec();
    let evil = "x\"]; evil -> pwn [label=\"";
    all.push((evil.to_owned(), vec!["x\"]; evil -> pwn".to_owned(), "[label=\"".to_owned()]));
    let x = "x".repeat(22);
    all.push(("x".repeat(100_000), vec![x.clone(), x.clone(), x.clone(), format!("{}…", &x[1..])]));
    all
}

/// All hostile names on nodes in a ring, and all over everything else.
fn hostile_case() -> (Case, Vec<(NodeId, Vec<String>)>) {
    let mut case = Case::default();
    let expected: Vec<(NodeId, Vec<String>)> =
        hostile().into_iter().map(|(name, lines)| (case.named("", &name), lines)).collect();
    for (i, (name, _)) in hostile().into_iter().enumerate() {
        let (start, end) = (expected[i].0, expected[(i + 1) % expected.len()].0);
        let name = Value::from(name.as_str());
        let properties = [("quantity", 5.into()), ("unit", name.clone()), ("bound", name.clone())];
        let kind = format!("T{}", name.as_str().unwrap_or_default().chars().take(50).collect::<String>());
        let id = case.link(start, &kind, end, &properties);
        let source = case.node(
            "Source",
            &format!("source {i} {name}"),
            &[("title", name.clone()), ("publisher", name.clone()), ("date", name.clone())],
        );
        case.claim(About::Relationship(id), Stance::Disputes, "B2", |claim| {
            claim.source = Some(source);
            claim.by = Some(start);
            claim.note = name.as_str().map(str::to_owned);
        });
    }
    (case, expected)
}

fn hostile_text() -> (String, Vec<(NodeId, Vec<String>)>) {
    let (case, expected) = hostile_case();
    let mut picture = Picture::whole(case.view());
    for (name, _) in hostile() {
        picture = picture.titled(name.clone()).noted(name);
    }
    (to_dot(case.view(), &picture), expected)
}

#[test]
fn hostile_names_give_exactly_the_intended_nodes_and_labels() {
    let (text, expected) = hostile_text();
    let drawing = read(&text);
    let names: BTreeSet<String> = expected.iter().map(|(id, _)| format!("n{id}")).collect();
    assert_eq!(drawing.names(), names.iter().map(String::as_str).collect());
    assert_eq!(drawing.links().len(), expected.len());
    for (id, lines) in &expected {
        assert_eq!(&drawing.label(*id), lines);
    }
}

#[test]
fn graphviz_rusts_parser_reads_the_same_from_hostile_names() {
    use dot_structures::{Graph, Stmt};
    let (text, expected) = hostile_text();
    let graph = graphviz_rust::parse(&text).expect("it is valid DOT");
    let Graph::DiGraph { stmts, strict: false, .. } = graph else { panic!("it is a directed multigraph") };
    let nodes = stmts.iter().filter(|stmt| matches!(stmt, Stmt::Node(_))).count();
    let edges = stmts.iter().filter(|stmt| matches!(stmt, Stmt::Edge(_))).count();
    assert_eq!((nodes, edges), (expected.len(), expected.len()));
}

/// What Graphviz makes of a text; `None`, said aloud, where it is not installed.
#[allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]
fn graphviz_json(text: &str) -> Option<serde_json::Value> {
    let child = Command::new("dot")
        .arg("-Tjson")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: Graphviz is not installed, so its own reading is not compared");
        return None;
    };
    let mut input = child.stdin.take().expect("it is piped");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads everything");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !complaint.contains("rror"), "{complaint}");
    Some(serde_json::from_slice(&output.stdout).expect("it writes JSON"))
}

/// The texts that Graphviz draws for each node.
fn drawn_texts(json: &serde_json::Value) -> BTreeMap<String, Vec<String>> {
    let objects = json["objects"].as_array().expect("there are nodes");
    let nodes =
        objects.iter().filter(|object| object.get("nodes").is_none() && object.get("subgraphs").is_none());
    let texts = |object: &serde_json::Value| {
        let operations = object["_ldraw_"].as_array().cloned().unwrap_or_default();
        operations.iter().filter_map(|op| op["text"].as_str().map(str::to_owned)).collect()
    };
    nodes.map(|node| (node["name"].as_str().expect("a name").to_owned(), texts(node))).collect()
}

#[test]
fn graphviz_draws_hostile_names_as_they_are() {
    let (text, expected) = hostile_text();
    let Some(json) = graphviz_json(&text) else { return };
    let mut drawn = drawn_texts(&json);
    drawn.retain(|name, _| name.starts_with('n'));
    let expected: BTreeMap<String, Vec<String>> =
        expected.into_iter().map(|(id, lines)| (format!("n{id}"), lines)).collect();
    assert_eq!(drawn, expected);
    let edges = json["edges"]
        .as_array()
        .map_or(0, |edges| edges.iter().filter(|edge| edge["style"] != "invis").count());
    assert_eq!(edges, expected.len());
}

proptest! {
    #[test]
    fn any_name_is_one_node(name in any::<String>(), note in any::<String>()) {
        let mut case = Case::default();
        let (a, b) = (case.named("Vessel", &name), case.named(&note, "b"));
        let link = case.link(a, &name, b, &[("unit", note.as_str().into()), ("quantity", 1.into())]);
        case.claim(About::Relationship(link), Stance::Supports, "C3", |claim| claim.note = Some(note.clone()));
        let text = to_dot(case.view(), &Picture::whole(case.view()).titled(name.as_str()).noted(note));
        let drawing = read(&text);
        prop_assert_eq!(drawing.names().len(), 2);
        prop_assert_eq!(drawing.links().len(), 1);
        prop_assert!(graphviz_rust::parse(&text).is_ok());
    }
}

// ---- content -------------------------------------------------------------------

#[test]
fn a_chain_runs_from_left_to_right_as_goods_go() {
    let Chain { case, path } = chain();
    let forward = read(&to_dot(case.view(), &Picture::of_paths(case.view(), vec![path.clone()])));
    let expected = [
        ("n0", "n1", "called at / 7–30 Sep 2023"),
        ("n1", "n2", "called at / Sep 2023"),
        ("n2", "n3", "shipped from · many shipments"),
        ("n2", "n3", "same cargo: inferred / from place and time / from ANGARA"),
        ("n3", "n4", "delivered to · > 5 shipments"),
    ];
    let sorted = |drawing: &Drawing| {
        let mut links: Vec<_> =
            drawing.links().into_iter().map(|(a, b, c)| (a.to_owned(), b.to_owned(), c)).collect();
        links.sort();
        links
    };
    let mut expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).to_vec();
    expected.sort();
    assert_eq!(sorted(&forward), expected);

    let mut backward = path;
    backward.nodes.reverse();
    backward.relationships.reverse();
    let backward = read(&to_dot(case.view(), &Picture::of_paths(case.view(), vec![backward])));
    assert_eq!(sorted(&backward), expected, "walked against the goods, it looks the same");
}

#[test]
fn a_joint_is_drawn_once_for_all_paths_that_share_it() {
    let Chain { mut case, path } = chain();
    let other = case.named("Facility", "VAZ");
    let delivered = case.link(path.nodes[3], "DELIVERED_TO", other, &[]);
    let mut second = path.clone();
    second.nodes[4] = other;
    second.relationships[3] = delivered;
    let joint = |claim: &mut Claim| claim.carriers = Some((path.nodes[1], path.nodes[3]));
    case.claim(About::Node(path.nodes[2]), Stance::Supports, "D3", joint);
    let drawing = read(&to_dot(case.view(), &Picture::of_paths(case.view(), vec![path.clone(), second])));
    let joints: Vec<_> =
        drawing.links().into_iter().filter(|(_, _, label)| label.contains("same cargo")).collect();
    assert_eq!(
        joints,
        [("n2", "n3", "same cargo: inferred / from place and time / from ANGARA (D3)".to_owned())]
    );
}

#[test]
fn a_disputed_edge_is_dashed_and_its_tooltip_says_by_whom() {
    let Chain { mut case, path } = chain();
    let (moscow, source) = (case.named("Country", "Russia"), case.named("Source", "A statement"));
    let about = About::Relationship(path.relationships[3]);
    case.claim(about, Stance::Supports, "C3", |_| {});
    case.claim(about, Stance::Disputes, "D1", |claim| {
        (claim.by, claim.source, claim.note) = (Some(moscow), Some(source), Some("Never.".to_owned()));
    });
    let drawing = read(&to_dot(case.view(), &Picture::of_paths(case.view(), vec![path])));
    let edge = drawing.edge("n3", "n4");
    assert_eq!(edge["style"], Token::Quoted("dashed".into()));
    assert_eq!(lines(&edge["label"]), ["delivered to · > 5 shipments", "C3", "disputed"]);
    let Token::Quoted(tip) = &edge["tooltip"] else { panic!("a tooltip is a string") };
    assert!(tip.contains("DISPUTED by Russia: D1 “A statement”. Never."), "{tip}");
}

#[test]
fn a_confidential_source_appears_under_its_pseudonym_only() {
    let Chain { mut case, path } = chain();
    let secret = ["title", "name", "publisher", "url", "date", "kind", "country", "remark", "origin"];
    let mut properties: Vec<(&str, Value)> = secret.iter().map(|&name| (name, "SECRET".into())).collect();
    properties.push(("aliases", vec![Value::from("SECRET")].into()));
    properties.push(("confidential", true.into()));
    let source = case.node("Source", "SECRET", &properties);
    let told = |claim: &mut Claim| {
        (claim.source, claim.note, claim.key) = (Some(source), Some("SECRET".into()), Some("SECRET".into()));
    };
    case.claim(About::Relationship(path.relationships[0]), Stance::Supports, "B2", told);
    case.claim(About::Relationship(path.relationships[1]), Stance::Disputes, "B2", told);
    case.claim(About::Node(path.nodes[0]), Stance::Supports, "B2", told);
    case.claim(About::Node(path.nodes[2]), Stance::Supports, "B2", |claim| {
        claim.carriers = Some((path.nodes[1], path.nodes[3]));
        told(claim);
    });
    let mut picture = Picture::of_paths(case.view(), vec![path]);
    picture.nodes.insert(source);
    let text = to_dot(case.view(), &picture);
    assert!(!text.contains("SECRET"));
    assert_eq!(read(&text).label(source), ["confidential source 6"]);
    assert!(text.matches("B2 confidential source 6").count() >= 4);
}

#[test]
fn many_parallel_relationships_are_one_edge_and_the_main_chain_stays_apart() {
    let Chain { mut case, path } = chain();
    let (ship, port) = (path.nodes[1], path.nodes[0]);
    for from in ["2024-01-08", "2023-08-02", "2025-10-02"] {
        case.link(ship, "CALLED_AT", port, &[("from", from.into())]);
    }
    let mut picture = Picture::of_elements([], []).connected(case.view());
    picture.nodes = BTreeSet::from([ship, port]);
    let drawing = read(&to_dot(case.view(), &picture.clone().connected(case.view())));
    let label = "called at · 4 calls / 2 Aug 2023 – 2 Oct 2025".to_owned();
    assert_eq!(drawing.links(), [("n1", "n0", label)]);

    picture.focus = Some(Focus {
        relationships: BTreeSet::from([path.relationships[0]]),
        meaning: "dated to the day".to_owned(),
    });
    let drawing = read(&to_dot(case.view(), &picture.connected(case.view())));
    let labels: Vec<String> = drawing.links().into_iter().map(|(_, _, label)| label).collect();
    assert_eq!(labels, ["called at / 7–30 Sep 2023", "called at · 3 calls / 2 Aug 2023 – 2 Oct 2025"]);
}

#[test]
fn the_strongest_of_several_paths_stands_out_and_of_equals_none() {
    let Chain { mut case, path } = chain();
    let other = case.named("Facility", "VAZ");
    let delivered = case.link(path.nodes[3], "DELIVERED_TO", other, &[("quantity", 5.into())]);
    let mut second = path.clone();
    second.nodes[4] = other;
    second.relationships[3] = delivered;
    for &id in path.relationships.iter().chain([&delivered]) {
        case.claim(About::Relationship(id), Stance::Supports, "C3", |_| {});
    }
    let paths = vec![path.clone(), second.clone()];
    assert_eq!(Picture::of_paths(case.view(), paths.clone()).focus, None);
    case.claim(About::Relationship(delivered), Stance::Supports, "B2", |_| {});
    let focus = Picture::of_paths(case.view(), paths).focus.expect("one is stronger now");
    assert_eq!(focus.relationships, second.relationships.into_iter().collect());
}

#[test]
fn what_a_lens_hides_is_not_drawn_and_the_picture_says_so() {
    let Chain { mut case, path } = chain();
    let source = case.node("Source", "rumour", &[]);
    let about = About::Relationship(path.relationships[3]);
    case.claim(about, Stance::Supports, "C3", |claim| claim.source = Some(source));
    let lens = Lens { without: vec!["rumour".to_owned()], ..Lens::default() };
    let lens = lens.compile(&case.0).expect("a good lens");
    let view = View::new(&case.0, Some(&lens), true);
    let drawing = read(&to_dot(view, &Picture::of_paths(view, vec![path])));
    assert!(drawing.links().iter().all(|(_, _, label)| !label.contains("delivered to")));
    assert!(drawing.heading.contains("Seen through a lens that hides"), "{}", drawing.heading);
}

#[test]
fn the_whole_case_is_drawn_without_sources_and_a_result_with_what_it_names() {
    let Chain { mut case, path } = chain();
    let (a, b) = (case.named("Source", "a"), case.named("Source", "b"));
    case.link(a, "RELAYS", b, &[]);
    let whole = Picture::whole(case.view());
    assert_eq!((whole.nodes.len(), whole.relationships.len()), (5, 4));
    let row = [Value::List(vec![Value::Node(a)]), Value::Path(path.into()), Value::from("text")];
    let result = Picture::of_values(case.view(), &row);
    assert_eq!((result.nodes.len(), result.relationships.len(), result.paths.len()), (6, 4, 1));
}

#[test]
fn the_same_picture_gives_the_same_text_and_an_empty_one_is_valid() {
    let Chain { case, path } = chain();
    let picture = Picture::of_paths(case.view(), vec![path]);
    assert_eq!(to_dot(case.view(), &picture), to_dot(case.view(), &picture));
    let empty = to_dot(case.view(), &Picture::default());
    assert!(read(&empty).nodes.is_empty());
    assert!(graphviz_rust::parse(&empty).is_ok());
    if let Some(json) = graphviz_json(&empty) {
        assert_eq!(json["objects"], serde_json::Value::Null);
    }
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]
fn graphviz_writes_whole_files_or_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = || std::fs::read_dir(folder.path()).expect("it is there").count();
    let Chain { case, path } = chain();
    let text = to_dot(case.view(), &Picture::of_paths(case.view(), vec![path]));
    let out = folder.path().join("chain.svg");
    match run_graphviz(&text, Format::Svg, &out) {
        Err(error) if error.class() == "NotFound" => {
            eprintln!("SKIPPED: Graphviz is not installed, so nothing is drawn");
            return;
        }
        drawn => drawn.expect("it draws"),
    }
    let svg = std::fs::read_to_string(&out).expect("it is written");
    assert!(svg.contains("</svg>") && svg.contains("ANGARA"));
    assert_eq!(files(), 1, "nothing is left beside it");

    let error = run_graphviz("digraph { a -> ", Format::Svg, &out).expect_err("that is no DOT");
    assert!(error.to_string().contains("Graphviz could not draw this"), "{error}");
    assert_eq!(std::fs::read_to_string(&out).expect("it is still there"), svg);
    let missing = folder.path().join("no/such/folder/chain.svg");
    assert_eq!(run_graphviz(&text, Format::Svg, &missing).expect_err("no such folder").class(), "IoError");
    assert_eq!(files(), 1);
}

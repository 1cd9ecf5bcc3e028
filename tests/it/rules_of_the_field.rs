//! Worked cases of ownership and exposure that others wrote, read from where they lie, if they do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use throughline::graph::{Graph, Lens};
use throughline::model::{Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Value};
use throughline::query::{self, Options, Parameters, parser};

/// The cases of a file; none where the samples are not there, which is said.
fn cases(name: &str) -> Vec<Json> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/rules").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        skipped(&path);
        return Vec::new();
    };
    let file: Json = serde_json::from_str(&text).expect("the file is JSON");
    file["cases"].as_array().expect("it has cases").clone()
}

#[allow(clippy::print_stderr, reason = "a test that tested nothing should say so")]
fn skipped(path: &Path) {
    eprintln!("skipped: {} is not there", path.display());
}

/// A graph that is made node by node, by name.
#[derive(Default)]
struct Making {
    graph: Graph,
    nodes: BTreeMap<String, NodeId>,
}

impl Making {
    fn node(&mut self, name: &str, topics: &[&str]) -> NodeId {
        if let Some(&id) = self.nodes.get(name) {
            return id;
        }
        let id = self.graph.next_node();
        let topics = topics.iter().map(|&topic| Value::from(topic)).collect();
        let properties = Properties::from([
            ("id".to_owned(), Value::from(name)),
            ("topics".to_owned(), Value::List(topics)),
        ]);
        let node = NodeData { properties, ..NodeData::default() };
        self.graph.apply(&Effect::CreateNode { id, node }).expect("the id is new");
        self.nodes.insert(name.to_owned(), id);
        id
    }

    fn relationship(&mut self, kind: &str, start: NodeId, end: NodeId, properties: Properties) {
        let id = RelationshipId(u32::try_from(self.graph.relationship_bound()).expect("few"));
        let relationship = RelationshipData { key: None, kind: kind.to_owned(), start, end, properties };
        self.graph.apply(&Effect::CreateRelationship { id, relationship }).expect("the ends are there");
    }

    fn ask(&mut self, text: &str) -> Vec<Vec<Value>> {
        let lens = Lens::default();
        let statement = parser::parse_statement(text).expect("it is a statement");
        // 23 November 2026.
        let options = Options::new(&lens, 1_795_392_000_000_000);
        query::run(&mut self.graph, &statement, &Parameters::new(), &options)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .rows
    }
}

fn of_ownership(case: &Json) -> Making {
    let mut making = Making::default();
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| case[name].as_array().cloned().unwrap_or_default();
    for listed in list("listed") {
        making.node(&text(&listed), &["sanction"]);
    }
    for stake in list("ownership") {
        let [owner, owned] = ["owner", "owned"].map(|end| making.node(&text(&stake[end]), &[]));
        let mut properties = Properties::new();
        let mut fraction = |name: &str, value: &Json| {
            if let Some(percent) = value.as_f64() {
                properties.insert(name.to_owned(), Value::Float(percent / 100.0));
            }
        };
        fraction("share", &stake["pct"]);
        fraction("shareMin", &stake["pct_min"]);
        fraction("shareMax", &stake["pct_max"]);
        for (name, side) in [("from", "start"), ("to", "end"), ("arrangement", "arrangement")] {
            if let Some(text) = stake[side].as_str() {
                properties.insert(name.to_owned(), Value::from(text));
            }
        }
        making.relationship("OWNS", owner, owned, properties);
    }
    for control in list("control") {
        let [controller, controlled] =
            ["controller", "controlled"].map(|end| making.node(&text(&control[end]), &[]));
        making.relationship("CONTROLS", controller, controlled, Properties::new());
    }
    for role in list("roles") {
        let [person, body] = ["person", "org"].map(|end| making.node(&text(&role[end]), &[]));
        making.relationship("DIRECTS", person, body, Properties::new());
    }
    making
}

#[test]
fn the_worked_cases_of_the_fifty_percent_rule_hold() {
    for case in cases("fifty_percent.json") {
        let (id, regime) = (case["id"].as_str().expect("an id"), case["rule"].as_str().expect("a rule"));
        let mut making = of_ownership(&case);
        let mut expected: Vec<(Option<&str>, &str, &str)> = Vec::new();
        let verdicts = |map: &'_ Json| map.as_object().cloned().unwrap_or_default();
        let plain = verdicts(&case["expect"]);
        let dated = verdicts(&case["as_of"]);
        expected.extend(
            plain
                .iter()
                .map(|(entity, verdict)| (None, entity.as_str(), verdict.as_str().unwrap_or_default())),
        );
        for (day, map) in &dated {
            let map = map.as_object().expect("verdicts of a day");
            expected.extend(map.iter().map(|(entity, verdict)| {
                (Some(day.as_str()), entity.as_str(), verdict.as_str().unwrap_or_default())
            }));
        }
        assert!(!expected.is_empty(), "{id} expects something");
        for (day, entity, verdict) in expected {
            making.node(entity, &[]);
            let as_of = day.map(|day| format!(", asOf: date('{day}')")).unwrap_or_default();
            let text = format!(
                "CALL ownership.blocked({{regime: '{regime}', entity: '{entity}'{as_of}}}) YIELD verdict"
            );
            let found = making.ask(&text)[0][0].as_str().unwrap_or_default().to_owned();
            let wanted = match verdict {
                "blocked" | "owned" | "owned_or_controlled" => "blocked",
                "not_blocked" | "not_owned" => "not blocked",
                other => other,
            };
            assert_eq!(found, wanted, "{id}: {entity} {day:?}");
        }
        for entity in case["caution"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            let text = format!(
                "CALL ownership.blocked({{regime: '{regime}', entity: '{entity}'}}) YIELD proof \
                 RETURN size(coalesce(proof.notes, []) + coalesce(proof.others, [])) AS told"
            );
            assert!(making.ask(&text)[0][0] != Value::Int(0), "{id}: {entity} comes with a caution");
        }
    }
}

#[test]
fn the_worked_cases_of_topics_hold() {
    for case in cases("exposure.json") {
        let id = case["id"].as_str().expect("an id");
        // The relationship types of FollowTheMoney are understood, and so are ours.
        let ours = |schema: &str| match schema {
            "Ownership" => "OWNS".to_owned(),
            "Directorship" => "DIRECTS".to_owned(),
            "Family" => "FAMILY_OF".to_owned(),
            "UnknownLink" => "LINKED_TO".to_owned(),
            other => other.to_uppercase(),
        };
        let theirs = |schema: &str| schema.to_owned();
        for name_of in [&ours as &dyn Fn(&str) -> String, &theirs] {
            let mut making = Making::default();
            for (name, topics) in case["entities"].as_object().expect("entities") {
                let topics =
                    topics.as_array().into_iter().flatten().filter_map(Json::as_str).collect::<Vec<_>>();
                making.node(name, &topics);
            }
            for edge in case["edges"].as_array().expect("edges") {
                let [source, target] =
                    ["source", "target"].map(|end| making.nodes[edge[end].as_str().expect("a name")]);
                let mut properties = Properties::new();
                for (name, side) in [("from", "startDate"), ("to", "endDate"), ("to", "end")] {
                    if let Some(text) = edge[side].as_str() {
                        properties.insert(name.to_owned(), Value::from(text));
                    }
                }
                making.relationship(
                    &name_of(edge["schema"].as_str().expect("a schema")),
                    source,
                    target,
                    properties,
                );
            }
            let rows = making.ask("CALL exposure.topics() YIELD entity, topic RETURN entity.id, topic");
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let found: BTreeSet<(String, String)> =
                rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect();
            let added = case["expect_added"].as_object().expect("what is added");
            let wanted = added.iter().flat_map(|(entity, topics)| {
                let topics = topics.as_array().into_iter().flatten().filter_map(Json::as_str);
                topics.map(move |topic| (entity.clone(), topic.to_owned()))
            });
            assert_eq!(found, wanted.collect(), "{id}");
        }
    }
}

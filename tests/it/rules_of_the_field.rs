//! Worked cases of ownership and exposure: those that others wrote, read from where they lie, if they
//! do, and our own in `tests/rules`, in the same form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use throughline::graph::{Graph, Lens};
use throughline::model::{Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Value};
use throughline::query::{self, Options, Parameters, parser};

/// Cases that others wrote; none where the samples are not there, which is said.
const THEIRS: &str = "../shared/samples/rules";
/// Our own.
const OURS: &str = "tests/rules";

/// The cases of a file.
fn cases(folder: &str, name: &str) -> Vec<Json> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert_eq!(folder, THEIRS, "{} is ours", path.display());
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
        self.labelled(name, topics, None)
    }

    fn labelled(&mut self, name: &str, topics: &[&str], label: Option<&str>) -> NodeId {
        if let Some(&id) = self.nodes.get(name) {
            return id;
        }
        let id = self.graph.next_node();
        let topics = topics.iter().map(|&topic| Value::from(topic)).collect();
        let properties = Properties::from([
            ("id".to_owned(), Value::from(name)),
            ("topics".to_owned(), Value::List(topics)),
        ]);
        let labels = label.map(str::to_owned).into_iter().collect();
        let node = NodeData { labels, properties, ..NodeData::default() };
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
        let label = |name: &Json| case["labels"][name.as_str().unwrap_or_default()].as_str();
        // A name, or a map with the authority and the dates.
        if listed.is_string() {
            making.labelled(&text(&listed), &["sanction"], label(&listed));
            continue;
        }
        let entity = making.labelled(&text(&listed["id"]), &[], label(&listed["id"]));
        let authority = making.node(listed["by"].as_str().unwrap_or("OFAC"), &[]);
        making.relationship("SANCTIONED_BY", entity, authority, dates(&listed, "from", "to"));
    }
    for (name, label) in case["labels"].as_object().into_iter().flatten() {
        making.labelled(name, &[], label.as_str());
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
        for (name, told) in [("share", "pct"), ("arrangement", "arrangement")] {
            properties.extend(stake[told].as_str().map(|text| (name.to_owned(), Value::from(text))));
        }
        properties.extend(dates(&stake, "start", "end"));
        making.relationship("OWNS", owner, owned, properties);
    }
    for control in list("control") {
        let [controller, controlled] =
            ["controller", "controlled"].map(|end| making.node(&text(&control[end]), &[]));
        making.relationship("CONTROLS", controller, controlled, dates(&control, "from", "to"));
    }
    for role in list("roles") {
        let [person, body] = ["person", "org"].map(|end| making.node(&text(&role[end]), &[]));
        making.relationship("DIRECTS", person, body, Properties::new());
    }
    for relation in list("relations") {
        let [start, end] = [0, 2].map(|at| making.node(&text(&relation[at]), &[]));
        making.relationship(&text(&relation[1]), start, end, Properties::new());
    }
    making
}

/// The dates of a relationship, by the names that a case gives them.
fn dates(told: &Json, from: &str, to: &str) -> Properties {
    let sides = [("from", from), ("to", to)];
    let told = sides.iter().filter_map(|(name, side)| Some(((*name).to_owned(), told[*side].as_str()?)));
    told.map(|(name, text)| (name, Value::from(text))).collect()
}

/// What a case expects: of an entity, a verdict, under a regime, on a day or today.
struct Expected {
    regime: String,
    day: Option<String>,
    entity: String,
    verdict: String,
}

/// `expect` is of the case's own rule, on the day `at` if there is one; `regimes` has verdicts under
/// others, and `as_of` on other days.
fn expected(case: &Json) -> Vec<Expected> {
    let (rule, at) = (&case["rule"], case["at"].as_str());
    let mut found = Vec::new();
    let mut expect = |regime: &str, day: Option<&str>, verdicts: &Json| {
        found.extend(verdicts.as_object().into_iter().flatten().map(|(entity, verdict)| Expected {
            regime: regime.to_owned(),
            day: day.map(str::to_owned),
            entity: entity.clone(),
            verdict: match verdict.as_str().unwrap_or_default() {
                "blocked" | "owned" | "owned_or_controlled" => "blocked".to_owned(),
                "not_blocked" | "not_owned" => "not blocked".to_owned(),
                other => other.to_owned(),
            },
        }));
    };
    let rule = rule.as_str().expect("a rule");
    expect(rule, at, &case["expect"]);
    for (day, verdicts) in case["as_of"].as_object().into_iter().flatten() {
        expect(rule, Some(day), verdicts);
    }
    for (regime, verdicts) in case["regimes"].as_object().into_iter().flatten() {
        expect(regime, at, verdicts);
    }
    found
}

#[test]
fn the_worked_cases_of_the_fifty_percent_rule_hold() {
    for case in [THEIRS, OURS].into_iter().flat_map(|folder| cases(folder, "fifty_percent.json")) {
        let id = case["id"].as_str().expect("an id");
        let mut making = of_ownership(&case);
        let expected = expected(&case);
        assert!(!expected.is_empty(), "{id} expects something");
        for Expected { regime, day, entity, verdict } in expected {
            making.node(&entity, &[]);
            let as_of = day.as_ref().map(|day| format!(", asOf: date('{day}')")).unwrap_or_default();
            let text = format!(
                "CALL ownership.blocked({{regime: '{regime}', entity: '{entity}'{as_of}}}) YIELD verdict"
            );
            let found = making.ask(&text)[0][0].as_str().unwrap_or_default().to_owned();
            assert_eq!(found, verdict, "{id}: {entity} under {regime} {day:?}");
        }
        let rule = case["rule"].as_str().expect("a rule");
        for entity in case["caution"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            let text = format!(
                "CALL ownership.blocked({{regime: '{rule}', entity: '{entity}'}}) YIELD proof \
                 RETURN size(coalesce(proof.notes, []) + coalesce(proof.others, [])) AS told"
            );
            assert!(making.ask(&text)[0][0] != Value::Int(0), "{id}: {entity} comes with a caution");
        }
    }
}

#[test]
fn the_worked_cases_of_topics_hold() {
    // The relationship types of FollowTheMoney are understood, and so are ours.
    let ours = |schema: &str| match schema {
        "Ownership" => "OWNS".to_owned(),
        "Directorship" => "DIRECTS".to_owned(),
        "Family" => "FAMILY_OF".to_owned(),
        "UnknownLink" => "LINKED_TO".to_owned(),
        other => other.to_uppercase(),
    };
    for case in cases(THEIRS, "exposure.json") {
        topics_are_as_expected(&case, &ours);
        topics_are_as_expected(&case, &str::to_owned);
    }
    for case in cases(OURS, "exposure.json") {
        topics_are_as_expected(&case, &str::to_owned);
    }
}

fn topics_are_as_expected(case: &Json, type_of: &dyn Fn(&str) -> String) {
    let id = case["id"].as_str().expect("an id");
    let texts = |list: &Json| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let mut making = Making::default();
    for (name, topics) in case["entities"].as_object().expect("entities") {
        let topics = texts(topics);
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        making.labelled(name, &topics, case["labels"][name].as_str());
    }
    for edge in case["edges"].as_array().expect("edges") {
        let [source, target] =
            ["source", "target"].map(|end| making.nodes[edge[end].as_str().expect("a name")]);
        let mut properties = dates(edge, "startDate", "end");
        // FollowTheMoney's own name for it is understood, too.
        let theirs = edge["endDate"].as_str().map(|end| ("endDate".to_owned(), Value::from(end)));
        properties.extend(theirs);
        making.relationship(&type_of(edge["schema"].as_str().expect("a schema")), source, target, properties);
    }
    let rows = making.ask("CALL exposure.topics() YIELD entity, topic RETURN entity.id, topic");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found: BTreeSet<(String, String)> = rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect();
    let added = case["expect_added"].as_object().expect("what is added");
    let wanted = added
        .iter()
        .flat_map(|(entity, topics)| texts(topics).into_iter().map(move |topic| (entity.clone(), topic)));
    assert_eq!(found, wanted.collect(), "{id}");
}

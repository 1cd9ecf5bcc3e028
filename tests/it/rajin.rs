//! The Rajin case: that its files hold together, and what its main question
//! answers through each lens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use throughline::analysis;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::formats::dot::{Format, Picture, run_graphviz, to_dot};
use throughline::graph::{Lens, View};
use throughline::model::Value;
use throughline::query::{Answer, Options, Parameters};
use throughline::trace::trace;
use throughline::{Author, Case};

/// From Rajin by ship to a port, within a week inland, and to a facility.
const CHAIN: &str = "(:Port {name:'Rajin'})<-[:CALLED_AT]-(:Vessel)-[:CALLED_AT]->(:Port WAIT <= 7 DAYS)\
                     <-[:SHIPPED_FROM]-(c:Consignment)-[:DELIVERED_TO]->(x:Facility)";

const ANGARA: [&str; 5] = ["rajin", "angara", "dunai", "angara-sept-2023", "tikhoretsk-depot"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/rajin")
}

/// The day of the import, before which nothing of undated sources was known.
fn author() -> Author {
    Author { name: "tester".to_owned(), now_micros: 1_767_225_600_000_000 }
}

struct Rajin {
    case: Case,
    _dir: TempDir,
}

impl Rajin {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory for the case");
        let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
        let file = |name: &str| {
            let bytes = std::fs::read(folder().join(name)).expect("the file of the case reads");
            Input { name: name.into(), content: bytes.into() }
        };
        let files = ["nodes.csv", "sources.csv", "relationships.csv", "claims.csv"].map(file);
        let options = ImportOptions { recorded_micros: author().now_micros, ..ImportOptions::default() };
        let imported = case.import(&files, &options, true, &author(), &|_| true).expect("an import");
        assert!(imported.is_committed, "{:?}", imported.import.bad);
        Self { case, _dir: dir }
    }

    fn ask_through(&mut self, lens: &Lens, text: &str) -> Answer {
        let options = Options::new(lens, author().now_micros);
        let answer = self.case.query(text, &Parameters::new(), &author(), &options);
        answer.unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn ask(&mut self, text: &str) -> Vec<Vec<Value>> {
        self.ask_through(&Lens::default(), text).rows
    }

    /// The chains of the main question, by the keys of their nodes, each once.
    fn chains(&mut self, lens: &Lens) -> BTreeSet<Vec<String>> {
        let text = format!("MATCH p = CHRONOLOGICAL {CHAIN} RETURN DISTINCT [n IN nodes(p) | key(n)]");
        self.ask_through(lens, &text).rows.iter().map(|row| list(&row[0])).collect()
    }
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        other => panic!("expected a list, found {other}"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected a text, found {value}"))
}

fn entry<'a>(value: &'a Value, name: &str) -> &'a Value {
    match value {
        Value::Map(entries) => entries.get(name).unwrap_or(&Value::Null),
        other => panic!("expected a map, found {other}"),
    }
}

fn column(file: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(folder().join(file)).expect("the file reads");
    let headers = reader.headers().expect("a header row").clone();
    let at = headers.iter().position(|header| header == name).expect("the column is there");
    reader.records().map(|record| record.expect("a row")[at].to_owned()).collect()
}

#[test]
fn every_fact_is_a_claim_or_left_out_with_a_reason_and_not_both() {
    let ids = std::fs::read_to_string(folder().join("ids.txt")).expect("the list reads");
    let ids: BTreeSet<&str> = ids.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (claimed, left_out) = (column("claims.csv", "fact"), column("left_out.csv", "fact"));
    let claimed: BTreeSet<&str> = claimed.iter().map(String::as_str).filter(|id| !id.is_empty()).collect();
    let left_out: BTreeSet<&str> = left_out.iter().map(String::as_str).collect();
    assert_eq!(claimed.intersection(&left_out).collect::<Vec<_>>(), [] as [&&str; 0]);
    assert_eq!(claimed.union(&left_out).copied().collect::<BTreeSet<_>>(), ids);
    assert!(column("left_out.csv", "reason").iter().all(|reason| reason.len() > 20));
}

#[test]
fn every_relationship_but_relays_has_a_supporting_claim_and_a_source() {
    let mut rajin = Rajin::new();
    let bare = rajin.ask("MATCH ()-[r:!RELAYS]->() WHERE size(sources(r)) = 0 RETURN type(r), r.from");
    assert!(bare.is_empty(), "{bare:?}");
}

/// Otherwise leaving a source out, or an early date, would hide an end of what stays.
#[test]
fn the_ends_of_a_relationship_stand_on_its_sources() {
    let mut rajin = Rajin::new();
    let rows = rajin.ask(
        "MATCH (a)-[r:!RELAYS]->(b) UNWIND sources(r) AS source \
         WITH a, b, source WHERE (size(sources(a)) > 0 AND NOT source IN sources(a)) \
         OR (size(sources(b)) > 0 AND NOT source IN sources(b)) RETURN key(a), key(b), source",
    );
    assert!(rows.is_empty(), "{} rows, such as {:?}", rows.len(), rows.first());
}

#[test]
fn the_case_verifies_and_has_no_claim_without_a_grade_that_reads() {
    let mut rajin = Rajin::new();
    assert_eq!(rajin.case.check().expect("the record verifies"), 1);
    let rows = rajin.ask("CALL evidence.claims() YIELD claim WHERE claim.grade IS NULL RETURN claim");
    assert!(rows.is_empty(), "{rows:?}");
}

#[test]
fn the_angara_chain_is_found_with_two_origins_for_the_delivery() {
    let mut rajin = Rajin::new();
    assert!(rajin.chains(&Lens::default()).contains(&ANGARA.map(str::to_owned)[..]));
    let rows = rajin.ask(
        "MATCH (:Consignment {id: 'angara-sept-2023'})-[d:DELIVERED_TO]->(x {id: 'tikhoretsk-depot'}) \
         RETURN sources(d), origins(d), confidence(d), disputed(d)",
    );
    assert_eq!(rows.len(), 1);
    let origins = rajin.ask(
        "MATCH (:Consignment {id: 'angara-sept-2023'})-[d:DELIVERED_TO]->() \
         UNWIND sources(d) AS k MATCH (s:Source) WHERE key(s) = k RETURN DISTINCT s.origin",
    );
    let origins: BTreeSet<&str> = origins.iter().map(|row| text(&row[0])).collect();
    assert_eq!(rows[0][1], Value::Int(2));
    assert!(origins.iter().any(|origin| origin.starts_with("white-house")), "{origins:?}");
    assert!(origins.iter().any(|origin| origin.starts_with("rusi")), "{origins:?}");
}

#[test]
fn the_main_question_is_answered_for_each_facility_best_first() {
    let mut rajin = Rajin::new();
    let rows =
        rajin.ask(&format!("MATCH p = STRONGEST 3 CHRONOLOGICAL {CHAIN} RETURN x.name, p, confidence(p)"));
    let mut of_facility: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for row in &rows {
        let confidence = row[2].as_number().expect("every hop of these chains has a confidence");
        of_facility.entry(text(&row[0])).or_default().push(confidence);
    }
    assert!(of_facility.len() >= 5, "{of_facility:?}");
    for (facility, confidences) in of_facility {
        assert!(confidences.len() <= 3, "{facility}: {confidences:?}");
        assert!(confidences.is_sorted_by(|a, b| a >= b), "{facility}: {confidences:?}");
    }
}

#[test]
fn in_mid_october_2023_only_the_angara_chain_was_known() {
    let mut rajin = Rajin::new();
    let lens = Lens { known_by: Some(Value::from("2023-10-15")), ..Lens::default() };
    let chains: Vec<Vec<String>> = rajin.chains(&lens).into_iter().collect();
    assert_eq!(chains, [ANGARA.map(str::to_owned).to_vec()]);
    // A day earlier than its first source, not even that.
    let lens = Lens { known_by: Some(Value::from("2023-10-13")), ..Lens::default() };
    assert!(rajin.chains(&lens).is_empty());
}

#[test]
fn without_the_trade_records_no_chain_leads_to_the_sixteen_sites() {
    let mut rajin = Rajin::new();
    let ends = |chains: BTreeSet<Vec<String>>| -> BTreeSet<String> {
        chains.into_iter().filter_map(|mut chain| chain.pop()).collect()
    };
    let with = ends(rajin.chains(&Lens::default()));
    let lens = Lens { without: vec!["c4ads-trade-data".to_owned()], ..Lens::default() };
    let without = ends(rajin.chains(&lens));
    let lost: Vec<&str> = with.difference(&without).map(String::as_str).collect();
    assert_eq!(lost, ["sixteen-sites", "vaz"]);
    assert!(without.contains("tikhoretsk-depot"));
}

#[test]
fn at_confidence_0_7_no_chain_is_left() {
    let mut rajin = Rajin::new();
    let at_least = |least| Lens { confidence_min: Some(least), ..Lens::default() };
    assert!(!rajin.chains(&at_least(0.5)).is_empty());
    assert!(rajin.chains(&at_least(0.7)).is_empty());
}

#[test]
fn the_trains_of_the_trade_records_leave_by_a_joint() {
    let mut rajin = Rajin::new();
    let rows = rajin.ask(&format!(
        "MATCH p = CHRONOLOGICAL ACYCLIC {CHAIN} WHERE c.id = 'explosives-flow' \
         RETURN [j IN joints(p) | [key(j.place), key(j.to), size(j.claims)]], [n IN nodes(p) | key(n)]"
    ));
    assert!(!rows.is_empty());
    for row in &rows {
        let Value::List(joints) = &row[0] else { panic!("expected a list, found {}", row[0]) };
        let [Value::List(joint)] = &joints[..] else { panic!("expected one joint, found {}", row[0]) };
        let chain = list(&row[1]);
        assert_eq!((text(&joint[0]), text(&joint[1])), (chain[2].as_str(), "explosives-flow"));
        // Somebody says that it is consistent with place and time.
        assert!(matches!(joint[2], Value::Int(claims) if claims > 0), "{}", row[0]);
    }
}

/// Calls that are known to the month, or to months, could as well have been the other way round.
#[test]
fn dates_known_to_the_month_leave_the_order_untested() {
    let mut rajin = Rajin::new();
    let rows = rajin.ask(&format!(
        "MATCH p = CHRONOLOGICAL ACYCLIC {CHAIN} RETURN DISTINCT c.id, order(p) ORDER BY c.id"
    ));
    assert!(rows.iter().any(|row| text(&row[0]) == "explosives-flow"));
    assert!(rows.iter().all(|row| text(&row[1]) == "untested"), "{rows:?}");
    let certain = rajin.ask(&format!("MATCH p = CHRONOLOGICAL CERTAINLY {CHAIN} RETURN p"));
    assert!(certain.is_empty(), "{certain:?}");
}

#[test]
fn nothing_seen_at_vostochny_in_december_overlaps_the_flow() {
    let mut rajin = Rajin::new();
    let rows = rajin.ask(&format!(
        "MATCH p = CHRONOLOGICAL ACYCLIC {CHAIN} WHERE c.id = 'explosives-flow' AND any(n IN nodes(p) WHERE n.id = 'vostochny') \
         UNWIND nullResults(p) AS n RETURN n.verdict, n.claim"
    ));
    assert!(!rows.is_empty());
    let december = rows.iter().filter(|row| entry(&row[1], "from").to_string().contains("2023-12"));
    let verdicts: BTreeSet<&str> = december.map(|row| text(&row[0])).collect();
    assert_eq!(verdicts, BTreeSet::from(["overlaps"]));
}

#[test]
fn every_hop_of_the_main_answer_names_its_source() {
    let mut rajin = Rajin::new();
    let rows = rajin.ask(&format!(
        "MATCH p = CHRONOLOGICAL {CHAIN} UNWIND relationships(p) AS r \
         WITH DISTINCT r WHERE size(sources(r)) = 0 OR grade(r) IS NULL RETURN r"
    ));
    assert!(rows.is_empty(), "{rows:?}");
}

/// Graphviz accepts the picture of the whole case, and all of the case is in it.
#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]
fn the_picture_of_the_case_is_accepted_by_graphviz() {
    let rajin = Rajin::new();
    let view = View::new(rajin.case.graph(), None, false);
    let picture = Picture::whole(view);
    assert!(
        picture.nodes.len() > 80 && picture.relationships.len() > 100,
        "sources and their links are left out"
    );
    let dir = tempfile::tempdir().expect("a directory for the picture");
    let file = dir.path().join("case.svg");
    match run_graphviz(&to_dot(view, &picture), Format::Svg, &file) {
        Err(error) if error.class() == "NotFound" => {
            eprintln!("SKIPPED: Graphviz is not installed, so the case is not drawn");
            return;
        }
        drawn => drawn.expect("Graphviz accepts the case"),
    }
    let svg = std::fs::read_to_string(&file).expect("the picture is text");
    for name in ["LADY R", "ANGARA", "MARIA E", "Vostochny", "Tikhoretsk"] {
        assert!(svg.contains(name), "{name} is in the picture");
    }
}

/// A researcher types a name in any spelling, or a kind of place.
#[test]
fn trace_understands_the_names_of_the_port_and_kinds_of_place() {
    let rajin = Rajin::new();
    let view = View::new(rajin.case.graph(), None, false);
    for from in ["Rajin", "Najin", "Rason", "라진", "Раджин", "rajin"] {
        let trace = trace(view, from, "storage", &Default::default()).expect("the words are known");
        assert!(
            trace.statement.starts_with("MATCH (a WHERE key(a) = 'rajin')"),
            "{from}: {}",
            trace.statement
        );
        assert!(trace.statement.contains("b.kind IN ['arsenal', 'depot', 'storage']"), "{}", trace.statement);
    }
}

/// What `trace Rajin storage` finds: a chain to every depot and store that sources
/// name, the 16 sites among them, and for the sites the joint at the port.
#[test]
fn trace_finds_chains_to_every_store_and_names_the_joint() {
    let mut rajin = Rajin::new();
    let statement = {
        let view = View::new(rajin.case.graph(), None, false);
        trace(view, "Rajin", "storage", &Default::default()).expect("the words are known").statement
    };
    let answer = rajin.ask_through(&Lens::default(), &statement);
    let view = View::new(rajin.case.graph(), None, true);
    let mut reached = BTreeSet::new();
    for path in answer.rows.iter().flatten() {
        let Value::Path(path) = path else { panic!("trace returns paths") };
        let end = view.graph().key_of(*path.nodes.last().expect("a path has nodes"));
        let chain = analysis::chain(view, path).expect("one clock");
        if end == "sixteen-sites" {
            assert_eq!(chain.joints.len(), 1, "the ship and the train are linked by place and time only");
            assert!(!chain.joints[0].claims.is_empty(), "a claim speaks of the joint");
        }
        reached.insert(end);
    }
    let expected = ["mozdok-depot", "sixteen-sites", "tikhoretsk-depot", "yegorlykskaya-airfield"];
    assert_eq!(reached, expected.map(str::to_owned).into());
}

//! CSV import: what comes in, what is refused and with which words, and that an
//! import can be taken back, repeated and given in any order.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use throughline::Result;
use throughline::formats::csv::{self, Import, Input, Options};
use throughline::graph::Graph;
use throughline::model::{
    About, Claim, ClaimId, Date, DateTime, Effect, NodeData, NodeId, RelationshipData, RelationshipId,
    Stance, Value,
};

/// Files from lines such as `nodes.csv` and their text.
fn files(texts: &[(&str, &str)]) -> Vec<Input> {
    texts
        .iter()
        .map(|(name, text)| Input { name: name.into(), content: (text.as_bytes().to_vec()).into() })
        .collect()
}

fn file(path: impl AsRef<Path>) -> Input {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path.as_ref());
    let bytes = std::fs::read(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()));
    Input { name: path.as_ref().file_name().expect("a file").into(), content: bytes.into() }
}

fn update() -> Options {
    Options { update: true, ..Options::default() }
}

/// Reads without a bad row and applies.
fn import(graph: &mut Graph, inputs: &[Input], options: &Options) -> Import {
    let import = csv::read(graph, inputs, options).expect("the options are good");
    assert_eq!(import.bad, [], "bad rows");
    apply(graph, &import);
    import
}

fn apply(graph: &mut Graph, import: &Import) {
    for effect in &import.effects {
        graph.apply(effect).unwrap_or_else(|error| panic!("{error}: {effect:?}"));
    }
}

/// A graph with what some files hold.
fn graph_of(texts: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::new();
    import(&mut graph, &files(texts), &Options::default());
    graph
}

/// The messages of the bad rows, each with its hint.
fn messages(import: &Import) -> Vec<String> {
    let hint =
        |error: &throughline::Error| error.hint_text().map(|hint| format!(" ({hint})")).unwrap_or_default();
    import.bad.iter().map(|error| format!("{error}{}", hint(error))).collect()
}

fn bad(graph: &Graph, texts: &[(&str, &str)], options: &Options) -> Vec<String> {
    messages(&csv::read(graph, &files(texts), options).expect("the options are good"))
}

/// All that a graph holds, to compare.
type Content =
    (Vec<(NodeId, NodeData)>, Vec<(RelationshipId, RelationshipData)>, Vec<(ClaimId, Claim)>, [usize; 3]);

fn content(graph: &Graph) -> Content {
    let nodes = graph.nodes().map(|(id, _)| (id, graph.node_data(id).expect("it is there")));
    let relationships =
        graph.relationships().map(|(id, _)| (id, graph.relationship_data(id).expect("it is there")));
    let claims = graph.claims().map(|(id, claim)| (id, claim.clone()));
    let bounds = [graph.node_bound(), graph.relationship_bound(), graph.claim_bound()];
    (nodes.collect(), relationships.collect(), claims.collect(), bounds)
}

fn node(graph: &Graph, key: &str) -> NodeData {
    graph.node_by_key(key).and_then(|id| graph.node_data(id)).unwrap_or_else(|| panic!("no node {key}"))
}

fn relationship(graph: &Graph, key: &str) -> RelationshipData {
    let id = graph.relationship_by_key(key);
    id.and_then(|id| graph.relationship_data(id)).unwrap_or_else(|| panic!("no relationship {key}"))
}

fn claims_about(graph: &Graph, key: &str) -> Vec<Claim> {
    let node = graph.node_by_key(key).map(About::Node);
    let about = node.or_else(|| graph.relationship_by_key(key).map(About::Relationship)).expect("an element");
    graph.claims_about(about).map(|(_, claim)| claim.clone()).collect()
}

fn day(text: &str) -> Value {
    Value::Date(Date::parse(text).expect("a date"))
}

fn strings(items: &[&str]) -> Value {
    Value::List(items.iter().map(|&item| Value::from(item)).collect())
}

const PLACES: &str = ":ID,:LABEL,name\nrajin,Port,Rajin\ndunai,Port,Dunai\nangara,Vessel,ANGARA\n";
const SOURCES: &str = ":ID,:LABEL,title\nun,Source,Final report\npost,Source,An article\n";

#[test]
fn cells_take_the_types_of_their_columns() {
    let graph = graph_of(&[(
        "nodes.csv",
        ":ID,:LABEL,name,built:int,draught:float,laidUp:boolean,aliases:string[],years:int[],listed:date,\
         seen:datetime,wait:duration,listingDate,remark,left:IGNORE\n\
         angara , Vessel;Asset ,ANGARA,1998,7.5,true,Ангара; Hangar,2022;2023,2022-05-08,2023-09-07T12:00Z,P7D,\
         2022-05-08, as is ,x\n\
         maria,Vessel,,,,,,,2022-05,,,2022-05,2022-05-08,\n",
    )]);
    let angara = node(&graph, "angara");
    assert_eq!(angara.labels, ["Asset", "Vessel"]);
    let expected = [
        ("aliases", strings(&["Ангара", "Hangar"])),
        ("built", Value::Int(1998)),
        ("draught", Value::Float(7.5)),
        ("id", Value::from("angara")),
        ("laidUp", Value::Bool(true)),
        ("listed", day("2022-05-08")),
        ("listingDate", day("2022-05-08")),
        ("name", Value::from("ANGARA")),
        ("remark", Value::from(" as is ")),
        ("seen", Value::DateTime(DateTime::parse("2023-09-07T12:00Z").expect("a datetime"))),
        ("wait", Value::Duration(throughline::model::Duration::of_days(7))),
        ("years", Value::List(vec![Value::Int(2022), Value::Int(2023)])),
    ];
    assert_eq!(angara.properties, expected.map(|(name, value)| (name.to_owned(), value)).into());
    // Blank cells are no properties, partial dates stay strings, and an untyped
    // column that does not speak of dates makes none.
    let maria = node(&graph, "maria").properties;
    assert_eq!(maria.len(), 4);
    assert_eq!(maria["listed"], Value::from("2022-05"));
    assert_eq!(maria["listingDate"], Value::from("2022-05"));
    assert_eq!(maria["remark"], Value::from("2022-05-08"));
}

#[test]
fn times_of_day_and_zones_are_read_as_their_columns_say() {
    let header =
        ":ID,:LABEL,clock:localtime,time:time,local:localdatetime,zoned:datetime,clocks:localtime[]\n";
    let row = "r,Report,12:30,12:30+09:00,2023-09-07T12:30,2023-09-07T12:30[Asia/Pyongyang],06:00;18:00\n";
    let graph = graph_of(&[("nodes.csv", &format!("{header}{row}"))]);
    let found = node(&graph, "r").properties;
    let texts = ["clock", "time", "local", "zoned", "clocks"].map(|name| found[name].to_string());
    let zoned = "2023-09-07T12:30+09:00[Asia/Pyongyang]";
    assert_eq!(texts, ["12:30", "12:30+09:00", "2023-09-07T12:30", zoned, "[06:00, 18:00]"]);
    let rows = "a,Report,24:00,,,,\nb,Report,,,,2023-09-07T12:30[Asia/Pyongyan],\nc,Report,,,2023-09-07,,\n";
    assert_eq!(
        bad(&Graph::new(), &[("nodes.csv", &format!("{header}{rows}"))], &Options::default()),
        [
            "nodes.csv:2: column clock:localtime: expected a time such as 12:30:15, found '24:00' (hour 24)",
            "nodes.csv:3: column zoned:datetime: unknown time zone 'Asia/Pyongyan' (did you mean Asia/Pyongyang?)",
            "nodes.csv:4: column local:localdatetime: expected a datetime such as 2023-09-07T12:30:00, found '2023-09-07'",
        ]
    );
    // A time of no day says nothing about when something happened.
    let calls = ":START_ID,:TYPE,:END_ID,from:localtime\nangara,CALLED_AT,rajin,12:30\n";
    let found = bad(&Graph::new(), &[("nodes.csv", PLACES), ("calls.csv", calls)], &Options::default());
    assert!(found[0].contains("calls.csv:2") && found[0].contains("a time of day needs a day"), "{found:?}");
}

#[test]
fn a_year_in_from_stays_a_partial_date() {
    let graph = graph_of(&[
        ("nodes.csv", PLACES),
        (
            "relationships.csv",
            ":ID,:START_ID,:TYPE,:END_ID,from,to\n\
             year,angara,CALLED_AT,rajin,2023,2023-09\n\
             day,angara,CALLED_AT,rajin,2023-09-07,2023-09-07T12:00Z\n\
             step,angara,CALLED_AT,rajin,17,20230\n",
        ),
        ("typed.csv", ":ID,:START_ID,:TYPE,:END_ID,from:int\ntyped,angara,CALLED_AT,rajin,2023\n"),
    ]);
    let sides = |key| relationship(&graph, key).properties.into_values().collect::<Vec<_>>();
    assert_eq!(sides("year"), [Value::from("2023"), Value::from("2023-09")]);
    assert_eq!(sides("day")[0], day("2023-09-07"));
    assert!(matches!(sides("day")[1], Value::DateTime(_)));
    assert_eq!(sides("step"), [Value::Int(17), Value::Int(20230)]);
    assert_eq!(sides("typed"), [Value::Int(2023)]);
}

#[test]
fn keys_of_groups_are_kept_apart() {
    let graph = graph_of(&[
        ("people.csv", "personId:ID(Person){id-type:int},:LABEL\n1,Person\n"),
        ("films.csv", "filmId:ID(Film),:LABEL\n1,Film\n"),
        ("roles.csv", ":START_ID(Person),:TYPE,:END_ID(Film)\n1,ACTED_IN,1\n"),
    ]);
    assert_eq!(node(&graph, "Person/1").properties["personId"], Value::Int(1));
    assert_eq!(node(&graph, "Person/1").properties["id"], Value::Int(1));
    assert_eq!(node(&graph, "Film/1").properties["id"], Value::from("1"));
    let (_, role) = graph.relationships().next().expect("one relationship");
    assert_eq!((graph.key_of(role.start), graph.key_of(role.end)), ("Person/1".into(), "Film/1".into()));
}

#[test]
fn options_stand_in_for_missing_columns() {
    let options = Options { label: Some("Port".into()), kind: Some("NEAR".into()), ..Options::default() };
    let mut graph = Graph::new();
    let inputs =
        files(&[("n.csv", ":ID\ta:int\nrajin\t1\ndunai\t\n"), ("r.csv", ":START_ID;:END_ID\nrajin;dunai\n")]);
    import(&mut graph, &inputs, &options);
    assert_eq!(node(&graph, "rajin").labels, ["Port"]);
    assert_eq!(graph.types_in_use(), [("NEAR", 1)]);
}

#[test]
fn reserved_columns_make_a_claim_of_a_row() {
    let graph = graph_of(&[
        ("sources.csv", SOURCES),
        ("nodes.csv", ":ID,:LABEL,source,confidence,note\nrajin,Port,un,0.7,seen\ndunai,Port,,0.3,unsure\n"),
        (
            "calls.csv",
            ":ID,:START_ID,:TYPE,:END_ID,source,grade,stance\n\
             a,rajin,NEAR,dunai,post,b2,\nb,rajin,NEAR,dunai,,,disputes\nc,rajin,NEAR,dunai,,,\n",
        ),
    ]);
    let [claim] = &claims_about(&graph, "rajin")[..] else { panic!("one claim") };
    assert_eq!(claim.source, graph.node_by_key("un"));
    assert_eq!((claim.confidence, claim.note.as_deref()), (Some(0.7), Some("seen")));
    assert!(!node(&graph, "rajin").properties.contains_key("note"));
    // Confidence and a note alone are properties.
    assert_eq!(claims_about(&graph, "dunai"), []);
    assert_eq!(node(&graph, "dunai").properties["confidence"], Value::Float(0.3));
    assert_eq!(node(&graph, "dunai").properties["note"], Value::from("unsure"));
    let [claim] = &claims_about(&graph, "a")[..] else { panic!("one claim") };
    assert_eq!(
        (claim.grade.map(|grade| grade.to_string()), &claim.stance),
        (Some("B2".into()), &Stance::Supports)
    );
    let [claim] = &claims_about(&graph, "b")[..] else { panic!("one claim") };
    assert_eq!((claim.source, &claim.stance), (None, &Stance::Disputes));
    assert_eq!(claims_about(&graph, "c"), []);
}

#[test]
fn the_default_source_vouches_for_every_row_but_its_own() {
    let options = Options { source: Some("un".into()), grade: "B2".parse().ok(), ..Options::default() };
    let mut graph = Graph::new();
    let calls = ":ID,:START_ID,:TYPE,:END_ID,source,confidence\nc,angara,CALLED_AT,rajin,post,0.4\n";
    let inputs = files(&[("calls.csv", calls), ("nodes.csv", PLACES), ("sources.csv", SOURCES)]);
    let done = import(&mut graph, &inputs, &options);
    assert_eq!(done.claims, 5);
    assert_eq!(claims_about(&graph, "un"), []);
    let [claim] = &claims_about(&graph, "angara")[..] else { panic!("one claim") };
    assert_eq!((claim.source, claim.confidence()), (graph.node_by_key("un"), Some(0.7)));
    // A row's own source and confidence come before the default.
    let [claim] = &claims_about(&graph, "c")[..] else { panic!("one claim") };
    assert_eq!((claim.source, claim.confidence()), (graph.node_by_key("post"), Some(0.4)));
    let error = csv::read(&Graph::new(), &inputs, &Options { source: Some("um".into()), ..options });
    let error = error.expect_err("there is no such source");
    assert_eq!(
        (error.to_string().as_str(), error.hint_text()),
        ("there is no source 'um'", Some("did you mean 'un'?"))
    );
}

#[test]
fn claims_say_who_what_and_when() {
    let graph = graph_of(&[
        ("sources.csv", SOURCES),
        (
            "nodes.csv",
            ":ID,:LABEL,built:int,listed:date\nrajin,Port,,\ndunai,Port,,\nangara,Vessel,1998,2022-05-08\n\
                       train,Consignment,,\n",
        ),
        (
            "claims.csv",
            ":ID,fact,:ABOUT,:PROPERTY,value,stance,by,source,grade,:TYPE,:CARRIERS,from,to,recorded,n:int\n\
                        value,F1,angara,built,1999,disputes,rajin,un,B2,,,,,2024-01-01,7\n\
                        word,,angara,built,about 1998,,,,,,,,,,\n\
                        date,,angara,listed,2022-05-09,,,,,,,,,,\n\
                        null,,rajin,,,null result,,un,D3,CALLED_AT,,2023-12-01,2023-12,,\n\
                        joint,,dunai,,,supports,,post,D4,,angara;train,2023-08,2024-01,,\n",
        ),
    ]);
    let claims: Vec<_> = graph.claims().map(|(_, claim)| claim).collect();
    let [value, word, date, null, joint] = claims[..] else { panic!("five claims") };
    assert_eq!((value.value.clone(), value.by), (Some(Value::Int(1999)), graph.node_by_key("rajin")));
    assert_eq!(value.recorded_micros, Date::parse("2024-01-01").expect("a date").first_instant());
    let extra = [("fact".to_owned(), Value::from("F1")), ("n".to_owned(), Value::Int(7))];
    assert_eq!(value.extra, extra.into());
    assert_eq!(word.value, Some(Value::from("about 1998")));
    assert_eq!(date.value, Some(day("2022-05-09")));
    assert_eq!(null.stance, Stance::NullResult { relationship_type: "CALLED_AT".into() });
    assert_eq!((null.from.clone(), null.to.clone()), (Some(day("2023-12-01")), Some(Value::from("2023-12"))));
    assert_eq!(joint.carriers, graph.node_by_key("angara").zip(graph.node_by_key("train")));
}

#[test]
fn a_bad_row_takes_with_it_what_needs_it() {
    let found = bad(
        &Graph::new(),
        &[
            ("claims.csv", ":ID,:ABOUT\nk1,call\nk2,rajin\n"),
            ("calls.csv", ":ID,:START_ID,:TYPE,:END_ID\ncall,angara,CALLED_AT,rajin\n"),
            ("nodes.csv", ":ID,:LABEL,built:int\nrajin,Port,\nangara,Vessel,old\n"),
        ],
        &Options::default(),
    );
    assert_eq!(
        found,
        [
            "claims.csv:2: column :ABOUT: there is no node or relationship 'call'",
            "calls.csv:2: column :START_ID: there is no node 'angara' (its row, nodes.csv:3, is bad)",
            "nodes.csv:3: column built:int: expected an integer, found 'old'",
        ]
    );
}

/// Each file in `datasets/broken/csv`, imported into the case beside it.
#[test]
fn broken_files_say_what_is_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/broken/csv");
    let mut graph = Graph::new();
    let case: Vec<_> = ["nodes", "relationships", "claims"]
        .map(|name| file(format!("datasets/broken/csv/case/{name}.csv")))
        .to_vec();
    import(&mut graph, &case, &Options::default());
    let mut report = String::new();
    for path in csv_files(&folder) {
        let import = csv::read(&graph, &[file(&path)], &Options::default()).expect("the options are good");
        let good = import.nodes + import.relationships + import.claims;
        let name = path.file_name().expect("a file").to_string_lossy();
        writeln!(report, "# {name}: good rows {good}, bad rows {}", import.bad.len()).expect("memory");
        assert_ne!(import.bad, [], "{name} is not broken");
        for message in messages(&import) {
            writeln!(report, "{message}").expect("memory");
        }
        writeln!(report).expect("memory");
        apply(&mut graph.clone(), &import);
    }
    compare(&folder.join("messages.txt"), &report);
}

fn csv_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    paths.sort();
    paths
}

fn compare(golden: &Path, found: &str) {
    if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
        std::fs::write(golden, found).expect("the golden file can be written");
    }
    assert_eq!(std::fs::read_to_string(golden).unwrap_or_default(), found);
}

#[test]
fn only_so_many_bad_rows_are_kept() {
    let text = format!(":ID,:LABEL\n{}", ",Port\n".repeat(csv::BAD_MAX + 5));
    let import =
        csv::read(&Graph::new(), &files(&[("n.csv", &text)]), &Options::default()).expect("good options");
    assert_eq!((import.bad.len(), import.bad_more), (csv::BAD_MAX, 5));
}

fn rajin() -> Vec<Input> {
    ["sources", "nodes", "relationships", "claims"]
        .map(|name| file(format!("datasets/rajin/{name}.csv")))
        .to_vec()
}

#[test]
fn the_rajin_case_imports_whole() {
    let mut graph = Graph::new();
    let done = import(&mut graph, &rajin(), &Options::default());
    assert_eq!((done.nodes, done.relationships, done.claims), (90 + 91, 185, 692));
    assert_eq!((graph.node_count(), graph.relationship_count(), graph.claim_count()), (181, 185, 692));
    assert_eq!((done.updated, done.unchanged), (0, 0));
    let call = relationship(&graph, "angara-rajin-2023-09");
    assert_eq!(call.properties["from"], day("2023-09-07"));
    let imo = graph.claims().find(|(_, claim)| claim.property.as_deref() == Some("built"));
    assert!(imo.is_some_and(|(_, claim)| matches!(claim.value, Some(Value::Int(_)))));
}

#[test]
fn importing_the_same_files_again_changes_nothing() {
    let mut graph = Graph::new();
    import(&mut graph, &rajin(), &Options { recorded_micros: 1, ..Options::default() });
    let again = import(&mut graph, &rajin(), &Options { recorded_micros: 2, ..update() });
    assert_eq!(again.effects, []);
    assert_eq!((again.updated, again.unchanged), (0, 181 + 185 + 692));
}

#[test]
fn without_update_an_existing_key_is_a_bad_row() {
    let mut graph = Graph::new();
    import(&mut graph, &rajin(), &Options::default());
    let again = csv::read(&graph, &rajin(), &Options::default()).expect("good options");
    assert_eq!((again.effects, again.bad.len() + again.bad_more), (Vec::new(), 181 + 185 + 692));
}

#[test]
fn the_order_of_files_does_not_matter() {
    let mut orders = [rajin(), rajin(), rajin()];
    orders[1].reverse();
    orders[2].rotate_left(2);
    let all: Vec<_> = orders
        .iter()
        .map(|inputs| {
            let mut graph = Graph::new();
            import(&mut graph, inputs, &Options::default());
            let claims = graph.claims().map(|(_, claim)| claim.key.clone()).collect::<Vec<_>>();
            let keys =
                |ids: &RelationshipData| (ids.kind.clone(), graph.key_of(ids.start), graph.key_of(ids.end));
            let mut nodes: Vec<_> = content(&graph).0.into_iter().map(|(_, node)| node).collect();
            nodes.sort_by(|a, b| a.key.cmp(&b.key));
            let relationships: Vec<_> = content(&graph).1.iter().map(|(_, data)| keys(data)).collect();
            (nodes, relationships, claims)
        })
        .collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn an_import_can_be_taken_back() {
    let mut graph = graph_of(&[("nodes.csv", ":ID,:LABEL,name\nold,Port,Old\n")]);
    let before = content(&graph);
    let done = import(&mut graph, &rajin(), &Options::default());
    revert(&mut graph, &done);
    assert_eq!(content(&graph), before);
}

fn revert(graph: &mut Graph, import: &Import) {
    import.effects.iter().rev().for_each(|effect| graph.revert(effect));
}

/// A small case with every kind of row, to correct.
fn sheet() -> Vec<(&'static str, &'static str)> {
    vec![
        ("sources.csv", SOURCES),
        ("nodes.csv", PLACES),
        (
            "calls.csv",
            ":ID,:START_ID,:TYPE,:END_ID,from,to,source,grade,cargo\n\
             c1,angara,CALLED_AT,rajin,2023-01-01,2023-01-02,un,B2,boxes\n\
             ,angara,CALLED_AT,rajin,2023-05,,un,B2,\n,angara,CALLED_AT,rajin,2023-05,,un,B2,\n",
        ),
        ("claims.csv", ":ID,:ABOUT,stance,note\nk1,c1,,first\n,rajin,disputes,no key\n"),
    ]
}

/// Corrects one file of the sheet; gives the effects, after checking that they
/// apply, can be taken back and leave nothing to do.
fn correct(name: &str, text: &str) -> (Graph, Import) {
    let mut graph = graph_of(&sheet());
    let before = content(&graph);
    let inputs = files(&[(name, text)]);
    let done = import(&mut graph, &inputs, &update());
    let mut reverted = graph.clone();
    revert(&mut reverted, &done);
    assert_eq!(content(&reverted), before);
    assert_eq!(csv::read(&graph, &inputs, &update()).expect("good options").effects, []);
    (graph, done)
}

#[test]
fn a_sheet_with_every_kind_of_row_updates_to_itself() {
    let mut graph = graph_of(&sheet());
    let again = import(&mut graph, &files(&sheet()), &update());
    assert_eq!((again.effects, again.unchanged), (Vec::new(), 2 + 3 + 3 + 2));
}

#[test]
fn an_update_changes_what_differs() {
    let (graph, done) = correct(
        "nodes.csv",
        ":ID,:LABEL,name,flag\nrajin,Port,,\ndunai,Facility;Port,Dunai,RU\nnew,Port,New,\n",
    );
    assert_eq!((done.nodes, done.updated, done.unchanged, done.effects.len()), (1, 1, 1, 3));
    assert_eq!(node(&graph, "rajin").properties["name"], Value::from("Rajin"));
    assert_eq!(node(&graph, "dunai").labels, ["Facility", "Port"]);
    let (graph, _) = correct("nodes.csv", ":ID,:LABEL\nrajin,Place\n");
    assert_eq!(node(&graph, "rajin").labels, ["Place"]);
}

#[test]
fn an_update_needs_no_labels_for_nodes_that_are_there() {
    let (graph, _) = correct("nodes.csv", ":ID,flag\nrajin,KP\n");
    assert_eq!(node(&graph, "rajin").properties["flag"], Value::from("KP"));
    let found = bad(&graph, &[("n.csv", ":ID,flag\nbusan,KR\n")], &update());
    assert_eq!(
        found,
        ["n.csv:2: expected a label for a new node, found no column :LABEL (--label gives all rows a label)"]
    );
}

#[test]
fn an_update_moves_periods_either_way() {
    for (from, to) in
        [("2024-01-01", "2024-01-02"), ("2022-01-01", "2022-01-02"), ("2023", "2024"), ("5", "7")]
    {
        let text = format!(":ID,:START_ID,:TYPE,:END_ID,from,to\nc1,angara,CALLED_AT,rajin,{from},{to}\n");
        let (graph, done) = correct("calls.csv", &text);
        assert_eq!((done.updated, done.relationships), (1, 0));
        let properties = relationship(&graph, "c1").properties;
        assert_eq!(properties["from"].to_string().trim_matches('\''), from);
        assert_eq!(properties["cargo"], Value::from("boxes"));
    }
}

#[test]
fn an_update_cannot_move_a_relationship() {
    let graph = graph_of(&sheet());
    let text = ":ID,:START_ID,:TYPE,:END_ID\nc1,angara,CALLED_AT,dunai\n";
    let [found] = &bad(&graph, &[("calls.csv", text)], &update())[..] else { panic!("one bad row") };
    assert!(
        found.starts_with("calls.csv:2: column :END_ID: the relationship in the case has 'rajin'"),
        "{found}"
    );
    // What stays of the old period counts too.
    let text = ":ID,:START_ID,:TYPE,:END_ID,from\nc1,angara,CALLED_AT,rajin,2024\n";
    let found = bad(&graph, &[("calls.csv", text)], &update());
    assert_eq!(found, ["calls.csv:2: the period ends before it begins (exchange from and to)"]);
}

#[test]
fn a_corrected_claim_takes_the_place_of_the_old_one() {
    let (graph, done) =
        correct("claims.csv", ":ID,:ABOUT,stance,note\nk1,c1,,second\n,rajin,disputes,no key\n");
    assert_eq!((done.claims, done.updated, done.unchanged), (0, 1, 1));
    assert!(matches!(done.effects[..], [Effect::RetractClaim { .. }, Effect::RecordClaim { .. }]));
    assert_eq!(
        claims_about(&graph, "c1").last().and_then(|claim| claim.note.clone()).as_deref(),
        Some("second")
    );
}

#[test]
fn the_claim_of_a_row_is_corrected_by_its_source() {
    let header = ":ID,:START_ID,:TYPE,:END_ID,source,grade\n";
    // The same source with another grade takes the old claim's place.
    let (graph, done) = correct("calls.csv", &format!("{header}c1,angara,CALLED_AT,rajin,un,C3\n"));
    assert_eq!((done.updated, done.claims, claims_about(&graph, "c1").len()), (1, 0, 2));
    // Another source stands beside it.
    let (graph, done) = correct("calls.csv", &format!("{header}c1,angara,CALLED_AT,rajin,post,C3\n"));
    assert_eq!((done.updated, done.claims, claims_about(&graph, "c1").len()), (1, 1, 3));
}

#[test]
fn relationships_without_a_key_are_matched_once_each() {
    let rows = ":START_ID,:TYPE,:END_ID,from\n\
                angara,CALLED_AT,rajin,2023-05\nangara,CALLED_AT,rajin,2023-05\nangara,CALLED_AT,rajin,2023-05\n";
    let mut graph = graph_of(&sheet());
    let done = import(&mut graph, &files(&[("calls.csv", rows)]), &update());
    assert_eq!((done.relationships, done.unchanged), (1, 2));
}

/// The corpus of the fuzzer, and all broken files.
#[test]
fn the_fuzz_corpus_is_read_without_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["fuzz/corpus/csv", "datasets/broken/csv"] {
        for path in csv_files(&root.join(folder)) {
            check_harmless(&std::fs::read(path).expect("a file of the corpus"));
        }
    }
}

/// Whatever the bytes: no panic, and what is accepted can be applied, taken back,
/// and imported again to no effect.
fn check_harmless(bytes: &[u8]) {
    let mut graph = graph_of(&sheet());
    let before = content(&graph);
    let inputs = [Input { name: "any.csv".into(), content: (bytes.to_vec()).into() }];
    for options in [Options::default(), update()] {
        let options = Options { label: Some("Thing".into()), kind: Some("LINKED_TO".into()), ..options };
        let done: Result<_> = csv::read(&graph, &inputs, &options);
        let done = done.expect("no default source is given");
        apply(&mut graph, &done);
        if options.update {
            let again = csv::read(&graph, &inputs, &options).expect("as before");
            assert_eq!((again.effects, again.bad.len()), (Vec::new(), done.bad.len()));
        }
        revert(&mut graph, &done);
        assert_eq!(content(&graph), before);
    }
}

/// Cells that mean something, so that many rows are good.
fn cell() -> impl Strategy<Value = String> {
    let known = vec![
        "",
        "rajin",
        "angara",
        "un",
        "c1",
        "k1",
        "new",
        "other",
        "7",
        "-1.5",
        "0.5",
        "true",
        "2023",
        "2023-09",
        "2023-09-07",
        "2023-09-07T12:00Z",
        "B2",
        "supports",
        "disputes",
        "null",
        "CALLED_AT",
        "Port;Source",
        "a;b",
        "angara;rajin",
        "_7",
        "9161003",
    ];
    prop_oneof![8 => proptest::sample::select(known).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn header() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        ":ID",
        ":ID(g)",
        "n:ID{id-type:int}",
        ":LABEL",
        ":START_ID",
        ":END_ID",
        ":TYPE",
        ":ABOUT",
        ":PROPERTY",
        ":CARRIERS",
        ":IGNORE",
        "value",
        "stance",
        "by",
        "source",
        "grade",
        "confidence",
        "note",
        "from",
        "to",
        "recorded",
        "name",
        "w:int",
        "share:float",
        "flag:boolean",
        "d:date",
        "t:datetime",
        "tags:string[]",
        "dates:date[]",
        "startDate",
        "imo",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_harmless(&bytes);
    }

    #[test]
    fn random_text_does_no_harm(text in "(:ID|:LABEL|:START_ID|:END_ID|[,;\t\"\r\n:(){}a-c7_ ]){0,60}") {
        check_harmless(text.as_bytes());
    }

    #[test]
    fn random_tables_do_no_harm(
        mut headers in proptest::collection::hash_set(header(), 0..6),
        needed in proptest::sample::select(vec![&[":ID", ":LABEL"][..], &[":START_ID", ":TYPE", ":END_ID"], &[":ID", ":ABOUT"]]),
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 9), 0..6),
    ) {
        headers.extend(needed);
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = headers.iter().copied().collect::<Vec<_>>().join(",");
        for row in &rows {
            let cells: Vec<_> = row.iter().take(headers.len()).map(|cell| quoted(cell)).collect();
            text.push('\n');
            text.push_str(&cells.join(","));
        }
        check_harmless(text.as_bytes());
    }
}

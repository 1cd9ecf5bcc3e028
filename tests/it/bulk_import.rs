//! Large files read in parallel into columns give the same case as the same files read
//! row by row, and complain of the same rows.

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;
use throughline::case::Imported;
use throughline::formats::csv::{Content, Input, Options};
use throughline::graph::Graph;
use throughline::model::About;
use throughline::{Access, Author, Case};

fn author() -> Author {
    Author { name: "a tester".to_owned(), now_micros: 1_700_000_000_000_000 }
}

fn files(texts: &[(&str, String)]) -> Vec<Input> {
    texts
        .iter()
        .map(|(name, text)| Input { name: (*name).into(), content: (text.clone().into_bytes()).into() })
        .collect()
}

/// Sources, ships and ports, calls with and without claims and keys, and claims about both.
/// Some rows are bad, in every way that there is.
fn tables(n: usize) -> Vec<(&'static str, String)> {
    let mut sources = ":ID,:LABEL,title\nregistry,Source,A registry\nnobody,Person,No source\n".to_owned();
    sources += "registry,Source,The same again\n_7,Source,A reserved key\n";
    let mut ships = ":ID{id-type:int},name,built:int,:LABEL\n".to_owned();
    let mut calls = ":ID,:START_ID,:TYPE,:END_ID,from,to,w:int,source,grade,note\n".to_owned();
    let mut claims = ":ABOUT,:PROPERTY,value,stance,source,grade\n".to_owned();
    for i in 0..n {
        let built = if i % 97 == 13 { "old".to_owned() } else { (1970 + i % 50).to_string() };
        ships += &format!("{i},SYNTHETIC {i},{built},{}\n", ["Vessel", "Port", "Vessel;Tanker"][i % 3]);
        let key = if i % 5 == 0 { format!("call-{}", i % (n - 2)) } else { String::new() };
        let day = 1 + i % 28;
        let (from, to) =
            (format!("2023-09-{day:02}"), if i % 89 == 3 { "2022".to_owned() } else { String::new() });
        let end = if i % 83 == 11 { n + i } else { i * 7919 % n };
        let source = ["", "", "registry", "nobody", "unknown"][if i % 61 == 7 { 3 + i % 2 } else { i % 3 }];
        let grade = if source.is_empty() { "" } else { ["B2", "C3"][i % 2] };
        calls += &format!("{key},{i},CALLED_AT,{end},{from},{to},{},{source},{grade},\n", i % 7);
    }
    for i in (0..n).step_by(10) {
        let about = if i % 20 == 0 { format!("call-{i}") } else { format!("{i}") };
        claims += &format!("{about},name,SYNTHETIC OTHER,disputes,registry,D4\n");
    }
    claims += "nothing,name,x,supports,registry,B2\n";
    vec![("claims.csv", claims), ("calls.csv", calls), ("ships.csv", ships), ("sources.csv", sources)]
}

fn import(dir: &Path, inputs: &[Input], bulk_bytes_min: usize, strict: bool) -> (Case, Imported) {
    let mut case = Case::create(dir, &author()).expect("a new case");
    let options = Options { bulk_bytes_min: Some(bulk_bytes_min), recorded_micros: 7, ..Options::default() };
    let imported = case.import(inputs, &options, strict, &author(), &|_| true).expect("it is recorded");
    (case, imported)
}

/// What a case says, without ids, which depend on how it was imported.
fn said(graph: &Graph) -> (BTreeMap<String, String>, Vec<String>, Vec<String>) {
    let key = |id| graph.key_of(id);
    let nodes = graph.nodes().map(|(id, _)| (key(id), format!("{:?}", graph.node_data(id))));
    let relationship = |id| {
        let data = graph.relationship_data(id)?;
        let rest = (data.key, data.kind, data.properties);
        Some(format!("{} {} {rest:?}", key(data.start), key(data.end)))
    };
    let mut relationships: Vec<String> =
        graph.relationships().filter_map(|(id, _)| relationship(id)).collect();
    relationships.sort();
    let claims = graph.claims().map(|(_, claim)| {
        let about = match claim.about {
            About::Node(id) => key(id),
            About::Relationship(id) => relationship(id).unwrap_or_default(),
        };
        let source = claim.source.map(key);
        format!(
            "{about} {source:?} {:?} {:?} {:?} {:?}",
            claim.grade, claim.stance, claim.property, claim.value
        )
    });
    let mut claims: Vec<String> = claims.collect();
    claims.sort();
    (nodes.collect(), relationships, claims)
}

fn complaints(imported: &Imported) -> Vec<String> {
    let mut all: Vec<String> = imported.import.bad.iter().map(ToString::to_string).collect();
    all.sort();
    all
}

#[test]
fn columns_say_what_rows_say() {
    let dir = TempDir::new().expect("a temporary directory");
    let inputs = files(&tables(3000));
    let (by_row, rows) = import(&dir.path().join("rows"), &inputs, usize::MAX, false);
    let (mut in_bulk, columns) = import(&dir.path().join("columns"), &inputs, 0, false);
    assert!(columns.import.effects.is_empty() && !rows.import.effects.is_empty(), "two ways of importing");
    let (by_columns, by_rows) = (complaints(&columns), complaints(&rows));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|complaint| !those.contains(complaint)).cloned().collect()
    };
    assert!(by_rows.len() > 100);
    assert_eq!((only(&by_columns, &by_rows), only(&by_rows, &by_columns)), (Vec::new(), Vec::new()));
    let counts =
        |imported: &Imported| (imported.import.nodes, imported.import.relationships, imported.import.claims);
    assert_eq!(counts(&columns), counts(&rows));
    let expected = said(by_row.graph());
    assert!(expected.0.len() > 2900 && expected.1.len() > 2700 && expected.2.len() > 1000);
    assert_eq!(said(in_bulk.graph()), expected);
    assert_eq!(in_bulk.sequence(), 1, "one commit");

    // The same after reading it from the index, from the record, and by another process.
    in_bulk.check().expect("the record and the graph agree");
    in_bulk.checkpoint().expect("the index takes it");
    in_bulk.check().expect("the index agrees too");
    let dir = dir.path().join("columns");
    let reader = Case::open(&dir, Access::Read).expect("a case");
    assert_eq!(said(reader.graph()), expected);
    in_bulk.close().expect("the index is whole");
    let mut again = Case::open(&dir, Access::Own).expect("a case");
    assert_eq!(said(again.graph()), expected);
    again.set_cache(0);
    again.rebuild().expect("from the record");
    assert_eq!(said(again.graph()), expected);
}

#[test]
fn how_files_are_cut_does_not_show() {
    let dir = TempDir::new().expect("a temporary directory");
    let mut tables = tables(2000);
    // Quotes, within which lines end too.
    tables[2].1 += "quoted-1,\"ROSE, OF\nSHARON\",1970,Vessel\n";
    let inputs = files(&tables);
    let on_disk: Vec<Input> = tables
        .iter()
        .map(|(name, text)| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).expect("a file");
            Input { name: (*name).into(), content: Content::open(&path).expect("a file") }
        })
        .collect();
    let (at_once, expected) = import(&dir.path().join("at-once"), &inputs, 0, false);
    for (n, (inputs, piece_bytes)) in [(&inputs, 300), (&on_disk, 900), (&on_disk, 1)].into_iter().enumerate()
    {
        let mut case = Case::create(&dir.path().join(n.to_string()), &author()).expect("a new case");
        let options = Options {
            bulk_bytes_min: Some(0),
            recorded_micros: 7,
            piece_bytes: Some(piece_bytes),
            ..Options::default()
        };
        let imported = case.import(inputs, &options, false, &author(), &|_| true).expect("it is recorded");
        assert!(case.graph().same_elements(at_once.graph()), "pieces of {piece_bytes} bytes");
        assert_eq!(complaints(&imported), complaints(&expected), "pieces of {piece_bytes} bytes");
        case.check().expect("the record and the graph agree");
    }
}

#[test]
fn a_file_that_is_not_text_is_refused_whole_and_the_others_are_not() {
    let dir = TempDir::new().expect("a temporary directory");
    let mut inputs = files(&tables(500));
    let mut latin = b":ID,:LABEL,name\n".to_vec();
    latin.extend((0..300).flat_map(|n| format!("late-{n},Vessel,A\n").into_bytes()));
    latin.extend_from_slice(b"last,Vessel,Caf\xE9\n");
    inputs.push(Input { name: "latin.csv".into(), content: latin.into() });
    inputs.push(Input { name: "empty.csv".into(), content: Vec::new().into() });
    let (by_row, rows) = import(&dir.path().join("rows"), &inputs, usize::MAX, false);
    let mut case = Case::create(&dir.path().join("columns"), &author()).expect("a new case");
    let options =
        Options { bulk_bytes_min: Some(0), recorded_micros: 7, piece_bytes: Some(200), ..Options::default() };
    let columns = case.import(&inputs, &options, false, &author(), &|_| true).expect("it is recorded");
    assert_eq!(said(case.graph()), said(by_row.graph()));
    let of_the_file = |imported: &Imported| -> Vec<String> {
        complaints(imported)
            .into_iter()
            .filter(|line| line.contains("latin") || line.contains("empty"))
            .collect()
    };
    assert_eq!(of_the_file(&columns), of_the_file(&rows));
    assert_eq!(of_the_file(&columns).len(), 2, "{:?}", of_the_file(&columns));
}

#[test]
fn more_can_be_imported_later_and_taken_back() {
    let dir = TempDir::new().expect("a temporary directory");
    let tables = tables(500);
    let of = |names: &[&str]| {
        files(&tables.iter().filter(|(name, _)| names.contains(name)).cloned().collect::<Vec<_>>())
    };
    let (mut case, _) = import(&dir.path().join("case"), &of(&["ships.csv", "sources.csv"]), 0, false);
    let options = Options { bulk_bytes_min: Some(0), recorded_micros: 7, ..Options::default() };
    let nodes = said(case.graph());
    for inputs in [of(&["calls.csv"]), of(&["claims.csv"])] {
        case.import(&inputs, &options, false, &author(), &|_| true).expect("it is recorded");
    }
    let (at_once, _) = import(&dir.path().join("once"), &files(&tables), 0, false);
    assert_eq!(said(case.graph()), said(at_once.graph()));
    case.undo(3, &author()).expect("nothing was built on it");
    case.undo(2, &author()).expect("what was built on it is undone");
    assert_eq!(said(case.graph()), nodes);
    case.check().expect("the record and the graph agree");

    // Pages that lie in the record, and of which nothing is left, are gone for good.
    case.checkpoint().expect("the index takes it");
    case.check().expect("the index agrees too");
    case.close().expect("the index is whole");
    let case = Case::open(&dir.path().join("case"), Access::Own).expect("a case");
    assert_eq!(said(case.graph()), nodes);
}

#[test]
fn pages_in_the_record_are_changed_in_the_index() {
    let dir = TempDir::new().expect("a temporary directory");
    let path = dir.path().join("case");
    let (mut case, _) = import(&path, &files(&tables(500)), 0, false);
    let lens = throughline::graph::Lens::default();
    let options = throughline::query::Options::new(&lens, 0);
    let run = |case: &mut Case, text: &str| {
        case.query(text, &BTreeMap::default(), &author(), &options).expect("it runs").rows
    };
    case.checkpoint().expect("the index takes it");
    case.set_cache(0);
    run(&mut case, "MATCH (s {name: 'SYNTHETIC 17'}) SET s.built = 1800");
    run(&mut case, "MATCH ({name: 'SYNTHETIC 18'})-[r]-() DELETE r");
    run(&mut case, "MATCH (s {name: 'SYNTHETIC 19'}) SET s:Seen");
    let expected = said(case.graph());
    case.checkpoint().expect("the index takes it");
    assert_eq!(said(case.graph()), expected);
    case.check().expect("the record and the graph agree");
    case.close().expect("the index is whole");
    let mut case = Case::open(&path, Access::Own).expect("a case");
    assert_eq!(said(case.graph()), expected);
    case.check().expect("the record and the graph agree");

    // Redacting the import takes its pages, in the record and in what reads them.
    case.redact(&[1], true, "a test", &author()).expect("it is the first commit");
    assert_eq!(case.graph().node_count(), 0);
    case.check().expect("the record and the graph agree");
    case.close().expect("the index is whole");
    let case = Case::open(&path, Access::Own).expect("a case");
    assert_eq!(case.graph().node_count(), 0);
}

#[test]
fn strict_and_interrupted_imports_leave_the_case_as_it_was() {
    let dir = TempDir::new().expect("a temporary directory");
    let inputs = files(&tables(500));
    let (case, imported) = import(&dir.path().join("strict"), &inputs, 0, true);
    assert!(!imported.is_committed && !imported.import.bad.is_empty());
    assert_eq!((case.sequence(), case.graph().node_count()), (0, 0));

    let mut case = Case::create(&dir.path().join("stopped"), &author()).expect("a new case");
    let options = Options { bulk_bytes_min: Some(0), ..Options::default() };
    for stop in ["read", "sorted", "connected"] {
        let watch = |progress: throughline::formats::csv::Progress| progress.what != stop;
        let error = case.import(&inputs, &options, false, &author(), &watch).expect_err("it was stopped");
        assert_eq!(error.class(), "Interrupted", "{stop}");
        assert_eq!((case.sequence(), case.graph().node_count()), (0, 0), "{stop}");
    }
    case.import(&inputs, &options, false, &author(), &|_| true).expect("it goes on");
    assert_eq!(case.sequence(), 1);
}

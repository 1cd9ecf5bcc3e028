//! The synthetic trade: the same everywhere, importable, and possible.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;
use throughline::error::ErrorKind;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::graph::Lens;
use throughline::model::{Date, Value};
use throughline::query::{Options, Parameters};
use throughline::synthetic::{SHIPS_MAX, Summary, Trade, YEARS_MAX};
use throughline::{Author, Case};

const SMALL: Trade = Trade { ships: 12, years: 2, seed: 7 };
/// BLAKE3 of the names and bytes of its files.
const SMALL_HASH: &str = "243458c8c71a24a497a99af09646a36b92bb1c4b3ce5755af0c144f017b79706";

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn write(trade: Trade, dir: &Path) -> Summary {
    trade.write(dir, &mut |_| ControlFlow::Continue(())).expect("a trade can be written")
}

/// The names of the files and their content, in order.
fn content(summary: &Summary) -> Vec<(String, Vec<u8>)> {
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read = |file: &Path| fs::read(file).expect("a file of the trade");
    summary.files.iter().map(|file| (name(file), read(file))).collect()
}

/// The rows of a file, each by the names of its columns.
fn rows(dir: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(dir.join(file)).expect("a file of the trade");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    lines
        .map(|cells| {
            assert_eq!(cells.len(), header.len(), "{file}: {cells:?}");
            header.iter().cloned().zip(cells).collect()
        })
        .collect()
}

/// A case with a trade in it, without one bad row.
fn imported(dir: &Path, summary: &Summary) -> Case {
    let author = Author::default();
    let mut case = Case::create(&dir.join("case"), &author).expect("a new case");
    let inputs: Vec<Input> = content(summary)
        .into_iter()
        .map(|(name, bytes)| Input { name: name.into(), content: bytes.into() })
        .collect();
    let imported =
        case.import(&inputs, &ImportOptions::default(), true, &author, &|_| true).expect("it is recorded");
    assert!(imported.import.bad.is_empty(), "{:?}", imported.import.bad);
    case
}

fn ask(case: &mut Case, text: &str) -> Vec<Vec<Value>> {
    let lens = Lens::default();
    let answer = case.query(text, &Parameters::new(), &Author::default(), &Options::new(&lens, 0));
    answer.unwrap_or_else(|error| panic!("{text}: {error}")).rows
}

/// A change of these bytes changes every benchmark and demonstration that names a seed: it
/// belongs in the changelog.
#[test]
fn a_seed_gives_the_same_bytes_in_every_release_and_on_every_machine() {
    let dir = directory();
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in content(&write(SMALL, &dir.path().join("trade"))) {
        hasher.update(name.as_bytes()).update(&bytes);
    }
    assert_eq!(hasher.finalize().to_hex().as_str(), SMALL_HASH);
}

#[test]
fn another_seed_gives_another_trade() {
    let dir = directory();
    let one = content(&write(SMALL, &dir.path().join("one")));
    let again = content(&write(SMALL, &dir.path().join("again")));
    let other = content(&write(Trade { seed: 8, ..SMALL }, &dir.path().join("other")));
    assert!(one == again && one != other);
}

#[test]
fn every_row_is_imported_and_the_summary_counts_them() {
    let dir = directory();
    let summary = write(SMALL, &dir.path().join("trade"));
    let case = imported(dir.path(), &summary);
    let graph = case.graph();
    let counts = [graph.node_count(), graph.relationship_count(), graph.claim_count()];
    let told = [summary.nodes, summary.relationships, summary.claims];
    assert_eq!(counts.map(|count| count as u64), told);
    let bytes: usize = content(&summary).iter().map(|(_, bytes)| bytes.len()).sum();
    assert_eq!((bytes as u64, summary.ships), (summary.bytes, SMALL.ships));
}

#[test]
fn every_node_says_that_it_is_made_up() {
    let dir = directory();
    let summary = write(SMALL, &dir.path().join("trade"));
    let case = imported(dir.path(), &summary);
    // The graph itself: a query shows nothing of a confidential source but its pseudonym.
    for (id, _) in case.graph().nodes() {
        let node = case.graph().node_data(id).expect("it is there");
        let name = node.properties.get("name").or(node.properties.get("title")).expect("a name");
        assert_eq!(node.properties.get("synthetic"), Some(&Value::Bool(true)), "{node:?}");
        assert!(name.to_string().to_lowercase().contains("synthetic"), "{node:?}");
    }
}

#[test]
fn questions_about_the_order_of_events_have_answers() {
    let dir = directory();
    let mut case = imported(dir.path(), &write(SMALL, &dir.path().join("trade")));
    for question in [
        // From port to depot, though no record says that the train has the ship's cargo.
        "MATCH p = CHRONOLOGICAL (:Port)<-[:LOADED_AT]-(:Consignment)-[:DELIVERED_TO]->(:Port WAIT <= 10 DAYS)\
         <-[:SHIPPED_FROM]-(:Consignment)-[:DELIVERED_TO]->(:Facility) RETURN count(p)",
        // Through a ship, whose voyages are long.
        "MATCH p = CHRONOLOGICAL (:Port)<-[:LOADED_AT]-(:Consignment)<-[:CARRIED]-(:Vessel)-[:CALLED_AT]->(:Port) \
         RETURN count(p)",
        // Owners, through companies.
        "MATCH p = (:Person)-[:OWNS]->{2,8}(:Vessel) RETURN count(p)",
        // Something is disputed, and something was looked for in vain.
        "MATCH (v:Vessel)-[s:SEEN_AT]->() WHERE disputed(s) RETURN count(s)",
        "MATCH (e:Event)-[a:ABOUT]->(v:Vessel) RETURN count(a)",
    ] {
        let counted = ask(&mut case, question);
        assert!(matches!(counted[0][0], Value::Int(1..)), "{question}: {counted:?}");
    }
}

/// Great circles and the fastest ship there is: a bound that the generator does not compute.
#[test]
fn no_ship_is_in_two_places_at_once_or_faster_than_ships_are() {
    const KM_PER_DAY_MAX: f64 = 17.0 * 24.0 * 1.852;
    for seed in 0..8 {
        let dir = directory();
        write(Trade { ships: 20, years: 3, seed }, dir.path());
        let number = |text: &String| text.parse::<f64>().expect("a number");
        let places: BTreeMap<String, (f64, f64)> = rows(dir.path(), "places.csv")
            .iter()
            .filter(|row| row[":LABEL"] == "Port")
            .map(|row| (row[":ID"].clone(), (number(&row["lat:float"]), number(&row["lon:float"]))))
            .collect();
        let days = |text: &String| Date::parse(text).expect("a full date").days();
        let mut last: BTreeMap<String, (i64, String)> = BTreeMap::new();
        let mut voyages = 0;
        for row in rows(dir.path(), "calls.csv").iter().filter(|row| row[":TYPE"] == "CALLED_AT") {
            let (ship, port) = (&row[":START_ID"], &row[":END_ID"]);
            let (from, to) = (days(&row["from"]), days(&row["to"]));
            assert!(from <= to, "{row:?}");
            if let Some((left, before)) = last.insert(ship.clone(), (to, port.clone())) {
                let km = great_circle_km(places[&before], places[port]);
                assert!(left < from && before != *port, "{row:?} after {before} until day {left}");
                assert!(km <= (from - left) as f64 * KM_PER_DAY_MAX, "{row:?}: {km} km from {before}");
                voyages += 1;
            }
        }
        assert!(voyages > 500, "seed {seed}: {voyages} voyages");
    }
}

/// By the angle between two vectors, which is another formula than the generator's.
fn great_circle_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let vector = |(lat, lon): (f64, f64)| {
        let (lat, lon) = (lat.to_radians(), lon.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let cosine: f64 = vector(from).iter().zip(vector(to)).map(|(a, b)| a * b).sum();
    6371.0 * cosine.clamp(-1.0, 1.0).acos()
}

/// A consignment is loaded while its ship lies in the one port, and delivered in the other.
#[test]
fn cargo_moves_in_possible_order() {
    let dir = directory();
    write(SMALL, dir.path());
    let mut steps: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    for row in rows(dir.path(), "carriage.csv") {
        let is_start = row[":START_ID"].starts_with("cargo") || row[":START_ID"].starts_with("rail");
        let cargo = if is_start { &row[":START_ID"] } else { &row[":END_ID"] };
        let step = (row[":TYPE"].clone(), row["from"].clone(), row["to"].clone());
        steps.entry(cargo.clone()).or_default().push(step);
    }
    assert!(steps.len() > 500);
    for (cargo, steps) in steps {
        let [(_, _, left), (carried, from, to), (_, reached, _)] = &steps[..] else {
            panic!("{cargo}: {steps:?}")
        };
        assert!(carried == "CARRIED" && left <= from && from < to && to <= reached, "{cargo}: {steps:?}");
    }
}

#[test]
fn what_is_stopped_or_refused_leaves_no_file_and_overwrites_none() {
    let dir = directory();
    let stop = |_: &Summary| ControlFlow::Break(());
    let error = SMALL.write(dir.path(), &mut stop.clone()).expect_err("it was stopped");
    assert!(matches!(error.kind(), ErrorKind::Interrupted(_)), "{error}");
    assert_eq!(fs::read_dir(dir.path()).expect("the directory").count(), 0);

    fs::write(dir.path().join("ships.csv"), "mine").expect("a file");
    let error = SMALL.write(dir.path(), &mut stop.clone()).expect_err("a file is there");
    assert!(error.to_string().ends_with("ships.csv is there already"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).expect("the directory").count(), 1);

    for trade in [
        Trade { ships: 0, ..SMALL },
        Trade { ships: SHIPS_MAX + 1, ..SMALL },
        Trade { years: YEARS_MAX + 1, ..SMALL },
    ] {
        assert!(trade.write(dir.path(), &mut stop.clone()).is_err(), "{trade:?}");
    }
}

#[test]
fn the_program_writes_a_trade_and_says_how_to_import_it() {
    let dir = directory();
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.current_dir(dir.path()).env_remove("THROUGHLINE_CASE").env("NO_COLOR", "1").args(arguments);
        command.assert()
    };
    let done =
        program(&["generate", "--ships", "4", "--years", "1", "--seed", "3", "--out", "a trade"]).success();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let (out, err) = (text(&done.get_output().stdout), text(&done.get_output().stderr));
    assert!(out.starts_with("throughline --case 'a trade.case' import 'a trade/places.csv' "), "{out}");
    assert!(err.starts_with("wrote ") && err.contains(" relationships and "), "{err}");

    let arguments = out.trim_end().strip_prefix("throughline ").expect("a command");
    let arguments: Vec<String> = arguments
        .replace("a trade", "a_trade")
        .replace('\'', "")
        .split(' ')
        .map(|word| word.replace('_', " "))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let imported = program(&[&arguments[..], &["--strict"]].concat()).success();
    assert!(text(&imported.get_output().stdout).starts_with("imported "));

    program(&["generate", "--ships", "0", "--years", "1", "--seed", "3"]).code(2);
    program(&["generate", "--ships", "4", "--years", "1", "--seed", "3", "--out", "a trade"]).code(1);
}

//! The index follows the record while a case is used, and nobody notices.

use tempfile::TempDir;
use throughline::graph::Lens;
use throughline::model::Value;
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case};

fn asked(case: &mut Case, text: &str) -> Vec<i64> {
    let lens = Lens::default();
    let answer = case.query(text, &Parameters::new(), &Author::default(), &Options::new(&lens, 0));
    let rows = answer.expect(text).rows;
    let number = |row: Vec<Value>| match row[..] {
        [Value::Int(number)] => number,
        _ => panic!("no number: {row:?}"),
    };
    rows.into_iter().map(number).collect()
}

/// Changes of all sorts, of which each brings the index some hundred commits behind.
fn changed(case: &mut Case, n: i64) {
    asked(
        case,
        &format!(
            "UNWIND range(1, 2500) AS i CREATE (x:X {{n: {n}, i: i, name: 'Depot ' + i + ' of ' + {n}}})-[:R {{from: i}}]->(:Y)"
        ),
    );
    asked(case, &format!("MATCH (x:X {{n: {}}}) WHERE x.i % 3 = 0 SET x.seen = {n}, x:Seen", n / 2));
    asked(case, &format!("MATCH (x:X {{n: {}}})-[r:R]->(y) WHERE x.i % 5 = 0 DELETE r, y", n / 2));
}

#[test]
fn the_index_follows_while_the_case_is_used() {
    let dir = TempDir::new().expect("a temporary directory");
    let path = dir.path().join("case");
    let author = Author::default();
    let mut case = Case::create(&path, &author).expect("a new case");
    // What the index lags behind while its cache is as small as can be.
    case.set_cache(0);
    let mut reached = Vec::new();
    let named = "CALL names.search('Depot 17 of 0', {threshold: 0.99}) YIELD node RETURN node.i";
    for n in 0..12 {
        changed(&mut case, n);
        assert_eq!(asked(&mut case, named), [17], "names are searched while their index is under way");
        assert_eq!(asked(&mut case, &format!("MATCH (x:X {{n: {n}}}) RETURN count(x)")), [2500], "{n}");
        reached.extend(case.verify().expect("record, graph and index agree").index);
    }
    assert!(reached.windows(2).all(|pair| pair[0] <= pair[1]), "{reached:?}");
    assert!(reached.last().is_some_and(|last| *last > 10), "nobody asked for a checkpoint: {reached:?}");
    let ask = "MATCH (x:X) WITH x, COUNT { (x)-[:R]->(:Y) } AS ends RETURN sum(x.i * (1 + ends) + coalesce(x.seen, 0))";
    let expected = asked(&mut case, ask);
    // Dropped and not closed, as after a fault of whoever uses the library.
    drop(case);
    let mut case = Case::open(&path, Access::Own).expect("nobody holds it");
    assert_eq!(asked(&mut case, ask), expected);
    case.check().expect("record and index agree");
    changed(&mut case, 3);
    case.checkpoint().expect("it waits for the one that is under way");
    let all = case.sequence();
    assert_eq!(case.verify().expect("record and index agree").index, Some(all));
    case.undo(all, &author).expect("nothing was built on it");
    case.redact(&[1], true, "a test", &author).expect("it may be under way");
    case.check().expect("record and index agree");
    case.compact().expect("it may be under way");
    case.close().expect("it may be under way");
}

#[test]
fn names_are_filed_once() {
    let dir = TempDir::new().expect("a temporary directory");
    let path = dir.path().join("case");
    let mut case = Case::create(&path, &Author::default()).expect("a new case");
    asked(&mut case, "UNWIND range(1, 25000) AS i CREATE (:Depot {i: i, name: 'Depot ' + i})");
    let n_blocks = |case: &Case| -> usize {
        let storage = case.storage().into_iter();
        storage.filter(|(what, ..)| what == "index: names for search").map(|(_, count, _)| count).sum()
    };
    let named = |text: &str| {
        format!("CALL names.search('{text}', {{threshold: 0.99, limit: 1}}) YIELD node RETURN node.i")
    };
    case.checkpoint().expect("a checkpoint");
    assert_eq!(n_blocks(&case), 0, "nobody has searched");
    assert_eq!(asked(&mut case, &named("Depot 24999")), [24999]);
    case.close().expect("the names are stored, though nothing was changed");
    let mut case = Case::open(&path, Access::Own).expect("nobody holds it");
    let stored = n_blocks(&case);
    assert!(stored > 0);
    assert_eq!(asked(&mut case, &named("Depot 17")), [17]);
    // What was made confidential or renamed is not found by what is stored.
    asked(&mut case, "MATCH (d:Depot {i: 17}) SET d.confidential = true");
    asked(&mut case, "MATCH (d:Depot {i: 18}) SET d.name = 'Warehouse 18'");
    drop(case);
    let mut case = Case::open(&path, Access::Own).expect("nobody holds it");
    for _ in 0..2 {
        for (text, found) in [("Depot 17", vec![]), ("Depot 18", vec![]), ("Warehouse 18", vec![18])] {
            assert_eq!(asked(&mut case, &named(text)), found, "{text}");
        }
        assert_eq!(n_blocks(&case), stored, "they were not filed again");
        case.checkpoint().expect("a checkpoint");
    }
    case.check().expect("names and nodes agree");
    case.compact().expect("the index is copied");
    assert_eq!(asked(&mut case, &named("Warehouse 18")), [18]);
}

//! Every byte of a base, of the segment after it and of an archive file flipped, and base and file
//! cut at every byte: damage is named, nothing is silently wrong, and what is whole stays.

use std::fs;

use throughline::graph::Graph;
use throughline::{Access, Case};

use super::archive::{Place, archive, author, rows};

/// A small archived case, its files, and its graph.
struct Small {
    place: Place,
    files: Vec<(String, Vec<u8>)>,
    graph: Graph,
}

impl Small {
    fn new() -> Self {
        let place = Place::new();
        let mut case = Case::create(&place.case(), &author()).expect("a new case");
        rows(
            &mut case,
            "CREATE (:Vessel {id: 'angara'})-[:CALLED_AT {from: '2023-09'}]->(:Port {id: 'rajin'})",
        );
        rows(&mut case, "MATCH (v:Vessel) CALL evidence.claim({about: v, grade: 'B2'})");
        rows(&mut case, "CALL schema.declare('SHADOWS', 'state', 'forward')");
        archive(&mut case, &place.file("a"));
        rows(&mut case, "MATCH (v:Vessel) SET v.note = 'later'");
        let graph = case.graph().clone();
        drop(case);
        fs::remove_dir_all(place.case().join("index")).expect("the index goes");
        let files = place.record();
        Self { place, files, graph }
    }

    /// Puts bytes in the place of a file's, or all back.
    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.place.case().join("ledger").join(name), bytes).expect("it can be written");
    }
}

#[test]
fn a_base_that_is_flipped_cut_or_gone_is_named_and_the_archive_mends_it() {
    let small = Small::new();
    let (name, whole) = &small.files[0];
    assert_eq!(name, "00000002.base");
    let named = |what: &str| {
        let error = small.place.read().and_then(|case| case.check()).expect_err(what);
        assert!(matches!(error.class(), "Corrupt" | "FormatError"), "{what}: {error}");
        assert!(error.to_string().contains(name) || error.class() == "FormatError", "{what}: {error}");
    };
    // Owning it makes an index each time, which takes longer.
    let named_to_owner = |what: &str| {
        named(what);
        Case::open(&small.place.case(), Access::Own).expect_err(what);
    };
    for at in 0..whole.len() {
        for mask in [0x01, 0x5A, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] ^= mask;
            small.put(name, &bytes);
            // The state of a frame without a payload says nothing.
            let is_state = mask == 0x5A && bytes[at] == mask;
            match small.place.read().ok().filter(|case| is_state && case.check().is_ok()) {
                Some(case) => assert!(case.graph().same_elements(&small.graph), "byte {at}"),
                None => named(&format!("byte {at} flipped with {mask:#04x}")),
            }
        }
    }
    for length in 0..whole.len() {
        small.put(name, &whole[..length]);
        named(&format!("cut to {length} bytes"));
    }
    small.put(name, &[whole, &b"x"[..]].concat());
    named_to_owner("a byte more");
    fs::remove_file(small.place.case().join("ledger").join(name)).expect("it can be removed");
    named_to_owner("gone");
    small.put(name, &whole[..whole.len() / 2]);
    named_to_owner("half");
    fs::remove_file(small.place.case().join("ledger").join(name)).expect("it can be removed");
    Case::unarchive(&small.place.case(), &small.place.file("a")).expect("it needs no base");
    let case = small.place.own();
    assert!(case.graph().same_elements(&small.graph));
    assert_eq!(case.check().expect("it verifies"), 5);
}

#[test]
fn the_segment_after_a_base_is_named_where_its_bytes_are_wrong() {
    let small = Small::new();
    let (name, whole) = &small.files[1];
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        small.put(name, &bytes);
        match small.place.read().and_then(|case| case.check()) {
            Ok(_) => panic!("byte {at} was not found"),
            Err(error) => {
                assert!(matches!(error.class(), "Corrupt" | "FormatError"), "byte {at}: {error}");
                let is_named = error.to_string().contains("ledger") || error.class() == "FormatError";
                assert!(is_named, "byte {at}: {error}");
            }
        }
    }
    fs::remove_file(small.place.case().join("ledger").join(name)).expect("it can be removed");
    for access in [Access::Read, Access::Own] {
        let error = Case::open(&small.place.case(), access).map(drop).expect_err("the segment is gone");
        assert!(error.class() == "Corrupt" && error.to_string().contains(name), "{access:?}: {error}");
        assert!(small.place.case().join("ledger/00000002.base").exists());
    }
    small.put(name, whole);
    assert!(small.place.read().expect("it reads").graph().same_elements(&small.graph));
}

#[test]
fn an_archive_file_that_is_flipped_or_cut_is_refused_and_the_case_stays() {
    let small = Small::new();
    let file = small.place.file("a");
    let whole = fs::read(&file).expect("it reads");
    let case = small.place.read().expect("a reader");
    let refuse = |bytes: &[u8], what: &str| {
        fs::write(&file, bytes).expect("it can be written");
        let error = case.check_archive(&file, &small.place.file("scratch")).expect_err(what);
        assert!(
            matches!(error.class(), "Corrupt" | "FormatError" | "IoError" | "Invalid"),
            "{what}: {error}"
        );
        assert!(Case::unarchive(&small.place.case(), &file).is_err(), "{what}");
        assert_eq!(small.place.record(), small.files, "{what}");
    };
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        refuse(&bytes, &format!("byte {at} flipped"));
    }
    for length in 0..whole.len() {
        refuse(&whole[..length], &format!("cut to {length} bytes"));
    }
    refuse(&[&whole[..], b"x"].concat(), "a byte more");
    // A whole backup, but of another time.
    fs::remove_file(&file).expect("it can be removed");
    Case::backup(&small.place.case(), &file).expect("a backup");
    let error = case.check_archive(&file, &small.place.file("scratch")).expect_err("it is another file");
    assert!(error.to_string().contains("is not what was archived"), "{error}");
    assert!(Case::unarchive(&small.place.case(), &file).is_err());
    fs::write(&file, &whole).expect("it can be written");
    assert_eq!(case.check_archive(&file, &small.place.file("scratch")).expect("it is whole").last, 3);
    Case::unarchive(&small.place.case(), &file).expect("it is whole");
}

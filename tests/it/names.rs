//! Names: labelled pairs, what holds for every two names, and the index against a scan.

#![allow(clippy::print_stdout, reason = "cargo test -- --nocapture prints the figures")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use throughline::analysis::screening::SCORE_MIN;
use throughline::names::{Entry, Kind, Name, NameIndex, explain, similarity, similarity_at_least};

/// A labelled pair.
struct Pair {
    kind: Option<Kind>,
    a: String,
    b: String,
    same: bool,
    reason: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pairs(file: &Path, columns: [&str; 5]) -> Vec<Pair> {
    let mut reader = csv::Reader::from_path(file).expect("the file can be read");
    let headings = reader.headers().expect("it has headings").clone();
    let at = columns.map(|column| headings.iter().position(|heading| heading == column));
    let pair = |record: csv::Result<csv::StringRecord>| {
        let record = record.expect("a record");
        let [kind, a, b, same, reason] =
            at.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default().to_owned());
        Pair { kind: Kind::parse(&kind), a, b, same: same == "true", reason }
    };
    reader.into_records().map(pair).collect()
}

/// The hand-made list; its pairs are compared without a hint.
fn own_pairs() -> Vec<Pair> {
    pairs(&root().join("tests/names/korea_and_russia.csv"), ["", "a", "b", "same", "reason"])
}

fn score(pair: &Pair, is_hinted: bool) -> f64 {
    let kind = pair.kind.filter(|_| is_hinted);
    similarity(&Name::new(&pair.a, kind), &Name::new(&pair.b, kind))
}

/// Precision, recall and F1 of scores at a threshold.
fn measure<'p>(scored: impl Iterator<Item = &'p (f64, bool)>, threshold: f64) -> (f64, f64, f64) {
    let (mut right, mut wrong, mut missed) = (0.0, 0.0, 0.0);
    for (score, same) in scored {
        match (*score >= threshold, same) {
            (true, true) => right += 1.0,
            (true, false) => wrong += 1.0,
            (false, true) => missed += 1.0,
            (false, false) => {}
        }
    }
    (right / (right + wrong), right / (right + missed), 2.0 * right / (2.0 * right + wrong + missed))
}

#[test]
fn korean_and_russian_names_are_told_apart() {
    let pairs = own_pairs();
    assert!(pairs.len() >= 150 && pairs.iter().all(|pair| !pair.reason.is_empty()));
    let scored: Vec<(f64, bool)> = pairs.iter().map(|pair| (score(pair, false), pair.same)).collect();
    let (precision, recall, f1) = measure(scored.iter(), SCORE_MIN);
    println!(
        "{} pairs at {SCORE_MIN}: precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}",
        pairs.len()
    );
    for (pair, (score, same)) in
        pairs.iter().zip(&scored).filter(|(_, (score, same))| (*score >= SCORE_MIN) != *same)
    {
        println!("{score:.3} but {same}: {} | {} ({})", pair.a, pair.b, pair.reason);
    }
    assert!(f1 > 0.95, "F1 {f1:.3}");
}

/// The threshold is chosen on every second pair and measured on the others.
#[test]
fn labelled_pairs_of_others() {
    let file = root().join("../shared/samples/names/name_pairs.csv");
    if !file.exists() {
        println!("{} is not here: skipped", file.display());
        return;
    }
    let pairs = pairs(&file, ["schema", "name1", "name2", "is_match", "category"]);
    for is_hinted in [true, false] {
        let scored: Vec<(f64, bool)> = pairs.iter().map(|pair| (score(pair, is_hinted), pair.same)).collect();
        let half = |rest: usize| scored.iter().skip(rest).step_by(2);
        let thresholds = (60..=95).map(|hundredths| f64::from(hundredths) / 100.0);
        // Of equally good thresholds the first.
        let best = thresholds.fold((0.0, 0.0), |best: (f64, f64), threshold| {
            let (.., f1) = measure(half(0), threshold);
            if f1 > best.1 { (threshold, f1) } else { best }
        });
        let (precision, recall, f1) = measure(half(1), best.0);
        println!(
            "kinds told: {is_hinted}; threshold {:.2} (F1 {:.3} on its half); on the other half precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}",
            best.0, best.1
        );
        assert!(f1 > 0.80, "F1 {f1:.3}");
    }
}

fn check(a: &Name, b: &Name) {
    let (score, other) = (similarity(a, b), similarity(b, a));
    assert!((0.0..=1.0).contains(&score), "{a:?} {b:?}: {score}");
    assert!(score == other, "{a:?} {b:?}: {score} and {other}");
    let told = explain(a, b).score;
    assert!(told == score, "{a:?} {b:?}: {score}, explained {told}");
}

#[test]
fn every_pair_is_symmetric_and_explained_as_scored() {
    let pairs = own_pairs();
    for pair in &pairs {
        for other in &pairs {
            let (a, b) = (Name::new(&pair.a, None), Name::new(&other.b, None));
            check(&a, &b);
        }
        let name = Name::new(&pair.a, None);
        assert!(similarity(&name, &name) == 1.0, "{}", pair.a);
    }
}

/// Letters of the scripts that names come in, and what stands between words.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-zéüşčŏ'’ .,&()-]{0,30}",
        2 => "[А-Яа-яёЁ «»-]{0,20}",
        1 => "[가-힣 ]{0,8}",
        1 => "(Kim|Ri|OOO|JSC|MV|MARIA|Port|bin|ПАО|LLC)( [A-Za-z0-9]{1,8}){0,6}",
        1 => "\\PC{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_two_names_have_one_score(a in any_name(), b in any_name(), kind in 0..5_usize) {
        let kinds = [None, Some(Kind::Person), Some(Kind::Organisation), Some(Kind::Vessel), Some(Kind::Place)];
        let (first, second) = (Name::new(&a, kinds[kind]), Name::new(&b, None));
        check(&first, &second);
        prop_assert_eq!(similarity(&first, &Name::new(&a, kinds[kind])), 1.0);
    }
}

/// What a threshold lets pass is what passes it when all is compared.
fn check_at_least(a: &Name, b: &Name, least: f64) {
    let expected = Some(similarity(a, b)).filter(|score| *score >= least);
    assert_eq!(similarity_at_least(a, b, least), expected, "{} and {}, {least}", a.text(), b.text());
}

#[test]
fn no_name_is_refused_that_is_alike_enough() {
    let pairs = own_pairs();
    let kinds = [None, Some(Kind::Person), Some(Kind::Organisation), Some(Kind::Vessel), Some(Kind::Place)];
    for kind in kinds {
        let texts = pairs.iter().flat_map(|pair| [&pair.a, &pair.b]);
        let names: Vec<Name> = texts.map(|text| Name::new(text, kind)).collect();
        for a in &names {
            for b in &names {
                for least in [0.5, 0.7, SCORE_MIN, 0.95] {
                    check_at_least(a, b, least);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_names_are_refused_that_are_alike_enough(
        words in proptest::collection::vec("[a-g]{1,7}|[0-9]|[ivx]{1,3}|OOO|JSC|Port|MV|A\\.|[А-Е]{2,5}", 1..6),
        changes in proptest::collection::vec((0..6_usize, 0..6_usize, "[a-g ]?"), 0..4),
        kind in 0..5_usize,
        least in 0.3..1.0_f64,
    ) {
        let kinds = [None, Some(Kind::Person), Some(Kind::Organisation), Some(Kind::Vessel), Some(Kind::Place)];
        let mut others = words.clone();
        for (word, at, text) in changes {
            let n_words = others.len();
            let word = &mut others[word % n_words];
            let at = word.char_indices().map(|(at, _)| at).nth(at).unwrap_or(word.len());
            word.insert_str(at, &text);
        }
        let last = others.len() - 1;
        others.swap(0, last);
        check_at_least(&Name::new(&words.join(" "), kinds[kind]), &Name::new(&others.join(" "), None), least);
    }
}

/// The index finds what a scan finds, where the scan's best is good.
#[test]
fn the_index_finds_what_a_scan_finds() {
    let pairs = own_pairs();
    let names: Vec<&str> = pairs.iter().map(|pair| pair.b.as_str()).collect();
    let entries = (0..).zip(&names).map(|(owner, name)| Entry {
        owner,
        text: (*name).to_owned(),
        kind: None,
        is_identifier: false,
    });
    let index = NameIndex::build(entries);
    let ready: Vec<Name> = names.iter().map(|name| Name::new(name, None)).collect();
    let mut missed = Vec::new();
    for pair in &pairs {
        let question = Name::new(&pair.a, None);
        let best = ready.iter().map(|name| similarity(&question, name)).fold(0.0, f64::max);
        let found = index.search(&question, 10, SCORE_MIN, |_| true);
        let score = found.first().map_or(0.0, |found| found.score);
        if best >= SCORE_MIN && score < best {
            missed.push(format!("{}: {best} in a scan, {score} by the index", pair.a));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

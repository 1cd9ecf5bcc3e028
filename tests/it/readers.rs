//! Two processes that read beside one that writes, under load: every answer is that of some
//! commit, none is of before what was acknowledged when it was asked for, and none goes back.
//!
//! `THROUGHLINE_SECONDS` makes a longer run.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ChildStdin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use throughline::graph::Lens;
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case};

use super::crash::{Place, Session, is_acknowledged};
use super::dice::Dice;

const ACCOUNTS: usize = 200;
const EACH: i64 = 1000;
/// Commits of one writing session, after which it closes with a checkpoint.
const COMMITS: usize = 150;
/// Nodes of one import.
const IMPORTED: usize = 30;

/// What everybody has, how many payments were made and counted, and what was imported.
const QUESTION: &str = "MATCH (a:Account) WITH sum(a.n) AS sum MATCH (c:Counter) \
     RETURN sum, c.n, COUNT { ()-[:PAID]->() }, COUNT { (:Imported) }";

fn create(dir: &Path) {
    let mut case = Case::open(dir, Access::Own).expect("the case is there");
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let text = format!(
        "CREATE (:Counter {{n: 0}}) WITH 1 AS one UNWIND range(1, {ACCOUNTS}) AS n CREATE (:Account {{id: 'a' + toString(n), n: {EACH}}})"
    );
    case.query(&text, &Parameters::new(), &Author::default(), &options).expect("it is created");
    case.close().expect("it closes");
}

/// What one reader saw last.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Seen {
    payments: i64,
    imported: i64,
}

/// Checks an answer by itself, and against what was seen before and acknowledged by then.
fn check(answer: &str, before: Seen, acknowledged: i64) -> Seen {
    let document: serde_json::Value = serde_json::from_str(answer).expect("a document");
    let numbers: Vec<i64> =
        (0..4).map(|at| document["rows"][0][at].as_i64().unwrap_or_else(|| panic!("{answer}"))).collect();
    let [sum, counted, payments, imported] = numbers[..] else { panic!("{answer}") };
    assert_eq!(sum, ACCOUNTS as i64 * EACH, "half a payment: {answer}");
    assert_eq!(counted, payments, "half a payment: {answer}");
    assert_eq!(imported % IMPORTED as i64, 0, "half an import: {answer}");
    assert!(payments >= acknowledged, "{acknowledged} were acknowledged: {answer}");
    let seen = Seen { payments, imported };
    assert!(payments >= before.payments && imported >= before.imported, "{before:?}, then {answer}");
    seen
}

/// A session that reads, and is asked one question after another.
struct Reader {
    session: Session,
    input: ChildStdin,
}

impl Reader {
    fn start(place: &Place) -> Self {
        let mut command = place.program();
        command.arg("--read-only");
        let mut session = Session::start(command);
        let input = session.child.stdin.take().expect("its input is a pipe");
        Self { session, input }
    }

    fn ask(&mut self) -> String {
        writeln!(self.input, ":refresh\n{QUESTION};").expect("it takes questions");
        self.session.answers.recv_timeout(Duration::from_secs(30)).expect("an answer")
    }
}

/// Tells the readers to end, also where the writer fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// One session of payments, with imports in between; counts what it acknowledges.
fn write(place: &Place, round: usize, acknowledged: &AtomicI64) {
    let mut dice = Dice::new(round as u64);
    let file = place.files.join("imported.csv");
    let rows: String = (0..IMPORTED).map(|n| format!("i{round}-{n},Imported\n")).collect();
    fs::write(&file, format!(":ID,:LABEL\n{rows}")).expect("a file");
    let mut text = String::new();
    for n in 0..COMMITS {
        let [from, to] = [1 + dice.below(ACCOUNTS), 1 + dice.below(ACCOUNTS)];
        text += &format!(
            "MATCH (a:Account {{id: 'a{from}'}}) MATCH (b:Account {{id: 'a{to}'}}) MATCH (c:Counter) \
             SET a.n = a.n - 7 SET b.n = b.n + 7 SET c.n = c.n + 1 CREATE (a)-[:PAID {{n: {n}}}]->(b);\n"
        );
        if n == COMMITS / 2 {
            text += &format!(":import {}\n", file.display());
        }
    }
    let mut session = Session::start(place.program());
    session.tell(text, true);
    let mut payments = 0;
    while let Ok(answer) = session.answers.recv_timeout(Duration::from_secs(30)) {
        // An import says so in words.
        if answer.starts_with('{') {
            assert!(is_acknowledged(&answer), "{answer}");
            acknowledged.fetch_add(1, Ordering::SeqCst);
            payments += 1;
        }
    }
    assert!(session.child.wait().expect("it ends").success());
    assert_eq!(payments, COMMITS, "one answer for each");
}

#[test]
fn whoever_reads_beside_a_writer_sees_whole_commits_in_their_order() {
    let seconds = std::env::var("THROUGHLINE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let place = Place::new();
    create(&place.case);
    let (acknowledged, is_over, n_answers) = (AtomicI64::new(0), AtomicBool::new(false), AtomicUsize::new(0));
    let read = |at_once: bool| {
        let mut reader = Reader::start(&place);
        let mut seen = Seen::default();
        while !is_over.load(Ordering::SeqCst) {
            let by_then = acknowledged.load(Ordering::SeqCst);
            seen = check(&reader.ask(), seen, by_then);
            n_answers.fetch_add(1, Ordering::SeqCst);
            if at_once {
                // Another process that opens the case under load, and ends.
                let by_then = acknowledged.load(Ordering::SeqCst);
                let mut command = place.program();
                let output = command.args(["--read-only", "query", QUESTION, "--format", "json"]).output();
                let output = output.expect("the program runs");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                check(&String::from_utf8_lossy(&output.stdout), Seen::default(), by_then);
                n_answers.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    thread::scope(|scope| {
        let _ends = Ends(&is_over);
        scope.spawn(|| read(false));
        scope.spawn(|| read(true));
        let began = Instant::now();
        let mut round = 0;
        while round == 0 || began.elapsed() < Duration::from_secs(seconds) {
            write(&place, round, &acknowledged);
            round += 1;
        }
    });
    let (payments, answers) = (acknowledged.into_inner(), n_answers.into_inner());
    #[expect(clippy::print_stdout, reason = "the counts of a long run")]
    {
        println!("{payments} payments, {answers} answers of readers");
    }
    assert!(payments > 50 && answers > 5, "{payments} payments, {answers} answers");
    let mut last = Reader::start(&place);
    let seen = check(&last.ask(), Seen::default(), payments);
    assert_eq!(seen.payments, payments);
    drop(last.input);
    place.reopened();
}

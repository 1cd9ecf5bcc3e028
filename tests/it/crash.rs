//! Crashes of the real program: killed at any moment, or out of space, it loses
//! nothing that it acknowledged and leaves nothing half done.
//!
//! The moments come from a seed, which is printed when a test fails. Another one
//! is tried with `THROUGHLINE_CRASH_SEED=… cargo test crash`, and another program, such
//! as a release, with `THROUGHLINE_PROGRAM=…`.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use throughline::graph::Lens;
use throughline::model::Value;
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case};

const KILLS_WHILE_WRITING: u64 = 40;
const KILLS_WHILE_IMPORTING: u64 = 20;
const ROWS: usize = 1500;

/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
pub(crate) struct Random(u64);

impl Random {
    #[expect(clippy::print_stdout, reason = "a test that fails shows what it printed")]
    pub(crate) fn new() -> Self {
        let seed = std::env::var("THROUGHLINE_CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(20_230_907);
        println!("THROUGHLINE_CRASH_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) % bound
    }
}

/// The program: that of this build, or the one that `THROUGHLINE_PROGRAM` names.
fn binary() -> PathBuf {
    let named = std::env::var_os("THROUGHLINE_PROGRAM").map(PathBuf::from);
    named.unwrap_or_else(|| assert_cmd::cargo::cargo_bin("throughline"))
}

pub(crate) struct Place {
    _dir: TempDir,
    pub(crate) case: PathBuf,
    pub(crate) files: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::on(&std::env::temp_dir())
    }

    /// One below a directory.
    pub(crate) fn on(directory: &Path) -> Self {
        let dir = tempfile::tempdir_in(directory).expect("a directory for the case");
        let (case, files) = (dir.path().join("case"), dir.path().join("files"));
        fs::create_dir(&files).expect("a directory for files");
        Case::create(&case, &Author::default()).expect("a new case").close().expect("it closes");
        Self { _dir: dir, case, files }
    }

    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(binary());
        command.arg("--case").arg(&self.case);
        command.env_remove("THROUGHLINE_CASE");
        command
    }

    /// The program under a limit on how long a file may become, in blocks of 512 bytes.
    pub(crate) fn program_with_files_up_to(&self, blocks: u64) -> Command {
        let mut command = Command::new("sh");
        // A write beyond the limit then fails, as on a full disk, and does not kill.
        command.args(["-c", r#"trap "" XFSZ; ulimit -f "$0"; exec "$@""#, &blocks.to_string()]);
        command.arg(binary()).arg("--case").arg(&self.case);
        command.env_remove("THROUGHLINE_CASE");
        command
    }

    /// Opens the case, which no dead process may keep locked, and verifies it.
    pub(crate) fn reopened(&self) -> Case {
        let case = Case::open(&self.case, Access::Own).expect("the case opens after a crash");
        case.check().expect("the record verifies after a crash");
        case
    }
}

pub(crate) fn column(case: &mut Case, text: &str) -> Vec<i64> {
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let answer = case.query(text, &Parameters::new(), &Author::default(), &options).expect(text);
    let number = |row: &Vec<Value>| match row[0] {
        Value::Int(number) => number,
        ref other => panic!("expected a number, found {other}"),
    };
    answer.rows.iter().map(number).collect()
}

/// A session of the program that reads statements from a pipe.
pub(crate) struct Session {
    pub(crate) child: Child,
    pub(crate) answers: Receiver<String>,
}

impl Session {
    pub(crate) fn start(mut command: Command) -> Self {
        command.args(["repl", "--format", "json"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is a pipe");
        let (send, answers) = channel();
        thread::spawn(move || {
            // A line without its end was never an answer.
            let mut reader = BufReader::new(output);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                if send.send(std::mem::take(&mut line)).is_err() {
                    break;
                }
            }
        });
        Self { child, answers }
    }

    /// Writes all statements, in a thread of its own since the pipe may be full.
    pub(crate) fn tell(&mut self, statements: String, then_close: bool) {
        let mut input = self.child.stdin.take().expect("its input is a pipe");
        thread::spawn(move || {
            let _ = input.write_all(statements.as_bytes());
            let _ = input.flush();
            if !then_close {
                // The pipe stays open until the program is gone.
                while input.write_all(b"\n").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
            }
        });
    }

    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("the program can be killed");
        self.child.wait().expect("the program ends");
        self.answers.iter().collect()
    }
}

pub(crate) fn is_acknowledged(answer: &str) -> bool {
    assert!(answer.starts_with('{') && answer.ends_with("}\n"), "half an answer: {answer}");
    !answer.contains("\"error\"")
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let mut random = Random::new();
    let place = Place::new();
    let mut there = 0;
    let mut acknowledged_in_all = 0;
    for round in 0..KILLS_WHILE_WRITING {
        let many = 150;
        let statements: String = (there..there + many)
            .map(|n| format!("CREATE (:X {{n: {n}}})-[:R {{n: {n}}}]->(:Y {{n: {n}}});\n"))
            .collect();
        let mut session = Session::start(place.program());
        // Some sessions are killed while they close, which writes the index.
        session.tell(statements, round % 2 == 0);
        let mut answers = Vec::new();
        if round % 4 != 3 {
            let wanted = random.below(many as u64);
            for _ in 0..wanted {
                match session.answers.recv_timeout(Duration::from_secs(20)) {
                    Ok(answer) => answers.push(answer),
                    Err(error) => panic!("round {round}: no answer: {error}"),
                }
            }
        }
        thread::sleep(Duration::from_micros(random.below(30_000)));
        answers.extend(session.kill());
        let acknowledged = answers.iter().filter(|answer| is_acknowledged(answer)).count() as i64;
        assert_eq!(acknowledged, answers.len() as i64, "round {round}: {answers:?}");
        acknowledged_in_all += acknowledged;

        let mut case = place.reopened();
        let found = column(&mut case, "MATCH (x:X) RETURN x.n ORDER BY x.n");
        let now = found.len() as i64;
        assert_eq!(found, (0..now).collect::<Vec<_>>(), "round {round}: a hole, or one twice");
        let (least, most) = (there + acknowledged, there + many);
        assert!((least..=most).contains(&now), "round {round}: {now} of {least} to {most}");
        // No statement is there by half.
        let whole = column(
            &mut case,
            "MATCH (x:X)-[r:R]->(y:Y) WHERE x.n = r.n AND r.n = y.n RETURN x.n ORDER BY x.n",
        );
        assert_eq!(whole, found, "round {round}");
        assert_eq!(case.graph().node_count() as i64, 2 * now, "round {round}");
        there = now;
        if round % 3 == 0 {
            case.close().expect("the case closes");
        }
    }
    assert!(acknowledged_in_all > 100, "only {acknowledged_in_all} were acknowledged");
}

#[test]
fn of_a_transaction_killed_at_any_moment_all_is_there_or_nothing() {
    let mut random = Random::new();
    let place = Place::new();
    let mut there = 0;
    for round in 0..KILLS_WHILE_WRITING {
        let many = 40;
        let transactions: String = (there..there + many)
            .map(|n| {
                let statements: String =
                    (0..5).map(|part| format!("CREATE (:X {{n: {n}, part: {part}}});\n")).collect();
                format!("BEGIN;\n{statements}MATCH (x:X {{n: {n}}}) SET x.whole = true;\nCOMMIT;\n")
            })
            .collect();
        let mut session = Session::start(place.program());
        session.tell(transactions, round % 2 == 0);
        let mut answers = Vec::new();
        for _ in 0..random.below(8 * many as u64) {
            match session.answers.recv_timeout(Duration::from_secs(20)) {
                Ok(answer) => answers.push(answer),
                Err(error) => panic!("round {round}: no answer: {error}"),
            }
        }
        thread::sleep(Duration::from_micros(random.below(5_000)));
        answers.extend(session.kill());
        assert!(answers.iter().all(|answer| is_acknowledged(answer)), "round {round}: {answers:?}");
        let acknowledged = answers.iter().filter(|answer| answer.contains("recorded")).count() as i64;

        let mut case = place.reopened();
        let found = column(
            &mut case,
            "MATCH (x:X {whole: true}) WITH x.n AS n, count(*) AS parts WHERE parts = 5 RETURN n ORDER BY n",
        );
        let now = found.len() as i64;
        assert_eq!(found, (0..now).collect::<Vec<_>>(), "round {round}: a hole");
        assert_eq!(case.graph().node_count() as i64, 5 * now, "round {round}: a part of a transaction");
        assert_eq!(case.sequence() as i64, now, "round {round}: a transaction is one commit");
        assert!((there + acknowledged..=there + many).contains(&now), "round {round}: {now}");
        there = now;
    }
    assert!(there > 100, "only {there} transactions were recorded");
}

/// Files of so many rows, of which the keys begin with `prefix`.
fn write_files(dir: &Path, prefix: &str) -> [PathBuf; 2] {
    let (nodes, relationships) = (dir.join("nodes.csv"), dir.join("relationships.csv"));
    let rows = (0..ROWS).map(|i| format!("{prefix}-{i},X,{i}\n"));
    fs::write(&nodes, format!(":ID,:LABEL,n:int\n{}", rows.collect::<String>())).expect("a file");
    let rows = (1..ROWS).map(|i| format!("{prefix}-{},R,{prefix}-{i}\n", i - 1));
    fs::write(&relationships, format!(":START_ID,:TYPE,:END_ID\n{}", rows.collect::<String>()))
        .expect("a file");
    [nodes, relationships]
}

#[test]
fn an_import_killed_at_any_moment_is_there_whole_or_not_at_all() {
    let mut random = Random::new();
    let place = Place::new();
    let import = |prefix: &str| {
        let mut command = place.program();
        command.arg("import").args(write_files(&place.files, prefix));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    // How long it takes when nobody kills it; the moments are spread over that and a bit.
    let started = std::time::Instant::now();
    assert!(import("first").wait().expect("the program ends").success());
    let span = started.elapsed().as_micros() as u64 * 5 / 4;
    let mut done = 1;
    for round in 0..KILLS_WHILE_IMPORTING {
        let mut child = import(&format!("round{round}"));
        thread::sleep(Duration::from_micros(random.below(span)));
        child.kill().expect("the program can be killed");
        child.wait().expect("the program ends");
        let mut said = String::new();
        for pipe in [
            child.stdout.take().map(|mut pipe| pipe.read_to_string(&mut said)),
            child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut said)),
        ] {
            pipe.expect("its output is a pipe").expect("the output reads");
        }
        let case = place.reopened();
        let (nodes, relationships) = (case.graph().node_count(), case.graph().relationship_count());
        let is_there = nodes == (done + 1) * ROWS;
        assert!(is_there || nodes == done * ROWS, "round {round}: torn, with {nodes} nodes");
        done += usize::from(is_there);
        assert_eq!(relationships, done * (ROWS - 1), "round {round}: torn");
        if said.contains("imported") {
            assert!(is_there, "round {round}: acknowledged and lost: {said}");
        }
    }
}

/// The size of the largest file of a case, in blocks of 512 bytes.
fn largest_blocks(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).expect("the directory is there");
    let sizes = entries.map(|entry| {
        let path = entry.expect("an entry can be read").path();
        match path.is_dir() {
            true => largest_blocks(&path),
            false => fs::metadata(&path).map_or(0, |about| about.len().div_ceil(512)),
        }
    });
    sizes.max().unwrap_or(0)
}

#[test]
fn a_full_disk_refuses_the_write_and_keeps_what_was_acknowledged() {
    let place = Place::new();
    let blocks = largest_blocks(&place.case) + 800;
    let mut session = Session::start(place.program_with_files_up_to(blocks));
    let many = 100;
    // Noise, since what is written is compressed.
    let mut random = Random::new();
    let statements: String = (0..many)
        .map(|n| {
            let noise: String = (0..1000).map(|_| format!("{:016x}", random.below(u64::MAX))).collect();
            format!("CREATE (:X {{n: {n}, noise: '{noise}'}});\n")
        })
        .collect();
    session.tell(statements + "MATCH (x:X) RETURN count(x) AS n;\n", true);
    let answers: Vec<String> = session.answers.iter().collect();
    assert_eq!(answers.len(), many + 1, "one answer for each statement");
    let acknowledged = answers[..many].iter().filter(|answer| is_acknowledged(answer)).count();
    assert!((1..many).contains(&acknowledged), "{acknowledged} of {many} were acknowledged");
    let refused = answers.iter().find(|answer| !is_acknowledged(answer)).expect("one was refused");
    assert!(refused.contains("\"kind\":\"IoError\""), "{refused}");
    // What was refused is not in the graph of the session either.
    assert!(answers[many].contains(&format!("[[{acknowledged}]]")), "{}", answers[many]);
    session.child.wait().expect("the program ends");

    // With room again it goes on where it was.
    let mut case = place.reopened();
    let found = column(&mut case, "MATCH (x:X) RETURN count(x)");
    assert_eq!(found, [acknowledged as i64]);
    column(&mut case, "CREATE (x:X {n: 1}) RETURN 1");
    assert_eq!(column(&mut case, "MATCH (x:X) RETURN count(x)"), [acknowledged as i64 + 1]);
}

#[test]
fn a_transaction_that_does_not_fit_is_refused_whole() {
    let place = Place::new();
    let blocks = largest_blocks(&place.case) + 400;
    let mut session = Session::start(place.program_with_files_up_to(blocks));
    let mut random = Random::new();
    let mut noise = || -> String { (0..1000).map(|_| format!("{:016x}", random.below(u64::MAX))).collect() };
    let statements: String =
        (0..60).map(|n| format!("CREATE (:X {{n: {n}, noise: '{}'}});\n", noise())).collect();
    let after = "MATCH (x:X) RETURN count(x) AS n; CREATE (:X {n: 1});\n";
    session.tell(format!("BEGIN;\n{statements}COMMIT;\n{after}"), true);
    let answers: Vec<String> = session.answers.iter().collect();
    session.child.wait().expect("the program ends");
    assert_eq!(answers.len(), 64, "one answer for each statement");
    assert!(answers[61].contains("\"kind\":\"IoError\""), "{}", answers[61]);
    assert!(answers[62].contains("[[0]]"), "the session's graph is as before: {}", answers[62]);
    assert!(is_acknowledged(&answers[63]), "the session goes on: {}", answers[63]);
    assert_eq!(place.reopened().graph().node_count(), 1);
}

#[test]
fn an_import_that_does_not_fit_is_refused_whole() {
    let place = Place::new();
    let before = Session::start(place.program());
    drop(before.kill());
    let files = write_files(&place.files, "large");
    let mut command = place.program_with_files_up_to(16);
    command.arg("import").args(files).stdin(Stdio::null());
    let output = command.output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error"), "{said}");
    assert_eq!(place.reopened().graph().node_count(), 0);
}

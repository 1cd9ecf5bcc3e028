//! The real program killed with SIGKILL while it does much at once: an import in bulk, a
//! checkpoint, `rebuild`, `compact`, `archive`, `unarchive`. What was acknowledged is there, nothing is torn, and
//! `check` passes.
//!
//! A kill comes after a random time, or once the record or the index has grown to a random
//! part of what it grows to when nobody kills, since those moments are short.
//! `THROUGHLINE_CASES` makes a longer run of each test, `THROUGHLINE_CRASH_SEED` another one.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use throughline::{Access, Case};

use super::crash::{Place, Random, Session, column, is_acknowledged};
use super::dice::cases;

/// Rows of each file of an import; with their notes they are more than 4 MiB together.
pub(crate) const ROWS: usize = 4500;
/// Enough commits for a checkpoint at closing.
const COMMITS: i64 = 80;
/// Runs that may end before their kill, where the test has seen none that was killed.
const UNHARMED_MAX: usize = 30;

/// What a run takes that nobody kills.
#[derive(Debug, Clone, Copy)]
struct Whole {
    time: Duration,
    record: u64,
    index: u64,
}

/// When to kill.
#[derive(Debug, Clone, Copy)]
enum When {
    After(Duration),
    /// The record has grown by so many bytes.
    Record(u64),
    /// The index has so many bytes more or less.
    Index(u64),
}

impl When {
    fn random(random: &mut Random, whole: Whole) -> Self {
        match random.below(4) {
            0 if whole.record > 0 => Self::Record(random.below(whole.record)),
            0 | 1 if whole.index > 0 => Self::Index(random.below(whole.index)),
            _ => Self::After(Duration::from_micros(random.below(whole.time.as_micros() as u64 * 11 / 10))),
        }
    }
}

fn bytes_below(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => bytes_below(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

/// How large record and index are now.
pub(crate) fn sizes(case: &Path) -> (u64, u64) {
    (bytes_below(&case.join("ledger")), bytes_below(&case.join("index")))
}

/// Lets the program run to its end; gives what that takes.
fn measured(case: &Path, child: &mut Child) -> Whole {
    let (began, (record, index)) = (Instant::now(), sizes(case));
    assert!(child.wait().expect("the program ends").success());
    let (record_now, index_now) = sizes(case);
    Whole { time: began.elapsed(), record: record_now - record, index: index_now.abs_diff(index) }
}

/// Kills the program at its moment; gives whether it had not ended before.
fn kill_at(case: &Path, child: &mut Child, when: When) -> bool {
    let (began, (record, index)) = (Instant::now(), sizes(case));
    let is_time = || {
        let (record_now, index_now) = sizes(case);
        match when {
            When::After(time) => began.elapsed() >= time,
            When::Record(grown) => record_now.saturating_sub(record) > grown,
            When::Index(changed) => index_now.abs_diff(index) > changed,
        }
    };
    loop {
        if child.try_wait().expect("its state is known").is_some() {
            return false;
        }
        if is_time() {
            child.kill().expect("the program can be killed");
            child.wait().expect("the program ends");
            return true;
        }
        thread::sleep(Duration::from_micros(100));
    }
}

fn quiet(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

pub(crate) fn said(child: &mut Child) -> String {
    let output = child.stdout.take().expect("its output is a pipe");
    std::io::read_to_string(output).expect("the output reads")
}

/// Large files of plain rows whose keys begin with `prefix`.
pub(crate) fn write_files(dir: &Path, prefix: &str, random: &mut Random) -> [PathBuf; 2] {
    let (nodes, relationships) = (dir.join("nodes.csv"), dir.join("relationships.csv"));
    // Noise, since what is written is compressed.
    let mut note = || -> String { (0..62).map(|_| format!("{:016x}", random.below(u64::MAX))).collect() };
    let rows = (0..ROWS).map(|i| format!("{prefix}-{i},X,{i},{}\n", note()));
    let text = format!(":ID,:LABEL,n:int,note\n{}", rows.collect::<String>());
    assert!(text.len() > 4 << 20, "it is read in bulk");
    fs::write(&nodes, text).expect("a file");
    let rows = (1..ROWS).map(|i| format!("{prefix}-{},R,{prefix}-{i},{}\n", i - 1, i % 7));
    let text = format!(":START_ID,:TYPE,:END_ID,from\n{}", rows.collect::<String>());
    fs::write(&relationships, text).expect("a file");
    [nodes, relationships]
}

fn import(place: &Place, prefix: &str, random: &mut Random) -> Child {
    let mut command = place.program();
    command.arg("import").args(write_files(&place.files, prefix, random));
    quiet(command)
}

/// A case with an import in bulk and some commits, and what its import took.
fn imported(random: &mut Random) -> (Place, Whole) {
    let place = Place::new();
    let mut child = import(&place, "first", random);
    let whole = measured(&place.case, &mut child);
    assert!(said(&mut child).contains("imported"));
    (place, whole)
}

/// As many imports are there as should be, whole.
pub(crate) fn assert_imports(case: &mut Case, n: usize, what: &str) {
    assert_eq!(case.graph().node_count(), n * ROWS, "{what}");
    assert_eq!(case.graph().relationship_count(), n * (ROWS - 1), "{what}");
    let hops = column(case, "MATCH (a:X)-[r:R]->(b:X) WHERE a.n + 1 = b.n RETURN count(r)");
    assert_eq!(hops, [(n * (ROWS - 1)) as i64], "{what}");
}

#[test]
fn a_bulk_import_killed_at_any_moment_is_there_whole_or_not_at_all() {
    let mut random = Random::new();
    let mut killed = 0;
    let (mut place, whole) = imported(&mut random);
    let mut done = 1;
    let mut round = 0;
    while round < cases(3) || killed == 0 && round < UNHARMED_MAX {
        round += 1;
        if done > 4 {
            (place, done) = (imported(&mut random).0, 1);
        }
        let when = When::random(&mut random, whole);
        let mut child = import(&place, &format!("round{round}"), &mut random);
        killed += usize::from(kill_at(&place.case, &mut child, when));
        let what = format!("round {round}, {when:?}");
        let mut case = place.reopened();
        let is_there = case.graph().node_count() > done * ROWS;
        assert!(is_there || !said(&mut child).contains("imported"), "acknowledged and lost, {what}");
        done += usize::from(is_there);
        assert_imports(&mut case, done, &what);
        if round % 2 == 0 {
            case.close().expect("it closes");
        }
    }
    assert!(killed > 0, "the program was never killed");
}

#[test]
fn commits_survive_a_kill_during_the_checkpoint_at_closing() {
    let mut random = Random::new();
    let (place, _) = imported(&mut random);
    let session = |first: i64| {
        let statements: String = (first..first + COMMITS)
            .map(|n| format!("MATCH (x:X {{id: 'first-{n}'}}) CREATE (x)-[:S]->(:Y {{n: {n}}});\n"))
            .collect();
        let mut session = Session::start(place.program());
        session.tell(statements, true);
        for n in 0..COMMITS {
            let answer = session.answers.recv_timeout(Duration::from_secs(30)).expect("an answer");
            assert!(is_acknowledged(&answer), "{n}: {answer}");
        }
        session
    };
    let whole = measured(&place.case, &mut session(0).child);
    for round in 1..=cases(3) as i64 {
        let when = When::random(&mut random, whole);
        let mut closing = session(round * COMMITS);
        kill_at(&place.case, &mut closing.child, when);
        let mut case = place.reopened();
        let expected: Vec<i64> = (0..(round + 1) * COMMITS).collect();
        let found =
            column(&mut case, "MATCH (x:X)-[:S]->(y:Y) WHERE x.n = y.n % 4500 RETURN y.n ORDER BY y.n");
        assert_eq!(found, expected, "round {round}, {when:?}");
    }
}

#[test]
fn commits_survive_a_kill_during_a_checkpoint_beside_them() {
    // Each statement brings the index so far behind that a checkpoint is due after some of them.
    let statement = |n: i64| format!("UNWIND range(1, 3000) AS i CREATE (:Z {{n: {n}, i: i}});\n");
    const STATEMENTS: i64 = 24;
    let mut random = Random::new();
    let mut killed_after = Vec::new();
    for round in 0..cases(3) {
        let place = Place::new();
        let mut session = Session::start(place.program());
        let last = random.below(STATEMENTS as u64) as i64;
        session.tell((0..STATEMENTS).map(statement).collect(), false);
        let mut n_acknowledged = 0;
        while n_acknowledged <= last {
            let answer = session.answers.recv_timeout(Duration::from_secs(60)).expect("an answer");
            n_acknowledged += i64::from(is_acknowledged(&answer));
        }
        thread::sleep(Duration::from_micros(random.below(20_000)));
        session.child.kill().expect("the program can be killed");
        session.child.wait().expect("the program ends");
        let mut case = place.reopened();
        let whole = column(&mut case, "MATCH (z:Z) RETURN DISTINCT z.n ORDER BY z.n");
        assert!(whole.len() as i64 >= n_acknowledged, "acknowledged and lost, round {round}, after {last}");
        assert_eq!(whole, (0..whole.len() as i64).collect::<Vec<_>>(), "round {round}, after {last}");
        let nodes = column(&mut case, "MATCH (z:Z) RETURN count(z)");
        assert_eq!(nodes, [whole.len() as i64 * 3000], "round {round}, after {last}");
        case.check().expect("record and index agree");
        killed_after.push(whole.len());
    }
    assert!(!killed_after.is_empty());
}

/// A command that makes or moves the index, killed at any moment.
fn killed_command(name: &str, default: usize) {
    let mut random = Random::new();
    let (mut place, _) = imported(&mut random);
    let command = |place: &Place| {
        let mut command = place.program();
        command.arg(name);
        quiet(command)
    };
    let whole = measured(&place.case, &mut command(&place));
    let (mut killed, mut round) = (0, 0);
    // The command may be quicker than a moment that was measured with other work on the machine.
    while round < cases(default) || killed == 0 && round < UNHARMED_MAX {
        round += 1;
        if round % 10 == 0 {
            // What was set aside stays, and would fill the disk.
            place = imported(&mut random).0;
        }
        let when = When::random(&mut random, whole);
        killed += usize::from(kill_at(&place.case, &mut command(&place), when));
        let what = format!("{name}, round {round}, {when:?}");
        // Whoever only reads needs no index.
        let mut reader = Case::open(&place.case, Access::Read).expect("the record is whole");
        assert_imports(&mut reader, 1, &what);
        let mut case = place.reopened();
        assert_imports(&mut case, 1, &what);
        case.close().expect("it closes");
    }
    assert!(killed > 0, "the program was never killed");
}

#[test]
fn rebuilding_can_be_killed_at_any_moment() {
    killed_command("rebuild", 3);
}

#[test]
fn compacting_can_be_killed_at_any_moment() {
    killed_command("compact", 2);
}

/// What was archived of a case, as the file names in its ledger say.
fn is_archived(place: &Place) -> bool {
    let case = Case::open(&place.case, Access::Read).expect("the record is whole");
    case.archived().expect("it reads").is_some()
}

/// `archive` or `unarchive`, killed at any moment: it is done or not, and never half.
fn killed_between_record_and_file(name: &str, default: usize) {
    let mut random = Random::new();
    let is_there = name == "archive";
    let place = imported(&mut random).0;
    let run = |name: &str, file: &Path| {
        let mut command = place.program();
        command.arg(name).arg(file);
        quiet(command)
    };
    let file = |round: usize| place.files.join(format!("{round}.archive"));
    let ended = |name: &str, file: &Path| {
        let mut child = run(name, file);
        let began = Instant::now();
        assert!(child.wait().expect("the program ends").success(), "{name}");
        began.elapsed()
    };
    let times = [ended("archive", &file(0)), ended("unarchive", &file(0))];
    let whole = Whole { time: times[usize::from(!is_there)], record: 5_000_000, index: 0 };
    let (mut killed, mut round) = (0, 0);
    while round < cases(default) || killed == 0 && round < UNHARMED_MAX {
        round += 1;
        let file = file(round);
        // Something to archive, and then the state that the command begins with.
        column(&mut place.reopened(), &format!("CREATE (y:Y {{n: {round}}}) RETURN y.n"));
        if !is_there {
            ended("archive", &file);
        }
        let when = When::random(&mut random, whole);
        let mut child = run(name, &file);
        let was_killed = kill_at(&place.case, &mut child, when);
        killed += usize::from(was_killed);
        let what = format!("{name}, round {round}, {when:?}");
        let is_archived = is_archived(&place);
        assert!(was_killed || is_archived == is_there, "{what}");
        let mut case = place.reopened();
        assert_eq!(case.archived().expect("it reads").is_some(), is_archived, "{what}");
        let found = column(&mut case, "MATCH (y:Y) RETURN y.n ORDER BY y.n");
        assert_eq!(found, (1..=round as i64).collect::<Vec<_>>(), "{what}");
        column(&mut case, "MATCH (y:Y) SET y.seen = true RETURN 1");
        assert_eq!(case.graph().node_count(), ROWS + round, "{what}");
        case.check().expect("everything verifies");
        case.close().expect("it closes");
        if is_archived {
            ended("unarchive", &file);
        }
        let mut case = place.reopened();
        assert_eq!(case.check().expect("everything verifies"), case.sequence(), "{what}");
        assert_eq!(column(&mut case, "MATCH (x:X) RETURN count(x)"), [ROWS as i64], "{what}");
        case.close().expect("it closes");
    }
    assert!(killed > 0, "the program was never killed");
}

#[test]
fn archiving_can_be_killed_at_any_moment() {
    killed_between_record_and_file("archive", 4);
}

#[test]
fn unarchiving_can_be_killed_at_any_moment() {
    killed_between_record_and_file("unarchive", 4);
}

//! How many commits of one row a second are durable, beside SQLite's on the same disk.
//!
//! Each of ours is a statement that creates one node with two properties: parsed, run,
//! recorded and synced. SQLite's is an `INSERT` of the same row in a transaction of its own,
//! in WAL mode with `synchronous=FULL`, from Python's `sqlite3`. The two take turns, so that
//! what else the disk does meets both, and the medians of the turns are compared.
//!
//! `COMMITS` is how many a turn makes (default 500), `COMMITS_DIR` where (default: the
//! system's directory for temporary files, which should be on a disk).
//!
//! ```text
//! COMMITS_DIR=/data cargo bench --bench commits
//! ```

#![allow(clippy::print_stdout, reason = "a measurement prints what it found")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use throughline::graph::Lens;
use throughline::model::Value;
use throughline::query::{Options, Parameters};
use throughline::{Author, Case};

mod support;

const TURNS: usize = 7;

/// Makes commits in a new file; prints how many a second.
const SQLITE: &str = "
import sqlite3, sys, time
path, n = sys.argv[1], int(sys.argv[2])
db = sqlite3.connect(path, isolation_level=None)
assert db.execute('PRAGMA journal_mode=WAL').fetchone()[0] == 'wal'
db.execute('PRAGMA synchronous=FULL')
db.execute('CREATE TABLE ship (id TEXT PRIMARY KEY, name TEXT)')
began = time.perf_counter()
for i in range(n):
    db.execute('INSERT INTO ship VALUES (?, ?)', ('s%d' % i, 'ship %d' % i))
print(n / (time.perf_counter() - began), sqlite3.sqlite_version)
";

/// Commits a second of ours, in a new case.
fn ours(dir: &Path, n: u32) -> f64 {
    let author = Author { name: "bench".to_owned(), now_micros: 1_700_000_000_000_000 };
    let mut case = Case::create(dir, &author).expect("a new case");
    let lens = Lens::default();
    let options = Options::new(&lens, author.now_micros);
    let began = Instant::now();
    for i in 0..n {
        let text = |name: &str, value: String| (name.to_owned(), Value::from(value.as_str()));
        let parameters: Parameters =
            [text("id", format!("s{i}")), text("name", format!("ship {i}"))].into_iter().collect();
        let statement = "CREATE (:Ship {id: $id, name: $name})";
        case.query(statement, &parameters, &author, &options).expect("it is recorded");
    }
    let rate = f64::from(n) / began.elapsed().as_secs_f64();
    assert_eq!(case.sequence(), u64::from(n));
    rate
}

/// SQLite's, with its version; `None` where Python or its module is missing.
fn sqlite(file: &Path, n: u32) -> Option<(f64, String)> {
    let output = Command::new("python3").args(["-c", SQLITE]).arg(file).arg(n.to_string()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (rate, version) = text.trim().split_once(' ')?;
    Some((rate.parse().ok()?, version.to_owned()))
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn main() {
    let n = support::setting("COMMITS", 500);
    let place = std::env::var_os("COMMITS_DIR").map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(place).expect("a directory");
    let (mut our_rates, mut their_rates, mut version) = (Vec::new(), Vec::new(), String::new());
    for turn in 0..TURNS {
        our_rates.push(ours(&dir.path().join(format!("case-{turn}")), n));
        if let Some((rate, of)) = sqlite(&dir.path().join(format!("{turn}.sqlite")), n) {
            their_rates.push(rate);
            version = of;
        }
    }
    println!("durable commits of one row a second, medians of {TURNS} turns of {n}");
    let ours = median(our_rates);
    println!("Throughline               {ours:>8.0}");
    if their_rates.is_empty() {
        println!("SQLite                    not measured: python3 with its module sqlite3 is missing");
        return;
    }
    let theirs = median(their_rates);
    println!("SQLite {version:<8} WAL FULL  {theirs:>8.0}");
    println!("ratio                     {:>8.2}", ours / theirs);
}

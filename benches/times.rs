//! How long chronological questions take on many dated relationships, through the
//! query language, in one warm process.
//!
//! The graph is made up: accounts that pay each other within a year, each at a random
//! second and with one of five confidences. Degrees are skewed: of a million accounts
//! the busiest has some ten thousand payments, the median a handful. Its size is set
//! with `TIMES_RELATIONSHIPS` (default 10,000,000) and `TIMES_NODES` (a tenth of that);
//! `TIMES_DAYS=1` writes whole days in place of seconds.
//!
//! ```text
//! TIMES_RELATIONSHIPS=1000000 cargo bench --bench times
//! ```
//!
//! Printed are the mean over 2000 random accounts for the first question, and medians
//! over nine runs from the busiest account for the sweeps: by the clock, and, where the
//! system tells, by what the thread spent on a processor, which other work on the machine
//! does not change as much. Every run reads, binds and plans the
//! statement anew. The statements:
//!
//! ```text
//! 21 days       MATCH EARLIEST CHRONOLOGICAL WAIT <= 7 DAYS (a:Account {id: $id})
//!               -[r:PAID WHERE r.from >= $from AND r.from < $to]->+(x) RETURN count(x)
//! ... with paths  the same with MATCH p = … RETURN p
//! 30-day sweep  MATCH EARLIEST (a:Account {id: $id})
//!               -[r:PAID WHERE r.from >= $from AND r.from < $to]->+(x) RETURN count(x)
//! year sweep    MATCH EARLIEST (a:Account {id: $id})-[:PAID]->+(x) RETURN count(x)
//! ... with waits  MATCH EARLIEST CHRONOLOGICAL WAIT <= 7 DAYS (a:Account {id: $id})-[:PAID]->+(x) RETURN count(x)
//! strongest     MATCH STRONGEST CHRONOLOGICAL WAIT <= 7 DAYS (a:Account {id: $id})-[:PAID]->+(x) RETURN count(x)
//! ```

#![allow(clippy::print_stdout, reason = "a measurement prints what it found")]

use std::time::{Duration, Instant};

use throughline::graph::{Graph, Lens};
use throughline::model::time::{DAY_MICROS, SECOND_MICROS};
use throughline::model::{Date, DateTime, Effect, NodeData, NodeId, Properties, RelationshipData, Value};
use throughline::query::{self, Answer, Options, Parameters, parser};

/// 2023-01-01.
const FIRST_DAY: i64 = 19_358;
const CONFIDENCES: [f64; 5] = [0.9, 0.7, 0.5, 0.3, 0.1];

/// The generator SplitMix64, so that every run has the same graph.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A node, the first ones far more often than the last.
    fn skewed(&mut self, n_nodes: u32) -> NodeId {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        NodeId((share * share * f64::from(n_nodes)) as u32)
    }
}

fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn payments(n_nodes: u32, n_relationships: u32, in_days: bool) -> Graph {
    let (mut graph, mut random) = (Graph::new(), Random(1));
    for id in 0..n_nodes {
        let properties = Properties::from([("id".to_owned(), Value::from(format!("a{id}")))]);
        let node = NodeData { labels: ["Account".to_owned()].into(), properties, ..NodeData::default() };
        graph.apply(&Effect::CreateNode { id: NodeId(id), node }).expect("the id is new");
    }
    for _ in 0..n_relationships {
        let (start, end) = (random.skewed(n_nodes), random.skewed(n_nodes));
        let second = random.below(365 * 86_400) as i64;
        let from = match in_days {
            true => Value::Date(Date::of_days(FIRST_DAY + second / 86_400).expect("a day of this year")),
            false => Value::DateTime(DateTime::of_micros(FIRST_DAY * DAY_MICROS + second * SECOND_MICROS)),
        };
        let confidence = Value::Float(CONFIDENCES[random.below(5) as usize]);
        let properties = Properties::from([("from".to_owned(), from), ("confidence".to_owned(), confidence)]);
        let relationship = RelationshipData { key: None, kind: "PAID".to_owned(), start, end, properties };
        let effect = Effect::CreateRelationship { id: graph.next_relationship(), relationship };
        graph.apply(&effect).expect("the ends are there");
    }
    graph.compact();
    graph
}

/// How long this thread has been on a processor.
fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

struct Bench {
    graph: Graph,
    in_days: bool,
}

impl Bench {
    fn ask(&mut self, text: &str, account: u64, days: (i64, i64)) -> (Answer, Duration) {
        let day = |day: i64| match self.in_days {
            true => Value::Date(Date::of_days(FIRST_DAY + day).expect("a day of this year")),
            false => Value::DateTime(DateTime::of_micros((FIRST_DAY + day) * DAY_MICROS)),
        };
        let parameters = Parameters::from([
            ("id".to_owned(), Value::from(format!("a{account}"))),
            ("from".to_owned(), day(days.0)),
            ("to".to_owned(), day(days.1)),
        ]);
        let lens = Lens::default();
        let options = Options::new(&lens, 0);
        let began = Instant::now();
        let statement = parser::parse_statement(text).expect("the statement is well formed");
        let answer =
            query::run(&mut self.graph, &statement, &parameters, &options).expect("it can be answered");
        let took = began.elapsed();
        let is_stopped = answer.notices.iter().any(|notice| notice.to_string().contains("stopped"));
        assert!(!is_stopped, "no limit should stop it: {:?}", answer.notices);
        (answer, took)
    }

    /// Random accounts and random weeks, one after another.
    fn mean(&mut self, name: &str, text: &str, n_days: i64, n_accounts: u64) {
        let mut random = Random(2);
        let began = on_processor();
        let (mut total, mut n_found) = (Duration::ZERO, 0);
        for _ in 0..2000 {
            let (account, first) = (random.below(n_accounts), random.below(365 - n_days as u64) as i64);
            let (answer, took) = self.ask(text, account, (first, first + n_days));
            total += took;
            n_found += match answer.rows.first().map(|row| &row[..]) {
                Some([Value::Int(count)]) => *count as usize,
                _ => answer.rows.len(),
            };
        }
        let (mean, n_found) = (total / 2000, n_found as f64 / 2000.0);
        let busy = on_processor().zip(began).map(|(now, began)| (now - began) / 2000).unwrap_or_default();
        println!("{name:<28} mean   {mean:>10.3?} ({busy:>10.3?} on processor)   {n_found:.1} ends");
    }

    fn median(&mut self, name: &str, text: &str, days: (i64, i64)) {
        let (answer, first) = self.ask(text, 0, days);
        let mut runs: Vec<(Duration, Duration)> = (0..9)
            .map(|_| {
                let began = on_processor().unwrap_or_default();
                let took = self.ask(text, 0, days).1;
                (took, on_processor().unwrap_or_default() - began)
            })
            .collect();
        runs.sort_unstable();
        let took = runs[4].0;
        runs.sort_unstable_by_key(|run| run.1);
        let (busy, ends) = (runs[4].1, &answer.rows[0]);
        println!(
            "{name:<28} median {took:>10.3?} ({busy:>10.3?} on processor)   {ends:?} ends, first run {first:.3?}"
        );
    }
}

fn main() {
    let n_relationships = setting("TIMES_RELATIONSHIPS", 10_000_000);
    let n_nodes = setting("TIMES_NODES", n_relationships / 10);
    let in_days = setting("TIMES_DAYS", 0) == 1;
    let began = Instant::now();
    let graph = payments(n_nodes, n_relationships, in_days);
    println!("{n_relationships} relationships, {n_nodes} nodes, made in {:.1?}", began.elapsed());
    let mut bench = Bench { graph, in_days };
    let window = "-[r:PAID WHERE r.from >= $from AND r.from < $to]->+(x)";
    let start = "(a:Account {id: $id})";
    let waits = "CHRONOLOGICAL WAIT <= 7 DAYS";
    let first = format!("MATCH EARLIEST {waits} {start}{window} RETURN count(x)");
    bench.mean("warming up", &first, 21, n_nodes.into());
    bench.mean("21 days", &first, 21, n_nodes.into());
    let with_paths = format!("MATCH p = EARLIEST {waits} {start}{window} RETURN p");
    bench.mean("21 days, with paths", &with_paths, 21, n_nodes.into());
    let month = format!("MATCH EARLIEST {start}{window} RETURN count(x)");
    bench.median("30-day sweep", &month, (100, 130));
    let year = format!("MATCH EARLIEST {start}-[:PAID]->+(x) RETURN count(x)");
    bench.median("year sweep", &year, (0, 365));
    let year = format!("MATCH EARLIEST {waits} {start}-[:PAID]->+(x) RETURN count(x)");
    bench.median("year sweep, with waits", &year, (0, 365));
    let year = format!("MATCH STRONGEST {waits} {start}-[:PAID]->+(x) RETURN count(x)");
    bench.median("strongest, with waits", &year, (0, 365));
}

//! How long statements take on an R-MAT graph, from their text to their answer: hops,
//! shortest paths from node to node, and sweeps.
//!
//! The size is set with `PATHS_SCALE` (the graph has 2^scale nodes, default 20) and
//! `PATHS_DEGREE` (relationships a node, default 8). Each line is the median, the ninth
//! decile and the greatest time over random nodes that have relationships, in a warm
//! process; `PATHS_RUNS` says over how many (default 1000, for slow statements fewer).
//! `PATHS_ONLY=sweep` measures those whose name has the word. Criterion then measures the mean of the fast ones.
//!
//! ```text
//! PATHS_SCALE=16 cargo bench --bench paths
//! ```

#![allow(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use support::{Random, numbered, rmat, setting};
use throughline::graph::{Graph, Lens};
use throughline::model::{NodeId, Value};
use throughline::query::{self, Options, Parameters};

mod support;

/// A statement, and how many runs of it make one slow run of another.
struct Question {
    name: &'static str,
    text: &'static str,
    share: usize,
    is_fast: bool,
}

const fn fast(name: &'static str, text: &'static str) -> Question {
    Question { name, text, share: 1, is_fast: true }
}

const fn slow(share: usize, name: &'static str, text: &'static str) -> Question {
    Question { name, text, share, is_fast: false }
}

const QUESTIONS: [Question; 19] = [
    fast("seek", "MATCH (a:N {id: $a}), (b:N {id: $b}) RETURN a.id, b.id"),
    fast("one hop", "MATCH (a:N {id: $a})-[:T]->(b) RETURN count(DISTINCT b)"),
    fast("two hops", "MATCH (a:N {id: $a})-[:T]->(b)-[:T]->(c) RETURN count(DISTINCT c)"),
    fast(
        "any shortest, to and fro, {1,8}",
        "MATCH p = ANY SHORTEST (a:N {id: $a})-[:T]-{1,8}(b:N {id: $b}) RETURN length(p)",
    ),
    fast(
        "any shortest, to and fro, +",
        "MATCH p = ANY SHORTEST (a:N {id: $a})-[:T]-+(b:N {id: $b}) RETURN length(p)",
    ),
    fast(
        "any shortest, directed, +",
        "MATCH p = ANY SHORTEST (a:N {id: $a})-[:T]->+(b:N {id: $b}) RETURN length(p)",
    ),
    fast(
        "any shortest, labels within",
        "MATCH p = ANY SHORTEST (a:N {id: $a}) ((:N)-[:T]-(:N)){1,8} (b:N {id: $b}) RETURN length(p)",
    ),
    slow(10, "all shortest, +", "MATCH p = ALL SHORTEST (a:N {id: $a})-[:T]-+(b:N {id: $b}) RETURN count(p)"),
    slow(10, "shortest 5, +", "MATCH p = SHORTEST 5 (a:N {id: $a})-[:T]-+(b:N {id: $b}) RETURN length(p)"),
    slow(
        10,
        "shortest 5, acyclic, {3,8}",
        "MATCH p = SHORTEST 5 ACYCLIC (a:N {id: $a})-[:T]->{3,8}(b:N {id: $b}) RETURN length(p)",
    ),
    slow(
        10,
        "cheapest, directed, {1,3}",
        "MATCH p = CHEAPEST 1 COST (r | 1) (a:N {id: $a})-[:T]->{1,3}(b:N {id: $b}) RETURN length(p)",
    ),
    slow(
        10,
        "cheapest, weights, directed, +",
        "MATCH p = CHEAPEST 1 COST (r | 1 + id(r) % 10) (a:N {id: $a})-[:T]->+(b:N {id: $b}) RETURN length(p)",
    ),
    slow(
        10,
        "cheapest 5, weights, directed, +",
        "MATCH p = CHEAPEST 5 COST (r | 1 + id(r) % 10) (a:N {id: $a})-[:T]->+(b:N {id: $b}) RETURN length(p)",
    ),
    slow(
        10,
        "cheapest 5, fractions, acyclic, {1,8}",
        "MATCH p = CHEAPEST 5 COST (r | 0.1 + id(r) % 10 / 10.0) ACYCLIC \
         (a:N {id: $a})-[:T]->{1,8}(b:N {id: $b}) RETURN length(p)",
    ),
    slow(
        200,
        "sweep, cheapest, weights, directed, +",
        "MATCH p = CHEAPEST 1 COST (r | 1 + id(r) % 10) (a:N {id: $a})-[:T]->+(b:N) \
         RETURN sum(length(p)), count(*)",
    ),
    slow(50, "three hops", "MATCH (a:N {id: $a})-[:T]->()-[:T]->()-[:T]->(d) RETURN count(DISTINCT d)"),
    slow(
        200,
        "sweep, any shortest, directed, +",
        "MATCH p = ANY SHORTEST (a:N {id: $a})-[:T]->+(b:N) RETURN sum(length(p)), count(*)",
    ),
    slow(200, "sweep, ends alone", "MATCH ANY SHORTEST (a:N {id: $a})-[:T]->+(b) RETURN count(*)"),
    slow(
        200,
        "sweep, any shortest, to and fro, +",
        "MATCH p = ANY SHORTEST (a:N {id: $a})-[:T]-+(b:N) RETURN sum(length(p)), count(*)",
    ),
];

/// Runs a statement; gives how long it took from its text on.
fn run(graph: &mut Graph, text: &str, parameters: &Parameters) -> Duration {
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let began = Instant::now();
    let statement = query::parser::parse_statement(text).expect("the statement parses");
    let answer = query::run(graph, &statement, parameters, &options).expect("the statement runs");
    let took = began.elapsed();
    std::hint::black_box(answer);
    took
}

/// Pairs of nodes that have relationships, as parameters.
fn pairs(graph: &Graph, count: usize) -> Vec<Parameters> {
    let mut random = Random(3);
    let mut node = || loop {
        let id = NodeId(u32::try_from(random.below(graph.node_bound())).expect("ids have 32 bits"));
        if graph.has_relationships(id) {
            return Value::from(id.0.to_string());
        }
    };
    (0..count).map(|_| [("a".to_owned(), node()), ("b".to_owned(), node())].into_iter().collect()).collect()
}

fn paths(criterion: &mut Criterion) {
    let (scale, degree) = (setting("PATHS_SCALE", 20), setting("PATHS_DEGREE", 8));
    let mut graph = rmat(scale, degree, &["T"], numbered);
    graph.compact();
    let pairs = pairs(&graph, setting("PATHS_RUNS", 1000) as usize);
    let only = std::env::var("PATHS_ONLY").unwrap_or_default();
    let questions = || QUESTIONS.iter().filter(|question| question.name.contains(&only));
    for question in questions() {
        let runs = (pairs.len() / question.share).max(3).min(pairs.len());
        run(&mut graph, question.text, &pairs[0]);
        let mut times: Vec<Duration> =
            pairs[..runs].iter().map(|pair| run(&mut graph, question.text, pair)).collect();
        times.sort_unstable();
        let millis = |at: usize| times[at.min(runs - 1)].as_secs_f64() * 1e3;
        println!(
            "{:<40} median {:>9.4} ms   p90 {:>9.4} ms   max {:>9.4} ms   ({runs} runs)",
            question.name,
            millis(runs / 2),
            millis(runs * 9 / 10),
            millis(runs)
        );
    }
    let mut group = criterion.benchmark_group("mean");
    for question in questions().filter(|question| question.is_fast) {
        let mut turn = pairs.iter().cycle();
        group.bench_function(question.name, |bench| {
            bench.iter_custom(|n| {
                (0..n).filter_map(|_| turn.next()).map(|pair| run(&mut graph, question.text, pair)).sum()
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = paths
}
criterion_main!(benches);

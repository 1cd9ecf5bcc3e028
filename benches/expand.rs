//! How long one neighbour takes: expanding nodes of an R-MAT graph.
//!
//! Every time that is printed is the time of one neighbour. The size is set with
//! `EXPAND_SCALE` (the graph has 2^scale nodes, default 20) and `EXPAND_DEGREE`
//! (relationships a node, default 8):
//!
//! ```text
//! EXPAND_SCALE=16 cargo bench --bench expand
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use support::{Random, rmat, setting};
use throughline::graph::{Direction, Lens, Symbol, View};
use throughline::model::{NodeData, NodeId};

mod support;

const TYPES: [&str; 4] = ["OWNS", "CALLED_AT", "MANAGES", "NEAR"];

/// Expands one node after another until `wanted` neighbours have been seen; gives
/// the time of `wanted`.
fn time(wanted: u64, nodes: &[NodeId], expand: impl Fn(NodeId) -> u64) -> Duration {
    let (mut seen, began) = (0, Instant::now());
    for &node in nodes.iter().cycle() {
        seen += expand(node);
        if seen >= wanted {
            break;
        }
    }
    began.elapsed().mul_f64(wanted as f64 / seen as f64)
}

/// What a caller does with a neighbour, so that nothing is optimised away.
fn sum(pairs: impl Iterator<Item = (impl Sized, NodeId)>) -> u64 {
    let (sum, count) = pairs.fold((0_u64, 0), |(sum, count), (_, node)| (sum + u64::from(node.0), count + 1));
    black_box(sum);
    count
}

fn bench_view(criterion: &mut Criterion, name: &str, view: View<'_>, nodes: &[NodeId], types: &[Symbol]) {
    let mut group = criterion.benchmark_group(name);
    for direction in [Direction::Outgoing, Direction::Incoming, Direction::Either] {
        group.bench_function(format!("{direction:?}"), |bench| {
            bench.iter_custom(|n| time(n, nodes, |node| sum(view.expand(node, direction, types))));
        });
    }
    group.bench_function("hops, filtered by type", |bench| {
        bench.iter_custom(|n| {
            time(n, nodes, |node| {
                let hops = view.hops(node, Direction::Outgoing);
                let hops = hops.filter(|hop| types.is_empty() || types.contains(&hop.kind));
                sum(hops.map(|hop| (hop.relationship, hop.node)))
            })
        });
    });
    if view.neighbours(nodes[0], Direction::Outgoing, types).is_some() {
        group.bench_function("slices", |bench| {
            bench.iter_custom(|n| {
                time(n, nodes, |node| {
                    let slices = view.neighbours(node, Direction::Outgoing, types);
                    sum(slices.into_iter().flat_map(|slices| slices.nodes).map(|&node| ((), node)))
                })
            });
        });
    }
    group.finish();
}

fn expand(criterion: &mut Criterion) {
    let (scale, degree) = (setting("EXPAND_SCALE", 20), setting("EXPAND_DEGREE", 8));
    let mut graph = rmat(scale, degree, &TYPES, |_| NodeData::default());
    let mut random = Random(2);
    // The start of a random relationship, so that hubs come often, as in a search.
    let starts = (0..1_000_000).map(|_| random.ends(scale).0).collect::<Vec<_>>();
    let one_type = [graph.symbol(TYPES[0]).expect("some relationship has it")];

    let view = View::new(&graph, None, false);
    bench_view(criterion, "overlay, one type", view, &starts, &one_type);
    graph.compact();
    let view = View::new(&graph, None, false);
    bench_view(criterion, "all types", view, &starts, &[]);
    bench_view(criterion, "one type", view, &starts, &one_type);
    let lens = Lens::default().compile(&graph).expect("a clear lens");
    let view = View::new(&graph, Some(&lens), false);
    bench_view(criterion, "through a lens, one type", view, &starts, &one_type);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = expand
}
criterion_main!(benches);

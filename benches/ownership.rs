//! How long the 50 Percent Rule takes on many owners, in one warm process.
//!
//! The graph is made up: entities that own each other at random, a quarter of the shares missing or a
//! range, one entity in a hundred listed. Its size is set with `OWNERSHIP_RELATIONSHIPS` (default
//! 1,000,000) and `OWNERSHIP_NODES` (half of that).
//!
//! ```text
//! OWNERSHIP_RELATIONSHIPS=100000 cargo bench --bench ownership
//! ```

#![allow(clippy::print_stdout, reason = "a measurement prints what it found")]

mod support;

use std::time::Instant;

use support::{Random, setting};
use throughline::graph::{Graph, Lens};
use throughline::model::{Effect, NodeData, NodeId, Properties, RelationshipData, Value};
use throughline::query::{self, Options, Parameters, parser};

fn owners(n_nodes: u32, n_relationships: u32) -> Graph {
    let (mut graph, mut random) = (Graph::new(), Random(1));
    for id in 0..n_nodes {
        let mut properties = Properties::from([("id".to_owned(), Value::from(format!("e{id}")))]);
        if random.below(100) == 0 {
            properties.insert("topics".to_owned(), Value::List(vec![Value::from("sanction")]));
        }
        let node = NodeData { labels: ["Company".to_owned()].into(), properties, ..NodeData::default() };
        graph.apply(&Effect::CreateNode { id: NodeId(id), node }).expect("the id is new");
    }
    for _ in 0..n_relationships {
        let [start, end] = [(); 2].map(|()| NodeId(random.below(n_nodes as usize) as u32));
        let percent = |random: &mut Random| Value::Float((1 + random.below(100)) as f64 / 100.0);
        let mut properties = Properties::new();
        match random.below(8) {
            0 => {}
            1 => {
                properties.insert("shareMin".to_owned(), Value::Float(0.25));
                properties.insert("shareMax".to_owned(), Value::Float(0.5));
            }
            _ => _ = properties.insert("share".to_owned(), percent(&mut random)),
        }
        let relationship = RelationshipData { key: None, kind: "OWNS".to_owned(), start, end, properties };
        let effect = Effect::CreateRelationship { id: graph.next_relationship(), relationship };
        graph.apply(&effect).expect("the ends are there");
    }
    graph
}

fn main() {
    let n_relationships = setting("OWNERSHIP_RELATIONSHIPS", 1_000_000);
    let n_nodes = setting("OWNERSHIP_NODES", n_relationships / 2);
    let mut graph = owners(n_nodes, n_relationships);
    println!("{n_nodes} entities, {n_relationships} stakes");
    let statements = [
        "CALL ownership.blocked({regime: 'OFAC'}) YIELD verdict RETURN verdict, count(*)",
        "CALL ownership.blocked({regime: 'EU'}) YIELD verdict RETURN verdict, count(*)",
        "CALL ownership.blocked({regime: 'UK'}) YIELD verdict RETURN verdict, count(*)",
        "CALL ownership.blocked({regime: 'OFAC'}) YIELD verdict, missing RETURN verdict, count(missing[0])",
        "CALL ownership.blocked({regime: 'OFAC'}) YIELD verdict, proof RETURN verdict, count(proof)",
        "CALL ownership.blocked({regime: 'OFAC', entity: 'e7'}) YIELD verdict, proof RETURN verdict, 1",
        "CALL exposure.topics() YIELD topic RETURN topic, count(*)",
    ];
    let lens = Lens::default();
    for text in statements {
        let statement = parser::parse_statement(text).expect("it is a statement");
        let begun = Instant::now();
        let options = Options::new(&lens, 1_704_067_200_000_000);
        let answer = query::run(&mut graph, &statement, &Parameters::new(), &options);
        let taken = begun.elapsed().as_secs_f64();
        match answer {
            Ok(answer) => println!("{taken:8.3} s  {text}  {:?}", answer.rows),
            Err(error) => println!("{taken:8.3} s  {text}  {error}"),
        }
    }
}

//! What the graph keeps up to date with every change is what a count from scratch
//! gives: random changes, some of them taken back, on small graphs.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use proptest::prelude::*;
use throughline::graph::{BlockSource, Direction, Graph, PropertyIndex, Statistics, Symbol};
use throughline::model::{
    Date, DateTime, Duration, Effect, IndexDefinition, IndexOn, NodeData, NodeId, RelationshipData,
    RelationshipId, Value,
};
use throughline::store::Column;

const LABELS: [&str; 3] = ["A", "B", "C"];
const TYPES: [&str; 3] = ["E", "F", "G"];
const PROPERTIES: [&str; 2] = ["p", "q"];
const DIRECTIONS: [Direction; 3] = [Direction::Outgoing, Direction::Incoming, Direction::Either];

/// What a test does next; numbers pick among what is there.
#[derive(Debug, Clone)]
enum Step {
    /// With labels, and a value of a property.
    CreateNode(Vec<usize>, usize, usize),
    /// Of a node: a property, and its value or none.
    SetProperty(usize, usize, Option<usize>),
    /// A label and a property.
    ToggleIndex(usize, usize),
    DeleteNode(usize),
    ToggleLabel(usize, usize),
    CreateRelationship(usize, usize, usize, i64),
    DeleteRelationship(usize),
    /// What was done so far can no longer be taken back.
    Commit,
    TakeBack(usize),
    /// What was deleted is there again.
    Restore(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..64usize;
    prop_oneof![
        3 => (prop::collection::vec(0..LABELS.len(), 0..3), 0..PROPERTIES.len(), any.clone())
            .prop_map(|(labels, property, value)| Step::CreateNode(labels, property, value)),
        4 => (any.clone(), 0..PROPERTIES.len(), prop::option::weighted(0.8, any.clone()))
            .prop_map(|(node, property, value)| Step::SetProperty(node, property, value)),
        2 => (0..LABELS.len(), 0..PROPERTIES.len())
            .prop_map(|(label, property)| Step::ToggleIndex(label, property)),
        1 => any.clone().prop_map(Step::DeleteNode),
        3 => (any.clone(), 0..LABELS.len()).prop_map(|(node, label)| Step::ToggleLabel(node, label)),
        6 => (any.clone(), any.clone(), 0..TYPES.len(), 0..5i64)
            .prop_map(|(start, end, kind, from)| Step::CreateRelationship(start, end, kind, from)),
        3 => any.clone().prop_map(Step::DeleteRelationship),
        1 => Just(Step::Commit),
        2 => any.clone().prop_map(Step::TakeBack),
        2 => any.prop_map(Step::Restore),
    ]
}

fn pick<T: Copy>(items: &[T], number: usize) -> Option<T> {
    (!items.is_empty()).then(|| items[number % items.len()])
}

/// Values that are equal, that compare, and that do neither.
fn values() -> Vec<Value> {
    let instant = |text: &str| Value::DateTime(DateTime::parse(text).expect("a datetime"));
    let day = |text: &str| Value::Date(Date::parse(text).expect("a date"));
    let mut values: Vec<Value> = [0, 1, 2, i64::MAX, 9_007_199_254_740_993].map(Value::Int).into();
    values.extend([-0.0, 1.0, 1.5, f64::NAN, f64::INFINITY, 9_007_199_254_740_992.0].map(Value::Float));
    values.extend(["", "a", "ab", "abc", "b", "2023", "ä"].map(Value::from));
    values.extend([true, false].map(Value::Bool));
    values.extend([day("2023-01-01"), day("2023-01-02"), Value::Duration(Duration::default())]);
    values.extend(["2023-01-01T00:00:00Z", "2023-01-01T02:00:00+02:00", "2023-01-01T00:00:01Z"].map(instant));
    let lists = [vec![], vec![1, 0], vec![1, 9], vec![1, 6], vec![6, 9], vec![8], vec![23], vec![24]];
    let lists = lists.map(|list| Value::List(list.into_iter().map(|i: usize| values[i].clone()).collect()));
    values.extend(lists);
    values
}

fn value_of(number: usize) -> Value {
    let values = values();
    values[number % values.len()].clone()
}

/// The effect that a step has on a graph, where it has one.
fn effect(graph: &Graph, step: &Step) -> Option<Effect> {
    let nodes: Vec<NodeId> = graph.nodes().map(|(id, _)| id).collect();
    let relationships: Vec<RelationshipId> = graph.relationships().map(|(id, _)| id).collect();
    match step {
        Step::CreateNode(labels, property, value) => {
            let mut labels: Vec<String> = labels.iter().map(|&label| LABELS[label].to_owned()).collect();
            labels.sort();
            labels.dedup();
            let properties = [(PROPERTIES[*property].to_owned(), value_of(*value))].into();
            let node = NodeData { key: None, labels, properties };
            Some(Effect::CreateNode { id: graph.next_node(), node })
        }
        Step::SetProperty(number, property, value) => {
            let id = pick(&nodes, *number)?;
            let name = PROPERTIES[*property].to_owned();
            let before = graph.node_data(id)?.properties.remove(&name);
            Some(Effect::SetNodeProperty { id, name, before, after: value.map(value_of) })
        }
        Step::ToggleIndex(label, property) => {
            let (label, property) = (LABELS[*label].to_owned(), PROPERTIES[*property].to_owned());
            let name = format!("{label} {property}");
            let index = IndexDefinition { name, on: IndexOn::Nodes { label, property } };
            Some(match graph.index_named(&index.name) {
                Some(_) => Effect::DropIndex { before: index },
                None => Effect::CreateIndex { index },
            })
        }
        Step::DeleteNode(number) => {
            let id = pick(&nodes, *number).filter(|&id| !graph.has_relationships(id))?;
            Some(Effect::DeleteNode { id, before: graph.node_data(id)? })
        }
        Step::ToggleLabel(number, label) => {
            let id = pick(&nodes, *number)?;
            let label = LABELS[*label].to_owned();
            let present = !graph.node_data(id)?.labels.contains(&label);
            Some(Effect::SetLabel { id, label, present })
        }
        Step::CreateRelationship(start, end, kind, from) => {
            let relationship = RelationshipData {
                key: None,
                kind: TYPES[*kind].to_owned(),
                start: pick(&nodes, *start)?,
                end: pick(&nodes, *end)?,
                properties: [("from".to_owned(), Value::Int(*from))].into(),
            };
            Some(Effect::CreateRelationship { id: graph.next_relationship(), relationship })
        }
        Step::DeleteRelationship(number) => {
            let id = pick(&relationships, *number)?;
            Some(Effect::DeleteRelationship { id, before: graph.relationship_data(id)? })
        }
        Step::Commit | Step::TakeBack(_) | Step::Restore(_) => None,
    }
}

/// Runs the steps, and gives the graph after each.
fn run(steps: &[Step], mut check: impl FnMut(&Graph)) {
    let mut graph = Graph::new();
    let mut done: Vec<Effect> = Vec::new();
    let mut gone: Vec<Effect> = Vec::new();
    for step in steps {
        match step {
            Step::Commit => {
                let is_deletion = |effect: &Effect| {
                    matches!(effect, Effect::DeleteNode { .. } | Effect::DeleteRelationship { .. })
                };
                gone.extend(done.drain(..).filter(is_deletion));
                graph.compact();
            }
            Step::Restore(number) => {
                let Some(effect) = gone.get(number % gone.len().max(1)) else { continue };
                // It is there again already, or an end of it is not.
                let effect = effect.undone();
                if graph.apply(&effect).is_ok() {
                    done.push(effect);
                }
            }
            Step::TakeBack(n) => {
                let kept = done.len().saturating_sub(*n);
                done.drain(kept..).rev().for_each(|effect| graph.revert(&effect));
            }
            _ => {
                let Some(effect) = effect(&graph, step) else { continue };
                graph.apply(&effect).expect("the step fits the graph");
                done.push(effect);
            }
        }
        check(&graph);
    }
}

/// The relationships of a node, found by looking at all of them.
fn scan(
    graph: &Graph,
    node: NodeId,
    direction: Direction,
    types: &[Symbol],
) -> Vec<(RelationshipId, NodeId)> {
    let mut found = Vec::new();
    for (id, relationship) in graph.relationships() {
        if !types.is_empty() && !types.contains(&relationship.kind) {
            continue;
        }
        if direction != Direction::Incoming && relationship.start == node {
            found.push((id, relationship.end));
        } else if direction != Direction::Outgoing && relationship.end == node {
            found.push((id, relationship.start));
        }
    }
    found
}

/// The blocks of a graph, as an index would hold them.
#[derive(Debug)]
struct Blocks(BTreeMap<(Column, u32), Vec<u8>>);

impl Blocks {
    fn of(graph: &Graph) -> Self {
        let blocks = graph.changed_blocks().map(|block| block.expect("a small graph can be encoded"));
        Self(blocks.filter_map(|(column, number, bytes)| Some(((column, number), bytes?))).collect())
    }
}

impl BlockSource for Blocks {
    fn read_block(&self, column: Column, number: u32) -> throughline::Result<Option<Vec<u8>>> {
        Ok(self.0.get(&(column, number)).cloned())
    }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

/// Compares what an index finds with what looking at every node finds.
fn check_index(graph: &Graph, index: &PropertyIndex) {
    let nodes: Vec<(NodeId, Value)> = graph
        .nodes()
        .filter(|(_, node)| node.labels().contains(&index.label()))
        .filter_map(|(id, node)| Some((id, node.property(index.property())?.clone())))
        .collect();
    let scan = |fits: &dyn Fn(&Value) -> bool| -> Vec<NodeId> {
        nodes.iter().filter(|(_, value)| fits(value)).map(|(id, _)| *id).collect()
    };
    let equal = |a: &Value, b: &Value| a.equals(b) == Some(true);
    let mut values = values();
    values.push(Value::Null);

    for value in &values {
        let found: Vec<NodeId> = index.equal(value).collect();
        assert_eq!(found, scan(&|other| equal(other, value)), "= {value}");
        assert_eq!(found.len(), index.equal_count(value));
        if let Some(start) = value.as_str() {
            let begins = |other: &Value| other.as_str().is_some_and(|text| text.starts_with(start));
            assert_eq!(sorted(index.prefix(start).collect()), scan(&begins), "STARTS WITH {value}");
        }
    }
    let in_it: Vec<&Value> =
        nodes.iter().map(|(_, value)| value).filter(|value| equal(value, value)).collect();
    assert_eq!(index.len(), in_it.len());
    let classes =
        in_it.iter().enumerate().filter(|(i, value)| !in_it[..*i].iter().any(|other| equal(other, value)));
    assert_eq!(index.distinct(), classes.count());

    let bounds = values.iter().flat_map(|value| [Bound::Included(value), Bound::Excluded(value)]);
    let bounds: Vec<Bound<&Value>> = bounds.chain([Bound::Unbounded]).collect();
    for (from, to) in bounds.iter().flat_map(|from| bounds.iter().map(move |to| (*from, *to))) {
        let Some(found) = index.range(from, to) else { continue };
        let found: Vec<NodeId> = found.collect();
        let expected = scan(&|value| is_above(value, from) && is_below(value, to));
        assert_eq!(sorted(found.clone()), expected, "{from:?} to {to:?}");
        let value_at = |id: NodeId| nodes.iter().find(|node| node.0 == id).map(|node| &node.1);
        let in_order = found.windows(2).all(|pair| {
            let order = value_at(pair[0]).zip(value_at(pair[1])).and_then(|(a, b)| a.compare(b));
            order.is_some_and(|order| order.then(pair[0].cmp(&pair[1])).is_lt())
        });
        assert!(in_order, "{from:?} to {to:?}: {found:?}");
    }
}

fn is_above(value: &Value, bound: Bound<&Value>) -> bool {
    match bound {
        Bound::Included(from) => value.compare(from).is_some_and(Ordering::is_ge),
        Bound::Excluded(from) => value.compare(from).is_some_and(Ordering::is_gt),
        Bound::Unbounded => true,
    }
}

fn is_below(value: &Value, bound: Bound<&Value>) -> bool {
    match bound {
        Bound::Included(to) => value.compare(to).is_some_and(Ordering::is_le),
        Bound::Excluded(to) => value.compare(to).is_some_and(Ordering::is_lt),
        Bound::Unbounded => true,
    }
}

/// Every set of types in use, and one of a type that no relationship has.
fn type_sets(graph: &Graph) -> Vec<Vec<Symbol>> {
    let symbols: Vec<Symbol> =
        TYPES.iter().chain(&LABELS[..1]).filter_map(|name| graph.symbol(name)).collect();
    let pairs = symbols.iter().zip(symbols.iter().skip(1)).map(|(&a, &b)| vec![a, b, a]);
    let single = symbols.iter().map(|&symbol| vec![symbol]);
    std::iter::once(Vec::new()).chain(single).chain(pairs).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn statistics_are_those_of_a_recount(steps in prop::collection::vec(step(), 1..60)) {
        run(&steps, |graph| assert_eq!(graph.statistics(), &Statistics::count(graph)));
    }

    #[test]
    fn a_graph_read_from_its_blocks_is_the_same(steps in prop::collection::vec(step(), 1..60)) {
        let mut last = Graph::new();
        run(&steps, |graph| last = graph.clone());
        last.prepare_checkpoint();
        let loaded = Graph::open(Arc::new(Blocks::of(&last))).expect("the blocks are whole");
        assert!(loaded.same_elements(&last));
        assert_eq!(loaded.statistics(), &Statistics::count(&loaded));
        assert_eq!(loaded.labels_in_use(), last.labels_in_use());
        loaded.indexes().for_each(|index| check_index(&loaded, index));
    }

    #[test]
    fn expanding_finds_what_a_scan_of_all_relationships_finds(steps in prop::collection::vec(step(), 1..40)) {
        run(&steps, |graph| {
            for (node, direction) in graph.nodes().flat_map(|(id, _)| DIRECTIONS.map(|direction| (id, direction))) {
                for types in type_sets(graph) {
                    let found: Vec<_> = graph.expand(node, direction, &types).collect();
                    let mut folded = Vec::new();
                    graph.expand(node, direction, &types).for_each(|pair| folded.push(pair));
                    assert_eq!(found, folded);
                    assert_eq!(graph.degree(node, direction, &types), found.len());
                    let hops = graph.hops(node, direction);
                    let hops = hops.filter(|hop| types.is_empty() || types.contains(&hop.kind));
                    assert_eq!(found, hops.map(|hop| (hop.relationship, hop.node)).collect::<Vec<_>>());
                    if let Some(slices) = graph.neighbours(node, direction, &types) {
                        let pairs = slices.relationships.iter().copied().zip(slices.nodes.iter().copied());
                        assert_eq!(found, pairs.collect::<Vec<_>>());
                    }
                    assert_eq!(sorted(found), sorted(scan(graph, node, direction, &types)));
                }
            }
        });
    }
}

proptest! {
    // Fewer, since every pair of bounds is tried.
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_property_index_answers_as_a_scan_does(steps in prop::collection::vec(step(), 1..60)) {
        let mut n_changes = 0;
        run(&steps, |graph| {
            n_changes += 1;
            if n_changes % 4 == 0 {
                graph.indexes().for_each(|index| check_index(graph, index));
            }
        });
    }
}

#[test]
fn after_a_large_change_neighbours_are_one_slice() {
    let mut graph = Graph::new();
    for _ in 0..2 {
        let effect = Effect::CreateNode { id: graph.next_node(), node: NodeData::default() };
        graph.apply(&effect).expect("the id is new");
    }
    let relate = |graph: &mut Graph, kind: &str| {
        let (kind, start, end) = (kind.to_owned(), NodeId(0), NodeId(1));
        let relationship = RelationshipData { key: None, kind, start, end, properties: Default::default() };
        let effect = Effect::CreateRelationship { id: graph.next_relationship(), relationship };
        graph.apply(&effect).expect("the ends are there");
        effect
    };
    (0..1000).for_each(|_| drop(relate(&mut graph, "E")));
    (0..1000).for_each(|_| drop(relate(&mut graph, "F")));
    let types = [graph.symbol("F").expect("just used")];
    assert_eq!(graph.neighbours(NodeId(0), Direction::Outgoing, &types), None);
    graph.settle();
    let slices = graph.neighbours(NodeId(0), Direction::Outgoing, &types).expect("nothing changed since");
    assert_eq!((slices.nodes.len(), slices.relationships[0]), (1000, RelationshipId(1000)));
    let none = graph.neighbours(NodeId(1), Direction::Outgoing, &types).expect("nothing changed since");
    assert!(none.nodes.is_empty());
    let one_more = relate(&mut graph, "F");
    assert_eq!(graph.neighbours(NodeId(0), Direction::Outgoing, &types), None);
    assert_eq!(graph.degree(NodeId(0), Direction::Outgoing, &types), 1001);
    graph.revert(&one_more);
    assert!(graph.neighbours(NodeId(0), Direction::Outgoing, &types).is_some());
}

//! A graph whose pages are written, given back and read again says what a graph says
//! that never left the memory: random changes, with checkpoints, reopenings and large
//! additions in between, on small graphs.
//!
//! `THROUGHLINE_CASES` and `THROUGHLINE_SEED` make a longer run.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use throughline::columns::{NodeColumns, RelationshipColumns};
use throughline::graph::{BlockSource, Direction, Graph, PropertyIndex, View};
use throughline::model::{
    About, Claim, Effect, IndexDefinition, IndexOn, NodeData, NodeId, Properties, RelationshipData,
    RelationshipId, Stance, Value,
};
use throughline::names::{Name, similarity};
use throughline::store::Column;

/// A store that keeps blocks in memory.
#[derive(Debug, Default)]
struct Blocks(RwLock<BTreeMap<(Column, u32), Vec<u8>>>);

impl BlockSource for Blocks {
    fn read_block(&self, column: Column, number: u32) -> throughline::Result<Option<Vec<u8>>> {
        Ok(self.0.read().expect("no test panics with it").get(&(column, number)).cloned())
    }
}

impl Blocks {
    fn checkpoint(self: &Arc<Self>, graph: &mut Graph) {
        graph.prepare_checkpoint();
        let departed = graph.depart();
        self.write(&departed);
        graph.arrive(&departed, Some(self.clone()));
    }

    fn write(&self, departed: &Graph) {
        let changed = departed.changed_blocks().map(|block| block.expect("a small graph can be encoded"));
        let changed: Vec<_> = changed.collect();
        let mut blocks = self.0.write().expect("no test panics with it");
        for (column, number, bytes) in changed {
            match bytes {
                Some(bytes) => drop(blocks.insert((column, number), bytes)),
                None => drop(blocks.remove(&(column, number))),
            }
        }
    }

    /// Begins a checkpoint, or ends the one that is under way, well or badly.
    fn fly(self: &Arc<Self>, graph: &mut Graph, flight: &mut Option<Graph>, random: &mut Random) {
        match flight.take() {
            None => {
                graph.prepare_checkpoint();
                *flight = Some(graph.depart());
            }
            Some(departed) => {
                let is_written = random.below(3) > 0;
                if is_written {
                    self.write(&departed);
                }
                graph.arrive(&departed, is_written.then(|| self.clone() as _));
            }
        }
    }
}

/// Names in several scripts and spellings, and some that are alike.
const NAMES: &[&str] =
    &["Rajin", "라진항", "Vostochny", "порт Восточный", "MARIA", "MARIA E", "Oboronlogistika OOO", "VAZ"];

/// SplitMix64, so that a seed gives the same case everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        (!items.is_empty()).then(|| items[self.below(items.len())])
    }

    fn key(&mut self) -> Option<String> {
        (self.below(2) == 0).then(|| format!("k{}", self.below(12)))
    }

    fn properties(&mut self) -> Properties {
        let mut properties = Properties::new();
        match self.below(4) {
            0 => drop(properties.insert("from".to_owned(), Value::Int(self.below(9) as i64))),
            1 => drop(properties.insert("from".to_owned(), Value::from("2023-09"))),
            _ => {}
        }
        if self.below(2) == 0 {
            properties.insert("id".to_owned(), Value::from(format!("k{}", self.below(12)).as_str()));
        }
        if self.below(2) == 0 {
            properties.insert("name".to_owned(), self.name());
        }
        if self.below(8) == 0 {
            properties.insert("imo".to_owned(), Value::from(["8517839", "9076533"][self.below(2)]));
        }
        if self.below(9) == 0 {
            properties.insert("confidential".to_owned(), Value::Bool(self.below(2) == 0));
        }
        if self.below(3) == 0 {
            properties.insert("w".to_owned(), Value::Int(self.below(3) as i64));
        }
        properties
    }

    fn name(&mut self) -> Value {
        Value::from(NAMES[self.below(NAMES.len())])
    }

    fn node(&mut self, graph: &Graph) -> NodeData {
        let key = self.key().filter(|key| graph.node_by_key(key).is_none());
        let labels = [&[][..], &["A"], &["B"], &["A", "B"]][self.below(4)];
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        NodeData { key, labels, properties: self.properties() }
    }

    fn relationship(&mut self, graph: &Graph, nodes: &[NodeId]) -> Option<RelationshipData> {
        Some(RelationshipData {
            key: self.key().filter(|key| graph.relationship_by_key(key).is_none()),
            kind: ["R", "S"][self.below(2)].to_owned(),
            start: self.pick(nodes)?,
            end: self.pick(nodes)?,
            properties: self.properties(),
        })
    }

    fn effect(&mut self, graph: &Graph) -> Option<Effect> {
        let nodes: Vec<NodeId> = graph.nodes().map(|(id, _)| id).collect();
        let relationships: Vec<RelationshipId> = graph.relationships().map(|(id, _)| id).collect();
        Some(match self.below(15) {
            14 => {
                let property = ["id", "w"][self.below(2)].to_owned();
                let on = IndexOn::Nodes { label: "A".to_owned(), property: property.clone() };
                let index = IndexDefinition { name: format!("of_{property}"), on };
                match graph.index_definitions().contains(&index) {
                    true if self.below(4) == 0 => Effect::DropIndex { before: index },
                    true => return None,
                    false => Effect::CreateIndex { index },
                }
            }
            0..=2 => Effect::CreateNode { id: graph.next_node(), node: self.node(graph) },
            3 => {
                let id = self.pick(&nodes).filter(|&id| !graph.has_relationships(id))?;
                let has_claims = graph.claims_about(About::Node(id)).next().is_some();
                Effect::DeleteNode { id, before: graph.node_data(id).filter(|_| !has_claims)? }
            }
            4..=6 => Effect::CreateRelationship {
                id: graph.next_relationship(),
                relationship: self.relationship(graph, &nodes)?,
            },
            7 => {
                let id = self.pick(&relationships)?;
                Effect::DeleteRelationship { id, before: graph.relationship_data(id)? }
            }
            8 => {
                let name = ["id", "w", "name", "name", "imo", "confidential"][self.below(6)].to_owned();
                let id = self.pick(&nodes)?;
                let before = graph.node_data(id)?.properties.remove(&name);
                let other = format!("k{}", self.below(12));
                let value = if name == "name" { self.name() } else { Value::from(other.as_str()) };
                let after = (self.below(3) > 0).then_some(value);
                Effect::SetNodeProperty { id, name, before, after }
            }
            9 => {
                let (id, name) = (self.pick(&relationships)?, "from".to_owned());
                let before = graph.relationship_data(id)?.properties.remove(&name);
                let after = (self.below(3) > 0).then(|| Value::Int(self.below(9) as i64));
                Effect::SetRelationshipProperty { id, name, before, after }
            }
            10 => {
                let (id, label) = (self.pick(&nodes)?, ["A", "B"][self.below(2)].to_owned());
                let present = !graph.node_data(id)?.labels.contains(&label);
                Effect::SetLabel { id, label, present }
            }
            11 | 12 => {
                let about = match self.below(2) {
                    0 => About::Node(self.pick(&nodes)?),
                    _ => About::Relationship(self.pick(&relationships)?),
                };
                Effect::RecordClaim {
                    id: graph.next_claim(),
                    claim: Claim::new(about, Stance::Supports, 7).into(),
                }
            }
            _ => {
                let claims: Vec<_> = graph.claims().map(|(id, claim)| (id, claim.clone())).collect();
                let at = self.below(claims.len().max(1));
                let (id, before) = claims.get(at)?.clone();
                Effect::RetractClaim { id, before: before.into() }
            }
        })
    }
}

/// Adds some elements at once: to one graph as pages, to the other one by one.
fn append(random: &mut Random, plain: &mut Graph, stored: &mut Graph) {
    let (first_node, first_relationship) = plain.append_ids();
    assert_eq!(stored.append_ids(), (first_node, first_relationship));
    let mut nodes = NodeColumns::default();
    for id in (first_node.0..).take(random.below(5)) {
        let node = random.node(plain);
        nodes.push(Some(&node));
        plain.apply(&Effect::CreateNode { id: NodeId(id), node }).expect("the id is new");
    }
    let ids: Vec<NodeId> = plain.nodes().map(|(id, _)| id).collect();
    let mut relationships = RelationshipColumns::default();
    for id in (first_relationship.0..).take(random.below(6)) {
        let Some(relationship) = random.relationship(plain, &ids) else { continue };
        relationships.push(Some(&relationship));
        let id = RelationshipId(id);
        plain.apply(&Effect::CreateRelationship { id, relationship }).expect("the ends are there");
    }
    let (nodes, relationships) = (nodes.encode().expect("plain"), relationships.encode().expect("plain"));
    let mut append = stored.append();
    append.nodes(first_node.0, [nodes.into()]).expect("the ids are free");
    append.relationships(first_relationship.0, [relationships.into()]).expect("the ends are there");
    append.finish();
}

fn compare(plain: &Graph, stored: &Graph, what: &str) {
    assert!(plain.same_elements(stored), "elements, {what}");
    stored.check_tables().unwrap_or_else(|error| panic!("{error}, {what}"));
    assert_eq!(stored.damage(), None, "{what}");
    let named = |graph: &Graph| {
        let counts = |counts: Vec<(&str, usize)>| -> Vec<(String, usize)> {
            counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
        };
        (counts(graph.labels_in_use()), counts(graph.types_in_use()), graph.claim_count())
    };
    assert_eq!(named(plain), named(stored), "counts, {what}");
    for number in 0..12 {
        let key = format!("k{number}");
        assert_eq!(plain.node_by_key(&key), stored.node_by_key(&key), "{key}, {what}");
        assert_eq!(plain.relationship_by_key(&key), stored.relationship_by_key(&key), "{key}, {what}");
        let ids = |graph: &Graph| graph.nodes_by_id_property(&key).collect::<Vec<_>>();
        assert_eq!(ids(plain), ids(stored), "id {key}, {what}");
    }
    for (plain, stored) in plain.indexes().zip(stored.indexes()) {
        assert_eq!((plain.len(), plain.distinct()), (stored.len(), stored.distinct()), "{what}");
        for number in 0..12 {
            for value in [Value::Int(number), Value::from(format!("k{number}").as_str())] {
                let ids = |index: &PropertyIndex| index.equal(&value).collect::<Vec<_>>();
                assert_eq!(ids(plain), ids(stored), "{} {value}, {what}", plain.name());
            }
        }
    }
    for (id, _) in plain.nodes() {
        for direction in [Direction::Outgoing, Direction::Incoming, Direction::Either] {
            let found = |graph: &Graph| {
                let mut found: Vec<_> = graph.expand(id, direction, &[]).collect();
                found.sort_unstable();
                found
            };
            assert_eq!(found(plain), found(stored), "node {id}, {what}");
        }
        for kind in ["R", "S"] {
            let in_time = |graph: &Graph| {
                let kind = graph.symbol(kind)?;
                let found = graph.in_time(id, true, kind);
                assert!(found.los.is_sorted(), "node {id}, {what}");
                Some((found.los.to_vec(), found.relationships.to_vec(), found.nodes.to_vec()))
            };
            let none = (Vec::new(), Vec::new(), Vec::new());
            assert_eq!(in_time(plain).unwrap_or(none.clone()), in_time(stored).unwrap_or(none), "{what}");
        }
        let claims =
            |graph: &Graph| graph.claims_about(About::Node(id)).map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(claims(plain), claims(stored), "{what}");
    }
}

/// Whose names are like a question, and how much, by a scan of all nodes.
fn named_like(graph: &Graph, question: &Name) -> Vec<(u32, u64)> {
    let view = View::new(graph, None, false);
    let mut found = Vec::new();
    for id in view.nodes().filter(|&id| !view.is_confidential(id)) {
        let score = match view.node_property(id, "name").as_str() {
            Some(name) => similarity(question, &Name::new(name, None)),
            None => 0.0,
        };
        let is_identified = view.node_property(id, "imo").as_str() == Some(question.text());
        let score = if is_identified { 1.0 } else { score };
        found.extend((score >= LEAST).then_some((id.0, score.to_bits())));
    }
    found
}

/// How alike names are at least that are compared.
const LEAST: f64 = 0.8;

fn compare_names(plain: &Graph, stored: &Graph, what: &str) {
    let view = View::new(stored, None, false);
    for &text in NAMES.iter().chain(&["8517839", "9076533"]) {
        let question = Name::new(text, None);
        let found = stored.names_index().search(view, &question, usize::MAX, LEAST);
        let mut found: Vec<_> = found.into_iter().map(|found| (found.owner, found.score.to_bits())).collect();
        found.sort_unstable();
        assert_eq!(found, named_like(plain, &question), "names like {text}, {what}");
    }
    assert_eq!(stored.damage(), None, "{what}");
}

fn run(seed: u64) {
    let mut random = Random(seed);
    let (mut plain, mut stored) = (Graph::new(), Graph::new());
    let blocks = Arc::new(Blocks::default());
    let mut done: Vec<Effect> = Vec::new();
    let mut flight = None;
    for step in 0..60 {
        let what = format!("step {step} of THROUGHLINE_SEED={seed} THROUGHLINE_CASES=1");
        match random.below(11) {
            6 if random.below(3) == 0 => compare_names(&plain, &stored, &what),
            0 => {
                // A commit: what comes before it is not taken back.
                done.clear();
                plain.settle();
                stored.settle();
            }
            1 => {
                done.clear();
                blocks.fly(&mut stored, &mut flight, &mut random);
            }
            2 => {
                done.clear();
                if flight.is_some() {
                    blocks.fly(&mut stored, &mut flight, &mut random);
                }
                blocks.checkpoint(&mut stored);
                stored = Graph::open(blocks.clone()).expect("what was written");
            }
            3 => stored.unload(),
            4 => {
                done.clear();
                append(&mut random, &mut plain, &mut stored);
            }
            5 => {
                for effect in done.drain(done.len().saturating_sub(3)..).rev() {
                    plain.revert(&effect);
                    stored.revert(&effect);
                }
            }
            _ => {
                let Some(effect) = random.effect(&plain) else { continue };
                let fits = plain.apply(&effect);
                assert_eq!(fits.is_ok(), stored.apply(&effect).is_ok(), "{what}");
                if fits.is_ok() {
                    done.push(effect);
                }
            }
        }
        if step % 7 == 0 {
            compare(&plain, &stored, &what);
        }
    }
    compare(&plain, &stored, &format!("THROUGHLINE_SEED={seed} THROUGHLINE_CASES=1"));
    done.clear();
    if flight.is_some() {
        blocks.fly(&mut stored, &mut flight, &mut random);
    }
    blocks.checkpoint(&mut stored);
    let reopened = Graph::open(blocks).expect("what was written");
    let what = format!("reopened, THROUGHLINE_SEED={seed} THROUGHLINE_CASES=1");
    compare(&plain, &reopened, &what);
    compare_names(&plain, &reopened, &what);
}

#[test]
fn a_stored_graph_says_what_one_in_memory_says() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("THROUGHLINE_SEED").unwrap_or(0);
    (first..first + number("THROUGHLINE_CASES").unwrap_or(400)).for_each(run);
}

/// The blocks of the index of names that are in the store.
fn name_blocks(blocks: &Blocks) -> Vec<u32> {
    let blocks = blocks.0.read().expect("no test panics with it");
    blocks.keys().filter(|(column, _)| *column == Column::Names).map(|(_, number)| *number).collect()
}

#[test]
fn names_are_read_from_the_store_until_too_many_have_changed() {
    let (mut graph, blocks) = (Graph::new(), Arc::new(Blocks::default()));
    for number in 0..3000 {
        let properties = [("name".to_owned(), Value::from(format!("Depot {number}").as_str()))].into();
        let node = NodeData { properties, ..NodeData::default() };
        graph.apply(&Effect::CreateNode { id: graph.next_node(), node }).expect("a new node");
    }
    graph.settle();
    blocks.checkpoint(&mut graph);
    assert!(name_blocks(&blocks).is_empty(), "nobody has asked for names");
    let find = |graph: &Graph, text: &str| {
        let view = View::new(graph, None, false);
        let found = graph.names_index().search(view, &Name::new(text, None), 1, 0.99);
        found.first().map(|found| found.name.clone())
    };
    assert_eq!(find(&graph, "Depot 2999").as_deref(), Some("Depot 2999"));
    blocks.checkpoint(&mut graph);
    let first = name_blocks(&blocks);
    assert!(!first.is_empty());
    let mut graph = Graph::open(blocks.clone()).expect("what was written");
    assert!(graph.names_index_at_once(0).is_some(), "nothing is to be filed");
    assert_eq!(find(&graph, "Depot 17").as_deref(), Some("Depot 17"));
    for number in 0..2000 {
        let (before, after) = (format!("Depot {number}"), format!("Store {number}"));
        let effect = Effect::SetNodeProperty {
            id: NodeId(number),
            name: "name".to_owned(),
            before: Some(Value::from(before.as_str())),
            after: Some(Value::from(after.as_str())),
        };
        graph.apply(&effect).expect("the node is there");
        if number == 1000 {
            blocks.checkpoint(&mut graph);
            assert_eq!(name_blocks(&blocks), first, "the pages stay, and so many are noted");
            graph = Graph::open(blocks.clone()).expect("what was written");
            assert_eq!(find(&graph, "Store 1000").as_deref(), Some("Store 1000"));
            assert_eq!(find(&graph, "Depot 1000"), None);
        }
    }
    graph.settle();
    assert!(graph.names_index_at_once(0).is_none(), "too many have changed");
    blocks.checkpoint(&mut graph);
    assert!(name_blocks(&blocks).is_empty(), "what is not in force goes");
    assert_eq!(find(&graph, "Store 1999").as_deref(), Some("Store 1999"));
    assert_eq!(find(&graph, "Depot 1999"), None);
    blocks.checkpoint(&mut graph);
    assert!(name_blocks(&blocks).iter().all(|block| !first.contains(block)), "they lie in another slot");
    let graph = Graph::open(blocks).expect("what was written");
    assert_eq!(find(&graph, "Depot 2999").as_deref(), Some("Depot 2999"));
    graph.check_tables().expect("names are filed as they are");
}

#[test]
fn a_block_that_does_not_verify_is_told() {
    #[derive(Debug)]
    struct Damaged(Arc<Blocks>);
    impl BlockSource for Damaged {
        fn read_block(&self, column: Column, number: u32) -> throughline::Result<Option<Vec<u8>>> {
            match column {
                Column::Meta => self.0.read_block(column, number),
                _ => Err(throughline::Error::store("it does not match its checksum")),
            }
        }
    }
    let blocks = Arc::new(Blocks::default());
    let mut graph = Graph::new();
    let node = NodeData { key: Some("k".to_owned()), ..NodeData::default() };
    graph.apply(&Effect::CreateNode { id: NodeId(0), node }).expect("the id is new");
    blocks.checkpoint(&mut graph);
    let graph = Graph::open(Arc::new(Damaged(blocks))).expect("the block of Meta is whole");
    assert_eq!((graph.node_count(), graph.damage()), (1, None), "nothing was touched yet");
    assert!(graph.node(NodeId(0)).is_none());
    assert!(graph.damage().is_some());
}

#[test]
fn a_damaged_block_of_names_is_told_whichever_it_is() {
    /// Where one block of names is cut short, and still matches its checksum.
    #[derive(Debug)]
    struct Cut(Arc<Blocks>, u32, usize);
    impl BlockSource for Cut {
        fn read_block(&self, column: Column, number: u32) -> throughline::Result<Option<Vec<u8>>> {
            let block = self.0.read_block(column, number)?;
            let is_cut = (column, number) == (Column::Names, self.1);
            Ok(block.map(|bytes| if is_cut { bytes[..bytes.len().min(self.2)].to_vec() } else { bytes }))
        }
    }
    let (mut graph, blocks) = (Graph::new(), Arc::new(Blocks::default()));
    for &name in NAMES {
        let properties = [("name".to_owned(), Value::from(name))].into();
        let node = NodeData { properties, ..NodeData::default() };
        graph.apply(&Effect::CreateNode { id: graph.next_node(), node }).expect("a new node");
    }
    let ask = |graph: &Graph| {
        let (names, view) = (graph.names_index(), View::new(graph, None, false));
        // A letter is wrong, so that neighbours are asked.
        let found = names.search(view, &Name::new("Vostachny", None), 10, LEAST);
        (found.into_iter().map(|found| found.name).collect::<Vec<_>>(), names.completions("Mar", 10))
    };
    let expected = ask(&graph);
    blocks.checkpoint(&mut graph);
    for number in name_blocks(&blocks) {
        for len in 0..40 {
            let graph = Graph::open(Arc::new(Cut(blocks.clone(), number, len))).expect("Meta is whole");
            let answer = ask(&graph);
            assert!(
                answer == expected || graph.damage().is_some(),
                "block {number} cut to {len}: {answer:?}"
            );
        }
    }
}

//! A case under random operations says what a plain model says: statements, imports row by
//! row and in bulk, transactions, undoing, checkpoints, closing, dropping, losing the index,
//! archiving the record and putting it back, pages given back before every statement, and a second reading case beside it.
//!
//! `THROUGHLINE_CASES` and `THROUGHLINE_SEED` make a longer run.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use throughline::formats::csv::{Input, Options as ImportOptions};
use throughline::graph::Lens;
use throughline::query::{Options, Parameters};
use throughline::{Access, Case};

use super::archive::{author, rows};
use super::dice::{Dice, cases};

/// Operations of one run.
const STEPS: usize = 60;
/// Keys are `k0` up to here, so that they are taken, freed and given again.
const KEYS: usize = 40;

/// What a case should hold.
#[derive(Debug, Clone, PartialEq, Default)]
struct Model {
    /// By their property `id`.
    nodes: BTreeMap<String, Node>,
    /// By their property `w`.
    relationships: BTreeMap<usize, Relationship>,
}

#[derive(Debug, Clone, PartialEq)]
struct Node {
    /// Whether an import gave it its id as a key.
    has_key: bool,
    label: &'static str,
    n: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Relationship {
    kind: &'static str,
    start: String,
    end: String,
    from: usize,
}

impl Model {
    fn rows_of_nodes(&self) -> Vec<String> {
        self.nodes.iter().map(|(id, node)| format!("'{id}' ['{}'] {}", node.label, node.n)).collect()
    }

    fn rows_of_relationships(&self) -> Vec<String> {
        let row = |(w, it): (&usize, &Relationship)| {
            format!("{w} '{}' '{}' '{}' {}", it.kind, it.start, it.end, it.from)
        };
        self.relationships.iter().map(row).collect()
    }

    /// The numbers of the relationships of a type that start, or end, at a node.
    fn at(&self, id: &str, kind: &str, is_out: bool) -> Vec<String> {
        let is_here =
            |it: &&Relationship| it.kind == kind && (if is_out { &it.start } else { &it.end }) == id;
        let found = self.relationships.iter().filter(|(_, it)| is_here(it));
        found.map(|(w, _)| w.to_string()).collect()
    }

    fn delete_node(&mut self, id: &str) {
        self.nodes.remove(id);
        self.relationships.retain(|_, it| it.start != id && it.end != id);
    }
}

/// A case, what it should hold, and what it held after each commit.
struct World {
    dir: TempDir,
    /// None only while it is closed.
    case: Option<Case>,
    reader: Case,
    /// What the reader should hold.
    read: usize,
    model: Model,
    history: Vec<Model>,
    dice: Dice,
    next_w: usize,
    /// Whether pages are given back before every statement.
    forgets: bool,
    /// The last commit of each archive, and its file; the last one is the one in force.
    archives: Vec<(usize, PathBuf)>,
}

impl World {
    fn new(seed: usize) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut case = Case::create(&dir.path().join("case"), &author()).expect("a new case");
        let mut dice = Dice::new(seed as u64);
        let forgets = dice.below(2) == 0;
        let mut history = vec![Model::default()];
        if dice.below(2) == 0 {
            rows(&mut case, "CREATE INDEX FOR (x:A) ON (x.n)");
            history.push(Model::default());
        }
        let reader = Case::open(case.dir(), Access::Read).expect("a reader beside the owner");
        let mut world = Self {
            dir,
            case: Some(case),
            reader,
            read: history.len() - 1,
            model: Model::default(),
            history,
            dice,
            next_w: 0,
            forgets,
            archives: Vec::new(),
        };
        world.set_cache();
        world
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("case")
    }

    fn case(&mut self) -> &mut Case {
        self.case.as_mut().expect("the case is open")
    }

    fn set_cache(&mut self) {
        if self.forgets {
            self.case().set_cache(0);
        }
    }

    fn reopen(&mut self) {
        self.case = Some(Case::open(&self.path(), Access::Own).expect("the case opens again"));
        self.set_cache();
    }

    fn committed(&mut self) {
        self.history.push(self.model.clone());
        assert_eq!(self.case().sequence() as usize, self.history.len() - 1, "one commit each");
    }

    /// Some node.
    fn pick(&mut self) -> Option<String> {
        let at = self.dice.below(self.model.nodes.len().max(1));
        self.model.nodes.keys().nth(at).cloned()
    }

    /// A key that no node has.
    fn free_key(&mut self) -> Option<String> {
        let first = self.dice.below(KEYS);
        let keys = (0..KEYS).map(|n| format!("k{}", (first + n) % KEYS));
        keys.into_iter().find(|key| !self.model.nodes.contains_key(key))
    }

    fn node(&mut self, has_key: bool) -> Node {
        Node { has_key, label: ["A", "B"][self.dice.below(2)], n: self.dice.below(4) }
    }

    fn relationship(&mut self, ends: impl Fn(&Node) -> bool) -> Option<(usize, Relationship)> {
        let fit: Vec<&String> =
            self.model.nodes.iter().filter(|(_, node)| ends(node)).map(|(id, _)| id).collect();
        if fit.is_empty() {
            return None;
        }
        let [start, end] = [self.dice.below(fit.len()), self.dice.below(fit.len())].map(|at| fit[at].clone());
        let (kind, from) = (["R", "S"][self.dice.below(2)], self.dice.below(9));
        self.next_w += 1;
        Some((self.next_w, Relationship { kind, start, end, from }))
    }

    /// A statement that writes, with the model changed as it should.
    fn statement(&mut self) -> Option<String> {
        Some(match self.dice.below(7) {
            0 | 1 => {
                let (id, node) = (self.free_key()?, self.node(false));
                let text = format!("CREATE (:{} {{id: '{id}', n: {}}})", node.label, node.n);
                self.model.nodes.insert(id, node);
                text
            }
            2 | 3 => {
                let (w, it) = self.relationship(|_| true)?;
                let Relationship { kind, start, end, from } = &it;
                let text = format!(
                    "MATCH (a {{id: '{start}'}}) MATCH (b {{id: '{end}'}}) CREATE (a)-[:{kind} {{w: {w}, from: {from}}}]->(b)"
                );
                self.model.relationships.insert(w, it);
                text
            }
            4 => {
                let id = self.pick()?;
                let node = self.model.nodes.get_mut(&id)?;
                node.n += 1;
                format!("MATCH (a {{id: '{id}'}}) SET a.n = {}", node.n)
            }
            5 => {
                let at = self.dice.below(self.model.relationships.len().max(1));
                let (&w, it) = self.model.relationships.iter_mut().nth(at)?;
                match self.dice.below(2) {
                    0 => {
                        it.from += 1;
                        format!("MATCH ()-[r {{w: {w}}}]->() SET r.from = {}", it.from)
                    }
                    _ => {
                        self.model.relationships.remove(&w);
                        format!("MATCH ()-[r {{w: {w}}}]->() DELETE r")
                    }
                }
            }
            _ => {
                let id = self.pick()?;
                self.model.delete_node(&id);
                format!("MATCH (a {{id: '{id}'}}) DETACH DELETE a")
            }
        })
    }

    fn import(&mut self, is_bulk: bool) {
        let mut nodes = ":ID,:LABEL,n:int\n".to_owned();
        for _ in 0..1 + self.dice.below(4) {
            let Some(id) = self.free_key() else { break };
            let node = self.node(true);
            nodes += &format!("{id},{},{}\n", node.label, node.n);
            self.model.nodes.insert(id, node);
        }
        let mut relationships = ":START_ID,:TYPE,:END_ID,w:int,from\n".to_owned();
        for _ in 0..self.dice.below(6) {
            let Some((w, it)) = self.relationship(|node| node.has_key) else { break };
            relationships += &format!("{},{},{},{w},{}\n", it.start, it.kind, it.end, it.from);
            self.model.relationships.insert(w, it);
        }
        if self.model == *self.history.last().expect("the first is there") {
            return;
        }
        let file =
            |name: &str, text: String| Input { name: name.into(), content: (text.into_bytes()).into() };
        let files = [file("relationships.csv", relationships), file("nodes.csv", nodes)];
        let options = ImportOptions { bulk_bytes_min: is_bulk.then_some(0), ..ImportOptions::default() };
        let imported = self.case().import(&files, &options, true, &author(), &|_| true).expect("an import");
        assert!(imported.is_committed, "{:?}", imported.import.bad);
        self.committed();
    }

    fn transaction(&mut self) {
        let before = self.model.clone();
        rows(self.case(), "BEGIN");
        for _ in 0..1 + self.dice.below(4) {
            if let Some(text) = self.statement() {
                rows(self.case(), &text);
            }
        }
        let is_kept = self.dice.below(2) == 0;
        rows(self.case(), if is_kept { "COMMIT" } else { "ROLLBACK" });
        match is_kept {
            true if self.case().sequence() as usize >= self.history.len() => self.committed(),
            // What was done and undone within it is no change.
            true => {}
            false => self.model = before,
        }
    }

    /// Takes back the last commit, which nothing can have built on.
    fn undo(&mut self) {
        let last = self.history.len() - 1;
        let is_note = last == self.archived() + 1 && !self.archives.is_empty();
        if last >= 2 && !is_note && self.history[last - 1] != self.history[last] {
            self.case().undo(last as u64, &author()).expect("the last commit can be undone");
            self.model = self.history[last - 1].clone();
            self.committed();
        }
    }

    /// The last commit that is archived; 0 for none.
    fn archived(&self) -> usize {
        self.archives.last().map_or(0, |(last, _)| *last)
    }

    fn archive(&mut self) {
        let last = self.history.len() - 1;
        let is_note = last == self.archived() + 1 && !self.archives.is_empty();
        if last == 0 || is_note {
            return;
        }
        let file = self.dir.path().join(format!("{last}-{}.archive", self.dice.below(usize::MAX)));
        let archived = self.case().archive(&file, &author(), &|_| true).expect("it is archived");
        assert_eq!(archived.last as usize, last);
        self.archives.push((last, file));
        self.committed();
    }

    fn unarchive(&mut self) {
        let Some((_, file)) = self.archives.pop() else { return };
        self.case = None;
        Case::unarchive(&self.path(), &file).expect("the record comes back");
        self.reopen();
    }

    /// One operation; gives its name.
    fn step(&mut self) -> &'static str {
        match self.dice.below(22) {
            0 | 1 => {
                self.import(false);
                "import"
            }
            2 | 3 => {
                self.import(true);
                "bulk import"
            }
            4 => {
                self.transaction();
                "transaction"
            }
            5 => {
                self.undo();
                "undo"
            }
            6 => {
                self.case().checkpoint().expect("the index is written");
                "checkpoint"
            }
            7 => {
                self.case.take().expect("it is open").close().expect("it closes");
                self.reopen();
                "close"
            }
            8 => {
                self.case = None;
                self.reopen();
                "drop"
            }
            9 => {
                self.case().rebuild().expect("the index is made anew");
                "rebuild"
            }
            10 => {
                self.case().compact().expect("the index is compacted");
                "compact"
            }
            11 => {
                self.case = None;
                let _ = fs::remove_dir_all(self.path().join("index"));
                self.reopen();
                "lose the index"
            }
            12 => {
                let text = "MATCH (a) SET a.n = 7 WITH a CREATE (:C) RETURN 1 / 0";
                let lens = Lens::default();
                let options = Options::new(&lens, 0);
                let result = self.case().query(text, &Parameters::new(), &author(), &options);
                assert!(result.is_err() || self.model.nodes.is_empty());
                "a statement that fails"
            }
            13 => {
                self.reader.refresh().expect("the record can be read");
                self.read = self.history.len() - 1;
                "refresh"
            }
            14 => {
                self.archive();
                "archive"
            }
            15 => {
                self.unarchive();
                "unarchive"
            }
            _ => {
                if let Some(text) = self.statement() {
                    rows(self.case(), &text);
                    self.committed();
                }
                "statement"
            }
        }
    }

    fn compare(&mut self, what: &str) {
        let model = self.model.clone();
        let place = self.pick();
        let case = self.case();
        agree(case, &model, place.as_deref(), what);
        let read = self.history[self.read].clone();
        agree(&mut self.reader, &read, None, &format!("reader, {what}"));
    }

    /// What takes longer: the check, and the case as it was.
    fn verify(&mut self, what: &str) {
        let checked = self.case().check().unwrap_or_else(|error| panic!("{error}, {what}"));
        assert_eq!(checked as usize, self.history.len() - 1 - self.archived(), "{what}");
        let commit = self.archived() + self.dice.below(self.history.len() - self.archived());
        let mut past = Case::open_at(&self.path(), commit as u64).expect("the case as it was");
        agree(&mut past, &self.history[commit], None, &format!("at {commit}, {what}"));
    }
}

/// Compares a case with the model: everything, and what is at one node.
fn agree(case: &mut Case, model: &Model, id: Option<&str>, what: &str) {
    let nodes = rows(case, "MATCH (n) RETURN n.id, labels(n), n.n ORDER BY n.id");
    assert_eq!(nodes, model.rows_of_nodes(), "{what}");
    let relationships = rows(case, "MATCH (a)-[r]->(b) RETURN r.w, type(r), a.id, b.id, r.from ORDER BY r.w");
    assert_eq!(relationships, model.rows_of_relationships(), "{what}");
    assert_eq!(case.graph().node_count(), model.nodes.len(), "{what}");
    assert_eq!(case.graph().relationship_count(), model.relationships.len(), "{what}");
    let with = |n: usize| model.nodes.iter().filter(move |(_, node)| node.label == "A" && node.n == n);
    let expected: Vec<String> = with(2).map(|(id, _)| format!("'{id}'")).collect();
    assert_eq!(rows(case, "MATCH (x:A {n: 2}) RETURN x.id ORDER BY x.id"), expected, "{what}");
    let Some(id) = id else { return };
    for kind in ["R", "S"] {
        let out = rows(case, &format!("MATCH (a {{id: '{id}'}})-[r:{kind}]->() RETURN r.w ORDER BY r.w"));
        assert_eq!(out, model.at(id, kind, true), "from {id}, {what}");
        let into = rows(case, &format!("MATCH (a {{id: '{id}'}})<-[r:{kind}]-() RETURN r.w ORDER BY r.w"));
        assert_eq!(into, model.at(id, kind, false), "to {id}, {what}");
    }
}

fn run(seed: usize) {
    let mut world = World::new(seed);
    let mut done = Vec::new();
    for step in 0..STEPS {
        done.push(world.step());
        let what = format!("step {step} of THROUGHLINE_SEED={seed} THROUGHLINE_CASES=1: {done:?}");
        world.compare(&what);
        if step % 15 == 14 {
            world.verify(&what);
        }
    }
}

#[test]
fn a_case_says_what_a_model_says_whatever_happens_in_between() {
    let seed = std::env::var("THROUGHLINE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    (seed..seed + cases(8)).for_each(run);
}

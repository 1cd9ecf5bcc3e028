//! openCypher's Technology Compatibility Kit, read from where it lies; none of it
//! is part of this project.
//!
//! The feature files are looked for in `../shared/tck` beside the crate, or where
//! `THROUGHLINE_SHARED` points, and the test says so where they are missing.
//! `tests/tck/known_failures.txt` names the scenarios that do not pass yet, each
//! with a word for why. The test fails where another fails, and where one of these
//! passes; `UPDATE_GOLDENFILES=1` writes the list anew.
//!
//! Errors are compared by class only, not by their detail nor by whether they come
//! before the statement runs. Scenarios that ask for procedures of their own are
//! left out, since procedures here are a fixed table.

mod gherkin;
mod notation;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gherkin::{Scenario, Step};
use throughline::error::Result;
use throughline::graph::{Graph, Lens};
use throughline::model::Value;
use throughline::paths::Limits;
use throughline::query::{self, Answer, Options, Parameters, parser};

#[test]
#[expect(clippy::print_stderr, reason = "it says what it skipped, and how many passed")]
fn scenarios_pass_but_those_known_to_fail() {
    let Some(root) = kit() else {
        eprintln!("skipped: the TCK is not there; THROUGHLINE_SHARED can say where `tck` lies");
        return;
    };
    let mut tally = Tally::default();
    for scenario in scenarios(&root) {
        let verdict = Run::of(&scenario, &root);
        tally.count(&scenario, verdict);
    }
    eprintln!("{tally}");
    tally.compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tck/known_failures.txt"));
}

fn kit() -> Option<PathBuf> {
    let shared = std::env::var_os("THROUGHLINE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    Some(shared.join("tck")).filter(|root| root.join("features").is_dir())
}

fn scenarios(root: &Path) -> Vec<Scenario> {
    let features = root.join("features");
    let mut files = Vec::new();
    let mut folders = vec![features.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "feature")) {
        let text = std::fs::read_to_string(file).expect("a feature file can be read");
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let category = file.parent().and_then(|parent| parent.strip_prefix(&features).ok());
        let category = category.unwrap_or(Path::new("")).to_string_lossy();
        found.extend(gherkin::scenarios(&text, &stem, &category));
    }
    found
}

/// What became of a scenario.
enum Verdict {
    Passed,
    Skipped,
    /// A word for the list, and what exactly went wrong.
    Failed(&'static str, String),
}

/// A scenario while it runs.
struct Run {
    graph: Graph,
    before: Graph,
    parameters: Parameters,
    outcome: Option<Result<Answer>>,
}

impl Run {
    fn of(scenario: &Scenario, root: &Path) -> Verdict {
        if scenario.steps.iter().any(|step| step.text.starts_with("there exists a procedure")) {
            return Verdict::Skipped;
        }
        let mut run =
            Self { graph: Graph::new(), before: Graph::new(), parameters: Parameters::new(), outcome: None };
        for step in &scenario.steps {
            if let Err((word, what)) = run.step(step, root) {
                let word = if scenario.is_temporal() { "temporal" } else { word };
                return Verdict::Failed(word, what);
            }
        }
        // What no step speaks of must not have failed either.
        match run.outcome {
            Some(Err(error)) => Verdict::Failed(word_for(&error), error.to_string()),
            _ => Verdict::Passed,
        }
    }

    fn step(&mut self, step: &Step, root: &Path) -> Result<(), (&'static str, String)> {
        let text = step.text.trim_end_matches(':');
        let query = step.doc.as_deref().unwrap_or_default();
        if text == "an empty graph" || text == "any graph" || text == "no side effects" {
            return if text == "no side effects" { self.check_effects(&[]) } else { Ok(()) };
        }
        if let Some(name) = text.strip_prefix("the ").and_then(|rest| rest.strip_suffix(" graph")) {
            let file = root.join("graphs").join(name).join(format!("{name}.cypher"));
            let script = std::fs::read_to_string(&file).map_err(|error| ("setup", error.to_string()))?;
            return self.set_up(&script);
        }
        match text {
            "having executed" => self.set_up(query),
            "parameters are" => {
                for row in &step.table {
                    let answer = self.answer(&format!("RETURN {}", row[1]));
                    let mut answer = answer.map_err(|error| ("setup", error.to_string()))?;
                    self.parameters.insert(row[0].clone(), answer.rows.remove(0).remove(0));
                }
                Ok(())
            }
            "executing query" | "executing control query" => {
                if let Some(Err(error)) = self.outcome.take() {
                    return Err((word_for(&error), error.to_string()));
                }
                self.before = self.graph.clone();
                self.outcome = Some(self.answer(query));
                Ok(())
            }
            "the side effects should be" => self.check_effects(&step.table),
            "the result should be empty" => {
                let answer = self.take_answer()?;
                if answer.rows.is_empty() { Ok(()) } else { Err(("result", "rows, not none".to_owned())) }
            }
            _ if text.contains("Error should be raised") || text.contains("should be raised at") => {
                self.check_error(text)
            }
            _ if text.starts_with("the result should be") => self.check_rows(step, text),
            _ => Err(("step", format!("unknown step: {text}"))),
        }
    }

    fn set_up(&mut self, script: &str) -> Result<(), (&'static str, String)> {
        let statements = parser::parse(script).map_err(|error| ("setup", error.to_string()))?;
        for statement in statements {
            self.run(&statement).map_err(|error| ("setup", error.to_string()))?;
        }
        Ok(())
    }

    fn answer(&mut self, text: &str) -> Result<Answer> {
        self.run(&parser::parse_statement(text)?)
    }

    fn run(&mut self, statement: &query::ast::Statement) -> Result<Answer> {
        let options = Options {
            lens: &Lens::default(),
            limits: Limits { work_max: 2_000_000, ..Limits::default() },
            now_micros: 1_700_000_000_000_000,
            is_interrupted: &|| false,
            without_rewrites: &[],
        };
        query::run(&mut self.graph, statement, &self.parameters, &options)
    }

    fn take_answer(&mut self) -> Result<Answer, (&'static str, String)> {
        match self.outcome.take() {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err((word_for(&error), error.to_string())),
            None => Err(("step", "nothing was run".to_owned())),
        }
    }

    fn check_error(&mut self, text: &str) -> Result<(), (&'static str, String)> {
        let wanted = text.trim_start_matches("a ").split(' ').next().unwrap_or_default();
        match self.outcome.take() {
            Some(Err(error)) if error.to_string().contains("not built yet") => {
                Err(("unbuilt", error.to_string()))
            }
            Some(Err(error)) if is_class(error.class(), wanted) => Ok(()),
            Some(Err(error)) => Err(("class", format!("{}, not {wanted}: {error}", error.class()))),
            _ => Err(("unchecked", format!("no error: {text}"))),
        }
    }

    fn check_rows(&mut self, step: &Step, text: &str) -> Result<(), (&'static str, String)> {
        let answer = self.take_answer()?;
        let sort_lists = text.contains("ignoring element order");
        let Some((columns, rows)) = step.table.split_first() else {
            return Err(("step", "a result without columns".to_owned()));
        };
        if answer.columns != *columns {
            return Err(("columns", format!("columns {:?}, not {columns:?}", answer.columns)));
        }
        let mut wanted: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| notation::canonical(cell, sort_lists)).collect())
            .collect();
        let cell = |value: &Value| notation::written(&self.graph, value, sort_lists);
        let mut found: Vec<Vec<String>> =
            answer.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        if !text.contains("in order") {
            wanted.sort();
            found.sort();
        }
        match wanted == found {
            true => Ok(()),
            false => Err(("result", format!("{found:?}, not {wanted:?}"))),
        }
    }

    /// Side effects are what differs between the graph before and after.
    fn check_effects(&mut self, table: &[Vec<String>]) -> Result<(), (&'static str, String)> {
        let (before, after) = (Contents::of(&self.before), Contents::of(&self.graph));
        let found = after.since(&before);
        let wanted: BTreeMap<String, usize> =
            table.iter().map(|row| (row[0].clone(), row[1].parse().unwrap_or(usize::MAX))).collect();
        match found == wanted {
            true => Ok(()),
            false => Err(("effects", format!("{found:?}, not {wanted:?}"))),
        }
    }
}

/// Some classes of the kit are ours under another name.
fn is_class(ours: &str, wanted: &str) -> bool {
    ours == wanted
}

fn word_for(error: &throughline::Error) -> &'static str {
    let message = error.to_string();
    match () {
        () if message.contains("not built yet") => "unbuilt",
        () if message.contains("unknown function") => "function",
        () => "error",
    }
}

/// What a graph holds, to be compared.
#[derive(Default)]
struct Contents {
    nodes: BTreeSet<String>,
    relationships: BTreeSet<String>,
    properties: BTreeSet<String>,
    labels: BTreeSet<String>,
}

impl Contents {
    fn of(graph: &Graph) -> Self {
        let mut contents = Self::default();
        for (id, _) in graph.nodes() {
            let data = graph.node_data(id).unwrap_or_default();
            contents.nodes.insert(id.to_string());
            contents.labels.extend(data.labels);
            let properties = data.properties.into_iter();
            contents.properties.extend(properties.map(|(name, value)| format!("n{id} {name} {value:?}")));
        }
        for (id, _) in graph.relationships() {
            contents.relationships.insert(id.to_string());
            let properties = graph.relationship_data(id).map(|data| data.properties).unwrap_or_default();
            let properties = properties.into_iter();
            contents.properties.extend(properties.map(|(name, value)| format!("r{id} {name} {value:?}")));
        }
        contents
    }

    /// Counts of what came and what went, without zeros.
    fn since(&self, before: &Self) -> BTreeMap<String, usize> {
        let kinds = [
            ("nodes", &self.nodes, &before.nodes),
            ("relationships", &self.relationships, &before.relationships),
            ("properties", &self.properties, &before.properties),
            ("labels", &self.labels, &before.labels),
        ];
        let counts = kinds.into_iter().flat_map(|(name, after, before)| {
            let (came, went) = (after.difference(before).count(), before.difference(after).count());
            [(format!("+{name}"), came), (format!("-{name}"), went)]
        });
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

/// How many passed, and which did not.
#[derive(Default)]
struct Tally {
    /// Passed, failed and skipped in each category.
    categories: BTreeMap<String, [usize; 3]>,
    /// Name and word.
    failed: BTreeMap<String, (&'static str, String)>,
}

impl Tally {
    fn count(&mut self, scenario: &Scenario, verdict: Verdict) {
        let counts = self.categories.entry(scenario.category.clone()).or_default();
        match verdict {
            Verdict::Passed => counts[0] += 1,
            Verdict::Failed(word, what) => {
                counts[1] += 1;
                self.failed.insert(scenario.name.clone(), (word, what));
            }
            Verdict::Skipped => counts[2] += 1,
        }
    }

    fn compare(&self, list: &Path) {
        let now: BTreeSet<String> =
            self.failed.iter().map(|(name, (word, _))| format!("{word}: {name}")).collect();
        if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
            let text: String = now.iter().map(|line| format!("{line}\n")).collect();
            std::fs::write(list, text).expect("the list can be written");
            return;
        }
        let text = std::fs::read_to_string(list).unwrap_or_default();
        let name = |line: &str| line.split_once(": ").map_or(line, |(_, name)| name).to_owned();
        let known: BTreeSet<String> = text.lines().map(name).collect();
        let failed: BTreeSet<String> = self.failed.keys().cloned().collect();
        let broken: Vec<String> =
            failed.difference(&known).map(|name| format!("{name}: {}", self.failed[name].1)).collect();
        let mended: Vec<&String> = known.difference(&failed).collect();
        assert!(broken.is_empty(), "these passed before and fail now: {broken:#?}");
        assert!(
            mended.is_empty(),
            "these are listed as failing and pass; UPDATE_GOLDENFILES=1 writes the list anew: {mended:#?}"
        );
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut sum = [0; 3];
        let mut lines = String::new();
        for (category, counts) in &self.categories {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            writeln!(lines, "  {:5} of {:5}  {category}", counts[0], counts[0] + counts[1])?;
        }
        write!(f, "TCK: {} of {} passed, {} skipped\n{lines}", sum[0], sum[0] + sum[1], sum[2])?;
        match std::env::var_os("TCK_VERBOSE") {
            Some(_) => self
                .failed
                .iter()
                .try_for_each(|(name, (word, what))| writeln!(f, "{word}: {name}\n    {what}")),
            None => Ok(()),
        }
    }
}

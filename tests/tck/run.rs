//! A scenario while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use throughline::error::{Error, Result};
use throughline::graph::{Graph, Lens};
use throughline::model::Value;
use throughline::paths::Limits;
use throughline::query::{self, Answer, Options, Parameters, RegisteredProcedure, parser};

use super::gherkin::{Scenario, Step};
use super::{notation, procedures};

/// What became of a scenario.
pub(super) enum Verdict {
    Passed,
    Skipped,
    /// A word for the list, and what exactly went wrong.
    Failed(&'static str, String),
}

/// A scenario while it runs.
pub(super) struct Run {
    graph: Graph,
    before: Graph,
    parameters: Parameters,
    procedures: Vec<RegisteredProcedure>,
    outcome: Option<Outcome>,
}

/// What a query came to.
struct Outcome {
    result: Result<Answer>,
    /// When the error came, by the kit's words.
    phase: &'static str,
}

impl Outcome {
    fn result(self) -> Result<Answer> {
        self.result
    }

    fn refused(error: Error) -> Self {
        Self { result: Err(error), phase: "compile time" }
    }
}

/// What went wrong: a word for the list, and what exactly.
type Wrong = (&'static str, String);

impl Run {
    pub(super) fn of(scenario: &Scenario, root: &Path) -> Verdict {
        let mut run = Self {
            graph: Graph::new(),
            before: Graph::new(),
            parameters: Parameters::new(),
            procedures: Vec::new(),
            outcome: None,
        };
        for step in &scenario.steps {
            if let Err((word, what)) = run.step(step, root) {
                let word = if scenario.is_temporal() { "temporal" } else { word };
                return Verdict::Failed(word, what);
            }
        }
        // What no step speaks of must not have failed either.
        match run.outcome.map(Outcome::result) {
            Some(Err(error)) => Verdict::Failed(word_for(&error), error.to_string()),
            _ => Verdict::Passed,
        }
    }

    fn step(&mut self, step: &Step, root: &Path) -> Result<(), Wrong> {
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
        if let Some(signature) = text.strip_prefix("there exists a procedure ") {
            return self.register(signature.trim(), &step.table);
        }
        match text {
            "having executed" => self.set_up(query),
            "parameters are" => {
                for row in &step.table {
                    let value = self.value(&row[1])?;
                    self.parameters.insert(row[0].clone(), value);
                }
                Ok(())
            }
            "executing query" | "executing control query" => {
                if let Some(Err(error)) = self.outcome.take().map(Outcome::result) {
                    return Err((word_for(&error), error.to_string()));
                }
                self.before = self.graph.clone();
                self.outcome = Some(self.execute(query));
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

    fn set_up(&mut self, script: &str) -> Result<(), Wrong> {
        let failed = |error: Error| ("setup", error.to_string());
        let statements = parser::parse(script).map_err(|errors| failed(errors.into()))?;
        for statement in statements {
            query::run(&mut self.graph, &statement, &self.parameters, &options(&self.procedures))
                .map_err(failed)?;
        }
        Ok(())
    }

    /// The value of an expression.
    fn value(&mut self, text: &str) -> Result<Value, Wrong> {
        let answer = self.execute(&format!("RETURN {text}")).result();
        Ok(answer.map_err(|error| ("setup", error.to_string()))?.rows.remove(0).remove(0))
    }

    fn register(&mut self, signature: &str, table: &[Vec<String>]) -> Result<(), Wrong> {
        let mut rows = Vec::new();
        for row in table.iter().skip(1) {
            rows.push(row.iter().map(|cell| self.value(cell)).collect::<Result<Vec<Value>, _>>()?);
        }
        let procedure = procedures::of_table(signature, rows);
        self.procedures.push(procedure.ok_or_else(|| ("step", format!("no signature: {signature}")))?);
        Ok(())
    }

    /// Checks a statement and runs it, so that it is known when an error comes.
    fn execute(&mut self, text: &str) -> Outcome {
        let options = options(&self.procedures);
        let statement = match parser::parse_statement(text) {
            Ok(statement) => statement,
            Err(error) => return Outcome::refused(error),
        };
        match query::check(&statement, &self.parameters, &options) {
            Err(error) => Outcome::refused(error),
            Ok(()) => {
                let result = query::run(&mut self.graph, &statement, &self.parameters, &options);
                Outcome { result, phase: "runtime" }
            }
        }
    }

    fn take_answer(&mut self) -> Result<Answer, Wrong> {
        match self.outcome.take().map(Outcome::result) {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err((word_for(&error), error.to_string())),
            None => Err(("step", "nothing was run".to_owned())),
        }
    }

    /// Compares class, phase and detail with `a SyntaxError should be raised at compile time: NoSuchThing`.
    fn check_error(&mut self, text: &str) -> Result<(), Wrong> {
        self.check_effects(&[])?;
        let mut words = text.split(' ');
        let class = words.nth(1).unwrap_or_default();
        let (phase, detail) = text.split_once(" at ").and_then(|(_, rest)| rest.split_once(": ")).unzip();
        let (phase, detail) = (phase.unwrap_or_default(), detail.unwrap_or_default());
        let Some(Outcome { result: Err(error), phase: found_phase }) = self.outcome.take() else {
            return Err(("unchecked", format!("no error: {text}")));
        };
        let found_detail = error.which().map_or("none", |detail| detail.as_str());
        let found = format!("{} at {found_phase}: {found_detail}: {error}", error.class());
        match () {
            () if error.to_string().contains("not built yet") => Err(("unbuilt", found)),
            () if error.class() != class => Err(("class", format!("{found}, not {text}"))),
            () if phase != found_phase && phase != "any time" => {
                Err(("phase", format!("{found}, not {text}")))
            }
            () if detail != found_detail && detail != "*" => Err(("detail", format!("{found}, not {text}"))),
            () => Ok(()),
        }
    }

    fn check_rows(&mut self, step: &Step, text: &str) -> Result<(), Wrong> {
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
    fn check_effects(&mut self, table: &[Vec<String>]) -> Result<(), Wrong> {
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

fn options(procedures: &[RegisteredProcedure]) -> Options<'_> {
    static CLEAR: std::sync::LazyLock<Lens> = std::sync::LazyLock::new(Lens::default);
    Options {
        limits: Limits { work_max: 2_000_000, ..Limits::default() },
        procedures,
        ..Options::new(&CLEAR, 1_700_000_000_000_000)
    }
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

//! The query language, from text to rows.
//!
//! A statement's life: [`lexer`] makes tokens, [`parser`] the tree of [`ast`],
//! `bind` resolves names and makes a plan, `optimize` rewrites it, and `exec` runs
//! it on a graph. Changes are [`Effect`]s, applied to the graph as the statement
//! runs and taken back if it fails; the caller records them.

pub mod ast;
mod bind;
mod calendar;
mod called;
mod callee;
mod calls;
mod conflicts;
mod dependence;
mod display;
mod ends;
mod entities;
mod exec;
mod explain;
mod exposure;
mod expr;
mod flow;
mod functions;
mod lens;
pub mod lexer;
mod matching;
mod name_search;
mod notices;
mod optimize;
mod ownership;
pub mod parser;
mod physical;
mod pipeline;
mod plan;
mod planner;
mod procs;
mod registered;
mod schema;
mod seek;
mod size;
mod sources;
mod value_ops;
mod watch;
mod why_not;
mod window;
mod write;

use std::cell::RefCell;
use std::collections::BTreeMap;

pub use functions::{FUNCTIONS, Function};
pub use procs::{PROCEDURES, Procedure};
pub use registered::{Field, RegisteredProcedure, ValueType};

use crate::error::{Detail, Error, Result};
use crate::graph::{CompiledLens, Graph, Lens};
use crate::model::{Effect, Value};
use crate::paths::Limits;
use exec::Executor;
use expr::{Random, Surroundings};
use optimize::Switches;
use pipeline::memory::Memory;
use pipeline::profile::Profile;
use plan::Plan;
use watch::Watch;
use write::Writer;

/// Parameters by name, without the `$`.
pub type Parameters = BTreeMap<String, Value>;

/// What a statement runs with.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The lens, unless the statement has its own.
    pub lens: &'a Lens,
    /// When a path search gives up.
    pub limits: Limits,
    /// What counts as now, in microseconds since 1970-01-01 UTC.
    pub now_micros: i64,
    /// Asked now and then; true stops the statement.
    pub is_interrupted: &'a dyn Fn() -> bool,
    /// Rewrites to leave out, by name; for tests.
    pub without_rewrites: &'a [&'a str],
    /// Procedures besides those of the language.
    pub procedures: &'a [RegisteredProcedure],
}

impl<'a> Options<'a> {
    /// Through `lens`, with the default limits, all rewrites and no procedures of others,
    /// and never interrupted.
    #[must_use]
    pub fn new(lens: &'a Lens, now_micros: i64) -> Self {
        Self {
            lens,
            limits: Limits::default(),
            now_micros,
            is_interrupted: &|| false,
            without_rewrites: &[],
            procedures: &[],
        }
    }
}

/// How much a statement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// New nodes.
    pub nodes_created: usize,
    /// Deleted nodes.
    pub nodes_deleted: usize,
    /// New relationships.
    pub relationships_created: usize,
    /// Deleted relationships.
    pub relationships_deleted: usize,
    /// Properties set or removed.
    pub properties_set: usize,
    /// Labels given.
    pub labels_added: usize,
    /// Labels taken away.
    pub labels_removed: usize,
    /// New property indexes.
    pub indexes_added: usize,
    /// Dropped property indexes.
    pub indexes_removed: usize,
    /// Claims recorded.
    pub claims_recorded: usize,
    /// Claims taken back by a procedure.
    pub claims_retracted: usize,
}

impl Stats {
    /// The counts that are not zero, by the names used in output.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, usize)> {
        let all = [
            ("nodesCreated", self.nodes_created),
            ("nodesDeleted", self.nodes_deleted),
            ("relationshipsCreated", self.relationships_created),
            ("relationshipsDeleted", self.relationships_deleted),
            ("propertiesSet", self.properties_set),
            ("labelsAdded", self.labels_added),
            ("labelsRemoved", self.labels_removed),
            ("indexesAdded", self.indexes_added),
            ("indexesRemoved", self.indexes_removed),
            ("claimsRecorded", self.claims_recorded),
            ("claimsRetracted", self.claims_retracted),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

/// What a statement gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows; elements in them refer to the graph.
    pub rows: Vec<Vec<Value>>,
    /// What changed.
    pub stats: Stats,
    /// What the user should know besides, each once.
    pub notices: Vec<String>,
    /// The changes, already applied to the graph.
    pub effects: Vec<Effect>,
    /// The lens that the statement was answered through.
    pub lens: Lens,
}

/// Checks all that can be checked of a statement before it runs.
///
/// # Errors
/// As [`run`]; the error knows the others of the statement.
pub fn check(statement: &ast::Statement, parameters: &Parameters, options: &Options<'_>) -> Result<()> {
    compile(statement, parameters, options).map(|_| ())
}

fn compile(statement: &ast::Statement, parameters: &Parameters, options: &Options<'_>) -> Result<Plan> {
    registered::refuse_doubles(options.procedures)?;
    let plan = bind::bind(statement, options.procedures)?;
    match plan.parameters.iter().find(|(name, _)| !parameters.contains_key(name)) {
        Some((name, span)) if statement.mode != ast::Mode::Explain => Err(expr::missing(name, *span)),
        _ => Ok(plan),
    }
}

/// Runs a statement. If it fails, the graph is as it was.
///
/// # Errors
/// Of openCypher's classes, with a place in the text; `Interrupted`.
pub fn run(
    graph: &mut Graph,
    statement: &ast::Statement,
    parameters: &Parameters,
    options: &Options<'_>,
) -> Result<Answer> {
    if let ast::Mode::Transaction(_) = statement.mode {
        return Err(Error::syntax(statement.span, "only a case has transactions, and this is a graph alone")
            .detail(Detail::InvalidClauseComposition));
    }
    if let ([ast::Clause::Schema(command)], []) = (&statement.query.clauses[..], &statement.query.unions[..])
    {
        return schema::run(graph, statement, command);
    }
    let mut plan = compile(statement, parameters, options)?;
    let switches = Switches { without: options.without_rewrites };
    optimize::optimize(&mut plan, graph, &switches);
    planner::refuse_high(&plan, statement.span)?;
    let physical = planner::plan(&plan, graph, &switches);
    if statement.mode == ast::Mode::Explain {
        return Ok(explain::answer(&plan, &physical, None));
    }
    let check = || match (options.is_interrupted)() {
        true => Err(Error::interrupted("the query was stopped; nothing was changed")),
        false => Ok(()),
    };
    let (notices, deleted_types, watch) = (RefCell::default(), RefCell::default(), Watch::default());
    let profile = (statement.mode == ast::Mode::Profile).then(|| Profile::new(physical.n_operators));
    let surroundings = Surroundings {
        lens: None,
        as_of: None,
        parameters,
        procedures: options.procedures,
        subqueries: &physical.subqueries,
        bodies: &physical.bodies,
        width: physical.width,
        memory: Memory::new(options.limits.memory_max),
        profile: profile.as_ref(),
        deleted_types: &deleted_types,
        watch: &watch,
        notices: &notices,
        random: Random::new(options.now_micros),
        limits: options.limits,
        now_micros: options.now_micros,
        writes: plan.writes.is_some(),
        check: &check,
    };
    let lens = lens_for(&plan, graph, &surroundings, options, statement)?;
    if statement.mode == ast::Mode::WhyNot {
        return why_not::answer(graph, &plan, &lens, &why_not::Asker { parameters, options });
    }
    let span = statement.lens.as_ref().map(|lens| lens.span);
    let compiled = match lens.is_clear() {
        true => None,
        // An error of the session's lens has no place in the text.
        false => {
            Some(lens.compile(graph).map_err(|error| span.map_or(error.clone(), |span| error.at(span)))?)
        }
    };
    let surroundings = Surroundings { lens: compiled.as_ref(), as_of: lens.as_of.as_ref(), ..surroundings };
    notices.borrow_mut().extend(compiled.as_ref().map(hidden_notice));
    let mut writer = Writer { graph, effects: Vec::new(), stats: Stats::default() };
    let run = Executor { writer: &mut writer, surroundings: &surroundings }.run(&physical.main);
    let rows = match run {
        Ok(rows) => rows,
        Err(error) => {
            writer.roll_back();
            return Err(error);
        }
    };
    if statement.mode == ast::Mode::Run {
        notices.borrow_mut().extend(watch.notice());
    }
    // Names that the statement itself gave are known by now.
    notices.borrow_mut().extend(notices::of_plan(&plan, writer.graph));
    let (stats, effects) = (writer.stats, writer.effects);
    if let Some(profile) = &profile {
        let explained = explain::answer(&plan, &physical, Some(profile));
        let notices = notices.take().into_iter().collect();
        return Ok(Answer { stats, notices, effects, lens, ..explained });
    }
    let columns = plan.columns.clone();
    Ok(Answer { columns, rows, stats, notices: notices.take().into_iter().collect(), effects, lens })
}

/// The names of all rewrites, for tests that leave them out one by one.
pub fn rewrites() -> impl Iterator<Item = &'static str> {
    optimize::REWRITES.iter().map(|rewrite| rewrite.name)
}

/// The lens that counts: the statement's own, else the session's.
fn lens_for(
    plan: &Plan,
    graph: &Graph,
    surroundings: &Surroundings<'_>,
    options: &Options<'_>,
    statement: &ast::Statement,
) -> Result<Lens> {
    let Some(expr) = &plan.lens else {
        return match plan.writes.filter(|_| !options.lens.is_clear()) {
            Some(span) => Err(Error::syntax(span, "a statement cannot write through a lens")
                .detail(Detail::WriteNotAllowed)
                .hint("clear the lens first: what it hides could be written twice".to_owned())),
            None => Ok(options.lens.clone()),
        };
    };
    let value = expr.eval(&surroundings.context(graph), &mut vec![Value::Null; surroundings.width])?;
    let span = statement.lens.as_ref().map_or(statement.span, |lens| lens.span);
    lens::of(&value, span)
}

fn hidden_notice(lens: &CompiledLens) -> String {
    let hidden = lens.hidden();
    let undated = match hidden.undated_sources {
        0 => String::new(),
        1 => "; 1 source has no date, so its claims count from when they were recorded".to_owned(),
        count => {
            format!("; {count} sources have no date, so their claims count from when they were recorded")
        }
    };
    format!(
        "the lens hides {}, {} and {}{undated}",
        counted(hidden.nodes, "node"),
        counted(hidden.relationships, "relationship"),
        counted(hidden.claims, "claim")
    )
}

/// "1 node", "2 nodes".
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

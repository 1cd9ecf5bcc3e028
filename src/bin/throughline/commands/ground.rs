//! What the chains of a trace rest on, and what becomes of them without some sources.

use std::collections::BTreeSet;

use throughline::analysis::{self, Ground};
use throughline::formats::words;
use throughline::graph::{Lens, View, sources_called};
use throughline::model::{NodeId, Path, RelationshipId, Value};
use throughline::query::{Answer, parser};
use throughline::trace::Trace;

use crate::failure::Failure;
use crate::render::{self, counted};
use crate::session::Session;
use crate::terminal::Terminal;

/// Sources and hops that a line names; the others are counted.
const NAMED_MAX: usize = 4;

/// The chains of an answer.
pub(super) fn paths_of(answer: &Answer) -> Vec<Path> {
    let paths = answer.rows.iter().filter_map(|row| match row.first() {
        Some(Value::Path(path)) => Some(Path::clone(path)),
        _ => None,
    });
    paths.collect()
}

/// The sources, and the single hops, on which all chains rest, a line each.
///
/// One chain rests on all of its hops, which is no news.
pub(super) fn lines(view: View<'_>, chains: &[Path]) -> Vec<String> {
    let view = view.for_chronological(true);
    let all = analysis::dependence(view, chains);
    let all: Vec<Ground> = all
        .into_iter()
        .filter(|found| found.fallen.len() == chains.len())
        .map(|found| found.ground)
        .collect();
    let sources = all.iter().filter_map(|ground| match ground {
        Ground::Source(source) => Some(view.source_label(*source)),
        _ => None,
    });
    let hops = all.iter().filter_map(|ground| match ground {
        Ground::Hop(id) if chains.len() > 1 => Some(hop_words(view, *id)),
        _ => None,
    });
    let (chains, whose) = match chains.len() {
        1 => ("the chain".to_owned(), "rests"),
        n => (format!("all {n} chains"), "rest"),
    };
    let line = |what: &str, names: Vec<String>| {
        let n_more = names.len().saturating_sub(NAMED_MAX);
        let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
        let plural = if names.len() == 1 { "" } else { "s" };
        let names: Vec<String> = names.into_iter().take(NAMED_MAX).collect();
        (!names.is_empty())
            .then(|| format!("{chains} {whose} on the {what}{plural} {}{more}", names.join(", ")))
    };
    [line("source", sources.collect()), line("hop", hops.collect())].into_iter().flatten().collect()
}

/// “ANGARA called at Rajin”.
fn hop_words(view: View<'_>, id: RelationshipId) -> String {
    let Some(hop) = view.graph().relationship(id) else { return String::new() };
    let [start, end] = [hop.start, hop.end].map(|node| words::name(view, node));
    format!("“{start} {} {end}”", words::type_words(view.graph().text(hop.kind)))
}

/// The question what becomes of the chains without some sources, all of them together.
pub(super) struct WhatIf {
    names: Vec<String>,
    left_out: BTreeSet<NodeId>,
    lens: Lens,
}

impl WhatIf {
    /// None where no source is named.
    ///
    /// # Errors
    /// `NotFound` for a name that is no source and no origin, with the nearest one.
    pub(super) fn new(session: &Session, names: &[String]) -> Result<Option<Self>, Failure> {
        if names.is_empty() {
            return Ok(None);
        }
        let mut lens = session.lens.clone();
        lens.without.extend(names.iter().cloned());
        session.compile(&lens)?;
        let graph = session.case.graph();
        let left_out = names.iter().flat_map(|name| sources_called(graph, name)).collect();
        Ok(Some(Self { names: names.to_vec(), left_out, lens }))
    }

    /// Asks again without the sources.
    pub(super) fn compare(
        self,
        session: &mut Session,
        trace: &Trace,
        answer: &Answer,
    ) -> Result<Compared, Failure> {
        let found = paths_of(answer);
        let fallen = {
            let lens = session.compile(&answer.lens)?;
            let view = session.view(lens.as_ref()).for_chronological(true);
            analysis::fallen_without(view, &found, &self.left_out)
        };
        let statement = parser::parse_statement(&trace.statement)?;
        let before = std::mem::replace(&mut session.lens, self.lens);
        let without = session.run(&statement, &trace.statement);
        session.lens = before;
        let mut instead = without?;
        let is_new = |row: &Vec<Value>| !answer.rows.iter().any(|known| known.first() == row.first());
        instead.rows.retain(is_new);
        Ok(Compared { names: self.names, fallen, n_found: found.len(), instead })
    }
}

/// The chains with and without some sources.
pub(super) struct Compared {
    names: Vec<String>,
    /// The rows of the answer that fall.
    fallen: BTreeSet<usize>,
    n_found: usize,
    /// What is found only without the sources.
    instead: Answer,
}

impl Compared {
    /// One answer with a second column: whether a chain `stands`, `falls`, or is found `instead`.
    pub(super) fn as_answer(&self, answer: &Answer) -> Answer {
        let with = |row: &Vec<Value>, status: &str| {
            let mut row = row.clone();
            row.push(Value::from(status));
            row
        };
        let status = |at: usize| if self.fallen.contains(&at) { "falls" } else { "stands" };
        let found = answer.rows.iter().enumerate().map(|(at, row)| with(row, status(at)));
        let instead = self.instead.rows.iter().map(|row| with(row, "instead"));
        let mut columns = answer.columns.clone();
        columns.push("status".to_owned());
        Answer { columns, rows: found.chain(instead).collect(), ..answer.clone() }
    }

    /// Says which chains fall, and draws what is found instead, through its own lens.
    pub(super) fn tell(&self, session: &Session, terminal: &mut Terminal) -> Result<(), Failure> {
        let numbers: Vec<String> = self.fallen.iter().map(|at| (at + 1).to_string()).collect();
        let numbers = if numbers.is_empty() { String::new() } else { format!(": {}", numbers.join(", ")) };
        writeln!(terminal.out())?;
        writeln!(
            terminal.out(),
            "without {}: {} of {} {}{numbers}",
            self.names.join(", "),
            self.fallen.len(),
            counted(self.n_found, "chain"),
            if self.fallen.len() == 1 { "falls" } else { "fall" },
        )?;
        if self.instead.rows.is_empty() {
            writeln!(terminal.out(), "nothing else is found instead")?;
            return Ok(());
        }
        writeln!(terminal.out(), "found instead: {}", counted(self.instead.rows.len(), "chain"))?;
        let lens = session.compile(&self.instead.lens)?;
        render::answer(terminal, session.view(lens.as_ref()), &self.instead, session.format)
    }
}

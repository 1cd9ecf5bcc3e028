//! Scripts: statements and what they should give, in files that a researcher can read.
//!
//! A script lies in `tests/scripts/<feature>/<case>` and starts on an empty graph.
//! Lines that begin with `>` are statements, those with `!>` are expected to fail,
//! and a backslash at the end continues a line. `[plan]>` prints the plan instead
//! of running it; `[caret]>` shows every error of the statement with its place, as the program
//! does. Five directives set what the program would be told elsewhere:
//!
//! - `> :param name = expression` gives `$name` a value;
//! - `> :lens {…}` looks through a lens until `:lens` alone clears it;
//! - `> :now '2023-10-01'` says what counts as now, until then 2024-01-01;
//! - `> :limit work 100` and `> :limit results 10` bound a path search;
//! - `> :case rajin` goes on with the tables of `datasets/rajin` instead of an empty graph,
//!   imported on 2026-01-01, from which day sources without a date are known.
//!
//! Nodes print as `(a:Label)`, by their property `id` or `name`, relationships as
//! `[:TYPE]` or `[r:TYPE]`, paths as `(a)-[:TYPE]->(b)`.
//!
//! Every statement is also checked in ways that a script need not say: one that
//! fails leaves the graph as it was; one that writes can be taken back and done
//! again; one that only reads gives the same rows with any rewrite left out.
//!
//! `UPDATE_GOLDENFILES=1 cargo test` writes the outputs anew; the diff is then
//! reviewed against the comments, which say what should happen.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use throughline::error::ErrorKind;
use throughline::graph::{Graph, Lens};
use throughline::model::{DateTime, NodeId, RelationshipId, Value};
use throughline::paths::Limits;
use throughline::query::{self, Answer, Options, Parameters, parser};

macro_rules! scripts {
    ($($folder:ident { $($case:ident)* })*) => {
        $(mod $folder {
            $(#[test]
            fn $case() {
                super::run_script(stringify!($folder), stringify!($case));
            })*
        })*

        const LISTED: &[(&str, &str)] = &[$($((stringify!($folder), stringify!($case))),*),*];
    };
}

scripts! {
    r#match {
        directions groups label_expressions labels legacy_repetition nested_quantifiers optional parentheses properties
        quantifiers same_relationship_twice self_loops several_patterns shortest_path
        shortest_path_conditions types where_null_logic
    }
    r#return {
        aggregation_errors aliases count_collect distinct finish map_projection order_by skip_limit star
    }
    with {
        chaining filter filter_clause
    }
    conflicts {
        confidential_and_lens counts denials_and_null_results marked one_at_a_time rajin values
    }
    create {
        domain_checks insert nodes relationships reuse_errors
    }
    set {
        keys_by_name labels merge_map null_removes properties
    }
    merge {
        nodes relationships
    }
    delete {
        cited_source_refused claims_go_with_it connected_refused detach plain what_is_left
    }
    ownership {
        aggregation cascade chains control_and_ships dates evidence rajin threshold unknowns
    }
    parameters {
        in_searches values
    }
    expressions {
        arithmetic case concatenation dates lists literals maps null partial_dates_notice reduce sizes strings
        type_predicates
    }
    chronological {
        aggregate any_k best_walk_is_no_trail certainly cheapest cheapest_errors crossing_twice duration_units earliest fastest groups_with_where known_ends latest
        limits_are_told merged_beginnings mixed_clocks_error modes order_of_walking partial_dates
        prefix_wait_and_node_wait several_paths shortest_groups shortest_k states strict_ties
        strongest undated units_and_clocks wait_at_port_only wait_at_ship wait_needs_the_later_event
        window within
    }
    entities {
        candidates judgements merged rajin
    }
    evidence {
        claims_and_grades confidence confidential_sources disputed joints null_results
        origins_count_once retract
    }
    dependence {
        confidential sources_origins_hops
    }
    lens {
        as_of ended_state_inside_chronological everything_looks_through_it known_by min_confidence
        partial_source_date refuses_writes without_source_and_origin
    }
    names {
        search similarity
    }
    why_not {
        lens_conditions_and_prefix order_certainty_strictness waits_and_spans
    }
    functions {
        calendar elements lists_of_values numbers order period rounding signatures texts times trimming waits
    }
    temporal {
        arithmetic now order parts stored texts truncate
    }
    subquery {
        comprehension exists full_queries
    }
    call {
        procedures subqueries writing
    }
    flow {
        errors known_loads lower_bounds near_the_destination one_origin rajin shared_limits two_origins_share_a_port
        two_units uncertain_dates unexplained
    }
    exposure {
        bounds_and_rules categories rajin topics
    }
    foreach {
        lists
    }
    sources {
        rajin weights
    }
    show {
        functions_and_procedures
    }
    union {
        rows
    }
    errors {
        gallery_names gallery_several gallery_slips gallery_sql gallery_values not_built_yet syntax
        type_errors unknown_label_notice unknown_names
    }
    indexes {
        create_and_drop errors follow_changes
    }
    plans {
        queries_within_queries index_seeks starts_and_filters
    }
    rajin {
        back_from_vaz chains_to_grau_depots explosives_within_a_week_of_a_call is_december_at_vostochny_empty
        known_by_mid_october_2023 owners_on_the_day_and_other_origins ships_then_vostochny_or_dunai
        tons_attributable_to_calls_at_rajin
    }
}

/// A keyword as a name is written `r#match` in Rust.
fn path_of(folder: &str, case: &str) -> PathBuf {
    let plain = |name: &str| name.trim_start_matches("r#").to_owned();
    scripts_dir().join(plain(folder)).join(plain(case))
}

fn scripts_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

fn run_script(folder: &str, case: &str) {
    let path = path_of(folder, case);
    if let Err(error) = goldenscript::run(&mut Session::default(), &path) {
        panic!("{}: {error}", path.display());
    }
}

#[test]
fn every_script_is_listed() {
    let files = |dir: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).expect("the directory is there");
        entries.map(|entry| entry.expect("an entry can be read").path()).collect()
    };
    let on_disk: BTreeSet<PathBuf> = files(&scripts_dir()).iter().flat_map(|folder| files(folder)).collect();
    let listed: BTreeSet<PathBuf> = LISTED.iter().map(|(folder, case)| path_of(folder, case)).collect();
    let difference: Vec<_> = on_disk.symmetric_difference(&listed).collect();
    assert!(difference.is_empty(), "scripts and the list of them differ: {difference:?}");
}

/// What a script runs in.
struct Session {
    graph: Graph,
    parameters: Parameters,
    lens: Lens,
    limits: Limits,
    now_micros: i64,
}

impl Default for Session {
    fn default() -> Self {
        let now = DateTime::parse("2024-01-01T00:00:00Z").expect("a datetime");
        Self {
            graph: Graph::new(),
            parameters: Parameters::new(),
            lens: Lens::default(),
            limits: Limits::default(),
            now_micros: now.micros(),
        }
    }
}

impl goldenscript::Runner for Session {
    type Command = goldenscript::Command;

    fn run(
        &mut self,
        command: &goldenscript::Command,
        context: &goldenscript::Context,
    ) -> Result<String, Box<dyn Error>> {
        let text = command.name.trim();
        if let Some(directive) = text.strip_prefix(':') {
            return self.direct(directive);
        }
        match context.tags.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => self.run_checked(text),
            ["plan"] => self.run_checked(&format!("EXPLAIN {text}")),
            ["caret"] => match self.answer(text, &[]) {
                Ok(answer) => Ok(self.shown(&answer)),
                Err(error) => Err(drawn(&error, text).into()),
            },
            _ => Err(format!("unknown tag among {:?}", context.tags).into()),
        }
    }
}

impl Session {
    fn direct(&mut self, directive: &str) -> Result<String, Box<dyn Error>> {
        let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
        match word {
            "lens" if rest.trim().is_empty() => self.lens = Lens::default(),
            // The statement's own lens and the session's are read by the same code.
            "lens" => self.lens = self.answer(&format!("USING LENS {rest} RETURN 1"), &[])?.lens,
            "param" => {
                let (name, expr) = rest.split_once('=').ok_or("expected name = expression")?;
                let value = self.value(expr)?;
                self.parameters.insert(name.trim().to_owned(), value);
            }
            "now" => match self.value(&format!("datetime({rest} + 'T00:00:00Z')"))? {
                Value::DateTime(now) => self.now_micros = now.micros(),
                other => return Err(format!("expected a date, found {other}").into()),
            },
            "limit" => match rest.split_once(' ') {
                Some(("work", count)) => self.limits.work_max = count.parse()?,
                Some(("results", count)) => self.limits.results_max = count.parse()?,
                _ => return Err("expected work or results, and a number".into()),
            },
            "case" if rest.trim() == "rajin" => self.graph = rajin().clone(),
            "case" => return Err(format!("unknown case {rest}, expected rajin").into()),
            _ => return Err(format!("unknown directive :{word}").into()),
        }
        Ok(String::new())
    }

    fn value(&mut self, expr: &str) -> Result<Value, Box<dyn Error>> {
        let mut answer = self.answer(&format!("RETURN {expr}"), &[])?;
        Ok(answer.rows.remove(0).remove(0))
    }

    /// Runs a statement and checks what holds for all of them.
    fn run_checked(&mut self, text: &str) -> Result<String, Box<dyn Error>> {
        let before = self.graph.clone();
        let answer = match self.answer(text, &[]) {
            Ok(answer) => answer,
            Err(error) => {
                assert!(before.same_elements(&self.graph), "a failed statement changed the graph: {text}");
                return Err(shown_error(&error, text).into());
            }
        };
        if answer.effects.is_empty() {
            assert!(before.same_elements(&self.graph), "changes without effects: {text}");
            self.check_rewrites(text, &answer)?;
        } else {
            self.check_effects(text, &before, &answer);
        }
        Ok(self.shown(&answer))
    }

    fn answer(&mut self, text: &str, without_rewrites: &[&str]) -> throughline::Result<Answer> {
        let statement = parser::parse_statement(text)?;
        let options =
            Options { limits: self.limits, without_rewrites, ..Options::new(&self.lens, self.now_micros) };
        query::run(&mut self.graph, &statement, &self.parameters, &options)
    }

    fn check_rewrites(&mut self, text: &str, answer: &Answer) -> Result<(), Box<dyn Error>> {
        // A plan is another without a rewrite, and a search may stop elsewhere.
        if text.starts_with("EXPLAIN") || self.limits != Limits::default() {
            return Ok(());
        }
        let names: Vec<&str> = query::rewrites().collect();
        for without in names.chunks(1).chain([&names[..]]) {
            let other =
                self.answer(text, without).map_err(|error| format!("without {without:?}: {error}"))?;
            assert_eq!(sorted(&other), sorted(answer), "without {without:?}: {text}");
        }
        Ok(())
    }

    fn check_effects(&mut self, text: &str, before: &Graph, answer: &Answer) {
        let after = self.graph.clone();
        answer.effects.iter().rev().for_each(|effect| self.graph.revert(effect));
        assert!(self.graph.same_elements(before), "cannot be taken back: {text}");
        for effect in &answer.effects {
            self.graph.apply(effect).unwrap_or_else(|error| panic!("cannot be done again: {text}: {error}"));
        }
        assert!(self.graph.same_elements(&after), "is another when done again: {text}");
    }

    fn shown(&self, answer: &Answer) -> String {
        let mut out = String::new();
        match (answer.columns.is_empty(), answer.rows.is_empty()) {
            (true, _) => {}
            (false, true) => out.push_str("(no rows)\n"),
            (false, false) => self.show_table(answer, &mut out),
        }
        let stats = shown_stats(answer);
        match (stats.is_empty(), answer.columns.is_empty()) {
            (false, _) => writeln!(out, "{stats}").expect("a string takes any text"),
            (true, true) => out.push_str("(no changes)\n"),
            (true, false) => {}
        }
        for notice in &answer.notices {
            writeln!(out, "notice: {notice}").expect("a string takes any text");
        }
        out
    }

    fn show_table(&self, answer: &Answer, out: &mut String) {
        let cells = |row: &Vec<Value>| row.iter().map(|value| self.cell(value)).collect::<Vec<_>>();
        let mut table = vec![answer.columns.clone()];
        table.extend(answer.rows.iter().map(cells));
        let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..answer.columns.len()).map(width).collect();
        for row in &table {
            let padded: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(out, "{}", padded.join(" | ").trim_end()).expect("a string takes any text");
        }
    }

    /// A value alone in its cell; a text needs no quotes there.
    fn cell(&self, value: &Value) -> String {
        match value {
            Value::String(text) if !text.is_empty() => text.to_string(),
            other => self.text(other),
        }
    }

    fn text(&self, value: &Value) -> String {
        match value {
            Value::Node(id) => self.node(*id, true),
            Value::Relationship(id) => self.relationship(*id),
            Value::Path(path) => {
                let mut out = self.node(path.nodes[0], false);
                for (i, &id) in path.relationships.iter().enumerate() {
                    let is_forward = self.graph.relationship(id).is_some_and(|r| r.start == path.nodes[i]);
                    let (left, right) = if is_forward { ("-", "->") } else { ("<-", "-") };
                    out += &format!("{left}{}{right}", self.relationship(id));
                    out += &self.node(path.nodes[i + 1], false);
                }
                out
            }
            Value::List(items) => {
                format!("[{}]", items.iter().map(|item| self.text(item)).collect::<Vec<_>>().join(", "))
            }
            Value::Map(entries) => {
                let entry = |(name, value): (&String, &Value)| format!("{name}: {}", self.text(value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
            other => other.to_string(),
        }
    }

    fn node(&self, id: NodeId, with_labels: bool) -> String {
        let Some(node) = self.graph.node_data(id) else { return "(deleted)".to_owned() };
        let known = ["id", "name"].iter().find_map(|name| node.properties.get(*name)?.as_str());
        let name = known.map_or_else(|| self.graph.key_of(id), str::to_owned);
        let labels: String = node.labels.iter().map(|label| format!(":{label}")).collect();
        format!("({name}{})", if with_labels { labels.as_str() } else { "" })
    }

    fn relationship(&self, id: RelationshipId) -> String {
        let Some(relationship) = self.graph.relationship_data(id) else { return "[deleted]".to_owned() };
        let name = relationship.properties.get("id").and_then(Value::as_str).unwrap_or_default();
        format!("[{name}:{}]", relationship.kind)
    }
}

/// The Rajin case, read once for all scripts.
fn rajin() -> &'static Graph {
    static GRAPH: OnceLock<Graph> = OnceLock::new();
    GRAPH.get_or_init(|| {
        let imported_on = DateTime::parse("2026-01-01T00:00:00Z").expect("a datetime");
        crate::the_rajin_case::graph(imported_on.micros())
    })
}

/// The rows in an order that depends on nothing else.
fn sorted(answer: &Answer) -> Vec<String> {
    let mut rows: Vec<String> = answer.rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

/// `created 2 nodes, 1 relationship; set 3 properties`.
fn shown_stats(answer: &Answer) -> String {
    /// A count's name, and its word for one and for many.
    type Noun = (&'static str, &'static str, &'static str);
    const VERBS: &[(&str, &[Noun])] = &[
        (
            "created",
            &[("nodesCreated", "node", "nodes"), ("relationshipsCreated", "relationship", "relationships")],
        ),
        (
            "deleted",
            &[("nodesDeleted", "node", "nodes"), ("relationshipsDeleted", "relationship", "relationships")],
        ),
        ("set", &[("propertiesSet", "property", "properties")]),
        ("added", &[("labelsAdded", "label", "labels"), ("indexesAdded", "index", "indexes")]),
        ("removed", &[("labelsRemoved", "label", "labels"), ("indexesRemoved", "index", "indexes")]),
        ("recorded", &[("claimsRecorded", "claim", "claims")]),
        ("retracted", &[("claimsRetracted", "claim", "claims")]),
    ];
    let named = answer.stats.named();
    let counts = |(verb, nouns): &(&str, &[Noun])| {
        let said: Vec<String> = nouns
            .iter()
            .filter_map(|(name, one, many)| {
                let (_, count) = named.iter().find(|(known, _)| known == name)?;
                Some(format!("{count} {}", if *count == 1 { one } else { many }))
            })
            .collect();
        (!said.is_empty()).then(|| format!("{verb} {}", said.join(", ")))
    };
    VERBS.iter().filter_map(counts).collect::<Vec<_>>().join("; ")
}

/// Every error with the line that it is in and carets under its place.
fn drawn(error: &throughline::Error, text: &str) -> String {
    let one = |error: &throughline::Error| {
        let detail = error.which().map_or(String::new(), |detail| format!(" {detail}:"));
        let mut out = format!("{}:{detail} {error}", error.class());
        if let ErrorKind::Query { span, .. } = error.kind() {
            let (line, column) = span.line_column(text);
            let whole = text.lines().nth(line - 1).unwrap_or_default();
            let n_carets = text.get(span.start..span.end).map_or(1, |place| place.chars().count().max(1));
            let n_carets = n_carets.min(whole.chars().count().saturating_sub(column - 1).max(1));
            let before: String =
                whole.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            out += &format!("\n    {whole}\n    {before}{}", "^".repeat(n_carets));
        }
        out + &error.hint_text().map(|hint| format!("\n    = {hint}")).unwrap_or_default()
    };
    let all = [error].into_iter().chain(error.others()).map(one);
    all.collect::<Vec<_>>().join("\n")
}

/// `SyntaxError at 1:8: what is wrong; hint: how to mend it`.
fn shown_error(error: &throughline::Error, text: &str) -> String {
    let place = match error.kind() {
        ErrorKind::Query { span, .. } => {
            let (line, column) = span.line_column(text);
            format!(" at {line}:{column}")
        }
        _ => String::new(),
    };
    let hint = error.hint_text().map(|hint| format!("; hint: {hint}")).unwrap_or_default();
    format!("{}{place}: {error}{hint}", error.class())
}

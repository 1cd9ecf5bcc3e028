//! The plan as an answer, for `EXPLAIN` and `PROFILE`.
//!
//! One row an operator, the last one first. Rows flow upwards; the second input of
//! a join or of an optional part stands beside the first.

use super::Answer;
use super::ast::{PathMode, SubqueryKind};
use super::display::Shown;
use super::expr::Expr;
use super::physical::{Body, Op, Operator, Physical, Search, Stage};
use super::pipeline::profile::Profile;
use super::plan::{
    Count, CreatePath, Find, Grouping, IndexSeek, Length, Pattern, Plan, ProcedureCall, Selector, Set, Shape,
    Start, Step,
};
use crate::model::Value;

/// The plan as rows; with a profile, what each operator did beside it.
pub(super) fn answer(plan: &Plan, physical: &Physical, profile: Option<&Profile>) -> Answer {
    let mut lines = Lines { names: &physical.names, lines: Vec::new() };
    lines.push("", "Result", plan.columns.join(", "), None);
    if let Some(lens) = &plan.lens {
        let lens = lines.show(lens);
        lines.push("", "Lens", lens, None);
    }
    lines.body(&physical.main, ("", ""));
    for (i, subquery) in physical.subqueries.iter().enumerate() {
        let kind = match subquery.kind {
            SubqueryKind::Exists | SubqueryKind::Pattern => "EXISTS",
            SubqueryKind::Count => "COUNT",
            SubqueryKind::Collect => "COLLECT",
            SubqueryKind::First => "the first",
        };
        lines.push("", "Subquery", format!("{}: {kind}", i + 1), None);
        lines.body(&subquery.body, ("├─ ", "│  "));
    }
    for (i, body) in physical.bodies.iter().enumerate() {
        lines.push("", "Query", (i + 1).to_string(), None);
        lines.body(body, ("├─ ", "│  "));
    }
    let mut columns = vec!["operator".to_owned(), "details".to_owned(), "estimated rows".to_owned()];
    if profile.is_some() {
        columns.extend(["rows", "time in ms", "memory in bytes"].map(str::to_owned));
    }
    let rows = lines.lines.into_iter().map(|line| line.row(profile)).collect();
    Answer { columns, rows, ..Answer::default() }
}

/// A part of a pattern much as it was written.
pub(super) fn part_words(names: &[String], pattern: &Pattern, shape: &Shape) -> String {
    let mut text = String::new();
    Lines { names, lines: Vec::new() }.shape(pattern, std::slice::from_ref(shape), &mut text);
    text
}

/// An expression much as it was written.
pub(super) fn expr_words(names: &[String], expr: &Expr) -> String {
    Shown { expr, names }.to_string()
}

/// One operator of the plan.
struct Line {
    operator: String,
    details: String,
    /// The expected rows, and the operator's number with those of its inputs.
    measured: Option<(f64, usize, Vec<usize>)>,
}

impl Line {
    fn row(self, profile: Option<&Profile>) -> Vec<Value> {
        let estimate = match &self.measured {
            Some((rows, ..)) if rows.is_finite() => Value::Int(rows.ceil().max(0.0) as i64),
            _ => Value::Null,
        };
        let mut row = vec![Value::from(self.operator), Value::from(self.details), estimate];
        match (profile, self.measured) {
            (Some(profile), Some((_, number, inputs))) => {
                let of = profile.of(number);
                let below: std::time::Duration = inputs.iter().map(|&input| profile.of(input).time).sum();
                let time = of.time.saturating_sub(below).as_secs_f64() * 1000.0;
                let count = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
                row.extend([
                    count(of.rows),
                    Value::Float((time * 1000.0).round() / 1000.0),
                    count(of.bytes as u64),
                ]);
            }
            (Some(_), None) => row.extend([Value::Null, Value::Null, Value::Null]),
            (None, _) => {}
        }
        row
    }
}

struct Lines<'a> {
    names: &'a [String],
    lines: Vec<Line>,
}

impl Lines<'_> {
    fn push(
        &mut self,
        prefix: &str,
        operator: &str,
        details: String,
        measured: Option<(f64, usize, Vec<usize>)>,
    ) {
        self.lines.push(Line { operator: format!("{prefix}{operator}"), details, measured });
    }

    /// The branches, below a line that joins them where there are several.
    fn body(&mut self, body: &Body, (first, rest): (&str, &str)) {
        if let [branch] = &body.branches[..] {
            return self.stages(&branch.stages, (first, rest));
        }
        self.push(first, if body.distinct { "Union" } else { "UnionAll" }, String::new(), None);
        for branch in &body.branches {
            self.stages(&branch.stages, (&format!("{rest}├─ "), &format!("{rest}│  ")));
        }
    }

    /// The stages, the last one first; a prefix for the first line, and one for the others.
    fn stages(&mut self, stages: &[Stage], (mut first, rest): (&str, &str)) {
        for stage in stages.iter().rev() {
            match stage {
                Stage::Read(root) => self.tree(root, (first, rest)),
                Stage::Write(writing) => {
                    let (name, details) = self.writing(&writing.step);
                    self.push(first, name, details, Some((f64::NAN, writing.number, Vec::new())));
                    if let Some(found) = &writing.found {
                        self.tree(found, (&format!("{rest}├─ "), &format!("{rest}│  ")));
                    }
                }
            }
            first = rest;
        }
    }

    fn tree(&mut self, operator: &Operator, (first, rest): (&str, &str)) {
        let details = self.details(&operator.op);
        let inputs = operator.inputs.iter().map(|input| input.number).collect();
        let name = operator.op.name();
        self.push(first, name, details, Some((operator.rows, operator.number, inputs)));
        if let Some(second) = operator.inputs.get(1) {
            self.tree(second, (&format!("{rest}├─ "), &format!("{rest}│  ")));
        }
        if let Some(input) = operator.inputs.first() {
            self.tree(input, (rest, rest));
        }
    }

    fn details(&self, op: &Op) -> String {
        match op {
            Op::Argument | Op::Unit => String::new(),
            Op::Scan { slot, seek } => format!("({}{})", self.name(*slot), self.seek(seek)),
            Op::Bound { slots, .. } => self.list(slots.iter().map(|&slot| self.name(slot).to_owned())),
            Op::Expand(expand) | Op::Ends(expand) => expand.shown(self.names),
            Op::Search(search) => self.search(search),
            Op::Reach(reach) => self.pattern(&reach.pattern),
            Op::Paths { slot, .. } => self.name(*slot).to_owned(),
            Op::Filter(conditions) => self.all(conditions),
            Op::HashJoin { keys } => {
                self.list(keys.iter().map(|(a, b)| format!("{} = {}", self.show(a), self.show(b))))
            }
            Op::Optional { .. } => String::new(),
            Op::Apply { body, .. } => format!("query {}", body + 1),
            Op::Call(call) => self.call(call),
            Op::Unwind { list, slot, .. } => format!("{} AS {}", self.show(list), self.name(*slot)),
            Op::Project { items } => self.items(items),
            Op::Group { grouping, .. } => self.grouping(grouping),
            Op::Distinct { columns } => self.list(columns.iter().map(|column| self.show(column))),
            Op::Sort { keys, top } => {
                let key = |(key, descending): &(Expr, bool)| {
                    format!("{}{}", self.show(key), if *descending { " DESC" } else { "" })
                };
                let top =
                    top.as_ref().map_or(String::new(), |cut| format!(" LIMIT {}", self.show(&cut.limit.0)));
                format!("{}{top}", self.list(keys.iter().map(key)))
            }
            Op::Skip(count, _) | Op::Limit(count, _) => self.show(count),
        }
    }

    fn items(&self, items: &[(Expr, usize)]) -> String {
        let item = |(item, slot): &(Expr, usize)| {
            let (text, name) = (self.show(item), self.name(*slot));
            if text == name { text } else { format!("{text} AS {name}") }
        };
        self.list(items.iter().map(item))
    }

    fn grouping(&self, grouping: &Grouping) -> String {
        let aggregates = grouping.aggregates.iter().map(|call| {
            let argument = call.argument.as_ref().map_or("*".to_owned(), |argument| self.show(argument));
            let distinct = if call.distinct { "DISTINCT " } else { "" };
            let name = format!("{:?}", call.aggregate);
            let (head, tail) = name.split_at(1);
            format!("{}{tail}({distinct}{argument})", head.to_lowercase())
        });
        let aggregates = self.list(aggregates);
        match grouping.keys.is_empty() {
            true => aggregates,
            false => {
                let keys = self.list(grouping.keys.iter().map(|(key, _)| self.show(key)));
                if aggregates.is_empty() { format!("by {keys}") } else { format!("{aggregates} by {keys}") }
            }
        }
    }

    fn seek(&self, seek: &Start) -> String {
        match seek {
            Start::AllNodes | Start::Bound(_) => String::new(),
            Start::Labels(labels) => format!(":{}", labels.join("&")),
            Start::IdProperty(id, _) => format!(" {{id: {}}}", self.show(id)),
            Start::Key(key) => format!(" WITH KEY {}", self.show(key)),
            Start::Index(seek) => self.index(seek),
        }
    }

    fn index(&self, seek: &IndexSeek) -> String {
        let property = &seek.property;
        let found = match &seek.find {
            Find::Equal(value) => format!("{property} = {}", self.show(value)),
            Find::Prefix(start) => format!("{property} STARTS WITH {}", self.show(start)),
            Find::Range { from, to } => {
                let bound = |bound: &Option<(Expr, bool)>, sign: &str| {
                    let (value, counts) = bound.as_ref()?;
                    Some(format!("{property} {sign}{} {}", if *counts { "=" } else { "" }, self.show(value)))
                };
                let bounds = [bound(from, ">"), bound(to, "<")];
                bounds.into_iter().flatten().collect::<Vec<_>>().join(" AND ")
            }
        };
        format!(":{} WHERE {found}", seek.label)
    }

    fn search(&self, search: &Search) -> String {
        let start = match &search.pattern.start {
            Start::Bound(slot) => format!("from {}", self.name(*slot)),
            other => format!("from ({})", self.seek(other).trim_start()),
        };
        format!("{} {start}", self.pattern(&search.pattern))
    }

    /// A pattern much as it was written.
    fn pattern(&self, pattern: &Pattern) -> String {
        let mut text = String::new();
        if let Some(selector) = &pattern.selector {
            text += &self.selector(selector);
            if let Some(cost) = &pattern.cost {
                text += &format!(" COST {}", self.show(&cost.value));
            }
            text.push(' ');
        }
        if pattern.chrono.is_some() {
            text += "CHRONOLOGICAL ";
        }
        if let Some(mode) = pattern.mode {
            text += match mode {
                PathMode::Walk => "WALK ",
                PathMode::Trail => "TRAIL ",
                PathMode::Acyclic => "ACYCLIC ",
                PathMode::Simple => "SIMPLE ",
            };
        }
        self.shape(pattern, &pattern.shape, &mut text);
        text
    }

    fn shape(&self, pattern: &Pattern, shape: &[Shape], text: &mut String) {
        for element in shape {
            match element {
                Shape::Node(part) => *text += &self.node(pattern, *part),
                Shape::Hop(part) => *text += &self.hop(pattern, *part),
                Shape::Filter(part) => {
                    let filters = &pattern.parts[*part].filters;
                    if !filters.is_empty() {
                        *text += &format!(" WHERE {}", self.all(filters));
                    }
                }
                Shape::Repeat { body, min, max } => {
                    text.push('(');
                    self.shape(pattern, body, text);
                    let max = max.map_or(String::new(), |max| max.to_string());
                    *text += &format!("){{{min},{max}}}");
                }
            }
        }
    }

    fn selector(&self, selector: &Selector) -> String {
        let (name, k) = match selector {
            Selector::All => return "ALL".to_owned(),
            Selector::Any(k) => ("ANY", k),
            Selector::Shortest(k) => ("SHORTEST", k),
            Selector::ShortestGroups(k) => ("SHORTEST GROUPS", k),
            Selector::Cheapest(k) => ("CHEAPEST", k),
            Selector::Strongest(k) => ("STRONGEST", k),
            Selector::Earliest(k) => ("EARLIEST", k),
            Selector::Latest(k) => ("LATEST", k),
            Selector::Fastest(k) => ("FASTEST", k),
        };
        match k {
            Count::Literal(k) => format!("{name} {k}"),
            Count::Parameter(parameter, _) => format!("{name} ${parameter}"),
        }
    }

    fn node(&self, pattern: &Pattern, part: usize) -> String {
        let part = &pattern.parts[part];
        let name = part.slot.or(part.list).map_or("", |slot| self.name(slot));
        let labels = part.labels.as_ref().map_or(String::new(), |labels| format!(":{labels}"));
        let wait = match &part.wait {
            None => String::new(),
            Some(Length::Micros(micros)) => format!(" WAIT <= {} SECONDS", micros / 1_000_000),
            Some(Length::Value(value, _)) => format!(" WAIT <= {}", self.show(value)),
        };
        format!("({name}{labels}{wait}{})", self.conditions(part))
    }

    fn hop(&self, pattern: &Pattern, part: usize) -> String {
        let part = &pattern.parts[part];
        let name = part.slot.or(part.list).map_or("", |slot| self.name(slot));
        let types = part.labels.as_ref().map_or(String::new(), |types| format!(":{types}"));
        let inner = format!("[{name}{types}{}]", self.conditions(part));
        match part.direction {
            super::ast::Direction::Outgoing => format!("-{inner}->"),
            super::ast::Direction::Incoming => format!("<-{inner}-"),
            super::ast::Direction::Either => format!("-{inner}-"),
        }
    }

    fn conditions(&self, part: &super::plan::Part) -> String {
        let mut text = String::new();
        if !part.properties.is_empty() {
            let entries = part.properties.iter().map(|(name, value)| format!("{name}: {}", self.show(value)));
            text += &format!(" {{{}}}", self.list(entries));
        }
        if !part.filters.is_empty() {
            text += &format!(" WHERE {}", self.all(&part.filters));
        }
        text
    }

    fn writing(&self, step: &Step) -> (&'static str, String) {
        match step {
            Step::Create(paths) => ("Create", self.created(paths)),
            Step::Merge { path, on_create, on_match, .. } => {
                let created = self.created(std::slice::from_ref(path));
                (
                    "Merge",
                    format!("{created}; {} items on create, {} on match", on_create.len(), on_match.len()),
                )
            }
            Step::Set(items) => ("Set", self.list(items.iter().map(|item| self.set(item)))),
            Step::Delete { targets, detach } => (
                if *detach { "DetachDelete" } else { "Delete" },
                self.list(targets.iter().map(|(target, _)| self.show(target))),
            ),
            Step::Call(call) => ("Call", self.call(call)),
            Step::CallQuery { body, optional } => {
                (if *optional { "OptionalApply" } else { "Apply" }, format!("query {}", body + 1))
            }
            Step::Foreach { list, slot, body, .. } => {
                ("Foreach", format!("{} IN {}: query {}", self.name(*slot), self.show(list), body + 1))
            }
            Step::Match { .. } | Step::Project(_) | Step::Unwind { .. } => ("", String::new()),
        }
    }

    fn call(&self, call: &ProcedureCall) -> String {
        let arguments = self.list(call.arguments.iter().map(|argument| self.show(argument)));
        format!("{}({arguments})", call.procedure.name())
    }

    fn created(&self, paths: &[CreatePath]) -> String {
        let nodes = paths.iter().flat_map(|path| &path.nodes).filter(|node| node.new);
        let nodes = nodes.map(|node| format!("(:{})", node.labels.join(":")));
        let relationships = paths.iter().flat_map(|path| &path.relationships);
        self.list(nodes.chain(relationships.map(|relationship| format!("[:{}]", relationship.kind))))
    }

    fn set(&self, item: &Set) -> String {
        match item {
            Set::Property { target, key, value, .. } => match key {
                Expr::Literal(Value::String(key)) => {
                    format!("{}.{key} = {}", self.show(target), self.show(value))
                }
                key => format!("{}[{}] = {}", self.show(target), self.show(key), self.show(value)),
            },
            Set::Replace { target, value, .. } => format!("{} = {}", self.show(target), self.show(value)),
            Set::Merge { target, value, .. } => format!("{} += {}", self.show(target), self.show(value)),
            Set::Labels { target, labels, present, .. } => {
                let sign = if *present { "" } else { "-" };
                format!("{sign}{}:{}", self.show(target), labels.join(":"))
            }
        }
    }

    fn all(&self, conditions: &[Expr]) -> String {
        conditions.iter().map(|condition| self.show(condition)).collect::<Vec<_>>().join(" AND ")
    }

    fn list(&self, items: impl Iterator<Item = String>) -> String {
        items.collect::<Vec<_>>().join(", ")
    }

    fn name(&self, slot: usize) -> &str {
        self.names.get(slot).map_or("", String::as_str)
    }

    fn show(&self, expr: &Expr) -> String {
        Shown { expr, names: self.names }.to_string()
    }
}

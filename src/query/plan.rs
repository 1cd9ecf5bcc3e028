//! The plan: what a statement does, step by step, with names resolved.
//!
//! [`super::bind`] makes it as written; [`super::optimize`] rewrites it; and
//! `EXPLAIN` prints it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::ast::{Direction, ListQuantifier, PathMode, SubqueryKind};
use super::callee::Callee;
use super::expr::{Expr, Labels};
use super::functions::Aggregate;
use crate::error::Span;

/// A whole statement.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The map after `USING LENS`.
    pub(super) lens: Option<Expr>,
    /// What stands between `UNION`s; at least one.
    pub(super) branches: Vec<Branch>,
    /// Whether equal rows of the branches are merged.
    pub(super) distinct: bool,
    /// The names of the answer's columns.
    pub(super) columns: Vec<String>,
    /// Subqueries of expressions, by number.
    pub(super) subqueries: Vec<Subquery>,
    /// How many variables a row has.
    pub(super) width: usize,
    /// Names of the variables, for `EXPLAIN`.
    pub(super) names: Vec<String>,
    /// Where the first writing clause stands, if one does.
    pub(super) writes: Option<Span>,
    /// The parameters, each where it first stands.
    pub(super) parameters: Vec<(String, Span)>,
    /// The labels and types that conditions ask for.
    pub(super) labels: BTreeSet<String>,
    /// The properties that nodes and relationships are asked for.
    pub(super) properties: BTreeSet<String>,
    /// What is no error and probably not meant.
    pub(super) notices: Vec<String>,
}

impl Plan {
    /// All steps, those of subqueries too.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        let of_branches = self.branches.iter().flat_map(|branch| &branch.steps);
        of_branches.chain(self.subqueries.iter().flat_map(|subquery| &subquery.steps))
    }

    /// All lists of steps, to be rewritten.
    pub(super) fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        let of_branches = self.branches.iter_mut().flat_map(|branch| &mut branch.steps);
        of_branches.chain(self.subqueries.iter_mut().flat_map(|subquery| &mut subquery.steps))
    }
}

/// Steps that give the rows of an answer, or of a part of it between `UNION`s.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    /// The steps, each on the rows that the one before gives.
    pub(super) steps: Vec<Step>,
    /// The variables of the answer's columns.
    pub(super) columns: Vec<usize>,
}

/// A query within an expression, run on the row that the expression is evaluated on.
#[derive(Debug, Clone)]
pub(super) struct Subquery {
    /// What becomes of its rows.
    pub(super) kind: SubqueryKind,
    /// Its steps, all of which read.
    pub(super) steps: Vec<Step>,
    /// What is wanted of each row.
    pub(super) value: Expr,
}

/// A step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Finds patterns.
    Match { patterns: Vec<Pattern>, filters: Vec<Expr>, optional: bool, new: Vec<usize> },
    /// Computes columns, groups, sorts and cuts.
    Project(Project),
    /// Makes a row of each item.
    Unwind { list: Expr, slot: usize, span: Span },
    /// Creates nodes and relationships.
    Create(Vec<CreatePath>),
    /// Finds a pattern or creates it, and then sets what is to be set in that case.
    Merge { pattern: Pattern, path: CreatePath, on_create: Vec<Set>, on_match: Vec<Set> },
    /// Changes properties and labels.
    Set(Vec<Set>),
    /// Deletes elements.
    Delete { targets: Vec<(Expr, Span)>, detach: bool },
    /// Runs a procedure.
    Call {
        procedure: Callee,
        arguments: Vec<Expr>,
        yields: Vec<(usize, usize)>,
        filter: Option<Expr>,
        span: Span,
    },
}

/// A projection.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// Expressions and the variables that they become.
    pub(super) items: Vec<(Expr, usize)>,
    /// Where some item aggregates: how.
    pub(super) grouping: Option<Grouping>,
    /// Whether equal rows are merged.
    pub(super) distinct: bool,
    /// Sort keys; true for descending.
    pub(super) order: Vec<(Expr, bool)>,
    /// Rows to leave out.
    pub(super) skip: Option<(Expr, Span)>,
    /// Rows to keep.
    pub(super) limit: Option<(Expr, Span)>,
    /// `WHERE` after `WITH`.
    pub(super) filter: Option<Expr>,
}

/// Grouping: rows with equal keys become one.
#[derive(Debug, Clone)]
pub(super) struct Grouping {
    /// Keys and the variables that they become.
    pub(super) keys: Vec<(Expr, usize)>,
    /// What is computed for each group.
    pub(super) aggregates: Vec<AggregateCall>,
}

/// One aggregate of a grouping.
#[derive(Debug, Clone)]
pub(super) struct AggregateCall {
    /// How values combine.
    pub(super) aggregate: Aggregate,
    /// The value of each row; `None` for `count(*)`.
    pub(super) argument: Option<Expr>,
    /// The second argument of a percentile.
    pub(super) second: Option<Expr>,
    /// Whether equal values count once.
    pub(super) distinct: bool,
    /// The variable that it becomes.
    pub(super) slot: usize,
    /// Its place.
    pub(super) span: Span,
}

/// A path pattern of `MATCH`.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// The variable of the path.
    pub(super) path: Option<usize>,
    /// Nodes and steps in turn, as numbers of parts.
    pub(super) shape: Vec<Shape>,
    /// What each node, relationship and repetition has to satisfy.
    pub(super) parts: Vec<Part>,
    /// Which paths of each pair.
    pub(super) selector: Option<Selector>,
    /// The chronological prefix.
    pub(super) chrono: Option<Chrono>,
    /// What may repeat; `None` for the default.
    pub(super) mode: Option<PathMode>,
    /// Where to start.
    pub(super) start: Start,
    /// Its place.
    pub(super) span: Span,
}

/// An element of a pattern's shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A node part.
    Node(usize),
    /// A relationship part.
    Hop(usize),
    /// A repetition.
    Repeat { nodes: Vec<usize>, hops: Vec<usize>, filter: Option<usize>, min: u32, max: Option<u32> },
}

/// A node, relationship or repetition of a pattern, with its conditions.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The variable that holds one match.
    pub(super) slot: Option<usize>,
    /// Inside a repetition: the variable that holds all matches as a list.
    pub(super) list: Option<usize>,
    /// Where the variable stood before.
    pub(super) same_as: Option<Same>,
    /// Labels or types.
    pub(super) labels: Option<Labels>,
    /// Properties by name that have to be equal.
    pub(super) properties: Vec<(String, Expr)>,
    /// Inner filters, and outer ones pushed down.
    pub(super) filters: Vec<Expr>,
    /// For a node: its bound on waiting.
    pub(super) wait: Option<Length>,
    /// For a relationship: which way.
    pub(super) direction: Direction,
}

/// Where a variable that stands twice was bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// In the row already.
    Row(usize),
    /// At an earlier part of the same pattern.
    Part(usize),
}

/// A length of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Length {
    /// Microseconds, written with a unit.
    Micros(i64),
    /// To be evaluated.
    Value(Expr, Span),
}

/// The k of a selector.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Count {
    /// A number.
    Literal(u64),
    /// A parameter.
    Parameter(String, Span),
}

/// Which paths of each pair.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selector {
    All,
    Any(Count),
    Shortest(Count),
    ShortestGroups(Count),
    Strongest(Count),
    Earliest(Count),
    Latest(Count),
    Fastest(Count),
}

/// The chronological prefix.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Chrono {
    pub(super) strict: bool,
    pub(super) certainly: bool,
    pub(super) wait: Option<Length>,
    pub(super) within: Option<Length>,
}

/// Where a search starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Start {
    /// At every node.
    AllNodes,
    /// At every node with the rarest of these labels.
    Labels(Vec<String>),
    /// At the node of a variable.
    Bound(usize),
    /// At nodes whose property `id` is this.
    IdProperty(Expr, Vec<String>),
    /// At the node with this key.
    Key(Expr),
}

/// A path of `CREATE`: nodes and relationships in turn.
#[derive(Debug, Clone)]
pub(super) struct CreatePath {
    pub(super) path: Option<usize>,
    pub(super) nodes: Vec<CreateNode>,
    pub(super) relationships: Vec<CreateRelationship>,
}

impl CreatePath {
    /// Puts other variables in the place of its own.
    pub(super) fn rename(&mut self, renamed: &BTreeMap<usize, usize>) {
        let nodes = self.nodes.iter_mut().map(|node| &mut node.slot);
        let relationships = self.relationships.iter_mut().map(|relationship| &mut relationship.slot);
        for slot in nodes.chain(relationships).chain(&mut self.path) {
            *slot = renamed.get(slot).copied().unwrap_or(*slot);
        }
    }
}

/// A node to create or, without `new`, one that is there.
#[derive(Debug, Clone)]
pub(super) struct CreateNode {
    pub(super) slot: usize,
    pub(super) new: bool,
    pub(super) labels: Vec<String>,
    pub(super) properties: Option<Expr>,
    pub(super) span: Span,
}

/// A relationship to create.
#[derive(Debug, Clone)]
pub(super) struct CreateRelationship {
    pub(super) slot: usize,
    pub(super) kind: String,
    /// Whether it points against the order of writing.
    pub(super) backwards: bool,
    pub(super) properties: Option<Expr>,
    pub(super) span: Span,
}

/// One change of `SET` or `REMOVE`.
#[derive(Debug, Clone)]
pub(super) enum Set {
    /// One property; null removes it.
    Property { target: Expr, key: String, value: Expr, span: Span },
    /// All properties.
    Replace { target: Expr, value: Expr, span: Span },
    /// Some properties.
    Merge { target: Expr, value: Expr, span: Span },
    /// Labels to add or take away.
    Labels { target: Expr, labels: Vec<String>, present: bool, span: Span },
}

impl Plan {
    /// The plan as lines of text, the last step first, as a tree is read.
    pub(super) fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(lens) = &self.lens {
            lines.push(format!("Lens {}", self.show(lens)));
        }
        for (i, branch) in self.branches.iter().enumerate() {
            if i > 0 {
                lines.push(if self.distinct { "Union" } else { "UnionAll" }.to_owned());
            }
            branch.steps.iter().for_each(|step| self.describe_step(step, &mut lines));
        }
        for (i, subquery) in self.subqueries.iter().enumerate() {
            lines.push(format!("Subquery {} {:?} of {}", i + 1, subquery.kind, self.show(&subquery.value)));
            subquery.steps.iter().for_each(|step| self.describe_step(step, &mut lines));
        }
        lines.push(format!("Result {}", self.columns.join(", ")));
        lines
    }

    fn describe_step(&self, step: &Step, lines: &mut Vec<String>) {
        match step {
            Step::Match { patterns, filters, optional, .. } => {
                lines.push(if *optional { "OptionalMatch".to_owned() } else { "Match".to_owned() });
                patterns.iter().for_each(|pattern| self.describe_pattern(pattern, lines));
                self.describe_filters("  Filter", filters, lines);
            }
            Step::Project(project) => self.describe_projection(project, lines),
            Step::Unwind { list, slot, .. } => {
                lines.push(format!("Unwind {} as {}", self.show(list), self.names[*slot]));
            }
            Step::Create(paths) => {
                let count = |f: fn(&CreatePath) -> usize| paths.iter().map(f).sum::<usize>();
                let nodes = count(|path| path.nodes.iter().filter(|node| node.new).count());
                lines.push(format!(
                    "Create {nodes} nodes, {} relationships",
                    count(|path| path.relationships.len())
                ));
            }
            Step::Merge { pattern, on_create, on_match, .. } => {
                let sets = format!("{} items on create, {} on match", on_create.len(), on_match.len());
                lines.push(format!("Merge, setting {sets}"));
                self.describe_pattern(pattern, lines);
            }
            Step::Set(items) => lines.push(format!("Set {} items", items.len())),
            Step::Delete { targets, detach } => {
                let verb = if *detach { "DetachDelete" } else { "Delete" };
                let targets: Vec<String> = targets.iter().map(|(target, _)| self.show(target)).collect();
                lines.push(format!("{verb} {}", targets.join(", ")));
            }
            Step::Call { procedure, arguments, .. } => {
                let arguments: Vec<String> = arguments.iter().map(|argument| self.show(argument)).collect();
                lines.push(format!("Call {}({})", procedure.name(), arguments.join(", ")));
            }
        }
    }

    fn describe_projection(&self, project: &Project, lines: &mut Vec<String>) {
        if let Some(grouping) = &project.grouping {
            let keys: Vec<String> = grouping.keys.iter().map(|(key, _)| self.show(key)).collect();
            let aggregates: Vec<String> = grouping
                .aggregates
                .iter()
                .map(|call| format!("{:?}", call.aggregate).to_lowercase())
                .collect();
            lines.push(format!("Group by [{}]: {}", keys.join(", "), aggregates.join(", ")));
        }
        let items: Vec<String> = project
            .items
            .iter()
            .map(|(item, slot)| format!("{} as {}", self.show(item), self.names[*slot]))
            .collect();
        lines.push(format!(
            "Project {}{}",
            if project.distinct { "distinct " } else { "" },
            items.join(", ")
        ));
        if !project.order.is_empty() {
            let keys: Vec<String> = project
                .order
                .iter()
                .map(|(key, descending)| {
                    format!("{}{}", self.show(key), if *descending { " descending" } else { "" })
                })
                .collect();
            lines.push(format!("Sort {}", keys.join(", ")));
        }
        let cuts = [("Skip", &project.skip), ("Limit", &project.limit)];
        lines.extend(
            cuts.iter().filter_map(|(name, cut)| Some(format!("{name} {}", self.show(&cut.as_ref()?.0)))),
        );
        self.describe_filters("Filter", project.filter.as_slice(), lines);
    }

    fn describe_pattern(&self, pattern: &Pattern, lines: &mut Vec<String>) {
        let start = match &pattern.start {
            Start::AllNodes => "all nodes".to_owned(),
            Start::Labels(labels) => format!("nodes labelled {}", labels.join(" and ")),
            Start::Bound(slot) => format!("the node {}", self.names[*slot]),
            Start::IdProperty(id, _) => format!("nodes whose id is {}", self.show(id)),
            Start::Key(key) => format!("the node with key {}", self.show(key)),
        };
        let selector = pattern.selector.as_ref().map_or("All".to_owned(), |selector| format!("{selector:?}"));
        let mode = pattern.mode.unwrap_or(PathMode::Trail);
        let chrono = if pattern.chrono.is_some() { ", in the order of time" } else { "" };
        lines.push(format!("  Search {selector} {mode:?} from {start}{chrono}"));
        for shape in &pattern.shape {
            match shape {
                Shape::Node(part) => self.describe_part("    Node", &pattern.parts[*part], lines),
                Shape::Hop(part) => self.describe_part("    Hop", &pattern.parts[*part], lines),
                Shape::Repeat { nodes, hops, filter, min, max } => {
                    let max = max.map_or("∞".to_owned(), |max| max.to_string());
                    lines.push(format!("    Repeat {min} to {max} times"));
                    for (i, node) in nodes.iter().enumerate() {
                        self.describe_part("      Node", &pattern.parts[*node], lines);
                        if let Some(hop) = hops.get(i) {
                            self.describe_part("      Hop", &pattern.parts[*hop], lines);
                        }
                    }
                    if let Some(filter) = filter {
                        self.describe_filters("      Filter", &pattern.parts[*filter].filters, lines);
                    }
                }
            }
        }
    }

    fn describe_part(&self, what: &str, part: &Part, lines: &mut Vec<String>) {
        let name = part.slot.or(part.list).map_or("", |slot| self.names[slot].as_str());
        let labels = part.labels.as_ref().map_or(String::new(), |labels| format!(":{labels}"));
        let arrow = match (what.trim(), part.direction) {
            ("Hop", Direction::Outgoing) => " →",
            ("Hop", Direction::Incoming) => " ←",
            _ => "",
        };
        let mut conditions: Vec<String> =
            part.properties.iter().map(|(key, value)| format!("{key} = {}", self.show(value))).collect();
        conditions.extend(part.filters.iter().map(|filter| self.show(filter)));
        let conditions = if conditions.is_empty() {
            String::new()
        } else {
            format!(" where {}", conditions.join(" and "))
        };
        lines.push(format!("{what} {name}{labels}{arrow}{conditions}"));
    }

    fn describe_filters(&self, what: &str, filters: &[Expr], lines: &mut Vec<String>) {
        lines.extend(filters.iter().map(|filter| format!("{what} {}", self.show(filter))));
    }

    /// An expression with the names of its variables.
    fn show(&self, expr: &Expr) -> String {
        Shown { expr, names: &self.names }.to_string()
    }
}

struct Shown<'a> {
    expr: &'a Expr,
    names: &'a [String],
}

impl Shown<'_> {
    fn of<'b>(&'b self, expr: &'b Expr) -> Shown<'b> {
        Shown { expr, names: self.names }
    }

    fn list(&self, f: &mut fmt::Formatter<'_>, items: &[Expr]) -> fmt::Result {
        for (i, item) in items.iter().enumerate() {
            write!(f, "{}{}", if i > 0 { ", " } else { "" }, self.of(item))?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expr {
            Expr::Literal(value) => value.fmt(f),
            Expr::Parameter(name, _) => write!(f, "${name}"),
            Expr::Var(slot) => f.write_str(&self.names[*slot]),
            Expr::Property(base, key, _) => write!(f, "{}.{key}", self.of(base)),
            Expr::Index(base, index, _) => write!(f, "{}[{}]", self.of(base), self.of(index)),
            Expr::Slice(base, ..) => write!(f, "{}[..]", self.of(base)),
            Expr::List(items) => {
                f.write_str("[")?;
                self.list(f, items)?;
                f.write_str("]")
            }
            Expr::Map(entries) => {
                f.write_str("{")?;
                for (i, (name, value)) in entries.iter().enumerate() {
                    write!(f, "{}{name}: {}", if i > 0 { ", " } else { "" }, self.of(value))?;
                }
                f.write_str("}")
            }
            Expr::Not(inner, _) => write!(f, "NOT {}", self.of(inner)),
            Expr::Minus(inner, _) => write!(f, "-{}", self.of(inner)),
            Expr::Binary(op, a, b, _) => write!(f, "({} {op:?} {})", self.of(a), self.of(b)),
            Expr::IsNull(inner, negated) => {
                write!(f, "{} IS {}NULL", self.of(inner), if *negated { "NOT " } else { "" })
            }
            Expr::HasLabels(inner, labels, _) => write!(f, "{}:{labels}", self.of(inner)),
            Expr::Case(..) => f.write_str("CASE …"),
            Expr::Call(function, arguments, _) => {
                write!(f, "{}(", function.name)?;
                self.list(f, arguments)?;
                f.write_str(")")
            }
            Expr::ListComprehension { slot, list, .. } => {
                write!(f, "[{} IN {} …]", self.names[*slot], self.of(list))
            }
            Expr::Reduce { total, start, slot, list, value, .. } => write!(
                f,
                "reduce({} = {}, {} IN {} | {})",
                self.names[*total],
                self.of(start),
                self.names[*slot],
                self.of(list),
                self.of(value)
            ),
            Expr::Subquery { at, .. } => write!(f, "subquery {}", at + 1),
            Expr::Quantified { quantifier, slot, list, filter, .. } => {
                let word = match quantifier {
                    ListQuantifier::All => "all",
                    ListQuantifier::Any => "any",
                    ListQuantifier::None => "none",
                    ListQuantifier::Single => "single",
                };
                write!(f, "{word}({} IN {} WHERE {})", self.names[*slot], self.of(list), self.of(filter))
            }
        }
    }
}

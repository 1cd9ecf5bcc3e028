//! The plan: what a statement does, step by step, with names resolved.
//!
//! [`super::bind`] makes it as written; [`super::optimize`] rewrites it; and
//! `EXPLAIN` prints it.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Direction, PathMode, SubqueryKind};
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
    /// What `CALL { … }` and `FOREACH` run for each row, by number.
    pub(super) bodies: Vec<Body>,
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
        let inner = self.subqueries.iter().map(|subquery| &subquery.body).chain(&self.bodies);
        let branches = self.branches.iter().chain(inner.flat_map(|body| &body.branches));
        branches.flat_map(|branch| &branch.steps)
    }

    /// All lists of steps, to be rewritten.
    pub(super) fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        let inner = self.subqueries.iter_mut().map(|subquery| &mut subquery.body).chain(&mut self.bodies);
        let branches = self.branches.iter_mut().chain(inner.flat_map(|body| &mut body.branches));
        branches.flat_map(|branch| &mut branch.steps)
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
    /// What it runs, all of which reads.
    pub(super) body: Body,
    /// What is wanted of each row.
    pub(super) value: Expr,
}

/// A query within another, run on one row of that around it.
#[derive(Debug, Clone)]
pub(super) struct Body {
    /// What stands between `UNION`s; at least one.
    pub(super) branches: Vec<Branch>,
    /// Whether equal rows of the branches are merged.
    pub(super) distinct: bool,
    /// The variables that its columns become in the row around it, those of the branch where there is
    /// one; none where it gives no rows.
    pub(super) columns: Vec<usize>,
    /// Where the first of its clauses that changes the graph stands, if one does.
    pub(super) writes: Option<Span>,
}

/// A step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Finds patterns.
    Match { patterns: Vec<Pattern>, filters: Vec<Expr>, optional: bool },
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
    /// Runs a body for each item of a list, and keeps the rows as they are.
    Foreach { list: Expr, slot: usize, body: usize, span: Span },
    /// Runs a body for each row, and joins its rows with that row.
    CallQuery { body: usize, optional: bool },
    /// Runs a procedure.
    Call(ProcedureCall),
}

/// A procedure to be run for each row.
#[derive(Debug, Clone)]
pub(super) struct ProcedureCall {
    pub(super) procedure: Callee,
    pub(super) arguments: Vec<Expr>,
    /// Columns by number, and the variables that they become.
    pub(super) yields: Vec<(usize, usize)>,
    pub(super) filter: Option<Expr>,
    /// Whether rows without an answer are kept with nulls.
    pub(super) optional: bool,
    pub(super) span: Span,
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
    /// What a relationship costs, for `CHEAPEST`.
    pub(super) cost: Option<Box<Cost>>,
    /// The chronological prefix.
    pub(super) chrono: Option<Chrono>,
    /// What may repeat; `None` for the default.
    pub(super) mode: Option<PathMode>,
    /// Where to start.
    pub(super) start: Start,
    /// How the search differs from what was written, for `EXPLAIN WHY NOT`.
    pub(super) probe: Option<Probe>,
    /// Its place.
    pub(super) span: Span,
}

/// A search that only looks whether there is something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Probe {
    /// How many paths are enough.
    pub(super) results_max: usize,
    /// Whether the order of time plays no part.
    pub(super) ignores_time: bool,
}

impl Pattern {
    /// The variables that its conditions use, and those that it finds bound already.
    pub(super) fn uses(&self) -> BTreeSet<usize> {
        let mut used: BTreeSet<usize> = self.start.variables().into_iter().collect();
        for part in &self.parts {
            let conditions = part.properties.iter().map(|(_, value)| value).chain(&part.filters);
            used.extend(conditions.flat_map(Expr::free_variables));
            used.extend(part.wait.iter().flat_map(Length::variables));
            if let Some(Same::Row(slot)) = part.same_as {
                used.insert(slot);
            }
        }
        if let Some(chrono) = &self.chrono {
            used.extend(chrono.wait.iter().chain(&chrono.within).flat_map(Length::variables));
        }
        if let Some(cost) = &self.cost {
            used.extend(cost.value.free_variables().into_iter().filter(|slot| *slot != cost.slot));
        }
        used
    }
}

/// An element of a pattern's shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A node part.
    Node(usize),
    /// A relationship part.
    Hop(usize),
    /// The filters of a part, on what stands before it in its parentheses.
    Filter(usize),
    /// A repetition.
    Repeat { body: Vec<Self>, min: u32, max: Option<u32> },
}

impl Shape {
    /// The parts of an element; of a repetition those within.
    pub(super) fn parts(&self) -> Vec<usize> {
        match self {
            Self::Node(part) | Self::Hop(part) | Self::Filter(part) => vec![*part],
            Self::Repeat { body, .. } => body.iter().flat_map(Self::parts).collect(),
        }
    }
}

/// A node, relationship or filter of a pattern, with its conditions.
#[derive(Debug, Clone, Default)]
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

impl Part {
    /// Whether anything will do.
    pub(super) fn is_free(&self) -> bool {
        self.labels.is_none() && self.properties.is_empty() && self.filters.is_empty()
    }
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

impl Length {
    fn variables(&self) -> Vec<usize> {
        match self {
            Self::Micros(_) => Vec::new(),
            Self::Value(value, _) => value.variables(),
        }
    }
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
    Cheapest(Count),
    Strongest(Count),
    Earliest(Count),
    Latest(Count),
    Fastest(Count),
}

/// What stands in `COST (r | expr)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cost {
    /// The variable of the relationship.
    pub(super) slot: usize,
    /// What it costs.
    pub(super) value: Expr,
    /// The place of the expression.
    pub(super) span: Span,
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
    /// At nodes that a property index finds.
    Index(Box<IndexSeek>),
}

/// What is looked up in the index on a property of the nodes with a label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IndexSeek {
    pub(super) label: String,
    pub(super) property: String,
    pub(super) find: Find,
}

/// Which values an index is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Find {
    /// Those equal to this.
    Equal(Expr),
    /// Those between bounds, of which at least one is given; true where the bound itself counts.
    Range { from: Option<(Expr, bool)>, to: Option<(Expr, bool)> },
    /// Texts that begin so.
    Prefix(Expr),
}

impl Find {
    fn variables(&self) -> Vec<usize> {
        match self {
            Self::Equal(value) | Self::Prefix(value) => value.variables(),
            Self::Range { from, to } => {
                from.iter().chain(to).flat_map(|(bound, _)| bound.variables()).collect()
            }
        }
    }
}

impl Start {
    /// The variables that it depends on.
    pub(super) fn variables(&self) -> Vec<usize> {
        match self {
            Self::AllNodes | Self::Labels(_) => Vec::new(),
            Self::Bound(slot) => vec![*slot],
            Self::IdProperty(value, _) | Self::Key(value) => value.variables(),
            Self::Index(seek) => seek.find.variables(),
        }
    }
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
    Property { target: Expr, key: Expr, value: Expr, span: Span },
    /// All properties.
    Replace { target: Expr, value: Expr, span: Span },
    /// Some properties.
    Merge { target: Expr, value: Expr, span: Span },
    /// Labels to add or take away.
    Labels { target: Expr, labels: Vec<String>, present: bool, span: Span },
}

//! The physical plan: a tree of operators that [`super::pipeline`] runs.
//!
//! [`super::planner`] makes it from the steps of [`super::plan`], with the graph's
//! statistics. Each operator takes the rows of its first input; the leaf of a tree
//! is [`Op::Argument`], the rows that the tree is given.

use std::collections::BTreeSet;

use super::ast::{Direction, SubqueryKind};
use super::expr::{Expr, Labels};
use super::plan::{Grouping, Pattern, ProcedureCall, Start, Step};
use crate::error::Span;

/// A whole statement, ready to run.
#[derive(Debug)]
pub(super) struct Physical {
    /// The statement itself.
    pub(super) main: Body,
    /// Subqueries of expressions, by number.
    pub(super) subqueries: Vec<Subquery>,
    /// What `CALL { … }` and `FOREACH` run for each row, by number.
    pub(super) bodies: Vec<Body>,
    /// How many variables a row has, those of the planner's own included.
    pub(super) width: usize,
    /// Names of the variables, for `EXPLAIN`.
    pub(super) names: Vec<String>,
    /// How many operators there are.
    pub(super) n_operators: usize,
}

/// A query, by itself or within another.
#[derive(Debug)]
pub(super) struct Body {
    /// What stands between `UNION`s; at least one.
    pub(super) branches: Vec<Branch>,
    /// Whether equal rows of the branches are merged.
    pub(super) distinct: bool,
    /// The variables of its columns; none where it gives no rows.
    pub(super) columns: Vec<usize>,
    /// What it needs of the row around it; `None` for all.
    pub(super) needs: Option<BTreeSet<usize>>,
}

/// The stages of one branch.
#[derive(Debug)]
pub(super) struct Branch {
    /// What is done, one after the other, each to the end before the next begins.
    pub(super) stages: Vec<Stage>,
    /// The variables of its columns.
    pub(super) columns: Vec<usize>,
}

/// What is done to the end before the next thing begins, so that no clause reads
/// what a later one writes.
#[derive(Debug)]
pub(super) enum Stage {
    /// Operators that read.
    Read(Box<Operator>),
    /// What changes the graph, or calls.
    Write(Box<Writing>),
}

/// A step that writes or calls.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) step: Step,
    /// The operators that find the pattern of a `MERGE`.
    pub(super) found: Option<Operator>,
    /// Its number, by which it is measured.
    pub(super) number: usize,
}

/// A query within an expression.
#[derive(Debug)]
pub(super) struct Subquery {
    /// What becomes of its rows.
    pub(super) kind: SubqueryKind,
    /// What it runs, all of which reads.
    pub(super) body: Body,
    /// What is wanted of each row.
    pub(super) value: Expr,
}

/// An operator with its inputs.
#[derive(Debug)]
pub(super) struct Operator {
    /// What it does.
    pub(super) op: Op,
    /// Where its rows come from; only a join and an optional part have two.
    pub(super) inputs: Vec<Self>,
    /// How many rows are expected for the whole statement.
    pub(super) rows: f64,
    /// Variables that nobody asks for after it.
    pub(super) dead: Vec<usize>,
    /// Its number, by which it is measured.
    pub(super) number: usize,
}

/// What an operator does.
#[derive(Debug)]
pub(super) enum Op {
    /// Gives the rows that the tree is given.
    Argument,
    /// Gives one row without variables.
    Unit,
    /// Binds a variable to each node that a seek finds.
    Scan { slot: usize, seek: Start },
    /// Keeps rows in which these variables are nodes that can be seen.
    Bound { slots: Vec<usize>, span: Span },
    /// Walks relationships from a node that is bound.
    Expand(Expand),
    /// Binds or checks the ends of a relationship that is bound.
    Ends(Expand),
    /// Searches paths.
    Search(Search),
    /// Finds each node that a repeated relationship reaches, once.
    Reach(Reach),
    /// Puts paths together from what is bound.
    Paths { slot: usize, start: usize, hops: Vec<usize> },
    /// Keeps rows for which all conditions are true.
    Filter(Vec<Expr>),
    /// Joins each row with those of the second input whose keys are equal.
    HashJoin { keys: Vec<(Expr, Expr)> },
    /// Gives what the second input makes of each row, or the row with nulls.
    Optional { row_number: usize },
    /// Runs a query that reads for each row, and joins its rows with that row.
    Apply { body: usize, optional: bool },
    /// Runs a procedure that reads for each row.
    Call(ProcedureCall),
    /// Makes a row of each item.
    Unwind { list: Expr, slot: usize, span: Span },
    /// Computes columns.
    Project { items: Vec<(Expr, usize)> },
    /// Groups rows. Within a query that stands in another, the variables from outside
    /// that are asked for stay; all of them for `None`.
    Group { grouping: Grouping, outer: Option<Vec<usize>> },
    /// Merges rows that are equal in these variables.
    Distinct { columns: Vec<Expr> },
    /// Sorts; true for descending. With `top`, only the first rows are kept.
    Sort { keys: Vec<(Expr, bool)>, top: Option<Cut> },
    /// Leaves out the first rows.
    Skip(Expr, Span),
    /// Keeps the first rows.
    Limit(Expr, Span),
}

/// How many rows a sort has to give: those skipped, and those kept.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) skip: Option<(Expr, Span)>,
    pub(super) limit: (Expr, Span),
}

/// A walk over single relationships.
#[derive(Debug, Clone)]
pub(super) struct Expand {
    /// Where it starts.
    pub(super) from: usize,
    /// The variable of the relationship, if anyone asks for it.
    pub(super) relationship: Option<usize>,
    /// Where it leads.
    pub(super) to: usize,
    /// Whether `to` is bound already.
    pub(super) into: bool,
    /// Whether `from` is bound already; it always is, but for ends of a relationship.
    pub(super) from_bound: bool,
    /// The types it may have; `None` for all.
    pub(super) types: Option<Vec<String>>,
    /// Which way it is walked.
    pub(super) direction: Direction,
    /// Relationships, and lists of them, that it has to differ from.
    pub(super) unlike: Vec<usize>,
    /// Its place.
    pub(super) span: Span,
}

/// A path search.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// What is searched.
    pub(super) pattern: Pattern,
    /// Relationships, lists of them, and paths whose relationships cannot be used again.
    pub(super) unlike: Vec<usize>,
    /// Whether lists are to be turned round, since the pattern was.
    pub(super) reversed: bool,
    /// The variable for the relationships used, if others must differ from them.
    pub(super) used: Option<usize>,
    /// Whether nobody asks for more than the last node.
    pub(super) to_ends: bool,
}

/// A sweep over the nodes that can be reached.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// The repetition, between two nodes.
    pub(super) pattern: Pattern,
    /// Where it starts.
    pub(super) from: usize,
    /// Where it leads.
    pub(super) to: usize,
    /// Whether `to` is bound already.
    pub(super) into: bool,
}

impl Expand {
    /// The pattern as it is written, from left to right.
    pub(super) fn shown(&self, names: &[String]) -> String {
        let name = |slot: usize| names[slot].as_str();
        let types = self.types.as_ref().map_or(String::new(), |types| format!(":{}", types.join("|")));
        let relationship = self.relationship.map_or("", name);
        let (left, right) = match self.direction {
            Direction::Outgoing => ("-", "->"),
            Direction::Incoming => ("<-", "-"),
            Direction::Either => ("-", "-"),
        };
        format!("({}){left}[{relationship}{types}]{right}({})", name(self.from), name(self.to))
    }
}

impl Op {
    /// Its name, as planners of the field have it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Argument => "Argument",
            Self::Unit => "Unit",
            Self::Scan { seek, .. } => match seek {
                Start::AllNodes => "AllNodesScan",
                Start::Labels(_) => "NodeByLabelScan",
                Start::Bound(_) => "Argument",
                Start::IdProperty(..) => "NodeByIdSeek",
                Start::Key(_) => "NodeByKeySeek",
                Start::Index(_) => "NodeIndexSeek",
            },
            Self::Bound { .. } => "Bound",
            Self::Expand(expand) if expand.into => "ExpandInto",
            Self::Expand(_) => "Expand",
            Self::Ends(_) => "RelationshipEnds",
            Self::Search(_) => "PathSearch",
            Self::Reach(_) => "Reach",
            Self::Paths { .. } => "Path",
            Self::Filter(_) => "Filter",
            Self::HashJoin { keys } if keys.is_empty() => "CartesianProduct",
            Self::HashJoin { .. } => "HashJoin",
            Self::Optional { .. } => "Optional",
            Self::Apply { optional: true, .. } => "OptionalApply",
            Self::Apply { .. } => "Apply",
            Self::Call(_) => "Call",
            Self::Unwind { .. } => "Unwind",
            Self::Project { .. } => "Project",
            Self::Group { .. } => "Aggregate",
            Self::Distinct { .. } => "Distinct",
            Self::Sort { top: None, .. } => "Sort",
            Self::Sort { top: Some(_), .. } => "Top",
            Self::Skip(..) => "Skip",
            Self::Limit(..) => "Limit",
        }
    }
}

/// The labels or types of a hop as a list of names, where that is all they are.
pub(super) fn type_names(labels: Option<&Labels>) -> Option<Vec<String>> {
    labels?.alternatives().map(|names| names.into_iter().map(str::to_owned).collect())
}

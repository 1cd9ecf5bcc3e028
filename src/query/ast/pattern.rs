//! The tree of path patterns, and of what stands before them.

use super::{Expr, Name};
use crate::error::Span;

/// `[variable =] [search] expression`.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPattern {
    /// The path's name.
    pub variable: Option<Name>,
    /// Selector, chronological prefix and mode.
    pub search: Search,
    /// Nodes and steps in turn, beginning and ending with a node.
    ///
    /// Where the text begins or ends with a parenthesised path, or two of them
    /// meet, the parser puts an anonymous [`NodePattern`] between.
    pub elements: Vec<PatternElement>,
    /// The whole pattern.
    pub span: Span,
}

/// An element of a path pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternElement {
    /// A node.
    Node(NodePattern),
    /// A relationship, quantified or not.
    Relationship(RelationshipPattern),
    /// A parenthesised path, quantified or not.
    Group(GroupPattern),
}

/// `(variable labels WAIT <= d {properties} WHERE expr)`.
#[derive(Debug, Clone, PartialEq)]
pub struct NodePattern {
    /// The variable.
    pub variable: Option<Name>,
    /// The label expression.
    pub labels: Option<LabelExpr>,
    /// The bound on waiting at this node.
    pub wait: Option<DurationExpr>,
    /// A map literal or a parameter.
    pub properties: Option<Expr>,
    /// The inner filter.
    pub filter: Option<Box<Expr>>,
    /// Its place.
    pub span: Span,
}

impl NodePattern {
    /// Whether it stands in no text: the parser put it beside a parenthesised path.
    #[must_use]
    pub fn is_implied(&self) -> bool {
        self.span.start == self.span.end
    }
}

/// `-[variable :types {properties} WHERE expr]->` with a quantifier.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationshipPattern {
    /// The variable.
    pub variable: Option<Name>,
    /// The type expression.
    pub types: Option<LabelExpr>,
    /// Which way it is walked.
    pub direction: Direction,
    /// A map literal or a parameter.
    pub properties: Option<Expr>,
    /// The inner filter.
    pub filter: Option<Box<Expr>>,
    /// How often; `None` for once.
    pub quantifier: Option<Quantifier>,
    /// Its place.
    pub span: Span,
}

/// `((x)-[r]->(y) WHERE expr){m,n}`.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupPattern {
    /// The inner path; its variables are group variables outside.
    pub elements: Vec<PatternElement>,
    /// The inner filter, for each repetition.
    pub filter: Option<Box<Expr>>,
    /// How often; `None` for once.
    pub quantifier: Option<Quantifier>,
    /// Its place.
    pub span: Span,
}

/// Which way a relationship is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// `-->`, from start to end.
    Outgoing,
    /// `<--`, from end to start.
    Incoming,
    /// `--` or `<-->`, either way.
    #[default]
    Either,
}

/// How often something repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantifier {
    /// At least.
    pub min: u32,
    /// At most; `None` for unbounded. Less than `min` only in Cypher 9's way, and then nothing matches.
    pub max: Option<u32>,
    /// Whether it was written in Cypher 9's way, `[:T*1..3]`.
    pub legacy: bool,
    /// Its place.
    pub span: Span,
}

/// What stands before a path expression.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    /// Which of the paths.
    pub selector: Option<Selector>,
    /// The chronological prefix.
    pub chrono: Option<Chrono>,
    /// What may repeat.
    pub mode: Option<PathMode>,
    /// Whether it was written in Cypher 9's way, `shortestPath(…)`.
    pub legacy: bool,
    /// The place of the whole prefix.
    pub span: Span,
}

impl Search {
    /// Whether the order of time counts: it was asked for, or the selector implies it.
    #[must_use]
    pub fn is_chronological(&self) -> bool {
        let implied =
            matches!(self.selector, Some(Selector::Earliest(_) | Selector::Latest(_) | Selector::Fastest(_)));
        self.chrono.is_some() || implied
    }
}

/// Which of the paths between a pair of end nodes.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// `ALL`.
    All,
    /// `ANY [k]`.
    Any(Count),
    /// `ALL SHORTEST`.
    AllShortest,
    /// `SHORTEST k`, and `ANY SHORTEST` with k = 1.
    Shortest(Count),
    /// `SHORTEST [k] GROUPS`.
    ShortestGroups(Count),
    /// `CHEAPEST [k] COST (variable | expr)`.
    Cheapest(Count, Name, Box<Expr>),
    /// `STRONGEST [k]`.
    Strongest(Count),
    /// `EARLIEST [k]`.
    Earliest(Count),
    /// `LATEST [k]`.
    Latest(Count),
    /// `FASTEST [k]`.
    Fastest(Count),
}

impl Selector {
    /// The parameter that says how many, where one does.
    pub(in crate::query) fn parameter(&self) -> Option<&Name> {
        let count = match self {
            Self::All | Self::AllShortest => return None,
            Self::Any(k)
            | Self::Shortest(k)
            | Self::ShortestGroups(k)
            | Self::Cheapest(k, ..)
            | Self::Strongest(k)
            | Self::Earliest(k)
            | Self::Latest(k)
            | Self::Fastest(k) => k,
        };
        match count {
            Count::Parameter(name) => Some(name),
            Count::Literal(_) => None,
        }
    }
}

/// The k of a selector.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// A positive integer literal, or the 1 that is left out.
    Literal(u64),
    /// A parameter.
    Parameter(Name),
}

/// What may repeat in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathMode {
    /// Anything.
    Walk,
    /// No relationship twice.
    Trail,
    /// No node twice.
    Acyclic,
    /// No node twice, but the two ends may be the same.
    Simple,
}

/// `CHRONOLOGICAL [STRICT] [CERTAINLY] [WAIT <= d] [WITHIN d]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Chrono {
    /// Each event later than the one before, not only as late.
    pub strict: bool,
    /// Whatever the true instants are.
    pub certainly: bool,
    /// The bound on waiting at every inner node.
    pub wait: Option<DurationExpr>,
    /// The bound from the first event to the last.
    pub within: Option<DurationExpr>,
    /// Its place.
    pub span: Span,
}

/// A duration as written after `WAIT <=` or `WITHIN`.
#[derive(Debug, Clone, PartialEq)]
pub enum DurationExpr {
    /// `10 DAYS`.
    Units(u64, TimeUnit, Span),
    /// A parameter, a plain number or a parenthesised expression.
    Value(Box<Expr>),
}

impl DurationExpr {
    /// Its place.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Units(_, _, span) => *span,
            Self::Value(value) => value.span,
        }
    }
}

/// Units of fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seven days.
    Weeks,
    /// 24 hours.
    Days,
    /// 60 minutes.
    Hours,
    /// 60 seconds.
    Minutes,
    /// Seconds.
    Seconds,
}

/// An expression over labels or types.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelExpr {
    /// One name.
    Name(Name),
    /// `%`: any label at all.
    Any(Span),
    /// `!A`.
    Not(Box<Self>),
    /// `A&B`, and `:A:B`.
    And(Box<Self>, Box<Self>),
    /// `A|B`.
    Or(Box<Self>, Box<Self>),
}

//! Graphs and statements as the generator makes them, the printer writes them and the naive evaluator reads them.
//!
//! This is not the engine's tree: what the engine's parser misreads would otherwise be misread twice.

/// Property values; never null, no maps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Property {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'static str),
    List(Vec<i64>),
}

pub(crate) type Properties = Vec<(&'static str, Property)>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) labels: Vec<&'static str>,
    pub(crate) properties: Properties,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Relationship {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: &'static str,
    pub(crate) properties: Properties,
}

/// Every node and relationship has its place as the property `no`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) relationships: Vec<Relationship>,
}

/// Single queries joined by UNION.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) parts: Vec<Single>,
    /// UNION ALL rather than UNION.
    pub(crate) is_all: bool,
    /// No parentheses but the necessary ones.
    pub(crate) is_terse: bool,
}

/// The last clause is a RETURN, the only one.
#[derive(Debug, Clone)]
pub(crate) struct Single {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) returns: Projection,
}

#[derive(Debug, Clone)]
pub(crate) enum Clause {
    Match {
        is_optional: bool,
        patterns: Vec<Pattern>,
        filter: Option<Expr>,
    },
    With {
        projection: Projection,
        filter: Option<Expr>,
    },
    Unwind {
        list: Expr,
        variable: String,
    },
    /// `CALL (imports) { … }`; `CALL (*)` for `None`.
    Call {
        is_optional: bool,
        imports: Option<Vec<String>>,
        body: Query,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Projection {
    /// `*` before the items.
    pub(crate) is_star: bool,
    pub(crate) is_distinct: bool,
    /// Expression and name. A variable under its own name is written without AS.
    pub(crate) items: Vec<(Expr, String)>,
    /// Expression, and whether it descends.
    pub(crate) order: Vec<(Expr, bool)>,
    pub(crate) skip: Option<usize>,
    pub(crate) limit: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) variable: Option<String>,
    pub(crate) selector: Option<Selector>,
    pub(crate) mode: Option<Mode>,
    /// Written as `shortestPath(…)` or `allShortestPaths(…)`, Cypher 9's way.
    pub(crate) is_function: bool,
    pub(crate) start: NodePattern,
    pub(crate) links: Vec<(Link, NodePattern)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selector {
    All,
    Any(usize),
    AllShortest,
    Shortest(usize),
    ShortestGroups(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Walk,
    Trail,
    Acyclic,
    Simple,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct NodePattern {
    pub(crate) variable: Option<String>,
    pub(crate) labels: Option<Labels>,
    pub(crate) properties: Vec<(&'static str, Expr)>,
    pub(crate) filter: Option<Box<Expr>>,
}

#[derive(Debug, Clone)]
pub(crate) enum Labels {
    One(&'static str),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// `%`: any label at all.
    Any,
    /// `:A:B`
    Colons(&'static str, &'static str),
}

#[derive(Debug, Clone)]
pub(crate) enum Link {
    Relationship(RelationshipPattern),
    Group(Group),
}

#[derive(Debug, Clone)]
pub(crate) struct RelationshipPattern {
    pub(crate) variable: Option<String>,
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) direction: Direction,
    pub(crate) properties: Vec<(&'static str, Expr)>,
    pub(crate) filter: Option<Box<Expr>>,
    pub(crate) quantifier: Option<Quantifier>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Out,
    In,
    Both,
}

/// A quantified parenthesised path.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) start: NodePattern,
    pub(crate) hops: Vec<(RelationshipPattern, NodePattern)>,
    pub(crate) filter: Option<Box<Expr>>,
    pub(crate) quantifier: Quantifier,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantifier {
    pub(crate) least: usize,
    pub(crate) most: Option<usize>,
    /// `*m..n` within the brackets, as in Cypher 9.
    pub(crate) is_legacy: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'static str),
    List(Vec<Self>),
    Map(Vec<(&'static str, Self)>),
    Parameter(&'static str),
    Variable(String),
    Property(Box<Self>, &'static str),
    Not(Box<Self>),
    Logic(Logic, Box<Self>, Box<Self>),
    /// `a < b <= c`
    Compare(Box<Self>, Vec<(Compare, Self)>),
    Math(Math, Box<Self>, Box<Self>),
    Minus(Box<Self>),
    IsNull(Box<Self>),
    IsNotNull(Box<Self>),
    In(Box<Self>, Box<Self>),
    TextTest(TextTest, Box<Self>, Box<Self>),
    HasLabels(Box<Self>, Labels),
    Index(Box<Self>, Box<Self>),
    Slice(Box<Self>, Option<Box<Self>>, Option<Box<Self>>),
    Case {
        subject: Option<Box<Self>>,
        whens: Vec<(Self, Self)>,
        otherwise: Option<Box<Self>>,
    },
    Call(Function, Vec<Self>),
    Comprehension {
        variable: String,
        list: Box<Self>,
        filter: Option<Box<Self>>,
        map: Option<Box<Self>>,
    },
    Quantified {
        quantity: Quantity,
        variable: String,
        list: Box<Self>,
        filter: Box<Self>,
    },
    Reduce {
        total: String,
        start: Box<Self>,
        variable: String,
        list: Box<Self>,
        step: Box<Self>,
    },
    /// `EXISTS { … RETURN … }` and the like.
    OfQuery(OfQuery, Box<Query>),
    Exists(Box<Subquery>),
    Count(Box<Subquery>),
    /// A pattern as a condition; all its variables are bound outside.
    Predicate(Box<Pattern>),
    /// `size([pattern WHERE … | …])`, or `size(COLLECT { MATCH … })`: the order is nobody's business.
    PatternList {
        pattern: Box<Pattern>,
        filter: Option<Box<Self>>,
        map: Box<Self>,
        is_subquery: bool,
    },
    Aggregate {
        aggregate: Aggregate,
        is_distinct: bool,
        argument: Option<Box<Self>>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Subquery {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) filter: Option<Expr>,
    /// With the word MATCH.
    pub(crate) is_spelled: bool,
}

/// What is asked of a whole query within an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfQuery {
    Exists,
    Count,
    /// `size(COLLECT { … })`: the order is nobody's business.
    Collect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logic {
    And,
    Or,
    Xor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    All,
    Any,
    None,
    Single,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Coalesce,
    EndNode,
    Head,
    Keys,
    Labels,
    Last,
    Left,
    Length,
    Nodes,
    Properties,
    Range,
    Relationships,
    Replace,
    Reverse,
    Right,
    Sign,
    Size,
    Split,
    StartNode,
    Substring,
    Tail,
    ToFloat,
    ToInteger,
    ToLower,
    ToString,
    ToUpper,
    Trim,
    Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Count,
    Sum,
    Min,
    Max,
    Avg,
    Collect,
}

/// Values of the parameters that statements may use.
pub(crate) const PARAMETERS: [(&str, Property); 3] =
    [("two", Property::Int(2)), ("word", Property::Text("ab")), ("half", Property::Float(0.5))];

//! The syntax tree: what was written, with its place in the text.
//!
//! Nothing is resolved here; names are names. `bind` gives them meaning.

mod pattern;
mod schema;
mod types;

pub use pattern::{
    Chrono, Count, Direction, DurationExpr, GroupPattern, LabelExpr, NodePattern, PathMode, PathPattern,
    PatternElement, Quantifier, RelationshipPattern, Search, Selector, TimeUnit,
};
pub use types::{IsTest, NormalForm, TypeName, ValueType};

pub use schema::{CreateIndex, DropIndex, SchemaCommand};

use crate::error::Span;

/// A name as written, with its place. Back-quotes are already removed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The text.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// One statement: what stands before a `;`.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Whether `EXPLAIN` was written.
    pub mode: Mode,
    /// The map after `USING LENS`.
    pub lens: Option<Expr>,
    /// What it asks or changes.
    pub query: Query,
    /// The whole statement.
    pub span: Span,
}

/// Clauses, perhaps with others after `UNION`: a statement, or what stands in braces.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// The clauses in order, up to the first `UNION`.
    pub clauses: Vec<Clause>,
    /// What follows each `UNION`.
    pub unions: Vec<Union>,
}

impl Query {
    /// The clauses before and after each `UNION`.
    pub fn branches(&self) -> impl Iterator<Item = &[Clause]> {
        let others = self.unions.iter().map(|union| union.clauses.as_slice());
        std::iter::once(self.clauses.as_slice()).chain(others)
    }
}

/// `UNION [ALL]` and the clauses after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// Whether equal rows are kept.
    pub all: bool,
    /// The clauses in order.
    pub clauses: Vec<Clause>,
    /// The place of the word.
    pub span: Span,
}

/// What to do with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Run it.
    Run,
    /// Print its plan and do not run it.
    Explain,
    /// Say why it finds no path in time, and what would have to change.
    WhyNot,
    /// Run it, and print its plan with what each operator did.
    Profile,
    /// Begin or end a transaction; there is no query.
    Transaction(Control),
}

/// What to do with a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// `BEGIN`.
    Begin,
    /// `COMMIT`.
    Commit,
    /// `ROLLBACK`.
    Rollback,
}

/// A clause of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// `[OPTIONAL] MATCH patterns [WHERE filter]`.
    Match(Match),
    /// `WITH items [WHERE filter]`.
    With(Projection),
    /// `RETURN items`; always the last clause.
    Return(Projection),
    /// `UNWIND list AS variable`.
    Unwind {
        /// The list.
        list: Expr,
        /// The variable of each row.
        variable: Name,
        /// The whole clause.
        span: Span,
    },
    /// `CREATE patterns`.
    Create {
        /// What to create.
        patterns: Vec<PathPattern>,
        /// The whole clause.
        span: Span,
    },
    /// `MERGE pattern [ON CREATE SET items] [ON MATCH SET items]`.
    Merge {
        /// What to find or create.
        pattern: PathPattern,
        /// What to set where it was created.
        on_create: Vec<SetItem>,
        /// What to set where it was found.
        on_match: Vec<SetItem>,
        /// The whole clause.
        span: Span,
    },
    /// `SET items`.
    Set {
        /// What to set, in order.
        items: Vec<SetItem>,
        /// The whole clause.
        span: Span,
    },
    /// `REMOVE items`.
    Remove {
        /// What to remove, in order.
        items: Vec<RemoveItem>,
        /// The whole clause.
        span: Span,
    },
    /// `[DETACH] DELETE expressions`.
    Delete {
        /// Nodes, relationships or paths.
        targets: Vec<Expr>,
        /// Whether relationships of deleted nodes go with them.
        detach: bool,
        /// The whole clause.
        span: Span,
    },
    /// A statement about property indexes, which has no other clause.
    Schema(SchemaCommand),
    /// `FOREACH (variable IN list | clauses)`.
    Foreach {
        /// The variable of each item.
        variable: Name,
        /// The list.
        list: Expr,
        /// What to change for each item; all of them write.
        clauses: Vec<Self>,
        /// The whole clause.
        span: Span,
    },
    /// `FINISH`: ends a query without rows; always the last clause.
    Finish(Span),
    /// `SHOW FUNCTIONS` and its kin: `[YIELD items] [WHERE filter]`.
    Show {
        /// The name of the procedure that lists them.
        procedure: &'static str,
        /// Columns asked for, as of a procedure; `None` for all.
        yields: Option<Vec<Yield>>,
        /// The filter.
        filter: Option<Expr>,
        /// The whole clause.
        span: Span,
    },
    /// `[OPTIONAL] CALL [(scope)] { query }`.
    CallQuery {
        /// What of the row around is seen inside; `None` without parentheses, where `WITH` says it.
        scope: Option<Scope>,
        /// What to run for each row.
        query: Query,
        /// Whether rows without an answer are kept with nulls.
        optional: bool,
        /// The whole clause.
        span: Span,
    },
    /// `[OPTIONAL] CALL name(arguments) [YIELD items [WHERE filter]]`.
    Call {
        /// Whether rows without an answer are kept with nulls.
        optional: bool,
        /// Dotted name, such as `evidence.claim`.
        procedure: Name,
        /// The arguments; `None` where no parentheses were written.
        arguments: Option<Vec<Expr>>,
        /// Columns asked for, each with an alias where one was given; `None` without `YIELD`.
        yields: Option<Vec<Yield>>,
        /// The filter after `YIELD`.
        filter: Option<Expr>,
        /// The whole clause.
        span: Span,
    },
}

/// A column of a procedure, and the name after `AS`.
pub type Yield = (Name, Option<Name>);

/// What a subquery sees of the row around it.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    /// `(*)`: everything.
    All,
    /// `(a, b)`: these, perhaps none.
    Names(Vec<Name>),
}

/// A `MATCH` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Whether rows without an answer are kept with nulls.
    pub optional: bool,
    /// The patterns between commas.
    pub patterns: Vec<PathPattern>,
    /// What stands after `WHERE`.
    pub filter: Option<Expr>,
    /// The whole clause.
    pub span: Span,
}

/// The body of `WITH` and `RETURN`.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Whether equal rows are merged.
    pub distinct: bool,
    /// Whether `*` stands first.
    pub star: bool,
    /// The other items.
    pub items: Vec<ProjectionItem>,
    /// `ORDER BY` keys.
    pub order: Vec<SortKey>,
    /// `SKIP`.
    pub skip: Option<Expr>,
    /// `LIMIT`.
    pub limit: Option<Expr>,
    /// `WHERE`; only after `WITH`.
    pub filter: Option<Expr>,
    /// The whole clause.
    pub span: Span,
}

impl Projection {
    /// A projection of nothing.
    pub(super) fn empty(span: Span) -> Self {
        Self {
            distinct: false,
            star: false,
            items: Vec::new(),
            order: Vec::new(),
            skip: None,
            limit: None,
            filter: None,
            span,
        }
    }
}

/// One item of a projection.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionItem {
    /// The value.
    pub expr: Expr,
    /// The name after `AS`.
    pub alias: Option<Name>,
    /// The text as written, which names the column where there is no alias.
    pub text: String,
}

/// One key of `ORDER BY`.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// The value to sort by.
    pub expr: Expr,
    /// `DESC` or `DESCENDING`.
    pub descending: bool,
}

/// One item of `SET`.
#[derive(Debug, Clone, PartialEq)]
pub enum SetItem {
    /// `target.key = value`, or `target[key] = value`.
    Property {
        /// The element whose property it is.
        target: Expr,
        /// The name of the property; a string where it was written after a dot.
        key: Expr,
        /// The new value; null removes.
        value: Expr,
    },
    /// `variable = map`.
    Replace {
        /// The element.
        variable: Name,
        /// All its properties from now on.
        value: Expr,
    },
    /// `variable += map`.
    Merge {
        /// The element.
        variable: Name,
        /// Properties to add or change.
        value: Expr,
    },
    /// `variable:Label1:Label2`.
    Labels {
        /// The node.
        variable: Name,
        /// Labels to add.
        labels: Vec<Name>,
    },
}

/// One item of `REMOVE`.
#[derive(Debug, Clone, PartialEq)]
pub enum RemoveItem {
    /// `target.key`, or `target[key]`.
    Property {
        /// The element.
        target: Expr,
        /// The name of the property; a string where it was written after a dot.
        key: Expr,
    },
    /// `variable:Label1:Label2`.
    Labels {
        /// The node.
        variable: Name,
        /// Labels to take away.
        labels: Vec<Name>,
    },
}

/// An expression with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A string.
    String(String),
    /// `$name`.
    Parameter(String),
    /// A variable.
    Variable(String),
    /// `base.key`.
    Property(Box<Expr>, Name),
    /// `base[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `base[from..to]`.
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{a: 1}`.
    Map(Vec<(Name, Expr)>),
    /// `not x`, `-x`, `+x`.
    Unary(UnaryOp, Box<Expr>),
    /// Two operands and an operator; chains of `AND`, `OR` and `XOR` are balanced.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a < b <= c`: operands with the comparisons between them, at least one.
    /// `=`, `<>`, `<`, `<=`, `>` and `>=` stand only here, never in `Binary`.
    Comparison(Box<Expr>, Vec<(BinaryOp, Expr)>),
    /// `x IS NULL`, or with `true` `x IS NOT NULL`.
    IsNull(Box<Expr>, bool),
    /// `x IS test`, or with `true` `x IS NOT test`.
    Is(Box<Expr>, IsTest, bool),
    /// `x:Label` as a predicate.
    HasLabels(Box<Expr>, LabelExpr),
    /// `variable {.key, .*, key: value, other}`.
    MapProjection {
        /// The node, relationship or map that is asked.
        base: Box<Expr>,
        /// What the new map holds, in order.
        entries: Vec<MapEntry>,
    },
    /// `CASE [subject] WHEN … THEN … ELSE … END`.
    Case {
        /// What each `WHEN` is compared with, where given.
        subject: Option<Box<Expr>>,
        /// The branches.
        branches: Vec<(Expr, Expr)>,
        /// The `ELSE` value.
        otherwise: Option<Box<Expr>>,
    },
    /// `name([DISTINCT] arguments)`; `count(*)` has the name `count` and `star`.
    Call {
        /// The function's name as written.
        name: Name,
        /// Whether `DISTINCT` was written.
        distinct: bool,
        /// Whether the argument is `*`.
        star: bool,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `[x IN list WHERE filter | value]`.
    ListComprehension {
        /// The variable.
        variable: Name,
        /// The list.
        list: Box<Expr>,
        /// The filter.
        filter: Option<Box<Expr>>,
        /// The value; the variable where left out.
        value: Option<Box<Expr>>,
    },
    /// `all(x IN list WHERE filter)` and its kin.
    Quantified {
        /// Which of the four.
        quantifier: ListQuantifier,
        /// The variable.
        variable: Name,
        /// The list.
        list: Box<Expr>,
        /// The condition.
        filter: Box<Expr>,
    },
    /// `reduce(total = start, x IN list | value)`.
    Reduce {
        /// The variable of what has been reached.
        total: Name,
        /// Where it starts.
        start: Box<Expr>,
        /// The variable of each item.
        variable: Name,
        /// The list.
        list: Box<Expr>,
        /// The next total.
        value: Box<Expr>,
    },
    /// A query within the expression.
    Subquery {
        /// What becomes of its rows.
        kind: SubqueryKind,
        /// The query; clauses that write are refused later.
        query: Query,
        /// What is wanted of each row, where no `RETURN` says so.
        value: Option<Box<Expr>>,
    },
}

/// One part of a map projection.
#[derive(Debug, Clone, PartialEq)]
pub enum MapEntry {
    /// `.*`: all properties.
    All,
    /// `.key`: one property.
    Property(Name),
    /// `key: value`; of `other` alone, the value is the variable.
    Value(Name, Expr),
}

/// What becomes of the rows of a subquery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubqueryKind {
    /// `EXISTS {…}`: whether there is one.
    Exists,
    /// `(a)-->(b)` as a condition: whether there is one.
    Pattern,
    /// `COUNT {…}`: how many there are.
    Count,
    /// `COLLECT {…}`, `[(a)-->(b) | b]` and `allShortestPaths(…)`: their values as a list.
    Collect,
    /// `shortestPath(…)`: the value of the first.
    First,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `NOT`.
    Not,
    /// `-`.
    Minus,
    /// `+`.
    Plus,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `OR`.
    Or,
    /// `XOR`.
    Xor,
    /// `AND`.
    And,
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `IN`.
    In,
    /// `STARTS WITH`.
    StartsWith,
    /// `ENDS WITH`.
    EndsWith,
    /// `CONTAINS`.
    Contains,
    /// `=~`.
    Matches,
    /// `+`.
    Add,
    /// `||`, of texts or of lists.
    Concatenate,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
    /// `^`.
    Power,
}

impl BinaryOp {
    /// Whether it compares two values by their order or their equality.
    pub(super) fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
        )
    }
}

/// How many elements of a list must satisfy a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListQuantifier {
    /// Every one.
    All,
    /// At least one.
    Any,
    /// None.
    None,
    /// Exactly one.
    Single,
}

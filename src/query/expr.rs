//! Bound expressions and their evaluation.
//!
//! Variables are numbers of a row's columns, functions are rows of
//! [`super::functions::FUNCTIONS`]. Logic is three-valued as in openCypher: what
//! is unknown is null, and a comparison of things that cannot be compared is null.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::ast::{BinaryOp, IsTest, ListQuantifier};
use super::calls;
use super::functions::{self, Function};
use super::physical::{Body, Subquery};
use super::pipeline::memory::Memory;
use super::pipeline::profile::Profile;
use super::registered::RegisteredProcedure;
use super::watch::Watch;
use super::{size, value_ops};
use crate::error::{Error, Result, Span};
use crate::graph::{CompiledLens, Graph, View};
use crate::model::{NodeId, RelationshipId, Value};
use crate::paths::Limits;

/// A row of a query: one value for each variable of the statement.
pub(super) type Row = Vec<Value>;

/// An expression with names resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A constant.
    Literal(Value),
    /// A parameter.
    Parameter(String, Span),
    /// A variable's column.
    Var(usize),
    /// `base.key`.
    Property(Box<Self>, String, Span),
    /// `base[index]`.
    Index(Box<Self>, Box<Self>, Span),
    /// `base[from..to]`.
    Slice(Box<Self>, Option<Box<Self>>, Option<Box<Self>>, Span),
    /// A list.
    List(Vec<Self>),
    /// A map.
    Map(Vec<(String, Self)>),
    /// `NOT x`.
    Not(Box<Self>, Span),
    /// `-x`.
    Minus(Box<Self>, Span),
    /// Two operands and an operator; comparisons too.
    Binary(BinaryOp, Box<Self>, Box<Self>, Span),
    /// `x IS NULL`, or with `true` `x IS NOT NULL`.
    IsNull(Box<Self>, bool),
    /// `x IS test`, or with `true` `x IS NOT test`.
    Is(Box<Self>, IsTest, bool),
    /// `x:Label`.
    HasLabels(Box<Self>, Labels, Span),
    /// `CASE`, with the subject compared already.
    Case(Vec<(Self, Self)>, Box<Self>, Span),
    /// A function.
    Call(&'static Function, Vec<Self>, Span),
    /// `[x IN list WHERE filter | value]`.
    ListComprehension {
        slot: usize,
        list: Box<Self>,
        filter: Option<Box<Self>>,
        value: Option<Box<Self>>,
        span: Span,
    },
    /// `all(x IN list WHERE filter)` and its kin.
    Quantified { quantifier: ListQuantifier, slot: usize, list: Box<Self>, filter: Box<Self>, span: Span },
    /// `reduce(total = start, x IN list | value)`.
    Reduce { total: usize, start: Box<Self>, slot: usize, list: Box<Self>, value: Box<Self>, span: Span },
    /// `EXISTS {…}` and its kin: the subquery's number, and the variables that it uses.
    Subquery { at: usize, uses: Vec<usize> },
}

/// An expression over labels or types.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Labels {
    /// One name.
    Name(String),
    /// Any at all.
    Any,
    /// Not this.
    Not(Box<Self>),
    /// Both.
    And(Box<Self>, Box<Self>),
    /// At least one.
    Or(Box<Self>, Box<Self>),
}

impl Labels {
    /// Whether a set of names satisfies it.
    pub(super) fn holds(&self, has: &dyn Fn(&str) -> bool, any: bool) -> bool {
        match self {
            Self::Name(name) => has(name),
            Self::Any => any,
            Self::Not(inner) => !inner.holds(has, any),
            Self::And(a, b) => a.holds(has, any) && b.holds(has, any),
            Self::Or(a, b) => a.holds(has, any) || b.holds(has, any),
        }
    }

    /// The names between `|`, if that is all it is.
    pub(super) fn alternatives(&self) -> Option<Vec<&str>> {
        match self {
            Self::Name(name) => Some(vec![name]),
            Self::Or(a, b) => {
                let mut names = a.alternatives()?;
                names.extend(b.alternatives()?);
                Some(names)
            }
            _ => None,
        }
    }

    /// Names that each have to be there.
    pub(super) fn required(&self) -> Vec<&str> {
        match self {
            Self::Name(name) => vec![name],
            Self::And(a, b) => a.required().into_iter().chain(b.required()).collect(),
            _ => Vec::new(),
        }
    }

    /// Every name that it mentions.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Name(name) => vec![name],
            Self::Any => Vec::new(),
            Self::Not(inner) => inner.names(),
            Self::And(a, b) | Self::Or(a, b) => a.names().into_iter().chain(b.names()).collect(),
        }
    }
}

impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Any => f.write_str("%"),
            Self::Not(inner) => write!(f, "!{inner}"),
            Self::And(a, b) => write!(f, "{a}&{b}"),
            Self::Or(a, b) => write!(f, "{a}|{b}"),
        }
    }
}

/// Whether a node's labels satisfy a label expression.
pub(super) fn node_has(view: View<'_>, node: NodeId, labels: &Labels) -> bool {
    let graph = view.graph();
    let Some(node) = graph.node(node) else { return false };
    labels.holds(
        &|name| graph.symbol(name).is_some_and(|label| node.labels().contains(&label)),
        !node.labels().is_empty(),
    )
}

/// What expressions are evaluated against, besides the row.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The graph through the query's lens.
    pub(super) view: View<'a>,
    /// What stays the same while the graph changes.
    pub(super) surroundings: &'a Surroundings<'a>,
    /// Within a query that stands in another: the row around it.
    pub(super) outer: Option<&'a Row>,
    /// Of a procedure: the columns that are asked for, by number; none where all may be.
    pub(super) asked: Option<&'a [(usize, usize)]>,
}

/// What a statement runs in.
pub(super) struct Surroundings<'a> {
    /// What the statement is looked at through.
    pub(super) lens: Option<&'a CompiledLens>,
    /// As of when, where the lens says so.
    pub(super) as_of: Option<&'a Value>,
    /// The parameters.
    pub(super) parameters: &'a BTreeMap<String, Value>,
    /// Procedures besides those of the language.
    pub(super) procedures: &'a [RegisteredProcedure],
    /// The subqueries of the statement's expressions, by number.
    pub(super) subqueries: &'a [Subquery],
    /// What `CALL { … }` and `FOREACH` run for each row, by number.
    pub(super) bodies: &'a [Body],
    /// How many variables a row has.
    pub(super) width: usize,
    /// What the statement may keep.
    pub(super) memory: Rc<Memory>,
    /// Where operators are measured, if they are.
    pub(super) profile: Option<&'a Profile>,
    /// The types of relationships that the statement has deleted: they are still asked for.
    pub(super) deleted_types: &'a RefCell<BTreeMap<RelationshipId, String>>,
    /// What the searches of paths come to.
    pub(super) watch: &'a Watch,
    /// Where notices go.
    pub(super) notices: &'a RefCell<BTreeSet<String>>,
    /// What `rand()` draws from.
    pub(super) random: Random,
    /// When a path search gives up.
    pub(super) limits: Limits,
    /// When claims are recorded.
    pub(super) now_micros: i64,
    /// Whether the statement changes the graph, which it may not do on half an answer.
    pub(super) writes: bool,
    /// Fails where the statement is to stop.
    pub(super) check: &'a dyn Fn() -> Result<()>,
}

impl Surroundings<'_> {
    /// With a graph as it is now, what expressions are evaluated against.
    pub(super) fn context<'b>(&'b self, graph: &'b Graph) -> Context<'b> {
        Context { view: View::new(graph, self.lens, false), surroundings: self, outer: None, asked: None }
    }
}

/// Numbers as if by chance, the same for the same seed (Steele, Lea and Flood's SplitMix64, 2014).
pub(super) struct Random(Cell<u64>);

impl Random {
    pub(super) fn new(seed: i64) -> Self {
        Self(Cell::new(seed.cast_unsigned()))
    }

    /// A number from 0 up to 1.
    pub(super) fn next(&self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// 64 bits.
    pub(super) fn bits(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Context<'_> {
    /// Tells the user something, once.
    fn notice(&self, text: impl Into<String>) {
        self.surroundings.notices.borrow_mut().insert(text.into());
    }
}

impl Expr {
    /// Its place in the text, where it keeps it.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Parameter(_, span)
            | Self::Property(_, _, span)
            | Self::Index(_, _, span)
            | Self::Slice(_, _, _, span)
            | Self::Not(_, span)
            | Self::Minus(_, span)
            | Self::Binary(_, _, _, span)
            | Self::HasLabels(_, _, span)
            | Self::Case(_, _, span)
            | Self::Call(_, _, span)
            | Self::ListComprehension { span, .. }
            | Self::Quantified { span, .. }
            | Self::Reduce { span, .. } => *span,
            Self::Literal(_)
            | Self::Var(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::IsNull(..)
            | Self::Is(..)
            | Self::Subquery { .. } => Span::default(),
        }
    }

    /// Every variable that it uses, those that it binds itself too.
    pub(super) fn variables(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.visit(&mut |expr| match expr {
            Self::Var(slot) => found.push(*slot),
            Self::ListComprehension { slot, .. } | Self::Quantified { slot, .. } => found.push(*slot),
            Self::Reduce { total, slot, .. } => found.extend([*total, *slot]),
            Self::Subquery { uses, .. } => found.extend(uses),
            _ => {}
        });
        found
    }

    /// The variables that it binds itself.
    pub(super) fn own_variables(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.visit(&mut |expr| match expr {
            Self::ListComprehension { slot, .. } | Self::Quantified { slot, .. } => found.push(*slot),
            Self::Reduce { total, slot, .. } => found.extend([*total, *slot]),
            _ => {}
        });
        found
    }

    /// The variables that have to be bound before it can be evaluated.
    pub(super) fn free_variables(&self) -> BTreeSet<usize> {
        let own = self.own_variables();
        self.variables().into_iter().filter(|slot| !own.contains(slot)).collect()
    }

    /// Calls `f` on it and on everything in it.
    pub(super) fn visit<'e>(&'e self, f: &mut impl FnMut(&'e Self)) {
        f(self);
        match self {
            Self::Literal(_) | Self::Parameter(..) | Self::Var(_) | Self::Subquery { .. } => {}
            Self::Property(a, ..)
            | Self::Not(a, _)
            | Self::Minus(a, _)
            | Self::IsNull(a, _)
            | Self::Is(a, ..)
            | Self::HasLabels(a, ..) => {
                a.visit(f);
            }
            Self::Index(a, b, _) | Self::Binary(_, a, b, _) => {
                a.visit(f);
                b.visit(f);
            }
            Self::Slice(a, from, to, _) => {
                a.visit(f);
                from.iter().chain(to).for_each(|bound| bound.visit(f));
            }
            Self::List(items) | Self::Call(_, items, _) => items.iter().for_each(|item| item.visit(f)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.visit(f)),
            Self::Case(branches, otherwise, _) => {
                for (condition, value) in branches {
                    condition.visit(f);
                    value.visit(f);
                }
                otherwise.visit(f);
            }
            Self::ListComprehension { list, filter, value, .. } => {
                list.visit(f);
                filter.iter().chain(value).for_each(|part| part.visit(f));
            }
            Self::Quantified { list, filter, .. } => {
                list.visit(f);
                filter.visit(f);
            }
            Self::Reduce { start, list, value, .. } => {
                [start, list, value].into_iter().for_each(|part| part.visit(f));
            }
        }
    }

    /// Puts what `f` gives in the place of each part for which it gives something.
    pub(super) fn replace(&mut self, f: &dyn Fn(&Self) -> Option<Self>) {
        match f(self) {
            Some(other) => *self = other,
            None => self.children_mut().into_iter().for_each(|child| child.replace(f)),
        }
    }

    fn children_mut(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Literal(_) | Self::Parameter(..) | Self::Var(_) | Self::Subquery { .. } => Vec::new(),
            Self::Property(a, ..)
            | Self::Not(a, _)
            | Self::Minus(a, _)
            | Self::IsNull(a, _)
            | Self::Is(a, ..)
            | Self::HasLabels(a, ..) => vec![a],
            Self::Index(a, b, _) | Self::Binary(_, a, b, _) => vec![a, b],
            Self::Slice(a, from, to, _) => [a].into_iter().chain(from).chain(to).map(AsMut::as_mut).collect(),
            Self::List(items) | Self::Call(_, items, _) => items.iter_mut().collect(),
            Self::Map(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
            Self::Case(branches, otherwise, _) => {
                let branches = branches.iter_mut().flat_map(|(condition, value)| [condition, value]);
                branches.chain([otherwise.as_mut()]).collect()
            }
            Self::ListComprehension { list, filter, value, .. } => {
                [list].into_iter().chain(filter).chain(value).map(AsMut::as_mut).collect()
            }
            Self::Quantified { list, filter, .. } => vec![list, filter],
            Self::Reduce { start, list, value, .. } => vec![start, list, value],
        }
    }

    /// The conditions that `AND` joins.
    pub(super) fn conjuncts(self) -> Vec<Self> {
        match self {
            Self::Binary(BinaryOp::And, a, b, _) => {
                let mut all = a.conjuncts();
                all.extend(b.conjuncts());
                all
            }
            other => vec![other],
        }
    }

    /// Evaluates on a row.
    ///
    /// # Errors
    /// A `TypeError` or `ArgumentError` with its place in the query.
    pub(super) fn eval(&self, context: &Context<'_>, row: &mut Row) -> Result<Value> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Parameter(name, span) => {
                context.surroundings.parameters.get(name).cloned().ok_or_else(|| missing(name, *span))
            }
            Self::Var(slot) => Ok(row[*slot].clone()),
            Self::Property(base, key, span) => {
                value_ops::property(context.view, &base.eval(context, row)?, key, *span)
            }
            Self::Index(base, index, span) => {
                let base = base.eval(context, row)?;
                value_ops::index(context.view, &base, &index.eval(context, row)?, *span)
            }
            Self::Slice(base, from, to, span) => {
                let base = base.eval(context, row)?;
                let mut bound =
                    |bound: &Option<Box<Self>>| bound.as_ref().map(|b| b.eval(context, row)).transpose();
                let (from, to) = (bound(from)?, bound(to)?);
                value_ops::slice(&base, from.as_ref(), to.as_ref(), *span)
            }
            Self::List(items) => {
                let mut list = size::List::default();
                for item in items {
                    list.push(item.eval(context, row)?)?;
                }
                Ok(list.into())
            }
            Self::Map(entries) => {
                let entries =
                    entries.iter().map(|(name, value)| Ok((name.clone(), value.eval(context, row)?)));
                size::bounded(Value::Map(entries.collect::<Result<_>>()?))
            }
            Self::Not(inner, span) => Ok(truth(&inner.eval(context, row)?, *span)?.map(|t| !t).into()),
            Self::Minus(inner, span) => value_ops::negate(&inner.eval(context, row)?, *span),
            Self::Binary(op, a, b, span) => self.binary(*op, a, b, *span, context, row),
            Self::IsNull(inner, negated) => Ok(Value::Bool(inner.eval(context, row)?.is_null() != *negated)),
            Self::Is(inner, test, negated) => {
                Ok(functions::is(&inner.eval(context, row)?, test).map(|is| is != *negated).into())
            }
            Self::HasLabels(inner, labels, span) => {
                has_labels(context.view, &inner.eval(context, row)?, labels, *span)
            }
            Self::Case(branches, otherwise, span) => {
                for (condition, value) in branches {
                    if truth(&condition.eval(context, row)?, *span)? == Some(true) {
                        return value.eval(context, row);
                    }
                }
                otherwise.eval(context, row)
            }
            Self::Call(function, arguments, span) => {
                let arguments: Vec<Value> =
                    arguments.iter().map(|a| a.eval(context, row)).collect::<Result<_>>()?;
                function.call(context, &arguments).map_err(|error| error.at(*span))
            }
            Self::ListComprehension { slot, list, filter, value, span } => {
                let Some(items) = list_of(list.eval(context, row)?, *span)? else { return Ok(Value::Null) };
                let mut kept = size::List::default();
                for item in items {
                    row[*slot] = item.clone();
                    if let Some(filter) = filter
                        && filter.eval(context, row)? != Value::Bool(true)
                    {
                        continue;
                    }
                    let kept_item = match value {
                        Some(value) => value.eval(context, row)?,
                        None => item,
                    };
                    kept.push(kept_item).map_err(|error| error.at(*span))?;
                }
                Ok(kept.into())
            }
            Self::Quantified { quantifier, slot, list, filter, span } => {
                let Some(items) = list_of(list.eval(context, row)?, *span)? else { return Ok(Value::Null) };
                let (mut yes, mut unknown, total) = (0_usize, 0_usize, items.len());
                for item in items {
                    row[*slot] = item;
                    match truth(&filter.eval(context, row)?, *span)? {
                        Some(true) => yes += 1,
                        Some(false) => {}
                        None => unknown += 1,
                    }
                }
                Ok(quantify(*quantifier, yes, unknown, total).into())
            }
            Self::Reduce { total, start, slot, list, value, span } => {
                let mut reached = start.eval(context, row)?;
                let Some(items) = list_of(list.eval(context, row)?, *span)? else { return Ok(Value::Null) };
                for item in items {
                    (row[*total], row[*slot]) = (reached, item);
                    reached = value.eval(context, row)?;
                }
                Ok(reached)
            }
            Self::Subquery { at, .. } => calls::subquery(&context.surroundings.subqueries[*at], row, context),
        }
    }

    fn binary(
        &self,
        op: BinaryOp,
        a: &Self,
        b: &Self,
        span: Span,
        context: &Context<'_>,
        row: &mut Row,
    ) -> Result<Value> {
        let a = a.eval(context, row)?;
        // AND and OR look at the right side only where the left leaves it open.
        let decided = match op {
            BinaryOp::And => Some(false),
            BinaryOp::Or => Some(true),
            _ => None,
        };
        if let Some(decided) = decided {
            let left = truth(&a, span)?;
            if left == Some(decided) {
                return Ok(Value::Bool(decided));
            }
            let right = truth(&b.eval(context, row)?, span)?;
            return Ok(match (left, right) {
                (_, Some(right)) if right == decided => Value::Bool(decided),
                (Some(_), Some(_)) => Value::Bool(!decided),
                _ => Value::Null,
            });
        }
        let b = b.eval(context, row)?;
        binary_values(op, &a, &b, span, context)
    }
}

/// An operator that needs both its sides.
pub(super) fn binary_values(
    op: BinaryOp,
    a: &Value,
    b: &Value,
    span: Span,
    context: &Context<'_>,
) -> Result<Value> {
    if value_ops::compares_partial_date(op, a, b) {
        // Once, however many pairs are compared.
        context.notice("a text was compared with a date, which is null; use earliest() or latest()");
    }
    value_ops::binary(op, a, b, span)
}

fn has_labels(view: View<'_>, value: &Value, labels: &Labels, span: Span) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Node(id) if view.graph().node(*id).is_none() => Err(value_ops::deleted("node", span)),
        Value::Node(id) => Ok(Value::Bool(node_has(view, *id, labels))),
        Value::Relationship(id) => {
            let relationship = view.graph().relationship(*id);
            let relationship = relationship.ok_or_else(|| value_ops::deleted("relationship", span))?;
            let kind = view.graph().text(relationship.kind);
            Ok(Value::Bool(labels.holds(&|name| kind == name, true)))
        }
        other => Err(type_error(span, "a node or a relationship", other)),
    }
}

fn quantify(quantifier: ListQuantifier, yes: usize, unknown: usize, total: usize) -> Option<bool> {
    match quantifier {
        ListQuantifier::All if yes + unknown < total => Some(false),
        ListQuantifier::Any if yes > 0 => Some(true),
        ListQuantifier::None if yes > 0 => Some(false),
        ListQuantifier::Single if yes > 1 => Some(false),
        _ if unknown > 0 => None,
        ListQuantifier::All | ListQuantifier::None => Some(true),
        ListQuantifier::Any => Some(false),
        ListQuantifier::Single => Some(yes == 1),
    }
}

/// A value as a condition; `None` is unknown.
pub(super) fn truth(value: &Value, span: Span) -> Result<Option<bool>> {
    match value {
        Value::Bool(truth) => Ok(Some(*truth)),
        Value::Null => Ok(None),
        other => Err(type_error(span, "true or false", other)),
    }
}

/// Whether a condition after `WHERE` holds; null is no.
pub(super) fn holds(value: &Value, span: Span) -> Result<bool> {
    match value {
        Value::Bool(holds) => Ok(*holds),
        Value::Null => Ok(false),
        other => Err(type_error(span, "true or false after WHERE", other)),
    }
}

fn list_of(value: Value, span: Span) -> Result<Option<Vec<Value>>> {
    match value {
        Value::List(items) => Ok(Some(items)),
        Value::Null => Ok(None),
        other => Err(type_error(span, "a list", &other)),
    }
}

/// A value with its type, for messages.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        other => format!("{} {other}", other.type_name()),
    }
}

/// The error for a parameter without a value.
pub(super) fn missing(name: &str, span: Span) -> Error {
    Error::query("ParameterMissing", span, format!("parameter ${name} has no value"))
        .hint(format!("give it with --param {name}=…, or :param {name} … in the REPL"))
}

/// A `TypeError`: what was expected, and what was found.
pub(super) fn type_error(span: Span, expected: &str, found: &Value) -> Error {
    Error::query("TypeError", span, format!("expected {expected}, found {}", described(found)))
}

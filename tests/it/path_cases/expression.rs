//! Conditions and costs: the few expressions that the corpus needs, with null as unknown.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use super::graph::Graph;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(String),
    Node(usize),
    Relationship(usize),
    List(Vec<Self>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Literal(Value),
    Variable(String),
    Property(String, String),
    /// `size(list)`.
    Size(Box<Self>),
    /// `length(p)`.
    Length,
    Not(Box<Self>),
    IsNull(Box<Self>, bool),
    Binary(&'static str, Box<Self>, Box<Self>),
    List(Vec<Self>),
    /// `all(x IN list WHERE condition)`, also `any` and `none`.
    Quantified(&'static str, String, Box<Self>, Box<Self>),
}

/// What variables stand for.
pub(crate) type Bindings = BTreeMap<String, Value>;

impl Value {
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "numbers in tests are small")]
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    fn of_truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Bool)
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::String(left), Self::String(right)) => Some(left.cmp(right)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            _ => Some(match (self.number(), other.number()) {
                (Some(left), Some(right)) => left == right,
                _ => self == other,
            }),
        }
    }
}

impl Expr {
    /// Whether a condition is true; unknown is not true.
    pub(crate) fn holds(&self, graph: &Graph, bindings: &Bindings) -> bool {
        self.eval(graph, bindings) == Value::Bool(true)
    }

    /// The value of the expression; a path has its length under the name `length(p)`.
    pub(crate) fn eval(&self, graph: &Graph, bindings: &Bindings) -> Value {
        let of = |name: &str| bindings.get(name).cloned().unwrap_or_else(|| panic!("`{name}` is not bound"));
        match self {
            Self::Literal(value) => value.clone(),
            Self::Variable(name) => of(name),
            Self::Length => of("length(p)"),
            Self::Property(name, property) => property_of(graph, &of(name), property),
            Self::Size(list) => match list.eval(graph, bindings) {
                Value::List(items) => Value::Int(i64::try_from(items.len()).expect("lists are short")),
                other => panic!("size of {other:?}"),
            },
            Self::Not(inner) => Value::of_truth(inner.eval(graph, bindings).truth().map(|truth| !truth)),
            Self::IsNull(inner, expected) => {
                Value::Bool((inner.eval(graph, bindings) == Value::Null) == *expected)
            }
            Self::Binary(operator, left, right) => {
                binary(operator, &left.eval(graph, bindings), &right.eval(graph, bindings))
            }
            Self::List(items) => Value::List(items.iter().map(|item| item.eval(graph, bindings)).collect()),
            Self::Quantified(word, name, list, condition) => {
                let Value::List(items) = list.eval(graph, bindings) else { panic!("`{word}` of no list") };
                let mut inner = bindings.clone();
                let mut truths = items.into_iter().map(|item| {
                    inner.insert(name.clone(), item);
                    condition.eval(graph, &inner).truth()
                });
                Value::of_truth(quantified(word, &mut truths))
            }
        }
    }
}

fn quantified(word: &str, truths: &mut dyn Iterator<Item = Option<bool>>) -> Option<bool> {
    // `all` is no counterexample, `any` an example, `none` no example
    let decisive = word != "all";
    let truths: Vec<Option<bool>> = truths.collect();
    let found = if truths.contains(&Some(decisive)) {
        Some(true)
    } else if truths.contains(&None) {
        None
    } else {
        Some(false)
    };
    found.map(|found| if word == "any" { found } else { !found })
}

fn property_of(graph: &Graph, of: &Value, property: &str) -> Value {
    let (id, properties) = match of {
        Value::Node(i) => (&graph.nodes[*i].id, &graph.nodes[*i].properties),
        Value::Relationship(i) => (&graph.relationships[*i].id, &graph.relationships[*i].properties),
        other => panic!("property of {other:?}"),
    };
    match property {
        "id" => Value::String(id.clone()),
        _ => properties.get(property).cloned().unwrap_or(Value::Null),
    }
}

fn binary(operator: &str, left: &Value, right: &Value) -> Value {
    let ordered = |admits: fn(Ordering) -> bool| Value::of_truth(left.compare(right).map(admits));
    match operator {
        "AND" => Value::of_truth(match (left.truth(), right.truth()) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }),
        "OR" => Value::of_truth(match (left.truth(), right.truth()) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }),
        "=" => Value::of_truth(left.equals(right)),
        "<>" => Value::of_truth(left.equals(right).map(|equal| !equal)),
        "<" => ordered(Ordering::is_lt),
        "<=" => ordered(Ordering::is_le),
        ">" => ordered(Ordering::is_gt),
        ">=" => ordered(Ordering::is_ge),
        "IN" => {
            let Value::List(items) = right else { panic!("IN {right:?}") };
            let found = &mut items.iter().map(|item| left.equals(item));
            Value::of_truth(quantified("any", found))
        }
        "+" | "-" => match (left, right) {
            (Value::Int(left), Value::Int(right)) => {
                Value::Int(if operator == "+" { left + right } else { left - right })
            }
            _ => match (left.number(), right.number()) {
                (Some(left), Some(right)) => {
                    Value::Float(if operator == "+" { left + right } else { left - right })
                }
                _ => Value::Null,
            },
        },
        other => panic!("unknown operator {other}"),
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "null"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::String(text) => write!(f, "'{text}'"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Variable(name) => write!(f, "{name}"),
            Self::Property(name, property) => write!(f, "{name}.{property}"),
            Self::Size(list) => write!(f, "size({list})"),
            Self::Length => write!(f, "length(p)"),
            Self::Not(inner) => write!(f, "NOT ({inner})"),
            Self::IsNull(inner, true) => write!(f, "{inner} IS NULL"),
            Self::IsNull(inner, false) => write!(f, "{inner} IS NOT NULL"),
            Self::Binary(operator @ ("AND" | "OR"), left, right) => {
                write!(f, "({left}) {operator} ({right})")
            }
            Self::Binary(operator, left, right) => write!(f, "{left} {operator} {right}"),
            Self::List(items) => {
                write!(f, "[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                write!(f, "]")
            }
            Self::Quantified(word, name, list, condition) => {
                write!(f, "{word}({name} IN {list} WHERE {condition})")
            }
        }
    }
}

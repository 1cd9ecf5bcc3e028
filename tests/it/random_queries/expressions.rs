//! Expressions by their definition, with three-valued logic.

use super::evaluate::{Evaluator, Result, Row, Stop, distinct};
use super::matching::has_labels;
use super::tree::{
    Aggregate, Compare, Expr, Function, Logic, Math, OfQuery, PARAMETERS, Properties, Property, Quantity,
    Subquery, TextTest,
};
use super::values::Value;

const ARITHMETIC: Stop = Stop::Error("ArithmeticError");

impl Evaluator<'_> {
    pub(crate) fn eval(&self, expr: &Expr, row: &Row) -> Result<Value> {
        self.eval_in(expr, row, None)
    }

    /// The value for a row; aggregates look at the whole group.
    pub(crate) fn eval_in(&self, expr: &Expr, row: &Row, group: Option<&[Row]>) -> Result<Value> {
        let eval = |expr: &Expr| self.eval_in(expr, row, group);
        Ok(match expr {
            Expr::Null => Value::Null,
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Int(number) => Value::Int(*number),
            Expr::Float(number) => Value::Float(*number),
            Expr::Text(text) => Value::Text((*text).to_owned()),
            Expr::List(items) => Value::List(items.iter().map(eval).collect::<Result<_>>()?),
            Expr::Map(entries) => {
                let entries = entries.iter().map(|(name, value)| Ok(((*name).to_owned(), eval(value)?)));
                Value::Map(entries.collect::<Result<_>>()?)
            }
            Expr::Parameter(name) => {
                let (_, value) =
                    PARAMETERS.iter().find(|(known, _)| known == name).expect("a known parameter");
                property_value(value)
            }
            Expr::Variable(name) => row.get(name).unwrap_or_else(|| panic!("{name} is bound")).clone(),
            Expr::Property(owner, name) => self.property(&eval(owner)?, name),
            Expr::Not(inner) => truth(truth_of(&eval(inner)?).map(|value| !value)),
            Expr::Logic(logic, a, b) => truth(combine(*logic, truth_of(&eval(a)?), truth_of(&eval(b)?))),
            Expr::Compare(first, rest) => {
                let mut left = eval(first)?;
                let mut all = Some(true);
                for (compare, operand) in rest {
                    let right = eval(operand)?;
                    all = combine(Logic::And, all, compare_values(*compare, &left, &right));
                    left = right;
                }
                truth(all)
            }
            Expr::Math(math, a, b) => calculate(*math, eval(a)?, eval(b)?)?,
            Expr::Minus(inner) => match eval(inner)? {
                Value::Int(number) => Value::Int(number.checked_neg().ok_or(ARITHMETIC)?),
                Value::Float(number) => Value::Float(-number),
                _ => Value::Null,
            },
            Expr::IsNull(inner) => Value::Bool(eval(inner)?.is_null()),
            Expr::IsNotNull(inner) => Value::Bool(!eval(inner)?.is_null()),
            Expr::In(item, list) => truth(is_in(&eval(item)?, &eval(list)?)),
            Expr::TextTest(test, a, b) => match (eval(a)?, eval(b)?) {
                (Value::Text(a), Value::Text(b)) => Value::Bool(match test {
                    TextTest::StartsWith => a.starts_with(&b),
                    TextTest::EndsWith => a.ends_with(&b),
                    TextTest::Contains => a.contains(&b),
                }),
                _ => Value::Null,
            },
            Expr::HasLabels(node, labels) => match eval(node)? {
                Value::Node(node) => Value::Bool(has_labels(&self.graph.nodes[node].labels, labels)),
                _ => Value::Null,
            },
            Expr::Index(list, at) => match (eval(list)?, eval(at)?) {
                (Value::List(items), Value::Int(at)) => {
                    let at = if at < 0 { at + items.len() as i64 } else { at };
                    usize::try_from(at).ok().and_then(|at| items.get(at).cloned()).unwrap_or(Value::Null)
                }
                _ => Value::Null,
            },
            Expr::Slice(list, from, to) => {
                let list = eval(list)?;
                let from = from.as_ref().map(|from| eval(from)).transpose()?;
                let to = to.as_ref().map(|to| eval(to)).transpose()?;
                slice(list, from, to)
            }
            Expr::Case { subject, whens, otherwise } => {
                let subject = subject.as_ref().map(|subject| eval(subject)).transpose()?;
                for (when, then) in whens {
                    let when = eval(when)?;
                    let applies = match &subject {
                        Some(subject) => subject.equals(&when) == Some(true),
                        None => when == Value::Bool(true),
                    };
                    if applies {
                        return eval(then);
                    }
                }
                otherwise.as_ref().map_or(Ok(Value::Null), |otherwise| eval(otherwise))?
            }
            Expr::Call(function, arguments) => {
                let values = arguments.iter().map(eval).collect::<Result<Vec<_>>>()?;
                self.call(*function, values)
            }
            Expr::Comprehension { variable, list, filter, map } => {
                let Value::List(items) = eval(list)? else { return Ok(Value::Null) };
                let mut kept = Vec::new();
                for (inner, item) in with_items(row, variable, items) {
                    if self.holds(filter.as_deref(), &inner)? {
                        kept.push(map.as_ref().map_or(Ok(item), |map| self.eval(map, &inner))?);
                    }
                }
                Value::List(kept)
            }
            Expr::Quantified { quantity, variable, list, filter } => {
                let Value::List(items) = eval(list)? else { return Ok(Value::Null) };
                let mut verdicts = Vec::new();
                for (inner, _) in with_items(row, variable, items) {
                    verdicts.push(truth_of(&self.eval(filter, &inner)?));
                }
                truth(quantify(*quantity, &verdicts))
            }
            Expr::Reduce { total, start, variable, list, step } => {
                let mut value = eval(start)?;
                let Value::List(items) = eval(list)? else { return Ok(Value::Null) };
                for (mut inner, _) in with_items(row, variable, items) {
                    inner.insert(total.clone(), value);
                    value = self.eval(step, &inner)?;
                }
                value
            }
            Expr::OfQuery(what, query) => {
                let n_rows = self.rows_of(query, row)?.len();
                match what {
                    OfQuery::Exists => Value::Bool(n_rows > 0),
                    OfQuery::Count | OfQuery::Collect => Value::Int(n_rows as i64),
                }
            }
            Expr::Exists(subquery) => Value::Bool(!self.subquery(subquery, row)?.is_empty()),
            Expr::Count(subquery) => Value::Int(self.subquery(subquery, row)?.len() as i64),
            Expr::Predicate(pattern) => {
                Value::Bool(!self.find_all(std::slice::from_ref(&**pattern), row)?.is_empty())
            }
            Expr::PatternList { pattern, filter, map, .. } => {
                let rows = self.find_all(std::slice::from_ref(&**pattern), row)?;
                let rows = self.filtered(rows, filter.as_deref())?;
                for row in &rows {
                    self.eval(map, row)?;
                }
                Value::Int(rows.len() as i64)
            }
            Expr::Aggregate { aggregate, is_distinct, argument } => {
                let group = group.expect("aggregates stand in projections");
                let Some(argument) = argument else { return Ok(Value::Int(group.len() as i64)) };
                let mut values = Vec::new();
                for row in group {
                    values.push(self.eval(argument, row)?);
                }
                values.retain(|value| !value.is_null());
                if *is_distinct {
                    values = distinct(values, |value| vec![value.clone()]);
                }
                aggregated(*aggregate, values)?
            }
        })
    }

    fn subquery(&self, subquery: &Subquery, row: &Row) -> Result<Vec<Row>> {
        self.filtered(self.find_all(&subquery.patterns, row)?, subquery.filter.as_ref())
    }

    pub(crate) fn property(&self, owner: &Value, name: &str) -> Value {
        let properties = match owner {
            Value::Map(entries) => return entries.get(name).cloned().unwrap_or(Value::Null),
            Value::Node(_) | Value::Relationship(_) => self.properties(owner),
            _ => return Value::Null,
        };
        properties.into_iter().find(|(known, _)| known == name).map_or(Value::Null, |(_, value)| value)
    }

    fn properties(&self, owner: &Value) -> Vec<(String, Value)> {
        let (no, properties): (usize, &Properties) = match owner {
            Value::Node(no) => (*no, &self.graph.nodes[*no].properties),
            Value::Relationship(no) => (*no, &self.graph.relationships[*no].properties),
            _ => return Vec::new(),
        };
        let given = properties.iter().map(|(name, value)| ((*name).to_owned(), property_value(value)));
        given.chain([("no".to_owned(), Value::Int(no as i64))]).collect()
    }

    fn call(&self, function: Function, mut values: Vec<Value>) -> Value {
        if function == Function::Coalesce {
            return values.into_iter().find(|value| !value.is_null()).unwrap_or(Value::Null);
        }
        if values.iter().any(Value::is_null) {
            return Value::Null;
        }
        let rest = values.split_off(1);
        let first = values.remove(0);
        let elements =
            |of: fn(usize) -> Value, nos: &[usize]| Value::List(nos.iter().map(|no| of(*no)).collect());
        match (function, first, rest.as_slice()) {
            (Function::Abs, Value::Int(number), _) => Value::Int(number.abs()),
            (Function::Abs, Value::Float(number), _) => Value::Float(number.abs()),
            (Function::Sign, Value::Int(number), _) => Value::Int(number.signum()),
            (Function::StartNode, Value::Relationship(no), _) => {
                Value::Node(self.graph.relationships[no].start)
            }
            (Function::EndNode, Value::Relationship(no), _) => Value::Node(self.graph.relationships[no].end),
            (Function::Type, Value::Relationship(no), _) => {
                Value::Text(self.graph.relationships[no].kind.to_owned())
            }
            (Function::Head, Value::List(items), _) => items.into_iter().next().unwrap_or(Value::Null),
            (Function::Last, Value::List(items), _) => items.into_iter().last().unwrap_or(Value::Null),
            (Function::Tail, Value::List(items), _) => Value::List(items.into_iter().skip(1).collect()),
            (Function::Reverse, Value::List(items), _) => Value::List(items.into_iter().rev().collect()),
            (Function::Reverse, Value::Text(text), _) => Value::Text(text.chars().rev().collect()),
            (Function::Size, Value::List(items), _) => Value::Int(items.len() as i64),
            (Function::Size, Value::Text(text), _) => Value::Int(text.chars().count() as i64),
            (Function::Length, Value::Path(_, relationships), _) => Value::Int(relationships.len() as i64),
            (Function::Nodes, Value::Path(nodes, _), _) => elements(Value::Node, &nodes),
            (Function::Relationships, Value::Path(_, relationships), _) => {
                elements(Value::Relationship, &relationships)
            }
            (Function::Labels, Value::Node(no), _) => {
                let mut labels = self.graph.nodes[no].labels.clone();
                labels.sort_unstable();
                Value::List(labels.into_iter().map(|label| Value::Text(label.to_owned())).collect())
            }
            (Function::Keys, owner, _) => {
                let mut names: Vec<String> =
                    self.properties(&owner).into_iter().map(|(name, _)| name).collect();
                names.sort();
                Value::List(names.into_iter().map(Value::Text).collect())
            }
            (Function::Properties, owner, _) => Value::Map(self.properties(&owner).into_iter().collect()),
            (Function::Range, Value::Int(from), [Value::Int(to)]) => {
                Value::List((from..=*to).map(Value::Int).collect())
            }
            (Function::Left, Value::Text(text), [Value::Int(n)]) => {
                Value::Text(text.chars().take(*n as usize).collect())
            }
            (Function::Right, Value::Text(text), [Value::Int(n)]) => {
                let skipped = text.chars().count().saturating_sub(*n as usize);
                Value::Text(text.chars().skip(skipped).collect())
            }
            (Function::Substring, Value::Text(text), [Value::Int(start)]) => {
                Value::Text(text.chars().skip(*start as usize).collect())
            }
            (Function::Substring, Value::Text(text), [Value::Int(start), Value::Int(length)]) => {
                Value::Text(text.chars().skip(*start as usize).take(*length as usize).collect())
            }
            (Function::Replace, Value::Text(text), [Value::Text(old), Value::Text(new)]) => {
                Value::Text(text.replace(old.as_str(), new))
            }
            (Function::Split, Value::Text(text), [Value::Text(at)]) => {
                Value::List(text.split(at.as_str()).map(|part| Value::Text(part.to_owned())).collect())
            }
            (Function::ToLower, Value::Text(text), _) => Value::Text(text.to_lowercase()),
            (Function::ToUpper, Value::Text(text), _) => Value::Text(text.to_uppercase()),
            (Function::Trim, Value::Text(text), _) => Value::Text(text.trim().to_owned()),
            (Function::ToString, Value::Int(number), _) => Value::Text(number.to_string()),
            (Function::ToString, Value::Bool(value), _) => Value::Text(value.to_string()),
            (Function::ToString, Value::Text(text), _) => Value::Text(text),
            (Function::ToFloat, Value::Int(number), _) => Value::Float(number as f64),
            (Function::ToInteger, Value::Text(text), _) => {
                text.trim().parse().map_or(Value::Null, Value::Int)
            }
            (Function::ToInteger, Value::Int(number), _) => Value::Int(number),
            (function, first, rest) => {
                panic!("the generator makes no {function:?} of {first:?} and {rest:?}")
            }
        }
    }
}

fn with_items(row: &Row, variable: &str, items: Vec<Value>) -> impl Iterator<Item = (Row, Value)> {
    items.into_iter().map(move |item| {
        let mut inner = row.clone();
        inner.insert(variable.to_owned(), item.clone());
        (inner, item)
    })
}

pub(crate) fn property_value(property: &Property) -> Value {
    match property {
        Property::Bool(value) => Value::Bool(*value),
        Property::Int(value) => Value::Int(*value),
        Property::Float(value) => Value::Float(*value),
        Property::Text(value) => Value::Text((*value).to_owned()),
        Property::List(values) => Value::List(values.iter().map(|value| Value::Int(*value)).collect()),
    }
}

fn truth(value: Option<bool>) -> Value {
    value.map_or(Value::Null, Value::Bool)
}

fn truth_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Null => None,
        other => panic!("the generator makes no condition of {other:?}"),
    }
}

fn combine(logic: Logic, a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (logic, a, b) {
        (Logic::And, Some(false), _) | (Logic::And, _, Some(false)) => Some(false),
        (Logic::Or, Some(true), _) | (Logic::Or, _, Some(true)) => Some(true),
        (Logic::And, Some(true), Some(true)) => Some(true),
        (Logic::Or, Some(false), Some(false)) => Some(false),
        (Logic::Xor, Some(a), Some(b)) => Some(a != b),
        _ => None,
    }
}

fn compare_values(compare: Compare, a: &Value, b: &Value) -> Option<bool> {
    // NaN is neither less nor greater nor equal, so each of these is asked for itself.
    match compare {
        Compare::Equal => a.equals(b),
        Compare::Unequal => a.equals(b).map(|value| !value),
        Compare::Less => a.is_less(b),
        Compare::Greater => b.is_less(a),
        Compare::LessEqual => combine(Logic::Or, a.is_less(b), a.is_less(b).and(a.equals(b))),
        Compare::GreaterEqual => combine(Logic::Or, b.is_less(a), b.is_less(a).and(a.equals(b))),
    }
}

fn is_in(item: &Value, list: &Value) -> Option<bool> {
    let Value::List(items) = list else { return None };
    let mut found = Some(false);
    for other in items {
        found = combine(Logic::Or, found, item.equals(other));
    }
    found
}

fn quantify(quantity: Quantity, verdicts: &[Option<bool>]) -> Option<bool> {
    let all = |start: Option<bool>, logic| verdicts.iter().fold(start, |all, one| combine(logic, all, *one));
    match quantity {
        Quantity::All => all(Some(true), Logic::And),
        Quantity::Any => all(Some(false), Logic::Or),
        Quantity::None => all(Some(false), Logic::Or).map(|value| !value),
        Quantity::Single => {
            let n_true = verdicts.iter().filter(|verdict| **verdict == Some(true)).count();
            match n_true > 1 || !verdicts.contains(&None) {
                true => Some(n_true == 1),
                false => None,
            }
        }
    }
}

fn slice(list: Value, from: Option<Value>, to: Option<Value>) -> Value {
    let Value::List(items) = list else { return Value::Null };
    let length = items.len() as i64;
    let place = |side: Option<Value>, default: i64| match side {
        None => Some(default),
        Some(Value::Int(at)) => Some(if at < 0 { (at + length).max(0) } else { at.min(length) }),
        Some(_) => None,
    };
    let (Some(from), Some(to)) = (place(from, 0), place(to, length)) else { return Value::Null };
    let count = (to - from).max(0);
    Value::List(items.into_iter().skip(from as usize).take(count as usize).collect())
}

fn calculate(math: Math, a: Value, b: Value) -> Result<Value> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    Ok(match (math, a, b) {
        (Math::Add, Value::Text(a), Value::Text(b)) => Value::Text(a + &b),
        (Math::Add, Value::List(a), Value::List(b)) => Value::List([a, b].concat()),
        (Math::Add, Value::List(a), b) => Value::List([a, vec![b]].concat()),
        (Math::Add, a, Value::List(b)) => Value::List([vec![a], b].concat()),
        (Math::Power, a, b) => Value::Float(number(&a).powf(number(&b))),
        (math, Value::Int(a), Value::Int(b)) => {
            let result = match math {
                Math::Add => a.checked_add(b),
                Math::Subtract => a.checked_sub(b),
                Math::Multiply => a.checked_mul(b),
                Math::Divide => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            Value::Int(result.ok_or(ARITHMETIC)?)
        }
        (math, a, b) => {
            let (a, b) = (number(&a), number(&b));
            Value::Float(match math {
                Math::Add => a + b,
                Math::Subtract => a - b,
                Math::Multiply => a * b,
                Math::Divide => a / b,
                _ => a % b,
            })
        }
    })
}

fn number(value: &Value) -> f64 {
    value.number().unwrap_or_else(|| panic!("the generator does not calculate with {value:?}"))
}

fn aggregated(aggregate: Aggregate, values: Vec<Value>) -> Result<Value> {
    let count = values.len();
    let least = |values: Vec<Value>| values.into_iter().min_by(Value::order).unwrap_or(Value::Null);
    let greatest = |values: Vec<Value>| values.into_iter().max_by(Value::order).unwrap_or(Value::Null);
    Ok(match aggregate {
        Aggregate::Count => Value::Int(count as i64),
        Aggregate::Collect => Value::List(values),
        Aggregate::Min => least(values),
        Aggregate::Max => greatest(values),
        Aggregate::Sum => {
            let mut sum = Value::Int(0);
            for value in values {
                sum = calculate(Math::Add, sum, value)?;
            }
            sum
        }
        Aggregate::Avg if count == 0 => Value::Null,
        Aggregate::Avg => Value::Float(values.iter().map(number).sum::<f64>() / count as f64),
    })
}

//! Aggregates: how the values of a group become one.

use std::cmp::Ordering;

use super::wrong;
use crate::error::{Detail, Error, Result, Span};
use crate::model::time::Amount;
use crate::model::{NodeId, Value};
use crate::query::ast::BinaryOp;
use crate::query::pipeline::Seen;
use crate::query::value_ops;

/// How an aggregate combines values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum Aggregate {
    Count,
    Collect,
    Sum,
    Avg,
    Min,
    Max,
    StDev,
    StDevP,
    PercentileCont,
    PercentileDisc,
}

/// What an aggregate has seen of a group.
pub(in crate::query) struct Accumulator {
    aggregate: Aggregate,
    /// Of `DISTINCT`: what has been counted.
    seen: Option<Seen>,
    /// What `collect` and the aggregates that need all numbers keep.
    values: Vec<Value>,
    count: i64,
    best: Option<Value>,
    sum: Value,
    /// The second argument of a percentile.
    share: f64,
}

impl Accumulator {
    pub(in crate::query) fn new(aggregate: Aggregate, distinct: bool) -> Self {
        let seen = distinct.then(Seen::default);
        Self { aggregate, seen, values: Vec::new(), count: 0, best: None, sum: Value::Int(0), share: 0.0 }
    }

    /// Takes the value of a row, with the second argument where there is one.
    ///
    /// # Errors
    /// A `TypeError` for what is no number where numbers are needed, an `ArgumentError` for a share outside
    /// 0..=1; both without a place.
    pub(in crate::query) fn add(&mut self, value: Value, second: Option<&Value>) -> Result<()> {
        if let Some(share) = second {
            self.share = share_of(share)?;
        }
        if value.is_null() || !self.seen.as_mut().is_none_or(|seen| seen.add(&value)) {
            return Ok(());
        }
        self.count += 1;
        match self.aggregate {
            Aggregate::Count => {}
            Aggregate::Collect => self.values.push(value),
            Aggregate::Sum | Aggregate::Avg => {
                let is_duration = |value: &Value| matches!(value, Value::Duration(_));
                if value.as_number().is_none() && !is_duration(&value) {
                    return Err(wrong("a number or a duration", &value));
                }
                if self.count > 1 && is_duration(&value) != is_duration(&self.sum) {
                    return Err(wrong(if is_duration(&value) { "a number" } else { "a duration" }, &value));
                }
                self.sum = match (is_duration(&value), self.count) {
                    (true, 1) => value,
                    _ => value_ops::binary(BinaryOp::Add, &self.sum, &value, Span::default())?,
                };
            }
            Aggregate::StDev | Aggregate::StDevP | Aggregate::PercentileCont | Aggregate::PercentileDisc => {
                value.as_number().ok_or_else(|| wrong("a number", &value))?;
                self.values.push(value);
            }
            Aggregate::Min => self.keep(value, Ordering::Less),
            Aggregate::Max => self.keep(value, Ordering::Greater),
        }
        Ok(())
    }

    /// Takes nodes all at once, where they are only counted; gives how many it keeps.
    pub(in crate::query) fn add_nodes(&mut self, ids: &[NodeId]) -> Option<usize> {
        if self.aggregate != Aggregate::Count {
            return None;
        }
        let (n_counted, n_kept) = match &mut self.seen {
            None => (ids.len(), 0),
            Some(seen) => {
                let n_new = seen.add_nodes(ids);
                (n_new, n_new)
            }
        };
        self.count += i64::try_from(n_counted).unwrap_or(i64::MAX);
        Some(n_kept)
    }

    fn keep(&mut self, value: Value, better: Ordering) {
        if self.best.as_ref().is_none_or(|best| value.total_order(best) == better) {
            self.best = Some(value);
        }
    }

    /// Whether it keeps every value that it takes.
    pub(in crate::query) fn keeps_values(&self) -> bool {
        self.seen.is_some()
            || matches!(
                self.aggregate,
                Aggregate::Collect
                    | Aggregate::StDev
                    | Aggregate::StDevP
                    | Aggregate::PercentileCont
                    | Aggregate::PercentileDisc
            )
    }

    /// The value of the group.
    pub(in crate::query) fn finish(self) -> Value {
        match self.aggregate {
            Aggregate::Count => Value::Int(self.count),
            Aggregate::Collect => Value::List(self.values),
            Aggregate::Sum => self.sum,
            Aggregate::Avg => match (self.sum, self.count) {
                (_, 0) => Value::Null,
                // A sum divided by a whole number that is not 0 is not longer than itself.
                (Value::Duration(sum), count) => {
                    sum.divided(Amount::whole(count)).map_or(Value::Null, Value::Duration)
                }
                (sum, count) => sum.as_number().map_or(Value::Null, |sum| Value::Float(sum / count as f64)),
            },
            Aggregate::Min | Aggregate::Max => self.best.unwrap_or_default(),
            Aggregate::StDev => deviation(&self.values, 1),
            Aggregate::StDevP => deviation(&self.values, 0),
            Aggregate::PercentileCont => percentile_between(self.values, self.share),
            Aggregate::PercentileDisc => percentile_of(self.values, self.share),
        }
    }
}

fn share_of(value: &Value) -> Result<f64> {
    let share = value.as_number().ok_or_else(|| wrong("a share from 0 to 1", value))?;
    match (0.0..=1.0).contains(&share) {
        true => Ok(share),
        false => Err(Error::invalid(format!("expected a share from 0 to 1, found {value}"))
            .detail(Detail::NumberOutOfRange)),
    }
}

/// The standard deviation; `less` is 1 for a sample. Of fewer numbers than it needs it is 0.
fn deviation(values: &[Value], less: usize) -> Value {
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_number).collect();
    if numbers.len() <= less {
        return Value::Float(0.0);
    }
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    Value::Float((squares / (numbers.len() - less) as f64).sqrt())
}

fn percentile_between(mut values: Vec<Value>, share: f64) -> Value {
    values.sort_by(Value::total_order);
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_number).collect();
    let Some(last) = numbers.len().checked_sub(1) else { return Value::Null };
    let place = share * last as f64;
    let (below, above) = (place.floor() as usize, (place.ceil() as usize).min(last));
    Value::Float(numbers[below] + (numbers[above] - numbers[below]) * (place - below as f64))
}

fn percentile_of(mut values: Vec<Value>, share: f64) -> Value {
    values.sort_by(Value::total_order);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).cloned().unwrap_or_default()
}

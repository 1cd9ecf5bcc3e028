//! Rows by what some of their columns hold, for groups, `DISTINCT` and joins.
//!
//! Two rows have the same key where [`Value::total_order`] calls all their values
//! equal, so that null is the same as null, and 1 as 1.0.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::batch::Column;
use crate::model::Value;

/// Numbers given to keys, in the order in which they were met.
#[derive(Default)]
pub(in crate::query) struct Keys {
    table: HashTable<usize>,
    /// The values of each key.
    keys: Vec<Vec<Value>>,
}

impl Keys {
    /// The key's number in a row of some columns, and whether it is new.
    pub(in crate::query) fn number(&mut self, columns: &[Column], row: usize) -> (usize, bool) {
        let hash = hash_row(columns, row);
        if let Some(&number) = self.find_hashed(hash, columns, row) {
            return (number, false);
        }
        let number = self.keys.len();
        self.keys.push(columns.iter().map(|column| column.get(row)).collect());
        let keys = &self.keys;
        self.table.insert_unique(hash, number, |&number| hash_values(&keys[number]));
        (number, true)
    }

    /// Adds a key; gives whether it is new.
    pub(in crate::query) fn add(&mut self, key: &[Value]) -> bool {
        let hash = hash_values(key);
        let is_same = |&number: &usize| {
            let mut values = self.keys[number].iter().zip(key);
            values.all(|(own, other)| own.total_order(other) == Ordering::Equal)
        };
        if self.table.find(hash, is_same).is_some() {
            return false;
        }
        self.keys.push(key.to_vec());
        let keys = &self.keys;
        self.table.insert_unique(hash, keys.len() - 1, |&number| hash_values(&keys[number]));
        true
    }

    /// The key's number, if there is such a key.
    pub(super) fn find(&self, columns: &[Column], row: usize) -> Option<usize> {
        self.find_hashed(hash_row(columns, row), columns, row).copied()
    }

    fn find_hashed(&self, hash: u64, columns: &[Column], row: usize) -> Option<&usize> {
        self.table.find(hash, |&number| {
            let key = &self.keys[number];
            columns.iter().zip(key).all(|(column, value)| column.is_same(row, value))
        })
    }

    /// The values of the keys, in the order of their numbers.
    pub(super) fn into_values(self) -> Vec<Vec<Value>> {
        self.keys
    }

    /// About how many bytes a key like the last one takes.
    pub(super) fn bytes_of_last(&self) -> usize {
        let key = self.keys.last().map_or(0, |key| key.iter().map(super::memory::bytes_of).sum());
        key + size_of::<Vec<Value>>() + 2 * size_of::<usize>()
    }
}

impl Column {
    /// Whether the value in a row is the same as another for grouping.
    fn is_same(&self, row: usize, other: &Value) -> bool {
        match (self, other) {
            (Self::Nodes(ids), Value::Node(other)) => ids[row] == *other,
            (Self::Relationships(ids), Value::Relationship(other)) => ids[row] == *other,
            (Self::Values(values), other) => values[row].total_order(other) == Ordering::Equal,
            _ => false,
        }
    }
}

fn hash_row(columns: &[Column], row: usize) -> u64 {
    let mut hasher = FxHasher::default();
    for column in columns {
        match column {
            Column::Nodes(ids) => hash_value(&Value::Node(ids[row]), &mut hasher),
            Column::Relationships(ids) => hash_value(&Value::Relationship(ids[row]), &mut hasher),
            Column::Values(values) => hash_value(&values[row], &mut hasher),
        }
    }
    hasher.finish()
}

fn hash_values(values: &[Value]) -> u64 {
    let mut hasher = FxHasher::default();
    values.iter().for_each(|value| hash_value(value, &mut hasher));
    hasher.finish()
}

/// Values that are the same for grouping have the same hash.
fn hash_value(value: &Value, hasher: &mut FxHasher) {
    match value {
        Value::Null => hasher.write_u8(0),
        Value::Bool(truth) => truth.hash(hasher),
        // Beyond 2^53 several integers share a float, and a hash.
        Value::Int(number) => hash_number(*number as f64, hasher),
        Value::Float(number) => hash_number(*number, hasher),
        Value::String(text) => text.hash(hasher),
        Value::List(items) => {
            hasher.write_usize(items.len());
            items.iter().for_each(|item| hash_value(item, hasher));
        }
        Value::Map(entries) => {
            hasher.write_usize(entries.len());
            for (name, value) in entries {
                name.hash(hasher);
                hash_value(value, hasher);
            }
        }
        Value::Node(id) => hasher.write_u32(id.0),
        Value::Relationship(id) => hasher.write_u32(!id.0),
        Value::Path(path) => path.hash(hasher),
        Value::Date(date) => date.hash(hasher),
        Value::LocalTime(time) => time.hash(hasher),
        Value::Time(time) => time.hash(hasher),
        Value::LocalDateTime(time) => time.hash(hasher),
        Value::DateTime(time) => time.hash(hasher),
        Value::Duration(duration) => duration.hash(hasher),
    }
}

fn hash_number(number: f64, hasher: &mut FxHasher) {
    // All NaNs are the same, and 0.0 is -0.0.
    let number = if number.is_nan() { f64::NAN } else { number + 0.0 };
    hasher.write_u64(number.to_bits());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_whatever_their_type_and_null_is_null() {
        let values = vec![Value::Int(1), Value::Float(1.0), Value::Null, Value::Null, Value::from("1")];
        let column = [Column::Values(values)];
        let mut keys = Keys::default();
        let numbers: Vec<usize> = (0..5).map(|row| keys.number(&column, row).0).collect();
        assert_eq!(numbers, [0, 0, 1, 1, 2]);
        assert_eq!(keys.into_values().len(), 3);
    }

    #[test]
    fn nan_is_one_key_and_minus_zero_is_zero() {
        let values = vec![f64::NAN.into(), (-f64::NAN).into(), 0.0.into(), (-0.0).into(), Value::Int(0)];
        let column = [Column::Values(values)];
        let mut keys = Keys::default();
        let numbers: Vec<usize> = (0..5).map(|row| keys.number(&column, row).0).collect();
        assert_eq!(numbers, [0, 0, 1, 1, 1]);
    }
}

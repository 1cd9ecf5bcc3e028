//! Rows of nodes and of relationships as columns.
//!
//! A page holds the elements of a range of ids, with the names of their labels, types
//! and properties, so that its bytes stand for themselves: the record holds such pages,
//! and so does the index.

use std::collections::BTreeMap;

use super::bytes::{Reader, damaged, put_text, put_varint};
use super::values::Column;
use super::{groups, ints};
use crate::error::Result;
use crate::model::{NodeData, NodeId, Properties, RelationshipData, Value};

/// The most elements of one page.
pub const PAGE_MAX: usize = 1 << 16;

/// Properties by name, in the order of their names, as columns.
type PropertyColumns = BTreeMap<String, Column>;

/// Nodes as columns, all of one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeColumns {
    /// Which rows are nodes, and the number of each one's labels in `label_sets`;
    /// [`ABSENT`] for rows that are none.
    pub sets: Vec<u32>,
    /// Different sets of labels.
    pub label_sets: Vec<Vec<String>>,
    /// Keys, where there are.
    pub keys: Column,
    /// Properties.
    pub properties: PropertyColumns,
}

/// Relationships as columns, all of one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RelationshipColumns {
    /// Which rows are relationships, and the number of each one's type in `types`;
    /// [`ABSENT`] for rows that are none.
    pub kinds: Vec<u32>,
    /// Different types.
    pub types: Vec<String>,
    /// Where each starts.
    pub starts: Vec<u32>,
    /// Where each ends.
    pub ends: Vec<u32>,
    /// Keys, where there are.
    pub keys: Column,
    /// Properties.
    pub properties: PropertyColumns,
}

/// Stands in [`NodeColumns::sets`] and [`RelationshipColumns::kinds`] for no element.
pub const ABSENT: u32 = u32::MAX;

impl NodeColumns {
    /// The columns of rows.
    #[must_use]
    pub fn of(rows: &[Option<NodeData>]) -> Self {
        let mut columns = Self::default();
        rows.iter().for_each(|row| columns.push(row.as_ref()));
        columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, row: Option<&NodeData>) {
        let len = self.len();
        let Some(node) = row else {
            self.sets.push(ABSENT);
            self.keys.push_missing(1);
            pad(&mut self.properties, len + 1);
            return;
        };
        let set = number_of(&mut self.label_sets, &node.labels);
        self.sets.push(set);
        push_key(&mut self.keys, node.key.as_deref());
        push_properties(&mut self.properties, &node.properties, len);
    }

    /// The row at a place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<NodeData> {
        let labels = self.label_sets.get(self.sets[at] as usize)?.clone();
        Some(NodeData {
            key: key_at(&self.keys, at),
            labels,
            properties: properties_at(&self.properties, at),
        })
    }

    /// The rows at the given places, in that order.
    #[must_use]
    pub fn gather(&self, places: &[u32]) -> Self {
        Self {
            sets: places.iter().map(|place| self.sets[*place as usize]).collect(),
            label_sets: self.label_sets.clone(),
            keys: self.keys.gather(places),
            properties: gather(&self.properties, places),
        }
    }

    /// Adds the rows of other columns.
    pub fn append(&mut self, other: &Self) {
        let len = self.len();
        let new: Vec<u32> = other.label_sets.iter().map(|set| number_of(&mut self.label_sets, set)).collect();
        self.sets.extend(other.sets.iter().map(|set| new.get(*set as usize).copied().unwrap_or(ABSENT)));
        self.keys.append(&other.keys);
        append(&mut self.properties, &other.properties, len, other.len());
    }

    /// The bytes of the rows, at most [`PAGE_MAX`] of them.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be encoded.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        put_varint(&mut out, self.len() as u64);
        let (numbers, used) = used(&self.sets, &self.label_sets);
        put_varint(&mut out, used.len() as u64);
        for set in used {
            put_varint(&mut out, set.len() as u64);
            set.iter().for_each(|label| put_text(&mut out, label));
        }
        ints::encode(&numbers, &mut out);
        encode_rest(&self.keys, &self.properties, &mut out)?;
        Ok(out)
    }

    /// Reads bytes that [`NodeColumns::encode`] gave.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let len = reader.varint_up_to(PAGE_MAX)?;
        let n_sets = reader.varint_up_to(len)?;
        let mut label_sets = Vec::with_capacity(n_sets);
        for _ in 0..n_sets {
            let n_labels = reader.varint_up_to(reader.rest().len())?;
            label_sets.push((0..n_labels).map(|_| Ok(reader.text()?.to_owned())).collect::<Result<_>>()?);
        }
        let sets = numbers(&mut reader, len, n_sets)?;
        let (keys, properties) = decode_rest(&mut reader, len)?;
        Ok(Self { sets, label_sets, keys, properties })
    }
}

impl RelationshipColumns {
    /// The columns of rows.
    #[must_use]
    pub fn of(rows: &[Option<RelationshipData>]) -> Self {
        let mut columns = Self::default();
        rows.iter().for_each(|row| columns.push(row.as_ref()));
        columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, row: Option<&RelationshipData>) {
        let len = self.len();
        let Some(relationship) = row else {
            self.kinds.push(ABSENT);
            self.starts.push(0);
            self.ends.push(0);
            self.keys.push_missing(1);
            pad(&mut self.properties, len + 1);
            return;
        };
        let kind = number_of(&mut self.types, &relationship.kind);
        self.kinds.push(kind);
        self.starts.push(relationship.start.0);
        self.ends.push(relationship.end.0);
        push_key(&mut self.keys, relationship.key.as_deref());
        push_properties(&mut self.properties, &relationship.properties, len);
    }

    /// The row at a place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<RelationshipData> {
        Some(RelationshipData {
            key: key_at(&self.keys, at),
            kind: self.types.get(self.kinds[at] as usize)?.clone(),
            start: NodeId(self.starts[at]),
            end: NodeId(self.ends[at]),
            properties: properties_at(&self.properties, at),
        })
    }

    /// The rows at the given places, in that order.
    #[must_use]
    pub fn gather(&self, places: &[u32]) -> Self {
        let each = |values: &[u32]| places.iter().map(|place| values[*place as usize]).collect();
        Self {
            kinds: each(&self.kinds),
            types: self.types.clone(),
            starts: each(&self.starts),
            ends: each(&self.ends),
            keys: self.keys.gather(places),
            properties: gather(&self.properties, places),
        }
    }

    /// Adds the rows of other columns.
    pub fn append(&mut self, other: &Self) {
        let len = self.len();
        let new: Vec<u32> = other.types.iter().map(|kind| number_of(&mut self.types, kind)).collect();
        self.kinds.extend(other.kinds.iter().map(|kind| new.get(*kind as usize).copied().unwrap_or(ABSENT)));
        self.starts.extend_from_slice(&other.starts);
        self.ends.extend_from_slice(&other.ends);
        self.keys.append(&other.keys);
        append(&mut self.properties, &other.properties, len, other.len());
    }

    /// The bytes of the rows, at most [`PAGE_MAX`] of them.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be encoded.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        put_varint(&mut out, self.len() as u64);
        let (numbers, used) = used(&self.kinds, &self.types);
        put_varint(&mut out, used.len() as u64);
        used.iter().for_each(|kind| put_text(&mut out, kind));
        ints::encode(&numbers, &mut out);
        let starts: Vec<i64> = self.starts.iter().map(|start| i64::from(*start)).collect();
        ints::encode(&starts, &mut out);
        let ends: Vec<i64> = self.ends.iter().map(|end| i64::from(*end)).collect();
        groups::put(&ends, &runs(&self.starts), &mut out);
        encode_rest(&self.keys, &self.properties, &mut out)?;
        Ok(out)
    }

    /// Reads bytes that [`RelationshipColumns::encode`] gave.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let mut columns = Self::decode_ends(&mut reader)?;
        (columns.keys, columns.properties) = decode_rest(&mut reader, columns.len())?;
        Ok(columns)
    }

    /// Reads the types and ends only; keys and properties are left empty.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such page.
    fn decode_ends(reader: &mut Reader<'_>) -> Result<Self> {
        let len = reader.varint_up_to(PAGE_MAX)?;
        let n_types = reader.varint_up_to(len)?;
        let types = (0..n_types).map(|_| Ok(reader.text()?.to_owned())).collect::<Result<_>>()?;
        let kinds = numbers(reader, len, n_types)?;
        let starts = ids(ints::decode(reader, len)?)?;
        let ends = ids(groups::take(reader, &runs(&starts), len)?)?;
        Ok(Self { kinds, types, starts, ends, ..Self::default() })
    }
}

/// The places at which another number begins than the one before.
fn runs(numbers: &[u32]) -> Vec<usize> {
    (1..numbers.len()).filter(|at| numbers[at - 1] != numbers[*at]).collect()
}

fn ids(numbers: Vec<i64>) -> Result<Vec<u32>> {
    let ids = numbers.into_iter().map(u32::try_from);
    ids.collect::<Result<_, _>>().map_err(|_| damaged("the id of a node is out of range"))
}

/// The number of a thing in a list of different things, to which it is added if need be.
fn number_of<T: PartialEq + Clone>(list: &mut Vec<T>, thing: &T) -> u32 {
    // What came last comes again most often.
    let at = list.iter().rposition(|other| other == thing).unwrap_or_else(|| {
        list.push(thing.clone());
        list.len() - 1
    });
    at as u32
}

fn push_key(keys: &mut Column, key: Option<&str>) {
    match key {
        Some(key) => keys.push(&Value::from(key)),
        None => keys.push_missing(1),
    }
}

fn key_at(keys: &Column, at: usize) -> Option<String> {
    keys.text(at).map(str::to_owned)
}

fn push_properties(columns: &mut PropertyColumns, properties: &Properties, len: usize) {
    for (name, value) in properties {
        if !columns.contains_key(name) {
            columns.insert(name.clone(), missing(len));
        }
        if let Some(column) = columns.get_mut(name) {
            column.push(value);
        }
    }
    pad(columns, len + 1);
}

fn missing(len: usize) -> Column {
    let mut column = Column::default();
    column.push_missing(len);
    column
}

fn pad(columns: &mut PropertyColumns, len: usize) {
    for column in columns.values_mut() {
        column.push_missing(len - column.len());
    }
}

fn properties_at(columns: &PropertyColumns, at: usize) -> Properties {
    columns.iter().filter_map(|(name, column)| Some((name.clone(), column.get(at)?))).collect()
}

fn gather(columns: &PropertyColumns, places: &[u32]) -> PropertyColumns {
    columns.iter().map(|(name, column)| (name.clone(), column.gather(places))).collect()
}

fn append(columns: &mut PropertyColumns, other: &PropertyColumns, len: usize, other_len: usize) {
    for (name, more) in other {
        columns.entry(name.clone()).or_insert_with(|| missing(len)).append(more);
    }
    pad(columns, len + other_len);
}

/// Numbers of things with 0 for no element, counting only things that are used.
fn used<'a, T>(numbers: &[u32], things: &'a [T]) -> (Vec<i64>, Vec<&'a T>) {
    let mut new = vec![0_i64; things.len()];
    let mut used = Vec::new();
    let numbers = numbers.iter().map(|number| {
        let Some(new) = new.get_mut(*number as usize) else { return 0 };
        if *new == 0 {
            used.push(&things[*number as usize]);
            *new = used.len() as i64;
        }
        *new
    });
    (numbers.collect(), used)
}

fn numbers(reader: &mut Reader<'_>, len: usize, n_things: usize) -> Result<Vec<u32>> {
    let number = |number: i64| match usize::try_from(number) {
        Ok(0) => Ok(ABSENT),
        Ok(number) if number <= n_things => Ok((number - 1) as u32),
        _ => Err(damaged("a label or type has no name")),
    };
    ints::decode(reader, len)?.into_iter().map(number).collect()
}

fn encode_rest(keys: &Column, properties: &PropertyColumns, out: &mut Vec<u8>) -> Result<()> {
    keys.encode(None, out)?;
    // A column without any value would come back as no property.
    let with_values: Vec<_> = properties.iter().filter(|(_, column)| column.has_values()).collect();
    put_varint(out, with_values.len() as u64);
    for (name, column) in with_values {
        put_text(out, name);
        column.encode(Some(keys), out)?;
    }
    Ok(())
}

fn decode_rest(reader: &mut Reader<'_>, len: usize) -> Result<(Column, PropertyColumns)> {
    let keys = Column::decode(reader, len, None)?;
    let n_properties = reader.varint_up_to(reader.rest().len())?;
    let mut properties = PropertyColumns::new();
    for _ in 0..n_properties {
        let name = reader.text()?.to_owned();
        properties.insert(name, Column::decode(reader, len, Some(&keys))?);
    }
    match reader.rest() {
        [] => Ok((keys, properties)),
        _ => Err(damaged("bytes are left over")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn properties() -> impl Strategy<Value = Properties> {
        let value = prop_oneof![
            any::<i64>().prop_map(Value::Int),
            "[a-c]{0,2}".prop_map(|t| Value::from(t.as_str()))
        ];
        prop::collection::btree_map("[p-r]", value, 0..3)
    }

    fn node() -> impl Strategy<Value = Option<NodeData>> {
        let labels =
            prop::collection::btree_set("[A-C]", 0..3).prop_map(|labels| labels.into_iter().collect());
        let node = (prop::option::of("[a-z]{1,3}"), labels, properties());
        prop::option::weighted(
            0.8,
            node.prop_map(|(key, labels, properties)| NodeData { key, labels, properties }),
        )
    }

    fn relationship() -> impl Strategy<Value = Option<RelationshipData>> {
        let relationship = (prop::option::of("[a-z]{1,3}"), "[A-C]", any::<(u32, u32)>(), properties());
        prop::option::weighted(
            0.8,
            relationship.prop_map(|(key, kind, (start, end), properties)| RelationshipData {
                key,
                kind,
                start: NodeId(start),
                end: NodeId(end),
                properties,
            }),
        )
    }

    proptest! {
        #[test]
        fn nodes_come_back(rows in prop::collection::vec(node(), 0..40), more in prop::collection::vec(node(), 0..9)) {
            let mut columns = NodeColumns::decode(&NodeColumns::of(&rows).encode().expect("plain values")).expect("just encoded");
            columns.append(&NodeColumns::of(&more));
            let all: Vec<_> = rows.iter().chain(&more).cloned().collect();
            let back = |columns: &NodeColumns| (0..columns.len()).map(|at| columns.get(at)).collect::<Vec<_>>();
            prop_assert_eq!(&back(&columns), &all);
            let places: Vec<u32> = (0..all.len() as u32).rev().collect();
            prop_assert_eq!(back(&columns.gather(&places)), all.into_iter().rev().collect::<Vec<_>>());
        }

        #[test]
        fn relationships_come_back(rows in prop::collection::vec(relationship(), 0..40), more in prop::collection::vec(relationship(), 0..9)) {
            let bytes = RelationshipColumns::of(&rows).encode().expect("plain values");
            let mut columns = RelationshipColumns::decode(&bytes).expect("just encoded");
            columns.append(&RelationshipColumns::of(&more));
            let all: Vec<_> = rows.iter().chain(&more).cloned().collect();
            let back = |columns: &RelationshipColumns| (0..columns.len()).map(|at| columns.get(at)).collect::<Vec<_>>();
            prop_assert_eq!(&back(&columns), &all);
            let places: Vec<u32> = (0..all.len() as u32).rev().collect();
            prop_assert_eq!(back(&columns.gather(&places)), all.into_iter().rev().collect::<Vec<_>>());
        }

        #[test]
        fn a_flipped_byte_never_makes_reading_panic(
            rows in prop::collection::vec(node(), 1..20), at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut bytes = NodeColumns::of(&rows).encode().expect("plain values");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = NodeColumns::decode(&bytes);
            let _ = RelationshipColumns::decode(&bytes);
            let _ = NodeColumns::decode(&bytes[..at]);
        }
    }
}

//! A column of property values: those of one property of many elements.

use rustc_hash::FxHashMap;

use super::bytes::{Reader, damaged, put_varint};
use super::ints;
use super::texts::Texts;
use crate::error::{Error, Result};
use crate::model::Value;
use crate::model::time::{Date, DateTime};

/// The values of a property, one for each element of a row of them; some may have none.
///
/// Values of one simple type lie packed. What mixes types, or has a rarer one, is
/// kept as values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    len: usize,
    /// Which elements have a value; `None` where all do.
    present: Option<Vec<bool>>,
    /// As many as there are elements; what is not present stands as any value.
    values: Values,
}

/// Values of one type.
#[derive(Debug, Clone, PartialEq, Default)]
enum Values {
    /// No element has a value yet.
    #[default]
    None,
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Texts(Texts),
    /// Days since 1970-01-01.
    Dates(Vec<i64>),
    /// Microseconds since 1970-01-01T00:00:00Z, of datetimes in UTC.
    Instants(Vec<i64>),
    Any(Vec<Value>),
}

const NONE: u8 = 0;
const BOOLS: u8 = 1;
const INTS: u8 = 2;
const FLOATS: u8 = 3;
const TEXTS: u8 = 4;
const DATES: u8 = 5;
const INSTANTS: u8 = 6;
const ANY: u8 = 7;
/// The same texts as the column of keys.
const KEYS: u8 = 8;

const ALL_PRESENT: u8 = 0;
const SOME_PRESENT: u8 = 1;

impl Column {
    /// How many elements it is for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it is for no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an element with a value.
    pub fn push(&mut self, value: &Value) {
        if !self.values.push(self.len, value) {
            let values = (0..self.len).map(|at| self.get(at).unwrap_or_default());
            let mut any: Vec<Value> = values.collect();
            any.push(value.clone());
            self.values = Values::Any(any);
        }
        self.len += 1;
        if let Some(present) = &mut self.present {
            present.push(true);
        }
    }

    /// Adds elements without a value.
    pub fn push_missing(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let present = self.present.get_or_insert_with(|| vec![true; self.len]);
        self.len += count;
        present.resize(self.len, false);
        self.values.pad(count);
    }

    /// The value of an element, if it has one.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Value> {
        if self.present.as_ref().is_some_and(|present| !present[at]) {
            return None;
        }
        self.values.get(at)
    }

    /// Whether any element has a value.
    #[must_use]
    pub fn has_values(&self) -> bool {
        !matches!(self.values, Values::None)
            && self.present.as_ref().is_none_or(|present| present.contains(&true))
    }

    /// The value of an element, if it is a text; cheaper than [`Column::get`].
    #[must_use]
    pub fn text(&self, at: usize) -> Option<&str> {
        match &self.values {
            Values::Texts(texts) if self.present.as_ref().is_none_or(|present| present[at]) => {
                Some(texts.get(at))
            }
            _ => None,
        }
    }

    /// Adds the elements of another column.
    pub fn append(&mut self, other: &Self) {
        if !self.values.append(&other.values, self.len, other.len) {
            for at in 0..other.len {
                match other.get(at) {
                    Some(value) => self.push(&value),
                    None => self.push_missing(1),
                }
            }
            return;
        }
        if self.present.is_some() || other.present.is_some() {
            let present = self.present.get_or_insert_with(|| vec![true; self.len]);
            match &other.present {
                Some(more) => present.extend_from_slice(more),
                None => present.resize(self.len + other.len, true),
            }
        }
        self.len += other.len;
    }

    /// The elements at the given places, in that order.
    #[must_use]
    pub fn gather(&self, places: &[u32]) -> Self {
        let at = |place: &u32| *place as usize;
        let present = self.present.as_ref();
        let present: Option<Vec<bool>> =
            present.map(|present| places.iter().map(|place| present[at(place)]).collect());
        Self {
            len: places.len(),
            present: present.filter(|present| !present.iter().all(|is| *is)),
            values: self.values.gather(places),
        }
    }

    /// Each element's value, where it has one. Few different texts are shared.
    pub fn iter(&self) -> impl Iterator<Item = Option<Value>> + '_ {
        let mut shared: FxHashMap<&str, Value> = FxHashMap::default();
        (0..self.len).map(move |at| {
            let Some(text) = self.text(at) else { return self.get(at) };
            if let Some(value) = shared.get(text) {
                return Some(value.clone());
            }
            let value = Value::from(text);
            if shared.len() < SHARED_MAX {
                shared.insert(text, value.clone());
            }
            Some(value)
        })
    }

    /// Appends the column's bytes. `keys` are those of the same elements.
    ///
    /// # Errors
    /// `Invalid` where a value cannot be encoded.
    pub(crate) fn encode(&self, keys: Option<&Self>, out: &mut Vec<u8>) -> Result<()> {
        if keys == Some(self) && matches!(self.values, Values::Texts(_)) {
            out.push(KEYS);
            return Ok(());
        }
        let dense;
        let values = match &self.present {
            None => &self.values,
            Some(present) => {
                let places = present.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at as u32);
                let places: Vec<u32> = places.collect();
                dense = if places.is_empty() { Values::None } else { self.values.gather(&places) };
                &dense
            }
        };
        let place = out.len();
        out.push(NONE);
        match &self.present {
            None => out.push(ALL_PRESENT),
            Some(present) => {
                out.push(SOME_PRESENT);
                put_bits(present, out);
            }
        }
        out[place] = values.encode(out)?;
        Ok(())
    }

    /// Reads a column for `len` elements.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no such column.
    pub(crate) fn decode(reader: &mut Reader<'_>, len: usize, keys: Option<&Self>) -> Result<Self> {
        let tag = reader.byte()?;
        if tag == KEYS {
            return keys.cloned().ok_or_else(|| damaged("it refers to keys that are not there"));
        }
        let present = match reader.byte()? {
            ALL_PRESENT => None,
            SOME_PRESENT => Some(bits(reader, len)?),
            _ => return Err(damaged("it does not say which values are there")),
        };
        let n_present = present.as_ref().map_or(len, |present| present.iter().filter(|is| **is).count());
        let dense = Values::decode(tag, reader, n_present)?;
        let values = match &present {
            None => dense,
            Some(present) => dense.spread(present),
        };
        Ok(Self { len, present, values })
    }
}

/// How many different texts of a column are shared by the elements that have them.
const SHARED_MAX: usize = 256;

impl Values {
    /// Adds a value after `len` others; gives whether it is of their type.
    fn push(&mut self, len: usize, value: &Value) -> bool {
        if matches!(self, Self::None) {
            *self = match value {
                Value::Bool(_) => Self::Bools(Vec::new()),
                Value::Int(_) => Self::Ints(Vec::new()),
                Value::Float(_) => Self::Floats(Vec::new()),
                Value::String(_) => Self::Texts(Texts::default()),
                Value::Date(_) => Self::Dates(Vec::new()),
                Value::DateTime(time) if in_utc(*time).is_some() => Self::Instants(Vec::new()),
                _ => Self::Any(Vec::new()),
            };
            self.pad(len);
        }
        match (self, value) {
            (Self::Bools(values), Value::Bool(value)) => values.push(*value),
            (Self::Ints(values), Value::Int(value)) => values.push(*value),
            (Self::Floats(values), Value::Float(value)) => values.push(*value),
            (Self::Texts(texts), Value::String(text)) => texts.push(text),
            (Self::Dates(values), Value::Date(date)) => values.push(date.days()),
            (Self::Instants(values), Value::DateTime(time)) => match in_utc(*time) {
                Some(micros) => values.push(micros),
                None => return false,
            },
            (Self::Any(values), value) => values.push(value.clone()),
            _ => return false,
        }
        true
    }

    fn pad(&mut self, count: usize) {
        match self {
            Self::None => {}
            Self::Bools(values) => values.resize(values.len() + count, false),
            Self::Ints(values) | Self::Dates(values) | Self::Instants(values) => {
                values.resize(values.len() + count, 0);
            }
            Self::Floats(values) => values.resize(values.len() + count, 0.0),
            Self::Texts(texts) => (0..count).for_each(|_| texts.push("")),
            Self::Any(values) => values.resize(values.len() + count, Value::Null),
        }
    }

    fn get(&self, at: usize) -> Option<Value> {
        Some(match self {
            Self::None => return None,
            Self::Bools(values) => Value::Bool(values[at]),
            Self::Ints(values) => Value::Int(values[at]),
            Self::Floats(values) => Value::Float(values[at]),
            Self::Texts(texts) => Value::from(texts.get(at)),
            Self::Dates(values) => Value::Date(Date::of_days(values[at])?),
            Self::Instants(values) => Value::DateTime(DateTime::of_micros(values[at])),
            Self::Any(values) => values[at].clone(),
        })
    }

    /// Adds the other's values, `more` of them, after `len` of its own; gives whether they are
    /// of one type. Nothing has changed if not.
    fn append(&mut self, other: &Self, len: usize, more: usize) -> bool {
        if matches!(other, Self::None) {
            self.pad(more);
            return true;
        }
        if matches!(self, Self::None) {
            *self = other.gather(&[]);
            self.pad(len);
        }
        match (self, other) {
            (Self::Bools(values), Self::Bools(more)) => values.extend_from_slice(more),
            (Self::Ints(values), Self::Ints(more))
            | (Self::Dates(values), Self::Dates(more))
            | (Self::Instants(values), Self::Instants(more)) => values.extend_from_slice(more),
            (Self::Floats(values), Self::Floats(more)) => values.extend_from_slice(more),
            (Self::Texts(texts), Self::Texts(more)) => texts.append(more),
            (Self::Any(values), Self::Any(more)) => values.extend_from_slice(more),
            _ => return false,
        }
        true
    }

    fn gather(&self, places: &[u32]) -> Self {
        fn each<T: Clone>(values: &[T], places: &[u32]) -> Vec<T> {
            places.iter().map(|place| values[*place as usize].clone()).collect()
        }
        match self {
            Self::None => Self::None,
            Self::Bools(values) => Self::Bools(each(values, places)),
            Self::Ints(values) => Self::Ints(each(values, places)),
            Self::Floats(values) => Self::Floats(each(values, places)),
            Self::Texts(texts) => {
                Self::Texts(places.iter().map(|place| texts.get(*place as usize)).collect())
            }
            Self::Dates(values) => Self::Dates(each(values, places)),
            Self::Instants(values) => Self::Instants(each(values, places)),
            Self::Any(values) => Self::Any(each(values, places)),
        }
    }

    /// Values that are all there, put where `present` says.
    fn spread(self, present: &[bool]) -> Self {
        if matches!(self, Self::None) {
            return self;
        }
        // Place 0 stands for what is missing; it is never looked at.
        let mut next = 0;
        let places = present.iter().map(|is| {
            let place = next;
            next += u32::from(*is);
            if *is { place } else { 0 }
        });
        let places: Vec<u32> = places.collect();
        if next == 0 { Self::None } else { self.gather(&places) }
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<u8> {
        Ok(match self {
            Self::None => NONE,
            Self::Bools(values) => {
                put_bits(values, out);
                BOOLS
            }
            Self::Ints(values) => {
                ints::encode(values, out);
                INTS
            }
            Self::Floats(values) => {
                encode_floats(values, out);
                FLOATS
            }
            Self::Texts(texts) => {
                texts.encode(out);
                TEXTS
            }
            Self::Dates(values) => {
                ints::encode(values, out);
                DATES
            }
            Self::Instants(values) => {
                ints::encode(values, out);
                INSTANTS
            }
            Self::Any(values) => {
                let bytes = postcard::to_stdvec(values)
                    .map_err(|error| Error::invalid(format!("a value cannot be stored: {error}")))?;
                put_varint(out, bytes.len() as u64);
                out.extend_from_slice(&bytes);
                ANY
            }
        })
    }

    fn decode(tag: u8, reader: &mut Reader<'_>, len: usize) -> Result<Self> {
        Ok(match tag {
            NONE if len == 0 => Self::None,
            BOOLS => Self::Bools(bits(reader, len)?),
            INTS => Self::Ints(ints::decode(reader, len)?),
            FLOATS => Self::Floats(decode_floats(reader, len)?),
            TEXTS => Self::Texts(Texts::decode(reader, len)?),
            DATES => {
                let days = ints::decode(reader, len)?;
                if days.iter().any(|days| Date::of_days(*days).is_none()) {
                    return Err(damaged("a date is out of range"));
                }
                Self::Dates(days)
            }
            INSTANTS => Self::Instants(ints::decode(reader, len)?),
            ANY => {
                let n_bytes = reader.varint_up_to(reader.rest().len())?;
                let values: Vec<Value> = postcard::from_bytes(reader.take(n_bytes)?)
                    .map_err(|_| damaged("its values cannot be read"))?;
                if values.len() != len {
                    return Err(damaged("it has too many values, or too few"));
                }
                Self::Any(values)
            }
            _ => return Err(damaged("its values are of an unknown type")),
        })
    }
}

/// The instant of a datetime in UTC, where it says no more than that.
fn in_utc(time: DateTime) -> Option<i64> {
    let micros = time.micros();
    (DateTime::of_micros(micros) == time && time.offset_seconds() == 0 && time.named_zone().is_none())
        .then_some(micros)
}

fn put_bits(bits: &[bool], out: &mut Vec<u8>) {
    let bytes = bits.chunks(8);
    out.extend(
        bytes.map(|bits| bits.iter().enumerate().fold(0_u8, |byte, (at, is)| byte | u8::from(*is) << at)),
    );
}

fn bits(reader: &mut Reader<'_>, len: usize) -> Result<Vec<bool>> {
    let bytes = reader.take(len.div_ceil(8))?;
    Ok((0..len).map(|at| bytes[at / 8] >> (at % 8) & 1 == 1).collect())
}

const BY_NUMBER: u8 = 0;
const AS_THEY_ARE: u8 = 1;

/// By the numbers of the few different ones, or as they are.
fn encode_floats(values: &[f64], out: &mut Vec<u8>) {
    let mut numbers = FxHashMap::default();
    let mut different = Vec::new();
    let column: Vec<i64> = values
        .iter()
        .map(|value| {
            let new = numbers.len() as i64;
            *numbers.entry(value.to_bits()).or_insert_with(|| {
                different.push(*value);
                new
            })
        })
        .collect();
    if different.len() <= values.len() / 4 {
        out.push(BY_NUMBER);
        put_varint(out, different.len() as u64);
        different.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
        ints::encode(&column, out);
    } else {
        out.push(AS_THEY_ARE);
        values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
    }
}

fn decode_floats(reader: &mut Reader<'_>, len: usize) -> Result<Vec<f64>> {
    let read = |bytes: &[u8]| -> Vec<f64> {
        let words = bytes.chunks_exact(8).filter_map(|word| word.try_into().ok());
        words.map(f64::from_le_bytes).collect()
    };
    match reader.byte()? {
        BY_NUMBER => {
            let n_different = reader.varint_up_to(reader.rest().len() / 8)?;
            let different = read(reader.take(8 * n_different)?);
            let numbers = ints::decode(reader, len)?;
            let value =
                |number: i64| usize::try_from(number).ok().and_then(|number| different.get(number).copied());
            let values: Option<Vec<f64>> = numbers.into_iter().map(value).collect();
            values.ok_or_else(|| damaged("a number has no value"))
        }
        AS_THEY_ARE => Ok(read(reader.take(8 * len)?)),
        _ => Err(damaged("numbers are written in an unknown way")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(values: &[Option<Value>]) -> Column {
        let mut column = Column::default();
        for value in values {
            match value {
                Some(value) => column.push(value),
                None => column.push_missing(1),
            }
        }
        column
    }

    fn rows(column: &Column) -> Vec<Option<Value>> {
        let rows: Vec<_> = (0..column.len()).map(|at| column.get(at)).collect();
        assert_eq!(column.iter().collect::<Vec<_>>(), rows);
        rows
    }

    fn round_trip(column: &Column, keys: Option<&Column>) -> Column {
        let mut bytes = Vec::new();
        column.encode(keys, &mut bytes).expect("it can be stored");
        let mut reader = Reader::new(&bytes);
        let decoded = Column::decode(&mut reader, column.len(), keys).expect("just encoded");
        assert!(reader.rest().is_empty());
        decoded
    }

    fn value() -> impl Strategy<Value = Option<Value>> {
        let time = DateTime::parse("2023-09-12T08:00:00+09:00").expect("a datetime");
        prop_oneof![
            3 => Just(None),
            3 => any::<i64>().prop_map(|number| Some(Value::Int(number))),
            1 => any::<bool>().prop_map(|is| Some(Value::Bool(is))),
            1 => (-5_i32..5).prop_map(|number| Some(Value::Float(f64::from(number) / 4.0))),
            2 => "[a-c]{0,2}".prop_map(|text| Some(Value::from(text.as_str()))),
            1 => (0_i64..30_000).prop_map(|days| Date::of_days(days).map(Value::Date)),
            1 => (0_i64..1 << 50).prop_map(|micros| Some(Value::DateTime(DateTime::of_micros(micros)))),
            1 => Just(Some(Value::DateTime(time))),
            1 => Just(Some(Value::List(vec![Value::Int(1), Value::Int(2)]))),
        ]
    }

    fn alike() -> impl Strategy<Value = Vec<Option<Value>>> {
        (0..9_usize, prop::collection::vec(value(), 0..40)).prop_map(|(sort, values)| {
            // Mostly one type, which is what columns are for.
            let first = values.iter().flatten().nth(sort % 3).map(Value::type_name);
            let fits = |value: &Option<Value>| value.as_ref().is_none_or(|v| Some(v.type_name()) == first);
            if sort < 6 { values.into_iter().filter(fits).collect() } else { values }
        })
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(values in alike(), more in alike()) {
            let one = column(&values);
            prop_assert_eq!(&rows(&one), &values);
            prop_assert_eq!(&rows(&round_trip(&one, None)), &values);
            let mut both = one.clone();
            both.append(&column(&more));
            let all: Vec<_> = values.iter().chain(&more).cloned().collect();
            prop_assert_eq!(&rows(&both), &all);
            let backwards: Vec<u32> = (0..all.len() as u32).rev().collect();
            let reversed: Vec<_> = all.iter().rev().cloned().collect();
            prop_assert_eq!(rows(&both.gather(&backwards)), reversed);
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), len in 0_usize..100) {
            let _ = Column::decode(&mut Reader::new(&bytes), len, None);
        }
    }

    #[test]
    fn texts_that_are_the_keys_take_one_byte() {
        let keys = column(&[Some(Value::from("angara")), Some(Value::from("maria"))]);
        let mut bytes = Vec::new();
        keys.encode(Some(&keys), &mut bytes).expect("it can be stored");
        assert_eq!(bytes, [KEYS]);
        assert_eq!(round_trip(&keys, Some(&keys)), keys);
    }
}

//! How a value lies in a record.
//!
//! [`Value`] is what programs work with; its recorded form is fixed by what was
//! ever written. The first format counted datetimes and durations in microseconds
//! and knew no named zones. A value of which that says everything is still written
//! so, and others have variants of their own. The order of the variants is part of
//! the format: new ones are added at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::time::NamedZone;
use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, NodeId, Path, RelationshipId, Time, Value};

/// A value as it is written; `S`, `L`, `M` and `P` are a text, the items of a list, the entries of a map
/// and a path.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Value")]
enum Recorded<S, L, M, P> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(S),
    /// Days since 1970-01-01.
    Date(i64),
    /// Microseconds since 1970-01-01 UTC, and seconds from UTC.
    DateTime(i64, i32),
    /// Months, days and microseconds.
    Duration(i64, i64, i64),
    List(L),
    Map(M),
    Node(NodeId),
    Relationship(RelationshipId),
    Path(P),
    /// Nanoseconds since midnight.
    LocalTime(i64),
    /// Nanoseconds since midnight, and seconds from UTC.
    Time(i64, i32),
    /// Days since 1970-01-01, and nanoseconds since midnight.
    LocalDateTime(i64, i64),
    /// Seconds since 1970-01-01 UTC, nanoseconds after that, seconds from UTC, and the zone's name.
    DateTimeInZone(i64, u32, i32, Option<S>),
    /// Months, days, seconds, and nanoseconds after those.
    DurationInNanos(i64, i64, i64, u32),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let recorded = match self {
            Self::Null => Recorded::Null,
            Self::Bool(truth) => Recorded::Bool(*truth),
            Self::Int(number) => Recorded::Int(*number),
            Self::Float(number) => Recorded::Float(*number),
            Self::String(text) => Recorded::String(&**text),
            Self::Date(date) => Recorded::Date(date.days()),
            Self::DateTime(time) => of_datetime(*time),
            Self::Duration(duration) => of_duration(*duration),
            Self::List(items) => Recorded::List(items),
            Self::Map(entries) => Recorded::Map(entries),
            Self::Node(id) => Recorded::Node(*id),
            Self::Relationship(id) => Recorded::Relationship(*id),
            Self::Path(path) => Recorded::Path(&**path),
            Self::LocalTime(time) => Recorded::LocalTime(time.nanos()),
            Self::Time(time) => Recorded::Time(time.local.nanos(), time.offset_seconds),
            Self::LocalDateTime(local) => Recorded::LocalDateTime(local.date.days(), local.time.nanos()),
        };
        recorded.serialize(to)
    }
}

type Borrowed<'v> = Recorded<&'v str, &'v Vec<Value>, &'v BTreeMap<String, Value>, &'v Path>;
type Owned = Recorded<String, Vec<Value>, BTreeMap<String, Value>, Path>;

fn of_datetime<'v>(time: DateTime) -> Borrowed<'v> {
    let micros = time.micros();
    match time.named_zone() {
        None if DateTime::of_micros(micros).in_zone(time.zone()) == time => {
            Recorded::DateTime(micros, time.offset_seconds())
        }
        zone => Recorded::DateTimeInZone(
            time.seconds(),
            time.nanos(),
            time.offset_seconds(),
            zone.map(NamedZone::name),
        ),
    }
}

fn of_duration<'v>(duration: Duration) -> Borrowed<'v> {
    let (months, days) = (duration.months(), duration.days());
    let (seconds, nanos) = (duration.seconds(), duration.nanos());
    let micros =
        seconds.checked_mul(1_000_000).and_then(|micros| micros.checked_add(i64::from(nanos) / 1000));
    match micros {
        Some(micros) if nanos % 1000 == 0 => Recorded::Duration(months, days, micros),
        _ => Recorded::DurationInNanos(months, days, seconds, nanos),
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let damaged = || de::Error::custom("a date or time out of range");
        let date = |days: i64| Date::of_days(days).ok_or_else(damaged);
        let time = |nanos: i64| LocalTime::of_nanos(nanos).ok_or_else(damaged);
        Ok(match Owned::deserialize(from)? {
            Recorded::Null => Self::Null,
            Recorded::Bool(truth) => Self::Bool(truth),
            Recorded::Int(number) => Self::Int(number),
            Recorded::Float(number) => Self::Float(number),
            Recorded::String(text) => Self::from(text),
            Recorded::Date(days) => Self::Date(date(days)?),
            Recorded::DateTime(micros, offset) => {
                let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
                let time = DateTime::recorded(seconds, micros as u32 * 1000, offset, None);
                Self::DateTime(time.ok_or_else(damaged)?)
            }
            Recorded::Duration(months, days, micros) => {
                let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
                Self::Duration(Duration::new(months, days, seconds, micros * 1000).ok_or_else(damaged)?)
            }
            Recorded::List(items) => Self::List(items),
            Recorded::Map(entries) => Self::Map(entries),
            Recorded::Node(id) => Self::Node(id),
            Recorded::Relationship(id) => Self::Relationship(id),
            Recorded::Path(path) => Self::Path(Arc::new(path)),
            Recorded::LocalTime(nanos) => Self::LocalTime(time(nanos)?),
            Recorded::Time(nanos, offset_seconds) => Self::Time(Time { local: time(nanos)?, offset_seconds }),
            Recorded::LocalDateTime(days, nanos) => {
                Self::LocalDateTime(LocalDateTime { date: date(days)?, time: time(nanos)? })
            }
            Recorded::DateTimeInZone(seconds, nanos, offset, zone) => {
                let zone = zone.as_deref().map(NamedZone::recorded);
                Self::DateTime(DateTime::recorded(seconds, nanos, offset, zone).ok_or_else(damaged)?)
            }
            Recorded::DurationInNanos(months, days, seconds, nanos) => {
                let duration = Duration::new(months, days, seconds, nanos.into());
                Self::Duration(duration.ok_or_else(damaged)?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &Value) -> Vec<u8> {
        postcard::to_stdvec(value).expect("a value can be written")
    }

    fn datetime(text: &str) -> Value {
        Value::DateTime(DateTime::parse(text).expect("a datetime"))
    }

    fn duration(text: &str) -> Value {
        Value::Duration(Duration::parse(text).expect("a duration"))
    }

    /// What the first format could hold is written as it wrote it.
    #[test]
    fn known_bytes_keep_their_meaning() {
        let date = Value::Date(Date::parse("1970-01-03").expect("a date"));
        let time = LocalTime::parse("00:00:00.000000003").expect("a time");
        let local = LocalDateTime { date: Date::of_instant(0), time };
        for (value, expected) in [
            (Value::Null, &[0][..]),
            (Value::Bool(true), &[1, 1]),
            (Value::Int(-1), &[2, 1]),
            (Value::Float(1.0), &[3, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]),
            (Value::from("é"), &[4, 2, 0xc3, 0xa9]),
            (date, &[5, 4]),
            (datetime("1970-01-01T00:00:00.000002Z"), &[6, 4, 0]),
            (datetime("1970-01-01T00:00:01-00:00:01"), &[6, 0x80, 0x92, 0xf4, 0x01, 1]),
            (duration("P1M2DT0.000003S"), &[7, 2, 4, 6]),
            (Value::List(vec![Value::Int(1)]), &[8, 1, 2, 2]),
            (Value::Map([("a".to_owned(), Value::Null)].into()), &[9, 1, 1, b'a', 0]),
            (Value::LocalTime(time), &[13, 6]),
            (Value::Time(Time { local: time, offset_seconds: -60 }), &[14, 6, 119]),
            (Value::LocalDateTime(local), &[15, 0, 6]),
            (datetime("1970-01-01T00:00:01.000000002Z"), &[16, 2, 2, 0, 0]),
            (datetime("1970-01-01T00:00Z[UTC]"), &[16, 0, 0, 0, 1, 3, b'U', b'T', b'C']),
            (duration("P1M2DT3.000000004S"), &[17, 2, 4, 6, 4]),
        ] {
            let written = bytes(&value);
            assert_eq!(written, expected, "{value}");
            assert_eq!(postcard::from_bytes::<Value>(&written), Ok(value));
        }
    }

    #[test]
    fn a_zone_that_a_later_program_knows_is_kept_by_name() {
        let mut later = bytes(&datetime("2023-09-07T12:30[Europe/Paris]"));
        let at = later.len() - "Paris".len();
        later.splice(at.., *b"Atlan");
        let value: Value = postcard::from_bytes(&later).expect("it is read");
        assert!(value.to_string().ends_with("[Europe/Atlan]"), "{value}");
        assert_eq!(bytes(&value), later);
    }

    #[test]
    fn what_no_program_wrote_is_damage() {
        let day = Recorded::<&str, (), (), ()>::LocalTime(86_400_000_000_000);
        let far = Recorded::<&str, (), (), ()>::Date(i64::MAX);
        let east = Recorded::<&str, (), (), ()>::DateTime(0, i32::MIN);
        for recorded in [day, far, east] {
            let bytes = postcard::to_stdvec(&recorded).expect("written");
            assert!(postcard::from_bytes::<Value>(&bytes).is_err());
        }
    }

    #[test]
    fn a_value_takes_no_more_room_than_its_largest_simple_part() {
        assert_eq!(size_of::<Value>(), 32);
    }
}

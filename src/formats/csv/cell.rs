//! The types that a header may name, and how a cell is read as one.

use crate::error::{Error, Result};
use crate::formats::csv::keys::nearest_name;
use crate::model::time::PartialDate;
use crate::model::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time, Value};

/// How one value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    /// Anything, as it stands.
    String,
    /// A 64-bit integer.
    Int,
    /// A finite number with a decimal point.
    Float,
    /// `true` or `false`.
    Bool,
    /// A date; a partial one stays a string.
    Date,
    /// A time of day.
    LocalTime,
    /// A time of day with an offset.
    TimeOfDay,
    /// A date and a time.
    LocalDateTime,
    /// An instant.
    DateTime,
    /// An ISO 8601 duration.
    Duration,
    /// A date where it is a full one, else a string: an untyped column whose name
    /// speaks of a date.
    Dated,
    /// A date, a partial date, a datetime or an integer: an untyped `from` or `to`.
    Time,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    /// How each value is read.
    pub(super) scalar: Scalar,
    /// Whether the cell holds several, with `;` between them.
    pub(super) is_list: bool,
}

/// Names of types in headers, ours and Neo4j's.
const NAMES: &[(&str, Scalar)] = &[
    ("string", Scalar::String),
    ("char", Scalar::String),
    ("int", Scalar::Int),
    ("integer", Scalar::Int),
    ("long", Scalar::Int),
    ("short", Scalar::Int),
    ("byte", Scalar::Int),
    ("float", Scalar::Float),
    ("double", Scalar::Float),
    ("boolean", Scalar::Bool),
    ("bool", Scalar::Bool),
    ("date", Scalar::Date),
    ("datetime", Scalar::DateTime),
    ("localdatetime", Scalar::LocalDateTime),
    ("localtime", Scalar::LocalTime),
    ("time", Scalar::TimeOfDay),
    ("duration", Scalar::Duration),
];

impl Type {
    /// A single value.
    pub(super) fn one(scalar: Scalar) -> Self {
        Self { scalar, is_list: false }
    }

    /// Reads a type's name, in any case.
    pub(super) fn parse(name: &str) -> Result<Self> {
        let lower = name.trim().to_ascii_lowercase();
        let (single, is_list) = match lower.strip_suffix("[]") {
            Some(single) => (single, true),
            None => (lower.as_str(), false),
        };
        match NAMES.iter().find(|(known, _)| *known == single) {
            Some(&(_, scalar)) => Ok(Self { scalar, is_list }),
            None => Err(Error::invalid(format!("unknown type '{name}'"))
                .hint(nearest_name(single, NAMES.iter().map(|(known, _)| *known)))),
        }
    }

    /// The type of an untyped column of this name.
    pub(super) fn of_name(name: &str) -> Self {
        let is_date =
            matches!(name, "from" | "to" | "date") || name.ends_with("Date") || name.ends_with("_date");
        Self::one(if is_date { Scalar::Dated } else { Scalar::String })
    }

    /// Reads a cell; `None` where it is blank.
    pub(super) fn read(self, text: &str) -> Result<Option<Value>> {
        if text.trim().is_empty() {
            Ok(None)
        } else if self.is_list {
            self.scalar.read_list(text)
        } else {
            self.scalar.read(text).map(Some)
        }
    }
}

impl Scalar {
    fn read(self, text: &str) -> Result<Value> {
        let trimmed = text.trim();
        match self {
            Self::String => Ok(Value::from(text)),
            Self::Int => read_int(trimmed).map(Value::Int),
            Self::Float => read_float(trimmed).map(Value::Float),
            Self::Bool => read_bool(trimmed).map(Value::Bool),
            Self::Date => match PartialDate::parse(trimmed) {
                Some(PartialDate::Year(_) | PartialDate::Month(..)) => Ok(Value::from(trimmed)),
                _ => Date::parse(trimmed).map(Value::Date),
            },
            Self::LocalTime => LocalTime::parse(trimmed).map(Value::LocalTime),
            Self::TimeOfDay => Time::parse(trimmed).map(Value::Time),
            Self::LocalDateTime => LocalDateTime::parse(trimmed).map(Value::LocalDateTime),
            Self::DateTime => DateTime::parse(trimmed).map(Value::DateTime),
            Self::Duration => Duration::parse(trimmed).map(Value::Duration),
            Self::Dated => Ok(Date::parse(trimmed).map_or_else(|_| Value::from(text), Value::Date)),
            Self::Time => read_time(trimmed),
        }
    }

    fn read_list(self, text: &str) -> Result<Option<Value>> {
        let mut items = split_list(text).map(|item| self.read(item)).collect::<Result<Vec<_>>>()?;
        // A list holds values of one type, so one partial date makes all of them strings.
        if self == Self::Date && items.iter().any(|item| matches!(item, Value::String(_))) {
            items = split_list(text).map(Value::from).collect();
        }
        Ok((!items.is_empty()).then_some(Value::List(items)))
    }
}

/// The values of a list cell: trimmed, none empty.
pub(super) fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|item| !item.is_empty())
}

/// Reads an integer.
pub(super) fn read_int(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::invalid(format!("expected an integer, found '{text}'")))
}

/// Reads a finite number.
pub(super) fn read_float(text: &str) -> Result<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
        let hint =
            text.contains(',').then(|| "write a decimal point, and nothing between thousands".to_owned());
        Error::invalid(format!("expected a number, found '{text}'")).hint(hint)
    })
}

fn read_bool(text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::invalid(format!("expected true or false, found '{text}'"))),
    }
}

/// A date written without dashes, as some sheets have it, with its dashes.
fn compact_date(text: &str) -> Option<String> {
    let is_digits = text.bytes().all(|b| b.is_ascii_digit());
    let dashed = match text.len() {
        8 if is_digits => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
        6 if is_digits => format!("{}-{}", &text[..4], &text[4..]),
        _ => return None,
    };
    let year: i32 = text[..4].parse().ok()?;
    ((1800..2200).contains(&year) && PartialDate::parse(&dashed).is_some()).then_some(dashed)
}

fn read_time(text: &str) -> Result<Value> {
    if let Some(dashed) = compact_date(text) {
        return Err(Error::invalid(format!("'{text}' could be a date or a number"))
            .hint(format!("write {dashed}, or give the column the type int if it is a number")));
    }
    match PartialDate::parse(text) {
        Some(PartialDate::Day(date)) => Ok(Value::Date(date)),
        Some(_) => Ok(Value::from(text)),
        None => text.parse().map(Value::Int).or_else(|_| DateTime::parse(text).map(Value::DateTime)).map_err(
            |_| {
                Error::invalid(format!("expected a date, a datetime or an integer, found '{text}'"))
                    .hint("dates are written 2023, 2023-09 or 2023-09-07".to_owned())
            },
        ),
    }
}

/// Reads a claimed value as the stored one's type where it can be, else as a
/// string, so that the two compare.
pub(super) fn read_like(stored: Option<&Value>, text: &str) -> Value {
    let trimmed = text.trim();
    let read = match stored {
        Some(Value::Bool(_)) => read_bool(trimmed).map(Value::Bool).ok(),
        Some(Value::Int(_)) => {
            read_int(trimmed).map(Value::Int).or_else(|_| read_float(trimmed).map(Value::Float)).ok()
        }
        Some(Value::Float(_)) => read_float(trimmed).map(Value::Float).ok(),
        Some(Value::Date(_)) => Date::parse(trimmed).map(Value::Date).ok(),
        Some(Value::LocalTime(_)) => LocalTime::parse(trimmed).map(Value::LocalTime).ok(),
        Some(Value::Time(_)) => Time::parse(trimmed).map(Value::Time).ok(),
        Some(Value::LocalDateTime(_)) => LocalDateTime::parse(trimmed).map(Value::LocalDateTime).ok(),
        Some(Value::DateTime(_)) => DateTime::parse(trimmed).map(Value::DateTime).ok(),
        Some(Value::Duration(_)) => Duration::parse(trimmed).map(Value::Duration).ok(),
        Some(Value::List(items)) => {
            Some(Value::List(split_list(text).map(|item| read_like(items.first(), item)).collect()))
        }
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Option<Value>> {
        Type::parse(name)?.read(text)
    }

    fn day(text: &str) -> Value {
        Value::Date(Date::parse(text).expect("a date"))
    }

    #[test]
    fn every_type_reads_its_values_and_refuses_others() {
        assert_eq!(read("string", " a "), Ok(Some(Value::from(" a "))));
        assert_eq!(read("LONG", " 12 "), Ok(Some(Value::Int(12))));
        assert_eq!(read("double", "1e3"), Ok(Some(Value::Float(1000.0))));
        assert_eq!(read("boolean", "TRUE"), Ok(Some(Value::Bool(true))));
        assert_eq!(read("date", "2023-09-07"), Ok(Some(day("2023-09-07"))));
        assert_eq!(read("date", "2023-09"), Ok(Some(Value::from("2023-09"))));
        assert!(matches!(read("datetime", "2023-09-07T12:00Z"), Ok(Some(Value::DateTime(_)))));
        assert!(matches!(read("localdatetime", "2023-09-07T12:00"), Ok(Some(Value::LocalDateTime(_)))));
        assert!(matches!(read("localtime", " 12:00 "), Ok(Some(Value::LocalTime(_)))));
        assert!(matches!(read("time", "12:00+09:00"), Ok(Some(Value::Time(_)))));
        assert!(matches!(read("duration", "P7D"), Ok(Some(Value::Duration(_)))));
        let refused = [
            ("int", "1.5"),
            ("float", "NaN"),
            ("float", "1,5"),
            ("boolean", "yes"),
            ("date", "2023-13"),
            ("datetime", "noon"),
            ("datetime", "2023-09"),
            ("datetime", "2023-09-07T12:00[Mars]"),
            ("localdatetime", "2023-09-07"),
            ("localdatetime", "2023-09-07T12:00Z"),
            ("localtime", "25:00"),
            ("time", "12:00[Europe/Stockholm]"),
            ("duration", "7"),
            ("int[]", "1;x"),
        ];
        for (name, text) in refused {
            assert!(read(name, text).is_err(), "{name} {text}");
        }
    }

    #[test]
    fn blank_cells_are_no_property() {
        for name in ["string", "int", "string[]", "date"] {
            assert_eq!(read(name, "  "), Ok(None), "{name}");
        }
        assert_eq!(read("string[]", " ; ;"), Ok(None));
    }

    #[test]
    fn lists_hold_values_of_one_type() {
        assert_eq!(read("int[]", "1; 2;"), Ok(Some(Value::List(vec![Value::Int(1), Value::Int(2)]))));
        let mixed = Value::List(vec![Value::from("2023"), Value::from("2023-09-07")]);
        assert_eq!(read("date[]", "2023;2023-09-07"), Ok(Some(mixed)));
    }

    #[test]
    fn a_year_in_from_is_a_partial_date_and_not_an_integer() {
        assert_eq!(read_time("2023"), Ok(Value::from("2023")));
        assert_eq!(read_time("2023-09"), Ok(Value::from("2023-09")));
        assert_eq!(read_time("2023-09-07"), Ok(day("2023-09-07")));
        assert_eq!(read_time("17"), Ok(Value::Int(17)));
        assert!(read_time("20230905").is_err() && read_time("202309").is_err());
        assert_eq!(read_time("99999999"), Ok(Value::Int(99_999_999)));
        assert_eq!(read_time("-2023"), Ok(Value::Int(-2023)));
        assert!(matches!(read_time("2023-09-07T12:00"), Ok(Value::DateTime(_))));
        assert!(read_time("September").is_err());
    }

    #[test]
    fn claimed_values_take_the_type_of_the_stored_one_where_they_can() {
        assert_eq!(read_like(Some(&Value::Int(1)), "7260"), Value::Int(7260));
        assert_eq!(read_like(Some(&Value::Int(1)), "46.25"), Value::Float(46.25));
        assert_eq!(read_like(Some(&Value::Int(1)), "thousands"), Value::from("thousands"));
        assert_eq!(read_like(Some(&day("2023-01-01")), "2023-09"), Value::from("2023-09"));
        assert_eq!(read_like(None, "7260"), Value::from("7260"));
        let list = Value::List(vec![Value::Int(1)]);
        assert_eq!(read_like(Some(&list), "2;3"), Value::List(vec![Value::Int(2), Value::Int(3)]));
    }

    #[test]
    fn only_columns_that_speak_of_dates_make_dates_of_themselves() {
        for name in ["date", "from", "to", "listingDate", "listing_date"] {
            assert_eq!(Type::of_name(name).scalar, Scalar::Dated, "{name}");
        }
        for name in ["update", "candidate", "dates", "name"] {
            assert_eq!(Type::of_name(name).scalar, Scalar::String, "{name}");
        }
    }
}

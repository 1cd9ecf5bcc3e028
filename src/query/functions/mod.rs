//! The functions of the language: one table for dispatch, arity, completion and help.

mod aggregates;
mod categories;
mod conversions;
mod dates;
mod durations;
mod entities;
mod evidence;
mod general;
mod names;
mod numbers;
mod rounding;
mod signature;
mod temporal;
mod texts;
mod types;

use std::fmt;

pub(super) use aggregates::{Accumulator, Aggregate};
pub(super) use evidence::{claim_map, length_of};
pub(super) use names::kind as kind_of_name;
pub(super) use signature::Type;
use signature::arity;
pub(super) use types::is;

use super::expr::{Context, described, type_error};
use crate::error::{Detail, Error, Result, Span};
use crate::model::Value;

/// A function of the language.
pub struct Function {
    /// Its name; written in any case.
    pub name: &'static str,
    /// Its arguments with their types, such as `text :: STRING [, n :: INTEGER]`.
    pub arguments: &'static str,
    /// The type of what it gives; empty where the table does not say.
    pub result: &'static str,
    /// The least number of arguments.
    pub min: usize,
    /// The greatest number of arguments.
    pub max: usize,
    /// What it gives, in a line.
    pub doc: &'static str,
    run: Run,
}

#[derive(Clone, Copy)]
enum Run {
    Scalar(fn(&Context<'_>, &[Value]) -> Result<Value>),
    Aggregate(Aggregate),
}

impl Function {
    /// The function with a name, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// Whether it combines rows.
    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        matches!(self.run, Run::Aggregate(_))
    }

    /// What it is about: `text`, `temporal`, `aggregating` and so on.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self.run {
            Run::Aggregate(_) => "aggregating",
            Run::Scalar(_) => categories::of(self.name),
        }
    }

    pub(super) fn aggregate(&self) -> Option<Aggregate> {
        match self.run {
            Run::Aggregate(aggregate) => Some(aggregate),
            Run::Scalar(_) => None,
        }
    }

    pub(super) fn call(&self, context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
        match self.run {
            Run::Scalar(run) => run(context, arguments),
            Run::Aggregate(_) => {
                Err(Error::invalid(format!("{}() combines rows and cannot stand here", self.name)))
            }
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A row of the table. How many arguments it takes is read from what they are.
const fn function(
    name: &'static str,
    arguments: &'static str,
    result: &'static str,
    run: fn(&Context<'_>, &[Value]) -> Result<Value>,
    doc: &'static str,
) -> Function {
    let (min, max) = arity(arguments);
    Function { name, arguments, result, min, max, doc, run: Run::Scalar(run) }
}

const fn aggregate(
    name: &'static str,
    arguments: &'static str,
    result: &'static str,
    aggregate: Aggregate,
    doc: &'static str,
) -> Function {
    let (min, max) = arity(arguments);
    Function { name, arguments, result, min, max, doc, run: Run::Aggregate(aggregate) }
}

/// Functions of other languages, each with how this one says it.
const SAID_OTHERWISE: &[(&str, &str)] = &[
    ("concat", "write a + b"),
    ("contains", "write a CONTAINS b"),
    ("current_date", "write date()"),
    ("datediff", "write duration.between(a, b), or duration.inDays(a, b)"),
    ("endswith", "write a ENDS WITH b"),
    ("group_concat", "write collect(x)"),
    ("if", "write CASE WHEN … THEN … ELSE … END"),
    ("ifnull", "write coalesce(a, b)"),
    ("iif", "write CASE WHEN … THEN … ELSE … END"),
    ("instr", "write a CONTAINS b"),
    ("isnull", "write x IS NULL"),
    ("len", "write size(x), or length(p) of a path"),
    ("length_of", "write length(p)"),
    ("lower", "write toLower(text)"),
    ("mean", "write avg(x)"),
    ("median", "write percentileCont(x, 0.5)"),
    ("not", "write NOT before a condition"),
    ("now", "write datetime()"),
    ("nvl", "write coalesce(a, b)"),
    ("pow", "write a ^ b"),
    ("power", "write a ^ b"),
    ("startswith", "write a STARTS WITH b"),
    ("std", "write stDev(x)"),
    ("str", "write toString(x)"),
    ("substr", "write substring(text, start, n)"),
    ("timestamp", "write datetime()"),
    ("to_char", "write toString(x)"),
    ("to_date", "write date(text)"),
    ("today", "write date()"),
    ("upper", "write toUpper(text)"),
    ("year", "write x.year"),
];

/// How the language says what another has a function for.
pub(super) fn said_otherwise(name: &str) -> Option<&'static str> {
    let found = SAID_OTHERWISE.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, hint)| *hint)
}

/// The error for an argument of a type that a function does not take.
fn wrong(expected: &str, found: &Value) -> Error {
    type_error(Span::default(), expected, found).detail(Detail::InvalidArgumentValue)
}

/// The error for an argument that cannot be read as what it should be, of whatever type it is.
fn unreadable(expected: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {expected}, found {}", described(found)))
}

/// `n {.*, key: value}`, with what it starts from, whether `.*` was written, and the other entries.
pub(super) static MAP_PROJECTION: Function = function(
    "map projection",
    "x :: NODE | RELATIONSHIP | MAP, all :: BOOLEAN, entries :: MAP",
    "MAP",
    general::map_projection,
    "a map made of properties",
);

/// All functions, by name.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    function("abs", "x :: NUMBER", "NUMBER", numbers::abs, "the number without its sign"),
    function("acos", "x :: NUMBER", "FLOAT", numbers::acos, "the angle whose cosine is x"),
    function("asin", "x :: NUMBER", "FLOAT", numbers::asin, "the angle whose sine is x"),
    function("atan", "x :: NUMBER", "FLOAT", numbers::atan, "the angle whose tangent is x"),
    function("atan2", "y :: NUMBER, x :: NUMBER", "FLOAT", numbers::atan2, "the angle of the point (x, y)"),
    aggregate("avg", "x :: NUMBER | DURATION", "NUMBER | DURATION", Aggregate::Avg, "the mean of the numbers or durations"),
    function("btrim", "text :: STRING [, letters :: STRING]", "STRING", texts::trim_both, "without white space, or without these letters, around it"),
    function("carriesFrom", "r :: RELATIONSHIP, n :: NODE", "BOOLEAN", evidence::carries_from, "whether goods can leave node n along relationship r, by the schema"),
    function("ceil", "x :: NUMBER", "NUMBER", numbers::ceil, "the least whole number not below x"),
    function("ceiling", "x :: NUMBER", "NUMBER", numbers::ceil, "as ceil"),
    function("char_length", "text :: STRING", "INTEGER", texts::char_length, "how many letters"),
    function("character_length", "text :: STRING", "INTEGER", texts::char_length, "how many letters"),
    function("claims", "x :: NODE | RELATIONSHIP | PATH", "LIST<MAP>", evidence::claims, "the claims about a node, a relationship or the hops of a path, as maps"),
    function("coalesce", "x :: ANY, …", "ANY", general::coalesce, "the first argument that is not null"),
    aggregate("collect", "x :: ANY", "LIST", Aggregate::Collect, "the values that are not null, as a list"),
    function("confidence", "x :: NODE | RELATIONSHIP | PATH", "FLOAT", evidence::confidence, "confidence in 0..1: of the best supporting claim; of a path, of its weakest hop"),
    function("cos", "x :: NUMBER", "FLOAT", numbers::cos, "the cosine"),
    function("cosh", "x :: NUMBER", "FLOAT", numbers::cosh, "the hyperbolic cosine"),
    function("cot", "x :: NUMBER", "FLOAT", numbers::cot, "the cotangent"),
    function("coth", "x :: NUMBER", "FLOAT", numbers::coth, "the hyperbolic cotangent"),
    aggregate("count", "x :: ANY", "INTEGER", Aggregate::Count, "how many values are not null; count(*) counts rows"),
    function("date", "[x :: STRING | MAP | TEMPORAL]", "DATE", temporal::date, "a date from a text such as '2023-09-07', a map or another date or time; today without an argument"),
    function("date.realtime", "[zone :: STRING]", "DATE", temporal::date_now, "today, in UTC or a zone; one statement has one clock"),
    function("date.statement", "[zone :: STRING]", "DATE", temporal::date_now, "today, in UTC or a zone; one statement has one clock"),
    function("date.transaction", "[zone :: STRING]", "DATE", temporal::date_now, "today, in UTC or a zone; one statement has one clock"),
    function("date.truncate", "unit :: STRING, x :: TEMPORAL [, parts :: MAP]", "DATE", temporal::date_truncate, "the first day of the unit, such as 'month' or 'week', in which a date lies"),
    function("datetime", "[x :: STRING | MAP | TEMPORAL]", "DATETIME", temporal::datetime, "a datetime from a text such as '2023-09-07T12:00:00+02:00[Europe/Stockholm]', a map or another date or time; now without an argument"),
    function("datetime.fromepoch", "seconds :: NUMBER, nanoseconds :: NUMBER", "DATETIME", temporal::from_epoch, "the datetime so many seconds and nanoseconds after 1970-01-01T00:00Z"),
    function("datetime.fromepochmillis", "milliseconds :: NUMBER", "DATETIME", temporal::from_epoch_millis, "the datetime so many milliseconds after 1970-01-01T00:00Z"),
    function("datetime.realtime", "[zone :: STRING]", "DATETIME", temporal::datetime_now, "now, in UTC or a zone; one statement has one clock"),
    function("datetime.statement", "[zone :: STRING]", "DATETIME", temporal::datetime_now, "now, in UTC or a zone; one statement has one clock"),
    function("datetime.transaction", "[zone :: STRING]", "DATETIME", temporal::datetime_now, "now, in UTC or a zone; one statement has one clock"),
    function("datetime.truncate", "unit :: STRING, x :: TEMPORAL [, parts :: MAP]", "DATETIME", temporal::datetime_truncate, "the first instant of the unit, such as 'hour', in which a time lies"),
    function("degrees", "x :: NUMBER", "FLOAT", numbers::degrees, "radians as degrees"),
    function("disputed", "x :: NODE | RELATIONSHIP | PATH", "BOOLEAN", evidence::disputed, "whether any claim disputes a node, a relationship or a hop of a path"),
    function("duration", "x :: STRING | MAP | DURATION", "DURATION", durations::duration, "a duration from a text such as 'P7D' or a map such as {days: 7}"),
    function("duration.between", "from :: TEMPORAL, to :: TEMPORAL", "DURATION", durations::duration_between, "the months, days and time from one date or time to another"),
    function("duration.inDays", "from :: TEMPORAL, to :: TEMPORAL", "DURATION", durations::duration_in_days, "the days from one date to another"),
    function("duration.inMonths", "from :: TEMPORAL, to :: TEMPORAL", "DURATION", durations::duration_in_months, "the whole months from one date to another"),
    function("duration.inSeconds", "from :: TEMPORAL, to :: TEMPORAL", "DURATION", durations::duration_in_seconds, "the time from one date or datetime to another"),
    function("e", "", "FLOAT", numbers::e, "Euler's number"),
    function("earliest", "x :: STRING | TEMPORAL", "DATE", dates::earliest, "the first day that a date or a partial date in a text covers"),
    function("elementId", "x :: NODE | RELATIONSHIP", "STRING", general::element_id, "a node's or relationship's id as text"),
    function("endNode", "r :: RELATIONSHIP", "NODE", general::end_node, "the node where a relationship ends"),
    function("entities.areSame", "a :: NODE, b :: NODE", "BOOLEAN", entities::are_same, "whether two nodes are one entity, by what was judged"),
    function("entities.of", "n :: NODE", "NODE", entities::of, "the entity that a node is part of: the first of the nodes that were judged to be one, to group by"),
    function("entities.parts", "n :: NODE", "LIST<NODE>", entities::all_parts, "the nodes that were judged to be one entity with a node, itself among them"),
    function("exists", "x :: ANY", "BOOLEAN", general::exists, "whether a property is there; x IS NOT NULL says the same"),
    function("exp", "x :: NUMBER", "FLOAT", numbers::exp, "Euler's number to the power of x"),
    function("floor", "x :: NUMBER", "NUMBER", numbers::floor, "the greatest whole number not above x"),
    function("grade", "x :: NODE | RELATIONSHIP | PATH", "STRING", evidence::grade, "the Admiralty code of the best supporting claim; of a path, of its weakest hop"),
    function("haversin", "x :: NUMBER", "FLOAT", numbers::haversin, "half the versine"),
    function("head", "list :: LIST", "ANY", general::head, "the first item"),
    function("id", "x :: NODE | RELATIONSHIP", "INTEGER", general::id, "a node's or relationship's number"),
    function("isEmpty", "x :: LIST | MAP | STRING", "BOOLEAN", general::is_empty, "whether nothing is in it"),
    function("isHub", "n :: NODE", "BOOLEAN", evidence::is_hub, "whether a node is a hub such as a country, an address or a list"),
    function("isNaN", "x :: NUMBER", "BOOLEAN", numbers::is_nan, "whether it is the result of a computation that has none, such as 0.0 / 0"),
    function("joints", "p :: PATH", "LIST<MAP>", evidence::joints, "where the carriage changes without a recorded link: place, from, to, least and most wait, claims"),
    function("key", "x :: NODE | RELATIONSHIP", "STRING", general::key, "a node's key: the import's :ID, else one made from its number"),
    function("keys", "x :: NODE | RELATIONSHIP | MAP", "LIST<STRING>", general::keys, "the names of the properties"),
    function("labels", "n :: NODE", "LIST<STRING>", general::labels, "a node's labels"),
    function("last", "list :: LIST", "ANY", general::last, "the last item"),
    function("latest", "x :: STRING | TEMPORAL", "DATE", dates::latest, "the last day that a date or a partial date in a text covers"),
    function("left", "text :: STRING, n :: INTEGER", "STRING", texts::left, "the first n letters"),
    function("length", "p :: PATH", "INTEGER", general::length, "how many relationships a path has"),
    function("ln", "x :: NUMBER", "FLOAT", numbers::log, "the natural logarithm"),
    function("localdatetime", "[x :: STRING | MAP | TEMPORAL]", "LOCALDATETIME", temporal::localdatetime, "a date and time in no particular place from a text such as '2023-09-07T12:00', a map or another date or time; now without an argument"),
    function("localdatetime.realtime", "[zone :: STRING]", "LOCALDATETIME", temporal::localdatetime_now, "what clocks show now, in UTC or a zone; one statement has one clock"),
    function("localdatetime.statement", "[zone :: STRING]", "LOCALDATETIME", temporal::localdatetime_now, "what clocks show now, in UTC or a zone; one statement has one clock"),
    function("localdatetime.transaction", "[zone :: STRING]", "LOCALDATETIME", temporal::localdatetime_now, "what clocks show now, in UTC or a zone; one statement has one clock"),
    function("localdatetime.truncate", "unit :: STRING, x :: TEMPORAL [, parts :: MAP]", "LOCALDATETIME", temporal::localdatetime_truncate, "the first point of the unit, such as 'hour', in which a time lies"),
    function("localtime", "[x :: STRING | MAP | TEMPORAL]", "LOCALTIME", temporal::localtime, "a time of day in no particular place from a text such as '12:30:15', a map or another date or time; now without an argument"),
    function("localtime.realtime", "[zone :: STRING]", "LOCALTIME", temporal::localtime_now, "what clocks show now, in UTC or a zone; one statement has one clock"),
    function("localtime.statement", "[zone :: STRING]", "LOCALTIME", temporal::localtime_now, "what clocks show now, in UTC or a zone; one statement has one clock"),
    function("localtime.transaction", "[zone :: STRING]", "LOCALTIME", temporal::localtime_now, "what clocks show now, in UTC or a zone; one statement has one clock"),
    function("localtime.truncate", "unit :: STRING, x :: TEMPORAL [, parts :: MAP]", "LOCALTIME", temporal::localtime_truncate, "the first point of the unit, such as 'hour', in which a time lies"),
    function("log", "x :: NUMBER", "FLOAT", numbers::log, "the natural logarithm"),
    function("log10", "x :: NUMBER", "FLOAT", numbers::log10, "the logarithm to base 10"),
    function("lower", "text :: STRING", "STRING", texts::to_lower, "as toLower"),
    function("lTrim", "text :: STRING [, letters :: STRING]", "STRING", texts::trim_start, "without white space, or without these letters, before it"),
    aggregate("max", "x :: ANY", "ANY", Aggregate::Max, "the greatest value"),
    aggregate("min", "x :: ANY", "ANY", Aggregate::Min, "the least value"),
    function("names.explain", "a :: STRING | NODE, b :: STRING | NODE [, kind :: STRING]", "MAP", names::explanation, "why two names are alike or not: score, kind, names, matched, folded, against, reason"),
    function("names.similarity", "a :: STRING | NODE, b :: STRING | NODE [, kind :: STRING]", "FLOAT", names::similarity_of, "how alike two names are, in 0..1, whatever their script and spelling"),
    function("nodes", "p :: PATH", "LIST<NODE>", general::nodes, "the nodes of a path"),
    function("normalize", "text :: STRING [, form :: STRING]", "STRING", texts::normalize, "in a normal form of Unicode: NFC, NFD, NFKC or NFKD"),
    function("nullIf", "x :: ANY, y :: ANY", "ANY", general::null_if, "null where the two are equal, else the first"),
    function("nullResults", "p :: PATH", "LIST<MAP>", evidence::null_results, "what was looked for and not found at the places and times of a path's hops"),
    function("order", "p :: PATH [, bounds :: MAP]", "STRING", evidence::order, "'certain', 'possible', 'untested', 'impossible' or 'undated'"),
    function("origins", "x :: NODE | RELATIONSHIP | PATH", "INTEGER", evidence::origins, "how many independent origins support a node, a relationship or the hops of a path"),
    aggregate("percentileCont", "x :: NUMBER, share :: FLOAT", "NUMBER", Aggregate::PercentileCont, "the value below which a share of the numbers lies, between two of them where need be"),
    aggregate("percentileDisc", "x :: NUMBER, share :: FLOAT", "NUMBER", Aggregate::PercentileDisc, "the number below which a share of the numbers lies"),
    function("period", "r :: RELATIONSHIP", "MAP", evidence::period, "{from, to, kind} of a relationship; kind is 'event', 'state' or 'none'"),
    function("pi", "", "FLOAT", numbers::pi, "the ratio of a circle's circumference to its diameter"),
    function("properties", "x :: NODE | RELATIONSHIP | MAP", "MAP", general::properties, "all properties as a map"),
    function("radians", "x :: NUMBER", "FLOAT", numbers::radians, "degrees as radians"),
    function("rand", "", "FLOAT", numbers::rand, "a number from 0 up to 1, by chance; the same where now is the same"),
    function("randomUUID", "", "STRING", general::random_uuid, "a new id by chance; the same where now is the same"),
    function("range", "from :: INTEGER, to :: INTEGER [, step :: INTEGER]", "LIST<INTEGER>", general::range, "whole numbers from … to …"),
    function("relationships", "p :: PATH", "LIST<RELATIONSHIP>", general::relationships, "the relationships of a path"),
    function("replace", "text :: STRING, old :: STRING, new :: STRING", "STRING", texts::replace, "with new wherever old stood"),
    function("reverse", "x :: LIST | STRING", "LIST | STRING", general::reverse, "the items, or the letters, backwards"),
    function("right", "text :: STRING, n :: INTEGER", "STRING", texts::right, "the last n letters"),
    function("round", "x :: NUMBER [, places :: INTEGER [, mode :: STRING]]", "NUMBER", rounding::round, "the nearest number with so many places; mode 'UP', 'DOWN', 'CEILING', 'FLOOR', 'HALF_UP', 'HALF_DOWN' or 'HALF_EVEN'"),
    function("rTrim", "text :: STRING [, letters :: STRING]", "STRING", texts::trim_end, "without white space, or without these letters, after it"),
    function("sign", "x :: NUMBER", "INTEGER", numbers::sign, "-1, 0 or 1"),
    function("sin", "x :: NUMBER", "FLOAT", numbers::sin, "the sine"),
    function("sinh", "x :: NUMBER", "FLOAT", numbers::sinh, "the hyperbolic sine"),
    function("size", "x :: LIST | STRING", "INTEGER", general::size, "how many items or letters"),
    function("sources", "x :: NODE | RELATIONSHIP | PATH", "LIST<STRING>", evidence::sources, "the keys of the sources that support a node, a relationship or the hops of a path"),
    function("split", "text :: STRING, separator :: STRING", "LIST<STRING>", texts::split, "the parts between the separators"),
    function("sqrt", "x :: NUMBER", "FLOAT", numbers::sqrt, "the square root"),
    function("startNode", "r :: RELATIONSHIP", "NODE", general::start_node, "the node where a relationship starts"),
    aggregate("stDev", "x :: NUMBER", "FLOAT", Aggregate::StDev, "the standard deviation of a sample"),
    aggregate("stDevP", "x :: NUMBER", "FLOAT", Aggregate::StDevP, "the standard deviation of a whole population"),
    function("substring", "text :: STRING, start :: INTEGER [, n :: INTEGER]", "STRING", texts::substring, "n letters from letter start, which counts from 0"),
    aggregate("sum", "x :: NUMBER | DURATION", "NUMBER | DURATION", Aggregate::Sum, "the sum of the numbers or durations"),
    function("tail", "list :: LIST", "LIST", general::tail, "all items but the first"),
    function("tan", "x :: NUMBER", "FLOAT", numbers::tan, "the tangent"),
    function("tanh", "x :: NUMBER", "FLOAT", numbers::tanh, "the hyperbolic tangent"),
    function("time", "[x :: STRING | MAP | TEMPORAL]", "TIME", temporal::time, "a time of day with an offset from a text such as '12:30:15+02:00', a map or another date or time; now without an argument"),
    function("time.realtime", "[zone :: STRING]", "TIME", temporal::time_now, "the time of day now, in UTC or a zone; one statement has one clock"),
    function("time.statement", "[zone :: STRING]", "TIME", temporal::time_now, "the time of day now, in UTC or a zone; one statement has one clock"),
    function("time.transaction", "[zone :: STRING]", "TIME", temporal::time_now, "the time of day now, in UTC or a zone; one statement has one clock"),
    function("time.truncate", "unit :: STRING, x :: TEMPORAL [, parts :: MAP]", "TIME", temporal::time_truncate, "the first point of the unit, such as 'hour', in which a time lies"),
    function("times", "p :: PATH [, bounds :: MAP]", "LIST<MAP>", evidence::times, "for each relationship {earliest, latest}: when it can have happened, given the whole path"),
    function("timestamp", "", "INTEGER", general::timestamp, "now, in milliseconds since 1970"),
    function("toBoolean", "x :: BOOLEAN | INTEGER | STRING", "BOOLEAN", conversions::to_boolean, "as true or false, null where it is neither"),
    function("toBooleanList", "list :: LIST", "LIST<BOOLEAN>", conversions::to_boolean_list, "each item as with toBooleanOrNull"),
    function("toBooleanOrNull", "x :: ANY", "BOOLEAN", conversions::to_boolean_or_null, "as toBoolean, and null where that fails"),
    function("toFloat", "x :: NUMBER | STRING", "FLOAT", conversions::to_float, "as a number with a fraction, null where it is none"),
    function("toFloatList", "list :: LIST", "LIST<FLOAT>", conversions::to_float_list, "each item as with toFloatOrNull"),
    function("toFloatOrNull", "x :: ANY", "FLOAT", conversions::to_float_or_null, "as toFloat, and null where that fails"),
    function("toInteger", "x :: NUMBER | BOOLEAN | STRING", "INTEGER", conversions::to_integer, "as a whole number, null where it is none"),
    function("toIntegerList", "list :: LIST", "LIST<INTEGER>", conversions::to_integer_list, "each item as with toIntegerOrNull"),
    function("toIntegerOrNull", "x :: ANY", "INTEGER", conversions::to_integer_or_null, "as toInteger, and null where that fails"),
    function("toLower", "text :: STRING", "STRING", texts::to_lower, "in small letters"),
    function("toString", "x :: BOOLEAN | NUMBER | STRING | TEMPORAL | DURATION", "STRING", conversions::to_string, "as a text"),
    function("toStringList", "list :: LIST", "LIST<STRING>", conversions::to_string_list, "each item as with toStringOrNull"),
    function("toStringOrNull", "x :: ANY", "STRING", conversions::to_string_or_null, "as toString, and null where that fails"),
    function("toUpper", "text :: STRING", "STRING", texts::to_upper, "in capitals"),
    function("trim", "text :: STRING", "STRING", texts::trim, "without white space around it; trim(BOTH 'x' FROM text) takes other letters away"),
    function("type", "r :: RELATIONSHIP", "STRING", general::type_of, "a relationship's type"),
    function("upper", "text :: STRING", "STRING", texts::to_upper, "as toUpper"),
    function("valueType", "x :: ANY", "STRING", types::value_type, "the type of the value, such as 'INTEGER NOT NULL'"),
    function("waits", "p :: PATH [, bounds :: MAP]", "LIST<MAP>", evidence::waits, "for each two consecutive events {node, least, most}"),
    function("weakest", "p :: PATH", "RELATIONSHIP", evidence::weakest, "the relationship that is a path's weakest hop"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_are_unique() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name.to_lowercase()));
        for pair in FUNCTIONS.windows(2) {
            assert_ne!(pair[0].name.to_lowercase(), pair[1].name.to_lowercase());
        }
    }

    #[test]
    fn signatures_name_known_types() {
        for function in FUNCTIONS.iter().filter(|function| !function.result.is_empty()) {
            let parameters = function.parameters();
            let repeats = function.arguments.ends_with('…');
            assert_eq!(repeats, function.max == usize::MAX, "{}", function.signature());
            assert!(repeats || parameters.len() == function.max, "{}", function.signature());
            let types = parameters.iter().flat_map(|parameter| &parameter.types);
            for found in types.chain(&Type::all(function.result)) {
                assert_ne!(*found, Type::Unknown, "{}", function.signature());
            }
        }
    }
}

//! The functions of the language: one table for dispatch, arity, completion and help.

mod aggregates;
mod conversions;
mod dates;
mod evidence;
mod general;
mod numbers;
mod texts;

use std::fmt;

pub(super) use aggregates::{Accumulator, Aggregate};
pub(super) use evidence::{claim_map, length_of};

use super::expr::{Context, described, type_error};
use crate::error::{Detail, Error, Result, Span};
use crate::model::Value;

/// A function of the language.
pub struct Function {
    /// Its name; written in any case.
    pub name: &'static str,
    /// Its arguments, for help.
    pub arguments: &'static str,
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

const fn scalar(
    name: &'static str,
    arguments: &'static str,
    (min, max): (usize, usize),
    run: fn(&Context<'_>, &[Value]) -> Result<Value>,
    doc: &'static str,
) -> Function {
    Function { name, arguments, min, max, doc, run: Run::Scalar(run) }
}

const fn aggregate(name: &'static str, aggregate: Aggregate, doc: &'static str) -> Function {
    Function { name, arguments: "[DISTINCT] x", min: 1, max: 1, doc, run: Run::Aggregate(aggregate) }
}

const fn percentile(name: &'static str, aggregate: Aggregate, doc: &'static str) -> Function {
    Function { name, arguments: "[DISTINCT] x, share", min: 2, max: 2, doc, run: Run::Aggregate(aggregate) }
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

const MANY: usize = usize::MAX;

/// All functions, by name.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    scalar("abs",         "x",               (1, 1),    numbers::abs,          "the number without its sign"),
    scalar("acos",        "x",               (1, 1),    numbers::acos,         "the angle whose cosine is x"),
    scalar("asin",        "x",               (1, 1),    numbers::asin,         "the angle whose sine is x"),
    scalar("atan",        "x",               (1, 1),    numbers::atan,         "the angle whose tangent is x"),
    scalar("atan2",       "y, x",            (2, 2),    numbers::atan2,        "the angle of the point (x, y)"),
    aggregate("avg",      Aggregate::Avg,                                      "the mean of the numbers"),
    scalar("carriesFrom", "r, n",            (2, 2),    evidence::carries_from, "whether goods can leave node n along relationship r, by the schema"),
    scalar("ceil",        "x",               (1, 1),    numbers::ceil,         "the least whole number not below x"),
    scalar("claims",      "x",               (1, 1),    evidence::claims,      "the claims about a node, a relationship or the hops of a path, as maps"),
    scalar("coalesce",    "x, …",            (1, MANY), general::coalesce,     "the first argument that is not null"),
    aggregate("collect",  Aggregate::Collect,                                  "the values that are not null, as a list"),
    scalar("confidence",  "x",               (1, 1),    evidence::confidence,  "confidence in 0..1: of the best supporting claim; of a path, of its weakest hop"),
    scalar("cos",         "x",               (1, 1),    numbers::cos,          "the cosine"),
    scalar("cot",         "x",               (1, 1),    numbers::cot,          "the cotangent"),
    aggregate("count",    Aggregate::Count,                                    "how many values are not null; count(*) counts rows"),
    scalar("date",        "[text | map]",      (0, 1),    dates::date,         "a date from a text such as '2023-09-07'; today without an argument"),
    scalar("date.truncate", "unit, x [, parts]", (2, 3), dates::date_truncate, "the first day of the unit, such as 'month' or 'week', in which a date lies"),
    scalar("datetime",    "[text | map]",            (0, 1),    dates::datetime,     "a datetime from a text such as '2023-09-07T12:00:00Z'; now without an argument"),
    scalar("datetime.truncate", "unit, x [, parts]", (2, 3), dates::datetime_truncate, "the first instant of the unit, such as 'hour' or 'month', in which a datetime lies"),
    scalar("degrees",     "x",               (1, 1),    numbers::degrees,      "radians as degrees"),
    scalar("disputed",    "x",               (1, 1),    evidence::disputed,    "whether any claim disputes a node, a relationship or a hop of a path"),
    scalar("duration",    "text | map",      (1, 1),    dates::duration,     "a duration from a text such as 'P7D' or a map such as {days: 7}"),
    scalar("duration.between", "from, to",   (2, 2),    dates::duration_between, "the months and days from one date to another"),
    scalar("duration.inDays", "from, to",    (2, 2),    dates::duration_in_days, "the days from one date to another"),
    scalar("duration.inMonths", "from, to",  (2, 2),    dates::duration_in_months, "the whole months from one date to another"),
    scalar("duration.inSeconds", "from, to", (2, 2),    dates::duration_in_seconds, "the time from one date or datetime to another"),
    scalar("e",           "",                (0, 0),    numbers::e,            "Euler's number"),
    scalar("earliest",    "x",               (1, 1),    dates::earliest,     "the first day that a date or a partial date in a text covers"),
    scalar("elementId",   "x",               (1, 1),    general::element_id,   "a node's or relationship's id as text"),
    scalar("endNode",     "r",               (1, 1),    general::end_node,     "the node where a relationship ends"),
    scalar("exists",      "x",               (1, 1),    general::exists,       "whether a property is there; x IS NOT NULL says the same"),
    scalar("exp",         "x",               (1, 1),    numbers::exp,          "Euler's number to the power of x"),
    scalar("floor",       "x",               (1, 1),    numbers::floor,        "the greatest whole number not above x"),
    scalar("grade",       "x",               (1, 1),    evidence::grade,       "the Admiralty code of the best supporting claim; of a path, of its weakest hop"),
    scalar("haversin",    "x",               (1, 1),    numbers::haversin,     "half the versine"),
    scalar("head",        "list",            (1, 1),    general::head,         "the first item"),
    scalar("id",          "x",               (1, 1),    general::id,           "a node's or relationship's number"),
    scalar("isEmpty",     "list | map | text", (1, 1),  general::is_empty,     "whether nothing is in it"),
    scalar("isHub",       "n",               (1, 1),    evidence::is_hub,      "whether a node is a hub such as a country, an address or a list"),
    scalar("joints",      "p",               (1, 1),    evidence::joints,      "where the carriage changes without a recorded link: place, from, to, least and most wait, claims"),
    scalar("key",         "x",               (1, 1),    general::key,          "a node's key: the import's :ID, else one made from its number"),
    scalar("keys",        "x",               (1, 1),    general::keys,         "the names of the properties"),
    scalar("labels",      "n",               (1, 1),    general::labels,       "a node's labels"),
    scalar("last",        "list",            (1, 1),    general::last,         "the last item"),
    scalar("latest",      "x",               (1, 1),    dates::latest,       "the last day that a date or a partial date in a text covers"),
    scalar("left",        "text, n",         (2, 2),    texts::left,           "the first n letters"),
    scalar("length",      "p",               (1, 1),    general::length,       "how many relationships a path has"),
    scalar("log",         "x",               (1, 1),    numbers::log,          "the natural logarithm"),
    scalar("log10",       "x",               (1, 1),    numbers::log10,        "the logarithm to base 10"),
    scalar("lTrim",       "text",            (1, 1),    texts::trim_start,     "without white space before it"),
    aggregate("max",      Aggregate::Max,                                      "the greatest value"),
    aggregate("min",      Aggregate::Min,                                      "the least value"),
    scalar("nodes",       "p",               (1, 1),    general::nodes,        "the nodes of a path"),
    scalar("nullResults", "p",               (1, 1),    evidence::null_results, "what was looked for and not found at the places and times of a path's hops"),
    scalar("order",       "p [, bounds]",    (1, 2),    evidence::order,       "'certain', 'possible', 'untested', 'impossible' or 'undated'"),
    scalar("origins",     "x",               (1, 1),    evidence::origins,     "how many independent origins support a node, a relationship or the hops of a path"),
    percentile("percentileCont", Aggregate::PercentileCont,                    "the value below which a share of the numbers lies, between two of them where need be"),
    percentile("percentileDisc", Aggregate::PercentileDisc,                    "the number below which a share of the numbers lies"),
    scalar("period",      "r",               (1, 1),    evidence::period,      "{from, to, kind} of a relationship; kind is 'event', 'state' or 'none'"),
    scalar("pi",          "",                (0, 0),    numbers::pi,           "the ratio of a circle's circumference to its diameter"),
    scalar("properties",  "x",               (1, 1),    general::properties,   "all properties as a map"),
    scalar("radians",     "x",               (1, 1),    numbers::radians,      "degrees as radians"),
    scalar("rand",        "",                (0, 0),    numbers::rand,         "a number from 0 up to 1, by chance; the same where now is the same"),
    scalar("range",       "from, to [, step]", (2, 3),  general::range,        "whole numbers from … to …"),
    scalar("relationships", "p",             (1, 1),    general::relationships, "the relationships of a path"),
    scalar("replace",     "text, old, new",  (3, 3),    texts::replace,        "with new wherever old stood"),
    scalar("reverse",     "list | text",     (1, 1),    general::reverse,      "the items, or the letters, backwards"),
    scalar("right",       "text, n",         (2, 2),    texts::right,          "the last n letters"),
    scalar("round",       "x",               (1, 1),    numbers::round,        "the nearest whole number"),
    scalar("rTrim",       "text",            (1, 1),    texts::trim_end,       "without white space after it"),
    scalar("sign",        "x",               (1, 1),    numbers::sign,         "-1, 0 or 1"),
    scalar("sin",         "x",               (1, 1),    numbers::sin,          "the sine"),
    scalar("size",        "list | text",     (1, 1),    general::size,         "how many items or letters"),
    scalar("sources",     "x",               (1, 1),    evidence::sources,     "the keys of the sources that support a node, a relationship or the hops of a path"),
    scalar("split",       "text, separator", (2, 2),    texts::split,        "the parts between the separators"),
    scalar("sqrt",        "x",               (1, 1),    numbers::sqrt,         "the square root"),
    scalar("startNode",   "r",               (1, 1),    general::start_node,   "the node where a relationship starts"),
    aggregate("stDev",    Aggregate::StDev,                                    "the standard deviation of a sample"),
    aggregate("stDevP",   Aggregate::StDevP,                                   "the standard deviation of a whole population"),
    scalar("substring",   "text, start [, n]", (2, 3),  texts::substring,      "n letters from letter start, which counts from 0"),
    aggregate("sum",      Aggregate::Sum,                                      "the sum of the numbers"),
    scalar("tail",        "list",            (1, 1),    general::tail,         "all items but the first"),
    scalar("tan",         "x",               (1, 1),    numbers::tan,          "the tangent"),
    scalar("times",       "p [, bounds]",    (1, 2),    evidence::times,       "for each relationship {earliest, latest}: when it can have happened, given the whole path"),
    scalar("toBoolean",   "x",               (1, 1),    conversions::to_boolean, "as true or false, null where it is neither"),
    scalar("toBooleanOrNull", "x",           (1, 1),    conversions::to_boolean_or_null, "as toBoolean, and null where that fails"),
    scalar("toFloat",     "x",               (1, 1),    conversions::to_float,     "as a number with a fraction, null where it is none"),
    scalar("toFloatOrNull", "x",             (1, 1),    conversions::to_float_or_null, "as toFloat, and null where that fails"),
    scalar("toInteger",   "x",               (1, 1),    conversions::to_integer,   "as a whole number, null where it is none"),
    scalar("toIntegerOrNull", "x",           (1, 1),    conversions::to_integer_or_null, "as toInteger, and null where that fails"),
    scalar("toLower",     "text",            (1, 1),    texts::to_lower,     "in small letters"),
    scalar("toString",    "x",               (1, 1),    conversions::to_string,    "as a text"),
    scalar("toStringOrNull", "x",            (1, 1),    conversions::to_string_or_null, "as toString, and null where that fails"),
    scalar("toUpper",     "text",            (1, 1),    texts::to_upper,     "in capitals"),
    scalar("trim",        "text",            (1, 1),    texts::trim,         "without white space around it"),
    scalar("type",        "r",               (1, 1),    general::type_of,      "a relationship's type"),
    scalar("waits",       "p [, bounds]",    (1, 2),    evidence::waits,       "for each two consecutive events {node, least, most}"),
    scalar("weakest",     "p",               (1, 1),    evidence::weakest,     "the relationship that is a path's weakest hop"),
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
}

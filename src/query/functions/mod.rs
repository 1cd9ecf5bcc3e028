//! The functions of the language: one table for dispatch, arity, completion and help.

mod evidence;
mod general;

use std::fmt;

pub(super) use evidence::{claim_map, length_of};

use super::expr::Context;
use crate::error::{Error, Result};
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

/// How an aggregate combines values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Count,
    Collect,
    Sum,
    Avg,
    Min,
    Max,
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

const MANY: usize = usize::MAX;

/// All functions, by name.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    scalar("abs",         "x",               (1, 1),    general::abs,          "the number without its sign"),
    aggregate("avg",      Aggregate::Avg,                                      "the mean of the numbers"),
    scalar("carriesFrom", "r, n",            (2, 2),    evidence::carries_from, "whether goods can leave node n along relationship r, by the schema"),
    scalar("ceil",        "x",               (1, 1),    general::ceil,         "the least whole number not below x"),
    scalar("claims",      "x",               (1, 1),    evidence::claims,      "the claims about a node, a relationship or the hops of a path, as maps"),
    scalar("coalesce",    "x, …",            (1, MANY), general::coalesce,     "the first argument that is not null"),
    aggregate("collect",  Aggregate::Collect,                                  "the values that are not null, as a list"),
    scalar("confidence",  "x",               (1, 1),    evidence::confidence,  "confidence in 0..1: of the best supporting claim; of a path, of its weakest hop"),
    aggregate("count",    Aggregate::Count,                                    "how many values are not null; count(*) counts rows"),
    scalar("date",        "text | map",      (1, 1),    general::date,         "a date from a text such as '2023-09-07'"),
    scalar("datetime",    "text",            (1, 1),    general::datetime,     "a datetime from a text such as '2023-09-07T12:00:00Z'"),
    scalar("disputed",    "x",               (1, 1),    evidence::disputed,    "whether any claim disputes a node, a relationship or a hop of a path"),
    scalar("duration",    "text | map",      (1, 1),    general::duration,     "a duration from a text such as 'P7D' or a map such as {days: 7}"),
    scalar("earliest",    "x",               (1, 1),    general::earliest,     "the first day that a date or a partial date in a text covers"),
    scalar("elementId",   "x",               (1, 1),    general::element_id,   "a node's or relationship's id as text"),
    scalar("endNode",     "r",               (1, 1),    general::end_node,     "the node where a relationship ends"),
    scalar("floor",       "x",               (1, 1),    general::floor,        "the greatest whole number not above x"),
    scalar("grade",       "x",               (1, 1),    evidence::grade,       "the Admiralty code of the best supporting claim; of a path, of its weakest hop"),
    scalar("head",        "list",            (1, 1),    general::head,         "the first item"),
    scalar("id",          "x",               (1, 1),    general::id,           "a node's or relationship's number"),
    scalar("isHub",       "n",               (1, 1),    evidence::is_hub,      "whether a node is a hub such as a country, an address or a list"),
    scalar("joints",      "p",               (1, 1),    evidence::joints,      "where the carriage changes without a recorded link: place, from, to, least and most wait, claims"),
    scalar("key",         "x",               (1, 1),    general::key,          "a node's key: the import's :ID, else one made from its number"),
    scalar("keys",        "x",               (1, 1),    general::keys,         "the names of the properties"),
    scalar("labels",      "n",               (1, 1),    general::labels,       "a node's labels"),
    scalar("last",        "list",            (1, 1),    general::last,         "the last item"),
    scalar("latest",      "x",               (1, 1),    general::latest,       "the last day that a date or a partial date in a text covers"),
    scalar("length",      "p",               (1, 1),    general::length,       "how many relationships a path has"),
    aggregate("max",      Aggregate::Max,                                      "the greatest value"),
    aggregate("min",      Aggregate::Min,                                      "the least value"),
    scalar("nodes",       "p",               (1, 1),    general::nodes,        "the nodes of a path"),
    scalar("nullResults", "p",               (1, 1),    evidence::null_results, "what was looked for and not found at the places and times of a path's hops"),
    scalar("order",       "p [, bounds]",    (1, 2),    evidence::order,       "'certain', 'possible', 'untested', 'impossible' or 'undated'"),
    scalar("origins",     "x",               (1, 1),    evidence::origins,     "how many independent origins support a node, a relationship or the hops of a path"),
    scalar("period",      "r",               (1, 1),    evidence::period,      "{from, to, kind} of a relationship; kind is 'event', 'state' or 'none'"),
    scalar("properties",  "x",               (1, 1),    general::properties,   "all properties as a map"),
    scalar("range",       "from, to [, step]", (2, 3),  general::range,        "whole numbers from … to …"),
    scalar("relationships", "p",             (1, 1),    general::relationships, "the relationships of a path"),
    scalar("reverse",     "list | text",     (1, 1),    general::reverse,      "the items, or the letters, backwards"),
    scalar("round",       "x",               (1, 1),    general::round,        "the nearest whole number"),
    scalar("size",        "list | text",     (1, 1),    general::size,         "how many items or letters"),
    scalar("sources",     "x",               (1, 1),    evidence::sources,     "the keys of the sources that support a node, a relationship or the hops of a path"),
    scalar("split",       "text, separator", (2, 2),    general::split,        "the parts between the separators"),
    scalar("startNode",   "r",               (1, 1),    general::start_node,   "the node where a relationship starts"),
    aggregate("sum",      Aggregate::Sum,                                      "the sum of the numbers"),
    scalar("tail",        "list",            (1, 1),    general::tail,         "all items but the first"),
    scalar("times",       "p [, bounds]",    (1, 2),    evidence::times,       "for each relationship {earliest, latest}: when it can have happened, given the whole path"),
    scalar("toFloat",     "x",               (1, 1),    general::to_float,     "as a number with a fraction, null where it is none"),
    scalar("toInteger",   "x",               (1, 1),    general::to_integer,   "as a whole number, null where it is none"),
    scalar("toLower",     "text",            (1, 1),    general::to_lower,     "in small letters"),
    scalar("toString",    "x",               (1, 1),    general::to_string,    "as a text"),
    scalar("toUpper",     "text",            (1, 1),    general::to_upper,     "in capitals"),
    scalar("trim",        "text",            (1, 1),    general::trim,         "without white space around it"),
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

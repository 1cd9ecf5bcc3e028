//! CSV, with the header convention of Neo4j's importer.
//!
//! # Headers
//!
//! A header is `name:type`; a name alone makes strings. A file with `:START_ID`
//! holds relationships, one with `:ABOUT` holds claims, any other holds nodes.
//!
//! | header | in files of | meaning |
//! |---|---|---|
//! | `:ID`, `name:ID` | all | the key; for nodes also the property `id`, with a name also that property |
//! | `:ID(group)` | all | keys of a group are kept apart: the key becomes `group/id` |
//! | `:ID{id-type:int}` | all | the property is an integer |
//! | `:LABEL` | nodes | labels with `;` between them; several such columns add up |
//! | `:START_ID`, `:END_ID`, `:TYPE` | relationships | keys of the ends, and the type |
//! | `:ABOUT`, `:PROPERTY`, `value` | claims | the element (node keys are tried first), the property, the value claimed |
//! | `stance`, `by`, `:TYPE`, `:CARRIERS` | claims | `supports`, `disputes` or `null`; who says so; the type that a null result looked for; the two carriers of a joint |
//! | `recorded` | claims | when it was recorded, if not now |
//! | `source`, `grade`, `stance`, `confidence`, `note` | all | turn the row of an element into a claim as well |
//! | `:IGNORE` | all | left out |
//!
//! `confidence` and `note` alone do not make a claim; they are properties then.
//! The types are `string`, `int`, `float`, `boolean`, `date`, `localtime`, `time`,
//! `localdatetime`, `datetime` and `duration`, with Neo4j's other names for them,
//! and lists such as `string[]` with `;` between the values.
//!
//! # Cells
//!
//! A blank cell is no property, and a row of blank cells is no row. Keys, numbers
//! and dates are trimmed; strings stay as they are. Full dates become dates in
//! columns typed `date` and in untyped columns named `from`, `to`, `date`,
//! `…Date` or `…_date`; partial ones such as `2023-09` stay strings. In `from` and
//! `to` of relationships and claims, four digits are a year, and other integers
//! are integers.
//!
//! # Bad rows
//!
//! A bad row is left out with all that needs it, and reported with its line and
//! column; the caller decides whether the rest is good enough. All files of an
//! import are read together, so their order does not matter.
//!
//! # Update
//!
//! With [`Options::update`], rows whose key exists change what differs. A blank
//! cell leaves the property as it is, and labels are replaced as a whole. A
//! relationship without a key is the same if type, ends and all properties of the
//! row are; otherwise it is a new one, since nothing says which one to correct.
//! The claim that an element's row makes is matched by its source. Importing the
//! same files again changes nothing.

mod bulk;
mod cell;
mod claims;
mod content;
mod draft;
mod header;
mod keys;
mod new_keys;
mod nodes;
mod relationships;
mod row_claim;
mod table;

use std::path::PathBuf;

pub use bulk::{Bulk, KeptClaim, Progress, Watch, read_bulk, tell};
pub use content::Content;

use draft::Draft;
use header::Holds;
use table::{Bad, Table};

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model::{Effect, Grade};

/// A file to be imported.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name as the user wrote it, for messages.
    pub name: PathBuf,
    /// What it holds.
    pub content: Content,
}

/// What the user says about the files as a whole.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The label of nodes whose row gives none.
    pub label: Option<String>,
    /// The type of relationships whose row gives none.
    pub kind: Option<String>,
    /// The key of the source of every row that names none. A source is not made
    /// to vouch for itself.
    pub source: Option<String>,
    /// The grade of every row that has neither a grade nor a confidence.
    pub grade: Option<Grade>,
    /// Whether rows whose key exists change what differs; else they are bad rows.
    pub update: bool,
    /// When the claims are recorded, in microseconds since 1970-01-01 UTC.
    pub recorded_micros: i64,
    /// How many bad rows are kept; without it, [`BAD_MAX`].
    pub bad_max: Option<usize>,
    /// From how many bytes on files of plain rows are read into columns; see
    /// [`read_bulk`]. Without it, from some megabytes.
    pub bulk_bytes_min: Option<usize>,
    /// About how many bytes of a file are read into columns at a time. Without it, some megabytes.
    pub piece_bytes: Option<usize>,
}

/// What an import would do. Nothing has been done yet.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The changes; applied in this order to the graph they were made for, all succeed.
    pub effects: Vec<Effect>,
    /// At most one `Input` error a row, in the order of files and lines. The first
    /// [`Options::bad_max`] only.
    pub bad: Vec<Error>,
    /// How many more bad rows there were than `bad` lists.
    pub bad_more: usize,
    /// How many nodes are new.
    pub nodes: usize,
    /// How many relationships are new.
    pub relationships: usize,
    /// How many claims are new.
    pub claims: usize,
    /// How many rows change something that exists.
    pub updated: usize,
    /// How many rows say what the case says already.
    pub unchanged: usize,
}

/// How many bad rows are kept, so that a wrong column type in a file of millions
/// of rows does not fill the memory with errors.
pub const BAD_MAX: usize = 1000;

/// Reads files into the changes that they make to `graph`, which stays as it is.
///
/// # Errors
/// `NotFound` where `options.source` is no source in the case or in the files.
/// Errors of the files are in [`Import::bad`].
///
/// # Complexity
/// O(B + C) for B bytes of input and the C claims of the case; with keyless
/// relationships to update, also all relationships of the case.
///
/// # Example
/// ```
/// use throughline::formats::csv::{self, Input, Options};
/// use throughline::graph::Graph;
///
/// let file = |name: &str, text: &str| Input { name: name.into(), content: text.to_owned().into_bytes().into() };
/// let ships = file("ships.csv", ":ID,:LABEL,name,built:int\nangara,Vessel,ANGARA,1998\nmaria,Vessel,MARIA,old\n");
/// let calls = file("calls.csv", ":START_ID,:TYPE,:END_ID,from\nangara,CALLED_AT,rajin,2023-09\n");
///
/// let import = csv::read(&Graph::new(), &[calls, ships], &Options::default())?;
/// assert_eq!((import.nodes, import.relationships), (1, 0));
/// let bad: Vec<_> = import.bad.iter().map(|error| error.to_string()).collect();
/// assert_eq!(bad, [
///     "calls.csv:2: column :END_ID: there is no node 'rajin'",
///     "ships.csv:3: column built:int: expected an integer, found 'old'",
/// ]);
/// # Ok::<(), throughline::Error>(())
/// ```
pub fn read(graph: &Graph, inputs: &[Input], options: &Options) -> Result<Import> {
    read_some(graph, inputs, options, |_, _| true)
}

/// Reads the files of claims, after [`read_bulk`] has read the others and they are in the graph.
///
/// # Errors
/// As [`read`].
pub fn read_claims(graph: &Graph, inputs: &[Input], options: &Options) -> Result<Import> {
    read_some(graph, inputs, options, |n_input, input| {
        bulk::holds_claims(n_input, input, options).unwrap_or_default()
    })
}

fn read_some(
    graph: &Graph,
    inputs: &[Input],
    options: &Options,
    is_wanted: impl Fn(usize, &Input) -> bool,
) -> Result<Import> {
    let mut bad = Bad::new(options);
    let wanted = inputs.iter().enumerate().filter(|(n_input, input)| is_wanted(*n_input, input));
    let read = wanted.map(|(n_input, input)| Ok((n_input, input, input.content.read()?)));
    let read: Vec<_> = read.collect::<Result<_>>()?;
    let mut tables = Vec::with_capacity(read.len());
    for (n_input, input, bytes) in &read {
        match Table::open(*n_input, &input.name, bytes, options) {
            Ok(table) => tables.push(table),
            Err(error) => bad.push(*n_input, error),
        }
    }
    let of = |holds| tables.iter().filter(move |table| table.header.holds == holds);
    let mut draft = Draft::new(graph, inputs, options);
    nodes::read(&mut draft, of(Holds::Nodes), &mut bad)?;
    relationships::read(&mut draft, of(Holds::Relationships), &mut bad);
    claims::read(&mut draft, of(Holds::Claims), &mut bad);
    let mut import = draft.finish();
    (import.bad, import.bad_more) = bad.finish();
    Ok(import)
}

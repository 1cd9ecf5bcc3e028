//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use throughline::analysis::entities::SCORE_MIN as SAME_SCORE_MIN;
use throughline::analysis::screening::SCORE_MIN;
use throughline::graph::Lens;
use throughline::model::time::reading;
use throughline::model::{Date, Grade, Value};
use throughline::synthetic::{SHIPS_MAX, YEARS_MAX};

use crate::limits::LimitArgs;
use crate::render::Format;

/// A graph engine for sanctions research: paths that respect time and evidence.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES, arg_required_else_help = false)]
pub(crate) struct Args {
    /// The directory of the case
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "THROUGHLINE_CASE",
        default_value = "throughline.case"
    )]
    pub(crate) case: PathBuf,

    /// Never write, and leave the case to other processes
    #[arg(long, global = true)]
    pub(crate) read_only: bool,

    /// Read the case as it was after this commit; `throughline log` lists them
    #[arg(long, global = true, value_name = "COMMIT")]
    pub(crate) at: Option<u64>,

    #[command(flatten)]
    pub(crate) lens: LensArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  throughline import ships.csv calls.csv claims.csv
  throughline query \"MATCH (s:Vessel)-[c:CALLED_AT]->(p:Port) RETURN s.name, p.name, c\"
  throughline --known-by 2023-10-15 query --format json --file question.cypher
  throughline export chain.svg --query \"MATCH p = STRONGEST CHRONOLOGICAL … RETURN p\"
  throughline                                     (the interactive session)

Results go to stdout, everything else to stderr.
Exit codes: 0 done, 1 error, 2 wrong usage.";

/// What to look through; without any, the whole case is seen.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Lens")]
pub(crate) struct LensArgs {
    /// Show the case as it was on this date
    #[arg(long, global = true, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Value>,

    /// Show what could be known by this date
    #[arg(long, global = true, value_name = "DATE", value_parser = date)]
    pub(crate) known_by: Option<Value>,

    /// Hide relationships that are less certain, or of which it is not known (0 to 1)
    #[arg(long, global = true, value_name = "X", value_parser = fraction)]
    pub(crate) min_confidence: Option<f64>,

    /// Leave out what rests on this source alone (its key or its origin); may be repeated
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) without_source: Vec<String>,
}

impl LensArgs {
    /// The lens that the flags describe.
    pub(crate) fn lens(&self) -> Lens {
        Lens {
            as_of: self.as_of.clone(),
            known_by: self.known_by.clone(),
            confidence_min: self.min_confidence,
            without: self.without_source.clone(),
        }
    }
}

/// A date, a part of one such as `2023-10`, a datetime, or an integer instant.
pub(crate) fn date(text: &str) -> Result<Value, String> {
    let text = text.trim();
    if let Ok(date) = Date::parse(text) {
        return Ok(Value::Date(date));
    }
    if reading(&Value::from(text)).is_some() {
        return Ok(Value::from(text));
    }
    text.parse()
        .map(Value::Int)
        .map_err(|_| format!("expected a date such as 2023-10-15, 2023-10 or 2023, found '{text}'"))
}

/// A number between 0 and 1.
pub(crate) fn fraction(text: &str) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| format!("expected a number between 0 and 1, found '{text}'"))
}

fn grade(text: &str) -> Result<Grade, String> {
    text.parse().map_err(|error: throughline::Error| error.to_string())
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build the Rajin case, answer its main question, and open a session
    Demo,
    /// Open a session (the default); from a pipe, run statements that end with ';'
    #[command(after_help = REPL_HELP)]
    Repl(ReplArgs),
    /// Run statements and print what they give
    #[command(after_help = QUERY_EXAMPLES)]
    Query(QueryArgs),
    /// Find chains from one entity to another, with the evidence of each hop
    Trace(TraceArgs),
    /// Import CSV files as one commit; a missing case is created
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Write the case, or what a query gives, to a file
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportArgs),
    /// Show one entity with its relationships and claims
    Show(ShowArgs),
    /// Tell who owns an entity and whether it is blocked because of that, with the proof
    #[command(after_help = OWNERS_EXAMPLES)]
    Owners(OwnersArgs),
    /// Tell which listed parties an entity is linked to, and how
    #[command(after_help = EXPOSURE_EXAMPLES)]
    Exposure(ExposureArgs),
    /// Tell what sources dispute, with both sides
    #[command(after_help = CONFLICTS_EXAMPLES)]
    Conflicts(ConflictsArgs),
    /// List who may be the same, or record that two entities are
    #[command(after_help = SAME_EXAMPLES)]
    Same(SameArgs),
    /// Record that two entities are different
    Different(DifferentArgs),
    /// Find entities by a name or identifier, whatever its spelling
    Search(SearchArgs),
    /// Look up every name of a list, with scores, reasons and the sanctions lists of whoever is found
    #[command(after_help = SCREEN_EXAMPLES)]
    Screen(ScreenArgs),
    /// List the sources, with what rests on each, and what would fall without it
    Sources(OutputArgs),
    /// Count what the case holds
    Stats(StatsArgs),
    /// List the commits, the first one first, or show what one of them changed
    Log(LogArgs),
    /// Verify the record and compare the index with it
    Check(CheckArgs),
    /// Copy every whole commit before damage in the record into a new case
    Recover(RecoverArgs),
    /// Make the index anew from the record
    Rebuild,
    /// Write the whole case to one file, consistent even while it is written to
    Backup(BackupArgs),
    /// Make a case of a backup
    Restore(BackupArgs),
    /// Move the record up to now into a file; the case goes on with what is in force
    #[command(after_help = ARCHIVE_HELP)]
    Archive(ArchiveArgs),
    /// Put back the record that was archived last
    Unarchive(ArchiveArgs),
    /// Take back what a commit did, as a new commit
    Undo(UndoArgs),
    /// Take what commits said out of the record for good; the chain still verifies
    #[command(after_help = REDACT_HELP)]
    Redact(RedactArgs),
    /// Give back the space of what the index superseded; only `archive` shortens the record
    Compact,
    /// Write a made-up trade to CSV files, for benchmarks and demonstrations
    #[command(after_help = GENERATE_HELP)]
    Generate(GenerateArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether it opens a case, and has a use for one that cannot be changed.
    pub(crate) fn reads_a_case(&self) -> bool {
        match self {
            Self::Repl(_)
            | Self::Query(_)
            | Self::Trace(_)
            | Self::Export(_)
            | Self::Show(_)
            | Self::Owners(_)
            | Self::Exposure(_)
            | Self::Conflicts(_)
            | Self::Same(_)
            | Self::Search(_)
            | Self::Screen(_)
            | Self::Sources(_)
            | Self::Stats(_)
            | Self::Log(_)
            | Self::Check(_) => true,
            Self::Demo
            | Self::Different(_)
            | Self::Import(_)
            | Self::Recover(_)
            | Self::Rebuild
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Archive(_)
            | Self::Unarchive(_)
            | Self::Undo(_)
            | Self::Redact(_)
            | Self::Compact
            | Self::Generate(_)
            | Self::Completions(_) => false,
        }
    }
}

const REPL_HELP: &str = "\
From a pipe, statements end with ';' and may span lines; lines that begin with ':' are commands (see :help).
With --format json each statement gives exactly one line, a document or {\"error\": …}, and the next one goes on.
The exit code is 1 if any statement failed.";

/// Arguments of `repl`.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct ReplArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const QUERY_EXAMPLES: &str = "\
Examples:
  throughline query \"MATCH (n:Vessel) RETURN n.name, n.imo\"
  throughline query \"MATCH (n {id: $id}) RETURN n\" --param id=angara --format json
  throughline query --file report.cypher --params values.json --format csv > report.csv

A parameter's value is read as JSON if it is JSON, and is a text otherwise.
Several statements have ';' between them; the first that fails ends the run.";

/// Arguments of `query`.
#[derive(Debug, ClapArgs)]
pub(crate) struct QueryArgs {
    /// The statements
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(crate) text: Option<String>,

    /// Read the statements from a file; - is stdin
    #[arg(long, short, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// A parameter; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,

    /// A JSON object with parameters
    #[arg(long = "params", value_name = "FILE")]
    pub(crate) parameters_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How results are written.
#[derive(Debug, Clone, Copy, Default, ClapArgs)]
pub(crate) struct OutputArgs {
    /// How results are written
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Format,
}

/// Arguments of `stats`.
#[derive(Debug, ClapArgs)]
pub(crate) struct StatsArgs {
    /// Show what lies where on the disk, in files and blocks
    #[arg(long)]
    pub(crate) storage: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Arguments of `trace`.
#[derive(Debug, ClapArgs)]
pub(crate) struct TraceArgs {
    /// Where chains begin: a key or a name
    pub(crate) from: String,

    /// Where chains end: a key, a name or a label
    pub(crate) to: String,

    /// Only along these relationship types, with commas between them
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub(crate) via: Vec<String>,

    /// The longest wait between two events, such as '7 days'
    #[arg(long, value_name = "DURATION")]
    pub(crate) wait: Option<String>,

    /// How many chains for each pair of ends
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) best: u64,

    /// What makes a chain better than another
    #[arg(long, value_name = "RANK", default_value = "strongest")]
    pub(crate) by: Rank,

    /// The most hops of a chain
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) hops: u32,

    /// Show which chains fall without this source, or origin, and what is found instead
    #[arg(long, value_name = "SOURCE")]
    pub(crate) what_if_without: Vec<String>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What makes a chain better than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rank {
    /// The better its weakest hop
    Strongest,
    /// The fewer hops
    Shortest,
    /// The earlier it can have ended
    Earliest,
    /// The later it can have begun
    Latest,
    /// The less time it can have taken
    Fastest,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  throughline import nodes.csv relationships.csv claims.csv
  throughline import ships.csv --label Vessel --source registry-2024 --grade B2
  throughline import --update ships.csv      (correct the sheet, import it again)

Headers follow Neo4j's importer: :ID, :LABEL, :START_ID, :TYPE, :END_ID, name:type; a claims file has :ABOUT.
Bad rows are left out and listed; with --strict, one bad row refuses all files.
The exit code is 1 if nothing could be imported, or --strict refused.";

/// Arguments of `import`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// CSV files; their order does not matter
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The label of nodes whose row gives none
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,

    /// The type of relationships whose row gives none
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,

    /// The key of the source of every row that names none
    #[arg(long, value_name = "KEY")]
    pub(crate) source: Option<String>,

    /// The Admiralty grade of every row that has none, such as B2
    #[arg(long, value_name = "GRADE", value_parser = grade)]
    pub(crate) grade: Option<Grade>,

    /// Change what differs where a row's key exists
    #[arg(long)]
    pub(crate) update: bool,

    /// Import nothing if any row is bad
    #[arg(long)]
    pub(crate) strict: bool,

    /// Write all bad rows to a new CSV file: file, line, column, what is wrong, hint
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  throughline export case.dot
  throughline export chains.svg --query \"MATCH p = STRONGEST 3 CHRONOLOGICAL … RETURN p\"

SVG, PNG and PDF are drawn by Graphviz, which has to be installed.";

/// Arguments of `export`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// The file to write
    pub(crate) file: PathBuf,

    /// Write what this query gives and not the whole case
    #[arg(long, value_name = "TEXT")]
    pub(crate) query: Option<String>,

    /// The format, if the file's ending does not tell: dot, svg, png or pdf
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
}

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// A key, a name or another name
    pub(crate) entity: String,
}

const OWNERS_EXAMPLES: &str = "\
Examples:
  throughline owners 'LADY R'
  throughline owners MARIA --as-of 2023-11-01 --regime OFAC
  throughline owners 'LADY R' --format dot | dot -Tsvg > owners.svg

Without --as-of the question is about today; without --regime each regime gets its verdict, and the first its proof.
Blocked owners add up and blocking goes on through what they own; shares are never multiplied along a chain.
'undecided' names the facts that would decide. `CALL ownership.regimes()` lists the rules.";

/// Arguments of `owners`.
#[derive(Debug, ClapArgs)]
pub(crate) struct OwnersArgs {
    /// A key, a name or another name
    pub(crate) entity: String,

    /// Only under this regime: OFAC, UK-OFSI, EU or BIS-Affiliates; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) regime: Vec<String>,

    /// Read nodes that were judged to be the same as one
    #[arg(long)]
    pub(crate) merged: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const EXPOSURE_EXAMPLES: &str = "\
Examples:
  throughline exposure VAZ
  throughline exposure ANGARA --hops 3 --ended --format json

Owned, controlled, linked and possibly the same are told apart; a path is what its weakest step is.
No path goes on through flag states, registries, addresses, lists, or nodes with very many relations.
`CALL exposure.rules()` lists the relationship types that are followed.";

/// Arguments of `exposure`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExposureArgs {
    /// A key, a name or another name
    pub(crate) entity: String,

    /// The most steps of a path
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) hops: u32,

    /// The most steps of a path that are neither ownership nor control
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) linked_hops: u32,

    /// Show relations that are over too, and say so
    #[arg(long)]
    pub(crate) ended: bool,

    /// Read nodes that were judged to be the same as one
    #[arg(long)]
    pub(crate) merged: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const CONFLICTS_EXAMPLES: &str = "\
Examples:
  throughline conflicts
  throughline conflicts MARIA --known-by 2023-12-31
  throughline conflicts --kind 'not comparable' --format json

Which properties have one value is known for the domain's own; a case adds rules as nodes:
  CREATE (:PropertyRule {property: 'hullColour', values: 'one at a time'})
Of other properties, numbers and dates are taken to be one, and texts to be many.";

/// Arguments of `conflicts`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConflictsArgs {
    /// Only what is about this entity or a relationship of it: a key, a name or another name
    pub(crate) entity: Option<String>,

    /// Only this kind: value, denial, 'null result', 'not comparable', identity or marked; may be repeated
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const SAME_EXAMPLES: &str = "\
Examples:
  throughline same
  throughline same MARIA --threshold 0.6
  throughline same vaf vaz --reason 'the same name, translated'

A judgement is a relationship with a claim that has your name and reason: lenses, disputes and undo work on it.
Both entities are kept; `CALL entities.merged('vaz')` reads them together. Unknown persons are never merged.
`conflicts --kind identity` lists entities that are the same and different at once.";

/// Arguments of `same`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SameArgs {
    /// Two entities that are one, by key or name; with fewer, candidates are listed
    #[arg(value_name = "ENTITY", num_args = 0..=2)]
    pub(crate) entities: Vec<String>,

    /// Why they are one
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// The least score of a candidate (0 to 1)
    #[arg(long, value_name = "X", default_value_t = SAME_SCORE_MIN, value_parser = fraction)]
    pub(crate) threshold: f64,

    /// The most candidates
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = at_least_one)]
    pub(crate) limit: usize,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Arguments of `different`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DifferentArgs {
    /// A key, a name or another name
    pub(crate) a: String,

    /// The other
    pub(crate) b: String,

    /// Why they are different
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// Arguments of `search`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SearchArgs {
    /// A name, or an identifier such as an IMO number
    pub(crate) text: String,

    #[command(flatten)]
    pub(crate) matching: MatchingArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How alike names have to be, and how many are shown.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct MatchingArgs {
    /// The least score of a candidate (0 to 1)
    #[arg(long, value_name = "X", default_value_t = SCORE_MIN, value_parser = fraction)]
    pub(crate) threshold: f64,

    /// The most candidates for a name
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = at_least_one)]
    pub(crate) limit: usize,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|count| (1..=10_000).contains(count))
        .ok_or_else(|| format!("expected a number from 1 to 10000, found '{text}'"))
}

const SCREEN_EXAMPLES: &str = "\
Examples:
  throughline screen \"MV Lady R\" \"ООО Оборонлогистика\"
  throughline screen counterparties.csv --threshold 0.75 --format csv > candidates.csv
  throughline screen ships.txt --kind vessel --listed

A file is a table with a column of names, or has one name a line; - is stdin.
A candidate is a question to be looked into, not an answer: names alone identify nobody.";

/// Arguments of `screen`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ScreenArgs {
    /// Names, or files of names
    #[arg(required = true, value_name = "FILE|NAME")]
    pub(crate) names: Vec<String>,

    /// The column of names in a table
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,

    /// What the names are names of: person, organisation, vessel or place
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,

    /// Only candidates that stand on a sanctions list
    #[arg(long)]
    pub(crate) listed: bool,

    #[command(flatten)]
    pub(crate) matching: MatchingArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Arguments of `recover`.
#[derive(Debug, ClapArgs)]
pub(crate) struct RecoverArgs {
    /// The directory of the new case
    pub(crate) directory: PathBuf,
}

/// Arguments of `backup` and `restore`.
#[derive(Debug, ClapArgs)]
pub(crate) struct BackupArgs {
    /// The file of the backup
    pub(crate) file: PathBuf,
}

/// Arguments of `check`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// Verify this file too: whether it is what was archived of the case
    #[arg(long, value_name = "FILE")]
    pub(crate) archive: Option<PathBuf>,
}

const ARCHIVE_HELP: &str = "\
Example:
  throughline archive case-2024.archive
  throughline check --archive case-2024.archive
  throughline unarchive case-2024.archive

The file holds every commit up to now, as a backup does; `restore` makes a case of it.
The case keeps what is in force, with the same ids, and says the same as before; its chain names the file by its hash.
`log`, `undo`, `redact` and `--at` reach archived commits once they are put back. Keep the file: nothing else has them.
What is redacted later stays in the file.";

/// Arguments of `archive` and `unarchive`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ArchiveArgs {
    /// The file with the archived commits
    pub(crate) file: PathBuf,
}

/// Arguments of `undo`.
#[derive(Debug, ClapArgs)]
pub(crate) struct UndoArgs {
    /// The number of the commit; `throughline log` lists them
    pub(crate) commit: u64,
}

/// Arguments of `log`.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct LogArgs {
    /// Show what this commit changed
    pub(crate) commit: Option<u64>,

    /// At most so many rows: the last commits, or the first changes of a commit
    #[arg(long, value_name = "K")]
    pub(crate) limit: Option<usize>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const REDACT_HELP: &str = "\
Example:
  throughline redact 17 --reason \"protect a source\"

What the commits changed and their messages are gone from the record, the graph and the index.
Who made them and when stays, and so does the hash that proves their place in the chain.
Later commits that hold the same as what was there before a change are named; --with-copies takes them too.
Of other later commits, what hangs on the redacted ones is left out. All of this is shown before it is done.
Backups and archives made before still hold everything.";

/// Arguments of `redact`.
#[derive(Debug, ClapArgs)]
pub(crate) struct RedactArgs {
    /// The numbers of the commits
    #[arg(required = true, value_name = "COMMIT")]
    pub(crate) commits: Vec<u64>,

    /// Redact later commits that repeat what these said, too
    #[arg(long)]
    pub(crate) with_copies: bool,

    /// Why; this becomes part of the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,

    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

const GENERATE_HELP: &str = "\
Examples:
  throughline generate --ships 100 --years 2 --seed 1 --out trade
  throughline --case trade.case import trade/*.csv

There are about 200 relationships for each ship and year; the same numbers give the same bytes everywhere.
Towns are real. Everything else is made up, says so in its name, and has the property synthetic.";

/// Arguments of `generate`.
#[derive(Debug, ClapArgs)]
pub(crate) struct GenerateArgs {
    /// How many ships
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(SHIPS_MAX)))]
    pub(crate) ships: u32,

    /// How many years they sail, from 2010 on
    #[arg(long, value_name = "Y", value_parser = clap::value_parser!(u32).range(1..=i64::from(YEARS_MAX)))]
    pub(crate) years: u32,

    /// Which of all trades of this size
    #[arg(long, value_name = "S")]
    pub(crate) seed: u64,

    /// The directory of the files; none of them is overwritten
    #[arg(long, value_name = "DIR", default_value = "synthetic")]
    pub(crate) out: PathBuf,
}

/// Arguments of `completions`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn dates_may_be_partial() {
        assert!(matches!(date("2023-10-15"), Ok(Value::Date(_))));
        assert_eq!(date("2023-10"), Ok(Value::from("2023-10")));
        assert_eq!(date("2023"), Ok(Value::from("2023")));
        assert_eq!(date("17"), Ok(Value::Int(17)));
        assert!(date("yesterday").is_err());
        assert!(fraction("1.5").is_err() && fraction("nan").is_err());
    }
}

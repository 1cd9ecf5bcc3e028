//! `:help` and its topics. Every example in here can be run on the Rajin case.

use throughline::Error;
use throughline::formats::words::columns;
use throughline::query::{FUNCTIONS, PROCEDURES};

use super::commands::COMMANDS;
use crate::terminal::Palette;

/// A topic: its name, a line on it, and its text.
pub(super) struct Topic {
    pub(super) name: &'static str,
    doc: &'static str,
    text: &'static str,
}

/// The topics, in the order in which they are of use.
pub(super) const TOPICS: &[Topic] = &[
    Topic { name: "paths", doc: "finding chains", text: PATHS },
    Topic { name: "time", doc: "chains in the order of time", text: TIME },
    Topic { name: "evidence", doc: "sources, grades, disputes", text: EVIDENCE },
    Topic { name: "lens", doc: "what was true, and what was known", text: LENS },
    Topic { name: "transactions", doc: "several statements as one change", text: TRANSACTIONS },
    Topic { name: "import", doc: "your own data", text: IMPORT },
    Topic { name: "export", doc: "pictures and files", text: EXPORT },
];

const PATHS: &str = "\
A path has nodes in round brackets and relationships in square ones.

  MATCH (s:Vessel)-[c:CALLED_AT]->(p:Port) RETURN s.name, p.name, c;

Any number of hops, and the shortest of them:

  MATCH p = SHORTEST 1 (:Port {name: 'Rajin'})-[:CALLED_AT|SHIPPED_FROM|DELIVERED_TO]-{1,6}(:Facility) RETURN p;

In a table, each path is drawn as a chain with the evidence of every hop.
Selectors: ALL, ANY, SHORTEST k, CHEAPEST k COST (r | r.km), STRONGEST k, EARLIEST k, LATEST k, FASTEST k.
Modes: TRAIL (no relationship twice; the default), ACYCLIC, SIMPLE, WALK.";

const TIME: &str = "\
CHRONOLOGICAL keeps paths whose events can have happened one after another.
WAIT bounds the time between two events, WITHIN that from the first to the last.

  MATCH p = STRONGEST CHRONOLOGICAL (:Port {name: 'Rajin'})<-[:CALLED_AT]-(s:Vessel WAIT <= 30 DAYS)-[:CALLED_AT]->(d:Port)
  RETURN d.name, order(p), waits(p);

Where nothing is found, EXPLAIN WHY NOT says what is in the way, and shows the nearest miss:

  EXPLAIN WHY NOT MATCH p = ANY CHRONOLOGICAL CERTAINLY (:Port {name: 'Rajin'})-[:CALLED_AT]-{2}(d:Port {name: 'Dunai'}) RETURN p;

CERTAINLY keeps those that are in order whatever the true dates are.
order(p) is 'certain', 'possible', 'untested' (the reverse is possible too), 'impossible' or 'undated'.
A date may be a part of one: '2023', '2023-09'; earliest(x) and latest(x) read either.";

const EVIDENCE: &str = "\
Claims say who supports or disputes what. Confidence comes from the best supporting claim.

  MATCH (s:Vessel)-[c:CALLED_AT]->(p:Port) RETURN s.name, p.name, grade(c), confidence(c), origins(c), sources(c);
  MATCH (n) WHERE disputed(n) RETURN n;
  MATCH ()-[r]->() WHERE disputed(r) RETURN r, claims(r);

A path is as good as its weakest hop: confidence(p), weakest(p). joints(p) are its inferences.
What chains rest on, and which of them fall without a source, an origin, a hop or a joint:

  MATCH p = ALL CHRONOLOGICAL (:Port {name: 'Rajin'})<-[:CALLED_AT]-(:Vessel)-[:CALLED_AT]->(:Port) WITH collect(p) AS chains
  CALL path.dependence(chains) YIELD kind, name, falls, stays RETURN kind, name, falls, stays;

To record a claim:

  CALL evidence.claim({about: 'rajin', stance: 'supports', source: 'rusi-2023-10', grade: 'C3', note: 'seen'});

and CALL evidence.retract(id) takes one back.";

const LENS: &str = "\
A lens hides what was not true, not known or not certain enough, before any search.

  :lens knownby 2023-10-15
  :lens asof 2023-12 minconfidence 0.5
  :lens without c4ads-trade-data
  :lens clear

In one statement:

  USING LENS {knownBy: date('2023-10-15')} MATCH (s:Vessel)-[c:CALLED_AT]->(p:Port) RETURN s.name, p.name, c;

Nothing can be written through a lens.";

const TRANSACTIONS: &str = "\
A statement that writes is recorded at once, whole or not at all. To record several as one:

  BEGIN;
  CREATE (:Vessel {id: 'x', name: 'X'});
  MATCH (s:Vessel {id: 'x'}), (p:Port {name: 'Rajin'}) CREATE (s)-[:CALLED_AT {from: date('2023-10-01')}]->(p);
  COMMIT;

ROLLBACK instead of COMMIT takes back what was done since BEGIN, and so does leaving.
A statement that fails takes back only itself.
In a file or from a pipe it fails the transaction: nothing of it is kept, and nothing runs until it is ended.";

const IMPORT: &str = "\
CSV files with the headers of Neo4j's importer, all in one commit:

  :import nodes.csv relationships.csv claims.csv
  :import ships.csv --label Vessel --source registry-2024 --grade B2
  :import ships.csv --update

Nodes have :ID and :LABEL, relationships :START_ID, :TYPE and :END_ID, claims :ABOUT.
The columns source, grade, stance, confidence and note turn a row into a claim as well.
Bad rows are listed and left out; --strict refuses all files instead.";

const EXPORT: &str = "\
The last result as a picture; SVG, PNG and PDF need Graphviz:

  MATCH (s:Vessel)-[c:CALLED_AT]->(p:Port) RETURN s, c, p;
  :draw calls.svg

Results in another format:

  :format csv

On the command line: throughline export case.svg, throughline query … --format json.";

/// The text for `:help`, with a topic or without.
///
/// # Errors
/// `NotFound` where nothing has the name.
pub(super) fn about(topic: &str, palette: Palette) -> Result<String, Error> {
    let topic = topic.trim().trim_start_matches(':');
    if topic.is_empty() {
        return Ok(overview(palette));
    }
    if let Some(found) = TOPICS.iter().find(|known| known.name.eq_ignore_ascii_case(topic)) {
        return Ok(found.text.to_owned());
    }
    match topic.to_lowercase().as_str() {
        "functions" => return Ok(functions(palette)),
        "procedures" => return Ok(procedures(palette)),
        _ => {}
    }
    let command = COMMANDS.iter().find(|command| command.name == topic);
    let function = FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(topic));
    let procedure = PROCEDURES.iter().find(|procedure| procedure.name.eq_ignore_ascii_case(topic));
    match (command, function, procedure) {
        (Some(command), _, _) => Ok(format!(":{} {}\n  {}", command.name, command.arguments, command.doc)),
        (_, Some(f), _) => Ok(format!("{}\n  {}", f.signature(), f.doc)),
        (_, _, Some(p)) => {
            let columns = p.columns.join(", ");
            Ok(format!("CALL {}({}) YIELD {columns}\n  {}", p.name, p.arguments, p.doc))
        }
        _ => Err(Error::not_found(format!("there is no help on '{topic}'"))
            .hint("':help' lists the topics".to_owned())),
    }
}

fn overview(palette: Palette) -> String {
    let commands = COMMANDS.iter().map(|command| {
        (format!(":{} {}", command.name, command.arguments).trim_end().to_owned(), command.doc)
    });
    let topics = TOPICS.iter().map(|topic| (format!(":help {}", topic.name), topic.doc));
    let lists = [
        (":help functions".to_owned(), "all functions; ':help NAME' for one"),
        (":help procedures".to_owned(), "all procedures for CALL"),
    ];
    let keys = [
        ("Tab".to_owned(), "what can stand here"),
        ("Ctrl-C".to_owned(), "stop the statement, clear the line"),
        ("Ctrl-R".to_owned(), "search what was typed before"),
        ("Ctrl-D".to_owned(), "leave"),
    ];
    [
        palette.strong("Statements end with ';' and may span lines, for example:"),
        "  MATCH (n:Vessel) RETURN n.name, n.imo;".to_owned(),
        String::new(),
        palette.strong("Commands"),
        listed(commands, palette),
        String::new(),
        palette.strong("Topics, with examples"),
        listed(topics.chain(lists), palette),
        String::new(),
        palette.strong("Keys"),
        listed(keys.into_iter(), palette),
    ]
    .join("\n")
}

fn functions(palette: Palette) -> String {
    listed(FUNCTIONS.iter().map(|f| (format!("{}({})", f.name, f.arguments), f.doc)), palette)
}

fn procedures(palette: Palette) -> String {
    let procedures = PROCEDURES.iter().map(|p| (format!("{}({})", p.name, p.arguments), p.doc));
    listed(procedures, palette)
}

/// Columns that names get at most, so that what they mean stands below one another.
const NAME_COLUMNS_MAX: usize = 34;

fn listed<'a>(items: impl Iterator<Item = (String, &'a str)>, palette: Palette) -> String {
    let items: Vec<(String, &str)> = items.collect();
    let widths = items.iter().map(|(name, _)| columns(name)).filter(|&width| width <= NAME_COLUMNS_MAX);
    let widest = widths.max().unwrap_or(0);
    let line = |(name, doc): &(String, &str)| {
        let pad = " ".repeat(widest.saturating_sub(columns(name)));
        format!("  {}{pad}  {doc}", palette.accent(name))
    };
    items.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use throughline::query::parser;

    use super::*;

    /// Indented statements of a topic, without its commands.
    fn examples(text: &str) -> String {
        let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
        lines.filter(|line| !line.starts_with(':')).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_example_parses() {
        for topic in TOPICS {
            let parsed = parser::parse(&examples(topic.text));
            assert!(
                parsed.is_ok(),
                "{}: {}",
                topic.name,
                parsed.map_or_else(|e| e.to_string(), |_| String::new())
            );
        }
    }

    #[test]
    fn every_command_function_and_procedure_has_help() {
        let names = COMMANDS.iter().map(|command| command.name);
        let names = names.chain(FUNCTIONS.iter().map(|f| f.name)).chain(PROCEDURES.iter().map(|p| p.name));
        for name in names {
            assert!(about(name, Palette::PLAIN).is_ok(), "{name}");
        }
        assert!(about("nothing", Palette::PLAIN).is_err());
    }
}

//! `demo`: the Rajin case, from its published facts to chains and a picture.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use throughline::formats::csv::{Input, Options};
use throughline::formats::dot::{Format as Drawing, Picture, run_graphviz, to_dot};
use throughline::formats::words;
use throughline::graph::{View, joints_of};
use throughline::model::{self, About, Claim, ClaimId, NodeId, Period, Stance, TypeKind, Value};
use throughline::query::parser;
use throughline::{Case, Error, analysis};

use crate::args::Args;
use crate::failure::Failure;
use crate::render::{chain, counted};
use crate::repl;
use crate::session::{Session, author};
use crate::terminal::{Palette, Terminal};

/// The data set, part of the program so that the demo runs anywhere.
const FILES: [(&str, &[u8]); 4] = [
    ("sources.csv", include_bytes!("../../../../datasets/rajin/sources.csv")),
    ("nodes.csv", include_bytes!("../../../../datasets/rajin/nodes.csv")),
    ("relationships.csv", include_bytes!("../../../../datasets/rajin/relationships.csv")),
    ("claims.csv", include_bytes!("../../../../datasets/rajin/claims.csv")),
];

/// The main question, with how many chains for each destination in place of `{}`.
const QUESTION: &str = "\
MATCH p = {} CHRONOLOGICAL ACYCLIC (:Port {name: 'Rajin'})
          <-[:CALLED_AT]-(:Vessel)-[:CALLED_AT]->(:Port WAIT <= 7 DAYS)
          <-[:SHIPPED_FROM]-(:Consignment)-[:DELIVERED_TO]->(:Facility)
RETURN p";

/// How many rows of each kind are shown; the rest is counted.
const SHOWN: usize = 3;

/// Where the picture goes.
const PICTURE: &str = "rajin";

/// Builds the case, answers its main question, and opens a session on a terminal.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let started = Instant::now();
    let mut session = build(args)?;
    tell_built(&session, started, terminal)?;
    let all = paths(&mut session, &QUESTION.replacen("{}", "ALL", 1))?;
    tell_chains(&mut session, &all, terminal)?;
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    tell_disputes(view, terminal)?;
    tell_null_results(view, terminal)?;
    tell_unknown(view, terminal)?;
    draw(view, all, session.case.dir(), terminal)?;
    terminal.flush()?;
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return repl::interact(session, terminal);
    }
    session.close(terminal);
    Ok(())
}

/// The case, built now or by an earlier demo.
fn build(args: &Args) -> Result<Session, Failure> {
    let author = author();
    let inputs = FILES
        .map(|(name, bytes)| Input { name: Path::new("rajin").join(name), content: (bytes.to_vec()).into() });
    let mut case = match Case::exists(&args.case) {
        true => Case::open(&args.case, throughline::Access::Own)?,
        false => Case::create(&args.case, &author)?,
    };
    if case.graph().node_count() > 0 && case.graph().node_by_key("wp-c4ads-seed").is_none() {
        return Err(Error::invalid(format!("{} holds another case", args.case.display()))
            .hint("name a new directory: throughline --case rajin.case demo".to_owned())
            .into());
    }
    let options = Options { update: true, recorded_micros: author.now_micros, ..Options::default() };
    let imported = case.import(&inputs, &options, true, &author, &|_| true)?;
    match imported.import.bad.first() {
        Some(bad) => Err(bad.clone().into()),
        None => Ok(Session::of_case(case, args)),
    }
}

fn tell_built(session: &Session, started: Instant, terminal: &mut Terminal) -> Result<(), Failure> {
    let graph = session.case.graph();
    let sources = graph.symbol("Source").map_or(0, |label| graph.label_count(label));
    let built = format!(
        "The Rajin case, built from published facts: {}, {}, {}, {}.",
        counted(sources, "source"),
        counted(graph.node_count() - sources, "entity").replace("entitys", "entities"),
        counted(graph.relationship_count(), "relationship"),
        counted(graph.claim_count(), "claim"),
    );
    let place = format!(
        "It lies in {}, ready after {:.2} s. What follows is reported or inferred, never proved.",
        session.case.dir().display(),
        started.elapsed().as_secs_f64(),
    );
    let palette = terminal.palette;
    prose(&built, |line| palette.strong(line), terminal)?;
    prose(&place, |line| palette.dim(line), terminal)
}

/// A text in lines that fit the terminal.
fn prose(text: &str, paint: impl Fn(&str) -> String, terminal: &mut Terminal) -> Result<(), Failure> {
    for line in words::wrap(text, terminal.columns(), usize::MAX - 1) {
        writeln!(terminal.out(), "{}", paint(&line))?;
    }
    Ok(())
}

fn heading(text: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    writeln!(terminal.out())?;
    let palette = terminal.palette;
    prose(text, |line| palette.accent(line), terminal)
}

/// The best chain to each destination, and how many more there are.
fn tell_chains(session: &mut Session, all: &[model::Path], terminal: &mut Terminal) -> Result<(), Failure> {
    heading(
        "Which chains lead from the North Korean port of Rajin to storage and plants, in time order?",
        terminal,
    )?;
    let best = QUESTION.replacen("{}", "STRONGEST", 1);
    for line in best.lines() {
        let line = terminal.palette.dim(&format!("  {line}"));
        writeln!(terminal.out(), "{line}")?;
    }
    let best = paths(session, &best)?;
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    if best.is_empty() {
        writeln!(terminal.out(), "  none through this lens")?;
    }
    let (width, palette) = (terminal.columns().min(120), terminal.palette);
    for (i, path) in best.iter().enumerate() {
        let drawn = draw_chain(view, path, &best[..i], width - 3, palette)?;
        writeln!(terminal.out())?;
        for (n, line) in drawn.lines().enumerate() {
            let number = if n == 0 { (i + 1).to_string() } else { String::new() };
            writeln!(terminal.out(), "{}", format!("{number:<3}{line}").trim_end())?;
        }
        if let Some(line) = others(view, path, all) {
            writeln!(terminal.out(), "   {}", palette.dim(&line))?;
        }
    }
    Ok(())
}

/// A chain in lines; of one that begins like a chain above, only what is new.
fn draw_chain(
    view: View<'_>,
    path: &model::Path,
    above: &[model::Path],
    width: usize,
    palette: Palette,
) -> Result<String, Failure> {
    let evidence = analysis::chain(view, path)?;
    let n_alike = |other: &model::Path| {
        other.relationships.iter().zip(&path.relationships).take_while(|(a, b)| a == b).count()
    };
    Ok(match above.iter().map(n_alike).max() {
        Some(n_alike) if n_alike > 1 => chain::chain_from(view, &evidence, n_alike, width, palette),
        _ => chain::chain(view, &evidence, width, palette),
    })
}

fn paths(session: &mut Session, text: &str) -> Result<Vec<model::Path>, Failure> {
    let answer = session.run(&parser::parse_statement(text)?, text)?;
    let path = |value: &Value| match value {
        Value::Path(path) => Some((**path).clone()),
        _ => None,
    };
    Ok(answer.rows.iter().flatten().filter_map(path).collect())
}

/// "7 more chains through this consignment: …" with the ships and ports of the others.
fn others(view: View<'_>, best: &model::Path, all: &[model::Path]) -> Option<String> {
    let same_end = |path: &&model::Path| path.nodes.last() == best.nodes.last() && *path != best;
    let others: Vec<&model::Path> = all.iter().filter(same_end).collect();
    let names = |position: usize| {
        let nodes: BTreeSet<NodeId> =
            others.iter().filter_map(|path| path.nodes.get(position).copied()).collect();
        nodes.into_iter().map(|id| words::name(view, id)).collect::<Vec<_>>().join(", ")
    };
    if others.is_empty() {
        return None;
    }
    let is_reported = |path: &&&model::Path| {
        let joints = joints_of(view, path);
        joints.into_iter().all(|joint| view.claims_on(joint).next().is_some())
    };
    let n_unreported = others.len() - others.iter().filter(is_reported).count();
    let unreported = match n_unreported {
        0 => String::new(),
        n => format!("; {n} of them by dates alone, with a joint that no source reports"),
    };
    Some(format!(
        "{} to it in possible order: by {}; through {}{unreported}",
        counted(others.len(), "more chain"),
        names(1),
        names(2)
    ))
}

/// Elements that somebody disputes, by whom, and properties with several values.
fn tell_disputes(view: View<'_>, terminal: &mut Terminal) -> Result<(), Failure> {
    heading("What sources dispute, and who does", terminal)?;
    let mut disputed: BTreeMap<About, Vec<&Claim>> = BTreeMap::new();
    for (_, claim) in view.claims().filter(|(_, claim)| claim.disputes_element()) {
        disputed.entry(claim.about).or_default().push(claim);
    }
    // What disputes a thing and a relationship of it is told once, of the thing.
    let nodes: BTreeSet<About> =
        disputed.keys().copied().filter(|about| ends(view, *about).is_empty()).collect();
    disputed.retain(|about, _| !ends(view, *about).iter().any(|&end| nodes.contains(&About::Node(end))));
    let mut rows: Vec<(About, Vec<&Claim>)> = disputed.into_iter().collect();
    rows.sort_by_key(|(about, claims)| (std::cmp::Reverse(claims.len()), *about));
    for (about, claims) in rows.iter().take(SHOWN) {
        line(&format!("{} – {}", what(view, *about), statements(view, claims).join("; ")), 6, terminal)?;
    }
    if rows.len() > SHOWN {
        line(&format!("and {} more elements", rows.len() - SHOWN), 1, terminal)?;
    }
    tell_values(view, terminal)
}

/// Who disputes and what they say, each once: those whose statement it is, else the source.
fn statements(view: View<'_>, claims: &[&Claim]) -> Vec<String> {
    let mut said: BTreeMap<String, &str> = BTreeMap::new();
    for claim in claims {
        let who = match (claim.by, claim.source) {
            (Some(by), _) => words::name(view, by),
            (None, Some(source)) => view.source_label(source),
            (None, None) => continue,
        };
        let known = said.entry(who).or_default();
        if known.is_empty() {
            *known = claim.note.as_deref().map_or("", chain::first_sentence);
        }
    }
    let statement = |(who, note): (String, &str)| match note {
        "" => format!("{who} disputes it"),
        note => format!("{who}: {}", words::clean(note)),
    };
    said.into_iter().map(statement).collect()
}

/// What an element is, in words.
fn what(view: View<'_>, about: About) -> String {
    match about {
        About::Node(id) => words::name(view, id),
        About::Relationship(id) => match view.graph().relationship(id) {
            Some(relationship) => format!(
                "{} {} {}",
                words::name(view, relationship.start),
                words::type_words(view.graph().text(relationship.kind)),
                words::name(view, relationship.end)
            ),
            None => String::new(),
        },
    }
}

/// The two ends of a relationship.
fn ends(view: View<'_>, about: About) -> Vec<NodeId> {
    match about {
        About::Node(_) => Vec::new(),
        About::Relationship(id) => view.graph().relationship(id).map_or(vec![], |r| vec![r.start, r.end]),
    }
}

/// Properties for which sources of different origins give different values.
fn tell_values(view: View<'_>, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut values: BTreeMap<(About, &str), BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (_, claim) in view.claims().filter(|(_, claim)| claim.stance == Stance::Supports) {
        if let (Some(property), Some(value)) = (&claim.property, claim.value.as_ref().and_then(words::text)) {
            let origin = claim.source.and_then(|source| view.origin_of(source)).unwrap_or_default();
            values.entry((claim.about, property)).or_default().entry(value).or_default().insert(origin);
        }
    }
    let differs = |origins: &BTreeMap<String, BTreeSet<String>>| {
        origins.len() > 1 && origins.values().flatten().collect::<BTreeSet<_>>().len() > 1
    };
    let mut rows: Vec<_> = values.into_iter().filter(|(_, values)| differs(values)).collect();
    rows.sort_by_key(|((about, property), values)| (std::cmp::Reverse(values.len()), *about, *property));
    for ((about, property), values) in rows.iter().take(SHOWN) {
        let mut shown: Vec<&str> = values.keys().map(String::as_str).collect();
        shown.sort_by(|a, b| {
            a.parse::<f64>().unwrap_or(f64::MAX).total_cmp(&b.parse().unwrap_or(f64::MAX)).then(a.cmp(b))
        });
        line(&format!("{}, {property}: {}", what(view, *about), shown.join(" | ")), 2, terminal)?;
    }
    if rows.len() > SHOWN {
        line(&format!("and {} more properties with different values", rows.len() - SHOWN), 1, terminal)?;
    }
    Ok(())
}

/// What was looked for at ports and not found, and what overlaps it all the same.
fn tell_null_results(view: View<'_>, terminal: &mut Terminal) -> Result<(), Failure> {
    heading("What was looked for and not found, and what overlaps it", terminal)?;
    let mut nulls: Vec<(ClaimId, &Claim, &str)> = view
        .claims()
        .filter_map(|(id, claim)| match &claim.stance {
            Stance::NullResult { relationship_type } => Some((id, claim, relationship_type.as_str())),
            _ => None,
        })
        .collect();
    // Those that something overlaps are what a reader has to know first.
    nulls.sort_by_key(|(id, claim, kind)| (std::cmp::Reverse(overlapping(view, claim, kind).len()), *id));
    for (id, claim, kind) in nulls.iter().take(SHOWN) {
        let value = |value: &Option<Value>| value.clone().unwrap_or_default();
        let when = words::period(&value(&claim.from), &value(&claim.to), TypeKind::State).unwrap_or_default();
        let by = claim.by.map_or(String::new(), |by| format!(" by {}", words::name(view, by)));
        let key = claim.key.clone().unwrap_or_else(|| id.to_string());
        let place = what(view, claim.about);
        line(
            &format!("{place}, \"{}\", {when}: nothing found{by} [{key}]", words::type_words(kind)),
            2,
            terminal,
        )?;
        let overlaps = overlapping(view, claim, kind);
        if !overlaps.is_empty() {
            line(&format!("  overlapped by {}", overlaps.join("; ")), 3, terminal)?;
        }
    }
    if nulls.len() > SHOWN {
        line(&format!("and {} more null results", nulls.len() - SHOWN), 1, terminal)?;
    }
    Ok(())
}

/// Relationships of a type at a null result's place that may fall into its period.
fn overlapping(view: View<'_>, claim: &Claim, kind: &str) -> Vec<String> {
    let About::Node(place) = claim.about else { return Vec::new() };
    let Ok(period) = Period::read(claim.from.as_ref(), claim.to.as_ref()) else { return Vec::new() };
    let looked = period.possible(TypeKind::Event);
    let hops = view
        .hops(place, throughline::graph::Direction::Either)
        .filter(|hop| view.graph().text(hop.kind) == kind);
    let overlaps = hops.filter(|hop| {
        let relationship = view.graph().relationship(hop.relationship);
        relationship.is_some_and(|r| {
            !r.period.is_undated() && !r.period.possible(TypeKind::Event).intersect(looked).is_empty()
        })
    });
    let mut texts: Vec<String> = overlaps
        .map(|hop| {
            let when = words::when(view, hop.relationship).unwrap_or_default();
            format!("{} {when}", words::name(view, hop.node))
        })
        .collect();
    texts.sort();
    texts
}

/// What nobody's records say.
fn tell_unknown(view: View<'_>, terminal: &mut Terminal) -> Result<(), Failure> {
    heading("What is not known", terminal)?;
    let graph = view.graph();
    if let Some(sites) = graph.node_by_key("sixteen-sites") {
        let count = words::text(&view.node_property(sites, "siteCount")).unwrap_or_default();
        let named: Vec<String> = view
            .hops(sites, throughline::graph::Direction::Incoming)
            .filter(|hop| graph.text(hop.kind) == "PART_OF")
            .map(|hop| words::name(view, hop.node))
            .collect();
        line(
            &format!(
                "Of the {count} sites, {} named in public: {}.",
                match named.len() {
                    1 => "one is".to_owned(),
                    n => format!("{n} are"),
                },
                named.join(", ")
            ),
            2,
            terminal,
        )?;
    }
    let lacking = |claim: &&Claim| claim.property.as_deref() == Some("lacksField");
    if let Some(claim) = view.claims().map(|(_, claim)| claim).find(lacking) {
        let value = claim.value.as_ref().and_then(words::text).unwrap_or_default();
        let key = claim.key.clone().unwrap_or_default();
        line(
            &format!(
                "The trade records have no field for the {value}: that the cargo came from Rajin is inferred from the ships [{key}]."
            ),
            2,
            terminal,
        )?;
    }
    line("No published figure splits the tonnage by site, port, ship or month; none is shown.", 2, terminal)
}

/// Draws all chains, and says how to go on with the case in `dir`.
fn draw(view: View<'_>, all: Vec<model::Path>, dir: &Path, terminal: &mut Terminal) -> Result<(), Failure> {
    let picture = Picture::of_paths(view, all)
        .titled("From Rajin to the depot: chains in possible order")
        .noted("From published reports. A chain is consistent with its sources; it is no proof. That the ship's cargo is the train's is inferred from place and time.");
    let dot = to_dot(view, &picture);
    let (dot_file, svg_file) = (format!("{PICTURE}.dot"), format!("{PICTURE}.svg"));
    std::fs::write(&dot_file, &dot).map_err(|error| Error::io(&dot_file, &error))?;
    let drawn = run_graphviz(&dot, Drawing::Svg, Path::new(&svg_file));
    let wrote = match &drawn {
        Ok(()) => format!("Wrote {dot_file} and {svg_file}."),
        Err(error) => format!(
            "Wrote {dot_file}; {svg_file} was not drawn: {error}. {}",
            error.hint_text().unwrap_or_default()
        ),
    };
    writeln!(terminal.out(), "\n{wrote}")?;
    writeln!(terminal.out(), "Go on with: throughline --case {} trace Rajin storage", dir.display())?;
    Ok(())
}

/// One remark, wrapped to at most `lines` lines behind a bullet.
fn line(text: &str, lines: usize, terminal: &mut Terminal) -> Result<(), Failure> {
    let (indent, text) = match text.strip_prefix("  ") {
        Some(rest) => ("      ", rest),
        None => ("  - ", text),
    };
    let width = terminal.columns().min(120) - indent.len();
    for (i, wrapped) in words::wrap(text, width, lines).iter().enumerate() {
        let indent = if i == 0 { indent } else { &" ".repeat(indent.len()) };
        writeln!(terminal.out(), "{indent}{wrapped}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_of_the_language() {
        for selector in ["STRONGEST", "ALL"] {
            parser::parse_statement(&QUESTION.replacen("{}", selector, 1)).expect("it parses");
        }
    }
}

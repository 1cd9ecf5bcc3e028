//! The files of the corpus, and whether an answer is one that they allow. `tests/paths/README.md` explains them.

use std::collections::{BTreeMap, BTreeSet};

use super::brute::{Answer, Rank};
use super::engine::Refusal;
use super::graph::Graph;
use super::parser;
use crate::naive::Path;

/// One file: a graph and questions about it.
pub(crate) struct CorpusFile {
    pub(crate) graph: Graph,
    pub(crate) questions: Vec<Asked>,
    /// Every line, for writing the file again.
    lines: Vec<String>,
}

/// A question, and the answers written below it.
pub(crate) struct Asked {
    /// Where the question stands, counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) expected: Vec<String>,
}

impl CorpusFile {
    /// Reads a file; an error names the line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut file = Self { graph: Graph::default(), questions: Vec::new(), lines };
        let mut states = Vec::new();
        for (i, line) in file.lines.iter().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(text) = line.strip_prefix("? ") {
                file.questions.push(Asked { line: i + 1, text: text.to_owned(), expected: Vec::new() });
            } else if let Some(asked) = file.questions.last_mut() {
                asked.expected.push(line.clone());
            } else {
                parser::graph_line(line, &mut file.graph, &mut states)
                    .map_err(|error| format!("line {}: {error}", i + 1))?;
            }
        }
        Ok(file)
    }

    /// The file with other answers below its questions.
    pub(crate) fn rewritten(&self, answers: &[Vec<String>]) -> String {
        let mut answers = answers.iter();
        let (mut out, mut is_below_question) = (String::new(), false);
        for line in &self.lines {
            if line.starts_with("? ") {
                is_below_question = true;
                out += &format!("{line}\n");
                out.extend(answers.next().into_iter().flatten().map(|answer| format!("{answer}\n")));
            } else if !is_below_question || line.is_empty() || line.starts_with('#') {
                out += &format!("{line}\n");
            }
        }
        out
    }
}

/// An answer as the lines of a file.
pub(crate) fn written(graph: &Graph, answer: &Answer) -> Vec<String> {
    let ranks = match answer {
        Answer::Refused => return vec!["refused".to_owned()],
        Answer::Paths(ranks) if ranks.is_empty() => return vec!["none".to_owned()],
        Answer::Paths(ranks) => ranks,
    };
    let mut lines = Vec::new();
    for rank in ranks {
        let choice = match rank {
            Rank { is_endless: true, n_taken, .. } => format!("{n_taken} of endless"),
            Rank { n_taken, paths, .. } if *n_taken < paths.len() => format!("{n_taken} of {}", paths.len()),
            _ => String::new(),
        };
        let said: Vec<&str> =
            [rank.key.as_str(), &choice].into_iter().filter(|part| !part.is_empty()).collect();
        let before = if said.is_empty() { String::new() } else { format!("{}: ", said.join(", ")) };
        let mut paths: Vec<String> = rank.paths.iter().map(|path| graph.shown(path)).collect();
        paths.sort();
        lines.extend(paths.into_iter().map(|path| format!("{before}{path}")));
    }
    lines
}

/// A line of an answer, taken apart.
struct Line<'a> {
    rank: &'a str,
    path: &'a str,
    /// From `n of m`.
    n_taken: Option<usize>,
    is_endless: bool,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Self {
        let (rank, path) = line.split_once(": ").unwrap_or(("", line));
        let choice = rank.rsplit(", ").next().and_then(|choice| choice.split_once(" of "));
        let n_taken = choice.and_then(|(n, _)| n.parse().ok());
        Self { rank, path, n_taken, is_endless: choice.is_some_and(|(_, m)| m == "endless") }
    }

    fn ends(&self) -> (&'a str, &'a str) {
        ends(self.path)
    }
}

fn ends(path: &str) -> (&str, &str) {
    (path.split(' ').next().unwrap_or(path), path.split(' ').next_back().unwrap_or(path))
}

/// What is wrong with an answer of a graph: nothing, or a text that says it. `is_candidate` is asked of
/// paths that a file cannot list.
pub(crate) fn wrong(
    graph: &Graph,
    expected: &[String],
    given: &Result<Vec<Path>, Refusal>,
    is_candidate: &dyn Fn(&Path) -> bool,
) -> Option<String> {
    let paths = match (expected.first().map(String::as_str), given) {
        (Some("refused"), Err(Refusal::Error(_))) => return None,
        (Some("refused"), Ok(_)) => {
            return Some("the question is answered, and should be refused".to_owned());
        }
        (_, Err(refusal)) => return Some(format!("no answer: {refusal:?}")),
        (_, Ok(paths)) => paths,
    };
    let lines: Vec<Line<'_>> =
        expected.iter().filter(|line| *line != "none").map(|line| Line::read(line)).collect();
    let shown: Vec<String> = paths.iter().map(|path| graph.shown(path)).collect();
    let mut of_pair: BTreeMap<(&str, &str), Vec<(&str, &Path)>> = BTreeMap::new();
    for (text, path) in shown.iter().zip(paths) {
        of_pair.entry(ends(text)).or_default().push((text, path));
    }
    let mut faults = Vec::new();
    let pairs: BTreeSet<_> = lines.iter().map(Line::ends).chain(of_pair.keys().copied()).collect();
    for pair in pairs {
        let lines: Vec<&Line<'_>> = lines.iter().filter(|line| line.ends() == pair).collect();
        let given = of_pair.get(&pair).map_or(&[][..], Vec::as_slice);
        wrong_of_pair(&lines, given, is_candidate, &mut faults);
    }
    (!faults.is_empty()).then(|| faults.join("\n"))
}

fn wrong_of_pair(
    lines: &[&Line<'_>],
    given: &[(&str, &Path)],
    is_candidate: &dyn Fn(&Path) -> bool,
    faults: &mut Vec<String>,
) {
    let mut seen = BTreeSet::new();
    faults.extend(
        given.iter().filter(|(text, _)| !seen.insert(*text)).map(|(text, _)| format!("twice:   {text}")),
    );
    let mut in_order: Vec<usize> = Vec::new();
    let ranks: Vec<&[&Line<'_>]> = lines.chunk_by(|left, right| left.rank == right.rank).collect();
    for (i, rank) in ranks.iter().enumerate() {
        let is_endless = rank[0].is_endless;
        let belongs = |text: &str, path: &Path| match is_endless {
            true => is_candidate(path),
            false => rank.iter().any(|line| line.path == text),
        };
        let n_given = given.iter().filter(|(text, path)| belongs(text, path)).count();
        in_order.extend(std::iter::repeat_n(i, n_given));
        match rank[0].n_taken {
            Some(n_taken) if n_given != n_taken => {
                faults.push(format!("{n_given} instead of {n_taken} of those with `{}`", rank[0].rank));
            }
            Some(_) => {}
            None => {
                let missing = rank.iter().filter(|line| given.iter().all(|(text, _)| *text != line.path));
                faults.extend(missing.map(|line| format!("missing: {}", line.path)));
            }
        }
    }
    let rank_of = |(text, path): &(&str, &Path)| {
        ranks.iter().position(|rank| match rank[0].is_endless {
            true => is_candidate(path),
            false => rank.iter().any(|line| line.path == *text),
        })
    };
    let mut found = Vec::new();
    for row in given {
        match rank_of(row) {
            Some(rank) => found.push(rank),
            None => faults.push(format!("extra:   {}", row.0)),
        }
    }
    if found != in_order && found.len() == in_order.len() {
        let rows: Vec<&str> = given.iter().map(|(text, _)| *text).collect();
        faults.push(format!("not in rank order: {}", rows.join("; ")));
    }
}

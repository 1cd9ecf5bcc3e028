//! The published corpus of path questions, `tests/paths`: the engine's answers are those of brute force.
//!
//! `UPDATE_GOLDENFILES=1 cargo test --test it path_corpus` writes the answers anew, always by brute force and
//! never by the engine. `THROUGHLINE_CORPUS=loops` looks only at the files with that in their name.

use std::fs;
use std::path::PathBuf;

use crate::naive;
use crate::path_cases::brute;
use crate::path_cases::engine::{Engine, Refusal};
use crate::path_cases::file::{self, CorpusFile};
use crate::path_cases::parser;

/// Unbounded walks have answers, but the search may not notice that nothing better is to come, and stops at a
/// limit, which it tells. So many of the corpus may do so; the number should only fall.
const ENDLESS_MAX: usize = 26;

/// Files with questions that the engine still answers wrongly, and how many; the numbers should only fall.
///
/// There, beginnings of walks are merged although a condition of the repetition that they are in compares with a
/// node that differs between them.
const WRONG_MAX: &[(&str, usize)] = &[];

/// The names and texts of the corpus files.
fn files() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/paths");
    let wanted = std::env::var("THROUGHLINE_CORPUS").unwrap_or_default();
    let mut files: Vec<(PathBuf, String)> = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "paths"))
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .map(|path| (path.clone(), fs::read_to_string(path).expect("a text")))
        .collect();
    files.sort();
    files
}

fn name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &std::path::Path, text: &str) -> CorpusFile {
    CorpusFile::read(text).unwrap_or_else(|error| panic!("{}: {error}", name(path)))
}

#[test]
fn the_corpus_has_the_answers_of_brute_force() {
    let is_update = std::env::var_os("UPDATE_GOLDENFILES").is_some();
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let file = read(&path, &text);
        let mut answers = Vec::new();
        for asked in &file.questions {
            let place = format!("{}:{}: {}", name(&path), asked.line, asked.text);
            let question = parser::question(&asked.text).unwrap_or_else(|error| panic!("{place}: {error}"));
            let lines = match brute::answer(&file.graph, &question) {
                Ok(answer) => file::written(&file.graph, &answer),
                Err(why) => vec![format!("not for a corpus: {why:?}")],
            };
            if lines != asked.expected {
                wrong.push(format!("{place}\n  brute force says\n    {}", lines.join("\n    ")));
            }
            answers.push(lines);
        }
        if is_update {
            fs::write(&path, file.rewritten(&answers)).expect("the file can be written");
        }
    }
    assert!(is_update || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_answers_the_corpus() {
    let (mut n_questions, mut n_endless, mut wrong) = (0, 0, Vec::new());
    for (path, text) in files() {
        let file = read(&path, &text);
        let mut engine = Engine::load(&file.graph);
        let n_wrong_before = wrong.len();
        for asked in &file.questions {
            n_questions += 1;
            let given = engine.ask(&asked.text);
            let question = parser::question(&asked.text).expect("the question is understood");
            if given == Err(Refusal::Limit) && question.walks_without_bound() {
                n_endless += 1;
                continue;
            }
            let is_candidate = |path: &_| brute::is_candidate(&file.graph, &question, path);
            if let Some(faults) = file::wrong(&file.graph, &asked.expected, &given, &is_candidate) {
                let faults = faults.replace('\n', "\n    ");
                wrong.push(format!("{}:{}: {}\n    {faults}", name(&path), asked.line, asked.text));
            }
        }
        let known = WRONG_MAX.iter().find(|(file, _)| *file == name(&path)).map_or(0, |(_, n)| *n);
        if wrong.len() - n_wrong_before <= known {
            wrong.truncate(n_wrong_before);
        }
    }
    assert!(wrong.is_empty(), "{} of {n_questions} questions:\n{}", wrong.len(), wrong.join("\n"));
    assert!(n_endless <= ENDLESS_MAX, "{n_endless} unbounded walks stop at a limit");
    assert!(n_questions > 0, "there are questions");
}

#[test]
fn questions_of_the_corpus_are_printed_as_they_are_read() {
    for (path, text) in files() {
        for asked in &read(&path, &text).questions {
            let question = parser::question(&asked.text).expect("the question is understood");
            let printed = question.to_string();
            assert_eq!(parser::question(&printed), Ok(question), "{}: {printed}", asked.text);
        }
    }
}

#[test]
fn a_wrong_answer_of_the_corpus_is_told() {
    let text = "(a)\n(b)\n(a)-[r:E]->(b)\n(a)-[q:E]->(b)\n(b)-[l:E]->(b)\n";
    let file = read(std::path::Path::new("here"), text);
    let path = |rels: &[usize]| naive::Path {
        nodes: std::iter::once(0).chain(rels.iter().map(|_| 1)).collect(),
        rels: rels.to_vec(),
    };
    let told = |expected: &[&str], given: &[&[usize]]| {
        let expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        let given = given.iter().map(|rels| path(rels)).collect();
        file::wrong(&file.graph, &expected, &Ok(given), &|path| path.rels.contains(&0)).unwrap_or_default()
    };
    let (r, q, rl) = ("a -r-> b", "a -q-> b", "a -r-> b -l-> b");
    assert_eq!(told(&[r, q], &[&[1], &[0]]), "");
    assert_eq!(told(&[r, q], &[&[0]]), format!("missing: {q}"));
    assert_eq!(told(&["none"], &[&[0]]), format!("extra:   {r}"));
    assert_eq!(told(&[r], &[&[0], &[0]]), format!("twice:   {r}"));
    assert!(told(&["refused"], &[]).contains("should be refused"));
    let (one, other) = (format!("length 1, 1 of 2: {r}"), format!("length 1, 1 of 2: {q}"));
    let longer = format!("length 2: {rl}");
    assert_eq!(told(&[&one, &other], &[&[1]]), "");
    assert!(told(&[&one, &other], &[&[1], &[0]]).starts_with("2 instead of 1"));
    assert_eq!(told(&[&one, &other, &longer], &[&[0], &[0, 2]]), "");
    assert!(told(&[&one, &other, &longer], &[&[0, 2], &[0]]).starts_with("not in rank order"));
    assert_eq!(told(&[&format!("1 of endless: {r}")], &[&[0, 2, 2]]), "");
    assert!(told(&[&format!("1 of endless: {r}")], &[&[1]]).contains("extra"));
}

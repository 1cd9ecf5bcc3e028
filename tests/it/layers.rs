//! The layers point down: which module may import which, and what no module of
//! the library does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and the modules that it may use besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("model", &["error"]),
    ("columns", &["error", "model"]),
    ("synthetic", &["error", "model"]),
    ("ledger", &["error", "model", "columns"]),
    ("names", &["error", "model", "columns"]),
    ("store", &["error", "model", "ledger"]),
    ("graph", &["error", "model", "columns", "names", "store"]),
    ("paths", &["error", "model", "graph"]),
    ("analysis", &["error", "model", "names", "graph", "paths"]),
    ("formats", &["error", "model", "columns", "graph", "names"]),
    ("query", &["error", "model", "names", "graph", "paths", "analysis"]),
    ("trace", &["error", "model", "names", "graph", "paths", "analysis", "query"]),
    (
        "case",
        &[
            "error", "model", "columns", "ledger", "names", "store", "graph", "paths", "analysis", "formats",
            "query", "trace",
        ],
    ),
];

/// What the crate's root exports again, and where it is from.
const EXPORTED: &[(&str, &str)] =
    &[("Access", "case"), ("Author", "case"), ("Case", "case"), ("Error", "error"), ("Result", "error")];

/// The longest file that is not split yet.
const LINES_MAX: usize = 900;

/// What the library leaves to the program, and where it may all the same.
const LEFT_TO_THE_PROGRAM: &[(&str, &[(&str, &str)])] = &[
    ("println!", &[]),
    ("print!", &[]),
    ("eprintln!", &[]),
    ("eprint!", &[]),
    ("dbg!", &[]),
    ("std::env", &[]),
    ("env::var", &[]),
    ("io::stdin", &[]),
    ("io::stdout", &[]),
    ("io::stderr", &[]),
    ("SystemTime", &[]),
    ("Instant::now", &[("src/query/pipeline/profile.rs", "PROFILE tells how long each operator took")]),
    ("Zoned::now", &[]),
    ("Timestamp::now", &[]),
    ("process::exit", &[]),
    (
        "process::id",
        &[
            ("src/case.rs", "part of what tells a new case from every other"),
            ("src/ledger/lock.rs", "the lock says which process holds the case"),
            ("src/formats/dot/render.rs", "names a temporary file that no other process uses"),
        ],
    ),
    (
        "Command::new",
        &[("src/formats/dot/render.rs", "pictures are drawn by Graphviz, which is a program of its own")],
    ),
];

/// A file of the crate, without comments and unit tests.
struct Source {
    /// From the crate's directory, such as `src/graph/lens.rs`.
    name: String,
    /// The modules that it is in, outermost first: `graph`, `lens`.
    modules: Vec<String>,
    code: String,
    lines: usize,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        let module = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        Self {
            modules: module.split('/').filter(|part| *part != "lib").map(str::to_owned).collect(),
            code: without_comments(&without_tests(&text)),
            lines: text.lines().count(),
            name,
        }
    }

    fn is_of_program(&self) -> bool {
        self.name.starts_with("src/bin/")
    }

    /// The names that stand after `crate::`, or after enough `super::` to reach the root.
    fn used_from_root(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for (at, word) in words(&self.code) {
            let rest = &self.code[at + word.len()..];
            match word {
                "crate" => used.extend(first_names(rest)),
                "super" if !self.code[..at].ends_with("super::") => {
                    let mut rest = rest;
                    let mut climbed = 1;
                    while let Some(further) = rest.strip_prefix("::super") {
                        (rest, climbed) = (further, climbed + 1);
                    }
                    if climbed >= self.modules.len() {
                        used.extend(first_names(rest));
                    }
                }
                _ => {}
            }
        }
        used
    }
}

/// The names after `::`, one, or all within `{…}`.
fn first_names(rest: &str) -> Vec<String> {
    let Some(rest) = rest.strip_prefix("::") else { return Vec::new() };
    let Some(list) = rest.strip_prefix('{') else {
        return words(rest).next().map(|(_, word)| word.to_owned()).into_iter().collect();
    };
    let mut depth = 0;
    let mut names = Vec::new();
    let mut is_first = true;
    for (at, word) in words_and_marks(list) {
        match word {
            "{" => depth += 1,
            "}" if depth == 0 => break,
            "}" => depth -= 1,
            "," if depth == 0 => is_first = true,
            word if is_first && depth == 0 => {
                is_first = false;
                names.push(word.to_owned());
                let _ = at;
            }
            _ => {}
        }
    }
    names
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    words_and_marks(text).filter(|(_, word)| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// Names, and the marks that matter in a `use`.
fn words_and_marks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let start = rest + text[rest..].find(|c: char| is_name(c) || "{},".contains(c))?;
        let length = text[start..].find(|c: char| !is_name(c)).unwrap_or(text.len() - start).max(1);
        rest = start + length;
        Some((start, &text[start..rest]))
    })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    fn below(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("the directory is there") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(&root().join("src"), &mut found);
    found.sort();
    found.iter().map(|path| Source::read(path)).collect()
}

/// Unit tests are formatted code: they end at the first closing brace of a line of its own.
fn without_tests(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let begins_module = lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if line.starts_with("#[cfg(test)]") && begins_module {
            lines.find(|line| *line == "}");
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn without_comments(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_of_program() && !source.modules.is_empty()) {
        let module = source.modules[0].as_str();
        let (_, may_use) =
            MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("no row for {module}"));
        for name in source.used_from_root() {
            let from = EXPORTED.iter().find(|(exported, _)| *exported == name);
            let used = from.map_or(name.as_str(), |(_, module)| module);
            if used != module && !may_use.contains(&used) {
                wrong.push(format!("{} uses {used}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_has_a_row_for_each_module_and_no_other() {
    let sources = sources();
    let of_library = sources.iter().filter(|source| !source.is_of_program());
    let modules: BTreeSet<&str> =
        of_library.filter_map(|source| source.modules.first()).map(String::as_str).collect();
    assert_eq!(modules, MAY_USE.iter().map(|(name, _)| *name).collect());
    // The rows are in order: no module may use one that may use it.
    for (i, (name, may_use)) in MAY_USE.iter().enumerate() {
        for used in *may_use {
            let above = MAY_USE[i..].iter().any(|(other, _)| other == used);
            assert!(!above, "{name} stands above {used} and uses it");
        }
    }
}

/// The graph reads blocks through one trait and knows nothing else of the store.
#[test]
fn the_graph_knows_the_store_by_its_columns_only() {
    for source in sources().iter().filter(|source| source.name.starts_with("src/graph/")) {
        for (at, _) in source.code.match_indices("store::") {
            let rest = &source.code[at + "store::".len()..];
            assert!(rest.starts_with("Column"), "{}: store::{}", source.name, &rest[..20.min(rest.len())]);
        }
    }
}

#[test]
fn sled_stays_in_the_store() {
    for source in sources().iter().filter(|source| !source.name.starts_with("src/store/")) {
        assert!(!words(&source.code).any(|(_, word)| word == "sled"), "{}", source.name);
    }
}

#[test]
fn the_program_uses_only_the_library_s_front() {
    for source in sources().iter().filter(|source| source.is_of_program()) {
        for hidden in ["throughline::ledger", "throughline::store", "#[path", "include!("] {
            assert!(!source.code.contains(hidden), "{} uses {hidden}", source.name);
        }
    }
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.lines > LINES_MAX)
        .map(|source| format!("{}: {} lines", source.name, source.lines))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_library_does_not_print_nor_look_at_the_clock() {
    let mut wrong = Vec::new();
    let sources = sources();
    for (what, allowed) in LEFT_TO_THE_PROGRAM {
        for source in sources.iter().filter(|source| !source.is_of_program()) {
            let uses = source.code.match_indices(what).any(|(at, _)| {
                // `eprintln!` is no `println!`.
                !source.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            let may = allowed.iter().any(|(name, _)| *name == source.name);
            match (uses, may) {
                (true, false) => wrong.push(format!("{} uses {what}", source.name)),
                (false, true) => wrong.push(format!("{} may use {what} and does not", source.name)),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_after_the_root_are_found_in_every_form() {
    let source = |code: &str| Source {
        name: "src/graph/lens.rs".to_owned(),
        modules: vec!["graph".to_owned(), "lens".to_owned()],
        code: without_comments(&without_tests(code)),
        lines: 0,
    };
    for (code, expected) in [
        ("use crate::model::{Claim, Value};", &["model"][..]),
        ("use crate::{error::{Error, Result}, model::Value, Case};", &["Case", "error", "model"]),
        ("fn f() { crate::store::Column::Nodes; }", &["store"]),
        ("use super::View;", &[]),
        ("use super::super::query::Plan;", &["query"]),
        ("// crate::case\n/// [`crate::case`]\nuse std::fmt;", &[]),
        ("#[cfg(test)]\nmod tests {\n    use crate::case::Case;\n}\nuse crate::error::Result;", &["error"]),
    ] {
        let expected: BTreeSet<String> = expected.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(source(code).used_from_root(), expected, "{code}");
    }
}

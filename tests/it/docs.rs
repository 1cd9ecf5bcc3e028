//! The examples in the documentation run on the Rajin case, so that pages cannot rot.

use std::path::Path;

use throughline::graph::{Graph, Lens};
use throughline::model::Value;
use throughline::query::{self, Answer, Options, Parameters, parser};

/// The fenced blocks of a language in a page.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = text(page);
    let fence = format!("```{language}\n");
    let parts = text.split(fence.as_str()).skip(1);
    parts.filter_map(|part| part.split("```").next()).map(str::to_owned).collect()
}

fn options(lens: &Lens) -> Options<'_> {
    Options::new(lens, 0)
}

/// Runs a statement, which has to succeed.
fn run(graph: &mut Graph, text: &str) -> Answer {
    let lens = Lens::default();
    let statement = parser::parse_statement(text);
    let answer =
        statement.and_then(|statement| query::run(graph, &statement, &Parameters::new(), &options(&lens)));
    answer.unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn text(page: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("the page is there")
}

/// The rows of all tables whose first column has a title, as their cells without back-quotes.
fn tables(page: &str, title: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut is_inside = false;
    for line in text(page).lines() {
        if line.starts_with(&format!("| {title} |")) {
            is_inside = true;
        } else if !line.starts_with('|') {
            is_inside = false;
        } else if is_inside && !line.starts_with("|---") {
            // A bar within a cell has a backslash before it.
            let cells = line.replace("\\|", "\u{0}");
            let cells = cells.trim_matches('|').split('|');
            rows.push(cells.map(|cell| cell.trim().replace('\u{0}', "|").replace('`', "")).collect());
        }
    }
    assert!(!rows.is_empty(), "{page} has a table of {title}");
    rows
}

/// What a statement that fails says, its hint included.
fn failure(statement: &str) -> String {
    let lens = Lens::default();
    let result = parser::parse_statement(statement).and_then(|parsed| {
        query::run(&mut crate::the_rajin_case::graph(0), &parsed, &Parameters::new(), &options(&lens))
    });
    let Err(error) = result else { panic!("this runs, and should not: {statement}") };
    format!("{error} {}", error.hint_text().unwrap_or_default())
}

/// Whether outputs are written anew instead of compared.
fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDENFILES").is_some()
}

/// Compares a page with what it should be, or writes it.
fn check(page: &str, wanted: &str) {
    if is_updating() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(page), wanted).expect("it can be written");
        return;
    }
    for (line, (found, wanted)) in text(page).lines().zip(wanted.lines()).enumerate() {
        assert_eq!(found, wanted, "{page}, line {}; UPDATE_GOLDENFILES=1 writes it anew", line + 1);
    }
    assert_eq!(text(page), wanted, "{page}");
}

#[test]
fn every_statement_of_the_pages_runs() {
    let graph = crate::the_rajin_case::graph(0);
    let statements = [blocks("docs/language.md", "cypher"), blocks("docs/names.md", "cypher")].concat();
    assert!(statements.len() >= 14, "the pages have examples");
    for text in statements {
        let answer = run(&mut graph.clone(), &text);
        assert!(!answer.rows.is_empty(), "the example finds something\n{text}");
    }
}

#[test]
fn every_example_in_the_table_of_clauses_runs() {
    let graph = crate::the_rajin_case::graph(0);
    let rows = tables("docs/language.md", "clause");
    assert!(rows.len() >= 20);
    for row in rows {
        // A fragment of a statement is completed so that it can run.
        let text = match row[1].split(' ').next() {
            Some("RETURN") => format!("MATCH (s:Vessel) {}", row[1]),
            _ => row[1].clone(),
        };
        run(&mut graph.clone(), &text);
    }
}

#[test]
fn every_expression_gives_what_the_page_says() {
    let graph = &mut Graph::new();
    for row in tables("docs/language.md", "expression") {
        let answer = run(graph, &format!("RETURN {} AS x", row[0]));
        assert_eq!(answer.rows[0][0].to_string(), row[1], "{}", row[0]);
    }
}

#[test]
fn what_is_not_built_is_an_error() {
    for row in tables("docs/language.md", "not built") {
        failure(&row[1]);
    }
}

#[test]
fn mistakes_are_told_as_the_page_says() {
    for row in tables("docs/language.md", "mistake") {
        let (said, wanted) = (failure(&row[0]).replace('`', ""), &row[1]);
        assert!(said.contains(wanted), "{}: {said}", row[0]);
    }
}

/// The tables of functions and procedures are those of the program.
#[test]
fn the_page_lists_every_function_and_procedure() {
    let page = "docs/language.md";
    let graph = &mut Graph::new();
    let show =
        "SHOW FUNCTIONS YIELD * RETURN category, signature, description ORDER BY category, toLower(name)";
    let cell = |value: &Value| value.as_str().unwrap_or_default().replace('|', "\\|");
    let (mut functions, mut last) = (String::new(), String::new());
    for row in run(graph, show).rows {
        let [category, signature, doc] = &row.iter().map(cell).collect::<Vec<_>>()[..] else { continue };
        if *category != last {
            functions.push_str(&format!("\n| {category} | |\n|---|---|\n"));
            last.clone_from(category);
        }
        functions.push_str(&format!("| `{signature}` | {doc} |\n"));
    }
    let mut procedures = "\n| procedure | |\n|---|---|\n".to_owned();
    for row in run(graph, "SHOW PROCEDURES YIELD signature, description RETURN signature, description").rows {
        procedures.push_str(&format!("| `{}` | {} |\n", cell(&row[0]), cell(&row[1])));
    }
    let wanted = between(&text(page), "procedures", &procedures);
    check(page, &between(&wanted, "functions", &functions));
}

/// A page with another text between the mark of a name and the next end.
fn between(page: &str, name: &str, inside: &str) -> String {
    let mark = format!("<!-- {name}: written by a test -->\n");
    let (before, rest) = page.split_once(mark.as_str()).expect("the page has the mark");
    let (_, after) = rest.split_once("<!-- end -->").expect("the mark has an end");
    format!("{before}{mark}{inside}\n<!-- end -->{after}")
}

/// Plans and answers on the page are what the program prints, but for times and memory.
#[test]
fn plans_are_what_the_program_prints() {
    let page = "docs/plans.md";
    let place = tempfile::tempdir().expect("a temporary folder");
    let program = |arguments: &[&str]| {
        let mut program = assert_cmd::Command::cargo_bin("throughline").expect("the program is built");
        let done = program.current_dir(place.path()).args(["--case", "rajin.case"]).args(arguments);
        let printed = done.write_stdin("").assert().success().get_output().stdout.clone();
        String::from_utf8(printed).expect("output is text")
    };
    program(&["demo"]);
    let mut wanted = String::new();
    let mut statement = String::new();
    let mut n_shown = 0;
    for (i, part) in text(page).split("```").enumerate() {
        let (fence, body) = part.split_once('\n').unwrap_or((part, ""));
        let prefix = match fence {
            _ if i % 2 == 0 => None,
            "answer" => Some(""),
            "explain" => Some("EXPLAIN "),
            "profile" => Some("PROFILE "),
            _ => {
                body.clone_into(&mut statement);
                None
            }
        };
        if i > 0 {
            wanted.push_str("```");
        }
        let Some(prefix) = prefix else {
            wanted.push_str(part);
            continue;
        };
        n_shown += 1;
        let printed = program(&["query", &format!("{prefix}{statement}")]);
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let printed = format!("{}\n", lines.join("\n"));
        let is_same = fence == "profile" && untimed(&printed) == untimed(body);
        wanted.push_str(&format!("{fence}\n{}", if is_same { body } else { printed.as_str() }));
    }
    assert_eq!(n_shown, 15, "five questions, with an answer and two plans each");
    check(page, &wanted);
}

/// A table without its last two columns, which vary.
fn untimed(table: &str) -> Vec<&str> {
    let lines = table.lines().filter(|line| !line.starts_with("---"));
    lines.map(|line| line.rsplitn(3, '|').last().unwrap_or(line).trim_end()).collect()
}

/// The first screen of the README is a real session: its lines come in this order
/// in what the program prints, with gaps where the README says so.
#[test]
fn the_readmes_session_is_what_the_demo_prints() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut program = assert_cmd::Command::cargo_bin("throughline").expect("the program is built");
    let done = program.current_dir(place.path()).arg("demo").write_stdin("").assert().success();
    let printed = String::from_utf8(done.get_output().stdout.clone()).expect("output is text");
    let mut rest = printed.as_str();
    let session = blocks("README.md", "console").remove(0);
    for line in session.lines().filter(|line| !line.starts_with('$') && *line != "…") {
        // Without Graphviz the last line says so; all others are the same everywhere.
        if line.starts_with("Wrote") {
            assert!(rest.contains("Wrote rajin.dot"), "{printed}");
            continue;
        }
        let at = rest
            .find(line)
            .unwrap_or_else(|| panic!("the demo does not print this in its place:\n{line}\n{printed}"));
        rest = &rest[at + line.len()..];
    }
    assert!(place.path().join("rajin.dot").is_file());
}

/// What the page of owners shows is what the program prints, and its statements run.
#[test]
fn the_page_of_owners_is_what_the_program_prints() {
    is_what_the_program_prints("docs/ownership.md");
}

#[test]
fn the_page_of_evidence_is_what_the_program_prints() {
    is_what_the_program_prints("docs/evidence.md");
}

fn is_what_the_program_prints(page: &str) {
    let graph = crate::the_rajin_case::graph(0);
    for text in blocks(page, "cypher") {
        let answer = run(&mut graph.clone(), &text);
        assert!(!answer.rows.is_empty(), "the example finds something\n{text}");
    }
    let place = tempfile::tempdir().expect("a temporary folder");
    let program = |arguments: &[&str]| {
        let mut program = assert_cmd::Command::cargo_bin("throughline").expect("the program is built");
        let done = program.current_dir(place.path()).args(["--case", "rajin.case"]).args(arguments);
        let printed =
            done.env("NO_COLOR", "1").write_stdin("").assert().success().get_output().stdout.clone();
        String::from_utf8(printed).expect("output is text")
    };
    program(&["demo"]);
    let mut wanted = text(page);
    for block in blocks(page, "console") {
        let command =
            block.lines().next().and_then(|line| line.strip_prefix("$ throughline ")).expect("a command");
        // Quotes keep the spaces of a name.
        let parts = command.split('\'').enumerate();
        let words = parts.flat_map(|(i, part)| match i % 2 {
            0 => part.split_whitespace().collect::<Vec<_>>(),
            _ => vec![part],
        });
        let printed = program(&words.collect::<Vec<_>>());
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        wanted = wanted.replace(&block, &format!("$ throughline {command}\n{}\n", lines.join("\n")));
    }
    check(page, &wanted);
}

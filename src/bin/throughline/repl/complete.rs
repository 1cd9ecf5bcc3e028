//! What can be typed next, from the text before the cursor and the words of the case.

use std::collections::BTreeSet;
use std::rc::Rc;

use clap::ValueEnum;
use throughline::graph::{Graph, GraphNames, View};
use throughline::model::{NodeId, RelationshipId};
use throughline::query::lexer::{Token, TokenKind, tokenize};
use throughline::query::parser::{KEYWORDS, RESERVED};
use throughline::query::{FUNCTIONS, PROCEDURES};

use super::commands::COMMANDS;
use super::help::TOPICS;
use crate::limits;
use crate::render::Format;

/// Elements that are looked at for names and properties; a large case has more.
const SAMPLE_MAX: usize = 50_000;
/// The names of so many nodes are indexed before a prompt.
const INDEXED_MAX: usize = 20_000;
/// More candidates than this help nobody.
const CANDIDATES_MAX: usize = 200;

/// The words of a case.
#[derive(Debug, Default)]
pub(crate) struct Words {
    labels: Vec<String>,
    types: Vec<String>,
    properties: BTreeSet<String>,
}

/// All that can be offered. While it is held, the index that it reads names from is in use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    words: Rc<Words>,
    names: Option<GraphNames>,
}

impl Words {
    /// The words that a graph uses; those of confidential sources are not among them.
    pub(crate) fn of(graph: &Graph) -> Self {
        let view = View::new(graph, None, false);
        let mut properties = BTreeSet::new();
        for id in view.nodes().take(SAMPLE_MAX).filter(|&id| !view.is_confidential(id)) {
            properties.extend(property_names(graph, id));
        }
        for id in view.relationships().take(SAMPLE_MAX) {
            properties.extend(relationship_property_names(graph, id));
        }
        let owned = |used: Vec<(&str, usize)>| used.into_iter().map(|(name, _)| name.to_owned()).collect();
        Self { labels: owned(graph.labels_in_use()), types: owned(graph.types_in_use()), properties }
    }
}

impl Vocabulary {
    /// Words, and the names of their graph; of a large one only where a search has made their index
    /// before, since nobody should wait for it at a prompt. It is the one that searches use.
    pub(crate) fn of(graph: &Graph, words: Rc<Words>) -> Self {
        Self { words, names: graph.names_index_at_once(INDEXED_MAX) }
    }

    /// The names that begin as typed, whatever their script and marks; where none does, those that are spelled
    /// otherwise.
    fn names(&self, typed: &str) -> Vec<String> {
        self.names.as_ref().map_or_else(Vec::new, |names| names.completions(typed, CANDIDATES_MAX))
    }
}

fn property_names(graph: &Graph, id: NodeId) -> impl Iterator<Item = String> {
    graph.node_data(id).unwrap_or_default().properties.into_keys()
}

fn relationship_property_names(graph: &Graph, id: RelationshipId) -> impl Iterator<Item = String> {
    graph.relationship_data(id).into_iter().flat_map(|data| data.properties.into_keys())
}

/// What can stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Completion {
    /// A file.
    File,
    /// Texts that replace everything from `start` to the cursor.
    Words {
        /// Where the word at the cursor begins.
        start: usize,
        /// In the order in which they are shown.
        words: Vec<String>,
    },
}

/// Completes `text`, which ends at the cursor.
pub(super) fn complete(text: &str, vocabulary: &Vocabulary) -> Completion {
    if let Some(command) = text.trim_start().strip_prefix(':') {
        return complete_command(text, command);
    }
    if let Some((start, quote)) = open_string(text) {
        let names = vocabulary.names(&text[start..]);
        let words = names.iter().map(|name| quoted_rest(name, quote)).collect();
        return Completion::Words { start, words };
    }
    let start = word_start(text);
    let typed = &text[start..];
    let words = match Place::of(&text[..start]) {
        Place::Label => fitting(vocabulary.words.labels.iter(), typed),
        Place::Type => fitting(vocabulary.words.types.iter(), typed),
        Place::Property => fitting(vocabulary.words.properties.iter(), typed),
        Place::Procedure(start) => {
            let names = fitting(PROCEDURES.iter().map(|procedure| procedure.name), &text[start..]);
            return Completion::Words { start, words: names };
        }
        Place::Other => others(text, typed),
    };
    Completion::Words { start, words }
}

fn complete_command(text: &str, command: &str) -> Completion {
    let Some((name, arguments)) = command.split_once(char::is_whitespace) else {
        let start = text.len() - command.len();
        return Completion::Words { start, words: fitting(COMMANDS.iter().map(|c| c.name), command) };
    };
    let start = text.len() - arguments.rsplit(char::is_whitespace).next().unwrap_or_default().len();
    let typed = &text[start..];
    let words = match name {
        "draw" | "import" | "source" => return Completion::File,
        "format" => fitting(Format::value_variants().iter().map(|format| format.name()), typed),
        "limits" => fitting(limits::PARTS.into_iter().chain(["default"]), typed),
        "lens" => fitting(["asof", "clear", "knownby", "minconfidence", "without"], typed),
        "help" => {
            let topics = TOPICS.iter().map(|topic| topic.name).chain(["functions", "procedures"]);
            let functions = FUNCTIONS.iter().map(|function| function.name);
            match typed {
                "" => fitting(topics, typed),
                _ => fitting(topics.chain(functions).chain(COMMANDS.iter().map(|c| c.name)), typed),
            }
        }
        _ => Vec::new(),
    };
    Completion::Words { start, words }
}

/// What kind of word stands at a place.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Label,
    Type,
    Property,
    /// With the place where its dotted name begins.
    Procedure(usize),
    Other,
}

impl Place {
    /// The place after `before`.
    fn of(before: &str) -> Self {
        let tokens = tokenize(before).tokens;
        if let Some(start) = dotted_after_call(before, &tokens) {
            return Self::Procedure(start);
        }
        let Some(last) = tokens.last() else { return Self::Other };
        match symbol(last) {
            Some(".") => Self::Property,
            Some(":") if in_map(&tokens) => Self::Other,
            Some(":") => label_or_type(&tokens),
            Some("|" | "&" | "!") if has_colon(&tokens) => label_or_type(&tokens),
            Some("{" | ",") if in_map(&tokens) => Self::Property,
            _ => Self::Other,
        }
    }
}

fn symbol(token: &Token) -> Option<&'static str> {
    match token.kind {
        TokenKind::Symbol(symbol) => Some(symbol),
        _ => None,
    }
}

/// The index of the innermost bracket that is open at the end.
fn open_bracket(tokens: &[Token]) -> Option<usize> {
    let mut n_closed = 0;
    for (i, token) in tokens.iter().enumerate().rev() {
        match symbol(token) {
            Some(")" | "]" | "}") => n_closed += 1,
            Some("(" | "[" | "{") if n_closed == 0 => return Some(i),
            Some("(" | "[" | "{") => n_closed -= 1,
            _ => {}
        }
    }
    None
}

fn label_or_type(tokens: &[Token]) -> Place {
    match open_bracket(tokens).and_then(|at| symbol(&tokens[at])) {
        Some("[") => Place::Type,
        _ => Place::Label,
    }
}

fn in_map(tokens: &[Token]) -> bool {
    open_bracket(tokens).is_some_and(|at| symbol(&tokens[at]) == Some("{"))
}

/// Whether a label expression has begun since the innermost bracket.
fn has_colon(tokens: &[Token]) -> bool {
    let inside = open_bracket(tokens).map_or(tokens, |at| &tokens[at..]);
    inside.iter().any(|token| symbol(token) == Some(":"))
}

/// Where the dotted name after `CALL` begins, if the text ends in one.
fn dotted_after_call(before: &str, tokens: &[Token]) -> Option<usize> {
    let mut start = before.len();
    for token in tokens.iter().rev() {
        let word = (token.kind == TokenKind::Word).then(|| &before[token.span.start..token.span.end]);
        match (word, symbol(token)) {
            (Some(word), _) if word.eq_ignore_ascii_case("CALL") => return Some(start),
            (Some(_), _) | (_, Some(".")) => start = token.span.start,
            _ => return None,
        }
    }
    None
}

/// Keywords, functions and variables; without a beginning, only what begins a clause.
fn others(text: &str, typed: &str) -> Vec<String> {
    const CLAUSES: &[&str] = &["CALL", "CREATE", "MATCH", "RETURN", "USING LENS", "WHERE", "WITH"];
    let mut words = fitting(variables(text), typed);
    if typed.is_empty() {
        words.extend(CLAUSES.iter().map(|&word| word.to_owned()));
        return words;
    }
    words.extend(fitting(KEYWORDS.iter().copied(), typed));
    words.extend(fitting(FUNCTIONS.iter().map(|function| format!("{}(", function.name)), typed));
    words
}

/// The names that a text gives to things: after `(`, `[` and `AS`, and before `=`.
fn variables(text: &str) -> BTreeSet<String> {
    let tokens = tokenize(text).tokens;
    let word = |token: &Token| {
        (token.kind == TokenKind::Word).then(|| text[token.span.start..token.span.end].to_owned())
    };
    let mut found = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        // The word at the cursor is still being typed.
        let Some(name) = word(token).filter(|_| token.span.end < text.len()) else { continue };
        let before = i.checked_sub(1).map(|before| &tokens[before]);
        let after = tokens.get(i + 1).and_then(symbol);
        let opens = before.is_some_and(|before| match symbol(before) {
            Some("(") => {
                i < 2 || tokens[i - 2].kind != TokenKind::Word || word(&tokens[i - 2]).is_some_and(is_keyword)
            }
            Some("[") => true,
            _ => word(before).is_some_and(|word| word.eq_ignore_ascii_case("AS")),
        });
        let is_named = opens || (after == Some("=") && before.and_then(symbol) != Some("."));
        if is_named && after != Some("(") && !RESERVED.contains(&name.to_uppercase().as_str()) {
            found.insert(name);
        }
    }
    found
}

fn is_keyword(word: String) -> bool {
    KEYWORDS.contains(&word.to_uppercase().as_str())
}

/// The words that begin as typed, in any case.
fn fitting<T: AsRef<str>>(words: impl IntoIterator<Item = T>, typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    let fits = |word: &T| word.as_ref().to_lowercase().starts_with(&typed);
    words.into_iter().filter(fits).take(CANDIDATES_MAX).map(|word| word.as_ref().to_owned()).collect()
}

/// Where the word at the end begins.
fn word_start(text: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.char_indices().rev().take_while(|&(_, c)| is_part(c)).last().map_or(text.len(), |(at, _)| at)
}

/// Where the string begins that is open at the end, after its quote.
fn open_string(text: &str) -> Option<(usize, char)> {
    let lexed = tokenize(text);
    if !lexed.unclosed {
        return None;
    }
    // What is open has no token, so it begins after the last one.
    let from = lexed.tokens.last().map_or(0, |token| token.span.end);
    let rest = text[from..].trim_start();
    let quote = rest.chars().next().filter(|&c| c == '\'' || c == '"')?;
    Some((text.len() - rest.len() + 1, quote))
}

/// A name as it stands in a string, with the closing quote.
fn quoted_rest(name: &str, quote: char) -> String {
    let escaped = name.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
    format!("{escaped}{quote}")
}

#[cfg(test)]
mod tests {
    use throughline::model::{Effect, NodeData};

    use super::*;

    fn named(names: &[&str]) -> Graph {
        let mut graph = Graph::new();
        for &name in names {
            let properties = [("name".to_owned(), name.into())].into();
            let node = NodeData { properties, ..NodeData::default() };
            graph.apply(&Effect::CreateNode { id: graph.next_node(), node }).expect("a new node");
        }
        graph
    }

    fn words(text: &str) -> Vec<String> {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let words = Words {
            labels: owned(&["Person", "Port", "Vessel"]),
            types: owned(&["CALLED_AT", "OWNS"]),
            properties: owned(&["imo", "name"]).into_iter().collect(),
        };
        let vocabulary = Vocabulary::of(&named(&["Rajin", "People's Army"]), Rc::new(words));
        match complete(text, &vocabulary) {
            Completion::Words { words, .. } => words,
            Completion::File => vec!["FILE".to_owned()],
        }
    }

    #[test]
    fn labels_and_types_stand_after_colons() {
        assert_eq!(words("MATCH (p:P"), ["Person", "Port"]);
        assert_eq!(words("MATCH (p:Person|v"), ["Vessel"]);
        assert_eq!(words("MATCH (p)-[:"), ["CALLED_AT", "OWNS"]);
        assert_eq!(words("MATCH (p)-[r:OWNS|C"), ["CALLED_AT"]);
        assert_eq!(words("MATCH (p) WHERE p:Po"), ["Port"]);
        assert!(words("MATCH (p {name: P").iter().all(|word| word != "Port"));
    }

    #[test]
    fn properties_stand_after_dots_and_in_maps() {
        assert_eq!(words("MATCH (n) RETURN n.na"), ["name"]);
        assert_eq!(words("MATCH (n {i"), ["imo"]);
    }

    #[test]
    fn names_stand_in_quotes_and_close_them() {
        assert_eq!(words("MATCH (n {name: 'raj"), ["Rajin'"]);
        assert_eq!(words("MATCH (n {name: 'Peo"), ["People\\'s Army'"]);
        assert_eq!(words("MATCH (n {name: \"Peo"), ["People's Army\""]);
        // In another script the name as the case has it.
        assert_eq!(words("MATCH (n {name: 'Радж"), Vec::<String>::new());
        assert_eq!(words("MATCH (n {name: 'Ра"), ["Rajin'"]);
        for typed in ["раджин", "Najin", "라진", "Rajjin"] {
            assert_eq!(words(&format!("MATCH (n {{name: '{typed}")), ["Rajin'"], "{typed}");
        }
    }

    #[test]
    fn procedures_stand_after_call() {
        assert_eq!(words("CALL db.la"), ["db.labels"]);
        assert!(words("CALL ").contains(&"evidence.claim".to_owned()));
    }

    #[test]
    fn keywords_functions_and_variables_stand_elsewhere() {
        assert_eq!(words("MATCH (vessel:Vessel) WHERE ve"), ["vessel"]);
        assert_eq!(words("MATCH path = (a) RETURN pa"), ["path", "PATH", "PATHS"]);
        assert!(words("MATCH (n) RETURN coll").contains(&"collect(".to_owned()));
        assert!(words("MAT").contains(&"MATCH".to_owned()));
    }

    #[test]
    fn commands_complete_with_their_arguments() {
        assert_eq!(words(":he"), ["help"]);
        assert_eq!(words(":format j"), ["json"]);
        assert_eq!(words(":draw x"), ["FILE"]);
        assert_eq!(words(":lens knownby 2023 mi"), ["minconfidence"]);
    }
}

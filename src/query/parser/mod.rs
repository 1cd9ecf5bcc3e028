//! The parser: tokens to the tree of [`super::ast`], by recursive descent.
//!
//! Capitals are keywords, written in any case; `{ x }` repeats, `[ x ]` may be left out.
//! Apart from [the few reserved words](RESERVED), every keyword is also a good variable, and all of them are
//! good labels, types and property names.
//!
//! ```text
//! text         := { [ statement ] ';' } [ statement ]
//! statement    := [ EXPLAIN [ WHY NOT ] | PROFILE ] [ USING LENS expr ] query
//!               | [ EXPLAIN ] schema
//!               | ( BEGIN | COMMIT | ROLLBACK ) [ TRANSACTION ]  |  START TRANSACTION
//! query        := clause { clause } { UNION [ ALL | DISTINCT ] clause { clause } }
//! schema       := CREATE [ RANGE ] INDEX [ name ] [ IF NOT EXISTS ] FOR '(' variable ':' name ')' ON '(' variable '.' name ')'
//!               | DROP INDEX name [ IF EXISTS ]  |  SHOW ( INDEX | INDEXES )
//! clause       := [ OPTIONAL ] MATCH pathPattern { ',' pathPattern } [ WHERE expr ]
//!               | WITH projection [ WHERE expr ]  |  RETURN projection
//!               | UNWIND expr AS variable
//!               | ( CREATE | INSERT ) pathPattern { ',' pathPattern }
//!               | MERGE pathPattern { ON ( CREATE | MATCH ) SET setItem { ',' setItem } }
//!               | SET setItem { ',' setItem }  |  REMOVE removeItem { ',' removeItem }
//!               | [ DETACH | NODETACH ] DELETE expr { ',' expr }
//!               | FOREACH '(' variable IN expr '|' clause { clause } ')'
//!               | [ OPTIONAL ] CALL [ '(' [ '*' | variable { ',' variable } ] ')' ] '{' query '}'
//!               | [ OPTIONAL ] CALL name { '.' name } [ '(' [ expr { ',' expr } ] ')' ]
//!                 [ YIELD ( '*' | name [ AS variable ] { ',' name [ AS variable ] } ) [ WHERE expr ] ]
//!               | SHOW ( FUNCTIONS | PROCEDURES )
//!                 [ YIELD ( '*' | name [ AS variable ] { ',' name [ AS variable ] } ) ] [ WHERE expr ]
//!               | FILTER [ WHERE ] expr  |  FINISH
//! projection   := [ DISTINCT ] ( '*' | item ) { ',' item } [ ORDER BY key { ',' key } ]
//!                 [ ( SKIP | OFFSET ) expr ] [ LIMIT expr ]
//! item         := expr [ AS variable ]
//! key          := expr [ ASC | ASCENDING | DESC | DESCENDING ]
//! setItem      := place ( '.' name | '[' expr ']' ) '=' expr  |  variable ( '=' | '+=' ) expr  |  labelled
//! removeItem   := place ( '.' name | '[' expr ']' )  |  labelled
//! labelled     := variable ( ':' | IS ) name { ( ':' | '&' ) name }
//!
//! pathPattern  := [ variable '=' ] [ search ] path
//!               | [ variable '=' ] shortest
//! shortest     := ( SHORTESTPATH | ALLSHORTESTPATHS ) '(' node relationship node ')'
//! search       := [ selector ] [ chrono ] [ mode ] [ GROUP | GROUPS ]
//! selector     := ALL | ANY [ k ] | ANY SHORTEST | ALL SHORTEST | SHORTEST [ k ]
//!               | CHEAPEST [ k ] COST '(' variable '|' expr ')'
//!               | ( STRONGEST | EARLIEST | LATEST | FASTEST ) [ k ]
//! chrono       := CHRONOLOGICAL [ STRICT ] [ CERTAINLY | POSSIBLY ] [ WAIT '<=' duration ] [ WITHIN duration ]
//! mode         := ( WALK | TRAIL | ACYCLIC | SIMPLE ) [ PATH | PATHS ]  |  PATH  |  PATHS
//! duration     := n unit | parameter | number | '(' expr ')'
//! path         := ( node | group ) { [ relationship ] ( node | group ) }
//! node         := '(' [ variable ] [ ( ':' | IS ) labels ] [ WAIT '<=' duration ] [ properties ] [ WHERE expr ] ')'
//! group        := '(' path [ WHERE expr ] ')' [ quantifier ]
//! relationship := [ '<' ] '-' [ '[' [ variable ] [ ( ':' | IS ) labels ] [ star ] [ properties ] [ WHERE expr ] ']' ]
//!                 '-' [ '>' ] [ quantifier ]
//! quantifier   := '*' | '+' | '?' | '{' n '}' | '{' [ m ] ',' [ n ] '}'
//! star         := '*' [ n ] [ '..' [ m ] ]
//! labels       := labelAnd { '|' [ ':' ] labelAnd }
//! labelAnd     := labelNot { ( '&' | ':' ) labelNot }
//! labelNot     := '!' labelNot | '%' | name | '(' labels ')'
//!
//! expr         := xor { OR xor }
//! xor          := and { XOR and }
//! and          := not { AND not }
//! not          := NOT not | comparison
//! comparison   := predicate { ( '=' | '<>' | '<' | '<=' | '>' | '>=' ) predicate }
//! predicate    := sum { IS [ NOT ] NULL | [ IS [ NOT ] ] '::' types | IS [ NOT ] TYPED types | IS [ NOT ] [ form ] NORMALIZED
//!                 | ( IN | STARTS WITH | ENDS WITH | CONTAINS | '=~' ) sum }
//! types        := type [ NOT NULL ] { '|' type [ NOT NULL ] }
//! type         := word { word }  |  ( LIST | ARRAY ) '<' types '>'
//! form         := NFC | NFD | NFKC | NFKD
//! sum          := product { ( '+' | '-' | '||' ) product }
//! product      := power { ( '*' | '/' | '%' ) power }
//! power        := unary { '^' unary }
//! unary        := ( '+' | '-' ) unary | postfix
//! postfix      := atom { '.' name | '[' expr ']' | '[' [ expr ] '..' [ expr ] ']' } [ ':' labels ]
//! atom         := NULL | TRUE | FALSE | number | string | parameter | variable | '(' expr ')'
//!               | '[' [ expr { ',' expr } ] ']'  |  '{' [ name ':' expr { ',' name ':' expr } ] '}'
//!               | CASE [ expr ] WHEN expr THEN expr { WHEN expr THEN expr } [ ELSE expr ] END
//!               | '[' variable IN expr [ WHERE expr ] [ '|' expr ] ']'
//!               | ( ALL | ANY | NONE | SINGLE ) '(' variable IN expr WHERE expr ')'
//!               | REDUCE '(' variable '=' expr ',' variable IN expr '|' expr ')'
//!               | variable '{' [ mapEntry { ',' mapEntry } ] '}'
//!               | ( EXISTS | COUNT | COLLECT ) '{' ( query | pathPattern { ',' pathPattern } [ WHERE expr ] ) '}'
//!               | '[' [ variable '=' ] path [ WHERE expr ] '|' expr ']'  |  path  |  shortest
//!               | TRIM '(' [ [ LEADING | TRAILING | BOTH ] [ expr ] FROM ] expr ')'  |  NORMALIZE '(' expr [ ',' form ] ')'
//!               | name { '.' name } '(' [ '*' | [ DISTINCT ] expr { ',' expr } ] ')'
//! mapEntry     := '.' '*'  |  '.' name  |  name ':' expr  |  variable
//! ```
//!
//! A search word begins a search unless `=` follows, which makes it the name of the path.
//! `GROUPS` belongs to `SHORTEST` and stands after the mode, as in GQL; without it, `SHORTEST` needs its k.
//! What openCypher or GQL know and the language does not have yet is an error at its keyword, never ignored.
//!
//! Long chains and deep nesting end in an error and not in a stack overflow, here or later: no tree is
//! higher than [`HEIGHT_MAX`], and chains of `AND`, `OR`, `XOR` and label operators, which programs write
//! by the thousand, become balanced trees.

mod clause;
mod expr;
mod pattern;
mod query;
mod recover;
mod schema;
mod search;
mod slips;
mod words;

use std::fmt;

use super::ast::{Name, Statement};
use super::lexer::{Lexed, Token, TokenKind, shorten, tokenize};
use crate::error::{Detail, Error, Result, Span};

/// The keywords, for completion and for hints.
#[rustfmt::skip]
pub const KEYWORDS: &[&str] = &[
    "ACYCLIC", "ALL", "AND", "ANY", "AS", "ASC", "ASCENDING", "BEGIN", "BOTH", "BY", "CALL", "CASE", "CERTAINLY",
    "CHEAPEST", "CHRONOLOGICAL", "COMMIT", "CONTAINS", "COST", "CREATE", "DAYS", "DELETE", "DESC", "DESCENDING",
    "DETACH", "DISTINCT", "DROP", "EARLIEST", "ELSE", "END", "ENDS", "EXISTS", "EXPLAIN", "FALSE", "FASTEST", "FILTER",
    "FINISH", "FOR", "FOREACH", "FROM", "FUNCTIONS", "GROUPS", "HOURS", "IF", "IN", "INDEX", "INDEXES", "INSERT", "IS",
    "LATEST", "LEADING", "LENS", "LIMIT", "MATCH", "MERGE", "MINUTES", "NODETACH", "NONE", "NORMALIZED",
    "NOT", "NULL", "OFFSET", "ON", "OPTIONAL", "OR", "ORDER", "PATH", "PATHS", "POSSIBLY", "PROCEDURES", "PROFILE",
    "REMOVE", "RETURN", "ROLLBACK", "SECONDS", "SET", "SHORTEST", "SHOW", "SIMPLE", "SINGLE", "SKIP", "STARTS", "STRICT", "STRONGEST", "THEN",
    "TRAIL", "TRAILING", "TRANSACTION", "TRUE", "TYPED", "UNION", "UNWIND", "USING", "WAIT", "WALK", "WEEKS", "WHEN", "WHERE", "WHY", "WITH", "WITHIN", "XOR",
    "YIELD",
];

/// The words that are no variables unless back-quoted: where one stands, something before it is missing.
pub const RESERVED: &[&str] = &[
    "AND", "AS", "CASE", "CREATE", "DELETE", "DETACH", "DISTINCT", "ELSE", "FALSE", "IN", "IS", "MATCH",
    "MERGE", "NOT", "NULL", "OPTIONAL", "OR", "REMOVE", "RETURN", "SET", "THEN", "TRUE", "UNION", "UNWIND",
    "WHEN", "WHERE", "WHY", "WITH", "XOR",
];

/// The most brackets, groups and signs within one another.
pub const NESTING_MAX: usize = 100;

/// The greatest height of an expression's tree.
pub const HEIGHT_MAX: usize = 400;

/// What is wrong in a text of several statements; at least one error, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseErrors(Vec<Error>);

impl ParseErrors {
    /// The errors, in the order of the text.
    #[must_use]
    pub fn errors(&self) -> &[Error] {
        &self.0
    }
}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseErrors {}

impl From<ParseErrors> for Error {
    /// The first error, which knows the others.
    fn from(errors: ParseErrors) -> Self {
        let mut errors = errors.0.into_iter();
        errors.next().expect("parse errors hold at least one error").with_others(errors.collect())
    }
}

/// Whether a text that is still being typed can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It ends with a `;`, or holds nothing at all, and parses.
    Complete,
    /// More is to come: there is no `;` yet, or a string, a back-quoted name, a comment or a bracket is open.
    Incomplete,
    /// It does not parse, and more text will not mend it: it ends with a `;`, or it is wrong before its
    /// last word.
    Wrong,
}

/// Parses a text of statements separated by `;`; empty ones are skipped.
///
/// # Errors
/// A `SyntaxError` for each statement that is wrong.
pub fn parse(text: &str) -> Result<Vec<Statement>, ParseErrors> {
    parse_lexed(text, tokenize(text))
}

/// Parses a text that holds one statement, with or without a `;` at its end.
///
/// # Errors
/// A `SyntaxError`: the first, where there are several.
pub fn parse_statement(text: &str) -> Result<Statement> {
    let mut statements = parse(text)?;
    if let Some(second) = statements.get(1) {
        return Err(Error::syntax(second.span, "expected one statement, found a second"));
    }
    statements.pop().ok_or_else(|| {
        let end = Span::new(text.len(), text.len());
        Error::syntax(end, "expected a statement, found the end of the text")
    })
}

/// The places of the statements, without their `;` and the spaces and comments around them.
#[must_use]
pub fn split_statements(text: &str) -> Vec<Span> {
    let lexed = tokenize(text);
    statements(&lexed.tokens)
        .filter_map(|(tokens, _)| Some(tokens.first()?.span.to(tokens.last()?.span)))
        .collect()
}

/// Whether a text can be run, for programs that read it line by line.
///
/// ```
/// use throughline::query::parser::{Completeness, completeness};
///
/// assert_eq!(completeness("MATCH (n)\n"), Completeness::Incomplete);
/// assert_eq!(completeness("MATCH (n) RETURN n;"), Completeness::Complete);
/// assert_eq!(completeness("RETURN 'a;"), Completeness::Incomplete);
/// assert_eq!(completeness("MATCH (n;"), Completeness::Wrong);
/// assert_eq!(completeness("SELECT * FROM vessels"), Completeness::Wrong);
/// ```
#[must_use]
pub fn completeness(text: &str) -> Completeness {
    let lexed = tokenize(text);
    if lexed.unclosed {
        return Completeness::Incomplete;
    }
    let Some((last, is_ended)) = last_statement(&lexed.tokens) else { return Completeness::Complete };
    match (parse_lexed(text, lexed), is_ended) {
        (Ok(_), true) => Completeness::Complete,
        (Err(_), true) => Completeness::Wrong,
        (Err(errors), false) if errors.0.iter().any(|error| last.cannot_mend(error)) => Completeness::Wrong,
        (_, false) => Completeness::Incomplete,
    }
}

/// The statement at the end of a text, while it is being typed.
struct LastStatement {
    start: usize,
    /// Where its last word begins.
    last_word: usize,
    has_open_bracket: bool,
}

impl LastStatement {
    /// Whether an error is in this statement and stays whatever follows. The last word may be half of
    /// something, as in `STARTS WITH`, and what stands before an open bracket may turn out to be a pattern.
    fn cannot_mend(&self, error: &Error) -> bool {
        let is_before = |span: Span| self.start <= span.start && span.end <= self.last_word;
        !self.has_open_bracket && error.span().is_some_and(is_before)
    }
}

/// The statement at the end, and whether a `;` ends it.
fn last_statement(tokens: &[Token]) -> Option<(LastStatement, bool)> {
    let (tokens, end) = statements(tokens).last()?;
    let statement = LastStatement {
        start: tokens.first().map_or(0, |token| token.span.start),
        last_word: tokens.last().map_or(0, |token| token.span.start),
        has_open_bracket: recover::depth(tokens, &["(", "[", "{"], &[")", "]", "}"]) > 0,
    };
    Some((statement, end.is_some()))
}

fn parse_lexed(text: &str, lexed: Lexed) -> Result<Vec<Statement>, ParseErrors> {
    let Lexed { tokens, mut errors, unclosed } = lexed;
    let mut parsed = Vec::new();
    let mut found = Vec::new();
    let last_token = tokens.last().map_or(0, |token| token.span.end);
    for (tokens, end) in statements(&tokens).filter(|(tokens, _)| !tokens.is_empty()) {
        match Parser::new(text, tokens, &errors).statement_or_errors() {
            Ok(statement) => parsed.push(statement),
            Err(more) => {
                let is_followed = end.is_some_and(|end| end < last_token);
                found.extend(more.into_iter().map(|error| ended_early(error, tokens, is_followed)));
            }
        }
    }
    // What is not closed has swallowed the rest of the text: that it is missing is no news.
    found.retain(|error| !(unclosed && error.span().is_none_or(|span| span.start >= last_token)));
    found.append(&mut errors);
    if found.is_empty() {
        return Ok(parsed);
    }
    // The parser repeats what the lexer says of a token, or knows better; it comes first here.
    found.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    found.dedup_by_key(|error| error.span().map(|span| span.start));
    Err(ParseErrors(found))
}

/// An error at the end of a statement that others follow is perhaps due to the `;` before them.
fn ended_early(error: Error, tokens: &[Token], is_followed: bool) -> Error {
    let end = tokens.last().map_or(0, |token| token.span.end);
    match is_followed && error.span().is_some_and(|span| span.start >= end) {
        true => error.hint("a ';' ends the statement; leave it out if the statement goes on".to_owned()),
        false => error,
    }
}

/// The tokens of each statement, perhaps none, and the end of its `;`, where there is one.
fn statements(tokens: &[Token]) -> impl Iterator<Item = (&[Token], Option<usize>)> {
    tokens.split_inclusive(is_semicolon).map(|tokens| match tokens.split_last() {
        Some((last, before)) if is_semicolon(last) => (before, Some(last.span.end)),
        _ => (tokens, None),
    })
}

fn is_semicolon(token: &Token) -> bool {
    token.kind == TokenKind::Symbol(";")
}

/// A place in the tokens of one statement.
struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// Index of the next token.
    next: usize,
    /// Index of the first token of the first clause.
    first: usize,
    /// How many brackets, groups and signs are open.
    depth: usize,
    /// Height of the highest tree parsed so far at this depth.
    height: usize,
    /// Whether a `|` ends the expression, as in `[x IN xs WHERE x:A | x]`, and is not part of its labels.
    bar_ends: bool,
    /// Index of the token after the last whole expression.
    after_expr: usize,
    /// What the lexer could not read.
    unreadable: &'t [Error],
    /// What is wrong in the clauses so far.
    errors: Vec<Error>,
}

// The small change of parsing, with which the grammar is written.
impl<'t> Parser<'t> {
    fn new(text: &'t str, tokens: &'t [Token], unreadable: &'t [Error]) -> Self {
        Self {
            text,
            tokens,
            next: 0,
            first: 0,
            depth: 0,
            height: 0,
            bar_ends: false,
            after_expr: 0,
            unreadable,
            errors: Vec::new(),
        }
    }

    fn ahead(&self, n: usize) -> Option<&'t TokenKind> {
        self.tokens.get(self.next + n).map(|token| &token.kind)
    }

    fn peek(&self) -> Option<&'t TokenKind> {
        self.ahead(0)
    }

    fn at_end(&self) -> bool {
        self.peek().is_none()
    }

    fn slice(&self, span: Span) -> &'t str {
        &self.text[span.start..span.end]
    }

    /// The place of the next token; at the end, the place after the last.
    fn here(&self) -> Span {
        match self.tokens.get(self.next) {
            Some(token) => token.span,
            None => self.before(),
        }
    }

    /// The empty place after the token just taken.
    fn before(&self) -> Span {
        let end = self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |token| token.span.end);
        Span::new(end, end)
    }

    /// From `start` to the token just taken.
    fn span_from(&self, start: Span) -> Span {
        Span::new(start.start, self.before().end.max(start.start))
    }

    fn is(&self, symbol: &str) -> bool {
        self.is_ahead(0, symbol)
    }

    fn is_ahead(&self, n: usize, symbol: &str) -> bool {
        matches!(self.ahead(n), Some(TokenKind::Symbol(found)) if *found == symbol)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        match self.take(symbol) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("'{symbol}'"))),
        }
    }

    /// The `n`th token from here, if it is a word.
    fn word_ahead(&self, n: usize) -> Option<&'t str> {
        let token = self.tokens.get(self.next + n)?;
        (token.kind == TokenKind::Word).then(|| self.slice(token.span))
    }

    /// The next token in capitals, if it is a word.
    fn keyword(&self) -> Option<String> {
        self.word_ahead(0).map(str::to_ascii_uppercase)
    }

    fn is_word(&self, word: &str) -> bool {
        self.is_word_ahead(0, word)
    }

    fn is_word_ahead(&self, n: usize, word: &str) -> bool {
        self.word_ahead(n).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    fn take_one_of(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.take_word(word))
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        match self.take_word(word) {
            true => Ok(()),
            false => Err(self.unexpected(word)),
        }
    }

    fn is_name_ahead(&self, n: usize) -> bool {
        matches!(self.ahead(n), Some(TokenKind::Word | TokenKind::Quoted(_)))
    }

    fn is_reserved(&self) -> bool {
        self.is_one_of(RESERVED)
    }

    /// The key of a map, which is any name at all, also the empty one.
    fn key(&mut self) -> Result<Name> {
        if self.peek() == Some(&TokenKind::Unreadable) {
            let message = format!("expected a key, found {}", self.found());
            return Err(Error::syntax(self.here(), message)
                .hint("a key that is no plain name stands in back-quotes".to_owned()));
        }
        if let Some(TokenKind::String(text)) = self.peek() {
            let hint = format!("write {text}: without quotes, or with back-quotes");
            return Err(self.unexpected("a key").hint(hint));
        }
        self.any_name("a key")
    }

    /// A name that is not empty; `what` says of what, for the message.
    fn name(&mut self, what: &str) -> Result<Name> {
        match self.peek() {
            Some(TokenKind::Quoted(name)) if name.is_empty() => {
                Err(Error::syntax(self.here(), format!("expected {what} between the back-quotes")))
            }
            _ => self.any_name(what),
        }
    }

    /// A name of any kind; `what` says which, for the message.
    fn any_name(&mut self, what: &str) -> Result<Name> {
        let span = self.here();
        let text = match self.peek() {
            Some(TokenKind::Word) => self.slice(span).to_owned(),
            Some(TokenKind::Quoted(name)) => name.clone(),
            _ => return Err(self.unexpected(what)),
        };
        self.next += 1;
        Ok(Name { text, span })
    }

    /// The name of a variable, which no reserved word is.
    fn variable(&mut self) -> Result<Name> {
        match self.is_reserved() {
            true => Err(self.reserved("a variable")),
            false => self.name("a variable"),
        }
    }

    fn reserved(&self, expected: &str) -> Error {
        let word = self.slice(self.here());
        let hint = match clause::CLAUSES.contains(&word.to_ascii_uppercase().as_str()) {
            true if self.is_after(",") => "one comma is too many".to_owned(),
            true => format!("{expected} is missing before {word}; as a name, it stands in back-quotes"),
            false => format!("as a name, `{word}` stands in back-quotes"),
        };
        self.unexpected(expected).hint(hint)
    }

    /// One or more items between commas.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.take(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Items between commas, perhaps none, up to and with `close`.
    fn list_until<T>(&mut self, close: &str, item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        if self.take(close) {
            return Ok(Vec::new());
        }
        let items = self.list(item)?;
        match self.take(close) {
            true => Ok(items),
            false => Err(self.unexpected(&format!("',' or '{close}'"))),
        }
    }

    /// Parses what stands one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= NESTING_MAX {
            let message = format!("nested too deeply: more than {NESTING_MAX} levels");
            return Err(Error::syntax(self.here(), message).detail(Detail::LimitExceeded));
        }
        self.depth += 1;
        let result = self.operand(parse);
        self.depth -= 1;
        result
    }

    /// Parses what becomes a child of the tree at hand.
    fn operand<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let beside = std::mem::take(&mut self.height);
        let result = parse(self)?;
        self.height = beside.max(self.height + 1);
        self.grow(0)?;
        Ok(result)
    }

    /// Notes that the tree at hand gains levels above what has been parsed.
    fn grow(&mut self, levels: usize) -> Result<()> {
        self.height += levels;
        if self.height > HEIGHT_MAX {
            let message = format!("the expression is too long: more than {HEIGHT_MAX} steps");
            return Err(Error::syntax(self.here(), message).detail(Detail::LimitExceeded));
        }
        Ok(())
    }

    /// The error for a next token that cannot stand here.
    fn unexpected(&self, expected: &str) -> Error {
        if let Some(error) = self.unread() {
            return error;
        }
        Error::syntax(self.here(), format!("expected {expected}, found {}", self.found()))
            .hint(self.mend().or_else(|| self.still_open(expected)))
    }

    /// What the lexer says of the next token, if that could not be read.
    fn unread(&self) -> Option<Error> {
        let token = self.tokens.get(self.next).filter(|token| token.kind == TokenKind::Unreadable)?;
        let is_of_it = |span: Span| token.span.start <= span.start && span.end <= token.span.end;
        self.unreadable.iter().find(|error| error.span().is_some_and(is_of_it)).cloned()
    }

    fn found(&self) -> String {
        match self.peek() {
            None => "the end of the statement".to_owned(),
            Some(TokenKind::String(_)) => format!("the text {}", shorten(self.slice(self.here()))),
            Some(_) => format!("'{}'", shorten(self.slice(self.here()))),
        }
    }

    /// The error for a part of openCypher or GQL that the language does not have yet.
    fn not_built(&self, what: &str) -> Error {
        Error::syntax(self.here(), format!("{what} is not built yet")).detail(Detail::NotBuilt)
    }
}

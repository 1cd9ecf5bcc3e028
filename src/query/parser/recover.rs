//! Going on after an error, so that one run tells of several.
//!
//! What is left of a clause that is wrong is skipped, up to a word that begins the next one. A word in
//! brackets that were opened meanwhile does not count, nor does one that stands as a name or in `STARTS WITH` or
//! `ON CREATE`; after an error within the braces of a subquery, only a word outside of them does.
//! Better to stay silent than to tell of errors that are none.

use super::super::ast::Statement;
use super::super::lexer::{Token, TokenKind};
use super::Parser;
use super::clause::CLAUSES;
use super::schema::OBJECTS;
use crate::error::Error;

/// The most errors told of one statement.
pub(super) const ERRORS_MAX: usize = 5;

impl Parser<'_> {
    /// The statement, or everything that is wrong with it, at least one error.
    pub(super) fn statement_or_errors(mut self) -> Result<Statement, Vec<Error>> {
        let parsed = self.statement();
        match parsed {
            Ok(statement) if self.errors.is_empty() => Ok(statement),
            Ok(_) => Err(self.errors),
            Err(error) => {
                self.errors.push(error);
                self.errors.truncate(ERRORS_MAX);
                Err(self.errors)
            }
        }
    }

    /// Notes an error in a clause that began at token `start` and goes to the next clause, or to the end
    /// where none follows.
    pub(super) fn recover(&mut self, start: usize, error: Error) {
        let at = error.span().map_or(self.next, |span| self.token_at(span.start));
        let is_final = self.errors.len() + 1 >= ERRORS_MAX;
        self.errors.push(error);
        let next = (!is_final).then(|| self.next_clause(start, at.max(start))).flatten();
        self.next = next.unwrap_or(self.tokens.len());
        (self.depth, self.height, self.bar_ends) = (0, 0, false);
    }

    /// The token that begins at a place or after it.
    fn token_at(&self, start: usize) -> usize {
        self.tokens.partition_point(|token| token.span.start < start)
    }

    fn next_clause(&self, start: usize, error: usize) -> Option<usize> {
        let mut braces = depth(&self.tokens[start..error], &["{"], &["}"]);
        // The parentheses of FOREACH hold clauses as braces do.
        let holds_clauses = self.tokens.get(start).is_some_and(|token| self.is_foreach(token));
        let opened = || depth(&self.tokens[start..error], &["(", "[", "{"], &[")", "]", "}"]);
        let mut brackets = if holds_clauses { opened() } else { 0 };
        for at in error..self.tokens.len() {
            match self.tokens[at].kind {
                TokenKind::Symbol("{") => (braces, brackets) = (braces + 1, brackets + 1),
                TokenKind::Symbol("}") => (braces, brackets) = (braces - 1, brackets - 1),
                TokenKind::Symbol("(" | "[") => brackets += 1,
                TokenKind::Symbol(")" | "]") => brackets -= 1,
                TokenKind::Word if at > start && braces <= 0 && brackets <= 0 && self.begins_clause(at) => {
                    return Some(at);
                }
                _ => {}
            }
        }
        None
    }

    fn is_foreach(&self, token: &Token) -> bool {
        token.kind == TokenKind::Word && self.slice(token.span).eq_ignore_ascii_case("FOREACH")
    }

    /// Whether the word at a token begins a clause, and is neither a name nor part of an operator.
    fn begins_clause(&self, at: usize) -> bool {
        let word = |at: usize| {
            let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
            Some(self.slice(token.span).to_ascii_uppercase())
        };
        let Some(found) = word(at).filter(|word| word == "UNION" || CLAUSES.contains(&word.as_str())) else {
            return false;
        };
        let before = at.checked_sub(1).map(|before| (&self.tokens[before].kind, word(before)));
        let is_name = matches!(before, Some((TokenKind::Symbol("." | ":" | "," | "(" | "[" | "{" | "="), _)));
        let joins = match before.and_then(|(_, word)| word).as_deref() {
            Some("STARTS" | "ENDS") => found == "WITH",
            Some("ON") => found == "CREATE" || found == "MATCH",
            Some("OPTIONAL") => found == "MATCH" || found == "CALL",
            Some("DETACH" | "NODETACH") => found == "DELETE",
            Some("AS") => true,
            // The `SET` of `ON CREATE SET` belongs to its `MERGE`.
            Some("CREATE" | "MATCH") => found == "SET",
            _ => false,
        };
        let is_used = matches!(
            self.tokens.get(at + 1).map(|token| &token.kind),
            None | Some(TokenKind::Symbol("." | ":" | "," | ")" | "]" | "}" | "="))
        );
        let is_schema = word(at + 1).is_some_and(|next| OBJECTS.contains(&next.as_str()));
        !is_name && !joins && !is_schema && (!is_used || found == "RETURN")
    }

    /// The innermost bracket that is open before the next token.
    pub(super) fn open_bracket(&self) -> Option<&Token> {
        let mut open = Vec::new();
        for token in &self.tokens[..self.next] {
            match token.kind {
                TokenKind::Symbol("(" | "[" | "{") => open.push(token),
                TokenKind::Symbol(")" | "]" | "}") => {
                    open.pop();
                }
                _ => {}
            }
        }
        open.pop()
    }
}

/// How many brackets more are opened than closed.
pub(super) fn depth(tokens: &[Token], opening: &[&str], closing: &[&str]) -> i32 {
    let step = |token: &Token| match token.kind {
        TokenKind::Symbol(symbol) if opening.contains(&symbol) => 1,
        TokenKind::Symbol(symbol) if closing.contains(&symbol) => -1,
        _ => 0,
    };
    tokens.iter().map(step).sum()
}

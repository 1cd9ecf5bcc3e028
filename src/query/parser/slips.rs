//! What was probably meant: habits from SQL and other languages, and slips of the hand.

use super::super::lexer::TokenKind;
use super::clause::CLAUSES;
use super::{KEYWORDS, Parser};
use crate::error::Span;
use crate::names::nearest;

/// Words of SQL and its relatives, each with how the language says it.
const HABITS: &[(&str, &str)] = &[
    ("BETWEEN", "write low <= x <= high"),
    ("DO", "the language has no procedures of several statements"),
    ("ELSEIF", "write another WHEN … THEN"),
    ("ELSIF", "write another WHEN … THEN"),
    ("FROM", "MATCH says where to look, as in MATCH (v:Vessel)"),
    ("FULL", "write OPTIONAL MATCH for what may be missing"),
    ("GROUP", "leave GROUP BY out: rows are grouped by the columns beside the aggregate"),
    ("HAVING", "filter in a WITH … WHERE after the aggregate"),
    ("IF", "write CASE WHEN … THEN … ELSE … END"),
    ("ILIKE", "write CONTAINS, STARTS WITH, ENDS WITH or =~, with toLower() on both sides"),
    ("INNER", "a pattern joins: (a)-[:TYPE]->(b)"),
    ("INTO", "write CREATE (:Label {name: 'value'})"),
    ("ISNULL", "write IS NULL"),
    ("JOIN", "a pattern joins: (a)-[:TYPE]->(b)"),
    ("LEFT", "write OPTIONAL MATCH for what may be missing"),
    ("LIKE", "write CONTAINS, STARTS WITH, ENDS WITH or =~"),
    ("MINUS", "write - to subtract, or WHERE NOT to leave out"),
    ("MOD", "write %"),
    ("NOTNULL", "write IS NOT NULL"),
    ("OUTER", "write OPTIONAL MATCH for what may be missing"),
    ("OVER", "compute it in a WITH before"),
    ("REGEXP", "write =~"),
    ("RLIKE", "write =~"),
    ("SELECT", "write MATCH for what to look for, then RETURN what to show of it"),
    ("TABLE", "the language has nodes and relationships; CREATE makes them"),
    ("TOP", "write LIMIT at the end"),
    ("TRUNCATE", "write MATCH (n) DETACH DELETE n"),
    ("UPDATE", "write MATCH … SET …"),
    ("VALUES", "write CREATE (:Label {name: 'value'})"),
    ("WHERE", "WHERE stands after a pattern of MATCH, after WITH and after YIELD"),
];

impl Parser<'_> {
    /// A guess at what was meant by the next token.
    pub(super) fn mend(&self) -> Option<String> {
        match self.peek() {
            Some(TokenKind::Symbol(symbol)) => self.mend_symbol(symbol),
            Some(TokenKind::Word) => self.mend_word(),
            Some(TokenKind::Int(_) | TokenKind::Float(_) | TokenKind::String(_) | TokenKind::Quoted(_)) => {
                self.mend_before()
            }
            _ => None,
        }
    }

    fn mend_symbol(&self, symbol: &str) -> Option<String> {
        let hint = match symbol {
            "!=" => "write <> for not equal",
            "==" => "write = for equal",
            "&" if self.is_ahead(1, "&") => "write AND",
            "!" => "write NOT",
            "?" => "parameters are written $name",
            "=" if self.is_ahead(1, ">") => "write --> or -[:TYPE]->",
            "=" if self.is_ahead(1, "<") => "write <=",
            "-" if self.is_ahead(1, "-") && self.is_at_clause() => "comments begin with //",
            "." if self.is_after_node_variable() => "a label stands after a colon, as in (v:Vessel)",
            ">" if self.is_after("]") => "write ]->",
            "," if self.is_ahead(1, ",") || self.is_after(",") => "one comma is too many",
            ")" | "]" | "}" if self.open_bracket().is_none() => {
                return Some(format!("nothing is open that '{symbol}' could close"));
            }
            ")" | "]" | "}" if self.is_after(",") => "one comma is too many",
            _ => return self.mend_before(),
        };
        Some(hint.to_owned())
    }

    fn mend_word(&self) -> Option<String> {
        let word = self.keyword()?;
        if matches!(word.as_str(), "STARTS" | "ENDS") {
            return Some(format!("write {word} WITH"));
        }
        let habit = HABITS.iter().find(|(known, _)| *known == word).map(|(_, hint)| (*hint).to_owned());
        habit.or_else(|| self.mend_before()).or_else(|| keyword_near(&word))
    }

    /// A hint for the word before the next token, if that was read as a name and meant as something else.
    fn mend_before(&self) -> Option<String> {
        let before =
            self.tokens.get(self.next.checked_sub(1)?).filter(|token| token.kind == TokenKind::Word)?;
        let word = self.slice(before.span).to_ascii_uppercase();
        let is_name = self.next.checked_sub(2).is_some_and(|at| {
            matches!(self.tokens[at].kind, TokenKind::Symbol("." | ":" | "(" | "[" | "," | "{" | "$"))
        });
        if is_name {
            return None;
        }
        let habit = HABITS.iter().find(|(known, _)| *known == word && word != "WHERE");
        habit.map(|(_, hint)| (*hint).to_owned()).or_else(|| keyword_near(&word))
    }

    /// A hint that names the innermost bracket that is open, where it is what should be closed.
    pub(super) fn still_open(&self, expected: &str) -> Option<String> {
        let token = self.open_bracket()?;
        let closing = [("(", "')'"), ("[", "']'"), ("{", "'}'")];
        let (_, closing) = closing.iter().find(|(open, _)| token.kind == TokenKind::Symbol(open))?;
        (self.at_end() || expected.contains(closing))
            .then(|| format!("the '{}' {} is still open", self.slice(token.span), self.position(token.span)))
    }

    /// `at column 7`, and the line where there are several.
    fn position(&self, span: Span) -> String {
        let (line, column) = span.line_column(self.text);
        match self.text.trim_end().contains('\n') {
            true => format!("at line {line}, column {column},"),
            false => format!("at column {column}"),
        }
    }

    /// Whether a clause could begin at the next token.
    fn is_at_clause(&self) -> bool {
        self.next == self.first || self.open_bracket().is_none()
    }

    /// Whether a bracket and a name stand before the next token.
    fn is_after_node_variable(&self) -> bool {
        let before = |n: usize| self.next.checked_sub(n).map(|at| &self.tokens[at].kind);
        matches!(before(1), Some(TokenKind::Word | TokenKind::Quoted(_)))
            && matches!(before(2), Some(TokenKind::Symbol("(" | "[")))
            && !self.is_in_scope_of_call()
    }

    /// Whether the next token stands behind the first name of `CALL (a, b)`.
    fn is_in_scope_of_call(&self) -> bool {
        let call = self.next.checked_sub(3).map(|at| &self.tokens[at]);
        call.is_some_and(|call| {
            call.kind == TokenKind::Word && self.slice(call.span).eq_ignore_ascii_case("CALL")
        })
    }

    pub(super) fn is_after(&self, symbol: &str) -> bool {
        let before = self.next.checked_sub(1).map(|at| &self.tokens[at].kind);
        matches!(before, Some(TokenKind::Symbol(found)) if *found == symbol)
    }
}

/// The clause that a word was probably meant to begin.
pub(super) fn clause_near(word: &str) -> Option<&'static str> {
    let is_habit = HABITS.iter().any(|(known, _)| *known == word);
    if is_habit || KEYWORDS.contains(&word) || word.chars().count() < 4 {
        return None;
    }
    nearest(word, CLAUSES.iter().copied())
}

/// The keyword that a word was probably meant to be.
fn keyword_near(word: &str) -> Option<String> {
    if KEYWORDS.contains(&word) || word.chars().count() < 4 {
        return None;
    }
    let known = KEYWORDS.iter().copied().filter(|keyword| keyword.len() > 2);
    nearest(word, known).map(|keyword| format!("did you mean {keyword}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_are_in_order_and_few_are_keywords() {
        assert!(HABITS.is_sorted_by_key(|(word, _)| word));
        let keywords: Vec<&str> =
            HABITS.iter().map(|(word, _)| *word).filter(|word| KEYWORDS.contains(word)).collect();
        assert_eq!(keywords, ["FROM", "IF", "WHERE"]);
    }
}

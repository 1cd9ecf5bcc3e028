//! Colours for what is typed: keywords, strings, parameters, and the bracket that
//! belongs to the one at the cursor.

use throughline::query::lexer::{Token, TokenKind, tokenize};
use throughline::query::parser::KEYWORDS;

use crate::terminal::Palette;

/// A text with colours; its width stays the same. `cursor` is a place in it.
pub(super) fn highlight(text: &str, cursor: usize, palette: Palette) -> String {
    if text.trim_start().starts_with(':') {
        let end = text.find(char::is_whitespace).filter(|&end| end > 0).unwrap_or(text.len());
        return format!("{}{}", palette.accent(&text[..end]), &text[end..]);
    }
    let tokens = tokenize(text).tokens;
    let pair = matching(&tokens, cursor);
    let mut coloured = String::new();
    let mut done = 0;
    for (i, token) in tokens.iter().enumerate() {
        coloured.push_str(&text[done..token.span.start]);
        let word = &text[token.span.start..token.span.end];
        coloured.push_str(&match &token.kind {
            TokenKind::Word if is_keyword(word, i.checked_sub(1).map(|before| &tokens[before])) => {
                palette.accent(word)
            }
            TokenKind::String(_) => palette.literal(word),
            TokenKind::Parameter(_) => palette.warning(word),
            _ if pair.is_some_and(|(open, close)| i == open || i == close) => palette.strong(word),
            _ => word.to_owned(),
        });
        done = token.span.end;
    }
    coloured.push_str(&text[done..]);
    coloured
}

/// Whether a word is a keyword; after a dot or a colon it is a name.
fn is_keyword(word: &str, before: Option<&Token>) -> bool {
    let is_name = before.is_some_and(|before| matches!(before.kind, TokenKind::Symbol("." | ":")));
    !is_name && KEYWORDS.contains(&word.to_ascii_uppercase().as_str())
}

/// The pair of brackets of which one stands before or at the cursor.
fn matching(tokens: &[Token], cursor: usize) -> Option<(usize, usize)> {
    let is_bracket =
        |token: &Token| matches!(token.kind, TokenKind::Symbol("(" | "[" | "{" | ")" | "]" | "}"));
    let at = tokens
        .iter()
        .position(|token| is_bracket(token) && (token.span.end == cursor || token.span.start == cursor))?;
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Symbol("(" | "[" | "{") => open.push(i),
            TokenKind::Symbol(")" | "]" | "}") => {
                let opened = open.pop()?;
                if opened == at || i == at {
                    return Some((opened, i));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_paired_around_strings() {
        let tokens = tokenize("RETURN (')', [1])").tokens;
        assert_eq!(matching(&tokens, 7), Some((1, 7)));
        assert_eq!(matching(&tokens, 17), Some((1, 7)));
        assert_eq!(matching(&tokens, 3), None);
    }

    #[test]
    fn the_text_itself_stays() {
        for text in ["MATCH (n) // x", "RETURN 'open", ":help paths", "", "п 'a' $b", " :x"] {
            assert_eq!(highlight(text, 0, Palette::PLAIN), text);
        }
    }
}

//! The lexer: text to tokens, each with its place.
//!
//! ```text
//! word       := letter { letter | digit | '_' | combining mark }
//! quoted     := '`' any character, '`' doubled '`'
//! parameter  := '$' ( word | quoted | digits )
//! integer    := digits | '0x' hex digits | '0o' octal digits
//! float      := [ digits ] '.' digits [ exponent ] | digits exponent
//! string     := "'" … "'" | '"' … '"'
//! escape     := '\' ( '\' | ''' | '"' | '`' | n | t | r | b | f | uXXXX | UXXXXXXXX )
//! comment    := '//' to the end of the line | '/*' … '*/'
//! ```
//!
//! Keywords are words; whether a word is a keyword or a name, only the parser can know, so that `wait` and
//! `path` stay good names.
//! Arrows are not symbols either: `a<-1` compares, `(a)<--(b)` points, and again only the parser can know.
//! A dot between digits is a decimal point only where a digit follows it, so `1..3` is a range.

use unicode_normalization::char::is_combining_mark;

use crate::error::{Detail, Error, Result, Span};

/// What [`tokenize`] found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lexed {
    /// The tokens in order, without spaces and comments.
    pub tokens: Vec<Token>,
    /// What could not be read, in order of its place.
    pub errors: Vec<Error>,
    /// Whether the text ends inside a string, a back-quoted name or a comment.
    pub unclosed: bool,
}

/// The smallest unit of meaning, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A keyword or a name, as it stands in the text.
    Word,
    /// A back-quoted name, without the quotes.
    Quoted(String),
    /// An integer of at most 2^63, which is only good with a minus before it.
    Int(u64),
    /// A finite floating-point number.
    Float(f64),
    /// A string, its escapes replaced.
    String(String),
    /// A parameter, without the `$`.
    Parameter(String),
    /// One of [`SYMBOLS`].
    Symbol(&'static str),
    /// Text that cannot be read, which one of the errors is about.
    Unreadable,
}

/// The symbols, longer ones before those that they begin with.
///
/// `!=` and `==` are none of the language's; they are here so that the parser can name the right ones.
pub const SYMBOLS: &[&str] = &[
    "..", "<=", ">=", "<>", "=~", "+=", "!=", "==", "||", "(", ")", "[", "]", "{", "}", ",", ";", ":", ".",
    "|", "&", "!", "%", "+", "-", "*", "/", "^", "=", "<", ">", "?",
];

/// Reads the whole text; what it cannot read is reported and left out.
#[must_use]
pub fn tokenize(text: &str) -> Lexed {
    let mut lexer = Lexer { text, position: 0, lexed: Lexed::default() };
    while let Some(c) = lexer.peek() {
        lexer.token(c);
    }
    lexer.lexed
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
    lexed: Lexed,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.position += prefix.len();
        }
        found
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.position)
    }

    /// Reads one token, or the space or comment before the next.
    fn token(&mut self, first: char) {
        let start = self.position;
        let kind = match first {
            c if is_space(c) => {
                self.take_while(is_space);
                return;
            }
            '/' if self.take("//") => {
                self.take_while(|c| c != '\n');
                return;
            }
            '/' if self.take("/*") => {
                if let Err(error) = self.block_comment(start) {
                    self.lexed.errors.push(error);
                }
                return;
            }
            c if is_name_start(c) => {
                self.take_while(is_name_part);
                Ok(TokenKind::Word)
            }
            '0'..='9' => self.number(),
            '.' if self.peek_second().is_some_and(|c| c.is_ascii_digit()) => self.number(),
            '\'' | '"' => self.string(first),
            c if TYPOGRAPHIC_QUOTES.contains(&c) => self.typographic(start),
            '`' => self.quoted().map(TokenKind::Quoted),
            '$' => self.parameter(),
            _ => self.symbol(),
        };
        match kind {
            Ok(kind) => self.push(kind, start),
            Err(error) => {
                self.lexed.errors.push(error);
                // What is not closed has swallowed the rest, and nothing can be said of it.
                if !self.lexed.unclosed {
                    self.push(TokenKind::Unreadable, start);
                }
            }
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = self.span_from(start);
        self.lexed.tokens.push(Token { kind, span });
    }

    fn block_comment(&mut self, start: usize) -> Result<()> {
        match self.rest().find("*/") {
            Some(length) => {
                self.position += length + 2;
                Ok(())
            }
            None => Err(self.unclosed(Span::new(start, start + 2), "the comment is not closed", "*/")),
        }
    }

    /// Skips the rest of the text, which something that began at `opening` has swallowed.
    fn unclosed(&mut self, opening: Span, message: &str, closing: &str) -> Error {
        self.position = self.text.len();
        self.lexed.unclosed = true;
        Error::syntax(opening, message).hint(format!("close it with {closing}"))
    }

    /// A text in quotes of print; it is read as if they were the right ones.
    fn typographic(&mut self, start: usize) -> Result<TokenKind> {
        self.bump();
        let text = self.take_while(|c| !TYPOGRAPHIC_QUOTES.contains(&c) && !matches!(c, '\'' | '"' | '\n'));
        if !matches!(self.peek(), Some('\'' | '"'))
            && !self.peek().is_some_and(|c| TYPOGRAPHIC_QUOTES.contains(&c))
        {
            self.position = start;
            return self.unexpected_character();
        }
        self.bump();
        let quoted = if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") };
        let error = Error::syntax(
            self.span_from(start),
            "expected straight quotes around a text, found those of print",
        );
        self.lexed
            .errors
            .push(error.detail(Detail::InvalidUnicodeCharacter).hint(format!("write {}", shorten(&quoted))));
        Ok(TokenKind::String(text.to_owned()))
    }

    fn symbol(&mut self) -> Result<TokenKind> {
        match SYMBOLS.iter().find(|symbol| self.take(symbol)) {
            Some(symbol) => Ok(TokenKind::Symbol(symbol)),
            None => self.unexpected_character(),
        }
    }

    fn unexpected_character(&mut self) -> Result<TokenKind> {
        let start = self.position;
        let c = self.bump().unwrap_or_default();
        let detail = match c.is_ascii() {
            true => Detail::UnexpectedSyntax,
            false => Detail::InvalidUnicodeCharacter,
        };
        let message = match c.is_control() || is_combining_mark(c) {
            true => format!("unexpected character U+{:04X}", u32::from(c)),
            false => format!("unexpected character '{c}'"),
        };
        Err(Error::syntax(self.span_from(start), message).detail(detail).hint(look_alike(c)))
    }

    fn parameter(&mut self) -> Result<TokenKind> {
        let start = self.position;
        self.bump();
        let name = match self.peek() {
            Some('`') => self.quoted()?,
            _ => self.take_while(is_name_part).to_owned(),
        };
        if name.is_empty() {
            return Err(Error::syntax(self.span_from(start), "expected the name of a parameter after '$'")
                .hint("write $name".to_owned()));
        }
        Ok(TokenKind::Parameter(name))
    }

    fn quoted(&mut self) -> Result<String> {
        let start = self.position;
        self.bump();
        let mut name = String::new();
        loop {
            name.push_str(self.take_while(|c| c != '`'));
            if self.take("``") {
                name.push('`');
            } else if self.take("`") {
                break;
            } else {
                return Err(self.unclosed(Span::new(start, start + 1), "the name is not closed", "`"));
            }
        }
        Ok(name)
    }

    fn number(&mut self) -> Result<TokenKind> {
        if self.take("0x") || self.take("0X") {
            return self.integer(self.position - 2, 16);
        }
        if self.take("0o") || self.take("0O") {
            return self.integer(self.position - 2, 8);
        }
        let start = self.position;
        self.take_while(is_digit_part);
        let point = self.peek() == Some('.') && self.peek_second().is_some_and(|c| c.is_ascii_digit());
        if point {
            self.bump();
            self.take_while(is_digit_part);
        }
        let exponent = self.exponent();
        if !point && !exponent {
            self.position = start;
            return self.integer(start, 10);
        }
        let rest = self.take_while(is_name_part);
        let text = &self.text[start..self.position];
        let Some(digits) = without_separators(text) else { return Err(self.bad_number(start)) };
        match digits.parse::<f64>() {
            Ok(number) if rest.is_empty() && number.is_finite() => Ok(TokenKind::Float(number)),
            Ok(_) if rest.is_empty() => Err(Error::syntax(
                self.span_from(start),
                format!("the number {} is too large", shorten(text)),
            )
            .detail(Detail::FloatingPointOverflow)
            .hint("the greatest is about 1.8e308".to_owned())),
            _ => Err(self.bad_number(start)),
        }
    }

    fn exponent(&mut self) -> bool {
        let mut after = self.rest().chars().peekable();
        let mut length = 1;
        if !matches!(after.next(), Some('e' | 'E')) {
            return false;
        }
        if after.next_if(|c| matches!(c, '+' | '-')).is_some() {
            length += 1;
        }
        let found = after.peek().is_some_and(char::is_ascii_digit);
        if found {
            self.position += length;
            self.take_while(|c| c.is_ascii_digit());
        }
        found
    }

    /// Reads the digits of an integer that began, perhaps with a prefix, at `start`.
    fn integer(&mut self, start: usize, radix: u32) -> Result<TokenKind> {
        /// The magnitude of the least integer; the parser lets it pass only after a minus.
        const MAX: u64 = i64::MIN.unsigned_abs();

        let written = self.take_while(is_name_part);
        let after_prefix = if radix == 10 { written } else { written.strip_prefix('_').unwrap_or(written) };
        let Some(digits) = without_separators(after_prefix) else { return Err(self.bad_number(start)) };
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return Err(self.bad_number(start));
        }
        match u64::from_str_radix(&digits, radix) {
            Ok(number) if number <= MAX => Ok(TokenKind::Int(number)),
            _ => Err(too_large(self.span_from(start), &self.text[start..self.position])),
        }
    }

    fn bad_number(&self, start: usize) -> Error {
        let text = shorten(&self.text[start..self.position]);
        let hint = match text.get(..2) {
            Some("0x" | "0X") => "after 0x stand the digits 0 to 9 and a to f",
            Some("0o" | "0O") => "after 0o stand the digits 0 to 7",
            _ if text.contains('_')
                && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | '.' | 'e' | 'E')) =>
            {
                "an underscore stands between two digits"
            }
            _ => "a name cannot begin with a digit; back-quotes make any text a name",
        };
        Error::syntax(self.span_from(start), format!("expected a number, found '{text}'"))
            .detail(Detail::InvalidNumberLiteral)
            .hint(hint.to_owned())
    }

    fn string(&mut self, quote: char) -> Result<TokenKind> {
        let start = self.position;
        self.bump();
        let mut value = String::new();
        let mut wrong = None;
        loop {
            value.push_str(self.take_while(|c| c != quote && c != '\\'));
            match self.bump() {
                None => {
                    let opening = Span::new(start, start + 1);
                    return Err(self.unclosed(opening, "the string is not closed", &quote.to_string()));
                }
                Some('\\') => match self.escape() {
                    Ok(c) => value.push(c),
                    // The string is read to its end, so that what follows it is still understood.
                    Err(error) => wrong = wrong.or(Some(error)),
                },
                Some(_) => break,
            }
        }
        self.lexed.errors.extend(wrong);
        Ok(TokenKind::String(value))
    }

    /// The character that stands for what follows a backslash.
    fn escape(&mut self) -> Result<char> {
        let start = self.position - 1;
        match self.bump() {
            Some(c @ ('\\' | '\'' | '"' | '`')) => Ok(c),
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('u') => self.code_unit(start),
            Some('U') => self.hex(start, 8).and_then(|code| self.code_point(start, code)),
            _ => {
                let span = self.span_from(start);
                let message = format!("unknown escape '{}'", &self.text[start..self.position]);
                Err(Error::syntax(span, message).hint("write \\\\ for a backslash".to_owned()))
            }
        }
    }

    /// `\uXXXX`, or two of them that form one character beyond the first 65,536.
    fn code_unit(&mut self, start: usize) -> Result<char> {
        let code = self.hex(start, 4)?;
        if (0xD800..0xDC00).contains(&code) && self.take("\\u") {
            let low = self.hex(start, 4)?;
            if (0xDC00..0xE000).contains(&low) {
                return self.code_point(start, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
            }
        }
        self.code_point(start, code)
    }

    fn hex(&mut self, start: usize, digits: usize) -> Result<u32> {
        let code = self
            .rest()
            .get(..digits)
            .filter(|text| text.chars().all(|c| c.is_ascii_hexdigit()))
            .and_then(|text| u32::from_str_radix(text, 16).ok());
        match code {
            Some(code) => {
                self.position += digits;
                Ok(code)
            }
            None => {
                let escape = &self.text[start..self.position];
                let message = format!("expected {digits} hexadecimal digits after '{escape}'");
                Err(Error::syntax(self.span_from(start), message)
                    .detail(Detail::InvalidUnicodeLiteral)
                    .hint(format!("write \\{escape} for a backslash and the letter")))
            }
        }
    }

    fn code_point(&self, start: usize, code: u32) -> Result<char> {
        char::from_u32(code).ok_or_else(|| {
            Error::syntax(self.span_from(start), format!("no character has the code {code:X}"))
                .detail(Detail::InvalidUnicodeLiteral)
        })
    }
}

/// The error for an integer beyond 64 bits.
pub(super) fn too_large(span: Span, text: &str) -> Error {
    Error::syntax(span, format!("the integer {} is too large for 64 bits", shorten(text)))
        .detail(Detail::IntegerOverflow)
        .hint("whole numbers go from -9223372036854775808 to 9223372036854775807".to_owned())
}

/// The most characters of a text in a message.
const SHORT_MAX: usize = 30;

/// Quotes of print, which word processors put where straight ones were typed.
const TYPOGRAPHIC_QUOTES: &[char] = &['“', '”', '„', '‘', '’', '‚', '«', '»', '′', '″'];

/// The beginning of `text`, for a message.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHORT_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Spaces, and the invisible characters that word processors leave behind.
fn is_digit_part(c: char) -> bool {
    c.is_ascii_digit() || c == '_'
}

/// A number without the `_` between its digits; `None` where one stands elsewhere.
fn without_separators(text: &str) -> Option<String> {
    let is_between = |(at, _): (usize, &str)| {
        let before = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_hexdigit());
        before && text[at + 1..].starts_with(|c: char| c.is_ascii_hexdigit())
    };
    text.match_indices('_').all(is_between).then(|| text.replace('_', ""))
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Joiners and combining marks belong to names of many scripts.
fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

/// What to write instead of a character that only looks right.
fn look_alike(c: char) -> Option<String> {
    let instead = match c {
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '“' | '”' | '„' | '«' | '»' | '″' => "\"",
        '‘' | '’' | '‚' | '′' | '´' => "'",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "<>",
        '→' => "->",
        '←' => "<-",
        '（' => "(",
        '）' => ")",
        '，' => ",",
        '；' => ";",
        '：' => ":",
        '［' => "[",
        '］' => "]",
        '｛' => "{",
        '｝' => "}",
        '＝' => "=",
        '×' | '·' => "*",
        '÷' => "/",
        '…' => "..",
        '#' => return Some("comments begin with //".to_owned()),
        '~' => return Some("=~ compares with a regular expression".to_owned()),
        '@' => return Some("parameters are written $name".to_owned()),
        '\\' => return Some("a backslash stands only within quotes".to_owned()),
        _ => return None,
    };
    Some(format!("write {instead}"))
}

#[cfg(test)]
mod tests {
    use super::TokenKind::{Float, Int, Parameter, Quoted, Symbol, Word};
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        let lexed = tokenize(text);
        assert_eq!(lexed.errors, [], "{text}");
        lexed.tokens.into_iter().map(|token| token.kind).collect()
    }

    fn error(text: &str) -> (String, &str) {
        let lexed = tokenize(text);
        let error = lexed.errors.first().expect("the text is wrong");
        let span = error.span().expect("a query error has a place");
        (error.to_string(), &text[span.start..span.end])
    }

    fn string(text: &str) -> TokenKind {
        TokenKind::String(text.to_owned())
    }

    #[test]
    fn a_range_is_not_a_float() {
        assert_eq!(kinds("1..3"), [Int(1), Symbol(".."), Int(3)]);
        assert_eq!(kinds("*..3"), [Symbol("*"), Symbol(".."), Int(3)]);
        assert_eq!(kinds("1.5 .5 2e3 1.0E-2"), [Float(1.5), Float(0.5), Float(2000.0), Float(0.01)]);
        assert_eq!(kinds("1.x"), [Int(1), Symbol("."), Word]);
    }

    #[test]
    fn integers_have_three_bases_and_a_bound() {
        assert_eq!(kinds("007 0x1F 0o17"), [Int(7), Int(31), Int(15)]);
        assert_eq!(kinds("9223372036854775808"), [Int(1 << 63)]);
        assert_eq!(
            error("RETURN 9223372036854775809"),
            ("the integer 9223372036854775809 is too large for 64 bits".to_owned(), "9223372036854775809")
        );
        assert_eq!(error("0x1G"), ("expected a number, found '0x1G'".to_owned(), "0x1G"));
        assert_eq!(error("0x"), ("expected a number, found '0x'".to_owned(), "0x"));
        assert_eq!(error("12h3"), ("expected a number, found '12h3'".to_owned(), "12h3"));
        assert_eq!(error("1e999"), ("the number 1e999 is too large".to_owned(), "1e999"));
    }

    #[test]
    fn strings_have_escapes_and_doubled_quotes_are_two_strings() {
        assert_eq!(kinds(r#"'it\'s' "\\ \u0041 \U0001F6A2""#), [string("it's"), string("\\ A 🚢")]);
        assert_eq!(kinds(r"'\uD83D\uDEA2'"), [string("🚢")]);
        assert_eq!(kinds("'a''b'"), [string("a"), string("b")]);
        assert_eq!(error(r"'\uH'"), ("expected 4 hexadecimal digits after '\\u'".to_owned(), r"\u"));
        assert_eq!(error(r"'\uD83D'").1, r"\uD83D");
        assert_eq!(error(r"'\d'").1, r"\d");
        assert_eq!(error("RETURN 'abc"), ("the string is not closed".to_owned(), "'"));
    }

    #[test]
    fn names_are_unicode_or_in_back_quotes() {
        assert_eq!(kinds("судно _x ना"), [Word, Word, Word]);
        assert_eq!(kinds("`a ``b```"), [Quoted("a `b`".to_owned())]);
        assert_eq!(
            kinds("$x $1 $`a b`"),
            [Parameter("x".to_owned()), Parameter("1".to_owned()), Parameter("a b".to_owned())]
        );
    }

    #[test]
    fn arrows_are_single_characters() {
        assert_eq!(kinds("a<-1"), [Word, Symbol("<"), Symbol("-"), Int(1)]);
        assert_eq!(kinds("-->"), [Symbol("-"), Symbol("-"), Symbol(">")]);
    }

    #[test]
    fn comments_count_as_spaces() {
        assert_eq!(kinds("1 // 2\n/* 3\n*/ 4"), [Int(1), Int(4)]);
        assert!(tokenize("1 /* 2").unclosed);
    }

    #[test]
    fn characters_that_only_look_right_are_named() {
        let lexed = tokenize("42 — 41");
        assert_eq!(lexed.errors[0].hint_text(), Some("write -"));
        assert_eq!(lexed.tokens.len(), 3);
        assert_eq!(lexed.tokens[1].kind, TokenKind::Unreadable);
        assert_eq!(tokenize("a “b c” d").tokens[1].kind, string("b c"));
        assert_eq!(tokenize("don’t").tokens.len(), 3);
    }
}

//! What stands before a path: which of the paths, in which order of time, and what may repeat.

use super::super::ast::{
    Chrono, Count, DurationExpr, Expr, ExprKind, Name, PathMode, Search, Selector, TimeUnit,
};
use super::super::lexer::TokenKind;
use super::Parser;
use crate::error::{Detail, Error, Result, Span};

/// The words of a search, each with its turn.
const TURNS: &[(&str, u8)] = &[
    ("ALL", 0),
    ("ANY", 0),
    ("SHORTEST", 0),
    ("CHEAPEST", 0),
    ("STRONGEST", 0),
    ("EARLIEST", 0),
    ("LATEST", 0),
    ("FASTEST", 0),
    ("COST", 1),
    ("CHRONOLOGICAL", 2),
    ("STRICT", 3),
    ("CERTAINLY", 4),
    ("POSSIBLY", 4),
    ("WAIT", 5),
    ("WITHIN", 6),
    ("WALK", 7),
    ("TRAIL", 7),
    ("ACYCLIC", 7),
    ("SIMPLE", 7),
    ("PATH", 8),
    ("PATHS", 8),
    ("GROUP", 9),
    ("GROUPS", 9),
];

/// The turns of the words that belong to `CHRONOLOGICAL`.
const CHRONO_TURNS: std::ops::RangeInclusive<u8> = 3..=6;

const MODES: &[(&str, PathMode)] = &[
    ("WALK", PathMode::Walk),
    ("TRAIL", PathMode::Trail),
    ("ACYCLIC", PathMode::Acyclic),
    ("SIMPLE", PathMode::Simple),
];

/// The units of a duration, each with its length in microseconds.
const UNITS: &[(&str, TimeUnit, i64)] = &[
    ("WEEK", TimeUnit::Weeks, 604_800_000_000),
    ("DAY", TimeUnit::Days, 86_400_000_000),
    ("HOUR", TimeUnit::Hours, 3_600_000_000),
    ("MINUTE", TimeUnit::Minutes, 60_000_000),
    ("SECOND", TimeUnit::Seconds, 1_000_000),
];

/// Units of no fixed length.
const CALENDAR_UNITS: &[&str] = &["MONTH", "MONTHS", "QUARTER", "QUARTERS", "YEAR", "YEARS"];

impl Parser<'_> {
    pub(super) fn search(&mut self) -> Result<Search> {
        let first = self.next;
        let start = self.here();
        let shortest = self.is_word("SHORTEST");
        let counted = matches!(self.ahead(1), Some(TokenKind::Int(_) | TokenKind::Parameter(_)));
        let mut selector = self.selector()?;
        let chrono = self.chrono()?;
        let mode = self.mode();
        if let Some(Selector::Shortest(count)) = selector.take_if(|_| shortest) {
            let groups = self.take_one_of(&["GROUP", "GROUPS"]);
            if !groups && !counted {
                let hint = "write SHORTEST 1, ANY SHORTEST or ALL SHORTEST".to_owned();
                return Err(self.unexpected("a number after SHORTEST, or GROUPS").hint(hint));
            }
            selector = Some(if groups { Selector::ShortestGroups(count) } else { Selector::Shortest(count) });
        }
        if !self.is("(") {
            return Err(self.misplaced(first));
        }
        let span = match self.next > first {
            true => self.span_from(start),
            false => Span::new(start.start, start.start),
        };
        Ok(Search { selector, chrono, mode, legacy: false, span })
    }

    fn selector(&mut self) -> Result<Option<Selector>> {
        let word = self.keyword().unwrap_or_default();
        if turn(&word) != Some(0) {
            return Ok(None);
        }
        self.next += 1;
        let selector = match word.as_str() {
            "ALL" if self.take_word("SHORTEST") => Selector::AllShortest,
            "ALL" => Selector::All,
            "ANY" if self.take_word("SHORTEST") => Selector::Shortest(Count::Literal(1)),
            "ANY" => Selector::Any(self.count()?),
            "SHORTEST" => Selector::Shortest(self.count()?),
            "STRONGEST" => Selector::Strongest(self.count()?),
            "EARLIEST" => Selector::Earliest(self.count()?),
            "LATEST" => Selector::Latest(self.count()?),
            "FASTEST" => Selector::Fastest(self.count()?),
            _ => {
                let count = self.count()?;
                let (variable, cost) = self.cost()?;
                Selector::Cheapest(count, variable, Box::new(cost))
            }
        };
        Ok(Some(selector))
    }

    /// The k of a selector; 1 where it is left out.
    fn count(&mut self) -> Result<Count> {
        let span = self.here();
        let count = match self.peek() {
            Some(TokenKind::Int(0)) => {
                return Err(Error::syntax(span, "expected a positive number of paths, found '0'")
                    .detail(Detail::NumberOutOfRange));
            }
            Some(TokenKind::Int(k)) => Count::Literal(*k),
            Some(TokenKind::Parameter(name)) => Count::Parameter(Name { text: name.clone(), span }),
            _ => return Ok(Count::Literal(1)),
        };
        self.next += 1;
        Ok(count)
    }

    fn cost(&mut self) -> Result<(Name, Expr)> {
        if !self.take_word("COST") {
            let hint = "say what a relationship costs, as in CHEAPEST COST (r | r.km)".to_owned();
            return Err(self.unexpected("COST").hint(hint));
        }
        self.expect("(")?;
        let variable = self.variable()?;
        self.expect("|")?;
        let cost = self.expr()?;
        self.expect(")")?;
        Ok((variable, cost))
    }

    fn chrono(&mut self) -> Result<Option<Chrono>> {
        let start = self.here();
        if !self.take_word("CHRONOLOGICAL") {
            return Ok(None);
        }
        let possibly = self.take_word("POSSIBLY");
        let strict = self.take_word("STRICT");
        let certainly = !possibly && !self.take_word("POSSIBLY") && self.take_word("CERTAINLY");
        let wait = self.wait()?;
        let within = match self.take_word("WITHIN") {
            true => Some(self.duration()?),
            false => None,
        };
        Ok(Some(Chrono { strict, certainly, wait, within, span: self.span_from(start) }))
    }

    /// `WAIT <= duration`, where it stands.
    pub(super) fn wait(&mut self) -> Result<Option<DurationExpr>> {
        if !self.take_word("WAIT") {
            return Ok(None);
        }
        self.expect("<=")?;
        self.duration().map(Some)
    }

    fn mode(&mut self) -> Option<PathMode> {
        let found = MODES.iter().find(|(word, _)| self.take_word(word));
        self.take_one_of(&["PATH", "PATHS"]);
        found.map(|(_, mode)| *mode)
    }

    fn duration(&mut self) -> Result<DurationExpr> {
        let span = self.here();
        let kind = match self.peek() {
            Some(TokenKind::Int(number)) => return self.whole_duration(*number),
            Some(TokenKind::Float(number)) => ExprKind::Float(*number),
            Some(TokenKind::Parameter(name)) => ExprKind::Parameter(name.clone()),
            Some(TokenKind::Symbol("(")) => {
                self.next += 1;
                let value = self.expr()?;
                self.expect(")")?;
                return Ok(DurationExpr::Value(Box::new(value)));
            }
            Some(TokenKind::Symbol("-")) => {
                self.next += 1;
                return Err(Error::syntax(self.span_from(span), "a duration cannot be negative")
                    .detail(Detail::NumberOutOfRange));
            }
            Some(TokenKind::Symbol("<=")) => {
                let hint = "WITHIN stands without <=".to_owned();
                return Err(self.unexpected("a duration such as 10 DAYS").hint(hint));
            }
            _ => {
                let hint = "any other expression needs parentheses around it".to_owned();
                return Err(self.unexpected("a duration such as 10 DAYS").hint(hint));
            }
        };
        self.next += 1;
        if self.unit().is_some() || self.is_one_of(CALENDAR_UNITS) {
            let message =
                format!("expected a whole number before {}, found '{}'", self.found(), self.slice(span));
            return Err(Error::syntax(span, message)
                .hint("for another value, write (duration({days: x}))".to_owned()));
        }
        Ok(DurationExpr::Value(Box::new(Expr { kind, span })))
    }

    /// `n UNIT`, or a number alone; the number stands next.
    fn whole_duration(&mut self, number: u64) -> Result<DurationExpr> {
        let span = self.here();
        let signed = i64::try_from(number).ok();
        self.next += 1;
        if self.is_one_of(CALENDAR_UNITS) {
            let message = format!("{} has no fixed length", self.found());
            return Err(Error::syntax(self.here(), message).hint("write the days, as in 30 DAYS".to_owned()));
        }
        let Some((unit, length)) = self.unit() else {
            let kind = ExprKind::Int(signed.ok_or_else(|| too_long(span))?);
            return Ok(DurationExpr::Value(Box::new(Expr { kind, span })));
        };
        self.next += 1;
        let span = self.span_from(span);
        match signed.and_then(|n| n.checked_mul(length)) {
            Some(_) => Ok(DurationExpr::Units(number, unit, span)),
            None => Err(too_long(span)),
        }
    }

    /// The unit that stands next, in the singular or the plural, and its length in microseconds.
    fn unit(&self) -> Option<(TimeUnit, i64)> {
        let word = self.keyword()?;
        let singular = word.strip_suffix('S').unwrap_or(&word);
        UNITS.iter().find(|(name, ..)| *name == singular).map(|(_, unit, length)| (*unit, *length))
    }

    /// The error for what stands where the path should begin; the search began at token `first`.
    fn misplaced(&self, first: usize) -> Error {
        let error = self.unexpected("a path pattern that begins with '('");
        if let Some(TokenKind::Int(k)) = self.peek() {
            let shortest = self.next > first && {
                let before = self.slice(self.tokens[self.next - 1].span);
                before.eq_ignore_ascii_case("SHORTEST")
            };
            return error.hint(shortest.then(|| format!("write SHORTEST {k}")));
        }
        let Some(word) = self.keyword() else { return error };
        let Some(own_turn) = turn(&word) else { return error };
        let earlier = self.search_words(first);
        let hint = if let Some((later, _)) = earlier.iter().find(|(_, turn)| *turn > own_turn) {
            format!("write {word} before {later}")
        } else if let Some((other, _)) = earlier.iter().find(|(_, turn)| *turn == own_turn) {
            match *other == word {
                true => format!("write {word} once"),
                false => format!("choose between {other} and {word}"),
            }
        } else if CHRONO_TURNS.contains(&own_turn) {
            format!("write CHRONOLOGICAL before {word}")
        } else if own_turn == 9 {
            format!("{word} belongs to SHORTEST, as in SHORTEST 2 GROUPS")
        } else {
            return error;
        };
        error.hint(hint)
    }

    /// The words of the search so far, outside brackets, each with its turn.
    fn search_words(&self, first: usize) -> Vec<(String, u8)> {
        let mut words = Vec::new();
        let mut open = 0_usize;
        for token in &self.tokens[first..self.next] {
            match token.kind {
                TokenKind::Symbol("(") => open += 1,
                TokenKind::Symbol(")") => open = open.saturating_sub(1),
                TokenKind::Word if open == 0 => {
                    let word = self.slice(token.span).to_ascii_uppercase();
                    words.extend(turn(&word).map(|turn| (word, turn)));
                }
                _ => {}
            }
        }
        words
    }
}

fn too_long(span: Span) -> Error {
    Error::syntax(span, "the duration is too long").detail(Detail::NumberOutOfRange)
}

fn turn(word: &str) -> Option<u8> {
    TURNS.iter().find(|(found, _)| *found == word).map(|(_, turn)| *turn)
}

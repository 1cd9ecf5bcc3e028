//! Expressions, from the loosest operator to the tightest.

use super::super::ast::{
    BinaryOp, Clause, Expr, ExprKind, ListQuantifier, MapEntry, Match, Name, PathPattern, Query,
    SubqueryKind, UnaryOp,
};
use super::super::lexer::{TokenKind, too_large};
use super::Parser;
use super::query::Place;
use super::words::takes_words;
use crate::error::{Result, Span};

/// Comparisons, which chain: `1 < x <= 3`.
const COMPARISONS: &[(&str, BinaryOp)] = &[
    ("=", BinaryOp::Equal),
    ("<>", BinaryOp::NotEqual),
    ("<", BinaryOp::Less),
    ("<=", BinaryOp::LessOrEqual),
    (">", BinaryOp::Greater),
    (">=", BinaryOp::GreaterOrEqual),
];

const SUMS: &[(&str, BinaryOp)] =
    &[("+", BinaryOp::Add), ("-", BinaryOp::Subtract), ("||", BinaryOp::Concatenate)];

const PRODUCTS: &[(&str, BinaryOp)] =
    &[("*", BinaryOp::Multiply), ("/", BinaryOp::Divide), ("%", BinaryOp::Modulo)];

const POWERS: &[(&str, BinaryOp)] = &[("^", BinaryOp::Power)];

/// The words that ask something of the elements of a list.
const QUANTIFIERS: &[(&str, ListQuantifier)] = &[
    ("ALL", ListQuantifier::All),
    ("ANY", ListQuantifier::Any),
    ("NONE", ListQuantifier::None),
    ("SINGLE", ListQuantifier::Single),
];

/// The words that begin a subquery in braces.
const SUBQUERIES: &[(&str, SubqueryKind)] =
    &[("EXISTS", SubqueryKind::Exists), ("COUNT", SubqueryKind::Count), ("COLLECT", SubqueryKind::Collect)];

/// The words that begin a search for shortest paths in parentheses.
const SHORTEST_PATHS: &[(&str, SubqueryKind)] =
    &[("SHORTESTPATH", SubqueryKind::First), ("ALLSHORTESTPATHS", SubqueryKind::Collect)];

/// A name that no text can hold, for the path of a pattern that has none.
const PATH: &str = " path";

/// What parses the operands of an operator.
type Operand<'t> = fn(&mut Parser<'t>) -> Result<Expr>;

impl<'t> Parser<'t> {
    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.expr_where_bar(false)
    }

    /// An expression that a `|` ends, so that no label expression swallows it.
    pub(super) fn expr_before_bar(&mut self) -> Result<Expr> {
        self.expr_where_bar(true)
    }

    fn expr_where_bar(&mut self, bar_ends: bool) -> Result<Expr> {
        let outside = std::mem::replace(&mut self.bar_ends, bar_ends);
        let expr = self.nested(Self::or)?;
        self.bar_ends = outside;
        self.after_expr = self.next;
        Ok(expr)
    }

    fn or(&mut self) -> Result<Expr> {
        self.logical("OR", BinaryOp::Or, Self::xor)
    }

    fn xor(&mut self) -> Result<Expr> {
        self.logical("XOR", BinaryOp::Xor, Self::and)
    }

    fn and(&mut self) -> Result<Expr> {
        self.logical("AND", BinaryOp::And, Self::not)
    }

    /// Operands of an associative operator, as a balanced tree.
    fn logical(&mut self, word: &str, op: BinaryOp, operand: Operand<'t>) -> Result<Expr> {
        let first = operand(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take_word(word) {
            operands.push(self.operand(operand)?);
        }
        self.balanced(operands, |left, right| binary(op, left, right))
    }

    /// Joins operands that were just parsed, at least one, into a tree of the least height.
    pub(super) fn balanced<T>(&mut self, operands: Vec<T>, join: impl Fn(T, T) -> T + Copy) -> Result<T> {
        self.grow(operands.len().ilog2() as usize + 1)?;
        Ok(balance(operands, join))
    }

    fn not(&mut self) -> Result<Expr> {
        let start = self.here();
        match self.take_word("NOT") {
            true => self.signed(start, UnaryOp::Not, Self::not),
            false => self.comparison(),
        }
    }

    fn signed(&mut self, start: Span, op: UnaryOp, operand: Operand<'t>) -> Result<Expr> {
        let operand = self.nested(operand)?;
        Ok(self.expr_from(start, ExprKind::Unary(op, Box::new(operand))))
    }

    fn comparison(&mut self) -> Result<Expr> {
        let first = self.predicate()?;
        let mut others = Vec::new();
        while let Some(op) = self.take_operator(COMPARISONS) {
            others.push((op, self.operand(Self::predicate)?));
        }
        if self.is("==") || self.is("!=") {
            return Err(self.unexpected("an operator"));
        }
        match others.last() {
            None => Ok(first),
            Some((_, last)) => {
                self.grow(1)?;
                let span = first.span.to(last.span);
                Ok(Expr { kind: ExprKind::Comparison(Box::new(first), others), span })
            }
        }
    }

    fn predicate(&mut self) -> Result<Expr> {
        let mut left = self.sum()?;
        loop {
            let typed = self.is(":") && self.is_ahead(1, ":");
            if typed || self.take_word("IS") {
                left = self.is_predicate(left)?;
            } else if let Some(op) = self.take_predicate()? {
                let right = self.operand(Self::sum)?;
                left = binary(op, left, right);
            } else {
                return Ok(left);
            }
            self.grow(1)?;
        }
    }

    fn take_predicate(&mut self) -> Result<Option<BinaryOp>> {
        let op = match self.keyword().as_deref() {
            Some("IN") => BinaryOp::In,
            Some("STARTS") if self.is_word_ahead(1, "WITH") => BinaryOp::StartsWith,
            Some("ENDS") if self.is_word_ahead(1, "WITH") => BinaryOp::EndsWith,
            Some("CONTAINS") => BinaryOp::Contains,
            Some("NOT") => {
                let hint = match self.is_word_ahead(1, "NULL") {
                    true => "write IS NOT NULL",
                    false => "write NOT before the whole comparison, as in NOT x IN list",
                };
                return Err(self.unexpected("an operator").hint(hint.to_owned()));
            }
            _ if self.is("=~") => BinaryOp::Matches,
            _ => return Ok(None),
        };
        self.next += match op {
            BinaryOp::StartsWith | BinaryOp::EndsWith => 2,
            _ => 1,
        };
        Ok(Some(op))
    }

    fn sum(&mut self) -> Result<Expr> {
        self.left_to_right(SUMS, Self::product)
    }

    fn product(&mut self) -> Result<Expr> {
        self.left_to_right(PRODUCTS, Self::power)
    }

    fn power(&mut self) -> Result<Expr> {
        self.left_to_right(POWERS, Self::unary)
    }

    fn left_to_right(&mut self, operators: &[(&str, BinaryOp)], operand: Operand<'t>) -> Result<Expr> {
        let mut left = operand(self)?;
        while let Some(op) = self.take_operator(operators) {
            let right = self.operand(operand)?;
            left = binary(op, left, right);
            self.grow(1)?;
        }
        Ok(left)
    }

    fn take_operator<Op: Copy>(&mut self, operators: &[(&str, Op)]) -> Option<Op> {
        operators.iter().find(|(symbol, _)| self.take(symbol)).map(|(_, op)| *op)
    }

    fn unary(&mut self) -> Result<Expr> {
        let start = self.here();
        if self.take("-") {
            // The least integer has no positive counterpart, so it cannot be a sign before a number.
            if self.peek() == Some(&TokenKind::Int(i64::MIN.unsigned_abs())) {
                self.next += 1;
                return Ok(self.expr_from(start, ExprKind::Int(i64::MIN)));
            }
            return self.signed(start, UnaryOp::Minus, Self::unary);
        }
        match self.take("+") {
            true => self.signed(start, UnaryOp::Plus, Self::unary),
            false => self.postfix(),
        }
    }

    fn postfix(&mut self) -> Result<Expr> {
        let base = self.place()?;
        let labels_follow = self.is(":")
            && (self.is_name_ahead(1) || ["!", "%", "("].iter().any(|symbol| self.is_ahead(1, symbol)));
        if !labels_follow {
            return Ok(base);
        }
        self.next += 1;
        let labels = self.labels()?;
        self.grow(1)?;
        Ok(self.expr_from(base.span, ExprKind::HasLabels(Box::new(base), labels)))
    }

    /// An atom with its properties and indexes, but without labels.
    pub(super) fn place(&mut self) -> Result<Expr> {
        let mut base = self.atom()?;
        if self.is("{") && matches!(base.kind, ExprKind::Variable(_)) {
            base = self.map_projection(base)?;
        }
        loop {
            if self.take(".") {
                let key = self.name("the name of a property")?;
                base = self.expr_from(base.span, ExprKind::Property(Box::new(base), key));
            } else if self.take("[") {
                base = self.index(base)?;
            } else {
                return Ok(base);
            }
            self.grow(1)?;
        }
    }

    /// `base {.key, .*, key: value, other}`, the base being taken.
    fn map_projection(&mut self, base: Expr) -> Result<Expr> {
        let span = base.span;
        self.expect("{")?;
        let entries = self.list_until("}", Self::map_entry)?;
        self.grow(1)?;
        Ok(self.expr_from(span, ExprKind::MapProjection { base: Box::new(base), entries }))
    }

    fn map_entry(&mut self) -> Result<MapEntry> {
        if self.take(".") {
            return match self.take("*") {
                true => Ok(MapEntry::All),
                false => self.name("the name of a property, or *").map(MapEntry::Property),
            };
        }
        if self.is_name_ahead(0) && self.is_ahead(1, ":") {
            let key = self.name("a key")?;
            self.expect(":")?;
            return Ok(MapEntry::Value(key, self.expr()?));
        }
        if !self.is_name_ahead(0) {
            return Err(self.unexpected("'.', a key or a variable"));
        }
        let name = self.variable()?;
        let value = Expr { kind: ExprKind::Variable(name.text.clone()), span: name.span };
        Ok(MapEntry::Value(name, value))
    }

    /// What follows `base[`.
    fn index(&mut self, base: Expr) -> Result<Expr> {
        let span = base.span;
        let base = Box::new(base);
        let from = match self.is("..") {
            true => None,
            false => Some(Box::new(self.expr()?)),
        };
        let slice = self.take("..");
        let to = match slice && !self.is("]") {
            true => Some(Box::new(self.expr()?)),
            false => None,
        };
        self.expect("]")?;
        let kind = match from {
            Some(index) if !slice => ExprKind::Index(base, index),
            from => ExprKind::Slice(base, from, to),
        };
        Ok(self.expr_from(span, kind))
    }

    fn atom(&mut self) -> Result<Expr> {
        let start = self.here();
        let kind = match self.peek() {
            Some(TokenKind::Int(number)) => match i64::try_from(*number) {
                Ok(number) => ExprKind::Int(number),
                Err(_) => return Err(too_large(start, self.slice(start))),
            },
            Some(TokenKind::Float(number)) => ExprKind::Float(*number),
            Some(TokenKind::String(text)) => ExprKind::String(text.clone()),
            Some(TokenKind::Parameter(name)) => ExprKind::Parameter(name.clone()),
            Some(TokenKind::Quoted(_)) => return self.variable_or_function(),
            Some(TokenKind::Word) => return self.word(),
            Some(TokenKind::Symbol("(")) => return self.parenthesised(),
            Some(TokenKind::Symbol("[")) => return self.list_or_comprehension(),
            Some(TokenKind::Symbol("{")) => return self.map(),
            _ => return Err(self.unexpected("an expression")),
        };
        self.next += 1;
        Ok(Expr { kind, span: start })
    }

    fn word(&mut self) -> Result<Expr> {
        let start = self.here();
        let kind = match self.keyword().as_deref() {
            Some("NULL") => ExprKind::Null,
            Some("TRUE") => ExprKind::Bool(true),
            Some("FALSE") => ExprKind::Bool(false),
            Some("CASE") => return self.case(),
            Some("NOT") => {
                let hint = "put parentheses around NOT and what follows it".to_owned();
                return Err(self.unexpected("an expression").hint(hint));
            }
            _ if self.is_reserved() => return Err(self.reserved("an expression")),
            _ => return self.quantified_or_named(),
        };
        self.next += 1;
        Ok(Expr { kind, span: start })
    }

    fn quantified_or_named(&mut self) -> Result<Expr> {
        let start = self.here();
        let kind_of = |parser: &Self, words: &[(&str, SubqueryKind)], after: &str| {
            let found = words.iter().find(|(word, _)| parser.is_word(word) && parser.is_ahead(1, after));
            found.map(|(_, kind)| *kind)
        };
        if let Some(kind) = kind_of(self, SUBQUERIES, "{") {
            self.next += 2;
            let query = self.nested(|parser| parser.query_in_braces(Place::Expression))?;
            return Ok(self.expr_from(start, ExprKind::Subquery { kind, query, value: None }));
        }
        if let Some(kind) = kind_of(self, SHORTEST_PATHS, "(") {
            let path = Name { text: PATH.to_owned(), span: start };
            let pattern = self.nested(|parser| parser.shortest_path(Some(path)))?;
            let value = Expr { kind: ExprKind::Variable(PATH.to_owned()), span: start };
            return Ok(self.matching(kind, pattern, None, Some(value)));
        }
        if self.is_word("REDUCE") && self.is_ahead(1, "(") {
            return self.reduce();
        }
        let list_follows = self.is_ahead(1, "(") && self.is_name_ahead(2) && self.is_word_ahead(3, "IN");
        let quantifier = QUANTIFIERS.iter().find(|(word, _)| list_follows && self.is_word(word));
        match quantifier {
            Some((_, quantifier)) => self.quantified(*quantifier),
            None => self.variable_or_function(),
        }
    }

    /// A subquery that is one `MATCH`.
    fn matching(
        &self,
        kind: SubqueryKind,
        pattern: PathPattern,
        filter: Option<Expr>,
        value: Option<Expr>,
    ) -> Expr {
        let span = self.span_from(pattern.span);
        let clauses = vec![Clause::Match(Match { optional: false, patterns: vec![pattern], filter, span })];
        let query = Query { clauses, unions: Vec::new() };
        Expr { kind: ExprKind::Subquery { kind, query, value: value.map(Box::new) }, span }
    }

    fn reduce(&mut self) -> Result<Expr> {
        let start = self.here();
        self.next += 1;
        self.expect("(")?;
        let total = self.variable()?;
        self.expect("=")?;
        let first = Box::new(self.expr()?);
        self.expect(",")?;
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = Box::new(self.expr_before_bar()?);
        self.expect("|")?;
        let value = Box::new(self.expr()?);
        self.expect(")")?;
        Ok(self.expr_from(start, ExprKind::Reduce { total, start: first, variable, list, value }))
    }

    fn quantified(&mut self, quantifier: ListQuantifier) -> Result<Expr> {
        let start = self.here();
        self.next += 1;
        self.expect("(")?;
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = Box::new(self.expr()?);
        self.expect_word("WHERE")?;
        let filter = Box::new(self.expr()?);
        self.expect(")")?;
        Ok(self.expr_from(start, ExprKind::Quantified { quantifier, variable, list, filter }))
    }

    fn variable_or_function(&mut self) -> Result<Expr> {
        let mut n_ahead = 0;
        while self.is_name_ahead(n_ahead) && self.is_ahead(n_ahead + 1, ".") {
            n_ahead += 2;
        }
        if self.is_name_ahead(n_ahead) && self.is_ahead(n_ahead + 1, "(") {
            return self.function();
        }
        let Name { text, span } = self.variable()?;
        Ok(Expr { kind: ExprKind::Variable(text), span })
    }

    fn function(&mut self) -> Result<Expr> {
        let name = self.dotted_name("the name of a function")?;
        self.expect("(")?;
        if takes_words(&name) && !self.is_word("DISTINCT") {
            return self.call_with_words(name);
        }
        let star = self.is("*") && self.is_ahead(1, ")");
        let distinct = self.take_word("DISTINCT");
        let arguments = if star {
            self.next += 1;
            self.expect(")")?;
            Vec::new()
        } else if distinct && self.is(")") {
            return Err(self.unexpected("an expression"));
        } else {
            self.list_until(")", Self::expr)?
        };
        Ok(self.expr_from(name.span, ExprKind::Call { name, distinct, star, arguments }))
    }

    fn parenthesised(&mut self) -> Result<Expr> {
        if self.pattern_follows() {
            let pattern = self.nested(Self::plain_pattern)?;
            return Ok(self.matching(SubqueryKind::Pattern, pattern, None, None));
        }
        let start = self.here();
        self.expect("(")?;
        let inner = self.expr()?;
        self.expect(")")?;
        Ok(self.expr_from(start, inner.kind))
    }

    /// Whether a node pattern with an arrow after it stands next.
    ///
    /// openCypher reads `(a)--(b)` as a pattern, not as a difference, and so do we.
    fn pattern_follows(&self) -> bool {
        let named = usize::from(self.is_name_ahead(1));
        let node_like = [":", "{", ")"].iter().any(|symbol| self.is_ahead(1 + named, symbol))
            || self.is_word_ahead(1 + named, "WHERE");
        let Some(close) = node_like.then(|| self.closing()).flatten() else { return false };
        let dash = close + 1 + usize::from(self.is_ahead(close + 1, "<"));
        self.is_ahead(dash, "-") && (self.is_ahead(dash + 1, "[") || self.dash_and_node_follow(dash + 1))
    }

    /// Whether a second dash stands there and then a node or a quantifier, and no number as in `(a) - -1`.
    fn dash_and_node_follow(&self, dash: usize) -> bool {
        let end = dash + 1 + usize::from(self.is_ahead(dash + 1, ">"));
        self.is_ahead(dash, "-") && ["(", "{", "*", "+", "?"].iter().any(|symbol| self.is_ahead(end, symbol))
    }

    /// How far ahead the bracket stands that closes the one next.
    fn closing(&self) -> Option<usize> {
        let mut open = 0_usize;
        for (i, token) in self.tokens[self.next..].iter().enumerate() {
            match token.kind {
                TokenKind::Symbol("(" | "[" | "{") => open += 1,
                TokenKind::Symbol(")" | "]" | "}") if open == 1 => return Some(i),
                TokenKind::Symbol(")" | "]" | "}") => open = open.saturating_sub(1),
                _ => {}
            }
        }
        None
    }

    fn list_or_comprehension(&mut self) -> Result<Expr> {
        let start = self.here();
        self.expect("[")?;
        if self.is_name_ahead(0) && !self.is_reserved() && self.is_word_ahead(1, "IN") {
            return self.comprehension(start);
        }
        if self.comprehended_pattern_follows() {
            return self.pattern_comprehension();
        }
        let items = self.list_until("]", Self::expr)?;
        Ok(self.expr_from(start, ExprKind::List(items)))
    }

    /// Whether `(a)-->(b) |` or `p = (a)-->(b)` stands next, and no item of a list.
    ///
    /// Brackets are skipped, not parsed: patterns within patterns would be parsed twice at each level.
    fn comprehended_pattern_follows(&mut self) -> bool {
        let named = self.is_name_ahead(0) && self.is_ahead(1, "=") && self.is_ahead(2, "(");
        let start = self.next;
        self.next += if named { 2 } else { 0 };
        let first = self.next;
        // A path in parentheses begins as its first node does.
        while self.is("(") && self.is_ahead(1, "(") {
            self.next += 1;
        }
        let mut follows = self.is("(") && self.pattern_follows();
        self.next = first;
        if follows && !named {
            self.skip_pattern();
            follows = self.is("|") || self.is_word("WHERE");
        }
        self.next = start;
        follows
    }

    /// Goes past brackets, arrows and quantifiers.
    fn skip_pattern(&mut self) {
        while let Some(TokenKind::Symbol(symbol)) = self.peek() {
            self.next += match *symbol {
                "(" | "[" | "{" => match self.closing() {
                    Some(close) => close + 1,
                    None => return,
                },
                "-" | "<" | ">" | "*" | "+" | "?" => 1,
                _ => return,
            };
        }
    }

    fn pattern_comprehension(&mut self) -> Result<Expr> {
        let named = self.is_name_ahead(0) && self.is_ahead(1, "=");
        let variable = match named {
            true => Some(self.variable()?),
            false => None,
        };
        if named {
            self.expect("=")?;
        }
        let mut pattern = self.nested(Self::plain_pattern)?;
        pattern.variable = variable;
        let filter = match self.take_word("WHERE") {
            true => Some(self.expr_before_bar()?),
            false => None,
        };
        self.expect("|")?;
        let value = self.expr()?;
        self.expect("]")?;
        Ok(self.matching(SubqueryKind::Collect, pattern, filter, Some(value)))
    }

    fn comprehension(&mut self, start: Span) -> Result<Expr> {
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = Box::new(self.expr_before_bar()?);
        let filter = match self.take_word("WHERE") {
            true => Some(Box::new(self.expr_before_bar()?)),
            false => None,
        };
        let value = match self.take("|") {
            true => Some(Box::new(self.expr()?)),
            false => None,
        };
        if self.is(",") {
            let hint = "put parentheses around a comparison with IN that is an element of a list".to_owned();
            return Err(self.unexpected("']'").hint(hint));
        }
        self.expect("]")?;
        Ok(self.expr_from(start, ExprKind::ListComprehension { variable, list, filter, value }))
    }

    pub(super) fn map(&mut self) -> Result<Expr> {
        let start = self.here();
        self.expect("{")?;
        let entries = self.list_until("}", |parser| {
            let key = parser.key()?;
            if parser.is("=") {
                let hint = "a colon stands between a key and its value".to_owned();
                return Err(parser.unexpected("':'").hint(hint));
            }
            parser.expect(":")?;
            Ok((key, parser.expr()?))
        })?;
        Ok(self.expr_from(start, ExprKind::Map(entries)))
    }

    fn case(&mut self) -> Result<Expr> {
        let start = self.here();
        self.expect_word("CASE")?;
        let subject = match self.is_word("WHEN") {
            true => None,
            false => Some(Box::new(self.expr()?)),
        };
        let mut branches = Vec::new();
        while branches.is_empty() || self.is_word("WHEN") {
            self.expect_word("WHEN")?;
            let condition = self.expr()?;
            self.expect_word("THEN")?;
            branches.push((condition, self.expr()?));
        }
        let otherwise = match self.take_word("ELSE") {
            true => Some(Box::new(self.expr()?)),
            false => None,
        };
        self.expect_word("END")?;
        Ok(self.expr_from(start, ExprKind::Case { subject, branches, otherwise }))
    }

    fn expr_from(&self, start: Span, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span_from(start) }
    }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span }
}

fn balance<T>(mut operands: Vec<T>, join: impl Fn(T, T) -> T + Copy) -> T {
    if operands.len() > 1 {
        let right = operands.split_off(operands.len().div_ceil(2));
        return join(balance(operands, join), balance(right, join));
    }
    operands.pop().expect("an operator has operands on both sides")
}

//! Statements and clauses.

use super::super::ast::{
    Clause, Control, Expr, ExprKind, Match, Mode, Name, Projection, ProjectionItem, Query, RemoveItem,
    SetItem, SortKey, Statement,
};
use super::Parser;
use super::query::Place;
use super::recover::ERRORS_MAX;
use super::slips::clause_near;
use crate::error::{Detail, Error, Result, Span};

/// The words that begin clauses.
pub(super) const CLAUSES: &[&str] = &[
    "MATCH", "OPTIONAL", "WITH", "RETURN", "UNWIND", "CREATE", "INSERT", "SET", "REMOVE", "DELETE", "DETACH",
    "NODETACH", "CALL", "MERGE", "FOREACH", "FILTER", "FINISH", "DROP", "SHOW",
];

/// Clauses of openCypher and its relatives that are not there yet.
const NOT_BUILT: &[&str] = &["ALTER", "FOR", "LET", "LOAD", "USE"];

/// The words that begin and end transactions.
const CONTROLS: &[(&str, Control)] = &[
    ("BEGIN", Control::Begin),
    ("START", Control::Begin),
    ("COMMIT", Control::Commit),
    ("ROLLBACK", Control::Rollback),
];

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Statement> {
        let start = self.here();
        if let Some(control) = self.control() {
            let mode = Mode::Transaction(control);
            return match self.at_end() {
                true => {
                    Ok(Statement { mode, lens: None, query: Query::default(), span: self.span_from(start) })
                }
                false => Err(self.unexpected("the end of the statement")),
            };
        }
        let mode = if self.take_word("EXPLAIN") {
            match self.take_word("WHY") {
                true => {
                    self.expect_word("NOT")?;
                    Mode::WhyNot
                }
                false => Mode::Explain,
            }
        } else if self.take_word("PROFILE") {
            Mode::Profile
        } else {
            Mode::Run
        };
        let lens = self.lens()?;
        self.first = self.next;
        let query = self.query(Place::Statement)?;
        Ok(Statement { mode, lens, query, span: self.span_from(start) })
    }

    /// `BEGIN`, `COMMIT` or `ROLLBACK`, where one stands next, with the word `TRANSACTION` or without.
    fn control(&mut self) -> Option<Control> {
        let found = CONTROLS.iter().find(|(word, _)| self.is_word(word));
        let found = found.filter(|(word, _)| *word != "START" || self.is_word_ahead(1, "TRANSACTION"));
        let (_, control) = found?;
        self.next += 1;
        self.take_word("TRANSACTION");
        Some(*control)
    }

    fn lens(&mut self) -> Result<Option<Expr>> {
        if !self.take_word("USING") {
            return Ok(None);
        }
        self.expect_word("LENS")?;
        self.expr().map(Some)
    }

    /// The error for what follows `word`, which ends a query.
    pub(super) fn after_last(&self, word: &str) -> Error {
        if self.is_one_of(NOT_BUILT) {
            return self.clause_not_built();
        }
        if self.is_one_of(CLAUSES) {
            let message = format!("expected the end of the statement after {word}, found {}", self.found());
            return Error::syntax(self.here(), message).hint(format!("{word} is the last clause"));
        }
        self.unexpected("the end of the statement")
    }

    fn clause_not_built(&self) -> Error {
        let word = self.keyword().unwrap_or_default();
        match word.as_str() {
            "LOAD" if self.is_word_ahead(1, "CSV") => self.not_built("LOAD CSV"),
            _ => self.not_built(&word),
        }
    }

    pub(super) fn clause(&mut self) -> Result<Clause> {
        if self.is_one_of(NOT_BUILT) {
            return Err(self.clause_not_built());
        }
        let start = self.here();
        let word = self.clause_word()?;
        self.next += 1;
        match word.as_str() {
            "MATCH" => Ok(Clause::Match(self.matches(start, false)?)),
            "OPTIONAL" if self.take_word("CALL") => self.call(start, true),
            "OPTIONAL" => {
                if !self.take_word("MATCH") {
                    return Err(self.unexpected("MATCH or CALL"));
                }
                Ok(Clause::Match(self.matches(start, true)?))
            }
            "WITH" => Ok(Clause::With(self.with(start)?)),
            "RETURN" => Ok(Clause::Return(self.returns(start)?)),
            "UNWIND" => {
                let list = self.expr()?;
                self.expect_word("AS")?;
                let variable = self.variable()?;
                Ok(Clause::Unwind { list, variable, span: self.span_from(start) })
            }
            "CREATE" | "INSERT" => {
                if word == "CREATE" && self.is_schema_object() {
                    return self.schema(start, &word);
                }
                let patterns = self.list(Self::created_pattern)?;
                Ok(Clause::Create { patterns, span: self.span_from(start) })
            }
            "MERGE" => self.merge(start),
            "SET" => {
                let items = self.list(Self::set_item)?;
                Ok(Clause::Set { items, span: self.span_from(start) })
            }
            "REMOVE" => {
                let items = self.list(Self::remove_item)?;
                Ok(Clause::Remove { items, span: self.span_from(start) })
            }
            "DROP" => self.schema(start, &word),
            "SHOW" if self.is_one_of(&["INDEX", "INDEXES", "CONSTRAINT", "CONSTRAINTS"]) => {
                self.schema(start, &word)
            }
            "CALL" => self.call(start, false),
            "FOREACH" => self.foreach(start),
            "FILTER" => self.filter_clause(start),
            "FINISH" => Ok(Clause::Finish(start)),
            "SHOW" => self.show(start),
            _ => {
                if word != "DELETE" {
                    self.expect_word("DELETE")?;
                }
                let targets = self.list(Self::deleted)?;
                Ok(Clause::Delete { targets, detach: word == "DETACH", span: self.span_from(start) })
            }
        }
    }

    /// The word that begins the clause. One that is only misspelt is told and read as what was meant, so that
    /// the rest of its clause is looked at too.
    fn clause_word(&mut self) -> Result<String> {
        let word = self.keyword().unwrap_or_default();
        if CLAUSES.contains(&word.as_str()) {
            return Ok(word);
        }
        let error = self.not_a_clause();
        match clause_near(&word).filter(|_| self.errors.len() + 1 < ERRORS_MAX) {
            Some(meant) => {
                self.errors.push(error);
                Ok(meant.to_owned())
            }
            None => Err(error),
        }
    }

    /// The rest of a `MERGE`, the word itself being taken.
    fn merge(&mut self, start: Span) -> Result<Clause> {
        let pattern = self.merged_pattern()?;
        let (mut on_create, mut on_match) = (Vec::new(), Vec::new());
        while self.take_word("ON") {
            let items = match self.take_word("CREATE") {
                true => &mut on_create,
                false => {
                    self.expect_word("MATCH")?;
                    &mut on_match
                }
            };
            self.expect_word("SET")?;
            items.extend(self.list(Self::set_item)?);
        }
        Ok(Clause::Merge { pattern, on_create, on_match, span: self.span_from(start) })
    }

    fn not_a_clause(&self) -> Error {
        match self.keyword().as_deref() {
            Some("USING") => self
                .unexpected("a clause such as MATCH")
                .hint("USING LENS stands once, before the first clause".to_owned()),
            Some(word) if CONTROLS.iter().any(|(control, _)| *control == word) => self
                .unexpected("a clause such as MATCH")
                .hint(format!("{word} is a statement of its own: put ';' before and after it")),
            Some(mode @ ("EXPLAIN" | "PROFILE")) => {
                self.unexpected("a clause such as MATCH").hint(format!("{mode} comes first"))
            }
            _ if self.after_expr == self.next && self.next > 0 => {
                self.unexpected("an operator or a clause such as RETURN")
            }
            _ => self.unexpected("a clause such as MATCH or RETURN"),
        }
    }

    /// What follows `WHERE`, where it stands.
    pub(super) fn filter(&mut self) -> Result<Option<Expr>> {
        match self.take_word("WHERE") {
            true => self.expr().map(Some),
            false => Ok(None),
        }
    }

    /// The rest of a `FILTER`, which is `WITH * WHERE …`.
    fn filter_clause(&mut self, start: Span) -> Result<Clause> {
        self.take_word("WHERE");
        let filter = Some(self.expr()?);
        let span = self.span_from(start);
        Ok(Clause::With(Projection { star: true, filter, ..Projection::empty(span) }))
    }

    pub(super) fn matches(&mut self, start: Span, optional: bool) -> Result<Match> {
        let patterns = self.list(Self::matched_pattern)?;
        if self.is_word("USING") && !self.is_word_ahead(1, "LENS") {
            return Err(self.not_built("a hint to the planner"));
        }
        let filter = self.filter()?;
        Ok(Match { optional, patterns, filter, span: self.span_from(start) })
    }

    fn with(&mut self, start: Span) -> Result<Projection> {
        let mut projection = self.projection(start)?;
        projection.filter = self.filter()?;
        projection.span = self.span_from(start);
        if projection.filter.is_some() && self.is_one_of(&["ORDER", "SKIP", "OFFSET", "LIMIT"]) {
            let word = self.keyword().unwrap_or_default();
            return Err(self.unexpected("a clause").hint(format!("write {word} before WHERE")));
        }
        Ok(projection)
    }

    fn returns(&mut self, start: Span) -> Result<Projection> {
        let projection = self.projection(start)?;
        if self.is_word("WHERE") {
            let hint = "filter in a WITH … WHERE before RETURN".to_owned();
            return Err(self.unexpected("the end of the statement").hint(hint));
        }
        Ok(projection)
    }

    fn projection(&mut self, start: Span) -> Result<Projection> {
        let distinct = self.take_word("DISTINCT");
        let star = self.take("*");
        let items = match star && !self.take(",") {
            true => Vec::new(),
            false => self.list(Self::projection_item)?,
        };
        let order = match self.is_word("ORDER") {
            true => self.order()?,
            false => Vec::new(),
        };
        let skip = match self.take_one_of(&["SKIP", "OFFSET"]) {
            true => Some(self.expr()?),
            false => None,
        };
        let limit = match self.take_word("LIMIT") {
            true => Some(self.expr()?),
            false => None,
        };
        if self.is_one_of(&["ORDER", "SKIP", "OFFSET"]) {
            let hint = "the order is ORDER BY, SKIP, LIMIT".to_owned();
            return Err(self.unexpected("a clause or the end of the statement").hint(hint));
        }
        let span = self.span_from(start);
        Ok(Projection { distinct, star, items, order, skip, limit, filter: None, span })
    }

    fn projection_item(&mut self) -> Result<ProjectionItem> {
        let start = self.here();
        if self.at_end() {
            let hint = "name what to show, such as n, n.name or *".to_owned();
            return Err(self.unexpected("an expression").hint(hint));
        }
        let expr = self.expr()?;
        let text = self.slice(self.span_from(start)).to_owned();
        let alias = match self.take_word("AS") {
            true => Some(self.variable()?),
            false => None,
        };
        Ok(ProjectionItem { expr, alias, text })
    }

    fn order(&mut self) -> Result<Vec<SortKey>> {
        self.expect_word("ORDER")?;
        if !self.take_word("BY") {
            return Err(self.unexpected("BY").hint("write ORDER BY".to_owned()));
        }
        self.list(|parser| {
            let expr = parser.expr()?;
            let descending = parser.take_one_of(&["DESC", "DESCENDING"]);
            if !descending {
                parser.take_one_of(&["ASC", "ASCENDING"]);
            }
            if parser.is_word("NULLS") {
                return Err(parser.not_built("NULLS FIRST or LAST"));
            }
            Ok(SortKey { expr, descending })
        })
    }

    fn set_item(&mut self) -> Result<SetItem> {
        if let Some((variable, labels)) = self.labelled()? {
            return Ok(SetItem::Labels { variable, labels });
        }
        let place = self.operand(Self::place)?;
        match place.kind {
            ExprKind::Property(target, key) => {
                self.expect("=")?;
                Ok(SetItem::Property { target: *target, key: text(key), value: self.expr()? })
            }
            ExprKind::Index(target, key) => {
                self.expect("=")?;
                Ok(SetItem::Property { target: *target, key: *key, value: self.expr()? })
            }
            ExprKind::Variable(text) => {
                let variable = Name { text, span: place.span };
                if self.take("+=") {
                    return Ok(SetItem::Merge { variable, value: self.expr()? });
                }
                match self.take("=") {
                    true => Ok(SetItem::Replace { variable, value: self.expr()? }),
                    false => Err(self.unexpected("'=', '+=', '.' or ':'")),
                }
            }
            _ => Err(Error::syntax(place.span, "expected a property or a variable to set")
                .hint("write n.name = value, n = {…}, n += {…} or n:Label".to_owned())),
        }
    }

    fn remove_item(&mut self) -> Result<RemoveItem> {
        if let Some((variable, labels)) = self.labelled()? {
            return Ok(RemoveItem::Labels { variable, labels });
        }
        let place = self.operand(Self::place)?;
        match place.kind {
            ExprKind::Property(target, key) => Ok(RemoveItem::Property { target: *target, key: text(key) }),
            ExprKind::Index(target, key) => Ok(RemoveItem::Property { target: *target, key: *key }),
            _ => Err(Error::syntax(place.span, "expected a property or a label to remove")
                .hint("write n.name or n:Label; DELETE removes the whole element".to_owned())),
        }
    }

    /// `variable:Label1:Label2` or `variable IS Label1&Label2`, where a variable and a colon or `IS` stand next.
    fn labelled(&mut self) -> Result<Option<(Name, Vec<Name>)>> {
        if !self.is_name_ahead(0) || !(self.is_ahead(1, ":") || self.is_word_ahead(1, "IS")) {
            return Ok(None);
        }
        let variable = self.variable()?;
        self.next += 1;
        let mut labels = vec![self.name("a label")?];
        while self.take(":") || self.take("&") {
            labels.push(self.name("a label")?);
        }
        Ok(Some((variable, labels)))
    }

    fn deleted(&mut self) -> Result<Expr> {
        let target = self.expr()?;
        match &target.kind {
            ExprKind::HasLabels(..) => Err(Error::syntax(target.span, "expected an element, found labels")
                .detail(Detail::InvalidDelete)
                .hint("REMOVE takes labels away".to_owned())),
            _ => Ok(target),
        }
    }

    /// The rest of a `CALL`, the word itself being taken.
    fn call(&mut self, start: Span, optional: bool) -> Result<Clause> {
        if self.subquery_follows() {
            return self.call_query(start, optional);
        }
        let alone = self.tokens.get(self.first).is_some_and(|token| token.span == start);
        let procedure = self.dotted_name("the name of a procedure")?;
        let arguments = match self.take("(") {
            true => Some(self.list_until(")", Self::expr)?),
            false => None,
        };
        let mut yields = None;
        let mut filter = None;
        if self.take_word("YIELD") {
            // A procedure called alone gives all its columns anyway.
            if !(alone && self.is("*") && self.ahead(1).is_none() && self.take("*")) {
                yields = Some(self.list(Self::yielded)?);
                filter = self.filter()?;
            }
        }
        Ok(Clause::Call { optional, procedure, arguments, yields, filter, span: self.span_from(start) })
    }

    pub(super) fn yielded(&mut self) -> Result<(Name, Option<Name>)> {
        if self.is("*") {
            let hint = "YIELD * stands only in a CALL alone".to_owned();
            return Err(self.unexpected("the name of a column").hint(hint));
        }
        let column = self.name("the name of a column")?;
        let alias = match self.take_word("AS") {
            true => Some(self.variable()?),
            false => None,
        };
        Ok((column, alias))
    }

    /// Names joined by dots, as one.
    pub(super) fn dotted_name(&mut self, what: &str) -> Result<Name> {
        let mut whole = self.name(what)?;
        while self.take(".") {
            let part = self.name(what)?;
            whole.text = format!("{}.{}", whole.text, part.text);
            whole.span = whole.span.to(part.span);
        }
        Ok(whole)
    }
}

/// A name after a dot as an expression.
fn text(key: Name) -> Expr {
    Expr { kind: ExprKind::String(key.text), span: key.span }
}

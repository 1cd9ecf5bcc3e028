//! Whole queries, and the clauses that hold other clauses.

use super::super::ast::{Clause, Query, Scope, Union};
use super::Parser;
use super::clause::CLAUSES;
use crate::error::{Detail, Error, Result, Span};

/// Where a query stands, which decides how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// By itself.
    Statement,
    /// In the braces of `CALL`.
    Call,
    /// In the braces of `EXISTS` and its kin, where it may be a pattern alone and needs no `RETURN`.
    Expression,
}

/// The clauses that may stand in `FOREACH`.
const WRITING: &[&str] =
    &["CREATE", "DELETE", "DETACH", "FOREACH", "INSERT", "MERGE", "NODETACH", "REMOVE", "SET"];

/// What `SHOW` lists: the word for one, the word for all, and the procedure that does it.
const SHOWN: &[(&str, &str, &str)] =
    &[("FUNCTION", "FUNCTIONS", "db.functions"), ("PROCEDURE", "PROCEDURES", "db.procedures")];

impl Parser<'_> {
    /// Clauses up to the end or a closing brace, with those after each `UNION`.
    pub(super) fn query(&mut self, place: Place) -> Result<Query> {
        let mut query = Query { clauses: self.clauses(place)?, unions: Vec::new() };
        while self.is_word("UNION") {
            let span = self.here();
            self.next += 1;
            let all = self.take_word("ALL");
            if !all {
                self.take_word("DISTINCT");
            }
            if query.unions.last().is_some_and(|other| other.all != all) {
                let message = "UNION and UNION ALL cannot stand in one statement";
                return Err(Error::syntax(span, message).detail(Detail::InvalidClauseComposition).hint(
                    "write UNION ALL everywhere to keep equal rows, or UNION to merge them".to_owned(),
                ));
            }
            query.unions.push(Union { all, clauses: self.clauses(place)?, span });
        }
        match query.unions.last() {
            Some(union) if place == Place::Expression && !query.branches().all(returns) => {
                Err(Error::syntax(union.span, "expected RETURN before and after UNION")
                    .detail(Detail::InvalidClauseComposition))
            }
            _ => Ok(query),
        }
    }

    /// A query in braces, of which the first is taken.
    pub(super) fn query_in_braces(&mut self, place: Place) -> Result<Query> {
        let query = self.query(place)?;
        self.expect("}")?;
        Ok(query)
    }

    /// The clauses up to a `UNION` or the end. After an error in one of the statement's own, the next is
    /// looked for.
    fn clauses(&mut self, place: Place) -> Result<Vec<Clause>> {
        let mut clauses = Vec::new();
        loop {
            let start = self.next;
            match self.clause_after(&clauses, place) {
                Ok(clause) => clauses.push(clause),
                Err(error) if place == Place::Statement => {
                    self.recover(start, error);
                    clauses.clear();
                }
                Err(error) => return Err(error),
            }
            if self.ends(place) {
                break;
            }
        }
        self.check_last(clauses.last(), place)?;
        Ok(clauses)
    }

    fn clause_after(&mut self, before: &[Clause], place: Place) -> Result<Clause> {
        // A path may have the name of a clause.
        let is_pattern = || !self.is_one_of(CLAUSES) || self.is_ahead(1, "=");
        match before.last() {
            None if place == Place::Expression && is_pattern() => {
                let start = self.here();
                Ok(Clause::Match(self.matches(start, false)?))
            }
            Some(Clause::Return(_)) if place == Place::Expression => Err(self.unexpected("'}'")),
            Some(Clause::Return(_)) => Err(self.after_last("RETURN")),
            Some(Clause::Finish(_)) => Err(self.after_last("FINISH")),
            _ => self.clause(),
        }
    }

    /// A query ends with a clause that answers or writes, or that says that it ends.
    fn check_last(&self, last: Option<&Clause>, place: Place) -> Result<()> {
        match last {
            Some(last) if place != Place::Expression && !can_end(last) => {
                let hint = "RETURN says what to show, as in RETURN *".to_owned();
                Err(self.unexpected("RETURN or a clause that writes").hint(hint))
            }
            Some(Clause::Finish(span)) if place == Place::Expression => {
                Err(Error::syntax(*span, "FINISH leaves no rows to ask about")
                    .detail(Detail::InvalidClauseComposition))
            }
            _ => Ok(()),
        }
    }

    fn ends(&self, place: Place) -> bool {
        self.at_end() || self.is_word("UNION") || (place != Place::Statement && self.is("}"))
    }

    /// Whether what follows `CALL` is a subquery.
    pub(super) fn subquery_follows(&self) -> bool {
        self.is("{") || self.is("(")
    }

    /// The rest of `CALL [(scope)] { query }`, the word itself being taken.
    pub(super) fn call_query(&mut self, start: Span, optional: bool) -> Result<Clause> {
        let scope = match self.take("(") {
            true => Some(self.scope()?),
            false => None,
        };
        self.expect("{")?;
        let query = self.nested(|parser| parser.query_in_braces(Place::Call))?;
        let span = self.span_from(start);
        if self.is_word("IN") {
            let message = "CALL … IN TRANSACTIONS cannot be: a statement changes everything or nothing";
            return Err(Error::syntax(self.here(), message)
                .detail(Detail::InvalidClauseComposition)
                .hint("leave IN TRANSACTIONS out, or write several statements".to_owned()));
        }
        Ok(Clause::CallQuery { scope, query, optional, span })
    }

    /// What follows `CALL (`.
    fn scope(&mut self) -> Result<Scope> {
        if self.take("*") {
            self.expect(")")?;
            return Ok(Scope::All);
        }
        self.list_until(")", Self::variable).map(Scope::Names)
    }

    /// The rest of a `FOREACH`, the word itself being taken.
    pub(super) fn foreach(&mut self, start: Span) -> Result<Clause> {
        self.expect("(")?;
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = self.expr_before_bar()?;
        self.expect("|")?;
        let clauses = self.nested(|parser| {
            let mut clauses = vec![parser.writing_clause()?];
            while !parser.is(")") {
                clauses.push(parser.writing_clause()?);
            }
            Ok(clauses)
        })?;
        self.expect(")")?;
        Ok(Clause::Foreach { variable, list, clauses, span: self.span_from(start) })
    }

    fn writing_clause(&mut self) -> Result<Clause> {
        if self.is_one_of(CLAUSES) && !self.is_one_of(WRITING) {
            let word = self.keyword().unwrap_or_default();
            let message = format!("FOREACH holds only clauses that write, found {word}");
            return Err(Error::syntax(self.here(), message)
                .detail(Detail::InvalidClauseComposition)
                .hint("UNWIND makes rows of a list; CALL (x) { … } runs any clauses for each".to_owned()));
        }
        self.clause()
    }

    /// The rest of a `SHOW`, the word itself being taken.
    pub(super) fn show(&mut self, start: Span) -> Result<Clause> {
        if self.tokens.get(self.first).is_none_or(|first| first.span != start) {
            return Err(Error::syntax(start, "SHOW can only come first in a statement")
                .detail(Detail::InvalidClauseComposition));
        }
        let known = |(one, all, _): &&(&str, &str, &str)| self.is_word(one) || self.is_word(all);
        let Some((.., procedure)) = SHOWN.iter().find(known) else {
            return Err(self.unexpected("FUNCTIONS, INDEXES or PROCEDURES"));
        };
        self.next += 1;
        let yields = match self.take_word("YIELD") {
            true if self.take("*") => None,
            true => Some(self.list(Self::yielded)?),
            false => None,
        };
        let filter = self.filter()?;
        if self.is_one_of(&["ORDER", "SKIP", "OFFSET", "LIMIT"]) {
            let hint = "put it into a RETURN, as in SHOW FUNCTIONS YIELD name RETURN name ORDER BY name";
            return Err(self.unexpected("RETURN").hint(hint.to_owned()));
        }
        Ok(Clause::Show { procedure, yields, filter, span: self.span_from(start) })
    }
}

fn returns(clauses: &[Clause]) -> bool {
    matches!(clauses.last(), Some(Clause::Return(_)))
}

/// Whether a query may end with a clause: it answers, writes, or says that it ends.
fn can_end(clause: &Clause) -> bool {
    match clause {
        Clause::Match(_) | Clause::With(_) | Clause::Unwind { .. } => false,
        Clause::CallQuery { query, .. } => !returns(&query.clauses),
        _ => true,
    }
}

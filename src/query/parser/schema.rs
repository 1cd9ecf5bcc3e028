//! Statements that manage property indexes.

use super::super::ast::{Clause, CreateIndex, DropIndex, SchemaCommand};
use super::Parser;
use crate::error::{Detail, Error, Result, Span};

/// What `CREATE` could name besides patterns.
pub(super) const OBJECTS: &[&str] =
    &["CONSTRAINT", "FULLTEXT", "INDEX", "LOOKUP", "POINT", "RANGE", "TEXT", "UNIQUE", "VECTOR"];

/// What `DROP` and `SHOW` are followed by, in the singular or the plural.
const CONSTRAINTS: &[&str] = &["CONSTRAINT", "CONSTRAINTS"];

impl Parser<'_> {
    /// Whether what follows a `CREATE` is no pattern.
    pub(super) fn is_schema_object(&self) -> bool {
        self.is_one_of(OBJECTS) && !self.is_ahead(1, "=")
    }

    /// The rest of a statement about indexes, its first word being taken.
    pub(super) fn schema(&mut self, start: Span, word: &str) -> Result<Clause> {
        self.refuse_constraints()?;
        let command = match word {
            "CREATE" => self.create_index(start)?,
            "DROP" => self.drop_index(start)?,
            _ => self.show_indexes(start)?,
        };
        Ok(Clause::Schema(command))
    }

    fn create_index(&mut self, start: Span) -> Result<SchemaCommand> {
        // The only sort of index that there is, by its name elsewhere.
        if self.is_word("RANGE") && self.is_word_ahead(1, "INDEX") {
            self.next += 1;
        }
        if !self.take_word("INDEX") {
            return Err(self.not_built(&format!("CREATE {}", self.keyword().unwrap_or_default())));
        }
        let is_named = !(self.is_word("FOR") || (self.is_word("IF") && self.is_word_ahead(1, "NOT")));
        let name = is_named.then(|| self.name("the name of an index or FOR")).transpose()?;
        let if_not_exists = self.take_word("IF");
        if if_not_exists {
            self.expect_word("NOT")?;
            self.expect_word("EXISTS")?;
        }
        if !self.is_word("FOR") {
            let hint = "write CREATE INDEX name FOR (n:Label) ON (n.property)".to_owned();
            return Err(self.unexpected("FOR").hint(hint));
        }
        self.next += 1;
        self.expect("(")?;
        if self.is(")") {
            return Err(self.not_built("an index on relationships"));
        }
        let variable = self.variable()?;
        self.expect(":")?;
        let label = self.name("a label")?;
        self.expect(")")?;
        self.expect_word("ON")?;
        self.expect("(")?;
        let other = self.variable()?;
        if other.text != variable.text {
            let message = format!("variable `{}` is not defined", other.text);
            return Err(Error::syntax(other.span, message)
                .detail(Detail::UndefinedVariable)
                .hint(format!("write `{}`", variable.text)));
        }
        self.expect(".")?;
        let property = self.name("a property")?;
        if self.is(",") {
            return Err(self.not_built("an index on several properties"));
        }
        self.expect(")")?;
        if self.is_word("OPTIONS") {
            return Err(self.not_built("OPTIONS of an index"));
        }
        let span = self.span_from(start);
        Ok(SchemaCommand::CreateIndex(CreateIndex { name, if_not_exists, label, property, span }))
    }

    fn drop_index(&mut self, start: Span) -> Result<SchemaCommand> {
        self.expect_word("INDEX")?;
        let name = self.name("the name of an index")?;
        let if_exists = self.take_word("IF");
        if if_exists {
            self.expect_word("EXISTS")?;
        }
        Ok(SchemaCommand::DropIndex(DropIndex { name, if_exists, span: self.span_from(start) }))
    }

    fn show_indexes(&mut self, start: Span) -> Result<SchemaCommand> {
        if !self.take_one_of(&["INDEXES", "INDEX"]) {
            return Err(self.unexpected("INDEXES"));
        }
        if self.is_one_of(&["YIELD", "WHERE"]) {
            let word = self.keyword().unwrap_or_default();
            return Err(self.not_built(&format!("{word} after SHOW INDEXES")));
        }
        Ok(SchemaCommand::ShowIndexes(self.span_from(start)))
    }

    fn refuse_constraints(&self) -> Result<()> {
        if !self.is_one_of(CONSTRAINTS) {
            return Ok(());
        }
        let hint = "the keys of nodes are unique already; CREATE INDEX makes a property quick to find";
        Err(Error::syntax(self.here(), "constraints are not supported")
            .detail(Detail::NotBuilt)
            .hint(hint.to_owned()))
    }
}

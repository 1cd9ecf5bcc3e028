//! Expressions made of words: what stands after `IS`, and functions whose arguments are words.

use super::super::ast::{Expr, ExprKind, IsTest, Name, NormalForm, TypeName, ValueType};
use super::Parser;
use crate::error::Result;

/// Where `trim` trims, and the function that does so.
const TRIMS: &[(&str, &str)] = &[("LEADING", "lTrim"), ("TRAILING", "rTrim"), ("BOTH", "btrim")];

/// Types of one word. Those that the language does not have are no types.
const TYPES: &[(&str, TypeName)] = &[
    ("NOTHING", TypeName::Nothing),
    ("NULL", TypeName::Null),
    ("BOOL", TypeName::Boolean),
    ("BOOLEAN", TypeName::Boolean),
    ("INT", TypeName::Integer),
    ("INTEGER", TypeName::Integer),
    ("FLOAT", TypeName::Float),
    ("STRING", TypeName::String),
    ("VARCHAR", TypeName::String),
    ("DATE", TypeName::Date),
    ("DURATION", TypeName::Duration),
    ("MAP", TypeName::Map),
    ("NODE", TypeName::Node),
    ("VERTEX", TypeName::Node),
    ("RELATIONSHIP", TypeName::Relationship),
    ("EDGE", TypeName::Relationship),
    ("PATH", TypeName::Path),
];

impl Parser<'_> {
    /// What stands after `IS`, or the `::` that can stand without it.
    pub(super) fn is_predicate(&mut self, left: Expr) -> Result<Expr> {
        let negated = self.take_word("NOT");
        let span = left.span;
        let left = Box::new(left);
        if self.take_word("NULL") {
            return Ok(Expr { kind: ExprKind::IsNull(left, negated), span: self.span_from(span) });
        }
        let form =
            self.word_ahead(0).and_then(NormalForm::find).filter(|_| self.is_word_ahead(1, "NORMALIZED"));
        let test = if form.is_some() || self.is_word("NORMALIZED") {
            self.next += 1 + usize::from(form.is_some());
            IsTest::Normalized(form.unwrap_or(NormalForm::Nfc))
        } else if self.is(":") && self.is_ahead(1, ":") {
            self.next += 2;
            IsTest::Typed(self.value_type()?)
        } else if self.take_word("TYPED") {
            IsTest::Typed(self.value_type()?)
        } else {
            let operator = if negated { "<>" } else { "=" };
            let error = self.unexpected("NULL, NORMALIZED or :: and a type");
            let is_value = !self.at_end() && self.keyword().is_none() && error.hint_text().is_none();
            let compare = || format!("IS asks what a value is; write {operator} to compare");
            return Err(error.hint(is_value.then(compare)));
        };
        Ok(Expr { kind: ExprKind::Is(left, test, negated), span: self.span_from(span) })
    }

    fn value_type(&mut self) -> Result<ValueType> {
        let mut alternatives = Vec::new();
        loop {
            let name = self.nested(Self::type_name)?;
            let not_null = self.is_word("NOT") && self.is_word_ahead(1, "NULL");
            self.next += if not_null { 2 } else { 0 };
            alternatives.push((name, not_null));
            if self.bar_ends || !self.take("|") {
                return Ok(ValueType { alternatives });
            }
        }
    }

    fn type_name(&mut self) -> Result<TypeName> {
        if self.take_words(&["SIGNED", "INTEGER"]) {
            return Ok(TypeName::Integer);
        }
        for (words, name) in [
            (["ZONED", "DATETIME"], TypeName::ZonedDateTime),
            (["LOCAL", "DATETIME"], TypeName::LocalDateTime),
            (["ZONED", "TIME"], TypeName::ZonedTime),
            (["LOCAL", "TIME"], TypeName::LocalTime),
        ] {
            if self.take_words(&words) {
                return Ok(name);
            }
        }
        if self.take_words(&["PROPERTY", "VALUE"]) {
            return Ok(TypeName::Property);
        }
        if (self.is_word("LIST") || self.is_word("ARRAY")) && self.is_ahead(1, "<") {
            return self.list_type();
        }
        let any = self.take_word("ANY");
        if any && self.take_word("VALUE") {
            return Ok(TypeName::Any);
        }
        match TYPES.iter().find(|(word, _)| self.take_word(word)) {
            Some((_, name)) => Ok(name.clone()),
            None if any => Ok(TypeName::Any),
            None => {
                let hint = "BOOLEAN, INTEGER, FLOAT, STRING, DATE, LOCAL TIME, ZONED TIME, LOCAL DATETIME, ZONED DATETIME, DURATION, MAP, NODE, \
                            RELATIONSHIP, PATH, LIST<…>, PROPERTY VALUE, NULL, NOTHING or ANY";
                Err(self.unexpected("a type").hint(hint.to_owned()))
            }
        }
    }

    /// `LIST<type>`, from its first word on.
    fn list_type(&mut self) -> Result<TypeName> {
        self.next += 2;
        let outside = std::mem::replace(&mut self.bar_ends, false);
        let items = self.value_type();
        self.bar_ends = outside;
        let items = items?;
        self.expect(">")?;
        Ok(TypeName::List(Box::new(items)))
    }

    fn take_words(&mut self, words: &[&str]) -> bool {
        let follow = words.iter().enumerate().all(|(i, word)| self.is_word_ahead(i, word));
        self.next += if follow { words.len() } else { 0 };
        follow
    }

    /// A call whose arguments may be written with words: `trim(BOTH 'x' FROM text)` and
    /// `normalize(text, NFD)`. The first bracket is already taken.
    pub(super) fn call_with_words(&mut self, name: Name) -> Result<Expr> {
        if self.take(")") {
            return Ok(self.call_of(name, Vec::new()));
        }
        match name.text.eq_ignore_ascii_case("trim") {
            true => self.trim(name),
            false => self.normalize(name),
        }
    }

    fn trim(&mut self, name: Name) -> Result<Expr> {
        let is_variable = [")", ",", ".", "["].iter().any(|symbol| self.is_ahead(1, symbol));
        let side = TRIMS.iter().find(|(word, _)| !is_variable && self.is_word(word));
        self.next += usize::from(side.is_some());
        let first = match side.is_some() && self.is_word("FROM") {
            true => None,
            false => Some(self.expr()?),
        };
        if self.take_word("FROM") {
            let text = self.expr()?;
            self.expect(")")?;
            let function = side.map_or("btrim", |(_, function)| function).to_owned();
            let arguments = [text].into_iter().chain(first).collect();
            return Ok(self.call_of(Name { text: function, ..name }, arguments));
        }
        if side.is_some() {
            return Err(self.unexpected("FROM").hint("as in trim(BOTH 'x' FROM text)".to_owned()));
        }
        self.call_with(name, first)
    }

    fn normalize(&mut self, name: Name) -> Result<Expr> {
        let mut arguments = vec![self.expr()?];
        let form = self.word_ahead(1).filter(|word| NormalForm::find(word).is_some());
        if let Some(form) = form.filter(|_| self.is(",") && self.is_ahead(2, ")")).map(str::to_owned) {
            self.next += 1;
            arguments.push(Expr { kind: ExprKind::String(form), span: self.here() });
            self.next += 1;
        }
        self.call_with(name, arguments)
    }

    /// The call with the arguments read so far and those that follow.
    fn call_with(&mut self, name: Name, read: impl IntoIterator<Item = Expr>) -> Result<Expr> {
        let mut arguments: Vec<Expr> = read.into_iter().collect();
        while self.take(",") {
            arguments.push(self.expr()?);
        }
        if !self.take(")") {
            return Err(self.unexpected("',' or ')'"));
        }
        Ok(self.call_of(name, arguments))
    }

    fn call_of(&self, name: Name, arguments: Vec<Expr>) -> Expr {
        let span = self.span_from(name.span);
        Expr { kind: ExprKind::Call { name, distinct: false, star: false, arguments }, span }
    }
}

/// Whether a function has arguments that may be written with words.
pub(super) fn takes_words(name: &Name) -> bool {
    ["trim", "normalize"].iter().any(|known| name.text.eq_ignore_ascii_case(known))
}

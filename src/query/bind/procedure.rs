//! Binding of procedures, for `CALL` and `SHOW`: which one, what it is given, and what it yields.

use super::kinds::Items;
use super::{Binder, Column, Kind};
use crate::error::{Detail, Error, Result, Span};
use crate::names::did_you_mean;
use crate::query::ast::{self, Clause, ExprKind, Name, Yield};
use crate::query::callee::Callee;
use crate::query::expr::Expr;
use crate::query::plan::{ProcedureCall, Step};
use crate::query::procs;
use crate::query::registered::{Field, RegisteredProcedure, ValueType};

/// A call, as it is written.
struct Call<'a> {
    procedure: &'a Name,
    arguments: Option<&'a [ast::Expr]>,
    yields: Option<&'a [Yield]>,
    filter: Option<&'a ast::Expr>,
    /// Whether rows without an answer are kept.
    optional: bool,
    span: Span,
    /// Whether it is the whole statement, which then answers with its columns.
    stands_alone: bool,
}

/// Columns by number, and the variables that they become.
type Yields = Vec<(usize, usize)>;

impl Binder<'_> {
    /// Binds the `CALL` of a procedure; one that stands alone answers.
    pub(super) fn call(
        &mut self,
        clause: &Clause,
        stands_alone: bool,
        steps: &mut Vec<Step>,
    ) -> Result<Option<Vec<Column>>> {
        let Clause::Call { optional, procedure, arguments, yields, filter, span } = clause else {
            return Ok(None);
        };
        let answer = self.procedure(
            &Call {
                procedure,
                arguments: arguments.as_deref(),
                yields: yields.as_deref(),
                filter: filter.as_ref(),
                optional: *optional,
                span: *span,
                stands_alone,
            },
            steps,
        )?;
        Ok(stands_alone.then_some(answer))
    }

    /// Binds `SHOW`, which answers unless a `RETURN` follows.
    pub(super) fn show(
        &mut self,
        name: &str,
        yields: Option<&[Yield]>,
        filter: Option<&ast::Expr>,
        span: Span,
        steps: &mut Vec<Step>,
    ) -> Result<Vec<Column>> {
        let procedure = &Name { text: name.to_owned(), span };
        let (arguments, optional, stands_alone) = (None, false, true);
        self.procedure(&Call { procedure, arguments, yields, filter, optional, span, stands_alone }, steps)
    }

    /// Binds a call; gives the columns that it yields.
    fn procedure(&mut self, call: &Call<'_>, steps: &mut Vec<Step>) -> Result<Vec<Column>> {
        let procedure = self.callee(call.procedure)?;
        if procedure.writes() {
            self.writes.get_or_insert(call.span);
        }
        let arguments = match call.arguments {
            Some(arguments) => self.explicit_arguments(&procedure, arguments, call)?,
            None => self.implicit_arguments(&procedure, call)?,
        };
        let (yields, answer) = self.yields(&procedure, call);
        let filter = call.filter.map(|filter| self.condition(filter)).transpose()?;
        let (optional, span) = (call.optional, call.span);
        steps.push(Step::Call(ProcedureCall { procedure, arguments, yields, filter, optional, span }));
        Ok(answer)
    }

    fn callee(&self, name: &Name) -> Result<Callee> {
        Callee::find(&name.text, self.procedures).ok_or_else(|| {
            let own = procs::PROCEDURES.iter().map(|procedure| procedure.name);
            let known = own.chain(self.procedures.iter().map(RegisteredProcedure::name));
            let near = did_you_mean(&name.text, known);
            Error::query("ProcedureError", name.span, format!("unknown procedure `{}`", name.text))
                .detail(Detail::ProcedureNotFound)
                .hint(near.or_else(|| Some("CALL db.procedures() lists them".to_owned())))
        })
    }

    fn explicit_arguments(
        &mut self,
        procedure: &Callee,
        arguments: &[ast::Expr],
        call: &Call<'_>,
    ) -> Result<Vec<Expr>> {
        let (min, max) = procedure.arity();
        if !(min..=max).contains(&arguments.len()) {
            return Err(wrong_number(procedure, call));
        }
        for (field, argument) in procedure.typed_arguments().iter().zip(arguments) {
            let checked = self.check_typed(procedure, field, argument);
            self.note(checked);
        }
        arguments.iter().map(|argument| self.expression(argument)).collect()
    }

    /// A procedure called alone and without parentheses takes parameters named as its arguments.
    fn implicit_arguments(&mut self, procedure: &Callee, call: &Call<'_>) -> Result<Vec<Expr>> {
        let (min, _) = procedure.arity();
        if min == 0 {
            return Ok(Vec::new());
        }
        if !call.stands_alone {
            let message = format!("expected the arguments of {} in parentheses", procedure.name());
            return Err(Error::syntax(call.procedure.span, message)
                .detail(Detail::InvalidArgumentPassingMode)
                .hint(format!("it takes ({})", procedure.arguments())));
        }
        let Some(names) = procedure.argument_names() else { return Err(wrong_number(procedure, call)) };
        let span = call.procedure.span;
        Ok(names.into_iter().map(|name| self.parameter(name, span)).collect())
    }

    /// Fails where an argument is known not to be what a procedure takes.
    fn check_typed(&self, procedure: &Callee, field: &Field, argument: &ast::Expr) -> Result<()> {
        let kind = self.kind_of(argument);
        let has_fraction = matches!(argument.kind, ExprKind::Float(_));
        let fits = match (field.value_type, kind) {
            (ValueType::Integer, Kind::Number) => !has_fraction,
            (ValueType::Any, _)
            | (_, Kind::Value)
            | (ValueType::Boolean, Kind::Bool)
            | (ValueType::Float | ValueType::Number, Kind::Number)
            | (ValueType::String, Kind::Text)
            | (ValueType::List, Kind::List(_))
            | (ValueType::Map, Kind::Map)
            | (ValueType::Node, Kind::Node)
            | (ValueType::Relationship, Kind::Relationship)
            | (ValueType::Path, Kind::Path) => true,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let (expected, found) = (field.value_type.words(), kind.word());
        let found = if has_fraction { "a number with a fraction" } else { found };
        let message = format!("expected {expected} as {} of {}, found {found}", field.name, procedure.name());
        Err(Error::syntax(argument.span, message).detail(Detail::InvalidArgumentType))
    }

    /// The columns that are asked for, each with its variable, and those of the answer.
    fn yields(&mut self, procedure: &Callee, call: &Call<'_>) -> (Yields, Vec<Column>) {
        let columns = procedure.columns();
        let name = |column: &&str| (Name { text: (*column).to_owned(), span: call.span }, None);
        let all: Vec<Yield> = columns.iter().map(name).collect();
        let wanted = match call.yields {
            Some(yields) => yields,
            None if call.stands_alone => &all,
            None => &[],
        };
        let (mut bound, mut answer) = (Vec::new(), Vec::new());
        for (column, alias) in wanted {
            let Some(at) = columns.iter().position(|known| *known == column.text) else {
                let message = format!("{} has no column `{}`", procedure.name(), column.text);
                let near = did_you_mean(&column.text, columns.iter().copied());
                let all = || (!columns.is_empty()).then(|| format!("it has {}", columns.join(", ")));
                self.errors.tell(
                    Error::syntax(column.span, message)
                        .detail(Detail::UndefinedVariable)
                        .hint(near.or_else(all)),
                );
                self.declare(&alias.as_ref().unwrap_or(column).text, Kind::Value);
                continue;
            };
            let name = alias.as_ref().unwrap_or(column);
            self.refuse_rebinding(name);
            let kind = kind_of_column(procedure, at);
            let slot = self.declare(&name.text, kind);
            bound.push((at, slot));
            answer.push((name.text.clone(), slot, kind));
        }
        (bound, answer)
    }
}

fn wrong_number(procedure: &Callee, call: &Call<'_>) -> Error {
    let found = call.arguments.unwrap_or_default().len();
    let message = super::wrong_number(procedure.name(), procedure.arity(), found);
    let written = format!("{}({})", procedure.name(), procedure.arguments());
    Error::syntax(call.procedure.span, message).detail(Detail::InvalidNumberOfArguments).hint(written)
}

/// What is known of a column's values.
fn kind_of_column(procedure: &Callee, at: usize) -> Kind {
    let Callee::Registered(procedure) = procedure else { return Kind::Value };
    match procedure.columns()[at].value_type {
        ValueType::Any => Kind::Value,
        ValueType::Boolean => Kind::Bool,
        ValueType::Integer | ValueType::Float | ValueType::Number => Kind::Number,
        ValueType::String => Kind::Text,
        ValueType::List => Kind::List(Items::Any),
        ValueType::Map => Kind::Map,
        ValueType::Node => Kind::Node,
        ValueType::Relationship => Kind::Relationship,
        ValueType::Path => Kind::Path,
    }
}

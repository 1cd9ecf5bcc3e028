//! Binding of procedures: `CALL name(…)` and `SHOW`.

use super::kinds::Kind;
use super::{Binder, Column, nearest};
use crate::error::{Error, Result, Span};
use crate::query::ast::{self, Clause, Name, Yield};
use crate::query::expr::Expr;
use crate::query::plan::{ProcedureCall, Step};
use crate::query::procs::{self, Procedure};

/// Columns by number, and the variables that they become.
type Yields = Vec<(usize, usize)>;

impl Binder {
    /// Binds the call of a procedure; one that stands alone answers.
    pub(super) fn call(
        &mut self,
        clause: &Clause,
        stands_alone: bool,
        steps: &mut Vec<Step>,
    ) -> Result<Option<Vec<Column>>> {
        let Clause::Call { optional, procedure: name, arguments, yields, filter, span } = clause else {
            return Ok(None);
        };
        let procedure = procedure(name)?;
        if procedure.writes {
            self.writes.get_or_insert(*span);
        }
        let arguments = match arguments {
            Some(arguments) => self.arguments(procedure, arguments, name.span)?,
            None => implicit(procedure, stands_alone, name.span)?,
        };
        let wanted = match yields {
            Some(yields) => yields.clone(),
            None if stands_alone => all_columns(procedure, *span),
            None => Vec::new(),
        };
        let (yields, answer) = self.yields(procedure, &wanted)?;
        let filter = filter.as_ref().map(|filter| self.condition(filter)).transpose()?;
        let (optional, span) = (*optional, *span);
        steps.push(Step::Call(ProcedureCall { procedure, arguments, yields, filter, optional, span }));
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
        let procedure = procedure(&Name { text: name.to_owned(), span })?;
        let wanted = yields.map_or_else(|| all_columns(procedure, span), <[_]>::to_vec);
        let (yields, answer) = self.yields(procedure, &wanted)?;
        let filter = filter.map(|filter| self.condition(filter)).transpose()?;
        let arguments = Vec::new();
        steps.push(Step::Call(ProcedureCall { procedure, arguments, yields, filter, optional: false, span }));
        Ok(answer)
    }

    fn arguments(&mut self, procedure: &Procedure, arguments: &[ast::Expr], span: Span) -> Result<Vec<Expr>> {
        if arguments.len() < procedure.min || arguments.len() > procedure.max {
            return Err(takes(procedure, span));
        }
        arguments.iter().map(|argument| self.expression(argument)).collect()
    }

    /// The columns that are asked for, and the variables that they become.
    fn yields(&mut self, procedure: &Procedure, wanted: &[Yield]) -> Result<(Yields, Vec<Column>)> {
        let (mut bound, mut answer) = (Vec::new(), Vec::new());
        for (column, alias) in wanted {
            let Some(at) = procedure.columns.iter().position(|known| *known == column.text) else {
                let near = nearest(&column.text, procedure.columns.iter().copied());
                let message = format!("{} has no column `{}`", procedure.name, column.text);
                return Err(Error::syntax(column.span, message).hint(near));
            };
            let name = alias.as_ref().unwrap_or(column);
            self.refuse_rebinding(name)?;
            let slot = self.declare(&name.text, Kind::Value);
            bound.push((at, slot));
            answer.push((name.text.clone(), slot, Kind::Value));
        }
        Ok((bound, answer))
    }
}

fn procedure(name: &Name) -> Result<&'static Procedure> {
    procs::find(&name.text).ok_or_else(|| {
        let near = nearest(&name.text, procs::PROCEDURES.iter().map(|procedure| procedure.name));
        let message = format!("unknown procedure `{}`", name.text);
        Error::query("ProcedureError", name.span, message).hint(near)
    })
}

fn all_columns(procedure: &Procedure, span: Span) -> Vec<Yield> {
    let column = |column: &&str| (Name { text: (*column).to_owned(), span }, None);
    procedure.columns.iter().map(column).collect()
}

/// Without parentheses, a procedure that stands alone takes what it needs from parameters of the same names.
fn implicit(procedure: &Procedure, stands_alone: bool, span: Span) -> Result<Vec<Expr>> {
    if procedure.min == 0 {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = procedure.arguments.split(',').map(str::trim).take(procedure.min).collect();
    if !stands_alone || !names.iter().all(|name| name.chars().all(char::is_alphanumeric)) {
        return Err(takes(procedure, span));
    }
    Ok(names.into_iter().map(|name| Expr::Parameter(name.to_owned(), span)).collect())
}

fn takes(procedure: &Procedure, span: Span) -> Error {
    Error::syntax(span, format!("{} takes ({})", procedure.name, procedure.arguments))
}

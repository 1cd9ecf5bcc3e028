//! What a `CALL` names: one of the language's own procedures, or a registered one.

use super::expr::{Context, Surroundings};
use super::procs::{self, Procedure, Rows};
use super::registered::{Field, RegisteredProcedure};
use super::write::Writer;
use crate::error::Result;
use crate::model::Value;

/// A procedure that was found by its name.
#[derive(Debug, Clone)]
pub(super) enum Callee {
    /// One of [`procs::PROCEDURES`].
    Own(&'static Procedure),
    /// One that the program has registered.
    Registered(RegisteredProcedure),
}

impl Callee {
    /// The procedure with a name, in any case.
    pub(super) fn find(name: &str, registered: &[RegisteredProcedure]) -> Option<Self> {
        let is_it = |procedure: &&RegisteredProcedure| procedure.name().eq_ignore_ascii_case(name);
        let registered = || registered.iter().find(is_it).cloned().map(Self::Registered);
        procs::find(name).map(Self::Own).or_else(registered)
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Own(procedure) => procedure.name,
            Self::Registered(procedure) => procedure.name(),
        }
    }

    /// The arguments of a registered procedure, whose types are known.
    pub(super) fn typed_arguments(&self) -> &[Field] {
        match self {
            Self::Own(_) => &[],
            Self::Registered(procedure) => procedure.arguments(),
        }
    }

    /// The least and the greatest number of arguments.
    pub(super) fn arity(&self) -> (usize, usize) {
        match self {
            Self::Own(procedure) => (procedure.min, procedure.max),
            Self::Registered(procedure) => (procedure.arguments().len(), procedure.arguments().len()),
        }
    }

    /// The arguments, for messages.
    pub(super) fn arguments(&self) -> String {
        match self {
            Self::Own(procedure) => procedure.arguments.to_owned(),
            Self::Registered(procedure) => names(procedure.arguments()).join(", "),
        }
    }

    /// The names of the arguments that it needs, where each has one.
    pub(super) fn argument_names(&self) -> Option<Vec<&str>> {
        match self {
            Self::Own(procedure) => {
                let written = procedure.arguments.split(',').map(str::trim).take(procedure.min);
                let all: Vec<&str> = written.collect();
                all.iter().all(|name| name.chars().all(char::is_alphanumeric)).then_some(all)
            }
            Self::Registered(procedure) => Some(names(procedure.arguments())),
        }
    }

    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Own(procedure) => procedure.columns.to_vec(),
            Self::Registered(procedure) => names(procedure.columns()),
        }
    }

    /// Whether it changes the graph.
    pub(super) fn writes(&self) -> bool {
        matches!(self, Self::Own(procedure) if procedure.writes)
    }

    /// Whether it has nothing to tell, so that rows stay as they are where nothing is asked of it.
    pub(super) fn is_silent(&self) -> bool {
        self.writes() || self.columns().is_empty()
    }

    /// Runs one that only reads.
    pub(super) fn read(&self, context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
        match self {
            Self::Own(procedure) => procedure.read(context, arguments),
            Self::Registered(procedure) => procedure.call(arguments),
        }
    }

    /// Runs it.
    pub(super) fn call(
        &self,
        writer: &mut Writer<'_>,
        surroundings: &Surroundings<'_>,
        arguments: &[Value],
    ) -> Result<Rows> {
        match self {
            Self::Own(procedure) => procedure.call(writer, surroundings, arguments),
            Self::Registered(procedure) => procedure.call(arguments),
        }
    }
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

//! What exactly is wrong in a query, by openCypher's names.
//!
//! A class such as `SyntaxError` says what kind of error it is, its detail which of
//! them; programs that read JSON errors tell them apart by it, while messages may
//! change. The names are those of openCypher's compatibility kit, and after them a
//! few of our own for what it does not know.

use std::fmt;

macro_rules! details {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// Which error of its class it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Detail {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Detail {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, as printed in JSON errors.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

details! {
    /// An expression beside an aggregate uses what rows are not grouped by.
    AmbiguousAggregationExpression,
    /// Two columns of a result have one name.
    ColumnNameConflict,
    /// A relationship of variable length is to be created.
    CreatingVarLength,
    /// A node that still has relationships, or is cited by claims, is to be deleted.
    DeleteConnectedNode,
    /// Something deleted earlier in the statement is asked about or changed.
    DeletedEntityAccess,
    /// The parts of a `UNION` do not have the same columns.
    DifferentColumnsInUnion,
    /// A number with a fraction is beyond what 64 bits hold.
    FloatingPointOverflow,
    /// A whole number is beyond what 64 bits hold.
    IntegerOverflow,
    /// An aggregate stands where rows are not combined.
    InvalidAggregation,
    /// A procedure is called within a statement without its arguments.
    InvalidArgumentPassingMode,
    /// An expression stands where only a property or a pattern can.
    InvalidArgumentExpression,
    /// A value is of a type that cannot stand there.
    InvalidArgumentType,
    /// A value is of the right type and still cannot stand there.
    InvalidArgumentValue,
    /// Clauses that cannot stand in one statement, or not in this order.
    InvalidClauseComposition,
    /// Something that is no element is to be deleted.
    InvalidDelete,
    /// Neither a list nor a map nor an element is asked for a part in brackets.
    InvalidElementAccess,
    /// A function or procedure has too few or too many arguments.
    InvalidNumberOfArguments,
    /// Something that begins like a number is none.
    InvalidNumberLiteral,
    /// A parameter stands where only what is written out can.
    InvalidParameterUse,
    /// A property cannot hold such a value.
    InvalidPropertyType,
    /// A relationship pattern is written wrongly.
    InvalidRelationshipPattern,
    /// A character that is none of the language's.
    InvalidUnicodeCharacter,
    /// An escape such as `\u0041` is written wrongly.
    InvalidUnicodeLiteral,
    /// A list is asked for an item by something that is no whole number.
    ListElementAccessByNonInteger,
    /// A map is asked for an entry by something that is no text.
    MapElementAccessByNonString,
    /// `MERGE` could not find again what it creates.
    MergeReadOwnWrites,
    /// A parameter has no value.
    MissingParameter,
    /// A number that counts is less than 0.
    NegativeIntegerArgument,
    /// An aggregate stands within another.
    NestedAggregation,
    /// An expression in `WITH` has no name.
    NoExpressionAlias,
    /// A relationship that is to be created has no type, or several.
    NoSingleRelationshipType,
    /// `*` stands where there are no variables.
    NoVariablesInScope,
    /// An expression uses variables where the value must be known before.
    NonConstantExpression,
    /// A number is outside its range.
    NumberOutOfRange,
    /// There is no procedure of that name.
    ProcedureNotFound,
    /// Something that has no properties is asked for one.
    PropertyAccessByNonMap,
    /// A relationship stands twice where it can stand once.
    RelationshipUniquenessViolation,
    /// A relationship that is to be created has no direction.
    RequiresDirectedRelationship,
    /// A variable that nothing has bound.
    UndefinedVariable,
    /// Text that the grammar does not allow.
    UnexpectedSyntax,
    /// There is no function of that name.
    UnknownFunction,
    /// A variable is to be bound that is bound already.
    VariableAlreadyBound,
    /// A variable holds something else than is asked for.
    VariableTypeConflict,
    /// Ours: something is divided by zero.
    DivisionByZero,
    /// Ours: a lens or a search of paths is put together wrongly.
    InvalidSearch,
    /// Ours: more than the language or the memory takes.
    LimitExceeded,
    /// Ours: openCypher or GQL know it, and the language does not have it yet.
    NotBuilt,
    /// Ours: a statement writes where only reading is possible.
    WriteNotAllowed,
}

impl Detail {
    /// What an error of a class is where nothing more exact is said.
    pub(super) fn of_class(class: &str) -> Self {
        match class {
            "SyntaxError" => Self::UnexpectedSyntax,
            "TypeError" => Self::InvalidArgumentType,
            "ArithmeticError" => Self::NumberOutOfRange,
            "EntityNotFound" => Self::DeletedEntityAccess,
            "ParameterMissing" => Self::MissingParameter,
            "ProcedureError" => Self::ProcedureNotFound,
            "ConstraintVerificationFailed" => Self::DeleteConnectedNode,
            "SemanticError" => Self::MergeReadOwnWrites,
            _ => Self::InvalidArgumentValue,
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

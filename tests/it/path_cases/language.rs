//! A question of the corpus, as data.

use super::expression::Expr;
use crate::naive::{Dir, Mode, Selector};

/// `MATCH p = [search] pattern [WHERE condition] RETURN p`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) selector: Selector,
    /// What CHEAPEST adds up: the variable and the expression.
    pub(crate) cost: Option<(String, Expr)>,
    pub(crate) chrono: Option<Chrono>,
    /// TRAIL where none is written.
    pub(crate) mode: Option<Mode>,
    pub(crate) elements: Vec<Element>,
    /// WHERE after the pattern: it filters what was chosen.
    pub(crate) condition: Option<Expr>,
}

/// CHRONOLOGICAL, and what stands after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Chrono {
    pub(crate) strict: bool,
    pub(crate) certainly: bool,
    pub(crate) wait: Option<Length>,
    pub(crate) within: Option<Length>,
}

/// A length of time as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Length {
    /// On the clock of integers.
    Units(i64),
    Days(i64),
    Weeks(i64),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Element {
    Node(NodePattern),
    Hop(HopPattern),
    Group(Group),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NodePattern {
    pub(crate) variable: Option<String>,
    /// Any one of these labels; none written means any node.
    pub(crate) labels: Vec<String>,
    pub(crate) wait: Option<Length>,
    pub(crate) properties: Vec<(String, Expr)>,
    pub(crate) condition: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HopPattern {
    pub(crate) variable: Option<String>,
    pub(crate) types: Vec<String>,
    pub(crate) properties: Vec<(String, Expr)>,
    pub(crate) condition: Option<Expr>,
    pub(crate) direction: Dir,
    pub(crate) quantifier: Option<Quantifier>,
}

/// A part of the path in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) elements: Vec<Element>,
    pub(crate) condition: Option<Expr>,
    pub(crate) quantifier: Option<Quantifier>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantifier {
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
}

impl Length {
    /// As instants of [`naive`](crate::naive).
    pub(crate) fn instants(self) -> i64 {
        match self {
            Self::Units(n) => n,
            Self::Days(n) => n * super::calendar::INSTANTS_A_DAY,
            Self::Weeks(n) => n * 7 * super::calendar::INSTANTS_A_DAY,
        }
    }
}

impl Question {
    /// The order of time that is asked for: EARLIEST, LATEST and FASTEST imply the bare word.
    pub(crate) fn chrono_implied(&self) -> Option<crate::naive::Chrono> {
        let implied =
            matches!(self.selector, Selector::Earliest(_) | Selector::Latest(_) | Selector::Fastest(_));
        let chrono = self.chrono.clone().or(implied.then(Chrono::default))?;
        Some(crate::naive::Chrono {
            strict: chrono.strict,
            certainly: chrono.certainly,
            wait: chrono.wait.map(Length::instants),
            within: chrono.within.map(Length::instants),
        })
    }

    /// WALK, and a repetition without an upper bound.
    pub(crate) fn walks_without_bound(&self) -> bool {
        self.mode() == Mode::Walk && is_unbounded(&self.elements)
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode.unwrap_or(Mode::Trail)
    }
}

/// The variables that a part of a pattern binds.
pub(crate) fn variables(elements: &[Element]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for element in elements {
        match element {
            Element::Node(node) => names.extend(node.variable.as_deref()),
            Element::Hop(hop) => names.extend(hop.variable.as_deref()),
            Element::Group(group) => names.extend(variables(&group.elements)),
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Is there a repetition without an upper bound?
fn is_unbounded(elements: &[Element]) -> bool {
    elements.iter().any(|element| match element {
        Element::Node(_) => false,
        Element::Hop(hop) => hop.quantifier.is_some_and(|quantifier| quantifier.max.is_none()),
        Element::Group(group) => {
            group.quantifier.is_some_and(|quantifier| quantifier.max.is_none())
                || is_unbounded(&group.elements)
        }
    })
}

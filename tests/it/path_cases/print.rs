//! Questions as text: what is printed here is read back as the same question.

use std::fmt::{Display, Formatter, Result};

use super::expression::Expr;
use super::language::{Chrono, Element, Group, HopPattern, Length, NodePattern, Quantifier, Question};
use crate::naive::{Dir, Mode, Selector};

impl Display for Question {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let k = |k: usize| if k == 1 { String::new() } else { format!("{k} ") };
        match self.selector {
            Selector::All => {}
            Selector::Any(n) => write!(f, "ANY {}", k(n))?,
            Selector::Shortest(n) | Selector::ShortestGroups(n) => write!(f, "SHORTEST {n} ")?,
            Selector::AllShortest => write!(f, "ALL SHORTEST ")?,
            Selector::Cheapest(n) => {
                let (variable, cost) = self.cost.as_ref().expect("CHEAPEST has a cost");
                write!(f, "CHEAPEST {}COST ({variable} | {cost}) ", k(n))?;
            }
            Selector::Strongest(n) => write!(f, "STRONGEST {}", k(n))?,
            Selector::Earliest(n) => write!(f, "EARLIEST {}", k(n))?,
            Selector::Latest(n) => write!(f, "LATEST {}", k(n))?,
            Selector::Fastest(n) => write!(f, "FASTEST {}", k(n))?,
        }
        if let Some(chrono) = &self.chrono {
            write!(f, "{chrono} ")?;
        }
        match self.mode {
            None => {}
            Some(Mode::Walk) => write!(f, "WALK ")?,
            Some(Mode::Trail) => write!(f, "TRAIL ")?,
            Some(Mode::Acyclic) => write!(f, "ACYCLIC ")?,
            Some(Mode::Simple) => write!(f, "SIMPLE ")?,
        }
        if matches!(self.selector, Selector::ShortestGroups(_)) {
            write!(f, "GROUPS ")?;
        }
        self.elements.iter().try_for_each(|element| write!(f, "{element}"))?;
        condition(f, self.condition.as_ref())
    }
}

impl Display for Chrono {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "CHRONOLOGICAL")?;
        let words = [(self.strict, " STRICT"), (self.certainly, " CERTAINLY")];
        words.iter().filter(|(is_on, _)| *is_on).try_for_each(|(_, word)| write!(f, "{word}"))?;
        self.wait.iter().try_for_each(|wait| write!(f, " WAIT <= {wait}"))?;
        self.within.iter().try_for_each(|within| write!(f, " WITHIN {within}"))
    }
}

impl Display for Length {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Units(n) => write!(f, "{n}"),
            Self::Days(n) => write!(f, "{n} DAYS"),
            Self::Weeks(n) => write!(f, "{n} WEEKS"),
        }
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Node(node) => write!(f, "{node}"),
            Self::Hop(hop) => write!(f, "{hop}"),
            Self::Group(group) => write!(f, "{group}"),
        }
    }
}

impl Display for NodePattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "({}", self.variable.as_deref().unwrap_or(""))?;
        labels(f, &self.labels)?;
        self.wait.iter().try_for_each(|wait| write!(f, " WAIT <= {wait}"))?;
        properties(f, &self.properties)?;
        condition(f, self.condition.as_ref())?;
        write!(f, ")")
    }
}

impl Display for HopPattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(
            f,
            "{}[{}",
            if self.direction == Dir::In { "<-" } else { "-" },
            self.variable.as_deref().unwrap_or("")
        )?;
        labels(f, &self.types)?;
        properties(f, &self.properties)?;
        condition(f, self.condition.as_ref())?;
        write!(f, "]{}", if self.direction == Dir::Out { "->" } else { "-" })?;
        self.quantifier.iter().try_for_each(|quantifier| write!(f, "{quantifier}"))
    }
}

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "(")?;
        self.elements.iter().try_for_each(|element| write!(f, "{element}"))?;
        condition(f, self.condition.as_ref())?;
        write!(f, ")")?;
        self.quantifier.iter().try_for_each(|quantifier| write!(f, "{quantifier}"))
    }
}

impl Display for Quantifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (self.min, self.max) {
            (0, None) => write!(f, "*"),
            (1, None) => write!(f, "+"),
            (0, Some(1)) => write!(f, "?"),
            (min, None) => write!(f, "{{{min},}}"),
            (min, Some(max)) if min == max => write!(f, "{{{min}}}"),
            (min, Some(max)) => write!(f, "{{{min},{max}}}"),
        }
    }
}

fn labels(f: &mut Formatter<'_>, labels: &[String]) -> Result {
    if labels.is_empty() { Ok(()) } else { write!(f, ":{}", labels.join("|")) }
}

fn properties(f: &mut Formatter<'_>, properties: &[(String, Expr)]) -> Result {
    if properties.is_empty() {
        return Ok(());
    }
    let written: Vec<String> = properties.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    write!(f, " {{{}}}", written.join(", "))
}

fn condition(f: &mut Formatter<'_>, condition: Option<&Expr>) -> Result {
    condition.map_or(Ok(()), |condition| write!(f, " WHERE {condition}"))
}

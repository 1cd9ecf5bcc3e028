//! What a claim or the record says of a property, read so that two of them can be compared.
//!
//! A value is read in up to three ways: as a number or a range of numbers ("at least 10,000"), as
//! one or two dates, each as coarse as it is written, and as text without what stands in brackets.
//! Two values are compared as numbers if both are, else as dates if both are, else as texts.
//!
//! The unit, and how a number is meant, come from the columns `unit` and `bound` of a claim. Where
//! there are none, the first sentence of its note is read: `Unit: trips, at least.`

use std::collections::BTreeSet;

use crate::graph::View;
use crate::model::time::reading;
use crate::model::{About, Claim, ClaimId, Clock, Interval, Period, TypeKind, Value};
use crate::names::normal;

/// "About" and its like: a tenth more or less.
const ABOUT_SHARE: f64 = 0.1;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// The record itself, in the stored value.
    Record,
    /// A claim.
    Claim(ClaimId),
}

/// A value, with everything that says whether it can stand beside another.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) by: By,
    pub(super) value: Value,
    /// Whether the value has to stay hidden.
    pub(super) is_withheld: bool,
    readings: Vec<Reading>,
    /// When it holds; for a count, the window in which was counted.
    pub(super) period: Period,
    pub(super) unit: Option<String>,
}

/// A value as a number, as dates and as text.
#[derive(Debug, Clone, PartialEq)]
struct Reading {
    /// The same for values that are written alike.
    key: String,
    number: Option<(f64, f64)>,
    times: Option<Vec<(Clock, Interval)>>,
}

/// How a number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Exactly,
    AtLeast,
    AtMost,
    About,
    Almost,
}

/// The words for it.
const BOUNDS: &[(&str, Bound)] = &[
    ("at least", Bound::AtLeast),
    ("more than", Bound::AtLeast),
    ("over", Bound::AtLeast),
    ("low end", Bound::AtLeast),
    ("at most", Bound::AtMost),
    ("less than", Bound::AtMost),
    ("up to", Bound::AtMost),
    ("almost", Bound::Almost),
    ("nearly", Bound::Almost),
    ("about", Bound::About),
    ("around", Bound::About),
    ("approximate", Bound::About),
    ("approximately", Bound::About),
    ("exactly", Bound::Exactly),
];

impl Bound {
    fn read(text: &str) -> Option<Self> {
        let text = format!(" {} ", normal(text));
        let found =
            BOUNDS.iter().filter_map(|(words, bound)| Some((text.find(&format!(" {words} "))?, bound)));
        found.min_by_key(|(at, _)| *at).map(|(_, bound)| *bound)
    }

    fn range(self, number: f64) -> (f64, f64) {
        let little = number.abs() * ABOUT_SHARE;
        match self {
            Self::Exactly => (number, number),
            Self::AtLeast => (number, f64::INFINITY),
            Self::AtMost => (f64::NEG_INFINITY, number),
            Self::About => (number - little, number + little),
            Self::Almost => (number - little, number),
        }
    }
}

impl Position {
    /// What a claim says; none where it gives no value. Of a confidential one there is only that it is made.
    pub(super) fn of_claim(view: View<'_>, id: ClaimId, claim: &Claim) -> Option<Self> {
        if view.is_claim_confidential(claim) {
            return Some(Self {
                by: By::Claim(id),
                value: Value::Null,
                is_withheld: true,
                readings: Vec::new(),
                period: Period::default(),
                unit: None,
            });
        }
        let value = claim.value.clone().filter(|value| !value.is_null())?;
        let extra = |name: &str| claim.extra.get(name).and_then(Value::as_str).map(str::to_owned);
        let told = first_sentence(claim.note.as_deref().unwrap_or_default());
        let bound = extra("bound").as_deref().or(Some(told)).and_then(Bound::read);
        let unit = extra("unit").or_else(|| unit_in(told));
        Some(Self {
            by: By::Claim(id),
            is_withheld: false,
            readings: readings(&value, bound),
            period: Period::read(claim.from.as_ref(), claim.to.as_ref()).unwrap_or_default(),
            unit: unit.map(|unit| normal(&unit)),
            value,
        })
    }

    /// What the record says; none where the element does not have the property.
    pub(super) fn of_record(view: View<'_>, about: About, property: &str) -> Option<Self> {
        let stored = |name: &str| match about {
            About::Node(id) => view.node_property(id, name),
            About::Relationship(id) => view.relationship_property(id, name),
        };
        let value = Some(stored(property)).filter(|value| !value.is_null())?;
        let (period, is_withheld) = match about {
            About::Node(id) => (Period::default(), view.is_confidential(id)),
            About::Relationship(id) => {
                (view.relationship(id).map_or_else(Period::default, |r| r.period), false)
            }
        };
        // A unit beside the property is that of the property `quantity`.
        let of_quantity =
            |name: &str| stored(name).as_str().filter(|_| property == "quantity").map(str::to_owned);
        Some(Self {
            by: By::Record,
            is_withheld,
            readings: readings(&value, of_quantity("bound").as_deref().and_then(Bound::read)),
            period,
            unit: of_quantity("unit").map(|unit| normal(&unit)),
            value,
        })
    }

    /// What is the same for positions of one side. What is withheld stands alone, so that nobody
    /// reads from a neighbour what it says.
    pub(super) fn side(&self) -> String {
        match (self.is_withheld, self.by) {
            (true, By::Claim(id)) => format!("\u{0}{id}"),
            (true, By::Record) => "\u{0}".to_owned(),
            (false, _) => self.key(),
        }
    }

    fn key(&self) -> String {
        let keys: BTreeSet<&str> = self.readings.iter().map(|reading| reading.key.as_str()).collect();
        keys.into_iter().collect::<Vec<_>>().join("\u{1}")
    }

    /// Whether both can be true of one thing at one time. Of lists it is enough that one item fits.
    pub(super) fn fits(&self, other: &Self, tolerance: f64) -> bool {
        self.key() == other.key()
            || self.readings.iter().any(|a| other.readings.iter().any(|b| a.fits(b, tolerance)))
    }

    /// Whether there is an instant at which both are said to hold.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self.period.clock(), other.period.clock()) {
            (Some(a), Some(b)) if a != b => false,
            _ => {
                let [a, b] = [self, other].map(|side| side.period.possible(TypeKind::State));
                !a.intersect(b).is_empty()
            }
        }
    }

    /// The number as the least and the most that it can mean.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        match self.readings.as_slice() {
            [reading] => reading.number,
            _ => None,
        }
    }

    /// The window of a count, and whether both its ends are told.
    pub(super) fn window(&self) -> (Option<Clock>, Interval) {
        (self.period.clock(), self.period.possible(TypeKind::State))
    }

    /// Whether it is written as the same value.
    pub(super) fn is_written_as(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Reading {
    fn fits(&self, other: &Self, tolerance: f64) -> bool {
        if self.key == other.key {
            return true;
        }
        if let (Some(a), Some(b)) = (self.number, other.number) {
            return a.0 <= b.1 + tolerance && b.0 <= a.1 + tolerance;
        }
        let (Some(a), Some(b)) = (&self.times, &other.times) else { return false };
        let meets = |((clock, a), (other, b)): (&(Clock, Interval), &(Clock, Interval))| {
            clock == other && !a.intersect(*b).is_empty()
        };
        a.len() == b.len() && a.iter().zip(b).all(meets)
    }
}

fn readings(value: &Value, bound: Option<Bound>) -> Vec<Reading> {
    match value {
        Value::List(items) => items.iter().map(|item| read(item, bound)).collect(),
        single => vec![read(single, bound)],
    }
}

fn read(value: &Value, bound: Option<Bound>) -> Reading {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let number = value.as_number().or_else(|| text.parse().ok()).filter(|number: &f64| number.is_finite());
    let range = bound.unwrap_or(Bound::Exactly);
    let key = match number {
        Some(number) => format!("{number}"),
        None => Some(normal(&without_asides(&text))).filter(|key| !key.is_empty()).unwrap_or(text.clone()),
    };
    Reading { key, number: number.map(|number| range.range(number)), times: times(value, &text) }
}

/// One date, or two with "to" between them.
fn times(value: &Value, text: &str) -> Option<Vec<(Clock, Interval)>> {
    match value {
        // A year among dates; elsewhere it is compared as a number.
        Value::Int(_) | Value::String(_) => {
            text.split(" to ").map(|part| reading(&Value::from(part))).collect()
        }
        other => Some(vec![reading(other)?]),
    }
}

/// What stands in brackets says how, and not what.
fn without_asides(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

fn first_sentence(note: &str) -> &str {
    note.split(". ").next().unwrap_or(note).trim_end_matches('.')
}

/// `Unit: trips of the four ships, at least; not voyages`: what is counted, up to the first semicolon.
fn unit_in(sentence: &str) -> Option<String> {
    let unit = sentence.strip_prefix("Unit:")?.split(';').next()?;
    let is_bound = |part: &&str| Bound::read(part).is_some();
    let parts: Vec<&str> = unit.split(',').map(str::trim).filter(|part| !is_bound(part)).collect();
    Some(parts.join(", ")).filter(|unit| !unit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(a: &str, b: &str) -> bool {
        read(&Value::from(a), None).fits(&read(&Value::from(b), None), 0.0)
    }

    #[test]
    fn dates_fit_as_coarsely_as_they_are_written() {
        assert!(fits("2023", "2023-12-12") && fits("2023-09", "2023-09-07"));
        assert!(!fits("2022", "2023-12-12") && !fits("2023-09-07 to 2023-09-08", "2023-09-07 to 2023-09-12"));
        assert!(fits("2023-09-07 to 2023-09", "2023-09 to 2023-09-12"));
    }

    #[test]
    fn numbers_fit_within_what_their_words_mean() {
        let number = |text: &str, bound: &str| read(&Value::from(text), Bound::read(bound));
        assert!(!number("10000", "at least").fits(&number("6700", "About. South Korean minister"), 0.0));
        assert!(number("10000", "At least").fits(&number("16000", "Almost"), 0.0));
        assert!(number("40", "Approximate").fits(&number("43", ""), 0.0));
        assert!(fits("74000", "74000.0") && !fits("138", "131"));
    }

    #[test]
    fn what_stands_in_brackets_is_an_aside() {
        assert!(fits("explosives (as declared)", "Explosives"));
        assert!(!fits("explosives", "ammunition (as this summary states it)"));
        assert!(fits("(unknown)", "(unknown)") && !fits("(a)", "(b)"));
    }

    #[test]
    fn units_and_bounds_are_read_from_the_first_sentence() {
        let note = "Unit: round trips of ANGARA and MARIA together, at least. RUSI analysis, about right.";
        let sentence = first_sentence(note);
        assert_eq!(unit_in(sentence).as_deref(), Some("round trips of ANGARA and MARIA together"));
        assert_eq!(Bound::read(sentence), Some(Bound::AtLeast));
        assert_eq!(
            unit_in(first_sentence("Unit: metric ton; more than. The article says tons.")).as_deref(),
            Some("metric ton")
        );
        assert_eq!((unit_in("Almost"), Bound::read("Almost")), (None, Some(Bound::Almost)));
        assert_eq!(Bound::read("overland"), None);
    }
}

//! Claims: who says what about an element, how well, and with which stance.
//!
//! # How claims combine
//!
//! An element's confidence is that of its best supporting claim, else its own
//! `confidence` property, else none. It is disputed if any claim disputes it.
//! Only claims about the element as a whole count for this: a claim about one
//! property speaks of that property, and a claim that names carriers speaks of a
//! joint at a place. Grades are never multiplied along a path; a path is as good
//! as its weakest hop.
//!
//! Grades are Admiralty codes. The numbers that the information letter reads as
//! are those of STIX 2.1, appendix A (confidence scales): 1 is 0.9, 2 is 0.7,
//! 3 is 0.5, 4 is 0.3, 5 is 0.1, and 6 cannot be judged.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NodeId, Properties, RelationshipId, Value};
use crate::error::{Error, Result};

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum About {
    /// A node.
    Node(NodeId),
    /// A relationship.
    Relationship(RelationshipId),
}

/// Where a claim stands towards what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stance {
    /// It says so.
    Supports,
    /// It says otherwise.
    Disputes,
    /// Somebody looked for relationships of this type at the place, in the
    /// claim's period, and found none.
    NullResult {
        /// The relationship type that was looked for.
        relationship_type: String,
    },
}

impl Stance {
    /// The word for it in files and output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Supports => "supports",
            Self::Disputes => "disputes",
            Self::NullResult { .. } => "null",
        }
    }
}

/// An Admiralty code: reliability of the source, A to F, and credibility of the
/// information, 1 to 6. They are two separate judgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grade {
    /// `b'A'` (completely reliable) to `b'F'` (cannot be judged).
    source: u8,
    /// 1 (confirmed by others) to 6 (cannot be judged).
    information: u8,
}

impl Grade {
    /// Confidence in 0..=1 by STIX 2.1's table; `None` for 6, which is no judgement.
    #[must_use]
    pub fn confidence(self) -> Option<f64> {
        match self.information {
            1 => Some(0.9),
            2 => Some(0.7),
            3 => Some(0.5),
            4 => Some(0.3),
            5 => Some(0.1),
            _ => None,
        }
    }

    /// The letter of the source's reliability, `A` to `F`.
    #[must_use]
    pub fn source(self) -> char {
        char::from(self.source)
    }

    /// The digit of the information's credibility, 1 to 6.
    #[must_use]
    pub fn information(self) -> u8 {
        self.information
    }
}

impl FromStr for Grade {
    type Err = Error;

    /// Reads `B2`, in either case.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    fn from_str(text: &str) -> Result<Self> {
        match text.trim().as_bytes() {
            &[letter, digit @ b'1'..=b'6'] if matches!(letter.to_ascii_uppercase(), b'A'..=b'F') => {
                Ok(Self { source: letter.to_ascii_uppercase(), information: digit - b'0' })
            }
            _ => Err(Error::invalid(format!(
                "expected a grade such as B2 (A to F, then 1 to 6), found '{text}'"
            ))),
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.source(), self.information)
    }
}

/// A claim: one source's word on one element, one property or one joint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The import's `:ID`, where it gave one.
    pub key: Option<String>,
    /// The element that it is about.
    pub about: About,
    /// For a claim on a joint at the place `about`: the two carriers.
    pub carriers: Option<(NodeId, NodeId)>,
    /// The property that it is about, where it is about one.
    pub property: Option<String>,
    /// The value claimed, which may differ from the stored one.
    pub value: Option<Value>,
    /// Supports, disputes, or looked for and not found.
    pub stance: Stance,
    /// The source node.
    pub source: Option<NodeId>,
    /// The person or body whose statement the source reports.
    pub by: Option<NodeId>,
    /// How good it is.
    pub grade: Option<Grade>,
    /// Confidence in 0..=1 where it was given as a number and not as a grade.
    pub confidence: Option<f64>,
    /// Start of the claim's own period, as written.
    pub from: Option<Value>,
    /// End of the claim's own period, as written.
    pub to: Option<Value>,
    /// Anything else, in words.
    pub note: Option<String>,
    /// When it was recorded, in microseconds since 1970-01-01 UTC.
    pub recorded_micros: i64,
    /// Further columns of the import.
    pub extra: Properties,
}

impl Claim {
    /// A claim about `about` with everything else left open.
    #[must_use]
    pub fn new(about: About, stance: Stance, recorded_micros: i64) -> Self {
        Self {
            key: None,
            about,
            carriers: None,
            property: None,
            value: None,
            stance,
            source: None,
            by: None,
            grade: None,
            confidence: None,
            from: None,
            to: None,
            note: None,
            recorded_micros,
            extra: Properties::new(),
        }
    }

    /// Confidence in 0..=1: the grade's, else the number given.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.grade.map_or(self.confidence, Grade::confidence)
    }

    /// Whether it speaks of the element as a whole, not of a property or a joint.
    #[must_use]
    pub fn is_about_whole(&self) -> bool {
        self.property.is_none() && self.carriers.is_none()
    }

    /// Whether it supports its element as a whole.
    #[must_use]
    pub fn supports_element(&self) -> bool {
        self.stance == Stance::Supports && self.is_about_whole()
    }

    /// Whether it disputes its element as a whole.
    #[must_use]
    pub fn disputes_element(&self) -> bool {
        self.stance == Stance::Disputes && self.is_about_whole()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_read_as_the_stix_table_says() {
        let confidences: Vec<_> = ["A1", "b2", "C3", "D4", "E5", "F6"]
            .iter()
            .map(|g| g.parse::<Grade>().map(Grade::confidence))
            .collect();
        assert_eq!(
            confidences,
            [Some(0.9), Some(0.7), Some(0.5), Some(0.3), Some(0.1), None].map(Ok).to_vec()
        );
    }

    #[test]
    fn other_grades_are_refused() {
        for text in ["", "A", "A0", "A7", "G1", "1A", "A1x", "Ä1"] {
            assert!(text.parse::<Grade>().is_err(), "{text} should not be a grade");
        }
    }
}

//! The claim that the row of a node or relationship makes besides.

use super::Options;
use super::draft::{Draft, Outcome};
use super::header::Special;
use super::table::Row;
use crate::error::Result;
use crate::model::{About, Claim, ClaimId, Grade, NodeId, Properties, Stance, Value};

/// Source, grade and stance of a row, before the source is looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowClaim {
    /// The key of the source that the row itself names.
    pub(super) source: Option<String>,
    stance: Stance,
    grade: Option<Grade>,
    confidence: Option<f64>,
    note: Option<String>,
}

impl RowClaim {
    /// Reads the reserved columns. Where they make no claim, confidence and note
    /// become properties.
    pub(super) fn read(
        row: &Row<'_>,
        options: &Options,
        properties: &mut Properties,
    ) -> Result<Option<Self>> {
        let source = row.cell(Special::Source).map(str::to_owned);
        let grade = row.grade()?;
        let stance = row.cell(Special::Stance).map(|_| read_stance(row)).transpose()?;
        let confidence = row.confidence()?;
        let note = row.text(Special::Note).map(str::to_owned);
        let has_default = options.source.is_some() || options.grade.is_some();
        if source.is_none() && grade.is_none() && stance.is_none() && !has_default {
            properties.extend(confidence.map(|number| ("confidence".to_owned(), Value::Float(number))));
            properties.extend(note.map(|text| ("note".to_owned(), Value::from(text))));
            return Ok(None);
        }
        let grade = grade.or(options.grade.filter(|_| confidence.is_none()));
        Ok(Some(Self { source, stance: stance.unwrap_or(Stance::Supports), grade, confidence, note }))
    }

    /// The claim about an element that is new.
    pub(super) fn claim(self, about: About, source: Option<NodeId>, recorded_micros: i64) -> Claim {
        let Self { stance, grade, confidence, note, .. } = self;
        Claim { source, grade, confidence, note, ..Claim::new(about, stance, recorded_micros) }
    }

    /// Records the claim; for an element of the case, in the place of the claim of
    /// the same source that differs.
    pub(super) fn record(self, draft: &mut Draft<'_>, about: About, is_new: bool) -> Result<Outcome> {
        let source = match &self.source {
            Some(key) => Some(draft.source(key)?),
            None => draft.source.filter(|&source| about != About::Node(source)),
        };
        if source.is_none() && self.source.is_none() && draft.source.is_some() {
            // A source is not made to vouch for itself.
            return Ok(Outcome::Unchanged);
        }
        let claim = Claim {
            source,
            grade: self.grade,
            confidence: self.confidence,
            note: self.note,
            ..draft.claim(about, self.stance)
        };
        let graph = draft.graph;
        match find(graph.claims_about(about), source).filter(|_| !is_new) {
            Some((_, before)) if is_same(before, &claim) => return Ok(Outcome::Unchanged),
            Some((id, before)) => draft.replace(id, before, claim),
            None => draft.record(claim),
        }
        Ok(Outcome::Updated)
    }
}

fn read_stance(row: &Row<'_>) -> Result<Stance> {
    match stance(row)? {
        Some(stance) => Ok(stance),
        None => Err(row
            .refuse(Special::Stance, "expected supports or disputes, found null")
            .hint("a null result is about a place and needs a file of claims".to_owned())),
    }
}

/// The stance of a row, supporting by default; `None` for a null result.
pub(super) fn stance(row: &Row<'_>) -> Result<Option<Stance>> {
    let Some(text) = row.cell(Special::Stance) else { return Ok(Some(Stance::Supports)) };
    match text.to_ascii_lowercase().as_str() {
        "supports" => Ok(Some(Stance::Supports)),
        "disputes" => Ok(Some(Stance::Disputes)),
        "null" | "null result" => Ok(None),
        _ => Err(row.refuse(Special::Stance, format!("expected supports, disputes or null, found '{text}'"))),
    }
}

/// The last claim that a row like this made: about the whole element, with
/// nothing in it that a row cannot say.
fn find<'g>(
    claims: impl Iterator<Item = (ClaimId, &'g Claim)>,
    source: Option<NodeId>,
) -> Option<(ClaimId, &'g Claim)> {
    claims
        .filter(|(_, claim)| {
            let bare = Claim {
                grade: claim.grade,
                confidence: claim.confidence,
                note: claim.note.clone(),
                source,
                ..Claim::new(claim.about, claim.stance.clone(), claim.recorded_micros)
            };
            **claim == bare && !matches!(claim.stance, Stance::NullResult { .. })
        })
        .last()
}

/// Whether two claims say the same, whenever they were recorded.
pub(super) fn is_same(before: &Claim, claim: &Claim) -> bool {
    Claim { recorded_micros: before.recorded_micros, ..claim.clone() } == *before
}

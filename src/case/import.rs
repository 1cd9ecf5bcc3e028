//! Importing files as one commit.

use super::{Author, Case, Imported, shorten, weight};
use crate::error::Result;
use crate::formats::csv::{self, Bulk, KeptClaim, Watch};
use crate::graph::{PageBytes, Recorded};
use crate::ledger::pages::{PAGE_ELEMENTS, Sort, encode_pages, runs};
use crate::ledger::{MESSAGE_BYTES_MAX, effects};
use crate::model::{ClaimId, Effect, NodeId, RelationshipId};

/// How many claims become effects at a time: effects take much more memory than their bytes.
const CLAIMS_AT_ONCE: usize = 1 << 16;

/// What an import is asked to do.
#[derive(Clone, Copy)]
struct Request<'a> {
    inputs: &'a [csv::Input],
    options: &'a csv::Options,
    strict: bool,
    author: &'a Author,
    watch: Watch<'a>,
}

impl Request<'_> {
    /// What is recorded of it.
    fn message(&self) -> String {
        let names: Vec<String> = self.inputs.iter().map(|input| input.name.display().to_string()).collect();
        format!("import {}", names.join(", "))
    }
}

impl Case {
    /// Imports CSV files as one commit.
    ///
    /// With `strict`, one bad row refuses them all; otherwise the good rows are kept.
    /// `watch` is told how far it is, and may end it.
    ///
    /// # Errors
    /// `ReadOnly`; `Interrupted` where `watch` says so; `Io` where the import could not be
    /// recorded. After an error the case is as it was. Bad rows are no error, they are in
    /// [`Imported::import`].
    pub fn import(
        &mut self,
        inputs: &[csv::Input],
        options: &csv::Options,
        strict: bool,
        author: &Author,
        watch: Watch<'_>,
    ) -> Result<Imported> {
        self.refuse_if_read_only()?;
        self.refuse_in_transaction("an import")?;
        self.trusted(|case| case.import_once(Request { inputs, options, strict, author, watch }))
    }

    fn import_once(&mut self, request: Request<'_>) -> Result<Imported> {
        let Request { inputs, options, strict, author, watch } = request;
        if let Some(bulk) = csv::read_bulk(&self.graph, inputs, options, watch)? {
            return self.import_bulk(bulk, request);
        }
        let import = csv::read(&self.graph, inputs, options)?;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        self.apply_all(&import.effects)?;
        self.record(&import.effects, author, &request.message())?;
        Ok(Imported { import, is_committed: true })
    }

    fn import_bulk(&mut self, bulk: Bulk, request: Request<'_>) -> Result<Imported> {
        let Request { inputs, options, strict, author, watch } = request;
        let Bulk { nodes, first_node, relationships, first_relationship, claims, mut import } = bulk;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        let steps = 2 + claims.len().div_ceil(CLAIMS_AT_ONCE);
        let added = self.append_pages(first_node.0, &nodes, first_relationship.0, &relationships);
        let mut recorded = Vec::new();
        let read = added.and_then(|()| {
            csv::tell(watch, "connected", 1, steps)?;
            for (step, claims) in (2..).zip(claims.chunks(CLAIMS_AT_ONCE)) {
                let effects = recorded_claims(claims, self.graph.next_claim())?;
                self.apply_all(&effects)?;
                recorded.extend(effects::encode(&effects)?);
                self.trim();
                csv::tell(watch, "connected", step, steps)?;
            }
            let rest = csv::read_claims(&self.graph, inputs, options)?;
            self.apply_all(&rest.effects)?;
            recorded.extend(effects::encode(&rest.effects)?);
            csv::tell(watch, "connected", steps, steps)?;
            Ok(rest)
        });
        let done = read.and_then(|rest| {
            import.claims += rest.claims;
            import.bad.extend(rest.bad);
            import.bad_more += rest.bad_more;
            if strict && !import.bad.is_empty() {
                return Ok(None);
            }
            let n_elements = import.nodes + import.relationships + import.claims;
            if n_elements == 0 {
                return Ok(Some(None));
            }
            let message = effects::encode_message(&shorten(&request.message(), MESSAGE_BYTES_MAX))?;
            let payloads = std::iter::once(message)
                .chain(encode_pages(Sort::Nodes, first_node.0, &nodes))
                .chain(encode_pages(Sort::Relationships, first_relationship.0, &relationships))
                .chain(recorded);
            self.append_payloads(payloads, weight(n_elements), author).map(|position| Some(Some(position)))
        });
        match done {
            Ok(Some(position)) => {
                if let Some(position) = position {
                    self.position = Some(position);
                    // Without their places, the pages become blocks of the index.
                    if let Ok(recorded) = self.places_of(
                        position.sequence,
                        &nodes,
                        &relationships,
                        first_node,
                        first_relationship,
                    ) {
                        self.graph.note_recorded(recorded);
                    }
                    self.keep_index();
                }
                Ok(Imported { import, is_committed: true })
            }
            Ok(None) => {
                self.reread()?;
                Ok(Imported { import, is_committed: false })
            }
            Err(error) => {
                // After damage the index is made anew, and the graph with it.
                if self.graph.damage().is_none() {
                    self.reread()?;
                }
                Err(error)
            }
        }
    }

    /// Where new pages lie in the record, after the message.
    fn places_of(
        &self,
        sequence: u64,
        nodes: &[PageBytes],
        relationships: &[PageBytes],
        first_node: NodeId,
        first_relationship: RelationshipId,
    ) -> Result<Vec<Recorded>> {
        let Some(owner) = &self.owner else { return Ok(Vec::new()) };
        let mut places = owner.ledger.payload_places(sequence)?.into_iter().skip(1);
        let mut recorded = Vec::new();
        for (of_relationships, pages, first) in
            [(false, nodes, first_node.0), (true, relationships, first_relationship.0)]
        {
            let mut first = first / PAGE_ELEMENTS as u32;
            for (count, place) in runs(pages).into_iter().zip(&mut places) {
                let (count, place) = (count as u32, (place.segment, place.frame_at));
                recorded.push(Recorded { of_relationships, first, count, place });
                first += count;
            }
        }
        Ok(recorded)
    }

    fn append_pages(
        &mut self,
        first_node: u32,
        nodes: &[PageBytes],
        first_relationship: u32,
        relationships: &[PageBytes],
    ) -> Result<()> {
        let mut append = self.graph.append();
        if !nodes.is_empty() {
            append.nodes(first_node, nodes.iter().cloned())?;
        }
        if !relationships.is_empty() {
            append.relationships(first_relationship, relationships.iter().cloned())?;
        }
        append.finish();
        Ok(())
    }
}

/// Claims that get their ids.
fn recorded_claims(claims: &[KeptClaim], first: ClaimId) -> Result<Vec<Effect>> {
    let ids = (first.0..).map(ClaimId);
    let effect =
        |(id, claim): (ClaimId, &KeptClaim)| Ok(Effect::RecordClaim { id, claim: claim.claim()?.into() });
    ids.zip(claims).map(effect).collect()
}

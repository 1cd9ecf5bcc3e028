//! Importing files as one commit.

use super::{Author, Case, Imported, shorten, weight};
use crate::error::{Error, Result};
use crate::formats::csv::{self, Bulk, Progress, Watch};
use crate::graph::{Recorded, pages_of_nodes, pages_of_relationships};
use crate::ledger::pages::{PAGE_ELEMENTS, Sort, encode_pages, runs};
use crate::ledger::{MESSAGE_BYTES_MAX, effects};
use crate::model::{About, Claim, ClaimId, Effect, NodeId, RelationshipId};

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
        self.trusted(|case| case.import_once(inputs, options, strict, author, watch))
    }

    fn import_once(
        &mut self,
        inputs: &[csv::Input],
        options: &csv::Options,
        strict: bool,
        author: &Author,
        watch: Watch<'_>,
    ) -> Result<Imported> {
        let names: Vec<String> = inputs.iter().map(|input| input.name.display().to_string()).collect();
        let message = format!("import {}", names.join(", "));
        if let Some(bulk) = csv::read_bulk(&self.graph, inputs, options, watch)? {
            return self.import_bulk(bulk, inputs, options, strict, author, &message, watch);
        }
        let import = csv::read(&self.graph, inputs, options)?;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        self.apply_all(&import.effects)?;
        self.record(&import.effects, author, &message)?;
        Ok(Imported { import, is_committed: true })
    }

    #[expect(clippy::too_many_arguments, reason = "what an import is told, and what was read so far")]
    fn import_bulk(
        &mut self,
        bulk: Bulk,
        inputs: &[csv::Input],
        options: &csv::Options,
        strict: bool,
        author: &Author,
        message: &str,
        watch: Watch<'_>,
    ) -> Result<Imported> {
        let Bulk { nodes, relationships, claims, mut import, .. } = bulk;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        let steps = ["sorted", "connected", "recorded"];
        let tell = |step: usize| match watch(Progress { what: steps[step], done: step, total: steps.len() }) {
            true => Ok(()),
            false => Err(Error::interrupted("the import was interrupted; nothing was imported")),
        };
        let (first_node, first_relationship) = self.graph.append_ids();
        let node_pages = pages_of_nodes(&nodes)?;
        drop(nodes);
        let (relationship_pages, order) = pages_of_relationships(&relationships)?;
        drop(relationships);
        let mut effects = recorded(claims, &order, first_relationship, self.graph.next_claim());
        drop(order);
        tell(0)?;
        let added = self.append_pages(first_node.0, &node_pages, first_relationship.0, &relationship_pages);
        let read = added.and_then(|()| tell(1)).and_then(|()| {
            self.apply_all(&effects)?;
            let rest = csv::read_claims(&self.graph, inputs, options)?;
            self.apply_all(&rest.effects)?;
            effects.extend_from_slice(&rest.effects);
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
            let message = effects::encode_message(&shorten(message, MESSAGE_BYTES_MAX))?;
            let nodes = encode_pages(Sort::Nodes, first_node.0, &node_pages);
            let relationships = encode_pages(Sort::Relationships, first_relationship.0, &relationship_pages);
            let payloads = std::iter::once(message).chain(nodes).chain(relationships);
            let payloads = payloads.chain(effects::encode(&effects)?);
            self.append_payloads(payloads, weight(n_elements), author).map(|position| Some(Some(position)))
        });
        match done {
            Ok(Some(position)) => {
                if let Some(position) = position {
                    self.position = Some(position);
                    // Without their places, the pages become blocks of the index.
                    if let Ok(recorded) = self.places_of(
                        position.sequence,
                        &node_pages,
                        &relationship_pages,
                        first_node,
                        first_relationship,
                    ) {
                        self.graph.note_recorded(recorded);
                    }
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
        nodes: &[Vec<u8>],
        relationships: &[Vec<u8>],
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
        nodes: &[Vec<u8>],
        first_relationship: u32,
        relationships: &[Vec<u8>],
    ) -> Result<()> {
        let nodes: Vec<&[u8]> = nodes.iter().map(Vec::as_slice).collect();
        let relationships: Vec<&[u8]> = relationships.iter().map(Vec::as_slice).collect();
        let mut append = self.graph.append();
        if !nodes.is_empty() {
            append.nodes(first_node, &nodes)?;
        }
        if !relationships.is_empty() {
            append.relationships(first_relationship, &relationships)?;
        }
        append.finish();
        Ok(())
    }
}

/// The claims about new relationships, whose ids follow from where they were sorted to.
fn recorded(
    claims: Vec<Claim>,
    order: &[u32],
    first_relationship: RelationshipId,
    first_claim: ClaimId,
) -> Vec<Effect> {
    if claims.is_empty() {
        return Vec::new();
    }
    let mut sorted_to = vec![0_u32; order.len()];
    for (to, from) in (0_u32..).zip(order) {
        sorted_to[*from as usize] = to;
    }
    let ids = (first_claim.0..).map(ClaimId);
    let about = |about: About| match about {
        About::Relationship(RelationshipId(place)) => {
            About::Relationship(RelationshipId(first_relationship.0 + sorted_to[place as usize]))
        }
        node @ About::Node(_) => node,
    };
    let effects = ids.zip(claims).map(|(id, claim)| {
        let claim = Claim { about: about(claim.about), ..claim };
        Effect::RecordClaim { id, claim: claim.into() }
    });
    effects.collect()
}

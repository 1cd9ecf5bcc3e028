//! Importing files as one commit.

use super::{Author, Case, Imported, shorten, weight};
use crate::error::{Error, Result};
use crate::formats::csv::{self, Bulk, Progress, Watch};
use crate::graph::{pages_of_nodes, pages_of_relationships};
use crate::ledger::pages::{Sort, encode_pages};
use crate::ledger::{MESSAGE_BYTES_MAX, effects};

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
            return self.import_bulk(bulk, strict, author, &message, watch);
        }
        let import = csv::read(&self.graph, inputs, options)?;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        self.apply_all(&import.effects)?;
        self.record(&import.effects, author, &message)?;
        Ok(Imported { import, is_committed: true })
    }

    fn import_bulk(
        &mut self,
        bulk: Bulk,
        strict: bool,
        author: &Author,
        message: &str,
        watch: Watch<'_>,
    ) -> Result<Imported> {
        let Bulk { nodes, relationships, import, .. } = bulk;
        if strict && !import.bad.is_empty() {
            return Ok(Imported { import, is_committed: false });
        }
        let n_elements = nodes.len() + relationships.len();
        if n_elements == 0 {
            return Ok(Imported { import, is_committed: true });
        }
        let steps = ["sorted", "connected", "recorded"];
        let tell = |step: usize| match watch(Progress { what: steps[step], done: step, total: steps.len() }) {
            true => Ok(()),
            false => Err(Error::interrupted("the import was interrupted; nothing was imported")),
        };
        let node_pages = pages_of_nodes(&nodes)?;
        drop(nodes);
        let relationship_pages = pages_of_relationships(&relationships)?;
        drop(relationships);
        tell(0)?;
        let (first_node, first_relationship) = self.graph.append_ids();
        let added = self.append_pages(first_node.0, &node_pages, first_relationship.0, &relationship_pages);
        let recorded = added.and_then(|()| tell(1)).and_then(|()| {
            let nodes = encode_pages(Sort::Nodes, first_node.0, &node_pages);
            let relationships = encode_pages(Sort::Relationships, first_relationship.0, &relationship_pages);
            let message = effects::encode_message(&shorten(message, MESSAGE_BYTES_MAX))?;
            let payloads = std::iter::once(message).chain(nodes).chain(relationships);
            self.append_payloads(payloads, weight(n_elements), author)
        });
        match recorded {
            Ok(position) => {
                self.position = Some(position);
                Ok(Imported { import, is_committed: true })
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
